//! Answers to requests of ours, and requests that nobody answered, each handed to who waits for it.

use std::net::IpAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};

use bytes::Bytes;
use centrale_sip::dialog::{Dialog, DialogId};
use centrale_sip::endpoint::ClientKey;
use centrale_sip::flow::{Flow, Path};
use centrale_sip::message::{HeaderName, Method, Response, Status};
use centrale_sip::sdp::{CONTENT_TYPE, Session, refuse_all};

use super::{Due, Exchange};
use crate::call::{CallKey, ForkId, Side, description_in};
use crate::sent::{Purpose, Sent};

/// How long after a 2xx another fork of the same INVITE may accept it too: Timer M (RFC 6026 8.4: 64*T1).
const FORKS_OVER: Duration = Duration::from_secs(32);

/// An answer, or what stands for one when none came.
pub(crate) struct Reply<'a> {
    /// The transaction it belongs to.
    pub(crate) client: ClientKey,
    /// What was sent.
    pub(crate) sent: &'a Sent,
    /// What was answered; 408 or 503 of our own making when nothing was (RFC 3261 8.1.3.1).
    pub(crate) response: &'a Response,
    /// Where it came from; `None` when it never came.
    pub(crate) flow: Option<Flow>,
}

impl Reply<'_> {
    /// The number under which the request went.
    pub(crate) fn number(&self) -> u32 {
        self.sent.request.headers.cseq().map_or(1, |cseq| cseq.number)
    }
}

impl Exchange {
    pub(super) fn handle_response(
        &mut self,
        now: Instant,
        client: ClientKey,
        response: &Response,
        (flow, bytes): (Flow, &Bytes),
    ) {
        let Some(sent) = self.sent.get_mut(&client) else { return };
        if !sent.heard {
            Arc::make_mut(sent).heard = true;
        }
        let sent = Arc::clone(sent);
        self.watch_answer(now, &sent, response, (&flow, bytes));
        if response.status.is_final() && self.answer_challenge(now, client, &sent, response) {
            return;
        }
        if response.status.is_success() && matches!(sent.purpose, Purpose::Fork { .. }) {
            // A proxy may have forked the INVITE: what it was sent for is remembered while another 2xx can come.
            let due = Due::ForksOver(client);
            if !self.agenda.has(&due) {
                self.agenda.set(due, now + FORKS_OVER);
            }
        } else if response.status.is_final() {
            self.sent.remove(&client);
        }
        self.dispatch(now, &Reply { client, sent: &sent, response, flow: Some(flow) });
    }

    /// No answer, or no way to send: as if this status had come (RFC 3261 8.1.3.1).
    pub(super) fn handle_failure(&mut self, now: Instant, client: ClientKey, status: Status) {
        let Some(sent) = self.sent.remove(&client) else { return };
        if status == Status::REQUEST_TIMEOUT {
            self.watch_silence(now, &sent);
        }
        let response = sent.request.response(status);
        self.dispatch(now, &Reply { client, sent: &sent, response: &response, flow: None });
    }

    fn dispatch(&mut self, now: Instant, reply: &Reply<'_>) {
        let is_final = reply.response.status.is_final();
        match &reply.sent.purpose {
            Purpose::Fork { call, fork } => self.dispatch_fork(now, *call, *fork, reply),
            Purpose::HelpTest { trunk } => self.handle_help_test(now, trunk, reply),
            Purpose::ReInvite { call, to } if is_final => {
                self.dispatch_within(now, (*call, *to), reply, |exchange, call| {
                    exchange.handle_reinvite_response(now, call, *to, reply);
                });
            }
            Purpose::Refresh { call, to } if is_final => {
                self.dispatch_within(now, (*call, *to), reply, |exchange, call| {
                    exchange.handle_refresh_response(now, call, *to, reply);
                });
            }
            Purpose::Join { call, to } if is_final => {
                self.dispatch_within(now, (*call, *to), reply, |exchange, call| {
                    exchange.handle_joined(now, call, *to, reply);
                });
            }
            Purpose::Info if is_final => self.handle_told(now, reply),
            Purpose::Notify { subscription } if is_final => self.handle_notify_response(now, *subscription, reply),
            Purpose::Resync { device } if is_final => self.handle_resync_response(*device, reply),
            Purpose::TrunkRegister { trunk } if is_final => self.handle_trunk_registered(now, trunk, reply),
            Purpose::TrunkReadBack { trunk } if is_final => self.handle_read_back(now, trunk, reply),
            Purpose::TrunkOptions { trunk } if is_final => self.handle_trunk_health(now, trunk, reply),
            _ => {}
        }
    }

