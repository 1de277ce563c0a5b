//! A phone is told to fetch its settings: along its registration, never in the middle of a call, and with an outcome.

use std::sync::Arc;

use centrale_call_control::{Command, Input, ResyncOutcome, Told};
use centrale_config::{Credential, Mac, Secret, Settled};
use centrale_sip::flow::Transport;
use centrale_sip::message::{HeaderName, Method, Request};

use crate::bench::{Bench, OFFICE, OfficeText, Ua};

const DEVICE: Mac = Mac::from_octets([0, 4, 0x13, 0xaa, 0xbb, 0xcc]);

/// The office with a desk phone for 202 that the box set up, and that phone, registered.
fn office_with_desk_phone() -> (Bench, Ua) {
    let mut bench = Bench::new();
    hand_to(&mut bench, "202");
    let at = "192.168.1.152:5060".parse().unwrap();
    let phone = Ua { at, transport: Transport::Udp, user: format!("202-{DEVICE}"), password: "secret for 202".into() };
    phone.register(&mut bench);
    (bench, phone)
}

/// The desk phone becomes somebody's, under a password of their own.
fn hand_to(bench: &mut Bench, number: &str) {
    let desk = Credential {
        username: format!("{number}-{DEVICE}"),
        number: number.parse().unwrap(),
        secret: Secret::new(format!("secret for {number}")),
        device: Some(DEVICE),
    };
    let office = OfficeText::read(OFFICE).office;
    bench.input(Input::Settled(Arc::new(Settled::new(2, office, vec![desk]))));
}

fn resync(bench: &mut Bench) {
    bench.command(Command::Resync { device: DEVICE });
}

/// What was told of the device since the last look.
fn outcomes(bench: &mut Bench) -> Vec<ResyncOutcome> {
    let told = std::mem::take(&mut bench.told).into_iter();
    told.filter_map(|told| match told {
        Told::Resynced { device, outcome } if device == DEVICE => Some(outcome),
        _ => None,
    })
    .collect()
}

#[track_caller]
fn check_sync(bench: &mut Bench, phone: &Ua) -> Request {
    let notify = bench.take_request(phone.at, &Method::NOTIFY);
    let notify = notify.unwrap_or_else(|| bench.fail("the phone was not told"));
    assert_eq!(notify.headers.text(&HeaderName::Event).as_deref(), Some("check-sync;reboot=false"));
    assert!(notify.headers.first(&HeaderName::Contact).is_some(), "RFC 6665 8.2.1");
    notify
}

#[test]
fn the_phones_answer_is_the_outcome() {
    for (status, outcome) in [
        (200, ResyncOutcome::Accepted),
        (202, ResyncOutcome::Accepted),
        (401, ResyncOutcome::Refused(401)),
        (489, ResyncOutcome::Refused(489)),
    ] {
        let (mut bench, phone) = office_with_desk_phone();
        resync(&mut bench);
        let notify = check_sync(&mut bench, &phone);
        assert_eq!(outcomes(&mut bench), [], "nothing is claimed before the phone answers");
        let answer = phone.response_text(&notify, status, Some("phone"), "", "");
        bench.packet(phone.transport, phone.at, &answer);
        assert_eq!(outcomes(&mut bench), [outcome]);
        bench.over();
    }
}

#[test]
fn a_phone_that_is_away_or_says_nothing_is_unreachable() {
    let (mut bench, phone) = office_with_desk_phone();
    resync(&mut bench);
    check_sync(&mut bench, &phone);
    bench.seconds(31);
    assert_eq!(outcomes(&mut bench), []);
    bench.seconds(2);
    assert_eq!(outcomes(&mut bench), [ResyncOutcome::Unreachable]);
    let away = phone.register_draft(&mut bench, 0);
    phone.ask_proven(&mut bench, &away);
    resync(&mut bench);
    assert_eq!(outcomes(&mut bench), [ResyncOutcome::Unreachable]);
    bench.over();
}

#[test]
fn a_phone_in_a_call_is_told_when_it_has_hung_up_and_once() {
    let (mut bench, phone) = office_with_desk_phone();
    let anna = bench.phone("201");
    let mut call = anna.call(&mut bench, "202");
    let mut at_desk = phone.rung(&mut bench);
    resync(&mut bench);
    assert_eq!(outcomes(&mut bench), [ResyncOutcome::Deferred], "it rings");
    at_desk.pick_up(&mut bench);
    call.expect(&mut bench, 200);
    call.ack(&mut bench);
    resync(&mut bench);
    bench.seconds(60);
    bench.quiet();
    assert_eq!(outcomes(&mut bench), [], "it was already said to be deferred");
    call.hang_up(&mut bench);
    at_desk.expect_bye(&mut bench);
    let notify = check_sync(&mut bench, &phone);
    let answer = phone.response_text(&notify, 200, Some("phone"), "", "");
    bench.packet(phone.transport, phone.at, &answer);
    assert_eq!(outcomes(&mut bench), [ResyncOutcome::Accepted]);
    bench.over();
}

