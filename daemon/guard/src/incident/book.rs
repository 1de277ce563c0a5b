//! The stories that are going on.

use std::collections::{BTreeMap, VecDeque};
use std::net::SocketAddr;
use std::time::{Duration, Instant};

use super::{About, Attempt, By, Deed, Incident, MOST_SAMPLES, Named, Reached, Sample, plain};
use crate::knock::{Side, holding_of};

/// After so long without an attempt a story is over.
const QUIET: Duration = Duration::from_secs(30 * 60);
/// A story that lasts is written down this often.
const TOLD_EVERY: Duration = Duration::from_secs(3_600);
/// For so long it is remembered how many got in.
const REMEMBERED: Duration = Duration::from_secs(24 * 3_600);
/// So many of them, the last ones.
const MOST_INSIDE: usize = 1_000;
/// Places of each from which somebody did: whether it was more than one is asked.
const MOST_PLACES: usize = 2;
/// Stories at once, beside the one of all others.
const MOST_OPEN: usize = 64;
/// Samples of one kind.
const SAMPLES_EACH: usize = 3;

/// A story, and how much of it was written down.
#[derive(Debug)]
struct Open {
    incident: Incident,
    told_at: Instant,
    told_attempts: u64,
}

/// Somebody got in.
#[derive(Debug)]
struct Inside {
    at: Instant,
    about: About,
    /// From where, each once.
    from: Vec<Option<SocketAddr>>,
}

/// The stories that are going on, and those to be written down.
#[derive(Debug, Default)]
pub struct Book {
    open: BTreeMap<About, Open>,
    told: VecDeque<Incident>,
    began: u64,
    /// Of each story in which somebody did, the last ones first.
    inside: VecDeque<Inside>,
}

impl Book {
    /// Something was tried. Whether somebody got in by it, in a story in which nobody had.
    pub fn note(&mut self, now: Instant, attempt: &Attempt<'_>) -> bool {
        let mut about = about(attempt.by);
        if self.open.len() >= MOST_OPEN && !self.open.contains_key(&about) {
            about = About::Many;
        }
        let open = match self.open.get_mut(&about) {
            Some(open) => open,
            None => {
                self.began += 1;
                let incident = Incident::begin(self.began, about.clone(), now);
                self.open.entry(about.clone()).or_insert(Open { incident, told_at: now, told_attempts: 0 })
            }
        };
        let was_outside = open.incident.reached == Reached::Nothing;
        let is_turn = open.incident.note(now, attempt);
        let is_inside = was_outside && open.incident.reached != Reached::Nothing;
        if is_inside {
            self.inside.truncate(MOST_INSIDE - 1);
            self.inside.push_front(Inside { at: now, about: about.clone(), from: Vec::new() });
        }
        let inside = self.inside.iter_mut().find(|inside| inside.about == about);
        if attempt.deed.reached(attempt.by) != Reached::Nothing
            && let Some(Inside { from, .. }) = inside
            && from.len() < MOST_PLACES
            && !from.contains(&attempt.from)
        {
            from.push(attempt.from);
        }
        if is_turn || open.incident.attempts >= open.told_attempts.saturating_mul(10) {
            self.told.push_back(open.tell(now));
        }
        is_inside
    }

    /// Ends what is over, and tells again of what lasts.
    pub fn turn(&mut self, now: Instant) {
        for open in self.open.values_mut() {
            let since = |then: Instant| now.saturating_duration_since(then);
            open.incident.is_over = since(open.incident.last) >= QUIET;
            let has_grown = open.incident.attempts > open.told_attempts;
            if open.incident.is_over || has_grown && since(open.told_at) >= TOLD_EVERY {
                self.told.push_back(open.tell(now));
            }
        }
        self.open.retain(|_, open| !open.incident.is_over);
    }

    /// Tells of all that was not told yet: nothing is noted after this.
    pub fn close(&mut self, now: Instant) {
        for open in self.open.values_mut().filter(|open| open.incident.attempts > open.told_attempts) {
            self.told.push_back(open.tell(now));
        }
        self.open.clear();
    }

    /// In how many stories somebody got in during the last 24 hours.
    pub fn got_in(&mut self, now: Instant) -> usize {
        self.inside.retain(|inside| now.saturating_duration_since(inside.at) < REMEMBERED);
        self.inside.len()
    }

