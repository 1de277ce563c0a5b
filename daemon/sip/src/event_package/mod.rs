//! Event packages (RFC 6665): which one a SUBSCRIBE asks for, and the bodies that its NOTIFYs carry.
//!
//! In: an Event header, and states as values. Out: [`DialogInfo`] as XML (RFC 4235) for keys that show a colleague, and
//! [`MessageSummary`] as text (RFC 3842) for the voicemail lamp. Who may subscribe, and when to notify, is the exchange's.

mod dialog_info;
mod message_summary;

pub use dialog_info::{DialogElement, DialogInfo, DialogNames, DialogState, Initiative, Participant};
pub use message_summary::MessageSummary;

use std::fmt;

use crate::message::Params;
use crate::message::params::is_token;

/// Longest `id` of an Event header that is taken; longer ones are of nobody's use and would be kept.
const LONGEST_ID: usize = 64;

/// What an Event header says (RFC 6665 8.2.1): the package, and the id by which a subscriber tells its subscriptions apart.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EventType {
    /// Name of the package, in lower case.
    pub package: Box<str>,
    /// To be repeated in every NOTIFY.
    pub id: Option<Box<str>>,
}

impl EventType {
    /// Reads the header's value. `None` when it is malformed, or its id is longer than 64 characters.
    pub fn parse(text: &str) -> Option<Self> {
        let (package, params) = text.split_at(text.find(';').unwrap_or(text.len()));
        let package = package.trim();
        let is_name = !package.is_empty() && package.bytes().all(is_token);
        let params = if params.is_empty() { Params::default() } else { Params::parse(params)? };
        let id = params.value("id").filter(|id| !id.is_empty());
        let keepable = id.is_none_or(|id| id.len() <= LONGEST_ID && id.bytes().all(is_token));
        (is_name && keepable).then(|| Self { package: package.to_ascii_lowercase().into(), id: id.map(Into::into) })
    }
}

impl fmt::Display for EventType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.package)?;
        self.id.as_ref().map_or(Ok(()), |id| write!(f, ";id={id}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_event_is_read_and_its_id_repeated() {
        let read = |text| EventType::parse(text).map(|event| event.to_string());
        assert_eq!(read("dialog").as_deref(), Some("dialog"));
        assert_eq!(read("Dialog ; include-session-description").as_deref(), Some("dialog"));
        assert_eq!(read("message-summary;id=77").as_deref(), Some("message-summary;id=77"));
        for bad in ["", ";id=1", "dia log", "dialog;id=\"a b\"", &format!("dialog;id={}", "x".repeat(65))] {
            assert_eq!(read(bad), None, "{bad}");
        }
    }
}
