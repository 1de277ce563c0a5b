//! What the page asks, and what the media threads tell.

use std::time::Instant;

use centrale_config::Mac;
use centrale_rtp::relay;
use centrale_sip::flow::Path;
use centrale_sip::message::{HeaderName, Method, NameAddr, Request, SipUri};
use centrale_sip::registrar::Binding;

use super::Exchange;
use crate::call::CallKey;
use crate::io::Command;
use crate::record::Outcome;
use crate::sent::Purpose;

impl Exchange {
    pub(super) fn handle_command(&mut self, now: Instant, command: Command) {
        match command {
            Command::HangUp { call } => {
                let Some(key) = self.calls.values().find(|one| one.id == call).map(|one| one.key) else { return };
                self.with_call(now, key, |exchange, call| {
                    let answered = call.answered.is_some();
                    let outcome = if answered { Outcome::Answered } else { Outcome::Abandoned };
                    exchange.end(now, call, None, outcome, if answered { 0 } else { 480 });
                });
            }
            Command::Resync { device } => self.resync(now, device),
        }
    }

    pub(super) fn handle_media(&mut self, now: Instant, event: &relay::Event) {
        match *event {
            relay::Event::Closed { relay, caller, callee } => self.write_record(now, relay, Some((caller, callee))),
            relay::Event::PortRefused { relay, side, port } => {
                self.ports.refused(port, now);
                self.note_refused_port(port);
                self.with_call(now, CallKey(relay.0), |exchange, call| {
                    exchange.replace_port(now, call, side, port);
                });
            }
            relay::Event::Quality { .. } | relay::Event::Silent { .. } => {}
        }
    }

    /// Tells a device, inside its registration, to fetch its settings again without a reboot (`check-sync`, as every desk
    /// phone understands it).
    fn resync(&mut self, now: Instant, device: Mac) {
        let is_its = |binding: &&Binding| {
            self.directory.login(&binding.username).is_some_and(|login| login.device() == Some(device))
        };
        let bindings: Vec<Binding> =
            self.registrar.iter().flat_map(|(_, bindings)| bindings).filter(is_its).cloned().collect();
        for binding in bindings {
            let path = Path::Flow(binding.flow);
            let Some(local) = self.local_for(&path) else { continue };
            let from = NameAddr::new(SipUri::new(Some("centrale"), local.ip().into(), None)).tagged(&self.token());
            let to = NameAddr::new(binding.contact.clone());
            let mut notify = Request::new(Method::NOTIFY, binding.contact);
            notify.headers.push(HeaderName::From, from.to_string());
            notify.headers.push(HeaderName::To, to.to_string());
            notify.headers.push(HeaderName::CallId, self.token());
            notify.headers.push(HeaderName::CSeq, "1 NOTIFY");
            notify.headers.push(HeaderName::Event, "check-sync;reboot=false");
            notify.headers.push(HeaderName::SubscriptionState, "terminated");
            self.send(now, notify, path, local, Purpose::Resync, None);
        }
    }
}
