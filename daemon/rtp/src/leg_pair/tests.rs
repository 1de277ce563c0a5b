use super::*;
use crate::leg::{FELL_SILENT_AFTER, ONE_WAY_AFTER, SILENCE};
use crate::malformed::{MAX_PACKET_BYTES, Malformed};
use crate::relay::{SrtpKey, SrtpSuite};
use crate::srtp::{MAX_OVERHEAD_BYTES, SrtpReceiver, SrtpRefusal, SrtpSender};
use proptest::prelude::*;

mod presses;
mod recordings;
mod sounds;

const CALLER: &str = "192.0.2.10:4000";
const CALLEE: &str = "192.0.2.20:5000";
const INTRUDER: &str = "198.51.100.1:6000";

fn at(address: &str) -> SocketAddr {
    address.parse().unwrap()
}

fn media(remote: &str) -> LegMedia {
    LegMedia {
        local: at("127.0.0.1:10000"),
        remote: Some(at(remote)),
        signalling_peer: at(remote).ip(),
        neighbours: false,
        srtp_send: None,
        srtp_receive: None,
        clock_rate: 8000,
        expects_audio: true,
    }
}

fn key(byte: u8) -> SrtpKey {
    SrtpKey { suite: SrtpSuite::AesCm128HmacSha1_80, key: [byte; 16], salt: [byte; 14] }
}

fn with_srtp(remote: &str, send: u8, receive: u8) -> LegMedia {
    LegMedia { srtp_send: Some(key(send)), srtp_receive: Some(key(receive)), ..media(remote) }
}

fn rtp(sequence: u16) -> Vec<u8> {
    let [high, low] = sequence.to_be_bytes();
    [&[0x80, 8, high, low, 0, 0, 0, 160, 0, 0, 0, 7][..], &[0xd5; 160]].concat()
}

const BYE: [u8; 8] = [0x81, 203, 0, 1, 0, 0, 0, 7];

fn protected(sender: &mut SrtpSender, packet: &[u8]) -> Vec<u8> {
    let mut buffer = [packet, &[0; MAX_OVERHEAD_BYTES]].concat();
    let len = sender.protect_rtp(&mut buffer, packet.len()).unwrap();
    buffer.truncate(len);
    buffer
}

struct Scene {
    pair: LegPair,
    now: Instant,
}

impl Scene {
    fn new(caller: LegMedia, callee: LegMedia) -> Self {
        let now = Instant::now();
        let mut pair = LegPair::default();
        pair.open(now, Side::Caller, caller);
        pair.open(now, Side::Callee, callee);
        Self { pair, now }
    }

    fn plain() -> Self {
        Self::new(media(CALLER), media(CALLEE))
    }

    /// Sends one datagram into `side`; returns where it left to and its bytes.
    fn packet(
        &mut self,
        side: Side,
        channel: Channel,
        from: &str,
        packet: &[u8],
    ) -> Result<(SocketAddr, Vec<u8>), Refusal> {
        let mut buffer = [packet, &[0; MAX_OVERHEAD_BYTES]].concat();
        let outgoing = self.pair.relay(self.now, side, channel, at(from), &mut buffer, packet.len())?;
        buffer.truncate(outgoing.len);
        Ok((outgoing.to, buffer))
    }

    fn caller_sends(&mut self, packet: &[u8]) -> Result<(SocketAddr, Vec<u8>), Refusal> {
        self.packet(Side::Caller, Channel::Rtp, CALLER, packet)
    }

    fn caller_quality(&self) -> LegQuality {
        self.pair.totals(self.now)[0]
    }
}

#[test]
fn a_packet_crosses_unchanged_in_both_directions() {
    let mut scene = Scene::plain();
    assert_eq!(scene.caller_sends(&rtp(1)), Ok((at(CALLEE), rtp(1))));
    assert_eq!(scene.packet(Side::Callee, Channel::Rtp, CALLEE, &rtp(9)), Ok((at(CALLER), rtp(9))));
    let [caller, callee] = scene.pair.totals(scene.now);
    assert_eq!((caller.packets, callee.packets), (1, 1));
}

#[test]
fn rtcp_goes_to_the_port_above_also_when_it_came_on_the_rtp_port() {
    let mut scene = Scene::plain();
    let above = (at("192.0.2.20:5001"), BYE.to_vec());
    assert_eq!(scene.packet(Side::Caller, Channel::Rtcp, "192.0.2.10:4001", &BYE), Ok(above.clone()));
    assert_eq!(scene.packet(Side::Caller, Channel::Rtp, CALLER, &BYE), Ok(above));
    assert_eq!(scene.caller_quality().packets, 0, "RTCP is not audio");
}

