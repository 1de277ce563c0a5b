//! An office network on a virtual clock: the real [`Enrolment`] and the real [`Exchange`] on one side, desk phones on the
//! other, and between them UDP, HTTP and TLS as far as they matter to either.
//!
//! In: phones, an administrator's clicks, time. Out: what the phones show, what the page shows, what was counted. Time passes
//! only in [`Lan::run_for`] and [`Lan::run_until`].

mod people;
mod the_box;

use std::collections::BTreeMap;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::time::{Duration, Instant};

use bytes::Bytes;
use centrale_call_control::view::Snapshot;
use centrale_call_control::{
    Command, Exchange, ExchangeSettings, Input, Interfaces, LocalAddress, ResyncOutcome, Told,
};
use centrale_config::{Handset, Mac, Office, Phone, PhoneUsers, Settled};
use centrale_provisioning::enrolment::{
    self, ClientCertificate, DeviceView, Distrust, Effect, HttpRequest, Issuer, Neighbour, Resynced, Scheme,
};
use centrale_provisioning::pnp::{Datagram, Notifier, Subscribe};
use centrale_provisioning::{Enrolment, Logo, Moment};
use centrale_sip::flow::{Flow, Path, Transport};
use rand::rngs::StdRng;
use rand::{RngExt as _, SeedableRng as _};

use self::the_box::{addresses, ca_pem, catalogue};
use super::store::base64_of_pem;
use super::{DeskPhone, Display, Fetched, Get, Output, OwnCertificate, Shown, TlsClient, TlsFault, TlsVersion};
use crate::agent::{self, Agent, Character};
use crate::media::Relays;
use crate::messages::Messages;
use crate::network::{Arrival, BOX, DATAGRAMS, Host, Link, Network, Node};

/// The box's address.
pub const BOX_ADDRESS: Ipv4Addr = Ipv4Addr::new(192, 168, 1, 2);
const BOX_SIP: SocketAddr = SocketAddr::new(IpAddr::V4(BOX_ADDRESS), 5060);
/// What time it is when the network is switched on, in unix seconds: 2026-03-01.
const UNIX_START: u64 = 1_772_323_200;
/// A packet's way, and an HTTP exchange's, without the work.
const WAY: Duration = Duration::from_millis(1);
/// The provider of an office that has one: its trunk's server.
pub const PROVIDER: SocketAddr = SocketAddr::new(IpAddr::V4(Ipv4Addr::new(203, 0, 113, 5)), 5060);
const PROVIDER_NODE: Node = Node(1_000_000);
/// Lines a phone can have.
const MAX_LINES: usize = 16;
const RTP_PORTS: (u16, u16) = (10_000, 13_999);

/// One phone on the network.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place(pub usize);

/// The box's TLS as phones meet it.
#[derive(Debug, Clone)]
pub struct BoxTls {
    /// From when its certificate is valid, unix seconds.
    pub not_before: u64,
    /// Names in its certificate besides its address.
    pub names: Vec<String>,
    /// Whether somebody else answers in its place, under a certificate of another authority.
    pub usurped: bool,
}

/// Answers in place of the box, where a test wants to: `None` lets the box answer.
pub type Meddler = Box<dyn FnMut(&Get) -> Option<Fetched>>;
/// Makes something else of the box's answer on its way.
pub type Mangler = Box<dyn FnMut(&Get, Fetched) -> Fetched>;

#[derive(Debug)]
enum Happening {
    Pnp { from: SocketAddr, bytes: Bytes },
    Asked { place: Place, get: Get },
    Fetched { place: Place, fetched: Fetched },
    Time { place: Place },
    ToPhone { to: SocketAddr, bytes: Bytes },
    Answered { bytes: Bytes },
}

/// The network and everybody on it.
pub struct Lan {
    start: Instant,
    now: Instant,
    /// The real enrolment.
    pub enrolment: Enrolment,
    notifier: Notifier,
    /// The real exchange.
    pub exchange: Exchange,
    network: Network,
    relays: Relays,
    messages: Messages,
    phones: Vec<DeskPhone>,
    /// When each phone wants to be woken: asking them all for every packet would take longer than all else.
    wakes: Vec<Option<Instant>>,
    provider: Option<Agent>,
    /// The office as last committed.
    pub office: Office,
    revision: u64,
    happenings: BTreeMap<(Instant, u64), Happening>,
    serial: u64,
    rng: StdRng,
    /// What the enrolment asked of the house since the start.
    pub effects: Vec<Effect>,
    /// The files each phone got, in order: name and body.
    pub served: BTreeMap<Place, Vec<(String, Bytes)>>,
    /// What each phone asked for, in order.
    pub asked: Vec<(Place, Get)>,
    /// What the neighbour table says that is not so.
    pub neighbours: BTreeMap<IpAddr, Neighbour>,
    /// The box's TLS.
    pub tls: BoxTls,
    /// Software for phones in the box's folder, by name.
    pub software: BTreeMap<String, Bytes>,
    /// Whether time servers can be reached.
    pub internet: bool,
    /// The box's work for one TLS handshake and for one file; it does one thing at a time.
    pub work: (Duration, Duration),
    busy_until: Instant,
    /// Whether the box was given the authorities of the phones' makers.
    pub maker_known: bool,
    meddler: Option<Meddler>,
    mangler: Option<Mangler>,
}

