//! One datagram as a SIP message: whatever is accepted can be read in every way the exchange reads it, and what we write
//! of it is accepted again and means the same.
#![no_main]

use bytes::Bytes;
use centrale_sip::message::{HeaderName, Message, Request, Status, scan_datagram};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|datagram: &[u8]| {
    let Ok(message) = scan_datagram(&Bytes::copy_from_slice(datagram)) else { return };
    read_everything(&message);
    if message.validate().is_err() {
        return;
    }
    let written = message.to_bytes();
    let again = scan_datagram(&written).expect("what we write, we can read");
    assert_eq!(again.validate(), Ok(()));
    assert_eq!(again.to_bytes(), written, "writing is stable");
    if let Message::Request(request) = &message {
        answer(request);
    }
});

/// Each typed reading that a room asks for; the values do not matter here, only that reading ends well.
fn read_everything(message: &Message) {
    let headers = message.headers();
    let _ = (headers.top_via(), headers.vias(), headers.from(), headers.to(), headers.call_id(), headers.cseq());
    let _ = headers.is_wildcard_contact();
    for (name, _) in headers.iter() {
        let _ = (headers.addresses(name), headers.items(name), headers.text(name), headers.number(name));
        let _ = headers.has_token(name, "100rel");
    }
}

/// A valid request can always be answered, and the answer carries its transaction and dialog back.
fn answer(request: &Request) {
    let response = request.tagged_response(Status::NOT_FOUND, "tag");
    let read = scan_datagram(&response.to_bytes()).expect("an answer of ours can be read");
    assert_eq!(read.headers().cseq(), request.headers.cseq());
    assert_eq!(read.headers().call_id(), request.headers.call_id());
    assert_eq!(read.headers().vias(), request.headers.vias());
    assert!(read.headers().first(&HeaderName::To).is_some());
}
