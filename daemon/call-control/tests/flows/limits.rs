//! How many calls there are at once, and that none of it, nor any other block, keeps anybody from help.

use centrale_call_control::{Input, Outcome};
use centrale_guard::Civil;
use centrale_rtp::relay::LegQuality;
use centrale_sip::flow::Transport;
use centrale_sip::message::{HeaderName, Method};

use crate::bench::{Bench, Leg, OFFICE, OfficeText, Provider, Ua};

/// An office with its provider in place, whose trunk or line has these lines more.
fn office(trunk: &str, line: &str) -> (Bench, Provider) {
    let text = OFFICE
        .replace("register = true\n", &format!("register = true\n{trunk}\n"))
        .replace("language = \"nl\"\n", &format!("language = \"nl\"\n{line}\n"));
    let mut bench = Bench::switched_off(&text, (10_000, 10_199));
    let provider = Provider::new(&mut bench);
    bench.find_interfaces();
    (bench, provider)
}

#[track_caller]
fn talk(bench: &mut Bench, phone: &Ua, provider: &Ua, dialled: &str) -> (Leg, Leg) {
    let call = phone.call(bench, dialled);
    bench.answered(call, provider)
}

/// Help asks for no proof.
#[track_caller]
fn call_help(bench: &mut Bench, phone: &Ua, provider: &Ua) -> (Leg, Leg) {
    let draft = phone.invite_draft(bench, "112");
    let mut call = Leg::calling(phone, bench, &draft);
    let ring = provider.rung(bench);
    ring.pick_up(bench);
    call.expect(bench, 200);
    call.ack(bench);
    (call, ring)
}

#[track_caller]
fn hang_up_all(bench: &mut Bench, calls: Vec<(Leg, Leg)>) {
    for (mut call, mut ring) in calls {
        call.hang_up(bench);
        ring.expect_bye(bench);
    }
}

#[track_caller]
fn refused(bench: &mut Bench, phone: &Ua, dialled: &str, status: u16) -> String {
    let mut call = phone.call(bench, dialled);
    let refused = call.expect(bench, status);
    refused.headers.text(&HeaderName::Reason).unwrap_or_default().into_owned()
}

#[test]
fn a_067_a_third_call_over_an_account_is_busy_and_112_as_third_passes() {
    let (mut bench, provider) = office("", "");
    let (anna, bram, chris) = (bench.phone("201"), bench.phone("202"), bench.phone("203"));
    let (mut held, mut ring) = talk(&mut bench, &anna, &provider.ua, "0301234567");
    let second = talk(&mut bench, &bram, &provider.ua, "0301234568");
    // On hold it takes its channel all the same.
    let hold = held.sdp.then("sendonly");
    held.reinvite(&mut bench, Some(&hold));
    ring.expect_request(&mut bench, &Method::INVITE);
    ring.respond(&mut bench, 200, Some(&ring.sdp.then("recvonly")));
    ring.expect_ack(&mut bench);
    held.expect(&mut bench, 200);
    held.ack(&mut bench);
    assert_eq!(refused(&mut bench, &chris, "0301234569", 486), "SIP;cause=486;text=\"All Lines Busy\"");
    let help = call_help(&mut bench, &chris, &provider.ua);
    hang_up_all(&mut bench, vec![(held, ring), second, help]);
    let records = bench.over();
    let blocked = records.iter().find(|record| record.outcome == Outcome::Blocked).unwrap();
    assert_eq!((blocked.reason, blocked.status), (Some("account-full"), 486));
}

