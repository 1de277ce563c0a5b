//! The way between each phone and the box: a second router, a switch that "helps" calls. The doctor's watch stands beside
//! every place that a phone is heard from, and what it says becomes that phone's problem. A phone's message that was damaged
//! on the way is healed where it can be told what was meant, which is counted and told. Neither is ever held against the phone.

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use bytes::Bytes;
use centrale_alg::diagnosis::{self, Deed, Deeds, Diagnosis, Interference};
use centrale_alg::heal;
use centrale_alg::passive::{CallFacts, Ends, Heard, Neighbours, Watch};
use centrale_alg::view::hash;
use centrale_sip::flow::{Flow, Path};
use centrale_sip::message::{Message, Method, Request, Response, SipUri, scan_datagram};
use centrale_sip::registrar::AddressOfRecord;
use hashbrown::HashMap;

use crate::exchange::{Due, Exchange};
use crate::sent::Sent;

/// How often it is looked whether the signs of a diagnosis are old.
const LOOKED_AT_EVERY: Duration = Duration::from_secs(3600);
/// For so long after a message was healed the page says so.
const HEALED_LATELY: Duration = Duration::from_secs(24 * 3600);

/// The ways that are watched: one for each place that a registered phone is heard from.
#[derive(Debug, Default)]
pub(crate) struct PhonePaths {
    by_remote: HashMap<SocketAddr, PhonePath>,
    neighbours: Neighbours,
}

#[derive(Debug)]
struct PhonePath {
    /// The digest user of the phone that registered from there first.
    username: Box<str>,
    watch: Watch,
    /// What was healed, and when last.
    healed: Option<(Deeds, Instant)>,
}

impl PhonePath {
    fn new(username: &str, flow: &Flow) -> Self {
        let watch = Watch::new(diagnosis::Path::PhoneBox, flow.transport, flow.remote.port());
        Self { username: username.into(), watch, healed: None }
    }
}

impl Exchange {
    /// A phone registered: its way is watched from here on. A phone that moved takes along what was seen of it.
    pub(crate) fn note_phone_path(&mut self, now: Instant, flow: &Flow, username: &str, contacts: &[SipUri]) {
        if !self.registrar.is_heard_from(flow.remote) {
            return;
        }
        if !self.phone_paths.by_remote.contains_key(&flow.remote) {
            let path = self.left_path_of(username).unwrap_or_else(|| PhonePath::new(username, flow));
            let registrar = &self.registrar;
            self.phone_paths.by_remote.retain(|remote, _| registrar.is_heard_from(*remote));
            self.phone_paths.by_remote.insert(flow.remote, path);
        }
        self.look_for_neighbours(now, flow, username, contacts);
    }

    /// The way of a place that this phone has left.
    fn left_path_of(&mut self, username: &str) -> Option<PhonePath> {
        let number = self.directory.login(username)?.number().to_string();
        let bindings = self.registrar.iter().find(|(aor, _)| **aor == AddressOfRecord::new(&number))?.1;
        let is_there = |remote: &SocketAddr| {
            bindings.iter().any(|binding| *binding.username == *username && binding.flow.remote == *remote)
        };
        let mut left = self.phone_paths.by_remote.iter().filter(|(_, path)| *path.username == *username);
        let remote = *left.find(|(remote, _)| !is_there(remote))?.0;
        self.phone_paths.by_remote.remove(&remote)
    }

    /// Two phones that say they are at one address, which is the one that both are heard from, and are not the same socket:
    /// somebody on the way gave them that address, and only one of them would ring.
    fn look_for_neighbours(&mut self, now: Instant, flow: &Flow, username: &str, contacts: &[SipUri]) {
        if flow.transport.is_reliable() {
            return;
        }
        let remote = flow.remote;
        let at = contacts
            .iter()
            .filter_map(|contact| Some(SocketAddr::new(contact.host.ip()?, contact.port.unwrap_or(5060))));
        let own = at.filter(|at| at.ip().to_canonical() == remote.ip().to_canonical());
        for contact in own.collect::<Vec<_>>() {
            let Some(other) = self.phone_paths.neighbours.registered(contact, hash(&[username.as_bytes()])) else {
                continue;
            };
            let is_elsewhere = self.phone_paths.by_remote.iter().any(|(place, path)| {
                *place != remote && hash(&[path.username.as_bytes()]) == other && self.registrar.is_heard_from(*place)
            });
            if is_elsewhere && let Some(path) = self.phone_paths.by_remote.get_mut(&remote) {
                // Each time that the one takes the address from the other says it anew.
                path.watch.shares_contact(contact, self.counters.registrations, now);
                self.note_phone_signs(now, remote);
            }
        }
    }

    /// A phone's message as it was meant.
    pub(crate) fn healed(&mut self, now: Instant, flow: &Flow, bytes: Bytes) -> Bytes {
        let Some(healed) = heal::message(flow, &bytes) else { return bytes };
        self.counters.messages_healed += 1;
        if let Some(path) = self.phone_paths.by_remote.get_mut(&flow.remote) {
            let before = path.healed.map_or(Deeds::NONE, |(deeds, _)| deeds);
            path.healed = Some((before.and(healed.deeds), now));
            if let Ok(Message::Request(request)) = scan_datagram(&healed.bytes) {
                let name = request.headers.call_id().unwrap_or_default();
                path.watch.healed(healed.deeds, name.as_bytes(), now);
            }
            // Also what is no sign, an answer's description, is told.
            let username = path.username.to_string();
            self.diagnose_phone(now, &username);
        }
        healed.bytes
    }

