//! The limits at their edges, and bytes that are no message.

use bytes::Bytes;
use centrale_sip::message::fault::{MAX_HEAD, MAX_HEADERS, MAX_ITEMS, MAX_MESSAGE, MAX_VALUE};
use centrale_sip::message::{Fault, scan_datagram};

use crate::{text, with};

#[test]
fn each_limit_holds_at_its_edge() {
    let fields = |count: usize| {
        let lines: Vec<String> = (0..count - 6).map(|index| format!("X-{index}: y")).collect();
        with(&lines.iter().map(String::as_str).collect::<Vec<_>>()).map(|request| request.headers.len())
    };
    assert_eq!((fields(MAX_HEADERS), fields(MAX_HEADERS + 1)), (Ok(MAX_HEADERS), Err(Fault::HeaderLimit)));
    assert_eq!(fields(200), Err(Fault::HeaderLimit));
    let value = |length: usize| with(&[&format!("Subject: {}", "x".repeat(length))]).map(drop);
    assert_eq!((value(MAX_VALUE), value(MAX_VALUE + 1)), (Ok(()), Err(Fault::HeaderLimit)));
    let fold = format!("\r\n {}", "x".repeat(63));
    let folded = |lines: usize| with(&[&format!("Subject: x{}", fold.repeat(lines))]).map(drop);
    assert_eq!((folded(MAX_VALUE / 64 - 1), folded(MAX_VALUE / 64)), (Ok(()), Err(Fault::HeaderLimit)));
    let vias =
        |count: usize| with(&[&format!("Via: {}", vec!["SIP/2.0/UDP h;branch=z9hG4bK1"; count].join(","))]).map(drop);
    assert_eq!((vias(MAX_ITEMS), vias(MAX_ITEMS + 1)), (Ok(()), Err(Fault::HeaderLimit)));
    let contacts = |count: usize| with(&[&format!("Contact: {}", vec!["<sip:h>"; count].join(","))]).map(drop);
    assert_eq!((contacts(MAX_ITEMS), contacts(MAX_ITEMS + 1)), (Ok(()), Err(Fault::HeaderLimit)));
}

#[test]
fn a_message_fills_a_datagram_and_no_more() {
    let head = text("OPTIONS sip:h SIP/2.0", &[]);
    let sized = |length: usize| {
        let mut bytes = head.clone().into_bytes();
        bytes.resize(length, b'x');
        scan_datagram(&bytes.into()).map(|message| message.body().len())
    };
    assert_eq!(sized(MAX_MESSAGE), Ok(MAX_MESSAGE - head.len()));
    assert_eq!(sized(MAX_MESSAGE + 1), Err(Fault::TooLarge));
    let endless = format!("OPTIONS sip:h SIP/2.0\r\n{}", "X: y\r\n".repeat(MAX_HEAD / 6));
    assert!(matches!(scan_datagram(&endless.into()), Err(Fault::TooLarge | Fault::HeaderLimit)));
}

#[test]
fn what_is_no_message_is_named() {
    let fault = |bytes: &'static [u8]| scan_datagram(&Bytes::from_static(bytes)).err();
    assert_eq!(fault(b"\r\n\r\n"), Some(Fault::Truncated));
    assert_eq!(fault(b"OPTIONS sip:h SIP/2.0\r\nVia: x"), Some(Fault::Truncated));
    assert_eq!(fault(b"GET / HTTP/1.1\r\n\r\n"), Some(Fault::StartLine));
    assert_eq!(fault(b"SIP/2.0 99 x\r\n\r\n"), Some(Fault::StartLine));
    assert_eq!(fault(b"SIP/2.0 700 x\r\n\r\n"), Some(Fault::StartLine));
    assert_eq!(fault(b"SIP/3.0 200 x\r\n\r\n"), Some(Fault::Version));
    assert_eq!(fault(b"OPTIONS sip:h SIP/2.0\r\nVia\r\n\r\n"), Some(Fault::HeaderLine));
    assert_eq!(fault(b"OPTIONS sip:h SIP/2.0\r\nVi a: x\r\n\r\n"), Some(Fault::HeaderLine));
    assert_eq!(fault(b"OPTIONS sip:h SIP/2.0\r\n: x\r\n\r\n"), Some(Fault::HeaderLine));
    assert_eq!(fault(b"OPTIONS sip:h SIP/2.0\r\nX: a\rb\r\n\r\n"), Some(Fault::HeaderLine));
    assert_eq!(fault(b"OPT\0IONS sip:h SIP/2.0\r\n\r\n"), Some(Fault::StartLine));
}