#[test]
fn a_067_both_legs_of_a_forward_count_and_one_for_which_there_is_no_channel_is_not_made() {
    for (channels, is_forwarded) in [(1, false), (2, true)] {
        let (mut bench, provider) = office(&format!("channels = {channels}"), "");
        let (anna, bram) = (bench.phone("201"), bench.phone("202"));
        let draft = provider.invite_draft(&mut bench, "+31201234568", "+31612345678");
        let mut incoming = Leg::calling(&provider.ua, &mut bench, &draft);
        let ring = bram.rung(&mut bench);
        ring.respond_with(&mut bench, 302, "Contact: <sip:0301234567@192.168.1.10;user=phone>\r\n", None);
        ring.expect_ack(&mut bench);
        let far = bench
            .take_request(provider.ua.at, &Method::INVITE)
            .map(|invite| Leg::called(&provider.ua, &mut bench, invite));
        assert_eq!(far.is_some(), is_forwarded);
        let Some(far) = far else {
            assert!(bench.take_response(provider.ua.at, |response| response.status.code() >= 400).is_some());
            continue;
        };
        refused(&mut bench, &anna, "0301234569", 486);
        far.pick_up(&mut bench);
        incoming.expect(&mut bench, 200);
        incoming.ack(&mut bench);
        refused(&mut bench, &anna, "0301234569", 486);
        incoming.hang_up(&mut bench);
        let mut far = far;
        far.expect_bye(&mut bench);
        let again = talk(&mut bench, &anna, &provider.ua, "0301234569");
        hang_up_all(&mut bench, vec![again]);
        bench.over();
    }
}

#[test]
fn a_067_both_legs_of_a_transferred_pair_count_while_it_rings_and_while_it_talks() {
    let (mut bench, provider) = office("", "");
    let (anna, bram) = (bench.phone("201"), bench.phone("202"));
    let (mut call, mut first) = talk(&mut bench, &anna, &provider.ua, "0612345678");
    assert_eq!(call.refer(&mut bench, &crate::transfer::to("0301234567")).status.code(), 202);
    call.told(&mut bench);
    let mut second = provider.ua.rung(&mut bench);
    refused(&mut bench, &bram, "0301234569", 486);
    second.pick_up(&mut bench);
    call.told(&mut bench);
    call.expect_bye(&mut bench);
    first.reconnected(&mut bench);
    refused(&mut bench, &bram, "0301234569", 486);
    first.hang_up(&mut bench);
    second.expect_bye(&mut bench);
    let again = talk(&mut bench, &bram, &provider.ua, "0301234569");
    hang_up_all(&mut bench, vec![again]);
    bench.over();
}

#[test]
fn a_067_a_second_account_takes_what_the_first_may_not() {
    let mut bench = Bench::switched_off(&OfficeText::with_second_trunk(), (10_000, 10_199));
    let first = Provider::new(&mut bench).ua;
    let second = Provider::at(&mut bench, centrale_sip::flow::Transport::Udp, Provider::SECOND).ua;
    bench.find_interfaces();
    let phones = ["201", "202", "203"].map(|number| bench.phone(number));
    let mut calls: Vec<(Leg, Leg)> =
        phones.iter().take(2).map(|phone| talk(&mut bench, phone, &first, "0301234560")).collect();
    calls.push(talk(&mut bench, &phones[2], &second, "0301234560"));
    calls.push(talk(&mut bench, &phones[2], &second, "0301234561"));
    assert_eq!(refused(&mut bench, &phones[2], "0301234562", 486), "SIP;cause=486;text=\"All Lines Busy\"");
    hang_up_all(&mut bench, calls);
    let reasons: Vec<_> = bench.over().iter().filter_map(|record| record.reason).collect();
    assert_eq!(reasons, ["account-full"]);
}

#[test]
fn a_067_each_number_has_a_limit_of_its_own_and_who_calls_it_counts() {
    let (mut bench, provider) = office("channels = 10\nchannels_per_number = 2", "");
    let (anna, bram) = (bench.phone("201"), bench.phone("202"));
    // 201 shows the first number, 202 has one of their own.
    let mut calls = vec![talk(&mut bench, &anna, &provider.ua, "0301234567")];
    let draft = provider.invite_draft(&mut bench, "+31201234567", "+31612345678");
    let mut incoming = Leg::calling(&provider.ua, &mut bench, &draft);
    let at_anna = anna.rung(&mut bench);
    let at_bram = bram.rung(&mut bench);
    at_anna.pick_up(&mut bench);
    at_bram.expect_gone(&mut bench);
    incoming.expect(&mut bench, 200);
    incoming.ack(&mut bench);
    assert_eq!(refused(&mut bench, &anna, "0301234569", 486), "SIP;cause=486;text=\"All Lines Busy\"");
    calls.push(talk(&mut bench, &bram, &provider.ua, "0301234569"));
    calls.push((incoming, at_anna));
    hang_up_all(&mut bench, calls);
    assert!(bench.over().iter().any(|record| record.reason == Some("number-full")));
}

