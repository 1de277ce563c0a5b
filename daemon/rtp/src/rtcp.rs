//! RTCP (RFC 3550 6): compound and reduced-size (RFC 5506) packets, read in place. Everything is validated once by
//! [`parse_rtcp`]; what walks the result afterwards cannot fail.

use crate::bytes_at::{u16_at, u32_at, u64_at};
use crate::header::Ssrc;
use crate::malformed::Malformed;

/// RTCP packet types (RFC 3550 12.1).
mod packet_type {
    pub(super) const SENDER_REPORT: u8 = 200;
    pub(super) const RECEIVER_REPORT: u8 = 201;
    pub(super) const SOURCE_DESCRIPTION: u8 = 202;
    pub(super) const GOODBYE: u8 = 203;
    pub(super) const APPLICATION: u8 = 204;
}

const REPORT_BLOCK_BYTES: usize = 24;

/// A validated datagram of one or more RTCP packets.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Compound<'a> {
    bytes: &'a [u8],
    /// Whether it does not begin with a report, as RFC 5506 allows.
    pub reduced_size: bool,
}

/// One RTCP packet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RtcpPacket<'a> {
    /// SR: what a sender sent, and what it heard.
    SenderReport {
        /// Who reports.
        ssrc: Ssrc,
        /// Its wall clock, NTP format (seconds since 1900 in the upper half).
        ntp: u64,
        /// The same instant on the RTP clock.
        rtp_timestamp: u32,
        /// Packets it has sent.
        packets: u32,
        /// Payload bytes it has sent.
        octets: u32,
        /// What it heard from others.
        reports: Reports<'a>,
    },
    /// RR: what a receiver heard.
    ReceiverReport {
        /// Who reports.
        ssrc: Ssrc,
        /// What it heard from others.
        reports: Reports<'a>,
    },
    /// SDES: names of sources. Walk it with [`sdes_items`].
    SourceDescription {
        /// Its chunks.
        chunks: &'a [u8],
    },
    /// BYE: sources that leave.
    Goodbye {
        /// Who leaves, four bytes each.
        sources: &'a [u8],
        /// Why, in the sender's words; seldom present.
        reason: Option<&'a [u8]>,
    },
    /// APP: something private.
    Application {
        /// Who sent it.
        ssrc: Ssrc,
        /// The subtype, 0 to 31.
        subtype: u8,
        /// Four letters that say whose.
        name: [u8; 4],
        /// The rest.
        data: &'a [u8],
    },
    /// A type that is not read here (feedback, extended reports).
    Other {
        /// Its type.
        packet_type: u8,
        /// Everything after the four header bytes.
        body: &'a [u8],
    },
}

/// The report blocks of an SR or RR.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Reports<'a>(&'a [u8]);

/// What one receiver says of one source (RFC 3550 6.4.1).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ReportBlock {
    /// The source it is about.
    pub ssrc: Ssrc,
    /// Share lost since the last report, in 1/256.
    pub fraction_lost: u8,
    /// Packets lost in all; negative when duplicates came (24 bits, signed).
    pub lost: i32,
    /// Highest sequence number heard, with its count of cycles above.
    pub highest_sequence: u32,
    /// Interarrival jitter in timestamp units.
    pub jitter: u32,
    /// Middle 32 bits of the last SR's NTP time, 0 when none came.
    pub last_sender_report: u32,
    /// Time since that SR, in 1/65536 s.
    pub delay_since: u32,
}

impl Reports<'_> {
    /// The blocks, at most 31.
    pub fn iter(&self) -> impl Iterator<Item = ReportBlock> + '_ {
        self.0.as_chunks::<REPORT_BLOCK_BYTES>().0.iter().map(|block| {
            let word = |at: usize| u32::from_be_bytes([block[at], block[at + 1], block[at + 2], block[at + 3]]);
            ReportBlock {
                ssrc: Ssrc(word(0)),
                fraction_lost: block[4],
                lost: (word(4) << 8).cast_signed() >> 8,
                highest_sequence: word(8),
                jitter: word(12),
                last_sender_report: word(16),
                delay_since: word(20),
            }
        })
    }
}