#[test]
fn early_media_of_one_phone_ends_where_another_picks_up() {
    // Two phones of one network ring at one port; the first sends early media, the second answers and takes its time.
    let (early, answering) = (CALLEE, "192.0.2.21:5000");
    let mut scene = Scene::plain();
    scene.packet(Side::Callee, Channel::Rtp, early, &rtp(1)).unwrap();
    scene.pair.change(scene.now, Side::Callee, media(answering));
    for sequence in 2..22 {
        scene.now += Duration::from_millis(20);
        assert_eq!(scene.packet(Side::Callee, Channel::Rtp, early, &rtp(sequence)), Err(Refusal::Probation));
        assert_eq!(scene.caller_sends(&rtp(sequence)), Ok((at(answering), rtp(sequence))));
    }
    assert_eq!(scene.packet(Side::Callee, Channel::Rtp, answering, &rtp(900)), Ok((at(CALLER), rtp(900))));
}

#[test]
fn every_kind_of_bad_packet_is_refused_and_counted_once() {
    let mut scene = Scene::plain();
    scene.caller_sends(&rtp(1)).unwrap();
    let bad_padding = [&[0xa0, 8, 0, 2, 0, 0, 0, 0, 0, 0, 0, 7][..], &[200]].concat();
    let oversized = [rtp(2), vec![0; MAX_PACKET_BYTES]].concat();
    let refusals = [
        (&rtp(2)[..11], Malformed::Truncated),
        (&bad_padding, Malformed::Padding),
        (&oversized, Malformed::Oversized),
        (b"INVITE sip:x SIP/2.0", Malformed::NotRtp),
        (&[0, 1, 0, 0, 0x21, 0x12, 0xa4, 0x42], Malformed::NotRtp),
        (&[0x81, 203, 0, 9, 0, 0, 0, 7], Malformed::Truncated),
    ];
    for (packet, malformed) in refusals {
        assert_eq!(scene.caller_sends(packet), Err(Refusal::Malformed(malformed)));
    }
    assert_eq!(scene.caller_sends(b""), Err(Refusal::KeepAlive));
    assert_eq!(scene.packet(Side::Caller, Channel::Rtcp, "192.0.2.10:4001", &rtp(3)), Err(Malformed::NotRtp.into()));
    assert_eq!(scene.packet(Side::Caller, Channel::Rtp, INTRUDER, &rtp(2)), Err(Refusal::Intruder));
    assert_eq!(scene.packet(Side::Caller, Channel::Rtcp, INTRUDER, &BYE), Err(Refusal::Intruder));
    let quality = scene.caller_quality();
    assert_eq!((quality.packets, quality.malformed, quality.intruders), (1, 7, 2));
    assert_eq!(scene.caller_sends(&rtp(2)), Ok((at(CALLEE), rtp(2))), "the call goes on");
}

#[test]
fn each_leg_has_its_own_srtp() {
    let (mut phone_out, mut phone_in) = (SrtpSender::new(&key(1)), SrtpReceiver::new(&key(2)));
    let mut trunk_in = SrtpReceiver::new(&key(3));
    let mut one_leg = Scene::new(with_srtp(CALLER, 2, 1), media(CALLEE));
    assert_eq!(one_leg.caller_sends(&protected(&mut phone_out, &rtp(1))), Ok((at(CALLEE), rtp(1))));
    let (to, mut wire) = one_leg.packet(Side::Callee, Channel::Rtp, CALLEE, &rtp(5)).unwrap();
    let len = phone_in.unprotect_rtp(&mut wire).unwrap();
    assert_eq!((to, &wire[..len]), (at(CALLER), &rtp(5)[..]));

    let mut both = Scene::new(with_srtp(CALLER, 2, 1), with_srtp(CALLEE, 3, 4));
    let (_, mut wire) = both.caller_sends(&protected(&mut phone_out, &rtp(2))).unwrap();
    let len = trunk_in.unprotect_rtp(&mut wire).unwrap();
    assert_eq!(&wire[..len], rtp(2));
}

#[test]
fn an_srtp_leg_takes_neither_a_wrong_key_nor_plain_rtp() {
    let mut scene = Scene::new(with_srtp(CALLER, 2, 1), media(CALLEE));
    let forged = protected(&mut SrtpSender::new(&key(9)), &rtp(1));
    assert_eq!(scene.caller_sends(&forged), Err(Refusal::Unauthentic(SrtpRefusal::Unauthentic)));
    assert_eq!(scene.caller_sends(&rtp(1)), Err(Refusal::Unauthentic(SrtpRefusal::Unauthentic)));
    let plain_bye = [&BYE[..], &[0; 14]].concat();
    let refused = scene.packet(Side::Caller, Channel::Rtcp, "192.0.2.10:4001", &plain_bye);
    assert_eq!(refused, Err(Refusal::Unauthentic(SrtpRefusal::NotEncrypted)));
    let authentic = protected(&mut SrtpSender::new(&key(1)), &rtp(1));
    assert!(scene.caller_sends(&authentic).is_ok());
    assert_eq!(scene.caller_sends(&authentic), Err(Refusal::Unauthentic(SrtpRefusal::Replayed)));
    assert_eq!((scene.caller_quality().packets, scene.caller_quality().unauthentic), (1, 4));
}

