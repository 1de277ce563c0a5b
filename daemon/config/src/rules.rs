//! The rules for each single field, the same for the office file and for the page.

use std::ops::RangeInclusive;
use std::str::FromStr;

use centrale_numbering::{Class, Country, Dialled, NoDate, Plan, Policy};

use crate::{
    ContactNumber, ExtensionNumber, Language, Mac, Network, Opened, OutsideNumber, PermitError, Reach, Role,
    RoleUnknown, Scanner, Secret, Server, Sha256Pin, SourceError, SourceRange, TrunkTransport, Voicemail,
};

/// Internal numbers that people and ring groups may have. Safe in both countries: it meets no short code of either.
pub const EXTENSION_RANGE: RangeInclusive<u16> = 200..=699;

/// Most characters a name may have: what a desk phone shows on one line, and some.
const LONGEST_NAME: usize = 64;

/// Fewest characters of a SIP password that somebody chose.
const SHORTEST_PASSWORD: usize = 12;

/// Fewest different characters in it: `aaaaaaaaaaaa` is long and still no secret.
const FEWEST_DIFFERENT: usize = 5;

/// Most characters of any password.
const LONGEST_PASSWORD: usize = 128;

/// Most handsets of a base.
const MOST_HANDSETS: usize = 10;

/// Most numbers that a lift or an alarm calls.
const MOST_ALARM_NUMBERS: usize = 5;
/// Most numbers of support.
const MOST_SUPPORT_NUMBERS: usize = 20;
/// Most expansion modules of a phone.
const MOST_MODULES: u8 = 6;

/// Most destinations that are open for a person.
const MOST_OPENED: usize = 20;

/// Most contacts of an office. Each revision of the office holds them all.
pub(crate) const MOST_CONTACTS: usize = 2000;
/// Most numbers from which nobody is called.
const MOST_BLOCKED_CALLERS: usize = 500;
/// Most characters of the rules of use: two pages, which somebody still reads.
const LONGEST_RULES: usize = 4000;

/// Most networks from which the box is administered.
const MOST_NETWORKS: usize = 32;
/// Most places from which the box is looked at.
const MOST_SCANNERS: usize = 8;
/// Most codecs in a trunk's order.
const MOST_CODECS: usize = 8;
/// Most addresses and ranges that a trunk is heard from besides its servers.
pub(crate) const MOST_SOURCES: usize = 32;
/// Most numbers of a contact.
pub(crate) const MOST_CONTACT_NUMBERS: usize = 5;

/// What is wrong with a value: a stable code for programs, a sentence for people. Never holds a secret.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Fault {
    pub(crate) code: &'static str,
    pub(crate) reason: String,
}

impl Fault {
    pub(crate) fn new(code: &'static str, reason: impl Into<String>) -> Self {
        Self { code, reason: reason.into() }
    }

    /// What a type says is wrong with a text.
    pub(crate) fn of(code: &'static str, error: &dyn std::error::Error) -> Self {
        Self { code, reason: error.to_string() }
    }
}

/// What everybody who logs in is to have read: lines of visible characters. The ends of lines are one sign each.
pub(crate) fn rules_of_use(text: &str) -> Result<String, Fault> {
    let text = text.replace("\r\n", "\n").trim().to_owned();
    if text.chars().count() > LONGEST_RULES {
        return Err(Fault::new("rules-too-long", format!("the rules of use have at most {LONGEST_RULES} characters")));
    }
    if text.chars().any(|character| character.is_control() && character != '\n') {
        return Err(Fault::new("rules-malformed", "the rules of use have a character that no page shows"));
    }
    Ok(text)
}

/// An internal number for a person or a ring group.
pub(crate) fn extension(country: Country, text: &str) -> Result<ExtensionNumber, Fault> {
    let number: ExtensionNumber =
        text.parse().map_err(|error: crate::IdentifierError| Fault::new("number-malformed", error.to_string()))?;
    extension_fault(country, &number).map_or(Ok(number), Err)
}

/// Why a well-formed internal number may not be used, if it may not.
pub(crate) fn extension_fault(country: Country, number: &ExtensionNumber) -> Option<Fault> {
    let digits = number.as_str();
    let value: u32 = digits.parse().ok()?;
    if digits.len() == 3 && (100..=112).contains(&value) {
        let reason =
            format!("{digits} is or lies among the emergency numbers of Belgium (100, 101, 112); use 200 to 699");
        return Some(Fault::new("number-reserved-emergency", reason));
    }
    if country.hidden_by_extension(digits).is_some() {
        let reason = format!("{digits} is a public short number in {country}; use 200 to 699");
        return Some(Fault::new("number-reserved", reason));
    }
    let in_range = digits.len() == 3 && EXTENSION_RANGE.contains(&u16::try_from(value).unwrap_or(0));
    (!in_range).then(|| Fault::new("number-out-of-range", "internal numbers go from 200 to 699"))
}

