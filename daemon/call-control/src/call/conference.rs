//! A conference room: the box answers whoever dials its number, asks for the PIN where there is one, and lets everybody who is
//! in hear the others.
//!
//! Each who is in has a call of the own without a second end, so every rule for a call holds for each of them. A room calls
//! nobody: what is dialled into it counts for the PIN alone. Who calls from outside waits until a colleague is there, is never
//! connected with others from outside alone, and is hung up once the last colleague leaves.

use std::fmt;
use std::time::{Duration, Instant};

use centrale_config::Conference;
use centrale_guard::incident::{Attempt, By, Deed};
use centrale_guard::{Lock, Reject, Typist};
use centrale_rtp::mixer::MOST_SEATS;
use centrale_rtp::relay::{Command, Key, MeetingId, Part};
use centrale_rtp::sound::{Encoding, Sound, Speech};
use centrale_sip::message::Status;
use rand::RngExt as _;

use super::refer::Refusal;
use super::refuse::status_of;
use super::sound::at;
use super::strangers::{Called, called_among};
use super::transfer::is_outside;
use super::{ANONYMOUS, Call, CallKey, Leg, Party, Side};
use crate::exchange::{Due, Exchange};
use crate::io::Output;
use crate::record::{Cause, Outcome};

/// Most who are in rooms of one box, each a leg that it decodes and encodes.
const MOST_IN_OFFICE: usize = 3 * MOST_SEATS;
/// Wrong PINs in one call.
const MOST_WRONG: u8 = 3;
/// How long nothing may be typed before that is all that was.
const THINKING: Duration = Duration::from_secs(10);
/// How long a PIN is waited for, however many are typed.
const ASKS: Duration = Duration::from_secs(90);
/// How long who calls from outside waits for a colleague.
const WAITS: Duration = Duration::from_secs(600);

/// A call to a conference room.
#[derive(Debug)]
pub(crate) struct AtConference {
    pub(crate) room: String,
    stage: Stage,
}

/// How far it is.
#[derive(Debug)]
enum Stage {
    /// It is not answered yet.
    Dialled,
    /// The PIN is asked for, until then.
    Asked { typed: Typed, wrong: u8, until: Instant },
    /// Somebody from outside waits for a colleague.
    Waiting,
    /// It hears the others.
    In(MeetingId),
}

/// What was typed of a PIN so far. Never shown.
#[derive(Default)]
struct Typed(String);

impl fmt::Debug for Typed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Typed(…)")
    }
}

/// How the media thread was told that a call takes part in a meeting.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Meets {
    meeting: MeetingId,
    spoken: (Encoding, u8),
    heard_as: u8,
    speaks: bool,
    hears: bool,
}

impl AtConference {
    pub(super) const fn dialled(room: String) -> Self {
        Self { room, stage: Stage::Dialled }
    }

    /// Whether the box has answered.
    pub(super) const fn is_answered(&self) -> bool {
        !matches!(self.stage, Stage::Dialled)
    }

    pub(super) const fn meeting(&self) -> Option<MeetingId> {
        match self.stage {
            Stage::In(meeting) => Some(meeting),
            _ => None,
        }
    }

    /// Whether keys count.
    pub(super) const fn asks(&self) -> bool {
        matches!(self.stage, Stage::Asked { .. })
    }

    /// What it hears of the box itself.
    pub(super) const fn sound(&self) -> Option<Sound> {
        match self.stage {
            Stage::Asked { wrong: 0, .. } => Some(Sound::AskPin),
            Stage::Asked { .. } => Some(Sound::WrongPin),
            Stage::Waiting => Some(Sound::Hold),
            Stage::Dialled | Stage::In(_) => None,
        }
    }
}

impl Call {
    /// The room whose others it hears.
    pub(crate) fn meets_in(&self) -> Option<&str> {
        let at = self.at_conference.as_ref().filter(|_| self.ending.is_none())?;
        at.meeting().map(|_| at.room.as_str())
    }

    fn is_in(&self, room: &str) -> bool {
        self.meets_in() == Some(room)
    }
}

