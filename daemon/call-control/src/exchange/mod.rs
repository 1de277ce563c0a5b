//! The one owner of all telephony. [`Exchange::handle_input`] is the way of every packet through the house.
//!
//! In: one [`Input`] at a time. Out: [`Output`]s, drained after each. The sub-rooms say who gets a request ([`requests`]), an
//! answer ([`responses`]), a timer ([`due`]), a wish ([`command`]) or a revision ([`settle`]).

mod command;
mod due;
mod requests;
mod responses;
mod settle;

use std::collections::{BTreeSet, VecDeque};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::sync::Arc;
use std::time::{Duration, Instant};

use centrale_config::{Credential, Settled};
use centrale_guard::incident::Book;
use centrale_guard::{AlarmTests, Bonds, Homes, LanWatch, LineLosses, Outreach, Pins, Presence, Stays, Stops};
use centrale_rtp::ports::PortAllocator;
use centrale_rtp::relay::RelayId;
use centrale_sip::auth::Authenticator;
use centrale_sip::dialog::DialogId;
use centrale_sip::endpoint::{Endpoint, EndpointSettings, ServerKey};
use centrale_sip::flow::{Path, Transport};
use centrale_sip::registrar::{Bounds, Registrar};
use hashbrown::HashMap;
use rand::rngs::StdRng;
use rand::{RngExt as _, SeedableRng as _};

use crate::agenda::Agenda;
use crate::bond::{Doubts, Newcomers};
use crate::call::{Burial, Call, CallKey, LastCalls, Route, Side};
use crate::cost::Costs;
use crate::counters::Counters;
use crate::directory::Directory;
use crate::door::Door;
use crate::interfaces::Interfaces;
use crate::io::{ExchangeSettings, Input, Output, WayOut};
use crate::live::Live;
use crate::mailbox::Mailboxes;
use crate::once::Once;
use crate::phone_path::PhonePaths;
use crate::problem::LanTold;
use crate::resync::Resyncs;
use crate::sent::Outstanding;
use crate::subscription::Subscriptions;
use crate::trunk::Trunk;

pub(crate) use due::Due;
pub(crate) use responses::Reply;

/// A media port is not used again for this long: late packets of the old call must not reach the new one.
const PORT_COOL_DOWN: Duration = Duration::from_secs(60);

/// The exchange. See the crate's opening for what it is and what it may not do.
#[derive(Debug)]
pub struct Exchange {
    pub(crate) settings: ExchangeSettings,
    pub(crate) endpoint: Endpoint,
    pub(crate) authenticator: Authenticator,
    pub(crate) door: Door,
    pub(crate) registrar: Registrar,
    pub(crate) directory: Directory,
    pub(crate) interfaces: Interfaces,
    pub(crate) ports: PortAllocator,
    pub(crate) calls: HashMap<CallKey, Call>,
    pub(crate) next_call: u64,
    pub(crate) dialogs: HashMap<DialogId, (CallKey, Side)>,
    pub(crate) servers: HashMap<ServerKey, (CallKey, Side)>,
    pub(crate) sent: Outstanding,
    pub(crate) trunks: Vec<Trunk>,
    /// Trunks that were removed or changed, until their last word is said.
    pub(crate) leaving: Vec<Trunk>,
    pub(crate) burials: HashMap<RelayId, Burial>,
    /// Which call came to each person last.
    pub(crate) last_calls: LastCalls,
    /// Who is elsewhere, since when.
    pub(crate) stays: Stays,
    pub(crate) homes: Homes,
    pub(crate) outreach: Outreach,
    /// Alarm lines that had no phone when it was looked last.
    pub(crate) lost_alarm_lines: Vec<String>,
    /// When each of them called last.
    pub(crate) alarm_tests: AlarmTests,
    /// What of the sound from providers got lost.
    pub(crate) line_losses: LineLosses,
    /// The calls that are kept while they last.
    pub(crate) journal: BTreeSet<CallKey>,
    pub(crate) agenda: Agenda<Due>,
    pub(crate) live: Live,
    pub(crate) phone_paths: PhonePaths,
    pub(crate) resyncs: Resyncs,
    pub(crate) subscriptions: Subscriptions,
    pub(crate) mailboxes: Mailboxes,
    pub(crate) costs: Costs,
    pub(crate) stops: Stops,
    /// Calls that somebody allowed once.
    pub(crate) once: Once,
    pub(crate) pins: Pins,
    pub(crate) bonds: Bonds,
    pub(crate) doubts: Doubts,
    pub(crate) newcomers: Newcomers,
    pub(crate) presence: Presence,
    pub(crate) incidents: Book,
    pub(crate) counters: Counters,
    /// When help was called last.
    pub(crate) last_help: Option<Instant>,
    /// When something at a provider last ended for help.
    pub(crate) last_yielded: Option<Instant>,
    pub(crate) way_out: Option<WayOut>,
    pub(crate) lan: LanWatch,
    pub(crate) lan_told: LanTold,
    /// Rounds of the doctor's questions so far.
    pub(crate) rounds: u64,
    pub(crate) outputs: VecDeque<Output>,
    pub(crate) rng: StdRng,
}

