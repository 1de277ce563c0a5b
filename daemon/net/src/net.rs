//! All sockets of SIP together.

use std::collections::{BTreeSet, HashMap, HashSet};
use std::net::{IpAddr, SocketAddr};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use bytes::Bytes;
use centrale_sip::endpoint::Transmit;
use centrale_sip::flow::{Flow, FlowId, Path, Target, Transport};
use rustls_pki_types::ServerName;
use socket2::SockRef;
use tokio::net::{TcpListener, TcpStream};
use tokio::runtime::Handle;
use tokio::sync::mpsc;
use tokio_rustls::{TlsAcceptor, TlsConnector};

use crate::arrivals::{Arrivals, QUEUE};
use crate::changes::{Changes, Lost};
use crate::connection;
use crate::counters::{Counters, count};
use crate::dhcp::DhcpPort;
use crate::firewall::{Block, Firewall, KNOWN_FOR};
use crate::group::{Membership, PNP};
use crate::interfaces::{ANY, FoundAddress, addresses, towards};
use crate::kernel::{Kernel, Ports};
use crate::names::Names;
use crate::own_ports::{OwnPort, OwnPorts};
use crate::probe::{ProbeKey, ProbeNews, Probes};
use crate::udp::{self, Datagram, Mailbag, UdpSocket};

/// How long a connection may take to be made, its handshake included.
const CONNECT_TIME: Duration = Duration::from_secs(5);
/// A connection of ours is gone when the other machine acknowledges nothing for this long. Left to itself, the kernel would send
/// the same again for a quarter of an hour, after longer and longer pauses (tcp(7)), also when the way is long mended.
const UNHEARD_TIME: Duration = Duration::from_secs(10);
/// Open connections at most, and from one address where a provider or a phone was found: an office behind one router.
const MOST_CONNECTIONS: usize = 4096;
const MOST_FROM_ONE: usize = 256;
/// The same of whoever is not known. After a restart everybody in that office is a stranger until the first has registered.
const MOST_OF_STRANGERS: usize = 2048;
const MOST_FROM_STRANGER: usize = 64;
/// Connections of ours to where no provider and no phone was found: what calls and registrations name as the way back. To all
/// together there are [`MOST_CONNECTIONS`].
const MOST_TO_STRANGERS: usize = 128;

/// Why the sockets could not be opened.
#[derive(Debug, thiserror::Error)]
pub enum NetError {
    /// A port is taken or may not be used.
    #[error("cannot listen on {transport} {address}: {cause}")]
    Bind {
        /// Which kind.
        transport: Transport,
        /// Where.
        address: SocketAddr,
        /// What the system said.
        cause: std::io::Error,
    },
}

/// What the sockets tell.
#[derive(Debug)]
pub enum NetEvent {
    /// A datagram, or one message of a stream.
    Packet {
        /// How it came.
        flow: Flow,
        /// As received.
        bytes: Bytes,
    },
    /// A connection is gone.
    FlowClosed(FlowId),
    /// A connection could not be made.
    TargetFailed(Target),
    /// The box's addresses changed; also told once at the start.
    Addresses(Vec<FoundAddress>),
    /// News of a throw-away socket.
    Probe {
        /// Which.
        key: ProbeKey,
        /// What.
        news: ProbeNews,
    },
}

/// What to open.
#[derive(Debug, Clone)]
pub struct NetSettings {
    /// Addresses to listen on; empty for all of both families.
    pub bind: Vec<IpAddr>,
    /// Port of UDP and TCP.
    pub sip_port: u16,
    /// Port of TLS.
    pub sip_tls_port: u16,
    /// Where the page and phones' settings are, over TCP: the kernel drops there too what comes from who is blocked altogether.
    pub web: WebPorts,
    /// For phones.
    pub server_tls: Arc<rustls::ServerConfig>,
    /// For providers.
    pub client_tls: Arc<rustls::ClientConfig>,
    /// Where connections are served: not where datagrams are read, so that a TLS handshake never holds one up.
    pub connections: Handle,
}

