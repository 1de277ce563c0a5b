//! A shop with a provider, typed in on its page, and what it is told of a provider that refuses, played by sipp.

use std::thread;
use std::time::{Duration, Instant};

use super::Stage;
use crate::{
    Account, Administrator, Baresip, Centraled, Failure, Microphone, Phone, Result, Sipp, Subscriber, Transport,
};
use serde_json::{Value, json};

/// Somebody elsewhere, as an office dials them.
pub(super) const FAR: &str = "0301234567";
/// The longest a provider may be back without the box knowing.
pub(super) const BACK: Duration = Duration::from_secs(5);
/// The longest an outage may be without the page saying so.
pub(super) const MISSED: Duration = Duration::from_secs(60);
/// Between two REGISTERs, at least.
pub(super) const BETWEEN_REGISTERS: Duration = Duration::from_secs(30);

/// The box with two people, the phone of one of them, which is ready, and its page.
pub(super) struct Shop {
    /// Runs until the story ends.
    _centraled: Centraled,
    pub(super) page: Administrator,
    pub(super) phone: Baresip,
}

impl Shop {
    pub(super) fn open(stage: &Stage) -> Result<Shop> {
        let people = ["201", "202"].map(Subscriber::new);
        let mut centraled = Centraled::start(&stage.inside, &people, None)?;
        let page = centraled.set_up()?;
        let phone = ready_phone(stage, &centraled, &people[0])?;
        Ok(Shop { _centraled: centraled, page, phone })
    }

    pub(super) fn connect(&self, server: &str, register: bool) -> Result<()> {
        put_trunk(&self.page, "provider", server, Transport::Udp, register, "+31201234567")
    }

    pub(super) fn wait_for_trunk(&self, state: &str) -> Result<()> {
        let shown = |live: &Value| live["trunks"][0]["state"] == state;
        self.page.wait_to_see(&format!("a provider that is {state}"), shown).map(drop)
    }
}

/// Types the settings of a provider.
pub(super) fn put_trunk(
    page: &Administrator,
    name: &str,
    server: &str,
    transport: Transport,
    register: bool,
    number: &str,
) -> Result<()> {
    let Subscriber { user, password } = Subscriber::new("office");
    let trunk = json!({ "server": server, "transport": transport.name(), "username": user, "password": password,
        "register": register, "numbers": [number] });
    page.write("PUT", &format!("trunks/{name}"), &trunk).map(drop)
}

fn ready_phone(stage: &Stage, centraled: &Centraled, person: &Subscriber) -> Result<Baresip> {
    let account = Account::new(person, centraled.address(), Transport::Udp);
    let mut phone = Baresip::start(&stage.phones, account, Microphone::Off)?;
    phone.wait_registered()?;
    Ok(phone)
}

/// Each refusal reaches the caller and the call log as its status; what it says of the office is on the page.
pub(super) fn refusals(stage: &Stage) -> Result<()> {
    let table = [
        ("403 Forbidden", "Warning: 399 provider \"Account suspended\"\n", "provider-suspended"),
        ("404 Not Found", "", ""),
        ("480 Temporarily Unavailable", "Reason: Q.850;cause=18\n", ""),
        ("484 Address Incomplete", "", ""),
        ("486 Busy Here", "", ""),
        ("488 Not Acceptable Here", "", "provider-refuses-sound"),
        ("503 Service Unavailable", "Reason: Q.850;cause=34\nRetry-After: 5\n", "provider-full"),
    ];
    let mut shop = Shop::open(stage)?;
    for (status, headers, reason) in table {
        let scenario = include_str!("../../peers/sipp/refuse.xml").replace("@STATUS@", status);
        let (_provider, address) = Sipp::as_provider(&stage.provider, &scenario.replace("@HEADERS@", headers))?;
        shop.connect(&address.to_string(), false)?;
        shop.wait_for_trunk("connected")?;
        shop.phone.dial(FAR)?;
        shop.phone.wait_ended()?;
        let shown = |live: &Value| live["trunks"][0]["reason"] == reason;
        shop.page.wait_to_see(&format!("{reason} for {status}"), shown)?;
        let log = shop.page.read("calls")?;
        let code: u16 = status[..3].parse().unwrap_or_default();
        if log["calls"][0]["status"] != code {
            return Err(Failure::Unexpected(format!("{status} is written down as {}", log["calls"][0])));
        }
    }
    Ok(())
}

/// For how long the first of two providers asks to be left alone.
const ALONE: Duration = Duration::from_secs(5);
/// What it says of each call that it refuses.
const REFUSED: &str = "the provider refused a call";

/// The first of two providers refuses a call and asks to be left alone for some seconds: that call and the next one are the
/// second's, and after that the first one is asked again.
pub(super) fn left_alone(stage: &Stage) -> Result<()> {
    let mut shop = Shop::open(stage)?;
    let refuses = include_str!("../../peers/sipp/refuse.xml").replace("@STATUS@", "503 Service Unavailable");
    let refuses = refuses.replace("@HEADERS@", &format!("Retry-After: {}\n", ALONE.as_secs()));
    let (mut first, address) = Sipp::as_provider(&stage.provider, &refuses)?;
    shop.connect(&address.to_string(), false)?;
    shop.wait_for_trunk("connected")?;
    let (_second, address) = Sipp::as_provider(&stage.provider, include_str!("../../peers/sipp/answer.xml"))?;
    put_trunk(&shop.page, "second", &address.to_string(), Transport::Udp, false, "+31301234567")?;
    shop.page.wait_to_see("a second provider", |live| live["trunks"][1]["state"] == "connected")?;
    let mut call = |shop: &mut Shop| -> Result<usize> {
        shop.phone.dial(FAR)?;
        shop.phone.wait_established()?;
        shop.phone.hang_up()?;
        shop.phone.wait_ended()?;
        Ok(first.times(REFUSED))
    };
    let asked = call(&mut shop)?;
    let until = Instant::now() + ALONE;
    let meanwhile = call(&mut shop)?;
    let in_time = Instant::now() < until;
    while Instant::now() < until {
        // What it asked for is a time; the next call is to come after it.
        thread::park_timeout(until.saturating_duration_since(Instant::now()));
    }
    let later = call(&mut shop)?;
    // A machine that was too slow for the second call proves nothing by it.
    if asked == 1 && later > meanwhile && (meanwhile == 1 || !in_time) {
        return Ok(());
    }
    Err(Failure::Unexpected(format!("it had refused {asked}, {meanwhile} and {later} calls after each of three")))
}
