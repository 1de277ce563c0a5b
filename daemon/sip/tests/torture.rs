//! RFC 4475's torture messages, all 49 of them, each with the verdict the RFC asks for.
//!
//! Where the RFC leaves the choice between refusing and guessing, a row says which was taken and why.

#![allow(clippy::disallowed_methods, reason = "the room has no disk; its test data are files")]

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::time::Instant;

use bytes::Bytes;
use centrale_sip::endpoint::{Endpoint, EndpointSettings, Event};
use centrale_sip::flow::{Flow, FlowId, Transport};
use centrale_sip::message::{
    Fault, HeaderName, Host, Message, Method, NameAddr, Request, Response, Uri, scan_datagram,
};

/// What becomes of a message.
enum Verdict {
    /// Valid: it reaches whoever understands it.
    Valid,
    /// A request that is refused before anybody acts on it.
    Refused(u16),
    /// A message that cannot be answered (a response, or no message at all): dropped and counted.
    Dropped(Fault),
    /// Valid as a message; refused by the layer that understands it, with this status, because of this reading.
    Above(u16, fn(&Request) -> bool),
}

use Verdict::{Above, Dropped, Refused, Valid};

/// File, verdict, reason.
const TABLE: [(&str, Verdict, &str); 49] = [
    // 3.1.1 Valid messages
    ("wsinv", Valid, "3.1.1.1: white space and folding wherever the grammar allows them"),
    ("intmeth", Valid, "3.1.1.2: every character a token, a user part or a quoted string may hold, NUL among them"),
    ("esc01", Valid, "3.1.1.3: escapes are resolved once, and an escaped @ is no separator"),
    ("escnull", Valid, "3.1.1.4: an escaped NUL is a character"),
    ("esc02", Valid, "3.1.1.5: a % that escapes nothing, outside of URIs"),
    ("lwsdisp", Valid, "3.1.1.6: no space between display name and <"),
    ("longreq", Valid, "3.1.1.7: long values"),
    ("dblreq", Valid, "3.1.1.8: bytes after the message are ignored in a datagram"),
    ("semiuri", Valid, "3.1.1.9: a semicolon in the user part"),
    ("transports", Valid, "3.1.1.10: transports nobody knows, below the top Via"),
    ("mpart01", Valid, "3.1.1.11: a binary multipart body"),
    ("unreason", Valid, "3.1.1.12: a reason phrase in UTF-8"),
    ("noreason", Valid, "3.1.1.13: an empty reason phrase"),
    // 3.1.2 Invalid messages
    ("badinv01", Refused(400), "3.1.2.1: empty parameters in Via and Contact"),
    ("clerr", Refused(400), "3.1.2.2: Content-Length beyond the datagram"),
    ("ncl", Refused(400), "3.1.2.3: negative Content-Length"),
    ("scalar02", Refused(400), "3.1.2.4: CSeq and others beyond 32 bits"),
    ("scalarlg", Dropped(Fault::CSeq), "3.1.2.5: a response with the same"),
    ("quotbal", Refused(400), "3.1.2.6: a quoted string without end; guessing its end could call the wrong party"),
    ("ltgtruri", Refused(400), "3.1.2.7: angle brackets around the Request-URI"),
    ("lwsruri", Refused(400), "3.1.2.8: white space within the Request-URI"),
    ("lwsstart", Refused(400), "3.1.2.9: two spaces in the start line"),
    ("trws", Refused(400), "3.1.2.10: white space after the version"),
    ("escruri", Valid, "3.1.2.11: escaped headers in the Request-URI: may be ignored, and are"),
    (
        "baddate",
        Valid,
        "3.1.2.12: a Date not in GMT: may be ignored, and is; nothing is decided by Date, and a call is",
    ),
    ("regbadct", Refused(400), "3.1.2.13: a ? in a Contact without brackets"),
    ("badaspec", Refused(400), "3.1.2.14: spaces within the angle brackets"),
    ("baddn", Dropped(Fault::Truncated), "3.1.2.15: as stored it lacks its empty line; see the test of its own"),
    ("badvers", Refused(505), "3.1.2.16: SIP/7.0"),
    ("mismatch01", Refused(400), "3.1.2.17: CSeq names another method"),
    ("mismatch02", Refused(400), "3.1.2.18: the same, and the method is unknown too"),
    ("bigcode", Dropped(Fault::StartLine), "3.1.2.19: a status beyond three digits"),
    // 3.2 Transaction layer
    ("badbranch", Valid, "3.2.1: a branch that is only the magic cookie: valid, but no transaction id by itself"),
    // 3.3 Application layer
    ("insuf", Refused(400), "3.3.1: no Call-ID, From, To"),
    ("unkscm", Above(416, |request| !dialable(request)), "3.3.2: a scheme nobody knows"),
    ("novelsc", Above(416, |request| !dialable(request)), "3.3.3: a known scheme that is no SIP"),
    ("unksm2", Above(404, |request| request.headers.to().is_ok_and(|to| to.sip().is_none())), "3.3.4: no such person"),
    ("bext01", Above(420, requires_unknown), "3.3.5: Require of extensions nobody supports"),
    ("invut", Above(415, |request| !is_sdp(request)), "3.3.6: a body nobody understands"),
    ("regaut01", Above(401, |request| !has_digest(request)), "3.3.7: an unknown scheme counts as no credentials"),
    ("multi01", Refused(400), "3.3.8: single header fields given twice, differently"),
    ("mcl01", Refused(400), "3.3.9: two Content-Lengths that differ"),
    ("bcast", Valid, "3.3.10: a response with two Vias: well-formed; the endpoint drops it as misrouted"),
    ("zeromf", Valid, "3.3.11: Max-Forwards 0 ends at a proxy (483), but this user agent is where it was going"),
    ("cparam01", Valid, "3.3.12: an unknown parameter of the Contact"),
    ("cparam02", Valid, "3.3.13: an unknown parameter of the Contact's URI"),
    ("regescrt", Valid, "3.3.14: escaped headers in a Contact's URI are kept"),
    ("sdp01", Above(406, |request| !accepts_sdp(request)), "3.3.15: Accept leaves no room for an answer"),
    ("inv2543", Valid, "3.3.16: RFC 2543: no branch, no tag, no Max-Forwards"),
];

