//! Messages to bytes. Content-Length is always written from the body itself.

use bytes::{BufMut, Bytes, BytesMut};

use super::headers::Headers;
use super::name::HeaderName;
use super::{Message, Request, Response};

impl Request {
    /// The message as it goes on the wire.
    pub fn to_bytes(&self) -> Bytes {
        let mut out = BytesMut::with_capacity(estimate(&self.headers, &self.body));
        out.put_slice(self.method.as_str().as_bytes());
        out.put_u8(b' ');
        out.put_slice(self.uri.to_string().as_bytes());
        out.put_slice(b" SIP/2.0\r\n");
        write_rest(&mut out, &self.headers, &self.body);
        out.freeze()
    }
}

impl Response {
    /// The message as it goes on the wire.
    pub fn to_bytes(&self) -> Bytes {
        let mut out = BytesMut::with_capacity(estimate(&self.headers, &self.body));
        out.put_slice(b"SIP/2.0 ");
        out.put_slice(self.status.code().to_string().as_bytes());
        out.put_u8(b' ');
        out.put_slice(self.reason.as_bytes());
        out.put_slice(b"\r\n");
        write_rest(&mut out, &self.headers, &self.body);
        out.freeze()
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

fn write_rest(out: &mut BytesMut, headers: &Headers, body: &Bytes) {
    for (name, value) in headers.iter().filter(|(name, _)| **name != HeaderName::ContentLength) {
        out.put_slice(name.as_bytes());
        out.put_slice(b": ");
        out.put_slice(value);
        out.put_slice(b"\r\n");
    }
    out.put_slice(b"Content-Length: ");
    out.put_slice(body.len().to_string().as_bytes());
    out.put_slice(b"\r\n\r\n");
    out.put_slice(body);
}
