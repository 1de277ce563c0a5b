//! What ordinary phones send and a strict reading would refuse, and its neighbours that are refused.

use bytes::Bytes;
use centrale_sip::message::{Fault, HeaderName, Message, Method, NameAddr, Params, Uri, is_keep_alive, scan_datagram};

use crate::{scanned, text, with};

fn uri(text: &str) -> Option<Uri> {
    Uri::parse(text)
}

#[test]
fn uris_that_phones_dial() {
    let dialled = |text: &str| uri(text).and_then(|uri| uri.dialled().map(|text| text.into_owned()));
    assert_eq!(dialled("sip:jan.de.vries@example.com").as_deref(), Some("jan.de.vries"));
    assert_eq!(dialled("tel:112").as_deref(), Some("112"));
    assert_eq!(dialled("tel:+31-20-123.4567;phone-context=example.com").as_deref(), Some("+31-20-123.4567"));
    assert_eq!(dialled("sip:*21*0201234567#@example.com").as_deref(), Some("*21*0201234567#"));
    assert_eq!(dialled("sip:%2a21%23@example.com").as_deref(), Some("*21#"));
    assert_eq!(
        dialled("sip:+31201234567;phone-context=+31@example.com;user=phone").as_deref(),
        Some("+31201234567;phone-context=+31")
    );
    assert_eq!(dialled("SIPS:201@Example.COM").as_deref(), Some("201"));
    assert_eq!(dialled("sip:example.com"), None);
    assert_eq!(dialled("sip:%ff@example.com"), None);
}

#[test]
fn uris_that_are_none() {
    for text in [
        "sip:",
        "sip:@example.com",
        "sip:a@b@example.com",
        "sip:a b@example.com",
        "sip:a%4@example.com",
        "sip:a%zz@example.com",
        "sip:a@",
        "sip:a@host:",
        "sip:a@host:65536",
        "sip:a@host:x",
        "sip:a@[2001:db8::1",
        "sip:a@2001:db8::1]",
        "sip:a@host;x=\"y\"",
        "sip:a@host;=y",
        "sip:a@host;;x",
        "sip:a@host;x;x",
        "sip:a@ho<st",
        "sip:a:p<w@host",
        "sip:a@host?x=<y>",
        "tel:",
        "tel:abc-xyz",
        "tel:1;x=<y>",
        "201",
        ":x",
        "1a:x",
        "x:",
        "http://a\tb",
        "http://<a>",
    ] {
        assert_eq!(uri(text), None, "{text}");
    }
}

#[test]
fn a_password_in_a_uri_is_noticed_and_dropped() {
    let uri = uri("sip:201:secret@example.com").unwrap();
    assert!(uri.as_sip().unwrap().has_password);
    assert_eq!(uri.to_string(), "sip:201@example.com");
    assert!(!format!("{uri:?}").contains("secret"));
}

#[test]
fn parameters_as_they_come() {
    let params = Params::parse("; a=1 ;b ; c = \"x;y,\\\"z\" ;d=;e=z9hG4bK=/+==").unwrap();
    let read: Vec<_> = params.iter().collect();
    let expected =
        [("a", Some("1")), ("b", None), ("c", Some("x;y,\"z")), ("d", Some("")), ("e", Some("z9hG4bK=/+=="))];
    assert_eq!(read, expected);
    let mut written = String::new();
    params.write(&mut written);
    assert_eq!(written, ";a=1;b;c=\"x;y,\\\"z\";d=;e=z9hG4bK=/+==");
    for text in
        ["a=1", ";", ";;", ";=1", ";a=1;A=2", ";a=\"", ";a=\"x\"y", ";a=b c", ";a=<", ";a,b", ";a\"b=1", ";a=b,c=d"]
    {
        assert_eq!(Params::parse(text), None, "{text}");
    }
}

#[test]
fn instance_ids_keep_their_quotes_and_brackets() {
    let contact =
        "<sip:201@192.0.2.1:5060;line=abc>;reg-id=1;+sip.instance=\"<urn:uuid:00000000-0000-1000-8000-000A95A0E128>\"";
    let request = with(&[&format!("Contact: {contact}")]).unwrap();
    let read = &request.headers.addresses(&HeaderName::Contact).unwrap()[0];
    assert_eq!(read.params.value("+sip.instance"), Some("<urn:uuid:00000000-0000-1000-8000-000A95A0E128>"));
    assert_eq!(read.to_string(), contact);
}

#[test]
fn commas_part_addresses_only_outside_quotes_and_brackets() {
    let request = with(&[
        "Contact: \"Jansen, Anna\" <sip:a,b@192.0.2.1>;q=1, \"x \\\", y\" <sip:c@192.0.2.2> , sip:d@192.0.2.3;expires=60",
        "Contact: <sip:e@192.0.2.4;x=\"y>",
    ]);
    assert_eq!(request, Err(Fault::Contact));
    let request = with(&[
        "Contact: \"Jansen, Anna\" <sip:a,b@192.0.2.1>;q=1, \"x \\\", y\" <sip:c@192.0.2.2> , sip:d@192.0.2.3;expires=60",
        "m: <sip:e@192.0.2.4>,,<sip:f@192.0.2.5>",
    ]);
    let contacts = request.unwrap().headers.addresses(&HeaderName::Contact).unwrap();
    let users: Vec<_> = contacts.iter().map(|contact| contact.sip().unwrap().user.as_deref().unwrap()).collect();
    assert_eq!(users, ["a,b", "c", "d", "e", "f"]);
    assert_eq!((contacts[0].name.as_str(), contacts[1].name.as_str()), ("Jansen, Anna", "x \", y"));
    assert_eq!(contacts[2].params.value("expires"), Some("60"));
}

