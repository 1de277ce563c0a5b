//! Attacks, by the numbers of the catalogue. Each is played by who has the right password wherever that makes it worse: the box is not to
//! be saved by a password alone.

use std::net::SocketAddr;
use std::time::Duration;

use super::street::{Street, character};
use crate::network::Node;

const MINUTE: Duration = Duration::from_secs(60);
const HOUR: Duration = Duration::from_secs(3_600);

/// What an attack is after.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Goal {
    /// The office's money, by a way that is watched.
    Money,
    /// The office's money by whatever way: the site's allowance alone bounds it.
    Allowance,
    /// A password, a user, somebody's service.
    Access,
}

/// One attack.
#[derive(Debug, Clone, Copy)]
pub struct Attack {
    /// Its number in the catalogue.
    pub code: &'static str,
    /// What is done, in a few words.
    pub what: &'static str,
    /// What it is after.
    pub goal: Goal,
    /// Plays it, in full length or for a moment; what it reached that it may not.
    pub play: fn(&mut Street, bool) -> Vec<String>,
}

/// Those that the simulation carries.
pub const ATTACKS: &[Attack] = &[
    attack("T02", "users asked for, of the office and not", Goal::Access, enumerate),
    attack("T05", "guesses at full speed, from the office and the internet", Goal::Access, guess_fast),
    attack("T38", "wrong passwords of one user from 100 addresses", Goal::Access, lock_out),
    attack("T07", "the right password on a new device outside, and toll calls", Goal::Money, stolen_password),
    attack("T09", "the same account in two countries at once", Goal::Money, two_places),
    attack("T16", "in the office: two test calls, a pause, ten at once", Goal::Money, test_and_burst),
    attack("T17", "in the office: numbers in a row", Goal::Money, in_a_row),
    attack("T18", "in the office: ranges that are not in use", Goal::Money, invalid_ranges),
    attack("T19", "in the office: an hour to a country never called", Goal::Money, new_country),
    attack("T20", "in the office: ten at once to ten countries", Goal::Money, burst),
    attack("T21", "a call from the provider to a number outside", Goal::Money, transit),
    attack("T24", "emergency numbers with digits behind them", Goal::Money, false_help),
    attack("T22", "in the office: numbers that cost extra, one after the other", Goal::Allowance, premium),
    attack("T39", "T20, the clock set back and a restart in the middle", Goal::Allowance, restart),
    attack("T40", "every phone calls what is dear, behind every password", Goal::Allowance, everybody),
    attack("T06", "200 addresses guess slowly for a day", Goal::Access, guess_slowly),
];

const fn attack(
    code: &'static str,
    what: &'static str,
    goal: Goal,
    play: fn(&mut Street, bool) -> Vec<String>,
) -> Attack {
    Attack { code, what, goal, play }
}

fn at(text: &str) -> SocketAddr {
    text.parse().expect("a constant address")
}

/// A machine in the office that has Anna's password, and looks as her phone does.
fn in_the_office(street: &mut Street) -> Node {
    thief(street, "201", "192.168.1.250:5060")
}

/// A thief with the password of that person.
fn thief(street: &mut Street, number: &str, address: &str) -> Node {
    let node = street.add(character(number, number, 300), at(address), crate::agent::Agent::talk_on);
    street.advance(Duration::from_secs(5));
    node
}

/// Calls each for ten minutes, a minute after the one before.
fn one_after_the_other<'a>(street: &mut Street, who: Node, dialled: impl IntoIterator<Item = &'a str>) {
    for dialled in dialled {
        street.call(who, dialled, 10 * MINUTE);
        street.advance(MINUTE);
    }
}

/// Numbers that fraud was reported from, or that cost much: what thieves call.
const DEAR: [&str; 10] = [
    "0037160001234",
    "00535123456",
    "008821612345",
    "002392212345",
    "00212612345678",
    "00994501234567",
    "0021650123456",
    "0022507123456",
    "0023222123456",
    "005917123456",
];

/// Countries that are not dear: what is left to who wants to spend an office's money at any price.
const FAR: [&str; 20] = [
    "0012125551234",
    "0054111234567",
    "005511123456789",
    "00613912345678",
    "00622112345678",
    "0064912345678",
    "006561234567",
    "006621234567",
    "00811312345678",
    "0082212345678",
    "008413123456",
    "008621123456789",
    "00902121234567",
    "00911123456789",
    "0027211234567",
    "0052551234567",
    "0056212345678",
    "00973171234567",
    "0097141234567",
    "00972312345678",
];

fn enumerate(street: &mut Street, _: bool) -> Vec<String> {
    let nodes: Vec<Node> =
        (0..40_u8).map(|host| street.add_address(SocketAddr::from(([203, 0, 113, host], 5060)))).collect();
    let mut found = Vec::new();
    // The n-th of the office and the n-th of nobody, each pair from two addresses that were never there.
    for (number, pair) in (0_u16..).zip(nodes.chunks_exact(2)) {
        let [one, other] = pair else { continue };
        let user = (201 + number).to_string();
        let known = street.guess(*one, &user, "guess");
        let unknown = street.guess(*other, &(601 + number).to_string(), "guess");
        if known != unknown {
            found.push(format!("{user} was told apart: {known:?} and {unknown:?}"));
        }
        street.advance(Duration::from_secs(30));
    }
    found
}

