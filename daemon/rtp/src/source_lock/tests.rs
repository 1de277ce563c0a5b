use super::*;
use crate::header::parse_rtp;
use proptest::prelude::*;

const SDP: &str = "192.168.1.20:11780";
const NAT: &str = "203.0.113.9:40000";
const NAT_MOVED: &str = "203.0.113.9:40002";
const NEIGHBOUR: &str = "203.0.113.77:5004";
const STRANGER: &str = "198.51.100.66:9000";

fn at(address: &str) -> SocketAddr {
    address.parse().unwrap()
}

fn header(ssrc: u32, sequence: u16) -> RtpHeader {
    let mut packet = [0u8; 12];
    packet[0] = 0x80;
    packet[2..4].copy_from_slice(&sequence.to_be_bytes());
    packet[8..].copy_from_slice(&ssrc.to_be_bytes());
    parse_rtp(&packet).unwrap()
}

/// A lock and its clock: packets come 20 ms apart.
struct Scene {
    lock: SourceLock,
    now: Instant,
    sequence: u16,
}

impl Scene {
    /// A phone behind a NAT: the SDP names its private address, its signalling comes from the NAT.
    fn behind_nat() -> Self {
        Self::with(Some(SDP))
    }

    fn with(remote: Option<&str>) -> Self {
        let lock = SourceLock::new(remote.map(at), at(NAT).ip(), false);
        Self { lock, now: Instant::now(), sequence: 0 }
    }

    fn hears(&mut self, from: &str) -> Admission {
        self.now += Duration::from_millis(20);
        self.sequence += 1;
        self.lock.admit_rtp(self.now, at(from), &header(from.len() as u32, self.sequence), false)
    }

    fn hears_many(&mut self, from: &str, packets: usize) -> Vec<Admission> {
        (0..packets).map(|_| self.hears(from)).collect()
    }

    fn locked_on(from: &str) -> Self {
        let mut scene = Self::behind_nat();
        scene.hears_many(from, 5);
        assert_eq!(scene.lock.source(), Some(at(from)));
        scene
    }

    fn waits(&mut self, time: Duration) {
        self.now += time;
    }
}

#[test]
fn the_address_of_the_sdp_is_locked_by_its_first_packet() {
    let mut scene = Scene::behind_nat();
    assert_eq!(scene.lock.rtp_destination(), Some(at(SDP)), "before any packet");
    assert_eq!(scene.hears(SDP), Admission::Accepted);
    assert_eq!(scene.lock.source(), Some(at(SDP)));
}

#[test]
fn a_phone_behind_nat_is_heard_at_once_and_answered_after_three_packets() {
    let mut scene = Scene::behind_nat();
    assert_eq!(scene.hears_many(NAT, 2), [Admission::Accepted; 2]);
    assert_eq!(scene.lock.rtp_destination(), Some(at(SDP)));
    assert_eq!(scene.hears(NAT), Admission::Accepted);
    assert_eq!(scene.lock.rtp_destination(), Some(at(NAT)));
}

#[test]
fn a_neighbour_of_the_nat_is_withheld_until_its_fifth_packet() {
    let mut scene = Scene::behind_nat();
    assert_eq!(scene.hears_many(NEIGHBOUR, 4), [Admission::Withheld; 4]);
    assert_eq!(scene.hears(NEIGHBOUR), Admission::Accepted);
    assert_eq!(scene.lock.source(), Some(at(NEIGHBOUR)));
}

#[test]
fn b_028_a_stranger_is_never_heard_nor_sent_to_before_the_peer_talks_nor_when_it_is_silent() {
    let mut scene = Scene::behind_nat();
    assert!(scene.hears_many(STRANGER, 100).iter().all(|admission| *admission == Admission::Intruder));
    assert!(!scene.lock.may_be_heard(scene.now, at(STRANGER), false));
    assert_eq!(scene.lock.rtp_destination(), Some(at(SDP)));
    scene.hears_many(NAT, 3);
    scene.waits(10 * NEIGHBOUR_SILENCE);
    assert!(scene.hears_many(STRANGER, 100).iter().all(|admission| *admission == Admission::Intruder));
    assert_eq!(scene.lock.rtp_destination(), Some(at(NAT)));
}

