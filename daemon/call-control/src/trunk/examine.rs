//! The doctor's own questions to a provider: when they are asked, and what came of them. What is asked and what an answer means
//! is `centrale-alg`'s to say. Its questions leave from throw-away sockets of the edge ([`Output::Probe`]); the few that are
//! harmless to calls also go over the SIP port, where a router treats them as it treats calls.

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use bytes::Bytes;
use centrale_alg::active::{self, Findings, Input, Outcome, Probe, Run, Set, Socket, Target, canary};
use centrale_alg::diagnosis::{Confidence, Diagnosis, Interference};
use centrale_alg::ladder::Step;
use centrale_alg::when::{self, Reason, Timetable};
use centrale_sip::endpoint::Transmit;
use centrale_sip::flow::{Flow, Path, Target as Server, Transport};
use rand::RngExt as _;

use super::lent::Lent;
use super::way::{OTHER_PORTS, TLS_PORT};
use super::{Trunk, transport_of};
use crate::exchange::{Due, Exchange};
use crate::io::{Output, WayOut};
use crate::view::{DoctorView, TrunkState};

/// How often it is looked whether a test is due.
const LOOK: Duration = Duration::from_secs(60);
/// One round at a time: who waits looks again after this long.
const WAIT: Duration = Duration::from_secs(2);

/// What was asked along the way to one trunk.
#[derive(Debug, Default)]
pub(super) struct Examination {
    /// From the first time that the provider was there.
    timetable: Option<Timetable>,
    pub(super) round: Option<Round>,
    pub(super) last: Option<Examined>,
    pub(super) lent: Lent,
    /// Somebody asks, also of a provider that is not there.
    asked: bool,
}

#[derive(Debug)]
pub(super) struct Round {
    pub(super) number: u64,
    pub(super) reason: Reason,
    pub(super) set: Set,
    pub(super) run: Run,
    /// It checks a way round a router, and says nothing of the plain one.
    pub(super) checks: bool,
}

/// What the last round came to, or the one before it where the last could not take it back.
#[derive(Debug)]
pub(super) struct Examined {
    diagnosis: Diagnosis,
    pub(super) findings: Findings,
    at: Instant,
}

impl Exchange {
    /// The way out is known, or is another.
    pub(crate) fn handle_way_out(&mut self, now: Instant, way_out: WayOut) {
        let before = self.way_out.replace(way_out);
        let known = before.and_then(|before| before.gateway);
        // A neighbour that nobody spoke to for a while is forgotten by the kernel, and is still there.
        if let (Some(way), None) = (&mut self.way_out, way_out.gateway) {
            way.gateway = known;
        }
        let is_another = way_out.gateway.is_some() && known.is_some() && way_out.gateway != known;
        let names: Vec<String> = self.trunks.iter().map(|trunk| trunk.name().to_owned()).collect();
        for name in names {
            if is_another {
                self.wish_examination(now, &name, Reason::Gateway);
            } else if before.is_none() {
                self.agenda.set(Due::TrunkExamination(name), now);
            }
        }
    }

    /// The provider is there: for the first time since the box was started or its settings changed, the way is examined.
    pub(super) fn examine_at_first(&mut self, now: Instant, name: &str) {
        if self.trunk_mut(name).is_some_and(|trunk| trunk.examination.timetable.is_none()) {
            self.wish_examination(now, name, Reason::Installed);
        }
    }

    /// Something happened that asks for a test. Whether and when it is made is the timetable's to say.
    pub(crate) fn wish_examination(&mut self, now: Instant, name: &str, reason: Reason) {
        let seed = self.rng.random();
        let Some(trunk) = self.trunk_mut(name) else { return };
        let examination = &mut trunk.examination;
        examination.asked |= reason == Reason::Asked;
        examination.timetable.get_or_insert_with(|| Timetable::new(seed, now)).note(reason, now);
        self.agenda.set(Due::TrunkExamination(name.to_owned()), now);
    }

