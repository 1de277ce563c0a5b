//! A provider's bill: a file with a line a call.

use std::borrow::Cow;

use centrale_numbering::csv::{Record, Records, text_of};
use centrale_numbering::{Money, Plan, Reason};

use crate::civil::Zone;
use crate::header::{Header, plain};
use crate::values::{moments, seconds};

/// Lines that are read at most: an office of fifty people makes some 20,000 calls outside in a quarter.
pub const MOST_LINES: u32 = 20_000;

/// A bill as it was read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Bill {
    /// The calls that somebody is to pay, in the order of the file.
    pub calls: Vec<BilledCall>,
    /// Lines of calls that came in, or that nobody answered: nothing to compare.
    pub left_out: usize,
    /// Lines that cannot be read, in the order of the file.
    pub refused: Vec<RefusedLine>,
}

/// A line of a bill.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BilledCall {
    /// Its line in the file, from 1.
    pub line: u32,
    /// The number that was called, as the number plan writes it.
    pub number: String,
    /// When it began, in milliseconds since 1970 UTC.
    pub started: u64,
    /// When it may have begun too: its time stands in the hour that comes twice.
    pub or_started: Option<u64>,
    /// How long it was, in seconds.
    pub seconds: u64,
    /// What it costs, when the bill says so.
    pub price: Option<Money>,
}

/// A line that cannot be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RefusedLine {
    /// Its line in the file, from 1.
    pub line: u32,
    /// Why.
    pub reason: LineRefused,
}

/// Why a line cannot be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum LineRefused {
    /// Fewer cells than the header has columns that count, or a quotation mark that is not closed.
    #[error("the line is not whole")]
    Torn,
    /// The number is not there, or no number that can be called; some bills hide its last digits.
    #[error("the number: {0}")]
    Number(Reason),
    /// The date or the time.
    #[error("the date or the time cannot be read")]
    Start,
    /// The length.
    #[error("the length cannot be read")]
    Duration,
    /// The price.
    #[error("the price cannot be read")]
    Price,
}

/// Why a file is no bill at all.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum BillRefused {
    /// Neither UTF-8 nor Windows-1252 text.
    #[error("the file is not text: save it as CSV")]
    NotText,
    /// No line names the columns.
    #[error("no line names a column with the number, the date and the length of the calls")]
    NoHeader,
    /// Too long.
    #[error("a file has at most {MOST_LINES} lines: save a month at a time")]
    TooLong,
}

impl Bill {
    /// Reads a file. Times without an offset are the office's own; numbers are read as somebody in the office dials them.
    ///
    /// # Errors
    /// When it is no bill at all. A line that cannot be read is listed and costs no other line anything.
    pub fn read(file: &[u8], plan: &Plan, zone: &Zone) -> Result<Self, BillRefused> {
        let text = text_of(file).ok_or(BillRefused::NotText)?;
        let (header, separator, names) = Header::find(&text).ok_or(BillRefused::NoHeader)?;
        let mut bill = Self { calls: Vec::new(), left_out: 0, refused: Vec::new() };
        for Record { line, fields } in Records::of_lines(&text, separator).skip_while(|record| record.line <= names) {
            if line > names + MOST_LINES {
                return Err(BillRefused::TooLong);
            }
            let read = fields.map_err(|_| LineRefused::Torn);
            match read.and_then(|cells| call_of(&cells, &header, (plan, zone))) {
                Ok(Some(call)) => bill.calls.push(BilledCall { line, ..call }),
                Ok(None) => bill.left_out += 1,
                Err(reason) => bill.refused.push(RefusedLine { line, reason }),
            }
        }
        Ok(bill)
    }
}

