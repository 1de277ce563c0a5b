//! When there are people in the office: hours for each day of the week, holidays, and other days on which it stays closed.

use centrale_numbering::{Country, Date, NoDate};

use crate::holiday::Holiday;
use crate::rules::Fault;
use crate::{ChangeRefused, Office};

/// Most pieces of a day: a morning, an afternoon, an evening.
const MOST_PIECES: usize = 3;
/// Most other days on which an office is closed.
const MOST_CLOSED_DAYS: usize = 200;
/// The hours of a working day while nobody says otherwise.
const USUAL: Hours = Hours { from: 8 * 60, until: 18 * 60 };
/// A day without people, as it is written.
const CLOSED: &str = "closed";

/// A piece of a day, in minutes since midnight.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Hours {
    /// The first minute, 0 to 1439.
    pub from: u16,
    /// The first minute after it, later than `from`, 1440 at most.
    pub until: u16,
}

/// The hours of an office.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Opening {
    /// Of each day of the week, Monday first; in the order of the day, and none when it is closed.
    pub week: [Vec<Hours>; 7],
    /// The holidays that it keeps, in the order of the year.
    pub holidays: Vec<Holiday>,
    /// Other days on which it is closed, in their order.
    pub closed_days: Vec<Date>,
}

impl Opening {
    /// Keys of the days in the office file, Monday first.
    pub const DAYS: [&str; 7] = ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"];

    /// Monday to Friday, eight to six, and the holidays that are usual in a country.
    pub fn usual(country: Country) -> Self {
        Self { holidays: Holiday::usual(country), ..Self::default() }
    }

    /// From the first minute with people to the first one after the last, breaks left out; `None` on a day that is closed.
    pub fn span(&self, day: Date) -> Option<Hours> {
        let pieces = self.pieces(day);
        Some(Hours { from: pieces.first()?.from, until: pieces.last()?.until })
    }

    /// Whether there are people in that minute, 0 to 1439, of that day.
    pub fn is_open(&self, day: Date, minute: u16) -> bool {
        self.pieces(day).iter().any(|piece| (piece.from..piece.until).contains(&minute))
    }

    /// Whether there are people at a time when there are none in another.
    pub(crate) fn has_more_than(&self, other: &Self) -> bool {
        let within =
            |piece: &Hours, known: &[Hours]| known.iter().any(|at| at.from <= piece.from && piece.until <= at.until);
        let longer = self.week.iter().zip(&other.week).any(|(now, then)| now.iter().any(|piece| !within(piece, then)));
        let fewer_holidays = other.holidays.iter().any(|day| !self.holidays.contains(day));
        longer || fewer_holidays || other.closed_days.iter().any(|day| !self.closed_days.contains(day))
    }

    fn pieces(&self, day: Date) -> &[Hours] {
        let off = self.closed_days.contains(&day) || self.holidays.iter().any(|holiday| holiday.is_on(day));
        let of_week = usize::try_from(day.weekday()).ok().and_then(|weekday| self.week.get(weekday));
        of_week.filter(|_| !off).map_or(&[], Vec::as_slice)
    }

    /// A day's hours as they are written: `08:00-12:30, 13:00-17:30`, or `closed`.
    pub fn written(pieces: &[Hours]) -> String {
        let time = |minute: u16| format!("{:02}:{:02}", minute / 60, minute % 60);
        let piece = |piece: &Hours| format!("{}-{}", time(piece.from), time(piece.until));
        let pieces: Vec<String> = pieces.iter().map(piece).collect();
        if pieces.is_empty() { CLOSED.to_owned() } else { pieces.join(", ") }
    }
}

/// Monday to Friday, eight to six, without a holiday.
impl Default for Opening {
    fn default() -> Self {
        let week = std::array::from_fn(|day| if day < 5 { vec![USUAL] } else { Vec::new() });
        Self { week, holidays: Vec::new(), closed_days: Vec::new() }
    }
}

/// Hours as they were typed. What is not there is as usual.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct TypedOpening {
    /// Of each day, Monday first, as [`Opening::written`] writes them; an empty one is closed.
    pub week: [Option<String>; 7],
    /// Words of holidays.
    pub holidays: Option<Vec<String>>,
    /// Days as `2026-12-24`.
    pub closed_days: Vec<String>,
}

