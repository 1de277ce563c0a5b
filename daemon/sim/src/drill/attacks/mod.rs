//! Attacks, by the numbers of the catalogue. Each is played by who has the right password wherever that makes it worse: the box is not to
//! be saved by a password alone.

mod access;
mod allowance;
mod disguise;
mod money;
mod ranges;
mod wire;

use std::net::SocketAddr;
use std::time::Duration;

use centrale_config::Country;

use super::Run;
use super::street::{Site, Street, character};
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

impl Attack {
    /// Whether the office was told what it is to be told.
    pub fn is_named(&self, run: &Run) -> bool {
        let is_it = |what: &String| self.named.iter().any(|wanted| what.starts_with(wanted));
        self.named.is_empty() || run.named.iter().any(is_it)
    }

    const fn in_belgium(self) -> Self {
        Self { site: Site::of(Country::Belgium), ..self }
    }

    const fn behind_a_gateway(self) -> Self {
        Self { site: Site::BEHIND_A_GATEWAY, ..self }
    }
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
    /// Where the office is.
    pub site: Site,
    /// What the office is to be told of it, as stable words of stories or problems, of which one is enough. Nothing where it looks
    /// like an office's everyday life, or where nobody is turned away.
    pub named: &'static [&'static str],
    /// Plays it, in full length or for a moment; what it reached that it may not.
    pub play: fn(&mut Street, bool) -> Vec<String>,
}

use Goal::{Access, Allowance, Money};

/// Those that the simulation carries.
pub const ATTACKS: &[Attack] = &[
    attack("T02", "users asked for, of the office and not", Access, &[], access::enumerate),
    attack("T03", "users asked for at full speed from one address", Access, TRIED, access::enumerate_fast),
    attack("T04", "users asked for twice a minute from one address", Access, TRIED, access::enumerate_slowly),
    attack(
        "T05",
        "guesses at full speed, from the office, the internet and a phone of the office",
        Access,
        &["guessing"],
        access::guess_fast,
    ),
    attack(
        "T05",
        "another one of ten accounts in each guess, at full speed, from the office",
        Access,
        TRIED,
        access::spray_fast,
    ),
    attack(
        "T05",
        "guesses at full speed from the internet, by the provider's own address: a router in the office",
        Access,
        &["guessing"],
        access::guess_through_the_provider,
    )
    .behind_a_gateway(),
    attack(
        "T08",
        "a second phone with the right password takes the first one's away",
        Access,
        DOUBTED,
        disguise::parallel,
    ),
    attack(
        "T10",
        "somebody registers as the provider, and calls as it",
        Access,
        &["guessing", "toll-fraud"],
        disguise::false_provider,
    ),
    attack("T11", "the office's password at the provider, used elsewhere", Access, ELSEWHERE, disguise::used_elsewhere),
    attack(
        "T13",
        "the office's PIN tried over 200 calls, from a phone of the office",
        Access,
        &["pin-guessing"],
        access::guess_the_pin,
    ),
    attack(
        "B-35",
        "the provider's name leads to somebody else, and the provider is kept from answering for a moment",
        Access,
        &["provider-moved"],
        disguise::led_astray,
    ),
    attack("T26", "callers under numbers that are not theirs, out and in", Access, &[], disguise::forged),
    attack("T27", "a phone asks the box to prove itself, in every call", Access, &[], disguise::digest_leak),
    attack("T28", "voice from a stranger to every port, before and in a call", Access, &[], wire::inject_voice),
    attack("T30", "messages cut, doubled and torn, from strangers and beside phones", Access, &[], wire::noise),
    attack("T36", "commands and markup in what is dialled and in names", Access, &[], wire::injection),
    attack("T37", "packets in the name of phones and of the provider", Access, &[], disguise::spoofed),
    attack("T38", "wrong passwords of one user from 100 addresses", Access, &["distributed"], access::lock_out),
    attack("T07", "the right password on a new device outside, and toll calls", Money, DOUBTED, money::stolen_password),
    attack(
        "B-10",
        "a device of somebody at home that the office knows, copied to the last letter",
        Money,
        DOUBTED,
        disguise::copied,
    ),
    attack("T09", "the same account in two countries at once", Money, DOUBTED, money::two_places),
    attack("B-23", "rings of one second from abroad at two numbers; everybody calls back", Money, &[], money::bait),
    attack("T14", "codes that set a forward at other exchanges, then calls in", Money, &[], money::forward_codes),
    attack(
        "T15",
        "a phone that says its person is at a number that costs extra",
        Money,
        &["premium-barred"],
        money::moved,
    ),
    attack("T16", "in the office: two test calls, a pause, ten at once", Money, ABROAD, money::test_and_burst),
    attack("T17", "in the office: numbers in a row", Money, &["numbers-in-a-row"], money::in_a_row),
    attack(
        "T17",
        "in the office: numbers in a row, each 137 after the last",
        Money,
        &["numbers-in-a-row"],
        money::in_steps,
    ),
    attack("T18", "in the office: ranges that are not in use", Money, &["unallocated"], money::invalid_ranges),
    attack("T19", "in the office: an hour to a country never called", Money, NEW_COUNTRY, money::new_country),
    attack("T20", "in the office: ten at once to ten countries", Money, ABROAD, money::burst),
    attack("T21", "a call from the provider to a number outside", Money, &[], money::transit),
    attack(
        "T23",
        "in the office: calls of 200 ms, to numbers that cost extra",
        Money,
        &["flash-calls"],
        money::flashes,
    ),
    attack(
        "T24",
        "digits behind emergency numbers and enquiries, and numbers that dial round the provider",
        Money,
        &[],
        ranges::dial_around,
    ),
    attack("T24", "the same in Belgium", Money, &[], ranges::dial_around_in_belgium).in_belgium(),
    attack(
        "T25",
        "calls handed on to dear numbers, by whoever may not, and in circles",
        Money,
        DOUBTED,
        money::handed_on,
    ),
    attack(
        "T24",
        "in the office: enquiries that connect through (18xy), more than three and longer than ten minutes",
        Allowance,
        &["spent-enquiries"],
        ranges::enquiries,
    ),
    attack(
        "T24",
        "in the office in Belgium: enquiries and voicemail of carriers (12xy to 14xy) for longer than ten minutes",
        Allowance,
        SPENT,
        ranges::enquiries_in_belgium,
    )
    .in_belgium(),
    attack("T22", "in the office: numbers that cost extra, one after the other", Allowance, SPENT, ranges::premium),
    attack(
        "T22",
        "the same in Belgium: 0900 to 0909, by the minute and by the call",
        Allowance,
        SPENT,
        ranges::premium_in_belgium,
    )
    .in_belgium(),
    attack(
        "T39",
        "all is spent that may be; then restarts, each by yesterday's clock, and everybody calls",
        Allowance,
        SPENT,
        allowance::restart,
    ),
    attack(
        "T40",
        "calls that no phone asks for: sent abroad by the file, ordered of the box, handed on; then every phone behind every password",
        Allowance,
        SPENT,
        allowance::unknown_method,
    ),
    attack("T06", "200 addresses guess slowly for a day", Access, &["distributed"], access::guess_slowly),
    attack(
        "T06",
        "200 ports of the provider's own address guess slowly, where a router in the office is the provider",
        Access,
        &["guessing"],
        access::guess_slowly_through_the_provider,
    )
    .behind_a_gateway(),
];

