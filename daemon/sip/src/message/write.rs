//! Messages to bytes. Content-Length is always written from the body itself.

use bytes::Bytes;

use super::headers::Headers;
use super::name::HeaderName;
use super::params::is_token;
use super::{Message, Request, Response};

impl Request {
    /// The message as it goes on the wire.
    pub fn to_bytes(&self) -> Bytes {
        let mut out = Vec::with_capacity(estimate(&self.headers, &self.body));
        put_token(&mut out, self.method.as_str().as_bytes());
        out.push(b' ');
        put_line_text(&mut out, self.uri.to_string().as_bytes());
        out.extend_from_slice(b" SIP/2.0\r\n");
        write_rest(&mut out, &self.headers, &self.body);
        out.into()
    }
}

impl Response {
    /// The message as it goes on the wire.
    pub fn to_bytes(&self) -> Bytes {
        let mut out = Vec::with_capacity(estimate(&self.headers, &self.body));
        out.extend_from_slice(b"SIP/2.0 ");
        put_number(&mut out, self.status.code().into());
        out.push(b' ');
        put_line_text(&mut out, self.reason.as_bytes());
        out.extend_from_slice(b"\r\n");
        write_rest(&mut out, &self.headers, &self.body);
        out.into()
    }
}

impl Message {
    /// The message as it goes on the wire.
    pub fn to_bytes(&self) -> Bytes {
        match self {
            Self::Request(request) => request.to_bytes(),
            Self::Response(response) => response.to_bytes(),
        }
    }
}

fn estimate(headers: &Headers, body: &Bytes) -> usize {
    let fields: usize = headers.iter().map(|(name, value)| name.as_bytes().len() + value.len() + 4).sum();
    fields + body.len() + 160
}

fn write_rest(out: &mut Vec<u8>, headers: &Headers, body: &Bytes) {
    for (name, value) in headers.iter().filter(|(name, _)| **name != HeaderName::ContentLength) {
        match name {
            HeaderName::Other(name) => put_token(out, name),
            known => out.extend_from_slice(known.as_bytes()),
        }
        out.extend_from_slice(b": ");
        put_line_text(out, value);
        out.extend_from_slice(b"\r\n");
    }
    out.extend_from_slice(b"Content-Length: ");
    put_number(out, body.len());
    out.extend_from_slice(b"\r\n\r\n");
    out.extend_from_slice(body);
}

fn put_number(out: &mut Vec<u8>, number: usize) {
    if number >= 10 {
        put_number(out, number / 10);
    }
    out.push(b'0' + (number % 10) as u8);
}

/// Writes a line's text. CR and LF become spaces here, at the one place where every message leaves: no value, whoever made
/// it, can add a header field or end the head.
fn put_line_text(out: &mut Vec<u8>, text: &[u8]) {
    if memchr::memchr2(b'\r', b'\n', text).is_none() {
        return out.extend_from_slice(text);
    }
    for (index, part) in text.split(|byte| matches!(byte, b'\r' | b'\n')).enumerate() {
        if index > 0 {
            out.push(b' ');
        }
        out.extend_from_slice(part);
    }
}

/// Writes a method or a header's name: of one that is not in the lists, only what a token may hold.
fn put_token(out: &mut Vec<u8>, token: &[u8]) {
    if token.iter().all(|byte| is_token(*byte)) {
        return out.extend_from_slice(token);
    }
    out.extend(token.iter().filter(|byte| is_token(**byte)));
}
