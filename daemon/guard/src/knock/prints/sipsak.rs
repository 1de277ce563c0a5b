//! sipsak under any name: its user, or its Via with a dot behind the cookie and `alias`.

use super::{Head, Sign, contains};

pub(super) fn shows(head: &Head<'_>) -> Option<Sign> {
    let user = head.field("From", "f").is_some_and(|from| contains(from, "sip:sipsak@"));
    let via = head.field("Via", "v").is_some_and(|via| contains(via, "branch=z9hG4bK.") && via.ends_with(b";alias"));
    (user || via && head.is(b"OPTIONS")).then_some(Sign::Certain)
}