/// Reads one datagram of RTCP.
///
/// # Errors
/// [`Malformed::Version`]; [`Malformed::Truncated`] when a length runs past the end or a body is shorter than its counts
/// say; [`Malformed::Padding`]; [`Malformed::NotRtp`] when the first type is outside 192 to 223 (RFC 5761 4).
pub fn parse_rtcp(bytes: &[u8]) -> Result<Compound<'_>, Malformed> {
    let &[_, first_type, ..] = bytes else { return Err(Malformed::Truncated) };
    if !(192..=223).contains(&first_type) {
        return Err(Malformed::NotRtp);
    }
    let mut rest = bytes;
    while !rest.is_empty() {
        let (_, after) = split_packet(rest)?;
        rest = after;
    }
    let reduced_size = !matches!(first_type, packet_type::SENDER_REPORT | packet_type::RECEIVER_REPORT);
    Ok(Compound { bytes, reduced_size })
}

impl<'a> Compound<'a> {
    /// The packets, in their order.
    pub fn packets(&self) -> impl Iterator<Item = RtcpPacket<'a>> + use<'a> {
        let mut rest = self.bytes;
        std::iter::from_fn(move || {
            let (packet, after) = split_packet(rest).ok()?;
            rest = after;
            Some(packet)
        })
    }
}

fn split_packet(bytes: &[u8]) -> Result<(RtcpPacket<'_>, &[u8]), Malformed> {
    let words = u16_at(bytes, 2).ok_or(Malformed::Truncated)?;
    if bytes[0] >> 6 != 2 {
        return Err(Malformed::Version);
    }
    let (packet, after) = bytes.split_at_checked((usize::from(words) + 1) * 4).ok_or(Malformed::Truncated)?;
    let padded = packet[0] & 0x20 != 0;
    // RFC 3550 6.4.1: only the last packet of a compound may be padded.
    if padded && !after.is_empty() {
        return Err(Malformed::Padding);
    }
    let body = if padded { without_padding(&packet[4..])? } else { &packet[4..] };
    Ok((parse_body(packet[1], packet[0] & 0x1f, body)?, after))
}

fn without_padding(body: &[u8]) -> Result<&[u8], Malformed> {
    let padding = usize::from(*body.last().ok_or(Malformed::Padding)?);
    if padding == 0 || padding % 4 != 0 || padding > body.len() {
        return Err(Malformed::Padding);
    }
    Ok(&body[..body.len() - padding])
}

fn parse_body(packet_type: u8, count: u8, body: &[u8]) -> Result<RtcpPacket<'_>, Malformed> {
    let parsed = match packet_type {
        packet_type::SENDER_REPORT => sender_report(count, body),
        packet_type::RECEIVER_REPORT => receiver_report(count, body),
        packet_type::SOURCE_DESCRIPTION => source_description(count, body),
        packet_type::GOODBYE => goodbye(count, body),
        packet_type::APPLICATION => application(count, body),
        _ => Some(RtcpPacket::Other { packet_type, body }),
    };
    parsed.ok_or(Malformed::Truncated)
}

fn reports(count: u8, bytes: &[u8]) -> Option<Reports<'_>> {
    bytes.get(..usize::from(count) * REPORT_BLOCK_BYTES).map(Reports)
}

fn sender_report(count: u8, body: &[u8]) -> Option<RtcpPacket<'_>> {
    Some(RtcpPacket::SenderReport {
        ssrc: Ssrc(u32_at(body, 0)?),
        ntp: u64_at(body, 4)?,
        rtp_timestamp: u32_at(body, 12)?,
        packets: u32_at(body, 16)?,
        octets: u32_at(body, 20)?,
        reports: reports(count, body.get(24..)?)?,
    })
}

