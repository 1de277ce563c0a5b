//! The one owner of all telephony. [`Exchange::handle_input`] is the way of every packet through the house.

use std::collections::VecDeque;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::sync::Arc;
use std::time::{Duration, Instant};

use centrale_config::Settled;
use centrale_rtp::ports::PortAllocator;
use centrale_rtp::relay::{self, RelayId};
use centrale_sip::auth::Authenticator;
use centrale_sip::dialog::DialogId;
use centrale_sip::endpoint::{self, ClientKey, Endpoint, EndpointSettings, ServerKey};
use centrale_sip::flow::{Flow, Path};
use centrale_sip::message::{HeaderName, Method, Request, Response, Status};
use centrale_sip::registrar::{Bounds, Registrar};
use hashbrown::HashMap;
use rand::rngs::StdRng;
use rand::{RngExt as _, SeedableRng as _};

use crate::agenda::Agenda;
use crate::call::{Burial, Call, CallKey, Knock, Route, Side};
use crate::counters::Counters;
use crate::directory::Directory;
use crate::interfaces::Interfaces;
use crate::io::{Command, ExchangeSettings, Input, Output};
use crate::live::Live;
use crate::record::Outcome;
use crate::sent::{Outstanding, Purpose, Sent};
use crate::trunk::Trunk;

/// A media port is not used again for this long: late packets of the old call must not reach the new one.
const PORT_COOL_DOWN: Duration = Duration::from_secs(60);

/// How long other forks of an INVITE may accept it (RFC 6026, Timer M: 64*T1), and a second for the last of them.
const OTHER_FORKS: Duration = Duration::from_secs(33);

/// What is to happen later.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Due {
    /// Nobody answered for long enough.
    RingsTooLong(CallKey),
    /// A session of ours to refresh.
    Refresh(CallKey, Side),
    /// A session the peer did not refresh.
    Expiry(CallKey, Side),
    /// The media threads said nothing more of a closed relay.
    LastWord(RelayId),
    /// An accepted INVITE of ours of which no other fork can answer any more.
    Forget(ClientKey),
    /// A trunk to find.
    TrunkResolve(String),
    /// A trunk to register at.
    TrunkRegister(String),
    /// A trunk to ask whether it is there.
    TrunkHealth(String),
}

/// The exchange. See the crate's opening for what it is and what it may not do.
#[derive(Debug)]
pub struct Exchange {
    pub(crate) settings: ExchangeSettings,
    pub(crate) endpoint: Endpoint,
    pub(crate) authenticator: Authenticator,
    pub(crate) registrar: Registrar,
    pub(crate) directory: Directory,
    pub(crate) interfaces: Interfaces,
    pub(crate) ports: PortAllocator,
    pub(crate) calls: HashMap<CallKey, Call>,
    pub(crate) next_call: u64,
    pub(crate) dialogs: HashMap<DialogId, (CallKey, Side)>,
    pub(crate) servers: HashMap<ServerKey, CallKey>,
    pub(crate) sent: Outstanding,
    pub(crate) trunks: Vec<Trunk>,
    pub(crate) burials: HashMap<RelayId, Burial>,
    pub(crate) agenda: Agenda<Due>,
    pub(crate) live: Live,
    pub(crate) counters: Counters,
    pub(crate) outputs: VecDeque<Output>,
    pub(crate) rng: StdRng,
}

impl Exchange {
    /// An exchange for an office. Everything random in it comes from the seed.
    pub fn new(now: Instant, settings: ExchangeSettings, settled: Arc<Settled>, seed: [u8; 32]) -> Self {
        let mut rng = StdRng::from_seed(seed);
        let (first, last) = settings.rtp_ports;
        let ports = PortAllocator::new(first..=last, PORT_COOL_DOWN, rng.random());
        let mut exchange = Self {
            endpoint: Endpoint::new(EndpointSettings::default(), rng.random()),
            authenticator: Authenticator::new(&settings.realm, &rng.random()),
            registrar: Registrar::new(Bounds::default()),
            directory: Directory::new(Arc::clone(&settled), &settings.realm),
            interfaces: Interfaces::default(),
            ports,
            calls: HashMap::new(),
            next_call: 0,
            dialogs: HashMap::new(),
            servers: HashMap::new(),
            sent: Outstanding::new(),
            trunks: Vec::new(),
            burials: HashMap::new(),
            agenda: Agenda::new(),
            live: Live::default(),
            counters: Counters::default(),
            outputs: VecDeque::new(),
            settings,
            rng,
        };
        exchange.handle_settled(now, settled);
        exchange
    }

