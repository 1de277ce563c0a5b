//! The published number table, held against both plans and the ranges of risk, whole and in both directions.

use std::ops::RangeInclusive;

use super::*;
use crate::rule::{Price, matches};

/// The facts as they were published, in a file of their own: they are not written from the plan.
const TABLE: &str = include_str!("../../data/published.txt");

/// Ranges of ours that the table does not have, each with why.
const OWN: &[(&str, &str)] = &[
    // Prefixes with which callers once chose their carrier, before a number that the box could no longer see.
    ("be.10-15-16", "carrier select"),
];
/// Patterns of ours that the table's row of that name does not have: an old prefix to choose a carrier with, which is refused, and
/// the area of Stavelot.
const OWN_PATTERNS: &[(&str, &str)] = &[("nl.16xy", "10xx0xxxxxxx…"), ("be.geo", "080[2-8]xxxxx")];

/// One range of the table.
struct Row {
    id: &'static str,
    patterns: Vec<&'static str>,
    class: Class,
    policy: Policy,
    always: bool,
    price: Option<Price>,
}

fn rows() -> Vec<Row> {
    let lines = TABLE.lines().filter(|line| line.starts_with("nl.") || line.starts_with("be."));
    lines.map(|line| row(line).unwrap_or_else(|| panic!("{line}"))).collect()
}

fn row(line: &'static str) -> Option<Row> {
    let [id, patterns, kind, policy, always, price] = line.split("; ").collect::<Vec<_>>().try_into().ok()?;
    let policy = match policy {
        "bypass" => Policy::Bypass,
        "allow" => Policy::Allow,
        "ask" => Policy::Ask,
        "block" => Policy::Block,
        _ => return None,
    };
    let price = match price.split_once('/') {
        Some((cents, "min")) => Some(Price::PerMinute(cents.parse().ok()?)),
        Some((cents, "call")) => Some(Price::PerCall(cents.parse().ok()?)),
        _ => None,
    };
    let class = class_of(kind, price)?;
    Some(Row { id, patterns: patterns.split(' ').collect(), class, policy, always: always == "always", price })
}

/// The class of a kind of number. What is paid by the call the price says.
fn class_of(kind: &str, price: Option<Price>) -> Option<Class> {
    Some(match kind {
        "emergency" => Class::Emergency,
        "helpline" | "police_non_urgent" | "eu_social" | "fire_non_urgent" | "gp_on_duty" | "poison_centre" => {
            Class::Helpline
        }
        "freephone" | "uifn_freephone" => Class::Free,
        "government" | "geographic" | "voip" | "company" | "nomadic" => Class::National,
        "mobile" => Class::Mobile,
        "personal_assistant" => Class::SharedCost,
        "paging" | "directory_voicemail" => Class::PremiumPerMinute,
        _ if kind.starts_with("premium_") => match price {
            Some(Price::PerCall(_)) => Class::PremiumPerCall,
            _ => Class::PremiumPerMinute,
        },
        "carrier_select" | "carrier_service" | "internet_access" | "vpn" | "m2m" | "m2m_or_unassigned"
        | "sms_short" => Class::Unknown,
        "satellite_intl_network" => Class::International(Risk::Critical),
        _ => return None,
    })
}

fn country_of(id: &str) -> Country {
    if id.starts_with("nl") { Country::Netherlands } else { Country::Belgium }
}

/// Numbers of a pattern: every digit of every set in it, and wherever any digit may be every one, or in a long number the same.
fn numbers_of(pattern: &str) -> Vec<String> {
    let is_short = pattern.matches('x').count() <= 3;
    let fills = if is_short { vec!['0'..='9'] } else { ['0', '1', '7'].map(|digit| digit..=digit).to_vec() };
    fills.into_iter().flat_map(|fill| numbers_with(pattern, &fill)).collect()
}

