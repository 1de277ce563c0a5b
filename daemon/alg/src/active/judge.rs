//! What the answers of a run mean, probe by probe (reference, 5.1). Nothing but an *altered* answer is a hit; silence never is.

use std::collections::BTreeMap;
use std::net::{IpAddr, SocketAddr};

use centrale_sip::message::{HeaderName, NameAddr, Response};

use super::loop_call::{LoopCall, loop_call};
use super::plan::{Ask, Odd, Question, ROUNDS, SIZES, TTLS};
use super::probe::{Finding, Findings, Outcome, Probe, Trigger};
use super::run::{Answer, Quote, Reply, Socket, public_of};
use super::target::Target;
use crate::diagnosis::{Deed, Deeds, Direction, Path};
use crate::difference;
use crate::view::{ViaView, address, holds_address, is_private, text, uri_host};

/// Quoted bytes that show enough of a message to call it unchanged.
const TELLING: usize = 100;

pub(super) fn judge(
    target: &Target,
    replies: &BTreeMap<Ask, Reply>,
    local: impl Fn(Socket) -> Option<SocketAddr>,
) -> Findings {
    Bench { target, replies, local: &local }.findings()
}

struct Bench<'a> {
    target: &'a Target,
    replies: &'a BTreeMap<Ask, Reply>,
    local: &'a dyn Fn(Socket) -> Option<SocketAddr>,
}

impl<'a> Bench<'a> {
    fn findings(&self) -> Findings {
        let mut findings = Findings::default();
        findings.public = self.public(Socket::Udp).or_else(|| self.public(Socket::Live));
        findings.live = self.public(Socket::Live);
        let canary = [Socket::Udp, Socket::Live].iter().find_map(|lane| self.vias((*lane, Question::Canary)));
        findings.sees_public = canary.map(|(_, came)| came.received_address().is_some_and(|it| !is_private(it)));
        findings.answered = self.replies.values().any(|reply| reply.answer.is_some());
        findings.trigger = self.trigger();
        let answers = |socket: &Socket| self.answer((*socket, Question::Canary)).is_some();
        let others = Socket::OTHERS.iter().zip(&self.target.others).filter(|(socket, _)| answers(socket));
        findings.other_ports = others.map(|(_, other)| other.port()).collect();
        let lanes = [Socket::Udp, Socket::Live];
        findings.set(Probe::V0, worst(lanes.map(|lane| self.v0(lane))));
        findings.set(
            Probe::V1,
            worst(lanes.map(|lane| self.v1(lane, Question::Canary, Question::Own, Question::CanaryAgain))),
        );
        findings.set(Probe::V2, self.v2(Socket::Udp));
        findings.set(Probe::V3, worst(lanes.map(|lane| self.v3(lane, Question::Reverse))));
        findings.set(Probe::V4, self.v4());
        findings.set(Probe::V5, self.v5());
        findings.set(Probe::V6, self.v6());
        let (outcome, hop, quoted) = self.v7();
        findings.set(Probe::V7, outcome);
        (findings.hop, findings.quoted) = (hop, quoted);
        findings.set(Probe::V8, self.v8());
        findings.set(Probe::V9Tcp, self.v9(Socket::Tcp));
        findings.set(Probe::V9Tls, self.v9(Socket::Tls));
        findings.set(Probe::V11, self.v11());
        findings.set(Probe::V12, self.v12());
        findings.set(Probe::V14, self.v14());
        findings.set(Probe::V15, self.v15());
        findings
    }

