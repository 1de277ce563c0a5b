//! The box answers a call itself, for somebody's mailbox: it takes a message of who calls in vain, or plays messages to the
//! person they are for. Who orders something with the office's PIN (`code.rs`) is answered in the same way.
//!
//! Such a call has no second end. It leads nowhere: keys are listened to in the own mailbox alone, which only a registered
//! phone of its person reaches, and none of them places a call.

use std::time::{Duration, Instant};

use centrale_config::{VOICEMAIL_CODE, Voicemail};
use centrale_rtp::relay::{Command, Recording, RelayId};
use centrale_rtp::sound::{Encoding, Sound, Voice};
use centrale_sip::flow::Path;
use centrale_sip::message::Status;
use centrale_sip::sdp::{SdpFault, Session};

use super::code::{Code, Typing};
use super::listening::Listening;
use super::{Call, CallKey, Knock, Party, Side};
use crate::call::begin::{Caller, Plan};
use crate::exchange::{Due, Exchange};
use crate::io::Output;
use crate::mailbox::{MailboxNews, MailboxOrder, Speaking, VoiceMessage};
use crate::record::{Cause, Outcome};
use crate::view::Direction;

/// The silence after which a message is over: longer than anybody thinks of a word.
const SILENCE: Duration = Duration::from_secs(10);
/// What is shorter was no message; half a second of it is the pause behind it.
const SHORTEST: Duration = Duration::from_millis(1500);
/// How much later than it should the media thread says that a message is over.
const LATE: Duration = Duration::from_secs(5);
/// What a sound takes longer than it lasts: it begins when the other end has been silent for a moment.
pub(super) const SLACK: Duration = Duration::from_millis(200);

/// A mailbox that a call may reach.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Mailbox {
    /// Whose.
    pub(crate) number: String,
    pub(crate) purpose: Purpose,
}

/// What a mailbox is reached for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Purpose {
    /// To leave a message when nobody has answered for this long.
    Leave { after: Duration },
    /// To listen, by its own person.
    Listen,
    /// Not for the mailbox: that person proves an order with the office's PIN.
    Code(Code),
    /// By its person, who has marked a call and hears that it was noted.
    Mark,
}

/// A call that the box answered.
#[derive(Debug)]
pub(crate) struct AtMailbox {
    pub(crate) number: String,
    pub(super) stage: Stage,
}

/// How far it is.
#[derive(Debug)]
pub(super) enum Stage {
    /// The caller is asked to speak.
    Greeting,
    /// The caller speaks.
    Speaking,
    /// Its person listens.
    Listening(Listening),
    /// Its person has heard everything.
    Leaving,
    /// The office's PIN is typed.
    Typing(Typing),
    /// Whether it was right is heard.
    Told(Sound),
}

impl AtMailbox {
    /// How such a call is written down.
    pub(super) const fn outcome(&self) -> Outcome {
        match self.stage {
            Stage::Typing(_) | Stage::Told(_) => Outcome::Answered,
            Stage::Greeting | Stage::Speaking | Stage::Listening(_) | Stage::Leaving => Outcome::Mailbox,
        }
    }
}

impl Exchange {
    /// The mailbox of whom somebody calls, if that person has one. Nobody leaves a message for themselves.
    pub(super) fn mailbox_of(&self, number: &str, caller: &Party) -> Option<Mailbox> {
        let Voicemail { after_seconds } = self.directory.person(number)?.voicemail?;
        let purpose = Purpose::Leave { after: Duration::from_secs(after_seconds.into()) };
        (caller.number != number).then(|| Mailbox { number: number.to_owned(), purpose })
    }

    /// A phone asks for the messages of its own person. Only one that is registered: a password alone opens no mailbox.
    pub(super) fn open_mailbox(&mut self, now: Instant, knock: Knock, caller: &Caller, from: Party) {
        if !self.is_registered_at(now, &from.number, &caller.username, &Path::Flow(knock.flow)) {
            self.counters.mailboxes_refused += 1;
            return self.reject(now, &knock, Status::FORBIDDEN);
        }
        let mailbox = Mailbox { number: from.number.clone(), purpose: Purpose::Listen };
        let to = Party::nameless(VOICEMAIL_CODE);
        let username = Some(caller.username.clone());
        self.begin(now, knock, Plan { mailbox: Some(mailbox), username, ..Plan::new(Direction::Internal, from, to) });
    }

