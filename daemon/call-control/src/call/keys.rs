//! Keys that somebody presses within a call, as events in the sound (RFC 4733) or as INFO, brought to the other end in the way
//! that it knows, or to the box itself where that obeys them.
//!
//! An end that agreed on events is sent events, whatever its other end sends. One that knows keys as INFO alone (a provider of
//! which the office says so) is sent INFO, one after the other. Somebody may be typing a secret: no key is kept or shown.

use std::collections::VecDeque;
use std::fmt;
use std::time::{Duration, Instant};

use bytes::Bytes;
use centrale_rtp::relay::{Command, Key, Press, RelayId};
use centrale_sip::dialog::DialogId;
use centrale_sip::endpoint::ServerKey;
use centrale_sip::key_body::KeyBody;
use centrale_sip::message::{HeaderName, Method, Request, Status};
use rand::RngExt as _;

use super::sound::at;
use super::{Call, CallKey, Side, other};
use crate::exchange::{Exchange, Reply};
use crate::io::Output;
use crate::record::Outcome;
use crate::sent::Purpose;

/// Some phones send a key both ways at once. Nobody presses the same one twice in less.
const TWICE: Duration = Duration::from_millis(200);
/// What waits to be told to one end; nobody presses more ahead.
const MOST_WAITING: usize = 32;

/// An end's keys that the media thread tells: the number under which they come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct KeysTaken(u8);

/// In which way a key came.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum By {
    Event,
    Info,
}

/// The keys of a leg's peer, and what it is told by INFO.
#[derive(Clone, Default)]
pub(crate) struct LegKeys {
    /// What its peer pressed last.
    last: Option<(Key, By, Instant)>,
    /// An INFO is on its way: a second one might overtake it, and the first would then be refused (RFC 3261 12.2.2).
    telling: bool,
    waiting: VecDeque<Told>,
}

impl fmt::Debug for LegKeys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("LegKeys(…)")
    }
}

/// The body of an INFO, and of which kind it is.
#[derive(Clone)]
struct Told {
    kind: Option<Bytes>,
    body: Bytes,
}

impl Told {
    fn as_it_came(request: &Request) -> Self {
        let kind = request.headers.first(&HeaderName::ContentType).cloned();
        let body = if kind.is_some() { request.body.clone() } else { Bytes::new() };
        Self { kind, body }
    }

    fn key(Key(key): Key) -> Self {
        let kind = Some(Bytes::from_static(KeyBody::CONTENT_TYPE.as_bytes()));
        Self { kind, body: KeyBody::of(key).to_bytes().into() }
    }
}

impl LegKeys {
    /// Whether the peer has just pressed the same key in another way.
    fn come_twice(&mut self, now: Instant, key: Key, by: By) -> bool {
        let is_twice = |(before, way, at): &(Key, By, Instant)| {
            *before == key && *way != by && now.saturating_duration_since(*at) < TWICE
        };
        let twice = self.last.as_ref().is_some_and(is_twice);
        self.last = if twice { None } else { Some((key, by, now)) };
        twice
    }
}

/// What somebody reads who wants a call recorded: a box that records none needs nobody's consent, and passes no such wish on to
/// somebody else's.
const NOT_RECORDED: &str = "Calls Are Not Recorded";

impl Exchange {
    /// Has the media thread tell the keys of each end for which that is another way than passing them on.
    pub(crate) fn settle_keys(&mut self, call: &mut Call) {
        if call.ending.is_some() {
            return;
        }
        for side in [Side::Caller, Side::Callee] {
            let wanted = self.keys_wanted(call, side);
            let before = std::mem::replace(&mut call.keys_taken[at(side)], wanted);
            let relay = call.relay;
            match wanted {
                _ if wanted == before => {}
                Some(KeysTaken(payload_type)) => {
                    self.outputs.push_back(Output::Media(Command::TakeKeys { relay, side, payload_type }));
                }
                None => self.outputs.push_back(Output::Media(Command::LeaveKeys { relay, side })),
            }
        }
    }

    fn keys_wanted(&self, call: &Call, side: Side) -> Option<KeysTaken> {
        let to = other(side);
        let obeyed = Self::obeys_keys(call, side);
        let as_info = || self.owns(call, to) && call.leg(to).is_some_and(|leg| leg.description.knows_keys_as_info());
        if call.ports[at(side)] == 0 || !self.owns(call, side) || !obeyed && !as_info() {
            return None;
        }
        call.leg(side)?.description.key_events().map(KeysTaken)
    }

