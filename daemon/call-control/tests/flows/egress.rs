//! Where the box sends anything at all: to its providers, and to whoever spoke to it first. Nobody makes it speak to others.

use std::collections::BTreeSet;
use std::net::SocketAddr;
use std::time::Duration;

use centrale_sip::flow::Transport;
use proptest::prelude::*;
use proptest::test_runner::{Config, RngSeed};

use crate::bench::{BOX, Bench, Draft, Provider, Ua};

const FOREIGN: &str = "203.0.113.77";
const STRANGERS: [&str; 2] = ["192.168.1.66:5060", "203.0.113.66:5060"];
const METHODS: [&str; 12] = [
    "OPTIONS",
    "INVITE",
    "REGISTER",
    "SUBSCRIBE",
    "MESSAGE",
    "REFER",
    "PUBLISH",
    "NOTIFY",
    "INFO",
    "BYE",
    "UPDATE",
    "FROB",
];

/// Fields that say where something is to be sent.
fn fields() -> impl Strategy<Value = Vec<(&'static str, String)>> {
    let foreign = [
        ("Contact", format!("<sip:201@{FOREIGN}:5080>")),
        ("Contact", format!("<sip:201@{BOX};maddr={FOREIGN}>")),
        ("Route", format!("<sip:{FOREIGN};lr>")),
        ("Record-Route", format!("<sip:{FOREIGN};lr>")),
        ("Path", format!("<sip:{FOREIGN};lr>")),
        ("Refer-To", format!("<sip:201@{FOREIGN}>")),
        ("Reply-To", format!("<sip:201@{FOREIGN}>")),
        ("From", format!("<sip:201@{FOREIGN}>;tag=f")),
        ("To", format!("<sip:201@{FOREIGN}>")),
        ("To", format!("<sip:201@{FOREIGN}>;tag=t")),
        ("Event", "dialog".to_owned()),
        ("Via", format!("SIP/2.0/UDP {FOREIGN}:5080;branch=z9hG4bK-x;maddr={FOREIGN};rport")),
        ("Via", format!("SIP/2.0/UDP {FOREIGN};branch=z9hG4bK-y;received={FOREIGN}")),
        ("Via", format!("SIP/2.0/UDP {FOREIGN};branch=z9hG4bK-z")),
    ];
    proptest::sample::subsequence(foreign.to_vec(), 0..6)
}

#[derive(Debug, Clone)]
struct Asked {
    sender: usize,
    method: &'static str,
    uri: String,
    fields: Vec<(&'static str, String)>,
}

fn asked() -> impl Strategy<Value = Asked> {
    let uris = [
        format!("sip:201@{BOX}"),
        format!("sip:202@{BOX}"),
        format!("sip:{BOX}"),
        format!("sip:201@{FOREIGN}"),
        format!("sip:201@{BOX};maddr={FOREIGN}"),
        format!("sip:0031201234567@{FOREIGN};transport=udp"),
        "sip:201@elsewhere.example".to_owned(),
    ];
    let parts = (0..4_usize, proptest::sample::select(&METHODS[..]), proptest::sample::select(uris.to_vec()), fields());
    parts.prop_map(|(sender, method, uri, fields)| Asked { sender, method, uri, fields })
}

/// Sends it, and once more with the proof that is asked for.
fn send(bench: &mut Bench, ua: &Ua, asked: &Asked) {
    let to = format!("<{}>", asked.uri);
    let plain = ua.draft(bench, asked.method, &asked.uri, &to);
    let changed = asked.fields.iter().fold(plain, |draft: Draft, (name, value)| draft.set(name, value.as_str()));
    ua.send(bench, &changed);
    let call_id = changed.field("Call-ID").to_owned();
    let challenge = bench.take_response(ua.at, |response| {
        response.headers.call_id() == Ok(&call_id) && matches!(response.status.code(), 401 | 407)
    });
    if let Some(challenge) = challenge {
        let proven = ua.proven(bench, &changed, &challenge);
        ua.send(bench, &proven);
    }
}

#[test]
fn a_012_whatever_anybody_says_nothing_leaves_but_to_providers_and_to_who_spoke() {
    let config = Config { cases: 192, rng_seed: RngSeed::Fixed(12), ..Config::default() };
    proptest!(config, |(all in proptest::collection::vec(asked(), 1..6))| {
        let mut bench = Bench::new();
        let senders = [
            bench.phone("201"),
            Ua::new("201", Transport::Udp, STRANGERS[0]),
            Ua::new("201", Transport::Udp, STRANGERS[1]),
            Ua::new("office", Transport::Udp, Provider::ADDRESS),
        ];
        let bram = bench.phone("202");
        for asked in &all {
            send(&mut bench, &senders[asked.sender], asked);
            bench.advance(Duration::from_millis(200));
        }
        // Whoever answers for 201 by now, and for whatever was asked for.
        let invite = bram.invite_draft(&mut bench, "201");
        bram.send(&mut bench, &invite);
        bench.seconds(40);
        let may: BTreeSet<SocketAddr> = senders.iter().chain([&bram]).map(|ua| ua.at).collect();
        let strayed: Vec<_> = bench.sent_to.difference(&may).collect();
        prop_assert!(strayed.is_empty(), "sent to {strayed:?}");
    });
}

#[test]
fn a_012_a_phone_that_asks_for_fifty_addresses_outside_reaches_none_and_is_told_within_five_seconds() {
    let mut bench = Bench::new();
    let anna = bench.phone("201");
    let before = bench.sent_to.clone();
    let mut told = None;
    for host in 1..=50_u64 {
        let uri = format!("sip:100@203.0.113.{host}");
        let draft = anna.draft(&mut bench, "OPTIONS", &uri, &format!("<{uri}>"));
        anna.send(&mut bench, &draft);
        bench.advance(Duration::from_millis(100));
        if bench.has_problem("lan-scans-outside", "192.168.1.101") {
            told.get_or_insert(host * 100);
        }
    }
    assert_eq!(bench.sent_to, before, "to anna and the provider, as before");
    assert!(told.is_some_and(|after| after <= 5_000), "{told:?} ms");
    let problem = bench.problems().into_iter().find(|one| one.code == "lan-scans-outside").unwrap();
    assert_eq!(problem.detail, "Anna");
    assert_eq!(bench.incidents.iter().filter(|one| one.tried[0].0 == "scan-outside").count(), 1, "one story");
    bench.seconds(31 * 60);
    assert!(!bench.has_problem("lan-scans-outside", "192.168.1.101"));
}

#[test]
fn a_012_a_phone_that_calls_its_exchange_by_a_name_of_its_own_is_no_scanner() {
    let mut bench = Bench::new();
    let anna = bench.phone("201");
    for _ in 0..40 {
        let draft = anna.draft(&mut bench, "OPTIONS", "sip:exchange.example", "<sip:exchange.example>");
        anna.send(&mut bench, &draft);
        bench.seconds(1);
    }
    assert!(bench.problems().iter().all(|one| one.code != "lan-scans-outside"), "{:?}", bench.problems());
}
