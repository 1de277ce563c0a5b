//! sipvicious says to be at 1.1.1.1, in From and To (svmap) or in Contact (svcrack).

use super::{Head, Sign, contains};

pub(super) fn shows(head: &Head<'_>) -> Option<Sign> {
    let fields = [head.field("From", "f"), head.field("To", "t"), head.field("Contact", "m")];
    let says = |value: &[u8]| value.split(|byte| *byte == b'@').skip(1).any(is_one) || contains(value, "sip:1.1.1.1>");
    fields.into_iter().flatten().any(says).then_some(Sign::Certain)
}

/// Whether the host is that address and not merely begins like it.
fn is_one(host: &[u8]) -> bool {
    host.strip_prefix(b"1.1.1.1")
        .is_some_and(|rest| !rest.first().is_some_and(|next| next.is_ascii_digit() || *next == b'.'))
}
