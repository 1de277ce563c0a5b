//! Ringing: what becomes of each INVITE until one is answered.

use std::time::{Duration, Instant};

use centrale_sip::endpoint::ClientKey;
use centrale_sip::flow::Target;
use centrale_sip::message::{HeaderName, Response, Status};

use super::body::description_in;
use super::channel::nobody_rings;
use super::invite::{Attempt, RINGS_FOR_HELP};
use super::session_timer::LONGEST;
use super::{Call, Fork, ForkId, Route, Side};
use crate::exchange::{Due, Exchange, Reply};
use crate::record::Outcome;
use crate::trunk::{Verdict, verdict};

/// How long a server that said nothing to a call is not the first to be asked.
const REST: Duration = Duration::from_secs(60);
/// The longest a server can ask not to be the first.
const LONGEST_REST: Duration = Duration::from_secs(600);

/// How long a caller may hear something before anybody answers (threats B-26). Networks answer sooner, or give up.
const LONGEST_EARLY: Duration = Duration::from_secs(60);

impl Exchange {
    /// A 1xx of a fork: the caller hears that it rings, or the early media of the only one that rings.
    pub(crate) fn handle_progress(&mut self, now: Instant, call: &mut Call, id: ForkId, reply: &Reply<'_>) {
        // Who is being transferred still hears somebody else.
        let alone = call.forks.len() == 1 && call.invite.is_some();
        let Some(fork) = call.forks.iter_mut().find(|fork| fork.id == id) else { return };
        let is_first = !std::mem::replace(&mut fork.spoke, true);
        if reply.response.status == Status::TRYING {
            if is_first && call.emergency {
                // It took the call; whether anybody gets it there is still to be seen.
                fork.passed_over = false;
                self.agenda.set(Due::SaysNothing(call.key, id), now + RINGS_FOR_HELP);
            }
            return;
        }
        fork.rings = true;
        if let Some(alert) = &mut call.alert {
            alert.rang = true;
        }
        let hears = alone && call.early.is_none_or(|first| first == id) && call.caller.description.theirs().is_some();
        let session = if hears { description_in(&reply.response.headers, &reply.response.body) } else { Ok(None) };
        let mut body = None;
        if let Ok(Some(session)) = session
            && let Some(flow) = reply.flow
            && fork.description.take_answer(session).is_ok()
        {
            call.early = Some(id);
            let (remote, is_provider) = (flow.remote.ip(), matches!(fork.route, Route::Trunk { .. }));
            let neighbours = is_provider && self.has_media_servers_beside(remote);
            let media = fork.description.leg_media(call.callee_bind, remote, neighbours);
            body = fork.description.theirs().and_then(|theirs| call.caller.description.answer(theirs).ok());
            self.change_media(call, Side::Callee, media);
            self.change_own_media(call, Side::Caller);
            self.limit_early_media(now, call);
        }
        let early = body.is_some() && reply.response.status != Status::RINGING;
        let status = if early { Status::SESSION_PROGRESS } else { Status::RINGING };
        self.respond_to_caller(now, call, status, body.as_ref());
    }

    /// Something is heard and nobody has answered, so it costs nothing: a call that could go on so would never be paid for.
    /// A helpline may let its callers wait so.
    fn limit_early_media(&mut self, now: Instant, call: &Call) {
        if call.bill.order.as_ref().is_some_and(|order| order.always_passes) {
            return;
        }
        let due = Due::RingsTooLong(call.key);
        if self.agenda.at(&due).is_some_and(|at| at > now + LONGEST_EARLY) {
            self.agenda.set(due, now + LONGEST_EARLY);
        }
    }

    /// A final refusal of a fork.
    pub(crate) fn handle_refusal(&mut self, now: Instant, call: &mut Call, id: ForkId, response: &Response) {
        let Some(at) = call.forks.iter().position(|fork| fork.id == id) else { return };
        let fork = call.forks.remove(at);
        if call.early == Some(id) {
            call.early = None;
        }
        let (route, rang, refused) = (fork.route.clone(), fork.rings, fork.over(now, response.status.code()));
        let strict = matches!(&route, Route::Trunk { trunk, .. } if !call.emergency && self.demands_srtp(trunk));
        if let Some(attempt) = second_attempt(fork, response, strict) {
            self.attempt(now, call, attempt);
            return self.settle_if_nobody_rings(now, call);
        }
        if let Route::Phone { person, username, apart: false, .. } = &route
            && Self::is_forward(call, person, response)
        {
            call.past_legs.push(refused);
            self.forward(now, call, (person, username), (response, rang));
            return self.settle_if_nobody_rings(now, call);
        }
        if let Route::Phone { person, .. } = &route
            && response.status.code() >= 600
        {
            self.cancel_phones_of(now, call, person);
        }
        if let Route::Trunk { trunk, .. } = &route
            && call.emergency
        {
            call.scarcity.note(trunk, response);
        }
        call.refusal = Some(better_refusal(call.refusal, meant_by(&route, response)));
        call.past_legs.push(refused);
        self.settle_if_nobody_rings(now, call);
    }

