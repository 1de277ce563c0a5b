//! A call that somebody wants to make, as far as money is concerned.

use std::time::Duration;

use centrale_numbering::{Class, Dialled, Money, Plan};

use crate::policy::is_in_europe;
use crate::quote::Quote;

/// How long a call to a number that costs extra by the minute lasts at most, from its answer.
const LONGEST_PREMIUM: Duration = Duration::from_secs(600);
/// How long a call abroad lasts at most.
const LONGEST_ABROAD: Duration = Duration::from_secs(3_600);

/// How long a call inside the country lasts at most: longer than anybody talks, so that a line which nobody hung up ends.
const LONGEST_INSIDE: Duration = Duration::from_secs(12 * 3_600);

/// The dearest start, and the dearest minute, of an ordinary call inside the country.
const ORDINARY: Money = Money::from_cents(15);

/// The range of the plan in which Dutch directory enquiries are.
const ENQUIRIES: &str = "nl.18xy";

/// What is to be paid for, and by whom.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Order {
    /// The number of the person of the office who calls, forwards or hands on.
    pub person: String,
    /// The number as the plan read it.
    pub meant: Dialled,
    /// What it costs over the provider that it is to leave by.
    pub quote: Quote,
    /// What it is.
    pub class: Class,
    /// The leading digits by which its country is remembered, when it is abroad.
    pub country: Option<String>,
    /// Whether it leads abroad, and to no ordinary number in Europe.
    pub is_far: bool,
    /// How long it may last from its answer.
    pub longest: Option<Duration>,
    /// Whether it is a call to directory enquiries that connect through to any number (18xy).
    pub is_enquiry: bool,
    /// Whether the line of a lift or an alarm makes it.
    pub is_alarm: bool,
    /// Whether it passes whatever somebody stopped, and is held to no habit: a helpline or its like, support, or what a lift calls.
    pub always_passes: bool,
}

impl Order {
    /// A call of that person to a number that the plan has read.
    pub fn new(plan: &Plan, meant: &Dialled, person: &str, quote: Quote) -> Self {
        let class = meant.class();
        let (longest, country) = match class {
            Class::PremiumPerMinute => (Some(LONGEST_PREMIUM), None),
            Class::International(_) => (Some(LONGEST_ABROAD), Some(country_of(plan, meant))),
            _ => (None, None),
        };
        let always_passes = plan.never_blocks(meant);
        let longest = if class.is_ordinary() && !always_passes { Some(LONGEST_INSIDE) } else { longest };
        let is_far = matches!(class, Class::International(risk) if !is_in_europe(plan, meant, risk));
        let is_enquiry = plan.rule(meant).is_some_and(|rule| rule.id == ENQUIRIES);
        Self {
            person: person.to_owned(),
            meant: meant.clone(),
            quote,
            class,
            country,
            is_far,
            longest,
            is_enquiry,
            is_alarm: false,
            always_passes,
        }
    }

    /// The same call of the line of a lift or an alarm.
    #[must_use]
    pub fn of_alarm(self) -> Self {
        Self { is_alarm: true, ..self.to_support() }
    }

    /// The same call, to a number of the office's support.
    #[must_use]
    pub fn to_support(self) -> Self {
        let longest = self.longest.filter(|_| !self.class.is_ordinary());
        Self { always_passes: true, longest, ..self }
    }

    /// The same call at another provider's price.
    #[must_use]
    pub fn at(&self, quote: Quote) -> Self {
        Self { quote, ..self.clone() }
    }

    /// Whether it is what an office calls all day: a fixed or mobile number in its own country at an ordinary price. It has caps
    /// of its own, wide enough for the busiest Saturday: an office that cannot call its customers has a worse fault than a bill.
    pub fn is_ordinary(&self) -> bool {
        let price = &self.quote.price;
        self.class.is_ordinary() && (self.is_alarm || price.minute <= ORDINARY && price.setup <= ORDINARY)
    }

    /// Whether it costs more than an ordinary call inside the country: abroad, premium, and what nobody knows the price of.
    pub fn costs_extra(&self) -> bool {
        !self.is_ordinary() && !self.is_free()
    }

    /// Whether no limit on calls at once refuses it here, and it is ended for no other: somebody may need help. Support is none of it.
    pub fn is_urgent(&self) -> bool {
        self.is_alarm || self.class == Class::Helpline
    }

    /// Whether nothing is held back for it and it may last for ever: it costs nothing, or it is help, which no cap refuses.
    pub fn is_free(&self) -> bool {
        self.class == Class::Helpline
            || self.longest.is_none() && self.quote.reserve.longest(Default::default()).is_none()
    }
}

/// The two digits with which country codes of three begin (ITU-T E.164, list of assigned codes); all others have two but 1
/// and 7.
const LONG_CODES: &[&str] = &[
    "21", "22", "23", "24", "25", "26", "29", "35", "37", "38", "42", "50", "59", "67", "68", "69", "80", "85", "87",
    "88", "96", "97", "99",
];

/// The range that needs care, else the country code.
fn country_of(plan: &Plan, meant: &Dialled) -> String {
    if let Some(range) = plan.risk_range(meant) {
        return range.prefix.to_owned();
    }
    let digits = meant.number().unwrap_or_default().trim_start_matches('+');
    let length = match digits {
        _ if digits.starts_with(['1', '7']) => 1,
        _ if LONG_CODES.iter().any(|code| digits.starts_with(code)) => 3,
        _ => 2,
    };
    digits.chars().take(length).collect()
}

#[cfg(test)]
mod tests {
    use centrale_numbering::Country;

    use super::*;

    #[test]
    fn a_country_is_remembered_by_its_code_whatever_number_there_is_called() {
        let plan = Plan::of(Country::Netherlands, "020");
        for (dialled, country) in [
            ("004930123456", "49"),
            ("0049891234567", "49"),
            ("0012125551234", "1"),
            ("0035312345678", "353"),
            ("0018761234567", "1876"),
        ] {
            assert_eq!(country_of(&plan, &plan.normalise(dialled)), country, "{dialled}");
        }
    }
}
