//! Keys that a peer is sent in the stream that it is sent anyway.

use super::*;
use crate::header::{RtpHeader, parse_rtp};
use crate::keys::Keys;
use crate::relay::{Key, Press};
use crate::sound::{Encoding, Sound, Speech};
use std::collections::BTreeSet;

const PACKET: Duration = Duration::from_millis(20);

fn press(key: char, ms: u64) -> Press {
    let lasts = Duration::from_millis(ms);
    Press { key: Key(key), lasts, payload_type: 101, clock_rate: 8000, ssrc: 0xc0ff_ee00 }
}

fn speech(sequence: u16) -> Vec<u8> {
    let mut packet = rtp(sequence);
    packet[4..8].copy_from_slice(&(u32::from(sequence) * 160).to_be_bytes());
    packet
}

/// A phone's own packet of a key.
fn event(sequence: u16, event: u8) -> Vec<u8> {
    let mut packet = speech(sequence)[..12].to_vec();
    packet[1] = 101;
    packet.extend([event, 10, 0, 160]);
    packet
}

/// What the callee is sent while the caller says these packets, one each 20 ms; nothing where there is none.
fn heard(scene: &mut Scene, said: impl IntoIterator<Item = Option<Vec<u8>>>) -> Vec<Vec<u8>> {
    let mut sent = Vec::new();
    for packet in said {
        if let Some(packet) = packet {
            sent.push(scene.caller_sends(&packet).unwrap().1);
        }
        let mut buffer = [0; 200];
        while let Some((Side::Callee, out)) = scene.pair.poll_sound(scene.now, &mut buffer) {
            assert_eq!((out.to, out.channel), (at(CALLEE), Channel::Rtp));
            sent.push(buffer[..out.len].to_vec());
        }
        scene.now += PACKET;
    }
    sent
}

fn spoken(sequences: std::ops::Range<u16>) -> impl Iterator<Item = Option<Vec<u8>>> {
    sequences.map(|sequence| Some(speech(sequence)))
}

fn silence(packets: usize) -> impl Iterator<Item = Option<Vec<u8>>> {
    std::iter::repeat_n(None, packets)
}

fn header(packet: &[u8]) -> RtpHeader {
    parse_rtp(packet).unwrap()
}

/// Event, end bit, volume and duration of the packets of keys.
fn events(packets: &[Vec<u8>]) -> Vec<(u8, bool, u8, u16)> {
    let is_event = |packet: &&Vec<u8>| header(packet).payload_type == 101;
    let read = |packet: &Vec<u8>| {
        assert_eq!(packet.len(), 16, "four bytes behind a plain header");
        (packet[12], packet[13] & 0x80 != 0, packet[13] & 0x3f, u16::from_be_bytes([packet[14], packet[15]]))
    };
    packets.iter().filter(is_event).map(read).collect()
}

fn numbers(packets: &[Vec<u8>]) -> Vec<u16> {
    packets.iter().map(|packet| header(packet).sequence).collect()
}

/// The keys that whoever listens hears.
fn understood(packets: &[Vec<u8>]) -> String {
    let (mut keys, mut now) = (Keys::new(101), Instant::now());
    let mut take = |packet: &Vec<u8>| {
        now += PACKET;
        keys.take(now, &header(packet), &packet[12..]);
        keys.poll().map(|Key(key)| key)
    };
    packets.iter().filter_map(&mut take).collect()
}

#[test]
fn a_key_takes_the_place_of_speech_for_as_long_as_it_is_pressed_and_its_end_is_said_three_times() {
    let mut scene = Scene::plain();
    heard(&mut scene, spoken(1..11));
    scene.pair.press(scene.now, Side::Callee, &press('5', 160));
    let sent = heard(&mut scene, spoken(11..41));
    let going_on = (1..8).map(|packets| (5, false, 10, packets * 160));
    assert_eq!(events(&sent), going_on.chain([(5, true, 10, 1280); 3]).collect::<Vec<_>>());
    let keys: Vec<RtpHeader> = sent.iter().map(|packet| header(packet)).filter(|one| one.payload_type == 101).collect();
    assert_eq!(keys.iter().map(|one| one.marker).collect::<Vec<_>>(), [&[true][..], &[false; 9]].concat());
    assert_eq!(keys.iter().map(|one| one.timestamp).collect::<BTreeSet<_>>().len(), 1, "the time at which it began");
    assert!(sent.iter().all(|packet| header(packet).ssrc.0 == 7), "it is the other end's stream");
    assert_eq!(numbers(&sent), (11..41).collect::<Vec<_>>());
    assert_eq!(sent[29], speech(40), "and speech goes on as it was");
    assert_eq!(scene.pair.sound_due(), None);
}

