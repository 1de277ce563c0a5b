use proptest::prelude::*;
use proptest::test_runner::RngSeed;

use super::*;

fn dutch(dialled: &str) -> Dialled {
    Plan::of(Country::Netherlands, "020").normalise(dialled)
}

fn belgian(dialled: &str) -> Dialled {
    Plan::of(Country::Belgium, "02").normalise(dialled)
}

fn outside(e164: &str, class: Class) -> Dialled {
    Dialled::Outside { e164: e164.to_owned(), class }
}

fn short(digits: &str, class: Class) -> Dialled {
    Dialled::Short { digits: digits.to_owned(), class }
}

const fn unknown(reason: Reason) -> Dialled {
    Dialled::Unknown { reason }
}

#[test]
fn one_number_written_in_every_usual_way_is_one_number() {
    for dialled in [
        "0202345678",
        "020 234 56 78",
        "020-2345678",
        "(020) 2345678",
        "+31202345678",
        "+31 20 234 5678",
        "+31 (0)20 2345678",
        "0031202345678",
        "0031 (0)20 2345678",
        "+310202345678",
        "00310202345678",
        "31202345678",
        "0202345678#",
        "tel:+31-20-2345678",
        "tel:0202345678;phone-context=+31",
        "tel:202345678;phone-context=+31",
        "tel:2345678;phone-context=+3120",
        "sip:0202345678;phone-context=+31@box;user=phone",
        "%2B31202345678",
        "0202345678;npdi;rn=+31882345678",
        "#31#0202345678",
        "*31* 020 2345678",
        "\u{202a}+31 20 2345678\u{202c}",
    ] {
        assert_eq!(dutch(dialled), outside("+31202345678", Class::Local), "{dialled}");
    }
}

#[test]
fn a_number_without_its_area_code_or_without_its_zero_is_completed() {
    assert_eq!(dutch("2345678"), outside("+31202345678", Class::Local));
    assert_eq!(dutch("302345678"), outside("+31302345678", Class::National));
    assert_eq!(dutch("612345678"), outside("+31612345678", Class::Mobile));
    assert_eq!(belgian("2123456"), outside("+3222123456", Class::Local));
    assert_eq!(belgian("470123456"), outside("+32470123456", Class::Mobile));
    assert_eq!(belgian("32470123456"), outside("+32470123456", Class::Mobile));
    let without_area = Plan::of(Country::Netherlands, "");
    assert_eq!(without_area.normalise("2345678"), unknown(Reason::Unassigned));
}

#[test]
fn a_guess_never_completes_to_a_number_that_nobody_has_or_that_costs_extra() {
    // 0112 is no area code, and no subscriber's number begins with 0 or 1.
    for dialled in ["112345678", "1129999", "0345678", "9001234567"] {
        assert!(matches!(dutch(dialled), Dialled::Unknown { .. }), "{dialled}: {:?}", dutch(dialled));
    }
    assert_eq!(dutch("9001234"), outside("+31209001234", Class::Local));
    assert_eq!(dutch("318001234"), short("08001234", Class::Free));
    assert_eq!(dutch("319001234"), short("09001234", Class::PremiumPerMinute));
}

#[test]
fn two_to_six_digits_without_another_meaning_are_internal() {
    for dialled in ["20", "201", "2001", "12345"] {
        assert_eq!(dutch(dialled), Dialled::Internal { digits: dialled.to_owned() });
    }
    // In an area with six-digit numbers six digits are a neighbour; the caller asks for its own extensions first.
    assert_eq!(Plan::of(Country::Netherlands, "0314").normalise("345678"), outside("+31314345678", Class::Local));
}

#[test]
fn emergencies_come_first_and_only_exactly() {
    assert_eq!(dutch("9 112"), Dialled::Emergency("112"));
    assert_eq!(belgian("0101"), Dialled::Emergency("101"));
    for dialled in ["1129", "112005351234567", "1015", "9116", "1120"] {
        for plan in [Plan::of(Country::Netherlands, "020"), Plan::of(Country::Belgium, "02")] {
            assert_ne!(plan.normalise(dialled).class(), Class::Emergency, "{dialled}");
        }
    }
}

