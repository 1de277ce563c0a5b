//! Public holidays of the Netherlands and Belgium, computed for any year.

use centrale_numbering::{Country, Date};

/// A day of each year on which an office may be closed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Holiday {
    /// 1 January.
    NewYear,
    /// Two days before Easter.
    GoodFriday,
    /// Easter Sunday.
    Easter,
    /// The day after it.
    EasterMonday,
    /// 27 April in the Netherlands, the day before when that is a Sunday.
    KingsDay,
    /// 1 May.
    LabourDay,
    /// 5 May, each year.
    LiberationDay,
    /// 5 May in the years that many Dutch agreements give: 2025, 2030 and so on.
    FifthLiberationDay,
    /// 39 days after Easter.
    Ascension,
    /// 49 days after Easter.
    WhitSunday,
    /// The day after it.
    WhitMonday,
    /// 11 July, in Flanders.
    FlemishDay,
    /// 21 July, in Belgium.
    BelgianDay,
    /// 15 August.
    Assumption,
    /// 27 September, in the French Community of Belgium.
    FrenchCommunityDay,
    /// 1 November.
    AllSaints,
    /// 11 November.
    Armistice,
    /// 25 December.
    Christmas,
    /// 26 December.
    BoxingDay,
}

impl Holiday {
    /// Each, in the order of the year.
    pub const ALL: [Self; 19] = [
        Self::NewYear,
        Self::GoodFriday,
        Self::Easter,
        Self::EasterMonday,
        Self::KingsDay,
        Self::LabourDay,
        Self::LiberationDay,
        Self::FifthLiberationDay,
        Self::Ascension,
        Self::WhitSunday,
        Self::WhitMonday,
        Self::FlemishDay,
        Self::BelgianDay,
        Self::Assumption,
        Self::FrenchCommunityDay,
        Self::AllSaints,
        Self::Armistice,
        Self::Christmas,
        Self::BoxingDay,
    ];

    /// The word in the office file.
    pub const fn word(self) -> &'static str {
        match self {
            Self::NewYear => "new-year",
            Self::GoodFriday => "good-friday",
            Self::Easter => "easter",
            Self::EasterMonday => "easter-monday",
            Self::KingsDay => "kings-day",
            Self::LabourDay => "labour-day",
            Self::LiberationDay => "liberation-day",
            Self::FifthLiberationDay => "liberation-day-every-fifth-year",
            Self::Ascension => "ascension",
            Self::WhitSunday => "whit-sunday",
            Self::WhitMonday => "whit-monday",
            Self::FlemishDay => "flemish-day",
            Self::BelgianDay => "belgian-day",
            Self::Assumption => "assumption",
            Self::FrenchCommunityDay => "french-community-day",
            Self::AllSaints => "all-saints",
            Self::Armistice => "armistice",
            Self::Christmas => "christmas",
            Self::BoxingDay => "boxing-day",
        }
    }

    /// The holiday with that word.
    pub fn of_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|holiday| holiday.word() == word)
    }

    /// Those on which offices of a country are closed while nobody says otherwise: in Belgium the ten of the law of 4 January
    /// 1974 with both Sundays, in the Netherlands those of the General Extension of Time Limits Act without Good Friday.
    pub fn usual(country: Country) -> Vec<Self> {
        Self::ALL.into_iter().filter(|holiday| holiday.of_country(country) == Some(true)).collect()
    }

    /// Those that an office of a country may choose.
    pub fn possible(country: Country) -> Vec<Self> {
        Self::ALL.into_iter().filter(|holiday| holiday.of_country(country).is_some()).collect()
    }

    /// Whether it is a holiday of a country, and then whether it is usual there.
    const fn of_country(self, country: Country) -> Option<bool> {
        let dutch = matches!(country, Country::Netherlands);
        match self {
            Self::NewYear
            | Self::Easter
            | Self::EasterMonday
            | Self::Ascension
            | Self::WhitSunday
            | Self::WhitMonday
            | Self::Christmas => Some(true),
            Self::KingsDay => {
                if dutch {
                    Some(true)
                } else {
                    None
                }
            }
            Self::BoxingDay => Some(dutch),
            Self::GoodFriday => Some(false),
            Self::LiberationDay | Self::FifthLiberationDay => {
                if dutch {
                    Some(false)
                } else {
                    None
                }
            }
            Self::LabourDay | Self::BelgianDay | Self::Assumption | Self::AllSaints | Self::Armistice => {
                if dutch {
                    None
                } else {
                    Some(true)
                }
            }
            Self::FlemishDay | Self::FrenchCommunityDay => {
                if dutch {
                    None
                } else {
                    Some(false)
                }
            }
        }
    }

    /// On which day of a year it is; `None` in a year that has none, and before 1970.
    pub fn in_year(self, year: u32) -> Option<Date> {
        let day = |month, day| Date::of(year, month, day);
        let from_easter =
            |days: i32| easter(year).map(|easter| Date::from_days(easter.days().saturating_add_signed(days)));
        match self {
            Self::NewYear => day(1, 1),
            Self::GoodFriday => from_easter(-2),
            Self::Easter => from_easter(0),
            Self::EasterMonday => from_easter(1),
            Self::KingsDay => {
                day(4, 27).and_then(|king| if king.weekday() == SUNDAY { day(4, 26) } else { Some(king) })
            }
            Self::LabourDay => day(5, 1),
            Self::LiberationDay => day(5, 5),
            Self::FifthLiberationDay => {
                if year.is_multiple_of(5) {
                    day(5, 5)
                } else {
                    None
                }
            }
            Self::Ascension => from_easter(39),
            Self::WhitSunday => from_easter(49),
            Self::WhitMonday => from_easter(50),
            Self::FlemishDay => day(7, 11),
            Self::BelgianDay => day(7, 21),
            Self::Assumption => day(8, 15),
            Self::FrenchCommunityDay => day(9, 27),
            Self::AllSaints => day(11, 1),
            Self::Armistice => day(11, 11),
            Self::Christmas => day(12, 25),
            Self::BoxingDay => day(12, 26),
        }
    }

    /// Whether it is on that day.
    pub fn is_on(self, day: Date) -> bool {
        self.in_year(day.parts().0) == Some(day)
    }
}