fn numbers_with(pattern: &str, fill: &RangeInclusive<char>) -> Vec<String> {
    let mut numbers = vec![String::new()];
    let mut places = pattern.chars();
    while let Some(place) = places.next() {
        let digits: Vec<char> = match place {
            'x' => fill.clone().collect(),
            '…' => {
                numbers.iter_mut().for_each(|number| number.push_str("1234567"));
                break;
            }
            '[' => {
                let set: String = places.by_ref().take_while(|one| *one != ']').collect();
                ('0'..='9').filter(|digit| matches(&format!("[{set}]"), &digit.to_string())).collect()
            }
            literal => vec![literal],
        };
        let longer = |number: &String| digits.iter().map(|digit| format!("{number}{digit}")).collect::<Vec<_>>();
        numbers = numbers.iter().flat_map(longer).collect();
    }
    numbers
}

#[test]
fn a_001_every_range_of_the_published_table_has_its_class_its_policy_and_its_price_in_the_plan() {
    let rows = rows();
    assert_eq!(rows.len(), 54);
    for row in &rows {
        let country = country_of(row.id);
        let plan = Plan::of(country, "");
        let more_exact = |number: &str, pattern: &str| {
            rows.iter().filter(|other| country_of(other.id) == country && other.id != row.id).any(|other| {
                let places = |pattern: &str| pattern.chars().filter(char::is_ascii_digit).count();
                other.patterns.iter().any(|theirs| matches(theirs, number) && places(theirs) > places(pattern))
            })
        };
        for pattern in &row.patterns {
            for number in numbers_of(pattern).iter().filter(|number| !more_exact(number, pattern)) {
                let dialled = plan.normalise(number);
                // Help goes before everything, also with a digit in front with which lines outside are taken.
                if row.class == Class::Unknown && matches!(dialled, Dialled::Emergency(_)) {
                    continue;
                }
                let found = (dialled.class(), plan.default_policy(&dialled));
                assert_eq!(found, (row.class, row.policy), "{} {number}: {dialled:?}", row.id);
                assert_eq!(plan.never_blocks(&dialled), row.always, "{} {number}", row.id);
                // What begins with 00 is no range inside the country.
                if number.starts_with("00") {
                    continue;
                }
                let rule = best_match(country.rules(), number).unwrap_or_else(|| panic!("{number} has no rule"));
                assert_eq!(rule.id, row.id, "{number}");
                assert!(row.price.is_none() || rule.price == row.price, "{} {:?}", row.id, rule.price);
            }
        }
    }
}

#[test]
fn no_range_of_the_plan_is_wider_than_the_published_table() {
    let rows = rows();
    for rule in Country::ALL.into_iter().flat_map(Country::rules) {
        if OWN.iter().any(|(id, _)| *id == rule.id) {
            assert_eq!((rule.class, rule.policy), (Class::Unknown, Policy::Block), "{}", rule.id);
            continue;
        }
        let row = rows.iter().find(|row| row.id == rule.id).unwrap_or_else(|| panic!("{} is not published", rule.id));
        for pattern in rule.patterns.iter().filter(|pattern| !OWN_PATTERNS.contains(&(rule.id, **pattern))) {
            for number in numbers_of(pattern) {
                assert!(row.patterns.iter().any(|theirs| matches(theirs, &number)), "{} {number}", rule.id);
            }
        }
    }
}

#[test]
fn every_destination_that_reports_of_fraud_name_has_its_risk_and_its_price() {
    let lines: Vec<&str> = TABLE.lines().filter_map(|line| line.strip_prefix('+')).collect();
    assert_eq!((lines.len(), RISK_RANGES.len()), (114, 114));
    for line in lines {
        let [prefix, risk, cents] = line.split("; ").collect::<Vec<_>>().try_into().unwrap();
        let range = RISK_RANGES.iter().find(|range| range.prefix == prefix).unwrap_or_else(|| panic!("+{prefix}"));
        let word = match range.risk {
            Risk::Normal => "normal",
            Risk::Elevated => "elevated",
            Risk::High => "high",
            Risk::Critical => "critical",
        };
        assert_eq!((word, range.planning_cents_per_minute.to_string().as_str()), (risk, cents), "+{prefix}");
    }
}
