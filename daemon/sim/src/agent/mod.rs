//! A scripted user agent: a desk phone, a softphone behind a router, or a provider. It speaks through the same
//! [`Endpoint`], dialogs and digest as the product, but knows nothing of the exchange: it is the other end.
//!
//! In: arrivals, time, and what a person does with it ([`Agent::call`] and its neighbours). Out: messages and counted voice.

mod description;
mod incoming;
mod line;
mod outgoing;
mod provider;
mod register;
mod transfer;
mod voice;
mod watch;

use std::collections::{BTreeMap, VecDeque};
use std::net::SocketAddr;
use std::time::{Duration, Instant};

use centrale_sip::auth::{Algorithm, Authenticator, Ha1};
use centrale_sip::dialog::DialogId;
use centrale_sip::endpoint::{ClientKey, Endpoint, EndpointSettings, Event, ServerKey, Transmit};
use centrale_sip::flow::{Flow, Path, Target, Transport};
use centrale_sip::message::{HeaderName, Method, NameAddr, Request, SipUri, Status};
use rand::rngs::StdRng;
use rand::{RngExt as _, SeedableRng as _};

use crate::network::{Arrival, DATAGRAMS};
pub use line::{Ending, LineKey, Story};
use line::{Line, State};
use provider::Registered;
use register::Registration;
pub use watch::{Lamp, Package, Wish};
use watch::{Watch, WatchKey};

/// Who an agent is, and how it behaves.
#[derive(Debug, Clone)]
pub struct Character {
    /// What the ladder calls it.
    pub name: String,
    /// Its User-Agent.
    pub user_agent: String,
    /// Its number, and the user part of its addresses.
    pub number: String,
    /// Digest user name.
    pub username: String,
    /// Digest secret; a stubborn phone has a wrong one and never gives up.
    pub password: String,
    /// How it speaks SIP.
    pub transport: Transport,
    /// How long it registers for, seconds; 0 when it does not.
    pub expires: u32,
    /// It leaves the offer to the other end (a late offer).
    pub late_offer: bool,
    /// It holds as RFC 2543 said, with c=0.0.0.0.
    pub old_hold: bool,
    /// It can SRTP, and offers it where signalling is under TLS.
    pub srtp: bool,
    /// It knows every codec there is, so that its offers do not fit into a datagram.
    pub long_offer: bool,
    /// Its Allow names UPDATE.
    pub update: bool,
    /// It is a provider: it takes a registration, and its calls come from outside.
    pub provider: bool,
    /// As a provider: it asks for proof before it takes a call.
    pub challenges_calls: bool,
    /// Emergency numbers: a provider always answers them.
    pub emergency: &'static [&'static str],
}

/// Where it is.
#[derive(Debug, Clone, Copy)]
pub struct Place {
    /// Its own address.
    pub inside: SocketAddr,
    /// The box as it sees it.
    pub box_seen: SocketAddr,
}

/// What comes out.
#[derive(Debug)]
pub enum Output {
    /// A message.
    Transmit(Transmit),
    /// One second of voice.
    Voice {
        /// From this port.
        port: u16,
        /// To where the last description said.
        to: SocketAddr,
        /// RTP or SRTP.
        packets: Vec<Vec<u8>>,
    },
    /// Something a person would notice.
    Note(String),
}

/// What it will do by itself.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Wake {
    Register,
    Ring(LineKey),
    Progress(LineKey),
    Answer(LineKey),
    Refuse(LineKey, u16),
    GiveUp(LineKey),
    HangUp(LineKey),
    Hold(LineKey, bool),
    Transfer(LineKey),
    Voice(LineKey),
    Subscribe(WatchKey),
}

/// What becomes of a call that rings.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Habit {
    /// Anything.
    Moody,
    /// It is answered.
    Obliging,
    /// It rings.
    Away,
    /// It is busy, but for help.
    Busy,
    /// It says where its person is to be called instead.
    Moved,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Purpose {
    Register,
    Invite(LineKey),
    Reinvite(LineKey),
    Refer(LineKey),
    Subscribe(WatchKey),
    Other,
}

