//! The User-Agent of a provisioning request.

use centrale_config::Mac;

use super::{Dialect, plain_word};

/// What a User-Agent claims.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UserAgentHint {
    /// Whose way of writing it is.
    pub dialect: Dialect,
    /// The model as the phone writes it, without `SIP-` or `snom`: `T46S`, `VP-T49G`, `D785`, `715`.
    pub model: String,
    /// The firmware version; empty when none was given.
    pub firmware: String,
    /// The MAC address, which many phones leave out.
    pub mac: Option<Mac>,
}

/// The longest User-Agent that is looked at. Real ones have up to about 130 bytes.
const MAX_USER_AGENT: usize = 256;

impl UserAgentHint {
    /// Reads a User-Agent as it came. `None` when no dialect writes like that, when it is not text, or too long.
    pub fn read(value: &[u8]) -> Option<Self> {
        let text = std::str::from_utf8(value).ok().filter(|text| text.len() <= MAX_USER_AGENT)?.trim();
        linphone(text).or_else(|| snom(text)).or_else(|| yealink(text))
    }
}

/// `Yealink SIP-T46S 66.86.0.15 00:15:65:4c:4c:26`; the maker's name and the MAC address may be missing, the MAC
/// address may be without colons, and one model is written in two words (`SIP VP-T49G`).
fn yealink(text: &str) -> Option<UserAgentHint> {
    let named = text.get(..7).filter(|word| word.eq_ignore_ascii_case("yealink")).and(text.get(7..));
    let rest = match named {
        Some(rest) => rest.strip_prefix([' ', '-'])?,
        None => Some(text).filter(|text| text.starts_with(|first: char| first.is_ascii_uppercase()))?,
    };
    let mut words = rest.split_ascii_whitespace();
    let mut model = words.next()?;
    let mut firmware = words.next()?;
    if model == "SIP" {
        (model, firmware) = (firmware, words.next()?);
    }
    let mac = match words.next() {
        Some(word) => Some(word.parse().ok()?),
        None => None,
    };
    if words.next().is_some() || !is_four_numbers(firmware) {
        return None;
    }
    let model = plain_word(model.strip_prefix("SIP-").unwrap_or(model))?;
    Some(UserAgentHint { dialect: Dialect::Yealink, model, firmware: plain_word(firmware)?, mac })
}

/// `Mozilla/4.0 (compatible; snomD785-SIP 10.1.33.33 <build, with or without a date> 000413922D24 SXM:0 UXM:0)` over
/// HTTP, `snomD120/10.1.39.11` in a PnP packet. The build may hold blanks, brackets and colons, so the MAC address is
/// looked for as a word, never counted to.
fn snom(text: &str) -> Option<UserAgentHint> {
    let (_, rest) = text.split_once("snom")?;
    let named = rest.find(|character: char| !character.is_ascii_alphanumeric())?;
    let (model, rest) = rest.split_at_checked(named)?;
    let rest = rest.strip_prefix("-SIP ").or_else(|| rest.strip_prefix('/'))?;
    let version_end = rest.find(|character: char| !character.is_ascii_digit() && character != '.');
    let (firmware, rest) = rest.split_at_checked(version_end.unwrap_or(rest.len()))?;
    let mac = rest.split(|character: char| !character.is_ascii_alphanumeric()).find_map(snom_mac);
    let model = plain_word(model)?;
    Some(UserAgentHint { dialect: Dialect::Snom, model, firmware: plain_word(firmware)?, mac })
}

/// A word of twelve hexadecimal digits that begins as Snom's addresses do.
fn snom_mac(word: &str) -> Option<Mac> {
    let lower = word.to_ascii_lowercase();
    let ours = word.len() == 12 && (lower.starts_with("000413") || lower.starts_with("00087b"));
    ours.then(|| lower.parse().ok()).flatten()
}

/// `LinphoneAndroid/5.2.5 (..)`, `Linphone Desktop/4.2.5 (..)`.
fn linphone(text: &str) -> Option<UserAgentHint> {
    let (name, rest) = text.split_once('/')?;
    let version = rest.split([' ', '(']).next()?;
    let ours = name.starts_with("Linphone") || name.starts_with("linphone");
    ours.then(|| UserAgentHint {
        dialect: Dialect::Linphone,
        model: "Linphone".to_owned(),
        firmware: plain_word(version).unwrap_or_default(),
        mac: None,
    })
}

