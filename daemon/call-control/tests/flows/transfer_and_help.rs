//! Transfers and calls for help: help is handed on by nobody, and takes its channel from who loses least by it.

use crate::bench::{Bench, Leg, Provider, Ua};
use crate::transfer::{bram_talks_to_outside, to};

#[test]
fn a_call_for_help_is_not_handed_on() {
    let (mut bench, _, _, provider) = {
        let (bench, mut call, mut ring, provider) = bram_talks_to_outside();
        let mut bench = bench;
        call.hang_up(&mut bench);
        ring.expect_bye(&mut bench);
        (bench, (), (), provider)
    };
    let (anna, _bram) = (bench.phone("201"), Ua::usual("202"));
    let draft = anna.invite_draft(&mut bench, "112");
    let mut call = Leg::calling(&anna, &mut bench, &draft);
    let mut help = provider.ua.rung(&mut bench);
    help.pick_up(&mut bench);
    call.expect(&mut bench, 200);
    call.ack(&mut bench);
    assert_eq!(call.refer(&mut bench, &to("202")).status.code(), 403);
    call.hang_up(&mut bench);
    help.expect_bye(&mut bench);
    bench.over();
}

/// Chris calls for help, and the provider has no channel for it.
#[track_caller]
fn chris_finds_it_full(bench: &mut Bench, provider: &Provider) -> Leg {
    let chris = bench.phone("203");
    let draft = chris.invite_draft(bench, "112");
    let call = Leg::calling(&chris, bench, &draft);
    provider.ua.rung(bench).refuse(bench, 503);
    call
}

#[track_caller]
fn is_helped(bench: &mut Bench, provider: &Provider, mut call: Leg) {
    let mut help = provider.ua.rung(bench);
    assert_eq!(help.asked().uri.dialled().as_deref(), Some("112"));
    help.pick_up(bench);
    call.expect(bench, 200);
    call.ack(bench);
    help.hang_up(bench);
    call.expect_bye(bench);
}

#[test]
fn a_full_provider_is_freed_for_help_of_the_call_that_talks_there_and_not_of_the_transfer_that_rings_for_it() {
    let (mut bench, mut call, mut ring, provider) = bram_talks_to_outside();
    let anna = bench.phone("201");
    assert_eq!(ring.refer(&mut bench, &to("201")).status.code(), 202);
    ring.told(&mut bench);
    let at_anna = anna.rung(&mut bench);
    let help = chris_finds_it_full(&mut bench, &provider);
    call.expect_bye(&mut bench);
    ring.expect_bye(&mut bench);
    at_anna.expect_gone(&mut bench);
    is_helped(&mut bench, &provider, help);
    bench.over();
}

#[test]
fn a_customer_who_is_parked_or_left_to_a_transfer_is_not_given_up_for_help_while_another_call_only_rings() {
    for parked in [true, false] {
        let (mut bench, mut call, mut ring, provider) = bram_talks_to_outside();
        let anna = bench.phone("201");
        let mut outward = anna.call(&mut bench, "0612345679");
        let at_outside = provider.ua.rung(&mut bench);
        let place = if parked { "701" } else { "201" };
        assert_eq!(ring.refer(&mut bench, &to(place)).status.code(), 202);
        ring.told(&mut bench);
        let mut rings = None;
        if parked {
            ring.expect_bye(&mut bench);
        } else {
            rings = Some(anna.rung(&mut bench));
            ring.hang_up(&mut bench);
        }
        call.put_on_hold(&mut bench);
        let help = chris_finds_it_full(&mut bench, &provider);
        outward.expect(&mut bench, 503);
        at_outside.expect_gone(&mut bench);
        is_helped(&mut bench, &provider, help);
        call.hang_up(&mut bench);
        rings.into_iter().for_each(|ring| ring.expect_gone(&mut bench));
        bench.over();
    }
}
