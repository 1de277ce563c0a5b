//! What the page asks, and what the media thread tells.

use std::time::{Duration, Instant};

use centrale_alg::when::Reason;
use centrale_guard::Raise;
use centrale_numbering::Money;
use centrale_rtp::relay;

use super::Exchange;
use crate::call::CallKey;
use crate::io::Command;
use crate::record::{Cause, Outcome};

impl Exchange {
    pub(super) fn handle_command(&mut self, now: Instant, command: Command) {
        match command {
            Command::HangUp { call } => {
                let Some(key) = self.calls.values().find(|one| one.id == call).map(|one| one.key) else { return };
                self.with_call(now, key, |exchange, call| {
                    let answered = call.answered.is_some();
                    let outcome = if answered { Outcome::Answered } else { Outcome::Abandoned };
                    call.cause = Some(Cause::Page);
                    exchange.end(now, call, None, outcome, if answered { 0 } else { 480 });
                });
            }
            Command::Raise { cap, to_cents, hours, proof } => {
                let until = self.costs.civil(now).after(Duration::from_secs(u64::from(hours) * 3_600));
                self.raise_cap(now, Raise { cap, to: Money::from_cents(to_cents), until, proof });
            }
            Command::Examine { trunk } => self.wish_examination(now, &trunk, Reason::Asked),
            Command::Lift(source) => self.pardon(source),
            Command::TestHelp { trunk } => self.test_help_now(now, &trunk),
            Command::GoRound { trunk } => self.go_round(now, &trunk),
            Command::Stop { stop, pressed } => self.press(now, stop, pressed),
            Command::Recognise { account, shown } => self.recognise(now, &account, &shown),
            Command::Release { stop } => self.release(&stop),
            Command::AllowOnce { person, number, until } => self.once.allow(now, person, number, until),
            Command::Alert(alert) => self.ring_alert(now, alert),
            Command::Resync { device } => self.resync(now, device),
        }
    }

    pub(super) fn handle_media(&mut self, now: Instant, event: relay::Event) {
        match event {
            relay::Event::Closed { relay, caller, callee } => {
                // What was said is told before. A call that made room for help is written down long since.
                self.mailboxes.speaking.remove(&relay);
                self.end_media(now, relay, Some((caller, callee)));
            }
            relay::Event::PortRefused { relay, side, port } => {
                self.ports.refused(port, now);
                self.note_refused_port(port);
                self.with_call(now, CallKey(relay.0), |exchange, call| {
                    exchange.replace_port(now, call, side, port);
                });
            }
            relay::Event::Recorded { relay, voice, .. } => self.handle_recorded(now, relay, voice),
            relay::Event::Key { relay, side, key } => self.handle_key(now, relay, side, key),
            relay::Event::Quality { relay, caller, callee } => self.note_heard(relay, [caller, callee]),
            relay::Event::Silent { relay, side, duration } => self.note_silent(now, relay, side, duration),
        }
    }
}
