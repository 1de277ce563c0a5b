//! What the page was told last, so that it is told only what changed.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Instant;

use centrale_sip::registrar::AddressOfRecord;

use crate::call::{Call, CallKey};
use crate::exchange::Exchange;
use crate::io::{Output, Told};
use crate::view::{CallState, CallView, LineState, PersonView, ProblemView, RegistrationView, Snapshot, TrunkView};

/// The views as told, and what may have changed since.
#[derive(Debug, Default)]
pub(crate) struct Live {
    people: BTreeMap<String, PersonView>,
    calls: BTreeMap<CallKey, CallView>,
    trunks: BTreeMap<String, TrunkView>,
    problems: BTreeMap<(String, String), ProblemView>,
    changed_people: BTreeSet<String>,
    changed_calls: BTreeSet<CallKey>,
    changed_trunks: BTreeSet<String>,
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

    /// Forgets the problems of a kind whose subject no longer exists.
    pub(crate) fn retain_problems(&mut self, code: &str, exists: impl Fn(&str) -> bool) {
        let gone: Vec<_> =
            self.problems.keys().filter(|(kind, subject)| kind == code && !exists(subject)).cloned().collect();
        for (code, subject) in gone {
            self.solve(&code, &subject);
        }
    }
}

impl Exchange {
    /// Everything as it is now.
    pub fn snapshot(&self, now: Instant) -> Snapshot {
        let people = self.directory.office().people.iter();
        let mut people: Vec<_> = people.filter_map(|person| self.person_view(now, person.number.as_str())).collect();
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
            self.tell_call(now, key);
        }
        for number in std::mem::take(&mut self.live.changed_people) {
            self.tell_person(now, &number);
        }
        self.outputs.extend(self.live.news.drain(..).map(Output::Told));
    }

    fn tell_trunk(&mut self, name: &str) {
        let view = self.trunks.iter().find(|trunk| trunk.name() == name).map(|trunk| self.trunk_view(trunk));
        match view {
            Some(view) => {
                self.check_trunk(&view);
                if self.live.trunks.get(name) != Some(&view) {
                    self.live.trunks.insert(name.to_owned(), view.clone());
                    self.live.news.push(Told::Trunk(view));
                }
            }
            None if self.live.trunks.remove(name).is_some() => self.live.news.push(Told::TrunkGone(name.to_owned())),
            None => {}
        }
    }

    fn tell_call(&mut self, now: Instant, key: CallKey) {
        let view = self.calls.get(&key).map(|call| call_view(now, call));
        let before = self.live.calls.get(&key);
        for view in [view.as_ref(), before].into_iter().flatten() {
            self.live.changed_people.extend([view.from.clone(), view.to.clone()]);
        }
        let call = self.calls.get(&key).into_iter();
        let people = call.flat_map(|call| people_in(call).chain(call.answered_by.clone()));
        self.live.changed_people.extend(people);
        // Whoever rang and lost is in no call any more: every lamp that is lit is looked at once more.
        let lit = |state| matches!(state, LineState::Ringing | LineState::Busy);
        let lit = self.live.people.values().filter(|person| lit(person.state)).map(|person| person.number.clone());
        self.live.changed_people.extend(lit);
        match view {
            Some(view) => {
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

    fn tell_person(&mut self, now: Instant, number: &str) {
        match self.person_view(now, number) {
            Some(view) if self.live.people.get(number) == Some(&view) => {}
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

    fn person_view(&self, now: Instant, number: &str) -> Option<PersonView> {
        let person = self.directory.office().people.iter().find(|person| person.number.as_str() == number)?;
        let bindings = self.registrar.lookup(now, &AddressOfRecord::new(number));
        let registration = |binding: &&centrale_sip::registrar::Binding| RegistrationView {
            mac: self.directory.login(&binding.username).and_then(|login| login.device()).map(|mac| mac.to_string()),
            user_agent: binding.user_agent.to_string(),
            address: binding.flow.remote.to_string(),
            transport: binding.flow.transport.to_string(),
            expires_in_seconds: binding.expires_at.saturating_duration_since(now).as_secs(),
        };
        let registrations: Vec<_> = bindings.iter().map(registration).collect();
        let state = self.line_state(number, registrations.is_empty());
        Some(PersonView { number: number.to_owned(), name: person.name.clone(), state, registrations })
    }

    fn line_state(&self, number: &str, offline: bool) -> LineState {
        let talks = |call: &Call| {
            let calls = call.from.number == number && call.direction != crate::view::Direction::Incoming;
            calls || call.answered_by.as_deref() == Some(number)
        };
        let rings = |call: &Call| call.answered.is_none() && people_in(call).any(|person| person == number);
        if self.calls.values().any(talks) {
            LineState::Busy
        } else if self.calls.values().any(rings) {
            LineState::Ringing
        } else if offline {
            LineState::Offline
        } else {
            LineState::Idle
        }
    }

    fn trunk_view(&self, trunk: &crate::trunk::Trunk) -> TrunkView {
        let calls = self.calls.values().filter(|call| call.trunk.as_deref() == Some(trunk.name())).count();
        TrunkView { calls: u32::try_from(calls).unwrap_or(u32::MAX), ..trunk.view() }
    }
}

/// The people whose phones this call rings.
fn people_in(call: &Call) -> impl Iterator<Item = String> {
    call.forks.iter().filter_map(|fork| match &fork.route {
        crate::call::Route::Phone { person, .. } => Some(person.clone()),
        crate::call::Route::Trunk { .. } => None,
    })
}

fn call_view(now: Instant, call: &Call) -> CallView {
    let state = match call.answered {
        None => CallState::Ringing,
        Some(_) if call.is_held() => CallState::Held,
        Some(_) => CallState::Talking,
    };
    CallView {
        id: call.id.clone(),
        direction: call.direction,
        from: call.from.number.clone(),
        from_name: call.from.name.clone(),
        to: call.to.number.clone(),
        to_name: call.to.name.clone(),
        state,
        seconds: now.saturating_duration_since(call.answered.unwrap_or(call.started)).as_secs(),
        emergency: call.emergency,
    }
}
