//! F12 (section 8): SIP comes with an IP TTL that differs by more than one from that of TLS or RTP of the same host. Weak:
//! anycast and load balancers do it. It asks for V11, which tells a router that answers by itself.

/// TTLs that one host's packets came with.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Hops {
    sip: Option<u8>,
    other: Option<u8>,
}

impl Hops {
    /// A packet's TTL: of plain SIP, or of something that cannot be answered by another (TLS, RTP of the same host).
    pub(super) fn note(&mut self, is_sip: bool, ttl: u8) {
        *(if is_sip { &mut self.sip } else { &mut self.other }) = Some(ttl);
    }

    /// The two, when they cannot belong to one host.
    pub(super) fn differ(&self) -> Option<(u8, u8)> {
        let (sip, other) = (self.sip?, self.other?);
        (sip.abs_diff(other) > 1).then_some((other, sip))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_hop_more_is_no_sign() {
        let mut hops = Hops::default();
        hops.note(true, 57);
        assert_eq!(hops.differ(), None);
        hops.note(false, 56);
        assert_eq!(hops.differ(), None);
        hops.note(true, 64);
        assert_eq!(hops.differ(), Some((56, 64)));
    }
}
