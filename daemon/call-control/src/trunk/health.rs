//! Asking a provider whether it is there, with OPTIONS, where any answer is one. One that was there and falls silent is
//! looked for at all its servers at once, and again and again until one answers: a question costs the provider next to
//! nothing, needs no proof and changes nothing there, so it may come often; a REGISTER may not.

use std::time::{Duration, Instant};

use centrale_sip::endpoint::ClientKey;
use centrale_sip::flow::{Path, Target};
use centrale_sip::message::{HeaderName, Method, NameAddr, Request, SipUri, Status};

use super::Trunk;
use crate::exchange::{Due, Exchange, Reply};
use crate::io::Output;
use crate::sent::Purpose;
use crate::view::TrunkState;

/// Between two questions to a server in use. Shorter than most routers keep a hole open for datagrams (RFC 4787 4.3: two
/// minutes; 30 s in the field), and short enough that an outage is on the page within a minute.
pub(super) const INTERVAL: Duration = Duration::from_secs(20);
/// A question or a REGISTER that was not answered for this long is not going to be: it was sent five times by then over
/// datagrams.
pub(super) const PATIENCE: Duration = Duration::from_secs(10);
/// Between two questions to a server to which no connection can be made. Where datagrams vanish there is no pause: the
/// transaction asks every four seconds by itself (RFC 3261 17.1.2.2). A connection is tried for five seconds, the last time after
/// three (RFC 6298): whoever comes back after that is asked three seconds later.
pub(super) const PAUSE: Duration = Duration::from_secs(1);
/// From a registration to the first question.
const SOON: Duration = Duration::from_secs(1);
/// Most servers of one provider that are looked for at once.
const MOST_SERVERS: usize = 4;
/// Between two REGISTERs at a provider that comes and goes.
pub(super) const BETWEEN_REGISTERS: Duration = Duration::from_secs(30);
/// A router that gave no new address for this long may be believed that the next one will stay.
const CALM: Duration = Duration::from_secs(300);

impl Exchange {
    /// Asks the server in use.
    pub(crate) fn ask_trunk(&mut self, now: Instant, name: &str) {
        let Some(target) = self.trunk_mut(name).and_then(|trunk| trunk.target()) else { return };
        let Some(client) = self.ask(now, name, target) else { return };
        self.agenda.set(Due::TrunkSilent(name.to_owned()), now + PATIENCE);
        if let Some(trunk) = self.trunk_mut(name) {
            trunk.question = Some(client);
        }
    }

    /// Asks a provider once, soon after it took our registration: only of one that ever answered is silence a sign.
    pub(super) fn learn_whether_it_answers(&mut self, now: Instant, name: &str) {
        let knows = |trunk: &mut Trunk| trunk.answers_questions || trunk.question.is_some();
        if !self.trunk_mut(name).is_some_and(knows) {
            self.agenda.set(Due::TrunkHealth(name.to_owned()), now + SOON);
        }
    }

    /// Asks the server in use without waiting for its turn, when it is thought to be there. One that answers no questions
    /// is asked for a registration.
    pub(crate) fn doubt_trunk(&mut self, now: Instant, name: &str) {
        let Some(trunk) = self.trunk_mut(name) else { return };
        let there = trunk.state == TrunkState::Connected;
        if there && trunk.settings.register && !trunk.answers_questions {
            self.register_soon(now, name, now);
        } else if there && trunk.question.is_none() {
            self.agenda.set(Due::TrunkHealth(name.to_owned()), now);
        }
    }

