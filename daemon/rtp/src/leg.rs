//! One leg: what its peer sends is admitted, unprotected and measured here, and what is for its peer is protected and
//! addressed. A leg knows nothing of sockets or of the other leg.

use crate::demultiplex::{Kind, classify};
use crate::header::parse_rtp;
use crate::keys::Keys;
use crate::malformed::{MAX_PACKET_BYTES, Malformed};
use crate::mixer::{Mixer, Seat};
use crate::presses::{Newest, Passed, Presses};
use crate::quality::Quality;
use crate::recorder::Recorder;
use crate::relay::{Key, LegMedia, LegQuality, Part, Press, Recording};
use crate::reported::Reported;
use crate::rtcp::parse_rtcp;
use crate::sound::{Player, Sound, Speech, Voice};
use crate::source_lock::{Admission, SourceLock};
use crate::srtp::{SrtpReceiver, SrtpRefusal, SrtpSender};
use std::net::SocketAddr;
use std::time::{Duration, Instant};

/// Silence of a peer that should send, after which it is told once: well beyond any pause of a phone with voice activity
/// detection, which still sends comfort noise (RFC 3389 4), and short of the patience of two people who hear nothing.
pub const SILENCE: Duration = Duration::from_secs(20);
/// A peer that was meant to send for this long and sent nothing at all left the other end in silence. Shorter calls prove
/// nothing: a phone may take a second to open its sound device.
pub const ONE_WAY_AFTER: Duration = Duration::from_secs(3);
/// A peer that was heard, should send, and sent nothing for so long has fallen silent.
pub const FELL_SILENT_AFTER: Duration = Duration::from_secs(10);

/// Which of a leg's two ports.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Channel {
    /// The even one.
    Rtp,
    /// The odd one above.
    Rtcp,
}

/// Why a packet is not passed on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, thiserror::Error)]
pub enum Refusal {
    /// It is no RTP or RTCP, or not where it belongs. Counted as malformed.
    #[error("malformed: {0}")]
    Malformed(#[from] Malformed),
    /// It comes from another source than the peer's. Counted as an intruder.
    #[error("from another source")]
    Intruder,
    /// Its source has yet to prove itself.
    #[error("on probation")]
    Probation,
    /// SRTP refused it. Counted as unauthentic.
    #[error("SRTP: {0}")]
    Unauthentic(SrtpRefusal),
    /// It is a key that is told instead.
    #[error("a key, which is told")]
    Told,
    /// It is heard in the meeting that its sender takes part in.
    #[error("heard in a meeting")]
    Met,
    /// It only keeps a NAT open.
    #[error("keep-alive")]
    KeepAlive,
    /// The other side is not there, or has no address yet.
    #[error("nowhere to send it")]
    NoPath,
    /// It cannot be protected for the other side (a duplicate, for one).
    #[error("not protected: {0}")]
    Unprotected(SrtpRefusal),
}

/// What is counted of refused packets.
#[derive(Debug, Clone, Copy, Default)]
struct Refused {
    intruders: u64,
    unauthentic: u64,
    malformed: u64,
}

/// When the peer was meant to send, and when it did.
#[derive(Debug, Clone, Copy, Default)]
struct Attention {
    expected_since: Option<Instant>,
    expected_before: Duration,
    heard: Option<Instant>,
    silence_told: bool,
}

impl Attention {
    fn expect(&mut self, now: Instant, expects: bool) {
        match (expects, self.expected_since) {
            (true, None) => {
                self.expected_since = Some(now);
                self.silence_told = false;
            }
            (false, Some(since)) => {
                self.expected_before += now.saturating_duration_since(since);
                self.expected_since = None;
            }
            _ => {}
        }
    }

    fn expected_for(&self, now: Instant) -> Duration {
        let running = self.expected_since.map(|since| now.saturating_duration_since(since));
        self.expected_before + running.unwrap_or_default()
    }

