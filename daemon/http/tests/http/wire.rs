//! The ports themselves: TLS with and without a phone's certificate, and who is too slow.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use rcgen::{CertificateParams, DnType, KeyPair};
use rustls::pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer, ServerName};
use rustls::server::{ClientHello, ResolvesServerCert};
use rustls::sign::{CertifiedKey, Signer, SigningKey};
use rustls::{ClientConfig, RootCertStore, SignatureAlgorithm, SignatureScheme};
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::task::JoinHandle;
use tokio_rustls::TlsConnector;

use crate::kit::{Bench, get, post};
use crate::phones::snapshot;

/// A certificate for 127.0.0.1, or with somebody's name in it.
fn certificate(name: &str) -> (CertificateDer<'static>, PrivateKeyDer<'static>) {
    let key = KeyPair::generate().unwrap();
    let mut params = CertificateParams::new(vec!["127.0.0.1".to_owned()]).unwrap();
    params.distinguished_name.push(DnType::CommonName, name);
    let certificate = params.self_signed(&key).unwrap();
    (certificate.der().clone(), PrivatePkcs8KeyDer::from(key.serialize_der()).into())
}

#[derive(Debug)]
struct OneCertificate(Arc<CertifiedKey>);

impl ResolvesServerCert for OneCertificate {
    fn resolve(&self, _: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        Some(Arc::clone(&self.0))
    }
}

struct Listening {
    https: SocketAddr,
    http: SocketAddr,
    trusted: CertificateDer<'static>,
    serving: JoinHandle<()>,
    bench: Bench,
}

impl Drop for Listening {
    fn drop(&mut self) {
        self.serving.abort();
    }
}

async fn listening() -> Listening {
    let (trusted, key) = certificate("box");
    let signer = rustls::crypto::ring::sign::any_supported_type(&key).unwrap();
    let certified = Arc::new(CertifiedKey::new(vec![trusted.clone()], signer));
    let bench = Bench::over(tempfile::tempdir().unwrap(), Arc::new(OneCertificate(certified))).await;
    let bound = bench.edge.clone().bind().await.unwrap();
    let (https, http) = (bound.https_addresses()[0], bound.http_addresses()[0]);
    Listening { https, http, trusted, serving: tokio::spawn(bound.serve()), bench }
}

async fn talk(mut stream: impl AsyncRead + AsyncWrite + Unpin, request: &str) -> String {
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).await.unwrap();
    String::from_utf8(answer).unwrap()
}

fn client(listening: &Listening, own: Option<&str>) -> ClientConfig {
    let mut roots = RootCertStore::empty();
    roots.add(listening.trusted.clone()).unwrap();
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let builder = ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions().unwrap();
    let builder = builder.with_root_certificates(roots);
    let mut config = match own {
        None => builder.with_no_client_auth(),
        Some(name) => {
            let (certificate, key) = certificate(name);
            builder.with_client_auth_cert(vec![certificate], key).unwrap()
        }
    };
    config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    config
}

#[tokio::test]
async fn browsers_and_phones_with_any_certificate_are_served_over_tls() {
    let listening = listening().await;
    for own in [None, Some("80:5e:c0:00:00:15"), Some("yealink.com")] {
        let connector = TlsConnector::from(Arc::new(client(&listening, own)));
        let stream = TcpStream::connect(listening.https).await.unwrap();
        let name = ServerName::IpAddress(listening.https.ip().into());
        let stream = connector.connect(name, stream).await.unwrap();
        assert_eq!(stream.get_ref().1.alpn_protocol(), Some(&b"http/1.1"[..]));
        let answer = talk(stream, "GET /health HTTP/1.1\r\nHost: box\r\nConnection: close\r\n\r\n").await;
        assert!(answer.starts_with("HTTP/1.1 200 OK\r\n"), "{own:?}: {answer}");
        assert!(answer.ends_with("{\"status\":\"ok\",\"version\":\"0.0.0-test\"}"), "{answer}");
    }
}

