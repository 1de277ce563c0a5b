//! What was tried against the office, as stories: one for each who tries, and not a line for each packet.
//!
//! The [`Book`] is told of every [`Attempt`] and gives an [`Incident`] whenever one of them is to be written down: when it
//! begins, when it takes a turn, when it has grown tenfold, every hour while it lasts, and when nothing came for half an hour.
//! It is bounded in every direction: a flood makes one story longer, and very many who try at once are one story together.

mod book;

use std::net::{IpAddr, SocketAddr};
use std::time::{Duration, Instant};

pub use book::Book;

use crate::knock::{Side, Verdict};

/// Different sources, accounts, targets and devices that a story names; of more it only says that there were.
pub const MOST_NAMED: usize = 16;
/// Single attempts that a story tells in full, as evidence.
pub const MOST_SAMPLES: usize = 12;
/// The longest text of a peer that a story repeats, in characters.
pub const LONGEST_TEXT: usize = 48;

/// One thing that was tried, and what was done about it.
#[derive(Debug, Clone, Copy)]
pub struct Attempt<'a> {
    /// What, as a stable word: a [`crate::knock::Reason`]'s, a [`crate::Reject`]'s, or another.
    pub what: &'static str,
    /// Whose story it belongs to.
    pub by: By<'a>,
    /// Where it came from; nothing when it did not come over the network.
    pub from: Option<SocketAddr>,
    /// For which account; empty when it named none.
    pub account: &'a str,
    /// What was called or asked for; empty when nothing was.
    pub target: &'a str,
    /// What the device calls itself; empty when it does not.
    pub device: &'a str,
    /// What was done.
    pub deed: Deed,
    /// For how long nothing more is taken from there.
    pub blocked: Option<Duration>,
}

/// Who tries.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum By<'a> {
    /// Who is at that address. On the internet its neighbours (/24, /48) belong to the same story.
    Address(IpAddr, Side),
    /// Who uses an account: its user, whoever has the password, or many who guess it.
    Account(&'a str),
    /// Who uses the office's account at this provider.
    Provider(&'a str),
}

/// What the box did.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Deed {
    /// It asked for a proof, as it asks everybody.
    Asked,
    /// It did not look at the proof.
    Unjudged,
    /// It did not answer.
    Unanswered,
    /// It took no more packets from there for a time.
    Blocked,
    /// It refused a call.
    Refused,
    /// It let the device in apart: colleagues and help, and nothing outside.
    KeptApart,
    /// It let nobody try again before a while.
    Delayed,
    /// It said what it says to everybody, and gave nothing.
    TurnedAway,
    /// It let somebody in, who had a right password.
    LetIn,
    /// It could only tell the office.
    Told,
}

impl Deed {
    /// Stable word.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Asked => "asked",
            Self::Unjudged => "unjudged",
            Self::Unanswered => "unanswered",
            Self::Blocked => "blocked",
            Self::Refused => "refused",
            Self::KeptApart => "kept-apart",
            Self::Delayed => "delayed",
            Self::TurnedAway => "turned-away",
            Self::LetIn => "let-in",
            Self::Told => "told",
        }
    }

    /// What a verdict of the doorkeeper does; nothing when it lets pass.
    pub const fn of(verdict: Verdict) -> Option<(Self, Option<Duration>)> {
        match verdict {
            Verdict::Pass => None,
            Verdict::Uniform(_) => Some((Self::Asked, None)),
            Verdict::Tarpit(_) => Some((Self::Unjudged, None)),
            Verdict::Silence(_) => Some((Self::Unanswered, None)),
            Verdict::BlockFlow(_, lasts) | Verdict::BlockSource(_, lasts) => Some((Self::Blocked, Some(lasts))),
        }
    }
}

/// Whether anything got in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Reached {
    /// Nothing did.
    Nothing,
    /// Somebody has a right password, and is kept apart.
    Apart,
    /// Somebody is, or was, logged in to the page.
    Page,
    /// Somebody has the office's password at its provider.
    Provider,
}

impl Reached {
    /// Stable word.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Nothing => "nothing",
            Self::Apart => "apart",
            Self::Page => "page",
            Self::Provider => "at-provider",
        }
    }
}

/// Whom or what a story is about.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum About {
    /// One address of the office.
    Address(IpAddr),
    /// Addresses that begin with so many bits.
    Network(IpAddr, u8),
    /// An account of the office.
    Account(String),
    /// The office's account at a provider.
    Provider(String),
    /// More who tried at once than have a story of their own.
    Many,
}

/// One attempt in full.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sample {
    /// When.
    pub at: Instant,
    /// Where from.
    pub from: Option<SocketAddr>,
    /// What, as in [`Attempt::what`].
    pub what: &'static str,
    /// For which account.
    pub account: String,
    /// What was called or asked for.
    pub target: String,
    /// What was done.
    pub deed: Deed,
}

/// A few different texts, and whether there were more.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Named {
    /// The first of them.
    pub some: Vec<String>,
    /// Whether there were others.
    pub more: bool,
}

/// A story, as it is now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Incident {
    /// Counts the stories of this run.
    pub number: u64,
    /// Whom or what it is about.
    pub about: About,
    /// The first attempt.
    pub first: Instant,
    /// The last one.
    pub last: Instant,
    /// How many.
    pub attempts: u64,
    /// What was tried, each with how often, in the order in which it began.
    pub tried: Vec<(&'static str, u64)>,
    /// What was done about it, each with how often.
    pub done: Vec<(Deed, u64)>,
    /// Until when the last block lasts.
    pub blocked_until: Option<Instant>,
    /// Whether anything got in.
    pub reached: Reached,
    /// The first that got in; `None` while nothing did.
    pub got_in: Option<Sample>,
    /// Addresses.
    pub sources: Named,
    /// Accounts that were named.
    pub accounts: Named,
    /// What was called or asked for.
    pub targets: Named,
    /// What the devices call themselves.
    pub devices: Named,
    /// The first of each kind, in full.
    pub samples: Vec<Sample>,
    /// Nothing more came for a while: another attempt begins another story.
    pub is_over: bool,
}

impl Named {
    /// Notes one.
    fn note(&mut self, text: &str) {
        if text.is_empty() || self.some.iter().any(|known| known == text) {
            return;
        }
        if self.some.len() < MOST_NAMED {
            self.some.push(text.to_owned());
        } else {
            self.more = true;
        }
    }
}

/// A peer's text that can be written anywhere: printable ASCII, and not long. So a story writes every name.
pub fn plain(text: &str) -> String {
    let plain = |letter: char| if letter.is_ascii_graphic() || letter == ' ' { letter } else { '?' };
    text.chars().take(LONGEST_TEXT).map(plain).collect()
}
