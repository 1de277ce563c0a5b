//! What stands in one cell of a bill: a time, a length.

use jiff::civil::{Date, DateTime, Time};
use jiff::tz::Offset;

use crate::civil::Zone;

/// When a call began: the moments that are meant, in milliseconds since 1970 UTC. Two in the hour that comes twice, when no
/// offset says which. `None` when it cannot be read.
///
/// A date is `2026-11-30`, `20261130`, `30-11-2026`, `30/11/2026` or `30.11.26`: the day comes first when the year does not. A
/// time of day is `14:05`, `14:05:09`, with or without a fraction, `14h05`, with or without `Z` or `+01:00` behind it.
pub(crate) fn moments(cell: &str, time: Option<&str>, zone: &Zone) -> Option<Vec<u64>> {
    let cell = cell.trim();
    let split = cell.split_once([' ', 'T', 't', '\u{a0}']).map(|(date, time)| (date, Some(time.trim())));
    let (date, own_time) = split.unwrap_or_else(|| compact(cell));
    let time = own_time.or_else(|| time.map(str::trim))?;
    let (date, (time, offset)) = (date_in(date.trim_end_matches(','))?, time_in(time)?);
    let shown = DateTime::from_parts(date, time);
    let Some(offset) = offset else { return Some(zone.moments(shown)).filter(|moments| !moments.is_empty()) };
    let moment = offset.to_timestamp(shown).ok()?;
    u64::try_from(moment.as_millisecond()).ok().map(|moment| vec![moment])
}

/// `20261130140509`, as a date and a time.
fn compact(cell: &str) -> (&str, Option<&str>) {
    if cell.len() == 14 && is_digits(cell) { (&cell[..8], Some(&cell[8..])) } else { (cell, None) }
}

fn date_in(text: &str) -> Option<Date> {
    if text.len() == 8 && is_digits(text) {
        return date(&text[..4], &text[4..6], &text[6..]);
    }
    let parts: Vec<&str> = text.split(['-', '/', '.']).collect();
    let [first, middle, last] = parts[..] else { return None };
    match (first.len(), last.len()) {
        (4, 1..=2) => date(first, middle, last),
        (1..=2, 4) => date(last, middle, first),
        (1..=2, 2) => date(&format!("20{last}"), middle, first),
        _ => None,
    }
}

fn date(year: &str, month: &str, day: &str) -> Option<Date> {
    Date::new(small(year)?, i8::try_from(small(month)?).ok()?, i8::try_from(small(day)?).ok()?).ok()
}

fn time_in(text: &str) -> Option<(Time, Option<Offset>)> {
    let (clock, offset) = match text.find(['Z', 'z', '+', '-']) {
        Some(at) => (text[..at].trim_end(), Some(offset_in(&text[at..])?)),
        None => (text, None),
    };
    let whole = clock.split(',').next()?;
    let whole = match whole.rsplit_once('.') {
        // A fraction of a second, and not `14.05.09`.
        Some((before, _)) if before.contains([':', 'h']) => before,
        _ => whole,
    };
    let parts: Vec<&str> = match whole.len() {
        6 if is_digits(whole) => vec![&whole[..2], &whole[2..4], &whole[4..]],
        _ => whole.split([':', '.', 'h', 'H']).collect(),
    };
    let (hour, minute, second) = match parts[..] {
        [hour, minute] => (hour, minute, "0"),
        [hour, minute, second] => (hour, minute, second),
        _ => return None,
    };
    let part = |text: &str| i8::try_from(small(text)?).ok();
    let time = Time::new(part(hour)?, part(minute)?, part(second)?, 0).ok()?;
    Some((time, offset))
}

fn offset_in(text: &str) -> Option<Offset> {
    let Some(sign) = text.chars().next().filter(|sign| matches!(sign, '+' | '-')) else {
        return (text.len() == 1).then_some(Offset::UTC);
    };
    let digits: String = text[1..].chars().filter(|sign| *sign != ':').collect();
    if digits.len() != 4 || !is_digits(&digits) {
        return None;
    }
    let seconds = (i32::from(small(&digits[..2])?) * 60 + i32::from(small(&digits[2..])?)) * 60;
    Offset::from_seconds(if sign == '-' { -seconds } else { seconds }).ok()
}

