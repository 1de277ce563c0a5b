//! One HTTP request on a connection of its own (RFC 9112), as phones send theirs.

use std::net::{IpAddr, SocketAddr};

use bytes::Bytes;
use centrale_sim::desk::{Fetched, Get, TlsClient};
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};

use crate::tls::{Unconnected, connect, shake_hands};

/// The longest answer that is read. A phone's file has a tenth of that.
const LONGEST: u64 = 1 << 20;

/// What is asked.
#[derive(Debug, Clone)]
pub(crate) struct Question {
    /// `GET`, or another.
    pub(crate) method: &'static str,
    /// The whole address; its host is an address, not a name.
    pub(crate) url: String,
    /// Headers besides Host, Connection and Content-Length.
    pub(crate) headers: Vec<(&'static str, String)>,
    /// The body; most have none.
    pub(crate) body: String,
}

/// What is answered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Answer {
    /// HTTP status.
    pub(crate) status: u16,
    head: String,
    /// The body, as far as it came.
    pub(crate) body: Bytes,
    /// Whether that is as much as was announced.
    pub(crate) whole: bool,
}

impl Answer {
    /// Reads it off what came until the server closed. `None` when that is no answer.
    fn read(bytes: &Bytes) -> Option<Self> {
        let end = bytes.windows(4).position(|four| four == b"\r\n\r\n")?;
        let head = String::from_utf8_lossy(&bytes[..end]).into_owned();
        let (version, rest) = head.split_once(' ')?;
        let status = rest.get(..3).filter(|_| version.starts_with("HTTP/1."))?.parse().ok()?;
        let mut answer = Self { status, head, body: bytes.slice(end + 4..), whole: true };
        let announced = answer.header("content-length").and_then(|length| length.parse().ok());
        answer.whole = announced.is_none_or(|length: usize| length == answer.body.len());
        Some(answer)
    }

    /// The value of a header, by its name in lower case.
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        let fields = self.head.lines().skip(1).filter_map(|line| line.split_once(':'));
        let mut named = fields.filter(|(known, _)| known.eq_ignore_ascii_case(name));
        named.next().map(|(_, value)| value.trim())
    }
}

/// Asks from one of the machine's addresses, and waits for the whole answer.
pub(crate) async fn ask(from: IpAddr, question: &Question, tls: &TlsClient) -> Result<Answer, Unconnected> {
    let (scheme, rest) = question.url.split_once("://").ok_or(Unconnected::Nobody)?;
    let (authority, path) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
    let to: SocketAddr = authority.parse().map_err(|_| Unconnected::Nobody)?;
    let stream = connect(from, to).await?;
    let bytes = written(question, authority, path);
    if scheme == "https" {
        exchange(shake_hands(stream, to.ip(), tls).await?, &bytes).await
    } else {
        exchange(stream, &bytes).await
    }
}

fn written(question: &Question, host: &str, path: &str) -> String {
    let Question { method, headers, body, .. } = question;
    let path = if path.is_empty() { "/" } else { path };
    let headers: String = headers.iter().map(|(name, value)| format!("{name}: {value}\r\n")).collect();
    let length = if body.is_empty() { String::new() } else { format!("Content-Length: {}\r\n", body.len()) };
    format!("{method} {path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n{length}{headers}\r\n{body}")
}

async fn exchange(mut stream: impl AsyncRead + AsyncWrite + Unpin, question: &str) -> Result<Answer, Unconnected> {
    let mut answer = Vec::new();
    let talk = async {
        stream.write_all(question.as_bytes()).await?;
        stream.flush().await?;
        // A server that closes without a word of TLS has said what it said all the same.
        stream.take(LONGEST).read_to_end(&mut answer).await
    };
    let _ = talk.await;
    Answer::read(&answer.into()).ok_or(Unconnected::Nobody)
}

/// A phone's request, with a phone's patience; what became of it as the phone takes it.
pub(crate) async fn fetch(from: IpAddr, get: Get, patience: std::time::Duration) -> Fetched {
    let Get { url, headers, tls } = get;
    let question = Question { method: "GET", url, headers, body: String::new() };
    match tokio::time::timeout(patience, ask(from, &question, &tls)).await {
        Ok(Ok(Answer { status, body, whole, .. })) => Fetched::Answer { status, body, whole },
        Ok(Err(Unconnected::Tls(fault))) => Fetched::Tls(fault),
        Ok(Err(Unconnected::Nobody)) | Err(_) => Fetched::Nothing,
    }
}

#[cfg(test)]
mod tests {
    use std::net::Ipv4Addr;
    use std::time::Duration;

    use tokio::net::TcpListener;

    use super::*;
    use crate::tls::tests::shown;

