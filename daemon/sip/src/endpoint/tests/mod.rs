//! Tests of the door: scripts in a tiny language against one endpoint, and two endpoints against each other.
//!
//! A script is a line of `time what` steps, times in milliseconds; the log of what the endpoint did is such a line too.

mod clients;
mod pair;
mod refusals;
mod servers;
mod ways;

use std::time::{Duration, Instant};

use super::*;
use crate::message::{CSeq, HeaderName, Method, Request, Response, Status, Uri};

const BOX: &str = "192.0.2.1:5060";
const PHONE: &str = "192.0.2.7:5060";

fn flow(transport: Transport) -> Flow {
    Flow { id: FlowId(7), transport, local: BOX.parse().unwrap(), remote: PHONE.parse().unwrap() }
}

/// A request without Via.
fn request(method: &Method) -> Request {
    let mut request = Request::new(method.clone(), Uri::parse("sip:202@192.0.2.7").unwrap());
    request.headers.push(HeaderName::From, "<sip:201@office>;tag=caller");
    request.headers.push(HeaderName::To, "<sip:202@office>");
    request.headers.push(HeaderName::CallId, "call-1");
    request.headers.push(HeaderName::CSeq, format!("1 {method}"));
    request
}

fn method_of(name: &str) -> Method {
    Method::parse(name.as_bytes()).unwrap()
}

fn status_of(code: &str) -> Status {
    Status::new(code.parse().unwrap()).unwrap()
}

fn read(bytes: &Bytes) -> Message {
    let message = scan_datagram(bytes).unwrap();
    message.validate().unwrap();
    message
}

/// One endpoint, a virtual clock, and a log.
struct Lab {
    endpoint: Endpoint,
    start: Instant,
    now: Instant,
    log: Vec<String>,
    sent: Vec<Transmit>,
    shown: Vec<Event>,
}

impl Lab {
    fn new() -> Self {
        Self::with(EndpointSettings::default())
    }

    fn with(settings: EndpointSettings) -> Self {
        let now = Instant::now();
        let endpoint = Endpoint::new(settings, [7; 32]);
        Self { endpoint, start: now, now, log: Vec::new(), sent: Vec::new(), shown: Vec::new() }
    }

    fn note(&mut self, what: &str) {
        self.log.push(format!("{} {what}", (self.now - self.start).as_millis()));
    }

    /// Writes down and keeps what came out: `>` sent, `!` shown.
    fn drain(&mut self) {
        while let Some(event) = self.endpoint.poll_event() {
            self.note(&format!("!{}", name_of_event(&event)));
            self.shown.push(event);
        }
        while let Some(transmit) = self.endpoint.poll_transmit() {
            let reliable = transmit.path.transport().is_reliable();
            let name = name_of_message(&transmit.bytes);
            self.note(&format!(">{name}{}", if reliable { "/tcp" } else { "" }));
            self.sent.push(transmit);
        }
    }

    /// Lets time pass, firing every timer at its very moment.
    fn advance_to(&mut self, milliseconds: u64) {
        let until = self.start + Duration::from_millis(milliseconds);
        self.drain();
        let mut idle = 0;
        while let Some(at) = self.endpoint.poll_timeout().filter(|at| *at <= until) {
            idle = if at <= self.now { idle + 1 } else { 0 };
            assert!(idle < 10, "a timer stays due for ever");
            self.now = self.now.max(at);
            self.endpoint.handle_timeout(self.now);
            self.drain();
        }
        self.now = until;
    }

    fn packet(&mut self, flow: Flow, bytes: Bytes) {
        self.endpoint.handle_packet(self.now, flow, bytes);
        self.drain();
    }

    fn take_log(&mut self) -> String {
        std::mem::take(&mut self.log).join(" | ")
    }

    /// The last request it sent, as the peer reads it.
    fn last_sent(&self, method: &Method) -> Request {
        let messages = self.sent.iter().rev().map(|transmit| read(&transmit.bytes));
        let mut requests = messages.filter_map(|message| match message {
            Message::Request(request) => Some(request),
            Message::Response(_) => None,
        });
        requests.find(|request| request.method == *method).unwrap()
    }

    fn last_response(&self) -> Response {
        match read(&self.sent.last().unwrap().bytes) {
            Message::Response(response) => response,
            Message::Request(_) => panic!("the last thing sent is a request"),
        }
    }

    fn last_key(&self) -> (ServerKey, Request) {
        let found = self.shown.iter().rev().find_map(|event| match event {
            Event::Request { key, request, .. } => Some((*key, request.clone())),
            _ => None,
        });
        found.unwrap()
    }
}

fn name_of_message(bytes: &Bytes) -> String {
    match read(bytes) {
        Message::Request(request) => request.method.to_string(),
        Message::Response(response) => response.status.code().to_string(),
    }
}

fn name_of_event(event: &Event) -> String {
    match event {
        Event::Request { request, .. } => request.method.to_string(),
        Event::Cancelled { .. } => "cancelled".into(),
        Event::Acknowledged { .. } => "acknowledged".into(),
        Event::NeverAcknowledged { .. } => "never-acknowledged".into(),
        Event::Response { response, .. } => response.status.code().to_string(),
        Event::TimedOut { .. } => "timed-out".into(),
        Event::TransportFailed { .. } => "transport-failed".into(),
        Event::Refused { .. } => "refused".into(),
    }
}

/// `1500 180 a` and so on: the time and the words after it.
fn steps(script: &str) -> impl Iterator<Item = (u64, Vec<&str>)> {
    script.split('|').filter(|step| !step.trim().is_empty()).map(|step| {
        let mut words = step.split_whitespace();
        (words.next().unwrap().parse().unwrap(), words.collect())
    })
}
