//! What somebody said as a file that players know: WAV with A-law in it (format 6), as it is kept. Nothing is decoded.

/// Codes a second.
const RATE: u32 = 8000;
/// `WAVE_FORMAT_ALAW`.
const A_LAW: u16 = 6;
/// Bytes before the codes: RIFF header, `fmt ` with its empty extension, `fact`, and the header of `data`.
const HEADER: usize = 58;

/// A mono file of these A-law codes.
pub(crate) fn wav(codes: &[u8]) -> Vec<u8> {
    let length = u32::try_from(codes.len()).unwrap_or(u32::MAX);
    let padding = codes.len() % 2;
    let mut file = Vec::with_capacity(HEADER + codes.len() + padding);
    let chunk = |file: &mut Vec<u8>, name: &[u8; 4], length: u32| {
        file.extend(name);
        file.extend(length.to_le_bytes());
    };
    chunk(&mut file, b"RIFF", length.saturating_add((HEADER - 8 + padding) as u32));
    file.extend(b"WAVE");
    chunk(&mut file, b"fmt ", 18);
    for (word, is_long) in
        [(u32::from(A_LAW), false), (1, false), (RATE, true), (RATE, true), (1, false), (8, false), (0, false)]
    {
        let bytes = word.to_le_bytes();
        file.extend(&bytes[..if is_long { 4 } else { 2 }]);
    }
    chunk(&mut file, b"fact", 4);
    file.extend(length.to_le_bytes());
    chunk(&mut file, b"data", length);
    file.extend(codes);
    file.resize(file.len() + padding, 0);
    file
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_as_long_as_it_says_also_when_it_is_odd() {
        for length in [0, 7, 8000] {
            let file = wav(&vec![0xd5; length]);
            let at = |place: usize| u32::from_le_bytes(file[place..place + 4].try_into().unwrap()) as usize;
            assert_eq!(
                (&file[..4], &file[8..16], &file[38..42], &file[50..54]),
                (&b"RIFF"[..], &b"WAVEfmt "[..], &b"fact"[..], &b"data"[..])
            );
            assert_eq!((at(4) + 8, at(46), at(54)), (file.len(), length, length));
            assert_eq!(file.len(), HEADER + length + length % 2);
        }
    }
}