    fn ask(&mut self, now: Instant, name: &str, target: Target) -> Option<ClientKey> {
        let path = Path::Target(target);
        let local = self.local_over(name, &path)?;
        let (tag, call_id) = (self.token(), self.token());
        let trunk = self.trunk_mut(name)?;
        let us = NameAddr::new(trunk.account_address());
        let mut request = Request::new(Method::OPTIONS, SipUri::new(None, trunk.host(), trunk.settings.server.port));
        request.headers.push(HeaderName::From, us.tagged(&tag).to_string());
        request.headers.push(HeaderName::To, NameAddr::new(request.uri.clone()).to_string());
        request.headers.push(HeaderName::CallId, call_id);
        request.headers.push(HeaderName::CSeq, "1 OPTIONS");
        trunk.route(&mut request);
        let purpose = Purpose::TrunkOptions { trunk: name.to_owned() };
        Some(self.send(now, request, path, local, purpose, None))
    }

    /// The word of a server, or none.
    pub(crate) fn handle_trunk_health(&mut self, now: Instant, name: &str, reply: &Reply<'_>) {
        let Some(trunk) = self.trunk_mut(name) else { return };
        let Path::Target(target) = reply.sent.path else { return };
        if trunk.question == Some(reply.client) {
            trunk.question = None;
            self.agenda.cancel(&Due::TrunkSilent(name.to_owned()));
            // A question to a server that was left meanwhile says nothing of the one in use.
            if self.trunk_mut(name).and_then(|trunk| trunk.target()) == Some(target) {
                self.hear_server_in_use(now, name, reply);
            }
        } else if let Some(at) = trunk.probes.iter().position(|client| *client == reply.client) {
            trunk.probes.swap_remove(at);
            self.hear_probed_server(now, name, target, reply);
        }
        self.live.trunk_changed(name);
    }

    fn hear_server_in_use(&mut self, now: Instant, name: &str, reply: &Reply<'_>) {
        let Some(flow) = reply.flow else { return self.note_silence(now, name) };
        let Some(trunk) = self.trunk_mut(name) else { return };
        if reply.response.status == Status::SERVICE_UNAVAILABLE && (!trunk.settings.register || trunk.answers_questions)
        {
            return self.trunk_failed(now, name, "503", None);
        }
        trunk.answers_questions = true;
        self.outputs.push_back(Output::Known(flow.remote.ip().to_canonical()));
        let Some(trunk) = self.trunk_mut(name) else { return };
        if !trunk.settings.register {
            trunk.note_connection(&flow);
            if trunk.is_there(now) {
                self.note_settled(name);
            }
            self.examine_at_first(now, name);
            self.check_step(now, name);
        }
        let Some(trunk) = self.trunk_mut(name) else { return };
        let registered = trunk.settings.register && trunk.state == TrunkState::Connected;
        self.agenda.set(Due::TrunkHealth(name.to_owned()), now + INTERVAL);
        if self.note_seen_address(now, name, reply.response) && registered {
            self.register_moved(now, name);
        }
    }

    /// The server in use said nothing to a question for long enough.
    pub(crate) fn note_silence(&mut self, now: Instant, name: &str) {
        self.agenda.cancel(&Due::TrunkSilent(name.to_owned()));
        let Some(trunk) = self.trunk_mut(name) else { return };
        trunk.question = None;
        // Some providers drop every question: where we are registered, that says enough.
        if trunk.settings.register && !trunk.answers_questions {
            self.agenda.set(Due::TrunkHealth(name.to_owned()), now + INTERVAL);
            self.register_instead_of_asking(now, name);
        } else {
            if trunk.state == TrunkState::Connected {
                trunk.state = TrunkState::Connecting;
            }
            self.agenda.set(Due::TrunkLost(name.to_owned()), now + PATIENCE);
            self.look_for_servers(now, name);
        }
        self.live.trunk_changed(name);
    }

    /// Asks every server, until one of them answers.
    pub(super) fn look_for_servers(&mut self, now: Instant, name: &str) {
        for due in [Due::TrunkStart(name.to_owned()), Due::TrunkHealth(name.to_owned())] {
            self.agenda.cancel(&due);
        }
        self.renew_disguise(name);
        self.greet_way(name);
        let Some(trunk) = self.trunk_mut(name) else { return };
        trunk.searching = true;
        trunk.probes.clear();
        let targets: Vec<Target> = trunk.targets.iter().copied().take(MOST_SERVERS).collect();
        targets.into_iter().for_each(|target| self.probe_server(now, name, target));
        self.register_at_the_deaf(now, name);
    }

