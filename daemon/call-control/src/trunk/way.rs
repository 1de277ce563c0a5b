//! The way that a trunk's messages take: where its servers are met, from which port of ours, and in which disguise. `climb` says
//! which way that is. All of it happens at the exchange's outermost edge or before a message is written; what is between
//! knows a trunk, its servers and an address of ours.

use std::collections::BTreeSet;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::{Duration, Instant};

use bytes::Bytes;
use centrale_alg::ladder::Step;
use centrale_alg::when::Reason;
use centrale_config as config;
use centrale_guard::Servers;
use centrale_sip::endpoint::Transmit;
use centrale_sip::flow::{Flow, Path, Target, Transport};

use super::disguise::{Disguise, can_hide};
use super::{Trunk, transport_of};
use crate::call::{Call, Side};
use crate::exchange::{Due, Exchange};
use crate::io::{KeptServers, KeptWay, Output};
use crate::sent::Account;

/// Where providers have TLS (RFC 3261 19.1.2).
pub(super) const TLS_PORT: u16 = 5061;
/// UDP ports besides 5060 at which providers are met (reference, sections 3 and 10).
pub(super) const OTHER_PORTS: [u16; 3] = [5080, 5070, 38_388];

/// Between two ports that are left because the office has another address.
const BETWEEN_PORTS: Duration = Duration::from_secs(600);

/// How long a last word is said again when it is asked for again: Timer D (RFC 3261 17.1.1.2).
const SAID_AGAIN: Duration = Duration::from_secs(32);
/// Addresses from which a trunk's own port takes datagrams.
const MOST_HEARD: usize = 16;

/// Our own ports, and what is written in place of our address.
#[derive(Debug, Default)]
pub(super) struct Coat {
    /// Kept while it is not worn: answers to what left in it may be on their way.
    disguise: Option<Disguise>,
    /// The UDP port of the trunk alone, and the one before it, on which something may still come.
    ports: [Option<Flow>; 2],
    /// Whose datagrams are taken in there: who was found last first.
    servers: Vec<IpAddr>,
    /// A new one is to be opened before the provider is asked next.
    pub(super) wants_port: bool,
    /// It was asked for.
    waits: bool,
    /// When one was left because the office had another address on the internet.
    left: Option<Instant>,
    /// Where the provider sees us, when that was learned on another way or before a restart.
    pub(super) public: Option<SocketAddr>,
    /// The Contact of the last REGISTER leads elsewhere, and whether that was put right once.
    stale: bool,
    corrected: bool,
}

impl Coat {
    /// Whether a port is being opened: what is sent meanwhile leaves by the one before.
    pub(super) const fn waits(&self) -> bool {
        self.waits
    }

    fn port(&self) -> Option<u16> {
        self.ports[0].map(|flow| flow.local.port())
    }
}

/// Where a server is met by a step.
pub(super) fn by_step(step: Step, server: Target) -> Target {
    let at = |port| SocketAddr::new(server.remote.ip(), port);
    match step {
        Step::Plain | Step::HideAddresses | Step::HideWithPublicContact => server,
        Step::Tls => Target::new(Transport::Tls, at(TLS_PORT)),
        Step::OtherPort(port) => Target { remote: at(port), ..server },
        Step::SplitTcp => Target { transport: Transport::Tcp, split: true, ..server },
    }
}

/// Whether a step hides our address.
pub(super) const fn hides(step: Step) -> bool {
    matches!(step, Step::HideAddresses | Step::HideWithPublicContact)
}

/// A trunk's server, as the office wrote it down.
fn server_text(settings: &config::Trunk) -> String {
    let (server, transport) = (&settings.server, transport_of(settings));
    format!("{}:{}/{transport}", server.host, server.port.unwrap_or(transport.default_port()))
}

impl Trunk {
    /// Our address there, with the port that is this trunk's alone.
    pub(super) fn local(&self, local: SocketAddr, path: &Path) -> SocketAddr {
        let port = self.climb.coat.port().filter(|_| path.transport() == Transport::Udp);
        SocketAddr::new(local.ip(), port.unwrap_or(local.port()))
    }

    fn leads_to(&self, transport: Transport, remote: SocketAddr) -> bool {
        self.targets.iter().any(|target| target.transport == transport && target.remote == remote)
    }

    /// By which of its own ports a datagram leaves that names this one.
    fn port_of(&self, named: u16) -> Option<Flow> {
        self.climb.coat.ports.into_iter().flatten().find(|flow| flow.local.port() == named)
    }

