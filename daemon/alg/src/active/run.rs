//! One run as a state machine: sockets to open and bytes to send come out; what arrived, what a router quoted and the time
//! go in.

use std::collections::btree_map::Entry;
use std::collections::{BTreeMap, VecDeque};
use std::net::{IpAddr, SocketAddr};
use std::time::{Duration, Instant};

use bytes::Bytes;
use centrale_sip::auth::{Challenge, answer};
use centrale_sip::flow::Transport;
use centrale_sip::message::{HeaderName, Message, Response, Status, scan_datagram};
use rand::{RngExt as _, SeedableRng as _, rngs::StdRng};

use super::draft::{Draft, METHODS, NOWHERE_V4, NOWHERE_V6, at, description, follow_up, padded, plain_description};
use super::judge::{judge, sent_field};
use super::plan::{Ask, Odd, Question, SIZES, plan};
use super::probe::Findings;
use super::target::{Set, Target};
use crate::view::{ViaView, is_private};

/// A whole run takes no longer.
pub(super) const LONGEST: Duration = Duration::from_secs(60);
/// Packets that a run sends at the most.
pub(super) const MOST_SENT: u32 = 200;
/// A socket or connection is there after this long, or never.
const OPENS: Duration = Duration::from_secs(5);
/// A call to ourselves of which the provider has heard comes back within this, or is given up.
const LOOPED: Duration = Duration::from_secs(5);
/// One that rings, and is not back yet, rings somewhere else: where the number is forwarded to.
const RINGS: Duration = Duration::from_secs(1);
/// How often such a call is taken back, and how far apart: over datagrams one may get lost.
const CANCELS: u8 = 3;
const BETWEEN_CANCELS: Duration = Duration::from_millis(500);

/// The sockets of a run. All but [`Socket::Live`] are opened for it alone, on a new local port, and closed after it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[allow(missing_docs, reason = "each is what its name says")]
pub enum Socket {
    Udp,
    /// The trunk's own (or the one on which the phone is registered). Only V0, V1, V3 and V15 use it.
    Live,
    /// To the provider's other ports.
    Other,
    Another,
    Third,
    Tcp,
    Tls,
    /// V4 spoils its flow for an hour.
    Scratch,
    /// V4 waits here for an answer that should not come.
    Elsewhere,
    Sizes,
    Invites,
    Odd,
    Quotes,
    QuotesRegister,
    Binds,
    Back,
    Loops,
}

impl Socket {
    /// All of them.
    pub const ALL: [Self; 17] = [
        Self::Udp,
        Self::Live,
        Self::Other,
        Self::Another,
        Self::Third,
        Self::Tcp,
        Self::Tls,
        Self::Scratch,
        Self::Elsewhere,
        Self::Sizes,
        Self::Invites,
        Self::Odd,
        Self::Quotes,
        Self::QuotesRegister,
        Self::Binds,
        Self::Back,
        Self::Loops,
    ];

    /// Those to other ports of the server, in the order of [`Target::others`].
    pub(super) const OTHERS: [Self; 3] = [Self::Other, Self::Another, Self::Third];

    /// Which of the server's other ports it leads to.
    fn other(self) -> Option<usize> {
        Self::OTHERS.iter().position(|it| *it == self)
    }

    /// The transport of this socket, when it is opened for a run alone.
    pub const fn transport(self) -> Transport {
        match self {
            Self::Tcp => Transport::Tcp,
            Self::Tls => Transport::Tls,
            _ => Transport::Udp,
        }
    }
}

/// What is to be done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Output {
    /// Open a socket on a new local port, or connect; say [`Input::Opened`] or [`Input::Failed`]. For [`Socket::Live`]: say its
    /// address.
    Open {
        /// Which.
        socket: Socket,
        /// By which transport.
        transport: Transport,
        /// To whom it will send.
        to: SocketAddr,
    },
    /// Send this, with that IP TTL when one is given.
    Send {
        /// From where.
        socket: Socket,
        /// To whom.
        to: SocketAddr,
        /// What.
        bytes: Bytes,
        /// Only for UDP.
        ttl: Option<u8>,
    },
    /// Close it; the live one stays open.
    Close {
        /// Which.
        socket: Socket,
    },
    /// The run is over: [`Run::findings`].
    Done,
}

