//! The day on which help is called in whatever state a phone, a person or the office is.

use std::time::Duration;

use centrale_call_control::Command;
use centrale_guard::{Pressed, Stop};

use super::{MINUTE, behind, softphone};
use crate::agent::{Agent, Character};
use crate::drill::attacks::{DEAR, at, thief};
use crate::drill::street::{Street, character};
use crate::network::Node;

pub(super) fn in_every_state(street: &mut Street, full: bool) -> Vec<String> {
    let mut wrong = Vec::new();
    stopped(street, &mut wrong);
    spent(street, full, &mut wrong);
    blocked(street, &mut wrong);
    asked_about(street, &mut wrong);
    moved(street, &mut wrong);
    after_a_restart(street, &mut wrong);
    wrong
}

fn stopped(street: &mut Street, wrong: &mut Vec<String>) {
    let pressed = || Pressed { by: "Anna".to_owned(), at_unix_ms: 0 };
    let person = || "202".to_owned();
    for stop in [Stop::Outgoing, Stop::Abroad, Stop::Person(person()), Stop::Paid(person())] {
        street.command(Command::Stop { stop: stop.clone(), pressed: pressed() });
        wrong.extend(not_helped(street, street.phone(1), &format!("while {stop} is stopped")));
        street.command(Command::Release { stop });
    }
}

fn spent(street: &mut Street, full: bool, wrong: &mut Vec<String>) {
    let spender = thief(street, "202", "192.168.1.238:5060");
    for number in 0..if full { 20 } else { 4_usize } {
        street.call(spender, DEAR[number % DEAR.len()], 10 * MINUTE);
        street.call(spender, &format!("09001{number:03}"), 10 * MINUTE);
        street.advance(11 * MINUTE);
    }
    wrong.extend(not_helped(street, street.phone(1), "when the day's amount is spent"));
}

/// Others are, at her account, her address and her very port; then she herself.
fn blocked(street: &mut Street, wrong: &mut Vec<String>) {
    for (host, address) in ["203.0.113.9:5060", "192.168.1.101:5070", "192.168.1.239:5060"].into_iter().enumerate() {
        let node = street.add_address(at(address));
        guesses(street, node, "202", host);
        wrong.extend(not_helped(street, street.phone(1), &format!("while {address} is blocked")));
    }
    let in_her_name = street.phone(1);
    guesses(street, in_her_name, "202", 3);
    wrong.extend(not_helped(street, in_her_name, "from the port from which somebody guessed"));
    // A phone with a right password at an address that was blocked.
    let there = street.add(character("205", "205", 300), at("192.168.1.239:5062"), Agent::talk_on);
    wrong.extend(not_helped(street, there, "for who is blocked in the office"));
    // And with a wrong one, from the very port.
    let old = Character { password: "Vorig3Jaar8Doos".to_owned(), ..character("205", "205", 300) };
    let there = street.add(old, at("192.168.1.239:5060"), Agent::talk_on);
    wrong.extend(not_helped(street, there, "for who has an old password and is blocked in the office"));
    // At home, where somebody else guesses behind the same router.
    let home = behind(street, "204", "192.168.178.20:5060", at("198.51.100.60:5060"));
    street.advance(5 * MINUTE);
    street.recognise_all();
    street.advance(5 * MINUTE);
    let neighbour = street.add_address(at("198.51.100.60:6060"));
    guesses(street, neighbour, "202", 4);
    wrong.extend(not_helped(street, home, "at home, where somebody guesses"));
}

fn guesses(street: &mut Street, node: Node, user: &str, who: usize) {
    (0..20).for_each(|guess| _ = street.guess(node, user, &format!("guess-{who}-{guess}")));
}

/// A device of which nobody said yet whose it is, outside and in the office.
fn asked_about(street: &mut Street, wrong: &mut Vec<String>) {
    let outside = softphone(street, "206", at("198.51.100.61:5060"));
    let looks = Character { user_agent: "Zoiper rv2".to_owned(), ..character("207", "207", 300) };
    let inside = street.add(looks, at("192.168.1.237:5060"), Agent::talk_on);
    street.advance(MINUTE);
    for (node, which) in [(outside, "outside"), (inside, "in the office")] {
        wrong.extend(not_helped(street, node, &format!("for a device {which} that nobody knows")));
    }
}

/// Before they registered where they are now.
fn moved(street: &mut Street, wrong: &mut Vec<String>) {
    let (anna, new) = (street.phone(3), at("192.168.1.203:5060"));
    street.put_behind(anna, new, new);
    street.replace(anna, character("204", "204", 300), Agent::talk_on);
    wrong.extend(not_helped(street, anna, "for who was moved in the office"));
    let phone = softphone(street, "208", at("198.51.100.62:5060"));
    street.advance(5 * MINUTE);
    street.recognise_all();
    street.advance(5 * MINUTE);
    let new = at("203.0.113.62:40000");
    street.put_behind(phone, at("10.0.0.9:5060"), new);
    wrong.extend(not_helped(street, phone, "for who was moved outside"));
}

/// At once, before anybody registered again; and of who was blocked before.
fn after_a_restart(street: &mut Street, wrong: &mut Vec<String>) {
    let node = street.add_address(at("192.168.1.236:5060"));
    guesses(street, node, "202", 5);
    let clock = street.clock();
    street.restart(clock);
    street.advance(Duration::from_secs(1));
    wrong.extend(not_helped(street, street.phone(1), "after a restart"));
    let clock = street.clock();
    street.restart(clock);
    street.advance(Duration::from_secs(1));
    street.replace(node, character("205", "205", 300), Agent::talk_on);
    wrong.extend(not_helped(street, node, "after a restart for who was blocked before it"));
}

fn not_helped(street: &mut Street, who: Node, when: &str) -> Option<String> {
    let helped = |street: &Street| street.answered().filter(|(dialled, _)| *dialled == "112").count();
    let before = helped(street);
    street.call(who, "112", MINUTE);
    street.advance(2 * MINUTE);
    (helped(street) == before).then(|| format!("no help {when}"))
}
