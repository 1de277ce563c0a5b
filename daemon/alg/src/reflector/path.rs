//! The asking end: one message on its way to a reflector, and what follows from the answers. Pure; the sockets are the caller's.

use std::net::SocketAddr;

use centrale_sip::flow::Transport;

use super::{Echo, FILL, Ticket, digest_of, question_at, reply};
use crate::diagnosis::{Deed, Deeds};
use crate::difference;
use crate::evidence::Text;

/// What is sent: each is what some router looks at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// A harmless question.
    Options,
    /// A registration, of which routers read Contact and Expires.
    Register,
    /// A call with a session description.
    Invite,
    /// A question that fits in no single packet of most networks.
    Large,
}

impl Kind {
    /// All of them, the small ones first.
    pub const ALL: [Self; 4] = [Self::Options, Self::Register, Self::Invite, Self::Large];

    /// The method.
    pub const fn method(self) -> &'static str {
        match self {
            Self::Options | Self::Large => "OPTIONS",
            Self::Register => "REGISTER",
            Self::Invite => "INVITE",
        }
    }

    /// In a report.
    pub const fn text(self) -> &'static str {
        match self {
            Self::Options => "a question",
            Self::Register => "a registration",
            Self::Invite => "a call",
            Self::Large => "a large message",
        }
    }

    /// Bytes of the message. The small ones stay below 1,300.
    const fn size(self) -> usize {
        match self {
            Self::Large => 2_000,
            _ => 1_200,
        }
    }
}

/// A message that is asked about, the same in every question but for the slice that it asks for.
#[derive(Debug, Clone)]
pub struct Message {
    /// What it is.
    pub kind: Kind,
    /// On which transport.
    pub transport: Transport,
    /// Our address as the socket has it, which a router is to look at.
    pub local: SocketAddr,
    /// The reflector's.
    pub server: SocketAddr,
    /// Drawn for this message.
    pub token: String,
    /// The port of sound in the description: even, and drawn, because some routers keep one occupied.
    pub media_port: u16,
}

impl Message {
    /// The bytes of the question for the slice from `begin` on.
    pub fn question(&self, ticket: &Ticket, begin: usize) -> Vec<u8> {
        let Self { kind, local, server, token, .. } = self;
        let (method, via, ip) = (kind.method(), self.transport.in_via(), local.ip());
        let family = if local.is_ipv4() { "IP4" } else { "IP6" };
        let (type_of_body, body) = match kind {
            Kind::Invite => (
                "Content-Type: application/sdp\r\n",
                format!(
                    "v=0\r\no=- 1001 1 IN {family} {ip}\r\ns=-\r\nc=IN {family} {ip}\r\nt=0 0\r\nm=audio {} RTP/AVP 8\r\n\
                     a=rtpmap:8 PCMA/8000\r\na=sendrecv\r\n",
                    self.media_port
                ),
            ),
            _ => ("", String::new()),
        };
        // The question stands in front: the first slice holds it.
        let head = format!(
            "{method} sip:reflector@{server} SIP/2.0\r\nVia: SIP/2.0/{via} {local};branch=z9hG4bK{token};rport\r\n\
             {question}\r\nMax-Forwards: 70\r\nFrom: <sip:probe@{local}>;tag={token}\r\nTo: <sip:reflector@{server}>\r\n\
             Call-ID: {token}@{ip}\r\nCSeq: 1 {method}\r\nContact: <sip:probe@{local}>\r\nExpires: 300\r\nk: timer\r\n{type_of_body}",
            question = ticket.question(begin),
        );
        let tail = format!("\r\nContent-Length: {}\r\n\r\n{body}", body.len());
        let fill = kind.size().saturating_sub(head.len() + FILL.len() + 2 + tail.len());
        format!("{head}{FILL}: {}{tail}", "x".repeat(fill)).into_bytes()
    }
}

/// What is known of a message so far.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Progress {
    /// The slice from there on is to be asked for.
    Ask(usize),
    /// The message arrived as it was sent. `answer`: so did its answer.
    AsSent {
        /// Whether the answer's head came as it left.
        answer: bool,
    },
    /// It did not.
    Changed {
        /// What was done to it.
        deeds: Deeds,
        /// The first line that was changed, as it was sent.
        expected: Text,
        /// And as it arrived.
        came: Text,
    },
}

/// Puts the answers about one message together.
#[derive(Debug, Clone)]
pub struct Proof {
    message: Message,
    ticket: Ticket,
    arrived: Vec<u8>,
}

impl Proof {
    /// Nothing was asked yet.
    pub const fn new(message: Message, ticket: Ticket) -> Self {
        Self { message, ticket, arrived: Vec::new() }
    }

    /// The next question.
    pub fn question(&self) -> Vec<u8> {
        self.message.question(&self.ticket, self.arrived.len())
    }

    /// An answer came; `None` when it is none to the question, or not the reflector's own.
    pub fn answered(&mut self, bytes: &[u8]) -> Option<Progress> {
        let (head, body) = reply::split(bytes)?;
        // A late copy of an earlier answer says nothing new.
        let echo = self.ticket.open(body).filter(|echo| echo.begin == self.arrived.len())?;
        let sent = self.question();
        if self.arrived.is_empty() && echo.is_of(&sent) {
            return Some(Progress::AsSent { answer: echo.head == digest_of(head) });
        }
        self.arrived.extend_from_slice(&echo.slice);
        Some(if self.is_whole(&echo) {
            self.judged(&self.message.question(&self.ticket, 0))
        } else {
            Progress::Ask(self.arrived.len())
        })
    }

    fn is_whole(&self, echo: &Echo) -> bool {
        self.arrived.len() >= echo.length
    }

