//! The media of one leg: what was told, what the peer said, and what the media thread must know of it.

use std::borrow::Cow;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;

use centrale_config::CodecName;
use centrale_rtp::relay::{LegMedia, SrtpKey, SrtpSuite};
use centrale_rtp::sound::Encoding;
use centrale_sip::flow::Transport;
use centrale_sip::sdp::{
    Anchor, AudioView, Codec, Crypto, Direction, LocalDescription, Media, SdpFault, Security, Session, Suite,
    abilities, key_events, limited, reordered, with_key_events, without_key_events,
};
use rand::RngExt as _;
use rand::rngs::StdRng;

/// The number of the events of keys where nobody chose another: the one that most phones have.
const KEY_EVENTS: u8 = 101;

/// One leg's side of the offer/answer exchange.
#[derive(Debug, Clone)]
pub(crate) struct LegDescription {
    /// What we told the peer.
    ours: LocalDescription,
    /// What the peer said last and what is in force.
    theirs: Option<Session>,
    /// Our address and port on this leg.
    address: IpAddr,
    port: u16,
    /// Our keys, one a suite, under which the peer is sent to.
    keys: [Crypto; 2],
    /// The keys that come in their place once the peer has taken our last offer.
    fresh: Option<[Crypto; 2]>,
    /// Whether signalling goes over TLS now: the only way by which a key of ours may travel.
    proven: bool,
    /// Whether this leg is SRTP: decided by the first offer.
    secure: bool,
    /// The suite of the answer, and the peer's key.
    agreed: Option<Crypto>,
    /// The peer has put the other side on hold by itself.
    holds: bool,
    /// Codecs that are offered first, by their names in an rtpmap.
    codec_order: Arc<[CodecName]>,
    /// The peer said last that it wants to hear something.
    hears: bool,
    /// What was agreed last was our answer to an offer of the peer's, not the peer's to ours.
    answers: bool,
    /// Where the peer knows keys as INFO alone: the number that their events (RFC 4733) have for its other end.
    keys_as_info: Option<u8>,
}

impl LegDescription {
    /// For a leg that has not spoken yet. Signalling under TLS gets SRTP offered.
    pub(crate) fn new(address: IpAddr, port: u16, transport: Transport, rng: &mut StdRng) -> Self {
        let keys = draw_keys(rng);
        let session_id = rng.random::<u64>() >> 2;
        let ours = LocalDescription::new(session_id);
        let proven = transport == Transport::Tls;
        Self {
            ours,
            theirs: None,
            address,
            port,
            keys,
            fresh: None,
            proven,
            secure: proven,
            agreed: None,
            holds: false,
            hears: false,
            answers: false,
            codec_order: Arc::default(),
            keys_as_info: None,
        }
    }

    /// The peer sends and takes keys as INFO alone: their events (RFC 4733) are neither offered nor answered there, and its
    /// other end is let send them, which are told to us.
    pub(crate) const fn know_keys_as_info(&mut self) {
        self.keys_as_info = Some(KEY_EVENTS);
    }

    /// Whether the peer knows keys as INFO alone.
    pub(crate) const fn knows_keys_as_info(&self) -> bool {
        self.keys_as_info.is_some()
    }

    /// Offers these codecs before others from now on.
    pub(crate) fn offer_first(&mut self, codecs: &[CodecName]) {
        self.codec_order = codecs.into();
    }

    /// Whether this leg is SRTP, as far as it was decided.
    pub(crate) const fn is_secure(&self) -> bool {
        self.secure
    }

    /// Signalling goes this way from now on. Over a way in clear the next offer or answer has no keys.
    pub(crate) fn travel_by(&mut self, transport: Transport) {
        self.proven = transport == Transport::Tls;
        self.secure &= self.proven;
    }

    /// Our media is bound to another port from now on.
    pub(crate) const fn move_to(&mut self, port: u16) {
        self.port = port;
    }

    /// The peer refused our last offer, or its own could not be met: what was in force before counts again (RFC 3261 14.1).
    pub(crate) fn take_back(&mut self, before: Self) {
        let Self { theirs, secure, agreed, holds, hears, answers, .. } = before;
        self.ours.take_back(&before.ours);
        (self.theirs, self.secure, self.agreed) = (theirs, secure && self.proven, agreed);
        (self.holds, self.hears, self.answers) = (holds, hears, answers);
        self.fresh = None;
    }

    /// Offers in clear from now on: the peer could not do SRTP. True when that changed anything.
    pub(crate) const fn give_up_srtp(&mut self) -> bool {
        let was = self.secure;
        self.secure = false;
        was
    }