/// Where something listens that is no SIP.
#[derive(Debug, Clone, Default)]
pub struct WebPorts {
    /// At these addresses; empty for all of both families.
    pub bind: Vec<IpAddr>,
    /// At these ports.
    pub ports: Vec<u16>,
}

/// Open sockets. Sending never waits: what cannot be queued is dropped, counted, and repaired by SIP's own timers.
#[derive(Clone)]
pub struct Net(Arc<Shared>);

struct Shared {
    udp: Vec<(FlowId, SocketAddr, UdpSocket)>,
    /// The box's addresses as they were last seen.
    found: Mutex<Vec<FoundAddress>>,
    /// Networks on the internet from which the page is found.
    served: Mutex<Vec<(IpAddr, u8)>>,
    book: Mutex<Book>,
    names: Mutex<Names>,
    /// Ports of one trunk each.
    own: OwnPorts,
    events: mpsc::Sender<NetEvent>,
    counters: Arc<Counters>,
    firewall: Firewall,
    /// The same in the kernel, or why not.
    kernel: Result<Kernel, std::io::Error>,
    last_flow: AtomicU64,
    server_tls: TlsAcceptor,
    client_tls: TlsConnector,
    connections: Handle,
    probes: Probes,
}

/// Who is connected. Locked for a few lookups at a time, never across a wait.
#[derive(Default)]
struct Book {
    by_flow: HashMap<FlowId, Open>,
    /// Connections we made or are making, by where to.
    by_target: HashMap<Target, mpsc::Sender<Bytes>>,
    from_one: HashMap<IpAddr, usize>,
}

struct Open {
    flow: Flow,
    queue: mpsc::Sender<Bytes>,
    /// The exchange needs it, whoever is there.
    is_needed: Arc<AtomicBool>,
}

impl std::fmt::Debug for Net {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Net").field("counters", &self.0.counters).finish_non_exhaustive()
    }
}

impl Net {
    /// Opens every socket, or none; everything that comes in comes out of the arrivals. Datagrams are read by whoever takes them
    /// out, which must be on the runtime that this is called on.
    ///
    /// # Errors
    /// [`NetError::Bind`] with the first address that could not be had.
    pub fn open(settings: NetSettings) -> Result<(Self, Arrivals), NetError> {
        let (events, told) = mpsc::channel(QUEUE);
        let bind = if settings.bind.is_empty() { families() } else { settings.bind.clone() };
        let last_flow = AtomicU64::new(0);
        let next = || FlowId(last_flow.fetch_add(1, Ordering::Relaxed) + 1);
        let (mut udp, mut streams) = (Vec::new(), Vec::new());
        for ip in bind {
            let address = SocketAddr::new(ip, settings.sip_port);
            let fault = |transport, address| move |cause| NetError::Bind { transport, address, cause };
            // On the group's own port another box of this machine may listen for PnP already. That the port is ours is
            // then proved by TCP, which is never shared.
            let shared = settings.sip_port == PNP.port();
            udp.push((next(), address, udp::bind(address, shared).map_err(fault(Transport::Udp, address))?));
            let listen = |address| {
                let _there = settings.connections.enter();
                listen(address)
            };
            streams.push((Transport::Tcp, listen(address).map_err(fault(Transport::Tcp, address))?));
            let address = SocketAddr::new(ip, settings.sip_tls_port);
            streams.push((Transport::Tls, listen(address).map_err(fault(Transport::Tls, address))?));
        }
        // The group's address and port are fixed. Where the port is our own and open on every address, it is heard already.
        let hears = |(_, address, _): &(_, SocketAddr, _)| is_ear(*address);
        if !udp.iter().any(hears)
            && let Ok(socket) = udp::bind(PNP, true)
        {
            udp.push((next(), PNP, socket));
        }
        let ports =
            Ports { bind: settings.bind, sip: settings.sip_port, tls: settings.sip_tls_port, web: settings.web };
        let net = Self(Arc::new(Shared {
            udp,
            found: Mutex::default(),
            served: Mutex::default(),
            book: Mutex::default(),
            names: Mutex::default(),
            own: OwnPorts::default(),
            events,
            counters: Arc::default(),
            firewall: Firewall::default(),
            kernel: Kernel::open(&ports),
            last_flow,
            server_tls: TlsAcceptor::from(settings.server_tls),
            client_tls: TlsConnector::from(settings.client_tls),
            connections: settings.connections,
            probes: Probes::default(),
        }));
        net.start(streams);
        let arrivals = Arrivals::new(net.clone(), told, settings.sip_port);
        Ok((net, arrivals))
    }

