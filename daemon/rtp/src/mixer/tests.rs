use std::f64::consts::TAU;

use super::*;
use crate::header::{FIXED_HEADER_BYTES, parse_rtp};
use crate::relay::Part;
use crate::sound::{Decoder, Encoding, Speech, hertz_and_ms};

const TONES: [f64; 3] = [440.0, 620.0, 810.0];

fn part(encoding: Encoding, payload_type: u8) -> Part {
    let speech = Speech { encoding, payload_type, ssrc: 0xc0ff_ee00 };
    Part { speech, payload_type, speaks: true, hears: true }
}

/// Somebody who says a tone, packet after packet.
struct Speaker {
    seat: Seat,
    hertz: f64,
    loud: f64,
    part: Part,
    number: u32,
    heard: Vec<i16>,
}

impl Speaker {
    fn new(hertz: f64, part: Part) -> Self {
        Self { seat: Seat::new(part), hertz, loud: 4000.0, part, number: 0, heard: Vec::new() }
    }

    fn packet(&self, number: u32) -> Vec<u8> {
        let mut packet = vec![0x80, self.part.payload_type];
        packet.extend((number as u16).to_be_bytes());
        // The clock wraps around within the first second.
        let timestamp = (u32::MAX - 2000).wrapping_add(number * 160);
        packet.extend(timestamp.to_be_bytes());
        packet.extend(7_u32.to_be_bytes());
        packet.extend((0..160).map(|at| {
            let phase = TAU * self.hertz * f64::from(number * 160 + at) / 8000.0;
            Encoding::companded(self.part.speech.encoding, (phase.sin() * self.loud) as i16)
        }));
        packet
    }

    fn take(&mut self, packet: &[u8]) {
        let header = parse_rtp(packet).unwrap();
        self.seat.take(&header, &packet[header.payload_at..]);
    }

    fn say(&mut self) {
        let packet = self.packet(self.number);
        self.number += 1;
        self.take(&packet);
    }

    fn listen(&mut self, mixer: &Mixer) {
        let mut buffer = [0; 200];
        let Some(length) = self.seat.write_packet(mixer, &mut buffer) else { return };
        let header = parse_rtp(&buffer[..length]).unwrap();
        assert_eq!(header.payload_type, self.part.speech.payload_type);
        let mut decoder = Decoder::default();
        let payload = &buffer[FIXED_HEADER_BYTES..length];
        self.heard.extend(payload.iter().map(|byte| decoder.decode(self.part.speech.encoding, *byte)));
    }

    /// How loud a tone was in the last half second of what was heard: its amplitude.
    fn hears(&self, hertz: f64) -> f64 {
        let last = &self.heard[self.heard.len() - 4000..];
        let (mut sine, mut cosine) = (0.0, 0.0);
        for (at, sample) in last.iter().enumerate() {
            let phase = TAU * hertz * at as f64 / 8000.0;
            sine += phase.sin() * f64::from(*sample);
            cosine += phase.cos() * f64::from(*sample);
        }
        sine.hypot(cosine) * 2.0 / last.len() as f64
    }
}

fn tick(mixer: &mut Mixer, speakers: &mut [Speaker]) {
    mixer.begin();
    speakers.iter_mut().for_each(|speaker| speaker.seat.speak(mixer));
    speakers.iter_mut().for_each(|speaker| speaker.listen(mixer));
}

fn three() -> (Mixer, Vec<Speaker>) {
    let parts = [part(Encoding::Pcma, 8), part(Encoding::Pcmu, 0), part(Encoding::Pcma, 96)];
    let speakers = TONES.into_iter().zip(parts).map(|(hertz, part)| Speaker::new(hertz, part)).collect();
    let mut mixer = Mixer::default();
    (0..3).for_each(|_| mixer.enter());
    (mixer, speakers)
}

#[test]
fn each_of_three_hears_both_others_and_not_itself() {
    let (mut mixer, mut speakers) = three();
    for _ in 0..75 {
        speakers.iter_mut().for_each(Speaker::say);
        tick(&mut mixer, &mut speakers);
    }
    for (own, speaker) in speakers.iter().enumerate() {
        for (other, hertz) in TONES.into_iter().enumerate() {
            let loud = speaker.hears(hertz);
            if own == other {
                assert!(loud < 60.0, "{own} hears itself: {loud}");
            } else {
                assert!((3700.0..4300.0).contains(&loud), "{own} hears {other}: {loud}");
            }
        }
    }
}

#[test]
fn packets_that_come_in_another_order_are_heard_in_theirs_and_a_lost_one_is_silence() {
    let (mut mixer, mut speakers) = three();
    for number in (0..75).step_by(2) {
        let [first, second] = [speakers[0].packet(number), speakers[0].packet(number + 1)];
        speakers[0].take(&second);
        speakers[0].take(&first);
        // A copy is heard once.
        speakers[0].take(&second);
        tick(&mut mixer, &mut speakers);
        tick(&mut mixer, &mut speakers);
    }
    let loud = speakers[1].hears(TONES[0]);
    assert!((3800.0..4200.0).contains(&loud), "{loud}");
    let last = speakers[0].packet(77);
    speakers[0].take(&last);
    for _ in 0..8 {
        tick(&mut mixer, &mut speakers);
    }
    let pieces = speakers[1].heard.chunks_exact(160);
    let loud: Vec<bool> = pieces.map(|piece| piece.iter().any(|sample| sample.abs() > 3000)).collect();
    assert_eq!(loud[loud.len() - 8..], [true, false, true, false, false, false, false, false]);
}