    /// Takes one input. Drain [`Exchange::poll_output`] before the next.
    pub fn handle_input(&mut self, now: Instant, input: Input) {
        match input {
            Input::Packet { flow, bytes } => self.endpoint.handle_packet(now, flow, bytes),
            Input::FlowClosed(flow) => {
                self.endpoint.handle_flow_closed(now, flow);
                let changed = self.registrar.handle_flow_closed(flow);
                changed.iter().for_each(|aor| self.live.person_changed(aor.as_str()));
            }
            Input::TargetFailed(target) => self.endpoint.handle_target_failed(now, target),
            Input::Interfaces(interfaces) => self.handle_interfaces(now, interfaces),
            Input::Settled(settled) => self.handle_settled(now, settled),
            Input::Media(event) => self.handle_media(now, &event),
            Input::Resolved { trunk, targets } => self.handle_resolved(now, &trunk, targets),
            Input::Command(command) => self.handle_command(now, command),
            Input::Timeout => self.handle_timeout(now),
        }
        while let Some(event) = self.endpoint.poll_event() {
            self.handle_event(now, event);
        }
        self.tell(now);
    }

    /// The next thing to do.
    pub fn poll_output(&mut self) -> Option<Output> {
        // Media first: a port is bound before the description that names it leaves.
        self.outputs.pop_front().or_else(|| self.endpoint.poll_transmit().map(Output::Transmit))
    }

    /// When [`Input::Timeout`] is wanted next.
    pub fn poll_timeout(&self) -> Option<Instant> {
        [self.endpoint.poll_timeout(), self.registrar.poll_timeout(), self.agenda.next()].into_iter().flatten().min()
    }

    /// What was refused and done so far.
    pub const fn counters(&self) -> &Counters {
        &self.counters
    }

    /// What the protocol below refused and absorbed so far.
    pub const fn sip_counters(&self) -> &endpoint::Counters {
        self.endpoint.counters()
    }

    /// Live calls, and calls that ended and wait for the totals of their media: nothing else holds a port.
    pub fn calls_in_hand(&self) -> usize {
        self.calls.len() + self.unwritten()
    }

    /// Requests of ours that are remembered: unanswered, or accepted a moment ago.
    pub fn requests_in_hand(&self) -> usize {
        self.sent.len()
    }

    fn handle_event(&mut self, now: Instant, event: endpoint::Event) {
        match event {
            endpoint::Event::Request { key, request, flow, .. } => self.handle_request(now, key, request, flow),
            endpoint::Event::Cancelled { key } => {
                let Some(call) = self.servers.get(&key).copied() else { return };
                self.with_call(now, call, |exchange, call| {
                    exchange.end(now, call, None, Outcome::Abandoned, Status::REQUEST_TERMINATED.code());
                });
            }
            endpoint::Event::Acknowledged { key, ack, .. } => {
                let Some(call) = self.servers.remove(&key) else { return };
                self.with_call(now, call, |exchange, call| exchange.handle_acknowledged(now, call, key, &ack));
            }
            endpoint::Event::NeverAcknowledged { key } => {
                let Some(call) = self.servers.remove(&key) else { return };
                self.with_call(now, call, |exchange, call| exchange.end(now, call, None, Outcome::Lost, 408));
            }
            endpoint::Event::Response { key, response, flow, .. } => self.handle_response(now, key, &response, flow),
            endpoint::Event::TimedOut { key } => self.handle_failure(now, key, Status::REQUEST_TIMEOUT),
            endpoint::Event::TransportFailed { key } => self.handle_failure(now, key, Status::SERVICE_UNAVAILABLE),
            endpoint::Event::Refused { .. } => {}
        }
    }

    fn handle_request(&mut self, now: Instant, key: ServerKey, request: Request, flow: Flow) {
        let within = request.headers.to().is_ok_and(|to| to.tag().is_some());
        match request.method {
            _ if within => self.handle_within(now, key, request, flow),
            Method::INVITE => self.handle_new_invite(now, Knock { key, request, flow }),
            Method::REGISTER => self.handle_register(now, key, &request, flow),
            Method::OPTIONS => self.handle_options(now, key, &request, &flow),
            Method::SUBSCRIBE | Method::PUBLISH => self.endpoint.respond(now, key, request.response(Status::BAD_EVENT)),
            Method::BYE | Method::UPDATE | Method::INFO | Method::NOTIFY => {
                self.endpoint.respond(now, key, request.response(Status::CALL_DOES_NOT_EXIST));
            }
            _ => {
                let mut response = request.response(Status::METHOD_NOT_ALLOWED);
                response.headers.push(HeaderName::Allow, allow());
                self.endpoint.respond(now, key, response);
            }
        }
    }