    /// Nobody answered: the caller reaches the mailbox. False when there is none, it is full, or the caller speaks nothing that
    /// can be kept.
    pub(super) fn reach_mailbox(&mut self, now: Instant, call: &mut Call) -> bool {
        let Some(Mailbox { number, purpose }) = call.mailbox.take() else { return false };
        let leaves = matches!(purpose, Purpose::Leave { .. });
        if leaves && !self.mailboxes.has_room(&number) {
            self.counters.mailboxes_full += 1;
            return false;
        }
        if !self.answer_itself(now, call, &Encoding::ALL) {
            return false;
        }
        let stage = match purpose {
            Purpose::Leave { .. } => Stage::Greeting,
            Purpose::Listen => Stage::Listening(self.listening_to(&number)),
            Purpose::Code(code) => Stage::Typing(Typing::new(code)),
            Purpose::Mark => Stage::Told(Sound::Next),
        };
        if matches!(purpose, Purpose::Code(_)) {
            self.let_type(now, call);
        } else if leaves {
            self.counters.mailboxes_reached += 1;
            let (from, from_name) = (call.from.claimed().to_owned(), call.from.name.clone());
            let speaking = Speaking { mailbox: number.clone(), from, from_name, begun: now };
            self.mailboxes.speaking.insert(call.relay, speaking);
            self.set_mailbox_due(now, call.key, Sound::Greeting.lasts().unwrap_or_default() + SLACK);
        } else {
            let heard = if purpose == Purpose::Mark { Sound::Next.lasts() } else { None };
            self.set_mailbox_due(now, call.key, heard.unwrap_or_default() + SLACK);
        }
        call.at_mailbox = Some(AtMailbox { number, stage });
        true
    }

    /// The box takes the call in the place of a second end. False when it and the caller have no codec in common.
    pub(super) fn answer_itself(&mut self, now: Instant, call: &mut Call, codecs: &[Encoding]) -> bool {
        let Some((server, request)) = call.invite.take() else { return false };
        let Ok(told) = call.caller.description.answer_alone(codecs) else {
            call.invite = Some((server, request));
            return false;
        };
        let forks = std::mem::take(&mut call.forks);
        self.cancel_forks(now, call, forks);
        self.agenda.cancel(&Due::RingsTooLong(call.key));
        // A forward that led nowhere costs nothing any more, and is no call to outside.
        let charge = call.bill.charge.take();
        self.close_charge(now, charge, call);
        (call.bill.order, call.bill.reject) = (None, None);
        call.answered = Some(now);
        call.caller.origin.answered = Some(now);
        let response = self.answer_to(call, Side::Caller, &request, Status::OK, Some(&told));
        self.endpoint.respond(now, server, response);
        self.start_timer(now, call, Side::Caller);
        self.change_own_media(call, Side::Caller);
        true
    }

    pub(super) fn set_mailbox_due(&mut self, now: Instant, key: CallKey, wait: Duration) {
        self.agenda.set(Due::Mailbox(key), now + wait);
    }

    /// What a call at a mailbox waited for has come, or did not.
    pub(crate) fn go_on_at_mailbox(&mut self, now: Instant, call: &mut Call) {
        match call.at_mailbox.as_mut().map(|at| &mut at.stage) {
            Some(Stage::Greeting) => self.let_speak(now, call),
            Some(Stage::Listening(_)) => self.go_on_listening(now, call),
            Some(Stage::Typing(_)) => self.judge_pin(now, call),
            Some(Stage::Speaking | Stage::Leaving | Stage::Told(_)) => self.leave_mailbox(now, call),
            None => {}
        }
    }

