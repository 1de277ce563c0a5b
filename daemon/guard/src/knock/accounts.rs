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
    /// Distinct wrong secrets: from the office, from the internet.
    wrong: [Recent; 2],
    /// Where it proved itself.
    known: Vec<(IpAddr, Instant)>,
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
        let fresh = |at: &Instant| now.saturating_duration_since(*at) < most::KNOWN_FOR;
        self.all.get(&account).is_some_and(|one| one.known.iter().any(|(known, at)| *known == source && fresh(at)))
    }

    /// Whether so many secrets were tried from that side that only devices that are known are judged.
    pub(super) fn is_under_attack(&self, now: Instant, account: u64, side: Side) -> bool {
        let wrong = self.all.get(&account).map(|one| one.wrong[index(side)].count(now, most::ACCOUNT_WINDOW));
        wrong.is_some_and(|wrong| wrong >= most::SECRETS_OF_ACCOUNT)
    }

    pub(super) fn failed(&mut self, now: Instant, account: u64, side: Side, secret: u64) {
        let room = most::SECRETS_OF_ACCOUNT * 2;
        self.account(account).wrong[index(side)].note(now, most::ACCOUNT_WINDOW, room, secret);
    }

    pub(super) fn proved(&mut self, now: Instant, account: u64, source: IpAddr) {
        let known = &mut self.account(account).known;
        known.retain(|(one, _)| *one != source);
        if known.len() >= most::KNOWN_SOURCES {
            known.remove(0);
        }
        known.push((source, now));
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
        let new = || Account { used: clock, wrong: Default::default(), known: Vec::new() };
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