fn folder() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/rfc4475")
}

fn bytes_of(file: &str) -> Bytes {
    std::fs::read(folder().join(format!("{file}.dat"))).expect("the file is part of the repository").into()
}

fn message(file: &str) -> Message {
    scan_datagram(&bytes_of(file)).unwrap_or_else(|fault| panic!("{file}: {fault}"))
}

fn request(file: &str) -> Request {
    match message(file) {
        Message::Request(request) => request,
        Message::Response(_) => panic!("{file} is a response"),
    }
}

fn response(file: &str) -> Response {
    match message(file) {
        Message::Response(response) => response,
        Message::Request(_) => panic!("{file} is a request"),
    }
}

fn dialable(request: &Request) -> bool {
    matches!(request.uri, Uri::Sip(_) | Uri::Tel { .. })
}

fn requires_unknown(request: &Request) -> bool {
    request.headers.items(&HeaderName::Require) == ["nothingSupportsThis", "nothingSupportsThisEither"]
}

fn is_sdp(request: &Request) -> bool {
    request.headers.text(&HeaderName::ContentType).is_some_and(|kind| kind.eq_ignore_ascii_case("application/sdp"))
}

fn accepts_sdp(request: &Request) -> bool {
    request.headers.has_token(&HeaderName::Accept, "application/sdp")
}

fn has_digest(request: &Request) -> bool {
    request.headers.text(&HeaderName::Authorization).is_some_and(|value| value.starts_with("Digest "))
}

