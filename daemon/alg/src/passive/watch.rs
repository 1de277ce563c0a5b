//! The watch beside one path: told of every message, it asks each fingerprint and keeps the ledger.

use std::net::{IpAddr, SocketAddr};
use std::time::Instant;

use centrale_sip::flow::Transport;
use centrale_sip::message::{HeaderName, Headers, Method, Request, Response};

use super::f04_habit::Habit;
use super::f09_origin::Origins;
use super::f11_silence::Silence;
use super::f12_hops::Hops;
use super::fingerprint::Fingerprint;
use super::ledger::Ledger;
use super::mended::Mended;
use super::symptom::{CallFacts, Symptom, Symptoms};
use super::{
    Found, f01_via, f02_received, f03_parties, f05_binding, f06_request_uri, f07_to, f08_length, f10_own_address,
    f13_half_hidden, f15_media,
};
use crate::active::Findings;
use crate::diagnosis::{Confidence, Deed, Deeds, Diagnosis, Interference, Path};
use crate::view::{Echoed, ViaView, address, hash, is_private, unchanged_via, uri_host};

/// What every private, shared or local address begins with, and some others too (RFC 1918, RFC 6598, RFC 4193 ...).
const PRIVATE: [&[u8]; 9] = [b"10.", b"192.168.", b"172.", b"100.", b"169.254.", b"127.", b"f", b"F", b"["];

/// The two ends of a path.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Ends {
    /// Ours, as the socket has it.
    pub local: SocketAddr,
    /// The far one.
    pub remote: SocketAddr,
    /// Our address on the internet, when it is known.
    pub public: Option<IpAddr>,
    /// Whether the far end is in a network that we are connected to, or behind a VPN.
    pub near: bool,
}

impl Ends {
    /// A path whose public address is not known yet.
    pub const fn new(local: SocketAddr, remote: SocketAddr) -> Self {
        Self { local, remote, public: None, near: false }
    }

    /// Whether the far end can see our private address rightly.
    pub fn is_near(&self) -> bool {
        self.near || is_private(self.remote.ip())
    }
}

/// How a message came.
#[derive(Debug, Clone, Copy)]
pub struct Heard<'a> {
    /// By which path.
    pub ends: Ends,
    /// By which transport.
    pub transport: Transport,
    /// The datagram as it came; the message itself on a stream.
    pub bytes: &'a [u8],
    /// When.
    pub at: Instant,
}

/// Watches one trunk or one phone.
#[derive(Debug, Clone)]
pub struct Watch {
    path: Path,
    transport: Transport,
    port: u16,
    ledger: Ledger,
    habit: Habit,
    origins: Origins,
    silence: Silence,
    hops: Hops,
    mended: Mended,
    /// Whether the Contact that the far end knows names our private address.
    told_private: bool,
    /// That Contact's name.
    told: Option<u64>,
    /// Whether the far end says that it sees us at a public address; unknown until V0 asked.
    sees_public: Option<bool>,
    /// F2 was seen before that was known.
    wants_v0: bool,
}

impl Watch {
    /// A watch that knows nothing yet.
    pub fn new(path: Path, transport: Transport, port: u16) -> Self {
        Self {
            path,
            transport,
            port,
            ledger: Ledger::default(),
            habit: Habit::default(),
            origins: Origins::default(),
            silence: Silence::default(),
            hops: Hops::default(),
            mended: Mended::default(),
            told_private: true,
            told: None,
            sees_public: None,
            wants_v0: false,
        }
    }

    /// An answer came to a request of ours.
    pub fn answer(&mut self, heard: &Heard<'_>, sent: &Request, came: &Response) {
        if sent.method == Method::INVITE {
            self.silence.call_answered(heard.at);
        } else {
            self.silence.answered(heard.at);
        }
        let (ours, theirs) = (Echoed::of(&sent.headers), Echoed::of(&came.headers));
        if !self.is_as_sent(&ours, &theirs) && self.compare(heard, sent, came) {
            self.mended.sign(&sent.method);
        } else if self.mended.clean(&sent.method) {
            self.ledger.take_back(&[Fingerprint::F1, Fingerprint::F3]);
        }
        // One without Contact only reads what was told before.
        if sent.method == Method::REGISTER
            && came.status.is_success()
            && let Some(contact) = sent.headers.first(&HeaderName::Contact)
        {
            self.registered(heard, sent, came, contact);
        }
        self.length(heard, &came.headers, &came.body);
        self.description(heard, &came.headers, &came.body, &HeaderName::To);
    }

    /// Whether an answer came back in the bytes that were sent, as nearly all do: then there is nothing to compare. What a
    /// server adds is noted.
    fn is_as_sent(&mut self, ours: &Echoed<'_>, theirs: &Echoed<'_>) -> bool {
        let same = ours.call_id == theirs.call_id && ours.cseq == theirs.cseq && ours.from == theirs.from;
        let (true, Some(our_via), Some(via)) = (same, ours.via, theirs.via) else { return false };
        let Some(added) = unchanged_via(our_via, via) else { return false };
        // A private address begins so; whether it is ours is for the fingerprint to say.
        let private = added.received.is_some_and(|it| PRIVATE.iter().any(|begin| it.starts_with(begin)));
        let habit = self.habit;
        if private || (added.rport && self.habit.ends(added.received.is_some())) {
            self.habit = habit;
            return false;
        }
        true
    }

