//! Who we say calls, to a provider: From, and beside it the header by which this provider wants to know it.
//!
//! All of it is built from the office's own numbers. Nothing of what a phone sends of itself is looked at. Somebody else's
//! number leaves in one case: an end of a call from outside goes out again, and then a number of the office vouches for it
//! and says that it sent the call on (RFC 5806, RFC 7044).

use centrale_config::IdentityHeader;
use centrale_sip::message::{HeaderName, NameAddr, Request, Response, SipUri};

use super::forward::diversions;
use super::{ANONYMOUS, Call};
use crate::exchange::Exchange;
use crate::trunk::Trunk;
use crate::view::Direction;

/// Who calls when the caller asked not to be shown (RFC 3323 4.1.1.3).
const NOBODY: &str = "\"Anonymous\" <sip:anonymous@anonymous.invalid>";

/// Why a call goes elsewhere than to whom was called (RFC 5806 5, RFC 4458 2): as it is told to a provider.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Diverted {
    reason: &'static str,
    cause: Option<u16>,
}

impl Diverted {
    /// The office sends every caller on.
    pub(crate) const ALWAYS: Self = Self { reason: "unconditional", cause: Some(302) };
    const BUSY: Self = Self { reason: "user-busy", cause: Some(486) };
    const NO_ANSWER: Self = Self { reason: "no-answer", cause: Some(408) };
    /// Somebody hands it on: there is no word for that, and no cause.
    const HANDED_ON: Self = Self { reason: "unknown", cause: None };
    /// What a phone may say of it, and the cause of each (RFC 7544 3.2).
    const BY_PHONES: [Self; 10] = [
        Self::ALWAYS,
        Self::BUSY,
        Self::NO_ANSWER,
        Self { reason: "deflection", cause: Some(487) },
        Self { reason: "unavailable", cause: Some(503) },
        Self { reason: "time-of-day", cause: Some(404) },
        Self { reason: "do-not-disturb", cause: Some(404) },
        Self { reason: "follow-me", cause: Some(404) },
        Self { reason: "out-of-service", cause: Some(404) },
        Self { reason: "away", cause: Some(404) },
    ];

    /// Why a phone sends a call on: as it says itself, else by what it does.
    pub(super) fn by_phone(response: &Response, rang: bool, talks: bool) -> Self {
        // The newest comes first (RFC 5806 4).
        let newest = response.headers.items(&HeaderName::Diversion).first().and_then(|item| NameAddr::parse(item));
        let said = newest.as_ref().and_then(|by| by.params.value("reason"));
        let known =
            said.and_then(|said| Self::BY_PHONES.into_iter().find(|known| known.reason.eq_ignore_ascii_case(said)));
        known.unwrap_or(match (rang, talks) {
            (true, _) => Self::NO_ANSWER,
            (false, true) => Self::BUSY,
            (false, false) => Self::ALWAYS,
        })
    }
}

/// Who calls, as a provider is told.
struct Presented {
    /// The office's number that pays and vouches.
    office: SipUri,
    /// The number in From; `None` when it is withheld.
    shown: Option<SipUri>,
    /// Why, and how often the call was sent on by now, where somebody outside calls whom the office sent on.
    sent_on: Option<(Diverted, u32)>,
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
        let why = call.diverted.unwrap_or(Diverted::HANDED_ON);
        let sent_on = by.map(|_| (why, diversions(call) + 1));
        Some(Presented { office, shown: (!withheld).then_some(shown), sent_on })
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
    if let Some((Diverted { reason, cause }, times)) = sent_on {
        let target = request.uri.to_string();
        let cause = cause.map(|cause| format!(";cause={cause}")).unwrap_or_default();
        headers.push(HeaderName::Diversion, format!("<{office}>;reason={reason};counter={times}"));
        let history = format!("<{office}>;index=1, <{target}{cause}>;index=1.1");
        headers.push(HeaderName::HistoryInfo, history);
    }
}
