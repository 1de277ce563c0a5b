//! `run`: settings to sockets, and everything in between; until SIGTERM or SIGINT.

use std::net::IpAddr;
use std::os::unix::process::CommandExt as _;
use std::sync::Arc;
use std::sync::mpsc as blocking;
use std::time::{Duration, Instant};

use centrale_alerts::News;
use centrale_call_control::view::{ProblemView, Severity};
use centrale_call_control::{Exchange, ExchangeSettings, Told};
use centrale_config::{Country, Office, OfficeIdentity, Settled};
use centrale_http::{Edge, HttpSettings, Reminders, Surroundings};
use centrale_media::Media;
use centrale_net::{NetSettings, WebPorts};
use centrale_post::{Counts, Trusted};
use centrale_provisioning::enrolment::{BoxAddresses, SipTransport};
use centrale_provisioning::{Catalogue, Enrolment};
use centrale_store::{Author, Store, StoreError};
use rand::RngExt as _;
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::{Notify, mpsc, watch};

use crate::authority::Authority;
use crate::blocks::BlockBook;
use crate::cli::{Fault, say};
use crate::disk_thread::{self, Over};
use crate::exchange_loop::{Counted, Ears, Wish, administration_of};
use crate::exchange_thread::{self, Parts};
use crate::incidents::IncidentBook;
use crate::mailboxes::Work;
use crate::settings::Settings;
use crate::templates::{self, Templates};

/// Room for wishes of the page while the exchange is busy.
const QUEUE: usize = 4096;
/// How often the store is asked whether `centraled apply` made a new revision.
const LOOK: Duration = Duration::from_secs(1);
/// How often it is looked whether something is due after an incident.
const REMIND: Duration = Duration::from_secs(60);
/// Every connection that is taken, the calls of an office, and room.
const OPEN_FILES: u64 = 8192;
/// The digest realm: the same for every box, so that a phone's secrets survive a change of the office's name.
pub(crate) const REALM: &str = "centrale";
/// How long the exchange has to end, and then what it said last to be written.
const LONGEST_END: Duration = Duration::from_secs(5);
/// What phones set their clocks by.
const TIME_SERVER: &str = "pool.ntp.org";

/// The kernel does not drop what is blocked, and the program does. About the whole box, as long as it runs.
const BLOCKS_IN_PROGRAM: &str = "blocks-in-program";

/// Runs the exchange until it is told to stop.
pub(crate) fn run(settings: Settings) -> Result<(), Fault> {
    settings.log.start();
    raise_open_files();
    if centrale_net::half_open_keeps_others_out() {
        tracing::warn!("{}", crate::cli::HALF_OPEN);
    }
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build();
    let state_dir = settings.state_dir.clone();
    let end = runtime.map_err(Fault::machine)?.block_on(serve(settings))?;
    match end {
        End::Stopped => say("stopped"),
        End::Wiped => {
            centrale_store::wipe(&state_dir).map_err(Fault::machine)?;
            say("wiped")?;
            Err(begin_anew())
        }
    }
}

/// How a run ended.
enum End {
    /// It was told to.
    Stopped,
    /// Somebody had everything destroyed that the box keeps.
    Wiped,
}

/// The same program once more, in the place of this one. Comes back only when that fails.
fn begin_anew() -> Fault {
    let program = std::env::current_exe();
    let mut again = match program {
        Ok(program) => std::process::Command::new(program),
        Err(cause) => return Fault::machine(cause),
    };
    Fault::machine(again.args(std::env::args_os().skip(1)).exec())
}

/// As many open files as the system lets us have: a connection is one, a call four, and a shell gives a thousand.
fn raise_open_files() {
    use nix::sys::resource::{Resource, getrlimit, setrlimit};
    let raised = getrlimit(Resource::RLIMIT_NOFILE)
        .and_then(|(_, most)| setrlimit(Resource::RLIMIT_NOFILE, most, most).map(|()| most));
    match raised {
        Ok(most) if most >= OPEN_FILES => {}
        Ok(most) => {
            tracing::warn!(most, "the system lets us have few open files; many connections could crowd out calls");
        }
        Err(cause) => tracing::warn!(%cause, "the number of open files could not be raised"),
    }
}