    /// The office says that who had the password of that account is its own: nobody got in there, and that story is over. Not where
    /// somebody did from another place as well, of whom it said nothing.
    pub fn is_ours(&mut self, now: Instant, account: &str) {
        let about = about(By::Account(account));
        let Some(last) = self.inside.iter().position(|inside| inside.about == about) else { return };
        if self.inside.get(last).is_some_and(|inside| inside.from.len() > 1) {
            return;
        }
        self.inside.remove(last);
        if let Some(mut open) = self.open.remove(&about) {
            open.incident.is_over = true;
            self.told.push_back(open.tell(now));
        }
    }

    /// How many stories go on: bounded, whatever comes.
    pub fn remembered(&self) -> usize {
        self.open.len()
    }

    /// Whether no story is going on.
    pub fn is_empty(&self) -> bool {
        self.open.is_empty()
    }

    /// The next story to be written down, as it is now, in place of what was written of it before.
    pub fn poll(&mut self) -> Option<Incident> {
        self.told.pop_front()
    }
}

impl Open {
    fn tell(&mut self, now: Instant) -> Incident {
        (self.told_at, self.told_attempts) = (now, self.incident.attempts);
        self.incident.clone()
    }
}

impl Incident {
    fn begin(number: u64, about: About, now: Instant) -> Self {
        Self {
            number,
            about,
            first: now,
            last: now,
            attempts: 0,
            tried: Vec::new(),
            done: Vec::new(),
            blocked_until: None,
            reached: Reached::Nothing,
            got_in: None,
            sources: Named::default(),
            accounts: Named::default(),
            targets: Named::default(),
            devices: Named::default(),
            samples: Vec::new(),
            is_over: false,
        }
    }

    /// One more. Whether the story takes a turn: something is tried, or done, that was not before.
    fn note(&mut self, now: Instant, attempt: &Attempt<'_>) -> bool {
        (self.last, self.attempts) = (now, self.attempts + 1);
        let count = count(&mut self.tried, attempt.what);
        let is_turn = (count == 1) | (self::count(&mut self.done, attempt.deed) == 1);
        let reached = attempt.deed.reached(attempt.by);
        if reached != Reached::Nothing {
            self.got_in.get_or_insert_with(|| Sample::of(now, attempt));
        }
        self.reached = self.reached.max(reached);
        self.blocked_until = self.blocked_until.max(attempt.blocked.and_then(|lasts| now.checked_add(lasts)));
        // A flood repeats itself: what it is made of is looked at while that is rare.
        if count <= 10_000 {
            self.name(attempt);
        }
        if count <= SAMPLES_EACH as u64 && self.samples.len() < MOST_SAMPLES {
            self.samples.push(Sample::of(now, attempt));
        }
        is_turn
    }

    fn name(&mut self, attempt: &Attempt<'_>) {
        if let Some(from) = attempt.from {
            self.sources.note(&from.ip().to_canonical().to_string());
        }
        self.accounts.note(&plain(attempt.account));
        self.targets.note(&plain(attempt.target));
        self.devices.note(&plain(attempt.device));
    }
}

impl Sample {
    fn of(at: Instant, attempt: &Attempt<'_>) -> Self {
        Self {
            at,
            from: attempt.from,
            what: attempt.what,
            account: plain(attempt.account),
            target: plain(attempt.target),
            deed: attempt.deed,
        }
    }
}

impl Deed {
    const fn reached(self, by: By<'_>) -> Reached {
        match (self, by) {
            (Self::KeptApart, _) => Reached::Apart,
            (Self::LetIn, _) => Reached::Page,
            (Self::Told, By::Provider(_)) => Reached::Provider,
            _ => Reached::Nothing,
        }
    }
}

/// Counts one more of a kind, and says how many there are.
fn count<T: PartialEq>(counts: &mut Vec<(T, u64)>, kind: T) -> u64 {
    if let Some((_, count)) = counts.iter_mut().find(|(known, _)| *known == kind) {
        *count += 1;
        return *count;
    }
    counts.push((kind, 1));
    1
}

fn about(by: By<'_>) -> About {
    match by {
        By::Address(address, Side::Office) => About::Address(address.to_canonical()),
        By::Address(address, Side::Internet) => {
            let (network, bits) = holding_of(address.to_canonical());
            About::Network(network, bits)
        }
        By::Account(name) => About::Account(plain(name)),
        By::Provider(name) => About::Provider(plain(name)),
    }
}

#[cfg(test)]
mod tests {
    use std::net::{Ipv4Addr, SocketAddr};

    use super::*;
    use crate::knock::{Reason, Verdict};

    const MINUTE: Duration = Duration::from_secs(60);

