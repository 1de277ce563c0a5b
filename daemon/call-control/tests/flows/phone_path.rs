//! Somebody between a phone and the box who reads calls: found by what passes anyway, told of that phone, healed where it can
//! be told what the phone meant; and all that looks like it and is not.

use centrale_call_control::view::{LineState, Severity};
use centrale_rtp::relay::Side;
use centrale_sip::flow::Transport;
use centrale_sip::message::Method;

use crate::bench::{Bench, Leg, Router, Ua};

const REWRITES: &str = "phone-path-rewrites";
const MAY_REWRITE: &str = "phone-path-may-rewrite";
const HEALED: &str = "phone-messages-healed";
const OUTSIDE: &str = "198.51.100.77";
/// A REGISTER is as long as a desk phone's: no answer to a stranger on the internet is longer than its question.
const LONG: &str = "A desk phone that names all its methods, events and packages, and its maker, its model and its version too: \
                    INVITE, INFO, PRACK, ACK, BYE, CANCEL, OPTIONS, NOTIFY, REGISTER, SUBSCRIBE, REFER, PUBLISH, UPDATE";

fn told(bench: &Bench) -> Vec<(String, String)> {
    let ours = |code: &str| [REWRITES, MAY_REWRITE, HEALED].contains(&code);
    bench.problems().into_iter().filter(|it| ours(&it.code)).map(|it| (it.code, it.subject)).collect()
}

fn is(code: &str, subject: &str) -> (String, String) {
    (code.to_owned(), subject.to_owned())
}

/// A switch that does this to what phones send.
fn switch(rewrite: impl Fn(&str) -> String + 'static) -> Option<Router> {
    Some(Box::new(move |text| Some(rewrite(text))))
}

/// Anna calls Bram and both hang up.
#[track_caller]
fn talk(bench: &mut Bench, anna: &Ua, bram: &Ua) {
    let (mut call, mut ring) = bench.connect(anna, "202", bram);
    call.hang_up(bench);
    ring.expect_bye(bench);
}

/// The line of a field changed.
fn in_field(text: &str, name: &str, from: &str, to: &str) -> String {
    let line = |line: &str| if line.starts_with(name) { line.replace(from, to) } else { line.to_owned() };
    text.split("\r\n").map(line).collect::<Vec<_>>().join("\r\n")
}

#[test]
fn a_switch_that_writes_into_a_phones_answers_is_proven_within_two_calls_and_forgiven_when_it_is_mended() {
    let mut bench = Bench::new();
    let (anna, bram) = (bench.phone("201"), bench.phone("202"));
    // The box's address in what Bram's phone gives back.
    bench.switch = switch(|text| {
        if text.starts_with("SIP/2.0 180") { in_field(text, "Via: ", "192.168.1.10", OUTSIDE) } else { text.to_owned() }
    });
    for _ in 0..2 {
        let mut call = anna.call(&mut bench, "202");
        let ring = bram.rung(&mut bench);
        ring.ring(&mut bench);
        call.expect(&mut bench, 180);
        ring.refuse(&mut bench, 486);
        call.expect(&mut bench, 486);
    }
    assert_eq!(told(&bench), [is(REWRITES, "202")], "of that phone and of nobody else's");
    let problem = bench.problems().into_iter().find(|problem| problem.code == REWRITES).unwrap();
    assert_eq!((problem.severity, problem.detail.as_str()), (Severity::Warning, "rewrites Via"));
    assert!(bench.exchange.counters().signs_of_rewriting_to_phones >= 2);
    assert_eq!(bench.exchange.counters().signs_of_rewriting, 0, "the provider's router is another matter");
    bench.switch = None;
    bench.seconds(25 * 3600);
    assert_eq!(told(&bench), [], "nothing of it was seen for a day");
    bench.over();
}

