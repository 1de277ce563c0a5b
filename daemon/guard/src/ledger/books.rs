//! The counters: what was held back under each cap in its present hour, day, night, weekend or month.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::{Duration, Instant};

use centrale_config::Opening;
use centrale_numbering::{Class, Money};

use super::charge::{Booking, Charge};
use super::kept::Kept;
use crate::away::Away;
use crate::caps::{Cap, Raise};
use crate::civil::Civil;
use crate::order::Order;

/// What one person may spend in a day on numbers that are paid by the call (A-86: EUR 50, VAT included, for 0905).
pub(super) const PER_CALL_A_DAY: Money = Money::from_cents(5_000);
/// On how many days a country is called before it is no new one, and how many days without a call make it new again.
const DAYS_TO_KNOW: u32 = 3;
const DAYS_TO_FORGET: u32 = 90;
/// For how long a clock must stay behind what was seen before it is believed.
const BELIEVED_AFTER: Duration = Duration::from_secs(48 * 3_600);

/// Something that money is counted under.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Counter {
    Person(String),
    /// What a person spent on numbers that are paid by the call.
    PerCall(String),
    /// What ordinary calls cost in a month.
    Ordinary,
    /// What a person's ordinary calls cost in a day.
    OrdinaryPerson(String),
    /// What all ordinary calls cost in a day.
    OrdinaryDay,
    Hour,
    Day,
    Night,
    Weekend,
    Month,
    NewCountry(String),
    /// All countries together that the office does not call regularly, while it is closed.
    NewWhileClosed,
}

impl Counter {
    /// The cap that it is held to. Numbers that are paid by the call have one that nobody raises, a month of ordinary calls has none.
    pub(super) const fn cap(&self) -> Option<Cap> {
        match self {
            Self::PerCall(_) | Self::Ordinary => None,
            Self::Person(_) => Some(Cap::Person),
            Self::Hour => Some(Cap::Hour),
            Self::Day => Some(Cap::Day),
            Self::Night => Some(Cap::Night),
            Self::Weekend => Some(Cap::Weekend),
            Self::Month => Some(Cap::Month),
            Self::NewCountry(_) | Self::NewWhileClosed => Some(Cap::NewCountry),
            Self::OrdinaryPerson(_) => Some(Cap::OrdinaryPerson),
            Self::OrdinaryDay => Some(Cap::OrdinaryDay),
        }
    }

    /// The shortest time between two windows of it, by a clock that nobody sets. A little less than the true one, which a
    /// change to summer time shortens.
    const fn shortest(&self) -> Duration {
        let hours = match self {
            Self::Hour => 0,
            Self::Person(_) | Self::PerCall(_) | Self::Day | Self::Night | Self::NewCountry(_) => 20,
            Self::OrdinaryPerson(_) | Self::OrdinaryDay => 20,
            // From one night to the next, or over days off.
            Self::NewWhileClosed => 20,
            Self::Weekend => 5 * 24,
            Self::Month | Self::Ordinary => 27 * 24,
        };
        Duration::from_secs(hours * 3_600)
    }
}

/// One counter in one of its windows.
#[derive(Debug, Clone, Copy)]
pub(super) struct Page {
    /// Names it among all pages that there ever were: what is given back goes to the page that it was taken from.
    pub(super) number: u64,
    /// The last window that it was the page of. It is more than one where a clock was set.
    pub(super) window: u64,
    pub(super) amount: Money,
    /// When its window began. Of one that was kept from before the start the window alone says it.
    begun: Option<Instant>,
}

impl Page {
    /// Whether the counter's next window has begun. One that would begin too soon after this one is only a clock that was set.
    fn is_over(&self, (now, civil): (Instant, Civil), away: &Away, counter: &Counter, window: Option<u64>) -> bool {
        let lasted = match self.begun {
            Some(begun) => Some(now.saturating_duration_since(begun)),
            None => evening_of(away, counter, self.window).map(|evening| civil.since(evening)),
        };
        window.is_some_and(|window| window > self.window) && lasted.is_none_or(|lasted| lasted >= counter.shortest())
    }
}

/// How well the office knows a country.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Acquaintance {
    pub(super) days: u32,
    pub(super) last: u32,
}

#[derive(Debug)]
pub(super) struct Books {
    begun: Instant,
    /// When nobody is in the office.
    away: Away,
    /// The latest civil time that was seen.
    latest: Civil,
    /// Since when the clock has been behind it.
    behind_since: Option<Instant>,
    pages: BTreeMap<Counter, Page>,
    next_page: u64,
    countries: BTreeMap<String, Acquaintance>,
    changed: BTreeSet<Counter>,
    news: Vec<Kept>,
}

impl Books {
    pub(super) fn new(now: Instant) -> Self {
        Self {
            begun: now,
            away: Away::default(),
            latest: Civil::default(),
            behind_since: None,
            pages: BTreeMap::new(),
            next_page: 0,
            countries: BTreeMap::new(),
            changed: BTreeSet::new(),
            news: Vec::new(),
        }
    }

