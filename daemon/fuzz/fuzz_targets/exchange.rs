//! The whole exchange under operations in any order: phones that register, call, answer, cancel, hang up and fall silent,
//! a provider, strangers, time, closed connections, a changed office. It may not panic, everything it sends can be read,
//! its timers always get ahead, and when everybody has gone nothing is left over.
#![no_main]

#[path = "exchange/office.rs"]
mod office;
#[path = "exchange/peers.rs"]
mod peers;

use std::time::{Duration, Instant};

use bytes::Bytes;
use centrale_call_control::{Command, Exchange, Input, Interfaces, LocalAddress, Output, Told};
use centrale_rtp::relay::{self, LegQuality};
use centrale_sip::flow::{Flow, Target};
use libfuzzer_sys::arbitrary::{Result, Unstructured};
use libfuzzer_sys::fuzz_target;

use peers::{Ask, BOX, METHODS, Peers, flow_of};

fuzz_target!(|operations: &[u8]| {
    let mut house = House::new();
    let mut operations = Unstructured::new(operations);
    // The operations end when the bytes do.
    while !operations.is_empty() && house.step(&mut operations).is_ok() {}
    house.close();
});

struct House {
    exchange: Exchange,
    peers: Peers,
    now: Instant,
    /// What was sent to it, to be sent again.
    sent: Vec<(Flow, Bytes)>,
    /// Calls that the page shows.
    calls: Vec<String>,
    revision: u64,
}

impl House {
    /// A house in which every phone is registered.
    fn new() -> Self {
        let now = Instant::now();
        let exchange = Exchange::new(now, office::settings(), office::settled(1, 3), [7; 32]);
        let mut house =
            Self { exchange, peers: Peers::default(), now, sent: Vec::new(), calls: Vec::new(), revision: 1 };
        let address = LocalAddress { ip: BOX, prefix: 8, default_route: true };
        house.input(Input::Interfaces(Interfaces::new(vec![address])));
        for who in 0..3 {
            // Once to be challenged, once with the answer.
            for cseq in 1..=2 {
                let ask = Ask { who, method: "REGISTER", dialled: office::user(who), call: 0, cseq, options: 8 };
                let text = house.peers.request(&ask);
                house.packet(flow_of(who), text);
            }
        }
        house
    }

    fn step(&mut self, operations: &mut Unstructured<'_>) -> Result<()> {
        match operations.int_in_range(0..=15)? {
            0..=3 => {
                let ask = Ask::read(operations)?;
                let text = self.peers.request(&ask);
                self.packet(flow_of(ask.who), text);
            }
            4..=7 => {
                if let Some((flow, bytes)) = self.peers.answer(operations)? {
                    self.packet(flow, bytes);
                }
            }
            8 | 9 => {
                let (dialog, method) = (operations.int_in_range(0..=3)?, *operations.choose(&METHODS)?);
                if let Some((flow, bytes)) = self.peers.within(dialog, method, operations.arbitrary()?) {
                    self.packet(flow, bytes);
                }
            }
            10 | 11 => {
                let step = 1u64 << operations.int_in_range(0..=11)?;
                self.advance(Duration::from_millis(100 * step));
            }
            12 => {
                let (flow, length) = (flow_of(operations.int_in_range(0..=4)?), operations.arbitrary_len::<u8>()?);
                let bytes = Bytes::copy_from_slice(operations.bytes(length)?);
                self.packet(flow, bytes);
            }
            13 => {
                if let Some((flow, bytes)) = self.sent.get(operations.choose_index(self.sent.len().max(1))?).cloned() {
                    self.packet(flow, bytes);
                }
            }
            14 => {
                let flow = flow_of(operations.int_in_range(0..=4)?);
                self.input(Input::FlowClosed(flow.id));
                self.input(Input::TargetFailed(Target::new(flow.transport, flow.remote)));
            }
            _ => {
                self.revision += 1;
                let settled = office::settled(self.revision, operations.int_in_range(0..=3)?);
                self.input(Input::Settled(settled));
            }
        }
        Ok(())
    }

    fn packet(&mut self, flow: Flow, bytes: Bytes) {
        if self.sent.len() < 32 {
            self.sent.push((flow, bytes.clone()));
        }
        self.input(Input::Packet { flow, bytes });
    }

    fn input(&mut self, input: Input) {
        self.exchange.handle_input(self.now, input);
        let mut closed = Vec::new();
        while let Some(output) = self.exchange.poll_output() {
            match output {
                Output::Transmit(transmit) => self.peers.hear(transmit.path, &transmit.bytes),
                Output::Media(relay::Command::Close { relay }) => closed.push(relay),
                Output::Told(Told::Call(call)) if !self.calls.contains(&call.id) => self.calls.push(call.id),
                Output::Told(Told::CallGone(id)) => self.calls.retain(|call| *call != id),
                _ => {}
            }
        }
        for relay in closed {
            let (caller, callee) = (LegQuality::default(), LegQuality::default());
            self.input(Input::Media(relay::Event::Closed { relay, caller, callee }));
        }
    }

    fn advance(&mut self, step: Duration) {
        let end = self.now + step;
        for _ in 0..100_000 {
            match self.exchange.poll_timeout().filter(|at| *at <= end) {
                Some(at) => {
                    self.now = self.now.max(at);
                    self.input(Input::Timeout);
                }
                None => {
                    self.now = end;
                    return;
                }
            }
        }
        panic!("a timer that never gets ahead");
    }

    /// Everybody hangs up and goes home.
    fn close(mut self) {
        for call in self.calls.clone() {
            self.input(Input::Command(Command::HangUp { call }));
        }
        self.advance(Duration::from_secs(120));
        assert_eq!(self.exchange.calls_in_hand(), 0, "a call that nobody is in");
        assert!(self.calls.is_empty(), "a call on the page that is over: {:?}", self.calls);
    }
}
