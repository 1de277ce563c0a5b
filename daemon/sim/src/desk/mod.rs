//! A phone from the moment it gets power until it can call: it looks for its settings, reads them as its maker's phones do,
//! registers with what it read, and shows what a person would see. An app is one too, from the moment it starts.
//!
//! In: power, datagrams, answers to its requests, SIP, time. Out: [`Output`]s. Its parsers are its own: it shares nothing
//! with the rooms that write the files, so that a fault there shows here. It may not touch a socket or a clock.

mod book;
mod display;
mod handset;
mod keypad;
mod keys;
pub mod lan;
mod linphone;
mod pnp;
mod profile;
mod region;
mod run;
mod snom;
mod software;
mod station;
mod store;
mod wire;
mod yealink;

use std::collections::{BTreeMap, VecDeque};
use std::net::{IpAddr, SocketAddr};
use std::time::{Duration, Instant};

use bytes::Bytes;
use rand::rngs::StdRng;
use rand::{RngExt as _, SeedableRng as _};

pub use crate::agent::Lamp;
use book::Book;
pub use book::Page;
pub use display::Display;
use display::Trouble;
use handset::Handset;
pub use keys::{Seen, Spot};
pub use profile::{Maker, OwnCertificate, Profile, TlsVersion};
use run::{Ask, Run};
use station::Station;
pub use store::Account;
use store::Store;
pub use wire::{Fetched, Get, Output, Shown, TlsClient, TlsFault};

/// How long a phone listens for an answer to its PnP packet (not documented; answers come within milliseconds).
const PNP_PATIENCE: Duration = Duration::from_secs(5);
/// Between two tries of a file that broke off, and how many there are (Yealink's factory values).
const TRY_AGAIN: Duration = Duration::from_secs(5);
const TRIES: u32 = 3;
/// Between its question for the time and the first one for its settings.
const CLOCK_PATIENCE: Duration = Duration::from_secs(1);
/// From power to the first packet. Real phones need 40 to 80 s.
pub const BOOT: Duration = Duration::from_secs(45);
/// What a phone without a battery takes for the time when it starts: 2000-01-01, in unix seconds.
const FACTORY_TIME: u64 = 946_684_800;

/// What it will do by itself.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Wake {
    Booted,
    Look,
    PnpOver,
    Again,
    Poll,
    /// Nobody types another digit.
    Typed,
    /// Software is ready, once nobody is in a call.
    Install(String),
    Dial {
        line: usize,
        number: String,
        patience: Duration,
    },
}

/// Where it may look for its settings at a boot, in order.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Source {
    /// This address: of the network's DHCP server, or its own.
    At(String),
    /// Whoever answers the PnP packet.
    Pnp,
}

/// A desk phone.
#[derive(Debug)]
pub struct DeskPhone {
    /// Which model.
    pub profile: Profile,
    mac: String,
    here: IpAddr,
    /// What the network's DHCP server says in option 66, if anything.
    pub option_66: Option<String>,
    /// Where its maker's redirection service sends it, when somebody claimed it there.
    pub claimed: Option<String>,
    /// What its clock says before a time server told it better, in unix seconds: it has no battery.
    pub clock_starts: u64,
    /// How long a restart takes.
    pub boot: Duration,
    /// What somebody typed into the authentication fields of its set-up menu.
    pub typed_credentials: Option<(String, String)>,
    /// The version of its software.
    pub firmware: String,
    /// Its software is the maker's for the rest of Europe, without Dutch.
    pub without_dutch: bool,
    /// Whether a base's handsets go by the numbers for a locked phone that they came with, and not by the base's.
    pub handsets_own_list: bool,
    /// Its TLS is good for HTTP and not for SIP, as of firmware that knows another list of authorities there.
    pub without_sip_tls: bool,
    /// Modules with keys that are plugged into it.
    pub modules: u8,
    /// Whose certificate it shows, when somebody put another phone's into it: that one's MAC address.
    pub certificate_of: Option<String>,
    store: Store,
    /// A base's, in the order in which they were subscribed. A reset does not part them: that is in the radio's memory.
    handsets: Vec<Handset>,
    on: bool,
    rng: StdRng,
    started: Instant,
    /// The true time, once a time server told it: unix seconds at a moment.
    told_time: Option<(Instant, u64)>,
    sources: VecDeque<Source>,
    pnp_number: u32,
    run: Option<Run>,
    trouble: Option<Trouble>,
    stations: Vec<Station>,
    agenda: BTreeMap<(Instant, u64), Wake>,
    serial: u64,
    outputs: VecDeque<Output>,
    /// HTTP requests that wait for the one before them, and which part of the phone each is of.
    requests: VecDeque<(Owner, Get)>,
    /// Whose request is not answered yet.
    asking: Option<Owner>,
    book: Book,
    typed: String,
    locked: bool,
}