    /// Begins the test that is due, if one is.
    pub(crate) fn examine_when_due(&mut self, now: Instant, name: &str) {
        if self.way_out.is_none() {
            return;
        }
        let busy = self.trunks.iter().any(|trunk| trunk.examination.round.is_some());
        let minute = self.costs.civil(now).minute;
        self.agenda.set(Due::TrunkExamination(name.to_owned()), now + if busy { WAIT } else { LOOK });
        self.climb_on(now, name);
        let Some(trunk) = self.trunk_mut(name) else { return };
        let may_be_asked = trunk.state == TrunkState::Connected || trunk.examination.asked;
        if busy
            || trunk.climb.tries()
            || !may_be_asked
            || trunk.found.is_empty()
            || transport_of(&trunk.settings) == Transport::Tls
        {
            return;
        }
        let due = trunk.examination.timetable.as_mut().and_then(|timetable| timetable.due(now, minute));
        if let Some(due) = due {
            trunk.examination.asked &= due.reason != Reason::Asked;
            self.begin_round(now, name, due);
        }
    }

    fn begin_round(&mut self, now: Instant, name: &str, due: when::Due) {
        let seed = self.rng.random();
        let Some(mut target) = self.whom_to_ask(name, false) else { return };
        if let Some((account, number)) = self.lend(now, name, &due) {
            (target.account, target.number) = (Some(account), number);
        }
        self.rounds += 1;
        let run = Run::new(target, due.set, seed, now);
        let round = Round { number: self.rounds, reason: due.reason, set: due.set, run, checks: false };
        let Some(trunk) = self.trunk_mut(name) else { return };
        trunk.examination.round = Some(round);
        self.drive_round(now, name);
        self.tell_doctor(now, name);
    }

    /// The server in use and the other ways to it, or to check the way that is taken that way alone.
    pub(super) fn whom_to_ask(&self, name: &str, checks: bool) -> Option<Target> {
        let trunk = self.trunk(name)?;
        let server = if checks { trunk.target()? } else { trunk.found.get(trunk.current).copied()? };
        let ip = server.remote.ip();
        // Beside a way round, the plain one is asked from elsewhere: the trunk's own flow tells nothing of it.
        let is_plain = trunk.climb.step() == Step::Plain && server.transport == Transport::Udp;
        let others = OTHER_PORTS.into_iter().filter(|port| *port != server.remote.port());
        // A server that is reached over TCP mostly has datagrams on the same port.
        let tls = SocketAddr::new(ip, TLS_PORT);
        Some(Target {
            tcp: Some(server.remote),
            tls: Some(tls),
            others: others.map(|port| SocketAddr::new(ip, port)).collect(),
            live: Some(server.transport).filter(|_| checks || is_plain),
            near: self.interfaces.is_near(ip),
            canary: canary(&self.interfaces.networks()),
            quotes: ip.is_ipv4() && self.way_out.is_some_and(|way_out| way_out.quotes),
            ..Target::provider(server.remote, &trunk.settings.server.host)
        })
    }

    /// Something happened on a throw-away socket.
    pub(crate) fn handle_probed(&mut self, now: Instant, number: u64, news: Input) {
        let of = |trunk: &&mut Trunk| trunk.examination.round.as_ref().is_some_and(|round| round.number == number);
        let Some(trunk) = self.trunks.iter_mut().find(of) else { return };
        let name = trunk.name().to_owned();
        if let Some(round) = &mut trunk.examination.round {
            round.run.handle_input(news, now);
        }
        self.drive_round(now, &name);
    }

    /// Takes an answer to a question that went over the SIP port. It belongs to no transaction.
    pub(crate) fn takes_answer_of_probe(&mut self, now: Instant, flow: &Flow, bytes: &Bytes) -> bool {
        let waits = |trunk: &Trunk| trunk.examination.round.as_ref().is_some_and(|round| round.run.asked_for(bytes));
        let Some(at) = self.trunks.iter().position(waits) else { return false };
        let name = self.trunks[at].name().to_owned();
        if let Some(round) = &mut self.trunks[at].examination.round {
            let came = Input::Came { socket: Socket::Live, from: flow.remote, bytes: bytes.clone() };
            round.run.handle_input(came, now);
        }
        self.drive_round(now, &name);
        true
    }

