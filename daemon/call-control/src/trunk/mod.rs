//! Providers: where they are, whether we are registered there, whether they answer, and who we are to them.

mod challenge;
mod find;
mod health;
mod registration;

use std::time::Duration;

use centrale_config as config;
use centrale_sip::flow::{Flow, Target, Transport};
use centrale_sip::message::{Host, Request, SipUri};

use crate::exchange::Exchange;
use crate::io::is_office_address;
use crate::view::{TrunkState, TrunkView};

/// First wait after a failure, doubled each time (RFC 5626 4.5: 30 s).
const FIRST_WAIT: Duration = Duration::from_secs(30);
/// Longest wait (RFC 5626 4.5: 1800 s).
const LONGEST_WAIT: Duration = Duration::from_secs(1800);

/// One provider.
#[derive(Debug)]
pub(crate) struct Trunk {
    settings: config::Trunk,
    targets: Vec<Target>,
    current: usize,
    state: TrunkState,
    detail: String,
    /// Failures in a row, for the wait.
    failures: u32,
    /// Health questions in a row that nobody answered.
    unanswered: u8,
    registration: registration::Registration,
}

impl Trunk {
    fn new(settings: config::Trunk, registration: registration::Registration) -> Self {
        Self {
            settings,
            targets: Vec::new(),
            current: 0,
            state: TrunkState::Connecting,
            detail: String::new(),
            failures: 0,
            unanswered: 0,
            registration,
        }
    }

    pub(crate) fn name(&self) -> &str {
        &self.settings.name
    }

    /// The server in use: the first that answered, in the order of the resolver.
    pub(crate) fn target(&self) -> Option<Target> {
        self.targets.get(self.current).copied()
    }

    /// Whether ordinary calls may be tried on it. A registration in progress does not keep a call from trying.
    pub(crate) const fn is_usable(&self) -> bool {
        matches!(self.state, TrunkState::Connected | TrunkState::Connecting)
    }

    /// A number as an address at this provider.
    pub(crate) fn address_of(&self, number: &str) -> SipUri {
        SipUri::new(Some(number), self.host(), self.settings.server.port)
    }

    /// The user part of our Contact there: a random name, so that a call to it can only come from who was given it.
    pub(crate) fn contact_user(&self) -> &str {
        &self.registration.contact_user
    }

    pub(crate) fn is_contact_user(&self, user: &str) -> bool {
        user == self.registration.contact_user || user == self.settings.username
    }

    pub(crate) fn view(&self) -> TrunkView {
        TrunkView { name: self.name().to_owned(), state: self.state, detail: self.detail.clone(), calls: 0 }
    }

    fn host(&self) -> Host {
        let text = &self.settings.server.host;
        text.parse().map_or_else(|_| Host::parse(text).unwrap_or(Host::Name(text.as_str().into())), Host::Ip)
    }

    const fn transport(&self) -> Transport {
        match self.settings.transport {
            config::TrunkTransport::Udp => Transport::Udp,
            config::TrunkTransport::Tcp => Transport::Tcp,
            config::TrunkTransport::Tls => Transport::Tls,
        }
    }

    fn waits(&self) -> Duration {
        FIRST_WAIT.saturating_mul(1 << self.failures.saturating_sub(1).min(6)).min(LONGEST_WAIT)
    }

    /// Whether a message over this flow comes from one of the provider's servers. On the machine itself, where phones and
    /// providers share an address, the port must agree as well.
    fn is_source(&self, flow: &Flow, request: &Request) -> bool {
        let remote = flow.remote.ip().to_canonical();
        let mut same = self.targets.iter().filter(|target| target.remote.ip().to_canonical() == remote).peekable();
        if same.peek().is_none() {
            return false;
        }
        let user = request.uri.dialled();
        !remote.is_loopback()
            || same.any(|target| target.remote.port() == flow.remote.port())
            || user.is_some_and(|user| user == self.registration.contact_user)
    }
}

impl Exchange {
    /// The trunk a request comes from, if it comes from one. A registered phone at the same address is still a phone.
    pub(crate) fn trunk_of(&self, request: &Request, flow: &Flow) -> Option<String> {
        let trunk = self.trunks.iter().find(|trunk| trunk.is_source(flow, request))?;
        let phone =
            self.registrar.iter().any(|(_, bindings)| bindings.iter().any(|one| one.flow.remote == flow.remote));
        let office = is_office_address(flow.remote.ip());
        (!(phone && office)).then(|| trunk.name().to_owned())
    }

    /// The number we present to a provider: the caller's own where one of the trunk's rings that person alone, else the
    /// trunk's first; without any number the account's name.
    pub(crate) fn identity_on(&self, trunk: &str, caller: &str) -> Option<String> {
        let settings = self.directory.trunk(trunk)?;
        let office = self.directory.office();
        let own = |number: &&config::OutsideNumber| {
            office.inbound.iter().any(|route| route.number == **number && route.to.as_str() == caller)
        };
        let number = settings.numbers.iter().find(own).or_else(|| settings.numbers.first());
        Some(number.map_or_else(|| settings.username.clone(), |number| number.to_string()))
    }

    fn trunk_mut(&mut self, name: &str) -> Option<&mut Trunk> {
        self.trunks.iter_mut().find(|trunk| trunk.name() == name)
    }
}