#[test]
fn where_the_other_end_is_silent_the_key_comes_behind_its_last_packet_and_no_number_comes_twice() {
    let mut scene = Scene::plain();
    heard(&mut scene, spoken(65_530..65_535));
    scene.pair.press(scene.now, Side::Callee, &press('#', 100));
    let mut sent = heard(&mut scene, silence(25));
    assert_eq!(events(&sent).iter().map(|one| one.3).collect::<Vec<_>>(), [160, 320, 480, 640, 800, 800, 800]);
    assert_eq!(numbers(&sent), [65_535, 0, 1, 2, 3, 4, 5]);
    // One that came late keeps its number; what is said from now on comes behind.
    sent.extend(heard(&mut scene, [Some(speech(65_535)), Some(speech(65_533)), Some(speech(0))]));
    assert_eq!(numbers(&sent[7..]), [6, 65_533, 7]);
    scene.pair.press(scene.now, Side::Callee, &press('1', 100));
    sent.extend(heard(&mut scene, silence(25)));
    sent.extend(heard(&mut scene, spoken(1..400)));
    let of_speech: Vec<u16> = numbers(&sent).into_iter().filter(|number| *number != 65_533).collect();
    assert!(of_speech.windows(2).all(|two| two[1] == two[0].wrapping_add(1)), "{of_speech:?}");
    assert!(sent.iter().all(|packet| header(packet).ssrc.0 == 7));
    assert_eq!(understood(&sent), "#1");
}

#[test]
fn who_was_sent_nothing_yet_is_sent_the_key_from_a_source_of_ours() {
    let mut scene = Scene::plain();
    scene.pair.press(scene.now, Side::Callee, &press('*', 60));
    let sent = heard(&mut scene, silence(20));
    assert_eq!((understood(&sent).as_str(), sent.len()), ("*", 5));
    assert!(sent.iter().all(|packet| header(packet).ssrc.0 == 0xc0ff_ee00));
    let sent = heard(&mut scene, spoken(900..903));
    assert_eq!(sent, [speech(900), speech(901), speech(902)], "another stream is numbered as it is");
}

#[test]
fn keys_that_are_pressed_fast_are_sent_one_after_the_other_and_none_is_lost() {
    let mut scene = Scene::plain();
    let mut sent = heard(&mut scene, spoken(1..5));
    for key in "0123456789*#ABCD".chars().chain("55".chars()) {
        scene.pair.press(scene.now, Side::Callee, &press(key, 60));
    }
    sent.extend(heard(&mut scene, spoken(5..200)));
    assert_eq!(understood(&sent), "0123456789*#ABCD55");
    scene.pair.press(scene.now, Side::Callee, &press('x', 60));
    assert_eq!(scene.pair.sound_due(), None, "what is no key is nothing");
    for _ in 0..1000 {
        scene.pair.press(scene.now, Side::Callee, &press('1', 60));
    }
    let sent = heard(&mut scene, spoken(200..1000));
    assert_eq!(understood(&sent).len(), 32, "and nobody makes the box wait for ever");
}

#[test]
fn a_phone_that_sends_its_keys_both_ways_presses_each_once() {
    for first in [0, 3] {
        let mut scene = Scene::plain();
        let mut sent = Vec::new();
        for packet in 0..40 {
            if packet == 10 {
                scene.pair.press(scene.now, Side::Callee, &press('5', 160));
            }
            let own = (10 + first - 3..10 + first + 6).contains(&packet);
            let said = if own { event(packet, 5) } else { speech(packet) };
            sent.extend(heard(&mut scene, [Some(said)]));
        }
        let own: Vec<_> = (10 + first - 3..10 + first + 6).map(|packet| event(packet, 5)).collect();
        let keys: Vec<_> = sent.iter().filter(|packet| header(packet).payload_type == 101).cloned().collect();
        assert_eq!(keys, own, "and as the phone sends it");
    }
}