fn receiver_report(count: u8, body: &[u8]) -> Option<RtcpPacket<'_>> {
    Some(RtcpPacket::ReceiverReport { ssrc: Ssrc(u32_at(body, 0)?), reports: reports(count, body.get(4..)?)? })
}

fn source_description(count: u8, body: &[u8]) -> Option<RtcpPacket<'_>> {
    let mut rest = body;
    for _ in 0..count {
        rest = skip_chunk(rest)?;
    }
    Some(RtcpPacket::SourceDescription { chunks: &body[..body.len() - rest.len()] })
}

/// Steps over one SDES chunk: SSRC, items, a zero, and zeroes up to the next word (RFC 3550 6.5).
fn skip_chunk(chunk: &[u8]) -> Option<&[u8]> {
    let mut at = 4;
    while *chunk.get(at)? != 0 {
        at += 2 + usize::from(*chunk.get(at + 1)?);
    }
    chunk.get((at + 4) / 4 * 4..)
}

/// Walks the chunks of an SDES packet: source, item type (1 is CNAME, RFC 3550 6.5.1) and text, for every item.
pub fn sdes_items(chunks: &[u8]) -> impl Iterator<Item = (Ssrc, u8, &[u8])> {
    let mut chunk = chunks;
    let mut at = 4;
    std::iter::from_fn(move || {
        while *chunk.get(at)? == 0 {
            chunk = chunk.get((at + 4) / 4 * 4..)?;
            at = 4;
        }
        let text_at = at + 2;
        let length = usize::from(*chunk.get(at + 1)?);
        let item = (Ssrc(u32_at(chunk, 0)?), chunk[at], chunk.get(text_at..text_at + length)?);
        at = text_at + length;
        Some(item)
    })
}

fn goodbye(count: u8, body: &[u8]) -> Option<RtcpPacket<'_>> {
    let (sources, rest) = body.split_at_checked(usize::from(count) * 4)?;
    let reason = match rest.split_first() {
        Some((&length, text)) => Some(text.get(..usize::from(length))?),
        None => None,
    };
    Some(RtcpPacket::Goodbye { sources, reason })
}