    fn has_flow(&self, flow: &Flow) -> bool {
        self.climb.coat.ports.iter().flatten().any(|port| port.id == flow.id)
    }

    /// In what its messages leave by the step that is taken.
    pub(super) fn worn(&self) -> Option<&Disguise> {
        self.climb.coat.disguise.as_ref().filter(|_| hides(self.climb.step()))
    }

    /// Whether a message names our Contact there.
    fn is_named_in(&self, bytes: &[u8]) -> bool {
        std::str::from_utf8(bytes).is_ok_and(|text| text.contains(self.contact_user()))
    }

    /// Closes its ports.
    pub(super) fn close_ports(&self) -> impl Iterator<Item = Output> {
        self.climb.coat.ports.into_iter().flatten().map(|port| Output::ClosePort(port.id))
    }
}

impl Exchange {
    /// Lays the way by the step that is taken.
    pub(super) fn lay_way(&mut self, name: &str) {
        let Some(trunk) = self.trunk_mut(name) else { return };
        let step = trunk.climb.step();
        trunk.targets = trunk.found.iter().map(|server| by_step(step, *server)).collect();
    }

    /// Tells the edge under which name a certificate on this way is checked, before the first one is.
    pub(super) fn greet_way(&mut self, name: &str) {
        let Some(trunk) = self.trunk_mut(name).filter(|trunk| trunk.climb.has_moved()) else { return };
        trunk.climb.coat.stale = false;
        let host = trunk.door().host.clone();
        let streams = trunk.targets.iter().filter(|target| target.transport.is_reliable());
        let reach = streams.map(|target| Output::Reach { remote: target.remote, host: host.clone() });
        let reach: Vec<Output> = reach.collect();
        self.outputs.extend(reach);
    }

    /// Has its own ports take in what comes from the servers that were found now, and still from those of before: the resolver
    /// may name some of them each time, and a call goes on with the one that it began with.
    pub(super) fn hear_servers(&mut self, name: &str) {
        let Some(trunk) = self.trunk_mut(name) else { return };
        let found = trunk.found.iter().map(|server| server.remote.ip().to_canonical());
        let coat = &mut trunk.climb.coat;
        let mut servers: Vec<IpAddr> = found.chain(coat.servers.drain(..)).collect();
        let mut seen = BTreeSet::new();
        servers.retain(|server| seen.insert(*server));
        servers.truncate(MOST_HEARD);
        coat.servers.clone_from(&servers);
        let hears = |port: Flow| Output::PortHears { port: port.id, servers: servers.clone() };
        let hears: Vec<Output> = coat.ports.into_iter().flatten().map(hears).collect();
        self.outputs.extend(hears);
    }

    /// Whether the provider is not to be asked before a new port is there. It is asked for at once.
    pub(super) fn waits_for_port(&mut self, name: &str) -> bool {
        let Some(trunk) = self.trunk_mut(name) else { return false };
        let datagrams = trunk.target().is_some_and(|target| target.transport == Transport::Udp);
        let coat = &mut trunk.climb.coat;
        if coat.wants_port && datagrams && !coat.waits {
            (coat.wants_port, coat.waits) = (false, true);
            let servers = coat.servers.clone();
            self.outputs.push_back(Output::OpenPort { trunk: name.to_owned(), servers });
            return true;
        }
        coat.waits
    }

    /// A new port is there, or there is none and the one before serves.
    pub(crate) fn handle_port(&mut self, now: Instant, name: &str, flow: Option<Flow>) {
        let usual = self.settings.port(Transport::Udp);
        let Some(trunk) = self.trunks.iter_mut().find(|trunk| trunk.name() == name && trunk.climb.coat.waits) else {
            // Whoever wanted it is gone.
            return self.outputs.extend(flow.map(|flow| Output::ClosePort(flow.id)));
        };
        let coat = &mut trunk.climb.coat;
        (coat.waits, coat.corrected) = (false, false);
        if let Some(flow) = flow {
            let before = coat.port().unwrap_or(usual);
            let [last, left] = coat.ports;
            coat.ports = [Some(flow), last];
            self.outputs.extend(left.map(|port| Output::ClosePort(port.id)));
            // Most routers keep the port where they can; where not, the provider's first answer tells.
            for seen in [&mut trunk.seen_as, &mut coat.public].into_iter().flatten() {
                if seen.port() == before {
                    seen.set_port(flow.local.port());
                }
            }
            // It may have been opened for a trunk of this name that had other servers.
            self.hear_servers(name);
        }
        let Some(trunk) = self.trunk_mut(name) else { return };
        // Who is looked for is asked, and registered at when found; what is tried is tried with a REGISTER.
        if trunk.searching && !trunk.climb.tries() {
            self.look_for_servers(now, name);
        } else {
            self.start_trunk(now, name);
        }
    }

