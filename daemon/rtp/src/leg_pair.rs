//! A relay without its sockets: two legs, and what becomes of one packet. Everything that `media` does per packet is
//! decided here, so that it can be tested with invented packets and an invented clock.

use crate::leg::{Channel, Leg, Refusal};
use crate::mixer::Mixer;
use crate::relay::{Key, LegMedia, LegQuality, Part, Press, Recording, Side};
use crate::sound::{Sound, Speech, Voice};
use std::net::SocketAddr;
use std::time::{Duration, Instant};

/// A packet on its way out: `len` bytes of the buffer, from the `channel` port of the side that it goes to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Outgoing {
    /// Where it goes.
    pub to: SocketAddr,
    /// The port that it leaves from.
    pub channel: Channel,
    /// Its length, now that protection is off and on again.
    pub len: usize,
}

/// The two legs of a relay.
#[derive(Debug, Default)]
pub struct LegPair {
    legs: [Option<Leg>; 2],
    /// Totals of a leg that was closed before the relay.
    ended: [LegQuality; 2],
    told: Option<[LegQuality; 2]>,
}

fn index(side: Side) -> usize {
    match side {
        Side::Caller => 0,
        Side::Callee => 1,
    }
}

impl LegPair {
    /// Puts a new leg on a side; one that was there is forgotten.
    pub fn open(&mut self, now: Instant, side: Side, media: LegMedia) {
        self.legs[index(side)] = Some(Leg::new(now, media));
    }

    /// Changes the leg of a side; without one, nothing happens.
    pub fn change(&mut self, now: Instant, side: Side, media: LegMedia) {
        if let Some(leg) = &mut self.legs[index(side)] {
            leg.change(now, media);
        }
    }

    /// Takes the leg of a side away and keeps its totals.
    pub fn close_side(&mut self, now: Instant, side: Side) {
        if let Some(leg) = self.legs[index(side)].take() {
            self.ended[index(side)] = leg.quality(now);
        }
    }

    /// Takes one datagram of `len` bytes that arrived on `side` and makes it, in place, what the other side is sent.
    /// `buffer` needs [`crate::srtp::MAX_OVERHEAD_BYTES`] of room beyond the packet.
    ///
    /// # Errors
    /// Why it is dropped; already counted.
    pub fn relay(
        &mut self,
        now: Instant,
        side: Side,
        channel: Channel,
        from: SocketAddr,
        buffer: &mut [u8],
        len: usize,
    ) -> Result<Outgoing, Refusal> {
        let (receiving, sending) = self.sides(side);
        let receiving = receiving.as_mut().ok_or(Refusal::NoPath)?;
        let (channel, len) = receiving.receive(now, channel, from, &mut buffer[..len])?;
        if receiving.meets() {
            return Err(Refusal::Met);
        }
        let (to, len) = sending.as_mut().ok_or(Refusal::NoPath)?.send(now, channel, buffer, len)?;
        Ok(Outgoing { to, channel, len })
    }

    /// Lets the peer of a side hear a sound. Without a leg, nothing happens.
    pub fn play(&mut self, now: Instant, side: Side, sound: Sound, speech: Speech) {
        if let Some(leg) = &mut self.legs[index(side)] {
            leg.play(now, sound, speech);
        }
    }

    /// As [`Self::play`], with something that somebody said.
    pub fn play_back(&mut self, now: Instant, side: Side, voice: Voice, speech: Speech) {
        if let Some(leg) = &mut self.legs[index(side)] {
            leg.play_back(now, voice, speech);
        }
    }

    /// Keeps what the peer of a side says. Without a leg, nothing happens.
    pub fn record(&mut self, now: Instant, side: Side, recording: Recording) {
        if let Some(leg) = &mut self.legs[index(side)] {
            leg.record(now, recording);
        }
    }

    /// Lets a side take part in a meeting. Without a leg, nothing happens, and that is false.
    pub fn meet(&mut self, side: Side, part: Part) -> bool {
        self.legs[index(side)].as_mut().map(|leg| leg.meet(part)).is_some()
    }

    /// Takes a side out of its meeting. Without a leg, nothing happens.
    pub fn leave_meeting(&mut self, side: Side) {
        if let Some(leg) = &mut self.legs[index(side)] {
            leg.leave_meeting();
        }
    }

    /// What the peer of a side says in this tick is heard in its meeting. Without a leg, nothing happens.
    pub fn speak(&mut self, side: Side, mixer: &mut Mixer) {
        if let Some(leg) = &mut self.legs[index(side)] {
            leg.speak(mixer);
        }
    }

