//! What of the trunk's own account the doctor may use: it binds two more Contacts for a moment (V6), and calls the office's own
//! number (V14). Both show what no other question can: a router that changes only Contact, or only descriptions. When nobody
//! calls, where the provider is registered at, and never twice without reason.

use std::time::Instant;

use centrale_alg::active::{Account, Input, Outcome, Probe, Set};
use centrale_alg::when::{Due, Reason};
use centrale_sip::flow::Transport;
use centrale_sip::message::{HeaderName, Request, Status};

use super::{Trunk, transport_of};
use crate::call::Knock;
use crate::exchange::Exchange;
use crate::view::TrunkState;

/// Digits that make a number the same one, however it is written: nine in the Netherlands and in Belgium.
const TELLING_DIGITS: usize = 9;

impl Exchange {
    /// The account, and the number to be called, for that test.
    pub(super) fn lend(&self, name: &str, due: &Due) -> Option<(Account, Option<Box<str>>)> {
        let trunk = self.trunk(name)?;
        let found =
            |probe| trunk.examination.last.as_ref().is_some_and(|last| *last.findings.of(probe) != Outcome::Clean);
        let is_time = match due.reason {
            Reason::Installed | Reason::Asked => true,
            Reason::Repeat => found(Probe::V6) || found(Probe::V14),
            _ => false,
        };
        let registered = trunk.settings.register && trunk.state == TrunkState::Connected;
        let plain = transport_of(&trunk.settings) == Transport::Udp && trunk.settings.dialect.outbound_proxy.is_none();
        if due.set != Set::Full || !is_time || !registered || !plain || self.calls_over(name) > 0 {
            return None;
        }
        let account = Account {
            user: trunk.settings.username.as_str().into(),
            username: trunk.settings.username.as_str().into(),
            password: trunk.settings.password.reveal().into(),
        };
        // It takes a channel for a moment, which is not to be the last one; and somebody asked for it.
        let calls = due.reason != Reason::Installed && trunk.settings.channels.account > 1;
        let number = trunk.settings.numbers.first().filter(|_| calls);
        let number = number.and_then(|number| trunk.address_of(&number.to_string()).user);
        Some((account, number))
    }

    /// Takes a call of ours to ourselves that came back, and refuses it: it rings nobody.
    pub(crate) fn takes_loop_call(&mut self, now: Instant, knock: &Knock, name: &str) -> bool {
        if !self.is_loop_call(&knock.request, name) {
            return false;
        }
        let body = knock.request.body.clone();
        if let Some(round) = self.trunk_mut(name).and_then(|trunk| trunk.examination.round.as_mut()) {
            round.run.handle_input(Input::Looped { body }, now);
        }
        self.reject(now, knock, Status::BUSY_HERE);
        self.drive_round(now, name);
        true
    }

    /// Whether a request from that trunk is such a call.
    pub(super) fn is_loop_call(&self, request: &Request, name: &str) -> bool {
        let Some(trunk) = self.trunk(name) else { return false };
        let Some(round) = &trunk.examination.round else { return false };
        round.run.is_calling(&request.to_bytes(), trunk.is_from_ourselves(request))
    }

    /// Somebody calls for help: a call to ourselves takes no channel meanwhile.
    pub(crate) fn end_loop_calls(&mut self, now: Instant) {
        let names: Vec<String> = self.trunks.iter().map(|trunk| trunk.name().to_owned()).collect();
        for name in names {
            let round = self.trunk_mut(&name).and_then(|trunk| trunk.examination.round.as_mut());
            if round.is_some_and(|round| round.run.end_calls(now)) {
                self.drive_round(now, &name);
            }
        }
    }
}

impl Trunk {
    fn is_from_ourselves(&self, request: &Request) -> bool {
        let digits = |text: &str| -> String {
            let digits: String = text.chars().filter(char::is_ascii_digit).collect();
            digits.get(digits.len().saturating_sub(TELLING_DIGITS)..).unwrap_or_default().to_owned()
        };
        let from = request.headers.addresses(&HeaderName::From).ok().and_then(|from| from.into_iter().next());
        let from = from.and_then(|from| Some(digits(from.sip()?.user.as_deref()?)));
        from.is_some_and(|from| self.settings.numbers.iter().any(|number| digits(&number.to_string()) == from))
    }
}
