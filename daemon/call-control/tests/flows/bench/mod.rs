//! The bench: the exchange alone on a table, with a clock that only moves when it is told to and wires that end in inboxes.
//!
//! What a user agent is sent lies in its inbox until the story takes it out; at the end of a story nothing may be left.
//! Messages of user agents are written by hand, as text, so that no fault of our writer can hide behind itself.

mod leg;
mod mailbox;
mod media;
mod office;
mod probes;
mod provider;
mod sdp;
mod ua;
mod watch;

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::time::{Duration, Instant};

use bytes::Bytes;
use centrale_alg::active::Socket;
use centrale_call_control::view::{LineState, ProblemView, TrunkView};
use centrale_call_control::{
    AlertEnd, Bound, CallRecord, Command, Exchange, ExchangeSettings, Firewall, Incident, Input, Interfaces,
    KeptServers, KeptWay, LocalAddress, Ordered, Output, Told,
};
use centrale_config::{Country, Office, OfficeIdentity, Settled};
use centrale_guard::Kept;
use centrale_sip::endpoint::{EndpointSettings, Transmit};
use centrale_sip::flow::{Flow, FlowId, Path, Target, Transport};
use centrale_sip::message::{HeaderName, Message, Method, Request, Response, scan_datagram};

pub(crate) use leg::Leg;
use mailbox::MessageStore;
pub(crate) use media::MediaThread;
pub(crate) use office::{OFFICE, OfficeText, TUESDAY};
pub(crate) use probes::{OUTSIDE, helper_of_linux};
pub(crate) use provider::{Provider, Registrar};
pub(crate) use sdp::{Sdp, audio};
pub(crate) use ua::{Draft, Ua};
pub(crate) use watch::{Watch, attribute, told};

/// The realm of the box's challenges.
pub(crate) const REALM: &str = "office";
/// The box in the office's network, and its other addresses.
pub(crate) const BOX: &str = "192.168.1.10";
pub(crate) const BOX_V6: &str = "fd00::10";
/// How addresses begin to which no packet passes the router.
const BOX_NETWORKS: [&str; 3] = ["192.168.", "127.", "[fd00"];
/// Its media ports.
pub(crate) const PORTS: (u16, u16) = (10_000, 10_199);
/// More timeouts than any story has at one moment: the exchange would be going round in circles.
const MOST_AT_ONCE: usize = 100_000;

/// Answers a request by itself: the texts of its responses, or nothing to leave the request in the inbox.
pub(crate) type Robot = Box<dyn FnMut(Instant, &Request) -> Option<Vec<String>>>;

/// The office's router, shown every message that leaves for the internet: what it makes of it, or nothing to drop it.
pub(crate) type Router = Box<dyn FnMut(&str) -> Option<String>>;

