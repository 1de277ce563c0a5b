//! What is tried against the office, told to the guard's book of incidents; and its stories on their way out.

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use centrale_guard::Reject;
use centrale_guard::incident::{Attempt, By, Deed};
use centrale_guard::knock::{Knocker, Reason, Verdict};
use centrale_sip::message::{HeaderName, Request};

use crate::call::Knock;
use crate::exchange::{Due, Exchange};
use crate::io::Output;

/// How often it is looked whether a story is over.
const LOOK: Duration = Duration::from_secs(60);

/// Somebody calls several numbers within minutes that are nobody's: one is a mistake, and thieves are paid for them by a range (threats
/// B-17, T18).
const UNALLOCATED: &str = "unallocated";

/// What a message names.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Named<'a> {
    pub(crate) account: &'a str,
    pub(crate) target: &'a str,
    pub(crate) request: Option<&'a Request>,
}

impl Exchange {
    /// The doorkeeper stopped something that is an attack.
    pub(crate) fn note_stopped(&mut self, now: Instant, who: &Knocker, verdict: Verdict, named: Named<'_>) {
        let Some((reason, (deed, blocked))) = verdict.reason().zip(Deed::of(verdict)) else { return };
        let by = match reason {
            Reason::Distributed if !named.account.is_empty() => By::Account(named.account),
            _ => By::Address(who.source(), who.side),
        };
        let Named { account, target, request } = named;
        let (what, device) = (reason.code(), &request.map(device_of).unwrap_or_default());
        self.note_attempt(now, &Attempt { what, by, from: Some(who.flow), account, target, device, deed, blocked });
    }

    /// The guard refused a call of the office's, or ended it, because it is not allowed.
    pub(crate) fn note_refused(
        &mut self,
        now: Instant,
        account: &str,
        target: &str,
        reject: Reject,
        knock: Option<&Knock>,
    ) {
        self.hold_if_hot(now, account, target, reject);
        let what = if reject.is_attempt() {
            reject.code
        } else if reject == Reject::UNKNOWN_NUMBER && self.costs.unallocated.note(now, account, target) {
            UNALLOCATED
        } else {
            return;
        };
        self.note_attempt(
            now,
            &Attempt {
                what,
                by: By::Account(account),
                from: knock.map(|knock| knock.flow.remote),
                account,
                target,
                device: &knock.map(|knock| device_of(&knock.request)).unwrap_or_default(),
                deed: Deed::Refused,
                blocked: None,
            },
        );
    }

    /// Somebody dialled a number abroad that is in no plan.
    pub(crate) fn note_nowhere(&mut self, now: Instant, person: &str, dialled: &str) {
        if dialled.starts_with('+') || dialled.starts_with("00") {
            self.note_refused(now, person, dialled, Reject::UNKNOWN_NUMBER, None);
        }
    }

    /// A device that nobody knows has a right password.
    pub(crate) fn note_in_other_hands(&mut self, now: Instant, account: &str, device: &str, from: SocketAddr) {
        self.note_attempt(
            now,
            &Attempt {
                what: Reject::UNKNOWN_DEVICE.code,
                by: By::Account(account),
                from: Some(from),
                account,
                target: "",
                device,
                deed: Deed::KeptApart,
                blocked: None,
            },
        );
    }

    /// Somebody else is known to a provider by the office's password.
    pub(crate) fn note_at_provider(&mut self, now: Instant, what: &'static str, trunk: &str, contact: &str) {
        let by = By::Provider(trunk);
        let deed = Deed::Told;
        let attempt = Attempt { what, by, from: None, account: "", target: contact, device: "", deed, blocked: None };
        self.note_attempt(now, &attempt);
    }

    pub(crate) fn note_attempt(&mut self, now: Instant, attempt: &Attempt<'_>) {
        if self.incidents.is_empty() {
            self.agenda.set(Due::Incidents, now + LOOK);
        }
        if self.incidents.note(now, attempt) {
            self.note_attempts(now);
        }
        self.give_incidents();
    }

    /// The office says that who is kept apart under that account is its own.
    pub(crate) fn note_ours(&mut self, now: Instant, account: &str) {
        self.incidents.is_ours(now, account);
        self.give_incidents();
        self.note_attempts(now);
    }

    /// Ends the stories that are over.
    pub(crate) fn turn_incidents(&mut self, now: Instant) {
        self.incidents.turn(now);
        if !self.incidents.is_empty() {
            self.agenda.set(Due::Incidents, now + LOOK);
        }
        self.give_incidents();
    }

    /// Gives out what was not told yet, because the box is being stopped.
    pub(crate) fn close_incidents(&mut self, now: Instant) {
        self.incidents.close(now);
        self.agenda.cancel(&Due::Incidents);
        self.give_incidents();
    }

    fn give_incidents(&mut self) {
        while let Some(incident) = self.incidents.poll() {
            self.outputs.push_back(Output::Incident(Box::new(incident)));
        }
    }
}

/// What a device calls itself.
pub(crate) fn device_of(request: &Request) -> String {
    request.headers.text(&HeaderName::UserAgent).unwrap_or_default().into_owned()
}
