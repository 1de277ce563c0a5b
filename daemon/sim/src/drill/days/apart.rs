//! Days of phones that are not in the office: on a journey, at home, in a branch.

use std::net::SocketAddr;
use std::time::Duration;

use super::{HOUR, MINUTE, behind, blocked, reaches, softphone, there};
use crate::agent::Agent;
use crate::drill::attacks::at;
use crate::drill::street::Street;
use crate::network::Node;

/// Each hotel's router gives the phone another port in the midst of the day.
pub(super) fn travels(street: &mut Street, _: bool) -> Vec<String> {
    let mut wrong = Vec::new();
    let hotels = [
        ("10.20.0.87:5060", "198.51.100.20:27001", "198.51.100.20:27613"),
        ("172.16.4.9:5060", "203.0.113.20:40001", "203.0.113.20:51877"),
        ("192.168.88.240:5060", "192.0.2.20:61000", "192.0.2.20:1024"),
    ];
    for (day, (inside, seen, later)) in hotels.into_iter().enumerate() {
        let phone = behind(street, "203", inside, at(seen));
        street.advance(10 * MINUTE);
        if day == 0 {
            street.recognise_all();
            street.advance(10 * MINUTE);
        }
        let mut made = 0;
        for seen in [seen, later] {
            street.put_behind(phone, at(inside), at(seen));
            street.with(phone, Agent::register_now);
            street.advance(MINUTE);
            made += usize::from(reaches(street, phone, "0201234567"));
            made += usize::from(reaches(street, phone, "0033123456789"));
        }
        if made < 4 {
            wrong.push(format!("on day {day} {made} of 4 calls went out"));
        }
        street.set_up(phone, false);
        street.advance(23 * HOUR);
    }
    wrong.extend(asked_once(street, 1));
    wrong
}

/// Whether the office was asked about each device once at most.
fn asked_once(street: &Street, devices: usize) -> Option<String> {
    let asked = street.told.iter().filter(|(_, problem)| problem.code == "phone-unknown").count();
    (asked > devices).then(|| format!("the office was asked {asked} times about {devices} devices"))
}

/// Phones of home workers, each in a network of its own, and all of them start anew when the office's address changes.
pub(super) fn comes_and_goes(street: &mut Street, full: bool) -> Vec<String> {
    let homes = if full { 60 } else { 10_u8 };
    let phones: Vec<Node> = (0..homes)
        .map(|home| {
            let number = (201 + u16::from(home)).to_string();
            softphone(street, &number, SocketAddr::from(([203, 0, home, 30], 5060)))
        })
        .collect();
    let mut wrong = Vec::new();
    taken_in(street, &phones, &mut wrong);
    phones.iter().for_each(|phone| street.with(*phone, Agent::reboot));
    all_back(street, &phones, &mut wrong);
    for _ in 0..10 {
        street.set_up(street.provider(), false);
        street.advance(2 * MINUTE);
        street.set_up(street.provider(), true);
        street.advance(2 * MINUTE);
    }
    street.advance(5 * MINUTE);
    if !reaches(street, street.phone(1), "0201234666") {
        wrong.push("no call goes out after it".to_owned());
    }
    wrong
}

/// The phones of a branch are switched on together. When its router has another address, they all come from there, from other ports.
pub(super) fn branch(street: &mut Street, _: bool) -> Vec<String> {
    let (before, after) = ([198, 51, 100, 50], [203, 0, 113, 77]);
    let inside = |one: u16| SocketAddr::from(([192, 168, 50, 100 + one as u8], 5060));
    let phones: Vec<Node> = (0..60_u16)
        .map(|one| {
            let seen = SocketAddr::from((before, 20_000 + one));
            behind(street, &(201 + one).to_string(), &inside(one).to_string(), seen)
        })
        .collect();
    let mut wrong = Vec::new();
    all_back(street, &phones, &mut wrong);
    taken_in(street, &phones, &mut wrong);
    for (one, phone) in (0..60_u16).zip(&phones) {
        street.put_behind(*phone, inside(one), SocketAddr::from((after, 1_024 + 7 * one)));
        street.with(*phone, Agent::reboot);
    }
    all_back(street, &phones, &mut wrong);
    for phone in phones.iter().step_by(10) {
        if !reaches(street, *phone, "0201234567") {
            wrong.push(format!("{phone:?} does not get out"));
        }
    }
    wrong.extend(asked_once(street, phones.len()));
    wrong.extend(blocked(street, |source| {
        [before, after].iter().any(|ours| source.ip() == std::net::IpAddr::from(*ours))
    }));
    wrong
}

/// The office says yes to each, and all of them come again as its own.
fn taken_in(street: &mut Street, phones: &[Node], wrong: &mut Vec<String>) {
    for _ in 0..2 {
        street.advance(5 * MINUTE);
        street.recognise_all();
    }
    street.advance(5 * MINUTE);
    let before = there(street, phones);
    if before < phones.len() {
        wrong.push(format!("{before} of {} phones were taken in", phones.len()));
    }
}

fn all_back(street: &mut Street, phones: &[Node], wrong: &mut Vec<String>) {
    street.advance(Duration::from_secs(60));
    let back = there(street, phones);
    if back < phones.len() {
        wrong.push(format!("{back} of {} phones are there after a minute", phones.len()));
    }
}
