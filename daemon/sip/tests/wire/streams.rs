//! Messages out of a byte stream, in pieces of any size.

use centrale_sip::message::fault::MAX_HEAD;
use centrale_sip::message::{Fault, Frame, StreamFramer, scan_framed};

use crate::text;

fn frames(framer: &mut StreamFramer) -> Result<Vec<Frame>, Fault> {
    let mut all = Vec::new();
    while let Some(frame) = framer.next_frame()? {
        all.push(frame);
    }
    Ok(all)
}

fn framed(bytes: &[u8]) -> Result<Vec<Frame>, Fault> {
    let mut framer = StreamFramer::default();
    framer.push(bytes);
    frames(&mut framer)
}

#[test]
fn a_stream_is_cut_the_same_however_it_is_delivered() {
    let one = text("OPTIONS sip:h SIP/2.0", &["Content-Length: 3"]) + "abc";
    let two = text("OPTIONS sip:h SIP/2.0", &["l:\r\n 0"]);
    let three = one.replace("\r\n", "\n");
    let stream = format!("\r\n\r\n{one}\r\n{two}\r\n\r\n{three}\n");
    let messages = [&one, &two, &three].map(|message| Frame::Message(message.clone().into()));
    let [one, two, three] = messages;
    let expected = vec![Frame::Ping, one, two, Frame::Ping, three];
    for size in [1, 2, 3, 7, 100, 1000] {
        let mut framer = StreamFramer::default();
        let mut all = Vec::new();
        for piece in stream.as_bytes().chunks(size) {
            framer.push(piece);
            all.extend(frames(&mut framer).unwrap());
        }
        assert_eq!(all, expected, "in pieces of {size}");
        assert_eq!(framer.pending(), 0);
    }
    for frame in expected {
        if let Frame::Message(bytes) = frame {
            assert_eq!(scan_framed(&bytes).and_then(|message| message.validate()), Ok(()));
        }
    }
}

#[test]
fn a_stream_that_cannot_be_followed_is_given_up() {
    let lengths = |lines: &[&str]| framed(text("OPTIONS sip:h SIP/2.0", lines).as_bytes()).map(drop);
    assert_eq!(lengths(&[]), Err(Fault::ContentLength));
    assert_eq!(lengths(&["Content-Length: x"]), Err(Fault::ContentLength));
    assert_eq!(lengths(&["Content-Length: -1"]), Err(Fault::ContentLength));
    assert_eq!(lengths(&["Content-Length: 0", "l: 1"]), Err(Fault::ContentLength));
    assert_eq!(lengths(&["Content-Length: 65535"]), Err(Fault::TooLarge));
    assert_eq!(lengths(&["Subject: x\r\n l: 5"]), Err(Fault::ContentLength), "a folded line is no header");
    assert_eq!(lengths(&["Subject: x\r\n l: 5", "l: 0"]), Ok(()));
    assert_eq!(framed(&vec![b'x'; MAX_HEAD + 1]), Err(Fault::TooLarge));
    assert_eq!(framed(&vec![b'x'; MAX_HEAD]), Ok(vec![]));
}

#[test]
fn a_ping_behind_a_separator_is_a_ping() {
    for separator in ["", "\n", "\r\n\n", "\n\n"] {
        assert_eq!(framed(format!("{separator}\r\n\r\n").as_bytes()), Ok(vec![Frame::Ping]), "{separator:?}");
    }
}