    /// The office has another address on the internet: a router that reads SIP may hold on to the one before for an hour, for
    /// whoever goes on from the same port. Not again at once: behind some routers each port has an address of its own there.
    pub(super) fn leave_port(&mut self, now: Instant, name: &str) {
        let is_free = self.calls_over(name) == 0;
        let Some(trunk) = self.trunk_mut(name) else { return };
        let settled = trunk.climb.coat.left.is_none_or(|left| now >= left + BETWEEN_PORTS);
        if is_free && settled && (trunk.is_proven() || trunk.climb.coat.port().is_some()) {
            (trunk.climb.coat.wants_port, trunk.climb.coat.left) = (true, Some(now));
            self.start_trunk(now, name);
        }
    }

    /// Our address as the servers of a trunk see it.
    pub(crate) fn local_over(&self, name: &str, path: &Path) -> Option<SocketAddr> {
        self.local_by(self.trunk(name), path)
    }

    /// The same for what was sent under an account.
    pub(crate) fn local_of_account(&self, account: Option<&Arc<Account>>, path: &Path) -> Option<SocketAddr> {
        let trunk = account.and_then(|account| self.all_trunks().find(|trunk| trunk.goes_under(account)));
        self.local_by(trunk, path)
    }

    fn local_by(&self, trunk: Option<&Trunk>, path: &Path) -> Option<SocketAddr> {
        let local = self.local_for(path)?;
        Some(trunk.map_or(local, |trunk| trunk.local(local, path)))
    }

    /// The port of our own from which a server is reached.
    pub(crate) fn port_towards(&self, target: &Target) -> Option<u16> {
        let leads = |trunk: &&Trunk| trunk.leads_to(target.transport, target.remote);
        let datagrams = target.transport == Transport::Udp;
        self.trunks.iter().filter(|_| datagrams).filter(leads).find_map(|trunk| trunk.climb.coat.port())
    }

    /// What is hidden, and behind what: our address by the way that is taken, and where the provider sees us.
    fn faces(&mut self, name: &str) -> Option<(SocketAddr, SocketAddr)> {
        let own = self.trunk_local(name)?;
        let trunk = self.trunk_mut(name)?;
        // What a provider says of our own Via may have been changed on the way; what it said of a foreign one was not.
        let live = trunk.examination.last.as_ref().and_then(|last| last.findings.live);
        let seen = [trunk.seen_as, trunk.climb.coat.public, live];
        let public = seen.into_iter().flatten().find(|public| can_hide(own, *public))?;
        trunk.climb.coat.public = Some(public);
        (trunk.target()?.transport == Transport::Udp).then_some((own, public))
    }

    /// Whether there is anything to hide on the way to that trunk, and it can be hidden.
    pub(super) fn can_hide_from(&mut self, name: &str) -> bool {
        self.faces(name).is_some()
    }

    /// We are elsewhere, or the provider sees us elsewhere, or nothing was hidden yet. The name stays: answers to it may be on
    /// their way.
    pub(super) fn renew_disguise(&mut self, name: &str) {
        if !self.trunk_mut(name).is_some_and(|trunk| hides(trunk.climb.step())) {
            return;
        }
        let (Some((own, public)), token) = (self.faces(name), self.token()) else { return };
        let Some(trunk) = self.trunk_mut(name) else { return };
        let coat = &mut trunk.climb.coat;
        match &mut coat.disguise {
            Some(disguise) if (disguise.own, disguise.public) == (own, public) => return,
            Some(disguise) => {
                coat.stale |= disguise.public != public;
                (disguise.own, disguise.public) = (own, public);
            }
            none => *none = Some(Disguise { name: format!("box-{token}.invalid"), own, public }),
        }
        if trunk.climb.standing() == trunk.climb.step() {
            self.keep_way(name);
        }
    }

    /// Whether the Contact that the provider just took leads elsewhere, as its own answer told. Once a port: some say
    /// something else each time.
    pub(super) fn corrects_contact(&mut self, name: &str) -> bool {
        let Some(trunk) = self.trunk_mut(name) else { return false };
        let coat = &mut trunk.climb.coat;
        let corrects = coat.stale && !coat.corrected;
        (coat.stale, coat.corrected) = (false, coat.corrected || corrects);
        corrects
    }

