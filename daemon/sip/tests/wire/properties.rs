//! What holds for every message: nothing panics, what is written is read back, and what is relayed keeps its meaning.

use bytes::Bytes;
use centrale_sip::message::{
    HeaderName, Host, Message, Method, NameAddr, Params, Request, SipUri, StreamFramer, Uri, Via, scan_datagram,
    scan_framed,
};
use proptest::prelude::*;
use proptest::test_runner::RngSeed;

/// The same cases in every run; the fuzz targets look further.
fn fixed() -> ProptestConfig {
    ProptestConfig { rng_seed: RngSeed::Fixed(3261), failure_persistence: None, ..ProptestConfig::default() }
}

const PARAMS: &str = "(;[a-z+.]{1,4}( ?= ?([A-Za-z0-9=\\[\\]:/]{0,6}|\"([ -!#-\\[\\]-~]|\\\\[ -~]){0,6}\"))?){0,3}";

/// Text that is a URI or nearly one.
fn uri() -> impl Strategy<Value = String> {
    let host = "([a-z0-9.-]{1,8}|\\[[0-9a-f:.]{2,12}\\]|[0-9.]{7,9})(:[0-9]{1,5})?";
    let params = "(;[a-z%$&]{1,4}(=[a-z0-9:=.\\[\\]]{0,5})?){0,3}";
    let sip = format!("(sips?|SIP):([a-zA-Z0-9.;?/%=#*+-]{{1,8}}(:[a-z]{{0,3}})?@)?{host}{params}(\\?[a-z=%]{{0,6}})?");
    prop_oneof![4 => proptest::string::string_regex(&sip).expect("a regular expression"), 1 => "tel:[+0-9*#().a-f-]{1,12}(;[a-z-]{1,5}=[a-z.]{0,5}){0,2}", 1 => "[a-z.+]{1,5}:[!-~]{1,12}", 1 => "\\PC{0,12}"]
}

/// Text that is an address with name and parameters, or nearly one.
fn address() -> impl Strategy<Value = String> {
    let name = prop_oneof!["", "\"([^\"\\\\\r\n]|\\\\[^\r\n]){0,8}\" ?", "[A-Za-z .(),]{0,9}", "\\PC{0,6}"];
    prop_oneof![
        (name, uri(), PARAMS).prop_map(|(name, uri, params)| format!("{name}<{uri}>{params}")),
        (uri(), PARAMS).prop_map(|(uri, params)| format!("{uri}{params}")),
    ]
}

fn via() -> impl Strategy<Value = String> {
    (
        r"SIP ?/ ?[127]\.0 ?/ ?(UDP|TCP|TLS|[a-z]{1,3})",
        r" {1,2}([a-z0-9.-]{1,9}|\[[0-9a-f:]{2,9}\])( ?: ?[0-9]{1,5})?",
        PARAMS,
    )
        .prop_map(|(protocol, host, params)| format!("{protocol}{host}{params}"))
}

/// A message that is right but for what its values hold: a valid one with some fields changed or added.
fn message() -> impl Strategy<Value = Vec<u8>> {
    let start = prop_oneof![uri().prop_map(|uri| format!("INVITE {uri} SIP/2.0")), "SIP/2\\.0 [1-6][0-9]{2} \\PC{0,9}"];
    let named = |name: &'static str| move |value: String| format!("{name}: {value}");
    let mandatory = (
        prop_oneof![Just("Via: SIP/2.0/UDP h;branch=z9hG4bK1".to_owned()), via().prop_map(named("Via"))],
        prop_oneof![2 => Just("From: <sip:a@h>;tag=1".to_owned()), 1 => address().prop_map(named("From"))],
        prop_oneof![2 => Just("t: sip:b@h".to_owned()), 1 => address().prop_map(named("To"))],
        prop_oneof![2 => Just("CSeq: 1 INVITE".to_owned()), 1 => "CSeq: [0-9]{1,11} +INVITE"],
        "(i|Call-ID): [!-~]{1,9}",
    );
    let field = prop_oneof![
        via().prop_map(named("v")),
        address().prop_map(named("Route")),
        address().prop_map(named("m")),
        "(Expires|Max-Forwards|Content-Length|l): [0-9]{0,2}",
        "[A-Za-z-]{1,8} ?:[^\r\n]{0,9}(\r\n [^\r\n]{0,5}){0,2}",
    ];
    let body = prop::collection::vec(any::<u8>(), 0..20);
    (start, mandatory, prop::collection::vec(field, 0..4), body).prop_map(|(start, (a, b, c, d, e), fields, body)| {
        let head = [vec![start, a, b, c, d, e], fields].concat().join("\r\n");
        [head.as_bytes(), b"\r\n\r\n", &body].concat()
    })
}

/// Every typed reading there is. Its only promise is to come back.
fn read_everything(message: &Message) {
    let headers = message.headers();
    let _ = (message.validate(), headers.top_via(), headers.vias(), headers.from(), headers.to(), headers.cseq());
    let _ = (headers.call_id(), headers.is_wildcard_contact(), headers.has_token(&HeaderName::Supported, "timer"));
    for (name, _) in headers.iter() {
        let _ = (headers.addresses(name), headers.number(name), headers.items(name), headers.text(name));
    }
    if let Message::Request(request) = message {
        let _ = (request.uri.dialled(), request.tagged_response(centrale_sip::message::Status::OK, "x").to_bytes());
    }
}

