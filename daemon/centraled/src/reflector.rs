//! `reflector`: sends back, sealed, what arrived from an office, so that an installer sees byte for byte what its router does to
//! telephone messages. Who asks first gets a ticket over TLS, and no answer is longer than its question. It keeps no state.

use std::net::IpAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};

use bytes::Bytes;
use centrale_alg::reflector::{Limits, Reflector, Refusal};
use centrale_net::{Net, NetEvent, NetSettings, WebPorts};
use centrale_sip::endpoint::Transmit;
use centrale_sip::flow::{Flow, Path, Transport};
use rcgen::{CertificateParams, KeyPair};
use ring::digest;
use rustls::crypto::ring::sign::any_supported_type;
use rustls::server::{ClientHello, ResolvesServerCert};
use rustls::sign::CertifiedKey;
use rustls_pki_types::PrivateKeyDer;

use crate::cli::{Fault, say};
use crate::log_filter::LogFilter;

/// How often the log says what was answered and what was refused.
const TOLD_EVERY: Duration = Duration::from_secs(60);

/// The reflector's settings.
#[derive(Debug, Clone, clap::Args)]
pub(crate) struct ReflectorFlags {
    /// Address to listen on; may be given several times [default: all]
    #[arg(long)]
    bind: Vec<IpAddr>,
    /// Messages over UDP and TCP; routers look at 5060
    #[arg(long, default_value_t = 5060, value_parser = clap::value_parser!(u16).range(1..))]
    port: u16,
    /// Tickets over TLS
    #[arg(long, default_value_t = 5061, value_parser = clap::value_parser!(u16).range(1..))]
    tls_port: u16,
    /// Answers a minute to one address
    #[arg(long, default_value_t = 120, value_parser = clap::value_parser!(u16).range(1..=1_000))]
    per_address: u16,
    /// Answers a minute to all addresses together
    #[arg(long, default_value_t = 2_000, value_parser = clap::value_parser!(u16).range(1..=20_000))]
    in_all: u16,
    /// What is logged: error, warn, info, debug, trace or off
    #[arg(long, default_value = "info")]
    log: LogFilter,
}

/// Reflects until it is told to stop.
pub(crate) fn run(flags: ReflectorFlags) -> Result<(), Fault> {
    if flags.port == flags.tls_port {
        return Err(crate::settings::SettingsFault::SamePort("port", "tls-port", flags.port).into());
    }
    flags.log.start();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    runtime.map_err(Fault::machine)?.block_on(serve(flags))
}

async fn serve(flags: ReflectorFlags) -> Result<(), Fault> {
    let (shown, fingerprint) = Shown::draw()?;
    let settings = NetSettings {
        bind: flags.bind,
        sip_port: flags.port,
        sip_tls_port: flags.tls_port,
        web: WebPorts::default(),
        server_tls: centrale_net::server_config(Arc::new(shown)).map_err(Fault::machine)?,
        client_tls: centrale_net::client_config(None).map_err(Fault::machine)?,
        connections: tokio::runtime::Handle::current(),
    };
    let (net, mut arrivals) = Net::open(settings).map_err(Fault::machine)?;
    say(&format!("fingerprint {fingerprint}"))?;
    say("ready")?;
    let limits = Limits { per_address: flags.per_address.into(), in_all: flags.in_all.into(), ..Limits::default() };
    let mut mirror = Mirror::new(limits);
    let mut telling = tokio::time::interval(TOLD_EVERY);
    let stopped = crate::run::stopped();
    tokio::pin!(stopped);
    loop {
        tokio::select! {
            over = &mut stopped => {
                over?;
                break;
            }
            event = arrivals.next() => {
                if let NetEvent::Packet { flow, bytes } = event
                    && let Some(answer) = mirror.answer(&flow, &bytes)
                {
                    net.transmit(&Transmit { path: Path::Flow(flow), bytes: answer });
                }
            }
            _ = telling.tick() => mirror.tell(),
        }
    }
    for (name, count) in mirror.counts() {
        say(&format!("{name} {count}"))?;
    }
    say("stopped")
}

/// The reflector, its clock, and what it did.
struct Mirror {
    reflector: Reflector,
    begun: Instant,
    tickets: u64,
    answers: u64,
    refused: [u64; Refusal::ALL.len()],
    told: u64,
}

impl Mirror {
    fn new(limits: Limits) -> Self {
        let key: [u8; 32] = rand::RngExt::random(&mut rand::rng());
        Self {
            reflector: Reflector::new(&key, limits),
            begun: Instant::now(),
            tickets: 0,
            answers: 0,
            refused: [0; Refusal::ALL.len()],
            told: 0,
        }
    }

    fn answer(&mut self, flow: &Flow, bytes: &[u8]) -> Option<Bytes> {
        let now = Instant::now();
        let times = (now, now.saturating_duration_since(self.begun).as_secs());
        let (count, answer) = match flow.transport {
            Transport::Tls => (&mut self.tickets, self.reflector.hand_over(bytes, flow.remote, times)),
            Transport::Udp | Transport::Tcp => (&mut self.answers, self.reflector.reply(bytes, flow.remote, times)),
        };
        match answer {
            Ok(answer) => {
                *count += 1;
                Some(answer.into())
            }
            Err(refusal) => {
                tracing::debug!(from = %flow.remote, %refusal, "no answer");
                if let Some(at) = Refusal::ALL.iter().position(|one| *one == refusal) {
                    self.refused[at] += 1;
                }
                None
            }
        }
    }

    fn counts(&self) -> Vec<(String, u64)> {
        let refused = Refusal::ALL.iter().zip(self.refused).map(|(why, count)| (format!("refused, {why}:"), count));
        [("tickets:".to_owned(), self.tickets), ("answers:".to_owned(), self.answers)]
            .into_iter()
            .chain(refused)
            .collect()
    }

    /// One line of the log, when something happened since the last.
    fn tell(&mut self) {
        let refused: u64 = self.refused.iter().sum();
        let all = self.tickets + self.answers + refused;
        if all != self.told {
            self.told = all;
            tracing::info!(tickets = self.tickets, answers = self.answers, refused, "reflected so far");
        }
    }
}

/// A certificate that nobody signed: whoever comes knows it by its fingerprint.
#[derive(Debug)]
struct Shown(Arc<CertifiedKey>);

impl Shown {
    fn draw() -> Result<(Self, String), Fault> {
        let key = KeyPair::generate().map_err(Fault::machine)?;
        let mut params = CertificateParams::new(vec!["reflector.invalid".to_owned()]).map_err(Fault::machine)?;
        params.not_before = rcgen::date_time_ymd(1970, 1, 1);
        params.not_after = rcgen::date_time_ymd(2049, 12, 31);
        let certificate = params.self_signed(&key).map_err(Fault::machine)?;
        let private = PrivateKeyDer::try_from(key.serialize_der()).map_err(Fault::machine)?;
        let private = any_supported_type(&private).map_err(Fault::machine)?;
        let fingerprint = fingerprint_of(certificate.der());
        Ok((Self(Arc::new(CertifiedKey::new(vec![certificate.der().clone()], private))), fingerprint))
    }
}

impl ResolvesServerCert for Shown {
    fn resolve(&self, _: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        Some(Arc::clone(&self.0))
    }
}

/// SHA-256 of a certificate, in hexadecimal digits.
pub(crate) fn fingerprint_of(certificate: &[u8]) -> String {
    let digest = digest::digest(&digest::SHA256, certificate);
    digest.as_ref().iter().map(|byte| format!("{byte:02x}")).collect()
}
