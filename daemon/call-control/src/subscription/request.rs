//! SUBSCRIBE: who may, to what, for how long.

use std::time::{Duration, Instant};

use centrale_sip::dialog::{Dialog, DialogId};
use centrale_sip::endpoint::ServerKey;
use centrale_sip::event_package::{DialogInfo, EventType, MessageSummary};
use centrale_sip::flow::{Flow, Path};
use centrale_sip::message::{HeaderName, NameAddr, Request, Response, SipUri, Status};
use centrale_sip::registrar::{AddressOfRecord, Binding};

use super::{Package, Subscription, SubscriptionKey};
use crate::call::takes;
use crate::exchange::{Due, Exchange};

/// Shorter wishes are answered 423.
const SHORTEST: u32 = 60;
/// Longer wishes are shortened to this. The box forgets subscriptions when it restarts, and a phone notices at its next
/// refresh: no lamp is wrong for longer than that.
const LONGEST: u32 = 600;
/// Subscriptions of one digest user: the keys of the largest phone with three expansion modules.
const MOST_OF_ONE: usize = 200;
/// Subscriptions of all: some kilobytes each. Two hundred phones with every key in use have 5000.
const MOST: usize = 6_000;

/// A refusal, with the header that its status asks for.
type Refusal = (Status, Option<(HeaderName, String)>);

impl Exchange {
    /// A SUBSCRIBE, new or within a subscription.
    pub(crate) fn handle_subscribe(&mut self, now: Instant, key: ServerKey, request: Request, flow: Flow) {
        let known = match DialogId::of_incoming(&request) {
            None => None,
            Some(id) => match self.subscriptions.by_dialog.get(&id) {
                Some(subscription) => Some(*subscription),
                None => return self.handle_within(now, key, request, flow),
            },
        };
        let username = match self.prove(now, &request, &flow) {
            Ok(username) => username,
            Err(unproven) => return self.refuse_unproven(now, key, &request, &flow, &unproven),
        };
        let done = match known {
            Some(subscription) => self.resubscribe(now, key, &request, (&username, flow), subscription),
            None => self.subscribe(now, key, &request, (&username, flow)),
        };
        if let Err((status, header)) = done {
            self.counters.subscriptions_refused += 1;
            let tag = self.token();
            let mut response = request.tagged_response(status, &tag);
            if let Some((name, value)) = header {
                response.headers.push(name, value);
            }
            self.endpoint.respond(now, key, response);
        }
    }

    fn subscribe(
        &mut self,
        now: Instant,
        key: ServerKey,
        request: &Request,
        (username, flow): (&str, Flow),
    ) -> Result<(), Refusal> {
        let (package, event) = asked_for(request)?;
        let seconds = granted(request)?;
        let subscriber = self.subscriber(now, username, &flow)?;
        let number = self.watched(package, request, (username, &subscriber))?;
        let dialog = Dialog::of_server(request, &self.token(), flow).ok_or((Status::BAD_REQUEST, None))?;
        // A phone that was restarted begins anew: what it had before is forgotten on its side.
        let earlier = self.subscriptions.keys_where(|one| {
            (one.package, &*one.username, &one.number) == (package, username, &number)
                && one.dialog.remote_target == dialog.remote_target
        });
        earlier.into_iter().for_each(|key| drop(self.forget_subscription(key)));
        let of_one = self.subscriptions.keys_where(|one| *one.username == *username).len();
        if of_one >= MOST_OF_ONE || self.subscriptions.len() >= MOST {
            return Err((Status::FORBIDDEN, None));
        }
        self.counters.subscriptions += 1;
        let entity = entity(request, &number, &flow);
        let subscription = Subscription {
            package,
            event,
            number,
            entity,
            username: username.into(),
            subscriber,
            dialog,
            expires_at: now + Duration::from_secs(seconds.into()),
            version: 0,
            told: None,
            outstanding: None,
            lost: false,
        };
        let response = self.subscribed(request, &subscription, seconds);
        self.endpoint.respond(now, key, response);
        let subscription = self.subscriptions.insert(subscription);
        self.go_on(now, subscription, seconds);
        Ok(())
    }

    /// A refresh, or the end, within a subscription.
    fn resubscribe(
        &mut self,
        now: Instant,
        key: ServerKey,
        request: &Request,
        (username, flow): (&str, Flow),
        subscription: SubscriptionKey,
    ) -> Result<(), Refusal> {
        let seconds = granted(request)?;
        self.subscriber(now, username, &flow)?;
        let Some(one) = self.subscriptions.all.get_mut(&subscription) else {
            return Err((Status::CALL_DOES_NOT_EXIST, None));
        };
        if *one.username != *username {
            self.counters.not_theirs += 1;
            return Err((Status::FORBIDDEN, None));
        }
        one.dialog.accept(request, flow).map_err(|status| (status, None))?;
        one.dialog.refresh_target(&request.headers);
        one.expires_at = now + Duration::from_secs(seconds.into());
        (one.told, one.lost) = (None, false);
        if let Some(one) = self.subscriptions.all.get(&subscription) {
            let response = self.subscribed(request, one, seconds);
            self.endpoint.respond(now, key, response);
        }
        self.go_on(now, subscription, seconds);
        Ok(())
    }

