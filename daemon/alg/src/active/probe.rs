//! The probes, what came of each, and what a whole run found.

use std::fmt;
use std::net::{IpAddr, SocketAddr};

use centrale_sip::flow::Transport;

use crate::diagnosis::{Deeds, Direction};
use crate::evidence::Text;
use crate::ladder::{Provider, Step};

macro_rules! probes {
    ($($name:ident $text:literal),* $(,)?) => {
        /// A probe of the reference's table (5.1).
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[allow(missing_docs, reason = "the names are those of the reference; the words are beside them")]
        #[repr(u8)]
        pub enum Probe { $($name),* }

        impl Probe {
            /// All of them.
            pub const ALL: &'static [Self] = &[$(Self::$name),*];

            /// Its name in the reference.
            pub const fn name(self) -> &'static str {
                match self { $(Self::$name => stringify!($name)),* }
            }

            /// In a log or on the support page.
            pub const fn text(self) -> &'static str {
                match self { $(Self::$name => $text),* }
            }
        }
    };
}

probes! {
    V0 "V0: a foreign address in Via came back changed",
    V1 "V1: our address in Via is treated otherwise than a foreign one",
    V2 "V2: our address in From came back changed, a foreign one did not",
    V3 "V3: an answer holds our private address, which was not in the question",
    V4 "V4: an answer went to the port that only stood in the message",
    V5 "V5: calls with unusual descriptions vanish, and do not over TLS",
    V6 "V6: our Contact was changed at the registrar, a foreign one was not",
    V7 "V7: a router on the way quotes our message, changed",
    V8 "V8: large messages get lost",
    V9Tcp "V9: messages are changed on TCP",
    V9Tls "V9: the server itself answers so, also on TLS",
    V11 "V11: a packet that cannot leave the router was answered",
    V12 "V12: an INVITE is treated otherwise with our address than with a foreign one",
    V14 "V14: our own session description came back changed, a foreign one did not",
    V15 "V15: the phone saw its address changed, a foreign one not",
}

impl fmt::Display for Probe {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.text())
    }
}

impl Probe {
    /// Probes whose hit shows an alteration that only a reader of SIP can make (5.2, `hard`).
    pub const fn is_hard(self) -> bool {
        matches!(
            self,
            Self::V0
                | Self::V1
                | Self::V2
                | Self::V3
                | Self::V4
                | Self::V6
                | Self::V7
                | Self::V12
                | Self::V14
                | Self::V15
        )
    }

    /// Probes whose clean result says something (5.2, CLEAN).
    pub const fn clears(self) -> bool {
        matches!(
            self,
            Self::V0 | Self::V1 | Self::V2 | Self::V3 | Self::V4 | Self::V6 | Self::V7 | Self::V12 | Self::V15
        )
    }
}

/// A hit or a suspicion, with what gave it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// What is done on the way.
    pub deeds: Deeds,
    /// In which direction.
    pub direction: Direction,
    /// What should have come.
    pub expected: Text,
    /// What came.
    pub came: Text,
}

impl Finding {
    pub(super) fn new(deeds: Deeds, direction: Direction, expected: &[u8], came: &[u8]) -> Self {
        Self { deeds, direction, expected: Text::of(expected), came: Text::of(came) }
    }
}

/// What came of a probe.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum Outcome {
    /// Not asked, not answered, or it says nothing here.
    #[default]
    NotApplicable,
    /// Answered, and nothing was found.
    Clean,
    /// One side was silent. Never proof.
    Suspect(Finding),
    /// Altered.
    Hit(Finding),
}

impl Outcome {
    /// In one word.
    pub const fn word(&self) -> &'static str {
        match self {
            Self::NotApplicable => "skipped",
            Self::Clean => "clean",
            Self::Suspect(_) => "suspect",
            Self::Hit(_) => "hit",
        }
    }

    /// Whether it hit.
    pub const fn is_hit(&self) -> bool {
        matches!(self, Self::Hit(_))
    }
}

/// What the rewriting hangs on, where the matrix tells (5.1).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Trigger {
    /// The provider's port: another one ends it.
    FarPort,
    /// Our port: another one ends it. A rule on the source port, or an old flow that a mended router still rewrites.
    OurPort,
    /// Neither, or both: what is written.
    Content,
}

/// What a run found.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Findings {
    outcomes: [Outcome; Probe::ALL.len()],
    /// Our address and port as the server sees them.
    pub public: Option<SocketAddr>,
    /// The same of the live socket.
    pub live: Option<SocketAddr>,
    /// The first hop behind which a quote was changed.
    pub hop: Option<IpAddr>,
    /// Whether a hop beyond the first quoted anything at all.
    pub quoted: bool,
    /// Whether the server's `received` told a public address when V0 asked with a foreign one: then ours is translated, the
    /// server says what it sees, and our private address in `received` is impossible.
    pub sees_public: Option<bool>,
    /// Whether the server answered at all.
    pub answered: bool,
    /// Other UDP ports at which the server answers.
    pub other_ports: Vec<u16>,
    /// What the rewriting hangs on.
    pub trigger: Option<Trigger>,
    /// Packets that the run sent.
    pub sent: u32,
}

impl Findings {
    /// What came of one probe.
    pub fn of(&self, probe: Probe) -> &Outcome {
        &self.outcomes[probe as usize]
    }

    /// Sets what came of one probe.
    pub fn set(&mut self, probe: Probe, outcome: Outcome) {
        self.outcomes[probe as usize] = outcome;
    }

    /// The ways to this provider that the round found; of other ports none where it is not reached by datagrams.
    pub fn provider(&self, trunk: Transport) -> Provider {
        let answers = |probe| *self.of(probe) != Outcome::NotApplicable;
        let datagrams = trunk == Transport::Udp;
        Provider {
            tls: answers(Probe::V9Tls),
            tcp: answers(Probe::V9Tcp),
            other_ports: self.other_ports.iter().copied().filter(|_| datagrams).collect(),
            datagrams,
            // A Contact that no provider can reach would be kept until somebody calls: nobody can call ourselves to find out.
            wants_address: true,
        }
    }

    /// Whether what stands in our Via was taken as a foreign address is (V1), and no private address came back that was not sent
    /// (V3). On a way round a router V3 may say nothing ([`Step::names_no_public_address`]).
    pub fn is_intact(&self, step: Step) -> bool {
        *self.of(Probe::V1) == Outcome::Clean && (step.names_no_public_address() || !self.of(Probe::V3).is_hit())
    }

    /// What was found on streams alone: for a trunk that sends no datagrams.
    #[must_use]
    pub fn of_streams(mut self) -> Self {
        for probe in Probe::ALL.iter().filter(|probe| !matches!(probe, Probe::V9Tcp | Probe::V9Tls)) {
            self.set(*probe, Outcome::NotApplicable);
        }
        self
    }

    /// Whether every probe that found something then was asked again now, and found nothing.
    pub fn takes_back(&self, earlier: &Self) -> bool {
        let found = |probe: &&Probe| matches!(earlier.of(**probe), Outcome::Hit(_) | Outcome::Suspect(_));
        Probe::ALL.iter().filter(found).all(|probe| *self.of(*probe) == Outcome::Clean)
    }

    /// The probes that hit.
    pub fn hits(&self) -> impl Iterator<Item = (Probe, &Finding)> {
        Probe::ALL.iter().filter_map(|probe| match self.of(*probe) {
            Outcome::Hit(finding) => Some((*probe, finding)),
            _ => None,
        })
    }
}
