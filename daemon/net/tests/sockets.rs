//! The sockets as a peer on the network meets them.

#![allow(clippy::unwrap_used, reason = "in a test a surprise is a failure")]

mod certificate;

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use bytes::Bytes;
use centrale_net::{Arrivals, Net, NetEvent, NetSettings, ProbeKey, ProbeNews, WebPorts, client_config, server_config};
use centrale_sip::endpoint::Transmit;
use centrale_sip::flow::{Flow, Path, Target, Transport};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpStream, UdpSocket};

const HERE: IpAddr = IpAddr::V4(Ipv4Addr::LOCALHOST);
/// Far longer than anything here takes; only a fault reaches it.
const NEVER: Duration = Duration::from_secs(60);

struct Box {
    net: Net,
    arrivals: Arrivals,
    sip: SocketAddr,
    tls: SocketAddr,
    authority: String,
}

impl Box {
    async fn open() -> Self {
        let (shown, certificate) = certificate::issued_to("127.0.0.1");
        loop {
            let free = || std::net::TcpListener::bind((HERE, 0)).unwrap().local_addr().unwrap().port();
            let (sip_port, sip_tls_port) = (free(), free());
            let settings = NetSettings {
                bind: vec![HERE],
                sip_port,
                sip_tls_port,
                web: WebPorts::default(),
                server_tls: server_config(Arc::clone(&shown) as _).unwrap(),
                client_tls: client_config(Some(certificate.as_bytes())).unwrap(),
                connections: tokio::runtime::Handle::current(),
            };
            // Somebody may have taken the port in between: then another is found.
            if let Ok((net, arrivals)) = Net::open(settings) {
                let at = |port| SocketAddr::new(HERE, port);
                return Self { net, arrivals, sip: at(sip_port), tls: at(sip_tls_port), authority: certificate };
            }
        }
    }

    async fn event(&mut self) -> NetEvent {
        loop {
            match tokio::time::timeout(NEVER, self.arrivals.next()).await.unwrap() {
                NetEvent::Addresses(_) => {}
                event => return event,
            }
        }
    }

    async fn packet(&mut self) -> (Flow, Bytes) {
        match self.event().await {
            NetEvent::Packet { flow, bytes } => (flow, bytes),
            other => panic!("a packet was awaited, {other:?} came"),
        }
    }

    fn send(&self, path: Path, bytes: &'static [u8]) {
        self.net.transmit(&Transmit { path, bytes: Bytes::from_static(bytes) });
    }
}

/// Whoever reads an answer makes room for the next one. Told of that, the box would wake twice for each packet.
#[tokio::test]
async fn the_box_wakes_for_what_arrives_and_not_for_room_to_send_more() {
    const QUESTIONS: u64 = 200;
    let mut exchange = Box::open().await;
    let (phone, sip) = (std::net::UdpSocket::bind((HERE, 0)).unwrap(), exchange.sip);
    phone.set_read_timeout(Some(NEVER)).unwrap();
    let asking = std::thread::spawn(move || {
        for _ in 0..QUESTIONS {
            phone.send_to(b"hello", sip).unwrap();
            phone.recv(&mut [0; 64]).unwrap();
        }
    });
    let metrics = tokio::runtime::Handle::current().metrics();
    let before = metrics.worker_park_count(0);
    for _ in 0..QUESTIONS {
        let (flow, _) = exchange.packet().await;
        exchange.send(Path::Flow(flow), b"hello yourself");
    }
    let rested = metrics.worker_park_count(0) - before;
    asking.join().unwrap();
    assert!(rested < QUESTIONS + QUESTIONS / 10, "rested {rested} times between {QUESTIONS} packets");
}

/// However many lie there when it looks: as many as it asks for at once, one more, one less, and many times as many.
#[tokio::test]
async fn each_datagram_of_a_burst_is_heard_in_its_turn_and_none_is_left_lying() {
    let mut exchange = Box::open().await;
    let phone = std::net::UdpSocket::bind((HERE, 0)).unwrap();
    for burst in (1..=36u8).chain([200]) {
        for number in 0..burst {
            phone.send_to(&[burst, number], exchange.sip).unwrap();
        }
        for number in 0..burst {
            assert_eq!(exchange.packet().await.1[..], [burst, number]);
        }
    }
}

