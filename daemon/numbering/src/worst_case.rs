//! What a call can cost at most, when no tariff deck knows better. Unknown is never cheap.

use crate::country::Country;
use crate::money::Money;
use crate::plan::{Dialled, Plan};
use crate::rule::{Class, Price, Risk, Rule};
use crate::tables::RISK_RANGES;
use crate::tariff::{Step, Tariff};

/// Cents a minute for a fixed number. The plans hold no price for one; this is their dearest ordinary price (078 and a
/// mobile number in Belgium).
const ORDINARY: u16 = 10;

/// Cents a minute where a class has no priced range in a country.
const SHARED_COST: u16 = 15;

/// Cents a minute abroad, by risk, for a country that is in no range of its own. For the ordinary ones a euro, which is
/// more than providers ask for a mobile number there; for the others what the dearest range of that risk costs.
const fn abroad(risk: Risk) -> u16 {
    match risk {
        Risk::Normal => 100,
        Risk::Elevated => 130,
        Risk::High => 160,
        Risk::Critical => 800,
    }
}

impl Country {
    /// How calls are charged here: by the second in Belgium, by the started minute in the Netherlands.
    pub const fn step(self) -> Step {
        match self {
            Self::Netherlands => Step::Minute,
            Self::Belgium => Step::Second,
        }
    }
}

impl Plan {
    /// The most that a call to a normalised number can cost, VAT included.
    ///
    /// The price of its range where that is known; else, and for every premium number whose price no law limits, the
    /// dearest of its class in this country. Abroad the price of the range, else one by risk. What is in no plan costs
    /// as much as the dearest call there is.
    pub fn worst_case(&self, dialled: &Dialled) -> Tariff {
        match dialled.class() {
            Class::Internal | Class::Emergency | Class::Free => Tariff::FREE,
            Class::International(risk) => {
                let range = self.risk_range(dialled).map(|range| range.planning_cents_per_minute);
                self.per_minute(range.unwrap_or(abroad(risk)))
            }
            Class::Unknown => self.dearest_there_is(),
            class => match self.rule(dialled) {
                Some(Rule { price: Some(price), price_is_limit, .. }) if *price_is_limit || !is_premium(class) => {
                    self.at(*price)
                }
                _ => self.class_maximum(class),
            },
        }
    }

    /// The dearest range of a class.
    fn class_maximum(&self, class: Class) -> Tariff {
        let prices = self.country().rules().iter().filter(|rule| rule.class == class).filter_map(|rule| rule.price);
        let priced = prices.map(|price| self.at(price)).reduce(Tariff::dearer);
        match class {
            Class::Local | Class::National | Class::Mobile | Class::Helpline => {
                priced.unwrap_or(Tariff::FREE).dearer(self.per_minute(ORDINARY))
            }
            Class::SharedCost => priced.unwrap_or(self.per_minute(SHARED_COST)),
            _ => priced.unwrap_or(self.dearest_there_is()),
        }
    }

    /// Every price of the plan and of the ranges abroad at once.
    fn dearest_there_is(&self) -> Tariff {
        let here = self.country().rules().iter().filter_map(|rule| rule.price).map(|price| self.at(price));
        let abroad = RISK_RANGES.iter().map(|range| self.per_minute(range.planning_cents_per_minute));
        here.chain(abroad).fold(Tariff::FREE, Tariff::dearer)
    }

    fn at(&self, price: Price) -> Tariff {
        match price {
            Price::Free => Tariff::FREE,
            Price::PerMinute(cents) => self.per_minute(cents),
            Price::PerCall(cents) => {
                Tariff { setup: Money::from_cents(cents.into()), step: self.country().step(), ..Tariff::FREE }
            }
        }
    }

    const fn per_minute(&self, cents: u16) -> Tariff {
        Tariff { setup: Money::ZERO, minute: Money::from_cents(cents as u32), step: self.country().step() }
    }
}

const fn is_premium(class: Class) -> bool {
    matches!(class, Class::PremiumPerMinute | Class::PremiumPerCall)
}

#[cfg(test)]
mod tests;
