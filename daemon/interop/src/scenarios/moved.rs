//! The office's router has another address on the internet, as after a night at some providers: calls come in all the same.

use std::time::{Duration, Instant};

use super::examined::wait_for_word;
use super::outside::{FAR_NUMBER, OFFICE_NUMBER};
use super::provider::put_trunk;
use super::routers::{MASQUERADE, set_rules};
use super::{hang_up, hear_each_other};
use crate::private_world::ThreeHosts;
use crate::{
    Account, Baresip, Centraled, Failure, Kamailio, Microphone, Phone, Result, Subscriber, Tone, Transport, drill,
};

/// The longest the office may be out of reach: a question every 20 s, and the registration that follows.
const OUT_OF_REACH: Duration = Duration::from_secs(25);
/// How long the doctor may take before.
const EXAMINED: Duration = Duration::from_secs(60);
/// Where the router is then.
const ANOTHER: [u8; 4] = [203, 0, 113, 9];

/// Somebody outside calls until it rings in the office.
pub(super) fn at_the_router() -> Result<()> {
    let hosts = ThreeHosts::make(true)?;
    set_rules(&hosts.middle, &[MASQUERADE])?;
    let (office, far) = (Subscriber::new("office"), Subscriber::new(FAR_NUMBER));
    let mut kamailio = Kamailio::start_provider(&hosts.provider, &[office, far.clone()], &[(OFFICE_NUMBER, "office")])?;
    let people = ["201", "202"].map(Subscriber::new);
    let mut centraled = Centraled::start(&hosts.phones, &people, None)?;
    let page = centraled.set_up()?;
    let account = Account::new(&people[0], centraled.address(), Transport::Udp);
    let mut inside = Baresip::start(&hosts.phones, account, Microphone::Tone(Tone::CALLEE))?;
    inside.wait_registered()?;
    let account = Account::new(&far, kamailio.address(), Transport::Udp);
    let mut outside = Baresip::start(&hosts.provider, account, Microphone::Tone(Tone::CALLER))?;
    outside.wait_registered()?;
    put_trunk(&page, "provider", &kamailio.address().to_string(), Transport::Udp, true, OFFICE_NUMBER)?;
    page.write("PUT", &format!("inbound/{OFFICE_NUMBER}"), &serde_json::json!({ "to": "201" }))?;
    // Once the way was examined only the question whether the provider is there tells of another address. The last REGISTER is to
    // be old: a provider gets none within half a minute of another.
    wait_for_word(&page, EXAMINED, |_| true)?;
    let port = centraled.address().port();
    let asked = format!("answered OPTIONS of 203.0.113.2:{port}");
    let before = kamailio.lines_with(&asked).len();
    while kamailio.lines_with(&asked).len() < before + 2 {
        kamailio.wait_for_within(2 * OUT_OF_REACH, &asked)?;
    }

    hosts.move_middle(ANOTHER)?;
    let moved = Instant::now();
    kamailio.wait_for_within(2 * OUT_OF_REACH, &format!("REGISTER of office from 203.0.113.9:{port}"))?;
    outside.dial(OFFICE_NUMBER)?;
    inside.wait_incoming()?;
    let rang = moved.elapsed();
    inside.answer()?;
    outside.wait_established()?;
    hear_each_other(&mut outside, &mut inside)?;
    hang_up(&mut outside, &mut inside)?;
    let came = format!("it rang in the office {:.1} s after", rang.as_secs_f64());
    drill::row("outage", "the office's router has another address on the internet", &came, "within 25 s")?;
    if rang > OUT_OF_REACH { Err(Failure::Unexpected(came)) } else { Ok(()) }
}
