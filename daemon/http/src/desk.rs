//! The desk at which the enrolment sits: its inputs one at a time, and its effects carried out before anybody is
//! answered.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::{Duration, Instant};

use centrale_call_control::view::{ProblemView, Severity};
use centrale_call_control::{Command, ResyncOutcome};
use centrale_config::{Mac, Office, Settled};
use centrale_provisioning::enrolment::{
    Alarm, AlarmKind, DeviceRecord, DeviceView, Effect, Neighbour, Resynced, TlsFault,
};
use centrale_provisioning::pnp::{Datagram, Notifier, Subscribe};
use centrale_provisioning::{Enrolment, Moment};
use centrale_store::{DeviceRow, StoreError};
use rand::SeedableRng;
use rand::rngs::{StdRng, SysRng};

use crate::body::PairingWindow;
use crate::clock;
use crate::deck::TakenDeck;
use crate::edge::{Edge, HeardPnp, HttpError, Surroundings, Wish, blocking};
use crate::live::Event;
use crate::logo::logo_of;

/// How long an alarm stays on the page when nothing else ends it.
const ALARM_LIFE: Duration = Duration::from_secs(24 * 3600);

/// The enrolment with all that it needs beside it.
pub(crate) struct Desk {
    pub(crate) enrolment: Enrolment,
    pub(crate) rng: StdRng,
    pub(crate) revision: u64,
    pub(crate) office: Arc<Office>,
    /// What each provider asks, by the names of trunks.
    pub(crate) decks: BTreeMap<String, TakenDeck>,
    /// The hosts of decks whose trunk is at another provider now.
    pub(crate) elsewhere: BTreeMap<String, String>,
    notifier: Notifier,
    /// Our address towards each phone that is being told.
    locals: HashMap<SocketAddr, IpAddr>,
    /// Alarms on the page by code and subject: when each goes, and what caused it last.
    alarms: BTreeMap<(&'static str, String), (Instant, IpAddr)>,
    /// Phones that are allowed to come without TLS, for which the page says so as long as they are.
    in_clear: BTreeSet<String>,
}

impl Desk {
    pub(crate) fn new(enrolment: Enrolment, revision: u64, office: Arc<Office>) -> Result<Self, HttpError> {
        let rng = StdRng::try_from_rng(&mut SysRng).map_err(|_| HttpError::NoRandomness)?;
        Ok(Self {
            enrolment,
            rng,
            revision,
            office,
            decks: BTreeMap::new(),
            elsewhere: BTreeMap::new(),
            notifier: Notifier::default(),
            locals: HashMap::new(),
            alarms: BTreeMap::new(),
            in_clear: BTreeSet::new(),
        })
    }

    /// Takes back what the store kept, and settles it on the office.
    pub(crate) fn restore(&mut self, devices: Vec<DeviceRow>) -> Vec<Effect> {
        for row in devices {
            match serde_json::from_str::<DeviceRecord>(&row.document) {
                Ok(record) => self.enrolment.restore(record, row.secret),
                // The place and not the words: the document may hold what must not be in a log.
                Err(error) => tracing::error!(mac = %row.mac, column = error.column(), "a device's record is damaged"),
            }
        }
        self.enrolment.settle(clock::moment(), Arc::clone(&self.office), &mut self.rng)
    }

    pub(crate) fn devices(&self) -> Vec<DeviceView> {
        self.enrolment.devices()
    }

    pub(crate) fn settled(&self) -> Settled {
        Settled::new(self.revision, Arc::clone(&self.office), self.enrolment.credentials())
    }

    pub(crate) fn poll_timeout(&self) -> Option<Instant> {
        let alarms = self.alarms.values().map(|(end, _)| *end);
        self.enrolment.poll_timeout().into_iter().chain(self.notifier.poll_timeout()).chain(alarms).min()
    }
}

impl Edge {
    /// Carries out what the enrolment asks, in its order. What must be kept is on the disk when this returns.
    pub(crate) async fn carry_out(&self, desk: &mut Desk, effects: Vec<Effect>) -> Result<(), StoreError> {
        let mut done = Ok(());
        for effect in effects {
            if let Err(error) = self.carry_out_one(desk, effect).await {
                tracing::error!(%error, "what is known of a phone could not be kept");
                done = Err(error);
            }
        }
        self.0.timeouts_moved.notify_one();
        done
    }

