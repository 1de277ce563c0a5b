//! Calls before and after the box goes round a router: each with sound both ways, held, taken back, handed on, and ended at
//! both ends. The provider is one that must see a router where there is one (`latching.rs`); what it hears, it echoes. Where
//! calls come over streams, kamailio stands before it.

use std::net::SocketAddr;
use std::thread;
use std::time::Duration;

use tempfile::TempDir;

use super::doctor::{HELPER, HELPER_ON_TCP, MASQUERADE, REMAP, set_rules};
use super::examined::{connect_provider, room_for_sound, wait_for_word};
use super::provider::FAR;
use crate::failure::Tried;
use crate::latching::{GoesBy, LatchingProvider};
use crate::private_world::ThreeHosts;
use crate::talker::Talker;
use crate::{Certificate, Failure, Installed, Kamailio, Place, Result, Subscriber, Transport};

/// From the first registration to the way that is kept.
const FOUND: Duration = Duration::from_secs(150);
/// Calls of each case in every test; `make doctor` makes a hundred.
const FEW: u32 = 5;

/// Boxes that run at a time.
const AT_A_TIME: usize = 3;

/// What the provider is.
#[derive(Clone, Copy)]
enum Has {
    /// It listens on these UDP ports itself.
    Ports(&'static [u16]),
    /// An edge of kamailio's on port 5060, UDP and TCP.
    Edge,
    /// The same, and on port 5061 TLS.
    EdgeWithTls,
}

/// Who stands between, what the provider is and goes by, how the office reaches it, and the way that is kept.
struct Case {
    name: &'static str,
    rules: &'static [&'static str],
    has: Has,
    goes_by: GoesBy,
    transport: Transport,
    way: &'static str,
    /// Whether a call on the plain way is heard.
    plainly: bool,
}

const REWRITTEN: Case = Case {
    name: "helper and remap",
    rules: &[REMAP, HELPER],
    has: Has::Ports(&[5060]),
    goes_by: GoesBy::Via,
    transport: Transport::Udp,
    way: "hidden addresses, public Contact",
    plainly: false,
};

const CASES: [Case; 5] = [
    Case { name: "plain NAT", rules: &[MASQUERADE], way: "plain", plainly: true, ..REWRITTEN },
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
        rules: &[REMAP, HELPER_ON_TCP],
        has: Has::Edge,
        goes_by: GoesBy::Description,
        transport: Transport::Tcp,
        way: "TCP in two segments",
        ..REWRITTEN
    },
];

/// A provider as a case has it.
struct Provider {
    latching: LatchingProvider,
    /// Who has signed for it.
    authority: Option<Certificate>,
    _edge: Option<Kamailio>,
    /// Holds its certificate.
    _directory: TempDir,
}

impl Provider {
    fn start(place: &Place, case: &Case) -> Result<Provider> {
        let directory = tempfile::tempdir().tried(|| "make a folder for a certificate".to_owned())?;
        let media = room_for_sound(place)?;
        if let Has::Ports(ports) = case.has {
            let latching = LatchingProvider::start(place, media, ports, case.goes_by)?;
            return Ok(Provider { latching, authority: None, _edge: None, _directory: directory });
        }
        let address = format!("IP:{}", place.address);
        let authority = match case.has {
            Has::EdgeWithTls => Some(Certificate::self_signed(directory.path(), "provider", Some(&address))?),
            Has::Edge | Has::Ports(_) => None,
        };
        let behind = place.with_address(media.ip());
        let latching = LatchingProvider::start(&behind, media, &[BEHIND], case.goes_by)?;
        let edge = Kamailio::start_edge(place, SocketAddr::new(media.ip(), BEHIND), authority.as_ref())?;
        Ok(Provider { latching, authority, _edge: Some(edge), _directory: directory })
    }
}

/// The port of a provider that has an edge before it.
const BEHIND: u16 = 5070;

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

/// So many calls behind each router, a few routers at a time.
///
/// # Errors
/// Of each router the first call that did not go well, or a way that was not found.
pub fn calls(number: u32) -> Result<Vec<Calls>> {
    let mut played: Vec<Result<Calls>> = Vec::new();
    for cases in CASES.chunks(AT_A_TIME) {
        thread::scope(|scope| {
            let cases: Vec<_> = cases.iter().map(|case| scope.spawn(move || play(case, number))).collect();
            let results =
                cases.into_iter().map(|it| it.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)));
            played.extend(results);
        });
    }
    let faults: Vec<String> = played.iter().filter_map(|it| it.as_ref().err()).map(ToString::to_string).collect();
    if faults.is_empty() { played.into_iter().collect() } else { Err(Failure::Unexpected(faults.join("\n\n"))) }
}

fn play(case: &Case, number: u32) -> Result<Calls> {
    let hosts = ThreeHosts::make(true)?;
    set_rules(&hosts.middle, case.rules)?;
    let provider = Provider::start(&hosts.provider, case)?;
    let people = ["201", "202"].map(Subscriber::new);
    let installed = Installed::new(&hosts.phones, &people, None, "info")?;
    let mut centraled = match &provider.authority {
        Some(authority) => installed.trusting(&authority.certificate)?.start()?,
        None => installed.start()?,
    };
    let page = centraled.set_up()?;
    let mut anna = Talker::start(&hosts.phones, &people[0], centraled.address())?;
    let mut bram = Talker::start(&hosts.phones, &people[1], centraled.address())?;
    connect_provider(&page, case.transport)?;

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
        one_call(&mut anna, &mut bram, &provider.latching)
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
