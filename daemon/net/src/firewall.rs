//! Whose packets are not taken. They are dropped as they are read, before anybody looks into them.

use std::collections::HashMap;
use std::net::{IpAddr, SocketAddr};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

/// Addresses that can be blocked at once. What does not fit is still refused by who asked for it.
const MOST: usize = 65_536;
/// Ports of one address.
const MOST_PORTS: usize = 64;
/// Packets a second, and at once, that pass from an address that must not be cut off altogether.
pub(crate) const TRICKLE: (u64, u32) = (10, 20);
/// How long an address is known after a provider or a phone was found there.
pub(crate) const KNOWN_FOR: Duration = Duration::from_secs(24 * 3600);
/// How often the end of that is put off, for who is found there all the time. Putting it off in the kernel costs more than the
/// REGISTER that is the reason.
const PUT_OFF_EVERY: Duration = Duration::from_secs(600);

/// A block. It ends by itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Block {
    /// Whose packets.
    pub source: IpAddr,
    /// Only those from this port; all when `None`.
    pub port: Option<u16>,
    /// For how long.
    pub lasts: Duration,
    /// Ten packets a second pass all the same: one of them may call for help.
    pub trickles: bool,
    /// The page is not reached from there either, where the kernel carries it out.
    pub page: bool,
}

/// Every block that was asked for and is not over.
#[derive(Debug, Default)]
pub(crate) struct Firewall {
    /// So that nobody blocked costs nothing.
    sources: AtomicUsize,
    book: Mutex<Book>,
    known: Mutex<HashMap<IpAddr, Instant>>,
}

#[derive(Debug, Default)]
struct Book {
    blocked: HashMap<IpAddr, Blocked>,
    swept: Option<Instant>,
}

#[derive(Debug, Default)]
struct Blocked {
    whole: Option<Instant>,
    ports: Vec<(u16, Instant)>,
    trickle: Option<(Instant, f64)>,
    trickles: bool,
}

impl Firewall {
    /// Takes nothing more from there. What is to be done elsewhere: the block, of an address that once trickled still trickling.
    /// `None` when there is no room for it.
    pub(crate) fn block(&self, now: Instant, block: &Block) -> Option<Block> {
        let mut book = self.book.lock().unwrap_or_else(PoisonError::into_inner);
        let source = block.source.to_canonical();
        if book.blocked.len() >= MOST && !book.blocked.contains_key(&source) {
            book.sweep(now);
        }
        let blocked = &mut book.blocked;
        if blocked.len() >= MOST && !blocked.contains_key(&source) {
            self.sources.store(blocked.len(), Ordering::Relaxed);
            return None;
        }
        let one = blocked.entry(source).or_default();
        let added = one.add(now, block).then_some(Block { source, trickles: one.trickles, ..*block });
        self.sources.store(blocked.len(), Ordering::Relaxed);
        added
    }

    /// Ends every block of that address. Its ports that were blocked; `None` when it was not blocked at all.
    pub(crate) fn lift(&self, source: IpAddr) -> Option<Vec<u16>> {
        if self.sources.load(Ordering::Relaxed) == 0 {
            return None;
        }
        let mut book = self.book.lock().unwrap_or_else(PoisonError::into_inner);
        let lifted = book.blocked.remove(&source.to_canonical());
        self.sources.store(book.blocked.len(), Ordering::Relaxed);
        lifted.map(|lifted| lifted.ports.into_iter().map(|(port, _)| port).collect())
    }

    /// A provider or a phone is there. Whether that is to be done elsewhere too: not when it was found there a moment ago.
    pub(crate) fn know(&self, now: Instant, source: IpAddr) -> bool {
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        let source = source.to_canonical();
        let until = now + KNOWN_FOR;
        if let Some(before) = known.get_mut(&source) {
            let is_old = until.saturating_duration_since(*before) >= PUT_OFF_EVERY;
            if is_old {
                *before = until;
            }
            return is_old;
        }
        if known.len() >= MOST {
            known.retain(|_, until| *until > now);
        }
        if known.len() < MOST {
            known.insert(source, until);
        }
        true
    }

