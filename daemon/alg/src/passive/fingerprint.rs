//! The fingerprints of ordinary messages, what each is worth and what it shows (reference, section 8).

use std::fmt;

use crate::diagnosis::{Deed, Deeds, Direction};

/// What one fingerprint is worth.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Level {
    /// Has ordinary causes; it only asks for a test.
    Weak,
    /// Has other causes that happen.
    Medium,
    /// Has other causes that are rare.
    Strong,
    /// Has no other cause.
    Certain,
}

macro_rules! fingerprints {
    ($($name:ident $level:ident $direction:ident [$($deed:ident),*] $text:literal),* $(,)?) => {
        /// A fingerprint that interference leaves on ordinary messages.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[allow(missing_docs, reason = "the names are those of the reference; each has a file of its own")]
        pub enum Fingerprint { $($name),* }

        impl Fingerprint {
            /// All of them.
            pub const ALL: &'static [Self] = &[$(Self::$name),*];

            /// What it is worth.
            pub const fn level(self) -> Level {
                match self { $(Self::$name => Level::$level),* }
            }

            /// In which direction the change was made.
            pub const fn direction(self) -> Direction {
                match self { $(Self::$name => Direction::$direction),* }
            }

            /// What it shows of the one who does it.
            pub fn deeds(self) -> Deeds {
                match self { $(Self::$name => Deeds::of(&[$(Deed::$deed),*])),* }
            }

            /// In a log or on the support page.
            pub const fn text(self) -> &'static str {
                match self { $(Self::$name => $text),* }
            }
        }
    };
}

fingerprints! {
    F1 Certain Both [RewritesVia] "F1: the answer's Via is not the one we sent",
    F2 Certain Both [RewritesVia] "F2: the answer names our private address as the one it was received from",
    F3 Certain Both [RewritesParties] "F3: From, Call-ID or CSeq of the answer is not what we sent",
    F4 Strong Outbound [RewritesVia] "F4: the server stopped saying where it received us",
    F5 Weak Outbound [RewritesContact] "F5: our registration is listed at another address",
    F6 Certain Inbound [RewritesRequestUri] "F6: a request is for our private address, which we never told",
    F7 Strong Inbound [RewritesParties] "F7: a request is to our private address",
    F8 Strong Both [ChangesContentLength] "F8: Content-Length is not the body's",
    F9 Strong Inbound [RewritesSdp] "F9: the far end's address changes within its own description",
    F10 Medium Inbound [RewritesSdp] "F10: their session description holds our address",
    F11 Medium Outbound [DropsInvite] "F11: calls get no answer while other requests do",
    F12 Weak Both [AnswersItself] "F12: SIP comes from another distance than sound",
    F13 Medium Inbound [RewritesVia, RewritesContact] "F13: Via and Contact are public, the rest is private",
    F14 Strong Inbound [SharesContact] "F14: two devices have one address",
    F15 Medium Inbound [RewritesSdp] "F15: sound is for a public address, its candidates are private",
    F16 Certain Inbound [RewritesOther] "F16: a phone proved its password for another address than its proof names",
}

impl fmt::Display for Fingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.text())
    }
}
