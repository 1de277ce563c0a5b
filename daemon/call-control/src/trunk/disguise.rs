//! Messages to a provider in which nothing is left for a router to recognise (reference, section 10): a host name of our own in
//! Via, our public address in Contact and in the session description. Put on as the last thing before a message leaves, and
//! taken off as the first when one comes, so that nothing within the exchange knows of it.

use std::net::{IpAddr, SocketAddr};

use bytes::Bytes;

/// What one trunk hides, and behind what.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Disguise {
    /// A name that nobody else has, in a domain that nobody can have (RFC 2606).
    pub(crate) name: String,
    /// Our address on this side of the router, as our messages name it.
    pub(crate) own: SocketAddr,
    /// Where the provider sees us.
    pub(crate) public: SocketAddr,
}

impl Disguise {
    /// What is written in place of our address in Via.
    pub(crate) fn sent_by(&self) -> String {
        format!("{}:{}", self.name, self.own.port())
    }

    /// Whether a message answers what left in it.
    pub(crate) fn is_named_in(&self, bytes: &[u8]) -> bool {
        std::str::from_utf8(bytes).is_ok_and(|text| text.contains(&self.name))
    }

    /// A message of ours as it leaves.
    pub(crate) fn dress(&self, bytes: &Bytes) -> Bytes {
        let Some((head, body)) = split(bytes) else { return bytes.clone() };
        let (own, public) = (self.own.to_string(), format!("@{}", self.public));
        let body = self.described(body);
        let mut is_first_via = true;
        let mut out = String::with_capacity(bytes.len() + 128);
        for line in head.split("\r\n") {
            let name = line.split(':').next().unwrap_or_default();
            match name {
                // Those below it are of whom we answer.
                "Via" if is_first_via => {
                    is_first_via = false;
                    out.push_str(&line.replacen(&own, &self.sent_by(), 1));
                }
                "Contact" => out.push_str(&line.replace(&format!("@{own}"), &public)),
                "Content-Length" => out.push_str(&format!("Content-Length: {}", body.len())),
                _ => out.push_str(line),
            }
            out.push_str("\r\n");
        }
        out.push_str("\r\n");
        out.push_str(&body);
        out.into()
    }

    /// The description's addresses; the ports stay, and a provider sends to where our packets come from.
    fn described(&self, body: &str) -> String {
        let (own, public) = (format!("IN IP4 {}", self.own.ip()), format!("IN IP4 {}", self.public.ip()));
        let line = |line: &str| {
            let names_us = line.starts_with("o=") || line.starts_with("c=");
            if names_us && line.trim_end().ends_with(&own) { line.replacen(&own, &public, 1) } else { line.to_owned() }
        };
        body.split_inclusive('\n').map(line).collect()
    }

    /// A message of the provider as it would have come without.
    pub(crate) fn undress(&self, bytes: &Bytes) -> Bytes {
        let Some((head, body)) = split(bytes) else { return bytes.clone() };
        let (own, public) = (self.own.to_string(), self.public.to_string());
        if !head.contains(&self.name) && !head.contains(&public) {
            return bytes.clone();
        }
        let mut out = String::with_capacity(bytes.len());
        for line in head.split("\r\n") {
            let line = line.replace(&self.sent_by(), &own).replace(&self.name, &self.own.ip().to_string());
            let name = line.split(':').next().unwrap_or_default().to_ascii_lowercase();
            if matches!(name.as_str(), "contact" | "m") {
                out.push_str(&line.replace(&format!("@{public}"), &format!("@{own}")));
            } else {
                out.push_str(&line);
            }
            out.push_str("\r\n");
        }
        out.push_str("\r\n");
        out.push_str(body);
        out.into()
    }
}

/// Head and body, where both are text, as ours always are.
fn split(bytes: &[u8]) -> Option<(&str, &str)> {
    std::str::from_utf8(bytes).ok()?.split_once("\r\n\r\n")
}

/// Whether there is anything to hide: one private IPv4 address, and another one that the provider sees.
pub(crate) fn can_hide(own: SocketAddr, public: SocketAddr) -> bool {
    let is_private = |ip: IpAddr| matches!(ip, IpAddr::V4(ip) if ip.is_private());
    is_private(own.ip()) && public.is_ipv4() && !is_private(public.ip())
}

