//! Office days in a row over the real exchange: people call, and on many days somebody with their phones calls whatever costs. By
//! the provider's meter no cap is ever passed by more than one charging unit.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use centrale_config::{Country, Opening};
use centrale_guard::{Cap, Civil};
use centrale_numbering::{Date, Money, Plan};

use super::attacks::DEAR;
use super::is_toll;
use super::street::{Background, Street, metered};

const HOUR: u64 = 3_600;
const DAY: u64 = 24 * HOUR;
/// The office is small, so that one thief can spend what all of it may.
const PEOPLE: u16 = 3;
/// What costs something in the country, beside what is dear abroad.
const NEAR: [&str; 7] =
    ["09001234", "1888", "0842345678", "004930123456", "0049891234567", "003225551234", "0012125551234"];
/// The countries of all these, as their numbers begin.
const COUNTRIES: [&str; 13] = ["1", "212", "216", "225", "232", "239", "32", "371", "49", "53", "591", "8821", "994"];
/// A country that was called on so many days before is no new one, until it was not called for so many.
const DAYS_TO_KNOW: usize = 3;
const DAYS_TO_FORGET: u32 = 90;
/// What the step of a price is at most: a started minute.
const STEP: Duration = Duration::from_secs(60);

/// What so many days came to.
#[derive(Debug, Clone, Default)]
pub struct Spent {
    /// Calls that cost something and were answered.
    pub calls: usize,
    /// Of those, how many are known to be a person's.
    pub people: usize,
    /// The most that a day cost, and all that was spent.
    pub dearest_day: Money,
    /// All together.
    pub total: Money,
    /// How many of the windows of caps were spent to nine tenths, beside those of new countries.
    pub full: usize,
    /// How many of those of new countries.
    pub full_abroad: usize,
    /// Windows in which more than one charging unit beyond the cap was spent.
    pub passed: Vec<String>,
}

