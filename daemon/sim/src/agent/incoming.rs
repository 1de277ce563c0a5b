//! What happens to an agent: calls that ring, requests within a call, and what it makes of them.

use std::time::{Duration, Instant};

use centrale_sip::dialog::{Dialog, DialogId};
use centrale_sip::endpoint::ServerKey;
use centrale_sip::flow::Flow;
use centrale_sip::message::{HeaderName, Method, Request, Status};
use centrale_sip::sdp::{AudioView, Direction, Session};
use rand::RngExt as _;

use super::description::answering_direction;
use super::line::{Ending, LineKey, State};
use super::{Agent, Habit, Wake};

impl Agent {
    pub(super) fn handle_request(&mut self, now: Instant, key: ServerKey, request: &Request, flow: Flow) {
        let within = request.headers.to().is_ok_and(|to| to.tag().is_some());
        if request.method == Method::NOTIFY
            && let Some(watch) = self.watch_of(request)
        {
            return self.handle_told(now, watch, key, request, flow);
        }
        if self.demands_proof(now, key, request) {
            return;
        }
        match request.method {
            _ if within => self.handle_within(now, key, request, flow),
            Method::INVITE => self.handle_invite(now, key, request, flow),
            Method::REGISTER if self.character.provider => self.handle_register(now, key, request, flow),
            Method::OPTIONS | Method::NOTIFY => self.respond(now, key, request, Status::OK),
            _ => self.respond(now, key, request, Status::METHOD_NOT_ALLOWED),
        }
    }

    pub(super) fn respond(&mut self, now: Instant, key: ServerKey, request: &Request, status: Status) {
        let tag = self.token();
        self.endpoint.respond(now, key, request.tagged_response(status, &tag));
    }

    fn handle_invite(&mut self, now: Instant, key: ServerKey, request: &Request, flow: Flow) {
        if self.character.provider && !self.takes_call(now, key, request) {
            return;
        }
        let talking = self.lines.values().any(|line| line.state != State::Ringing);
        if talking && !self.character.provider && self.rng.random_ratio(9, 10) {
            return self.respond(now, key, request, Status::BUSY_HERE);
        }
        let offer = Session::parse(&request.body).ok();
        let view = offer.as_ref().and_then(AudioView::of);
        if view.is_some_and(|view| !self.can_answer(&view)) {
            return self.respond(now, key, request, Status::NOT_ACCEPTABLE_HERE);
        }
        let tag = self.token();
        let Some(dialog) = Dialog::of_server(request, &tag, flow) else {
            return self.respond(now, key, request, Status::BAD_REQUEST);
        };
        let dialled = request.uri.dialled().unwrap_or_default().into_owned();
        let line = self.new_line(&dialled, false, tag);
        self.dialogs.insert(dialog.id.clone(), line);
        self.servers.insert(key, line);
        if let Some(line) = self.lines.get_mut(&line) {
            line.callers = callers(request);
            line.dialog = Some(dialog);
            line.asked = Some((key, request.clone()));
        }
        self.understand(line, &request.body);
        self.decide(now, line, &dialled);
    }

    /// What the person at this phone, or the far end of this provider, does with a call.
    fn decide(&mut self, now: Instant, line: LineKey, dialled: &str) {
        let ring = self.between(0, 400);
        // Should the CANCEL never come, a phone stops ringing by itself.
        self.wake(now + Duration::from_secs(240), Wake::Refuse(line, 480));
        let later = ring + self.between(500, 9_000);
        if self.habit == Habit::Moved {
            return self.wake(now + ring, Wake::Refuse(line, 302));
        }
        if self.habit == Habit::Busy && !self.character.emergency.contains(&dialled) {
            return self.wake(now + ring, Wake::Refuse(line, 486));
        }
        if self.habit == Habit::Away {
            return self.wake(now + ring, Wake::Ring(line));
        }
        if self.habit == Habit::Obliging || self.character.emergency.contains(&dialled) {
            self.wake(now + ring, Wake::Ring(line));
            return self.wake(now + later, Wake::Answer(line));
        }
        match self.rng.random_range(0..100) {
            0..60 => {
                self.wake(now + ring, Wake::Ring(line));
                if self.character.provider && self.rng.random_ratio(1, 3) {
                    self.wake(now + ring, Wake::Progress(line));
                }
                self.wake(now + later, Wake::Answer(line));
            }
            60..68 => self.wake(now + ring, Wake::Answer(line)),
            68..76 => self.wake(now + ring, Wake::Refuse(line, 486)),
            76..82 => {
                self.wake(now + ring, Wake::Ring(line));
                self.wake(now + later, Wake::Refuse(line, 603));
            }
            82..85 => self.wake(now + ring, Wake::Refuse(line, 480)),
            85..88 => self.wake(now + ring, Wake::Refuse(line, if self.character.provider { 503 } else { 500 })),
            88..95 => self.wake(now + ring, Wake::Ring(line)),
            // Nothing at all: only 100 Trying, which the endpoint says.
            _ => {}
        }
    }