    /// The fingerprints of an answer beside what it answers. Whether it shows what every answer would show (F1, F3).
    fn compare(&mut self, heard: &Heard<'_>, sent: &Request, came: &Response) -> bool {
        let (Some(our_via), Some(via)) = (ViaView::top(&sent.headers), ViaView::top(&came.headers)) else {
            return false;
        };
        let name = branch_name(&sent.headers);
        let (other_via, other_party) =
            (f01_via::check(&our_via, &via), f03_parties::check(&sent.headers, &came.headers));
        self.note(Fingerprint::F1, name, other_via, heard.at);
        if let Some(found) = f02_received::check(&heard.ends, &our_via, &via) {
            self.wants_v0 |= self.sees_public.is_none();
            self.note(Fingerprint::F2, name, Some(found).filter(|_| self.sees_public == Some(true)), heard.at);
        }
        self.note(Fingerprint::F3, name, other_party, heard.at);
        let found = self.habit.check(&our_via, &via);
        self.note(Fingerprint::F4, name, found, heard.at);
        other_via.is_some() || other_party.is_some()
    }

    fn registered(&mut self, heard: &Heard<'_>, sent: &Request, came: &Response, contact: &[u8]) {
        let own = heard.ends.local.ip().to_canonical();
        let told = hash(&[contact]);
        if self.told != Some(told) {
            let host = std::str::from_utf8(contact).ok().and_then(uri_host);
            self.told_private = host.is_none_or(|(host, _)| address(host) == Some(own));
            self.told = Some(told);
        }
        if let Some((found, impossible)) = f05_binding::check(own, &sent.headers, &came.headers) {
            // What the server cannot know is worth as much as a Request-URI that it cannot know.
            let fingerprint = if impossible { Fingerprint::F6 } else { Fingerprint::F5 };
            self.note(fingerprint, branch_name(&sent.headers), Some(found), heard.at);
        }
    }

    /// A request came.
    pub fn request(&mut self, heard: &Heard<'_>, request: &Request) {
        match self.path {
            Path::BoxProvider if self.told_private => {}
            Path::BoxProvider => {
                let name = branch_name(&request.headers);
                let found = f06_request_uri::check(&heard.ends, self.told_private, request, heard.bytes);
                self.note(Fingerprint::F6, name, found, heard.at);
                let found = f07_to::check(&heard.ends, self.told_private, &request.headers);
                self.note(Fingerprint::F7, name, found, heard.at);
            }
            Path::PhoneBox => {
                // Whatever it sends shows that it is there; a provider's word alone says nothing of the way to it.
                self.silence.answered(heard.at);
                let attributes = Some(&request.body[..]).filter(|body| f15_media::may_hold_attributes(body));
                // These begin nothing, and it looks at nothing else.
                let begins = |method| method != &Method::ACK && method != &Method::BYE && method != &Method::CANCEL;
                if begins(&request.method)
                    && let Some(found) = f13_half_hidden::check(heard.ends.remote, &request.headers, attributes)
                {
                    self.note(Fingerprint::F13, call_name(&request.headers), Some(found), heard.at);
                }
                if let Some(found) = attributes.and_then(|body| f15_media::check(heard.ends.remote.ip(), body)) {
                    self.note(Fingerprint::F15, call_name(&request.headers), Some(found), heard.at);
                }
            }
        }
        self.length(heard, &request.headers, &request.body);
        self.description(heard, &request.headers, &request.body, &HeaderName::From);
    }

    fn length(&mut self, heard: &Heard<'_>, headers: &Headers, body: &bytes::Bytes) {
        if let Some(found) = f08_length::check(heard.transport, headers, body, heard.bytes) {
            self.note(Fingerprint::F8, call_name(headers), Some(found), heard.at);
        }
    }

    /// `far` is the field that names the far end in this message.
    fn description(&mut self, heard: &Heard<'_>, headers: &Headers, body: &[u8], far: &HeaderName) {
        if body.is_empty() {
            return;
        }
        let field = |name| headers.first(name).map_or(&b""[..], |value| value);
        // A phone that moves in the middle of a call has another address rightly.
        let place = match (self.path, heard.ends.remote.ip()) {
            (Path::BoxProvider, _) => 0,
            (Path::PhoneBox, IpAddr::V4(v4)) => u128::from(v4.to_bits()),
            (Path::PhoneBox, IpAddr::V6(v6)) => v6.to_bits(),
        };
        let dialog = hash(&[field(&HeaderName::CallId), tail(field(far)), &place.to_be_bytes()]);
        let found = self.origins.check(dialog, body);
        self.note(Fingerprint::F9, dialog, found, heard.at);
        self.note(Fingerprint::F10, dialog, f10_own_address::check(&heard.ends, body), heard.at);
    }

