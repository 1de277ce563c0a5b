//! What is remembered of one account over all sources. An account that does not exist has its place here like any other.

use std::collections::BTreeMap;
use std::net::IpAddr;
use std::time::Instant;

use super::evidence::Side;
use super::recent::Recent;
use super::thresholds as most;

#[derive(Debug)]
struct Account {
    used: u64,
    /// Distinct wrong secrets of nobody known: from the office, from the internet.
    wrong: [Recent; 2],
    /// The same of who is at home here, as far as can be seen: from where it proved itself, or of a device like its own.
    at_home: Recent,
    /// Where it proved itself.
    known: Vec<Home>,
}

/// An address where an account proved itself.
#[derive(Debug)]
struct Home {
    source: IpAddr,
    proved: Instant,
    /// When a secret was wrong there last. A proof of one phone there says nothing of who is beside it.
    failed: Option<Instant>,
}

/// Accounts by a hash of their name.
#[derive(Debug, Default)]
pub(super) struct Accounts {
    all: BTreeMap<u64, Account>,
    clock: u64,
}

impl Accounts {
    /// Whether it proved itself from there lately.
    pub(super) fn is_known(&self, now: Instant, account: u64, source: IpAddr) -> bool {
        let proved = self.home(account, source).map(|home| home.proved);
        proved.is_some_and(|at| now.saturating_duration_since(at) < most::KNOWN_FOR)
    }

    fn home(&self, account: u64, source: IpAddr) -> Option<&Home> {
        self.all.get(&account)?.known.iter().find(|home| home.source == source)
    }

    /// Whether so many secrets were tried from that side that only devices that are known are judged.
    pub(super) fn is_under_attack(&self, now: Instant, account: u64, side: Side) -> bool {
        let wrong = self.all.get(&account).map(|one| one.wrong[index(side)].count(now, most::ACCOUNT_WINDOW));
        wrong.is_some_and(|wrong| wrong >= most::SECRETS_OF_ACCOUNT)
    }

    /// Whether so many secrets were tried by who seemed at home that who comes from there is not judged any more: it never proved
    /// itself there, or a secret was wrong there.
    pub(super) fn is_exhausted(&self, now: Instant, account: u64, source: IpAddr) -> bool {
        let wrong = self.all.get(&account).map(|one| one.at_home.count(now, most::ACCOUNT_WINDOW));
        let today = |at| now.saturating_duration_since(at) < most::ACCOUNT_WINDOW;
        let is_clean = || {
            let home = self.home(account, source);
            self.is_known(now, account, source) && !home.and_then(|home| home.failed).is_some_and(today)
        };
        wrong.is_some_and(|wrong| wrong >= most::SECRETS_AT_HOME) && !is_clean()
    }

    /// A wrong secret of nobody known.
    pub(super) fn failed(&mut self, now: Instant, account: u64, side: Side, secret: u64) {
        let room = most::SECRETS_OF_ACCOUNT * 2;
        self.account(account).wrong[index(side)].note(now, most::ACCOUNT_WINDOW, room, secret);
    }

    /// One of who is at home, as far as can be seen.
    pub(super) fn failed_at_home(&mut self, now: Instant, account: u64, source: IpAddr, secret: u64) {
        let one = self.account(account);
        one.at_home.note(now, most::ACCOUNT_WINDOW, most::SECRETS_AT_HOME * 2, secret);
        one.known.iter_mut().filter(|home| home.source == source).for_each(|home| home.failed = Some(now));
    }

    pub(super) fn proved(&mut self, now: Instant, account: u64, source: IpAddr) {
        let known = &mut self.account(account).known;
        let before = known.iter().position(|home| home.source == source).map(|at| known.remove(at));
        if known.len() >= most::KNOWN_SOURCES {
            known.remove(0);
        }
        known.push(Home { source, proved: now, failed: before.and_then(|home| home.failed) });
    }

    pub(super) fn len(&self) -> usize {
        self.all.len()
    }

    fn account(&mut self, account: u64) -> &mut Account {
        self.clock += 1;
        if !self.all.contains_key(&account) && self.all.len() >= most::ACCOUNTS {
            // Who never proved anything goes first: names that were made up do not push out the office's.
            let oldest = self.all.iter().min_by_key(|(_, one)| (!one.known.is_empty(), one.used)).map(|(key, _)| *key);
            oldest.and_then(|key| self.all.remove(&key));
        }
        let clock = self.clock;
        let new = || Account { used: clock, wrong: Default::default(), at_home: Recent::default(), known: Vec::new() };
        let one = self.all.entry(account).or_insert_with(new);
        one.used = clock;
        one
    }
}

const fn index(side: Side) -> usize {
    match side {
        Side::Office => 0,
        Side::Internet => 1,
    }
}