#[tokio::test]
async fn the_port_in_clear_answers_phones_only_and_the_other_speaks_tls_only() {
    let listening = listening().await;
    let ask = |path: &str| format!("GET {path} HTTP/1.1\r\nHost: box\r\nConnection: close\r\n\r\n");
    let clear = TcpStream::connect(listening.http).await.unwrap();
    assert!(talk(clear, &ask("/health")).await.starts_with("HTTP/1.1 404"));
    let clear = TcpStream::connect(listening.http).await.unwrap();
    assert!(talk(clear, &ask("/")).await.contains("location: https://box:0/"));
    let secure = TcpStream::connect(listening.https).await.unwrap();
    let answer = {
        let mut secure = secure;
        secure.write_all(ask("/health").as_bytes()).await.unwrap();
        let mut answer = Vec::new();
        // The end may come as a reset: there is more that the box did not care to read.
        let _ = secure.read_to_end(&mut answer).await;
        answer
    };
    assert!(!answer.starts_with(b"HTTP/"), "{answer:?}");
}

#[tokio::test(start_paused = true)]
async fn who_is_too_slow_is_hung_up_on() {
    let listening = listening().await;
    for (address, half, within) in [(listening.http, "GET /health HTTP/1.1\r\nHo", 10), (listening.https, "\x16", 5)] {
        let mut stream = TcpStream::connect(address).await.unwrap();
        let began = tokio::time::Instant::now();
        stream.write_all(half.as_bytes()).await.unwrap();
        let mut answer = Vec::new();
        let ended = tokio::time::timeout(Duration::from_secs(60), stream.read_to_end(&mut answer)).await;
        assert!(ended.is_ok(), "the box waits for ever");
        // Timers are told in milliseconds.
        assert!(began.elapsed() <= Duration::from_millis(within * 1_000 + 5), "{:?}", began.elapsed());
        assert!(!answer.starts_with(b"HTTP/1.1 2"));
    }
}

