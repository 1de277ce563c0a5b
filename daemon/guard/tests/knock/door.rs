//! The door, and who comes to it.

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use centrale_guard::knock::{Answer, Doorkeeper, Failure, Kind, Knocker, Side, Standing, Verdict};

/// A packet of a phone.
pub(crate) const PLAIN: &[u8] =
    b"REGISTER sip:box SIP/2.0\r\nFrom: <sip:201@box>;tag=a1\r\nCall-ID: x@y\r\nExpires: 60\r\n\r\n";

pub(crate) struct Door {
    pub(crate) keeper: Doorkeeper,
    pub(crate) now: Instant,
}

impl Door {
    pub(crate) fn new() -> Self {
        Self { keeper: Doorkeeper::new(7), now: Instant::now() }
    }

    pub(crate) fn wait(&mut self, duration: Duration) {
        self.now += duration;
    }

    pub(crate) fn packet(&mut self, who: &Knocker) -> Verdict {
        self.keeper.packet(self.now, who, PLAIN)
    }

    /// REGISTER without proof, from the packet on. `None` when it was not answered.
    pub(crate) fn register(&mut self, who: &Knocker, user: &str) -> Option<Verdict> {
        self.ask(who, Kind::Register, user)
    }

    pub(crate) fn ask(&mut self, who: &Knocker, kind: Kind<'_>, user: &str) -> Option<Verdict> {
        if self.packet(who).is_silent() {
            return None;
        }
        let verdict = self.keeper.asked(self.now, who, kind, user);
        (!verdict.is_silent()).then_some(verdict)
    }

    /// A wrong answer. Whether it was judged.
    pub(crate) fn guess(&mut self, who: &Knocker, account: &str, secret: u64) -> bool {
        let answer = answer(account, secret);
        if self.packet(who).is_silent() || self.keeper.answered(self.now, who, &answer) != Verdict::Pass {
            return false;
        }
        self.keeper.failed(self.now, who, &answer, Failure::Wrong);
        true
    }

    /// A right answer. Whether it was judged, so that its sender is in.
    pub(crate) fn prove(&mut self, who: &Knocker, account: &str, secret: u64) -> bool {
        self.prove_with(who, &answer(account, secret))
    }

    pub(crate) fn prove_with(&mut self, who: &Knocker, answer: &Answer<'_>) -> bool {
        if self.packet(who).is_silent() || self.keeper.answered(self.now, who, answer) != Verdict::Pass {
            return false;
        }
        self.keeper.proved(self.now, who, answer.account);
        true
    }
}

/// Of a device that nobody knows.
pub(crate) fn answer(account: &str, secret: u64) -> Answer<'_> {
    Answer { account, secret, is_bound: false, is_for_help: false, is_own: false, is_unraised: false }
}

pub(crate) fn knocker(flow: &str, side: Side, standing: Standing) -> Knocker {
    Knocker { flow: flow.parse().unwrap(), side, standing, is_really_there: false, is_apart: false }
}

pub(crate) fn outside(flow: &str) -> Knocker {
    knocker(flow, Side::Internet, Standing::Stranger)
}

pub(crate) fn inside(flow: &str) -> Knocker {
    knocker(flow, Side::Office, Standing::Stranger)
}

/// The number-th of many addresses on the internet.
pub(crate) fn one_of(number: u32) -> Knocker {
    let ip = std::net::Ipv4Addr::from_bits(0x0b00_0000 + number);
    let flow = SocketAddr::from((ip, 5060));
    Knocker { flow, side: Side::Internet, standing: Standing::Stranger, is_really_there: false, is_apart: false }
}
