//! What an agent says and hears: real RTP packets, and real SRTP where that was agreed. The words are nothing; whose they are
//! is told by their SSRC.

use std::collections::BTreeMap;

use centrale_rtp::header::parse_rtp;
use centrale_rtp::relay::{SrtpKey, SrtpSuite};
use centrale_rtp::srtp::{MAX_OVERHEAD_BYTES, SrtpReceiver, SrtpSender};
use centrale_sip::sdp::{AudioView, Crypto, Suite};
use rand::RngExt as _;
use rand::rngs::StdRng;

/// Packets in one second of voice. Real phones send 50; a source lock is convinced by five. Then there is silence, of which
/// nothing is sent (RFC 3551 4.1).
const PACKETS: u32 = 6;
/// What a packet's 20 ms and a second are in the units of its timestamp.
const PACKET_UNITS: u32 = 160;
const SECOND_UNITS: u32 = 8000;
/// RTP header and 20 ms of G.711.
const PACKET_BYTES: usize = 172;

/// The voice of one line.
pub(super) struct Voice {
    /// Whose words these are.
    pub(super) ssrc: u32,
    sequence: u16,
    /// Of the second that is spoken next.
    timestamp: u32,
    key: [u8; 16],
    salt: [u8; 14],
    /// Whether the last agreement was SRTP.
    secure: bool,
    sender: Option<(SrtpKey, SrtpSender)>,
    receiver: Option<(SrtpKey, SrtpReceiver)>,
    /// Packets heard, by whose they were.
    pub(super) heard: BTreeMap<u32, u64>,
}

impl std::fmt::Debug for Voice {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Voice({:08x})", self.ssrc)
    }
}

impl Voice {
    pub(super) fn new(rng: &mut StdRng) -> Self {
        let (ssrc, sequence) = (rng.random(), rng.random());
        let (key, salt) = (rng.random(), rng.random());
        let timestamp = u32::from(sequence) * PACKET_UNITS;
        Self {
            ssrc,
            sequence,
            timestamp,
            key,
            salt,
            secure: false,
            sender: None,
            receiver: None,
            heard: BTreeMap::new(),
        }
    }

    /// Its key as the description says it, under the suite and tag of what it answers.
    pub(super) fn crypto(&self, answers: Option<&AudioView>) -> Crypto {
        let asked = answers.and_then(|view| view.crypto.first());
        let (tag, suite) = asked.map_or((1, Suite::AesCm128HmacSha1_80), |asked| (asked.tag, asked.suite));
        Crypto { tag, suite, key: self.key, salt: self.salt }
    }

    /// Takes what was agreed. A context that stays the same goes on, as it must (RFC 3711 9.1), also when it was not used for
    /// a while.
    pub(super) fn agree(&mut self, theirs: &AudioView) {
        let agreed = theirs.crypto.first().filter(|_| theirs.profile.is_secure());
        self.secure = agreed.is_some();
        let Some(agreed) = agreed else { return };
        let suite = suite_of(agreed.suite);
        let ours = SrtpKey { suite, key: self.key, salt: self.salt };
        let theirs = SrtpKey { suite, key: agreed.key, salt: agreed.salt };
        if self.sender.as_ref().is_none_or(|(key, _)| *key != ours) {
            self.sender = Some((ours.clone(), SrtpSender::new(&ours)));
        }
        if self.receiver.as_ref().is_none_or(|(key, _)| *key != theirs) {
            self.receiver = Some((theirs.clone(), SrtpReceiver::new(&theirs)));
        }
    }

    /// One second of it.
    pub(super) fn speak(&mut self) -> Vec<Vec<u8>> {
        let begins = self.timestamp;
        self.timestamp = begins.wrapping_add(SECOND_UNITS);
        (0..PACKETS).filter_map(|at| self.packet(at == 0, begins.wrapping_add(at * PACKET_UNITS))).collect()
    }

    /// One packet; the first after a silence is marked.
    fn packet(&mut self, first: bool, timestamp: u32) -> Option<Vec<u8>> {
        self.sequence = self.sequence.wrapping_add(1);
        let mut packet = vec![0x80, if first { 0x88 } else { 8 }];
        packet.extend(self.sequence.to_be_bytes());
        packet.extend(timestamp.to_be_bytes());
        packet.extend(self.ssrc.to_be_bytes());
        // As loud as can be: a mailbox hears that somebody speaks.
        packet.resize(PACKET_BYTES + MAX_OVERHEAD_BYTES, 0xaa);
        let length = match self.sender.as_mut().filter(|_| self.secure) {
            None => PACKET_BYTES,
            Some((_, sender)) => sender.protect_rtp(&mut packet, PACKET_BYTES).ok()?,
        };
        packet.truncate(length);
        Some(packet)
    }

    /// One packet arrives. What cannot be understood was not heard; whether it was.
    pub(super) fn hear(&mut self, packet: &mut [u8]) -> bool {
        let understood = match self.receiver.as_mut().filter(|_| self.secure) {
            None => Ok(packet.len()),
            Some((_, receiver)) => receiver.unprotect_rtp(packet),
        };
        let header = understood.ok().and_then(|length| parse_rtp(&packet[..length]).ok());
        header.iter().for_each(|header| *self.heard.entry(header.ssrc.0).or_default() += 1);
        header.is_some()
    }
}

const fn suite_of(suite: Suite) -> SrtpSuite {
    match suite {
        Suite::AesCm128HmacSha1_80 => SrtpSuite::AesCm128HmacSha1_80,
        Suite::AesCm128HmacSha1_32 => SrtpSuite::AesCm128HmacSha1_32,
    }
}
