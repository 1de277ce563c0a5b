//! What comes to the box's door, by who sent it: what was judged of whoever guesses and for how long, and what a packet costs the
//! exchange beside a phone's REGISTER.

use std::collections::{BTreeMap, BTreeSet};
use std::hash::{DefaultHasher, Hasher as _};
use std::net::SocketAddr;
use std::time::{Duration, Instant};

use centrale_call_control::Firewall;
use memchr::memmem;

/// A packet, and what the exchange made of it.
#[derive(Debug, Clone, Copy)]
pub struct Knock<'a> {
    /// Where it came from.
    pub from: SocketAddr,
    /// Whether that is somebody of the office, or its provider.
    pub is_own: bool,
    /// What it says.
    pub bytes: &'a [u8],
    /// The password that its sender has; empty where nobody knows.
    pub password: &'a str,
    /// Whether a wrong password was judged.
    pub is_wrong: bool,
    /// Whether it was a REGISTER that was taken.
    pub is_registered: bool,
    /// How long the exchange worked on it, by the machine's own clock.
    pub took: Duration,
}

/// One who guesses.
#[derive(Debug)]
struct Source {
    first: Instant,
    /// Distinct guesses that were judged, by account and a name for the password, each with when.
    guesses: BTreeMap<(String, u64), Instant>,
    blocked: Option<Instant>,
}

/// What one source had judged.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Tried {
    /// Distinct guesses at one account, at most; and at all accounts together.
    pub at_one: u64,
    /// See above.
    pub at_all: u64,
    /// From its first packet to the last distinct guess that was judged; nothing where none was.
    pub until: Duration,
    /// From its first packet to the first block; `None` where there was none.
    pub blocked: Option<Duration>,
}

/// What came.
#[derive(Debug, Default)]
pub struct Door {
    sources: BTreeMap<SocketAddr, Source>,
    judged: u64,
    last: Option<Instant>,
    strangers: Vec<Duration>,
    registers: Vec<Duration>,
}

impl Door {
    /// Somebody begins to guess there, whoever is there else.
    pub fn begin(&mut self, now: Instant, from: SocketAddr) {
        let new = || Source { first: now, guesses: BTreeMap::new(), blocked: None };
        self.sources.entry(from).or_insert_with(new);
    }

    /// A packet came.
    pub fn knock(&mut self, now: Instant, knock: Knock<'_>) {
        if !knock.is_own {
            self.begin(now, knock.from);
            self.strangers.push(knock.took);
        } else if knock.is_registered {
            self.registers.push(knock.took);
        }
        if !knock.is_wrong {
            return;
        }
        self.judged += 1;
        self.last = Some(now);
        if let Some(source) = self.sources.get_mut(&knock.from) {
            let account = between(knock.bytes, b"username=\"", b'"').unwrap_or_default();
            // Whose password nobody knows is told from another by its proof.
            let secret = match knock.password {
                "" => hash(&between(knock.bytes, b"response=\"", b'"')),
                password => hash(&password),
            };
            source.guesses.entry((account, secret)).or_insert(now);
        }
    }

    /// The firewall is to drop somebody.
    pub fn blocked(&mut self, now: Instant, block: &Firewall) {
        let is_it = |from: &SocketAddr| from.ip() == block.source && block.port.is_none_or(|port| port == from.port());
        for (_, source) in self.sources.iter_mut().filter(|(from, _)| is_it(from)) {
            source.blocked.get_or_insert(now);
        }
    }

    /// Wrong passwords that were judged, of anybody.
    pub const fn judged(&self) -> u64 {
        self.judged
    }

    /// When the last of them was.
    pub const fn judged_last(&self) -> Option<Instant> {
        self.last
    }

    /// What each source had judged.
    pub fn tried(&self) -> Vec<Tried> {
        self.sources.values().map(Source::tried).collect()
    }

    /// Distinct guesses at one account that were judged over all sources, at most.
    pub fn at_one_account(&self) -> u64 {
        let mut accounts = BTreeMap::<&str, BTreeSet<u64>>::new();
        for (account, secret) in self.sources.values().flat_map(|source| source.guesses.keys()) {
            accounts.entry(account.as_str()).or_default().insert(*secret);
        }
        accounts.values().map(BTreeSet::len).max().unwrap_or_default() as u64
    }

