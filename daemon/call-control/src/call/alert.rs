//! The box itself rings somebody outside who is to know something at once, says it, and waits for a 1.
//!
//! Such a call has one end alone: its caller's leg is ours, in no book, and is told nothing. It passes what somebody stopped and
//! every cap, because it is made when these have done their work; how often it is made is bounded by who orders it. Its price
//! is on its record. It never stands in the way of help: while somebody calls for help it is not made, and one that is going on ends.

use std::time::{Duration, Instant};

use centrale_guard::{Order, Quote};
use centrale_rtp::relay::{Command as MediaCommand, Key};
use centrale_rtp::sound::{Sound, Speech, VOICE_BYTES_A_SECOND, Voice};
use centrale_sip::dialog::Dialog;
use centrale_sip::flow::{Flow, FlowId, Transport};
use centrale_sip::message::{HeaderName, Method, NameAddr, Request, SipUri, Status};
use centrale_sip::sdp::Session;
use rand::RngExt as _;

use super::begin::{Foundation, HOPS, Plan};
use super::sound::speech_to;
use super::voicemail::SLACK;
use super::{Call, CallKey, Leg, Origin, Ours, Party, Route, SessionTimer, Side};
use crate::cost::Bill;
use crate::exchange::{Due, Exchange, Reply};
use crate::io::{AlertCall, AlertEnd, Output};
use crate::media::LegDescription;
use crate::record::{Cause, Outcome};

/// How long it rings: most mailboxes of mobile phones answer sooner.
const PATIENCE: Duration = Duration::from_secs(45);
/// Silence before what is said: who answers takes a moment to listen, and some phones pass over the first second of a voice.
const LEAD: usize = VOICE_BYTES_A_SECOND;
/// How long a 1 is waited for each time that it was said.
const THINKING: Duration = Duration::from_secs(6);
/// How often it is said.
const TIMES: u8 = 3;
/// The key that says that it was heard.
const HEARD: char = '1';

/// A call of the box's own to somebody who is to know something.
#[derive(Debug)]
pub(crate) struct AtAlert {
    id: u64,
    voice: Voice,
    /// How often it was said.
    said: u8,
    /// Whether the 1 came.
    heard: bool,
    /// Whether it rang there.
    pub(super) rang: bool,
}

impl AtAlert {
    /// Whether a key still counts.
    pub(super) const fn listens(&self) -> bool {
        !self.heard
    }
}

impl Exchange {
    /// Rings somebody who is to know something.
    pub(crate) fn ring_alert(&mut self, now: Instant, alert: AlertCall) {
        let id = alert.id;
        if self.try_alert(now, alert).is_none() {
            self.outputs.push_back(Output::Alerted { id, end: AlertEnd::NotMade });
        }
    }

    /// `None` when somebody calls for help, it is no number to ring so, or there is no way.
    fn try_alert(&mut self, now: Instant, alert: AlertCall) -> Option<()> {
        if self.calls.values().any(|call| call.emergency || call.alert.is_some()) {
            return None;
        }
        let meant = self.directory.plan().normalise(&alert.number);
        let number = meant
            .number()
            .filter(|number| meant.class().is_ordinary() && !self.directory.is_of_the_office(number))?
            .to_owned();
        // Its order passes what the line carries; one call too many on it, and nobody is understood any more.
        self.admit_on_line(None).ok()?;
        let mut routes = self.trunks_to(now, &number, false, None);
        routes.retain(|route| matches!(route, Route::Trunk { trunk, .. } if self.has_room_for_alert(now, trunk)));
        let (trunk, path) = match routes.first()? {
            route @ Route::Trunk { trunk, .. } => (trunk.clone(), route.path()),
            Route::Phone { .. } => return None,
        };
        let from = Party::nameless(self.identity_on(&trunk, "")?);
        let plan = self.directory.plan();
        let order = Order::new(plan, &meant, &from.number, Quote::worst(plan, &meant)).of_alarm();
        let local = self.local_over(&trunk, &path)?;
        let caller = self.own_leg(now, Flow { id: OURS, transport: Transport::Udp, local, remote: path.remote() })?;
        let mut plan = Plan { order: Some(order), ..Plan::outside(from, number, routes) };
        let bill = self.reserve(now, &mut plan).ok()?;
        let Some(port) = self.allocate_port(now, false) else {
            self.give_back(now, &bill);
            return None;
        };
        let at_once = plan.rings_first();
        let foundation = Foundation { caller, ports: [0, port], hops: HOPS };
        let call = self.new_call(now, None, plan, foundation, &at_once);
        let AlertCall { id, voice, .. } = alert;
        let at_alert = AtAlert { id, voice, said: 0, heard: false, rang: false };
        let mut call = Call { bill, alert: Some(at_alert), ..call };
        let key = call.key;
        self.open_side(&mut call, Side::Callee);
        self.agenda.set(Due::RingsTooLong(key), now + PATIENCE);
        self.calls.insert(key, call);
        self.live.call_changed(key);
        self.with_call(now, key, |exchange, call| {
            at_once.into_iter().for_each(|route| exchange.ring(now, call, route));
            exchange.settle_if_nobody_rings(now, call);
        });
        Some(())
    }

    /// Whether a provider has a channel to spare: not the last one while whoever answered a call for help may call back.
    fn has_room_for_alert(&self, now: Instant, trunk: &str) -> bool {
        let taken = self.calls_over(trunk).saturating_add(self.expects_help(now).into());
        self.directory.trunk(trunk).is_some_and(|settings| taken < u32::from(settings.channels.account))
    }

    fn give_back(&mut self, now: Instant, bill: &Bill) {
        if let Some(charge) = bill.charge {
            self.costs.ledger.close(now, self.costs.civil(now), charge);
        }
    }

