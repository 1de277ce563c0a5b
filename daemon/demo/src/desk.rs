//! A simulated desk phone on real sockets: from the moment it gets power it does all that a real one does.

use std::collections::BTreeMap;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use bytes::Bytes;
use centrale_sim::desk::{DeskPhone, Fetched, Get, Output, Profile};
use centrale_sim::network::Arrival;
use centrale_sip::endpoint::Transmit;
use centrale_sip::flow::{FlowId, Path, Transport};
use rand::rngs::StdRng;
use rand::{RngExt as _, SeedableRng as _};
use socket2::{Domain, Protocol, Socket, Type};
use tokio::net::UdpSocket;
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};

use crate::connection::{Connection, HERE};
use crate::log::Log;
use crate::voice::Voices;
use crate::web::fetch;
use crate::wish::Wishes;

/// Where phones send their PnP packets.
const GROUP: SocketAddr = SocketAddr::new(IpAddr::V4(Ipv4Addr::new(224, 0, 1, 75)), 5060);
/// From power to the first packet. Real phones need 40 to 80 s.
const BOOT: Duration = Duration::from_secs(3);
/// How long somebody watches a phone that knows where to ask and does not do so yet.
const WATCHED: Duration = Duration::from_secs(3);

/// A phone that is on a desk.
pub(crate) struct Desk {
    phone: DeskPhone,
    model: &'static str,
    pnp: UdpSocket,
    /// Where its PnP packets go.
    group: SocketAddr,
    /// Serial number of the last request, so that an answer from before a restart is none.
    asked: u64,
    answers: Channel<(u64, Fetched)>,
    arrivals: Channel<(usize, Arrival)>,
    connections: BTreeMap<usize, Connection>,
    last_flow: u64,
    voices: Voices,
    wishes: Wishes,
    log: Log,
    shown: String,
    hurry: Hurry,
}

/// Somebody in a hurry: a Yealink that was told where its settings are asks there after a minute, or when it is switched
/// off and on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Hurry {
    Watches,
    SwitchesAt(Instant),
    Done,
}

/// What tasks of a phone tell it.
type Channel<T> = (UnboundedSender<T>, UnboundedReceiver<T>);

impl Desk {
    /// Puts a phone on a desk, without power, at an address of its own.
    ///
    /// # Errors
    /// Its port is taken.
    pub(crate) fn new(profile: Profile, mac: &str, here: Ipv4Addr, log: Log, seed: u64) -> std::io::Result<Self> {
        let now = Instant::now();
        let mut rng = StdRng::seed_from_u64(seed);
        let mut phone = DeskPhone::new(now, profile, mac, here.into(), rng.random());
        phone.boot = BOOT;
        let shown = phone.display().title;
        Ok(Self {
            pnp: bind(phone.pnp_address())?,
            phone,
            model: profile.name,
            group: GROUP,
            asked: 0,
            answers: unbounded_channel(),
            arrivals: unbounded_channel(),
            connections: BTreeMap::new(),
            last_flow: 0,
            voices: Voices::new(here.into()),
            wishes: Wishes::new(now, &crate::DIALLED, rng),
            log,
            shown,
            hurry: Hurry::Watches,
        })
    }

    /// Gives it power after a while, and lives until the demo ends. Loopback has no multicast: what is for the group of
    /// PnP goes to the box's own SIP port.
    pub(crate) async fn live(mut self, exchange: SocketAddr, off: Duration) {
        self.group = exchange;
        tokio::time::sleep(off).await;
        self.say("gets power");
        self.phone.power_on(Instant::now(), BOOT);
        let mut datagram = vec![0; 4096];
        loop {
            let due = self.poll_timeout();
            tokio::select! {
                () = tokio::time::sleep_until(due.into()) => {}
                Some((asked, fetched)) = self.answers.1.recv() => {
                    if asked == self.asked {
                        self.phone.handle_fetched(Instant::now(), fetched);
                    }
                }
                Some((line, arrival)) = self.arrivals.1.recv() => self.arrive(line, arrival),
                // An error is that of an earlier datagram, to nobody.
                Ok((length, from)) = self.pnp.recv_from(&mut datagram) => {
                    let bytes = Bytes::copy_from_slice(&datagram[..length]);
                    self.phone.handle_datagram(Instant::now(), from, &bytes);
                }
            }
            self.go_on(Instant::now());
        }
    }

    fn poll_timeout(&self) -> Instant {
        let hurry = if let Hurry::SwitchesAt(at) = self.hurry { Some(at) } else { None };
        let due = [self.phone.poll_timeout(), self.voices.poll_timeout(), hurry];
        due.into_iter().flatten().fold(self.wishes.next, Instant::min)
    }

    fn go_on(&mut self, now: Instant) {
        self.phone.handle_timeout(now);
        self.hurry(now);
        for (port, mut packet) in self.voices.handle_timeout(now) {
            self.phone.hear(port, &mut packet);
        }
        self.wish(now);
        while let Some(output) = self.phone.poll_output() {
            self.put_out(now, output);
        }
        // A line that is no more hangs up its connection, as when the phone restarts.
        self.connections.retain(|line, _| self.phone.line(*line).is_some());
        self.phone.take_stories();
        self.show();
    }

