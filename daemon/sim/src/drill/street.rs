//! The place of the drill: the real exchange, an office of phones, a provider that answers every call and whose meter is the truth
//! for euros, and whoever else comes; on one virtual clock. Nothing gets lost on the way: what a bad line does to calls is
//! shown elsewhere.

mod office;
mod readings;

use std::collections::{BTreeMap, BTreeSet};
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};

use bytes::Bytes;
use centrale_call_control::view::ProblemView;
use centrale_call_control::{
    Bound, Command, Exchange, Firewall, Input, KeptBlock, Output, Reason, Resolve, Told, Tried, WayOut,
};
use centrale_config::{Change, Country, Settled};
use centrale_guard::{Civil, Kept, Pressed, Stop};
use centrale_numbering::Plan;
use centrale_numbering::deck::Deck;
use centrale_rtp::relay::{Command as Order, Event, Key, RelayId, Side};
use centrale_sip::flow::{Flow, Target, Transport};
use memchr::memmem;
use rand::rngs::StdRng;
use rand::{RngExt as _, SeedableRng as _};

pub use office::character;
pub(super) use office::opened;
use office::{SECRET, at_first, at_home, box_at, exchange, office, opened_at_first, password};

use super::days;
use super::door::{Door, Knock};
use super::evidence::Stories;
use crate::agent::{self, Agent, Character, LineKey, Place, Story};
use crate::media::Relays;
use crate::network::{Arrival, BOX, DATAGRAMS, Host, Link, Network, Node};
use crate::scenario::{BOX_OUTSIDE, BOX_V4};
use crate::world::{addresses, is_office};

/// The provider's name.
const PROVIDER_NAME: &str = "sip.provider.example";
/// The PIN with which a phone orders something of the box.
const PIN: &str = "480193";
const PORTS: (u16, u16) = (10_000, 10_999);
/// How long somebody lets it ring.
const PATIENCE: Duration = Duration::from_secs(60);
/// How long who guesses waits for an answer.
const ANSWERED_WITHIN: Duration = Duration::from_millis(20);

/// What an attack or a day is played before.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Background {
    /// Saturday, three in the morning: nobody is there.
    QuietNight,
    /// Tuesday, ten in the morning: colleagues call each other and the world.
    BusyDay,
    /// Tuesday, ten in the morning: the power comes back, every tenth phone has the password of last week, and somebody calls 112.
    PowerCut,
}

impl Background {
    /// Each.
    pub const ALL: [Self; 3] = [Self::QuietNight, Self::BusyDay, Self::PowerCut];

    pub(super) const fn civil(self) -> Civil {
        match self {
            Self::QuietNight => Civil { day: 20_785, minute: 180 },
            Self::BusyDay | Self::PowerCut => Civil { day: 20_781, minute: 600 },
        }
    }
}

/// Where an office is, and its provider.
#[derive(Debug, Clone, Copy)]
pub struct Site {
    country: Country,
    provider: &'static str,
}

impl Site {
    /// An office in that country, and a provider on the internet.
    pub const fn of(country: Country) -> Self {
        Self { country, provider: "198.18.0.10:5060" }
    }

    /// A Dutch office whose provider is a router in it, which puts its own address in the place of everybody's on the internet.
    pub const BEHIND_A_GATEWAY: Self = Self { country: Country::Netherlands, provider: "192.168.1.1:5060" };
}

/// A call that somebody of the office is to make.
#[derive(Debug)]
struct Errand {
    who: Node,
    dialled: String,
    lasts: Duration,
}

/// Somebody on the way to a node who writes into datagrams: what becomes of one from there, and of one to there.
pub type Meddler = [fn(&str) -> String; 2];

