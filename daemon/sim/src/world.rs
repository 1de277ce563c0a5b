//! Lets time pass: whatever is due next happens, the exchange's outputs are carried out, and everything is checked.

use std::collections::BTreeMap;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::{Duration, Instant};

use bytes::Bytes;
use centrale_alg::active;
use centrale_call_control::view::{LineState, TrunkState};
use centrale_call_control::{
    Command, Exchange, ExchangeSettings, Input, Interfaces, LocalAddress, MailboxNews, Output, Resolve, WayOut,
};
use centrale_config::Settled;
use centrale_rtp::relay;
use centrale_sip::endpoint::Transmit;
use centrale_sip::flow::Target;
use centrale_sip::message::{Message, scan_datagram};
use rand::rngs::StdRng;
use rand::{RngExt as _, SeedableRng as _};

use crate::agent::{self, Agent, Place, Story};
use crate::checks::{Checks, Held, Violation};
use crate::ladder::{Entry, Trace, What};
use crate::media::Relays;
use crate::messages::Messages;
use crate::network::{Arrival, BOX, Network, Node};
use crate::scenario::{Act, BOX_V4, BOX_V6, END, Party, Scenario};

/// More steps than any run takes: beyond, something goes round for ever.
const MOST_STEPS: u64 = 2_000_000;

/// What became of a run.
#[derive(Debug)]
pub struct Report {
    /// Its seed.
    pub seed: u64,
    /// Everything that happened.
    pub trace: Trace,
    /// What went wrong, if something did.
    pub violation: Option<Violation>,
    /// Calls that both ends knew as answered.
    pub answered: usize,
    /// How the callers' calls ended.
    pub endings: BTreeMap<String, usize>,
    /// Packets of sounds of the box's own that somebody heard.
    pub sounds: u64,
    /// Messages that were left in mailboxes.
    pub messages: u64,
    /// Steps it took.
    pub steps: u64,
}

impl Report {
    /// Seed, sentence and ladder: what is needed to understand a failure and to run it again.
    pub fn explain(&self, rows: usize, all: bool) -> String {
        let verdict = self.violation.as_ref().map_or("every invariant holds".to_owned(), ToString::to_string);
        let (seed, ladder) = (self.seed, self.trace.to_ladder(rows, all));
        format!("seed {seed}: {verdict}\n{ladder}seed {seed}: {verdict}\nagain: sim --seed {seed}\n")
    }
}

/// Runs one seed. `start` is the moment the virtual clock begins at; nothing else of it matters.
pub fn run(start: Instant, seed: u64) -> Report {
    let mut world = World::new(start, seed);
    let violation = world.run().err();
    Report {
        seed,
        answered: world.checks.answered_calls(),
        endings: world.checks.endings(),
        sounds: world.sounds,
        messages: world.messages.kept(),
        trace: world.trace,
        violation,
        steps: world.steps,
    }
}

/// What happens at a given time, besides arrivals and timers.
#[derive(Debug)]
enum Planned {
    Act(Act),
    Resolved { trunk: String, targets: Vec<Target> },
    Mailbox(MailboxNews),
}

struct World {
    start: Instant,
    now: Instant,
    exchange: Exchange,
    network: Network,
    agents: BTreeMap<Node, Agent>,
    parties: Vec<Party>,
    relays: Relays,
    messages: Messages,
    checks: Checks,
    plan: BTreeMap<(Instant, u64), Planned>,
    serial: u64,
    trace: Trace,
    rng: StdRng,
    leaving: Vec<String>,
    /// Until when a host was last away.
    away: BTreeMap<Node, Instant>,
    refused_help: Vec<String>,
    sounds: u64,
    steps: u64,
}

