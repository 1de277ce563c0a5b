//! Calls between the office and the world, with kamailio as the provider in both runs.
//!
//! Peer to peer a phone registers at the provider in the box's place, with the trunk's own name and secret.

use std::slice;

use serde_json::{Value, json};
use tempfile::TempDir;

use super::{Stage, connect, hang_up, hear_each_other, says};
use crate::failure::Tried;
use crate::{
    Account, Baresip, Centraled, Certificate, Failure, Kamailio, Linphone, Microphone, Middle, Office, Phone, Result,
    Subscriber, Tone, Transport, Trunk,
};

/// The office's number in the world.
pub(super) const OFFICE_NUMBER: &str = "+31201234567";
/// Somebody elsewhere in the Netherlands, and how an office dials him.
pub(super) const FAR_NUMBER: &str = "+31301234567";
pub(super) const FAR_AS_DIALLED: &str = "0301234567";

/// The provider, and the office's account with it or with the box.
struct World {
    /// Holds the provider's certificate.
    _directory: TempDir,
    provider: Kamailio,
    /// Kept open while its phone is in use; there is none peer to peer.
    _office: Option<Office>,
    /// What the phone inside registers as.
    inside: Account,
    /// What the phone of the world registers as.
    far: Account,
}

fn open(stage: &Stage, transport: Transport, terms: &'static str) -> Result<World> {
    let (trunk, far) = (Subscriber::new("office"), Subscriber::new(FAR_NUMBER));
    let subscribers = [trunk.clone(), far.clone()];
    let numbers = [(OFFICE_NUMBER, "office")];
    let directory = tempfile::tempdir().tried(|| "make a folder for a certificate".to_owned())?;
    let (provider, authority) = match transport {
        Transport::Tls => {
            let address = format!("IP:{}", stage.provider.address);
            let certificate = Certificate::self_signed(directory.path(), "provider", Some(&address))?;
            let provider = Kamailio::start_tls_provider(&stage.provider, &subscribers, &numbers, &certificate)?;
            (provider, Some(certificate.certificate))
        }
        Transport::Udp | Transport::Tcp => (Kamailio::start_provider(&stage.provider, &subscribers, &numbers)?, None),
    };
    let far = Account::new(&far, provider.address(), Transport::Udp);
    let server = if transport == Transport::Tls { provider.tls_address() } else { provider.address() };
    let (office, inside) = match stage.middle {
        Middle::Peers => (None, Account::new(&trunk, server, transport)),
        Middle::Box => {
            let trunk = Trunk {
                server,
                transport,
                subscriber: trunk,
                number: OFFICE_NUMBER,
                answered_by: "201",
                authority,
                terms,
            };
            let office = Office::open_with_trunk(&stage.inside, &["201", "202"], &trunk)?;
            let account = office.account("201")?;
            (Some(office), account)
        }
    };
    Ok(World { _directory: directory, provider, _office: office, inside, far })
}

/// Waits until the trunk is registered, from where it should be.
fn wait_for_trunk(stage: &Stage, world: &mut World, transport: Transport) -> Result<()> {
    let from = match stage.middle {
        Middle::Peers => stage.phones.address,
        Middle::Box => stage.outside.address,
    };
    let registration = world.provider.wait_for(&format!("REGISTER of office from {from}"))?;
    says(&registration, &[&format!("over {} saved", transport.name())])
}

pub(super) fn call_out(stage: &Stage) -> Result<()> {
    call_out_over(stage, Transport::Udp)
}

pub(super) fn call_out_over_tls(stage: &Stage) -> Result<()> {
    call_out_over(stage, Transport::Tls)
}

pub(super) fn call_out_over_tcp(stage: &Stage) -> Result<()> {
    call_out_over(stage, Transport::Tcp)
}

fn call_out_over(stage: &Stage, transport: Transport) -> Result<()> {
    let mut world = open(stage, transport, Trunk::REGISTERS)?;
    let mut far = Linphone::start(&stage.provider, world.far.clone(), Tone::CALLEE)?;
    let mut inside = Baresip::start(&stage.phones, world.inside.clone(), Microphone::Tone(Tone::CALLER))?;
    wait_for_trunk(stage, &mut world, transport)?;
    inside.wait_registered()?;
    far.wait_registered()?;
    let number = match stage.middle {
        Middle::Peers => FAR_NUMBER,
        Middle::Box => FAR_AS_DIALLED,
    };
    let seen = connect(&mut inside, number, &mut far)?;
    let invite = world.provider.wait_for("INVITE from=")?;
    says(&invite, &[&format!("to={FAR_NUMBER}")])?;
    says(&invite, &["by=office"])?;
    if stage.middle == Middle::Box {
        // The world sees the office's number and never an extension.
        says(&format!("{seen} {invite}"), &[OFFICE_NUMBER])?;
    }
    hear_each_other(&mut inside, &mut far)?;
    hang_up(&mut inside, &mut far)
}

/// The provider puts the number that was called in the request URI, so the phone inside must take calls for a name that
/// is not its own: linphonec does, baresip 1.0.0 does not.
pub(super) fn call_in(stage: &Stage) -> Result<()> {
    call_in_over(stage, Transport::Udp)
}

