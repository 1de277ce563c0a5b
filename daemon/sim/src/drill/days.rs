//! Benign days, by the numbers of the catalogue: each must stay quiet.

use std::net::SocketAddr;
use std::time::Duration;

use centrale_call_control::Command;
use centrale_guard::{Pressed, Stop};

use super::attacks::{DEAR, at, thief};
use super::street::{Background, Street, character};
use crate::agent::{Agent, Character};
use crate::network::Node;

const MINUTE: Duration = Duration::from_secs(60);
const HOUR: Duration = Duration::from_secs(3_600);
/// The office's number.
const OFFICE: &str = "+31205550100";

/// One day.
#[derive(Debug, Clone, Copy)]
pub struct Day {
    /// Its number in the catalogue.
    pub code: &'static str,
    /// What happens, in a few words.
    pub what: &'static str,
    /// When.
    pub background: Background,
    /// How many people the office has.
    pub people: u16,
    /// What the office is told on such a day, as codes of problems, since somebody is to do something.
    pub alerts: &'static [&'static str],
    /// Plays it, in full length or for a moment; what went wrong.
    pub play: fn(&mut Street, bool) -> Vec<String>,
}

use Background::{BusyDay, PowerCut, QuietNight};

const AT_HOME: &[&str] = &["phone-unknown", "trunk-unreachable", "no-way-to-help"];
const HELPED: &[&str] = &["phone-password-stale", "use-far-above-usual", "account-under-attack"];

/// Those that the simulation carries.
pub const DAYS: &[Day] = &[
    day("B1", "a busy office", BusyDay, 60, &[], busy),
    day("B2", "the power comes back", PowerCut, 60, &["phone-password-stale"], power_cut),
    day("B3", "a password mistyped four times", BusyDay, 10, &["phone-password-stale"], mistypes),
    day(
        "B4",
        "somebody travels: three countries in three days, a softphone that the office said yes to",
        BusyDay,
        10,
        &["phone-unknown"],
        travels,
    ),
    day("B5", "a phone swapped, and new firmware in all of them", BusyDay, 10, &[], swapped),
    day("B6", "a call centre", BusyDay, 20, &[], call_centre),
    day("B7", "first calls to eight countries, four of them dear ones", BusyDay, 10, &[], export),
    day(
        "B8",
        "a reception: thirty calls an hour handed on, forwards to mobiles, and abroad in the holidays",
        BusyDay,
        10,
        &[],
        reception,
    ),
    day("B9", "a machine that asks every ten seconds whether the box is there", BusyDay, 10, &[], monitored),
    day("B10", "datagrams doubled and late, pings between them", BusyDay, 10, &[], bad_line),
    day(
        "B11",
        "home workers' phones all come back at once; the provider comes and goes ten times",
        BusyDay,
        10,
        AT_HOME,
        comes_and_goes,
    ),
    day("B12", "help is called whatever is stopped, spent or blocked", BusyDay, 10, HELPED, help_in_every_state),
    day("B13", "fifteen of staff redial a busy number forty times", BusyDay, 20, &[], contest),
    day("B14", "an alarm calls at three in the morning", QuietNight, 10, &[], alarm),
];

const fn day(
    code: &'static str,
    what: &'static str,
    background: Background,
    people: u16,
    alerts: &'static [&'static str],
    play: fn(&mut Street, bool) -> Vec<String>,
) -> Day {
    Day { code, what, background, people, alerts, play }
}

/// Whom somebody calls next: no two in a row, as only machines dial such.
pub(super) fn outside(number: u16) -> String {
    format!("0201234{:03}", u32::from(number) * 37 % 1_000)
}

/// Less than so many milliseconds: nobody but a machine keeps time.
fn within(street: &mut Street, millis: u64) -> Duration {
    Duration::from_millis(street.lot() % millis)
}

/// Calls that come and go, between colleagues and to the world.
pub(super) fn chatter(street: &mut Street, calls: u16) {
    for number in 0..calls {
        let people = u16::try_from(street.phones().count()).unwrap_or(1);
        let who = street.phone(number % people);
        let dialled =
            if number % 2 == 0 { (201 + (number * 7 + 3) % people).to_string() } else { street.outside(number) };
        let (late, lasts) = (within(street, 5_000), Duration::from_secs(20) + within(street, 60_000));
        street.plan(Duration::from_secs(6) * u32::from(number) + late, who, &dialled, lasts);
    }
}

