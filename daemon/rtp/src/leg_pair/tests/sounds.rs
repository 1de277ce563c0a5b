//! Sounds in the place of what the other end sends, and in packets of their own.

use super::*;
use crate::header::{RtpHeader, parse_rtp};
use crate::sound::{Country, Encoding, from_a_law, hertz_and_ms};
use std::collections::BTreeSet;

const SPEECH: Speech = Speech { encoding: Encoding::Pcma, payload_type: 8, ssrc: 0xfffe_0001 };
const PACKET: Duration = Duration::from_millis(20);
/// RFC 4733: the digit 5, with a payload type that the exchange has not been told the meaning of.
const DIGIT: [u8; 16] = [0x80, 101, 0, 3, 0, 0, 0, 160, 0, 0, 0, 7, 5, 10, 0, 160];

/// What the callee is sent within a time, in clear. `spoken` is how many packets the caller sends first, one each 20 ms.
fn heard_by_callee(scene: &mut Scene, spoken: u16, ms: u64) -> Vec<(RtpHeader, Vec<u8>)> {
    let end = scene.now + Duration::from_millis(ms);
    let (mut sent, mut sequence) = (Vec::new(), 0);
    let mut buffer = [0; 200];
    while scene.now < end {
        if sequence < spoken {
            sent.push(scene.caller_sends(&rtp(sequence)).unwrap().1);
            sequence += 1;
        }
        while let Some((side, out)) = scene.pair.poll_sound(scene.now, &mut buffer) {
            assert_eq!((side, out.to, out.channel), (Side::Callee, at(CALLEE), Channel::Rtp));
            sent.push(buffer[..out.len].to_vec());
        }
        scene.now += PACKET;
    }
    sent.into_iter().map(|packet| (parse_rtp(&packet).unwrap(), packet[12..].to_vec())).collect()
}

fn tones(heard: &[(RtpHeader, Vec<u8>)]) -> Vec<(u32, u32)> {
    let samples: Vec<i16> = heard.iter().flat_map(|(_, payload)| payload.iter().copied().map(from_a_law)).collect();
    hertz_and_ms(&samples, 8000)
}

fn sources(heard: &[(RtpHeader, Vec<u8>)]) -> Vec<u32> {
    heard.iter().map(|(header, _)| header.ssrc.0).collect::<BTreeSet<_>>().into_iter().collect()
}

#[test]
fn a_beep_takes_the_place_of_speech_within_its_stream_and_then_the_other_end_is_heard_again() {
    let mut scene = Scene::plain();
    scene.pair.play(scene.now, Side::Callee, Sound::Warning, SPEECH);
    let heard = heard_by_callee(&mut scene, 20, 400);
    assert_eq!(tones(&heard[..15]), [(1400, 100), (0, 100), (1400, 100)]);
    assert!(heard[15..].iter().all(|(_, payload)| *payload == rtp(0)[12..]));
    assert_eq!(sources(&heard), [7], "it is the other end's stream throughout");
    let sequences: Vec<u16> = heard.iter().map(|(header, _)| header.sequence).collect();
    assert_eq!(sequences, (0..20).collect::<Vec<_>>());
    assert_eq!(scene.pair.sound_due(), None);
}

#[test]
fn who_is_sent_nothing_hears_a_sound_in_packets_of_our_own() {
    let mut scene = Scene::plain();
    scene.pair.play(scene.now, Side::Callee, Sound::Hold, SPEECH);
    let heard = heard_by_callee(&mut scene, 0, 1660);
    assert_eq!(tones(&heard), [(392, 400), (494, 400), (587, 800)]);
    assert_eq!((sources(&heard), heard.len()), (vec![SPEECH.ssrc], 80));
    scene.pair.stop(Side::Callee);
    assert_eq!((scene.pair.sound_due(), heard_by_callee(&mut scene, 0, 100).len()), (None, 0));
}

#[test]
fn when_the_other_end_falls_silent_the_sound_goes_on_where_it_was() {
    let mut scene = Scene::plain();
    scene.pair.play(scene.now, Side::Callee, Sound::RingBack(Country::Belgium), SPEECH);
    let heard = heard_by_callee(&mut scene, 25, 1040);
    // The last of the other end's packets, and 60 ms later the first of ours.
    assert_eq!(tones(&heard), [(425, 1000)]);
    assert_eq!(sources(&heard), [7, SPEECH.ssrc]);
    let own: Vec<bool> = heard[25..].iter().map(|(header, _)| header.marker).collect();
    assert_eq!((own.len(), own[0], own[1..].contains(&true)), (25, true, false));
}

#[test]
fn digits_and_rtcp_reach_whom_they_are_for_while_a_sound_is_played() {
    let mut scene = Scene::plain();
    scene.pair.play(scene.now, Side::Callee, Sound::Hold, SPEECH);
    assert_eq!(scene.caller_sends(&DIGIT).unwrap().1, DIGIT);
    assert_eq!(scene.packet(Side::Caller, Channel::Rtcp, "192.0.2.10:4001", &BYE).unwrap().1, BYE);
}

