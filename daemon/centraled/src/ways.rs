//! How trunks go round a router, on the way into the store and back out of it at the start.

use std::sync::mpsc;

use centrale_alg::ladder::Step;
use centrale_call_control::KeptWay;
use centrale_store::{Store, StoreError, WayRow};

use crate::disk_thread::{self, Over};

/// Writes each way that is kept, on a thread of its own.
pub(crate) fn start(store: Store) -> std::io::Result<(mpsc::Sender<KeptWay>, Over)> {
    disk_thread::writer("ways", "the way round a router could not be written down", move |way: KeptWay| {
        match way.step {
            Step::Plain => store.forget_way(&way.trunk),
            _ => store.keep_way(&row_of(way)),
        }
    })
}

/// The ways before this start. What cannot be read is no way: it is looked for anew.
pub(crate) fn kept(store: &Store) -> Result<Vec<KeptWay>, StoreError> {
    let way = |WayRow { trunk, server, step, public }| {
        let (step, public) = (step.parse().ok()?, public.map(|public| public.parse()).transpose().ok()?);
        Some(KeptWay { trunk, server, step, public })
    };
    Ok(store.ways()?.into_iter().filter_map(way).collect())
}

fn row_of(way: KeptWay) -> WayRow {
    let KeptWay { trunk, server, step, public } = way;
    WayRow { trunk, server, step: step.to_string(), public: public.map(|public| public.to_string()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_way_of_each_trunk_is_there_after_a_restart_and_the_plain_one_needs_no_row() {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(folder.path()).unwrap();
        let (sender, over) = start(store.clone()).unwrap();
        let way = |trunk: &str, step, public: Option<&str>| KeptWay {
            trunk: trunk.into(),
            server: "sip.example.net:5060/udp".into(),
            step,
            public: public.map(|public| public.parse().unwrap()),
        };
        let hidden = way("one", Step::HideWithPublicContact, Some("198.51.100.77:25060"));
        for told in [way("one", Step::Tls, None), way("two", Step::OtherPort(5080), None), hidden.clone()] {
            sender.send(told).unwrap();
        }
        sender.send(way("two", Step::Plain, None)).unwrap();
        drop(sender);
        over.blocking_recv().unwrap();
        store.close();
        assert_eq!(kept(&Store::open(folder.path()).unwrap()).unwrap(), [hidden]);
    }
}
