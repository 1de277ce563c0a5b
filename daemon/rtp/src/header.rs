//! The RTP header (RFC 3550 5.1): read in place, bounded, without allocation.

use crate::bytes_at::{u16_at, u32_at};
use crate::malformed::Malformed;

/// The fixed part of every RTP packet, in bytes (RFC 3550 5.1).
pub const FIXED_HEADER_BYTES: usize = 12;

/// A synchronisation source: the name a sender gives its stream (RFC 3550 3).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Ssrc(pub u32);

/// What an RTP header says. Offsets refer to the packet it was read from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RtpHeader {
    /// The marker bit: for audio, the first packet after silence (RFC 3551 4.1).
    pub marker: bool,
    /// Payload type, 0 to 127.
    pub payload_type: u8,
    /// Sequence number; wraps.
    pub sequence: u16,
    /// Sampling instant in units of the codec's clock; wraps.
    pub timestamp: u32,
    /// Who sent it.
    pub ssrc: Ssrc,
    /// Contributing sources, 0 to 15.
    pub csrc_count: u8,
    /// Bytes from the start of the packet to the payload: fixed header, CSRC list and extension.
    pub payload_at: usize,
    /// Whether a header extension is present.
    pub extended: bool,
    /// Whether the payload ends in padding.
    pub padded: bool,
}

/// Reads the header of an RTP or SRTP packet. Padding is not checked, because SRTP encrypts it: see [`RtpHeader::payload`].
///
/// # Errors
/// [`Malformed::Version`], or [`Malformed::Truncated`] when the CSRC list or the extension runs past the end.
pub fn parse_rtp(packet: &[u8]) -> Result<RtpHeader, Malformed> {
    let &[first, second, ..] = packet else { return Err(Malformed::Truncated) };
    if first >> 6 != 2 {
        return Err(Malformed::Version);
    }
    let header = RtpHeader {
        marker: second & 0x80 != 0,
        payload_type: second & 0x7f,
        sequence: u16_at(packet, 2).ok_or(Malformed::Truncated)?,
        timestamp: u32_at(packet, 4).ok_or(Malformed::Truncated)?,
        ssrc: Ssrc(u32_at(packet, 8).ok_or(Malformed::Truncated)?),
        csrc_count: first & 0x0f,
        payload_at: FIXED_HEADER_BYTES + usize::from(first & 0x0f) * 4,
        extended: first & 0x10 != 0,
        padded: first & 0x20 != 0,
    };
    let header = if header.extended { header.with_extension(packet)? } else { header };
    if header.payload_at > packet.len() {
        return Err(Malformed::Truncated);
    }
    Ok(header)
}

impl RtpHeader {
    fn with_extension(self, packet: &[u8]) -> Result<Self, Malformed> {
        let words = u16_at(packet, self.payload_at + 2).ok_or(Malformed::Truncated)?;
        Ok(Self { payload_at: self.payload_at + 4 + usize::from(words) * 4, ..self })
    }