/// It comes over the connection that the trunk made.
pub(super) fn call_in_over_tcp(stage: &Stage) -> Result<()> {
    call_in_over(stage, Transport::Tcp)
}

pub(super) fn call_in_over_tls(stage: &Stage) -> Result<()> {
    call_in_over(stage, Transport::Tls)
}

/// A definite refusal is said on the page and not asked for again, however much the office wants to call; what is
/// changed on the page is tried at once.
pub(super) fn refused(stage: &Stage) -> Result<()> {
    let office = Subscriber::new("office");
    let mut provider = Kamailio::start_provider(&stage.provider, slice::from_ref(&office), &[])?;
    let (server, barred) = (provider.address(), Subscriber::new("barred"));
    if stage.middle == Middle::Peers {
        let account = Account::new(&barred, server, Transport::Udp);
        let mut phone = Baresip::start(&stage.phones, account, Microphone::Off)?;
        return says(&phone.wait_registration_refused()?, &["403"]);
    }
    let (transport, number) = (Transport::Udp, OFFICE_NUMBER);
    let (authority, terms) = (None, Trunk::REGISTERS);
    let trunk = Trunk { server, transport, subscriber: barred, number, answered_by: "201", authority, terms };
    let person = Subscriber::new("201");
    let mut centraled = Centraled::start(&stage.inside, slice::from_ref(&person), Some(&trunk))?;
    let page = centraled.set_up()?;
    page.wait_for_problem("trunk-refused", "provider")?;
    let account = Account::new(&person, centraled.address(), Transport::Udp);
    let mut phone = Baresip::start(&stage.phones, account, Microphone::Off)?;
    phone.wait_registered()?;
    for _ in 0..3 {
        phone.dial(FAR_AS_DIALLED)?;
        phone.wait_ended()?;
    }
    let asked = provider.lines_with("REGISTER of barred").len();
    if asked != 1 {
        return Err(Failure::Unexpected(format!("the provider had to refuse {asked} times")));
    }
    let Subscriber { user, password } = office;
    let right = json!({ "server": server.to_string(), "transport": "udp", "username": user, "password": password,
        "register": true, "numbers": [OFFICE_NUMBER] });
    page.write("PUT", "trunks/provider", &right)?;
    provider.wait_for("REGISTER of office from")?;
    let solved = |live: &Value| !live["problems"].to_string().contains("trunk-refused");
    page.wait_to_see("a trunk that is not refused any more", solved).map(drop)
}

/// A contract over TLS that has the sound encrypted, or no call.
const ENCRYPTED: &str = "register = true\nsrtp = \"require\"\n";

/// The phone of the world takes and makes calls with SRTP alone, with the keys in the SDP (RFC 4568), and kamailio touches no
/// sound: what it hears, the box encrypted. The phones of the office speak and hear in clear.
pub(super) fn call_out_encrypted(stage: &Stage) -> Result<()> {
    let mut world = open(stage, Transport::Tls, ENCRYPTED)?;
    let mut far = Linphone::start_encrypted(&stage.provider, world.far.clone(), Tone::CALLEE)?;
    let mut inside = Baresip::start(&stage.phones, world.inside.clone(), Microphone::Tone(Tone::CALLER))?;
    wait_for_trunk(stage, &mut world, Transport::Tls)?;
    inside.wait_registered()?;
    far.wait_registered()?;
    connect(&mut inside, FAR_AS_DIALLED, &mut far)?;
    hear_each_other(&mut inside, &mut far)?;
    hang_up(&mut inside, &mut far)
}

/// See [`call_out_encrypted`].
pub(super) fn call_in_encrypted(stage: &Stage) -> Result<()> {
    let mut world = open(stage, Transport::Tls, ENCRYPTED)?;
    let mut far = Baresip::start_encrypted(&stage.provider, world.far.clone(), Microphone::Tone(Tone::CALLER))?;
    let mut inside = Linphone::start(&stage.phones, world.inside.clone(), Tone::CALLEE)?;
    wait_for_trunk(stage, &mut world, Transport::Tls)?;
    inside.wait_registered()?;
    far.wait_registered()?;
    connect(&mut far, OFFICE_NUMBER, &mut inside)?;
    hear_each_other(&mut far, &mut inside)?;
    hang_up(&mut far, &mut inside)
}

fn call_in_over(stage: &Stage, transport: Transport) -> Result<()> {
    let mut world = open(stage, transport, Trunk::REGISTERS)?;
    let mut far = Baresip::start(&stage.provider, world.far.clone(), Microphone::Tone(Tone::CALLER))?;
    let mut inside = Linphone::start(&stage.phones, world.inside.clone(), Tone::CALLEE)?;
    wait_for_trunk(stage, &mut world, transport)?;
    inside.wait_registered()?;
    far.wait_registered()?;
    let seen = connect(&mut far, OFFICE_NUMBER, &mut inside)?;
    says(&seen, &[FAR_NUMBER, FAR_AS_DIALLED])?;
    hear_each_other(&mut far, &mut inside)?;
    hang_up(&mut far, &mut inside)
}
