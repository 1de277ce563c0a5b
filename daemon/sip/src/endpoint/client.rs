//! Requests of ours: sending, retransmitting, acknowledging, cancelling, and the answers to them.

use std::fmt::Write as _;
use std::net::{IpAddr, SocketAddr};
use std::time::Instant;

use bytes::Bytes;
use rand::Rng;

use super::{ClientKey, Clock, Endpoint, Event, Owner, Transmit, input_of};
use crate::flow::{Flow, Path, Target, Transport};
use crate::message::{Checked, HeaderName, MAGIC_COOKIE, Method, Request, Response, Via};
use crate::transaction::machine::{Action, Alarm, Input, Kind, Machine, State, Way};
use crate::transaction::matching::{Fingerprint, Fingerprinter};

/// Longest request for a datagram, in bytes, where the path's limit is not known (RFC 3261 18.1.1).
const MAX_DATAGRAM: usize = 1_300;
/// Most forks of one INVITE that are told apart. An office has ten phones to ring at most; each costs its ACK's bytes.
const MAX_FORKS: usize = 16;
/// Max-Forwards of a new request (RFC 3261 8.1.1.6).
const MAX_FORWARDS: &str = "70";

/// One request of ours.
#[derive(Debug)]
pub(super) struct Client {
    pub(super) machine: Machine,
    print: Fingerprint,
    path: Path,
    sent_by: SocketAddr,
    /// UDP, when the request was too large for it and went by TCP first.
    fallback: Option<Path>,
    /// As sent; emptied when it will not be sent again.
    bytes: Bytes,
    /// What ACK, CANCEL and the fallback are made from; gone when none of them can come.
    request: Option<Box<Request>>,
    cancel: Cancel,
    /// The ACK of a refusal.
    ack: Bytes,
    /// Who accepted, and how that was acknowledged.
    forks: Vec<Fork>,
    /// A CANCEL of the endpoint's own: nobody is told.
    silent: bool,
}

#[derive(Debug, PartialEq, Eq)]
enum Cancel {
    No,
    /// As soon as a provisional response comes.
    Wanted,
    Sent,
}

#[derive(Debug)]
struct Fork {
    tag: Box<str>,
    ack: Option<Transmit>,
}

/// What is known of a response by its head.
struct Came {
    print: Fingerprint,
    /// Address and port in its topmost Via.
    sent_by: (Option<IpAddr>, Option<u16>),
    vias: usize,
}

impl Came {
    fn of(prints: &Fingerprinter, checked: &Checked<'_>) -> Self {
        let (host, port) = checked.via.sent_by();
        let print = prints.client(checked.via.branch().unwrap_or_default(), &checked.cseq.method);
        Self { print, sent_by: (host.ip(), port), vias: checked.vias }
    }
}

impl Endpoint {
    /// Sends a request other than ACK and CANCEL in a new transaction. Writes Via with a fresh branch and `rport`, and Max-Forwards
    /// when missing. Over 1,300 bytes it goes by TCP instead of UDP (RFC 3261 18.1.1), and by UDP after all when TCP fails.
    /// When it cannot even be remembered, [`Event::TransportFailed`] follows at once.
    pub fn send_request(&mut self, now: Instant, mut request: Request, path: Path, sent_by: SocketAddr) -> ClientKey {
        self.send_kept(now, &mut request, path, sent_by)
    }

    /// As [`Endpoint::send_request`], for who keeps the request: it is left as it was sent. Should it go back to UDP, the
    /// transport in Via is the only thing that differs.
    pub fn send_kept(&mut self, now: Instant, request: &mut Request, path: Path, sent_by: SocketAddr) -> ClientKey {
        let branch = self.fresh_branch();
        self.complete(request);
        put_via(request, path.transport(), sent_by, &branch);
        let (path, fallback) = choose_transport(request, path, sent_by, &branch);
        if fallback.is_some() {
            self.counters.moved_to_tcp += 1;
        }
        self.start_client(now, request, path, fallback, sent_by, &branch)
    }

    /// Sends the ACK for a 2xx, and keeps it to send again whenever that 2xx (told by its To tag) comes again, until Timer M.
    pub fn send_ack(&mut self, _now: Instant, key: ClientKey, mut ack: Request, path: Path, sent_by: SocketAddr) {
        let branch = self.fresh_branch();
        self.complete(&mut ack);
        put_via(&mut ack, path.transport(), sent_by, &branch);
        let transmit = Transmit { path, bytes: ack.to_bytes() };
        self.transmits.push_back(transmit.clone());
        let accepted = self.clients.at_mut(key.0).filter(|client| client.machine.state == State::Accepted);
        if let Some(client) = accepted {
            let tag = to_tag(&ack.headers);
            if let Some(fork) = client.forks.iter_mut().find(|fork| *fork.tag == *tag) {
                fork.ack = Some(transmit);
            }
        }
    }