const TRIED: &[&str] = &["spraying", "enumeration"];
const DOUBTED: &[&str] = &["device-unknown"];
const ELSEWHERE: &[&str] = &["trunk-elsewhere"];
const SPENT: &[&str] = &["spent-"];
const ABROAD: &[&str] = &["abroad-at-once"];
const NEW_COUNTRY: &[&str] = &["spent-new-country"];

const fn attack(
    code: &'static str,
    what: &'static str,
    goal: Goal,
    named: &'static [&'static str],
    play: fn(&mut Street, bool) -> Vec<String>,
) -> Attack {
    Attack { code, what, goal, site: Site::of(Country::Netherlands), named, play }
}

pub(super) fn at(text: &str) -> SocketAddr {
    text.parse().expect("a constant address")
}

/// A machine in the office that has Anna's password, and looks as her phone does.
fn in_the_office(street: &mut Street) -> Node {
    thief(street, "201", "192.168.1.250:5060")
}

/// A thief with the password of that person.
pub(super) fn thief(street: &mut Street, number: &str, address: &str) -> Node {
    let node = street.add(character(number, number, 300), at(address), crate::agent::Agent::talk_on);
    street.advance(Duration::from_secs(5));
    node
}

/// Calls that came to somebody and were answered there.
fn answered_at(street: &Street, who: Node) -> usize {
    street.stories().filter(|(node, story)| *node == who && !story.outgoing && story.established.is_some()).count()
}

/// Calls each for ten minutes, a minute after the one before.
fn one_after_the_other<'a>(street: &mut Street, who: Node, dialled: impl IntoIterator<Item = &'a str>) {
    for dialled in dialled {
        street.call(who, dialled, 10 * MINUTE);
        street.advance(MINUTE);
    }
}

/// Numbers that fraud was reported from, or that cost much: what thieves call.
pub(super) const DEAR: [&str; 10] = [
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
