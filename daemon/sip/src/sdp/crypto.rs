//! SDES: SRTP keys in the description (RFC 4568), as far as desk phones use them.

use std::fmt;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

/// The SRTP suites spoken here (RFC 4568 6.2).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Suite {
    /// `AES_CM_128_HMAC_SHA1_80`: a tag of 80 bits.
    AesCm128HmacSha1_80,
    /// `AES_CM_128_HMAC_SHA1_32`: a tag of 32 bits on RTP.
    AesCm128HmacSha1_32,
}

impl Suite {
    const ALL: [Self; 2] = [Self::AesCm128HmacSha1_80, Self::AesCm128HmacSha1_32];

    /// As in a crypto attribute.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::AesCm128HmacSha1_80 => "AES_CM_128_HMAC_SHA1_80",
            Self::AesCm128HmacSha1_32 => "AES_CM_128_HMAC_SHA1_32",
        }
    }
}

/// One `a=crypto` line: the key with which its writer will send.
#[derive(Clone, PartialEq, Eq)]
pub struct Crypto {
    /// Names the line within an offer; the answer repeats it. At most nine digits.
    pub tag: u32,
    /// The suite.
    pub suite: Suite,
    /// Master key.
    pub key: [u8; 16],
    /// Master salt.
    pub salt: [u8; 14],
}

impl Crypto {
    /// Reads the attribute's value. `None` when it is malformed, and also when it asks for what is not spoken here: another
    /// suite, an MKI, several keys, or a session parameter other than the window size hint.
    pub fn parse(value: &str) -> Option<Self> {
        let mut fields = value.split([' ', '\t']).filter(|field| !field.is_empty());
        let tag = fields.next().filter(|tag| tag.len() <= 9 && tag.bytes().all(|byte| byte.is_ascii_digit()))?;
        let tag = tag.parse().ok()?;
        let suite = fields.next()?;
        let suite = Suite::ALL.into_iter().find(|known| known.as_str() == suite)?;
        let (key, salt) = parse_inline(fields.next()?)?;
        // Any other parameter changes the transform (RFC 4568 6.3): then the line must not be chosen.
        fields.all(|parameter| parameter.starts_with("WSH=")).then_some(Self { tag, suite, key, salt })
    }

    /// The attribute's value, with the key in clear: for a description that travels over a proven path only.
    pub fn to_value(&self) -> String {
        let material = [&self.key[..], &self.salt[..]].concat();
        format!("{} {} inline:{}", self.tag, self.suite.as_str(), STANDARD.encode(material))
    }
}

/// `inline:base64`, with or without a lifetime. The lifetime binds the sender, who rekeys in time; an MKI is not spoken.
fn parse_inline(text: &str) -> Option<([u8; 16], [u8; 14])> {
    let mut parts = text.strip_prefix("inline:")?.split('|');
    let material = STANDARD.decode(parts.next()?).ok()?;
    let lifetime = parts.next().is_none_or(is_lifetime);
    let (key, salt) = material.split_at_checked(16)?;
    let whole = lifetime && parts.next().is_none();
    whole.then_some((key.try_into().ok()?, salt.try_into().ok()?))
}

/// `2^n` or a number of packets, not 0.
fn is_lifetime(text: &str) -> bool {
    let digits = text.strip_prefix("2^").unwrap_or(text);
    !digits.is_empty() && digits.len() <= 20 && digits.bytes().all(|byte| byte.is_ascii_digit()) && text != "0"
}

impl fmt::Debug for Crypto {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Crypto({} {}, …)", self.tag, self.suite.as_str())
    }
}
