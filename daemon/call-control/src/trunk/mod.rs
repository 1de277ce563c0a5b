//! Providers: where they are, whether we are registered there, whether they answer, and who we are to them.
//!
//! A trunk is found (its server's addresses), started (registered, or asked whether it is there where it wants no
//! registration) and watched. What fails goes to the provider's next server, then waits longer and longer; what is refused
//! for good stops until the settings change. It may never send more than its waits allow, whatever a provider answers.

mod challenge;
mod choice;
mod climb;
mod disguise;
mod doctor;
mod elsewhere;
mod examine;
mod find;
mod health;
mod lent;
mod proof;
mod read_back;
mod registration;
mod verdict;
mod way;

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::{Duration, Instant};

use centrale_alg::passive::Watch;
use centrale_config as config;
use centrale_config::{Dtmf, TrunkSrtp};
use centrale_guard::Servers;
use centrale_sip::endpoint::ClientKey;
use centrale_sip::flow::{Flow, Path, Target, Transport};
use centrale_sip::message::{HeaderName, Host, Request, Response, SipUri};

use crate::exchange::{Due, Exchange};
use crate::media::LegDescription;
use crate::problem::TRUNK_LOCKED_OUT;
use crate::sent::Account;
use crate::view::{HelpView, TrunkState, TrunkView};
pub(crate) use proof::OFFER;
use registration::Registration;
pub(crate) use verdict::{Verdict, verdict};

/// First wait after a failure, doubled each time (RFC 5626 4.5: 30 s).
const FIRST_WAIT: Duration = Duration::from_secs(30);
/// Longest wait (RFC 5626 4.5: 1800 s).
const LONGEST_WAIT: Duration = Duration::from_secs(1800);
/// How long calls rather go over another provider than over one that suspended the office, and how long a refusal that may
/// be another for the next call is shown.
const LASTS: Duration = Duration::from_secs(600);
/// How long a trunk whose servers were not found yet is new: a router is back by then that went dark with the box.
const NEW: Duration = Duration::from_secs(600);
/// Said of a trunk whose servers say nothing.
const NO_ANSWER: &str = "no answer";
/// Said of a trunk whose servers are not known.
const NOT_FOUND: &str = "the provider's name cannot be found";

/// One provider.
#[derive(Debug)]
pub(crate) struct Trunk {
    settings: config::Trunk,
    /// When it began with these settings.
    since: Instant,
    /// Of the office's country, without a plus.
    calling_code: &'static str,
    account: Arc<Account>,
    /// Its servers by the way that is taken, and as they were found.
    targets: Vec<Target>,
    found: Vec<Target>,
    /// Where servers of it worked.
    servers: Servers,
    /// Where its name leads that is not believed yet: asked for help alone, after the others.
    unbelieved: Vec<Target>,
    current: usize,
    state: TrunkState,
    detail: String,
    /// What the provider meant by refusing our registration, when it said.
    verdict: Option<Verdict>,
    /// What it meant by refusing the last call over it, and its wording.
    refused_call: Option<(Verdict, String)>,
    /// Failures in a row, for the wait.
    failures: u32,
    /// The question that the server in use has not answered yet.
    question: Option<ClientKey>,
    /// No server answers, and all are asked until one does.
    searching: bool,
    /// The questions to servers that are looked for.
    probes: Vec<ClientKey>,
    /// A server was found by a question, and has yet to take our registration.
    adopted: bool,
    /// Servers that did not take a call a moment ago.
    resting: Vec<Target>,
    /// The address and port that the provider sees us at.
    seen_as: Option<SocketAddr>,
    /// Whether it ever answered such a question: only of one that does is silence a sign.
    answers_questions: bool,
    /// The resolver was asked and has not answered.
    resolving: bool,
    /// The connection to it, where it is reached over one.
    connection: Option<Flow>,
    registration: Registration,
    /// When it was asked what it has of that.
    read_back: read_back::ReadBack,
    /// What the doctor saw of the way to it.
    watch: Watch,
    /// What the doctor asked along the way to it.
    examination: examine::Examination,
    /// How it goes round a router, if it does.
    climb: climb::Climb,
    /// What its test calls came to.
    proof: proof::Proof,
}

