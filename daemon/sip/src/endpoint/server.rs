//! Requests of peers: finding their transaction, answering, and answering again from memory.

use std::net::SocketAddr;
use std::time::Instant;

use bytes::Bytes;

use super::refusal::response_path;
use super::{Clock, Endpoint, Event, Owner, ServerKey, input_of};
use crate::flow::{Flow, FlowId, Path, Target, Transport};
use crate::message::{Checked, HeaderName, Method, Request, Response, Status, WrittenVia};
use crate::transaction::machine::{Action, Alarm, Input, Kind, Machine, State, Way};
use crate::transaction::matching::{Fingerprint, Fingerprinter};

/// INVITEs that are taken when there is no room left, so that the user of the endpoint can find a call for help among them.
const LAST_SEATS: usize = 64;

/// One request of a peer's. Once answered it is little more than the bytes of its answer.
#[derive(Debug)]
pub(super) struct Server {
    pub(super) machine: Machine,
    print: Fingerprint,
    merged: Option<Fingerprint>,
    dialog: Option<Fingerprint>,
    /// Where answers go; `None` when there is no way left.
    path: Option<Path>,
    /// Where a new connection can be opened when the one the request came over is gone (RFC 3261 18.2.2).
    spare: Option<SocketAddr>,
    /// The last answer, as sent. Before any, the 100 Trying of an INVITE.
    answer: Bytes,
    /// Our To tag in an INVITE's last answer, for its CANCEL (RFC 3261 9.2).
    local_tag: Option<Box<str>>,
    cancelled: bool,
}

impl Endpoint {
    /// Answers a request. Provisional any number of times, final once; a second final, or an answer to what is over, does
    /// nothing. A 2xx to INVITE is sent again until its ACK comes.
    pub fn respond(&mut self, now: Instant, key: ServerKey, mut response: Response) {
        self.name_server(&mut response);
        self.send_response(now, key.0, &response);
        self.prune();
    }

    /// Answers a request and forgets it (digest challenges): a retransmission will be a new request. To be said before any
    /// other answer.
    pub fn respond_stateless(&mut self, key: ServerKey, mut response: Response) {
        self.name_server(&mut response);
        if let Some(path) = self.servers.at(key.0).and_then(|server| server.path) {
            self.transmit(path, response.to_bytes());
        }
        self.remove_server(key.0);
        self.prune();
    }

    /// Forgets a request without an answer. To be said before any other answer.
    pub fn ignore(&mut self, key: ServerKey) {
        self.counters.ignored += 1;
        self.remove_server(key.0);
        self.prune();
    }

    pub(super) fn handle_request(&mut self, now: Instant, flow: Flow, mut request: Request, bytes: Bytes) {
        let asked = request.check().map(|checked| Asked::of(&self.prints, &request, &checked, flow));
        let Asked { print, invite, merged, within, back, noted } = match asked {
            Ok(asked) => asked,
            Err(fault) => return self.refuse(fault, flow, &request, bytes.len()),
        };
        self.counters.messages += 1;
        let known = self.server_index.find(print);
        if request.method == Method::ACK {
            return self.handle_ack(now, known, flow, request);
        }
        if let Some(key) = known {
            return self.handle_again(now, key, back);
        }
        request.headers.replace_top_via_by(noted);
        if let Some(invite) = invite {
            return self.handle_cancel(now, (print, invite), back, flow, &request);
        }
        if merged.is_some_and(|merged| self.merged_index.find(merged).is_some()) {
            self.counters.merged_requests += 1;
            self.answer_statelessly(&request, flow, Status::LOOP_DETECTED, usize::MAX);
            return;
        }
        let Some(key) = self.start_server(now, print, merged, back, &request) else {
            self.counters.overload += 1;
            self.answer_statelessly(&request, flow, Status::SERVICE_UNAVAILABLE, bytes.len());
            return;
        };
        let crowded = self.servers.len() > self.room_for(&request.method);
        self.counters.overload += u64::from(crowded);
        self.events.push_back(Event::Request { key: ServerKey(key), request, flow, bytes, within, crowded });
    }

    fn handle_again(&mut self, now: Instant, key: u64, back: WayBack) {
        self.counters.requests_absorbed += 1;
        // A retransmission may come from where a NAT put the sender meanwhile: that is where it listens now.
        if let Some(server) = self.servers.at_mut(key)
            && !back.path.transport().is_reliable()
        {
            server.path = Some(back.path);
        }
        let action = self.step_server(now, key, Input::Again);
        self.act_on_server(key, action);
    }

