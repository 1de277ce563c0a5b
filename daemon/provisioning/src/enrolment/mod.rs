//! Who may have which file: the life of a device from its first packet to its removal.
//!
//! `seen` (heard, not answered) → `offered` (told an address with a nonce, in a pairing window) → `bootstrapped` (has
//! the certificate and a first token, and waits for somebody's word) → `enrolled` (has its account and a steady token)
//! → `suspect` (misused: secret and tokens dead) or retired (forgotten).
//!
//! In: PnP packets, HTTP requests, the office, an administrator's clicks, time. Out: answers and [`Effect`]s. It may
//! not hand a secret to anybody but the phone that went this way, over TLS, and it tells all others the same 404.

mod book;
mod budget;
mod delivery;
mod device;
mod firmware;
mod in_clear;
mod logo;
mod outfit;
mod people;
mod refused;
mod request;
mod rollout;
mod sheets;
mod softphone;
mod sought;
mod token;
mod values;
mod window;

use std::collections::BTreeMap;
use std::net::IpAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};

use centrale_config::{Credential, ExtensionNumber, Mac, Office, Phone, Secret, is_of_an_office};
use rand::CryptoRng;

use crate::catalogue::{Catalogue, Model};
use crate::dhcp::RouterTexts;
use crate::logo::Logo;
use crate::phonebook::Book;
use crate::recognise::Dialect;

pub use budget::{Budgets, Reach};
pub use delivery::FileHash;
pub use device::{Binding, DeviceRecord, Proof};
pub use people::AdoptError;
pub use refused::RefusedView;
pub use softphone::SoftphoneLink;
pub use token::TokenHash;
pub use values::{
    Alarm, AlarmKind, Answer, BoxAddresses, ClientCertificate, DeviceState, DeviceView, Distrust, Effect, Guess,
    HttpRequest, Issuer, Moment, Neighbour, PnpHeard, Refusal, Resynced, Scheme, SettingsState, SipTransport, TlsFault,
};
pub use window::{DEFAULT_WINDOW_MINUTES, MAX_WINDOW_MINUTES};

use device::{Device, Pairing};
use refused::Refused;
use rollout::Turns;
use softphone::Link;
use sought::Seekers;
use token::{DeviceSecret, Token, mint_code};
use window::PairingWindow;

/// How long a nonce and a first token live.
const PAIRING_LIFE: Duration = Duration::from_secs(600);
/// What one source may ask in vain: a phone that boots asks for three or four files that nobody has, and a branch with
/// thirty phones behind one router boots as one.
const VAIN_AT_ONCE: u32 = 120;
/// After how long it may ask in vain once more.
const VAIN_EACH: Duration = Duration::from_secs(1);
/// How many devices are remembered. An office has tens; the rest is room for noise, which is forgotten first.
const MAX_DEVICES: usize = 512;

/// The one owner of every device. Driven by [`handle_pnp`](Self::handle_pnp), [`handle_request`](Self::handle_request)
/// and the administrator's calls; each returns what must be done, in order. [`poll_timeout`](Self::poll_timeout) says
/// when to call [`handle_timeout`](Self::handle_timeout).
#[derive(Debug)]
pub struct Enrolment {
    catalogue: Arc<Catalogue>,
    addresses: BoxAddresses,
    office: Arc<Office>,
    /// The picture that was given for the office's logo.
    logo: Option<Logo>,
    /// The office's phone book, once a phone asked for it.
    book: Option<Book>,
    devices: BTreeMap<Mac, Device>,
    doors: BTreeMap<TokenHash, Door>,
    links: BTreeMap<TokenHash, Link>,
    /// Whose turn it is to get new software.
    turns: Turns,
    window: Option<PairingWindow>,
    guesses: BTreeMap<IpAddr, request::Guesses>,
    /// What each source may ask in vain.
    vain: Budgets,
    /// What it asked for in vain.
    seekers: Seekers,
    refusals: BTreeMap<Refusal, u64>,
    /// Who was refused last.
    refused: Refused,
    effects: Vec<Effect>,
}

