//! The descriptions this exchange sends on one leg: the other leg's audio, anchored at our address, in this leg's layout.

use std::net::IpAddr;

use super::audio::AudioView;
use super::crypto::Crypto;
use super::direction::Direction;
use super::fault::SdpFault;
use super::session::{Connection, Line, Media, Origin, Profile, Session};

/// Where and how this leg's media is anchored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Anchor {
    /// Our address on this leg's network.
    pub address: IpAddr,
    /// Our even RTP port on this leg; RTCP is the port above.
    pub audio_port: u16,
    /// Clear or encrypted, on this leg.
    pub security: Security,
    /// The direction to say, when it is not to be the other leg's.
    pub direction: Option<Direction>,
}

/// How this leg's media is protected.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Security {
    /// RTP in clear.
    Plain,
    /// SRTP with keys of ours in the description (RFC 4568): in an offer every suite we would take, in an answer the one that
    /// was chosen, under the tag of the peer's line.
    Sdes(Vec<Crypto>),
}

/// What we have told one leg so far. Makes its offers and answers, and raises the version of o= when they change.
#[derive(Debug, Clone)]
pub struct LocalDescription {
    session_id: u64,
    version: u64,
    last: Option<Session>,
}

impl LocalDescription {
    /// Nothing told yet. The id should be random below 2^62: some phones read it as a signed number.
    pub const fn new(session_id: u64) -> Self {
        Self { session_id, version: session_id, last: None }
    }

    /// What was sent last, for a refresh that changes nothing.
    pub const fn last(&self) -> Option<&Session> {
        self.last.as_ref()
    }

    /// The peer refused what was told since: `earlier` is in force again (RFC 3261 14.1). Versions go on rising, so that none
    /// names two descriptions.
    pub fn take_back(&mut self, earlier: &Self) {
        self.last.clone_from(&earlier.last);
    }

    /// An offer to this leg of the other leg's audio. The first has that one m= line; later ones keep the leg's layout, with
    /// every stream but the audio refused (RFC 3264 8).
    ///
    /// # Errors
    /// [`SdpFault::NoAudio`] when the other leg's description has no m=audio line.
    pub fn offer(&mut self, other: &Session, anchor: &Anchor) -> Result<Session, SdpFault> {
        let view = AudioView::of(other).ok_or(SdpFault::NoAudio)?;
        let profile = match anchor.security {
            Security::Plain => Profile::Avp,
            Security::Sdes(_) => Profile::Savp,
        };
        let direction = anchor.direction.unwrap_or(view.direction);
        let audio = anchored_audio(other, &view, profile, direction, anchor)?;
        let media = match self.last.as_ref().and_then(|last| Some((last, AudioView::of(last)?.index))) {
            Some((last, index)) => in_layout(&last.media, index, audio),
            None => vec![audio],
        };
        Ok(self.tell(other, media, anchor))
    }

    /// The answer to this leg's `offered`, taking the audio from the other leg's description. As many m= lines in the same
    /// order, every stream but the audio refused, the profile as offered, the direction no wider than the offer allows
    /// (RFC 3264 6).
    ///
    /// # Errors
    /// [`SdpFault::NoAudio`] when either has no m=audio line; [`SdpFault::ProfileMismatch`] when the anchor's security does
    /// not fit what was offered: a key where none was, none under a profile that demands one, or a profile that is no RTP.
    pub fn answer(&mut self, other: &Session, offered: &Session, anchor: &Anchor) -> Result<Session, SdpFault> {
        let view = AudioView::of(other).ok_or(SdpFault::NoAudio)?;
        let asked = AudioView::of(offered).ok_or(SdpFault::NoAudio)?;
        let fits = match anchor.security {
            Security::Plain => asked.profile.is_rtp() && !asked.profile.is_secure(),
            Security::Sdes(_) => asked.profile.is_rtp() && !asked.crypto.is_empty(),
        };
        if !fits && !view.refused && !asked.refused {
            return Err(SdpFault::ProfileMismatch);
        }
        let direction = anchor.direction.unwrap_or(view.direction).and(asked.direction.reversed());
        let view = AudioView { refused: view.refused || asked.refused, ..view };
        let audio = anchored_audio(other, &view, asked.profile, direction, anchor)?;
        Ok(self.tell(other, in_layout(&offered.media, asked.index, audio), anchor))
    }

