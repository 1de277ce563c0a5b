//! The hours of the office: where a number from outside leads while nobody is there, and who is reached whatever is stopped.

use centrale_call_control::{Command, Input, Outcome};
use centrale_guard::{Cap, Civil, Kept, Pressed, Stop};
use centrale_rtp::relay::Side;
use centrale_rtp::sound::Sound;
use centrale_sip::flow::Transport;
use centrale_sip::message::Method;

use crate::bench::{Bench, Leg, OFFICE, Provider, TUESDAY, Ua};

const SUPPORT: &str = "0885454000";
/// Tuesday, half past six in the evening.
const EVENING: Civil = Civil { minute: 1_110, ..TUESDAY };

/// The office of the stories, whose second number leads to Chris while it is closed, or to Bram's mailbox.
fn office(closed: &str) -> (Bench, Provider) {
    let text = OFFICE
        .replace("to = \"202\"\n", &format!("to = \"202\"\n{closed}\n"))
        .replace("name = \"Bram\"\n", "name = \"Bram\"\nvoicemail = { after_seconds = 10 }\n");
    Bench::on_tuesday(&text)
}

fn calls_in(bench: &mut Bench, provider: &Provider) -> Leg {
    let draft = provider.invite_draft(bench, "+31201234568", "+31612345678");
    Leg::calling(&provider.ua, bench, &draft)
}

#[track_caller]
fn rings(bench: &mut Bench, provider: &Provider, phone: &Ua) {
    let mut call = calls_in(bench, provider);
    let mut ring = phone.rung(bench);
    ring.pick_up(bench);
    call.expect(bench, 200);
    call.ack(bench);
    call.hang_up(bench);
    ring.expect_bye(bench);
}

#[test]
fn a_070_a_number_from_outside_leads_elsewhere_while_the_office_is_closed() {
    let (mut bench, provider) = office("closed_to = \"203\"");
    let (bram, chris) = (bench.phone("202"), bench.phone("203"));
    rings(&mut bench, &provider, &bram);
    // An evening, a Saturday, and Christmas, which is a Friday.
    for closed in [EVENING, Civil { day: TUESDAY.day + 4, ..TUESDAY }, Civil { day: TUESDAY.day + 31, ..TUESDAY }] {
        bench.input(Input::Clock(closed));
        rings(&mut bench, &provider, &chris);
    }
    let records = bench.over();
    let to: Vec<&str> = records.iter().map(|record| record.to.as_str()).collect();
    assert_eq!(to, ["202", "203", "203", "203"]);
}

#[test]
fn a_070_hours_that_the_office_chose_count_from_the_next_call_on() {
    let (mut bench, provider) = office("closed_to = \"203\"");
    let (bram, chris) = (bench.phone("202"), bench.phone("203"));
    let hours = "[opening]\ntuesday = \"07:00-09:30, 10:30-19:00\"\n";
    bench.settle(&format!("{hours}{}", OFFICE.replace("to = \"202\"\n", "to = \"202\"\nclosed_to = \"203\"\n")));
    rings(&mut bench, &provider, &chris);
    bench.input(Input::Clock(EVENING));
    rings(&mut bench, &provider, &bram);
    bench.over();
}

#[test]
fn a_070_while_the_office_is_closed_a_caller_may_reach_a_mailbox_at_once() {
    let (mut bench, provider) = office("closed_to = \"202\"\nclosed_to_voicemail = true");
    let bram = bench.phone("202");
    bench.input(Input::Clock(EVENING));
    let mut call = calls_in(&mut bench, &provider);
    call.expect(&mut bench, 200);
    call.ack(&mut bench);
    assert!(bench.take_request(bram.at, &Method::INVITE).is_none(), "nobody is rung");
    assert_eq!(bench.media.heard(), [(Side::Caller, Sound::Greeting)]);
    call.hang_up(&mut bench);
    let records = bench.over();
    assert_eq!((records[0].to.as_str(), records[0].outcome), ("202", Outcome::Mailbox));
}

