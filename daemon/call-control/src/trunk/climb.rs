//! Going round a router that changes calls. `alg::ladder` says which step is tried, kept and undone; here it is taken: the trunk
//! takes the way (`way.rs`), registers by it, and V1 and V3 are asked on that very path. No step lowers security: TLS is
//! better, and the others go to the same server with the same proof.

use std::time::{Duration, Instant};

use centrale_alg::active::{Findings, Run, Set};
use centrale_alg::diagnosis::{Advice, Diagnosis, Interference};
use centrale_alg::ladder::{Ladder, Marks, Order, Provider, Step};
use centrale_alg::when::Reason;
use centrale_sip::flow::Transport;
use rand::RngExt as _;

use super::examine::Round;
use super::way::{Coat, hides};
use crate::exchange::{Due, Exchange};
use crate::view::TrunkState;

/// Before what stands in the way of a step is looked at again.
const WAIT: Duration = Duration::from_secs(2);

/// The way that a trunk goes.
#[derive(Debug)]
pub(super) struct Climb {
    ladder: Ladder,
    /// The step that is taken: the one that is tried, else the one that it stands on.
    step: Step,
    /// Any other than the plain one was ever taken.
    moved: bool,
    /// A trial waits for the provider to take our registration by it.
    tries: bool,
    /// Somebody wants to go round once the round that is under way has ended.
    wished: bool,
    /// The way that was kept does not lead to the provider: the plain one is looked down in turn with it.
    astray: bool,
    pub(super) coat: Coat,
}

impl Default for Climb {
    fn default() -> Self {
        // Until a round found more.
        let provider = Provider { datagrams: true, wants_address: true, ..Provider::default() };
        Self {
            ladder: Ladder::new(&provider),
            step: Step::Plain,
            moved: false,
            tries: false,
            wished: false,
            astray: false,
            coat: Coat::default(),
        }
    }
}

impl Climb {
    /// The step that the trunk stands on, a trial aside.
    pub(super) const fn standing(&self) -> Step {
        self.ladder.standing()
    }

    /// The step that is taken now.
    pub(super) const fn step(&self) -> Step {
        self.step
    }

    /// Whether any other than the plain one was ever taken, or a port of its own.
    pub(super) const fn has_moved(&self) -> bool {
        self.moved
    }

    /// Whether a step is being tried now.
    pub(super) const fn tries(&self) -> bool {
        self.tries
    }

    /// The step by which calls go, whatever is tried now.
    pub(super) const fn step_of_calls(&self) -> Step {
        if self.ladder.is_trying() { self.ladder.standing() } else { self.step }
    }

    /// By which requests go, where they would plainly go by that.
    pub(super) const fn transport(&self, plain: Transport) -> Transport {
        match self.step {
            Step::Tls => Transport::Tls,
            Step::SplitTcp => Transport::Tcp,
            _ => plain,
        }
    }

    /// On a step of before a restart.
    pub(super) fn stand_on(&mut self, step: Step) {
        self.ladder.stand_on(step);
        (self.step, self.moved, self.coat.wants_port) = (step, true, true);
    }

    /// No server was reached: the plain way is tried in turn with the one that was kept. Whether there are two.
    pub(super) fn turn(&mut self) -> bool {
        if self.standing() == Step::Plain || self.ladder.is_trying() {
            return false;
        }
        self.astray = !self.astray;
        self.step = if self.astray { Step::Plain } else { self.standing() };
        true
    }

    /// The provider answered. Whether that was on the plain way, and not on the one that was kept.
    pub(super) fn is_back(&mut self) -> bool {
        let back = std::mem::take(&mut self.astray);
        if back {
            self.ladder.lost();
        }
        back
    }
}

