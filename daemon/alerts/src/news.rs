//! What can be told.

use centrale_ledger::incident::{Reminder, Story};

use crate::digest::Digest;

/// Something that happened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum News {
    /// Somebody wants to see whether mail arrives.
    Test,
    /// Somebody wants an address asked anew whether mail arrives there.
    Ask(String),
    /// Somebody wants the telephone number of a contact asked anew, by a call, whether it is to be rung; by the contact's address.
    Ring(String),
    /// Something that a thief would do was done, and is kept to be told.
    Deed,
    /// What happened in a day or a week.
    Digest(Digest),
    /// What was tried against the office began or went on.
    Story(Box<Story>),
    /// Something is due after an incident, and was not done.
    Due {
        /// The incident.
        story: String,
        /// What is due.
        reminder: Reminder,
    },
    /// Somebody called for help.
    Help {
        /// Names the call.
        call: String,
        /// The internal number that called.
        from: String,
        /// The name that goes with it; empty when there is none.
        name: String,
    },
    /// Somebody came to the page in another way than before, or another way in to it came or went.
    Access {
        /// What it was.
        what: Access,
        /// The user.
        user: String,
        /// The address that asked.
        source: String,
        /// When, in milliseconds since 1970 UTC.
        at: u64,
    },
    /// Something is wrong.
    Problem {
        /// Its stable code.
        code: String,
        /// What it is about; empty when the whole box.
        subject: String,
    },
    /// It is mended.
    Mended {
        /// As in [`News::Problem`].
        code: String,
        /// As in [`News::Problem`].
        subject: String,
    },
}

/// What happened to the way in to the page.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Access {
    /// A user logged in with a browser in which that user never did.
    NewBrowser,
    /// Somebody proved to be an owner or an installer, where the office lets none of them in from.
    Elsewhere,
    /// A user has another passkey.
    PasskeyMade,
    /// A passkey of a user is gone.
    PasskeyGone,
    /// A user logs in with codes of an app too.
    FactorMade,
    /// A user logs in without the app, or without any second factor.
    FactorGone,
    /// A user made a key for programs that watch the telephones; the one before stopped.
    WatcherMade,
    /// A user took that key away.
    WatcherGone,
}

impl Access {
    /// All of them.
    pub const ALL: [Self; 8] = [
        Self::NewBrowser,
        Self::Elsewhere,
        Self::PasskeyMade,
        Self::PasskeyGone,
        Self::FactorMade,
        Self::FactorGone,
        Self::WatcherMade,
        Self::WatcherGone,
    ];

    /// Stable word.
    pub const fn word(self) -> &'static str {
        match self {
            Self::NewBrowser => "new-browser",
            Self::Elsewhere => "elsewhere",
            Self::PasskeyMade => "passkey-made",
            Self::PasskeyGone => "passkey-gone",
            Self::FactorMade => "factor-made",
            Self::FactorGone => "factor-gone",
            Self::WatcherMade => "watcher-made",
            Self::WatcherGone => "watcher-gone",
        }
    }
}

/// What a mail is to say.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Note {
    /// One thing that happened.
    One(News),
    /// More of a kind than there are mails for.
    Many(Kind, Vec<News>),
    /// The reader's address is to be told, and the reader is asked to show that this arrived.
    Confirm {
        /// What is to be typed on the page.
        code: Code,
        /// Whether the reader showed it before, and is told meanwhile.
        again: bool,
    },
    /// The reader's address is told nothing any more.
    Farewell,
    /// Something was changed that a thief would change first.
    Changed {
        /// What.
        what: Vec<Touched>,
        /// By whom.
        who: String,
        /// What takes it back, and until when, in milliseconds since 1970 UTC; `None` where it was what took something back.
        back: Option<(Code, u64)>,
    },
}

/// What a thief would change first.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Touched {
    /// Who is told by mail, or over which server.
    Alerts,
    /// From where owners and installers log in.
    Administration,
    /// A way out, by name.
    Trunk(String),
    /// What a person may call, by number.
    Permit(String),
    /// Where callers of a person are sent, by number.
    Forward(String),
    /// What everybody in a group may call, by its name.
    Rights(String),
    /// Who may log in, or do what there, by the name of whom.
    User(String),
    /// A code with which whoever has it chooses another password, by the name of whose.
    Code(String),
    /// A cap on money.
    Cap,
    /// How long things are kept.
    Retention,
    /// When there are people in the office.
    Opening,
    /// Whom everybody may always call.
    SupportNumbers,
    /// From where the box is looked at for weak places.
    Scanners,
    /// The country or the time zone.
    Place,
    /// The PIN of phones.
    Pin,
    /// What a provider asks for calls, by its name.
    Prices(String),
}

/// A code for its reader alone: no log has it.
#[derive(Clone, PartialEq, Eq)]
pub struct Code(String);

impl Code {
    /// A code as it is kept.
    pub fn new(letters: impl Into<String>) -> Self {
        Self(letters.into())
    }

    /// As it is read off and typed: five letters at a time.
    pub(crate) fn in_fives(&self) -> String {
        let letters: Vec<char> = self.0.chars().collect();
        letters.chunks(5).map(|five| five.iter().collect::<String>()).collect::<Vec<_>>().join("-")
    }
}

impl std::fmt::Debug for Code {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Code(…)")
    }
}

