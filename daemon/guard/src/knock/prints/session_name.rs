//! sippts signs its session descriptions, whatever phone it plays.

use super::{Head, Sign, contains};

pub(super) fn shows(head: &Head<'_>) -> Option<Sign> {
    contains(head.body, "s=SIPPTS").then_some(Sign::Certain)
}