#[test]
fn b_028_a_peer_that_talks_from_where_it_signals_has_no_neighbours_and_may_have_other_ports() {
    let direct = "203.0.113.9:11780";
    let mut scene = Scene::with(Some(direct));
    assert!(scene.hears_many(NEIGHBOUR, 100).iter().all(|admission| *admission == Admission::Intruder));
    assert_eq!(scene.lock.rtp_destination(), Some(at(direct)));
    assert_eq!(scene.hears_many(NAT, 3), [Admission::Accepted; 3]);
    assert_eq!(scene.lock.rtp_destination(), Some(at(NAT)));
}

#[test]
fn b_028_another_media_server_of_a_provider_is_heard_when_the_one_it_named_is_silent_and_no_sooner() {
    let named = "203.0.113.9:11780";
    let provider = || Scene { lock: SourceLock::new(Some(at(named)), at(NAT).ip(), true), ..Scene::behind_nat() };
    let mut scene = provider();
    assert_eq!(scene.hears_many(NEIGHBOUR, 5).last(), Some(&Admission::Accepted), "one that never spoke itself");
    assert_eq!(scene.hears(named), Admission::Accepted, "and it is believed before its neighbours");
    for _ in 0..1000 {
        assert_eq!(scene.hears(NEIGHBOUR), Admission::Intruder);
        assert_eq!(scene.hears(named), Admission::Accepted);
    }
    scene.waits(CLUSTER_SILENCE - Duration::from_millis(100));
    assert_eq!(scene.hears(NEIGHBOUR), Admission::Intruder);
    scene.waits(Duration::from_millis(100));
    scene.hears_many(NEIGHBOUR, 5);
    assert_eq!(scene.lock.rtp_destination(), Some(at(NEIGHBOUR)));
    scene.waits(10 * NEIGHBOUR_SILENCE);
    assert!(scene.hears_many(STRANGER, 100).iter().all(|admission| *admission == Admission::Intruder));
    // A re-INVITE that names the next server counts at once.
    let mut scene = provider();
    scene.hears(named);
    scene.lock.change(scene.now, Some(at(STRANGER)), at(NAT).ip(), true);
    assert_eq!(scene.hears(STRANGER), Admission::Accepted);
}

#[test]
fn nobody_is_heard_before_an_sdp_named_a_remote() {
    let mut scene = Scene::with(None);
    for from in [NAT, STRANGER] {
        assert!(scene.hears_many(from, 100).iter().all(|admission| *admission == Admission::Withheld));
        assert_eq!(scene.lock.admit_rtcp(at(from), false), Admission::Withheld);
    }
    assert_eq!((scene.lock.source(), scene.lock.rtp_destination()), (None, None));
    scene.lock.change(scene.now, Some(at(SDP)), at(NAT).ip(), false);
    assert_eq!(scene.hears(NAT), Admission::Accepted);
}

#[test]
fn probation_wants_one_ssrc_and_rising_sequence_numbers() {
    let mut scene = Scene::behind_nat();
    for (ssrc, sequence) in [(1, 10), (2, 11), (1, 12), (1, 12), (1, 11), (1, 5000), (1, 100), (1, 101), (1, 103)] {
        scene.lock.admit_rtp(scene.now, at(NEIGHBOUR), &header(ssrc, sequence), false);
        assert_eq!(scene.lock.source(), None, "ssrc {ssrc} sequence {sequence}");
    }
    scene.lock.admit_rtp(scene.now, at(NEIGHBOUR), &header(1, 104), false);
    scene.lock.admit_rtp(scene.now, at(NEIGHBOUR), &header(1, 105), false);
    assert_eq!(scene.lock.source(), Some(at(NEIGHBOUR)));
}

#[test]
fn an_intruder_is_dropped_for_as_long_as_the_peer_talks() {
    let mut scene = Scene::locked_on(NAT);
    for _ in 0..3000 {
        assert_eq!(scene.hears(STRANGER), Admission::Intruder);
        assert_eq!(scene.hears(NEIGHBOUR), Admission::Intruder);
        assert_eq!(scene.hears(NAT_MOVED), Admission::Intruder);
        assert_eq!(scene.hears(NAT), Admission::Accepted);
    }
    assert_eq!(scene.lock.rtp_destination(), Some(at(NAT)));
}