#[test]
fn a_063_the_eleventh_call_over_a_line_of_one_megabit_is_refused_and_112_gets_through() {
    let (mut bench, provider) = office("channels = 30", "line_kbit = 1000");
    let (anna, bram) = (bench.phone("201"), bench.phone("202"));
    let mut calls: Vec<_> = (0..10).map(|_| talk(&mut bench, &anna, &provider.ua, "0301234567")).collect();
    assert_eq!(refused(&mut bench, &anna, "0301234567", 503), "SIP;cause=503;text=\"Internet Line Full\"");
    // Who calls from outside would not be heard either.
    let draft = provider.invite_draft(&mut bench, "+31201234567", "+31612345678");
    let mut incoming = Leg::calling(&provider.ua, &mut bench, &draft);
    assert_eq!(incoming.expect(&mut bench, 486).reason, "Internet Line Full");
    // Colleagues talk without the line.
    calls.push(bench.connect(&anna, "202", &bram));
    calls.push(call_help(&mut bench, &anna, &provider.ua));
    hang_up_all(&mut bench, calls);
    bench.over();
}

#[test]
fn a_063_a_phone_at_home_takes_its_part_of_the_line_whoever_it_talks_to() {
    let (mut bench, provider) = office("channels = 30", "line_kbit = 100");
    let anna = bench.phone("201");
    let home = bench.phone_at("203", Transport::Tcp, "203.0.113.66:40000");
    let full = "SIP;cause=503;text=\"Internet Line Full\"";
    for calls_home in [true, false] {
        let call = if calls_home { bench.connect(&anna, "203", &home) } else { bench.connect(&home, "201", &anna) };
        assert_eq!(refused(&mut bench, &anna, "0301234567", 503), full);
        assert_eq!(refused(&mut bench, &home, "201", 503), full);
        hang_up_all(&mut bench, vec![call]);
    }
    let call = talk(&mut bench, &anna, &provider.ua, "0301234567");
    assert_eq!(refused(&mut bench, &anna, "203", 503), full);
    assert!(bench.take_request(home.at, &Method::INVITE).is_none());
    assert_eq!(refused(&mut bench, &home, "201", 503), full);
    assert!(bench.take_request(anna.at, &Method::INVITE).is_none());
    hang_up_all(&mut bench, vec![call]);
    bench.over();
}

#[test]
fn a_063_who_calls_the_office_reaches_whoever_is_there_when_the_line_carries_no_phone_at_home() {
    let (mut bench, provider) = office("channels = 30", "line_kbit = 100");
    let (anna, home) = (bench.phone("201"), bench.phone_at("202", Transport::Tcp, "203.0.113.66:40000"));
    let draft = provider.invite_draft(&mut bench, "+31201234567", "+31612345678");
    let mut incoming = Leg::calling(&provider.ua, &mut bench, &draft);
    let ring = anna.rung(&mut bench);
    assert!(bench.take_request(home.at, &Method::INVITE).is_none());
    ring.pick_up(&mut bench);
    incoming.expect(&mut bench, 200);
    incoming.ack(&mut bench);
    hang_up_all(&mut bench, vec![(incoming, ring)]);
    bench.over();
}