/// A name of a person, a group, or the office.
pub(crate) fn name(text: &str) -> Result<String, Fault> {
    let text = text.trim();
    if text.is_empty() {
        return Err(Fault::new("name-empty", "a name is needed"));
    }
    if text.chars().count() > LONGEST_NAME {
        return Err(Fault::new("name-too-long", format!("a name has at most {LONGEST_NAME} characters")));
    }
    if text.chars().any(is_invisible) {
        return Err(Fault::new("name-malformed", "a name has no control characters"));
    }
    Ok(text.to_owned())
}

/// Where a contact works, or nothing.
pub(crate) fn company(text: &str) -> Result<String, Fault> {
    if text.trim().is_empty() { Ok(String::new()) } else { name(text) }
}

/// A contact's number as somebody typed it, by the plan of the office.
pub(crate) fn contact_number(plan: &Plan, text: &str) -> Result<ContactNumber, Fault> {
    match plan.normalise(text) {
        Dialled::Outside { e164: number, .. } | Dialled::Short { digits: number, .. } => kept_contact_number(&number),
        Dialled::Emergency(number) => {
            let reason = format!("{number} is an emergency number; it is dialled by heart, and no contact's");
            Err(Fault::new("number-reserved-emergency", reason))
        }
        Dialled::Internal { digits } => {
            let reason = format!("{digits} is an internal number; people and groups are in the phone book already");
            Err(Fault::new("number-internal", reason))
        }
        Dialled::Unknown { reason } => Err(Fault::new("number-unreadable", reason.to_string())),
    }
}

/// The number that proves the way out, by the plan of the office.
pub(crate) fn test_number(plan: &Plan, text: &str) -> Result<ContactNumber, Fault> {
    let meant = plan.normalise(text);
    let costs_extra = plan.default_policy(&meant) == Policy::Block;
    match meant {
        Dialled::Outside { .. } | Dialled::Short { .. } if costs_extra => {
            Err(Fault::new("number-costs-extra", format!("{text} costs extra; a test call is made every day")))
        }
        Dialled::Outside { e164: number, .. } | Dialled::Short { digits: number, .. } => kept_contact_number(&number),
        Dialled::Emergency(number) => {
            let reason = format!("{number} is an emergency number; a test call must never ring there");
            Err(Fault::new("number-reserved-emergency", reason))
        }
        Dialled::Internal { digits } => {
            let reason = format!("{digits} is an internal number; a test call goes to a number outside");
            Err(Fault::new("number-internal", reason))
        }
        Dialled::Unknown { reason } => Err(Fault::new("number-unreadable", reason.to_string())),
    }
}

/// A number that a lift or an alarm calls, or a number of support: one that no cap would ever stop.
pub(crate) fn plain_number(plan: &Plan, text: &str) -> Result<ContactNumber, Fault> {
    let meant = plan.normalise(text);
    match meant.class() {
        Class::Free | Class::Local | Class::National | Class::Mobile => contact_number(plan, text),
        Class::Unknown | Class::Internal | Class::Emergency => contact_number(plan, text)
            .and_then(|_| Err(Fault::new("number-unreadable", format!("{text} is no number in the own country")))),
        _ => {
            let reason = format!(
                "{text} is abroad or costs extra; an alarm or support has an ordinary number of the own country"
            );
            Err(Fault::new("number-costs-extra", reason))
        }
    }
}

/// How many numbers of support an office has.
pub(crate) fn support_numbers(count: usize) -> Result<(), Fault> {
    let fault = || Fault::new("numbers-too-many", format!("{MOST_SUPPORT_NUMBERS} numbers of support at most"));
    if count <= MOST_SUPPORT_NUMBERS { Ok(()) } else { Err(fault()) }
}

/// How many numbers a lift or an alarm calls.
pub(crate) fn alarm_numbers(count: usize) -> Result<(), Fault> {
    let fault = || Fault::new("alarm-numbers-count", format!("an alarm line calls 1 to {MOST_ALARM_NUMBERS} numbers"));
    if (1..=MOST_ALARM_NUMBERS).contains(&count) { Ok(()) } else { Err(fault()) }
}