    fn silent_for(&self, now: Instant) -> Option<Duration> {
        let since = self.expected_since?;
        Some(now.saturating_duration_since(self.heard.map_or(since, |heard| heard.max(since))))
    }
}

/// One end of a relay.
#[derive(Debug)]
pub struct Leg {
    media: LegMedia,
    lock: SourceLock,
    receiver: Option<SrtpReceiver>,
    sender: Option<SrtpSender>,
    quality: Quality,
    refused: Refused,
    attention: Attention,
    /// Packets of sound that were made for it, and what it reports of them.
    sent: u64,
    reported: Reported,
    /// What its peer hears instead of the other end.
    player: Option<Player>,
    /// What keeps what its peer says.
    recorder: Option<Recorder>,
    /// Its seat in a meeting.
    seat: Option<Box<Seat>>,
    /// What listens for its peer's keys.
    keys: Option<Keys>,
    /// Keys that its peer is sent beside what the other end sends.
    presses: Option<Presses>,
    /// The key that its peer sent by itself last.
    passed: Option<Passed>,
}

impl Leg {
    /// A leg with nothing heard yet.
    #[must_use]
    pub fn new(now: Instant, media: LegMedia) -> Self {
        let mut attention = Attention::default();
        attention.expect(now, media.expects_audio);
        Self {
            lock: SourceLock::new(media.remote, media.signalling_peer, media.neighbours),
            receiver: media.srtp_receive.as_ref().map(SrtpReceiver::new),
            sender: media.srtp_send.as_ref().map(SrtpSender::new),
            quality: Quality::new(media.clock_rate),
            refused: Refused::default(),
            attention,
            sent: 0,
            reported: Reported::default(),
            player: None,
            recorder: None,
            seat: None,
            keys: None,
            presses: None,
            passed: None,
            media,
        }
    }

    /// Takes over a new description. What was counted stays; SRTP contexts stay while their key does, because a context
    /// that begins again would use its key stream twice (RFC 3711 9.1). The local address is not changed.
    pub fn change(&mut self, now: Instant, media: LegMedia) {
        self.lock.change(now, media.remote, media.signalling_peer, media.neighbours);
        if media.srtp_receive != self.media.srtp_receive {
            self.receiver = media.srtp_receive.as_ref().map(SrtpReceiver::new);
        }
        if media.srtp_send != self.media.srtp_send {
            self.sender = media.srtp_send.as_ref().map(SrtpSender::new);
        }
        self.quality.set_clock_rate(media.clock_rate);
        self.attention.expect(now, media.expects_audio);
        self.media = LegMedia { local: self.media.local, ..media };
    }

    /// Admits, unprotects and measures one datagram that arrived on this leg. Returns what it is and how many bytes of
    /// `packet` are left of it, in clear.
    ///
    /// # Errors
    /// Why it goes no further; already counted.
    pub fn receive(
        &mut self,
        now: Instant,
        channel: Channel,
        from: SocketAddr,
        packet: &mut [u8],
    ) -> Result<(Channel, usize), Refusal> {
        let received = match (channel, classify(packet)) {
            (_, Kind::KeepAlive) => Err(Refusal::KeepAlive),
            _ if packet.len() > MAX_PACKET_BYTES => Err(Malformed::Oversized.into()),
            (Channel::Rtp, Kind::Rtp) => self.receive_rtp(now, from, packet).map(|len| (Channel::Rtp, len)),
            (_, Kind::Rtcp) => self.receive_rtcp(from, packet).map(|len| (Channel::Rtcp, len)),
            _ => Err(Malformed::NotRtp.into()),
        };
        received.inspect_err(|refusal| self.count(*refusal))
    }

    fn receive_rtp(&mut self, now: Instant, from: SocketAddr, packet: &mut [u8]) -> Result<usize, Refusal> {
        if !self.lock.may_be_heard(now, from, self.receiver.is_some()) {
            return Err(Refusal::Intruder);
        }
        let len = match &mut self.receiver {
            Some(receiver) => receiver.unprotect_rtp(packet).map_err(Refusal::from_receiver)?,
            None => packet.len(),
        };
        let header = parse_rtp(&packet[..len])?;
        let payload = header.payload(&packet[..len])?;
        Refusal::unless_accepted(self.lock.admit_rtp(now, from, &header, self.receiver.is_some()))?;
        self.quality.record(now, &header);
        self.attention.heard = Some(now);
        self.attention.silence_told = false;
        if let Some(recorder) = &mut self.recorder {
            recorder.take(now, &header, payload);
        }
        if let Some(seat) = &mut self.seat {
            seat.take(&header, payload);
        }
        if let Some(keys) = &mut self.keys {
            keys.take(now, &header, payload);
            if keys.is_event(&header) {
                return Err(Refusal::Told);
            }
        }
        self.passed = Passed::of(now, &header, payload).or(self.passed);
        Ok(len)
    }

