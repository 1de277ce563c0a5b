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

/// Spends what 201 may in a day, from now on.
fn spend_all(office: &mut Office) {
    while let Ok(call) = office.dial("201", "09001234") {
        office.talk_to_the_end(call);
        office.close(call);
    }
}

/// Both clocks go on to that minute of the day.
fn until(office: &mut Office, minute: u16) {
    office.pass(u64::from(minute - office.civil.minute) * 60);
}

#[test]
fn who_spent_everything_in_the_evening_has_a_new_day_from_midnight_on_and_a_new_night_in_the_evening() {
    let mut office = Office::new(Country::Netherlands);
    office.civil.minute = 17 * 60;
    spend_all(&mut office);
    until(&mut office, 24 * 60 - 1);
    assert_eq!(office.dial("201", "09001234").unwrap_err().code, "spent-person", "a minute before midnight");
    office.pass(60);
    assert!(office.dial("201", "09001234").is_ok(), "at midnight");

    let mut office = Office::new(Country::Netherlands);
    office.civil.minute = 7 * 60;
    spend_all(&mut office);
    assert!(office.used(Cap::Night) > Money::ZERO);
    until(&mut office, 18 * 60);
    assert_eq!(office.used(Cap::Night), Money::ZERO, "what was spent before eight is of last night");
}

#[test]
fn what_was_spent_at_the_end_of_a_month_is_none_of_the_next() {
    let mut office = Office::new(Country::Netherlands);
    office.civil.day += 4;
    spend_all(&mut office);
    assert!(office.used(Cap::Month) > Money::ZERO);
    office.pass(3 * 24 * 3_600);
    assert_eq!(office.used(Cap::Month), Money::ZERO, "on the first of December");
}

#[test]
fn b_039_a_power_cut_on_the_next_day_gives_no_second_allowance_of_that_day() {
    let mut office = Office::new(Country::Netherlands);
    office.civil.minute = 17 * 60;
    spend_all(&mut office);
    let before = office.ledger.take_changed();
    office.pass(16 * 3_600);
    spend_all(&mut office);
    let kept: Vec<_> = before.into_iter().chain(office.ledger.take_changed()).collect();
    office.reboot(&kept);
    assert_eq!(office.dial("201", "09001234").unwrap_err().code, "spent-person");

    // Nor does one after a clock that ran ahead.
    let (mut office, mut kept) = spent_day();
    office.civil.day += 1;
    assert_eq!(office.dial("201", "09001234").unwrap_err().code, "spent-person");
    kept.extend(office.ledger.take_changed());
    office.reboot(&kept);
    assert_eq!(office.dial("201", "09001234").unwrap_err().code, "spent-person");
}

#[test]
fn what_was_held_back_before_the_clock_jumped_is_given_back_all_the_same() {
    let mut office = Office::new(Country::Netherlands);
    let call = office.dial("201", "09001234").unwrap();
    office.civil.day += 1;
    let other = office.dial("201", "09001234").unwrap();
    office.close(call);
    office.close(other);
    assert_eq!(office.used(Cap::Person), Money::ZERO);
    assert_eq!(office.used(Cap::Day), Money::ZERO);
}

#[test]
fn b_035_a_clock_that_is_set_forward_and_back_gives_one_new_day_at_most() {
    let mut office = Office::new(Country::Netherlands);
    office.civil.minute = 22 * 60;
    let mut days = 0;
    for round in 0..60 {
        // To and fro, up to the last minute of each day and over it.
        office.civil = Civil { day: TUESDAY.day + round / 3, minute: [1_439, 1, 1_439][round as usize % 3] };
        office.pass(60);
        if let Ok(call) = office.dial("201", "09001234") {
            office.talk_to_the_end(call);
            office.close(call);
            days += 1;
        }
    }
    assert!(days <= 2, "{days} allowances in some hours");
}
