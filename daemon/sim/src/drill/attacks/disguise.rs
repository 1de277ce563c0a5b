//! Who says to be somebody else: a phone, the provider, a caller.

use std::net::SocketAddr;
use std::time::Duration;

use super::{DEAR, MINUTE, answered_at, at, in_the_office, one_after_the_other};
use crate::agent::{Agent, Character};
use crate::drill::days::softphone;
use crate::drill::street::{Street, character};

/// The office's number.
const OFFICE: &str = "+31205550100";

/// From outside, and in the office under another program's name: each registers beside Anna's phone, and takes it away. Who has a
/// right password rings too, until somebody says whose it is; but Anna's phone rings as before, and the office knows.
pub(super) fn parallel(street: &mut Street, _: bool) -> Vec<String> {
    // Anna ends what she is in before.
    street.advance(10 * MINUTE);
    let before = answered_at(street, street.phone(0));
    let mut reached = Vec::new();
    for (calls, address) in (before + 1..).zip(["198.51.100.66:5060", "192.168.1.250:5060"]) {
        let looks = Character { user_agent: "Zoiper 5.6".to_owned(), ..character("201", "201", 300) };
        let thief = street.add(looks, at(address), Agent::talk_on);
        street.with(thief, |agent, _| agent.be_away());
        street.advance(Duration::from_secs(5));
        street.with(thief, Agent::wipe);
        street.advance(Duration::from_secs(5));
        street.with(thief, Agent::register_now);
        street.advance(Duration::from_secs(5));
        if !street.named.contains("device-unknown") {
            reached.push(format!("nobody was told of {address}"));
        }
        street.call(street.provider(), OFFICE, MINUTE);
        street.advance(2 * MINUTE);
        if answered_at(street, street.phone(0)) < calls {
            reached.push(format!("Anna lost a call to {address}"));
        }
    }
    reached
}

/// Somebody outside has even the password that the office has at its provider, registers with it at the box, calls in, and out.
pub(super) fn false_provider(street: &mut Street, _: bool) -> Vec<String> {
    let looks = Character { expires: 300, ..character(OFFICE, "provider", 300) };
    let fake = street.add(looks, at("203.0.113.77:5060"), Agent::oblige);
    street.advance(Duration::from_secs(10));
    let before = answered_at(street, street.phone(0));
    one_after_the_other(street, fake, [OFFICE, "201", DEAR[0], DEAR[1]]);
    street.call(street.phone(2), "0201234111", MINUTE);
    street.advance(10 * MINUTE);
    let mut reached = Vec::new();
    if answered_at(street, street.phone(0)) > before {
        reached.push("a call of the false provider's was answered".to_owned());
    }
    if street.stories().any(|(node, story)| node == fake && (!story.outgoing || story.established.is_some())) {
        reached.push("a call went over the false provider".to_owned());
    }
    reached
}

/// How soon the office is to know, from when somebody else registered there.
const SOON: Duration = Duration::from_secs(60);

pub(super) fn used_elsewhere(street: &mut Street, _: bool) -> Vec<String> {
    street.advance(10 * MINUTE);
    let provider = street.provider();
    street.with(provider, |agent, now| agent.take_another(now));
    street.advance(10 * MINUTE);
    let begun = street.agent(provider).and_then(Agent::another_since);
    let told = street.told.iter().find(|(_, problem)| problem.code == "trunk-elsewhere");
    match told.zip(begun).map(|((at, _), begun)| at.saturating_duration_since(begun)) {
        Some(after) if after <= SOON => Vec::new(),
        after => vec![format!("the office was told after {after:?}")],
    }
}