    fn dispatch_fork(&mut self, now: Instant, call: CallKey, fork: ForkId, reply: &Reply<'_>) {
        let status = reply.response.status;
        if status.is_final() {
            self.settle_left(now, call, fork, status);
        }
        if !self.calls.contains_key(&call) {
            if status.is_success() {
                self.decline_late_answer(now, reply);
            }
            return;
        }
        self.with_call(now, call, |exchange, call| {
            let ours = Self::fork_client(call, fork) == Some(reply.client);
            if status.is_success() {
                exchange.handle_win(now, call, fork, reply);
            } else if status.is_final() && ours {
                exchange.weigh_server(now, call, fork, reply);
                exchange.handle_refusal(now, call, fork, reply.response);
            } else if ours {
                exchange.handle_progress(now, call, fork, reply);
            }
        });
    }

    /// The answer to a request within a call. When the call is over meanwhile, or has another leg on that side, a 2xx to
    /// INVITE still wants its ACK.
    fn dispatch_within(
        &mut self,
        now: Instant,
        (call, to): (CallKey, Side),
        reply: &Reply<'_>,
        act: impl FnOnce(&mut Self, &mut crate::call::Call),
    ) {
        let dialog = DialogId::of_outgoing(&reply.sent.request);
        let leg = self.calls.get(&call).and_then(|call| call.leg(to));
        if leg.is_some_and(|leg| dialog.as_ref() == Some(&leg.dialog.id)) {
            return self.with_call(now, call, act);
        }
        if reply.sent.request.method != Method::INVITE {
            return;
        }
        if reply.response.status.is_success() {
            self.acknowledge_orphan(now, reply);
        }
        // The call that has the leg now may have waited for this.
        if let Some((call, _)) = dialog.and_then(|dialog| self.dialogs.get(&dialog).copied()) {
            self.with_call(now, call, |exchange, call| exchange.join_again(now, call));
        }
    }

    /// What answers the offer in a 2xx to an INVITE of ours without one, when nothing is wanted of it.
    pub(crate) fn refusal_of_offer(&mut self, response: &Response, address: IpAddr) -> Option<Session> {
        let offer = description_in(&response.headers, &response.body).ok().flatten()?;
        Some(refuse_all(&offer, address, self.session_id()))
    }

    /// Acknowledges a 2xx to an INVITE of ours whose call is not there (any more), and gives its dialog.
    pub(crate) fn acknowledge_orphan(&mut self, now: Instant, reply: &Reply<'_>) -> Option<Dialog> {
        let flow = reply.flow?;
        let local = self.local_for(&Path::Flow(flow))?;
        let mut dialog = Dialog::of_client(&reply.sent.request, reply.response, flow)?;
        if let Ok(routes) = reply.sent.request.headers.addresses(&HeaderName::Route)
            && dialog.route_set.is_empty()
        {
            dialog.route_set = routes;
        }
        let mut ack = dialog.ack(reply.number());
        ack.headers.push(HeaderName::MaxForwards, "70");
        let late = reply.sent.request.body.is_empty();
        if late && let Some(refusal) = self.refusal_of_offer(reply.response, local.ip()) {
            ack.set_body(CONTENT_TYPE, refusal.to_bytes());
        }
        self.endpoint.send_ack(now, reply.client, ack, dialog.path, local);
        Some(dialog)
    }
}
