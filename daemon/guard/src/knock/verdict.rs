//! What the doorkeeper says.

use std::time::Duration;

use super::evidence::Standing;

/// What is to be done with what came.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// Go on.
    Pass,
    /// The same challenge as everybody gets, and no more.
    Uniform(Reason),
    /// The same challenge, and the proof is not looked at: neither a right one nor a wrong one has an effect.
    Tarpit(Reason),
    /// No answer.
    Silence(Reason),
    /// No answer, and none for so long to this address and port.
    BlockFlow(Reason, Duration),
    /// No answer, and none for so long to this address.
    BlockSource(Reason, Duration),
}

impl Verdict {
    /// Why, unless it passes.
    pub const fn reason(self) -> Option<Reason> {
        match self {
            Self::Pass => None,
            Self::Uniform(reason)
            | Self::Tarpit(reason)
            | Self::Silence(reason)
            | Self::BlockFlow(reason, _)
            | Self::BlockSource(reason, _) => Some(reason),
        }
    }

    /// Whether it belongs to the story of attempts of who stands so. Packets of strangers that are dropped because there are too many
    /// are none until somebody is blocked for them: sixty phones behind one router that start together are a few too many.
    pub const fn is_attempt_of(self, standing: Standing) -> bool {
        let is_blocked_for_more = !matches!(standing, Standing::Phone | Standing::Trusted);
        match self {
            Self::Silence(Reason::Flood) if is_blocked_for_more => false,
            _ => matches!(self.reason(), Some(reason) if reason.is_attack()),
        }
    }

    /// Whether nothing is answered.
    pub const fn is_silent(self) -> bool {
        matches!(self, Self::Silence(_) | Self::BlockFlow(..) | Self::BlockSource(..))
    }
}

macro_rules! reasons {
    ($($(#[doc = $doc:literal])* $name:ident = $code:literal, $attack:literal;)*) => {
        /// Why. Each has a stable code.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Reason { $($(#[doc = $doc])* $name,)* }

        impl Reason {
            /// All of them.
            pub const ALL: &'static [Self] = &[$(Self::$name),*];

            /// Stable name for counters, logs and reports.
            pub const fn code(self) -> &'static str {
                match self { $(Self::$name => $code,)* }
            }

            /// The reason of a stable name.
            pub fn of_code(code: &str) -> Option<Self> {
                Self::ALL.iter().copied().find(|reason| reason.code() == code)
            }

            /// Its name among the counters, and a sentence.
            pub const fn counter(self) -> (&'static str, &'static str) {
                match self { $(Self::$name => (concat!("knock-", $code), concat!($($doc),*)),)* }
            }

            /// Whether only who heard an answer of ours can have done it: nobody did it in another's name.
            pub const fn needs_an_answer(self) -> bool {
                matches!(self, Self::Guessing | Self::Spraying)
            }

            /// Whether it belongs to the story of attempts that were stopped; the others are everyday things.
            pub const fn is_attack(self) -> bool {
                match self { $(Self::$name => $attack,)* }
            }
        }
    };
}

reasons! {
    /// It proved nothing yet.
    Unproven = "unproven", false;
    /// A secret that the account had before: a phone to mend.
    OldSecret = "old-secret", false;
    /// A wrong secret that was wrong before.
    SameSecret = "same-secret", false;
    /// A first wrong secret.
    WrongSecret = "wrong-secret", false;
    /// From the internet, and neither REGISTER nor INVITE.
    Unasked = "unasked", false;
    /// A stranger at an address of the box on the internet that nobody opened.
    NotOpened = "not-opened", false;
    /// The first packet is built as scanners build it.
    Scanner = "scanner", true;
    /// It asks for users that no office has.
    Enumeration = "enumeration", true;
    /// It tries methods.
    Inventory = "inventory", true;
    /// It tries secrets.
    Guessing = "guessing", true;
    /// It tries accounts.
    Spraying = "spraying", true;
    /// Others try secrets of the same account, and it was not known there before.
    Distributed = "distributed", true;
    /// It calls numbers without proof.
    TollFraud = "toll-fraud", true;
    /// It tries passwords or one-time codes of the page.
    PageGuessing = "page-guessing", true;
    /// Many try passwords of one user of the page.
    PageDistributed = "page-distributed", true;
    /// It tried passwords of the page, and then had a right one.
    PageEntered = "page-entered", false;
    /// It asks for the settings of phones that it is none of.
    SettingsGuessing = "settings-guessing", true;
    /// It asks for settings as if it were another phone.
    PhonePlayed = "phone-played", true;
    /// It asks for paths of the page that other exchanges have.
    HoneyPath = "honey-path", true;
    /// More packets than any phone sends.
    Flood = "flood", true;
    /// It is blocked for an earlier reason.
    Blocked = "blocked", true;
}