impl World {
    fn new(start: Instant, seed: u64) -> Self {
        let mut scenario = Scenario::new(seed);
        let rng = &mut scenario.rng;
        let (first, last) = scenario.rtp_ports;
        let settings = ExchangeSettings {
            sip_port: 5060,
            sip_tls_port: 5061,
            rtp_ports: (first, last),
            realm: "office".into(),
            named: Vec::new(),
        };
        let exchange = Exchange::new(start, settings, Arc::clone(&scenario.settled), rng.random());
        let mut network = Network::new(StdRng::from_seed(rng.random()));
        let (mut agents, mut names) = (BTreeMap::new(), vec!["box".to_owned()]);
        for (index, party) in scenario.parties.iter().enumerate() {
            let (node, host) = (Node(index + 1), party.host.clone());
            let place = Place { inside: host.inside, box_seen: host.box_seen };
            agents.insert(node, Agent::new(start, party.character.clone(), place, StdRng::from_seed(rng.random())));
            names.push(party.character.name.clone());
            network.add(node, host);
        }
        let mut world = Self {
            start,
            now: start,
            exchange,
            network,
            agents,
            parties: scenario.parties,
            relays: Relays::new(first..=last),
            messages: Messages::default(),
            checks: Checks::new(scenario.secrets, scenario.emergency, scenario.plan),
            plan: BTreeMap::new(),
            serial: 0,
            trace: Trace { names, entries: Vec::new() },
            rng: scenario.rng,
            leaving: scenario.leaving,
            away: BTreeMap::new(),
            refused_help: Vec::new(),
            sounds: 0,
            steps: 0,
        };
        for (after, act) in scenario.acts {
            world.plan(after, Planned::Act(act));
        }
        world
    }

    fn plan(&mut self, after: Duration, planned: Planned) {
        self.serial += 1;
        self.plan.insert((self.now + after, self.serial), planned);
    }

    fn run(&mut self) -> Result<(), Violation> {
        self.tell_box(Input::Interfaces(addresses()))?;
        self.tell_box(Input::WayOut(WayOut::default()))?;
        let end = self.start + END;
        while let Some(next) = self.next_time().filter(|at| *at <= end) {
            self.steps += 1;
            if self.steps > MOST_STEPS {
                return Err(Violation { invariant: 2, what: "it does not come to an end".into() });
            }
            self.now = self.now.max(next);
            self.step()?;
        }
        self.check_end()
    }

    fn next_time(&self) -> Option<Instant> {
        let agents = self.agents.iter().filter(|(node, _)| self.is_up(**node));
        let agents = agents.filter_map(|(_, agent)| agent.poll_timeout());
        let planned = self.plan.keys().next().map(|(at, _)| *at);
        let others = [self.network.poll_timeout(), self.exchange.poll_timeout(), self.relays.poll_timeout(), planned];
        agents.chain(others.into_iter().flatten()).min()
    }

    fn is_up(&self, node: Node) -> bool {
        self.network.host(node).is_some_and(|host| host.up)
    }

    /// One thing that is due: arrivals first, then the box, then the agents in their order, then sounds, then what is planned.
    fn step(&mut self) -> Result<(), Violation> {
        let now = self.now;
        if let Some(arrivals) = self.network.poll_arrival(now) {
            return arrivals.into_iter().try_for_each(|arrival| self.arrive(arrival));
        }
        if self.exchange.poll_timeout().is_some_and(|at| at <= now) {
            return self.tell_box(Input::Timeout);
        }
        let due = self
            .agents
            .iter()
            .find(|(node, agent)| self.is_up(**node) && agent.poll_timeout().is_some_and(|at| at <= now));
        if let Some(node) = due.map(|(node, _)| *node) {
            return self.with_agent(node, |agent| agent.handle_timeout(now));
        }
        if self.relays.poll_timeout().is_some_and(|at| at <= now) {
            return self.carry_sounds();
        }
        match self.plan.first_entry().filter(|entry| entry.key().0 <= now).map(|entry| entry.remove()) {
            Some(Planned::Act(act)) => self.act(act),
            Some(Planned::Mailbox(news)) => self.tell_box(Input::Mailbox(news)),
            Some(Planned::Resolved { trunk, targets }) => self.tell_box(Input::Resolved { trunk, targets }),
            None => Ok(()),
        }
    }

    fn arrive(&mut self, arrival: Arrival) -> Result<(), Violation> {
        let (Arrival::Packet { at, .. } | Arrival::Closed { at, .. } | Arrival::Refused { at, .. }) = arrival;
        if at != BOX {
            let now = self.now;
            return self.with_agent(at, |agent| agent.handle_arrival(now, arrival));
        }
        match arrival {
            Arrival::Packet { flow, bytes, .. } => {
                let office = is_office(flow.remote.ip());
                if let Some(from) = self.node_of(flow.remote) {
                    self.checks.arrived(self.now, from, office, flow.id, &bytes);
                }
                self.tell_box(Input::Packet { flow, bytes })
            }
            Arrival::Closed { flow, .. } => {
                self.note(BOX, "connection closed");
                self.checks.closed(flow);
                self.tell_box(Input::FlowClosed(flow))
            }
            Arrival::Refused { target, .. } => {
                self.note(BOX, "connection refused");
                self.tell_box(Input::TargetFailed(target))
            }
        }
    }

