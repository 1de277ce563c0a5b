//! What of the trunk's own account the doctor may use: it binds two more Contacts for a moment (V6), and calls the office's own
//! number (V14). Both show what no other question can: a router that changes only Contact, or only descriptions. When nobody
//! calls and help will not call back, where the provider is registered at, and never twice without reason.

use std::time::{Duration, Instant};

use centrale_alg::active::{Account, Input, Probe, Run, Set};
use centrale_alg::when::{Due, Reason};
use centrale_sip::flow::Transport;
use centrale_sip::message::{HeaderName, NameAddr, Request, Status};

use super::elsewhere::user;
use super::{Trunk, transport_of};
use crate::call::Knock;
use crate::exchange::Exchange;
use crate::view::TrunkState;

/// Digits that make a number the same one, however it is written: nine in the Netherlands and in Belgium.
const TELLING_DIGITS: usize = 9;

/// A Contact that was bound for a minute may be listed for so long, should it not have been taken away.
const LISTED: Duration = Duration::from_secs(120);

/// What is remembered of it.
#[derive(Debug, Default)]
pub(super) struct Lent {
    /// Users of Contacts that the last rounds bound, and until when each may be listed.
    bound: Vec<(Box<str>, Instant)>,
    /// The provider keeps one Contact alone, or does not say what it keeps: nothing is bound there again.
    keeps_one: bool,
}

impl Lent {
    /// Takes what a round did with it.
    pub(super) fn note(&mut self, now: Instant, run: &Run) {
        self.bound.retain(|(_, until)| *until > now);
        self.bound.extend(run.bound_users().into_iter().map(|user| (user, now + LISTED)));
        self.keeps_one |= run.keeps_one();
    }
}

impl Exchange {
    /// The account, and the number to be called, for that test.
    pub(super) fn lend(&self, now: Instant, name: &str, due: &Due) -> Option<(Account, Option<Box<str>>)> {
        let trunk = self.trunk(name)?;
        let found = |probe| trunk.examination.last.as_ref().is_some_and(|last| last.findings.of(probe).is_hit());
        let is_time = match due.reason {
            Reason::Installed | Reason::Asked => true,
            Reason::Repeat => found(Probe::V6) || found(Probe::V14),
            _ => false,
        };
        let registered = trunk.settings.register && trunk.state == TrunkState::Connected;
        let plain = transport_of(&trunk.settings) == Transport::Udp && trunk.settings.dialect.outbound_proxy.is_none();
        let is_quiet = self.calls_over(name) == 0 && !self.expects_help(now);
        if due.set != Set::Full || !is_time || !registered || !plain || !is_quiet || trunk.examination.lent.keeps_one {
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
        // First it is taken back: a provider that is refused may ring whoever else has the number.
        self.drive_round(now, name);
        self.reject(now, knock, Status::BUSY_HERE);
        true
    }

    /// Whether a request from that trunk is such a call.
    pub(super) fn is_loop_call(&self, request: &Request, name: &str) -> bool {
        let Some(trunk) = self.trunk(name) else { return false };
        let Some(round) = &trunk.examination.round else { return false };
        round.run.is_calling(&request.to_bytes(), trunk.is_from_ourselves(request))
    }

    /// Somebody calls for help: a call to ourselves takes no channel meanwhile, and whoever calls back finds us registered.
    pub(crate) fn end_lent(&mut self, now: Instant) {
        let names: Vec<String> = self.trunks.iter().map(|trunk| trunk.name().to_owned()).collect();
        for name in names {
            let Some(trunk) = self.trunk_mut(&name) else { continue };
            if !trunk.examination.round.as_mut().is_some_and(|round| round.run.end_lent(now)) {
                continue;
            }
            self.drive_round(now, &name);
            // A round that is over by this has registered already.
            let is_away = |trunk: &Trunk| trunk.examination.round.as_ref().is_some_and(|round| round.run.has_bound());
            if self.trunk(&name).is_some_and(is_away) {
                self.register_at_trunk(now, &name);
            }
        }
    }
}

impl Trunk {
    /// Whether it is a Contact of the account that the doctor bound lately.
    pub(super) fn is_bound_by_doctor(&self, now: Instant, contact: &NameAddr) -> bool {
        let Some(user) = user(contact) else { return false };
        let round = self.examination.round.as_ref().map(|round| round.run.bound_users()).unwrap_or_default();
        let lately = self.examination.lent.bound.iter().filter(|(_, until)| *until > now);
        round.iter().chain(lately.map(|(user, _)| user)).any(|bound| **bound == *user)
    }

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
