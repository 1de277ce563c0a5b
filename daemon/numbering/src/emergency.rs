//! The one question that is asked before every rule: is this an emergency call?
//!
//! The answer is an exact list, never a prefix test. A prefix test would let `112` followed by an expensive number pass
//! every limit. What goes to the trunk is the fixed text returned here, never the digits that were dialled.

use crate::Country;
use crate::symbols::{Symbol, symbols, user_part};

/// The longest spelling that can be an emergency: a request to hide the caller, `0031`, the number and the send key.
const LONGEST: usize = 12;

/// The number to send when `dialled` is an emergency number of `country` in one of its spellings, else `None`.
///
/// The spellings: the number itself; with `+`, `00`, `0`, `8` or `9` in front, as phones and habits from other exchanges
/// add them; with the country's own code in front; after a code that hides the caller (`*31*`, `#31#`); with `#` behind, as
/// a send key; in a `sip:` or `tel:` URI, with %-escapes and separators; and `urn:service:sos` with any sub-service
/// (RFC 5031 4.2), which is 112.
pub fn is_emergency(country: Country, dialled: &str) -> Option<&'static str> {
    if is_sos_urn(dialled) {
        return Some("112");
    }
    let mut keys = [0u8; LONGEST];
    let mut length = 0;
    for symbol in symbols(user_part(dialled)) {
        let Symbol::Key(key) = symbol else { return None };
        *keys.get_mut(length)? = key;
        length += 1;
    }
    let dialled = &keys[..length];
    let dialled = dialled.strip_suffix(b"#").unwrap_or(dialled);
    let dialled = [b"*31*", b"#31#", b"*31#"].iter().find_map(|code| dialled.strip_prefix(*code)).unwrap_or(dialled);
    country.emergency_numbers().iter().find(|number| is_spelling(country, dialled, number.as_bytes())).copied()
}

impl Country {
    /// The emergency numbers, in order of use. 112 in both countries; in Belgium also the older 100 (fire, ambulance)
    /// and 101 (police).
    pub const fn emergency_numbers(self) -> &'static [&'static str] {
        match self {
            Self::Netherlands => &["112"],
            Self::Belgium => &["112", "100", "101"],
        }
    }
}

fn is_spelling(country: Country, dialled: &[u8], number: &[u8]) -> bool {
    let Some(front) = dialled.strip_suffix(number) else { return false };
    let own_code = country.calling_code().as_bytes();
    match front {
        b"" | b"+" | b"00" | b"0" | b"8" | b"9" => true,
        _ => front.strip_prefix(b"+").or(front.strip_prefix(b"00")) == Some(own_code),
    }
}

fn is_sos_urn(text: &str) -> bool {
    const SOS: &str = "urn:service:sos";
    let text = text.trim();
    let is_sos = text.get(..SOS.len()).is_some_and(|start| start.eq_ignore_ascii_case(SOS));
    is_sos && matches!(text.as_bytes().get(SOS.len()), None | Some(b'.'))
}

#[cfg(test)]
mod tests {
    use super::*;
    use Country::{Belgium, Netherlands};

    #[test]
    fn every_listed_spelling_is_an_emergency_and_is_sent_as_the_fixed_number() {
        for spelling in [
            "112",
            "+112",
            "0112",
            "9112",
            "8112",
            "00112",
            "112#",
            "1 1 2",
            "9 112",
            "0-112",
            "1.1.2",
            "%31%31%32",
            "sip:112@box",
            "tel:112",
            "tel:112;phone-context=+31",
            "112;phone-context=example.net",
            "#31#112",
            "*31*112",
            "*31#112",
            "112%23",
            "\u{ff11}\u{ff11}\u{ff12}",
            " 112 ",
            "urn:service:sos",
            "URN:service:SOS.police",
        ] {
            for country in Country::ALL {
                assert_eq!(is_emergency(country, spelling), Some("112"), "{country} {spelling}");
            }
        }
        assert_eq!(is_emergency(Netherlands, "+31112"), Some("112"));
        assert_eq!(is_emergency(Netherlands, "0031 112#"), Some("112"));
        assert_eq!(is_emergency(Belgium, "+32112"), Some("112"));
    }

    #[test]
    fn belgium_has_two_more() {
        for (spelling, number) in
            [("100", "100"), ("0101", "101"), ("9100", "100"), ("+101", "101"), ("0032100", "100")]
        {
            assert_eq!(is_emergency(Belgium, spelling), Some(number), "{spelling}");
            assert_eq!(is_emergency(Netherlands, spelling), None, "{spelling}");
        }
    }

    #[test]
    fn what_only_begins_like_an_emergency_is_none() {
        for country in Country::ALL {
            for other in [
                "1129",
                "1120",
                "112005351234567",
                "112 00 53 51234567",
                "9116",
                "1015",
                "0112345678",
                "11",
                "12",
                "",
                "#",
                "+",
                "2112",
                "7112",
                "99112",
                "000112",
                "112##",
                "112*",
                "11#2",
                "1+12",
                "112a",
                "a112",
                "911",
                "999",
                "+33112",
                "0033112",
                "020112",
                "urn:service:sosx",
                "urn:service:counseling",
                "112%",
                "112,1",
                "tel:",
            ] {
                assert_eq!(is_emergency(country, other), None, "{country} {other}");
            }
        }
        assert_eq!(is_emergency(Netherlands, "+32112"), None);
    }
}
