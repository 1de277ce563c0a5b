//! URIs: `sip:`, `sips:` (RFC 3261 19.1), `tel:` (RFC 3966), and any other scheme as written.

use std::borrow::Cow;
use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

use super::params::{Params, WrittenParams, is_token, split_at_byte, split_before, trim, trim_end, write_escaped};
use crate::flow::Transport;

/// Where a URI or a Via points.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Host {
    /// A domain name, in lower case.
    Name(Box<str>),
    /// An address literal.
    Ip(IpAddr),
}

impl Host {
    /// Reads a name, an IPv4 literal or a bracketed IPv6 literal.
    pub fn parse(text: &str) -> Option<Self> {
        WrittenHost::of(text).map(WrittenHost::kept)
    }

    /// The address, when it is one.
    pub const fn ip(&self) -> Option<IpAddr> {
        match self {
            Self::Ip(ip) => Some(*ip),
            Self::Name(_) => None,
        }
    }
}

/// A host as it stands in a text: checked, and nothing copied.
pub(crate) enum WrittenHost<'a> {
    Name(&'a str),
    Ip(IpAddr),
}

impl<'a> WrittenHost<'a> {
    fn of(text: &'a str) -> Option<Self> {
        if let Some(inner) = text.strip_prefix('[') {
            return inner.strip_suffix(']')?.parse::<Ipv6Addr>().ok().map(|ip| Self::Ip(IpAddr::V6(ip)));
        }
        let numeric = text.as_bytes().last().is_some_and(u8::is_ascii_digit);
        if numeric && let Some(ip) = v4_in(text) {
            return Some(Self::Ip(IpAddr::V4(ip)));
        }
        let valid = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_');
        let named = !text.is_empty() && text.len() <= 255 && text.bytes().all(valid);
        named.then_some(Self::Name(text))
    }

    /// As [`Host::ip`].
    pub(crate) const fn ip(&self) -> Option<IpAddr> {
        match self {
            Self::Ip(ip) => Some(*ip),
            Self::Name(_) => None,
        }
    }

    pub(super) fn kept(self) -> Host {
        match self {
            Self::Name(name) => Host::Name(name.to_ascii_lowercase().into()),
            Self::Ip(ip) => Host::Ip(ip),
        }
    }
}

impl From<IpAddr> for Host {
    fn from(ip: IpAddr) -> Self {
        Self::Ip(ip)
    }
}

impl Host {
    /// Appends it as it stands in a URI or a Via.
    pub(super) fn write(&self, out: &mut String) {
        match self {
            Self::Name(name) => out.push_str(name),
            Self::Ip(IpAddr::V4(ip)) => write_v4(*ip, out),
            Self::Ip(IpAddr::V6(ip)) => out.push_str(&format!("[{ip}]")),
        }
    }
}

impl Host {
    /// The same as a text of its own.
    pub(crate) fn text(&self) -> String {
        let mut text = String::with_capacity(48);
        self.write(&mut text);
        text
    }
}

impl fmt::Display for Host {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text())
    }
}

/// Appends `:port`, if there is one.
pub(super) fn write_port(port: Option<u16>, out: &mut String) {
    if let Some(port) = port {
        out.push(':');
        write_number(port.into(), out);
    }
}

/// Reads an IPv4 literal as the standard library does, at a third of its price: every message has half a dozen.
fn v4_in(text: &str) -> Option<Ipv4Addr> {
    let (mut octets, mut at, mut digits) = ([0u8; 4], 0, 0);
    for byte in text.bytes() {
        let octet = octets.get_mut(at)?;
        match byte {
            b'0'..=b'9' if digits == 0 || *octet != 0 => {
                *octet = octet.checked_mul(10)?.checked_add(byte - b'0')?;
                digits += 1;
            }
            b'.' if digits > 0 => (at, digits) = (at + 1, 0),
            _ => return None,
        }
    }
    (at == 3 && digits > 0).then(|| octets.into())
}

fn write_v4(ip: Ipv4Addr, out: &mut String) {
    for (index, octet) in ip.octets().into_iter().enumerate() {
        if index > 0 {
            out.push('.');
        }
        write_number(octet.into(), out);
    }
}

/// Appends a number in decimal, without the formatter's price: every message has a dozen.
pub(super) fn write_number(number: u32, out: &mut String) {
    if number >= 10 {
        write_number(number / 10, out);
    }
    out.push(char::from(b'0' + (number % 10) as u8));
}

