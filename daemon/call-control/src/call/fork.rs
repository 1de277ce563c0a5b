//! Ringing: one INVITE a phone or provider, and what becomes of it until one answers.

use std::time::Instant;

use centrale_sip::endpoint::ClientKey;
use centrale_sip::flow::{Flow, Path};
use centrale_sip::message::{HeaderName, Host, Method, NameAddr, Request, Response, SipUri, Status};
use centrale_sip::sdp::{CONTENT_TYPE, Session};

use super::session_timer::propose;
use super::{Call, Fork, ForkId, Ours, Route};
use crate::exchange::{Exchange, allow};
use crate::media::LegDescription;
use crate::record::Outcome;
use crate::sent::{Purpose, Sent};
use crate::view::Direction;

impl Exchange {
    /// Where a route leads.
    pub(crate) fn path_of(&self, route: &Route) -> Option<Path> {
        match route {
            Route::Phone { path, .. } => Some(*path),
            Route::Trunk { trunk, .. } => {
                self.trunks.iter().find(|one| one.name() == trunk)?.target().map(Path::Target)
            }
        }
    }

    /// Sends an INVITE along a route. A route that cannot be taken counts as unreachable.
    pub(crate) fn ring(&mut self, now: Instant, call: &mut Call, route: Route) {
        let Some(path) = self.path_of(&route) else { return };
        let Some(local) = self.local_for(&path) else { return };
        let ours = Ours { transport: path.transport(), local };
        let mut description = LegDescription::new(local.ip(), call.callee_port, ours.transport, &mut self.rng);
        let offer = match call.caller.description.theirs() {
            None => None,
            Some(theirs) => match description.offer(theirs) {
                Ok(offer) => Some(offer),
                Err(_) => return,
            },
        };
        let Some(request) = self.invite_for(call, &route, &ours, offer.as_ref()) else { return };
        call.next_fork += 1;
        let id = ForkId(call.next_fork);
        let client =
            self.send(now, request, path, local, Purpose::Fork { call: call.key, fork: id }, trunk_name(&route));
        if let Route::Trunk { trunk, .. } = &route {
            call.trunk = Some(trunk.clone());
        }
        call.forks.push(Fork { id, client, route, path, ours, description });
    }

    fn invite_for(&mut self, call: &Call, route: &Route, ours: &Ours, offer: Option<&Session>) -> Option<Request> {
        let (tag, call_id) = (self.token(), self.token());
        let here = Host::from(ours.local.ip());
        let (uri, from, to, user) = match route {
            Route::Phone { person, contact, .. } => {
                let from = SipUri::new(Some(&dialable(&call.from.number)), here.clone(), None);
                let from = NameAddr::new(from).named(&call.from.name);
                let to = NameAddr::new(SipUri::new(Some(person), here, None));
                (contact.clone(), from, to, call.from.number.clone())
            }
            Route::Trunk { trunk, number } => {
                let identity = self.identity_on(trunk, &call.from.number)?;
                let trunk = self.trunks.iter().find(|one| one.name() == trunk)?;
                let (uri, user) = (trunk.address_of(number), trunk.contact_user().to_owned());
                (uri.clone(), NameAddr::new(trunk.address_of(&identity)), NameAddr::new(uri), user)
            }
        };
        let mut request = Request::new(Method::INVITE, uri);
        let headers = &mut request.headers;
        headers.push(HeaderName::MaxForwards, call.hops.max(1).to_string());
        if let Route::Trunk { .. } = route {
            headers.push(HeaderName::PAssertedIdentity, from.to_string());
        }
        headers.push(HeaderName::From, from.tagged(&tag).to_string());
        headers.push(HeaderName::To, to.to_string());
        headers.push(HeaderName::CallId, call_id);
        headers.push(HeaderName::CSeq, "1 INVITE");
        headers.push(HeaderName::Contact, NameAddr::new(ours.contact(&dialable(&user))).to_string());
        headers.push(HeaderName::Allow, allow());
        if call.emergency {
            // Nothing that a provider could object to belongs into a call for help (RFC 4028 is optional).
        } else {
            propose(&mut request, None);
        }
        if let Some(offer) = offer {
            request.set_body(CONTENT_TYPE, offer.to_bytes());
        }
        Some(request)
    }

    /// A 1xx of a fork: the caller hears that it rings, or the early media of the first that has some.
    pub(crate) fn handle_progress(
        &mut self,
        now: Instant,
        call: &mut Call,
        id: ForkId,
        response: &Response,
        flow: Flow,
    ) {
        if response.status == Status::TRYING {
            return;
        }
        let alone = call.forks.len() == 1;
        let Some(fork) = call.forks.iter_mut().find(|fork| fork.id == id) else { return };
        let session = if response.body.is_empty() { None } else { Session::parse(&response.body).ok() };
        let hears =
            session.is_some() && (alone || call.early == Some(id)) && call.early.is_none_or(|first| first == id);
        let mut body = None;
        if hears
            && call.caller.description.theirs().is_some()
            && session.is_some_and(|session| fork.description.take_answer(session).is_ok())
        {
            call.early = Some(id);
            let media = fork.description.leg_media(call.callee_bind, flow.remote.ip());
            body = fork.description.theirs().and_then(|theirs| call.caller.description.answer(theirs).ok());
            self.change_media(call, super::Side::Callee, media);
            self.change_own_media(call, super::Side::Caller);
        }
        let status = if body.is_some() { Status::SESSION_PROGRESS } else { Status::RINGING };
        let status = if response.status == Status::RINGING { Status::RINGING } else { status };
        self.respond_to_caller(now, call, status, body.as_ref());
    }

