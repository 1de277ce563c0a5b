//! The header fields of one message, in their order, and the typed readings of the ones the protocol needs.

use std::borrow::Cow;
use std::net::SocketAddr;

use bytes::Bytes;

use super::fault::{Fault, MAX_ITEMS};
use super::name::HeaderName;
use super::name_addr::{NameAddr, WrittenAddr, dialled_in, lacks_tag, tag_in, tag_of_whole};
use super::params::{is_token, split_before, split_commas, trim};
use super::via::{Via, WrittenVia};
use super::{CSeq, Method};

/// Header fields as they stand: unfolded, trimmed, otherwise byte for byte.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Headers(Vec<(HeaderName, Bytes)>);

impl Headers {
    /// None yet, with room for so many.
    pub(super) fn with_room(fields: usize) -> Self {
        Self(Vec::with_capacity(fields))
    }

    /// Adds a field at the end.
    pub fn push(&mut self, name: HeaderName, value: impl Into<Bytes>) {
        self.0.push((name, value.into()));
    }

    /// Adds a field before all others of its name (a new top Via or Record-Route).
    pub fn push_front(&mut self, name: HeaderName, value: impl Into<Bytes>) {
        let at = self.0.iter().position(|(other, _)| *other == name).unwrap_or(0);
        self.0.insert(at, (name, value.into()));
    }

    /// Replaces every field of that name by one.
    pub fn set(&mut self, name: HeaderName, value: impl Into<Bytes>) {
        match self.0.iter().position(|(other, _)| *other == name) {
            None => self.push(name, value),
            Some(first) => {
                let mut index = 0;
                self.0.retain(|(other, _)| {
                    index += 1;
                    index - 1 <= first || *other != name
                });
                self.0[first].1 = value.into();
            }
        }
    }

    /// Takes every field of that name away.
    pub fn remove(&mut self, name: &HeaderName) {
        self.0.retain(|(other, _)| other != name);
    }

    /// Replaces the first field of that name, keeping the others.
    pub fn replace_first(&mut self, name: &HeaderName, value: impl Into<Bytes>) {
        if let Some((_, old)) = self.0.iter_mut().find(|(other, _)| other == name) {
            *old = value.into();
        }
    }

    /// All fields in order.
    pub fn iter(&self) -> impl Iterator<Item = (&HeaderName, &Bytes)> {
        self.0.iter().map(|(name, value)| (name, value))
    }

    /// Number of fields.
    pub const fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there are none.
    pub const fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The first value of that name, as bytes.
    pub fn first(&self, name: &HeaderName) -> Option<&Bytes> {
        self.0.iter().find(|(other, _)| other == name).map(|(_, value)| value)
    }

    /// Every value of that name.
    pub fn all<'a>(&'a self, name: &'a HeaderName) -> impl Iterator<Item = &'a Bytes> {
        self.0.iter().filter(move |(other, _)| other == name).map(|(_, value)| value)
    }

