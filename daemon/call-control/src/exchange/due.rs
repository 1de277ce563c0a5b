//! What is to happen later, and what is done when its time has come.

use std::time::Instant;

use centrale_guard::ChargeKey;
use centrale_rtp::relay::RelayId;
use centrale_sip::endpoint::ClientKey;
use centrale_sip::flow::Target;

use super::Exchange;
use crate::call::{CallKey, ForkId, Side};
use crate::record::{Cause, Outcome};
use crate::subscription::SubscriptionKey;

/// What is to happen later.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Due {
    /// Nobody answered for long enough.
    RingsTooLong(CallKey),
    /// A provider has said nothing at all to an INVITE, and another one could be asked.
    SaysNothing(CallKey, ForkId),
    /// A provider that a call for help could be given to was not found for long enough.
    NobodyFound(CallKey),
    /// A provider may have worked off what made room for a call for help.
    RoomMade(CallKey),
    /// What a call at a mailbox waits for.
    Mailbox(CallKey),
    /// What a call waits for that the box made to tell somebody something.
    Alert(CallKey),
    /// A PIN of a room that is typed, or a colleague whom somebody in it waits for.
    Room(CallKey),
    /// A session of ours to refresh.
    Refresh(CallKey, Side),
    /// A session the peer did not refresh.
    Expiry(CallKey, Side),
    /// Neither end of a call was heard for a minute.
    Silence(CallKey),
    /// One end of a transferred call could not be told yet whom it is connected with.
    Join(CallKey),
    /// A call that is over, but for what one end hears.
    Dismissal(CallKey),
    /// A call's money may be used.
    Fuse(ChargeKey),
    /// Very short calls of somebody are not refused any more.
    FlashesOver,
    /// What was told of somebody's calls as a machine's is over.
    MachinesOver,
    /// What was told of callers who were sent out again is over.
    TransitOver,
    /// What was told of who asks for places elsewhere is over.
    OutreachOver,
    /// Whether each lift and each alarm has its line is to be looked at.
    AlarmLines,
    /// The calls that last are to be kept as they are now.
    Journal,
    /// The media thread said nothing more of a closed relay.
    LastWord(RelayId),
    /// No further fork accepts that INVITE of ours any more.
    ForksOver(ClientKey),
    /// A subscription that was not refreshed.
    Subscription(SubscriptionKey),
    /// The story of attempts to get in is to be told, or to be forgotten.
    TellAttempts,
    /// Stories of what was tried may be over.
    Incidents,
    /// A trunk whose servers are to be found.
    TrunkFind(String),
    /// A trunk to register at, or to ask whether it is there.
    TrunkStart(String),
    /// A trunk to ask whether it is still there.
    TrunkHealth(String),
    /// A trunk that was asked and said nothing.
    TrunkSilent(String),
    /// A trunk that was asked for a registration and said nothing.
    TrunkOverdue(String),
    /// A trunk that answers no questions, and is to be looked for with a REGISTER.
    TrunkRegister(String),
    /// A trunk to ask what it has of our registration.
    TrunkReadBack(String),
    /// A trunk of which no server answers.
    TrunkLost(String),
    /// A server of a trunk to ask whether it is there again.
    TrunkProbe(String, Target),
    /// A server of a trunk that may be asked for calls in its turn again.
    TrunkRested(String, Target),
    /// A refusal of a call that is no news of a trunk any more.
    TrunkForgives(String),
    /// A trunk of which the doctor's word is to be taken back when its signs are old.
    TrunkDiagnosis(String),
    /// A trunk of which the way may be due to be examined.
    TrunkExamination(String),
    /// A trunk that tries to go round a router, or is to try again.
    TrunkLadder(String),
    /// A trunk whose way is being examined.
    TrunkRound(String),
    /// Trunks that were removed or changed are to be forgotten.
    TrunksGone,
    /// A phone of which the doctor's word is to be taken back when its signs are old.
    PhoneDiagnosis(String),
    /// A trunk whose way to help is to be proven.
    HelpTest(String),
    /// A test of it that brought no sign.
    HelpTestSilent(String),
}

impl Due {
    pub(crate) const fn is_of_a_call(&self) -> bool {
        let is_of_a_way = matches!(
            self,
            Self::TrunkFind(_)
                | Self::TrunkStart(_)
                | Self::TrunkHealth(_)
                | Self::TrunkSilent(_)
                | Self::TrunkOverdue(_)
                | Self::TrunkRegister(_)
                | Self::TrunkReadBack(_)
                | Self::TrunkLost(_)
                | Self::TrunkProbe(..)
                | Self::TrunkRested(..)
                | Self::TrunkForgives(_)
                | Self::TrunkDiagnosis(_)
                | Self::TrunkExamination(_)
                | Self::TrunkLadder(_)
                | Self::TrunkRound(_)
                | Self::TrunksGone
                | Self::PhoneDiagnosis(_)
                | Self::HelpTest(_)
                | Self::HelpTestSilent(_)
        );
        let tells_only = matches!(
            self,
            Self::TellAttempts
                | Self::Incidents
                | Self::FlashesOver
                | Self::MachinesOver
                | Self::TransitOver
                | Self::OutreachOver
                | Self::AlarmLines
        );
        !is_of_a_way && !tells_only && !matches!(self, Self::Subscription(_))
    }
}