/// The part of a phone that asks over HTTP.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Owner {
    /// What reads the settings.
    Run,
    /// The phone book.
    Book,
}

impl DeskPhone {
    /// An untouched phone, without power. `mac` is twelve lower-case digits.
    pub fn new(now: Instant, profile: Profile, mac: &str, here: IpAddr, seed: u64) -> Self {
        Self {
            profile,
            mac: mac.to_owned(),
            here,
            option_66: None,
            claimed: None,
            clock_starts: FACTORY_TIME,
            boot: BOOT,
            typed_credentials: None,
            firmware: profile.firmware.to_owned(),
            without_dutch: false,
            handsets_own_list: false,
            without_sip_tls: false,
            modules: 0,
            certificate_of: None,
            store: Store::default(),
            handsets: Vec::new(),
            on: false,
            rng: StdRng::seed_from_u64(seed),
            started: now,
            told_time: None,
            sources: VecDeque::new(),
            pnp_number: 0,
            run: None,
            trouble: None,
            stations: Vec::new(),
            agenda: BTreeMap::new(),
            serial: 0,
            outputs: VecDeque::new(),
            requests: VecDeque::new(),
            asking: None,
            book: Book::default(),
            typed: String::new(),
            locked: false,
        }
    }

    /// Its MAC address, twelve lower-case digits.
    pub fn mac(&self) -> &str {
        &self.mac
    }

    /// Its address.
    pub const fn address(&self) -> IpAddr {
        self.here
    }

    /// Moves it to another address, as when the router hands out a new one. It takes effect with the next boot.
    pub const fn move_to(&mut self, here: IpAddr) {
        self.here = here;
    }

    /// The address its PnP packets come from.
    pub const fn pnp_address(&self) -> SocketAddr {
        SocketAddr::new(self.here, pnp::port(&self.profile))
    }

    /// Power: after `takes` it does its first thing. Whatever it did before is forgotten, what it stored is not.
    pub fn power_on(&mut self, now: Instant, takes: Duration) {
        self.power_off();
        self.started = now;
        self.wake(now + takes, Wake::Booted);
    }

    /// The plug is pulled: nobody is told.
    pub fn power_off(&mut self) {
        (self.told_time, self.run, self.trouble) = (None, None, None);
        self.stations.clear();
        self.sources.clear();
        self.agenda.clear();
        self.outputs.clear();
        self.requests.clear();
        self.asking = None;
        self.book.forget();
        self.typed.clear();
        self.on = false;
    }

    /// Whether it has power and its boot is over.
    pub const fn is_on(&self) -> bool {
        self.on
    }

    /// Everything it stored is gone, as from the factory; it needs [`power_on`](Self::power_on) again.
    pub fn factory_reset(&mut self) {
        self.power_off();
        self.store = Store::default();
    }

    /// Somebody changes a setting in its menu or on its page.
    pub fn change_by_hand(&mut self, key: &str, value: &str) {
        self.store.by_hand.insert(key.to_owned(), value.to_owned());
        self.store.values.insert(key.to_owned(), value.to_owned());
    }

    /// A setting as it is now; empty when it has none.
    pub fn setting(&self, key: &str) -> &str {
        self.store.value(key)
    }

    /// The accounts it read.
    pub fn accounts(&self) -> Vec<Account> {
        match self.profile.maker {
            Maker::Yealink => yealink::accounts(&self.store, &self.profile),
            Maker::Snom => snom::accounts(&self.store, &self.profile),
            Maker::Linphone => linphone::accounts(&self.store, &self.profile),
        }
    }

    /// When it wants to be woken.
    pub fn poll_timeout(&self) -> Option<Instant> {
        let own = self.agenda.keys().next().map(|(at, _)| *at);
        self.stations.iter().filter_map(Station::poll_timeout).chain(own).min()
    }