    fn hurry(&mut self, now: Instant) {
        let told = self.phone.setting("static.auto_provision.server.url").starts_with("https:");
        match self.hurry {
            Hurry::Watches if told => self.hurry = Hurry::SwitchesAt(now + WATCHED),
            Hurry::SwitchesAt(at) if at <= now => {
                self.hurry = Hurry::Done;
                if self.phone.lines() == 0 {
                    self.say("knows where its settings are; somebody switches it off and on");
                    self.phone.power_on(now, BOOT);
                }
            }
            Hurry::Watches | Hurry::SwitchesAt(_) | Hurry::Done => {}
        }
    }

    fn put_out(&mut self, now: Instant, output: Output) {
        match output {
            Output::Multicast(bytes) => self.send_datagram(self.group, &bytes),
            Output::Datagram { to, bytes } => self.send_datagram(to, &bytes),
            Output::Get(get) => self.get(get),
            Output::AskTime(_) => self.phone.handle_time(now, unix_seconds()),
            Output::Sip { line, transmit } => self.send_sip(now, line, transmit),
            Output::Voice { port, to, packets, .. } => self.voices.speak(now, port, to, packets),
            Output::Note(_) => {}
        }
    }

    fn send_datagram(&self, to: SocketAddr, bytes: &Bytes) {
        // A box that is gone is noticed by the phone's own timers.
        let _ = self.pnp.try_send_to(bytes, to);
    }

    fn get(&mut self, get: Get) {
        self.asked += 1;
        let (asked, answers) = (self.asked, self.answers.0.clone());
        let (from, patience) = (self.phone.address(), self.phone.patience());
        tokio::spawn(async move { answers.send((asked, fetch(from, get, patience).await)) });
    }

    fn send_sip(&mut self, now: Instant, line: usize, Transmit { path, bytes }: Transmit) {
        let open = self.connections.get(&line);
        let refused = match path {
            Path::Flow(flow) if open.is_none_or(|open| open.id != flow.id) => {
                Arrival::Closed { at: HERE, flow: flow.id }
            }
            Path::Target(target) if target.transport != Transport::Tls => Arrival::Refused { at: HERE, target },
            Path::Target(target) if open.is_none() => {
                self.last_flow += 1;
                let way = (self.phone.address(), target);
                let client = self.phone.tls_client(now);
                let arrivals = self.arrivals.0.clone();
                let connection = Connection::open(FlowId(self.last_flow), line, way, client, arrivals);
                connection.send(bytes);
                self.connections.insert(line, connection);
                return;
            }
            Path::Flow(_) | Path::Target(_) => return open.into_iter().for_each(|open| open.send(bytes.clone())),
        };
        self.phone.handle_sip(now, line, refused);
    }

    fn arrive(&mut self, line: usize, arrival: Arrival) {
        let gone = match &arrival {
            Arrival::Packet { .. } => false,
            Arrival::Closed { flow, .. } => self.connections.get(&line).is_some_and(|open| open.id == *flow),
            Arrival::Refused { .. } => true,
        };
        if gone {
            self.connections.remove(&line);
        }
        self.phone.handle_sip(Instant::now(), line, arrival);
    }

    fn wish(&mut self, now: Instant) {
        if !self.wishes.is_due(now) {
            return;
        }
        if self.phone.registered() == 0 {
            return self.wishes.wait(now);
        }
        let own = self.phone.line(0).map(|account| account.number.clone()).unwrap_or_default();
        let wished = self.wishes.draw(now);
        if !self.phone.is_in_call() && wished != own {
            self.log.say(&format!("{own} dials {wished}"));
            self.phone.dial(now, 0, wished, crate::wish::PATIENCE);
        }
    }

    /// Tells what the display says, when it says something else.
    fn show(&mut self) {
        let display = self.phone.display();
        let message = display.message.map(|message| format!(" ({message})")).unwrap_or_default();
        let shown = format!("{}{message}", display.title);
        if shown != self.shown {
            self.say(&format!("shows \"{shown}\""));
            self.shown = shown;
        }
    }

    fn say(&self, what: &str) {
        self.log.say(&format!("{} at {} {what}", self.model, self.phone.address()));
    }
}

/// Beside a box that listens on every address and shares that port.
fn bind(address: SocketAddr) -> std::io::Result<UdpSocket> {
    let socket = Socket::new(Domain::for_address(address), Type::DGRAM, Some(Protocol::UDP))?;
    socket.set_reuse_address(true)?;
    socket.set_nonblocking(true)?;
    let bound = socket.bind(&address.into());
    bound.map_err(|cause| std::io::Error::new(cause.kind(), format!("a phone cannot have {address}: {cause}")))?;
    UdpSocket::from_std(socket.into())
}

/// The time of this machine: what its time server would say.
fn unix_seconds() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs())
}