    /// Wraps the media sections, and raises the version when anything differs from what was sent last.
    fn tell(&mut self, other: &Session, media: Vec<Media>, anchor: &Anchor) -> Session {
        let lines = session_lines(other, anchor);
        let changed = self.last.as_ref().is_some_and(|last| last.lines != lines || last.media != media);
        self.version += u64::from(changed);
        let origin = Origin {
            username: "-".into(),
            session_id: self.session_id.to_string().into(),
            version: self.version.to_string().into(),
            connection: Connection::new(anchor.address),
        };
        let session = Session { origin, lines, media };
        self.last = Some(session.clone());
        session
    }
}

/// The answer to an offer of which nothing is wanted: every stream refused (RFC 3264 6). For an offer that must be answered
/// only because it was made (RFC 3261 13.2.2.4).
pub fn refuse_all(offer: &Session, address: IpAddr, session_id: u64) -> Session {
    let id: Box<str> = session_id.to_string().into();
    let connection = Connection::new(address);
    let lines = vec![Line::new(b's', "-"), Line::new(b'c', connection.to_string()), Line::new(b't', "0 0")];
    let origin = Origin { username: "-".into(), session_id: id.clone(), version: id, connection };
    Session { origin, lines, media: offer.media.iter().map(Media::refused).collect() }
}

/// The layout's m= lines, all refused but the one at `index`, which is `audio`.
fn in_layout(layout: &[Media], index: usize, audio: Media) -> Vec<Media> {
    let mut media: Vec<Media> = layout.iter().map(Media::refused).collect();
    media[index] = audio;
    media
}

fn anchored_audio(
    other: &Session,
    view: &AudioView,
    profile: Profile,
    direction: Direction,
    anchor: &Anchor,
) -> Result<Media, SdpFault> {
    let theirs = other.media.get(view.index).ok_or(SdpFault::NoAudio)?;
    if view.refused {
        return Ok(Media { profile, ..theirs.refused() });
    }
    let mut lines: Vec<Line> = theirs.lines.iter().filter(|line| is_relayed(line)).cloned().collect();
    if let Security::Sdes(keys) = &anchor.security {
        lines.extend(keys.iter().map(|crypto| Line::attribute("crypto", Some(&crypto.to_value()))));
    }
    lines.push(Line::attribute(direction.as_str(), None));
    let (kind, formats) = (theirs.kind.clone(), theirs.formats.clone());
    Ok(Media { kind, port: anchor.audio_port, port_count: None, profile, formats, lines })
}

/// The other session's lines that are still true here, with our c=, and the s= and t= that must be there (RFC 8866 5).
fn session_lines(other: &Session, anchor: &Anchor) -> Vec<Line> {
    let mut lines: Vec<Line> = other.lines.iter().filter(|line| is_relayed(line)).cloned().collect();
    let name = lines.iter().position(|line| line.letter == b's').map(|at| lines.remove(at));
    let name = name.filter(|name| !name.value.is_empty()).unwrap_or_else(|| Line::new(b's', "-"));
    lines.insert(0, name);
    let connection = Line::new(b'c', Connection::new(anchor.address).to_string());
    insert_after(&mut lines, b"siuep", connection);
    if !lines.iter().any(|line| line.letter == b't') {
        insert_after(&mut lines, b"siuepcb", Line::new(b't', "0 0"));
    }
    lines
}

/// Inserts behind the leading lines of the given letters (RFC 8866 9 fixes the order of letters).
fn insert_after(lines: &mut Vec<Line>, letters: &[u8], line: Line) {
    let at = lines.iter().position(|line| !letters.contains(&line.letter)).unwrap_or(lines.len());
    lines.insert(at, line);
}

/// Attributes that speak of the other leg's own path: its addresses, its keys, its grouping of streams, and the alternatives
/// (RFC 5939) that would bring those back in.
const OTHER_LEGS_OWN: [&str; 30] = [
    "rtcp",
    "rtcp-mux",
    "rtcp-mux-only",
    "rtcp-rsize",
    "rtcp-fb",
    "crypto",
    "fingerprint",
    "setup",
    "connection",
    "tls-id",
    "key-mgmt",
    "zrtp-hash",
    "candidate",
    "remote-candidates",
    "end-of-candidates",
    "ice-ufrag",
    "ice-pwd",
    "ice-lite",
    "ice-options",
    "ice-mismatch",
    "ice-pacing",
    "group",
    "mid",
    "msid",
    "msid-semantic",
    "altc",
    "tcap",
    "acap",
    "pcfg",
    "acfg",
];

fn is_relayed(line: &Line) -> bool {
    match line.as_attribute() {
        Some((name, _)) => !OTHER_LEGS_OWN.contains(&name) && Direction::parse(name).is_none(),
        None => !matches!(line.letter, b'c' | b'k'),
    }
}
