//! F1 (section 8): the top Via of an answer is not the one that was sent. Certain: a server copies it (RFC 3261 8.2.6.2) and
//! adds `received` and `rport` only. Linux undoes its own change on the way back; this sees the others.

use super::Found;
use crate::view::ViaView;

pub(super) fn check<'a>(sent: &ViaView<'a>, came: &ViaView<'a>) -> Option<Found<'a>> {
    let same = came.branch == sent.branch && came.same_sent_by(sent);
    (!same).then(|| Found::new(sent.text, came.text))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn differs(sent: &str, came: &str) -> bool {
        check(&ViaView::of(sent).unwrap(), &ViaView::of(came).unwrap()).is_some()
    }

    #[test]
    fn order_case_and_what_a_server_adds_are_no_change() {
        let sent = "SIP/2.0/UDP 192.168.1.50:5060;branch=z9hG4bK1;rport";
        assert!(!differs(sent, "SIP/2.0/UDP 192.168.1.50;received=203.0.113.2;rport=5060;Branch=z9hG4bK1"));
        assert!(differs(sent, "SIP/2.0/UDP 203.0.113.2:5060;branch=z9hG4bK1;rport=5060"));
        assert!(differs(sent, "SIP/2.0/UDP 192.168.1.50:5061;branch=z9hG4bK1"));
    }
}