impl Exchange {
    /// A round over the plain path said something.
    pub(super) fn climb_after(&mut self, now: Instant, name: &str, diagnosis: &Diagnosis, clean: bool) {
        let calls = self.calls_over(name);
        let Some(trunk) = self.trunk_mut(name) else { return };
        if diagnosis.advice == Advice::TakeNewPort && trunk.climb.standing() == Step::Plain && calls == 0 {
            // Only the flow of before is still rewritten: one from another port is not.
            (trunk.climb.coat.wants_port, trunk.climb.moved) = (true, true);
            self.start_trunk(now, name);
            return self.wish_examination(now, name, Reason::Symptom);
        }
        let registers = trunk.state == TrunkState::Connected;
        let ladder = &mut trunk.climb.ladder;
        ladder.calls(calls, now);
        if ladder.standing() == Step::Plain {
            ladder.diagnosed(diagnosis, Marks { registers, intact: false, call: None }, now);
        } else {
            ladder.plain_tested(clean, now);
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
        self.climb_after(now, name, &Diagnosis { advice: Advice::SwitchOffInRouter, ..diagnosis }, false);
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
        for name in self.tried() {
            let calls = self.calls_over(&name);
            if calls > 0 {
                self.give_way(now, &name, calls);
            }
        }
    }

    /// The same on every trunk before it is known over which one a call for help goes.
    pub(crate) fn give_way_to_help(&mut self, now: Instant) {
        self.tried().iter().for_each(|name| self.give_way_to_a_call(now, name));
    }

    /// The same before a call is written for that trunk, for a trial may lead to another server and another transport. Where
    /// none comes of it, what was tried is tried anew in a moment.
    pub(crate) fn give_way_to_a_call(&mut self, now: Instant, name: &str) {
        if self.trunk(name).is_some_and(|trunk| trunk.climb.ladder.is_trying()) {
            let calls = self.calls_over(name).max(1);
            self.give_way(now, name, calls);
            self.agenda.set(Due::TrunkLadder(name.to_owned()), now + WAIT);
        }
    }

    /// The trunks on which a step is tried now.
    fn tried(&self) -> Vec<String> {
        let tried = self.trunks.iter().filter(|trunk| trunk.climb.ladder.is_trying());
        tried.map(|trunk| trunk.name().to_owned()).collect()
    }

    fn give_way(&mut self, now: Instant, name: &str, calls: u32) {
        self.end_checks(name);
        let Some(trunk) = self.trunk_mut(name) else { return };
        trunk.climb.tries = false;
        trunk.climb.ladder.calls(calls, now);
        self.follow_ladder(now, name);
    }

    /// What the provider was found to have.
    pub(super) fn note_provider(&mut self, name: &str, provider: &Provider) {
        if let Some(trunk) = self.trunk_mut(name) {
            trunk.climb.ladder.offers(provider);
        }
    }

    /// Calls that a provider carries.
    pub(crate) fn calls_over(&self, name: &str) -> u32 {
        let calls: usize = self.calls.values().map(|call| call.channels_at(name)).sum();
        u32::try_from(calls).unwrap_or(u32::MAX)
    }

    fn follow_ladder(&mut self, now: Instant, name: &str) {
        while let Some(order) = self.trunk_mut(name).and_then(|trunk| trunk.climb.ladder.next_order()) {
            match order {
                Order::Try(step) => self.take_step(now, name, step, true),
                Order::Undo(step) => self.take_step(now, name, step, false),
                Order::Keep(_) => self.keep_way(name),
                Order::NothingLeft(_) => {}
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

    /// The trunk goes that way from now on, and registers by it: from a new port, unless a call was begun from this one.
    fn take_step(&mut self, now: Instant, name: &str, step: Step, tries: bool) {
        let is_free = self.calls_over(name) == 0;
        let Some(trunk) = self.trunk_mut(name) else { return };
        let is_free = is_free && trunk.climb.ladder.is_free();
        let before = std::mem::replace(&mut trunk.climb.step, step);
        self.lay_way(name);
        let cannot = hides(step) && !self.can_hide_from(name);
        let Some(trunk) = self.trunk_mut(name) else { return };
        if cannot && tries {
            trunk.climb.step = before;
            self.lay_way(name);
            let Some(trunk) = self.trunk_mut(name) else { return };
            trunk.climb.ladder.checked(Marks::NOTHING, now);
            return;
        }
        let climb = &mut trunk.climb;
        (climb.tries, climb.moved, climb.astray) = (tries, true, false);
        climb.coat.wants_port = is_free;
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

    /// The provider answered by the way that is tried: V1 and V3 are asked on it. Nobody can read TLS.
    pub(super) fn check_step(&mut self, now: Instant, name: &str) {
        self.comes_back(now, name);
        let seed = self.rng.random();
        let Some(mut target) = self.whom_to_ask(name, true) else { return };
        self.rounds += 1;
        let number = self.rounds;
        let tries = |trunk: &&mut super::Trunk| trunk.climb.tries && !trunk.climb.coat.waits();
        let Some(trunk) = self.trunk_mut(name).filter(tries) else { return };
        trunk.climb.tries = false;
        if target.live == Some(Transport::Tls) {
            let registers = trunk.state == TrunkState::Connected;
            trunk.climb.ladder.checked(Marks { registers, intact: true, call: None }, now);
            return self.follow_ladder(now, name);
        }
        target.sent_by = trunk.worn().map(|disguise| disguise.sent_by().into());
        let run = Run::new(target, Set::Harmless, seed, now);
        trunk.examination.round = Some(Round { number, reason: Reason::Asked, set: Set::Harmless, run, checks: true });
        self.drive_round(now, name);
    }

    /// What V1 and V3 said on the way that is tried.
    pub(super) fn step_checked(&mut self, now: Instant, name: &str, findings: &Findings) {
        let Some(trunk) = self.trunk_mut(name) else { return };
        let registers = trunk.state == TrunkState::Connected;
        let intact = findings.is_intact(trunk.climb.step);
        let marks = Marks { registers, intact, call: None };
        trunk.climb.ladder.checked(marks, now);
        self.follow_ladder(now, name);
    }
}
