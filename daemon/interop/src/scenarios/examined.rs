//! The box itself behind real routers: it registers at Debian's kamailio as it comes, and says on its page what stands between.

use std::net::SocketAddr;
use std::slice;
use std::thread;
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use super::doctor::Provider;
use super::hears_since;
use super::provider::FAR;
use super::routers::{HELPER, MASQUERADE, REMAP, set_rules};
use crate::failure::Tried;
use crate::latching::{GoesBy, LatchingProvider};
use crate::private_world::ThreeHosts;
use crate::transcript::PATIENCE;
use crate::{
    Account, Administrator, Baresip, Centraled, Failure, Microphone, Phone, Place, Result, Subscriber, Tone, Transport,
    Trunk,
};

/// From the first registration to the word.
const FOUND: Duration = Duration::from_secs(60);
/// Between two looks at what the page says.
const LOOK: Duration = Duration::from_millis(250);

/// A router, and what is said of it.
struct Case {
    name: &'static str,
    rules: &'static [&'static str],
    verdict: [&'static str; 2],
    problem: bool,
}

const CASES: [Case; 2] = [
    Case { name: "plain NAT", rules: &[MASQUERADE], verdict: ["none", "strong"], problem: false },
    Case { name: "helper on UDP", rules: &[MASQUERADE, HELPER], verdict: ["proven", "certain"], problem: true },
];

/// One after the other, each with its own three hosts: few boxes may run at a time.
pub(super) fn by_the_box() -> Result<()> {
    CASES.iter().try_for_each(play)
}

fn play(case: &Case) -> Result<()> {
    let hosts = ThreeHosts::make(true)?;
    set_rules(&hosts.middle, case.rules)?;
    let server = SocketAddr::new(hosts.provider.address, 5060);
    let _kamailio = Provider::start(&hosts.provider, server)?;
    let person = Subscriber::new("201");
    let trunk = Trunk::usual(server, Subscriber::new("office"), "+31201234567");
    let mut centraled = Centraled::start(&hosts.phones, slice::from_ref(&person), Some(&trunk))?;
    let page = centraled.set_up()?;
    wait_connected(&page)?;
    let registered = Instant::now();
    let said = wait_for_word(&page, FOUND, |_| true)?;
    let took = registered.elapsed();
    let verdict = ["interference", "confidence"].map(|name| said[name].as_str().unwrap_or_default().to_owned());
    if verdict != case.verdict || took > FOUND {
        return Err(Failure::Unexpected(format!("{}: after {took:?} the box says {said}", case.name)));
    }
    // That it rewrites, or by then that the box goes round it.
    let rewrites = |live: &Value| {
        let problems = live["problems"].as_array().map(Vec::as_slice).unwrap_or_default();
        let of_router = |problem: &Value| problem["code"] == "router-rewrites" || problem["code"] == "router-passed";
        problems.iter().any(of_router) == case.problem
    };
    page.wait_to_see(&format!("what the office is told behind {}", case.name), rewrites).map(drop)
}

/// What the box says of the way once its questions were answered and it is `wanted`; it has so long for that.
pub(super) fn wait_for_word(page: &Administrator, within: Duration, wanted: impl Fn(&Value) -> bool) -> Result<Value> {
    let deadline = Instant::now() + within + PATIENCE;
    loop {
        let report = page.read("doctor")?;
        let said = &report["trunks"][0];
        let asked = said["probes"].as_array().is_some_and(|probes| !probes.is_empty());
        if asked && said["examining"] == false && wanted(said) {
            return Ok(said.clone());
        }
        if Instant::now() >= deadline {
            return Err(Failure::Unexpected(format!("the box does not say of the way what it should: {report}")));
        }
        // Nothing tells when a word is new but the word itself. The deadline ends the test, this does not.
        thread::park_timeout(LOOK);
    }
}

