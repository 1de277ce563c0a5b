//! What an agent starts: calls, hold and resume, hanging up; and the answers to it.

use std::time::{Duration, Instant};

use centrale_sip::dialog::Dialog;
use centrale_sip::endpoint::ClientKey;
use centrale_sip::flow::Flow;
use centrale_sip::message::{HeaderName, Method, NameAddr, Request, Response, SipUri, Status};
use centrale_sip::sdp::Direction;
use rand::RngExt as _;

use super::line::{Ending, Line, LineKey, State, Story};
use super::voice::Voice;
use super::{Agent, Output, Purpose, Wake};

/// First RTP port of an agent; each line has its own pair.
const FIRST_PORT: u16 = 40_000;

impl Agent {
    /// Dials, and gives up after that long if nobody answered.
    pub fn call(&mut self, now: Instant, dialled: &str, patience: Duration) -> LineKey {
        let target = self.target_of(dialled);
        let to = NameAddr::new(target.clone());
        let (call_id, tag) = (self.token(), self.token());
        let key = self.new_line(dialled, true, tag.clone());
        let mut request = self.request(&Method::INVITE, target, &to, (&call_id, &tag, 1));
        request.headers.push(HeaderName::Contact, self.contact());
        request.headers.push(HeaderName::Allow, self.allow());
        if let Some(line) = self.lines.get(&key)
            && !self.character.late_offer
        {
            self.put_offer(line, &mut request);
        }
        let client = self.send(now, request.clone(), Purpose::Invite(key));
        if let Some(line) = self.lines.get_mut(&key) {
            line.request = Some(request);
            line.client = Some(client);
            line.dialled_at = Some(now);
        }
        self.note(format!("dials {dialled}"));
        self.wake(now + patience, Wake::GiveUp(key));
        key
    }

    /// Where a call goes: to the box, and a provider's to what was registered.
    fn target_of(&self, dialled: &str) -> SipUri {
        let at_box = SipUri::new(Some(dialled), self.place.box_seen.ip().into(), None);
        self.registered
            .as_ref()
            .and_then(|registered| registered.contact.clone())
            .map_or(at_box, |contact| SipUri { user: Some(dialled.into()), ..contact })
    }

    pub(super) fn new_line(&mut self, dialled: &str, outgoing: bool, tag: String) -> LineKey {
        self.next_line += 1;
        let token = format!("{}-{}-{tag}", self.character.number.trim_start_matches('+'), self.next_line);
        let port = FIRST_PORT + u16::try_from(self.next_line % 5_000).unwrap_or(0) * 2;
        let line = Line {
            state: if outgoing { State::Calling } else { State::Ringing },
            token,
            dialled: dialled.to_owned(),
            outgoing,
            callers: Vec::new(),
            tag,
            dialog: None,
            request: None,
            client: None,
            challenges: 0,
            dialled_at: None,
            heard_at: None,
            asked: None,
            asking: None,
            refer: None,
            handed_on: false,
            awaits_answer: false,
            port,
            version: 1,
            direction: Direction::SendRecv,
            theirs: None,
            established: None,
            ever_held: false,
            voice: Voice::new(&mut self.rng),
            spoken: 0,
            cancelled: false,
        };
        let key = LineKey(self.next_line);
        self.lines.insert(key, line);
        key
    }

    /// Holds or resumes whatever call it is in.
    pub fn press_hold(&mut self, now: Instant, held: bool) {
        let talking = self.lines.iter().find(|(_, line)| line.state == State::Talking).map(|(key, _)| *key);
        if let Some(key) = talking {
            self.hold(now, key, held);
        }
    }

    pub(super) fn hold(&mut self, now: Instant, key: LineKey, held: bool) {
        let Some(line) = self.lines.get_mut(&key).filter(|line| line.state == State::Talking) else { return };
        if line.asking.is_some() || line.asked.is_some() {
            return;
        }
        let Some(dialog) = &mut line.dialog else { return };
        let mut request = dialog.request(Method::INVITE);
        line.direction = if held { Direction::SendOnly } else { Direction::SendRecv };
        line.ever_held |= held;
        line.version += 1;
        request.headers.push(HeaderName::Contact, self.contact());
        request.headers.push(HeaderName::Allow, self.allow());
        if let Some(line) = self.lines.get(&key) {
            self.put_offer(line, &mut request);
        }
        let client = self.send(now, request, Purpose::Reinvite(key));
        if let Some(line) = self.lines.get_mut(&key) {
            line.asking = Some(client);
        }
        self.note(if held { "holds" } else { "resumes" });
    }

    /// Ends every call it is in or tries.
    pub fn hang_up_all(&mut self, now: Instant) {
        let keys: Vec<LineKey> = self.lines.keys().copied().collect();
        keys.into_iter().for_each(|key| self.hang_up(now, key));
    }

    /// Ends every call that it made or tries, and none that rings here.
    pub fn hang_up_own(&mut self, now: Instant) {
        let own = self.lines.iter().filter(|(_, line)| line.outgoing).map(|(key, _)| *key);
        own.collect::<Vec<_>>().into_iter().for_each(|key| self.hang_up(now, key));
    }