    fn node_of(&self, remote: SocketAddr) -> Option<Node> {
        self.network.node_at(remote.ip())
    }

    fn tell_box(&mut self, input: Input) -> Result<(), Violation> {
        self.exchange.handle_input(self.now, input);
        self.drain_box()
    }

    fn drain_box(&mut self) -> Result<(), Violation> {
        let (mut media, mut refused) = (Vec::new(), Vec::new());
        while let Some(output) = self.exchange.poll_output() {
            match output {
                Output::Transmit(transmit) => {
                    let to = self.node_of(transmit.path.remote()).unwrap_or(BOX);
                    self.checks.sent(to, transmit.path.transport(), &transmit.bytes)?;
                    self.trace_message(BOX, to, &transmit.bytes);
                    self.network.send(self.now, BOX, &transmit);
                }
                Output::Media(command) => {
                    if let relay::Command::Open { relay, media, .. } = &command {
                        self.checks.opened(*relay, media.local.port());
                    }
                    let event =
                        self.relays.handle(self.now, command).map_err(|what| Violation { invariant: 2, what })?;
                    media.extend(event);
                }
                Output::Resolve(question) => self.resolve(question),
                // There are no throw-away sockets here: the doctor's questions go over the SIP port alone.
                Output::Probe { round, order: active::Output::Open { socket, .. }, .. } => {
                    refused.push(Input::Probed { round, news: active::Input::Failed { socket } });
                }
                Output::Probe { .. } | Output::Reach { .. } | Output::PortHears { .. } | Output::ClosePort(_) => {}
                // Nor other ports: the SIP port serves.
                Output::OpenPort { trunk, .. } => refused.push(Input::PortOpened { trunk, flow: None }),
                Output::Record(record) => self.checks.recorded(&record)?,
                // Nobody was blocked before.
                Output::Spent(_)
                | Output::Bound(_)
                | Output::InProgress(_)
                | Output::Incident(_)
                | Output::Way(_)
                | Output::Servers(_) => {}
                Output::Lift(_) | Output::Known(_) | Output::Unknown(_) | Output::Needed(_) | Output::Stir(_) => {}
                Output::Ordered(_) | Output::Hold(_) | Output::Alerted { .. } => {}
                Output::Mailbox(order) => {
                    let after = Duration::from_millis(self.rng.random_range(1..50));
                    for news in self.messages.carry_out(order)? {
                        self.plan(after, Planned::Mailbox(news));
                    }
                }
                Output::Told(told) => self.checks.told(told)?,
                Output::Firewall(block) => self.checks.blocked(&block)?,
            }
        }
        let snapshot = self.exchange.snapshot(self.now);
        let held = Held { relays: self.relays.len(), calls_in_hand: self.exchange.calls_in_hand() };
        self.checks.after_step(self.now, &snapshot, held)?;
        media.into_iter().map(Input::Media).chain(refused).try_for_each(|input| self.tell_box(input))
    }

    /// The resolver: it answers, and sometimes that there is no such name.
    fn resolve(&mut self, question: Resolve) {
        let named = |party: &&Party| question.host == format!("{}.example", party.character.name);
        let found = self.parties.iter().find(named).filter(|_| self.rng.random_ratio(9, 10));
        let (transport, remote) = (question.transport, found.map(|party| party.host.seen));
        let targets = remote.into_iter().map(|remote| Target::new(transport, remote)).collect();
        let after = Duration::from_millis(self.rng.random_range(1..300));
        self.plan(after, Planned::Resolved { trunk: question.trunk, targets });
    }

    fn with_agent(&mut self, node: Node, act: impl FnOnce(&mut Agent)) -> Result<(), Violation> {
        if !self.is_up(node) {
            return Ok(());
        }
        let Some(agent) = self.agents.get_mut(&node) else { return Ok(()) };
        act(agent);
        let mut outputs = Vec::new();
        while let Some(output) = agent.poll_output() {
            outputs.push(output);
        }
        let stories = agent.take_stories();
        for output in outputs {
            match output {
                agent::Output::Transmit(transmit) => self.send_from(node, &transmit),
                agent::Output::Voice { port, to, packets } => {
                    packets.iter().for_each(|packet| self.carry_voice(node, port, to, packet));
                }
                agent::Output::Note(text) => self.note(node, text),
            }
        }
        for mut story in stories {
            let away = self.away.get(&node).copied();
            story.troubled = story.established.is_some_and(|since| away.is_some_and(|until| until > since));
            self.note_help(node, &story);
            self.checks.story(story)?;
        }
        Ok(())
    }

