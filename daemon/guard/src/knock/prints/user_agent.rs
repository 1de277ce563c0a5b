//! Programs that say who they are. The cheapest sign, and still the one that most scanners show.

use super::{Head, Sign, contains};

/// Names as they stand in User-Agent, in lower case.
const NAMES: [&str; 24] = [
    "friendly-scanner",
    "friendly-request",
    "sipvicious",
    "sundayddr",
    "sip-scan",
    "sipscan",
    "sipcli",
    "sipsak",
    "sippts",
    "siparmyknife",
    "siprogue",
    "sivus",
    "smap",
    "iwar",
    "vaxsipuseragent",
    "vaxipuseragent",
    "pplsip",
    "gulp",
    "voiper",
    "viproy",
    "mr.sip",
    "ozeki voip sip sdk",
    "nm@p",
    "nmap",
];

pub(super) fn shows(head: &Head<'_>) -> Option<Sign> {
    let agent = head.field("User-Agent", "User-Agent")?;
    NAMES.iter().any(|name| contains(agent, name)).then_some(Sign::Certain)
}
