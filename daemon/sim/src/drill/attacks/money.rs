//! After the office's money, with the right password wherever that makes it worse.

use std::time::Duration;

use super::{DEAR, FAR, HOUR, MINUTE, in_the_office, one_after_the_other, thief};
use crate::drill::street::Street;
use crate::network::Node;

pub(super) fn stolen_password(street: &mut Street, _: bool) -> Vec<String> {
    let thief = thief(street, "203", "198.51.100.66:5060");
    one_after_the_other(street, thief, DEAR.into_iter().chain(["0201234567", "09001234"]));
    Vec::new()
}

pub(super) fn two_places(street: &mut Street, _: bool) -> Vec<String> {
    let thieves = ["198.51.100.66:5060", "203.0.113.66:5060"].map(|address| thief(street, "203", address));
    for dialled in DEAR {
        thieves.iter().for_each(|thief| street.call(*thief, dialled, 10 * MINUTE));
        street.advance(MINUTE);
    }
    Vec::new()
}

pub(super) fn test_and_burst(street: &mut Street, full: bool) -> Vec<String> {
    let thief = in_the_office(street);
    for _ in 0..2 {
        street.call(thief, "00212612345670", Duration::from_secs(20));
        street.advance(MINUTE);
    }
    street.advance(if full { 30 * MINUTE } else { 2 * MINUTE });
    for number in 0..10 {
        street.call(thief, &format!("0021261234567{number}"), HOUR);
    }
    street.advance(if full { HOUR } else { 10 * MINUTE });
    Vec::new()
}

pub(super) fn in_a_row(street: &mut Street, _: bool) -> Vec<String> {
    let thief = in_the_office(street);
    for number in 0..20 {
        street.call(thief, &format!("00994501234{number:03}"), 2 * MINUTE);
        street.advance(MINUTE);
    }
    Vec::new()
}

/// No two within a hundred of each other.
pub(super) fn in_steps(street: &mut Street, _: bool) -> Vec<String> {
    let thief = in_the_office(street);
    for number in 0..20 {
        street.call(thief, &format!("0099450123{:04}", number * 137), 2 * MINUTE);
        street.advance(MINUTE);
    }
    Vec::new()
}

pub(super) fn invalid_ranges(street: &mut Street, _: bool) -> Vec<String> {
    let thief = in_the_office(street);
    let dialled =
        ["002101234567", "003851", "009999123456", "00447", "0088299912345", "003161", "0000", "00870123456789"];
    one_after_the_other(street, thief, dialled);
    Vec::new()
}

pub(super) fn new_country(street: &mut Street, full: bool) -> Vec<String> {
    let thief = in_the_office(street);
    street.call(thief, DEAR[5], HOUR);
    street.advance(if full { HOUR } else { 10 * MINUTE });
    Vec::new()
}

pub(super) fn burst(street: &mut Street, full: bool) -> Vec<String> {
    let thief = in_the_office(street);
    // To what is blocked for nobody: what comes at once is to be told, and not where it goes.
    FAR[..10].iter().for_each(|dialled| street.call(thief, dialled, HOUR));
    street.advance(if full { HOUR } else { 10 * MINUTE });
    Vec::new()
}

pub(super) fn transit(street: &mut Street, _: bool) -> Vec<String> {
    one_after_the_other(street, street.provider(), DEAR);
    Vec::new()
}

/// Calls that are over before anybody hears them: how many of them went out.
pub(super) fn flashes(street: &mut Street, _: bool) -> Vec<String> {
    let thief = in_the_office(street);
    for number in 0..30 {
        street.call(thief, &format!("090012{number:02}"), Duration::from_millis(200));
        street.advance(Duration::from_secs(1));
    }
    street.advance(MINUTE);
    let provider = street.provider();
    let out = street.stories().filter(|(node, story)| *node == provider && !story.outgoing);
    let out = out.filter(|(_, story)| story.dialled.contains("90012")).count();
    (out > 6).then(|| format!("{out} calls of 200 ms went out")).into_iter().collect()
}

pub(super) fn forward_codes(street: &mut Street, _: bool) -> Vec<String> {
    let thief = in_the_office(street);
    for code in ["*21*", "**21*", "*72", "*61*", "*67*"] {
        for number in ["09001234", "00212612345678"] {
            street.call(thief, &format!("{code}{number}#"), MINUTE);
            street.advance(Duration::from_secs(5));
        }
    }
    called_in(street)
}