    fn start(&self, streams: Vec<(Transport, TcpListener)>) {
        for (transport, listener) in streams {
            self.0.connections.spawn(self.clone().accept(transport, listener));
        }
        tokio::spawn(self.clone().watch_addresses());
    }

    /// What was refused and could not be sent.
    pub fn counters(&self) -> &Counters {
        &self.0.counters
    }

    /// Takes no more packets from there, for as long as it says, and hangs up on its connections.
    pub fn block(&self, block: &Block) {
        // What the program could not lift again, the kernel is not asked for.
        if let (Some(block), Ok(kernel)) = (self.0.firewall.block(Instant::now(), block), &self.0.kernel) {
            kernel.block(block);
        }
        let is_blocked = |remote: SocketAddr| {
            remote.ip().to_canonical() == block.source.to_canonical()
                && block.port.is_none_or(|port| port == remote.port())
        };
        // Without its queue a connection ends.
        lock(&self.0.book).by_flow.retain(|_, open| !is_blocked(open.flow.remote));
    }

    /// Takes packets from there again, whatever was blocked of that address. Whether anything was.
    pub fn lift(&self, source: IpAddr) -> bool {
        let lifted = self.0.firewall.lift(source);
        // Whatever the program holds: what it dropped for want of room may still be there.
        if let Ok(kernel) = &self.0.kernel {
            kernel.lift(source.to_canonical(), lifted.as_deref().unwrap_or_default());
        }
        lifted.is_some()
    }

    /// A provider or a phone is at that address: for a day it is not blocked and sends as fast as those do, and its connections may idle.
    pub fn know(&self, source: IpAddr) {
        if self.0.firewall.know(Instant::now(), source)
            && let Ok(kernel) = &self.0.kernel
        {
            kernel.know(source.to_canonical(), KNOWN_FOR);
        }
    }

    /// Nobody of these is at that address any more: at SIP's ports it is a stranger's. The page stays open to it for the rest of the day, for a phone that
    /// starts up leaves first and fetches its settings then.
    pub fn forget(&self, source: IpAddr) {
        self.0.firewall.forget(source);
        // Whatever the program holds: what found no room in it may be there.
        if let Ok(kernel) = &self.0.kernel {
            kernel.forget(source.to_canonical());
        }
    }

    /// Who comes from one of these networks, each an address and the bits that are shared, finds the page also at an address of the box on the
    /// internet that nobody named to listen on; beside it whoever is near, or known. In place of those that were told before. To anybody
    /// else the kernel gives no answer there.
    pub fn serve_page(&self, networks: Vec<(IpAddr, u8)>) {
        *lock(&self.0.served) = networks;
        self.tell_served();
    }

    /// Everybody finds it, for so long.
    pub fn serve_page_to_all(&self, lasts: Duration) {
        if let Ok(kernel) = &self.0.kernel {
            kernel.serve_all(lasts);
        }
    }

    /// The networks that the box is on, and those that somebody named.
    fn tell_served(&self) {
        let Ok(kernel) = &self.0.kernel else { return };
        let own: Vec<_> = lock(&self.0.found).iter().map(|found| (found.ip, found.prefix)).collect();
        let named = lock(&self.0.served).iter().map(|(ip, prefix)| (ip.to_canonical(), *prefix)).collect::<Vec<_>>();
        kernel.serve(&own, &named);
    }

