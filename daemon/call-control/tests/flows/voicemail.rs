//! Who calls in vain leaves a message, and the person it is for listens to it: from the own phone and from nowhere else.

use centrale_call_control::view::LineState;
use centrale_call_control::{Cause, Command, Input, Outcome, VoiceMessage};
use centrale_guard::{Pressed, Stop};
use centrale_numbering::Money;
use centrale_rtp::relay::{Event, Key, RelayId, Side};
use centrale_rtp::sound::{Encoding, Sound, Voice};
use centrale_sip::message::Method;
use centrale_sip::sdp::Direction;

use crate::bench::{BOX, Bench, Leg, OFFICE, Provider, Sdp, Ua, audio};
use crate::keys::sends_event;

/// Bram has a mailbox that takes calls after ten seconds.
fn office() -> String {
    OFFICE.replace("name = \"Bram\"\n", "name = \"Bram\"\nvoicemail = { after_seconds = 10 }\n")
}

/// Three seconds of somebody.
fn words() -> Voice {
    Voice::new(vec![0xaa; 24_000])
}

/// The phone of Anna, and that of Bram.
fn bench() -> (Bench, Ua, Ua) {
    let mut bench = Bench::of(&office());
    let (anna, bram) = (bench.phone("201"), bench.phone("202"));
    (bench, anna, bram)
}

/// Who called is answered by the box, greeted, and may speak.
fn greeted(bench: &mut Bench, call: &mut Leg) {
    let answer = call.expect(bench, 200);
    call.ack(bench);
    assert_eq!(audio(&answer.body).direction, Direction::SendRecv);
    assert_eq!(bench.media.heard(), [(Side::Caller, Sound::Greeting)]);
    assert_eq!(bench.media.recording(), None, "not before the beep");
    bench.seconds(4);
    assert_eq!(bench.media.heard(), []);
    let recording = bench.media.recording().expect("it is recorded");
    assert_eq!((recording.encoding, recording.payload_type), (Encoding::Pcma, 8));
    bench.media.says(&words());
}

/// What Bram has been left, by whom.
fn left(bench: &Bench) -> Vec<(String, bool)> {
    bench.mailboxes.messages.values().map(|(message, heard)| (message.from.clone(), *heard)).collect()
}

/// A message that is there already.
fn message(from: &str) -> VoiceMessage {
    let (from, from_name, received) = (from.to_owned(), String::new(), std::time::Instant::now());
    VoiceMessage { mailbox: "202".into(), from, from_name, received, voice: words() }
}

fn fill(bench: &mut Bench, from: &[&str]) {
    for from in from {
        bench.mailboxes.add(message(from));
    }
    let holds = bench.mailboxes.holds("202");
    bench.input(holds);
}

/// Bram listens.
fn listens(bench: &mut Bench, ua: &Ua) -> Leg {
    let mut call = ua.call(bench, "*97");
    call.expect(bench, 200);
    call.ack(bench);
    bench.seconds(1);
    call
}

#[test]
fn who_is_not_answered_in_time_leaves_a_message_and_hangs_up() {
    let (mut bench, anna, bram) = bench();
    let mut call = anna.call(&mut bench, "202");
    let ringing = bram.rung(&mut bench);
    ringing.ring(&mut bench);
    call.expect(&mut bench, 180);
    bench.seconds(9);
    bench.quiet();
    bench.seconds(1);
    ringing.expect_cancelled(&mut bench);
    greeted(&mut bench, &mut call);
    assert_eq!((bench.lamp("201"), bench.lamp("202")), (LineState::Busy, LineState::Idle));
    call.hang_up(&mut bench);
    assert_eq!(left(&bench), [("201".to_owned(), false)]);
    let (kept, _) = &bench.mailboxes.messages[&1];
    assert_eq!((kept.mailbox.as_str(), kept.from_name.as_str(), &kept.voice), ("202", "Anna", &words()));
    let records = bench.over();
    assert_eq!((records[0].outcome, records[0].cause), (Outcome::Mailbox, Cause::CallerHungUp));
    assert_eq!((records[0].answered_by.as_deref(), records[0].answered.is_some()), (None, true));
}

