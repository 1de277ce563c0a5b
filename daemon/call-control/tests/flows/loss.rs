//! Packets that get lost, come twice or come late; connections that break.

use std::time::Duration;

use centrale_call_control::Outcome;
use centrale_sip::flow::Transport;
use centrale_sip::message::Method;

use crate::bench::{Bench, Leg, Ua};
use crate::ended;

#[test]
fn an_invite_that_comes_twice_is_one_call() {
    let mut bench = Bench::new();
    let (anna, bram) = (bench.phone("201"), bench.phone("202"));
    let call = anna.call(&mut bench, "202");
    let again = call.invite.clone().unwrap();
    anna.send(&mut bench, &again);
    anna.send(&mut bench, &again);
    let ring = bram.rung(&mut bench);
    bench.quiet();
    assert_eq!((bench.trying, bench.resent), (1, 2), "each was told that it is being tried");
    let mut call = call;
    ring.refuse(&mut bench, 486);
    call.expect(&mut bench, 486);
    anna.send(&mut bench, &again);
    bench.quiet();
    assert_eq!(ended(bench), (Outcome::Busy, 486));
}

#[test]
fn an_answer_that_comes_twice_is_acknowledged_twice() {
    let mut bench = Bench::new();
    let (anna, bram) = (bench.phone("201"), bench.phone("202"));
    let mut call = anna.call(&mut bench, "202");
    let mut ring = bram.rung(&mut bench);
    ring.pick_up(&mut bench);
    let resent = bench.resent;
    ring.respond(&mut bench, 200, Some(&ring.sdp));
    assert_eq!(bench.resent, resent + 1, "the same ACK once more");
    call.expect(&mut bench, 200);
    call.ack(&mut bench);
    call.ack(&mut bench);
    call.hang_up(&mut bench);
    ring.expect_bye(&mut bench);
    assert_eq!(ended(bench), (Outcome::Answered, 0));
}

#[test]
fn a_phone_that_hears_nothing_for_a_while_is_sent_the_invite_again() {
    let mut bench = Bench::new();
    let (anna, bram) = (bench.phone("201"), bench.phone("202"));
    bench.lost.insert(bram.at);
    let mut call = anna.call(&mut bench, "202");
    bench.advance(Duration::from_millis(400));
    bench.lost.clear();
    bench.advance(Duration::from_millis(200));
    let ring = bram.rung(&mut bench);
    ring.refuse(&mut bench, 486);
    call.expect(&mut bench, 486);
    assert_eq!(ended(bench), (Outcome::Busy, 486));
}

#[test]
fn a_hang_up_that_gets_lost_is_sent_again() {
    let mut bench = Bench::new();
    let (anna, bram) = (bench.phone("201"), bench.phone("202"));
    let (mut call, mut ring) = bench.connect(&anna, "202", &bram);
    bench.lost.insert(bram.at);
    call.hang_up(&mut bench);
    bench.advance(Duration::from_millis(400));
    bench.lost.clear();
    bench.seconds(1);
    ring.expect_bye(&mut bench);
    assert_eq!(ended(bench), (Outcome::Answered, 0));
}

#[test]
fn a_phone_that_rang_and_is_never_heard_again_leaves_nothing_behind() {
    let mut bench = Bench::new();
    let (anna, bram) = (bench.phone("201"), bench.phone("202"));
    let mut call = anna.call(&mut bench, "202");
    bram.rung(&mut bench).ring(&mut bench);
    call.expect(&mut bench, 180);
    // Bram answers, and neither the answer nor anything later arrives.
    bench.lost.insert(bram.at);
    bench.seconds(61);
    call.expect(&mut bench, 480);
    bench.seconds(40);
    assert!(bench.exchange.holdings().is_empty(), "{:?}", bench.exchange.holdings());
    assert_eq!(ended(bench), (Outcome::NoAnswer, 480));
}

#[test]
fn the_media_threads_last_word_is_waited_for_but_not_for_ever() {
    let mut bench = Bench::new();
    bench.media.says_last_word = false;
    let (anna, bram) = (bench.phone("201"), bench.phone("202"));
    let (mut call, mut ring) = bench.connect(&anna, "202", &bram);
    call.hang_up(&mut bench);
    ring.expect_bye(&mut bench);
    assert!(bench.records.is_empty());
    bench.seconds(6);
    assert_eq!(bench.records.len(), 1);
    assert_eq!(bench.records[0].caller_quality.packets, 0);
    assert_eq!(ended(bench), (Outcome::Answered, 0));
}