pub(crate) struct Bench {
    pub(crate) exchange: Exchange,
    pub(crate) now: Instant,
    pub(crate) media: MediaThread,
    pub(crate) mailboxes: MessageStore,
    pub(crate) records: Vec<CallRecord>,
    pub(crate) told: Vec<Told>,
    /// What the firewall was asked for.
    pub(crate) blocks: Vec<Firewall>,
    /// Addresses that the firewall was told to be no strangers.
    pub(crate) known: BTreeSet<IpAddr>,
    needed: BTreeSet<FlowId>,
    /// Neighbours that were spoken to.
    pub(crate) stirred: BTreeSet<Ipv4Addr>,
    /// Wherever a packet was sent to.
    pub(crate) sent_to: BTreeSet<SocketAddr>,
    /// Whose packets it drops now, from which port or all, and until when. From the office a few pass: here all, and the door
    /// itself must hold.
    dropping: Vec<(IpAddr, Option<u16>, Instant)>,
    /// What would survive a power cut of what is spent.
    pub(crate) kept: BTreeMap<String, Kept>,
    /// What would survive it of calls, as far as it was kept while they lasted.
    pub(crate) journal: BTreeMap<String, CallRecord>,
    /// What would survive one of the devices of accounts.
    pub(crate) ordered: Vec<Ordered>,
    pub(crate) held: Vec<String>,
    /// What became of the box's own calls to tell somebody something.
    pub(crate) alerted: Vec<(u64, AlertEnd)>,
    pub(crate) bound: Vec<Bound>,
    /// What was to be written down of incidents.
    pub(crate) incidents: Vec<Incident>,
    /// What would survive one of how trunks go round a router.
    pub(crate) ways: BTreeMap<String, KeptWay>,
    pub(crate) servers: BTreeMap<String, KeptServers>,
    /// Ports of a trunk's own, newest last: by the address of its server.
    pub(crate) own_ports: Vec<(IpAddr, Flow)>,
    /// Those that were not closed.
    pub(crate) open_ports: BTreeSet<FlowId>,
    /// Whether the system gives any.
    pub(crate) gives_ports: bool,
    /// Ports are there only later: these.
    pub(crate) late_ports: Option<Vec<Input>>,
    /// How many were ever opened.
    pub(crate) opened_ports: u16,
    /// What the sockets were told of a server: the name of its certificate.
    pub(crate) reached: BTreeMap<SocketAddr, String>,
    /// What left over a new connection, whole or in two segments.
    pub(crate) streamed: Vec<(Target, String)>,
    /// By which streams a question of the doctor's finds somebody.
    pub(crate) streams: BTreeSet<Transport>,
    /// What the resolver knows. A name that is not here is found nowhere.
    pub(crate) names: BTreeMap<String, Vec<Target>>,
    /// Names the resolver was asked for.
    pub(crate) asked: Vec<String>,
    /// Whether the resolver answers at all.
    pub(crate) resolver_answers: bool,
    /// A router that reads what passes. Without one, messages arrive as they were sent.
    pub(crate) router: Option<Router>,
    /// The only server that it looks at, if there is one.
    pub(crate) router_at: Option<SocketAddr>,
    /// What it makes of answers from the internet.
    pub(crate) router_back: Option<Router>,
    /// Throw-away sockets that are open, by the round that they belong to.
    pub(crate) probes: BTreeSet<(u64, Socket)>,
    /// What was sent from one, by its first line.
    pub(crate) probed: Vec<(Instant, Socket, String)>,
    /// What the provider makes of the description of a call to the office's own number, which it brings back to the office.
    pub(crate) loops: Option<fn(&str) -> String>,
    /// A switch that reads what phones of the office send, whatever it makes of it. Without one, they have a plain cable.
    pub(crate) switch: Option<Router>,
    /// A phone at home has the like before it.
    pub(crate) switch_reaches_home: bool,
    /// Addresses where packets get lost.
    pub(crate) lost: BTreeSet<SocketAddr>,
    /// What was sent there, each message once.
    pub(crate) dropped: Vec<(Instant, Message)>,
    /// How often 100 Trying was said.
    pub(crate) trying: usize,
    /// Messages that were sent once more, byte for byte.
    pub(crate) resent: usize,
    inboxes: BTreeMap<SocketAddr, VecDeque<Message>>,
    seen: BTreeSet<(SocketAddr, Bytes)>,
    robots: BTreeMap<SocketAddr, Robot>,
    connections: BTreeMap<(Transport, SocketAddr), FlowId>,
    waiting: VecDeque<Input>,
    start: Instant,
    serial: u64,
    ladder: Vec<String>,
}

impl Bench {
    /// The office of [`OFFICE`], with the box's addresses known.
    pub(crate) fn new() -> Self {
        Self::of(OFFICE)
    }

    pub(crate) fn of(office: &str) -> Self {
        Self::with_ports(office, PORTS)
    }

    pub(crate) fn with_ports(office: &str, rtp_ports: (u16, u16)) -> Self {
        let mut bench = Self::switched_off(office, rtp_ports);
        bench.drain();
        bench.find_interfaces();
        bench
    }

