//! `reflect`: asks a reflector what arrives there, from where this program runs, and shows it line by line.

use std::io::Write as _;
use std::net::{IpAddr, SocketAddr, TcpStream, ToSocketAddrs as _, UdpSocket};
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use centrale_alg::diagnosis::Deed;
use centrale_alg::reflector::{Kind, Message, Progress, Proof, QUESTION, TICKET, Ticket};
use centrale_sip::flow::Transport;
use centrale_sip::message::{Frame, StreamFramer};
use rand::RngExt as _;
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::{CryptoProvider, ring, verify_tls12_signature, verify_tls13_signature};
use rustls::{ClientConfig, ClientConnection, DigitallySignedStruct, SignatureScheme, StreamOwned};
use rustls_pki_types::{CertificateDer, ServerName, UnixTime};

use crate::cli::{Fault, say};
use crate::reflector::fingerprint_of;

/// How long an answer is waited for before a datagram is sent again.
const PATIENCE: [Duration; 4] =
    [Duration::from_millis(500), Duration::from_secs(1), Duration::from_secs(2), Duration::from_secs(4)];
/// How long an answer is waited for on a connection.
const ANSWER_TIME: Duration = Duration::from_secs(7);
/// A connection that is not made, or says nothing, for so long is none.
const CONNECT_TIME: Duration = Duration::from_secs(10);
/// Slices of one message at most.
const SLICES: usize = 16;
const REWRITTEN: &str = "telephone messages do not arrive as they were sent";

/// Whom to ask.
#[derive(Debug, Clone, clap::Args)]
pub(crate) struct ReflectFlags {
    /// The machine on which `centraled reflector` runs: a name or an address
    server: String,
    /// What the reflector printed as its fingerprint
    #[arg(long, value_name = "HEX")]
    fingerprint: String,
    /// Its port of messages
    #[arg(long, default_value_t = 5060, value_parser = clap::value_parser!(u16).range(1..))]
    port: u16,
    /// Its port of tickets
    #[arg(long, default_value_t = 5061, value_parser = clap::value_parser!(u16).range(1..))]
    tls_port: u16,
}

/// Asks, tells, and fails when anything was changed.
pub(crate) fn run(flags: &ReflectFlags) -> Result<(), Fault> {
    let found = (flags.server.as_str(), flags.port).to_socket_addrs().map_err(|cause| out_of_reach(flags, cause))?;
    let server = found.into_iter().next().ok_or_else(|| out_of_reach(flags, "it has no address"))?;
    let ticket = ticket(flags, SocketAddr::new(server.ip(), flags.tls_port))?;
    let (mut changed, mut silent) = (false, 0);
    for transport in [Transport::Udp, Transport::Tcp] {
        let mut small = false;
        for kind in Kind::ALL.into_iter().filter(|kind| transport == Transport::Udp || *kind != Kind::Large) {
            let outcome = ask(server, &ticket, kind, transport)?;
            small |= outcome.is_some();
            changed |= matches!(outcome, Some(Progress::Changed { .. } | Progress::AsSent { answer: false }));
            // Where nothing at all comes back, nothing in particular was dropped.
            changed |= outcome.is_none() && small;
            silent += usize::from(!small);
            say(&told(transport, kind, outcome.as_ref()))?;
        }
    }
    match (changed, silent) {
        (true, _) => Err(Fault::Rewritten(REWRITTEN)),
        (false, 0) => say("Every message arrived as it was sent."),
        (false, _) => Err(out_of_reach(flags, "it answers tickets and no messages on one transport or both")),
    }
}

fn out_of_reach(flags: &ReflectFlags, cause: impl std::fmt::Display) -> Fault {
    Fault::Machine(format!("the reflector at {} cannot be asked: {cause}", flags.server))
}

fn told(transport: Transport, kind: Kind, outcome: Option<&Progress>) -> String {
    let what = format!("{}, {} ({})", transport.in_via(), kind.text(), kind.method());
    match outcome {
        Some(Progress::Changed { deeds, expected, came }) => {
            let deeds: Vec<&str> = deeds.iter().map(Deed::text).collect();
            format!("{what}: CHANGED, somebody {}\n  sent:    {expected}\n  arrived: {came}", deeds.join(", "))
        }
        Some(Progress::AsSent { answer: false }) => format!("{what}: arrived as sent, but its answer was CHANGED"),
        Some(_) => format!("{what}: arrived as sent"),
        None => format!("{what}: NO ANSWER"),
    }
}

/// One message, slice by slice; `None` when nothing came back.
fn ask(server: SocketAddr, ticket: &Ticket, kind: Kind, transport: Transport) -> Result<Option<Progress>, Fault> {
    let Some(mut line) = Line::open(server, transport)? else { return Ok(None) };
    let mut rng = rand::rng();
    let message = Message {
        kind,
        transport,
        local: line.local()?,
        server,
        token: format!("{:016x}", rng.random::<u64>()),
        media_port: rng.random_range(5_000..30_000) * 2,
    };
    let mut proof = Proof::new(message, ticket.clone());
    for _ in 0..SLICES {
        let question = proof.question();
        let Some(progress) = line.asked(&question, |answer| proof.answered(answer)) else { return Ok(None) };
        if !matches!(progress, Progress::Ask(_)) {
            return Ok(Some(progress));
        }
    }
    Ok(None)
}

