//! `make demo`, as a newcomer sees it: within a minute there is a call on the page, and one in its log.

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use crate::centraled::{built, program};
use crate::failure::Tried;
use crate::{Administrator, Failure, OfficeLan, Program, Result};

/// What it lives from: the same file as `daemon/build/demo.sh` applies.
const OFFICE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../demo/office.toml");
/// Who calls whom is drawn from it.
const SEED: &str = "7";
/// A newcomer's patience, from the start.
const MINUTE: Duration = Duration::from_secs(60);

/// In a network of its own, where each of its ports is free.
pub(super) fn lives(lan: &mut OfficeLan) -> Result<()> {
    let (place, folder) = (lan.host(), tempfile::tempdir().tried(|| "make a folder for the demo".to_owned())?);
    let state = folder.path().join("state");
    let mut apply = Program::new(&place, "centraled apply", &program())?
        .args(["apply", OFFICE, "--state-dir"])
        .arg(&state)
        .start()?;
    if !apply.wait_to_end(Duration::from_secs(20))?.success() {
        return Err(Failure::Unexpected("the box refused the demo's office".to_owned()));
    }
    let began = Instant::now();
    let demo = Program::new(&place, "demo", &built("demo"))?.args(["--seed", SEED, "--", &program(), "run"]);
    let mut demo = demo.arg("--state-dir").arg(&state).start()?;
    let page = after(&demo.wait_for("The page:")?, "https://");
    let password = after(&demo.wait_for("The password:")?, "password:");
    let page: SocketAddr = page
        .trim_end_matches('/')
        .parse()
        .map_err(|_| Failure::Unexpected(format!("the demo's page is at '{page}'")))?;
    let page = Administrator::log_in_with(&place, page, &password)?;

    let left = || MINUTE.saturating_sub(began.elapsed());
    let calls = |live: &serde_json::Value| live["calls"].as_array().is_some_and(|calls| !calls.is_empty());
    page.wait_to_see_within(left(), "a call", calls)?;
    loop {
        let log = page.read("calls")?;
        if calls(&log) {
            return Ok(());
        }
        if left().is_zero() {
            return Err(Failure::Unexpected(format!("there is no call in the demo's log: {log}")));
        }
        // It comes to its end when somebody hangs up: look again.
        std::thread::park_timeout(Duration::from_millis(500));
    }
}

/// The word of a line that comes after these.
fn after(line: &str, words: &str) -> String {
    let rest = line.split(words).nth(1).unwrap_or_default();
    rest.split_whitespace().next().unwrap_or_default().to_owned()
}
