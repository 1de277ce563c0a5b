//! Calls between the office and the world, with kamailio as the provider in both runs.
//!
//! Peer to peer a phone registers at the provider in the box's place, with the trunk's own name and secret.

use super::{Stage, connect, hang_up, hear_each_other, says};
use crate::{
    Account, Baresip, Kamailio, Linphone, Microphone, Middle, Office, Phone, Result, Subscriber, Tone, Transport, Trunk,
};

/// The office's number in the world.
const OFFICE_NUMBER: &str = "+31201234567";
/// Somebody elsewhere in the Netherlands, and how an office dials him.
const FAR_NUMBER: &str = "+31301234567";
const FAR_AS_DIALLED: &str = "0301234567";

/// The provider, and the office's account with it or with the box.
struct World {
    provider: Kamailio,
    /// Kept open while its phone is in use; there is none peer to peer.
    _office: Option<Office>,
    /// What the phone inside registers as.
    inside: Account,
    /// What the phone of the world registers as.
    far: Account,
}

fn open(stage: &Stage, transport: Transport) -> Result<World> {
    let (trunk, far) = (Subscriber::new("office"), Subscriber::new(FAR_NUMBER));
    let subscribers = [trunk.clone(), far.clone()];
    let provider = Kamailio::start_provider(&stage.provider, &subscribers, &[(OFFICE_NUMBER, "office")])?;
    let server = provider.address();
    let far = Account::new(&far, server, Transport::Udp);
    let (office, inside) = match stage.middle {
        Middle::Peers => (None, Account::new(&trunk, server, transport)),
        Middle::Box => {
            let trunk = Trunk { server, transport, subscriber: trunk, number: OFFICE_NUMBER, answered_by: "201" };
            let office = Office::open_with_trunk(&stage.inside, &["201", "202"], &trunk)?;
            let account = office.account("201")?;
            (Some(office), account)
        }
    };
    Ok(World { provider, _office: office, inside, far })
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

pub(super) fn call_out_over_tcp(stage: &Stage) -> Result<()> {
    call_out_over(stage, Transport::Tcp)
}

fn call_out_over(stage: &Stage, transport: Transport) -> Result<()> {
    let mut world = open(stage, transport)?;
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

fn call_in_over(stage: &Stage, transport: Transport) -> Result<()> {
    let mut world = open(stage, transport)?;
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