/// Appends an address, without the brackets that a host has.
pub(super) fn write_address(ip: IpAddr, out: &mut String) {
    match ip {
        IpAddr::V4(ip) => write_v4(ip, out),
        IpAddr::V6(ip) => out.push_str(&ip.to_string()),
    }
}

/// Reads `host`, `host:port`, `[v6]:port`.
pub(super) fn host_port_in(text: &str) -> Option<(WrittenHost<'_>, Option<u16>)> {
    let colon = match text.strip_prefix('[') {
        Some(_) => text.find(']').map(|end| end + 1).filter(|&end| text.len() > end),
        None => text.bytes().position(|byte| byte == b':'),
    };
    let Some(colon) = colon else { return Some((WrittenHost::of(text)?, None)) };
    let (host, port) = text.split_at(colon);
    let (host, digits) = (trim_end(host), trim(port.strip_prefix(':')?));
    if digits.is_empty() || digits.len() > 5 || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    Some((WrittenHost::of(host)?, Some(digits.parse().ok()?)))
}

/// A `sip:` or `sips:` URI.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct SipUri {
    /// `sips:`.
    pub secure: bool,
    /// User part as written, escapes kept; `None` when there is no `@`. It may hold dots, parameters and semicolons.
    pub user: Option<Box<str>>,
    /// Password part, if a peer was so careless. Never written by us, never printed.
    pub has_password: bool,
    /// Host.
    pub host: Host,
    /// Port, when written.
    pub port: Option<u16>,
    /// `;` parameters.
    pub params: Params,
    /// `?` headers as written, empty when there are none.
    pub headers: Box<str>,
}

impl SipUri {
    /// A plain `sip:user@host:port`. What cannot stand in a user part is escaped when it is written.
    pub fn new(user: Option<&str>, host: Host, port: Option<u16>) -> Self {
        let user = user.map(Into::into);
        Self { secure: false, user, has_password: false, host, port, params: Params::default(), headers: "".into() }
    }

    /// `sip:user@address;transport=…`, the parameter left out for UDP.
    pub fn at(user: Option<&str>, address: SocketAddr, transport: Transport) -> Self {
        let mut uri = Self::new(user, address.ip().into(), Some(address.port()));
        if transport != Transport::Udp {
            uri.params.set("transport", Some(transport.in_uri()));
        }
        uri
    }

    /// The user part with its escapes resolved, if there is one and it is text.
    pub fn user_text(&self) -> Option<Cow<'_, str>> {
        unescape(self.user.as_deref()?)
    }

    /// The `transport` parameter, if it names one that is spoken here.
    pub fn transport(&self) -> Option<Transport> {
        self.params.value("transport").and_then(Transport::from_name)
    }
}

/// The user part of a URI behind `sip:`, whether a password follows it, and what stands behind both. `None` when it is malformed.
fn user_in(text: &str) -> Option<(Option<&str>, bool, &str)> {
    // An @ after the host can only stand in headers, where it must be escaped: so the last one ends the user part.
    let Some(at) = text.bytes().rposition(|byte| byte == b'@') else { return Some((None, false, text)) };
    let (user, password) = split_before(text.get(..at)?, |byte| byte == b':');
    let is_clean = !user.is_empty()
        && user.bytes().all(is_user_byte)
        && escapes_are_whole(user)
        && password.bytes().all(|byte| is_user_byte(byte) || byte == b':');
    if is_clean { Some((Some(user), !password.is_empty(), text.get(at + 1..)?)) } else { None }
}

/// The same as it stands in a text: checked, and nothing copied.
pub(super) struct WrittenSip<'a> {
    secure: bool,
    user: Option<&'a str>,
    has_password: bool,
    host: WrittenHost<'a>,
    port: Option<u16>,
    params: WrittenParams<'a>,
    headers: &'a str,
}

impl<'a> WrittenSip<'a> {
    fn of(secure: bool, text: &'a str) -> Option<Self> {
        let (user, has_password, rest) = user_in(text)?;
        let (host_port, rest) = split_before(rest, |byte| matches!(byte, b';' | b'?'));
        if host_port.bytes().any(is_blank) {
            return None;
        }
        let (host, port) = host_port_in(host_port)?;
        let (params, headers) = split_at_byte(rest, b'?').unwrap_or((rest, ""));
        let params = WrittenParams::of_uri(params)?;
        let clean = headers.bytes().all(is_headers_byte);
        clean.then_some(Self { secure, user, has_password, host, port, params, headers })
    }

