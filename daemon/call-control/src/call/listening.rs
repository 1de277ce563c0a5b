//! A person listens to the messages of the own mailbox: the new ones first, each with a beep behind it. 1 plays it again,
//! 2 goes on to the next, 7 deletes it, * ends.

use std::collections::VecDeque;
use std::time::{Duration, Instant};

use centrale_rtp::relay::{Command, Key};
use centrale_rtp::sound::{Sound, Speech, VOICE_BYTES_A_SECOND, Voice};
use rand::RngExt as _;

use super::sound::speech_to;
use super::voicemail::{SLACK, Stage};
use super::{AtMailbox, Call, CallKey, Side};
use crate::exchange::Exchange;
use crate::io::Output;
use crate::mailbox::MailboxOrder;

/// Silence before a message. Some phones pass over the first second of a voice that is new to them.
const LEAD: usize = VOICE_BYTES_A_SECOND;
/// How long a key may be pressed after a message, before the next one.
const THINKING: Duration = Duration::from_secs(4);
/// How long a message may take to be fetched.
const FETCHING: Duration = Duration::from_secs(10);

/// How far somebody is with the messages of a mailbox.
#[derive(Debug)]
pub(super) struct Listening {
    /// What is still to come.
    left: VecDeque<u64>,
    current: Option<Current>,
}

/// The message that is listened to.
#[derive(Debug)]
struct Current {
    id: u64,
    step: Step,
}

#[derive(Debug)]
enum Step {
    /// It is on its way here.
    Fetching,
    /// It is heard, its silence before it included.
    Playing(Voice),
    /// It was heard; what is pressed now is about it.
    Heard(Voice),
}

impl Listening {
    pub(super) fn sound(&self) -> Option<Sound> {
        let is_heard = self.current.as_ref().is_some_and(|current| matches!(current.step, Step::Heard(_)));
        is_heard.then_some(Sound::Next)
    }

    /// The message that is listened to, with what was said, once that is here.
    fn voice(&self) -> Option<(u64, &Voice)> {
        match self.current.as_ref()? {
            Current { id, step: Step::Playing(voice) | Step::Heard(voice) } => Some((*id, voice)),
            Current { step: Step::Fetching, .. } => None,
        }
    }
}

fn listening(call: &mut Call) -> Option<(&str, &mut Listening)> {
    match call.at_mailbox.as_mut()? {
        AtMailbox { number, stage: Stage::Listening(listening) } => Some((number, listening)),
        AtMailbox { .. } => None,
    }
}

impl Exchange {
    /// What there is to listen to in a mailbox: what is new, then what was heard, the oldest first.
    pub(super) fn listening_to(&self, mailbox: &str) -> Listening {
        let messages = self.mailboxes.messages(mailbox);
        let of = |heard| messages.iter().filter(move |message| message.heard == heard).map(|message| message.id);
        Listening { left: of(false).chain(of(true)).collect(), current: None }
    }

    /// A message was heard to its end, or nobody pressed a key about it.
    pub(super) fn go_on_listening(&mut self, now: Instant, call: &mut Call) {
        let key = call.key;
        let Some((_, listening)) = listening(call) else { return };
        match listening.current.take() {
            Some(Current { id, step: Step::Playing(voice) }) => {
                listening.current = Some(Current { id, step: Step::Heard(voice) });
                self.mark_heard(call, id);
                self.set_mailbox_due(now, key, Sound::Next.lasts().unwrap_or_default() + THINKING);
            }
            _ => self.next_message(now, call),
        }
    }

    fn mark_heard(&mut self, call: &Call, message: u64) {
        let Some(at) = &call.at_mailbox else { return };
        let is_new = |waiting: &&crate::mailbox::WaitingMessage| waiting.id == message && !waiting.heard;
        if self.mailboxes.messages(&at.number).iter().any(|waiting| is_new(&waiting)) {
            self.order(MailboxOrder::MarkHeard { mailbox: at.number.clone(), message });
        }
    }