#[test]
fn a_lock_on_weak_evidence_gives_way_to_the_real_peer_but_never_the_other_way() {
    let mut scene = Scene::locked_on(NEIGHBOUR);
    assert_eq!(scene.hears_many(NAT, 2), [Admission::Withheld; 2], "one voice at a time");
    assert_eq!(scene.hears(NEIGHBOUR), Admission::Accepted);
    scene.hears_many(NAT, 3);
    assert_eq!(scene.lock.source(), Some(at(NAT)));
    assert_eq!(scene.hears(NEIGHBOUR), Admission::Intruder);
    assert_eq!(scene.hears(SDP), Admission::Accepted, "the exact address is stronger still");
    assert_eq!(scene.hears(NAT), Admission::Intruder);
}

#[test]
fn a_nat_that_moves_the_port_is_followed_after_two_seconds_of_silence() {
    let mut scene = Scene::locked_on(NAT);
    scene.waits(TRUSTED_SILENCE - Duration::from_millis(100));
    assert_eq!(scene.hears(NAT_MOVED), Admission::Intruder);
    scene.waits(Duration::from_millis(100));
    scene.hears_many(NAT_MOVED, 3);
    assert_eq!(scene.lock.source(), Some(at(NAT_MOVED)));
}

#[test]
fn a_neighbour_must_outwait_thirty_seconds_of_silence() {
    let mut scene = Scene::locked_on(NAT);
    scene.waits(NEIGHBOUR_SILENCE - Duration::from_secs(1));
    assert_eq!(scene.hears(NEIGHBOUR), Admission::Intruder);
    scene.waits(Duration::from_secs(1));
    scene.hears_many(NEIGHBOUR, 5);
    assert_eq!(scene.lock.source(), Some(at(NEIGHBOUR)));
}

#[test]
fn a_change_of_the_sdp_address_reopens_the_lock_and_an_equal_sdp_does_not() {
    let mut scene = Scene::locked_on(NAT);
    scene.lock.change(scene.now, Some(at(SDP)), at(NAT).ip(), false);
    assert_eq!(scene.lock.source(), Some(at(NAT)));
    scene.lock.change(scene.now, Some(at(STRANGER)), at(NAT).ip(), false);
    assert_eq!(scene.lock.source(), None);
    assert_eq!(scene.lock.rtp_destination(), Some(at(STRANGER)));
    assert_eq!(scene.hears(STRANGER), Admission::Accepted);
}

#[test]
fn an_answer_that_names_the_locked_source_keeps_the_lock() {
    let mut scene = Scene::locked_on(NAT);
    scene.lock.change(scene.now, Some(at(NAT)), at(NAT).ip(), false);
    assert_eq!(scene.lock.source(), Some(at(NAT)));
}

#[test]
fn what_the_old_source_still_had_on_its_way_does_not_take_the_lock_back() {
    let moved = "192.168.1.20:11790";
    for old in [SDP, NAT, NEIGHBOUR] {
        let mut scene = Scene::locked_on(old);
        scene.lock.change(scene.now, Some(at(moved)), at(SDP).ip(), false);
        // Twenty packets are 400 ms; the phone takes that long to open its microphone again.
        assert_eq!(scene.hears_many(old, 20), [Admission::Withheld; 20], "{old}");
        assert_eq!(scene.lock.rtp_destination(), Some(at(moved)), "{old}");
        assert_eq!(scene.hears(moved), Admission::Accepted);
        assert_eq!(scene.lock.source(), Some(at(moved)));
    }
}

#[test]
fn a_phone_that_only_said_that_it_moves_is_heard_again_after_a_second() {
    let mut scene = Scene::locked_on(NAT);
    scene.lock.change(scene.now, Some(at("192.168.1.20:11790")), at(NAT).ip(), false);
    assert_eq!(scene.hears(NAT), Admission::Withheld);
    scene.waits(TAIL);
    assert_eq!(scene.hears_many(NAT, 3), [Admission::Accepted; 3]);
    assert_eq!(scene.lock.rtp_destination(), Some(at(NAT)));
}