impl Lan {
    /// A network with a box and this office, and no phones.
    pub fn new(start: Instant, office: Office, seed: u64) -> Self {
        let mut rng = StdRng::seed_from_u64(seed);
        let enrolment = Enrolment::new(catalogue(), addresses(), Arc::new(office.clone()));
        let settled = Settled::new(1, Arc::new(office.clone()), Vec::new());
        let exchange = exchange(start, settled, rng.random());
        let mut network = Network::new(StdRng::from_seed(rng.random()));
        let provider = office.trunks.first().map(|trunk| {
            network.add(PROVIDER_NODE, host(PROVIDER, BOX_SIP));
            let place = agent::Place { inside: PROVIDER, box_seen: BOX_SIP };
            Agent::new(
                start,
                provider(&trunk.username, trunk.password.reveal()),
                place,
                StdRng::from_seed(rng.random()),
            )
        });
        Self {
            start,
            now: start,
            enrolment,
            notifier: Notifier::default(),
            exchange,
            network,
            relays: Relays::new(RTP_PORTS.0..=RTP_PORTS.1),
            messages: Messages::default(),
            phones: Vec::new(),
            wakes: Vec::new(),
            provider,
            office,
            revision: 1,
            happenings: BTreeMap::new(),
            serial: 0,
            rng,
            effects: Vec::new(),
            served: BTreeMap::new(),
            asked: Vec::new(),
            neighbours: BTreeMap::new(),
            tls: BoxTls { not_before: 0, names: Vec::new(), usurped: false },
            software: BTreeMap::new(),
            internet: true,
            work: (Duration::ZERO, Duration::ZERO),
            busy_until: start,
            maker_known: false,
            meddler: None,
            mangler: None,
        }
    }

    /// Puts a phone on a desk, without power.
    pub fn place(&mut self, phone: DeskPhone) -> Place {
        self.phones.push(phone);
        self.wakes.push(None);
        Place(self.phones.len() - 1)
    }

    /// The phone at a place.
    pub fn phone(&mut self, place: Place) -> &mut DeskPhone {
        // Whatever is done to it may have to happen at once.
        self.wakes[place.0] = Some(self.now);
        &mut self.phones[place.0]
    }

    /// Gives it power: it begins after `takes`.
    pub fn power_on(&mut self, place: Place, takes: Duration) {
        self.unplug(place);
        let now = self.now;
        self.phones[place.0].power_on(now, takes);
        self.wakes[place.0] = self.phones[place.0].poll_timeout();
    }

    /// Pulls the plug.
    pub fn unplug(&mut self, place: Place) {
        self.phones[place.0].power_off();
        self.wakes[place.0] = None;
        let now = self.now;
        for line in 0..MAX_LINES {
            self.network.break_connections(now, node(place, line), false);
        }
        let its = |happening: &Happening| {
            matches!(happening, Happening::Asked { place: of, .. } | Happening::Fetched { place: of, .. }
                | Happening::Time { place: of } if *of == place)
        };
        self.happenings.retain(|_, happening| !its(happening));
    }

    /// Lets somebody else answer HTTP requests, where he wants to.
    pub fn meddle(&mut self, meddler: impl FnMut(&Get) -> Option<Fetched> + 'static) {
        self.meddler = Some(Box::new(meddler));
    }

    /// Lets somebody change the box's answers on their way.
    pub fn meddle_after(&mut self, mangler: impl FnMut(&Get, Fetched) -> Fetched + 'static) {
        self.mangler = Some(Box::new(mangler));
    }

    /// Only the box answers again, and its answers arrive.
    pub fn meddle_no_more(&mut self) {
        (self.meddler, self.mangler) = (None, None);
    }

    /// The moment that it is.
    pub const fn now(&self) -> Instant {
        self.now
    }