/// What a token opens.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Door {
    mac: Mac,
    kind: DoorKind,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum DoorKind {
    /// A nonce: the bootstrap folder.
    Bootstrap,
    /// A first token: the steady folder, until the second is used.
    First,
    /// A second token whose phone still waits for somebody's word.
    Waiting,
    /// A second token of an enrolled phone.
    Steady,
}

impl Enrolment {
    /// An enrolment that knows no device. Give it what the store kept with [`restore`](Self::restore), then
    /// [`settle`](Self::settle) it on the office.
    pub fn new(catalogue: Arc<Catalogue>, addresses: BoxAddresses, office: Arc<Office>) -> Self {
        Self {
            catalogue,
            addresses,
            office,
            logo: None,
            book: None,
            devices: BTreeMap::new(),
            doors: BTreeMap::new(),
            links: BTreeMap::new(),
            turns: Turns::default(),
            window: None,
            guesses: BTreeMap::new(),
            vain: Budgets::new(VAIN_AT_ONCE, VAIN_EACH),
            seekers: Seekers::default(),
            refusals: BTreeMap::new(),
            refused: Refused::default(),
            effects: Vec::new(),
        }
    }

    /// Takes back a device as the store kept it. An enrolled device without its secret or without people cannot be
    /// served: it comes back locked out.
    pub fn restore(&mut self, record: DeviceRecord, secret: Option<Secret>) {
        let mac = record.mac;
        let mut device = Device::of(record, secret.map(DeviceSecret::from_store));
        if device.record.enrolled.is_some() && (device.secret.is_none() || device.record.people.is_empty()) {
            device.lock_out();
            device.record.incomplete = true;
        }
        self.devices.insert(mac, device);
        self.index(mac);
    }

    /// What to write into the office's router, with the box's own name if it has one, else with this address.
    pub fn router_texts(&self, host: &str) -> Option<RouterTexts> {
        let host = self.addresses.name.as_deref().unwrap_or(host);
        RouterTexts::new(&self.catalogue, host, self.addresses.http_port)
    }

    /// Every device, by MAC address.
    pub fn devices(&self) -> Vec<DeviceView> {
        self.devices.keys().filter_map(|mac| self.view(*mac)).collect()
    }

    /// Every pair that provisioned devices register with. User name `<number>-<mac>`.
    pub fn credentials(&self) -> Vec<Credential> {
        let enrolled = self.devices.values().filter(|device| device.record.enrolled.is_some());
        let pairs = |device: &Device| -> Vec<Credential> {
            let Some(secret) = &device.secret else { return Vec::new() };
            let mac = device.record.mac;
            let pair = |number: &ExtensionNumber| Credential {
                username: username(number, mac),
                number: number.clone(),
                secret: secret.sip(number),
                device: Some(mac),
            };
            device.record.people.iter().map(pair).collect()
        };
        enrolled.flat_map(pairs).collect()
    }

    /// How often each refusal was given since the start.
    pub fn refusals(&self) -> impl Iterator<Item = (Refusal, u64)> {
        self.refusals.iter().map(|(refusal, times)| (*refusal, *times))
    }

    /// Who was refused since the start and why, the latest first; of many the last hundred. An app's link that was used, a
    /// token that nobody has, a phone's name while no window is open: each is here.
    pub fn refused(&self) -> Vec<RefusedView> {
        self.refused.views()
    }

    /// Opens the pairing window, or opens it anew: unknown phones are answered until it closes, after `minutes`, at
    /// least 1 and at most [`MAX_WINDOW_MINUTES`].
    pub fn open_window(&mut self, moment: Moment, minutes: u16) -> Vec<Effect> {
        let window = PairingWindow::open(moment.now, minutes);
        self.effects.push(Effect::Window { open_until: Some(moment.unix_at(window.closes_at)) });
        self.window = Some(window);
        std::mem::take(&mut self.effects)
    }

    /// Closes the pairing window. Addresses that were offered and not yet used die with it.
    pub fn close_window(&mut self) -> Vec<Effect> {
        self.shut_window();
        std::mem::take(&mut self.effects)
    }

