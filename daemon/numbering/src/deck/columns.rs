//! What the columns of a deck are called, in English, Dutch and French.

use std::borrow::Cow;
use std::fmt;

use super::fault::Wrong;
use super::price::Unit;
use super::terms::Vat;
use crate::csv::plain;

/// What a column holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Column {
    /// The leading digits.
    Prefix,
    /// What the destination is called.
    Destination,
    /// The price of a minute.
    Minute,
    /// The price of being answered.
    Setup,
    /// How time is charged.
    Step,
}

/// A line for each language: in lower case, without accents, one space between words, without the words that say
/// nothing of what is in the column.
const NAMES: &[(Column, [&str; 3])] = &[
    (
        Column::Prefix,
        [
            "prefix|code|dial code|dialcode|dialling code|dialing code|number",
            "landnummer|landcode|kengetal|netnummer|nummer",
            "prefixe|indicatif|code pays|numero",
        ],
    ),
    (
        Column::Destination,
        ["destination|country|name|description", "bestemming|land|naam|omschrijving", "pays|nom|libelle"],
    ),
    (
        Column::Minute,
        [
            "price minute|price min|price|minute|min|minute price|rate|rate minute|rate min|tariff|tariff minute",
            "prijs minuut|prijs min|prijs|minuut|minuutprijs|minuuttarief|tarief|tarief minuut|tarief min",
            "prix minute|prix min|prix|tarif|tarif minute|tarif min",
        ],
    ),
    (
        Column::Setup,
        [
            "set up|setup|set up fee|setup fee|set up price|call set up|connection|connection fee|connect fee|price call|call",
            "starttarief|start tarief|startkosten|opzetkosten|opstartkosten|verbindingskosten|prijs gesprek|gesprek",
            "etablissement|frais etablissement|connexion|frais connexion|mise relation|prix appel|appel",
        ],
    ),
    (
        Column::Step,
        [
            "step|increment|billing increment|billing step|interval|charged",
            "afrekening|afrekeneenheid|stap|afronding|afgerekend",
            "pas|facturation|pas facturation|palier|arrondi|facture",
        ],
    ),
];

/// Words that say in which money a column is.
const CENT: &[&str] = &["cent", "cents", "ct", "cts", "eurocent", "eurocents", "centime", "centimes"];
const SILENT: &[&str] = &["eur", "euro", "euros", "in", "en", "vat", "btw", "tva", "per", "par", "la", "de", "d"];
const WITHOUT_VAT: &[&str] = &["excl", "ex", "excluding", "exclusief", "htva", "ht", "hors", "non"];
const WITH_VAT: &[&str] = &["incl", "including", "inclusief", "tvac", "ttc", "comprise"];

/// Where what stands in a row.
#[derive(Debug)]
pub(super) struct Columns {
    /// How many fields a row has.
    pub(super) count: usize,
    pub(super) prefix: usize,
    pub(super) destination: Option<usize>,
    pub(super) minute: (usize, Unit),
    pub(super) setup: Option<(usize, Unit)>,
    pub(super) step: Option<usize>,
    /// Columns with names that say nothing here.
    pub(super) unread: Vec<String>,
}

/// What the name of a column says.
struct Name {
    column: Option<Column>,
    unit: Unit,
    /// Whether VAT is in it, if it says so.
    with_vat: Option<bool>,
}

