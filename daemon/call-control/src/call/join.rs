//! Two legs that were not made for each other are connected: each is sent a re-INVITE with what the other one can do.
//!
//! In a blind transfer the target has just said what it takes, and only the transferee is told. In an attended one neither
//! knows of the other: the consulted end is offered what the transferee can do, the transferee what came of that.

use std::time::{Duration, Instant};

use centrale_rtp::sound::Encoding;
use centrale_sip::dialog::DialogId;
use centrale_sip::message::{HeaderName, Method, NameAddr, Status};
use centrale_sip::sdp::{CONTENT_TYPE, SdpFault};

use super::body::description_in;
use super::refer::Refusal;
use super::reinvite::is_fatal;
use super::session_timer::propose;
use super::transfer::{Handed, is_outside};
use super::{Call, CallKey, Joining, Party, SessionTimer, Side, Transfer, other};
use crate::exchange::{Due, Exchange, Reply, allow};
use crate::record::Outcome;
use crate::sent::Purpose;
use crate::view::Direction;

/// When an end is asked again that was changing something itself, or could not be reached: longer than either end of a
/// glare waits (RFC 3261 14.1).
const AGAIN: Duration = Duration::from_secs(4);
/// How often an end is asked again before the call is given up.
const MOST_FAILURES: u8 = 4;

impl Exchange {
    /// Connects the other end of one call of the transferor's with the other end of another: the second call goes on with the
    /// first one's other end in the transferor's place. The transferor is told in the call that it asked in.
    pub(super) fn join_calls(
        &mut self,
        now: Instant,
        [(first, side), (second, own)]: [(CallKey, Side); 2],
        (asked, refer): (CallKey, Option<u32>),
        accept: impl FnOnce(&mut Self),
    ) -> Result<(), Refusal> {
        let Handed { leg: transferee, party, by: transferor, trunk } = self.handed((first, side))?;
        accept(self);
        self.with_call(now, first, |exchange, call| {
            if asked == first {
                exchange.tell_it_is_done(now, call, (side, second), refer);
            }
            exchange.book(second, own, &transferee);
            exchange.end(now, call, None, Outcome::Answered, 0);
        });
        self.with_call(now, second, |exchange, call| {
            if asked == second {
                exchange.tell_it_is_done(now, call, (own, first), refer);
            }
            exchange.part_from(now, call, own);
            let ordered = transferee.order.as_ref().map(|order| order.person.clone());
            exchange.place(call, own, transferee);
            // It was in neither call while the other one ended.
            ordered.into_iter().for_each(|person| exchange.check_at_once(call, &person));
            if let Some(target) = call.leg_mut(other(own)) {
                target.description.part();
            }
            if call.trunk.is_none() {
                call.trunk = trunk;
            } else {
                call.other_trunk = trunk;
            }
            call.transferred_by = Some(transferor.number);
            retell(call, own, party);
            exchange.shorten_bridge(now, call);
            exchange.start_timer(now, call, own);
            // In a room nobody is at the other end.
            let is_in_room = call.at_conference.is_some();
            exchange.join(now, call, if is_in_room { own } else { other(own) }, !is_in_room);
        });
        let room = self.calls.get(&second).and_then(Call::meets_in).map(str::to_owned);
        if let Some(room) = room {
            self.shorten_meeting(now, &room, None);
            self.settle_room(now, &room);
        }
        Ok(())
    }

    /// Tells a transferor that whom it hands on is connected.
    pub(super) fn tell_it_is_done(
        &mut self,
        now: Instant,
        call: &mut Call,
        (by, to): (Side, CallKey),
        refer: Option<u32>,
    ) {
        call.transfer = Some(Transfer { by, to, refer, told: None, rings: false });
        self.tell_transferor(now, call, Status::OK);
        call.transfer = None;
    }

