//! The two ports: accepting, TLS, and limits on how many and how slow.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::extract::Request;
use centrale_provisioning::enrolment::ClientCertificate;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;
use tokio::time::Instant;
use tokio_rustls::TlsAcceptor;
use tower::ServiceExt as _;

use crate::clock;
use crate::edge::{Edge, HttpError};
use crate::patience::Patient;
use crate::peer::{Door, Peer};
use crate::room::{Proof, Proven, Room, Size};
use crate::tls::{server_config, tls_fault};

/// Connections at once on a port, of which half are the office's own. A browser opens six, a phone one or two.
const SIZE: Size = Size { all: 512, far: 256, per_address: 32 };
/// How long a TLS handshake may take. Old phones on a slow line take three seconds.
const HANDSHAKE_TIME: Duration = Duration::from_secs(5);
/// Within which the head of the first request is there, its handshake included; a connection may idle as long as was left of it.
const HEAD_TIME: Duration = Duration::from_secs(10);
/// Longest head of a request.
const LONGEST_HEAD: usize = 16 * 1024;
/// Wait after an accept failed: there are no file descriptors left, and asking at once does not help.
const BREATH: Duration = Duration::from_millis(100);

/// What the ports count.
#[derive(Debug, Default)]
pub(crate) struct Traffic {
    connections: AtomicU64,
    too_many: AtomicU64,
    handshakes_failed: AtomicU64,
    handshakes_slow: AtomicU64,
    broken: AtomicU64,
    pnp_dropped: AtomicU64,
    firmware_too_many: AtomicU64,
    untold: AtomicU64,
}

impl Traffic {
    pub(crate) fn count_pnp_dropped(&self) {
        count(&self.pnp_dropped);
    }

    pub(crate) fn count_firmware_too_many(&self) {
        count(&self.firmware_too_many);
    }

    /// Something is not told by mail, because too much was to be told. How many there were with it.
    pub(crate) fn count_untold(&self) -> u64 {
        self.untold.fetch_add(1, Ordering::Relaxed) + 1
    }

    /// Name, total and meaning of each.
    pub(crate) fn counters(&self) -> [(&'static str, u64, &'static str); 8] {
        let read = |counter: &AtomicU64| counter.load(Ordering::Relaxed);
        [
            ("http-connections", read(&self.connections), "connections to the page and for phones' settings"),
            (
                "http-too-many",
                read(&self.too_many),
                "connections refused, or ended for another, because there were too many",
            ),
            ("http-handshakes-failed", read(&self.handshakes_failed), "TLS handshakes that failed"),
            ("http-handshakes-slow", read(&self.handshakes_slow), "TLS handshakes that took too long"),
            (
                "http-broken",
                read(&self.broken),
                "connections that ended badly: malformed, oversized or too slow requests",
            ),
            ("pnp-dropped", read(&self.pnp_dropped), "PnP packets that came too fast"),
            ("news-untold", read(&self.untold), "news that no mail tells, because too many came at once"),
            (
                "firmware-too-many",
                read(&self.firmware_too_many),
                "phones that were told to come again for their software because too much of it was being read",
            ),
        ]
    }
}

fn count(counter: &AtomicU64) {
    counter.fetch_add(1, Ordering::Relaxed);
}

/// An edge with its ports.
pub struct Bound {
    edge: Edge,
    https: Vec<TcpListener>,
    http: Vec<TcpListener>,
    tls: TlsAcceptor,
}

impl std::fmt::Debug for Bound {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Bound").field("https", &self.https).field("http", &self.http).finish_non_exhaustive()
    }
}

impl Bound {
    pub(crate) async fn bind(edge: Edge) -> Result<Self, HttpError> {
        let config = server_config(Arc::clone(&edge.0.settings.certificate))?;
        Ok(Self {
            https: listen(&edge.0.settings.bind, edge.0.settings.https_port).await?,
            http: listen(&edge.0.settings.bind, edge.0.settings.http_port).await?,
            tls: TlsAcceptor::from(Arc::new(config)),
            edge,
        })
    }

    /// Where HTTPS is listened for.
    pub fn https_addresses(&self) -> Vec<SocketAddr> {
        addresses(&self.https)
    }

    /// Where HTTP is listened for.
    pub fn http_addresses(&self) -> Vec<SocketAddr> {
        addresses(&self.http)
    }

    /// Answers until dropped.
    pub async fn serve(self) {
        let Self { edge, https, http, tls } = self;
        let mut tasks = JoinSet::new();
        let (secure, clear) = (edge.https_router(), edge.http_router());
        let (secure_room, clear_room) = (Room::new(SIZE), Room::new(SIZE));
        for listener in https {
            let (tls, edge) = (tls.clone(), edge.clone());
            let port = Port { edge, router: secure.clone(), room: secure_room.clone(), tls: Some(tls) };
            tasks.spawn(accept(listener, port));
        }
        for listener in http {
            let port = Port { edge: edge.clone(), router: clear.clone(), room: clear_room.clone(), tls: None };
            tasks.spawn(accept(listener, port));
        }
        // Dropping this future drops the tasks with it.
        edge.attend().await;
    }
}