    fn next_message(&mut self, now: Instant, call: &mut Call) {
        let key = call.key;
        let Some((mailbox, listening)) = listening(call) else { return };
        let Some(id) = listening.left.pop_front() else {
            if let Some(at) = &mut call.at_mailbox {
                at.stage = Stage::Leaving;
            }
            return self.set_mailbox_due(now, key, Sound::NoMore.lasts().unwrap_or_default() + SLACK);
        };
        listening.current = Some(Current { id, step: Step::Fetching });
        let mailbox = mailbox.to_owned();
        self.order(MailboxOrder::Fetch { mailbox, message: id });
        self.set_mailbox_due(now, key, FETCHING);
    }

    /// A message is here: whoever waits for it hears it.
    pub(super) fn handle_fetched(&mut self, now: Instant, message: u64, voice: Option<&Voice>) {
        let waits = |call: &Call| match &call.at_mailbox {
            Some(AtMailbox { stage: Stage::Listening(listening), .. }) => {
                matches!(listening.current, Some(Current { id, step: Step::Fetching }) if id == message)
            }
            _ => false,
        };
        let mut waiting: Vec<CallKey> = self.calls.values().filter(|call| waits(call)).map(|call| call.key).collect();
        waiting.sort();
        for key in waiting {
            self.with_call(now, key, |exchange, call| match voice {
                Some(voice) => exchange.play_message(now, call, message, voice.after_silence(LEAD)),
                None => exchange.next_message(now, call),
            });
        }
    }

    fn play_message(&mut self, now: Instant, call: &mut Call, id: u64, voice: Voice) {
        let (key, relay, side) = (call.key, call.relay, Side::Caller);
        let Some((encoding, payload_type)) = speech_to(call, side) else { return self.leave_mailbox(now, call) };
        let Some((_, listening)) = listening(call) else { return };
        let speech = Speech { encoding, payload_type, ssrc: self.rng.random() };
        let lasts = voice.lasts();
        listening.current = Some(Current { id, step: Step::Playing(voice.clone()) });
        self.outputs.push_back(Output::Media(Command::PlayBack { relay, side, voice, speech }));
        self.set_mailbox_due(now, key, lasts + SLACK);
    }

    /// Whether that side's keys count now.
    pub(super) const fn obeys_keys(call: &Call, side: Side) -> bool {
        if let Some(alert) = &call.alert {
            return matches!(side, Side::Callee) && alert.listens();
        }
        if matches!(side, Side::Callee) {
            return false;
        }
        if let Some(at) = &call.at_conference {
            return at.asks();
        }
        matches!(&call.at_mailbox, Some(AtMailbox { stage: Stage::Listening(_) | Stage::Typing(_), .. }))
    }

    /// Somebody pressed a key. It counts for nothing but a PIN that is typed, the message that is listened to, or what the box rang to tell.
    pub(super) fn obey_key(&mut self, now: Instant, call: &mut Call, key: Key) {
        if call.alert.is_some() {
            return self.heed_key(now, call, key);
        }
        if call.at_conference.is_some() {
            return self.type_pin(now, call, key);
        }
        if matches!(&call.at_mailbox, Some(AtMailbox { stage: Stage::Typing(_), .. })) {
            return self.type_key(now, call, key);
        }
        let Key(pressed) = key;
        let Some((mailbox, listening)) = listening(call) else { return };
        let mailbox = mailbox.to_owned();
        let Some((message, voice)) = listening.voice().map(|(id, voice)| (id, voice.clone())) else { return };
        match pressed {
            '1' => self.play_message(now, call, message, voice),
            '2' => {
                self.mark_heard(call, message);
                self.next_message(now, call);
            }
            '7' => {
                self.order(MailboxOrder::Delete { mailbox, message });
                self.next_message(now, call);
            }
            '*' => self.leave_mailbox(now, call),
            _ => {}
        }
    }
}