    /// As it starts: nothing is known of the network yet, and nothing was carried out.
    pub(crate) fn switched_off(office: &str, rtp_ports: (u16, u16)) -> Self {
        let now = Instant::now();
        let exchange = Exchange::new(now, settings(rtp_ports), Arc::new(OfficeText::read(office)), [7; 32]);
        let provider = Target::new(Transport::Udp, Provider::ADDRESS.parse().unwrap());
        let mut bench = Self {
            exchange,
            now,
            media: MediaThread::new(rtp_ports),
            mailboxes: MessageStore::default(),
            records: Vec::new(),
            told: Vec::new(),
            blocks: Vec::new(),
            known: BTreeSet::new(),
            needed: BTreeSet::new(),
            stirred: BTreeSet::new(),
            sent_to: BTreeSet::new(),
            dropping: Vec::new(),
            kept: BTreeMap::new(),
            journal: BTreeMap::new(),
            ordered: Vec::new(),
            held: Vec::new(),
            alerted: Vec::new(),
            bound: Vec::new(),
            incidents: Vec::new(),
            names: BTreeMap::from([("sip.provider.example".to_owned(), vec![provider])]),
            asked: Vec::new(),
            resolver_answers: true,
            router: None,
            router_back: None,
            ways: BTreeMap::new(),
            servers: BTreeMap::new(),
            own_ports: Vec::new(),
            open_ports: BTreeSet::new(),
            gives_ports: true,
            late_ports: None,
            opened_ports: 0,
            reached: BTreeMap::new(),
            streamed: Vec::new(),
            streams: BTreeSet::new(),
            router_at: None,
            probes: BTreeSet::new(),
            probed: Vec::new(),
            loops: None,
            switch: None,
            switch_reaches_home: false,
            lost: BTreeSet::new(),
            dropped: Vec::new(),
            trying: 0,
            resent: 0,
            inboxes: BTreeMap::new(),
            seen: BTreeSet::new(),
            robots: BTreeMap::new(),
            connections: BTreeMap::new(),
            waiting: VecDeque::new(),
            start: now,
            serial: 0,
            ladder: Vec::new(),
        };
        Provider::new(&mut bench);
        bench
    }

    /// As it starts, with other limits of SIP.
    pub(crate) fn with_endpoint(endpoint: EndpointSettings) -> Self {
        let mut bench = Self::switched_off(OFFICE, PORTS);
        let office = Arc::new(OfficeText::read(OFFICE));
        bench.exchange = Exchange::with_endpoint(bench.now, settings(PORTS), endpoint, office, [7; 32]);
        bench
    }

    pub(crate) fn find_interfaces(&mut self) {
        let address = |ip: &str, prefix, default_route| LocalAddress { ip: ip.parse().unwrap(), prefix, default_route };
        let interfaces = vec![address("127.0.0.1", 8, false), address(BOX, 24, true), address(BOX_V6, 64, true)];
        self.input(Input::Interfaces(Interfaces::new(interfaces)));
    }

    /// A new revision of the office.
    pub(crate) fn settle(&mut self, office: &str) {
        self.input(Input::Settled(Arc::new(OfficeText::read(office))));
    }

    /// Stops the box as the daemon does: nobody is left before the media thread says its last word.
    pub(crate) fn stop(&mut self) {
        let office = Office::empty(OfficeIdentity::assumed(Country::Netherlands));
        self.waiting.push_back(Input::Stopping);
        self.input(Input::Settled(Arc::new(Settled::new(u64::MAX, Arc::new(office), Vec::new()))));
    }

    pub(crate) fn command(&mut self, command: Command) {
        self.input(Input::Command(command));
    }

    /// Warns the office's ends of a call; whether anybody hears it.
    pub(crate) fn warn(&mut self, call: &str) -> bool {
        let heard = self.exchange.warn(self.now, call);
        self.drain();
        heard
    }

    /// Hands in one input, carries out everything that comes of it, and whatever is due at this very moment.
    pub(crate) fn input(&mut self, input: Input) {
        self.waiting.push_back(input);
        for _ in 0..MOST_AT_ONCE {
            if let Some(input) = self.waiting.pop_front() {
                if self.drops(&input) {
                    continue;
                }
                self.exchange.handle_input(self.now, input);
                self.drain();
            } else if self.exchange.poll_timeout().is_some_and(|at| at <= self.now) {
                self.waiting.push_back(Input::Timeout);
            } else {
                return;
            }
        }
        self.fail("the exchange does not come to rest");
    }