    /// Ends that call, if it is not over.
    pub fn hang_up(&mut self, now: Instant, key: LineKey) {
        let Some(line) = self.lines.get_mut(&key) else { return };
        match line.state {
            State::Calling => {
                line.cancelled = true;
                let client = line.client;
                self.note("gives up");
                if let Some(client) = client {
                    self.endpoint.cancel(now, client);
                }
            }
            State::Ringing => self.say(now, key, Status::TEMPORARILY_UNAVAILABLE),
            State::Talking => {
                self.send_bye(now, key);
                self.over(now, key, Ending::HungUp);
            }
        }
    }

    pub(super) fn give_up(&mut self, now: Instant, key: LineKey) {
        if self.lines.get(&key).is_some_and(|line| line.state == State::Calling) {
            self.hang_up(now, key);
        }
    }

    fn send_bye(&mut self, now: Instant, key: LineKey) {
        let line = self.lines.get_mut(&key);
        if let Some(dialog) = line.and_then(|line| line.dialog.as_mut()) {
            let bye = dialog.request(Method::BYE);
            self.send(now, bye, Purpose::Other);
        }
    }

    /// Puts a line away.
    pub(super) fn over(&mut self, now: Instant, key: LineKey, ending: Ending) {
        let Some(line) = self.lines.remove(&key) else { return };
        if let Some(dialog) = &line.dialog {
            self.dialogs.remove(&dialog.id);
        }
        if let Some((server, request)) = line.asked {
            let response = request.tagged_response(Status::REQUEST_TERMINATED, &line.tag);
            self.endpoint.respond(now, server, response);
        }
        self.note(format!("is done: {ending:?}"));
        self.stories.push(Story {
            token: line.token,
            dialled: line.dialled,
            outgoing: line.outgoing,
            callers: line.callers,
            established: line.established,
            waited: line
                .dialled_at
                .map_or(Duration::ZERO, |at| line.heard_at.unwrap_or(now).saturating_duration_since(at)),
            ended: now,
            ending,
            ssrc: line.voice.ssrc,
            heard: line.voice.heard,
            spoken: line.spoken,
            ever_held: line.ever_held,
            handed_on: line.handed_on,
            troubled: false,
        });
    }

    pub(super) fn handle_response(&mut self, now: Instant, client: ClientKey, response: &Response, flow: Flow) {
        let Some(purpose) = self.clients.get(&client).copied() else { return };
        let is_final = response.status.is_final();
        if let Purpose::Invite(line) = purpose
            && ![Status::TRYING, Status::UNAUTHORIZED, Status::PROXY_AUTHENTICATION_REQUIRED].contains(&response.status)
            && let Some(line) = self.lines.get_mut(&line)
        {
            line.heard_at.get_or_insert(now);
        }
        if is_final && !matches!(purpose, Purpose::Invite(_) | Purpose::Reinvite(_)) {
            self.clients.remove(&client);
        }
        match purpose {
            Purpose::Register if is_final => self.handle_registered(now, Some(response)),
            Purpose::Invite(line) if response.status.is_success() => {
                self.handle_answered(now, (line, client), response, flow);
            }
            Purpose::Invite(line) if is_final => self.handle_refused(now, line, client, response),
            Purpose::Refer(line) if is_final => self.handle_referred(now, line, response),
            Purpose::Subscribe(watch) if is_final => self.handle_subscribed(now, watch, response, flow),
            Purpose::Reinvite(line) if is_final => self.handle_reanswered(now, line, client, response),
            _ => {}
        }
    }

    pub(super) fn handle_failure(&mut self, now: Instant, client: ClientKey, status: Status) {
        match self.clients.remove(&client) {
            Some(Purpose::Register) => self.handle_registered(now, None),
            Some(Purpose::Invite(line)) if self.is_own(line, client) => {
                self.refused(now, line, status);
            }
            // A call in which nobody answers any more is dead (RFC 3261 12.2.1.2).
            Some(Purpose::Reinvite(line) | Purpose::Refer(line)) => self.hang_up(now, line),
            Some(Purpose::Subscribe(watch)) => self.not_subscribed(now, watch, status),
            _ => {}
        }
    }

    fn is_own(&self, line: LineKey, client: ClientKey) -> bool {
        self.lines.get(&line).is_some_and(|line| line.client == Some(client))
    }

    fn handle_answered(&mut self, now: Instant, (key, client): (LineKey, ClientKey), response: &Response, flow: Flow) {
        let known = self.lines.get(&key).filter(|line| line.client == Some(client) && line.state == State::Calling);
        let Some(request) = known.and_then(|line| line.request.clone()) else { return };
        let Some(dialog) = Dialog::of_client(&request, response, flow) else {
            self.note("gets a 2xx that makes no dialog");
            return self.over(now, key, Ending::Refused(response.status.code()));
        };
        self.dialogs.insert(dialog.id.clone(), key);
        let ack = dialog.ack(request.headers.cseq().map_or(1, |cseq| cseq.number));
        if let Some(line) = self.lines.get_mut(&key) {
            (line.dialog, line.state, line.established) = (Some(dialog), State::Talking, Some(now));
        }
        self.understand(key, &response.body);
        self.acknowledge(now, key, client, ack, request.body.is_empty());
        if self.lines.get(&key).is_some_and(|line| line.cancelled) {
            return self.hang_up(now, key);
        }
        self.note("talks");
        self.start_talking(now, key);
    }