    /// A phone is reached over that connection, or a call: it may idle, whoever is there.
    pub fn keep(&self, flow: FlowId) {
        if let Some(open) = lock(&self.0.book).by_flow.get(&flow) {
            open.is_needed.store(true, Ordering::Relaxed);
        }
    }

    /// Whether the kernel drops what is blocked, before it costs anything.
    ///
    /// # Errors
    /// Why it does not, and this program does: most often it has no right to.
    pub fn blocks_in_kernel(&self) -> Result<(), &std::io::Error> {
        self.0.kernel.as_ref().map(drop)
    }

    pub(crate) fn is_blocked(&self, remote: SocketAddr) -> bool {
        let blocked = self.0.firewall.drops(Instant::now(), remote);
        if blocked {
            count(&self.0.counters.blocked_packets);
        }
        blocked
    }

    /// Opens a throw-away socket on a new local port, or a connection of its own, to examine the way to a server; told by
    /// [`NetEvent::Probe`]. `host` is the name that a certificate is checked against. It closes by itself after two minutes.
    pub fn open_probe(&self, key: ProbeKey, transport: Transport, to: SocketAddr, host: &str) {
        let world = (self.0.events.clone(), self.0.client_tls.clone());
        self.0.probes.open(key, (transport, to, host), world, &self.0.connections);
    }

    /// Sends from it; a datagram with that IP TTL where one is given.
    pub fn send_probe(&self, key: ProbeKey, to: SocketAddr, bytes: Bytes, ttl: Option<u8>) {
        if !self.0.probes.send(key, to, bytes, ttl) {
            count(&self.0.counters.unsent_datagrams);
        }
    }

    /// Closes it.
    pub fn close_probe(&self, key: ProbeKey) {
        self.0.probes.close(key);
    }

    /// Opens the DHCP server port, on every interface.
    ///
    /// # Errors
    /// The system's: `PermissionDenied` without the right to ports below 1024, `AddrInUse` when a DHCP server runs here.
    pub fn open_dhcp_port(&self) -> std::io::Result<DhcpPort> {
        DhcpPort::open(Arc::clone(&self.0.counters))
    }

    /// Under which name a provider's certificate is checked when it is reached at that address.
    pub fn name(&self, address: SocketAddr, name: &str) {
        let open: HashSet<SocketAddr> = lock(&self.0.book).by_target.keys().map(|target| target.remote).collect();
        lock(&self.0.names).name(address, name, |address| open.contains(&address));
    }

    /// Opens a UDP port that the system draws, for one trunk and its servers' addresses, until [`Net::close_port`]. The flow
    /// names it wherever it sends. `None` when the system gives none.
    pub fn open_port(&self, servers: Vec<IpAddr>) -> Option<Flow> {
        let family = servers.first()?;
        let is_ours = |bound: &&SocketAddr| bound.is_ipv4() == family.is_ipv4() && !is_group(**bound);
        let ip = self.0.udp.iter().map(|(_, bound, _)| bound).find(is_ours)?.ip();
        let _there = self.0.connections.enter();
        let socket = udp::bind(SocketAddr::new(ip, 0), false).ok()?;
        let local = socket.get_ref().local_addr().ok()?;
        let flow = self.new_flow(Transport::Udp, local, local);
        let port = Arc::new(OwnPort { id: flow.id, bound: local, socket, servers: Mutex::new(servers) });
        let reader = self.0.connections.spawn(self.clone().read_own_port(Arc::clone(&port)));
        self.0.own.keep(port, reader);
        Some(flow)
    }

    /// Takes in there what comes from these addresses, in place of those before.
    pub fn hear_at(&self, port: FlowId, servers: Vec<IpAddr>) {
        if let Some(port) = self.0.own.get(port) {
            port.hear(servers);
        }
    }

    /// Closes it.
    pub fn close_port(&self, port: FlowId) {
        self.0.own.close(port);
    }

