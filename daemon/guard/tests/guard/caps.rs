//! The caps: on from the start, held to whatever is tried, raised for a time.

use std::sync::Arc;
use std::time::Duration;

use centrale_config::{Date, Opening};
use centrale_guard::{Cap, ChargeKey, Civil, Order, Proof, Quote, Raise, RaiseRefused, Turn};
use centrale_numbering::{Country, Dialled, Money, Tariff};

use crate::office::{Office, TUESDAY};

fn order(office: &Office, person: &str, dialled: &str, cents: u32) -> Order {
    let meant: Dialled = office.meant(dialled);
    let price = Tariff { minute: Money::from_cents(cents), ..Tariff::FREE };
    Order::new(&office.plan, &meant, person, Quote { price, reserve: price })
}

#[test]
fn a_114_a_fresh_box_has_every_cap_and_each_of_them_stops_a_call() {
    let mut office = Office::new(Country::Netherlands);
    let meters = office.ledger.meters(office.now, office.civil);
    assert!(meters.iter().all(|meter| meter.limit > Money::ZERO && meter.raised_until.is_none()));
    // More than any cap allows.
    let dear = order(&office, "201", "0201234567", 100_000);
    assert_eq!(office.order(dear).unwrap_err().code, "spent-call");
}

#[test]
fn a_036_a_call_ends_when_its_allowance_is_used_and_is_warned_before() {
    let mut office = Office::new(Country::Netherlands);
    // A euro a minute, by the second: ten minutes for ten euro, less the second for the provider's clock.
    let order = order(&office, "201", "0201234567", 100);
    let call = office.order(order).unwrap();
    let (warned, ended, reject) = office.talk_to_the_end(call);
    assert_eq!((warned, ended, reject.code), (Some(569), 599, "spent-call"));
    assert!(office.close(call) <= Cap::Call.amount());
}

#[test]
fn what_cannot_be_written_down_is_not_spent_unless_no_cap_holds_it() {
    let mut office = Office::new(Country::Netherlands);
    let dear = || order(&office, "201", "0201234567", 100);
    let (first, second, third) = (dear(), dear(), dear());
    let ordinary = order(&office, "201", "0612345678", 10);
    let lasts = office.order(first).unwrap();
    office.ledger.set_written(false);
    assert_eq!(office.order(second).unwrap_err().code, "spent-unwritten");
    assert!(office.order(ordinary).is_ok(), "a mobile phone is called all day");
    let (warned, ended, reject) = office.talk_to_the_end(lasts);
    assert_eq!((warned, ended, reject.code), (Some(29), 59, "spent-unwritten"), "its minute was written before");
    office.close(lasts);
    office.ledger.set_written(true);
    assert!(office.order(third).is_ok());
}

/// Talks until the ledger warns, and gives the second at which it does.
fn talk_to_the_warning(office: &mut Office, call: ChargeKey) -> u64 {
    let begun = office.now;
    let mut turn = office.answer(call);
    loop {
        match turn {
            Turn::GoesOn(at) => office.pass((at - office.now).as_secs()),
            Turn::Warn(_) => return (office.now - begun).as_secs(),
            turn => panic!("it was not warned: {turn:?}"),
        }
        turn = office.ledger.turn(office.now, office.civil, call);
    }
}

#[test]
fn a_warned_call_goes_on_when_its_caps_are_raised_meanwhile_and_is_warned_again_at_its_new_end() {
    let mut office = Office::new(Country::Netherlands);
    let order = order(&office, "201", "0201234567", 100);
    let call = office.order(order).unwrap();
    assert_eq!(talk_to_the_warning(&mut office, call), 569);
    office.raise(&[Cap::Call, Cap::Person]);
    office.pass(30);
    let (warned, ended, reject) = office.talk_to_the_end(call);
    // After 599 seconds of it: the hour has its twenty euro.
    assert_eq!((warned, ended, reject.code), (Some(1_169 - 599), 1_199 - 599, "spent-hour"));
    assert!(office.close(call) <= Cap::Hour.amount());
}

