//! A new call: who calls, whom, and whether it may begin.

use std::time::{Duration, Instant};

use centrale_rtp::relay::{Command, LegMedia, RelayId};
use centrale_sip::auth::Proof;
use centrale_sip::dialog::Dialog;
use centrale_sip::endpoint::ServerKey;
use centrale_sip::flow::{Flow, Path};
use centrale_sip::message::{HeaderName, NameAddr, Request, Status};
use centrale_sip::sdp::Session;

use super::{Call, CallKey, Leg, Ours, Party, Route, SessionTimer, Side};
use crate::directory::Destination;
use crate::exchange::{Due, Exchange};
use crate::io::{Output, is_office_address};
use crate::media::LegDescription;
use crate::record::{CallRecord, Outcome};
use crate::view::Direction;

/// How long colleagues' phones ring before nobody is said to answer.
const RING_INSIDE: Duration = Duration::from_secs(60);
/// How long a call to outside may ring: Timer C is at least three minutes (RFC 3261 16.6, step 11).
const RING_OUTSIDE: Duration = Duration::from_secs(181);

/// An INVITE that may become a call.
pub(crate) struct Knock {
    pub(crate) key: ServerKey,
    pub(crate) request: Request,
    pub(crate) flow: Flow,
}

/// What is known of a call before anything rings.
struct Plan {
    direction: Direction,
    from: Party,
    to: Party,
    emergency: bool,
    trunk: Option<String>,
    contact_user: String,
    routes: Vec<Route>,
    /// Tried one after the other instead of all at once.
    in_turn: bool,
}

impl Exchange {
    /// An INVITE outside of any dialog.
    pub(crate) fn handle_new_invite(&mut self, now: Instant, knock: Knock) {
        if let Some(trunk) = self.trunk_of(&knock.request, &knock.flow) {
            return self.begin_incoming(now, knock, &trunk);
        }
        let dialled = knock.request.uri.dialled().unwrap_or_default().into_owned();
        let destination = self.directory.destination(&dialled);
        // Help is never refused: a phone of this office reaches it with a wrong password and with none (invariant 1).
        if let Destination::Emergency(number) = destination
            && is_office_address(knock.flow.remote.ip())
        {
            return self.begin_emergency(now, knock, number);
        }
        match self.prove(now, &knock.request) {
            Proof::Proven(username) => self.begin_proven(now, knock, &username, destination),
            proof => self.refuse_unproven(now, knock.key, &knock.request, &knock.flow, &proof),
        }
    }

    fn begin_proven(&mut self, now: Instant, knock: Knock, username: &str, destination: Destination) {
        let Some(login) = self.directory.login(username) else { return self.reject(now, &knock, Status::FORBIDDEN) };
        let number = login.number.to_string();
        let from = Party { name: self.directory.name_of(&number).to_owned(), number };
        let caller = Path::Flow(knock.flow);
        let plan = match destination {
            Destination::Emergency(help) => return self.begin_emergency(now, knock, help),
            Destination::Person(number) => {
                let routes = self.phones_of(now, &[number.as_str()], Some(&caller));
                self.inside_plan(Direction::Internal, from, number.as_str(), routes)
            }
            Destination::Group { number, members } => {
                let members: Vec<_> = members.iter().map(|member| member.as_str()).collect();
                let routes = self.phones_of(now, &members, Some(&caller));
                self.inside_plan(Direction::Internal, from, number.as_str(), routes)
            }
            Destination::Outside(number) => self.outside_plan(from, number, false),
            Destination::Nowhere => return self.log_refused(now, &knock, from, Status::NOT_FOUND),
        };
        self.begin(now, knock, plan);
    }

    fn begin_emergency(&mut self, now: Instant, knock: Knock, help: &'static str) {
        self.counters.emergency_calls += 1;
        let user = knock.request.headers.from().ok();
        let user = user.as_ref().and_then(|from| from.uri.dialled()).unwrap_or_default().into_owned();
        let from = Party { name: self.directory.name_of(&user).to_owned(), number: user };
        let plan = self.outside_plan(from, help.to_owned(), true);
        self.begin(now, knock, plan);
    }