    pub(crate) fn handle_round_timeout(&mut self, now: Instant, name: &str) {
        let Some(round) = self.trunk_mut(name).and_then(|trunk| trunk.examination.round.as_mut()) else { return };
        round.run.timeout(now);
        self.drive_round(now, name);
    }

    /// Carries out what the round orders next.
    pub(super) fn drive_round(&mut self, now: Instant, name: &str) {
        while let Some((number, order)) = self.next_order(name) {
            match order {
                active::Output::Open { socket: Socket::Live, transport, to } => {
                    self.open_live(now, name, self.server_at(name, transport, to));
                }
                active::Output::Send { socket: Socket::Live, to, bytes, .. } => {
                    let live =
                        self.trunk_mut(name).and_then(|trunk| trunk.examination.round.as_ref()?.run.target().live);
                    let transport = live.unwrap_or(Transport::Udp);
                    let path = self.path_of(name, self.server_at(name, transport, to));
                    self.outputs.push_back(Output::Transmit(Transmit { path, bytes }));
                }
                active::Output::Done => return self.finish_round(now, name),
                order => {
                    let Some(trunk) = self.trunk_mut(name) else { return };
                    let host = trunk.settings.server.host.clone();
                    self.outputs.push_back(Output::Probe { round: number, host, order });
                }
            }
        }
        let due = Due::TrunkRound(name.to_owned());
        let until = self.trunk_mut(name).and_then(|trunk| trunk.examination.round.as_ref()?.run.timeout_at());
        if let Some(until) = until {
            self.agenda.set(due, until);
        }
    }

    fn next_order(&mut self, name: &str) -> Option<(u64, active::Output)> {
        let round = self.trunk_mut(name)?.examination.round.as_mut()?;
        Some((round.number, round.run.next_output()?))
    }

    /// The server in use, as it is reached, where that is meant.
    fn server_at(&self, name: &str, transport: Transport, remote: SocketAddr) -> Server {
        let in_use = self.trunk(name).and_then(Trunk::target);
        let is_meant = |server: &Server| server.transport == transport && server.remote == remote;
        in_use.filter(is_meant).unwrap_or(Server::new(transport, remote))
    }

    /// The trunk's own port or connection, where it is reached by it.
    fn open_live(&mut self, now: Instant, name: &str, server: Server) {
        let (socket, local) = (Socket::Live, self.local_over(name, &Path::Target(server)));
        let Some(trunk) = self.trunk_mut(name) else { return };
        let connected = trunk.connection.filter(|_| server.transport.is_reliable()).map(|flow| flow.local);
        let local = connected.or(local);
        let local = local.filter(|_| trunk.target() == Some(server));
        if let Some(round) = &mut trunk.examination.round {
            let news = local.map_or(Input::Failed { socket }, |local| Input::Opened { socket, local });
            round.run.handle_input(news, now);
        }
    }