/// Somebody abroad rings at both numbers of the office and hangs up; then each calls back, three times.
pub(super) fn bait(street: &mut Street, _: bool) -> Vec<String> {
    // Whoever talks on a busy day ends that before: who is in a call rings nowhere.
    street.advance(6 * MINUTE);
    let provider = street.provider();
    for (abroad, dialled) in [("+21650123456", "0021650123456"), ("+22507123456", "0022507123456")] {
        for (person, number) in ["+31205550100", "+31205550102"].into_iter().enumerate() {
            street.with(street.phone(person as u16), |agent, _| agent.be_away());
            street.with(provider, |agent, _| agent.character.number = abroad.to_owned());
            street.call(provider, number, Duration::from_secs(1));
            street.advance(MINUTE);
        }
        let phones: Vec<Node> = street.phones().collect();
        for phone in [&phones[..], &phones[..], &phones[..]].concat() {
            street.call(phone, dialled, 5 * MINUTE);
            street.advance(Duration::from_secs(5));
        }
    }
    let paid = street.answered().filter(|(dialled, _)| crate::drill::is_toll(dialled)).count();
    (paid > 0).then(|| format!("{paid} calls back were answered")).into_iter().collect()
}

pub(super) fn moved(street: &mut Street, _: bool) -> Vec<String> {
    let phone = street.phone(0);
    let mut reached = Vec::new();
    for number in ["09001234", "0906123456", "003290912345", "1888"].iter().chain(&DEAR) {
        street.with(phone, |agent, _| agent.move_to(number));
        reached.extend(called_in(street));
    }
    reached
}

/// Calls from the provider to the office's number, ten minutes each; whether anything of that was paid for.
fn called_in(street: &mut Street) -> Vec<String> {
    one_after_the_other(street, street.provider(), ["+31205550100"; 3]);
    street.advance(10 * MINUTE);
    let paid: Vec<String> =
        street.answered().map(|(dialled, _)| dialled.to_owned()).filter(|to| crate::drill::is_toll(to)).collect();
    paid.into_iter().map(|dialled| format!("a call in was answered at {dialled}")).collect()
}

pub(super) fn handed_on(street: &mut Street, _: bool) -> Vec<String> {
    // From outside, by a device that nobody knows: it reaches a colleague, who is to be handed on.
    let stranger = thief(street, "203", "198.51.100.66:5060");
    hand_on(street, stranger, "205");
    // By the provider, who calls in.
    hand_on(street, street.provider(), "+31205550100");
    let paid = street.answered().filter(|(dialled, _)| crate::drill::is_toll(dialled)).count();
    // By two phones that each say that their person is at the other.
    let before = rung(street);
    for (phone, other) in [(6, "208"), (7, "207")] {
        street.with(street.phone(phone), |agent, _| agent.move_to(other));
    }
    let thief = in_the_office(street);
    street.call(thief, "207", MINUTE);
    street.advance(2 * MINUTE);
    let rung = rung(street) - before;
    // And in the office, by who may: it is paid like a call of his own.
    hand_on(street, thief, "205");
    let circles = (rung > 4).then(|| format!("two phones that forward to each other rang {rung} times"));
    let bought = (paid > 0).then(|| format!("{paid} calls were handed on by who may not"));
    circles.into_iter().chain(bought).collect()
}

/// How often the two phones that forward to each other were called, also by who knows nothing of it.
fn rung(street: &Street) -> usize {
    let called = [street.phone(6), street.phone(7)];
    street.stories().filter(|(node, story)| called.contains(node) && !story.outgoing).count()
}

/// Calls somebody, and hands on whoever answers to one dear number after the other.
pub(super) fn hand_on(street: &mut Street, who: Node, called: &str) {
    for dialled in &DEAR[..4] {
        street.call(who, called, 10 * MINUTE);
        street.advance(MINUTE);
        street.with(who, |agent, now| agent.hand_on(now, dialled));
        street.advance(2 * MINUTE);
        street.with(who, |agent, now| agent.hang_up_own(now));
        street.advance(Duration::from_secs(10));
    }
}