    /// A call for help that was refused. Who is neither in the office nor proven may be.
    fn note_help(&mut self, node: Node, story: &Story) {
        let Some(party) = node.0.checked_sub(1).and_then(|index| self.parties.get(index)) else { return };
        let refused = story.outgoing && matches!(story.ending, agent::Ending::Refused(_));
        let known = party.trusted && !self.leaving.contains(&party.character.number);
        if refused && self.checks.is_help(&story.dialled) && (known || is_office(party.host.seen.ip())) {
            let what = format!("{} called {} and was told {:?}", story.token, story.dialled, story.ending);
            self.refused_help.push(what);
        }
    }

    fn send_from(&mut self, node: Node, transmit: &Transmit) {
        self.trace_message(node, BOX, &transmit.bytes);
        self.network.send(self.now, node, transmit);
    }

    /// A packet of voice through the relay to whoever is at its other end.
    fn carry_voice(&mut self, node: Node, port: u16, to: SocketAddr, packet: &[u8]) {
        let Some(host) = self.network.host(node) else { return };
        let source = SocketAddr::new(host.seen.ip(), port);
        if let Some((onwards, packet)) = self.relays.forward(self.now, source, to.port(), packet) {
            self.deliver(onwards, packet);
        }
    }

    /// What the box itself lets somebody hear: who listens there understands it.
    fn carry_sounds(&mut self) -> Result<(), Violation> {
        while let Some((onwards, packet)) = self.relays.poll_sound(self.now) {
            match self.deliver(onwards, packet) {
                Some(true) => self.sounds += 1,
                Some(false) => {
                    return Err(Violation { invariant: 0, what: format!("{onwards} does not understand a sound") });
                }
                None => {}
            }
        }
        let over = self.relays.poll_events(self.now);
        over.into_iter().try_for_each(|event| self.tell_box(Input::Media(event)))
    }

    fn deliver(&mut self, onwards: SocketAddr, mut packet: Vec<u8>) -> Option<bool> {
        let agent = self.agents.get_mut(&self.network.node_at(onwards.ip())?)?;
        agent.hear(onwards.port(), &mut packet)
    }

    fn act(&mut self, act: Act) -> Result<(), Violation> {
        let now = self.now;
        match act {
            Act::Call { who, dialled, patience } => {
                self.with_agent(who, |agent| {
                    // Where nothing is registered a provider has nowhere to send a call.
                    if !agent.character.provider || agent.has_registration() {
                        agent.call(now, &dialled, patience);
                    }
                })
            }
            Act::Reboot(node, pause) => {
                self.note(node, "loses power");
                if let Some(agent) = self.agents.get_mut(&node) {
                    agent.reboot(now + pause);
                }
                self.go_away(node, pause);
                Ok(())
            }
            Act::Outage(node, pause) => {
                self.note(node, "cannot be reached");
                self.go_away(node, pause);
                Ok(())
            }
            Act::Back(node) => {
                self.note(node, "is back");
                self.network.set_up(now, node, true);
                Ok(())
            }
            Act::Rebind(node) => {
                self.note(node, "gets another port");
                self.network.rebind(now, node);
                Ok(())
            }
            Act::Break(node) => {
                self.network.break_connections(now, node, true);
                Ok(())
            }
            Act::HangUpFromPage => {
                // Nobody hangs up on a call for help.
                let calls = self.exchange.snapshot(now).calls;
                let call = calls.into_iter().find(|call| !call.emergency).map(|call| call.id);
                match call {
                    Some(call) => self.tell_box(Input::Command(Command::HangUp { call })),
                    None => Ok(()),
                }
            }
            Act::Settle(settled) => self.settle(settled),
        }
    }

    fn go_away(&mut self, node: Node, pause: Duration) {
        self.away.insert(node, self.now + pause);
        self.network.set_up(self.now, node, false);
        self.plan(pause, Planned::Act(Act::Back(node)));
    }

    fn settle(&mut self, settled: Arc<Settled>) -> Result<(), Violation> {
        self.note(BOX, format!("revision {}", settled.revision));
        self.tell_box(Input::Settled(settled))
    }

