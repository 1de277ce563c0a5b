//! Clocks that are wrong, and power that fails.

use centrale_guard::{Cap, Civil};
use centrale_numbering::{Country, Money};

use crate::office::{Office, TUESDAY};

/// Spends what a person may in a day, and gives what was kept of it.
fn spent_day() -> (Office, Vec<centrale_guard::Kept>) {
    let mut office = Office::new(Country::Netherlands);
    for _ in 0..20 {
        if let Ok(call) = office.dial("201", "09001234") {
            office.talk_to_the_end(call);
            office.close(call);
        }
    }
    assert_eq!(office.dial("201", "09001234").unwrap_err().code, "spent-person");
    let kept = office.ledger.take_changed();
    (office, kept)
}

#[test]
fn b_035_a_clock_that_is_set_back_resets_nothing() {
    let (mut office, _) = spent_day();
    for day in [TUESDAY.day - 1, 0, TUESDAY.day - 30] {
        office.civil = Civil { day, minute: 600 };
        assert_eq!(office.dial("201", "09001234").unwrap_err().code, "spent-person", "day {day}");
        assert!(office.used(Cap::Day) > Money::ZERO);
    }
}

#[test]
fn b_035_a_clock_that_jumps_ahead_day_by_day_gives_one_new_day_at_most() {
    let (mut office, kept) = spent_day();
    office.reboot(&kept);
    let mut days = 0;
    for _ in 0..50 {
        office.civil.day += 1;
        office.pass(60);
        if let Ok(call) = office.dial("201", "09001234") {
            office.talk_to_the_end(call);
            office.close(call);
            days += 1;
        }
    }
    // The first jump cannot be told from a night in which the box was off.
    assert!(days <= 2, "{days} allowances in an hour");
}

#[test]
fn b_035_a_box_that_wakes_in_1970_remembers_what_was_spent() {
    let (mut office, kept) = spent_day();
    office.reboot(&kept);
    let right = office.civil;
    office.civil = Civil::default();
    assert_eq!(office.dial("201", "09001234").unwrap_err().code, "spent-person");
    // The right time comes, still on that day.
    office.civil = right;
    assert_eq!(office.dial("201", "09001234").unwrap_err().code, "spent-person");
    office.pass(24 * 3_600);
    assert!(office.dial("201", "09001234").is_ok(), "the next day is a new one");
}

#[test]
fn b_035_a_clock_that_was_years_ahead_does_not_stop_the_office_for_years() {
    let mut office = Office::new(Country::Netherlands);
    office.civil.day += 5_000;
    let call = office.dial("201", "09001234").unwrap();
    office.talk_to_the_end(call);
    office.close(call);
    office.civil = TUESDAY;
    assert_eq!(office.dial("201", "09001234").unwrap_err().code, "spent-person");
    for _ in 0..4 {
        office.pass(24 * 3_600);
        let _ = office.dial("202", "0201234567").map(|call| office.close(call));
    }
    assert!(office.dial("201", "09001234").is_ok());
}

#[test]
fn b_039_what_was_held_back_for_a_call_when_the_power_failed_is_spent() {
    let mut office = Office::new(Country::Netherlands);
    let call = office.dial("201", "09001234").unwrap();
    office.answer(call);
    office.pass(200);
    office.ledger.turn(office.now, office.civil, call);
    let kept = office.ledger.take_changed();
    office.reboot(&kept);
    assert!(office.used(Cap::Person) >= Money::from_cents(4 * 90), "{}", office.used(Cap::Person));
    assert!(office.used(Cap::Hour) >= Money::from_cents(4 * 90));
}

#[test]
fn b_039_reboots_in_the_middle_of_a_burst_give_no_new_allowance() {
    let mut office = Office::new(Country::Netherlands);
    let (mut kept, mut spent) = (std::collections::BTreeMap::new(), Money::ZERO);
    for round in 0..100 {
        if let Ok(call) = office.dial("201", "09001234") {
            office.answer(call);
            office.pass(100);
            office.ledger.turn(office.now, office.civil, call);
            spent += office.ledger.cost(office.now, call);
        }
        for line in office.ledger.take_changed() {
            kept.insert(line.name.clone(), line);
        }
        if round % 3 == 0 {
            office.civil = Civil { minute: 0, ..office.civil };
        }
        let lines: Vec<_> = kept.values().cloned().collect();
        office.reboot(&lines);
    }
    assert!(spent <= Cap::Person.amount(), "{spent}");
}