/// What happened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Input {
    /// A socket is there.
    Opened {
        /// Which.
        socket: Socket,
        /// Its address on this side.
        local: SocketAddr,
    },
    /// It cannot be had, or the connection is gone.
    Failed {
        /// Which.
        socket: Socket,
    },
    /// A datagram, or a whole message of a stream.
    Came {
        /// Where.
        socket: Socket,
        /// From whom.
        from: SocketAddr,
        /// What.
        bytes: Bytes,
    },
    /// A router quoted a datagram of ours in an ICMP error.
    Quoted {
        /// Of which socket.
        socket: Socket,
        /// The router.
        hop: IpAddr,
        /// The UDP payload as quoted, often cut.
        payload: Bytes,
        /// The quoted UDP length field, header included, where the edge can see it.
        length: Option<u16>,
    },
    /// A call to ourselves came back ([`Run::is_calling`]); it is refused by whoever took it.
    Looped {
        /// What it describes.
        body: Bytes,
    },
}

/// A quote of a router.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Quote {
    pub(super) hop: IpAddr,
    pub(super) payload: Bytes,
    pub(super) length: Option<u16>,
}

/// An answer of the server, or of somebody in its place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Answer {
    pub(super) on: Socket,
    pub(super) message: Response,
    pub(super) bytes: Bytes,
}

/// What became of a question.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Reply {
    pub(super) sent: Bytes,
    pub(super) answer: Option<Answer>,
    pub(super) quote: Option<Quote>,
    /// What a call to ourselves described when it came.
    pub(super) looped: Option<Bytes>,
}

#[derive(Debug, Clone)]
enum Opening {
    Until(Instant),
    Open(SocketAddr),
    Failed,
}

#[derive(Debug, Clone)]
struct Pending {
    ask: Ask,
    token: String,
    /// Index in [`METHODS`].
    method: usize,
    tries: usize,
    until: Instant,
    bytes: Bytes,
    authorized: bool,
    /// A call to ourselves is on its way.
    heard: bool,
    /// How often it was taken back.
    cancels: u8,
}

/// One round of probes.
#[derive(Debug)]
pub struct Run {
    target: Target,
    rng: StdRng,
    deadline: Instant,
    groups: VecDeque<Vec<Ask>>,
    /// The group whose sockets are being opened.
    waiting: Vec<Ask>,
    pending: Vec<Pending>,
    sockets: BTreeMap<Socket, Opening>,
    pub(super) replies: BTreeMap<Ask, Reply>,
    /// Of every question: the answer to any may stray to the live socket.
    tokens: Vec<String>,
    spoken: Option<usize>,
    serial: u32,
    sent: u32,
    outputs: VecDeque<Output>,
    done: bool,
}

impl Run {
    /// Begins a run. The seed is drawn anew for each.
    pub fn new(target: Target, set: Set, seed: u64, now: Instant) -> Self {
        let groups = plan(set, &target);
        let mut run = Self {
            target,
            rng: StdRng::seed_from_u64(seed),
            deadline: now + LONGEST,
            groups,
            waiting: Vec::new(),
            pending: Vec::new(),
            sockets: BTreeMap::new(),
            replies: BTreeMap::new(),
            tokens: Vec::new(),
            spoken: None,
            serial: 0,
            sent: 0,
            outputs: VecDeque::new(),
            done: false,
        };
        run.next_group(now);
        run
    }

    /// What is to be done; drained after each input.
    pub fn next_output(&mut self) -> Option<Output> {
        self.outputs.pop_front()
    }

    /// When [`Run::timeout`] wants to be called; `None` when the run is over.
    pub fn timeout_at(&self) -> Option<Instant> {
        if self.done {
            return None;
        }
        let opening = self.sockets.values().filter_map(|it| if let Opening::Until(at) = it { Some(*at) } else { None });
        let pending = self.pending.iter().map(|pending| pending.until);
        opening.chain(pending).chain([self.deadline]).min()
    }

    /// Whether the run is over.
    pub const fn is_done(&self) -> bool {
        self.done
    }

    /// Whom it asks.
    pub const fn target(&self) -> &Target {
        &self.target
    }

