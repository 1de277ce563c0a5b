//! The SUBSCRIBE that an unconfigured phone sends to 224.0.1.75 when it boots.

use centrale_config::Mac;

use super::plain_word;

/// What a phone claims in its PnP packet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PnpClaim {
    /// The MAC address in the user part.
    pub mac: Mac,
    /// The maker as written, for example `yealink`, `Yealink`, `snom` or `OEM`; empty when missing.
    pub vendor: String,
    /// The model as written, for example `SIP-T46S`, `T21D` or `snomD120`; empty when missing.
    pub model: String,
    /// The firmware version; empty when missing.
    pub version: String,
}

/// The most parameters that are looked at; phones send four.
const MAX_PARAMETERS: usize = 16;

impl PnpClaim {
    /// Reads the user part of the request's address (`MAC001565f4f9e1`, `MAC%3a00041396D9B4`) and the value of its
    /// `Event` header (`ua-profile;profile-type="device";vendor="yealink";model="T46S";version=..`, parameters in any
    /// order, quoted or not, names in any case).
    ///
    /// `None` when the event is another one or there is no MAC address; such a packet is none of our business.
    pub fn read(user: &str, event: &str) -> Option<Self> {
        let mut parts = split_outside_quotes(event).into_iter();
        if !parts.next()?.trim().eq_ignore_ascii_case("ua-profile") {
            return None;
        }
        let mut claim =
            Self { mac: mac_in_user(user)?, vendor: String::new(), model: String::new(), version: String::new() };
        for part in parts {
            let Some((name, value)) = part.split_once('=') else { continue };
            let Some(value) = plain_word(value.trim().trim_matches('"').trim()) else { continue };
            match name.trim().to_ascii_lowercase().as_str() {
                "vendor" => claim.vendor = value,
                "model" => claim.model = value,
                "version" => claim.version = value,
                _ => {}
            }
        }
        Some(claim)
    }
}

/// The MAC address in a PnP user part: the twelve hexadecimal digits at its end, after `MAC`, `MAC:` or `MAC%3a`.
pub fn mac_in_user(user: &str) -> Option<Mac> {
    let (word, digits) = user.split_at_checked(user.len().checked_sub(12)?)?;
    let announced = ["MAC", "MAC%3a", "MAC:"].iter().any(|form| word.eq_ignore_ascii_case(form));
    let bare = digits.bytes().all(|byte| byte.is_ascii_hexdigit());
    (announced && bare).then(|| digits.parse().ok()).flatten()
}

/// Splits at semicolons that are not inside double quotes, into at most [`MAX_PARAMETERS`] parts.
fn split_outside_quotes(text: &str) -> Vec<&str> {
    let mut quoted = false;
    text.split(|character: char| {
        quoted ^= character == '"';
        character == ';' && !quoted
    })
    .take(MAX_PARAMETERS)
    .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(user: &str, event: &str) -> Option<(String, String, String, String)> {
        let claim = PnpClaim::read(user, event)?;
        Some((claim.mac.to_string(), claim.vendor, claim.model, claim.version))
    }

    fn expected(mac: &str, vendor: &str, model: &str, version: &str) -> Option<(String, String, String, String)> {
        Some((mac.into(), vendor.into(), model.into(), version.into()))
    }

    #[test]
    fn reads_a_captured_yealink_and_a_documented_snom_packet() {
        assert_eq!(
            read(
                "MAC001565f4f9e1",
                r#"ua-profile;profile-type="device";vendor="yealink";model="W52P";version="25.81.0.10""#
            ),
            expected("001565f4f9e1", "yealink", "W52P", "25.81.0.10")
        );
        assert_eq!(
            read(
                "MAC%3a00041396D9B4",
                r#"ua-profile;profile-type="device";vendor="snom";model="snomD120";version="10.1.39.11""#
            ),
            expected("00041396d9b4", "snom", "snomD120", "10.1.39.11")
        );
    }

    #[test]
    fn order_case_quotes_and_blanks_do_not_matter() {
        let same = [
            "UA-Profile ; Version=66.86.0.15; MODEL=T46S ;Vendor=Yealink;profile-type=device",
            r#"ua-profile;model="T46S";version="66.86.0.15";vendor="Yealink""#,
            r#"ua-profile;unknown="a;model=fake";model="T46S";version="66.86.0.15";vendor="Yealink";flag"#,
        ];
        for event in same {
            assert_eq!(
                read("mac:001565F4F9E1", event),
                expected("001565f4f9e1", "Yealink", "T46S", "66.86.0.15"),
                "{event}"
            );
        }
    }

    #[test]
    fn a_missing_or_odd_value_leaves_a_gap_and_another_event_is_not_ours() {
        assert_eq!(read("MAC001565f4f9e1", "ua-profile"), expected("001565f4f9e1", "", "", ""));
        assert_eq!(read("MAC001565f4f9e1", "ua-profile;model=\"<script>\""), expected("001565f4f9e1", "", "", ""));
        assert_eq!(read("MAC001565f4f9e1", "presence"), None);
        assert_eq!(read("MAC001565f4f9e1", ""), None);
        for user in [
            "",
            "MAC",
            "001565f4f9e1",
            "MAC001565f4f9e",
            "MAC001565f4f9g1",
            "BOB001565f4f9e1",
            "\u{e9}\u{e9}01565f4f9e1",
        ] {
            assert_eq!(read(user, "ua-profile"), None, "{user}");
        }
    }
}
