//! The doctor's orders, carried out on the throw-away sockets of `net`, the news of these for the exchange, and what is near the box.

use std::net::IpAddr;

use centrale_alg::active::{self, Socket};
use centrale_call_control::{Input, LanTable, WayOut};
use centrale_net::{Net, ProbeKey, ProbeNews};

/// Does what the doctor orders.
pub(crate) fn carry_out(net: &Net, round: u64, host: &str, order: active::Output) {
    match order {
        active::Output::Open { socket, transport, to } => net.open_probe(key(round, socket), transport, to, host),
        active::Output::Send { socket, to, bytes, ttl } => net.send_probe(key(round, socket), to, bytes, ttl),
        active::Output::Close { socket } => net.close_probe(key(round, socket)),
        // The end of a round is the exchange's own.
        active::Output::Done => {}
    }
}

/// News of a socket, as the exchange takes it.
pub(crate) fn news(key: ProbeKey, news: ProbeNews) -> Option<Input> {
    let socket = *Socket::ALL.get(usize::from(key.socket))?;
    let news = match news {
        ProbeNews::Opened(local) => active::Input::Opened { socket, local },
        ProbeNews::Failed => active::Input::Failed { socket },
        ProbeNews::Came { from, bytes } => active::Input::Came { socket, from, bytes },
        ProbeNews::Quoted { hop, payload } => active::Input::Quoted { socket, hop, payload, length: None },
    };
    Some(Input::Probed { round: key.round, news })
}

/// What stands between the box and the internet now.
pub(crate) fn way_out() -> WayOut {
    WayOut { gateway: centrale_net::gateway().and_then(centrale_net::neighbour), quotes: true }
}

/// Who answers for which address in the office now.
pub(crate) fn lan() -> LanTable {
    let router = centrale_net::gateway().and_then(|gateway| match gateway {
        IpAddr::V4(gateway) => Some(gateway),
        IpAddr::V6(_) => None,
    });
    let entries = centrale_net::neighbours().into_iter().map(|entry| (entry.ip, entry.mac, entry.answers));
    LanTable { router, entries: entries.collect() }
}

fn key(round: u64, socket: Socket) -> ProbeKey {
    let at = Socket::ALL.iter().position(|it| *it == socket).and_then(|at| u8::try_from(at).ok());
    ProbeKey { round, socket: at.expect("there are fewer sockets than 256, and each is among them") }
}
