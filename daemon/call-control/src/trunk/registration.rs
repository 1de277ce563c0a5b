//! Registering at a provider: refreshed in time, slowly retried when it fails, and stopped when it is refused for good.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};

use centrale_sip::endpoint::ClientKey;
use centrale_sip::flow::Path;
use centrale_sip::message::{HeaderName, Method, NameAddr, Request, Response, SipUri, Status};

use super::Trunk;
use super::elsewhere::Others;
use super::health::{BETWEEN_REGISTERS, PATIENCE, PAUSE};
use crate::exchange::{Due, Exchange, Reply};
use crate::io::Output;
use crate::sent::{Purpose, Sent};
use crate::view::TrunkState;

/// What we ask for, seconds. Short enough that a provider that lost us is found again within minutes.
const WISH: u32 = 600;
/// The longest lifetime a provider can demand of us (423), seconds: a day.
const LONGEST_WISH: u32 = 86_400;

/// Between two REGISTERs at a provider that answers no questions: with the patience for an answer, its outage is on the page
/// within a minute.
const INSTEAD_OF_ASKING: Duration = Duration::from_secs(45);

/// After so many failures in a row, a provider that used to answer questions is thought to answer REGISTERs alone.
const LONG_SILENT: u32 = 3;

/// What stays the same over all REGISTERs of one trunk (RFC 3261 10.2).
#[derive(Debug)]
pub(crate) struct Registration {
    pub(super) contact_user: String,
    call_id: String,
    tag: String,
    cseq: u32,
    wish: u32,
    /// The address in the Contact of the last REGISTER.
    pub(super) local: Option<SocketAddr>,
    /// When the provider was asked last.
    pub(super) asked: Option<Instant>,
    /// When it was last seen that the provider sees us at another address.
    pub(super) moved: Option<Instant>,
    /// The REGISTER whose answer counts; those before it were overtaken.
    current: Option<ClientKey>,
    /// It was given up: only an answer to it is news.
    overdue: bool,
    /// Who else is registered there.
    pub(super) others: Others,
    /// Whether the provider took this password before.
    pub(super) worked: bool,
}

impl Registration {
    pub(super) fn new(contact_user: String, call_id: String, tag: String) -> Self {
        Self {
            contact_user,
            call_id,
            tag,
            cseq: 0,
            wish: WISH,
            local: None,
            asked: None,
            moved: None,
            current: None,
            overdue: false,
            others: Others::default(),
            worked: false,
        }
    }
}

impl Exchange {
    pub(super) fn register_at_trunk(&mut self, now: Instant, name: &str) {
        let Some(local) = self.trunk_local(name) else { return };
        let Some(trunk) = self.trunk_mut(name) else { return };
        let (Some(target), wish) = (trunk.target(), trunk.registration.wish) else { return };
        let request = trunk.register_request(local, wish);
        let (purpose, account) = (Purpose::TrunkRegister { trunk: name.to_owned() }, Arc::clone(&trunk.account));
        let client = self.send(now, request, Path::Target(target), local, purpose, Some(account));
        self.agenda.set(Due::TrunkOverdue(name.to_owned()), now + PATIENCE);
        if let Some(trunk) = self.trunk_mut(name) {
            let registration = &mut trunk.registration;
            (registration.current, registration.asked, registration.overdue) = (Some(client), Some(now), false);
        }
    }

    /// A REGISTER was not answered for long enough. Its transaction goes on, and what comes late still counts.
    pub(crate) fn give_up_register(&mut self, now: Instant, name: &str) {
        // Where servers are looked for already, there is nothing new.
        let waits = |trunk: &&mut Trunk| trunk.registration.current.is_some() && !trunk.searching;
        let Some(trunk) = self.trunk_mut(name).filter(waits) else { return };
        trunk.registration.overdue = true;
        if self.step_failed(now, name) {
            return;
        }
        self.trunk_failed(now, name, super::NO_ANSWER, None);
    }

    /// Registers at a provider that answers no questions before its outage could go unseen for a minute.
    pub(super) fn register_instead_of_asking(&mut self, now: Instant, name: &str) {
        let connected = self.trunk_mut(name).filter(|trunk| trunk.state == TrunkState::Connected);
        let Some(asked) = connected.and_then(|trunk| trunk.registration.asked) else { return };
        let (due, at) = (Due::TrunkStart(name.to_owned()), asked + INSTEAD_OF_ASKING);
        if self.agenda.at(&due).is_none_or(|set| set > at) {
            self.register_soon(now, name, at);
        }
    }