    /// Whether these bytes answer one of its questions. On the live socket other answers come too, and those that somebody on the
    /// way sent there.
    pub fn asked_for(&self, bytes: &[u8]) -> bool {
        let holds = |token: &str| memchr::memmem::find(bytes, token.as_bytes()).is_some();
        !self.done && bytes.starts_with(b"SIP/2.0 ") && self.tokens.iter().any(|token| holds(token))
    }

    /// Whether a call that came is one to ourselves. `bytes`: the INVITE; `own`: whether it says that it is from our own number. A
    /// provider may write everything anew but that.
    pub fn is_calling(&self, bytes: &[u8], own: bool) -> bool {
        let holds = |token: &str| memchr::memmem::find(bytes, token.as_bytes()).is_some();
        self.pending.iter().any(|pending| pending.ask.1.is_loop() && (own || holds(&pending.token)))
    }

    /// Gives back what the account was lent for: calls to ourselves are taken back, what was bound is taken away, and nothing more
    /// of it is asked. Whether anything of it was under way.
    pub fn end_lent(&mut self, now: Instant) -> bool {
        let was_under_way = self.pending.iter().any(|pending| pending.ask.1.is_of_account());
        for at in 0..self.pending.len() {
            if self.pending[at].ask.1.is_loop() {
                self.take_back(at, now);
            }
        }
        let stays = |(_, question): &Ask| !question.is_of_account() || *question == Question::Unbind;
        self.pending.retain(|pending| stays(&pending.ask));
        self.waiting.retain(stays);
        self.groups.retain(|group| group.iter().all(stays));
        self.proceed(now);
        was_under_way
    }

    /// Whether it bound Contacts of its own at the registrar, which may have cost the trunk its own.
    pub fn has_bound(&self) -> bool {
        self.replies.contains_key(&(Socket::Binds, Question::BindCanary))
    }

    /// Whether the registrar showed that it keeps one Contact alone, or lists none: there V6 has nothing to tell, now or later.
    pub fn keeps_one(&self) -> bool {
        self.listed().is_some_and(|listed| listed < 2)
    }

    /// The users of the Contacts that it bound.
    pub fn bound_users(&self) -> Vec<Box<str>> {
        let user = |contact: String| Some(contact.split_once(':')?.1.split_once('@')?.0.into());
        self.bound().filter_map(user).collect()
    }

    /// What was found so far; all of it once the run is over.
    pub fn findings(&self) -> Findings {
        let mut findings = judge(&self.target, &self.replies, |socket| self.local(socket));
        findings.sent = self.sent;
        findings
    }

    /// Something happened.
    pub fn handle_input(&mut self, input: Input, now: Instant) {
        if self.done {
            return;
        }
        match input {
            Input::Opened { socket, local } => drop(self.sockets.insert(socket, Opening::Open(local))),
            Input::Failed { socket } => {
                self.sockets.insert(socket, Opening::Failed);
                self.pending.retain(|pending| pending.ask.0 != socket);
            }
            Input::Came { socket, bytes, .. } => self.came(socket, &bytes, now),
            Input::Quoted { socket, hop, payload, length } => self.quoted(socket, Quote { hop, payload, length }),
            Input::Looped { body } => self.looped(body, now),
        }
        self.proceed(now);
    }

    /// Time went by.
    pub fn timeout(&mut self, now: Instant) {
        if self.done {
            return;
        }
        if self.deadline <= now {
            return self.finish(now);
        }
        for state in self.sockets.values_mut() {
            if matches!(state, Opening::Until(at) if *at <= now) {
                *state = Opening::Failed;
            }
        }
        let mut at = 0;
        while at < self.pending.len() {
            if self.pending[at].until <= now && !self.try_again(at, now) {
                self.pending.swap_remove(at);
            } else {
                at += 1;
            }
        }
        self.proceed(now);
    }

    /// Sends once more, or with another method; `false` when nothing is left to try.
    fn try_again(&mut self, at: usize, now: Instant) -> bool {
        if self.pending[at].heard {
            return self.take_back(at, now);
        }
        let pending = &mut self.pending[at];
        let waits = pending.ask.1.waits();
        pending.tries += 1;
        let datagrams = transport(&self.target, pending.ask.0) == Transport::Udp;
        if datagrams && let Some(wait) = waits.get(pending.tries) {
            pending.until = now + *wait;
            let (ask, bytes) = (pending.ask, pending.bytes.clone());
            self.send(ask, bytes);
            return true;
        }
        if !pending.ask.1.is_echo() || self.spoken.is_some() || pending.method + 1 >= METHODS.len() {
            return false;
        }
        let (ask, method) = (pending.ask, pending.method + 1);
        let Some(next) = self.draft(ask, method, now) else { return false };
        let bytes = next.bytes.clone();
        self.remember(&next);
        self.pending[at] = next;
        self.send(ask, bytes);
        true
    }

