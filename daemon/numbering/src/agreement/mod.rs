//! Where this plan and libphonenumber say different things of a Dutch or Belgian number, and why.
//!
//! Not a sample: both are sets of patterns over digits, one automaton is made of all of them, and one number is looked
//! at for each of its states. So every number that either knows is either the same in both or in a row of
//! [`differences`].

mod automaton;
mod differences;
mod metadata;

use std::collections::BTreeMap;

use automaton::Automaton;
use differences::DIFFERENCES;
use metadata::Known;

use crate::plan::{Dialled, Plan};
use crate::rule::{Class, Form, best_match};
use crate::{Country, Price};

/// Longest number that is dialled without a zero inside the country.
const LONGEST_SHORT: usize = 6;

/// What libphonenumber takes a number for, of the types that fit it.
fn theirs(types: &[&Known]) -> &'static str {
    // libphonenumber's own order (`getNumberTypeHelper`, `getExpectedCostForRegion`).
    const NUMBER: &[&str] = &["premiumRate", "tollFree", "sharedCost", "voip", "pager", "uan", "fixedLine", "mobile"];
    const SHORT: &[&str] =
        &["emergency", "smsServices", "premiumRate", "carrierSpecific", "tollFree", "uan", "shortCode"];
    let has = |kind: &str| types.iter().any(|known| known.kind == kind);
    let order = if types.iter().any(|known| known.short) { SHORT } else { NUMBER };
    let is_number = has("generalDesc") || has("uan");
    order.iter().find(|kind| is_number && has(kind)).copied().unwrap_or("nothing")
}

/// What it is here: the range it is in, and whether that is the same as what libphonenumber says.
fn ours(plan: &Plan, dialled: &str, theirs: &str) -> (&'static str, bool) {
    let number = plan.normalise(dialled);
    let rule = plan.rule(&number).or_else(|| best_match(plan.country().rules(), dialled));
    let free = rule.is_some_and(|rule| rule.price == Some(Price::Free));
    let agrees = match theirs {
        "fixedLine" | "voip" | "uan" => number.class() == Class::National,
        "mobile" => number.class() == Class::Mobile,
        "tollFree" => number.class() == Class::Free || free,
        "premiumRate" => matches!(number.class(), Class::PremiumPerMinute | Class::PremiumPerCall),
        "sharedCost" => number.class() == Class::SharedCost,
        "emergency" => number.class() == Class::Emergency,
        "expandedEmergency" => number.class() == Class::Helpline,
        "smsServices" => rule.is_none_or(|rule| rule.form == Form::MessageCode),
        "nothing" => matches!(number, Dialled::Unknown { .. } | Dialled::Internal { .. }),
        _ => false,
    };
    (rule.map_or("no range", |rule| rule.id), agrees)
}

/// Patterns that tell apart what this plan tells apart.
fn our_patterns(country: Country) -> Vec<String> {
    let code = country.calling_code();
    let ranges = country.rules().iter().flat_map(|rule| rule.patterns);
    let with_code = ranges.clone().map(|pattern| format!("{code}{}", pattern.strip_prefix('0').unwrap_or(pattern)));
    let emergencies = country.emergency_numbers().iter();
    let spelled = emergencies.flat_map(|number| ["0", "00", "8", "9"].map(|front| format!("{front}{number}")));
    ranges.map(|pattern| (*pattern).to_owned()).chain(with_code).chain(spelled).collect()
}

/// Every pair of what it is here and there that does not agree, with a number that shows it.
fn found(country: Country) -> BTreeMap<(&'static str, &'static str), String> {
    let known = metadata::of(country);
    let mut automaton = Automaton::new();
    known.iter().for_each(|known| automaton.add(&known.pattern));
    our_patterns(country).iter().for_each(|pattern| automaton.add(pattern));
    let plan = Plan::of(country, "");
    let mut found = BTreeMap::new();
    let samples = automaton.samples();
    for sample in samples.iter().filter(|sample| !sample.number.is_empty()) {
        if !sample.number.starts_with('0') && sample.number.len() > LONGEST_SHORT {
            continue;
        }
        let fitting = known.iter().zip(&sample.fits).filter(|(known, fits)| **fits && known.has_length(&sample.number));
        let theirs = theirs(&fitting.map(|(known, _)| known).collect::<Vec<_>>());
        let (ours, agrees) = ours(&plan, &sample.number, theirs);
        if !agrees {
            found.entry((ours, theirs)).or_insert_with(|| sample.number.clone());
        }
    }
    found
}

#[test]
fn every_number_is_here_what_libphonenumber_says_or_the_difference_has_a_reason() {
    for country in Country::ALL {
        let listed = |(ours, theirs): &(&str, &str)| {
            DIFFERENCES.iter().any(|row| (row.country, row.ours, row.theirs) == (country, ours, theirs))
        };
        let missing: Vec<_> = found(country).into_iter().filter(|(pair, _)| !listed(pair)).collect();
        assert!(missing.is_empty(), "{country}: without a reason: {missing:?}");
    }
}

#[test]
fn no_difference_is_listed_that_is_none() {
    for country in Country::ALL {
        let found = found(country);
        for row in DIFFERENCES.iter().filter(|row| row.country == country) {
            assert!(found.contains_key(&(row.ours, row.theirs)), "{country}: {} and {} agree", row.ours, row.theirs);
            assert!(row.reason.len() > 20, "{country}: {} and {}: no reason", row.ours, row.theirs);
        }
    }
}

#[test]
fn libphonenumbers_own_examples_are_read_as_what_they_are_examples_of() {
    for country in Country::ALL {
        let plan = Plan::of(country, "");
        for known in metadata::of(country).iter().filter(|known| !known.example.is_empty()) {
            let dialled = if known.short { known.example.to_owned() } else { format!("0{}", known.example) };
            let (ours, agrees) = ours(&plan, &dialled, known.kind);
            let listed = DIFFERENCES.iter().any(|row| row.country == country && row.ours == ours);
            assert!(
                agrees || listed || dialled.starts_with("014"),
                "{country} {dialled} is {ours}, not {}",
                known.kind
            );
        }
    }
}
