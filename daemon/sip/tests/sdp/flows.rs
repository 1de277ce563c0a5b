//! Whole conversations through the exchange: RFC 4317's examples, RFC 5359's hold, late offers, and parties that change.

use centrale_sip::sdp::{Anchor, AudioView, Direction, LocalDescription, Security, Session, check_answer};

use crate::{OURS, session};

/// What one party says: the m= and a= lines under a head of its own.
fn party(address: &str, lines: &[&str]) -> Session {
    let (origin, connection) = (format!("o=- 1 1 IN IP4 {address}"), format!("c=IN IP4 {address}"));
    let head = ["v=0", &origin, "s=-", &connection, "t=0 0"];
    session(&[&head, lines].concat())
}

/// Two legs of a call, and what was told to each.
struct Call {
    alice: LocalDescription,
    bob: LocalDescription,
}

/// Kind, port, formats and direction of every m= line, in short.
fn shape(session: &Session) -> Vec<String> {
    let line = |(index, media): (usize, &centrale_sip::sdp::Media)| {
        let view = AudioView::of(session).filter(|view| view.index == index && !view.refused);
        let direction = view.map_or_else(String::new, |view| format!(" {}", view.direction));
        format!("{} {} {}{direction}", media.kind, media.port, media.formats.join(" "))
    };
    session.media.iter().enumerate().map(line).collect()
}

impl Call {
    fn new() -> Self {
        Self { alice: LocalDescription::new(100), bob: LocalDescription::new(200) }
    }

    fn anchor(port: u16) -> Anchor {
        Anchor { address: OURS, audio_port: port, security: Security::Plain, direction: None }
    }

    /// Alice offers, Bob answers: what Bob was offered and what Alice was answered. Both must be proper.
    fn alice_offers(&mut self, offer: &Session, answer: &Session) -> (Session, Session) {
        let to_bob = self.bob.offer(offer, &Self::anchor(20_000)).expect("both sides have audio");
        assert_eq!(check_answer(&to_bob, answer), Ok(()), "the test's Bob answers properly");
        let to_alice = self.alice.answer(answer, offer, &Self::anchor(10_000)).expect("both sides have audio");
        assert_eq!(check_answer(offer, &to_alice), Ok(()));
        (to_bob, to_alice)
    }

    /// The other way round.
    fn bob_offers(&mut self, offer: &Session, answer: &Session) -> (Session, Session) {
        let to_alice = self.alice.offer(offer, &Self::anchor(10_000)).expect("both sides have audio");
        assert_eq!(check_answer(&to_alice, answer), Ok(()), "the test's Alice answers properly");
        let to_bob = self.bob.answer(answer, offer, &Self::anchor(20_000)).expect("both sides have audio");
        assert_eq!(check_answer(offer, &to_bob), Ok(()));
        (to_alice, to_bob)
    }
}

fn version(session: &Session) -> u64 {
    session.origin.version.parse().expect("our versions are numbers")
}

#[test]
fn audio_and_video_becomes_audio() {
    // RFC 4317 2.1
    let alice = party(
        "192.0.2.5",
        &[
            "m=audio 49170 RTP/AVP 0 8 97",
            "a=rtpmap:97 iLBC/8000",
            "m=video 51372 RTP/AVP 31 32",
            "a=rtpmap:31 H261/90000",
        ],
    );
    let bob = party("192.0.2.6", &["m=audio 49174 RTP/AVP 0"]);
    let (to_bob, to_alice) = Call::new().alice_offers(&alice, &bob);
    assert_eq!(shape(&to_bob), ["audio 20000 0 8 97 sendrecv"]);
    assert_eq!(to_bob.media[0].attributes("rtpmap").collect::<Vec<_>>(), ["97 iLBC/8000"]);
    assert_eq!(shape(&to_alice), ["audio 10000 0 sendrecv", "video 0 31 32"]);
}