/// Somebody who works at home is known; a thief has the password, and everything by which that phone is known. Both are at it at once.
pub(super) fn copied(street: &mut Street, _: bool) -> Vec<String> {
    let home = softphone(street, "203", at("203.0.113.20:5060"));
    street.advance(MINUTE);
    street.recognise_all();
    street.with(home, Agent::register_now);
    street.advance(MINUTE);
    let thief = softphone(street, "203", at("198.51.100.66:5060"));
    street.advance(MINUTE);
    street.with(home, Agent::register_now);
    street.advance(MINUTE);
    one_after_the_other(street, thief, DEAR.into_iter().chain(["09001234"]));
    let paid = street.stories().filter(|(node, story)| *node == thief && story.established.is_some()).count();
    let before = street.answered().count();
    street.call(home, "0201234222", MINUTE);
    street.advance(2 * MINUTE);
    let mut reached = Vec::new();
    if paid > 0 {
        reached.push(format!("{paid} calls of the copy were answered"));
    }
    if street.answered().count() == before {
        reached.push("who works at home cannot call".to_owned());
    }
    reached
}

/// Somebody answers in the name server's place, and keeps the provider silent until the box asks once where it is. Who can keep it silent
/// for longer is followed, and told: a provider that moved looks the same.
pub(super) fn led_astray(street: &mut Street, _: bool) -> Vec<String> {
    street.advance(10 * MINUTE);
    let (provider, thief) = (street.provider(), at("203.0.113.77:5060"));
    let looks = character(OFFICE, "provider", 300);
    let fake = street.add(Character { provider: true, ..looks }, thief, Agent::oblige);
    street.mislead(thief);
    street.set_up(provider, false);
    let (before, gives_up) = (street.lookups, street.now() + 10 * MINUTE);
    while street.lookups == before && street.now() < gives_up {
        street.advance(Duration::from_secs(5));
    }
    street.set_up(provider, true);
    street.advance(30 * MINUTE);
    let mut reached = Vec::new();
    if street.agent(fake).is_some_and(Agent::has_registration) {
        reached.push("the office registered with somebody else".to_owned());
    }
    street.call(street.phone(2), "0201234111", MINUTE);
    street.advance(2 * MINUTE);
    if street.stories().any(|(node, _)| node == fake) {
        reached.push("a call went to somebody else".to_owned());
    }
    let out = street.stories().filter(|(node, story)| *node == provider && !story.outgoing);
    if !out.into_iter().any(|(_, story)| story.dialled.ends_with("201234111")) {
        reached.push("no call goes to the provider any more".to_owned());
    }
    reached
}

/// Out: somebody with a right password calls under numbers of others. In: the provider hands over calls under the office's own.
pub(super) fn forged(street: &mut Street, _: bool) -> Vec<String> {
    for (host, number) in (230..).zip(["0612345678", "+32470123456", "112", "09001234", "anonymous", "205"]) {
        let forger = Character { number: number.to_owned(), ..character("201", "201", 0) };
        let node = street.add(forger, SocketAddr::from(([192, 168, 1, host], 5060)), Agent::talk_on);
        street.call(node, "0201234567", MINUTE);
        street.advance(2 * MINUTE);
    }
    for number in [OFFICE, "201"] {
        street.with(street.provider(), |agent, _| agent.character.number = number.to_owned());
        street.call(street.provider(), OFFICE, MINUTE);
        street.advance(2 * MINUTE);
    }
    let (provider, anna) = (street.provider(), street.phone(0));
    // Both numbers of the office: they differ in the last digit.
    let is_ours = |caller: &String| caller.trim_start_matches(['+', '0']).contains(&OFFICE[3..OFFICE.len() - 1]);
    let mut reached = Vec::new();
    for (node, story) in street.stories().filter(|(_, story)| !story.outgoing) {
        let outside = story.dialled.len() > 3;
        if node == provider && !story.callers.iter().all(is_ours) {
            reached.push(format!("a call left under {:?}", story.callers));
        }
        if node == anna && outside && story.callers.iter().any(is_ours) {
            reached.push(format!("a call from outside was shown under {:?}", story.callers));
        }
    }
    reached
}

