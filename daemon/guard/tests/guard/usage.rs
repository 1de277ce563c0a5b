//! What people use, and what of it is told.

use centrale_config::Role;
use centrale_guard::{Cap, Kept, Reject, Sign};
use centrale_numbering::{Country, Money};

use crate::office::Office;

/// Talks so long with somebody, and hangs up.
fn talk(office: &mut Office, person: &str, dialled: &str, seconds: u64) {
    let call = office.dial(person, dialled).unwrap_or_else(|reject| panic!("{dialled}: {reject}"));
    office.answer(call);
    for _ in 0..seconds / 60 {
        office.pass(60);
        office.ledger.turn(office.now, office.civil, call);
    }
    office.pass(seconds % 60);
    office.close(call);
}

fn signs(office: &mut Office) -> Vec<Sign> {
    office.ledger.signs(office.now, office.civil, |_| Role::Ordinary)
}

/// What is told where 201 is a reception, 202 a call centre and 290 a lift.
fn signs_by_role(office: &mut Office) -> Vec<Sign> {
    let role_of = |person: &str| match person {
        "201" => Role::Reception,
        "202" | "204" => Role::CallCentre,
        "290" => Role::Alarm,
        _ => Role::Ordinary,
    };
    office.ledger.signs(office.now, office.civil, role_of)
}

/// Of whom something is told.
fn told(signs: &[Sign]) -> Vec<&str> {
    let mut people: Vec<&str> = signs.iter().map(person_of).collect();
    people.dedup();
    people
}

fn person_of(sign: &Sign) -> &str {
    match sign {
        Sign::FarAboveUsual { person, .. } | Sign::VeryLong { person, .. } | Sign::OneNumber { person, .. } => person,
    }
}

fn next_morning(office: &mut Office) {
    let today = u64::from(office.civil.minute) * 60;
    office.pass(24 * 3_600 - today + 10 * 3_600);
}

#[test]
fn a_018_after_28_days_a_day_of_five_times_the_usual_is_told_before_the_cap_is_reached() {
    let mut office = Office::new(Country::Netherlands);
    let mut kept: Vec<Kept> = Vec::new();
    for _ in 0..28 {
        talk(&mut office, "201", "004930123456", 60);
        talk(&mut office, "202", "0201234567", 600);
        assert_eq!(signs(&mut office), [], "an ordinary day");
        next_morning(&mut office);
        kept.extend(office.ledger.take_changed());
    }
    // What is usual is known after a restart as well.
    office.reboot(&kept);
    let usual = office.used(Cap::Person);
    assert_eq!(usual, Money::ZERO);
    let call = office.dial("201", "004930123456").unwrap();
    office.answer(call);
    let mut told_at = None;
    for minute in 1..=5 {
        office.pass(60);
        office.ledger.turn(office.now, office.civil, call);
        let told = signs(&mut office);
        if let [Sign::FarAboveUsual { person, cost }] = told.as_slice() {
            assert_eq!((person.as_str(), *cost > Money::from_cents(300)), ("201", true));
            told_at.get_or_insert(minute);
        }
    }
    assert_eq!(told_at, Some(4), "while it lasts: three times a euro is passed with the fourth");
    assert!(office.used(Cap::Person) < Cap::Person.amount());
    office.close(call);
    next_morning(&mut office);
    assert_eq!(signs(&mut office), [], "a new day");
}

#[test]
fn a_018_of_a_new_office_nobody_knows_what_is_usual_and_cents_are_never_told() {
    let mut office = Office::new(Country::Netherlands);
    talk(&mut office, "201", "004930123456", 240);
    assert_eq!(signs(&mut office), []);
    for _ in 0..10 {
        next_morning(&mut office);
        talk(&mut office, "202", "0201234567", 60);
    }
    talk(&mut office, "203", "004930123456", 60);
    assert_eq!(signs(&mut office), [], "a euro of who never called abroad");
    talk(&mut office, "203", "004930123456", 120);
    let [Sign::FarAboveUsual { person, .. }] = &signs(&mut office)[..] else { panic!("{:?}", signs(&mut office)) };
    assert_eq!(person, "203");
}