#[test]
fn a_second_stream_that_is_added_later_is_refused() {
    // RFC 4317 3.1: Bob adds a stream for telephone events.
    let mut call = Call::new();
    let (alice, bob) =
        (party("192.0.2.5", &["m=audio 49170 RTP/AVP 0"]), party("192.0.2.6", &["m=audio 49172 RTP/AVP 0"]));
    call.alice_offers(&alice, &bob);
    let more = party(
        "192.0.2.6",
        &["m=audio 49172 RTP/AVP 0", "m=audio 49180 RTP/AVP 110", "a=rtpmap:110 telephone-event/8000", "a=sendonly"],
    );
    let (to_alice, to_bob) = call.bob_offers(&more, &alice);
    assert_eq!(shape(&to_alice), ["audio 10000 0 sendrecv"]);
    assert_eq!(shape(&to_bob), ["audio 20000 0 sendrecv", "audio 0 110"]);
}

#[test]
fn a_codec_changes_during_a_call() {
    // RFC 4317 2.2 and 3.2: the answer narrows the codecs, a later offer changes them.
    let mut call = Call::new();
    let alice = party("192.0.2.5", &["m=audio 49170 RTP/AVP 0 8 97", "a=rtpmap:97 iLBC/8000"]);
    let (_, to_alice) = call.alice_offers(&alice, &party("192.0.2.6", &["m=audio 49172 RTP/AVP 0 8"]));
    let bob = party("192.0.2.6", &["m=audio 49174 RTP/AVP 8", "a=ptime:30"]);
    let (again, _) = call.bob_offers(&bob, &party("192.0.2.5", &["m=audio 49170 RTP/AVP 8"]));
    assert_eq!(
        (version(&again) - version(&to_alice), again.origin.session_id.clone()),
        (1, to_alice.origin.session_id)
    );
    assert_eq!(again.media[0].attributes("ptime").collect::<Vec<_>>(), ["30"]);
}

#[test]
fn hold_and_resume_pass_through() {
    // RFC 5359 2.1
    let mut call = Call::new();
    let line = "m=audio 49170 RTP/AVP 0";
    let (alice, bob) = (party("192.0.2.5", &[line]), party("192.0.2.6", &[line]));
    let (to_bob, _) = call.alice_offers(&alice, &bob);

    let holds = party("192.0.2.6", &[line, "a=sendonly"]);
    let (held, to_holder) = call.bob_offers(&holds, &party("192.0.2.5", &[line, "a=recvonly"]));
    assert_eq!(AudioView::of(&held).map(|view| view.direction), Some(Direction::SendOnly));
    assert_eq!(AudioView::of(&to_holder).map(|view| view.direction), Some(Direction::RecvOnly));
    assert_eq!(version(&to_holder), version(&to_bob) + 1);

    let (resumed, to_holder) = call.bob_offers(&bob, &alice);
    assert_eq!(AudioView::of(&resumed).map(|view| view.direction), Some(Direction::SendRecv));
    assert_eq!(version(&to_holder), version(&to_bob) + 2);
}

#[test]
fn both_may_hold() {
    let mut call = Call::new();
    let line = "m=audio 49170 RTP/AVP 0";
    let (alice, bob) = (party("192.0.2.5", &[line]), party("192.0.2.6", &[line]));
    call.alice_offers(&alice, &bob);
    call.bob_offers(&party("192.0.2.6", &[line, "a=sendonly"]), &party("192.0.2.5", &[line, "a=recvonly"]));
    let inactive = party("192.0.2.5", &[line, "a=inactive"]);
    let (to_bob, to_alice) = call.alice_offers(&inactive, &party("192.0.2.6", &[line, "a=inactive"]));
    assert!(
        [to_bob, to_alice]
            .iter()
            .all(|told| shape(told) == ["audio 20000 0 inactive"] || shape(told) == ["audio 10000 0 inactive"])
    );
}

