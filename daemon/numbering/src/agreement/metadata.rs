//! libphonenumber's types of numbers, from its metadata.

use crate::Country;

/// One type of numbers of one country.
#[derive(Debug)]
pub(super) struct Known {
    /// Whether it is a short number, which is dialled without a zero.
    pub(super) short: bool,
    pub(super) kind: &'static str,
    /// A number of this type, without its leading zero; empty where there is none.
    pub(super) example: &'static str,
    /// As it is dialled inside the country.
    pub(super) pattern: String,
    lengths: Vec<usize>,
}

impl Known {
    /// Whether a dialled number that fits the pattern has one of the lengths of this type.
    pub(super) fn has_length(&self, dialled: &str) -> bool {
        let length = dialled.strip_prefix('0').unwrap_or(dialled).len();
        self.lengths.is_empty() || self.lengths.contains(&length)
    }
}

/// All types of a country. The town halls (14 and an area code) are among the long numbers, though dialled without a
/// zero.
pub(super) fn of(country: Country) -> Vec<Known> {
    let file = include_str!("../../data/libphonenumber.txt");
    let lines = file.lines().filter(|line| !line.starts_with('#'));
    lines.filter_map(|line| line.strip_prefix(country.code())).flat_map(types).collect()
}

fn types(line: &'static str) -> Vec<Known> {
    let fields: Vec<&str> = line.split_whitespace().collect();
    let [file, kind, lengths, example, pattern] = fields[..] else { panic!("five fields: {line}") };
    let known = |short: bool, pattern: String| Known {
        short,
        kind,
        example: example.trim_matches('-'),
        pattern,
        lengths: lengths.split(',').flat_map(length).collect(),
    };
    match (file, kind) {
        ("short", _) => vec![known(true, pattern.to_owned())],
        (_, "uan") => vec![known(false, format!("0(?:{pattern})")), known(true, pattern.to_owned())],
        _ => vec![known(false, format!("0(?:{pattern})"))],
    }
}

/// `9`, `[7-10]`, or `-` for any.
fn length(text: &'static str) -> std::ops::RangeInclusive<usize> {
    let number = |digits: &str| digits.parse().expect("a length");
    match text.trim_matches(['[', ']']).split_once('-') {
        Some(("", _)) => std::ops::RangeInclusive::new(1, 0),
        Some((from, to)) => number(from)..=number(to),
        None => number(text)..=number(text),
    }
}