impl Trunk {
    fn new(now: Instant, settings: config::Trunk, calling_code: &'static str, registration: Registration) -> Self {
        let account = Account { username: settings.username.clone(), password: settings.password.clone() };
        let watch = doctor::watch(&settings);
        Self {
            settings,
            since: now,
            calling_code,
            account: Arc::new(account),
            targets: Vec::new(),
            found: Vec::new(),
            servers: Servers::default(),
            unbelieved: Vec::new(),
            current: 0,
            state: TrunkState::Connecting,
            detail: String::new(),
            verdict: None,
            refused_call: None,
            failures: 0,
            question: None,
            searching: false,
            probes: Vec::new(),
            adopted: false,
            resting: Vec::new(),
            seen_as: None,
            answers_questions: false,
            resolving: false,
            connection: None,
            registration,
            read_back: read_back::ReadBack::default(),
            watch,
            examination: examine::Examination::default(),
            climb: climb::Climb::default(),
            proof: proof::Proof::default(),
        }
    }

    pub(crate) fn name(&self) -> &str {
        &self.settings.name
    }

    /// The server in use: the first that answered, in the order of the resolver.
    pub(crate) fn target(&self) -> Option<Target> {
        self.targets.get(self.current).copied()
    }

    /// Where its provider sees the office on the internet.
    pub(crate) fn public_ip(&self) -> Option<IpAddr> {
        self.seen_as.map(|seen| seen.ip())
    }

    /// Its servers by the way that calls take, the one in use first, and last those that did not take a call a moment ago.
    pub(crate) fn targets_in_turn(&self) -> impl Iterator<Item = Target> {
        let step = self.climb.step_of_calls();
        let targets: Vec<Target> = self.found.iter().map(|server| way::by_step(step, *server)).collect();
        let (before, from) = targets.split_at(self.current.min(targets.len()));
        let mut targets: Vec<Target> = from.iter().chain(before).copied().collect();
        targets.sort_by_key(|target| self.resting.contains(target));
        targets.into_iter()
    }

    /// Who else is asked for help when none of those answers.
    pub(crate) fn unbelieved(&self) -> &[Target] {
        &self.unbelieved
    }

    /// It answers, and where it wants a registration it has one. Whether the place where it was followed became its usual one.
    fn is_there(&mut self, now: Instant) -> bool {
        self.found_again();
        let (target, found) = (self.target(), self.found.iter().map(|server| server.remote.ip()));
        let settled = target.is_some_and(|target| self.servers.worked(now, target.remote.ip(), found));
        (self.state, self.failures, self.adopted) = (TrunkState::Connected, 0, false);
        self.verdict = None;
        self.detail.clear();
        settled
    }

    /// No server of it is known yet.
    pub(crate) const fn is_sought(&self) -> bool {
        self.targets.is_empty()
    }

    /// The same of one that is new, or of a box that has just started. The name of one that is sought for longer may be wrong.
    pub(crate) fn is_newly_sought(&self, now: Instant) -> bool {
        self.is_sought() && now < self.since + NEW
    }

    /// Nothing is looked for any more.
    fn found_again(&mut self) {
        self.searching = false;
        self.probes.clear();
    }

    /// Whether ordinary calls may be tried on it. A registration in progress does not keep a call from trying, nor does a
    /// provider that never answers questions and wants no registration: only a call can tell.
    pub(crate) const fn is_usable(&self) -> bool {
        match self.state {
            TrunkState::Connected | TrunkState::Connecting => true,
            TrunkState::Unreachable => !self.settings.register && !self.answers_questions,
            TrunkState::Refused => false,
        }
    }

    /// The order in which trunks are tried, the office's own order within each.
    pub(crate) fn rank(&self) -> u8 {
        let rests = !self.targets.is_empty() && self.targets.iter().all(|target| self.resting.contains(target));
        match self.state {
            TrunkState::Connected | TrunkState::Connecting => u8::from(rests),
            TrunkState::Unreachable => 1,
            TrunkState::Refused => 2,
        }
    }

    /// Our account as an address at this provider.
    pub(crate) fn account_address(&self) -> SipUri {
        SipUri::new(Some(&self.settings.username), self.host(), self.settings.server.port)
    }

    /// A number as an address at this provider, written as it wants numbers.
    pub(crate) fn address_of(&self, number: &str) -> SipUri {
        let number = self.settings.dialect.numbers_as.write(number, self.calling_code);
        SipUri::new(Some(&number), self.host(), self.settings.server.port)
    }

    /// How its provider wants to be spoken to.
    pub(crate) const fn dialect(&self) -> &config::Dialect {
        &self.settings.dialect
    }

    /// Says which way a new request goes, where it is not that of its address (RFC 3261 8.1.2).
    pub(crate) fn route(&self, request: &mut Request) {
        if let Some(proxy) = &self.settings.dialect.outbound_proxy {
            let port = proxy.port.map(|port| format!(":{port}")).unwrap_or_default();
            request.headers.push(HeaderName::Route, format!("<sip:{}{port};lr>", host_of(proxy)));
        }
    }

