//! Whoever keeps the messages of mailboxes. It looks that nobody reaches another's, and that no mailbox grows beyond its bounds.

use std::collections::BTreeMap;

use centrale_call_control::{MailboxNews, MailboxOrder, WaitingMessage};
use centrale_config::Voicemail;
use centrale_rtp::sound::Voice;

use crate::checks::Violation;

/// One message: whose mailbox, what was said, and whether it was heard.
type Kept = (String, Voice, bool);

/// Every message.
#[derive(Debug, Default)]
pub(crate) struct Messages {
    kept: BTreeMap<u64, Kept>,
    last: u64,
}

impl Messages {
    /// How many were left, deleted ones too.
    pub(crate) const fn kept(&self) -> u64 {
        self.last
    }

    /// Carries an order out.
    ///
    /// # Errors
    /// When it should not have been given.
    pub(crate) fn carry_out(&mut self, order: MailboxOrder) -> Result<Vec<MailboxNews>, Violation> {
        let wrong = |what: &str| Violation { invariant: 0, what: what.to_owned() };
        match order {
            MailboxOrder::Keep(message) => {
                if message.voice.lasts() > Voicemail::LONGEST {
                    return Err(wrong("a message is longer than it may be"));
                }
                self.last += 1;
                let mailbox = message.mailbox.clone();
                self.kept.insert(self.last, (mailbox.clone(), message.voice, false));
                let held = self.holds(mailbox.clone());
                match &held {
                    MailboxNews::Holds { messages, .. } if messages.len() > usize::from(Voicemail::MOST_MESSAGES) => {
                        Err(wrong("a mailbox is fuller than full"))
                    }
                    _ => Ok(vec![held, MailboxNews::Kept { mailbox }]),
                }
            }
            MailboxOrder::Fetch { mailbox, message } => {
                let voice = self.of(&mailbox, message)?.map(|(_, voice, _)| voice.clone());
                Ok(vec![MailboxNews::Fetched { message, voice }])
            }
            MailboxOrder::MarkHeard { mailbox, message } => {
                if let Some((_, _, heard)) = self.of(&mailbox, message)? {
                    *heard = true;
                }
                Ok(vec![self.holds(mailbox)])
            }
            MailboxOrder::Delete { mailbox, message } => {
                self.of(&mailbox, message)?;
                self.kept.remove(&message);
                Ok(vec![self.holds(mailbox)])
            }
        }
    }

    fn of(&mut self, mailbox: &str, message: u64) -> Result<Option<&mut Kept>, Violation> {
        match self.kept.get_mut(&message) {
            Some((owner, ..)) if owner != mailbox => {
                Err(Violation { invariant: 4, what: format!("{mailbox} reaches a message for {owner}") })
            }
            kept => Ok(kept),
        }
    }

    fn holds(&self, mailbox: String) -> MailboxNews {
        let own = self.kept.iter().filter(|(_, (owner, ..))| *owner == mailbox);
        let messages = own.map(|(id, (_, _, heard))| WaitingMessage { id: *id, heard: *heard }).collect();
        MailboxNews::Holds { mailbox, messages }
    }
}
