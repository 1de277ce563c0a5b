//! What the page was told last, so that it is told only what changed. Lamps are kept by counting: a call that changes costs
//! the people in it, never a look at every other call.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Instant;

use centrale_config::Person;
use centrale_sip::registrar::{AddressOfRecord, Binding};

use crate::call::{Call, CallKey, Route};
use crate::exchange::Exchange;
use crate::io::{Output, Told};
use crate::view::{
    CallState, CallView, Direction, DoctorView, LineState, PersonView, ProblemView, RegistrationView, Snapshot,
    TrunkView,
};

/// A person in a call, and what it makes of the lamp.
type Line = (String, LineState);

/// How many calls each person is in.
#[derive(Debug, Default)]
struct Lamps(BTreeMap<String, InCalls>);

#[derive(Debug, Default, PartialEq, Eq)]
struct InCalls {
    busy: usize,
    ringing: usize,
}

impl Lamps {
    fn of<'a>(calls: impl Iterator<Item = &'a Call>) -> Self {
        let mut lamps = Self::default();
        calls.flat_map(lines_of).for_each(|line| lamps.add(&line));
        lamps
    }

    fn add(&mut self, (number, state): &Line) {
        *self.0.entry(number.clone()).or_default().count(*state) += 1;
    }

    fn take(&mut self, (number, state): &Line) {
        let Some(calls) = self.0.get_mut(number) else { return };
        *calls.count(*state) -= 1;
        if *calls == InCalls::default() {
            self.0.remove(number);
        }
    }

    fn state(&self, number: &str, offline: bool) -> LineState {
        match self.0.get(number) {
            Some(calls) if calls.busy > 0 => LineState::Busy,
            Some(_) => LineState::Ringing,
            None if offline => LineState::Offline,
            None => LineState::Idle,
        }
    }
}

impl InCalls {
    const fn count(&mut self, state: LineState) -> &mut usize {
        match state {
            LineState::Ringing => &mut self.ringing,
            _ => &mut self.busy,
        }
    }
}

/// The views as told, and what may have changed since.
#[derive(Debug, Default)]
pub(crate) struct Live {
    people: BTreeMap<String, PersonView>,
    calls: BTreeMap<CallKey, CallView>,
    trunks: BTreeMap<String, TrunkView>,
    doctors: BTreeMap<String, DoctorView>,
    problems: BTreeMap<(String, String), ProblemView>,
    /// What each call means for each person's lamp, and what they add up to.
    lines: BTreeMap<CallKey, Vec<Line>>,
    lamps: Lamps,
    changed_people: BTreeSet<String>,
    changed_calls: BTreeSet<CallKey>,
    changed_trunks: BTreeSet<String>,
    costs_changed: bool,
    news: Vec<Told>,
}

impl Live {
    pub(crate) fn person_changed(&mut self, number: &str) {
        self.changed_people.insert(number.to_owned());
    }

    pub(crate) fn call_changed(&mut self, key: CallKey) {
        self.changed_calls.insert(key);
    }

    pub(crate) fn trunk_changed(&mut self, name: &str) {
        self.changed_trunks.insert(name.to_owned());
    }

    pub(crate) const fn costs_changed(&mut self) {
        self.costs_changed = true;
    }

    pub(crate) const fn take_costs_changed(&mut self) -> bool {
        std::mem::replace(&mut self.costs_changed, false)
    }

    /// What the doctor says of the way to a trunk.
    pub(crate) fn doctor(&mut self, view: DoctorView) {
        if self.doctors.get(&view.trunk) != Some(&view) {
            self.news.push(Told::Doctor(Box::new(view.clone())));
            self.doctors.insert(view.trunk.clone(), view);
        }
    }

    /// Nothing is said of that trunk any more.
    pub(crate) fn doctor_gone(&mut self, trunk: &str) {
        self.doctors.remove(trunk);
    }

    pub(crate) fn raise(&mut self, problem: ProblemView) {
        let key = (problem.code.clone(), problem.subject.clone());
        if self.problems.get(&key) != Some(&problem) {
            self.news.push(Told::Problem(problem.clone()));
            self.problems.insert(key, problem);
        }
    }

