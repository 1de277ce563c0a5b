//! What is remembered of one account over all sources. An account that does not exist has its place here like any other.

use std::collections::BTreeMap;
use std::net::{IpAddr, SocketAddr};
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
    at_home: Vec<Wrong>,
    /// Where it proved itself.
    known: Vec<(IpAddr, Instant)>,
}

/// A wrong secret of who seemed at home.
#[derive(Debug)]
struct Wrong {
    flow: SocketAddr,
    secret: u64,
    at: Instant,
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

    /// Whether so many secrets were tried by who seemed at home that who comes from there is not judged any more: it never proved
    /// itself there, or a secret was wrong there, or one was at too many such places.
    pub(super) fn is_exhausted(&self, now: Instant, account: u64, source: IpAddr) -> bool {
        let Some(one) = self.all.get(&account) else { return false };
        let is_today = |wrong: &&Wrong| now.saturating_duration_since(wrong.at) < most::ACCOUNT_WINDOW;
        let wrong = || one.at_home.iter().filter(is_today);
        let is_clean = || self.is_known(now, account, source) && wrong().all(|wrong| wrong.flow.ip() != source);
        let count = wrong().count();
        count >= most::SECRETS_AT_HOME + most::SECRETS_AT_OTHER_HOMES || count >= most::SECRETS_AT_HOME && !is_clean()
    }

    /// A wrong secret of nobody known.
    pub(super) fn failed(&mut self, now: Instant, account: u64, side: Side, secret: u64) {
        let room = most::SECRETS_OF_ACCOUNT * 2;
        self.account(account).wrong[index(side)].note(now, most::ACCOUNT_WINDOW, room, secret);
    }

    /// One of who is at home, as far as can be seen.
    pub(super) fn failed_at_home(&mut self, now: Instant, account: u64, flow: SocketAddr, secret: u64) {
        let wrong = &mut self.account(account).at_home;
        // The last of them is noted anew.
        wrong.retain(|one| one.secret != secret);
        if wrong.len() >= most::SECRETS_AT_HOME + most::SECRETS_AT_OTHER_HOMES {
            wrong.remove(0);
        }
        wrong.push(Wrong { flow, secret, at: now });
    }

    /// What was wrong over the same flow before was said by the same device. Of who is beside it a proof says nothing.
    pub(super) fn proved(&mut self, now: Instant, account: u64, flow: SocketAddr) {
        let Account { at_home, known, .. } = self.account(account);
        at_home.retain(|wrong| wrong.flow != flow);
        known.retain(|(one, _)| *one != flow.ip());
        if known.len() >= most::KNOWN_SOURCES {
            known.remove(0);
        }
        known.push((flow.ip(), now));
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
        let new = || Account { used: clock, wrong: Default::default(), at_home: Vec::new(), known: Vec::new() };
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