impl Exchange {
    /// An exchange for an office. Everything random in it comes from the seed.
    pub fn new(now: Instant, settings: ExchangeSettings, settled: Arc<Settled>, seed: [u8; 32]) -> Self {
        Self::with_endpoint(now, settings, EndpointSettings::default(), settled, seed)
    }

    /// As [`Exchange::new`], with other limits or timers of SIP than the standard ones.
    pub fn with_endpoint(
        now: Instant,
        settings: ExchangeSettings,
        endpoint: EndpointSettings,
        settled: Arc<Settled>,
        seed: [u8; 32],
    ) -> Self {
        let mut rng = StdRng::from_seed(seed);
        let (first, last) = settings.rtp_ports;
        let ports = PortAllocator::new(first..=last, PORT_COOL_DOWN, rng.random());
        let mut exchange = Self {
            endpoint: Endpoint::new(endpoint, rng.random()),
            authenticator: Authenticator::new(&settings.realm, &rng.random()),
            door: Door::new(rng.random()),
            registrar: Registrar::new(Bounds::default()),
            directory: Directory::new(Arc::clone(&settled), &settings.realm),
            interfaces: Interfaces::default(),
            ports,
            calls: HashMap::new(),
            next_call: 0,
            dialogs: HashMap::new(),
            servers: HashMap::new(),
            sent: Outstanding::new(),
            trunks: Vec::new(),
            leaving: Vec::new(),
            burials: HashMap::new(),
            last_calls: LastCalls::default(),
            stays: Stays::default(),
            homes: Homes::default(),
            outreach: Outreach::default(),
            lost_alarm_lines: Vec::new(),
            alarm_tests: AlarmTests::default(),
            line_losses: LineLosses::default(),
            journal: BTreeSet::new(),
            agenda: Agenda::new(),
            live: Live::default(),
            phone_paths: PhonePaths::default(),
            resyncs: Resyncs::default(),
            subscriptions: Subscriptions::default(),
            mailboxes: Mailboxes::default(),
            costs: Costs::new(now),
            stops: Stops::default(),
            once: Once::default(),
            pins: Pins::new(rng.random()),
            bonds: Bonds::default(),
            doubts: Doubts::default(),
            newcomers: Newcomers::default(),
            presence: Presence::default(),
            incidents: Book::default(),
            counters: Counters::default(),
            last_help: None,
            last_yielded: None,
            way_out: None,
            lan: LanWatch::default(),
            lan_told: LanTold::default(),
            rounds: 0,
            outputs: VecDeque::new(),
            settings,
            rng,
        };
        exchange.handle_settled(now, settled);
        exchange
    }

    /// Takes one input. Drain [`Exchange::poll_output`] before the next.
    pub fn handle_input(&mut self, now: Instant, input: Input) {
        match input {
            Input::Packet { flow, bytes } => self.handle_packet(now, flow, bytes),
            Input::FlowClosed(flow) => {
                self.endpoint.handle_flow_closed(now, flow);
                let changed = self.registrar.handle_flow_closed(flow);
                changed.iter().for_each(|aor| self.live.person_changed(aor.as_str()));
                self.note_lost_legs(flow);
                self.lose_subscriptions_over(now, flow);
                self.note_lost_trunk(now, flow);
            }
            Input::TargetFailed(target) => self.endpoint.handle_target_failed(now, target),
            Input::Interfaces(interfaces) => self.handle_interfaces(now, interfaces),
            Input::Settled(settled) => self.handle_settled(now, settled),
            Input::Clock(civil) => self.handle_clock(now, civil),
            Input::Decks(decks) => self.handle_decks(decks),
            Input::Kept(kept) => self.handle_kept(now, &kept),
            Input::Blocked(blocks) => self.restore_blocks(now, &blocks),
            Input::Written(can) => self.handle_written(can),
            Input::Stopping => {
                self.end_every_call(now);
                self.close_incidents(now);
            }
            Input::Bonds(bonds) => self.restore_bonds(bonds),
            Input::Ways(ways) => self.restore_ways(ways),
            Input::Servers(servers) => self.restore_servers(servers),
            Input::PortOpened { trunk, flow } => self.handle_port(now, &trunk, flow),
            Input::Media(event) => self.handle_media(now, event),
            Input::Resolved { trunk, targets } => self.handle_resolved(now, &trunk, targets),
            Input::WayOut(way_out) => self.handle_way_out(now, way_out),
            Input::Lan(table) => self.handle_lan(now, &table),
            Input::Probed { round, news } => self.handle_probed(now, round, news),
            Input::Mailbox(news) => self.handle_mailbox(now, news),
            Input::Tried(tried) => self.handle_tried(now, &tried),
            Input::Command(command) => self.handle_command(now, command),
            Input::Timeout => self.handle_timeout(now),
        }
        while let Some(event) = self.endpoint.poll_event() {
            self.handle_event(now, event);
        }
        self.give_way_to_calls(now);
        self.see_trunks_off(now);
        self.forget_who_left();
        self.keep_servers();
        self.resync_who_waited(now);
        self.tell(now);
        self.tell_costs(now);
    }