#[test]
fn a_phone_behind_nat_that_held_by_address_zero_is_heard_at_once_when_it_resumes() {
    let mut scene = Scene::locked_on(NAT);
    scene.lock.change(scene.now, None, at(NAT).ip(), false);
    assert_eq!(scene.hears(NAT), Admission::Withheld);
    scene.lock.change(scene.now, Some(at(SDP)), at(NAT).ip(), false);
    assert_eq!(scene.hears(NAT), Admission::Accepted);
}

#[test]
fn another_ssrc_from_the_locked_address_is_the_same_peer() {
    let mut scene = Scene::locked_on(NAT);
    for (ssrc, sequence) in [(77, 40_000), (78, 3), (77, 40_001)] {
        assert_eq!(scene.lock.admit_rtp(scene.now, at(NAT), &header(ssrc, sequence), false), Admission::Accepted);
    }
    assert_eq!(scene.lock.source(), Some(at(NAT)));
}

#[test]
fn hold_by_address_zero_and_groups_get_no_packets() {
    for silent in
        ["0.0.0.0:5004", "[::]:5004", "192.0.2.1:0", "224.0.1.1:5004", "255.255.255.255:5004", "[ff02::1]:5004"]
    {
        assert_eq!(Scene::with(Some(silent)).lock.rtp_destination(), None, "{silent}");
        assert_eq!(Scene::with(Some(silent)).lock.rtcp_destination(), None, "{silent}");
    }
}

#[test]
fn an_srtp_packet_that_proves_the_key_locks_from_anywhere() {
    let mut scene = Scene::behind_nat();
    assert_eq!(scene.lock.admit_rtp(scene.now, at(STRANGER), &header(1, 1), true), Admission::Accepted);
    assert_eq!(scene.lock.source(), Some(at(STRANGER)));
    assert!(!scene.lock.may_be_heard(scene.now, at(NAT), true), "no second place while the first one talks");
    scene.waits(TRUSTED_SILENCE);
    assert!(scene.lock.may_be_heard(scene.now, at(NAT), true));
}

#[test]
fn rtcp_follows_the_host_of_the_lock() {
    let mut scene = Scene::behind_nat();
    assert_eq!(scene.lock.admit_rtcp(at(STRANGER), false), Admission::Intruder);
    assert_eq!(scene.lock.admit_rtcp(at("203.0.113.9:999"), false), Admission::Accepted);
    scene.hears_many(NAT, 3);
    assert_eq!(scene.lock.rtcp_destination(), Some(at("203.0.113.9:40001")), "the port above, until heard");
    assert_eq!(scene.lock.admit_rtcp(at("192.168.1.20:11781"), false), Admission::Intruder);
    assert_eq!(scene.lock.admit_rtcp(at("203.0.113.9:41234"), false), Admission::Accepted);
    assert_eq!(scene.lock.rtcp_destination(), Some(at("203.0.113.9:41234")));
}

#[test]
fn an_ipv6_peer_is_known_by_its_64() {
    let lock = SourceLock::new(Some(at("[2001:db8:1:2::5]:4000")), at("[2001:db8:9::1]:5060").ip(), false);
    assert_eq!(lock.evidence(at("[2001:db8:1:2::5]:4000")), Evidence::Signalled);
    assert_eq!(lock.evidence(at("[2001:db8:1:2:ffff::1]:4000")), Evidence::Network);
    assert_eq!(lock.evidence(at("[2001:db8:1:3::5]:4000")), Evidence::Stranger);
    assert_eq!(lock.evidence(at("192.0.2.1:4000")), Evidence::Stranger);
}

proptest! {
    /// Whatever strangers do, in whatever order: while the peer talks, only its packets are accepted.
    #[test]
    fn no_sequence_of_strangers_is_ever_heard_in_a_running_call(
        intruders in prop::collection::vec((0usize..3, any::<u32>(), any::<u16>(), 0u64..1_900), 0..200),
    ) {
        let mut scene = Scene::locked_on(NAT);
        for (who, ssrc, sequence, gap) in intruders {
            scene.waits(Duration::from_millis(gap));
            let from = at([STRANGER, NEIGHBOUR, NAT_MOVED][who]);
            prop_assert_eq!(scene.lock.admit_rtp(scene.now, from, &header(ssrc, sequence), false), Admission::Intruder);
            prop_assert_eq!(scene.hears(NAT), Admission::Accepted);
            prop_assert_eq!(scene.lock.rtp_destination(), Some(at(NAT)));
        }
    }
}