    /// The user part of our Contact there: a random name, so that a call to it can only come from who was given it.
    pub(crate) fn contact_user(&self) -> &str {
        &self.registration.contact_user
    }

    pub(crate) fn is_contact_user(&self, user: &str) -> bool {
        user == self.registration.contact_user || user == self.settings.username
    }

    pub(crate) fn view(&self) -> TrunkView {
        let down = matches!(self.state, TrunkState::Refused | TrunkState::Unreachable);
        let (verdict, detail) = match &self.refused_call {
            Some((verdict, wording)) if !down => (Some(*verdict), wording),
            Some(_) | None => (self.verdict.filter(|_| down), &self.detail),
        };
        let turned_away = self.state == TrunkState::Refused && self.registration.worked;
        let unexplained = if turned_away { TRUNK_LOCKED_OUT } else { "" };
        TrunkView {
            name: self.name().to_owned(),
            state: self.state,
            reason: verdict.map_or(unexplained, Verdict::code).to_owned(),
            detail: detail.clone(),
            seen_as: self.seen_as.map(|seen| seen.to_string()).unwrap_or_default(),
            calls: 0,
            help: HelpView::default(),
        }
    }

    fn host(&self) -> Host {
        host_of(&self.settings.server)
    }

    /// Where its requests go: the server, or the proxy before it.
    const fn door(&self) -> &config::Server {
        match &self.settings.dialect.outbound_proxy {
            Some(proxy) => proxy,
            None => &self.settings.server,
        }
    }

    /// By which its requests go now.
    const fn transport(&self) -> Transport {
        self.climb.transport(transport_of(&self.settings))
    }

    fn waits(&self) -> Duration {
        // A name is asked for at the office's own resolver: that burdens no provider.
        if self.targets.is_empty() {
            return FIRST_WAIT;
        }
        FIRST_WAIT.saturating_mul(1 << self.failures.saturating_sub(1).min(6)).min(LONGEST_WAIT)
    }

    fn note_connection(&mut self, flow: &Flow) {
        self.connection = flow.transport.is_reliable().then_some(*flow);
    }

    fn is_connected_by(&self, flow: &Flow) -> bool {
        flow.transport.is_reliable() && self.connection.is_some_and(|open| open.id == flow.id)
    }

    /// Whether this flow comes from one of the provider's servers, be it one that is left alone for a while; on the machine itself
    /// only with the server's port.
    pub(crate) fn is_at(&self, flow: &Flow) -> bool {
        let remote = flow.remote.ip().to_canonical();
        let is = |target: &Target| {
            let same_port = target.remote.port() == flow.remote.port();
            target.remote.ip().to_canonical() == remote && (same_port || !remote.is_loopback())
        };
        self.is_connected_by(flow) || self.targets.iter().chain(&self.resting).any(is)
    }

