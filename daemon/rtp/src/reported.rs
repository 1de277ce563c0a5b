//! What a peer reports of the sound that it is sent (RFC 3550 6.4): whether any of it still arrives there.

use crate::rtcp::{Compound, Reports, RtcpPacket};

/// Packets that must have left between two reports before the second says anything: a second of sound.
const TELLING: u64 = 50;
/// Reports in a row that must say the same: one may be late.
const ENOUGH: u8 = 3;

/// What the newest reports of one peer say.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Reported {
    /// The highest number that it had heard by its last report, and how many packets had left to it by then.
    last: Option<(u32, u64)>,
    in_vain: u8,
}

impl Reported {
    /// Takes one datagram of the peer's. `sent`: packets that left to it so far.
    pub(crate) fn take(&mut self, compound: Compound<'_>, sent: u64) {
        for packet in compound.packets() {
            if let RtcpPacket::SenderReport { reports, .. } | RtcpPacket::ReceiverReport { reports, .. } = packet {
                self.report(reports, sent);
            }
        }
    }

    /// Of several sources the one that it heard last counts. Who reports on none says nothing: many never do.
    fn report(&mut self, reports: Reports<'_>, sent: u64) {
        let Some(highest) = reports.iter().map(|block| block.highest_sequence).max() else { return };
        match self.last {
            Some((before, at)) if before == highest && sent < at + TELLING => return,
            Some((before, _)) if before == highest => self.in_vain = self.in_vain.saturating_add(1),
            _ => self.in_vain = 0,
        }
        self.last = Some((highest, sent));
    }

    /// Whether nothing that was sent arrives there any more.
    pub(crate) const fn hears_nothing(self) -> bool {
        self.in_vain >= ENOUGH
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rtcp::parse_rtcp;

    /// A receiver report of one block.
    fn report(highest: u32) -> Vec<u8> {
        let mut bytes = vec![0x81, 201, 0, 7, 0, 0, 0, 1, 0, 0, 0, 2, 0, 0, 0, 0];
        bytes.extend(highest.to_be_bytes());
        bytes.extend([0; 12]);
        bytes
    }

    fn after(reports: &[(u32, u64)]) -> bool {
        let mut reported = Reported::default();
        for (highest, sent) in reports {
            reported.take(parse_rtcp(&report(*highest)).unwrap(), *sent);
        }
        reported.hears_nothing()
    }

    #[test]
    fn who_reports_three_times_that_nothing_new_came_hears_nothing() {
        assert!(!after(&[(100, 100), (100, 350), (100, 600)]));
        assert!(after(&[(100, 100), (100, 350), (100, 600), (100, 850)]));
        assert!(!after(&[(100, 100), (100, 350), (100, 600), (100, 850), (101, 1_100)]), "and hears again");
    }

    #[test]
    fn who_is_sent_nothing_need_not_hear_anything() {
        assert!(!after(&[(100, 100), (100, 110), (100, 120), (100, 130), (100, 140)]));
    }

    #[test]
    fn who_reports_on_nobody_says_nothing() {
        let mut reported = Reported::default();
        (1..10).for_each(|at| reported.take(parse_rtcp(&[0x80, 201, 0, 1, 0, 0, 0, 1]).unwrap(), at * 250));
        assert!(!reported.hears_nothing());
    }
}
