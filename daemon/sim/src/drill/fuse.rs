//! Office days in a row over the real exchange: people call, and on many days somebody with their phones calls whatever costs. By
//! the provider's meter, which reckons apart from the box, no cap is ever passed by more than one charging unit.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use centrale_config::Opening;
use centrale_guard::{Cap, Civil};
use centrale_numbering::{Date, Money};

use super::attacks::DEAR;
use super::meter::Scene;
use super::street::{Background, Street};

const HOUR: u64 = 3_600;
const DAY: u64 = 24 * HOUR;
/// The office is small, so that one thief can spend what all of it may.
const PEOPLE: u16 = 3;
/// The countries of what is called abroad, as their numbers begin.
const COUNTRIES: [&str; 14] =
    ["1", "212", "216", "225", "232", "239", "31", "32", "371", "49", "53", "591", "8821", "994"];
/// On one of so many days somebody calls an ordinary number without end.
const ENDLESS: u32 = 40;
/// A price list counts for so many days.
const LIST_LASTS: u32 = 45;
/// Before a minute is talked it is held back, by so much at most: what is talked so soon after a window began may count in the one
/// before.
const BEFORE: Duration = Duration::from_secs(92);
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
    /// How many of the windows of caps were spent to nine tenths, beside those of new countries and of ordinary calls.
    pub full: usize,
    /// How many of those of new countries.
    pub full_abroad: usize,
    /// How many of those of ordinary calls, and how many of the calls were ordinary ones.
    pub full_ordinary: usize,
    /// See above.
    pub ordinary: usize,
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
    /// Ordinary calls of one person, and of the office.
    OrdinaryPerson(u16, u32),
    OrdinaryDay(u32),
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
            Self::OrdinaryPerson(..) => Cap::OrdinaryPerson,
            Self::OrdinaryDay(_) => Cap::OrdinaryDay,
        }
    }
}

/// A call that costs something, as the provider saw it.
struct Metered<'a> {
    scene: Scene,
    number: &'a str,
    from: Duration,
    until: Duration,
    /// Whose it is.
    person: Option<u16>,
    ordinary: bool,
    /// The country that it leads to, when that is a new one.
    new_country: Option<&'static str>,
}

impl Metered<'_> {
    fn cost(&self, lasted: Duration) -> Money {
        self.scene.cost(self.number, lasted).map_or(Money::ZERO, |(cost, _)| Money::from_ten_thousandths(cost))
    }

    /// What it counts in at a moment.
    fn windows(&self, opening: &Opening, at: Duration) -> Vec<Window> {
        let civil = civil(at);
        let day = civil.day;
        if self.ordinary {
            let of_person = self.person.map(|person| Window::OrdinaryPerson(person, day));
            return [Some(Window::OrdinaryDay(day)), of_person].into_iter().flatten().collect();
        }
        let closed = closed(opening, civil);
        // Whether a country is a new one is known of the day on which the call began.
        let abroad = self.new_country.filter(|_| day == self::civil(self.from).day);
        let windows = [
            Some(Window::Hour(at.as_secs() / HOUR)),
            Some(Window::Day(day)),
            Some(Window::Month(month(civil))),
            self.person.map(|person| Window::Person(person, day)),
            closed.map(Window::Closed),
            abroad.map(|country| Window::Country(country, day)),
            closed.filter(|_| abroad.is_some()).map(Window::CountriesWhileClosed),
        ];
        windows.into_iter().flatten().collect()
    }

    /// What it costs in each window that it was in: its minutes, each where it was talked, but for those that may have been held
    /// back before the window began.
    fn parts(&self, opening: &Opening) -> BTreeMap<Window, Money> {
        let (mut parts, mut at, mut before) = (BTreeMap::new(), self.from, Money::ZERO);
        loop {
            let next = self.until.min(at + STEP);
            let cost = self.cost(next.saturating_sub(self.from));
            let held = self.windows(opening, self.from.max(at.saturating_sub(BEFORE)));
            for window in self.windows(opening, at).into_iter().filter(|window| held.contains(window)) {
                *parts.entry(window).or_default() += cost.less(before);
            }
            (at, before) = (next, cost);
            if at >= self.until {
                return parts;
            }
        }
    }
}

/// Lives so many days.
pub fn days(start: Instant, seed: u64, days: u32, scene: Scene) -> Spent {
    let mut street = Street::open_in(scene.country(), start, seed, Background::BusyDay, PEOPLE);
    for day in 0..days {
        if day % LIST_LASTS == 0
            && let Some(list) = scene.list(Date::from_days(Background::BusyDay.civil().day + day))
        {
            street.take_prices(list);
        }
        live(&mut street, scene, day % ENDLESS == ENDLESS / 2);
    }
    street.close();
    weigh(&street, start, scene)
}

