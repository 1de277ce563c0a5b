//! Throw-away sockets for the doctor's questions, and a router that undoes in answers what it did to questions.

use std::net::SocketAddr;

use bytes::Bytes;
use centrale_alg::active::{self, Socket};
use centrale_call_control::Input;
use centrale_sip::flow::Transport;
use centrale_sip::message::{HeaderName, Message, Method, Request, Status, scan_datagram};

use super::{BOX, Bench};

/// The office as the internet sees it.
pub(crate) const OUTSIDE: &str = "198.51.100.77";

/// The kernel's SIP helper, as far as its changes can be told from outside: our address, however it is spelled, becomes the
/// public one, and becomes ours again in answers to whatever it changed in Via.
pub(crate) fn helper_of_linux(bench: &mut Bench) {
    let padded = "192.168.001.010";
    bench.router = Some(Box::new(move |text| Some(text.replace(BOX, OUTSIDE).replace(padded, OUTSIDE))));
    let is_its_own = |text: &str| text.contains(&format!("UDP {OUTSIDE}"));
    let undo = move |text: &str| if is_its_own(text) { text.replace(OUTSIDE, BOX) } else { undo_parties(text) };
    bench.router_back = Some(Box::new(move |text| Some(undo(text))));
}

/// From and To are mapped back wherever they name the public address.
fn undo_parties(text: &str) -> String {
    let line = |line: &str| {
        let party = line.starts_with("From:") || line.starts_with("To:");
        if party { line.replace(OUTSIDE, BOX) } else { line.to_owned() }
    };
    text.split("\r\n").map(line).collect::<Vec<_>>().join("\r\n")
}

impl Bench {
    /// Carries out what is to be done on a throw-away socket. Nobody listens by TCP or TLS unless `streams` says so.
    pub(super) fn probe(&mut self, round: u64, order: active::Output) {
        match order {
            active::Output::Open { socket, transport, .. } => {
                self.probes.insert((round, socket));
                let port = 40_000 + Socket::ALL.iter().position(|it| *it == socket).unwrap() as u16;
                let local = SocketAddr::new(BOX.parse().unwrap(), port);
                let opened = active::Input::Opened { socket, local };
                let is_there = transport == Transport::Udp || self.streams.contains(&transport);
                let news = if is_there { opened } else { active::Input::Failed { socket } };
                self.waiting.push_back(Input::Probed { round, news });
            }
            active::Output::Send { socket, to, bytes, .. } => {
                self.probed.push((self.now, socket, first_line(&bytes)));
                for reply in self.echo(socket.transport(), to, &bytes) {
                    let news = active::Input::Came { socket, from: to, bytes: reply };
                    self.waiting.push_back(Input::Probed { round, news });
                }
            }
            active::Output::Close { socket } => drop(self.probes.remove(&(round, socket))),
            active::Output::Done => self.fail("the end of a round is the exchange's own"),
        }
    }

    /// What the server there answers to a question, as the router lets it through.
    fn echo(&mut self, transport: Transport, to: SocketAddr, bytes: &Bytes) -> Vec<Bytes> {
        let Some(bytes) = self.pass_router(transport, to, bytes) else { return Vec::new() };
        let Ok(Message::Request(request)) = scan_datagram(&bytes) else { return Vec::new() };
        let now = self.now;
        let Some(robot) = self.robots.get_mut(&to) else { return Vec::new() };
        let replies = match robot(now, &request) {
            Some(replies) => replies,
            None if request.method == Method::INVITE
                && request.headers.number(&HeaderName::MaxForwards) == Ok(Some(70)) =>
            {
                self.bring_back(to, &request)
            }
            None => refusals(&request),
        };
        replies.into_iter().filter_map(|reply| self.pass_back(transport, to, reply.into())).collect()
    }
}

impl Bench {
    /// Brings a call to the office's own number back to the office, as from there; it is refused there, and so here.
    fn bring_back(&mut self, provider: SocketAddr, request: &Request) -> Vec<String> {
        let Some(described) = self.loops else { return refusals(request) };
        let body = described(&String::from_utf8_lossy(&request.body));
        let number = "+31201234567";
        let branch = request.headers.text(&HeaderName::CallId).unwrap().into_owned();
        let head = |method: &str| {
            format!(
                "{method} sip:{number}@{BOX}:5060 SIP/2.0\r\nVia: SIP/2.0/UDP {provider};branch=z9hG4bK{branch}\r\n\
                 Max-Forwards: 60\r\nFrom: <sip:{number}@{provider}>;tag=loop\r\nTo: <sip:{number}@{BOX}>\r\n\
                 Call-ID: by-the-provider-{}\r\nCSeq: 1 {method}\r\n",
                self.probed.len()
            )
        };
        let (invite, ack) = (head("INVITE"), head("ACK"));
        let invite = format!(
            "{invite}Contact: <sip:p@{provider}>\r\nContent-Type: application/sdp\r\nContent-Length: {}\r\n\r\n{body}",
            body.len()
        );
        let flow = self.flow(Transport::Udp, provider);
        for text in [invite, format!("{ack}Content-Length: 0\r\n\r\n")] {
            self.waiting.push_back(Input::Packet { flow, bytes: text.into() });
        }
        let answer = |status| String::from_utf8_lossy(&request.response(status).to_bytes()).into_owned();
        vec![answer(Status::TRYING), answer(Status::BUSY_HERE)]
    }
}

/// Whoever calls nobody is told so.
fn refusals(request: &Request) -> Vec<String> {
    if request.method == Method::ACK {
        return Vec::new();
    }
    let refusal = request.response(Status::TOO_MANY_HOPS).to_bytes();
    vec![String::from_utf8_lossy(&refusal).into_owned()]
}

fn first_line(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).lines().next().unwrap_or_default().to_owned()
}