    /// There are people in the office at those hours.
    pub(super) fn set_hours(&mut self, opening: Arc<Opening>) {
        self.away = Away::new(opening);
    }

    /// The civil time that counts: never one before what was seen, until the clock has insisted on it for two days.
    pub(super) fn at(&mut self, now: Instant, civil: Civil) -> Civil {
        if civil >= self.latest {
            (self.latest, self.behind_since) = (civil, None);
            return civil;
        }
        let since = *self.behind_since.get_or_insert(now);
        if now.saturating_duration_since(since) >= BELIEVED_AFTER {
            self.believe(civil);
        }
        self.latest
    }

    /// The clock had been wrong before. What is spent stays spent, in the windows of now.
    fn believe(&mut self, civil: Civil) {
        (self.latest, self.behind_since) = (civil, None);
        for (counter, page) in &mut self.pages {
            page.window = page.window.min(window_of(&self.away, counter, civil).unwrap_or(page.window));
        }
    }

    /// Under which counters a call is booked now.
    pub(super) fn counters(&self, order: &Order, civil: Civil) -> Vec<Counter> {
        if order.is_ordinary() {
            let capped = [Counter::OrdinaryPerson(order.person.clone()), Counter::OrdinaryDay];
            return capped.into_iter().filter(|_| !order.always_passes).chain([Counter::Ordinary]).collect();
        }
        let mut counters = vec![Counter::Person(order.person.clone()), Counter::Hour, Counter::Day, Counter::Month];
        if order.class == Class::PremiumPerCall {
            counters.push(Counter::PerCall(order.person.clone()));
        }
        if self.away.night(civil).is_some() {
            counters.push(Counter::Night);
        }
        if self.away.weekend(civil).is_some() {
            counters.push(Counter::Weekend);
        }
        if let Some(country) = self.new_country(order, civil.day) {
            counters.push(Counter::NewCountry(country.clone()));
            if self.away.closed(civil).is_some() {
                counters.push(Counter::NewWhileClosed);
            }
        }
        counters
    }

    /// What is booked under a counter in its present window.
    pub(super) fn amount(&mut self, now: Instant, civil: Civil, counter: &Counter) -> Money {
        self.page(now, civil, counter).amount
    }

    /// Books what is held back for a call.
    pub(super) fn hold(&mut self, now: Instant, civil: Civil, charge: &mut Charge, paid: Duration, amount: Money) {
        let counters = self.counters(&charge.order, civil);
        let mut under = Vec::with_capacity(counters.len());
        for counter in counters {
            let page = self.page(now, civil, &counter);
            page.amount += amount;
            under.push((counter.clone(), page.number));
            self.changed.insert(counter);
        }
        (charge.paid, charge.held) = (paid, charge.held + amount);
        match charge.bookings.last_mut().filter(|last| last.under == under) {
            Some(last) => last.amount += amount,
            None => charge.bookings.push(Booking { under, amount }),
        }
    }

    /// A call is over: what was held back beyond its cost is given back, the youngest booking first; what it cost beyond what
    /// was held back is booked after all.
    pub(super) fn settle(&mut self, now: Instant, civil: Civil, charge: &Charge, cost: Money) {
        let mut back = charge.held.less(cost);
        for booking in charge.bookings.iter().rev() {
            let of_this = back.min(booking.amount);
            back = back.less(of_this);
            for (counter, number) in &booking.under {
                if let Some(page) = self.pages.get_mut(counter).filter(|page| page.number == *number) {
                    page.amount = page.amount.less(of_this);
                    self.changed.insert(counter.clone());
                }
            }
        }
        let beyond = cost.less(charge.held);
        if beyond > Money::ZERO {
            for counter in self.counters(&charge.order, civil) {
                self.page(now, civil, &counter).amount += beyond;
                self.changed.insert(counter);
            }
        }
    }

    /// A call to that country was answered.
    pub(super) fn called(&mut self, country: &str, today: u32) {
        let known = self.countries.entry(country.to_owned()).or_default();
        if today.saturating_sub(known.last) > DAYS_TO_FORGET {
            known.days = 0;
        }
        if known.days == 0 || known.last != today {
            known.days = (known.days + 1).min(DAYS_TO_KNOW + 1);
        }
        known.last = today;
        let kept = Kept::of_country(country, *known);
        self.news.push(kept);
    }

    pub(super) fn note(&mut self, kept: Kept) {
        self.news.push(kept);
    }

    pub(super) fn note_raise(&mut self, raise: &Raise) {
        self.note(Kept::of_raise(raise));
    }

    /// The most that is used of a cap, of those that it is held to.
    pub(super) fn used(&self, now: Instant, civil: Civil, cap: Cap) -> Money {
        let is_now = |counter: &Counter, page: &Page| {
            let window = self.window(now, civil, counter);
            window.is_some() && !page.is_over((now, civil), &self.away, counter, window)
        };
        let pages = self.pages.iter().filter(|(counter, page)| counter.cap() == Some(cap) && is_now(counter, page));
        pages.map(|(_, page)| page.amount).max().unwrap_or_default()
    }

