//! What the box lets an end hear, over real sockets, judged by its content.
#![allow(clippy::unwrap_used, reason = "a test may")]

mod office;

use centrale_rtp::relay::{Command, LegMedia, Side, SrtpKey, SrtpSuite};
use centrale_rtp::sound::{Country, Encoding, Sound, Speech};
use office::*;
use rtc_crypto::RTCCryptoProvider;
use rtc_crypto::providers::RingProvider;
use rtc_srtp::context::Context;
use rtc_srtp::protection_profile::ProtectionProfile;
use std::f64::consts::TAU;
use std::time::{Duration, Instant};

const SPEECH: Speech = Speech { encoding: Encoding::Pcma, payload_type: 8, ssrc: 0x5eed_0001 };

impl Call {
    fn plays(&self, side: Side, sound: Sound) {
        self.exchange.media.send(Command::Play { relay: RELAY, side, sound, speech: SPEECH });
        self.exchange.settles();
    }

    fn stops_playing(&self, side: Side) {
        self.exchange.media.send(Command::Stop { relay: RELAY, side });
        self.exchange.settles();
    }
}

fn sequence(packet: &[u8]) -> u16 {
    u16::from_be_bytes([packet[2], packet[3]])
}

fn ssrc(packet: &[u8]) -> u32 {
    u32::from_be_bytes([packet[8], packet[9], packet[10], packet[11]])
}

/// A-law as ITU-T G.711 table 1 has it.
fn sample(code: u8) -> f64 {
    let code = code ^ 0x55;
    let (segment, step) = ((code >> 4) & 7, i32::from(code & 0x0f) << 4);
    let magnitude = if segment == 0 { step + 8 } else { (step + 0x108) << (segment - 1) };
    f64::from(if code & 0x80 == 0 { -magnitude } else { magnitude })
}

/// Whether the audio of these packets is a tone of that frequency, by Goertzel's algorithm; 0 Hz is silence.
fn is_tone(packets: &[Vec<u8>], hertz: u32) -> bool {
    let samples: Vec<f64> = packets.iter().flat_map(|packet| &packet[12..]).map(|code| sample(*code)).collect();
    let energy: f64 = samples.iter().map(|sample| sample * sample).sum();
    let count = samples.len() as f64;
    if hertz == 0 || energy / count < 1000.0 {
        return hertz == 0 && energy / count < 1000.0;
    }
    let coefficient = 2.0 * (TAU * f64::from(hertz) / 8000.0).cos();
    let (last, before) =
        samples.iter().fold((0.0, 0.0), |(last, before), sample| (sample + coefficient * last - before, last));
    (last * last + before * before - coefficient * last * before) / (energy * count / 2.0) > 0.9
}

fn key(byte: u8) -> SrtpKey {
    SrtpKey { suite: SrtpSuite::AesCm128HmacSha1_80, key: [byte; 16], salt: [byte; 14] }
}

/// An SRTP phone's context for one direction, by an implementation that is not ours.
fn context(key: &SrtpKey) -> Context {
    let (provider, profile) = (RingProvider::new(), ProtectionProfile::Aes128CmHmacSha1_80);
    Context::new(&key.key, &key.salt, profile, None, None, provider.crypto()).unwrap()
}

fn with_srtp_for_the_callee(side: Side, media: LegMedia) -> LegMedia {
    match side {
        Side::Caller => media,
        Side::Callee => LegMedia { srtp_receive: Some(key(3)), srtp_send: Some(key(4)), ..media },
    }
}

