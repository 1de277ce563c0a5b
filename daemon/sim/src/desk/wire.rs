//! What a phone asks of the network and what it is told.

use std::net::SocketAddr;

use bytes::Bytes;
use centrale_sip::endpoint::Transmit;

use super::profile::{OwnCertificate, TlsVersion};

/// What comes out of a phone.
#[derive(Debug)]
pub enum Output {
    /// A packet to the multicast group of PnP, 224.0.1.75 port 5060.
    Multicast(Bytes),
    /// A datagram from the port of PnP.
    Datagram {
        /// Where to.
        to: SocketAddr,
        /// What.
        bytes: Bytes,
    },
    /// An HTTP request, answered by one [`Fetched`]. A phone has one at a time.
    Get(Get),
    /// It asks this host for the time.
    AskTime(String),
    /// A SIP message of one of its lines.
    Sip {
        /// Which of its lines, from 0.
        line: usize,
        /// The message.
        transmit: Transmit,
    },
    /// One second of voice of one of its lines.
    Voice {
        /// Which of its lines.
        line: usize,
        /// From this port.
        port: u16,
        /// To there.
        to: SocketAddr,
        /// RTP or SRTP.
        packets: Vec<Vec<u8>>,
    },
    /// Something a person would notice.
    Note(String),
}

/// A GET as it goes out.
#[derive(Debug, Clone)]
pub struct Get {
    /// The whole address.
    pub url: String,
    /// Headers besides Host.
    pub headers: Vec<(&'static str, String)>,
    /// What its TLS brings, where the address is `https`.
    pub tls: TlsClient,
}

impl Get {
    /// The value of a header; empty when there is none.
    pub fn header(&self, name: &str) -> &str {
        self.headers.iter().find(|(known, _)| *known == name).map_or("", |(_, value)| value)
    }

    /// The last segment of the path: the file.
    pub fn file(&self) -> &str {
        self.url.rsplit('/').next().unwrap_or_default()
    }
}

/// What became of a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fetched {
    /// An answer.
    Answer {
        /// HTTP status.
        status: u16,
        /// The body, as far as it came.
        body: Bytes,
        /// Whether that is as much as was announced.
        whole: bool,
    },
    /// The TLS handshake failed.
    Tls(TlsFault),
    /// Nobody there, or no answer in time.
    Nothing,
}

/// What a phone brings into a TLS handshake.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TlsClient {
    /// The best version it knows.
    pub version: TlsVersion,
    /// Whether it knows elliptic curves.
    pub elliptic: bool,
    /// The authorities it trusts besides the public ones, as the base64 of their certificates.
    pub trusted: Vec<String>,
    /// Whether any authority will do.
    pub trusts_everybody: bool,
    /// Whether it compares names.
    pub checks_name: bool,
    /// What time it believes it is, in unix seconds.
    pub believes: u64,
    /// The certificate that it shows to who asks for one.
    pub certificate: Option<Shown>,
}

/// A phone's certificate, as far as it matters.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Shown {
    /// The MAC address in its name; none in one that many share.
    pub mac: Option<String>,
    /// What kind it is: never [`OwnCertificate::None`].
    pub kind: OwnCertificate,
}

/// Why a handshake failed, as the phone's log says it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TlsFault {
    /// Who signed the certificate is not trusted.
    UnknownAuthority,
    /// By the phone's clock the certificate is not valid yet.
    NotYetValid,
    /// The certificate is for another name.
    WrongName,
    /// No version or cipher in common.
    NothingInCommon,
}

impl TlsFault {
    /// As a display says it.
    pub const fn words(self) -> &'static str {
        match self {
            Self::UnknownAuthority => "certificate not trusted",
            Self::NotYetValid => "certificate not yet valid",
            Self::WrongName => "certificate for another name",
            Self::NothingInCommon => "TLS handshake failed",
        }
    }
}