    /// Answers an INVITE that still waits, the first of a call.
    pub(super) fn say(&mut self, now: Instant, key: LineKey, status: Status) {
        let Some(line) = self.lines.get_mut(&key).filter(|line| line.state == State::Ringing) else { return };
        let Some((server, request)) = line.asked.clone() else { return };
        let mut response = request.tagged_response(status, &line.tag);
        for route in request.headers.all(&HeaderName::RecordRoute) {
            response.headers.push(HeaderName::RecordRoute, route.clone());
        }
        if status == Status::RINGING {
            response.headers.push(HeaderName::Contact, self.contact());
            return self.endpoint.respond(now, server, response);
        }
        let late = request.body.is_empty();
        if status == Status::SESSION_PROGRESS {
            if !late && let Some(line) = self.lines.get(&key) {
                self.put_answer(line, &mut response);
                self.endpoint.respond(now, server, response);
            }
            return;
        }
        line.asked = None;
        if !status.is_success() {
            if status.code() == 302 {
                response.headers.push(HeaderName::Contact, self.at_box(&self.moved_to).to_string());
            }
            self.endpoint.respond(now, server, response);
            return self.over(now, key, Ending::Refused(status.code()));
        }
        (line.state, line.awaits_answer) = (State::Talking, late);
        line.direction = answering_direction(Direction::SendRecv, line.theirs.as_ref());
        if let Some(line) = self.lines.get(&key) {
            self.put_answer(line, &mut response);
        }
        self.endpoint.respond(now, server, response);
        self.note("answers");
        self.start_talking(now, key);
    }

    pub(super) fn handle_cancelled(&mut self, now: Instant, key: ServerKey) {
        let Some(line) = self.servers.remove(&key) else { return };
        let asked = self.lines.get_mut(&line).and_then(|line| line.asked.take().map(|asked| (asked, line.tag.clone())));
        if let Some(((server, request), tag)) = asked {
            self.endpoint.respond(now, server, request.tagged_response(Status::REQUEST_TERMINATED, &tag));
        }
        if self.lines.get(&line).is_some_and(|line| line.state == State::Ringing) {
            self.over(now, line, Ending::TheyHungUp);
        }
    }

    pub(super) fn handle_acknowledged(&mut self, now: Instant, key: ServerKey, ack: &Request) {
        let Some(key) = self.servers.remove(&key) else { return };
        let Some(line) = self.lines.get_mut(&key) else { return };
        line.established.get_or_insert(now);
        if std::mem::take(&mut line.awaits_answer) {
            self.understand(key, &ack.body);
        }
    }

    fn handle_within(&mut self, now: Instant, key: ServerKey, request: &Request, flow: Flow) {
        let line = DialogId::of_incoming(request).and_then(|id| self.dialogs.get(&id).copied());
        let Some(line) = line else { return self.respond(now, key, request, Status::CALL_DOES_NOT_EXIST) };
        let dialog = self.lines.get_mut(&line).and_then(|line| line.dialog.as_mut());
        let accepted = dialog.map_or(Err(Status::CALL_DOES_NOT_EXIST), |dialog| dialog.accept(request, flow));
        if let Err(status) = accepted {
            return self.respond(now, key, request, status);
        }
        match request.method {
            Method::INVITE => self.handle_reinvite(now, key, line, request),
            Method::BYE => {
                self.respond(now, key, request, Status::OK);
                self.over(now, line, Ending::TheyHungUp);
            }
            Method::UPDATE if self.character.update => {
                let mut response = request.response(Status::OK);
                response.headers.push(HeaderName::Contact, self.contact());
                self.endpoint.respond(now, key, response);
            }
            Method::NOTIFY => {
                self.respond(now, key, request, Status::OK);
                self.hear_of_transfer(now, line, &request.body);
            }
            Method::INFO | Method::OPTIONS => self.respond(now, key, request, Status::OK),
            _ => self.respond(now, key, request, Status::METHOD_NOT_ALLOWED),
        }
    }

    fn handle_reinvite(&mut self, now: Instant, server: ServerKey, key: LineKey, request: &Request) {
        let Some(line) = self.lines.get(&key) else { return };
        if line.asking.is_some() || line.asked.is_some() || line.state != State::Talking {
            return self.respond(now, server, request, Status::REQUEST_PENDING);
        }
        let late = request.body.is_empty();
        self.understand(key, &request.body);
        self.servers.insert(server, key);
        let Some(line) = self.lines.get_mut(&key) else { return };
        let held_by_us = line.direction == Direction::SendOnly;
        let ours = if held_by_us { Direction::SendOnly } else { Direction::SendRecv };
        let theirs = if late { None } else { line.theirs.as_ref() };
        line.direction = answering_direction(ours, theirs);
        line.version += 1;
        line.awaits_answer = late;
        let mut response = request.response(Status::OK);
        if let Some(line) = self.lines.get(&key) {
            self.put_answer(line, &mut response);
        }
        self.endpoint.respond(now, server, response);
    }
}

/// Whom a call says that it comes from, by every header that says so.
fn callers(request: &Request) -> Vec<String> {
    let names =
        [HeaderName::From, HeaderName::PAssertedIdentity, HeaderName::PPreferredIdentity, HeaderName::RemotePartyId];
    let users = names.into_iter().flat_map(|name| request.headers.addresses(&name).unwrap_or_default());
    users.filter_map(|one| one.sip()?.user.as_ref().map(ToString::to_string)).collect()
}
