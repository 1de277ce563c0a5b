//! A router that changes in the middle of its life: it begins to read calls while the office is registered through it, and later it is
//! mended. Each time it is restarted, as whoever changes a setting does it.

use std::time::Instant;

use super::examined::ask;
use super::round::{Calls, Scene};
use super::routers::{HELPER, set_rules};
use crate::{Failure, Result};

/// The way round it.
const ROUND: &str = "hidden addresses, public Contact";

/// The helper is switched on and found, and gone round; calls. It is switched off, somebody asks twice for a test, and calls go plainly
/// again.
pub(super) fn change(scene: &mut Scene, number: u32) -> Result<Calls> {
    let told = |when: &str, fault: &Failure| Failure::Unexpected(format!("{when}: {fault}"));
    let on = |fault| told("the helper is on", &fault);
    let off = |fault| told("the helper is off again", &fault);

    set_rules(&scene.network.hosts.middle, &[HELPER])?;
    scene.network.hosts.restart_middle()?;
    let changed = Instant::now();
    // Whoever calls meanwhile hears nothing, if the call comes across at all.
    let plainly = scene.is_heard().unwrap_or_default();
    scene.anna.give_up();
    if plainly {
        return Err(on(Failure::Unexpected("a call is heard: it proves nothing".to_owned())));
    }
    let said = scene.wait_for_verdict("proven").map_err(on)?;
    let found = changed.elapsed();
    scene.wait_for_way(ROUND).map_err(on)?;
    let kept = changed.elapsed();
    scene.many_calls(number).map_err(on)?;

    set_rules(&scene.network.hosts.middle, &["delete table ip sip\n"])?;
    scene.network.hosts.restart_middle()?;
    for _ in 0..2 {
        ask(&scene.page).map_err(off)?;
    }
    scene.wait_for_way("plain").map_err(off)?;
    scene.wait_for_verdict("none").map_err(off)?;
    let well = scene.many_calls(number).map_err(off)?;
    let seconds = [found.as_secs(), kept.as_secs()];
    Ok(Calls { said, seconds, way: "hidden addresses, public Contact; then plain again", plainly, well: 2 * well })
}