    /// What the peer said last.
    pub(crate) const fn theirs(&self) -> Option<&Session> {
        self.theirs.as_ref()
    }

    /// What we said last, for a refresh that changes nothing. `None` when it has keys that may not go where signalling goes
    /// now: then a new offer must be made.
    pub(crate) fn ours_again(&self) -> Option<&Session> {
        let has_keys = |ours: &Session| ours.media.iter().any(|media| media.attributes("crypto").next().is_some());
        self.ours.last().filter(|ours| self.proven || !has_keys(ours))
    }

    /// It is to be connected with somebody else: what the peer can do still holds, where it listens and which way it wants
    /// to hear does not.
    pub(crate) fn part(&mut self) {
        self.theirs = self.theirs.as_ref().map(abilities);
        self.holds = false;
    }

    /// As [`Self::part`], and its media is bound to another port, which the peer has yet to be told: until then it hears nothing.
    pub(crate) fn part_to(&mut self, port: u16) {
        self.part();
        self.move_to(port);
        self.hears = false;
    }

    /// It is to be connected with somebody else, and our next offer says new keys: two people's streams under one key are
    /// told apart by nothing but the numbers that they chose for themselves (RFC 3711 9.1). Until the peer takes them it is
    /// sent to under the old ones.
    pub(crate) fn renew_keys(&mut self, rng: &mut StdRng) {
        if self.secure {
            self.fresh = Some(draw_keys(rng));
        }
    }

    /// Whether that offer is the one in force.
    pub(crate) fn is_in_force(&self, offer: &Session) -> bool {
        self.theirs.as_ref().is_some_and(|theirs| *theirs == self.readable(offer.clone()))
    }

    /// What is spoken on it, under the peer's number: the first in the answer that is in the offer too.
    fn spoken(&self) -> Option<Codec> {
        let (ours, theirs) = (AudioView::of(self.ours.last()?)?, AudioView::of(self.theirs.as_ref()?)?);
        let (answer, offer) = if self.answers { (&ours, &theirs) } else { (&theirs, &ours) };
        let offered = |codec: &&Codec| offer.codecs.iter().any(|other| other.is_same_encoding(codec));
        let agreed = answer.codecs.iter().filter(|codec| !codec.is_auxiliary()).find(offered)?;
        theirs.codecs.iter().find(|codec| codec.is_same_encoding(agreed)).cloned()
    }

    /// What is spoken on it, as it is written down.
    pub(crate) fn codec(&self) -> Option<String> {
        self.spoken().map(|codec| format!("{}/{}", codec.name, codec.clock_rate))
    }

    /// Whether the peer has put the other side on hold by itself. One that was put on hold may answer that it hears nothing
    /// either, and say so again later.
    pub(crate) const fn holds(&self) -> bool {
        self.holds
    }

    /// Whether the peer does not want to hear the other side.
    pub(crate) fn is_held(&self) -> bool {
        self.theirs.as_ref().and_then(AudioView::of).is_some_and(|view| view.is_on_hold())
    }

    /// Whether what we send is heard: the peer wants to hear, and was told that we send.
    pub(crate) fn hears_us(&self) -> bool {
        self.hears && self.ours.last().and_then(AudioView::of).is_some_and(|ours| ours.direction.sends())
    }

    /// In what the peer is heard: what is spoken, and its number where the peer sends it. `None` when it cannot be kept.
    pub(crate) fn hearing(&self) -> Option<(Encoding, u8)> {
        let (encoding, _) = self.speech()?;
        let ours = AudioView::of(self.ours.last()?)?;
        let own = ours.codecs.iter().find(|codec| Encoding::named(&codec.name) == Some(encoding))?;
        Some((encoding, own.payload_type))
    }

    /// The number under which the peer sends the keys that are pressed (RFC 4733).
    pub(crate) fn key_events(&self) -> Option<u8> {
        key_events(self.ours.last()?)
    }

    /// The number under which the peer takes keys (RFC 4733), and the clock of what is spoken. `None` when that was not agreed.
    pub(crate) fn takes_keys(&self) -> Option<(u8, u32)> {
        self.key_events()?;
        let clock_rate = self.spoken()?.clock_rate;
        let theirs = AudioView::of(self.theirs.as_ref()?)?;
        let events = || theirs.codecs.iter().filter(|codec| codec.is_key_event());
        let events = events().find(|codec| codec.clock_rate == clock_rate).or_else(|| events().next())?;
        Some((events.payload_type, clock_rate))
    }