/// In how many hours the line of a lift or an alarm calls at least once.
pub(crate) fn test_hours(hours: Option<u16>) -> Result<u16, Fault> {
    let fault =
        || Fault::new("test-hours-out-of-range", "a line tests itself every 1 to 744 hours, for example 24 or 72");
    hours.filter(|hours| (1..=744).contains(hours)).ok_or_else(fault)
}

/// A house number with what belongs to it.
pub(crate) fn house_number(text: &str) -> Result<String, Fault> {
    let text = text.trim();
    let begins = text.starts_with(|first: char| first.is_ascii_digit());
    if begins && text.chars().count() <= 16 && !text.chars().any(is_invisible) {
        Ok(text.to_owned())
    } else {
        let reason = "a house number begins with a digit and has at most 16 characters, for example 12 or 12-3";
        Err(Fault::new("house-number-malformed", reason))
    }
}

/// A Dutch or Belgian postcode. Not held to the office's country: an office that moves is no reason not to start.
pub(crate) fn postcode(text: &str) -> Result<String, Fault> {
    let plain: String = text.chars().filter(|one| *one != ' ').map(|one| one.to_ascii_uppercase()).collect();
    let digits = plain.get(..4).filter(|digits| digits.bytes().all(|byte| byte.is_ascii_digit()));
    let letters = plain.get(4..).filter(|letters| letters.bytes().all(|byte| byte.is_ascii_uppercase()));
    match (digits, letters) {
        (Some(digits), Some("")) => Ok(digits.to_owned()),
        (Some(digits), Some(letters)) if letters.len() == 2 => Ok(format!("{digits} {letters}")),
        _ => Err(Fault::new("postcode-malformed", "a postcode is written as 1012 JM, or as 1000 in Belgium")),
    }
}

/// A contact's number as it was written once a plan had read it.
pub(crate) fn kept_contact_number(text: &str) -> Result<ContactNumber, Fault> {
    text.parse().map_err(|error: crate::IdentifierError| Fault::new("number-unreadable", error.to_string()))
}

/// How many numbers a contact has.
pub(crate) fn contact_numbers(count: usize) -> Result<(), Fault> {
    match count {
        0 => Err(Fault::new("numbers-empty", "a contact has at least one number")),
        1..=MOST_CONTACT_NUMBERS => Ok(()),
        _ => Err(Fault::new("numbers-too-many", format!("a contact has at most {MOST_CONTACT_NUMBERS} numbers"))),
    }
}

/// Where a phone stands; empty when that is not said.
pub(crate) fn room(text: &str) -> Result<String, Fault> {
    if text.trim().is_empty() { Ok(String::new()) } else { name(text) }
}

/// The name of a trunk or a group of rights, which is also part of an address on the page.
pub(crate) fn plain_name(text: &str) -> Result<String, Fault> {
    let text = name(text)?;
    let plain = text.chars().all(|character| character.is_alphanumeric() || matches!(character, ' ' | '-' | '_' | '.'));
    // Two dots alone would climb in an address.
    if plain && text.chars().any(char::is_alphanumeric) {
        Ok(text)
    } else {
        Err(Fault::new("name-malformed", "this name has letters, digits, spaces, dots, - and _ only"))
    }
}

/// A SIP password that somebody chose for a person.
pub(crate) fn sip_password(number: Option<&ExtensionNumber>, secret: &Secret) -> Result<(), Fault> {
    let clear = secret.reveal();
    let weak = |reason: String| Err(Fault::new("password-weak", reason));
    if number.is_some_and(|number| number.as_str() == clear) {
        return weak("the password is the number itself".to_owned());
    }
    if clear.chars().count() < SHORTEST_PASSWORD {
        return weak(format!(
            "a SIP password has at least {SHORTEST_PASSWORD} characters; leave it out to have one made"
        ));
    }
    let mut different: Vec<char> = clear.chars().collect();
    different.sort_unstable();
    different.dedup();
    if different.len() < FEWEST_DIFFERENT {
        return weak(format!("a SIP password has at least {FEWEST_DIFFERENT} different characters"));
    }
    if !clear.bytes().all(|byte| byte.is_ascii_graphic()) {
        return Err(Fault::new(
            "password-malformed",
            "a SIP password has letters, digits and signs of ASCII, no spaces",
        ));
    }
    password(secret)
}

