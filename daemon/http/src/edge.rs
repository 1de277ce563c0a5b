//! The edge as the daemon holds it: what goes in, what comes out.

use std::net::{IpAddr, SocketAddr};
use std::path::PathBuf;
use std::sync::atomic::AtomicU64;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use bytes::Bytes;
use centrale_alerts::News;
use centrale_call_control::{Command, Decks, Ordered, ResyncOutcome, Told, Tried};
use centrale_config::{Country, Mac, Office, OfficeIdentity, Settled};
use centrale_provisioning::Enrolment;
use centrale_provisioning::enrolment::{Budgets, Reach};
use centrale_store::{CallRow, Store, StoreError};
use rustls::server::ResolvesServerCert;
use tokio::sync::{Notify, Semaphore, mpsc, watch};

use crate::attempts::Attempts;
use crate::audit::Tally;
use crate::certificate::Makers;
use crate::clock;
use crate::deck::decks_of;
use crate::desk::Desk;
use crate::firmware::Shelf;
use crate::guesses::Guesses;
use crate::listen::{Bound, Traffic};
use crate::live::{Event, Live};
use crate::logo::logo_of;
use crate::pace::Paces;
use crate::passkey::Challenges;
use crate::proofs::Proofs;
use crate::quiet::Shown;
use crate::tried::AtHome;

/// Passwords that are checked at once: each takes 19 MiB and a processor for a while.
const PASSWORDS_AT_ONCE: usize = 2;
/// PnP packets that wait to be answered; an office's phones boot together after a power cut.
const PNP_QUEUE: usize = 256;
/// Packets of PnP from one source that are taken at once: a phone sends one per boot, a few times, and answers ours.
const PNP_AT_ONCE: u32 = 20;
/// After how long one more is taken.
const PNP_EACH: Duration = Duration::from_secs(3);
/// Phones that said what they make of being told to read their settings. One that is lost is told again.
const RESYNCED_QUEUE: usize = 1024;
/// Orders of phones that wait to be done: a person dials each of them.
const ORDERED_QUEUE: usize = 16;
/// People whose dear calls the guard holds. One that is lost comes with the next call of that person that is refused.
const HELD_QUEUE: usize = 64;
/// Phones that are registered, each time that their person's state changes. One that is lost comes with the next change.
const REGISTERED_QUEUE: usize = 1024;

/// What the kernel knows of the networks around the box. Neither waits for the network.
#[derive(Debug, Clone, Copy)]
pub struct Surroundings {
    /// The MAC address that the neighbour table has for an address, if it has one.
    pub mac_of: fn(IpAddr) -> Option<[u8; 6]>,
    /// Whether an address is on a network that the box is on itself. If not, a router stands between and the table
    /// cannot know.
    pub is_attached: fn(IpAddr) -> bool,
}

/// Totals that other rooms count: stable name, total, what is counted.
pub type OtherCounters = Arc<dyn Fn() -> Vec<(String, u64, String)> + Send + Sync>;

/// How the edge listens and what it says about the rest of the box.
#[derive(Debug, Clone)]
pub struct HttpSettings {
    /// Addresses to listen on; none means all.
    pub bind: Vec<IpAddr>,
    /// Names of the box in that certificate, beside its addresses: passkeys work at them alone (Web Authentication 5.1.2: an
    /// address is no relying party's id).
    pub names: &'static [&'static str],
    /// Port of the page, the API and the phones' settings.
    pub https_port: u16,
    /// Port of the phones' bootstrap, in clear.
    pub http_port: u16,
    /// The box's certificate; asked for at each handshake, so that it can be exchanged.
    pub certificate: Arc<dyn ResolvesServerCert>,
    /// Folder with the phones' software.
    pub firmware: PathBuf,
    /// Whose phones are believed to be which phone by their certificates.
    pub makers: Makers,
    /// Version of the daemon.
    pub version: &'static str,
    /// Port of SIP over UDP and TCP, for phones that are configured by hand.
    pub sip_port: u16,
}