#[test]
fn a_second_router_that_leaves_half_of_the_address_behind_is_suspected_and_a_phone_that_moved_is_not() {
    let mut bench = Bench::new();
    let (anna, bram) = (Ua::new("201", Transport::Udp, "192.168.1.40:5060"), bench.phone("202"));
    // The phone is at 192.168.7.3 and says so in its Call-ID; everything else names the router.
    bench.switch = switch(|text| text.replace("@192.168.1.40\r\nCSeq", "@192.168.7.3\r\nCSeq"));
    let draft = anna.register_draft(&mut bench, 3600).set("Call-ID", "first@192.168.7.3");
    anna.ask_proven(&mut bench, &draft);
    for _ in 0..60 {
        let draft = anna.again(&mut bench, &draft).set("CSeq", format!("{} REGISTER", bench.serial() + 10));
        anna.ask_proven(&mut bench, &draft);
    }
    assert_eq!(told(&bench), [], "a registration goes on under the Call-ID that it began with");
    for _ in 0..3 {
        let draft = anna.invite_draft(&mut bench, "202");
        let call_id = draft.field("Call-ID").replace("192.168.1.40", "192.168.7.3");
        let mut call = anna.call_with(&mut bench, &draft.set("Call-ID", call_id));
        let ring = bram.rung(&mut bench);
        ring.refuse(&mut bench, 486);
        call.expect(&mut bench, 486);
    }
    assert_eq!(told(&bench), [is(MAY_REWRITE, "201")]);
    bench.seconds(25 * 3600);
    assert_eq!(told(&bench), []);
    bench.over();
}

#[test]
fn two_phones_that_were_given_one_address_are_told_and_an_address_that_changed_hands_is_not() {
    let mut bench = Bench::new();
    let place = |number: &str, port: u16| Ua::new(number, Transport::Udp, &format!("192.168.1.40:{port}"));
    let phones = [place("201", 5060), place("202", 1_024), place("203", 1_025)];
    let same = "192.168.1.40:5060";
    bench.switch =
        switch(move |text| in_field(&in_field(text, "Contact: ", ":1024", ":5060"), "Contact: ", ":1025", ":5060"));
    for phone in &phones {
        phone.register(&mut bench);
    }
    assert_eq!(told(&bench), [], "once may be chance");
    for phone in &phones {
        phone.register(&mut bench);
    }
    let told: Vec<_> = told(&bench).into_iter().map(|(code, _)| code).collect();
    assert!(!told.is_empty() && told.iter().all(|code| code == MAY_REWRITE), "{told:?}");
    let problem = bench.problems().into_iter().find(|problem| problem.code == MAY_REWRITE).unwrap();
    assert!(problem.detail.contains("gives two devices the same address"), "{problem:?} {same}");
    bench.over();

    let mut bench = Bench::new();
    for _ in 0..3 {
        for number in ["201", "202", "203"] {
            Ua::new(number, Transport::Udp, same).register(&mut bench);
        }
    }
    assert!(bench.problems().iter().all(|problem| problem.code != MAY_REWRITE), "{:?}", bench.problems());
    bench.over();
}

#[test]
fn a_wrong_content_length_is_put_right_and_the_call_is_set_up() {
    for wrong in ["Content-Length: 20", "Content-Length: 900"] {
        let mut bench = Bench::new();
        let (anna, bram) = (bench.phone("201"), bench.phone("202"));
        bench.switch = switch(move |text| {
            let length = text.lines().find(|line| line.starts_with("Content-Length: ") && *line != "Content-Length: 0");
            length.map_or_else(|| text.to_owned(), |length| text.replace(length, wrong))
        });
        talk(&mut bench, &anna, &bram);
        assert!(told(&bench).contains(&is(HEALED, "201")) && told(&bench).contains(&is(HEALED, "202")));
        talk(&mut bench, &anna, &bram);
        let problem = bench.problems().into_iter().find(|problem| problem.code == HEALED).unwrap();
        assert_eq!((problem.severity, problem.detail.as_str()), (Severity::Note, "changes Content-Length wrongly"));
        assert_eq!(bench.exchange.counters().messages_healed, 6, "two calls: INVITE, INVITE with proof, answer");
        assert!(told(&bench).contains(&is(MAY_REWRITE, "201")), "{:?}", bench.problems());
        bench.switch = None;
        bench.seconds(26 * 3600);
        assert_eq!(told(&bench), []);
        bench.over();
    }
}