/// A password that somebody else chose, the provider's.
pub(crate) fn password(secret: &Secret) -> Result<(), Fault> {
    let clear = secret.reveal();
    if clear.is_empty() {
        return Err(Fault::new("password-empty", "the password is empty"));
    }
    if clear.chars().count() > LONGEST_PASSWORD {
        return Err(Fault::new("password-too-long", format!("a password has at most {LONGEST_PASSWORD} characters")));
    }
    if clear.chars().any(char::is_control) {
        return Err(Fault::new("password-malformed", "a password has no control characters"));
    }
    Ok(())
}

/// A digest user name at a provider.
pub(crate) fn username(text: &str) -> Result<String, Fault> {
    let fits = |byte: u8| byte.is_ascii_graphic() && !matches!(byte, b'"' | b'\\' | b'<' | b'>');
    if (1..=64).contains(&text.len()) && text.bytes().all(fits) {
        Ok(text.to_owned())
    } else {
        Err(Fault::new(
            "username-malformed",
            "a user name has 1 to 64 letters, digits and signs, no spaces, quotes or brackets",
        ))
    }
}

/// A phone's model.
pub(crate) fn model(text: &str) -> Result<String, Fault> {
    let fits = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b' ' | b'-' | b'_' | b'.' | b'/' | b'+');
    if (1..=32).contains(&text.len()) && text.bytes().all(fits) && text.trim() == text {
        Ok(text.to_owned())
    } else {
        Err(Fault::new("model-malformed", "a model is written as on the phone, for example T54W"))
    }
}

/// The version of a phone's software.
pub(crate) fn firmware_version(text: &str) -> Result<String, Fault> {
    let fits = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-' | b'_');
    if (1..=32).contains(&text.len()) && text.bytes().all(fits) {
        Ok(text.to_owned())
    } else {
        Err(Fault::new("version-malformed", "a version is written as its maker writes it, for example 96.86.0.100"))
    }
}

/// The name of a file of phone software. It is part of an address, and climbs out of no folder.
pub(crate) fn firmware_file(text: &str) -> Result<String, Fault> {
    let fits = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-' | b'_');
    let ends = |end: &str| text.len() > end.len() && text.to_ascii_lowercase().ends_with(end);
    let named = (ends(".rom") || ends(".bin")) && !text.starts_with('.');
    if text.len() <= 64 && text.bytes().all(fits) && named {
        Ok(text.to_owned())
    } else {
        let reason = "a firmware file is named by letters, digits, dots, - and _ and ends in .rom or .bin, no folder";
        Err(Fault::new("file-malformed", reason))
    }
}

/// The SHA-256 of a file.
pub(crate) fn sha256(text: &str) -> Result<Sha256Pin, Fault> {
    text.parse().map_err(|error: crate::IdentifierError| Fault::new("sha256-malformed", error.to_string()))
}

/// How many handsets a base has: the most that any base we know carries.
pub(crate) fn handsets(count: usize) -> Result<(), Fault> {
    match count {
        0 => Err(Fault::new("handsets-empty", "a base has at least one handset")),
        1..=MOST_HANDSETS => Ok(()),
        _ => Err(Fault::new("handsets-too-many", format!("a base has at most {MOST_HANDSETS} handsets"))),
    }
}

/// At which place of a base a handset is.
pub(crate) fn handset_place(place: Option<u16>) -> Result<u8, Fault> {
    let fault = || Fault::new("handset-place-out-of-range", format!("a handset has a place from 1 to {MOST_HANDSETS}"));
    let place = place.and_then(|place| u8::try_from(place).ok());
    place.filter(|place| (1..=MOST_HANDSETS).contains(&usize::from(*place))).ok_or_else(fault)
}

/// The number of a VLAN (IEEE 802.1Q 9.6: 0 and 4095 mean something else).
pub(crate) fn vlan(number: Option<u16>) -> Result<u16, Fault> {
    let fault = || Fault::new("vlan-out-of-range", "a VLAN has a number from 1 to 4094");
    number.filter(|number| (1..=4094).contains(number)).ok_or_else(fault)
}

/// What the line to the internet carries: at least one call (100 kbit/s), at most 10 Gbit/s.
pub(crate) fn line_kbit(kbit: Option<u32>) -> Result<u32, Fault> {
    let fault = || Fault::new("line-out-of-range", "a line carries 100 to 10000000 kbit/s");
    kbit.filter(|kbit| (100..=10_000_000).contains(kbit)).ok_or_else(fault)
}