#[tokio::test]
async fn a_datagram_is_answered_from_the_address_it_was_sent_to() {
    let mut exchange = Box::open().await;
    let phone = UdpSocket::bind((HERE, 0)).await.unwrap();
    phone.send_to(b"hello", exchange.sip).await.unwrap();
    let (flow, bytes) = exchange.packet().await;
    assert_eq!((&bytes[..], flow.local, flow.remote), (&b"hello"[..], exchange.sip, phone.local_addr().unwrap()));
    exchange.send(Path::Flow(flow), b"answer");
    let mut buffer = [0; 64];
    let (length, from) = tokio::time::timeout(NEVER, phone.recv_from(&mut buffer)).await.unwrap().unwrap();
    assert_eq!((&buffer[..length], from), (&b"answer"[..], exchange.sip));
}

#[tokio::test]
async fn messages_are_cut_out_of_a_stream_however_it_is_torn_and_a_ping_is_answered() {
    let mut exchange = Box::open().await;
    let mut phone = TcpStream::connect(exchange.sip).await.unwrap();
    let one = b"OPTIONS sip:a SIP/2.0\r\nContent-Length: 3\r\n\r\nabc";
    for half in [&one[..20], &one[20..], &b"\r\n\r\n"[..], one] {
        phone.write_all(half).await.unwrap();
        phone.flush().await.unwrap();
    }
    let (flow, first) = exchange.packet().await;
    let (_, second) = exchange.packet().await;
    assert_eq!((&first[..], &second[..], flow.transport), (&one[..], &one[..], Transport::Tcp));
    let mut pong = [0; 2];
    tokio::time::timeout(NEVER, phone.read_exact(&mut pong)).await.unwrap().unwrap();
    assert_eq!(&pong, b"\r\n");
    drop(phone);
    assert!(matches!(exchange.event().await, NetEvent::FlowClosed(id) if id == flow.id));
}