    /// How long it has been running.
    pub fn elapsed(&self) -> Duration {
        self.now - self.start
    }

    /// Both clocks.
    pub fn moment(&self) -> Moment {
        Moment { now: self.now, unix_seconds: UNIX_START + self.elapsed().as_secs() }
    }

    /// The administrator opens the pairing window for a quarter of an hour.
    pub fn open_window(&mut self) {
        let effects = self.enrolment.open_window(self.moment(), 15);
        self.carry_out(effects);
    }

    /// The administrator says whose a phone is.
    ///
    /// # Panics
    /// When the page would refuse that.
    pub fn adopt(&mut self, place: Place, number: &str) {
        let number = number.parse().expect("a number");
        let change = self.enrolment.adopt(self.mac(place), &number).expect("adoptable");
        let effects = self.enrolment.confirm(self.mac(place));
        self.carry_out(effects);
        self.office = self.office.apply(change).expect("the office takes it");
        self.commit();
    }

    /// The administrator writes a phone, or a base with its handsets, into the office before anybody heard of it.
    ///
    /// # Panics
    /// When a number is none.
    pub fn declare(&mut self, place: Place, numbers: &[String]) {
        let (mac, profile) = (self.mac(place), self.phones[place.0].profile);
        let mut people = numbers.iter().map(|number| number.parse().expect("a number"));
        let handset = |(place, person)| Handset { place, person, model: String::new() };
        let users = if profile.is_base {
            PhoneUsers::Handsets((1..).zip(people).map(handset).collect())
        } else {
            PhoneUsers::Person(people.next().expect("somebody"))
        };
        let modules = self.phones[place.0].modules;
        let model = profile.name.to_owned();
        self.office.phones.push(Phone { mac, model, users, modules, unencrypted: false, room: String::new() });
        self.commit();
    }

    /// The administrator puts a phone in another's place.
    ///
    /// # Panics
    /// When the page would refuse that.
    pub fn replace(&mut self, old: Place, new: Place) {
        let change = self.enrolment.replace(self.mac(old), self.mac(new)).expect("replaceable");
        let effects = self.enrolment.confirm(self.mac(new));
        self.carry_out(effects);
        self.office = self.office.apply(change).expect("the office takes it");
        self.commit();
    }

    /// The administrator takes a phone out of the office.
    pub fn remove(&mut self, place: Place) {
        self.remove_device(self.mac(place));
    }

    /// The same by the address on its card: an app's is made up.
    pub fn remove_device(&mut self, mac: Mac) {
        let effects = self.enrolment.remove(mac);
        self.carry_out(effects);
        self.office.phones.retain(|known| known.mac != mac);
        self.commit();
    }

    /// The administrator chooses a picture as the office's logo, or takes it off.
    ///
    /// # Panics
    /// When the page would refuse that.
    pub fn set_logo(&mut self, file: Option<&[u8]>) {
        let logo = file.map(|file| Logo::read(file).expect("a picture"));
        self.office.logo = logo.as_ref().map(Logo::sha256);
        self.enrolment.set_logo(logo);
        self.commit();
    }

    /// The office as it stands in `office` is committed.
    pub fn commit(&mut self) {
        self.revision += 1;
        let effects = self.enrolment.settle(self.moment(), Arc::new(self.office.clone()), &mut self.rng);
        self.carry_out(effects);
        self.settle_exchange();
    }

    /// The administrator shows somebody a link for an app that trusts the box: its address.
    pub fn link(&mut self, number: &str) -> String {
        self.link_by(Scheme::Https, number)
    }

    /// The same for an app as it comes.
    pub fn link_in_clear(&mut self, number: &str) -> String {
        self.link_by(Scheme::Http, number)
    }

    fn link_by(&mut self, scheme: Scheme, number: &str) -> String {
        let (moment, person) = (self.moment(), number.parse().expect("a number"));
        let link = self.enrolment.softphone_link(moment, &person, BOX_ADDRESS.into(), scheme, &mut self.rng);
        link.expect("somebody has it").url
    }

    /// Somebody opens a link on an app.
    pub fn scan(&mut self, place: Place, link: &str) {
        let now = self.now;
        self.phones[place.0].scan(now, link);
        self.drain_phone(place);
    }

    /// Somebody puts the box's authority among those that an app's device trusts.
    pub fn install_authority(&mut self, place: Place) {
        self.phones[place.0].install_authority(ca_pem().as_bytes());
    }

