//! The office's network: machines that answer for the router or for phones (threats B-29, T29), phones that moved.

use std::net::Ipv4Addr;
use std::sync::Arc;

use centrale_call_control::{Input, LanTable};
use centrale_config::{Credential, Mac, Secret, Settled};
use centrale_guard::Civil;
use centrale_sip::flow::Transport;

use crate::bench::{Bench, OFFICE, OfficeText, TUESDAY, Ua};

const ROUTER: Ipv4Addr = Ipv4Addr::new(192, 168, 1, 1);
const ANNA: Ipv4Addr = Ipv4Addr::new(192, 168, 1, 21);
const BRAM: Ipv4Addr = Ipv4Addr::new(192, 168, 1, 22);
const THIEF: Ipv4Addr = Ipv4Addr::new(192, 168, 1, 66);
/// The last octet of the machines at these addresses at first, and of the thief's.
const OWN: [(Ipv4Addr, u8); 4] = [(ROUTER, 1), (ANNA, 0x21), (BRAM, 0x22), (THIEF, 0xbb)];
const THIEFS: u8 = 0xbb;

/// An office with two phones, and what the box's kernel knows of its network.
struct Wire {
    bench: Bench,
    table: Vec<(Ipv4Addr, u8)>,
    /// Who is in the table, and did not answer lately.
    silent: Option<Ipv4Addr>,
}

impl Wire {
    fn new() -> Self {
        let mut bench = Bench::of(OFFICE);
        for (number, at) in [("201", ANNA), ("202", BRAM)] {
            Ua::new(number, Transport::Udp, &format!("{at}:5060")).register(&mut bench);
        }
        let mut wire = Self { bench, table: OWN.to_vec(), silent: None };
        wire.looks(2);
        wire
    }

    /// That machine answers for that address from now on.
    fn answers(&mut self, ip: Ipv4Addr, machine: u8) {
        self.table.iter_mut().filter(|(known, _)| *known == ip).for_each(|(_, mac)| *mac = machine);
    }

    fn looks(&mut self, count: usize) -> Vec<(String, String, String)> {
        for _ in 0..count {
            let entries =
                self.table.iter().map(|(ip, last)| (*ip, [2, 0, 0, 0, 0, *last], self.silent != Some(*ip))).collect();
            self.bench.input(Input::Lan(LanTable { router: Some(ROUTER), entries }));
            self.bench.seconds(3);
        }
        let problems = self.bench.problems().into_iter().filter(|one| one.code.starts_with("lan-"));
        problems.map(|one| (one.code, one.subject, one.detail)).collect()
    }

    /// What was written down: what was tried, by whom, how often.
    fn stories(&self) -> Vec<(&'static str, String, u64)> {
        let told = self.bench.incidents.iter();
        told.map(|one| (one.tried[0].0, one.devices.some.join(" "), one.attempts)).collect()
    }
}

fn problem(code: &str, subject: &str, detail: &str) -> (String, String, String) {
    (code.to_owned(), subject.to_owned(), detail.to_owned())
}

#[test]
fn t_029_who_poses_as_the_router_is_told_within_three_looks_in_one_story_and_nothing_is_blocked() {
    let mut wire = Wire::new();
    assert_eq!(wire.looks(1), []);
    for machine in [THIEFS, 1, THIEFS] {
        wire.answers(ROUTER, machine);
        wire.looks(1);
    }
    let told = problem("lan-router-posed", "", "02:00:00:00:00:bb, 192.168.1.66");
    assert_eq!(wire.looks(1), std::slice::from_ref(&told));
    assert_eq!(wire.stories(), [("router-posed", "02:00:00:00:00:bb".to_owned(), 1)]);
    assert_eq!(wire.looks(400), [told], "it lasts twenty minutes");
    assert_eq!(wire.stories().len(), 2, "one that grows, {:?}", wire.stories());
    assert!(!wire.bench.is_blocking(), "who locks out who poses as the router locks out the router");
    wire.answers(ROUTER, 1);
    wire.looks(201);
    assert_eq!(wire.looks(1), []);
}

