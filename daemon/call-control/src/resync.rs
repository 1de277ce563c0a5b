//! Phones that are told to fetch their settings again (`check-sync`): never in the middle of a call, and with an outcome.
//!
//! In: a device. Out: a NOTIFY along each of its registrations, or to where it asks for one in vain with an old password, and
//! [`Told::Resynced`]. Whether the phone then came and took
//! its settings is provisioning's to see; here only what it said to the NOTIFY is known.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Instant;

use centrale_config::Mac;
use centrale_sip::endpoint::ClientKey;
use centrale_sip::flow::{Flow, Path};
use centrale_sip::message::{HeaderName, Method, NameAddr, Request, SipUri};
use centrale_sip::registrar::Binding;

use crate::call::{Call, Route};
use crate::directory::{Directory, Login};
use crate::exchange::{Exchange, Reply};
use crate::io::{Output, ResyncOutcome, Told};
use crate::sent::Purpose;

/// Yealink and Snom read this alike: settings, no reboot.
const CHECK_SYNC: &str = "check-sync;reboot=false";

/// Devices that are being told.
#[derive(Debug, Default)]
pub(crate) struct Resyncs {
    /// They are in a call; they are told when it is over.
    deferred: BTreeSet<Mac>,
    /// They were sent a NOTIFY.
    asked: BTreeMap<Mac, Asked>,
    /// Where they were last registered, of those whose passwords all changed under them: until they read the new ones
    /// and register anew, that is the only way to tell them.
    left_behind: BTreeMap<Mac, Vec<Way>>,
    /// Where they last tried to register with a password that is wrong: after a restart of the box that is all that is known
    /// of a phone that has an old one.
    knocking: BTreeMap<Mac, Way>,
}

/// Where a device is told.
#[derive(Debug, Clone)]
struct Way {
    username: Box<str>,
    contact: SipUri,
    flow: Flow,
}

impl Way {
    fn of(binding: &Binding) -> Self {
        let Binding { username, contact, flow, .. } = binding;
        Self { username: username.clone(), contact: contact.clone(), flow: *flow }
    }
}

/// What a device was sent, and the best that came back so far.
#[derive(Debug)]
struct Asked {
    open: Vec<ClientKey>,
    best: ResyncOutcome,
}

impl Exchange {
    /// Tells a device, inside its registration, to fetch its settings again without a reboot; after its call, if it is in one.
    pub(crate) fn resync(&mut self, now: Instant, device: Mac) {
        if self.is_in_a_call(device) {
            if self.resyncs.deferred.insert(device) {
                self.tell_resynced(device, ResyncOutcome::Deferred);
            }
            return;
        }
        let open: Vec<ClientKey> =
            self.ways_to(device).into_iter().filter_map(|way| self.send_check_sync(now, device, way)).collect();
        if open.is_empty() {
            return self.tell_resynced(device, ResyncOutcome::Unreachable);
        }
        // Answers to an earlier NOTIFY say nothing any more: the settings changed again since.
        self.resyncs.asked.insert(device, Asked { open, best: ResyncOutcome::Unreachable });
    }

    /// Calls changed: devices that waited for the end of theirs are told now.
    pub(crate) fn resync_who_waited(&mut self, now: Instant) {
        let waiting: Vec<Mac> = self.resyncs.deferred.iter().copied().collect();
        for device in waiting {
            if !self.is_in_a_call(device) {
                self.resyncs.deferred.remove(&device);
                self.resync(now, device);
            }
        }
    }

    /// A device answered, or did not.
    pub(crate) fn handle_resync_response(&mut self, device: Mac, reply: &Reply<'_>) {
        let Some(asked) = self.resyncs.asked.get_mut(&device) else { return };
        let Some(at) = asked.open.iter().position(|client| *client == reply.client) else { return };
        asked.open.swap_remove(at);
        asked.best = better(asked.best, outcome_of(reply));
        if asked.open.is_empty()
            && let Some(asked) = self.resyncs.asked.remove(&device)
        {
            self.tell_resynced(device, asked.best);
        }
    }

    /// A new revision takes passwords away from devices that stay in the office: keeps in mind where those were.
    pub(crate) fn leave_behind(&mut self, next: &Directory) {
        for device in next.devices() {
            let lost = |way: &Way| !next.keeps(&self.directory, &way.username);
            let ways = self.registered_or_left(device);
            if !ways.is_empty() && ways.iter().all(lost) {
                self.resyncs.left_behind.insert(device, ways);
            }
        }
        let stays = |device: &Mac| next.devices().any(|known| known == *device);
        self.resyncs.left_behind.retain(|device, _| stays(device));
        self.resyncs.knocking.retain(|device, _| stays(device));
    }

