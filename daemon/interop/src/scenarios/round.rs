//! Calls before and after the box goes round a router: each with sound both ways, held, taken back, handed on, and ended at
//! both ends. The provider is one that must see a router where there is one (`latching.rs`); what it hears, it echoes. Where
//! calls come over streams, kamailio stands before it.

use std::net::SocketAddr;
use std::thread;
use std::time::{Duration, Instant};

use serde_json::json;
use tempfile::TempDir;

use super::examined::{connect_provider, room_for_sound, wait_for_word};
use super::laboratory::{Played, hold, play_all};
use super::midlife;
use super::provider::FAR;
use super::routers::{Between, HAIRPIN, HASTY, HELPER, HELPER_ON_TCP, MASQUERADE, Network, REMAP};
use crate::failure::Tried;
use crate::latching::{GoesBy, LatchingProvider};
use crate::private_world::ThreeHosts;
use crate::talker::Talker;
use crate::{
    Administrator, Centraled, Certificate, Failure, Installed, Kamailio, Result, Rewriting, Subscriber, Transport,
};

/// From the first registration to the verdict.
const FOUND: Duration = Duration::from_secs(60);
/// And from there to the way that is kept.
pub(super) const ROUND: Duration = Duration::from_secs(150);
/// Calls of each case in every test; `make doctor` makes a hundred.
const FEW: u32 = 3;
/// Boxes that run at a time in every test, and in `make doctor`: they wait most of the time.
const AT_A_TIME: usize = 3;
const MANY_AT_A_TIME: usize = 6;
/// A case is given up after so many calls that went wrong.
const TOO_MANY: usize = 3;
/// For longer than a router with short timers remembers who spoke.
const QUIET: Duration = Duration::from_secs(27);
/// Where somebody listens who is at the office's own address on the internet.
const FAR_SOUND: u16 = 9_000;