    /// A question whether we are there: answered for who belongs here, a challenge for everybody else.
    fn handle_options(&mut self, now: Instant, key: ServerKey, request: &Request, flow: &Flow) {
        let phone =
            || self.registrar.iter().any(|(_, bindings)| bindings.iter().any(|one| one.flow.remote == flow.remote));
        if self.trunk_of(request, flow).is_none() && !phone() {
            let proof = self.prove(now, request);
            if !matches!(proof, centrale_sip::auth::Proof::Proven(_)) {
                return self.refuse_unproven(now, key, request, flow, &proof);
            }
        }
        let tag = self.token();
        let mut response = request.tagged_response(Status::OK, &tag);
        response.headers.push(HeaderName::Allow, allow());
        response.headers.push(HeaderName::Accept, centrale_sip::sdp::CONTENT_TYPE);
        self.endpoint.respond(now, key, response);
    }

    fn handle_response(&mut self, now: Instant, client: ClientKey, response: &Response, flow: Flow) {
        let Some(sent) = self.sent.get(&client).cloned() else { return };
        if response.status.is_final() && self.answer_challenge(now, client, &sent, response) {
            return;
        }
        // A 2xx to INVITE may come from another fork as well; what it was sent for is remembered for as long.
        let lasting = sent.request.method == Method::INVITE && response.status.is_success();
        if lasting {
            self.agenda.set(Due::Forget(client), now + OTHER_FORKS);
        } else if response.status.is_final() {
            self.sent.remove(&client);
        }
        self.dispatch(now, (client, sent), response, Some(flow));
    }

    /// No answer, or no way to send: as if this status had come (RFC 3261 8.1.3.1).
    fn handle_failure(&mut self, now: Instant, client: ClientKey, status: Status) {
        let Some(sent) = self.sent.remove(&client) else { return };
        let response = sent.request.response(status);
        self.dispatch(now, (client, sent), &response, None);
    }

    fn dispatch(&mut self, now: Instant, (client, sent): (ClientKey, Sent), response: &Response, flow: Option<Flow>) {
        let is_final = response.status.is_final();
        match sent.purpose.clone() {
            Purpose::Fork { call, fork } => match (self.calls.contains_key(&call), flow) {
                (true, flow) => self.with_call(now, call, |exchange, call| {
                    let ours = Self::fork_client(call, fork) == Some(client);
                    match flow {
                        Some(flow) if response.status.is_success() => {
                            exchange.handle_win(now, call, fork, (client, &sent), response, flow);
                        }
                        Some(flow) if !is_final && ours => exchange.handle_progress(now, call, fork, response, flow),
                        _ if is_final && ours => exchange.handle_refusal(now, call, fork, response.status),
                        _ => {}
                    }
                }),
                (false, Some(flow)) if response.status.is_success() => {
                    self.decline_late_answer(now, (client, &sent), response, flow);
                }
                (false, _) => {}
            },
            Purpose::ReInvite { call, .. } | Purpose::Refresh { call, .. } if !self.calls.contains_key(&call) => {
                // The call ended meanwhile, but the peer sends its 2xx until it is acknowledged.
                let invite = sent.request.method == Method::INVITE && response.status.is_success();
                if let Some(flow) = flow.filter(|_| invite) {
                    self.acknowledge_late(now, (client, &sent), response, flow);
                }
            }
            Purpose::ReInvite { call, to } if is_final => self.with_call(now, call, |exchange, call| {
                exchange.handle_reinvite_response(now, call, to, (client, &sent), response);
            }),
            Purpose::Refresh { call, to } if is_final => self.with_call(now, call, |exchange, call| {
                exchange.handle_refresh_response(now, call, to, (client, &sent), response);
            }),
            Purpose::Info { call, to } if is_final && response.status == Status::CALL_DOES_NOT_EXIST => {
                self.with_call(now, call, |exchange, call| exchange.end(now, call, Some(to), Outcome::Lost, 481));
            }
            Purpose::TrunkRegister { trunk } if is_final => {
                self.handle_trunk_registered(now, &trunk, &sent, response, flow);
            }
            Purpose::TrunkOptions { trunk } if is_final => {
                self.handle_trunk_health(now, &trunk, response, flow.is_some());
            }
            _ => {}
        }
    }

