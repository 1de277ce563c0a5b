//! A Yealink as the box meets it: its packet, its requests in its order, and what it makes of what it reads.
//!
//! Only the finding and the reading are played here, after the traces of real ones, with curl's TLS; when it has its
//! account a baresip registers and calls with it.

use std::collections::BTreeMap;
use std::net::{SocketAddr, UdpSocket};
use std::path::PathBuf;
use std::time::Duration;

use tempfile::TempDir;

use crate::curl::{Answer, Certificate, Curl};
use crate::failure::Tried;
use crate::lan::with_colons;
use crate::{Account, Failure, Place, Result, Transport};

/// Where phones call for somebody who knows their settings.
const PNP: &str = "224.0.1.75:5060";
/// How long an answer to that may take. Reached only where none is to come, and where it is a failure.
const PNP_PATIENCE: Duration = Duration::from_millis(1500);

/// A phone that is plugged in, and what it has read so far.
#[derive(Debug)]
pub struct DeskPhone {
    place: Place,
    mac: String,
    model: String,
    certificate: Option<Certificate>,
    directory: TempDir,
    settings: BTreeMap<String, String>,
}

/// What it reads: `key = value`, a line each.
type Settings = BTreeMap<String, String>;

impl DeskPhone {
    /// A T54W with this MAC address, as it leaves its box.
    ///
    /// # Errors
    /// When the machine refuses a folder.
    pub fn new(place: &Place, mac: &str) -> Result<DeskPhone> {
        Self::of_model(place, mac, "T54W")
    }

    /// The same, of another model.
    ///
    /// # Errors
    /// Likewise.
    pub fn of_model(place: &Place, mac: &str, model: &str) -> Result<DeskPhone> {
        let directory = tempfile::tempdir().tried(|| "make a folder for a phone".to_owned())?;
        let (place, mac, model) = (place.clone(), mac.to_owned(), model.to_owned());
        Ok(DeskPhone { place, mac, model, certificate: None, directory, settings: Settings::new() })
    }

    /// Shows this certificate from now on; none when there is none.
    pub fn show(&mut self, certificate: Option<Certificate>) {
        self.certificate = certificate;
    }

    /// A folder for what belongs to it.
    #[must_use]
    pub fn folder(&self) -> &std::path::Path {
        self.directory.path()
    }

    /// What a T54W says it is in every request.
    #[must_use]
    pub fn user_agent(mac: &str) -> String {
        user_agent("T54W", mac)
    }

    /// Calls for somebody who knows its settings, and returns the address it is told, if it is told one.
    ///
    /// # Errors
    /// When the machine refuses a socket.
    pub fn call_for_settings(&self) -> Result<Option<String>> {
        self.call_for_settings_after(|| Ok(()))
    }

    /// The same, with something that happens between its call and its looking for an answer.
    ///
    /// # Errors
    /// As `call_for_settings`, and those of `meanwhile`.
    pub fn call_for_settings_after(&self, meanwhile: impl FnOnce() -> Result<()>) -> Result<Option<String>> {
        let address = SocketAddr::new(self.place.address, 5059);
        let socket = self.place.inside(|| UdpSocket::bind(address).tried(|| format!("take {address}")))?;
        socket.set_read_timeout(Some(PNP_PATIENCE)).tried(|| "set a patience".to_owned())?;
        socket
            .send_to(pnp_packet(&self.model, &self.mac, address).as_bytes(), PNP)
            .tried(|| format!("send to {PNP}"))?;
        meanwhile()?;
        let mut packet = [0; 4096];
        while let Ok((length, from)) = socket.recv_from(&mut packet) {
            let text = String::from_utf8_lossy(&packet[..length]);
            let Some((head, body)) = text.split_once("\r\n\r\n").filter(|(head, _)| head.starts_with("NOTIFY ")) else {
                continue;
            };
            let copied = ["Via", "From", "To", "Call-ID", "CSeq"].map(|name| {
                head.lines().find(|line| line.starts_with(&format!("{name}:"))).unwrap_or_default().to_owned()
            });
            let ok = format!("SIP/2.0 200 OK\r\n{}\r\nContent-Length: 0\r\n\r\n", copied.join("\r\n"));
            socket.send_to(ok.as_bytes(), from).tried(|| format!("answer {from}"))?;
            return Ok(Some(body.to_owned()));
        }
        Ok(None)
    }

    /// Asks for one file, as itself.
    ///
    /// # Errors
    /// When no answer came.
    pub fn ask(&self, url: &str) -> Result<Answer> {
        let mut request = Curl::get(&self.place, url).header("User-Agent", &user_agent(&self.model, &self.mac));
        if url.starts_with("https:") {
            request = request.trusting(&self.authority());
            if let Some(certificate) = &self.certificate {
                request = request.showing(certificate);
            }
        }
        request.send()
    }

