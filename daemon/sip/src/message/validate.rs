//! What RFC 3261 asks of every message before anybody acts on it.

use super::fault::Fault;
use super::headers::Headers;
use super::name::HeaderName;
use super::scan::content_length;
use super::{CSeq, Message, Request};

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

impl Message {
    /// Checks the mandatory headers and those whose misreading would do harm.
    ///
    /// # Errors
    /// The first [`Fault`]. [`Fault::status`] says how a request is answered.
    pub fn validate(&self) -> Result<(), Fault> {
        match self {
            Self::Request(request) => validate_request(request)?,
            Self::Response(response) => drop(validate_common(&response.headers)?),
        }
        self.validate_length()
    }

    /// Content-Length agrees with the body that was there. The scanner passes a body that is too short, so that the request
    /// can be refused rather than lost.
    fn validate_length(&self) -> Result<(), Fault> {
        let length = content_length(self.headers())?;
        if length.is_none_or(|length| length == self.body().len()) { Ok(()) } else { Err(Fault::ContentLength) }
    }
}

fn validate_request(request: &Request) -> Result<(), Fault> {
    if !request.version_supported {
        return Err(Fault::Version);
    }
    if request.uri == super::Uri::Malformed {
        return Err(Fault::RequestUri);
    }
    let Common { cseq, has_from_tag } = validate_common(&request.headers)?;
    if cseq.method != request.method {
        return Err(Fault::CSeq);
    }
    if !has_from_tag && !is_rfc2543(request) {
        return Err(Fault::Party);
    }
    let forwards = request.headers.number(&HeaderName::MaxForwards).map_err(|_| Fault::MaxForwards)?;
    if forwards.is_some_and(|hops| hops > 255) {
        return Err(Fault::MaxForwards);
    }
    Ok(())
}

/// An old peer (RFC 2543) may leave the From tag out; its branch has no magic cookie.
fn is_rfc2543(request: &Request) -> bool {
    let via = request.headers.top_via();
    via.is_ok_and(|via| !via.branch().is_some_and(|branch| branch.starts_with(super::via::MAGIC_COOKIE)))
}

/// What is read while every message is checked, and a request is held to.
struct Common {
    cseq: CSeq,
    has_from_tag: bool,
}

fn validate_common(headers: &Headers) -> Result<Common, Fault> {
    if has_repeated(headers) {
        return Err(Fault::RepeatedHeader);
    }
    if headers.check_vias()? == 0 {
        return Err(Fault::MissingHeader);
    }
    let has_from_tag = headers.check_party(&HeaderName::From)?;
    headers.check_party(&HeaderName::To)?;
    headers.call_id()?;
    for name in [HeaderName::Route, HeaderName::RecordRoute] {
        headers.check_addresses(&name)?;
    }
    if !headers.is_wildcard_contact() {
        headers.check_addresses(&HeaderName::Contact)?;
    }
    headers.number(&HeaderName::Expires)?;
    Ok(Common { cseq: headers.cseq()?, has_from_tag })
}
