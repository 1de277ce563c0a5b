//! The INVITE that rings one phone, or asks one provider for a call.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};

use centrale_sip::endpoint::ClientKey;
use centrale_sip::flow::Path;
use centrale_sip::message::{HeaderName, Host, Method, NameAddr, Request, SipUri};
use centrale_sip::sdp::{CONTENT_TYPE, Session};

use super::answer::FOR_PHONES;
use super::location::Location;
use super::session_timer::{PROPOSED, propose_anew};
use super::{Call, Fork, ForkId, Ours, Route};
use crate::exchange::{Due, Exchange, allow};
use crate::media::LegDescription;
use crate::sent::{Account, Purpose, Sent};

/// A server that has not even said 100 Trying after this long is passed over when there is another one. It has been asked
/// three times by then.
const PATIENCE: Duration = Duration::from_secs(3);
/// The same for help, so that the next provider is asked within two seconds. It has been asked three times by then.
const PATIENCE_FOR_HELP: Duration = Duration::from_millis(1_800);
/// How long a provider that said 100 Trying to a call for help may take until it rings there. Networks are to manage that within
/// eleven seconds in 95 of 100 calls also where the way is longest (ITU-T E.721).
pub(super) const RINGS_FOR_HELP: Duration = Duration::from_secs(12);

/// An INVITE to be sent: along which way, and with what.
#[derive(Debug)]
pub(crate) struct Attempt {
    pub(crate) route: Route,
    pub(crate) ours: Ours,
    pub(crate) description: LegDescription,
    /// The session interval to propose, seconds.
    pub(crate) interval: u32,
    /// Whether it may carry the office's address.
    pub(crate) located: bool,
}

impl Exchange {
    /// Sends an INVITE along a route, when the money for it can be held back. A route that cannot be taken counts as
    /// unreachable.
    pub(crate) fn ring(&mut self, now: Instant, call: &mut Call, route: Route) {
        if let Route::Trunk { trunk, .. } = &route {
            self.give_way_to_a_call(now, trunk);
        }
        let path = route.path();
        let local = match &route {
            Route::Trunk { trunk, .. } => self.local_over(trunk, &path),
            Route::Phone { .. } => self.local_for(&path),
        };
        let Some(local) = local else { return };
        let ours = Ours { transport: path.transport(), local };
        let mut description = LegDescription::new(local.ip(), call.ports[1], ours.transport, &mut self.rng);
        if let Route::Trunk { trunk, .. } = &route {
            if let Err(reject) = self.reserve_at(now, &mut call.bill, trunk) {
                call.is_refused_by(reject);
                return;
            }
            self.speak_as(trunk, &mut description);
        }
        self.attempt(now, call, Attempt { route, ours, description, interval: PROPOSED, located: true });
    }

    /// Sends the INVITE of an attempt.
    pub(crate) fn attempt(&mut self, now: Instant, call: &mut Call, attempt: Attempt) {
        let Attempt { route, ours, mut description, interval, located } = attempt;
        let line = match &route {
            Route::Trunk { trunk, .. } => self.line_of(call, trunk).map(String::into_boxed_str),
            Route::Phone { .. } => None,
        };
        if let (Route::Trunk { trunk, .. }, Some(line)) = (&route, &line)
            && let Err(reject) = self.admit(call, call.bill.order.as_ref(), trunk, line)
        {
            call.is_refused_by(reject);
            return;
        }
        if let (Route::Phone { .. }, Err(reject)) = (&route, self.admit_phone(call, &route)) {
            // Whoever rings already is not kept from it.
            if call.forks.is_empty() {
                call.is_refused_by(reject);
            }
            return;
        }
        call.bill.reject = None;
        let offer = match call.caller.description.theirs() {
            None => None,
            Some(theirs) => match description.offer(theirs) {
                Ok(offer) => Some(offer),
                Err(_) => return,
            },
        };
        let location = if located { self.location_for(call, &route) } else { None };
        let located = location.is_some() && offer.is_some();
        let Some(request) = self.invite_for(call, &route, &ours, (offer.as_ref(), location, interval)) else { return };
        call.next_fork += 1;
        let id = ForkId(call.next_fork);
        let mut account = None;
        if let Route::Trunk { trunk, .. } = &route {
            call.trunk = Some(trunk.clone());
            account = self.account_of(trunk);
            if call.emergency || !call.spare_routes.is_empty() {
                let patience = if call.emergency { PATIENCE_FOR_HELP } else { PATIENCE };
                self.agenda.set(Due::SaysNothing(call.key, id), now + patience);
            }
        }
        let (path, purpose) = (route.path(), Purpose::Fork { call: call.key, fork: id });
        let client = self.send(now, request, path, ours.local, purpose, account);
        call.forks.push(Fork {
            id,
            client,
            route,
            path,
            ours,
            description,
            started: now,
            spoke: false,
            passed_over: false,
            rings: false,
            interval,
            line,
            located,
        });
    }