    /// What the peer of a side is sent of its meeting in this tick, when there is anything. `buffer` has room for 172 bytes and
    /// [`crate::srtp::MAX_OVERHEAD_BYTES`].
    pub fn write_meeting(&mut self, now: Instant, side: Side, mixer: &Mixer, buffer: &mut [u8]) -> Option<Outgoing> {
        let (to, len) = self.legs[index(side)].as_mut()?.write_meeting(now, mixer, buffer)?.ok()?;
        Some(Outgoing { to, channel: Channel::Rtp, len })
    }

    /// Tells the keys of the peer of a side. Without a leg, nothing happens.
    pub fn take_keys(&mut self, side: Side, payload_type: u8) {
        if let Some(leg) = &mut self.legs[index(side)] {
            leg.take_keys(payload_type);
        }
    }

    /// Tells the keys of the peer of a side no more. Without a leg, nothing happens.
    pub fn leave_keys(&mut self, side: Side) {
        if let Some(leg) = &mut self.legs[index(side)] {
            leg.leave_keys();
        }
    }

    /// Sends the peer of a side a key. Without a leg, nothing happens.
    pub fn press(&mut self, now: Instant, side: Side, press: &Press) {
        let (leg, other) = self.sides(side);
        if let Some(leg) = leg {
            leg.press(now, press, other.as_ref());
        }
    }

    /// The leg of a side, and the other one.
    fn sides(&mut self, side: Side) -> (&mut Option<Leg>, &mut Option<Leg>) {
        let [caller, callee] = &mut self.legs;
        match side {
            Side::Caller => (caller, callee),
            Side::Callee => (callee, caller),
        }
    }

    /// The next key that a peer has pressed; asked after each packet of it.
    pub fn poll_key(&mut self) -> Option<(Side, Key)> {
        self.first(|side, leg| Some((side, leg.poll_key()?)))
    }

    /// The next recording that is over, as each is when the relay is closed.
    pub fn poll_recorded(&mut self, now: Instant, is_closed: bool) -> Option<(Side, Voice)> {
        self.first(|side, leg| Some((side, leg.poll_recorded(now, is_closed)?)))
    }

    /// The recording of one side, which is about to be closed.
    pub fn take_recorded(&mut self, now: Instant, side: Side) -> Option<Voice> {
        self.legs[index(side)].as_mut()?.poll_recorded(now, true)
    }

    fn first<T>(&mut self, mut wanted: impl FnMut(Side, &mut Leg) -> Option<T>) -> Option<T> {
        let sides = [Side::Caller, Side::Callee];
        sides.into_iter().find_map(|side| wanted(side, self.legs[index(side)].as_mut()?))
    }

    /// Ends the sound of a side.
    pub fn stop(&mut self, side: Side) {
        if let Some(leg) = &mut self.legs[index(side)] {
            leg.stop();
        }
    }

    /// When [`Self::poll_sound`] is wanted next. `None` while nothing is played, and no key is sent.
    #[must_use]
    pub fn sound_due(&self) -> Option<Instant> {
        self.legs.iter().flatten().filter_map(Leg::sound_due).min()
    }

    /// The next packet of a sound or a key that is due: whom it is for, and what is sent. One that cannot be sent is left out, so that
    /// the sound goes on. `buffer` has room for 172 bytes and [`crate::srtp::MAX_OVERHEAD_BYTES`].
    pub fn poll_sound(&mut self, now: Instant, buffer: &mut [u8]) -> Option<(Side, Outgoing)> {
        for side in [Side::Caller, Side::Callee] {
            let Some(leg) = &mut self.legs[index(side)] else { continue };
            while let Some(sent) = leg.poll_sound(now, buffer) {
                if let Ok((to, len)) = sent {
                    return Some((side, Outgoing { to, channel: Channel::Rtp, len }));
                }
            }
        }
        None
    }

    /// What was measured on the caller's and the callee's side so far.
    #[must_use]
    pub fn totals(&self, now: Instant) -> [LegQuality; 2] {
        std::array::from_fn(|at| self.legs[at].as_ref().map_or(self.ended[at], |leg| leg.quality(now)))
    }

    /// The totals, when they differ from those given last.
    pub fn poll_quality(&mut self, now: Instant) -> Option<[LegQuality; 2]> {
        let totals = self.totals(now);
        let before = self.told.unwrap_or_default();
        (totals != before).then(|| *self.told.insert(totals))
    }

    /// The next side whose peer should send and has not for too long; told once per silence.
    pub fn poll_silence(&mut self, now: Instant) -> Option<(Side, Duration)> {
        self.first(|side, leg| Some((side, leg.poll_silence(now)?)))
    }
}

#[cfg(test)]
mod tests;