    /// Whether the firewall keeps it out. It does not look into connections that are open.
    fn drops(&self, input: &Input) -> bool {
        let Input::Packet { flow, .. } = input else { return false };
        if flow.transport != Transport::Udp {
            return false;
        }
        let (source, from) = (flow.remote.ip().to_canonical(), flow.remote.port());
        let is_blocked = |(ip, port, until): &(IpAddr, Option<u16>, Instant)| {
            *ip == source && port.is_none_or(|port| port == from) && *until > self.now
        };
        self.dropping.iter().any(is_blocked)
    }

    /// Whether packets from anywhere are dropped.
    pub(crate) fn is_blocking(&self) -> bool {
        !self.dropping.is_empty()
    }

    fn block(&mut self, block: Firewall) {
        self.blocks.push(block);
        if !block.trickles {
            self.dropping.push((block.source, block.port, self.now + block.lasts));
        }
    }

    /// Lets time pass, one timer after the other.
    pub(crate) fn advance(&mut self, duration: Duration) {
        let until = self.now + duration;
        while let Some(at) = self.exchange.poll_timeout().filter(|at| *at <= until) {
            self.now = self.now.max(at);
            self.input(Input::Timeout);
        }
        self.now = until;
    }

    pub(crate) fn seconds(&mut self, seconds: u64) {
        self.advance(Duration::from_secs(seconds));
    }

    /// A packet from a user agent.
    pub(crate) fn packet(&mut self, transport: Transport, from: SocketAddr, text: &str) {
        let mut text = text.to_owned();
        let is_behind_it = self.switch_reaches_home || from.to_string().starts_with("192.168.");
        if let Some(switch) = self.switch.as_mut().filter(|_| is_behind_it) {
            let Some(changed) = switch(&text) else { return };
            text = changed;
        }
        self.note(from, "->", &text);
        let flow = self.flow(transport, from);
        self.input(Input::Packet { flow, bytes: Bytes::copy_from_slice(text.as_bytes()) });
    }

    /// The path by which the box hears a user agent. A stream has one connection, opened when first needed.
    pub(crate) fn flow(&mut self, transport: Transport, remote: SocketAddr) -> Flow {
        let is_open = |flow: &Flow| self.open_ports.contains(&flow.id);
        let own = self.own_ports.iter().rev().find(|(server, flow)| *server == remote.ip() && is_open(flow));
        match own.filter(|_| transport == Transport::Udp) {
            Some((_, flow)) => Flow { local: SocketAddr::new(local_to(remote), flow.local.port()), remote, ..*flow },
            None => self.usual_flow(transport, remote),
        }
    }

    /// The same where the box has no port of a trunk's own.
    fn usual_flow(&mut self, transport: Transport, remote: SocketAddr) -> Flow {
        let port = if transport == Transport::Tls { 5061 } else { 5060 };
        let id = if transport == Transport::Udp {
            FlowId(u64::from(remote.is_ipv6()))
        } else {
            self.serial += 1;
            *self.connections.entry((transport, remote)).or_insert(FlowId(1_000 + self.serial))
        };
        Flow { id, transport, local: SocketAddr::new(local_to(remote), port), remote }
    }

    /// Whether the sockets were told to keep a user agent's connection.
    pub(crate) fn is_kept(&self, ua: &Ua) -> bool {
        self.connections.get(&(ua.transport, ua.at)).is_some_and(|id| self.needed.contains(id))
    }

    /// A connection breaks.
    pub(crate) fn break_connection(&mut self, transport: Transport, remote: SocketAddr) {
        if let Some(id) = self.connections.remove(&(transport, remote)) {
            self.input(Input::FlowClosed(id));
        }
    }

    /// A name or number nobody else has.
    pub(crate) fn serial(&mut self) -> u64 {
        self.serial += 1;
        self.serial
    }

    pub(crate) fn robot(&mut self, at: SocketAddr, robot: Robot) {
        self.robots.insert(at, robot);
    }