    /// Does what is due.
    pub fn handle_timeout(&mut self, now: Instant) {
        while let Some(entry) = self.agenda.first_entry().filter(|entry| entry.key().0 <= now) {
            match entry.remove() {
                Wake::Booted => self.begin_day(now),
                Wake::Look => self.look_for_settings(now),
                Wake::PnpOver => self.next_source(now),
                Wake::Again => self.ask_current(now),
                Wake::Poll => self.read_again(now),
                Wake::Install(version) => self.install(now, version),
                Wake::Typed => drop(self.send_typed(now)),
                Wake::Dial { line, number, patience } => self.dial(now, line, &number, patience),
            }
        }
        self.stations.iter_mut().for_each(|station| station.handle_timeout(now));
    }

    /// What comes out.
    pub fn poll_output(&mut self) -> Option<Output> {
        if let Some(output) = self.outputs.pop_front() {
            return Some(output);
        }
        self.stations.iter_mut().enumerate().find_map(|(line, station)| station.poll_output(line))
    }

    fn wake(&mut self, at: Instant, wake: Wake) {
        self.serial += 1;
        self.agenda.insert((at, self.serial), wake);
    }

    fn forget(&mut self, wake: &Wake) {
        self.agenda.retain(|_, known| known != wake);
    }

    fn note(&mut self, text: impl Into<String>) {
        self.outputs.push_back(Output::Note(text.into()));
    }

    /// The boot is over: the clock, then the settings.
    fn begin_day(&mut self, now: Instant) {
        self.on = true;
        self.ask_time();
        self.wake(now + CLOCK_PATIENCE, Wake::Look);
    }

    fn look_for_settings(&mut self, now: Instant) {
        let stored = self.server().to_owned();
        let at_hand = (!stored.is_empty()).then_some(Source::At(stored));
        let router = self.option_66.clone().map(Source::At);
        self.sources = match self.profile.maker {
            Maker::Yealink => {
                let on = |key, factory| self.store.value_or(key, factory) == "1";
                let router = router.filter(|_| on("static.auto_provision.dhcp_option.enable", "1"));
                let at_hand = at_hand.filter(|_| on("static.auto_provision.power_on", "1"));
                let asks = on("static.auto_provision.pnp_enable", "1").then_some(Source::Pnp);
                [router, at_hand, asks].into_iter().flatten().collect()
            }
            // Its maker's service comes before all else. What PnP or the router said is not stored: a phone that has an
            // address asks nobody else.
            Maker::Snom => {
                let looks_at = |source| snom::looks_at(&self.store, source);
                let claimed = self.claimed.clone().filter(|_| looks_at("redirection")).map(Source::At);
                let on = self.store.value_or("pnp_config", "on") == "on";
                let asks = (on && looks_at("pnp")).then_some(Source::Pnp);
                let router = router.filter(|_| looks_at("dhcp"));
                match claimed.or(at_hand) {
                    Some(one) => VecDeque::from([one]),
                    None => [asks, router].into_iter().flatten().collect(),
                }
            }
            Maker::Linphone => at_hand.into_iter().collect(),
        };
        self.next_source(now);
    }

    fn ask_time(&mut self) {
        let key = match self.profile.maker {
            Maker::Yealink => "local_time.ntp_server1",
            Maker::Snom => "ntp_server",
            // An app takes it from the device that it runs on, which has its own ways.
            Maker::Linphone => "",
        };
        let server = self.store.value_or(key, "cn.pool.ntp.org").to_owned();
        self.outputs.push_back(Output::AskTime(server));
    }

    fn server(&self) -> &str {
        match self.profile.maker {
            Maker::Yealink => self.store.value("static.auto_provision.server.url"),
            Maker::Snom => self.store.value("setting_server"),
            Maker::Linphone => self.store.value(linphone::LINK),
        }
    }

    fn next_source(&mut self, now: Instant) {
        self.forget(&Wake::PnpOver);
        match self.sources.pop_front() {
            Some(Source::At(url)) => self.begin_run(now, &url),
            Some(Source::Pnp) => {
                self.pnp_number = self.rng.random_range(100_000_000..2_000_000_000);
                let packet = pnp::subscribe((&self.profile, &self.firmware), &self.mac, self.here, self.pnp_number);
                self.outputs.push_back(Output::Multicast(packet));
                self.wake(now + PNP_PATIENCE, Wake::PnpOver);
            }
            None => self.settle_down(now),
        }
    }