#[test]
fn a_warned_call_goes_on_into_a_day_that_has_just_begun() {
    let mut office = Office::new(Country::Netherlands);
    office.civil.minute = 23 * 60 + 55;
    office.raise(&[Cap::Call, Cap::Night]);
    let order = order(&office, "201", "0201234567", 200);
    let call = office.order(order).unwrap();
    assert_eq!(talk_to_the_warning(&mut office, call), 269);
    office.pass(30);
    office.civil = Civil { day: TUESDAY.day + 1, minute: 0 };
    let (warned, ended, reject) = office.talk_to_the_end(call);
    assert_eq!((warned, ended, reject.code), (Some(269 + 1), 300, "spent-person"));
    office.close(call);
}

#[test]
fn a_036_calls_at_the_same_time_share_what_is_left() {
    let mut office = Office::new(Country::Netherlands);
    let euro_a_minute = order(&office, "201", "0201234567", 100);
    let begun: Vec<_> = (0..30).filter_map(|_| office.order(euro_a_minute.clone()).ok()).collect();
    assert_eq!(begun.len(), 10, "each holds back its first minute");
    for call in &begun {
        office.answer(*call);
    }
    office.pass(59);
    for call in &begun {
        let turn = office.ledger.turn(office.now, office.civil, *call);
        assert!(matches!(turn, centrale_guard::Turn::Over(reject) if reject.code == "spent-person"), "{turn:?}");
    }
    let spent: Money = begun.into_iter().map(|call| office.close(call)).sum();
    assert!(spent <= Cap::Person.amount());
}

#[test]
fn each_cap_says_its_own_name() {
    let raised = |caps: &[Cap]| {
        let mut office = Office::new(Country::Netherlands);
        office.raise(caps);
        office
    };
    use Cap::{Call, Day, Hour, Person};
    // What is raised so that something else stops the call; when; where to; what stops it.
    let noon = TUESDAY;
    let evening = Civil { minute: 20 * 60, ..TUESDAY };
    let saturday = Civil { day: TUESDAY.day + 4, minute: 12 * 60 };
    let home = "0201234567";
    let table: [(&[Cap], Civil, &str, &str); 7] = [
        (&[Person], noon, home, "spent-call"),
        (&[Call], noon, home, "spent-person"),
        (&[Call, Person], noon, home, "spent-hour"),
        (&[Call, Person, Hour], noon, home, "spent-day"),
        (&[Call, Person, Hour, Day], evening, home, "spent-night"),
        (&[Call, Person, Hour, Day], saturday, home, "spent-weekend"),
        (&[Call, Person], noon, "004930123456", "spent-new-country"),
    ];
    for (caps, when, dialled, code) in table {
        let mut office = raised(caps);
        office.civil = when;
        let order = order(&office, "201", dialled, 50);
        let call = office.order(order).unwrap();
        assert_eq!(office.talk_to_the_end(call).2.code, code, "{caps:?} at {when:?}");
    }
}

#[test]
fn a_090_whoever_calls_while_the_office_is_closed_costs_ten_euro_at_most_until_it_opens() {
    let people: Vec<String> = (201..207).map(|person: u32| person.to_string()).collect();
    // A night, by day as well a weekend, and Christmas on a Friday with the weekend behind it.
    for (from, hours) in [((0, 18), 14_u64), ((3, 18), 62), ((30, 18), 86)] {
        let mut office = Office::new(Country::Netherlands);
        office.civil = Civil { day: TUESDAY.day + from.0, minute: from.1 * 60 };
        let opens = office.civil.minutes() + hours * 60;
        let mut spent = Money::ZERO;
        for person in people.iter().cycle().take(400) {
            let order = order(&office, person, "0201234567", 50);
            if let Ok(call) = office.order(order) {
                office.talk_to_the_end(call);
                spent += office.close(call);
            }
            office.pass(600);
            if office.civil.minutes() + 60 >= opens {
                break;
            }
        }
        assert!(spent > Money::ZERO && spent <= Money::from_cents(1_000), "{spent:?} in {hours} hours");
    }
}

