//! Benign days, by the numbers of the catalogue: each must stay quiet.

mod apart;
mod devices;
mod help;
mod money;
mod office;
mod wire;

use std::net::SocketAddr;
use std::time::Duration;

use super::attacks::at;
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

const OLD: &[&str] = &["phone-password-stale"];
const GUESSED: &[&str] = &["phone-password-stale", "account-under-attack"];
const NEW: &[&str] = &["phone-unknown"];
const FLAPS: &[&str] = &["phone-unknown", "trunk-unreachable", "no-way-to-help"];
// Somebody guesses there beside two devices of which nobody says whose they are.
const HELPED: &[&str] =
    &["phone-password-stale", "phone-unknown", "use-far-above-usual", "account-under-attack", "attempts-got-in"];
const DAMAGED: &[&str] = &["phone-unknown", "phone-path-rewrites", "phone-path-may-rewrite", "phone-messages-healed"];

/// Those that the simulation carries.
pub const DAYS: &[Day] = &[
    day("B1", "a busy office", BusyDay, 60, &[], office::busy),
    day("B2", "the power comes back, 10 % of the phones have an old password", PowerCut, 60, OLD, devices::power_cut),
    day("B2", "the same, 5 % of the phones", PowerCut, 60, OLD, devices::power_cut_of_few),
    day(
        "B3",
        "a phone's password mistyped four times, its number three times, and three other numbers tried",
        BusyDay,
        10,
        OLD,
        devices::mistypes,
    ),
    day(
        "B4",
        "somebody travels: hotels in three countries in three days, a softphone that the office said yes to",
        BusyDay,
        10,
        NEW,
        apart::travels,
    ),
    day(
        "B5",
        "four phones swapped, one for another maker's, and new firmware in all of them",
        BusyDay,
        10,
        NEW,
        devices::swapped,
    ),
    day("B6", "a call centre", BusyDay, 20, &[], office::call_centre),
    day("B7", "first calls to eight countries, four of them dear ones", BusyDay, 10, &[], money::export),
    day(
        "B7",
        "the same, and then ten minutes with each, as the office raised what it may spend there",
        BusyDay,
        10,
        &[],
        money::export_at_length,
    ),
    day(
        "B8",
        "a reception: thirty calls an hour handed on, forwards to mobiles, and abroad in the holidays",
        BusyDay,
        10,
        &[],
        office::reception,
    ),
    day("B9", "a machine that asks every ten seconds whether the box is there", BusyDay, 10, &[], wire::monitored),
    day(
        "B9",
        "a host that the office named for a week looks for weak places: numbers, methods, calls, pages, passwords",
        BusyDay,
        10,
        GUESSED,
        wire::scanned,
    ),
    day("B10", "datagrams doubled and late, pings between them, TCP in pieces", BusyDay, 10, &[], wire::bad_line),
    day(
        "B10",
        "routers and switches that write into what phones say: addresses, lengths, proofs",
        BusyDay,
        10,
        DAMAGED,
        wire::mangled,
    ),
    day(
        "B11",
        "home workers' phones all come back at once; the provider comes and goes ten times",
        BusyDay,
        60,
        FLAPS,
        apart::comes_and_goes,
    ),
    day(
        "B11",
        "60 phones of a branch behind one router come at once, and again when it has another address",
        BusyDay,
        60,
        NEW,
        apart::branch,
    ),
    day(
        "B12",
        "help is called whatever is stopped, spent, blocked or asked",
        BusyDay,
        10,
        HELPED,
        help::in_every_state,
    ),
    day("B13", "fifteen of staff redial a busy number forty times", BusyDay, 20, &[], office::contest),
    day(
        "B13",
        "a 0900 line for 45 minutes: ten at a time, as the office raised what may be spent",
        BusyDay,
        10,
        &[],
        money::customer_line,
    ),
    day(
        "B14",
        "an alarm calls at three in the morning, and the night shift customers and a supplier abroad",
        QuietNight,
        10,
        &[],
        office::night,
    ),
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

/// A softphone that names itself, with the password of a person.
pub(super) fn softphone(street: &mut Street, number: &str, at: SocketAddr) -> Node {
    let node = street.add_address(at);
    put_softphone(street, node, number);
    node
}

/// The same behind a router.
fn behind(street: &mut Street, number: &str, inside: &str, seen: SocketAddr) -> Node {
    let node = street.add_address(seen);
    street.put_behind(node, at(inside), seen);
    put_softphone(street, node, number);
    node
}

fn put_softphone(street: &mut Street, node: Node, number: &str) {
    let looks = Character { user_agent: "Linphone/5.2".to_owned(), ..character(number, number, 300) };
    street.replace(node, looks, |agent| {
        agent.name_itself(&format!("urn:uuid:00000000-0000-1000-8000-000000000{number}"));
        agent.oblige();
        agent.talk_on();
    });
}

/// Whether somebody is registered, as far as the phone knows.
fn is_there(street: &Street, node: Node) -> bool {
    street.agent(node).and_then(Agent::registration_status).is_some_and(|status| status.is_success())
}

/// How many of these are.
fn there(street: &Street, nodes: &[Node]) -> usize {
    nodes.iter().filter(|node| is_there(street, **node)).count()
}

/// Whether a call gets through to that number outside.
fn reaches(street: &mut Street, who: Node, dialled: &str) -> bool {
    let end = dialled.trim_start_matches('0').to_owned();
    let count = |street: &Street| street.answered().filter(|(dialled, _)| dialled.ends_with(&end)).count();
    let before = count(street);
    street.call(who, dialled, MINUTE);
    street.advance(2 * MINUTE);
    count(street) > before
}

/// What was blocked of these, beside which no day is quiet.
fn blocked(street: &Street, is_ours: impl Fn(&SocketAddr) -> bool) -> Option<String> {
    let of_us = |block: &&centrale_call_control::Firewall| {
        is_ours(&SocketAddr::new(block.source, block.port.unwrap_or_default()))
    };
    let blocks: Vec<_> = street.blocks.iter().map(|(_, block)| block).filter(of_us).collect();
    (!blocks.is_empty()).then(|| format!("{} blocks: {:?}", blocks.len(), blocks.first()))
}