    /// A datagram at the port of PnP.
    pub fn handle_datagram(&mut self, now: Instant, from: SocketAddr, datagram: &Bytes) {
        let Some((url, ok)) = pnp::offered(datagram, self.pnp_number) else { return };
        self.outputs.push_back(Output::Datagram { to: from, bytes: ok });
        if self.agenda.values().any(|wake| *wake == Wake::PnpOver) {
            self.forget(&Wake::PnpOver);
            self.note(format!("is told to ask {url}"));
            self.begin_run(now, &url);
        }
    }

    /// A time server says what time it is.
    pub const fn handle_time(&mut self, now: Instant, unix_seconds: u64) {
        self.told_time = Some((now, unix_seconds));
    }

    /// What time it believes it is, in unix seconds.
    pub fn believed_time(&self, now: Instant) -> u64 {
        let (then, unix) = self.told_time.unwrap_or((self.started, self.clock_starts));
        unix + now.saturating_duration_since(then).as_secs()
    }

    /// What its TLS brings along, for HTTPS and for SIP.
    pub fn tls_client(&self, now: Instant) -> TlsClient {
        let Profile { maker, tls, elliptic, certificate, .. } = self.profile;
        let (knows_ours, trusts_everybody, checks_name) = match maker {
            Maker::Yealink => (
                // 0, the factory's value, is the makers' list alone.
                self.store.value_or("static.security.ca_cert", "0") != "0",
                self.store.value_or("static.security.trust_certificates", "1") == "0",
                self.store.value_or("static.security.cn_validation", "0") == "1",
            ),
            Maker::Snom => {
                // Firmware 8 checks nothing from the factory, firmware 10 everything.
                let factory = if self.profile.checks_servers { "on" } else { "off" };
                let checks = self.store.value_or("tls_server_authentication", factory) == "on";
                (true, !checks, checks && self.store.value_or("check_fqdn_against_server_cert", factory) == "on")
            }
            Maker::Linphone => (true, self.store.value_or("sip/verify_server_certs", "1") == "0", true),
        };
        let trusted = if knows_ours { self.store.certificates.clone() } else { Vec::new() };
        let believes = self.believed_time(now);
        let named = || self.certificate_of.clone().unwrap_or_else(|| self.mac.clone());
        let certificate = match certificate {
            OwnCertificate::None => None,
            OwnCertificate::Shared => Some(Shown { mac: None, kind: certificate }),
            OwnCertificate::Maker | OwnCertificate::MakerOfOld => Some(Shown { mac: Some(named()), kind: certificate }),
        };
        TlsClient { version: tls, elliptic, trusted, trusts_everybody, checks_name, believes, certificate }
    }

    fn begin_run(&mut self, now: Instant, url: &str) {
        self.run = Some(match self.profile.maker {
            Maker::Yealink => yealink::begin(url, &self.mac),
            Maker::Snom => snom::begin(url, &self.profile, &self.mac),
            Maker::Linphone => linphone::begin(url),
        });
        self.ask_next(now);
    }

    fn ask_next(&mut self, now: Instant) {
        let Some(run) = &mut self.run else { return };
        (run.current, run.broken, run.authorized) = (run.waiting.pop_front(), 0, false);
        if run.current.is_some() { self.ask_current(now) } else { self.end_of_files(now) }
    }

    fn ask_current(&mut self, now: Instant) {
        let Some((ask, url)) = self.run.as_ref().and_then(|run| run.current.clone()) else { return };
        let mut get = self.question(now, &url);
        if self.profile.says_linphone {
            get.headers.push(("X-Linphone-Provisioning", "1".to_owned()));
        }
        if let Some(run) = self.run.as_ref().filter(|_| ask == Ask::Software) {
            let (from, bytes) = software::next_part(run, self.profile.maker);
            get.headers.push(("Range", format!("bytes={from}-{}", from + bytes - 1)));
        }
        // Certificates are fetched beside the settings, without their credentials.
        let authorized = self.run.as_ref().is_some_and(|run| run.authorized) && ask != Ask::Certificate;
        if authorized && let Some(credentials) = self.credentials() {
            get.headers.push(("Authorization", format!("Basic {}", base64(credentials.as_bytes()))));
        }
        self.request(Owner::Run, get);
    }