    async fn read_own_port(self, port: Arc<OwnPort>) {
        let (mut mailbag, mut datagrams) = (Mailbag::new(), Vec::new());
        while !self.0.events.is_closed() {
            let received = std::future::poll_fn(|it| mailbag.poll_receive(it, &port.socket, &mut datagrams)).await;
            if received.is_err() {
                tokio::task::yield_now().await;
            }
            for datagram in datagrams.drain(..) {
                if !port.hears(datagram.remote.ip().to_canonical()) {
                    count(&self.0.counters.strange_datagrams);
                    continue;
                }
                let Some(packet) = self.packet_of(port.id, port.bound.port(), datagram) else { continue };
                if self.0.events.send(packet).await.is_err() {
                    return;
                }
            }
        }
    }

    /// Sends. Failures come back as [`NetEvent::TargetFailed`] or [`NetEvent::FlowClosed`].
    pub fn transmit(&self, transmit: &Transmit) {
        let bytes = &transmit.bytes;
        match transmit.path {
            Path::Flow(flow) if flow.transport == Transport::Udp => {
                // What came in by the group's socket is answered from our own port.
                let came_by = |(id, bound, _): &&(FlowId, SocketAddr, UdpSocket)| *id == flow.id && !is_group(*bound);
                let socket = self.0.udp.iter().find(came_by).map(|(_, _, socket)| socket);
                if socket.is_none()
                    && let Some(port) = self.0.own.get(flow.id)
                {
                    self.count_unsent(udp::send(&port.socket, bytes, None, 0, flow.remote));
                } else if let Some(socket) = socket.or_else(|| self.socket_for(flow.remote)) {
                    self.count_unsent(udp::send(socket, bytes, Some(flow.local.ip()), 0, flow.remote));
                }
            }
            Path::Flow(flow) => {
                let queue = lock(&self.0.book).by_flow.get(&flow.id).map(|open| open.queue.clone());
                self.queue(queue, bytes, flow.id);
            }
            Path::Target(target) if target.transport == Transport::Udp => {
                let sent =
                    self.socket_for(target.remote).map(|socket| udp::send(socket, bytes, None, 0, target.remote));
                let failed = sent.is_none_or(|sent| self.count_unsent(sent));
                if failed {
                    self.fail(target);
                }
            }
            Path::Target(target) => self.transmit_stream(target, bytes.clone()),
        }
    }

    /// Sends a datagram to a neighbour by the interface that has this address of ours, from there and from the SIP port,
    /// whatever the routes say: an answer to what was heard there by multicast.
    pub fn transmit_on(&self, local: IpAddr, remote: SocketAddr, bytes: &Bytes) {
        let interface = lock(&self.0.found).iter().find(|found| found.ip == local).map_or(0, |found| found.index);
        if let Some(socket) = self.socket_for(remote) {
            self.count_unsent(udp::send(socket, bytes, Some(local), interface, remote));
        }
    }

    fn queue(&self, queue: Option<mpsc::Sender<Bytes>>, bytes: &Bytes, flow: FlowId) {
        let Some(queue) = queue else { return };
        if queue.try_send(bytes.clone()).is_err() {
            // The peer does not read: dropping its queue ends the connection.
            count(&self.0.counters.stuck_connections);
            let mut book = lock(&self.0.book);
            book.by_flow.remove(&flow);
            book.by_target.retain(|_, other| !other.same_channel(&queue));
        }
    }

    fn transmit_stream(&self, target: Target, bytes: Bytes) {
        let mut book = lock(&self.0.book);
        let open = book.by_target.get(&target).cloned().filter(|queue| !queue.is_closed());
        if let Some(queue) = open {
            if queue.try_send(bytes).is_err() {
                count(&self.0.counters.stuck_connections);
                book.by_target.remove(&target);
            }
            return;
        }
        if !self.may_reach(&book, target) {
            drop(book);
            count(&self.0.counters.refused_targets);
            return self.fail(target);
        }
        let (sender, receiver) = mpsc::channel(connection::QUEUE);
        // An empty queue of that size takes its first message.
        let _ = sender.try_send(bytes);
        book.by_target.insert(target, sender.clone());
        drop(book);
        self.0.connections.spawn(self.clone().connect(target, sender, receiver));
    }