fn blocks_in_program(cause: &std::io::Error) -> ProblemView {
    let (code, detail) = (BLOCKS_IN_PROGRAM.into(), cause.to_string());
    ProblemView { code, subject: String::new(), severity: Severity::Note, detail }
}

async fn serve(settings: Settings) -> Result<End, Fault> {
    let store = Store::open(&settings.state_dir).map_err(Fault::machine)?;
    let addresses: Vec<IpAddr> = centrale_net::addresses().iter().map(|found| found.ip).collect();
    let told = [settings.sip_bind.as_slice(), &settings.https_bind].concat();
    let authority = Arc::new(Authority::open(&store, &addresses, &told)?);
    let (counted, counts) = watch::channel(Vec::new());
    let mail_counts = Arc::new(Counts::default());
    let counts = (counts, Arc::clone(&mail_counts));
    let (in_force, goes_by) = watch::channel(0);
    let (page_wishes, page_wished) = mpsc::channel(QUEUE);
    let templates = Templates::choose(&settings.state_dir)?;
    let catalogue = &templates.catalogue;
    let edge =
        open_edge(&settings, &store, (&authority, Arc::clone(catalogue)), (page_wishes, goes_by), counts).await?;
    let bound = edge.clone().bind().await.map_err(Fault::machine)?;

    let (media_events, media_news) = mpsc::unbounded_channel();
    let media = Media::start(move |event| drop(media_events.send(event))).map_err(Fault::machine)?;
    let (wishes, wished) = mpsc::channel(QUEUE);
    end_lost_calls(&store)?;
    let settled = Arc::new(edge.settled().await);
    let (dhcp_wish, dhcp_wanted) = watch::channel(settled.office.dhcp_options);
    let (office_now, office_seen) = watch::channel(Arc::clone(&settled.office));
    let (news, news_heard) = crate::post::channel();
    let trusted = Trusted::new(settings.trusted_ca.as_deref())
        .map_err(|_| Fault::Machine("trusted_ca cannot be used for mail".into()))?;
    let (line, orders, rung) = crate::calling::line();
    let post = crate::post::outbox(store.clone(), edge.clone(), trusted, (office_seen, news_heard), mail_counts, line);
    let bootstrap = crate::dhcp::Bootstrap { bind: settings.https_bind.clone(), port: settings.http_port };
    let (mailboxes, messages_kept) = crate::mailboxes::start(store.clone(), wishes.clone()).map_err(Fault::machine)?;
    let (blocks, blocks_written) = BlockBook::start(store.clone()).map_err(Fault::machine)?;
    let (incidents, incidents_written) = IncidentBook::start(store.clone(), news.clone()).map_err(Fault::machine)?;
    // Nobody listens only when the thread could not be started.
    let _ = mailboxes.send(Work::people_of(&settled));
    let (ears, [written, bonds_written, ways_written, servers_written]) =
        ears(&edge, &store, &authority, (counted, in_force), (mailboxes.clone(), rung), wishes.clone())?;
    let parts = Parts {
        zone: settled.office.identity.time_zone.clone(),
        kept: crate::spent::kept(&store).map_err(Fault::machine)?,
        decks: edge.decks().await,
        kept_blocks: crate::blocks::kept(&store).map_err(Fault::machine)?,
        blocks,
        incidents,
        stops: crate::stops::in_force(&store).map_err(Fault::machine)?,
        bonds: crate::bonds::kept(&store).map_err(Fault::machine)?,
        ways: crate::ways::kept(&store).map_err(Fault::machine)?,
        servers: crate::servers::kept(&store).map_err(Fault::machine)?,
        exchange: exchange(&settings, &store, settled).map_err(Fault::machine)?,
        net: net_settings(&settings, &authority)?,
        media,
        media_news,
        ears,
        wishes: wishes.clone(),
        wished,
    };
    let (net, over) = exchange_thread::start(parts).await?;
    net.serve_page(administration_of(&office_now.borrow()));
    if let Err(cause) = net.blocks_in_kernel() {
        tracing::warn!(%cause, "the kernel blocks nobody for us (CAP_NET_ADMIN?): the program drops packets itself");
        edge.tell(Told::Problem(blocks_in_program(cause)));
    }

    if let Some(fault) = &templates.refused {
        edge.tell(Told::Problem(templates::problem(fault)));
    }
    announce(&store, &settings, &addresses)?;
    let telling = edge.clone();
    let dhcp = crate::dhcp::answer_phones(
        (dhcp_wanted, templates.catalogue),
        move || net.open_dhcp_port(),
        bootstrap,
        move |told| telling.tell(told),
    );
    let wiping = Arc::new(Notify::new());
    let others = [
        tokio::spawn(bound.serve()),
        tokio::spawn(hand_on(
            page_wished,
            wishes.clone(),
            (dhcp_wish, office_now),
            (mailboxes, news),
            Arc::clone(&wiping),
        )),
        tokio::spawn(post.run()),
        tokio::spawn(orders.carry_out(wishes.clone())),
        tokio::spawn(dhcp),
        tokio::spawn(remind(edge.clone())),
        tokio::spawn(watch_revisions(store.clone(), edge)),
    ];
    let end = tokio::select! {
        told = stopped() => told.map(|()| End::Stopped)?,
        () = wiping.notified() => End::Wiped,
    };
    if matches!(end, End::Stopped) {
        others.iter().for_each(tokio::task::JoinHandle::abort);
    }
    // The loop is gone only when a socket failed; then there is nothing to sign off.
    let _ = wishes.send(Wish::Stop).await;
    let _ = tokio::time::timeout(LONGEST_END, over).await;
    // Whoever had the box wiped has the answer by now.
    others.iter().for_each(tokio::task::JoinHandle::abort);
    // Nobody can send them anything any more.
    let last = disk_thread::all_over([
        written,
        messages_kept,
        bonds_written,
        ways_written,
        servers_written,
        blocks_written,
        incidents_written,
    ]);
    let _ = tokio::time::timeout(LONGEST_END, last).await;
    store.close();
    Ok(end)
}