#[test]
fn every_phone_that_somebody_has_at_home_rings_where_the_line_carries_one_of_them() {
    let (mut bench, _) = office("channels = 30", "line_kbit = 100");
    let anna = bench.phone("201");
    let first = bench.phone_at("203", Transport::Tcp, "203.0.113.66:40000");
    let second = bench.phone_at("203", Transport::Tcp, "203.0.113.67:40000");
    let mut call = anna.call(&mut bench, "203");
    let (ring, other) = (first.rung(&mut bench), second.rung(&mut bench));
    other.ring(&mut bench);
    call.expect(&mut bench, 180);
    ring.pick_up(&mut bench);
    call.expect(&mut bench, 200);
    call.ack(&mut bench);
    other.expect_cancelled(&mut bench);
    hang_up_all(&mut bench, vec![(call, ring)]);
    bench.over();
}

#[test]
fn a_070_support_takes_a_channel_like_any_call() {
    let text = OFFICE
        .replace("register = true\n", "register = true\nchannels = 1\n")
        .replace("language = \"nl\"\n", "language = \"nl\"\nsupport_numbers = [\"088 545 40 00\"]\n");
    let mut bench = Bench::switched_off(&text, (10_000, 10_199));
    let provider = Provider::new(&mut bench);
    bench.find_interfaces();
    let (anna, bram) = (bench.phone("201"), bench.phone("201"));
    let call = talk(&mut bench, &anna, &provider.ua, "0885454000");
    refused(&mut bench, &bram, "0885454000", 486);
    hang_up_all(&mut bench, vec![call]);
}

#[test]
fn a_helpline_is_reached_whatever_is_full() {
    let full =
        [("channels = 1", ""), ("channels = 9\nchannels_per_number = 1", ""), ("channels = 9", "line_kbit = 100")];
    for (trunk, line) in full {
        for (is_belgian, numbers) in [(false, ["113", "116000", "144"]), (true, ["107", "116000", "116117"])] {
            let text = OFFICE
                .replace("register = true\n", &format!("register = true\n{trunk}\n"))
                .replace("language = \"nl\"\n", &format!("language = \"nl\"\n{line}\n"));
            let text = if is_belgian { OfficeText::belgian(&text) } else { text };
            let mut bench = Bench::switched_off(&text, (10_000, 10_199));
            let provider = Provider::new(&mut bench);
            bench.find_interfaces();
            let (anna, bram) = (bench.phone("201"), bench.phone("201"));
            let (ordinary, other) = if is_belgian { ("022345678", "022345679") } else { ("0301234567", "0301234568") };
            let mut calls = vec![talk(&mut bench, &anna, &provider.ua, ordinary)];
            let status = if line.is_empty() { 486 } else { 503 };
            refused(&mut bench, &bram, other, status);
            for number in numbers {
                calls.push(talk(&mut bench, &bram, &provider.ua, number));
            }
            hang_up_all(&mut bench, calls);
            bench.over();
        }
    }
}

#[test]
fn a_full_line_keeps_nobody_from_calling_back_who_was_called_for_help() {
    let (mut bench, provider) = office("channels = 30", "line_kbit = 100");
    let (anna, bram) = (bench.phone("201"), bench.phone("202"));
    let mut calls = vec![talk(&mut bench, &bram, &provider.ua, "0301234567")];
    let help = call_help(&mut bench, &anna, &provider.ua);
    hang_up_all(&mut bench, vec![help]);
    let draft = provider.invite_draft(&mut bench, "+31201234567", "+31612345678");
    let mut incoming = Leg::calling(&provider.ua, &mut bench, &draft);
    let at_anna = anna.rung(&mut bench);
    bram.rung(&mut bench).refuse(&mut bench, 486);
    at_anna.pick_up(&mut bench);
    incoming.expect(&mut bench, 200);
    incoming.ack(&mut bench);
    calls.push((incoming, at_anna));
    hang_up_all(&mut bench, calls);
    bench.over();
}

