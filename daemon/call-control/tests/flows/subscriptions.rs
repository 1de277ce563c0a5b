//! Keys that show what a colleague does, and the lamp of the voicemail: who is told what, when, and for how long.

use centrale_sip::flow::Transport;
use centrale_sip::message::{HeaderName, Request};
use proptest::prelude::*;
use proptest::test_runner::{Config, RngSeed};

use crate::bench::{BOX, Bench, OFFICE, Ua, Watch, attribute, told};

/// Anna's phone, which has a key for Bram, whose phone is there too.
fn anna_watches_bram() -> (Bench, Ua, Ua, Watch) {
    let mut bench = Bench::new();
    let (anna, bram) = (bench.phone("201"), bench.phone("202"));
    let watch = anna.watch(&mut bench, "202");
    (bench, anna, bram, watch)
}

#[track_caller]
fn refused(bench: &mut Bench, ua: &Ua, draft: &crate::bench::Draft, status: u16) -> centrale_sip::message::Response {
    let before = bench.exchange.counters().subscriptions_refused;
    let response = ua.ask_proven(bench, draft);
    assert_eq!(response.status.code(), status);
    assert_eq!(bench.exchange.counters().subscriptions_refused, before + 1, "a refusal is counted");
    assert_eq!(bench.exchange.subscriptions_in_hand(), 0);
    bench.quiet();
    response
}

#[test]
fn a_key_shows_a_colleague_who_does_nothing_who_rings_who_talks_and_who_is_free_again() {
    let mut bench = Bench::new();
    let (anna, bram, chris) = (bench.phone("201"), bench.phone("202"), bench.phone("203"));
    let watch = anna.subscribe(&mut bench, "202", "dialog");
    assert_eq!(watch.granted.headers.number(&HeaderName::Expires), Ok(Some(300)));
    assert!(watch.granted.headers.first(&HeaderName::Contact).is_some());
    let (state, body) = watch.expect(&mut bench);
    assert_eq!(state, "active;expires=300");
    assert!(body.contains(&format!("version=\"0\" state=\"full\" entity=\"sip:202@{BOX}\"")), "{body}");
    assert!(body.contains("<state>terminated</state>"), "{body}");

    let mut call = chris.call(&mut bench, "202");
    let mut at_bram = bram.rung(&mut bench);
    let (_, body) = watch.expect(&mut bench);
    assert!(body.contains(" version=\"1\"") && body.contains("direction=\"recipient\""), "{body}");
    assert!(body.contains("<state>early</state>"), "{body}");
    assert!(body.contains(&format!("<identity display=\"Chris\">sip:203@{BOX}</identity>")), "{body}");

    at_bram.pick_up(&mut bench);
    call.expect(&mut bench, 200);
    call.ack(&mut bench);
    let (_, body) = watch.expect(&mut bench);
    assert!(body.contains("<state>confirmed</state>"), "{body}");
    assert!(!body.contains("203"), "whom a colleague talks to is not told: {body}");

    call.hang_up(&mut bench);
    at_bram.expect_bye(&mut bench);
    assert_eq!(watch.shows(&mut bench), ["terminated"]);
    bench.over();
}

#[test]
fn a_key_shows_a_colleague_who_calls() {
    let (mut bench, _anna, bram, watch) = anna_watches_bram();
    let chris = bench.phone("203");
    let mut call = bram.call(&mut bench, "203");
    assert_eq!(watch.shows(&mut bench), ["initiator trying"]);
    let mut at_chris = chris.rung(&mut bench);
    at_chris.ring(&mut bench);
    call.expect(&mut bench, 180);
    assert_eq!(watch.shows(&mut bench), ["initiator early"]);
    at_chris.pick_up(&mut bench);
    call.expect(&mut bench, 200);
    call.ack(&mut bench);
    assert_eq!(watch.shows(&mut bench), ["initiator confirmed"]);
    at_chris.hang_up(&mut bench);
    call.expect_bye(&mut bench);
    assert_eq!(watch.shows(&mut bench), ["terminated"]);
    bench.over();
}