/// What the provider is.
#[derive(Clone, Copy)]
enum Has {
    /// It listens on these UDP ports itself.
    Ports(&'static [u16]),
    /// The same on port 5060, and who answers is behind the office's own router.
    Neighbour,
    /// An edge of kamailio's on port 5060, UDP and TCP.
    Edge,
    /// The same, and on port 5061 TLS.
    EdgeWithTls,
}

/// Who stands between, what the provider is and goes by, how the office reaches it, what is said of the way, and which is kept.
pub(super) struct Case {
    name: &'static str,
    pub(super) between: Between,
    has: Has,
    goes_by: GoesBy,
    transport: Transport,
    /// The verdict.
    says: &'static str,
    pub(super) way: &'static str,
    /// Whether a call on the plain way is heard.
    plainly: bool,
    life: Life,
}

/// What happens while the box is there.
#[derive(Clone, Copy, PartialEq)]
enum Life {
    /// Calls, and nothing else.
    Calls,
    /// One of them is quiet for a while before its provider ends it.
    Quiet,
    /// The router begins to read calls, and later it is mended.
    Changes,
}

const REWRITTEN: Case = Case {
    name: "helper and remap",
    between: Between::Kernel(&[REMAP, HELPER]),
    has: Has::Ports(&[5060]),
    goes_by: GoesBy::Via,
    transport: Transport::Udp,
    says: "proven",
    way: "hidden addresses, public Contact",
    plainly: false,
    life: Life::Calls,
};

const HONEST: Case = Case {
    name: "plain NAT",
    between: Between::Kernel(&[MASQUERADE]),
    says: "none",
    way: "plain",
    plainly: true,
    ..REWRITTEN
};

static CASES: [Case; 11] = [
    // First, because it waits most. In every test it plays by itself.
    Case {
        name: "remap, whose helper is switched on and off again",
        between: Between::Kernel(&[REMAP]),
        life: Life::Changes,
        ..HONEST
    },
    HONEST,
    Case { name: "short UDP timers", between: Between::Kernel(&[MASQUERADE, HASTY]), life: Life::Quiet, ..HONEST },
    Case {
        name: "hairpin, who answers is behind the same router",
        between: Between::Kernel(&[MASQUERADE, HAIRPIN]),
        has: Has::Neighbour,
        ..HONEST
    },
    REWRITTEN,
    Case {
        name: "helper and remap, a provider with port 5080",
        has: Has::Ports(&[5060, 5080]),
        way: "port 5080",
        ..REWRITTEN
    },
    Case { name: "helper and remap, a provider with TLS", has: Has::EdgeWithTls, way: "TLS", ..REWRITTEN },
    // The box names the port that it listens on in Via, which is not the connection's: the kernel leaves it, and changes the rest.
    Case {
        name: "helper on TCP and remap, a trunk over TCP",
        between: Between::Kernel(&[REMAP, HELPER_ON_TCP]),
        has: Has::Edge,
        goes_by: GoesBy::Description,
        transport: Transport::Tcp,
        way: "TCP in two segments",
        ..REWRITTEN
    },
    Case {
        name: "helper, remap and hairpin, who answers is behind the same router",
        between: Between::Kernel(&[REMAP, HELPER, HAIRPIN]),
        has: Has::Neighbour,
        ..REWRITTEN
    },
    Case {
        name: "two routers in a row, helper and remap in both",
        between: Between::InARow([&[REMAP, HELPER], &[REMAP, HELPER]]),
        ..REWRITTEN
    },
    Case {
        name: "a program that strips Via, a provider with port 5080",
        between: Between::Program(Rewriting::ViaStripped),
        has: Has::Ports(&[5060, 5080]),
        way: "port 5080",
        ..REWRITTEN
    },
];

/// A provider as a case has it.
pub(super) struct Provider {
    latching: LatchingProvider,
    /// Who has signed for it.
    authority: Option<Certificate>,
    _edge: Option<Kamailio>,
    /// Holds its certificate.
    _directory: Option<TempDir>,
}

impl Provider {
    fn start(hosts: &ThreeHosts, case: &Case) -> Result<Provider> {
        let place = &hosts.provider;
        let plain = |latching| Provider { latching, authority: None, _edge: None, _directory: None };
        if let Has::Neighbour = case.has {
            let named = SocketAddr::new(hosts.middle_outside.address, FAR_SOUND);
            let sound = (&hosts.phones, named);
            return LatchingProvider::start_apart(place, &[5060], case.goes_by, sound).map(plain);
        }
        let media = room_for_sound(place)?;
        if let Has::Ports(ports) = case.has {
            return LatchingProvider::start(place, media, ports, case.goes_by).map(plain);
        }
        let directory = tempfile::tempdir().tried(|| "make a folder for a certificate".to_owned())?;
        let address = format!("IP:{}", place.address);
        let authority = match case.has {
            Has::EdgeWithTls => Some(Certificate::self_signed(directory.path(), "provider", Some(&address))?),
            Has::Edge | Has::Ports(_) | Has::Neighbour => None,
        };
        let behind = place.with_address(media.ip());
        let latching = LatchingProvider::start(&behind, media, &[BEHIND], case.goes_by)?;
        let edge = Kamailio::start_edge(place, SocketAddr::new(media.ip(), BEHIND), authority.as_ref())?;
        Ok(Provider { latching, authority, _edge: Some(edge), _directory: Some(directory) })
    }
}

/// The port of a provider that has an edge before it.
const BEHIND: u16 = 5070;

/// What became of the calls behind one router.
#[derive(Debug, Clone)]
pub struct Calls {
    /// The verdict and its confidence.
    pub said: String,
    /// From the first registration to the verdict, and to the way that is kept, seconds.
    pub seconds: [u64; 2],
    /// The way that was kept.
    pub way: &'static str,
    /// Whether the first call, on the plain way, was heard.
    pub plainly: bool,
    /// Calls in which all went well: all that were made.
    pub well: u32,
}

/// A few calls behind each router.
pub(super) fn few_calls() -> Result<()> {
    hold(&play_all(&CASES[1..], AT_A_TIME, |case| case.name, |case| play(case, FEW)))
}

/// The same behind the one that changes.
pub(super) fn few_calls_in_midlife() -> Result<()> {
    hold(&play_all(&CASES[..1], AT_A_TIME, |case| case.name, |case| play(case, FEW)))
}

/// So many calls behind each router, a few routers at a time.
#[must_use]
pub fn calls(number: u32) -> Vec<Played<Calls>> {
    play_all(&CASES, MANY_AT_A_TIME, |case| case.name, |case| play(case, number))
}

/// The office of a case, with two people and a provider.
pub(super) struct Scene {
    pub(super) page: Administrator,
    pub(super) anna: Talker,
    bram: Talker,
    _centraled: Centraled,
    provider: Provider,
    /// It goes last: everybody is in it.
    pub(super) network: Network,
}

impl Scene {
    fn open(case: &Case) -> Result<Scene> {
        let network = case.between.make()?;
        let hosts = &network.hosts;
        let provider = Provider::start(hosts, case)?;
        let people = ["201", "202"].map(Subscriber::new);
        let installed = Installed::new(&hosts.phones, &people, None, "info")?;
        let mut centraled = match &provider.authority {
            Some(authority) => installed.trusting(&authority.certificate)?.start()?,
            None => installed.start()?,
        };
        let page = centraled.set_up()?;
        let anna = Talker::start(&hosts.phones, &people[0], centraled.address())?;
        let bram = Talker::start(&hosts.phones, &people[1], centraled.address())?;
        connect_provider(&page, case.transport)?;
        // Whom nobody knows is not called a hundred times in a row.
        let known = json!({ "name": "Far", "company": "", "numbers": [FAR] });
        page.write("POST", "contacts", &known)?;
        Ok(Scene { page, anna, bram, _centraled: centraled, provider, network })
    }

