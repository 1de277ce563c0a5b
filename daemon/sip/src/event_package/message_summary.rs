//! `application/simple-message-summary` (RFC 3842): what waits in a mailbox.

use crate::message::SipUri;

/// The voice messages of one mailbox.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct MessageSummary {
    /// Messages nobody listened to yet.
    pub new: u32,
    /// Messages that were listened to and kept.
    pub old: u32,
}

impl MessageSummary {
    /// The media type.
    pub const CONTENT_TYPE: &'static str = "application/simple-message-summary";

    /// As it is sent (RFC 3842 5.2). The account is what a phone dials to listen.
    pub fn to_text(self, account: &SipUri) -> String {
        let Self { new, old } = self;
        let waiting = if new > 0 { "yes" } else { "no" };
        format!("Messages-Waiting: {waiting}\r\nMessage-Account: {account}\r\nVoice-Message: {new}/{old}\r\n")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::message::Host;

    #[test]
    fn only_new_messages_light_the_lamp() {
        let account = SipUri::new(Some("202"), Host::parse("192.168.1.10").unwrap(), None);
        let text = |new, old| MessageSummary { new, old }.to_text(&account);
        assert!(text(0, 4).starts_with("Messages-Waiting: no\r\n"));
        assert!(text(0, 4).ends_with("\r\nVoice-Message: 0/4\r\n"));
        assert!(text(2, 0).starts_with("Messages-Waiting: yes\r\nMessage-Account: sip:202@192.168.1.10\r\n"));
    }
}
