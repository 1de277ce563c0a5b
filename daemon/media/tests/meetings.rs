//! A conference over real sockets: three phones, one of them with SRTP, judged by what each is sent.
#![allow(clippy::unwrap_used, reason = "a test may")]

mod office;

use centrale_rtp::relay::{Command, LegMedia, MeetingId, Part, RelayId, Side, SrtpKey, SrtpSuite};
use centrale_rtp::sound::{Encoding, Speech};
use centrale_rtp::srtp::{MAX_OVERHEAD_BYTES, SrtpReceiver, SrtpSender};
use office::*;
use std::f64::consts::TAU;
use std::net::SocketAddr;

const MEETING: MeetingId = MeetingId(7);
/// The relay of who is third.
const ANOTHER: RelayId = RelayId(77);

fn key(byte: u8) -> SrtpKey {
    SrtpKey { suite: SrtpSuite::AesCm128HmacSha1_80, key: [byte; 16], salt: [byte; 14] }
}

/// Sign, segment, place in the segment; every other bit inverted (ITU-T G.711).
fn a_law(sample: f64) -> u8 {
    let sample = sample as i16;
    let sign = if sample < 0 { 0 } else { 0x80 };
    let magnitude = if sample < 0 { !sample } else { sample }.unsigned_abs();
    let segment = magnitude.max(128).ilog2() - 7;
    let place = (magnitude >> (segment.max(1) + 3)) & 0x0f;
    ((segment as u8) << 4 | place as u8 | sign) ^ 0x55
}

fn sample(code: u8) -> f64 {
    let code = code ^ 0x55;
    let (segment, step) = ((code >> 4) & 7, i32::from(code & 0x0f) << 4);
    let magnitude = if segment == 0 { step + 8 } else { (step + 0x108) << (segment - 1) };
    f64::from(if code & 0x80 == 0 { -magnitude } else { magnitude })
}

/// A phone in the meeting, with the tone that it says.
struct Member {
    phone: Phone,
    port: SocketAddr,
    hertz: f64,
    secured: Option<(SrtpSender, SrtpReceiver)>,
    heard: Vec<f64>,
}

impl Member {
    fn says(&mut self, number: u16) {
        let mut packet = [0; 172 + MAX_OVERHEAD_BYTES];
        packet[..172].copy_from_slice(&rtp(9, number));
        for (at, code) in packet[12..172].iter_mut().enumerate() {
            let at = usize::from(number) * 160 + at;
            *code = a_law((TAU * self.hertz * at as f64 / 8000.0).sin() * 6000.0);
        }
        let secured = self.secured.as_mut().map(|(sender, _)| sender.protect_rtp(&mut packet, 172).unwrap());
        self.phone.sends(&packet[..secured.unwrap_or(172)], self.port);
    }

    fn hears(&mut self) {
        let (mut packet, from) = self.phone.hears();
        assert_eq!(from, self.port);
        let length = packet.len();
        let length = self.secured.as_mut().map_or(length, |(_, receiver)| receiver.unprotect_rtp(&mut packet).unwrap());
        self.heard.extend(packet[12..length].iter().map(|code| sample(*code)));
    }

    /// The amplitude of a tone in the last half second.
    fn loud(&self, hertz: f64) -> f64 {
        let last = &self.heard[self.heard.len() - 4000..];
        let phase = |at: usize| TAU * hertz * at as f64 / 8000.0;
        let sum = |part: fn(f64) -> f64| last.iter().enumerate().map(|(at, it)| part(phase(at)) * it).sum::<f64>();
        sum(f64::sin).hypot(sum(f64::cos)) * 2.0 / last.len() as f64
    }
}

fn enters(exchange: &Exchange, relay: RelayId, side: Side, ssrc: u32) {
    let speech = Speech { encoding: Encoding::Pcma, payload_type: 8, ssrc };
    let part = Part { speech, payload_type: 8, speaks: true, hears: true };
    exchange.media.send(Command::Meet { relay, side, meeting: MEETING, part });
}

fn talk(members: &mut [Member], numbers: std::ops::Range<u16>) {
    for number in numbers {
        members.iter_mut().for_each(|member| member.says(number));
        members.iter_mut().for_each(Member::hears);
    }
}

#[test]
fn each_of_three_phones_is_sent_both_others_and_who_leaves_is_heard_no_more() {
    let secured = |side, media: LegMedia| match side {
        Side::Caller => media,
        Side::Callee => LegMedia { srtp_receive: Some(key(3)), srtp_send: Some(key(4)), ..media },
    };
    let call = Call::with(secured);
    let Call { exchange, caller, callee, caller_port, callee_port } = call;
    let (third, third_port) = (Phone::at(PHONE), free_pair(box_ip()));
    let leg = media(third_port, third.address());
    exchange.media.send(Command::Open { relay: ANOTHER, side: Side::Caller, media: leg });
    for (relay, side, ssrc) in [(RELAY, Side::Caller, 1), (RELAY, Side::Callee, 2), (ANOTHER, Side::Caller, 3)] {
        enters(&exchange, relay, side, ssrc);
    }
    exchange.settles();
    let keys = (SrtpSender::new(&key(3)), SrtpReceiver::new(&key(4)));
    let member = |phone, port, hertz, secured| Member { phone, port, hertz, secured, heard: Vec::new() };
    let mut members = [
        member(caller, caller_port, 440.0, None),
        member(callee, callee_port, 620.0, Some(keys)),
        member(third, third_port, 880.0, None),
    ];
    talk(&mut members, 0..80);
    for (own, member) in members.iter().enumerate() {
        for (other, hertz) in [440.0, 620.0, 880.0].into_iter().enumerate() {
            let loud = member.loud(hertz);
            assert_eq!(loud > 4000.0, own != other, "{own} hears {other}: {loud}");
            assert!(own != other || loud < 600.0, "{own} hears itself: {loud}");
        }
    }
    exchange.media.send(Command::Close { relay: ANOTHER });
    exchange.settles();
    talk(&mut members[..2], 80..140);
    assert!(members[0].loud(620.0) > 4000.0 && members[0].loud(880.0) < 600.0);
    exchange.media.send(Command::LeaveMeeting { relay: RELAY, side: Side::Callee });
    exchange.settles();
    (0..60).for_each(|_| members[0].hears());
    assert!(members[0].loud(620.0) < 600.0);
    assert!(
        [392.0, 494.0, 587.0].into_iter().any(|note| members[0].loud(note) > 500.0),
        "who is left hears soft notes"
    );
}
