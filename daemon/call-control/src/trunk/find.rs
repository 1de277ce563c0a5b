//! Which trunks there are, where their servers are, and what is done when one does not work.

use std::collections::BTreeSet;
use std::net::{IpAddr, SocketAddr};
use std::time::{Duration, Instant};

use centrale_alg::when::Reason;
use centrale_config as config;
use centrale_config::SourceRange;
use centrale_guard::Whereto;
use centrale_sip::flow::{FlowId, Target, Transport};
use centrale_sip::message::Response;
use rand::RngExt as _;

use super::{NO_ANSWER, NOT_FOUND, Trunk, registration::Registration};
use crate::exchange::{Due, Exchange};
use crate::io::{Output, Resolve};
use crate::view::TrunkState;

/// The longest a provider can ask us to stay away (Retry-After), seconds: an hour. Nobody calls in or out meanwhile.
pub(super) const LONGEST_RETRY_AFTER: u32 = 3600;

/// Failures in a row of where a provider's servers worked, before another place is asked that its name leads to.
const SILENT_BEFORE_MOVE: u32 = 2;

impl Exchange {
    /// Brings the trunks in line with the office: unchanged ones go on, changed and new ones start, removed ones sign off.
    pub(crate) fn settle_trunks(&mut self, now: Instant) {
        let wanted = self.directory.office().trunks.clone();
        let mut before = std::mem::take(&mut self.trunks);
        let mut started = Vec::new();
        let named = wanted.iter().flat_map(|trunk| &trunk.dialect.heard_from);
        let named: Vec<SourceRange> = named.copied().collect();
        let calling_code = self.directory.country().calling_code();
        for settings in wanted {
            let kept = before.iter().position(|trunk| is_same_account(&trunk.settings, &settings));
            let trunk = match kept.map(|at| before.swap_remove(at)) {
                Some(trunk) => Trunk { settings, calling_code, ..trunk },
                None => {
                    started.push(settings.name.clone());
                    let registration = Registration::new(self.token(), self.token(), self.token());
                    Trunk::new(now, settings, calling_code, registration)
                }
            };
            self.trunks.push(trunk);
        }
        before.sort_by(|one, two| one.name().cmp(two.name()));
        for trunk in before {
            self.sign_off(now, trunk);
        }
        for name in started {
            self.live.trunk_changed(&name);
            self.find_trunk(now, &name);
        }
        // Before somebody said that it is the provider's, it may have been blocked as a stranger's.
        self.let_in_all(&named);
        self.lift_expected();
        self.settle_proofs(now);
        self.settle_diagnoses(now);
        self.forget_used_elsewhere();
    }

    /// The box's addresses changed: a registration that names an address which is gone is made anew, and what waits for
    /// better times tries now.
    pub(crate) fn restart_trunks(&mut self, now: Instant) {
        let names: Vec<String> = self.trunks.iter().map(|trunk| trunk.name().to_owned()).collect();
        for name in names {
            let local = self.trunk_local(&name);
            let Some(trunk) = self.trunk_mut(&name) else { continue };
            match trunk.state {
                TrunkState::Refused => {}
                TrunkState::Connected if trunk.registration.local == local => {}
                _ if trunk.targets.is_empty() => self.find_trunk(now, &name),
                _ => self.start_trunk(now, &name),
            }
        }
    }

    /// Asks where a trunk's servers are. An address literal is its own answer.
    pub(crate) fn find_trunk(&mut self, now: Instant, name: &str) {
        let Some(trunk) = self.trunk_mut(name) else { return };
        if trunk.state == TrunkState::Refused || trunk.resolving {
            return;
        }
        let (server, transport) = (trunk.door(), super::transport_of(&trunk.settings));
        if let Ok(ip) = server.host.parse::<IpAddr>() {
            let port = server.port.unwrap_or(transport.default_port());
            let target = Target::new(transport, SocketAddr::new(ip, port));
            return self.handle_resolved(now, name, vec![target]);
        }
        let question = Resolve { trunk: name.to_owned(), host: server.host.clone(), port: server.port, transport };
        trunk.resolving = true;
        self.outputs.push_back(Output::Resolve(question));
    }

    pub(crate) fn handle_resolved(&mut self, now: Instant, name: &str, targets: Vec<Target>) {
        let Some(trunk) = self.trunk_mut(name) else { return };
        trunk.resolving = false;
        if trunk.state == TrunkState::Refused {
            return;
        }
        if targets.is_empty() {
            trunk.current = trunk.targets.len();
            self.trunk_failed(now, name, NOT_FOUND, None);
            return self.look_again_for_help(now, name);
        }
        let targets = self.believed(name, targets);
        let Some(trunk) = self.trunk_mut(name) else { return };
        let is_new = trunk.targets.is_empty();
        let hosts: BTreeSet<IpAddr> = targets.iter().map(|target| target.remote.ip().to_canonical()).collect();
        let others = trunk.found != targets;
        if others {
            (trunk.found, trunk.current) = (targets, 0);
            self.hear_servers(name);
        }
        self.lay_way(name);
        hosts.into_iter().for_each(|host| self.let_in(host));
        let Some(trunk) = self.trunk_mut(name) else { return };
        // Whoever is looked for is asked anyway: a question is always on its way there, or a REGISTER.
        if trunk.searching {
            let turned = self.wait_for_trunk(now, name, None);
            if others && !turned {
                self.look_for_servers(now, name);
            }
        } else {
            self.start_trunk(now, name);
        }
        if is_new {
            self.ring_found_for_help(now, name);
        }
    }