    fn drain(&mut self) {
        while let Some(output) = self.exchange.poll_output() {
            match output {
                Output::Transmit(transmit) => self.deliver(&transmit),
                Output::Media(command) => {
                    self.waiting.extend(self.media.carry_out(&command).into_iter().map(Input::Media));
                }
                Output::Resolve(question) => {
                    self.asked.push(question.host.clone());
                    if self.resolver_answers {
                        let targets = self.names.get(&question.host).cloned().unwrap_or_default();
                        self.waiting.push_back(Input::Resolved { trunk: question.trunk, targets });
                    }
                }
                Output::Probe { round, order, .. } => self.probe(round, order),
                Output::Record(record) => self.records.push(*record),
                Output::InProgress(calls) => self.journal.extend(calls.into_iter().map(|call| (call.id.clone(), call))),
                Output::Servers(servers) => drop(self.servers.insert(servers.trunk.clone(), servers)),
                Output::Way(way) => drop(self.ways.insert(way.trunk.clone(), way)),
                Output::OpenPort { trunk, servers } => self.open_port(trunk, &servers),
                Output::PortHears { port, servers } => self.hear_at(port, &servers),
                Output::ClosePort(port) => drop(self.open_ports.remove(&port)),
                Output::Reach { remote, host } => drop(self.reached.insert(remote, host)),
                Output::Ordered(ordered) => self.ordered.push(ordered),
                Output::Hold(person) => self.held.push(person),
                Output::Alerted { id, end } => self.alerted.push((id, end)),
                Output::Bound(bound) => self.bound.push(bound),
                Output::Incident(incident) => self.incidents.push(*incident),
                Output::Spent(lines) => self.kept.extend(lines.into_iter().map(|line| (line.name.clone(), line))),
                Output::Mailbox(order) => self.waiting.extend(self.mailboxes.carry_out(order)),
                Output::Told(told) => self.told.push(told),
                Output::Firewall(block) => self.block(block),
                Output::Lift(source) => self.dropping.retain(|(blocked, ..)| *blocked != source),
                Output::Known(source) => drop(self.known.insert(source)),
                Output::Unknown(source) => drop(self.known.remove(&source)),
                Output::Stir(ip) => drop(self.stirred.insert(ip)),
                Output::Needed(flow) => drop(self.needed.insert(flow)),
            }
        }
    }

    fn open_port(&mut self, trunk: String, servers: &[IpAddr]) {
        let flow = self.gives_ports.then(|| self.unasked_port());
        self.own_ports.extend(flow.iter().flat_map(|flow| servers.iter().map(|server| (*server, *flow))));
        let opened = Input::PortOpened { trunk, flow };
        match &mut self.late_ports {
            Some(late) => late.push(opened),
            None => self.waiting.push_back(opened),
        }
    }

    /// A port of a trunk's own that nobody hears yet.
    pub(crate) fn unasked_port(&mut self) -> Flow {
        self.opened_ports += 1;
        let local = SocketAddr::new(Ipv4Addr::UNSPECIFIED.into(), 30_000 + self.opened_ports);
        let id = FlowId(500 + u64::from(self.opened_ports));
        self.open_ports.insert(id);
        Flow { id, transport: Transport::Udp, local, remote: local }
    }

    fn hear_at(&mut self, port: FlowId, servers: &[IpAddr]) {
        let flow = self.own_ports.iter().find(|(_, flow)| flow.id == port).expect("a port that is open").1;
        self.own_ports.retain(|(_, flow)| flow.id != port);
        self.own_ports.extend(servers.iter().map(|server| (*server, flow)));
    }

