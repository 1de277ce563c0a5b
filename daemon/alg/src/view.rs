//! What the fingerprints read of a message, borrowed from its bytes: an ordinary message costs no allocation. The grammar
//! is `centrale-sip`'s, to which a property test and the fuzzer hold these readings.

use std::net::{IpAddr, Ipv4Addr};

use centrale_sip::message::{HeaderName, Headers};

/// A Via as it stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ViaView<'a> {
    /// All of it.
    pub text: &'a str,
    /// Sent-by host, as written.
    pub host: &'a str,
    /// Sent-by port, when written.
    pub port: Option<u16>,
    /// The branch.
    pub branch: Option<&'a str>,
    /// `received`, when a server filled it in.
    pub received: Option<&'a str>,
    /// `rport`: the empty text when it stands without a value.
    pub rport: Option<&'a str>,
}

impl<'a> ViaView<'a> {
    /// The topmost Via of a message; `None` when there is none that can be read.
    pub fn top(headers: &'a Headers) -> Option<Self> {
        Self::of(std::str::from_utf8(headers.first(&HeaderName::Via)?).ok()?)
    }

    /// Reads the first Via of a field's value.
    pub fn of(value: &'a str) -> Option<Self> {
        let text = until(value, b',').trim();
        let (_, rest) = text.split_once('/')?;
        let (_, rest) = rest.split_once('/')?;
        let rest = rest.trim_start();
        let (_, rest) = rest.split_at(rest.find([' ', '\t'])?);
        let sent_by = until(rest, b';');
        let (host, port) = host_port(sent_by.trim())?;
        let mut view = Self { text, host, port, branch: None, received: None, rport: None };
        view.take_params(rest.get(sent_by.len()..).unwrap_or_default());
        Some(view)
    }

    fn take_params(&mut self, mut rest: &'a str) {
        while let Some(behind) = rest.strip_prefix(';') {
            let param = until(behind, b';');
            rest = behind.get(param.len()..).unwrap_or_default();
            let (name, value) = param.split_once('=').unwrap_or((param, ""));
            let (name, value) = (name.trim(), value.trim().trim_matches('"'));
            if name.eq_ignore_ascii_case("branch") {
                self.branch = Some(value).filter(|branch| !branch.is_empty());
            } else if name.eq_ignore_ascii_case("received") {
                self.received = Some(value);
            } else if name.eq_ignore_ascii_case("rport") {
                self.rport = Some(value);
            }
        }
    }

    /// Whether sent-by means the same in both: a missing port is the transport's own, here 5060.
    pub fn same_sent_by(&self, other: &ViaView<'_>) -> bool {
        same_host(self.host, other.host) && self.port.unwrap_or(5060) == other.port.unwrap_or(5060)
    }

    /// The address in `received`.
    pub fn received_address(&self) -> Option<IpAddr> {
        self.received.and_then(address)
    }
}

/// The fields that a server echoes, as they stand.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Echoed<'a> {
    /// The first Via field.
    pub via: Option<&'a [u8]>,
    /// From.
    pub from: Option<&'a [u8]>,
    /// Call-ID.
    pub call_id: Option<&'a [u8]>,
    /// CSeq.
    pub cseq: Option<&'a [u8]>,
}

impl<'a> Echoed<'a> {
    /// Those of a message: one pass over its fields, as far as they stand.
    pub fn of(headers: &'a Headers) -> Self {
        let (mut echoed, mut missing) = (Self::default(), 4);
        for (name, value) in headers.iter() {
            let field = match name {
                HeaderName::Via => &mut echoed.via,
                HeaderName::From => &mut echoed.from,
                HeaderName::CallId => &mut echoed.call_id,
                HeaderName::CSeq => &mut echoed.cseq,
                _ => continue,
            };
            if field.is_none() {
                *field = Some(&value[..]);
                missing -= 1;
            }
            if missing == 0 {
                break;
            }
        }
        echoed
    }
}

/// What a server added to a Via that it gave back as it was.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Added<'a> {
    /// `received`.
    pub received: Option<&'a [u8]>,
    /// Whether `rport` has a value.
    pub rport: bool,
}

impl<'a> Added<'a> {
    /// Takes a parameter, when it is one that a server adds.
    fn take(&mut self, param: &'a [u8]) -> bool {
        if let Some(received) = param.strip_prefix(b"received=") {
            self.received = Some(received);
        } else if let Some(port) = param.strip_prefix(b"rport=") {
            self.rport = !port.is_empty();
        } else {
            return false;
        }
        true
    }
}

