//! The times without people, as far as money asks for them: nights and days off, by the hours of the office.

use std::sync::Arc;

use centrale_config::{Date, Hours, Opening};

use crate::civil::Civil;

/// Between which hours a day is no night on which the office is closed.
const DAYTIME: Hours = Hours { from: 8 * 60, until: 18 * 60 };
/// Days off in a row that are one time: more than can be typed. Beyond that, and where no weekday has hours, each week is a time
/// of its own, or what is spent would count for ever.
const LONGEST: u32 = 400;

/// When nobody is there. A break within a day is no such time.
#[derive(Debug, Clone, Default)]
pub(crate) struct Away(Arc<Opening>);

impl Away {
    /// By those hours.
    pub(crate) const fn new(opening: Arc<Opening>) -> Self {
        Self(opening)
    }

    /// The night that it is in, by the day on which that began: from the evening, when the last have left, to the morning.
    pub(crate) fn night(&self, civil: Civil) -> Option<u32> {
        let Hours { from, until } = self.daytime(civil.day);
        match civil.minute {
            minute if minute >= until => Some(civil.day),
            minute if minute < from => Some(civil.day.saturating_sub(1)),
            _ => None,
        }
    }

    /// The days off that it is in, a weekend or holidays, by the day on whose evening they began.
    pub(crate) fn weekend(&self, civil: Civil) -> Option<u32> {
        let Civil { day, minute } = civil;
        match self.span(day) {
            Some(Hours { until, .. }) if minute >= until => self.span(day + 1).is_none().then_some(day),
            Some(Hours { from, .. }) if minute >= from => None,
            // Before the morning, or all of a day off.
            today => {
                let last = self.last_before(day);
                (today.is_none() || last + 1 < day).then_some(last)
            }
        }
    }

    /// The time without people that it is in, by the day on which that began: days off, or else a night.
    pub(crate) fn closed(&self, civil: Civil) -> Option<u32> {
        self.weekend(civil).or_else(|| self.night(civil))
    }

    /// The first minute of the evening of that day, when a night or days off begin.
    pub(crate) fn evening(&self, day: u32) -> Civil {
        Civil::from_minutes(Civil { day, minute: 0 }.minutes() + u64::from(self.daytime(day).until))
    }

    /// The last day before that one on which there were people.
    fn last_before(&self, day: u32) -> u32 {
        let ever_opens = self.0.week.iter().any(|pieces| !pieces.is_empty());
        let mut before = (1..=LONGEST).filter(|_| ever_opens).filter_map(|back| day.checked_sub(back));
        let sunday = || day.saturating_sub(Date::from_days(day).weekday() + 1);
        before.find(|before| self.span(*before).is_some()).unwrap_or_else(sunday)
    }

    fn span(&self, day: u32) -> Option<Hours> {
        self.0.span(Date::from_days(day))
    }

    fn daytime(&self, day: u32) -> Hours {
        self.span(day).unwrap_or(DAYTIME)
    }
}

#[cfg(test)]
mod tests {
    use centrale_config::{Country, Holiday};

    use super::*;

    fn at(day: u32, hour: u16) -> Civil {
        Civil { day, minute: hour * 60 }
    }

    /// 27 November 2026, a Friday.
    const FRIDAY: u32 = 20_784;

    #[test]
    fn a_night_is_one_window_over_midnight_and_an_office_day_is_none() {
        let away = Away::default();
        assert_eq!(away.night(at(FRIDAY, 17)), None);
        assert_eq!(away.night(at(FRIDAY, 18)), Some(FRIDAY));
        assert_eq!(away.night(at(FRIDAY + 1, 7)), Some(FRIDAY));
        assert_eq!(away.night(at(FRIDAY + 1, 8)), None);
    }

    #[test]
    fn a_weekend_goes_from_friday_evening_to_monday_morning() {
        let weekends =
            [(FRIDAY, 17), (FRIDAY, 18), (FRIDAY + 1, 12), (FRIDAY + 2, 23), (FRIDAY + 3, 7), (FRIDAY + 3, 8)];
        let found = weekends.map(|(day, hour)| Away::default().weekend(at(day, hour)));
        assert_eq!(found, [None, Some(FRIDAY), Some(FRIDAY), Some(FRIDAY), Some(FRIDAY), None]);
        assert_eq!(Away::default().weekend(at(FRIDAY - 1, 20)), None, "an ordinary night");
    }

    #[test]
    fn a_070_a_holiday_is_a_day_off_and_lengthens_the_weekend_beside_it() {
        let away = Away::new(Arc::new(Opening::usual(Country::Netherlands)));
        // Thursday 2 April to Tuesday 7 April 2026: Good Friday is a working day, Easter Monday is not.
        let friday = "2026-04-03".parse::<Date>().unwrap().days();
        assert_eq!(away.weekend(at(friday, 12)), None);
        assert_eq!(away.weekend(at(friday + 3, 12)), Some(friday), "Easter Monday");
        assert_eq!((away.weekend(at(friday + 4, 7)), away.weekend(at(friday + 4, 8))), (Some(friday), None));
        let ascension = Holiday::Ascension.in_year(2026).unwrap().days();
        assert_eq!(away.closed(at(ascension, 12)), Some(ascension - 1));
        assert_eq!(away.closed(at(ascension + 1, 9)), None);
    }

    #[test]
    fn a_070_nights_begin_when_that_day_is_over_and_an_office_without_hours_is_always_away() {
        let mut opening = Opening::default();
        opening.week[4] = vec![Hours { from: 600, until: 720 }, Hours { from: 780, until: 21 * 60 }];
        let away = Away::new(Arc::new(opening.clone()));
        assert_eq!(away.closed(at(FRIDAY, 12)), None, "a break");
        assert_eq!((away.night(at(FRIDAY, 9)), away.night(at(FRIDAY, 20))), (Some(FRIDAY - 1), None));
        assert_eq!(away.evening(FRIDAY), at(FRIDAY, 21));
        opening.week = Default::default();
        let never = Away::new(Arc::new(opening));
        let monday = FRIDAY + 3;
        let windows: Vec<_> = (0..14).map(|day| never.weekend(at(monday + day, 12)).unwrap()).collect();
        assert_eq!((windows[0], windows[6], windows[7], windows[13]), (monday - 1, monday - 1, monday + 6, monday + 6));
    }
}
