//! A call from outside: who calls, as the provider vouches for it, whether the office wants it, and which of the office's
//! numbers was called.

use std::time::{Duration, Instant};

use centrale_config::Contact;
use centrale_sip::message::{HeaderName, NameAddr, Request, Status};

use super::{ANONYMOUS, Party};
use crate::exchange::Exchange;

/// How long after a call for help every caller gets through: who answered it may call back, and not show a number
/// (RFC 7090 4; the office decides nothing about it).
const HELP_CALLS_BACK: Duration = Duration::from_secs(3600);

impl Exchange {
    /// Who calls from outside, as the provider vouches for it: P-Asserted-Identity before From (RFC 3325 9.1). Who is not
    /// named there may be one of the office's contacts. Who claims to be somebody of the office is not shown as that.
    pub(crate) fn outside_caller(&self, request: &Request) -> Party {
        let identity = vouched_for(request).into_iter().next();
        let user = identity.as_ref().and_then(|identity| identity.uri.dialled()).filter(|user| !user.is_empty());
        let Some(user) = user.filter(|user| !user.eq_ignore_ascii_case(ANONYMOUS)) else {
            return Party::nameless(ANONYMOUS);
        };
        let number: String = self.directory.canonical(&user).chars().take(64).collect();
        if self.directory.is_of_the_office(&number) {
            return Party { spoofs: Some(number), ..Party::nameless(ANONYMOUS) };
        }
        if asks_not_to_be_shown(request) {
            return Party::nameless(ANONYMOUS);
        }
        let told = identity.map(|identity| identity.name).unwrap_or_default();
        let is_named = !told.is_empty() && self.directory.canonical(&told) != number;
        let contact = self.directory.contact(&number).filter(|_| !is_named);
        let name: String = contact.map_or(told, Contact::label).chars().take(64).collect();
        Party::named(number, name)
    }

    /// Whether help was called so lately that it may call back.
    pub(crate) fn expects_help(&self, now: Instant) -> bool {
        self.last_help.is_some_and(|at| now.saturating_duration_since(at) < HELP_CALLS_BACK)
    }

    /// Why the office does not want to be called by who calls, if it does not (603, or RFC 5079 for who is not shown). The block list
    /// is held against every number that is vouched for, before any is hidden: else whoever is blocked would ring by withholding it.
    pub(crate) fn unwanted(&self, now: Instant, request: &Request, from: &Party) -> Option<Status> {
        let office = self.directory.office();
        let withheld = from.number == ANONYMOUS && from.spoofs.is_none();
        if self.expects_help(now) {
            None
        } else if withheld && office.refuse_withheld {
            Status::new(433)
        } else if self.is_blocked(request) {
            Some(Status::DECLINE)
        } else {
            None
        }
    }

    fn is_blocked(&self, request: &Request) -> bool {
        let blocked = &self.directory.office().blocked_callers;
        if blocked.is_empty() {
            return false;
        }
        vouched_for(request).iter().filter_map(|identity| identity.uri.dialled()).any(|user| {
            let number = self.directory.canonical(&user);
            blocked.iter().any(|one| one.as_str() == number)
        })
    }

    /// The called number of an incoming call: the Request-URI, else To, else P-Called-Party-ID, whichever is one of the
    /// office's; a Request-URI that is only our registered contact stands for the trunk's first number.
    pub(crate) fn called_number(&self, request: &Request, trunk: &str) -> Option<String> {
        let to = request.headers.to().ok().map(|to| to.uri);
        let party = request.headers.addresses(&HeaderName::other("P-Called-Party-ID")).ok();
        let party = party.and_then(|parties| parties.into_iter().next()).map(|party| party.uri);
        let candidates = [Some(request.uri.clone()), to, party].into_iter().flatten();
        let numbers = candidates.filter_map(|uri| Some(self.directory.canonical(&uri.dialled()?)));
        let mut known = numbers.filter(|number| self.directory.inbound(number).is_some());
        if let Some(number) = known.next() {
            return Some(number);
        }
        let ours = self.trunk(trunk)?;
        let to_our_contact = request.uri.dialled().is_some_and(|user| ours.is_contact_user(&user));
        let first = self.directory.trunk(trunk)?.numbers.first()?;
        to_our_contact.then(|| first.to_string())
    }
}

/// Who calls, as the provider asserts it, a sip and a tel at most (RFC 3325 9.1); where it asserts nobody, as who calls says.
fn vouched_for(request: &Request) -> Vec<NameAddr> {
    let asserted = request.headers.addresses(&HeaderName::PAssertedIdentity).unwrap_or_default();
    if asserted.is_empty() { request.headers.from().into_iter().collect() } else { asserted }
}

/// RFC 3323 4.2, RFC 3325 9.3: each of these hides the number from who is called.
fn asks_not_to_be_shown(request: &Request) -> bool {
    ["id", "user", "header"].into_iter().any(|level| {
        let written = request.headers.all(&HeaderName::Privacy);
        let mut levels = written.flat_map(|value| value.split(|byte| matches!(byte, b';' | b',')));
        levels.any(|one| one.trim_ascii().eq_ignore_ascii_case(level.as_bytes()))
    })
}
