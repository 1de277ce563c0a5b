//! The name of the file a phone asks for.

use centrale_config::Mac;

/// What a requested file name means. Case does not matter and MAC addresses come in either case (Yealink lower, Snom
/// upper in `.htm` names, lower where it substitutes `{mac}` itself).
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FileName {
    /// `<mac>.boot`: Yealink's first request.
    Boot(Mac),
    /// `y000000000000.boot`: Yealink's second request when the first found nothing.
    CommonBoot,
    /// `y0000000000NN.cfg`: the file shared by every phone of a Yealink model, with its number.
    CommonConfig(u16),
    /// `<mac>.cfg`: a Yealink phone's own file.
    Config(Mac),
    /// `<mac>.xml`: the file whose URL a Snom was given with `{mac}` in it.
    Xml(Mac),
    /// `snomD785.htm`: the file shared by every phone of a Snom type, with the type as written after `snom`.
    SnomType(String),
    /// `snomD785-<MAC>.htm`: a Snom phone's own file, with its type.
    SnomOwn(String, Mac),
    /// `ca.pem`: the certificate that the box signs its own with.
    CaCertificate,
    /// `phonebook.xml`: the office's phone book.
    PhoneBook,
    /// `firmware.xml`: where a Snom phone finds its software.
    FirmwareStatus,
    /// `<name>.rom` or `<name>.bin`: a phone's software, with the name as it was asked for.
    Firmware(String),
    /// `logo-<sixteen hexadecimal digits>.png`: the office's logo, with its name.
    Logo(String),
}

/// The longest name that is looked at; `snomD785-000413A11FA7.htm` has 25 bytes.
const MAX_NAME: usize = 64;

impl FileName {
    /// Reads the last segment of a path. `None` for every name that no phone of ours asks for.
    pub fn read(name: &str) -> Option<Self> {
        if name.len() > MAX_NAME || !name.is_ascii() {
            return None;
        }
        let lower = name.to_ascii_lowercase();
        let (stem, extension) = lower.rsplit_once('.')?;
        match extension {
            "boot" if stem == "y000000000000" => Some(Self::CommonBoot),
            "boot" => bare_mac(stem).map(Self::Boot),
            "cfg" => common_code(stem).map(Self::CommonConfig).or_else(|| bare_mac(stem).map(Self::Config)),
            "xml" if stem == "phonebook" => Some(Self::PhoneBook),
            "xml" if stem == "firmware" => Some(Self::FirmwareStatus),
            "rom" | "bin" => Some(Self::Firmware(name.to_owned())),
            "xml" => bare_mac(stem).map(Self::Xml),
            "htm" => snom_file(name.get(..stem.len())?),
            "png" if is_logo(stem) => Some(Self::Logo(lower.clone())),
            "pem" if stem == "ca" => Some(Self::CaCertificate),
            _ => None,
        }
    }

    /// The MAC address in the name, if the name is a single phone's.
    pub fn mac(&self) -> Option<Mac> {
        match self {
            Self::Boot(mac) | Self::Config(mac) | Self::Xml(mac) | Self::SnomOwn(_, mac) => Some(*mac),
            Self::CommonBoot
            | Self::CommonConfig(_)
            | Self::SnomType(_)
            | Self::CaCertificate
            | Self::PhoneBook
            | Self::FirmwareStatus
            | Self::Firmware(_)
            | Self::Logo(_) => None,
        }
    }
}

/// `logo-` and the sixteen digits that tell one picture from another.
fn is_logo(stem: &str) -> bool {
    let digits = stem.strip_prefix("logo-").unwrap_or_default();
    digits.len() == 16 && digits.bytes().all(|byte| byte.is_ascii_hexdigit())
}

/// Twelve hexadecimal digits and nothing else.
fn bare_mac(text: &str) -> Option<Mac> {
    (text.len() == 12).then(|| text.parse().ok()).flatten()
}

/// `y0000000000NN` or `y000000000NNN`: a `y` and twelve decimal digits, of which the last three are the model's.
fn common_code(stem: &str) -> Option<u16> {
    let digits = stem.strip_prefix('y')?;
    let code = digits.strip_prefix("000000000")?;
    (code.len() == 3 && code.bytes().all(|byte| byte.is_ascii_digit())).then(|| code.parse().ok()).flatten()
}

fn snom_file(stem: &str) -> Option<FileName> {
    let rest = stem.get(..4).filter(|word| word.eq_ignore_ascii_case("snom")).and(stem.get(4..))?;
    let (kind, mac) = match rest.split_once('-') {
        Some((kind, mac)) => (kind, Some(bare_mac(mac)?)),
        None => (rest, None),
    };
    let named = (2..=8).contains(&kind.len()) && kind.bytes().all(|byte| byte.is_ascii_alphanumeric());
    named.then(|| match mac {
        Some(mac) => FileName::SnomOwn(kind.to_owned(), mac),
        None => FileName::SnomType(kind.to_owned()),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mac(text: &str) -> Mac {
        text.parse().unwrap()
    }

    #[test]
    fn reads_every_name_that_yealink_and_snom_phones_ask_for() {
        let table = [
            ("001565f4f9e1.boot", FileName::Boot(mac("001565f4f9e1"))),
            ("001565F4F9E1.BOOT", FileName::Boot(mac("001565f4f9e1"))),
            ("y000000000000.boot", FileName::CommonBoot),
            ("y000000000066.cfg", FileName::CommonConfig(66)),
            ("y000000000108.cfg", FileName::CommonConfig(108)),
            ("001565f4f9e1.cfg", FileName::Config(mac("001565f4f9e1"))),
            ("000413e59fb4.xml", FileName::Xml(mac("000413e59fb4"))),
            ("snomD785.htm", FileName::SnomType("D785".into())),
            ("snom715.htm", FileName::SnomType("715".into())),
            ("snomD785-000413A11FA7.htm", FileName::SnomOwn("D785".into(), mac("000413a11fa7"))),
            ("ca.pem", FileName::CaCertificate),
            ("phonebook.xml", FileName::PhoneBook),
            ("firmware.xml", FileName::FirmwareStatus),
            ("T54W-96.86.0.100.rom", FileName::Firmware("T54W-96.86.0.100.rom".into())),
        ];
        for (name, expected) in table {
            assert_eq!(FileName::read(name), Some(expected), "{name}");
        }
    }

    #[test]
    fn names_nobody_of_ours_asks_for_mean_nothing() {
        let strange = [
            "",
            ".boot",
            "boot",
            "001565f4f9.boot",
            "001565f4f9e1e1.cfg",
            "00:15:65:f4:f9:e1.cfg",
            "y00000000000.cfg",
            "y0000000000666.cfg",
            "yabcdefghijkl.cfg",
            "snom.htm",
            "snomD785-.htm",
            "snomD785-../../etc.htm",
            "snom\u{e9}785.htm",
            "..",
            "%2e%2e%2f.cfg",
            "001565f4f9e1-local.cfg",
        ];
        for name in strange {
            assert_eq!(FileName::read(name), None, "{name}");
        }
        assert_eq!(FileName::read(&"a".repeat(100_000)), None);
    }
}