/// What was added to a Via, where it came back in the very bytes that were sent, whatever the order of its parameters.
/// `None` says nothing: then it is read by its meaning.
pub fn unchanged_via<'a>(sent: &[u8], came: &'a [u8]) -> Option<Added<'a>> {
    let (sent_by, params) = sent.split_at(memchr::memchr(b';', sent)?);
    if !params.starts_with(b";branch=") {
        return None;
    }
    // As a rule a server writes behind what was sent, in the place of its `rport`.
    let behind = came.strip_prefix(sent.strip_suffix(b";rport").unwrap_or(sent));
    if let Some(added) = behind.and_then(only_added) {
        return Some(added);
    }
    let (mut rest, branch) = (came.strip_prefix(sent_by)?, first_param(params)?);
    if memchr::memchr2(b',', b'"', rest).is_some() {
        return None;
    }
    let (mut added, mut has_branch) = (Added::default(), false);
    while !rest.is_empty() {
        let param = first_param(rest)?;
        rest = &rest[1 + param.len()..];
        has_branch |= param == branch;
        added.take(param);
    }
    has_branch.then_some(added)
}

/// The parameters of a Via that are nothing but what a server adds, in any order.
fn only_added(mut params: &[u8]) -> Option<Added<'_>> {
    let mut added = Added::default();
    while !params.is_empty() {
        let behind = params.strip_prefix(b";")?;
        let end = behind.iter().position(|byte| matches!(byte, b';' | b',' | b'"')).unwrap_or(behind.len());
        let (param, rest) = behind.split_at(end);
        if !added.take(param) && param != b"rport" {
            return None;
        }
        params = rest;
    }
    Some(added)
}

/// The parameter behind the semicolon that the text begins with.
fn first_param(text: &[u8]) -> Option<&[u8]> {
    let behind = text.strip_prefix(b";")?;
    behind.get(..memchr::memchr(b';', behind).unwrap_or(behind.len()))
}

/// The part of a text before the first such byte outside quotes.
fn until(text: &str, byte: u8) -> &str {
    let Some(first) = memchr::memchr2(byte, b'"', text.as_bytes()) else { return text };
    if text.as_bytes().get(first) == Some(&byte) {
        return text.get(..first).unwrap_or(text);
    }
    let (mut quoted, mut escaped) = (false, false);
    let end = text.bytes().position(|it| {
        let ends = it == byte && !quoted;
        if escaped {
            escaped = false;
        } else if quoted && it == b'\\' {
            escaped = true;
        } else if it == b'"' {
            quoted = !quoted;
        }
        ends
    });
    end.and_then(|end| text.get(..end)).unwrap_or(text)
}

/// `host`, `host:port`, `[v6]`, `[v6]:port`.
fn host_port(text: &str) -> Option<(&str, Option<u16>)> {
    let colon = match text.strip_prefix('[') {
        Some(_) => text.find(']').map(|end| end + 1).filter(|end| text.len() > *end),
        None => text.find(':'),
    };
    let (host, port) = match colon {
        None => (text, None),
        Some(colon) => (text.get(..colon)?, Some(text.get(colon..)?.strip_prefix(':')?.trim().parse().ok()?)),
    };
    (!host.is_empty()).then_some((host.trim_end(), port))
}

/// Host and port of the `sip:` address in a header's value; `None` for another scheme, or nothing that can be read.
pub fn uri_host(value: &str) -> Option<(&str, Option<u16>)> {
    let unquoted = until_open(value);
    let uri = unquoted.map_or(value, |open| value.get(open + 1..).unwrap_or_default());
    let uri = uri.split('>').next().unwrap_or(uri).trim();
    let scheme = uri.find(':')?;
    let rest = uri.get(scheme + 1..)?;
    if !["sip", "sips"].iter().any(|known| uri.get(..scheme).is_some_and(|it| it.eq_ignore_ascii_case(known))) {
        return None;
    }
    let host = rest.rfind('@').map_or(rest, |at| rest.get(at + 1..).unwrap_or_default());
    host_port(host.split([';', '?']).next().unwrap_or(host).trim())
}

/// Where the `<` of an address stands, behind its display name.
fn until_open(value: &str) -> Option<usize> {
    let before = until(value, b'<');
    (before.len() < value.len()).then_some(before.len())
}

