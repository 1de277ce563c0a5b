//! One line of a phone: its account, and the user agent that registers with it and calls.

use std::net::{IpAddr, SocketAddr};
use std::time::{Duration, Instant};

use bytes::Bytes;
use centrale_sip::auth::{Algorithm, Ha1};
use centrale_sip::message::{HeaderName, Message, Method, Request, Status, scan_datagram};
use rand::rngs::StdRng;
use rand::{RngExt as _, SeedableRng as _};

use super::keys::Does;
use super::{Account, DeskPhone, Maker, Output, Profile, snom, yealink};
use crate::agent::{self, Agent, Character, Lamp, Package, Place, Story, Wish};
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
    fn new(
        now: Instant,
        account: Account,
        here: IpAddr,
        (profile, firmware): (&Profile, &str),
        mut rng: StdRng,
    ) -> Option<Self> {
        // Every line has a port of its own, where real phones share one: the network tells them apart by it.
        let inside = SocketAddr::new(here, 5060 + 10 * u16::from(account.index - 1));
        let box_seen = SocketAddr::new(account.server.parse().ok()?, account.port);
        let character = Character {
            name: account.label.clone(),
            user_agent: profile.sip_user_agent(firmware),
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

    /// The lamp of a key of this line.
    pub(super) fn lamp(&self, does: &Does) -> Lamp {
        match does {
            Does::Line if self.agent.is_ringing() => Lamp::Blinking,
            Does::Line if self.agent.open_lines() > 0 => Lamp::On,
            Does::Watches { number, .. } => self.agent.lamp(number),
            Does::Line | Does::Dials(_) => Lamp::Off,
        }
    }

    /// New messages in its mailbox.
    pub(super) fn messages(&self) -> u32 {
        self.agent.messages()
    }

    pub(super) fn is_talking(&self) -> bool {
        self.agent.is_talking()
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
            match kept.or_else(|| Station::new(now, account, self.here, (&self.profile, &self.firmware), rng)) {
                Some(station) => self.stations.push(station),
                None => self.note("cannot find its exchange by name"),
            }
        }
        let wishes: Vec<Vec<Wish>> = self.stations.iter().map(|station| self.wishes(&station.account)).collect();
        self.stations.iter_mut().zip(wishes).for_each(|(station, wishes)| station.agent.watch(now, wishes));
    }

    /// What a line is set to subscribe to: the numbers of its lamps, each once, and its mailbox.
    fn wishes(&self, account: &Account) -> Vec<Wish> {
        let (mailbox, expires) = match self.profile.maker {
            Maker::Yealink => {
                (yealink::mailbox(&self.store, account), yealink::lamp_expires(&self.store, account.index))
            }
            Maker::Snom => (Some(snom::mailbox(&self.store, account)), snom::lamp_expires(&self.store, account.index)),
            Maker::Linphone => (None, 0),
        };
        let keys = self.keys().into_iter().filter(|key| key.account == account.index);
        let watched = keys.filter_map(|key| match key.does {
            Does::Watches { number, .. } => Some(Wish { package: Package::Dialog, number, expires }),
            Does::Line | Does::Dials(_) => None,
        });
        let mut wishes: Vec<Wish> = Vec::new();
        for wish in mailbox.into_iter().chain(watched) {
            if !wishes.contains(&wish) {
                wishes.push(wish);
            }
        }
        wishes
    }

    /// How many numbers and mailboxes its lines are set to be told of.
    pub fn subscribes_to(&self) -> usize {
        self.stations.iter().map(|station| station.agent.subscriptions().0).sum()
    }

    /// Of how many of them they are told.
    pub fn subscribed(&self) -> usize {
        self.stations.iter().map(|station| station.agent.subscriptions().1).sum()
    }

    /// New messages, as it shows them.
    pub(super) fn messages(&self) -> u32 {
        let shows = |station: &&Station| {
            self.profile.maker != Maker::Yealink || yealink::shows_messages(&self.store, station.account.index)
        };
        self.stations.iter().filter(shows).map(|station| station.agent.messages()).sum()
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

    /// Somebody holds the call of a line, or takes it up again.
    pub fn hold(&mut self, now: Instant, line: usize, held: bool) {
        if let Some(station) = self.stations.get_mut(line) {
            station.agent.press_hold(now, held);
        }
    }

    /// Somebody hangs up whatever is on a line.
    pub fn hang_up(&mut self, now: Instant, line: usize) {
        if let Some(station) = self.stations.get_mut(line) {
            station.agent.hang_up_all(now);
        }
    }

    /// From now on whoever talks on the lines it has does nothing else, until told to.
    pub fn talk_until_told(&mut self) {
        self.stations.iter_mut().for_each(|station| station.agent.talk_on());
    }

    /// Whether it rings, calls or talks on any of its lines.
    pub fn is_in_call(&self) -> bool {
        self.stations.iter().any(|station| station.agent.open_lines() > 0)
    }

    /// From now on somebody sits there who answers every call on the lines it has.
    pub fn answer_always(&mut self) {
        self.stations.iter_mut().for_each(|station| station.agent.oblige());
    }

    /// From now on nobody is there to answer the lines it has.
    pub fn nobody_there(&mut self) {
        self.stations.iter_mut().for_each(|station| station.agent.be_away());
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