    /// The administrator asks a phone to read its settings again.
    pub fn resync(&mut self, place: Place) {
        let effects = self.enrolment.resync(self.moment(), self.mac(place));
        self.carry_out(effects);
    }

    /// The administrator says that a phone may be set up without TLS, or no longer.
    ///
    /// # Panics
    /// When the page would refuse that.
    pub fn allow_plain_http(&mut self, place: Place, allowed: bool) {
        let effects = self.enrolment.allow_plain_http(self.mac(place), allowed).expect("a phone that was heard");
        self.carry_out(effects);
    }

    fn mac(&self, place: Place) -> Mac {
        self.phones[place.0].mac().parse().expect("a phone has a MAC address")
    }

    /// A phone's card on the page.
    pub fn card(&self, place: Place) -> Option<DeviceView> {
        let mac = self.phones[place.0].mac();
        self.enrolment.devices().into_iter().find(|view| view.mac == mac)
    }

    /// Whether there was this alarm since the start.
    pub fn alarmed(&self, code: &str) -> bool {
        self.effects.iter().any(|effect| matches!(effect, Effect::Alarm(alarm) if alarm.kind.code() == code))
    }

    /// State and reason of a phone's card, as the page's words.
    pub fn told(&self, place: Place) -> String {
        let Some(card) = self.card(place) else { return "not on the page".to_owned() };
        let reason = card.reason.map(|reason| format!(": {reason}")).unwrap_or_default();
        format!("{:?}{reason}", card.state)
    }

    /// What a phone shows.
    pub fn shown(&self, place: Place) -> String {
        self.phones[place.0].display().to_string()
    }

    /// What a phone shows, all of it.
    pub fn display(&self, place: Place) -> Display {
        self.phones[place.0].display()
    }

    /// The box's exchange is restarted: it knows of no call, registration or subscription any more.
    pub fn restart_exchange(&mut self) {
        for place in 0..self.phones.len() {
            (0..MAX_LINES).for_each(|line| self.network.break_connections(self.now, node(Place(place), line), true));
        }
        let settled = Settled::new(self.revision, Arc::new(self.office.clone()), self.enrolment.credentials());
        self.exchange = exchange(self.now, settled, self.rng.random());
        self.relays = Relays::new(RTP_PORTS.0..=RTP_PORTS.1);
    }

    /// The office as the page shows it live.
    pub fn snapshot(&self) -> Snapshot {
        self.exchange.snapshot(self.now)
    }

    /// Lets this much time pass.
    pub fn run_for(&mut self, time: Duration) {
        let end = self.now + time;
        while let Some(next) = self.next_time().filter(|at| *at <= end) {
            self.now = self.now.max(next);
            self.step();
        }
        self.now = end;
    }

    /// Lets time pass until something is so, at most this much. Whether it came to be so.
    pub fn run_until(&mut self, most: Duration, mut so: impl FnMut(&Self) -> bool) -> bool {
        let end = self.now + most;
        while !so(self) {
            match self.next_time().filter(|at| *at <= end) {
                Some(next) => self.now = self.now.max(next),
                None => return false,
            }
            self.step();
        }
        true
    }

    /// Whether every account of a phone is registered, and it has one.
    pub fn is_ready(&self, place: Place) -> bool {
        let phone = &self.phones[place.0];
        phone.lines() > 0 && phone.registered() == phone.lines()
    }

    fn next_time(&self) -> Option<Instant> {
        let phones = self.wakes.iter().flatten().copied();
        let happening = self.happenings.keys().next().map(|(at, _)| *at);
        let house = [self.exchange.poll_timeout(), self.enrolment.poll_timeout(), self.notifier.poll_timeout()];
        let provider =
            self.provider.as_ref().and_then(Agent::poll_timeout).into_iter().chain(self.relays.poll_timeout());
        phones.chain(provider).chain(house.into_iter().chain([happening, self.network.poll_timeout()]).flatten()).min()
    }

    fn step(&mut self) {
        let now = self.now;
        while let Some(arrivals) = self.network.poll_arrival(now) {
            arrivals.into_iter().for_each(|arrival| self.arrive(arrival));
        }
        while let Some(entry) = self.happenings.first_entry().filter(|entry| entry.key().0 <= now) {
            let happening = entry.remove();
            self.happen(happening);
        }
        if self.exchange.poll_timeout().is_some_and(|at| at <= now) {
            self.tell_exchange(Input::Timeout);
        }
        if self.enrolment.poll_timeout().is_some_and(|at| at <= now) {
            let effects = self.enrolment.handle_timeout(self.moment());
            self.carry_out(effects);
        }
        if let Some(provider) = self.provider.as_mut().filter(|one| one.poll_timeout().is_some_and(|at| at <= now)) {
            provider.handle_timeout(now);
            self.drain_provider();
        }
        let again = self.notifier.handle_timeout(now);
        self.send_datagrams(again);
        for place in (0..self.phones.len()).map(Place) {
            if self.wakes[place.0].is_some_and(|at| at <= now) {
                self.phones[place.0].handle_timeout(now);
                self.drain_phone(place);
            }
        }
        if self.relays.poll_timeout().is_some_and(|at| at <= now) {
            self.carry_sounds();
        }
    }