/// A socket of its own for every message: a router judges each connection anew.
enum Line {
    Datagrams(UdpSocket),
    Stream(TcpStream, StreamFramer),
}

impl Line {
    fn open(server: SocketAddr, transport: Transport) -> Result<Option<Self>, Fault> {
        if transport == Transport::Udp {
            let any: IpAddr = if server.is_ipv4() { [0; 4].into() } else { [0; 16].into() };
            let socket = UdpSocket::bind((any, 0)).and_then(|socket| socket.connect(server).map(|()| socket));
            return socket.map(|socket| Some(Self::Datagrams(socket))).map_err(Fault::machine);
        }
        let Ok(stream) = TcpStream::connect_timeout(&server, CONNECT_TIME) else { return Ok(None) };
        stream.set_nodelay(true).map_err(Fault::machine)?;
        Ok(Some(Self::Stream(stream, StreamFramer::default())))
    }

    fn local(&self) -> Result<SocketAddr, Fault> {
        match self {
            Self::Datagrams(socket) => socket.local_addr(),
            Self::Stream(stream, _) => stream.local_addr(),
        }
        .map_err(Fault::machine)
    }

    /// What `read` makes of the first answer that it takes for one.
    fn asked<T>(&mut self, question: &[u8], mut read: impl FnMut(&[u8]) -> Option<T>) -> Option<T> {
        match self {
            Self::Datagrams(socket) => {
                let mut buffer = vec![0; 65_535];
                PATIENCE.iter().find_map(|patience| {
                    socket.set_read_timeout(Some(*patience)).ok()?;
                    // An error here is an ICMP message about an earlier datagram.
                    let _ = socket.send(question);
                    loop {
                        let length = socket.recv(&mut buffer).ok()?;
                        if let Some(read) = read(buffer.get(..length)?) {
                            return Some(read);
                        }
                    }
                })
            }
            Self::Stream(stream, framer) => {
                stream.set_read_timeout(Some(ANSWER_TIME)).ok()?;
                stream.write_all(question).ok()?;
                read(&next_message(stream, framer)?)
            }
        }
    }
}

fn next_message(stream: &mut impl std::io::Read, framer: &mut StreamFramer) -> Option<Bytes> {
    let mut buffer = [0; 8_192];
    loop {
        if let Some(Frame::Message(bytes)) = framer.next_frame().ok()? {
            return Some(bytes);
        }
        let length = stream.read(&mut buffer).ok().filter(|length| *length > 0)?;
        framer.push(buffer.get(..length)?);
    }
}

/// What the reflector hands over, over TLS, when it is the one with that fingerprint.
fn ticket(flags: &ReflectFlags, server: SocketAddr) -> Result<Ticket, Fault> {
    let config = pinned(&flags.fingerprint).map_err(|cause| out_of_reach(flags, cause))?;
    let name = ServerName::IpAddress(server.ip().into());
    let connection = ClientConnection::new(config, name).map_err(|cause| out_of_reach(flags, cause))?;
    let socket = TcpStream::connect_timeout(&server, CONNECT_TIME).map_err(|cause| out_of_reach(flags, cause))?;
    socket.set_read_timeout(Some(CONNECT_TIME)).map_err(|cause| out_of_reach(flags, cause))?;
    let mut stream = StreamOwned::new(connection, socket);
    let asks = format!("OPTIONS sip:{server} SIP/2.0\r\n{QUESTION}: {TICKET}\r\nContent-Length: 0\r\n\r\n");
    stream.write_all(asks.as_bytes()).map_err(|cause| out_of_reach(flags, cause))?;
    let answer = next_message(&mut stream, &mut StreamFramer::default());
    let text = answer.as_deref().and_then(|bytes| std::str::from_utf8(bytes).ok());
    let ticket = text.and_then(|text| Ticket::parse(text.split_once("\r\n\r\n")?.1));
    ticket.ok_or_else(|| out_of_reach(flags, "it hands over no ticket: too many were asked for, or it is no reflector"))
}

fn pinned(fingerprint: &str) -> Result<Arc<ClientConfig>, rustls::Error> {
    let provider = Arc::new(ring::default_provider());
    let pin = Arc::new(Pin { fingerprint: fingerprint.to_ascii_lowercase(), provider: Arc::clone(&provider) });
    let builder = ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions()?;
    Ok(Arc::new(builder.dangerous().with_custom_certificate_verifier(pin).with_no_client_auth()))
}

/// Takes the one certificate that the installer has read on the reflector, whatever it says, and no other.
#[derive(Debug)]
struct Pin {
    fingerprint: String,
    provider: Arc<CryptoProvider>,
}

impl ServerCertVerifier for Pin {
    fn verify_server_cert(
        &self,
        certificate: &CertificateDer<'_>,
        _: &[CertificateDer<'_>],
        _: &ServerName<'_>,
        _: &[u8],
        _: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        if fingerprint_of(certificate) == self.fingerprint {
            return Ok(ServerCertVerified::assertion());
        }
        Err(rustls::Error::General("its fingerprint is another one".to_owned()))
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        verify_tls12_signature(message, certificate, signed, &self.provider.signature_verification_algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        verify_tls13_signature(message, certificate, signed, &self.provider.signature_verification_algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.provider.signature_verification_algorithms.supported_schemes()
    }
}
