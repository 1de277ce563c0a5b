//! F3 (section 8): the host of From, the Call-ID or the CSeq of an answer is not what was sent. Certain: a server echoes
//! them. The *port* of From is not compared: Asterisk drops it (measured), nor is To, which a server may tag and complete.

use centrale_sip::message::{HeaderName, Headers};

use super::Found;
use crate::view::{same_host, uri_host};

pub(super) fn check<'a>(sent: &'a Headers, came: &'a Headers) -> Option<Found<'a>> {
    [HeaderName::CallId, HeaderName::CSeq, HeaderName::From].iter().find_map(|name| {
        let (sent, came) = (sent.first(name)?, came.first(name)?);
        (sent != came && !same_meaning(name, sent, came)).then(|| Found::new(sent, came))
    })
}

fn same_meaning(name: &HeaderName, sent: &[u8], came: &[u8]) -> bool {
    let (Ok(sent), Ok(came)) = (std::str::from_utf8(sent), std::str::from_utf8(came)) else { return true };
    match name {
        HeaderName::CSeq => sent.split_ascii_whitespace().eq(came.split_ascii_whitespace()),
        HeaderName::From => match (uri_host(sent), uri_host(came)) {
            (Some((one, _)), Some((two, _))) => same_host(one, two),
            // Another scheme, or nothing that we can read: no evidence.
            _ => true,
        },
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn differs(name: HeaderName, sent: &'static str, came: &'static str) -> bool {
        let (mut one, mut two) = (Headers::default(), Headers::default());
        one.push(name.clone(), sent);
        two.push(name, came);
        check(&one, &two).is_some()
    }

    #[test]
    fn the_port_of_from_may_be_dropped_and_its_host_may_not_change() {
        let sent = "<sip:31201234567@192.168.1.50:5060>;tag=a1";
        assert!(!differs(HeaderName::From, sent, "\"Office\" <sip:31201234567@192.168.1.50>;tag=a1"));
        assert!(!differs(HeaderName::From, "<sip:a@Example.COM>;tag=1", "<sip:a@example.com:5060>;tag=1"));
        assert!(differs(HeaderName::From, sent, "<sip:31201234567@203.0.113.2:5060>;tag=a1"));
    }

    #[test]
    fn call_id_and_cseq_come_back_as_they_were() {
        assert!(differs(HeaderName::CallId, "r77@192.168.1.50", "r77@203.0.113.2"));
        assert!(!differs(HeaderName::CSeq, "1 REGISTER", "1  REGISTER"));
        assert!(differs(HeaderName::CSeq, "1 REGISTER", "2 REGISTER"));
    }
}