    /// Sees to it that a REGISTER is always on its way to a provider that is looked for and never answered a question, or
    /// answered none for long: its transaction sends it every four seconds over datagrams (RFC 3261 17.1.2.2), so its return is
    /// seen as soon as another's. The next one is a new one, for the next server, half a minute later at the soonest.
    pub(super) fn register_at_the_deaf(&mut self, now: Instant, name: &str) {
        let Some(trunk) = self.trunk_mut(name).filter(|trunk| trunk.searching && trunk.settings.register) else {
            return;
        };
        if trunk.answers_questions && trunk.failures < LONG_SILENT {
            return;
        }
        if trunk.registration.current.is_none() {
            let again = trunk.registration.asked.map_or(now + PAUSE, |asked| (asked + BETWEEN_REGISTERS).max(now));
            self.agenda.set(Due::TrunkRegister(name.to_owned()), again);
        }
    }

    /// The next REGISTER at such a provider.
    pub(crate) fn register_at_the_deaf_now(&mut self, now: Instant, name: &str) {
        let waits = |trunk: &&mut Trunk| trunk.searching && trunk.registration.current.is_none();
        if self.trunk_mut(name).filter(waits).is_some() {
            self.register_at_trunk(now, name);
        }
    }

    /// Takes our registration away, by the way that it was made.
    pub(super) fn unregister(&mut self, now: Instant, trunk: &mut Trunk) {
        let Some(target) = trunk.target() else { return };
        let path = Path::Target(target);
        let Some(local) = self.local_for(&path).map(|local| trunk.local(local, &path)) else { return };
        let request = trunk.register_request(local, 0);
        self.send(now, request, path, local, Purpose::SignOff, Some(Arc::clone(&trunk.account)));
    }

    /// The provider's final word on a REGISTER, or none.
    pub(crate) fn handle_trunk_registered(&mut self, now: Instant, name: &str, reply: &Reply<'_>) {
        let (status, response) = (reply.response.status, reply.response);
        let Some(trunk) = self.trunk_mut(name).filter(|trunk| trunk.registration.current == Some(reply.client)) else {
            return;
        };
        let was_overdue = trunk.registration.overdue;
        let known_silent = trunk.searching && reply.flow.is_none();
        (trunk.registration.current, trunk.registration.overdue) = (None, false);
        self.agenda.cancel(&Due::TrunkOverdue(name.to_owned()));
        if !status.is_success() && self.step_failed(now, name) {
            return;
        }
        let Some(trunk) = self.trunk_mut(name) else { return };
        let Some(flow) = reply.flow else {
            // What never left was asked of nobody.
            if status == Status::SERVICE_UNAVAILABLE {
                trunk.registration.asked = None;
            }
            if known_silent {
                trunk.current = (trunk.current + 1) % trunk.targets.len().max(1);
                return self.register_at_the_deaf(now, name);
            }
            if was_overdue {
                return;
            }
            return self.trunk_failed(now, name, super::NO_ANSWER, None);
        };
        trunk.found_again();
        let detail = super::verdict::wording(response);
        trunk.verdict = super::verdict::verdict(response).filter(|verdict| verdict.lasts());
        if status.is_success() {
            trunk.note_connection(&flow);
            let settled = trunk.is_there(now);
            trunk.registration.worked = true;
            if was_overdue {
                // It came there only now.
                trunk.registration.asked = Some(now);
            }
            if settled {
                self.note_settled(name);
            }
            self.outputs.push_back(Output::Known(flow.remote.ip().to_canonical()));
            self.agenda.cancel(&Due::TrunkFind(name.to_owned()));
            let again = refresh_after(granted(response, reply.sent));
            let again = self.watch_contacts(now, name, response, false).map_or(again, |sooner| again.min(sooner));
            self.agenda.set(Due::TrunkStart(name.to_owned()), now + again);
            self.plan_read_back(now, name, response);
            self.note_seen_address(now, name, response);
            self.examine_at_first(now, name);
            if self.corrects_contact(name) {
                // Nobody could call in until the next REGISTER.
                return self.register_at_trunk(now, name);
            }
            self.check_step(now, name);
            self.learn_whether_it_answers(now, name);
        } else if status == Status::INTERVAL_TOO_BRIEF && trunk.registration.lengthen(response) {
            self.agenda.set(Due::TrunkStart(name.to_owned()), now);
        } else if trunk.verdict.is_some() {
            // It may be lifted without anybody changing anything here.
            trunk.detail = detail;
            self.wait_for_trunk(now, name, Some(super::find::LONGEST_RETRY_AFTER));
        } else if is_definite(status) {
            trunk.state = TrunkState::Refused;
            trunk.detail = detail;
            self.agenda.cancel(&Due::TrunkHealth(name.to_owned()));
        } else {
            let retry_after = response.headers.number(&HeaderName::RetryAfter).ok().flatten();
            self.trunk_failed(now, name, &detail, retry_after);
        }
        self.live.trunk_changed(name);
    }
}