#[test]
fn another_phone_of_the_same_person_in_a_call_defers_nothing() {
    let (mut bench, phone) = office_with_desk_phone();
    let (anna, softphone) = (bench.phone("201"), bench.phone("202"));
    let (mut call, mut at_anna) = bench.connect(&softphone, "201", &anna);
    resync(&mut bench);
    let notify = check_sync(&mut bench, &phone);
    let answer = phone.response_text(&notify, 200, Some("phone"), "", "");
    bench.packet(phone.transport, phone.at, &answer);
    assert_eq!(outcomes(&mut bench), [ResyncOutcome::Accepted]);
    call.hang_up(&mut bench);
    at_anna.expect_bye(&mut bench);
    bench.over();
}

#[test]
fn a_phone_whose_settings_change_twice_is_told_twice_and_only_its_last_word_counts() {
    let (mut bench, phone) = office_with_desk_phone();
    resync(&mut bench);
    let first = check_sync(&mut bench, &phone);
    resync(&mut bench);
    let second = check_sync(&mut bench, &phone);
    let answer = phone.response_text(&first, 200, Some("phone"), "", "");
    bench.packet(phone.transport, phone.at, &answer);
    assert_eq!(outcomes(&mut bench), []);
    let answer = phone.response_text(&second, 500, Some("phone"), "", "");
    bench.packet(phone.transport, phone.at, &answer);
    assert_eq!(outcomes(&mut bench), [ResyncOutcome::Refused(500)]);
    bench.over();
}

#[test]
fn a_phone_that_goes_to_somebody_else_during_its_call_is_told_when_it_has_hung_up() {
    let (mut bench, phone) = office_with_desk_phone();
    let anna = bench.phone("201");
    let (mut call, mut at_anna) = bench.connect(&phone, "201", &anna);
    resync(&mut bench);
    assert_eq!(outcomes(&mut bench), [ResyncOutcome::Deferred]);
    hand_to(&mut bench, "203");
    bench.seconds(60);
    bench.quiet();
    assert_eq!(outcomes(&mut bench), [], "its call goes on, and nobody disturbs it");
    call.hang_up(&mut bench);
    at_anna.expect_bye(&mut bench);
    let notify = check_sync(&mut bench, &phone);
    let answer = phone.response_text(&notify, 200, Some("phone"), "", "");
    bench.packet(phone.transport, phone.at, &answer);
    assert_eq!(outcomes(&mut bench), [ResyncOutcome::Accepted]);
    bench.over();
}

#[test]
fn a_phone_that_did_not_hear_of_its_new_password_is_told_again_where_it_was() {
    let (mut bench, phone) = office_with_desk_phone();
    hand_to(&mut bench, "203");
    resync(&mut bench);
    check_sync(&mut bench, &phone);
    bench.seconds(33);
    assert_eq!(outcomes(&mut bench), [ResyncOutcome::Unreachable]);
    resync(&mut bench);
    check_sync(&mut bench, &phone);
    bench.over();
}

#[test]
fn a_phone_with_an_old_password_is_told_where_it_asks_to_register_also_after_a_restart_of_the_box() {
    for at in ["192.168.1.152:5060", "192.168.1.153:5062"] {
        let mut bench = Bench::new();
        hand_to(&mut bench, "202");
        let (at, user) = (at.parse().unwrap(), format!("202-{DEVICE}"));
        let phone = Ua { at, transport: Transport::Udp, user, password: "of before the restart".into() };
        let draft = phone.register_draft(&mut bench, 600);
        assert_eq!(phone.ask_proven(&mut bench, &draft).status.code(), 401);
        resync(&mut bench);
        let notify = check_sync(&mut bench, &phone);
        let answer = phone.response_text(&notify, 200, Some("phone"), "", "");
        bench.packet(phone.transport, phone.at, &answer);
        assert_eq!(outcomes(&mut bench), [ResyncOutcome::Accepted]);
        // It read its settings and registers: from now on it is told there, and once.
        let mended = Ua { password: "secret for 202".into(), ..phone };
        mended.register(&mut bench);
        resync(&mut bench);
        check_sync(&mut bench, &mended);
        bench.quiet();
        bench.over();
    }
}

#[test]
fn who_guesses_the_password_of_a_phone_is_sent_nothing() {
    let mut bench = Bench::new();
    hand_to(&mut bench, "202");
    let (at, user) = ("192.168.1.66:5060".parse().unwrap(), format!("202-{DEVICE}"));
    for guess in 0..5 {
        let password = format!("guess {guess}");
        let thief = Ua { at, transport: Transport::Udp, user: user.clone(), password };
        let draft = thief.register_draft(&mut bench, 600);
        thief.ask_proven(&mut bench, &draft);
    }
    resync(&mut bench);
    bench.quiet();
    assert_eq!(outcomes(&mut bench), [ResyncOutcome::Unreachable]);
    bench.over();
}

#[test]
fn a_phone_that_is_taken_out_of_the_office_is_told_nothing_any_more() {
    let (mut bench, _) = office_with_desk_phone();
    let office = OfficeText::read(OFFICE).office;
    bench.input(Input::Settled(Arc::new(Settled::new(3, office, Vec::new()))));
    resync(&mut bench);
    bench.quiet();
    assert_eq!(outcomes(&mut bench), [ResyncOutcome::Unreachable]);
    bench.over();
}