impl TypedOpening {
    /// What was typed, or every field that cannot be read and why.
    pub(crate) fn read(&self, country: Country) -> Result<Opening, Vec<(&'static str, Fault)>> {
        let (mut opening, mut faults) = (Opening::usual(country), Vec::new());
        for ((typed, pieces), key) in self.week.iter().zip(&mut opening.week).zip(Opening::DAYS) {
            match typed.as_deref().map(hours) {
                None => {}
                Some(Ok(read)) => *pieces = read,
                Some(Err(fault)) => faults.push((key, fault)),
            }
        }
        if let Some(words) = &self.holidays {
            let read = words.iter().map(|word| holiday(word)).collect::<Result<Vec<_>, _>>();
            opening.holidays = read.map_err(|fault| faults.push(("holidays", fault))).unwrap_or_default();
            opening.holidays.sort_unstable();
            opening.holidays.dedup();
        }
        let read = self.closed_days.iter().map(|text| closed_day(text)).collect::<Result<Vec<_>, _>>();
        let read = read.and_then(|days| if days.len() > MOST_CLOSED_DAYS { Err(too_many()) } else { Ok(days) });
        opening.closed_days = read.map_err(|fault| faults.push(("closed_days", fault))).unwrap_or_default();
        opening.closed_days.sort_unstable();
        opening.closed_days.dedup();
        if faults.is_empty() { Ok(opening) } else { Err(faults) }
    }
}

impl From<&Opening> for TypedOpening {
    fn from(opening: &Opening) -> Self {
        Self {
            week: opening.week.each_ref().map(|pieces| Some(Opening::written(pieces))),
            holidays: Some(opening.holidays.iter().map(|holiday| holiday.word().to_owned()).collect()),
            closed_days: opening.closed_days.iter().map(ToString::to_string).collect(),
        }
    }
}

impl Office {
    /// When there are people in it: as somebody said, else as usual in its country.
    pub fn hours(&self) -> Opening {
        self.opening.clone().unwrap_or_else(|| Opening::usual(self.identity.country))
    }

    /// Takes over what was typed.
    pub(crate) fn set_opening(&mut self, typed: Option<TypedOpening>) -> Result<(), ChangeRefused> {
        let read = typed.map(|typed| typed.read(self.identity.country)).transpose();
        self.opening = read.map_err(|faults| {
            let (field, fault) = faults.into_iter().next().unwrap_or(("opening", too_many()));
            ChangeRefused { field, code: fault.code, detail: fault.reason }
        })?;
        Ok(())
    }
}

fn hours(text: &str) -> Result<Vec<Hours>, Fault> {
    let text = text.trim();
    if text.is_empty() || text == CLOSED {
        return Ok(Vec::new());
    }
    let malformed = || Fault::new("hours-malformed", "hours are written as 08:00-12:30, 13:00-17:30, or as closed");
    let mut pieces =
        text.split(',').map(|piece| piece_of(piece).ok_or_else(malformed)).collect::<Result<Vec<_>, _>>()?;
    pieces.sort_unstable();
    let overlap = pieces.windows(2).any(|two| two[1].from <= two[0].until);
    if overlap || pieces.len() > MOST_PIECES {
        let reason = format!("a day has {MOST_PIECES} pieces at most, with a break between them");
        return Err(Fault::new("hours-overlap", reason));
    }
    Ok(pieces)
}

fn piece_of(text: &str) -> Option<Hours> {
    let (from, until) = text.split_once('-')?;
    let (from, until) = (minute(from)?, minute(until)?);
    (from < until).then_some(Hours { from, until })
}

/// `8:00` or `08:00`, up to `24:00`.
fn minute(text: &str) -> Option<u16> {
    let (hour, minute) = text.trim().split_once(':')?;
    let digits = |text: &str| text.bytes().all(|digit| digit.is_ascii_digit());
    if !matches!(hour.len(), 1..=2) || minute.len() != 2 || !digits(hour) || !digits(minute) {
        return None;
    }
    let (hour, minute): (u16, u16) = (hour.parse().ok()?, minute.parse().ok()?);
    (minute < 60 && hour * 60 + minute <= 24 * 60).then_some(hour * 60 + minute)
}

