//! No spelling of a number that is refused gets out.

use centrale_config::Permit;
use centrale_guard::may_call;
use centrale_numbering::{Class, Country, Plan};

use crate::draw::Draw;

/// Spellings that are tried of each class of number.
const SPELLINGS: u32 = 50_000;

/// How a number begins as dialled inside the country, and how many digits follow; with a plus where it is abroad.
type Kind = (Country, &'static str, u32);

/// What a new person may not call, class by class.
const REFUSED: &[&[Kind]] = &[
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

fn spell(draw: &mut Draw, country: Country, start: &str, more: u32) -> String {
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

#[test]
fn no_spelling_of_a_number_that_a_new_person_may_not_call_gets_out() {
    for (seed, kinds) in (1..).zip(REFUSED) {
        let mut draw = Draw::new(seed);
        for _ in 0..SPELLINGS {
            let (country, start, more) = draw.pick(kinds);
            let plan = Plan::of(country, if country == Country::Netherlands { "020" } else { "02" });
            let dialled = spell(&mut draw, country, start, more);
            let meant = plan.normalise(&dialled);
            let verdict = may_call(&plan, &Permit::NEW, &meant, 20_781);
            // A helpline between them, and digits that mean nothing outside: those lead to a colleague or nowhere.
            let is_other = matches!(meant.class(), Class::Helpline | Class::Internal);
            assert!(verdict.is_err() || is_other, "{dialled} is called as {meant:?}");
        }
    }
}