    fn reply(&self, ask: Ask) -> Option<&'a Reply> {
        self.replies.get(&ask)
    }

    fn answer(&self, ask: Ask) -> Option<&'a Answer> {
        self.reply(ask)?.answer.as_ref()
    }

    /// What was sent and what came, as Vias.
    fn vias(&self, ask: Ask) -> Option<(ViaView<'a>, ViaView<'a>)> {
        let reply = self.reply(ask)?;
        let answer = reply.answer.as_ref()?;
        Some((sent_via(&reply.sent)?, ViaView::top(&answer.message.headers)?))
    }

    fn public(&self, socket: Socket) -> Option<SocketAddr> {
        public_of(&self.answer((socket, Question::Canary))?.message, (self.local)(socket)?)
    }

    fn own(&self, socket: Socket) -> Option<IpAddr> {
        Some((self.local)(socket)?.ip().to_canonical())
    }

    /// V0: the foreign Via came back altered; or `received` is our private address while a stream to the same host shows a
    /// public one.
    fn v0(&self, lane: Socket) -> Outcome {
        let Some((sent, came)) = self.vias((lane, Question::Canary)) else { return Outcome::NotApplicable };
        let own = self.own(lane);
        let impossible = own.is_some_and(is_private)
            && came.received_address() == own
            && [Socket::Tls, Socket::Tcp].iter().filter_map(|it| self.public(*it)).any(|it| !is_private(it.ip()));
        if came.branch != sent.branch || !came.same_sent_by(&sent) || impossible {
            return hit(&[Deed::RewritesVia], Direction::Both, sent.text, came.text);
        }
        Outcome::Clean
    }

    /// V1: our own Via is treated otherwise than the foreign one before and after it.
    fn v1(&self, lane: Socket, canary: Question, own: Question, again: Question) -> Outcome {
        let Some((sent, came)) = self.vias((lane, own)) else { return Outcome::NotApplicable };
        let (Some((first_sent, first)), Some((_, second))) = (self.vias((lane, canary)), self.vias((lane, again)))
        else {
            return Outcome::NotApplicable;
        };
        // A server that copies sent-by into `received` says nothing with it: it cannot have seen the canary.
        let copies = first.received_address() == address(first.host);
        let seen = |via: &ViaView<'_>| {
            (via.received_address().filter(|_| !copies), via.rport.and_then(|port| port.parse::<u16>().ok()))
        };
        if seen(&first) != seen(&second) || !first.same_sent_by(&first_sent) {
            return Outcome::NotApplicable;
        }
        if came.branch != sent.branch || !came.same_sent_by(&sent) || seen(&came) != seen(&first) {
            return hit(&[Deed::RewritesVia], Direction::Outbound, first.text, came.text);
        }
        Outcome::Clean
    }

    /// V2: the host of From came back otherwise than it was spelled, and that of the control did not.
    fn v2(&self, lane: Socket) -> Outcome {
        self.spelling((lane, Question::PaddedOwn), (lane, Question::PaddedCanary), Direction::Both)
    }

    /// V15: the same by a phone that is far away.
    fn v15(&self) -> Outcome {
        self.spelling((Socket::Live, Question::FarPadded), (Socket::Live, Question::FarControl), Direction::Outbound)
    }

    fn spelling(&self, ours: Ask, control: Ask, direction: Direction) -> Outcome {
        let (Some((sent, came)), Some((control_sent, control_came))) =
            (self.sender_hosts(ours), self.sender_hosts(control))
        else {
            return Outcome::NotApplicable;
        };
        if control_sent != control_came {
            // A server that puts spellings right puts ours right too.
            return Outcome::NotApplicable;
        }
        if sent == came { Outcome::Clean } else { hit(&[Deed::RewritesParties], direction, sent, came) }
    }

    /// The host of From as sent and as it came back. Its port is nobody's business: Asterisk drops it.
    fn sender_hosts(&self, ask: Ask) -> Option<(&'a str, &'a str)> {
        let reply = self.reply(ask)?;
        let headers = &reply.answer.as_ref()?.message.headers;
        Some((uri_host(sent_field(&reply.sent, "From")?)?.0, uri_host(text(headers, &HeaderName::From)?)?.0))
    }

    /// V3: our private address is in an answer to a question that did not hold it.
    fn v3(&self, lane: Socket, question: Question) -> Outcome {
        let (Some(reply), Some(own)) = (self.reply((lane, question)), self.own(lane)) else {
            return Outcome::NotApplicable;
        };
        let Some(answer) = &reply.answer else { return Outcome::NotApplicable };
        let headers = &answer.message.headers;
        // What a server echoes. Its own Contact or Warning may hold a private address of its own that happens to be ours.
        let echoed = [HeaderName::Via, HeaderName::From, HeaderName::To, HeaderName::CallId];
        let shown = echoed.iter().filter_map(|name| headers.first(name)).find(|value| holds_address(value, own));
        let sent = sent_via(&reply.sent).map_or("", |via| via.text);
        if let Some(shown) = shown {
            let finding = Finding::new(Deeds::of(&[Deed::RewritesVia]), Direction::Inbound, sent.as_bytes(), shown);
            return Outcome::Hit(finding);
        }
        // One who reads SIP beyond a router of ours knows another private address: Via and Call-ID come back as sent, or
        // somebody changed them.
        let (asked, told) = (sent_field(&reply.sent, "Call-ID"), text(headers, &HeaderName::CallId));
        if let (Some(asked), Some(told)) = (asked, told)
            && asked != told
        {
            return hit(&[Deed::RewritesCallId], Direction::Both, asked, told);
        }
        match self.vias((lane, question)) {
            Some((asked, told)) if told.branch != asked.branch || !told.same_sent_by(&asked) => {
                hit(&[Deed::RewritesVia], Direction::Inbound, asked.text, told.text)
            }
            _ => Outcome::Clean,
        }
    }

    /// V4: the answer went to a port that only stood in Via, or that port was written behind the server's own address. Any
    /// other answer that came to a socket which did not ask is the same: translation of addresses alone never does that.
    fn v4(&self) -> Outcome {
        let strayed = |(ask, reply): (&Ask, &'a Reply)| {
            let answer = reply.answer.as_ref()?;
            let strayed = answer.on != ask.0 && !matches!(ask.0, Socket::Scratch);
            strayed.then_some((reply, (self.local)(ask.0)?, (self.local)(answer.on)?))
        };
        if let Some((reply, asked, got)) = self.replies.iter().find_map(strayed) {
            let sent = sent_via(&reply.sent).map_or("", |via| via.text);
            let came = format!("asked from port {}, answered to port {}", asked.port(), got.port());
            return hit(&[Deed::PinsPort], Direction::Inbound, sent, &came);
        }
        let (Some(reply), Some(elsewhere)) =
            (self.reply((Socket::Scratch, Question::WrongPort)), (self.local)(Socket::Elsewhere))
        else {
            return Outcome::NotApplicable;
        };
        let Some(answer) = &reply.answer else { return Outcome::NotApplicable };
        let translated = self
            .public(Socket::Udp)
            .is_some_and(|public| !is_private(public.ip()) && self.own(Socket::Udp).is_some_and(is_private));
        let sent = sent_via(&reply.sent).map_or("", |via| via.text);
        if answer.on == Socket::Elsewhere && translated {
            return hit(
                &[Deed::PinsPort],
                Direction::Both,
                sent,
                &format!("the answer came to port {}", elsewhere.port()),
            );
        }
        let headers = &answer.message.headers;
        let pinned = [HeaderName::From, HeaderName::To].iter().find_map(|name| {
            text(headers, name).filter(|value| uri_host(value).and_then(|(_, port)| port) == Some(elsewhere.port()))
        });
        match pinned {
            Some(came) => hit(&[Deed::PinsPort, Deed::RewritesParties], Direction::Outbound, sent, came),
            None if answer.on == Socket::Elsewhere => Outcome::NotApplicable,
            None => Outcome::Clean,
        }
    }

    /// V5: the controls were answered and at least two of the odd ones were not; over TLS the same were.
    fn v5(&self) -> Outcome {
        let answered = |socket, odd| self.answer((socket, Question::Odd(odd))).is_some();
        let controls = |socket| answered(socket, Odd::Before) && answered(socket, Odd::After);
        if !controls(Socket::Odd) {
            return Outcome::NotApplicable;
        }
        let gone: Vec<Odd> = Odd::CANARIES.into_iter().filter(|odd| !answered(Socket::Odd, *odd)).collect();
        if gone.len() < 2 {
            return Outcome::Clean;
        }
        let came = format!("no answer to {} of {}", gone.len(), Odd::CANARIES.len());
        let deeds = Deeds::of(&[Deed::DropsDescriptions]);
        let finding = Finding::new(deeds, Direction::Outbound, b"an answer of any kind", came.as_bytes());
        if !controls(Socket::Tls) {
            return Outcome::Suspect(finding);
        }
        // A server that drops them itself drops them over TLS too.
        let same = gone.iter().filter(|odd| answered(Socket::Tls, **odd)).count();
        if same >= 2 { Outcome::Hit(finding) } else { Outcome::Clean }
    }

    /// V6: of two bindings that were made in the same way, ours was altered and the foreign one was not.
    fn v6(&self) -> Outcome {
        let listed = |ask| {
            let answer = self.answer(ask).filter(|answer| answer.message.status.is_success())?;
            answer.message.headers.addresses(&HeaderName::Contact).ok().filter(|contacts| !contacts.is_empty())
        };
        let read = listed((Socket::Back, Question::ReadBack)).or_else(|| listed((Socket::Binds, Question::BindOwn)));
        let Some(contacts) = read else { return Outcome::NotApplicable };
        // As it was sent, and as it is listed.
        let bound = |question| {
            let sent = NameAddr::parse(sent_field(&self.reply((Socket::Binds, question))?.sent, "Contact")?)?;
            let named = |it: &&NameAddr| it.sip().zip(sent.sip()).is_some_and(|(it, sent)| it.user == sent.user);
            Some((sent.clone(), contacts.iter().find(named)?))
        };
        let (Some((canary, canary_came)), Some((own, own_came))) =
            (bound(Question::BindCanary), bound(Question::BindOwn))
        else {
            return Outcome::NotApplicable;
        };
        let host = |contact: &NameAddr| contact.sip().map(|uri| uri.host.clone());
        if host(&canary) != host(canary_came) {
            // A registrar that puts Contacts right puts ours right too.
            return Outcome::NotApplicable;
        }
        if host(&own) == host(own_came) {
            return Outcome::Clean;
        }
        hit(&[Deed::RewritesContact], Direction::Outbound, &own.to_string(), &own_came.to_string())
    }

    /// V14: of two calls to ourselves, the one with our address came back with another and the one with a foreign one did not.
    fn v14(&self) -> Outcome {
        let call = |question| {
            let reply = self.reply((Socket::Loops, question))?;
            Some(LoopCall { sent: body(&reply.sent)?, came: reply.looped.as_deref() })
        };
        match (call(Question::LoopCanary), call(Question::LoopOwn)) {
            (Some(foreign), Some(own)) => loop_call(foreign, own),
            _ => Outcome::NotApplicable,
        }
    }

    /// V7: a hop quotes what we sent, changed; with the first hop that does, and whether any beyond the first quoted.
    fn v7(&self) -> (Outcome, Option<IpAddr>, bool) {
        let (mut telling, mut quoted) = (false, false);
        for ttl in TTLS {
            for ask in
                [(Socket::Quotes, Question::QuoteInvite(ttl)), (Socket::QuotesRegister, Question::QuoteRegister(ttl))]
            {
                let Some(reply) = self.reply(ask) else { continue };
                let Some(quote) = &reply.quote else { continue };
                quoted |= ttl > 1;
                if let Some(finding) = changed(&reply.sent, quote) {
                    return (Outcome::Hit(finding), Some(quote.hop), quoted);
                }
                telling |= ttl > 1 && (quote.payload.len() >= TELLING || quote.length.is_some());
            }
        }
        (if telling { Outcome::Clean } else { Outcome::NotApplicable }, None, quoted)
    }

    /// V8: in three rounds the small one was answered and a large one was not. No sign of reading, only of dropping.
    fn v8(&self) -> Outcome {
        let answered = |round, size| self.answer((Socket::Sizes, Question::Size(round, size))).is_some();
        let asked =
            (0..ROUNDS).filter(|round| self.reply((Socket::Sizes, Question::Size(*round, SIZES[0]))).is_some()).count();
        if asked == 0 || !answered(0, SIZES[0]) {
            return Outcome::NotApplicable;
        }
        let lost = |size: &&u16| (0..ROUNDS).all(|round| answered(round, SIZES[0]) && !answered(round, **size));
        match SIZES.iter().skip(1).find(lost) {
            Some(size) => {
                let (expected, came) = (format!("an answer to {size} bytes"), format!("none in {ROUNDS} rounds"));
                hit(&[Deed::DropsLarge], Direction::Both, &expected, &came)
            }
            None => Outcome::Clean,
        }
    }

    /// V9: V0 to V3 on a stream.
    fn v9(&self, lane: Socket) -> Outcome {
        worst([
            self.v0(lane),
            self.v1(lane, Question::Canary, Question::Own, Question::CanaryAgain),
            self.v2(lane),
            self.v3(lane, Question::Reverse),
        ])
    }

    /// V11: an answer to a packet that cannot have left the router.
    fn v11(&self) -> Outcome {
        let Some(reply) = self.reply((Socket::Udp, Question::Near)) else { return Outcome::NotApplicable };
        match &reply.answer {
            Some(answer) => {
                let came = status_line(&answer.message);
                hit(&[Deed::AnswersItself], Direction::Both, "nothing: the packet had one hop to live", &came)
            }
            None => Outcome::Clean,
        }
    }

    /// V12: as V1 and V3, with INVITE. Another status, or silence for ours alone, is a suspicion.
    fn v12(&self) -> Outcome {
        let lane = Socket::Invites;
        let echo = worst([
            self.v1(lane, Question::InviteCanary, Question::InviteOwn, Question::InviteCanaryAgain),
            self.v3(lane, Question::InviteReverse),
        ]);
        if echo.is_hit() {
            return echo;
        }
        let status = |question| self.answer((lane, question)).map(|answer| answer.message.status.code());
        let (first, ours, again) =
            (status(Question::InviteCanary), status(Question::InviteOwn), status(Question::InviteCanaryAgain));
        let asked = self.reply((lane, Question::InviteOwn)).is_some();
        if first.is_some() && first == again && ours != first && asked {
            let text = |status: Option<u16>| status.map_or_else(|| "nothing".to_owned(), |status| status.to_string());
            let deeds = Deeds::of(&[Deed::DropsInvite]);
            let finding = Finding::new(deeds, Direction::Outbound, text(first).as_bytes(), text(ours).as_bytes());
            return Outcome::Suspect(finding);
        }
        echo
    }

    /// The matrix: whether another far port, or another port of ours, ends it.
    fn trigger(&self) -> Option<Trigger> {
        let lane = |socket| {
            let probes = [
                self.v0(socket),
                self.v1(socket, Question::Canary, Question::Own, Question::CanaryAgain),
                self.v3(socket, Question::Reverse),
            ];
            let told = probes.iter().any(|it| *it != Outcome::NotApplicable);
            told.then(|| probes.iter().any(Outcome::is_hit))
        };
        if self.target.path == Path::PhoneBox {
            return None;
        }
        let other = Socket::OTHERS.into_iter().find_map(lane);
        match (lane(Socket::Udp), lane(Socket::Live), other) {
            (Some(true), _, Some(false)) => Some(Trigger::FarPort),
            (Some(false), Some(true), _) => Some(Trigger::OurPort),
            (Some(true), _, Some(true)) => Some(Trigger::Content),
            _ => None,
        }
    }
}

