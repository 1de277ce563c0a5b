//! UDP ports that belong to one trunk each. A router that reads SIP keeps what it knows of a port for up to an hour; a new way to
//! a provider therefore begins on a new port.

use std::collections::HashMap;
use std::net::{IpAddr, SocketAddr};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use centrale_sip::flow::FlowId;
use tokio::task::JoinHandle;

use crate::udp::UdpSocket;

/// One of them.
#[derive(Debug)]
pub(crate) struct OwnPort {
    pub(crate) id: FlowId,
    pub(crate) bound: SocketAddr,
    pub(crate) socket: UdpSocket,
    /// Whose datagrams are taken in.
    pub(crate) servers: Mutex<Vec<IpAddr>>,
}

impl OwnPort {
    /// Whether datagrams from there are taken in.
    pub(crate) fn hears(&self, source: IpAddr) -> bool {
        self.servers.lock().unwrap_or_else(PoisonError::into_inner).contains(&source)
    }

    /// Takes in what comes from these.
    pub(crate) fn hear(&self, servers: Vec<IpAddr>) {
        *self.servers.lock().unwrap_or_else(PoisonError::into_inner) = servers;
    }
}

type Kept = HashMap<FlowId, (Arc<OwnPort>, JoinHandle<()>)>;

/// All that are open.
#[derive(Debug, Default)]
pub(crate) struct OwnPorts(Mutex<Kept>);

impl OwnPorts {
    /// Keeps one with who reads it.
    pub(crate) fn keep(&self, port: Arc<OwnPort>, reader: JoinHandle<()>) {
        self.all().insert(port.id, (port, reader));
    }

    /// The one with that name.
    pub(crate) fn get(&self, id: FlowId) -> Option<Arc<OwnPort>> {
        self.all().get(&id).map(|(port, _)| Arc::clone(port))
    }

    /// Closes it: its reader ends, and with it the socket.
    pub(crate) fn close(&self, id: FlowId) {
        if let Some((_, reader)) = self.all().remove(&id) {
            reader.abort();
        }
    }

    fn all(&self) -> MutexGuard<'_, Kept> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
