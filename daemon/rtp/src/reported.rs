//! What a peer reports of the sound that it is sent (RFC 3550 6.4): whether any of it still arrives there.

use crate::header::Ssrc;
use crate::rtcp::{Compound, ReportBlock, Reports, RtcpPacket};

/// Packets that must have left between two reports before the second says anything: a second of sound.
const TELLING: u64 = 50;
/// Reports in a row that must say the same: one may be late.
const ENOUGH: u8 = 3;
/// Sources of which the last report is remembered: as many as are numbered at a time. One more counts as heard.
const MOST_SOURCES: usize = 4;

/// What the newest reports of one peer say.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Reported {
    /// The highest number of each source that it had heard by its last report.
    highest: [Option<(Ssrc, u32)>; MOST_SOURCES],
    /// The place in it that is taken next.
    next: usize,
    /// How many packets had left to it by its last report.
    sent: u64,
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

    /// One source that is heard is enough: who was heard before a transfer may be listed for long. Who reports on none says
    /// nothing: many never do.
    fn report(&mut self, reports: Reports<'_>, sent: u64) {
        if reports.iter().next().is_none() {
            return;
        }
        let heard = reports.iter().filter(|block| self.has_changed(block)).count();
        match heard {
            0 if sent < self.sent + TELLING => return,
            0 => self.in_vain = self.in_vain.saturating_add(1),
            _ => self.in_vain = 0,
        }
        self.sent = sent;
    }

    /// Whether the highest number of a source is another than before; from now on it is this one.
    fn has_changed(&mut self, block: &ReportBlock) -> bool {
        let now = Some((block.ssrc, block.highest_sequence));
        let known = self.highest.iter_mut().find(|one| one.is_some_and(|(ssrc, _)| ssrc == block.ssrc));
        match known {
            Some(known) => std::mem::replace(known, now) != now,
            None => {
                self.highest[self.next] = now;
                self.next = (self.next + 1) % MOST_SOURCES;
                true
            }
        }
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

    /// A receiver report of several sources: who, and the highest number.
    fn report_of(sources: &[(u32, u32)]) -> Vec<u8> {
        let words = u8::try_from(1 + 6 * sources.len()).unwrap();
        let mut bytes = vec![0x80 | u8::try_from(sources.len()).unwrap(), 201, 0, words, 0, 0, 0, 1];
        for (ssrc, highest) in sources {
            bytes.extend([ssrc.to_be_bytes(), [0; 4], highest.to_be_bytes(), [0; 4], [0; 4], [0; 4]].concat());
        }
        bytes
    }

    #[test]
    fn who_goes_on_listing_a_source_of_before_a_transfer_hears_the_one_that_rises() {
        let mut reported = Reported::default();
        for round in 0..10 {
            let report = report_of(&[(1, 60_000), (2, 100 + round)]);
            reported.take(parse_rtcp(&report).unwrap(), u64::from(round) * 250);
            assert!(!reported.hears_nothing(), "round {round}");
        }
        for round in 10..13 {
            let report = report_of(&[(2, 109), (1, 60_000)]);
            reported.take(parse_rtcp(&report).unwrap(), round * 250);
        }
        assert!(reported.hears_nothing(), "until none does");
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