    /// A final refusal of a fork.
    pub(crate) fn handle_refusal(&mut self, now: Instant, call: &mut Call, id: ForkId, status: Status) {
        let Some(at) = call.forks.iter().position(|fork| fork.id == id) else { return };
        let mut fork = call.forks.remove(at);
        let srtp_refused =
            matches!(status, Status::NOT_ACCEPTABLE_HERE | Status::UNSUPPORTED_MEDIA_TYPE) || status.code() == 606;
        if srtp_refused && fork.description.give_up_srtp() {
            return self.ring_again_in_clear(now, call, fork);
        }
        if let Route::Phone { person, .. } = &fork.route
            && status.code() >= 600
        {
            // Declined on one phone is declined on all phones of that person.
            let person = person.clone();
            let gone = |other: &Fork| matches!(&other.route, Route::Phone { person: theirs, .. } if *theirs == person);
            let (declined, kept) = std::mem::take(&mut call.forks).into_iter().partition(gone);
            call.forks = kept;
            self.cancel_forks(now, declined);
        }
        call.refusal = Some(better_refusal(call.refusal, status));
        self.settle_if_nobody_rings(now, call);
    }

    fn ring_again_in_clear(&mut self, now: Instant, call: &mut Call, mut fork: Fork) {
        let offer = call.caller.description.theirs().and_then(|theirs| fork.description.offer(theirs).ok());
        let Some(request) = self.invite_for(call, &fork.route, &fork.ours, offer.as_ref()) else { return };
        let purpose = Purpose::Fork { call: call.key, fork: fork.id };
        fork.client = self.send(now, request, fork.path, fork.ours.local, purpose, trunk_name(&fork.route));
        call.forks.push(fork);
    }

    /// When no fork is left: the next trunk, or the end.
    pub(crate) fn settle_if_nobody_rings(&mut self, now: Instant, call: &mut Call) {
        while call.forks.is_empty() && call.callee.is_none() && call.ending.is_none() {
            if call.spare_routes.is_empty() || (!call.emergency && is_the_callees_word(call.refusal)) {
                let status = call.refusal.unwrap_or(Status::TEMPORARILY_UNAVAILABLE);
                let outcome = outcome_of(status, call.direction);
                return self.refuse_caller(now, call, outcome, for_caller(status));
            }
            let next = call.spare_routes.remove(0);
            self.ring(now, call, next);
        }
    }

    /// Cancels forks; their late answers are met with ACK and BYE.
    pub(crate) fn cancel_forks(&mut self, now: Instant, forks: Vec<Fork>) {
        for fork in forks {
            self.endpoint.cancel(now, fork.client);
        }
    }

    /// The fork of a client transaction, when the call still knows it.
    pub(crate) fn fork_client(call: &Call, id: ForkId) -> Option<ClientKey> {
        call.forks.iter().find(|fork| fork.id == id).map(|fork| fork.client)
    }

    /// The request goes out and is remembered until its final response.
    pub(crate) fn send(
        &mut self,
        now: Instant,
        request: Request,
        path: Path,
        local: std::net::SocketAddr,
        purpose: Purpose,
        trunk: Option<String>,
    ) -> ClientKey {
        let client = self.endpoint.send_request(now, request.clone(), path, local);
        self.sent.insert(client, Sent { purpose, request, path, trunk, answered: 0 });
        client
    }
}

fn trunk_name(route: &Route) -> Option<String> {
    match route {
        Route::Trunk { trunk, .. } => Some(trunk.clone()),
        Route::Phone { .. } => None,
    }
}

/// A number as a URI's user part: what is no telephone character is left out.
fn dialable(number: &str) -> String {
    let user: String = number.chars().filter(|one| one.is_ascii_alphanumeric() || "+*#-._".contains(*one)).collect();
    if user.is_empty() { "anonymous".into() } else { user }
}

/// Whether the refusal is the called person's or number's own, so that another trunk would change nothing.
fn is_the_callees_word(status: Option<Status>) -> bool {
    status.is_some_and(|status| matches!(status.code(), 404 | 410 | 480 | 484 | 486 | 600..=699))
}

/// Which of two refusals says more to the caller: a decline, then busy, then anything else but a mere failure.
fn better_refusal(before: Option<Status>, new: Status) -> Status {
    let rank = |status: Status| match status.code() {
        600..=699 => 0,
        486 => 1,
        404 | 410 | 484 | 488 => 2,
        300..=499 => 3,
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

const fn outcome_of(status: Status, direction: Direction) -> Outcome {
    match status.code() {
        486 | 600 => Outcome::Busy,
        408 | 480 | 503 | 500 | 502 | 504 => match direction {
            Direction::Outgoing => Outcome::Unreachable,
            Direction::Internal | Direction::Incoming => Outcome::NoAnswer,
        },
        _ => Outcome::Refused,
    }
}