/// Kinds of news, each of which has a number of mails an hour: a flood of one kind holds up no other.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    /// What somebody asked for, and what comes by the calendar. It is not counted.
    Asked,
    /// Calls for help, and the way to them.
    Help,
    /// Somebody got in, or money is spent that should not be.
    Fraud,
    /// Who came in to the page, and how.
    Access,
    /// Calls do not work.
    Loss,
}

impl Kind {
    /// Stable word.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Asked => "asked",
            Self::Help => "help",
            Self::Fraud => "fraud",
            Self::Access => "access",
            Self::Loss => "loss",
        }
    }
}

/// Problems that are told at once. Of the others the page and the digest speak.
const PROBLEMS: &[(&str, Kind)] = &[
    ("trunk-unreachable", Kind::Loss),
    ("trunk-refused", Kind::Loss),
    ("trunk-locked-out", Kind::Loss),
    ("no-way-to-help", Kind::Loss),
    ("alarm-line-lost", Kind::Loss),
    ("alarm-call-failed", Kind::Loss),
    ("alarm-test-missed", Kind::Loss),
    // Help would come to where it was.
    ("lan-phone-moved", Kind::Loss),
    ("disk-fails", Kind::Help),
    ("help-not-proven", Kind::Help),
    ("device-token-misused", Kind::Fraud),
    ("provider-moved", Kind::Fraud),
    ("provider-private", Kind::Fraud),
    ("use-far-above-usual", Kind::Fraud),
    ("lan-router-posed", Kind::Fraud),
    ("lan-phones-posed", Kind::Fraud),
];

/// What a thing that was tried begins with when it is money that is spent.
const SPENT: &str = "spent-";

/// Things that are tried with the right password when somebody else has it: thieves call so, and offices do not.
const AS_THIEVES_DO: &[&str] = &["abroad-at-once", "numbers-in-a-row", "flash-calls", "machine-dialling", "transit"];

/// A thing that is told by mail: what kind it is, what the mails about it are known by, and how much of it there is to tell.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Matter {
    pub(crate) kind: Kind,
    pub(crate) about: String,
    pub(crate) stage: u32,
}

/// Stages of something that begins and ends.
pub(crate) const BEGAN: u32 = 1;
/// See [`BEGAN`].
pub(crate) const ENDED: u32 = 9;

impl News {
    /// What it is about, as the mails are known by that tell it; `None` where it is not told by mail at all.
    pub fn about(&self) -> Option<String> {
        self.matter().map(|matter| matter.about)
    }

    /// What is to be told of it; `None` where the page and the digest are enough.
    pub(crate) fn matter(&self) -> Option<Matter> {
        let matter = |kind, about, stage| Some(Matter { kind, about, stage });
        match self {
            Self::Test => matter(Kind::Asked, "test".into(), BEGAN),
            Self::Ring(address) => matter(Kind::Asked, format!("ring/{address}"), BEGAN),
            Self::Ask(address) => matter(Kind::Asked, format!("confirm/{address}"), BEGAN),
            // Its mail is written from what the store has of it.
            Self::Deed => None,
            Self::Digest(digest) => {
                matter(Kind::Asked, format!("digest/{}/{}", digest.period.word(), digest.until), BEGAN)
            }
            Self::Story(story) => matter(Kind::Fraud, format!("incident/{}", story.id), stage_of(story)?),
            Self::Due { story, reminder } => {
                let step = u32::try_from(reminder.step).unwrap_or(u32::MAX);
                matter(Kind::Fraud, format!("due/{story}/{}", reminder.duty.code()), step)
            }
            Self::Access { what, user, at, .. } => {
                matter(Kind::Access, format!("access/{}/{at}/{user}", what.word()), BEGAN)
            }
            Self::Help { call, .. } => matter(Kind::Help, format!("help/{call}"), BEGAN),
            Self::Problem { code, subject } | Self::Mended { code, subject } => {
                let (_, kind) = PROBLEMS.iter().find(|(known, _)| known == code)?;
                let stage = if matches!(self, Self::Mended { .. }) { ENDED } else { BEGAN };
                matter(*kind, format!("problem/{code}/{subject}"), stage)
            }
        }
    }
}

/// Whether money was spent in a story.
pub(crate) fn is_spent(story: &Story) -> bool {
    story.tried.iter().any(|count| count.what.starts_with(SPENT))
}

/// How much of a story there is to tell: that money was spent or somebody calls as thieves do, that somebody got in, or got to the page, that the password at
/// the provider is in other hands, that it is over. Attempts that came to nothing are for the digest.
fn stage_of(story: &Story) -> Option<u32> {
    let like_thieves = story.tried.iter().any(|count| AS_THIEVES_DO.contains(&count.what.as_str()));
    match story.reached.as_str() {
        _ if !story.got_in() && !is_spent(story) && !like_thieves => None,
        _ if story.over => Some(ENDED),
        "at-provider" => Some(BEGAN + 3),
        "page" => Some(BEGAN + 2),
        "apart" => Some(BEGAN + 1),
        _ => Some(BEGAN),
    }
}

/// The codes of problems that are told at once.
#[cfg(test)]
pub(crate) fn told_at_once() -> impl Iterator<Item = &'static str> {
    PROBLEMS.iter().map(|(code, _)| *code)
}