#[test]
fn the_key_of_a_group_lights_while_it_rings_and_the_one_who_answers_is_busy() {
    let mut bench = Bench::new();
    let (anna, bram, chris) = (bench.phone("201"), bench.phone("202"), bench.phone("203"));
    let (group, person) = (chris.watch(&mut bench, "250"), chris.watch(&mut bench, "202"));
    let mut call = chris.call(&mut bench, "250");
    let (at_anna, mut at_bram) = (anna.rung(&mut bench), bram.rung(&mut bench));
    assert_eq!(group.shows(&mut bench), ["recipient early"]);
    assert_eq!(person.shows(&mut bench), ["recipient early"]);
    at_bram.pick_up(&mut bench);
    at_anna.expect_gone(&mut bench);
    call.expect(&mut bench, 200);
    call.ack(&mut bench);
    assert_eq!(group.shows(&mut bench), ["terminated"]);
    assert_eq!(person.shows(&mut bench), ["recipient confirmed"]);
    at_bram.hang_up(&mut bench);
    call.expect_bye(&mut bench);
    assert_eq!(person.shows(&mut bench), ["terminated"]);
    bench.over();
}

#[test]
fn what_changes_while_a_notify_is_on_its_way_is_told_afterwards_and_only_the_newest_of_it() {
    let (mut bench, anna, bram, watch) = anna_watches_bram();
    let mut call = bram.call(&mut bench, "201");
    let first = watch.take(&mut bench).unwrap();
    assert!(told(&first).1.contains("trying"));
    let mut at_anna = anna.rung(&mut bench);
    at_anna.ring(&mut bench);
    call.expect(&mut bench, 180);
    at_anna.pick_up(&mut bench);
    call.expect(&mut bench, 200);
    call.ack(&mut bench);
    bench.quiet();
    watch.answer(&mut bench, &first, 200);
    assert_eq!(watch.shows(&mut bench), ["initiator confirmed"]);
    call.hang_up(&mut bench);
    at_anna.expect_bye(&mut bench);
    assert_eq!(watch.shows(&mut bench), ["terminated"]);
    bench.over();
}

#[test]
fn two_calls_of_a_colleague_are_two_dialogs_and_each_ends_by_its_name() {
    let (mut bench, anna, bram, watch) = anna_watches_bram();
    let chris = bench.phone("203");
    let (mut first, mut at_chris) = bench.connect(&bram, "203", &chris);
    // What was told before the phone answered the first NOTIFY was coalesced.
    while watch.take(&mut bench).map(|notify| watch.answer(&mut bench, &notify, 200)).is_some() {}
    let second = anna.call(&mut bench, "202");
    let at_bram = bram.rung(&mut bench);
    let (_, both) = watch.expect(&mut bench);
    assert_eq!(both.matches("<dialog ").count(), 2, "{both}");
    let id = both.lines().filter_map(|line| attribute(line, "id")).next().unwrap().to_owned();
    first.hang_up(&mut bench);
    at_chris.expect_bye(&mut bench);
    let (_, one_over) = watch.expect(&mut bench);
    assert!(one_over.contains(&format!("<dialog id=\"{id}\">\r\n<state>terminated</state>")), "{one_over}");
    assert!(one_over.contains("<state>early</state>"), "{one_over}");
    second.cancel(&mut bench);
    let mut second = second;
    at_bram.expect_gone(&mut bench);
    second.expect(&mut bench, 487);
    watch.expect(&mut bench);
    bench.over();
}

#[test]
fn a_subscription_is_refreshed_ended_and_over_when_it_is_not_refreshed() {
    let (mut bench, _anna, _bram, mut watch) = anna_watches_bram();
    bench.seconds(200);
    assert_eq!(watch.refresh(&mut bench, 5000).headers.number(&HeaderName::Expires), Ok(Some(600)));
    assert_eq!(watch.expect(&mut bench).0, "active;expires=600");
    bench.seconds(599);
    bench.quiet();
    bench.seconds(2);
    assert_eq!(watch.expect(&mut bench).0, "terminated;reason=timeout");
    assert_eq!(bench.exchange.subscriptions_in_hand(), 0);
    assert_eq!(watch.refresh(&mut bench, 300).status.code(), 481);

    let anna = Ua::usual("201");
    anna.register(&mut bench);
    let mut watch = anna.watch(&mut bench, "202");
    assert_eq!(watch.refresh(&mut bench, 0).headers.number(&HeaderName::Expires), Ok(Some(0)));
    assert_eq!(watch.expect(&mut bench).0, "terminated;reason=timeout");
    assert_eq!(bench.exchange.subscriptions_in_hand(), 0);
    bench.over();
}