    fn deliver(&mut self, transmit: &Transmit) {
        let (transport, remote) = (transmit.path.transport(), transmit.path.remote());
        self.sent_to.insert(remote);
        self.note(remote, "<-", &String::from_utf8_lossy(&transmit.bytes));
        if let Path::Flow(flow) = transmit.path
            && transport != Transport::Udp
            && self.connections.get(&(transport, remote)) != Some(&flow.id)
        {
            // As the sockets do: a message over a connection that is gone fails.
            self.waiting.push_back(Input::FlowClosed(flow.id));
            return;
        }
        if let Path::Flow(flow) = transmit.path
            && (500..1_000).contains(&flow.id.0)
            && !self.open_ports.contains(&flow.id)
        {
            self.fail(&format!("sent by a port that was closed: {flow:?}"));
        }
        if let Path::Target(target) = transmit.path
            && transport.is_reliable()
        {
            self.streamed.push((target, String::from_utf8_lossy(&transmit.bytes).into_owned()));
        }
        if self.lost.contains(&remote) {
            let message = scan_datagram(&transmit.bytes).expect("the box writes what can be read");
            if !self.dropped.iter().any(|(_, known)| is_same(known, &message)) {
                self.dropped.push((self.now, message));
            }
            return;
        }
        if !self.seen.insert((remote, transmit.bytes.clone())) {
            self.resent += 1;
            return;
        }
        if transmit.bytes.starts_with(b"SIP/2.0 100 ") {
            self.trying += 1;
            return;
        }
        let Some(bytes) = self.pass_router(transport, remote, &transmit.bytes) else { return };
        let message = scan_datagram(&bytes).unwrap_or_else(|fault| self.fail(&format!("unreadable: {fault}")));
        message.validate().unwrap_or_else(|fault| self.fail(&format!("invalid: {fault}")));
        let replies = match (&message, self.robots.get_mut(&remote)) {
            (Message::Request(request), Some(robot)) => robot(self.now, request),
            _ => None,
        };
        let Some(replies) = replies else {
            return self.inboxes.entry(remote).or_default().push_back(message);
        };
        if self.is_strange_at(&transmit.path) {
            return;
        }
        let left_by = self.left_by(&transmit.path);
        for reply in replies {
            self.note(remote, "->", &reply);
            let flow = left_by.unwrap_or_else(|| self.usual_flow(transport, remote));
            let bytes = self.pass_back(transport, remote, Bytes::from(reply));
            self.waiting.extend(bytes.map(|bytes| Input::Packet { flow, bytes }));
        }
    }

    /// The path by which the answer comes to what left by a port of a trunk's own.
    fn left_by(&self, path: &Path) -> Option<Flow> {
        let Path::Flow(flow) = path else { return None };
        let own = self.own_ports.iter().any(|(_, own)| own.id == flow.id);
        let local = SocketAddr::new(BOX.parse().unwrap(), flow.local.port());
        own.then_some(Flow { local, ..*flow })
    }

    /// Whether the port of a trunk's own that this leaves by takes in nothing from there.
    fn is_strange_at(&self, path: &Path) -> bool {
        let Path::Flow(flow) = path else { return false };
        let mut servers =
            self.own_ports.iter().filter(|(_, own)| own.id == flow.id).map(|(server, _)| *server).peekable();
        servers.peek().is_some() && servers.all(|server| server != flow.remote.ip())
    }

    fn pass_back(&mut self, transport: Transport, remote: SocketAddr, bytes: Bytes) -> Option<Bytes> {
        let is_read = self.is_read(transport, remote);
        match self.router_back.as_mut().filter(|_| is_read) {
            Some(router) => router(&String::from_utf8_lossy(&bytes)).map(Bytes::from),
            None => Some(bytes),
        }
    }

    fn pass_router(&mut self, transport: Transport, remote: SocketAddr, bytes: &Bytes) -> Option<Bytes> {
        let is_read = self.is_read(transport, remote);
        match self.router.as_mut().filter(|_| is_read) {
            Some(router) => router(&String::from_utf8_lossy(bytes)).map(Bytes::from),
            None => Some(bytes.clone()),
        }
    }

    /// Whether the router looks into what passes between the box and that machine. Nobody on the way reads TLS.
    fn is_read(&self, transport: Transport, remote: SocketAddr) -> bool {
        let outside = !BOX_NETWORKS.iter().any(|network| remote.to_string().starts_with(network));
        transport != Transport::Tls && outside && self.router_at.is_none_or(|only| only == remote)
    }

    /// Takes the first message that fits out of an inbox.
    pub(crate) fn take<T>(&mut self, at: SocketAddr, fits: impl Fn(&Message) -> Option<T>) -> Option<T> {
        let inbox = self.inboxes.get_mut(&at)?;
        let index = inbox.iter().position(|message| fits(message).is_some())?;
        inbox.remove(index).as_ref().and_then(fits)
    }

    pub(crate) fn take_request(&mut self, at: SocketAddr, method: &Method) -> Option<Request> {
        self.take(at, |message| match message {
            Message::Request(request) if request.method == *method => Some(request.clone()),
            _ => None,
        })
    }