/// The value of the first field of that name as text.
pub fn text<'a>(headers: &'a Headers, name: &HeaderName) -> Option<&'a str> {
    std::str::from_utf8(headers.first(name)?).ok()
}

/// The first line of a session description that begins with this letter.
pub fn line(body: &[u8], letter: u8) -> Option<&str> {
    std::str::from_utf8(lines(body, letter).next()?).ok()
}

/// The lines of a session description that begin with this letter, without their ends. It is looked for by the letter, which
/// stands in few other places.
pub fn lines(body: &[u8], letter: u8) -> impl Iterator<Item = &[u8]> {
    let begins = move |at: &usize| body.get(at + 1) == Some(&b'=') && body[..*at].last().is_none_or(|it| *it == b'\n');
    memchr::memchr_iter(letter, body).filter(begins).map(|at| {
        let line = &body[at..];
        line[..memchr::memchr(b'\n', line).unwrap_or(line.len())].trim_ascii_end()
    })
}

/// An address literal, in brackets or without.
pub fn address(text: &str) -> Option<IpAddr> {
    let read = || text.trim_matches(['[', ']']).parse::<IpAddr>().ok().map(|address| address.to_canonical());
    dotted(text.as_bytes()).map(IpAddr::V4).or_else(read)
}

/// The same of bytes.
pub fn address_in(bytes: &[u8]) -> Option<IpAddr> {
    dotted(bytes).map(IpAddr::V4).or_else(|| address(std::str::from_utf8(bytes).ok()?))
}

/// An IPv4 address, as nearly all are: four numbers, none with zeros in front.
fn dotted(bytes: &[u8]) -> Option<Ipv4Addr> {
    let (mut bits, mut dots, mut octet, mut digits) = (0u32, 0, 0u32, 0);
    for byte in bytes {
        let digit = byte.wrapping_sub(b'0');
        if digit < 10 {
            octet = octet.wrapping_mul(10).wrapping_add(digit.into());
            digits += 1;
        } else if *byte == b'.' && is_octet(octet, digits) {
            bits = bits << 8 | octet;
            (dots, octet, digits) = (dots + 1, 0, 0);
        } else {
            return None;
        }
    }
    (dots == 3 && is_octet(octet, digits)).then(|| Ipv4Addr::from_bits(bits << 8 | octet))
}

const fn is_octet(octet: u32, digits: usize) -> bool {
    match digits {
        1 => true,
        2 => octet >= 10,
        3 => octet >= 100 && octet <= 255,
        _ => false,
    }
}

/// A number of at most nine digits.
pub fn number(bytes: &[u8]) -> Option<usize> {
    let digits = (1..=9).contains(&bytes.len()) && bytes.iter().all(u8::is_ascii_digit);
    digits.then(|| bytes.iter().fold(0, |number, digit| 10 * number + usize::from(digit - b'0')))
}

/// An IPv4 address whose numbers may be written with zeros in front, as probe V2 writes it.
pub fn padded_address(text: &str) -> Option<IpAddr> {
    if let Some(plain) = address(text) {
        return Some(plain);
    }
    let mut octets = [0u8; 4];
    let mut parts = text.split('.');
    for octet in &mut octets {
        let part = parts.next().filter(|part| (1..=3).contains(&part.len()))?;
        *octet = part.bytes().all(|byte| byte.is_ascii_digit()).then(|| part.parse().ok())??;
    }
    parts.next().is_none().then(|| octets.into())
}

/// Whether two hosts are the same: addresses by value, names without case.
pub fn same_host(one: &str, two: &str) -> bool {
    one.eq_ignore_ascii_case(two) || address(one).is_some_and(|it| address(two) == Some(it))
}

/// Whether an address is one that the internet does not carry (RFC 1918, RFC 6598, RFC 4193, link-local, loopback).
pub fn is_private(address: IpAddr) -> bool {
    match address.to_canonical() {
        IpAddr::V4(v4) => {
            let [first, second, ..] = v4.octets();
            v4.is_private() || v4.is_link_local() || v4.is_loopback() || (first == 100 && (64..128).contains(&second))
        }
        IpAddr::V6(v6) => v6.is_loopback() || v6.is_unique_local() || v6.is_unicast_link_local(),
    }
}