    fn kept(self) -> SipUri {
        let Self { secure, user, has_password, host, port, params, headers } = self;
        let (user, host, params) = (user.map(Into::into), host.kept(), params.kept());
        SipUri { secure, user, has_password, host, port, params, headers: headers.into() }
    }
}

impl SipUri {
    /// Appends it as it stands on the wire.
    fn write(&self, out: &mut String) {
        out.push_str(if self.secure { "sips:" } else { "sip:" });
        if let Some(user) = self.user.as_deref().filter(|user| !user.is_empty()) {
            write_user(user, out);
            out.push('@');
        }
        self.host.write(out);
        write_port(self.port, out);
        self.params.write_in_uri(out);
        if !self.headers.is_empty() {
            out.push('?');
            write_escaped(&self.headers, is_headers_byte, out);
        }
    }
}

impl SipUri {
    /// The same as a text of its own.
    pub fn text(&self) -> String {
        let mut text = String::with_capacity(48);
        self.write(&mut text);
        text
    }
}

impl fmt::Display for SipUri {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text())
    }
}

/// Any URI a SIP message may carry.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Uri {
    /// `sip:` and `sips:`.
    Sip(SipUri),
    /// `tel:`: the number as written, with its visual separators, and the parameters.
    Tel {
        /// Digits, `+`, `*`, `#` and separators.
        number: Box<str>,
        /// `phone-context` and others.
        params: Params,
    },
    /// Another scheme, as written.
    Other(Box<str>),
    /// Bytes that are no URI. Only a scanned request's own URI can be this; validation refuses it.
    Malformed,
}

impl Uri {
    /// Reads an absolute URI without angle brackets. `None` when it is none.
    pub fn parse(text: &str) -> Option<Self> {
        WrittenUri::of(text).map(WrittenUri::kept)
    }

    /// The `sip:` or `sips:` URI, if it is one.
    pub const fn as_sip(&self) -> Option<&SipUri> {
        match self {
            Self::Sip(uri) => Some(uri),
            _ => None,
        }
    }

    /// What was dialled: the user part without escapes, or the telephone number.
    pub fn dialled(&self) -> Option<Cow<'_, str>> {
        match self {
            Self::Sip(uri) => uri.user_text(),
            Self::Tel { number, .. } => Some(Cow::Borrowed(number)),
            Self::Other(_) | Self::Malformed => None,
        }
    }
}

/// A URI as it stands in a text: checked, and nothing copied.
pub(super) enum WrittenUri<'a> {
    Sip(WrittenSip<'a>),
    Tel { number: &'a str, params: WrittenParams<'a> },
    Other(&'a str),
}

impl<'a> WrittenUri<'a> {
    /// As [`Uri::parse`] reads it.
    pub(super) fn of(text: &'a str) -> Option<Self> {
        let (scheme, rest) = scheme_in(text)?;
        match scheme {
            Scheme::Sip { secure } => WrittenSip::of(secure, rest).map(Self::Sip),
            Scheme::Tel => {
                let (number, params) = number_in(rest)?;
                Some(Self::Tel { number, params: WrittenParams::of_uri(params)? })
            }
            Scheme::Other => (!text.contains(['<', '>', '"'])).then_some(Self::Other(text)),
        }
    }

    pub(super) fn kept(self) -> Uri {
        match self {
            Self::Sip(uri) => Uri::Sip(uri.kept()),
            Self::Tel { number, params } => Uri::Tel { number: number.into(), params: params.kept() },
            Self::Other(text) => Uri::Other(text.into()),
        }
    }
}

/// What is read of a URI.
enum Scheme {
    Sip { secure: bool },
    Tel,
    Other,
}

/// The scheme of a URI, and what stands behind it. `None` when it has none, or nothing behind it that could be a URI.
fn scheme_in(text: &str) -> Option<(Scheme, &str)> {
    let (scheme, rest) = split_at_byte(text, b':')?;
    let is_scheme = scheme.starts_with(|first: char| first.is_ascii_alphabetic())
        && scheme.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'-' | b'.'));
    if !is_scheme || rest.is_empty() {
        return None;
    }
    let is = |name: &str| scheme.eq_ignore_ascii_case(name);
    if is("sip") || is("sips") {
        return Some((Scheme::Sip { secure: scheme.len() == 4 }, rest));
    }
    let scheme = if is("tel") { Scheme::Tel } else { Scheme::Other };
    (!rest.bytes().any(is_blank)).then_some((scheme, rest))
}