    /// What the exchange works in the middle on a stranger's packet, and on a REGISTER of a phone's that it takes; `None` where either
    /// did not come.
    pub fn costs(&self) -> Option<(Duration, Duration)> {
        Some((middle(&self.strangers)?, middle(&self.registers)?))
    }
}

impl Source {
    fn tried(&self) -> Tried {
        let mut accounts = BTreeMap::<&str, u64>::new();
        self.guesses.keys().for_each(|(account, _)| *accounts.entry(account.as_str()).or_default() += 1);
        let since = |at: Instant| at.saturating_duration_since(self.first);
        Tried {
            at_one: accounts.values().copied().max().unwrap_or_default(),
            at_all: self.guesses.len() as u64,
            until: self.guesses.values().copied().max().map(since).unwrap_or_default(),
            blocked: self.blocked.map(since),
        }
    }
}

fn hash(name: &impl std::hash::Hash) -> u64 {
    let mut hasher = DefaultHasher::new();
    name.hash(&mut hasher);
    hasher.finish()
}

fn middle(times: &[Duration]) -> Option<Duration> {
    let mut times = times.to_vec();
    times.sort_unstable();
    times.get(times.len() / 2).copied()
}

/// What stands between a text and a letter, or the end of the line.
pub(super) fn between(bytes: &[u8], before: &[u8], after: u8) -> Option<String> {
    let rest = &bytes[memmem::find(bytes, before)? + before.len()..];
    let end = rest.iter().position(|byte| *byte == after || *byte == b'\r')?;
    String::from_utf8(rest[..end].to_vec()).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    fn knock<'a>(from: &str, bytes: &'a str, password: &'a str) -> Knock<'a> {
        let (is_wrong, took) = (bytes.contains("username"), SECOND);
        let from = from.parse().unwrap();
        Knock { from, is_own: false, bytes: bytes.as_bytes(), password, is_wrong, is_registered: false, took }
    }

    #[test]
    fn distinct_guesses_count_once_each_by_account_and_the_time_runs_from_the_first_packet() {
        let (start, mut door) = (Instant::now(), Door::default());
        door.knock(start, knock("203.0.113.1:5060", "REGISTER", "one"));
        for (second, account, password) in [(1, "201", "one"), (2, "201", "one"), (3, "201", "two"), (4, "202", "two")]
        {
            let bytes = format!("username=\"{account}\"\r\n");
            door.knock(start + second * SECOND, knock("203.0.113.1:5060", &bytes, password));
        }
        door.knock(start + 9 * SECOND, knock("203.0.113.2:5060", "username=\"201\"\r\n", "three"));
        let source = "203.0.113.1".parse().unwrap();
        let block = Firewall { source, port: None, lasts: SECOND, trickles: false, page: false, reason: "guessing" };
        door.blocked(start + 5 * SECOND, &block);
        let [one, other] = door.tried()[..] else { panic!("two sources") };
        assert_eq!((one.at_one, one.at_all, one.until, one.blocked), (2, 3, 4 * SECOND, Some(5 * SECOND)));
        assert_eq!((other.at_one, other.until, other.blocked), (1, Duration::ZERO, None));
        assert_eq!((door.judged(), door.at_one_account()), (5, 3));
    }

    #[test]
    fn an_own_phone_is_no_guesser_until_somebody_guesses_there() {
        let (start, mut door) = (Instant::now(), Door::default());
        let phone = Knock { is_own: true, ..knock("192.168.1.100:5060", "username=\"201\"\r\n", "old") };
        door.knock(start, phone);
        assert_eq!((door.judged(), door.tried()), (1, Vec::new()));
        assert_eq!(door.costs(), None);
        door.begin(start, phone.from);
        door.knock(start + SECOND, phone);
        assert_eq!(door.tried()[0].at_one, 1);
        door.knock(start, Knock { is_registered: true, is_wrong: false, took: 2 * SECOND, ..phone });
        door.knock(start, knock("203.0.113.1:5060", "REGISTER", ""));
        assert_eq!(door.costs(), Some((SECOND, 2 * SECOND)));
    }
}
