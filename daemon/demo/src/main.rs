//! A living office on loopback: a box, and around it the simulation's phones and provider on real sockets.
//!
//! Each has an address of its own (127.0.0.11 and up). The phones come from the factory: they find the box, are set up by it and
//! call; what they do is the simulation's, when they call is drawn at random. It ends when it is told to, or with the box.

mod administrator;
mod connection;
mod desk;
mod house;
mod log;
mod provider;
mod tls;
mod voice;
mod web;
mod wish;

use std::net::Ipv4Addr;
use std::process::{ExitCode, ExitStatus};
use std::time::Duration;

use administrator::{Administrator, new_password};
use centrale_sim::desk::Profile;
use clap::Parser;
use desk::Desk;
use house::{House, Ready};
use log::Log;
use provider::Provider;
use tokio::signal::unix::{SignalKind, signal};
use tokio::task::JoinSet;

/// A box, and a living office around it.
#[derive(Debug, Parser)]
struct Flags {
    /// Draws who calls whom; the same seed gives the same wishes.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// What runs the box, with the office of `office.toml` and nothing set up yet.
    #[arg(last = true, required = true)]
    run_box: Vec<String>,
}

/// The phones of `office.toml`.
const PHONES: [(Profile, &str); 5] = [
    (Profile::T54W, "805ec0de0201"),
    (Profile::T46G, "805ec0de0202"),
    (Profile::D785, "000413de0203"),
    (Profile::T41S, "805ec0de0204"),
    (Profile::D735, "000413de0205"),
];
/// Between one phone and the next when they get power.
const APART: Duration = Duration::from_secs(2);
/// Whom they call: colleagues, the shop, and the world.
const DIALLED: [&str; 9] =
    ["201", "202", "203", "204", "205", "250", "0612345678", "070 123 45 67", "0032 2 123 45 67"];
/// Whom the world calls: mostly the shop.
const CALLED: [&str; 3] = ["+31201234567", "+31201234567", "+31201234568"];

#[tokio::main(worker_threads = 2)]
async fn main() -> ExitCode {
    match demo(Flags::parse()).await {
        Ok(status) => ExitCode::from(status.code().and_then(|code| u8::try_from(code).ok()).unwrap_or(1)),
        Err(fault) => {
            eprintln!("demo: {fault}");
            ExitCode::FAILURE
        }
    }
}

/// Runs the office until the box ends, by itself or because it is told to.
async fn demo(Flags { seed, run_box }: Flags) -> std::io::Result<ExitStatus> {
    let (mut terminated, mut interrupted) = (signal(SignalKind::terminate())?, signal(SignalKind::interrupt())?);
    let log = Log::new();
    let provider = Provider::open(log, seed + 100).await?;
    let desks: std::io::Result<Vec<Desk>> = (11..)
        .zip(PHONES)
        .map(|(last, (profile, mac))| {
            Desk::new(profile, mac, Ipv4Addr::new(127, 0, 0, last), log, seed + u64::from(last))
        })
        .collect();
    let desks = desks?;
    let mut house = House::start(&run_box)?;
    let lived = tokio::select! {
        lived = live(&mut house, provider, desks, log) => lived,
        _ = terminated.recv() => Ok(()),
        _ = interrupted.recv() => Ok(()),
    };
    house.stop();
    let ended = house.end(log).await;
    lived.and(ended)
}

/// Until the box ends, or somebody of the office breaks.
async fn live(house: &mut House, provider: Provider, desks: Vec<Desk>, log: Log) -> std::io::Result<()> {
    let mut living = open_office(house, provider, desks, log).await?;
    tokio::select! {
        ended = house.end(log) => ended.map(drop),
        _ = living.join_next() => Err(std::io::Error::other("a simulated phone or the provider broke")),
    }
}

/// Everybody comes to work.
async fn open_office(
    house: &mut House,
    mut provider: Provider,
    desks: Vec<Desk>,
    log: Log,
) -> std::io::Result<JoinSet<()>> {
    let Ready { page, code } = house.ready(log).await?;
    let password = new_password();
    let administrator = Administrator::set_up(&page, &code, &password).await?;
    administrator.open_window().await?;
    log.write(&format!("\nThe page:     {page}/  (the browser warns: the box signed its certificate itself)"));
    log.write(&format!("The password: {password}\n"));
    let exchange = provider.meet_box().await?;
    let mut living = JoinSet::new();
    living.spawn(provider.live());
    for (at, desk) in (0..).zip(desks) {
        living.spawn(desk.live(exchange, APART * at));
    }
    Ok(living)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_phone_stands_in_the_office_file_with_its_model() {
        let office = include_str!("../office.toml");
        for (profile, mac) in PHONES {
            let written = format!("[[phone]]\nmac = \"{mac}\"\nmodel = \"{}\"\n", profile.name);
            assert!(office.contains(&written), "{written}");
        }
        assert_eq!(office.matches("[[phone]]").count(), PHONES.len());
    }

    #[test]
    fn whom_the_office_and_the_world_call_is_in_the_office_file() {
        let office = include_str!("../office.toml");
        let inside = DIALLED.iter().filter(|number| number.len() == 3).map(|number| format!("\nnumber = \"{number}\""));
        let called = CALLED.iter().map(|number| format!("[[inbound]]\nnumber = \"{number}\""));
        inside.chain(called).for_each(|written| assert!(office.contains(&written), "{written}"));
    }
}
