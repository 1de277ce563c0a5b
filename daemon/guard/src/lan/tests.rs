use std::net::Ipv4Addr;
use std::time::{Duration, Instant};

use super::{LanSign, LanWatch, MOST_NEIGHBOURS, MacAddress, Neighbour};

const ROUTER: Ipv4Addr = Ipv4Addr::new(192, 168, 1, 1);
const OLD: MacAddress = [2, 0, 0, 0, 0, 1];
const NEW: MacAddress = [2, 0, 0, 0, 0, 0xbb];
const THIEF: Ipv4Addr = Ipv4Addr::new(192, 168, 1, 66);
/// Between two looks.
const LOOK: u64 = 3;

/// An office with a router, ten phones and a watch.
struct Wire {
    watch: LanWatch,
    now: Instant,
    seen: Vec<Neighbour>,
}

const fn phone(host: u8) -> Ipv4Addr {
    Ipv4Addr::new(192, 168, 1, host)
}

const fn own(host: u8) -> MacAddress {
    [2, 0, 0, 0, 1, host]
}

impl Wire {
    fn new() -> Self {
        let mut wire = Self { watch: LanWatch::default(), now: Instant::now(), seen: Vec::new() };
        wire.has(ROUTER, OLD);
        (20..30).for_each(|host| wire.has(phone(host), own(host)));
        wire.looks(2);
        wire
    }

    /// From now on that address is in the table with that machine.
    fn has(&mut self, ip: Ipv4Addr, mac: MacAddress) {
        self.seen.retain(|one| one.ip != ip);
        let is_phone = (20..40).any(|host| phone(host) == ip);
        self.seen.push(Neighbour { ip, mac, answers: true, is_phone });
    }

    /// That address stays in the table, and nobody answers for it any more.
    fn is_silent(&mut self, ip: Ipv4Addr) {
        self.seen.iter_mut().filter(|one| one.ip == ip).for_each(|one| one.answers = false);
    }

    fn looks(&mut self, count: u64) -> Vec<LanSign> {
        for _ in 0..count {
            self.watch.look(self.now, Some(ROUTER), &self.seen);
            self.now += Duration::from_secs(LOOK);
        }
        self.watch.signs(self.now)
    }

    fn minutes(&mut self, minutes: u64) -> Vec<LanSign> {
        self.looks(minutes * 60 / LOOK)
    }
}

fn posed(at: Option<Ipv4Addr>) -> Vec<LanSign> {
    vec![LanSign::RouterPosed { router: ROUTER, by: NEW, at }]
}

fn changed() -> Vec<LanSign> {
    vec![LanSign::RouterChanged { router: ROUTER, is: NEW }]
}

#[test]
fn t_029_two_machines_that_answer_by_turns_for_the_router_are_somebody_who_poses_as_it() {
    let mut wire = Wire::new();
    assert_eq!(wire.looks(1), []);
    wire.has(ROUTER, NEW);
    assert_eq!(wire.looks(1), changed());
    wire.has(ROUTER, OLD);
    assert_eq!(wire.looks(2), [], "a router that came back is the router");
    wire.has(ROUTER, NEW);
    assert_eq!(wire.looks(1), posed(None));
    wire.has(ROUTER, OLD);
    assert_eq!(wire.looks(1), posed(None), "whose turn it is does not matter");
    assert_eq!(wire.minutes(9), posed(None));
    assert_eq!(wire.minutes(12), [], "ten minutes after the last turn it is over");
}

#[test]
fn t_029_a_machine_of_the_office_that_answers_for_the_router_and_still_for_itself_poses_as_it() {
    let mut wire = Wire::new();
    wire.has(THIEF, NEW);
    wire.minutes(1);
    wire.has(ROUTER, NEW);
    wire.is_silent(THIEF);
    assert_eq!(wire.looks(1), changed(), "it may have got the router's address instead");
    assert_eq!(wire.minutes(1), changed());
    wire.looks(1);
    assert_eq!(wire.watch.asked(wire.now), [THIEF]);
    wire.has(THIEF, NEW);
    assert_eq!(wire.looks(1), posed(Some(THIEF)));
    assert!(wire.watch.asked(wire.now).is_empty());
    assert_eq!(wire.minutes(60), posed(Some(THIEF)), "for as long as it lasts");
    wire.has(ROUTER, OLD);
    assert_eq!(wire.minutes(11), []);
}

#[test]
fn t_029_a_machine_that_answers_for_the_router_and_a_phone_poses_as_it_at_once() {
    let mut wire = Wire::new();
    wire.has(ROUTER, NEW);
    wire.has(phone(20), NEW);
    assert_eq!(wire.looks(1), posed(Some(phone(20))));
}

#[test]
fn t_029_a_swapped_router_is_told_once_as_what_it_is_and_forgotten_after_a_day() {
    let mut wire = Wire::new();
    wire.has(ROUTER, NEW);
    assert_eq!(wire.minutes(60), changed());
    assert_eq!(wire.minutes(24 * 60), []);
    let mut wire = Wire::new();
    wire.has(THIEF, NEW);
    wire.minutes(1);
    wire.has(ROUTER, NEW);
    wire.is_silent(THIEF);
    assert_eq!(wire.minutes(120), changed(), "it had an address by DHCP before it was the router");
    assert!(wire.watch.asked(wire.now).is_empty(), "it is not asked for ever");
}