    /// Cancels an INVITE: now, or as soon as a provisional response allows it; not at all once a final one came (RFC 3261 9.1).
    pub fn cancel(&mut self, now: Instant, key: ClientKey) {
        let Some(client) = self.clients.at_mut(key.0) else { return };
        if client.machine.kind != Kind::InviteClient || client.cancel == Cancel::Sent {
            return;
        }
        match client.machine.state {
            State::Trying => client.cancel = Cancel::Wanted,
            State::Proceeding => self.send_cancel(now, key.0),
            _ => {}
        }
        self.prune();
    }

    pub(super) fn handle_response(&mut self, now: Instant, flow: Flow, response: Response, bytes: Bytes) {
        let came = response.check().map(|checked| Came::of(&self.prints, &checked));
        let Came { print, sent_by, vias } = match came {
            Ok(came) => came,
            Err(fault) => return self.note_refusal(fault, flow),
        };
        self.counters.messages += 1;
        if vias > 1 {
            self.counters.misrouted_responses += 1;
            return;
        }
        let Some(key) = self.client_index.find(print) else {
            self.counters.unmatched_responses += 1;
            return;
        };
        let Some(client) = self.clients.at_mut(key) else { return };
        if sent_by != (Some(client.sent_by.ip()), Some(client.sent_by.port())) {
            self.counters.rewritten_vias += 1;
        }
        if client.machine.state == State::Accepted && response.status.is_success() {
            return self.handle_another_success(key, flow, response, bytes);
        }
        let action = self.step_client(now, key, input_of(response.status));
        self.act_on_response(now, key, action, flow, response, bytes);
    }

    fn act_on_response(
        &mut self,
        now: Instant,
        key: u64,
        action: Action,
        flow: Flow,
        response: Response,
        bytes: Bytes,
    ) {
        match action {
            Action::Tell => {
                self.note_answer(now, key, &response);
                self.tell(key, flow, response, bytes);
            }
            Action::TellAndAck => {
                self.acknowledge_refusal(key, &response);
                self.tell(key, flow, response, bytes);
            }
            Action::AckAgain => {
                self.counters.responses_absorbed += 1;
                self.repeat(key, |client| client.ack.clone());
            }
            Action::Absorb => self.counters.responses_absorbed += 1,
            _ => {}
        }
        self.end_client_if_over(key);
    }

    /// What an answer changes besides the state: a CANCEL may go, the first fork is known, the request is not needed any more.
    fn note_answer(&mut self, now: Instant, key: u64, response: &Response) {
        let Some(client) = self.clients.at_mut(key) else { return };
        match client.machine.state {
            State::Proceeding if client.cancel == Cancel::Wanted => self.send_cancel(now, key),
            State::Accepted => {
                client.forks.push(Fork { tag: to_tag(&response.headers).into(), ack: None });
                client.release();
            }
            State::Completed => client.release(),
            _ => {}
        }
    }

    fn handle_another_success(&mut self, key: u64, flow: Flow, response: Response, bytes: Bytes) {
        let Some(client) = self.clients.at_mut(key) else { return };
        let tag = to_tag(&response.headers);
        match client.forks.iter().find(|fork| *fork.tag == *tag) {
            Some(fork) => {
                let again = fork.ack.clone();
                self.counters.responses_absorbed += 1;
                self.transmits.extend(again);
            }
            None if client.forks.len() == MAX_FORKS => self.counters.responses_absorbed += 1,
            None => {
                client.forks.push(Fork { tag: tag.into(), ack: None });
                self.tell(key, flow, response, bytes);
            }
        }
    }

    fn tell(&mut self, key: u64, flow: Flow, response: Response, bytes: Bytes) {
        if self.clients.at(key).is_some_and(|client| !client.silent) {
            self.events.push_back(Event::Response { key: ClientKey(key), response, flow, bytes });
        }
    }

    fn acknowledge_refusal(&mut self, key: u64, response: &Response) {
        let Some(client) = self.clients.at_mut(key) else { return };
        let Some(request) = client.request.take() else { return };
        client.ack = refusal_ack(&request, response).to_bytes();
        client.release();
        let (path, bytes) = (client.path, client.ack.clone());
        self.transmit(path, bytes);
    }

