//! Numbers that toll fraudsters try out first: cheap to call, and answered by themselves.

/// Last nine digits of the numbers, seen at honeypots under dozens of prefixes (00, 000, 9, 900, 9011, 810, 8810, +).
const TAILS: [&str; 2] = ["500729221", "812118532"];
/// How many digits are compared: what comes before them is the prefix that is being tried.
const TAIL: usize = 9;
/// Ten numbers in a row, by all but their last digit.
const SEQUENCE: &str = "85078029";

/// The last nine digits of what was called; `None` when it has not more: then no prefix was tried.
pub(super) fn tail(dialled: &str) -> Option<String> {
    let digits: String = dialled.chars().filter(char::is_ascii_digit).take(64).collect();
    (digits.len() > TAIL).then(|| digits[digits.len() - TAIL..].to_owned())
}

/// Whether a tail is of a number that is called to try a way out.
pub(super) fn is_probe(tail: &str) -> bool {
    TAILS.contains(&tail) || tail.starts_with(SEQUENCE)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_probe_is_known_under_every_prefix_and_an_ordinary_number_is_none() {
        for dialled in ["0046850078029", "900046850780290", "+46850780297", "81046500729221", "00-46-8-121 185 32"] {
            let known = tail(dialled).is_some_and(|tail| is_probe(&tail));
            assert_eq!(known, dialled != "0046850078029", "{dialled}");
        }
        assert!(!tail("0031201234567").is_some_and(|tail| is_probe(&tail)));
        assert_eq!(tail("201"), None);
    }
}