/// All addresses means IPv6 with IPv4 in it, where the machine has IPv6.
async fn listen(addresses: &[IpAddr], port: u16) -> Result<Vec<TcpListener>, HttpError> {
    if addresses.is_empty() {
        let all = SocketAddr::new(Ipv6Addr::UNSPECIFIED.into(), port);
        return match TcpListener::bind(all).await {
            Ok(listener) => Ok(vec![listener]),
            Err(error) if error.kind() == std::io::ErrorKind::AddrInUse => {
                Err(HttpError::Bind { address: all, source: error })
            }
            Err(_) => Ok(vec![listen_on(SocketAddr::new(Ipv4Addr::UNSPECIFIED.into(), port)).await?]),
        };
    }
    let mut listeners = Vec::new();
    for ip in addresses {
        listeners.push(listen_on(SocketAddr::new(*ip, port)).await?);
    }
    Ok(listeners)
}

async fn listen_on(address: SocketAddr) -> Result<TcpListener, HttpError> {
    TcpListener::bind(address).await.map_err(|source| HttpError::Bind { address, source })
}

fn addresses(listeners: &[TcpListener]) -> Vec<SocketAddr> {
    listeners.iter().filter_map(|listener| listener.local_addr().ok()).collect()
}

/// What the connections of a port share.
#[derive(Clone)]
struct Port {
    edge: Edge,
    router: Router,
    room: Room,
    tls: Option<TlsAcceptor>,
}

async fn accept(listener: TcpListener, port: Port) {
    let is_named = listener.local_addr().is_ok_and(|at| !at.ip().is_unspecified());
    let mut connections = JoinSet::new();
    loop {
        // The finished ones, so that they do not pile up.
        while connections.try_join_next().is_some() {}
        let Ok((stream, source)) = listener.accept().await else {
            tokio::time::sleep(BREATH).await;
            continue;
        };
        let ip = source.ip().to_canonical();
        let Some(place) = port.room.enter(ip, port.edge.is_near(ip)) else {
            count(&port.edge.0.traffic.too_many);
            continue;
        };
        count(&port.edge.0.traffic.connections);
        let port = port.clone();
        connections.spawn(async move {
            let proof = place.proof();
            let attending = async {
                if is_named || port.edge.is_open_to(&stream, ip).await {
                    attend(stream, source, port.clone(), proof).await;
                }
            };
            tokio::select! {
                () = attending => {}
                () = place.taken() => count(&port.edge.0.traffic.too_many),
            }
        });
    }
}

async fn attend(stream: TcpStream, source: SocketAddr, port: Port, proof: Proof) {
    let begun = Instant::now();
    let Ok(local) = stream.local_addr() else { return };
    // A page's answers are small and someone waits for them; where it cannot be set they are only later.
    let _ = stream.set_nodelay(true);
    let Some(tls) = &port.tls else {
        let peer = Peer { door: Door::Http, source, local, certificate: ClientCertificate::None };
        return converse(stream, peer, port, (proof, HEAD_TIME)).await;
    };
    let traffic = &port.edge.0.traffic;
    match tokio::time::timeout(HANDSHAKE_TIME, tls.accept(stream)).await {
        Ok(Ok(stream)) => {
            let shown = stream.get_ref().1.peer_certificates().unwrap_or_default();
            let certificate = port.edge.0.settings.makers.claim(shown, clock::certificates_time());
            let peer = Peer { door: Door::Https, source, local, certificate };
            converse(stream, peer, port, (proof, HEAD_TIME.saturating_sub(begun.elapsed()))).await;
        }
        Ok(Err(error)) => {
            count(&traffic.handshakes_failed);
            if let Some(fault) = tls_fault(&error) {
                let (source, local) = (source.ip().to_canonical(), local.ip().to_canonical());
                port.edge.handle_tls_fault(source, local, fault).await;
            }
            tracing::debug!(%source, %error, "a TLS handshake failed");
        }
        Err(_) => count(&traffic.handshakes_slow),
    }
}

async fn converse(
    stream: impl AsyncRead + AsyncWrite + Unpin + Send + 'static,
    peer: Peer,
    port: Port,
    (proof, head_time): (Proof, Duration),
) {
    let Port { edge, router, .. } = port;
    let source = peer.source;
    let service = hyper::service::service_fn(move |request: hyper::Request<Incoming>| {
        let mut request: Request = request.map(Body::new);
        request.extensions_mut().insert(peer.clone());
        let (answering, proof) = (router.clone().oneshot(request), proof.clone());
        async move {
            let answer = answering.await;
            if answer.as_ref().is_ok_and(|answer| answer.extensions().get::<Proven>().is_some()) {
                proof.give();
            }
            answer
        }
    });
    let served = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(head_time)
        .max_buf_size(LONGEST_HEAD)
        .serve_connection(TokioIo::new(Patient::new(stream)), service)
        .await;
    if let Err(error) = served {
        count(&edge.0.traffic.broken);
        tracing::debug!(%source, %error, "a connection ended badly");
    }
}