#[test]
fn a_079_somebody_who_talks_six_hours_in_a_day_or_four_in_one_call_is_told() {
    let mut office = Office::new(Country::Netherlands);
    let call = office.dial("201", "0201234567").unwrap();
    office.answer(call);
    office.pass(4 * 3_600 - 60);
    assert_eq!(signs(&mut office), []);
    office.pass(120);
    assert_eq!(signs(&mut office), [Sign::VeryLong { person: "201".into(), hours: 4 }]);
    office.close(call);
    assert_eq!(signs(&mut office), [], "four hours in a day are none too many");
    next_morning(&mut office);
    for _ in 0..6 {
        talk(&mut office, "202", "0201234567", 3_600);
    }
    assert_eq!(signs(&mut office), []);
    talk(&mut office, "202", "0201234567", 60);
    assert_eq!(signs(&mut office), [Sign::VeryLong { person: "202".into(), hours: 6 }]);
}

#[test]
fn a_023_paid_minutes_of_one_person_that_go_to_one_number_are_told_for_that_week_and_the_next() {
    let mut office = Office::new(Country::Netherlands);
    let mut kept = Vec::new();
    for _ in 0..3 {
        talk(&mut office, "201", "09001234", 180);
        talk(&mut office, "202", "09001234", 120);
        talk(&mut office, "202", "09005678", 120);
        next_morning(&mut office);
        kept.extend(office.ledger.take_changed());
    }
    let told = |office: &mut Office| {
        let signs = signs(office).into_iter();
        signs.filter(|sign| matches!(sign, Sign::OneNumber { .. })).collect::<Vec<_>>()
    };
    let expected = Sign::OneNumber { person: "201".into(), number: "09001234".into(), cost: Money::from_cents(900) };
    assert_eq!(told(&mut office), std::slice::from_ref(&expected));
    office.reboot(&kept);
    assert_eq!(told(&mut office), std::slice::from_ref(&expected), "also after a restart");
    office.pass(7 * 24 * 3_600);
    assert_eq!(told(&mut office), [expected], "in time for a complaint about the bill");
    office.pass(7 * 24 * 3_600);
    assert_eq!(told(&mut office), []);
}

#[test]
fn directory_enquiries_are_called_three_times_a_day_by_each_person_also_at_once_and_after_a_restart() {
    let mut office = Office::new(Country::Netherlands);
    talk(&mut office, "201", "1888", 30);
    talk(&mut office, "201", "1850", 30);
    let unanswered = office.dial("201", "1888").unwrap();
    office.close(unanswered);
    let third = office.dial("201", "1888").unwrap();
    assert_eq!(office.dial("201", "1888"), Err(Reject::ENQUIRIES_SPENT), "while the third lasts");
    office.answer(third);
    office.pass(10);
    office.close(third);
    let kept = office.ledger.take_changed();
    office.reboot(&kept);
    assert_eq!(office.dial("201", "1888"), Err(Reject::ENQUIRIES_SPENT));
    assert!(office.dial("201", "0201234567").is_ok() && office.dial("202", "1888").is_ok());
    next_morning(&mut office);
    assert!(office.dial("201", "1888").is_ok());
}

/// So many euros go to two numbers in turn.
fn spend(office: &mut Office, person: &str, euros: usize) {
    ["09001234", "09005678"].into_iter().cycle().take(euros).for_each(|dialled| talk(office, person, dialled, 60));
}

#[test]
fn a_071_the_same_day_is_usual_for_a_reception_or_a_call_centre_and_told_of_a_colleague_or_a_lift() {
    let mut office = Office::new(Country::Netherlands);
    for _ in 0..8 {
        for person in ["201", "202", "203"] {
            talk(&mut office, person, "0201234567", 60);
        }
        next_morning(&mut office);
    }
    for person in ["201", "202", "203"] {
        spend(&mut office, person, 3);
    }
    assert_eq!(told(&signs_by_role(&mut office)), ["203"]);
    spend(&mut office, "201", 3);
    assert_eq!(told(&signs_by_role(&mut office)), ["201", "203"], "six are too much for a reception as well");
    next_morning(&mut office);
    // Talking for seven hours, and a lift for one.
    for person in ["201", "202", "203"] {
        (0..7).for_each(|_| talk(&mut office, person, "0201234567", 3_601));
    }
    talk(&mut office, "290", "0201234567", 3_601);
    assert_eq!(told(&signs_by_role(&mut office)), ["203", "290"]);
}

#[test]
fn a_071_what_is_usual_for_somebody_new_is_what_is_usual_for_others_with_that_role() {
    let mut office = Office::new(Country::Netherlands);
    for _ in 0..28 {
        spend(&mut office, "202", 4);
        talk(&mut office, "203", "0201234567", 60);
        next_morning(&mut office);
    }
    // A second one sells by telephone from today on, and so does somebody who is no seller.
    for person in ["204", "205"] {
        spend(&mut office, person, 6);
    }
    assert_eq!(told(&signs_by_role(&mut office)), ["205"]);
}
