//! The rules of the house, checked over the real workspace: which room may lean on which, which room alone may use a
//! library, which libraries and licences may come in at all, and what may stand in a source file.
//!
//! In: `cargo metadata` (offline) and the files that git tracks. Out: a list of complaints, each naming the culprit and
//! the rule. Each rule is a function from values to complaints, so that its own tests show, on small made-up input, that
//! it can complain. The rules themselves are the tables at the top of each file; `ARCHITECTURE.md` tells them in words.

mod arrows;
mod egress;
mod front;
mod graph;
mod guests;
mod licences;
mod purity;
mod requirements;
mod sources;

use graph::Graph;
use sources::Tracked;

/// The box, and the machine of nearly every developer: a crate that is used on one of them only is looked at too.
const TARGETS: [&str; 2] = ["aarch64-unknown-linux-gnu", "x86_64-unknown-linux-gnu"];

/// Fails with the complaints, one a line.
fn expect_none(complaints: &[String]) {
    assert!(complaints.is_empty(), "{} complaint(s):\n{}", complaints.len(), complaints.join("\n"));
}

/// Runs a rule over what is built for each target.
fn over_each_target(rule: impl Fn(&Graph) -> Vec<String>) {
    for target in TARGETS {
        let graph = Graph::of_workspace(target);
        assert!(graph.rooms().count() >= 13, "cargo metadata names the whole workspace");
        expect_none(&rule(&graph));
    }
}

#[test]
fn rooms_lean_only_where_the_arrows_point() {
    over_each_target(arrows::complaints);
}

/// Who looks for hijackers gets signalling and counters, never packets of speech.
#[test]
fn a_013_the_guard_reaches_no_room_that_handles_speech() {
    over_each_target(|graph| {
        let guard = graph.rooms().find(|room| room.name == "centrale-guard").expect("the guard has a room");
        let speech = ["centrale-rtp", "centrale-media"];
        graph.reach(guard, &[]).into_keys().filter(|reached| speech.contains(&reached.as_str())).collect()
    });
}

/// Everything stays on the box: it begins no connection but to phones, providers, the office's network and its mail server.
#[test]
fn a_056_nothing_leaves_the_box_but_calls_and_mail_to_whom_the_office_named() {
    expect_none(&egress::connections(&Tracked::of_workspace()));
    over_each_target(egress::libraries);
}

#[test]
fn pure_rooms_reach_no_clock_socket_or_database_library() {
    over_each_target(purity::libraries);
}

#[test]
fn pure_rooms_have_the_lints_that_keep_them_pure() {
    expect_none(&purity::lints(&Tracked::of_workspace(), &Graph::of_workspace(TARGETS[0])));
}

#[test]
fn a_library_with_one_room_is_used_in_that_room_alone() {
    over_each_target(guests::sole_users);
}

#[test]
fn no_forbidden_library_has_come_in() {
    over_each_target(guests::forbidden);
}

#[test]
fn no_c_code_but_sqlite_and_ring() {
    over_each_target(guests::native);
}

#[test]
fn every_licence_is_one_we_may_ship() {
    over_each_target(licences::complaints);
}

#[test]
fn sources_keep_the_rules_of_the_house() {
    let tracked = Tracked::of_workspace();
    expect_none(&sources::complaints(&tracked));
}

#[test]
fn every_requirement_is_said_to_be_proven_where_its_test_stands() {
    expect_none(&requirements::complaints(&Tracked::of_workspace()));
}