    /// The first slice holds the first question, so the whole is held against that one.
    fn judged(&self, sent: &[u8]) -> Progress {
        let arrived = as_first(&self.arrived);
        let difference = difference::of(sent, &arrived);
        let mut deeds = difference.deeds;
        if deeds.is_empty() {
            deeds.insert(Deed::Reformats);
        }
        Progress::Changed { deeds, expected: Text::of(difference.expected), came: Text::of(difference.came) }
    }
}

/// The message as its first question: wherever its field was moved to, it may stand in a later slice.
fn as_first(arrived: &[u8]) -> Vec<u8> {
    let mut arrived = arrived.to_vec();
    let asks = question_at(&arrived).and_then(|at| Some(at + memchr::memmem::find(arrived.get(at..)?, b";from=")? + 6));
    if let Some(digits) = asks.and_then(|at| arrived.get_mut(at..at + 4)).filter(|it| it.iter().all(u8::is_ascii_digit))
    {
        digits.fill(b'0');
    }
    arrived
}

#[cfg(test)]
mod tests {
    use std::time::Instant;

    use super::super::{Limits, Reflector};
    use super::*;

    fn message(kind: Kind) -> Message {
        Message {
            kind,
            transport: Transport::Udp,
            local: "192.168.1.50:25060".parse().unwrap(),
            server: "198.51.100.9:5060".parse().unwrap(),
            token: "4f1c".into(),
            media_port: 40_000,
        }
    }

    /// Asks until it is known, over a router that does this to messages and that to answers.
    fn known(kind: Kind, out: impl Fn(String) -> String, back: impl Fn(String) -> String) -> Progress {
        let outside: SocketAddr = "203.0.113.2:25060".parse().unwrap();
        let (mut reflector, now) = (Reflector::new(&[7; 32], Limits::default()), Instant::now());
        let ticket = reflector.ticket(outside.ip(), 1_000);
        let mut proof = Proof::new(message(kind), ticket);
        loop {
            let asked = String::from_utf8(proof.question()).unwrap();
            let arrived = out(asked.clone());
            let reply = reflector.reply(arrived.as_bytes(), outside, (now, 1_001)).unwrap();
            assert!(reply.len() <= arrived.len(), "an answer is no longer than its question");
            match proof.answered(back(String::from_utf8(reply).unwrap()).as_bytes()).unwrap() {
                Progress::Ask(_) => {}
                known => return known,
            }
        }
    }

    fn same(text: String) -> String {
        text
    }

    #[test]
    fn a_message_that_nobody_changed_needs_one_question() {
        for kind in Kind::ALL {
            assert_eq!(known(kind, same, same), Progress::AsSent { answer: true });
        }
    }

    #[test]
    fn what_was_changed_is_named_line_by_line() {
        let rewritten = |from: &'static str, to: &'static str| move |text: String| text.replace(from, to);
        let cases: [(Kind, &'static str, &'static str, Deed); 6] = [
            (Kind::Options, "UDP 192.168.1.50:25060", "UDP 203.0.113.2:25060", Deed::RewritesVia),
            (
                Kind::Register,
                "<sip:probe@192.168.1.50:25060>\r\nE",
                "<sip:probe@203.0.113.2:25060>\r\nE",
                Deed::RewritesContact,
            ),
            (Kind::Register, "Expires: 300", "Expires: 60", Deed::LowersExpires),
            (Kind::Options, "4f1c@192.168.1.50", "4f1c@203.0.113.2", Deed::RewritesCallId),
            (Kind::Invite, "c=IN IP4 192.168.1.50", "c=IN IP4 203.0.113.2", Deed::RewritesSdp),
            (Kind::Options, "Max-Forwards:", "max-forwards:", Deed::Reformats),
        ];
        for (kind, from, to, deed) in cases {
            let Progress::Changed { deeds, came, .. } = known(kind, rewritten(from, to), same) else {
                panic!("{from}")
            };
            assert_eq!(deeds, Deeds::of(&[deed]), "{from}");
            assert!(came.as_str().contains(to.split("\r\n").next().unwrap()), "{from}: {came}");
        }
    }

    #[test]
    fn a_router_that_turns_all_fields_round_and_writes_them_in_capitals_is_told_of_nothing_else() {
        let turned = |text: String| {
            let (head, body) = text.split_once("\r\n\r\n").unwrap();
            let (first, rest) = head.split_once("\r\n").unwrap();
            let fields: Vec<&str> = rest.split("\r\n").collect();
            let capitals =
                |line: &&str| line.split_once(':').map(|(name, value)| format!("{}:{value}", name.to_uppercase()));
            let fields: Vec<String> = fields.iter().rev().filter_map(capitals).collect();
            format!("{first}\r\n{}\r\n\r\n{body}", fields.join("\r\n"))
        };
        for kind in Kind::ALL {
            let Progress::Changed { deeds, .. } = known(kind, turned, same) else { panic!("{kind:?}") };
            assert_eq!(deeds, Deeds::of(&[Deed::Reformats]), "{kind:?}");
        }
    }

    #[test]
    fn an_answer_that_is_changed_on_its_way_back_is_told() {
        let back = |text: String| text.replace("UDP 192.168.1.50", "UDP 203.0.113.2");
        assert_eq!(known(Kind::Options, same, back), Progress::AsSent { answer: false });
    }

    #[test]
    fn an_answer_that_somebody_made_up_is_none() {
        let ticket = Reflector::new(&[7; 32], Limits::default()).ticket("203.0.113.2".parse().unwrap(), 1);
        let mut proof = Proof::new(message(Kind::Options), ticket);
        for answer in [&b""[..], b"SIP/2.0 200 OK\r\nContent-Length: 3\r\n\r\n1 a", b"\r\n\r\n"] {
            assert_eq!(proof.answered(answer), None);
        }
    }
}
