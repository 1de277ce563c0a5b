//! Going round a router that changes calls. `alg::ladder` says which step is tried, kept and undone; here it is taken: the trunk
//! registers by it, and V1 is asked on that very path. Of the steps the exchange carries the one that hides addresses, which
//! lowers no security, and so is tried by itself once a router is proven.

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use bytes::Bytes;
use centrale_alg::active::{Findings, Outcome, Probe, Run, Set};
use centrale_alg::diagnosis::{Diagnosis, Interference};
use centrale_alg::ladder::{Ladder, Marks, Order, Provider, Step};
use centrale_alg::when::Reason;
use centrale_sip::endpoint::Transmit;
use centrale_sip::flow::{Flow, Transport};
use rand::RngExt as _;

use super::Trunk;
use super::disguise::{Disguise, can_hide};
use super::examine::Round;
use crate::exchange::{Due, Exchange};
use crate::view::TrunkState;

/// Before what stands in the way of a step is looked at again.
const WAIT: Duration = Duration::from_secs(2);

/// The way that a trunk goes.
#[derive(Debug)]
pub(super) struct Climb {
    ladder: Ladder,
    /// A trial waits for the provider to take our registration by it.
    tries: bool,
    /// Somebody wants to go round once the round that is under way has ended.
    wished: bool,
    disguise: Option<Disguise>,
}

impl Default for Climb {
    fn default() -> Self {
        // A Contact that no provider can reach would be kept until somebody calls: nobody can call ourselves to find out.
        let provider = Provider { wants_address: true, ..Provider::default() };
        Self { ladder: Ladder::new(&provider), tries: false, wished: false, disguise: None }
    }
}

impl Climb {
    /// The step that the trunk stands on, a trial aside.
    pub(super) const fn standing(&self) -> Step {
        self.ladder.standing()
    }

    /// Whether a step is being tried now.
    pub(super) const fn tries(&self) -> bool {
        self.tries
    }
}

impl Exchange {
    /// A round over the plain path said something.
    pub(super) fn climb_after(&mut self, now: Instant, name: &str, diagnosis: &Diagnosis) {
        let calls = self.calls_over(name);
        let Some(trunk) = self.trunk_mut(name) else { return };
        let registers = trunk.state == TrunkState::Connected;
        let ladder = &mut trunk.climb.ladder;
        ladder.calls(calls, now);
        if ladder.standing() == Step::Plain {
            ladder.diagnosed(diagnosis, Marks { registers, intact: false, call: None }, now);
        } else {
            ladder.plain_tested(diagnosis.interference == Interference::None, now);
        }
        let wished = std::mem::take(&mut trunk.climb.wished);
        self.follow_ladder(now, name);
        if wished {
            self.go_round(now, name);
        }
    }

    /// Somebody wants it, also where a router is only suspected.
    pub(crate) fn go_round(&mut self, now: Instant, name: &str) {
        let Some(trunk) = self.trunk_mut(name) else { return };
        // A round that is under way asks the path that it began on.
        trunk.climb.wished = trunk.examination.round.as_ref().is_some_and(|round| !round.checks);
        if trunk.climb.wished {
            return;
        }
        let diagnosis = Diagnosis { interference: Interference::Proven, ..trunk.diagnosis(now) };
        if trunk.climb.standing() != Step::Plain {
            return;
        }
        self.climb_after(now, name, &diagnosis);
        if let Some(trunk) = self.trunk_mut(name) {
            trunk.climb.ladder.insist(now);
        }
        self.follow_ladder(now, name);
    }

    /// Looks what is due on the ladder: calls ended, or time went by.
    pub(crate) fn climb_on(&mut self, now: Instant, name: &str) {
        let calls = self.calls_over(name);
        let Some(trunk) = self.trunk_mut(name) else { return };
        if trunk.examination.round.as_ref().is_some_and(|round| !round.checks) {
            // A round that is under way asks the path that it began on.
            return self.agenda.set(Due::TrunkLadder(name.to_owned()), now + WAIT);
        }
        trunk.climb.ladder.calls(calls, now);
        trunk.climb.ladder.timeout(now);
        self.follow_ladder(now, name);
    }

    /// A trial is undone before the first message of a call leaves. Nobody knows yet whether anything that hides comes through,
    /// and that call may be one for help; nor may its way change while it rings, for a CANCEL is to name the same Via.
    pub(crate) fn give_way_to_calls(&mut self, now: Instant) {
        let tried =
            self.trunks.iter().filter(|trunk| trunk.climb.ladder.is_trying()).map(|trunk| trunk.name().to_owned());
        let tried: Vec<String> = tried.collect();
        for name in tried {
            let calls = self.calls_over(&name);
            if calls > 0 {
                self.end_checks(&name);
                let Some(trunk) = self.trunk_mut(&name) else { continue };
                trunk.climb.tries = false;
                trunk.climb.ladder.calls(calls, now);
                self.follow_ladder(now, &name);
            }
        }
    }

    fn calls_over(&self, name: &str) -> u32 {
        let calls: usize = self.calls.values().map(|call| call.channels_at(name)).sum();
        u32::try_from(calls).unwrap_or(u32::MAX)
    }

