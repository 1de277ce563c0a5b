//! What each person uses, day by day, and what of it is told: use far above the usual, very long talks, paid minutes that go to
//! one number. Nothing is refused for any of them; the caps are for that.

use std::collections::BTreeMap;
use std::time::Duration;

use centrale_config::Role;
use centrale_numbering::Money;

use super::kept::Kept;
use crate::order::Order;

/// Over how many days before today it is known what is usual, and for how many at least.
const DAYS: u32 = 28;
const DAYS_TO_KNOW: u32 = 7;
/// Which of those days is taken for the usual, the cheapest first: 95 of a hundred are not above it.
const USUAL: usize = 26;
const HOUR: u64 = 3_600;
/// A share of somebody's paid minutes in a week, in percent, and what they cost.
const ONE_NUMBER: u64 = 70;
const ONE_NUMBER_COSTS: Money = Money::from_cents(500);
/// Most numbers that are told apart for a person in a week. More of them are no concentration.
const MOST_NUMBERS: usize = 32;
/// How often a person may call directory enquiries in a day: they connect through to anything.
const ENQUIRIES: u64 = 3;

/// What use is told of a person, by what the telephone is for.
struct Measure {
    /// A day costs far more than usual that costs so many times the usual, and more than this.
    far_above: u64,
    not_worth_telling: Money,
    /// Talking that is told of: in a day, and in one call.
    long_day: Duration,
    long_call: Duration,
}

impl Measure {
    const fn of(role: Role) -> Self {
        let (far_above, cents, day, call) = match role {
            Role::Ordinary => (3, 200, 6 * HOUR, 4 * HOUR),
            // It calls for others, and some days for many.
            Role::Reception => (3, 500, 8 * HOUR, 4 * HOUR),
            Role::CallCentre => (3, 1_000, 10 * HOUR, 4 * HOUR),
            // It has nothing to say but that something is wrong, and nobody is there to mind.
            Role::Alarm => (1, 50, HOUR, HOUR),
        };
        let (long_day, long_call) = (Duration::from_secs(day), Duration::from_secs(call));
        Self { far_above, not_worth_telling: Money::from_cents(cents), long_day, long_call }
    }
}

/// Something about a person's use that whoever looks after the office is told.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Sign {
    /// Today costs far more than this person's days do.
    FarAboveUsual {
        /// The person's number.
        person: String,
        /// What today costs so far.
        cost: Money,
    },
    /// Somebody talks very long: in one call, or all day.
    VeryLong {
        /// The person's number.
        person: String,
        /// Whole hours, today.
        hours: u64,
    },
    /// Most of the paid minutes of this week or the last go to one number that costs extra.
    OneNumber {
        /// The person's number.
        person: String,
        /// That number.
        number: String,
        /// What they cost in that week.
        cost: Money,
    },
}

/// A call that lasts.
pub(super) struct Living<'a> {
    pub(super) order: &'a Order,
    pub(super) talked: Duration,
    pub(super) cost: Money,
}

#[derive(Debug, Clone, Copy, Default)]
struct Use {
    cost: Money,
    talked: Duration,
}

impl Use {
    fn add(&mut self, talked: Duration, cost: Money) {
        self.cost += cost;
        self.talked += talked;
    }
}

#[derive(Debug, Default)]
struct Habits {
    days: BTreeMap<u32, Use>,
    /// By week and number: what costs extra.
    paid: BTreeMap<(u32, String), Use>,
    /// Calls to directory enquiries on a day.
    enquiries: (u32, u64),
}

#[derive(Debug, Default)]
pub(super) struct Usage {
    people: BTreeMap<String, Habits>,
    news: Vec<Kept>,
}

impl Usage {
    /// Whether a person may call directory enquiries once more today; anybody may call anything else.
    /// `open` calls of the kind are on their way.
    pub(super) fn allows(&self, today: u32, order: &Order, open: u64) -> bool {
        let of_today = |habits: &Habits| if habits.enquiries.0 == today { habits.enquiries.1 } else { 0 };
        !order.is_enquiry || self.people.get(&order.person).map_or(0, of_today) + open < ENQUIRIES
    }

    /// A call that was answered is over.
    pub(super) fn note(&mut self, today: u32, call: &Living<'_>) {
        let person = &call.order.person;
        let habits = self.people.entry(person.clone()).or_default();
        habits.forget_before(today);
        let day = habits.days.entry(today).or_default();
        day.add(call.talked, call.cost);
        let slot = today % (DAYS + 1);
        self.news.extend(kept_of("used", &format!("{person}/{slot}"), today, *day));
        if let Some(paid) = habits.paid_mut(today, call.order) {
            paid.add(call.talked, call.cost);
            let number = call.order.meant.number().unwrap_or_default();
            self.news.extend(kept_of("paid", &format!("{person}/{number}"), week_of(today), *paid));
        }
        if call.order.is_enquiry {
            let (day, count) = habits.enquiries;
            habits.enquiries = (today, if day == today { count + 1 } else { 1 });
            let name = format!("enquiries/{person}");
            self.news.push(Kept { name, window: today.into(), amount: habits.enquiries.1 });
        }
    }

