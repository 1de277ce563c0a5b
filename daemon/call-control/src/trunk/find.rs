//! Which trunks there are, and where their servers are.

use std::net::{IpAddr, SocketAddr};
use std::time::Instant;

use centrale_sip::flow::Target;

use super::{Trunk, registration::Registration};
use crate::exchange::{Due, Exchange};
use crate::io::{Output, Resolve};
use crate::view::TrunkState;

impl Exchange {
    /// Brings the trunks in line with the office: unchanged ones go on, changed and new ones start, removed ones sign off.
    pub(crate) fn settle_trunks(&mut self, now: Instant) {
        let wanted = self.directory.office().trunks.clone();
        let before = std::mem::take(&mut self.trunks);
        let (kept, gone): (Vec<_>, Vec<_>) = before.into_iter().partition(|trunk| wanted.contains(&trunk.settings));
        for trunk in gone {
            self.sign_off(now, trunk);
        }
        let mut kept = kept;
        let mut started = Vec::new();
        for settings in wanted {
            match kept.iter().position(|trunk| trunk.settings == settings) {
                Some(at) => self.trunks.push(kept.swap_remove(at)),
                None => {
                    let registration = Registration::new(self.token(), self.token(), self.token());
                    started.push(settings.name.clone());
                    self.trunks.push(Trunk::new(settings, registration));
                }
            }
        }
        for name in started {
            self.live.trunk_changed(&name);
            self.resolve_trunk(now, &name);
        }
    }

    /// The box's addresses changed: every registration names an address that may be gone, so each is made anew.
    pub(crate) fn restart_trunks(&mut self, now: Instant) {
        let names: Vec<String> = self.trunks.iter().map(|trunk| trunk.name().to_owned()).collect();
        names.iter().for_each(|name| self.resolve_trunk(now, name));
    }

    pub(crate) fn resolve_trunk(&mut self, now: Instant, name: &str) {
        let Some(trunk) = self.trunk_mut(name) else { return };
        if trunk.state == TrunkState::Refused {
            return;
        }
        let (server, transport) = (&trunk.settings.server, trunk.transport());
        if let Ok(ip) = server.host.parse::<IpAddr>() {
            let port = server.port.unwrap_or(transport.default_port());
            let target = Target { transport, remote: SocketAddr::new(ip, port) };
            return self.handle_resolved(now, name, vec![target]);
        }
        let question = Resolve { trunk: name.to_owned(), host: server.host.clone(), port: server.port, transport };
        self.outputs.push_back(Output::Resolve(question));
    }

    pub(crate) fn handle_resolved(&mut self, now: Instant, name: &str, targets: Vec<Target>) {
        let Some(trunk) = self.trunk_mut(name) else { return };
        if targets.is_empty() {
            return self.trunk_failed(now, name, "the provider's name cannot be found", None);
        }
        if trunk.targets != targets {
            (trunk.targets, trunk.current) = (targets, 0);
        }
        let register = trunk.settings.register;
        // Before the box knows its own addresses there is no Contact to give; the start comes with them.
        if self.trunk_local(name).is_none() {
            return;
        }
        if register {
            self.register_at_trunk(now, name);
        }
        self.agenda.set(Due::TrunkHealth(name.to_owned()), if register { now + super::health::INTERVAL } else { now });
    }

    /// The server in use cannot be reached or does not work: the next one, and when all were tried, later.
    pub(crate) fn trunk_failed(&mut self, now: Instant, name: &str, detail: &str, retry_after: Option<u32>) {
        let jitter = rand::RngExt::random_range(&mut self.rng, 50..=100u32);
        let Some(trunk) = self.trunk_mut(name) else { return };
        trunk.detail = detail.to_owned();
        trunk.current += 1;
        if trunk.current < trunk.targets.len() {
            self.agenda.set(Due::TrunkRegister(name.to_owned()), now);
        } else {
            trunk.current = 0;
            trunk.failures += 1;
            trunk.state = TrunkState::Unreachable;
            // Between half and the whole of the wait, so that offices behind one fault do not all come back at once.
            let wait = trunk.waits() * jitter / 100;
            let wait = retry_after.map_or(wait, |seconds| wait.max(std::time::Duration::from_secs(seconds.into())));
            self.agenda.cancel(&Due::TrunkRegister(name.to_owned()));
            self.agenda.cancel(&Due::TrunkHealth(name.to_owned()));
            self.agenda.set(Due::TrunkResolve(name.to_owned()), now + wait);
        }
        self.live.trunk_changed(name);
    }

    pub(super) fn trunk_local(&self, name: &str) -> Option<SocketAddr> {
        let target = self.trunks.iter().find(|trunk| trunk.name() == name)?.target()?;
        self.local_for(&centrale_sip::flow::Path::Target(target))
    }

    fn sign_off(&mut self, now: Instant, trunk: Trunk) {
        let name = trunk.name().to_owned();
        for due in [Due::TrunkRegister(name.clone()), Due::TrunkHealth(name.clone()), Due::TrunkResolve(name.clone())] {
            self.agenda.cancel(&due);
        }
        self.live.trunk_changed(&name);
        self.live.solve(crate::problem::TRUNK_REFUSED, &name);
        self.live.solve(crate::problem::TRUNK_UNREACHABLE, &name);
        if trunk.settings.register && trunk.state == TrunkState::Connected {
            self.unregister(now, trunk);
        }
    }
}
