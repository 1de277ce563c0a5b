use super::*;

fn dutch(dialled: &str) -> Tariff {
    of(Country::Netherlands, dialled)
}

fn belgian(dialled: &str) -> Tariff {
    of(Country::Belgium, dialled)
}

fn of(country: Country, dialled: &str) -> Tariff {
    let plan = Plan::of(country, "");
    plan.worst_case(&plan.normalise(dialled))
}

const fn by_minute(cents: u32) -> Tariff {
    Tariff { setup: Money::ZERO, minute: Money::from_cents(cents), step: Step::Minute }
}

const fn by_second(cents: u32) -> Tariff {
    Tariff { setup: Money::ZERO, minute: Money::from_cents(cents), step: Step::Second }
}

const fn per_call(cents: u32) -> Tariff {
    Tariff { setup: Money::from_cents(cents), minute: Money::ZERO, step: Step::Second }
}

#[test]
fn every_dutch_range_has_a_worst_case() {
    for (dialled, expected) in [
        ("112", Tariff::FREE),
        ("201", Tariff::FREE),
        ("113", Tariff::FREE),
        ("0800 0113", Tariff::FREE),
        ("116117", Tariff::FREE),
        ("0800 1234", Tariff::FREE),
        ("00800 12345678", Tariff::FREE),
        ("144", by_minute(15)),
        ("0900 8844", by_minute(15)),
        ("14020", by_minute(10)),
        ("020 2345678", by_minute(10)),
        ("085 1234567", by_minute(10)),
        ("06 12345678", by_minute(8)),
        ("084 1234567", by_minute(15)),
        ("087 1234567", by_minute(15)),
        ("066 1234567", by_minute(100)),
        ("0906 1234", by_minute(100)),
        ("1888", by_minute(100)),
        ("+32 2 212 34 56", by_minute(10)),
        ("+32 902 12345", by_minute(200)),
        ("+49 30 1234567", by_minute(100)),
        ("+44 20 71234567", by_minute(20)),
        ("+44 70 12345678", by_minute(60)),
        ("+882 1234567", by_minute(800)),
    ] {
        assert_eq!(dutch(dialled), expected, "{dialled}");
    }
}

#[test]
fn every_belgian_range_has_a_worst_case() {
    for (dialled, expected) in [
        ("100", Tariff::FREE),
        ("107", Tariff::FREE),
        ("1722", by_second(10)),
        ("070 245 245", by_second(10)),
        ("0800 12 345", Tariff::FREE),
        ("02 212 34 56", by_second(10)),
        ("078 12 34 56", by_second(10)),
        ("0470 12 34 56", by_second(10)),
        ("070 12 34 56", by_second(30)),
        ("0900 12 345", by_second(50)),
        ("0902 12 345", by_second(100)),
        ("0903 12 345", by_second(150)),
        ("0904 12 345", by_second(200)),
        ("0906 12 345", by_second(100)),
        ("0907 12 345", by_second(200)),
        ("0908 12 345", by_second(200)),
        ("0901 12 345", per_call(50)),
        ("0905 12 345", per_call(200)),
        ("0909 12 345", per_call(3_100)),
        ("1207", by_second(200)),
        ("+31 900 1234", by_second(100)),
    ] {
        assert_eq!(belgian(dialled), expected, "{dialled}");
    }
}

#[test]
fn a_065_a_premium_number_whose_price_its_holder_sets_is_reserved_at_the_dearest_of_its_class() {
    let premium = Country::Netherlands.rules().iter().filter(|rule| rule.class == Class::PremiumPerMinute);
    let dearest = premium
        .filter_map(|rule| match rule.price {
            Some(Price::PerMinute(cents)) => Some(cents),
            _ => None,
        })
        .max();
    assert_eq!(dearest, Some(100));
    for dialled in ["0900 1234", "0900 1234567", "+31 900 1234", "0906 1234", "0909 1234", "1888", "1850"] {
        assert_eq!(dutch(dialled), by_minute(100), "{dialled}");
    }
}

#[test]
fn what_no_plan_knows_costs_as_much_as_the_dearest_call_there_is() {
    for country in Country::ALL {
        let plan = Plan::of(country, "");
        let every = country.rules().iter().filter_map(|rule| rule.price).map(|price| plan.at(price));
        let worst = of(country, "no number");
        for tariff in every.chain(RISK_RANGES.iter().map(|range| plan.per_minute(range.planning_cents_per_minute))) {
            assert_eq!(worst.dearer(tariff), worst, "{country} {tariff:?}");
        }
        assert_eq!(worst.minute, Money::from_cents(800));
    }
    assert_eq!(dutch("082 1234567"), dutch("no number"));
    assert_eq!(dutch("097 01234567"), dutch("no number"));
    assert_eq!(belgian("077 12 34 56").setup, Money::from_cents(3_100));
}

#[test]
fn a_risk_without_a_range_costs_what_the_dearest_range_of_that_risk_does() {
    for risk in [Risk::Elevated, Risk::High, Risk::Critical] {
        let ranges = RISK_RANGES.iter().filter(|range| range.risk == risk);
        assert_eq!(ranges.map(|range| range.planning_cents_per_minute).max(), Some(abroad(risk)), "{risk:?}");
    }
}

#[test]
fn a_price_that_the_law_limits_is_within_its_class_and_every_class_has_one() {
    for country in Country::ALL {
        let plan = Plan::of(country, "");
        for rule in country.rules() {
            let most = plan.class_maximum(rule.class);
            let price = rule.price.map_or(Tariff::FREE, |price| plan.at(price));
            assert!(rule.class == Class::Helpline || most.dearer(price) == most, "{}", rule.id);
            let costs = most.setup > Money::ZERO || most.minute > Money::ZERO;
            assert!(costs || matches!(rule.class, Class::Emergency | Class::Free), "{} costs nothing", rule.id);
        }
    }
}

#[test]
fn twenty_five_calls_to_a_belgian_game_number_cost_fifty_euro() {
    let call = belgian("0905 12 345").cost(std::time::Duration::from_secs(3_600));
    assert_eq!(call.times(25), Money::from_cents(5_000));
}
