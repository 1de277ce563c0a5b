//! How a provider wants to be spoken to: what says who calls, how numbers are written, and what its calls may be made of.
//!
//! Every key has a value that most providers take, so an office file names only what its provider wants otherwise.

use std::fmt;
use std::str::FromStr;

use centrale_numbering::Class;

use crate::rules::{self, Fault};
use crate::{Server, SourceRange, TextError, TrunkTransport};

/// How one provider wants to be spoken to.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Dialect {
    /// Which header vouches for who calls, beside From.
    pub identity: IdentityHeader,
    /// How numbers are written.
    pub numbers_as: NumberFormat,
    /// Where requests go instead of to the server, with a Route that says so (RFC 3261 8.1.2).
    pub outbound_proxy: Option<Server>,
    /// Encryption of the audio; `None` is what the transport allows: [`TrunkSrtp::Offer`] over TLS, else [`TrunkSrtp::Off`].
    pub srtp: Option<TrunkSrtp>,
    /// Codecs in the order in which they are offered there, as in an rtpmap; what is not named comes after.
    pub codecs: Vec<CodecName>,
    /// Kinds of numbers that rather go over this trunk than over one that does not name them.
    pub preferred_for: Vec<NumberKind>,
    /// Whether a call for help carries the office's address there (RFC 6442). Who knows no body of several parts refuses it,
    /// and is asked again without.
    pub location: bool,
    /// Whether it is no provider but a gateway with SIM cards: a number whose price its deck does not say is not called over it.
    pub gateway: bool,
    /// How the keys travel that somebody presses within a call.
    pub dtmf: Dtmf,
    /// From where it calls besides its servers: who is heard from there is the provider. At most 32.
    pub heard_from: Vec<SourceRange>,
}

impl Dialect {
    /// What becomes of the audio's encryption on a transport.
    pub fn srtp_over(&self, transport: TrunkTransport) -> TrunkSrtp {
        let usual = if transport == TrunkTransport::Tls { TrunkSrtp::Offer } else { TrunkSrtp::Off };
        self.srtp.unwrap_or(usual)
    }
}

/// A dialect as it was typed: each word as in the office file. Empty texts and lists are what is usual.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct TypedDialect {
    /// As in [`Dialect::identity`].
    pub identity: String,
    /// As in [`Dialect::numbers_as`].
    pub numbers_as: String,
    /// As in [`Dialect::outbound_proxy`].
    pub outbound_proxy: String,
    /// As in [`Dialect::srtp`].
    pub srtp: String,
    /// As in [`Dialect::codecs`].
    pub codecs: Vec<String>,
    /// As in [`Dialect::preferred_for`].
    pub preferred_for: Vec<String>,
    /// As in [`Dialect::location`].
    pub location: bool,
    /// As in [`Dialect::gateway`].
    pub gateway: bool,
    /// As in [`Dialect::dtmf`].
    pub dtmf: String,
    /// As in [`Dialect::heard_from`].
    pub heard_from: Vec<String>,
}

impl TypedDialect {
    /// The dialect, or the field that cannot be read and why.
    pub(crate) fn read(&self) -> Result<Dialect, (&'static str, Fault)> {
        let proxy = Some(&self.outbound_proxy).filter(|text| !text.is_empty());
        let proxy = proxy.map(|text| rules::server(text)).transpose().map_err(|fault| ("outbound_proxy", fault))?;
        Ok(Dialect {
            identity: read_word("identity", &self.identity)?.unwrap_or_default(),
            numbers_as: read_word("numbers_as", &self.numbers_as)?.unwrap_or_default(),
            outbound_proxy: proxy,
            srtp: read_word("srtp", &self.srtp)?,
            codecs: read_words("codecs", &self.codecs)?,
            preferred_for: read_words("preferred_for", &self.preferred_for)?,
            location: self.location,
            gateway: self.gateway,
            dtmf: read_word("dtmf", &self.dtmf)?.unwrap_or_default(),
            heard_from: read_sources(&self.heard_from).map_err(|fault| ("heard_from", fault))?,
        })
    }
}