#[test]
fn the_help_numbers_are_never_taken_for_premium_or_unknown() {
    let dutch_plan = Plan::of(Country::Netherlands, "020");
    for dialled in ["113", "0800-0113", "144", "0900-8844", "116000", "116117", "116123", "+31116117", "+319008844"] {
        let number = dutch_plan.normalise(dialled);
        assert_eq!(number.class(), Class::Helpline, "{dialled}");
        assert_eq!(dutch_plan.rule(&number).map(|rule| (rule.never_block, rule.policy)), Some((true, Policy::Allow)));
    }
    let belgian_plan = Plan::of(Country::Belgium, "02");
    for dialled in [
        "102",
        "103",
        "105",
        "106",
        "107",
        "108",
        "110",
        "116000",
        "1722",
        "1733",
        "070 245 245",
        "+32 70 245 245",
        "003270245245",
    ] {
        let number = belgian_plan.normalise(dialled);
        assert_eq!(number.class(), Class::Helpline, "{dialled}");
        assert_eq!(belgian_plan.rule(&number).map(|rule| (rule.never_block, rule.policy)), Some((true, Policy::Allow)));
    }
    assert_eq!(belgian("104").class(), Class::Internal);
    assert_eq!(belgian("109").class(), Class::Internal);
}

#[test]
fn every_dutch_range_has_its_class_and_its_way_to_the_trunk() {
    use Class::{Free, Helpline, Mobile, National, PremiumPerMinute, SharedCost};
    for (dialled, expected) in [
        ("113", short("113", Helpline)),
        ("14020", short("14020", National)),
        ("140318", short("140318", National)),
        ("0800 1234", short("08001234", Free)),
        ("0800 1234567", short("08001234567", Free)),
        ("+31 800 1234", short("08001234", Free)),
        ("0900 1234", short("09001234", PremiumPerMinute)),
        ("0031 906 1234", short("09061234", PremiumPerMinute)),
        ("09091234567", short("09091234567", PremiumPerMinute)),
        ("1888", short("1888", PremiumPerMinute)),
        ("1600", unknown(Reason::CarrierSelect)),
        ("1600 020 1234567", unknown(Reason::CarrierSelect)),
        ("1233", unknown(Reason::CarrierService)),
        ("0301234567", outside("+31301234567", National)),
        ("0612345678", outside("+31612345678", Mobile)),
        ("0881234567", outside("+31881234567", National)),
        ("0851234567", outside("+31851234567", National)),
        ("0912345678", outside("+31912345678", National)),
        ("0841234567", outside("+31841234567", SharedCost)),
        ("0871234567", outside("+31871234567", SharedCost)),
        ("0661234567", outside("+31661234567", PremiumPerMinute)),
        ("0676123456", outside("+31676123456", Class::Unknown)),
        ("0821234567", outside("+31821234567", Class::Unknown)),
        ("09701234567", outside("+319701234567", Class::Unknown)),
        ("097012345678", outside("+3197012345678", Class::Unknown)),
        ("00800 12345678", outside("+80012345678", Free)),
        ("020123456", unknown(Reason::Unassigned)),
        ("02012345678", unknown(Reason::Unassigned)),
    ] {
        assert_eq!(dutch(dialled), expected, "{dialled}");
    }
}