    pub(crate) fn solve(&mut self, code: &str, subject: &str) {
        if self.problems.is_empty() {
            return;
        }
        let key = (code.to_owned(), subject.to_owned());
        if self.problems.remove(&key).is_some() {
            self.news.push(Told::ProblemGone { code: key.0, subject: key.1 });
        }
    }

    /// Whether that is what is shown of a problem.
    pub(crate) fn shows(&self, code: &str, subject: &str, detail: &str) -> bool {
        let key = (code.to_owned(), subject.to_owned());
        self.problems.get(&key).is_some_and(|problem| problem.detail == detail)
    }

    /// Forgets the problems of a kind whose subject no longer exists.
    pub(crate) fn retain_problems(&mut self, code: &str, exists: impl Fn(&str) -> bool) {
        let gone: Vec<_> =
            self.problems.keys().filter(|(kind, subject)| kind == code && !exists(subject)).cloned().collect();
        for (code, subject) in gone {
            self.solve(&code, &subject);
        }
    }

    /// Of these kinds there is what is `told` now, and nothing else.
    pub(crate) fn tell_instead(&mut self, codes: &[&str], told: Vec<ProblemView>) {
        for code in codes {
            self.retain_problems(code, |subject| told.iter().any(|one| one.code == *code && one.subject == subject));
        }
        told.into_iter().for_each(|problem| self.raise(problem));
    }
}

impl Exchange {
    /// Everything as it is now.
    pub fn snapshot(&self, now: Instant) -> Snapshot {
        let lamps = Lamps::of(self.calls.values());
        let people = self.directory.office().people.iter();
        let mut people: Vec<_> = people.map(|person| self.person_view(now, person, &lamps)).collect();
        people.sort_by(|one, two| one.number.cmp(&two.number));
        let mut calls: Vec<_> = self.calls.values().collect();
        calls.sort_by_key(|call| call.key);
        Snapshot {
            people,
            calls: calls.into_iter().map(|call| call_view(now, call)).collect(),
            trunks: self.trunks.iter().map(|trunk| self.trunk_view(trunk)).collect(),
            problems: self.live.problems.values().cloned().collect(),
        }
    }

    /// Puts what changed into the outputs.
    pub(crate) fn tell(&mut self, now: Instant) {
        for name in std::mem::take(&mut self.live.changed_trunks) {
            self.tell_trunk(&name);
        }
        for key in std::mem::take(&mut self.live.changed_calls) {
            self.watch_call(key);
            self.journal_call(now, key);
            self.tell_call(now, key);
        }
        for number in std::mem::take(&mut self.live.changed_people) {
            self.check_elsewhere(now, &number);
            self.check_moved(now, &number);
            self.tell_person(now, &number);
        }
        self.notify_watchers(now);
        self.outputs.extend(self.live.news.drain(..).map(Output::Told));
    }

    fn tell_trunk(&mut self, name: &str) {
        let view = self.trunk(name).map(|trunk| self.trunk_view(trunk));
        match view {
            Some(view) => {
                self.check_trunk(&view);
                if self.live.trunks.get(name) != Some(&view) {
                    self.live.trunks.insert(name.to_owned(), view.clone());
                    self.live.news.push(Told::Trunk(view));
                }
            }
            None if self.live.trunks.remove(name).is_some() => {
                self.live.doctor_gone(name);
                self.live.news.push(Told::TrunkGone(name.to_owned()));
            }
            None => {}
        }
    }

    fn tell_call(&mut self, now: Instant, key: CallKey) {
        self.count_lines(key);
        match self.calls.get(&key).map(|call| call_view(now, call)) {
            Some(view) => {
                let before = self.live.calls.get(&key);
                if before.is_none_or(|before| CallView { seconds: view.seconds, ..before.clone() } != view) {
                    self.live.calls.insert(key, view.clone());
                    self.live.news.push(Told::Call(view));
                }
            }
            None => {
                if let Some(view) = self.live.calls.remove(&key) {
                    self.live.news.push(Told::CallGone(view.id));
                }
            }
        }
    }

