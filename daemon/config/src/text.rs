//! How the words of the office file are written and read.

use std::fmt;
use std::net::{Ipv4Addr, Ipv6Addr};
use std::str::FromStr;

use crate::{Language, Server, TrunkTransport};

/// Why a word of the office file is not what it should be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum TextError {
    /// Not one of the languages.
    #[error("the language is nl, fr, en or de")]
    Language,
    /// Not one of the transports.
    #[error("the transport is udp, tcp or tls")]
    Transport,
    /// Not a network of addresses.
    #[error("a network is written as 192.168.1.0/24 or 2001:db8:7::/48")]
    Network,
    /// Not one of the headers that name who calls.
    #[error("identity is from, p-asserted, p-preferred or remote-party-id")]
    Identity,
    /// Not one of the ways to write numbers.
    #[error("numbers_as is +e164, e164, 00 or national")]
    NumberFormat,
    /// Not a word for encryption.
    #[error("srtp is off, offer or require")]
    Srtp,
    /// Not a way for keys.
    #[error("dtmf is rfc4733 or info")]
    Dtmf,
    /// Not a codec's name.
    #[error("a codec is written as in an rtpmap, for example G722 or PCMA")]
    Codec,
    /// Not one of the kinds of numbers.
    #[error("kinds of numbers are free, local, national, mobile, premium and international")]
    NumberKind,
    /// Not a word for how the way to a mail server is protected.
    #[error("security is starttls or tls")]
    MailSecurity,
    /// Not a mail address.
    #[error("a mail address is written as name@example.net")]
    MailAddress,
    /// Not a host, or not a port from 1 to 65535.
    #[error(
        "a server is a host name or address, with a port or without: sip.example.net, 192.0.2.1:5060, [2001:db8::1]:5061"
    )]
    Server,
}

impl Language {
    /// The ISO 639 code.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Dutch => "nl",
            Self::French => "fr",
            Self::English => "en",
            Self::German => "de",
        }
    }
}

impl fmt::Display for Language {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}

impl FromStr for Language {
    type Err = TextError;
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        [Self::Dutch, Self::French, Self::English, Self::German]
            .into_iter()
            .find(|language| language.code() == text)
            .ok_or(TextError::Language)
    }
}

impl TrunkTransport {
    /// The word in the office file and on the page.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Udp => "udp",
            Self::Tcp => "tcp",
            Self::Tls => "tls",
        }
    }
}

impl fmt::Display for TrunkTransport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.word())
    }
}

impl FromStr for TrunkTransport {
    type Err = TextError;
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        [Self::Udp, Self::Tcp, Self::Tls]
            .into_iter()
            .find(|transport| transport.word() == text)
            .ok_or(TextError::Transport)
    }
}

impl fmt::Display for Server {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let is_v6 = self.host.contains(':');
        match (is_v6, self.port) {
            (true, Some(port)) => write!(f, "[{}]:{port}", self.host),
            (true, None) => write!(f, "[{}]", self.host),
            (false, Some(port)) => write!(f, "{}:{port}", self.host),
            (false, None) => f.write_str(&self.host),
        }
    }
}

impl FromStr for Server {
    type Err = TextError;
    /// Reads `host`, `host:port`, `[v6]`, `[v6]:port` or a bare IPv6 address.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        if let Some(bracketed) = text.strip_prefix('[') {
            let (host, after) = bracketed.split_once(']').ok_or(TextError::Server)?;
            let port = match after.strip_prefix(':') {
                Some(port) => Some(parse_port(port)?),
                None if after.is_empty() => None,
                None => return Err(TextError::Server),
            };
            let host = host.parse::<Ipv6Addr>().map_err(|_| TextError::Server)?;
            return Ok(Self { host: host.to_string(), port });
        }
        if let Ok(host) = text.parse::<Ipv6Addr>() {
            return Ok(Self { host: host.to_string(), port: None });
        }
        let (host, port) = match text.split_once(':') {
            Some((host, port)) => (host, Some(parse_port(port)?)),
            None => (text, None),
        };
        if is_host(host) { Ok(Self { host: host.to_owned(), port }) } else { Err(TextError::Server) }
    }
}

fn parse_port(text: &str) -> Result<u16, TextError> {
    let digits_only = text.bytes().all(|byte| byte.is_ascii_digit());
    text.parse().ok().filter(|port| digits_only && *port != 0).ok_or(TextError::Server)
}

/// Whether it is an IPv4 address or a host name (RFC 1123 2.1; underscores occur in the field).
fn is_host(text: &str) -> bool {
    if text.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.') {
        return text.parse::<Ipv4Addr>().is_ok();
    }
    let is_label = |label: &str| {
        (1..=63).contains(&label.len())
            && !label.starts_with('-')
            && !label.ends_with('-')
            && label.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'))
    };
    text.len() <= 253 && text.split('.').all(is_label)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_server_is_read_in_each_of_its_forms_and_written_back() {
        for (text, host, port) in [
            ("sip.example.net", "sip.example.net", None),
            ("sip.example.net:5070", "sip.example.net", Some(5070)),
            ("192.0.2.1:5060", "192.0.2.1", Some(5060)),
            ("[2001:db8::1]:5061", "2001:db8::1", Some(5061)),
            ("[2001:db8::1]", "2001:db8::1", None),
            ("kamailio", "kamailio", None),
        ] {
            let server: Server = text.parse().unwrap();
            assert_eq!((server.host.as_str(), server.port), (host, port), "{text}");
            assert_eq!(server.to_string(), text);
        }
        assert_eq!("2001:db8::1".parse::<Server>().unwrap().to_string(), "[2001:db8::1]");
    }

    #[test]
    fn what_is_no_server_is_refused() {
        for text in [
            "",
            ":5060",
            "host:",
            "host:0",
            "host:65536",
            "host:+5",
            "host:5060:1",
            "[::1",
            "[::1]x",
            "[host]:5060",
            "a b",
            "-a.nl",
            "a..nl",
            "1.2.3",
            "300.1.1.1",
            "sip:host",
            "host;transport=tcp",
            "höst",
        ] {
            assert_eq!(text.parse::<Server>(), Err(TextError::Server), "{text}");
        }
    }
}