/// How long a call was, in seconds: `125`, `125 s`, `2:05`, `0:02:05`.
pub(crate) fn seconds(cell: &str) -> Option<u64> {
    let cell = cell.trim().to_lowercase();
    let bare = ["seconden", "secondes", "seconds", "sec.", "sec", "s"].iter().find_map(|unit| cell.strip_suffix(unit));
    let parts: Vec<&str> = bare.unwrap_or(&cell).trim().split(':').collect();
    let number = |text: &str| text.parse::<u64>().ok().filter(|number| is_digits(text) && *number < 1_000_000);
    let below_sixty = |text: &str| number(text).filter(|number| text.len() == 2 && *number < 60);
    match parts[..] {
        [seconds] => number(seconds),
        [minutes, seconds] => Some(number(minutes)? * 60 + below_sixty(seconds)?),
        [hours, minutes, seconds] => Some((number(hours)? * 60 + below_sixty(minutes)?) * 60 + below_sixty(seconds)?),
        _ => None,
    }
}

fn small(text: &str) -> Option<i16> {
    text.parse().ok().filter(|_| is_digits(text))
}

fn is_digits(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use centrale_numbering::Money;

    use super::*;

    /// 30 November 2026, 14:05:09 in Amsterdam.
    const MOMENT: u64 = 1_796_043_909_000;

    fn read(cell: &str, time: Option<&str>) -> Option<Vec<u64>> {
        moments(cell, time, &Zone::named("Europe/Amsterdam").unwrap())
    }

    #[test]
    fn a_time_is_read_however_providers_write_it() {
        for (cell, time) in [
            ("2026-11-30 14:05:09", None),
            ("2026-11-30T14:05:09+01:00", None),
            ("2026-11-30T13:05:09Z", None),
            ("2026-11-30T13:05:09.482Z", None),
            ("2026-11-30 08:05:09 -0500", None),
            ("30-11-2026 14:05:09", None),
            ("30/11/2026", Some("14:05:09")),
            ("30.11.26", Some(" 14.05.09 ")),
            ("30-11-2026", Some("14h05:09")),
            ("20261130140509", None),
            ("20261130", Some("140509")),
            ("2026-11-30 14:05:09", Some("23:59")),
        ] {
            assert_eq!(read(cell, time), Some(vec![MOMENT]), "{cell} {time:?}");
        }
        assert_eq!(read("30-11-2026 14:05", None), Some(vec![MOMENT - 9000]));
    }

    #[test]
    fn a_041_a_time_in_the_hour_that_comes_twice_means_both_unless_the_offset_is_there() {
        assert_eq!(read("2026-10-25 02:30", None).unwrap().len(), 2);
        assert_eq!(read("2026-10-25T02:30:00+01:00", None), Some(vec![1_792_891_800_000]));
        assert_eq!(read("2026-10-25T02:30:00+02:00", None), Some(vec![1_792_888_200_000]));
    }

    #[test]
    fn what_is_no_time_is_not_read() {
        for cell in [
            "",
            "30-11-2026",
            "30-13-2026 10:00",
            "31-11-2026 10:00",
            "1 nov 2026 10:00",
            "11/30/2026 10:00",
            "2026-11-30 25:00",
            "2026-11-30 10:60",
            "2026-11-30 10:00:00+1",
            "2026-11-30 é",
            "1969-01-01 00:00",
            "99999999999999",
            "T",
            "--- :",
            "1796043909",
            "2026-11-30 10:00 PM",
        ] {
            assert_eq!(read(cell, None), None, "{cell}");
        }
    }

    #[test]
    fn a_length_is_seconds_or_a_clock() {
        for (cell, expected) in [
            ("125", 125),
            (" 125 s", 125),
            ("125sec", 125),
            ("2:05", 125),
            ("0:02:05", 125),
            ("00:02:05", 125),
            ("125:00", 7500),
            ("0", 0),
        ] {
            assert_eq!(seconds(cell), Some(expected), "{cell}");
        }
        for cell in ["", "2,5", "2.5", "-5", "2:5", "0:60", "1:2:3:4", "two", "99999999999", "+5"] {
            assert_eq!(seconds(cell), None, "{cell}");
        }
    }

    #[test]
    fn a_price_has_a_comma_or_a_point() {
        for (cell, expected) in [
            ("0,1234", 1234),
            ("€ 0,12", 1200),
            ("0.12", 1200),
            ("EUR 1.234,56", 12_345_600),
            ("1,234.56", 12_345_600),
            ("3", 30_000),
            ("0,00005", 1),
            ("0,00004", 0),
            ("1.234", 12_340),
            ("\u{a0}0,0363 €", 363),
        ] {
            assert_eq!(Money::of_bill(cell).map(Money::ten_thousandths), Some(expected), "{cell}");
        }
        for cell in ["", "-0,12", "abc", "1,2,3", "0,1x", "9999999999", ",", "€"] {
            assert_eq!(Money::of_bill(cell), None, "{cell}");
        }
    }
}
