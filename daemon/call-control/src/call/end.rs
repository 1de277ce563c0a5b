//! The end of a call: everybody is told once, everything it held is given back, and it is written down.

use std::time::{Duration, Instant};

use centrale_guard::Placed;
use centrale_numbering::{Class, Dialled, Money};
use centrale_rtp::relay::{Command, LegQuality, RelayId};
use centrale_sip::endpoint::ServerKey;
use centrale_sip::message::{HeaderName, Method, Request, Status};

use super::refuse::explain;
use super::silence::hung_up_on_silence;
use super::{ANONYMOUS, AtMailbox, Call, CallKey, Ending, Side, Way};
use crate::exchange::{Due, Exchange};
use crate::io::Output;
use crate::record::{CallRecord, Cause, Outcome};
use crate::sent::Purpose;
use crate::view::Direction;

/// How long the record waits for the media thread's last word.
const LAST_WORD: Duration = Duration::from_secs(5);

/// A finished call whose quality is still being totalled, or of which a provider has yet to say whether it costs something.
#[derive(Debug)]
pub(crate) struct Burial {
    record: CallRecord,
    /// Until the media thread has let go of them.
    ports: Option<[u16; 2]>,
    /// To whom each side's messages and sound went, the caller's first.
    ways: [Option<Way>; 2],
    /// Whether each side was at a provider, the caller's first, and how many calls there were over providers then.
    outside: ([bool; 2], usize),
}

impl Exchange {
    /// Ends a call. `gone` is the side that has said so itself and needs no BYE.
    pub(crate) fn end(&mut self, now: Instant, call: &mut Call, gone: Option<Side>, outcome: Outcome, status: u16) {
        if call.ending.is_some() {
            return;
        }
        let cause = call.cause.or_else(|| hung_up_on_silence(now, call, gone, outcome));
        let cause = cause.unwrap_or_else(|| Cause::of(gone, outcome, status));
        let ending = Ending { outcome, status, cause };
        call.ending = Some(call.dismissed.as_ref().map_or(ending, |dismissed| dismissed.ending));
        self.end_transfer(now, call, gone, status);
        let forks = std::mem::take(&mut call.forks);
        self.cancel_forks(now, call, forks);
        if let Some((server, request)) = call.invite.take() {
            let status = Status::new(status).filter(|status| status.code() >= 300);
            let status = status.unwrap_or(Status::REQUEST_TERMINATED);
            self.refuse_invite(now, call, Side::Caller, (server, &request), status);
        } else if gone != Some(Side::Caller) {
            self.bye(now, call, Side::Caller);
        }
        if let Some(transit) = call.transit.take() {
            let asked = (transit.key, &transit.request);
            self.refuse_invite(now, call, transit.from, asked, Status::REQUEST_TERMINATED);
        }
        if let Some(awaited) = call.awaited_ack.take() {
            let refusal = self.refusal_of_late_offer(call, awaited.answerer);
            self.acknowledge(now, call, awaited.answerer, awaited.client, awaited.cseq, refusal.as_ref());
        }
        if gone != Some(Side::Callee) {
            self.bye(now, call, Side::Callee);
        }
    }

    /// Refuses an INVITE, or an UPDATE with a description, for good: no ACK of a dialog will come for it.
    pub(crate) fn refuse_invite(
        &mut self,
        now: Instant,
        call: &Call,
        side: Side,
        (server, request): (ServerKey, &Request),
        status: Status,
    ) {
        let mut response = self.answer_to(call, side, request, status, None);
        // Who calls from outside is not told what the office may do.
        let is_ours = call.leg(side).is_some_and(|leg| leg.username.is_some());
        if let Some(reject) = call.bill.reject.filter(|_| is_ours) {
            explain(&mut response, reject);
        }
        self.servers.remove(&server);
        self.endpoint.respond(now, server, response);
    }

    /// An INVITE that has no final answer was taken back: the call, or only a change of it.
    pub(crate) fn handle_cancelled(&mut self, now: Instant, call: &mut Call, server: ServerKey) {
        if call.invite.as_ref().is_some_and(|(key, _)| *key == server) {
            self.end(now, call, None, Outcome::Abandoned, Status::REQUEST_TERMINATED.code());
        } else if let Some(transit) = call.transit.as_ref().filter(|transit| transit.key == server) {
            self.endpoint.cancel(now, transit.client);
        }
    }

    pub(crate) fn bye(&mut self, now: Instant, call: &mut Call, side: Side) {
        if !self.owns(call, side) {
            return;
        }
        let reject = call.bill.reject;
        let Some(leg) = call.leg_mut(side) else { return };
        let mut bye = leg.dialog.request(Method::BYE);
        if let Some(reject) = reject {
            bye.headers.push(HeaderName::Reason, reject.to_string());
        }
        self.send_within(now, leg, bye, Purpose::Bye);
    }