    /// What the box itself lets people hear, and what it has heard to the end.
    fn carry_sounds(&mut self) {
        while let Some((onwards, packet)) = self.relays.poll_sound(self.now) {
            self.deliver(onwards, packet);
        }
        self.relays.poll_events(self.now).into_iter().for_each(|event| self.tell_exchange(Input::Media(event)));
    }

    fn later(&mut self, at: Instant, happening: Happening) {
        self.serial += 1;
        self.happenings.insert((at, self.serial), happening);
    }

    fn drain_phone(&mut self, place: Place) {
        while let Some(output) = self.phones[place.0].poll_output() {
            let soon = self.now + WAY;
            match output {
                Output::Multicast(bytes) => {
                    self.later(soon, Happening::Pnp { from: self.phones[place.0].pnp_address(), bytes });
                }
                Output::Datagram { bytes, .. } => self.later(soon, Happening::Answered { bytes }),
                Output::AskTime(_) if self.internet => self.later(soon, Happening::Time { place }),
                Output::Get(get) => self.ask(place, get),
                Output::Sip { line, transmit } => self.send_sip(place, line, &transmit),
                Output::Voice { port, to, packets, .. } => {
                    packets.iter().for_each(|packet| self.carry_voice(place, port, to, packet));
                }
                Output::AskTime(_) | Output::Note(_) => {}
            }
        }
        self.wakes[place.0] = self.phones[place.0].poll_timeout();
    }

    /// A request waits for its turn at the box.
    fn ask(&mut self, place: Place, get: Get) {
        let (handshake, file) = self.work;
        let work = if get.url.starts_with("https:") { handshake + file } else { file };
        let patience = self.phones[place.0].patience();
        let begins = self.busy_until.max(self.now + WAY);
        self.busy_until = begins + work;
        if self.busy_until > self.now + patience {
            return self.later(self.now + patience, Happening::Fetched { place, fetched: Fetched::Nothing });
        }
        self.later(self.busy_until, Happening::Asked { place, get });
    }

    fn happen(&mut self, happening: Happening) {
        let now = self.now;
        match happening {
            Happening::Pnp { from, bytes } => self.hear_pnp(from, &bytes),
            Happening::Asked { place, get } => self.answer(place, get),
            Happening::Fetched { place, fetched } => {
                self.phones[place.0].handle_fetched(now, fetched);
                self.drain_phone(place);
            }
            Happening::Time { place } => {
                let unix = self.moment().unix_seconds;
                self.phones[place.0].handle_time(now, unix);
                self.drain_phone(place);
            }
            Happening::ToPhone { to, bytes } => {
                if let Some(at) = self.phones.iter().position(|phone| phone.pnp_address() == to) {
                    self.phones[at].handle_datagram(now, BOX_SIP, &bytes);
                    self.drain_phone(Place(at));
                }
            }
            Happening::Answered { bytes } => {
                self.notifier.handle_datagram(&bytes);
            }
        }
    }

    /// A packet at the multicast group, from a phone or from somebody who plays one.
    pub fn hear_pnp(&mut self, from: SocketAddr, bytes: &Bytes) {
        let Some(subscribe) = Subscribe::read(bytes) else { return };
        let heard = subscribe.heard(from.ip(), BOX_ADDRESS.into());
        let neighbour = self.neighbour(from.ip());
        let effects = self.enrolment.handle_pnp(self.moment(), &heard, neighbour, &mut self.rng);
        let offer = effects.iter().find_map(|effect| match effect {
            Effect::Offer { url, .. } => Some(url.clone()),
            _ => None,
        });
        self.carry_out(effects);
        if let Some(url) = offer {
            let datagrams = self.notifier.answer(self.now, &subscribe, from, BOX_SIP, &url, &mut self.rng);
            self.send_datagrams(datagrams);
        }
    }

    fn send_datagrams(&mut self, datagrams: Vec<Datagram>) {
        for Datagram { to, bytes } in datagrams {
            self.later(self.now + WAY, Happening::ToPhone { to, bytes });
        }
    }