#[cfg(test)]
mod tests {
    use centrale_sip::message::scan_datagram;

    use super::*;

    fn disguise() -> Disguise {
        Disguise {
            name: "box-1.invalid".into(),
            own: "192.168.1.10:5060".parse().unwrap(),
            public: "198.51.100.77:25060".parse().unwrap(),
        }
    }

    const INVITE: &str = "INVITE sip:1@sip.example SIP/2.0\r\nVia: SIP/2.0/UDP 192.168.1.10:5060;branch=z9hG4bK1;rport\r\n\
        From: <sip:o@sip.example>;tag=1\r\nTo: <sip:1@sip.example>\r\nCall-ID: c\r\nCSeq: 1 INVITE\r\n\
        Contact: <sip:ab@192.168.1.10:5060>\r\nContent-Type: application/sdp\r\nContent-Length: 119\r\n\r\n\
        v=0\r\no=- 1 1 IN IP4 192.168.1.10\r\ns=-\r\nc=IN IP4 192.168.1.10\r\nt=0 0\r\nm=audio 10000 RTP/AVP 8\r\n\
        a=rtpmap:8 PCMA/8000\r\n";

    #[test]
    fn what_leaves_names_no_private_address_and_is_still_a_message() {
        let dressed = disguise().dress(&Bytes::from_static(INVITE.as_bytes()));
        let text = std::str::from_utf8(&dressed).unwrap();
        assert!(!text.contains("192.168."), "{text}");
        assert!(text.contains("Via: SIP/2.0/UDP box-1.invalid:5060;branch=z9hG4bK1;rport\r\n"), "{text}");
        assert!(text.contains("Contact: <sip:ab@198.51.100.77:25060>\r\n"), "{text}");
        assert!(text.contains("o=- 1 1 IN IP4 198.51.100.77\r\n") && text.contains("m=audio 10000 "), "{text}");
        assert_eq!(scan_datagram(&dressed).unwrap().validate(), Ok(()));
    }

    #[test]
    fn what_comes_back_is_as_if_nothing_had_been_hidden() {
        let answer = "SIP/2.0 200 OK\r\nVia: SIP/2.0/UDP box-1.invalid:5060;branch=z9hG4bK1;rport=25060;received=198.51.100.77\r\n\
            Contact: <sip:ab@198.51.100.77:25060>;expires=60\r\nContent-Length: 0\r\n\r\n";
        let came = disguise().undress(&Bytes::from_static(answer.as_bytes()));
        let text = std::str::from_utf8(&came).unwrap();
        assert!(
            text.contains("UDP 192.168.1.10:5060;branch=z9hG4bK1;rport=25060;received=198.51.100.77\r\n"),
            "{text}"
        );
        assert!(text.contains("Contact: <sip:ab@192.168.1.10:5060>;expires=60\r\n"), "{text}");
        let other = Bytes::from_static(b"OPTIONS sip:a@b SIP/2.0\r\nContent-Length: 0\r\n\r\n");
        assert_eq!(disguise().undress(&other), other);
    }

    #[test]
    fn an_answer_of_ours_keeps_the_vias_of_who_asked() {
        let answer = "SIP/2.0 200 OK\r\nVia: SIP/2.0/UDP 203.0.113.5;branch=z9hG4bK9\r\nContact: <sip:ab@192.168.1.10:5060>\r\n\
            Content-Length: 0\r\n\r\n";
        let dressed = disguise().dress(&Bytes::from_static(answer.as_bytes()));
        let text = std::str::from_utf8(&dressed).unwrap();
        assert!(text.contains("Via: SIP/2.0/UDP 203.0.113.5;branch=z9hG4bK9\r\n"), "{text}");
        assert!(text.contains("@198.51.100.77:25060"), "{text}");
    }

    #[test]
    fn bytes_that_are_no_text_are_left_alone() {
        let noise = Bytes::from_static(b"\xff\xfe\r\n\r\n\xff");
        assert_eq!((disguise().dress(&noise), disguise().undress(&noise)), (noise.clone(), noise));
    }
}
