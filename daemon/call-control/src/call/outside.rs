//! A call from outside: who calls, as the provider vouches for it, and which of the office's numbers was called.

use centrale_config::Contact;
use centrale_sip::message::{HeaderName, Request};

use super::Party;
use crate::exchange::Exchange;

/// Who calls when it is not said.
pub(crate) const ANONYMOUS: &str = "anonymous";

impl Exchange {
    /// Who calls from outside, as the provider vouches for it: P-Asserted-Identity before From (RFC 3325 9.1). Who is not
    /// named there may be one of the office's contacts.
    pub(crate) fn outside_caller(&self, request: &Request) -> Party {
        let asserted = request.headers.addresses(&HeaderName::PAssertedIdentity).ok();
        let asserted = asserted.and_then(|identities| identities.into_iter().next());
        let identity = asserted.or_else(|| request.headers.from().ok());
        let withheld = request.headers.has_token(&HeaderName::Privacy, "id");
        let user = identity.as_ref().and_then(|identity| identity.uri.dialled());
        match user.filter(|user| !withheld && !user.is_empty() && !user.eq_ignore_ascii_case(ANONYMOUS)) {
            None => Party { number: ANONYMOUS.into(), name: String::new() },
            Some(user) => {
                let number: String = self.directory.canonical(&user).chars().take(64).collect();
                let told = identity.map(|identity| identity.name).unwrap_or_default();
                let is_named = !told.is_empty() && self.directory.canonical(&told) != number;
                let contact = self.directory.contact(&number).filter(|_| !is_named);
                let name = contact.map_or(told, Contact::label).chars().take(64).collect();
                Party { number, name }
            }
        }
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
        let ours = self.trunks.iter().find(|one| one.name() == trunk)?;
        let to_our_contact = request.uri.dialled().is_some_and(|user| ours.is_contact_user(&user));
        let first = self.directory.trunk(trunk)?.numbers.first()?;
        to_our_contact.then(|| first.to_string())
    }
}