    /// When the open window closes, in unix seconds.
    pub fn window_open_until(&self, moment: Moment) -> Option<u64> {
        self.window.as_ref().map(|window| moment.unix_at(window.closes_at))
    }

    /// The next time at which something ends by itself.
    pub fn poll_timeout(&self) -> Option<Instant> {
        let pairings = self.devices.values().filter_map(|device| Some(device.pairing.as_ref()?.expires_at));
        let links = self.links.values().map(Link::forgotten_at);
        let deliveries = self.devices.values().filter_map(|device| device.delivery.as_ref()?.tell_at);
        let turns = self.turns.next_over();
        self.window
            .iter()
            .map(|window| window.closes_at)
            .chain(pairings)
            .chain(links)
            .chain(deliveries)
            .chain(turns)
            .min()
    }

    /// Ends what has lasted long enough. Calling it early does nothing.
    pub fn handle_timeout(&mut self, moment: Moment) -> Vec<Effect> {
        self.expire(moment);
        self.take_turns(moment.now);
        self.tell_due(moment.now);
        std::mem::take(&mut self.effects)
    }

    fn expire(&mut self, moment: Moment) {
        if self.window.as_ref().is_some_and(|window| window.closes_at <= moment.now) {
            self.shut_window();
        }
        self.links.retain(|_, link| moment.now < link.forgotten_at());
        self.end_pairings(|pairing| pairing.expires_at <= moment.now);
    }

    fn shut_window(&mut self) {
        if self.window.take().is_some() {
            self.effects.push(Effect::Window { open_until: None });
        }
        self.end_pairings(|pairing| pairing.first.is_none());
    }

    fn end_pairings(&mut self, ended: impl Fn(&Pairing) -> bool) {
        let over = self.devices.values().filter(|device| device.pairing.as_ref().is_some_and(&ended));
        for mac in over.map(|device| device.record.mac).collect::<Vec<_>>() {
            self.end_pairing(mac);
        }
    }

    fn end_pairing(&mut self, mac: Mac) {
        if let Some(device) = self.devices.get_mut(&mac) {
            device.pairing = None;
        }
        self.index(mac);
        self.show(mac);
    }

    /// A phone's PnP packet. When it is to be answered the effects hold an [`Effect::Offer`] for it; when not, the
    /// phone's card says why.
    pub fn handle_pnp(
        &mut self,
        moment: Moment,
        heard: &PnpHeard,
        neighbour: Neighbour,
        rng: &mut impl CryptoRng,
    ) -> Vec<Effect> {
        self.expire(moment);
        let claim = &heard.claim;
        let said = Said { vendor: &claim.vendor, model: &claim.model, firmware: &claim.version };
        let offered = self
            .remember(moment, claim.mac, heard.source, neighbour, said, rng)
            .and_then(|()| self.begin(moment, claim.mac, heard.source, neighbour, false, rng));
        match offered {
            Ok(nonce) => {
                let folder = self.bootstrap_folder(heard.local, &nonce);
                let url = match self.dialect_of(claim.mac) {
                    Some(Dialect::Snom) => format!("{folder}{}.xml", claim.mac),
                    _ => folder,
                };
                self.effects.push(Effect::Offer { mac: claim.mac, url });
            }
            Err(refusal) => {
                self.count(refusal);
                self.refused.note(moment.unix_seconds, heard.source, refusal, "PnP");
                if refusal != Refusal::TooSoon || !self.was_caught(claim.mac) {
                    self.note_reason(claim.mac, Some(refusal));
                }
            }
        }
        self.show(claim.mac);
        std::mem::take(&mut self.effects)
    }

