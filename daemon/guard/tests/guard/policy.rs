//! What a person may call.

use centrale_config::{Opened, Permit, Reach};
use centrale_guard::{Reject, may_allow_once, may_call, while_closed};
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
        ("0201234567", Some(Reach::Lobby)),
        ("0612345678", Some(Reach::Country)),
        ("14020", Some(Reach::Lobby)),
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
fn b_27_a_phone_in_the_lobby_calls_fixed_numbers_of_the_country_while_the_office_is_open_and_nothing_dear_ever() {
    for (country, fixed, others) in [
        (Country::Netherlands, "0201234567", ["0612345678", "003225551234", "09001234", "0037051234567"]),
        (Country::Belgium, "025551234", ["0470123456", "0031201234567", "070123456", "0037051234567"]),
    ] {
        let lobby = of(Reach::Lobby, true);
        assert_eq!(verdict(country, &lobby, fixed), Ok(()));
        for dialled in others {
            assert_eq!(verdict(country, &lobby, dialled), Err(Reject::OUT_OF_REACH), "{dialled}");
        }
        let at_night = while_closed(lobby);
        assert_eq!(verdict(country, &at_night, fixed), Err(Reject::OUT_OF_REACH));
        for dialled in ["112", "116123"] {
            assert_eq!(verdict(country, &at_night, dialled), Ok(()), "{dialled}");
        }
        assert_eq!(while_closed(of(Reach::Country, true)), of(Reach::Country, true));
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

#[test]
fn a_074_lines_for_adults_are_refused_from_the_start_also_to_who_may_call_numbers_that_cost_extra() {
    for (country, dialled) in [
        (Country::Netherlands, "09061234"),
        (Country::Netherlands, "09091234"),
        (Country::Belgium, "090612345"),
        (Country::Belgium, "090712345"),
        (Country::Belgium, "090912345"),
    ] {
        assert_eq!(verdict(country, &of(Reach::World, true), dialled), Err(Reject::BLOCKED), "{dialled}");
    }
}

#[test]
fn a_024_who_is_new_calls_in_the_own_country_and_neither_abroad_nor_what_costs_extra() {
    for (country, dialled, expected) in [
        (Country::Netherlands, "0201234567", Ok(())),
        (Country::Netherlands, "0612345678", Ok(())),
        (Country::Netherlands, "09001234", Err(Reject::PREMIUM)),
        (Country::Netherlands, "1888", Err(Reject::PREMIUM)),
        (Country::Netherlands, "003225551234", Err(Reject::OUT_OF_REACH)),
        (Country::Netherlands, "0018765551234", Err(Reject::BLOCKED)),
        (Country::Belgium, "0031201234567", Err(Reject::OUT_OF_REACH)),
        (Country::Belgium, "090512345", Err(Reject::PREMIUM)),
    ] {
        assert_eq!(verdict(country, &Permit::default(), dialled), expected, "{dialled}");
        assert_eq!(verdict(country, &Permit::NEW, dialled), expected, "{dialled}");
    }
}

#[test]
fn a_037_dear_numbers_abroad_need_somebodys_word_for_that_range_and_for_a_time() {
    let all = of(Reach::World, true);
    for (country, dialled, prefix) in [
        (Country::Netherlands, "00447012345678", "+4470"),
        (Country::Netherlands, "00449091234567", "+449"),
        (Country::Netherlands, "003290012345", "+3290"),
        (Country::Netherlands, "0097912345678", "+979"),
        (Country::Netherlands, "0088213123456", "+882"),
        (Country::Netherlands, "0087012345678", "+870"),
        (Country::Netherlands, "005351234567", "+53"),
        (Country::Belgium, "00319001234567", "+31900"),
    ] {
        let refused = verdict(country, &all, dialled);
        assert!(refused.is_err(), "{dialled} is called by anybody");
        let opened = |day| Permit {
            opened: vec![Opened { prefix: prefix.into(), until: centrale_config::Date::from_days(day) }],
            ..all.clone()
        };
        // What is in no plan at all nobody can open.
        if refused != Err(Reject::UNKNOWN_NUMBER) {
            assert_eq!(verdict(country, &opened(TODAY), dialled), Ok(()), "{dialled} while it is open");
        }
        assert_eq!(verdict(country, &opened(TODAY - 1), dialled), refused, "{dialled} afterwards");
    }
}

#[test]
fn b_017_ordinary_numbers_alone_are_allowed_once() {
    for (country, dialled, may) in [
        (Country::Netherlands, "0033140205050", true),
        (Country::Netherlands, "0612345678", true),
        (Country::Netherlands, "0012425551234", true),
        (Country::Netherlands, "00448712345678", false),
        (Country::Netherlands, "0097912345678", false),
        (Country::Netherlands, "0088161234567", false),
        (Country::Netherlands, "0088212345678", false),
        (Country::Netherlands, "003290212345", false),
        (Country::Netherlands, "09001234", false),
        (Country::Netherlands, "0971234567890", false),
        (Country::Belgium, "0031900123456", false),
        (Country::Belgium, "090212345", false),
    ] {
        let plan = Plan::of(country, "");
        assert_eq!(may_allow_once(&plan, &plan.normalise(dialled)), may, "{dialled}");
    }
}
