//! Calls before and after the box goes round a router: each with sound both ways, held, taken back, handed on, and ended at
//! both ends. The provider is one that must see a router where there is one (`latching.rs`); what it hears, it echoes.

use std::net::SocketAddr;
use std::thread;
use std::time::{Duration, Instant};

use serde_json::json;

use super::doctor::{HELPER, MASQUERADE, REMAP, set_rules};
use crate::failure::Tried;
use crate::latching::{Answers, LatchingProvider};
use crate::private_world::ThreeHosts;
use crate::talker::Talker;
use crate::transcript::PATIENCE;
use crate::{Administrator, Centraled, Failure, Result, Subscriber};

/// From the first registration to the way that is kept.
const FOUND: Duration = Duration::from_secs(150);
/// Between two looks at what the page says.
const LOOK: Duration = Duration::from_millis(250);
/// Somebody elsewhere, as an office dials them.
const FAR: &str = "0301234567";
/// Calls of each case in every test; `make doctor` makes a hundred.
const FEW: u32 = 5;

/// Who stands between, what the provider has, and the way that is kept.
struct Case {
    name: &'static str,
    rules: &'static [&'static str],
    answers: Answers,
    way: &'static str,
    /// Whether a call on the plain way is heard.
    plainly: bool,
}

const ONLY_UDP: Answers = Answers { other_port: false };

const CASES: [Case; 3] = [
    Case { name: "plain NAT", rules: &[MASQUERADE], answers: ONLY_UDP, way: "plain", plainly: true },
    Case {
        name: "helper and remap",
        rules: &[REMAP, HELPER],
        answers: ONLY_UDP,
        way: "hidden addresses, public Contact",
        plainly: false,
    },
    Case {
        name: "helper and remap, a provider with port 5080",
        rules: &[REMAP, HELPER],
        answers: Answers { other_port: true },
        way: "port 5080",
        plainly: false,
    },
];

/// What became of the calls behind one router.
#[derive(Debug, Clone)]
pub struct Calls {
    /// Who stands between, and what the provider has.
    pub name: &'static str,
    /// The way that was kept.
    pub way: String,
    /// Whether the first call, on the plain way, was heard.
    pub plainly: bool,
    /// Calls in which all went well, and calls made.
    pub well: [u32; 2],
}

/// A few calls behind each router.
pub(super) fn few_calls() -> Result<()> {
    calls(FEW).map(drop)
}

/// So many calls behind each router, one router after the other.
///
/// # Errors
/// The first call that did not go well, or a way that was not found.
pub fn calls(number: u32) -> Result<Vec<Calls>> {
    CASES.iter().map(|case| play(case, number)).collect()
}

fn play(case: &Case, number: u32) -> Result<Calls> {
    let hosts = ThreeHosts::make(true)?;
    set_rules(&hosts.middle, case.rules)?;
    let media = SocketAddr::new([203, 0, 113, 3].into(), 40_000);
    let mut ip = hosts.provider.command("ip");
    let added = ip.args(["addr", "add", "203.0.113.3/24", "dev", "wan"]).status();
    added.tried(|| "give the provider an address for sound".to_owned())?;
    let provider = LatchingProvider::start_with(&hosts.provider, media, case.answers)?;
    let people = ["201", "202"].map(Subscriber::new);
    let mut centraled = Centraled::start(&hosts.phones, &people, None)?;
    let page = centraled.set_up()?;
    let mut anna = Talker::start(&hosts.phones, &people[0], centraled.address())?;
    let mut bram = Talker::start(&hosts.phones, &people[1], centraled.address())?;
    let trunk = json!({ "server": "203.0.113.1:5060", "transport": "udp", "username": "office", "password": "secret",
        "register": true, "numbers": ["+31201234567"] });
    page.write("PUT", "trunks/provider", &trunk)?;
    page.wait_to_see("a provider that is connected", |live| live["trunks"][0]["state"] == "connected")?;

    // No way is tried under a call, so that this one goes plainly.
    anna.call(FAR)?;
    let plainly = anna.hears_itself()?;
    anna.hang_up()?;
    if plainly != case.plainly {
        return Err(Failure::Unexpected(format!("{}: on the plain way, heard is {plainly}", case.name)));
    }
    let way = wait_for_way(&page, case)?;
    for call in 1..=number {
        let told = || format!("{}: call {call} of {number} by {way}", case.name);
        one_call(&mut anna, &mut bram, &provider)
            .map_err(|fault| Failure::Unexpected(format!("{}: {fault}", told())))?;
    }
    Ok(Calls { name: case.name, way, plainly, well: [number; 2] })
}

/// Sound both ways, hold, resume, transfer, and the end at both ends.
fn one_call(anna: &mut Talker, bram: &mut Talker, provider: &LatchingProvider) -> Result<()> {
    let well = |what: &str, is_so: bool| if is_so { Ok(()) } else { Err(Failure::Unexpected(what.to_owned())) };
    let ended = provider.ended();
    anna.call(FAR)?;
    well("no sound", anna.hears_itself()?)?;
    anna.describe_as("sendonly")?;
    anna.describe_as("sendrecv")?;
    well("no sound after the hold", anna.hears_itself()?)?;
    anna.hand_on("202")?;
    well("no sound after the transfer", bram.taker_hears_itself()?)?;
    well("who handed it on is not let go", anna.is_let_go())?;
    well("it ended too soon", provider.ended() == ended)?;
    provider.hang_up()?;
    well("the office is not told that it ended", bram.is_let_go())?;
    anna.call(FAR)?;
    well("no sound in the second call", anna.hears_itself()?)?;
    anna.hang_up()?;
    well("the provider is not told that it ended", provider.has_ended(ended + 1))
}

fn wait_for_way(page: &Administrator, case: &Case) -> Result<String> {
    let deadline = Instant::now() + FOUND + PATIENCE;
    loop {
        let report = page.read("doctor")?;
        let said = &report["trunks"][0];
        let asked = said["probes"].as_array().is_some_and(|probes| !probes.is_empty()) && said["examining"] == false;
        if asked && said["way"] == case.way {
            return Ok(case.way.to_owned());
        }
        if Instant::now() >= deadline {
            return Err(Failure::Unexpected(format!("{}: the way is not {}: {said}", case.name, case.way)));
        }
        // Nothing tells when a way is kept but the word itself. The deadline ends the test, this does not.
        thread::park_timeout(LOOK);
    }
}
