//! An incident on paper: what was tried against the office, as it is kept and handed on.

mod report;
mod words;

use serde::{Deserialize, Serialize};

pub use report::{AbuseDesk, Due, Evidence, LogHead, LogLine, Logged, Report, Service};
pub use words::{Language, is_said, said};

/// Nobody knows whether anything got in, and somebody has reason to think so.
pub const SUSPECTED: &str = "suspected";

/// A story of what was tried. Times are milliseconds since 1970 UTC; words are the guard's stable ones.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Story {
    /// Names it, for ever.
    pub id: String,
    /// What it is about: `address`, `network`, `account`, `provider` or `many`.
    pub about: String,
    /// Which: an address, a network as `203.0.113.0/24`, the name of an account or of a provider.
    pub subject: String,
    /// The first attempt.
    pub first: u64,
    /// The last one.
    pub last: u64,
    /// How many.
    pub attempts: u64,
    /// What was tried, each with how often, in the order in which it began.
    pub tried: Vec<Count>,
    /// What the box did about it, each with how often.
    pub done: Vec<Count>,
    /// Until when the last block lasts.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub blocked_until: Option<u64>,
    /// Whether anything got in: `nothing`, `apart`, `page`, `at-provider`, or [`SUSPECTED`].
    pub reached: String,
    /// The first that got in. Stories that are older than this field do not say it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub got_in: Option<Sample>,
    /// Addresses it came from.
    pub sources: Names,
    /// Accounts that were named.
    pub accounts: Names,
    /// What was called or asked for.
    pub targets: Names,
    /// What the devices call themselves.
    pub devices: Names,
    /// The first attempts of each kind, in full.
    pub samples: Vec<Sample>,
    /// Nothing more came for a while.
    pub over: bool,
}

/// How often something was tried or done.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Count {
    /// What.
    pub what: String,
    /// How often.
    pub count: u64,
}

/// The first of some names.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Names {
    /// The first of them.
    pub some: Vec<String>,
    /// Whether there were others.
    pub more: bool,
}

/// One attempt in full.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sample {
    /// When.
    pub at: u64,
    /// Address and port that it came from; empty when it did not come over the network.
    pub from: String,
    /// What was tried.
    pub what: String,
    /// For which account.
    pub account: String,
    /// What was called or asked for.
    pub target: String,
    /// What the box did.
    pub done: String,
}

/// Something that is due when somebody got in, to whom, and when.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Deadline {
    /// What is due.
    pub duty: Duty,
    /// When, in milliseconds since 1970 UTC.
    pub until: u64,
}

/// That something is due and was not done, once it is time to say so.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Reminder {
    /// What is due.
    pub duty: Duty,
    /// Which reminder of it this is, from 1 on.
    pub step: usize,
    /// Until when it is due, in milliseconds since 1970 UTC.
    pub until: u64,
}

/// What an office owes whom when somebody got in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Duty {
    /// The provider is to be told within a day (contract 9.4: at once, and within one day at the latest).
    Provider,
    /// The data protection authority is to be told within 72 hours when personal data was reached (GDPR article 33).
    Authority,
    /// Damage is to be reported to the provider within five days (contract 11.9).
    Damage,
    /// A claim for damage lapses after a month (contract 11.9): thirty days.
    Claim,
}

const HOUR_MS: u64 = 3_600_000;

impl Duty {
    /// All of them, the first due first.
    pub const ALL: [Self; 4] = [Self::Provider, Self::Authority, Self::Damage, Self::Claim];

    /// Stable word.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Provider => "provider",
            Self::Authority => "authority",
            Self::Damage => "damage",
            Self::Claim => "claim",
        }
    }

    /// The duty with that word.
    pub fn of_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|duty| duty.code() == code)
    }

    /// For how long there is time after somebody got in, in hours.
    pub const fn hours(self) -> u64 {
        match self {
            Self::Provider => 24,
            Self::Authority => 72,
            Self::Damage => 5 * 24,
            Self::Claim => 30 * 24,
        }
    }

    /// When the office is reminded of it, in hours after somebody got in.
    const fn reminded_after(self) -> &'static [u64] {
        match self {
            Self::Provider => &[1, 8, 20],
            Self::Authority => &[24, 48, 66],
            Self::Damage => &[72, 96, 114],
            Self::Claim => &[20 * 24, 25 * 24, 29 * 24],
        }
    }
}

impl Story {
    /// What the office is to be reminded of at `now` (milliseconds since 1970 UTC), when these were done: of the first that is
    /// due. What is late stays so until nothing can be claimed any more.
    pub fn reminder(&self, done: &[Duty], now: u64) -> Option<Reminder> {
        let passed = now.saturating_sub(self.counted_from()) / HOUR_MS;
        if passed >= Duty::Claim.hours() {
            return None;
        }
        let reminder = |Deadline { duty, until }| {
            let step = duty.reminded_after().iter().filter(|after| passed >= **after).count();
            (step > 0).then_some(Reminder { duty, step, until })
        };
        self.deadlines().into_iter().filter(|deadline| !done.contains(&deadline.duty)).find_map(reminder)
    }

