//! How long the box keeps what it knows of people, within what the law and a dispute ask.

use crate::rules::Fault;

/// How long is kept what, in days.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Retention {
    /// Call records, with whatever proves them.
    pub calls: u16,
    /// Stories of what was tried, and what was done about it.
    pub incidents: u16,
    /// The log of who did what.
    pub log: u16,
    /// Messages in mailboxes, heard or not.
    pub messages: u16,
}

/// How long one kind of thing may be kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Bounds {
    /// Its key in the office file.
    pub key: &'static str,
    /// Fewest days.
    pub least: u16,
    /// Most days.
    pub most: u16,
    /// Why not fewer, and why not more.
    pub why: &'static str,
}

impl Retention {
    /// What holds until somebody decides otherwise.
    pub const USUAL: Self = Self { calls: 400, incidents: 730, log: 1825, messages: 30 };

    /// How long each may be kept, in the order of the fields.
    pub const BOUNDS: [Bounds; 4] = [
        Bounds {
            key: "calls_days",
            least: 100,
            most: 730,
            why: "a bill and a loss can be disputed for a hundred days (A-52); who called whom is personal data, kept no longer than \
                  two years' bills need it (GDPR 5.1.e)",
        },
        Bounds {
            key: "incidents_days",
            least: 100,
            most: 1825,
            why: "evidence of a loss is asked for within a hundred days (A-52); a claim lapses after five years (Dutch Civil Code 3:310)",
        },
        Bounds {
            key: "log_days",
            least: 365,
            most: 1825,
            why: "who changed what must be known when a year's bills are checked; a claim lapses after five years",
        },
        Bounds {
            key: "messages_days",
            least: 1,
            most: 90,
            why: "a message must be there when its person is back tomorrow; it is the voice of somebody who was not asked (GDPR 5.1.e)",
        },
    ];

    /// The days in the order of [`Retention::BOUNDS`].
    pub const fn days(&self) -> [u16; 4] {
        [self.calls, self.incidents, self.log, self.messages]
    }

    /// Days in the order of [`Retention::BOUNDS`].
    pub const fn of_days([calls, incidents, log, messages]: [u16; 4]) -> Self {
        Self { calls, incidents, log, messages }
    }

    /// Whether less of anything is kept than by another.
    pub fn forgets_more_than(&self, other: &Self) -> bool {
        self.days().iter().zip(other.days()).any(|(mine, theirs)| *mine < theirs)
    }

    /// Of each the longer.
    #[must_use]
    pub fn longer(&self, other: &Self) -> Self {
        let [mine, theirs] = [self.days(), other.days()];
        Self::of_days(std::array::from_fn(|kind| mine[kind].max(theirs[kind])))
    }
}

impl Default for Retention {
    fn default() -> Self {
        Self::USUAL
    }
}

impl Bounds {
    /// A number of days within them.
    pub(crate) fn check(&self, days: u16) -> Result<u16, Fault> {
        let Self { least, most, why, .. } = self;
        let reason = || format!("kept for {least} to {most} days: {why}");
        (*least..=*most).contains(&days).then_some(days).ok_or_else(|| Fault::new("days-out-of-range", reason()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Change, Country, Office, OfficeIdentity};

    #[test]
    fn a_040_how_long_things_are_kept_is_a_setting_within_the_law_and_a_refusal_says_why() {
        let office = Office::empty(OfficeIdentity::assumed(Country::Netherlands));
        assert_eq!(office.retention, Retention::USUAL);
        let set = |days| office.apply(Change::SetRetention { retention: Retention::of_days(days) });
        for days in [[100, 100, 365, 1], [730, 1825, 1825, 90]] {
            assert_eq!(set(days).unwrap().retention.days(), days);
        }
        let usual = Retention::USUAL.days();
        for (kind, bounds) in Retention::BOUNDS.iter().enumerate() {
            assert!((bounds.least..=bounds.most).contains(&usual[kind]), "{}", bounds.key);
            for wrong in [bounds.least - 1, bounds.most + 1] {
                let mut days = usual;
                days[kind] = wrong;
                let refused = set(days).unwrap_err();
                assert_eq!((refused.field, refused.code), (bounds.key, "days-out-of-range"));
                assert!(refused.detail.contains(bounds.why), "{}", refused.detail);
            }
        }
    }

    #[test]
    fn a_040_keeping_less_is_what_a_thief_would_want_and_is_told_and_keeping_more_is_not() {
        let before = Office::empty(OfficeIdentity::assumed(Country::Netherlands));
        let set =
            |office: &Office, days| office.apply(Change::SetRetention { retention: Retention::of_days(days) }).unwrap();
        let less = set(&before, [400, 730, 365, 30]);
        let words: Vec<String> = less.sensitive_changes_from(&before).iter().map(ToString::to_string).collect();
        assert_eq!(words, ["retention"]);
        assert!(set(&before, [730, 730, 1825, 30]).sensitive_changes_from(&before).is_empty());
        assert_eq!(less.take_back(&before, &less).unwrap(), before);
    }
}