    fn check_end(&self) -> Result<(), Violation> {
        let failed = |invariant, what: String| Err(Violation { invariant, what });
        self.checks.at_end()?;
        if self.exchange.calls_in_hand() != 0 {
            return failed(2, format!("{} calls are still in hand", self.exchange.calls_in_hand()));
        }
        // A REGISTER and an OPTIONS of each trunk may be on their way at any time.
        if self.exchange.requests_in_hand() > 4 {
            return failed(2, format!("{} requests are still remembered", self.exchange.requests_in_hand()));
        }
        // Each phone and trunk may have registered or been asked within the time of its timers.
        let (ours, theirs) = self.exchange.transactions();
        let most = 16 * (self.parties.len() + 1);
        if ours > most || theirs > most {
            return failed(2, format!("{ours} and {theirs} transactions are still remembered"));
        }
        if !self.relays.is_empty() {
            return failed(2, format!("{} relays are still open", self.relays.len()));
        }
        if let Some((node, agent)) = self.agents.iter().find(|(_, agent)| agent.open_lines() > 0) {
            let name = &agent.character.name;
            return failed(2, format!("{name} (node {}) still has {} calls", node.0, agent.open_lines()));
        }
        for party in self.parties.iter().filter(|party| party.trusted && !party.character.provider) {
            let number = &party.character.number;
            let stays = !self.leaving.contains(number);
            if stays && self.checks.lamp(number) != Some(LineState::Idle) {
                return failed(6, format!("{number} has the right password and is not registered"));
            }
        }
        self.check_help()?;
        self.check_trunks()
    }

    /// Who called for help from the office while the providers were there was not refused (invariant 1).
    fn check_help(&self) -> Result<(), Violation> {
        let providers = self.parties.iter().enumerate().filter(|(_, party)| party.character.provider);
        if providers.into_iter().any(|(index, _)| self.away.contains_key(&Node(index + 1))) {
            return Ok(());
        }
        match self.refused_help.first() {
            Some(what) => Err(Violation { invariant: 1, what: what.clone() }),
            None => Ok(()),
        }
    }

    /// Long after the last outage every trunk works again by itself.
    fn check_trunks(&self) -> Result<(), Violation> {
        let snapshot = self.exchange.snapshot(self.now);
        match snapshot.trunks.iter().find(|trunk| trunk.state != TrunkState::Connected) {
            Some(trunk) => {
                let what = format!("trunk {} is {:?} ({}) at the end", trunk.name, trunk.state, trunk.detail);
                Err(Violation { invariant: 0, what })
            }
            None => Ok(()),
        }
    }

    fn note(&mut self, by: Node, text: impl Into<String>) {
        let what = What::Noted { by, text: text.into() };
        self.trace.entries.push(Entry { at: self.now - self.start, what });
    }

    fn trace_message(&mut self, from: Node, to: Node, bytes: &Bytes) {
        let (label, call) = match scan_datagram(bytes) {
            Ok(Message::Request(request)) => (request.method.to_string(), call_of(&request.headers)),
            Ok(Message::Response(response)) => {
                let method = response.headers.cseq().map(|cseq| cseq.method.to_string()).unwrap_or_default();
                (format!("{} {method}", response.status.code()), call_of(&response.headers))
            }
            Err(_) => ("?".to_owned(), String::new()),
        };
        let what = What::Sent { from, to, label, call, bytes: bytes.clone() };
        self.trace.entries.push(Entry { at: self.now - self.start, what });
    }
}

fn call_of(headers: &centrale_sip::message::Headers) -> String {
    let number = headers.cseq().map_or(0, |cseq| cseq.number);
    let call: String = headers.call_id().unwrap_or_default().chars().take(6).collect();
    format!("{call} {number}")
}

pub(crate) fn is_office(ip: IpAddr) -> bool {
    match ip {
        IpAddr::V4(ip) => ip.is_private(),
        IpAddr::V6(ip) => ip.is_unique_local(),
    }
}

pub(crate) fn addresses() -> Interfaces {
    let address = |text: &str, prefix, default_route| LocalAddress {
        ip: text.parse().expect("a constant address"),
        prefix,
        default_route,
    };
    Interfaces::new(vec![address("127.0.0.1", 8, false), address(BOX_V4, 24, true), address(BOX_V6, 64, false)])
}