async fn open_edge(
    settings: &Settings,
    store: &Store,
    (authority, catalogue): (&Authority, Arc<Catalogue>),
    (wishes, in_force): (mpsc::Sender<centrale_http::Wish>, watch::Receiver<u64>),
    (counts, mail_counts): (watch::Receiver<Counted>, Arc<Counts>),
) -> Result<Edge, Fault> {
    let (_, office) = first_office(store)?;
    let addresses = BoxAddresses {
        name: None,
        http_port: settings.http_port,
        https_port: settings.https_port,
        sip_port: settings.sip_port,
        sip_tls_port: settings.sip_tls_port,
        transport: SipTransport::Tls,
        srtp: true,
        realm: REALM.into(),
        ntp: TIME_SERVER.into(),
        ca_pem: authority.ca_pem.clone(),
    };
    let makers = crate::makers::read(&catalogue, &settings.state_dir);
    let enrolment = Enrolment::new(catalogue, addresses, Arc::new(office));
    let edge = HttpSettings {
        bind: settings.https_bind.clone(),
        https_port: settings.https_port,
        http_port: settings.http_port,
        certificate: authority.shown(),
        names: &crate::authority::NAMES,
        firmware: settings.state_dir.join("firmware"),
        makers,
        version: env!("CARGO_PKG_VERSION"),
        sip_port: settings.sip_port,
    };
    let counters = move || {
        let counted = counts.borrow();
        let of_exchange = counted.iter().map(|(name, total, help)| ((*name).to_owned(), *total, (*help).to_owned()));
        of_exchange.chain(mail_counts.list()).collect()
    };
    let around = Surroundings { mac_of: centrale_net::neighbour, is_attached: centrale_net::is_attached };
    let opened = Edge::new(edge, store.clone(), enrolment, wishes, in_force, around, Arc::new(counters)).await;
    opened.map_err(Fault::machine)
}

/// Calls of which the last run left no record, because it ended without a word. Only once the ports are ours: no other run has
/// calls then.
fn end_lost_calls(store: &Store) -> Result<(), Fault> {
    let calls = store.end_open_calls().map_err(Fault::machine)?;
    if calls > 0 {
        tracing::warn!(calls, "calls lasted when the box was lost; they are written down as far as they are known");
    }
    Ok(())
}