    /// The same before anybody listens: the exchange starts with all that it would be told, and no phone is registered
    /// yet along which it could be told anything.
    pub(crate) async fn carry_out_quietly(&self, effects: Vec<Effect>) -> Result<(), StoreError> {
        let mut desk = self.0.desk.lock().await;
        let (mut quiet, mut untold) = (Vec::new(), Vec::new());
        for effect in effects {
            match effect {
                Effect::CredentialsChanged => {}
                Effect::Resync(mac) => untold.push(mac),
                effect => quiet.push(effect),
            }
        }
        for mac in untold {
            quiet.extend(desk.enrolment.handle_resynced(clock::moment(), mac, Resynced::Unreachable));
        }
        self.carry_out(&mut desk, quiet).await
    }

    async fn carry_out_one(&self, desk: &mut Desk, effect: Effect) -> Result<(), StoreError> {
        match effect {
            Effect::Save { record, secret } => {
                let row = row_of(&record, secret);
                let store = self.0.store.clone();
                blocking(move || store.put_device(&row)).await?;
            }
            Effect::Forget(mac) => {
                self.publish(Event::DeviceGone { mac: mac.to_string() });
                self.warn_of_clear(desk, mac.to_string(), false);
                self.calm(desk, mac);
                let store = self.0.store.clone();
                blocking(move || store.remove_device(mac)).await?;
            }
            Effect::Seen(view) => {
                self.warn_of_clear(desk, view.mac.clone(), view.plain_http);
                self.publish(Event::Device(view));
            }
            Effect::Alarm(alarm) => {
                self.raise(desk, &alarm);
                self.note_alarm(&alarm).await;
            }
            Effect::Guessed(guess) => self.note_settings_guess(&guess).await,
            Effect::TemplateFault(fault) => tracing::error!(%fault, "a template cannot be written"),
            Effect::CredentialsChanged => self.tell_settled(desk).await,
            Effect::Resync(device) => self.wish(Wish::Command(Command::Resync { device })).await,
            Effect::Window { open_until } => self.publish(Event::Window(PairingWindow { open_until })),
            // Whoever heard the packet answers it.
            Effect::Offer { .. } => {}
        }
        Ok(())
    }

    /// Takes over a revision of the office, if it is not the one in force: phones, exchange, page, in this order.
    pub(crate) async fn settle(&self, desk: &mut Desk, revision: u64, office: Arc<Office>) {
        if desk.revision == revision {
            return;
        }
        if desk.office.logo != office.logo {
            let (store, named) = (self.0.store.clone(), Arc::clone(&office));
            // Without it phones show what they came with, and the page says that it is missing.
            let logo = blocking(move || logo_of(&store, &named)).await;
            desk.enrolment.set_logo(logo.unwrap_or_default());
        }
        (desk.revision, desk.office) = (revision, Arc::clone(&office));
        let mut effects = desk.enrolment.settle(clock::moment(), office, &mut desk.rng);
        effects.retain(|effect| *effect != Effect::CredentialsChanged);
        // The revision stands, whatever could not be kept of what follows from it: the next start works that out again.
        let _ = self.carry_out(desk, effects).await;
        // Before the revision: a provider that is new must not have the prices of another one.
        self.settle_decks(desk).await;
        self.tell_settled(desk).await;
        self.publish(Event::Office { revision });
        // It is looked at again in a minute.
        let _ = self.look_at_alerts_of(&desk.office).await;
        // Whoever saw a person's calls is gone with the person.
        self.sessions_ended();
        self.look_at_firmware_soon(desk);
    }

    /// Files may be long, and nobody waits for them.
    pub(crate) fn look_at_firmware_soon(&self, desk: &Desk) {
        let (edge, office) = (self.clone(), Arc::clone(&desk.office));
        tokio::spawn(async move { edge.look_at_firmware(&office).await });
    }

    pub(crate) async fn handle_timeout(&self) {
        let moment = clock::moment();
        let mut desk = self.0.desk.lock().await;
        let effects = desk.enrolment.handle_timeout(moment);
        // What could not be kept is in the log; nobody waits for an answer here.
        let _ = self.carry_out(&mut desk, effects).await;
        let again = desk.notifier.handle_timeout(moment.now);
        self.send(&mut desk, again).await;
        let over: Vec<_> =
            desk.alarms.iter().filter(|(_, (end, _))| *end <= moment.now).map(|(key, _)| key.clone()).collect();
        for (code, subject) in over {
            self.solve(&mut desk, code, &subject);
        }
    }