    /// Where its servers are, by an answer of the resolver. What of it leads elsewhere than where they worked is told; and what proves the
    /// office is not sent there before the old place was silent twice, unless a certificate proves who is there (B-35).
    fn believed(&mut self, name: &str, targets: Vec<Target>) -> Vec<Target> {
        let Some(trunk) = self.trunk_mut(name) else { return targets };
        trunk.unbelieved.clear();
        if trunk.transport() == Transport::Tls {
            return targets;
        }
        let answer: Vec<IpAddr> = targets.iter().map(|target| target.remote.ip()).collect();
        let (mut believed, elsewhere): (Vec<_>, Vec<_>) =
            targets.into_iter().partition(|target| trunk.servers.are_at(target.remote.ip()));
        believed.sort_by_key(|target| !trunk.servers.are_usually_at(target.remote.ip()));
        if trunk.failures >= SILENT_BEFORE_MOVE || trunk.found.is_empty() {
            believed.extend(elsewhere);
        } else {
            if believed.is_empty() {
                believed.clone_from(&trunk.found);
            }
            trunk.unbelieved = elsewhere;
        }
        self.tell_whereto(name, &answer);
        believed
    }

    fn tell_whereto(&mut self, name: &str, answer: &[IpAddr]) {
        let Some(trunk) = self.trunk_mut(name) else { return };
        let whereto = trunk.servers.judge(answer);
        let others: Vec<IpAddr> = answer.iter().copied().filter(|ip| !trunk.servers.are_usually_at(*ip)).collect();
        self.note_whereto(name, whereto, &others);
    }

    /// It worked for days where it was followed: that is told no longer.
    pub(super) fn note_settled(&mut self, name: &str) {
        let Some(trunk) = self.trunk_mut(name).filter(|trunk| trunk.transport() != Transport::Tls) else { return };
        let servers = trunk.found.iter().chain(&trunk.unbelieved);
        let answer: Vec<IpAddr> = servers.map(|server| server.remote.ip()).collect();
        self.tell_whereto(name, &answer);
    }

    /// Registers, or asks whether the provider is there. Before the box knows its own addresses there is no Contact to give;
    /// the start comes with them.
    pub(crate) fn start_trunk(&mut self, now: Instant, name: &str) {
        if self.waits_for_port(name) {
            return;
        }
        let Some(local) = self.trunk_local(name) else { return };
        self.agenda.cancel(&Due::TrunkFind(name.to_owned()));
        self.agenda.cancel(&Due::TrunkStart(name.to_owned()));
        let Some(trunk) = self.trunk_mut(name) else { return };
        trunk.registration.local = Some(local);
        let registers = trunk.settings.register;
        self.renew_disguise(name);
        self.greet_way(name);
        if registers {
            self.agenda.set(Due::TrunkHealth(name.to_owned()), now + super::health::INTERVAL);
            self.register_at_trunk(now, name);
        } else {
            self.ask_trunk(now, name);
        }
    }

    /// The server in use cannot be reached or does not work: the next one, and when all were tried, later.
    pub(crate) fn trunk_failed(&mut self, now: Instant, name: &str, detail: &str, retry_after: Option<u32>) {
        let Some(trunk) = self.trunk_mut(name) else { return };
        trunk.detail = detail.to_owned();
        if matches!(detail, NO_ANSWER | NOT_FOUND) {
            trunk.verdict = None;
        }
        trunk.current += 1;
        if trunk.current < trunk.targets.len() {
            self.agenda.set(Due::TrunkStart(name.to_owned()), now);
            return self.live.trunk_changed(name);
        }
        trunk.current = 0;
        // What answers questions and nothing else is not believed twice.
        let silent = matches!(detail, NO_ANSWER | NOT_FOUND) && !trunk.adopted;
        let looked_for = trunk.searching;
        trunk.adopted = false;
        self.wait_for_trunk(now, name, retry_after);
        if silent && !looked_for {
            self.look_for_servers(now, name);
        }
    }