/// What is typed on a phone to show who one is: digits that nobody guesses first.
pub(crate) fn pin(secret: Secret) -> Result<Secret, Fault> {
    let digits = secret.reveal().as_bytes();
    if !(6..=10).contains(&digits.len()) || !digits.iter().all(u8::is_ascii_digit) {
        return Err(Fault::new("pin-malformed", "a PIN has 6 to 10 digits"));
    }
    let steps = |step: i16| digits.windows(2).all(|pair| i16::from(pair[1]) - i16::from(pair[0]) == step);
    let repeats = |length: usize| digits.chunks(length).all(|part| digits.starts_with(part));
    if [-1, 0, 1].into_iter().any(steps) || (2..=digits.len() / 2).any(repeats) {
        return Err(Fault::new("pin-weak", "a PIN is no row of digits, and repeats nothing"));
    }
    Ok(secret)
}

/// How many calls a provider allows at once.
pub(crate) fn channels(count: Option<u16>) -> Result<u16, Fault> {
    let fault = || Fault::new("channels-out-of-range", "a provider carries 1 to 1000 calls at once");
    count.filter(|count| (1..=1000).contains(count)).ok_or_else(fault)
}

/// How far a person may call.
pub(crate) fn reach(text: &str) -> Result<Reach, Fault> {
    text.parse().map_err(|error: PermitError| Fault::new("calls-unknown", error.to_string()))
}

/// A destination that is open for a person until the end of a day.
pub(crate) fn opened(prefix: &str, until: &str) -> Result<Opened, Fault> {
    Opened::read(prefix, until).map_err(|error| match error {
        PermitError::NotADate => Fault::new("date-malformed", error.to_string()),
        _ => Fault::new("prefix-malformed", error.to_string()),
    })
}

/// How many destinations are open for a person.
pub(crate) fn opened_count(count: usize) -> Result<(), Fault> {
    let fault = || Fault::new("opened-too-many", format!("at most {MOST_OPENED} destinations are open for a person"));
    if count <= MOST_OPENED { Ok(()) } else { Err(fault()) }
}

/// After how long a caller reaches a mailbox: longer than it takes to get up, no longer than phones ring anyway.
pub(crate) fn voicemail(after_seconds: Option<u16>) -> Result<Voicemail, Fault> {
    let fault = || Fault::new("voicemail-out-of-range", "a mailbox takes a call after 5 to 60 seconds");
    let after_seconds = after_seconds.and_then(|seconds| u8::try_from(seconds).ok());
    let after_seconds = after_seconds.filter(|seconds| (5..=60).contains(seconds)).ok_or_else(fault)?;
    Ok(Voicemail { after_seconds })
}

/// What a person's telephone is for.
pub(crate) fn role(text: &str) -> Result<Role, Fault> {
    text.parse().map_err(|error: RoleUnknown| Fault::new("role-unknown", error.to_string()))
}

/// How many expansion modules a phone has.
pub(crate) fn modules(count: Option<u16>) -> Result<u8, Fault> {
    let fault = || Fault::new("modules-out-of-range", format!("a phone has 0 to {MOST_MODULES} expansion modules"));
    count.and_then(|count| u8::try_from(count).ok()).filter(|count| *count <= MOST_MODULES).ok_or_else(fault)
}

/// A national area code with its zero, or nothing.
pub(crate) fn area_code(country: Country, text: &str) -> Result<String, Fault> {
    if text.is_empty() || country.area_codes().iter().any(|area| area.digits == text) {
        Ok(text.to_owned())
    } else {
        let example = country.area_codes().first().map_or("", |area| area.digits);
        let reason = format!("{country} has no such area code; write it with its zero, for example {example}");
        Err(Fault::new("area-code-unknown", reason))
    }
}

/// An IANA time zone by its form. Whether the box knows it is found out where civil time is made.
pub(crate) fn time_zone(text: &str) -> Result<String, Fault> {
    let is_part = |part: &str| {
        !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'+'))
    };
    let parts = text.split('/').count();
    if text.len() <= 64 && (text == "UTC" || (2..=3).contains(&parts)) && text.split('/').all(is_part) {
        Ok(text.to_owned())
    } else {
        Err(Fault::new("time-zone-malformed", "a time zone is written as Europe/Amsterdam"))
    }
}

/// A country code.
pub(crate) fn country(text: &str) -> Result<Country, Fault> {
    text.parse().map_err(|error: centrale_numbering::UnknownCountry| Fault::new("country-unknown", error.to_string()))
}

/// A language code.
pub(crate) fn language(text: &str) -> Result<Language, Fault> {
    text.parse().map_err(|error: crate::TextError| Fault::new("language-unknown", error.to_string()))
}