    /// The box's own end: it says what a phone would, so that a provider is offered that.
    fn own_leg(&mut self, now: Instant, flow: Flow) -> Option<Leg> {
        let ours = Ours { transport: flow.transport, local: flow.local };
        let uri = SipUri::new(None, flow.local.ip().into(), None);
        let mut request = Request::new(Method::INVITE, uri.clone());
        request.headers.push(HeaderName::From, NameAddr::new(uri.clone()).tagged(&self.token()).to_string());
        request.headers.push(HeaderName::To, NameAddr::new(uri).to_string());
        request.headers.push(HeaderName::CallId, self.token());
        request.headers.push(HeaderName::CSeq, "1 INVITE");
        request.headers.push(HeaderName::Contact, NameAddr::new(ours.contact("box")).to_string());
        let timer = SessionTimer::of_request(&request).ok()?;
        let dialog = Dialog::of_server(&request, &self.token(), flow)?;
        let mut description = LegDescription::new(flow.local.ip(), 0, flow.transport, &mut self.rng);
        description.take_offer(Session::parse(crate::trunk::OFFER).ok()?).ok()?;
        let origin = Origin { started: now, answered: None, placed: false, trunk: None };
        Some(Leg::new(dialog, description, ours, timer, origin))
    }

    /// Somebody answered, or something.
    pub(super) fn begin_to_say(&mut self, now: Instant, call: &mut Call, reply: &Reply<'_>) {
        if self.take_own_answer(now, call, reply) {
            self.change_own_media(call, Side::Callee);
            self.say(now, call);
        }
    }

    /// Says it, once more.
    fn say(&mut self, now: Instant, call: &mut Call) {
        let (key, relay, side) = (call.key, call.relay, Side::Callee);
        let (Some((encoding, payload_type)), Some(alert)) = (speech_to(call, side), &mut call.alert) else {
            return self.end(now, call, None, Outcome::Lost, Status::NOT_ACCEPTABLE_HERE.code());
        };
        alert.said += 1;
        let voice = alert.voice.after_silence(LEAD);
        let speech = Speech { encoding, payload_type, ssrc: self.rng.random() };
        self.agenda.set(Due::Alert(key), now + voice.lasts() + THINKING);
        self.outputs.push_back(Output::Media(MediaCommand::PlayBack { relay, side, voice, speech }));
    }

    /// It was said, and the 1 did not come; or it did, and that was heard.
    pub(crate) fn go_on_saying(&mut self, now: Instant, call: &mut Call) {
        let Some(alert) = &call.alert else { return };
        if !alert.heard && alert.said < TIMES {
            return self.say(now, call);
        }
        call.cause = Some(Cause::CallerHungUp);
        self.end(now, call, None, Outcome::Answered, 0);
    }

    /// Whoever answered pressed a key. A 1 ends it; anything else counts for nothing.
    pub(super) fn heed_key(&mut self, now: Instant, call: &mut Call, Key(pressed): Key) {
        let Some(alert) = call.alert.as_mut().filter(|_| pressed == HEARD) else { return };
        alert.heard = true;
        self.play(call, Side::Callee, Sound::Done);
        self.agenda.set(Due::Alert(call.key), now + Sound::Done.lasts().unwrap_or_default() + SLACK);
    }

    /// Whether that call from outside is one of ours that rings, sent on to the office by whom it rings: whoever answered it here would
    /// confirm it in that one's place.
    pub(super) fn is_alert_sent_back(&self, request: &Request, from: &Party) -> bool {
        let mut rings = self.calls.values().filter(|call| call.alert.is_some() && call.answered.is_none());
        rings.any(|call| {
            let shown = from.spoofs.as_deref().unwrap_or(&from.number);
            shown == self.directory.canonical(&call.from.number) || self.was_sent_on_by(request, &call.to.number)
        })
    }

    fn was_sent_on_by(&self, request: &Request, number: &str) -> bool {
        let items =
            [HeaderName::Diversion, HeaderName::HistoryInfo].iter().flat_map(|name| request.headers.items(name));
        let mut by = items.filter_map(|item| NameAddr::parse(&item));
        by.any(|by| by.uri.dialled().is_some_and(|user| self.directory.canonical(&user) == number))
    }

    /// Somebody calls for help: nobody is rung meanwhile.
    pub(crate) fn end_alerts(&mut self, now: Instant) {
        let keys: Vec<CallKey> = self.calls.values().filter(|call| call.alert.is_some()).map(|call| call.key).collect();
        for key in keys {
            self.last_yielded = Some(now);
            self.with_call(now, key, |exchange, call| {
                let outcome = if call.answered.is_some() { Outcome::Lost } else { Outcome::Blocked };
                call.cause = Some(Cause::NeededForHelp);
                exchange.end(now, call, None, outcome, 503);
            });
        }
    }

    /// Tells who ordered it what became of it.
    pub(super) fn tell_alerted(&mut self, call: &Call, outcome: Outcome) {
        let Some(AtAlert { id, heard, rang, .. }) = call.alert else { return };
        let end = match outcome {
            _ if heard => AlertEnd::Heard,
            _ if call.cause == Some(Cause::NeededForHelp) => AlertEnd::NotMade,
            _ if call.answered.is_some() => AlertEnd::NotConfirmed,
            // Once it rang there is a way, whatever the network says then.
            Outcome::Unreachable | Outcome::Blocked if !rang => AlertEnd::NotMade,
            _ => AlertEnd::NoAnswer,
        };
        self.agenda.cancel(&Due::Alert(call.key));
        self.outputs.push_back(Output::Alerted { id, end });
    }
}

/// No connection has this number: they are counted from 0.
const OURS: FlowId = FlowId(u64::MAX);
