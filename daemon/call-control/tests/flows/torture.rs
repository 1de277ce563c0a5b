//! The torture messages of RFC 4475 that are well-formed and still not to be obeyed, at the exchange: the table of the message
//! layer (`sip/tests/torture.rs`) says which those are and with what they are refused, and here they are.

use std::path::{Path, PathBuf};

use centrale_sip::auth::{Challenge, answer};
use centrale_sip::flow::Transport;
use centrale_sip::message::{HeaderName, Message, Response, scan_datagram};

use crate::bench::{Bench, Leg, Provider, Ua};

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../sip/tests")
}

/// The rows of the table that leave the verdict to the exchange: the file and the status.
fn left_to_the_exchange() -> Vec<(String, u16)> {
    let table = std::fs::read_to_string(folder().join("torture.rs")).unwrap();
    let row = |line: &str| {
        let (file, verdict) = line.trim().strip_prefix("(\"")?.split_once("\", Above(")?;
        Some((file.to_owned(), verdict.split_once(',')?.0.parse().unwrap()))
    };
    table.lines().filter_map(row).collect()
}

/// The message as the RFC has it; an INVITE is for somebody of this office, or nobody would get as far as its body.
fn text_of(file: &str) -> String {
    let text = std::fs::read_to_string(folder().join(format!("rfc4475/{file}.dat"))).unwrap();
    text.replacen("INVITE sip:user@example.com", "INVITE sip:202@192.168.1.10", 1)
}

fn field<'a>(text: &'a str, name: &str) -> &'a str {
    let line = text.lines().find_map(|line| line.strip_prefix(name));
    line.and_then(|rest| rest.strip_prefix(": ")).unwrap()
}

/// Sends a message by the transport that its Via names; the final response. Who says little over UDP says it again, as an unknown
/// address is answered with no more bytes than came from there.
#[track_caller]
fn ask(bench: &mut Bench, anna: &Ua, text: &str) -> Response {
    let mut tries = std::iter::repeat_n((), 5);
    let answer = tries.find_map(|()| {
        bench.packet(anna.transport, anna.at, text);
        bench.take_response(anna.at, |response| response.status.is_final())
    });
    answer.unwrap_or_else(|| bench.fail("no answer"))
}

/// The same request in a new transaction, with Anna's answer to a challenge.
fn proven(anna: &Ua, text: &str, challenge: &Response) -> String {
    let offered = challenge.headers.all(&HeaderName::WwwAuthenticate).map(|value| &value[..]);
    let challenge = Challenge::choose(offered).unwrap();
    let mut start = text.split(' ');
    let (method, uri) = (start.next().unwrap(), start.next().unwrap());
    let proof = answer(&challenge, (&anna.user, &anna.password), (method, uri), 1, "abcdef");
    let cseq = field(text, "CSeq");
    let number: u32 = cseq.split(' ').next().unwrap().parse().unwrap();
    let text =
        text.replacen(cseq, &format!("{} {method}", number + 1), 1).replacen("branch=z9hG4bK", "branch=z9hG4bKx", 1);
    text.replacen("\r\nCSeq", &format!("\r\nAuthorization: {proof}\r\nCSeq"), 1)
}

#[test]
fn every_message_that_is_left_to_the_exchange_is_refused_as_the_rfc_says_once_its_sender_is_known() {
    let rows = left_to_the_exchange();
    assert_eq!(rows.len(), 7);
    for (file, status) in rows {
        let (mut bench, text) = (Bench::new(), text_of(&file));
        let via = field(&text, "Via");
        let transports =
            [("SIP/2.0/UDP", Transport::Udp), ("SIP/2.0/TCP", Transport::Tcp), ("SIP/2.0/TLS", Transport::Tls)];
        let (_, transport) = transports.into_iter().find(|(name, _)| via.starts_with(name)).unwrap();
        let anna = Ua { transport, ..Ua::usual("201") };
        // Whoever proves nothing learns nothing, not even what is understood here.
        let challenge = ask(&mut bench, &anna, &text);
        assert_eq!(challenge.status.code(), 401, "{file}");
        if status == 401 {
            continue;
        }
        let refusal = ask(&mut bench, &anna, &proven(&anna, &text, &challenge));
        assert_eq!(refusal.status.code(), status, "{file}");
        let told = |name: &HeaderName| refusal.headers.text(name).unwrap_or_default().into_owned();
        match status {
            406 | 415 => assert_eq!(told(&HeaderName::Accept), "application/sdp", "{file}"),
            420 => assert_eq!(told(&HeaderName::Unsupported), "nothingSupportsThis, nothingSupportsThisEither"),
            _ => {}
        }
    }
}

/// What a request of a proven phone is answered with.
#[track_caller]
fn status_of(bench: &mut Bench, method: &str, uri: &str) -> u16 {
    let anna = Ua::usual("201");
    let draft = anna.draft(bench, method, uri, "<sip:201@192.168.1.10>");
    let draft = if method == "INVITE" { draft.sdp(&anna.sdp()) } else { draft };
    anna.ask_proven(bench, &draft).status.code()
}

#[test]
fn an_address_of_another_kind_is_nobodys_for_every_request_and_from_a_provider_too() {
    for method in ["OPTIONS", "REGISTER", "INVITE"] {
        for uri in ["soap.beep://192.0.2.103:3002", "isbn:2983792873", "urn:service:counseling", "mailto:201@office"] {
            assert_eq!(status_of(&mut Bench::new(), method, uri), 416, "{method} {uri}");
        }
    }
    assert_eq!(status_of(&mut Bench::new(), "OPTIONS", "urn:service:sos"), 200);
    assert_eq!(status_of(&mut Bench::new(), "INVITE", "sip:nobody@192.168.1.10"), 404);
    let mut bench = Bench::new();
    let provider = Provider::new(&mut bench);
    let mut invite = provider.invite_draft(&mut bench, "+31201234567", "+31201112223");
    invite.uri = "isbn:2983792873".into();
    let invite = invite.set("To", "<isbn:2983792873>");
    Leg::calling(&provider.ua, &mut bench, &invite).expect(&mut bench, 416);
}

#[test]
fn who_takes_no_description_is_not_called_and_who_takes_anything_is() {
    for (accept, is_taken) in [
        ("text/nobodyKnowsThis", false),
        ("application/dtmf-relay, text/plain", false),
        ("application/dtmf-relay, Application/SDP;level=1", true),
        ("application/*", true),
        ("*/*", true),
        ("", true),
    ] {
        let mut bench = Bench::new();
        let (anna, bram) = (bench.phone("201"), bench.phone("202"));
        let draft = anna.invite_draft(&mut bench, "202").with("Accept", accept);
        let mut call = anna.call_with(&mut bench, &draft);
        if is_taken {
            bram.rung(&mut bench);
        } else {
            call.expect(&mut bench, 406);
            bench.over();
        }
    }
}

#[test]
fn a_call_for_help_is_asked_for_none_of_it() {
    for file in ["sdp01", "invut"] {
        let mut bench = Bench::new();
        let provider = Provider::new(&mut bench);
        let anna = Ua::usual("201");
        let text = text_of(file).replacen("sip:202@192.168.1.10", "urn:service:sos", 1);
        assert!(matches!(scan_datagram(&text.clone().into()), Ok(Message::Request(_))));
        bench.packet(Transport::Udp, anna.at, &text.replacen("CSeq", "Require: nothingSupportsThis\r\nCSeq", 1));
        assert_eq!(provider.ua.rung(&mut bench).asked().uri.dialled().as_deref(), Some("112"), "{file}");
    }
}