    const HERE: IpAddr = IpAddr::V4(Ipv4Addr::LOCALHOST);
    const PATIENCE: Duration = Duration::from_secs(60);

    /// Serves one connection with this answer; what was asked comes back.
    async fn serve(mut stream: impl AsyncRead + AsyncWrite + Unpin, answer: &str) -> String {
        let (mut asked, mut piece) = (Vec::new(), [0; 1024]);
        while !asked.ends_with(b"\r\n\r\n") {
            let length = stream.read(&mut piece).await.unwrap();
            assert_ne!(length, 0, "it closed before it had asked");
            asked.extend_from_slice(&piece[..length]);
        }
        stream.write_all(answer.as_bytes()).await.unwrap();
        stream.shutdown().await.unwrap();
        String::from_utf8(asked).unwrap()
    }

    fn get(url: String, tls: TlsClient) -> Get {
        Get { url, headers: vec![("User-Agent", "a phone".to_owned())], tls }
    }

    #[tokio::test]
    async fn a_file_is_fetched_in_clear_from_the_phones_own_address() {
        let listener = TcpListener::bind((HERE, 0)).await.unwrap();
        let to = listener.local_addr().unwrap();
        let server = tokio::spawn(async move {
            let (stream, from) = listener.accept().await.unwrap();
            (from.ip(), serve(stream, "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello").await)
        });
        let phone = IpAddr::V4(Ipv4Addr::new(127, 0, 0, 11));
        let fetched = fetch(phone, get(format!("http://{to}/b/x/y.cfg"), shown(1970, &[]).taught()), PATIENCE).await;
        assert_eq!(fetched, Fetched::Answer { status: 200, body: Bytes::from_static(b"hello"), whole: true });
        let asked =
            format!("GET /b/x/y.cfg HTTP/1.1\r\nHost: {to}\r\nConnection: close\r\nUser-Agent: a phone\r\n\r\n");
        assert_eq!(server.await.unwrap(), (phone, asked));
    }

    #[tokio::test]
    async fn a_file_is_fetched_over_tls_from_a_server_whose_authority_the_phone_was_taught() {
        let (known, other) = (shown(1970, &[HERE]), shown(1970, &[HERE]));
        let listener = TcpListener::bind((HERE, 0)).await.unwrap();
        let url = format!("https://{}/p/x/y.xml", listener.local_addr().unwrap());
        let acceptor = known.acceptor.clone();
        let server = tokio::spawn(async move {
            let stream = acceptor.accept(listener.accept().await.unwrap().0).await.unwrap();
            serve(stream, "HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n").await;
            acceptor.accept(listener.accept().await.unwrap().0).await.is_err()
        });
        let fetched = fetch(HERE, get(url.clone(), known.taught()), PATIENCE).await;
        assert_eq!(fetched, Fetched::Answer { status: 404, body: Bytes::new(), whole: true });
        let fetched = fetch(HERE, get(url, other.taught()), PATIENCE).await;
        assert_eq!(fetched, Fetched::Tls(centrale_sim::desk::TlsFault::UnknownAuthority));
        assert!(server.await.unwrap(), "nothing is said to a server that is not believed");
    }

    #[tokio::test]
    async fn where_nobody_listens_there_is_nothing() {
        // Bound and not listening: nobody else gets that port.
        let taken = tokio::net::TcpSocket::new_v4().unwrap();
        taken.bind((HERE, 0).into()).unwrap();
        let to = taken.local_addr().unwrap();
        let tls = shown(1970, &[]).taught();
        for url in [format!("http://{to}/"), "http://a.name/".into(), "nonsense".into()] {
            assert_eq!(fetch(HERE, get(url, tls.clone()), PATIENCE).await, Fetched::Nothing);
        }
    }

    #[test]
    fn an_answer_that_broke_off_is_not_whole_and_rubbish_is_none() {
        let read = |text: &'static str| Answer::read(&Bytes::from_static(text.as_bytes()));
        let broken = read("HTTP/1.1 200 OK\r\nCONTENT-length: 10\r\n\r\nhello").unwrap();
        assert_eq!((broken.status, broken.whole), (200, false));
        let unannounced = read("HTTP/1.0 200 OK\r\nSet-Cookie: a=b; Path=/\r\n\r\nhello").unwrap();
        assert_eq!((unannounced.whole, unannounced.header("set-cookie")), (true, Some("a=b; Path=/")));
        for rubbish in [
            "",
            "HTTP/1.1 200 OK\r\n",
            "SIP/2.0 200 OK\r\n\r\n",
            "HTTP/1.1 x\r\n\r\n",
            "HTTP/1.1 \u{20ac}\u{20ac}\r\n\r\n",
        ] {
            assert_eq!(read(rubbish), None, "{rubbish:?}");
        }
    }
}