/// The verdict as one line, so that a failing row shows both.
fn judge(bytes: &Bytes, expected: &Verdict) -> (String, String) {
    let wanted = match expected {
        Valid => "valid".to_owned(),
        Refused(status) => format!("refused {status}"),
        Dropped(fault) => format!("dropped: {fault}"),
        Above(status, _) => format!("valid, refused above with {status}"),
    };
    let found = match scan_datagram(bytes) {
        Err(fault) => format!("dropped: {fault}"),
        Ok(message) => match (message.validate(), message, expected) {
            (Err(fault), Message::Response(_), _) => format!("dropped: {fault}"),
            (Err(fault), Message::Request(_), _) => format!("refused {}", fault.status()),
            (Ok(()), Message::Request(request), Above(status, reading)) if reading(&request) => {
                format!("valid, refused above with {status}")
            }
            (Ok(()), ..) => "valid".to_owned(),
        },
    };
    (found, wanted)
}

#[test]
fn every_message_gets_its_verdict() {
    for (file, verdict, why) in &TABLE {
        let (found, wanted) = judge(&bytes_of(file), verdict);
        assert_eq!(found, wanted, "{file}: {why}");
    }
}

#[test]
fn every_file_has_a_row() {
    let rows: BTreeSet<String> = TABLE.iter().map(|(file, ..)| format!("{file}.dat")).collect();
    let names = std::fs::read_dir(folder()).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap());
    assert_eq!(rows, names.collect());
}

#[test]
fn a_valid_message_means_the_same_after_it_is_written() {
    for (file, ..) in TABLE.iter().filter(|(_, verdict, _)| matches!(verdict, Valid | Above(..))) {
        let read = message(file);
        let again = scan_datagram(&read.to_bytes()).unwrap();
        assert_eq!(again.validate(), Ok(()), "{file}");
        assert_eq!(meaning(&again), meaning(&read), "{file}");
    }
}

/// Everything but Content-Length, which is written anew from the body itself.
fn meaning(message: &Message) -> (String, Vec<(&HeaderName, &Bytes)>, &Bytes) {
    let start = match message {
        Message::Request(request) => format!("{} {}", request.method, request.uri),
        Message::Response(response) => format!("{} {}", response.status.code(), response.reason),
    };
    let fields = message.headers().iter().filter(|(name, _)| **name != HeaderName::ContentLength);
    (start, fields.collect(), message.body())
}

#[test]
fn baddn_with_its_empty_line_is_read_as_meant() {
    // 3.1.2.15: a comma in a display name without quotes. In From and To, which hold one address, nothing is ambiguous, and
    // phones do send it: refusing the call would help nobody.
    let whole = [&bytes_of("baddn")[..], b"\r\n"].concat();
    let message = scan_datagram(&whole.into()).unwrap();
    assert_eq!(message.validate(), Ok(()));
    assert_eq!(message.headers().from().unwrap().name, "Bell, Alexander");
}

#[test]
fn badvers_can_be_answered() {
    let request = request("badvers");
    let via = request.headers.top_via().unwrap();
    assert_eq!((via.host.to_string().as_str(), via.branch()), ("c.example.com", Some("z9hG4bKkdjuw")));
    assert_eq!(via.to_string(), "SIP/7.0/UDP c.example.com;branch=z9hG4bKkdjuw");
}

