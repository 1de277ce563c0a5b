//! After a password, a user, somebody's service.

use std::net::SocketAddr;
use std::time::Duration;

use super::{MINUTE, answered_at, at};
use crate::drill::street::Street;
use crate::network::Node;

pub(super) fn enumerate(street: &mut Street, _: bool) -> Vec<String> {
    let nodes: Vec<Node> =
        (0..40_u8).map(|host| street.add_address(SocketAddr::from(([203, 0, 113, host], 5060)))).collect();
    let mut found = Vec::new();
    // The n-th of the office and the n-th of nobody, each pair from two addresses that were never there.
    for (number, pair) in (0_u16..).zip(nodes.chunks_exact(2)) {
        let [one, other] = pair else { continue };
        let user = (201 + number).to_string();
        let known = street.guess(*one, &user, "guess");
        let unknown = street.guess(*other, &(601 + number).to_string(), "guess");
        if known != unknown {
            found.push(format!("{user} was told apart: {known:?} and {unknown:?}"));
        }
        street.advance(Duration::from_secs(30));
    }
    found
}

pub(super) fn enumerate_fast(street: &mut Street, full: bool) -> Vec<String> {
    told_apart(street, if full { 400 } else { 60 }, Duration::from_millis(5))
}

pub(super) fn enumerate_slowly(street: &mut Street, full: bool) -> Vec<String> {
    told_apart(street, if full { 60 } else { 20 }, Duration::from_secs(33))
}

/// One address asks for users of the office, another one for users of nobody, in step: whether they hear the same.
fn told_apart(street: &mut Street, asks: u16, pause: Duration) -> Vec<String> {
    let [one, other] = ["203.0.113.70:5060", "198.51.100.70:5060"].map(|address| street.add_address(at(address)));
    let mut found = Vec::new();
    for number in 0..asks {
        let known = street.guess(one, &(201 + number % 10).to_string(), "guess");
        let unknown = street.guess(other, &(601 + number % 10).to_string(), "guess");
        if known != unknown {
            found.push(format!("ask {number} told them apart: {known:?} and {unknown:?}"));
        }
        street.advance(pause);
    }
    found
}

pub(super) fn guess_fast(street: &mut Street, full: bool) -> Vec<String> {
    let mut reached = Vec::new();
    let strangers = ["192.168.1.251:5060", "203.0.113.66:5060"].map(|address| street.add_address(at(address)));
    // Last, somebody whose own phone is registered.
    for (node, who) in strangers.into_iter().chain([street.phone(0)]).zip(["inside", "outside", "a colleague"]) {
        let before = street.judged();
        for guess in 0..if full { 1_000 } else { 60 } {
            street.guess(node, "202", &format!("guess-{guess}"));
        }
        let judged = street.judged() - before;
        if judged > 3 {
            reached.push(format!("{judged} guesses of {who} were judged"));
        }
    }
    reached
}

/// No account is guessed at twice in a row: what holds one source is how much it got wrong at all of them.
pub(super) fn spray_fast(street: &mut Street, full: bool) -> Vec<String> {
    let (node, mut judged) = (street.add_address(at("192.168.1.251:5060")), 0);
    for guess in 0..if full { 1_000 } else { 60 } {
        let before = street.judged();
        street.guess(node, &(201 + guess % 10).to_string(), &format!("guess-{guess}"));
        // It says each guess twice, to one nonce and to the next.
        judged += usize::from(street.judged() > before);
    }
    (judged > 6).then(|| format!("{judged} guesses of one source were judged")).into_iter().collect()
}

/// Whoever comes from there may be the provider: it is never blocked, and its guesses count as anybody's.
pub(super) fn guess_through_the_provider(street: &mut Street, full: bool) -> Vec<String> {
    let (node, before) = (street.add_address(at("192.168.1.1:40000")), street.judged());
    for guess in 0..if full { 1_000 } else { 60 } {
        street.guess(node, "202", &format!("guess-{guess}"));
    }
    let judged = street.judged() - before;
    street.advance(6 * MINUTE);
    let mut reached = not_served(street);
    reached.extend((judged > 3).then(|| format!("{judged} guesses were judged")));
    reached
}