    fn neighbour(&self, address: IpAddr) -> Neighbour {
        let at = self.phones.iter().find(|phone| phone.address() == address);
        let own = at.and_then(|phone| phone.mac().parse().ok()).map_or(Neighbour::NoEntry, Neighbour::Is);
        self.neighbours.get(&address).copied().unwrap_or(own)
    }

    fn answer(&mut self, place: Place, get: Get) {
        let meddled = self.meddler.as_mut().and_then(|meddler| meddler(&get));
        let fetched = meddled.unwrap_or_else(|| self.serve(place, &get));
        let fetched = match &mut self.mangler {
            Some(mangler) => mangler(&get, fetched),
            None => fetched,
        };
        if let Fetched::Answer { status: 200, body, .. } = &fetched {
            self.served.entry(place).or_default().push((get.file().to_owned(), body.clone()));
        }
        self.asked.push((place, get));
        self.later(self.now + WAY, Happening::Fetched { place, fetched });
    }

    /// What the box answers to a request of this phone.
    pub fn serve(&mut self, place: Place, get: &Get) -> Fetched {
        let Some((scheme, rest)) = get.url.split_once("://") else { return Fetched::Nothing };
        let scheme = if scheme == "https" { Scheme::Https } else { Scheme::Http };
        let (authority, target) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
        let (path, query) = target.split_once('?').unwrap_or((target, ""));
        let port = if scheme == Scheme::Https { 8443 } else { 8080 };
        let host = authority.strip_suffix(&format!(":{port}"));
        let Some(host) =
            host.filter(|host| *host == BOX_ADDRESS.to_string() || self.tls.names.iter().any(|n| n == host))
        else {
            return Fetched::Nothing;
        };
        if let Some(fault) = self.handshake(&get.tls, host).filter(|_| scheme == Scheme::Https) {
            self.note_tls_fault(place, fault);
            return Fetched::Tls(fault);
        }
        let phone = &self.phones[place.0];
        let shown = get.tls.certificate.as_ref().filter(|_| scheme == Scheme::Https);
        let request = HttpRequest {
            scheme,
            method: "GET",
            path,
            query,
            user_agent: get.header("User-Agent").as_bytes(),
            linphone_header: !get.header("X-Linphone-Provisioning").is_empty(),
            source: phone.address(),
            local: BOX_ADDRESS.into(),
            neighbour: self.neighbour(phone.address()),
            certificate: shown.map_or(ClientCertificate::None, |shown| self.claim(shown)),
        };
        let (answer, effects) = self.enrolment.handle_request(self.moment(), &request, &mut self.rng);
        self.carry_out(effects);
        match answer.firmware {
            Some(firmware) => self.send_software(&firmware.file, get.header("Range")),
            None => Fetched::Answer { status: answer.status, body: answer.body, whole: true },
        }
    }

    /// A file out of the box's folder, or the part that is asked for (RFC 9110 14).
    fn send_software(&self, name: &str, range: &str) -> Fetched {
        let answer = |status, body| Fetched::Answer { status, body, whole: true };
        let Some(file) = self.software.get(name) else { return answer(404, Bytes::new()) };
        let part = range.strip_prefix("bytes=").and_then(|range| range.split_once('-'));
        let number = |text: &str| text.parse::<usize>().ok();
        match part.and_then(|(from, last)| Some((number(from)?, number(last)?))) {
            Some((from, _)) if from >= file.len() => answer(416, Bytes::new()),
            Some((from, last)) => answer(206, file.slice(from..file.len().min(last + 1))),
            None => answer(200, file.clone()),
        }
    }

    /// The box notices that a handshake came to nothing, where it was the box that a phone spoke with.
    fn note_tls_fault(&mut self, place: Place, fault: TlsFault) {
        if self.tls.usurped {
            return;
        }
        let fault = match fault {
            TlsFault::NothingInCommon => enrolment::TlsFault::TooOld,
            // The phone says so with an alert.
            TlsFault::UnknownAuthority | TlsFault::NotYetValid | TlsFault::WrongName => enrolment::TlsFault::NotTrusted,
        };
        let source = self.phones[place.0].address();
        let effects = self.enrolment.handle_tls_fault(source, self.neighbour(source), fault);
        self.carry_out(effects);
    }