    /// Brings the lamps in line with what a call has become.
    fn count_lines(&mut self, key: CallKey) {
        let lines = self.calls.get(&key).map(lines_of).unwrap_or_default();
        let live = &mut self.live;
        let before = live.lines.remove(&key).unwrap_or_default();
        if before != lines {
            before.iter().for_each(|line| live.lamps.take(line));
            lines.iter().for_each(|line| live.lamps.add(line));
            live.changed_people.extend(before.into_iter().chain(lines.iter().cloned()).map(|(number, _)| number));
        }
        if !lines.is_empty() {
            live.lines.insert(key, lines);
        }
    }

    fn tell_person(&mut self, now: Instant, number: &str) {
        let person = self.directory.person(number);
        match person.map(|person| self.person_view(now, person, &self.live.lamps)) {
            Some(view) if self.live.people.get(number).is_some_and(|before| is_same(before, &view)) => {}
            Some(view) => {
                self.live.people.insert(number.to_owned(), view.clone());
                self.live.news.push(Told::Person(view));
            }
            None if self.live.people.remove(number).is_some() => {
                self.live.news.push(Told::PersonGone(number.to_owned()));
            }
            None => {}
        }
    }

    fn person_view(&self, now: Instant, person: &Person, lamps: &Lamps) -> PersonView {
        let number = person.number.as_str();
        let bindings = self.registrar.lookup(now, &AddressOfRecord::new(number));
        let registration = |binding: &&Binding| RegistrationView {
            mac: self.directory.login(&binding.username).and_then(|login| login.device()).map(|mac| mac.to_string()),
            user_agent: binding.user_agent.to_string(),
            address: binding.flow.remote.to_string(),
            transport: binding.flow.transport.to_string(),
            expires_in_seconds: binding.expires_at.saturating_duration_since(now).as_secs(),
        };
        let registrations: Vec<_> = bindings.iter().map(registration).collect();
        let state = lamps.state(number, registrations.is_empty());
        let new_messages = self.mailboxes.summary(number).new;
        let (alarm_line, name) = (self.alarm_line_view(number), person.name.clone());
        PersonView { number: number.to_owned(), name, state, registrations, new_messages, alarm_line }
    }

    fn trunk_view(&self, trunk: &crate::trunk::Trunk) -> TrunkView {
        TrunkView { calls: self.calls_over(trunk.name()), help: self.help_view(trunk), ..trunk.view() }
    }
}

/// Whether two views differ by the passing of time at most.
fn is_same(one: &PersonView, two: &PersonView) -> bool {
    let same = |(one, two): (&RegistrationView, &RegistrationView)| {
        *one == RegistrationView { expires_in_seconds: one.expires_in_seconds, ..two.clone() }
    };
    let rest = |one: &PersonView| (one.state, one.new_messages, one.alarm_line);
    (&one.number, &one.name) == (&two.number, &two.name)
        && rest(one) == rest(two)
        && one.registrations.len() == two.registrations.len()
        && one.registrations.iter().zip(&two.registrations).all(same)
}

/// Who is busy with a call, and whose phones it rings; each once.
fn lines_of(call: &Call) -> Vec<Line> {
    let caller = (call.direction != Direction::Incoming).then(|| call.from.number.clone());
    let busy = caller.into_iter().chain(call.answered_by.clone());
    let mut lines: Vec<Line> = busy.map(|number| (number, LineState::Busy)).collect();
    for fork in call.forks.iter().filter(|_| call.answered.is_none()) {
        if let Route::Phone { person, .. } = &fork.route
            && !lines.iter().any(|(number, state)| number == person && *state == LineState::Ringing)
        {
            lines.push((person.clone(), LineState::Ringing));
        }
    }
    lines
}

fn call_view(now: Instant, call: &Call) -> CallView {
    let state = match call.answered {
        None if call.parked.is_some() => CallState::Held,
        None => CallState::Ringing,
        Some(_) if call.is_held() => CallState::Held,
        Some(_) => CallState::Talking,
    };
    CallView {
        id: call.id.clone(),
        direction: call.direction,
        from: call.from.claimed().to_owned(),
        spoofed: call.from.spoofs.is_some(),
        from_name: call.from.name.clone(),
        to: call.to.number.clone(),
        to_name: call.to.name.clone(),
        state,
        seconds: now.saturating_duration_since(call.answered.unwrap_or(call.started)).as_secs(),
        emergency: call.emergency,
        ends_soon: call.ending_soon,
    }
}
