//! What the doctor says: whether somebody on the way changes the messages, where, what is done to them, how sure that is,
//! and what to do about it.

use std::fmt;
use std::net::IpAddr;

use centrale_sip::flow::Transport;

use crate::evidence::Evidence;
use crate::ladder::Step;

/// Whether somebody on the way reads and changes SIP.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub enum Interference {
    /// No sign of it. Never "there is none".
    #[default]
    None,
    /// Signs that may have another cause: it is shown as what may be, and tested again.
    Suspected,
    /// Something came back that nobody but a reader of SIP on the way can have written.
    Proven,
}

/// How far the evidence carries.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub enum Confidence {
    /// Nothing was tested, or nobody answered.
    #[default]
    Unknown,
    /// One sign that has common other causes; or a clean result of one or two probes.
    Weak,
    /// More than one such sign.
    Moderate,
    /// A sign whose other causes are rare; or a clean result of three probes and more.
    Strong,
    /// Two independent signs, or one that has no other cause.
    Certain,
}

/// The two paths that cross a router or a switch.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Path {
    /// Between a phone and the box: a second router, a switch with "auto VoIP", a home worker's router.
    PhoneBox,
    /// Between the box and a provider: the office's router, or one of the access network.
    BoxProvider,
}

/// In which direction messages are changed, as the box sees it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub enum Direction {
    /// What the box sends.
    Outbound,
    /// What the box receives.
    Inbound,
    /// Both, or it cannot be told.
    #[default]
    Both,
}

macro_rules! deeds {
    ($($variant:ident = $text:literal),* $(,)?) => {
        /// What is done to messages on the way.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[allow(missing_docs, reason = "the names say it; the words are beside them")]
        #[repr(u8)]
        pub enum Deed { $($variant),* }

        impl Deed {
            /// All of them.
            pub const ALL: &'static [Self] = &[$(Self::$variant),*];

            /// In a log or on the support page.
            pub const fn text(self) -> &'static str {
                match self { $(Self::$variant => $text),* }
            }
        }
    };
}

deeds! {
    RewritesVia = "rewrites Via",
    RewritesContact = "rewrites Contact",
    RewritesParties = "rewrites From or To",
    RewritesCallId = "rewrites Call-ID",
    RewritesRequestUri = "rewrites the Request-URI",
    RewritesSdp = "rewrites the session description",
    RewritesOther = "rewrites other header fields",
    ChangesContentLength = "changes Content-Length wrongly",
    Reformats = "changes order, case or form of header fields",
    LowersExpires = "changes how long a registration lasts",
    PinsPort = "delivers to a port that it read in the message",
    SharesContact = "gives two devices the same address",
    AnswersItself = "answers in the provider's place",
    DropsRegister = "drops REGISTER",
    DropsInvite = "drops INVITE",
    DropsInDialog = "drops requests within a call",
    DropsAnswers = "drops answers",
    DropsDescriptions = "drops calls for their session description",
    DropsLarge = "drops large messages",
    DropsMedia = "stops sound on the way",
    TimesOut = "forgets the connection",
}

/// A set of [`Deed`]s.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct Deeds(u32);

impl Deeds {
    /// None.
    pub const NONE: Self = Self(0);

    /// These.
    pub fn of(deeds: &[Deed]) -> Self {
        deeds.iter().copied().collect()
    }

    /// Adds one.
    pub const fn insert(&mut self, deed: Deed) {
        self.0 |= 1 << deed as u8;
    }

    /// Both together.
    #[must_use]
    pub const fn and(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// Whether it is among them.
    pub const fn has(self, deed: Deed) -> bool {
        self.0 & (1 << deed as u8) != 0
    }

    /// Whether there are none.
    pub const fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// Each, in the order of [`Deed::ALL`].
    pub fn iter(self) -> impl Iterator<Item = Deed> {
        Deed::ALL.iter().copied().filter(move |deed| self.has(*deed))
    }
}

impl FromIterator<Deed> for Deeds {
    fn from_iter<T: IntoIterator<Item = Deed>>(deeds: T) -> Self {
        let mut set = Self::NONE;
        deeds.into_iter().for_each(|deed| set.insert(deed));
        set
    }
}

impl fmt::Debug for Deeds {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.iter().map(Deed::text)).finish()
    }
}

/// Which sentence the page shows. The words are the page's.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub enum Advice {
    /// Nobody answered: the reflector can tell.
    #[default]
    AskReflector,
    /// No sign of it was found.
    NoSign,
    /// Nothing to show yet; it is tested again.
    TestAgain,
    /// The office's router changes messages: switch it off there.
    SwitchOffInRouter,
    /// Only the trunk's own port is still rewritten: the box takes a new one, and nobody has to do anything.
    TakeNewPort,
    /// The change happens behind the office's router: ask the internet provider.
    AskInternetProvider,
    /// Something reads messages and drops some of them, and changes none.
    FirewallDrops,
    /// A router answers in the provider's place.
    ProxyInRouter,
    /// Something between this phone and the box: its switch or its router.
    MendPhonePath,
    /// Large messages get lost; short ones do not.
    KeepShort,
}

/// The doctor's word on one path.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Diagnosis {
    /// Whether there is any.
    pub interference: Interference,
    /// Where it happens.
    pub path: Path,
    /// In which direction.
    pub direction: Direction,
    /// On which transport it was seen.
    pub transport: Transport,
    /// The far port on which it was seen: Linux's rewriting hangs on it.
    pub port: u16,
    /// The first hop behind which messages are changed, where a probe told.
    pub hop: Option<IpAddr>,
    /// What is done.
    pub deeds: Deeds,
    /// How sure that is.
    pub confidence: Confidence,
    /// What gave it, bounded, the weightiest first.
    pub evidence: Vec<Evidence>,
    /// What to tell.
    pub advice: Advice,
    /// The step that is likely to avoid it; `None` where there is nothing to avoid.
    pub step: Option<Step>,
}

impl Diagnosis {
    /// Nothing known yet of a path.
    pub const fn unknown(path: Path, transport: Transport, port: u16) -> Self {
        Self {
            interference: Interference::None,
            path,
            direction: Direction::Both,
            transport,
            port,
            hop: None,
            deeds: Deeds::NONE,
            confidence: Confidence::Unknown,
            evidence: Vec::new(),
            advice: Advice::AskReflector,
            step: None,
        }
    }

    /// The two together, the weightier in front: what a probe proved and what calls showed beside it.
    #[must_use]
    pub fn joined(self, other: Self) -> Self {
        let weight = |it: &Self| (it.interference, it.confidence);
        let (mut first, second) = if weight(&self) >= weight(&other) { (self, other) } else { (other, self) };
        if second.interference > Interference::None {
            first.deeds = first.deeds.and(second.deeds);
        }
        let room = crate::evidence::KEPT.saturating_sub(first.evidence.len());
        first.evidence.extend(second.evidence.into_iter().take(room));
        first.hop = first.hop.or(second.hop);
        first
    }
}
