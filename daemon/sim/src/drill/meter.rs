//! The meter of a provider, apart from the box's: prices of its own and plain whole numbers, so that a fault in how the box rounds is
//! seen beside it.

use std::time::Duration;

use centrale_config::Country;
use centrale_numbering::Date;
use centrale_numbering::deck::{Deck, Terms, Vat};

/// An office, and by what its calls are charged.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scene {
    /// By the started minute, at planning prices.
    Dutch,
    /// By the second, at planning prices.
    Belgian,
    /// By the provider's price list, a Dutch one, with a start and by the second here and there.
    Listed,
}

/// What numbers that begin so cost, in hundredths of a cent.
#[derive(Debug, Clone, Copy)]
struct Row {
    begins: &'static str,
    setup: u64,
    minute: u64,
    by_second: bool,
    /// Whether that is what an office calls all day.
    ordinary: bool,
}

const fn row(begins: &'static str, setup: u64, minute: u64, by_second: bool) -> Row {
    Row { begins, setup, minute, by_second, ordinary: false }
}

const fn ordinary(begins: &'static str, setup: u64, minute: u64, by_second: bool) -> Row {
    Row { begins, setup, minute, by_second, ordinary: true }
}

const DUTCH: &[Row] = &[
    ordinary("+31", 0, 1_000, false),
    ordinary("+316", 0, 800, false),
    row("+3184", 0, 1_500, false),
    row("0900", 0, 10_000, false),
    row("1888", 0, 10_000, false),
    row("+32", 0, 1_000, false),
    row("+49", 0, 10_000, false),
    row("+1", 0, 10_000, false),
    row("+212", 0, 6_000, false),
    row("+216", 0, 7_000, false),
    row("+225", 0, 10_000, false),
    row("+591", 0, 10_000, false),
    row("+994", 0, 7_000, false),
];

const BELGIAN: &[Row] = &[
    ordinary("+32", 0, 1_000, true),
    row("+3270", 0, 3_000, true),
    row("0900", 0, 5_000, true),
    row("0903", 0, 15_000, true),
    row("0905", 20_000, 0, true),
    row("+31", 0, 1_000, true),
    row("+49", 0, 10_000, true),
    row("+1", 0, 10_000, true),
    row("+212", 0, 6_000, true),
    row("+216", 0, 7_000, true),
    row("+225", 0, 10_000, true),
    row("+591", 0, 10_000, true),
    row("+994", 0, 7_000, true),
];

/// As [`LIST`] says it, and what is not in it as without a list.
const LISTED: &[Row] = &[
    ordinary("+31", 0, 1_500, false),
    ordinary("+316", 500, 1_490, true),
    row("+3184", 0, 1_500, false),
    row("0900", 1_100, 8_333, false),
    row("1888", 0, 9_701, true),
    row("+32", 1_000, 333, true),
    row("+49", 0, 711, false),
    row("+1", 200, 199, true),
    row("+212", 0, 6_123, true),
    row("+216", 0, 7_000, false),
    row("+225", 0, 10_000, false),
    row("+591", 0, 10_000, false),
    row("+994", 0, 7_000, false),
];

const LIST: &str = "prefix;price;setup;step\n31;0,15;0;minute\n316;0,149;0,05;second\n0900;0,8333;0,11;minute\n\
                    18xx;0,9701;0;second\n32;0,0333;0,10;second\n49;0,0711;0;minute\n1;0,0199;0,02;second\n\
                    212;0,6123;0;second\n";

impl Scene {
    /// Each.
    pub const ALL: [Self; 3] = [Self::Dutch, Self::Belgian, Self::Listed];

    /// Where the office is.
    pub const fn country(self) -> Country {
        match self {
            Self::Dutch | Self::Listed => Country::Netherlands,
            Self::Belgian => Country::Belgium,
        }
    }

