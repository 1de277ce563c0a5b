//! One account of a phone: its connection to the box, its registration, and a call.

use std::io::Write;
use std::net::SocketAddr;
use std::sync::Arc;

use rustls::ClientConfig;

use super::web::{Secure, connect_tls, read_message};
use crate::failure::Tried;
use crate::street::Plug;
use crate::{Account, Challenge, Credentials, Failure, Result, Transport};

/// What SDES wants of a phone that offers SRTP: 30 bytes, here known to everybody.
pub(crate) const KEY: &str = "WVNfX19zZW1jdGwgKCkgewkyMjA7fQp9CnVubGVz";

/// A line of a phone, not connected until it is used.
#[derive(Debug)]
pub struct Line {
    plug: Plug,
    account: Account,
    user_agent: String,
    tls: Arc<ClientConfig>,
    talk: Option<Talk>,
}

#[derive(Debug)]
struct Talk {
    stream: Secure,
    buffer: Vec<u8>,
    own: SocketAddr,
    sequence: u32,
}

impl Line {
    pub(super) fn new(plug: Plug, account: Account, user_agent: String, tls: Arc<ClientConfig>) -> Result<Line> {
        match account.transport {
            Transport::Tls => Ok(Line { plug, account, user_agent, tls, talk: None }),
            other => Err(Failure::Unexpected(format!("{} is to register over {}", account.login, other.name()))),
        }
    }

    /// Connects, is challenged, proves who it is, and is registered for as long as this lives.
    ///
    /// # Errors
    /// When there is no connection, or any other answer.
    pub fn register(&mut self) -> Result<()> {
        self.connect()?;
        let uri = format!("sip:{}", self.account.server.ip());
        let asked = self.ask("REGISTER", &uri, "", "Expires: 600\r\n", "")?;
        let challenge = Challenge::find(&asked).ok_or_else(|| self.refused("REGISTER", &asked))?;
        let answer = Credentials::new(&self.account.login, &self.account.password).answer(&challenge, "REGISTER", &uri);
        let proof = format!("Expires: 600\r\nAuthorization: {answer}\r\n");
        let asked = self.ask("REGISTER", &uri, "", &proof, "")?;
        if asked.starts_with("SIP/2.0 200 ") { Ok(()) } else { Err(self.refused("REGISTER", &asked)) }
    }

    /// Connects anew and calls `number` without proving who it is, `answered` is called when somebody answers, and then
    /// it hangs up.
    ///
    /// # Errors
    /// When there is no connection, or the call is refused.
    pub fn call(&mut self, number: &str, answered: impl FnOnce()) -> Result<()> {
        self.connect()?;
        let uri = format!("sip:{number}@{}", self.account.server.ip());
        let offer = self.offer();
        let taken = self.ask("INVITE", &uri, "", "Content-Type: application/sdp\r\n", &offer)?;
        if !taken.starts_with("SIP/2.0 200 ") {
            return Err(self.refused("INVITE", &taken));
        }
        answered();
        let contact = header(&taken, "Contact").and_then(|value| value.split(['<', '>']).nth(1)).unwrap_or(&uri);
        let tag = header(&taken, "To").and_then(|value| value.split(";tag=").nth(1)).unwrap_or_default();
        self.send("ACK", contact, tag, "", "")?;
        let over = self.ask("BYE", contact, tag, "", "")?;
        if over.starts_with("SIP/2.0 200 ") { Ok(()) } else { Err(self.refused("BYE", &over)) }
    }

    fn connect(&mut self) -> Result<()> {
        let stream = connect_tls(&self.plug, self.account.server, &self.tls)?;
        let own = stream.sock.own_address().tried(|| "ask for the own address".to_owned())?;
        self.talk = Some(Talk { stream, buffer: Vec::new(), own, sequence: 0 });
        Ok(())
    }

    /// Sends a request and waits for its final answer.
    fn ask(&mut self, method: &str, uri: &str, to_tag: &str, headers: &str, body: &str) -> Result<String> {
        self.send(method, uri, to_tag, headers, body)?;
        let what = || format!("hear what becomes of {method}");
        let Some(Talk { stream, buffer, .. }) = &mut self.talk else { return Err(not_connected()) };
        loop {
            let heard = read_message(stream, buffer).tried(what)?;
            let ours = header(&heard, "CSeq").is_some_and(|value| value.ends_with(method));
            if ours && heard.starts_with("SIP/2.0 ") && !heard.starts_with("SIP/2.0 1") {
                return Ok(heard);
            }
        }
    }

    fn send(&mut self, method: &str, uri: &str, to_tag: &str, headers: &str, body: &str) -> Result<()> {
        let Account { user, server, .. } = &self.account;
        let Some(Talk { stream, own, sequence, .. }) = &mut self.talk else { return Err(not_connected()) };
        // An ACK has the number of its INVITE (RFC 3261 13.2.2.4).
        *sequence += u32::from(method != "ACK");
        let (aor, agent, port) = (format!("sip:{user}@{}", server.ip()), &self.user_agent, own.port());
        let to = if method == "REGISTER" { aor.as_str() } else { uri };
        let tag = if to_tag.is_empty() { String::new() } else { format!(";tag={to_tag}") };
        let request = format!(
            "{method} {uri} SIP/2.0\r\nVia: SIP/2.0/TLS {own};rport;branch=z9hG4bK{user}{port}{sequence}{method}\r\n\
             Max-Forwards: 70\r\nFrom: <{aor}>;tag={user}{port}\r\nTo: <{to}>{tag}\r\nCall-ID: {user}-{port}@{ip}\r\n\
             CSeq: {sequence} {method}\r\nContact: <sip:{user}@{own};transport=TLS>\r\nUser-Agent: {agent}\r\n\
             {headers}Content-Length: {length}\r\n\r\n{body}",
            ip = own.ip(),
            length = body.len()
        );
        stream.write_all(request.as_bytes()).and_then(|()| stream.flush()).tried(|| format!("send {method}"))
    }

    /// Encrypted voice, as its settings say.
    fn offer(&self) -> String {
        let ip = self.plug.ip();
        format!(
            "v=0\r\no=- 1 1 IN IP4 {ip}\r\ns=-\r\nc=IN IP4 {ip}\r\nt=0 0\r\nm=audio 11780 RTP/SAVP 8 0 101\r\n\
             a=rtpmap:101 telephone-event/8000\r\na=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:{KEY}\r\na=sendrecv\r\n"
        )
    }

    fn refused(&self, method: &str, answer: &str) -> Failure {
        let said = answer.lines().next().unwrap_or_default();
        Failure::Unexpected(format!("{method} of {} was answered with {said}", self.account.login))
    }
}

fn not_connected() -> Failure {
    Failure::Unexpected("a line without a connection was used".to_owned())
}

fn header<'a>(message: &'a str, name: &str) -> Option<&'a str> {
    message.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(": "))
}