#[test]
fn who_is_busy_or_has_no_phone_is_not_waited_for_and_a_caller_from_outside_reaches_the_mailbox_too() {
    for busy in [true, false] {
        let mut bench = Bench::of(&office());
        let bram = busy.then(|| bench.phone("202"));
        let provider = Provider::new(&mut bench);
        let draft = provider.invite_draft(&mut bench, "+31201234568", "+31612345678");
        let mut call = Leg::calling(&provider.ua, &mut bench, &draft);
        if let Some(bram) = bram {
            bram.rung(&mut bench).refuse(&mut bench, 486);
        }
        greeted(&mut bench, &mut call);
        call.hang_up(&mut bench);
        assert_eq!(left(&bench), [("+31612345678".to_owned(), false)]);
        assert_eq!(bench.over()[0].outcome, Outcome::Mailbox);
    }
}

#[test]
fn a_forward_that_led_nowhere_holds_no_money_back_while_a_message_is_left_and_no_stop_ends_it() {
    let mut bench = Bench::of(&office());
    let (anna, bram, provider) = (bench.phone("201"), bench.phone("202"), Provider::new(&mut bench));
    let mut call = anna.call(&mut bench, "202");
    let ring = bram.rung(&mut bench);
    ring.respond_with(&mut bench, 302, "Contact: <sip:0612345678@192.168.1.10;user=phone>\r\n", None);
    ring.expect_ack(&mut bench);
    provider.ua.rung(&mut bench).refuse(&mut bench, 480);
    greeted(&mut bench, &mut call);
    let pressed = Pressed { by: "administrator".into(), at_unix_ms: 0 };
    bench.command(Command::Stop { stop: Stop::of_word("outgoing").unwrap(), pressed });
    bench.seconds(2);
    call.hang_up(&mut bench);
    assert_eq!(left(&bench), [("201".to_owned(), false)]);
    let records = bench.over();
    assert_eq!((records[0].outcome, records[0].reason), (Outcome::Mailbox, None));
    assert_eq!(records[0].price.unwrap_or_default(), Money::default());
}

#[test]
fn the_box_hangs_up_when_a_message_is_over() {
    let (mut bench, anna, bram) = bench();
    let mut call = anna.call(&mut bench, "202");
    bram.rung(&mut bench).refuse(&mut bench, 603);
    greeted(&mut bench, &mut call);
    let recorded = bench.media.ends_recording();
    bench.input(Input::Media(recorded));
    call.expect_bye(&mut bench);
    assert_eq!(left(&bench).len(), 1);
    assert_eq!(bench.over()[0].cause, Cause::CalleeHungUp);
}

#[test]
fn a_recorder_that_says_nothing_keeps_nobody_on_the_line() {
    let (mut bench, anna, bram) = bench();
    let mut call = anna.call(&mut bench, "202");
    bram.rung(&mut bench).refuse(&mut bench, 486);
    greeted(&mut bench, &mut call);
    bench.seconds(186);
    call.expect_bye(&mut bench);
    bench.over();
}

#[test]
fn who_says_nothing_or_leaves_before_the_beep_leaves_no_message() {
    for speaks in [true, false] {
        let (mut bench, anna, bram) = bench();
        let mut call = anna.call(&mut bench, "202");
        bram.rung(&mut bench).refuse(&mut bench, 486);
        if speaks {
            greeted(&mut bench, &mut call);
            bench.media.says(&Voice::new(vec![0xaa; 11_000]));
        } else {
            call.expect(&mut bench, 200);
            call.ack(&mut bench);
        }
        call.hang_up(&mut bench);
        assert_eq!(left(&bench), []);
        assert_eq!(bench.over()[0].outcome, Outcome::Mailbox);
    }
}

#[test]
fn whoever_has_no_mailbox_and_every_group_is_refused_as_ever_and_help_never_reaches_one() {
    let (mut bench, anna, bram) = bench();
    let mut call = bram.call(&mut bench, "201");
    anna.rung(&mut bench).refuse(&mut bench, 486);
    call.expect(&mut bench, 486);
    let chris = bench.phone("203");
    let mut group = chris.call(&mut bench, "250");
    for ua in [&anna, &bram] {
        ua.rung(&mut bench).refuse(&mut bench, 486);
    }
    group.expect(&mut bench, 486);
    let provider = Provider::new(&mut bench);
    let draft = anna.invite_draft(&mut bench, "112");
    let mut help = Leg::calling(&anna, &mut bench, &draft);
    let rings = provider.ua.rung(&mut bench);
    rings.ring(&mut bench);
    help.expect(&mut bench, 180);
    bench.seconds(90);
    bench.quiet();
    help.cancel(&mut bench);
    assert_eq!(bench.exchange.counters().mailboxes_reached, 0);
}

