//! SRTP and SRTCP (RFC 3711) with keys from SDES (RFC 4568), one context per leg and direction, in place and without
//! allocation per packet. The primitives (AES counter mode, HMAC-SHA1) are rtc-crypto's; the packet rules are ours,
//! because the ready-made contexts allocate per packet, keep a state for every SSRC a stranger invents, and accept
//! unencrypted SRTCP without looking at its tag. Their bytes are the witness of the tests here.
//! No MKI and no key derivation rate: neither is offered in SDP.

use crate::bytes_at::u32_at;
use crate::header::{RtpHeader, Ssrc, parse_rtp};
use crate::malformed::Malformed;
use crate::relay::{SrtpKey, SrtpSuite};
use crate::replay::ReplayWindow;
use rtc_crypto::providers::RingProvider;
use rtc_crypto::{
    BlockCipherAlgorithm, HmacAlgorithm, Mac, RTCCrypto, RTCCryptoProvider, StreamCipher, StreamCipherAlgorithm,
    constant_time_eq,
};

/// The most that protection adds to a packet: the SRTCP index and an 80-bit tag (RFC 3711 3.4).
pub const MAX_OVERHEAD_BYTES: usize = 14;

/// Tag of SRTCP, and of SRTP in the 80-bit suite, in bytes (RFC 4568 6.2).
const LONG_TAG: usize = 10;
/// Tag of SRTP in the 32-bit suite, in bytes (RFC 4568 6.2).
const SHORT_TAG: usize = 4;
/// The SRTCP header up to what is encrypted, in bytes (RFC 3711 3.4).
const RTCP_CLEAR_BYTES: usize = 8;
/// E bit and index (RFC 3711 3.4).
const RTCP_INDEX_BYTES: usize = 4;
/// Marks an encrypted SRTCP packet (RFC 3711 3.4).
const E_BIT: u32 = 0x8000_0000;
/// Sources remembered per direction; one more and the longest silent is forgotten.
const MAX_SOURCES: usize = 8;

/// How often the sequence number of a source may have come round before this context heard of it: a leg that is handed on
/// to another call begins a context, and its phone goes on under its old key. Three hours at 50 packets a second; a forged
/// packet costs as many tags.
const MOST_ROUNDS_BEFORE: u64 = 8;

/// Why a packet could not be protected or unprotected.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, thiserror::Error)]
pub enum SrtpRefusal {
    /// The header or length is no SRTP.
    #[error("malformed: {0}")]
    Malformed(#[from] Malformed),
    /// The tag does not match: another key, or a forgery.
    #[error("authentication failed")]
    Unauthentic,
    /// SRTCP with the E bit clear: not encrypted, so not believed.
    #[error("SRTCP is not encrypted")]
    NotEncrypted,
    /// Seen before, or more than 64 packets late.
    #[error("replayed or too late")]
    Replayed,
    /// The buffer has no room for the tag.
    #[error("no room for the tag")]
    NoRoom,
}

/// Keys derived for one of the two protocols (RFC 3711 4.3).
struct SessionKeys {
    cipher: Box<dyn StreamCipher>,
    mac: Box<dyn Mac>,
    salt: [u8; 14],
}

impl SessionKeys {
    /// Derives encryption, authentication and salting keys; `first_label` is 0 for SRTP and 3 for SRTCP (RFC 3711 4.3.2).
    fn derive(crypto: &dyn RTCCrypto, master: &SrtpKey, first_label: u8) -> Self {
        let mut key = [0; 16];
        let mut authentication = [0; 20];
        let mut salt = [0; 14];
        derive_key(crypto, master, first_label, &mut key);
        derive_key(crypto, master, first_label + 1, &mut authentication);
        derive_key(crypto, master, first_label + 2, &mut salt);
        Self {
            cipher: crypto
                .new_stream_cipher(StreamCipherAlgorithm::Aes128Ctr, &key)
                .expect("the key is 16 bytes long, as AES-128 wants"),
            mac: crypto.new_hmac(HmacAlgorithm::Sha1, &authentication).expect("the built-in provider has HMAC-SHA1"),
            salt,
        }
    }

    /// Encrypts or decrypts `data` (RFC 3711 4.1.1).
    fn apply(&mut self, ssrc: Ssrc, index: u64, data: &mut [u8]) {
        let mut iv = [0; 16];
        iv[4..8].copy_from_slice(&ssrc.0.to_be_bytes());
        iv[8..14].copy_from_slice(&index.to_be_bytes()[2..]);
        for (byte, salt) in iv.iter_mut().zip(self.salt) {
            *byte ^= salt;
        }
        self.cipher.apply_keystream(&iv, data).expect("the IV is one AES block");
    }

