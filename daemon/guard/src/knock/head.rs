//! The head of a packet, read leniently: a scanner's packet need not be valid to be recognised.

/// Fields that are looked at.
const MOST_FIELDS: usize = 64;
/// Bytes that are looked at.
const MOST_BYTES: usize = 8_192;

/// The text of one packet.
#[derive(Debug)]
pub(super) struct Head<'a> {
    /// Its first line.
    pub(super) start: &'a [u8],
    fields: Vec<(&'a [u8], &'a [u8])>,
    /// What comes after the empty line.
    pub(super) body: &'a [u8],
}

impl<'a> Head<'a> {
    pub(super) fn read(bytes: &'a [u8]) -> Self {
        let bytes = bytes.get(..MOST_BYTES).unwrap_or(bytes);
        let mut rest = bytes.trim_ascii_start();
        let start = line(&mut rest);
        let mut fields = Vec::new();
        while !rest.is_empty() && fields.len() < MOST_FIELDS {
            let field = line(&mut rest);
            if field.is_empty() {
                break;
            }
            if let Some(colon) = field.iter().position(|byte| *byte == b':') {
                fields.push((field[..colon].trim_ascii(), field[colon + 1..].trim_ascii()));
            }
        }
        Self { start, fields, body: rest }
    }

    /// Whether it is a request of that method.
    pub(super) fn is(&self, method: &[u8]) -> bool {
        self.start.strip_prefix(method).is_some_and(|rest| rest.starts_with(b" "))
    }

    /// Whether it is a request at all.
    pub(super) fn is_request(&self) -> bool {
        !self.start.starts_with(b"SIP/")
    }

    /// The first field of a name, long or compact.
    pub(super) fn field(&self, name: &str, compact: &str) -> Option<&'a [u8]> {
        let is = |field: &[u8]| {
            field.eq_ignore_ascii_case(name.as_bytes()) || field.eq_ignore_ascii_case(compact.as_bytes())
        };
        self.fields.iter().find(|(field, _)| is(field)).map(|(_, value)| *value)
    }

    /// A parameter of a field, up to its end.
    pub(super) fn parameter(&self, name: &str, compact: &str, parameter: &str) -> Option<&'a [u8]> {
        let value = self.field(name, compact)?;
        let sign = [parameter.as_bytes(), b"="].concat();
        let found = value.split(|byte| *byte == b';').skip(1).map(<[u8]>::trim_ascii);
        let mut found = found.filter(|one| one.len() > sign.len() && one[..sign.len()].eq_ignore_ascii_case(&sign));
        found
            .next()
            .map(|one| one[sign.len()..].split(|byte| matches!(byte, b' ' | b',' | b'>')).next().unwrap_or_default())
    }
}

/// Cuts off the first line, without its end.
fn line<'a>(rest: &mut &'a [u8]) -> &'a [u8] {
    let end = rest.iter().position(|byte| *byte == b'\n');
    let (line, after) = end.map_or((*rest, &rest[rest.len()..]), |end| (&rest[..end], &rest[end + 1..]));
    *rest = after;
    line.strip_suffix(b"\r").unwrap_or(line)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_and_parameters_are_found_by_either_name() {
        let head =
            Head::read(b"\r\nREGISTER sip:box SIP/2.0\r\nf: <sip:1@a>;tag=xyz ;other=1\nVia: a;branch=b,c\r\n\r\nbody");
        assert!(head.is(b"REGISTER") && !head.is(b"REG"));
        assert_eq!(head.parameter("From", "f", "tag"), Some(&b"xyz"[..]));
        assert_eq!(head.parameter("Via", "v", "branch"), Some(&b"b"[..]));
        assert_eq!(head.body, b"body");
        assert_eq!(head.field("To", "t"), None);
    }

    #[test]
    fn no_bytes_are_too_strange_to_be_looked_at() {
        for bytes in [&b""[..], b"\n", b":", b"a\n:\n\n", b"\xff\xfe\r\n\xff:\xff;tag=\r\n", b";;;==\r\nFrom: ;tag"] {
            let head = Head::read(bytes);
            assert_eq!(head.parameter("From", "f", "tag"), None);
        }
    }
}