fn hit(deeds: &[Deed], direction: Direction, expected: &str, came: &str) -> Outcome {
    Outcome::Hit(Finding::new(Deeds::of(deeds), direction, expected.as_bytes(), came.as_bytes()))
}

/// The one that says most: a hit, then a suspicion, then a clean answer.
fn worst<const N: usize>(outcomes: [Outcome; N]) -> Outcome {
    let rank = |outcome: &Outcome| match outcome {
        Outcome::NotApplicable => 0,
        Outcome::Clean => 1,
        Outcome::Suspect(_) => 2,
        Outcome::Hit(_) => 3,
    };
    // Of two that say as much, the earlier lane's.
    outcomes.into_iter().rev().max_by_key(rank).unwrap_or_default()
}

fn changed(sent: &[u8], quote: &Quote) -> Option<Finding> {
    let common = sent.len().min(quote.payload.len());
    let same = sent.get(..common) == quote.payload.get(..common) && quote.payload.len() <= sent.len();
    if !same {
        let difference = difference::of(sent, &quote.payload);
        return Some(Finding::new(difference.deeds, Direction::Outbound, difference.expected, difference.came));
    }
    let length = usize::from(quote.length?);
    let right = length == sent.len() + 8;
    let deeds = Deeds::of(&[Deed::RewritesOther]);
    let (expected, came) = (format!("{} bytes", sent.len()), format!("{} bytes", length.saturating_sub(8)));
    (!right).then(|| Finding::new(deeds, Direction::Outbound, expected.as_bytes(), came.as_bytes()))
}

fn sent_via(sent: &[u8]) -> Option<ViaView<'_>> {
    ViaView::of(sent_field(sent, "Via")?)
}

/// The body of a message that we wrote ourselves.
fn body(sent: &[u8]) -> Option<&[u8]> {
    let at = memchr::memmem::find(sent, b"\r\n\r\n")?;
    sent.get(at + 4..)
}

/// A field of a message that we wrote ourselves.
pub(super) fn sent_field<'a>(sent: &'a [u8], name: &str) -> Option<&'a str> {
    let head = std::str::from_utf8(sent).ok()?;
    head.split("\r\n").find_map(|line| line.strip_prefix(name)?.strip_prefix(": "))
}

fn status_line(message: &Response) -> String {
    format!("{} {}", message.status.code(), message.reason)
}

/// Whether a text holds the private address of this side: a server's own oddity cannot.
pub(super) fn shows(finding: &Finding, own: IpAddr) -> bool {
    is_private(own) && holds_address(finding.came.as_str().as_bytes(), own)
}
