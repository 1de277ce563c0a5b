//! RFC 5118: IPv6 in every place an address can stand.

use std::net::{IpAddr, SocketAddr};

use centrale_sip::message::{Fault, HeaderName, Headers, Via};

use crate::{scanned, with};

#[test]
fn an_ipv6_request_uri_needs_its_brackets() {
    let to = |uri: &str| scanned(&format!("OPTIONS {uri} SIP/2.0"), &[]).map(|request| request.uri.to_string());
    // 4.1 valid; 4.2 without brackets; 4.3 what looks like a port is part of the address; 4.4 a port outside.
    assert_eq!(to("sip:[2001:db8::10]"), Ok("sip:[2001:db8::10]".to_owned()));
    assert_eq!(to("sip:2001:db8::10"), Err(Fault::RequestUri));
    assert_eq!(to("sip:[2001:db8::10:5070]"), Ok("sip:[2001:db8::10:5070]".to_owned()));
    assert_eq!(to("sip:[2001:db8::10]:5070"), Ok("sip:[2001:db8::10]:5070".to_owned()));
    // 4.10: the three colons that RFC 3261's grammar let through.
    assert_eq!(to("sip:[2001:db8:::192.0.2.1]"), Err(Fault::RequestUri));
    // An address of one link only means nothing to anybody else.
    assert_eq!(to("sip:[fe80::1%25eth0]"), Err(Fault::RequestUri));
}

#[test]
fn received_is_read_with_brackets_and_without() {
    // RFC 5118 4.5
    for received in ["[2001:db8::9:255]", "2001:db8::9:255"] {
        let via =
            Via::parse(&format!("SIP/2.0/UDP [2001:db8::9:1];received={received};branch=z9hG4bKas3-111")).unwrap();
        assert_eq!(via.received(), "2001:db8::9:255".parse::<IpAddr>().ok());
        assert_eq!((via.host.to_string().as_str(), via.port), ("[2001:db8::9:1]", None));
    }
}

#[test]
fn both_families_may_stand_in_one_message() {
    // RFC 5118 4.7, 4.9
    let request = with(&[
        "Via: SIP/2.0/UDP [2001:db8::9:1]:6050;branch=z9hG4bKas3-111",
        "Via: SIP/2.0/UDP 192.0.2.1:5061;branch=z9hG4bKjhja8781hjuaij65144",
        "Via: SIP/2.0/TCP [2001:db8::9:255]:6070;branch=z9hG4bK451jj;received=192.0.2.200",
        "Contact: \"Caller\" <sip:caller@[::ffff:192.0.2.2]:19823>",
    ])
    .unwrap();
    let ports: Vec<_> = request.headers.vias().unwrap().iter().map(|via| via.port).collect();
    assert_eq!(ports, [Some(6050), Some(5061), Some(6070)]);
    let contact = &request.headers.addresses(&HeaderName::Contact).unwrap()[0];
    assert_eq!(contact.uri.to_string(), "sip:caller@[::ffff:192.0.2.2]:19823");
}

#[test]
fn the_source_is_noted_in_either_family() {
    let noted = |via: &str, source: &str| {
        let mut headers = Headers::default();
        headers.push(HeaderName::Via, via.to_owned());
        headers.note_source(source.parse::<SocketAddr>().unwrap());
        headers.text(&HeaderName::Via).unwrap().into_owned()
    };
    assert_eq!(
        noted("SIP/2.0/UDP 10.0.0.5:5060;branch=z9hG4bKx;rport", "203.0.113.2:6000"),
        "SIP/2.0/UDP 10.0.0.5:5060;branch=z9hG4bKx;rport=6000;received=203.0.113.2"
    );
    assert_eq!(
        noted("SIP/2.0/UDP [fd00::5];branch=z9hG4bKx=;rport", "[2001:db8::7]:6000"),
        "SIP/2.0/UDP [fd00::5];branch=z9hG4bKx=;rport=6000;received=2001:db8::7"
    );
    assert_eq!(noted("SIP/2.0/TCP 10.0.0.5;branch=z9hG4bKx", "10.0.0.5:6000"), "SIP/2.0/TCP 10.0.0.5;branch=z9hG4bKx");
}