    /// Takes an ended call out of the books. Its record waits for the totals of its media.
    pub(crate) fn bury(&mut self, now: Instant, mut call: Call, ending: Ending) {
        self.tell_alerted(&call, ending.outcome);
        self.note_brief(now, &call, ending.outcome);
        self.note_bait(now, &call, ending.outcome);
        self.note_spoken(&call);
        self.remember_last_call(&call);
        self.note_alarm_call(now, &call.from, &call.to, ending.outcome);
        for side in [Side::Caller, Side::Callee] {
            let ordered = call.leg(side).and_then(|leg| leg.order.as_ref());
            ordered.map(|order| order.person.clone()).into_iter().for_each(|person| self.check_at_once(&call, &person));
        }
        let rang = call.bill.charge.take();
        self.close_charge(now, rang, &mut call);
        for side in [Side::Caller, Side::Callee] {
            self.note_leg(now, &mut call, side);
            if self.owns(&call, side) {
                let charge = call.leg_mut(side).and_then(|leg| leg.charge.take());
                self.close_charge(now, charge, &mut call);
            }
            if let Some(leg) = call.leg(side).filter(|_| self.owns(&call, side)) {
                self.dialogs.remove(&leg.dialog.id);
            }
            self.agenda.cancel(&Due::Refresh(call.key, side));
            self.agenda.cancel(&Due::Expiry(call.key, side));
        }
        self.agenda.cancel(&Due::RingsTooLong(call.key));
        self.agenda.cancel(&Due::NobodyFound(call.key));
        self.agenda.cancel(&Due::RoomMade(call.key));
        self.agenda.cancel(&Due::Join(call.key));
        self.agenda.cancel(&Due::Silence(call.key));
        self.agenda.cancel(&Due::Mailbox(call.key));
        self.agenda.cancel(&Due::Room(call.key));
        self.agenda.cancel(&Due::Dismissal(call.key));
        let ways = [Side::Caller, Side::Callee].map(|side| call.leg(side).and_then(|leg| self.way_of(leg)));
        let at_provider = |side| call.leg(side).is_some_and(|leg| leg.origin.trunk.is_some());
        let outside = ([Side::Caller, Side::Callee].map(at_provider), self.calls_outside(Some(&call)));
        self.outputs.push_back(Output::Media(Command::Close { relay: call.relay }));
        let record = self.record_of(now, &call, ending);
        self.burials.insert(call.relay, Burial { record, ports: Some(call.ports), ways, outside });
        self.agenda.set(Due::LastWord(call.relay), now + LAST_WORD);
        if let Some(at) = &call.at_conference {
            self.settle_room(now, &at.room);
        }
    }

    /// A call to outside that was answered, or given up by its caller, and how long it was from then, or until then. How long a
    /// call from outside lasts that is sent out again is in a stranger's hands, and held against nobody.
    fn note_brief(&mut self, now: Instant, call: &Call, outcome: Outcome) {
        if call.direction == Direction::Incoming {
            return;
        }
        let ordered = call.callee.as_ref().and_then(|leg| leg.order.as_ref()).or(call.bill.order.as_ref());
        let since = match outcome {
            Outcome::Answered => call.answered,
            Outcome::Abandoned | Outcome::NoAnswer => Some(call.started),
            _ => None,
        };
        let (Some(order), Some(since)) = (ordered, since) else { return };
        if order.always_passes {
            return;
        }
        let (order, lasted) = (order.clone(), now.saturating_duration_since(since));
        self.note_flash(now, &order.person, order.class, lasted);
        let (person, class) = (order.person.as_str(), order.class);
        let number = order.meant.number().unwrap_or_default();
        let is_contact = self.directory.contact(number).is_some();
        self.note_placed(now, &Placed { person, number, class, began: call.started, lasted, is_contact });
    }

    /// A call from outside that its caller gave up: it may be there to be called back.
    fn note_bait(&mut self, now: Instant, call: &Call, outcome: Outcome) {
        let is_given_up = outcome == Outcome::Abandoned && call.answered.is_none();
        // Only abroad anybody is asked whether a call back is meant.
        let is_abroad = |caller: &Dialled| matches!(caller.class(), Class::International(_));
        let caller = self.caller_outside(call).filter(|caller| is_given_up && is_abroad(caller));
        let Some(caller) = caller.as_ref().and_then(Dialled::number) else { return };
        let lasted = now.saturating_duration_since(call.started);
        let called = call.caller.line.as_deref().unwrap_or(&call.to.number);
        self.costs.baits.rang(now, caller, called, lasted);
    }