fn holiday(word: &str) -> Result<Holiday, Fault> {
    Holiday::of_word(word).ok_or_else(|| {
        let known = Holiday::ALL.map(Holiday::word).join(", ");
        Fault::new("holiday-unknown", format!("there is no holiday {word:?}; known are {known}"))
    })
}

fn closed_day(text: &str) -> Result<Date, Fault> {
    text.trim().parse().map_err(|error: NoDate| Fault::of("day-malformed", &error))
}

fn too_many() -> Fault {
    Fault::new("days-too-many", format!("{MOST_CLOSED_DAYS} other days at most"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> Date {
        text.parse().unwrap()
    }

    #[test]
    fn a_070_an_office_is_open_on_working_days_from_eight_to_six_and_on_no_holiday() {
        let usual = Opening::usual(Country::Netherlands);
        let open = |text: &str, hour: u16| usual.is_open(day(text), hour * 60);
        assert!(open("2026-11-27", 8) && open("2026-11-27", 17), "a Friday");
        assert!(!open("2026-11-27", 7) && !open("2026-11-27", 18) && !open("2026-11-28", 12));
        assert!(!open("2026-04-27", 12), "King's Day is a Monday");
        assert!(open("2026-05-05", 12), "Liberation Day is a choice");
        assert!(!Opening::usual(Country::Belgium).is_open(day("2026-07-21"), 720));
    }

    #[test]
    fn a_070_hours_with_a_break_and_days_off_are_read_as_they_are_written() {
        let typed = TypedOpening {
            week: [Some("13:00-17:30, 8:30-12:00"), None, Some("closed"), None, Some(""), Some("09:00-24:00"), None]
                .map(|text| text.map(str::to_owned)),
            holidays: Some(vec!["christmas".into(), "liberation-day".into(), "christmas".into()]),
            closed_days: vec!["2026-12-24".into()],
        };
        let read = typed.read(Country::Netherlands).unwrap();
        let monday = day("2026-11-30");
        let at = |minute| read.is_open(monday, minute);
        assert!(at(510) && !at(720) && at(780) && !at(1_050));
        assert_eq!(read.span(monday), Some(Hours { from: 510, until: 1_050 }));
        assert_eq!(read.span(day("2026-12-02")), None, "a Wednesday");
        assert_eq!((read.span(day("2026-12-04")), read.span(day("2026-12-24"))), (None, None));
        assert_eq!(read.week[1], [USUAL]);
        assert!(read.is_open(day("2026-12-05"), 1_439));
        assert_eq!(TypedOpening::from(&read).read(Country::Belgium), Ok(read));
    }

    #[test]
    fn what_is_no_time_of_an_office_is_refused_by_its_day() {
        let refused = |text: &str| {
            let week = std::array::from_fn(|day| (day == 3).then(|| text.to_owned()));
            let read = TypedOpening { week, ..TypedOpening::default() }.read(Country::Netherlands);
            read.map_err(|faults| faults.into_iter().map(|(key, fault)| (key, fault.code)).collect::<Vec<_>>())
        };
        for text in
            ["8-18", "08:00", "18:00-08:00", "08:00-08:00", "08:60-09:00", "08:00-24:01", "é:00-09:00", "+8:00-09:00"]
        {
            assert_eq!(refused(text), Err(vec![("thursday", "hours-malformed")]), "{text}");
        }
        for text in ["08:00-12:00, 11:00-13:00", "08:00-12:00,12:00-13:00", "1:00-2:00,3:00-4:00,5:00-6:00,7:00-8:00"] {
            assert_eq!(refused(text), Err(vec![("thursday", "hours-overlap")]), "{text}");
        }
        let typed = TypedOpening {
            holidays: Some(vec!["birthday".into()]),
            closed_days: vec!["24-12-2026".into()],
            ..TypedOpening::default()
        };
        let codes =
            typed.read(Country::Belgium).map_err(|faults| faults.into_iter().map(|(_, fault)| fault.code).collect());
        assert_eq!(codes, Err(vec!["holiday-unknown", "day-malformed"]));
    }
}
