//! Many calls, by sipp.

use std::time::Duration;

use super::Stage;
use crate::{CallLoad, Failure, Office, Result, Sipp, Tally};

/// A thousand calls at fifty a second, each challenged and answered with digest, none failed. A machine that does much else
/// besides may have fewer a second, but not so few that it is no load.
pub(super) fn thousand_calls(stage: &Stage) -> Result<()> {
    let office = Office::open(stage.middle, &stage.inside, &["201", "202"])?;
    let _callee = Sipp::answering(&stage.phones, &office.account("202")?)?;
    let load = CallLoad { calls: 1000, per_second: 50, at_once: 30, talking: Duration::from_millis(200) };
    let mut caller = Sipp::calling(&stage.phones, &office.account("201")?, "202", &load)?;
    let tally = caller.wait_for_tally()?;
    let (Tally { successful, failed, per_second }, asked) = (tally, load.per_second);
    eprintln!(
        "{successful} calls, {per_second} a second where {asked} were asked for; {} are enough",
        asked.div_ceil(Tally::LEAST_PART)
    );
    if successful == load.calls && failed == 0 && !tally.is_far_below(&load) {
        return Ok(());
    }
    let complaints = caller.complaints();
    Err(Failure::Unexpected(format!(
        "{successful} calls succeeded and {failed} failed, {per_second} a second where {asked} were asked for:\n{complaints}"
    )))
}
