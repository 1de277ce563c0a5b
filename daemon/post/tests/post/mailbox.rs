//! A mail server that keeps what it is given: STARTTLS or TLS, one user, AUTH PLAIN (RFC 5321, 3207, 4954).

use std::sync::{Arc, Mutex};

use rustls_pki_types::PrivateKeyDer;
use tokio::io::{AsyncBufReadExt, AsyncRead, AsyncWrite, AsyncWriteExt, BufReader};
use tokio::net::TcpListener;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;

pub(crate) const USER: &str = "office@example.net";
pub(crate) const PASSWORD: &str = "correct mail secret";
/// `\0office@example.net\0correct mail secret`.
const RIGHT: &str = "AG9mZmljZUBleGFtcGxlLm5ldABjb3JyZWN0IG1haWwgc2VjcmV0";
/// Some certificate, for a bench that needs none.
pub(crate) const PEM: &str = "-----BEGIN CERTIFICATE-----\nQ2VudHJhbGUg\n-----END CERTIFICATE-----\n";

/// What a server does that it should not.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Rude {
    Never,
    NoStartTls,
    /// It knows no `nobody@`.
    RefusesNobody,
}

#[derive(Debug, Clone, Default)]
pub(crate) struct Kept {
    pub(crate) from: String,
    pub(crate) to: String,
    pub(crate) text: String,
    pub(crate) was_encrypted: bool,
    pub(crate) was_logged_in: bool,
}

pub(crate) struct Mailbox {
    pub(crate) port: u16,
    /// PEM.
    pub(crate) certificate: String,
    kept: Arc<Mutex<Vec<Kept>>>,
    clear: Arc<Mutex<String>>,
}

impl Mailbox {
    pub(crate) async fn open(wrapped: bool, rude: Rude) -> Self {
        let pair = rcgen::generate_simple_self_signed(vec!["localhost".to_owned()]).unwrap();
        let key = PrivateKeyDer::try_from(pair.signing_key.serialize_der()).unwrap();
        let provider = Arc::new(tokio_rustls::rustls::crypto::ring::default_provider());
        let config = ServerConfig::builder_with_provider(provider).with_safe_default_protocol_versions().unwrap();
        let config = config.with_no_client_auth().with_single_cert(vec![pair.cert.der().clone()], key).unwrap();
        let acceptor = TlsAcceptor::from(Arc::new(config));
        // localhost may be either.
        let listener = TcpListener::bind("localhost:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let (kept, clear) = (Arc::new(Mutex::new(Vec::new())), Arc::new(Mutex::new(String::new())));
        let (keeping, hearing) = (Arc::clone(&kept), Arc::clone(&clear));
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let (acceptor, kept, clear) = (acceptor.clone(), Arc::clone(&keeping), Arc::clone(&hearing));
                tokio::spawn(async move {
                    if wrapped {
                        let Ok(stream) = acceptor.accept(stream).await else { return };
                        talk(stream, &kept, None, rude, true).await;
                        return;
                    }
                    let Some(stream) = talk(stream, &kept, Some(&clear), rude, true).await else { return };
                    let Ok(stream) = acceptor.accept(stream).await else { return };
                    talk(stream, &kept, None, rude, false).await;
                });
            }
        });
        Self { port, certificate: pair.cert.pem(), kept, clear }
    }

    pub(crate) fn mails(&self) -> Vec<Kept> {
        self.kept.lock().unwrap().clone()
    }

    pub(crate) fn heard_in_clear(&self) -> String {
        self.clear.lock().unwrap().clone()
    }
}

/// A port at which nobody listens.
pub(crate) async fn closed_port() -> u16 {
    TcpListener::bind("localhost:0").await.unwrap().local_addr().unwrap().port()
}

/// Talks until the other side goes; gives the stream back when it is to be encrypted. `clear` is where is written down what
/// is heard before that.
async fn talk<S: AsyncRead + AsyncWrite + Unpin>(
    stream: S,
    kept: &Mutex<Vec<Kept>>,
    clear: Option<&Mutex<String>>,
    rude: Rude,
    greets: bool,
) -> Option<S> {
    let mut stream = BufReader::new(stream);
    let (mut mail, is_encrypted) = (Kept::default(), clear.is_none());
    mail.was_encrypted = is_encrypted;
    if greets {
        stream.write_all(b"220 mailbox\r\n").await.ok()?;
    }
    let mut line = String::new();
    loop {
        line.clear();
        if stream.read_line(&mut line).await.ok()? == 0 {
            return None;
        }
        if let Some(clear) = clear {
            clear.lock().unwrap().push_str(&line);
        }
        let verb = line.split_whitespace().next().unwrap_or_default().to_ascii_uppercase();
        let between = || line.split(['<', '>']).nth(1).unwrap_or_default().to_owned();
        let answer = match verb.as_str() {
            "EHLO" if is_encrypted => "250-mailbox\r\n250 AUTH PLAIN LOGIN",
            "EHLO" if rude == Rude::NoStartTls => "250-mailbox\r\n250 AUTH PLAIN LOGIN",
            "EHLO" => "250-mailbox\r\n250 STARTTLS",
            "STARTTLS" => {
                stream.write_all(b"220 go ahead\r\n").await.ok()?;
                return Some(stream.into_inner());
            }
            "AUTH" if line.trim_end().ends_with(RIGHT) => {
                mail.was_logged_in = true;
                "235 welcome"
            }
            "AUTH" => "535 5.7.8 no",
            "MAIL" if !mail.was_logged_in => "530 5.7.0 log in first",
            "MAIL" => {
                mail.from = between();
                "250 ok"
            }
            "RCPT" if rude == Rude::RefusesNobody && line.contains("nobody@") => "550 5.1.1 no such mailbox",
            "RCPT" => {
                mail.to = between();
                "250 ok"
            }
            "DATA" => {
                stream.write_all(b"354 go on\r\n").await.ok()?;
                let mut text = String::new();
                while !text.ends_with("\r\n.\r\n") {
                    if stream.read_line(&mut text).await.ok()? == 0 {
                        return None;
                    }
                }
                kept.lock().unwrap().push(Kept { text, ..mail.clone() });
                "250 kept"
            }
            "QUIT" => "221 bye",
            _ => "500 what",
        };
        stream.write_all(format!("{answer}\r\n").as_bytes()).await.ok()?;
    }
}
