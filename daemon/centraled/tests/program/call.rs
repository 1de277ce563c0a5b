//! Two phones and a call between them, over real sockets: what becomes of it when the box stops.

use std::net::{Ipv4Addr, UdpSocket};
use std::time::{Duration, Instant};

use centrale_sip::auth::{Challenge, answer};
use centrale_sip::message::{HeaderName, Message, Method, Request, Response, scan_datagram};

use crate::running::{NEVER, Running};

/// How long a phone waits before it says the same again.
const AGAIN: Duration = Duration::from_millis(500);

/// A phone that is registered.
pub(crate) struct Phone {
    socket: UdpSocket,
    number: &'static str,
    serial: u32,
}

impl Phone {
    pub(crate) fn register(running: &Running, number: &'static str) -> Self {
        let socket = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        socket.connect(running.sip()).unwrap();
        socket.set_read_timeout(Some(AGAIN)).unwrap();
        let mut phone = Self { socket, number, serial: 0 };
        let response = phone.ask("REGISTER", "sip:127.0.0.1", number, "");
        assert_eq!(response.status.code(), 200);
        phone
    }

    fn port(&self) -> u16 {
        self.socket.local_addr().unwrap().port()
    }

    fn description(&self) -> String {
        "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\nm=audio 9 RTP/AVP 8\r\n".to_owned()
    }

    /// Calls, and gives the answer when it is not provisional.
    pub(crate) fn call(&mut self, number: &str) -> Response {
        let (uri, description) = (format!("sip:{number}@127.0.0.1"), self.description());
        let response = self.ask("INVITE", &uri, number, &description);
        self.send(&self.request("ACK", &uri, &to_of(&response), "", ""));
        response
    }

    /// Sends a request until it has its final answer, proving itself when it is asked to.
    fn ask(&mut self, method: &str, uri: &str, to: &str, body: &str) -> Response {
        let to = format!("<sip:{to}@127.0.0.1>");
        self.serial += 1;
        let asked = self.until_final(&self.request(method, uri, &to, "", body));
        if asked.status.code() != 401 {
            return asked;
        }
        if method == "INVITE" {
            self.send(&self.request("ACK", uri, &to_of(&asked), "", ""));
        }
        let offered = asked.headers.text(&HeaderName::WwwAuthenticate).unwrap().into_owned();
        let (challenge, password) = (Challenge::parse(&offered).unwrap(), format!("correct-horse-{}", self.number));
        let proof = answer(&challenge, (self.number, &password), (method, uri), 1, "c");
        self.serial += 1;
        self.until_final(&self.request(method, uri, &to, &format!("Authorization: {proof}\r\n"), body))
    }

    fn until_final(&self, request: &str) -> Response {
        let started = Instant::now();
        while started.elapsed() < NEVER {
            self.send(request);
            while let Some(message) = self.hear() {
                if let Message::Response(response) = message
                    && response.status.is_final()
                {
                    return response;
                }
            }
        }
        panic!("the box does not answer");
    }

    fn request(&self, method: &str, uri: &str, to: &str, more: &str, body: &str) -> String {
        let Self { number, serial, .. } = self;
        let (port, length) = (self.port(), body.len());
        format!(
            "{method} {uri} SIP/2.0\r\nVia: SIP/2.0/UDP 127.0.0.1:{port};branch=z9hG4bK{port}{serial};rport\r\n\
             From: <sip:{number}@127.0.0.1>;tag={port}\r\nTo: {to}\r\nCall-ID: {port}\r\nCSeq: {serial} {method}\r\n\
             Contact: <sip:{number}@127.0.0.1:{port}>\r\nMax-Forwards: 70\r\n{more}Content-Type: application/sdp\r\n\
             Content-Length: {length}\r\n\r\n{body}"
        )
    }

    fn send(&self, text: &str) {
        // Nobody listens there any more when the box was killed.
        let _ = self.socket.send(text.as_bytes());
    }

    fn hear(&self) -> Option<Message> {
        let mut buffer = [0; 4096];
        let length = self.socket.recv(&mut buffer).ok()?;
        scan_datagram(&bytes::Bytes::copy_from_slice(&buffer[..length])).ok()
    }

    /// Waits for a request with that method, and accepts it.
    pub(crate) fn accept(&self, method: &Method) {
        let started = Instant::now();
        while started.elapsed() < NEVER {
            if let Some(Message::Request(request)) = self.hear()
                && request.method == *method
            {
                return self.send(&self.acceptance(&request));
            }
        }
        panic!("the box never sent {method}");
    }

    fn acceptance(&self, request: &Request) -> String {
        let header = |name| request.headers.text(&name).unwrap_or_default().into_owned();
        let (via, from, to) = (header(HeaderName::Via), header(HeaderName::From), header(HeaderName::To));
        let (call_id, cseq, port) = (header(HeaderName::CallId), header(HeaderName::CSeq), self.port());
        let tag = if to.contains(";tag=") { String::new() } else { format!(";tag={port}") };
        let body = if request.method == Method::INVITE { self.description() } else { String::new() };
        format!(
            "SIP/2.0 200 OK\r\nVia: {via}\r\nFrom: {from}\r\nTo: {to}{tag}\r\nCall-ID: {call_id}\r\nCSeq: {cseq}\r\n\
             Contact: <sip:{}@127.0.0.1:{port}>\r\nContent-Type: application/sdp\r\nContent-Length: {}\r\n\r\n{body}",
            self.number,
            body.len()
        )
    }
}

fn to_of(response: &Response) -> String {
    response.headers.text(&HeaderName::To).unwrap().into_owned()
}

/// Anna and Bart talk.
pub(crate) fn connect(running: &Running) -> (Phone, Phone) {
    let (mut anna, bart) = (Phone::register(running, "201"), Phone::register(running, "202"));
    std::thread::scope(|scope| {
        scope.spawn(|| bart.accept(&Method::INVITE));
        assert_eq!(anna.call("202").status.code(), 200);
    });
    (anna, bart)
}