    /// A request of ours timed out. `branch` names its transaction.
    pub fn unanswered(&mut self, request: &Request, now: Instant) {
        if request.method != Method::INVITE {
            return;
        }
        let within = request.headers.to_tag().is_some();
        let alive = self.silence.is_alive(now);
        let name = call_name(&request.headers);
        if within {
            self.ledger.call([Symptom::T5].into_iter().filter(|_| alive).collect(), now);
        } else if self.silence.unanswered(now) {
            self.note(Fingerprint::F11, name, Some(Found::new("an answer, or 100", "")), now);
        }
    }

    /// A call is over, or shows a symptom: told once a call.
    pub fn call(&mut self, call: &CallFacts, now: Instant) {
        let alive = self.silence.is_alive(now);
        // Nothing at all from one that is silent altogether says nothing of the way to it.
        let needs_life = [Symptom::T3, Symptom::T5, Symptom::T7, Symptom::T8];
        let counts = |symptom: &Symptom| alive || !needs_life.contains(symptom);
        let symptoms: Symptoms = Symptoms::of(call, now).iter().filter(counts).collect();
        self.ledger.call(symptoms, now);
        // Who is behind the same router as we are, or the same as ours at an internet provider's, is rightly at our address: sound
        // that came shows it.
        let heard = call.answered_at.is_some() && call.heard_at.is_some() && symptoms.is_empty();
        if heard && self.ledger.has_seen(Fingerprint::F10, now) {
            self.ledger.take_back(&[Fingerprint::F10]);
        }
    }

    /// A packet's IP TTL: of plain SIP, or of TLS or RTP of the same host.
    pub fn distance(&mut self, is_sip: bool, ttl: u8, now: Instant) {
        self.hops.note(is_sip, ttl);
        if let Some((expected, came)) = self.hops.differ() {
            let (expected, came) = (format!("TTL {expected}"), format!("TTL {came}"));
            self.note(Fingerprint::F12, u64::from(is_sip), Some(Found::new(&expected, &came)), now);
        }
    }

    /// Another device registered the same address ([`super::Neighbours`]). `name` tells this registration from others.
    pub fn shares_contact(&mut self, contact: SocketAddr, name: u64, now: Instant) {
        let contact = contact.to_string();
        self.note(Fingerprint::F14, name, Some(Found::new("an address of its own", &contact)), now);
    }

    /// A message was healed ([`crate::heal`]): `name` tells which.
    pub fn healed(&mut self, deeds: Deeds, name: &[u8], now: Instant) {
        if deeds.has(Deed::ChangesContentLength) {
            self.note(Fingerprint::F8, hash(&[name]), Some(Found::new("the body's length", "another")), now);
        }
        if deeds.has(Deed::RewritesSdp) {
            let found = Found::new("the address that the phone is heard from", "an address of the internet");
            self.note(Fingerprint::F15, hash(&[name]), Some(found), now);
        }
        if deeds.has(Deed::RewritesOther) {
            let found = Found::new("a proof for the address that it names", "one for another address of ours");
            self.note(Fingerprint::F16, hash(&[name]), Some(found), now);
        }
    }

    /// A test of this path is over. What it could have seen and did not is taken back, and as what the server sees us is
    /// learned. `diagnosis` is that of the findings.
    pub fn tested(&mut self, findings: &Findings, diagnosis: &Diagnosis) {
        self.sees_public = findings.sees_public.or(self.sees_public);
        self.wants_v0 = false;
        if diagnosis.interference == Interference::None && diagnosis.confidence >= Confidence::Moderate {
            self.ledger.clear();
        }
    }

    /// Whether something was seen that a test should look into.
    pub fn wants_a_test(&self, now: Instant) -> bool {
        self.wants_v0 || self.ledger.wants_a_test(now)
    }

    /// Whether something was noted or taken back since [`Watch::take_news`]: the diagnosis may be another.
    pub const fn has_news(&self) -> bool {
        self.ledger.has_news()
    }

    /// What was noted is known from here on. How many signs there were among it: of those that accuse somebody.
    pub const fn take_news(&mut self) -> u64 {
        self.ledger.take_news()
    }

    /// What follows from all that was seen.
    pub fn diagnosis(&self, now: Instant) -> Diagnosis {
        self.ledger.diagnosis(self.path, self.transport, self.port, now)
    }

    fn note(&mut self, fingerprint: Fingerprint, name: u64, found: Option<Found<'_>>, now: Instant) {
        if let Some(found) = found {
            self.ledger.note(fingerprint, name, found, now);
        }
    }
}

/// Enough of a field's end to hold its tag.
fn tail(field: &[u8]) -> &[u8] {
    field.get(field.len().saturating_sub(16)..).unwrap_or(field)
}

fn branch_name(headers: &Headers) -> u64 {
    ViaView::top(headers).and_then(|via| via.branch).map_or(0, |branch| hash(&[branch.as_bytes()]))
}

fn call_name(headers: &Headers) -> u64 {
    headers.first(&HeaderName::CallId).map_or(0, |call_id| hash(&[call_id]))
}
