//! A REGISTER that accepts a session description and says no lifetime: sipvicious has one form for all methods. No phone
//! leaves the lifetime out, and none would take a description in answer.

use super::{Head, Sign, contains};

pub(super) fn shows(head: &Head<'_>) -> Option<Sign> {
    let accepts = head.field("Accept", "Accept").is_some_and(|accept| contains(accept, "application/sdp"));
    let lives = head.field("Expires", "Expires").is_some()
        || head.field("Contact", "m").is_some_and(|contact| contains(contact, "expires="));
    (head.is(b"REGISTER") && accepts && !lives).then_some(Sign::Certain)
}