    /// What there is to tell now, with the calls that last. What is usual for somebody new is what is usual for others whose
    /// telephones are for the same.
    pub(super) fn signs(&self, today: u32, living: &[Living<'_>], role_of: impl Fn(&str) -> Role) -> Vec<Sign> {
        let begun = self.people.values().filter_map(|habits| habits.days.keys().next()).min();
        let is_known = begun.is_some_and(|begun| today.saturating_sub(*begun) >= DAYS_TO_KNOW);
        let callers = living.iter().map(|call| &call.order.person);
        let mut people: Vec<&String> = self.people.keys().chain(callers).collect();
        people.sort();
        people.dedup();
        let mut signs = Vec::new();
        let nothing = Habits::default();
        for person in people {
            let habits = self.people.get(person).unwrap_or(&nothing);
            let calls = || living.iter().filter(|call| call.order.person == *person);
            let mut day = habits.days.get(&today).copied().unwrap_or_default();
            calls().for_each(|call| day.add(call.talked, call.cost));
            let role = role_of(person);
            let Measure { far_above, not_worth_telling, long_day, long_call } = Measure::of(role);
            let usual = if habits.is_known(today) { habits.usual(today) } else { self.usual_of(today, role, &role_of) };
            if is_known && day.cost > usual.times(far_above).max(not_worth_telling) {
                signs.push(Sign::FarAboveUsual { person: person.clone(), cost: day.cost });
            }
            if day.talked > long_day || calls().any(|call| call.talked > long_call) {
                signs.push(Sign::VeryLong { person: person.clone(), hours: day.talked.as_secs() / 3_600 });
            }
            let weeks = [week_of(today), week_of(today).saturating_sub(1)];
            let found = weeks.into_iter().find_map(|week| habits.one_number(week));
            let one_number = |(number, cost)| Sign::OneNumber { person: person.clone(), number, cost };
            signs.extend(found.map(one_number));
        }
        signs
    }

    /// What is usual for one in the middle of those with a role whose habits are known.
    fn usual_of(&self, today: u32, role: Role, role_of: impl Fn(&str) -> Role) -> Money {
        let same = self.people.iter().filter(|(person, habits)| role_of(person) == role && habits.is_known(today));
        let mut usual: Vec<Money> = same.map(|(_, habits)| habits.usual(today)).collect();
        usual.sort();
        usual.get(usual.len() / 2).copied().unwrap_or_default()
    }

    pub(super) fn take_news(&mut self) -> Vec<Kept> {
        std::mem::take(&mut self.news)
    }

    /// Puts back a line that was kept. Whether it is one of these.
    pub(super) fn restore(&mut self, kept: &Kept) -> bool {
        let Ok(window) = u32::try_from(kept.window) else { return false };
        let Some((kind, rest)) = kept.name.split_once('/') else { return false };
        let (person, of) = rest.split_once('/').unwrap_or((rest, ""));
        if !matches!(kind, "used-cost" | "used-time" | "paid-cost" | "paid-time" | "enquiries") {
            return false;
        }
        let habits = self.people.entry(person.to_owned()).or_default();
        if kind == "enquiries" {
            habits.enquiries = (window, kept.amount);
            return true;
        }
        let used = match kind {
            "used-cost" | "used-time" => habits.days.entry(window).or_default(),
            _ => habits.paid.entry((window, of.to_owned())).or_default(),
        };
        match kind {
            "used-cost" | "paid-cost" => used.cost = Money::from_ten_thousandths(kept.amount),
            _ => used.talked = Duration::from_secs(kept.amount),
        }
        true
    }
}

impl Habits {
    fn forget_before(&mut self, today: u32) {
        self.days.retain(|day, _| today.saturating_sub(*day) <= DAYS);
        self.paid.retain(|(week, _), _| week_of(today).saturating_sub(*week) <= 1);
    }

    /// Whether somebody called as long ago as it takes to know what is usual.
    fn is_known(&self, today: u32) -> bool {
        self.days.keys().next().is_some_and(|begun| today.saturating_sub(*begun) >= DAYS_TO_KNOW)
    }

    /// What a day costs at most but for one in twenty.
    fn usual(&self, today: u32) -> Money {
        let before = (1..=DAYS).filter_map(|ago| today.checked_sub(ago));
        let mut costs: Vec<Money> =
            before.map(|day| self.days.get(&day).map_or(Money::ZERO, |used| used.cost)).collect();
        costs.sort();
        costs.get(USUAL).copied().unwrap_or_default()
    }

    fn paid_mut(&mut self, today: u32, order: &Order) -> Option<&mut Use> {
        let number = order.meant.number().filter(|_| order.class.costs_extra())?;
        let key = (week_of(today), number.to_owned());
        let numbers = self.paid.keys().filter(|(week, _)| *week == key.0).count();
        (numbers < MOST_NUMBERS || self.paid.contains_key(&key)).then(|| self.paid.entry(key).or_default())
    }

    /// The number to which most of the paid minutes of that week went, if that is worth telling, and what they cost.
    fn one_number(&self, week: u32) -> Option<(String, Money)> {
        let of_week = || self.paid.iter().filter(|((of, _), _)| *of == week);
        let talked: u64 = of_week().map(|(_, used)| used.talked.as_secs()).sum();
        let is_most = |used: &Use| used.talked.as_secs() * 100 > talked * ONE_NUMBER && used.cost > ONE_NUMBER_COSTS;
        let most = of_week().find(|(_, used)| is_most(used));
        most.map(|((_, number), used)| (number.clone(), used.cost))
    }
}

/// Weeks begin on Monday; 1 January 1970 was a Thursday.
const fn week_of(day: u32) -> u32 {
    day.saturating_add(3) / 7
}

fn kept_of(kind: &str, of: &str, window: u32, used: Use) -> [Kept; 2] {
    let line = |what: &str, amount| Kept { name: format!("{kind}-{what}/{of}"), window: window.into(), amount };
    [line("cost", used.cost.ten_thousandths()), line("time", used.talked.as_secs())]
}