/// The place. See the module's opening.
#[derive(Debug)]
pub struct Street {
    /// The exchange.
    pub exchange: Exchange,
    /// What the firewall was asked for, and until when.
    pub blocks: Vec<(Instant, Firewall)>,
    /// Problems that the office was ever told, and when.
    pub told: Vec<(Instant, ProblemView)>,
    /// What the office's stories of attempts say was tried, as stable words.
    pub named: BTreeSet<&'static str>,
    /// Packets of voice that reached where nobody is.
    pub strayed: usize,
    /// Packets that left the box with somebody's password in clear.
    pub secrets: usize,
    /// What phones ordered of the box with its PIN.
    pub orders: usize,
    /// How often the box asked where the provider is.
    pub lookups: usize,
    /// Where the provider's name leads: what its name server says, or whoever answers in its place.
    leads_to: SocketAddr,
    /// Whose keys the box takes, the one asked last at the end.
    asked: Vec<(RelayId, Side)>,
    /// What came to its door.
    door: Door,
    /// What the office's stories of attempts say.
    tried: Stories,
    /// Phones outside of which somebody of the office said that they are the office's own.
    homes: BTreeSet<Node>,
    /// Whose paid calls the box itself ordered to be held.
    holds: Vec<String>,
    now: Instant,
    /// What the clock on the wall said when it was set, and when that was.
    civil: Civil,
    set: Instant,
    background: Background,
    people: u16,
    country: Country,
    settled: Arc<Settled>,
    network: Network,
    /// Who meddles, by the address at which the box sees whom it is done to.
    meddlers: BTreeMap<SocketAddr, Meddler>,
    nodes: usize,
    agents: BTreeMap<Node, Agent>,
    relays: Relays,
    stories: Vec<(Node, Story)>,
    /// Who called for help, once for each call.
    called_help: Vec<Node>,
    errands: BTreeMap<(Instant, usize), Errand>,
    /// Who hangs up, and which call: where none is named, every one of the provider's, or that a phone made.
    hang_ups: BTreeMap<(Instant, usize), (Node, Option<LineKey>)>,
    serial: usize,
    kept: BTreeMap<String, Kept>,
    bonds: Vec<Bound>,
    plan: Plan,
    rng: StdRng,
}

impl Street {
    /// An office of so many people, each with a phone that is registered, at that time of the week. `start` is the moment at which the
    /// virtual clock begins.
    pub fn open(start: Instant, seed: u64, background: Background, people: u16) -> Self {
        Self::open_in(Country::Netherlands, start, seed, background, people)
    }

    /// The same in a country.
    pub fn open_in(country: Country, start: Instant, seed: u64, background: Background, people: u16) -> Self {
        Self::open_at(Site::of(country), start, seed, background, people)
    }

    /// The same at a site.
    pub fn open_at(site: Site, start: Instant, seed: u64, background: Background, people: u16) -> Self {
        let (country, at) = (site.country, site.provider.parse().expect("a constant address"));
        let mut rng = StdRng::seed_from_u64(seed);
        let before = office(country, people, |number| at_first(background, number), opened_at_first);
        let before = Arc::new(Settled::new(1, Arc::new(before), Vec::new()));
        let settled =
            Arc::new(Settled::new(2, Arc::new(office(country, people, password, opened_at_first)), Vec::new()));
        let mut street = Self {
            exchange: exchange(start, &before, &mut rng),
            blocks: Vec::new(),
            told: Vec::new(),
            named: BTreeSet::new(),
            strayed: 0,
            secrets: 0,
            orders: 0,
            lookups: 0,
            leads_to: at,
            asked: Vec::new(),
            door: Door::default(),
            tried: Stories::default(),
            homes: BTreeSet::new(),
            holds: Vec::new(),
            now: start,
            civil: background.civil(),
            set: start,
            background,
            people,
            country,
            settled,
            network: Network::new(StdRng::from_seed(rng.random())),
            meddlers: BTreeMap::new(),
            nodes: 0,
            agents: BTreeMap::new(),
            relays: Relays::new(PORTS.0..=PORTS.1),
            stories: Vec::new(),
            called_help: Vec::new(),
            errands: BTreeMap::new(),
            hang_ups: BTreeMap::new(),
            serial: 0,
            kept: BTreeMap::new(),
            bonds: Vec::new(),
            plan: Plan::of(country, at_home(country).1),
            rng,
        };
        street.begin();
        let oblige = |agent: &mut Agent| {
            agent.oblige();
            agent.talk_on();
        };
        let provider = Character {
            provider: true,
            emergency: country.emergency_numbers(),
            ..character(at_home(country).2, "provider", 0)
        };
        street.add(provider, at, oblige);
        for number in 0..people {
            let password = at_first(background, number);
            let at = SocketAddr::from(([192, 168, 1, 100 + number as u8], 5060));
            let user = (201 + number).to_string();
            street.add(Character { password, ..character(&user, &user, 300) }, at, oblige);
        }
        street.advance(Duration::from_secs(10));
        street.tell(Input::Settled(Arc::clone(&street.settled)));
        street
    }

