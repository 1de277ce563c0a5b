//! `"Name" <uri>;params` and `uri;params` (RFC 3261 20.10, 25.1).

use std::borrow::Cow;
use std::fmt;

use super::params::{
    Params, Written, WrittenParams, split_at_byte, split_before, take_quoted, trim, trim_start, write_quoted, written,
};
use super::uri::{self, SipUri, Uri, WrittenUri};

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
        WrittenAddr::of(text).map(WrittenAddr::kept)
    }
}

/// An address as it stands in a text: checked, and nothing copied that is not escaped.
pub(super) struct WrittenAddr<'a> {
    name: Cow<'a, str>,
    uri: WrittenUri<'a>,
    params: WrittenParams<'a>,
}

impl<'a> WrittenAddr<'a> {
    /// As [`NameAddr::parse`] reads it.
    pub(super) fn of(text: &'a str) -> Option<Self> {
        let Parts { name, uri, params } = Parts::of(text)?;
        Some(Self { name, uri: WrittenUri::of(uri)?, params: WrittenParams::of(params)? })
    }

    fn kept(self) -> NameAddr {
        NameAddr { name: self.name.into_owned(), uri: self.uri.kept(), params: self.params.kept() }
    }
}

/// The `tag` of an address, all of which is read as [`NameAddr::parse`] does. `None` when it is malformed.
pub(super) fn tag_of_whole(text: &str) -> Option<Option<Cow<'_, str>>> {
    let Parts { uri, params, .. } = Parts::of(text)?;
    WrittenUri::of(uri)?;
    let mut tag = None;
    WrittenParams::reading(params, |param| {
        if param.name.eq_ignore_ascii_case("tag") {
            tag = param.value.filter(|tag| !tag.is_empty());
        }
    })?;
    Some(tag)
}

/// What was dialled by an address, read without what stands behind it. `None` as well where [`NameAddr::parse`] would not read
/// it so far.
pub(super) fn dialled_in(text: &str) -> Option<Cow<'_, str>> {
    uri::dialled_in(Parts::of(text)?.uri)
}

/// The `tag` of an address, read without the rest of it. `None` as well where [`NameAddr::parse`] would not read it so far.
pub(super) fn tag_in(text: &str) -> Option<Cow<'_, str>> {
    let params = Parts::of(text)?.params;
    let tag = written(params).map_while(|read| read).find(|read| read.name.eq_ignore_ascii_case("tag"))?;
    tag.value.filter(|tag| !tag.is_empty())
}

/// Whether an address that can be read to its end has no `tag`, not even one without a value.
pub(super) fn lacks_tag(text: &str) -> bool {
    let is_other = |read: Option<Written<'_>>| read.is_some_and(|read| !read.name.eq_ignore_ascii_case("tag"));
    Parts::of(text).is_some_and(|parts| written(parts.params).all(is_other))
}

/// What an address consists of, as it stands there.
struct Parts<'a> {
    name: Cow<'a, str>,
    uri: &'a str,
    params: &'a str,
}

impl<'a> Parts<'a> {
    fn of(text: &'a str) -> Option<Self> {
        let text = trim(text);
        if text.starts_with('"') {
            let (name, rest) = take_quoted(text)?;
            return Self::bracketed(name, trim_start(rest).strip_prefix('<')?);
        }
        if let Some((name, bracketed)) = split_at_byte(text, b'<') {
            let name = trim(name);
            // RFC 3261 wants tokens here; phones send any name, and one that has no quotes can be read in one way only.
            return if name.contains(['"', '>']) { None } else { Self::bracketed(Cow::Borrowed(name), bracketed) };
        }
        let (uri, params) = split_before(text, |byte| byte == b';');
        (!uri.contains('?')).then(|| Self { name: Cow::Borrowed(""), uri: trim(uri), params })
    }

    fn bracketed(name: Cow<'a, str>, text: &'a str) -> Option<Self> {
        let (uri, params) = split_at_byte(text, b'>')?;
        Some(Self { name, uri, params })
    }
}

impl fmt::Display for NameAddr {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut text = String::with_capacity(64);
        if !self.name.is_empty() {
            write_quoted(&self.name, &mut text);
            text.push(' ');
        }
        text.push('<');
        self.uri.write(&mut text);
        text.push('>');
        self.params.write(&mut text);
        f.write_str(&text)
    }
}
