//! The box itself behind real routers: it registers at Debian's kamailio as it comes, and says on its page what stands between.

use std::net::SocketAddr;
use std::slice;
use std::thread;
use std::time::{Duration, Instant};

use serde_json::Value;

use super::doctor::{HELPER, MASQUERADE, Provider, set_rules};
use crate::private_world::ThreeHosts;
use crate::transcript::PATIENCE;
use crate::{Administrator, Centraled, Failure, Result, Subscriber, Transport, Trunk};

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

/// Each with its own three hosts.
pub(super) fn by_the_box() -> Result<()> {
    thread::scope(|scope| {
        let cases = CASES.map(|case| scope.spawn(move || play(&case)));
        cases.into_iter().try_for_each(|case| case.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)))
    })
}

fn play(case: &Case) -> Result<()> {
    let hosts = ThreeHosts::make(true)?;
    set_rules(&hosts.middle, case.rules)?;
    let server = SocketAddr::new(hosts.provider.address, 5060);
    let _kamailio = Provider::start(&hosts.provider, server)?;
    let person = Subscriber::new("201");
    let trunk = Trunk {
        server,
        transport: Transport::Udp,
        subscriber: Subscriber::new("office"),
        number: "+31201234567",
        answered_by: "201",
        authority: None,
    };
    let mut centraled = Centraled::start(&hosts.phones, slice::from_ref(&person), Some(&trunk))?;
    let page = centraled.set_up()?;
    let connected = |live: &Value| live["trunks"][0]["state"] == "connected";
    page.wait_to_see("a provider that is connected", connected)?;
    let registered = Instant::now();
    let said = wait_for_word(&page)?;
    let took = registered.elapsed();
    let verdict = ["interference", "confidence"].map(|name| said[name].as_str().unwrap_or_default().to_owned());
    if verdict != case.verdict || took > FOUND {
        return Err(Failure::Unexpected(format!("{}: after {took:?} the box says {said}", case.name)));
    }
    let rewrites = |live: &Value| {
        let problems = live["problems"].as_array().map(Vec::as_slice).unwrap_or_default();
        problems.iter().any(|problem| problem["code"] == "router-rewrites") == case.problem
    };
    page.wait_to_see(&format!("what the office is told behind {}", case.name), rewrites).map(drop)
}

/// What the box says once its questions were answered.
fn wait_for_word(page: &Administrator) -> Result<Value> {
    let deadline = Instant::now() + FOUND + PATIENCE;
    loop {
        let report = page.read("doctor")?;
        let said = &report["trunks"][0];
        let asked = said["probes"].as_array().is_some_and(|probes| !probes.is_empty());
        if asked && said["examining"] == false {
            return Ok(said.clone());
        }
        if Instant::now() >= deadline {
            return Err(Failure::Unexpected(format!("the box says nothing of the way: {report}")));
        }
        // Nothing tells when a word is new but the word itself. The deadline ends the test, this does not.
        thread::park_timeout(LOOK);
    }
}
