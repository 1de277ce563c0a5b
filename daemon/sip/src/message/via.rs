//! Via (RFC 3261 20.42) with `rport` and `received` (RFC 3581).

use std::borrow::Cow;
use std::fmt;
use std::net::{IpAddr, SocketAddr};

use super::params::{Params, WrittenParams, is_token, split_at_byte, split_before, trim, trim_start};
use super::uri::{Host, WrittenHost, host_port_in, write_address, write_number, write_port};
use crate::flow::Transport;

/// What every branch made by RFC 3261 begins with (8.1.1.7).
pub const MAGIC_COOKIE: &str = "z9hG4bK";

/// One Via.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Via {
    /// Protocol and version when they are not SIP/2.0, for example `SIP/7.0`: a peer of another version is told so (505)
    /// under its own Via.
    pub protocol: Option<Box<str>>,
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
        Self {
            protocol: None,
            transport: transport.in_via().into(),
            host: sent_by.ip().into(),
            port: Some(sent_by.port()),
            params,
        }
    }

    /// The branch; `None` when there is none.
    pub fn branch(&self) -> Option<&str> {
        self.params.value("branch").filter(|branch| !branch.is_empty())
    }

    /// The branch as the name of a transaction: the magic cookie and something behind it (RFC 3261 17.2.3, RFC 4475 3.2.1). `None` for
    /// peers of RFC 2543, whose transactions are told apart by other means.
    pub fn transaction_branch(&self) -> Option<&str> {
        self.branch().filter(|branch| names_transaction(branch))
    }

    /// The `received` address, if a server wrote one.
    pub fn received(&self) -> Option<IpAddr> {
        self.params.value("received").and_then(|text| text.trim_matches(['[', ']']).parse().ok())
    }

    /// The `rport` value, if a server filled it in.
    pub fn rport(&self) -> Option<u16> {
        self.params.value("rport").and_then(|text| text.parse().ok())
    }

    /// Reads `SIP / 2.0 / UDP host:port;params`. `None` when malformed.
    pub fn parse(text: &str) -> Option<Self> {
        WrittenVia::of(text).map(WrittenVia::kept)
    }

    /// Appends it as it stands on the wire.
    pub(super) fn write(&self, out: &mut String) {
        out.push_str(self.protocol.as_deref().unwrap_or("SIP/2.0"));
        out.push('/');
        out.push_str(&self.transport);
        out.push(' ');
        self.host.write(out);
        write_port(self.port, out);
        self.params.write(out);
    }
}

/// A Via as it stands in a text: checked, and nothing copied that is not escaped.
pub(crate) struct WrittenVia<'a> {
    /// All of it.
    pub(crate) text: &'a str,
    name: &'a str,
    version: &'a str,
    transport: &'a str,
    host: WrittenHost<'a>,
    port: Option<u16>,
    params: WrittenParams<'a>,
    branch: Option<Cow<'a, str>>,
    asks_for_port: bool,
}

impl<'a> WrittenVia<'a> {
    /// As [`Via::parse`] reads it.
    pub(super) fn of(text: &'a str) -> Option<Self> {
        let (name, rest) = split_at_byte(text, b'/')?;
        let (version, rest) = split_at_byte(rest, b'/')?;
        let (name, version, rest) = (trim(name), trim(version), trim_start(rest));
        let (transport, rest) = split_before(rest, |byte| matches!(byte, b' ' | b'\t'));
        if rest.is_empty()
            || ![name, version, transport].iter().all(|text| !text.is_empty() && text.bytes().all(is_token))
        {
            return None;
        }
        let (sent_by, params) = split_before(rest, |byte| byte == b';');
        let (host, port) = host_port_in(trim(sent_by))?;
        let (mut branch, mut asks_for_port) = (None, false);
        let params = WrittenParams::reading(params, |param| {
            if param.name.eq_ignore_ascii_case("branch") {
                branch = param.value.filter(|branch| !branch.is_empty());
            } else if param.name.eq_ignore_ascii_case("rport") {
                asks_for_port = true;
            }
        })?;
        Some(Self { text, name, version, transport, host, port, params, branch, asks_for_port })
    }

    /// As [`Via::branch`].
    pub(crate) fn branch(&self) -> Option<&str> {
        self.branch.as_deref()
    }

    /// As [`Via::transaction_branch`].
    pub(crate) fn transaction_branch(&self) -> Option<&str> {
        self.branch().filter(|branch| names_transaction(branch))
    }

    /// Sent-by.
    pub(crate) const fn sent_by(&self) -> (&WrittenHost<'a>, Option<u16>) {
        (&self.host, self.port)
    }

    /// Whether the client wants its answer at the port that it is heard from (RFC 3581 3).
    pub(crate) const fn asks_for_port(&self) -> bool {
        self.asks_for_port
    }

    /// As it is given back: with where the request really came from (RFC 3261 18.2.1, RFC 3581 4).
    pub(crate) fn noting(&self, source: SocketAddr) -> String {
        let mut is_noted = self.asks_for_port || self.host.ip() != Some(source.ip());
        let note = |out: &mut String| {
            out.push_str(";received=");
            write_address(source.ip(), out);
        };
        let mut out = String::with_capacity(self.text.len() + 48);
        out.push_str(self.text.split_once(';').map_or(self.text, |(before, _)| before));
        for param in self.params.iter() {
            if param.name.eq_ignore_ascii_case("rport") {
                out.push_str(";rport=");
                write_number(source.port().into(), &mut out);
            } else if is_noted && param.name.eq_ignore_ascii_case("received") {
                note(&mut out);
                is_noted = false;
            } else {
                param.write(&mut out);
            }
        }
        if is_noted {
            note(&mut out);
        }
        out
    }

    pub(super) fn kept(self) -> Via {
        let Self { name, version, transport, host, port, params, .. } = self;
        let spoken = name.eq_ignore_ascii_case("SIP") && version == "2.0";
        let protocol = if spoken { None } else { Some(format!("{name}/{version}").into()) };
        Via { protocol, transport: transport.into(), host: host.kept(), port, params: params.kept() }
    }
}

fn names_transaction(branch: &str) -> bool {
    branch.strip_prefix(MAGIC_COOKIE).is_some_and(|rest| !rest.is_empty())
}

impl fmt::Display for Via {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut text = String::with_capacity(96);
        self.write(&mut text);
        f.write_str(&text)
    }
}