fn guess_fast(street: &mut Street, full: bool) -> Vec<String> {
    let mut reached = Vec::new();
    for address in ["192.168.1.251:5060", "203.0.113.66:5060"] {
        let node = street.add_address(at(address));
        let before = street.judged();
        for guess in 0..if full { 1_000 } else { 60 } {
            street.guess(node, "202", &format!("guess-{guess}"));
        }
        let judged = street.judged() - before;
        if judged > 3 {
            reached.push(format!("{judged} guesses of {address} were judged"));
        }
    }
    reached
}

fn guess_slowly(street: &mut Street, full: bool) -> Vec<String> {
    let nodes: Vec<Node> =
        (0..200_u8).map(|host| street.add_address(SocketAddr::from(([203, 0, host, 66], 5060)))).collect();
    let rounds = if full { 288 } else { 3 };
    for round in 0..rounds {
        for (host, node) in nodes.iter().enumerate() {
            street.guess(*node, "202", &format!("guess-{round}-{host}"));
            street.advance(Duration::from_millis(1_480));
        }
    }
    let judged = street.judged();
    (judged > 20).then(|| format!("{judged} guesses at one account were judged")).into_iter().collect()
}

fn lock_out(street: &mut Street, _: bool) -> Vec<String> {
    for host in 0..100_u8 {
        let node = street.add_address(SocketAddr::from(([203, 0, host, 7], 5060)));
        street.guess(node, "202", "guess");
        street.advance(Duration::from_secs(5));
    }
    // Bram calls, and is called.
    street.call(street.phone(1), "0201234999", MINUTE);
    street.advance(Duration::from_secs(30));
    street.call(street.provider(), "+31205550100", MINUTE);
    street.advance(2 * MINUTE);
    let out = street.answered().any(|(dialled, _)| dialled.ends_with("201234999"));
    (!out).then(|| "Bram cannot call".to_owned()).into_iter().collect()
}

fn stolen_password(street: &mut Street, _: bool) -> Vec<String> {
    let thief = thief(street, "203", "198.51.100.66:5060");
    one_after_the_other(street, thief, DEAR.into_iter().chain(["0201234567", "09001234"]));
    Vec::new()
}

fn two_places(street: &mut Street, _: bool) -> Vec<String> {
    let thieves = ["198.51.100.66:5060", "203.0.113.66:5060"].map(|address| thief(street, "203", address));
    for dialled in DEAR {
        thieves.iter().for_each(|thief| street.call(*thief, dialled, 10 * MINUTE));
        street.advance(MINUTE);
    }
    Vec::new()
}

fn test_and_burst(street: &mut Street, full: bool) -> Vec<String> {
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

fn in_a_row(street: &mut Street, _: bool) -> Vec<String> {
    let thief = in_the_office(street);
    for number in 0..20 {
        street.call(thief, &format!("00994501234{number:03}"), 2 * MINUTE);
        street.advance(MINUTE);
    }
    Vec::new()
}

fn invalid_ranges(street: &mut Street, _: bool) -> Vec<String> {
    let thief = in_the_office(street);
    let dialled =
        ["002101234567", "003851", "009999123456", "00447", "0088299912345", "003161", "0000", "00870123456789"];
    one_after_the_other(street, thief, dialled);
    Vec::new()
}

fn new_country(street: &mut Street, full: bool) -> Vec<String> {
    let thief = in_the_office(street);
    street.call(thief, DEAR[5], HOUR);
    street.advance(if full { HOUR } else { 10 * MINUTE });
    Vec::new()
}

fn burst(street: &mut Street, full: bool) -> Vec<String> {
    let thief = in_the_office(street);
    DEAR.iter().for_each(|dialled| street.call(thief, dialled, HOUR));
    street.advance(if full { HOUR } else { 10 * MINUTE });
    Vec::new()
}

fn transit(street: &mut Street, _: bool) -> Vec<String> {
    one_after_the_other(street, street.provider(), DEAR);
    Vec::new()
}

fn false_help(street: &mut Street, _: bool) -> Vec<String> {
    let thief = in_the_office(street);
    let dialled = ["1129", "9112", "112112", "1121234567", "0112", "112#00212612345678"];
    one_after_the_other(street, thief, dialled);
    Vec::new()
}

fn premium(street: &mut Street, full: bool) -> Vec<String> {
    let thief = in_the_office(street);
    for number in 0..if full { 40 } else { 10 } {
        street.call(thief, &format!("090012{number:02}"), 15 * MINUTE);
        street.advance(2 * MINUTE);
    }
    Vec::new()
}

fn restart(street: &mut Street, full: bool) -> Vec<String> {
    let thief = in_the_office(street);
    for _ in 0..if full { 4 } else { 2 } {
        DEAR.iter().for_each(|dialled| street.call(thief, dialled, HOUR));
        street.advance(5 * MINUTE);
        let yesterday = street.yesterday();
        street.restart(yesterday);
        street.advance(2 * MINUTE);
    }
    Vec::new()
}

fn everybody(street: &mut Street, full: bool) -> Vec<String> {
    for round in 0..if full { 20 } else { 2 } {
        let phones: Vec<Node> = street.phones().collect();
        for (number, phone) in phones.into_iter().enumerate() {
            let all = [&DEAR[..], &FAR[..]].concat();
            street.call(phone, all[(number * 3 + round) % all.len()], 9 * MINUTE);
        }
        street.advance(10 * MINUTE);
    }
    Vec::new()
}