    /// What a certificate is worth to the box. Every phone has a key of its own.
    fn claim(&self, shown: &Shown) -> ClientCertificate {
        let Some(mac) = shown.mac.as_ref().and_then(|mac| mac.parse::<Mac>().ok()) else {
            return ClientCertificate::Generic;
        };
        let issuer = match (shown.kind, self.maker_known) {
            (OwnCertificate::MakerOfOld, _) => Issuer::Unproven(Distrust::SignatureTooOld),
            (_, true) => Issuer::Trusted,
            (_, false) => Issuer::Unproven(Distrust::NoAuthority),
        };
        let mut key = [0; 32];
        key[..12].copy_from_slice(mac.to_string().as_bytes());
        ClientCertificate::Named { mac, key, issuer }
    }

    /// Whether this phone's TLS and the box's come together.
    fn handshake(&self, client: &TlsClient, host: &str) -> Option<TlsFault> {
        let knows = !self.tls.usurped && client.trusted.contains(&base64_of_pem(ca_pem().as_bytes()));
        let named = host == BOX_ADDRESS.to_string() || self.tls.names.iter().any(|name| name == host);
        if client.version < TlsVersion::V1_2 || !client.elliptic {
            Some(TlsFault::NothingInCommon)
        } else if !knows && !client.trusts_everybody {
            Some(TlsFault::UnknownAuthority)
        } else if !client.trusts_everybody && client.believes < self.tls.not_before {
            Some(TlsFault::NotYetValid)
        } else if client.checks_name && !named {
            Some(TlsFault::WrongName)
        } else {
            None
        }
    }

    fn carry_out(&mut self, effects: Vec<Effect>) {
        let resyncs: Vec<Mac> = effects
            .iter()
            .filter_map(|effect| if let Effect::Resync(mac) = effect { Some(*mac) } else { None })
            .collect();
        // Within its registration, before credentials change under it.
        for device in resyncs {
            self.tell_exchange(Input::Command(Command::Resync { device }));
        }
        if effects.contains(&Effect::CredentialsChanged) {
            self.revision += 1;
            self.settle_exchange();
        }
        self.effects.extend(effects);
    }

    fn settle_exchange(&mut self) {
        let office = Arc::new(self.office.clone());
        let settled = Settled::new(self.revision, office, self.enrolment.credentials());
        self.tell_exchange(Input::Settled(Arc::new(settled)));
    }

    fn tell_exchange(&mut self, input: Input) {
        self.exchange.handle_input(self.now, input);
        let (mut media, mut resynced, mut news) = (Vec::new(), Vec::new(), Vec::new());
        let mut registered: Vec<Mac> = Vec::new();
        while let Some(output) = self.exchange.poll_output() {
            match output {
                centrale_call_control::Output::Transmit(transmit) => self.network.send(self.now, BOX, &transmit),
                centrale_call_control::Output::Media(command) => {
                    media.extend(self.relays.handle(self.now, command).expect("the exchange opens each relay once"));
                }
                centrale_call_control::Output::Mailbox(order) => {
                    news.extend(self.messages.carry_out(order).expect("the exchange reaches only whose mailbox it is"));
                }
                centrale_call_control::Output::Told(Told::Resynced { device, outcome }) => {
                    resynced.push((device, outcome));
                }
                centrale_call_control::Output::Told(Told::Person(person)) => {
                    let macs = person.registrations.iter().filter_map(|one| one.mac.as_deref()?.parse().ok());
                    macs.for_each(|mac| registered.push(mac));
                }
                _ => {}
            }
        }
        for (device, outcome) in resynced {
            let effects = self.enrolment.handle_resynced(self.moment(), device, said(outcome));
            self.carry_out(effects);
        }
        for mac in registered {
            let effects = self.enrolment.handle_registered(mac);
            self.carry_out(effects);
        }
        media.into_iter().for_each(|event| self.tell_exchange(Input::Media(event)));
        news.into_iter().for_each(|news| self.tell_exchange(Input::Mailbox(news)));
    }

    fn send_sip(&mut self, place: Place, line: usize, transmit: &centrale_sip::endpoint::Transmit) {
        let Some(address) = self.phones[place.0].line_address(line) else { return };
        let transport = transmit.path.transport();
        let node = node(place, line);
        let port = if transport == Transport::Tls { 5061 } else { 5060 };
        self.network.add(node, host(address, SocketAddr::new(BOX_ADDRESS.into(), port)));
        let client = self.phones[place.0].tls_client(self.now);
        let never = self.phones[place.0].without_sip_tls;
        if let (Path::Target(target), Transport::Tls) = (transmit.path, transport)
            && (never || self.handshake(&client, &target.remote.ip().to_string()).is_some())
        {
            let now = self.now;
            return self.phones[place.0].handle_sip(now, line, Arrival::Refused { at: node, target });
        }
        self.network.send(self.now, node, transmit);
    }