    /// Sends the CANCEL in a transaction of its own, with the INVITE's branch (RFC 3261 9.1).
    fn send_cancel(&mut self, now: Instant, key: u64) {
        let Some(client) = self.clients.at_mut(key) else { return };
        let Some(invite) = client.request.as_deref() else { return };
        let (cancel, path, sent_by) = (cancel_of(invite), client.path, client.sent_by);
        client.cancel = Cancel::Sent;
        let owner = Owner::Client(key);
        let clock = Clock { now, values: &self.values, timers: &mut self.timers, owner };
        clock.run(&mut client.machine, |machine, now, values| machine.note_cancel(now, values));
        let branch = cancel.headers.top_via().ok().and_then(|via| via.branch().map(str::to_owned)).unwrap_or_default();
        self.start_client(now, &cancel, path, None, sent_by, &branch);
    }

    fn start_client(
        &mut self,
        now: Instant,
        request: &Request,
        path: Path,
        fallback: Option<Path>,
        sent_by: SocketAddr,
        branch: &str,
    ) -> ClientKey {
        let kind = if request.method == Method::INVITE { Kind::InviteClient } else { Kind::NonInviteClient };
        let way = match (path.transport().is_reliable(), fallback) {
            (_, Some(_)) => Way::ReliableFirst,
            (true, None) => Way::Reliable,
            (false, None) => Way::Unreliable,
        };
        let (bytes, print) = (request.to_bytes(), self.prints.client(branch, &request.method));
        let silent = request.method == Method::CANCEL;
        // Calls have a limit of their own, and what one needs, a call for help above all, does not stand behind the rest.
        let is_of_a_call = matches!(request.method, Method::INVITE | Method::CANCEL | Method::BYE);
        let keep = kind == Kind::InviteClient || fallback.is_some();
        let client = Client {
            machine: Machine::new(kind, way, now, &self.values),
            print,
            path,
            sent_by,
            fallback,
            bytes: bytes.clone(),
            request: keep.then(|| Box::new(request.clone())),
            cancel: Cancel::No,
            ack: Bytes::new(),
            forks: Vec::new(),
            silent,
        };
        let room = is_of_a_call || self.clients.len() < self.settings.max_transactions;
        let Some(key) = room.then(|| self.clients.insert(client)).flatten() else {
            return self.refuse_own_request(silent);
        };
        let owner = Owner::Client(key);
        if let Some(client) = self.clients.at(key) {
            let clock = Clock { now, values: &self.values, timers: &mut self.timers, owner };
            clock.set_all(&client.machine);
        }
        self.client_index.insert(print, key);
        self.watch(key, path);
        self.transmit(path, bytes);
        self.prune();
        ClientKey(key)
    }

    fn refuse_own_request(&mut self, silent: bool) -> ClientKey {
        self.counters.overload += 1;
        let key = ClientKey(self.clients.unused_key());
        if !silent {
            self.events.push_back(Event::TransportFailed { key });
        }
        key
    }

    fn step_client(&mut self, now: Instant, key: u64, input: Input) -> Action {
        let Some(client) = self.clients.at_mut(key) else { return Action::Ignore };
        let clock = Clock { now, values: &self.values, timers: &mut self.timers, owner: Owner::Client(key) };
        clock.run(&mut client.machine, |machine, now, values| machine.handle(now, values, input))
    }

    pub(super) fn handle_client_alarm(&mut self, now: Instant, key: u64, alarm: Alarm) {
        let Some(client) = self.clients.at_mut(key) else { return };
        let clock = Clock { now, values: &self.values, timers: &mut self.timers, owner: Owner::Client(key) };
        let action = clock.run(&mut client.machine, |machine, now, values| machine.handle_alarm(now, values, alarm));
        if let Some(action) = action {
            self.act_on_client(key, action);
        }
    }

    pub(super) fn fail_client(&mut self, now: Instant, key: u64) {
        let action = self.step_client(now, key, Input::TransportError);
        self.act_on_client(key, action);
    }

    fn act_on_client(&mut self, key: u64, action: Action) {
        let Some(client) = self.clients.at(key) else { return };
        let silent = client.silent;
        match action {
            Action::Resend => {
                self.counters.retransmissions += 1;
                self.repeat(key, |client| client.bytes.clone());
            }
            Action::FallBack => self.fall_back(key),
            Action::GiveUp if !silent => {
                self.counters.timeouts += 1;
                self.events.push_back(Event::TimedOut { key: ClientKey(key) });
            }
            Action::TransportFailed if !silent => {
                self.counters.transport_failures += 1;
                self.events.push_back(Event::TransportFailed { key: ClientKey(key) });
            }
            _ => {}
        }
        self.end_client_if_over(key);
    }

    fn repeat(&mut self, key: u64, bytes: impl FnOnce(&Client) -> Bytes) {
        if let Some(client) = self.clients.at(key) {
            let (path, bytes) = (client.path, bytes(client));
            self.transmit(path, bytes);
        }
    }

