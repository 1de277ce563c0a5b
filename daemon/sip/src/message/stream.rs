//! Messages out of a byte stream (RFC 3261 18.3): TCP and TLS deliver in pieces, Content-Length says where one ends.
//! Also the keep-alive of RFC 5626 3.5.1: a double CRLF is a ping, to be answered with a single one.

use bytes::{Buf, Bytes, BytesMut};

use super::fault::{Fault, MAX_HEAD, MAX_MESSAGE};

/// What came out of a stream.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Frame {
    /// One whole message, ready for [`super::scan_framed`].
    Message(Bytes),
    /// A keep-alive ping, to be answered with CRLF.
    Ping,
}

/// Cuts a stream into messages. Never holds more than one message's limits.
#[derive(Debug, Default)]
pub struct StreamFramer {
    buffer: BytesMut,
}

impl StreamFramer {
    /// Takes bytes as they came.
    pub fn push(&mut self, bytes: &[u8]) {
        self.buffer.extend_from_slice(bytes);
    }

    /// Bytes held back because their message is not whole.
    pub fn pending(&self) -> usize {
        self.buffer.len()
    }

    /// The next frame; `None` when more bytes are needed.
    ///
    /// # Errors
    /// [`Fault::TooLarge`] or [`Fault::ContentLength`] (also when it is missing): the stream cannot be followed any further and must be closed.
    pub fn next_frame(&mut self) -> Result<Option<Frame>, Fault> {
        loop {
            if self.buffer.starts_with(b"\r\n\r\n") {
                self.buffer.advance(4);
                return Ok(Some(Frame::Ping));
            }
            // A lone CRLF is a pong or a separator; the first half of a ping waits for the second.
            if self.buffer.starts_with(b"\r\n") && self.buffer.len() > 2 && self.buffer[2] != b'\r' {
                self.buffer.advance(2);
                continue;
            }
            if self.buffer.starts_with(b"\n") {
                self.buffer.advance(1);
                continue;
            }
            return self.next_message();
        }
    }

    fn next_message(&mut self) -> Result<Option<Frame>, Fault> {
        if matches!(&self.buffer[..], b"" | b"\r" | b"\r\n" | b"\r\n\r") {
            return Ok(None);
        }
        let searched = &self.buffer[..self.buffer.len().min(MAX_HEAD)];
        let Some(head) = memchr::memmem::find(searched, b"\r\n\r\n").map(|at| at + 4) else {
            return if self.buffer.len() > MAX_HEAD { Err(Fault::TooLarge) } else { Ok(None) };
        };
        let length = content_length_of(&self.buffer[..head])?;
        if head + length > MAX_MESSAGE {
            return Err(Fault::TooLarge);
        }
        if self.buffer.len() < head + length {
            return Ok(None);
        }
        Ok(Some(Frame::Message(self.buffer.split_to(head + length).freeze())))
    }
}

/// Finds Content-Length in a head without scanning it whole. On a stream it must be there (RFC 3261 20.14).
fn content_length_of(head: &[u8]) -> Result<usize, Fault> {
    let mut found = None;
    for line in head.split(|byte| *byte == b'\n').skip(1) {
        let Some(colon) = memchr::memchr(b':', line) else { continue };
        let name = line[..colon].trim_ascii();
        if !name.eq_ignore_ascii_case(b"content-length") && !name.eq_ignore_ascii_case(b"l") {
            continue;
        }
        let text = std::str::from_utf8(line[colon + 1..].trim_ascii()).map_err(|_| Fault::ContentLength)?;
        let number = super::headers::parse_number(text).ok_or(Fault::ContentLength)? as usize;
        if found.is_some_and(|before| before != number) {
            return Err(Fault::ContentLength);
        }
        found = Some(number);
    }
    found.ok_or(Fault::ContentLength)
}