#[test]
fn every_belgian_range_has_its_class_and_its_way_to_the_trunk() {
    use Class::{Free, Local, Mobile, National, PremiumPerCall, PremiumPerMinute};
    for (dialled, expected) in [
        ("0800 12 345", short("080012345", Free)),
        ("070 12 34 56", outside("+3270123456", PremiumPerMinute)),
        ("077 12 34 56", outside("+3277123456", Class::Unknown)),
        ("078 12 34 56", outside("+3278123456", National)),
        ("0900 12 345", short("090012345", PremiumPerMinute)),
        ("0901 12 345", short("090112345", PremiumPerCall)),
        ("0902 12 345", short("090212345", PremiumPerMinute)),
        ("0905 12 345", short("090512345", PremiumPerCall)),
        ("+32 907 12 345", short("090712345", PremiumPerMinute)),
        ("0909 12 345", short("090912345", PremiumPerCall)),
        ("1207", short("1207", PremiumPerMinute)),
        ("2345", unknown(Reason::MessageCode)),
        ("0470 12 34 56", outside("+32470123456", Mobile)),
        ("02 212 34 56", outside("+3222123456", Local)),
        ("03 212 34 56", outside("+3232123456", National)),
        ("04 221 23 45", outside("+3242212345", National)),
        ("010 12 34 56", outside("+3210123456", National)),
        ("080 21 23 45", outside("+3280212345", National)),
        ("071 12 34 56", outside("+3271123456", National)),
        ("04 412 34 56", unknown(Reason::Unassigned)),
    ] {
        assert_eq!(belgian(dialled), expected, "{dialled}");
    }
}

#[test]
fn abroad_the_longest_known_range_decides_the_risk() {
    for (dialled, e164, risk) in [
        ("+49 30 1234567", "+49301234567", Risk::Normal),
        ("0044 (0)20 71234567", "+442071234567", Risk::Elevated),
        ("+44 70 12345678", "+447012345678", Risk::Critical),
        ("+39 (0)6 1234567", "+39061234567", Risk::Elevated),
        ("00371 67123456", "+37167123456", Risk::Critical),
        ("001 212 5551234", "+12125551234", Risk::Normal),
        ("001 809 5551234", "+18095551234", Risk::Critical),
        ("00881 612345678", "+881612345678", Risk::Critical),
        ("+870 773 123456", "+870773123456", Risk::Critical),
        ("+32 2 212 34 56", "+3222123456", Risk::Elevated),
        ("+32 (0)2 212 34 56", "+3222123456", Risk::Elevated),
        ("+32 902 12345", "+3290212345", Risk::Critical),
        ("tel:71234567;phone-context=+53", "+5371234567", Risk::Critical),
    ] {
        assert_eq!(dutch(dialled), outside(e164, Class::International(risk)), "{dialled}");
    }
    assert_eq!(belgian("+31 900 1234").class(), Class::International(Risk::Critical));
}

#[test]
fn what_is_no_number_says_why() {
    for (dialled, reason) in [
        ("", Reason::Empty),
        ("  ", Reason::Empty),
        ("+", Reason::Empty),
        ("sip:@box", Reason::Empty),
        ("7", Reason::TooShort),
        ("+3711", Reason::TooShort),
        ("0800-BAKKER", Reason::NotANumber),
        ("anna", Reason::NotANumber),
        ("020+1234567", Reason::NotANumber),
        ("+0201234567", Reason::Unassigned),
        ("+9991234567", Reason::Unassigned),
        ("+2101234567", Reason::Unassigned),
        ("+8001234567", Reason::Unassigned),
        ("*97", Reason::FeatureCode),
        ("#21#", Reason::FeatureCode),
        ("+4930123456789012", Reason::TooLong),
        ("76000046850780294", Reason::TooLong),
        ("981046500729221", Reason::Unassigned),
        ("1234567890123456789012345678901234567890123", Reason::TooLong),
    ] {
        assert_eq!(dutch(dialled), unknown(reason), "{dialled}");
    }
}

#[test]
fn a_request_to_hide_the_caller_is_seen_and_does_not_change_the_number() {
    let plan = Plan::of(Country::Netherlands, "020");
    assert_eq!(plan.identity("#31#0612345678"), Some(Identity::Hide));
    assert_eq!(plan.identity("*31*0612345678"), Some(Identity::Hide));
    assert_eq!(plan.identity("*31#0612345678"), Some(Identity::Show));
    assert_eq!(plan.identity("0612345678"), None);
    assert_eq!(plan.normalise("*31#0612345678"), plan.normalise("0612345678"));
}

