//! Which column of a bill is what, by the words that providers write above them.

use std::borrow::Cow;

use centrale_numbering::csv::{self, Records, Separator};

/// Lines at the top of a file among which its header is looked for: some begin with an address and an invoice number.
pub(crate) const MOST_BEFORE: u32 = 30;

/// Where in a line each thing stands.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Header {
    pub(crate) number: usize,
    pub(crate) start: usize,
    /// Where the time of day stands, when the date stands alone.
    pub(crate) time: Option<usize>,
    pub(crate) duration: usize,
    pub(crate) price: Option<usize>,
    pub(crate) direction: Option<usize>,
}

/// The words of each thing in Dutch, French and English, as [`plain`] leaves them; the surest first.
const NUMBER: &[&str] = &[
    "gebeldnummer",
    "gekozennummer",
    "bnummer",
    "bestemmingsnummer",
    "nummerb",
    "naarnummer",
    "numeroappele",
    "numerodedestination",
    "numerocompose",
    "appele",
    "callednumber",
    "dialednumber",
    "dialleddigits",
    "destinationnumber",
    "tonumber",
    "callee",
    "called",
    "gebeld",
    "destination",
    "bestemming",
    "correspondant",
    "naar",
    "vers",
    "to",
    "nummer",
    "numero",
    "number",
    "telefoonnummer",
    "numerodetelephone",
    "phonenumber",
];
const START: &[&str] = &[
    "datumentijd",
    "datumtijd",
    "dateetheure",
    "dateheure",
    "dateandtime",
    "datetime",
    "timestamp",
    "datum",
    "startdatum",
    "calldate",
    "date",
    "jour",
    "dag",
    "starttijd",
    "begintijd",
    "starttime",
    "heurededebut",
    "debut",
    "callstart",
    "start",
    "begin",
    "aanvang",
    "tijdstip",
];
const TIME: &[&str] = &[
    "tijd",
    "heure",
    "time",
    "uur",
    "tijdstip",
    "starttijd",
    "begintijd",
    "starttime",
    "heurededebut",
    "debut",
    "start",
    "begin",
];
const DURATION: &[&str] = &[
    "duur",
    "gespreksduur",
    "belduur",
    "dureeenseconde",
    "dureesecondes",
    "dureedelappel",
    "duree",
    "duration",
    "callduration",
    "billsec",
    "billedseconds",
    "seconden",
    "secondes",
    "seconds",
    "sec",
    "lengte",
    "length",
];
const PRICE: &[&str] = &[
    "prijs", "bedrag", "kosten", "kost", "tarief", "prix", "montant", "cout", "price", "amount", "cost", "charge",
    "totaal", "total",
];
const DIRECTION: &[&str] = &["richting", "sens", "direction", "inout"];

impl Header {
    /// The header of a file, its separator, and its line.
    pub(crate) fn find(text: &str) -> Option<(Self, Separator, u32)> {
        let found = |separator| {
            let mut records = Records::of_lines(text, separator).take_while(|record| record.line <= MOST_BEFORE);
            records.find_map(|record| Some((Self::of(&record.fields.ok()?)?, separator, record.line)))
        };
        Separator::ALL.into_iter().filter_map(found).min_by_key(|(_, _, line)| *line)
    }

    fn of(cells: &[Cow<'_, str>]) -> Option<Self> {
        let words: Vec<String> = cells.iter().map(|cell| plain(cell)).collect();
        let column = |known: &[&str], taken: &[usize]| {
            let free = |word: &str| (0..words.len()).find(|at| words[*at] == word && !taken.contains(at));
            known.iter().find_map(|word| free(word))
        };
        let number = column(NUMBER, &[])?;
        let start = column(START, &[number])?;
        let duration = column(DURATION, &[number, start])?;
        Some(Self {
            number,
            start,
            time: column(TIME, &[number, start, duration]),
            duration,
            price: PRICE.iter().find_map(|word| words.iter().position(|cell| cell.starts_with(word))),
            direction: column(DIRECTION, &[number, start, duration]),
        })
    }
}

/// A word without what differs between two ways of writing it: capitals, accents, spaces, signs, and what stands in brackets
/// (`Duur (sec)`, `Prix (EUR)`).
pub(crate) fn plain(word: &str) -> String {
    let word = word.split(['(', '[']).next().unwrap_or_default();
    word.chars().filter_map(csv::plain).filter(char::is_ascii_alphanumeric).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn headers_in_three_languages_are_understood() {
        for (header, expected) in [
            ("Datum;Tijd;Gebeld nummer;Duur;Prijs", (2, 0, Some(1), 3, Some(4), None)),
            ("Date et heure;N° appelant;Numéro appelé;Durée (sec);Coût HTVA;Sens", (2, 0, None, 3, Some(4), Some(5))),
            ("direction,start,number,seconds,amount", (2, 1, None, 3, Some(4), Some(0))),
            ("\"Datum/tijd\",\"Van\",\"Naar\",\"Gespreksduur\",\"Bedrag (€)\"", (2, 0, None, 3, Some(4), None)),
            ("Datum\tStarttijd\tBestemming\tBelduur\tKosten", (2, 0, Some(1), 3, Some(4), None)),
        ] {
            let (found, _, at) = Header::find(header).unwrap();
            let Header { number, start, time, duration, price, direction } = found;
            assert_eq!(
                (at, number, start, time, duration, price, direction),
                (1, expected.0, expected.1, expected.2, expected.3, expected.4, expected.5),
                "{header}"
            );
        }
    }

    #[test]
    fn a_header_is_found_below_an_address_and_not_made_up() {
        let text = "Factuur 2026-11\n\nBakkerij Jansen\nDatum;Nummer;Duur\n";
        assert_eq!(Header::find(text).unwrap().2, 4);
        for text in ["", "Datum;Nummer;Prijs", "1;2;3", &"x\n".repeat(40)] {
            assert_eq!(Header::find(text), None, "{text}");
        }
    }
}