    /// Whether one more connection of ours may be made.
    fn may_reach(&self, book: &Book, target: Target) -> bool {
        let now = Instant::now();
        let is_stranger = |target: &&Target| !self.0.firewall.knows(now, target.remote.ip());
        let of_strangers = || book.by_target.keys().filter(is_stranger).count();
        book.by_target.len() < MOST_CONNECTIONS && (!is_stranger(&&target) || of_strangers() < MOST_TO_STRANGERS)
    }

    fn socket_for(&self, remote: SocketAddr) -> Option<&UdpSocket> {
        let own = self.0.udp.iter().filter(|(_, bound, _)| !is_group(*bound));
        let mut family = own.filter(|(_, address, _)| address.is_ipv4() == remote.is_ipv4());
        let exact = family.clone().find(|(_, address, _)| address.ip().is_loopback() == remote.ip().is_loopback());
        exact.or_else(|| family.next()).map(|(_, _, socket)| socket)
    }

    fn count_unsent(&self, sent: std::io::Result<()>) -> bool {
        // ECONNREFUSED is an ICMP error of an earlier datagram to somebody, not of this one.
        let failed = sent.is_err_and(|fault| fault.kind() != std::io::ErrorKind::ConnectionRefused);
        if failed {
            count(&self.0.counters.unsent_datagrams);
        }
        failed
    }

    fn fail(&self, target: Target) {
        // A full queue means the exchange is behind; the transaction's own timer then notices the loss.
        let _ = self.0.events.try_send(NetEvent::TargetFailed(target));
    }

    pub(crate) fn datagram_sockets(&self) -> &[(FlowId, SocketAddr, UdpSocket)] {
        &self.0.udp
    }

    /// Under which of the box's addresses the sender knows it.
    pub(crate) fn address_of(&self, datagram: &Datagram) -> Option<IpAddr> {
        match datagram.arrived {
            Some((ip, index)) if ip.is_multicast() => towards(&lock(&self.0.found), index, datagram.remote.ip()),
            Some((ip, _)) => Some(ip),
            None => Some(unspecified_like(datagram.remote)),
        }
    }

    async fn accept(self, transport: Transport, listener: TcpListener) {
        loop {
            let accepted = tokio::select! {
                accepted = listener.accept() => accepted,
                () = self.0.events.closed() => return,
            };
            let Ok((stream, remote)) = accepted else {
                // Out of file descriptors, most likely: others must close first.
                tokio::time::sleep(Duration::from_millis(100)).await;
                continue;
            };
            if self.is_blocked(remote) {
                continue;
            }
            if self.admit(remote.ip()) {
                count(&self.0.counters.connections);
                self.0.connections.spawn(self.clone().serve(transport, stream, remote));
            } else {
                count(&self.0.counters.refused_connections);
            }
        }
    }

    fn admit(&self, ip: IpAddr) -> bool {
        let now = Instant::now();
        let knows = |ip: &IpAddr| self.0.firewall.knows(now, *ip);
        let ip = ip.to_canonical();
        let mut book = lock(&self.0.book);
        let total: usize = book.from_one.values().sum();
        let here = book.from_one.get(&ip).copied().unwrap_or_default();
        let admitted = if knows(&ip) {
            total < MOST_CONNECTIONS && here < MOST_FROM_ONE
        } else {
            let of_strangers =
                || -> usize { book.from_one.iter().filter(|(ip, _)| !knows(ip)).map(|(_, number)| number).sum() };
            total < MOST_CONNECTIONS
                && here < MOST_FROM_STRANGER
                && (total < MOST_OF_STRANGERS || of_strangers() < MOST_OF_STRANGERS)
        };
        if admitted {
            *book.from_one.entry(ip).or_default() += 1;
        }
        admitted
    }