fn read_word<T>(field: &'static str, text: &str) -> Result<Option<T>, (&'static str, Fault)>
where
    T: FromStr<Err = TextError>,
{
    let read = || rules::dialect_word(text).map(Some).map_err(|fault| (field, fault));
    if text.is_empty() { Ok(None) } else { read() }
}

fn read_sources(texts: &[String]) -> Result<Vec<SourceRange>, Fault> {
    rules::source_count(texts.len())?;
    texts.iter().map(|text| rules::source(text)).collect()
}

fn read_words<T>(field: &'static str, texts: &[String]) -> Result<Vec<T>, (&'static str, Fault)>
where
    T: FromStr<Err = TextError>,
{
    texts.iter().map(|text| rules::dialect_word(text).map_err(|fault| (field, fault))).collect()
}

impl From<&Dialect> for TypedDialect {
    fn from(dialect: &Dialect) -> Self {
        Self {
            identity: dialect.identity.to_string(),
            numbers_as: dialect.numbers_as.to_string(),
            outbound_proxy: dialect.outbound_proxy.as_ref().map(ToString::to_string).unwrap_or_default(),
            srtp: dialect.srtp.map(|srtp| srtp.to_string()).unwrap_or_default(),
            codecs: dialect.codecs.iter().map(|codec| codec.as_str().to_owned()).collect(),
            preferred_for: dialect.preferred_for.iter().map(ToString::to_string).collect(),
            location: dialect.location,
            gateway: dialect.gateway,
            dtmf: dialect.dtmf.to_string(),
            heard_from: dialect.heard_from.iter().map(ToString::to_string).collect(),
        }
    }
}

/// Which header vouches for who calls. From names the same number in each case, unless the caller asks not to be shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum IdentityHeader {
    /// From alone: the provider looks at nothing else, or knows the office by its account.
    From,
    /// P-Asserted-Identity (RFC 3325 9.1).
    #[default]
    PAsserted,
    /// P-Preferred-Identity (RFC 3325 9.2).
    PPreferred,
    /// Remote-Party-ID (draft-ietf-sip-privacy-04), which older platforms know.
    RemotePartyId,
}

/// How a provider wants numbers written that are in E.164. National short codes are always written as they are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum NumberFormat {
    /// `+31201234567`.
    #[default]
    PlusE164,
    /// `31201234567`.
    E164,
    /// `0031201234567`.
    DoubleZero,
    /// `0201234567` inside the country, `0032…` outside it.
    National,
}

/// Encryption of a trunk's audio.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum TrunkSrtp {
    /// Not offered. What the provider encrypts by itself is taken.
    Off,
    /// Offered, and given up when the provider refuses it.
    Offer,
    /// Offered, and a call without it is not made. A call for help is.
    Require,
}

/// How the keys travel to a provider, and from there, that somebody presses within a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Dtmf {
    /// As events within the sound (RFC 4733), where both agree on it.
    #[default]
    Events,
    /// Each as an INFO: the provider knows no events, or does not pass them on.
    Info,
}

/// Kinds of numbers, as far as a provider is chosen by them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum NumberKind {
    /// Free for who calls.
    Free,
    /// In the office's own area.
    Local,
    /// Elsewhere in the country, at the ordinary rate.
    National,
    /// Mobile.
    Mobile,
    /// Dearer than the ordinary rate: shared cost, and premium by the minute or the call.
    Premium,
    /// Abroad.
    International,
}

impl NumberKind {
    /// The kind of a class; `None` where providers are not chosen by it.
    pub const fn of(class: Class) -> Option<Self> {
        match class {
            Class::Free => Some(Self::Free),
            Class::Local => Some(Self::Local),
            Class::National => Some(Self::National),
            Class::Mobile => Some(Self::Mobile),
            Class::SharedCost | Class::PremiumPerMinute | Class::PremiumPerCall => Some(Self::Premium),
            Class::International(_) => Some(Self::International),
            Class::Internal | Class::Emergency | Class::Helpline | Class::Unknown => None,
        }
    }
}

/// A codec's encoding name as it stands in an rtpmap (RFC 4855), for example `PCMA`; compared without case.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CodecName(String);

