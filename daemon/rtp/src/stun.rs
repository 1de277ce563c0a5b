//! STUN messages (RFC 8489), enough to recognise one on a media port and to trust its shape. Read in place.

use crate::bytes_at::{u16_at, u32_at};
use crate::malformed::Malformed;

const HEADER_BYTES: usize = 20;
const MAGIC_COOKIE: u32 = 0x2112_a442;
const FINGERPRINT: u16 = 0x8028;
const FINGERPRINT_XOR: u32 = 0x5354_554e;

/// What a message is for (RFC 8489 5).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum StunClass {
    /// Asks.
    Request,
    /// Tells, and wants no answer.
    Indication,
    /// Answers well.
    Success,
    /// Answers with an error.
    Error,
}

/// A message whose header, attribute lengths and fingerprint (where present) are right.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct StunMessage<'a> {
    /// What it is for.
    pub class: StunClass,
    /// The method, 12 bits; 1 is Binding.
    pub method: u16,
    /// The sender's name for this exchange.
    pub transaction_id: [u8; 12],
    /// Whether a FINGERPRINT was there (and right).
    pub fingerprinted: bool,
    attributes: &'a [u8],
}

/// Reads one datagram as STUN.
///
/// # Errors
/// [`Malformed::Truncated`], [`Malformed::NotRtp`] when the first two bits are set, [`Malformed::MagicCookie`],
/// [`Malformed::StunLength`], or [`Malformed::Fingerprint`] when the CRC is wrong or not the last attribute.
pub fn parse_stun(bytes: &[u8]) -> Result<StunMessage<'_>, Malformed> {
    let (header, attributes) = bytes.split_at_checked(HEADER_BYTES).ok_or(Malformed::Truncated)?;
    let kind = u16::from_be_bytes([header[0], header[1]]);
    if kind & 0xc000 != 0 {
        return Err(Malformed::NotRtp);
    }
    if u32_at(header, 4) != Some(MAGIC_COOKIE) {
        return Err(Malformed::MagicCookie);
    }
    let length = usize::from(u16::from_be_bytes([header[2], header[3]]));
    if length % 4 != 0 || length != attributes.len() {
        return Err(Malformed::StunLength);
    }
    let fingerprinted = check_attributes(bytes, attributes)?;
    let transaction_id = *header[8..].first_chunk().ok_or(Malformed::Truncated)?;
    Ok(StunMessage { class: class_of(kind), method: method_of(kind), transaction_id, fingerprinted, attributes })
}