    /// Asks one server that is looked for.
    pub(crate) fn probe_server(&mut self, now: Instant, name: &str, target: Target) {
        let trunk = self.trunk(name);
        if !trunk.is_some_and(|trunk| trunk.searching && trunk.targets.contains(&target)) {
            return;
        }
        let client = self.ask(now, name, target);
        if let (Some(client), Some(trunk)) = (client, self.trunk_mut(name)) {
            trunk.probes.push(client);
        }
    }

    fn hear_probed_server(&mut self, now: Instant, name: &str, target: Target, reply: &Reply<'_>) {
        let busy = reply.response.status == Status::SERVICE_UNAVAILABLE;
        match reply.flow {
            Some(flow) if !busy => {
                // By a way that was left meanwhile nobody is found.
                let is_sought = |trunk: &&mut Trunk| trunk.searching && trunk.targets.contains(&target);
                let Some(trunk) = self.trunk_mut(name).filter(is_sought) else { return };
                trunk.note_connection(&flow);
                self.adopt_server(now, name, target);
            }
            // Nothing leaves the box, or it is refused: asked again in a moment.
            None if busy => self.agenda.set(Due::TrunkProbe(name.to_owned(), target), now + PAUSE),
            None => self.probe_server(now, name, target),
            Some(_) => self.agenda.set(Due::TrunkProbe(name.to_owned(), target), now + INTERVAL),
        }
    }

    /// A server answers: it is the one in use now.
    fn adopt_server(&mut self, now: Instant, name: &str, target: Target) {
        for due in [Due::TrunkLost(name.to_owned()), Due::TrunkFind(name.to_owned())] {
            self.agenda.cancel(&due);
        }
        let Some(trunk) = self.trunk_mut(name) else { return };
        trunk.found_again();
        trunk.current = trunk.targets.iter().position(|known| *known == target).unwrap_or(0);
        trunk.answers_questions = true;
        if trunk.settings.register {
            (trunk.state, trunk.adopted) = (TrunkState::Connecting, true);
            self.register_soon(now, name, now);
        } else {
            if trunk.is_there(now) {
                self.note_settled(name);
            }
            self.agenda.set(Due::TrunkHealth(name.to_owned()), now + INTERVAL);
        }
    }

    /// Registers at a time, or as soon after it as a provider that comes and goes may be asked.
    pub(super) fn register_soon(&mut self, now: Instant, name: &str, at: Instant) {
        let Some(trunk) = self.trunk_mut(name) else { return };
        let earliest = trunk.registration.asked.map_or(now, |asked| asked + BETWEEN_REGISTERS);
        self.agenda.set(Due::TrunkStart(name.to_owned()), at.max(earliest));
    }

    /// The office's router has a new address, or forgot us: what the provider knows of us leads nowhere any more, and nobody can
    /// call in. So the first REGISTER after a calm while keeps no distance to the one before it.
    fn register_moved(&mut self, now: Instant, name: &str) {
        let Some(trunk) = self.trunk_mut(name) else { return };
        let moved = trunk.registration.moved.replace(now);
        if moved.is_none_or(|moved| now >= moved + CALM) {
            self.agenda.set(Due::TrunkStart(name.to_owned()), now);
        } else {
            self.register_soon(now, name, now);
        }
    }

    /// None of the servers answered.
    pub(crate) fn lose_trunk(&mut self, now: Instant, name: &str) {
        let Some(trunk) = self.trunk_mut(name).filter(|trunk| trunk.searching) else { return };
        trunk.detail = super::NO_ANSWER.to_owned();
        trunk.verdict = None;
        self.wait_for_trunk(now, name, None);
    }
}