/// The number behind `tel:`, and its parameters.
fn number_in(text: &str) -> Option<(&str, &str)> {
    let (number, params) = split_before(text, |byte| byte == b';');
    let is_valid = !number.is_empty() && number.bytes().all(is_dialable);
    is_valid.then_some((number, params))
}

/// As [`Uri::dialled`], read without what stands behind it.
pub(super) fn dialled_in(text: &str) -> Option<Cow<'_, str>> {
    match scheme_in(text)? {
        (Scheme::Sip { .. }, rest) => unescape(user_in(rest)?.0?),
        (Scheme::Tel, rest) => Some(Cow::Borrowed(number_in(rest)?.0)),
        (Scheme::Other, _) => None,
    }
}

impl From<SipUri> for Uri {
    fn from(uri: SipUri) -> Self {
        Self::Sip(uri)
    }
}

impl Uri {
    /// Appends it as it stands on the wire.
    pub(super) fn write(&self, out: &mut String) {
        match self {
            Self::Sip(uri) => uri.write(out),
            Self::Tel { number, params } => {
                out.push_str("tel:");
                write_escaped(number, is_dialable, out);
                params.write_in_uri(out);
            }
            Self::Other(text) => out.push_str(text),
            Self::Malformed => out.push_str("invalid:"),
        }
    }
}

impl fmt::Display for Uri {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut text = String::with_capacity(48);
        self.write(&mut text);
        f.write_str(&text)
    }
}

/// Whether a byte may stand nowhere in a URI.
const fn is_blank(byte: u8) -> bool {
    byte <= b' ' || byte == 0x7f
}

/// RFC 3261 25.1 user characters, and the few that phones send unescaped without harm (`#`, `^`, `|`).
const fn is_user_byte(byte: u8) -> bool {
    is_token(byte) || matches!(byte, b'(' | b')' | b'&' | b'=' | b'$' | b',' | b';' | b'?' | b'/' | b'#' | b'^' | b'|')
}

/// RFC 3966 phone digits with their visual separators, `*` and `#`, and the letters of hexadecimal local numbers.
const fn is_dialable(byte: u8) -> bool {
    byte.is_ascii_hexdigit() || matches!(byte, b'+' | b'*' | b'#' | b'-' | b'.' | b'(' | b')')
}

/// What may follow a URI's `?`.
const fn is_headers_byte(byte: u8) -> bool {
    byte.is_ascii_graphic() && !matches!(byte, b'<' | b'>' | b'"')
}

fn escapes_are_whole(text: &str) -> bool {
    memchr::memchr(b'%', text.as_bytes()).is_none() || text.split('%').skip(1).all(starts_with_hex)
}

fn starts_with_hex(text: &str) -> bool {
    text.as_bytes().get(..2).is_some_and(|two| two.iter().all(u8::is_ascii_hexdigit))
}

/// Appends a user part, escapes as they are, everything that may not stand there escaped: also a `%` that escapes nothing.
fn write_user(user: &str, out: &mut String) {
    for (index, part) in user.split('%').enumerate() {
        if index > 0 {
            out.push_str(if starts_with_hex(part) { "%" } else { "%25" });
        }
        write_escaped(part, is_user_byte, out);
    }
}

/// Resolves `%xx`. `None` when the result is not text.
pub(crate) fn unescape(text: &str) -> Option<Cow<'_, str>> {
    if memchr::memchr(b'%', text.as_bytes()).is_none() {
        return Some(Cow::Borrowed(text));
    }
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((&first, after)) = rest.split_first() {
        let hex = |at: usize| after.get(at).and_then(|digit| char::from(*digit).to_digit(16));
        let escaped = if first == b'%' { hex(0).zip(hex(1)) } else { None };
        bytes.push(escaped.map_or(first, |(high, low)| (high * 16 + low) as u8));
        rest = if escaped.is_some() { after.get(2..)? } else { after };
    }
    String::from_utf8(bytes).ok().map(Cow::Owned)
}