    /// Whoever outside a person spoke to rang for something else than to be called back.
    fn note_spoken(&mut self, call: &Call) {
        let caller = self.caller_outside(call).filter(|_| call.answered_by.is_some());
        let called = [Side::Caller, Side::Callee].into_iter().filter_map(|side| call.leg(side)?.order.as_ref());
        for number in called.map(|order| &order.meant).chain(&caller).filter_map(Dialled::number) {
            self.costs.baits.answered(number);
        }
    }

    /// Who calls from outside, as far as it is a number.
    fn caller_outside(&self, call: &Call) -> Option<Dialled> {
        (call.direction == Direction::Incoming).then(|| self.directory.plan().normalise(&call.from.number))
    }

    /// What is written down of a call with that ending.
    pub(crate) fn record_of(&self, now: Instant, call: &Call, ending: Ending) -> CallRecord {
        let quality = LegQuality::default();
        let dismissed = call.dismissed.as_ref();
        let trunk = call.trunk.as_ref().or(call.other_trunk.as_ref());
        CallRecord {
            id: call.id.clone(),
            direction: call.direction,
            from: call.from.claimed().to_owned(),
            from_name: call.from.name.clone(),
            to: call.to.number.clone(),
            class: self.directory.class_of(&call.to.number),
            price: call.bill.price,
            spoofed: call.from.spoofs.is_some(),
            withheld: call.withheld || call.from.number == ANONYMOUS,
            answered_by: call.answered_by.clone(),
            transferred_by: call.transferred_by.clone(),
            trunk: trunk.or(dismissed.and_then(|dismissed| dismissed.trunk.as_ref())).cloned(),
            started: call.started,
            answered: call.answered,
            ended: dismissed.map_or(now, |dismissed| dismissed.ended),
            // However it ended: nobody else answered.
            outcome: call.at_mailbox.as_ref().map_or(ending.outcome, AtMailbox::outcome),
            cause: ending.cause,
            status: if call.answered.is_some() { 0 } else { ending.status },
            caller_quality: quality,
            callee_quality: quality,
            emergency: call.emergency,
            line: line_of(call),
            marks: call.marks.clone(),
            legs: call.past_legs.clone(),
            reason: call.bill.reject.map(|reject| reject.code),
        }
    }

    /// The relay is closed, or did not say so in time: the ports cool down and the record can be written.
    pub(crate) fn end_media(&mut self, now: Instant, relay: RelayId, quality: Option<(LegQuality, LegQuality)>) {
        let Some(burial) = self.burials.get_mut(&relay) else { return };
        self.agenda.cancel(&Due::LastWord(relay));
        if let Some((caller, callee)) = quality {
            (burial.record.caller_quality, burial.record.callee_quality) = (caller, callee);
        }
        let (answered, ways) = (burial.record.answered, std::mem::take(&mut burial.ways));
        let (at_provider, at_once) = burial.outside;
        let ports = burial.ports.take();
        if let (Some((caller, callee)), Some(answered)) = (quality, answered) {
            self.watch_sound(now, answered, ways.into_iter().zip([caller, callee]));
            for (_, heard) in at_provider.into_iter().zip([caller, callee]).filter(|(at_provider, _)| *at_provider) {
                self.note_line_loss(at_once, heard.packets, heard.lost);
            }
        }
        ports.into_iter().for_each(|ports| self.release_ports(now, ports));
        self.write_record(relay);
    }

    /// A provider's last word on a call that is over: what it costs all the same.
    pub(crate) fn add_to_record(&mut self, relay: RelayId, cost: Money) {
        let Some(burial) = self.burials.get_mut(&relay) else { return };
        burial.record.price = Some(burial.record.price.unwrap_or_default() + cost);
        self.write_record(relay);
    }

    /// Writes a record of which nothing is missing any more.
    fn write_record(&mut self, relay: RelayId) {
        let complete = |burial: &Burial| burial.ports.is_none() && !self.awaits_last_word(CallKey(relay.0));
        if self.burials.get(&relay).is_some_and(complete)
            && let Some(burial) = self.burials.remove(&relay)
        {
            self.outputs.push_back(Output::Record(Box::new(burial.record)));
        }
    }

    /// Calls that were ended and not yet written down.
    pub(crate) fn unwritten(&self) -> usize {
        self.burials.len()
    }
}

/// The number of the office that was called from outside.
fn line_of(call: &Call) -> Option<String> {
    let line = call.caller.line.as_deref().filter(|_| call.direction == Direction::Incoming);
    line.map(str::to_owned)
}
