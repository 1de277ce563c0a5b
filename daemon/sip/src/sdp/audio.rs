//! What a description says about its audio stream.

use std::collections::BTreeMap;
use std::net::{IpAddr, SocketAddr};

use super::crypto::Crypto;
use super::direction::Direction;
use super::session::{Connection, Line, Media, Profile, Session};

/// The audio stream of a description, as its writer wants it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AudioView {
    /// Which m= line it is.
    pub index: usize,
    /// Where its writer listens; `None` for a host name, a multicast address, port 0 or RFC 2543's hold address.
    pub remote: Option<SocketAddr>,
    /// Where its writer listens for RTCP: `a=rtcp` (RFC 3605), else the port above.
    pub remote_rtcp: Option<SocketAddr>,
    /// Direction seen from its writer. A c= of 0.0.0.0 takes the receiving half away.
    pub direction: Direction,
    /// Its codecs, best first. Auxiliary ones are among them.
    pub codecs: Vec<Codec>,
    /// Transport profile.
    pub profile: Profile,
    /// The crypto lines that can be used here, in their order.
    pub crypto: Vec<Crypto>,
    /// Whether the stream is refused or given up (port 0).
    pub refused: bool,
}

/// One payload type.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Codec {
    /// RTP payload type, 0 to 127.
    pub payload_type: u8,
    /// Encoding name as written (`PCMA`, `opus`); empty for a dynamic type without rtpmap.
    pub name: Box<str>,
    /// RTP clock rate in Hz.
    pub clock_rate: u32,
    /// Channels, 1 when not written.
    pub channels: u8,
}

impl AudioView {
    /// The audio stream that a call can use: the first that is RTP, not refused and, where it demands SRTP, has a usable key;
    /// else the first that is not refused; else the first. `None` when there is no m=audio line.
    pub fn of(session: &Session) -> Option<Self> {
        let audio = || session.media.iter().enumerate().filter(|(_, media)| media.is_audio());
        let (index, media) = audio()
            .find(|(_, media)| is_usable(media))
            .or_else(|| audio().find(|(_, media)| !media.is_refused()))
            .or_else(|| audio().next())?;
        Some(Self::new(session, index, media))
    }

    fn new(session: &Session, index: usize, media: &Media) -> Self {
        let connection = media.connection().or_else(|| session.connection());
        let nowhere = connection.as_ref().is_some_and(Connection::is_nowhere);
        let address = connection.and_then(|connection| connection.address());
        let address = address.filter(|ip| !ip.is_unspecified() && !ip.is_multicast() && !media.is_refused());
        let direction = direction_in(&media.lines).or_else(|| direction_in(&session.lines)).unwrap_or_default();
        Self {
            index,
            remote: address.map(|ip| SocketAddr::new(ip, media.port)),
            remote_rtcp: address.and_then(|ip| rtcp_of(media, ip)),
            direction: if nowhere { direction.and(Direction::SendOnly) } else { direction },
            codecs: codecs_of(media),
            profile: media.profile.clone(),
            crypto: media.attributes("crypto").filter_map(Crypto::parse).collect(),
            refused: media.is_refused(),
        }
    }

    /// Whether its writer does not want to hear us: on hold.
    pub const fn is_on_hold(&self) -> bool {
        !self.direction.receives()
    }

    /// Whether it can be relayed: RTP, not refused, and with a usable key where it demands SRTP.
    pub const fn is_usable(&self) -> bool {
        !self.refused && self.profile.is_rtp() && (!self.profile.is_secure() || !self.crypto.is_empty())
    }

    /// The codec that its writer prefers, auxiliary ones passed over.
    pub fn codec(&self) -> Option<&Codec> {
        self.codecs.iter().find(|codec| !codec.is_auxiliary())
    }

    /// RTP clock rate of the preferred codec in Hz; 8000 when nothing says otherwise.
    pub fn clock_rate(&self) -> u32 {
        self.codec().map_or(8000, |codec| codec.clock_rate)
    }
}

fn is_usable(media: &Media) -> bool {
    let has_key = || media.attributes("crypto").any(|value| Crypto::parse(value).is_some());
    !media.is_refused() && media.profile.is_rtp() && (!media.profile.is_secure() || has_key())
}