    /// Takes a call to ourselves back, so that it rings nobody any more; `false` when that was said often enough.
    fn take_back(&mut self, at: usize, now: Instant) -> bool {
        let pending = &mut self.pending[at];
        if pending.cancels >= CANCELS {
            return false;
        }
        (pending.cancels, pending.until) = (pending.cancels + 1, now + BETWEEN_CANCELS);
        let ((socket, _), sent) = (pending.ask, pending.bytes.clone());
        if let Some(bytes) = follow_up("CANCEL", &sent, b"") {
            self.send((socket, Question::Own), bytes);
        }
        true
    }

    fn proceed(&mut self, now: Instant) {
        if self.waiting.is_empty() {
            if self.pending.is_empty() && !self.done {
                self.next_group(now);
            }
            return;
        }
        let needed = |run: &Self, (socket, _): &Ask| {
            let is_opening = |socket| matches!(run.sockets.get(&socket), Some(Opening::Until(_)));
            is_opening(*socket) || (*socket == Socket::Scratch && is_opening(Socket::Elsewhere))
        };
        if self.waiting.iter().any(|ask| needed(self, ask)) {
            return;
        }
        for ask in std::mem::take(&mut self.waiting) {
            if let Some(pending) = self.draft(ask, self.spoken.unwrap_or(0), now) {
                self.remember(&pending);
                self.send(ask, pending.bytes.clone());
                self.pending.push(pending);
            }
        }
        if self.pending.is_empty() {
            self.next_group(now);
        }
    }

    /// Begins the next group that has something to ask.
    fn next_group(&mut self, now: Instant) {
        while let Some(mut group) = self.groups.pop_front() {
            group.retain(|ask| self.is_worth_asking(*ask));
            if group.is_empty() {
                continue;
            }
            self.waiting = group;
            for (socket, _) in self.waiting.clone() {
                self.open(socket, now);
                if socket == Socket::Scratch {
                    self.open(Socket::Elsewhere, now);
                }
            }
            return self.proceed(now);
        }
        self.finish(now);
    }

    fn open(&mut self, socket: Socket, now: Instant) {
        let to = self.remote(socket);
        if let Entry::Vacant(entry) = self.sockets.entry(socket) {
            entry.insert(if to.is_some() { Opening::Until(now + OPENS) } else { Opening::Failed });
            let transport = transport(&self.target, socket);
            self.outputs.extend(to.map(|to| Output::Open { socket, transport, to }));
        }
    }

    fn finish(&mut self, now: Instant) {
        self.done = true;
        for at in 0..self.pending.len() {
            if self.pending[at].heard && self.pending[at].cancels == 0 {
                self.take_back(at, now);
            }
        }
        self.pending.clear();
        for socket in self.sockets.keys().filter(|socket| **socket != Socket::Live) {
            self.outputs.push_back(Output::Close { socket: *socket });
        }
        self.outputs.push_back(Output::Done);
    }

    fn remote(&self, socket: Socket) -> Option<SocketAddr> {
        match socket {
            Socket::Tcp => self.target.tcp,
            Socket::Tls => self.target.tls,
            Socket::Live if self.target.live.is_none() => None,
            _ if socket.other().is_some() => self.target.others.get(socket.other()?).copied(),
            _ => Some(self.target.udp),
        }
    }

    fn local(&self, socket: Socket) -> Option<SocketAddr> {
        match self.sockets.get(&socket) {
            Some(Opening::Open(local)) => Some(*local),
            _ => None,
        }
    }

    fn answered(&self, ask: Ask) -> bool {
        self.replies.get(&ask).is_some_and(|reply| reply.answer.is_some())
    }

    /// Whether the server is silent on this transport: then only routers can still tell something.
    fn is_silent(&self, socket: Socket) -> bool {
        let asked = |socket| self.replies.contains_key(&(socket, Question::Canary));
        let first = if socket.transport() == Transport::Udp && asked(Socket::Udp) { Socket::Udp } else { socket };
        asked(first) && !self.answered((first, Question::Canary))
    }

