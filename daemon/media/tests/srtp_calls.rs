//! SRTP on one leg or both, over real sockets; the phones' side is played by rtc-srtp, an implementation that is not ours.
#![allow(clippy::unwrap_used, reason = "a test may")]

mod office;

use centrale_rtp::relay::{LegMedia, Side, SrtpKey, SrtpSuite};
use office::*;
use rtc_crypto::RTCCryptoProvider;
use rtc_crypto::providers::RingProvider;
use rtc_srtp::context::Context;
use rtc_srtp::protection_profile::ProtectionProfile;

fn key(byte: u8) -> SrtpKey {
    SrtpKey { suite: SrtpSuite::AesCm128HmacSha1_80, key: [byte; 16], salt: [byte; 14] }
}

/// A phone's context for one direction.
fn context(key: &SrtpKey) -> Context {
    let provider = RingProvider::new();
    let profile = ProtectionProfile::Aes128CmHmacSha1_80;
    Context::new(&key.key, &key.salt, profile, None, None, provider.crypto()).unwrap()
}

/// The phone sends with key 1 and the box with key 2 on the caller's leg; 3 and 4 on the callee's.
#[allow(clippy::needless_pass_by_value, reason = "the shape that a call wants")]
fn secured(side: Side, media: LegMedia) -> LegMedia {
    let (receive, send) = if side == Side::Caller { (1, 2) } else { (3, 4) };
    LegMedia { srtp_receive: Some(key(receive)), srtp_send: Some(key(send)), ..media }
}

#[test]
fn an_srtp_phone_talks_with_a_plain_one() {
    let call = Call::with(|side, media| if side == Side::Caller { secured(side, media) } else { media });
    let (mut phone_out, mut phone_in) = (context(&key(1)), context(&key(2)));
    for sequence in 65_530..65_535u16 {
        call.caller.sends(&phone_out.encrypt_rtp(&rtp(1, sequence)).unwrap(), call.caller_port);
        assert_eq!(call.callee.hears().0, rtp(1, sequence));
        call.callee.sends(&rtp(2, sequence), call.callee_port);
        assert_eq!(phone_in.decrypt_rtp(&call.caller.hears().0).unwrap(), rtp(2, sequence));
    }
    call.caller.sends_rtcp(&phone_out.encrypt_rtcp(&BYE).unwrap(), call.caller_port);
    assert_eq!(call.callee.hears_rtcp().0, BYE);
    call.callee.sends_rtcp(&BYE, call.callee_port);
    assert_eq!(phone_in.decrypt_rtcp(&call.caller.hears_rtcp().0).unwrap(), BYE.as_slice());
}

#[test]
fn two_srtp_phones_with_different_keys_talk() {
    let call = Call::with(secured);
    let (mut caller_out, mut caller_in) = (context(&key(1)), context(&key(2)));
    let (mut callee_out, mut callee_in) = (context(&key(3)), context(&key(4)));
    for sequence in 0..5 {
        call.caller.sends(&caller_out.encrypt_rtp(&rtp(1, sequence)).unwrap(), call.caller_port);
        assert_eq!(callee_in.decrypt_rtp(&call.callee.hears().0).unwrap(), rtp(1, sequence));
        call.callee.sends(&callee_out.encrypt_rtp(&rtp(2, sequence)).unwrap(), call.callee_port);
        assert_eq!(caller_in.decrypt_rtp(&call.caller.hears().0).unwrap(), rtp(2, sequence));
    }
}

#[test]
fn a_wrong_key_plain_rtp_a_replay_and_a_forged_goodbye_are_refused_and_counted() {
    let call = Call::with(secured);
    let authentic = context(&key(1)).encrypt_rtp(&rtp(1, 1)).unwrap();
    call.caller.sends(&context(&key(9)).encrypt_rtp(&rtp(1, 1)).unwrap(), call.caller_port);
    call.caller.sends(&rtp(1, 1), call.caller_port);
    call.caller.sends_rtcp(&[&BYE[..], &[0; 14]].concat(), call.caller_port);
    call.caller.sends(&authentic, call.caller_port);
    let mut callee_in = context(&key(4));
    assert_eq!(callee_in.decrypt_rtp(&call.callee.hears().0).unwrap(), rtp(1, 1), "the authentic one comes first");
    call.caller.sends(&authentic, call.caller_port);
    let [caller, _] = call.exchange.closes();
    assert_eq!((caller.packets, caller.malformed, caller.intruders), (1, 0, 0));
    assert_eq!(caller.unauthentic, 4);
}
