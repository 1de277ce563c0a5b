//! A provider that knows the box by the address it sends from: nobody registers, and nobody proves anything.

use std::net::SocketAddr;

use super::outside::{FAR_AS_DIALLED, FAR_NUMBER, OFFICE_NUMBER};
use super::{Stage, connect, hang_up, hear_each_other, says};
use crate::{
    Account, Baresip, Failure, Installed, Kamailio, Linphone, Microphone, Phone, Result, Subscriber, Tone, Transport,
    Trunk,
};

/// Where most boxes listen, and so where such a provider expects one.
const USUAL_PORT: u16 = 5060;
/// Another one elsewhere, and how an office dials him.
const OTHER_NUMBER: &str = "+31407654321";
const OTHER_AS_DIALLED: &str = "0407654321";

/// A call comes in and one goes out, each heard both ways. The same provider refuses who comes from elsewhere under the box's
/// name, and was asked for nothing that it does not want.
pub(super) fn both_ways(stage: &Stage) -> Result<()> {
    let (office, far) = (Subscriber::new("office"), [FAR_NUMBER, OTHER_NUMBER].map(Subscriber::new));
    let known = (office.user.as_str(), SocketAddr::new(stage.outside.address, USUAL_PORT));
    let mut provider = Kamailio::start_knowing(&stage.provider, &far, &[(OFFICE_NUMBER, "office")], known)?;
    let usual = Trunk::usual(provider.address(), office.clone(), OFFICE_NUMBER);
    let trunk = Trunk { terms: "register = false\n", ..usual };
    let people = ["201", "202"].map(Subscriber::new);
    let installed = Installed::new(&stage.inside, &people, Some(&trunk), "info")?;
    let mut centraled = installed.on_the_usual_port()?.start()?;
    let page = centraled.set_up()?;
    page.wait_to_see("a provider that is connected", |live| live["trunks"][0]["state"] == "connected")?;
    let at_the_box = SocketAddr::new(stage.inside.address, USUAL_PORT);
    let [person, colleague] = people.map(|person| Account::new(&person, at_the_box, Transport::Udp));
    let [far, other] = far.map(|far| Account::new(&far, provider.address(), Transport::Udp));

    let mut outside = Baresip::start(&stage.provider, far, Microphone::Tone(Tone::CALLER))?;
    let mut inside = Linphone::start(&stage.phones, person, Tone::CALLEE)?;
    outside.wait_registered()?;
    inside.wait_registered()?;
    let seen = connect(&mut outside, OFFICE_NUMBER, &mut inside)?;
    says(&seen, &[FAR_NUMBER, FAR_AS_DIALLED])?;
    hear_each_other(&mut outside, &mut inside)?;
    hang_up(&mut outside, &mut inside)?;

    let mut inside = Baresip::start(&stage.phones, colleague, Microphone::Tone(Tone::CALLER))?;
    let mut outside = Linphone::start(&stage.provider, other, Tone::CALLEE)?;
    inside.wait_registered()?;
    outside.wait_registered()?;
    let seen = connect(&mut inside, OTHER_AS_DIALLED, &mut outside)?;
    let invite = provider.wait_for(&format!("to={OTHER_NUMBER}"))?;
    says(&invite, &["by=office"])?;
    says(&format!("{seen} {invite}"), &[OFFICE_NUMBER])?;
    hear_each_other(&mut inside, &mut outside)?;
    hang_up(&mut inside, &mut outside)?;

    let impostor = Account::new(&office, provider.address(), Transport::Udp);
    let mut impostor = Baresip::start(&stage.provider, impostor, Microphone::Off)?;
    says(&impostor.wait_registration_refused()?, &["403"])?;
    let needless = provider.lines_with("which is known");
    if !needless.is_empty() {
        return Err(Failure::Unexpected(format!("the provider was given what it does not want: {needless:?}")));
    }
    Ok(())
}