    /// Whether somebody got anywhere.
    pub fn got_in(&self) -> bool {
        self.reached != "nothing"
    }

    /// What is due, and until when. Attempts that came to nothing oblige to nothing.
    pub fn deadlines(&self) -> Vec<Deadline> {
        if !self.got_in() {
            return Vec::new();
        }
        let until = |duty: Duty| Deadline { duty, until: self.counted_from().saturating_add(duty.hours() * HOUR_MS) };
        Duty::ALL.into_iter().map(until).collect()
    }

    /// When somebody got in, as far as that is known, in milliseconds since 1970 UTC: not before the first attempt.
    pub fn counted_from(&self) -> u64 {
        self.got_in.as_ref().map_or(self.first, |first| first.at)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    pub(super) fn story() -> Story {
        let count = |what: &str, count| Count { what: what.into(), count };
        let names = |some: &[&str]| Names { some: some.iter().map(|name| (*name).into()).collect(), more: false };
        Story {
            id: "1-1".into(),
            about: "network".into(),
            subject: "203.0.113.0/24".into(),
            first: 1_792_888_200_000,
            last: 1_792_891_800_000,
            attempts: 214,
            tried: vec![count("guessing", 200), count("toll-fraud", 14)],
            done: vec![count("unjudged", 3), count("blocked", 211)],
            blocked_until: Some(1_792_895_400_000),
            reached: "nothing".into(),
            got_in: None,
            sources: names(&["203.0.113.66", "203.0.113.67"]),
            accounts: names(&["201"]),
            targets: names(&["0046850780290"]),
            devices: names(&["friendly-scanner"]),
            samples: vec![Sample {
                at: 1_792_888_200_000,
                from: "203.0.113.66:5060".into(),
                what: "guessing".into(),
                account: "201".into(),
                target: String::new(),
                done: "unjudged".into(),
            }],
            over: true,
        }
    }

    #[test]
    fn a_126_deadlines_run_from_the_moment_at_which_somebody_got_in_and_attempts_have_none() {
        let stopped = story();
        assert_eq!(stopped.deadlines(), []);
        let got_in = Story { reached: "apart".into(), ..stopped };
        let hours: Vec<(Duty, u64)> = got_in
            .deadlines()
            .iter()
            .map(|deadline| (deadline.duty, (deadline.until - got_in.first) / HOUR_MS))
            .collect();
        let day = 24;
        let due = [(Duty::Provider, day), (Duty::Authority, 3 * day), (Duty::Damage, 5 * day), (Duty::Claim, 30 * day)];
        assert_eq!(hours, due);
        assert!(Duty::ALL.iter().all(|duty| Duty::of_code(duty.code()) == Some(*duty)));
    }

    #[test]
    fn a_story_of_days_is_counted_from_when_somebody_got_in_and_an_old_one_that_does_not_say_it_from_its_first_attempt()
    {
        let long = story().first + 40 * 24 * HOUR_MS;
        let first = Sample { at: long, ..story().samples.remove(0) };
        let got_in = Story { reached: "apart".into(), got_in: Some(first), ..story() };
        assert_eq!(got_in.deadlines()[0].until, long + 24 * HOUR_MS);
        assert_eq!(got_in.reminder(&[], long), None, "nothing is late the moment somebody gets in");
        assert_eq!(got_in.reminder(&[], long + HOUR_MS).map(|reminder| reminder.step), Some(1));
        let old = Story { got_in: None, ..got_in };
        assert_eq!(old.deadlines()[0].until, old.first + 24 * HOUR_MS);
    }

    #[test]
    fn a_124_the_office_is_reminded_after_one_eight_and_twenty_hours_until_it_says_that_the_provider_knows() {
        let got_in = Story { reached: "apart".into(), ..story() };
        let at = |hours: u64, done: &[Duty]| {
            let reminder = got_in.reminder(done, got_in.first + hours * HOUR_MS);
            reminder.map(|reminder| (reminder.duty, reminder.step))
        };
        let steps: Vec<Option<usize>> =
            [0, 1, 7, 8, 20, 23, 100].into_iter().map(|hours| at(hours, &[]).map(|(_, step)| step)).collect();
        assert_eq!(steps, [None, Some(1), Some(1), Some(2), Some(3), Some(3), Some(3)]);
        let told = [Duty::Provider];
        assert_eq!(at(20, &told), None);
        assert_eq!(at(24, &told), Some((Duty::Authority, 1)));
        assert_eq!(at(96, &[Duty::Provider, Duty::Authority]), Some((Duty::Damage, 2)));
        assert_eq!(at(720, &[]), None, "nothing can be claimed any more");
        assert_eq!(story().reminder(&[], got_in.first + 20 * HOUR_MS), None, "nobody got in");
    }
}