#[test]
fn a_070_whoever_was_called_for_help_reaches_the_office_also_while_it_is_closed() {
    let (mut bench, provider) = office("closed_to = \"202\"\nclosed_to_voicemail = true");
    let bram = bench.phone("202");
    bench.input(Input::Clock(EVENING));
    let draft = bram.invite_draft(&mut bench, "112");
    let help = Leg::calling(&bram, &mut bench, &draft);
    let (mut help, mut ring) = bench.answered(help, &provider.ua);
    help.hang_up(&mut bench);
    ring.expect_bye(&mut bench);
    rings(&mut bench, &provider, &bram);
    bench.over();
}

#[test]
fn a_070_while_the_clock_was_never_set_nobody_is_sent_elsewhere() {
    let text = OFFICE.replace("to = \"202\"\n", "to = \"202\"\nclosed_to = \"203\"\n");
    let mut bench = Bench::switched_off(&text, (10_000, 10_199));
    let provider = Provider::new(&mut bench);
    bench.find_interfaces();
    let bram = bench.phone("202");
    rings(&mut bench, &provider, &bram);
    bench.over();
}

/// In which everything is stopped, spent and barred, and support is reached.
fn barred(support: bool) -> (Bench, Provider) {
    let support = if support { "support_numbers = [\"088 545 40 00\", \"0800 0770\"]\n" } else { "" };
    let text = OFFICE
        .replace("name = \"Anna\"\n", "name = \"Anna\"\ncalls = \"inside\"\n")
        .replace("language = \"nl\"\n", &format!("language = \"nl\"\n{support}"));
    let (mut bench, provider) = Bench::on_tuesday(&text);
    let spent = |cap: Cap| Kept { name: cap.word().to_owned(), window: TUESDAY.day.into(), amount: u64::MAX / 4 };
    bench.input(Input::Kept(Cap::ALL.map(spent).to_vec()));
    bench.input(Input::Written(false));
    for stop in [Stop::Outgoing, Stop::Abroad, Stop::Person("201".into())] {
        bench.command(Command::Stop { stop, pressed: Pressed { by: "owner".into(), at_unix_ms: 0 } });
    }
    (bench, provider)
}

#[test]
fn a_070_with_everything_barred_a_support_number_still_dials_however_it_is_written() {
    let (mut bench, provider) = barred(true);
    let anna = bench.phone("201");
    for dialled in [SUPPORT, "+31885454000", "0031885454000", "08000770"] {
        let call = anna.call(&mut bench, dialled);
        let (mut call, mut ring) = bench.answered(call, &provider.ua);
        bench.seconds(3);
        call.hang_up(&mut bench);
        ring.expect_bye(&mut bench);
    }
    anna.call(&mut bench, "0885454001").expect(&mut bench, 403);
    let records = bench.over();
    let first = &records[0];
    assert_eq!((first.to.as_str(), first.outcome), ("+31885454000", Outcome::Answered));
    assert!(first.price.is_some_and(|price| price > centrale_numbering::Money::ZERO), "it is priced as any call");
}

#[test]
fn a_070_neither_haste_nor_a_device_that_nobody_knows_keeps_support_away() {
    let (mut bench, provider) = barred(true);
    let anna = bench.phone("201");
    for _ in 0..30 {
        let call = anna.call(&mut bench, SUPPORT);
        let (mut call, mut ring) = bench.answered(call, &provider.ua);
        call.hang_up(&mut bench);
        ring.expect_bye(&mut bench);
    }
    let app = Ua { password: anna.password.clone(), ..Ua::new("201", Transport::Tcp, "198.51.100.66:40000") };
    let draft = app.register_draft(&mut bench, 3600).with("User-Agent", "Zoiper rv2.10.20");
    assert_eq!(app.ask_proven(&mut bench, &draft).status.code(), 200);
    assert!(bench.has_problem("phone-unknown", "201"));
    let draft = app.invite_draft(&mut bench, SUPPORT).with("User-Agent", "Zoiper rv2.10.20");
    let call = app.call_with(&mut bench, &draft);
    let (mut call, mut ring) = bench.answered(call, &provider.ua);
    call.hang_up(&mut bench);
    ring.expect_bye(&mut bench);
    let (mut without, _provider) = barred(false);
    let anna = without.phone("201");
    anna.call(&mut without, SUPPORT).expect(&mut without, 403);
    without.over();
    bench.over();
}