#[test]
fn what_was_said_until_help_took_the_ports_is_kept() {
    let mut bench = Bench::with_ports(&office(), (10_000, 10_003));
    let (anna, chris) = (bench.phone("201"), bench.phone("203"));
    let provider = Provider::new(&mut bench);
    let mut call = anna.call(&mut bench, "202");
    greeted(&mut bench, &mut call);
    let draft = chris.invite_draft(&mut bench, "112");
    let mut help = Leg::calling(&chris, &mut bench, &draft);
    call.expect_bye(&mut bench);
    let rings = provider.ua.rung(&mut bench);
    rings.ring(&mut bench);
    help.expect(&mut bench, 180);
    assert_eq!(left(&bench), [("201".to_owned(), false)]);
    help.cancel(&mut bench);
    rings.expect_cancelled(&mut bench);
    help.expect(&mut bench, 487);
    bench.over();
}

#[test]
fn a_full_mailbox_takes_nothing_more_and_what_is_deleted_makes_room() {
    let (mut bench, anna, bram) = bench();
    fill(&mut bench, &["201"; 30]);
    let mut call = anna.call(&mut bench, "202");
    bram.rung(&mut bench).refuse(&mut bench, 486);
    call.expect(&mut bench, 486);
    assert_eq!(bench.exchange.counters().mailboxes_full, 1);
    bench.mailboxes.messages.remove(&7);
    fill(&mut bench, &[]);
    let mut call = anna.call(&mut bench, "202");
    bram.rung(&mut bench).refuse(&mut bench, 486);
    greeted(&mut bench, &mut call);
    call.hang_up(&mut bench);
    assert_eq!(left(&bench).len(), 30);
}

#[test]
fn who_speaks_only_what_cannot_be_kept_is_refused_as_without_a_mailbox() {
    let (mut bench, anna, bram) = bench();
    let sdp = Sdp { formats: "18 101", ..anna.sdp() };
    let draft = anna.invite_draft(&mut bench, "202").sdp(&sdp);
    let mut call = anna.call_with(&mut bench, &draft);
    bram.rung(&mut bench).refuse(&mut bench, 486);
    call.expect(&mut bench, 486);
}

#[test]
fn a_caller_who_holds_hears_nothing_meanwhile_and_may_come_back_and_hand_nobody_on() {
    let (mut bench, anna, bram) = bench();
    let mut call = anna.call(&mut bench, "202");
    bram.rung(&mut bench).refuse(&mut bench, 486);
    call.expect(&mut bench, 200);
    call.ack(&mut bench);
    for (direction, heard) in [("sendonly", vec![]), ("sendrecv", vec![(Side::Caller, Sound::Greeting)])] {
        let sdp = call.sdp.then(direction);
        call.reinvite(&mut bench, Some(&sdp));
        call.expect(&mut bench, 200);
        call.ack(&mut bench);
        assert_eq!(bench.media.heard(), heard, "{direction}");
    }
    assert_eq!(call.refer(&mut bench, &format!("<sip:203@{BOX}>")).status.code(), 403);
    let mut place = anna.call(&mut bench, "701");
    place.expect(&mut bench, 480);
    call.hang_up(&mut bench);
    bench.over();
}

#[test]
fn nobody_is_handed_on_into_a_mailbox_that_answered() {
    let (mut bench, anna, bram) = bench();
    let chris = bench.phone("203");
    let (mut talk, ring) = bench.connect(&anna, "203", &chris);
    let mut asks = anna.call(&mut bench, "202");
    bram.rung(&mut bench).refuse(&mut bench, 486);
    asks.expect(&mut bench, 200);
    asks.ack(&mut bench);
    let to = format!("<sip:202@{BOX}?{}>", asks.as_replaces());
    assert_eq!(talk.refer(&mut bench, &to).status.code(), 403);
    talk.hang_up(&mut bench);
    let mut ring = ring;
    ring.expect_bye(&mut bench);
    asks.hang_up(&mut bench);
    bench.over();
}

#[test]
fn its_person_hears_what_is_new_first_each_followed_by_a_beep_and_it_is_old_then() {
    let (mut bench, _anna, bram) = bench();
    fill(&mut bench, &["+31612345678", "201", "203"]);
    bench.mailboxes.messages.get_mut(&1).unwrap().1 = true;
    fill(&mut bench, &[]);
    let mut call = listens(&mut bench, &bram);
    let (voice, speech) = bench.media.played[0].clone();
    assert_eq!((voice.codes().len(), speech.encoding), (8000 + 24_000, Encoding::Pcma));
    bench.seconds(4);
    assert_eq!(bench.media.heard(), [(Side::Caller, Sound::Next)]);
    assert_eq!(bench.mailboxes.orders, ["fetch 2", "heard 2"]);
    bench.seconds(5);
    bench.seconds(9);
    bench.seconds(9);
    assert_eq!(bench.mailboxes.orders, ["fetch 2", "heard 2", "fetch 3", "heard 3", "fetch 1"]);
    assert_eq!(bench.media.heard(), [(Side::Caller, Sound::NoMore)]);
    bench.seconds(2);
    call.expect_bye(&mut bench);
    let records = bench.over();
    assert_eq!((records[0].to.as_str(), records[0].outcome), ("*97", Outcome::Mailbox));
}

