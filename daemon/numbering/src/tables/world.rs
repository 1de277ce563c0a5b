//! Which country codes exist (ITU-T E.164, list of assigned codes).

/// Assigned codes of one and two digits; every code that begins with one of them is that one.
const SHORT: &[&str] = &[
    "1", "7", "20", "27", "30", "31", "32", "33", "34", "36", "39", "40", "41", "43", "44", "45", "46", "47", "48",
    "49", "51", "52", "53", "54", "55", "56", "57", "58", "60", "61", "62", "63", "64", "65", "66", "81", "82", "84",
    "86", "90", "91", "92", "93", "94", "95", "98",
];

/// The third digits that are assigned below each other pair of leading digits.
const LONG: &[(&str, &str)] = &[
    ("21", "12368"),
    ("22", "0123456789"),
    ("23", "0123456789"),
    ("24", "0123456789"),
    ("25", "012345678"),
    ("26", "0123456789"),
    ("29", "01789"),
    ("35", "0123456789"),
    ("37", "012345678"),
    ("38", "01235679"),
    ("42", "013"),
    ("50", "0123456789"),
    ("59", "0123456789"),
    ("67", "023456789"),
    ("68", "012356789"),
    ("69", "012"),
    ("80", "08"),
    ("85", "02356"),
    ("87", "08"),
    ("88", "012368"),
    ("96", "012345678"),
    ("97", "012345679"),
    ("99", "234568"),
];

/// The country code that an international number, without its plus, begins with; empty when there is no such code.
pub(crate) fn country_code(digits: &str) -> &str {
    let short = || SHORT.iter().find(|code| digits.starts_with(**code)).map(|code| code.len());
    let below = |(pair, thirds): &(&str, &str)| {
        digits.strip_prefix(pair).and_then(|rest| rest.chars().next()).is_some_and(|third| thirds.contains(third))
    };
    let length = short().or_else(|| LONG.iter().any(below).then_some(3)).unwrap_or(0);
    &digits[..length]
}