#[test]
fn a_month_has_a_cap_whatever_each_of_its_days_may_cost() {
    let mut office = Office::new(Country::Netherlands);
    office.raise(&[Cap::Call, Cap::Person, Cap::Hour, Cap::Day]);
    let mut people = ["201", "202", "203", "204"].into_iter().cycle();
    let mut spent = Money::ZERO;
    let refused = loop {
        let dear = order(&office, people.next().unwrap(), "0201234567", 4_000);
        match office.order(dear) {
            Ok(call) => {
                office.answer(call);
                office.now += Duration::from_secs(20);
                spent += office.close(call);
            }
            Err(refused) => break refused,
        }
        office.pass(600);
    };
    assert_eq!(refused.code, "spent-month");
    assert!(spent <= Cap::Month.amount() && spent + Money::from_cents(4_000) > Cap::Month.amount(), "{spent}");
}

#[test]
fn a_053_a_raised_cap_is_what_it_was_when_its_time_is_over() {
    let mut office = Office::new(Country::Netherlands);
    let until = Civil { minute: TUESDAY.minute + 60, ..TUESDAY };
    let raise = Raise { cap: Cap::Call, to: Money::from_cents(5_000), until, proof: Proof::SecondFactor };
    office.ledger.raise(office.now, office.civil, raise).unwrap();
    let dear = order(&office, "201", "0201234567", 4_000);
    // The other caps still hold: a person has ten euro a day.
    assert_eq!(office.order(dear.clone()).unwrap_err().code, "spent-person");
    office.raise(&[Cap::Person, Cap::Hour]);
    let call = office.order(dear.clone()).unwrap();
    office.close(call);
    // A reboot does not lose it, and does not make it longer.
    let kept = office.ledger.take_changed();
    office.reboot(&kept);
    let call = office.order(dear.clone()).unwrap();
    office.close(call);
    office.pass(3_600);
    assert_eq!(office.order(dear).unwrap_err().code, "spent-call");
}

#[test]
fn a_raise_is_taken_back_by_raising_the_cap_to_what_it_is() {
    let mut office = Office::new(Country::Netherlands);
    office.raise(&[Cap::Day]);
    let until = Civil { day: TUESDAY.day + 1, ..TUESDAY };
    let back = Raise { cap: Cap::Day, to: Cap::Day.amount(), until, proof: Proof::PasswordAgain };
    office.ledger.raise(office.now, office.civil, back).unwrap();
    let kept = office.ledger.take_changed();
    for _ in 0..2 {
        let meters = office.ledger.meters(office.now, office.civil);
        let day = meters.into_iter().find(|meter| meter.cap == Cap::Day).unwrap();
        assert_eq!((day.limit, day.raised_until), (Cap::Day.amount(), None));
        office.reboot(&kept);
    }
}

/// What counts of the day's cap now, and until when.
fn day(office: &mut Office) -> (Money, Option<Civil>) {
    let meters = office.ledger.meters(office.now, office.civil);
    let day = meters.into_iter().find(|meter| meter.cap == Cap::Day).unwrap();
    (day.limit, day.raised_until)
}

#[test]
fn a_053_a_password_alone_raises_nothing_and_lowers_what_a_second_factor_raised() {
    let mut office = Office::new(Country::Netherlands);
    let raise = |office: &mut Office, euros: u32, days: u32, proof| {
        let until = Civil { day: TUESDAY.day + days, ..TUESDAY };
        let raise = Raise { cap: Cap::Day, to: Money::from_cents(euros * 100), until, proof };
        office.ledger.raise(office.now, office.civil, raise)
    };
    assert_eq!(raise(&mut office, 60, 1, Proof::PasswordAgain), Err(RaiseRefused::Unproven));
    assert_eq!(day(&mut office), (Cap::Day.amount(), None));
    raise(&mut office, 200, 3, Proof::SecondFactor).unwrap();
    assert_eq!(raise(&mut office, 201, 1, Proof::PasswordAgain), Err(RaiseRefused::Unproven), "higher");
    // Lower, but not for longer.
    raise(&mut office, 100, 31, Proof::PasswordAgain).unwrap();
    let ends = Civil { day: TUESDAY.day + 3, ..TUESDAY };
    assert_eq!(day(&mut office), (Money::from_cents(10_000), Some(ends)));
    assert_eq!(raise(&mut office, 101, 1, Proof::PasswordAgain), Err(RaiseRefused::Unproven), "nor back up");
    raise(&mut office, 50, 1, Proof::PasswordAgain).unwrap();
    assert_eq!(day(&mut office), (Cap::Day.amount(), None));
}