    fn begin_incoming(&mut self, now: Instant, knock: Knock, trunk: &str) {
        let called = self.called_number(&knock.request, trunk);
        let from = self.outside_caller(&knock.request);
        let Some(destination) = called.as_deref().and_then(|number| self.directory.inbound(number)) else {
            return self.log_refused(now, &knock, from, Status::NOT_FOUND);
        };
        let (number, members) = match destination {
            Destination::Person(number) => (number.clone(), vec![number]),
            Destination::Group { number, members } => (number, members),
            Destination::Emergency(_) | Destination::Outside(_) | Destination::Nowhere => {
                return self.log_refused(now, &knock, from, Status::NOT_FOUND);
            }
        };
        let members: Vec<_> = members.iter().map(|member| member.as_str()).collect();
        let routes = self.phones_of(now, &members, None);
        let plan = Plan {
            trunk: Some(trunk.to_owned()),
            ..self.inside_plan(Direction::Incoming, from, number.as_str(), routes)
        };
        self.begin(now, knock, plan);
    }

    fn inside_plan(&self, direction: Direction, from: Party, number: &str, routes: Vec<Route>) -> Plan {
        let to = Party { number: number.to_owned(), name: self.directory.name_of(number).to_owned() };
        let contact_user = number.to_owned();
        Plan { direction, from, to, emergency: false, trunk: None, contact_user, routes, in_turn: false }
    }

    fn outside_plan(&self, from: Party, number: String, emergency: bool) -> Plan {
        let routes = self.trunks_to(&number, emergency);
        let to = Party { number: number.clone(), name: String::new() };
        Plan {
            direction: Direction::Outgoing,
            from,
            to,
            emergency,
            trunk: None,
            contact_user: number,
            routes,
            in_turn: true,
        }
    }

    fn begin(&mut self, now: Instant, knock: Knock, mut plan: Plan) {
        let (timer, offer) = match self.examine(&knock, plan.emergency) {
            Ok(examined) => examined,
            Err(status) => return self.reject(now, &knock, status),
        };
        if plan.routes.is_empty() {
            return self.log_unreachable(now, &knock, &plan);
        }
        let Some(local) = self.local_for(&Path::Flow(knock.flow)) else {
            return self.reject(now, &knock, Status::SERVER_INTERNAL_ERROR);
        };
        let Some((caller_port, callee_port)) = self.allocate_ports(now, plan.emergency) else {
            self.counters.ports_exhausted += 1;
            return self.reject(now, &knock, Status::SERVICE_UNAVAILABLE);
        };
        let mut description = LegDescription::new(local.ip(), caller_port, knock.flow.transport, &mut self.rng);
        let taken = offer.map_or(Ok(()), |offer| description.take_offer(offer, knock.flow.transport));
        let tag = self.token();
        let dialog = Dialog::of_server(&knock.request, &tag, knock.flow);
        let (Ok(()), Some(dialog)) = (taken, dialog) else {
            self.counters.bad_descriptions += 1;
            self.release_ports(now, [caller_port, callee_port]);
            let status = if taken.is_err() { Status::NOT_ACCEPTABLE_HERE } else { Status::BAD_REQUEST };
            return self.reject(now, &knock, status);
        };
        let ours = Ours { transport: knock.flow.transport, local };
        let allows_update = knock.request.headers.has_token(&HeaderName::Allow, "UPDATE");
        let hops = knock.request.headers.number(&HeaderName::MaxForwards).ok().flatten().unwrap_or(70);
        let trunk = plan.trunk.clone().filter(|_| plan.direction == Direction::Incoming);
        let caller =
            Leg { dialog, description, ours, timer, allows_update, contact_user: plan.contact_user.clone(), trunk };
        let at_once = if plan.in_turn { plan.routes.drain(..1).collect() } else { std::mem::take(&mut plan.routes) };
        let callee_bind = self.bind_address(&at_once, &plan.routes);
        self.next_call += 1;
        let key = CallKey(self.next_call);
        self.counters.calls += 1;
        let call = Call {
            key,
            id: self.token(),
            direction: plan.direction,
            from: plan.from,
            to: plan.to,
            emergency: plan.emergency,
            trunk: plan.trunk,
            started: now,
            answered: None,
            answered_by: None,
            relay: RelayId(key.0),
            callee_port,
            callee_bind,
            caller,
            invite: Some((knock.key, knock.request)),
            hops: hops.saturating_sub(1),
            forks: Vec::new(),
            next_fork: 0,
            spare_routes: plan.routes,
            refusal: None,
            early: None,
            callee: None,
            transit: None,
            awaited_ack: None,
            ending: None,
        };
        self.open(now, call, at_once);
    }