/// Header fields but Content-Length, which is written anew.
fn fields(message: &Message) -> Vec<(&HeaderName, &Bytes)> {
    message.headers().iter().filter(|(name, _)| **name != HeaderName::ContentLength).collect()
}

proptest! {
    #![proptest_config(fixed())]

    #[test]
    fn a_uri_is_read_back(text in uri()) {
        if let Some(mut uri) = Uri::parse(&text) {
            if let Uri::Sip(sip) = &mut uri {
                sip.has_password = false;
            }
            prop_assert_eq!(Uri::parse(&uri.to_string()), Some(uri));
        }
    }

    #[test]
    fn an_address_is_read_as_the_standard_library_reads_it(text in "[0-9]{1,3}(\\.[0-2]?[0-9]{0,2}){2,4}") {
        let ip = Host::parse(&text).and_then(|host| host.ip());
        prop_assert_eq!(ip, text.parse::<std::net::Ipv4Addr>().ok().map(Into::into));
    }

    #[test]
    fn who_is_called_is_read_out_of_to_alone_as_out_of_the_whole_address(text in address()) {
        let mut headers = centrale_sip::message::Headers::default();
        headers.push(HeaderName::To, text.clone());
        if let Ok(to) = headers.to() {
            prop_assert_eq!(headers.dialled(&HeaderName::To), to.uri.dialled());
        }
    }

    #[test]
    fn a_tag_that_is_read_alone_is_the_one_that_is_read_with_its_address(text in address()) {
        let mut request = Request::new(Method::OPTIONS, Uri::parse("sip:h").unwrap());
        request.headers.push(HeaderName::From, text.clone());
        if let Ok(from) = request.headers.from() {
            let alone = request.headers.from_tag();
            prop_assert_eq!(alone.as_deref(), from.tag(), "{}", text);
        }
    }

    #[test]
    fn an_address_is_read_back(text in address()) {
        if let Some(mut address) = NameAddr::parse(&text) {
            if let Uri::Sip(sip) = &mut address.uri {
                sip.has_password = false;
            }
            prop_assert_eq!(NameAddr::parse(&address.to_string()), Some(address));
        }
    }

    #[test]
    fn a_via_is_read_back(text in via()) {
        if let Some(via) = Via::parse(&text) {
            prop_assert_eq!(Via::parse(&via.to_string()), Some(via));
        }
    }

    #[test]
    fn parameters_that_we_set_are_read_back(values in prop::collection::vec(prop::option::of("[^\r\n]{0,9}"), 0..5)) {
        let mut params = Params::default();
        for (index, value) in values.iter().enumerate() {
            params.set(&format!("p{index}"), value.as_deref());
        }
        let mut written = String::new();
        params.write(&mut written);
        prop_assert_eq!(Params::parse(&written), Some(params));
    }

    #[test]
    fn a_user_part_of_ours_is_read_back(user in "[^%]{1,12}", name in "[^\\p{Cc}]{0,12}") {
        let address = NameAddr::new(SipUri::new(Some(&user), Host::Name("h".into()), None)).named(&name);
        let read = NameAddr::parse(&address.to_string()).expect("what we write is an address");
        let dialled = read.uri.dialled();
        prop_assert_eq!(dialled.as_deref(), Some(user.as_str()));
        prop_assert_eq!(read.name, name);
    }

    #[test]
    fn a_message_means_the_same_after_it_is_written(bytes in message()) {
        let Ok(read) = scan_datagram(&bytes.into()) else { return Ok(()) };
        read_everything(&read);
        let password = matches!(&read, Message::Request(Request { uri: Uri::Sip(uri), .. }) if uri.has_password);
        let again = scan_datagram(&read.to_bytes()).expect("what we write is a message");
        prop_assert_eq!(fields(&again), fields(&read));
        prop_assert_eq!(again.body(), read.body());
        if let (Message::Request(again), Message::Request(read), false) = (&again, &read, password) {
            prop_assert_eq!((&again.method, &again.uri), (&read.method, &read.uri));
        }
    }

    #[test]
    fn any_bytes_are_read_or_refused(bytes in prop::collection::vec(any::<u8>(), 0..200), head in message()) {
        let mixed = [&head[..head.len() / 2], &bytes, &head[head.len() / 2..]].concat();
        for input in [bytes, mixed] {
            if let Ok(message) = scan_datagram(&input.into()) {
                read_everything(&message);
            }
        }
    }

    #[test]
    fn a_stream_gives_the_same_frames_however_it_is_cut(
        messages in prop::collection::vec(message(), 1..4),
        noise in prop::collection::vec(any::<u8>(), 0..20),
        size in 1usize..50,
    ) {
        let stream = [messages.concat(), noise].concat();
        let cut = |size: usize| {
            let (mut framer, mut frames) = (StreamFramer::default(), Vec::new());
            for piece in stream.chunks(size) {
                framer.push(piece);
                loop {
                    match framer.next_frame() {
                        Ok(Some(frame)) => frames.push(frame),
                        Ok(None) => break,
                        Err(fault) => return (frames, Some(fault)),
                    }
                }
            }
            (frames, None)
        };
        let whole = cut(stream.len());
        prop_assert_eq!(&cut(size), &whole);
        for frame in whole.0 {
            if let centrale_sip::message::Frame::Message(bytes) = frame
                && let Ok(message) = scan_framed(&bytes)
            {
                read_everything(&message);
            }
        }
    }
}