    /// Asks for its own file in this folder.
    ///
    /// # Errors
    /// When no answer came.
    pub fn ask_own(&self, folder: &str) -> Result<Answer> {
        self.ask(&format!("{folder}{}.cfg", self.mac))
    }

    /// Asks for its own file in this folder, and does what it says: a certificate to trust, a new folder to ask in.
    ///
    /// # Errors
    /// When there is no file.
    pub fn read_own(&mut self, folder: &str) -> Result<()> {
        let Answer { status, body, .. } = self.ask_own(folder)?;
        if status != 200 || !body.starts_with("#!version:1.0.0.1") {
            return Err(Failure::Unexpected(format!("{} has no file in {folder}: {status}", self.mac)));
        }
        let pairs = body.lines().filter(|line| !line.starts_with('#')).filter_map(|line| line.split_once(" = "));
        self.settings.extend(pairs.map(|(key, value)| (key.to_owned(), value.to_owned())));
        let authority = self.setting("static.trusted_certificates.url")?.to_owned();
        if authority.starts_with("http:") {
            let pem = self.ask(&authority)?.body;
            std::fs::write(self.authority(), pem).tried(|| "keep the box's authority".to_owned())?;
        }
        Ok(())
    }

    /// Boots: reads its file in this folder, and then the next, in the folder that the first one names. In this it
    /// stands in the queue.
    ///
    /// # Errors
    /// When it gets no file.
    pub fn boot(&mut self, folder: &str) -> Result<()> {
        self.read_own(folder)?;
        let next = self.next_folder()?;
        self.read_own(&next)
    }

    /// The folder it was last told to ask in.
    ///
    /// # Errors
    /// When it was not told any.
    pub fn next_folder(&self) -> Result<String> {
        self.setting("static.auto_provision.server.url").map(str::to_owned)
    }

    /// A value that it has read.
    ///
    /// # Errors
    /// When it has not.
    pub fn setting(&self, key: &str) -> Result<&str> {
        let value = self.settings.get(key).map(String::as_str);
        value.ok_or_else(|| Failure::Unexpected(format!("{} was not told {key}", self.mac)))
    }

    /// Every password that it has read.
    #[must_use]
    pub fn passwords(&self) -> Vec<String> {
        let secret = |key: &str| key.ends_with("password");
        self.settings.iter().filter(|(key, _)| secret(key)).map(|(_, value)| value.clone()).collect()
    }

    /// The account that it has read.
    ///
    /// # Errors
    /// When it has none.
    pub fn account(&self) -> Result<Account> {
        let read = |name: &str| self.setting(&format!("account.1.{name}"));
        let server = format!("{}:{}", read("sip_server.1.address")?, read("sip_server.1.port")?);
        let transport = match read("sip_server.1.transport_type")? {
            "0" => Transport::Udp,
            "1" => Transport::Tcp,
            _ => Transport::Tls,
        };
        Ok(Account {
            user: read("user_name")?.to_owned(),
            login: read("auth_name")?.to_owned(),
            password: read("password")?.to_owned(),
            server: server.parse().map_err(|_| Failure::Unexpected(format!("{server} is no address")))?,
            transport,
        })
    }

    /// Where it keeps the authority that it was given (PEM).
    #[must_use]
    pub fn authority(&self) -> PathBuf {
        self.directory.path().join("authority.pem")
    }
}

fn user_agent(model: &str, mac: &str) -> String {
    format!("Yealink SIP-{model} 96.86.0.15 {}", with_colons(mac))
}

fn pnp_packet(model: &str, mac: &str, address: SocketAddr) -> String {
    let tag = mac.trim_start_matches('0');
    format!(
        "SUBSCRIBE sip:MAC{mac}@224.0.1.75 SIP/2.0\r\nVia: SIP/2.0/UDP {address};branch=z9hG4bK{tag}\r\n\
         From: <sip:MAC{mac}@224.0.1.75>;tag={tag}\r\nTo: <sip:MAC{mac}@224.0.1.75>\r\nCall-ID: {tag}@{ip}\r\n\
         CSeq: 1 SUBSCRIBE\r\nContact: <sip:MAC{mac}@{address}>\r\nMax-Forwards: 70\r\n\
         User-Agent: Yealink SIP-{model} 96.86.0.15\r\nExpires: 0\r\n\
         Event: ua-profile;profile-type=\"device\";vendor=\"yealink\";model=\"{model}\";version=\"96.86.0.15\"\r\n\
         Accept: application/url\r\nContent-Length: 0\r\n\r\n",
        ip = address.ip()
    )
}