#[test]
fn sound_that_a_switch_sends_to_the_internet_goes_to_the_phone() {
    let mut bench = Bench::new();
    let (anna, bram) = (bench.phone("201"), bench.phone("202"));
    bench.switch =
        switch(|text| {
            let changed = text.replace("IN IP4 192.168.1.101", "IN IP4 198.51.100.77");
            let body = changed.split_once("\r\n\r\n").map_or(0, |(_, body)| body.len());
            in_field(&changed, "Content-Length: ", "", "")
                .split("\r\n")
                .map(|line| {
                    if line.starts_with("Content-Length: ") {
                        format!("Content-Length: {body}")
                    } else {
                        line.to_owned()
                    }
                })
                .collect::<Vec<_>>()
                .join("\r\n")
        });
    let (mut call, mut ring): (Leg, Leg) = bench.connect(&anna, "202", &bram);
    assert_eq!(
        bench.media.leg(Side::Caller).remote.map(|remote| remote.ip().to_string()).as_deref(),
        Some("192.168.1.101")
    );
    assert_eq!(told(&bench), [is(HEALED, "201")]);
    call.hang_up(&mut bench);
    ring.expect_bye(&mut bench);
    bench.over();
}

#[test]
fn damage_on_the_way_to_a_phone_is_never_taken_for_an_attack_in_the_office_and_at_home() {
    for at in ["192.168.1.101:5060", "203.0.113.9:5060"] {
        let mut bench = Bench::new();
        let (anna, bram) = (Ua::new("201", Transport::Udp, at), bench.phone("202"));
        let register = anna.register_draft(&mut bench, 3600).with("User-Agent", LONG);
        assert!(anna.ask_proven(&mut bench, &register).status.is_success());
        for round in 0..100 {
            let draft = anna.invite_draft(&mut bench, "202");
            // Torn, without a CSeq, of a call that nobody knows, of another length than it says.
            let whole = draft.to_text();
            for torn in [
                whole[..whole.len() / 2].to_owned(),
                whole.replace("CSeq: 1 INVITE\r\n", ""),
                whole
                    .replace("INVITE sip", "BYE sip")
                    .replace("1 INVITE", "1 BYE")
                    .replace("02@192.168.1.10>\r\n", "02@192.168.1.10>;tag=gone\r\n"),
                whole.replace("Content-Length: ", "Content-Length: 9"),
            ] {
                bench.packet(Transport::Udp, anna.at, &torn);
            }
            if round % 10 == 9 {
                bench.seconds(60);
            }
            while bench.take_response(anna.at, |_| true).is_some() {}
        }
        assert!(bench.blocks.is_empty(), "{at}: {:?}", bench.blocks);
        assert!(!bench.has_problem("attempts-stopped", ""), "{at}: {:?}", bench.problems());
        let register = anna.register_draft(&mut bench, 3600).with("User-Agent", LONG);
        assert!(anna.ask_proven(&mut bench, &register).status.is_success());
        talk(&mut bench, &anna, &bram);
        assert_eq!(bench.lamp("201"), LineState::Idle);
    }
}

/// What a router makes of every address of the box that a phone writes, also of that in its proof.
fn writes_over_the_boxs_address(bench: &mut Bench) {
    bench.switch = switch(|text| text.replace("192.168.1.10\"", "198.51.100.77:5060\""));
}

