//! Ten thousand office days: whatever people and thieves do, no cap is passed, and by a call that is ended late no further than
//! by one charging unit.

use std::collections::BTreeMap;
use std::time::Duration;

use centrale_guard::{Cap, ChargeKey, Civil, Order, Quote, Turn};
use centrale_numbering::{Country, Money, Plan, Tariff};

use crate::draw::Draw;
use crate::office::{Office, TUESDAY};

const DAYS: u64 = 10_000;
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

/// A call as the day sees it.
struct Talk {
    key: ChargeKey,
    person: &'static str,
    price: Tariff,
    ordinary: bool,
    begun: u64,
    hangs_up: u64,
    asks: u64,
}

/// What one day came to.
#[derive(Default)]
struct Day {
    calls: u32,
    ended: u32,
    total: Money,
    people: BTreeMap<&'static str, Money>,
}

impl Day {
    /// No cap asks what ordinary calls cost.
    fn note(&mut self, talk: &Talk, cost: Money) {
        if !talk.ordinary {
            assert!(cost <= Cap::Call.amount(), "a call cost {cost}");
            self.total += cost;
            *self.people.entry(talk.person).or_default() += cost;
        }
    }
}

/// What people call, priced as nobody's list says.
fn orders(country: Country) -> Vec<Order> {
    let plan = Plan::of(country, "");
    let order = |dialled: &&str| {
        let meant = plan.normalise(dialled);
        Order::new(&plan, &meant, "", Quote::worst(&plan, &meant))
    };
    DIALLED.iter().map(order).collect()
}

/// One day from eight to eight, second by second where something happens. The ledger is asked up to a second late.
fn live(seed: u64, orders: &[Order]) -> Day {
    let mut draw = Draw::new(seed);
    let mut office = Office::new(Country::Netherlands);
    let (start, begin) = (office.now, Civil { day: TUESDAY.day + u32::try_from(draw.below(7)).unwrap(), minute: 480 });
    // Some days are quiet, on some somebody has a password that is not theirs.
    let pace = draw.pick(&[120, 900, 2_400, 3_600]);
    let (mut day, mut talks, mut at): (Day, Vec<Talk>, u64) = (Day::default(), Vec::new(), 0);
    while at < 12 * 3_600 {
        at += 1 + draw.below(pace);
        talks.retain_mut(|talk| {
            loop {
                let due = talk.asks.min(talk.hangs_up);
                if due > at {
                    return true;
                }
                let moment = due + draw.below(2);
                office.now = start + Duration::from_secs(moment);
                office.civil = begin.after(Duration::from_secs(moment));
                let over = match office.ledger.turn(office.now, office.civil, talk.key) {
                    _ if due == talk.hangs_up => true,
                    Turn::Over(_) => {
                        day.ended += 1;
                        true
                    }
                    Turn::GoesOn(next) | Turn::Warn(next) => {
                        talk.asks = (next - start).as_secs().max(due + 1);
                        false
                    }
                    Turn::Settled => {
                        talk.asks = u64::MAX;
                        false
                    }
                };
                if over {
                    let cost = office.close(talk.key);
                    // What the provider charges is the price of what was talked, and nothing else.
                    assert_eq!(cost, talk.price.cost(Duration::from_secs(moment - talk.begun)));
                    day.note(talk, cost);
                    return false;
                }
            }
        });
        office.now = start + Duration::from_secs(at);
        office.civil = begin.after(Duration::from_secs(at));
        let person = draw.pick(&PEOPLE);
        let order = Order {
            person: person.to_owned(),
            ..orders[usize::try_from(draw.below(orders.len() as u64)).unwrap()].clone()
        };
        let (price, ordinary) = (order.quote.price, order.is_ordinary());
        let Ok(key) = office.order(order) else { continue };
        day.calls += 1;
        if draw.below(4) == 0 {
            assert_eq!(office.close(key), Money::ZERO);
            continue;
        }
        let asks = match office.answer(key) {
            Turn::GoesOn(next) | Turn::Warn(next) => (next - start).as_secs(),
            Turn::Settled => u64::MAX,
            Turn::Over(_) => at,
        };
        let hangs_up = at + 1 + {
            let length = draw.pick(&[20, 120, 900, 7_200]);
            draw.below(length)
        };
        talks.push(Talk { key, person, price, ordinary, begun: at, hangs_up, asks });
    }
    for talk in talks {
        office.now = start + Duration::from_secs(at);
        let cost = office.close(talk.key);
        day.note(&talk, cost);
    }
    day
}

#[test]
fn a_008_no_cap_is_passed_in_ten_thousand_office_days() {
    let (dutch, belgian) = (orders(Country::Netherlands), orders(Country::Belgium));
    let (mut calls, mut ended, mut fullest) = (0_u64, 0_u64, Money::ZERO);
    for seed in 0..DAYS {
        let day = live(seed, if seed % 2 == 0 { &dutch } else { &belgian });
        let dearest = day.people.values().copied().max().unwrap_or_default();
        assert!(dearest <= Cap::Person.amount(), "seed {seed}: one person spent {dearest}");
        assert!(day.total <= Cap::Day.amount(), "seed {seed}: the office spent {}", day.total);
        calls += u64::from(day.calls);
        ended += u64::from(day.ended);
        fullest = fullest.max(day.total);
    }
    assert!(calls > 200_000 && ended > 10_000, "{calls} calls, {ended} of them ended");
    assert!(fullest > Cap::Day.amount().less(Money::from_cents(300)), "the cap was never near: {fullest}");
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
