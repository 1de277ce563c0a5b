//! One line of a phone: its account, and the user agent that registers with it and calls.

use std::net::{IpAddr, SocketAddr};
use std::time::{Duration, Instant};

use bytes::Bytes;
use centrale_sip::auth::{Algorithm, Ha1};
use centrale_sip::message::{HeaderName, Message, Method, Request, Status, scan_datagram};
use rand::rngs::StdRng;
use rand::{RngExt as _, SeedableRng as _};

use super::{Account, DeskPhone, Maker, Output, Profile};
use crate::agent::{self, Agent, Character, Place, Story};
use crate::network::Arrival;

/// How a line stands with the exchange.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Standing {
    /// Not yet known.
    Trying,
    /// It can be called.
    Registered,
    /// The last attempt ended so.
    Failed(Status),
}

/// A line.
#[derive(Debug)]
pub(super) struct Station {
    pub(super) account: Account,
    pub(super) standing: Standing,
    agent: Agent,
}

impl Station {
    fn new(now: Instant, account: Account, here: IpAddr, profile: &Profile, mut rng: StdRng) -> Option<Self> {
        // Every line has a port of its own, where real phones share one: the network tells them apart by it.
        let inside = SocketAddr::new(here, 5060 + 10 * u16::from(account.index - 1));
        let box_seen = SocketAddr::new(account.server.parse().ok()?, account.port);
        let character = Character {
            name: account.label.clone(),
            number: account.number.clone(),
            username: account.username.clone(),
            password: account.password.clone(),
            transport: account.transport,
            expires: account.expires,
            late_offer: false,
            long_offer: false,
            old_hold: false,
            srtp: account.srtp,
            update: profile.maker != Maker::Snom,
            provider: false,
            challenges_calls: false,
            emergency: &[],
        };
        let mut agent = Agent::new(now, character, Place { inside, box_seen }, StdRng::from_seed(rng.random()));
        if let Some((algorithm, ha1)) = &account.digest {
            agent.knows(Algorithm::from_name(Some(algorithm))?, Ha1::known(ha1));
        }
        Some(Self { account, standing: Standing::Trying, agent })
    }

    pub(super) fn poll_timeout(&self) -> Option<Instant> {
        self.agent.poll_timeout()
    }

    pub(super) fn handle_timeout(&mut self, now: Instant) {
        self.agent.handle_timeout(now);
        self.look();
    }

    fn look(&mut self) {
        match self.agent.registration_status() {
            Some(status) if status.is_success() => self.standing = Standing::Registered,
            Some(status) => self.standing = Standing::Failed(status),
            None => {}
        }
    }

    pub(super) fn poll_output(&mut self, line: usize) -> Option<Output> {
        Some(match self.agent.poll_output()? {
            agent::Output::Transmit(transmit) => Output::Sip { line, transmit },
            agent::Output::Voice { port, to, packets } => Output::Voice { line, port, to, packets },
            agent::Output::Note(text) => Output::Note(text),
        })
    }
}

impl DeskPhone {
    /// Brings the lines in step with the accounts. A line whose account stayed the same goes on undisturbed.
    pub(super) fn register(&mut self, now: Instant) {
        let accounts = self.accounts();
        let mut old = std::mem::take(&mut self.stations);
        for account in accounts {
            let kept = old.iter().position(|station| station.account == account).map(|at| old.swap_remove(at));
            let rng = StdRng::from_seed(self.rng.random());
            match kept.or_else(|| Station::new(now, account, self.here, &self.profile, rng)) {
                Some(station) => self.stations.push(station),
                None => self.note("cannot find its exchange by name"),
            }
        }
    }

    /// What arrives at one of its lines.
    pub fn handle_sip(&mut self, now: Instant, line: usize, arrival: Arrival) {
        let check_sync = match &arrival {
            Arrival::Packet { bytes, .. } => check_sync(bytes),
            Arrival::Closed { .. } | Arrival::Refused { .. } => None,
        };
        if let Some(station) = self.stations.get_mut(line) {
            station.agent.handle_arrival(now, arrival);
            station.look();
            if let Some(asks_reboot) = check_sync {
                self.resync(now, asks_reboot);
            }
        }
    }

    fn resync(&mut self, now: Instant, asks_reboot: bool) {
        // Yealink: 0 as the sender says, 1 (from the factory) always, 2 never. Snom does as the sender says. An app has
        // nowhere to ask.
        let policy = match self.profile.maker {
            Maker::Yealink => self.store.value_or("sip.notify_reboot_enable", "1"),
            Maker::Snom => "0",
            Maker::Linphone => "2",
        };
        match (policy, asks_reboot) {
            ("2", _) => {}
            ("1", _) | (_, true) => {
                self.note("restarts because it is told to");
                // The answer to the NOTIFY still goes out.
                while let Some(output) = self.stations.iter_mut().enumerate().find_map(|(at, one)| one.poll_output(at))
                {
                    self.outputs.push_back(output);
                }
                let said = std::mem::take(&mut self.outputs);
                self.power_on(now, self.boot);
                self.outputs = said;
            }
            _ => self.read_again(now),
        }
    }

    /// The line's local address, and the exchange as it knows it.
    pub fn line(&self, line: usize) -> Option<&Account> {
        self.stations.get(line).map(|station| &station.account)
    }

    /// Lines it has now.
    pub fn lines(&self) -> usize {
        self.stations.len()
    }

    /// The local address of a line.
    pub fn line_address(&self, line: usize) -> Option<SocketAddr> {
        let account = self.line(line)?;
        Some(SocketAddr::new(self.here, 5060 + 10 * u16::from(account.index - 1)))
    }

    /// Somebody dials on a line, and lets it ring for so long.
    pub fn dial(&mut self, now: Instant, line: usize, number: &str, patience: Duration) {
        if let Some(station) = self.stations.get_mut(line) {
            station.agent.call(now, number, patience);
        }
    }

    /// Whether it rings, calls or talks on any of its lines.
    pub fn is_in_call(&self) -> bool {
        self.stations.iter().any(|station| station.agent.open_lines() > 0)
    }

    /// From now on somebody sits there who answers every call on the lines it has.
    pub fn answer_always(&mut self) {
        self.stations.iter_mut().for_each(|station| station.agent.oblige());
    }

    /// Voice arrives at one of its ports.
    pub fn hear(&mut self, port: u16, packet: &mut [u8]) {
        for station in &mut self.stations {
            station.agent.hear(port, packet);
        }
    }

    /// The calls that are over since this was asked last.
    pub fn take_stories(&mut self) -> Vec<Story> {
        self.stations.iter_mut().flat_map(|station| station.agent.take_stories()).collect()
    }
}

/// Whether these bytes ask a phone to read its settings again, and if so whether with a restart.
fn check_sync(bytes: &Bytes) -> Option<bool> {
    if !bytes.starts_with(b"NOTIFY") {
        return None;
    }
    let Ok(Message::Request(Request { method: Method::NOTIFY, headers, .. })) = scan_datagram(bytes) else {
        return None;
    };
    let event = headers.text(&HeaderName::Event)?.to_ascii_lowercase();
    event.starts_with("check-sync").then(|| event.contains("reboot=true"))
}