    /// The next thing to do.
    pub fn poll_output(&mut self) -> Option<Output> {
        // Media first: a port is bound before the description that names it leaves.
        let output = self.outputs.pop_front();
        output.or_else(|| Some(Output::Transmit(self.endpoint.poll_transmit().map(|it| self.dressed(it))?)))
    }

    /// When [`Input::Timeout`] is wanted next.
    pub fn poll_timeout(&self) -> Option<Instant> {
        [self.endpoint.poll_timeout(), self.registrar.poll_timeout(), self.agenda.next()].into_iter().flatten().min()
    }

    /// Passwords that users had before those in force, the last one first. Before the first packet: phones that were off since one
    /// was changed do not guess.
    pub fn remember_earlier(&mut self, earlier: &[Credential]) {
        self.directory.remember(earlier, &self.settings.realm);
    }

    /// What was refused and done so far.
    pub const fn counters(&self) -> &Counters {
        &self.counters
    }

    /// The same, and what the protocol below refused and absorbed: each with its name and a sentence.
    pub fn counted(&self) -> impl Iterator<Item = (&'static str, u64, &'static str)> {
        self.counters.list().chain(self.door.counted()).chain(self.endpoint.counters().list())
    }

    /// Live calls, and calls that ended and wait for the totals of their media or for a provider's last word: nothing else
    /// holds a port.
    pub fn calls_in_hand(&self) -> usize {
        self.calls.len() + self.unwritten()
    }

    /// Transactions that are remembered: of requests of ours, and of peers.
    pub fn transactions(&self) -> (usize, usize) {
        self.endpoint.transactions()
    }

    /// Requests of ours that are remembered: unanswered, or accepted a moment ago.
    pub fn requests_in_hand(&self) -> usize {
        self.sent.len()
    }

    /// Acts on a call, lets its ends hear what that comes to, and clears it away when it is over.
    pub(crate) fn with_call(&mut self, now: Instant, key: CallKey, act: impl FnOnce(&mut Self, &mut Call)) {
        let Some(mut call) = self.calls.remove(&key) else { return };
        let before: Vec<String> = call.providers().map(str::to_owned).collect();
        act(self, &mut call);
        self.settle_sounds(&mut call);
        self.settle_keys(&mut call);
        self.settle_meeting(&mut call);
        self.settle_silence(&mut call);
        self.live.call_changed(key);
        for trunk in before.iter().map(String::as_str).chain(call.providers()) {
            self.live.trunk_changed(trunk);
        }
        match call.ending {
            Some(ending) => {
                let help = call.emergency.then(|| call.caller.dialog.path.remote().ip());
                self.bury(now, call, ending);
                self.forget(help.as_slice());
            }
            None => {
                self.calls.insert(key, call);
            }
        }
    }

    /// A random name that nobody guesses: 64 bits in hexadecimal.
    pub(crate) fn token(&mut self) -> String {
        let number = self.rng.random::<u64>();
        let digit = |at: u32| b"0123456789abcdef"[(number >> (4 * at) & 15) as usize];
        (0..16).rev().map(|at| char::from(digit(at))).collect()
    }

    /// A random name for a session description. Below 2^62: some phones read it as a signed number.
    pub(crate) fn session_id(&mut self) -> u64 {
        self.rng.random::<u64>() >> 2
    }

    /// Our address as a peer on that path sees it.
    pub(crate) fn local_for(&self, path: &Path) -> Option<SocketAddr> {
        let ip = match path {
            Path::Flow(flow) if !flow.local.ip().is_unspecified() => flow.local.ip().to_canonical(),
            Path::Flow(_) | Path::Target(_) => self.interfaces.source_for(path.remote().ip())?,
        };
        let port = match path {
            Path::Flow(flow) if flow.transport == Transport::Udp => flow.local.port(),
            Path::Target(target) => self.port_towards(target).unwrap_or(self.settings.port(target.transport)),
            Path::Flow(flow) => self.settings.port(flow.transport),
        };
        Some(SocketAddr::new(ip, port))
    }

    /// Where the called side's port is bound: on the address all routes share, else on every address.
    pub(crate) fn bind_address<'a>(&self, routes: impl Iterator<Item = &'a Route>) -> IpAddr {
        let locals = routes.filter_map(|route| self.local_for(&route.path()));
        let mut addresses: Vec<IpAddr> = locals.map(|local| local.ip()).collect();
        addresses.sort();
        addresses.dedup();
        match addresses[..] {
            [only] => only,
            _ if addresses.iter().all(IpAddr::is_ipv4) => Ipv4Addr::UNSPECIFIED.into(),
            _ => Ipv6Addr::UNSPECIFIED.into(),
        }
    }
}

/// The Allow header: what is answered with more than a refusal.
pub(crate) const fn allow() -> &'static str {
    "INVITE, ACK, CANCEL, BYE, OPTIONS, UPDATE, INFO, SUBSCRIBE, REFER"
}