/// A transport's word.
pub(crate) fn transport(text: &str) -> Result<TrunkTransport, Fault> {
    text.parse().map_err(|error: crate::TextError| Fault::new("transport-unknown", error.to_string()))
}

/// A word of a trunk's dialect.
pub(crate) fn dialect_word<T: FromStr<Err = crate::TextError>>(text: &str) -> Result<T, Fault> {
    text.parse().map_err(|error: crate::TextError| Fault::new("dialect-unknown", error.to_string()))
}

/// How many codecs a trunk's order names.
pub(crate) fn codecs(count: usize) -> Result<(), Fault> {
    let fault = || Fault::new("codecs-too-many", format!("an order names at most {MOST_CODECS} codecs"));
    if count <= MOST_CODECS { Ok(()) } else { Err(fault()) }
}

/// How many callers are blocked.
pub(crate) fn blocked_callers(count: usize) -> Result<(), Fault> {
    let fault = || Fault::new("callers-too-many", format!("at most {MOST_BLOCKED_CALLERS} callers can be blocked"));
    if count <= MOST_BLOCKED_CALLERS { Ok(()) } else { Err(fault()) }
}

/// A network from which the box is administered.
pub(crate) fn network(text: &str) -> Result<Network, Fault> {
    text.parse().map_err(|error: crate::TextError| Fault::new("network-malformed", error.to_string()))
}

/// From how many networks the box is administered.
pub(crate) fn networks(count: usize) -> Result<(), Fault> {
    let fault = || Fault::new("networks-too-many", format!("at most {MOST_NETWORKS} networks can be named"));
    if count <= MOST_NETWORKS { Ok(()) } else { Err(fault()) }
}

/// From where the box is looked at for weak places, and until when. What is wider than a company's own network may hold anybody.
pub(crate) fn scanner(network: &str, until: &str) -> Result<Scanner, Fault> {
    let network = self::network(network)?;
    let widest = if network.first().is_ipv4() { 24 } else { 48 };
    if network.prefix() < widest {
        return Err(Fault::new("source-too-wide", format!("at most a /{widest} can be named")));
    }
    let until = until.parse().map_err(|error: NoDate| Fault::new("date-malformed", error.to_string()))?;
    Ok(Scanner { network, until })
}

/// From how many places that is.
pub(crate) fn scanner_count(count: usize) -> Result<(), Fault> {
    let fault = || Fault::new("networks-too-many", format!("at most {MOST_SCANNERS} scanners can be named"));
    if count <= MOST_SCANNERS { Ok(()) } else { Err(fault()) }
}

/// A provider's server.
pub(crate) fn server(text: &str) -> Result<Server, Fault> {
    text.parse().map_err(|error: crate::TextError| Fault::new("server-malformed", error.to_string()))
}

/// From where a provider calls besides its servers.
pub(crate) fn source(text: &str) -> Result<SourceRange, Fault> {
    text.parse().map_err(|error: SourceError| {
        let code = match error {
            SourceError::Malformed => "source-malformed",
            SourceError::TooWide => "source-too-wide",
            SourceError::NotPublic => "source-not-public",
        };
        Fault::new(code, error.to_string())
    })
}

/// From how many places a provider calls.
pub(crate) fn source_count(count: usize) -> Result<(), Fault> {
    let fault = || Fault::new("sources-too-many", format!("at most {MOST_SOURCES} addresses or ranges can be named"));
    if count <= MOST_SOURCES { Ok(()) } else { Err(fault()) }
}

/// A number of the office at its provider.
pub(crate) fn outside_number(text: &str) -> Result<OutsideNumber, Fault> {
    text.parse().map_err(|error: crate::IdentifierError| Fault::new("number-not-e164", error.to_string()))
}

/// A MAC address. A group address is no phone's (IEEE 802 8.2).
pub(crate) fn mac(text: &str) -> Result<Mac, Fault> {
    let mac: Mac =
        text.parse().map_err(|error: crate::IdentifierError| Fault::new("mac-malformed", error.to_string()))?;
    let octets = mac.octets();
    if octets == [0; 6] || octets[0] & 1 == 1 {
        return Err(Fault::new("mac-malformed", "this is not the address of one device"));
    }
    Ok(mac)
}

/// Control characters and those that turn the direction of writing: they let one name pose as another.
fn is_invisible(character: char) -> bool {
    character.is_control()
        || matches!(character, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}')
}