    fn is_worth_asking(&self, (socket, question): Ask) -> bool {
        if matches!(self.sockets.get(&socket), Some(Opening::Failed)) || self.sent >= MOST_SENT {
            return false;
        }
        match question {
            Question::Canary | Question::Near | Question::QuoteInvite(_) | Question::QuoteRegister(_) => true,
            _ if socket.other().is_some() => self.answered((socket, Question::Canary)),
            _ if self.is_silent(socket) => false,
            Question::Size(round, _) if round > 0 => self.lost_large(round - 1),
            // The control over TLS is needed only where something vanished.
            Question::Odd(_) if socket == Socket::Tls => {
                let gone = |odd: &&Odd| !self.answered((Socket::Odd, Question::Odd(**odd)));
                self.answered((Socket::Odd, Question::Odd(Odd::Before)))
                    && Odd::CANARIES.iter().filter(gone).count() >= 2
            }
            // The second tells something only beside the first, which came.
            Question::LoopOwn => {
                self.replies.get(&(socket, Question::LoopCanary)).is_some_and(|it| it.looped.is_some())
            }
            Question::BindOwn => self.keeps_several(),
            Question::ReadBack => self.answered((Socket::Binds, Question::BindOwn)),
            // Where one alone is kept, the trunk's next REGISTER takes its place, and is not to wait.
            Question::Unbind => self.has_bound() && self.listed() != Some(1),
            Question::Odd(Odd::Before) => true,
            Question::Odd(_) => self.answered((socket, Question::Odd(Odd::Before))),
            _ => true,
        }
    }

    /// Whether the registrar took a foreign Contact beside the trunk's own. One that keeps one alone is asked no further.
    fn keeps_several(&self) -> bool {
        self.listed().is_some_and(|listed| listed > 1)
    }

    /// How many Contacts the registrar listed when it had taken the foreign one.
    fn listed(&self) -> Option<usize> {
        let answer = self.replies.get(&(Socket::Binds, Question::BindCanary))?.answer.as_ref()?;
        let is_taken = answer.message.status.is_success();
        is_taken.then(|| answer.message.headers.addresses(&HeaderName::Contact).map_or(0, |contacts| contacts.len()))
    }

    fn lost_large(&self, round: u8) -> bool {
        let answered = |size: &u16| self.answered((Socket::Sizes, Question::Size(round, *size)));
        SIZES.first().is_some_and(answered) && !SIZES.iter().all(answered)
    }

    fn remember(&mut self, pending: &Pending) {
        self.tokens.push(pending.token.clone());
        self.replies
            .insert(pending.ask, Reply { sent: pending.bytes.clone(), answer: None, quote: None, looped: None });
    }

    fn send(&mut self, (socket, question): Ask, bytes: Bytes) {
        let Some(to) = self.remote(socket) else { return };
        if self.sent >= MOST_SENT {
            return;
        }
        self.sent += 1;
        self.outputs.push_back(Output::Send { socket, to, bytes, ttl: question.ttl() });
    }

    /// An answer belongs to the question whose token it holds, wherever that stands: Via is what may have been changed.
    fn came(&mut self, socket: Socket, bytes: &Bytes, now: Instant) {
        let Ok(Message::Response(message)) = scan_datagram(bytes) else { return };
        let holds = |token: &str| memchr::memmem::find(bytes, token.as_bytes()).is_some();
        let Some(at) = self.pending.iter().position(|pending| holds(&pending.token)) else {
            return self.came_late(&message, bytes);
        };
        let pending = self.pending[at].clone();
        if pending.ask.1.is_loop() && message.status.is_provisional() {
            return self.is_on_its_way(at, &message, now);
        }
        if pending.ask.1.is_invite() {
            self.follow_up(pending.ask, &pending.bytes, &message);
        }
        if !pending.authorized && self.authorize(at, &message, now) {
            return;
        }
        if pending.ask.1.is_echo() && self.spoken.is_none() {
            self.spoken = Some(pending.method);
        }
        self.pending.swap_remove(at);
        if let Some(reply) = self.replies.get_mut(&pending.ask) {
            reply.answer = Some(Answer { on: socket, message, bytes: bytes.clone() });
        }
    }