#[test]
fn a_raise_that_was_taken_back_comes_back_at_no_amount_and_by_no_later_program() {
    let mut office = Office::new(Country::Netherlands);
    office.raise(&[Cap::Weekend]);
    let until = Civil { day: TUESDAY.day + 1, ..TUESDAY };
    let back = Raise { cap: Cap::Weekend, to: Cap::Weekend.amount(), until, proof: Proof::PasswordAgain };
    office.ledger.raise(office.now, office.civil, back).unwrap();
    let mut kept = office.ledger.take_changed();
    // As a program would read it for which a weekend may cost something else.
    for line in &mut kept {
        line.amount += 20_000;
    }
    office.reboot(&kept);
    let meters = office.ledger.meters(office.now, office.civil);
    let weekend = meters.into_iter().find(|meter| meter.cap == Cap::Weekend).unwrap();
    assert_eq!((weekend.limit, weekend.raised_until), (Cap::Weekend.amount(), None));
}

/// Hours as usual, with further days off, the first of them so many days after Tuesday.
fn off(office: &mut Office, from: u32, days: u32) {
    let mut opening = Opening::usual(Country::Netherlands);
    opening.holidays.clear();
    opening.closed_days = (from..from + days).map(|day| Date::from_days(TUESDAY.day + day)).collect();
    office.ledger.set_hours(Arc::new(opening));
}

/// What the office can still spend now, in ten calls of two people each hour for so many hours.
fn spend(office: &mut Office, hours: u64) -> Money {
    let mut spent = Money::ZERO;
    for _ in 0..hours {
        for person in ["201", "202"] {
            let order = order(office, person, "0201234567", 50);
            if let Ok(call) = office.order(order) {
                office.talk_to_the_end(call);
                spent += office.close(call);
            }
        }
        office.pass(3_600);
    }
    spent
}

#[test]
fn a_070_days_off_soon_after_others_share_one_amount_with_and_without_a_restart_between() {
    for restarts in [false, true] {
        let mut office = Office::new(Country::Netherlands);
        // Wednesday and Thursday after the weekend.
        off(&mut office, 8, 2);
        office.civil = Civil { day: TUESDAY.day + 4, minute: 600 };
        let weekend = spend(&mut office, 20);
        assert!(weekend > Money::from_cents(900) && weekend <= Cap::Weekend.amount(), "{weekend}");
        if restarts {
            let kept = office.ledger.take_changed();
            office.reboot(&kept);
            off(&mut office, 8, 2);
        }
        let later = u64::from(TUESDAY.day + 8) * 1_440 + 600 - office.civil.minutes();
        office.pass(later * 60);
        let both = weekend + spend(&mut office, 20);
        assert!(both <= Cap::Weekend.amount(), "{both}, restarted: {restarts}");
    }
}

#[test]
fn a_070_an_office_that_is_closed_for_two_months_costs_ten_euro_in_all() {
    let mut office = Office::new(Country::Netherlands);
    off(&mut office, 1, 62);
    office.civil = Civil { day: TUESDAY.day + 1, minute: 600 };
    let mut spent = Money::ZERO;
    for _ in 0..60 {
        spent += spend(&mut office, 1);
        office.pass(23 * 3_600);
    }
    assert!(spent > Money::from_cents(900) && spent <= Cap::Weekend.amount(), "{spent}");
}

#[test]
fn a_053_no_cap_is_switched_off_by_raising_it() {
    let mut office = Office::new(Country::Netherlands);
    let mut raise = |to, days| {
        let until = Civil { day: TUESDAY.day + days, ..TUESDAY };
        office.ledger.raise(office.now, office.civil, Raise { cap: Cap::Day, to, until, proof: Proof::SecondFactor })
    };
    let day = Cap::Day.amount();
    assert_eq!(raise(day.times(21), 1), Err(RaiseRefused::Amount));
    assert_eq!(raise(Money::from_cents(4_999), 1), Err(RaiseRefused::Amount));
    assert_eq!(raise(day.times(2), 0), Err(RaiseRefused::Until));
    assert_eq!(raise(day.times(2), 32), Err(RaiseRefused::Until));
    assert_eq!(raise(day.times(2), 31), Ok(()));
}