    fn handle_ack(&mut self, now: Instant, known: Option<u64>, flow: Flow, ack: Request) {
        // The ACK of a refusal has the INVITE's branch; that of a 2xx has its own, and the dialog tells.
        let key = known.or_else(|| self.dialog_index.find(self.prints.dialog(&ack.headers)));
        let Some(key) = key else {
            self.counters.stray_acks += 1;
            return;
        };
        match self.step_server(now, key, Input::Ack) {
            Action::Acknowledge => {
                self.events.push_back(Event::Acknowledged { key: ServerKey(key), ack, flow });
            }
            Action::Absorb => self.counters.requests_absorbed += 1,
            _ => self.counters.stray_acks += 1,
        }
        if let Some(server) = self.servers.at_mut(key)
            && matches!(server.machine.state, State::Acknowledged | State::Confirmed)
        {
            server.answer = Bytes::new();
        }
        self.end_server_if_over(key);
    }

    fn handle_cancel(
        &mut self,
        now: Instant,
        (print, invite): (Fingerprint, Fingerprint),
        back: WayBack,
        flow: Flow,
        cancel: &Request,
    ) {
        let invite = self.server_index.find(invite);
        let Some((key, invite)) = invite.and_then(|key| self.servers.at_mut(key).map(|server| (key, server))) else {
            self.counters.stray_cancels += 1;
            self.answer_statelessly(cancel, flow, Status::CALL_DOES_NOT_EXIST, usize::MAX);
            return;
        };
        if !matches!(invite.path, Some(Path::Flow(_))) {
            // The connection of the INVITE is gone; the sender is here again, so its answer goes this way.
            invite.path = Some(back.path);
            if flow.transport.is_reliable() {
                self.by_flow.insert((flow.id, Owner::Server(key)));
            }
        }
        let news = invite.machine.is_waiting() && !invite.cancelled;
        invite.cancelled = true;
        let tag = invite.local_tag.as_deref().map(str::to_owned);
        let tag = tag.unwrap_or_else(|| self.prints.stateless_tag(&cancel.headers));
        if let Some(own) = self.start_server(now, print, None, back, cancel) {
            let mut response = cancel.tagged_response(Status::OK, &tag);
            self.name_server(&mut response);
            self.send_response(now, own, &response);
        }
        if news {
            self.events.push_back(Event::Cancelled { key: ServerKey(key) });
        }
    }

    /// How many transactions of peers there may be when another of that method comes.
    fn room_for(&self, method: &Method) -> usize {
        let most = self.settings.max_transactions;
        if *method == Method::INVITE { most.saturating_add(most / 8) } else { most }
    }

    fn start_server(
        &mut self,
        now: Instant,
        print: Fingerprint,
        merged: Option<Fingerprint>,
        back: WayBack,
        request: &Request,
    ) -> Option<u64> {
        let is_invite = request.method == Method::INVITE;
        let last_seats = if is_invite { LAST_SEATS } else { 0 };
        if self.servers.len() >= self.room_for(&request.method).saturating_add(last_seats) {
            return None;
        }
        let way = if back.path.transport().is_reliable() { Way::Reliable } else { Way::Unreliable };
        let kind = if is_invite { Kind::InviteServer } else { Kind::NonInviteServer };
        let answer = if is_invite { request.response(Status::TRYING).to_bytes() } else { Bytes::new() };
        let server = Server {
            machine: Machine::new(kind, way, now, &self.values),
            print,
            merged,
            dialog: None,
            path: Some(back.path),
            spare: back.spare,
            answer,
            local_tag: None,
            cancelled: false,
        };
        let key = self.servers.insert(server)?;
        if let Some(server) = self.servers.at(key) {
            let clock = Clock { now, values: &self.values, timers: &mut self.timers, owner: Owner::Server(key) };
            clock.set_all(&server.machine);
        }
        self.server_index.insert(print, key);
        if let Some(merged) = merged {
            self.merged_index.insert(merged, key);
        }
        if let Path::Flow(flow) = back.path
            && flow.transport.is_reliable()
        {
            self.by_flow.insert((flow.id, Owner::Server(key)));
        }
        Some(key)
    }

    fn send_response(&mut self, now: Instant, key: u64, response: &Response) {
        if self.step_server(now, key, input_of(response.status)) != Action::Send {
            return;
        }
        let Some(server) = self.servers.at_mut(key) else { return };
        server.answer = response.to_bytes();
        if server.machine.kind == Kind::InviteServer {
            let tag = response.headers.to_tag().map(Into::into);
            server.local_tag = tag.or_else(|| server.local_tag.take());
        }
        if server.machine.state == State::Accepted {
            let dialog = self.prints.dialog(&response.headers);
            server.dialog = Some(dialog);
            self.dialog_index.insert(dialog, key);
        }
        self.transmit_answer(key);
        self.end_server_if_over(key);
    }

    fn transmit_answer(&mut self, key: u64) {
        let Some(server) = self.servers.at(key).filter(|server| !server.answer.is_empty()) else { return };
        let (path, bytes) = (server.path, server.answer.clone());
        match path {
            Some(path) => self.transmit(path, bytes),
            None => self.counters.responses_without_way += 1,
        }
    }

