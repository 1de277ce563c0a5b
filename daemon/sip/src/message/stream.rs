//! Messages out of a byte stream (RFC 3261 18.3): TCP and TLS deliver in pieces, Content-Length says where one ends.
//! Also the keep-alive of RFC 5626 3.5.1: a double CRLF is a ping, to be answered with a single one.

use bytes::{Buf, Bytes, BytesMut};

use super::fault::{Fault, MAX_HEAD, MAX_MESSAGE};
use super::headers::parse_number;

/// What came out of a stream.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Frame {
    /// One whole message, ready for [`super::scan_framed`].
    Message(Bytes),
    /// A keep-alive ping, to be answered with CRLF.
    Ping,
}

/// Cuts a stream into messages. After every [`StreamFramer::push`], drain it with [`StreamFramer::next_frame`]: then it never
/// holds more than one message's limits and one push. However small the pieces, no byte of a head is searched twice.
#[derive(Debug, Default)]
pub struct StreamFramer {
    buffer: BytesMut,
    /// How much of the buffer has been searched for the end of the head.
    searched: usize,
    /// Length of the whole message, once its head is there.
    length: Option<usize>,
}

impl StreamFramer {
    /// Takes bytes as they came.
    pub fn push(&mut self, bytes: &[u8]) {
        self.buffer.extend_from_slice(bytes);
    }

    /// Bytes held back because their message is not whole, or the ping that they may be half of.
    pub fn pending(&self) -> usize {
        self.buffer.len()
    }

    /// Whether a message has begun that is not whole. A line end alone, which some phones send to keep a way open, begins none.
    pub fn is_within_message(&self) -> bool {
        self.length.is_some() || self.searched > 0 || !is_half_ping(&self.buffer)
    }

    /// The next frame; `None` when more bytes are needed.
    ///
    /// # Errors
    /// [`Fault::TooLarge`] or [`Fault::ContentLength`] (also when it is missing): the stream cannot be followed any further and must be closed.
    pub fn next_frame(&mut self) -> Result<Option<Frame>, Fault> {
        if self.length.is_none() && self.searched == 0 {
            self.skip_separators();
            if self.buffer.starts_with(b"\r\n\r\n") {
                self.buffer.advance(4);
                return Ok(Some(Frame::Ping));
            }
            // The first half of a ping waits for the second.
            if is_half_ping(&self.buffer) {
                return Ok(None);
            }
        }
        let Some(length) = self.message_length()? else { return Ok(None) };
        if self.buffer.len() < length {
            return Ok(None);
        }
        (self.searched, self.length) = (0, None);
        Ok(Some(Frame::Message(self.buffer.split_to(length).freeze())))
    }

    /// A lone CRLF is a pong, or a separator after the message before. Nothing that may become a ping is taken.
    fn skip_separators(&mut self) {
        loop {
            match &self.buffer[..] {
                [b'\n', ..] => self.buffer.advance(1),
                [b'\r', b'\n', next, ..] if *next != b'\r' => self.buffer.advance(2),
                _ => return,
            }
        }
    }

    fn message_length(&mut self) -> Result<Option<usize>, Fault> {
        if self.length.is_some() {
            return Ok(self.length);
        }
        let Some(head) = self.head_end() else {
            return if self.buffer.len() > MAX_HEAD { Err(Fault::TooLarge) } else { Ok(None) };
        };
        let length = head + content_length_of(&self.buffer[..head])?;
        if head > MAX_HEAD || length > MAX_MESSAGE {
            return Err(Fault::TooLarge);
        }
        self.length = Some(length);
        Ok(self.length)
    }

    /// Where the head ends: behind its first empty line. What was searched before is not searched again.
    fn head_end(&mut self) -> Option<usize> {
        let end = MAX_HEAD.min(self.buffer.len());
        while let Some(at) = memchr::memchr(b'\n', self.buffer.get(self.searched..end)?) {
            let after = self.searched + at + 1;
            match &self.buffer[after..end] {
                [b'\n', ..] => return Some(after + 1),
                [b'\r', b'\n', ..] => return Some(after + 2),
                // Whether this line end is followed by an empty line is not known yet.
                [] | [b'\r'] => {
                    self.searched += at;
                    return None;
                }
                _ => self.searched = after,
            }
        }
        self.searched = end;
        None
    }
}

/// Finds Content-Length in a head without scanning it whole. On a stream it must be there (RFC 3261 20.14).
fn content_length_of(head: &[u8]) -> Result<usize, Fault> {
    let mut found = None;
    let mut lines = head.split(|byte| *byte == b'\n').skip(1).peekable();
    while let Some(line) = lines.next() {
        let Some(colon) = memchr::memchr(b':', line) else { continue };
        let name = line[..colon].trim_ascii_end();
        if !name.eq_ignore_ascii_case(b"content-length") && !name.eq_ignore_ascii_case(b"l") {
            continue;
        }
        let mut value = line[colon + 1..].trim_ascii().to_vec();
        while let Some(folded) = lines.next_if(|next| matches!(next.first(), Some(b' ' | b'\t'))) {
            value.extend_from_slice(folded.trim_ascii());
        }
        let number = std::str::from_utf8(&value).ok().and_then(parse_number).ok_or(Fault::ContentLength)?;
        if found.is_some_and(|before| before != number) {
            return Err(Fault::ContentLength);
        }
        found = Some(number);
    }
    found.map(|number| number as usize).ok_or(Fault::ContentLength)
}

/// Whether that is nothing, or may become a ping.
fn is_half_ping(bytes: &[u8]) -> bool {
    matches!(bytes, b"" | b"\r" | b"\r\n" | b"\r\n\r")
}
