//! The flows of RFC 3665 and RFC 5359, trunks and calls for help, as stories: who sends what, what each phone sees, what is
//! written down, and that nothing of it is left when everybody has hung up.

#![allow(clippy::disallowed_methods, reason = "a test begins time")]
#![allow(clippy::unwrap_used, reason = "a story stops where it is surprised")]

mod bench;

mod a_093;
mod alarm_line;
mod alert;
mod basic;
mod codes;
mod conference;
mod costs;
mod devices;
mod dialect;
mod doctor;
mod earlier;
mod early_media;
mod egress;
mod encryption;
mod examine;
mod forking;
mod forward;
mod full;
mod help;
mod hold;
mod identity;
mod incidents;
mod incoming;
mod kept_blocks;
mod keys;
mod knock;
mod ladder;
mod lan;
mod leaving;
mod lent;
mod limits;
mod location;
mod loss;
mod machine;
mod malicious;
mod once;
mod opening;
mod outgoing;
mod park;
mod phone_path;
mod pickup;
mod premium_number;
mod prices;
mod proof;
mod records;
mod refusals;
mod registration;
mod resync;
mod routes;
mod session_timers;
mod silence;
mod sounds;
mod stops;
mod subscriptions;
mod terse;
mod torture;
mod transfer;
mod transfer_and_help;
mod trunk_outage;
mod trunk_registration;
mod unnamed;
mod usage;
mod verdicts;
mod voicemail;
mod within;
mod zone;

use centrale_call_control::Outcome;

/// How the only call of a story ended.
#[track_caller]
fn ended(bench: bench::Bench) -> (Outcome, u16) {
    let records = bench.over();
    let [record] = &records[..] else { panic!("{records:?}") };
    (record.outcome, record.status)
}