    /// In what the peer can be let hear a sound: what is spoken, and its number. `None` when no sound can be made in it.
    pub(crate) fn speech(&self) -> Option<(Encoding, u8)> {
        let spoken = self.spoken().filter(|codec| (codec.clock_rate, codec.channels) == (8000, 1))?;
        Some((Encoding::named(&spoken.name)?, spoken.payload_type))
    }

    fn anchor(&self, security: Security) -> Anchor {
        Anchor { address: self.address, audio_port: self.port, security, direction: None }
    }

    /// Takes the peer's offer.
    pub(crate) fn take_offer(&mut self, offer: Session) -> Result<(), SdpFault> {
        let offer = self.readable(offer);
        let view = AudioView::of(&offer).ok_or(SdpFault::NoAudio)?;
        self.agreed = view.crypto.first().filter(|_| self.proven).cloned();
        self.secure = self.agreed.is_some();
        if view.profile.is_secure() && !self.secure {
            return Err(if self.proven { SdpFault::CryptoMismatch } else { SdpFault::KeysInClear });
        }
        self.holds = view.is_on_hold() && (self.holds || !self.is_held());
        (self.hears, self.answers) = (view.direction.receives(), true);
        self.theirs = Some(offer);
        Ok(())
    }

    /// An offer as this leg can take it: over signalling in clear, a stream that demands SRTP gives way to one beside it
    /// that does not.
    fn readable(&self, mut offer: Session) -> Session {
        let is_clear = |media: &Media| media.is_audio() && !media.is_refused() && !media.profile.is_secure();
        if !self.proven && offer.media.iter().any(is_clear) {
            for media in offer.media.iter_mut().filter(|media| media.profile.is_secure()) {
                *media = media.refused();
            }
        }
        self.told_on(offer)
    }

    /// What the peer said, as its other end is told it.
    fn told_on(&self, theirs: Session) -> Session {
        match self.keys_as_info {
            Some(number) => with_key_events(&theirs, number),
            None => theirs,
        }
    }