#[test]
fn the_first_key_that_a_phone_told_when_it_was_released_is_not_pressed_again() {
    let mut scene = Scene::plain();
    let mut sequence = 0;
    for reopened in [false, true, true] {
        if reopened {
            scene.pair.open(scene.now, Side::Callee, media(CALLEE));
        }
        let own: Vec<_> = (sequence + 1..sequence + 7).map(|number| event(number, 5)).collect();
        heard(&mut scene, own.iter().cloned().map(Some));
        scene.pair.press(scene.now, Side::Callee, &press('5', 160));
        let sent = heard(&mut scene, spoken(sequence + 7..sequence + 40));
        assert_eq!(events(&sent), [], "reopened: {reopened}");
        sequence += 40;
    }
    scene.pair.open(scene.now, Side::Callee, media(CALLEE));
    heard(&mut scene, [Some(event(sequence, 5))]);
    scene.pair.press(scene.now, Side::Callee, &press('6', 160));
    assert_eq!(understood(&heard(&mut scene, spoken(sequence + 1..sequence + 40))), "6", "another key is one");
}

#[test]
fn over_srtp_a_key_is_proven_and_so_is_what_follows() {
    let mut scene = Scene::new(media(CALLER), with_srtp(CALLEE, 1, 2));
    let mut phone = SrtpReceiver::new(&key(1));
    let mut sent = heard(&mut scene, spoken(1..5));
    scene.pair.press(scene.now, Side::Callee, &press('9', 100));
    sent.extend(heard(&mut scene, silence(20)));
    sent.extend(heard(&mut scene, spoken(5..50)));
    scene.pair.press(scene.now, Side::Callee, &press('0', 100));
    sent.extend(heard(&mut scene, spoken(50..80)));
    let clear = sent.into_iter().map(|mut packet| {
        let len = phone.unprotect_rtp(&mut packet).expect("proven, and not heard before");
        packet.truncate(len);
        packet
    });
    assert_eq!(understood(&clear.collect::<Vec<_>>()), "90");
}

/// Speech of one of several sources.
fn speech_of(ssrc: u8, sequence: u16) -> Vec<u8> {
    let mut packet = speech(sequence);
    packet[11] = ssrc;
    packet
}

#[test]
fn a_source_that_comes_back_after_many_others_is_numbered_behind_the_keys_that_were_put_into_it() {
    for keys_in_each in [false, true] {
        let mut scene = Scene::plain();
        let mut sent = Vec::new();
        for round in 0..4 {
            for ssrc in 1..8 {
                let first = 1 + round * 5;
                sent.extend(heard(&mut scene, (first..first + 4).map(|sequence| Some(speech_of(ssrc, sequence)))));
                if keys_in_each || ssrc == 1 {
                    scene.pair.press(scene.now, Side::Callee, &press('1', 100));
                    sent.extend(heard(&mut scene, silence(25)));
                }
                // One of the first that was late.
                sent.extend(heard(&mut scene, (round > 0).then(|| Some(speech_of(ssrc, first - 1)))));
            }
        }
        let all: Vec<_> = sent.iter().map(|packet| (header(packet).ssrc.0, header(packet).sequence)).collect();
        let distinct: BTreeSet<_> = all.iter().collect();
        assert_eq!(distinct.len(), all.len(), "no number comes twice; keys in each: {keys_in_each}");
    }
}

#[test]
fn a_key_reaches_who_hears_a_sound_meanwhile() {
    let mut scene = Scene::plain();
    let speech = Speech { encoding: Encoding::Pcma, payload_type: 8, ssrc: 0xbeef_0001 };
    scene.pair.play(scene.now, Side::Callee, Sound::Hold, speech);
    let mut sent = heard(&mut scene, silence(20));
    scene.pair.press(scene.now, Side::Callee, &press('4', 100));
    sent.extend(heard(&mut scene, silence(40)));
    assert_eq!(understood(&sent), "4");
    assert!(sent.iter().all(|packet| header(packet).ssrc.0 == 0xbeef_0001), "in the stream of the sound");
    assert!(numbers(&sent).windows(2).all(|two| two[1] == two[0] + 1));
}

#[test]
fn what_is_pressed_is_never_shown() {
    let mut scene = Scene::plain();
    scene.pair.take_keys(Side::Callee, 101);
    heard(&mut scene, [Some(event(1, 7))]);
    scene.pair.press(scene.now, Side::Callee, &press('7', 100));
    assert!(format!("{:?}", press('7', 100)).contains("key: Key(…)"));
    let shown = format!("{:?}", scene.pair);
    assert!(shown.contains("presses: Some(Presses(…))"), "{shown}");
    assert!(shown.contains("passed: Some(Passed(…))"), "{shown}");
}
