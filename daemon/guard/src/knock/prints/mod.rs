//! Scanners, recognised by how their first packet is built. One sign a file.
//!
//! A User-Agent costs an attacker nothing to change, the shape of a tag more. A sign that no phone shows is certain; of the others
//! it takes two. What is already known to be a phone or a provider is not looked at.

mod branch;
mod call_id;
mod from_tag;
mod one_address;
mod register_accept;
mod session_name;
mod sipp;
mod sipsak;
mod user_agent;

use super::head::Head;

/// How much a sign says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Sign {
    /// No phone shows it.
    Certain,
    /// Hardly any phone shows it; two different ones are certain.
    Hint,
}

/// One sign: what it says when a packet shows it.
type Print = fn(&Head<'_>) -> Option<Sign>;

const PRINTS: [Print; 9] = [
    user_agent::shows,
    from_tag::shows,
    one_address::shows,
    call_id::shows,
    register_accept::shows,
    branch::shows,
    session_name::shows,
    sipp::shows,
    sipsak::shows,
];

/// Whether a packet is a scanner's request.
pub(super) fn is_scanner(bytes: &[u8]) -> bool {
    let head = Head::read(bytes);
    let mut hints = 0;
    head.is_request()
        && PRINTS.iter().any(|shows| match shows(&head) {
            Some(Sign::Certain) => true,
            Some(Sign::Hint) => {
                hints += 1;
                hints > 1
            }
            None => false,
        })
}

/// Whether the text is in there, in any case.
fn contains(value: &[u8], text: &str) -> bool {
    value.windows(text.len()).any(|window| window.eq_ignore_ascii_case(text.as_bytes()))
}

#[cfg(test)]
mod tests;