#[test]
fn who_is_in_a_group_of_rights_calls_as_far_as_the_group_may_and_nobody_else_does() {
    let sales = OFFICE.replace("name = \"Anna\"\n", "name = \"Anna\"\nrights = \"Sales\"\n");
    let group = |calls| format!("{sales}[[rights]]\nname = \"Sales\"\ncalls = \"{calls}\"\n");
    let mut bench = Bench::of(&group("europe"));
    let provider = Provider::new(&mut bench);
    let (anna, bram) = (bench.phone("201"), bench.phone("202"));
    let mut call = anna.call(&mut bench, "003225551234");
    provider.ua.rung(&mut bench).refuse(&mut bench, 486);
    call.expect(&mut bench, 486);
    bram.call(&mut bench, "003225551234").expect(&mut bench, 403);
    bench.settle(&group("country"));
    anna.call(&mut bench, "003225551234").expect(&mut bench, 403);
    bench.over();
}

#[test]
fn a_117_a_line_that_carries_less_than_the_contracts_allow_is_told_and_so_is_one_that_loses_sound_with_several_calls() {
    let line = |kbit: &str| OFFICE.replace("language = \"nl\"\n", &format!("language = \"nl\"\nline_kbit = {kbit}\n"));
    let (mut bench, provider) = Bench::on_tuesday(&line("200"));
    assert!(!bench.has_problem("use-line-narrow", ""), "two calls of 100 kbit/s each way");
    bench.settle(&line("199"));
    assert!(bench.has_problem("use-line-narrow", ""));
    bench.settle(&line("1000"));
    assert!(!bench.has_problem("use-line-narrow", ""));
    let (anna, bram) = (bench.phone("201"), bench.phone("202"));
    bench.media.last_word = LegQuality { packets: 970, lost: 30, ..LegQuality::default() };
    for told in [false, true] {
        let calls = [(&anna, "0301234567"), (&bram, "0301234568")].map(|(phone, dialled)| {
            let call = phone.call(&mut bench, dialled);
            bench.answered(call, &provider.ua)
        });
        for (mut call, mut ring) in calls {
            call.hang_up(&mut bench);
            ring.expect_bye(&mut bench);
        }
        bench.seconds(10);
        assert_eq!(bench.has_problem("use-line-loses", ""), told);
    }
    // Somebody says that the line is another one.
    bench.settle(&line("2000"));
    assert!(!bench.has_problem("use-line-loses", ""));
    bench.over();
}

#[test]
fn b_27_a_phone_in_the_lobby_calls_outside_while_the_office_is_open_alone_and_help_whenever() {
    let lobby = OFFICE.replace("name = \"Anna\"\n", "name = \"Anna\"\ncalls = \"lobby\"\n");
    for (clock, open) in [
        (Some(Civil { day: 20_781, minute: 600 }), true),
        (Some(Civil { day: 20_781, minute: 180 }), false),
        // A Sunday.
        (Some(Civil { day: 20_779, minute: 600 }), false),
        // Nobody knows what time it is.
        (None, false),
    ] {
        let mut bench = Bench::switched_off(&lobby, (10_000, 10_199));
        let provider = Provider::new(&mut bench);
        bench.find_interfaces();
        clock.into_iter().for_each(|civil| bench.input(Input::Clock(civil)));
        let (anna, bram) = (bench.phone("201"), bench.phone("202"));
        let mut call = anna.call(&mut bench, "0301234567");
        if open {
            let ring = provider.ua.rung(&mut bench);
            ring.refuse(&mut bench, 486);
            call.expect(&mut bench, 486);
        } else {
            assert_eq!(call.expect(&mut bench, 403).reason, "Not Allowed For You", "{clock:?}");
        }
        for never in ["0612345678", "003225551234", "09001234"] {
            anna.call(&mut bench, never).expect(&mut bench, 403);
        }
        let (mut inside, mut ring) = bench.connect(&anna, "202", &bram);
        inside.hang_up(&mut bench);
        ring.expect_bye(&mut bench);
        let draft = anna.invite_draft(&mut bench, "112");
        let help = Leg::calling(&anna, &mut bench, &draft);
        let (mut help, mut helper) = bench.answered(help, &provider.ua);
        help.hang_up(&mut bench);
        helper.expect_bye(&mut bench);
        bench.over();
    }
}
