//! Who may register, and what a binding is worth.

use centrale_call_control::view::LineState;
use centrale_sip::message::HeaderName;

use crate::bench::{BOX, Bench, OfficeText, Ua};

#[test]
fn a_phone_is_challenged_and_then_taken_with_the_lifetime_it_asked_for() {
    let mut bench = Bench::new();
    let anna = Ua::usual("201");
    let draft = anna.register_draft(&mut bench, 600);
    let challenge = anna.ask(&mut bench, &draft);
    assert_eq!(challenge.status.code(), 401);
    let offered: Vec<_> = challenge.headers.items(&HeaderName::WwwAuthenticate);
    assert!(offered.iter().any(|item| item.contains("SHA-256")), "{offered:?}");
    assert_eq!(bench.lamp("201"), LineState::Offline);

    let proven = anna.proven(&mut bench, &draft, &challenge);
    let taken = anna.ask(&mut bench, &proven);
    assert_eq!(taken.status.code(), 200);
    let contact = taken.headers.text(&HeaderName::Contact).unwrap().into_owned();
    assert_eq!(contact, format!("{};expires=600", anna.contact()));
    assert_eq!(bench.lamp("201"), LineState::Idle);

    bench.seconds(601);
    assert_eq!(bench.lamp("201"), LineState::Offline, "what is not refreshed is forgotten");
}

#[test]
fn what_is_no_proof_is_challenged_again_and_registers_nobody() {
    let wrong_secret = Ua { password: "guess".into(), ..Ua::usual("201") };
    let unknown_user = Ua { user: "299".into(), ..Ua::usual("201") };
    for ua in [wrong_secret, unknown_user] {
        let mut bench = Bench::new();
        let draft = ua.register_draft(&mut bench, 600);
        let refused = ua.ask_proven(&mut bench, &draft);
        assert_eq!(refused.status.code(), 401, "{}", ua.user);
        assert!(!refused.headers.items(&HeaderName::WwwAuthenticate).join(" ").contains("stale"));
        assert_eq!(bench.lamp("201"), LineState::Offline);
    }
}

#[test]
fn a_phone_with_an_old_password_becomes_a_problem_until_it_registers() {
    let mut bench = Bench::new();
    let stale = Ua { password: "of last year".into(), ..Ua::usual("201") };
    let draft = stale.register_draft(&mut bench, 600);
    stale.ask_proven(&mut bench, &draft);
    assert!(bench.has_problem("phone-password-stale", "201"));
    bench.phone("201");
    assert!(!bench.has_problem("phone-password-stale", "201"));
}

#[test]
fn an_old_nonce_is_told_to_be_stale_so_that_the_phone_does_not_ask_its_user() {
    let mut bench = Bench::new();
    let anna = Ua::usual("201");
    let draft = anna.register_draft(&mut bench, 600);
    let challenge = anna.ask(&mut bench, &draft);
    bench.seconds(400);
    let late = anna.proven(&mut bench, &draft, &challenge);
    let again = anna.ask(&mut bench, &late);
    assert_eq!(again.status.code(), 401);
    assert!(again.headers.items(&HeaderName::WwwAuthenticate).join(" ").contains("stale=true"));
    let fresh = anna.proven(&mut bench, &late, &again);
    assert_eq!(anna.ask(&mut bench, &fresh).status.code(), 200);
}

#[test]
fn nobody_registers_for_another_number() {
    let mut bench = Bench::new();
    let anna = Ua::usual("201");
    let draft = anna.register_draft(&mut bench, 600).set("To", format!("<sip:202@{BOX}>"));
    assert_eq!(anna.ask_proven(&mut bench, &draft).status.code(), 403);
    assert_eq!(bench.lamp("202"), LineState::Offline);
    assert_eq!(bench.exchange.counters().not_theirs, 1);
}

#[test]
fn too_short_a_lifetime_is_told_the_shortest() {
    let mut bench = Bench::new();
    let anna = Ua::usual("201");
    let draft = anna.register_draft(&mut bench, 10);
    let refused = anna.ask_proven(&mut bench, &draft);
    assert_eq!(refused.status.code(), 423);
    assert_eq!(refused.headers.number(&HeaderName::MinExpires), Ok(Some(60)));
}

#[test]
fn a_phone_that_signs_off_no_longer_rings() {
    let mut bench = Bench::new();
    let (anna, bram) = (bench.phone("201"), bench.phone("202"));
    let draft = bram.register_draft(&mut bench, 0);
    assert_eq!(bram.ask_proven(&mut bench, &draft).status.code(), 200);
    assert_eq!(bench.lamp("202"), LineState::Offline);
    let mut call = anna.call(&mut bench, "202");
    call.expect(&mut bench, 480);
}

#[test]
fn a_136_a_binding_dies_with_the_person_it_was_of() {
    let mut bench = Bench::new();
    let (anna, _bram) = (bench.phone("201"), bench.phone("202"));
    let without_bram = OfficeText::without_trunks().replace("\"201\", \"202\"", "\"201\"");
    let (before, after) = without_bram.split_once("[[person]]\nnumber = \"202\"").unwrap();
    let (_, after) = after.split_once("[[person]]").unwrap();
    bench.settle(&format!("{before}[[person]]{after}"));
    let mut call = anna.call(&mut bench, "202");
    call.expect(&mut bench, 404);
    bench.quiet();
}

#[test]
fn a_binding_dies_with_the_password_it_was_proven_with() {
    let mut bench = Bench::new();
    let (anna, _stolen) = (bench.phone("201"), bench.phone("202"));
    bench.settle(&OfficeText::without_trunks().replace("bram-secret-202", "another-secret"));
    assert_eq!(bench.lamp("202"), LineState::Offline);
    assert_eq!(bench.lamp("201"), LineState::Idle);
    let mut call = anna.call(&mut bench, "202");
    call.expect(&mut bench, 480);
    bench.quiet();
}

#[test]
fn a_question_whether_we_are_there_is_answered_for_those_who_belong_here() {
    let mut bench = Bench::new();
    let anna = bench.phone("201");
    let to = format!("<sip:{BOX}>");
    let draft = anna.draft(&mut bench, "OPTIONS", &format!("sip:{BOX}"), &to);
    let response = anna.ask(&mut bench, &draft);
    assert_eq!(response.status.code(), 200);
    assert!(response.headers.has_token(&HeaderName::Allow, "INVITE"));
    let stranger = Ua { at: "192.168.1.99:5060".parse().unwrap(), ..anna };
    let draft = stranger.draft(&mut bench, "OPTIONS", &format!("sip:{BOX}"), &to);
    assert_eq!(stranger.ask(&mut bench, &draft).status.code(), 401);
}
