//! A person marks the last call that came as malicious (`*57`): threats, or somebody who never leaves them alone.
//!
//! The mark is the record of the call by which it was made, and names the marked one. So nothing that was written is changed,
//! and it makes no difference whether the marked call still lasts.

use std::collections::BTreeMap;
use std::time::Instant;

use centrale_config::MALICIOUS_CALL_CODE;
use centrale_sip::flow::Path;
use centrale_sip::message::Status;

use super::begin::{Caller, Plan};
use super::{Call, Knock, Mailbox, Party, Purpose, Route};
use crate::exchange::Exchange;
use crate::record::Outcome;
use crate::view::Direction;

/// The last call that came to each person and is over, by its id.
#[derive(Debug, Default)]
pub(crate) struct LastCalls(BTreeMap<String, String>);

impl LastCalls {
    /// Forgets whose number is nobody's any more: who has it next is another.
    pub(crate) fn keep(&mut self, is_there: impl Fn(&str) -> bool) {
        self.0.retain(|person, _| is_there(person));
    }
}

impl Exchange {
    /// A phone asks for a mark on the last call that came to its person. Only one that is registered: a mark is evidence.
    pub(super) fn mark_last_call(&mut self, now: Instant, knock: Knock, caller: &Caller, from: Party) {
        if !self.is_registered_at(now, &from.number, &caller.username, &Path::Flow(knock.flow)) {
            return self.reject(now, &knock, Status::FORBIDDEN);
        }
        let marks = self.last_call_of(&from.number);
        let plan = Plan { marks, ..Plan::new(Direction::Internal, from, Party::nameless(MALICIOUS_CALL_CODE)) };
        if plan.marks.is_none() {
            self.reject(now, &knock, Status::NOT_FOUND);
            return self.record_unstarted(now, &plan, (Outcome::Refused, Status::NOT_FOUND));
        }
        self.counters.calls_marked += 1;
        let mailbox = Some(Mailbox { number: plan.from.number.clone(), purpose: Purpose::Mark });
        self.begin(now, knock, Plan { mailbox, username: Some(caller.username.clone()), ..plan });
    }

    /// The newest call that came to a person: one that lasts, else the last that is over.
    fn last_call_of(&self, person: &str) -> Option<String> {
        let came = |call: &&Call| came_to(call, person);
        let lasts = self.calls.values().filter(came).max_by_key(|call| call.key);
        lasts.map(|call| call.id.clone()).or_else(|| self.last_calls.0.get(person).cloned())
    }

    /// A call is over: it was the last that came to whom it came.
    pub(crate) fn remember_last_call(&mut self, call: &Call) {
        let legs = call.past_legs.iter().filter(|leg| leg.account.is_some()).map(|leg| &leg.number);
        let people = legs.chain(&call.answered_by).chain(call.at_mailbox.as_ref().map(|at| &at.number));
        for person in people.filter(|person| came_to(call, person)) {
            self.last_calls.0.insert(person.clone(), call.id.clone());
        }
    }
}

/// Whether somebody else's call came to that person: who took it, or, when nobody did, everybody at whose phones it rang.
fn came_to(call: &Call, person: &str) -> bool {
    if call.from.number == person || call.marks.is_some() {
        return false;
    }
    if let Some(taken_by) = call.answered_by.as_ref().or(call.at_mailbox.as_ref().map(|at| &at.number)) {
        return taken_by == person;
    }
    let rings = |route: &Route| matches!(route, Route::Phone { person: rung, .. } if rung == person);
    let rang = call.past_legs.iter().any(|leg| leg.account.is_some() && leg.number == person);
    call.callee.is_none() && (rang || call.forks.iter().any(|fork| rings(&fork.route)))
}
