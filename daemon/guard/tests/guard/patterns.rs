//! What the calls of thieves have in common, and what those of an office have not (threats B-17).

use centrale_guard::{Cap, Civil};
use centrale_numbering::{Country, Money};

use crate::office::{Office, TUESDAY};

/// Morocco and Turkey.
const NEW: [&str; 2] = ["00212612345678", "00902121234567"];

fn code(office: &mut Office, person: &str, dialled: &str) -> &'static str {
    office.dial(person, dialled).map_or_else(|reject| reject.code, |_| "passes")
}

#[test]
fn countries_that_the_office_does_not_call_are_called_one_at_a_time_by_each_and_alone() {
    let mut office = Office::new(Country::Netherlands);
    let first = office.dial("201", NEW[0]).unwrap();
    assert_eq!(code(&mut office, "201", NEW[1]), "abroad-at-once", "the same person");
    assert_eq!(code(&mut office, "202", "00212612345600"), "abroad-at-once", "the same country");
    assert_eq!(code(&mut office, "202", NEW[1]), "passes", "a colleague who calls another one");
    assert_eq!(code(&mut office, "201", "0612345678"), "passes");
    office.close(first);
    assert_eq!(code(&mut office, "201", NEW[0]), "passes");
}

#[test]
fn the_third_number_of_a_row_is_refused_for_an_hour_where_the_office_does_not_call() {
    let mut office = Office::new(Country::Netherlands);
    let calls = |number: u32, office: &mut Office| {
        let call = office.dial("201", &format!("002126123456{number:02}"));
        call.map_or_else(
            |reject| reject.code,
            |call| {
                office.close(call);
                "passes"
            },
        )
    };
    let heard: Vec<_> = [10, 11, 11, 12, 10, 13].map(|number| calls(number, &mut office)).into();
    assert_eq!(heard, ["passes", "passes", "passes", "numbers-in-a-row", "passes", "numbers-in-a-row"]);
    office.pass(3_600);
    assert_eq!(calls(12, &mut office), "passes");
}

/// What becomes of calls to these, one after the other, each over before the next.
fn in_turn(office: &mut Office, numbers: impl IntoIterator<Item = String>) -> Vec<&'static str> {
    let call = |dialled: String| match office.dial("201", &dialled) {
        Ok(call) => {
            office.close(call);
            "passes"
        }
        Err(reject) => reject.code,
    };
    numbers.into_iter().map(call).collect()
}

#[test]
fn b_17_far_away_the_third_number_of_a_range_is_refused_however_they_step_and_in_europe_of_a_hundred() {
    let stepping = |begin: &str| (0..4).map(|step| format!("{begin}{:04}", 1_000 + 137 * step)).collect::<Vec<_>>();
    let mut office = Office::new(Country::Netherlands);
    let row = "numbers-in-a-row";
    assert_eq!(in_turn(&mut office, stepping("0021261234")), ["passes", "passes", row, row]);
    assert_eq!(in_turn(&mut office, stepping("004930123")), ["passes"; 4], "desks of a customer in Berlin");
    assert_eq!(in_turn(&mut office, stepping("020123")), ["passes"; 4], "inside the country");
    let others = ["00212522123456", "00212537123456", "00212661234567", "00212528123456"].map(str::to_owned);
    assert_eq!(in_turn(&mut office, others), ["passes"; 4], "four customers in one country");
    let mut belgian = Office::new(Country::Belgium);
    assert_eq!(in_turn(&mut belgian, stepping("003120123")), ["passes"; 4], "desks of a customer in Amsterdam");
}

#[test]
fn a_country_that_is_called_regularly_is_called_by_as_many_and_as_often_as_anybody_likes() {
    let mut office = Office::new(Country::Netherlands);
    for _ in 0..4 {
        let call = office.dial("201", "004930123456").unwrap();
        office.answer(call);
        office.pass(60);
        office.close(call);
        office.pass(24 * 3_600);
    }
    for number in 10..20 {
        assert_eq!(code(&mut office, "201", &format!("0049301234{number}")), "passes");
    }
}

#[test]
fn while_the_office_is_closed_all_new_countries_together_have_the_amount_of_one() {
    let night = Civil { minute: 23 * 60, ..TUESDAY };
    let spend = |civil: Civil| {
        let mut office = Office::new(Country::Netherlands);
        office.civil = civil;
        let talked = ["00212612345678", "00902121234567", "00911123456789", "0027211234567"].map(|dialled| {
            let Ok(call) = office.dial("201", dialled) else { return Money::ZERO };
            office.talk_to_the_end(call);
            office.close(call)
        });
        talked.into_iter().fold(Money::ZERO, |sum, cost| sum + cost)
    };
    assert!(spend(night) <= Cap::NewCountry.amount());
    assert!(spend(TUESDAY) > Cap::NewCountry.amount());
}

#[test]
fn a_027_for_a_day_after_a_new_device_was_taken_in_its_person_may_spend_little_also_after_a_restart() {
    let mut office = Office::new(Country::Netherlands);
    office.ledger.welcome_device(office.now, office.civil, "201");
    let kept = office.ledger.take_changed();
    office.reboot(&kept);
    let premium = "09001234";
    let call = office.dial("201", premium).unwrap();
    let (_, _, reject) = office.talk_to_the_end(call);
    assert_eq!(reject.code, "spent-new-device");
    assert!(office.close(call) <= Cap::NewCountry.amount());
    assert_eq!(code(&mut office, "201", premium), "spent-new-device");
    assert_eq!(code(&mut office, "202", premium), "passes", "nobody else");
    assert_eq!(code(&mut office, "201", "0612345678"), "passes", "no ordinary call");
    office.raise(&[Cap::Person]);
    assert_eq!(code(&mut office, "201", premium), "passes", "who proves to be allowed to has more");
    office.pass(24 * 3_600);
    assert_eq!(code(&mut office, "201", premium), "passes");
}
