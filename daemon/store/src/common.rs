//! Passwords that many people choose: whole ones, and what is put together of a few words that somebody would try first, among
//! them the names of the office and of the user. Nothing is asked of anybody outside.

use std::collections::HashSet;
use std::sync::LazyLock;

/// The list, and what each line of it is: its head says where it comes from.
static WORDS: LazyLock<HashSet<&str>> = LazyLock::new(|| {
    let lines = include_str!("../data/common-passwords.txt").lines();
    lines.filter(|line| !line.starts_with('#')).collect()
});

/// Words that a password may be put together of and still be one of the first that are tried.
const FEW: usize = 2;
/// Letters that may be left between them: `jan1Welkom!`, `xwelkomwelkom`.
const LEFT: usize = 1;
/// Shortest word of the list, and of a name, that counts.
const SHORTEST: usize = 4;
const SHORTEST_NAME: usize = 3;
/// Keys beside each other on keyboards of the country and of its neighbours (QWERTY, AZERTY, QWERTZ), by rows and columns, and the
/// alphabet.
const ROWS: [&str; 9] = [
    "qwertyuiop",
    "azertyuiop",
    "qwertzuiop",
    "asdfghjkl",
    "qsdfghjklm",
    "zxcvbnm",
    "wxcvbn",
    "1qaz2wsx3edc4rfv5tgb6yhn7ujm",
    "abcdefghijklmnopqrstuvwxyz",
];
/// Fewest neighbours that are a row.
const ROW: usize = 4;
/// Longest word that is looked for.
const LONGEST: usize = 40;
/// Longest part that is common because it is repeated.
const SHORT_REPEATED: usize = 6;

/// Whether a password is one that many choose, where these are names that somebody would put into it.
pub(crate) fn is_common(password: &str, names: &[&str]) -> bool {
    let names: Vec<String> = names.iter().flat_map(|name| parts(name)).collect();
    let plain = password.to_lowercase();
    [plain.clone(), disguises_off(&plain)].iter().any(|text| {
        let text: Vec<char> = text.chars().filter(|letter| letter.is_alphanumeric()).collect();
        is_put_together(&text, &names)
    })
}

/// The words of a name and the name as one word.
fn parts(name: &str) -> Vec<String> {
    let lower = name.to_lowercase();
    let words = lower.split(|letter: char| !letter.is_alphanumeric()).map(str::to_owned);
    let whole = lower.chars().filter(|letter| letter.is_alphanumeric()).collect();
    words.chain([whole]).filter(|word: &String| word.chars().count() >= SHORTEST_NAME).collect()
}

/// Digits and signs that stand for letters, up to the last letter: behind it a year stays one.
fn disguises_off(text: &str) -> String {
    let text = text.trim_end_matches(|sign: char| !sign.is_alphabetic());
    let letter = |sign| match sign {
        '@' | '4' => 'a',
        '3' => 'e',
        '1' | '!' => 'i',
        '0' => 'o',
        '$' | '5' => 's',
        '7' => 't',
        other => other,
    };
    text.chars().map(letter).collect()
}

/// Whether nothing is left of a text but digits, a few words and a letter. What repeats itself counts once.
fn is_put_together(whole: &[char], names: &[String]) -> bool {
    let text = repeated(whole);
    if text.len() < whole.len() && text.len() <= SHORT_REPEATED {
        return true;
    }
    // The fewest words, and then the fewest letters, that the text up to each place is put together of. Digits cost nothing:
    // they are a year, a date, or what counts up.
    let mut least = vec![(0, 0)];
    for end in 1..=text.len() {
        let digit = text[end - 1].is_ascii_digit();
        let (words, letters) = least[end - 1];
        let mut best = if digit { (words, letters) } else { (words, letters + 1) };
        for (start, (words, letters)) in least.iter().enumerate().skip(end.saturating_sub(LONGEST)) {
            if is_word(&text[start..end], names) {
                best = better(best, (words + 1, *letters));
            }
        }
        least.push(best);
    }
    least.last().is_some_and(|(words, letters)| *words <= FEW && *letters <= LEFT)
}

fn better(one: (usize, usize), other: (usize, usize)) -> (usize, usize) {
    let cost = |(words, letters): (usize, usize)| words + 2 * letters;
    if cost(other) < cost(one) { other } else { one }
}

/// The part that a text repeats from its beginning to its end; the whole text when it does not.
fn repeated(text: &[char]) -> &[char] {
    let periods = 1..=text.len() / 2;
    let mut periods = periods.filter(|period| text.iter().zip(&text[*period..]).all(|(one, next)| one == next));
    periods.next().map_or(text, |period| &text[..period])
}

fn is_word(part: &[char], names: &[String]) -> bool {
    let word: String = part.iter().collect();
    let is_listed = part.len() >= SHORTEST && WORDS.contains(word.as_str());
    is_listed || names.contains(&word) || is_row(&word, part.len()) || is_one_key(part)
}

fn is_row(word: &str, length: usize) -> bool {
    let back: String = word.chars().rev().collect();
    length >= ROW && ROWS.iter().any(|row| row.contains(word) || row.contains(&back))
}

fn is_one_key(part: &[char]) -> bool {
    part.len() >= ROW && part.iter().all(|key| *key == part[0])
}

#[cfg(test)]
mod tests {
    use super::*;

    const NAMES: [&str; 2] = ["Bakkerij Jansen", "Anna"];

    #[test]
    fn what_many_choose_is_refused_also_with_capitals_signs_and_a_year() {
        for common in [
            "Password1234",
            "P@ssw0rd2024",
            "Welkom123456!",
            "welkomwelkom",
            "Wachtwoord01",
            "qwertyuiop12",
            "azertyuiop!!",
            "1qaz2wsx3edc",
            "abcdefghijkl",
            "aaaaaaaaaaaa",
            "123456789012",
            "0612345678901",
            "BakkerijJansen",
            "jansenbakkerij2024",
            "anna-anna-anna",
            "Anna19991231",
            "Bienvenue2025!",
            "motdepasse123",
            "sunshinedragon",
            "abcabcabcabc",
            "xWelkom2024Jansen",
        ] {
            assert!(is_common(common, &NAMES), "{common}");
        }
    }

    #[test]
    fn sentences_and_what_a_keeper_of_passwords_makes_are_taken() {
        for good in [
            "paardebloem bij de deur",
            "correct horse battery staple",
            "vier groene fietsen op zolder",
            "kT9#vLq2!xWz",
            "hf8s-2kdq-p0vn",
            "Jansen bakt elke ochtend brood",
            "8Xr2mPq4Lz7w",
        ] {
            assert!(!is_common(good, &NAMES), "{good}");
        }
    }

    #[test]
    fn names_too_short_to_be_words_and_odd_texts_change_nothing() {
        assert!(!is_common("kT9#vLq2!xWz", &["k", "", "T9"]));
        assert!(is_common("", &[]) && is_common("!!!!!!!!!!!!", &[]));
        assert!(!is_common("ë☃ж漢", &[]));
        assert!(is_common(&"abcdefghi ".repeat(100), &NAMES), "a long one is looked at as well");
    }
}