#[test]
fn t_029_a_new_router_is_a_note_alone_and_who_had_an_address_before_is_spoken_to() {
    let mut wire = Wire::new();
    wire.table.retain(|(ip, _)| *ip != THIEF);
    wire.looks(1);
    wire.answers(ROUTER, 0x99);
    assert_eq!(wire.looks(100), [problem("lan-router-changed", "", "02:00:00:00:00:99")]);
    assert!(wire.stories().is_empty() && wire.bench.stirred.is_empty());
    let mut wire = Wire::new();
    wire.answers(ROUTER, THIEFS);
    wire.silent = Some(THIEF);
    assert_eq!(wire.looks(22)[0].0, "lan-router-changed", "it may have been given the router's address");
    assert_eq!(Vec::from_iter(wire.bench.stirred.clone()), [THIEF]);
    wire.silent = None;
    assert_eq!(wire.looks(1)[0].0, "lan-router-posed", "it is still there");
}

#[test]
fn t_029_one_machine_at_two_phones_addresses_is_told_by_whose_they_are_and_one_that_moved_is_not() {
    let mut wire = Wire::new();
    wire.answers(ANNA, THIEFS);
    assert_eq!(wire.looks(2), []);
    wire.answers(BRAM, THIEFS);
    assert_eq!(wire.looks(1), [problem("lan-phones-posed", "02:00:00:00:00:bb", "Anna, Bram")]);
    assert_eq!(wire.stories(), [("phones-posed", "02:00:00:00:00:bb".to_owned(), 1)]);
    let mut wire = Wire::new();
    for machine in [0x77, 0x21, 0x77] {
        wire.answers(ANNA, machine);
        wire.looks(1);
    }
    assert_eq!(wire.looks(1), [problem("lan-address-shared", "201", "192.168.1.21")]);
    assert_eq!(wire.stories(), [], "two machines with one address are a mistake");
}

const DESK: Mac = Mac::from_octets([0, 4, 0x13, 0xaa, 0xbb, 0xcc]);

/// Bram's desk phone registers from there; what is said of it.
fn desk_at(bench: &mut Bench, at: &str) -> Vec<(String, String)> {
    let at = at.parse().unwrap();
    let phone = Ua { at, transport: Transport::Udp, user: format!("202-{DESK}"), password: "secret for 202".into() };
    phone.register(bench);
    let told = bench.problems().into_iter().filter(|one| one.code == "lan-phone-moved");
    told.map(|one| (one.subject, one.detail)).collect()
}

fn desk_of_bram(bench: &mut Bench) {
    let username = format!("202-{DESK}");
    let (number, secret) = ("202".parse().unwrap(), Secret::new("secret for 202".to_owned()));
    let desk = Credential { username, number, secret, device: Some(DESK) };
    let office = OfficeText::read(OFFICE).office;
    bench.input(Input::Settled(Arc::new(Settled::new(2, office, vec![desk]))));
    bench.input(Input::Clock(Civil { day: 20_000, ..TUESDAY }));
}

#[test]
fn a_phone_in_another_network_of_the_office_is_told_until_it_is_back_also_after_a_restart() {
    let mut bench = Bench::new();
    desk_of_bram(&mut bench);
    assert_eq!(desk_at(&mut bench, "192.168.1.152:5060"), []);
    assert_eq!(desk_at(&mut bench, "192.168.1.199:5060"), [], "another address of the same network");
    let kept: Vec<_> = bench.kept.values().cloned().collect();
    let mut bench = Bench::new();
    desk_of_bram(&mut bench);
    bench.input(Input::Kept(kept));
    assert_eq!(desk_at(&mut bench, "10.9.8.7:5060"), [(DESK.to_string(), "10.9.8.0/24".to_owned())]);
    assert_eq!(desk_at(&mut bench, "192.168.1.152:5060"), []);
    desk_at(&mut bench, "10.9.8.7:5060");
    bench.settle(OFFICE);
    assert!(bench.problems().iter().all(|one| one.code != "lan-phone-moved"), "it is the office's no more");
}