#[test]
fn keys_play_again_go_on_delete_and_end() {
    let (mut bench, _anna, bram) = bench();
    fill(&mut bench, &["201", "203", "201"]);
    let mut call = listens(&mut bench, &bram);
    sends_event(&mut bench, '1');
    assert_eq!(bench.media.played.len(), 2, "the same once more");
    sends_event(&mut bench, '9');
    sends_event(&mut bench, '2');
    sends_event(&mut bench, '7');
    assert_eq!(bench.mailboxes.orders, ["fetch 1", "heard 1", "fetch 2", "delete 2", "fetch 3"]);
    sends_event(&mut bench, '*');
    call.expect_bye(&mut bench);
    assert_eq!(left(&bench), [("201".to_owned(), true), ("201".to_owned(), false)]);
    bench.over();
}

#[test]
fn an_empty_mailbox_says_so_and_hangs_up() {
    let (mut bench, anna, _bram) = bench();
    let mut call = listens(&mut bench, &anna);
    assert_eq!(bench.media.heard(), [(Side::Caller, Sound::NoMore)]);
    bench.seconds(2);
    call.expect_bye(&mut bench);
    bench.over();
}

#[test]
fn a_message_that_is_gone_or_does_not_come_is_passed_over() {
    let (mut bench, _anna, bram) = bench();
    fill(&mut bench, &["201", "203"]);
    bench.mailboxes.messages.remove(&1);
    let mut call = listens(&mut bench, &bram);
    assert_eq!(bench.media.played.len(), 1);
    call.hang_up(&mut bench);
    bench.over();
}

#[test]
fn a_033_from_outside_no_key_opens_a_mailbox_and_none_leads_anywhere() {
    let mut bench = Bench::of(&office());
    fill(&mut bench, &["201"]);
    let provider = Provider::new(&mut bench);
    for called in ["*97", "202", "+31201234568*97"] {
        let draft = provider.invite_draft(&mut bench, called, "+31201234568");
        let mut call = Leg::calling(&provider.ua, &mut bench, &draft);
        call.expect(&mut bench, 404);
    }
    for _ in 0..200 {
        let draft = provider.invite_draft(&mut bench, "+31201234568", "+31612345678");
        let mut call = Leg::calling(&provider.ua, &mut bench, &draft);
        greeted(&mut bench, &mut call);
        assert!(bench.media.keys.is_empty(), "nobody listens to keys from outside");
        let relay = bench.exchange.snapshot(bench.now).calls.len();
        assert_eq!(relay, 1);
        for key in "*0000#1234#202#7".chars() {
            // Even if somebody told of them.
            for relay in 0..300 {
                bench.input(Input::Media(Event::Key { relay: RelayId(relay), side: Side::Caller, key: Key(key) }));
            }
        }
        bench.media.says(&Voice::new(Vec::new()));
        call.hang_up(&mut bench);
    }
    assert_eq!(bench.mailboxes.orders, Vec::<String>::new(), "nothing was fetched, heard or deleted");
    assert!(bench.media.played.is_empty());
    assert!(bench.take_request(provider.ua.at, &Method::INVITE).is_none(), "no call left the office");
    bench.over();
}

#[test]
fn a_106_only_a_registered_phone_of_the_person_opens_the_mailbox_or_learns_what_is_in_it() {
    let (mut bench, anna, _bram) = bench();
    let others = anna.subscribe_draft(&mut bench, "202", "message-summary");
    assert_eq!(anna.ask_proven(&mut bench, &others).status.code(), 403);
    fill(&mut bench, &["201"]);
    let mut call = listens(&mut bench, &anna);
    assert_eq!(bench.mailboxes.orders, Vec::<String>::new(), "Anna hears her own, which is empty");
    bench.seconds(2);
    call.expect_bye(&mut bench);
    let chris = Ua::usual("203");
    let mut call = chris.call(&mut bench, "*97");
    call.expect(&mut bench, 403);
    assert_eq!(bench.exchange.counters().mailboxes_refused, 1);
}