    fn question(&self, now: Instant, url: &str) -> Get {
        let headers = vec![("User-Agent", self.profile.user_agent(&self.firmware, &self.mac))];
        Get { url: url.to_owned(), headers, tls: self.tls_client(now) }
    }

    fn request(&mut self, owner: Owner, get: Get) {
        self.requests.push_back((owner, get));
        self.next_request();
    }

    fn next_request(&mut self) {
        if self.asking.is_none()
            && let Some((owner, get)) = self.requests.pop_front()
        {
            self.asking = Some(owner);
            self.outputs.push_back(Output::Get(get));
        }
    }

    /// User and password for provisioning, with a colon, if it has any.
    fn credentials(&self) -> Option<String> {
        let keys = match self.profile.maker {
            Maker::Yealink => ["static.auto_provision.server.username", "static.auto_provision.server.password"],
            Maker::Snom => ["http_client_user", "http_client_pass"],
            // It has a digest of the account at most.
            Maker::Linphone => ["", ""],
        };
        let [user, password] = keys.map(|key| self.store.value(key).to_owned());
        let own = (!user.is_empty()).then_some((user, password));
        own.or_else(|| self.typed_credentials.clone()).map(|(user, password)| format!("{user}:{password}"))
    }

    /// How long it waits for an answer before it takes it for [`Fetched::Nothing`].
    pub fn patience(&self) -> Duration {
        let own = self.store.number("static.auto_provision.attempt_expired_time").map(Duration::from_secs);
        own.filter(|_| self.profile.maker == Maker::Yealink).unwrap_or_else(|| self.profile.patience())
    }

    /// What became of its request.
    pub fn handle_fetched(&mut self, now: Instant, fetched: Fetched) {
        let owner = self.asking.take();
        self.next_request();
        match owner {
            Some(Owner::Run) => self.handle_run(now, fetched),
            Some(Owner::Book) => self.handle_book(now, fetched),
            None => {}
        }
    }

    fn handle_run(&mut self, now: Instant, fetched: Fetched) {
        let Some((ask, url)) = self.run.as_ref().and_then(|run| run.current.clone()) else { return };
        if self.profile.maker == Maker::Linphone {
            return self.handle_opened(now, &url, fetched);
        }
        match fetched {
            Fetched::Tls(fault) => self.give_up(now, Trouble::Tls(fault)),
            Fetched::Answer { status: 401, .. } if !ask.is_beside() => self.denied(now),
            Fetched::Answer { status: status @ (200 | 206), body, whole: true } if ask == Ask::Software => {
                if let Some(run) = &mut self.run {
                    software::take(run, (self.profile.maker, &self.firmware), &url, (&body, status == 200));
                }
                self.ask_next(now);
            }
            Fetched::Answer { status: 200, body, whole: true } => self.handle_file(now, ask, &url, Some(body)),
            // A redirection is not followed: not every firmware does.
            Fetched::Answer { status: 300..=499, .. } => self.handle_file(now, ask, &url, None),
            Fetched::Answer { .. } | Fetched::Nothing => self.broken(now),
        }
    }

    fn denied(&mut self, now: Instant) {
        let again = self.credentials().is_some() && self.run.as_ref().is_some_and(|run| !run.authorized);
        if !again {
            return self.give_up(now, Trouble::Denied);
        }
        if let Some(run) = &mut self.run {
            run.authorized = true;
        }
        self.ask_current(now);
    }

    fn broken(&mut self, now: Instant) {
        let Some(run) = &mut self.run else { return };
        run.broken += 1;
        if run.broken < TRIES {
            self.wake(now + TRY_AGAIN, Wake::Again);
        } else {
            self.give_up(now, Trouble::Unreachable);
        }
    }

    /// The run is over without effect. What it was set up with before stays.
    fn give_up(&mut self, now: Instant, trouble: Trouble) {
        self.note(format!("gives up reading its settings: {}", trouble.words()));
        let applied = self.run.take().is_some_and(|run| run.applied);
        self.trouble = Some(trouble);
        if applied { self.settle_down(now) } else { self.next_source(now) }
    }