    /// Has it written down how the trunk goes, so that it goes so from its first message on after a restart.
    pub(super) fn keep_way(&mut self, name: &str) {
        let Some(trunk) = self.trunk(name) else { return };
        let step = trunk.climb.standing();
        let public = trunk.climb.coat.public.filter(|_| hides(step));
        let kept = KeptWay { trunk: name.to_owned(), server: server_text(&trunk.settings), step, public };
        self.outputs.push_back(Output::Way(kept));
    }

    /// How trunks went before a restart. One that has another server since then begins anew.
    pub(crate) fn restore_ways(&mut self, ways: Vec<KeptWay>) {
        for way in ways.into_iter().filter(|way| way.step != Step::Plain) {
            let Some(trunk) = self.trunk_mut(&way.trunk) else { continue };
            if server_text(&trunk.settings) == way.server {
                trunk.climb.stand_on(way.step);
                trunk.climb.coat.public = way.public;
                self.lay_way(&way.trunk);
            }
        }
    }

    /// Says where servers worked that did not there before.
    pub(crate) fn keep_servers(&mut self) {
        for trunk in &mut self.trunks {
            if let Some(networks) = trunk.servers.take_news() {
                let (trunk, server) = (trunk.name().to_owned(), server_text(&trunk.settings));
                self.outputs.push_back(Output::Servers(KeptServers { trunk, server, networks }));
            }
        }
    }

    /// Where servers worked before this start, of trunks that still have the same.
    pub(crate) fn restore_servers(&mut self, kept: Vec<KeptServers>) {
        for KeptServers { trunk, server, networks } in kept {
            if let Some(trunk) = self.trunk_mut(&trunk).filter(|trunk| server_text(&trunk.settings) == server) {
                trunk.servers = Servers::remembered(networks);
            }
        }
    }

    /// The plain way led to the provider when the one that was kept did not: it is the trunk's way again, and is examined.
    pub(super) fn comes_back(&mut self, now: Instant, name: &str) {
        if self.trunk_mut(name).is_some_and(|trunk| trunk.climb.is_back()) {
            self.keep_way(name);
            self.wish_examination(now, name, Reason::Symptom);
        }
    }

    /// Every trunk, and those that are gone and have not had their last word.
    pub(crate) fn all_trunks(&self) -> impl Iterator<Item = &Trunk> + Clone {
        self.trunks.iter().chain(&self.leaving)
    }

    /// Whether nothing waits for an answer under its account any more, and no call goes over it.
    fn had_its_last_word(&self, trunk: &Trunk) -> bool {
        let is_its = |account: &Option<Arc<Account>>| account.as_ref().is_some_and(|one| trunk.goes_under(one));
        let goes_over = |call: &Call| {
            let mut legs = [Side::Caller, Side::Callee].into_iter().filter_map(|side| call.leg(side));
            legs.any(|leg| is_its(&leg.account))
        };
        !self.sent.values().any(|sent| is_its(&sent.account)) && !self.calls.values().any(goes_over)
    }

    /// Trunks that had it are forgotten a little later: what was said may have to be said once more.
    pub(crate) fn see_trunks_off(&mut self, now: Instant) {
        if !self.agenda.has(&Due::TrunksGone) && self.leaving.iter().any(|trunk| self.had_its_last_word(trunk)) {
            self.agenda.set(Due::TrunksGone, now + SAID_AGAIN);
        }
    }

    /// Forgets them, and closes their ports.
    pub(crate) fn forget_leaving_trunks(&mut self) {
        let (gone, leaving) =
            std::mem::take(&mut self.leaving).into_iter().partition(|trunk| self.had_its_last_word(trunk));
        self.leaving = leaving;
        let gone: Vec<Trunk> = gone;
        self.outputs.extend(gone.iter().flat_map(Trunk::close_ports));
        let left = gone.iter().flat_map(|trunk| trunk.targets.iter().chain(&trunk.resting));
        self.forget(&left.map(|target| target.remote.ip()).collect::<Vec<_>>());
    }

