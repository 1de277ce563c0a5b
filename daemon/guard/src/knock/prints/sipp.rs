//! sipp's built-in scenarios, which floods are made of: `SIPpTag` in From.

use super::{Head, Sign, contains};

pub(super) fn shows(head: &Head<'_>) -> Option<Sign> {
    let tag = head.parameter("From", "f", "tag")?;
    contains(tag, "SIPpTag").then_some(Sign::Certain)
}