    async fn serve(self, transport: Transport, stream: TcpStream, remote: SocketAddr) {
        let local = stream.local_addr();
        // Small messages must not wait for more (RFC 896's algorithm costs a round trip).
        let _ = stream.set_nodelay(true);
        if let Ok(local) = local {
            let flow = self.new_flow(transport, local, remote);
            match transport {
                Transport::Tls => match tokio::time::timeout(CONNECT_TIME, self.0.server_tls.accept(stream)).await {
                    Ok(Ok(stream)) => self.run(stream, flow, mpsc::channel(connection::QUEUE), None).await,
                    _ => count(&self.0.counters.failed_handshakes),
                },
                Transport::Tcp | Transport::Udp => {
                    self.run(stream, flow, mpsc::channel(connection::QUEUE), None).await;
                }
            }
        }
        let mut book = lock(&self.0.book);
        if let Some(here) = book.from_one.get_mut(&remote.ip().to_canonical()) {
            *here -= 1;
            if *here == 0 {
                book.from_one.remove(&remote.ip().to_canonical());
            }
        }
    }

    async fn connect(self, target: Target, sender: mpsc::Sender<Bytes>, receiver: mpsc::Receiver<Bytes>) {
        let made = tokio::time::timeout(CONNECT_TIME, TcpStream::connect(target.remote)).await;
        let stream = made.ok().and_then(Result::ok);
        let local = stream.as_ref().and_then(|stream| stream.local_addr().ok());
        let (Some(stream), Some(local)) = (stream, local) else { return self.not_connected(target).await };
        let _ = stream.set_nodelay(true);
        let _ = SockRef::from(&stream).set_tcp_user_timeout(Some(UNHEARD_TIME));
        let flow = self.new_flow(target.transport, local, target.remote);
        if target.transport == Transport::Tls {
            let known = lock(&self.0.names).of(target.remote).map(str::to_owned);
            let name = known.unwrap_or_else(|| target.remote.ip().to_string());
            let Ok(name) = ServerName::try_from(name) else { return self.not_connected(target).await };
            match tokio::time::timeout(CONNECT_TIME, self.0.client_tls.connect(name, stream)).await {
                Ok(Ok(stream)) => self.run(stream, flow, (sender, receiver), Some(target)).await,
                _ => {
                    count(&self.0.counters.failed_handshakes);
                    return self.not_connected(target).await;
                }
            }
        } else {
            self.run(stream, flow, (sender, receiver), Some(target)).await;
        }
        let mut book = lock(&self.0.book);
        if book.by_target.get(&target).is_some_and(mpsc::Sender::is_closed) {
            book.by_target.remove(&target);
        }
    }

    async fn not_connected(&self, target: Target) {
        count(&self.0.counters.failed_connects);
        lock(&self.0.book).by_target.remove(&target);
        // The receiver is gone only when the daemon stops.
        let _ = self.0.events.send(NetEvent::TargetFailed(target)).await;
    }

    /// A connection that somebody made, or we did to a target.
    async fn run<S>(
        &self,
        stream: S,
        flow: Flow,
        queue: (mpsc::Sender<Bytes>, mpsc::Receiver<Bytes>),
        target: Option<Target>,
    ) where
        S: tokio::io::AsyncRead + tokio::io::AsyncWrite + Send,
    {
        let is_needed = Arc::new(AtomicBool::new(target.is_some()));
        let open = Open { flow, queue: queue.0.clone(), is_needed: Arc::clone(&is_needed) };
        lock(&self.0.book).by_flow.insert(flow.id, open);
        let (pongs, receiver) = (queue.0.downgrade(), queue.1);
        drop(queue.0);
        let is_known = || is_needed.load(Ordering::Relaxed) || self.0.firewall.knows(Instant::now(), flow.remote.ip());
        let (events, counters) = (&self.0.events, &*self.0.counters);
        let is_split = target.is_some_and(|target| target.split);
        let around = connection::Surroundings { is_known: &is_known, events, counters, is_split };
        connection::run(stream, flow, (pongs, receiver), &around).await;
        lock(&self.0.book).by_flow.remove(&flow.id);
    }