    /// A message as it leaves: from the port that it names, and with nothing in it that is hidden on its way.
    pub(crate) fn dressed(&self, transmit: Transmit) -> Transmit {
        if transmit.path.transport() != Transport::Udp || self.all_trunks().all(|trunk| !trunk.climb.has_moved()) {
            return transmit;
        }
        let named = sent_by_port(&transmit.bytes);
        let (remote, usual) = (transmit.path.remote(), self.settings.port(Transport::Udp));
        let leaves = |trunk: &&Trunk| match &transmit.path {
            Path::Flow(flow) => trunk.has_flow(flow) || trunk.climb.coat.port().is_none(),
            // Two accounts at one server are told apart by our port.
            Path::Target(_) => match trunk.climb.coat.port() {
                Some(_) => named.is_some_and(|named| trunk.port_of(named).is_some()),
                None => named == Some(usual),
            },
        };
        let mut trunks = self.all_trunks().filter(|trunk| trunk.leads_to(Transport::Udp, remote)).filter(leaves);
        // Where they share one, by our Contact.
        let wearer = trunks.clone().find(|trunk| trunk.is_named_in(&transmit.bytes)).or_else(|| trunks.next());
        let Some(trunk) = wearer else { return transmit };
        let bytes = match trunk.worn() {
            Some(disguise) => disguise.dress(&transmit.bytes),
            None => transmit.bytes,
        };
        let port = named.and_then(|named| trunk.port_of(named));
        Transmit { path: by_port(transmit.path, port), bytes }
    }

    /// The path from the port that is a trunk's alone.
    pub(super) fn path_of(&self, name: &str, target: Target) -> Path {
        let trunk = self.trunk(name);
        let port = trunk.and_then(|trunk| trunk.climb.coat.ports[0]).filter(|_| target.transport == Transport::Udp);
        by_port(Path::Target(target), port)
    }

    /// A message as it would have come if nothing were hidden. Whose answer it is, the name in its Via says; else the port, or
    /// that there is none.
    pub(crate) fn undressed(&self, flow: &Flow, bytes: Bytes) -> Bytes {
        let mut there = self.all_trunks().filter(|trunk| trunk.leads_to(flow.transport, flow.remote));
        let mut answered = self.all_trunks().filter_map(|trunk| trunk.climb.coat.disguise.as_ref());
        let wears = |trunk: &&Trunk| trunk.has_flow(flow) || trunk.climb.coat.port().is_none();
        let answered = answered.find(|disguise| disguise.is_named_in(&bytes));
        match answered.or_else(|| there.find(wears).and_then(Trunk::worn)) {
            Some(disguise) => disguise.undress(&bytes),
            None => bytes,
        }
    }
}

fn by_port(path: Path, port: Option<Flow>) -> Path {
    match (path, port) {
        (Path::Target(target), Some(flow)) => Path::Flow(Flow { remote: target.remote, ..flow }),
        (path, _) => path,
    }
}

/// The port in the first Via of a request of ours, as we write it.
fn sent_by_port(bytes: &[u8]) -> Option<u16> {
    let via = bytes.split(|byte| *byte == b'\n').find_map(|line| line.strip_prefix(b"Via: SIP/2.0/UDP "))?;
    let sent_by = std::str::from_utf8(via.split(|byte| *byte == b';').next()?).ok()?;
    sent_by.rsplit(':').next()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_step_meets_the_same_machine_in_its_own_way() {
        let server = Target::new(Transport::Udp, "203.0.113.5:5060".parse().unwrap());
        let met = |step| {
            let Target { transport, remote, split } = by_step(step, server);
            format!("{transport} {remote}{}", if split { " in two segments" } else { "" })
        };
        assert_eq!(met(Step::Plain), "udp 203.0.113.5:5060");
        assert_eq!(met(Step::HideWithPublicContact), "udp 203.0.113.5:5060");
        assert_eq!(met(Step::OtherPort(5080)), "udp 203.0.113.5:5080");
        assert_eq!(met(Step::SplitTcp), "tcp 203.0.113.5:5060 in two segments");
        assert_eq!(met(Step::Tls), "tls 203.0.113.5:5061");
    }

    #[test]
    fn the_port_that_a_request_names_is_read_from_its_first_via() {
        let request = |via: &str| format!("OPTIONS sip:a SIP/2.0\r\nVia: SIP/2.0/UDP {via}\r\n\r\n");
        assert_eq!(sent_by_port(request("192.0.2.1:40123;branch=z9hG4bK1;rport").as_bytes()), Some(40_123));
        assert_eq!(sent_by_port(request("[2001:db8::1]:5060;branch=z9hG4bK1").as_bytes()), Some(5060));
        assert_eq!(sent_by_port(b"\r\n\r\n"), None);
    }
}