/// Who types PINs. A number that is not shown, or that the caller has no right to, is nobody's.
fn typist(outside: bool, from: &Party) -> Typist<'_> {
    match (outside, from.number.as_str()) {
        (false, number) => Typist::Colleague(number),
        (true, ANONYMOUS) => Typist::Unknown,
        (true, _) if from.spoofs.is_some() => Typist::Unknown,
        (true, number) => Typist::Outside(number),
    }
}

impl Exchange {
    /// A call to a room is answered, or refused. False when it is none.
    pub(super) fn enter_room(&mut self, now: Instant, call: &mut Call) -> bool {
        let Some(room) = call.at_conference.as_ref().filter(|at| !at.is_answered()).map(|at| at.room.clone()) else {
            return false;
        };
        if let Some(reject) = self.kept_out(now, &room, &call.caller, &call.from) {
            call.bill.reject = Some(reject);
            self.counters.rooms_refused += 1;
            self.end(now, call, None, Outcome::Blocked, reject.status);
        } else if self.answer_itself(now, call, &Encoding::COMPANDED) {
            self.ask_or_admit(now, call);
        } else {
            self.end(now, call, None, Outcome::Refused, 488);
        }
        true
    }

    /// Why a leg does not come into a room, if it does not.
    fn kept_out(&self, now: Instant, room: &str, leg: &Leg, from: &Party) -> Option<Reject> {
        let outside = is_outside(leg);
        let tried = || {
            let asks = self.directory.office().conference(room).is_some_and(|room| room.pin.is_some());
            (asks && !self.pins.may_try(now, Lock::Room(room), typist(outside, from))).then_some(Reject::PINS_TRIED)
        };
        // Who is still asked for a PIN, or waits, takes the seat of others from outside and of no colleague.
        let sits = |at: &AtConference| if outside { at.is_answered() } else { at.meeting().is_some() };
        self.closed_to(room, leg)
            .or_else(tried)
            .or_else(|| self.full(room, sits))
            .or_else(|| self.parted_from_room(now, room, leg))
            .or_else(|| self.may_send_on(now, &self.called_in(room, leg, None)).err())
    }

    /// Whom the office called, of those outside who hear each other in a room once a leg is in it, be it in the place of that
    /// call. A colleague connects nobody who was not connected before.
    pub(super) fn called_in(&self, room: &str, comes: &Leg, place: Option<CallKey>) -> Vec<Called> {
        let here = self.calls.values().filter(|call| call.is_in(room) && Some(call.key) != place);
        if is_outside(comes) { called_among(here.map(|call| &call.caller).chain([comes])) } else { Vec::new() }
    }

    /// Why somebody is shown out who has answered what was asked: much may have changed meanwhile.
    fn not_any_more(&self, now: Instant, room: &str, leg: &Leg) -> Option<Reject> {
        self.closed_to(room, leg)
            .or_else(|| self.full(room, |at| at.meeting().is_some()))
            .or_else(|| self.parted_from_room(now, room, leg))
    }

    /// Whether there is no such room, or none for who is outside.
    fn closed_to(&self, room: &str, leg: &Leg) -> Option<Reject> {
        let open = |conference: &Conference| conference.outside || !is_outside(leg);
        let is_open = self.directory.office().conference(room).is_some_and(open);
        (!is_open).then_some(Reject::ROOM_CLOSED)
    }

    /// Whether those who sit leave no seat in a room, or in all of them.
    fn full(&self, room: &str, sits: impl Fn(&AtConference) -> bool) -> Option<Reject> {
        let there = self.calls.values().filter(|call| call.ending.is_none());
        let there = there.filter_map(|call| call.at_conference.as_ref()).filter(|at| sits(at));
        let (all, here) = (there.clone().count(), there.filter(|at| at.room == room).count());
        (here >= MOST_SEATS || all >= MOST_IN_OFFICE).then_some(Reject::ROOM_FULL)
    }

    /// Why a leg may not hear those who are in a room, if it may not.
    fn parted_from_room(&self, now: Instant, room: &str, leg: &Leg) -> Option<Reject> {
        let here = self.calls.values().filter(|call| call.is_in(room));
        here.into_iter().find_map(|call| self.kept_apart(now, Some(leg), Some(&call.caller)))
    }

