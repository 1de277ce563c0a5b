//! Codes that a phone of the office dials and proves with the office's PIN: they let the page in again, and stop calls where nobody
//! gets to the page.
//!
//! Only a registered phone in the office, inside what its account is bound to, gets as far as the PIN, and only by dialling:
//! nobody is transferred or sent on to a code. What was ordered is the daemon's to carry out, as if it had been asked on the page.

use std::fmt;
use std::time::{Duration, Instant};

use centrale_guard::incident::{Attempt, By, Deed};
use centrale_guard::{Lock, Stop, Typist};
use centrale_rtp::relay::Key;
use centrale_rtp::sound::Sound;
use centrale_sip::flow::Path;
use centrale_sip::message::Status;

use super::begin::{Caller, Plan};
use super::voicemail::{Mailbox, Purpose, SLACK, Stage};
use super::{AtMailbox, Call, Knock, Party};
use crate::exchange::Exchange;
use crate::io::{Ordered, Output, PhoneOrder};
use crate::record::Outcome;
use crate::view::Direction;

/// How long the first key may take.
const PATIENCE: Duration = Duration::from_secs(20);
/// How long the next one may: whoever types nothing more has typed it all.
const PAUSE: Duration = Duration::from_secs(5);
/// More keys are no PIN.
const MOST_KEYS: usize = 16;
/// A PIN that is wrong, as the stories call it.
const WRONG_PIN: &str = "pin-guessing";

/// What can be ordered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Code {
    /// Whoever waits at the page is let in again.
    PageAgain,
    /// Every call to outside is stopped.
    StopOutgoing,
    /// Calls abroad are stopped.
    StopAbroad,
    /// Both stops are taken back.
    LetGo,
}

impl Code {
    const ALL: [(&str, Self); 4] =
        [("*91", Self::PageAgain), ("*92", Self::StopOutgoing), ("*93", Self::StopAbroad), ("*90", Self::LetGo)];

    /// The code that was dialled.
    pub(crate) fn of(dialled: &str) -> Option<Self> {
        Self::ALL.iter().find(|(code, _)| *code == dialled).map(|(_, meant)| *meant)
    }

    fn dialled(self) -> &'static str {
        Self::ALL.iter().find(|(_, meant)| *meant == self).map_or("", |(code, _)| code)
    }

    fn orders(self) -> PhoneOrder {
        match self {
            Self::PageAgain => PhoneOrder::PageAgain,
            Self::StopOutgoing => PhoneOrder::Stop(Stop::Outgoing),
            Self::StopAbroad => PhoneOrder::Stop(Stop::Abroad),
            Self::LetGo => PhoneOrder::LetGo,
        }
    }
}

/// Somebody types the PIN.
pub(super) struct Typing {
    code: Code,
    keys: String,
}

impl Typing {
    pub(super) const fn new(code: Code) -> Self {
        Self { code, keys: String::new() }
    }
}

impl fmt::Debug for Typing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Typing").field("code", &self.code).finish_non_exhaustive()
    }
}

impl Exchange {
    /// A phone dials a code.
    pub(super) fn take_code(&mut self, now: Instant, knock: Knock, (caller, from): (&Caller, Party), code: Code) {
        let plan = Plan::new(Direction::Internal, from, Party::nameless(code.dialled()));
        let path = Path::Flow(knock.flow);
        let is_here = self.interfaces.is_office(knock.flow.remote.ip())
            && self.is_registered_at(now, &plan.from.number, &caller.username, &path)
            && !self.comes_apart(now, &caller.username, &knock.request, &knock.flow);
        if !is_here || self.directory.office().pin.is_none() {
            self.counters.codes_refused += 1;
            self.reject(now, &knock, Status::FORBIDDEN);
            return self.record_unstarted(now, &plan, (Outcome::Refused, Status::FORBIDDEN));
        }
        let mailbox = Some(Mailbox { number: plan.from.number.clone(), purpose: Purpose::Code(code) });
        self.begin(now, knock, Plan { mailbox, username: Some(caller.username.clone()), ..plan });
    }

    /// The box answered, and waits for keys.
    pub(super) fn let_type(&mut self, now: Instant, call: &Call) {
        self.set_mailbox_due(now, call.key, PATIENCE);
    }

    /// A key of the PIN; `#` ends it.
    pub(super) fn type_key(&mut self, now: Instant, call: &mut Call, Key(pressed): Key) {
        let Some(AtMailbox { stage: Stage::Typing(typing), .. }) = &mut call.at_mailbox else { return };
        if pressed == '#' {
            return self.judge_pin(now, call);
        }
        if typing.keys.len() < MOST_KEYS {
            typing.keys.push(pressed);
        }
        self.set_mailbox_due(now, call.key, PAUSE);
    }

    /// All was typed.
    pub(super) fn judge_pin(&mut self, now: Instant, call: &mut Call) {
        let Some(AtMailbox { stage: Stage::Typing(Typing { code, keys }), .. }) = &mut call.at_mailbox else { return };
        let (code, keys) = (*code, std::mem::take(keys));
        if keys.is_empty() {
            return self.leave_mailbox(now, call);
        }
        let number = call.from.number.clone();
        let who = Typist::Colleague(&number);
        let is_judged = self.pins.may_try(now, Lock::Office, who);
        let is_right =
            is_judged && self.directory.office().pin.as_ref().is_some_and(|pin| is_same(pin.reveal(), &keys));
        let sound = if is_right { Sound::Done } else { Sound::NoMore };
        if is_right {
            self.pins.right(Lock::Office, who);
            self.counters.codes_obeyed += 1;
            let from = call.caller.dialog.path.remote();
            let ordered =
                Ordered { order: code.orders(), person: call.from.number.clone(), name: call.from.name.clone(), from };
            self.outputs.push_back(Output::Ordered(ordered));
        } else {
            self.note_wrong_pin(now, call, (who, &keys), is_judged);
        }
        if let Some(at) = &mut call.at_mailbox {
            at.stage = Stage::Told(sound);
        }
        self.set_mailbox_due(now, call.key, sound.lasts().unwrap_or_default() + SLACK);
    }

    /// A PIN was wrong, or not looked at. It is told once it is more than a mistake.
    fn note_wrong_pin(&mut self, now: Instant, call: &Call, (who, keys): (Typist<'_>, &str), is_judged: bool) {
        self.counters.pins_wrong += u64::from(is_judged);
        if is_judged && !self.pins.wrong(now, Lock::Office, who, keys) {
            return;
        }
        let attempt = Attempt {
            what: WRONG_PIN,
            by: By::Account(&call.from.number),
            from: Some(call.caller.dialog.path.remote()),
            account: &call.from.number,
            target: &call.to.number,
            device: "",
            deed: if is_judged { Deed::TurnedAway } else { Deed::Unjudged },
            blocked: None,
        };
        self.note_attempt(now, &attempt);
    }
}

/// Whether two texts are the same, found out in a time that says nothing of where they differ.
fn is_same(one: &str, two: &str) -> bool {
    let differs = one.bytes().zip(two.bytes()).fold(0, |differs, (one, two)| differs | (one ^ two));
    one.len() == two.len() && differs == 0
}