/// Whether it is four decimal numbers with points between, as Yealink numbers its firmware.
fn is_four_numbers(text: &str) -> bool {
    let number = |part: &str| (1..=5).contains(&part.len()) && part.bytes().all(|byte| byte.is_ascii_digit());
    text.split('.').count() == 4 && text.split('.').all(number)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Option<(Dialect, String, String, Option<String>)> {
        let hint = UserAgentHint::read(text.as_bytes())?;
        Some((hint.dialect, hint.model, hint.firmware, hint.mac.map(|mac| mac.to_string())))
    }

    #[test]
    fn reads_the_user_agents_that_were_seen_in_the_field() {
        let yealink = [
            ("Yealink SIP-T46S 66.86.0.15", "T46S", "66.86.0.15", None),
            ("Yealink SIP-T19P_E2 53.80.0.3 00:15:65:4c:4c:26", "T19P_E2", "53.80.0.3", Some("0015654c4c26")),
            ("Yealink SIP-T31G 124.85.257.55 80:5e:c0:d5:7d:72", "T31G", "124.85.257.55", Some("805ec0d57d72")),
            ("Yealink SIP VP-T49G 51.80.0.10 00:15:65:9b:5a:44", "VP-T49G", "51.80.0.10", Some("0015659b5a44")),
            ("Yealink SIP-T56A 58.80.0.25 001565f429a4", "T56A", "58.80.0.25", Some("001565f429a4")),
            ("Yealink W60B 77.85.0.160 80:5e:c0:aa:00:42", "W60B", "77.85.0.160", Some("805ec0aa0042")),
            ("W52P 25.30.0.2 00:15:65:11:22:33", "W52P", "25.30.0.2", Some("001565112233")),
            ("yealink SIP-T18 18.0.0.80 00:15:65:27:3e:05", "T18", "18.0.0.80", Some("001565273e05")),
        ];
        for (text, model, firmware, mac) in yealink {
            let expected = (Dialect::Yealink, model.into(), firmware.into(), mac.map(str::to_owned));
            assert_eq!(read(text), Some(expected), "{text}");
        }
    }

    #[test]
    fn reads_snom_builds_with_and_without_a_date() {
        let snom = [
            (
                "Mozilla/4.0 (compatible; snomD785-SIP 10.1.33.33 2010.12-00004-g9ba52f5 000413922D24 SXM:0 UXM:0)",
                "D785",
                "10.1.33.33",
                Some("000413922d24"),
            ),
            (
                "Mozilla/4.0 (compatible; snomD713-SIP 10.4.5.6 10.4.5-v10-rc2 (Mar 12 2025 - 10:11:12) 000413E59FB4 \
                 SXM:0 UXM:0 UXMC:0)",
                "D713",
                "10.4.5.6",
                Some("000413e59fb4"),
            ),
            (
                "Mozilla/4.0 (compatible; snom710-SIP 8.7.5.35 1.1.5-IFX-05.01.12 000413741767)",
                "710",
                "8.7.5.35",
                Some("000413741767"),
            ),
            ("Mozilla/4.0 (compatible; snom760-SIP 8.7.3.19 2010.06)", "760", "8.7.3.19", None),
            ("snomD120/10.1.39.11", "D120", "10.1.39.11", None),
        ];
        for (text, model, firmware, mac) in snom {
            let expected = (Dialect::Snom, model.into(), firmware.into(), mac.map(str::to_owned));
            assert_eq!(read(text), Some(expected), "{text}");
        }
    }

    #[test]
    fn reads_linphone_on_a_telephone_and_on_a_desk() {
        let samples = [
            ("LinphoneAndroid/5.2.5 ([LG-F750K (567)]0) LinphoneSDK/5.3.47 (tags/5.3.47^0)", "5.2.5"),
            ("LinphoneiOS/4.3.0 (Bob's iPhone) LinphoneSDK/4.4.0", "4.3.0"),
            ("Linphone Desktop/4.2.5 (macOS 10.15, Qt 5)", "4.2.5"),
        ];
        for (text, firmware) in samples {
            assert_eq!(read(text), Some((Dialect::Linphone, "Linphone".into(), firmware.into(), None)), "{text}");
        }
    }

    #[test]
    fn browsers_scanners_and_noise_are_no_phones() {
        let strange = [
            "",
            "curl/8.5.0",
            "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36",
            "Yealink",
            "Yealink SIP-T46S",
            "Yealink SIP-T46S 66.86.0",
            "Yealink SIP-T46S 66.86.0.15 not-a-mac",
            "Yealink SIP-T46S 66.86.0.15 00:15:65:4c:4c:26 and more",
            "snom",
            "snomD785",
            "snomD785-SIP ",
        ];
        for text in strange {
            assert_eq!(read(text), None, "{text}");
        }
        assert_eq!(UserAgentHint::read(b"Yealink SIP-T46S\xff 66.86.0.15"), None);
        assert_eq!(UserAgentHint::read(&[b'Y'; 100_000]), None);
    }
}
