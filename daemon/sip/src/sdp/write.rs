//! [`Session`] to bytes.

use std::fmt;

use bytes::Bytes;

use super::session::{Connection, Line, Media, Origin, Session};

impl Session {
    /// The description as a body.
    pub fn to_bytes(&self) -> Bytes {
        Bytes::from(self.to_string())
    }
}

impl fmt::Display for Session {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "v=0\r\no={}\r\n", Clean(&self.origin.to_string()))?;
        self.lines.iter().try_for_each(|line| line.fmt(f))?;
        self.media.iter().try_for_each(|media| media.fmt(f))
    }
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {} {} {}", self.username, self.session_id, self.version, self.connection)
    }
}

impl fmt::Display for Connection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "IN {} {}", if self.is_v6 { "IP6" } else { "IP4" }, self.host)
    }
}

impl fmt::Display for Line {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}={}\r\n", char::from(self.letter), Clean(&self.value))
    }
}

impl fmt::Display for Media {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "m={} {}", Clean(&self.kind), self.port)?;
        if let Some(count) = self.port_count {
            write!(f, "/{count}")?;
        }
        write!(f, " {}", Clean(self.profile.as_str()))?;
        self.formats.iter().try_for_each(|format| write!(f, " {}", Clean(format)))?;
        f.write_str("\r\n")?;
        self.lines.iter().try_for_each(|line| line.fmt(f))
    }
}

/// Text without what would end or break a line, so that no value can add one.
struct Clean<'a>(&'a str);

impl fmt::Display for Clean<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.split(['\r', '\n', '\0']).try_for_each(|part| f.write_str(part))
    }
}