    fn follow_ladder(&mut self, now: Instant, name: &str) {
        while let Some(order) = self.trunk_mut(name).and_then(|trunk| trunk.climb.ladder.next_order()) {
            match order {
                Order::Try(step) => self.take_step(now, name, step, true),
                Order::Undo(step) => self.take_step(now, name, step, false),
                Order::Keep(_) | Order::NothingLeft(_) => {}
            }
        }
        self.diagnose(now, name);
        let Some(trunk) = self.trunk_mut(name) else { return };
        match trunk.climb.ladder.timeout_at() {
            // Never at once: what is past and stays so would be looked at for ever, and nothing else.
            Some(at) => self.agenda.set(Due::TrunkLadder(name.to_owned()), at.max(now + WAIT)),
            None => self.agenda.cancel(&Due::TrunkLadder(name.to_owned())),
        }
    }

    /// The trunk goes that way from now on, and registers by it.
    fn take_step(&mut self, now: Instant, name: &str, step: Step, tries: bool) {
        let disguise = if step == Step::Plain { None } else { self.disguise_for(name) };
        let cannot = step != Step::Plain && disguise.is_none();
        let Some(trunk) = self.trunk_mut(name) else { return };
        if cannot {
            trunk.climb.ladder.checked(Marks::NOTHING, now);
            return;
        }
        (trunk.climb.tries, trunk.climb.disguise) = (tries, disguise);
        if !trunk.targets.is_empty() {
            self.start_trunk(now, name);
        }
    }

    /// Whether a step was being tried, and the provider does not take our registration by it: then it is undone at once.
    pub(super) fn step_failed(&mut self, now: Instant, name: &str) -> bool {
        let Some(trunk) = self.trunk_mut(name).filter(|trunk| trunk.climb.tries) else { return false };
        trunk.climb.tries = false;
        trunk.climb.ladder.checked(Marks::NOTHING, now);
        self.follow_ladder(now, name);
        true
    }

    fn disguise_for(&mut self, name: &str) -> Option<Disguise> {
        let (own, token) = (self.trunk_local(name)?, self.token());
        let trunk = self.trunk_mut(name)?;
        // What a provider says of our own Via may have been changed on the way; what it said of a foreign one was not.
        let seen = [trunk.seen_as, trunk.examination.last.as_ref().and_then(|last| last.findings.live)];
        let public = seen.into_iter().flatten().find(|public| can_hide(own, *public))?;
        let datagrams = trunk.target()?.transport == Transport::Udp;
        datagrams.then(|| Disguise { name: format!("box-{token}.invalid"), own, public })
    }

    /// The provider answered by the way that is tried: V1 is asked on it.
    pub(super) fn check_step(&mut self, now: Instant, name: &str) {
        let seed = self.rng.random();
        let Some(mut target) = self.whom_to_ask(name) else { return };
        self.rounds += 1;
        let number = self.rounds;
        let Some(trunk) = self.trunk_mut(name).filter(|trunk| trunk.climb.tries) else { return };
        trunk.climb.tries = false;
        target.sent_by = trunk.climb.disguise.as_ref().map(|disguise| disguise.sent_by().into());
        let run = Run::new(target, Set::Harmless, seed, now);
        trunk.examination.round = Some(Round { number, reason: Reason::Asked, run, checks: true });
        self.drive_round(now, name);
    }

    /// What V1 said on the way that is tried.
    pub(super) fn step_checked(&mut self, now: Instant, name: &str, findings: &Findings) {
        let Some(trunk) = self.trunk_mut(name) else { return };
        let registers = trunk.state == TrunkState::Connected;
        let intact = *findings.of(Probe::V1) == Outcome::Clean;
        trunk.climb.ladder.checked(Marks { registers, intact, call: None }, now);
        self.follow_ladder(now, name);
    }

    /// We are elsewhere, or the provider sees us elsewhere: what is hidden, and behind what, is another.
    pub(super) fn renew_disguise(&mut self, name: &str) {
        if self.trunk_mut(name).is_none_or(|trunk| trunk.climb.disguise.is_none()) {
            return;
        }
        let Some(fresh) = self.disguise_for(name) else { return };
        let Some(disguise) = self.trunk_mut(name).and_then(|trunk| trunk.climb.disguise.as_mut()) else { return };
        if (disguise.own, disguise.public) != (fresh.own, fresh.public) {
            *disguise = fresh;
        }
    }

    /// A message as it leaves.
    pub(crate) fn dressed(&self, transmit: Transmit) -> Transmit {
        let (transport, remote) = (transmit.path.transport(), transmit.path.remote());
        match self.disguise_at(transport, remote) {
            Some(disguise) => Transmit { bytes: disguise.dress(&transmit.bytes), ..transmit },
            None => transmit,
        }
    }

    /// A message as it would have come if nothing were hidden.
    pub(crate) fn undressed(&self, flow: &Flow, bytes: Bytes) -> Bytes {
        match self.disguise_at(flow.transport, flow.remote) {
            Some(disguise) => disguise.undress(&bytes),
            None => bytes,
        }
    }

    fn disguise_at(&self, transport: Transport, remote: SocketAddr) -> Option<&Disguise> {
        let leads = |trunk: &&Trunk| {
            let here = |target: &centrale_sip::flow::Target| target.transport == transport && target.remote == remote;
            trunk.climb.disguise.is_some() && trunk.targets.iter().any(here)
        };
        self.trunks.iter().find(leads)?.climb.disguise.as_ref()
    }
}