    /// Tells one end what the other one said last; one that has no other end is put on hold, and hears what we let it hear.
    pub(super) fn join(&mut self, now: Instant, call: &mut Call, to: Side, both: bool) {
        let (alone, in_room) = (call.leg(other(to)).is_none(), call.at_conference.is_some());
        if let Some(joining) = call.joining.as_mut().filter(|joining| joining.client.is_some()) {
            // It is still answering the last time.
            *joining = Joining { to, client: None, both, failures: joining.failures };
            return self.agenda.set(Due::Join(call.key), now + AGAIN);
        }
        let failures = call.joining.as_ref().map_or(0, |joining| joining.failures);
        if call.leg(to).is_some_and(|leg| self.awaits_answer_of(&leg.dialog.id)) {
            // It is still answering somebody else, a hold or a refresh: no second INVITE before that (RFC 3261 14.1).
            call.joining = Some(Joining { to, client: None, both, failures });
            return self.agenda.set(Due::Join(call.key), now + AGAIN);
        }
        let theirs = call.leg(other(to)).and_then(|leg| leg.description.theirs()).cloned();
        let key = call.key;
        let Some(leg) = call.leg_mut(to) else { return };
        leg.description.renew_keys(&mut self.rng);
        let offer = if in_room {
            leg.description.offer_alone(&Encoding::COMPANDED)
        } else if alone {
            leg.description.offer_hold()
        } else {
            theirs.and_then(|theirs| leg.description.offer(&theirs).ok())
        };
        let Some(offer) = offer else {
            return self.end(now, call, None, Outcome::Lost, Status::NOT_ACCEPTABLE_HERE.code());
        };
        let mut invite = leg.dialog.request(Method::INVITE);
        invite.headers.push(HeaderName::Contact, NameAddr::new(leg.ours.contact(&leg.contact_user)).to_string());
        invite.headers.push(HeaderName::Allow, allow());
        propose(&mut invite, &leg.timer);
        invite.set_body(CONTENT_TYPE, offer.to_bytes());
        let client = self.send_within(now, leg, invite, Purpose::Join { call: key, to });
        call.joining = Some(Joining { to, client: Some(client), both, failures });
    }

    /// Whether an INVITE of ours within that dialog has no final answer.
    fn awaits_answer_of(&self, dialog: &DialogId) -> bool {
        let mut invites =
            self.sent.values().map(|sent| &sent.request).filter(|request| request.method == Method::INVITE);
        invites.any(|invite| DialogId::of_outgoing(invite).as_ref() == Some(dialog))
    }

    /// An end that could not be told is told again.
    pub(crate) fn join_again(&mut self, now: Instant, call: &mut Call) {
        if let Some(Joining { to, client: None, both, .. }) = call.joining {
            self.join(now, call, to, both);
        }
    }

    /// The final word of an end on whom it is connected with.
    pub(crate) fn handle_joined(&mut self, now: Instant, call: &mut Call, to: Side, reply: &Reply<'_>) {
        let status = reply.response.status;
        if status.is_success() {
            self.acknowledge(now, call, to, reply.client, reply.number(), None);
        }
        let is_current = |joining: &mut Joining| joining.client == Some(reply.client);
        let Some(joining) = call.joining.take_if(is_current) else { return self.join_again(now, call) };
        if status.is_success() {
            return self.joined(now, call, &joining, reply);
        }
        let later = matches!(status, Status::REQUEST_PENDING | Status::SERVER_INTERNAL_ERROR) || is_unsent(reply);
        if later && joining.failures < MOST_FAILURES {
            call.joining = Some(Joining { client: None, failures: joining.failures + 1, ..joining });
            return self.agenda.set(Due::Join(call.key), now + AGAIN);
        }
        if call.is_alone() && !is_fatal(status) {
            // It will not be put on hold, and waits all the same.
            return;
        }
        self.end(now, call, is_fatal(status).then_some(to), Outcome::Lost, status.code());
    }

    fn joined(&mut self, now: Instant, call: &mut Call, joining: &Joining, reply: &Reply<'_>) {
        let to = joining.to;
        let Some(leg) = call.leg_mut(to) else { return };
        leg.dialog.refresh_target(&reply.response.headers);
        leg.timer = SessionTimer::of_response(reply.response, leg.timer.interval);
        let answer = match description_in(&reply.response.headers, &reply.response.body) {
            Ok(Some(session)) => leg.description.take_answer(session),
            _ => Err(SdpFault::NoAudio),
        };
        self.start_timer(now, call, to);
        if let Err(fault) = answer {
            self.note_bad_description(fault, call.leg(to).and_then(|leg| leg.username.as_deref()));
            return self.end(now, call, None, Outcome::Lost, Status::NOT_ACCEPTABLE_HERE.code());
        }
        self.change_own_media(call, to);
        if call.is_alone() {
            // Whoever answers or takes it up is told what it can do, and not that it is on hold.
            call.caller.description.part();
        }
        if joining.both {
            self.join(now, call, other(to), false);
        }
    }
}

/// Who takes part now, and which way the call goes.
fn retell(call: &mut Call, side: Side, party: Party) {
    let outside = |side| call.leg(side).is_some_and(is_outside);
    let (caller_outside, callee_outside, is_new_outside) =
        (outside(Side::Caller), outside(Side::Callee), outside(side));
    call.direction = match (caller_outside, callee_outside) {
        (true, _) => Direction::Incoming,
        (false, true) => Direction::Outgoing,
        (false, false) => Direction::Internal,
    };
    match side {
        Side::Caller => call.from = party,
        Side::Callee => {
            call.answered_by = if is_new_outside { None } else { Some(party.number.clone()) };
            call.to = party;
        }
    }
}

/// Whether the request never left: its connection was gone.
fn is_unsent(reply: &Reply<'_>) -> bool {
    reply.flow.is_none() && reply.response.status == Status::SERVICE_UNAVAILABLE
}
