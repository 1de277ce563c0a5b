//! F2 (section 8): `received` is our own private address, though the server is not in a private network and cannot have
//! seen it. Certain: Linux maps `received` back with the rest. A trunk over a VPN may name it rightly, and a server that copies
//! sent-by into `received` names it unseen; so it counts only after V0 has shown that this server sees a public address.

use super::Found;
use super::watch::Ends;
use crate::view::{ViaView, is_private};

pub(super) fn check<'a>(ends: &Ends, sent: &ViaView<'a>, came: &ViaView<'a>) -> Option<Found<'a>> {
    let own = ends.local.ip().to_canonical();
    let impossible = is_private(own) && !ends.is_near() && came.received_address() == Some(own);
    impossible.then(|| Found::new(sent.text, came.text))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_far_server_cannot_have_seen_our_private_address() {
        let via =
            ViaView::of("SIP/2.0/UDP 192.168.1.50:5060;branch=z9hG4bK1;rport=5060;received=192.168.1.50").unwrap();
        let far = Ends::new("192.168.1.50:5060".parse().unwrap(), "198.51.100.10:5060".parse().unwrap());
        assert!(check(&far, &via, &via).is_some());
        let over_a_vpn = Ends { remote: "10.8.0.1:5060".parse().unwrap(), ..far };
        assert!(check(&over_a_vpn, &via, &via).is_none());
        assert!(check(&Ends { near: true, ..far }, &via, &via).is_none());
    }
}