    /// A phone proved its secret for another address of ours than its proof names: somebody on the way wrote over it, whatever
    /// else was changed.
    pub(crate) fn note_proof_written_over(&mut self, now: Instant, flow: &Flow, username: &str, request: &Request) {
        self.counters.messages_healed += 1;
        let deeds = Deeds::of(&[Deed::RewritesOther]);
        // It may be the phone's first request, before it is registered.
        let path = self.phone_paths.by_remote.entry(flow.remote).or_insert_with(|| PhonePath::new(username, flow));
        let before = path.healed.map_or(Deeds::NONE, |(deeds, _)| deeds);
        path.healed = Some((before.and(deeds), now));
        path.watch.healed(deeds, request.headers.call_id().unwrap_or_default().as_bytes(), now);
        self.note_phone_signs(now, flow.remote);
    }

    /// A phone's request came.
    pub(crate) fn watch_phone_request(&mut self, now: Instant, request: &Request, (flow, bytes): (&Flow, &Bytes)) {
        let Some(ends) = self.phone_ends(flow) else { return };
        let Some(path) = self.phone_paths.by_remote.get_mut(&flow.remote) else { return };
        path.watch.request(&Heard { ends, transport: flow.transport, bytes, at: now }, request);
        self.note_phone_signs(now, flow.remote);
    }

    /// A phone answered.
    pub(crate) fn watch_phone_answer(
        &mut self,
        now: Instant,
        sent: &Sent,
        came: &Response,
        (flow, bytes): (&Flow, &Bytes),
    ) {
        let Some(ends) = self.phone_ends(flow) else { return };
        let Some(path) = self.phone_paths.by_remote.get_mut(&flow.remote) else { return };
        path.watch.answer(&Heard { ends, transport: flow.transport, bytes, at: now }, &sent.request, came);
        self.note_phone_signs(now, flow.remote);
    }

    /// Nobody answered a request to a phone. A phone without power answers nothing and sends nothing; only the silence of one
    /// that was heard meanwhile says something of the way.
    pub(crate) fn watch_phone_silence(&mut self, now: Instant, sent: &Sent) {
        let remote = sent.path.remote();
        let Some(path) = self.phone_paths.by_remote.get_mut(&remote) else { return };
        if !sent.heard {
            path.watch.unanswered(&sent.request, now);
        } else if sent.request.method == Method::INVITE {
            // It rang, and neither CANCEL nor its answer came across.
            path.watch.call(&CallFacts { rang_on: true, over: true, ..CallFacts::default() }, now);
        }
        self.note_phone_signs(now, remote);
    }

    /// What became of a phone's call.
    pub(crate) fn watch_phone_call(&mut self, now: Instant, remote: SocketAddr, facts: &CallFacts) {
        let Some(path) = self.phone_paths.by_remote.get_mut(&remote) else { return };
        path.watch.call(facts, now);
        self.note_phone_signs(now, remote);
    }

    /// Both ends of the way. None on the machine itself, where nobody stands between.
    fn phone_ends(&self, flow: &Flow) -> Option<Ends> {
        let local = self.local_for(&Path::Flow(*flow))?;
        let near = self.interfaces.is_near(flow.remote.ip());
        (local.ip() != flow.remote.ip().to_canonical()).then_some(Ends { near, ..Ends::new(local, flow.remote) })
    }

    fn note_phone_signs(&mut self, now: Instant, remote: SocketAddr) {
        let Some(path) = self.phone_paths.by_remote.get(&remote).filter(|path| path.watch.has_news()) else { return };
        let username = path.username.to_string();
        self.diagnose_phone(now, &username);
    }

    /// Says what follows from all that was seen on the ways of a phone.
    pub(crate) fn diagnose_phone(&mut self, now: Instant, username: &str) {
        let (mut worst, mut signs, mut healed): (Option<Diagnosis>, u64, _) = (None, 0, Deeds::NONE);
        for path in self.phone_paths.by_remote.values_mut().filter(|path| *path.username == *username) {
            signs += path.watch.take_news();
            let lately = path.healed.filter(|(_, at)| now.saturating_duration_since(*at) < HEALED_LATELY);
            path.healed = lately;
            healed = healed.and(lately.map_or(Deeds::NONE, |(deeds, _)| deeds));
            let diagnosis = path.watch.diagnosis(now);
            worst = Some(worst.map_or_else(|| diagnosis.clone(), |worst| worst.joined(diagnosis.clone())));
        }
        self.counters.signs_of_rewriting_to_phones += signs;
        let interference = worst.as_ref().map_or(Interference::None, |worst| worst.interference);
        let deeds: Vec<&str> = worst.iter().flat_map(|worst| worst.deeds.iter()).map(Deed::text).collect();
        let told = self.check_phone_path(username, interference, &deeds.join(", "));
        let told = self.check_healed(username, healed) || told;
        let due = Due::PhoneDiagnosis(username.to_owned());
        if told {
            self.agenda.set(due, now + LOOKED_AT_EVERY);
        } else {
            self.agenda.cancel(&due);
        }
    }
}
