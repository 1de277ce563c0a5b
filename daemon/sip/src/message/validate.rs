//! What RFC 3261 asks of every message before anybody acts on it.

use std::borrow::Cow;

use super::fault::Fault;
use super::headers::Headers;
use super::name::HeaderName;
use super::scan::content_length;
use super::via::WrittenVia;
use super::{CSeq, Message, Request, Response};

/// Which of the headers it is of which a message may have only one (RFC 3261 7.3.1, table 2).
const fn single(name: &HeaderName) -> Option<u8> {
    match name {
        HeaderName::From => Some(0),
        HeaderName::To => Some(1),
        HeaderName::CallId => Some(2),
        HeaderName::CSeq => Some(3),
        HeaderName::MaxForwards => Some(4),
        HeaderName::ContentType => Some(5),
        _ => None,
    }
}

fn has_repeated(headers: &Headers) -> bool {
    let mut seen = 0u8;
    headers.iter().filter_map(|(name, _)| single(name)).any(|at| {
        let before = seen;
        seen |= 1 << at;
        seen == before
    })
}

/// What was read of a message while it was checked, as it stands there: by this its transaction is found, and it is not read again.
pub(crate) struct Checked<'a> {
    /// The topmost Via.
    pub(crate) via: WrittenVia<'a>,
    /// How many there are.
    pub(crate) vias: usize,
    pub(crate) call_id: &'a str,
    pub(crate) from_tag: Option<Cow<'a, str>>,
    pub(crate) to_tag: Option<Cow<'a, str>>,
    pub(crate) cseq: CSeq,
}

impl Message {
    /// Checks the mandatory headers and those whose misreading would do harm.
    ///
    /// # Errors
    /// The first [`Fault`]. [`Fault::status`] says how a request is answered.
    pub fn validate(&self) -> Result<(), Fault> {
        match self {
            Self::Request(request) => request.check().map(drop),
            Self::Response(response) => response.check().map(drop),
        }
    }
}

impl Request {
    /// As [`Message::validate`], with what was read.
    pub(crate) fn check(&self) -> Result<Checked<'_>, Fault> {
        if !self.version_supported {
            return Err(Fault::Version);
        }
        if self.uri == super::Uri::Malformed {
            return Err(Fault::RequestUri);
        }
        let checked = check_common(&self.headers)?;
        if checked.cseq.method != self.method {
            return Err(Fault::CSeq);
        }
        if checked.from_tag.is_none() && !is_rfc2543(&checked.via) {
            return Err(Fault::Party);
        }
        let forwards = self.headers.number(&HeaderName::MaxForwards).map_err(|_| Fault::MaxForwards)?;
        if forwards.is_some_and(|hops| hops > 255) {
            return Err(Fault::MaxForwards);
        }
        check_length(&self.headers, &self.body)?;
        Ok(checked)
    }
}

impl Response {
    /// As [`Message::validate`], with what was read.
    pub(crate) fn check(&self) -> Result<Checked<'_>, Fault> {
        let checked = check_common(&self.headers)?;
        check_length(&self.headers, &self.body)?;
        Ok(checked)
    }
}

/// Content-Length agrees with the body that was there. The scanner passes a body that is too short, so that the request can be
/// refused rather than lost.
fn check_length(headers: &Headers, body: &[u8]) -> Result<(), Fault> {
    let length = content_length(headers)?;
    if length.is_none_or(|length| length == body.len()) { Ok(()) } else { Err(Fault::ContentLength) }
}

/// An old peer (RFC 2543) may leave the From tag out; its branch has no magic cookie.
fn is_rfc2543(via: &WrittenVia<'_>) -> bool {
    !via.branch().is_some_and(|branch| branch.starts_with(super::via::MAGIC_COOKIE))
}

fn check_common(headers: &Headers) -> Result<Checked<'_>, Fault> {
    if has_repeated(headers) {
        return Err(Fault::RepeatedHeader);
    }
    let (via, vias) = headers.check_vias()?;
    let from_tag = headers.check_party(&HeaderName::From)?;
    let to_tag = headers.check_party(&HeaderName::To)?;
    let call_id = headers.call_id()?;
    for name in [HeaderName::Route, HeaderName::RecordRoute] {
        headers.check_addresses(&name)?;
    }
    if !headers.is_wildcard_contact() {
        headers.check_addresses(&HeaderName::Contact)?;
    }
    headers.number(&HeaderName::Expires)?;
    Ok(Checked { via, vias, call_id, from_tag, to_tag, cseq: headers.cseq()? })
}