    fn arrive(&mut self, arrival: Arrival) {
        let (Arrival::Packet { at, .. } | Arrival::Closed { at, .. } | Arrival::Refused { at, .. }) = arrival;
        if at == BOX {
            return self.tell_exchange(match arrival {
                Arrival::Packet { flow, bytes, .. } => Input::Packet { flow, bytes },
                Arrival::Closed { flow, .. } => Input::FlowClosed(flow),
                Arrival::Refused { target, .. } => Input::TargetFailed(target),
            });
        }
        if at == PROVIDER_NODE {
            if let Some(provider) = &mut self.provider {
                provider.handle_arrival(self.now, arrival);
            }
            return self.drain_provider();
        }
        let (place, line) = (Place((at.0 - 1) / MAX_LINES), (at.0 - 1) % MAX_LINES);
        let now = self.now;
        self.phones[place.0].handle_sip(now, line, arrival);
        self.drain_phone(place);
    }

    /// A datagram arrives at a phone's line, from somebody who is not on this network.
    pub fn hand_in(&mut self, place: Place, line: usize, bytes: Bytes) {
        let Some(here) = self.phones[place.0].line_address(line) else { return };
        let flow = Flow { id: DATAGRAMS, transport: Transport::Udp, local: here, remote: BOX_SIP };
        let (now, at) = (self.now, node(place, line));
        self.phones[place.0].handle_sip(now, line, Arrival::Packet { at, flow, bytes });
        self.drain_phone(place);
    }

    /// The provider's messages; its voice is none.
    fn drain_provider(&mut self) {
        while let Some(output) = self.provider.as_mut().and_then(Agent::poll_output) {
            if let agent::Output::Transmit(transmit) = output {
                self.network.send(self.now, PROVIDER_NODE, &transmit);
            }
        }
    }

    fn carry_voice(&mut self, place: Place, port: u16, to: SocketAddr, packet: &[u8]) {
        let source = SocketAddr::new(self.phones[place.0].address(), port);
        if let Some((onwards, packet)) = self.relays.forward(self.now, source, to.port(), packet) {
            self.deliver(onwards, packet);
        }
    }

    fn deliver(&mut self, onwards: SocketAddr, mut packet: Vec<u8>) {
        if let Some(phone) = self.phones.iter_mut().find(|phone| phone.address() == onwards.ip()) {
            phone.hear(onwards.port(), &mut packet);
        }
    }
}

fn exchange(now: Instant, settled: Settled, seed: [u8; 32]) -> Exchange {
    let settings = ExchangeSettings {
        sip_port: 5060,
        sip_tls_port: 5061,
        rtp_ports: RTP_PORTS,
        realm: "centrale".into(),
        named: Vec::new(),
    };
    let mut exchange = Exchange::new(now, settings, Arc::new(settled), seed);
    let address = |ip: IpAddr, prefix, default_route| LocalAddress { ip, prefix, default_route };
    let all = vec![address(Ipv4Addr::LOCALHOST.into(), 8, false), address(BOX_ADDRESS.into(), 16, true)];
    exchange.handle_input(now, Input::Interfaces(Interfaces::new(all)));
    exchange
}

const fn said(outcome: ResyncOutcome) -> Resynced {
    match outcome {
        ResyncOutcome::Deferred => Resynced::Deferred,
        ResyncOutcome::Accepted => Resynced::Accepted,
        ResyncOutcome::Refused(status) => Resynced::Refused(status),
        ResyncOutcome::Unreachable => Resynced::Unreachable,
    }
}

const fn node(place: Place, line: usize) -> Node {
    Node(1 + place.0 * MAX_LINES + line)
}

const fn host(address: SocketAddr, box_seen: SocketAddr) -> Host {
    let link = Link { latency: WAY, jitter: Duration::ZERO, loss: 0, doubled: 0 };
    Host { inside: address, seen: address, box_seen, box_inside: box_seen, link, listens: false, up: true }
}

fn provider(username: &str, password: &str) -> Character {
    Character {
        name: "provider".into(),
        user_agent: "Simulated provider".into(),
        number: "+31201234567".into(),
        username: username.into(),
        password: password.into(),
        transport: Transport::Udp,
        expires: 0,
        late_offer: false,
        long_offer: false,
        old_hold: false,
        srtp: false,
        update: true,
        provider: true,
        challenges_calls: false,
        emergency: &["112", "100", "101"],
    }
}