/// Whether a text holds an address as a word of its own: 10.0.0.1 is not in 110.0.0.12.
pub fn holds_address(bytes: &[u8], address: IpAddr) -> bool {
    let mut buffer = [0u8; 64];
    let needle = written(address, &mut buffer);
    let word = |byte: Option<&u8>| byte.is_some_and(|byte| byte.is_ascii_alphanumeric() || *byte == b'.');
    memchr::memmem::find_iter(bytes, needle).any(|at| {
        let before = at.checked_sub(1).and_then(|before| bytes.get(before));
        let behind = bytes.get(at + needle.len());
        let sentence_ends = behind == Some(&b'.') && !bytes.get(at + needle.len() + 1).is_some_and(u8::is_ascii_digit);
        !word(before) && (!word(behind) || sentence_ends)
    })
}

fn written(address: IpAddr, buffer: &mut [u8; 64]) -> &[u8] {
    use std::io::Write as _;
    let mut rest = &mut buffer[..];
    // An address is at most 45 characters.
    let _ = write!(rest, "{address}");
    let left = rest.len();
    &buffer[..64 - left]
}

/// A name for a text that is the same on every run: FNV-1a's steps, eight bytes at a time.
pub fn hash(parts: &[&[u8]]) -> u64 {
    let mut hash = 0xcbf2_9ce4_8422_2325u64;
    let mut take = |word: u64| {
        hash = (hash ^ word).wrapping_mul(0x9e37_79b9_7f4a_7c15);
        hash ^= hash >> 32;
    };
    for part in parts {
        let (words, rest) = part.as_chunks();
        words.iter().for_each(|word| take(u64::from_le_bytes(*word)));
        take(rest.iter().fold(0, |word, byte| word << 8 | u64::from(*byte)));
        take(part.len() as u64);
    }
    hash
}

#[cfg(test)]
mod tests {
    use centrale_sip::message::{NameAddr, Via};
    use proptest::prelude::*;

    use super::*;

    /// Whatever `centrale-sip` reads as a Via, the borrowed view reads in the same way.
    fn holds_to_the_grammar(text: &str) {
        let Some(via) = Via::parse(text) else { return };
        let view = ViaView::of(text).expect(text);
        assert!(same_host(view.host, &via.host.to_string()), "{text}");
        assert_eq!(view.port, via.port, "{text}");
        assert_eq!(view.branch, via.branch(), "{text}");
        assert_eq!(view.received_address(), via.received().map(|it| it.to_canonical()), "{text}");
    }

    #[test]
    fn a_via_is_read_as_the_protocol_reads_it() {
        for text in [
            "SIP/2.0/UDP 192.168.1.50:25060;branch=z9hG4bK1;rport=25060;received=203.0.113.2",
            "SIP / 2.0 / UDP  first.example.com: 4000 ;ttl=16 ; maddr=224.2.0.1 ;branch=z9hG4bKa7c6a8dlze.1",
            "SIP/2.0/TCP [2001:db8::1]:5060;received=[2001:db8::9];branch=z9hG4bKx",
            "SIP/2.0/UDP box;x=\"a;b,c\";branch=z9hG4bKy",
        ] {
            holds_to_the_grammar(text);
            assert!(Via::parse(text).is_some(), "{text}");
        }
    }