#[test]
fn names_without_quotes_are_read_as_meant() {
    let name = |text: &str| NameAddr::parse(text).map(|address| address.name);
    assert_eq!(name("Anna Jansen <sip:201@h>").as_deref(), Some("Anna Jansen"));
    assert_eq!(name("Balie (begane grond) <sip:201@h>").as_deref(), Some("Balie (begane grond)"));
    assert_eq!(name("Café ☎ <sip:201@h>").as_deref(), Some("Café ☎"));
    assert_eq!(name("\"\" <sip:201@h>").as_deref(), Some(""));
    for text in [
        "\"Anna <sip:201@h>",
        "\"Anna\" sip:201@h",
        "An\"na <sip:201@h>",
        "<sip:201@h",
        "sip:201@h>",
        "<>",
        "\"Anna\"",
        "",
    ] {
        assert_eq!(name(text), None, "{text}");
    }
}

#[test]
fn compact_folded_and_lower_case_headers_are_the_same_headers() {
    let message = "OPTIONS sip:202@example.com SIP/2.0\nv: SIP/2.0/UDP 192.0.2.1\n\t;branch=z9hG4bK1\nf:<sip:201@h>\n ;tag=1\n\
                   t : sip:202@example.com\ni: 1\ncseq:1\n  OPTIONS\nmax-forwards: 70\nx: 1800;refresher=uac\nk: timer,\n replaces\nl:0\n\n";
    let Message::Request(request) = scan_datagram(&Bytes::from(message)).unwrap() else { panic!("a request") };
    assert_eq!(Message::Request(request.clone()).validate(), Ok(()));
    assert_eq!(request.headers.top_via().unwrap().transaction_branch(), Some("z9hG4bK1"));
    assert_eq!(request.headers.number(&HeaderName::SessionExpires), Ok(Some(1800)));
    assert!(request.headers.has_token(&HeaderName::Supported, "Replaces"));
}

#[test]
fn bytes_that_are_no_text_pass_through() {
    let mut message =
        b"INFO sip:202@example.com SIP/2.0\r\nSubject: caf\xe9\r\nFrom: \"caf\xe9\" <sip:201@h>;tag=1\r\n".to_vec();
    message.extend(
        text("", &["CSeq: 1 INFO", "Content-Length: 4"])
            .replace("\r\nFrom: <sip:201@example.com>;tag=1", "")
            .trim_start()
            .bytes(),
    );
    message.extend([0, 0xff, b'\r', b'\n']);
    let scanned = scan_datagram(&Bytes::from(message)).unwrap();
    assert_eq!(scanned.validate(), Ok(()));
    assert_eq!(scanned.headers().first(&HeaderName::Subject).unwrap()[..], b"caf\xe9"[..]);
    assert_eq!(scanned.headers().from().unwrap().name, "caf\u{fffd}");
    assert_eq!(scanned.body()[..], [0, 0xff, b'\r', b'\n']);
    assert!(scanned.to_bytes().windows(4).any(|window| window == b"caf\xe9"));
}

#[test]
fn unknown_methods_and_headers_are_kept() {
    let request =
        scanned("REBOOT sip:202@example.com SIP/2.0", &["CSeq: 7 REBOOT", "X-Grandstream: yes; a, b"]).unwrap();
    assert_eq!((request.method.as_str(), request.headers.cseq().unwrap().number), ("REBOOT", 7));
    let again = scan_datagram(&request.to_bytes()).unwrap();
    assert_eq!(again.headers().text(&HeaderName::other("x-grandstream")).as_deref(), Some("yes; a, b"));
    assert_eq!(scanned("Options sip:h SIP/2.0", &["CSeq: 1 Options"]).unwrap().method, Method::Other("Options".into()));
}

#[test]
fn the_version_is_read_in_any_case() {
    assert!(scanned("OPTIONS sip:h sip/2.0", &[]).is_ok());
    let response = text("sip/2.0 200 OK", &[]);
    assert!(matches!(scan_datagram(&Bytes::from(response)), Ok(Message::Response(_))));
}

#[test]
fn keep_alives_are_neither_messages_nor_faults() {
    for bytes in [&b""[..], b"\r\n", b"\r\n\r\n", b"\0", b"\0\0\0\0", b"    "] {
        assert!(is_keep_alive(bytes), "{bytes:?}");
    }
    assert!(!is_keep_alive(b"\r\nOPTIONS") && !is_keep_alive(&[0; 33]));
}