    /// Enters the call into the books and rings.
    fn open(&mut self, now: Instant, call: Call, at_once: Vec<Route>) {
        let (key, relay) = (call.key, call.relay);
        if let Some((server, _)) = &call.invite {
            self.servers.insert(*server, key);
        }
        self.dialogs.insert(call.caller.dialog.id.clone(), (key, Side::Caller));
        let peer = call.caller.dialog.path.remote().ip();
        let media = call.caller.description.leg_media(call.caller.ours.local.ip(), peer);
        self.outputs.push_back(Output::Media(Command::Open { relay, side: Side::Caller, media }));
        let first = at_once.first().and_then(|route| self.path_of(route)).map_or(peer, |path| path.remote().ip());
        let media = LegMedia {
            local: std::net::SocketAddr::new(call.callee_bind, call.callee_port),
            remote: None,
            signalling_peer: first,
            srtp_send: None,
            srtp_receive: None,
            clock_rate: 8000,
            expects_audio: false,
        };
        self.outputs.push_back(Output::Media(Command::Open { relay, side: Side::Callee, media }));
        let patience = if call.direction == Direction::Outgoing { RING_OUTSIDE } else { RING_INSIDE };
        self.agenda.set(Due::RingsTooLong(key), now + patience);
        self.calls.insert(key, call);
        self.with_call(now, key, |exchange, call| {
            for route in at_once {
                exchange.ring(now, call, route);
            }
            exchange.settle_if_nobody_rings(now, call);
        });
    }

    /// What every INVITE must satisfy before it becomes a call. An emergency call is only asked for what cannot be done without.
    fn examine(&self, knock: &Knock, emergency: bool) -> Result<(SessionTimer, Option<Session>), Status> {
        let headers = &knock.request.headers;
        let unknown =
            headers.items(&HeaderName::Require).into_iter().find(|option| !option.eq_ignore_ascii_case("timer"));
        if unknown.is_some() && !emergency {
            return Err(Status::BAD_EXTENSION);
        }
        if headers.number(&HeaderName::MaxForwards).ok().flatten() == Some(0) && !emergency {
            return Err(Status::TOO_MANY_HOPS);
        }
        let timer = match SessionTimer::of_request(&knock.request) {
            Ok(timer) => timer,
            Err(shortest) if emergency => SessionTimer { interval: shortest, ours: true, spoken: false },
            Err(_) => return Err(Status::SESSION_INTERVAL_TOO_SMALL),
        };
        let offer = read_description(&knock.request)?;
        Ok((timer, offer))
    }

    /// A refusal before anything rang. With what the status asks for.
    pub(crate) fn reject(&mut self, now: Instant, knock: &Knock, status: Status) {
        let tag = self.token();
        let mut response = knock.request.tagged_response(status, &tag);
        match status {
            Status::BAD_EXTENSION => {
                let unknown = knock.request.headers.items(&HeaderName::Require);
                let unknown: Vec<_> =
                    unknown.into_iter().filter(|option| !option.eq_ignore_ascii_case("timer")).collect();
                response.headers.push(HeaderName::Unsupported, unknown.join(", "));
            }
            Status::SESSION_INTERVAL_TOO_SMALL => {
                response.headers.push(HeaderName::MinSe, super::session_timer::SHORTEST.to_string());
            }
            Status::UNSUPPORTED_MEDIA_TYPE => {
                response.headers.push(HeaderName::Accept, centrale_sip::sdp::CONTENT_TYPE);
            }
            Status::SERVICE_UNAVAILABLE => response.headers.push(HeaderName::RetryAfter, "5"),
            _ => {}
        }
        self.endpoint.respond(now, knock.key, response);
    }