    /// The media thread tells of a key.
    pub(crate) fn handle_key(&mut self, now: Instant, relay: RelayId, side: Side, key: Key) {
        self.with_call(now, CallKey(relay.0), |exchange, call| {
            if call.keys_taken[at(side)].is_some() {
                exchange.bring_key(now, call, side, (key, By::Event), Told::key(key));
            }
        });
    }

    /// An INFO within a call: a key, or anything else, which is the other end's to understand.
    pub(crate) fn handle_info(&mut self, now: Instant, call: &mut Call, side: Side, key: ServerKey, request: &Request) {
        if request.headers.first(&HeaderName::other("Record")).is_some() {
            self.counters.recordings_refused += 1;
            let mut refusal = request.response(Status::FORBIDDEN);
            NOT_RECORDED.clone_into(&mut refusal.reason);
            return self.endpoint.respond(now, key, refusal);
        }
        let told = Told::as_it_came(request);
        let kind = request.headers.text(&HeaderName::ContentType).unwrap_or_default();
        match KeyBody::parse(&kind, &told.body) {
            Some(Err(_)) => {
                self.counters.bad_keys += 1;
                return self.endpoint.respond(now, key, request.response(Status::BAD_REQUEST));
            }
            Some(Ok(pressed)) => self.handle_key_body(now, call, side, pressed, told),
            None => self.tell_by_info(now, call, other(side), told),
        }
        // Answered at once: whether the other end understood is no reason to keep this one waiting (RFC 6086 does not ask for it).
        self.endpoint.respond(now, key, request.response(Status::OK));
    }

    fn handle_key_body(&mut self, now: Instant, call: &mut Call, side: Side, pressed: KeyBody, told: Told) {
        let (to, relay, key) = (other(side), call.relay, Key(pressed.key));
        let there = call.leg(to).filter(|_| call.ports[at(to)] != 0 && self.owns(call, to));
        match there.and_then(|leg| leg.description.takes_keys()) {
            Some((payload_type, clock_rate)) => {
                let press = Press { key, lasts: pressed.lasts, payload_type, clock_rate, ssrc: self.rng.random() };
                self.outputs.push_back(Output::Media(Command::Press { relay, side: to, press }));
            }
            None => self.bring_key(now, call, side, (key, By::Info), told),
        }
    }

    /// A key for the box itself, or for an end that is told it by INFO.
    fn bring_key(&mut self, now: Instant, call: &mut Call, side: Side, (key, by): (Key, By), told: Told) {
        if call.leg_mut(side).is_some_and(|leg| leg.keys.come_twice(now, key, by)) {
            return;
        }
        if Self::obeys_keys(call, side) {
            return self.obey_key(now, call, key);
        }
        self.tell_by_info(now, call, other(side), told);
    }

    /// Tells one end by INFO, once it has answered the one before.
    fn tell_by_info(&mut self, now: Instant, call: &mut Call, to: Side, told: Told) {
        if !self.owns(call, to) {
            return;
        }
        let Some(leg) = call.leg_mut(to).filter(|leg| leg.keys.waiting.len() < MOST_WAITING) else { return };
        leg.keys.waiting.push_back(told);
        self.tell_next(now, call, to);
    }

    fn tell_next(&mut self, now: Instant, call: &mut Call, to: Side) {
        let Some(leg) = call.leg_mut(to).filter(|leg| !leg.keys.telling) else { return };
        let Some(Told { kind, body }) = leg.keys.waiting.pop_front() else { return };
        leg.keys.telling = true;
        let mut info = leg.dialog.request(Method::INFO);
        if let Some(kind) = kind {
            info.headers.push(HeaderName::ContentType, kind);
            info.body = body;
        }
        self.send_within(now, leg, info, Purpose::Info);
    }

    /// The final answer to an INFO of ours, or none. Its leg may be another call's by now.
    pub(crate) fn handle_told(&mut self, now: Instant, reply: &Reply<'_>) {
        let dialog = DialogId::of_outgoing(&reply.sent.request);
        let Some((call, side)) = dialog.and_then(|dialog| self.dialogs.get(&dialog).copied()) else { return };
        self.with_call(now, call, |exchange, call| {
            if reply.response.status == Status::CALL_DOES_NOT_EXIST {
                return exchange.end(now, call, Some(side), Outcome::Lost, 481);
            }
            if let Some(leg) = call.leg_mut(side) {
                leg.keys.telling = false;
            }
            exchange.tell_next(now, call, side);
        });
    }
}