#[test]
fn unknown_and_critical_are_blocked_by_default_and_emergencies_never() {
    let plan = Plan::of(Country::Netherlands, "020");
    let policy = |dialled: &str| plan.default_policy(&plan.normalise(dialled));
    assert_eq!(policy("112"), Policy::Bypass);
    assert_eq!(policy("0201234567"), Policy::Allow);
    assert_eq!(policy("0800 1234"), Policy::Allow);
    assert_eq!(policy("00800 12345678"), Policy::Allow);
    assert_eq!(policy("0900 1234"), Policy::Ask);
    assert_eq!(policy("+49 30 1234567"), Policy::Ask);
    assert_eq!(policy("0906 1234"), Policy::Block);
    assert_eq!(policy("0821234567"), Policy::Block);
    assert_eq!(policy("+53 7 1234567"), Policy::Block);
    assert_eq!(policy("1600"), Policy::Block);
    assert_eq!(policy("020123"), Policy::Block);
}

#[test]
fn an_extension_may_hide_no_short_code() {
    for (country, digits) in [
        (Country::Netherlands, "112"),
        (Country::Netherlands, "100"),
        (Country::Netherlands, "144"),
        (Country::Netherlands, "116117"),
        (Country::Netherlands, "14020"),
        (Country::Netherlands, "1888"),
        (Country::Belgium, "100"),
        (Country::Belgium, "107"),
        (Country::Belgium, "1722"),
        (Country::Belgium, "1733"),
    ] {
        assert!(country.hidden_by_extension(digits).is_some(), "{country} {digits}");
    }
    assert!((200..=699).all(|number: u32| {
        Country::ALL.iter().all(|country| country.hidden_by_extension(&number.to_string()).is_none())
    }));
}

/// Numbers that the patterns of a rule allow, with `fill` for every open place.
fn examples(rule: &Rule, fill: char) -> impl Iterator<Item = String> {
    rule.patterns.iter().map(move |pattern| {
        let mut number = String::new();
        let mut places = pattern.chars();
        while let Some(place) = places.next() {
            match place {
                'x' => number.push(fill),
                '[' => {
                    number.extend(places.next());
                    places.by_ref().find(|end| *end == ']');
                }
                '…' => {}
                literal => number.push(literal),
            }
        }
        number
    })
}

#[test]
fn a_sample_of_every_range_is_found_in_that_range_again_after_normalising() {
    for country in Country::ALL {
        let plan = Plan::of(country, "");
        for rule in country.rules().iter().filter(|rule| matches!(rule.form, Form::E164 | Form::National)) {
            for fill in ['2', '7'] {
                for digits in examples(rule, fill) {
                    let found = plan.normalise(&digits);
                    assert_eq!(plan.rule(&found).map(|found| found.id), Some(rule.id), "{digits}: {found:?}");
                }
            }
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 20_000, rng_seed: RngSeed::Fixed(112), failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn normalising_twice_is_normalising_once(dialled in "[+0-9*# ().%;-]{0,20}", belgium: bool, area: prop::sample::Index) {
        let country = if belgium { Country::Belgium } else { Country::Netherlands };
        let plan = Plan::of(country, area.get(country.area_codes()).digits);
        let once = plan.normalise(&dialled);
        if let Some(number) = once.number() {
            prop_assert_eq!(plan.normalise(number), once);
        }
    }

    #[test]
    fn only_an_exact_emergency_number_is_one(dialled in "[+0-9]{0,4}(112|100|101)?[0-9]{0,8}") {
        let digits = dialled.trim_start_matches(['+', '0', '8', '9']);
        let exact = matches!(digits, "112" | "100" | "101" | "32112" | "32100" | "32101");
        prop_assert!(exact || is_emergency(Country::Belgium, &dialled).is_none(), "{}", dialled);
    }

    #[test]
    fn any_text_at_all_is_read_without_harm_and_never_leaves_the_form_of_a_number(dialled in "\\PC{0,60}") {
        for plan in [Plan::of(Country::Netherlands, "020"), Plan::of(Country::Belgium, "02")] {
            if let Some(number) = plan.normalise(&dialled).number() {
                let digits = number.strip_prefix('+').unwrap_or(number);
                prop_assert!((2..=15).contains(&digits.len()) && digits.bytes().all(|digit| digit.is_ascii_digit()));
            }
        }
    }
}
