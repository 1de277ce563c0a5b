//! One mail to one server: by name, encrypted, logged in; and in a word why not.

use std::error::Error as _;
use std::io;
use std::time::Duration;

use centrale_alerts::Fault;
use centrale_config::{MailSecurity, MailServer};
use centrale_store::WaitingMail;
use lettre::address::Envelope;
use lettre::message::header::{ContentType, Header, HeaderName, HeaderValue};
use lettre::message::{Mailbox, Message};
use lettre::transport::smtp::authentication::{Credentials, Mechanism};
use lettre::transport::smtp::client::{
    AsyncSmtpConnection, Certificate, CertificateStore, TlsParameters, TlsParametersBuilder,
};
use lettre::transport::smtp::extension::ClientId;
use lettre::{Address, transport::smtp::Error};

/// The longest that a server has for a connection.
const CONNECTS_IN: Duration = Duration::from_secs(15);
/// The longest that it has for a mail (RFC 5321 4.5.3.2 gives minutes to each command; nobody waits so long here).
const TAKES_IN: Duration = Duration::from_secs(60);
/// Plain goes first: LOGIN is for servers that know nothing else.
const MECHANISMS: [Mechanism; 2] = [Mechanism::Plain, Mechanism::Login];
/// It asks to log in first, or refuses the log-in (RFC 4954 6).
const LOGIN_CODES: [u16; 4] = [530, 534, 535, 538];

/// Whose certificates are believed: the public authorities, and what the installer trusts.
#[derive(Clone)]
pub struct Trusted(Option<Certificate>);

/// What the installer trusts is no certificate.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TrustFault;

impl Trusted {
    /// The public authorities, and those of `pem` besides.
    ///
    /// # Errors
    /// When there is a `pem` and it holds no certificate.
    pub fn new(pem: Option<&[u8]>) -> Result<Self, TrustFault> {
        pem.map(Certificate::from_pem).transpose().map(Self).map_err(|_| TrustFault)
    }

    fn parameters(&self, host: &str) -> Result<TlsParameters, Fault> {
        let builder = TlsParametersBuilder::new(host.to_owned()).certificate_store(CertificateStore::WebpkiRoots);
        let builder = self.0.iter().cloned().fold(builder, TlsParametersBuilder::add_root_certificate);
        builder.build_rustls().map_err(|_| Fault::Certificate)
    }
}

/// Has a server take a mail.
pub(crate) async fn deliver(server: &MailServer, trusted: &Trusted, mail: &WaitingMail) -> Result<(), Fault> {
    let (envelope, bytes) = written(server, mail)?;
    let sending = async {
        let mut connection = connect(server, trusted).await?;
        let done = hand_over(&mut connection, server, &envelope, &bytes).await;
        // It says good-bye and closes; a server that is rude then has the mail all the same.
        connection.abort().await;
        done
    };
    tokio::time::timeout(TAKES_IN, sending).await.unwrap_or(Err(Fault::Unreachable))
}

async fn connect(server: &MailServer, trusted: &Trusted) -> Result<AsyncSmtpConnection, Fault> {
    let host = server.server.host.as_str();
    let found = tokio::net::lookup_host((host, server.port())).await.map_err(|_| Fault::HostUnknown)?;
    let addresses: Vec<_> = found.collect();
    let parameters = trusted.parameters(host)?;
    let hello = ClientId::Domain(domain(server).to_owned());
    let wrapped = (server.security == MailSecurity::Tls).then(|| parameters.clone());
    let connected = AsyncSmtpConnection::connect_tokio1(&addresses[..], Some(CONNECTS_IN), &hello, wrapped, None);
    let mut connection = connected.await.map_err(|error| broken(&error))?;
    if server.security == MailSecurity::StartTls {
        if !connection.can_starttls() {
            connection.abort().await;
            return Err(Fault::NotEncrypted);
        }
        connection.starttls(parameters, &hello).await.map_err(|error| broken(&error))?;
    }
    Ok(connection)
}

async fn hand_over(
    connection: &mut AsyncSmtpConnection,
    server: &MailServer,
    envelope: &Envelope,
    bytes: &[u8],
) -> Result<(), Fault> {
    if !server.username.is_empty() {
        let credentials = Credentials::new(server.username.clone(), server.password.reveal().to_owned());
        let logged_in = connection.auth(&MECHANISMS, &credentials).await;
        logged_in.map_err(|error| if is_answer(&error) { Fault::LoginRefused } else { broken(&error) })?;
    }
    connection.send(envelope, bytes).await.map(drop).map_err(|error| match error.status() {
        Some(code) if LOGIN_CODES.contains(&u16::from(code)) => Fault::LoginRefused,
        Some(_) if error.is_permanent() => Fault::AddressRefused,
        Some(_) => Fault::Refused,
        None => broken(&error),
    })
}

/// Whether the server said so, or knows no way to log in that we know.
fn is_answer(error: &Error) -> bool {
    error.status().is_some() || error.is_client()
}

/// Why there is no connection, or none any more.
fn broken(error: &Error) -> Fault {
    let mut source = error.source();
    while let Some(cause) = source {
        let inside = cause.downcast_ref::<io::Error>().and_then(io::Error::get_ref);
        match inside.and_then(|inside| inside.downcast_ref::<rustls::Error>()) {
            Some(rustls::Error::InvalidCertificate(_)) => return Fault::Certificate,
            Some(_) => return Fault::NotEncrypted,
            None => source = cause.source(),
        }
    }
    if error.status().is_some() { Fault::Refused } else { Fault::Unreachable }
}

/// The part of the sender's address that names a place.
fn domain(server: &MailServer) -> &str {
    server.sender.as_str().rsplit_once('@').map_or("localhost", |(_, domain)| domain)
}

/// Says to whoever answers by machine that a machine wrote (RFC 3834 5).
#[derive(Clone)]
struct AutoSubmitted;

impl Header for AutoSubmitted {
    fn name() -> HeaderName {
        HeaderName::new_from_ascii_str("Auto-Submitted")
    }

    fn parse(_: &str) -> Result<Self, Box<dyn std::error::Error + Send + Sync>> {
        Ok(Self)
    }

    fn display(&self) -> HeaderValue {
        HeaderValue::new(Self::name(), "auto-generated".to_owned())
    }
}

fn written(server: &MailServer, mail: &WaitingMail) -> Result<(Envelope, Vec<u8>), Fault> {
    let address = |text: &str| text.parse::<Address>().map_err(|_| Fault::AddressRefused);
    let (from, to) = (address(server.sender.as_str())?, address(&mail.row.recipient)?);
    // The same mail has the same name however often it is tried.
    let name = format!("<{}.{}@{}>", mail.row.number, mail.row.made_unix_ms, domain(server));
    let message = Message::builder()
        .from(Mailbox::new(Some("Centrale".to_owned()), from))
        .to(Mailbox::new(None, to))
        .subject(mail.subject.clone())
        .message_id(Some(name))
        .header(AutoSubmitted)
        .header(ContentType::TEXT_PLAIN)
        .body(mail.text.replace('\n', "\r\n"));
    let message = message.map_err(|_| Fault::AddressRefused)?;
    Ok((message.envelope().clone(), message.formatted()))
}