    /// Why a phone must leave the room that it is in: somebody from outside is there, and it is held inside by now.
    pub(crate) fn must_leave_room(&self, now: Instant, call: &Call) -> Option<Reject> {
        let room = call.meets_in().filter(|_| !is_outside(&call.caller))?;
        self.parted_from_room(now, room, &call.caller)
    }

    fn ask_or_admit(&mut self, now: Instant, call: &mut Call) {
        let Some(at) = &mut call.at_conference else { return };
        if self.directory.office().conference(&at.room).is_some_and(|room| room.pin.is_none()) {
            return self.join_meeting(now, call);
        }
        at.stage = Stage::Asked { typed: Typed::default(), wrong: 0, until: now + ASKS };
        self.wait_for_pin(now, call, THINKING + THINKING);
    }

    /// Somebody is let in.
    fn join_meeting(&mut self, now: Instant, call: &mut Call) {
        let Some(room) = call.at_conference.as_ref().map(|at| at.room.clone()) else { return };
        if let Some(reject) = self.not_any_more(now, &room, &call.caller) {
            return self.show_out(now, call, reject);
        }
        let known =
            self.calls.values().find(|one| one.is_in(&room)).and_then(|one| one.at_conference.as_ref()?.meeting());
        let meeting = known.unwrap_or(MeetingId(call.key.0));
        let is_colleague = !is_outside(&call.caller);
        let waits = !is_colleague && !self.has_colleague(&room);
        if waits {
            call.at_conference.iter_mut().for_each(|at| at.stage = Stage::Waiting);
            return self.agenda.set(Due::Room(call.key), now + WAITS);
        }
        self.take_seat(now, call, &room, meeting);
        if call.ending.is_some() {
            return;
        }
        if is_colleague {
            self.admit_waiting(now, &room, meeting);
        }
        self.shorten_meeting(now, &room, Some(call));
    }

    /// Somebody hears the others from now on.
    fn take_seat(&mut self, now: Instant, call: &mut Call, room: &str, meeting: MeetingId) {
        let called = self.called_in(room, &call.caller, None);
        if let Err(reject) = self.send_on(now, &called) {
            return self.show_out(now, call, reject);
        }
        self.agenda.cancel(&Due::Room(call.key));
        call.at_conference.iter_mut().for_each(|at| at.stage = Stage::In(meeting));
    }

    fn has_colleague(&self, room: &str) -> bool {
        self.calls.values().any(|call| call.is_in(room) && !is_outside(&call.caller))
    }

    fn calls_at(&self, room: &str, which: impl Fn(&Call) -> bool) -> Vec<CallKey> {
        let here = |call: &&Call| call.at_conference.as_ref().is_some_and(|at| at.room == room) && which(call);
        let mut keys: Vec<CallKey> = self.calls.values().filter(here).map(|call| call.key).collect();
        keys.sort();
        keys
    }

    fn admit_waiting(&mut self, now: Instant, room: &str, meeting: MeetingId) {
        let waits = |call: &Call| call.at_conference.as_ref().is_some_and(|at| matches!(at.stage, Stage::Waiting));
        for key in self.calls_at(room, waits) {
            self.with_call(now, key, |exchange, call| {
                if let Some(reject) = exchange.not_any_more(now, room, &call.caller) {
                    return exchange.show_out(now, call, reject);
                }
                exchange.take_seat(now, call, room, meeting);
            });
        }
    }

    /// Two who are outside hear each other by the office: what is paid for either lasts no longer than a bridge may.
    pub(super) fn shorten_meeting(&mut self, now: Instant, room: &str, in_hand: Option<&Call>) {
        let others = self.calls.values().filter(|call| call.is_in(room));
        let outside = others.chain(in_hand).map(|call| &call.caller).filter(|leg| is_outside(leg));
        let (count, charges) = (outside.clone().count(), outside.filter_map(|leg| leg.charge).collect::<Vec<_>>());
        if count > 1 {
            charges.into_iter().for_each(|charge| self.shorten_charge(now, charge));
        }
    }

