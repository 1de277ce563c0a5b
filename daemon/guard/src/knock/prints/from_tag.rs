//! sipvicious keeps its notes in the From tag: the hexadecimal of what it tries, a byte 1, and a random number. A cracked
//! password stands there in clear.

use super::{Head, Sign};

/// Digits of that random number, at least. Yealink's tags are ten decimal digits: read as hexadecimal, some of them have a
/// byte 1 with a digit or two behind it.
const SHORTEST_RANDOM: usize = 6;

pub(super) fn shows(head: &Head<'_>) -> Option<Sign> {
    let tag = head.parameter("From", "f", "tag")?;
    let bytes = unhex(tag)?;
    let at = bytes.iter().position(|byte| *byte == 1)?;
    let (note, random) = (&bytes[..at], &bytes[at + 1..]);
    let printable = !note.is_empty() && note.iter().all(|byte| (0x20..0x7f).contains(byte));
    let numeric = random.len() >= SHORTEST_RANDOM && random.iter().all(u8::is_ascii_digit);
    (printable && numeric).then_some(Sign::Certain)
}

fn unhex(text: &[u8]) -> Option<Vec<u8>> {
    if text.len() < 4 || !text.len().is_multiple_of(2) {
        return None;
    }
    let digit = |byte: &u8| char::from(*byte).to_digit(16).and_then(|digit| u8::try_from(digit).ok());
    text.chunks_exact(2).map(|two| Some(digit(&two[0])? << 4 | digit(&two[1])?)).collect()
}
