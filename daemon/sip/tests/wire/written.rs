//! What we write ourselves: no value, whoever it came from, becomes a header, a parameter or another address.

use centrale_sip::flow::Transport;
use centrale_sip::message::{
    Fault, HeaderName, Headers, Host, Message, Method, NameAddr, Params, Request, SipUri, Status, Uri, Via,
    scan_datagram,
};

use crate::with;

#[test]
fn no_value_can_add_a_header() {
    const EVIL: &str = "x\r\nVia: SIP/2.0/UDP evil\r\n\r\nbody";
    let host = Host::Name("h".into());
    let mut uri = SipUri::new(Some(EVIL), host, None);
    uri.params.set("x", Some(EVIL));
    let mut request = Request::new(Method::Other(EVIL.into()), uri.clone());
    request.headers.push(HeaderName::Subject, EVIL);
    request.headers.push(HeaderName::Other(EVIL.into()), "y");
    let mut party = NameAddr::new(uri).tagged(EVIL);
    party.name = EVIL.to_owned();
    request.headers.push(HeaderName::From, party.to_string());
    request
        .headers
        .push(HeaderName::To, NameAddr::new(Uri::Tel { number: EVIL.into(), params: Params::default() }).to_string());
    request.headers.push(HeaderName::Via, Via::ours(Transport::Udp, ([192, 0, 2, 1], 5060).into(), EVIL).to_string());
    let written = request.to_bytes();
    let lines: Vec<_> = std::str::from_utf8(&written).unwrap().lines().collect();
    assert_eq!(lines.len(), 8, "{lines:#?}");
    assert_eq!(lines.iter().filter(|line| line.starts_with("Via:")).count(), 1);
    let read = scan_datagram(&written).unwrap();
    assert_eq!(read.headers().from().unwrap().name, EVIL.replace(['\r', '\n'], " "));
    assert_eq!(read.headers().to(), Err(Fault::Party), "a number that is none stays none");

    let mut response = request.response(Status::OK);
    response.reason = EVIL.to_owned();
    assert!(matches!(scan_datagram(&response.to_bytes()), Ok(Message::Response(read)) if read.headers.len() == 4));
}

#[test]
fn a_user_part_of_ours_cannot_become_another_address() {
    for user in ["a@evil", "a>b", "a;b?c", "50%", "50%25", "a:b", "é ☎", "\"x\""] {
        let written = Uri::from(SipUri::new(Some(user), Host::Name("h".into()), None)).to_string();
        let read = Uri::parse(&written).unwrap_or_else(|| panic!("{written}"));
        assert_eq!(read.as_sip().map(|uri| uri.host.to_string()).as_deref(), Some("h"), "{written}");
        assert_eq!(read.dialled().as_deref(), Some(user.replace("%25", "%").as_str()));
    }
}

#[test]
fn headers_are_set_replaced_and_ordered() {
    let mut headers = Headers::default();
    for value in ["1", "2", "3"] {
        headers.push(HeaderName::Route, value);
        headers.push(HeaderName::Via, value);
    }
    headers.push_front(HeaderName::Via, "0");
    headers.set(HeaderName::Route, "one");
    headers.set(HeaderName::Expires, "60");
    headers.replace_first(&HeaderName::Via, "zero");
    let all: Vec<_> = headers.iter().map(|(name, value)| (name.as_bytes()[0], &value[..])).collect();
    let expected: [(u8, &[u8]); 6] =
        [(b'R', b"one"), (b'V', b"zero"), (b'V', b"1"), (b'V', b"2"), (b'V', b"3"), (b'E', b"60")];
    assert_eq!(all, expected);
    headers.remove(&HeaderName::Via);
    assert_eq!(headers.len(), 2);
}

#[test]
fn the_top_via_is_replaced_also_when_it_shares_its_line() {
    let mut request = with(&["Via: , SIP/2.0/UDP a;branch=z9hG4bK1;rport, SIP/2.0/UDP b;branch=z9hG4bK2"]).unwrap();
    request.headers.note_source(([203, 0, 113, 2], 6000).into());
    let expected = "SIP/2.0/UDP a;branch=z9hG4bK1;rport=6000;received=203.0.113.2, SIP/2.0/UDP b;branch=z9hG4bK2";
    assert_eq!(request.headers.text(&HeaderName::Via).as_deref(), Some(expected));
}

#[test]
fn a_tag_is_added_to_a_to_as_it_stands_and_takes_the_place_of_an_empty_one() {
    for (to, tagged) in [
        ("\"Anna, 2nd\" <SIP:201@h;x=1>", "\"Anna, 2nd\" <SIP:201@h;x=1>;tag=t1"),
        ("sip:201@h", "sip:201@h;tag=t1"),
        ("<sip:201@h> ; x=\";tag=y\"", "<sip:201@h> ; x=\";tag=y\";tag=t1"),
        ("<sip:201@h>;tag=theirs", "<sip:201@h>;tag=theirs"),
        ("<sip:201@h>;x;TAG=", "<sip:201@h>;x;tag=t1"),
        ("<sip:201@h", "<sip:201@h"),
    ] {
        let mut headers = Headers::default();
        headers.push(HeaderName::To, to);
        headers.tag_to("t1");
        assert_eq!(headers.text(&HeaderName::To).as_deref(), Some(tagged));
    }
}

#[test]
fn who_is_called_is_read_out_of_to_as_out_of_the_whole_address() {
    for to in
        ["<sip:2%301@h>;tag=x", "\"A\" <tel:+31-20;x=1>", "urn:service:sos", "<sip:h>", "<sip:%zz@h>", "", "nonsense"]
    {
        let mut headers = Headers::default();
        headers.push(HeaderName::To, to);
        let whole = headers.to().ok().and_then(|to| to.uri.dialled().map(|dialled| dialled.into_owned()));
        assert_eq!(headers.dialled(&HeaderName::To).as_deref(), whole.as_deref(), "{to}");
    }
}
