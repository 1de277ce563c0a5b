//! Three hundred and twenty offices, each a whole day's trouble in less than an hour of virtual time. In four parts, so that
//! they run side by side. A failure prints its seed and a ladder; `sim --seed N` replays it.

use std::collections::BTreeMap;
use std::ops::Range;
use std::time::Instant;

/// Runs the seeds, and looks that enough happened in them to mean anything.
fn all_hold(seeds: Range<u64>) {
    let start = Instant::now();
    let (mut answered, mut sounds, mut messages, mut endings) = (0, 0, 0, BTreeMap::new());
    for seed in seeds {
        let report = centrale_sim::run(start, seed);
        assert!(report.violation.is_none(), "{}", report.explain(300, false));
        answered += report.answered;
        sounds += report.sounds;
        messages += report.messages;
        for (ending, count) in report.endings {
            *endings.entry(ending).or_insert(0) += count;
        }
    }
    assert!(answered > 200, "only {answered} calls were answered at both ends");
    assert!(sounds > 1000, "only {sounds} packets of the box's own were heard");
    assert!(messages > 20, "only {messages} messages were left");
    for ending in ["talked", "given up", "404", "480", "486", "603"] {
        assert!(endings.contains_key(ending), "no call ended {ending}: {endings:?}");
    }
}

#[test]
fn invariants_hold_in_seeds_0_to_79() {
    all_hold(0..80);
}

#[test]
fn invariants_hold_in_seeds_80_to_159() {
    all_hold(80..160);
}

#[test]
fn invariants_hold_in_seeds_160_to_239() {
    all_hold(160..240);
}

#[test]
fn invariants_hold_in_seeds_240_to_319() {
    all_hold(240..320);
}

#[test]
fn the_same_seed_gives_the_same_trace_byte_for_byte() {
    for seed in [3, 33, 72] {
        // Two beginnings, so that nothing depends on what the clock says.
        let trace = || centrale_sim::run(Instant::now(), seed).trace.to_text();
        let (one, two) = (trace(), trace());
        assert!(one.lines().count() > 100);
        let differing = one.lines().zip(two.lines()).find(|(one, two)| one != two);
        assert_eq!(differing, None, "seed {seed}");
        assert!(one == two, "seed {seed}: one run went on longer");
    }
}
