//! Where providers' servers worked, on the way into the store and back out of it at the start.

use std::sync::mpsc;

use centrale_call_control::KeptServers;
use centrale_store::{ServersRow, Store, StoreError};

use crate::disk_thread::{self, Over};

/// Writes what is kept, on a thread of its own.
pub(crate) fn start(store: Store) -> std::io::Result<(mpsc::Sender<KeptServers>, Over)> {
    let complaint = "where a provider's servers are could not be written down";
    disk_thread::writer("servers", complaint, move |KeptServers { trunk, server, networks }| {
        store.keep_servers(&ServersRow { trunk, server, networks })
    })
}

/// Those of before this start.
pub(crate) fn kept(store: &Store) -> Result<Vec<KeptServers>, StoreError> {
    let kept = |ServersRow { trunk, server, networks }| KeptServers { trunk, server, networks };
    Ok(store.servers()?.into_iter().map(kept).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn b_35_where_the_servers_of_each_trunk_worked_last_is_there_after_a_restart() {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(folder.path()).unwrap();
        let (sender, over) = start(store.clone()).unwrap();
        let servers = |trunk: &str, networks: &[&str]| KeptServers {
            trunk: trunk.into(),
            server: "sip.example.net:5060/udp".into(),
            networks: networks.iter().map(|network| network.parse().unwrap()).collect(),
        };
        let last = [servers("one", &["203.0.0.0", "2001:db8::"]), servers("two", &["198.51.0.0"])];
        for kept in [servers("one", &["203.0.0.0"])].iter().chain(&last) {
            sender.send(kept.clone()).unwrap();
        }
        drop(sender);
        over.blocking_recv().unwrap();
        store.close();
        assert_eq!(kept(&Store::open(folder.path()).unwrap()).unwrap(), last);
    }
}
