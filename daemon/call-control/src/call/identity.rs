//! Who we say calls, to a provider: From, and beside it the header by which this provider wants to know it.
//!
//! All of it is built from the office's own numbers. Nothing of what a phone sends of itself is looked at. Somebody else's
//! number leaves in one case: an end of a call from outside goes out again, and then a number of the office vouches for it
//! and says that it sent the call on (RFC 5806, RFC 7044).

use centrale_config::IdentityHeader;
use centrale_sip::message::{HeaderName, NameAddr, Request, SipUri};

use super::forward::diversions;
use super::{ANONYMOUS, Call};
use crate::exchange::Exchange;
use crate::trunk::Trunk;
use crate::view::Direction;

/// Who calls when the caller asked not to be shown (RFC 3323 4.1.1.3).
const NOBODY: &str = "\"Anonymous\" <sip:anonymous@anonymous.invalid>";

/// Who calls, as a provider is told.
struct Presented {
    /// The office's number that pays and vouches.
    office: SipUri,
    /// The number in From; `None` when it is withheld.
    shown: Option<SipUri>,
    /// Somebody outside calls, whom the office sent on: how often the call was sent on by now.
    sent_on: Option<u32>,
}

impl Exchange {
    /// Writes who calls into an INVITE to a provider. `None` when the trunk is gone.
    pub(super) fn present(&self, call: &Call, trunk: &Trunk, tag: &str, request: &mut Request) -> Option<()> {
        write(&self.presented(call, trunk)?, trunk.dialect().identity, tag, request);
        Some(())
    }

    /// The same for a call of the box itself, under the trunk's first number.
    pub(crate) fn present_office(&self, trunk: &Trunk, tag: &str, request: &mut Request) -> Option<()> {
        let office = trunk.address_of(&self.identity_on(trunk.name(), "")?);
        let presented = Presented { shown: Some(office.clone()), office, sent_on: None };
        write(&presented, trunk.dialect().identity, tag, request);
        Some(())
    }

    /// The number of the office's that a call goes under at a provider. A caller from outside who is transferred back outside
    /// goes under that of who transfers, and pays.
    pub(super) fn line_of(&self, call: &Call, trunk: &str) -> Option<String> {
        let by = call.transferred_by.as_deref().filter(|_| call.direction == Direction::Incoming);
        self.identity_on(trunk, by.unwrap_or(&call.from.number))
    }

    /// The same once a person has sent the call on.
    pub(super) fn line_sent_on(&self, call: &Call, trunk: &str, person: &str) -> Option<String> {
        let is_incoming = call.direction == Direction::Incoming;
        self.identity_on(trunk, if is_incoming { person } else { &call.from.number })
    }

    fn presented(&self, call: &Call, trunk: &Trunk) -> Option<Presented> {
        let by = call.transferred_by.as_deref().filter(|_| call.direction == Direction::Incoming);
        let office = trunk.address_of(&self.line_of(call, trunk.name())?);
        let withheld = call.withheld || by.is_some() && call.from.number == ANONYMOUS;
        // Where From alone counts, it is the office's: a provider that knows nothing else would refuse anybody else's.
        let asserts = trunk.dialect().identity != IdentityHeader::From;
        let caller = by.filter(|_| asserts && call.from.number.starts_with('+'));
        let shown = caller.map_or_else(|| office.clone(), |_| trunk.address_of(&call.from.number));
        Some(Presented { office, shown: (!withheld).then_some(shown), sent_on: by.map(|_| diversions(call) + 1) })
    }
}

fn write(presented: &Presented, header: IdentityHeader, tag: &str, request: &mut Request) {
    let Presented { office, shown, sent_on } = presented;
    let us = NameAddr::new(office.clone()).to_string();
    let headers = &mut request.headers;
    match header {
        IdentityHeader::From => {}
        IdentityHeader::PAsserted => headers.push(HeaderName::PAssertedIdentity, us),
        IdentityHeader::PPreferred => headers.push(HeaderName::PPreferredIdentity, us),
        IdentityHeader::RemotePartyId => {
            let privacy = if shown.is_some() { "off" } else { "full" };
            headers.push(HeaderName::RemotePartyId, format!("{us};party=calling;screen=yes;privacy={privacy}"));
        }
    }
    match shown {
        Some(shown) => headers.push(HeaderName::From, NameAddr::new(shown.clone()).tagged(tag).to_string()),
        None => {
            headers.push(HeaderName::From, format!("{NOBODY};tag={tag}"));
            headers.push(HeaderName::Privacy, "id");
        }
    }
    if let Some(times) = sent_on {
        let target = request.uri.to_string();
        headers.push(HeaderName::Diversion, format!("<{office}>;reason=unconditional;counter={times}"));
        // 302 is "unconditional" (RFC 4458 2).
        let history = format!("<{office}>;index=1, <{target};cause=302>;index=1.1");
        headers.push(HeaderName::HistoryInfo, history);
    }
}