    fn begin(&mut self) {
        self.tell(Input::Interfaces(addresses()));
        self.tell(Input::WayOut(WayOut::default()));
        self.tell(Input::Clock(self.civil));
    }

    /// The provider.
    pub const fn provider(&self) -> Node {
        Node(1)
    }

    /// The phone of one of its people, counted from nought.
    pub const fn phone(&self, number: u16) -> Node {
        Node(2 + number as usize)
    }

    /// Every phone of the office.
    pub fn phones(&self) -> impl Iterator<Item = Node> + use<> {
        (0..self.people).map(|number| Node(2 + usize::from(number)))
    }

    /// Somebody else comes, at that address.
    pub fn add(&mut self, character: Character, at: SocketAddr, prepare: impl FnOnce(&mut Agent)) -> Node {
        let node = self.add_address(at);
        self.replace(node, character, prepare);
        node
    }

    /// An address from which nothing comes by itself.
    pub fn add_address(&mut self, at: SocketAddr) -> Node {
        self.nodes += 1;
        let node = Node(self.nodes);
        let (inside, outside) = (box_at(BOX_V4), box_at(BOX_OUTSIDE));
        let box_seen = if at.ip() == inside.ip() || is_office(at.ip()) { inside } else { outside };
        let link = Link { latency: Duration::from_millis(2), jitter: Duration::ZERO, loss: 0, doubled: 0 };
        let host = Host { inside: at, seen: at, box_seen, box_inside: inside, link, listens: false, up: true };
        self.network.add(node, host);
        node
    }

    /// A node has that address from now on, and the box sees it at the other one: a router's, where they differ. Whoever is there goes
    /// on; who comes in its place knows the new address.
    pub fn put_behind(&mut self, node: Node, inside: SocketAddr, seen: SocketAddr) {
        let Some(host) = self.network.host(node) else { return };
        let host = Host { inside, seen, ..host.clone() };
        self.network.add(node, host);
    }

    /// What comes from there, as the box sees it, and goes there is written over from now on.
    pub fn meddle(&mut self, seen: SocketAddr, meddler: Meddler) {
        self.meddlers.insert(seen, meddler);
    }

    /// Somebody else is at the address of a node from now on.
    pub fn replace(&mut self, node: Node, character: Character, prepare: impl FnOnce(&mut Agent)) {
        let Some(host) = self.network.host(node) else { return };
        let place = Place { inside: host.inside, box_seen: host.box_seen };
        let mut agent = Agent::new(self.now, character, place, StdRng::from_seed(self.rng.random()));
        prepare(&mut agent);
        let is_gone = |home: &&Node| self.network.host(**home).is_some_and(|host| !host.up);
        let named = |home: Node| self.agents.get(&home).and_then(Agent::instance);
        // Who travels is no longer where that phone was; a copy is there beside it.
        if self.homes.iter().filter(is_gone).any(|home| named(*home).is_some() && named(*home) == agent.instance()) {
            self.homes.insert(node);
        }
        self.agents.insert(node, agent);
    }

    /// A phone of the office starts anew at another port of its address: whatever it was in is forgotten.
    pub fn move_phone(&mut self, node: Node, port: u16) {
        let (Some(host), Some(agent)) = (self.network.host(node), self.agents.get(&node)) else { return };
        let (mut host, character) = (host.clone(), agent.character.clone());
        host.inside.set_port(port);
        host.seen.set_port(port);
        self.network.add(node, host);
        self.replace(node, character, |agent| {
            agent.oblige();
            agent.talk_on();
        });
    }

