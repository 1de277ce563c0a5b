//! Methods and statuses. The lists and reason phrases are rsip's; what rsip cannot carry (an unknown method) is kept as written.

use std::fmt;
use std::sync::LazyLock;

/// A SIP method. Unknown ones are ordinary (RFC 3261 8.2.1 asks for a 405, which needs the name).
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Method {
    /// One of the registered methods.
    Known(rsip::Method),
    /// Any other token, case as written (methods are case-sensitive).
    Other(Box<str>),
}

macro_rules! methods {
    ($($name:ident = $variant:ident),* $(,)?) => {
        #[allow(missing_docs, reason = "the names are the registered methods")]
        impl Method {
            $(pub const $name: Self = Self::Known(rsip::Method::$variant);)*
        }
    };
}

methods! {
    ACK = Ack, BYE = Bye, CANCEL = Cancel, INFO = Info, INVITE = Invite, MESSAGE = Message, NOTIFY = Notify,
    OPTIONS = Options, PRACK = PRack, PUBLISH = Publish, REFER = Refer, REGISTER = Register,
    SUBSCRIBE = Subscribe, UPDATE = Update,
}

impl Method {
    /// As on the wire.
    pub fn as_str(&self) -> &str {
        match self {
            Self::Known(known) => known_name(known),
            Self::Other(name) => name,
        }
    }

    /// Reads a token; `None` when it is none (RFC 3261 25.1).
    pub fn parse(text: &[u8]) -> Option<Self> {
        if text.is_empty() || text.len() > 64 || !text.iter().all(|&byte| super::params::is_token(byte)) {
            return None;
        }
        let name = std::str::from_utf8(text).ok()?;
        let known = KNOWN.iter().find(|method| known_name(method) == name);
        Some(known.map_or_else(|| Self::Other(name.into()), |&method| Self::Known(method)))
    }
}

const KNOWN: [rsip::Method; 14] = [
    rsip::Method::Ack,
    rsip::Method::Bye,
    rsip::Method::Cancel,
    rsip::Method::Info,
    rsip::Method::Invite,
    rsip::Method::Message,
    rsip::Method::Notify,
    rsip::Method::Options,
    rsip::Method::PRack,
    rsip::Method::Publish,
    rsip::Method::Refer,
    rsip::Method::Register,
    rsip::Method::Subscribe,
    rsip::Method::Update,
];

const fn known_name(method: &rsip::Method) -> &'static str {
    match method {
        rsip::Method::Ack => "ACK",
        rsip::Method::Bye => "BYE",
        rsip::Method::Cancel => "CANCEL",
        rsip::Method::Info => "INFO",
        rsip::Method::Invite => "INVITE",
        rsip::Method::Message => "MESSAGE",
        rsip::Method::Notify => "NOTIFY",
        rsip::Method::Options => "OPTIONS",
        rsip::Method::PRack => "PRACK",
        rsip::Method::Publish => "PUBLISH",
        rsip::Method::Refer => "REFER",
        rsip::Method::Register => "REGISTER",
        rsip::Method::Subscribe => "SUBSCRIBE",
        rsip::Method::Update => "UPDATE",
    }
}

impl std::hash::Hash for Method {
    fn hash<H: std::hash::Hasher>(&self, state: &mut H) {
        self.as_str().hash(state);
    }
}

impl fmt::Display for Method {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A status code, 100 to 699.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Status(u16);

#[allow(missing_docs, reason = "the names are the registered reason phrases")]
impl Status {
    pub const TRYING: Self = Self(100);
    pub const RINGING: Self = Self(180);
    pub const SESSION_PROGRESS: Self = Self(183);
    pub const OK: Self = Self(200);
    pub const ACCEPTED: Self = Self(202);
    pub const BAD_REQUEST: Self = Self(400);
    pub const UNAUTHORIZED: Self = Self(401);
    pub const FORBIDDEN: Self = Self(403);
    pub const NOT_FOUND: Self = Self(404);
    pub const METHOD_NOT_ALLOWED: Self = Self(405);
    pub const NOT_ACCEPTABLE: Self = Self(406);
    pub const PROXY_AUTHENTICATION_REQUIRED: Self = Self(407);
    pub const REQUEST_TIMEOUT: Self = Self(408);
    pub const UNSUPPORTED_MEDIA_TYPE: Self = Self(415);
    pub const UNSUPPORTED_URI_SCHEME: Self = Self(416);
    pub const BAD_EXTENSION: Self = Self(420);
    pub const SESSION_INTERVAL_TOO_SMALL: Self = Self(422);
    pub const INTERVAL_TOO_BRIEF: Self = Self(423);
    pub const TEMPORARILY_UNAVAILABLE: Self = Self(480);
    pub const CALL_DOES_NOT_EXIST: Self = Self(481);
    pub const LOOP_DETECTED: Self = Self(482);
    pub const TOO_MANY_HOPS: Self = Self(483);
    pub const BUSY_HERE: Self = Self(486);
    pub const REQUEST_TERMINATED: Self = Self(487);
    pub const NOT_ACCEPTABLE_HERE: Self = Self(488);
    pub const BAD_EVENT: Self = Self(489);
    pub const REQUEST_PENDING: Self = Self(491);
    pub const SERVER_INTERNAL_ERROR: Self = Self(500);
    pub const SERVICE_UNAVAILABLE: Self = Self(503);
    pub const VERSION_NOT_SUPPORTED: Self = Self(505);
    pub const BUSY_EVERYWHERE: Self = Self(600);
    pub const DECLINE: Self = Self(603);

    /// From a number; `None` outside 100 to 699.
    pub const fn new(code: u16) -> Option<Self> {
        if code >= 100 && code <= 699 { Some(Self(code)) } else { None }
    }

    /// The number.
    pub const fn code(self) -> u16 {
        self.0
    }

    /// 1xx.
    pub const fn is_provisional(self) -> bool {
        self.0 < 200
    }

    /// 2xx.
    pub const fn is_success(self) -> bool {
        self.0 >= 200 && self.0 < 300
    }

    /// 2xx to 6xx.
    pub const fn is_final(self) -> bool {
        self.0 >= 200
    }

    /// The registered phrase, or a neutral one.
    pub fn reason(self) -> &'static str {
        /// Of 100 and up: made once, since every answer has one.
        static PHRASES: LazyLock<Vec<String>> =
            LazyLock::new(|| (100..700).map(|code| Status(code).phrase()).collect());
        &PHRASES[usize::from(self.0 - 100)]
    }

    /// rsip names its statuses in one word; phones show them in several.
    fn phrase(self) -> String {
        let with_code = rsip::StatusCode::from(self.0).to_string();
        let word = with_code.split_once(' ').map_or("", |(_, word)| word);
        let mut phrase = String::with_capacity(word.len() + 4);
        for character in word.chars() {
            if character.is_ascii_uppercase() && phrase.ends_with(|before: char| before.is_ascii_lowercase()) {
                phrase.push(' ');
            }
            phrase.push(character);
        }
        if phrase.is_empty() || phrase == "Other" { "Unassigned".to_owned() } else { phrase }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn phones_are_shown_a_reason_in_words() {
        let reason = |code| Status::new(code).unwrap().reason();
        let shown = [180, 200, 404, 480, 486, 487, 481, 503, 603].map(reason);
        assert_eq!(
            shown[..6],
            ["Ringing", "OK", "Not Found", "Temporarily Unavailable", "Busy Here", "Request Terminated"]
        );
        assert_eq!(shown[6..], ["Call Transaction Does Not Exist", "Service Unavailable", "Decline"]);
        assert_eq!(reason(299), "Unassigned");
    }
}
