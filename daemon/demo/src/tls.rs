//! A phone's TLS: as good as its model's, with the authorities it was taught, its own idea of the time, and the checks
//! that its settings ask for.

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use centrale_sim::desk::{TlsClient, TlsFault, TlsVersion};
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::client::{verify_server_cert_signed_by_trust_anchor, verify_server_name};
use rustls::crypto::{CryptoProvider, ring, verify_tls12_signature, verify_tls13_signature};
use rustls::server::ParsedCertificate;
use rustls::{CertificateError, ClientConfig, DigitallySignedStruct, Error, RootCertStore, SignatureScheme, version};
use rustls_pki_types::{CertificateDer, ServerName, UnixTime};
use tokio::net::{TcpSocket, TcpStream};
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;

/// Why there is no connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Unconnected {
    /// Nobody there.
    #[error("nobody answers")]
    Nobody,
    /// The handshake failed.
    #[error("{}", .0.words())]
    Tls(TlsFault),
}

/// A TCP connection from one of the machine's addresses.
pub(crate) async fn connect(from: IpAddr, to: SocketAddr) -> Result<TcpStream, Unconnected> {
    let connected = async {
        let socket = if to.is_ipv4() { TcpSocket::new_v4()? } else { TcpSocket::new_v6()? };
        if from.is_ipv4() == to.is_ipv4() {
            socket.bind((from, 0).into())?;
        }
        let stream = socket.connect(to).await?;
        stream.set_nodelay(true)?;
        std::io::Result::Ok(stream)
    };
    connected.await.map_err(|_| Unconnected::Nobody)
}

/// The handshake, with whoever is at the other end and ought to have that address.
pub(crate) async fn shake_hands(
    stream: TcpStream,
    host: IpAddr,
    client: &TlsClient,
) -> Result<TlsStream<TcpStream>, Unconnected> {
    let nothing_in_common = Unconnected::Tls(TlsFault::NothingInCommon);
    if client.version < TlsVersion::V1_2 || !client.elliptic {
        // The library has neither: no server of today does.
        return Err(nothing_in_common);
    }
    let config = client_config(client).map_err(|_| nothing_in_common)?;
    let connector = TlsConnector::from(Arc::new(config));
    let shaken = connector.connect(ServerName::IpAddress(host.into()), stream).await;
    shaken.map_err(|error| match error.get_ref().and_then(|cause| cause.downcast_ref::<Error>()) {
        Some(error) => Unconnected::Tls(fault(error)),
        None => Unconnected::Nobody,
    })
}

fn client_config(client: &TlsClient) -> Result<ClientConfig, Error> {
    let provider = Arc::new(ring::default_provider());
    let verifier = Arc::new(PhonesEyes { client: client.clone(), provider: Arc::clone(&provider) });
    let builder = ClientConfig::builder_with_provider(provider).with_protocol_versions(&[&version::TLS12])?;
    Ok(builder.dangerous().with_custom_certificate_verifier(verifier).with_no_client_auth())
}

fn fault(error: &Error) -> TlsFault {
    use CertificateError as Wrong;
    match error {
        Error::InvalidCertificate(Wrong::NotValidYet | Wrong::NotValidYetContext { .. }) => TlsFault::NotYetValid,
        Error::InvalidCertificate(Wrong::NotValidForName | Wrong::NotValidForNameContext { .. }) => TlsFault::WrongName,
        Error::InvalidCertificate(_) => TlsFault::UnknownAuthority,
        _ => TlsFault::NothingInCommon,
    }
}

/// How a phone looks at a server's certificate.
#[derive(Debug)]
struct PhonesEyes {
    client: TlsClient,
    provider: Arc<CryptoProvider>,
}

