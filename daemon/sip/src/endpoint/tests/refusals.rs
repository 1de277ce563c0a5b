//! What is done with messages that cannot be taken: RFC 4475's as a table, and the bounds on answering.

use super::*;

/// What the endpoint does with one message.
#[derive(Debug, PartialEq, Eq)]
enum Verdict {
    /// Shown to the user, who answers it.
    Shown,
    /// Refused with this status.
    Answered(u16),
    /// Not answered because the answer would be larger.
    TooShort,
    /// Counted and dropped.
    Dropped,
}

fn verdict(file: &str) -> (Verdict, u64) {
    let path = format!("{}/tests/rfc4475/{file}.dat", env!("CARGO_MANIFEST_DIR"));
    let bytes = Bytes::from(std::fs::read(path).unwrap());
    let mut lab = Lab::new();
    lab.endpoint.handle_packet(lab.now, flow(Transport::Udp), bytes);
    let shown = lab.endpoint.poll_event().filter(|event| !matches!(event, Event::Refused { .. }));
    // Its headers are the request's, so they may be as invalid as those.
    let answer = lab.endpoint.poll_transmit().map(|transmit| scan_datagram(&transmit.bytes).unwrap());
    let refused = lab.endpoint.counters().iter().filter(|(name, _)| name.starts_with("malformed")).count();
    let verdict = match (shown, answer) {
        (Some(_), _) => Verdict::Shown,
        (None, Some(Message::Response(response))) => Verdict::Answered(response.status.code()),
        (None, _) if lab.endpoint.counters().faults_too_small_to_answer == 1 => Verdict::TooShort,
        (None, _) => Verdict::Dropped,
    };
    (verdict, refused as u64)
}

#[test]
fn the_torture_messages_of_rfc_4475_meet_their_verdict_at_the_door() {
    use Verdict::{Answered, Dropped, Shown, TooShort};
    let table = [
        // 3.1.1: valid, however strange.
        ("wsinv", Shown),
        ("intmeth", Shown),
        ("esc01", Shown),
        ("escnull", Shown),
        ("esc02", Shown),
        ("lwsdisp", Shown),
        ("longreq", Shown),
        ("dblreq", Shown),
        ("semiuri", Shown),
        ("transports", Shown),
        ("mpart01", Shown),
        ("baddate", Shown), // RFC: 400 or look away; nothing here reads Date.
        // 3.1.1.12 and .13: responses to nothing of ours; valid, and matched by nobody.
        ("unreason", Dropped),
        ("noreason", Dropped),
        // 3.1.2: invalid requests.
        ("badinv01", Dropped), // RFC: 400; but its Via is what is broken, so there is no way back.
        ("clerr", Answered(400)),
        ("ncl", Answered(400)),
        ("scalar02", Answered(400)),
        ("quotbal", Answered(400)),
        ("ltgtruri", Answered(400)),
        ("lwsruri", Answered(400)),
        ("lwsstart", Answered(400)),
        ("trws", Answered(400)),
        ("badvers", TooShort),
        ("mismatch01", TooShort),
        ("mismatch02", Answered(400)),
        ("badaspec", Answered(400)),
        ("baddn", Answered(400)),
        ("regbadct", Answered(400)),
        // 3.2 and 3.3: a bare magic cookie is no branch, so this is matched as an old phone's.
        ("badbranch", Shown),
        ("insuf", Dropped), // RFC: 400; but there is neither From nor To to copy.
        ("mcl01", Answered(400)),
        ("multi01", Answered(400)),
        ("bcast", Dropped),
        // 3.1.2: invalid responses are dropped.
        ("scalarlg", Dropped),
        ("bigcode", Dropped),
        // 3.3: for the application.
        ("unkscm", Shown),
        ("novelsc", Shown),
        ("unksm2", Shown),
        ("bext01", Shown),
        ("invut", Shown),
        ("regaut01", Shown),
        ("zeromf", Shown),
        ("cparam01", Shown),
        ("cparam02", Shown),
        ("regescrt", Shown),
        ("sdp01", Shown),
        ("escruri", Shown),
        ("inv2543", Shown),
    ];
    let differing = table.into_iter().map(|(file, expected)| (file, expected, verdict(file).0));
    let differing: Vec<_> = differing.filter(|(_, expected, found)| expected != found).collect();
    assert_eq!(differing, [], "file, expected, found");
    for file in ["scalarlg", "bigcode", "clerr", "trws"] {
        assert_eq!(verdict(file).1, 1, "{file} is counted");
    }
}