fn application(subtype: u8, body: &[u8]) -> Option<RtcpPacket<'_>> {
    let name = *body.get(4..)?.first_chunk()?;
    Some(RtcpPacket::Application { ssrc: Ssrc(u32_at(body, 0)?), subtype, name, data: &body[8..] })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn packet(count: u8, packet_type: u8, body: &[u8]) -> Vec<u8> {
        assert_eq!(body.len() % 4, 0, "the test's own body");
        let words = u16::try_from(body.len() / 4).unwrap().to_be_bytes();
        [&[0x80 | count, packet_type, words[0], words[1]], body].concat()
    }

    fn sender_report_with_one_block() -> Vec<u8> {
        let mut body = Vec::new();
        for word in [0x0a0b_0c0d_u32, 0xe000_0000, 0x8000_0000, 16_000, 100, 16_000] {
            body.extend(word.to_be_bytes());
        }
        for word in [0x0102_0304_u32, 0x40ff_fffe, 0x0001_0005, 33, 7, 8] {
            body.extend(word.to_be_bytes());
        }
        packet(1, 200, &body)
    }

    #[test]
    fn a_sender_report_with_sdes_and_bye_is_read() {
        let sdes = packet(1, 202, b"\x0a\x0b\x0c\x0d\x01\x05anna@\x02\x00\x00\x00\x00");
        let bye = packet(1, 203, b"\x0a\x0b\x0c\x0d\x03end");
        let bytes = [sender_report_with_one_block(), sdes, bye].concat();
        let compound = parse_rtcp(&bytes).unwrap();
        assert!(!compound.reduced_size);
        let packets: Vec<_> = compound.packets().collect();
        let RtcpPacket::SenderReport { ssrc, ntp, packets: sent, reports, .. } = packets[0] else {
            panic!("{packets:?}")
        };
        assert_eq!((ssrc, ntp, sent), (Ssrc(0x0a0b_0c0d), 0xe000_0000_8000_0000, 100));
        let block = reports.iter().next().unwrap();
        assert_eq!((block.fraction_lost, block.lost, block.jitter), (0x40, -2, 33));
        let RtcpPacket::SourceDescription { chunks } = packets[1] else { panic!("{packets:?}") };
        let items: Vec<_> = sdes_items(chunks).collect();
        assert_eq!(items, [(Ssrc(0x0a0b_0c0d), 1, &b"anna@"[..]), (Ssrc(0x0a0b_0c0d), 2, &b""[..])]);
        assert_eq!(packets[2], RtcpPacket::Goodbye { sources: &[0x0a, 0x0b, 0x0c, 0x0d], reason: Some(b"end") });
    }

    #[test]
    fn a_reduced_size_packet_and_an_unknown_type_are_accepted() {
        let app = packet(3, 204, b"\x00\x00\x00\x01ABCD1234");
        let compound = parse_rtcp(&app).unwrap();
        assert!(compound.reduced_size);
        let expected = RtcpPacket::Application { ssrc: Ssrc(1), subtype: 3, name: *b"ABCD", data: b"1234" };
        assert_eq!(compound.packets().collect::<Vec<_>>(), [expected]);
        let feedback = packet(1, 205, &[0; 8]);
        assert_eq!(parse_rtcp(&feedback).unwrap().packets().count(), 1);
    }

    #[test]
    fn counts_and_lengths_that_lie_are_refused() {
        let mut one_block_too_few = sender_report_with_one_block();
        one_block_too_few[0] = 0x82;
        let mut runs_past_the_end = sender_report_with_one_block();
        runs_past_the_end[3] += 1;
        let unterminated_sdes = packet(1, 202, b"\x00\x00\x00\x01\x01\x02ab");
        let reason_too_long = packet(0, 203, b"\x09end");
        for bytes in [one_block_too_few, runs_past_the_end, unterminated_sdes, reason_too_long, vec![0x80, 200, 0]] {
            assert_eq!(parse_rtcp(&bytes), Err(Malformed::Truncated), "{bytes:02x?}");
        }
        assert_eq!(parse_rtcp(&[0x80, 0x08, 0, 0]), Err(Malformed::NotRtp));
        assert_eq!(parse_rtcp(&[0x40, 201, 0, 0]), Err(Malformed::Version));
    }

    #[test]
    fn padding_is_allowed_only_on_the_last_packet() {
        let mut padded = packet(0, 201, &[0, 0, 0, 1, 0, 0, 0, 4]);
        padded[0] |= 0x20;
        assert!(parse_rtcp(&padded).is_ok());
        let followed = [padded.clone(), packet(0, 201, &[0; 4])].concat();
        assert_eq!(parse_rtcp(&followed), Err(Malformed::Padding));
        *padded.last_mut().unwrap() = 3;
        assert_eq!(parse_rtcp(&padded), Err(Malformed::Padding));
    }

    proptest! {
        #[test]
        fn any_bytes_are_walked_to_the_end(
            bytes in prop::collection::vec(any::<u8>(), 0..200), count in 0u8..32, packet_type in 200u8..206,
        ) {
            let framed = packet(count, packet_type, &bytes[..bytes.len() / 4 * 4]);
            for candidate in [&bytes, &framed] {
                if let Ok(compound) = parse_rtcp(candidate) {
                    prop_assert!(compound.packets().count() >= 1);
                    for packet in compound.packets() {
                        if let RtcpPacket::SourceDescription { chunks } = packet {
                            prop_assert!(sdes_items(chunks).count() <= chunks.len());
                        }
                    }
                }
            }
        }
    }
}