#[test]
fn a_change_with_the_same_key_keeps_the_replay_window_and_another_key_takes_over() {
    let mut scene = Scene::new(with_srtp(CALLER, 2, 1), media(CALLEE));
    let first = protected(&mut SrtpSender::new(&key(1)), &rtp(1));
    assert!(scene.caller_sends(&first).is_ok());
    scene.pair.change(scene.now, Side::Caller, with_srtp(CALLER, 2, 1));
    assert_eq!(scene.caller_sends(&first), Err(Refusal::Unauthentic(SrtpRefusal::Replayed)));
    scene.pair.change(scene.now, Side::Caller, with_srtp(CALLER, 2, 8));
    assert!(scene.caller_sends(&protected(&mut SrtpSender::new(&key(8)), &rtp(2))).is_ok());
}

#[test]
fn without_the_other_side_nothing_leaves_but_the_peer_is_still_measured() {
    let mut scene = Scene::plain();
    scene.pair.close_side(scene.now, Side::Callee);
    assert_eq!(scene.caller_sends(&rtp(1)), Err(Refusal::NoPath));
    assert_eq!(scene.caller_quality().packets, 1);
    scene.pair.open(scene.now, Side::Callee, LegMedia { remote: None, ..media(CALLEE) });
    assert_eq!(scene.caller_sends(&rtp(2)), Err(Refusal::NoPath), "no answer yet");
    scene.pair.change(scene.now, Side::Callee, media(CALLEE));
    assert_eq!(scene.caller_sends(&rtp(3)), Ok((at(CALLEE), rtp(3))));
}

#[test]
fn a_closed_side_keeps_its_totals() {
    let mut scene = Scene::plain();
    scene.caller_sends(&rtp(1)).unwrap();
    scene.pair.close_side(scene.now, Side::Caller);
    assert_eq!(scene.caller_quality().packets, 1);
    assert_eq!(scene.caller_sends(&rtp(2)), Err(Refusal::NoPath));
}

#[test]
fn quality_is_told_when_it_changed_and_not_otherwise() {
    let mut scene = Scene::plain();
    assert_eq!(scene.pair.poll_quality(scene.now), None);
    scene.caller_sends(&rtp(1)).unwrap();
    assert_eq!(scene.pair.poll_quality(scene.now).map(|[caller, _]| caller.packets), Some(1));
    assert_eq!(scene.pair.poll_quality(scene.now), None);
}

#[test]
fn silence_is_told_once_per_silence_and_never_on_hold() {
    let mut scene = Scene::new(media(CALLER), LegMedia { expects_audio: false, ..media(CALLEE) });
    scene.now += SILENCE - Duration::from_millis(1);
    assert_eq!(scene.pair.poll_silence(scene.now), None);
    scene.now += Duration::from_millis(1);
    assert_eq!(scene.pair.poll_silence(scene.now), Some((Side::Caller, SILENCE)));
    assert_eq!(scene.pair.poll_silence(scene.now), None);
    scene.caller_sends(&rtp(1)).unwrap();
    scene.now += SILENCE;
    assert_eq!(scene.pair.poll_silence(scene.now), Some((Side::Caller, SILENCE)));
    scene.pair.change(scene.now, Side::Callee, media(CALLEE));
    assert_eq!(scene.pair.poll_silence(scene.now), None, "counted from the end of the hold");
    scene.now += SILENCE;
    assert_eq!(scene.pair.poll_silence(scene.now), Some((Side::Callee, SILENCE)));
}

#[test]
fn one_way_is_a_peer_that_should_have_sent_and_never_did() {
    let mut scene = Scene::plain();
    scene.caller_sends(&rtp(1)).unwrap();
    assert!(!scene.pair.totals(scene.now)[1].one_way, "too early to say");
    scene.now += ONE_WAY_AFTER;
    assert_eq!(scene.pair.totals(scene.now).map(|quality| quality.one_way), [false, true]);
    scene.packet(Side::Callee, Channel::Rtp, CALLEE, &rtp(1)).unwrap();
    assert!(!scene.pair.totals(scene.now)[1].one_way);
}