impl ServerCertVerifier for PhonesEyes {
    fn verify_server_cert(
        &self,
        certificate: &CertificateDer<'_>,
        between: &[CertificateDer<'_>],
        name: &ServerName<'_>,
        _: &[u8],
        _: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        let parsed = ParsedCertificate::try_from(certificate)?;
        if !self.client.trusts_everybody {
            let now = UnixTime::since_unix_epoch(Duration::from_secs(self.client.believes));
            let algorithms = self.provider.signature_verification_algorithms.all;
            verify_server_cert_signed_by_trust_anchor(&parsed, &self.authorities(), between, now, algorithms)?;
        }
        if self.client.checks_name {
            verify_server_name(&parsed, name)?;
        }
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        verify_tls12_signature(message, certificate, signed, &self.provider.signature_verification_algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        verify_tls13_signature(message, certificate, signed, &self.provider.signature_verification_algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.provider.signature_verification_algorithms.supported_schemes()
    }
}

impl PhonesEyes {
    /// Those it was taught; one that it cannot read it does not trust.
    fn authorities(&self) -> RootCertStore {
        let mut roots = RootCertStore::empty();
        let taught = self.client.trusted.iter().filter_map(|base64| STANDARD.decode(base64).ok());
        roots.add_parsable_certificates(taught.map(CertificateDer::from));
        roots
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use std::net::Ipv4Addr;

    use rcgen::{BasicConstraints, CertificateParams, DnType, IsCa, Issuer, KeyPair, SanType, date_time_ymd};
    use rustls::ServerConfig;
    use rustls_pki_types::PrivateKeyDer;
    use tokio::net::TcpListener;
    use tokio_rustls::TlsAcceptor;

    use super::*;

    /// The first second of the year 2000: what a phone without a battery takes for the time.
    const FACTORY_TIME: u64 = 946_684_800;
    /// 2026-11-28.
    const TODAY: u64 = 1_795_824_000;

    /// A server's certificate, and who signed it.
    pub(crate) struct Shown {
        pub(crate) acceptor: TlsAcceptor,
        authority: String,
    }

    /// One that is valid from that year on, for these addresses.
    pub(crate) fn shown(from: i32, addresses: &[IpAddr]) -> Shown {
        let key = KeyPair::generate().unwrap();
        let mut params = CertificateParams::default();
        params.distinguished_name.push(DnType::CommonName, "An office's authority");
        params.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
        params.not_before = date_time_ymd(1970, 1, 1);
        let authority = params.self_signed(&key).unwrap();
        let issuer = Issuer::new(params, key);
        let own_key = KeyPair::generate().unwrap();
        let mut params = CertificateParams::new(vec!["centrale.local".to_owned()]).unwrap();
        params.subject_alt_names.extend(addresses.iter().copied().map(SanType::IpAddress));
        params.not_before = date_time_ymd(from, 1, 1);
        let own = params.signed_by(&own_key, &issuer).unwrap();
        let chain = vec![own.der().clone(), authority.der().clone()];
        let key = PrivateKeyDer::try_from(own_key.serialize_der()).unwrap();
        let builder = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()));
        let builder = builder.with_safe_default_protocol_versions().unwrap().with_no_client_auth();
        let config = builder.with_single_cert(chain, key).unwrap();
        Shown { acceptor: TlsAcceptor::from(Arc::new(config)), authority: STANDARD.encode(authority.der()) }
    }

    impl Shown {
        /// A phone that was taught this authority and checks everything, with its clock as from the factory.
        pub(crate) fn taught(&self) -> TlsClient {
            TlsClient {
                version: TlsVersion::V1_2,
                elliptic: true,
                trusted: vec![self.authority.clone()],
                trusts_everybody: false,
                checks_name: true,
                believes: FACTORY_TIME,
                certificate: None,
            }
        }
    }

    /// What becomes of a handshake at 127.0.0.1.
    async fn handshake(shown: &Shown, client: &TlsClient) -> Option<TlsFault> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
        let to = listener.local_addr().unwrap();
        let acceptor = shown.acceptor.clone();
        let server = tokio::spawn(async move { acceptor.accept(listener.accept().await.unwrap().0).await.is_ok() });
        let stream = connect(Ipv4Addr::LOCALHOST.into(), to).await.unwrap();
        match shake_hands(stream, to.ip(), client).await {
            Ok(stream) => {
                assert!(server.await.unwrap());
                drop(stream);
                None
            }
            Err(Unconnected::Tls(fault)) => Some(fault),
            Err(Unconnected::Nobody) => panic!("the server is there"),
        }
    }

    const HERE: IpAddr = IpAddr::V4(Ipv4Addr::LOCALHOST);
    const ELSEWHERE: IpAddr = IpAddr::V4(Ipv4Addr::new(192, 0, 2, 1));

    #[tokio::test]
    async fn a_phone_that_checks_everything_believes_a_certificate_for_the_address_whatever_its_clock() {
        let shown = shown(1970, &[ELSEWHERE, HERE]);
        for believes in [0, FACTORY_TIME, TODAY] {
            assert_eq!(handshake(&shown, &TlsClient { believes, ..shown.taught() }).await, None, "{believes}");
        }
    }

    #[tokio::test]
    async fn by_the_clock_of_the_factory_a_certificate_of_this_year_is_not_valid_yet() {
        let shown = shown(2025, &[HERE]);
        assert_eq!(handshake(&shown, &shown.taught()).await, Some(TlsFault::NotYetValid));
        assert_eq!(handshake(&shown, &TlsClient { believes: TODAY, ..shown.taught() }).await, None);
    }

    #[tokio::test]
    async fn a_certificate_for_another_address_is_refused_by_who_compares_names_alone() {
        let shown = shown(1970, &[ELSEWHERE]);
        assert_eq!(handshake(&shown, &shown.taught()).await, Some(TlsFault::WrongName));
        assert_eq!(handshake(&shown, &TlsClient { checks_name: false, ..shown.taught() }).await, None);
    }

    #[tokio::test]
    async fn an_authority_that_nobody_taught_is_refused_unless_any_will_do() {
        let (shown, other) = (shown(1970, &[HERE]), shown(1970, &[HERE]));
        let untaught = TlsClient { trusted: other.taught().trusted, ..shown.taught() };
        assert_eq!(handshake(&shown, &untaught).await, Some(TlsFault::UnknownAuthority));
        let rubbish = TlsClient { trusted: vec!["no base64".into(), "bm8gREVS".into()], ..shown.taught() };
        assert_eq!(handshake(&shown, &rubbish).await, Some(TlsFault::UnknownAuthority));
        assert_eq!(handshake(&shown, &TlsClient { trusts_everybody: true, ..untaught }).await, None);
    }

    #[tokio::test]
    async fn old_firmware_finds_nothing_in_common() {
        let shown = shown(1970, &[HERE]);
        let stream = || async {
            let listener = TcpListener::bind((HERE, 0)).await.unwrap();
            connect(HERE, listener.local_addr().unwrap()).await.unwrap()
        };
        for old in
            [TlsClient { version: TlsVersion::V1_0, ..shown.taught() }, TlsClient { elliptic: false, ..shown.taught() }]
        {
            let shaken = shake_hands(stream().await, HERE, &old).await;
            assert_eq!(shaken.err(), Some(Unconnected::Tls(TlsFault::NothingInCommon)));
        }
    }
}