    /// The payload of the (decrypted) packet this header was read from, without padding.
    ///
    /// # Errors
    /// [`Malformed::Padding`] when the padding count is zero or larger than the payload (RFC 3550 A.1).
    pub fn payload<'a>(&self, packet: &'a [u8]) -> Result<&'a [u8], Malformed> {
        let payload = packet.get(self.payload_at..).ok_or(Malformed::Truncated)?;
        if !self.padded {
            return Ok(payload);
        }
        let padding = usize::from(*payload.last().ok_or(Malformed::Padding)?);
        if padding == 0 || padding > payload.len() {
            return Err(Malformed::Padding);
        }
        Ok(&payload[..payload.len() - padding])
    }

    /// The contributing sources named in the packet this header was read from.
    pub fn csrcs<'a>(&self, packet: &'a [u8]) -> impl Iterator<Item = Ssrc> + use<'a> {
        let list = packet.get(FIXED_HEADER_BYTES..FIXED_HEADER_BYTES + usize::from(self.csrc_count) * 4);
        list.unwrap_or_default().as_chunks().0.iter().map(|id| Ssrc(u32::from_be_bytes(*id)))
    }

    /// The header extension: its profile-defined word and its data (RFC 3550 5.3.1).
    #[must_use]
    pub fn extension<'a>(&self, packet: &'a [u8]) -> Option<(u16, &'a [u8])> {
        if !self.extended {
            return None;
        }
        let at = FIXED_HEADER_BYTES + usize::from(self.csrc_count) * 4;
        Some((u16_at(packet, at)?, packet.get(at + 4..self.payload_at)?))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const PLAIN: [u8; 14] = [0x80, 0x88, 0x12, 0x34, 0, 0, 0, 160, 0xde, 0xad, 0xbe, 0xef, 1, 2];

    #[test]
    fn an_ordinary_packet_is_read() {
        let header = parse_rtp(&PLAIN).unwrap();
        assert!(header.marker && !header.padded && !header.extended);
        assert_eq!((header.payload_type, header.sequence, header.timestamp), (8, 0x1234, 160));
        assert_eq!(header.ssrc, Ssrc(0xdead_beef));
        assert_eq!(header.payload(&PLAIN), Ok(&[1u8, 2][..]));
    }

    #[test]
    fn csrc_extension_and_padding_are_stepped_over() {
        let mut packet = PLAIN[..12].to_vec();
        packet[0] = 0x80 | 0x20 | 0x10 | 2;
        packet.extend([0, 0, 0, 7, 0, 0, 0, 9]);
        packet.extend([0xbe, 0xde, 0, 1, 0x10, 0xff, 0, 0]);
        packet.extend([5, 6, 0, 0, 3]);
        let header = parse_rtp(&packet).unwrap();
        assert_eq!(header.csrcs(&packet).collect::<Vec<_>>(), [Ssrc(7), Ssrc(9)]);
        assert_eq!(header.extension(&packet), Some((0xbede, &[0x10u8, 0xff, 0, 0][..])));
        assert_eq!(header.payload(&packet), Ok(&[5u8, 6][..]));
    }

    #[test]
    fn lengths_that_lie_are_refused() {
        let with = |first: u8, tail: &[u8]| {
            let mut packet = PLAIN[..12].to_vec();
            packet[0] = first;
            packet.extend(tail);
            packet
        };
        assert_eq!(parse_rtp(&[]), Err(Malformed::Truncated));
        assert_eq!(parse_rtp(&PLAIN[..11]), Err(Malformed::Truncated));
        assert_eq!(parse_rtp(&with(0x40, &[])), Err(Malformed::Version));
        assert_eq!(parse_rtp(&with(0x8f, &[0; 59])), Err(Malformed::Truncated));
        assert_eq!(parse_rtp(&with(0x90, &[0xbe, 0xde, 0])), Err(Malformed::Truncated));
        assert_eq!(parse_rtp(&with(0x90, &[0xbe, 0xde, 0xff, 0xff, 0])), Err(Malformed::Truncated));
        for padding in [&[][..], &[0], &[9, 9, 4]] {
            let packet = with(0xa0, padding);
            assert_eq!(parse_rtp(&packet).unwrap().payload(&packet), Err(Malformed::Padding));
        }
    }

    proptest! {
        #[test]
        fn any_bytes_give_a_header_whose_parts_lie_inside_the_packet(packet in prop::collection::vec(any::<u8>(), 0..200)) {
            if let Ok(header) = parse_rtp(&packet) {
                prop_assert!(header.payload_at <= packet.len());
                prop_assert_eq!(header.csrcs(&packet).count(), usize::from(header.csrc_count));
                prop_assert_eq!(header.extension(&packet).is_some(), header.extended);
                if let Ok(payload) = header.payload(&packet) {
                    prop_assert!(header.payload_at + payload.len() <= packet.len());
                }
            }
        }
    }
}
