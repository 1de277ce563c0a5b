//! At the door: who knocks, what the doorkeeper says, and what is done about it.
//!
//! It is asked about every packet before it is read, about every request that proves nothing, and about every proof before it is
//! judged. A call for help from the office passes whatever it says (invariant 1).

use std::borrow::Cow;
use std::collections::BTreeSet;
use std::net::{IpAddr, SocketAddr};
use std::time::Instant;

use bytes::Bytes;
use centrale_config::SourceRange;
use centrale_guard::knock::{
    Answer, Doorkeeper, Failure, Kind, Knocker, Reason, Side, Standing, Tally, Verdict, thresholds,
};
use centrale_guard::{Civil, Place};
use centrale_sip::auth::{Offer, Proof, Terms};
use centrale_sip::endpoint::ServerKey;
use centrale_sip::flow::{Flow, FlowId, Transport};
use centrale_sip::message::{HeaderName, Message, Method, Request, Response, Status, scan_datagram};
use centrale_sip::registrar::{AddressOfRecord, Binding};

use crate::call::{Call, dialled};
use crate::credit::Credit;
use crate::exchange::Exchange;
use crate::incidents::Named;
use crate::io::{Firewall, KeptBlock, Output};
use crate::problem::NotHeard;
use crate::quirks;
use crate::trunk::Trunk;

/// The doorkeeper, and what it said so far.
#[derive(Debug)]
pub(crate) struct Door {
    pub(crate) keeper: Doorkeeper,
    counts: [u64; Reason::ALL.len()],
    /// Length of the packet in hand.
    length: usize,
    credit: Credit,
    /// When the story of today was told last.
    pub(crate) told_at: Option<Instant>,
    pub(crate) not_heard: NotHeard,
}

/// Why a request's sender is nobody we know, and what the doorkeeper says to that.
#[derive(Debug)]
pub(crate) struct Unproven {
    who: Knocker,
    pub(crate) proof: Proof,
    pub(crate) verdict: Verdict,
    /// It calls for help from where its account is at home, as far as can be seen, and its proof is not looked at because too many
    /// wrong ones were.
    pub(crate) helps: bool,
}

impl Unproven {
    const fn new(who: Knocker, proof: Proof, verdict: Verdict) -> Self {
        Self { who, proof, verdict, helps: false }
    }
}

impl Door {
    pub(crate) fn new(key: u64) -> Self {
        let (counts, not_heard) = ([0; Reason::ALL.len()], NotHeard::default());
        Self { keeper: Doorkeeper::new(key), counts, length: 0, credit: Credit::default(), told_at: None, not_heard }
    }

    /// What was not let in, each reason with its name and a sentence.
    pub(crate) fn counted(&self) -> impl Iterator<Item = (&'static str, u64, &'static str)> {
        Reason::ALL.iter().zip(self.counts).map(|(reason, count)| {
            let (name, help) = reason.counter();
            (name, count, help.trim())
        })
    }
}

impl Exchange {
    /// A packet, if it may come in.
    pub(crate) fn handle_packet(&mut self, now: Instant, flow: Flow, mut bytes: Bytes) {
        let who = self.knocker(&flow);
        let is_closed = self.is_closed_to(now, &who, &flow);
        if is_closed && !is_invite(&bytes) {
            self.note_not_heard(now, flow.local.ip(), &bytes);
            return self.count_and_block(&who, Verdict::Silence(Reason::NotOpened));
        }
        let verdict = self.door.keeper.packet(now, &who, &bytes);
        if verdict != Verdict::Pass && !self.is_in_a_call_for_help(&flow) {
            self.carry_out(now, &who, verdict, Named::default());
            if !self.calls_for_help(&who, &bytes) {
                return;
            }
        }
        if is_closed && !self.asks_for_help(&bytes) {
            return self.count_and_block(&who, Verdict::Silence(Reason::NotOpened));
        }
        if self.takes_answer_of_probe(now, &flow, &bytes) {
            return;
        }
        bytes = self.undressed(&flow, bytes);
        self.door.length = bytes.len();
        if who.standing == Standing::Phone {
            bytes = self.healed(now, &flow, bytes);
        }
        if is_unknown_outside(&who) {
            self.endpoint.handle_packet_quietly(now, flow, bytes);
        } else {
            self.endpoint.handle_packet(now, flow, bytes);
        }
    }