    fn finish_round(&mut self, now: Instant, name: &str) {
        self.agenda.cancel(&Due::TrunkRound(name.to_owned()));
        let own = self.trunk_local(name).map(|local| local.ip());
        let Some(trunk) = self.trunk_mut(name) else { return };
        let transport = transport_of(&trunk.settings);
        let examination = &mut trunk.examination;
        let Some(round) = examination.round.take() else { return };
        examination.lent.note(now, &round.run);
        let mut findings = round.run.findings();
        if round.checks {
            return self.step_checked(now, name, &findings);
        }
        let provider = Some(findings.provider(transport)).filter(|_| round.set != Set::Harmless);
        let clean = match transport {
            Transport::Tcp => *findings.of(Probe::V9Tcp) == Outcome::Clean,
            _ => findings.is_intact(Step::Plain),
        };
        if transport == Transport::Tcp {
            findings = findings.of_streams();
        }
        let found = |last: &Examined| last.diagnosis.interference > Interference::None;
        let repeated = round.reason == Reason::Repeat && examination.last.as_ref().is_some_and(found);
        let diagnosis = findings.diagnosis(round.run.target(), own, repeated, now);
        trunk.watch.tested(&findings, &diagnosis);
        if let Some(timetable) = &mut examination.timetable {
            timetable.tested(diagnosis.interference, diagnosis.confidence, findings.wants_repeat(own), now);
        }
        match &mut examination.last {
            // What was found stands until the same questions are answered cleanly.
            Some(last)
                if last.diagnosis.interference > diagnosis.interference && !findings.takes_back(&last.findings) =>
            {
                last.at = now;
            }
            last => *last = Some(Examined { diagnosis, findings, at: now }),
        }
        let word = examination.last.as_ref().map(|last| last.diagnosis.clone());
        self.agenda.set(Due::TrunkExamination(name.to_owned()), now + WAIT);
        self.diagnose(now, name);
        if let Some(provider) = provider {
            self.note_provider(name, &provider);
        }
        if let Some(word) = word {
            let clean = clean && word.interference == Interference::None;
            self.climb_after(now, name, &word, clean);
        }
        // At a provider that keeps one binding alone, ours is gone. A step that is tried registers by itself.
        if round.run.has_bound() && self.trunk(name).is_some_and(|trunk| !trunk.climb.tries()) {
            self.register_at_trunk(now, name);
        }
    }

    /// A trunk goes: so do the sockets of its round.
    pub(super) fn end_examination(&mut self, trunk: &Trunk) {
        let Some(round) = &trunk.examination.round else { return };
        self.close_sockets(round.number, &trunk.settings.server.host);
    }

    /// The round that checks a way, where one goes on, says nothing any more.
    pub(super) fn end_checks(&mut self, name: &str) {
        let Some(trunk) = self.trunk_mut(name) else { return };
        let Some(round) = trunk.examination.round.take_if(|round| round.checks) else { return };
        let host = trunk.settings.server.host.clone();
        self.close_sockets(round.number, &host);
        self.agenda.cancel(&Due::TrunkRound(name.to_owned()));
    }

    fn close_sockets(&mut self, round: u64, host: &str) {
        for socket in Socket::ALL.into_iter().filter(|socket| *socket != Socket::Live) {
            let order = active::Output::Close { socket };
            self.outputs.push_back(Output::Probe { round, host: host.to_owned(), order });
        }
    }

    /// Tells the page what the doctor says.
    pub(super) fn tell_doctor(&mut self, now: Instant, name: &str) {
        let Some(trunk) = self.trunk(name) else { return };
        let examination = &trunk.examination;
        let mut view = DoctorView::of(name, &trunk.diagnosis(now), self.way_out.and_then(|way_out| way_out.gateway));
        view.examining = examination.round.as_ref().is_some_and(|round| !round.checks);
        view.way = trunk.climb.standing().to_string();
        if let Some(last) = &examination.last {
            view.add_examination(&last.findings);
            let ago = now.saturating_duration_since(last.at);
            let minutes = self.costs.civil(now).minutes();
            view.examined_at = (minutes > 0).then(|| minutes.saturating_sub(ago.as_secs() / 60));
        }
        self.live.doctor(view);
    }
}

impl Trunk {
    /// All that is known of the way to it: what passed, and what was asked.
    pub(super) fn diagnosis(&self, now: Instant) -> Diagnosis {
        let seen = self.watch.diagnosis(now);
        match &self.examination.last {
            Some(last) => seen.joined(last.diagnosis.clone()),
            None => seen,
        }
    }

    /// Whether a round proved it: signs then say nothing new.
    pub(super) fn is_proven(&self) -> bool {
        let proven = |last: &Examined| last.diagnosis.interference == Interference::Proven;
        self.examination.last.as_ref().is_some_and(proven)
    }

    /// Whether the office is to be told. Silence to odd questions alone is no news: many a provider drops them.
    pub(super) fn is_worth_telling(&self, now: Instant) -> bool {
        let joined = self.diagnosis(now);
        let seen = self.watch.diagnosis(now).interference > Interference::None;
        seen || joined.interference == Interference::Proven || joined.confidence > Confidence::Weak
    }
}
