//! UDP ports that belong to one trunk each. A router that reads SIP keeps what it knows of a port for up to an hour; a new way to
//! a provider therefore begins on a new port.

use std::collections::{HashMap, VecDeque};
use std::net::{IpAddr, SocketAddr};
use std::sync::{Arc, Mutex, PoisonError};

use centrale_sip::flow::FlowId;
use tokio::net::UdpSocket;
use tokio::task::JoinHandle;

/// Ports of one trunk that are open at one time: the one in use, and the one before it, to which something may still come.
const MOST: usize = 2;

/// One of them.
#[derive(Debug)]
pub(crate) struct OwnPort {
    pub(crate) id: FlowId,
    pub(crate) bound: SocketAddr,
    pub(crate) socket: UdpSocket,
    /// Whose datagrams are taken in.
    pub(crate) servers: Vec<IpAddr>,
}

type Kept = VecDeque<(Arc<OwnPort>, JoinHandle<()>)>;

/// All that are open, by whose they are.
#[derive(Debug, Default)]
pub(crate) struct OwnPorts(Mutex<HashMap<String, Kept>>);

impl OwnPorts {
    /// Keeps one with who reads it, and ends the oldest when there are too many.
    pub(crate) fn keep(&self, owner: &str, port: Arc<OwnPort>, reader: JoinHandle<()>) {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let ports = all.entry(owner.to_owned()).or_default();
        ports.push_back((port, reader));
        if ports.len() > MOST
            && let Some((_, reader)) = ports.pop_front()
        {
            reader.abort();
        }
    }

    /// The one with that name.
    pub(crate) fn get(&self, id: FlowId) -> Option<Arc<OwnPort>> {
        let all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        all.values().flatten().map(|(port, _)| port).find(|port| port.id == id).cloned()
    }
}