#[tokio::test]
async fn a_stream_that_is_no_sip_is_closed_and_counted_and_another_phone_goes_on() {
    let mut exchange = Box::open().await;
    let mut stranger = TcpStream::connect(exchange.sip).await.unwrap();
    let mut phone = TcpStream::connect(exchange.sip).await.unwrap();
    stranger.write_all(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n").await.unwrap();
    let mut rest = Vec::new();
    tokio::time::timeout(NEVER, stranger.read_to_end(&mut rest)).await.unwrap().unwrap();
    assert!(rest.is_empty(), "a stranger is told nothing");
    assert!(matches!(exchange.event().await, NetEvent::FlowClosed(_)));
    assert_eq!(exchange.net.counters().unframed_streams.load(Ordering::Relaxed), 1);
    phone.write_all(b"OPTIONS sip:a SIP/2.0\r\nl: 0\r\n\r\n").await.unwrap();
    assert!(exchange.packet().await.1.starts_with(b"OPTIONS"));
}

#[tokio::test]
async fn a_message_that_never_ends_costs_its_sender_the_connection() {
    let mut exchange = Box::open().await;
    let mut phone = TcpStream::connect(exchange.sip).await.unwrap();
    phone.write_all(b"OPTIONS sip:a SIP/2.0\r\nContent-Length: 9\r\n\r\nhalf").await.unwrap();
    phone.flush().await.unwrap();
    // The bytes have been read when the queue of the socket is empty; from then on only time passes.
    while exchange.net.counters().connections.load(Ordering::Relaxed) == 0 {
        tokio::task::yield_now().await;
    }
    tokio::time::pause();
    assert!(matches!(exchange.event().await, NetEvent::FlowClosed(_)));
    assert_eq!(exchange.net.counters().slow_connections.load(Ordering::Relaxed), 1);
}

#[tokio::test]
async fn a_stream_that_ends_in_the_middle_of_a_message_is_counted_and_one_that_ends_after_it_is_not() {
    let mut exchange = Box::open().await;
    let whole = "OPTIONS sip:a SIP/2.0\r\nContent-Length: 4\r\n\r\nbody";
    let torn = |exchange: &Box| exchange.net.counters().torn_streams.load(Ordering::Relaxed);
    for (end, counted) in [(whole.len(), 0), (whole.len() - 1, 1), (30, 2), (1, 3)] {
        for sent in [whole.to_owned() + "\r\n", whole.to_owned() + &whole[..end]] {
            let is_torn = sent.ends_with(&whole[..end]);
            let mut phone = TcpStream::connect(exchange.sip).await.unwrap();
            phone.write_all(sent.as_bytes()).await.unwrap();
            assert_eq!(exchange.packet().await.1, whole);
            if is_torn && end == whole.len() {
                exchange.packet().await;
            }
            drop(phone);
            assert!(matches!(exchange.event().await, NetEvent::FlowClosed(_)));
        }
        assert_eq!(torn(&exchange), counted, "after {end} bytes");
    }
}

/// Not a ping, which are two of them; some phones keep their way open so.
#[tokio::test]
async fn a_line_end_alone_begins_no_message_that_would_have_to_come_to_its_end() {
    let mut exchange = Box::open().await;
    exchange.net.know(HERE);
    let mut phone = TcpStream::connect(exchange.sip).await.unwrap();
    phone.write_all(b"OPTIONS sip:a SIP/2.0\r\nl: 0\r\n\r\n\r\n").await.unwrap();
    exchange.packet().await;
    tokio::time::pause();
    let closed = tokio::time::timeout(Duration::from_secs(30), exchange.event()).await;
    assert!(closed.is_err(), "{closed:?}");
}

#[tokio::test]
async fn connections_to_strangers_are_bounded_in_number_and_those_to_a_provider_are_not() {
    let mut exchange = Box::open().await;
    let listener = std::net::TcpListener::bind((Ipv4Addr::UNSPECIFIED, 0)).unwrap();
    let port = listener.local_addr().unwrap().port();
    let target = |last| Target::new(Transport::Tcp, SocketAddr::new(Ipv4Addr::new(127, 0, 0, last).into(), port));
    let message = b"OPTIONS sip:a SIP/2.0\r\nl: 0\r\n\r\n";
    for last in 1..=129 {
        exchange.send(Path::Target(target(last)), message);
    }
    assert!(matches!(exchange.event().await, NetEvent::TargetFailed(failed) if failed == target(129)));
    exchange.net.know(target(200).remote.ip());
    exchange.send(Path::Target(target(200)), message);
    assert_eq!(exchange.net.counters().refused_targets.load(Ordering::Relaxed), 1);
}

#[tokio::test]
async fn a_message_to_a_new_address_opens_one_connection_and_the_next_one_uses_it() {
    let exchange = Box::open().await;
    let mut provider = Box::open().await;
    let target = Target::new(Transport::Tcp, provider.sip);
    exchange.send(Path::Target(target), b"OPTIONS sip:a SIP/2.0\r\nl: 0\r\n\r\n");
    exchange.send(Path::Target(target), b"INFO sip:a SIP/2.0\r\nl: 0\r\n\r\n");
    let (first, second) = (provider.packet().await, provider.packet().await);
    assert_eq!(first.0.id, second.0.id);
    assert!(first.1.starts_with(b"OPTIONS") && second.1.starts_with(b"INFO"));
}

#[tokio::test]
async fn what_is_to_be_cut_in_two_has_a_connection_of_its_own_beside_whole_messages() {
    let exchange = Box::open().await;
    let mut provider = Box::open().await;
    let whole = Target::new(Transport::Tcp, provider.sip);
    let message = b"OPTIONS sip:a SIP/2.0\r\nl: 0\r\n\r\n";
    exchange.send(Path::Target(whole), message);
    exchange.send(Path::Target(Target { split: true, ..whole }), message);
    let (first, second) = (provider.packet().await, provider.packet().await);
    assert_ne!(first.0.id, second.0.id);
    assert_eq!((&first.1[..], &second.1[..]), (&message[..], &message[..]));
}

#[tokio::test]
async fn a_port_of_a_trunks_own_hears_its_servers_as_they_are_now_until_it_is_closed() {
    let mut exchange = Box::open().await;
    let server = UdpSocket::bind((HERE, 0)).await.unwrap();
    let flow = exchange.net.open_port(vec![HERE]).unwrap();
    let towards = Path::Flow(Flow { remote: server.local_addr().unwrap(), ..flow });
    exchange.send(towards, b"question");
    let mut room = [0; 64];
    let (length, port) = tokio::time::timeout(NEVER, server.recv_from(&mut room)).await.unwrap().unwrap();
    assert_eq!((&room[..length], port.port()), (&b"question"[..], flow.local.port()));
    server.send_to(b"answer", port).await.unwrap();
    let (came, bytes) = exchange.packet().await;
    assert_eq!((came.id, &bytes[..]), (flow.id, &b"answer"[..]));
    let elsewhere: IpAddr = "192.0.2.1".parse().unwrap();
    exchange.net.hear_at(flow.id, vec![elsewhere]);
    server.send_to(b"strange", port).await.unwrap();
    while exchange.net.counters().strange_datagrams.load(Ordering::Relaxed) == 0 {
        tokio::task::yield_now().await;
    }
    exchange.net.hear_at(flow.id, vec![elsewhere, HERE]);
    server.send_to(b"again", port).await.unwrap();
    assert_eq!(&exchange.packet().await.1[..], b"again");
    exchange.net.close_port(flow.id);
    // The reader ends when it is next asked to go on; then the port is anybody's.
    let free = async {
        while UdpSocket::bind(port).await.is_err() {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(NEVER, free).await.unwrap();
}

#[tokio::test]
async fn an_address_where_nobody_listens_is_told() {
    let mut exchange = Box::open().await;
    let free = std::net::TcpListener::bind((HERE, 0)).unwrap().local_addr().unwrap();
    let target = Target::new(Transport::Tcp, free);
    exchange.send(Path::Target(target), b"OPTIONS sip:a SIP/2.0\r\nl: 0\r\n\r\n");
    assert!(matches!(exchange.event().await, NetEvent::TargetFailed(failed) if failed == target));
}

#[tokio::test]
async fn tls_reaches_a_provider_whose_certificate_is_trusted_and_no_other() {
    let provider = Box::open().await;
    let trusting = client_config(Some(provider.authority.as_bytes())).unwrap();
    let strict = client_config(None).unwrap();
    for (config, welcome) in [(trusting, true), (strict, false)] {
        let connector = tokio_rustls::TlsConnector::from(config);
        let stream = TcpStream::connect(provider.tls).await.unwrap();
        let name = rustls_pki_types::ServerName::try_from("127.0.0.1").unwrap();
        assert_eq!(connector.connect(name, stream).await.is_ok(), welcome);
    }
}

#[tokio::test]
async fn a_provider_with_another_certificate_is_not_spoken_to() {
    let mut exchange = Box::open().await;
    let provider = Box::open().await;
    let target = Target::new(Transport::Tls, provider.tls);
    exchange.send(Path::Target(target), b"OPTIONS sip:a SIP/2.0\r\nl: 0\r\n\r\n");
    assert!(matches!(exchange.event().await, NetEvent::TargetFailed(failed) if failed == target));
    assert_eq!(exchange.net.counters().failed_handshakes.load(Ordering::Relaxed), 1);
}

fn key(socket: u8) -> ProbeKey {
    ProbeKey { round: 1, socket }
}

impl Box {
    async fn probed(&mut self) -> (ProbeKey, ProbeNews) {
        match self.event().await {
            NetEvent::Probe { key, news } => (key, news),
            other => panic!("news of a throw-away socket were awaited, {other:?} came"),
        }
    }

    async fn opened(&mut self, key: ProbeKey, transport: Transport, to: SocketAddr) -> SocketAddr {
        self.net.open_probe(key, transport, to, "127.0.0.1");
        match self.probed().await {
            (told, ProbeNews::Opened(local)) if told == key => local,
            other => panic!("{other:?}"),
        }
    }
}

#[tokio::test]
async fn each_throw_away_socket_has_a_port_of_its_own_and_hears_what_is_sent_there() {
    let mut exchange = Box::open().await;
    let server = UdpSocket::bind((HERE, 0)).await.unwrap();
    let to = server.local_addr().unwrap();
    let one = exchange.opened(key(1), Transport::Udp, to).await;
    let two = exchange.opened(key(2), Transport::Udp, to).await;
    assert!(one.port() != two.port() && one.port() != exchange.sip.port());
    exchange.net.send_probe(key(2), to, Bytes::from_static(b"who am I"), None);
    let mut room = [0; 64];
    let (length, from) = server.recv_from(&mut room).await.unwrap();
    assert_eq!((&room[..length], from), (&b"who am I"[..], two));
    server.send_to(b"you", one).await.unwrap();
    let came = ProbeNews::Came { from: to, bytes: Bytes::from_static(b"you") };
    assert_eq!(exchange.probed().await, (key(1), came));
    exchange.net.close_probe(key(1));
    exchange.net.close_probe(key(2));
    exchange.net.send_probe(key(2), to, Bytes::from_static(b"late"), None);
    assert_eq!(exchange.net.counters().unsent_datagrams.load(Ordering::Relaxed), 1, "it is closed");
}

#[tokio::test]
async fn what_the_network_quotes_of_a_datagram_is_told_with_who_quotes_it() {
    let mut exchange = Box::open().await;
    let nobody = UdpSocket::bind((HERE, 0)).await.unwrap().local_addr().unwrap();
    exchange.opened(key(1), Transport::Udp, nobody).await;
    exchange.net.send_probe(key(1), nobody, Bytes::from_static(b"INVITE sip:x@y SIP/2.0"), Some(3));
    let quoted = ProbeNews::Quoted { hop: HERE, payload: Bytes::from_static(b"INVITE sip:x@y SIP/2.0") };
    assert_eq!(exchange.probed().await, (key(1), quoted));
}

#[tokio::test]
async fn a_throw_away_connection_gives_whole_messages_and_says_when_it_is_gone() {
    let mut exchange = Box::open().await;
    let listener = tokio::net::TcpListener::bind((HERE, 0)).await.unwrap();
    let to = listener.local_addr().unwrap();
    let local = exchange.opened(key(1), Transport::Tcp, to).await;
    let (mut stream, from) = listener.accept().await.unwrap();
    assert_eq!(from, local);
    exchange.net.send_probe(key(1), to, Bytes::from_static(b"question"), None);
    let mut room = [0; 8];
    stream.read_exact(&mut room).await.unwrap();
    assert_eq!(&room, b"question");
    let message = b"SIP/2.0 200 OK\r\nContent-Length: 0\r\n\r\n";
    stream.write_all(&message[..20]).await.unwrap();
    stream.write_all(&message[20..]).await.unwrap();
    let came = ProbeNews::Came { from: to, bytes: Bytes::from_static(message) };
    assert_eq!(exchange.probed().await, (key(1), came));
    drop(stream);
    assert_eq!(exchange.probed().await, (key(1), ProbeNews::Failed));
    drop(listener);
    exchange.net.open_probe(key(2), Transport::Tcp, to, "127.0.0.1");
    assert_eq!(exchange.probed().await, (key(2), ProbeNews::Failed));
}

#[tokio::test]
async fn throw_away_sockets_are_bounded_in_number() {
    let mut exchange = Box::open().await;
    let to = exchange.sip;
    for socket in 0..32 {
        exchange.opened(key(socket), Transport::Udp, to).await;
    }
    exchange.net.open_probe(key(99), Transport::Udp, to, "127.0.0.1");
    assert_eq!(exchange.probed().await, (key(99), ProbeNews::Failed));
}
