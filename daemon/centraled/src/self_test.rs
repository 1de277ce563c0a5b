//! `self-test`: proof that what was cross-built works where it runs. No ports, no state, no secrets of the box.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Instant;

use bytes::Bytes;
use centrale_call_control::{Exchange, ExchangeSettings, Input, Interfaces, LocalAddress, Output};
use centrale_sip::flow::{Flow, FlowId, Transport};
use centrale_store::Store;

use crate::authority::Authority;
use crate::cli::{Fault, say};

/// Opens a store in a folder that is deleted again, makes the authority, and has the exchange answer a REGISTER.
pub(crate) fn self_test() -> Result<(), Fault> {
    let folder = std::env::temp_dir().join(format!("centraled-self-test-{}", std::process::id()));
    let tested = test_in(&folder);
    let removed = std::fs::remove_dir_all(&folder);
    tested?;
    removed.map_err(Fault::machine)?;
    say("self-test passed")
}

fn test_in(folder: &std::path::Path) -> Result<(), Fault> {
    let store = Store::open(folder).map_err(Fault::machine)?;
    store.check().map_err(Fault::machine)?;
    say("store: SQLite and AES-GCM work")?;
    Authority::open(&store, &[], &[])?.sip_config()?;
    say("authority: RSA, certificates and TLS work")?;
    store.close();
    let answer = challenge()?;
    if !answer.starts_with(b"SIP/2.0 401 ") {
        return Err(Fault::Machine("the exchange did not challenge a REGISTER".into()));
    }
    say("exchange: a REGISTER is challenged")
}

fn challenge() -> Result<Bytes, Fault> {
    let address = |port| SocketAddr::from(([127, 0, 0, 1], port));
    let settings = ExchangeSettings {
        sip_port: 5060,
        sip_tls_port: 5061,
        rtp_ports: (10_000, 10_999),
        realm: crate::run::REALM.into(),
        named: Vec::new(),
    };
    let now = Instant::now();
    let mut exchange = Exchange::new(now, settings, Arc::new(crate::run::nobody()), [0; 32]);
    let here = LocalAddress { ip: address(0).ip(), prefix: 8, default_route: false };
    exchange.handle_input(now, Input::Interfaces(Interfaces::new(vec![here])));
    let flow = Flow { id: FlowId(1), transport: Transport::Udp, local: address(5060), remote: address(5070) };
    let register = "REGISTER sip:127.0.0.1 SIP/2.0\r\nVia: SIP/2.0/UDP 127.0.0.1:5070;branch=z9hG4bKselftest\r\n\
        From: <sip:201@127.0.0.1>;tag=a\r\nTo: <sip:201@127.0.0.1>\r\nCall-ID: selftest\r\nCSeq: 1 REGISTER\r\n\
        Contact: <sip:201@127.0.0.1:5070>\r\nContent-Length: 0\r\n\r\n";
    exchange.handle_input(now, Input::Packet { flow, bytes: Bytes::from_static(register.as_bytes()) });
    let sent = std::iter::from_fn(|| exchange.poll_output()).find_map(|output| match output {
        Output::Transmit(transmit) => Some(transmit.bytes),
        _ => None,
    });
    sent.ok_or_else(|| Fault::Machine("the exchange did not answer a REGISTER".into()))
}
