//! A phone's question over HTTP or HTTPS, a connection each, as phones ask.

use std::io::{Read, Write};
use std::net::SocketAddr;
use std::sync::Arc;

use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::{ClientConfig, ClientConnection, RootCertStore, StreamOwned};

use crate::failure::Tried;
use crate::street::{Plug, Wire};
use crate::{Failure, Result};

/// Longest answer that is read, in bytes: a phone's file with three modules has 15,000.
const LONGEST: usize = 1 << 20;

/// What came back.
#[derive(Debug, Clone)]
pub(super) struct Answer {
    pub(super) status: u16,
    pub(super) body: String,
}

/// A phone's TLS: version 1.2 and nothing kept for the next connection. It trusts who `authority` (PEM) has signed, and
/// compares names.
///
/// # Errors
/// When that is no certificate.
pub fn phone_tls(authority: &str) -> Result<Arc<ClientConfig>> {
    let wrong = |what: String| Failure::Unexpected(format!("the box's authority: {what}"));
    let certificate = CertificateDer::from_pem_slice(authority.as_bytes()).map_err(|error| wrong(error.to_string()))?;
    let mut trusted = RootCertStore::empty();
    trusted.add(certificate).map_err(|error| wrong(error.to_string()))?;
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let builder = ClientConfig::builder_with_provider(provider).with_protocol_versions(&[&rustls::version::TLS12]);
    let builder = builder.map_err(|error| wrong(error.to_string()))?;
    let mut config = builder.with_root_certificates(trusted).with_no_client_auth();
    config.resumption = rustls::client::Resumption::disabled();
    Ok(Arc::new(config))
}

/// A TLS connection to `server`, its handshake done.
pub(super) fn connect_tls(plug: &Plug, server: SocketAddr, tls: &Arc<ClientConfig>) -> Result<Secure> {
    let stream = plug.connect(server)?;
    let what = || format!("TLS of {} with {server}", plug.address);
    let connection = ClientConnection::new(Arc::clone(tls), ServerName::from(server.ip()));
    let mut secure = StreamOwned::new(connection.map_err(std::io::Error::other).tried(what)?, stream);
    secure.conn.complete_io(&mut secure.sock).tried(what)?;
    Ok(secure)
}

/// A TLS connection.
pub(super) type Secure = StreamOwned<ClientConnection, Wire>;

/// Asks for `url`, whose host is an address with its port.
pub(super) fn get(plug: &Plug, url: &str, user_agent: &str, tls: Option<&Arc<ClientConfig>>) -> Result<Answer> {
    let wrong = || Failure::Unexpected(format!("{url} is no address to ask at"));
    let (scheme, rest) = url.split_once("://").ok_or_else(wrong)?;
    let (host, path) = rest.split_once('/').ok_or_else(wrong)?;
    let server: SocketAddr = host.parse().map_err(|_| wrong())?;
    let request =
        format!("GET /{path} HTTP/1.1\r\nHost: {host}\r\nUser-Agent: {user_agent}\r\nConnection: close\r\n\r\n");
    let answered = match (scheme, tls) {
        ("http", _) => converse(&mut plug.connect(server)?, &request),
        ("https", Some(tls)) => converse(&mut connect_tls(plug, server, tls)?, &request),
        _ => return Err(Failure::Unexpected(format!("{url} was to be asked before there was an authority"))),
    };
    answered.tried(|| format!("ask for {url}"))
}

fn converse(stream: &mut (impl Read + Write), request: &str) -> std::io::Result<Answer> {
    stream.write_all(request.as_bytes())?;
    stream.flush()?;
    let text = read_message(stream, &mut Vec::new())?;
    let (head, body) = text.split_once("\r\n\r\n").unwrap_or((&text, ""));
    let status = head.split(' ').nth(1).and_then(|status| status.parse().ok()).unwrap_or(0);
    Ok(Answer { status, body: body.to_owned() })
}

/// Reads a head and as much body as its Content-Length says. What came behind it stays in `buffer` for the next.
pub(super) fn read_message(stream: &mut impl Read, buffer: &mut Vec<u8>) -> std::io::Result<String> {
    loop {
        if let Some(whole) = whole_message(buffer) {
            let message = buffer.drain(..whole).collect::<Vec<u8>>();
            return Ok(String::from_utf8_lossy(&message).into_owned());
        }
        let mut chunk = [0; 16 * 1024];
        match stream.read(&mut chunk)? {
            0 => return Err(std::io::ErrorKind::UnexpectedEof.into()),
            _ if buffer.len() > LONGEST => return Err(std::io::Error::other("far too long")),
            read => buffer.extend_from_slice(&chunk[..read]),
        }
    }
}

/// How long the first message in `buffer` is, once it is there.
fn whole_message(buffer: &[u8]) -> Option<usize> {
    let head = buffer.windows(4).position(|window| window == b"\r\n\r\n")? + 4;
    let text = String::from_utf8_lossy(&buffer[..head]).to_ascii_lowercase();
    let value = text.lines().find_map(|line| line.strip_prefix("content-length")?.strip_prefix(':'))?;
    let whole = head + value.trim().parse::<usize>().ok()?;
    (buffer.len() >= whole).then_some(whole)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_ends_where_its_length_says_and_the_next_one_stays() {
        let mut arriving: &[u8] =
            b"HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nabcSIP/2.0 200 OK\r\nContent-length: 0\r\n\r\n";
        let mut buffer = Vec::new();
        let first = read_message(&mut arriving, &mut buffer).unwrap();
        assert!(first.ends_with("\r\n\r\nabc"), "{first}");
        let second = read_message(&mut arriving, &mut buffer).unwrap();
        assert!(second.starts_with("SIP/2.0 200 OK") && buffer.is_empty(), "{second}");
    }

    #[test]
    fn a_connection_that_ends_too_early_is_a_failure() {
        let mut torn: &[u8] = b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nabc";
        read_message(&mut torn, &mut Vec::new()).unwrap_err();
    }
}
