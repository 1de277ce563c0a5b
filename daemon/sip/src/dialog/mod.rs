//! Dialogs (RFC 3261 12): what two ends agree on so that a request within a call finds its way.
//!
//! In: the request and response that made a dialog, and every request within it. Out: requests with the right tags, numbers,
//! route and target. It knows nothing of media or of other calls.

mod refer;
mod replaces;

pub use refer::ReferTo;
pub use replaces::{Malformed, Replaces};

use crate::flow::{Flow, Path};
use crate::message::{CSeq, HeaderName, Method, NameAddr, Request, Response, Status, Uri};

/// Names a dialog from our side (RFC 3261 12).
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct DialogId {
    /// Call-ID.
    pub call_id: Box<str>,
    /// The tag we gave.
    pub local_tag: Box<str>,
    /// The tag the peer gave.
    pub remote_tag: Box<str>,
}

impl DialogId {
    /// Of a request that came in: our tag is in To. `None` when it is outside of any dialog.
    pub fn of_incoming(request: &Request) -> Option<Self> {
        let (to, from) = (request.headers.to().ok()?, request.headers.from().ok()?);
        Some(Self {
            call_id: request.headers.call_id().ok()?.into(),
            local_tag: to.tag()?.into(),
            remote_tag: from.tag().unwrap_or_default().into(),
        })
    }

    /// Of a request of ours: our tag is in From. `None` when it cannot be read.
    pub fn of_outgoing(request: &Request) -> Option<Self> {
        let (to, from) = (request.headers.to().ok()?, request.headers.from().ok()?);
        Some(Self {
            call_id: request.headers.call_id().ok()?.into(),
            local_tag: from.tag()?.into(),
            remote_tag: to.tag().unwrap_or_default().into(),
        })
    }
}

/// One end of a dialog.
#[derive(Debug, Clone)]
pub struct Dialog {
    /// Its name.
    pub id: DialogId,
    /// Us, as the peer sees us: From of our requests.
    pub local: NameAddr,
    /// The peer: To of our requests.
    pub remote: NameAddr,
    /// Where our requests are addressed to.
    pub remote_target: Uri,
    /// Proxies in between, first hop first.
    pub route_set: Vec<NameAddr>,
    /// How our requests leave: the path that worked.
    pub path: Path,
    local_cseq: u32,
    remote_cseq: Option<u32>,
}

impl Dialog {
    /// As the server of an INVITE (RFC 3261 12.1.1). `None` when the request has no usable Contact.
    pub fn of_server(request: &Request, local_tag: &str, flow: Flow) -> Option<Self> {
        let from = request.headers.from().ok()?;
        let to = request.headers.to().ok()?;
        let contact = request.headers.addresses(&HeaderName::Contact).ok()?.into_iter().next()?;
        let id = DialogId {
            call_id: request.headers.call_id().ok()?.into(),
            local_tag: local_tag.into(),
            remote_tag: from.tag().unwrap_or_default().into(),
        };
        Some(Self {
            id,
            local: to.tagged(local_tag),
            remote: from,
            remote_target: contact.uri,
            route_set: request.headers.addresses(&HeaderName::RecordRoute).ok()?,
            path: Path::Flow(flow),
            local_cseq: 0,
            remote_cseq: request.headers.cseq().ok().map(|cseq| cseq.number),
        })
    }

    /// As the client of an INVITE, from a response with a To tag (RFC 3261 12.1.2). `None` when it makes no dialog.
    pub fn of_client(request: &Request, response: &Response, flow: Flow) -> Option<Self> {
        let (from, to) = (request.headers.from().ok()?, response.headers.to().ok()?);
        let contact = response.headers.addresses(&HeaderName::Contact).ok()?.into_iter().next();
        let mut route_set = response.headers.addresses(&HeaderName::RecordRoute).ok()?;
        route_set.reverse();
        let id = DialogId {
            call_id: request.headers.call_id().ok()?.into(),
            local_tag: from.tag()?.into(),
            remote_tag: to.tag()?.into(),
        };
        Some(Self {
            id,
            local: from,
            remote: to,
            // A 1xx may come without Contact; until one comes the request's own target serves.
            remote_target: contact.map_or_else(|| request.uri.clone(), |contact| contact.uri),
            route_set,
            path: Path::Flow(flow),
            local_cseq: request.headers.cseq().ok()?.number,
            remote_cseq: None,
        })
    }

    /// The next request in this dialog, without Via, Contact and body.
    pub fn request(&mut self, method: Method) -> Request {
        self.local_cseq += 1;
        self.numbered(method, self.local_cseq)
    }

    /// The ACK for a 2xx to our INVITE of that number (RFC 3261 13.2.2.4).
    pub fn ack(&self, invite_cseq: u32) -> Request {
        self.numbered(Method::ACK, invite_cseq)
    }

    fn numbered(&self, method: Method, number: u32) -> Request {
        let strict = self.route_set.first().filter(|first| first.sip().is_some_and(|uri| !uri.params.has("lr")));
        let (uri, routes) = match strict {
            None => (self.remote_target.clone(), self.route_set.clone()),
            Some(first) => {
                let mut routes: Vec<_> = self.route_set.iter().skip(1).cloned().collect();
                routes.push(NameAddr::new(self.remote_target.clone()));
                (first.uri.clone(), routes)
            }
        };
        let cseq = CSeq { number, method: method.clone() };
        let mut request = Request::new(method, uri);
        for route in routes {
            request.headers.push(HeaderName::Route, route.to_string());
        }
        request.headers.push(HeaderName::From, self.local.to_string());
        request.headers.push(HeaderName::To, self.remote.to_string());
        request.headers.push(HeaderName::CallId, self.id.call_id.to_string());
        request.headers.push(HeaderName::CSeq, format!("{} {}", cseq.number, cseq.method));
        request
    }

    /// Notes a request that came in; one with an older number is refused (RFC 3261 12.2.2).
    ///
    /// # Errors
    /// The status to answer with.
    pub fn accept(&mut self, request: &Request, flow: Flow) -> Result<(), Status> {
        let number = request.headers.cseq().map_err(|_| Status::BAD_REQUEST)?.number;
        if self.remote_cseq.is_some_and(|before| number <= before) {
            return Err(Status::SERVER_INTERNAL_ERROR);
        }
        self.remote_cseq = Some(number);
        // The peer's address may have moved (a NAT rebound, a new connection): what just worked is used from now on.
        self.path = Path::Flow(flow);
        Ok(())
    }

    /// A new Contact in a target refresh request or its 2xx (RFC 3261 12.2.1.2).
    pub fn refresh_target(&mut self, headers: &crate::message::Headers) {
        if let Ok(contacts) = headers.addresses(&HeaderName::Contact)
            && let Some(contact) = contacts.into_iter().next()
        {
            self.remote_target = contact.uri;
        }
    }
}

#[cfg(test)]
mod tests;