/// What the edge wants of the rest of the daemon, in the order in which it must happen.
#[derive(Debug)]
pub enum Wish {
    /// The office or the credentials of phones changed; with the number that [`Edge::new`] is told once the exchange goes by
    /// it.
    Settled(Arc<Settled>, u64),
    /// What each provider asks, in place of what was said before.
    Decks(Decks),
    /// Something to ask of the exchange.
    Command(Command),
    /// Something that may be told by mail.
    News(News),
    /// Something was tried here, more often than by mistake.
    Tried(Tried),
    /// The page is to be found from wherever somebody comes, for so long.
    ServePageToAll(Duration),
    /// The messages in a mailbox changed.
    MailboxChanged(String),
    /// Everything that the box keeps is to be destroyed, and the box to start as new.
    Wipe,
    /// A PnP answer, to be sent from the SIP port.
    Datagram {
        /// Where to.
        to: SocketAddr,
        /// Our address on the network that the phone was heard on.
        local: IpAddr,
        /// What.
        bytes: Bytes,
    },
}

/// Why the edge cannot start or go on.
#[derive(Debug, thiserror::Error)]
pub enum HttpError {
    /// The settings': a port cannot be had.
    #[error("cannot listen on {address}: {source}")]
    Bind {
        /// Which.
        address: SocketAddr,
        /// What the system says.
        source: std::io::Error,
    },
    /// The machine's, or a bug of ours: TLS cannot be set up.
    #[error("TLS cannot be set up: {0}")]
    Tls(#[from] rustls::Error),
    /// The machine's: the store cannot be read or written.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The machine's: no randomness.
    #[error("the system gives no randomness")]
    NoRandomness,
}

/// The edge. Cheap to clone.
#[derive(Clone)]
pub struct Edge(pub(crate) Arc<Shared>);

/// What all requests share.
pub(crate) struct Shared {
    pub(crate) settings: HttpSettings,
    pub(crate) store: Store,
    pub(crate) started: Instant,
    pub(crate) desk: tokio::sync::Mutex<Desk>,
    pub(crate) live: Live,
    pub(crate) firmware: Shelf,
    pub(crate) attempts: Mutex<Attempts>,
    pub(crate) guesses: Mutex<Guesses>,
    pub(crate) proofs: Mutex<Proofs>,
    pub(crate) paces: Mutex<Paces>,
    /// What passkeys are asked to sign.
    pub(crate) challenges: Mutex<Challenges>,
    /// Until when owners and installers come in from wherever they are.
    pub(crate) let_in_until: Mutex<Option<Instant>>,
    /// From where somebody is logged in, looked up not long ago.
    pub(crate) at_home: tokio::sync::Mutex<Option<AtHome>>,
    /// What the page is told of what keeps mail from being told.
    pub(crate) alerts_shown: tokio::sync::Mutex<Shown>,
    /// What is not written into the log each time.
    pub(crate) tally: Mutex<Tally>,
    pub(crate) password_checks: Semaphore,
    pub(crate) wishes: mpsc::Sender<Wish>,
    /// How often the exchange was told an office or credentials.
    pub(crate) settled: AtomicU64,
    /// The last of those that it goes by.
    pub(crate) in_force: watch::Receiver<u64>,
    pub(crate) surroundings: Surroundings,
    pub(crate) counters: OtherCounters,
    pub(crate) traffic: Traffic,
    /// Rises when a session ends, so that its open streams end too.
    pub(crate) sessions_ended: watch::Sender<u64>,
    /// Wakes who waits for the enrolment's next timeout, because it may be another one now.
    pub(crate) timeouts_moved: Notify,
    pub(crate) pnp: mpsc::Sender<HeardPnp>,
    /// What each source may say by PnP, so that one of them does not take all the room.
    pnp_budgets: Mutex<Budgets>,
    resynced: mpsc::Sender<(Mac, ResyncOutcome)>,
    registered: mpsc::Sender<Mac>,
    pub(crate) ordered: mpsc::Sender<Ordered>,
    pub(crate) held: mpsc::Sender<String>,
    heard: tokio::sync::Mutex<Heard>,
}

/// What others hand in for the enrolment.
struct Heard {
    pnp: mpsc::Receiver<HeardPnp>,
    resynced: mpsc::Receiver<(Mac, ResyncOutcome)>,
    registered: mpsc::Receiver<Mac>,
    ordered: mpsc::Receiver<Ordered>,
    held: mpsc::Receiver<String>,
}

/// A datagram that may be PnP.
#[derive(Debug)]
pub(crate) struct HeardPnp {
    pub(crate) source: SocketAddr,
    pub(crate) local: IpAddr,
    pub(crate) bytes: Bytes,
    /// Whether it is the last of its source that is taken for now: it is answered, and what follows is a flood.
    pub(crate) last: bool,
}

impl std::fmt::Debug for Edge {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Edge")
    }
}

