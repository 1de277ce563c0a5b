//! Ten thousand office days: whatever people and thieves do, no cap is passed, and by a call that is ended late no further than
//! by one charging unit.

use std::collections::{BTreeMap, BTreeSet};
use std::time::{Duration, Instant};

use centrale_config::{Date, Opening};
use centrale_guard::{Cap, ChargeKey, Civil, Order, Quote, Turn};
use centrale_numbering::{Country, Money, Plan, Tariff};

use crate::draw::Draw;
use crate::office::{Office, TUESDAY};

const OFFICES: u64 = 250;
/// Over a whole month, and its weekends and holidays.
const DAYS_EACH: u64 = 40;
const DAY: u64 = 24 * 3_600;
/// What is talked is held back a minute and a half before at most.
const BEFORE: u64 = 92;
/// A country that was called on so many days before is no new one.
const DAYS_TO_KNOW: usize = 3;
const PEOPLE: [&str; 6] = ["201", "202", "203", "204", "205", "206"];
const DIALLED: [&str; 9] = [
    "0201234567",
    "0612345678",
    "09001234",
    "1888",
    "0841234567",
    "004930123456",
    "003225551234",
    "0012125551234",
    "08001234",
];

/// What people call, priced as nobody's list says.
fn orders(country: Country) -> Vec<Order> {
    let plan = Plan::of(country, "");
    let order = |dialled: &&str| {
        let meant = plan.normalise(dialled);
        Order::new(&plan, &meant, "", Quote::worst(&plan, &meant))
    };
    DIALLED.iter().map(order).collect()
}

/// A call as its office sees it. All in seconds since that began.
struct Talk {
    key: ChargeKey,
    order: Order,
    begun: u64,
    hangs_up: u64,
    asks: u64,
}

/// A cap, the number of the person or country that it is held to, and in which hour, day, closed time or month.
type Window = (Cap, u32, u32);

/// What an office came to.
#[derive(Default)]
struct Spent {
    calls: u64,
    ended: u64,
    windows: BTreeMap<Window, Money>,
    /// On which days a country was called.
    called: BTreeMap<String, BTreeSet<u32>>,
}

impl Spent {
    /// A call is over. Each of its minutes is of the windows in which it was talked, where it was held back in them as well.
    fn note(&mut self, life: &Life, talk: &Talk, until: u64) {
        let (price, mut from, mut before) = (talk.order.quote.price, talk.begun, Money::ZERO);
        let today = life.civil(talk.begun).day;
        let days = talk.order.country.as_ref().map(|country| self.called.entry(country.clone()).or_default());
        let is_new = days.is_some_and(|days| {
            days.insert(today);
            days.range(..today).count() < DAYS_TO_KNOW
        });
        let whole = price.cost(Duration::from_secs(until - talk.begun));
        assert!(talk.order.is_ordinary() || whole <= Cap::Call.amount(), "a call cost {whole}");
        while from < until {
            let next = (from + 60).min(until);
            let cost = price.cost(Duration::from_secs(next - talk.begun));
            let held = life.windows(talk, talk.begun.max(from.saturating_sub(BEFORE)), is_new);
            for window in life.windows(talk, from, is_new).into_iter().filter(|window| held.contains(window)) {
                *self.windows.entry(window).or_default() += cost.less(before);
            }
            (from, before) = (next, cost);
        }
    }
}

/// An office that lives on from day to day.
struct Life {
    office: Office,
    start: Instant,
    begin: Civil,
    opening: Opening,
    draw: Draw,
}

impl Life {
    fn new(seed: u64) -> Self {
        let (mut draw, office) = (Draw::new(seed), Office::new(Country::Netherlands));
        let begin = Civil { day: TUESDAY.day + u32::try_from(draw.below(7)).unwrap(), minute: 480 };
        Self { start: office.now, office, begin, opening: Opening::usual(Country::Netherlands), draw }
    }

    fn civil(&self, at: u64) -> Civil {
        self.begin.after(Duration::from_secs(at))
    }

    fn go_to(&mut self, at: u64) {
        (self.office.now, self.office.civil) = (self.start + Duration::from_secs(at), self.civil(at));
    }

    /// What a call is held to at a moment.
    fn windows(&self, talk: &Talk, at: u64, is_new: bool) -> Vec<Window> {
        let (civil, person) = (self.civil(at), talk.order.person.parse().unwrap());
        let day = civil.day;
        if talk.order.is_ordinary() {
            return vec![(Cap::OrdinaryPerson, person, day), (Cap::OrdinaryDay, 0, day)];
        }
        let mut windows = vec![
            (Cap::Person, person, day),
            (Cap::Hour, 0, u32::try_from(at / 3_600).unwrap()),
            (Cap::Day, 0, day),
            (Cap::Month, 0, Date::from_days(day).months()),
        ];
        let closed = self.closed(civil);
        windows.extend(closed.map(|since| (Cap::Night, 0, since)));
        if let Some(country) = talk.order.country.as_ref().filter(|_| is_new) {
            windows.push((Cap::NewCountry, country.parse().unwrap(), day));
            windows.extend(closed.map(|since| (Cap::NewCountry, 0, since)));
        }
        windows
    }

    /// The last day with people before now, when there are none: a night, or days off.
    fn closed(&self, civil: Civil) -> Option<u32> {
        let span = |day: u32| self.opening.span(Date::from_days(day));
        match span(civil.day) {
            Some(hours) if civil.minute >= hours.until => Some(civil.day),
            Some(hours) if civil.minute >= hours.from => None,
            _ => (0..civil.day).rev().find(|day| span(*day).is_some()),
        }
    }