/// Has somebody's certificate and not its key.
#[derive(Debug)]
struct Impostor(CertificateDer<'static>);

impl rustls::client::ResolvesClientCert for Impostor {
    fn resolve(&self, _: &[&[u8]], _: &[SignatureScheme]) -> Option<Arc<CertifiedKey>> {
        Some(Arc::new(CertifiedKey::new(vec![self.0.clone()], Arc::new(Rubbish))))
    }

    fn has_certs(&self) -> bool {
        true
    }
}

#[derive(Debug)]
struct Rubbish;

impl SigningKey for Rubbish {
    fn choose_scheme(&self, _: &[SignatureScheme]) -> Option<Box<dyn Signer>> {
        Some(Box::new(Self))
    }

    fn algorithm(&self) -> SignatureAlgorithm {
        SignatureAlgorithm::RSA
    }
}

impl Signer for Rubbish {
    fn sign(&self, _: &[u8]) -> Result<Vec<u8>, rustls::Error> {
        Ok(vec![7; 128])
    }

    fn scheme(&self) -> SignatureScheme {
        SignatureScheme::RSA_PSS_SHA256
    }
}

/// Asks for the health of the box with a certificate whose key one does not have.
async fn as_impostor(listening: &Listening, certificate: CertificateDer<'static>) -> std::io::Result<String> {
    let mut config = client(listening, None);
    config.client_auth_cert_resolver = Arc::new(Impostor(certificate));
    let stream = TcpStream::connect(listening.https).await?;
    let name = ServerName::IpAddress(listening.https.ip().into());
    let mut stream = TlsConnector::from(Arc::new(config)).connect(name, stream).await?;
    stream.write_all(b"GET /health HTTP/1.1\r\nHost: box\r\nConnection: close\r\n\r\n").await?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await?;
    Ok(answer)
}

#[tokio::test]
async fn nobody_shows_the_certificate_of_another_and_an_old_key_is_no_reason_to_turn_a_phone_away() {
    let listening = listening().await;
    let stolen = as_impostor(&listening, certificate("80:5e:c0:00:00:15").0).await;
    assert!(!stolen.as_ref().is_ok_and(|answer| answer.starts_with("HTTP/1.1 200")), "{stolen:?}");
    let old = CertificateDer::from(include_bytes!("data/rsa-1024.der").to_vec());
    let served = as_impostor(&listening, old).await.unwrap();
    assert!(served.starts_with("HTTP/1.1 200"), "{served}");
}

#[tokio::test(start_paused = true)]
async fn a_connection_that_has_nothing_more_to_ask_is_closed() {
    let listening = listening().await;
    let connector = TlsConnector::from(Arc::new(client(&listening, None)));
    let stream = TcpStream::connect(listening.https).await.unwrap();
    let name = ServerName::IpAddress(listening.https.ip().into());
    let mut stream = connector.connect(name, stream).await.unwrap();
    stream.write_all(b"GET /health HTTP/1.1\r\nHost: box\r\n\r\n").await.unwrap();
    let mut answer = Vec::new();
    let ended = tokio::time::timeout(Duration::from_secs(60), stream.read_to_end(&mut answer)).await;
    assert!(answer.starts_with(b"HTTP/1.1 200"));
    assert!(ended.is_ok(), "it keeps a place for ever");
}

/// The first words of a phone that knows TLS 1.0 and nothing newer (RFC 2246 7.4.1.2), with one cipher of its time.
fn old_hello() -> Vec<u8> {
    let mut hello = vec![3, 1];
    hello.extend([7; 32]);
    hello.extend([0, 0, 2, 0x00, 0x2f, 1, 0]);
    let length = u8::try_from(hello.len()).unwrap();
    let mut message = vec![1, 0, 0, length];
    message.extend(hello);
    let mut record = vec![0x16, 3, 1, 0, length + 4];
    record.extend(message);
    record
}

#[tokio::test]
async fn a_phone_whose_tls_is_too_old_is_shown_with_that_reason() {
    let mut listening = listening().await;
    listening.bench.open_session().await;
    let bench = &listening.bench;
    bench.ask(post("/api/v1/pairing-window").json(&serde_json::json!({ "minutes": 15 }))).await;
    let agent = "Yealink SIP-T54W 96.86.0.15 80:5e:c0:00:00:15";
    let first = get("/805ec0000015.cfg").in_clear().from("127.0.0.1").header("user-agent", agent);
    assert_eq!(bench.ask(first).await.status, 200);
    assert_eq!(snapshot(bench).await["devices"][0]["reason"], serde_json::Value::Null);

    let mut stream = TcpStream::connect(listening.https).await.unwrap();
    stream.write_all(&old_hello()).await.unwrap();
    let mut answer = Vec::new();
    // A reset is as good an end as any.
    let _ = stream.read_to_end(&mut answer).await;
    let reason = loop {
        let reason = snapshot(bench).await["devices"][0]["reason"].clone();
        if !reason.is_null() {
            break reason;
        }
        tokio::task::yield_now().await;
    };
    assert_eq!(reason, "tls-too-old");
}

#[tokio::test]
async fn a_large_upload_is_refused_before_it_has_come_and_counted() {
    let mut listening = listening().await;
    listening.bench.open_session().await;
    for (address, secure) in [(listening.http, false), (listening.https, true)] {
        let head = "PUT /p/00000000000000000000000000000000/805ec0000015-local.cfg HTTP/1.1\r\nHost: box\r\n\
                    Content-Length: 10485760\r\n\r\n";
        // A part of it, and then it waits for a word.
        let request = format!("{head}{}", "x".repeat(64 * 1024));
        let stream = TcpStream::connect(address).await.unwrap();
        let answer = if secure {
            let connector = TlsConnector::from(Arc::new(client(&listening, None)));
            let name = ServerName::IpAddress(address.ip().into());
            upload(connector.connect(name, stream).await.unwrap(), &request).await
        } else {
            upload(stream, &request).await
        };
        assert!(answer.starts_with("HTTP/1.1 404 ") && answer.ends_with("Not here.\n"), "{answer}");
    }
    let counters = listening.bench.ask(get("/api/v1/counters")).await.json();
    let all = counters["counters"].as_array().unwrap();
    let refused = all.iter().find(|counter| counter["name"] == "provisioning-method-refused").unwrap();
    assert_eq!(refused["value"], 2);
}

/// Sends a part of a request and reads the answer to the end of the connection, be it a reset.
async fn upload(mut stream: impl AsyncRead + AsyncWrite + Unpin, request: &str) -> String {
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut answer = Vec::new();
    let _ = stream.read_to_end(&mut answer).await;
    String::from_utf8(answer).unwrap()
}
