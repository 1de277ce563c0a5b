//! Messages that cannot be taken: counted, told, and answered where an answer is possible and does no harm (RFC 4475).
//!
//! An answer is never larger than what came in, so that a forged sender gains nothing; an ACK or a response gets none.

use bytes::{BufMut, Bytes, BytesMut};

use super::{Endpoint, Event};
use crate::flow::{Flow, Path};
use crate::message::{Fault, HeaderName, Message, Method, Request, Status, WrittenVia, scan_datagram};

/// Lines of an unreadable head that are looked at.
const MAX_LINES: usize = 64;

impl Endpoint {
    /// A message whose structure is broken: if enough of it can be made out, it is answered all the same.
    pub(super) fn refuse_unread(&mut self, fault: Fault, flow: Flow, bytes: &Bytes) {
        match salvage(bytes) {
            Some(request) => self.refuse(fault, flow, &request, bytes.len()),
            None => self.note_refusal(fault, flow),
        }
    }

    /// A request that was read but is not valid.
    pub(super) fn refuse(&mut self, fault: Fault, flow: Flow, request: &Request, length: usize) {
        self.note_refusal(fault, flow);
        let Some(status) = Status::new(fault.status()).filter(|_| is_answerable(request)) else { return };
        if self.quiet {
            self.counters.ignored += 1;
        } else if self.answer_statelessly(request, flow, status, length) {
            self.counters.faults_answered += 1;
        } else {
            self.counters.faults_too_small_to_answer += 1;
        }
    }

    /// Answers without a transaction. `false` when the answer would be longer than `length`, the request's.
    pub(super) fn answer_statelessly(&mut self, request: &Request, flow: Flow, status: Status, length: usize) -> bool {
        if self.quiet {
            return false;
        }
        let Ok(via) = request.headers.written_top_via() else { return false };
        let mut response = request.tagged_response(status, &self.prints.stateless_tag(&request.headers));
        response.headers.replace_top_via_by(via.noting(flow.remote));
        let bytes = response.to_bytes();
        if bytes.len() > length {
            return false;
        }
        self.transmit(response_path(flow, &via), bytes);
        true
    }

    pub(super) fn note_refusal(&mut self, fault: Fault, flow: Flow) {
        self.counters.count_fault(fault);
        self.events.push_back(Event::Refused { fault, flow });
    }
}

/// Where the response to a request with this top Via goes (RFC 3261 18.2.2, RFC 3581 4): back over the same flow, and by UDP
/// to the port the Via names unless the client asked for `rport`.
pub(super) fn response_path(flow: Flow, via: &WrittenVia<'_>) -> Path {
    if flow.transport.is_reliable() || via.asks_for_port() {
        return Path::Flow(flow);
    }
    let mut flow = flow;
    flow.remote.set_port(via.sent_by().1.unwrap_or(flow.transport.default_port()));
    Path::Flow(flow)
}

/// The Via must be read to know the way back; the others need only be there, to be copied as they are.
fn is_answerable(request: &Request) -> bool {
    let copied = [HeaderName::From, HeaderName::To, HeaderName::CallId, HeaderName::CSeq];
    request.method != Method::ACK
        && request.headers.vias().is_ok()
        && copied.iter().all(|name| request.headers.first(name).is_some())
}

/// Makes a small readable request out of an unreadable one: its method and the five headers that a response needs.
fn salvage(bytes: &Bytes) -> Option<Request> {
    let head = bytes.get(..bytes.len().min(crate::message::fault::MAX_HEAD)).unwrap_or_default();
    let mut lines = head.split(|byte| *byte == b'\n').take(MAX_LINES);
    let first = lines.next()?;
    let method = Method::parse(first.split(|byte| *byte == b' ').next()?)?;
    let mut small = BytesMut::with_capacity(head.len() + 64);
    small.put_slice(method.as_str().as_bytes());
    small.put_slice(b" sip:salvaged SIP/2.0\r\n");
    let mut kept = false;
    for line in lines.map(|line| line.strip_suffix(b"\r").unwrap_or(line)).take_while(|line| !line.is_empty()) {
        let folded = line.starts_with(b" ") || line.starts_with(b"\t");
        kept = if folded { kept } else { is_needed(bytes, line) };
        if kept {
            small.put_slice(line);
            small.put_slice(b"\r\n");
        }
    }
    small.put_slice(b"\r\n");
    match scan_datagram(&small.freeze()) {
        Ok(Message::Request(request)) => Some(request),
        Ok(Message::Response(_)) | Err(_) => None,
    }
}

fn is_needed(bytes: &Bytes, line: &[u8]) -> bool {
    let Some(colon) = memchr::memchr(b':', line) else { return false };
    let name = HeaderName::parse(&bytes.slice_ref(line[..colon].trim_ascii()));
    matches!(name, HeaderName::Via | HeaderName::From | HeaderName::To | HeaderName::CallId | HeaderName::CSeq)
}