    fn new_flow(&self, transport: Transport, local: SocketAddr, remote: SocketAddr) -> Flow {
        let id = FlowId(self.0.last_flow.fetch_add(1, Ordering::Relaxed) + 1);
        Flow { id, transport, local, remote }
    }

    /// Tells the box's addresses at the start and when they change, and keeps every interface in the PnP group.
    async fn watch_addresses(self) {
        let changes = Changes::listen();
        if let Err(cause) = &changes {
            tracing::error!(%cause, "the system does not tell when networks come and go: restart the box after a change");
        }
        let mut membership = Membership::default();
        let mut known = None;
        let mut lost = Lost::Some(BTreeSet::new());
        loop {
            let found = addresses();
            lock(&self.0.found).clone_from(&found);
            membership.follow(&self.ears(), &self.with_ears(&found), &lost);
            if known.as_ref() != Some(&found) {
                known = Some(found.clone());
                self.tell_served();
                if self.0.events.send(NetEvent::Addresses(found)).await.is_err() {
                    return;
                }
            }
            lost = tokio::select! {
                told = next(changes.as_ref().ok()) => told,
                () = self.0.events.closed() => return,
            };
        }
    }

    /// The sockets that hear the group.
    fn ears(&self) -> Vec<&UdpSocket> {
        self.0.udp.iter().filter(|(_, address, _)| is_ear(*address)).map(|(_, _, socket)| socket).collect()
    }

    /// Addresses on the networks that the box was told to listen on.
    fn with_ears(&self, found: &[FoundAddress]) -> Vec<FoundAddress> {
        let own = || self.0.udp.iter().map(|(_, address, _)| address.ip()).filter(|ip| !ip.is_multicast());
        found.iter().filter(|found| own().any(|ip| ip.is_unspecified() || ip == found.ip)).cloned().collect()
    }
}

/// What the kernel tells next; nothing, for ever, when it cannot.
async fn next(changes: Option<&Changes>) -> Lost {
    if let Some(changes) = changes {
        match changes.next().await {
            Ok(lost) => return lost,
            Err(cause) => tracing::error!(%cause, "the system tells no more when networks come and go"),
        }
    }
    std::future::pending().await
}

/// Whether a socket on that address gets what is sent to the group on interfaces where it is a member.
fn is_ear(address: SocketAddr) -> bool {
    address == PNP || address.is_ipv4() && address.ip().is_unspecified() && address.port() == PNP.port()
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    // Nothing panics while it is held; if it ever did, the maps inside are still whole.
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Both families where the system has both.
fn families() -> Vec<IpAddr> {
    let has_v6 = std::net::UdpSocket::bind((std::net::Ipv6Addr::LOCALHOST, 0)).is_ok();
    ANY.into_iter().filter(|ip| ip.is_ipv4() || has_v6).collect()
}

fn listen(address: SocketAddr) -> std::io::Result<TcpListener> {
    use socket2::{Domain, Protocol, Socket, Type};
    let socket = Socket::new(Domain::for_address(address), Type::STREAM, Some(Protocol::TCP))?;
    if address.is_ipv6() {
        socket.set_only_v6(true)?;
    }
    socket.set_reuse_address(true)?;
    socket.set_nonblocking(true)?;
    socket.bind(&address.into())?;
    socket.listen(256)?;
    TcpListener::from_std(socket.into())
}

/// Whether a socket hears only what is sent to the PnP group.
const fn is_group(bound: SocketAddr) -> bool {
    bound.ip().is_multicast()
}

fn unspecified_like(address: SocketAddr) -> IpAddr {
    ANY[usize::from(address.is_ipv6())]
}
