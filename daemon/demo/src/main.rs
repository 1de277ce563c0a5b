//! A living office on loopback: the simulation's phones and provider on real sockets, around a running box.
//!
//! Each has an address of its own (127.0.0.11 and up) and a thread of its own; what they do is the simulation's, when they do it
//! is drawn at random. It ends when it is told to, or when the box is gone for good.

mod phone;
mod voice;

use std::net::{Ipv4Addr, SocketAddr};
use std::time::Instant;

use centrale_sim::agent::Character;
use centrale_sip::flow::Transport;
use clap::Parser;
use phone::Phone;

/// Simulated phones and a provider around a running box.
#[derive(Debug, Parser)]
struct Flags {
    /// The box's SIP address.
    #[arg(long, default_value = "127.0.0.1:5060")]
    exchange: SocketAddr,
    /// Draws who calls whom; the same seed gives the same wishes.
    #[arg(long, default_value_t = 1)]
    seed: u64,
}

/// The people of `office.toml`.
const PEOPLE: [(&str, &str); 5] = [
    ("201", "Anna Jansen"),
    ("202", "Bart de Vries"),
    ("203", "Chloé Lambert"),
    ("204", "Dirk Peeters"),
    ("205", "Emma Bakker"),
];
/// Whom they call: colleagues, the shop, and the world.
const DIALLED: [&str; 9] =
    ["201", "202", "203", "204", "205", "250", "0612345678", "070 123 45 67", "0032 2 123 45 67"];
/// Whom the world calls.
const CALLED: [&str; 2] = ["+31201234567", "+31201234568"];

fn main() -> std::io::Result<()> {
    let flags = Flags::parse();
    let now = Instant::now();
    let mut threads = Vec::new();
    for (at, (number, name)) in PEOPLE.into_iter().enumerate() {
        let here = address(11 + at, 5070);
        let phone =
            Phone::new(now, person(number, name), here, flags.exchange, DIALLED.to_vec(), flags.seed + at as u64)?;
        threads.push(std::thread::spawn(move || phone.live()));
    }
    let provider = Phone::new(now, provider(), address(100, 5080), flags.exchange, CALLED.to_vec(), flags.seed + 100)?;
    threads.push(std::thread::spawn(move || provider.live()));
    for thread in threads {
        thread.join().map_err(|_| std::io::Error::other("a simulated phone broke"))??;
    }
    Ok(())
}

fn address(last: usize, port: u16) -> SocketAddr {
    let last = u8::try_from(last).unwrap_or(u8::MAX);
    (Ipv4Addr::new(127, 0, 0, last), port).into()
}

fn person(number: &str, name: &str) -> Character {
    Character {
        name: name.into(),
        number: number.into(),
        username: number.into(),
        password: format!("demo-only-password-{number}"),
        transport: Transport::Udp,
        expires: 300,
        late_offer: false,
        long_offer: false,
        old_hold: false,
        srtp: false,
        update: true,
        provider: false,
        challenges_calls: false,
        emergency: &["112"],
    }
}

fn provider() -> Character {
    let password = "demo-only-password-trunk".into();
    Character {
        username: "office".into(),
        password,
        expires: 0,
        provider: true,
        challenges_calls: true,
        ..person("+31612345678", "Customer")
    }
}
