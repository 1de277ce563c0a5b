//! V14, on request only: our own number called through the trunk, once with a foreign address in the session description and
//! once with ours. The exchange makes the calls; here is what they mean.

use std::net::IpAddr;

use super::probe::{Finding, Outcome};
use crate::diagnosis::{Deed, Deeds, Direction};
use crate::view::{address, line};

/// The two descriptions of a call to ourselves: as they left, and as they arrived; `None` for a call that did not arrive.
#[derive(Debug, Clone, Copy)]
pub struct LoopCall<'a> {
    /// What the call offered.
    pub sent: &'a [u8],
    /// What our own number was offered.
    pub came: Option<&'a [u8]>,
}

/// What a foreign and our own description prove together. A provider that relays sound alters both, which says nothing.
pub fn loop_call(foreign: LoopCall<'_>, own: LoopCall<'_>) -> Outcome {
    let (Some(foreign_came), Some(own_came)) = (foreign.came, own.came) else { return Outcome::NotApplicable };
    let addresses = [foreign.sent, foreign_came, own.sent, own_came].map(addresses);
    let [Some(foreign_sent), Some(foreign_came), Some(own_sent), Some(came)] = addresses else {
        return Outcome::NotApplicable;
    };
    if foreign_sent != foreign_came {
        return Outcome::NotApplicable;
    }
    if own_sent == came {
        return Outcome::Clean;
    }
    let (expected, came) = (format!("{own_sent:?}"), format!("{came:?}"));
    let deeds = Deeds::of(&[Deed::RewritesSdp]);
    Outcome::Hit(Finding::new(deeds, Direction::Both, expected.as_bytes(), came.as_bytes()))
}

/// The addresses of o= and c=, also of a description that was cut short because somebody did not count it again.
fn addresses(body: &[u8]) -> Option<[Option<IpAddr>; 2]> {
    let of = |letter| Some(line(body, letter)?.rsplit(' ').next().and_then(address));
    Some([of(b'o')?, of(b'c')?])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn description(address: &str) -> String {
        format!("v=0\r\no=- 1 1 IN IP4 {address}\r\ns=-\r\nc=IN IP4 {address}\r\nt=0 0\r\nm=audio 40000 RTP/AVP 8\r\n")
    }

    fn judged(foreign_came: &str, own_came: &str) -> Outcome {
        let [foreign, own] = ["10.255.77.77", "192.168.1.50"].map(description);
        let [foreign_came, own_came] = [foreign_came, own_came].map(description);
        let call = |sent, came| LoopCall { sent, came: Some(came) };
        loop_call(call(foreign.as_bytes(), foreign_came.as_bytes()), call(own.as_bytes(), own_came.as_bytes()))
    }

    #[test]
    fn a_description_that_is_changed_for_our_address_alone_is_a_hit() {
        assert!(judged("10.255.77.77", "203.0.113.2").is_hit());
        assert_eq!(judged("10.255.77.77", "192.168.1.50"), Outcome::Clean);
    }

    #[test]
    fn a_description_that_was_changed_and_not_counted_again_is_a_hit_as_well() {
        let own = description("192.168.1.50");
        let changed = description("203.0.113.222");
        let cut = changed.as_bytes().get(..own.len()).unwrap();
        let foreign = description("10.255.77.77");
        let same = LoopCall { sent: foreign.as_bytes(), came: Some(foreign.as_bytes()) };
        assert!(loop_call(same, LoopCall { sent: own.as_bytes(), came: Some(cut) }).is_hit());
    }

    #[test]
    fn a_provider_that_relays_sound_is_no_hit() {
        assert_eq!(judged("198.51.100.20", "198.51.100.20"), Outcome::NotApplicable);
    }
}