/// What the exchange tells goes to the page; what it hears of PnP to the enrolment; what must survive to the store. With it
/// comes what is woken when the last of that was written, of the devices of accounts, of how trunks go, and of where
/// providers are.
fn ears(
    edge: &Edge,
    store: &Store,
    authority: &Arc<Authority>,
    (counted, in_force): (watch::Sender<Counted>, watch::Sender<u64>),
    (mailboxes, rung): (blocking::Sender<Work>, crate::calling::Ended),
    wishes: mpsc::Sender<Wish>,
) -> Result<(Ears, [Over; 4]), Fault> {
    let [telling, hearing, logging, ordering, holding] = [(); 5].map(|()| edge.clone());
    let (bonds, bonds_written) = crate::bonds::start(store.clone()).map_err(Fault::machine)?;
    let (ways, ways_written) = crate::ways::start(store.clone()).map_err(Fault::machine)?;
    let (servers, servers_written) = crate::servers::start(store.clone()).map_err(Fault::machine)?;
    // Nobody listens only when the exchange has ended.
    let said = move |progress| drop(wishes.blocking_send(Wish::Written(progress)));
    let (notes, written) =
        crate::paper::start(store.clone(), move |row| logging.logged(row), said).map_err(Fault::machine)?;
    let ears = Ears {
        told: Box::new(move |told| telling.tell(told)),
        ordered: Box::new(move |ordered| ordering.ordered(ordered)),
        held: Box::new(move |person| holding.held(person)),
        alerted: Box::new(move |id, end| crate::calling::tell(&rung, id, end)),
        pnp: Box::new(move |flow, bytes| hearing.hear_pnp(flow.remote, flow.local.ip(), bytes)),
        addresses: Box::new(renewing(Arc::clone(authority))),
        notes,
        mailboxes,
        bonds,
        ways,
        servers,
        in_force,
        counted,
    };
    Ok((ears, [written, bonds_written, ways_written, servers_written]))
}

/// What the page wants of the exchange, in its order; and of the DHCP port.
async fn hand_on(
    mut wished: mpsc::Receiver<centrale_http::Wish>,
    wishes: mpsc::Sender<Wish>,
    (dhcp_wish, office_now): (watch::Sender<bool>, watch::Sender<Arc<Office>>),
    (mailboxes, news): (blocking::Sender<Work>, mpsc::Sender<News>),
    wiping: Arc<Notify>,
) {
    while let Some(wish) = wished.recv().await {
        let wish = match wish {
            centrale_http::Wish::Settled(settled, number) => {
                let asked = settled.office.dhcp_options;
                dhcp_wish.send_if_modified(|wanted| std::mem::replace(wanted, asked) != asked);
                office_now.send_replace(Arc::clone(&settled.office));
                Wish::Settled(settled, number)
            }
            centrale_http::Wish::Decks(decks) => Wish::Decks(decks),
            centrale_http::Wish::MailboxChanged(mailbox) => {
                // Its thread ends only with the daemon.
                let _ = mailboxes.send(Work::Changed(mailbox));
                continue;
            }
            centrale_http::Wish::News(told) => {
                // When there is no room there are a thousand before it.
                let _ = news.try_send(told);
                continue;
            }
            centrale_http::Wish::Wipe => {
                wiping.notify_one();
                continue;
            }
            centrale_http::Wish::ServePageToAll(lasts) => Wish::ServePageToAll(lasts),
            centrale_http::Wish::Command(command) => Wish::Command(command),
            centrale_http::Wish::Tried(tried) => Wish::Tried(tried),
            centrale_http::Wish::Datagram { to, local, bytes } => Wish::Datagram { to, local, bytes },
        };
        if wishes.send(wish).await.is_err() {
            return;
        }
    }
}

fn net_settings(settings: &Settings, authority: &Authority) -> Result<NetSettings, Fault> {
    Ok(NetSettings {
        bind: settings.sip_bind.clone(),
        sip_port: settings.sip_port,
        sip_tls_port: settings.sip_tls_port,
        web: WebPorts { bind: settings.https_bind.clone(), ports: vec![settings.http_port, settings.https_port] },
        server_tls: authority.sip_config()?,
        client_tls: centrale_net::client_config(settings.trusted_ca.as_deref()).map_err(Fault::machine)?,
        connections: tokio::runtime::Handle::current(),
    })
}

fn exchange_settings(settings: &Settings) -> ExchangeSettings {
    ExchangeSettings {
        sip_port: settings.sip_port,
        sip_tls_port: settings.sip_tls_port,
        rtp_ports: settings.rtp_ports,
        realm: REALM.into(),
        named: settings.sip_bind.clone(),
    }
}