#[test]
fn ports_cool_down_before_another_call_gets_them() {
    let mut bench = Bench::with_ports(crate::bench::OFFICE, (10_000, 10_003));
    let (anna, bram) = (bench.phone("201"), bench.phone("202"));
    let (mut call, mut ring) = bench.connect(&anna, "202", &bram);
    call.hang_up(&mut bench);
    ring.expect_bye(&mut bench);
    bench.seconds(59);
    anna.call(&mut bench, "202").expect(&mut bench, 503);
    assert_eq!(bench.exchange.counters().ports_exhausted, 1);
    bench.seconds(2);
    let (mut call, mut ring) = bench.connect(&anna, "202", &bram);
    call.hang_up(&mut bench);
    ring.expect_bye(&mut bench);
    let outcomes: Vec<_> = bench.over().iter().map(|record| record.outcome).collect();
    assert_eq!(outcomes, [Outcome::Answered, Outcome::Unreachable, Outcome::Answered]);
}

#[test]
fn a_port_that_another_program_holds_is_replaced_while_it_rings() {
    for taken in 0..4 {
        let mut bench = Bench::with_ports(crate::bench::OFFICE, (10_000, 10_011));
        let (anna, bram) = (bench.phone("201"), bench.phone("202"));
        bench.media.refused.extend((0..taken).map(|pair| 10_000 + 2 * pair));
        let mut call = anna.call(&mut bench, "202");
        let mut ring = bram.rung(&mut bench);
        while let Some(next) = bench.take_request(bram.at, &Method::INVITE) {
            ring.expect_gone(&mut bench);
            ring = Leg::called(&bram, &mut bench, next);
        }
        ring.pick_up(&mut bench);
        let answer = call.expect(&mut bench, 200);
        call.ack(&mut bench);
        let ports = bench.media.ports_in_use();
        let told: std::collections::BTreeSet<_> =
            [&answer.body, &ring.asked().body].map(|body| crate::bench::audio(body).remote.unwrap().port()).into();
        assert_eq!(told, ports, "with {taken} ports taken");
        call.hang_up(&mut bench);
        ring.expect_bye(&mut bench);
        assert_eq!(ended(bench), (Outcome::Answered, 0));
    }
}

#[test]
fn a_connection_that_breaks_takes_what_was_registered_over_it() {
    let mut bench = Bench::new();
    let anna = bench.phone("201");
    let bram = bench.phone_at("202", Transport::Tcp, "192.168.1.102:40001");
    bench.break_connection(Transport::Tcp, bram.at);
    anna.call(&mut bench, "202").expect(&mut bench, 480);
    assert_eq!(ended(bench), (Outcome::Unreachable, 480));
}

#[test]
fn a_phone_whose_connection_breaks_while_it_talks_keeps_the_call_over_its_next_one() {
    let mut bench = Bench::new();
    let anna = bench.phone("201");
    let bram = bench.phone_at("202", Transport::Tcp, "192.168.1.102:40001");
    let (mut call, mut ring) = bench.connect(&anna, "202", &bram);
    bench.break_connection(Transport::Tcp, bram.at);
    let back = Ua { at: "192.168.1.102:40002".parse().unwrap(), ..bram };
    back.register(&mut bench);
    call.hang_up(&mut bench);
    ring.ua = back;
    ring.expect_bye(&mut bench);
    assert_eq!(ended(bench), (Outcome::Answered, 0));
}

#[test]
fn a_phone_that_is_hung_up_while_its_connection_is_gone_learns_it_when_it_comes_back() {
    let mut bench = Bench::new();
    let anna = bench.phone("201");
    let bram = bench.phone_at("202", Transport::Tcp, "192.168.1.102:40001");
    let (mut call, mut ring) = bench.connect(&anna, "202", &bram);
    bench.seconds(40);
    bench.break_connection(Transport::Tcp, bram.at);
    call.hang_up(&mut bench);
    let held = bench.exchange.holdings();
    assert!(held.is_empty(), "{held:?} waits for it");
    ring.ua.at = "192.168.1.102:40002".parse().unwrap();
    ring.ua.register(&mut bench);
    let bye = ring.draft(&mut bench, "BYE");
    assert_eq!(ring.ask(&mut bench, &bye).status.code(), 481);
    assert_eq!(ended(bench), (Outcome::Answered, 0));
}

#[test]
fn a_phone_whose_nat_gives_it_another_port_is_answered_there() {
    let mut bench = Bench::new();
    let (anna, bram) = (bench.phone("201"), bench.phone("202"));
    let (mut call, mut ring) = bench.connect(&anna, "202", &bram);
    call.ua.at = "192.168.1.101:61000".parse().unwrap();
    let options = call.draft(&mut bench, "OPTIONS");
    assert_eq!(call.ask(&mut bench, &options).status.code(), 200);
    ring.hang_up(&mut bench);
    call.expect_bye(&mut bench);
    assert_eq!(ended(bench), (Outcome::Answered, 0));
}