const SUNDAY: u32 = 6;

/// Easter Sunday by the Gregorian calendar: the algorithm of Meeus, Jones and Butcher (Astronomical Algorithms, chapter 8).
fn easter(year: u32) -> Option<Date> {
    let (golden, century, of_century) = (year % 19, year / 100, year % 100);
    let lift = (century - (century + 8) / 25 + 1) / 3;
    let moon = (19 * golden + century - century / 4 - lift + 15) % 30;
    let week = (32 + 2 * (century % 4) + 2 * (of_century / 4) - moon - of_century % 4) % 7;
    let late = (golden + 11 * moon + 22 * week) / 451;
    let at = moon + week + 114 - 7 * late;
    Date::of(year, at / 31, at % 31 + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn days(holiday: Holiday, years: [u32; 3]) -> [String; 3] {
        years.map(|year| holiday.in_year(year).map(|day| day.to_string()).unwrap_or_default())
    }

    #[test]
    fn a_070_holidays_that_move_are_where_the_calendars_have_them() {
        let years = [2025, 2026, 2027];
        assert_eq!(days(Holiday::Easter, years), ["2025-04-20", "2026-04-05", "2027-03-28"]);
        assert_eq!(days(Holiday::GoodFriday, years), ["2025-04-18", "2026-04-03", "2027-03-26"]);
        assert_eq!(days(Holiday::EasterMonday, years), ["2025-04-21", "2026-04-06", "2027-03-29"]);
        assert_eq!(days(Holiday::Ascension, years), ["2025-05-29", "2026-05-14", "2027-05-06"]);
        assert_eq!(days(Holiday::WhitSunday, years), ["2025-06-08", "2026-05-24", "2027-05-16"]);
        assert_eq!(days(Holiday::WhitMonday, years), ["2025-06-09", "2026-05-25", "2027-05-17"]);
        // The earliest and the latest that there is, and the exceptions of the tables.
        assert_eq!(days(Holiday::Easter, [1981, 2038, 2285]), ["1981-04-19", "2038-04-25", "2285-03-22"]);
        assert_eq!(days(Holiday::KingsDay, years), ["2025-04-26", "2026-04-27", "2027-04-27"]);
        assert_eq!(days(Holiday::FifthLiberationDay, years), ["2025-05-05", "", ""]);
    }

    #[test]
    fn a_070_each_country_has_its_own_holidays_and_some_are_a_choice() {
        let (dutch, belgian) = (Holiday::usual(Country::Netherlands), Holiday::usual(Country::Belgium));
        assert_eq!((dutch.len(), belgian.len()), (9, 12));
        assert!(dutch.contains(&Holiday::KingsDay) && !belgian.contains(&Holiday::KingsDay));
        assert!(belgian.contains(&Holiday::BelgianDay) && !dutch.contains(&Holiday::LabourDay));
        let chosen = Holiday::possible(Country::Netherlands);
        assert!(chosen.contains(&Holiday::LiberationDay) && !dutch.contains(&Holiday::LiberationDay));
        assert!(Holiday::ALL.into_iter().all(|one| Holiday::of_word(one.word()) == Some(one)));
        assert_eq!(Holiday::of_word("monday"), None);
    }
}