/// The office as the store has it; at the very first start an empty one in the Netherlands, to be named on the page.
fn first_office(store: &Store) -> Result<(u64, Office), Fault> {
    if let Some(kept) = store.office().map_err(Fault::machine)? {
        return Ok(kept);
    }
    let office = Office::empty(OfficeIdentity::assumed(Country::Netherlands));
    let author = Author { who: "centraled".into(), when_unix_ms: crate::time::unix_ms(), why: "first start".into() };
    let revision = store.commit(&office, 0, author).map_err(Fault::machine)?;
    Ok((revision, office))
}

/// Revisions in which passwords of before are looked for at the start.
const EARLIER_REVISIONS: usize = 64;

/// It knows what passwords were before: after a power cut phones come that were off when theirs was changed.
fn exchange(settings: &Settings, store: &Store, settled: Arc<Settled>) -> Result<Exchange, StoreError> {
    let mut exchange = Exchange::new(Instant::now(), exchange_settings(settings), settled, seed());
    for office in store.earlier_offices(EARLIER_REVISIONS)? {
        exchange.remember_earlier(&Settled::new(0, Arc::new(office?), Vec::new()).credentials);
    }
    Ok(exchange)
}

/// An office without anybody: what is in force while the daemon ends.
pub(crate) fn nobody() -> Settled {
    Settled::new(u64::MAX, Arc::new(Office::empty(OfficeIdentity::assumed(Country::Netherlands))), Vec::new())
}

fn seed() -> [u8; 32] {
    rand::rng().random()
}

fn renewing(authority: Arc<Authority>) -> impl Fn(&[centrale_net::FoundAddress]) {
    move |found| {
        let addresses: Vec<IpAddr> = found.iter().map(|one| one.ip).collect();
        if let Err(fault) = authority.renew(&addresses) {
            tracing::error!(%fault, "the certificate could not be renewed for the box's new addresses");
        }
    }
}

/// Says on the page what is due after somebody got in, and who is to show that mail arrives.
async fn remind(edge: Edge) {
    let (mut look, mut reminders) = (tokio::time::interval(REMIND), Reminders::default());
    loop {
        look.tick().await;
        if let Err(fault) = reminders.look(&edge, crate::time::unix_ms()).await {
            tracing::error!(%fault, "it cannot be looked up what is due after an incident");
        }
        if let Err(fault) = edge.look_at_alerts().await {
            tracing::error!(%fault, "it cannot be looked up who is told by mail");
        }
    }
}

/// `centraled apply` writes into the store from another process; what it wrote takes effect here.
async fn watch_revisions(store: Store, edge: Edge) {
    let mut look = tokio::time::interval(LOOK);
    loop {
        look.tick().await;
        let asked = store.clone();
        match tokio::task::spawn_blocking(move || asked.current_revision()).await {
            Ok(Ok(current)) if current != edge.revision().await => edge.revised().await,
            Ok(Ok(_)) => {}
            Ok(Err(fault)) => tracing::error!(%fault, "the store cannot be read"),
            Err(_) => return,
        }
    }
}

/// What whoever started the box must know: where its page is, and the code with which it is set up.
fn announce(store: &Store, settings: &Settings, addresses: &[IpAddr]) -> Result<(), Fault> {
    let outside = addresses.iter().find(|ip| ip.is_ipv4() && !ip.is_loopback());
    let bound = settings.https_bind.first().filter(|ip| !ip.is_unspecified());
    let shown = bound.or(outside).or_else(|| addresses.first());
    let host = match shown {
        Some(IpAddr::V6(ip)) => format!("[{ip}]"),
        Some(ip) => ip.to_string(),
        None => "localhost".into(),
    };
    say(&format!("page https://{host}:{}/", settings.https_port))?;
    if !store.is_set_up().map_err(Fault::machine)? {
        let code = store.new_setup_code().map_err(Fault::machine)?;
        say(&format!("set-up code {}", code.reveal()))?;
    }
    say("ready")
}

pub(crate) async fn stopped() -> Result<(), Fault> {
    let mut terminated = signal(SignalKind::terminate()).map_err(Fault::machine)?;
    let mut interrupted = signal(SignalKind::interrupt()).map_err(Fault::machine)?;
    tokio::select! {
        _ = terminated.recv() => {}
        _ = interrupted.recv() => {}
    }
    Ok(())
}
