//! What RFC 3261 asks of every message before anybody acts on it.

use super::fault::Fault;
use super::headers::Headers;
use super::name::HeaderName;
use super::scan::content_length;
use super::{Message, Request};

/// Headers of which a message may have only one (RFC 3261 7.3.1, table 2).
const SINGLE: [HeaderName; 6] = [
    HeaderName::From,
    HeaderName::To,
    HeaderName::CallId,
    HeaderName::CSeq,
    HeaderName::MaxForwards,
    HeaderName::ContentType,
];

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
    let cseq = validate_common(&request.headers)?;
    if cseq.method != request.method {
        return Err(Fault::CSeq);
    }
    if request.headers.from_tag().is_none() && !is_rfc2543(request) {
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

fn validate_common(headers: &Headers) -> Result<super::CSeq, Fault> {
    if SINGLE.iter().any(|name| headers.all(name).count() > 1) {
        return Err(Fault::RepeatedHeader);
    }
    if headers.check_vias()? == 0 {
        return Err(Fault::MissingHeader);
    }
    headers.check_party(&HeaderName::From)?;
    headers.check_party(&HeaderName::To)?;
    headers.call_id()?;
    for name in [HeaderName::Route, HeaderName::RecordRoute] {
        headers.check_addresses(&name)?;
    }
    if !headers.is_wildcard_contact() {
        headers.check_addresses(&HeaderName::Contact)?;
    }
    headers.number(&HeaderName::Expires)?;
    headers.cseq()
}
