//! Session descriptions of phones, as text.

use std::fmt;
use std::net::IpAddr;

use bytes::Bytes;
use centrale_sip::sdp::{AudioView, Session};

/// A phone's description of its audio.
#[derive(Debug, Clone)]
pub(crate) struct Sdp {
    pub(crate) ip: IpAddr,
    pub(crate) port: u16,
    pub(crate) version: u32,
    pub(crate) direction: &'static str,
    pub(crate) profile: &'static str,
    pub(crate) formats: &'static str,
    /// Key lines, complete.
    pub(crate) crypto: Vec<String>,
    /// The port of a second stream, in clear.
    pub(crate) also_in_clear: Option<u16>,
}

impl Sdp {
    pub(crate) fn new(ip: IpAddr, port: u16) -> Self {
        let (profile, formats) = ("RTP/AVP", "8 0 101");
        Self { ip, port, version: 1, direction: "sendrecv", profile, formats, crypto: Vec::new(), also_in_clear: None }
    }

    /// The next version, with another direction.
    #[must_use]
    pub(crate) fn then(&self, direction: &'static str) -> Self {
        Self { version: self.version + 1, direction, ..self.clone() }
    }

    /// SRTP, with a key that only this phone has.
    #[must_use]
    pub(crate) fn secured(mut self, tag: u32) -> Self {
        let key = "d0RmdmcmVCspeEc3QGZiNWpVLFJhQX1cfHAwJSoj";
        self.profile = "RTP/SAVP";
        self.crypto = vec![format!("a=crypto:{tag} AES_CM_128_HMAC_SHA1_80 inline:{key}")];
        self
    }
}

impl fmt::Display for Sdp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let family = if self.ip.is_ipv6() { "IP6" } else { "IP4" };
        let (ip, port, version) = (self.ip, self.port, self.version);
        write!(f, "v=0\r\no=- 4711 {version} IN {family} {ip}\r\ns=-\r\nc=IN {family} {ip}\r\nt=0 0\r\n")?;
        write!(f, "m=audio {port} {} {}\r\n", self.profile, self.formats)?;
        f.write_str("a=rtpmap:8 PCMA/8000\r\na=rtpmap:0 PCMU/8000\r\na=rtpmap:101 telephone-event/8000\r\n")?;
        self.crypto.iter().try_for_each(|line| write!(f, "{line}\r\n"))?;
        write!(f, "a={}\r\n", self.direction)?;
        self.also_in_clear.iter().try_for_each(|port| write!(f, "m=audio {port} RTP/AVP {}\r\n", self.formats))
    }
}

/// The audio that a body describes.
#[track_caller]
pub(crate) fn audio(body: &Bytes) -> AudioView {
    let session = Session::parse(body).unwrap_or_else(|fault| panic!("{fault}: {}", String::from_utf8_lossy(body)));
    AudioView::of(&session).expect("there is an m=audio line")
}