#[test]
fn hold_by_an_old_phone_is_told_in_the_new_words() {
    // RFC 3264 8.4: c=0.0.0.0. The other leg is told sendonly and an address of ours, never 0.0.0.0.
    let mut call = Call::new();
    let line = "m=audio 49170 RTP/AVP 0";
    let (alice, bob) = (party("192.0.2.5", &[line]), party("192.0.2.6", &[line]));
    call.alice_offers(&alice, &bob);
    let (held, to_holder) = call.bob_offers(&party("0.0.0.0", &[line]), &party("192.0.2.5", &[line, "a=recvonly"]));
    assert!(held.to_string().contains("c=IN IP4 192.168.1.10\r\n") && !held.to_string().contains("0.0.0.0"));
    assert_eq!(shape(&held), ["audio 10000 0 sendonly"]);
    assert_eq!(shape(&to_holder), ["audio 20000 0 recvonly"]);
}

#[test]
fn an_offer_in_the_answer_goes_the_other_way() {
    // RFC 3264 4, RFC 4317 4: INVITE without a description, the offer in the 200, the answer in the ACK.
    let mut call = Call::new();
    let bob = party("192.0.2.6", &["m=audio 49172 RTP/AVP 8 0", "m=video 49174 RTP/AVP 31"]);
    let (to_alice, to_bob) = call.bob_offers(&bob, &party("192.0.2.5", &["m=audio 49170 RTP/AVP 8"]));
    assert_eq!(shape(&to_alice), ["audio 10000 8 0 sendrecv"]);
    assert_eq!(shape(&to_bob), ["audio 20000 8 sendrecv", "video 0 31"]);
}

#[test]
fn a_refused_stream_is_refused_on_the_other_leg_too() {
    let mut call = Call::new();
    let alice = party("192.0.2.5", &["m=audio 49170 RTP/AVP 0"]);
    let (_, to_alice) = call.alice_offers(&alice, &party("192.0.2.6", &["m=audio 0 RTP/AVP 0"]));
    assert_eq!(shape(&to_alice), ["audio 0 0"]);
    assert!(AudioView::of(&to_alice).is_some_and(|view| view.refused && !view.is_usable()));
}

#[test]
fn a_fax_that_takes_the_audio_s_place_is_not_taken_up() {
    let mut call = Call::new();
    let alice = party("192.0.2.5", &["m=audio 49170 RTP/AVP 0"]);
    call.alice_offers(&alice, &party("192.0.2.6", &["m=audio 49172 RTP/AVP 0"]));
    let fax = party("192.0.2.6", &["m=audio 0 RTP/AVP 0", "m=image 4004 udptl t38"]);
    assert!(AudioView::of(&fax).is_some_and(|view| !view.is_usable()));
    let to_bob = call.bob.answer(&alice, &fax, &Call::anchor(20_000)).unwrap();
    assert_eq!(shape(&to_bob), ["audio 0 0", "image 0 t38"]);
}

#[test]
fn another_party_comes_into_a_leg_with_its_own_layout() {
    // After a transfer the leg to Alice keeps its m= lines, whatever the new party writes (RFC 3264 8).
    let mut call = Call::new();
    let alice = party("192.0.2.5", &["m=video 51372 RTP/AVP 31", "m=audio 49170 RTP/AVP 0"]);
    call.alice_offers(&alice, &party("192.0.2.6", &["m=audio 49172 RTP/AVP 0"]));
    let carol = party("192.0.2.7", &["m=audio 3000 RTP/AVP 8 0", "m=image 0 udptl t38"]);
    let to_alice = call.alice.offer(&carol, &Call::anchor(10_000)).unwrap();
    assert_eq!(shape(&to_alice), ["video 0 31", "audio 10000 8 0 sendrecv"]);
}

#[test]
fn a_refresh_changes_nothing() {
    let mut call = Call::new();
    let (alice, bob) =
        (party("192.0.2.5", &["m=audio 49170 RTP/AVP 0"]), party("192.0.2.6", &["m=audio 49172 RTP/AVP 0"]));
    let first = call.alice_offers(&alice, &bob);
    assert_eq!(call.alice_offers(&alice, &bob), first);
    assert_eq!((call.bob.last(), call.alice.last()), (Some(&first.0), Some(&first.1)));
}
