//! A box that has no room left: ordinary calls are told so, and help is reached all the same (invariant 1).

use centrale_call_control::Outcome;
use centrale_sip::endpoint::EndpointSettings;

use crate::bench::{Bench, Leg, Provider};

/// Few enough to fill in a story.
const MOST: usize = 8;
/// INVITEs have an eighth more.
const MOST_CALLS: usize = 9;

#[test]
fn a_flood_of_calls_that_fills_every_transaction_keeps_nobody_from_help() {
    let endpoint = EndpointSettings { max_transactions: MOST, ..EndpointSettings::default() };
    let mut bench = Bench::with_endpoint(endpoint);
    let provider = Provider::new(&mut bench).ua;
    bench.find_interfaces();
    let (anna, bram) = (bench.phone("201"), bench.phone("202"));
    // The registrations are forgotten again.
    bench.seconds(40);
    let waiting: Vec<Leg> = (0..MOST_CALLS).map(|_| bram.call(&mut bench, "201")).collect();
    let rings: Vec<Leg> = waiting.iter().map(|_| anna.rung(&mut bench)).collect();
    let draft = bram.invite_draft(&mut bench, "201");
    Leg::calling(&bram, &mut bench, &draft).expect(&mut bench, 503);

    let draft = anna.invite_draft(&mut bench, "112");
    let mut call = Leg::calling(&anna, &mut bench, &draft);
    let mut help = provider.rung(&mut bench);
    help.pick_up(&mut bench);
    call.expect(&mut bench, 200);
    call.ack(&mut bench);
    for (mut waits, ring) in waiting.into_iter().zip(rings) {
        ring.refuse(&mut bench, 486);
        waits.expect(&mut bench, 486);
    }
    bench.seconds(40);
    call.hang_up(&mut bench);
    help.expect_bye(&mut bench);
    let records = bench.over();
    let of_help: Vec<_> = records.iter().filter(|record| record.emergency).map(|record| record.outcome).collect();
    assert_eq!((of_help, records.len()), (vec![Outcome::Answered], MOST_CALLS + 1));
}
