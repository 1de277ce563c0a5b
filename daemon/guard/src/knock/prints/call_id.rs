//! A Call-ID of digits alone. Phones write random text, mostly with their host behind it.

use super::{Head, Sign};

pub(super) fn shows(head: &Head<'_>) -> Option<Sign> {
    let id = head.field("Call-ID", "i")?;
    (id.len() >= 6 && id.iter().all(u8::is_ascii_digit)).then_some(Sign::Hint)
}
