//! What one end says is kept, and its keys are told, whether or not there is another end.

use super::*;
use crate::relay::Recording;
use crate::sound::{Encoding, Voice};

const RECORDING: Recording = Recording {
    encoding: Encoding::Pcma,
    payload_type: 8,
    longest: Duration::from_secs(60),
    silence: Duration::from_secs(5),
};
/// RFC 4733: the digit 5.
const DIGIT: [u8; 16] = [0x80, 101, 0, 3, 0, 0, 0, 160, 0, 0, 0, 7, 5, 10, 0, 160];

fn spoken(sequence: u16) -> Vec<u8> {
    let timestamp = (u32::from(sequence) * 160).to_be_bytes();
    let [high, low] = sequence.to_be_bytes();
    [&[0x80, 8, high, low][..], &timestamp, &[0, 0, 0, 7], &[0xaa; 160]].concat()
}

/// Nobody is at the other end of these.
fn alone(caller: LegMedia) -> Scene {
    Scene::new(caller, LegMedia { remote: None, ..media(CALLEE) })
}

#[test]
fn what_is_said_is_kept_until_nobody_speaks_and_told_once() {
    let mut scene = alone(media(CALLER));
    scene.pair.record(scene.now, Side::Caller, RECORDING);
    for packet in 0..100 {
        assert_eq!(scene.caller_sends(&spoken(packet)), Err(Refusal::NoPath));
        scene.now += Duration::from_millis(20);
    }
    assert_eq!(scene.pair.poll_recorded(scene.now, false), None);
    scene.now += RECORDING.silence;
    let (side, voice) = scene.pair.poll_recorded(scene.now, false).unwrap();
    assert_eq!((side, voice), (Side::Caller, Voice::new(vec![0xaa; 16_000])));
    assert_eq!(scene.pair.poll_recorded(scene.now, true), None);
}

#[test]
fn who_hangs_up_has_said_what_was_said_and_an_intruder_is_not_heard() {
    let mut scene = alone(with_srtp(CALLER, 1, 2));
    let mut phone = SrtpSender::new(&key(2));
    scene.pair.record(scene.now, Side::Caller, RECORDING);
    for packet in 0..50 {
        let _ = scene.caller_sends(&protected(&mut phone, &spoken(packet)));
        assert!(matches!(scene.caller_sends(&spoken(packet)), Err(Refusal::Unauthentic(_))));
    }
    let voice = scene.pair.take_recorded(scene.now, Side::Caller).unwrap();
    assert_eq!(voice.lasts(), Duration::from_secs(1));
}

#[test]
fn keys_are_told_of_whom_they_were_asked_for_instead_of_being_passed_on_until_they_are_left() {
    let mut scene = Scene::plain();
    scene.caller_sends(&DIGIT).unwrap();
    assert_eq!(scene.pair.poll_key(), None);
    scene.pair.take_keys(Side::Caller, 101);
    for _ in 0..3 {
        assert_eq!(scene.caller_sends(&DIGIT), Err(Refusal::Told));
    }
    assert_eq!((scene.pair.poll_key(), scene.pair.poll_key()), (Some((Side::Caller, Key('5'))), None));
    assert_eq!(scene.caller_sends(&rtp(9)).unwrap().1, rtp(9), "speech is");
    scene.pair.leave_keys(Side::Caller);
    assert_eq!(scene.caller_sends(&DIGIT).unwrap().1, DIGIT);
    assert_eq!(scene.pair.poll_key(), None);
}