fn busy(street: &mut Street, full: bool) -> Vec<String> {
    let calls = if full { 600 } else { 60 };
    chatter(street, calls);
    street.advance(Duration::from_secs(6) * u32::from(calls) + 2 * MINUTE);
    Vec::new()
}

fn power_cut(street: &mut Street, _: bool) -> Vec<String> {
    street.reboot_phones();
    street.advance(MINUTE);
    let (there, all) = street.registered(Background::PowerCut);
    (there < all).then(|| format!("{there} of {all} phones are back after a minute")).into_iter().collect()
}

fn mistypes(street: &mut Street, _: bool) -> Vec<String> {
    let node = street.add_address(([192, 168, 1, 240], 5060).into());
    for typed in 0..4 {
        street.guess(node, "203", &format!("typed-{typed}"));
        street.advance(Duration::from_secs(20));
    }
    street.advance(MINUTE);
    comes_in(street, node, "203")
}

fn swapped(street: &mut Street, _: bool) -> Vec<String> {
    let node = street.add_address(([192, 168, 1, 241], 5060).into());
    let wrong = comes_in(street, node, "203");
    let phones: Vec<Node> = street.phones().collect();
    for phone in &phones {
        street.with(*phone, |agent, now| {
            agent.character.user_agent.push_str(" 2.0");
            agent.reboot(now);
        });
    }
    street.advance(MINUTE);
    for phone in phones {
        street.call(phone, "0201234567", Duration::from_secs(20));
        street.advance(MINUTE);
    }
    wrong
}

/// Whether a device with the right password is in at once.
fn comes_in(street: &mut Street, node: crate::network::Node, user: &str) -> Vec<String> {
    let right = character(user, user, 300).password;
    let status = street.guess(node, user, &right);
    (status != Some(200)).then(|| format!("the right password was told {status:?}")).into_iter().collect()
}

fn call_centre(street: &mut Street, full: bool) -> Vec<String> {
    let calls = if full { 1_200 } else { 60 };
    for number in 0..calls {
        let is_brief = street.lot().is_multiple_of(2);
        let lasts =
            Duration::from_secs(if is_brief { 3 } else { 15 }) + within(street, if is_brief { 5_000 } else { 20_000 });
        let late = within(street, 10_000);
        let who = street.phone(number % 20);
        street.plan(Duration::from_secs(2) * u32::from(number) + late, who, &outside(number), lasts);
    }
    street.advance(Duration::from_secs(2) * u32::from(calls) + 2 * MINUTE);
    Vec::new()
}

fn export(street: &mut Street, _: bool) -> Vec<String> {
    let first = [
        "004930123456",
        "0012125551234",
        "00902121234567",
        "00911123456789",
        "00212612345678",
        "008621123456789",
        "0037167123456",
        "005978123456",
    ];
    for (number, dialled) in (0..).zip(first) {
        street.plan(3 * MINUTE * u32::from(number), street.phone(number), dialled, MINUTE);
    }
    street.advance(30 * MINUTE);
    let answered = street.answered().filter(|(dialled, _)| super::is_toll(dialled)).count();
    (answered < first.len()).then(|| format!("{answered} of {} were reached", first.len())).into_iter().collect()
}

fn contest(street: &mut Street, full: bool) -> Vec<String> {
    street.with(street.provider(), |agent, _| agent.be_busy());
    for round in 0..if full { 40 } else { 6_u32 } {
        for person in 0..15 {
            street.plan(Duration::from_secs(15) * round, street.phone(person), "0201234777", Duration::from_secs(2));
        }
    }
    street.advance(12 * MINUTE);
    street.with(street.provider(), |agent, _| agent.oblige());
    Vec::new()
}

fn alarm(street: &mut Street, _: bool) -> Vec<String> {
    for number in 0..6 {
        street.plan(MINUTE * number, street.phone(0), "0612012340", Duration::from_secs(30));
    }
    street.advance(10 * MINUTE);
    Vec::new()
}

