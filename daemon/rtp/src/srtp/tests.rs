use super::*;
use proptest::prelude::*;
use rtc_srtp::context::Context;
use rtc_srtp::option::{srtcp_replay_protection, srtp_replay_protection};
use rtc_srtp::protection_profile::ProtectionProfile;

/// The master key and salt of RFC 3711 B.3.
fn rfc_key(suite: SrtpSuite) -> SrtpKey {
    SrtpKey {
        suite,
        key: [0xe1, 0xf9, 0x7a, 0x0d, 0x3e, 0x01, 0x8b, 0xe0, 0xd6, 0x4f, 0xa3, 0x2c, 0x06, 0xde, 0x41, 0x39],
        salt: [0x0e, 0xc6, 0x75, 0xad, 0x49, 0x8a, 0xfe, 0xeb, 0xb6, 0x96, 0x0b, 0x3a, 0xab, 0xe6],
    }
}

const SUITES: [(SrtpSuite, ProtectionProfile); 2] = [
    (SrtpSuite::AesCm128HmacSha1_80, ProtectionProfile::Aes128CmHmacSha1_80),
    (SrtpSuite::AesCm128HmacSha1_32, ProtectionProfile::Aes128CmHmacSha1_32),
];

/// A context of rtc-srtp, the implementation that ours is held against.
fn witness(key: &SrtpKey, profile: ProtectionProfile) -> Context {
    let provider = RingProvider::new();
    Context::new(
        &key.key,
        &key.salt,
        profile,
        Some(srtp_replay_protection(64)),
        Some(srtcp_replay_protection(64)),
        provider.crypto(),
    )
    .unwrap()
}

fn rtp(ssrc: u32, sequence: u16, payload: &[u8]) -> Vec<u8> {
    let [high, low] = sequence.to_be_bytes();
    [&[0x80, 8, high, low, 0, 0, 0, 160], &ssrc.to_be_bytes()[..], payload].concat()
}

fn receiver_report(ssrc: u32) -> Vec<u8> {
    [&[0x80, 201, 0, 1], &ssrc.to_be_bytes()[..]].concat()
}

fn goodbye(ssrc: u32) -> Vec<u8> {
    [&[0x81, 203, 0, 2], &ssrc.to_be_bytes()[..], b"\x03end"].concat()
}

fn protected(sender: &mut SrtpSender, packet: &[u8]) -> Result<Vec<u8>, SrtpRefusal> {
    let mut buffer = packet.to_vec();
    buffer.resize(packet.len() + MAX_OVERHEAD_BYTES, 0);
    let len = sender.protect_rtp(&mut buffer, packet.len())?;
    buffer.truncate(len);
    Ok(buffer)
}

fn protected_rtcp(sender: &mut SrtpSender, packet: &[u8]) -> Vec<u8> {
    let mut buffer = packet.to_vec();
    buffer.resize(packet.len() + MAX_OVERHEAD_BYTES, 0);
    let len = sender.protect_rtcp(&mut buffer, packet.len()).unwrap();
    buffer.truncate(len);
    buffer
}

fn unprotected(receiver: &mut SrtpReceiver, packet: &[u8]) -> Result<Vec<u8>, SrtpRefusal> {
    let mut buffer = packet.to_vec();
    let len = receiver.unprotect_rtp(&mut buffer)?;
    buffer.truncate(len);
    Ok(buffer)
}

fn unprotected_rtcp(receiver: &mut SrtpReceiver, packet: &[u8]) -> Result<Vec<u8>, SrtpRefusal> {
    let mut buffer = packet.to_vec();
    let len = receiver.unprotect_rtcp(&mut buffer)?;
    buffer.truncate(len);
    Ok(buffer)
}

#[test]
fn session_keys_are_those_of_rfc_3711_appendix_b_3() {
    let key = rfc_key(SrtpSuite::AesCm128HmacSha1_80);
    let provider = RingProvider::new();
    let mut cipher = [0; 16];
    let mut salt = [0; 14];
    let mut authentication = [0; 20];
    derive_key(provider.crypto(), &key, 0, &mut cipher);
    derive_key(provider.crypto(), &key, 1, &mut authentication);
    derive_key(provider.crypto(), &key, 2, &mut salt);
    assert_eq!(
        cipher,
        [0xc6, 0x1e, 0x7a, 0x93, 0x74, 0x4f, 0x39, 0xee, 0x10, 0x73, 0x4a, 0xfe, 0x3f, 0xf7, 0xa0, 0x87]
    );
    assert_eq!(salt, [0x30, 0xcb, 0xbc, 0x08, 0x86, 0x3d, 0x8c, 0x85, 0xd4, 0x9d, 0xb3, 0x4a, 0x9a, 0xe1]);
    assert_eq!(
        authentication,
        [
            0xce, 0xbe, 0x32, 0x1f, 0x6f, 0xf7, 0x71, 0x6b, 0x6f, 0xd4, 0xab, 0x49, 0xaf, 0x25, 0x6a, 0x15, 0x6d, 0x38,
            0xba, 0xa4
        ]
    );
}