    /// Who knocks, by where it is heard from.
    pub(crate) fn knocker(&self, flow: &Flow) -> Knocker {
        let remote = flow.remote;
        let standing = if self.registrar.is_heard_from(remote) {
            Standing::Phone
        } else if self.all_trunks().any(|trunk| trunk.is_at(flow) || self.is_named_source(trunk, flow)) {
            Standing::Trusted
        } else if self.expects(remote.ip()) {
            Standing::Expected
        } else if self.registrar.is_home_of(remote.ip()) || self.calls.values().any(|call| call.leads_to(remote.ip())) {
            Standing::Neighbour
        } else {
            Standing::Stranger
        };
        let side = if self.interfaces.is_office(remote.ip()) { Side::Office } else { Side::Internet };
        let is_apart = self.registrar.is_heard_apart_from(remote);
        Knocker { flow: remote, side, standing, is_really_there: flow.transport.is_reliable(), is_apart }
    }

    /// Whether the office lets somebody there look at the box today.
    fn expects(&self, source: IpAddr) -> bool {
        let scanners = &self.directory.office().scanners;
        !scanners.is_empty() && {
            let today = self.costs.today.days();
            Civil::is_known(today) && scanners.iter().any(|one| one.network.contains(source) && one.is_expected(today))
        }
    }

    /// Whether a stranger knocks at an address of the box on the internet that nobody opened by naming it. Who comes through
    /// a port that a router forwards comes to a private one. Who was taken in from a network is heard from there, also when it is not registered
    /// now. A call for help is heard from everywhere: a phone that moved is a stranger.
    fn is_closed_to(&self, now: Instant, who: &Knocker, flow: &Flow) -> bool {
        !self.settings.opens(flow.local.ip())
            && is_unknown_outside(who)
            && !who.is_apart
            && !self.trunks.iter().any(|trunk| trunk.is_newly_sought(now))
            && !self.bonds.knows(&Place::outside(who.source()))
    }

    /// Whether a call for help is going on from or to there: nothing of it is kept out.
    fn is_in_a_call_for_help(&self, flow: &Flow) -> bool {
        self.calls.values().any(|call| call.emergency && call.leads_to(flow.remote.ip()))
    }

    /// What follows in a call for help from the office passes the kernel however many strangers flood it: for as long as it goes on.
    pub(crate) fn hear_who_calls_for_help(&mut self, call: &Call) {
        let source = call.caller.dialog.path.remote().ip().to_canonical();
        if self.interfaces.is_office(source) {
            self.outputs.push_back(Output::Known(source));
        }
    }

    /// Whether a packet that is not to come in begins a call for help from the office, or from a phone of it wherever that is.
    fn calls_for_help(&self, who: &Knocker, bytes: &Bytes) -> bool {
        let is_ours = who.side == Side::Office || who.standing == Standing::Phone;
        is_ours && self.asks_for_help(bytes)
    }

    /// Whether a packet begins a call for help.
    fn asks_for_help(&self, bytes: &Bytes) -> bool {
        is_invite(bytes) && matches!(scan_datagram(bytes), Ok(Message::Request(request)) if self.is_for_help(&request))
    }