    /// Declined on one phone is declined on all phones of that person.
    pub(super) fn cancel_phones_of(&mut self, now: Instant, call: &mut Call, person: &str) {
        let gone = |fork: &Fork| matches!(&fork.route, Route::Phone { person: theirs, .. } if *theirs == person);
        let (declined, kept) = std::mem::take(&mut call.forks).into_iter().partition(gone);
        call.forks = kept;
        self.cancel_forks(now, call, declined);
    }

    /// A provider has said nothing at all for long enough, or for help nothing but that it tries: the next one is asked. A call for
    /// help asks both, whichever answers first, and that one once more without the office's address where it carried that; who tries
    /// already only where nobody else is left, as whoever answers help is to be called as few times as can be.
    pub(crate) fn pass_over(&mut self, now: Instant, call: &mut Call, id: ForkId) {
        let waits = |fork: &Fork| if call.emergency { !fork.rings } else { !fork.spoke };
        let Some(at) = call.forks.iter().position(|fork| fork.id == id && waits(fork)) else { return };
        let asks_again = !call.forks[at].spoke || call.spare_routes.is_empty();
        if let Some(attempt) = asks_again.then(|| without_location(&mut call.forks[at])).flatten() {
            self.attempt(now, call, attempt);
        }
        call.forks[at].passed_over = true;
        let Some(next) = call.spare_routes.pop_front() else { return self.settle_if_nobody_rings(now, call) };
        if let Route::Trunk { trunk, target, .. } = &call.forks[at].route {
            self.doubt_server(now, trunk, *target);
        }
        if !call.emergency {
            let silent = call.forks.remove(at);
            self.cancel_forks(now, call, vec![silent]);
        }
        self.ring(now, call, next);
        if !call.emergency && call.bill.reject.is_none() {
            call.refusal = Some(better_refusal(call.refusal, Status::REQUEST_TIMEOUT));
        }
        self.settle_if_nobody_rings(now, call);
    }

    /// What a refusal says of the server it came from, or did not come from: one that is not there, or asks to be left alone
    /// for a while (RFC 3261 21.5.4), is not the first to be asked for the next call.
    pub(crate) fn weigh_server(&mut self, now: Instant, call: &Call, id: ForkId, reply: &Reply<'_>) {
        let fork = call.forks.iter().find(|fork| fork.id == id);
        let Some(Route::Trunk { trunk, target, .. }) = fork.map(|fork| &fork.route) else { return };
        let later = reply.response.headers.number(&HeaderName::RetryAfter).ok().flatten();
        if reply.flow.is_some() {
            self.note_refused_call(now, trunk, reply.response);
        }
        match (reply.flow, later) {
            (None, _) => self.doubt_server(now, trunk, *target),
            (Some(_), Some(seconds)) if reply.response.status == Status::SERVICE_UNAVAILABLE => {
                self.rest_server(now, trunk, *target, Duration::from_secs(seconds.into()).min(LONGEST_REST));
            }
            (Some(_), _) => {}
        }
    }

    /// A server said nothing to a call. It is asked at once whether it is there.
    fn doubt_server(&mut self, now: Instant, trunk: &str, target: Target) {
        self.rest_server(now, trunk, target, REST);
        self.doubt_trunk(now, trunk);
    }

    /// When no fork is left: the next trunk, or the end.
    pub(crate) fn settle_if_nobody_rings(&mut self, now: Instant, call: &mut Call) {
        while nobody_rings(call) && call.callee.is_none() && !call.is_with_box() && call.ending.is_none() {
            let Some(next) = self.next_route(now, call) else {
                if !call.forks.is_empty() || self.pauses_for_room(call) || self.waits_for_a_provider(call) {
                    return;
                }
                if call.parked.is_some() {
                    return self.wait_at_place(now, call);
                }
                if self.enter_room(now, call) || self.reach_mailbox(now, call) {
                    return;
                }
                if let (Some(reject), None) = (call.bill.reject, call.refusal) {
                    self.counters.calls_blocked += 1;
                    return self.end(now, call, None, Outcome::Blocked, reject.status);
                }
                // A provider had the last word.
                call.bill.reject = None;
                let nobody = if call.emergency { Status::SERVICE_UNAVAILABLE } else { Status::TEMPORARILY_UNAVAILABLE };
                let status = call.refusal.unwrap_or(nobody);
                return self.end(now, call, None, outcome_of(status), for_caller(status).code());
            };
            self.ring(now, call, next);
        }
    }

