//! What a datagram on a media port is, told from its first two bytes (RFC 7983, RFC 5761 4).

/// The protocols that may share a media port.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Kind {
    /// First byte 128 to 191, not RTCP.
    Rtp,
    /// First byte 128 to 191 and second byte 192 to 223 (RFC 5761 4).
    Rtcp,
    /// First byte 0 to 3.
    Stun,
    /// First byte 16 to 19.
    Zrtp,
    /// First byte 20 to 63.
    Dtls,
    /// First byte 64 to 79.
    TurnChannel,
    /// An empty datagram, or the zero bytes that some phones send to keep a NAT open (RFC 6263 4.1).
    KeepAlive,
    /// Anything else.
    Unknown,
}

/// Tells what `datagram` is, without validating it.
#[must_use]
pub fn classify(datagram: &[u8]) -> Kind {
    if datagram.len() <= 4 && datagram.iter().all(|byte| matches!(byte, 0 | b'\r' | b'\n')) {
        return Kind::KeepAlive;
    }
    match datagram[0] {
        0..=3 => Kind::Stun,
        16..=19 => Kind::Zrtp,
        20..=63 => Kind::Dtls,
        64..=79 => Kind::TurnChannel,
        128..=191 => match datagram.get(1) {
            Some(192..=223) => Kind::Rtcp,
            _ => Kind::Rtp,
        },
        _ => Kind::Unknown,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_of_rfc_7983_holds_for_every_first_byte() {
        for first in 0..=255u8 {
            let expected = match first {
                0..=3 => Kind::Stun,
                16..=19 => Kind::Zrtp,
                20..=63 => Kind::Dtls,
                64..=79 => Kind::TurnChannel,
                128..=191 => Kind::Rtp,
                _ => Kind::Unknown,
            };
            assert_eq!(classify(&[first, 8, 1, 1, 1, 1]), expected, "first byte {first}");
        }
    }

    #[test]
    fn rtcp_on_the_rtp_port_is_told_apart_by_its_packet_type() {
        assert_eq!(classify(&[0x80, 200, 0, 1]), Kind::Rtcp);
        assert_eq!(classify(&[0x81, 0x80 | 72, 0, 1]), Kind::Rtcp);
        assert_eq!(classify(&[0x80, 0x80 | 8, 0, 1]), Kind::Rtp, "PCMA with the marker bit");
        assert_eq!(classify(&[0x80, 0x80 | 101, 0, 1]), Kind::Rtp, "DTMF with the marker bit");
    }

    #[test]
    fn keep_alives_of_phones_are_no_fault() {
        for datagram in [&b""[..], b"\r\n", b"\r\n\r\n", &[0, 0, 0, 0]] {
            assert_eq!(classify(datagram), Kind::KeepAlive);
        }
    }
}