pub(super) fn guess_slowly_through_the_provider(street: &mut Street, full: bool) -> Vec<String> {
    let ports = 40_000..40_200_u16;
    let nodes: Vec<Node> = ports.map(|port| street.add_address(SocketAddr::from(([192, 168, 1, 1], port)))).collect();
    let (rounds, before) = (if full { 20 } else { 2 }, street.judged());
    for round in 0..rounds {
        for (port, node) in nodes.iter().enumerate() {
            street.guess(*node, "202", &format!("guess-{round}-{port}"));
            street.advance(Duration::from_millis(1_480));
        }
    }
    let judged = street.judged() - before;
    let mut reached: Vec<String> = not_back(street).into_iter().collect();
    reached.extend(not_served(street));
    reached.extend((judged > 20).then(|| format!("{judged} guesses at one account were judged")));
    reached
}

pub(super) fn guess_slowly(street: &mut Street, full: bool) -> Vec<String> {
    let nodes: Vec<Node> =
        (0..200_u8).map(|host| street.add_address(SocketAddr::from(([203, 0, host, 66], 5060)))).collect();
    let (rounds, before) = (if full { 288 } else { 4 }, street.judged());
    let mut reached = Vec::new();
    for round in 0..rounds {
        if round == rounds / 2 {
            reached.extend(not_back(street));
        }
        for (host, node) in nodes.iter().enumerate() {
            let guess = format!("guess-{round}-{host}");
            // By logging in, and by calling for help: that is not refused to anybody who is right.
            if host.is_multiple_of(2) {
                street.guess(*node, "202", &guess);
            } else {
                street.guess_by_help(*node, "202", &guess);
            }
            street.advance(Duration::from_millis(1_480));
        }
    }
    let judged = street.judged() - before;
    reached.extend(not_served(street));
    reached.extend((judged > 20).then(|| format!("{judged} guesses at one account were judged")));
    reached
}

/// One PIN in every call, the right one among them: it is judged as little as the wrong ones then.
pub(super) fn guess_the_pin(street: &mut Street, full: bool) -> Vec<String> {
    let phone = street.phone(2);
    for guess in 0..if full { 200 } else { 30_u32 } {
        street.call(phone, "*92", Duration::from_secs(20));
        street.advance(Duration::from_secs(2));
        let pin = format!("{:06}#", 730_412 + guess * 7);
        street.press(&if guess == 25 { format!("{}#", Street::pin()) } else { pin });
        street.advance(Duration::from_secs(28));
    }
    let judged = street.counted("pins_wrong");
    let mut reached = Vec::new();
    if street.orders > 0 {
        reached.push("the box obeyed".to_owned());
    }
    if judged == 0 || judged > 10 {
        reached.push(format!("{judged} PINs were judged"));
    }
    reached
}

pub(super) fn lock_out(street: &mut Street, _: bool) -> Vec<String> {
    let mut lost = Vec::new();
    for host in 0..100_u8 {
        if host == 50 {
            lost.extend(not_back(street));
        }
        let node = street.add_address(SocketAddr::from(([203, 0, host, 7], 5060)));
        street.guess(node, "202", "guess");
        street.advance(Duration::from_secs(5));
    }
    lost.extend(not_served(street));
    lost
}

/// Bram, whose password is guessed: his phone starts anew at another port, and is to be registered within a minute.
fn not_back(street: &mut Street) -> Option<String> {
    let bram = street.phone(1);
    street.move_phone(bram, 5_070);
    street.advance(MINUTE);
    (!street.is_registered(bram)).then(|| "Bram's phone moved, and is not registered after a minute".to_owned())
}

/// Bram calls, and is called.
fn not_served(street: &mut Street) -> Vec<String> {
    let (bram, dialled) = (street.phone(1), "0201234999");
    let reached = |street: &Street| street.answered().filter(|(to, _)| to.ends_with(&dialled[1..])).count();
    let before = (reached(street), answered_at(street, bram));
    street.call(bram, dialled, MINUTE);
    street.advance(2 * MINUTE);
    street.call(street.provider(), "+31205550102", MINUTE);
    street.advance(2 * MINUTE);
    let (out, called) = (reached(street) > before.0, answered_at(street, bram) > before.1);
    [(out, "Bram cannot call"), (called, "nobody reaches Bram")]
        .into_iter()
        .filter(|(is_so, _)| !is_so)
        .map(|(_, what)| what.to_owned())
        .collect()
}