    /// The final answer to an INVITE whose first one was provisional.
    fn came_late(&mut self, message: &Response, bytes: &Bytes) {
        let token = |sent: &Bytes| {
            let head = std::str::from_utf8(sent).ok()?;
            let at = head.find("\r\nCall-ID: ")? + 11;
            head.get(at..at + TOKEN).map(str::to_owned)
        };
        let known = self.replies.iter().find(|((_, question), reply)| {
            let named = token(&reply.sent).is_some_and(|token| memchr::memmem::find(bytes, token.as_bytes()).is_some());
            question.is_invite() && named
        });
        let Some((ask, sent)) = known.map(|(ask, reply)| (*ask, reply.sent.clone())) else { return };
        self.follow_up(ask, &sent, message);
    }

    /// Ends the transaction of an INVITE, so that nobody repeats anything: ACK for a final answer, CANCEL for a ringing one.
    fn follow_up(&mut self, ask: Ask, sent: &Bytes, message: &Response) {
        let to = message.headers.first(&HeaderName::To).cloned().unwrap_or_default();
        let methods: &[&str] = match message.status.code() {
            100 => &[],
            101..=199 => &["CANCEL"],
            200..=299 => &["ACK", "BYE"],
            _ => &["ACK"],
        };
        for method in methods {
            if let Some(bytes) = follow_up(method, sent, &to) {
                self.send((ask.0, Question::Own), bytes);
            }
        }
    }

    /// A call to ourselves is on its way. Where it comes back it is refused; where it rings instead, it is not to go on ringing.
    fn is_on_its_way(&mut self, at: usize, message: &Response, now: Instant) {
        let pending = &mut self.pending[at];
        if !pending.heard {
            (pending.heard, pending.until) = (true, now + LOOPED);
        }
        if pending.cancels > 0 {
            return;
        }
        if message.status != Status::TRYING {
            pending.until = pending.until.min(now + RINGS);
        }
        if self.replies.get(&self.pending[at].ask).is_some_and(|reply| reply.looped.is_some()) {
            self.take_back(at, now);
        }
    }

    /// A call to ourselves came back: whoever else it would ring is not to be rung once it is refused.
    fn looped(&mut self, body: Bytes, now: Instant) {
        let Some(at) = self.pending.iter().position(|pending| pending.ask.1.is_loop()) else { return };
        if let Some(reply) = self.replies.get_mut(&self.pending[at].ask) {
            reply.looped.get_or_insert(body);
        }
        // What nothing was heard of yet cannot be taken back (RFC 3261 9.1).
        if self.pending[at].heard && self.pending[at].cancels == 0 {
            self.take_back(at, now);
        }
    }

    /// Answers the challenge to one of V6's or V14's requests.
    fn authorize(&mut self, at: usize, message: &Response, now: Instant) -> bool {
        let ask = self.pending[at].ask;
        let (challenge, header) = match message.status.code() {
            401 => (HeaderName::WwwAuthenticate, "Authorization"),
            407 => (HeaderName::ProxyAuthenticate, "Proxy-Authorization"),
            _ => return false,
        };
        let values = message.headers.all(&challenge).map(|value| &value[..]);
        let (Some(challenge), Some(account), true) =
            (Challenge::choose(values), self.target.account.clone(), ask.1.is_of_account())
        else {
            return false;
        };
        let Some(mut draft) = self.message(ask, 1) else { return false };
        let cnonce = self.token();
        let uri = format!("sip:{}", draft.uri);
        let value = answer(&challenge, (&account.username, &account.password), (draft.method, &uri), 1, &cnonce);
        draft.cseq = 2;
        draft.lines.push(format!("{header}: {value}"));
        let pending = Pending { authorized: true, ..self.pending_of(ask, 1, &draft, now) };
        self.remember(&pending);
        self.send(ask, pending.bytes.clone());
        self.pending[at] = pending;
        true
    }

    fn quoted(&mut self, socket: Socket, quote: Quote) {
        let waits = |pending: &Pending| pending.ask.0 == socket && pending.ask.1.ttl().is_some();
        let Some(at) = self.pending.iter().position(waits) else { return };
        let pending = self.pending.swap_remove(at);
        if let Some(reply) = self.replies.get_mut(&pending.ask) {
            reply.quote = Some(quote);
        }
    }