#[test]
fn who_only_wants_to_know_once_is_told_once() {
    let mut bench = Bench::new();
    let anna = bench.phone("201");
    let draft = anna.subscribe_draft(&mut bench, "202", "dialog;id=7").set("Expires", "0");
    assert_eq!(anna.ask_proven(&mut bench, &draft).status.code(), 200);
    let notify = bench.take_request(anna.at, &centrale_sip::message::Method::NOTIFY).unwrap();
    assert_eq!(notify.headers.text(&HeaderName::Event).as_deref(), Some("dialog;id=7"));
    assert_eq!(told(&notify).0, "terminated;reason=timeout");
    bench.packet(anna.transport, anna.at, &anna.response_text(&notify, 200, None, "", ""));
    assert_eq!(bench.exchange.subscriptions_in_hand(), 0);
    bench.over();
}

#[test]
fn what_cannot_be_granted_is_refused_with_what_would_help_and_counted() {
    let mut bench = Bench::new();
    let anna = bench.phone("201");
    let draft = |bench: &mut Bench| anna.subscribe_draft(bench, "202", "dialog");
    let short = draft(&mut bench).set("Expires", "10");
    let response = refused(&mut bench, &anna, &short, 423);
    assert_eq!(response.headers.number(&HeaderName::MinExpires), Ok(Some(60)));
    let presence = draft(&mut bench).set("Event", "presence");
    let response = refused(&mut bench, &anna, &presence, 489);
    assert!(response.headers.has_token(&HeaderName::AllowEvents, "dialog"));
    let nothing = draft(&mut bench).without("Event");
    refused(&mut bench, &anna, &nothing, 489);
    let other_body = draft(&mut bench).set("Accept", "application/pidf+xml");
    refused(&mut bench, &anna, &other_body, 406);
    let nobody = anna.subscribe_draft(&mut bench, "299", "dialog");
    refused(&mut bench, &anna, &nobody, 404);
    let others_mail = anna.subscribe_draft(&mut bench, "202", "message-summary");
    refused(&mut bench, &anna, &others_mail, 403);
    let demanding = draft(&mut bench).with("Require", "eventlist");
    let response = refused(&mut bench, &anna, &demanding, 420);
    assert!(response.headers.has_token(&HeaderName::Unsupported, "eventlist"));
    let elsewhere = Ua { at: "192.168.1.99:5060".parse().unwrap(), ..anna.clone() };
    let not_registered = elsewhere.subscribe_draft(&mut bench, "202", "dialog");
    refused(&mut bench, &elsewhere, &not_registered, 403);
    bench.over();
}

#[test]
fn a_011_nobody_learns_without_proof_which_numbers_there_are() {
    let mut bench = Bench::new();
    let stranger = Ua { password: "guessed".into(), ..Ua::usual("201") };
    for number in ["202", "299"] {
        let draft = stranger.subscribe_draft(&mut bench, number, "dialog");
        assert_eq!(stranger.ask(&mut bench, &draft).status.code(), 401);
        assert_eq!(stranger.ask_proven(&mut bench, &draft).status.code(), 401);
    }
    assert_eq!(bench.exchange.counters().subscriptions, 0);
}