#[test]
fn wsinv_is_read_through_its_white_space() {
    let request = request("wsinv");
    let headers = &request.headers;
    let vias: Vec<String> = headers.vias().unwrap().iter().map(ToString::to_string).collect();
    assert_eq!(
        vias,
        [
            "SIP/2.0/UDP 192.0.2.2;branch=390skdjuw",
            "SIP/2.0/TCP spindle.example.com;branch=z9hG4bK9ikj8",
            "SIP/2.0/UDP 192.168.255.111;branch=z9hG4bK30239",
        ]
    );
    let (from, to) = (headers.from().unwrap(), headers.to().unwrap());
    assert_eq!((from.name.as_str(), from.tag(), to.tag()), ("J Rosenberg \\\"", Some("98asjd8"), Some("1918181833n")));
    assert_eq!((headers.cseq().unwrap().number, headers.cseq().unwrap().method), (9, Method::INVITE));
    assert_eq!(headers.number(&HeaderName::MaxForwards), Ok(Some(68)));
    let contact = &headers.addresses(&HeaderName::Contact).unwrap()[0];
    assert_eq!((contact.name.as_str(), contact.params.value("q")), ("Quoted string \"\"", Some("0.33")));
    assert_eq!(headers.text(&HeaderName::Subject).as_deref(), Some(""));
    let folded = headers.text(&HeaderName::other("NewFangledHeader"));
    assert_eq!(folded.as_deref(), Some("newfangled value continued newfangled value"));
    assert_eq!(request.body.len(), 150);
}

#[test]
fn intmeth_keeps_every_character() {
    let request = request("intmeth");
    assert_eq!(request.method.as_str(), "!interesting-Method0123456789_*+`.%indeed'~");
    let user = request.uri.as_sip().unwrap().user.as_deref();
    assert_eq!(user, Some("1_unusual.URI~(to-be!sure)&isn't+it$/crazy?,/;;*"));
    let to = request.headers.to().unwrap();
    assert_eq!(to.name, "BEL:\u{7} NUL:\0 DEL:\u{7f}");
    assert_eq!(NameAddr::parse(&to.to_string()), Some(to));
    let from = request.headers.from().unwrap();
    assert_eq!(from.params.value("fromParam''~+*_!.-%"), Some("работающий"));
    assert_eq!(request.headers.call_id(), Ok("intmeth.word%ZK-!.*_+'@word`~)(><:\\/\"][?}{"));
    assert_eq!(request.headers.cseq().unwrap().method, request.method);
}

#[test]
fn escapes_are_resolved_once() {
    let esc01 = request("esc01");
    assert_eq!(esc01.uri.dialled().as_deref(), Some("sips:user@example.com"));
    assert_eq!(esc01.headers.to().unwrap().sip().unwrap().user_text().as_deref(), Some("user"));
    assert_eq!(esc01.headers.from().unwrap().sip().unwrap().user_text().as_deref(), Some("I have spaces"));
    let contact = &esc01.headers.addresses(&HeaderName::Contact).unwrap()[0];
    assert_eq!(contact.uri.to_string(), "sip:cal%6Cer@host5.example.net;%6C%72;n%61me=v%61lue%25%34%31");
    let escnull = request("escnull");
    assert_eq!(escnull.headers.to().unwrap().sip().unwrap().user_text().as_deref(), Some("null-\0-null"));
    assert_eq!(escnull.headers.addresses(&HeaderName::Contact).unwrap().len(), 2);
    let esc02 = request("esc02");
    assert_eq!(esc02.method.as_str(), "RE%47IST%45R");
    assert_eq!(esc02.headers.to().unwrap().name, "%Z%45");
    assert_eq!(esc02.headers.addresses(&HeaderName::Contact).unwrap().len(), 2);
}

#[test]
fn one_datagram_is_one_message() {
    let request = request("dblreq");
    assert_eq!((request.method, request.body.len()), (Method::REGISTER, 0));
    assert_eq!(request.headers.call_id(), Ok("dblreq.0ha0isndaksdj99sdfafnl3lk233412"));
}

#[test]
fn bodies_are_bytes() {
    let request = request("mpart01");
    assert_eq!(request.body.len(), 553);
    assert!(request.body.ends_with(b"--7a9cbec02ceef655--\r\n"));
}

#[test]
fn semicolons_stand_in_user_parts_and_before_parameters() {
    assert_eq!(request("semiuri").uri.dialled().as_deref(), Some("user;par=u@example.net"));
    let contact = |file| request(file).headers.addresses(&HeaderName::Contact).unwrap().remove(0);
    let (outside, inside) = (contact("cparam01"), contact("cparam02"));
    assert!(outside.params.has("unknownparam") && outside.sip().unwrap().params.is_empty());
    assert!(inside.params.is_empty() && inside.sip().unwrap().params.has("unknownparam"));
    assert_eq!(&*contact("regescrt").sip().unwrap().headers, "Route=%3Csip:sip.example.com%3E");
}