    /// Who sent this?
    ///
    /// # Errors
    /// Nobody we know; to be handed to [`Exchange::refuse_unproven`].
    pub(crate) fn prove(&mut self, now: Instant, request: &Request, flow: &Flow) -> Result<String, Unproven> {
        let who = self.knocker(flow);
        let is_unraised = self.repeats_turn(now, &who, request);
        let answer = match self.authenticator.read(now, request, flow.remote.ip()) {
            Ok(answer) => answer,
            Err(proof) => return Err(self.weigh_unproven(now, &who, request, proof)),
        };
        let (account, secret) = (answer.username().to_owned(), answer.print());
        let is_own = who.standing == Standing::Phone
            && self.registered_from(&who, &account).any(|binding| *binding.username == *account);
        if request.method != Method::REGISTER && !self.door.keeper.answered_beside_login(now, &who, &account, is_own) {
            return Err(Unproven::new(who, Proof::None, Verdict::Uniform(Reason::Unproven)));
        }
        if answer.is_repeated() && !self.door.keeper.repeats_nonce(now, &who, &account) {
            return Err(self.weigh_unproven(now, &who, request, Proof::Stale));
        }
        let is_outside = who.side == Side::Internet;
        let knocks = Answer {
            account: &account,
            secret,
            is_bound: is_outside && self.is_bound(&account, request, flow),
            is_for_help: is_outside && self.is_for_help(request),
            is_own,
            is_unraised,
        };
        let verdict = self.door.keeper.answered(now, &who, &knocks);
        if verdict != Verdict::Pass {
            self.note_under_attack(now, &account);
            let named = Named { account: &account, request: Some(request), ..Named::default() };
            let helps = knocks.is_for_help
                && matches!(verdict, Verdict::Tarpit(_))
                && self.door.keeper.is_at_home(now, &who, &knocks);
            let verdict = self.carry_out(now, &who, verdict, named);
            return Err(Unproven { helps, ..Unproven::new(who, Proof::None, verdict) });
        }
        let login = self.directory.login(&account);
        let earlier = login.map(|login| login.earlier.as_slice()).unwrap_or_default();
        let known = login.map(|login| &login.secrets);
        let seen_as = self.trunks.iter().filter_map(Trunk::public_ip);
        let asked = request.uri.as_sip().and_then(|uri| uri.host.ip());
        let ours = asked.into_iter().chain(self.interfaces.source_for(flow.remote.ip())).chain(seen_as);
        let answer = answer.may_mean(ours);
        let proof = self.authenticator.judge(answer, request.method.as_str(), known, earlier);
        match proof {
            Proof::Proven(username) => {
                self.door.keeper.proved(now, &who, &username);
                Ok(username)
            }
            Proof::Rewritten(username) => {
                self.door.keeper.proved(now, &who, &username);
                self.note_proof_written_over(now, flow, &username, request);
                Ok(username)
            }
            proof => Err(self.weigh_failure(now, &who, request, &knocks, proof)),
        }
    }

    /// Whether another request of the same Call-ID and CSeq came from there. Only of a stranger outside that says anything.
    fn repeats_turn(&mut self, now: Instant, who: &Knocker, request: &Request) -> bool {
        if !is_unknown_outside(who) {
            return false;
        }
        let text = |name| request.headers.text(&name).unwrap_or_default();
        let turn = [text(HeaderName::CallId), text(HeaderName::CSeq)].join(" ");
        let itself = [turn.as_str(), &text(HeaderName::Via), &text(HeaderName::Authorization)].join(" ");
        self.door.keeper.repeats_turn(now, who, &turn, &itself)
    }