    /// Whether a message over this flow comes from one of the provider's servers. On the machine itself, where phones and
    /// providers share an address, the port must agree as well, or our random contact name be the one called.
    fn is_source(&self, flow: &Flow, request: &Request) -> bool {
        if self.is_connected_by(flow) {
            return true;
        }
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

const fn transport_of(settings: &config::Trunk) -> Transport {
    match settings.transport {
        config::TrunkTransport::Udp => Transport::Udp,
        config::TrunkTransport::Tcp => Transport::Tcp,
        config::TrunkTransport::Tls => Transport::Tls,
    }
}

fn host_of(server: &config::Server) -> Host {
    let text = &server.host;
    text.parse().map_or_else(|_| Host::parse(text).unwrap_or(Host::Name(text.as_str().into())), Host::Ip)
}

impl Exchange {
    /// The trunk a request comes from, if it comes from one. A registered phone at the same address is still a phone.
    pub(crate) fn trunk_of(&self, request: &Request, flow: &Flow) -> Option<String> {
        let by_server = self.trunks.iter().find(|trunk| trunk.is_source(flow, request));
        let trunk = by_server.or_else(|| self.trunks.iter().find(|trunk| self.is_named_source(trunk, flow)))?;
        let is_phone = self.interfaces.is_office(flow.remote.ip()) && self.is_phone_at(flow);
        (!is_phone).then(|| trunk.name().to_owned())
    }

    /// Whether it comes from where that provider calls besides its servers, as the office says. What is the office's own network
    /// is nobody else's.
    pub(crate) fn is_named_source(&self, trunk: &Trunk, flow: &Flow) -> bool {
        let source = flow.remote.ip();
        !self.interfaces.is_office(source) && trunk.dialect().heard_from.iter().any(|range| range.contains(source))
    }

    /// The number we present to a provider: the caller's own where one of the trunk's rings that person alone, else that of the
    /// department, where just one rings the groups that the person is in, else the trunk's first; without any number the
    /// account's name.
    pub(crate) fn identity_on(&self, trunk: &str, caller: &str) -> Option<String> {
        let settings = self.directory.trunk(trunk)?;
        let office = self.directory.office();
        let own = |number: &&config::OutsideNumber| {
            office.inbound.iter().any(|route| route.number == **number && route.to.as_str() == caller)
        };
        let is_in = |group: &config::RingGroup| group.members.iter().any(|member| member.as_str() == caller);
        let rings = |number: &config::OutsideNumber, group: &config::RingGroup| {
            office.inbound.iter().any(|route| route.number == *number && route.to == group.number)
        };
        let of_department = |number: &&config::OutsideNumber| {
            office.ring_groups.iter().any(|group| is_in(group) && rings(number, group))
        };
        let mut of_departments = settings.numbers.iter().filter(of_department);
        let department = of_departments.next().filter(|_| of_departments.next().is_none());
        let number = settings.numbers.iter().find(own).or(department).or_else(|| settings.numbers.first());
        Some(number.map_or_else(|| settings.username.clone(), |number| number.to_string()))
    }

    /// Makes a leg's description one as that provider wants it: the order of codecs, whether encryption is offered, and how
    /// keys come and go.
    pub(crate) fn speak_as(&self, trunk: &str, description: &mut LegDescription) {
        let Some(settings) = self.directory.trunk(trunk) else { return };
        description.offer_first(&settings.dialect.codecs);
        self.know_keys_of(trunk, description);
        if self.srtp_over(trunk) == Some(TrunkSrtp::Off) {
            description.give_up_srtp();
        }
    }

    /// Keys come from that provider, and go there, as its contract says.
    pub(crate) fn know_keys_of(&self, trunk: &str, description: &mut LegDescription) {
        if self.directory.trunk(trunk).is_some_and(|settings| settings.dialect.dtmf == Dtmf::Info) {
            description.know_keys_as_info();
        }
    }

    /// What the office wants of encrypted sound over that trunk, by the way that it takes now.
    fn srtp_over(&self, trunk: &str) -> Option<TrunkSrtp> {
        let trunk = self.trunk(trunk)?;
        let transport = match trunk.transport() {
            Transport::Tls => config::TrunkTransport::Tls,
            Transport::Tcp | Transport::Udp => trunk.settings.transport,
        };
        Some(trunk.settings.dialect.srtp_over(transport))
    }

    /// Whether ordinary calls over that trunk are encrypted or not made.
    pub(crate) fn demands_srtp(&self, trunk: &str) -> bool {
        self.srtp_over(trunk) == Some(TrunkSrtp::Require)
    }

    /// What answers a challenge of that provider.
    pub(crate) fn account_of(&self, trunk: &str) -> Option<Arc<Account>> {
        self.trunk(trunk).map(|one| Arc::clone(&one.account))
    }

    /// A provider refused a call: when it meant the office's account or itself, the page says so.
    pub(crate) fn note_refused_call(&mut self, now: Instant, name: &str, response: &Response) {
        let Some(verdict) = verdict::verdict(response) else { return };
        let wording = verdict::wording(response);
        let Some(trunk) = self.trunk_mut(name) else { return };
        trunk.refused_call = Some((verdict, wording));
        if verdict.lasts() {
            self.agenda.cancel(&Due::TrunkForgives(name.to_owned()));
        } else {
            self.agenda.set(Due::TrunkForgives(name.to_owned()), now + LASTS);
        }
        let Some(trunk) = self.trunk_mut(name) else { return };
        let targets = if verdict.lasts() { trunk.targets.clone() } else { Vec::new() };
        targets.into_iter().for_each(|target| self.rest_server(now, name, target, LASTS));
        self.live.trunk_changed(name);
    }

    /// A call over it was answered, or its last refusal is old.
    pub(crate) fn forget_refused_call(&mut self, name: &str) {
        if let Some(trunk) = self.trunk_mut(name) {
            trunk.refused_call = None;
            self.live.trunk_changed(name);
        }
    }

    /// The trunk of that name.
    pub(crate) fn trunk(&self, name: &str) -> Option<&Trunk> {
        self.trunks.iter().find(|trunk| trunk.name() == name)
    }

    fn trunk_mut(&mut self, name: &str) -> Option<&mut Trunk> {
        self.trunks.iter_mut().find(|trunk| trunk.name() == name)
    }

    /// Our address as the trunk's server in use sees it.
    fn trunk_local(&self, name: &str) -> Option<SocketAddr> {
        let target = self.trunk(name)?.target()?;
        self.local_over(name, &Path::Target(target))
    }
}