#[test]
fn a_proof_whose_address_a_router_wrote_over_is_a_diagnosis_and_never_a_guess_in_the_office_and_at_home() {
    for at in ["192.168.1.101:5060", "203.0.113.9:5060"] {
        let mut bench = Bench::new();
        let (anna, bram) = (Ua::new("201", Transport::Udp, at), bench.phone("202"));
        writes_over_the_boxs_address(&mut bench);
        if !at.starts_with("192.168.") {
            bench.switch_reaches_home = true;
        }
        for _ in 0..20 {
            let register = anna.register_draft(&mut bench, 3600).with("User-Agent", LONG);
            let answer = anna.ask_proven(&mut bench, &register);
            assert!(answer.status.is_success(), "{at}: {}", answer.status.code());
        }
        assert_eq!((bench.counted("wrong_secret"), bench.counted("messages_healed")), (0, 20), "{at}");
        assert!(bench.blocks.is_empty() && !bench.has_problem("attempts-stopped", ""), "{at}: {:?}", bench.blocks);
        assert!(!bench.has_problem("phone-password-stale", "201"), "{at}");
        assert!(told(&bench).contains(&is(HEALED, "201")), "{at}: {:?}", bench.problems());
        assert!(told(&bench).contains(&is(REWRITES, "201")), "{at}: {:?}", bench.problems());
        drop(bram);
        bench.over();
    }
}

#[test]
fn who_guesses_gains_nothing_from_writing_another_address_into_the_proof() {
    let mut bench = Bench::new();
    writes_over_the_boxs_address(&mut bench);
    for guess in 0..10 {
        let usual = Ua::new("201", Transport::Udp, "192.168.1.66:5060");
        let guesser = Ua { password: format!("guess {guess}"), ..usual };
        let register = guesser.register_draft(&mut bench, 3600).with("User-Agent", LONG);
        let call_id = register.field("Call-ID").to_owned();
        guesser.send(&mut bench, &register);
        let challenge = bench.take_response(guesser.at, |response| response.headers.call_id() == Ok(&call_id));
        let Some(challenge) = challenge else { break };
        let proven = guesser.proven(&mut bench, &register, &challenge);
        guesser.send(&mut bench, &proven);
        while bench.take_response(guesser.at, |_| true).is_some() {}
    }
    assert_eq!((bench.counted("wrong_secret"), bench.blocks.len()), (3, 1));
}

#[test]
fn a_hold_that_vanishes_on_its_way_to_a_phone_that_is_there_is_suspected_and_a_phone_without_power_is_not() {
    for is_there in [true, false] {
        let mut bench = Bench::new();
        let (anna, bram) = (bench.phone("201"), bench.phone("202"));
        let (mut call, ring) = bench.connect(&anna, "202", &bram);
        bench.lost.insert(bram.at);
        let hold = call.sdp.then("sendonly");
        call.reinvite(&mut bench, Some(&hold));
        bench.seconds(20);
        if is_there {
            let draft = bram.draft(&mut bench, "OPTIONS", "sip:192.168.1.10", "<sip:192.168.1.10>");
            bram.send(&mut bench, &draft);
        }
        bench.seconds(20);
        let expected = if is_there { vec![is(MAY_REWRITE, "202")] } else { vec![] };
        assert_eq!(told(&bench), expected);
        drop(ring);
    }
}

#[test]
fn a_day_of_honest_phones_that_move_and_restart_accuses_nobody() {
    let mut bench = Bench::new();
    let bram = bench.phone("202");
    for hour in 0..24u16 {
        let at = if hour % 3 == 0 { "192.168.1.60" } else { "203.0.113.9" };
        // A NAT gives it another port each time, and it keeps its registration's Call-ID as it should.
        let anna = Ua::new("201", Transport::Udp, &format!("{at}:{}", 20_000 + hour));
        let register = anna
            .register_draft(&mut bench, 3600)
            .set("Call-ID", "of-its-restart@192.168.1.60")
            .with("User-Agent", LONG);
        anna.ask_proven(&mut bench, &register.set("CSeq", format!("{} REGISTER", 10 + 2 * hour)));
        talk(&mut bench, &anna, &bram);
        bench.seconds(3590);
        bram.register(&mut bench);
    }
    assert_eq!(told(&bench), []);
    assert_eq!(bench.exchange.counters().signs_of_rewriting_to_phones, 0);
    assert_eq!(bench.exchange.counters().messages_healed, 0);
    assert!(bench.take_request(bram.at, &Method::INVITE).is_none());
}