#[test]
fn who_waits_alone_hears_soft_notes_at_the_pace_of_speech() {
    let call = Call::plain();
    let begins = Instant::now();
    call.plays(Side::Callee, Sound::Hold);
    let heard: Vec<Vec<u8>> = (0..85).map(|_| call.callee.hears().0).collect();
    assert!(begins.elapsed() >= Duration::from_millis(60 + 84 * 20), "never faster than it sounds");
    for (from, to, hertz) in [(0, 20, 392), (20, 40, 494), (40, 80, 587), (80, 85, 0)] {
        assert!(is_tone(&heard[from..to], hertz), "{hertz} Hz");
    }
    assert!(heard.windows(2).all(|pair| sequence(&pair[1]) == sequence(&pair[0]) + 1));
    assert!(heard.iter().all(|packet| ssrc(packet) == SPEECH.ssrc));
    assert!(call.caller.has_heard_nothing());
}

#[test]
fn a_beep_is_heard_in_the_place_of_the_other_end_for_300_ms() {
    let call = Call::plain();
    call.is_heard_by_callee(&rtp(1, 0));
    call.plays(Side::Callee, Sound::Warning);
    let heard: Vec<Vec<u8>> = (1..16)
        .map(|number| {
            call.caller.sends(&rtp(1, number), call.caller_port);
            call.callee.hears().0
        })
        .collect();
    assert!(is_tone(&heard[..5], 1400) && is_tone(&heard[5..10], 0) && is_tone(&heard[10..], 1400));
    assert!(heard.iter().zip(1..).all(|(packet, number)| packet[..12] == rtp(1, number)[..12]));
    call.is_heard_by_callee(&rtp(1, 16));
    call.is_heard_by_caller(&rtp(2, 1));
}

#[test]
fn an_srtp_phone_proves_and_hears_both_the_beep_and_the_ringing() {
    let call = Call::with(with_srtp_for_the_callee);
    let mut phone = context(&key(4));
    let mut hears = || phone.decrypt_rtp(&call.callee.hears().0).expect("authentic, and never a number twice").to_vec();
    call.plays(Side::Callee, Sound::Warning);
    let beep: Vec<Vec<u8>> = (0..5)
        .map(|number| {
            call.caller.sends(&rtp(1, number), call.caller_port);
            hears()
        })
        .collect();
    assert!(is_tone(&beep, 1400));
    call.stops_playing(Side::Callee);
    call.caller.sends(&rtp(1, 5), call.caller_port);
    assert_eq!(hears(), rtp(1, 5));
    call.plays(Side::Callee, Sound::RingBack(Country::Netherlands));
    let rings: Vec<Vec<u8>> = (0..55).map(|_| hears()).collect();
    assert!(is_tone(&rings[..50], 425) && is_tone(&rings[50..], 0));
}

#[test]
fn a_sound_that_is_stopped_gives_the_other_end_back_and_is_nobodys_audio_in_the_totals() {
    let call = Call::plain();
    call.plays(Side::Caller, Sound::Hold);
    call.plays(Side::Callee, Sound::Refused(Country::Belgium));
    for _ in 0..10 {
        assert_eq!(ssrc(&call.caller.hears().0), SPEECH.ssrc);
        assert_eq!(ssrc(&call.callee.hears().0), SPEECH.ssrc);
    }
    call.stops_playing(Side::Caller);
    call.stops_playing(Side::Callee);
    // What was on its way is over with the first packet of the other end.
    call.caller.sends(&rtp(1, 1), call.caller_port);
    let next = std::iter::repeat_with(|| call.callee.hears().0).find(|packet| ssrc(packet) == 1);
    assert_eq!(next, Some(rtp(1, 1)));
    let [caller, callee] = call.exchange.closes();
    assert_eq!((caller.packets, caller.lost, callee.packets, callee.lost), (1, 0, 0, 0));
}

#[test]
fn a_closed_side_is_silent_and_a_relay_that_nobody_knows_plays_nothing() {
    let call = Call::plain();
    call.plays(Side::Callee, Sound::Hold);
    call.callee.hears();
    call.exchange.media.send(Command::CloseSide { relay: RELAY, side: Side::Callee });
    call.plays(Side::Callee, Sound::Hold);
    call.exchange.closes();
    call.plays(Side::Callee, Sound::Hold);
}