    fn draft(&mut self, ask: Ask, method: usize, now: Instant) -> Option<Pending> {
        let draft = self.message(ask, method)?;
        Some(self.pending_of(ask, method, &draft, now))
    }

    fn pending_of(&self, ask: Ask, method: usize, draft: &Draft, now: Instant) -> Pending {
        let waits = ask.1.waits();
        let once = waits.iter().sum();
        let wait = if transport(&self.target, ask.0) == Transport::Udp {
            waits.first().copied().unwrap_or(once)
        } else {
            once
        };
        let (token, bytes) = (draft.token.clone(), draft.to_bytes());
        Pending { ask, token, method, tries: 0, until: now + wait, bytes, authorized: false, heard: false, cancels: 0 }
    }

    fn token(&mut self) -> String {
        self.serial += 1;
        format!("{:012x}{:04x}", self.rng.random::<u64>() & 0xffff_ffff_ffff, self.serial & 0xffff)
    }

    /// Our public address on the flow of this socket, as the answer to its canary told it.
    fn public(&self, socket: Socket, canary: Question) -> Option<SocketAddr> {
        let answer = self.replies.get(&(socket, canary))?.answer.as_ref()?;
        public_of(&answer.message, self.local(socket)?)
    }

    /// The message of a question; `None` when it cannot be asked here.
    fn message(&mut self, (socket, question): Ask, method: usize) -> Option<Draft> {
        let (local, token) = (self.local(socket)?, self.token());
        let (own, canary) = (local.ip().to_canonical(), IpAddr::V4(self.target.canary));
        let media_port = 2 * self.rng.random_range(8_000..32_000u16);
        let domain = self.target.domain.to_string();
        let mut draft = Draft {
            method: METHODS[method.min(METHODS.len() - 1)],
            transport: transport(&self.target, socket),
            uri: domain.clone(),
            via: at(canary, local.port()),
            from: domain.clone(),
            to: domain.clone(),
            call_id: String::new(),
            user: format!("x{token}"),
            called: None,
            token,
            cseq: 1,
            max_forwards: 70,
            lines: Vec::new(),
            body: String::new(),
            size: 0,
            compact: false,
        };
        if question.is_invite() {
            draft.method = "INVITE";
            draft.max_forwards = 0;
            draft.uri = format!("{}@{domain}", draft.user);
        }
        match question {
            Question::Canary | Question::CanaryAgain => {}
            Question::Own => {
                draft.via = self.target.sent_by.as_ref().map_or_else(|| at(own, local.port()), ToString::to_string);
            }
            Question::PaddedOwn => draft.from = format!("{}:{}", padded(own)?, local.port()),
            Question::PaddedCanary => draft.from = format!("{}:{}", padded(canary)?, local.port()),
            Question::Reverse => reverse(&mut draft, self.reversible(socket, Question::Canary)?),
            Question::WrongPort => {
                let elsewhere = self.local(Socket::Elsewhere)?;
                draft.via = at(own, elsewhere.port());
                let server = self.target.udp.ip();
                (draft.uri, draft.from, draft.to) = (host(server), host(server), host(server));
            }
            Question::InviteCanary | Question::InviteCanaryAgain => {
                self.with_call(&mut draft, canary, local.port(), media_port);
            }
            Question::InviteOwn => self.with_call(&mut draft, own, local.port(), media_port),
            Question::InviteReverse => {
                let public = self.reversible(socket, Question::InviteCanary)?;
                self.with_call(&mut draft, public.ip(), public.port(), media_port);
                reverse(&mut draft, public);
            }
            Question::Odd(odd) => {
                draft.via = at(own, local.port());
                draft.body = odd_description(odd, own, media_port);
            }
            Question::QuoteInvite(_) => self.with_call(&mut draft, own, local.port(), media_port),
            Question::QuoteRegister(_) => {
                draft.method = "REGISTER";
                draft.max_forwards = 0;
                draft.via = at(own, local.port());
                draft.compact = true;
                draft.lines = vec![format!("m: <sip:{}@{}>", draft.user, draft.via), "Expires: 300".into()];
            }
            Question::BindCanary | Question::BindOwn | Question::ReadBack | Question::Unbind => {
                draft.method = "REGISTER";
                draft.via = at(own, local.port());
                // Each Contact has a name of its own, by which it is known again whatever became of its address.
                let bound = if question == Question::BindOwn { draft.via.clone() } else { at(canary, local.port()) };
                draft.lines = match question {
                    Question::ReadBack => Vec::new(),
                    Question::Unbind => self.bound().map(|contact| format!("Contact: {contact};expires=0")).collect(),
                    _ => vec![format!("Contact: <sip:{}@{bound}>;expires=60", draft.user)],
                };
                draft.user = self.target.account.as_ref()?.user.to_string();
            }
            Question::LoopCanary | Question::LoopOwn => {
                let described = if question == Question::LoopOwn { own } else { canary };
                draft.via = at(own, local.port());
                draft.max_forwards = 70;
                draft.user = self.target.account.as_ref()?.user.to_string();
                let number = self.target.number.as_ref()?;
                (draft.uri, draft.called) = (format!("{number}@{domain}"), Some(number.to_string()));
                draft.lines = vec![format!("Contact: <sip:{}@{}>", draft.user, draft.via)];
                draft.body = plain_description(described, media_port);
            }
            Question::Size(_, size) => draft.size = size.into(),
            Question::Near => draft.via = at(own, local.port()),
            Question::FarPadded | Question::FarControl => {
                let far = self.target.udp;
                let shown = if question == Question::FarPadded { far.ip() } else { canary };
                draft.via = at(own, local.port());
                draft.from = format!("{}:{}", padded(shown.to_canonical())?, far.port());
                (draft.uri, draft.to) = (far.to_string(), far.to_string());
            }
        }
        Some(draft)
    }