fn direction_in(lines: &[Line]) -> Option<Direction> {
    lines.iter().filter_map(Line::as_attribute).find_map(|(name, _)| Direction::parse(name))
}

/// `a=rtcp:port [IN IP4 address]` (RFC 3605 2.1); without it the port above (RFC 3550 11).
fn rtcp_of(media: &Media, address: IpAddr) -> Option<SocketAddr> {
    let Some(value) = media.attributes("rtcp").next() else {
        return media.port.checked_add(1).map(|port| SocketAddr::new(address, port));
    };
    let (port, connection) = value.split_once(' ').map_or((value, None), |(port, rest)| (port, Some(rest)));
    let port = port.parse().ok().filter(|port| *port != 0)?;
    let own = connection.and_then(Connection::parse).and_then(|connection| connection.address());
    let own = own.filter(|ip| !ip.is_unspecified() && !ip.is_multicast());
    Some(SocketAddr::new(own.unwrap_or(address), port))
}

/// The m= line's payload types with what they mean. The rtpmaps are read once, however many there are.
fn codecs_of(media: &Media) -> Vec<Codec> {
    let mut mapped = BTreeMap::new();
    for codec in media.attributes("rtpmap").filter_map(Codec::parse) {
        mapped.entry(codec.payload_type).or_insert(codec);
    }
    let types = media.formats.iter().filter_map(|format| format.parse().ok().filter(|number| *number < 128));
    types.map(|number| mapped.get(&number).cloned().unwrap_or_else(|| Codec::assigned(number))).collect()
}

impl Codec {
    /// Reads an rtpmap (RFC 8866 6.6): `97 opus/48000/2`.
    fn parse(value: &str) -> Option<Self> {
        let (number, encoding) = value.trim_start().split_once(' ')?;
        let mut parts = encoding.trim().split('/');
        let name = parts.next().filter(|name| !name.is_empty())?.into();
        let clock_rate = parts.next()?.parse().ok().filter(|rate| *rate > 0)?;
        let channels = parts.next().and_then(|text| text.parse().ok()).unwrap_or(1);
        Some(Self { payload_type: number.parse().ok()?, name, clock_rate, channels })
    }

    /// What a payload type means when no rtpmap says so (RFC 3551 table 4).
    fn assigned(payload_type: u8) -> Self {
        let (name, clock_rate, channels) = match payload_type {
            0 => ("PCMU", 8000, 1),
            3 => ("GSM", 8000, 1),
            4 => ("G723", 8000, 1),
            5 => ("DVI4", 8000, 1),
            6 => ("DVI4", 16_000, 1),
            7 => ("LPC", 8000, 1),
            8 => ("PCMA", 8000, 1),
            9 => ("G722", 8000, 1),
            10 => ("L16", 44_100, 2),
            11 => ("L16", 44_100, 1),
            12 => ("QCELP", 8000, 1),
            13 => ("CN", 8000, 1),
            14 => ("MPA", 90_000, 1),
            15 => ("G728", 8000, 1),
            16 => ("DVI4", 11_025, 1),
            17 => ("DVI4", 22_050, 1),
            18 => ("G729", 8000, 1),
            _ => ("", 8000, 1),
        };
        Self { payload_type, name: name.into(), clock_rate, channels }
    }

    /// Whether it carries no speech of its own: tones (RFC 4733), comfort noise (RFC 3389), redundancy (RFC 2198).
    pub fn is_auxiliary(&self) -> bool {
        ["telephone-event", "CN", "red", "tone"].iter().any(|name| self.name.eq_ignore_ascii_case(name))
    }

    /// Whether it carries the keys that are pressed (RFC 4733).
    pub fn is_key_event(&self) -> bool {
        self.name.eq_ignore_ascii_case("telephone-event")
    }

    /// Whether it is the same encoding, whatever its payload type. Unnamed ones are the same when their numbers are.
    pub fn is_same_encoding(&self, other: &Self) -> bool {
        let named = !self.name.is_empty() || self.payload_type == other.payload_type;
        named && self.name.eq_ignore_ascii_case(&other.name) && self.clock_rate == other.clock_rate
    }
}
