//! The newtypes by which people, phones and outside numbers are known.

use std::fmt;
use std::str::FromStr;

/// Why a piece of text is not the identifier it was meant to be. The text itself is named by the caller.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum IdentifierError {
    /// An internal number has 2 to 6 digits and nothing else.
    #[error("an internal number has 2 to 6 digits")]
    NotAnExtension,
    /// A MAC address has 12 hexadecimal digits, with or without separators.
    #[error("a MAC address has 12 hexadecimal digits")]
    NotAMac,
    /// An outside number is written in E.164: a plus and 4 to 15 digits, the first not zero.
    #[error("an outside number is a + followed by 4 to 15 digits, for example +31201234567")]
    NotE164,
    /// A contact's number is written in E.164, or in 3 to 15 digits where it exists only inside the country.
    #[error("a contact's number is a + followed by 4 to 15 digits, or 3 to 15 digits")]
    NotAContactNumber,
    /// A SHA-256 has 64 hexadecimal digits.
    #[error("a SHA-256 has 64 hexadecimal digits, as sha256sum prints it")]
    NotASha256,
}

/// An internal number: a person's or a ring group's, for example `201`.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ExtensionNumber(String);

impl ExtensionNumber {
    /// The digits.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for ExtensionNumber {
    type Err = IdentifierError;
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let right_length = (2..=6).contains(&text.len());
        if right_length && text.bytes().all(|byte| byte.is_ascii_digit()) {
            Ok(Self(text.to_owned()))
        } else {
            Err(IdentifierError::NotAnExtension)
        }
    }
}

impl fmt::Display for ExtensionNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A number outside the office in E.164 with its plus, for example `+31201234567` (ITU-T E.164, at most 15 digits).
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct OutsideNumber(String);

impl OutsideNumber {
    /// The number with its plus.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for OutsideNumber {
    type Err = IdentifierError;
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let digits = text.strip_prefix('+').ok_or(IdentifierError::NotE164)?;
        let right_length = (4..=15).contains(&digits.len());
        if right_length && !digits.starts_with('0') && digits.bytes().all(|byte| byte.is_ascii_digit()) {
            Ok(Self(text.to_owned()))
        } else {
            Err(IdentifierError::NotE164)
        }
    }
}

impl fmt::Display for OutsideNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A contact's number as the exchange dials it: E.164 with its plus, or the digits of a number that exists only inside
/// the country, for example `14020`.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ContactNumber(String);

impl ContactNumber {
    /// The number, with its plus where it has one.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for ContactNumber {
    type Err = IdentifierError;
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let inside_country = (3..=15).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit());
        if inside_country || text.parse::<OutsideNumber>().is_ok() {
            Ok(Self(text.to_owned()))
        } else {
            Err(IdentifierError::NotAContactNumber)
        }
    }
}

impl fmt::Display for ContactNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A phone's MAC address. Written as 12 lower-case hexadecimal digits without separators, read in any usual form.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Mac([u8; 6]);

impl Mac {
    /// The six bytes in the order in which they are written.
    pub const fn octets(self) -> [u8; 6] {
        self.0
    }

    /// From the six bytes of a neighbour-table entry.
    pub const fn from_octets(octets: [u8; 6]) -> Self {
        Self(octets)
    }
}

impl FromStr for Mac {
    type Err = IdentifierError;
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let mut octets = [0u8; 6];
        let mut digits = 0;
        for character in text.chars() {
            if matches!(character, ':' | '-' | '.') {
                continue;
            }
            let value = character.to_digit(16).ok_or(IdentifierError::NotAMac)?;
            let octet = octets.get_mut(digits / 2).ok_or(IdentifierError::NotAMac)?;
            *octet = *octet << 4 | u8::try_from(value).map_err(|_| IdentifierError::NotAMac)?;
            digits += 1;
        }
        if digits == 12 { Ok(Self(octets)) } else { Err(IdentifierError::NotAMac) }
    }
}

impl fmt::Display for Mac {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|octet| write!(f, "{octet:02x}"))
    }
}

/// The SHA-256 that a file must have (FIPS 180-4). Written as 64 lower-case hexadecimal digits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Sha256Pin([u8; 32]);

impl Sha256Pin {
    /// The digest.
    pub const fn octets(&self) -> &[u8; 32] {
        &self.0
    }

    /// The pin of a file with this digest.
    pub const fn from_octets(octets: [u8; 32]) -> Self {
        Self(octets)
    }
}

impl FromStr for Sha256Pin {
    type Err = IdentifierError;
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        if text.len() != 64 || !text.is_ascii() {
            return Err(IdentifierError::NotASha256);
        }
        let mut octets = [0u8; 32];
        for (octet, digits) in octets.iter_mut().zip(text.as_bytes().chunks_exact(2)) {
            let value = |digit: u8| char::from(digit).to_digit(16).ok_or(IdentifierError::NotASha256);
            let value = value(digits[0])? << 4 | value(digits[1])?;
            *octet = u8::try_from(value).map_err(|_| IdentifierError::NotASha256)?;
        }
        Ok(Self(octets))
    }
}

impl fmt::Display for Sha256Pin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|octet| write!(f, "{octet:02x}"))
    }
}