    /// What the other end said, as the peer is told it.
    fn told_here<'a>(&mut self, other: &'a Session) -> Cow<'a, Session> {
        let Some(number) = &mut self.keys_as_info else { return Cow::Borrowed(other) };
        *number = key_events(other).unwrap_or(*number);
        Cow::Owned(without_key_events(other))
    }

    /// Takes the peer's answer to our last offer.
    pub(crate) fn take_answer(&mut self, answer: Session) -> Result<(), SdpFault> {
        let offer = self.ours.last().ok_or(SdpFault::NoAudio)?;
        centrale_sip::sdp::check_answer(offer, &answer)?;
        let view = AudioView::of(&answer).ok_or(SdpFault::NoAudio)?;
        // Audio may be given up later; a call that begins without any is none.
        if view.refused && self.theirs.is_none() {
            return Err(SdpFault::NoAudio);
        }
        let asked = AudioView::of(offer).is_some_and(|offer| offer.direction == Direction::SendRecv);
        self.holds = view.is_on_hold() && (self.holds || asked);
        (self.hears, self.answers) = (view.direction.receives(), false);
        self.agreed = if self.secure { view.crypto.first().cloned() } else { None };
        self.keys = self.fresh.take().unwrap_or_else(|| self.keys.clone());
        self.theirs = Some(self.told_on(answer));
        Ok(())
    }

    /// Our offer to this leg of the other side's description.
    pub(crate) fn offer(&mut self, other: &Session) -> Result<Session, SdpFault> {
        let anchor = self.anchor(self.offered_security());
        let other = self.told_here(other);
        if self.codec_order.is_empty() {
            return self.ours.offer(&other, &anchor);
        }
        let names: Vec<&str> = self.codec_order.iter().map(CodecName::as_str).collect();
        self.ours.offer(&reordered(&other, &names), &anchor)
    }

    /// Our offer to this leg to say nothing and hear what we let it hear, in what it can do. `None` when it has said nothing
    /// yet.
    pub(crate) fn offer_hold(&mut self) -> Option<Session> {
        let anchor = Anchor { direction: Some(Direction::SendOnly), ..self.anchor(self.offered_security()) };
        let own = self.theirs.clone()?;
        let own = self.told_here(&own);
        self.ours.offer(&own, &anchor).ok()
    }

    fn offered_security(&self) -> Security {
        let keys = self.fresh.as_ref().unwrap_or(&self.keys);
        if self.secure { Security::Sdes(keys.to_vec()) } else { Security::Plain }
    }

    /// Our answer to this leg's last offer, from the other side's description.
    pub(crate) fn answer(&mut self, other: &Session) -> Result<Session, SdpFault> {
        self.answer_in(other, None)
    }

    /// Our answer to this leg's last offer, to say nothing and hear what we let it hear, in what it can do.
    pub(crate) fn answer_hold(&mut self) -> Result<Session, SdpFault> {
        let own = self.theirs.clone().ok_or(SdpFault::NoAudio)?;
        self.answer_in(&own, Some(Direction::SendOnly))
    }

    /// Our offer to this leg to talk to the box itself, in those codecs of what it can do. `None` when it has none of them.
    pub(crate) fn offer_alone(&mut self, codecs: &[Encoding]) -> Option<Session> {
        let anchor = Anchor { direction: Some(Direction::SendRecv), ..self.anchor(self.offered_security()) };
        let known = self.limited_to(codecs).ok()?;
        let known = self.told_here(&known);
        self.ours.offer(&known, &anchor).ok()
    }

    /// What the peer can do of those codecs.
    fn limited_to(&self, codecs: &[Encoding]) -> Result<Session, SdpFault> {
        let names: Vec<&str> = codecs.iter().map(|encoding| encoding.name()).collect();
        limited(self.theirs.as_ref().ok_or(SdpFault::NoAudio)?, &names)
    }

    /// Our answer to this leg's last offer for the box itself, which speaks and listens in those codecs.
    pub(crate) fn answer_alone(&mut self, codecs: &[Encoding]) -> Result<Session, SdpFault> {
        let known = self.limited_to(codecs)?;
        self.answer_in(&known, Some(Direction::SendRecv))
    }

    fn answer_in(&mut self, other: &Session, direction: Option<Direction>) -> Result<Session, SdpFault> {
        let offered = self.theirs.clone().ok_or(SdpFault::NoAudio)?;
        let security = match &self.agreed {
            Some(agreed) => Security::Sdes(vec![Crypto { tag: agreed.tag, ..self.key_for(agreed.suite).clone() }]),
            None => Security::Plain,
        };
        self.fresh = None;
        let (mut other, anchor) = (self.told_here(other), Anchor { direction, ..self.anchor(security) });
        // Events that we said the other end takes are none for who did not offer them (RFC 3264 6.1).
        if key_events(&offered).is_none() {
            other = Cow::Owned(without_key_events(&other));
        }
        self.ours.answer(&other, &offered, &anchor)
    }

    const fn key_for(&self, suite: Suite) -> &Crypto {
        match suite {
            Suite::AesCm128HmacSha1_80 => &self.keys[0],
            Suite::AesCm128HmacSha1_32 => &self.keys[1],
        }
    }

    /// Whether the peer is meant to send: it said that it would, and was told that it is heard.
    pub(crate) fn expects_audio(&self) -> bool {
        let sends = self.theirs.as_ref().and_then(AudioView::of).is_some_and(|view| view.direction.sends());
        sends && self.ours.last().and_then(AudioView::of).is_none_or(|ours| ours.direction.receives())
    }

    /// What the media thread must know of this leg now.
    pub(crate) fn leg_media(&self, bind: IpAddr, signalling_peer: IpAddr, neighbours: bool) -> LegMedia {
        let view = self.theirs.as_ref().and_then(AudioView::of);
        LegMedia {
            local: SocketAddr::new(bind, self.port),
            remote: view.as_ref().and_then(|view| view.remote),
            signalling_peer,
            neighbours,
            srtp_send: self.agreed.as_ref().map(|agreed| relay_key(self.key_for(agreed.suite))),
            srtp_receive: self.agreed.as_ref().map(relay_key),
            clock_rate: view.as_ref().map_or(8000, AudioView::clock_rate),
            expects_audio: self.expects_audio(),
        }
    }
}

fn draw_keys(rng: &mut StdRng) -> [Crypto; 2] {
    let suites = [(1, Suite::AesCm128HmacSha1_80), (2, Suite::AesCm128HmacSha1_32)];
    suites.map(|(tag, suite)| Crypto { tag, suite, key: rng.random(), salt: rng.random() })
}

/// What the media thread must know of a leg that has said nothing yet.
pub(crate) const fn open_media(local: SocketAddr, signalling_peer: IpAddr) -> LegMedia {
    LegMedia {
        local,
        remote: None,
        signalling_peer,
        neighbours: false,
        srtp_send: None,
        srtp_receive: None,
        clock_rate: 8000,
        expects_audio: false,
    }
}

const fn relay_key(crypto: &Crypto) -> SrtpKey {
    let suite = match crypto.suite {
        Suite::AesCm128HmacSha1_80 => SrtpSuite::AesCm128HmacSha1_80,
        Suite::AesCm128HmacSha1_32 => SrtpSuite::AesCm128HmacSha1_32,
    };
    SrtpKey { suite, key: crypto.key, salt: crypto.salt }
}