impl<'a> StunMessage<'a> {
    /// The attributes, in their order: type and value without padding.
    pub fn attributes(&self) -> impl Iterator<Item = (u16, &'a [u8])> + use<'a> {
        let mut rest = self.attributes;
        std::iter::from_fn(move || {
            let (kind, value, after) = split_attribute(rest)?;
            rest = after;
            Some((kind, value))
        })
    }
}

fn class_of(kind: u16) -> StunClass {
    match (kind & 0x0100 != 0, kind & 0x0010 != 0) {
        (false, false) => StunClass::Request,
        (false, true) => StunClass::Indication,
        (true, false) => StunClass::Success,
        (true, true) => StunClass::Error,
    }
}

fn method_of(kind: u16) -> u16 {
    (kind & 0x000f) | (kind & 0x00e0) >> 1 | (kind & 0x3e00) >> 2
}

fn split_attribute(bytes: &[u8]) -> Option<(u16, &[u8], &[u8])> {
    let kind = u16_at(bytes, 0)?;
    let length = usize::from(u16_at(bytes, 2)?);
    let value = bytes.get(4..4 + length)?;
    let after = bytes.get(4 + length.next_multiple_of(4)..)?;
    Some((kind, value, after))
}

fn check_attributes(message: &[u8], attributes: &[u8]) -> Result<bool, Malformed> {
    let mut rest = attributes;
    while !rest.is_empty() {
        let (kind, value, after) = split_attribute(rest).ok_or(Malformed::Truncated)?;
        if kind == FINGERPRINT {
            let covered = &message[..message.len() - rest.len()];
            let right = (crc32(covered) ^ FINGERPRINT_XOR).to_be_bytes();
            return if after.is_empty() && value == right { Ok(true) } else { Err(Malformed::Fingerprint) };
        }
        rest = after;
    }
    Ok(false)
}

/// The CRC-32 of ITU V.42 (RFC 8489 14.7). Bit by bit: a STUN message is rare and short.
fn crc32(bytes: &[u8]) -> u32 {
    !bytes.iter().fold(!0, |crc, &byte| {
        (0..8).fold(crc ^ u32::from(byte), |crc, _| if crc & 1 == 1 { crc >> 1 ^ 0xedb8_8320 } else { crc >> 1 })
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// The sample request of RFC 5769 2.1, with its FINGERPRINT.
    const SAMPLE: &[u8] = b"\x00\x01\x00\x58\x21\x12\xa4\x42\xb7\xe7\xa7\x01\xbc\x34\xd6\x86\xfa\x87\xdf\xae\
        \x80\x22\x00\x10STUN test client\x00\x24\x00\x04\x6e\x00\x01\xff\
        \x80\x29\x00\x08\x93\x2f\xf9\xb1\x51\x26\x3b\x36\x00\x06\x00\x09\x65\x76\x74\x6a\x3a\x68\x36\x76\x59\x20\x20\x20\
        \x00\x08\x00\x14\x9a\xea\xa7\x0c\xbf\xd8\xcb\x56\x78\x1e\xf2\xb5\xb2\xd3\xf2\x49\xc1\xb5\x71\xa2\
        \x80\x28\x00\x04\xe5\x7a\x3b\xcf";

    #[test]
    fn the_sample_request_of_rfc_5769_is_read_and_its_fingerprint_holds() {
        let message = parse_stun(SAMPLE).unwrap();
        assert_eq!((message.class, message.method, message.fingerprinted), (StunClass::Request, 1, true));
        let kinds: Vec<_> = message.attributes().map(|(kind, _)| kind).collect();
        assert_eq!(kinds, [0x8022, 0x0024, 0x8029, 0x0006, 0x0008, 0x8028]);
        assert_eq!(message.attributes().nth(3), Some((6, &b"evtj:h6vY"[..])));
    }

    #[test]
    fn one_changed_byte_breaks_the_fingerprint() {
        let mut bytes = SAMPLE.to_vec();
        bytes[30] ^= 1;
        assert_eq!(parse_stun(&bytes), Err(Malformed::Fingerprint));
    }

    #[test]
    fn a_response_to_another_method_is_named() {
        let bytes = b"\x01\x13\x00\x00\x21\x12\xa4\x42abcdefghijkl";
        let message = parse_stun(bytes).unwrap();
        assert_eq!((message.class, message.method, message.fingerprinted), (StunClass::Error, 3, false));
        assert_eq!(&message.transaction_id, b"abcdefghijkl");
    }

    #[test]
    fn what_is_no_stun_is_refused() {
        let base = b"\x00\x01\x00\x04\x21\x12\xa4\x42abcdefghijkl\x00\x01\x00\x00";
        assert!(parse_stun(base).is_ok());
        let changed = |at: usize, to: u8| {
            let mut bytes = base.to_vec();
            bytes[at] = to;
            bytes
        };
        assert_eq!(parse_stun(&base[..19]), Err(Malformed::Truncated));
        assert_eq!(parse_stun(&base[..20]), Err(Malformed::StunLength));
        assert_eq!(parse_stun(&changed(0, 0x80)), Err(Malformed::NotRtp));
        assert_eq!(parse_stun(&changed(4, 0)), Err(Malformed::MagicCookie));
        assert_eq!(parse_stun(&changed(3, 3)), Err(Malformed::StunLength));
        assert_eq!(parse_stun(&changed(23, 1)), Err(Malformed::Truncated));
    }

    proptest! {
        #[test]
        fn any_attributes_are_walked_inside_the_message(body in prop::collection::vec(any::<u8>(), 0..120)) {
            let body = &body[..body.len() / 4 * 4];
            let length = u16::try_from(body.len()).unwrap().to_be_bytes();
            let message = [&[0, 1, length[0], length[1], 0x21, 0x12, 0xa4, 0x42], &[7u8; 12][..], body].concat();
            if let Ok(parsed) = parse_stun(&message) {
                let bytes: usize = parsed.attributes().map(|(_, value)| 4 + value.len().next_multiple_of(4)).sum();
                prop_assert_eq!(bytes, body.len());
            }
        }
    }
}