    fn handle_timeout(&mut self, now: Instant) {
        self.endpoint.handle_timeout(now);
        let expired = self.registrar.handle_timeout(now);
        expired.iter().for_each(|aor| self.live.person_changed(aor.as_str()));
        while let Some(due) = self.agenda.pop_due(now) {
            match due {
                Due::RingsTooLong(call) => self.with_call(now, call, |exchange, call| {
                    exchange.refuse_caller(now, call, Outcome::NoAnswer, Status::TEMPORARILY_UNAVAILABLE);
                }),
                Due::Refresh(call, side) => {
                    self.with_call(now, call, |exchange, call| exchange.refresh_session(now, call, side));
                }
                Due::Expiry(call, side) => self.with_call(now, call, |exchange, call| {
                    // The silent side may still be there: it gets its BYE as well (RFC 4028 10).
                    let _ = side;
                    exchange.end(now, call, None, Outcome::Lost, 408);
                }),
                Due::Forget(client) => drop(self.sent.remove(&client)),
                Due::LastWord(relay) => self.write_record(now, relay, None),
                Due::TrunkResolve(trunk) => self.resolve_trunk(now, &trunk),
                Due::TrunkRegister(trunk) => self.register_at_trunk(now, &trunk),
                Due::TrunkHealth(trunk) => self.ask_trunk(now, &trunk),
            }
        }
    }

    fn handle_media(&mut self, now: Instant, event: &relay::Event) {
        match *event {
            relay::Event::Closed { relay, caller, callee } => self.write_record(now, relay, Some((caller, callee))),
            relay::Event::PortRefused { relay, port, .. } => {
                self.ports.refused(port, now);
                self.note_refused_port(port);
                let call = CallKey(relay.0);
                self.with_call(now, call, |exchange, call| {
                    if !call.emergency {
                        exchange.end(now, call, None, Outcome::Lost, 500);
                    }
                });
            }
            relay::Event::Quality { .. } | relay::Event::Silent { .. } => {}
        }
    }

    fn handle_command(&mut self, now: Instant, command: Command) {
        match command {
            Command::HangUp { call } => {
                let key = self.calls.values().find(|one| one.id == call).map(|one| one.key);
                if let Some(key) = key {
                    self.with_call(now, key, |exchange, call| {
                        let answered = call.answered.is_some();
                        let outcome = if answered { Outcome::Answered } else { Outcome::Abandoned };
                        exchange.end(now, call, None, outcome, if answered { 0 } else { 480 });
                    });
                }
            }
            Command::Resync { device } => self.check_sync(now, device),
        }
    }

    /// Tells a device, inside its registration, to fetch its settings again without a reboot.
    fn check_sync(&mut self, now: Instant, device: centrale_config::Mac) {
        let logins = self.directory.logins().filter(|(_, login)| login.device == Some(device));
        let names: Vec<String> = logins.map(|(name, _)| name.to_owned()).collect();
        let bindings = self.registrar.iter().flat_map(|(_, bindings)| bindings);
        let bindings: Vec<_> =
            bindings.filter(|one| names.iter().any(|name| **name == *one.username)).cloned().collect();
        for binding in bindings {
            let path = Path::Flow(binding.flow);
            let Some(local) = self.local_for(&path) else { continue };
            let here = centrale_sip::message::SipUri::new(Some("centrale"), local.ip().into(), None);
            let to = centrale_sip::message::NameAddr::new(binding.contact.clone());
            let from = centrale_sip::message::NameAddr::new(here).tagged(&self.token());
            let mut notify = Request::new(Method::NOTIFY, binding.contact);
            notify.headers.push(HeaderName::From, from.to_string());
            notify.headers.push(HeaderName::To, to.to_string());
            notify.headers.push(HeaderName::CallId, self.token());
            notify.headers.push(HeaderName::CSeq, "1 NOTIFY");
            notify.headers.push(HeaderName::Event, "check-sync;reboot=false");
            notify.headers.push(HeaderName::SubscriptionState, "terminated");
            self.send(now, notify, path, local, Purpose::CheckSync, None);
        }
    }

    fn handle_interfaces(&mut self, now: Instant, interfaces: Interfaces) {
        let changed = self.interfaces != interfaces;
        self.interfaces = interfaces;
        if changed {
            self.restart_trunks(now);
        }
    }

