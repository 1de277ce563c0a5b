//! The drill in virtual time: attacks and benign days by the catalogue's numbers, on three backgrounds, each from a seed; and what came
//! of them, by the provider's meter. What needs real packets is played in `interop`.

pub mod attacks;
pub mod calls;
pub mod crowd;
pub mod days;
pub mod door;
pub mod elsewhere;
pub mod evidence;
pub mod fuse;
mod help;
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
use door::Tried;
pub use street::{Background, Street};

/// People of an office that is attacked.
const PEOPLE: u16 = 60;
/// How long a call for help lasts.
const HELP_LASTS: Duration = Duration::from_secs(30);

/// What the office is told on a day on which somebody spends its money, too.
const THIEF: &str = "use-far-above-usual";

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
    /// What each source of guesses had judged, and how many distinct guesses at one account over all of them, at most.
    pub tried: (Vec<Tried>, u64),
    /// How long after it happened the office was told of each kind of attempt.
    pub told_after: Vec<Duration>,
    /// The stories of attempts, and what an abuse desk would miss in which.
    pub stories: (usize, Vec<String>),
    /// What the exchange worked in the middle on a packet of a stranger, and on a REGISTER of a phone's.
    pub costs: Option<(Duration, Duration)>,
    /// How many calls the office's people made, and which of them were refused, late, or cut in the middle.
    pub calls: (usize, Vec<String>),
    /// Calls for help from the office and by its people elsewhere, and how many of them were answered.
    pub helps: (usize, usize),
    /// Addresses of the office, or the provider's, that were blocked as a whole.
    pub bans: usize,
    /// On a day without thieves: ports of the office's own that were blocked, and people whose paid calls the box held.
    pub holds: usize,
    /// Phones with a right password that are registered at the end, of how many.
    pub phones: (usize, usize),
    /// Packets that left the box with somebody's password in clear.
    pub secrets: usize,
}

/// Whether the provider, or a phone, calls a number that no one of the office does by itself.
pub(crate) fn is_toll(dialled: &str) -> bool {
    let digits = dialled.trim_start_matches('+');
    let ours = ["201234", "6120123", "3120555010", "223412"].iter().any(|part| digits.contains(part));
    let inside = digits.len() == 3;
    !ours && !inside
}

/// Plays an attack before a background.
pub fn attacked(start: Instant, seed: u64, attack: &Attack, background: Background, full: bool) -> Run {
    let mut street = Street::open_at(attack.site, start, seed, background, PEOPLE);
    let callers = help::prepare(&mut street, turn(seed, attack, background));
    match background {
        Background::QuietNight => {}
        Background::BusyDay => days::chatter(&mut street, if full { 40 } else { 10 }),
        Background::PowerCut => street.reboot_phones(),
    }
    let begun = Begun::now(&street, background);
    callers.call_soon(&mut street);
    let reached = (attack.play)(&mut street, full);
    Run { holds: 0, ..settle(street, begun, reached, (&callers, is_toll)) }
}

/// A number that differs for runs that have much in common, so that each kind of caller needs help in each kind of run.
fn turn(seed: u64, attack: &Attack, background: Background) -> usize {
    let of_attack = ATTACKS.iter().position(|one| one.code == attack.code && one.what == attack.what);
    of_attack.unwrap_or_default() + background as usize * 2 + usize::try_from(seed).unwrap_or_default()
}

/// Plays a benign day.
pub fn lived(start: Instant, seed: u64, day: &Day, full: bool) -> Run {
    let mut street = Street::open(start, seed, day.background, day.people);
    let begun = Begun::now(&street, day.background);
    let mut reached = (day.play)(&mut street, full);
    let is_of_the_day = |code: &str| day.alerts.contains(&code);
    reached.extend(street.alerts().map(|problem| problem.code.clone()).filter(|code| !is_of_the_day(code)));
    let mut run = settle(street, begun, reached, (&help::Callers::of_a_day(), |_| false));
    run.alerts.retain(|code| !is_of_the_day(code));
    if is_of_the_day(THIEF) {
        run.holds = 0;
    }
    run
}

/// How the street stood when it began.
#[derive(Debug, Clone, Copy)]
struct Begun {
    background: Background,
    at: Instant,
}

impl Begun {
    fn now(street: &Street, background: Background) -> Self {
        Self { background, at: street.now() }
    }
}

fn settle(
    mut street: Street,
    begun: Begun,
    reached: Vec<String>,
    (callers, is_toll): (&help::Callers, fn(&str) -> bool),
) -> Run {
    // Who calls for help may be blocked, and learns nothing by it: what was judged and named is the attack's.
    let (judged, named) = (street.judged(), std::mem::take(&mut street.named));
    let tried = (street.door().tried(), street.door().at_one_account());
    let told_after = street.tried().told_after().to_vec();
    callers.call_afterwards(&mut street);
    street.advance(2 * HELP_LASTS);
    street.close();
    let tolls = street.answered().filter(|(dialled, _)| is_toll(dialled)).count();
    let problems = street.told.iter().map(|(_, problem)| problem.code.clone());
    Run {
        reached,
        named: named.iter().map(|what| (*what).to_owned()).chain(problems).collect(),
        evaluated: judged + tolls as u64,
        evaluated_until: street.evaluated_last(begun.at, is_toll).unwrap_or_default(),
        tried,
        told_after,
        stories: street.tried().missing(begun.at, street.now()),
        costs: street.door().costs(),
        alerts: street.alerts().map(|problem| problem.code.clone()).collect(),
        leaked: street.euros(is_toll),
        calls: street.made(|dialled| !is_toll(dialled)),
        helps: street.helps(callers.nodes()),
        bans: street.bans_of_the_office(),
        holds: street.blocks_of_phones() + street.holds(),
        phones: street.registered(begun.background),
        secrets: street.secrets,
    }
}