impl Columns {
    /// Reads the first record of a deck.
    pub(super) fn read(header: &[Cow<'_, str>], vat: Vat) -> Result<Self, Wrong> {
        let names: Vec<Name> = header.iter().map(|text| name(text)).collect();
        let find = |column: Column| {
            let mut found = names.iter().enumerate().filter(|(_, name)| name.column == Some(column));
            match (found.next(), found.next()) {
                (Some(_), Some(_)) => Err(Wrong::TwoColumns(column)),
                (found, _) => Ok(found.map(|(place, name)| (place, name.unit))),
            }
        };
        if names.iter().any(|name| name.with_vat.is_some_and(|with| with != (vat == Vat::Included))) {
            return Err(Wrong::OtherVat);
        }
        let place = |column: Column| find(column).map(|found| found.map(|(place, _)| place));
        let unread = header.iter().zip(&names).filter(|(text, name)| name.column.is_none() && !text.trim().is_empty());
        Ok(Self {
            count: header.len(),
            prefix: place(Column::Prefix)?.ok_or(Wrong::NoColumn(Column::Prefix))?,
            destination: place(Column::Destination)?,
            minute: find(Column::Minute)?.ok_or(Wrong::NoColumn(Column::Minute))?,
            setup: find(Column::Setup)?,
            step: place(Column::Step)?,
            unread: unread.map(|(text, _)| text.chars().filter(|sign| !sign.is_control()).take(40).collect()).collect(),
        })
    }
}

/// How many columns of a record have a name that says something.
pub(super) fn known(header: &[Cow<'_, str>]) -> usize {
    header.iter().filter(|text| name(text).column.is_some()).count()
}

fn name(text: &str) -> Name {
    let plain: String = text.chars().map(|sign| plain(sign).unwrap_or(' ')).collect();
    let words: Vec<&str> = plain.split_whitespace().collect();
    let has = |list: &[&str]| words.iter().any(|word| list.contains(word));
    let silent = [CENT, SILENT, WITHOUT_VAT, WITH_VAT];
    let telling: Vec<&str> =
        words.iter().filter(|word| !silent.iter().any(|list| list.contains(word))).copied().collect();
    let telling = telling.join(" ");
    let column = NAMES
        .iter()
        .find(|(_, names)| names.iter().any(|names| names.split('|').any(|name| name == telling)))
        .map(|(column, _)| *column);
    Name {
        column,
        unit: if has(CENT) { Unit::Cent } else { Unit::Euro },
        with_vat: match (has(WITH_VAT), has(WITHOUT_VAT)) {
            (_, true) => Some(false),
            (true, false) => Some(true),
            (false, false) => None,
        },
    }
}

/// As the first line should call it.
impl fmt::Display for Column {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(match self {
            Self::Prefix => "prefix",
            Self::Destination => "destination",
            Self::Minute => "price per minute",
            Self::Setup => "set-up",
            Self::Step => "step",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(header: &str, vat: Vat) -> Result<Columns, Wrong> {
        Columns::read(&header.split(';').map(Cow::Borrowed).collect::<Vec<_>>(), vat)
    }

    #[test]
    fn the_same_columns_have_names_in_three_languages() {
        for header in [
            "Prefix;Destination;Price per minute;Set-up;Step",
            "Landnummer;Bestemming;Prijs per minuut (EUR);Starttarief;Afrekening",
            "Préfixe;Destination;Prix par minute (€);Frais d'établissement;Facturation",
            "PREFIX;LAND;TARIEF / MIN;STARTTARIEF;STAP",
            "indicatif;pays;prix/min;connexion;palier",
            "dial_code;country;rate;setup_fee;increment",
        ] {
            let columns = read(header, Vat::Included).unwrap_or_else(|wrong| panic!("{header}: {wrong}"));
            assert_eq!((columns.prefix, columns.destination, columns.minute.0), (0, Some(1), 2), "{header}");
            assert_eq!((columns.setup.map(|(place, _)| place), columns.step), (Some(3), Some(4)), "{header}");
        }
    }

    #[test]
    fn the_name_says_cents_and_whether_vat_is_in_it() {
        let without = Vat::Excluded { per_mille: 210 };
        assert_eq!(read("prefix;prijs per minuut (ct)", Vat::Included).unwrap().minute.1, Unit::Cent);
        assert!(read("prefix;prijs per minuut (excl. btw)", without).is_ok());
        assert_eq!(read("prefix;prijs per minuut (excl. btw)", Vat::Included).unwrap_err(), Wrong::OtherVat);
        assert_eq!(read("préfixe;prix par minute HTVA", Vat::Included).unwrap_err(), Wrong::OtherVat);
        assert_eq!(read("prefix;price per minute incl. VAT", without).unwrap_err(), Wrong::OtherVat);
    }

    #[test]
    fn a_column_that_is_missing_or_there_twice_is_refused_and_an_unknown_one_is_told() {
        assert_eq!(read("bestemming;prijs", Vat::Included).unwrap_err(), Wrong::NoColumn(Column::Prefix));
        assert_eq!(read("prefix;peak", Vat::Included).unwrap_err(), Wrong::NoColumn(Column::Minute));
        assert_eq!(read("prefix;price;rate", Vat::Included).unwrap_err(), Wrong::TwoColumns(Column::Minute));
        assert_eq!(read("prefix;price;valid from;", Vat::Included).unwrap().unread, ["valid from"]);
    }
}