    fn guess(from: &SocketAddr) -> Attempt<'static> {
        Attempt {
            what: Reason::Guessing.code(),
            by: By::Address(from.ip(), Side::Internet),
            from: Some(*from),
            account: "201",
            target: "",
            device: "",
            deed: Deed::Unjudged,
            blocked: None,
        }
    }

    fn at(host: u32) -> SocketAddr {
        SocketAddr::new(Ipv4Addr::from_bits(0xcb00_7100 + host).into(), 5060)
    }

    fn told(book: &mut Book) -> Vec<Incident> {
        std::iter::from_fn(|| book.poll()).collect()
    }

    #[test]
    fn neighbours_on_the_internet_are_one_story_and_two_machines_of_the_office_are_two() {
        let (start, mut book) = (Instant::now(), Book::default());
        for host in [66, 67, 68] {
            book.note(start, &guess(&at(host)));
        }
        let outside = told(&mut book);
        assert_eq!(outside.len(), 1, "it was told when it began, and grows");
        assert_eq!(outside[0].about, About::Network("203.0.113.0".parse().unwrap(), 24));
        for office in ["192.168.1.66:5060", "192.168.1.67:5060"] {
            let from: SocketAddr = office.parse().unwrap();
            book.note(start, &Attempt { by: By::Address(from.ip(), Side::Office), ..guess(&from) });
        }
        let inside = told(&mut book);
        assert_eq!(inside[0].about, About::Address("192.168.1.66".parse().unwrap()));
        assert_eq!(inside.len(), 2);
    }

    #[test]
    fn a_story_tells_what_was_tried_what_was_done_from_when_to_when_and_that_nothing_got_in() {
        let (start, mut book) = (Instant::now(), Book::default());
        book.note(start, &guess(&at(66)));
        let (deed, blocked) = Deed::of(Verdict::BlockSource(Reason::Guessing, MINUTE)).unwrap();
        book.note(start + MINUTE, &Attempt { deed, blocked, ..guess(&at(66)) });
        book.note(start + 2 * MINUTE, &Attempt { what: "toll-fraud", target: "0046850780290", ..guess(&at(67)) });
        book.turn(start + 2 * MINUTE + QUIET);
        let story = told(&mut book).pop().unwrap();
        assert_eq!((story.first, story.last, story.attempts), (start, start + 2 * MINUTE, 3));
        assert_eq!(story.tried, [("guessing", 2), ("toll-fraud", 1)]);
        assert_eq!(story.done, [(Deed::Unjudged, 2), (Deed::Blocked, 1)]);
        assert_eq!(story.blocked_until, Some(start + 2 * MINUTE));
        assert_eq!((story.reached, story.is_over), (Reached::Nothing, true));
        assert_eq!(story.sources.some, ["203.0.113.66", "203.0.113.67"]);
        assert_eq!(
            (story.accounts.some, story.targets.some),
            (vec!["201".to_owned()], vec!["0046850780290".to_owned()])
        );
        assert_eq!(story.samples.len(), 3);
        assert!(book.is_empty());
    }

    #[test]
    fn a_right_password_in_the_wrong_hands_got_in_and_a_refused_call_did_not() {
        let (start, mut book) = (Instant::now(), Book::default());
        let by = By::Account("201");
        book.note(start, &Attempt { what: "out-of-reach", by, deed: Deed::Refused, ..guess(&at(66)) });
        assert_eq!(told(&mut book)[0].reached, Reached::Nothing);
        book.note(start, &Attempt { what: "device-unknown", by, deed: Deed::KeptApart, ..guess(&at(66)) });
        assert_eq!(told(&mut book)[0].reached, Reached::Apart, "a turn is told at once");
        book.note(
            start,
            &Attempt { what: "trunk-elsewhere", by: By::Provider("office"), deed: Deed::Told, ..guess(&at(1)) },
        );
        assert_eq!(told(&mut book)[0].reached, Reached::Provider);
        assert_eq!(book.got_in(start), 2);
        book.is_ours(start, "201");
        assert!(told(&mut book)[0].is_over && book.got_in(start) == 1, "the office says that it is its own");
        book.note(start, &Attempt { what: "device-unknown", by, deed: Deed::KeptApart, ..guess(&at(67)) });
        assert_eq!(book.got_in(start), 2, "that another one is was not said");
        told(&mut book);
        book.note(start, &Attempt { what: "device-unknown", by, deed: Deed::KeptApart, ..guess(&at(68)) });
        book.is_ours(start, "201");
        assert_eq!((book.got_in(start), told(&mut book).len()), (2, 0), "one of two is, and nobody knows of the other");
    }

    #[test]
    fn a_story_knows_when_as_whom_and_from_where_somebody_got_in_however_long_was_tried_before_and_after() {
        let (start, mut book) = (Instant::now(), Book::default());
        let by = By::Account("201");
        book.note(start, &Attempt { by, ..guess(&at(66)) });
        assert_eq!(told(&mut book)[0].got_in, None);
        for minute in [40, 50] {
            let then = start + minute * MINUTE;
            let from = at(minute);
            book.note(then, &Attempt { what: "device-unknown", by, deed: Deed::KeptApart, ..guess(&from) });
        }
        book.close(start + 60 * MINUTE);
        let first = told(&mut book).into_iter().map(|story| story.got_in.unwrap());
        let first: Vec<_> = first.map(|first| (first.at, first.account, first.from, first.deed)).collect();
        let then = (start + 40 * MINUTE, "201".to_owned(), Some(at(40)), Deed::KeptApart);
        assert!(first.iter().all(|one| *one == then) && !first.is_empty(), "{first:?}");
    }

    #[test]
    fn a_flood_of_a_million_packets_is_written_down_seven_times_and_no_longer_than_one() {
        let (start, mut book) = (Instant::now(), Book::default());
        for number in 0..1_000_000_u32 {
            let (account, from) = (number.to_string(), at(number % 256));
            book.note(start, &Attempt { account: &account, ..guess(&from) });
        }
        let told = told(&mut book);
        let counts: Vec<u64> = told.iter().map(|story| story.attempts).collect();
        assert_eq!(counts, [1, 10, 100, 1_000, 10_000, 100_000, 1_000_000]);
        let last = told.last().unwrap();
        assert_eq!((last.accounts.some.len(), last.accounts.more), (super::super::MOST_NAMED, true));
        assert_eq!(last.samples.len(), SAMPLES_EACH);
    }

    #[test]
    fn more_who_try_at_once_than_have_a_story_are_one_story_together() {
        let (start, mut book) = (Instant::now(), Book::default());
        for network in 0..10_000_u32 {
            let from = SocketAddr::new(Ipv4Addr::from_bits(0x0b00_0001 + (network << 8)).into(), 5060);
            book.note(start, &guess(&from));
        }
        let stories: std::collections::BTreeSet<u64> = told(&mut book).iter().map(|story| story.number).collect();
        assert_eq!(stories.len(), MOST_OPEN + 1);
        book.turn(start + QUIET);
        let others = told(&mut book).into_iter().find(|story| story.about == About::Many).unwrap();
        assert_eq!(others.attempts, 10_000 - MOST_OPEN as u64);
    }

    #[test]
    fn a_story_that_lasts_is_told_every_hour_and_what_comes_after_quiet_is_another() {
        let (start, mut book) = (Instant::now(), Book::default());
        for minute in 0..180 {
            book.note(start + minute * MINUTE, &guess(&at(66)));
            book.turn(start + minute * MINUTE);
        }
        let long = told(&mut book);
        assert_eq!(long.len(), 4, "when it began, tenfold, and each hour");
        book.turn(start + 180 * MINUTE + QUIET);
        book.note(start + 200 * MINUTE + QUIET, &guess(&at(66)));
        let numbers: Vec<(u64, bool)> = told(&mut book).iter().map(|story| (story.number, story.is_over)).collect();
        assert_eq!(numbers, [(1, true), (2, false)]);
    }

    #[test]
    fn what_a_peer_calls_itself_can_be_written_anywhere() {
        let (start, mut book) = (Instant::now(), Book::default());
        let device = format!("<script>\r\nBcc: \u{202e}{}", "x".repeat(500));
        book.note(start, &Attempt { device: &device, ..guess(&at(66)) });
        let shown = told(&mut book)[0].devices.some[0].clone();
        assert_eq!(shown.len(), super::super::LONGEST_TEXT);
        assert!(shown.starts_with("<script>??Bcc: ?xxx"), "{shown}");
    }

    #[test]
    fn a_box_that_stops_tells_what_it_has_not_told() {
        let (start, mut book) = (Instant::now(), Book::default());
        book.note(start, &guess(&at(66)));
        book.note(start, &guess(&at(66)));
        told(&mut book);
        book.close(start);
        assert_eq!(told(&mut book)[0].attempts, 2);
    }
}