/// A phone in the office has itself called, and calls, and answers whatever the box asks with a question for proof.
pub(super) fn digest_leak(street: &mut Street, _: bool) -> Vec<String> {
    // Whoever talks on a busy day ends that before.
    street.advance(6 * MINUTE);
    let thief = in_the_office(street);
    street.with(thief, |agent, _| agent.oblige());
    street.call(thief, "205", MINUTE);
    street.advance(Duration::from_secs(20));
    street.with(thief, |agent, _| agent.demand_proof());
    street.with(street.phone(4), Agent::hang_up_all);
    street.advance(MINUTE);
    street.call(street.provider(), OFFICE, MINUTE);
    street.call(street.phone(3), "201", MINUTE);
    street.advance(2 * MINUTE);
    let given = street.agent(thief).map_or(0, Agent::proofs_of_the_box);
    (given > 0).then(|| format!("the box proved itself {given} times")).into_iter().collect()
}

/// Scanners' packets, guesses and floods that say they come from phones, from beside them, and from the provider.
pub(super) fn spoofed(street: &mut Street, full: bool) -> Vec<String> {
    let phones =
        (0..9_u8).flat_map(|number| [5060, 5061].map(|port| SocketAddr::from(([192, 168, 1, 100 + number], port))));
    let victims: Vec<SocketAddr> = phones.chain([at("198.18.0.10:5060"), at("198.18.0.10:5062")]).collect();
    for round in 0..if full { 2_000 } else { 100 } {
        for victim in &victims {
            street.say(*victim, spoof(*victim, round));
        }
        street.advance(Duration::from_millis(10));
    }
    // Whoever talks on a busy day ends that before.
    street.advance(6 * MINUTE);
    let ours: Vec<_> = victims.iter().map(SocketAddr::ip).collect();
    let blocks = street.blocks.iter().filter(|(_, block)| ours.contains(&block.source));
    // What nobody of the office speaks from may be shut.
    let blocked = blocks.filter(|(_, block)| block.port.is_none_or(|port| port == 5060)).count();
    street.call(street.phone(5), "0201234222", MINUTE);
    street.call(street.provider(), OFFICE, MINUTE);
    street.advance(2 * MINUTE);
    let out = street.answered().any(|(dialled, _)| dialled.ends_with("201234222"));
    let mut reached = Vec::new();
    if blocked > 0 {
        reached.push(format!("{blocked} blocks of phones or of the provider"));
    }
    if !out || answered_at(street, street.phone(0)) == 0 {
        reached.push("calls do not go through after it".to_owned());
    }
    reached
}

fn spoof(from: SocketAddr, round: u32) -> String {
    let via = format!("Via: SIP/2.0/UDP {from};branch=z9hG4bK{round};rport\r\n");
    let head = |method: &str, user: &str, more: &str| {
        format!(
            "{method} sip:{user}@192.168.1.10 SIP/2.0\r\n{via}Max-Forwards: 70\r\nFrom: <sip:{user}@192.168.1.10>;tag={round}\r\n\
             To: <sip:{user}@192.168.1.10>\r\nCall-ID: {round}@{from}\r\nCSeq: 1 {method}\r\n\
             Contact: <sip:{user}@{from}>\r\n{more}Content-Length: 0\r\n\r\n"
        )
    };
    match round % 4 {
        0 => format!(
            "OPTIONS sip:100@1.1.1.1 SIP/2.0\r\n{via}From: \"sipvicious\"<sip:100@1.1.1.1>;tag={round}\r\nTo: <sip:100@1.1.1.1>\r\nCall-ID: {round}\r\nCSeq: 1 OPTIONS\r\nUser-Agent: friendly-scanner\r\nContent-Length: 0\r\n\r\n"
        ),
        1 => head("REGISTER", &format!("1{:03}", round % 1_000), ""),
        2 => head("INVITE", "0046850780291", ""),
        _ => head(
            "REGISTER",
            "202",
            &format!(
                "Authorization: Digest username=\"202\", realm=\"office\", nonce=\"{round}\", uri=\"sip:x\", response=\"{round:032x}\"\r\n"
            ),
        ),
    }
}