    /// A device of the office's asks to be registered with a password that is wrong.
    pub(crate) fn note_knocking(&mut self, username: &str, request: &Request, flow: &Flow) {
        let Some(device) = self.directory.login(username).and_then(Login::device) else { return };
        let contacts = request.headers.addresses(&HeaderName::Contact).unwrap_or_default();
        let named = contacts.first().and_then(|contact| contact.uri.as_sip()).cloned();
        let contact = named.unwrap_or_else(|| SipUri::at(Some(username), flow.remote, flow.transport));
        self.resyncs.knocking.insert(device, Way { username: username.into(), contact, flow: *flow });
    }

    /// Who asks in the name of that device tries one password after the other.
    pub(crate) fn forget_knocking(&mut self, username: &str) {
        if let Some(device) = self.directory.login(username).and_then(Login::device) {
            self.resyncs.knocking.remove(&device);
        }
    }

    /// A phone registered: where it was before is of no use any more.
    pub(crate) fn is_no_longer_left_behind(&mut self, username: &str) {
        self.forget_knocking(username);
        if let Some(device) = self.directory.login(username).and_then(Login::device) {
            self.resyncs.left_behind.remove(&device);
        }
    }

    /// Where a device is told.
    fn ways_to(&self, device: Mac) -> Vec<Way> {
        let mut ways = self.registered_or_left(device);
        let knocking = self.resyncs.knocking.get(&device);
        ways.extend(knocking.filter(|way| ways.iter().all(|other| other.flow != way.flow)).cloned());
        ways
    }

    /// Its registrations; or where it had them.
    fn registered_or_left(&self, device: Mac) -> Vec<Way> {
        let bindings = self.registrar.iter().flat_map(|(_, bindings)| bindings);
        let own: Vec<Way> = bindings.filter(|one| self.is_of(&one.username, device)).map(Way::of).collect();
        if own.is_empty() { self.resyncs.left_behind.get(&device).cloned().unwrap_or_default() } else { own }
    }

    fn send_check_sync(&mut self, now: Instant, device: Mac, way: Way) -> Option<ClientKey> {
        let path = Path::Flow(way.flow);
        let local = self.local_for(&path)?;
        let from = NameAddr::new(SipUri::new(Some("centrale"), local.ip().into(), None)).tagged(&self.token());
        let contact = NameAddr::new(SipUri::at(Some("centrale"), local, path.transport()));
        let to = NameAddr::new(way.contact.clone());
        let mut notify = Request::new(Method::NOTIFY, way.contact);
        notify.headers.push(HeaderName::From, from.to_string());
        notify.headers.push(HeaderName::To, to.to_string());
        notify.headers.push(HeaderName::CallId, self.token());
        notify.headers.push(HeaderName::CSeq, "1 NOTIFY");
        notify.headers.push(HeaderName::Contact, contact.to_string());
        notify.headers.push(HeaderName::Event, CHECK_SYNC);
        notify.headers.push(HeaderName::SubscriptionState, "terminated");
        Some(self.send(now, notify, path, local, Purpose::Resync { device }, None))
    }

    /// Whether one of the device's lines is in a call, or rings; under a user name that it had before, too.
    fn is_in_a_call(&self, device: Mac) -> bool {
        self.calls.values().any(|call| phones_in(call).any(|username| self.is_of(username, device)))
    }

    fn is_of(&self, username: &str, device: Mac) -> bool {
        let was = self.resyncs.left_behind.get(&device).into_iter().flatten();
        self.directory.login(username).is_some_and(|login| login.device() == Some(device))
            || was.map(|way| &*way.username).any(|before| before == username)
    }

    fn tell_resynced(&mut self, device: Mac, outcome: ResyncOutcome) {
        self.outputs.push_back(Output::Told(Told::Resynced { device, outcome }));
    }
}

/// The digest users of the phones that take part in a call or ring for it.
fn phones_in(call: &Call) -> impl Iterator<Item = &str> {
    let legs = [Some(&call.caller), call.callee.as_ref()].into_iter().flatten();
    let ringing = call.forks.iter().filter_map(|fork| match &fork.route {
        Route::Phone { username, .. } => Some(&**username),
        Route::Trunk { .. } => None,
    });
    legs.filter_map(|leg| leg.username.as_deref()).chain(ringing)
}

/// A status of our own making stands for no answer (it came over no flow).
fn outcome_of(reply: &Reply<'_>) -> ResyncOutcome {
    match reply.flow {
        None => ResyncOutcome::Unreachable,
        Some(_) if reply.response.status.is_success() => ResyncOutcome::Accepted,
        Some(_) => ResyncOutcome::Refused(reply.response.status.code()),
    }
}

/// Of two registrations of one device, the one that got further counts: the other is what a restart left behind.
const fn better(one: ResyncOutcome, two: ResyncOutcome) -> ResyncOutcome {
    match (one, two) {
        (ResyncOutcome::Accepted, _) | (_, ResyncOutcome::Accepted) => ResyncOutcome::Accepted,
        (ResyncOutcome::Refused(_), _) => one,
        _ => two,
    }
}