    /// Whether a call is heard.
    pub(super) fn is_heard(&mut self) -> Result<bool> {
        self.anna.call(FAR)?;
        let heard = self.anna.hears_itself()?;
        self.anna.hang_up()?;
        Ok(heard)
    }

    /// Waits for that verdict, and returns it with its confidence.
    pub(super) fn wait_for_verdict(&self, interference: &str) -> Result<String> {
        let said = wait_for_word(&self.page, FOUND, |said| said["interference"] == interference)?;
        Ok(["interference", "confidence"].map(|name| said[name].as_str().unwrap_or_default()).join(", "))
    }

    pub(super) fn wait_for_way(&self, way: &str) -> Result<()> {
        wait_for_word(&self.page, ROUND, |said| said["way"] == way)
            .map(drop)
            .map_err(|fault| Failure::Unexpected(format!("the way is not {way}: {fault}")))
    }

    /// Sound both ways, hold, resume, transfer, and the end at both ends.
    fn one_call(&mut self) -> Result<()> {
        let Scene { anna, bram, provider: Provider { latching: provider, .. }, .. } = self;
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

    /// So many calls, or what went wrong in some of them.
    pub(super) fn many_calls(&mut self, number: u32) -> Result<u32> {
        let mut faults = Vec::new();
        for call in 1..=number {
            if let Err(fault) = self.one_call() {
                faults.push(format!("call {call}: {fault}"));
                // One of them may still be in it.
                let _ = self.provider.latching.hang_up();
                self.anna.give_up();
                self.bram.give_up();
            }
            if faults.len() >= TOO_MANY {
                break;
            }
        }
        match &faults[..] {
            [] => Ok(number),
            faults => Err(Failure::Unexpected(format!("of {number} calls: {}", faults.join("; ")))),
        }
    }

    /// A call on hold for longer than the router remembers who spoke; its end comes across.
    fn quiet_call(&mut self) -> Result<()> {
        self.anna.call(FAR)?;
        self.anna.describe_as("sendonly")?;
        let until = Instant::now() + QUIET;
        while Instant::now() < until {
            // Nothing happens, and that is what is waited for.
            thread::park_timeout(until.saturating_duration_since(Instant::now()));
        }
        self.provider.latching.hang_up()?;
        well("the office is not told of the end of a quiet call", self.anna.is_let_go())
    }
}

fn well(what: &str, is_so: bool) -> Result<()> {
    if is_so { Ok(()) } else { Err(Failure::Unexpected(what.to_owned())) }
}

fn play(case: &Case, number: u32) -> Result<Calls> {
    let mut scene = Scene::open(case)?;
    let registered = Instant::now();
    // No way is tried under a call, so that this one goes plainly.
    let plainly = scene.is_heard()?;
    well(&format!("on the plain way, heard is {plainly}"), plainly == case.plainly)?;
    let said = scene.wait_for_verdict(case.says)?;
    let found = registered.elapsed();
    well(&format!("{said} is said after {found:?}"), found <= FOUND)?;
    scene.wait_for_way(case.way)?;
    let kept = registered.elapsed();
    if case.life == Life::Changes {
        return midlife::change(&mut scene, number);
    }
    let well_made = scene.many_calls(number)?;
    if case.life == Life::Quiet {
        scene.quiet_call()?;
    }
    // Calls that go well accuse nobody.
    scene.wait_for_verdict(case.says)?;
    let seconds = [found.as_secs(), kept.as_secs()];
    Ok(Calls { said, seconds, way: case.way, plainly, well: well_made })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_page_has_every_case_with_a_hundred_calls_that_went_well_on_the_way_that_is_held_to() {
        let page = include_str!("../../../../docs/sip-alg.md");
        for Case { name, way, .. } in &CASES {
            let row = page.lines().find(|line| line.starts_with(&format!("| {name} | ")) && line.contains(" of "));
            let row = row.unwrap_or_else(|| panic!("{name} is not in docs/sip-alg.md: run `make doctor`"));
            let well = row.contains("00 of ") && !row.contains("FAILED");
            assert!(well && row.contains(way), "{row}");
        }
    }
}
