//! Via (RFC 3261 20.42) with `rport` and `received` (RFC 3581).

use std::fmt;
use std::net::{IpAddr, SocketAddr};

use super::params::{Params, is_token};
use super::uri::{Host, parse_host_port};
use crate::flow::Transport;

/// What every branch made by RFC 3261 begins with (8.1.1.7).
pub const MAGIC_COOKIE: &str = "z9hG4bK";

/// One Via.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Via {
    /// Transport as written, for example `UDP` or `SCTP`.
    pub transport: Box<str>,
    /// Sent-by host.
    pub host: Host,
    /// Sent-by port, when written.
    pub port: Option<u16>,
    /// `branch`, `received`, `rport` and others.
    pub params: Params,
}

impl Via {
    /// One of ours, asking for `rport`.
    pub fn ours(transport: Transport, sent_by: SocketAddr, branch: &str) -> Self {
        let mut params = Params::default();
        params.set("branch", Some(branch));
        params.set("rport", None);
        Self { transport: transport.in_via().into(), host: sent_by.ip().into(), port: Some(sent_by.port()), params }
    }

    /// The branch; `None` when there is none.
    pub fn branch(&self) -> Option<&str> {
        self.params.value("branch").filter(|branch| !branch.is_empty())
    }

    /// The `received` address, if a server wrote one.
    pub fn received(&self) -> Option<IpAddr> {
        self.params.value("received").and_then(|text| text.trim_matches(['[', ']']).parse().ok())
    }

    /// The `rport` value, if a server filled it in.
    pub fn rport(&self) -> Option<u16> {
        self.params.value("rport").and_then(|text| text.parse().ok())
    }

    /// Notes where a request really came from (RFC 3261 18.2.1, RFC 3581 4).
    pub fn note_source(&mut self, source: SocketAddr) {
        if self.params.has("rport") {
            self.params.set("rport", Some(&source.port().to_string()));
        }
        if self.params.has("rport") || self.host.ip() != Some(source.ip()) {
            self.params.set("received", Some(&source.ip().to_string()));
        }
    }

    /// Reads `SIP / 2.0 / UDP host:port;params`. `None` when malformed.
    pub fn parse(text: &str) -> Option<Self> {
        let (protocol, rest) = text.trim_start_matches([' ', '\t']).split_once('/')?;
        let (version, rest) = rest.split_once('/')?;
        if !protocol.trim_matches([' ', '\t']).eq_ignore_ascii_case("SIP") || version.trim_matches([' ', '\t']) != "2.0"
        {
            return None;
        }
        let rest = rest.trim_start_matches([' ', '\t']);
        let (transport, rest) = rest.split_at(rest.find([' ', '\t'])?);
        if !transport.bytes().all(is_token) {
            return None;
        }
        let rest = rest.trim_start_matches([' ', '\t']);
        let (sent_by, params) = rest.split_at(rest.find(';').unwrap_or(rest.len()));
        let (host, port) = parse_host_port(sent_by.trim_matches([' ', '\t']))?;
        Some(Self { transport: transport.into(), host, port, params: Params::parse(params)? })
    }
}

impl fmt::Display for Via {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SIP/2.0/{} {}", self.transport, self.host)?;
        if let Some(port) = self.port {
            write!(f, ":{port}")?;
        }
        let mut params = String::new();
        self.params.write(&mut params);
        f.write_str(&params)
    }
}
