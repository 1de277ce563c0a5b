//! Days of the phones in the office: without power, set up by hand, swapped, updated.

use std::time::Duration;

use super::{MINUTE, blocked, is_there, reaches, there};
use crate::agent::{Agent, Character};
use crate::drill::attacks::at;
use crate::drill::street::{Background, Street, character};
use crate::network::Node;

/// Of sixty phones six have the password of last week, and go on trying. Two call for help half a minute later, one of those among them.
pub(super) fn power_cut(street: &mut Street, full: bool) -> Vec<String> {
    for person in [3, 19] {
        street.plan(Duration::from_secs(30), street.phone(person), "112", MINUTE);
    }
    street.reboot_phones();
    street.advance(MINUTE);
    let (there, all) = street.registered(Background::PowerCut);
    let mut wrong = Vec::new();
    if there < all {
        wrong.push(format!("{there} of {all} phones are back after a minute"));
    }
    street.advance(if full { 60 } else { 10 } * MINUTE);
    let (there, _) = street.registered(Background::PowerCut);
    if there < all {
        wrong.push(format!("{there} of {all} phones are there when the others tried for long"));
    }
    wrong.extend(blocked(street, |source| source.ip().to_string().starts_with("192.168.1.")));
    wrong
}

/// In three of the six somebody had put the new one already.
pub(super) fn power_cut_of_few(street: &mut Street, full: bool) -> Vec<String> {
    let mended: Vec<Node> = [9, 29, 49].map(|person| street.phone(person)).into();
    for phone in &mended {
        street.with(*phone, |agent, _| {
            let Character { number, .. } = &agent.character;
            agent.character.password = character(number, number, 300).password;
        });
    }
    let wrong = power_cut(street, full);
    let back = there(street, &mended);
    let few = (back < mended.len()).then(|| format!("{back} of {} mended phones are back", mended.len()));
    wrong.into_iter().chain(few).collect()
}

/// Somebody sets a phone up by hand.
pub(super) fn mistypes(street: &mut Street, _: bool) -> Vec<String> {
    let here = at("192.168.1.240:5060");
    let node = street.add_address(here);
    let mut type_in = |user: &str, password: &str| {
        street.guess(node, user, password);
        street.advance(Duration::from_secs(20));
    };
    for typed in 0..4 {
        type_in("203", &format!("typed-{typed}"));
    }
    // The first number there could be, which scanners ask for as well; then a digit too many, too few, and a colleague's.
    let right = character("203", "203", 300).password;
    for user in ["100", "100", "100", "2033", "23", "204"] {
        type_in(user, &right);
    }
    street.advance(MINUTE);
    let mut wrong = comes_in(street, node, "203");
    wrong.extend(blocked(street, |source| source.ip() == here.ip()));
    wrong
}

/// Whether a device with the right password is in at once.
fn comes_in(street: &mut Street, node: Node, user: &str) -> Vec<String> {
    let right = character(user, user, 300).password;
    let status = street.guess(node, user, &right);
    (status != Some(200)).then(|| format!("the right password was told {status:?}")).into_iter().collect()
}

/// Three phones are swapped for newer ones of the same maker, one for another maker's, each with an address of its own. The office says
/// yes to the one that it is asked about. Then each phone of the office is updated, and starts anew.
pub(super) fn swapped(street: &mut Street, _: bool) -> Vec<String> {
    let mut wrong = Vec::new();
    for person in [2, 4, 6_u16] {
        swap(street, person, "Simulated T54 96.86.0.20");
    }
    swap(street, 8, "Yealink SIP-T54W 96.86.0.20");
    street.advance(MINUTE);
    street.call(street.phone(8), "205", MINUTE);
    street.advance(2 * MINUTE);
    street.recognise_all();
    street.advance(6 * MINUTE);
    let phones: Vec<Node> = street.phones().collect();
    for phone in &phones {
        street.with(*phone, |agent, now| {
            agent.character.user_agent.push_str(" 2.0");
            agent.reboot(now);
        });
    }
    street.advance(MINUTE);
    for phone in phones {
        if !reaches(street, phone, "0201234567") || !is_there(street, phone) {
            wrong.push(format!("{phone:?} does not get out"));
        }
    }
    if !reaches(street, street.phone(8), "004930123456") {
        wrong.push("the other maker's phone does not get out of the country".to_owned());
    }
    let asked = street.told.iter().filter(|(_, problem)| problem.code == "phone-unknown").count();
    if asked != 1 {
        wrong.push(format!("the office was asked {asked} times about one phone of another maker"));
    }
    wrong
}

fn swap(street: &mut Street, person: u16, user_agent: &str) {
    let (node, number) = (street.phone(person), (201 + person).to_string());
    let new = at(&format!("192.168.1.{}:5060", 240 + person));
    street.put_behind(node, new, new);
    let looks = Character { user_agent: user_agent.to_owned(), ..character(&number, &number, 300) };
    street.replace(node, looks, |agent: &mut Agent| {
        agent.oblige();
        agent.talk_on();
    });
}
