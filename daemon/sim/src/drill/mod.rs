//! The drill in virtual time: attacks and benign days by the catalogue's numbers, on three backgrounds, each from a seed; and what came
//! of them, by the provider's meter. What needs real packets is played in `interop`.

pub mod attacks;
pub mod crowd;
pub mod days;
pub mod elsewhere;
pub mod fuse;
pub mod meter;
pub mod points;
pub mod street;
pub mod table;
pub mod timing;

use std::collections::BTreeSet;
use std::time::{Duration, Instant};

use centrale_numbering::Money;

pub use attacks::{ATTACKS, Attack, Goal};
pub use days::{DAYS, Day};
pub use street::{Background, Street};

/// People of an office that is attacked.
const PEOPLE: u16 = 10;
/// A moment after an attack began somebody calls for help, and somebody else when it is over.
const HELP_DURING: Duration = Duration::from_secs(2);
/// How long a call for help lasts.
const HELP_LASTS: Duration = Duration::from_secs(30);

/// What came of one run.
#[derive(Debug, Clone)]
pub struct Run {
    /// What an attack reached, or a day did, that it may not.
    pub reached: Vec<String>,
    /// What the office was told of it, as stable words of stories and problems.
    pub named: BTreeSet<String>,
    /// Wrong passwords that were judged, and calls of thieves that were answered.
    pub evaluated: u64,
    /// How long after the first packet the last of those was.
    pub evaluated_until: Duration,
    /// What somebody of the office would have to look at, as codes of problems.
    pub alerts: Vec<String>,
    /// What the calls of thieves cost, by the provider's meter.
    pub leaked: Money,
    /// How many calls the office's people made, and which of them were refused, with what they were told.
    pub calls: (usize, Vec<String>),
    /// Calls for help by phones of the office, and how many of them were answered.
    pub helps: (usize, usize),
    /// Addresses of the office, or the provider's, that were blocked as a whole.
    pub bans: usize,
    /// Phones with a right password that are registered at the end, of how many.
    pub phones: (usize, usize),
    /// Packets that left the box with somebody's password in clear.
    pub secrets: usize,
    /// How long it lasted by its own clock.
    pub lasted: Duration,
}

/// Whether the provider, or a phone, calls a number that no one of the office does by itself.
pub(crate) fn is_toll(dialled: &str) -> bool {
    let digits = dialled.trim_start_matches('+');
    let ours = ["201234", "6120123", "3120555010"].iter().any(|part| digits.contains(part));
    let inside = digits.len() == 3;
    !ours && !inside
}

/// Plays an attack before a background.
pub fn attacked(start: Instant, seed: u64, attack: &Attack, background: Background, full: bool) -> Run {
    let mut street = Street::open(start, seed, background, PEOPLE);
    match background {
        Background::QuietNight => {}
        Background::BusyDay => days::chatter(&mut street, if full { 40 } else { 10 }),
        Background::PowerCut => street.reboot_phones(),
    }
    let begun = street.now();
    let who = street.phone(8);
    street.plan(HELP_DURING, who, "112", HELP_LASTS);
    let reached = (attack.play)(&mut street, full);
    settle(street, (background, begun), reached, is_toll)
}

/// Plays a benign day.
pub fn lived(start: Instant, seed: u64, day: &Day, full: bool) -> Run {
    let mut street = Street::open(start, seed, day.background, day.people);
    let begun = street.now();
    let mut reached = (day.play)(&mut street, full);
    let is_of_the_day = |code: &str| day.alerts.contains(&code);
    reached.extend(street.alerts().map(|problem| problem.code.clone()).filter(|code| !is_of_the_day(code)));
    let mut run = settle(street, (day.background, begun), reached, |_| false);
    run.alerts.retain(|code| !is_of_the_day(code));
    run
}

fn settle(
    mut street: Street,
    (background, begun): (Background, Instant),
    reached: Vec<String>,
    is_toll: fn(&str) -> bool,
) -> Run {
    street.call(street.phone(4), "112", HELP_LASTS);
    street.advance(2 * HELP_LASTS);
    street.close();
    let tolls = street.answered().filter(|(dialled, _)| is_toll(dialled)).count();
    let problems = street.told.iter().map(|(_, problem)| problem.code.clone());
    Run {
        reached,
        named: street.named.iter().map(|what| (*what).to_owned()).chain(problems).collect(),
        evaluated: street.judged() + tolls as u64,
        evaluated_until: street.evaluated_last(begun, is_toll).unwrap_or_default(),
        alerts: street.alerts().map(|problem| problem.code.clone()).collect(),
        leaked: street.euros(is_toll),
        calls: street.made(|dialled| !is_toll(dialled)),
        helps: street.helps(),
        bans: street.bans_of_the_office(),
        phones: street.registered(background),
        secrets: street.secrets,
        lasted: street.now().saturating_duration_since(begun),
    }
}