impl CodecName {
    /// The name.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for CodecName {
    type Err = TextError;
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let fits = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.');
        let is_name = (1..=32).contains(&text.len()) && text.bytes().all(fits);
        if is_name { Ok(Self(text.to_owned())) } else { Err(TextError::Codec) }
    }
}

/// Gives an enum of words its writing and reading.
macro_rules! words {
    ($type:ident, $error:ident, $($variant:ident = $word:literal),+ $(,)?) => {
        impl $type {
            /// The word in the office file and on the page.
            pub const fn word(self) -> &'static str {
                match self { $(Self::$variant => $word),+ }
            }
        }

        impl fmt::Display for $type {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(self.word())
            }
        }

        impl FromStr for $type {
            type Err = TextError;
            fn from_str(text: &str) -> Result<Self, Self::Err> {
                match text { $($word => Ok(Self::$variant),)+ _ => Err(TextError::$error) }
            }
        }
    };
}
pub(crate) use words;

words!(
    IdentityHeader,
    Identity,
    From = "from",
    PAsserted = "p-asserted",
    PPreferred = "p-preferred",
    RemotePartyId = "remote-party-id",
);
words!(NumberFormat, NumberFormat, PlusE164 = "+e164", E164 = "e164", DoubleZero = "00", National = "national",);
words!(Dtmf, Dtmf, Events = "rfc4733", Info = "info");
words!(TrunkSrtp, Srtp, Off = "off", Offer = "offer", Require = "require");
words!(
    NumberKind,
    NumberKind,
    Free = "free",
    Local = "local",
    National = "national",
    Mobile = "mobile",
    Premium = "premium",
    International = "international",
);

impl NumberFormat {
    /// A number as this provider wants it. `calling_code` is that of the office's country, without a plus. What has no
    /// plus in front exists only inside the country, or is a name, and stays as it is.
    pub fn write(self, number: &str, calling_code: &str) -> String {
        let Some(digits) = number.strip_prefix('+') else { return number.to_owned() };
        match self {
            Self::PlusE164 => number.to_owned(),
            Self::E164 => digits.to_owned(),
            Self::DoubleZero => format!("00{digits}"),
            Self::National => match digits.strip_prefix(calling_code) {
                Some(national) => format!("0{national}"),
                None => format!("00{digits}"),
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_is_written_as_the_provider_wants_it_and_a_short_code_as_it_is() {
        let table = [
            (NumberFormat::PlusE164, ["+31201234567", "+3221234567", "14020"]),
            (NumberFormat::E164, ["31201234567", "3221234567", "14020"]),
            (NumberFormat::DoubleZero, ["0031201234567", "003221234567", "14020"]),
            (NumberFormat::National, ["0201234567", "003221234567", "14020"]),
        ];
        for (format, written) in table {
            let numbers = ["+31201234567", "+3221234567", "14020"];
            assert_eq!(numbers.map(|number| format.write(number, "31")), written, "{format}");
        }
    }

    #[test]
    fn encryption_is_what_the_transport_allows_until_somebody_says_otherwise() {
        let usual = Dialect::default();
        let over = [TrunkTransport::Udp, TrunkTransport::Tcp, TrunkTransport::Tls].map(|way| usual.srtp_over(way));
        assert_eq!(over, [TrunkSrtp::Off, TrunkSrtp::Off, TrunkSrtp::Offer]);
        let strict = Dialect { srtp: Some(TrunkSrtp::Require), ..Dialect::default() };
        assert_eq!(strict.srtp_over(TrunkTransport::Tls), TrunkSrtp::Require);
    }

    #[test]
    fn what_is_no_word_of_a_dialect_is_refused() {
        assert_eq!("pai".parse::<IdentityHeader>(), Err(TextError::Identity));
        assert_eq!("+E164".parse::<NumberFormat>(), Err(TextError::NumberFormat));
        assert_eq!("yes".parse::<TrunkSrtp>(), Err(TextError::Srtp));
        assert_eq!("inband".parse::<Dtmf>(), Err(TextError::Dtmf));
        assert_eq!("abroad".parse::<NumberKind>(), Err(TextError::NumberKind));
        for text in ["", "PC MA", "pcmä", "a;b"] {
            assert_eq!(text.parse::<CodecName>(), Err(TextError::Codec), "{text}");
        }
    }
}
