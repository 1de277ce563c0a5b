//! A byte stream cut into SIP messages: the cut does not depend on the pieces in which the bytes came, and the framer holds
//! back no more than one message.
#![no_main]

use centrale_sip::message::fault::{Fault, MAX_MESSAGE};
use centrale_sip::message::{Frame, StreamFramer, scan_framed};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|input: (u8, Vec<u8>)| {
    let (piece, stream) = input;
    let whole = frames(&stream, stream.len().max(1));
    assert_eq!(frames(&stream, usize::from(piece) + 1), whole, "the pieces made a difference");
});

/// The frames of a stream that comes in pieces of a given size, and the fault that ended it.
fn frames(stream: &[u8], piece: usize) -> (Vec<Frame>, Option<Fault>) {
    let mut framer = StreamFramer::default();
    let mut frames = Vec::new();
    for bytes in stream.chunks(piece) {
        framer.push(bytes);
        loop {
            match framer.next_frame() {
                Ok(Some(frame)) => {
                    if let Frame::Message(bytes) = &frame {
                        let _ = scan_framed(bytes);
                    }
                    frames.push(frame);
                }
                Ok(None) => break,
                Err(fault) => return (frames, Some(fault)),
            }
        }
        assert!(framer.pending() <= MAX_MESSAGE);
    }
    (frames, None)
}