    /// What becomes of the calls until some moment, one thing after the other. The ledger is asked up to a second late.
    fn go_on(&mut self, talks: &mut Vec<Talk>, until: u64, spent: &mut Spent) {
        let due = |talk: &Talk| talk.asks.min(talk.hangs_up);
        while let Some((next, at)) = talks.iter().map(due).enumerate().min_by_key(|(_, at)| *at) {
            if at > until {
                return;
            }
            let moment = until.min(at + self.draw.below(2));
            self.go_to(moment);
            let turn = self.office.ledger.turn(self.office.now, self.office.civil, talks[next].key);
            let is_hung_up = at == talks[next].hangs_up;
            if is_hung_up || matches!(turn, Turn::Over(_)) {
                spent.ended += u64::from(!is_hung_up);
                let talk = talks.swap_remove(next);
                self.hang_up(&talk, moment, spent);
            } else {
                talks[next].asks = self.asks(turn, at).max(at + 1);
            }
        }
    }

    fn asks(&self, turn: Turn, at: u64) -> u64 {
        match turn {
            Turn::GoesOn(next) | Turn::Warn(next) => (next - self.start).as_secs(),
            Turn::Settled => u64::MAX,
            Turn::Over(_) => at,
        }
    }

    fn hang_up(&mut self, talk: &Talk, at: u64, spent: &mut Spent) {
        let cost = self.office.close(talk.key);
        // What the provider charges is the price of what was talked, and nothing else.
        assert_eq!(cost, talk.order.quote.price.cost(Duration::from_secs(at - talk.begun)));
        spent.note(self, talk, at);
    }

    /// One day from eight to eight, second by second where something happens.
    fn live(&mut self, day: u64, orders: &[Order], spent: &mut Spent) {
        // Some days are quiet, on some somebody has a password that is not theirs.
        let pace = self.draw.pick(&[120, 900, 2_400, 3_600]);
        let (mut talks, mut at): (Vec<Talk>, u64) = (Vec::new(), day * DAY);
        while at < day * DAY + DAY / 2 {
            at += 1 + self.draw.below(pace);
            self.go_on(&mut talks, at, spent);
            self.go_to(at);
            let person = self.draw.pick(&PEOPLE).to_owned();
            let order = orders[usize::try_from(self.draw.below(orders.len() as u64)).unwrap()].clone();
            let order = Order { person, ..order };
            let Ok(key) = self.office.order(order.clone()) else { continue };
            spent.calls += 1;
            if self.draw.below(4) == 0 {
                assert_eq!(self.office.close(key), Money::ZERO);
                continue;
            }
            let turn = self.office.answer(key);
            let asks = self.asks(turn, at);
            let length = self.draw.pick(&[20, 120, 900, 7_200]);
            let hangs_up = at + 1 + self.draw.below(length);
            talks.push(Talk { key, order, begun: at, hangs_up, asks });
        }
        self.go_to(at + 1);
        talks.into_iter().for_each(|talk| self.hang_up(&talk, at + 1, spent));
    }
}

#[test]
fn a_008_no_cap_is_passed_in_ten_thousand_office_days() {
    let (dutch, belgian) = (orders(Country::Netherlands), orders(Country::Belgium));
    let (mut calls, mut ended, mut full) = (0_u64, 0_u64, BTreeMap::<Cap, (Money, u32)>::new());
    for seed in 0..OFFICES {
        let (mut life, mut spent) = (Life::new(seed), Spent::default());
        for day in 0..DAYS_EACH {
            life.live(day, if seed % 2 == 0 { &dutch } else { &belgian }, &mut spent);
        }
        for ((cap, of, when), sum) in spent.windows {
            assert!(sum <= cap.amount(), "seed {seed}: {cap:?} of {of} in {when} cost {sum}");
            let (fullest, often) = full.entry(cap).or_default();
            *fullest = sum.max(*fullest);
            *often += u32::from(sum.times(10) >= cap.amount().times(9));
        }
        (calls, ended) = (calls + spent.calls, ended + spent.ended);
    }
    assert!(calls > 200_000 && ended > 10_000, "{calls} calls, {ended} of them ended");
    for cap in [Cap::Person, Cap::Hour, Cap::Day, Cap::Night, Cap::Month, Cap::NewCountry] {
        let (fullest, often) = full.get(&cap).copied().unwrap_or_default();
        assert!(often > 20, "{cap:?} was near {often} times alone, and cost {fullest} at most: {full:?}");
    }
}

#[test]
fn a_call_that_is_ended_late_passes_its_fuse_by_one_charging_unit_at_most() {
    for (country, dialled, late) in [(Country::Netherlands, "09001234", 60), (Country::Belgium, "090412345", 2)] {
        let mut office = Office::new(country);
        office.raise(&[Cap::Person]);
        let meant = office.meant(dialled);
        let price = Quote::worst(&office.plan, &meant).price;
        // Dearer than ten minutes of it may be.
        let price = Tariff { minute: price.minute.times(2), ..price };
        let quote = Quote { price, reserve: price };
        let order = Order::new(&office.plan, &meant, "201", quote);
        let call = office.order(order).unwrap();
        office.talk_to_the_end(call);
        office.pass(late);
        let unit = price.minute.ten_thousandths() * price.step.seconds();
        assert!(office.close(call) <= Cap::Call.amount() + Money::from_ten_thousandths(unit.div_ceil(60)));
    }
}
