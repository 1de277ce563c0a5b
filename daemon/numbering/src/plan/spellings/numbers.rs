//! Numbers of each class, as they are dialled without any frills.

use super::Dice;
use crate::rule::{Class, Rule};
use crate::tables::RISK_RANGES;
use crate::{Country, Plan};

/// Countries in no range of their own.
const ORDINARY: &[&str] = &["1212", "33", "34", "45", "49", "61", "81", "351", "353", "420"];

/// The plan of an office, and a number in it that is of the class.
pub(super) fn number(class: Class, dice: &mut Dice) -> (Plan, String) {
    loop {
        let country = dice.one(&Country::ALL);
        let plan = Plan::of(country, dice.one(country.area_codes()).digits);
        let dialled = match class {
            Class::International(_) => abroad(dice),
            Class::Local | Class::National => in_range(Class::National, country, dice),
            class => in_range(class, country, dice),
        };
        let Some(dialled) = dialled else { continue };
        if plan.normalise(&dialled).class() == class {
            return (plan, dialled);
        }
    }
}

fn abroad(dice: &mut Dice) -> Option<String> {
    let ranges: Vec<&str> = RISK_RANGES.iter().map(|range| range.prefix).chain(ORDINARY.iter().copied()).collect();
    let prefix = dice.one(&ranges);
    let rest = 7 + dice.throw(2);
    // No number abroad begins with a zero that would be left out there.
    Some(format!("+{prefix}{}{}", 1 + dice.throw(9), dice.digits(rest.min(14 - prefix.len()))))
}

fn in_range(class: Class, country: Country, dice: &mut Dice) -> Option<String> {
    let rules: Vec<&Rule> = country.rules().iter().filter(|rule| rule.class == class).collect();
    if rules.is_empty() {
        return None;
    }
    let pattern = dice.one(dice.clone().one(&rules).patterns);
    let mut number = String::new();
    let mut places = pattern.chars();
    while let Some(place) = places.next() {
        match place {
            'x' => number.push_str(&dice.digits(1)),
            '[' => {
                let set: Vec<char> =
                    places.by_ref().take_while(|end| *end != ']').filter(char::is_ascii_digit).collect();
                number.push(dice.one(&set));
            }
            '…' => number.push_str(&dice.digits(6)),
            literal => number.push(literal),
        }
    }
    Some(number)
}