    pub(crate) fn take_response(&mut self, at: SocketAddr, fits: impl Fn(&Response) -> bool) -> Option<Response> {
        self.take(at, |message| match message {
            Message::Response(response) if fits(response) => Some(response.clone()),
            _ => None,
        })
    }

    /// What lies unread, one line a message.
    pub(crate) fn unread(&self) -> Vec<String> {
        let of = |(at, inbox): (&SocketAddr, &VecDeque<Message>)| {
            inbox.iter().map(|message| format!("{at} {}", first_line(message))).collect::<Vec<_>>()
        };
        self.inboxes.iter().flat_map(of).collect()
    }

    /// Nobody was sent anything that the story did not speak of.
    #[track_caller]
    pub(crate) fn quiet(&self) {
        let unread = self.unread();
        if !unread.is_empty() {
            self.fail(&format!("unread: {unread:#?}"));
        }
    }

    /// The end of a story: after minutes in which nobody does anything, everything that a call held is given back.
    #[track_caller]
    pub(crate) fn over(mut self) -> Vec<CallRecord> {
        self.seconds(200);
        self.quiet();
        let held = self.exchange.holdings();
        if !held.is_empty() {
            self.fail(&format!("still held: {held:?}"));
        }
        if !self.media.is_empty() {
            self.fail("a relay is still open");
        }
        self.records
    }

    pub(crate) fn lamp(&self, number: &str) -> LineState {
        let people = self.exchange.snapshot(self.now).people;
        people.into_iter().find(|person| person.number == number).unwrap().state
    }

    pub(crate) fn trunk(&self, name: &str) -> TrunkView {
        self.exchange.snapshot(self.now).trunks.into_iter().find(|trunk| trunk.name == name).unwrap()
    }

    pub(crate) fn problems(&self) -> Vec<ProblemView> {
        self.exchange.snapshot(self.now).problems
    }

    pub(crate) fn has_problem(&self, code: &str, subject: &str) -> bool {
        self.problems().iter().any(|problem| problem.code == code && problem.subject == subject)
    }

    /// One of the counters that the box publishes, by its name there.
    #[track_caller]
    pub(crate) fn counted(&self, name: &str) -> u64 {
        self.exchange.counted().find(|(one, ..)| *one == name).unwrap().1
    }

    fn note(&mut self, remote: SocketAddr, arrow: &str, text: &str) {
        let at = self.now.saturating_duration_since(self.start).as_secs_f32();
        let (line, cseq) =
            (text.lines().next().unwrap_or_default(), text.lines().find(|line| line.starts_with("CSeq")));
        self.ladder.push(format!("{at:>9.1}s {arrow} {remote:<24} {line}   [{}]", cseq.unwrap_or_default()));
    }

    /// Stops the test, with everything that was sent so far.
    #[track_caller]
    pub(crate) fn fail(&self, why: &str) -> ! {
        let from = self.ladder.len().saturating_sub(80);
        panic!("{why}\n{}", self.ladder[from..].join("\n"))
    }
}

fn settings(rtp_ports: (u16, u16)) -> ExchangeSettings {
    ExchangeSettings { sip_port: 5060, sip_tls_port: 5061, rtp_ports, realm: REALM.into(), named: Vec::new() }
}

/// The box's address that a user agent knows it by.
fn local_to(remote: SocketAddr) -> IpAddr {
    let ip = match remote {
        _ if remote.ip().is_loopback() => "127.0.0.1",
        SocketAddr::V6(_) => BOX_V6,
        SocketAddr::V4(_) => BOX,
    };
    ip.parse().unwrap()
}

/// Whether it is the same request, sent again.
fn is_same(one: &Message, two: &Message) -> bool {
    let branch = |message: &Message| match message {
        Message::Request(request) => request.headers.text(&HeaderName::Via).map(|via| via.into_owned()),
        Message::Response(_) => None,
    };
    branch(one).is_some() && branch(one) == branch(two)
}

fn first_line(message: &Message) -> String {
    match message {
        Message::Request(request) => format!("{} {}", request.method, request.uri),
        Message::Response(response) => {
            let method = response.headers.cseq().map(|cseq| cseq.method.to_string()).unwrap_or_default();
            format!("{} to {method}", response.status.code())
        }
    }
}
