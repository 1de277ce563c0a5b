//! What strangers sent over UDP and got no answer to. An answer that is longer than its question waits until the question was
//! repeated often enough to outweigh it, as every phone repeats it (RFC 3261 17.1): so nobody who says to be somebody else has
//! more sent there than was sent in that name, and no phone is shut out for being terse.

use std::collections::VecDeque;
use std::net::IpAddr;
use std::time::{Duration, Instant};

/// For how long a question is repeated (64*T1).
const REPEATED_FOR: Duration = Duration::from_secs(32);
/// Addresses of which something is remembered, of the office and of others each; the oldest goes.
const MOST: usize = 256;

/// Bytes that were not answered, by address. Nobody on the internet pushes out an address of the office, or one where somebody of
/// it is at home: these have a book of their own.
#[derive(Debug, Default)]
pub(crate) struct Credit {
    ours: Book,
    others: Book,
}

type Book = VecDeque<(IpAddr, usize, Instant)>;

impl Credit {
    /// What came from there without an answer; it is used up or kept anew. Each source with whether it is one of ours.
    pub(crate) fn take(&mut self, now: Instant, (source, is_ours): (IpAddr, bool)) -> usize {
        let book = self.book(is_ours);
        book.retain(|(_, _, at)| now.saturating_duration_since(*at) < REPEATED_FOR);
        let at = book.iter().position(|(known, ..)| *known == source);
        at.and_then(|at| book.remove(at)).map_or(0, |(_, bytes, _)| bytes)
    }

    /// So much came from there in all, and nothing was sent.
    pub(crate) fn keep(&mut self, now: Instant, (source, is_ours): (IpAddr, bool), bytes: usize) {
        let book = self.book(is_ours);
        if book.len() >= MOST {
            book.pop_front();
        }
        book.push_back((source, bytes, now));
    }

    const fn book(&mut self, is_ours: bool) -> &mut Book {
        if is_ours { &mut self.ours } else { &mut self.others }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_came_counts_once_for_its_address_and_for_half_a_minute_and_what_is_remembered_is_bounded() {
        let (now, mut credit) = (Instant::now(), Credit::default());
        let address = |host: u8| (IpAddr::from([203, 0, 113, host]), false);
        credit.keep(now, address(1), 300);
        assert_eq!(
            (credit.take(now, address(2)), credit.take(now, address(1)), credit.take(now, address(1))),
            (0, 300, 0)
        );
        credit.keep(now, address(1), 300);
        assert_eq!(credit.take(now + REPEATED_FOR, address(1)), 0);
        let phone = (IpAddr::from([192, 168, 1, 20]), true);
        credit.keep(now, phone, 300);
        for host in 0..2_000_u32 {
            credit.keep(now, (IpAddr::V4(host.into()), false), 1);
        }
        assert_eq!(credit.others.len(), MOST);
        assert_eq!(credit.take(now, phone), 300, "nobody outside pushes out a phone of the office");
    }
}