    /// The same request, with the same branch, by UDP: should the TCP one have arrived after all, this one is absorbed there.
    fn fall_back(&mut self, key: u64) {
        self.unwatch(key);
        let Some(client) = self.clients.at_mut(key) else { return };
        let (Some(path), Some(request)) = (client.fallback.take(), client.request.as_deref_mut()) else { return };
        if let Ok(mut via) = request.headers.top_via() {
            via.transport = path.transport().in_via().into();
            request.headers.replace_top_via(&via);
        }
        client.path = path;
        client.bytes = request.to_bytes();
        self.counters.back_to_udp += 1;
        self.watch(key, path);
        self.repeat(key, |client| client.bytes.clone());
    }

    fn end_client_if_over(&mut self, key: u64) {
        if self.clients.at(key).is_some_and(|client| client.machine.state == State::Terminated) {
            self.unwatch(key);
            if let Some(client) = self.clients.remove(key) {
                self.client_index.remove(client.print);
            }
        }
    }

    fn watch(&mut self, key: u64, path: Path) {
        if let Path::Flow(flow) = path
            && flow.transport.is_reliable()
        {
            self.by_flow.insert((flow.id, Owner::Client(key)));
        }
        self.by_target.insert(((path.transport(), path.remote()), key));
    }

    fn unwatch(&mut self, key: u64) {
        let Some(client) = self.clients.at(key) else { return };
        if let Path::Flow(flow) = client.path {
            self.by_flow.remove(&(flow.id, Owner::Client(key)));
        }
        self.by_target.remove(&((client.path.transport(), client.path.remote()), key));
    }

    fn fresh_branch(&mut self) -> String {
        let mut branch = MAGIC_COOKIE.to_owned();
        let (one, two) = (self.rng.next_u64(), self.rng.next_u64());
        write!(branch, "{one:016x}{two:016x}").expect("writing to a String cannot fail");
        branch
    }

    fn complete(&self, request: &mut Request) {
        if request.headers.first(&HeaderName::MaxForwards).is_none() {
            request.headers.push(HeaderName::MaxForwards, MAX_FORWARDS);
        }
        if let Some(name) = &self.settings.server_header
            && request.headers.first(&HeaderName::UserAgent).is_none()
        {
            request.headers.push(HeaderName::UserAgent, name.clone());
        }
    }
}

impl Client {
    /// Lets go of what is not needed once a final answer came.
    fn release(&mut self) {
        self.request = None;
        self.bytes = Bytes::new();
    }
}

fn put_via(request: &mut Request, transport: Transport, sent_by: SocketAddr, branch: &str) {
    request.headers.remove(&HeaderName::Via);
    request.headers.push_front(HeaderName::Via, Via::ours(transport, sent_by, branch).to_string());
}

/// TCP instead of UDP when the request is too large: the way to go, and UDP as what to fall back to.
fn choose_transport(request: &mut Request, path: Path, sent_by: SocketAddr, branch: &str) -> (Path, Option<Path>) {
    if path.transport() != Transport::Udp || request.to_bytes().len() <= MAX_DATAGRAM {
        return (path, None);
    }
    put_via(request, Transport::Tcp, sent_by, branch);
    (Path::Target(Target::new(Transport::Tcp, path.remote())), Some(path))
}

/// The ACK of a refusal (RFC 3261 17.1.1.3): hop by hop, with the INVITE's own Via and route, and To as answered.
fn refusal_ack(invite: &Request, response: &Response) -> Request {
    let mut ack = within(invite, Method::ACK);
    if let Some(to) = response.headers.first(&HeaderName::To) {
        ack.headers.set(HeaderName::To, to.clone());
    }
    ack
}

/// The CANCEL of an INVITE (RFC 3261 9.1).
fn cancel_of(invite: &Request) -> Request {
    within(invite, Method::CANCEL)
}

fn within(invite: &Request, method: Method) -> Request {
    let number = invite.headers.cseq().map_or(0, |cseq| cseq.number);
    let cseq = format!("{number} {method}");
    let mut request = Request::new(method, invite.uri.clone());
    for (name, value) in invite.headers.iter() {
        let copied = matches!(
            name,
            HeaderName::Via
                | HeaderName::From
                | HeaderName::To
                | HeaderName::CallId
                | HeaderName::Route
                | HeaderName::UserAgent
        );
        if copied {
            request.headers.push(name.clone(), value.clone());
        }
    }
    request.headers.push(HeaderName::CSeq, cseq);
    request.headers.push(HeaderName::MaxForwards, MAX_FORWARDS);
    request
}

fn to_tag(headers: &crate::message::Headers) -> String {
    headers.to_tag().unwrap_or_default().into_owned()
}
