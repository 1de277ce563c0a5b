//! The log of who did what: each write that was done, looks at evidence, log-ins, and what was refused.

use std::collections::BTreeMap;
use std::net::IpAddr;
use std::sync::PoisonError;

use axum::extract::{MatchedPath, Request};
use axum::http::Method;
use centrale_store::Act;

use crate::asker::Asker;
use crate::clock;
use crate::edge::{Edge, blocking};
use crate::peer::Peer;

/// Whoever is counted apart in a day. Those beyond share one place, so that many sources do not fill the disk.
const MOST_COUNTED: usize = 1024;
const DAY_MS: u64 = 24 * 3600 * 1000;

/// Writes by their method that change nothing: what they are sent is looked at and answered.
/// Besides, the acceptance of rules, which the store writes into the log with what it keeps.
const LOOKS: [&str; 5] = [
    "/api/v1/contacts/preview",
    "/api/v1/calls/compare",
    "/api/v1/session/passkeys/challenge",
    "/api/v1/session/proof",
    "/api/v1/session/rules",
];

/// Reads of what was kept of people: who looked is written down.
const EVIDENCE: [&str; 3] =
    ["/api/v1/incidents/{id}", "/api/v1/incidents/{id}/report.json", "/api/v1/incidents/{id}/report.pdf"];

/// A write, or a look at evidence, as its path tells it.
pub(crate) struct Done {
    what: String,
    about: String,
    /// Whether it was only looked at: that may come without end.
    is_look: bool,
}

impl Done {
    /// `None` where nothing is changed.
    pub(crate) fn of(request: &Request, route: &MatchedPath) -> Option<Self> {
        let route = route.as_str();
        let is_look = request.method() == Method::GET && EVIDENCE.contains(&route);
        if request.method().is_safe() && !is_look || LOOKS.contains(&route) {
            return None;
        }
        let parts = route.split('/').zip(request.uri().path().split('/'));
        let named: Vec<&str> = parts.filter(|(name, _)| name.starts_with('{')).map(|(_, part)| part).collect();
        Some(Self { what: format!("{} {route}", request.method()), about: named.join(" "), is_look })
    }
}

/// Counts what may come without end. Of each, the first of a day is written down, the tenth, the hundredth and so on.
#[derive(Debug, Default)]
pub(crate) struct Tally {
    day: u64,
    counts: BTreeMap<String, u64>,
}

impl Tally {
    /// How many there were today with this one, when that is to be written down.
    fn count(&mut self, now_unix_ms: u64, whose: String) -> Option<u64> {
        let day = now_unix_ms / DAY_MS;
        if self.day != day {
            *self = Self { day, counts: BTreeMap::new() };
        }
        let full = self.counts.len() >= MOST_COUNTED && !self.counts.contains_key(&whose);
        let count = self.counts.entry(if full { String::new() } else { whose }).or_default();
        *count += 1;
        10_u64.pow(count.ilog10()).eq(count).then_some(*count)
    }
}

impl Edge {
    /// Writes down what somebody did. A disk that is full keeps nobody from doing it.
    pub(crate) async fn note(&self, peer: &Peer, who: &str, what: &str, about: String) {
        self.note_from(peer.source_ip(), who, what, about).await;
    }

    /// The same of who asked over no connection to here.
    pub(crate) async fn note_from(&self, source: IpAddr, who: &str, what: &str, about: String) {
        self.write_down(source.to_string(), who, what.to_owned(), about, None).await;
    }

    /// The same of what the box did by itself: nobody asked, from nowhere.
    pub(crate) async fn note_own(&self, who: &str, what: &str, about: String) {
        self.write_down(String::new(), who, what.to_owned(), about, None).await;
    }

    /// The same of what may come without end: the first of a day from each source, and how many there were.
    pub(crate) async fn note_often(&self, peer: &Peer, who: &str, what: &str) {
        let whose = format!("{what} {who} {}", peer.source_place());
        let count = self.0.tally.lock().unwrap_or_else(PoisonError::into_inner).count(clock::unix_ms(), whose);
        if let Some(count) = count {
            self.note(peer, who, what, count.to_string()).await;
        }
    }

    /// Writes down a write that was done, and of looks at the same evidence the first of a day, the tenth and so on.
    pub(crate) async fn note_done(&self, peer: &Peer, asker: &Asker, done: Done) {
        if done.is_look {
            let whose = format!("{} {} {}", done.what, done.about, asker.user.name);
            let count = self.0.tally.lock().unwrap_or_else(PoisonError::into_inner).count(clock::unix_ms(), whose);
            if count.is_none() {
                return;
            }
        }
        let (about, revision) = {
            let mut said = asker.said();
            (std::mem::take(&mut said.about), said.revision)
        };
        let about = if about.is_empty() { done.about } else { about };
        self.write_down(peer.source_ip().to_string(), &asker.user.name, done.what, about, revision).await;
    }

    async fn write_down(&self, source: String, who: &str, what: String, about: String, revision: Option<u64>) {
        let act = Act { at_unix_ms: clock::unix_ms(), who: who.to_owned(), source, what, about, revision };
        let store = self.0.store.clone();
        if let Err(error) = blocking(move || store.note_act(act)).await {
            tracing::error!(%error, "what was done could not be written down");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_comes_without_end_is_told_ever_more_seldom_and_anew_each_day() {
        let mut tally = Tally::default();
        let told: Vec<u64> = (0..1000).filter_map(|_| tally.count(0, "guess".into())).collect();
        assert_eq!(told, [1, 10, 100, 1000]);
        assert_eq!(tally.count(0, "another".into()), Some(1));
        assert_eq!(tally.count(DAY_MS, "guess".into()), Some(1));
    }

    #[test]
    fn sources_without_end_fill_no_disk() {
        let mut tally = Tally::default();
        let told = (0..100_000).filter_map(|source| tally.count(0, format!("{source}"))).count();
        assert_eq!(told, MOST_COUNTED + 5);
    }
}