/// A scripted user agent.
#[derive(Debug)]
pub struct Agent {
    /// Who it is.
    pub character: Character,
    /// What it knows in place of the password, if it was never told that.
    digest: Option<(Algorithm, Ha1)>,
    place: Place,
    endpoint: Endpoint,
    rng: StdRng,
    registration: Registration,
    registered: Option<Registered>,
    authenticator: Authenticator,
    agenda: BTreeMap<(Instant, u64), Wake>,
    serial: u64,
    lines: BTreeMap<LineKey, Line>,
    next_line: u64,
    clients: BTreeMap<ClientKey, Purpose>,
    servers: BTreeMap<ServerKey, LineKey>,
    dialogs: BTreeMap<DialogId, LineKey>,
    outputs: VecDeque<Output>,
    stories: Vec<Story>,
    watches: BTreeMap<WatchKey, Watch>,
    next_watch: u64,
    habit: Habit,
    tireless: bool,
    /// Where its person is to be called instead.
    moved_to: String,
    /// Its own name for itself (`+sip.instance`).
    instance: Option<String>,
    /// It asks the box for proof of whatever the box asks of it; how often it was given one.
    demands: Option<u32>,
    /// As a provider: since when somebody else is registered under the same account.
    another_since: Option<Instant>,
}

impl Agent {
    /// One that is switched on at `now` and registers soon.
    pub fn new(now: Instant, character: Character, place: Place, mut rng: StdRng) -> Self {
        let mut agent = Self {
            endpoint: Endpoint::new(EndpointSettings::default(), rng.random()),
            registration: Registration::new(&mut rng),
            registered: None,
            authenticator: Authenticator::new("provider.example", &rng.random()),
            character,
            digest: None,
            place,
            rng,
            agenda: BTreeMap::new(),
            serial: 0,
            lines: BTreeMap::new(),
            next_line: 0,
            clients: BTreeMap::new(),
            servers: BTreeMap::new(),
            dialogs: BTreeMap::new(),
            outputs: VecDeque::new(),
            stories: Vec::new(),
            watches: BTreeMap::new(),
            next_watch: 0,
            habit: Habit::Moody,
            tireless: false,
            moved_to: String::new(),
            instance: None,
            demands: None,
            another_since: None,
        };
        let soon = Duration::from_millis(agent.rng.random_range(0..3_000));
        agent.wake(now + soon, Wake::Register);
        agent
    }

    /// It was told this digest and no password.
    pub fn knows(&mut self, algorithm: Algorithm, ha1: Ha1) {
        self.digest = Some((algorithm, ha1));
    }

    /// Forgets everything, as when the power went: nobody is told.
    pub fn reboot(&mut self, now: Instant) {
        let rng = StdRng::from_seed(self.rng.random());
        let before = Self::new(now, self.character.clone(), self.place, rng);
        let before = std::mem::replace(self, before);
        (self.digest, self.habit, self.tireless) = (before.digest, before.habit, before.tireless);
        (self.moved_to, self.instance, self.demands) = (before.moved_to, before.instance, before.demands);
    }

    /// Takes what arrived.
    pub fn handle_arrival(&mut self, now: Instant, arrival: Arrival) {
        match arrival {
            Arrival::Packet { flow, bytes, .. } => self.endpoint.handle_packet(now, flow, bytes),
            Arrival::Closed { flow, .. } => {
                self.endpoint.handle_flow_closed(now, flow);
                let soon = Duration::from_millis(self.rng.random_range(1_000..5_000));
                self.wake(now + soon, Wake::Register);
            }
            Arrival::Refused { target, .. } => self.endpoint.handle_target_failed(now, target),
        }
        self.drain_events(now);
    }

    /// Does what is due.
    pub fn handle_timeout(&mut self, now: Instant) {
        self.endpoint.handle_timeout(now);
        self.drain_events(now);
        while let Some(entry) = self.agenda.first_entry().filter(|entry| entry.key().0 <= now) {
            let wake = entry.remove();
            self.handle_wake(now, &wake);
            self.drain_events(now);
        }
    }

