//! `"Name" <uri>;params` and `uri;params` (RFC 3261 20.10, 25.1).

use std::fmt;

use super::params::{Params, take_quoted, trim, trim_start, write_quoted};
use super::uri::{SipUri, Uri};

/// An address with its display name and the header's parameters.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NameAddr {
    /// Display name without quotes; empty when there is none.
    pub name: String,
    /// The address.
    pub uri: Uri,
    /// The header's own parameters (`tag`, `q`, `expires` ...), not the URI's.
    pub params: Params,
}

impl NameAddr {
    /// An address without name or parameters.
    pub fn new(uri: impl Into<Uri>) -> Self {
        Self { name: String::new(), uri: uri.into(), params: Params::default() }
    }

    /// The same address with a display name.
    #[must_use]
    pub fn named(mut self, name: &str) -> Self {
        // Control characters cannot stand in a header at all; everything else is quoted.
        self.name = name.chars().filter(|character| !character.is_control()).collect();
        self
    }

    /// The same address with a tag.
    #[must_use]
    pub fn tagged(mut self, tag: &str) -> Self {
        self.params.set("tag", Some(tag));
        self
    }

    /// The `tag` parameter.
    pub fn tag(&self) -> Option<&str> {
        self.params.value("tag").filter(|tag| !tag.is_empty())
    }

    /// The URI as `sip:`, if it is one.
    pub const fn sip(&self) -> Option<&SipUri> {
        self.uri.as_sip()
    }

    /// Reads one address. `None` when malformed. Without angle brackets every `;` starts a header parameter and `?` is not
    /// allowed (RFC 3261 20.10).
    pub fn parse(text: &str) -> Option<Self> {
        let text = trim(text);
        if text.starts_with('"') {
            let (name, rest) = take_quoted(text)?;
            return Self::parse_bracketed(name, trim_start(rest).strip_prefix('<')?);
        }
        if let Some((name, bracketed)) = text.split_once('<') {
            let name = trim(name);
            // RFC 3261 wants tokens here; phones send any name, and one that has no quotes can be read in one way only.
            return if name.contains(['"', '>']) { None } else { Self::parse_bracketed(name.to_owned(), bracketed) };
        }
        let (uri, params) = text.split_at(text.find(';').unwrap_or(text.len()));
        if uri.contains('?') {
            return None;
        }
        Some(Self { name: String::new(), uri: Uri::parse(trim(uri))?, params: Params::parse(params)? })
    }

    fn parse_bracketed(name: String, text: &str) -> Option<Self> {
        let (uri, params) = text.split_once('>')?;
        Some(Self { name, uri: Uri::parse(uri)?, params: Params::parse(params)? })
    }
}

impl fmt::Display for NameAddr {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut text = String::new();
        if !self.name.is_empty() {
            write_quoted(&self.name, &mut text);
            text.push(' ');
        }
        let mut params = String::new();
        self.params.write(&mut params);
        write!(f, "{text}<{}>{params}", self.uri)
    }
}