    /// The first value as text; bytes that are not UTF-8 are replaced.
    pub fn text(&self, name: &HeaderName) -> Option<Cow<'_, str>> {
        self.first(name).map(|value| text_of(value))
    }

    /// Calls `each` with every comma-separated item of every field of that name, trimmed, empty ones left out, until it fails.
    fn try_each<E>(&self, name: &HeaderName, mut each: impl FnMut(&str) -> Result<(), E>) -> Result<(), E> {
        for value in self.all(name) {
            let text = text_of(value);
            split_commas(&text).filter(|item| !item.is_empty()).try_for_each(&mut each)?;
        }
        Ok(())
    }

    /// Every comma-separated item read by `read`, at most [`MAX_ITEMS`] of them.
    fn read_each<T>(&self, name: &HeaderName, fault: Fault, read: fn(&str) -> Option<T>) -> Result<Vec<T>, Fault> {
        let mut all = Vec::new();
        self.try_each(name, |item| {
            if all.len() == MAX_ITEMS {
                return Err(Fault::HeaderLimit);
            }
            all.push(read(item).ok_or(fault)?);
            Ok(())
        })?;
        Ok(all)
    }

    /// Every comma-separated item of every field of that name, trimmed, empty ones left out.
    pub fn items(&self, name: &HeaderName) -> Vec<String> {
        let mut items = Vec::new();
        let _: Result<(), std::convert::Infallible> = self.try_each(name, |item| {
            items.push(item.to_owned());
            Ok(())
        });
        items
    }

    /// Whether one of the comma-separated tokens is `token`, without case.
    pub fn has_token(&self, name: &HeaderName, token: &str) -> bool {
        let absent = |item: &str| if item.eq_ignore_ascii_case(token) { Err(()) } else { Ok(()) };
        self.try_each(name, absent).is_err()
    }

    /// The topmost Via.
    ///
    /// # Errors
    /// [`Fault::MissingHeader`] or [`Fault::Via`].
    pub fn top_via(&self) -> Result<Via, Fault> {
        self.written_top_via().map(WrittenVia::kept)
    }

    /// The same, as it stands there.
    pub(crate) fn written_top_via(&self) -> Result<WrittenVia<'_>, Fault> {
        let value = self.first(&HeaderName::Via).ok_or(Fault::MissingHeader)?;
        let text = std::str::from_utf8(value).map_err(|_| Fault::Via)?;
        let top = split_commas(text).find(|item| !item.is_empty()).ok_or(Fault::MissingHeader)?;
        WrittenVia::of(top).ok_or(Fault::Via)
    }

    /// Every Via, topmost first.
    ///
    /// # Errors
    /// [`Fault::Via`] when one cannot be read, [`Fault::HeaderLimit`] beyond [`MAX_ITEMS`].
    pub fn vias(&self) -> Result<Vec<Via>, Fault> {
        self.read_each(&HeaderName::Via, Fault::Via, Via::parse)
    }

    /// Notes in the topmost Via where a request really came from (RFC 3261 18.2.1, RFC 3581 4).
    pub fn note_source(&mut self, source: SocketAddr) {
        if let Ok(noted) = self.written_top_via().map(|via| via.noting(source)) {
            self.replace_top_via_by(noted);
        }
    }

    /// Replaces the topmost Via, keeping those below, also when they share its line.
    pub fn replace_top_via(&mut self, via: &Via) {
        self.replace_top_via_by(via.to_string());
    }

    pub(crate) fn replace_top_via_by(&mut self, mut replaced: String) {
        let Some(value) = self.first(&HeaderName::Via) else { return };
        for below in split_commas(&text_of(value)).filter(|item| !item.is_empty()).skip(1) {
            replaced.push_str(", ");
            replaced.push_str(below);
        }
        self.replace_first(&HeaderName::Via, replaced);
    }

    /// From.
    ///
    /// # Errors
    /// [`Fault::MissingHeader`] or [`Fault::Party`].
    pub fn from(&self) -> Result<NameAddr, Fault> {
        self.party(&HeaderName::From)
    }

    /// To.
    ///
    /// # Errors
    /// [`Fault::MissingHeader`] or [`Fault::Party`].
    pub fn to(&self) -> Result<NameAddr, Fault> {
        self.party(&HeaderName::To)
    }

    fn party(&self, name: &HeaderName) -> Result<NameAddr, Fault> {
        let value = self.first(name).ok_or(Fault::MissingHeader)?;
        NameAddr::parse(&text_of(value)).ok_or(Fault::Party)
    }

    /// What was dialled by From or To ([`super::Uri::dialled`]), and nothing else of it.
    pub fn dialled(&self, name: &HeaderName) -> Option<Cow<'_, str>> {
        match text_of(self.first(name)?) {
            Cow::Borrowed(text) => dialled_in(text),
            Cow::Owned(text) => dialled_in(&text).map(kept),
        }
    }

    /// Checks what [`Headers::vias`] would read. The topmost as it stands there, and how many there are.
    pub(super) fn check_vias(&self) -> Result<(WrittenVia<'_>, usize), Fault> {
        let (top, mut vias) = (self.written_top_via()?, 0);
        self.try_each(&HeaderName::Via, |item| {
            vias += 1;
            match vias {
                1 => Ok(()),
                2..=MAX_ITEMS => WrittenVia::of(item).map(drop).ok_or(Fault::Via),
                _ => Err(Fault::HeaderLimit),
            }
        })?;
        Ok((top, vias))
    }

    /// Checks what [`Headers::addresses`] would read.
    pub(super) fn check_addresses(&self, name: &HeaderName) -> Result<(), Fault> {
        self.read_each(name, Fault::Contact, |text| WrittenAddr::of(text).map(drop)).map(drop)
    }

    /// Checks what [`Headers::from`] or [`Headers::to`] would read. Its tag, if it has one.
    pub(super) fn check_party(&self, name: &HeaderName) -> Result<Option<Cow<'_, str>>, Fault> {
        let tag = match text_of(self.first(name).ok_or(Fault::MissingHeader)?) {
            Cow::Borrowed(text) => tag_of_whole(text),
            Cow::Owned(text) => tag_of_whole(&text).map(|tag| tag.map(kept)),
        };
        tag.ok_or(Fault::Party)
    }

    /// Gives To a tag when it has none (RFC 3261 8.2.6.2). What stands there stays as it is.
    pub fn tag_to(&mut self, tag: &str) {
        let Some(value) = self.first(&HeaderName::To) else { return };
        let text = text_of(value);
        let tagged = if lacks_tag(&text) && tag.bytes().all(is_token) {
            [value, &b";tag="[..], tag.as_bytes()].concat()
        } else {
            // A tag without a value, which is none, makes room for ours.
            let Some(to) = NameAddr::parse(&text).filter(|to| to.tag().is_none()) else { return };
            to.tagged(tag).to_string().into_bytes()
        };
        self.replace_first(&HeaderName::To, tagged);
    }

    /// The tag of From, without reading the rest of it. `None` when there is none, or nothing to read.
    pub fn from_tag(&self) -> Option<Cow<'_, str>> {
        self.tag(&HeaderName::From)
    }

    /// The tag of To, without reading the rest of it. `None` when there is none, or nothing to read.
    pub fn to_tag(&self) -> Option<Cow<'_, str>> {
        self.tag(&HeaderName::To)
    }

    fn tag(&self, name: &HeaderName) -> Option<Cow<'_, str>> {
        match text_of(self.first(name)?) {
            Cow::Borrowed(text) => tag_in(text),
            Cow::Owned(text) => tag_in(&text).map(kept),
        }
    }

    /// Every address in every field of that name (Contact, Route, Record-Route, Path, P-Asserted-Identity, Refer-To ...).
    ///
    /// # Errors
    /// [`Fault::Contact`] when one cannot be read, [`Fault::HeaderLimit`] beyond [`MAX_ITEMS`]. `Contact: *` is for
    /// [`Headers::is_wildcard_contact`].
    pub fn addresses(&self, name: &HeaderName) -> Result<Vec<NameAddr>, Fault> {
        self.read_each(name, Fault::Contact, NameAddr::parse)
    }

    /// Whether there is one Contact and it is `*` (RFC 3261 10.2.2).
    pub fn is_wildcard_contact(&self) -> bool {
        let mut contacts = self.all(&HeaderName::Contact);
        contacts.next().is_some_and(|value| &value[..] == b"*") && contacts.next().is_none()
    }

    /// Call-ID.
    ///
    /// # Errors
    /// [`Fault::MissingHeader`], or [`Fault::CallId`] when it is empty or not printable.
    pub fn call_id(&self) -> Result<&str, Fault> {
        let value = self.first(&HeaderName::CallId).ok_or(Fault::MissingHeader)?;
        let printable = !value.is_empty() && value.iter().all(|byte| byte.is_ascii_graphic());
        if printable { std::str::from_utf8(value).map_err(|_| Fault::CallId) } else { Err(Fault::CallId) }
    }

    /// CSeq.
    ///
    /// # Errors
    /// [`Fault::MissingHeader`], or [`Fault::CSeq`].
    pub fn cseq(&self) -> Result<CSeq, Fault> {
        let value = self.first(&HeaderName::CSeq).ok_or(Fault::MissingHeader)?;
        let text = std::str::from_utf8(value).map_err(|_| Fault::CSeq)?;
        let (number, method) = split_before(text, |byte| matches!(byte, b' ' | b'\t'));
        let method = Method::parse(trim(method).as_bytes()).ok_or(Fault::CSeq)?;
        let number = parse_number(number).filter(|number| *number < 1 << 31).ok_or(Fault::CSeq)?;
        Ok(CSeq { number, method })
    }

    /// The number of CSeq, without reading the rest of it.
    pub(crate) fn cseq_number(&self) -> Option<u32> {
        let value = self.first(&HeaderName::CSeq)?;
        let digits = value.iter().take_while(|byte| byte.is_ascii_digit()).count();
        parse_number(std::str::from_utf8(value.get(..digits)?).ok()?)
    }

    /// A header that is one number of seconds or of things, with optional parameters after it. A larger one is read as
    /// 2^32 - 1, the largest that RFC 3261 20.19 knows.
    ///
    /// # Errors
    /// [`Fault::Expires`] when it is there but no number.
    pub fn number(&self, name: &HeaderName) -> Result<Option<u32>, Fault> {
        let Some(value) = self.first(name) else { return Ok(None) };
        let text = std::str::from_utf8(value).map_err(|_| Fault::Expires)?;
        let (digits, _) = split_before(text, |byte| matches!(byte, b';' | b' ' | b'\t'));
        let is_number = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
        is_number.then(|| Some(digits.parse().unwrap_or(u32::MAX))).ok_or(Fault::Expires)
    }
}

/// A value as text; bytes that are not UTF-8, which are rare, are replaced.
fn text_of(value: &[u8]) -> Cow<'_, str> {
    std::str::from_utf8(value).map_or_else(|_| String::from_utf8_lossy(value), Cow::Borrowed)
}

fn kept(text: Cow<'_, str>) -> Cow<'static, str> {
    Cow::Owned(text.into_owned())
}

/// Digits only, below 2^32.
pub(super) fn parse_number(text: &str) -> Option<u32> {
    let digits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    if digits { text.parse().ok() } else { None }
}