impl Registration {
    /// Takes the shortest lifetime that the provider allows. False when that is what was asked for.
    fn lengthen(&mut self, refusal: &Response) -> bool {
        let shortest = refusal.headers.number(&HeaderName::MinExpires).ok().flatten().unwrap_or(3600);
        let longer = shortest > self.wish && shortest <= LONGEST_WISH;
        if longer {
            self.wish = shortest;
        }
        longer
    }
}

impl Trunk {
    pub(super) fn register_request(&mut self, local: SocketAddr, expires: u32) -> Request {
        let number = self.next_register_number();
        let registrar = SipUri::new(None, self.host(), self.settings.server.port);
        let us = NameAddr::new(self.account_address());
        let contact = SipUri::at(Some(&self.registration.contact_user), local, self.transport());
        let mut request = Request::new(Method::REGISTER, registrar);
        let headers = &mut request.headers;
        headers.push(HeaderName::From, us.clone().tagged(&self.registration.tag).to_string());
        headers.push(HeaderName::To, us.to_string());
        headers.push(HeaderName::CallId, self.registration.call_id.clone());
        headers.push(HeaderName::CSeq, format!("{number} REGISTER"));
        headers.push(HeaderName::Contact, NameAddr::new(contact).to_string());
        headers.push(HeaderName::Expires, expires.to_string());
        headers.push(HeaderName::Supported, "path");
        self.route(&mut request);
        request
    }

    /// Rises by one with every REGISTER of this Call-ID (RFC 3261 10.2).
    pub(super) const fn next_register_number(&mut self) -> u32 {
        self.registration.cseq += 1;
        self.registration.cseq
    }

    /// A REGISTER went again with credentials.
    pub(super) fn follow_register(&mut self, old: ClientKey, renewed: ClientKey) {
        if self.registration.current == Some(old) {
            self.registration.current = Some(renewed);
        }
    }
}

/// A refusal that asking again will not change: a wrong secret, an unknown account, a barred one.
const fn is_definite(status: Status) -> bool {
    matches!(status.code(), 401 | 403 | 404 | 405 | 407 | 410 | 416 | 604)
}

/// The lifetime granted: our contact's, else Expires, else what was asked for.
fn granted(response: &Response, sent: &Sent) -> u32 {
    let ours =
        sent.request.headers.addresses(&HeaderName::Contact).ok().and_then(|contacts| contacts.into_iter().next());
    let contacts = response.headers.addresses(&HeaderName::Contact).unwrap_or_default();
    let same = |contact: &&NameAddr| {
        let user = |address: &NameAddr| address.sip().and_then(|uri| uri.user.clone());
        ours.as_ref().is_some_and(|ours| user(contact) == user(ours))
    };
    let own = contacts.iter().find(same).and_then(|contact| contact.params.value("expires")?.parse().ok());
    let header = || response.headers.number(&HeaderName::Expires).ok().flatten();
    own.or_else(header).unwrap_or(WISH)
}

/// Refreshed when a fifth of the time is left, at least five seconds before the end (RFC 3261 10.2.4 leaves it to us), and
/// never more often than once in half a minute, whatever a provider grants.
fn refresh_after(granted: u32) -> Duration {
    let margin = (granted / 5).max(5);
    Duration::from_secs(granted.saturating_sub(margin).max(30).into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_registration_is_refreshed_before_it_ends_and_not_in_a_frenzy() {
        let after = |granted| refresh_after(granted).as_secs();
        assert_eq!((after(600), after(3600), after(60), after(40)), (480, 2880, 48, 32));
        assert_eq!((after(30), after(0), after(u32::MAX)), (30, 30, 3_435_973_836));
    }
}
