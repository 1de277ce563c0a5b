//! A session description as a value: the lines that are understood, and all others as they stood.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// A session description. Lines keep their order; what is not understood is kept as written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Session {
    /// o=.
    pub origin: Origin,
    /// The session's other lines, without v= and o=.
    pub lines: Vec<Line>,
    /// The media sections.
    pub media: Vec<Media>,
}

/// o= (RFC 8866 5.2): who made the description, and which state of it this is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Origin {
    /// User name, `-` when there is none.
    pub username: Box<str>,
    /// Session id, as written: some peers write numbers beyond 64 bits.
    pub session_id: Box<str>,
    /// Version, as written. The same version means the same description (RFC 3264 8).
    pub version: Box<str>,
    /// Where it was made. Not where media goes.
    pub connection: Connection,
}

/// Network address as o= and c= carry it (RFC 8866 5.7). The network is always `IN`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Connection {
    /// `IP6` rather than `IP4`.
    pub is_v6: bool,
    /// Address or host name as written, with a multicast's `/ttl` if any.
    pub host: Box<str>,
}

/// One `letter=value` line that is neither v=, o= nor m=.
#[derive(Clone, PartialEq, Eq)]
pub struct Line {
    /// The letter, a to z.
    pub letter: u8,
    /// What follows the equals sign.
    pub value: Box<str>,
}

/// One media section.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Media {
    /// `audio`, `video`, `image`, `application` ...
    pub kind: Box<str>,
    /// Port; 0 when the stream is refused or given up.
    pub port: u16,
    /// The number of ports, when written (`49170/2`).
    pub port_count: Option<u16>,
    /// Transport profile.
    pub profile: Profile,
    /// Payload types or other formats, in the order of preference.
    pub formats: Vec<Box<str>>,
    /// The section's other lines.
    pub lines: Vec<Line>,
}

/// The transport profile of an m= line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Profile {
    /// `RTP/AVP` (RFC 3551).
    Avp,
    /// `RTP/SAVP` (RFC 3711).
    Savp,
    /// `RTP/AVPF` (RFC 4585).
    Avpf,
    /// `RTP/SAVPF` (RFC 5124).
    Savpf,
    /// Any other, as written.
    Other(Box<str>),
}

impl Profile {
    /// Reads the name as on an m= line.
    pub fn parse(text: &str) -> Self {
        match text {
            "RTP/AVP" => Self::Avp,
            "RTP/SAVP" => Self::Savp,
            "RTP/AVPF" => Self::Avpf,
            "RTP/SAVPF" => Self::Savpf,
            other => Self::Other(other.into()),
        }
    }

    /// As on an m= line.
    pub fn as_str(&self) -> &str {
        match self {
            Self::Avp => "RTP/AVP",
            Self::Savp => "RTP/SAVP",
            Self::Avpf => "RTP/AVPF",
            Self::Savpf => "RTP/SAVPF",
            Self::Other(other) => other,
        }
    }

    /// Whether it is RTP that can be relayed here.
    pub const fn is_rtp(&self) -> bool {
        !matches!(self, Self::Other(_))
    }

    /// Whether it demands SRTP.
    pub const fn is_secure(&self) -> bool {
        matches!(self, Self::Savp | Self::Savpf)
    }
}

impl Connection {
    /// The connection of an address of ours.
    pub fn new(address: IpAddr) -> Self {
        Self { is_v6: address.is_ipv6(), host: address.to_string().into() }
    }

    /// Reads `IN IP4 host`. `None` when malformed.
    pub fn parse(text: &str) -> Option<Self> {
        let mut fields = text.split(' ').filter(|field| !field.is_empty());
        if fields.next()? != "IN" {
            return None;
        }
        let is_v6 = match fields.next()? {
            "IP4" => false,
            "IP6" => true,
            _ => return None,
        };
        let host = fields.next()?.into();
        fields.next().is_none().then_some(Self { is_v6, host })
    }

    /// The address, an IPv4 one written as IPv6 (RFC 5118 4.9) as what it is; `None` for a host name.
    pub fn address(&self) -> Option<IpAddr> {
        let host = self.host.split('/').next().unwrap_or_default();
        // A v6 address under IP4 (and the reverse) is a known mistake of phones; the address itself says what it is.
        let v6 = |_| host.parse::<Ipv6Addr>().map(IpAddr::V6);
        host.parse::<Ipv4Addr>().map(IpAddr::V4).or_else(v6).ok().map(|address| address.to_canonical())
    }

    /// Whether it says "send nothing here": 0.0.0.0, `::` or a name under `.invalid` (RFC 3264 8.4, RFC 6157 4.1).
    pub fn is_nowhere(&self) -> bool {
        self.address().map_or_else(|| self.host.ends_with(".invalid"), |address| address.is_unspecified())
    }
}

impl Line {
    /// A line of ours.
    pub fn new(letter: u8, value: impl Into<Box<str>>) -> Self {
        Self { letter, value: value.into() }
    }

    /// An a= line: `name`, or `name:value`.
    pub fn attribute(name: &str, value: Option<&str>) -> Self {
        Self::new(b'a', value.map_or_else(|| name.to_owned(), |value| format!("{name}:{value}")))
    }

    /// An a= line's name and value (empty when it has none); `None` for other lines.
    pub fn as_attribute(&self) -> Option<(&str, &str)> {
        (self.letter == b'a').then(|| self.value.split_once(':').unwrap_or((&self.value, "")))
    }

    /// Whether the line may hold a key, which is then never printed.
    fn is_secret(&self) -> bool {
        self.letter == b'k' || self.value.contains("inline:")
    }
}

impl std::fmt::Debug for Line {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let value = if self.is_secret() { "…" } else { &self.value };
        write!(f, "{}={value}", char::from(self.letter))
    }
}

impl Session {
    /// The session's own c= line.
    pub fn connection(&self) -> Option<Connection> {
        connection_in(&self.lines)
    }
}

impl Media {
    /// The section's own c= line.
    pub fn connection(&self) -> Option<Connection> {
        connection_in(&self.lines)
    }

    /// Whether it is `m=audio`.
    pub fn is_audio(&self) -> bool {
        &*self.kind == "audio"
    }

    /// Whether the stream is refused or given up (RFC 3264 6, 8.2).
    pub const fn is_refused(&self) -> bool {
        self.port == 0
    }

    /// The same m= line refused: port 0 and nothing below it.
    #[must_use]
    pub fn refused(&self) -> Self {
        Self { port: 0, port_count: None, lines: Vec::new(), ..self.clone() }
    }

    /// The values of every attribute of that name.
    pub fn attributes<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        attributes_in(&self.lines, name)
    }
}

fn connection_in(lines: &[Line]) -> Option<Connection> {
    lines.iter().find(|line| line.letter == b'c').and_then(|line| Connection::parse(&line.value))
}

pub(super) fn attributes_in<'a>(lines: &'a [Line], name: &'a str) -> impl Iterator<Item = &'a str> {
    lines.iter().filter_map(Line::as_attribute).filter(move |(key, _)| *key == name).map(|(_, value)| value)
}
