//! Mailboxes: which messages wait in them, and what is asked of whoever keeps them. Voices pass through here and are not kept.

use std::collections::BTreeMap;
use std::time::Instant;

use centrale_config::Voicemail;
use centrale_rtp::relay::RelayId;
use centrale_rtp::sound::Voice;
use centrale_sip::event_package::MessageSummary;
use hashbrown::HashMap;

/// What somebody said to a mailbox, on its way to be kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VoiceMessage {
    /// The internal number whose mailbox it is for.
    pub mailbox: String,
    /// Who called: internal number, E.164, or `anonymous`.
    pub from: String,
    /// Name of who called, if known.
    pub from_name: String,
    /// When the caller reached the mailbox.
    pub received: Instant,
    /// What was said.
    pub voice: Voice,
}

/// What is asked of whoever keeps messages. Each, but [`MailboxOrder::Fetch`], is followed by [`MailboxNews::Holds`] once it is
/// done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum MailboxOrder {
    /// Keep this. Answered by one [`MailboxNews::Kept`] too, however long it takes: it is in memory until then.
    Keep(Box<VoiceMessage>),
    /// Say what was said; answered by [`MailboxNews::Fetched`].
    Fetch {
        /// Whose mailbox.
        mailbox: String,
        /// Which message.
        message: u64,
    },
    /// It was listened to.
    MarkHeard {
        /// Whose mailbox.
        mailbox: String,
        /// Which message.
        message: u64,
    },
    /// Forget it for good.
    Delete {
        /// Whose mailbox.
        mailbox: String,
        /// Which message.
        message: u64,
    },
}

/// What whoever keeps messages tells.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum MailboxNews {
    /// Everything that is in one mailbox now. For each at the start, and after every change.
    Holds {
        /// Whose mailbox.
        mailbox: String,
        /// The oldest first.
        messages: Vec<WaitingMessage>,
    },
    /// The answer to [`MailboxOrder::Keep`]: the message is safe, or there was no place for it.
    Kept {
        /// Whose mailbox.
        mailbox: String,
    },
    /// The answer to [`MailboxOrder::Fetch`].
    Fetched {
        /// Which message.
        message: u64,
        /// What was said. `None` when it is not there any more.
        voice: Option<Voice>,
    },
}

/// A message that is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct WaitingMessage {
    /// Its number, never used again.
    pub id: u64,
    /// Whether it was listened to.
    pub heard: bool,
}

/// A message that is being spoken.
#[derive(Debug)]
pub(crate) struct Speaking {
    pub(crate) mailbox: String,
    pub(crate) from: String,
    pub(crate) from_name: String,
    pub(crate) begun: Instant,
}

/// Every mailbox, and who speaks to one.
#[derive(Debug, Default)]
pub(crate) struct Mailboxes {
    held: BTreeMap<String, Vec<WaitingMessage>>,
    /// By the relay of the call. It outlives the call until the media thread has said its last word.
    pub(crate) speaking: HashMap<RelayId, Speaking>,
    /// The mailbox of each message that is on its way to be kept.
    keeping: Vec<String>,
}

/// Most messages that are spoken at once or wait for the disk, in the whole office: each takes a megabyte and a half while it does.
const MOST_AT_HAND: usize = 8;

impl Mailboxes {
    /// False when that is what was known.
    pub(crate) fn hold(&mut self, mailbox: &str, messages: Vec<WaitingMessage>) -> bool {
        if self.messages(mailbox) == messages {
            return false;
        }
        if messages.is_empty() {
            self.held.remove(mailbox);
        } else {
            self.held.insert(mailbox.to_owned(), messages);
        }
        true
    }

    /// What waits in a mailbox, the oldest first.
    pub(crate) fn messages(&self, mailbox: &str) -> &[WaitingMessage] {
        self.held.get(mailbox).map_or(&[], Vec::as_slice)
    }

    pub(crate) fn summary(&self, mailbox: &str) -> MessageSummary {
        let messages = self.messages(mailbox);
        let old = messages.iter().filter(|message| message.heard).count();
        let counted = |count| u32::try_from(count).unwrap_or(u32::MAX);
        MessageSummary { new: counted(messages.len() - old), old: counted(old) }
    }

    /// A message for a mailbox is handed over.
    pub(crate) fn hand_over(&mut self, mailbox: &str) {
        self.keeping.push(mailbox.to_owned());
    }

    /// One that was handed over waits no more.
    pub(crate) fn kept(&mut self, mailbox: &str) {
        if let Some(at) = self.keeping.iter().position(|keeping| keeping == mailbox) {
            self.keeping.swap_remove(at);
        }
    }

    /// Whether one more message can be spoken to a mailbox, and kept.
    pub(crate) fn has_room(&self, mailbox: &str) -> bool {
        let speaking = self.speaking.values().map(|speaking| &speaking.mailbox);
        let at_hand = speaking.chain(&self.keeping);
        let (all_at_hand, own_at_hand) = (at_hand.clone().count(), at_hand.filter(|own| *own == mailbox).count());
        let all: usize = self.held.values().map(Vec::len).sum();
        all_at_hand < MOST_AT_HAND
            && self.messages(mailbox).len() + own_at_hand < usize::from(Voicemail::MOST_MESSAGES)
            && all + all_at_hand < usize::from(Voicemail::MOST_IN_OFFICE)
    }
}