    /// What of the number of an account is registered over the flow of who knocks.
    fn registered_from<'a>(&'a self, who: &Knocker, account: &str) -> impl Iterator<Item = &'a Binding> + use<'a> {
        let number = account.split('-').next().unwrap_or_default();
        self.registrar.registered_from(&AddressOfRecord::new(number), who.flow)
    }

    fn weigh_failure(
        &mut self,
        now: Instant,
        who: &Knocker,
        request: &Request,
        knocks: &Answer<'_>,
        proof: Proof,
    ) -> Unproven {
        let failure = match proof {
            Proof::OldSecret(_) => Failure::Old,
            Proof::WrongSecret(_) | Proof::UnknownUser(_) => Failure::Wrong,
            _ => return Unproven::new(*who, proof, Verdict::Uniform(Reason::Unproven)),
        };
        let verdict = self.door.keeper.failed(now, who, knocks, failure);
        self.note_under_attack(now, knocks.account);
        let named = Named { account: knocks.account, request: Some(request), ..Named::default() };
        let verdict = self.carry_out(now, who, verdict, named);
        Unproven::new(*who, proof, verdict)
    }

    /// A request without proof: what it wants, and for whom.
    fn weigh_unproven(&mut self, now: Instant, who: &Knocker, request: &Request, proof: Proof) -> Unproven {
        let (called, user) = (dialled(&request.uri), user_of(request));
        let mut named = Named { account: &user, request: Some(request), ..Named::default() };
        let verdict = if proof == Proof::Malformed && is_unknown_outside(who) {
            Verdict::Silence(Reason::Unasked)
        } else {
            let kind = match request.method {
                Method::REGISTER => Kind::Register,
                Method::INVITE if self.is_for_help(request) => Kind::Help,
                Method::INVITE => {
                    named.target = &called;
                    Kind::Invite(&called)
                }
                ref other => Kind::Other(other.as_str()),
            };
            self.door.keeper.asked(now, who, kind, &user)
        };
        let verdict = self.carry_out(now, who, verdict, named);
        Unproven::new(*who, proof, verdict)
    }

    /// Whether a request that asks for no proof comes from who is not to learn that anybody is here. It is forgotten then.
    pub(crate) fn leaves_unanswered(&mut self, now: Instant, key: ServerKey, request: &Request, flow: &Flow) -> bool {
        let who = self.knocker(flow);
        let unproven = self.weigh_unproven(now, &who, request, Proof::None);
        if unproven.verdict.is_silent() {
            self.endpoint.ignore(key);
        }
        unproven.verdict.is_silent()
    }

    /// The same answer to everybody who has proved nothing, so that nobody learns which numbers exist; or none.
    pub(crate) fn refuse_unproven(
        &mut self,
        now: Instant,
        key: ServerKey,
        request: &Request,
        flow: &Flow,
        unproven: &Unproven,
    ) {
        self.count_unproven(request, flow, unproven);
        if unproven.verdict.is_silent() {
            return self.endpoint.ignore(key);
        }
        if unproven.proof == Proof::Malformed {
            return self.endpoint.respond_stateless(key, request.response(Status::BAD_REQUEST));
        }
        match self.challenge(now, request, flow, unproven) {
            Some(challenge) => self.endpoint.respond_stateless(key, challenge),
            None => self.endpoint.ignore(key),
        }
    }

    /// The challenge. To an unknown sender whose address may be made up it is never longer than what came from there: with one
    /// algorithm when two are too long, and `None` when one is, until the question was repeated often enough.
    fn challenge(&mut self, now: Instant, request: &Request, flow: &Flow, unproven: &Unproven) -> Option<Response> {
        let who = unproven.who;
        let stale = matches!(unproven.proof, Proof::Stale | Proof::Replayed(_));
        // As a rule nobody got anything wrong there, and for whom it is need not be read.
        let user = (!stale && !self.door.keeper.is_clean(&who)).then(|| user_of(request));
        let number = user.as_deref().map(|user| user.split('-').next().unwrap_or_default());
        // A phone's own challenges are not weakened by what others get wrong beside it.
        let is_own = |number: &str| self.registered_from(&who, number).next().is_some();
        let repeat = number.filter(|number| self.door.keeper.repeats_nonce(now, &who, number) && !is_own(number));
        let tag = self.token();
        let best = quirks::digest_offer(request);
        let mut offers = [best, Offer::Md5Only].into_iter().take(if best == Offer::Md5Only { 1 } else { 2 });
        self.within_bytes(now, &who, flow, |exchange| {
            let terms = Terms { stale, offer: offers.next()?, repeat };
            Some(exchange.authenticator.challenge(now, (request, flow.remote.ip()), &tag, terms))
        })
    }

    /// The first of these answers that is not longer than what came from a sender whose address may be made up; that counts as
    /// answered then. When every one is longer, what came is kept for the repetition.
    fn within_bytes(
        &mut self,
        now: Instant,
        who: &Knocker,
        flow: &Flow,
        mut next: impl FnMut(&mut Self) -> Option<Response>,
    ) -> Option<Response> {
        if !is_bounded(who, flow) {
            return next(self);
        }
        let is_ours = who.side == Side::Office || self.bonds.knows(&Place::outside(who.source()));
        let most = self.door.length + self.door.credit.take(now, (who.source(), is_ours));
        while let Some(response) = next(self) {
            if response.to_bytes().len() <= most {
                return Some(response);
            }
        }
        self.door.credit.keep(now, (who.source(), is_ours), most);
        None
    }

    /// Answers what is not spoken here, unless that would be longer than what an unknown sender sent.
    pub(crate) fn answer_within_bytes(&mut self, now: Instant, key: ServerKey, response: Response, flow: &Flow) {
        let who = self.knocker(flow);
        let mut response = Some(response);
        match self.within_bytes(now, &who, flow, |_| response.take()) {
            Some(response) if is_bounded(&who, flow) => self.endpoint.respond_stateless(key, response),
            Some(response) => self.endpoint.respond(now, key, response),
            None => self.endpoint.ignore(key),
        }
    }

    fn count_unproven(&mut self, request: &Request, flow: &Flow, unproven: &Unproven) {
        let count = &mut self.counters;
        match &unproven.proof {
            Proof::Malformed => count.malformed_proof += 1,
            Proof::WrongSecret(_) => count.wrong_secret += 1,
            Proof::OldSecret(_) => count.old_secret += 1,
            Proof::UnknownUser(_) => count.unknown_user += 1,
            Proof::Replayed(_) => count.replayed += 1,
            Proof::None | Proof::Stale | Proof::Proven(_) | Proof::Rewritten(_) => count.challenged += 1,
        }
        if let Proof::WrongSecret(username) | Proof::OldSecret(username) = &unproven.proof {
            let guesses = unproven.verdict.reason().is_some_and(Reason::is_attack);
            self.note_stale_password(username, request, flow, guesses);
        }
    }

    /// Counts a verdict and does what it asks for besides the answer.
    fn carry_out(&mut self, now: Instant, who: &Knocker, verdict: Verdict, named: Named<'_>) -> Verdict {
        self.count_and_block(who, verdict);
        if verdict.is_attempt_of(who.standing) {
            self.note_attempts(now);
            self.note_stopped(now, who, verdict, named);
        }
        verdict
    }

    /// Counts a verdict, and blocks whom it blocks.
    pub(crate) fn count_and_block(&mut self, who: &Knocker, verdict: Verdict) {
        let Some(reason) = verdict.reason() else { return };
        if let Some(at) = Reason::ALL.iter().position(|one| *one == reason) {
            self.door.counts[at] += 1;
        }
        let block = match verdict {
            Verdict::BlockFlow(_, lasts) => Some((Some(who.flow.port()), lasts)),
            Verdict::BlockSource(_, lasts) => Some((None, lasts)),
            _ => None,
        };
        if let Some((port, lasts)) = block
            && !self.may_be_a_provider(who)
        {
            let trickles = who.side == Side::Office;
            // An administrator in the office whose machine is slowed down still sees the page.
            let page = !trickles && (who.is_really_there || reason.needs_an_answer());
            let firewall = Firewall { source: who.source(), port, lasts, trickles, page, reason: reason.code() };
            self.outputs.push_back(Output::Firewall(firewall));
        }
    }

    /// Whether it may be a provider whose name was not found yet. What the firewall drops nobody looks at, so it is only not
    /// answered then.
    fn may_be_a_provider(&self, who: &Knocker) -> bool {
        is_unknown_outside(who) && self.trunks.iter().any(Trunk::is_sought)
    }

    /// A provider or a phone is there: whatever was held against that address, and be it by others in its name, its packets
    /// come in.
    pub(crate) fn let_in(&mut self, source: IpAddr) {
        self.lift(source);
        self.outputs.push_back(Output::Known(source.to_canonical()));
    }

    /// Whoever is at the addresses that phones left since is a stranger, unless somebody else is known there.
    pub(crate) fn forget_who_left(&mut self) {
        let left = self.registrar.take_left();
        self.forget(&left);
    }

    /// The same of these addresses.
    pub(crate) fn forget(&mut self, left: &[IpAddr]) {
        for source in left {
            // No port: who speaks from the machine itself is told apart by it, and is not held up anyway.
            let at = SocketAddr::new(*source, 0);
            let who = self.knocker(&Flow { id: FlowId(0), transport: Transport::Udp, local: at, remote: at });
            if who.is_stranger() {
                self.outputs.push_back(Output::Unknown(source.to_canonical()));
            }
        }
    }

    /// The same for each of these ranges, from which a provider calls: every address alone, and of a range whoever was blocked in it.
    pub(crate) fn let_in_all(&mut self, ranges: &[SourceRange]) {
        let is_within = |source: &IpAddr| ranges.iter().any(|range| range.contains(*source));
        let blocked = self.door.keeper.blocked().filter(is_within);
        let sources: BTreeSet<IpAddr> = ranges.iter().filter_map(SourceRange::address).chain(blocked).collect();
        sources.into_iter().for_each(|source| self.let_in(source));
    }

    /// Ends the blocks of whom the office lets look at the box.
    pub(crate) fn lift_expected(&mut self) {
        let blocked: Vec<IpAddr> = self.door.keeper.blocked().filter(|source| self.expects(*source)).collect();
        blocked.into_iter().for_each(|source| self.lift(source));
    }

    /// Goes on with blocks of before a restart, where nobody is known by now. Of each a few packets must pass: somebody may
    /// register there.
    pub(crate) fn restore_blocks(&mut self, now: Instant, blocks: &[KeptBlock]) {
        for KeptBlock { source, reason, page, lasts } in blocks.iter().copied() {
            // A clock that was set back makes a rest of centuries.
            let lasts = lasts.min(thresholds::LONGEST_BLOCK);
            let at = SocketAddr::new(source, 0);
            let who = self.knocker(&Flow { id: FlowId(0), transport: Transport::Udp, local: at, remote: at });
            if who.standing == Standing::Stranger {
                self.door.keeper.restore(now, &who, lasts);
                let firewall = Firewall { source, port: None, lasts, trickles: true, page, reason: reason.code() };
                self.outputs.push_back(Output::Firewall(firewall));
            }
        }
    }

    /// Ends every block of an address.
    pub(crate) fn lift(&mut self, source: IpAddr) {
        self.door.keeper.lift(source);
        self.outputs.push_back(Output::Lift(source.to_canonical()));
    }

    /// The same by somebody's word: whoever waits there is judged at once.
    pub(crate) fn pardon(&mut self, source: IpAddr) {
        self.lift(source);
        self.door.keeper.pardon(source);
    }

    /// What was stopped in the last 24 hours.
    pub(crate) fn attempts(&mut self, now: Instant) -> Tally {
        self.door.keeper.tally(now)
    }
}

/// Whether an answer may go to somebody who asked for nothing: the address of a packet may be made up.
fn is_bounded(who: &Knocker, flow: &Flow) -> bool {
    who.is_stranger() && flow.transport == Transport::Udp && !who.is_apart
}

/// Whether it is on the internet and nobody we know.
fn is_unknown_outside(who: &Knocker) -> bool {
    who.side == Side::Internet && who.is_stranger()
}

fn is_invite(bytes: &Bytes) -> bool {
    bytes.trim_ascii_start().starts_with(b"INVITE ")
}

/// For whom a REGISTER is, and from whom anything else.
pub(crate) fn user_of(request: &Request) -> Cow<'_, str> {
    let party = if request.method == Method::REGISTER { HeaderName::To } else { HeaderName::From };
    request.headers.dialled(&party).unwrap_or_default()
}
