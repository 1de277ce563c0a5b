//! F10 (section 8): the session description that came holds our own LAN or WAN address, where the far end's should be.
//! Medium: a call that comes back to ourselves holds it rightly, and so does one of a neighbour behind the same router; a call in which
//! all is heard takes it back.

use std::net::IpAddr;

use super::Found;
use super::watch::Ends;
use crate::view::{address_in, is_private, lines};

pub(super) fn check<'a>(ends: &Ends, body: &'a [u8]) -> Option<Found<'a>> {
    let lan = Some(ends.local.ip().to_canonical()).filter(|lan| is_private(*lan) && !ends.is_near());
    if lan.is_none() && ends.public.is_none() {
        return None;
    }
    let ours = |it: IpAddr| Some(it) == lan || Some(it) == ends.public;
    let held = lines(body, b'c').next()?;
    let said = held.get(memchr::memrchr(b' ', held)? + 1..).and_then(address_in);
    said.filter(|it| ours(*it))?;
    Some(Found::new("the far end's address", held))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sound_that_should_go_to_ourselves_is_a_sign() {
        let ends = Ends {
            public: "203.0.113.2".parse().ok(),
            ..Ends::new("192.168.1.50:5060".parse().unwrap(), "198.51.100.10:5060".parse().unwrap())
        };
        assert!(check(&ends, b"v=0\r\nc=IN IP4 192.168.1.50\r\n").is_some());
        assert!(check(&ends, b"v=0\r\nc=IN IP4 203.0.113.2\r\n").is_some());
        assert!(check(&ends, b"v=0\r\nc=IN IP4 198.51.100.20\r\n").is_none());
        assert!(check(&ends, b"").is_none());
    }
}