    /// The beep was heard.
    fn let_speak(&mut self, now: Instant, call: &mut Call) {
        let (Some(at), Some((encoding, payload_type))) = (&mut call.at_mailbox, call.caller.description.hearing())
        else {
            return self.leave_mailbox(now, call);
        };
        at.stage = Stage::Speaking;
        let recording = Recording { encoding, payload_type, longest: Voicemail::LONGEST, silence: SILENCE };
        self.outputs.push_back(Output::Media(Command::Record { relay: call.relay, side: Side::Caller, recording }));
        self.set_mailbox_due(now, call.key, Voicemail::LONGEST + LATE);
    }

    /// The box hangs up.
    pub(super) fn leave_mailbox(&mut self, now: Instant, call: &mut Call) {
        call.cause = Some(Cause::CalleeHungUp);
        let outcome = call.at_mailbox.as_ref().map_or(Outcome::Mailbox, AtMailbox::outcome);
        self.end(now, call, None, outcome, 0);
    }

    /// The media thread tells what was said. Who hung up has spoken all the same.
    pub(crate) fn handle_recorded(&mut self, now: Instant, relay: RelayId, voice: Voice) {
        if let Some(speaking) = self.mailboxes.speaking.remove(&relay) {
            self.keep_message(speaking, voice);
        }
        self.with_call(now, CallKey(relay.0), |exchange, call| {
            if matches!(&call.at_mailbox, Some(AtMailbox { stage: Stage::Speaking, .. })) {
                exchange.leave_mailbox(now, call);
            }
        });
    }

    fn keep_message(&mut self, speaking: Speaking, voice: Voice) {
        let Speaking { mailbox, from, from_name, begun } = speaking;
        // Without anybody the box is being stopped, and the mailbox is there when it starts again.
        let office_stays = !self.directory.office().people.is_empty();
        let is_gone = office_stays && self.directory.person(&mailbox).is_none();
        if voice.lasts() < SHORTEST || is_gone {
            self.counters.messages_empty += 1;
            return;
        }
        self.counters.messages_taken += 1;
        self.mailboxes.hand_over(&mailbox);
        let message = VoiceMessage { mailbox, from, from_name, received: begun, voice };
        self.order(MailboxOrder::Keep(Box::new(message)));
    }

    pub(super) fn order(&mut self, order: MailboxOrder) {
        self.outputs.push_back(Output::Mailbox(order));
    }

    /// Whoever keeps messages tells.
    pub(crate) fn handle_mailbox(&mut self, now: Instant, news: MailboxNews) {
        match news {
            MailboxNews::Holds { mailbox, messages } => {
                if self.mailboxes.hold(&mailbox, messages) {
                    self.live.person_changed(&mailbox);
                    self.subscriptions.mailbox_changed(&mailbox);
                }
            }
            MailboxNews::Kept { mailbox } => self.mailboxes.kept(&mailbox),
            MailboxNews::Fetched { message, voice } => self.handle_fetched(now, message, voice.as_ref()),
        }
    }

    /// What a call that the box answered hears.
    pub(super) fn sound_at_mailbox(at: &AtMailbox) -> Option<Sound> {
        match &at.stage {
            Stage::Greeting => Some(Sound::Greeting),
            Stage::Speaking => None,
            Stage::Listening(listening) => listening.sound(),
            Stage::Leaving => Some(Sound::NoMore),
            Stage::Typing(_) => Some(Sound::Next),
            Stage::Told(sound) => Some(*sound),
        }
    }

    /// The answer to a re-INVITE of who talks to the box: the same as to the INVITE.
    pub(super) fn answer_by_box(call: &mut Call, side: Side, offer: Option<Session>) -> Result<Session, SdpFault> {
        let codecs: &[Encoding] = if call.at_conference.is_some() { &Encoding::COMPANDED } else { &Encoding::ALL };
        let description = &mut call.leg_mut(side).ok_or(SdpFault::NoAudio)?.description;
        match offer {
            Some(offer) => description.take_offer(offer).and_then(|()| description.answer_alone(codecs)),
            None => description.ours_again().cloned().ok_or(SdpFault::NoAudio),
        }
    }
}