    /// Makes room for a device that was heard and writes down what it says about itself. What a device says never
    /// changes the record of one that is set up, and what somebody else says in its name is not written down.
    fn remember(
        &mut self,
        moment: Moment,
        mac: Mac,
        source: IpAddr,
        neighbour: Neighbour,
        said: Said<'_>,
        rng: &mut impl CryptoRng,
    ) -> Result<(), Refusal> {
        let is_another = self.is_another(mac, source, neighbour);
        if !self.devices.contains_key(&mac) {
            self.make_room()?;
        } else if is_another {
            return Ok(());
        }
        let said = if is_another { Said::default() } else { said };
        let vendor = self.vendor_of(mac, said.vendor);
        let known = self.catalogue.model(&vendor, said.model).map(|model| model.name.clone());
        let device = self.devices.entry(mac).or_insert_with(|| Device::heard(mac, source, mint_code(rng)));
        if device.is_durable() {
            return Ok(());
        }
        let record = &mut device.record;
        (record.vendor, record.address, record.last_seen) = (vendor, source, moment.unix_seconds);
        if let Some(model) = known.or_else(|| (!said.model.is_empty()).then(|| said.model.to_owned())) {
            record.model = model;
        }
        if !said.firmware.is_empty() {
            said.firmware.clone_into(&mut record.firmware);
        }
        Ok(())
    }

    /// Whether who speaks for a phone is somebody else: it has another MAC address in the neighbour table, or, where that
    /// cannot tell, it is not where the phone is being set up.
    fn is_another(&self, mac: Mac, source: IpAddr, neighbour: Neighbour) -> bool {
        if let Neighbour::Is(found) = neighbour {
            return found != mac;
        }
        let pairing = self.devices.get(&mac).and_then(|device| device.pairing.as_ref());
        pairing.is_some_and(|pairing| pairing.source != source)
    }

    /// Forgets the device that was heard longest ago and is nothing but noise, when there are too many; when none is,
    /// the one that has waited longest for a word nobody gave.
    fn make_room(&mut self) -> Result<(), Refusal> {
        if self.devices.len() < MAX_DEVICES {
            return Ok(());
        }
        let unwanted = |device: &&Device| device.pairing.is_none() && self.declared(device.record.mac).is_none();
        let disposable = self.devices.values().filter(unwanted).filter(|device| device.is_disposable());
        let oldest = disposable.min_by_key(|device| (device.is_durable(), device.record.last_seen));
        let mac = oldest.map(|device| device.record.mac).ok_or(Refusal::TooManyDevices)?;
        self.forget(mac);
        Ok(())
    }

    /// Decides whether a phone that asks to be set up is answered, and begins if so, or goes on with what has begun at that
    /// address. `proved` says whether the
    /// neighbour table must already know the phone: it cannot always when the first multicast packet comes.
    fn begin(
        &mut self,
        moment: Moment,
        mac: Mac,
        source: IpAddr,
        neighbour: Neighbour,
        proved: bool,
        rng: &mut impl CryptoRng,
    ) -> Result<Token, Refusal> {
        if self.is_set_up(mac) {
            self.alarm(AlarmKind::AsksAgain, mac, source);
        }
        let window_open = self.window.is_some();
        if !window_open {
            return Err(if self.is_set_up(mac) { Refusal::AsksAgain } else { Refusal::WindowClosed });
        }
        self.check_place(mac, source, neighbour, proved)?;
        if self.catalogue.vendor_of_mac(mac).is_none() && self.declared(mac).is_none() {
            return Err(Refusal::MakerUnknown);
        }
        self.model_of(mac).ok_or(Refusal::ModelUnknown)?;
        let device = self.devices.get_mut(&mac).ok_or(Refusal::TooManyDevices)?;
        // Whom the neighbour table vouches for takes the place of whoever claimed this MAC address from elsewhere.
        let vouched = neighbour == Neighbour::Is(mac);
        match &mut device.pairing {
            // Anybody can send a packet in its name from its address: what it was given must stay good for itself.
            Some(pairing) if pairing.source == source && pairing.was_just_asked_for(moment.now) => {
                (pairing.asked_at, pairing.expires_at) = (moment.now, moment.now + PAIRING_LIFE);
                return Ok(pairing.nonce.clone());
            }
            Some(pairing) if pairing.source != source && !vouched => return Err(Refusal::AlreadyPairing),
            Some(_) | None => {}
        }
        self.window.as_mut().ok_or(Refusal::WindowClosed)?.admit(moment.now, source, mac)?;
        let nonce = Token::mint(rng);
        let expires_at = moment.now + PAIRING_LIFE;
        device.pairing = Some(Pairing {
            nonce: nonce.clone(),
            source,
            asked_at: moment.now,
            expires_at,
            model: None,
            first: None,
            second: None,
        });
        device.note(None);
        self.index(mac);
        Ok(nonce)
    }