    fn log_refused(&mut self, now: Instant, knock: &Knock, from: Party, status: Status) {
        let number = knock.request.uri.dialled().unwrap_or_default().chars().take(64).collect();
        let to = Party { number, name: String::new() };
        self.reject(now, knock, status);
        self.record_unstarted(now, from, to, Direction::Outgoing, (Outcome::Refused, status), false);
    }

    fn log_unreachable(&mut self, now: Instant, knock: &Knock, plan: &Plan) {
        let outside = plan.direction == Direction::Outgoing;
        let status = if outside { Status::SERVICE_UNAVAILABLE } else { Status::TEMPORARILY_UNAVAILABLE };
        self.reject(now, knock, status);
        let (from, to) = (plan.from.clone(), plan.to.clone());
        self.record_unstarted(now, from, to, plan.direction, (Outcome::Unreachable, status), plan.emergency);
    }

    fn record_unstarted(
        &mut self,
        now: Instant,
        from: Party,
        to: Party,
        direction: Direction,
        (outcome, status): (Outcome, Status),
        emergency: bool,
    ) {
        let quality = centrale_rtp::relay::LegQuality::default();
        let id = self.token();
        self.outputs.push_back(Output::Record(CallRecord {
            id,
            direction,
            from: from.number,
            from_name: from.name,
            to: to.number,
            answered_by: None,
            trunk: None,
            started: now,
            answered: None,
            ended: now,
            outcome,
            status: status.code(),
            caller_quality: quality,
            callee_quality: quality,
            emergency,
        }));
    }

    /// Who calls from outside, as the provider vouches for it: P-Asserted-Identity before From (RFC 3325 9.1).
    fn outside_caller(&self, request: &Request) -> Party {
        let asserted = request.headers.addresses(&HeaderName::PAssertedIdentity).ok();
        let asserted = asserted.and_then(|identities| identities.into_iter().next());
        let identity = asserted.or_else(|| request.headers.from().ok());
        let withheld = request.headers.has_token(&HeaderName::Privacy, "id");
        let user = identity.as_ref().and_then(|identity| identity.uri.dialled());
        match user.filter(|user| !withheld && !user.is_empty() && !user.eq_ignore_ascii_case("anonymous")) {
            None => Party { number: "anonymous".into(), name: String::new() },
            Some(user) => {
                let number: String = self.directory.canonical(&user).chars().take(64).collect();
                let name = identity.as_ref().map(|identity| identity.name.chars().take(64).collect());
                Party { number, name: name.unwrap_or_default() }
            }
        }
    }

    /// The called number of an incoming call: the Request-URI, else To, else P-Called-Party-ID, whichever is one of the
    /// office's; a Request-URI that is only our registered contact stands for the trunk's first number.
    fn called_number(&self, request: &Request, trunk: &str) -> Option<String> {
        let to = request.headers.to().ok().map(|to| to.uri);
        let party = request.headers.addresses(&HeaderName::other("P-Called-Party-ID")).ok();
        let party = party.and_then(|parties| parties.into_iter().next()).map(|party: NameAddr| party.uri);
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

/// The SDP of a message: none, one, or the refusal.
pub(crate) fn read_description(request: &Request) -> Result<Option<Session>, Status> {
    if request.body.is_empty() {
        return Ok(None);
    }
    let kind = request.headers.text(&HeaderName::ContentType).unwrap_or_default().to_ascii_lowercase();
    if kind.split(';').next().map(str::trim) != Some(centrale_sip::sdp::CONTENT_TYPE) {
        return Err(Status::UNSUPPORTED_MEDIA_TYPE);
    }
    Session::parse(&request.body).map(Some).map_err(|_| Status::BAD_REQUEST)
}