#[test]
fn packets_are_byte_for_byte_those_of_another_implementation_through_a_roll_over() {
    for (suite, profile) in SUITES {
        let key = rfc_key(suite);
        let (mut sender, mut theirs) = (SrtpSender::new(&key), witness(&key, profile));
        let (mut receiver, mut reader) = (SrtpReceiver::new(&key), witness(&key, profile));
        for step in 0..200u16 {
            let packet = rtp(7, 65_450u16.wrapping_add(step), &step.to_be_bytes().repeat(80));
            let wire = protected(&mut sender, &packet).unwrap();
            assert_eq!(wire, theirs.encrypt_rtp(&packet).unwrap());
            assert_eq!(unprotected(&mut receiver, &wire).unwrap(), packet);
            assert_eq!(reader.decrypt_rtp(&wire).unwrap(), packet);
        }
    }
}

#[test]
fn srtcp_is_byte_for_byte_that_of_another_implementation() {
    let key = rfc_key(SrtpSuite::AesCm128HmacSha1_32);
    let (mut sender, mut theirs) = (SrtpSender::new(&key), witness(&key, SUITES[1].1));
    let mut receiver = SrtpReceiver::new(&key);
    for packet in [receiver_report(7), goodbye(7), receiver_report(7)] {
        let wire = protected_rtcp(&mut sender, &packet);
        assert_eq!(wire, theirs.encrypt_rtcp(&packet).unwrap());
        assert_eq!(unprotected_rtcp(&mut receiver, &wire).unwrap(), packet);
    }
}

#[test]
fn a_forged_goodbye_with_the_e_bit_clear_is_refused() {
    let key = rfc_key(SrtpSuite::AesCm128HmacSha1_80);
    let forged = [goodbye(7), vec![0, 0, 0, 9], vec![0; 10]].concat();
    // The reason why this check is ours: the library lets it through.
    assert_eq!(witness(&key, SUITES[0].1).decrypt_rtcp(&forged).unwrap(), goodbye(7));
    assert_eq!(unprotected_rtcp(&mut SrtpReceiver::new(&key), &forged), Err(SrtpRefusal::NotEncrypted));
}

#[test]
fn a_changed_byte_anywhere_is_refused_and_leaves_no_trace() {
    let key = rfc_key(SrtpSuite::AesCm128HmacSha1_80);
    let wire = protected(&mut SrtpSender::new(&key), &rtp(7, 1, &[9; 20])).unwrap();
    let control = protected_rtcp(&mut SrtpSender::new(&key), &goodbye(7));
    let mut receiver = SrtpReceiver::new(&key);
    for at in 0..wire.len() {
        let mut changed = wire.clone();
        changed[at] ^= 0x40;
        assert!(unprotected(&mut receiver, &changed).is_err(), "byte {at}");
    }
    for at in 0..control.len() {
        let mut changed = control.clone();
        changed[at] ^= 0x40;
        assert!(unprotected_rtcp(&mut receiver, &changed).is_err(), "byte {at}");
    }
    assert!(unprotected(&mut receiver, &wire).is_ok());
    assert!(unprotected_rtcp(&mut receiver, &control).is_ok());
}

#[test]
fn another_key_is_refused() {
    let mut wrong = rfc_key(SrtpSuite::AesCm128HmacSha1_80);
    let wire = protected(&mut SrtpSender::new(&wrong), &rtp(7, 1, &[9; 20])).unwrap();
    wrong.key[0] ^= 1;
    assert_eq!(unprotected(&mut SrtpReceiver::new(&wrong), &wire), Err(SrtpRefusal::Unauthentic));
}

#[test]
fn a_replayed_packet_is_refused_and_a_late_one_is_not() {
    let key = rfc_key(SrtpSuite::AesCm128HmacSha1_80);
    let mut sender = SrtpSender::new(&key);
    let wires: Vec<_> = (1..=100).map(|sequence| protected(&mut sender, &rtp(7, sequence, b"a")).unwrap()).collect();
    let mut receiver = SrtpReceiver::new(&key);
    assert!(unprotected(&mut receiver, &wires[0]).is_ok());
    assert!(unprotected(&mut receiver, &wires[98]).is_ok());
    assert!(unprotected(&mut receiver, &wires[60]).is_ok(), "38 late");
    assert_eq!(unprotected(&mut receiver, &wires[60]), Err(SrtpRefusal::Replayed));
    assert_eq!(unprotected(&mut receiver, &wires[10]), Err(SrtpRefusal::Replayed), "88 late");
    let control = protected_rtcp(&mut sender, &goodbye(7));
    assert!(unprotected_rtcp(&mut receiver, &control).is_ok());
    assert_eq!(unprotected_rtcp(&mut receiver, &control), Err(SrtpRefusal::Replayed));
}