    /// What costs something there, beside what is dear abroad.
    pub(super) const fn near(self) -> &'static [&'static str] {
        match self {
            Self::Dutch | Self::Listed => &[
                "09001234",
                "1888",
                "0842345678",
                "004930123456",
                "0049891234567",
                "003225551234",
                "0012125551234",
                "0612345678",
                "0301234567",
            ],
            Self::Belgian => &[
                "070123456",
                "090012345",
                "090312345",
                "090512345",
                "004930123456",
                "0031301234567",
                "0012125551234",
                "0475123456",
                "022345678",
            ],
        }
    }

    /// The number that is called without end on some days.
    pub(super) const fn ordinary(self) -> &'static str {
        match self {
            Self::Dutch | Self::Listed => "0301234567",
            Self::Belgian => "0475123456",
        }
    }

    /// The provider's price list from some day on, where it has one.
    pub(super) fn list(self, valid_from: Date) -> Option<Deck> {
        let terms = Terms { country: self.country(), vat: Vat::Included, valid_from };
        (self == Self::Listed).then(|| Deck::read(LIST.as_bytes(), &terms).expect("the meter's list is a valid one"))
    }

    /// What a call costs by the provider's meter, in hundredths of a cent, and whether it is an ordinary one; `None` for what is
    /// called by nobody here. The number is as the provider sees it.
    pub(super) fn cost(self, number: &str, lasted: Duration) -> Option<(u64, bool)> {
        let rows = match self {
            Self::Dutch => DUTCH,
            Self::Belgian => BELGIAN,
            Self::Listed => LISTED,
        };
        let row = rows.iter().filter(|row| number.starts_with(row.begins)).max_by_key(|row| row.begins.len())?;
        let milliseconds = lasted.as_millis().max(1);
        let talked = if row.by_second {
            let seconds = milliseconds.div_ceil(1_000);
            (seconds * u128::from(row.minute)).div_ceil(60)
        } else {
            milliseconds.div_ceil(60_000) * u128::from(row.minute)
        };
        Some((row.setup + u64::try_from(talked).ok()?, row.ordinary))
    }
}

#[cfg(test)]
mod tests {
    use centrale_guard::Quote;
    use centrale_numbering::Plan;

    use super::*;
    use crate::drill::attacks::DEAR;

    #[test]
    fn the_meter_charges_by_the_started_minute_and_by_the_second() {
        let cost = |scene: Scene, number, seconds| scene.cost(number, Duration::from_secs_f64(seconds)).unwrap().0;
        for (seconds, dutch, belgian) in
            [(0.5, 800, 17), (59.9, 800, 1_000), (60.1, 1_600, 1_017), (120.0, 1_600, 2_000)]
        {
            assert_eq!(cost(Scene::Dutch, "+31612345678", seconds), dutch, "{seconds}");
            assert_eq!(cost(Scene::Belgian, "+32475123456", seconds), belgian, "{seconds}");
        }
        assert_eq!(cost(Scene::Listed, "+31612345678", 1.0), 500 + 25, "1490 hundredths of a cent a minute");
    }

    #[test]
    fn the_meter_knows_a_price_for_whatever_can_be_called_and_it_is_the_one_that_the_box_goes_by() {
        for scene in Scene::ALL {
            let plan = Plan::of(scene.country(), if scene == Scene::Belgian { "02" } else { "020" });
            let today = "2026-11-24".parse().unwrap();
            let list = scene.list(today);
            for dialled in scene.near().iter().chain(&DEAR) {
                let meant = plan.normalise(dialled);
                let price = Quote::of(&plan, &meant, list.as_ref(), today).price;
                let minute = price.cost(Duration::from_secs(60)).ten_thousandths();
                let metered = scene.cost(meant.number().unwrap(), Duration::from_secs(60)).map(|(cost, _)| cost);
                // What is blocked for everybody is called by nobody.
                let is_blocked = plan.default_policy(&meant) == centrale_numbering::Policy::Block;
                assert!(metered == Some(minute) || metered.is_none() && is_blocked, "{scene:?} {dialled}: {minute}");
            }
        }
    }
}
