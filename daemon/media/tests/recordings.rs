//! What a caller says is kept, and keys are told, over real sockets.
#![allow(clippy::unwrap_used, reason = "a test may")]

mod office;

use centrale_rtp::relay::{Command, Event, Key, Press, Recording, Side};
use centrale_rtp::sound::{Encoding, Voice};
use office::*;
use std::time::Duration;

const RECORDING: Recording = Recording {
    encoding: Encoding::Pcma,
    payload_type: 8,
    longest: Duration::from_secs(60),
    silence: Duration::from_secs(30),
};

fn spoken(sequence: u16) -> Vec<u8> {
    [&rtp(1, sequence)[..12], &[0xaa; 160]].concat()
}

impl Call {
    fn records(&self, recording: Recording) {
        self.exchange.media.send(Command::Record { relay: RELAY, side: Side::Caller, recording });
        self.exchange.settles();
    }

    fn recorded(&self) -> Voice {
        self.exchange.waits_for(|event| match event {
            Event::Recorded { relay: RELAY, side: Side::Caller, voice } => Some(voice.clone()),
            _ => None,
        })
    }

    fn says(&self, packets: u16) {
        for packet in 0..packets {
            self.is_heard_by_callee(&spoken(packet));
        }
    }
}

#[test]
fn what_was_said_until_the_call_is_closed_is_told_before_its_end() {
    let call = Call::plain();
    call.records(RECORDING);
    call.says(50);
    call.exchange.media.send(Command::Close { relay: RELAY });
    assert_eq!(call.recorded(), Voice::new(vec![0xaa; 8000]));
    call.exchange.waits_for(|event| matches!(event, Event::Closed { relay: RELAY, .. }).then_some(()));
}

#[test]
fn a_recording_is_over_when_nobody_speaks_and_with_its_side() {
    let call = Call::plain();
    call.records(Recording { silence: Duration::from_millis(500), ..RECORDING });
    call.says(5);
    assert_eq!(call.recorded().lasts(), Duration::from_millis(100));
    call.records(RECORDING);
    call.exchange.media.send(Command::CloseSide { relay: RELAY, side: Side::Caller });
    assert_eq!(call.recorded().lasts(), Duration::ZERO, "nobody spoke");
}

#[test]
fn keys_are_told_as_they_are_pressed_instead_of_being_passed_on() {
    let call = Call::plain();
    call.exchange.media.send(Command::TakeKeys { relay: RELAY, side: Side::Caller, payload_type: 101 });
    call.exchange.settles();
    let digit = [0x80, 101, 0, 3, 0, 0, 0, 160, 0, 0, 0, 1, 7, 10, 0, 160];
    call.caller.sends(&digit, call.caller_port);
    call.caller.sends(&digit, call.caller_port);
    call.is_heard_by_callee(&rtp(1, 4));
    let key = call.exchange.waits_for(|event| match event {
        Event::Key { relay: RELAY, side: Side::Caller, key } => Some(*key),
        _ => None,
    });
    assert_eq!(key, Key('7'));
}

#[test]
fn a_key_is_sent_to_who_takes_it_also_where_nobody_speaks() {
    let call = Call::plain();
    let lasts = Duration::from_millis(60);
    let press = Press { key: Key('7'), lasts, payload_type: 101, clock_rate: 8000, ssrc: 0xc0ff_ee00 };
    call.exchange.media.send(Command::Press { relay: RELAY, side: Side::Callee, press });
    // How many packets it lasts depends on when the thread gets its turn; what they say does not.
    let mut keys: Vec<(u8, u8, bool)> = Vec::new();
    while keys.iter().filter(|(.., end)| *end).count() < 3 {
        let packet = call.callee.hears().0;
        keys.push((packet[1] & 0x7f, packet[12], packet[13] & 0x80 != 0));
    }
    let (pressed, over) = keys.split_at(keys.len() - 3);
    assert!(!pressed.is_empty() && pressed.iter().all(|key| *key == (101, 7, false)), "{keys:?}");
    assert_eq!(over, [(101, 7, true); 3]);
}
