//! What an end of a call hears of the box itself, instead of silence: that somebody will be there, that it rings, that the
//! call is over or is about to be.
//!
//! Whatever lasts follows from the call's state, after each change of it, so that nothing is forgotten and goes on. An end
//! that does not want to hear us is sent nothing; one whose codec cannot be made here hears nothing, which is counted.

use std::time::Instant;

use centrale_numbering as numbering;
use centrale_rtp::relay::Command;
use centrale_rtp::sound::{Country, Encoding, Sound, Speech};
use rand::RngExt as _;

use super::{Call, Side, other};
use crate::exchange::Exchange;
use crate::io::Output;

/// What one end hears, and in which codec under which number. `None` for one that cannot be made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Playing {
    sound: Sound,
    speech: Option<(Encoding, u8)>,
}

impl Exchange {
    /// Tells the office's own ends of a call that it is about to be ended: two short beeps in the place of the other end. An
    /// end that hears something of ours already, or wants to hear nothing, is not told. `call` is as in
    /// [`CallView::id`](crate::view::CallView::id). Drain [`Exchange::poll_output`] after it. Returns whether anybody hears it.
    pub fn warn(&mut self, now: Instant, call: &str) -> bool {
        let key = self.calls.values().find(|one| one.id == call).map(|one| one.key);
        let mut heard = false;
        if let Some(key) = key {
            self.with_call(now, key, |exchange, call| heard = exchange.warn_office(call));
        }
        heard
    }

    /// As [`Exchange::warn`], for who has the call in hand.
    pub(crate) fn warn_office(&mut self, call: &Call) -> bool {
        let mut heard = false;
        for side in [Side::Caller, Side::Callee] {
            let inside = call.leg(side).is_some_and(|leg| leg.username.is_some());
            let free = call.answered.is_some() && call.playing[at(side)].is_none();
            heard |= inside && free && self.may_hear(call, side) && self.play(call, side, Sound::Warning);
        }
        heard
    }

    /// Lets each end hear what the call's state asks for.
    pub(crate) fn settle_sounds(&mut self, call: &mut Call) {
        if call.ending.is_some() {
            return;
        }
        for side in [Side::Caller, Side::Callee] {
            let sound = self.sound_for(call, side).filter(|_| self.may_hear(call, side));
            let wanted = sound.map(|sound| Playing { sound, speech: speech_to(call, side) });
            let before = std::mem::replace(&mut call.playing[at(side)], wanted);
            if before == wanted {
                continue;
            }
            let plays = wanted.is_some_and(|playing| self.play(call, side, playing.sound));
            if !plays && before.is_some_and(|before| before.speech.is_some()) {
                self.silence(call, side);
            }
        }
    }

    /// Begins a sound at one end. False when it cannot be made in what that end understands.
    pub(super) fn play(&mut self, call: &Call, side: Side, sound: Sound) -> bool {
        let Some((encoding, payload_type)) = speech_to(call, side) else {
            self.counters.sounds_not_made += 1;
            return false;
        };
        let speech = Speech { encoding, payload_type, ssrc: self.rng.random() };
        self.outputs.push_back(Output::Media(Command::Play { relay: call.relay, side, sound, speech }));
        true
    }

    /// Ends what one end hears of ours.
    fn silence(&mut self, call: &Call, side: Side) {
        self.outputs.push_back(Output::Media(Command::Stop { relay: call.relay, side }));
    }

    fn sound_for(&self, call: &Call, side: Side) -> Option<Sound> {
        if let Some(dismissed) = &call.dismissed {
            return (dismissed.hears == side).then(|| Sound::Refused(self.tones()));
        }
        if call.transfer.as_ref().is_some_and(|transfer| transfer.rings && transfer.by == other(side)) {
            return Some(Sound::RingBack(self.tones()));
        }
        if let (Some(at), Side::Caller) = (&call.at_mailbox, side) {
            return Self::sound_at_mailbox(at);
        }
        if let (Some(at), Side::Caller) = (&call.at_conference, side) {
            return at.sound();
        }
        if side == Side::Callee || !call.is_alone() {
            return None;
        }
        let rings = call.parked.is_none() && call.forks.iter().any(|fork| fork.rings);
        Some(if rings { Sound::RingBack(self.tones()) } else { Sound::Hold })
    }

    /// Whether that end's leg is here, at an open port, and its peer wants to hear us.
    pub(super) fn may_hear(&self, call: &Call, side: Side) -> bool {
        call.ports[at(side)] != 0
            && self.owns(call, side)
            && call.leg(side).is_some_and(|leg| leg.description.hears_us())
    }

    fn tones(&self) -> Country {
        match self.directory.country() {
            numbering::Country::Netherlands => Country::Netherlands,
            numbering::Country::Belgium => Country::Belgium,
        }
    }
}

/// In what that end can be let hear something.
pub(super) fn speech_to(call: &Call, side: Side) -> Option<(Encoding, u8)> {
    call.leg(side)?.description.speech()
}

pub(super) const fn at(side: Side) -> usize {
    match side {
        Side::Caller => 0,
        Side::Callee => 1,
    }
}