    fn receive_rtcp(&mut self, from: SocketAddr, packet: &mut [u8]) -> Result<usize, Refusal> {
        let len = match &mut self.receiver {
            Some(receiver) => receiver.unprotect_rtcp(packet).map_err(Refusal::from_receiver)?,
            None => packet.len(),
        };
        Refusal::unless_accepted(self.lock.admit_rtcp(from, self.receiver.is_some()))?;
        self.reported.take(parse_rtcp(&packet[..len])?, self.sent);
        Ok(len)
    }

    fn count(&mut self, refusal: Refusal) {
        match refusal {
            Refusal::Malformed(_) => self.refused.malformed += 1,
            Refusal::Intruder => self.refused.intruders += 1,
            Refusal::Unauthentic(_) => self.refused.unauthentic += 1,
            Refusal::Probation
            | Refusal::Told
            | Refusal::Met
            | Refusal::KeepAlive
            | Refusal::NoPath
            | Refusal::Unprotected(_) => {}
        }
    }

    /// Makes of the other end's packet in `buffer[..len]` what this leg's peer is sent: with a sound or a key in it while there
    /// is one, and protected. Returns where it goes and its new length.
    ///
    /// # Errors
    /// [`Refusal::NoPath`] while no address is known; [`Refusal::Unprotected`].
    pub fn send(
        &mut self,
        now: Instant,
        channel: Channel,
        buffer: &mut [u8],
        len: usize,
    ) -> Result<(SocketAddr, usize), Refusal> {
        if let (Some(player), Channel::Rtp) = (&mut self.player, channel) {
            player.speak_in(now, &mut buffer[..len]);
        }
        let len = match (&mut self.presses, channel) {
            (Some(presses), Channel::Rtp) => presses.put_into(now, buffer, len),
            _ => len,
        };
        self.address(channel, buffer, len)
    }

    /// Begins a sound, in the place of one that is played; in a meeting, beside what the others say.
    pub fn play(&mut self, now: Instant, sound: Sound, speech: Speech) {
        match &mut self.seat {
            Some(seat) => seat.play(sound),
            None => self.player = Some(Player::new(now, sound, speech)),
        }
    }

    /// As [`Self::play`], with something that somebody said.
    pub fn play_back(&mut self, now: Instant, voice: Voice, speech: Speech) {
        self.player = Some(Player::new(now, voice, speech));
    }

    /// Keeps what the peer says from now on.
    pub fn record(&mut self, now: Instant, recording: Recording) {
        self.recorder = Some(Recorder::new(now, recording));
    }

    /// Takes part in a meeting, or does so in another way.
    pub fn meet(&mut self, part: Part) {
        match &mut self.seat {
            Some(seat) => seat.change(part),
            None => self.seat = Some(Box::new(Seat::new(part))),
        }
    }

    /// Takes part in it no more.
    pub fn leave_meeting(&mut self) {
        self.seat = None;
    }

    /// Whether it takes part in one.
    pub(crate) const fn meets(&self) -> bool {
        self.seat.is_some()
    }

    /// What the peer says in this tick is heard in the meeting.
    pub(crate) fn speak(&mut self, mixer: &mut Mixer) {
        if let Some(seat) = &mut self.seat {
            seat.speak(mixer);
        }
    }

    /// Writes what the peer hears of the meeting in this tick. Returns where it goes and its length.
    ///
    /// # Errors
    /// As [`Self::send`].
    pub(crate) fn write_meeting(
        &mut self,
        now: Instant,
        mixer: &Mixer,
        buffer: &mut [u8],
    ) -> Option<Result<(SocketAddr, usize), Refusal>> {
        let len = self.seat.as_mut()?.write_packet(mixer, buffer)?;
        Some(self.send(now, Channel::Rtp, buffer, len))
    }

    /// Tells the peer's keys from now on, by [`Self::poll_key`].
    pub const fn take_keys(&mut self, payload_type: u8) {
        self.keys = Some(Keys::new(payload_type));
    }

    /// Tells the peer's keys no more.
    pub const fn leave_keys(&mut self) {
        self.keys = None;
    }

    /// Sends the peer a key. `other` is the other end.
    pub(crate) fn press(&mut self, now: Instant, press: &Press, other: Option<&Self>) {
        let (newest, passed) = (other.and_then(Self::newest), other.and_then(|other| other.passed));
        self.presses.get_or_insert_with(|| Presses::new(now, press, newest, passed)).press(now, press);
    }