#[test]
fn t_029_routers_that_share_a_virtual_address_are_no_news_and_hold_as_many_as_they_want() {
    const VIRTUAL: MacAddress = [0, 0, 0x5e, 0, 1, 7];
    const OTHER: MacAddress = [0, 0, 0x5e, 0, 1, 8];
    let mut wire = Wire::new();
    wire.has(THIEF, VIRTUAL);
    wire.minutes(1);
    wire.has(ROUTER, VIRTUAL);
    assert_eq!(wire.minutes(60), [LanSign::RouterChanged { router: ROUTER, is: VIRTUAL }]);
    wire.minutes(24 * 60);
    for turn in 0..6 {
        wire.has(ROUTER, if turn % 2 == 0 { OTHER } else { VIRTUAL });
        wire.has(phone(20), if turn % 2 == 0 { VIRTUAL } else { own(20) });
        assert!(!wire.looks(1).iter().any(|sign| matches!(sign, LanSign::RouterPosed { .. })));
    }
}

#[test]
fn t_029_one_machine_at_the_addresses_of_several_phones_poses_as_them() {
    let mut wire = Wire::new();
    wire.has(phone(20), NEW);
    assert_eq!(wire.looks(1), []);
    wire.has(phone(21), NEW);
    let told = [LanSign::PhonesPosed { by: NEW, phones: vec![phone(20), phone(21)] }];
    assert_eq!(wire.looks(1), told);
    assert_eq!(wire.minutes(90), told, "for as long as it lasts");
    wire.has(phone(20), own(20));
    assert_eq!(wire.minutes(11), []);
}

#[test]
fn t_029_phones_that_get_new_addresses_are_no_news() {
    let mut wire = Wire::new();
    wire.has(phone(35), own(20));
    assert_eq!(wire.looks(1), [], "a new one");
    (20..29).for_each(|host| wire.has(phone(host + 1), own(host)));
    assert_eq!(wire.minutes(2), [], "each that of its neighbour, after a power cut");
    wire.has(phone(20), own(29));
    assert_eq!(wire.minutes(2), []);
}

#[test]
fn t_029_the_router_may_answer_for_phones_behind_it() {
    let mut wire = Wire::new();
    (20..30).for_each(|host| wire.has(phone(host), OLD));
    assert_eq!(wire.minutes(2), []);
}

#[test]
fn t_029_two_machines_by_turns_at_a_phones_address_share_it() {
    let mut wire = Wire::new();
    for mac in [NEW, own(20), NEW] {
        wire.has(phone(20), mac);
        wire.looks(1);
    }
    assert_eq!(wire.looks(1), [LanSign::AddressShared { phone: phone(20) }]);
    assert_eq!(wire.minutes(11), []);
}

#[test]
fn t_029_more_addresses_than_an_office_has_are_not_remembered_and_the_router_is() {
    let mut watch = LanWatch::default();
    let now = Instant::now();
    let crowd = (0..100_000_u32).map(|host| {
        let [_, a, b, c] = host.to_be_bytes();
        Neighbour { ip: Ipv4Addr::new(10, a, b, c), mac: [2, 0, 1, a, b, c], answers: true, is_phone: true }
    });
    watch.look(now, Some(ROUTER), &crowd.collect::<Vec<_>>());
    for (at, mac) in (1..).zip([OLD, NEW, OLD, NEW]) {
        let router = Neighbour { ip: ROUTER, mac, answers: true, is_phone: false };
        watch.look(now + Duration::from_secs(at), Some(ROUTER), &[router]);
    }
    assert_eq!(watch.holders.len(), MOST_NEIGHBOURS + 1);
    assert_eq!(watch.signs(now), posed(None));
}

#[test]
fn t_029_another_network_begins_anew_and_a_groups_address_is_nobodys() {
    let mut wire = Wire::new();
    for mac in [[0xff; 6], [0; 6], [1, 0, 0x5e, 0, 0, 1], OLD] {
        wire.has(ROUTER, mac);
        assert_eq!(wire.looks(1), []);
    }
    wire.has(ROUTER, NEW);
    wire.watch.look(wire.now, None, &wire.seen);
    assert_eq!(wire.watch.signs(wire.now), []);
    assert_eq!(wire.looks(1), [], "that router was not known before");
}

#[test]
fn b_29_made_up_answers_keep_no_phone_from_being_watched() {
    let mut watch = LanWatch::default();
    let now = Instant::now();
    let made_up = |from: u32, answers| {
        (from..from + 1_024).map(move |host| {
            let [_, a, b, c] = host.to_be_bytes();
            Neighbour { ip: Ipv4Addr::new(10, a, b, c), mac: [2, 0, 1, a, b, c], answers, is_phone: false }
        })
    };
    let router = Neighbour { ip: ROUTER, mac: OLD, answers: true, is_phone: false };
    let phones = [21, 22].map(|host| Neighbour {
        ip: Ipv4Addr::new(192, 168, 1, host),
        mac: [0, 0x15, 0x65, 0, 0, host],
        answers: true,
        is_phone: true,
    });
    // Whoever fills the table answers as well, and is there before the phones and after them.
    for look in 0..20 {
        let mut seen: Vec<Neighbour> = made_up(100_000 + 1_024 * look, look % 2 == 0).collect();
        seen.push(router);
        if look > 2 {
            seen.extend(phones);
        }
        watch.look(now + Duration::from_secs(3 * u64::from(look)), Some(ROUTER), &seen);
        assert!(watch.holders.len() <= MOST_NEIGHBOURS + 1);
    }
    let taken = phones.map(|phone| Neighbour { mac: NEW, ..phone });
    let then = now + Duration::from_secs(70);
    watch.look(then, Some(ROUTER), &[router, taken[0], taken[1]]);
    let expected = LanSign::PhonesPosed { by: NEW, phones: phones.map(|phone| phone.ip).to_vec() };
    assert_eq!(watch.signs(then), [expected]);
}