    pub(super) fn take_changed(&mut self) -> Vec<Kept> {
        let mut kept = std::mem::take(&mut self.news);
        for counter in std::mem::take(&mut self.changed) {
            kept.extend(self.pages.get(&counter).map(|page| Kept::of_page(&counter, page.window, page.amount)));
        }
        kept
    }

    /// Puts back what was kept of a counter.
    pub(super) fn restore_page(&mut self, counter: Counter, window: u64, amount: Money) {
        // Hours are counted from the start: what was spent in the last hour before counts in the first.
        let window = if counter == Counter::Hour { 0 } else { window };
        if let (Counter::Day, Ok(day)) = (&counter, u32::try_from(window)) {
            self.latest = self.latest.max(Civil::midnight(day));
        }
        let number = self.number_page();
        self.pages.insert(counter, Page { number, window, amount, begun: None });
    }

    pub(super) fn restore_country(&mut self, country: String, known: Acquaintance) {
        self.countries.insert(country, known);
    }

    /// The country of an order, when the office does not call it regularly.
    pub(super) fn new_country<'a>(&self, order: &'a Order, today: u32) -> Option<&'a String> {
        order.country.as_ref().filter(|country| !self.knows(country, today))
    }

    fn knows(&self, country: &str, today: u32) -> bool {
        self.countries.get(country).is_some_and(|known| {
            let days_before = if known.last < today { known.days } else { known.days.saturating_sub(1) };
            days_before >= DAYS_TO_KNOW && today.saturating_sub(known.last) <= DAYS_TO_FORGET
        })
    }

    /// The page of a counter, turned when its next window has begun. One that may not be turned yet goes on in this window,
    /// so that what is kept of it is of the right day.
    fn page(&mut self, now: Instant, civil: Civil, counter: &Counter) -> &mut Page {
        let window = self.window(now, civil, counter);
        let before = self.pages.get(counter).copied();
        let page = match before {
            Some(page) if !page.is_over((now, civil), &self.away, counter, window) => {
                let window = page.window.max(window.unwrap_or_default());
                if window != page.window {
                    self.changed.insert(counter.clone());
                }
                Page { window, ..page }
            }
            before => {
                let begun = Some(begin_of_window((now, civil), &self.away, counter, before));
                Page { number: self.number_page(), window: window.unwrap_or_default(), amount: Money::ZERO, begun }
            }
        };
        let kept = self.pages.entry(counter.clone()).or_insert(page);
        *kept = page;
        kept
    }

    const fn number_page(&mut self) -> u64 {
        self.next_page += 1;
        self.next_page
    }

    fn window(&self, now: Instant, civil: Civil, counter: &Counter) -> Option<u64> {
        match counter {
            Counter::Hour => Some(now.saturating_duration_since(self.begun).as_secs() / 3_600),
            counter => window_of(&self.away, counter, civil),
        }
    }
}

/// The window that a civil time is in.
fn window_of(away: &Away, counter: &Counter, civil: Civil) -> Option<u64> {
    match counter {
        Counter::Hour => None,
        Counter::Night => away.night(civil).map(u64::from),
        Counter::Weekend => away.weekend(civil).map(u64::from),
        Counter::NewWhileClosed => away.closed(civil).map(u64::from),
        Counter::Month | Counter::Ordinary => Some(civil.month().into()),
        Counter::Person(_) | Counter::PerCall(_) | Counter::Day | Counter::NewCountry(_) => Some(civil.day.into()),
        Counter::OrdinaryPerson(_) | Counter::OrdinaryDay => Some(civil.day.into()),
    }
}

/// The first minute of a window that is named by the day on whose evening it began.
fn evening_of(away: &Away, counter: &Counter, window: u64) -> Option<Civil> {
    let is_by_evening = matches!(counter, Counter::Night | Counter::Weekend | Counter::NewWhileClosed);
    u32::try_from(window).ok().filter(|_| is_by_evening).map(|day| away.evening(day))
}

/// When the present window began, as far as the civil time is to be believed: no sooner than the one before may be over.
fn begin_of_window((now, civil): (Instant, Civil), away: &Away, counter: &Counter, before: Option<Page>) -> Instant {
    let evening = |day: u32| away.evening(day);
    let first = match counter {
        Counter::Hour => civil,
        Counter::Night => away.night(civil).map_or(civil, evening),
        Counter::Weekend => away.weekend(civil).map_or(civil, evening),
        Counter::NewWhileClosed => away.closed(civil).map_or(civil, evening),
        Counter::Month | Counter::Ordinary => Civil::midnight(civil.first_of_month()),
        Counter::Person(_) | Counter::PerCall(_) | Counter::Day | Counter::NewCountry(_) => Civil::midnight(civil.day),
        Counter::OrdinaryPerson(_) | Counter::OrdinaryDay => Civil::midnight(civil.day),
    };
    let by_the_clock = now.checked_sub(civil.since(first)).unwrap_or(now);
    let soonest = before.and_then(|page| page.begun?.checked_add(counter.shortest()));
    soonest.map_or(by_the_clock, |soonest| soonest.max(by_the_clock))
}
