//! A dialled text taken apart: the digits, whether they are international, and what was asked about the caller's
//! identity.

use std::borrow::Cow;

use crate::plan::Reason;
use crate::symbols::{Symbol, symbols, user_part};
use crate::tables::country_code;

/// Whether the caller asked for this one call to hide or to show the own number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Identity {
    /// `#31#` (mobile phones) or `*31*` (Dutch and Belgian fixed networks) in front.
    Hide,
    /// `*31#` in front.
    Show,
}

/// What was typed.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Typed {
    /// Digits only, without a plus or `00`.
    pub(crate) digits: String,
    /// Whether a plus or `00` stood in front.
    pub(crate) international: bool,
    /// The digits of the country or area that a local number says it belongs to (`;phone-context=+31`).
    pub(crate) context: Option<String>,
    /// The code in front, if one was.
    pub(crate) identity: Option<Identity>,
}

/// More symbols than this are an attack or an accident: 15 digits, an escape and a code fit well within.
const MOST_SYMBOLS: usize = 40;

impl Typed {
    /// Reads a typed number or a URI.
    pub(crate) fn read(raw: &str) -> Result<Self, Reason> {
        let keys = keys(raw)?;
        let keys = keys.strip_suffix('#').unwrap_or(&keys);
        let (identity, keys) = take_identity(keys);
        let (international, digits) = match keys.strip_prefix('+').or_else(|| keys.strip_prefix("00")) {
            Some(digits) => (true, digits),
            None => (false, keys),
        };
        if digits.is_empty() {
            return Err(Reason::Empty);
        }
        if digits.starts_with(['*', '#']) && !international {
            return Err(Reason::FeatureCode);
        }
        if !digits.bytes().all(|digit| digit.is_ascii_digit()) {
            return Err(Reason::NotANumber);
        }
        let context = global_context(raw).filter(|_| !international);
        Ok(Self { digits: digits.to_owned(), international, context, identity })
    }
}

fn keys(raw: &str) -> Result<String, Reason> {
    let mut keys = String::new();
    for symbol in symbols(&without_trunk_zero(user_part(raw))) {
        let Symbol::Key(key) = symbol else { return Err(Reason::NotANumber) };
        keys.push(char::from(key));
        if keys.len() > MOST_SYMBOLS {
            return Err(Reason::TooLong);
        }
    }
    Ok(keys)
}

/// Leaves out the `(0)` of `+44 (0)20…`, which is dialled inside the country only: right behind the country code, as
/// elsewhere brackets may stand around any digit. Italy (+39) dials it from anywhere.
fn without_trunk_zero(user: &str) -> Cow<'_, str> {
    let Some((before, after)) = user.split_once("(0)") else { return Cow::Borrowed(user) };
    let before_zero: Option<String> = symbols(before)
        .map(|symbol| match symbol {
            Symbol::Key(key) => Some(char::from(key)),
            Symbol::Strange => None,
        })
        .collect();
    let (_, keys) = take_identity(before_zero.as_deref().unwrap_or_default());
    match keys.strip_prefix('+').or_else(|| keys.strip_prefix("00")) {
        Some(code) if !code.is_empty() && code != "39" && country_code(code) == code => {
            Cow::Owned(format!("{before}{after}"))
        }
        _ => Cow::Borrowed(user),
    }
}

fn take_identity(keys: &str) -> (Option<Identity>, &str) {
    const CODES: [(&str, Identity); 3] = [("*31*", Identity::Hide), ("#31#", Identity::Hide), ("*31#", Identity::Show)];
    CODES
        .iter()
        .find_map(|(code, identity)| keys.strip_prefix(code).map(|rest| (Some(*identity), rest)))
        .unwrap_or((None, keys))
}

/// The digits of a global `phone-context` (RFC 3966 5.1.5). A domain as context says nothing that we could use.
fn global_context(raw: &str) -> Option<String> {
    const NAME: &str = "phone-context=";
    let value = raw.split([';', '@', '?', '>']).find_map(|parameter| {
        parameter.get(..NAME.len()).filter(|name| name.eq_ignore_ascii_case(NAME)).map(|_| &parameter[NAME.len()..])
    })?;
    let mut context = String::new();
    for symbol in symbols(value).take(MOST_SYMBOLS) {
        match symbol {
            Symbol::Key(key) => context.push(char::from(key)),
            Symbol::Strange => return None,
        }
    }
    context.strip_prefix('+').filter(|digits| digits.bytes().all(|digit| digit.is_ascii_digit())).map(str::to_owned)
}