    /// What became of a phone that was told to read its settings.
    pub(crate) async fn handle_resynced(&self, mac: Mac, outcome: ResyncOutcome) {
        let outcome = match outcome {
            ResyncOutcome::Deferred => Resynced::Deferred,
            ResyncOutcome::Accepted => Resynced::Accepted,
            ResyncOutcome::Refused(status) => Resynced::Refused(status),
            ResyncOutcome::Unreachable => Resynced::Unreachable,
        };
        let mut desk = self.0.desk.lock().await;
        let effects = desk.enrolment.handle_resynced(clock::moment(), mac, outcome);
        // Nothing of it is kept: the phone is told anew after a restart.
        let _ = self.carry_out(&mut desk, effects).await;
    }

    /// A phone is registered.
    pub(crate) async fn handle_registered(&self, mac: Mac) {
        let mut desk = self.0.desk.lock().await;
        let effects = desk.enrolment.handle_registered(mac);
        if !effects.is_empty() {
            // What could not be kept is in the log, and known again with the next registration.
            let _ = self.carry_out(&mut desk, effects).await;
        }
    }

    pub(crate) async fn handle_pnp(&self, heard: HeardPnp) {
        let mut desk = self.0.desk.lock().await;
        match Subscribe::read(&heard.bytes) {
            Some(subscribe) => self.handle_subscribe(&mut desk, &heard, &subscribe).await,
            None => {
                desk.notifier.handle_datagram(&heard.bytes);
            }
        }
        if heard.last {
            let neighbour = self.neighbour_of(heard.source.ip().to_canonical(), heard.local.to_canonical()).await;
            let effects = desk.enrolment.handle_pnp_flood(heard.source.ip(), neighbour);
            // Nothing of it is kept.
            let _ = self.carry_out(&mut desk, effects).await;
        }
    }

    async fn handle_subscribe(&self, desk: &mut Desk, heard: &HeardPnp, subscribe: &Subscribe) {
        let HeardPnp { source, local, .. } = *heard;
        let neighbour = self.neighbour_of(source.ip().to_canonical(), local.to_canonical()).await;
        let moment = clock::moment();
        let Desk { enrolment, rng, .. } = &mut *desk;
        let effects = enrolment.handle_pnp(moment, &subscribe.heard(source.ip(), local), neighbour, rng);
        let offered = effects.iter().find_map(|effect| match effect {
            Effect::Offer { url, .. } => Some(url.clone()),
            _ => None,
        });
        let kept = self.carry_out(desk, effects).await;
        if let (Some(url), Ok(())) = (offered, kept) {
            let ours = SocketAddr::new(local.to_canonical(), self.0.settings.sip_port);
            let Desk { notifier, rng, .. } = &mut *desk;
            let answers = notifier.answer(moment.now, subscribe, source, ours, &url, rng);
            desk.locals.extend(answers.iter().map(|datagram| (datagram.to, ours.ip())));
            self.send(desk, answers).await;
        }
    }

    async fn send(&self, desk: &mut Desk, datagrams: Vec<Datagram>) {
        for Datagram { to, bytes } in datagrams {
            if let Some(local) = desk.locals.get(&to).copied() {
                self.wish(Wish::Datagram { to, local, bytes }).await;
            }
        }
        if desk.notifier.poll_timeout().is_none() {
            desk.locals.clear();
        }
    }

    /// What the neighbour table says of an address.
    pub(crate) async fn neighbour_of(&self, source: IpAddr, local: IpAddr) -> Neighbour {
        if source.is_loopback() || source == local {
            return Neighbour::Loopback;
        }
        let Surroundings { mac_of, is_attached } = self.0.surroundings;
        let look = move || match mac_of(source) {
            Some(octets) => Neighbour::Is(Mac::from_octets(octets)),
            None if is_attached(source) => Neighbour::NoEntry,
            None => Neighbour::Routed,
        };
        // It fails only when the daemon ends.
        blocking(move || Ok(look())).await.unwrap_or(Neighbour::NoEntry)
    }

    pub(crate) fn publish(&self, event: Event) {
        self.tell_by_mail(&event);
        self.0.live.publish(clock::moment().now, event);
    }