impl Edge {
    /// An edge over a store and an enrolment that knows no device yet; it is given those that the store kept. `in_force` is
    /// the number of the last [`Wish::Settled`] that the exchange goes by, zero before the first.
    ///
    /// # Errors
    /// When the store cannot be read or written, or there is no randomness.
    pub async fn new(
        settings: HttpSettings,
        store: Store,
        enrolment: Enrolment,
        wishes: mpsc::Sender<Wish>,
        in_force: watch::Receiver<u64>,
        surroundings: Surroundings,
        counters: OtherCounters,
    ) -> Result<Self, HttpError> {
        let reading = store.clone();
        let (revision, office, devices, logo, decks) = blocking(move || {
            let (revision, office) = current_office(&reading)?;
            let (logo, decks) = (logo_of(&reading, &office)?, decks_of(&reading, &office)?);
            Ok((revision, office, reading.devices()?, logo, decks))
        })
        .await?;
        let mut desk = Desk::new(enrolment, revision, Arc::new(office))?;
        desk.enrolment.set_logo(logo);
        (desk.decks, desk.elsewhere) = (decks.decks, decks.elsewhere);
        let effects = desk.restore(devices);
        // 31 bits would do: it only has to differ from the last start's.
        let life = centrale_store::generate_token().map_err(|_| HttpError::NoRandomness)?.reveal()[..12].to_owned();
        let secret = centrale_store::generate_token().map_err(|_| HttpError::NoRandomness)?;
        let challenges = Challenges::new(secret.reveal().as_bytes(), clock::moment().now);
        let (pnp, pnp_heard) = mpsc::channel(PNP_QUEUE);
        let (resynced, resynced_heard) = mpsc::channel(RESYNCED_QUEUE);
        let (registered, registered_heard) = mpsc::channel(REGISTERED_QUEUE);
        let (ordered, ordered_heard) = mpsc::channel(ORDERED_QUEUE);
        let (held, held_heard) = mpsc::channel(HELD_QUEUE);
        let edge = Self(Arc::new(Shared {
            live: Live::new(life.replace('-', "_"), revision, desk.devices()),
            firmware: Shelf::new(settings.firmware.clone()),
            settings,
            store,
            started: clock::moment().now,
            desk: tokio::sync::Mutex::new(desk),
            attempts: Mutex::default(),
            guesses: Mutex::default(),
            proofs: Mutex::default(),
            paces: Mutex::default(),
            challenges: Mutex::new(challenges),
            let_in_until: Mutex::default(),
            at_home: tokio::sync::Mutex::default(),
            alerts_shown: tokio::sync::Mutex::default(),
            tally: Mutex::default(),
            password_checks: Semaphore::new(PASSWORDS_AT_ONCE),
            wishes,
            settled: AtomicU64::new(0),
            in_force,
            surroundings,
            counters,
            traffic: Traffic::default(),
            sessions_ended: watch::Sender::new(0),
            timeouts_moved: Notify::new(),
            pnp,
            pnp_budgets: Mutex::new(Budgets::new(PNP_AT_ONCE, PNP_EACH)),
            resynced,
            registered,
            ordered,
            held,
            heard: tokio::sync::Mutex::new(Heard {
                pnp: pnp_heard,
                resynced: resynced_heard,
                registered: registered_heard,
                ordered: ordered_heard,
                held: held_heard,
            }),
        }));
        edge.carry_out_quietly(effects).await?;
        Ok(edge)
    }

    /// What the exchange starts with: the office and every pair that may register.
    pub async fn settled(&self) -> Settled {
        self.0.desk.lock().await.settled()
    }

    /// The revision of the office that is in force.
    pub async fn revision(&self) -> u64 {
        self.0.desk.lock().await.revision
    }

    /// The office as it stands.
    pub(crate) async fn office(&self) -> Arc<Office> {
        Arc::clone(&self.0.desk.lock().await.office)
    }

    /// Takes over what the exchange tells, and shows it.
    pub fn tell(&self, told: Told) {
        if let Told::Person(person) = &told {
            let macs = person.registrations.iter().filter_map(|one| one.mac.as_deref()?.parse().ok());
            for mac in macs {
                // When there is no room it is said again with the person's next change.
                let _ = self.0.registered.try_send(mac);
            }
        }
        match told {
            // When there is no room the phone counts as one that said nothing, and is told again.
            Told::Resynced { device, outcome } => drop(self.0.resynced.try_send((device, outcome))),
            Told::OutOfReach(call) => self.0.live.note_out_of_reach(call),
            told => Event::of(told).into_iter().for_each(|event| self.publish(event)),
        }
    }

