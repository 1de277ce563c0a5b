//! Ways to write a number that is refused, drawn from a seed. Read by the guard's tests and by those of call-control.

use centrale_numbering::Country;

use super::draw::Draw;

/// Spellings that are tried of each class of number.
pub(crate) const SPELLINGS: u32 = 50_000;

/// How a number begins as dialled inside the country, and how many digits follow; with a plus where it is abroad.
pub(crate) type Kind = (Country, &'static str, u32);

/// What a new person may not call, class by class.
pub(crate) const REFUSED: &[&[Kind]] = &[
    &[
        (Country::Netherlands, "0900", 4),
        (Country::Netherlands, "0906", 7),
        (Country::Netherlands, "0909", 4),
        (Country::Netherlands, "066", 7),
        (Country::Netherlands, "18", 2),
        (Country::Belgium, "070", 6),
        (Country::Belgium, "12", 2),
    ],
    &[(Country::Belgium, "0905", 5), (Country::Belgium, "0909", 5)],
    &[(Country::Netherlands, "084", 7), (Country::Netherlands, "087", 7)],
    &[(Country::Netherlands, "+49", 10), (Country::Netherlands, "+53", 8)],
    &[(Country::Belgium, "+1876", 7), (Country::Belgium, "+88213", 8)],
];

const SEPARATORS: &[&str] = &["", "", "", " ", "-", ".", "(", ")", "/", "\u{a0}", "%20", "%2D"];

/// One of the ways to write a number that begins so and has so many digits more.
pub(crate) fn spell(draw: &mut Draw, country: Country, start: &str, more: u32) -> String {
    let mut digits: String = start.trim_start_matches('+').to_owned();
    for _ in 0..more {
        // Not 0 in front: that would be another number, or a way to write none.
        digits.push(char::from(b'1' + u8::try_from(draw.below(9)).unwrap()));
    }
    let national = !start.starts_with('+');
    let own = country.calling_code();
    let bare = digits.strip_prefix('0').unwrap_or(&digits).to_owned();
    let front = match (national, draw.below(5)) {
        (true, 0) => format!("+{own}{bare}"),
        (true, 1) => format!("00{own}{bare}"),
        (true, 2) => format!("+{own}0{bare}"),
        (true, _) => digits,
        (false, 0 | 1) => format!("00{digits}"),
        (false, _) => format!("+{digits}"),
    };
    let front = match draw.below(12) {
        // In Belgium that would be a number in Leuven.
        0 if country == Country::Netherlands => format!("16{}{front}", 10 + draw.below(90)),
        1 => format!("*31*{front}"),
        2 => format!("#31#{front}"),
        _ => front,
    };
    let mut text = String::new();
    for sign in front.chars() {
        match draw.below(14) {
            0 if sign.is_ascii_digit() => text.push_str(&format!("%3{sign}")),
            1 if sign.is_ascii_digit() => {
                text.push(char::from_u32(0xff10 + sign.to_digit(10).unwrap()).unwrap());
            }
            2 if sign.is_ascii_digit() => {
                text.push(char::from_u32(0x0660 + sign.to_digit(10).unwrap()).unwrap());
            }
            _ => text.push(sign),
        }
        text.push_str(draw.pick(SEPARATORS));
    }
    match draw.below(7) {
        0 => format!("sip:{text}@box"),
        1 => format!("tel:{text}"),
        2 => format!("tel:{text};phone-context=+{own}"),
        3 => format!("sip:{text};phone-context=example.net@box;user=phone"),
        4 => format!("{text}#"),
        _ => text,
    }
}