    /// Asks something of the exchange. When there is nobody to ask the daemon is ending.
    pub(crate) async fn wish(&self, wish: Wish) {
        if self.0.wishes.send(wish).await.is_err() {
            tracing::debug!("nobody takes wishes any more");
        }
    }

    fn raise(&self, desk: &mut Desk, alarm: &Alarm) {
        let Moment { now, .. } = clock::moment();
        let subject = alarm.mac.map(|mac| mac.to_string()).unwrap_or_default();
        let code = alarm.kind.code();
        let told = desk.alarms.insert((code, subject.clone()), (now + ALARM_LIFE, alarm.source));
        if told.is_some_and(|(_, source)| source == alarm.source) {
            // It is on the page and in the log already, however often it happens.
            return;
        }
        let severity = match alarm.kind {
            AlarmKind::TokenMisused => Severity::CallsFail,
            AlarmKind::AsksAgain => Severity::Note,
            AlarmKind::CertificateDiffers
            | AlarmKind::UserAgentDiffers
            | AlarmKind::NeighbourDiffers
            | AlarmKind::PlaysPhones
            | AlarmKind::Moved
            | AlarmKind::Guessing => Severity::Warning,
        };
        tracing::warn!(code, subject, source = %alarm.source, "a phone, or who plays one");
        let detail = format!("from {}", alarm.source);
        self.publish(Event::Problem(ProblemView { code: code.to_owned(), subject, severity, detail }));
    }

    /// Says on the page, for a day, that a user logged in after guesses. It is nobody's to take back: the story tells the rest.
    pub(crate) async fn warn_of_entry(&self, user: &str, source: IpAddr) {
        let (code, subject) = ("page-entered", user.to_owned());
        let end = clock::moment().now + ALARM_LIFE;
        self.0.desk.lock().await.alarms.insert((code, subject.clone()), (end, source));
        self.0.timeouts_moved.notify_one();
        let (code, detail) = (code.to_owned(), source.to_string());
        self.publish(Event::Problem(ProblemView { code, subject, severity: Severity::Warning, detail }));
    }

    /// Says on the page that a phone's settings travel in clear, for as long as they may.
    fn warn_of_clear(&self, desk: &mut Desk, subject: String, allowed: bool) {
        const CODE: &str = "device-plain-http";
        if allowed && desk.in_clear.insert(subject.clone()) {
            let (code, detail) = (CODE.to_owned(), String::new());
            self.publish(Event::Problem(ProblemView { code, subject, severity: Severity::Warning, detail }));
        } else if !allowed && desk.in_clear.remove(&subject) {
            self.publish(Event::ProblemGone { code: CODE.to_owned(), subject });
        }
    }

    /// A TLS handshake came to nothing: perhaps it was a phone's.
    pub(crate) async fn handle_tls_fault(&self, source: IpAddr, local: IpAddr, fault: TlsFault) {
        let neighbour = self.neighbour_of(source, local).await;
        let mut desk = self.0.desk.lock().await;
        let effects = desk.enrolment.handle_tls_fault(source, neighbour, fault);
        // Nothing of it is kept.
        let _ = self.carry_out(&mut desk, effects).await;
    }

    /// Takes everything off the page that was said against a phone: somebody decided about it.
    pub(crate) fn calm(&self, desk: &mut Desk, mac: Mac) {
        let subject = mac.to_string();
        let said: Vec<_> = desk.alarms.keys().filter(|(_, about)| *about == subject).map(|(code, _)| *code).collect();
        for code in said {
            self.solve(desk, code, &subject);
        }
    }

    fn solve(&self, desk: &mut Desk, code: &'static str, subject: &str) {
        if desk.alarms.remove(&(code, subject.to_owned())).is_some() {
            self.publish(Event::ProblemGone { code: code.to_owned(), subject: subject.to_owned() });
        }
    }
}

pub(crate) fn row_of(record: &DeviceRecord, secret: Option<centrale_config::Secret>) -> DeviceRow {
    let state = match (&record.enrolled, &record.waiting) {
        (Some(_), _) => "enrolled",
        (None, Some(_)) => "waiting",
        (None, None) if record.suspect => "suspect",
        (None, None) => "known",
    };
    DeviceRow {
        mac: record.mac,
        state: state.to_owned(),
        document: serde_json::to_string(record).expect("a record has string keys and writes itself without fail"),
        secret,
        last_seen_unix_ms: record.last_seen.saturating_mul(1000),
    }
}