    /// What was asked for is told at once (RFC 6665 4.2.1.2), and nothing more when it was asked for no time at all.
    fn go_on(&mut self, now: Instant, subscription: SubscriptionKey, seconds: u32) {
        if seconds == 0 {
            return self.finish_subscription(now, subscription, "timeout");
        }
        self.agenda.set(Due::Subscription(subscription), now + Duration::from_secs(seconds.into()));
        self.notify(now, subscription);
    }

    fn subscribed(&self, request: &Request, subscription: &Subscription, seconds: u32) -> Response {
        let mut response = request.tagged_response(Status::OK, &subscription.dialog.id.local_tag);
        for route in request.headers.all(&HeaderName::RecordRoute) {
            response.headers.push(HeaderName::RecordRoute, route.clone());
        }
        if let Some(contact) = self.contact_of(subscription) {
            response.headers.push(HeaderName::Contact, contact);
        }
        response.headers.push(HeaderName::Expires, seconds.to_string());
        response
    }

    /// Our Contact in a subscription.
    pub(super) fn contact_of(&self, subscription: &Subscription) -> Option<String> {
        let path = subscription.dialog.path;
        let local = self.local_for(&path)?;
        Some(NameAddr::new(SipUri::at(Some(&subscription.number), local, path.transport())).to_string())
    }

    /// The number of who subscribes. Only a phone that is registered there may: it is told things for as long as it is.
    fn subscriber(&self, now: Instant, username: &str, flow: &Flow) -> Result<String, Refusal> {
        let number = self.directory.login(username).map(|login| login.number().to_string());
        let number = number.filter(|number| self.is_registered_at(now, number, username, &Path::Flow(*flow)));
        number.ok_or((Status::FORBIDDEN, None))
    }

    /// Whether a phone of that user, one that the office knows, is registered from that host.
    pub(crate) fn is_registered_at(&self, now: Instant, number: &str, username: &str, path: &Path) -> bool {
        let bindings = self.registrar.lookup(now, &AddressOfRecord::new(number));
        let is_it = |one: &Binding| *one.username == *username && one.flow.remote.ip() == path.remote().ip();
        bindings.iter().any(|one| !one.apart && is_it(one))
    }

    /// The number that is asked about: any colleague's, group's or park place's lamp, but only the own mailbox.
    fn watched(
        &self,
        package: Package,
        request: &Request,
        (username, subscriber): (&str, &str),
    ) -> Result<String, Refusal> {
        let asked = request.uri.dialled().unwrap_or_default();
        let number = if *asked == *username { subscriber } else { &asked };
        match package {
            Package::Dialog if !self.directory.is_watchable(number) => Err((Status::NOT_FOUND, None)),
            Package::MessageSummary if number != subscriber => Err((Status::FORBIDDEN, None)),
            Package::Dialog | Package::MessageSummary => Ok(number.to_owned()),
        }
    }
}

/// The package, when it is one that can be subscribed to in a body that the phone takes.
fn asked_for(request: &Request) -> Result<(Package, EventType), Refusal> {
    let event = request.headers.text(&HeaderName::Event).as_deref().and_then(EventType::parse);
    let package = event.as_ref().and_then(Package::of);
    let (Some(event), Some(package)) = (event, package) else {
        return Err((Status::BAD_EVENT, Some((HeaderName::AllowEvents, Package::NAMES.to_owned()))));
    };
    let unknown = request.headers.items(&HeaderName::Require);
    if !unknown.is_empty() {
        return Err((Status::BAD_EXTENSION, Some((HeaderName::Unsupported, unknown.join(", ")))));
    }
    let body = match package {
        Package::Dialog => DialogInfo::CONTENT_TYPE,
        Package::MessageSummary => MessageSummary::CONTENT_TYPE,
    };
    if !takes(&request.headers, body) {
        return Err((Status::NOT_ACCEPTABLE, Some((HeaderName::Accept, body.to_owned()))));
    }
    Ok((package, event))
}

/// Seconds for which it is granted: 0 to end it.
fn granted(request: &Request) -> Result<u32, Refusal> {
    let wish = request.headers.number(&HeaderName::Expires).map_err(|_| (Status::BAD_REQUEST, None))?;
    match wish.unwrap_or(LONGEST) {
        0 => Ok(0),
        1..SHORTEST => Err((Status::INTERVAL_TOO_BRIEF, Some((HeaderName::MinExpires, SHORTEST.to_string())))),
        seconds => Ok(seconds.min(LONGEST)),
    }
}

/// The watched number's address: on the host that the phone itself uses for the box.
fn entity(request: &Request, number: &str, flow: &Flow) -> SipUri {
    match request.uri.as_sip() {
        Some(uri) => SipUri::new(Some(number), uri.host.clone(), uri.port),
        None => SipUri::new(Some(number), flow.local.ip().into(), None),
    }
}