    /// The public address to be written by V3; `None` where no address is translated, so that there is nothing to see.
    fn reversible(&self, socket: Socket, canary: Question) -> Option<SocketAddr> {
        let own = self.local(socket)?.ip().to_canonical();
        self.public(socket, canary).filter(|public| is_private(own) && !is_private(public.ip()))
    }

    fn with_call(&self, draft: &mut Draft, address: IpAddr, port: u16, media_port: u16) {
        draft.via = at(address, port);
        draft.lines = vec![format!("Contact: <sip:{}@{}>", draft.user, draft.via)];
        draft.body = plain_description(address, media_port);
    }

    /// The Contacts that V6 bound, as they were sent, without their lifetime.
    fn bound(&self) -> impl Iterator<Item = String> + '_ {
        [Question::BindCanary, Question::BindOwn].into_iter().filter_map(|question| {
            let reply = self.replies.get(&(Socket::Binds, question))?;
            Some(sent_field(&reply.sent, "Contact")?.split('>').next()?.to_owned() + ">")
        })
    }
}

/// What is spoken on a socket of a run.
fn transport(target: &Target, socket: Socket) -> Transport {
    if socket == Socket::Live { target.live.unwrap_or(Transport::Udp) } else { socket.transport() }
}

/// Characters of a token.
const TOKEN: usize = 16;

fn host(address: IpAddr) -> String {
    if address.is_ipv6() { format!("[{address}]") } else { address.to_string() }
}

/// Where the server saw us.
pub(super) fn public_of(message: &Response, local: SocketAddr) -> Option<SocketAddr> {
    let via = ViaView::top(&message.headers)?;
    let port = via.rport.and_then(|port| port.parse().ok()).unwrap_or(local.port());
    Some(SocketAddr::new(via.received_address()?, port))
}

/// V3: no private address is left anywhere.
fn reverse(draft: &mut Draft, public: SocketAddr) {
    draft.via = public.to_string();
    draft.from = public.to_string();
    draft.call_id = format!("@{}", public.ip());
}

fn odd_description(odd: Odd, own: IpAddr, port: u16) -> String {
    let (family, other, nowhere) = match own {
        IpAddr::V4(_) => ("IP4", "IP6", NOWHERE_V6.to_owned()),
        IpAddr::V6(_) => ("IP6", "IP4", NOWHERE_V4.to_string()),
    };
    match odd {
        Odd::Before | Odd::After => plain_description(own, port),
        Odd::Port9 => plain_description(own, 9),
        Odd::Port1023 => plain_description(own, 1_023),
        Odd::OtherFamily => description(own, other, &nowhere, port),
        Odd::HostName => description(own, family, "media.example.invalid", port),
    }
}
