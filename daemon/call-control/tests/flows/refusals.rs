//! INVITEs that never become a call, each with the refusal that the RFC asks for.

use centrale_sip::flow::Transport;
use centrale_sip::message::HeaderName;

use crate::bench::{Bench, Draft};

#[test]
fn a_005_an_invite_that_cannot_be_served_is_refused_with_the_reason() {
    type Change = fn(Draft) -> Draft;
    let table: [(&str, Change, u16, HeaderName, &str); 9] = [
        ("no hop left", |draft| draft.set("Max-Forwards", "0"), 483, HeaderName::CSeq, "2 INVITE"),
        ("none for the next one", |draft| draft.set("Max-Forwards", "1"), 483, HeaderName::CSeq, "2 INVITE"),
        (
            "an extension",
            |draft| draft.with("Require", "timer, 100rel, nonsense"),
            420,
            HeaderName::Unsupported,
            "100rel, nonsense",
        ),
        (
            "no description",
            |draft| draft.body("text/plain", "hello".into()),
            415,
            HeaderName::Accept,
            "application/sdp",
        ),
        ("no session", |draft| draft.body("application/sdp", "v=1\r\n".into()), 400, HeaderName::CSeq, "2 INVITE"),
        ("no audio", |draft| draft.body("application/sdp", NO_AUDIO.into()), 488, HeaderName::CSeq, "2 INVITE"),
        ("no contact", |draft| draft.without("Contact"), 400, HeaderName::CSeq, "2 INVITE"),
        ("short timer", |draft| draft.with("Session-Expires", "10"), 422, HeaderName::MinSe, "90"),
        (
            "nobody",
            |draft| Draft { uri: format!("sip:{}", crate::bench::BOX), ..draft },
            404,
            HeaderName::CSeq,
            "2 INVITE",
        ),
    ];
    for (name, change, status, header, value) in table {
        let mut bench = Bench::new();
        let (anna, _bram) = (bench.phone("201"), bench.phone("202"));
        let draft = change(anna.invite_draft(&mut bench, "202"));
        let mut call = anna.call_with(&mut bench, &draft);
        let refused = call.expect(&mut bench, status);
        assert_eq!(refused.headers.text(&header).as_deref(), Some(value), "{name}");
        bench.over();
    }
}

const NO_AUDIO: &str =
    "v=0\r\no=- 1 1 IN IP4 192.168.1.101\r\ns=-\r\nc=IN IP4 192.168.1.101\r\nt=0 0\r\nm=video 4000 RTP/AVP 96\r\n";

#[test]
fn a_description_among_other_things_in_the_body_is_found() {
    let mut bench = Bench::new();
    let (anna, bram) = (bench.phone("201"), bench.phone("202"));
    let parts = format!(
        "--b1\r\nContent-Type: application/pidf+xml\r\n\r\n<presence/>\r\n--b1\r\nContent-Type: application/sdp\r\n\r\n{}\r\n--b1--\r\n",
        anna.sdp()
    );
    let draft = anna.invite_draft(&mut bench, "202").body("multipart/mixed; boundary=\"b1\"", parts);
    let mut call = anna.call_with(&mut bench, &draft);
    let mut ring = bram.rung(&mut bench);
    ring.pick_up(&mut bench);
    call.expect(&mut bench, 200);
    call.ack(&mut bench);
    let remote = bench.media.leg(centrale_rtp::relay::Side::Caller).remote;
    assert_eq!(remote, Some((anna.at.ip(), anna.sdp().port).into()));
    call.hang_up(&mut bench);
    ring.expect_bye(&mut bench);
    bench.over();
}

#[test]
fn methods_outside_of_calls_that_are_not_spoken_are_refused() {
    let mut bench = Bench::new();
    let anna = bench.phone("201");
    for (method, status) in [("PUBLISH", 489), ("MESSAGE", 405), ("BYE", 481), ("NOTIFY", 481), ("FROB", 405)] {
        let uri = format!("sip:202@{}", crate::bench::BOX);
        let draft = anna.draft(&mut bench, method, &uri, &format!("<{uri}>"));
        assert_eq!(anna.ask(&mut bench, &draft).status.code(), status, "{method}");
    }
    bench.over();
}

#[test]
fn what_is_malformed_is_counted_where_everybody_can_read_it() {
    let mut bench = Bench::new();
    let from = "192.168.1.101:5060".parse().unwrap();
    bench.packet(Transport::Udp, from, "INVITE sip:202@192.168.1.2 SIP/2.0\r\nVia: x\r\n\r\n");
    let counted: Vec<_> = bench.exchange.counted().filter(|(name, ..)| name.starts_with("malformed-")).collect();
    assert!(matches!(counted[..], [(_, 1, help)] if !help.is_empty()), "{counted:?}");
    assert!(bench.exchange.counted().any(|(name, ..)| name == "calls"));
}