impl Exchange {
    pub(super) fn handle_timeout(&mut self, now: Instant) {
        self.endpoint.handle_timeout(now);
        let expired = self.registrar.handle_timeout(now);
        for aor in expired {
            self.live.person_changed(aor.as_str());
            self.lose_subscriptions_of(now, aor.as_str());
        }
        while let Some(due) = self.agenda.pop_due(now) {
            self.handle_due(now, due);
        }
    }

    fn handle_due(&mut self, now: Instant, due: Due) {
        match due {
            Due::RingsTooLong(call) => {
                self.with_call(now, call, |exchange, call| exchange.give_up_ringing(now, call));
            }
            Due::SaysNothing(call, fork) => {
                self.with_call(now, call, |exchange, call| exchange.pass_over(now, call, fork));
            }
            Due::NobodyFound(call) => {
                self.with_call(now, call, |exchange, call| exchange.wait_for_no_provider(now, call));
            }
            Due::RoomMade(call) => {
                self.with_call(now, call, |exchange, call| exchange.ask_again_for_help(now, call));
            }
            Due::Refresh(call, side) => {
                self.with_call(now, call, |exchange, call| exchange.refresh_session(now, call, side));
            }
            Due::Silence(call) => self.with_call(now, call, |exchange, call| exchange.end_silent(now, call)),
            Due::Mailbox(call) => self.with_call(now, call, |exchange, call| exchange.go_on_at_mailbox(now, call)),
            Due::Alert(call) => self.with_call(now, call, |exchange, call| exchange.go_on_saying(now, call)),
            Due::Room(call) => self.with_call(now, call, |exchange, call| exchange.wait_no_longer(now, call)),
            Due::Join(call) => self.with_call(now, call, |exchange, call| exchange.join_again(now, call)),
            Due::Dismissal(call) => self.with_call(now, call, |exchange, call| exchange.end_dismissed(now, call)),
            // The silent side may still be there: it gets its BYE as well (RFC 4028 10).
            Due::Expiry(call, _) => {
                self.with_call(now, call, |exchange, call| {
                    call.cause = Some(Cause::SessionExpired);
                    exchange.end(now, call, None, Outcome::Lost, 408);
                });
            }
            Due::Fuse(charge) => self.handle_fuse(now, charge),
            Due::FlashesOver => self.check_flashes(now),
            Due::MachinesOver => self.check_machines(now),
            Due::TransitOver => self.check_transit(now),
            Due::OutreachOver => self.check_outreach(now),
            Due::AlarmLines => self.check_alarm_lines(now),
            Due::Journal => self.journal_all(now),
            Due::LastWord(relay) => {
                self.mailboxes.speaking.remove(&relay);
                self.end_media(now, relay, None);
            }
            Due::ForksOver(client) => drop(self.sent.remove(&client)),
            Due::TellAttempts => self.tell_attempts(now),
            Due::Incidents => self.turn_incidents(now),
            Due::Subscription(key) => self.expire_subscription(now, key),
            Due::TrunkFind(trunk) => self.find_trunk(now, &trunk),
            Due::HelpTest(trunk) => self.test_help(now, &trunk),
            Due::HelpTestSilent(trunk) => self.give_up_test(now, &trunk),
            Due::TrunkStart(trunk) => self.start_trunk(now, &trunk),
            Due::TrunkHealth(trunk) => self.ask_trunk(now, &trunk),
            Due::TrunkSilent(trunk) => self.note_silence(now, &trunk),
            Due::TrunkOverdue(trunk) => self.give_up_register(now, &trunk),
            Due::TrunkRegister(trunk) => self.register_at_the_deaf_now(now, &trunk),
            Due::TrunkReadBack(trunk) => self.read_back(now, &trunk),
            Due::TrunkLost(trunk) => self.lose_trunk(now, &trunk),
            Due::TrunkProbe(trunk, target) => self.probe_server(now, &trunk, target),
            Due::TrunkRested(trunk, target) => self.wake_server(&trunk, target),
            Due::TrunkForgives(trunk) => self.forget_refused_call(&trunk),
            Due::TrunkDiagnosis(trunk) => self.diagnose(now, &trunk),
            Due::TrunkExamination(trunk) => self.examine_when_due(now, &trunk),
            Due::TrunkLadder(trunk) => self.climb_on(now, &trunk),
            Due::TrunkRound(trunk) => self.handle_round_timeout(now, &trunk),
            Due::TrunksGone => self.forget_leaving_trunks(),
            Due::PhoneDiagnosis(username) => self.diagnose_phone(now, &username),
        }
    }
}
