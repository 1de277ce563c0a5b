//! The probes' messages, written by hand: what matters is how an address is *spelled*, which the protocol's own writer would
//! put right.

use std::fmt::Write as _;
use std::net::{IpAddr, Ipv4Addr};

use bytes::Bytes;
use centrale_sip::flow::Transport;

/// Methods that every server answers in some way; any answer echoes what is to be seen.
pub(super) const METHODS: [&str; 3] = ["OPTIONS", "REGISTER", "BYE"];

const LONG: [&str; 5] = ["Via", "From", "To", "Call-ID", "Content-Length"];

/// One message to be written.
#[derive(Debug, Clone)]
pub(super) struct Draft {
    pub(super) method: &'static str,
    pub(super) transport: Transport,
    /// The Request-URI, without scheme.
    pub(super) uri: String,
    /// Sent-by of Via.
    pub(super) via: String,
    /// Host and port of From.
    pub(super) from: String,
    /// Host and port of To.
    pub(super) to: String,
    /// What stands behind the token in Call-ID, with its `@`.
    pub(super) call_id: String,
    pub(super) user: String,
    /// Who is asked for in To, where it is somebody else.
    pub(super) called: Option<String>,
    pub(super) token: String,
    pub(super) cseq: u32,
    pub(super) max_forwards: u8,
    /// Whole header lines.
    pub(super) lines: Vec<String>,
    pub(super) body: String,
    /// Bytes that the message shall have at least.
    pub(super) size: usize,
    /// Compact names of header fields (RFC 3261 7.3.3): whoever writes them out is seen.
    pub(super) compact: bool,
}

impl Draft {
    pub(super) fn to_bytes(&self) -> Bytes {
        let written = self.write(0);
        let missing = self.size.saturating_sub(written.len());
        if missing == 0 { written.into() } else { self.write(missing).into() }
    }

    fn write(&self, padding: usize) -> String {
        let Self { method, uri, via, from, to, call_id, user, token, cseq, max_forwards, .. } = self;
        let transport = self.transport.in_via();
        let called = self.called.as_ref().unwrap_or(user);
        let [v, f, t, i, l] = if self.compact { ["v", "f", "t", "i", "l"] } else { LONG };
        let mut out = format!(
            "{method} sip:{uri} SIP/2.0\r\n{v}: SIP/2.0/{transport} {via};branch=z9hG4bK{token};rport\r\n\
             Max-Forwards: {max_forwards}\r\n{f}: <sip:{user}@{from}>;tag=p{token}\r\n{t}: <sip:{called}@{to}>\r\n\
             {i}: {token}{call_id}\r\nCSeq: {cseq} {method}\r\n"
        );
        for line in &self.lines {
            out.extend([line, "\r\n"]);
        }
        if !self.body.is_empty() {
            out.push_str("Content-Type: application/sdp\r\n");
        }
        if padding > 0 {
            // "X-Pad: " and the line's end are nine bytes.
            let _ = write!(out, "X-Pad: {}\r\n", "x".repeat(padding.saturating_sub(9).max(1)));
        }
        let _ = write!(out, "{l}: {}\r\n\r\n{}", self.body.len(), self.body);
        out
    }
}

/// The ACK of a final answer to an INVITE of ours, or the CANCEL of one that rings on (RFC 3261 17.1.1.3, 9.1).
pub(super) fn follow_up(method: &str, invite: &[u8], to: &[u8]) -> Option<Bytes> {
    let text = std::str::from_utf8(invite).ok()?;
    let head = text.split("\r\n\r\n").next()?;
    let mut out = String::with_capacity(head.len());
    for (index, line) in head.split("\r\n").enumerate() {
        let name = line.split(':').next().unwrap_or_default();
        match name {
            _ if index == 0 => out.push_str(&line.replacen("INVITE", method, 1)),
            "Via" | "From" | "Call-ID" => out.push_str(line),
            "Max-Forwards" => out.push_str("Max-Forwards: 70"),
            "CSeq" => out.push_str(&line.replacen("INVITE", method, 1)),
            "To" if method == "ACK" => out.extend(["To: ", std::str::from_utf8(to).ok()?]),
            "To" => out.push_str(line),
            _ => continue,
        }
        out.push_str("\r\n");
    }
    out.push_str("Content-Length: 0\r\n\r\n");
    Some(out.into())
}

