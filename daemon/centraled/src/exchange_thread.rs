//! The thread of the exchange: it reads the datagrams and handles them too, so that no packet waits for another thread to
//! wake. Connections, TLS and the page live on the other threads and reach it by channels.

use std::thread;
use std::time::Instant;

use centrale_call_control::{Bound, Command, Decks, Exchange, KeptBlock, KeptServers, KeptWay};
use centrale_guard::Kept;
use centrale_media::Media;
use centrale_net::{Net, NetSettings, Resolver};
use centrale_rtp::relay;
use tokio::runtime::Builder;
use tokio::sync::{mpsc, oneshot};

use crate::block_log::BlockLog;
use crate::blocks::BlockBook;
use crate::cli::Fault;
use crate::exchange_loop::{Ears, ExchangeLoop, Wish};
use crate::incidents::IncidentBook;
use crate::paper::Paper;

/// What the thread is made of.
pub(crate) struct Parts {
    pub(crate) exchange: Exchange,
    pub(crate) net: NetSettings,
    pub(crate) media: Media,
    pub(crate) media_news: mpsc::UnboundedReceiver<relay::Event>,
    pub(crate) ears: Ears,
    pub(crate) wishes: mpsc::Sender<Wish>,
    pub(crate) wished: mpsc::Receiver<Wish>,
    /// The office's time zone.
    pub(crate) zone: String,
    /// What had been spent before this start.
    pub(crate) kept: Vec<Kept>,
    /// What each provider asks at this start.
    pub(crate) decks: Decks,
    /// Blocks of before this start.
    pub(crate) kept_blocks: Vec<KeptBlock>,
    /// Where they are kept.
    pub(crate) blocks: BlockBook,
    pub(crate) incidents: IncidentBook,
    /// What had been stopped before it.
    pub(crate) stops: Vec<Command>,
    /// The devices that each account had before it.
    pub(crate) bonds: Vec<Bound>,
    /// How trunks went round a router before it.
    pub(crate) ways: Vec<KeptWay>,
    /// Where providers' servers worked before it.
    pub(crate) servers: Vec<KeptServers>,
}

/// Opens the sockets and starts the thread. With the sockets comes what is woken when the exchange has ended.
///
/// # Errors
/// A socket could not be opened, or the system gives no thread.
pub(crate) async fn start(parts: Parts) -> Result<(Net, oneshot::Receiver<()>), Fault> {
    let (opened, open) = oneshot::channel();
    let (ended, over) = oneshot::channel();
    let runtime = Builder::new_current_thread().enable_all().build().map_err(Fault::machine)?;
    let work = move || {
        runtime.block_on(run(parts, opened));
        // Nobody waits when the daemon did not stop in time.
        let _ = ended.send(());
    };
    thread::Builder::new().name("exchange".into()).spawn(work).map_err(Fault::machine)?;
    let net = open.await.map_err(Fault::machine)??;
    Ok((net, over))
}

async fn run(parts: Parts, opened: oneshot::Sender<Result<Net, Fault>>) {
    let Parts {
        exchange,
        net,
        media,
        media_news,
        ears,
        wishes,
        wished,
        zone,
        kept,
        decks,
        kept_blocks,
        blocks,
        incidents,
        stops,
        bonds,
        ways,
        servers,
    } = parts;
    let (net, arrivals) = match Net::open(net) {
        Ok(open) => open,
        Err(fault) => return drop(opened.send(Err(Fault::machine(fault)))),
    };
    if opened.send(Ok(net.clone())).is_ok() {
        let resolver = Resolver::system();
        let (block_log, paper, written) = (BlockLog::default(), Paper::new(Instant::now()), true);
        ExchangeLoop {
            exchange,
            net,
            media,
            resolver,
            ears,
            wishes,
            zone,
            kept,
            decks,
            kept_blocks,
            stops,
            bonds,
            ways,
            servers,
            block_log,
            blocks,
            incidents,
            paper,
            written,
        }
        .run(arrivals, media_news, wished)
        .await;
    }
}