#[test]
fn a_phone_may_have_many_keys_and_not_endlessly_many() {
    let mut office = OFFICE.to_owned();
    for number in 300..501 {
        let person = format!("[[person]]\nnumber = \"{number}\"\nname = \"P\"\nsip_password = \"p-secret-{number}\"\n");
        office.push_str(&person);
    }
    let mut bench = Bench::of(&office);
    let anna = bench.phone("201");
    for number in 300..500 {
        anna.watch(&mut bench, &number.to_string());
    }
    assert_eq!(bench.exchange.subscriptions_in_hand(), 200);
    let draft = anna.subscribe_draft(&mut bench, "500", "dialog");
    assert_eq!(anna.ask_proven(&mut bench, &draft).status.code(), 403);
    assert_eq!(bench.exchange.subscriptions_in_hand(), 200);
}

#[test]
fn a_restarted_phone_does_not_leave_its_earlier_subscriptions_behind() {
    let (mut bench, anna, _bram, _forgotten) = anna_watches_bram();
    anna.watch(&mut bench, "202");
    assert_eq!(bench.exchange.subscriptions_in_hand(), 1);
    bench.quiet();
}

#[test]
fn a_phone_that_does_not_know_a_subscription_or_does_not_answer_is_told_nothing_more() {
    for (answer, wait) in [(Some(481), 0), (None, 33)] {
        let mut bench = Bench::new();
        let (anna, bram, chris) = (bench.phone("201"), bench.phone("202"), bench.phone("203"));
        let watch = anna.subscribe(&mut bench, "202", "dialog");
        let notify = watch.take(&mut bench).unwrap();
        match answer {
            Some(status) => watch.answer(&mut bench, &notify, status),
            None => bench.seconds(wait),
        }
        assert_eq!(bench.exchange.subscriptions_in_hand(), 0);
        let (mut call, mut at_chris) = bench.connect(&bram, "203", &chris);
        call.hang_up(&mut bench);
        at_chris.expect_bye(&mut bench);
        assert_eq!(bench.exchange.counters().notifies_unanswered, u64::from(answer.is_none()));
        bench.over();
    }
}

#[test]
fn a_subscription_follows_its_phone_to_another_connection_and_is_told_what_it_missed() {
    let mut bench = Bench::new();
    let (bram, chris) = (bench.phone("202"), bench.phone("203"));
    let anna = bench.phone_at("201", Transport::Tcp, "192.168.1.101:40001");
    let watch = anna.watch(&mut bench, "202");
    bench.break_connection(Transport::Tcp, anna.at);
    let (mut call, mut at_bram) = bench.connect(&chris, "202", &bram);
    assert!(watch.take(&mut bench).is_none(), "there is no way to it");
    anna.register(&mut bench);
    assert_eq!(watch.shows(&mut bench), ["recipient confirmed"]);
    call.hang_up(&mut bench);
    at_bram.expect_bye(&mut bench);
    assert_eq!(watch.shows(&mut bench), ["terminated"]);
    bench.over();
}

#[test]
fn a_subscription_ends_when_its_phone_signs_off_and_stays_away() {
    let (mut bench, anna, bram, _watch) = anna_watches_bram();
    let away = anna.register_draft(&mut bench, 0);
    anna.ask_proven(&mut bench, &away);
    let chris = bench.phone("203");
    let (mut call, mut at_chris) = bench.connect(&bram, "203", &chris);
    call.hang_up(&mut bench);
    at_chris.expect_bye(&mut bench);
    bench.quiet();
    bench.seconds(121);
    assert_eq!(bench.exchange.subscriptions_in_hand(), 0);
    bench.over();
}

fn office_without_bram() -> String {
    let office = OFFICE.replace("\"201\", \"202\"", "\"201\"").replace("to = \"202\"", "to = \"201\"");
    let (before, after) = office.split_once("[[person]]\nnumber = \"202\"").unwrap();
    let (_, after) = after.split_once("[[person]]").unwrap();
    format!("{before}[[person]]{after}")
}

#[test]
fn a_136_when_a_person_leaves_the_keys_for_them_go_dark_and_their_own_keys_are_told_nothing() {
    let (mut bench, anna, bram, watch) = anna_watches_bram();
    let theirs = bram.watch(&mut bench, "201");
    let stays = anna.watch(&mut bench, "203");
    bench.settle(&office_without_bram());
    let (state, body) = watch.expect(&mut bench);
    assert_eq!(state, "terminated;reason=noresource");
    assert!(body.contains("<state>terminated</state>"));
    assert_eq!(theirs.expect(&mut bench).0, "terminated;reason=rejected");
    assert!(stays.take(&mut bench).is_none());
    assert_eq!(bench.exchange.subscriptions_in_hand(), 1);
}

