//! What was tried against the office on its way into the store: the guard's stories, on paper.

use std::net::SocketAddr;
use std::sync::mpsc::{SyncSender, TrySendError, sync_channel};
use std::time::Instant;

use centrale_alerts::News;
use centrale_call_control::Incident;
use centrale_guard::incident::{About, Named, Sample};
use centrale_ledger::incident::Sample as WrittenSample;
use centrale_ledger::incident::{Count, Names, Story};
use centrale_store::{IncidentRow, Store};
use tokio::sync::mpsc;

use crate::disk_thread::{self, Over};
use crate::time::Clocks;

/// Stories that may wait for a disk that is busy. What does not find room is told again when its story goes on.
const WAITING: usize = 1_024;

/// Where stories are handed in.
#[derive(Debug)]
pub(crate) struct IncidentBook {
    /// When this run began: with the number of a story it names one for ever.
    began_unix_ms: u64,
    store: SyncSender<Story>,
}

impl IncidentBook {
    /// With a thread of its own for the disk, and what is woken when the last is written. Each story is news once it is written.
    pub(crate) fn start(store: Store, news: mpsc::Sender<News>) -> std::io::Result<(Self, Over)> {
        let (sender, stories) = sync_channel::<Story>(WAITING);
        let over = disk_thread::start("incidents", move || {
            let mut untold = 0_u64;
            for story in stories {
                if let Err(fault) = store.append_incident(&row_of(&story, crate::time::unix_ms())) {
                    tracing::error!(%fault, "an incident could not be written down");
                }
                let told = News::Story(Box::new(story));
                let Some(about) = told.about() else { continue };
                if news.try_send(told).is_err() {
                    untold += 1;
                    tracing::warn!(about, untold, "an incident is not told by mail: too much is to be told");
                }
            }
        })?;
        Ok((Self { began_unix_ms: crate::time::unix_ms(), store: sender }, over))
    }

    /// A story began or went on.
    pub(crate) fn note(&self, incident: &Incident) {
        let story = written(incident, Clocks::read(), self.began_unix_ms);
        match self.store.try_send(story) {
            Ok(()) | Err(TrySendError::Disconnected(_)) => {}
            Err(TrySendError::Full(story)) => tracing::warn!(id = story.id, "the disk is busy: an incident must wait"),
        }
    }
}

fn row_of(story: &Story, at_unix_ms: u64) -> IncidentRow {
    IncidentRow {
        id: story.id.clone(),
        kind: "story".into(),
        at_unix_ms,
        who: "centraled".into(),
        document: serde_json::to_string(story).expect("a story has string keys and writes itself without fail"),
    }
}

fn written(incident: &Incident, clocks: Clocks, began_unix_ms: u64) -> Story {
    let ms = |at: Instant| clocks.unix_ms_of(at);
    let (about, subject) = match &incident.about {
        About::Address(ip) => ("address", ip.to_string()),
        About::Network(ip, bits) => ("network", format!("{ip}/{bits}")),
        About::Account(name) => ("account", name.clone()),
        About::Provider(name) => ("provider", name.clone()),
        About::Many => ("many", String::new()),
    };
    let names = |named: &Named| Names { some: named.some.clone(), more: named.more };
    Story {
        id: format!("{began_unix_ms:x}-{}", incident.number),
        about: about.into(),
        subject,
        first: ms(incident.first),
        last: ms(incident.last),
        attempts: incident.attempts,
        tried: counts(incident.tried.iter().copied()),
        done: counts(incident.done.iter().map(|(deed, count)| (deed.code(), *count))),
        blocked_until: incident.blocked_until.map(ms),
        reached: incident.reached.code().into(),
        got_in: incident.got_in.as_ref().map(|first| written_sample(first, clocks)),
        sources: names(&incident.sources),
        accounts: names(&incident.accounts),
        targets: names(&incident.targets),
        devices: names(&incident.devices),
        samples: incident.samples.iter().map(|sample| written_sample(sample, clocks)).collect(),
        over: incident.is_over,
    }
}

fn counts<'a>(counts: impl Iterator<Item = (&'a str, u64)>) -> Vec<Count> {
    counts.map(|(what, count)| Count { what: what.to_owned(), count }).collect()
}

fn written_sample(sample: &Sample, clocks: Clocks) -> WrittenSample {
    let canonical = |from: SocketAddr| SocketAddr::new(from.ip().to_canonical(), from.port()).to_string();
    WrittenSample {
        at: clocks.unix_ms_of(sample.at),
        from: sample.from.map(canonical).unwrap_or_default(),
        what: sample.what.to_owned(),
        account: sample.account.clone(),
        target: sample.target.clone(),
        done: sample.deed.code().to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use centrale_guard::incident::{Attempt, Book, By, Deed, Reached};
    use centrale_guard::knock::{Reason, Side};
    use centrale_guard::{Cap, Reject};

    #[test]
    fn a_story_is_written_as_it_grows_and_the_last_before_the_store_is_closed() {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(folder.path()).unwrap();
        let (book, over) = IncidentBook::start(store.clone(), mpsc::channel(1).0).unwrap();
        let mut guard = Book::default();
        let from: SocketAddr = "[::ffff:203.0.113.66]:5060".parse().unwrap();
        let attempt = Attempt {
            what: "guessing",
            by: By::Address(from.ip(), Side::Internet),
            from: Some(from),
            account: "201",
            target: "",
            device: "friendly-scanner",
            deed: Deed::Unjudged,
            blocked: None,
        };
        for _ in 0..10 {
            guard.note(Instant::now(), &attempt);
        }
        while let Some(incident) = guard.poll() {
            book.note(&incident);
        }
        drop(book);
        over.blocking_recv().unwrap();
        store.close();
        let store = Store::open(folder.path()).unwrap();
        let kept = store.incidents(10).unwrap();
        let [row] = &kept[..] else { panic!("{kept:?}") };
        let story: Story = serde_json::from_str(&row.document).unwrap();
        assert_eq!((story.about.as_str(), story.subject.as_str(), story.attempts), ("network", "203.0.113.0/24", 10));
        assert_eq!(
            (story.sources.some[0].as_str(), story.samples[0].from.as_str()),
            ("203.0.113.66", "203.0.113.66:5060")
        );
        assert_eq!(store.verify_incidents(None).unwrap().unwrap().last, 2);
    }

    #[test]
    fn a_report_has_words_for_everything_that_the_guard_can_say() {
        let tried = Reason::ALL.iter().filter(|reason| reason.is_attack()).map(|reason| reason.code());
        let refused =
            [Reject::OUT_OF_REACH, Reject::PREMIUM, Reject::BLOCKED, Reject::PER_CALL_SPENT, Reject::UNKNOWN_DEVICE];
        let done = [
            Deed::Asked,
            Deed::Unjudged,
            Deed::Unanswered,
            Deed::Blocked,
            Deed::Refused,
            Deed::KeptApart,
            Deed::Delayed,
            Deed::TurnedAway,
            Deed::LetIn,
            Deed::Told,
        ];
        let reached = [Reached::Nothing, Reached::Apart, Reached::Page, Reached::Provider].map(Reached::code);
        let codes = tried
            .chain(["pin-guessing"])
            .chain(refused.map(|reject| reject.code))
            .chain(done.map(Deed::code))
            .chain(reached);
        let caps = Cap::ALL.iter().map(|cap| format!("spent-{}", cap.word()));
        let mute: Vec<String> =
            codes.map(str::to_owned).chain(caps).filter(|code| !centrale_ledger::incident::is_said(code)).collect();
        assert!(mute.is_empty(), "{mute:?}");
    }
}