    fn handle_file(&mut self, now: Instant, ask: Ask, url: &str, body: Option<Bytes>) {
        let Some(run) = &mut self.run else { return };
        match (ask, self.profile.maker) {
            (Ask::Certificate, _) => {
                if let Some(pem) = body {
                    yealink::learn(&mut self.store, url, &pem);
                }
            }
            (Ask::Picture, _) => {
                if let Some(picture) = body {
                    self.store.keep_picture(url, picture);
                }
            }
            // What there is none of is left as it is.
            (Ask::Software, _) => {}
            (Ask::SoftwareList, _) => {
                let list = body.map(|list| String::from_utf8_lossy(&list).into_owned()).unwrap_or_default();
                software::listed(&list, &self.firmware).iter().for_each(|url| run.ask(Ask::Software, url));
            }
            (_, Maker::Yealink) => yealink::next(run, &self.profile, &self.mac, (ask, url), body),
            (_, Maker::Snom) => snom::next(run, (ask, url), body),
            (_, Maker::Linphone) => {}
        }
        self.ask_next(now);
    }

    fn end_of_files(&mut self, now: Instant) {
        let Some(run) = &mut self.run else { return };
        if !run.applied {
            run.applied = true;
            let order = self.store.value(snom::ORDER).to_owned();
            run.changed = match self.profile.maker {
                Maker::Yealink => yealink::apply(&mut self.store, run),
                Maker::Snom => snom::apply(&mut self.store, run),
                Maker::Linphone => linphone::apply(&mut self.store, run),
            };
            run.looks_anew = self.store.value(snom::ORDER) != order;
            if self.profile.maker == Maker::Yealink {
                yealink::certificates(&self.store).iter().for_each(|url| run.ask(Ask::Certificate, url));
            }
            let picture = match self.profile.maker {
                Maker::Yealink => self.store.new_picture(yealink::PICTURE),
                Maker::Snom => self.store.new_picture(snom::PICTURE),
                Maker::Linphone => None,
            };
            picture.iter().for_each(|url| run.ask(Ask::Picture, url));
            software::ask(&self.store, self.profile.maker, run);
            if !run.waiting.is_empty() {
                return self.ask_next(now);
            }
        }
        self.end_of_run(now);
    }

    fn end_of_run(&mut self, now: Instant) {
        let Some(run) = self.run.take() else { return };
        if run.taken.is_empty() {
            self.trouble = Some(Trouble::NoFiles);
            return self.next_source(now);
        }
        self.trouble = None;
        self.sources.clear();
        if let Some(version) = run.installs {
            self.install(now, version);
            if self.on {
                self.settle_down(now);
            }
            return;
        }
        let snom_restarts = self.store.value("auto_reboot_on_setting_change") == "on";
        if run.changed && (self.profile.is_base || snom_restarts) {
            self.note("restarts for its new settings");
            return self.power_on(now, self.boot);
        }
        if run.changed {
            self.ask_time();
        }
        self.settle_down(now);
        if run.looks_anew {
            self.note("looks for its settings anew, in another order");
            self.wake(now, Wake::Look);
        }
    }

    /// Everything is read that can be: use it.
    fn settle_down(&mut self, now: Instant) {
        self.register(now);
        self.forget(&Wake::Poll);
        if let Some(every) = self.poll_interval() {
            self.wake(now + every, Wake::Poll);
        }
    }

    fn poll_interval(&self) -> Option<Duration> {
        let seconds = match self.profile.maker {
            Maker::Yealink if self.store.value("static.auto_provision.repeat.enable") != "1" => return None,
            Maker::Yealink => self.store.number("static.auto_provision.repeat.minutes").unwrap_or(1440) * 60,
            Maker::Snom => self.store.number("settings_refresh_timer")?,
            Maker::Linphone => return None,
        };
        (seconds > 0).then(|| Duration::from_secs(seconds))
    }

    /// Somebody has it read its settings again, in its menu.
    pub fn read_settings(&mut self, now: Instant) {
        self.read_again(now);
    }

    /// Reads the settings again from where they come.
    fn read_again(&mut self, now: Instant) {
        if self.run.is_some() {
            return;
        }
        let url = self.server().to_owned();
        if url.is_empty() { self.settle_down(now) } else { self.begin_run(now, &url) }
    }
}

fn base64(bytes: &[u8]) -> String {
    use base64::Engine as _;
    base64::engine::general_purpose::STANDARD.encode(bytes)
}