    fn step_server(&mut self, now: Instant, key: u64, input: Input) -> Action {
        let Some(server) = self.servers.at_mut(key) else { return Action::Ignore };
        let clock = Clock { now, values: &self.values, timers: &mut self.timers, owner: Owner::Server(key) };
        clock.run(&mut server.machine, |machine, now, values| machine.handle(now, values, input))
    }

    pub(super) fn handle_server_alarm(&mut self, now: Instant, key: u64, alarm: Alarm) {
        let Some(server) = self.servers.at_mut(key) else { return };
        let clock = Clock { now, values: &self.values, timers: &mut self.timers, owner: Owner::Server(key) };
        let action = clock.run(&mut server.machine, |machine, now, values| machine.handle_alarm(now, values, alarm));
        if action == Some(Action::Resend) {
            self.counters.retransmissions += 1;
        }
        if let Some(action) = action {
            self.act_on_server(key, action);
        }
    }

    fn act_on_server(&mut self, key: u64, action: Action) {
        let Some(server) = self.servers.at(key) else { return };
        match action {
            Action::Resend | Action::SendTrying => self.transmit_answer(key),
            Action::NeverAcknowledged => {
                self.counters.never_acknowledged += 1;
                self.events.push_back(Event::NeverAcknowledged { key: ServerKey(key) });
            }
            Action::Forget if server.machine.kind == Kind::InviteServer => self.counters.never_acknowledged += 1,
            Action::Forget => self.counters.left_unanswered += 1,
            _ => {}
        }
        self.end_server_if_over(key);
    }

    /// The connection a request came over is gone: its answer goes over a new one where there can be one. A phone has no
    /// certificate to prove who it is, so none is opened for TLS.
    pub(super) fn detach_server(&mut self, flow: FlowId, key: u64) {
        self.by_flow.remove(&(flow, Owner::Server(key)));
        if let Some(server) = self.servers.at_mut(key) {
            let transport = Transport::Tcp;
            server.path = server.spare.map(|remote| Path::Target(Target::new(transport, remote)));
        }
    }

    fn end_server_if_over(&mut self, key: u64) {
        if self.servers.at(key).is_some_and(|server| server.machine.state == State::Terminated) {
            self.remove_server(key);
        }
    }

    fn remove_server(&mut self, key: u64) {
        let Some(server) = self.servers.remove(key) else { return };
        self.server_index.remove(server.print);
        // Another request may have taken these places meanwhile; only our own are given up.
        if let Some(merged) = server.merged.filter(|merged| self.merged_index.find(*merged) == Some(key)) {
            self.merged_index.remove(merged);
        }
        if let Some(dialog) = server.dialog.filter(|dialog| self.dialog_index.find(*dialog) == Some(key)) {
            self.dialog_index.remove(dialog);
        }
        if let Some(Path::Flow(flow)) = server.path {
            self.by_flow.remove(&(flow.id, Owner::Server(key)));
        }
    }

    fn name_server(&self, response: &mut Response) {
        if let Some(name) = &self.settings.server_header
            && response.headers.first(&HeaderName::Server).is_none()
        {
            response.headers.push(HeaderName::Server, name.clone());
        }
    }
}

/// What is known of a request by its head, as it came.
struct Asked {
    print: Fingerprint,
    /// The INVITE that it cancels.
    invite: Option<Fingerprint>,
    merged: Option<Fingerprint>,
    /// Its To has a tag.
    within: bool,
    back: WayBack,
    /// Its topmost Via, with where it came from.
    noted: String,
}

impl Asked {
    fn of(prints: &Fingerprinter, request: &Request, checked: &Checked<'_>, flow: Flow) -> Self {
        let print = |method| prints.server(request, checked, method);
        Self {
            print: print(&request.method),
            invite: (request.method == Method::CANCEL).then(|| print(&Method::INVITE)),
            merged: prints.merged(checked),
            within: checked.to_tag.is_some(),
            back: WayBack { path: response_path(flow, &checked.via), spare: spare_address(flow, &checked.via) },
            noted: checked.via.noting(flow.remote),
        }
    }
}

/// Where answers go.
#[derive(Clone, Copy)]
struct WayBack {
    path: Path,
    spare: Option<SocketAddr>,
}

/// Where RFC 3261 18.2.2 says to connect when the connection is gone: the source address at the port of sent-by.
fn spare_address(flow: Flow, via: &WrittenVia<'_>) -> Option<SocketAddr> {
    let port = via.sent_by().1.unwrap_or(Transport::Tcp.default_port());
    (flow.transport == Transport::Tcp).then(|| SocketAddr::new(flow.remote.ip(), port))
}
