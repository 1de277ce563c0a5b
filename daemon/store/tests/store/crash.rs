//! What was acknowledged is there after the process is killed at any moment, and after the power is cut at any byte.

use std::collections::BTreeSet;
use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Command, Stdio};

use centrale_store::Store;

use crate::{Home, bakery, by, call, renamed};

/// Names the folder in the child's environment; without it the test is the parent.
const CHILD: &str = "CENTRALE_CRASH_FOLDER";

/// How often the child is killed.
const KILLS: usize = 40;

#[test]
fn nothing_acknowledged_is_lost_when_the_process_is_killed() {
    if let Some(folder) = std::env::var_os(CHILD) {
        write_until_killed(Path::new(&folder));
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let mut acknowledged = BTreeSet::new();
    for kill in 0..KILLS {
        let lately: BTreeSet<String> = run_and_kill(folder.path(), 1 + kill * 7 % 23).into_iter().collect();
        assert!(!lately.is_empty(), "the child wrote something");
        let store = Store::open(folder.path()).unwrap();
        store.check().unwrap();
        store.verify_calls(None).unwrap().unwrap();
        assert_all_there(&store, &lately);
        store.close();
        acknowledged.extend(lately);
    }
    assert_all_there(&Store::open(folder.path()).unwrap(), &acknowledged);
}

/// Starts a child, kills it as soon as it acknowledged `enough` writes, and returns what it acknowledged.
fn run_and_kill(folder: &Path, enough: usize) -> Vec<String> {
    let mut child = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "crash::nothing_acknowledged_is_lost_when_the_process_is_killed", "--nocapture"])
        .env(CHILD, folder)
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let lines = BufReader::new(child.stdout.take().unwrap()).lines().map(|line| line.unwrap());
    let mut acknowledged = Vec::new();
    for line in lines {
        // What it still says after the signal was sent was acknowledged too.
        acknowledged.extend(line.strip_prefix("acknowledged ").map(str::to_owned));
        if acknowledged.len() == enough {
            child.kill().unwrap();
        }
    }
    assert!(!child.wait().unwrap().success(), "it was killed, it did not end");
    acknowledged
}

/// The child: revisions and call records in turn, each named on standard output once the store says that it is written.
fn write_until_killed(folder: &Path) {
    let store = Store::open(folder).unwrap();
    let acknowledge = |what: String| {
        let mut out = std::io::stdout().lock();
        writeln!(out, "acknowledged {what}").and_then(|()| out.flush()).expect("the parent listens");
    };
    for _ in 0..10_000 {
        let previous = store.current_revision().unwrap();
        let number = store.commit(&renamed(&bakery(), &format!("Office {previous}")), previous, by("crash")).unwrap();
        acknowledge(format!("revision {number}"));
        let id = format!("{}-{number}", std::process::id());
        store.insert_call(&call(&id)).unwrap();
        acknowledge(format!("call {id}"));
    }
}

fn assert_all_there(store: &Store, acknowledged: &BTreeSet<String>) {
    let mut calls = BTreeSet::new();
    let mut before: Option<String> = None;
    loop {
        let page = store.calls(before.as_deref(), 500).unwrap();
        let Some(last) = page.last() else { break };
        before = Some(last.id.clone());
        calls.extend(page.into_iter().map(|call| call.id));
    }
    for what in acknowledged {
        match what.split_once(' ').unwrap() {
            ("revision", number) => {
                let number: u64 = number.parse().unwrap();
                assert_eq!(store.revision(number).unwrap(), renamed(&bakery(), &format!("Office {}", number - 1)));
            }
            (_, id) => assert!(calls.contains(id), "{what}"),
        }
    }
}

/// What is on the disk after a power cut: the write-ahead log up to some byte at or after the last acknowledgement that
/// it had to keep, and rubbish behind it.
#[test]
fn nothing_acknowledged_is_lost_when_the_power_is_cut_at_any_byte_of_the_log() {
    let home = Home::new();
    let log = home.folder.path().join("centrale.db-wal");
    let mut lengths = Vec::new();
    for number in 0..12u64 {
        home.store.commit(&renamed(&bakery(), &format!("Office {number}")), number, by("cut")).unwrap();
        home.store.insert_call(&call(&format!("call {number}"))).unwrap();
        lengths.push(fs::metadata(&log).unwrap().len());
    }
    assert!(lengths.is_sorted_by(|left, right| left < right), "the log was not merged meanwhile");
    let written = fs::read(&log).unwrap();

    let between = lengths.windows(2).flat_map(|pair| (1..=5).map(move |part| pair[0] + (pair[1] - pair[0]) * part / 5));
    let cuts: Vec<u64> =
        lengths.iter().copied().chain(between).chain(lengths.iter().map(|length| length - 1)).collect();
    for cut in cuts {
        let kept = lengths.iter().filter(|length| **length <= cut).count();
        let after = tempfile::tempdir().unwrap();
        for name in ["centrale.db", "device.key"] {
            fs::copy(home.folder.path().join(name), after.path().join(name)).unwrap();
        }
        let mut log = written[..usize::try_from(cut).unwrap()].to_vec();
        log.extend([0x5a; 700]);
        fs::write(after.path().join("centrale.db-wal"), log).unwrap();

        let store = Store::open(after.path()).unwrap();
        store.check().unwrap();
        store.verify_calls(None).unwrap().unwrap();
        let revision = store.current_revision().unwrap();
        assert!(revision >= kept as u64, "cut at {cut}: revision {revision} of {kept}");
        let calls = store.calls(None, 100).unwrap().len();
        assert!(calls >= kept && calls as u64 <= revision, "cut at {cut}: {calls} calls, revision {revision}");
        if revision > 0 {
            assert_eq!(store.office().unwrap().unwrap().1.identity.name, format!("Office {}", revision - 1));
        }
    }
}