    /// Whether the source can be the phone: on an office network, and with the phone's MAC address where the
    /// neighbour table can tell.
    fn check_place(&mut self, mac: Mac, source: IpAddr, neighbour: Neighbour, proved: bool) -> Result<(), Refusal> {
        // Who is in the neighbour table is on a network of ours, whatever its address (IPv6 has global ones everywhere).
        if !is_of_an_office(source) && !matches!(neighbour, Neighbour::Is(_)) {
            return Err(Refusal::NotLocal);
        }
        match neighbour {
            Neighbour::Is(found) if found != mac => {
                match self.is_somebodys(mac) {
                    true => self.alarm(AlarmKind::NeighbourDiffers, mac, source),
                    false => self.alarm(AlarmKind::PlaysPhones, found, source),
                }
                Err(Refusal::NeighbourDiffers)
            }
            Neighbour::NoEntry if proved => Err(Refusal::NeighbourUnknown),
            Neighbour::Is(_) | Neighbour::Routed | Neighbour::Loopback | Neighbour::NoEntry => Ok(()),
        }
    }

    /// Whether there is a phone of that MAC address, as far as anybody decided or the network showed.
    fn is_somebodys(&self, mac: Mac) -> bool {
        let is_there = |device: &Device| device.is_durable() || device.pairing.is_some();
        self.declared(mac).is_some() || self.devices.get(&mac).is_some_and(is_there)
    }

    fn is_set_up(&self, mac: Mac) -> bool {
        self.devices.get(&mac).is_some_and(|device| device.record.enrolled.is_some())
    }

    /// The phone's entry in the office, if somebody made one.
    fn declared(&self, mac: Mac) -> Option<&Phone> {
        self.office.phones.iter().find(|phone| phone.mac == mac)
    }

    /// Maker by MAC address, else by the model somebody declared, else by what the phone says; empty when unknown.
    fn vendor_of(&self, mac: Mac, said: &str) -> String {
        let declared = || self.catalogue.vendor(&self.declared_model(mac)?.vendor);
        let known = self.catalogue.vendor_of_mac(mac).or_else(declared);
        known.or_else(|| self.catalogue.vendor_named(said)).map(|vendor| vendor.id.clone()).unwrap_or_default()
    }

    /// The model a device said it is over HTTP, in its own place, else the one somebody declared, else the one it said
    /// where anybody may have spoken. A name that nobody knows says nothing.
    fn model_of(&self, mac: Mac) -> Option<&Model> {
        let device = self.devices.get(&mac)?;
        let named = |name| self.catalogue.model(&device.record.vendor, name);
        let own = device.own_model().and_then(named);
        own.or_else(|| self.declared_model(mac)).or_else(|| named(&device.record.model))
    }

    /// The model that somebody declared, unless the phone's MAC address is another maker's.
    fn declared_model(&self, mac: Mac) -> Option<&Model> {
        let model = self.catalogue.model_named(&self.declared(mac)?.model)?;
        let fits = self.catalogue.vendor_of_mac(mac).is_none_or(|maker| maker.id == model.vendor);
        fits.then_some(model)
    }

    fn dialect_of(&self, mac: Mac) -> Option<Dialect> {
        let model = self.model_of(mac)?;
        Some(self.catalogue.vendor(&model.vendor)?.dialect)
    }

    /// Brings the tokens of a device into the index, and those it no longer has out of it.
    fn index(&mut self, mac: Mac) {
        self.doors.retain(|_, door| door.mac != mac);
        let Some(device) = self.devices.get(&mac) else { return };
        let pairing = device.pairing.iter().flat_map(|pairing| {
            let first = pairing.first.iter().map(|token| (token.hash(), DoorKind::First));
            std::iter::once((pairing.nonce.hash(), DoorKind::Bootstrap)).chain(first)
        });
        let steady = |binding: &Option<Binding>, kind| Some((binding.as_ref()?.token.clone()?, kind));
        let waiting = steady(&device.record.waiting, DoorKind::Waiting);
        let enrolled = steady(&device.record.enrolled, DoorKind::Steady);
        let doors: Vec<_> = pairing.chain(waiting).chain(enrolled).collect();
        self.doors.extend(doors.into_iter().map(|(hash, kind)| (hash, Door { mac, kind })));
    }

