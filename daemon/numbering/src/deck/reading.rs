//! From the bytes of a file to a deck, or to all that is wrong with it.

use super::columns::{Columns, known};
use super::fault::MOST_LISTED;
use super::{Deck, Fault, MOST_BYTES, MOST_ROWS, Prefix, Refused, Row, Terms, Wrong, price};
use crate::csv::{Record, Records, Separator, text_of};
use crate::money::Money;
use crate::tariff::{Step, Tariff};

/// The longest name of a destination that is kept, in characters.
const LONGEST_NAME: usize = 100;

pub(super) fn read(file: &[u8], terms: &Terms) -> Result<Deck, Refused> {
    let whole = |line: u32, wrong: Wrong| Refused { faults: vec![Fault { line, wrong }], count: 1 };
    if file.len() > MOST_BYTES {
        return Err(whole(1, Wrong::TooLarge));
    }
    let text = text_of(file).ok_or_else(|| whole(1, Wrong::NotText))?;
    let mut records = records(&text);
    let header = records.next().ok_or_else(|| whole(1, Wrong::Empty))?;
    let columns = header.fields.map_err(Wrong::from).and_then(|fields| Columns::read(&fields, terms.vat));
    let columns = columns.map_err(|wrong| whole(header.line, wrong))?;
    rows(records, &columns, terms).map(|rows| Deck {
        country: terms.country,
        valid_from: terms.valid_from,
        rows,
        unread: columns.unread,
    })
}

/// The records, by the separator with which most columns have a name. `sep=;` in front is for the sheet.
fn records(text: &str) -> Records<'_> {
    let hint = text.lines().next().and_then(|line| line.trim().strip_prefix("sep="));
    let of = |separator: Separator| {
        let mut records = Records::of(text, separator);
        if hint.is_some() {
            records.next();
        }
        records
    };
    let named = |records: &Records<'_>| {
        records.clone().next().and_then(|record| record.fields.ok()).map_or(0, |fields| known(&fields))
    };
    let [first, others @ ..] = Separator::ALL;
    let mut best = of(first);
    for separator in others {
        let other = of(separator);
        if named(&other) > named(&best) {
            best = other;
        }
    }
    best
}

fn rows(records: Records<'_>, columns: &Columns, terms: &Terms) -> Result<Vec<Row>, Refused> {
    let mut rows: Vec<(Row, u32)> = Vec::new();
    let mut faults = Vec::new();
    let (mut last, mut count) = (1, 0);
    for record in records {
        last = record.line;
        count += 1;
        if count > MOST_ROWS {
            faults.push(Fault { line: last, wrong: Wrong::TooMany });
            break;
        }
        match row(record, columns, terms) {
            Ok(row) => rows.push((row, last)),
            Err(wrong) => faults.push(Fault { line: last, wrong }),
        }
    }
    rows.sort_by_key(|(row, line)| (row.prefix, *line));
    faults.extend(rows.windows(2).filter_map(twice));
    if count == 0 {
        faults.push(Fault { line: last, wrong: Wrong::Empty });
    }
    if faults.is_empty() {
        return Ok(rows.into_iter().map(|(row, _)| row).collect());
    }
    faults.sort_by_key(|fault| fault.line);
    let count = faults.len();
    faults.truncate(MOST_LISTED);
    Err(Refused { faults, count })
}

fn twice(neighbours: &[(Row, u32)]) -> Option<Fault> {
    let [(row, first), (next, line)] = neighbours else { return None };
    let wrong = Wrong::Twice { prefix: row.prefix, first: *first };
    (row.prefix == next.prefix).then_some(Fault { line: *line, wrong })
}

fn row(record: Record<'_>, columns: &Columns, terms: &Terms) -> Result<Row, Wrong> {
    let fields = record.fields?;
    if fields.len() != columns.count {
        return Err(Wrong::Fields { found: fields.len(), expected: columns.count });
    }
    let prefix = &fields[columns.prefix];
    let priced = |(place, unit): (usize, price::Unit)| price::read(&fields[place], unit, terms.vat);
    let setup = match columns.setup.filter(|(place, _)| !fields[*place].trim().is_empty()) {
        Some(column) => priced(column)?,
        None => Money::ZERO,
    };
    let step = match columns.step.map(|place| fields[place].trim()).filter(|step| !step.is_empty()) {
        Some(text) => step(text)?,
        None => terms.country.step(),
    };
    let name = columns.destination.map_or("", |place| fields[place].trim());
    Ok(Row {
        prefix: Prefix::read(prefix, terms.country).ok_or_else(|| Wrong::prefix(prefix))?,
        destination: name.chars().map(|sign| if sign.is_control() { ' ' } else { sign }).take(LONGEST_NAME).collect(),
        tariff: Tariff { setup, minute: priced(columns.minute)?, step },
    })
}

/// How time is charged: in words, or in seconds (`1`, `60`, `60/1`). What is neither is a minute, which costs no less.
fn step(text: &str) -> Result<Step, Wrong> {
    let lower = text.to_lowercase();
    let word = lower.trim_start_matches("per ").trim_start_matches("par ").trim_start_matches("la ").trim();
    if matches!(word, "second" | "seconds" | "seconde" | "seconden" | "secondes" | "sec" | "s") {
        return Ok(Step::Second);
    }
    if matches!(word, "minute" | "minutes" | "minuut" | "minuten" | "min" | "m") {
        return Ok(Step::Minute);
    }
    let (first, then) = word.split_once(['/', '+']).unwrap_or((word, word));
    let seconds = |text: &str| text.trim().parse::<u8>().ok().filter(|seconds| (1..=60).contains(seconds));
    match (seconds(first), seconds(then)) {
        (Some(1), Some(1)) => Ok(Step::Second),
        (Some(_), Some(_)) => Ok(Step::Minute),
        _ => Err(Wrong::step(text)),
    }
}