#[test]
fn a_stream_that_leaps_or_falls_behind_is_heard_again_soon() {
    let (mut mixer, mut speakers) = three();
    for number in [0, 1, 2, 900, 901, 902, 100, 101, 102, 103, 104, 105] {
        let packet = speakers[0].packet(number);
        speakers[0].take(&packet);
        tick(&mut mixer, &mut speakers);
    }
    let loud = |piece: &[i16]| piece.iter().any(|sample| sample.abs() > 3000);
    let heard: Vec<bool> = speakers[1].heard.chunks_exact(160).map(loud).collect();
    // 40 ms are kept before each begin; what falls behind is let go until the third packet.
    assert_eq!(heard[2..6], [true, false, false, true]);
    assert_eq!(heard[10..], [true, true]);
}

#[test]
fn voices_that_are_louder_together_than_a_packet_can_say_are_cut_off_and_not_turned_over() {
    let (mut mixer, mut speakers) = three();
    for speaker in &mut speakers {
        (speaker.hertz, speaker.loud) = (400.0, 30_000.0);
    }
    for _ in 0..75 {
        speakers.iter_mut().for_each(Speaker::say);
        tick(&mut mixer, &mut speakers);
    }
    let last = &speakers[0].heard[speakers[0].heard.len() - 160..];
    assert!(last.iter().any(|sample| *sample > 31_000) && last.iter().any(|sample| *sample < -31_000));
    let is_steep = |pair: &[i16]| (i32::from(pair[1]) - i32::from(pair[0])).abs() > 45_000;
    assert!(!last.windows(2).any(is_steep), "{last:?}");
}

#[test]
fn who_is_alone_hears_that_somebody_will_come_and_whoever_comes_or_goes_is_announced() {
    let mut mixer = Mixer::default();
    let mut speakers = vec![Speaker::new(440.0, part(Encoding::Pcma, 8))];
    mixer.enter();
    (0..60).for_each(|_| tick(&mut mixer, &mut speakers));
    assert_eq!(hertz_and_ms(&speakers[0].heard, 8000)[..4], [(494, 150), (587, 150), (392, 400), (494, 400)]);
    for (sound, notes) in [(Mixer::enter as fn(&mut Mixer), [494, 587]), (Mixer::leave, [587, 494])] {
        speakers[0].heard.clear();
        sound(&mut mixer);
        (0..15).for_each(|_| tick(&mut mixer, &mut speakers));
        let heard: Vec<u32> = hertz_and_ms(&speakers[0].heard, 8000).into_iter().map(|(hertz, _)| hertz).collect();
        assert_eq!(heard, notes);
    }
}

#[test]
fn who_holds_is_not_heard_and_who_wants_to_hear_nothing_is_sent_nothing() {
    let (mut mixer, mut speakers) = three();
    let held = Part { speaks: false, hears: false, ..speakers[0].part };
    speakers[0].seat.change(held);
    for _ in 0..75 {
        speakers.iter_mut().for_each(Speaker::say);
        tick(&mut mixer, &mut speakers);
    }
    assert!(speakers[0].heard.is_empty());
    assert!(speakers[1].hears(TONES[0]) < 60.0 && speakers[1].hears(TONES[2]) > 3700.0);
    let before = speakers[0].part;
    speakers[0].seat.change(before);
    for _ in 0..75 {
        speakers.iter_mut().for_each(Speaker::say);
        tick(&mut mixer, &mut speakers);
    }
    assert!(speakers[0].hears(TONES[1]) > 3700.0 && speakers[1].hears(TONES[0]) > 3700.0);
}

#[test]
fn everybody_in_a_full_room_is_heard() {
    let speaker = |at: usize| Speaker::new(300.0 + 50.0 * at as f64, part(Encoding::Pcma, 8));
    let mut speakers: Vec<Speaker> = (0..MOST_SEATS).map(speaker).collect();
    let mut mixer = Mixer::default();
    speakers.iter().for_each(|_| mixer.enter());
    for _ in 0..50 {
        speakers.iter_mut().for_each(Speaker::say);
        tick(&mut mixer, &mut speakers);
    }
    assert!(speakers[0].hears(350.0) > 3500.0 && speakers[0].hears(850.0) > 3500.0);
}

#[test]
fn who_is_warned_hears_the_beeps_and_the_voices_at_once_and_nobody_else_hears_the_beeps() {
    let (mut mixer, mut speakers) = three();
    for _ in 0..75 {
        speakers.iter_mut().for_each(Speaker::say);
        tick(&mut mixer, &mut speakers);
    }
    speakers[0].seat.play(Sound::Warning);
    for _ in 0..25 {
        speakers.iter_mut().for_each(Speaker::say);
        tick(&mut mixer, &mut speakers);
    }
    assert!(speakers[0].hears(1400.0) > 1000.0 && speakers[1].hears(1400.0) < 60.0);
    assert!(speakers[0].hears(TONES[1]) > 3700.0 && speakers[0].hears(TONES[2]) > 3700.0);
    for _ in 0..25 {
        speakers.iter_mut().for_each(Speaker::say);
        tick(&mut mixer, &mut speakers);
    }
    assert!(speakers[0].hears(1400.0) < 60.0, "it is over by itself");
}