#[test]
fn responses_keep_their_reason() {
    assert_eq!(response("unreason").reason, "= 2**3 * 5**2 но сто девяносто девять - простое");
    let silent = response("noreason");
    assert_eq!((silent.status.code(), silent.reason.as_str()), (100, ""));
    assert_eq!(response("bcast").headers.vias().unwrap().len(), 2);
}

#[test]
fn transports_below_the_top_via_may_be_anything() {
    let transports: Vec<String> =
        request("transports").headers.vias().unwrap().iter().map(|via| via.transport.to_string()).collect();
    assert_eq!(transports, ["UDP", "SCTP", "TLS", "UNKNOWN", "TCP"]);
}

#[test]
fn a_bare_cookie_is_no_transaction_id() {
    let via = request("badbranch").headers.top_via().unwrap();
    assert_eq!((via.branch(), &via.host), (Some("z9hG4bK"), &Host::Ip([192, 0, 2, 1].into())));
    assert_eq!(via.transaction_branch(), None);
    let old = request("inv2543").headers.top_via().unwrap();
    assert_eq!((old.branch(), old.transaction_branch()), (None, None));
    let usual = request("wsinv").headers.vias().unwrap().remove(1);
    assert_eq!(usual.transaction_branch(), Some("z9hG4bK9ikj8"));
}

/// What leaves the endpoint when this message comes in, in one line.
fn at_the_door(bytes: Bytes) -> String {
    let mut endpoint = Endpoint::new(EndpointSettings::default(), [7; 32]);
    let (local, remote) = (([192, 0, 2, 254], 5060).into(), ([192, 0, 2, 1], 5060).into());
    let flow = Flow { id: FlowId(1), transport: Transport::Udp, local, remote };
    endpoint.handle_packet(Instant::now(), flow, bytes);
    let answer = endpoint.poll_transmit().map(|transmit| match scan_datagram(&transmit.bytes) {
        Ok(Message::Response(response)) => format!(", answered {}", response.status.code()),
        other => panic!("{other:?}"),
    });
    let event = match endpoint.poll_event() {
        Some(Event::Request { .. }) => "shown",
        Some(Event::Refused { .. }) => "refused",
        None => "dropped",
        Some(other) => panic!("{other:?}"),
    };
    format!("{event}{}", answer.unwrap_or_default())
}

/// Requests that are refused without an answer, and why.
const UNANSWERED: [(&str, &str); 4] = [
    ("badinv01", "its Via, the way back, cannot be read"),
    ("insuf", "a response needs the Call-ID, From and To that it lacks"),
    ("badvers", "the answer would be longer than the request: a forged sender could use us as an amplifier"),
    ("mismatch01", "the same"),
];

#[test]
fn a_103_the_door_does_as_the_table_says() {
    for (file, verdict, why) in &TABLE {
        let silent = UNANSWERED.iter().find(|(other, _)| other == file);
        let is_response = matches!(message_if_any(file), Some(Message::Response(_)));
        let expected = match verdict {
            Valid | Above(..) if is_response => "dropped".to_owned(),
            Valid | Above(..) => "shown".to_owned(),
            Refused(status) if silent.is_none() => format!("refused, answered {status}"),
            // What lacks only its empty line can still be told so.
            Dropped(Fault::Truncated) => "refused, answered 400".to_owned(),
            Refused(_) | Dropped(_) => "refused".to_owned(),
        };
        assert_eq!(at_the_door(bytes_of(file)), expected, "{file}: {why} {silent:?}");
    }
}

fn message_if_any(file: &str) -> Option<Message> {
    scan_datagram(&bytes_of(file)).ok()
}