    /// When it wants to be woken.
    pub fn poll_timeout(&self) -> Option<Instant> {
        let own = self.agenda.keys().next().map(|(at, _)| *at);
        [own, self.endpoint.poll_timeout()].into_iter().flatten().min()
    }

    /// What comes out.
    pub fn poll_output(&mut self) -> Option<Output> {
        self.outputs.pop_front().or_else(|| self.endpoint.poll_transmit().map(Output::Transmit))
    }

    /// The calls that are over since this was asked last.
    pub fn take_stories(&mut self) -> Vec<Story> {
        std::mem::take(&mut self.stories)
    }

    /// Calls that are not over.
    pub fn open_lines(&self) -> usize {
        self.lines.len()
    }

    /// How its last attempt to register ended.
    pub const fn registration_status(&self) -> Option<Status> {
        self.registration.status
    }

    /// From now on it answers every call.
    pub const fn oblige(&mut self) {
        self.habit = Habit::Obliging;
    }

    /// From now on nobody is there: it rings until who calls gives up.
    pub const fn be_away(&mut self) {
        self.habit = Habit::Away;
    }

    /// From now on it is in a call, whoever calls, but for help.
    pub const fn be_busy(&mut self) {
        self.habit = Habit::Busy;
    }

    /// From now on it says of every call that its person is to be called there instead (302).
    pub fn move_to(&mut self, number: &str) {
        (self.habit, self.moved_to) = (Habit::Moved, number.to_owned());
    }

    /// From now on it names itself when it registers (RFC 5626).
    pub fn name_itself(&mut self, instance: &str) {
        self.instance = Some(instance.to_owned());
    }

    /// How it names itself.
    pub fn instance(&self) -> Option<&str> {
        self.instance.as_deref()
    }

    /// From now on it asks the box for proof, whatever the box asks of it.
    pub const fn demand_proof(&mut self) {
        self.demands = Some(0);
    }

    /// How often the box gave one.
    pub const fn proofs_of_the_box(&self) -> u32 {
        match self.demands {
            Some(given) => given,
            None => 0,
        }
    }

    /// As a provider: somebody else registers under the same account.
    pub const fn take_another(&mut self, now: Instant) {
        self.another_since = Some(now);
    }

    /// When that was.
    pub const fn another_since(&self) -> Option<Instant> {
        self.another_since
    }

    /// Asks the box to forget every phone of its number.
    pub fn wipe(&mut self, now: Instant) {
        self.registration.wipe();
        self.register_now(now);
    }

    /// Hands the first call that it is in on to that number.
    pub fn hand_on(&mut self, now: Instant, number: &str) {
        let talking = self.lines.iter().find(|(_, line)| line.state == State::Talking).map(|(key, _)| *key);
        if let Some(key) = talking {
            self.transfer_to(now, key, number, "");
            self.drain_events(now);
        }
    }

    /// Whether a call rings here.
    pub fn is_ringing(&self) -> bool {
        self.lines.values().any(|line| line.state == State::Ringing)
    }

    /// Whether somebody talks here.
    pub fn is_talking(&self) -> bool {
        self.lines.values().any(|line| line.state == State::Talking)
    }

    /// From now on it ends, holds and hands on no call by itself.
    pub const fn talk_on(&mut self) {
        self.tireless = true;
    }

    /// Registers at once, whenever it would by itself.
    pub fn register_now(&mut self, now: Instant) {
        self.register(now);
        self.drain_events(now);
    }

    /// Voice arrives at one of its ports. Whether it was understood; `None` where nobody listens any more.
    pub fn hear(&mut self, port: u16, packet: &mut [u8]) -> Option<bool> {
        self.lines.values_mut().find(|line| line.port == port).map(|line| line.voice.hear(packet))
    }