/// `host:port`, an IPv6 address in brackets.
pub(super) fn at(address: IpAddr, port: u16) -> String {
    std::net::SocketAddr::new(address, port).to_string()
}

/// An address with zeros in front of its numbers: Linux reads it as the address and writes it without them. An IPv6 address
/// has no such spelling.
pub(super) fn padded(address: IpAddr) -> Option<String> {
    match address.to_canonical() {
        IpAddr::V4(v4) => {
            let [a, b, c, d] = v4.octets();
            let text = format!("{a:03}.{b:03}.{c:03}.{d:03}");
            (text != v4.to_string()).then_some(text)
        }
        IpAddr::V6(_) => None,
    }
}

/// A short session description. `family` and `host` make the c= line.
pub(super) fn description(origin: IpAddr, family: &str, host: &str, port: u16) -> String {
    let kind = if origin.is_ipv4() { "IP4" } else { "IP6" };
    format!("v=0\r\no=- 1 1 IN {kind} {origin}\r\ns=-\r\nc=IN {family} {host}\r\nt=0 0\r\nm=audio {port} RTP/AVP 8\r\n")
}

/// The same for an address, in its own family.
pub(super) fn plain_description(address: IpAddr, port: u16) -> String {
    description(address, if address.is_ipv4() { "IP4" } else { "IP6" }, &address.to_string(), port)
}

/// An address of documentation (RFC 3849) that nothing routes.
pub(super) const NOWHERE_V6: &str = "2001:db8::77";
/// The same in IPv4 (RFC 5737), for a box that speaks IPv6.
pub(super) const NOWHERE_V4: Ipv4Addr = Ipv4Addr::new(192, 0, 2, 77);

#[cfg(test)]
mod tests {
    use centrale_sip::message::scan_datagram;

    use super::*;

    fn draft() -> Draft {
        Draft {
            method: "INVITE",
            transport: Transport::Udp,
            uri: "x1@sip.example.net".into(),
            via: "192.168.1.50:25060".into(),
            from: "sip.example.net".into(),
            to: "sip.example.net".into(),
            call_id: String::new(),
            user: "x1".into(),
            called: None,
            token: "abc".into(),
            cseq: 1,
            max_forwards: 0,
            lines: vec!["Contact: <sip:x1@192.168.1.50:25060>".into()],
            body: plain_description("192.168.1.50".parse().unwrap(), 40000),
            size: 0,
            compact: false,
        }
    }

    #[test]
    fn what_is_written_is_a_message() {
        let message = scan_datagram(&draft().to_bytes()).unwrap();
        assert_eq!(message.validate(), Ok(()));
        let large = Draft { size: 2_000, ..draft() }.to_bytes();
        assert_eq!(scan_datagram(&large).unwrap().validate(), Ok(()));
        assert_eq!(large.len(), 2_000);
    }

    #[test]
    fn an_answered_invite_is_acknowledged_in_its_own_transaction() {
        let ack = follow_up("ACK", &draft().to_bytes(), b"<sip:x1@sip.example.net>;tag=s1").unwrap();
        let message = scan_datagram(&ack).unwrap();
        assert_eq!(message.validate(), Ok(()));
        assert_eq!(message.headers().to_tag().as_deref(), Some("s1"));
        assert_eq!(message.headers().top_via().unwrap().branch(), Some("z9hG4bKabc"));
    }

    #[test]
    fn an_address_without_room_for_zeros_is_not_padded() {
        assert_eq!(padded("192.168.1.50".parse().unwrap()).as_deref(), Some("192.168.001.050"));
        assert_eq!(padded("192.168.111.150".parse().unwrap()), None);
        assert_eq!(padded("fd00::1".parse().unwrap()), None);
    }
}