    /// Nobody of these is there any more. Whether anybody was known to be.
    pub(crate) fn forget(&self, source: IpAddr) -> bool {
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        known.remove(&source.to_canonical()).is_some()
    }

    /// Whether a provider or a phone was found there within a day.
    pub(crate) fn knows(&self, now: Instant, source: IpAddr) -> bool {
        let known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        known.get(&source.to_canonical()).is_some_and(|until| *until > now)
    }

    /// Whether a packet from there is to be dropped.
    pub(crate) fn drops(&self, now: Instant, remote: SocketAddr) -> bool {
        if self.sources.load(Ordering::Relaxed) == 0 {
            return false;
        }
        let mut book = self.book.lock().unwrap_or_else(PoisonError::into_inner);
        let blocked = &mut book.blocked;
        let source = remote.ip().to_canonical();
        let Some(one) = blocked.get_mut(&source) else { return false };
        if one.is_over(now) {
            blocked.remove(&source);
            self.sources.store(blocked.len(), Ordering::Relaxed);
            return false;
        }
        one.drops(now, remote.port())
    }
}

impl Book {
    /// Forgets what is over; a look at all of them, so not more than once a second.
    fn sweep(&mut self, now: Instant) {
        if self.swept.is_none_or(|at| now.saturating_duration_since(at) >= Duration::from_secs(1)) {
            self.blocked.retain(|_, one| !one.is_over(now));
            self.swept = Some(now);
        }
    }
}

impl Blocked {
    /// Whether there was room for it.
    fn add(&mut self, now: Instant, block: &Block) -> bool {
        let until = now + block.lasts;
        self.trickles |= block.trickles;
        let Some(port) = block.port else {
            self.whole = self.whole.max(Some(until));
            return true;
        };
        self.ports.retain(|(known, until)| *until > now && *known != port);
        let has_room = self.ports.len() < MOST_PORTS;
        if has_room {
            self.ports.push((port, until));
        }
        has_room
    }

    fn is_over(&self, now: Instant) -> bool {
        self.whole.is_none_or(|until| until <= now) && self.ports.iter().all(|(_, until)| *until <= now)
    }

    fn drops(&mut self, now: Instant, port: u16) -> bool {
        let whole = self.whole.is_some_and(|until| until > now);
        let of_port = self.ports.iter().any(|(blocked, until)| *blocked == port && *until > now);
        (whole || of_port) && !(self.trickles && self.trickle(now))
    }

