//! A branch without the magic cookie, from before RFC 3261, or one of nothing but digits behind it and a hyphen.

use super::{Head, Sign};

pub(super) fn shows(head: &Head<'_>) -> Option<Sign> {
    let branch = head.parameter("Via", "v", "branch")?;
    let Some(random) = branch.strip_prefix(b"z9hG4bK") else { return Some(Sign::Hint) };
    let digits = random.strip_prefix(b"-")?;
    (digits.len() >= 8 && digits.iter().all(u8::is_ascii_digit)).then_some(Sign::Hint)
}