#[test]
fn ordinary_calls_inside_the_country_are_counted_and_no_cap_stops_those_of_a_busy_day() {
    let mut office = Office::new(Country::Netherlands);
    // Ten people who call customers all Saturday, at the dearest that an ordinary call can be.
    office.civil = Civil { day: TUESDAY.day + 4, minute: 9 * 60 };
    let mut spent = Money::ZERO;
    for round in 0..8 {
        let calls: Vec<_> = (0..10).map(|person| office.dial(&format!("2{person:02}"), "0612345678")).collect();
        let calls: Vec<_> = calls.into_iter().map(Result::unwrap).collect();
        for call in &calls {
            office.answer(*call);
        }
        for _ in 0..60 {
            office.pass(60);
            for call in &calls {
                let turn = office.ledger.turn(office.now, office.civil, *call);
                assert!(matches!(turn, centrale_guard::Turn::GoesOn(_)), "hour {round}: {turn:?}");
            }
        }
        spent += calls.into_iter().map(|call| office.close(call)).sum::<Money>();
    }
    assert!(spent > Cap::Weekend.amount());
    assert_eq!(office.ledger.ordinary(office.now, office.civil), spent);
    assert_eq!(office.used(Cap::OrdinaryDay), spent);
    assert_eq!(office.used(Cap::Month), Money::ZERO, "what people call all day leaves the other caps alone");
    // What costs extra still finds its caps as they were.
    assert!(office.dial("201", "09001234").is_ok());
}

/// So many phones call mobiles without end for a day, each again when its call is over. What it cost by the minutes that were
/// talked, and what refused or ended calls.
fn talk_around_the_clock(office: &mut Office, people: &[&str], phones: usize) -> (u64, Vec<&'static str>) {
    let (mut talks, mut minutes, mut codes) = (Vec::new(), 0, Vec::new());
    office.civil.minute = 0;
    for minute in 0..1_439 {
        for person in people.iter().cycle().skip(talks.len()).take(phones - talks.len()) {
            let price = Tariff { minute: Money::from_cents(15), ..Tariff::FREE };
            let order = Order::new(&office.plan, &office.meant("0612345678"), person, Quote { price, reserve: price });
            match office.order(order) {
                Ok(call) => {
                    office.answer(call);
                    talks.push((call, minute));
                }
                Err(reject) => codes.push(reject.code),
            }
        }
        office.pass(60);
        minutes += talks.len() as u64;
        talks.retain(|(call, _)| match office.ledger.turn(office.now, office.civil, *call) {
            Turn::Over(reject) => {
                codes.push(reject.code);
                office.close(*call);
                false
            }
            _ => true,
        });
    }
    talks.into_iter().for_each(|(call, _)| _ = office.close(call));
    codes.sort_unstable();
    codes.dedup();
    (minutes * 15, codes)
}

#[test]
fn ordinary_calls_around_the_clock_stop_at_what_a_person_and_the_office_may_spend_on_them_in_a_day() {
    let mut office = Office::new(Country::Netherlands);
    let (cents, codes) = talk_around_the_clock(&mut office, &["201"], 4);
    assert_eq!(codes, ["spent-ordinary-person"], "one password alone");
    assert!((9_500..=10_060).contains(&cents), "{cents}");
    let people: Vec<String> = (201..231).map(|person: u32| person.to_string()).collect();
    let people: Vec<&str> = people.iter().map(String::as_str).collect();
    let mut office = Office::new(Country::Netherlands);
    let (cents, codes) = talk_around_the_clock(&mut office, &people, 30);
    assert_eq!(codes, ["spent-ordinary-day"], "thirty channels, a whole day");
    assert!((49_000..=50_450).contains(&cents), "{cents}");
    assert_eq!(office.used(Cap::OrdinaryDay).cents_up(), cents);
    // It is one cap of ordinary calls, and the next day has its own.
    assert!(office.dial("201", "09001234").is_ok() && office.dial("201", "0612345678").is_err());
    office.pass(3_600);
    assert!(office.dial("201", "0612345678").is_ok());
}