/// A softphone that names itself, with the password of a person.
pub(super) fn softphone(street: &mut Street, number: &str, at: SocketAddr) -> Node {
    let looks = Character { user_agent: "Linphone/5.2".to_owned(), ..character(number, number, 300) };
    street.add(looks, at, |agent| {
        agent.name_itself(&format!("urn:uuid:00000000-0000-1000-8000-000000000{number}"));
        agent.oblige();
        agent.talk_on();
    })
}

fn travels(street: &mut Street, _: bool) -> Vec<String> {
    let mut wrong = Vec::new();
    for (day, address) in ["198.51.100.20:5060", "203.0.113.20:40001", "192.0.2.20:61000"].into_iter().enumerate() {
        let phone = softphone(street, "203", at(address));
        street.advance(10 * MINUTE);
        if day == 0 {
            street.recognise_all();
            street.advance(10 * MINUTE);
        }
        let before = street.answered().count();
        street.call(phone, "0201234567", MINUTE);
        street.advance(2 * MINUTE);
        street.call(phone, "0033123456789", MINUTE);
        street.advance(2 * MINUTE);
        let made = street.answered().count() - before;
        if made < 2 {
            wrong.push(format!("on day {day} {made} of 2 calls went out"));
        }
        street.set_up(phone, false);
        street.advance(8 * HOUR);
    }
    let asked = street.told.iter().filter(|(_, problem)| problem.code == "phone-unknown").count();
    if asked > 1 {
        wrong.push(format!("the office was asked {asked} times about one device"));
    }
    wrong
}

fn reception(street: &mut Street, full: bool) -> Vec<String> {
    let mut wrong = Vec::new();
    let (anna, targets) = (street.phone(0), ["203", "0612012340", "204", "0612012341"]);
    let calls = if full { 30 } else { 6 };
    for number in 0..calls {
        street.call(street.provider(), OFFICE, 4 * MINUTE);
        street.advance(Duration::from_secs(30));
        street.with(anna, |agent, now| agent.hand_on(now, targets[number % 4]));
        street.advance(Duration::from_secs(90));
    }
    let handed = street.stories().filter(|(node, story)| *node == anna && story.handed_on).count();
    if handed < calls {
        wrong.push(format!("{handed} of {calls} calls were handed on"));
    }
    street.advance(5 * MINUTE);
    for elsewhere in ["0612012342", "0034912345678"] {
        let before = street.answered().count();
        street.with(street.phone(0), |agent, _| agent.move_to(elsewhere));
        street.call(street.provider(), OFFICE, MINUTE);
        street.advance(2 * MINUTE);
        if street.answered().count() == before {
            wrong.push(format!("a call in did not reach {elsewhere}"));
        }
    }
    wrong
}

fn monitored(street: &mut Street, full: bool) -> Vec<String> {
    let watcher = at("192.168.1.240:5060");
    for number in 0..if full { 360 } else { 30 } {
        let options = format!(
            "OPTIONS sip:192.168.1.10 SIP/2.0\r\nVia: SIP/2.0/UDP {watcher};branch=z9hG4bKwatch{number};rport\r\nMax-Forwards: 70\r\n\
             From: <sip:monitor@192.168.1.240>;tag={number}\r\nTo: <sip:192.168.1.10>\r\nCall-ID: {number}@{watcher}\r\nCSeq: 1 OPTIONS\r\n\
             Contact: <sip:monitor@{watcher}>\r\nContent-Length: 0\r\n\r\n"
        );
        street.say(watcher, options);
        street.advance(Duration::from_secs(10));
    }
    let blocked = street.blocks.iter().filter(|(_, block)| block.source == watcher.ip()).count();
    (blocked > 0).then(|| format!("it was blocked {blocked} times")).into_iter().collect()
}