/// Presses the button, and waits until the way was examined. Who pressed it a moment ago waits a minute for that.
pub(super) fn ask(page: &Administrator) -> Result<Value> {
    page.write("POST", "trunks/provider/examine", &json!({}))?;
    let deadline = Instant::now() + 2 * FOUND + PATIENCE;
    let mut begun = false;
    loop {
        let said = page.read("doctor")?["trunks"][0].clone();
        let examining = said["examining"] == true;
        if begun && !examining {
            return Ok(said);
        }
        begun |= examining;
        if Instant::now() >= deadline {
            return Err(Failure::Unexpected(format!("the way is not examined: {said}")));
        }
        // Nothing tells when a word is new but the word itself. The deadline ends the test, this does not.
        thread::park_timeout(LOOK);
    }
}

/// Gives the provider's host a second address, for sound.
pub(super) fn room_for_sound(provider: &Place) -> Result<SocketAddr> {
    let added = provider.command("ip").args(["addr", "add", "203.0.113.3/24", "dev", "wan"]).status();
    added.tried(|| "give the provider an address for sound".to_owned())?;
    Ok(SocketAddr::new([203, 0, 113, 3].into(), 40_000))
}

/// Tells the box on its page of the provider, and waits until it is registered there.
pub(super) fn connect_provider(page: &Administrator, transport: Transport) -> Result<()> {
    let trunk = json!({ "server": "203.0.113.1:5060", "transport": transport.name(), "username": "office", "password": "secret",
        "register": true, "numbers": ["+31201234567"] });
    page.write("PUT", "trunks/provider", &trunk)?;
    wait_connected(page)
}

fn wait_connected(page: &Administrator) -> Result<()> {
    page.wait_to_see("a provider that is connected", |live| live["trunks"][0]["state"] == "connected").map(drop)
}

/// For how long the first call is listened to.
const LISTENED: Duration = Duration::from_secs(2);

/// Behind a router that translates ports and rewrites calls the caller hears nothing; when the box goes round it, everything.
pub(super) fn gone_round() -> Result<()> {
    let hosts = ThreeHosts::make(true)?;
    set_rules(&hosts.middle, &[REMAP, HELPER])?;
    let media = room_for_sound(&hosts.provider)?;
    let _provider = LatchingProvider::start(&hosts.provider, media, &[5060], GoesBy::Via)?;
    let person = Subscriber::new("201");
    let mut centraled = Centraled::start(&hosts.phones, slice::from_ref(&person), None)?;
    let page = centraled.set_up()?;
    let account = Account::new(&person, centraled.address(), Transport::Udp);
    let mut phone = Baresip::start(&hosts.phones, account, Microphone::Tone(Tone::CALLER))?;
    phone.wait_registered()?;
    connect_provider(&page, Transport::Udp)?;

    // No way is tried under a call, so that this one goes plainly.
    phone.dial(FAR)?;
    phone.wait_established()?;
    let until = Instant::now() + LISTENED;
    while Instant::now() < until {
        // Silence tells nothing when it is over.
        thread::park_timeout(until.saturating_duration_since(Instant::now()));
    }
    let heard = phone.heard().map_or(0, |heard| heard.milliseconds_of(Tone::CALLER));
    if heard > 0 {
        return Err(Failure::Unexpected(format!("behind this router {heard} ms were heard: it proves nothing")));
    }
    phone.hang_up()?;
    phone.wait_ended()?;

    let deadline = Instant::now() + FOUND + PATIENCE;
    while page.read("doctor")?["trunks"][0]["way"] != "hidden addresses, public Contact" {
        if Instant::now() >= deadline {
            return Err(Failure::Unexpected(format!("the box does not go round it: {}", page.read("doctor")?)));
        }
        thread::park_timeout(LOOK);
    }
    page.wait_for_problem("router-passed", "provider")?;
    let before = phone.heard().map_or(0, |heard| heard.milliseconds());
    phone.dial(FAR)?;
    phone.wait_established()?;
    hears_since(&mut phone, Tone::CALLER, before)?;
    phone.hang_up()?;
    phone.wait_ended().map(drop)
}