#[test]
fn when_the_box_stops_its_phones_are_told_to_come_back_in_a_moment() {
    let (mut bench, _anna, _bram, watch) = anna_watches_bram();
    let (identity, _) = OFFICE.split_once("[[person]]").unwrap();
    bench.settle(identity);
    assert_eq!(watch.expect(&mut bench).0, "terminated;reason=probation;retry-after=60");
}

#[test]
fn an_empty_mailbox_says_so() {
    let mut bench = Bench::new();
    let anna = bench.phone("201");
    let watch = anna.subscribe(&mut bench, "201", "message-summary");
    let notify: Request = watch.take(&mut bench).unwrap();
    assert_eq!(notify.headers.text(&HeaderName::ContentType).as_deref(), Some("application/simple-message-summary"));
    let expected = format!("Messages-Waiting: no\r\nMessage-Account: sip:*97@{BOX}\r\nVoice-Message: 0/0\r\n");
    assert_eq!(told(&notify).1, expected);
    watch.answer(&mut bench, &notify, 200);
    bench.quiet();
}

#[test]
fn a_subscribe_within_a_call_or_within_nothing_begins_no_subscription() {
    let mut bench = Bench::new();
    let (anna, bram) = (bench.phone("201"), bench.phone("202"));
    let (mut call, mut at_bram) = bench.connect(&anna, "202", &bram);
    let within = call.draft(&mut bench, "SUBSCRIBE").with("Event", "dialog");
    assert_eq!(call.ask(&mut bench, &within).status.code(), 489);
    let nowhere = anna.subscribe_draft(&mut bench, "202", "dialog").set("To", format!("<sip:202@{BOX}>;tag=none"));
    assert_eq!(anna.ask(&mut bench, &nowhere).status.code(), 481);
    call.hang_up(&mut bench);
    at_bram.expect_bye(&mut bench);
    bench.over();
}

fn anything_like(word: &'static str) -> impl Strategy<Value = String> {
    prop_oneof!["[ -~]{0,40}", "[ -~é]{0,40}".prop_map(move |rest| format!("{word}{rest}")), Just(word.to_owned())]
}

proptest! {
    #![proptest_config(Config { cases: 128, rng_seed: RngSeed::Fixed(6665), failure_persistence: None, ..Config::default() })]

    #[test]
    fn whatever_a_phone_writes_it_is_answered_once_and_at_most_one_subscription_comes_of_it(
        // A To without a user part is malformed SIP, and refused before anybody is asked.
        number in anything_like("202").prop_filter("a user part", |number| !number.is_empty()),
        event in anything_like("dialog"),
        accept in anything_like("application/dialog-info+xml"),
        expires in prop_oneof![anything_like("300"), (0_u64..5_000_000_000).prop_map(|seconds| seconds.to_string())],
        body in "[ -~]{0,40}",
    ) {
        let mut bench = Bench::new();
        let anna = bench.phone("201");
        let number: String = number.bytes().map(|byte| format!("%{byte:02x}")).collect();
        let draft = anna.subscribe_draft(&mut bench, &number, &event).set("Accept", accept).set("Expires", expires);
        let draft = draft.body("text/plain", body);
        let answer = anna.ask_proven(&mut bench, &draft);
        let held = bench.exchange.subscriptions_in_hand();
        prop_assert!(held <= usize::from(answer.status.is_success()));
        // Nobody answers the NOTIFY, if there was one.
        bench.seconds(700);
        prop_assert_eq!(bench.exchange.subscriptions_in_hand(), 0);
        let is_notify = |line: &String| line.contains(" NOTIFY ");
        let unread = bench.unread();
        prop_assert!(unread.iter().all(is_notify), "{:?}", unread);
    }
}