    /// Somebody has left a room, or somebody from outside is there in a colleague's place: without a colleague it is over.
    pub(crate) fn settle_room(&mut self, now: Instant, room: &str) {
        if self.has_colleague(room) {
            return;
        }
        for key in self.calls_at(room, |call| call.is_in(room)) {
            self.with_call(now, key, |exchange, call| exchange.leave_room(now, call));
        }
    }

    /// A call in a room is about to be ended: whoever of the office is there as well hears so.
    pub(crate) fn warn_room(&mut self, now: Instant, key: CallKey) {
        let room = self.calls.get(&key).and_then(Call::meets_in).map(str::to_owned);
        let Some(room) = room else { return };
        for other in self.calls_at(&room, |call| call.is_in(&room) && call.key != key) {
            self.with_call(now, other, |exchange, call| {
                exchange.warn_office(call);
            });
        }
    }

    /// The box hangs up.
    fn leave_room(&mut self, now: Instant, call: &mut Call) {
        call.cause = Some(Cause::CalleeHungUp);
        self.end(now, call, None, Outcome::Answered, 0);
    }

    fn show_out(&mut self, now: Instant, call: &mut Call, reject: Reject) {
        self.counters.rooms_refused += 1;
        call.bill.reject = Some(reject);
        call.cause = Some(Cause::Blocked);
        self.end(now, call, None, Outcome::Answered, 0);
    }

    /// A key of a PIN. `#` says that that was all, `*` begins again: what was whole until then was a try.
    pub(super) fn type_pin(&mut self, now: Instant, call: &mut Call, Key(pressed): Key) {
        let who = typist(is_outside(&call.caller), &call.from);
        let Some(AtConference { room, stage: Stage::Asked { typed, .. } }) = &mut call.at_conference else { return };
        if !self.pins.may_try(now, Lock::Room(room), who) {
            // Others guessed meanwhile: nothing is looked at, so that a right one looks like any.
            return self.show_out(now, call, Reject::PINS_TRIED);
        }
        match pressed {
            '0'..='9' => typed.0.push(pressed),
            '*' if typed.0.len() < Conference::SHORTEST_PIN => typed.0.clear(),
            '*' | '#' => return self.judge_room_pin(now, call),
            _ => return,
        }
        let is_long = typed.0.len() >= Conference::LONGEST_PIN;
        let opens = self.directory.office().conference(room).is_some_and(|room| room.opens_with(&typed.0));
        if opens {
            self.pins.right(Lock::Room(room), who);
            self.join_meeting(now, call);
        } else if is_long {
            self.judge_room_pin(now, call);
        } else {
            self.wait_for_pin(now, call, THINKING);
        }
    }

    /// The next key is waited for, and never for longer than a PIN may take altogether.
    fn wait_for_pin(&mut self, now: Instant, call: &Call, wait: Duration) {
        if let Some(AtConference { stage: Stage::Asked { until, .. }, .. }) = &call.at_conference {
            self.agenda.set(Due::Room(call.key), (now + wait).min(*until));
        }
    }

    /// What was typed opens nothing.
    fn judge_room_pin(&mut self, now: Instant, call: &mut Call) {
        let who = typist(is_outside(&call.caller), &call.from);
        let Some(AtConference { room, stage: Stage::Asked { typed, wrong, until } }) = &mut call.at_conference else {
            return;
        };
        if typed.0.is_empty() {
            return;
        }
        *wrong += 1;
        self.pins.wrong(now, Lock::Room(room), who, &std::mem::take(&mut typed.0));
        let is_last = *wrong >= MOST_WRONG || now >= *until || !self.pins.may_try(now, Lock::Room(room), who);
        self.counters.room_pins_wrong += 1;
        self.note_wrong_room_pin(now, call);
        if is_last {
            return self.show_out(now, call, Reject::PINS_TRIED);
        }
        // It is heard anew.
        call.playing[at(Side::Caller)] = None;
        self.wait_for_pin(now, call, THINKING + THINKING);
    }