    fn tag(&mut self, parts: &[&[u8]]) -> [u8; 20] {
        let mut tag = [0; 20];
        self.mac.sign(parts, &mut tag).expect("an HMAC-SHA1 tag is 20 bytes long");
        tag
    }
}

/// The pseudo-random function of RFC 3711 4.3.3, with a key derivation rate of zero.
fn derive_key(crypto: &dyn RTCCrypto, master: &SrtpKey, label: u8, out: &mut [u8]) {
    for (counter, part) in (0u16..).zip(out.chunks_mut(16)) {
        let mut block = [0; 16];
        block[..14].copy_from_slice(&master.salt);
        block[7] ^= label;
        block[14..].copy_from_slice(&counter.to_be_bytes());
        crypto
            .block_encrypt(BlockCipherAlgorithm::Aes128, &master.key, &mut block)
            .expect("key and block are 16 bytes long");
        part.copy_from_slice(&block[..part.len()]);
    }
}

/// A master key and the session keys made from it, for one direction.
struct Keys {
    rtp: SessionKeys,
    rtcp: SessionKeys,
    rtp_tag: usize,
}

impl Keys {
    fn new(master: &SrtpKey) -> Self {
        let provider = RingProvider::new();
        let crypto = provider.crypto();
        let rtp_tag = match master.suite {
            SrtpSuite::AesCm128HmacSha1_80 => LONG_TAG,
            SrtpSuite::AesCm128HmacSha1_32 => SHORT_TAG,
        };
        Self { rtp: SessionKeys::derive(crypto, master, 0), rtcp: SessionKeys::derive(crypto, master, 3), rtp_tag }
    }
}

/// Windows of the sources of one direction. Fixed size; the longest silent source makes room.
#[derive(Default)]
struct Sources(heapless::Vec<(Ssrc, ReplayWindow), MAX_SOURCES>);

impl Sources {
    fn window(&mut self, ssrc: Ssrc) -> Option<&mut ReplayWindow> {
        let at = self.0.iter().position(|(known, _)| *known == ssrc)?;
        // The table is kept in order of last use, so that the first is the one to forget.
        self.0[at..].rotate_left(1);
        self.0.last_mut().map(|(_, window)| window)
    }

    fn mark(&mut self, ssrc: Ssrc, index: u64) {
        if let Some(window) = self.window(ssrc) {
            return window.mark(index);
        }
        if self.0.is_full() {
            self.0.remove(0);
        }
        let pushed = self.0.push((ssrc, ReplayWindow::starting_at(index)));
        debug_assert!(pushed.is_ok(), "room was made");
    }
}

/// The 48-bit index of a packet from its 16-bit sequence number and the highest index so far (RFC 3711 3.3.1, appendix A).
/// `None` before the first cycle, where no such packet can exist.
fn packet_index(highest: u64, sequence: u16) -> Option<u64> {
    let here = highest & !0xffff | u64::from(sequence);
    if here > highest + 0x8000 {
        here.checked_sub(0x1_0000)
    } else if here + 0x8000 < highest {
        Some(here + 0x1_0000)
    } else {
        Some(here)
    }
}

/// The roll-over counter that goes into the tag (RFC 3711 4.2).
fn roll_over(index: u64) -> [u8; 4] {
    let [_, _, counter @ .., _, _] = index.to_be_bytes();
    counter
}

/// Index of a packet of a source, and whether the source's window allows it.
fn fresh_index(sources: &mut Sources, header: &RtpHeader) -> Result<u64, SrtpRefusal> {
    let Some(window) = sources.window(header.ssrc) else { return Ok(u64::from(header.sequence)) };
    match packet_index(window.highest(), header.sequence) {
        Some(index) if window.is_fresh(index) => Ok(index),
        _ => Err(SrtpRefusal::Replayed),
    }
}

/// Protects what we send on a leg.
pub struct SrtpSender {
    keys: Keys,
    sources: Sources,
    /// One for all sources: an index is then never used twice with the same key (RFC 3711 9.1).
    rtcp_index: u32,
}

impl std::fmt::Debug for SrtpSender {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("SrtpSender(…)")
    }
}

impl SrtpSender {
    /// A context for `key`, with nothing sent yet.
    #[must_use]
    pub fn new(key: &SrtpKey) -> Self {
        Self { keys: Keys::new(key), sources: Sources::default(), rtcp_index: 0 }
    }

    /// Encrypts the RTP packet in `buffer[..len]` and appends the tag. Returns the new length.
    ///
    /// # Errors
    /// [`SrtpRefusal::Replayed`] for a sequence number sent before: encrypting two payloads with one key stream would give
    /// both away (RFC 3711 9.1). [`SrtpRefusal::Malformed`], [`SrtpRefusal::NoRoom`].
    pub fn protect_rtp(&mut self, buffer: &mut [u8], len: usize) -> Result<usize, SrtpRefusal> {
        let tag_len = self.keys.rtp_tag;
        let total = room(buffer, len, tag_len)?;
        let header = parse_rtp(&buffer[..len])?;
        let index = fresh_index(&mut self.sources, &header)?;
        self.keys.rtp.apply(header.ssrc, index, &mut buffer[header.payload_at..len]);
        let tag = self.keys.rtp.tag(&[&buffer[..len], &roll_over(index)]);
        buffer[len..total].copy_from_slice(&tag[..tag_len]);
        self.sources.mark(header.ssrc, index);
        Ok(total)
    }

