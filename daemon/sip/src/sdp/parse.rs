//! Bytes to [`Session`]: one pass, bounded, lenient in what does no harm (line order, a missing s= or t=, bare LF).

use super::fault::{MAX_FORMATS, MAX_LINES, MAX_MEDIA, MAX_SESSION, SdpFault};
use super::session::{Connection, Line, Media, Origin, Profile, Session};

impl Session {
    /// Reads a session description. Bytes that are not UTF-8 are replaced.
    ///
    /// # Errors
    /// The first [`SdpFault`].
    pub fn parse(bytes: &[u8]) -> Result<Self, SdpFault> {
        if bytes.len() > MAX_SESSION {
            return Err(SdpFault::TooLarge);
        }
        let text = String::from_utf8_lossy(bytes);
        let mut lines =
            text.split('\n').map(|line| line.strip_suffix('\r').unwrap_or(line)).filter(|it| !it.is_empty());
        if lines.next().is_none_or(|line| line.trim_end() != "v=0") {
            return Err(SdpFault::Version);
        }
        let mut reader = Reader::default();
        for (count, line) in lines.enumerate() {
            if count == MAX_LINES {
                return Err(SdpFault::TooLarge);
            }
            reader.take(line)?;
        }
        let origin = reader.origin.ok_or(SdpFault::Origin)?;
        Ok(Self { origin, lines: reader.lines, media: reader.media })
    }
}

#[derive(Default)]
struct Reader {
    origin: Option<Origin>,
    lines: Vec<Line>,
    media: Vec<Media>,
}

impl Reader {
    fn take(&mut self, text: &str) -> Result<(), SdpFault> {
        let (letter, value) = text.split_once('=').ok_or(SdpFault::Line)?;
        let &[letter @ b'a'..=b'z'] = letter.as_bytes() else { return Err(SdpFault::Line) };
        if value.contains(['\0', '\r']) {
            return Err(SdpFault::Line);
        }
        match letter {
            b'v' => return Err(SdpFault::Version),
            b'o' if self.origin.is_some() || !self.media.is_empty() => return Err(SdpFault::Origin),
            b'o' => self.origin = Some(parse_origin(value).ok_or(SdpFault::Origin)?),
            b'm' if self.media.len() == MAX_MEDIA => return Err(SdpFault::TooLarge),
            b'm' => self.media.push(parse_media(value)?),
            b'c' if Connection::parse(value).is_none() => return Err(SdpFault::Connection),
            _ => self.media.last_mut().map_or(&mut self.lines, |media| &mut media.lines).push(Line::new(letter, value)),
        }
        Ok(())
    }
}

/// The user name may hold spaces, though it should not: the other five fields are counted from the end.
fn parse_origin(value: &str) -> Option<Origin> {
    let mut fields = value.trim_end().rsplitn(4, ' ');
    let (host, family, network) = (fields.next()?, fields.next()?, fields.next()?);
    let connection = Connection::parse(&format!("{network} {family} {host}"))?;
    let mut fields = fields.next()?.rsplitn(3, ' ');
    let (version, session_id, username) = (fields.next()?, fields.next()?, fields.next()?);
    if version.is_empty() || session_id.is_empty() || username.is_empty() {
        return None;
    }
    Some(Origin { username: username.into(), session_id: session_id.into(), version: version.into(), connection })
}

fn parse_media(value: &str) -> Result<Media, SdpFault> {
    let mut fields = value.split([' ', '\t']).filter(|field| !field.is_empty());
    let mut next = || fields.next().ok_or(SdpFault::Media);
    let (kind, ports, profile) = (next()?, next()?, next()?);
    let (port, count) = ports.split_once('/').map_or((ports, None), |(port, count)| (port, Some(count)));
    let port = port.parse().map_err(|_| SdpFault::Media)?;
    let port_count = count.map(str::parse).transpose().map_err(|_| SdpFault::Media)?;
    let formats: Vec<Box<str>> = fields.map(Into::into).collect();
    // A refused stream needs no formats, and some phones leave them out.
    if formats.is_empty() && port != 0 {
        return Err(SdpFault::Media);
    }
    if formats.len() > MAX_FORMATS {
        return Err(SdpFault::TooLarge);
    }
    Ok(Media { kind: kind.into(), port, port_count, profile: Profile::parse(profile), formats, lines: Vec::new() })
}