    /// A call was written into the log.
    pub fn logged(&self, row: &CallRow) {
        let from = (!row.spoofed).then_some(&row.from);
        let both = from.into_iter().chain([&row.to]);
        let between = both.chain(&row.answered_by).chain(&row.transferred_by).cloned().collect();
        self.0.live.publish(clock::moment().now, Event::Record { id: row.id.clone(), between });
    }

    /// A datagram of PnP: a SUBSCRIBE for `ua-profile` as it was heard, from the multicast group or on the SIP port, or
    /// the response to one of our NOTIFYs. `local` is our address on that network. Anything else is ignored.
    pub fn hear_pnp(&self, source: SocketAddr, local: IpAddr, bytes: Bytes) {
        let (now, reach) = (clock::moment().now, self.reach_of(source.ip()));
        let mut budgets = self.0.pnp_budgets.lock().unwrap_or_else(PoisonError::into_inner);
        let spent = budgets.is_spent(now, source.ip(), reach);
        let last = budgets.spend(now, source.ip(), reach);
        if spent || self.0.pnp.try_send(HeardPnp { source, local, bytes, last }).is_err() {
            self.0.traffic.count_pnp_dropped();
        }
    }

    /// Whether a source is on a network of the box, as far as it matters to its budget: an IPv4 address counts by itself
    /// wherever it is, and the kernel need not be asked.
    pub(crate) fn reach_of(&self, source: IpAddr) -> Reach {
        let source = source.to_canonical();
        let routed = source.is_ipv6() && !(self.0.surroundings.is_attached)(source);
        if routed { Reach::Routed } else { Reach::OnLink }
    }

    /// Another process made a new revision: it takes effect here.
    pub async fn revised(&self) {
        let mut desk = self.0.desk.lock().await;
        let store = self.0.store.clone();
        match blocking(move || current_office(&store)).await {
            Ok((revision, office)) => self.settle(&mut desk, revision, Arc::new(office)).await,
            Err(error) => tracing::error!(%error, "the new revision of the office could not be taken over"),
        }
    }

    /// Takes the ports, so that a wrong setting shows before anything else starts.
    ///
    /// # Errors
    /// When a port cannot be had or TLS cannot be set up.
    pub async fn bind(self) -> Result<Bound, HttpError> {
        Bound::bind(self).await
    }

    /// Listens until dropped.
    ///
    /// # Errors
    /// As [`Edge::bind`].
    pub async fn serve(self) -> Result<(), HttpError> {
        self.bind().await?.serve().await;
        Ok(())
    }

    /// The enrolment's own time, and PnP: runs until dropped.
    pub(crate) async fn attend(&self) {
        self.look_at_firmware_soon(&*self.0.desk.lock().await);
        let mut heard = self.0.heard.lock().await;
        let Heard { pnp, resynced, registered, ordered, held } = &mut *heard;
        loop {
            let due = self.0.desk.lock().await.poll_timeout();
            let timeout = async {
                match due {
                    Some(due) => tokio::time::sleep_until(due.into()).await,
                    None => std::future::pending().await,
                }
            };
            tokio::select! {
                () = timeout => self.handle_timeout().await,
                () = self.0.timeouts_moved.notified() => {}
                Some(datagram) = pnp.recv() => self.handle_pnp(datagram).await,
                Some(ordered) = ordered.recv() => self.handle_ordered(ordered).await,
                Some(person) = held.recv() => self.handle_held(person).await,
                Some(mac) = registered.recv() => self.handle_registered(mac).await,
                Some((mac, outcome)) = resynced.recv() => self.handle_resynced(mac, outcome).await,
            }
        }
    }
}

/// The current revision, or an empty office before the first.
pub(crate) fn current_office(store: &Store) -> Result<(u64, Office), StoreError> {
    let none = || (0, Office::empty(OfficeIdentity::assumed(Country::Netherlands)));
    Ok(store.office()?.unwrap_or_else(none))
}

/// Runs what blocks where it may.
pub(crate) async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, StoreError> + Send + 'static,
) -> Result<T, StoreError> {
    match tokio::task::spawn_blocking(work).await {
        Ok(done) => done,
        Err(failure) if failure.is_panic() => std::panic::resume_unwind(failure.into_panic()),
        // The runtime is going down.
        Err(_) => Err(StoreError::Closed),
    }
}
