//! What providers' terms ask of the number plan, one test for each.

use super::*;

#[test]
fn a_001_no_national_number_outside_every_range_is_ever_allowed() {
    for country in Country::ALL {
        let plan = Plan::of(country, "");
        for national in (0..100_000).map(|digits| format!("0{digits:05}")) {
            let number = plan.normalise(&national);
            assert!(plan.rule(&number).is_some() || plan.default_policy(&number) == Policy::Block, "{national}");
        }
    }
}

#[test]
fn a_064_directory_enquiries_are_premium_and_every_kind_of_number_that_is_sold_is_told_apart() {
    let plan = Plan::of(Country::Netherlands, "020");
    for (dialled, class) in [
        ("0800 1234", Class::Free),
        ("0900 1234", Class::PremiumPerMinute),
        ("0909 1234", Class::PremiumPerMinute),
        ("0906 1234", Class::PremiumPerMinute),
        ("1850", Class::PremiumPerMinute),
        ("1888", Class::PremiumPerMinute),
        ("088 1234567", Class::National),
        ("085 1234567", Class::National),
        ("030 2345678", Class::National),
        ("020 2345678", Class::Local),
    ] {
        assert_eq!(plan.normalise(dialled).class(), class, "{dialled}");
    }
    for code in 1800..1900 {
        assert_eq!(plan.normalise(&code.to_string()).class(), Class::PremiumPerMinute, "{code}");
    }
}

#[test]
fn a_084_everything_behind_090_and_070_is_premium_in_belgium_but_for_the_poison_centre() {
    let plan = Plan::of(Country::Belgium, "02");
    for subscriber in (0..100_000).step_by(7) {
        for tens in 0..10 {
            let number = plan.normalise(&format!("090{tens}{subscriber:05}"));
            assert!(matches!(number.class(), Class::PremiumPerMinute | Class::PremiumPerCall), "{number:?}");
        }
        let number = plan.normalise(&format!("0701{subscriber:05}"));
        assert_eq!(number.class(), Class::PremiumPerMinute, "{number:?}");
    }
    assert_eq!(plan.normalise("070 245 245").class(), Class::Helpline);
    assert_eq!(plan.normalise("070 245 246").class(), Class::PremiumPerMinute);
}

/// Whether dialling it gives no number that a trunk or a colleague is called with.
fn refused(plan: &Plan, dialled: &str) -> bool {
    matches!(plan.normalise(dialled), Dialled::Unknown { .. })
}

#[test]
fn a_080_a_refused_number_is_as_dear_or_refused_in_every_way_of_going_around() {
    let plan = Plan::of(Country::Netherlands, "020");
    let premium = plan.normalise("0906 1234");
    assert_eq!(plan.default_policy(&premium), Policy::Block);
    for same in ["+31 906 1234", "0031 906 1234", "%2b31%39061234", "tel:9061234;phone-context=+31", "sip:09061234@box"]
    {
        assert_eq!(plan.normalise(same), premium, "{same}");
    }
    for around in [
        "1688 0906 1234",
        "1012 0906 1234",
        "#31# 1688 0906 1234",
        "00 09061234",
        "000 906 1234",
        "0000319061234",
        "+0031 906 1234",
        "+00319061234",
        "++31 906 1234",
        "00+31 906 1234",
        "0906 1234 p 1",
        "0906 1234,,1",
        "%2531 906 1234",
        "tel:09061234%3Bphone-context=+49",
    ] {
        assert!(refused(&plan, around), "{around}: {:?}", plan.normalise(around));
    }
    for around in ["1688 0906 1234", "1012 0906 1234", "1688", "%31688 0906 1234"] {
        assert_eq!(plan.normalise(around), Dialled::Unknown { reason: Reason::CarrierSelect }, "{around}");
    }
}

#[test]
fn a_080_a_zero_behind_the_country_code_does_not_make_a_dangerous_number_harmless() {
    let plan = Plan::of(Country::Netherlands, "020");
    for dialled in
        ["+44 70 12345678", "+44 (0)70 12345678", "+44 070 12345678", "+44%280%2970 12345678", "+44 ( 0 ) 70 12345678"]
    {
        assert_eq!(plan.normalise(dialled).class(), Class::International(Risk::Critical), "{dialled}");
    }
    assert_eq!(plan.normalise("+39 06 1234567").class(), Class::International(Risk::Elevated));
}

#[test]
fn a_139_a_geographic_number_belongs_to_one_area_and_the_company_ranges_to_none() {
    for country in Country::ALL {
        let (shortest, longest) = if country == Country::Netherlands { (3, 4) } else { (2, 3) };
        for area in country.area_codes() {
            assert!((shortest..=longest).contains(&area.digits.len()), "{}", area.digits);
            let subscribers = if country == Country::Netherlands { 10 } else { 9 } - area.digits.len();
            let number = format!("{}{}", area.digits, &"23456789"[..subscribers]);
            let class = |plan: Plan| plan.normalise(&number).class();
            assert_eq!(class(Plan::of(country, area.digits)), Class::Local, "{number}");
            for other in country.area_codes().iter().filter(|other| *other != area) {
                assert_eq!(class(Plan::of(country, other.digits)), Class::National, "{number} from {}", other.digits);
            }
        }
    }
    for area in Country::Netherlands.area_codes() {
        for dialled in ["085 1234567", "088 1234567", "091 1234567"] {
            assert_eq!(Plan::of(Country::Netherlands, area.digits).normalise(dialled).class(), Class::National);
        }
    }
}

#[test]
fn a_091_a_number_knows_whether_it_may_be_used_anywhere_or_in_one_area() {
    let zone = |country, number: &str| {
        let plan = Plan::of(country, "");
        plan.zone_of(&plan.normalise(number)).map(|area| area.digits)
    };
    for (number, area) in [("+31201234567", "020"), ("0115 123456", "0115"), ("0031 570 123456", "0570")] {
        assert_eq!(zone(Country::Netherlands, number), Some(area), "{number}");
    }
    for (number, area) in [("+3225551234", "02"), ("011 223344", "011"), ("+3292345678", "09")] {
        assert_eq!(zone(Country::Belgium, number), Some(area), "{number}");
    }
    // Company numbers, internet telephony, mobile, free and paid ones, help, colleagues; and whatever is abroad.
    for number in ["0881234567", "0851234567", "0612345678", "08001234", "09001234", "112", "201", "+3225551234"] {
        assert_eq!(zone(Country::Netherlands, number), None, "{number}");
    }
    for number in ["078123456", "0475123456", "080012345", "070123456", "+31201234567"] {
        assert_eq!(zone(Country::Belgium, number), None, "{number}");
    }
}