    /// The packet that the peer sent last.
    fn newest(&self) -> Option<Newest> {
        let (ssrc, sequence, timestamp) = self.quality.newest()?;
        Some(Newest { ssrc: ssrc.0, sequence, timestamp, at: self.attention.heard? })
    }

    /// The key that was pressed.
    pub fn poll_key(&mut self) -> Option<Key> {
        self.keys.as_mut()?.poll()
    }

    /// What was recorded, once it is over, or at once when the leg is.
    pub fn poll_recorded(&mut self, now: Instant, is_closed: bool) -> Option<Voice> {
        let over = self.recorder.take_if(|recorder| is_closed || recorder.is_over(now));
        over.map(Recorder::finish)
    }

    /// Ends a sound.
    pub fn stop(&mut self) {
        self.player = None;
        if let Some(seat) = &mut self.seat {
            seat.stop();
        }
    }

    /// When [`Self::poll_sound`] is wanted next.
    #[must_use]
    pub fn sound_due(&self) -> Option<Instant> {
        let sound = self.player.as_ref().and_then(Player::due);
        let key = self.presses.as_ref().and_then(Presses::due);
        sound.into_iter().chain(key).min()
    }

    /// Writes the packet of a sound or a key that is due because the other end sends none. Returns where it goes and its length.
    ///
    /// # Errors
    /// As [`Self::send`].
    pub fn poll_sound(&mut self, now: Instant, buffer: &mut [u8]) -> Option<Result<(SocketAddr, usize), Refusal>> {
        let sound = self.player.as_mut().and_then(|player| player.write_packet(now, buffer));
        let len = match (sound, &mut self.presses) {
            (Some(len), Some(presses)) => presses.put_into(now, buffer, len),
            (Some(len), None) => len,
            (None, presses) => presses.as_mut()?.write_packet(now, buffer)?,
        };
        Some(self.address(Channel::Rtp, buffer, len))
    }

    fn address(&mut self, channel: Channel, buffer: &mut [u8], len: usize) -> Result<(SocketAddr, usize), Refusal> {
        let to = match channel {
            Channel::Rtp => self.lock.rtp_destination(),
            Channel::Rtcp => self.lock.rtcp_destination(),
        };
        let to = to.ok_or(Refusal::NoPath)?;
        self.sent += u64::from(channel == Channel::Rtp);
        let protected = match (&mut self.sender, channel) {
            (None, _) => Ok(len),
            (Some(sender), Channel::Rtp) => sender.protect_rtp(buffer, len),
            (Some(sender), Channel::Rtcp) => sender.protect_rtcp(buffer, len),
        };
        protected.map(|len| (to, len)).map_err(Refusal::Unprotected)
    }

    /// What was measured so far.
    #[must_use]
    pub fn quality(&self, now: Instant) -> LegQuality {
        let packets = self.quality.packets();
        LegQuality {
            packets,
            lost: self.quality.lost(),
            jitter_ms: self.quality.jitter_ms(),
            jitter_max_ms: self.quality.jitter_max_ms(),
            intruders: self.refused.intruders,
            unauthentic: self.refused.unauthentic,
            malformed: self.refused.malformed,
            one_way: packets == 0 && self.attention.expected_for(now) >= ONE_WAY_AFTER,
            fell_silent: packets > 0 && self.attention.silent_for(now).is_some_and(|it| it >= FELL_SILENT_AFTER),
            hears_nothing: self.attention.expected_since.is_some() && self.reported.hears_nothing(),
        }
    }

    /// How long the peer has been silent, when it should send and that is [`SILENCE`] or more. Told once per silence.
    pub fn poll_silence(&mut self, now: Instant) -> Option<Duration> {
        let silence = self.attention.silent_for(now).filter(|silence| *silence >= SILENCE)?;
        (!std::mem::replace(&mut self.attention.silence_told, true)).then_some(silence)
    }
}

impl Refusal {
    fn unless_accepted(admission: Admission) -> Result<(), Self> {
        match admission {
            Admission::Accepted => Ok(()),
            Admission::Withheld => Err(Self::Probation),
            Admission::Intruder => Err(Self::Intruder),
        }
    }

    fn from_receiver(refusal: SrtpRefusal) -> Self {
        match refusal {
            SrtpRefusal::Malformed(malformed) => Self::Malformed(malformed),
            other => Self::Unauthentic(other),
        }
    }
}