/// One day: a few calls, or one after the other from every phone until nothing goes out any more.
fn live(street: &mut Street, scene: Scene, is_endless: bool) {
    let begun = street.now();
    if is_endless {
        for line in 0..6 {
            street.plan(Duration::from_secs(line), street.phone(0), scene.ordinary(), Duration::from_secs(DAY));
        }
    }
    let bursts = [0, 1, 1, 3][street.lot() as usize % 4];
    for _ in 0..bursts {
        let at = Duration::from_secs(street.lot() % (DAY - 4 * HOUR));
        let calls = 1 + street.lot() % 12;
        for number in 0..calls {
            let person = street.lot() % u64::from(PEOPLE);
            let who = street.phone(person as u16);
            let all = scene.near().len() + DEAR.len();
            let chosen = street.lot() as usize % all;
            let dialled = scene.near().iter().chain(&DEAR).nth(chosen).copied().unwrap_or_default();
            let longest = [20_000, 300_000, 3_000_000][street.lot() as usize % 3];
            let lasts = Duration::from_millis(500 + street.lot() % longest);
            street.plan(at + Duration::from_secs(number * 240), who, dialled, lasts);
        }
    }
    let rest = Duration::from_secs(DAY).saturating_sub(street.now().saturating_duration_since(begun));
    street.advance(rest);
    street.strike();
}

/// Of each window what was talked in it, which the cap allows, and beyond that one charging unit.
fn weigh(street: &Street, start: Instant, scene: Scene) -> Spent {
    let opening = Opening::usual(scene.country());
    let (mut spent, mut windows) = (Spent::default(), BTreeMap::<Window, (Money, Money, Vec<String>)>::new());
    let person_of = |node| (0..PEOPLE).find(|person| street.phone(*person) == node);
    let made = street.stories().filter(|(_, story)| story.outgoing);
    let people: BTreeMap<&str, u16> =
        made.filter_map(|(node, story)| Some((story.token.as_str(), person_of(node)?))).collect();
    let mut called = BTreeMap::<&str, Vec<u32>>::new();
    let at_provider = street.stories().filter(|(node, story)| *node == street.provider() && !story.outgoing);
    let mut paid: Vec<_> = at_provider.filter_map(|(_, story)| Some((story.established?, story))).collect();
    paid.sort_by_key(|(from, _)| *from);
    for (index, (from, story)) in paid.into_iter().enumerate() {
        let [from, until] = [from, story.ended].map(|at| at.saturating_duration_since(start));
        let number = story.dialled.as_str();
        let Some((_, ordinary)) = scene.cost(number, STEP) else {
            spent.passed.push(format!("nobody said what {number} costs"));
            continue;
        };
        // Whoever called may hear a tone for a while longer: what is paid for is what the provider saw.
        let person = people.get(story.token.as_str()).copied();
        let abroad = country(scene, number);
        let new_country = abroad.filter(|country| is_new(called.entry(country).or_default(), civil(from).day));
        let call = Metered { scene, number, from, until, person, ordinary, new_country };
        let (whole, unit) = (call.cost(until.saturating_sub(from)), call.cost(STEP));
        let mut parts = call.parts(&opening);
        if !ordinary {
            parts.insert(Window::Call(index), whole);
        }
        for (window, part) in parts {
            let (sum, dearest, calls) = windows.entry(window).or_default();
            (*sum, *dearest) = (*sum + part, unit.max(*dearest));
            calls.push(format!("{number} {:?} {part}", until.saturating_sub(from)));
        }
        spent.people += usize::from(person.is_some());
        spent.calls += 1;
        spent.ordinary += usize::from(ordinary);
        spent.total += whole;
    }
    for (window, (sum, unit, calls)) in windows {
        let most = window.cap().amount();
        if matches!(window, Window::Day(_)) {
            spent.dearest_day = spent.dearest_day.max(sum);
        }
        let full = match window.cap() {
            Cap::NewCountry => &mut spent.full_abroad,
            Cap::OrdinaryPerson | Cap::OrdinaryDay => &mut spent.full_ordinary,
            _ => &mut spent.full,
        };
        *full += usize::from(sum.times(10) >= most.times(9));
        if sum > most + unit {
            spent.passed.push(format!("{window:?} cost {sum}, and may cost {most}: {}", calls.join(", ")));
        }
    }
    spent
}

/// Whether a country is new on a day on which it is called. On what days it was called before, the last one last.
fn is_new(days: &mut Vec<u32>, today: u32) -> bool {
    if days.last().is_some_and(|last| today - last > DAYS_TO_FORGET) {
        days.clear();
    }
    let is_new = days.iter().filter(|day| **day < today).count() < DAYS_TO_KNOW;
    if days.last() != Some(&today) {
        days.push(today);
    }
    is_new
}

/// Whose number that is, when it is one of abroad.
fn country(scene: Scene, number: &str) -> Option<&'static str> {
    let digits = number.strip_prefix('+')?;
    let abroad = COUNTRIES.into_iter().filter(|country| *country != scene.country().calling_code());
    abroad.into_iter().find(|country| digits.starts_with(country))
}

fn civil(since: Duration) -> Civil {
    Background::BusyDay.civil().after(since)
}

const fn month(civil: Civil) -> u32 {
    Date::from_days(civil.day).months()
}

/// The last day with people before now, when there are none.
fn closed(opening: &Opening, civil: Civil) -> Option<u32> {
    let span = |day: u32| opening.span(Date::from_days(day));
    match span(civil.day) {
        Some(hours) if civil.minute >= hours.until => Some(civil.day),
        Some(hours) if civil.minute >= hours.from => None,
        _ => (0..civil.day).rev().find(|day| span(*day).is_some()),
    }
}