    /// Sends the ACK, with the answer in it when the offer was theirs.
    fn acknowledge(&mut self, now: Instant, key: LineKey, client: ClientKey, mut ack: Request, answers: bool) {
        if let Some(line) = self.lines.get(&key)
            && answers
        {
            ack.set_body(centrale_sip::sdp::CONTENT_TYPE, self.description(line, line.theirs.as_ref()));
        }
        let way = self.way();
        self.endpoint.send_ack(now, client, ack, way, self.place.inside);
    }

    pub(super) fn start_talking(&mut self, now: Instant, key: LineKey) {
        self.wake(now + Duration::from_secs(1), Wake::Voice(key));
        if self.tireless {
            return;
        }
        let until = if self.rng.random_ratio(1, 20) {
            // Long enough for the box to refresh the session.
            self.between(1_000_000, 2_000_000)
        } else {
            self.between(2_000, 120_000)
        };
        self.wake(now + until, Wake::HangUp(key));
        if self.rng.random_ratio(1, 5) {
            let transfer = self.between(500, 30_000);
            self.wake(now + transfer, Wake::Transfer(key));
        }
        if self.rng.random_ratio(1, 4) {
            let (hold, resume) = (self.between(1_000, 20_000), self.between(1_000, 20_000));
            self.wake(now + hold, Wake::Hold(key, true));
            self.wake(now + hold + resume, Wake::Hold(key, false));
        }
    }

    fn handle_refused(&mut self, now: Instant, key: LineKey, client: ClientKey, response: &Response) {
        self.clients.remove(&client);
        if !self.is_own(key, client) {
            return;
        }
        let Some(line) = self.lines.get_mut(&key) else { return };
        line.challenges += 1;
        let (request, again) = (line.request.clone(), line.challenges < 3 && !line.cancelled);
        if response.status == Status::UNAUTHORIZED
            && again
            && let Some(request) = request.and_then(|request| self.answered_challenge(&request, response))
        {
            let client = self.send(now, request.clone(), Purpose::Invite(key));
            if let Some(line) = self.lines.get_mut(&key) {
                (line.request, line.client) = (Some(request), Some(client));
            }
            return;
        }
        self.refused(now, key, response.status);
    }

    /// Over without an answer: as we wished, or as somebody else did.
    fn refused(&mut self, now: Instant, key: LineKey, status: Status) {
        let ours = self.lines.get(&key).is_some_and(|line| line.cancelled);
        self.over(now, key, if ours { Ending::HungUp } else { Ending::Refused(status.code()) });
    }

    fn handle_reanswered(&mut self, now: Instant, key: LineKey, client: ClientKey, response: &Response) {
        let Some(line) = self.lines.get_mut(&key) else { return };
        if line.asking != Some(client) {
            return;
        }
        line.asking = None;
        let held = line.direction == Direction::SendOnly;
        if response.status.is_success() {
            let Some(dialog) = &mut line.dialog else { return };
            dialog.refresh_target(&response.headers);
            let number = response.headers.cseq().map_or(1, |cseq| cseq.number);
            let ack = dialog.ack(number);
            self.understand(key, &response.body);
            self.acknowledge(now, key, client, ack, false);
            return;
        }
        self.clients.remove(&client);
        match response.status {
            // Both at once: the caller of the call waits longer (RFC 3261 14.1).
            Status::REQUEST_PENDING => {
                let outgoing = line.outgoing;
                let wait = if outgoing { self.between(2_100, 4_000) } else { self.between(0, 2_000) };
                self.wake(now + wait, Wake::Hold(key, held));
            }
            Status::CALL_DOES_NOT_EXIST | Status::REQUEST_TIMEOUT => self.over(now, key, Ending::TheyHungUp),
            _ => line.direction = if held { Direction::SendRecv } else { Direction::SendOnly },
        }
    }

    /// One second of voice, when there is where to and it is wanted.
    pub(super) fn speak(&mut self, now: Instant, key: LineKey) {
        let Some(line) = self.lines.get_mut(&key).filter(|line| line.state == State::Talking) else { return };
        let wanted = line.theirs.as_ref().filter(|view| view.direction.receives() && line.direction.sends());
        if let Some(to) = wanted.and_then(|view| view.remote) {
            line.spoken += 1;
            let packets = line.voice.speak();
            self.outputs.push_back(Output::Voice { port: line.port, to, packets });
        }
        self.wake(now + Duration::from_secs(1), Wake::Voice(key));
    }
}