    fn trickle(&mut self, now: Instant) -> bool {
        let (rate, burst) = (TRICKLE.0 as f64, f64::from(TRICKLE.1));
        let (since, tokens) = self.trickle.unwrap_or((now, burst));
        let tokens = (tokens + now.saturating_duration_since(since).as_secs_f64() * rate).min(burst);
        let passes = tokens >= 1.0;
        self.trickle = Some((now, if passes { tokens - 1.0 } else { tokens }));
        passes
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HOUR: Duration = Duration::from_secs(3600);

    fn block(source: &str, port: Option<u16>, trickles: bool) -> Block {
        Block { source: source.parse().unwrap(), port, lasts: HOUR, trickles, page: true }
    }

    #[test]
    fn a_block_drops_its_address_or_its_port_alone_and_ends_by_itself() {
        let (now, firewall) = (Instant::now(), Firewall::default());
        let drops = |at: Instant, remote: &str| firewall.drops(at, remote.parse().unwrap());
        assert!(!drops(now, "203.0.113.9:5060"));
        firewall.block(now, &block("203.0.113.9", None, false));
        firewall.block(now, &block("198.51.100.7", Some(9_999), false));
        assert!(drops(now, "203.0.113.9:5060") && drops(now, "[::ffff:203.0.113.9]:1"));
        assert!(drops(now, "198.51.100.7:9999") && !drops(now, "198.51.100.7:5060"));
        assert!(!drops(now + HOUR, "203.0.113.9:5060") && !drops(now + HOUR, "198.51.100.7:9999"));
        assert_eq!(firewall.sources.load(Ordering::Relaxed), 0);
    }

    #[test]
    fn a_block_that_is_lifted_is_over_at_once_and_no_other_is() {
        let (now, firewall) = (Instant::now(), Firewall::default());
        for (source, port) in [("203.0.113.9", None), ("203.0.113.9", Some(5_060)), ("198.51.100.7", None)] {
            firewall.block(now, &block(source, port, false));
        }
        assert_eq!(firewall.lift("::ffff:203.0.113.9".parse().unwrap()), Some(vec![5_060]));
        assert_eq!(firewall.lift("192.0.2.1".parse().unwrap()), None);
        assert!(!firewall.drops(now, "203.0.113.9:5060".parse().unwrap()));
        assert!(firewall.drops(now, "198.51.100.7:5060".parse().unwrap()));
        assert_eq!(firewall.sources.load(Ordering::Relaxed), 1);
    }

    #[test]
    fn a_port_for_which_there_is_no_room_is_blocked_nowhere_and_every_one_that_is_ends_when_lifted() {
        let (now, firewall) = (Instant::now(), Firewall::default());
        let asked: Vec<u16> = (1..=1_000)
            .filter(|port| firewall.block(now, &block("198.51.100.7", Some(*port), false)).is_some())
            .collect();
        assert_eq!(asked.len(), MOST_PORTS);
        assert!(firewall.block(now, &block("198.51.100.7", Some(1), false)).is_some(), "longer, of one that is there");
        let mut lifted = firewall.lift("198.51.100.7".parse().unwrap()).unwrap();
        lifted.sort_unstable();
        assert_eq!(lifted, asked);
    }

    #[test]
    fn an_address_of_the_office_keeps_ten_packets_a_second() {
        let (now, firewall) = (Instant::now(), Firewall::default());
        firewall.block(now, &block("192.168.1.66", None, true));
        let remote = "192.168.1.66:5060".parse().unwrap();
        let passed = |at| (0..1_000).filter(|_| !firewall.drops(at, remote)).count();
        assert_eq!(passed(now), 20);
        assert_eq!(passed(now + Duration::from_secs(1)), 10);
    }

    #[test]
    fn a_provider_or_a_phone_is_known_for_a_day() {
        let (now, firewall) = (Instant::now(), Firewall::default());
        let phone = "192.0.2.9".parse().unwrap();
        assert!(!firewall.knows(now, phone));
        firewall.know(now, "::ffff:192.0.2.9".parse().unwrap());
        assert!(firewall.knows(now, phone) && !firewall.knows(now + KNOWN_FOR, phone));
        assert!(firewall.forget(phone) && !firewall.knows(now, phone) && !firewall.forget(phone));
        assert!(firewall.know(now, phone), "who comes back is told to the kernel again");
    }

    #[test]
    fn who_is_found_again_and_again_is_told_to_the_kernel_once_in_ten_minutes_and_stays_known() {
        let (start, firewall) = (Instant::now(), Firewall::default());
        let phone = "192.0.2.9".parse().unwrap();
        let told = (0..2 * 24 * 60).filter(|minute| firewall.know(start + HOUR / 60 * *minute, phone)).count();
        assert_eq!(told, 2 * 24 * 6);
        assert!(firewall.knows(start + KNOWN_FOR * 3 - HOUR, phone));
        assert!(!firewall.knows(start + KNOWN_FOR * 3, phone));
        assert!(firewall.know(start + KNOWN_FOR * 4, phone), "who was forgotten is new");
    }

    #[test]
    fn memory_is_bounded() {
        let (now, firewall) = (Instant::now(), Firewall::default());
        for number in 0..MOST as u32 + 1_000 {
            let source = std::net::Ipv4Addr::from_bits(0x0b00_0000 + number).into();
            firewall.block(now, &Block { source, port: Some(1), lasts: HOUR, trickles: false, page: true });
            firewall.know(now, source);
        }
        assert_eq!(firewall.known.lock().unwrap().len(), MOST);
        assert_eq!(firewall.sources.load(Ordering::Relaxed), MOST);
    }
}