#[test]
fn what_is_spent_on_ordinary_calls_stays_so_after_a_restart() {
    let mut office = Office::new(Country::Netherlands);
    talk_around_the_clock(&mut office, &["201"], 4);
    let kept = office.ledger.take_changed();
    office.civil.minute = 1_400;
    office.civil.day = TUESDAY.day;
    office.reboot(&kept);
    assert_eq!(office.dial("201", "0612345678").unwrap_err().code, "spent-ordinary-person");
    assert!(office.dial("202", "0612345678").is_ok());
    office.raise(&[Cap::OrdinaryPerson]);
    assert!(office.dial("201", "0612345678").is_ok());
}

#[test]
fn help_support_lifts_and_free_numbers_pass_when_ordinary_calls_have_spent_their_day() {
    let mut office = Office::new(Country::Netherlands);
    talk_around_the_clock(&mut office, &["201"], 4);
    office.civil.minute = 1_400;
    office.civil.day = TUESDAY.day;
    assert!(office.dial("201", "0612345678").is_err());
    let ordinary = |office: &Office| order(office, "201", "0612345678", 10);
    let [lift, support] = [ordinary(&office).of_alarm(), ordinary(&office).to_support()];
    for order in [lift, support] {
        assert_eq!(order.longest, None);
        assert!(office.order(order).is_ok());
    }
    assert!(office.dial("201", "116000").is_ok() && office.dial("201", "08001234").is_ok());
}

#[test]
fn an_ordinary_call_that_nobody_hung_up_is_warned_and_ends_after_twelve_hours() {
    for dialled in ["0612345678", "0201234567", "0301234567"] {
        let mut office = Office::new(Country::Netherlands);
        office.raise(&[Cap::OrdinaryPerson]);
        let call = office.dial("201", dialled).unwrap();
        let (warned, ended, reject) = office.talk_to_the_end(call);
        assert_eq!((warned, ended, reject.code), (Some(43_199 - 30), 43_199, "longest-call"), "{dialled}");
        office.close(call);
    }
    // Also where a bundle makes it cost nothing.
    let mut office = Office::new(Country::Netherlands);
    let order = order(&office, "201", "0612345678", 0);
    assert!(!order.is_free());
    let call = office.order(order).unwrap();
    assert_eq!(office.talk_to_the_end(call).1, 43_199);
}

#[test]
fn a_country_that_is_called_on_three_days_is_no_new_one() {
    let mut office = Office::new(Country::Netherlands);
    let order = order(&office, "201", "004930123456", 50);
    let talk = |office: &mut Office| {
        let call = office.order(order.clone()).unwrap();
        office.talk_to_the_end(call);
        office.close(call)
    };
    for _ in 0..3 {
        assert!(talk(&mut office) <= Cap::NewCountry.amount());
        assert_eq!(office.order(order.clone()).unwrap_err().code, "spent-new-country");
        office.pass(24 * 3_600);
    }
    let fourth = talk(&mut office);
    assert!(fourth > Cap::NewCountry.amount(), "{fourth}");
    // After a quarter without a call it is new again.
    office.pass(91 * 24 * 3_600);
    assert!(talk(&mut office) <= Cap::NewCountry.amount());
}

#[test]
fn a_090_a_burst_in_the_night_of_saturday_costs_no_more_than_the_night_may() {
    let mut office = Office::new(Country::Netherlands);
    office.civil = Civil { day: TUESDAY.day + 4, minute: 3 * 60 };
    let mut spent = Money::ZERO;
    // Every minute three people's phones try the dearest that they may, and nobody is there to see it.
    for _ in 0..180 {
        for person in ["201", "202", "203"] {
            let order = order(&office, person, "0612345678", 150);
            if let Ok(call) = office.order(order) {
                office.answer(call);
                office.now += Duration::from_secs(50);
                spent += office.close(call);
            }
        }
        office.pass(60);
    }
    assert!(spent > Money::ZERO && spent <= Cap::Night.amount(), "{spent}");
}

#[test]
fn a_039_a_call_that_came_past_every_other_check_still_stops_at_the_cap() {
    let mut office = Office::new(Country::Netherlands);
    let mut spent = Money::ZERO;
    for _ in 0..500 {
        // No permit was asked: a number that is blocked for everybody.
        if let Ok(call) = office.dial("201", "0018765551234") {
            office.talk_to_the_end(call);
            spent += office.close(call);
        }
        office.pass(30);
    }
    assert!(spent <= Cap::NewCountry.amount(), "{spent}");
}
