//! Whoever keeps the messages of mailboxes.

use std::collections::BTreeMap;

use centrale_call_control::{Input, MailboxNews, MailboxOrder, VoiceMessage, WaitingMessage};

#[derive(Debug, Default)]
pub(crate) struct MessageStore {
    /// By number, with whether it was heard.
    pub(crate) messages: BTreeMap<u64, (VoiceMessage, bool)>,
    /// Every order, in words.
    pub(crate) orders: Vec<String>,
    /// Messages that wait for a disk that hangs, when it does.
    pub(crate) hanging: Option<Vec<VoiceMessage>>,
    last: u64,
}

impl MessageStore {
    /// Carries an order out, and tells what it comes to.
    pub(crate) fn carry_out(&mut self, order: MailboxOrder) -> Vec<Input> {
        let words = match &order {
            MailboxOrder::Keep(message) => format!("keep for {}", message.mailbox),
            MailboxOrder::Fetch { message, .. } => format!("fetch {message}"),
            MailboxOrder::MarkHeard { message, .. } => format!("heard {message}"),
            MailboxOrder::Delete { message, .. } => format!("delete {message}"),
        };
        self.orders.push(words);
        let mailbox = match order {
            MailboxOrder::Keep(message) => {
                if let Some(hanging) = &mut self.hanging {
                    hanging.push(*message);
                    return Vec::new();
                }
                return self.keep(*message);
            }
            MailboxOrder::Fetch { mailbox, message } => {
                let kept = self.messages.get(&message).filter(|(kept, _)| kept.mailbox == mailbox);
                let voice = kept.map(|(kept, _)| kept.voice.clone());
                return vec![Input::Mailbox(MailboxNews::Fetched { message, voice })];
            }
            MailboxOrder::MarkHeard { mailbox, message } => {
                self.messages.get_mut(&message).unwrap().1 = true;
                mailbox
            }
            MailboxOrder::Delete { mailbox, message } => {
                self.messages.remove(&message);
                mailbox
            }
        };
        vec![self.holds(&mailbox)]
    }

    /// The disk goes on: the oldest message that waits is kept.
    pub(crate) fn go_on(&mut self) -> Vec<Input> {
        let message = self.hanging.as_mut().expect("the disk hangs").remove(0);
        self.keep(message)
    }

    fn keep(&mut self, message: VoiceMessage) -> Vec<Input> {
        let mailbox = self.add(message);
        vec![self.holds(&mailbox), Input::Mailbox(MailboxNews::Kept { mailbox })]
    }

    /// Puts a message in, and says whose mailbox it is in.
    pub(crate) fn add(&mut self, message: VoiceMessage) -> String {
        self.last += 1;
        let mailbox = message.mailbox.clone();
        self.messages.insert(self.last, (message, false));
        mailbox
    }

    /// What a mailbox holds, as it is told.
    pub(crate) fn holds(&self, mailbox: &str) -> Input {
        let own = self.messages.iter().filter(|(_, (message, _))| message.mailbox == mailbox);
        let messages = own.map(|(id, (_, heard))| WaitingMessage { id: *id, heard: *heard }).collect();
        Input::Mailbox(MailboxNews::Holds { mailbox: mailbox.into(), messages })
    }
}