#[test]
fn a_sound_is_nothing_that_anybody_sent_and_the_other_way_stays_open() {
    let mut scene = Scene::plain();
    scene.pair.play(scene.now, Side::Callee, Sound::Hold, SPEECH);
    heard_by_callee(&mut scene, 3, 2000);
    assert_eq!(scene.packet(Side::Callee, Channel::Rtp, CALLEE, &rtp(9)), Ok((at(CALLER), rtp(9))));
    let [caller, callee] = scene.pair.totals(scene.now);
    assert_eq!((caller.packets, caller.lost, callee.packets, callee.lost), (3, 0, 1, 0));
}

#[test]
fn over_srtp_both_streams_are_proven_for_longer_than_a_round_of_numbers_and_no_index_comes_twice() {
    let mut scene = Scene::new(media(CALLER), with_srtp(CALLEE, 1, 2));
    let mut phone = SrtpReceiver::new(&key(1));
    let mut hears = |mut packet: Vec<u8>| {
        let len = phone.unprotect_rtp(&mut packet).expect("proven, and not heard before");
        parse_rtp(&packet[..len]).unwrap().ssrc.0
    };
    assert_eq!(hears(scene.caller_sends(&rtp(1)).unwrap().1), 7);
    scene.pair.play(scene.now, Side::Callee, Sound::Hold, SPEECH);
    assert_eq!(hears(scene.caller_sends(&rtp(2)).unwrap().1), 7);
    for _ in 0..34_000 {
        scene.now += PACKET;
        let mut buffer = [0; 200];
        if let Some((_, out)) = scene.pair.poll_sound(scene.now, &mut buffer) {
            assert_eq!(hears(buffer[..out.len].to_vec()), SPEECH.ssrc);
        }
    }
    scene.pair.play(scene.now, Side::Callee, Sound::Warning, Speech { ssrc: 0xbeef_0002, ..SPEECH });
    assert_eq!(hears(scene.caller_sends(&rtp(3)).unwrap().1), 7);
    scene.now += Duration::from_millis(100);
    let mut buffer = [0; 200];
    let (_, out) = scene.pair.poll_sound(scene.now, &mut buffer).unwrap();
    assert_eq!(hears(buffer[..out.len].to_vec()), 0xbeef_0002);
}

#[test]
fn a_side_that_nobody_is_on_or_whose_peer_has_no_address_hears_nothing_and_the_sound_stays_in_time() {
    let mut scene = Scene::new(media(CALLER), LegMedia { remote: None, ..media(CALLEE) });
    scene.pair.play(scene.now, Side::Callee, Sound::RingBack(Country::Belgium), SPEECH);
    assert_eq!(heard_by_callee(&mut scene, 0, 2060).len(), 0);
    scene.pair.change(scene.now, Side::Callee, media(CALLEE));
    let heard = heard_by_callee(&mut scene, 0, 3000);
    assert_eq!(tones(&heard), [(0, 2000), (425, 1000)], "it rings again four seconds after it did");
    scene.pair.close_side(scene.now, Side::Callee);
    assert_eq!(scene.pair.sound_due(), None);
    scene.pair.play(scene.now, Side::Callee, Sound::Hold, SPEECH);
    assert_eq!(scene.pair.sound_due(), None);
}

proptest! {
    #[test]
    fn any_packet_keeps_its_header_and_length_when_a_sound_is_put_in(
        packet in prop::collection::vec(any::<u8>(), 12..300), payload_type in 0u8..128,
    ) {
        let mut scene = Scene::plain();
        scene.pair.play(scene.now, Side::Callee, Sound::Hold, Speech { payload_type, ..SPEECH });
        if let Ok((_, sent)) = scene.caller_sends(&packet) {
            let header = parse_rtp(&packet).unwrap();
            prop_assert_eq!(parse_rtp(&sent).unwrap(), header);
            prop_assert_eq!(sent.len(), packet.len());
            prop_assert_eq!(&sent[..header.payload_at], &packet[..header.payload_at]);
        }
    }
}

#[test]
fn a_beep_in_a_meeting_is_a_part_of_what_is_heard_there_however_late_the_thread_is() {
    let mut scene = Scene::plain();
    let mut mixer = Mixer::default();
    let part = Part { speech: Speech { ssrc: 9, ..SPEECH }, payload_type: 8, speaks: true, hears: true };
    assert!(scene.pair.meet(Side::Callee, part));
    scene.pair.play(scene.now, Side::Callee, Sound::Warning, SPEECH);
    scene.now += Duration::from_millis(100);
    let mut buffer = [0; 200];
    assert_eq!((scene.pair.sound_due(), scene.pair.poll_sound(scene.now, &mut buffer)), (None, None));
    let mut heard = Vec::new();
    for _ in 0..25 {
        mixer.begin();
        scene.pair.speak(Side::Callee, &mut mixer);
        let out = scene.pair.write_meeting(scene.now, Side::Callee, &mixer, &mut buffer).expect("a packet each tick");
        heard.push((parse_rtp(&buffer[..out.len]).unwrap(), buffer[12..out.len].to_vec()));
    }
    assert_eq!((tones(&heard)[..3].to_vec(), sources(&heard)), (vec![(1400, 100), (0, 100), (1400, 100)], vec![9]));
}