    fn handle_wake(&mut self, now: Instant, wake: &Wake) {
        match *wake {
            Wake::Register => self.register(now),
            Wake::Ring(line) => self.say(now, line, Status::RINGING),
            Wake::Progress(line) => self.say(now, line, Status::SESSION_PROGRESS),
            Wake::Answer(line) => self.say(now, line, Status::OK),
            Wake::Refuse(line, code) => self.say(now, line, Status::new(code).unwrap_or(Status::DECLINE)),
            Wake::GiveUp(line) => self.give_up(now, line),
            Wake::HangUp(line) => self.hang_up(now, line),
            Wake::Hold(line, held) => self.hold(now, line, held),
            Wake::Transfer(line) => self.transfer(now, line),
            Wake::Voice(line) => self.speak(now, line),
            Wake::Subscribe(key) => self.subscribe_again(now, key),
        }
    }

    fn drain_events(&mut self, now: Instant) {
        while let Some(event) = self.endpoint.poll_event() {
            match event {
                Event::Request { key, request, flow, .. } => self.handle_request(now, key, &request, flow),
                Event::Cancelled { key } => self.handle_cancelled(now, key),
                Event::Acknowledged { key, ack, .. } => self.handle_acknowledged(now, key, &ack),
                Event::NeverAcknowledged { key } => {
                    if let Some(line) = self.servers.remove(&key) {
                        self.hang_up(now, line);
                    }
                }
                Event::Response { key, response, flow, .. } => self.handle_response(now, key, &response, flow),
                Event::TimedOut { key } => self.handle_failure(now, key, Status::REQUEST_TIMEOUT),
                Event::TransportFailed { key } => self.handle_failure(now, key, Status::SERVICE_UNAVAILABLE),
                Event::Refused { fault, .. } => self.note(format!("cannot read the box: {fault}")),
            }
        }
    }

    fn wake(&mut self, at: Instant, wake: Wake) {
        self.serial += 1;
        self.agenda.insert((at, self.serial), wake);
    }

    fn note(&mut self, text: impl Into<String>) {
        self.outputs.push_back(Output::Note(text.into()));
    }

    fn between(&mut self, from: u64, to: u64) -> Duration {
        Duration::from_millis(self.rng.random_range(from..to))
    }

    fn token(&mut self) -> String {
        format!("{:012x}", self.rng.random::<u64>() >> 16)
    }

    /// How it reaches the box: always by its proxy, as phones are set up, whatever a Contact says.
    fn way(&self) -> Path {
        if let Some(registered) = &self.registered {
            return Path::Flow(registered.flow);
        }
        let (transport, remote) = (self.character.transport, self.place.box_seen);
        match transport {
            Transport::Udp => Path::Flow(Flow { id: DATAGRAMS, transport, local: self.place.inside, remote }),
            Transport::Tcp | Transport::Tls => Path::Target(Target::new(transport, remote)),
        }
    }

    fn contact(&self) -> String {
        let uri = SipUri::at(Some(&self.character.number), self.place.inside, self.character.transport);
        NameAddr::new(uri).to_string()
    }

    fn allow(&self) -> &'static str {
        if self.character.update {
            "INVITE, ACK, CANCEL, BYE, OPTIONS, INFO, NOTIFY, UPDATE"
        } else {
            "INVITE, ACK, CANCEL, BYE, OPTIONS, INFO, NOTIFY"
        }
    }

    /// An address at the box.
    fn at_box(&self, user: &str) -> NameAddr {
        NameAddr::new(SipUri::new(Some(user), self.place.box_seen.ip().into(), None))
    }

    fn send(&mut self, now: Instant, request: Request, purpose: Purpose) -> ClientKey {
        let way = self.way();
        let key = self.endpoint.send_request(now, request, way, self.place.inside);
        self.clients.insert(key, purpose);
        key
    }

    /// A request outside of a dialog, without Contact and body.
    fn request(&self, method: &Method, uri: SipUri, to: &NameAddr, (call_id, tag, cseq): (&str, &str, u32)) -> Request {
        let from = self.at_box(&self.character.number).named(&self.character.name).tagged(tag);
        let mut request = Request::new(method.clone(), uri);
        request.headers.push(HeaderName::From, from.to_string());
        request.headers.push(HeaderName::To, to.to_string());
        request.headers.push(HeaderName::CallId, call_id.to_owned());
        request.headers.push(HeaderName::CSeq, format!("{cseq} {method}"));
        request
    }
}
