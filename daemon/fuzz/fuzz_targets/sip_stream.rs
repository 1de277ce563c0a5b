//! A byte stream cut into SIP messages: the cut does not depend on the pieces in which the bytes came, a message that was
//! cut out has the body that its Content-Length says, and the framer holds back no more than one message.
//!
//! The first byte of the input is the size of the pieces.
#![no_main]

use centrale_sip::message::fault::{Fault, MAX_MESSAGE};
use centrale_sip::message::{Frame, StreamFramer, scan_framed};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|input: &[u8]| {
    let Some((piece, stream)) = input.split_first() else { return };
    let whole = frames(stream, stream.len().max(1));
    assert_eq!(frames(stream, usize::from(*piece) + 1), whole, "the pieces made a difference");
    for frame in whole.0 {
        if let Frame::Message(bytes) = frame
            && let Ok(message) = scan_framed(&bytes)
        {
            assert_ne!(message.validate(), Err(Fault::ContentLength), "framer and scanner disagree");
        }
    }
});

/// The frames of a stream that comes in pieces of a given size, and the fault that ended it.
fn frames(stream: &[u8], piece: usize) -> (Vec<Frame>, Option<Fault>) {
    let mut framer = StreamFramer::default();
    let mut frames = Vec::new();
    for bytes in stream.chunks(piece) {
        framer.push(bytes);
        loop {
            match framer.next_frame() {
                Ok(Some(frame)) => frames.push(frame),
                Ok(None) => break,
                Err(fault) => return (frames, Some(fault)),
            }
        }
        assert!(framer.pending() <= MAX_MESSAGE);
    }
    (frames, None)
}