    fn invite_for(
        &mut self,
        call: &Call,
        route: &Route,
        ours: &Ours,
        (offer, location, interval): (Option<&Session>, Option<Location>, u32),
    ) -> Option<Request> {
        let (tag, call_id) = (self.token(), self.token());
        let (mut request, user) = match route {
            Route::Phone { person, contact, .. } => {
                (to_phone(call, person, contact, ours, &tag), call.from.number.clone())
            }
            Route::Trunk { trunk, number, .. } => self.to_provider(call, (trunk, number), &tag)?,
        };
        let headers = &mut request.headers;
        // Only a call for help is still sent on with its last hop.
        headers.push(HeaderName::MaxForwards, call.hops.max(1).to_string());
        headers.push(HeaderName::CallId, call_id);
        headers.push(HeaderName::CSeq, "1 INVITE");
        headers.push(HeaderName::Contact, NameAddr::new(ours.contact(&dialable(&user))).to_string());
        headers.push(HeaderName::Allow, allow());
        // Nothing that a provider could object to belongs into a call for help (RFC 4028 is optional).
        if !call.emergency {
            propose_anew(&mut request, interval);
        }
        if matches!(route, Route::Phone { .. }) {
            request.headers.set(HeaderName::Supported, FOR_PHONES);
        }
        match (offer, location) {
            (Some(offer), Some(location)) => location.travel_with(offer, &mut request),
            (Some(offer), None) => request.set_body(CONTENT_TYPE, offer.to_bytes()),
            (None, _) => {}
        }
        Some(request)
    }

    /// The INVITE to a provider so far, and the user part of our Contact there.
    fn to_provider(&self, call: &Call, (trunk, number): (&str, &str), tag: &str) -> Option<(Request, String)> {
        let trunk = self.trunk(trunk)?;
        let uri = trunk.address_of(number);
        let mut request = Request::new(Method::INVITE, uri.clone());
        self.present(call, trunk, tag, &mut request)?;
        request.headers.push(HeaderName::To, NameAddr::new(uri).to_string());
        trunk.route(&mut request);
        Some((request, trunk.contact_user().to_owned()))
    }

    /// The request goes out and is remembered until its final response.
    pub(crate) fn send(
        &mut self,
        now: Instant,
        mut request: Request,
        path: Path,
        local: SocketAddr,
        purpose: Purpose,
        account: Option<Arc<Account>>,
    ) -> ClientKey {
        let client = self.endpoint.send_kept(now, &mut request, path, local);
        self.sent.insert(client, Arc::new(Sent { purpose, request, path, account, answered: 0, heard: false }));
        client
    }
}

fn to_phone(call: &Call, person: &str, contact: &SipUri, ours: &Ours, tag: &str) -> Request {
    let here = Host::from(ours.local.ip());
    let from = SipUri::new(Some(&dialable(&call.from.number)), here.clone(), None);
    let from = NameAddr::new(from).named(&call.from.name).tagged(tag);
    let to = NameAddr::new(SipUri::new(Some(person), here, None));
    let mut request = Request::new(Method::INVITE, contact.clone());
    request.headers.push(HeaderName::From, from.to_string());
    request.headers.push(HeaderName::To, to.to_string());
    request
}

/// A number as a URI's user part: what is no telephone character is left out.
pub(crate) fn dialable(number: &str) -> String {
    let user: String = number.chars().filter(|one| one.is_ascii_alphanumeric() || "+*#-._".contains(*one)).collect();
    if user.is_empty() { super::ANONYMOUS.into() } else { user }
}
