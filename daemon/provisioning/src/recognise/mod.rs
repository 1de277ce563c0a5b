//! What a phone says about itself, read from a PnP packet, a User-Agent, or the name of the file it asks for.
//!
//! In: text from the network. Out: typed claims, or nothing. Every reader is bounded and total: no input panics, no
//! input costs more than its length. What is read here is a **hint, never an identity**: anybody can copy a User-Agent
//! and write a MAC address. Who a phone is gets decided in [`enrolment`](crate::enrolment).

mod file_name;
mod pnp_event;
mod user_agent;

pub use file_name::FileName;
pub use pnp_event::{PnpClaim, mac_in_user};
pub use user_agent::UserAgentHint;

/// Longest model name or firmware version that is kept, in bytes. The longest known are under 20.
const MAX_WORD: usize = 40;

/// How a maker's phones speak: their User-Agent, the names of the files they ask for and the order in which they ask.
///
/// A new model of a known dialect needs no Rust; a new dialect does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Dialect {
    /// Yealink: `<mac>.boot`, then what it includes; files of `key = value` lines.
    Yealink,
    /// Snom: `snom<type>.htm`, `snom<type>-<MAC>.htm` or one XML file.
    Snom,
    /// Linphone remote provisioning: one GET of one XML file.
    Linphone,
}

/// Keeps a word when it is short and made of the characters that model names and versions are made of.
fn plain_word(text: &str) -> Option<String> {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.' | b' ');
    let fits = !text.is_empty() && text.len() <= MAX_WORD;
    (fits && text.bytes().all(plain)).then(|| text.to_owned())
}