/// Something that a cap is held to in a time.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
enum Window {
    Call(usize),
    Person(u16, u32),
    Hour(u64),
    Day(u32),
    /// While nobody is there, by the day on which that began.
    Closed(u32),
    Month(u32),
    /// One country that the office does not call regularly, in a day.
    Country(&'static str, u32),
    /// All such countries while nobody is there, by the day on which that began.
    CountriesWhileClosed(u32),
}

impl Window {
    const fn cap(&self) -> Cap {
        match self {
            Self::Call(_) => Cap::Call,
            Self::Person(..) => Cap::Person,
            Self::Hour(_) => Cap::Hour,
            Self::Day(_) => Cap::Day,
            // A night and days off may cost the same.
            Self::Closed(_) => Cap::Night,
            Self::Month(_) => Cap::Month,
            Self::Country(..) | Self::CountriesWhileClosed(_) => Cap::NewCountry,
        }
    }
}

/// A call that costs something, by the provider's meter.
struct Metered {
    cost: Money,
    /// What one more step of it costs.
    unit: Money,
    from: Duration,
    until: Duration,
}

/// Lives so many days.
pub fn days(start: Instant, seed: u64, days: u32) -> Spent {
    let mut street = Street::open(start, seed, Background::BusyDay, PEOPLE);
    for _ in 0..days {
        live(&mut street);
    }
    street.close();
    weigh(&street, start)
}

/// One day: a few calls, or one after the other from every phone until nothing goes out any more.
fn live(street: &mut Street) {
    let begun = street.now();
    let bursts = [0, 1, 1, 3][street.lot() as usize % 4];
    for _ in 0..bursts {
        let at = Duration::from_secs(street.lot() % (DAY - 4 * HOUR));
        let calls = 1 + street.lot() % 12;
        for number in 0..calls {
            let person = street.lot() % u64::from(PEOPLE);
            let who = street.phone(person as u16);
            let all = NEAR.len() + DEAR.len();
            let chosen = street.lot() as usize % all;
            let dialled = NEAR.iter().chain(&DEAR).nth(chosen).copied().unwrap_or_default();
            let longest = [20_000, 300_000, 3_000_000][street.lot() as usize % 3];
            let lasts = Duration::from_millis(500 + street.lot() % longest);
            street.plan(at + Duration::from_secs(number * 240), who, dialled, lasts);
        }
    }
    let rest = Duration::from_secs(DAY).saturating_sub(street.now().saturating_duration_since(begun));
    street.advance(rest);
    street.strike();
}

/// Of each window the calls that were in it from their first to their last moment: what they cost the cap allows, and beyond that
/// one charging unit.
fn weigh(street: &Street, start: Instant) -> Spent {
    let plan = Plan::of(Country::Netherlands, "020");
    let (mut spent, mut windows) = (Spent::default(), BTreeMap::<Window, (Money, Money, Vec<String>)>::new());
    let person_of = |node| (0..PEOPLE).find(|person| street.phone(*person) == node);
    let made = street.stories().filter(|(_, story)| story.outgoing);
    let people: BTreeMap<&str, u16> =
        made.filter_map(|(node, story)| Some((story.token.as_str(), person_of(node)?))).collect();
    let mut called = BTreeMap::<&str, Vec<u32>>::new();
    let at_provider = street.stories().filter(|(node, story)| *node == street.provider() && !story.outgoing);
    let established = at_provider.filter_map(|(_, story)| Some((story.established?, story)));
    let mut paid: Vec<_> = established.filter(|(_, story)| is_toll(&story.dialled)).collect();
    paid.sort_by_key(|(from, _)| *from);
    for (number, (from, story)) in paid.into_iter().enumerate() {
        let [from, until] = [from, story.ended].map(|at| at.saturating_duration_since(start));
        let cost = |lasted| metered(&plan, &story.dialled, lasted);
        let call = Metered { cost: cost(until.saturating_sub(from)), unit: cost(STEP), from, until };
        // Whoever called may hear a tone for a while longer: what is paid for is what the provider saw.
        let person = people.get(story.token.as_str()).and_then(|person| of_person(*person, &call));
        let abroad = country(&story.dialled).map(|country| of_new_country(country, &call, &mut called));
        let within = of_the_office(number, &call).into_iter().chain(person).chain(abroad.unwrap_or_default());
        for window in within {
            let (sum, unit, calls) = windows.entry(window).or_default();
            (*sum, *unit) = (*sum + call.cost, call.unit.max(*unit));
            let lasted = call.until.saturating_sub(call.from);
            calls.push(format!("{} {lasted:?} {}", story.dialled, call.cost));
        }
        spent.people += usize::from(people.contains_key(story.token.as_str()));
        spent.calls += 1;
        spent.total += call.cost;
    }
    for (window, (sum, unit, calls)) in windows {
        let most = window.cap().amount();
        if matches!(window, Window::Day(_)) {
            spent.dearest_day = spent.dearest_day.max(sum);
        }
        let full = if window.cap() == Cap::NewCountry { &mut spent.full_abroad } else { &mut spent.full };
        *full += usize::from(sum.times(10) >= most.times(9));
        if sum > most + unit {
            spent.passed.push(format!("{window:?} cost {sum}, and may cost {most}: {}", calls.join(", ")));
        }
    }
    spent
}

fn of_the_office(number: usize, call: &Metered) -> Vec<Window> {
    let [from, until] = [call.from, call.until].map(civil);
    let hours = [call.from, call.until].map(|at| at.as_secs() / HOUR);
    let [closed, then] = [from, until].map(closed);
    let windows = [
        Some(Window::Call(number)),
        (hours[0] == hours[1]).then_some(Window::Hour(hours[0])),
        (from.day == until.day).then_some(Window::Day(from.day)),
        closed.filter(|_| closed == then).map(Window::Closed),
        (month(from) == month(until)).then(|| Window::Month(month(from))),
    ];
    windows.into_iter().flatten().collect()
}

fn of_person(person: u16, call: &Metered) -> Option<Window> {
    let [from, until] = [call.from, call.until].map(civil);
    (from.day == until.day).then_some(Window::Person(person, from.day))
}

/// A call to a country abroad, which may be a new one. On what days it was called before, the last one last.
fn of_new_country(country: &'static str, call: &Metered, called: &mut BTreeMap<&str, Vec<u32>>) -> Vec<Window> {
    let [from, until] = [call.from, call.until].map(civil);
    let days = called.entry(country).or_default();
    if days.last().is_some_and(|last| from.day - last > DAYS_TO_FORGET) {
        days.clear();
    }
    let is_new = days.iter().filter(|day| **day < from.day).count() < DAYS_TO_KNOW;
    if days.last() != Some(&from.day) {
        days.push(from.day);
    }
    let [closed, then] = [from, until].map(closed);
    let windows = [
        (from.day == until.day).then_some(Window::Country(country, from.day)),
        closed.filter(|_| closed == then).map(Window::CountriesWhileClosed),
    ];
    windows.into_iter().flatten().filter(|_| is_new).collect()
}

/// Whose number that is, when it is one of abroad.
fn country(dialled: &str) -> Option<&'static str> {
    let digits = dialled.strip_prefix('+').or_else(|| dialled.strip_prefix("00"))?;
    COUNTRIES.into_iter().find(|country| digits.starts_with(country))
}

fn civil(since: Duration) -> Civil {
    Background::BusyDay.civil().after(since)
}

const fn month(civil: Civil) -> u32 {
    Date::from_days(civil.day).months()
}

/// The last day with people before now, when there are none.
fn closed(civil: Civil) -> Option<u32> {
    let opening = Opening::usual(Country::Netherlands);
    let span = |day: u32| opening.span(Date::from_days(day));
    match span(civil.day) {
        Some(hours) if civil.minute >= hours.until => Some(civil.day),
        Some(hours) if civil.minute >= hours.from => None,
        _ => (0..civil.day).rev().find(|day| span(*day).is_some()),
    }
}
