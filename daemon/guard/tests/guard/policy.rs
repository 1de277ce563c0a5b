//! What a person may call.

use centrale_config::{Opened, Permit, Reach};
use centrale_guard::{Reject, may_call};
use centrale_numbering::{Country, Plan};

const TODAY: u32 = 20_781;

fn verdict(country: Country, permit: &Permit, dialled: &str) -> Result<(), Reject> {
    let plan = Plan::of(country, "");
    may_call(&plan, permit, &plan.normalise(dialled), TODAY)
}

fn of(reach: Reach, premium: bool) -> Permit {
    Permit { reach, premium, opened: Vec::new() }
}

#[test]
fn each_level_opens_what_the_one_before_it_did_not() {
    // What is dialled in the Netherlands, and from which level on it is called; nothing where no level does.
    let table = [
        ("08001234", Some(Reach::Inside)),
        ("113", Some(Reach::Inside)),
        ("0201234567", Some(Reach::Country)),
        ("0612345678", Some(Reach::Country)),
        ("14020", Some(Reach::Country)),
        ("003225551234", Some(Reach::Europe)),
        ("004930123456", Some(Reach::Europe)),
        // Lithuania is often abused, and in Europe; a dear range inside the United Kingdom is not.
        ("0037051234567", Some(Reach::Europe)),
        ("00448431234567", Some(Reach::World)),
        ("0012125551234", Some(Reach::World)),
        ("00447012345678", None),
        ("0018765551234", None),
        ("003290012345", None),
    ];
    for (dialled, first) in table {
        for reach in Reach::ALL {
            let may = verdict(Country::Netherlands, &of(reach, true), dialled).is_ok();
            assert_eq!(may, first.is_some_and(|first| reach >= first), "{dialled} at {}", reach.word());
        }
    }
}

#[test]
fn a_087_a_new_person_calls_no_number_that_costs_extra() {
    for (country, dialled) in [
        (Country::Netherlands, "09001234"),
        (Country::Netherlands, "1888"),
        (Country::Netherlands, "0841234567"),
        (Country::Belgium, "070123456"),
        (Country::Belgium, "090512345"),
        (Country::Belgium, "1307"),
    ] {
        assert_eq!(verdict(country, &Permit::NEW, dialled), Err(Reject::PREMIUM), "{dialled}");
        assert_eq!(verdict(country, &of(Reach::Country, true), dialled), Ok(()), "{dialled}");
        assert_eq!(verdict(country, &of(Reach::Inside, true), dialled), Err(Reject::OUT_OF_REACH), "{dialled}");
    }
}

#[test]
fn the_dearest_numbers_stay_blocked_until_they_are_opened_for_somebody() {
    let all = of(Reach::World, true);
    for (country, dialled, prefix) in [
        (Country::Netherlands, "09061234", "0906"),
        (Country::Netherlands, "0018765551234", "+1876"),
        (Country::Belgium, "090912345", "0909"),
    ] {
        assert_eq!(verdict(country, &all, dialled), Err(Reject::BLOCKED), "{dialled}");
        let until = |day| Permit {
            opened: vec![Opened { prefix: prefix.into(), until: centrale_config::Date::from_days(day) }],
            ..of(Reach::Inside, false)
        };
        assert_eq!(verdict(country, &until(TODAY), dialled), Ok(()), "{dialled} on its last day");
        assert!(verdict(country, &until(TODAY - 1), dialled).is_err(), "{dialled} the day after");
        let plan = Plan::of(country, "");
        let unset = may_call(&plan, &until(TODAY), &plan.normalise(dialled), 0);
        assert!(unset.is_err(), "{dialled} when nobody knows which day it is");
    }
}

#[test]
fn a_number_that_nobody_knows_is_called_by_nobody() {
    let opened = vec![Opened::read("+31", "2030-01-01").unwrap(), Opened::read("067", "2030-01-01").unwrap()];
    let all = Permit { opened, ..of(Reach::World, true) };
    for dialled in ["0676123456", "0971234567890", "1601234567890", "99999999", "", "#", "+999123456"] {
        assert_eq!(verdict(Country::Netherlands, &all, dialled), Err(Reject::UNKNOWN_NUMBER), "{dialled}");
    }
}

#[test]
fn help_passes_for_who_may_call_nothing() {
    let nothing = of(Reach::Inside, false);
    for (country, numbers) in [
        (Country::Netherlands, &["112", "0112", "113", "144", "116000", "09008844", "08000113"][..]),
        (Country::Belgium, &["112", "100", "101", "110", "107", "116000", "1722", "070245245"][..]),
    ] {
        for number in numbers {
            assert_eq!(verdict(country, &nothing, number), Ok(()), "{country} {number}");
        }
    }
}