#[test]
fn the_lamp_of_the_mailbox_follows_what_is_in_it_and_says_what_to_dial() {
    let (mut bench, anna, bram) = bench();
    let watch = bram.subscribe(&mut bench, "202", "message-summary");
    assert!(watch.expect(&mut bench).1.contains("Voice-Message: 0/0"));
    let mut call = anna.call(&mut bench, "202");
    bram.rung(&mut bench).refuse(&mut bench, 486);
    greeted(&mut bench, &mut call);
    call.hang_up(&mut bench);
    let body = watch.expect(&mut bench).1;
    assert!(body.contains("Messages-Waiting: yes\r\nMessage-Account: sip:*97@192.168.1.10"), "{body}");
    assert!(body.contains("Voice-Message: 1/0"));
    let mut call = listens(&mut bench, &bram);
    sends_event(&mut bench, '2');
    let body = watch.expect(&mut bench).1;
    assert!(body.contains("Messages-Waiting: no") && body.contains("Voice-Message: 0/1"), "{body}");
    call.hang_up(&mut bench);
}

#[test]
fn who_leaves_the_office_takes_the_mailbox_along() {
    let (mut bench, anna, bram) = bench();
    let mut call = anna.call(&mut bench, "202");
    bram.rung(&mut bench).refuse(&mut bench, 486);
    greeted(&mut bench, &mut call);
    let office = OFFICE.replace("\"201\", \"202\"", "\"201\"").replace("to = \"202\"", "to = \"201\"");
    let (before, after) = office.split_once("[[person]]\nnumber = \"202\"").unwrap();
    let (_, after) = after.split_once("[[person]]").unwrap();
    bench.settle(&format!("{before}[[person]]{after}"));
    call.expect_bye(&mut bench);
    assert_eq!(left(&bench), [], "nobody may hear it");
    bench.over();
}

#[test]
fn what_was_said_until_the_box_is_stopped_is_kept() {
    let (mut bench, anna, bram) = bench();
    let mut call = anna.call(&mut bench, "202");
    bram.rung(&mut bench).refuse(&mut bench, 486);
    greeted(&mut bench, &mut call);
    bench.stop();
    call.expect_bye(&mut bench);
    assert_eq!(left(&bench), [("201".to_owned(), false)]);
    assert_eq!(bench.over()[0].cause, Cause::BoxStopped);
}

#[test]
fn while_the_disk_hangs_a_few_messages_wait_and_no_more_are_taken_than_memory_has_room_for() {
    let (mut bench, anna, bram) = bench();
    bench.mailboxes.hanging = Some(Vec::new());
    let leave = |bench: &mut Bench| {
        let mut call = anna.call(bench, "202");
        bram.rung(bench).refuse(bench, 486);
        greeted(bench, &mut call);
        call.hang_up(bench);
    };
    (0..8).for_each(|_| leave(&mut bench));
    let mut refused = anna.call(&mut bench, "202");
    bram.rung(&mut bench).refuse(&mut bench, 486);
    refused.expect(&mut bench, 486);
    for news in bench.mailboxes.go_on() {
        bench.input(news);
    }
    leave(&mut bench);
    assert_eq!((left(&bench).len(), bench.mailboxes.hanging.as_ref().map(Vec::len)), (1, Some(8)));
    bench.over();
}

#[test]
fn keys_that_a_phone_sends_as_info_are_obeyed_as_well() {
    let (mut bench, _, bram) = bench();
    fill(&mut bench, &["201", "203"]);
    let draft = bram.invite_draft(&mut bench, "*97");
    let mut without = bram.sdp();
    without.formats = "8 0";
    let mut call = bram.call_with(&mut bench, &draft.sdp(&without));
    call.expect(&mut bench, 200);
    call.ack(&mut bench);
    bench.seconds(1);
    assert!(bench.media.keys.is_empty(), "it knows no events");
    assert_eq!(bench.media.played.len(), 1);
    let delete = call.draft(&mut bench, "INFO").body("application/dtmf-relay", "Signal=7\r\nDuration=160\r\n".into());
    assert_eq!(call.ask(&mut bench, &delete).status.code(), 200);
    assert_eq!(left(&bench).len(), 1);
    assert_eq!(bench.media.played.len(), 2, "and the next one is heard");
    let leave = call.draft(&mut bench, "INFO").body("application/dtmf", "*".into());
    assert_eq!(call.ask(&mut bench, &leave).status.code(), 200);
    call.expect_bye(&mut bench);
    bench.over();
}
