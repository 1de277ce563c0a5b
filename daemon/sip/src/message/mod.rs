//! SIP messages (RFC 3261 7): bytes to values and back.
//!
//! In: bytes of a datagram or of a stream. Out: a [`Message`] whose header values are slices of those bytes, or a [`Fault`].
//! [`scan_datagram`] reads structure, [`Message::validate`] checks what every message must have, the typed readings of
//! [`Headers`] come when asked for. Nothing a peer sends can panic, and the work is bounded by the limits in [`fault`].
//! rsip's model is used for what it can carry (methods, statuses); the parser is ours because rsip's misreads ordinary phones.

pub mod fault;
mod headers;
mod method;
mod name;
mod name_addr;
pub mod params;
mod scan;
mod shown;
mod stream;
mod uri;
mod validate;
mod via;
mod write;

use bytes::Bytes;

pub use fault::Fault;
pub use headers::Headers;
pub use method::{Method, Status};
pub use name::HeaderName;
pub use name_addr::NameAddr;
pub use params::Params;
pub use scan::{is_keep_alive, scan_datagram, scan_framed};
pub use stream::{Frame, StreamFramer};
pub use uri::{Host, SipUri, Uri};
pub(crate) use uri::{WrittenHost, unescape};
pub(crate) use validate::Checked;
pub(crate) use via::WrittenVia;
pub use via::{MAGIC_COOKIE, Via};

/// Header fields that an answer of ours usually has: those copied from the request, Contacts or challenges, and some to
/// spare.
const USUAL_ANSWER: usize = 10;

/// CSeq (RFC 3261 20.16).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CSeq {
    /// Below 2^31.
    pub number: u32,
    /// The request's method.
    pub method: Method,
}

/// A request. It is shown without its body.
#[derive(Clone, PartialEq, Eq)]
pub struct Request {
    /// Its method.
    pub method: Method,
    /// Its Request-URI.
    pub uri: Uri,
    /// Whether the start line said SIP/2.0.
    pub version_supported: bool,
    /// Its header fields.
    pub headers: Headers,
    /// Its body, any bytes.
    pub body: Bytes,
}

/// A response. It is shown without its body.
#[derive(Clone, PartialEq, Eq)]
pub struct Response {
    /// Its status.
    pub status: Status,
    /// Its reason phrase as written.
    pub reason: String,
    /// Its header fields.
    pub headers: Headers,
    /// Its body, any bytes.
    pub body: Bytes,
}

/// One or the other.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Message {
    /// A request.
    Request(Request),
    /// A response.
    Response(Response),
}

impl Message {
    /// The header fields of either.
    pub const fn headers(&self) -> &Headers {
        match self {
            Self::Request(request) => &request.headers,
            Self::Response(response) => &response.headers,
        }
    }

    /// The body of either.
    pub const fn body(&self) -> &Bytes {
        match self {
            Self::Request(request) => &request.body,
            Self::Response(response) => &response.body,
        }
    }

    const fn headers_mut(&mut self) -> &mut Headers {
        match self {
            Self::Request(request) => &mut request.headers,
            Self::Response(response) => &mut response.headers,
        }
    }

    const fn body_mut(&mut self) -> &mut Bytes {
        match self {
            Self::Request(request) => &mut request.body,
            Self::Response(response) => &mut response.body,
        }
    }
}

impl Request {
    /// An empty request.
    pub fn new(method: Method, uri: impl Into<Uri>) -> Self {
        let (headers, body) = (Headers::default(), Bytes::new());
        Self { method, uri: uri.into(), version_supported: true, headers, body }
    }

    /// Sets body and Content-Type together.
    pub fn set_body(&mut self, content_type: &'static str, body: impl Into<Bytes>) {
        self.headers.set(HeaderName::ContentType, content_type);
        self.body = body.into();
    }

    /// The response to this request with the headers RFC 3261 8.2.6.2 asks for: Via, From, To, Call-ID, CSeq copied. The To
    /// tag is the caller's to add (except for 100).
    pub fn response(&self, status: Status) -> Response {
        let mut headers = Headers::with_room(USUAL_ANSWER);
        for (name, value) in self.headers.iter() {
            let copied = matches!(
                name,
                HeaderName::Via | HeaderName::From | HeaderName::To | HeaderName::CallId | HeaderName::CSeq
            ) || *name == HeaderName::Timestamp && status == Status::TRYING;
            if copied {
                headers.push(name.clone(), value.clone());
            }
        }
        Response { status, reason: status.reason().to_owned(), headers, body: Bytes::new() }
    }

    /// Like [`Request::response`], with a To tag when the request has none (RFC 3261 8.2.6.2).
    pub fn tagged_response(&self, status: Status, tag: &str) -> Response {
        let mut response = self.response(status);
        response.headers.tag_to(tag);
        response
    }
}

impl Response {
    /// Sets body and Content-Type together.
    pub fn set_body(&mut self, content_type: &'static str, body: impl Into<Bytes>) {
        self.headers.set(HeaderName::ContentType, content_type);
        self.body = body.into();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_message_carries_is_never_shown_for_it_may_be_a_key_that_somebody_typed() {
        let mut info = Request::new(Method::INFO, SipUri::new(None, Host::Name("box".into()), None));
        let mut answer = info.response(Status::OK);
        info.set_body("application/dtmf-relay", "Signal=7\r\n");
        answer.set_body("application/dtmf-relay", "Signal=7\r\n");
        for shown in [format!("{info:?}"), format!("{answer:#?}"), format!("{:?}", Message::Request(info))] {
            assert!(shown.contains("10 bytes") && !shown.contains("Signal"), "{shown}");
        }
    }
}