/// The call on a line; `None` when there is nothing to compare.
fn call_of(
    cells: &[Cow<'_, str>],
    header: &Header,
    (plan, zone): (&Plan, &Zone),
) -> Result<Option<BilledCall>, LineRefused> {
    let cell = |column: usize| cells.get(column).map(AsRef::as_ref).ok_or(LineRefused::Torn);
    let optional = |column: Option<usize>| column.and_then(|column| cells.get(column)).map(AsRef::as_ref);
    if optional(header.direction).is_some_and(|word| came_in(&plain(word))) {
        return Ok(None);
    }
    let dialled = cell(header.number)?.trim_start_matches('\'');
    let number = match plan.normalise(dialled) {
        centrale_numbering::Dialled::Unknown { reason } => return Err(LineRefused::Number(reason)),
        known => known.number().unwrap_or_default().to_owned(),
    };
    let moments = moments(cell(header.start)?, optional(header.time), zone).ok_or(LineRefused::Start)?;
    let seconds = seconds(cell(header.duration)?).ok_or(LineRefused::Duration)?;
    let price = match optional(header.price).map(str::trim).filter(|cell| !cell.is_empty()) {
        Some(cell) => Some(Money::of_bill(cell).ok_or(LineRefused::Price)?),
        None => None,
    };
    let mut moments = moments.into_iter();
    let started = moments.next().ok_or(LineRefused::Start)?;
    if seconds == 0 && price.is_none_or(|price| price == Money::ZERO) {
        return Ok(None);
    }
    Ok(Some(BilledCall { line: 0, number, started, or_started: moments.next(), seconds, price }))
}

/// Whether a direction says that the call came from outside.
fn came_in(word: &str) -> bool {
    ["in", "inkomend", "inbound", "incoming", "entrant", "entrante", "binnenkomend", "ontvangen", "recu", "received"]
        .contains(&word)
}

#[cfg(test)]
mod tests {
    use centrale_numbering::Country;
    use proptest::prelude::*;

    use super::*;

    fn read(text: &[u8]) -> Result<Bill, BillRefused> {
        Bill::read(text, &Plan::of(Country::Netherlands, "020"), &Zone::named("Europe/Amsterdam").unwrap())
    }

    fn line(text: &str) -> Result<Option<BilledCall>, LineRefused> {
        let bill = read(format!("Datum;Tijd;Nummer;Duur;Prijs;Richting\n{text}\n").as_bytes()).unwrap();
        match bill.refused.first() {
            Some(refused) => Err(refused.reason),
            None => Ok(bill.calls.into_iter().next()),
        }
    }

    #[test]
    fn the_same_call_is_read_from_every_way_to_write_its_number() {
        for number in [
            "+31612345678",
            "0031612345678",
            "0612345678",
            "31612345678",
            "06-12 34 56 78",
            "'+31612345678",
            "612345678",
        ] {
            let call = line(&format!("30-11-2026;14:05:09;{number};0:02:05;0,1234;uit")).unwrap().unwrap();
            assert_eq!(
                (call.number.as_str(), call.started, call.seconds),
                ("+31612345678", 1_796_043_909_000, 125),
                "{number}"
            );
            assert_eq!((call.price, call.line), (Some(Money::from_ten_thousandths(1234)), 2));
        }
        let call = line("30-11-2026;14:05;7654321;60;;").unwrap().unwrap();
        assert_eq!((call.number.as_str(), call.price), ("+31207654321", None), "in the office's own area");
    }

    #[test]
    fn one_bad_line_costs_no_other_line_anything() {
        let bill = read(
            b"Date;Heure;Num\xe9ro;Dur\xe9e;Prix\r\n30-11-2026;14:05;0612345678;60;0,10\r\n;;;;\r\n30-11-2026;14:05\r\n\
              30-11-2026;14:05;\"0612345678;60;0,10\r\n30-11-2026;14:05;06123456xx;60;0,10\r\n\
              30-11-2026;later;0612345678;60;0,10\r\n30-11-2026;14:05;0612345678;long;0,10\r\n\
              30-11-2026;14:05;0612345678;60;-0,10\r\nTotaal;;;;12,00\r\n30-11-2026;15:05;0612345678;60;0,10",
        )
        .unwrap();
        assert_eq!(bill.calls.iter().map(|call| call.line).collect::<Vec<_>>(), [2, 11]);
        let refused: Vec<_> = bill.refused.iter().map(|refused| (refused.line, refused.reason)).collect();
        let number = |reason| LineRefused::Number(reason);
        assert_eq!(
            refused,
            [
                (4, LineRefused::Torn),
                (5, LineRefused::Torn),
                (6, number(Reason::NotANumber)),
                (7, LineRefused::Start),
                (8, LineRefused::Duration),
                (9, LineRefused::Price),
                (10, number(Reason::Empty)),
            ]
        );
    }

    #[test]
    fn calls_that_came_in_or_were_not_answered_are_left_out() {
        for left_out in [
            "30-11-2026;14:05;0612345678;60;0,10;Inkomend",
            "30-11-2026;14:05;0612345678;0;0,00;uit",
            "30-11-2026;14:05;0612345678;0;;",
        ] {
            assert_eq!(line(left_out), Ok(None), "{left_out}");
        }
        assert!(line("30-11-2026;14:05;0612345678;0;0,10;uit").unwrap().is_some(), "what costs something is compared");
    }

    #[test]
    fn what_is_no_bill_is_refused_whole() {
        assert_eq!(read(b""), Err(BillRefused::NoHeader));
        assert_eq!(read(b"PK\x03\x04\x00\x00"), Err(BillRefused::NotText));
        assert_eq!(read(&[0xff, 0xfe, b'D', 0]), Err(BillRefused::NotText));
        let long = "Datum;Nummer;Duur\n".to_owned() + &"x\n".repeat(MOST_LINES as usize);
        assert_eq!(read(long.as_bytes()).unwrap().refused.len(), MOST_LINES as usize);
        assert_eq!(read((long + "x\n").as_bytes()), Err(BillRefused::TooLong));
    }

    proptest! {
        #[test]
        fn whatever_a_file_holds_every_line_is_accounted_for(lines in prop::collection::vec("[^\n\r\u{0}\u{b}\u{c}\u{85}\u{2028}\u{2029}]{0,40}", 0..20)) {
            let file = format!("Datum;Tijd;Nummer;Duur;Prijs\n{}", lines.join("\n"));
            let bill = read(file.as_bytes()).unwrap();
            let empty = lines.iter().filter(|line| Records::of_lines(line, crate::Separator::Semicolon).next().is_none()).count();
            let trailing = usize::from(lines.last().is_some_and(String::is_empty));
            prop_assert!(bill.calls.len() + bill.left_out + bill.refused.len() + empty >= lines.len() - trailing);
        }

        #[test]
        fn no_bytes_at_all_make_it_panic(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
            let _ = read(&bytes);
            let _ = read(&[b"Datum;Tijd;Nummer;Duur;Prijs\n".to_vec(), bytes].concat());
        }
    }
}