    fn note_wrong_room_pin(&mut self, now: Instant, call: &Call) {
        let who = call.from.claimed();
        let trunk = call.trunk.as_deref().filter(|_| is_outside(&call.caller));
        let by = trunk.map_or(By::Account(who), By::Provider);
        let target = call.at_conference.as_ref().map_or("", |at| &at.room);
        let (what, account) = (Reject::PINS_TRIED.code, if trunk.is_some() { "" } else { who });
        let deed = Deed::Refused;
        self.note_attempt(now, &Attempt { what, by, from: None, account, target, device: "", deed, blocked: None });
    }

    /// Nothing more was typed, or no colleague came.
    pub(crate) fn wait_no_longer(&mut self, now: Instant, call: &mut Call) {
        match call.at_conference.as_ref().map(|at| &at.stage) {
            Some(Stage::Asked { typed, .. }) if !typed.0.is_empty() => self.judge_room_pin(now, call),
            Some(Stage::Asked { .. } | Stage::Waiting) => self.leave_room(now, call),
            Some(Stage::Dialled | Stage::In(_)) | None => {}
        }
    }

    /// Has the media thread let a call take part in its meeting, as it wants to be heard and to hear. After each change of it.
    pub(crate) fn settle_meeting(&mut self, call: &mut Call) {
        if call.ending.is_some() {
            return;
        }
        let wanted = self.meets(call);
        let before = std::mem::replace(&mut call.meets, wanted);
        let (relay, side) = (call.relay, Side::Caller);
        let Some(meets) = wanted.filter(|_| wanted != before) else {
            if wanted.is_none() && before.is_some() {
                self.outputs.push_back(Output::Media(Command::LeaveMeeting { relay, side }));
            }
            return;
        };
        let Meets { meeting, spoken: (encoding, number), heard_as, speaks, hears } = meets;
        let speech = Speech { encoding, payload_type: number, ssrc: self.rng.random() };
        let part = Part { speech, payload_type: heard_as, speaks, hears };
        self.outputs.push_back(Output::Media(Command::Meet { relay, side, meeting, part }));
    }

    fn meets(&self, call: &Call) -> Option<Meets> {
        let meeting = call.at_conference.as_ref()?.meeting()?;
        let description = &call.caller.description;
        let is_here = call.ports[at(Side::Caller)] != 0 && self.owns(call, Side::Caller);
        let spoken = description.speech().filter(|(encoding, _)| is_here && Encoding::COMPANDED.contains(encoding))?;
        let (_, heard_as) = description.hearing()?;
        let speaks = description.expects_audio() && !description.holds();
        Some(Meets { meeting, spoken, heard_as, speaks, hears: self.may_hear(call, Side::Caller) })
    }

    /// Why a transferor may not leave the other end of another call in the own place in a room, if it may not.
    pub(super) fn may_take_place(&self, now: Instant, at: &Call, comes: Option<&Leg>) -> Result<(), Refusal> {
        let Some(room) = at.meets_in() else { return Err((Status::FORBIDDEN, "Not In The Room Yet")) };
        let others = self.calls.values().filter(|call| call.is_in(room) && call.key != at.key);
        let reject = others.into_iter().find_map(|call| self.kept_apart(now, comes, Some(&call.caller)));
        reject.map_or(Ok(()), |reject| Err((status_of(reject), reject.words)))
    }

    /// The other end of that side's call comes into a room, as if it had dialled it. `refer` names the REFER whose sender is told.
    pub(super) fn bring_to_room(
        &mut self,
        now: Instant,
        (key, side): (CallKey, Side),
        room: &str,
        refer: Option<u32>,
        accept: impl FnOnce(&mut Self),
    ) -> Result<(), Refusal> {
        let comes = self.handed((key, side))?;
        if let Some(reject) = self.kept_out(now, room, &comes.leg, &comes.party) {
            self.counters.rooms_refused += 1;
            return Err((status_of(reject), reject.words));
        }
        let to = Party::named(room, self.directory.name_of(room));
        let place = self.bring_to_box(now, (key, side), to, refer, accept, |exchange, brought| {
            brought.answered = Some(now);
            brought.at_conference = Some(AtConference::dialled(room.to_owned()));
            exchange.ask_or_admit(now, brought);
        })?;
        self.agenda.cancel(&Due::RingsTooLong(place));
        Ok(())
    }
}