#[test]
fn a_new_source_starts_afresh_and_many_sources_stay_bounded() {
    let key = rfc_key(SrtpSuite::AesCm128HmacSha1_80);
    let (mut sender, mut receiver) = (SrtpSender::new(&key), SrtpReceiver::new(&key));
    for ssrc in 0..50 {
        for sequence in [65_534, 65_535, 0, 1] {
            let packet = rtp(ssrc, sequence, b"abc");
            let wire = protected(&mut sender, &packet).unwrap();
            assert_eq!(unprotected(&mut receiver, &wire).unwrap(), packet);
        }
    }
    assert_eq!(receiver.rtp_sources.0.len(), MAX_SOURCES);
}

#[test]
fn one_key_stream_is_never_used_for_two_payloads() {
    let mut sender = SrtpSender::new(&rfc_key(SrtpSuite::AesCm128HmacSha1_80));
    assert!(protected(&mut sender, &rtp(7, 500, b"first")).is_ok());
    assert_eq!(protected(&mut sender, &rtp(7, 500, b"other")), Err(SrtpRefusal::Replayed));
    let control = [protected_rtcp(&mut sender, &goodbye(7)), protected_rtcp(&mut sender, &goodbye(8))];
    assert_ne!(control[0][12..16], control[1][12..16], "the index differs between sources too");
}

#[test]
fn a_full_buffer_and_a_stump_are_refused() {
    let key = rfc_key(SrtpSuite::AesCm128HmacSha1_80);
    let mut packet = rtp(7, 1, b"abc");
    let len = packet.len();
    assert_eq!(SrtpSender::new(&key).protect_rtp(&mut packet, len), Err(SrtpRefusal::NoRoom));
    for len in 0..22 {
        let stump = &rtp(7, 1, &[0; 10])[..len];
        assert!(matches!(unprotected(&mut SrtpReceiver::new(&key), stump), Err(SrtpRefusal::Malformed(_))), "{len}");
        assert!(matches!(unprotected_rtcp(&mut SrtpReceiver::new(&key), stump), Err(SrtpRefusal::Malformed(_))));
    }
}

#[test]
fn the_index_follows_the_sequence_number_across_the_wrap_in_both_directions() {
    assert_eq!(packet_index(65_530, 3), Some(65_539));
    assert_eq!(packet_index(65_539, 65_530), Some(65_530));
    assert_eq!(packet_index(10, 65_530), None, "nothing comes before the first packet");
    assert_eq!(packet_index(5 << 16 | 9, 8), Some(5 << 16 | 8));
}

proptest! {
    #[test]
    fn any_bytes_are_refused_without_a_key(bytes in prop::collection::vec(any::<u8>(), 0..120)) {
        let mut receiver = SrtpReceiver::new(&rfc_key(SrtpSuite::AesCm128HmacSha1_80));
        prop_assert!(unprotected(&mut receiver, &bytes).is_err());
        prop_assert!(unprotected_rtcp(&mut receiver, &bytes).is_err());
    }

    #[test]
    fn whatever_is_protected_comes_out_the_same(
        payload in prop::collection::vec(any::<u8>(), 0..400), ssrc: u32, sequence: u16, csrcs in 0u8..16,
    ) {
        let key = rfc_key(SrtpSuite::AesCm128HmacSha1_32);
        let mut packet = rtp(ssrc, sequence, &vec![1; usize::from(csrcs) * 4]);
        packet[0] |= csrcs;
        packet.extend(payload);
        let wire = protected(&mut SrtpSender::new(&key), &packet).unwrap();
        prop_assert_eq!(unprotected(&mut SrtpReceiver::new(&key), &wire).unwrap(), packet);
    }
}

#[test]
fn a_phone_that_has_talked_for_hours_is_heard_by_the_call_that_it_is_handed_on_to() {
    for (suite, _) in SUITES {
        let key = rfc_key(suite);
        let mut phone = SrtpSender::new(&key);
        for round in 0..=MOST_ROUNDS_BEFORE + 1 {
            let mut last = Vec::new();
            for sequence in [0x0001, 0x5000, 0xa000] {
                last = protected(&mut phone, &rtp(7, sequence, b"voice")).unwrap();
            }
            let mut call = SrtpReceiver::new(&key);
            let heard = unprotected(&mut call, &last);
            if round > MOST_ROUNDS_BEFORE {
                assert_eq!(heard, Err(SrtpRefusal::Unauthentic));
                continue;
            }
            assert_eq!(heard.unwrap(), rtp(7, 0xa000, b"voice"), "round {round}");
            assert_eq!(unprotected(&mut call, &last), Err(SrtpRefusal::Replayed));
        }
    }
}
