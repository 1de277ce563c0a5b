//! The caps: what may be spent at most. On from the first start, raised for a time by who proves to be allowed to, never off.

use centrale_numbering::Money;

use crate::civil::Civil;
use crate::reject::Reject;

/// For how many days a cap can be raised at most.
const LONGEST_RAISE: u32 = 31;
/// To how many times its amount a cap can be raised at most.
pub const MOST_RAISED: u64 = 20;

/// Something that no more may be spent on than an amount, VAT included.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Cap {
    /// One call.
    Call,
    /// One person in a day.
    Person,
    /// The office in an hour.
    Hour,
    /// The office in a day.
    Day,
    /// The office in a night, from when the last have left to when the first come.
    Night,
    /// The office in days off: a weekend, or holidays.
    Weekend,
    /// The office in a month.
    Month,
    /// One country in a day, while the office does not call there regularly.
    NewCountry,
    /// One person's ordinary calls inside the country in a day.
    OrdinaryPerson,
    /// The office's ordinary calls inside the country in a day.
    OrdinaryDay,
}

impl Cap {
    /// Each.
    pub const ALL: [Self; 10] = [
        Self::Call,
        Self::Person,
        Self::Hour,
        Self::Day,
        Self::Night,
        Self::Weekend,
        Self::Month,
        Self::NewCountry,
        Self::OrdinaryPerson,
        Self::OrdinaryDay,
    ];

    /// The amount while nobody raised it. DECISIONS "Caps" has where each is from.
    pub const fn amount(self) -> Money {
        Money::from_cents(match self {
            Self::Call | Self::Person | Self::Night | Self::Weekend => 1_000,
            Self::Hour => 2_000,
            Self::Day => 5_000,
            Self::Month | Self::OrdinaryDay => 50_000,
            Self::NewCountry => 200,
            // Eleven hours of talking at the dearest price that is an ordinary one.
            Self::OrdinaryPerson => 10_000,
        })
    }

    /// The word on the wire and in the store.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Call => "call",
            Self::Person => "person",
            Self::Hour => "hour",
            Self::Day => "day",
            Self::Night => "night",
            Self::Weekend => "weekend",
            Self::Month => "month",
            Self::NewCountry => "new-country",
            Self::OrdinaryPerson => "ordinary-person",
            Self::OrdinaryDay => "ordinary-day",
        }
    }

    /// The cap with that word.
    pub fn of_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|cap| cap.word() == word)
    }

    /// What is said when it is spent.
    pub(crate) const fn spent(self) -> Reject {
        let (code, words) = match self {
            Self::Call => ("spent-call", "Call Costs Too Much"),
            Self::Person => ("spent-person", "Your Limit Is Reached"),
            Self::Hour => ("spent-hour", "Limit Of This Hour"),
            Self::Day => ("spent-day", "Limit Of Today"),
            Self::Night => ("spent-night", "Limit Of This Night"),
            Self::Weekend => ("spent-weekend", "Limit Of This Weekend"),
            Self::Month => ("spent-month", "Limit Of This Month"),
            Self::NewCountry => ("spent-new-country", "Limit For New Country"),
            Self::OrdinaryPerson => ("spent-ordinary-person", "Your Limit Of Today"),
            Self::OrdinaryDay => ("spent-ordinary-day", "Limit Of Ordinary Calls"),
        };
        Reject::new(403, code, words)
    }
}

/// How whoever raises a cap has proven again who asks. Made only by who has checked it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Proof {
    /// The password of the page, given again for this very raise. It lowers, and raises nothing.
    PasswordAgain,
    /// The same and a code of a second factor, of who has one.
    SecondFactor,
}

/// Another amount for a cap, until some minute. Then it is what it was. To what it is anyway: an earlier raise is taken back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Raise {
    /// Which.
    pub cap: Cap,
    /// The amount meanwhile.
    pub to: Money,
    /// The first minute in which it does not count any more, in the office's civil time.
    pub until: Civil,
    /// Who may.
    pub proof: Proof,
}

impl Raise {
    /// Whether it only takes an earlier one back.
    pub(crate) fn ends_another(&self) -> bool {
        self.to == self.cap.amount()
    }

    /// It as far as its proof carries it beside the raise that counts: a password that somebody has learned makes nothing higher,
    /// and nothing last longer.
    pub(crate) fn as_proven(self, present: Option<&Self>) -> Result<Self, RaiseRefused> {
        if self.proof == Proof::SecondFactor || self.ends_another() {
            return Ok(self);
        }
        let present = present.filter(|present| self.to <= present.to).ok_or(RaiseRefused::Unproven)?;
        Ok(Self { until: self.until.min(present.until), ..self })
    }

    /// Whether it may be made now.
    pub(crate) fn check(&self, now: Civil) -> Result<(), RaiseRefused> {
        let longest = Civil { day: now.day.saturating_add(LONGEST_RAISE), ..now };
        if self.until <= now || self.until > longest {
            return Err(RaiseRefused::Until);
        }
        let amount = self.cap.amount();
        if self.to < amount || self.to > amount.times(MOST_RAISED) {
            return Err(RaiseRefused::Amount);
        }
        Ok(())
    }
}

/// Why a cap is not raised.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum RaiseRefused {
    /// It must end, and soon.
    #[error("a cap is raised for 31 days at most, and not into the past")]
    Until,
    /// Lower than it is, or so high that it is none any more.
    #[error("a cap is raised to no less than it is, and to twenty times that at most")]
    Amount,
    /// Higher than it is now, by whoever has no second factor.
    #[error("a cap is raised with a second factor alone")]
    Unproven,
}