fn bad_line(street: &mut Street, full: bool) -> Vec<String> {
    street.disturb(30, Duration::from_millis(40));
    let calls = if full { 200 } else { 20 };
    chatter(street, calls);
    let stun = [0, 1, 0, 0, 0x21, 0x12, 0xa4, 0x42, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12];
    for round in 0..u32::from(calls) {
        for host in 100..110_u8 {
            let from = SocketAddr::from(([192, 168, 1, host], 5060));
            let ping: &[u8] = if round % 2 == 0 { b"\r\n\r\n" } else { &stun };
            street.say(from, ping.to_vec());
        }
        street.advance(Duration::from_secs(6));
    }
    street.advance(2 * MINUTE);
    Vec::new()
}

fn comes_and_goes(street: &mut Street, full: bool) -> Vec<String> {
    let homes = if full { 60 } else { 10_u8 };
    let phones: Vec<Node> = (0..homes)
        .map(|home| {
            let number = (201 + u16::from(home) % 10).to_string();
            softphone(street, &number, SocketAddr::from(([203, 0, home, 30], 5060)))
        })
        .collect();
    for _ in 0..homes {
        street.advance(5 * MINUTE);
        street.recognise_all();
    }
    phones.iter().for_each(|phone| street.with(*phone, Agent::reboot));
    street.advance(MINUTE);
    let is_there = |phone: &&Node| {
        street.agent(**phone).and_then(Agent::registration_status).is_some_and(|status| status.is_success())
    };
    let back = phones.iter().filter(is_there).count();
    let mut wrong = Vec::new();
    if back < phones.len() {
        wrong.push(format!("{back} of {} phones at home are back after a minute", phones.len()));
    }
    for _ in 0..10 {
        street.set_up(street.provider(), false);
        street.advance(2 * MINUTE);
        street.set_up(street.provider(), true);
        street.advance(2 * MINUTE);
    }
    street.advance(5 * MINUTE);
    street.call(street.phone(1), "0201234666", MINUTE);
    street.advance(2 * MINUTE);
    if !street.answered().any(|(dialled, _)| dialled.ends_with("201234666")) {
        wrong.push("no call goes out after it".to_owned());
    }
    wrong
}

/// Each state in turn, and in each a call for help by a phone that is registered, and by one in the office that is blocked.
fn help_in_every_state(street: &mut Street, full: bool) -> Vec<String> {
    let mut wrong = Vec::new();
    let pressed = || Pressed { by: "Anna".to_owned(), at_unix_ms: 0 };
    for stop in [Stop::Outgoing, Stop::Abroad, Stop::Person("202".to_owned())] {
        street.command(Command::Stop { stop: stop.clone(), pressed: pressed() });
        wrong.extend(not_helped(street, &format!("while {stop} is stopped")));
        street.command(Command::Release { stop });
    }
    let spender = thief(street, "202", "192.168.1.238:5060");
    for number in 0..if full { 20 } else { 4_usize } {
        street.call(spender, DEAR[number % DEAR.len()], 10 * MINUTE);
        street.call(spender, &format!("09001{number:03}"), 10 * MINUTE);
        street.advance(11 * MINUTE);
    }
    wrong.extend(not_helped(street, "when the day's amount is spent"));
    for (host, address) in ["203.0.113.9:5060", "192.168.1.101:5070", "192.168.1.239:5060"].into_iter().enumerate() {
        let node = street.add_address(at(address));
        (0..20).for_each(|guess| _ = street.guess(node, "202", &format!("guess-{host}-{guess}")));
        wrong.extend(not_helped(street, &format!("while {address} is blocked")));
    }
    // A phone with a right password at an address that was blocked.
    let blocked = street.add(character("205", "205", 300), at("192.168.1.239:5062"), Agent::talk_on);
    let before = helped(street);
    street.call(blocked, "112", MINUTE);
    street.advance(2 * MINUTE);
    if helped(street) == before {
        wrong.push("no help for who is blocked in the office".to_owned());
    }
    wrong
}

fn helped(street: &Street) -> usize {
    street.answered().filter(|(dialled, _)| *dialled == "112").count()
}

fn not_helped(street: &mut Street, when: &str) -> Option<String> {
    let before = helped(street);
    street.call(street.phone(1), "112", MINUTE);
    street.advance(2 * MINUTE);
    (helped(street) == before).then(|| format!("no help {when}"))
}
