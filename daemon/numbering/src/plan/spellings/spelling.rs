//! The many ways of writing one number, and of trying to write it so that it is not seen.

use super::Dice;
use crate::Country;
use crate::rule::best_match;

/// What stands between digits, seen or unseen.
const BETWEEN: &[&str] = &[
    " ", "-", ".", "/", "\t", "\u{a0}", "\u{ad}", "\u{200b}", "\u{200e}", "\u{2011}", "\u{2013}", "\u{202a}",
    "\u{202c}", "\u{202f}", "\u{2060}", "\u{2069}", "\u{2212}", "\u{3000}", "\u{feff}", "%20", "%2D", "%2e", "(", ")",
];

/// The zero of each script whose digits are digits here.
const ZEROS: &[char] = &['0', '\u{ff10}', '\u{660}', '\u{6f0}'];

/// What has no place in a number.
const STRANGE: &[&str] = &[
    "p",
    ",",
    "w",
    ":",
    "&",
    "=",
    "%2x",
    "%G1",
    "%zz",
    "%25",
    "%00",
    "%3B",
    "%40",
    "%C2%A0",
    "+",
    "*",
    "#",
    "\u{966}",
    "\u{9e6}",
    "\u{1d7ce}",
    "\u{20e3}",
    "\u{fe0f}",
    "\u{ff0c}",
    "é",
    "O",
    "l",
    "\0",
    "%EF%BC%90",
];

/// What a URI may say behind the number, which changes nothing of a number in full.
const PARAMETERS: &[&str] = &[
    ";user=phone",
    ";isub=1234",
    ";npdi",
    ";npdi;rn=+31882345678",
    ";cic=+1-6868",
    ";ext=12",
    ";postd=pp22",
    ";phone-context=example.net",
    "?subject=112",
    ";tgrp=x;trunk-context=y",
];

/// The number in one of the forms in which it is dialled: with its zero, from abroad, with both.
pub(super) fn form(country: Country, number: &str, dice: &mut Dice) -> String {
    let code = country.calling_code();
    if let Some(abroad) = number.strip_prefix('+') {
        return format!("{}{abroad}", dice.one(&["+", "00"]));
    }
    match number.strip_prefix('0') {
        Some(rest) => match dice.throw(7) {
            0 => format!("+{code}{rest}"),
            1 => format!("00{code}{rest}"),
            2 => format!("+{code}0{rest}"),
            3 => format!("00{code}0{rest}"),
            4 => format!("+{code}(0){rest}"),
            5 => format!("{code}{rest}"),
            _ => number.to_owned(),
        },
        None => format!("{}{number}", dice.one(&short_fronts(country, number))),
    }
}

/// What may stand in front of a short number that is the same one all the same.
fn short_fronts(country: Country, number: &str) -> Vec<&'static str> {
    let from_abroad = if country == Country::Netherlands { ["+31", "0031"] } else { ["+32", "0032"] };
    let emergency = country.emergency_numbers().contains(&number);
    let help = best_match(country.rules(), number).is_some_and(|rule| rule.never_block);
    let habits: &[&str] = if emergency { &["+", "00", "0", "8", "9"] } else { &[] };
    let abroad: &[&str] = if help { &from_abroad } else { &[] };
    [&[""], habits, abroad].concat()
}

/// The same number for who reads it, in other signs.
pub(super) fn same(country: Country, form: &str, dice: &mut Dice) -> String {
    let mut text = dice.one(&["", "", "", "#31#", "*31*", "*31#", " "]).to_owned();
    for sign in form.chars() {
        if dice.once_in(4) && !matches!(sign, '(' | ')') && !text.ends_with('(') {
            text.push_str(dice.one(BETWEEN));
        }
        match dice.throw(8) {
            0 => text.push_str(&format!("%{:02X}", u32::from(sign))),
            1 => text.push_str(&format!("%{:02x}", u32::from(sign))),
            2 | 3 if sign.is_ascii_digit() => {
                let zero = u32::from(dice.one(ZEROS));
                text.extend(char::from_u32(zero + u32::from(sign) - u32::from('0')));
            }
            2 if sign == '+' => text.push('\u{ff0b}'),
            _ => text.push(sign),
        }
    }
    if dice.once_in(5) {
        text.push_str(dice.one(&["#", "%23", " "]));
    }
    dressed(country, &text, dice)
}

/// A text in the clothes of a URI.
fn dressed(country: Country, text: &str, dice: &mut Dice) -> String {
    let parameter = if dice.once_in(2) { dice.one(PARAMETERS).to_owned() } else { String::new() };
    match dice.throw(8) {
        0 => format!("tel:{text}{parameter}"),
        1 => format!("TEL:{text};phone-context=+{}{parameter}", country.calling_code()),
        2 => format!("sip:{text}@192.0.2.7{parameter}"),
        3 => format!("sips:{text}{parameter}@box;user=phone"),
        4 => format!("<sip:{text}@box{parameter}>"),
        5 => format!(" {text}{parameter} "),
        _ => text.to_owned(),
    }
}

/// A way of going around a refusal: another carrier's prefix, zeros too many, signs that have no place. The number is either seen
/// all the same or no number at all.
pub(super) fn around(country: Country, form: &str, dice: &mut Dice) -> String {
    let at = dice.throw(form.chars().count());
    // A plus in front of a number without its zero makes it one abroad, and not the same.
    let at = form.char_indices().nth(at.max(1)).map_or(form.len(), |(at, _)| at);
    match dice.throw(4) {
        // Behind fewer digits it is a number in an area whose zero was left out.
        0 if form.starts_with('0') && form.len() > 7 => {
            let select = dice.one(if country == Country::Netherlands { &["16", "10"] } else { &["10", "15", "16"] });
            let around = format!("{select}{}{form}", dice.digits(2));
            same(country, &around, dice)
        }
        1 if form.starts_with(['0', '+']) => {
            let around = format!("{}{form}", dice.one(&["00", "000", "0000", "+0", "+00", "00+", "++"]));
            same(country, &around, dice)
        }
        2 => format!("{}{}{}", &form[..at], dice.one(STRANGE), &form[at..]),
        _ => {
            let sign = dice.one(STRANGE);
            let text = format!("{}{sign}{}", &form[..at], &form[at..]);
            dressed(country, &text, dice)
        }
    }
}