    /// There is no server now: their addresses are asked for again later. Whether who is looked for was asked by another way.
    pub(super) fn wait_for_trunk(&mut self, now: Instant, name: &str, retry_after: Option<u32>) -> bool {
        let jitter = self.rng.random_range(50..=100u32);
        let is_free = self.calls_over(name) == 0;
        let Some(trunk) = self.trunk_mut(name) else { return false };
        trunk.failures += 1;
        trunk.state = TrunkState::Unreachable;
        // Between half and the whole of the wait, so that offices behind one fault do not all come back at once.
        let wait = trunk.waits() * jitter / 100;
        let asked = retry_after.unwrap_or_default().min(LONGEST_RETRY_AFTER);
        let wait = wait.max(Duration::from_secs(asked.into()));
        // What is found is registered at, and that may not come too soon after the last time.
        let earliest = trunk.registration.asked.map_or(now, |asked| asked + super::health::BETWEEN_REGISTERS);
        // A short outage says nothing of the way, and a call that was begun in a disguise ends in it.
        let turns = is_free && trunk.failures > 1 && trunk.climb.turn();
        let asks = turns && trunk.searching;
        self.lay_way(name);
        for due in [Due::TrunkStart, Due::TrunkHealth, Due::TrunkSilent, Due::TrunkLost] {
            self.agenda.cancel(&due(name.to_owned()));
        }
        self.agenda.set(Due::TrunkFind(name.to_owned()), earliest.max(now + wait));
        if asks {
            self.look_for_servers(now, name);
        } else {
            self.register_at_the_deaf(now, name);
        }
        self.live.trunk_changed(name);
        asks
    }

    /// Notes under which address the provider sees us (RFC 3581 4). True when it is another one than before.
    pub(super) fn note_seen_address(&mut self, now: Instant, name: &str, response: &Response) -> bool {
        let Ok(via) = response.headers.top_via() else { return false };
        let Some(ip) = via.received().or_else(|| via.host.ip()) else { return false };
        let Some(trunk) = self.trunk_mut(name) else { return false };
        let seen = SocketAddr::new(ip, via.rport().or(via.port).unwrap_or(trunk.transport().default_port()));
        let before = trunk.seen_as.replace(seen);
        self.live.trunk_changed(name);
        if before != Some(seen) {
            self.renew_disguise(name);
        }
        // Our own address there is the work of a router that undoes its changes, and no news of the internet.
        let own = self.trunk_local(name).map(|local| local.ip());
        let is_real = |ip: IpAddr| Some(ip) != own;
        if before.is_some_and(|before| before.ip() != seen.ip() && is_real(before.ip()) && is_real(seen.ip())) {
            self.wish_examination(now, name, Reason::WanAddress);
            self.leave_port(now, name);
        }
        before.is_some_and(|before| before != seen)
    }

    /// A server did not take a call: for a while others are asked first.
    pub(crate) fn rest_server(&mut self, now: Instant, name: &str, target: Target, time: Duration) {
        let Some(trunk) = self.trunk_mut(name) else { return };
        if !trunk.resting.contains(&target) {
            trunk.resting.push(target);
        }
        self.agenda.set(Due::TrunkRested(name.to_owned(), target), now + time);
    }

    /// A server is asked in its turn again.
    pub(crate) fn wake_server(&mut self, name: &str, target: Target) {
        if let Some(trunk) = self.trunk_mut(name) {
            trunk.resting.retain(|resting| *resting != target);
        }
    }

    /// A connection is gone. A provider that reached us over it cannot any more: a new one is made by registering anew, a
    /// little later for each office, so that a provider that restarts is not overrun.
    pub(crate) fn note_lost_trunk(&mut self, now: Instant, flow: FlowId) {
        let Some(trunk) = self.trunks.iter_mut().find(|trunk| trunk.connection.is_some_and(|open| open.id == flow))
        else {
            return;
        };
        trunk.connection = None;
        let (name, state) = (trunk.name().to_owned(), trunk.state);
        if state == TrunkState::Connected {
            let pause = Duration::from_millis(self.rng.random_range(500..=4_000));
            self.register_soon(now, &name, now + pause);
        }
    }

    fn sign_off(&mut self, now: Instant, mut trunk: Trunk) {
        let name = trunk.name().to_owned();
        self.end_examination(&trunk);
        // Another one of that name may have begun: its settings were changed.
        for due in [
            Due::TrunkFind,
            Due::TrunkStart,
            Due::TrunkHealth,
            Due::TrunkSilent,
            Due::TrunkOverdue,
            Due::TrunkRegister,
            Due::TrunkReadBack,
            Due::TrunkLost,
            Due::TrunkForgives,
            Due::TrunkExamination,
            Due::TrunkRound,
            Due::TrunkLadder,
            Due::HelpTest,
            Due::HelpTestSilent,
        ] {
            self.agenda.cancel(&due(name.clone()));
        }
        for target in trunk.targets.iter().chain(&trunk.resting) {
            self.agenda.cancel(&Due::TrunkProbe(name.clone(), *target));
            self.agenda.cancel(&Due::TrunkRested(name.clone(), *target));
        }
        self.live.trunk_changed(&name);
        self.solve_proof(&name);
        self.note_whereto(&name, Whereto::Usual, &[]);
        crate::problem::TRUNK.into_iter().for_each(|code| self.live.solve(code, &name));
        if trunk.settings.register && trunk.state == TrunkState::Connected {
            self.unregister(now, &mut trunk);
        }
        self.leaving.push(trunk);
    }
}

/// Whether a trunk with these settings is still the same one at the provider: its numbers may change under a registration.
fn is_same_account(one: &config::Trunk, two: &config::Trunk) -> bool {
    *two == config::Trunk { numbers: two.numbers.clone(), ..one.clone() }
}