    /// Puts the device's card on the page when it changed, or when it was heard again after a while.
    fn show(&mut self, mac: Mac) {
        const HEARD_AGAIN_SECONDS: u64 = 10;
        let Some(view) = self.view(mac) else { return };
        let Some(device) = self.devices.get_mut(&mac) else { return };
        let same = device.shown.as_ref().is_some_and(|shown| {
            let recent = view.last_seen.saturating_sub(shown.last_seen) < HEARD_AGAIN_SECONDS;
            recent && DeviceView { last_seen: shown.last_seen, ..view.clone() } == *shown
        });
        if !same {
            device.shown = Some(view.clone());
            self.effects.push(Effect::Seen(view));
        }
    }

    fn view(&self, mac: Mac) -> Option<DeviceView> {
        let view = self.devices.get(&mac)?.view(self.declared_people(mac).as_deref());
        let model = self.model_of(mac).map(|model| model.name.clone());
        Some(DeviceView { model: model.unwrap_or(view.model), ..view })
    }

    fn save(&mut self, mac: Mac) {
        let Some(device) = self.devices.get(&mac) else { return };
        let record = Box::new(device.record.clone());
        let secret = device.secret.as_ref().map(DeviceSecret::to_store);
        self.effects.push(Effect::Save { record, secret });
    }

    fn forget(&mut self, mac: Mac) {
        let Some(device) = self.devices.remove(&mac) else { return };
        self.index(mac);
        self.effects.push(Effect::Forget(mac));
        if device.record.enrolled.is_some() {
            self.effects.push(Effect::CredentialsChanged);
        }
    }

    fn alarm(&mut self, kind: AlarmKind, mac: Mac, source: IpAddr) {
        self.effects.push(Effect::Alarm(Alarm { kind, mac: Some(mac), source }));
    }

    fn count(&mut self, refusal: Refusal) {
        *self.refusals.entry(refusal).or_default() += 1;
    }

    /// Writes down why a device is not further, or that nothing is in its way.
    fn note_reason(&mut self, mac: Mac, reason: Option<Refusal>) {
        if let Some(device) = self.devices.get_mut(&mac) {
            device.note(reason);
        }
    }

    fn host(&self, local: IpAddr) -> String {
        let literal = || uri_host(&local.to_canonical().to_string());
        self.addresses.name.clone().unwrap_or_else(literal)
    }

    fn bootstrap_folder(&self, local: IpAddr, nonce: &Token) -> String {
        format!("{}/b/{}/", self.origin(Scheme::Http, local), nonce.as_str())
    }

    fn steady_folder(&self, scheme: Scheme, local: IpAddr, token: &Token) -> String {
        format!("{}/p/{}/", self.origin(scheme, local), token.as_str())
    }

    /// The box's address by one of its doors, without a path.
    fn origin(&self, scheme: Scheme, local: IpAddr) -> String {
        let (scheme, port) = match scheme {
            Scheme::Http => ("http", self.addresses.http_port),
            Scheme::Https => ("https", self.addresses.https_port),
        };
        format!("{scheme}://{}:{port}", self.host(local))
    }
}

/// What a device says about itself; each part may be empty.
#[derive(Clone, Copy, Default)]
struct Said<'a> {
    vendor: &'a str,
    model: &'a str,
    firmware: &'a str,
}

/// The digest user name of a provisioned device.
fn username(number: &ExtensionNumber, mac: Mac) -> String {
    format!("{number}-{mac}")
}

/// A host as it stands in a URI: IPv6 in brackets (RFC 3986 3.2.2).
fn uri_host(host: &str) -> String {
    if host.contains(':') { format!("[{host}]") } else { host.to_owned() }
}