    fn handle_settled(&mut self, now: Instant, settled: Arc<Settled>) {
        let before: Vec<String> =
            self.directory.office().people.iter().map(|person| person.number.to_string()).collect();
        self.directory = Directory::new(settled, &self.settings.realm);
        let directory = &self.directory;
        // A removed phone's secret dies at once, and so does what it had registered.
        self.registrar.drop_where(|binding| directory.login(&binding.username).is_none());
        let people: Vec<String> = directory.office().people.iter().map(|person| person.number.to_string()).collect();
        let known: Vec<String> = directory.logins().map(|(name, _)| name.to_owned()).collect();
        self.live.retain_problems(crate::problem::PHONE_PASSWORD_STALE, |name| known.iter().any(|one| one == name));
        before.iter().chain(&people).for_each(|number| self.live.person_changed(number));
        self.settle_trunks(now);
        self.check_providers();
    }

    /// Acts on a call, and clears it away when it is over.
    pub(crate) fn with_call(&mut self, now: Instant, key: CallKey, act: impl FnOnce(&mut Self, &mut Call)) {
        let Some(mut call) = self.calls.remove(&key) else { return };
        let trunk = call.trunk.clone();
        act(self, &mut call);
        self.live.call_changed(key);
        for trunk in [trunk, call.trunk.clone()].into_iter().flatten() {
            self.live.trunk_changed(&trunk);
        }
        match call.ending {
            Some(ending) => self.bury(now, call, ending),
            None => {
                self.calls.insert(key, call);
            }
        }
    }

    /// A random name that nobody guesses: 64 bits in hexadecimal.
    pub(crate) fn token(&mut self) -> String {
        format!("{:016x}", self.rng.random::<u64>())
    }

    /// Our address as a peer on that path sees it.
    pub(crate) fn local_for(&self, path: &Path) -> Option<SocketAddr> {
        let ip = match path {
            Path::Flow(flow) if !flow.local.ip().is_unspecified() => flow.local.ip().to_canonical(),
            Path::Flow(_) | Path::Target(_) => self.interfaces.source_for(path.remote().ip())?,
        };
        Some(SocketAddr::new(ip, self.settings.port(path.transport())))
    }

    /// Where the called side's port is bound: on the address all routes share, else on every address.
    pub(crate) fn bind_address(&self, now: &[Route], later: &[Route]) -> IpAddr {
        let paths = now.iter().chain(later).filter_map(|route| self.path_of(route));
        let mut addresses: Vec<IpAddr> =
            paths.filter_map(|path| self.local_for(&path)).map(|local| local.ip()).collect();
        addresses.sort();
        addresses.dedup();
        match addresses[..] {
            [only] => only,
            _ if addresses.iter().all(IpAddr::is_ipv4) => Ipv4Addr::UNSPECIFIED.into(),
            _ => Ipv6Addr::UNSPECIFIED.into(),
        }
    }

    pub(crate) fn allocate_ports(&mut self, now: Instant, emergency: bool) -> Option<(u16, u16)> {
        let mut allocate = || {
            if emergency { self.ports.allocate_for_emergency(now).ok() } else { self.ports.allocate(now).ok() }
        };
        let caller = allocate()?;
        match allocate() {
            Some(callee) => Some((caller, callee)),
            None => {
                self.ports.release(caller, now);
                None
            }
        }
    }

    pub(crate) fn release_ports(&mut self, now: Instant, ports: [u16; 2]) {
        ports.into_iter().for_each(|port| self.ports.release(port, now));
    }

    /// Tells the media threads what a leg has become.
    pub(crate) fn change_own_media(&mut self, call: &Call, side: Side) {
        let Some(leg) = call.leg(side) else { return };
        let bind = if side == Side::Caller { leg.ours.local.ip() } else { call.callee_bind };
        let media = leg.description.leg_media(bind, leg.dialog.path.remote().ip());
        self.change_media(call, side, media);
    }

    pub(crate) fn change_media(&mut self, call: &Call, side: Side, media: relay::LegMedia) {
        self.outputs.push_back(Output::Media(relay::Command::Change { relay: call.relay, side, media }));
    }
}

/// The Allow header: what is answered with more than a refusal.
pub(crate) const fn allow() -> &'static str {
    "INVITE, ACK, CANCEL, BYE, OPTIONS, UPDATE, INFO"
}