#[test]
fn a_peer_that_was_heard_and_stops_fell_silent_until_it_is_heard_again() {
    let mut scene = Scene::plain();
    scene.packet(Side::Callee, Channel::Rtp, CALLEE, &rtp(1)).unwrap();
    scene.now += FELL_SILENT_AFTER;
    scene.caller_sends(&rtp(1)).unwrap();
    let told = |scene: &Scene| scene.pair.totals(scene.now).map(|quality| (quality.one_way, quality.fell_silent));
    assert_eq!(told(&scene), [(false, false), (false, true)]);
    scene.packet(Side::Callee, Channel::Rtp, CALLEE, &rtp(2)).unwrap();
    assert_eq!(told(&scene), [(false, false); 2]);
}

#[test]
fn time_on_hold_does_not_make_a_call_one_way() {
    let mut scene = Scene::plain();
    scene.now += Duration::from_secs(1);
    scene.pair.change(scene.now, Side::Callee, LegMedia { expects_audio: false, ..media(CALLEE) });
    scene.now += Duration::from_secs(600);
    assert!(!scene.pair.totals(scene.now)[1].one_way);
}

/// What may happen to a relay, in any order.
#[derive(Debug, Clone)]
enum Step {
    Packet { callee: bool, rtcp: bool, from: usize, kind: u8, sequence: u16, wait_ms: u64 },
    Change { callee: bool, remote: usize, srtp: bool, expects: bool },
    CloseSide { callee: bool },
    Open { callee: bool, remote: usize },
}

const ADDRESSES: [&str; 5] = [CALLER, CALLEE, INTRUDER, "192.0.2.10:4444", "0.0.0.0:9"];

fn step() -> impl Strategy<Value = Step> {
    let packet = (any::<bool>(), any::<bool>(), 0..5usize, any::<u8>(), any::<u16>(), 0u64..40_000).prop_map(
        |(callee, rtcp, from, kind, sequence, wait_ms)| Step::Packet { callee, rtcp, from, kind, sequence, wait_ms },
    );
    let change = (any::<bool>(), 0..5usize, any::<bool>(), any::<bool>())
        .prop_map(|(callee, remote, srtp, expects)| Step::Change { callee, remote, srtp, expects });
    let close = any::<bool>().prop_map(|callee| Step::CloseSide { callee });
    let open = (any::<bool>(), 0..5usize).prop_map(|(callee, remote)| Step::Open { callee, remote });
    prop_oneof![20 => packet, 2 => change, 1 => close, 2 => open]
}

fn side(callee: bool) -> Side {
    if callee { Side::Callee } else { Side::Caller }
}

proptest! {
    /// No order of packets and commands panics, sends to an address that nobody has, or counts a datagram twice.
    #[test]
    fn any_sequence_of_packets_and_commands_keeps_the_rules(steps in prop::collection::vec(step(), 0..150)) {
        let mut scene = Scene::plain();
        let mut counted = 0;
        for step in steps {
            match step {
                Step::Packet { callee, rtcp, from, kind, sequence, wait_ms } => {
                    scene.now += Duration::from_millis(wait_ms);
                    let packet = match kind % 4 {
                        0 | 1 => rtp(sequence % 50),
                        2 => BYE.to_vec(),
                        _ => vec![kind; usize::from(sequence % 1600)],
                    };
                    let channel = if rtcp { Channel::Rtcp } else { Channel::Rtp };
                    if let Ok((to, bytes)) = scene.packet(side(callee), channel, ADDRESSES[from], &packet) {
                        prop_assert!(!to.ip().is_unspecified() && to.port() != 0);
                        prop_assert!(ADDRESSES.iter().any(|known| at(known).ip() == to.ip()));
                        prop_assert!(bytes.len() <= packet.len() + MAX_OVERHEAD_BYTES);
                    }
                    counted += 1;
                }
                Step::Change { callee, remote, srtp, expects } => {
                    let base = if srtp { with_srtp(ADDRESSES[remote], 2, 1) } else { media(ADDRESSES[remote]) };
                    scene.pair.change(scene.now, side(callee), LegMedia { expects_audio: expects, ..base });
                }
                Step::CloseSide { callee } => scene.pair.close_side(scene.now, side(callee)),
                Step::Open { callee, remote } => scene.pair.open(scene.now, side(callee), media(ADDRESSES[remote])),
            }
            while scene.pair.poll_silence(scene.now).is_some() {}
            let sum: u64 = scene.pair.totals(scene.now).iter()
                .map(|quality| quality.packets + quality.intruders + quality.malformed + quality.unauthentic).sum();
            prop_assert!(sum <= counted, "a datagram is counted at most once");
        }
    }
}