    /// Encrypts the RTCP datagram in `buffer[..len]` and appends index and tag. Returns the new length.
    ///
    /// # Errors
    /// [`SrtpRefusal::Malformed`] when shorter than one RTCP header with a source; [`SrtpRefusal::NoRoom`].
    pub fn protect_rtcp(&mut self, buffer: &mut [u8], len: usize) -> Result<usize, SrtpRefusal> {
        let total = room(buffer, len, RTCP_INDEX_BYTES + LONG_TAG)?;
        let ssrc = Ssrc(u32_at(&buffer[..len], 4).ok_or(Malformed::Truncated)?);
        self.rtcp_index = (self.rtcp_index + 1) & !E_BIT;
        self.keys.rtcp.apply(ssrc, u64::from(self.rtcp_index), &mut buffer[RTCP_CLEAR_BYTES..len]);
        let tag_at = len + RTCP_INDEX_BYTES;
        buffer[len..tag_at].copy_from_slice(&(self.rtcp_index | E_BIT).to_be_bytes());
        let tag = self.keys.rtcp.tag(&[&buffer[..tag_at]]);
        buffer[tag_at..total].copy_from_slice(&tag[..LONG_TAG]);
        Ok(total)
    }
}

fn room(buffer: &[u8], len: usize, overhead: usize) -> Result<usize, SrtpRefusal> {
    if len + overhead > buffer.len() { Err(SrtpRefusal::NoRoom) } else { Ok(len + overhead) }
}

/// Unprotects what the peer of a leg sends.
pub struct SrtpReceiver {
    keys: Keys,
    rtp_sources: Sources,
    rtcp_sources: Sources,
}

impl std::fmt::Debug for SrtpReceiver {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("SrtpReceiver(…)")
    }
}

impl SrtpReceiver {
    /// A context for `key`, with nothing received yet.
    #[must_use]
    pub fn new(key: &SrtpKey) -> Self {
        Self { keys: Keys::new(key), rtp_sources: Sources::default(), rtcp_sources: Sources::default() }
    }

    /// Checks and decrypts the SRTP packet in `packet`. Returns the length of the RTP packet that is left.
    ///
    /// # Errors
    /// [`SrtpRefusal::Unauthentic`], [`SrtpRefusal::Replayed`] or [`SrtpRefusal::Malformed`]; `packet` is then unchanged and
    /// nothing is remembered of it.
    pub fn unprotect_rtp(&mut self, packet: &mut [u8]) -> Result<usize, SrtpRefusal> {
        let header = parse_rtp(packet)?;
        let len = packet.len().checked_sub(self.keys.rtp_tag).ok_or(Malformed::Truncated)?;
        if len < header.payload_at {
            return Err(Malformed::Truncated.into());
        }
        let rounds = if self.rtp_sources.window(header.ssrc).is_some() { 0 } else { MOST_ROUNDS_BEFORE };
        let first = fresh_index(&mut self.rtp_sources, &header)?;
        let (message, tag) = packet.split_at_mut(len);
        let mut indices = (0..=rounds).map(|round| first + (round << 16));
        let proven = |index: &u64| {
            let expected = self.keys.rtp.tag(&[message, &roll_over(*index)]);
            constant_time_eq(tag, &expected[..tag.len()])
        };
        let index = indices.find(proven).ok_or(SrtpRefusal::Unauthentic)?;
        self.keys.rtp.apply(header.ssrc, index, &mut message[header.payload_at..]);
        self.rtp_sources.mark(header.ssrc, index);
        Ok(len)
    }

    /// Checks and decrypts the SRTCP datagram in `packet`. Returns the length of the RTCP datagram that is left.
    ///
    /// # Errors
    /// [`SrtpRefusal::NotEncrypted`] when the E bit is clear, whatever the tag; else as [`Self::unprotect_rtp`].
    pub fn unprotect_rtcp(&mut self, packet: &mut [u8]) -> Result<usize, SrtpRefusal> {
        let tag_at = packet.len().checked_sub(LONG_TAG).ok_or(Malformed::Truncated)?;
        let len = tag_at.checked_sub(RTCP_INDEX_BYTES).ok_or(Malformed::Truncated)?;
        if len < RTCP_CLEAR_BYTES {
            return Err(Malformed::Truncated.into());
        }
        let flagged = u32_at(packet, len).ok_or(Malformed::Truncated)?;
        if flagged & E_BIT == 0 {
            return Err(SrtpRefusal::NotEncrypted);
        }
        let index = u64::from(flagged & !E_BIT);
        let ssrc = Ssrc(u32_at(packet, 4).ok_or(Malformed::Truncated)?);
        if self.rtcp_sources.window(ssrc).is_some_and(|window| !window.is_fresh(index)) {
            return Err(SrtpRefusal::Replayed);
        }
        let (message, tag) = packet.split_at_mut(tag_at);
        let expected = self.keys.rtcp.tag(&[message]);
        if !constant_time_eq(tag, &expected[..LONG_TAG]) {
            return Err(SrtpRefusal::Unauthentic);
        }
        self.keys.rtcp.apply(ssrc, index, &mut message[RTCP_CLEAR_BYTES..len]);
        self.rtcp_sources.mark(ssrc, index);
        Ok(len)
    }
}

#[cfg(test)]
mod tests;
