//! Calls before and after the box goes round a router: each with sound both ways, held, taken back, handed on, and ended at
//! both ends. The provider is one that must see a router where there is one (`latching.rs`); what it hears, it echoes.

use std::time::Duration;

use super::doctor::{HELPER, MASQUERADE, REMAP, set_rules};
use super::examined::{connect_provider, room_for_sound, wait_for_word};
use super::provider::FAR;
use crate::latching::LatchingProvider;
use crate::private_world::ThreeHosts;
use crate::talker::Talker;
use crate::{Centraled, Failure, Result, Subscriber};

/// From the first registration to the way that is kept.
const FOUND: Duration = Duration::from_secs(150);
/// Calls of each case in every test; `make doctor` makes a hundred.
const FEW: u32 = 5;

/// Who stands between, where the provider listens, and the way that is kept.
struct Case {
    name: &'static str,
    rules: &'static [&'static str],
    ports: &'static [u16],
    way: &'static str,
    /// Whether a call on the plain way is heard.
    plainly: bool,
}

const CASES: [Case; 3] = [
    Case { name: "plain NAT", rules: &[MASQUERADE], ports: &[5060], way: "plain", plainly: true },
    Case {
        name: "helper and remap",
        rules: &[REMAP, HELPER],
        ports: &[5060],
        way: "hidden addresses, public Contact",
        plainly: false,
    },
    Case {
        name: "helper and remap, a provider with port 5080",
        rules: &[REMAP, HELPER],
        ports: &[5060, 5080],
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
    pub way: &'static str,
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
    let media = room_for_sound(&hosts.provider)?;
    let provider = LatchingProvider::start(&hosts.provider, media, case.ports)?;
    let people = ["201", "202"].map(Subscriber::new);
    let mut centraled = Centraled::start(&hosts.phones, &people, None)?;
    let page = centraled.set_up()?;
    let mut anna = Talker::start(&hosts.phones, &people[0], centraled.address())?;
    let mut bram = Talker::start(&hosts.phones, &people[1], centraled.address())?;
    connect_provider(&page)?;

    // No way is tried under a call, so that this one goes plainly.
    anna.call(FAR)?;
    let plainly = anna.hears_itself()?;
    anna.hang_up()?;
    if plainly != case.plainly {
        return Err(Failure::Unexpected(format!("{}: on the plain way, heard is {plainly}", case.name)));
    }
    wait_for_word(&page, FOUND, |said| said["way"] == case.way)
        .map_err(|fault| Failure::Unexpected(format!("{}: the way is not {}: {fault}", case.name, case.way)))?;
    for call in 1..=number {
        let told = || format!("{}: call {call} of {number} by {}", case.name, case.way);
        one_call(&mut anna, &mut bram, &provider)
            .map_err(|fault| Failure::Unexpected(format!("{}: {fault}", told())))?;
    }
    Ok(Calls { name: case.name, way: case.way, plainly, well: [number; 2] })
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