    /// Whether somebody is registered, as it was told last.
    pub fn is_registered(&self, node: Node) -> bool {
        self.agents.get(&node).and_then(Agent::registration_status).is_some_and(|status| status.is_success())
    }

    /// The office's file is another one from now on: `lines` writes more of each person, counted from nought, in place of what was
    /// opened for some of them.
    pub fn rewrite(&mut self, lines: impl Fn(u16) -> String) {
        let revision = self.settled.revision + 1;
        let office = office(self.country, self.people, password, lines);
        self.settled = Arc::new(Settled::new(revision, Arc::new(office), Vec::new()));
        self.tell(Input::Settled(Arc::clone(&self.settled)));
    }

    /// Whom somebody of the office calls next, for an ordinary price: no two in a row, as only machines dial such.
    pub fn outside(&self, number: u16) -> String {
        match self.country {
            Country::Netherlands => days::outside(number),
            Country::Belgium => format!("0223412{:02}", u32::from(number) * 37 % 100),
        }
    }

    /// What everything here is played before.
    pub const fn background(&self) -> Background {
        self.background
    }

    /// The numbers for help where the office is.
    pub const fn emergency_numbers(&self) -> &'static [&'static str] {
        self.country.emergency_numbers()
    }

    /// One guess: a REGISTER, its challenge, and an answer with that password. The last status, when there was one in time. Who is there
    /// already stays, and goes on afterwards.
    pub fn guess(&mut self, node: Node, user: &str, password: &str) -> Option<u16> {
        let resident = self.agents.remove(&node);
        self.replace(node, Character { password: password.to_owned(), ..character(user, user, 300) }, |_| ());
        let now = self.now;
        self.begin_at_door(node);
        self.with_agent(node, |agent| agent.register_now(now));
        // As tools do: the next one goes as soon as this one was answered.
        while self.now < now + ANSWERED_WITHIN
            && self.agent(node).is_some_and(|agent| agent.registration_status().is_none())
        {
            self.advance(Duration::from_millis(1));
        }
        let status = self.agents.get(&node).and_then(Agent::registration_status).map(|status| status.code());
        self.agents.remove(&node);
        self.agents.extend(resident.map(|resident| (node, resident)));
        status
    }

    /// Somebody calls for help in a user's name with a password, once.
    pub fn guess_by_help(&mut self, node: Node, user: &str, password: &str) {
        self.replace(node, Character { password: password.to_owned(), ..character(user, user, 300) }, |_| ());
        self.begin_at_door(node);
        self.call(node, "112", Duration::from_secs(1));
        self.advance(Duration::from_millis(20));
        self.agents.remove(&node);
    }

    fn begin_at_door(&mut self, node: Node) {
        if let Some(host) = self.network.host(node) {
            self.door.begin(self.now, host.seen);
        }
    }

    /// A datagram that says it comes from there, whoever sent it.
    pub fn say(&mut self, from: SocketAddr, bytes: impl Into<Bytes>) {
        if self.drops(from) {
            return;
        }
        let local = if is_office(from.ip()) { box_at(BOX_V4) } else { box_at(BOX_OUTSIDE) };
        let flow = Flow { id: DATAGRAMS, transport: Transport::Udp, local, remote: from };
        self.tell(Input::Packet { flow, bytes: bytes.into() });
    }

    /// The provider's name leads there from now on.
    pub const fn mislead(&mut self, leads_to: SocketAddr) {
        self.leads_to = leads_to;
    }

    /// Whoever the box asked last for keys presses these.
    pub fn press(&mut self, keys: &str) {
        for key in keys.chars() {
            let Some((relay, side)) = self.asked.last().copied() else { return };
            self.tell(Input::Media(Event::Key { relay, side, key: Key(key) }));
        }
    }

    /// A packet of voice from there to every port at which the box may listen.
    pub fn spray(&mut self, from: SocketAddr, packet: &[u8]) {
        for port in (PORTS.0..PORTS.1).step_by(2) {
            if let Some((onwards, packet)) = self.relays.forward(self.now, from, port, packet) {
                self.deliver(onwards, packet);
            }
        }
    }

    /// Has somebody do something now.
    pub fn with(&mut self, node: Node, act: impl FnOnce(&mut Agent, Instant)) {
        let now = self.now;
        self.with_agent(node, |agent| act(agent, now));
    }

    /// What somebody is like.
    pub fn agent(&self, node: Node) -> Option<&Agent> {
        self.agents.get(&node)
    }

    /// The provider's price list is taken in.
    pub fn take_prices(&mut self, deck: Deck) {
        self.tell(Input::Decks([("provider".to_owned(), Arc::new(deck))].into()));
    }

    /// A wish from the page.
    pub fn command(&mut self, command: Command) {
        self.tell(Input::Command(command));
    }

    /// Somebody of the office changes something there.
    pub fn change(&mut self, change: Change) {
        let office = self.settled.office.apply(change).expect("the drill's changes are valid ones");
        self.settled = Arc::new(Settled::new(self.settled.revision + 1, Arc::new(office), Vec::new()));
        self.tell(Input::Settled(Arc::clone(&self.settled)));
    }

    /// Something is tried at the page.
    pub fn tried_at_page(&mut self, tried: Tried) {
        self.tell(Input::Tried(tried));
    }

    /// Somebody of the office says of every device that was asked about that it is the office's own.
    pub fn recognise_all(&mut self) {
        let asked: Vec<(String, String)> = self
            .told
            .iter()
            .filter(|(_, problem)| problem.code == "phone-unknown")
            .map(|(_, problem)| (problem.subject.clone(), problem.detail.clone()))
            .collect();
        let is_asked = |agent: &Agent| asked.iter().any(|(account, _)| *account == agent.character.username);
        let at_home = self.agents.iter().filter(|(_, agent)| agent.instance().is_some() && is_asked(agent));
        let at_home: Vec<Node> = at_home.map(|(node, _)| *node).collect();
        self.homes.extend(at_home);
        asked.into_iter().for_each(|(account, shown)| self.command(Command::Recognise { account, shown }));
    }

    /// Turns a node off or on.
    pub fn set_up(&mut self, node: Node, up: bool) {
        self.network.set_up(self.now, node, up);
    }

    /// What the ways of the office's phones do from now on: so many of a hundred datagrams are doubled, and they overtake each other.
    pub fn disturb(&mut self, doubled: u32, jitter: Duration) {
        for phone in self.phones() {
            let Some(mut host) = self.network.host(phone).cloned() else { continue };
            host.link = Link { doubled, jitter, ..host.link };
            self.network.add(phone, host);
        }
    }

    /// Dials, and talks until the call is ended from elsewhere or that time is over.
    pub fn call(&mut self, who: Node, dialled: &str, lasts: Duration) {
        let now = self.now;
        let mut line = None;
        if self.emergency_numbers().contains(&dialled) {
            self.called_help.push(who);
        }
        self.with_agent(who, |agent| line = Some(agent.call(now, dialled, PATIENCE)));
        self.serial += 1;
        self.hang_ups.insert((now + lasts, self.serial), (who, line));
    }

    /// The same, later.
    pub fn plan(&mut self, after: Duration, who: Node, dialled: &str, lasts: Duration) {
        self.serial += 1;
        let errand = Errand { who, dialled: dialled.to_owned(), lasts };
        self.errands.insert((self.now + after, self.serial), errand);
    }

    /// Every phone starts anew, as after a power cut.
    pub fn reboot_phones(&mut self) {
        let now = self.now;
        for phone in self.phones() {
            let soon = Duration::from_millis(self.rng.random_range(0..2_000));
            self.with_agent(phone, |agent| agent.reboot(now + soon));
        }
    }

    /// The box stops without a word and starts again, with what it had written down; its clock says what is given. Who hears nobody
    /// any more hangs up after a minute, also the provider.
    pub fn restart(&mut self, civil: Civil) {
        self.exchange = exchange(self.now, &self.settled, &mut self.rng);
        self.relays = Relays::new(PORTS.0..=PORTS.1);
        self.tried.restart();
        (self.civil, self.set) = (civil, self.now);
        self.tell(Input::Kept(self.kept.values().cloned().collect()));
        self.tell(Input::Bonds(self.bonds.clone()));
        self.begin();
        self.tell_blocks();
        let ends: Vec<Node> = self.agents.keys().copied().collect();
        for node in ends {
            self.serial += 1;
            self.hang_ups.insert((self.now + Duration::from_secs(60), self.serial), (node, None));
        }
    }

    /// Blocks of whole addresses go on after a restart, and ports are forgotten, as the daemon does it.
    fn tell_blocks(&mut self) {
        let now = self.now;
        let kept = self.blocks.iter().filter(|(until, block)| block.port.is_none() && *until > now);
        let kept = kept.filter_map(|(until, block)| {
            Some(KeptBlock {
                source: block.source,
                reason: Reason::of_code(block.reason)?,
                page: block.page,
                lasts: until.saturating_duration_since(now),
            })
        });
        let kept = kept.collect();
        self.blocks.iter_mut().for_each(|(until, _)| *until = (*until).min(now));
        self.tell(Input::Blocked(kept));
    }

    /// What the clock on the wall says, which nobody has set since the street was opened or the box was restarted.
    pub fn clock(&self) -> Civil {
        self.civil.after(self.now.saturating_duration_since(self.set))
    }

    /// This time of the day before.
    pub fn yesterday(&self) -> Civil {
        Civil { day: self.civil.day.saturating_sub(1), ..self.civil }
    }

    /// Lets time pass.
    pub fn advance(&mut self, duration: Duration) {
        let until = self.now + duration;
        while let Some(next) = self.next_time().filter(|at| *at <= until) {
            self.now = self.now.max(next);
            self.step();
        }
        self.now = until;
    }

    /// Ends whatever is going on.
    pub fn close(&mut self) {
        let now = self.now;
        let nodes: Vec<Node> = self.agents.keys().copied().collect();
        nodes.into_iter().for_each(|node| self.with_agent(node, |agent| agent.hang_up_all(now)));
        self.advance(Duration::from_secs(40));
    }

    /// How often a counter of the exchange counted.
    pub fn counted(&self, name: &str) -> u64 {
        self.exchange.counted().find(|(one, ..)| *one == name).map_or(0, |(_, count, _)| count)
    }

    /// Wrong passwords that were judged.
    pub const fn judged(&self) -> u64 {
        self.door.judged()
    }

    /// What the box said of who came so far, and what it had judged, is no part of what is played from now on.
    pub fn forget(&mut self) {
        self.named.clear();
        self.told.clear();
        self.door = Door::default();
        self.tried.forget(self.now);
    }

    /// What came to the box's door.
    pub const fn door(&self) -> &Door {
        &self.door
    }

    /// What the office's stories of attempts say.
    pub const fn tried(&self) -> &Stories {
        &self.tried
    }

    /// A number of this run's own.
    pub fn lot(&mut self) -> u64 {
        self.rng.random()
    }

    /// The box is told what the clock on the wall says.
    pub fn strike(&mut self) {
        self.tell(Input::Clock(self.clock()));
    }

    /// The PIN of the office.
    pub const fn pin() -> &'static str {
        PIN
    }

    /// What time it is.
    pub const fn now(&self) -> Instant {
        self.now
    }

    fn next_time(&self) -> Option<Instant> {
        let agents = self.agents.values().filter_map(Agent::poll_timeout);
        let planned =
            [self.errands.keys().next(), self.hang_ups.keys().next()].into_iter().flatten().map(|(at, _)| *at);
        let others = [self.network.poll_timeout(), self.exchange.poll_timeout(), self.relays.poll_timeout()];
        agents.chain(planned).chain(others.into_iter().flatten()).min()
    }

    fn step(&mut self) {
        let now = self.now;
        if let Some(arrivals) = self.network.poll_arrival(now) {
            return arrivals.into_iter().for_each(|arrival| self.arrive(arrival));
        }
        if self.exchange.poll_timeout().is_some_and(|at| at <= now) {
            return self.tell(Input::Timeout);
        }
        let due = self.agents.iter().find(|(_, agent)| agent.poll_timeout().is_some_and(|at| at <= now));
        if let Some(node) = due.map(|(node, _)| *node) {
            return self.with_agent(node, |agent| agent.handle_timeout(now));
        }
        if self.relays.poll_timeout().is_some_and(|at| at <= now) {
            while let Some((onwards, packet)) = self.relays.poll_sound(now) {
                self.deliver(onwards, packet);
            }
            let over = self.relays.poll_events(now);
            return over.into_iter().for_each(|event| self.tell(Input::Media(event)));
        }
        if let Some(entry) = self.errands.first_entry().filter(|entry| entry.key().0 <= now) {
            let Errand { who, dialled, lasts } = entry.remove();
            return self.call(who, &dialled, lasts);
        }
        if let Some(entry) = self.hang_ups.first_entry().filter(|entry| entry.key().0 <= now) {
            let (node, line) = entry.remove();
            let is_called = node == self.provider();
            self.with_agent(node, |agent| match line {
                Some(line) => agent.hang_up(now, line),
                None if is_called => agent.hang_up_all(now),
                None => agent.hang_up_own(now),
            });
        }
    }

    fn arrive(&mut self, arrival: Arrival) {
        let (Arrival::Packet { at, .. } | Arrival::Closed { at, .. } | Arrival::Refused { at, .. }) = arrival;
        let now = self.now;
        let arrival = self.meddled(arrival);
        match arrival {
            _ if at != BOX => self.with_agent(at, |agent| agent.handle_arrival(now, arrival)),
            Arrival::Packet { flow, bytes, .. } if !self.drops(flow.remote) => self.tell(Input::Packet { flow, bytes }),
            Arrival::Packet { .. } => {}
            Arrival::Closed { flow, .. } => self.tell(Input::FlowClosed(flow)),
            Arrival::Refused { target, .. } => self.tell(Input::TargetFailed(target)),
        }
    }

    /// What arrives after whoever is on the way had it.
    fn meddled(&self, arrival: Arrival) -> Arrival {
        let Arrival::Packet { at, flow, bytes } = arrival else { return arrival };
        let (seen, way) =
            if at == BOX { (Some(flow.remote), 0) } else { (self.network.host(at).map(|host| host.seen), 1) };
        let meddler = seen.and_then(|seen| self.meddlers.get(&seen)).map(|meddler| meddler[way]);
        let changed = meddler.zip(std::str::from_utf8(&bytes).ok()).map(|(meddle, text)| Bytes::from(meddle(text)));
        Arrival::Packet { at, flow, bytes: changed.unwrap_or(bytes) }
    }

    /// Whether the firewall keeps it out. From the office a few packets pass: here all, and the door itself must hold.
    fn drops(&self, from: SocketAddr) -> bool {
        self.blocks.iter().any(|(until, block)| {
            let of_it = block.source == from.ip() && block.port.is_none_or(|port| port == from.port());
            of_it && *until > self.now && !block.trickles
        })
    }

    fn tell(&mut self, input: Input) {
        match &input {
            Input::Packet { flow, bytes } => {
                let (from, bytes) = (flow.remote, bytes.clone());
                self.take_packet(from, &bytes, input);
            }
            _ => self.exchange.handle_input(self.now, input),
        }
        self.obey();
    }

    /// The exchange takes a packet, which is looked at as it comes in.
    fn take_packet(&mut self, from: SocketAddr, bytes: &[u8], input: Input) {
        let wrong = |street: &Self| street.counted("wrong_secret") + street.counted("unknown_user");
        let taken = |street: &Self| street.counted("registrations");
        let before = (wrong(self), taken(self));
        let begun = Instant::now();
        self.exchange.handle_input(self.now, input);
        let took = begun.elapsed();
        let is_own = self.own().any(|own| own == from);
        let node = self.network.node_seen(from).or_else(|| self.network.node_at(from.ip()));
        let password = node.and_then(|node| self.agents.get(&node)).map_or("", |agent| &agent.character.password);
        let (is_wrong, is_registered) = (wrong(self) > before.0, taken(self) > before.1);
        let knock = Knock { from, is_own, bytes, password, is_wrong, is_registered, took };
        self.door.knock(self.now, knock);
    }

    /// Whatever the exchange orders is done.
    fn obey(&mut self) {
        let mut news = Vec::new();
        while let Some(output) = self.exchange.poll_output() {
            match output {
                Output::Transmit(transmit) => {
                    self.secrets += usize::from(memmem::find(&transmit.bytes, SECRET).is_some());
                    self.network.send(self.now, BOX, &transmit);
                }
                Output::Media(command) => {
                    self.note_keys(&command);
                    let events = self.relays.handle(self.now, command).expect("the exchange orders what there is");
                    news.extend(events.into_iter().map(Input::Media));
                }
                Output::Resolve(Resolve { trunk, transport, .. }) => {
                    self.lookups += 1;
                    news.push(Input::Resolved { trunk, targets: vec![Target::new(transport, self.leads_to)] });
                }
                // The daemon obeys at once, and nobody takes it back here.
                Output::Hold(person) => {
                    self.holds.push(person.clone());
                    let pressed = Pressed { by: "the box".to_owned(), at_unix_ms: 0 };
                    news.push(Input::Command(Command::Stop { stop: Stop::Paid(person), pressed }));
                }
                Output::Ordered(_) => self.orders += 1,
                Output::Spent(kept) => self.kept.extend(kept.into_iter().map(|one| (one.name.clone(), one))),
                Output::Bound(bound) => self.bonds.push(bound),
                Output::Firewall(block) => {
                    self.door.blocked(self.now, &block);
                    self.blocks.push((self.now + block.lasts, block));
                }
                Output::Lift(source) => self
                    .blocks
                    .iter_mut()
                    .filter(|(_, block)| block.source == source)
                    .for_each(|(until, _)| *until = self.now),
                Output::Told(Told::Problem(problem)) => self.told.push((self.now, problem)),
                Output::Incident(incident) => {
                    self.tried.told(self.now, &incident);
                    self.named.extend(incident.tried.iter().map(|(what, _)| *what));
                }
                _ => {}
            }
        }
        news.into_iter().for_each(|input| self.tell(input));
    }

    fn note_keys(&mut self, command: &Order) {
        match command {
            Order::TakeKeys { relay, side, .. } => self.asked.push((*relay, *side)),
            Order::LeaveKeys { relay, side } => self.asked.retain(|one| one != &(*relay, *side)),
            Order::Close { relay } => self.asked.retain(|(one, _)| one != relay),
            _ => {}
        }
    }

    fn with_agent(&mut self, node: Node, act: impl FnOnce(&mut Agent)) {
        let Some(agent) = self.agents.get_mut(&node) else { return };
        act(agent);
        let mut outputs = Vec::new();
        while let Some(output) = agent.poll_output() {
            outputs.push(output);
        }
        self.stories.extend(agent.take_stories().into_iter().map(|story| (node, story)));
        for output in outputs {
            match output {
                agent::Output::Transmit(transmit) => self.network.send(self.now, node, &transmit),
                agent::Output::Voice { port, to, packets } => {
                    let Some(host) = self.network.host(node) else { continue };
                    let source = SocketAddr::new(host.seen.ip(), port);
                    for packet in packets {
                        if let Some((onwards, packet)) = self.relays.forward(self.now, source, to.port(), &packet) {
                            self.deliver(onwards, packet);
                        }
                    }
                }
                agent::Output::Note(_) => {}
            }
        }
    }

    fn deliver(&mut self, onwards: SocketAddr, mut packet: Vec<u8>) {
        let agent = self.network.node_at(onwards.ip()).and_then(|node| self.agents.get_mut(&node));
        match agent {
            Some(agent) => _ = agent.hear(onwards.port(), &mut packet),
            None => self.strayed += 1,
        }
    }
}