    proptest! {
        #[test]
        fn no_via_is_read_differently(
            host in "[a-z0-9.]{1,12}|\\[::1\\]", port in proptest::option::of(0u16..), gap in " {1,2}",
            params in proptest::collection::vec("(branch|received|rport|x|Branch)(=([a-z0-9.]{0,9}|\"[a-z;,]{0,4}\"))?", 0..4),
        ) {
            let port = port.map(|port| format!(":{port}")).unwrap_or_default();
            let params: String = params.iter().map(|param| format!("{}; {param}", &gap[1..])).collect();
            holds_to_the_grammar(&format!("SIP/2.0/UDP{gap}{host}{port}{params}"));
        }

        #[test]
        fn what_is_known_unread_means_the_same_when_it_is_read(
            params in proptest::collection::vec("(branch=z9hG4bK[12]|received=[0-9.]{1,4}|rport(=[0-9]{0,2})?|[a-z]{1,2})", 0..4),
        ) {
            let sent = "SIP/2.0/UDP 10.0.0.1:5060;branch=z9hG4bK1;rport";
            let came = format!("SIP/2.0/UDP 10.0.0.1:5060;{}", params.join(";"));
            if let Some(added) = unchanged_via(sent.as_bytes(), came.as_bytes()) && Via::parse(&came).is_some() {
                let (sent, view) = (ViaView::of(sent).unwrap(), ViaView::of(&came).unwrap());
                prop_assert!(view.same_sent_by(&sent) && view.branch == sent.branch, "{}", came);
                prop_assert_eq!(added.received, view.received.map(str::as_bytes));
                prop_assert_eq!(added.rport, view.rport.is_some_and(|port| !port.is_empty()));
            }
        }

        #[test]
        fn no_address_is_read_differently(
            name in "(\"[a-z <>@;]{0,6}\" )?", user in "([a-z;=0-9]{1,8}@)?", host in "[a-z0-9.]{1,9}",
            port in proptest::option::of(1u16..), params in "(;[a-z]{1,5}(=[a-z0-9.]{1,4})?)?",
        ) {
            let port = port.map(|port| format!(":{port}")).unwrap_or_default();
            let text = format!("{name}<sip:{user}{host}{port}{params}>;tag=1");
            if let Some(uri) = NameAddr::parse(&text).as_ref().and_then(NameAddr::sip) {
                let (host, port) = uri_host(&text).expect(&text);
                prop_assert!(same_host(host, &uri.host.to_string()), "{}", text);
                prop_assert_eq!(port, uri.port, "{}", text);
            }
        }
    }

    #[test]
    fn a_via_in_the_same_bytes_is_known_without_reading_it() {
        let sent = b"SIP/2.0/UDP 192.168.1.50:5060;branch=z9hG4bK1;rport";
        let added = |came: &'static [u8]| unchanged_via(sent, came).map(|it| (it.received, it.rport));
        let known = Some((Some(&b"203.0.113.2"[..]), true));
        assert_eq!(added(b"SIP/2.0/UDP 192.168.1.50:5060;branch=z9hG4bK1;rport=5060;received=203.0.113.2"), known);
        assert_eq!(added(b"SIP/2.0/UDP 192.168.1.50:5060;rport=5060;received=203.0.113.2;branch=z9hG4bK1"), known);
        assert_eq!(added(sent), Some((None, false)));
        assert_eq!(added(b"SIP/2.0/UDP 203.0.113.2:5060;branch=z9hG4bK1;rport"), None);
        assert_eq!(added(b"SIP/2.0/UDP 192.168.1.50:50601;branch=z9hG4bK1;rport"), None);
        assert_eq!(added(b"SIP/2.0/UDP 192.168.1.50:5060;branch=z9hG4bK12;rport"), None);
        assert_eq!(added(b"SIP/2.0/UDP 192.168.1.50:5060;branch=z9hG4bK1, SIP/2.0/UDP a"), None);
    }

    #[test]
    fn an_address_is_found_as_a_word_only() {
        let own = "10.0.0.1".parse().unwrap();
        assert!(holds_address(b"received=10.0.0.1;x", own));
        assert!(holds_address(b"from 10.0.0.1.", own));
        assert!(!holds_address(b"received=110.0.0.1", own));
        assert!(!holds_address(b"received=10.0.0.12 10.0.0.1.5", own));
    }

    #[test]
    fn a_number_is_digits_and_nothing_else() {
        assert_eq!(number(b"0142"), Some(142));
        assert!([&b""[..], b"+1", b" 1", b"1a", b"1234567890"].iter().all(|text| number(text).is_none()));
    }

    proptest! {
        #[test]
        fn an_address_is_read_as_the_library_reads_it(
            octets in proptest::collection::vec("0?[0-9]{0,3}", 3..6), around in "\\[?", v6 in proptest::num::u128::ANY,
        ) {
            let v6 = std::net::Ipv6Addr::from(v6);
            for text in [octets.join("."), format!("{around}{}", octets.join(".")), format!("[{v6}]"), v6.to_string()] {
                let expected = text.trim_matches(['[', ']']).parse::<IpAddr>().ok().map(|it| it.to_canonical());
                prop_assert_eq!(address(&text), expected, "{}", text);
                prop_assert_eq!(address_in(text.as_bytes()), expected, "{}", text);
            }
        }
    }

    #[test]
    fn zeros_in_front_are_read_where_a_probe_wrote_them() {
        assert_eq!(padded_address("192.168.001.050"), "192.168.1.50".parse().ok());
        assert_eq!(padded_address("192.168.001"), None);
        assert_eq!(padded_address("192.168.001.0500"), None);
    }
}