const SHORT: &str = "OPTIONS sip:a@b SIP/2.0\r\nVia: SIP/2.0/UDP h;branch=z9hG4bK1\r\nf: <sip:a@b>;tag=1\r\nt: <sip:a@b>\r\n\
                     i: 1\r\nCSeq: 1 OPTIONS\r\nMax-Forwards: never\r\n\r\n";

#[test]
fn a_refusal_is_never_larger_than_what_it_answers() {
    let mut lab = Lab::new();
    lab.packet(flow(Transport::Udp), Bytes::from_static(SHORT.as_bytes()));
    assert_eq!(lab.take_log(), "0 !refused");
    assert_eq!(lab.endpoint.counters().faults_too_small_to_answer, 1);

    let padded = SHORT.replace("never", &"never ".repeat(40));
    lab.packet(flow(Transport::Udp), Bytes::from(padded.clone()));
    assert_eq!(lab.take_log(), "0 !refused | 0 >400");
    assert!(lab.sent.last().unwrap().bytes.len() <= padded.len());
    assert_eq!(lab.endpoint.counters().faults_answered, 1);
    assert_eq!(lab.endpoint.transactions(), (0, 0));
}

#[test]
fn neither_an_ack_nor_a_response_is_ever_refused_aloud() {
    let mut lab = Lab::new();
    let padding = "never ".repeat(60);
    let ack = SHORT.replace("OPTIONS", "ACK").replace("never", &padding);
    let response = SHORT
        .replace("OPTIONS sip:a@b SIP/2.0", "SIP/2.0 200 OK")
        .replace("CSeq: 1", "CSeq: x")
        .replace("never", &padding);
    lab.packet(flow(Transport::Udp), Bytes::from(ack));
    lab.packet(flow(Transport::Udp), Bytes::from(response));
    lab.packet(flow(Transport::Udp), Bytes::from_static(b"SIP/2.0 99 \xff\r\nVia: \x00\r\n"));
    lab.packet(
        flow(Transport::Udp),
        Bytes::from_static(b"\x16\x03\x01\x00\xa5\x01\x00\x00\xa1\x03\x03 not for this port"),
    );
    assert_eq!(lab.take_log(), "0 !refused | 0 !refused | 0 !refused | 0 !refused");
}

#[test]
fn keep_alives_are_no_faults() {
    let mut lab = Lab::new();
    for bytes in [&b"\r\n\r\n"[..], b"\0\0\0\0", b"", b"\r\n"] {
        lab.packet(flow(Transport::Udp), Bytes::copy_from_slice(bytes));
    }
    assert_eq!(lab.take_log(), "");
    assert_eq!(lab.endpoint.counters().keep_alives, 4);
}

#[test]
fn every_counter_has_a_name_of_its_own() {
    let mut lab = Lab::new();
    lab.packet(flow(Transport::Udp), Bytes::from_static(SHORT.as_bytes()));
    let counters: Vec<_> = lab.endpoint.counters().iter().collect();
    assert!(counters.contains(&("malformed-max-forwards", 1)));
    let mut names: Vec<_> = counters.iter().map(|(name, _)| *name).collect();
    names.sort_unstable();
    names.dedup();
    assert_eq!(names.len(), counters.len());
}

proptest::proptest! {
    #[test]
    fn whatever_comes_nothing_panics_and_no_refusal_grows(bytes in proptest::collection::vec(proptest::num::u8::ANY, 0..400)) {
        let mut lab = Lab::new();
        let length = bytes.len();
        lab.endpoint.handle_packet(lab.now, flow(Transport::Udp), Bytes::from(bytes));
        while let Some(transmit) = lab.endpoint.poll_transmit() {
            proptest::prop_assert!(transmit.bytes.len() <= length);
        }
    }

    #[test]
    fn a_valid_request_with_a_broken_place_does_not_panic_either(at in 0usize..200, byte in proptest::num::u8::ANY) {
        let mut lab = Lab::new();
        let mut bytes = SHORT.as_bytes().to_vec();
        let at = at % bytes.len();
        bytes[at] = byte;
        lab.endpoint.handle_packet(lab.now, flow(Transport::Udp), Bytes::from(bytes));
        lab.drain();
        lab.advance_to(100_000);
        proptest::prop_assert_eq!(lab.endpoint.transactions(), (0, 0));
    }
}