    fn next_route(&mut self, now: Instant, call: &mut Call) -> Option<Route> {
        if call.emergency {
            return call.spare_routes.pop_front().or_else(|| self.make_room(now, call));
        }
        if is_the_callees_word(call.refusal) { None } else { call.spare_routes.pop_front() }
    }

    /// Cancels forks; their late answers are met with ACK and BYE, and paid for.
    pub(crate) fn cancel_forks(&mut self, now: Instant, call: &mut Call, forks: Vec<Fork>) {
        for fork in forks {
            self.leave_charge(call, &fork);
            self.endpoint.cancel(now, fork.client);
            call.past_legs.push(fork.over(now, 0));
        }
    }

    /// The fork of a client transaction, when the call still knows it.
    pub(crate) fn fork_client(call: &Call, id: ForkId) -> Option<ClientKey> {
        call.forks.iter().find(|fork| fork.id == id).map(|fork| fork.client)
    }
}

/// The same once more without the office's address, where it carried that. Once is enough.
fn without_location(fork: &mut Fork) -> Option<Attempt> {
    let (route, ours, interval) = (fork.route.clone(), fork.ours, fork.interval);
    let description = fork.description.clone();
    std::mem::take(&mut fork.located).then_some(Attempt { route, ours, description, interval, located: false })
}

/// What a refusal asks for that can be given: no address of the office, whatever the refusal says, unless it is that somebody
/// talks; no encryption, unless the office is strict about it, or a longer session
/// interval (RFC 4028 7.4).
fn second_attempt(mut fork: Fork, response: &Response, strict: bool) -> Option<Attempt> {
    if !matches!(response.status.code(), 486 | 600)
        && let Some(attempt) = without_location(&mut fork)
    {
        return Some(attempt);
    }
    let Fork { route, ours, mut description, interval, .. } = fork;
    let interval = match response.status {
        status if !strict && matches!(status.code(), 415 | 488 | 606) && description.give_up_srtp() => interval,
        Status::SESSION_INTERVAL_TOO_SMALL => {
            let shortest = response.headers.number(&HeaderName::MinSe).ok().flatten()?;
            Some(shortest).filter(|shortest| *shortest > interval && *shortest <= LONGEST)?
        }
        _ => return None,
    };
    Some(Attempt { route, ours, description, interval, located: false })
}

/// Whether the refusal is the called person's or number's own, so that another trunk would change nothing.
fn is_the_callees_word(status: Option<Status>) -> bool {
    status.is_some_and(|status| matches!(status.code(), 404 | 410 | 480 | 484 | 486 | 600..=699))
}

/// The status that counts: what a provider says of itself in one that speaks of the called counts as a mere failure.
fn meant_by(route: &Route, response: &Response) -> Status {
    let is_own = matches!(route, Route::Trunk { .. }) && verdict(response).is_some_and(Verdict::is_its_own);
    if is_own && is_the_callees_word(Some(response.status)) { Status::SERVICE_UNAVAILABLE } else { response.status }
}

/// Which of two refusals says more to the caller: a decline, then busy, then anything else but a mere failure.
pub(super) fn better_refusal(before: Option<Status>, new: Status) -> Status {
    let rank = |status: Status| match status.code() {
        600..=699 => 0,
        486 => 1,
        404 | 410 | 484 | 488 => 2,
        300..=407 | 409..=499 => 3,
        _ => 4,
    };
    match before {
        Some(before) if rank(before) <= rank(new) => before,
        _ => new,
    }
}

/// What the caller is told: a challenge or redirection to us is none of its business.
const fn for_caller(status: Status) -> Status {
    match status.code() {
        300..=399 | 401 | 407 | 408 | 422 | 481 | 482 | 487 => Status::TEMPORARILY_UNAVAILABLE,
        _ => status,
    }
}

const fn outcome_of(status: Status) -> Outcome {
    match status.code() {
        486 | 600 => Outcome::Busy,
        480 => Outcome::NoAnswer,
        408 | 500 | 502..=504 => Outcome::Unreachable,
        _ => Outcome::Refused,
    }
}
