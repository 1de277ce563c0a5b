//! The decisions.

use std::hash::{Hash as _, Hasher as _};
use std::net::IpAddr;
use std::time::{Duration, Instant};

use super::accounts::Accounts;
use super::bucket::Bucket;
use super::decoys::{self, User};
use super::evidence::{Answer, Failure, Kind, Knocker, Side, Standing};
use super::recent::Recent;
use super::siege::Siege;
use super::source::{Account, Source};
use super::sources::{Sources, holding_of};
use super::tally::{Day, Tally};
use super::{Reason, Verdict, prints, probes, thresholds as most};

/// Who may knock. See the module's opening.
#[derive(Debug)]
pub struct Doorkeeper {
    key: u64,
    sources: Sources,
    accounts: Accounts,
    siege: Siege,
    /// Ends of numbers that sprays from the internet called.
    probed: Recent,
    strangers: Bucket,
    newcomers: Bucket,
    day: Day,
}

/// What a scanner that is expected meets in place of a block: whoever guesses passwords still waits, and is told of.
const fn not_blocked(reason: Reason) -> Verdict {
    match reason {
        Reason::Flood => Verdict::Silence(reason),
        // What prints name is not looked for there: it is a wrong proof of a tool.
        Reason::Guessing | Reason::Scanner => Verdict::Tarpit(Reason::Guessing),
        Reason::Spraying => Verdict::Tarpit(reason),
        _ => Verdict::Uniform(Reason::Unproven),
    }
}

impl Doorkeeper {
    /// One who remembers nobody. `key` is random: names are remembered as hashes under it.
    pub fn new(key: u64) -> Self {
        let (sources, accounts, siege) = (Sources::default(), Accounts::default(), Siege::default());
        Self {
            key,
            sources,
            accounts,
            siege,
            probed: Recent::default(),
            strangers: Bucket::default(),
            newcomers: Bucket::default(),
            day: Day::default(),
        }
    }

    /// A packet came, and nothing of it was read yet.
    pub fn packet(&mut self, now: Instant, who: &Knocker, bytes: &[u8]) -> Verdict {
        let verdict = match who.standing {
            Standing::Trusted | Standing::Phone => self.weigh_known(now, who),
            Standing::Neighbour | Standing::Stranger | Standing::Expected => self.weigh_packet(now, who, bytes),
        };
        self.count(now, who, verdict)
    }

    /// What no phone and no provider sends is not taken, and nobody is blocked for it: anybody may have sent it in their name.
    fn weigh_known(&mut self, now: Instant, who: &Knocker) -> Verdict {
        let source = self.sources.source(who);
        let passes = match who.standing {
            Standing::Phone => source.sender(now, who.flow.port()).takes_as_phone(now),
            _ => source.pace.bucket.take(now, most::RATE_OF_PROVIDER),
        };
        if passes { Verdict::Pass } else { Verdict::Silence(Reason::Flood) }
    }

    fn weigh_packet(&mut self, now: Instant, who: &Knocker, bytes: &[u8]) -> Verdict {
        let is_expected = who.standing == Standing::Expected;
        if let Some(source) = self.sources.known(who).filter(|_| !is_expected)
            && (source.is_flow_blocked(now, who.flow.port())
                || who.is_stranger() && source.is_blocked(now) && !(source.is_restored && is_register(bytes)))
        {
            // Or newer ones would push the block of who goes on out of memory.
            self.sources.source(who);
            return Verdict::Silence(Reason::Blocked);
        }
        // Before anything is read: what a flood of made-up senders carries may not cost a block each.
        let rate = if who.is_stranger() { self.weigh_rate(now, who) } else { self.weigh_neighbour(now, who) };
        if rate != Verdict::Pass || is_expected || !prints::is_scanner(bytes) {
            return rate;
        }
        let lasts = if who.is_really_there { most::BLOCK_CERTAIN } else { most::BLOCK_UNPROVEN_PATH };
        self.block(now, who, lasts, Reason::Scanner)
    }

    fn weigh_rate(&mut self, now: Instant, who: &Knocker) -> Verdict {
        let is_outside = who.side == Side::Internet;
        let rate = if is_outside { most::RATE_FROM_INTERNET } else { most::RATE_FROM_OFFICE };
        if let Some(is_flood) = self.sources.source(who).pace.take(now, rate) {
            return self.weigh_excess(now, who, is_flood);
        }
        if !is_outside {
            let passes = self.newcomers.take(now, most::RATE_OF_NEWCOMERS);
            return if passes { Verdict::Pass } else { Verdict::Silence(Reason::Flood) };
        }
        let network = self.sources.network(who);
        let crowded = network.is_bad(now) && !network.bucket.take(now, most::RATE_OF_BAD_SUBNET);
        if crowded || !self.strangers.take(now, most::RATE_OF_BOX) {
            return Verdict::Silence(Reason::Flood);
        }
        Verdict::Pass
    }

    /// Beside a phone: who sends too fast loses its own port, and all that is no phone's yet shares what an office needs to boot.
    fn weigh_neighbour(&mut self, now: Instant, who: &Knocker) -> Verdict {
        let source = self.sources.source(who);
        if let Some(is_flood) = source.sender(now, who.flow.port()).pace.take(now, most::RATE_OF_NEIGHBOUR) {
            return self.weigh_excess(now, who, is_flood);
        }
        let passes = source.pace.bucket.take(now, most::RATE_OF_NEIGHBOURS);
        if passes { Verdict::Pass } else { Verdict::Silence(Reason::Flood) }
    }

    fn weigh_excess(&mut self, now: Instant, who: &Knocker, is_flood: bool) -> Verdict {
        if is_flood {
            return self.block(now, who, most::BLOCK_UNPROVEN_PATH, Reason::Flood);
        }
        Verdict::Silence(Reason::Flood)
    }

    /// A request that carries no proof. `user` is who it says it is for (REGISTER) or from.
    pub fn asked(&mut self, now: Instant, who: &Knocker, kind: Kind<'_>, user: &str) -> Verdict {
        // Who is kept apart calls colleagues: dialling is no sign of a thief there. What it may not reach is refused when it
        // has proved itself.
        let may_dial = who.is_apart && matches!(kind, Kind::Invite(_));
        if kind == Kind::Help || may_dial {
            return Verdict::Uniform(Reason::Unproven);
        }
        let verdict = match who.standing {
            // No provider registers: whoever does comes through a gateway that puts its own address in the place of theirs.
            Standing::Trusted if kind == Kind::Register => self.weigh_user(now, who, user),
            Standing::Trusted => Verdict::Uniform(Reason::Unproven),
            _ => self.weigh_asked(now, who, kind, user),
        };
        self.count(now, who, verdict)
    }

    fn weigh_asked(&mut self, now: Instant, who: &Knocker, kind: Kind<'_>, user: &str) -> Verdict {
        if who.standing == Standing::Phone {
            return Verdict::Uniform(Reason::Unproven);
        }
        let outside = who.side == Side::Internet;
        let method = self.hash(match kind {
            Kind::Register => "REGISTER",
            Kind::Invite(_) | Kind::Help => "INVITE",
            Kind::Other(name) => name,
        });
        let source = self.sources.source(who);
        let is_expected = who.standing == Standing::Expected;
        if source.spraying_until.is_some_and(|until| until > now) && !source.is_good(now) && !is_expected {
            return Verdict::Silence(Reason::Spraying);
        }
        source.methods.note(now, most::METHODS_WITHIN, most::METHODS, method);
        if source.methods.count(now, most::METHODS_WITHIN) >= most::METHODS && !source.is_good(now) {
            return self.block(now, who, most::BLOCK_UNPROVEN_PATH, Reason::Inventory);
        }
        match kind {
            Kind::Other(_) if outside && who.is_stranger() => return Verdict::Silence(Reason::Unasked),
            Kind::Invite(dialled) => {
                if let Some(verdict) = self.weigh_called(now, who, dialled) {
                    return verdict;
                }
            }
            _ => {}
        }
        self.weigh_user(now, who, user)
    }

    fn weigh_user(&mut self, now: Instant, who: &Knocker, user: &str) -> Verdict {
        let (sort, name, outside) = (decoys::sort(user), self.hash(user), who.side == Side::Internet);
        let source = self.sources.source(who);
        if sort == User::Possible {
            return self.weigh_possible(now, who, name);
        }
        source.strange.note(now, most::WINDOW, most::REMEMBERED, name);
        if sort == User::Decoy {
            source.decoys.note(now, most::WINDOW, most::REMEMBERED, name);
        }
        let (strange, decoys) = (source.strange.count(now, most::WINDOW), source.decoys.count(now, most::WINDOW));
        let too_many = if outside {
            strange >= most::STRANGE_FROM_INTERNET
        } else {
            strange >= most::STRANGE_FROM_OFFICE || decoys >= most::DECOYS_FROM_OFFICE
        };
        if too_many {
            return self.block(now, who, most::BLOCK_UNPROVEN_PATH, Reason::Enumeration);
        }
        Verdict::Uniform(Reason::Unproven)
    }

    /// A user that an office could have: only how many are left unproven counts, whether they exist or not.
    fn weigh_possible(&mut self, now: Instant, who: &Knocker, name: u64) -> Verdict {
        let source = self.sources.source(who);
        let at_once = source.asked.count_older(now, most::PATIENCE, Duration::ZERO);
        if at_once >= most::ASKED_AT_ONCE && !source.asked.has(now, most::WINDOW, name) {
            return unheard(who, Reason::Enumeration);
        }
        source.asked.begin(now, most::WINDOW, most::REMEMBERED, name);
        let left = source.asked.count_older(now, most::WINDOW, most::PATIENCE);
        let may = if who.side == Side::Internet { most::UNPROVEN_FROM_INTERNET } else { most::UNPROVEN_FROM_OFFICE };
        if left > may && !source.is_good(now) {
            return self.block(now, who, most::BLOCK_UNPROVEN_PATH, Reason::Enumeration);
        }
        Verdict::Uniform(Reason::Unproven)
    }

    fn weigh_called(&mut self, now: Instant, who: &Knocker, dialled: &str) -> Option<Verdict> {
        let tail = probes::tail(dialled);
        let is_probe = tail.as_deref().is_some_and(probes::is_probe);
        let (whole, end) = (self.hash(dialled), tail.map(|tail| self.hash(&tail)));
        let is_outside = who.side == Side::Internet;
        let was_probed = is_outside && end.is_some_and(|end| self.probed.has(now, most::PROBED_FOR, end));
        let source = self.sources.source(who);
        // A phone whose router gave it another port, and on which two people dial at once, has answered neither challenge yet.
        let is_strange = is_outside && !source.is_good(now);
        let may = if is_strange { most::CALLED_FROM_INTERNET } else { most::CALLED_FROM_OFFICE };
        let is_new = source.called.note(now, most::WINDOW, most::REMEMBERED, whole);
        let same_end = end.is_some_and(|end| !source.tails.note(now, most::WINDOW, most::REMEMBERED, end));
        let called = source.called.count(now, most::WINDOW);
        let is_known_probe = is_probe || was_probed && !source.is_good(now);
        if !(is_known_probe || called > may || is_new && same_end) {
            return None;
        }
        // Under several prefixes, or beside others: what sprays call is the same for a while (threats B-16).
        if let Some(end) = end.filter(|_| is_outside) {
            self.probed.note(now, most::PROBED_FOR, most::PROBED, end);
        }
        Some(self.block(now, who, most::BLOCK_UNPROVEN_PATH, Reason::TollFraud))
    }

    /// A stranger's request, by its Call-ID, CSeq and method, and by what makes it this very one. Whether another one was there before
    /// under that number: whoever answers a challenge raises it (RFC 3261 22.2), as every phone does and no tool that guesses.
    pub fn repeats_turn(&mut self, now: Instant, who: &Knocker, turn: &str, itself: &str) -> bool {
        if !who.is_stranger() {
            return false;
        }
        let (turn, itself) = (self.hash(turn), self.hash(itself));
        let turns = &mut self.sources.source(who).turns;
        let [is_new_turn, is_new] = [turn, itself].map(|one| turns.note(now, most::WINDOW, most::REMEMBERED, one));
        is_new && !is_new_turn
    }

    /// A request carries a proof for an account. Whether it may be judged: [`Verdict::Pass`], else its verdict.
    pub fn answered(&mut self, now: Instant, who: &Knocker, answer: &Answer<'_>) -> Verdict {
        // A phone is kept from its own account by nothing that others did.
        if answer.is_own {
            return Verdict::Pass;
        }
        let verdict = self.weigh_answered(now, who, answer);
        self.count(now, who, verdict)
    }

    fn weigh_answered(&mut self, now: Instant, who: &Knocker, answer: &Answer<'_>) -> Verdict {
        let of = self.account(answer.account);
        let account = of.account;
        let is_at_home = self.is_at_home(now, who, answer);
        let source = self.sources.source(who);
        if source.spraying_until.is_some_and(|until| until > now) && !source.good.has(now, most::GOOD_FOR, account) {
            return unheard(who, Reason::Spraying);
        }
        if let Some(pair) = source.known_pair(account)
            && pair.waits_until.is_some_and(|until| until > now)
        {
            return self.weigh_waiting(now, who, of, answer.secret);
        }
        let is_new = !is_at_home && who.side == Side::Internet;
        let is_watched = |accounts: &Accounts| match is_at_home {
            true => accounts.is_exhausted(now, account, who.source()),
            false => accounts.is_under_attack(now, account, who.side),
        };
        // A call for help waits for no guesses at other accounts; at its own, what nobody judges nobody guesses.
        let watched = is_watched(&self.accounts);
        let besieged = is_new && !answer.is_for_help && self.siege.is_on(now);
        if is_new && (watched || besieged) {
            self.note_besieger(now, who);
        }
        if watched || besieged { Verdict::Tarpit(Reason::Distributed) } else { Verdict::Pass }
    }

    fn note_besieger(&mut self, now: Instant, who: &Knocker) {
        let (network, _) = holding_of(who.source());
        let network = self.hash(&network.to_string());
        self.siege.note(now, network);
    }

    fn weigh_waiting(&mut self, now: Instant, who: &Knocker, of: Account, secret: u64) -> Verdict {
        let pair = self.sources.source(who).pair(now, of);
        if !pair.wrong.has(now, most::ACCOUNT_WINDOW, secret) {
            pair.unjudged.note(now, most::WINDOW, most::REMEMBERED, secret);
        }
        if pair.unjudged.count(now, most::WINDOW) >= most::SECRETS_BEFORE_BLOCK {
            return self.block(now, who, most::BLOCK, Reason::Guessing);
        }
        Verdict::Tarpit(Reason::Guessing)
    }

    /// Whether a proof comes from where its account is at home, as far as can be seen without judging it: from where it proved itself,
    /// or from a device of its own.
    pub fn is_at_home(&self, now: Instant, who: &Knocker, answer: &Answer<'_>) -> bool {
        answer.is_bound || self.accounts.is_known(now, self.account(answer.account).account, who.source())
    }

    /// A proof was judged and is none. Its sender echoed a nonce of ours: it is really there.
    pub fn failed(&mut self, now: Instant, who: &Knocker, answer: &Answer<'_>, failure: Failure) -> Verdict {
        if failure == Failure::Old {
            self.sources.source(who).forgive_unproven();
            return Verdict::Uniform(Reason::OldSecret);
        }
        let verdict = self.weigh_failed(now, who, answer);
        self.count(now, who, verdict)
    }

    fn weigh_failed(&mut self, now: Instant, who: &Knocker, answer: &Answer<'_>) -> Verdict {
        let (of, secret) = (self.account(answer.account), answer.secret);
        let account = of.account;
        let is_at_home = self.is_at_home(now, who, answer);
        let source = self.sources.source(who);
        source.forgive_unproven();
        let pair = source.pair(now, of);
        // Kept for a day: a phone with an old password repeats one answer to one nonce for as long.
        if !pair.wrong.note(now, most::ACCOUNT_WINDOW, most::REMEMBERED, secret) {
            return Verdict::Uniform(Reason::SameSecret);
        }
        let wrong = pair.wrong.count(now, most::WINDOW);
        if wrong >= most::SECRETS_BEFORE_WAIT {
            pair.waits_until = Some(now + most::WAIT);
        }
        let another = source.bad.note(now, most::WINDOW, most::REMEMBERED, account);
        let is_one_too_many = another && source.bad.count(now, most::WINDOW) >= source.may_fail(now, who.side);
        // The second at an account may be the first again, as the answer to another nonce.
        let may_be_new = wrong != most::SECRETS_OF_STALE;
        let sprayed = is_one_too_many || may_be_new && source.wrong_secrets(now) >= source.may_guess(now, who);
        if is_at_home {
            self.accounts.failed_at_home(now, account, who.seen_flow(), secret);
        } else {
            self.accounts.failed(now, account, who.side, secret);
            if who.side == Side::Internet {
                self.note_besieger(now, who);
            }
        }
        // In the office nobody is shut out for it: it may be an odd phone with an old password.
        if answer.is_unraised && !is_at_home && who.side == Side::Internet {
            return self.block(now, who, most::BLOCK, Reason::Scanner);
        }
        if wrong >= most::SECRETS_BEFORE_BLOCK {
            return self.block(now, who, most::BLOCK, Reason::Guessing);
        }
        if sprayed {
            return self.spray(now, who);
        }
        let waits = wrong >= most::SECRETS_BEFORE_WAIT;
        Verdict::Uniform(if waits { Reason::Guessing } else { Reason::WrongSecret })
    }

    /// Too many accounts failed here, or too many secrets. It may be an office after a power cut: what it says next is not answered for a while, and
    /// retransmissions find an open door. Again and again, without one good proof between, it is not.
    fn spray(&mut self, now: Instant, who: &Knocker) -> Verdict {
        let source = self.sources.source(who);
        let is_good = source.is_good(now);
        source.sprays = source.sprays.saturating_add(1);
        // Who is not answered cannot prove anything: that is not held against them.
        source.asked.clear();
        let goes_on = source.sprays_on(now);
        let waits = match who.standing {
            _ if is_good => most::WINDOW,
            // Who is not blocked waits longer instead, and a phone behind it is heard within the hour.
            Standing::Trusted if goes_on > 0 => most::WINDOW.saturating_mul(goes_on).min(most::LONGEST_WAIT),
            _ => most::WAIT,
        };
        source.spraying_until = Some(now + waits);
        if goes_on > 0 {
            return self.block(now, who, most::BLOCK, Reason::Spraying);
        }
        Verdict::Uniform(Reason::Spraying)
    }

    /// Somebody proved to be an account.
    pub fn proved(&mut self, now: Instant, who: &Knocker, account: &str) {
        let Account { account: name, number } = self.account(account);
        self.accounts.proved(now, name, who.seen_flow());
        let source = self.sources.source(who);
        source.good.note(now, most::GOOD_FOR, most::REMEMBERED, name);
        source.bad.remove(name);
        source.asked.remove(name);
        source.asked.remove(number);
        source.forget_pair(name);
        source.forgive_unproven();
        (source.sprays, source.pace.excess) = (0, 0);
        if who.standing != Standing::Phone {
            source.forget_sender(who.flow.port());
        }
        source.sender(now, who.flow.port()).proved(now, name);
    }

    /// Something was tried at the page or at phones' settings, as often as is no mistake any more; `target` is what was asked for.
    /// Nobody of the office is blocked for it, and nobody who `is_at_home`: somebody is logged in to the page from that address.
    /// [`Verdict::Pass`] when it is nothing yet.
    pub fn tried_at_page(
        &mut self,
        now: Instant,
        who: &Knocker,
        reason: Reason,
        target: &str,
        is_at_home: bool,
    ) -> Verdict {
        let verdict = self.weigh_at_page(now, who, reason, target, is_at_home);
        self.count(now, who, verdict)
    }

    fn weigh_at_page(
        &mut self,
        now: Instant,
        who: &Knocker,
        reason: Reason,
        target: &str,
        is_at_home: bool,
    ) -> Verdict {
        let is_ours = is_at_home || !who.is_stranger() || self.sources.source(who).is_good(now);
        match reason {
            Reason::HoneyPath if who.standing == Standing::Expected => Verdict::Pass,
            Reason::HoneyPath if !is_ours => self.weigh_honey(now, who, target),
            Reason::PageEntered | Reason::PageDistributed => Verdict::Uniform(reason),
            _ if who.standing == Standing::Expected => Verdict::Uniform(reason),
            _ if is_ours || who.side == Side::Office => Verdict::Uniform(reason),
            Reason::PageGuessing => self.block(now, who, most::BLOCK_OF_PAGE, reason),
            _ => self.block(now, who, most::BLOCK, reason),
        }
    }

    /// In the office anybody may mistake where the page is, and no block there is worth a colleague's computer.
    fn weigh_honey(&mut self, now: Instant, who: &Knocker, path: &str) -> Verdict {
        if who.side == Side::Internet {
            return self.block(now, who, most::BLOCK_CERTAIN, Reason::HoneyPath);
        }
        let path = self.hash(path);
        let honey = &mut self.sources.source(who).honey;
        honey.note(now, most::WINDOW, most::REMEMBERED, path);
        let is_told = honey.count(now, most::WINDOW) >= most::HONEY_PATHS_FROM_OFFICE;
        if is_told { Verdict::Uniform(Reason::HoneyPath) } else { Verdict::Pass }
    }

    /// Whether the next challenge for a user there is to repeat one nonce without qop, so that the same secret gives the same
    /// answer. Accounts of one number (`201`, `201-805ec0aabbcc`) are one user: a request without proof names the number.
    pub fn repeats_nonce(&self, now: Instant, who: &Knocker, user: &str) -> bool {
        let number = self.account(user).number;
        self.sources.known(who).is_some_and(|source| source.has_wrong(now, number))
    }

    /// Whether no wrong secret of anybody is remembered there: then nobody's nonce repeats.
    pub fn is_clean(&self, who: &Knocker) -> bool {
        self.sources.known(who).is_none_or(Source::is_clean)
    }

    /// Something but a REGISTER carries a proof for an account. Whether it may be judged: not where a login of it failed before.
    /// The same wrong secret answers another request with another text, which would pass for another guess; and who may
    /// call has registered. That it tried counts for it like a judged failure.
    /// At its own account (`is_own`) a phone is judged all the same.
    pub fn answered_beside_login(&mut self, now: Instant, who: &Knocker, account: &str, is_own: bool) -> bool {
        let failed = !is_own && self.repeats_nonce(now, who, account);
        if failed {
            self.sources.source(who).forgive_unproven();
        }
        !failed
    }

    /// Whether only devices that are known are judged for an account, from that side.
    pub fn is_under_attack(&self, now: Instant, account: &str, side: Side) -> bool {
        self.accounts.is_under_attack(now, self.hash(account), side)
    }

    /// The same, from either side.
    pub fn is_watched(&self, now: Instant, account: &str) -> bool {
        [Side::Office, Side::Internet].into_iter().any(|side| self.is_under_attack(now, account, side))
    }

    /// Whether so many networks on the internet guess that from there only devices that are known are judged.
    pub fn is_besieged(&self, now: Instant) -> bool {
        self.siege.is_on(now)
    }

    /// What was stopped in the last 24 hours.
    pub fn tally(&mut self, now: Instant) -> Tally {
        self.day.tally(now)
    }

    /// How many sources and accounts are remembered: bounded, whatever comes.
    pub fn remembered(&self) -> (usize, usize) {
        (self.sources.len(), self.accounts.len())
    }

    /// Forgets every block of an address: a provider or a phone is there.
    pub fn lift(&mut self, source: IpAddr) {
        let source = source.to_canonical();
        let hashed = self.hash(&source.to_string());
        self.sources.lift(source, hashed);
    }

    /// The same, by somebody's word: whoever waits there waits no longer.
    pub fn pardon(&mut self, source: IpAddr) {
        self.lift(source);
        self.sources.pardon(source.to_canonical());
    }

    /// The addresses of which a block is remembered, over or not.
    pub fn blocked(&self) -> impl Iterator<Item = IpAddr> {
        self.sources.blocked()
    }

    /// A block of before a restart goes on for `lasts`. What was known of its address then is not known any more, nor whether a
    /// phone came there since: a REGISTER from there is heard, and who proves themselves is let in.
    pub fn restore(&mut self, now: Instant, who: &Knocker, lasts: Duration) {
        if who.is_stranger() {
            self.sources.source(who).restore(now, now + lasts.min(most::LONGEST_BLOCK));
        }
    }

    /// Blocks as much as may be blocked: never a provider or a registered phone, never the address of one.
    fn block(&mut self, now: Instant, who: &Knocker, first: Duration, reason: Reason) -> Verdict {
        let hashed = self.hash(&who.source().to_string());
        let source = self.sources.source(who);
        let whole = who.is_stranger() && !source.is_good(now);
        match who.standing {
            Standing::Trusted | Standing::Phone => return Verdict::Tarpit(reason),
            Standing::Expected => {
                source.hold_off(now, first, reason);
                return not_blocked(reason);
            }
            Standing::Neighbour | Standing::Stranger => {}
        }
        let lasts = source.next_block(now, first);
        if !whole {
            let lasts = source.block_flow(now, who.flow.port(), lasts.min(most::LONGEST_BLOCK_OF_PORT));
            return Verdict::BlockFlow(reason, lasts);
        }
        let lasts = source.block(now, lasts);
        let network: &mut Recent = &mut self.sources.network(who).blocked;
        network.note(now, most::GOOD_FOR, most::BLOCKED_IN_SUBNET, hashed);
        Verdict::BlockSource(reason, lasts)
    }

    fn count(&mut self, now: Instant, who: &Knocker, verdict: Verdict) -> Verdict {
        if verdict.is_attempt_of(who.standing) {
            let is_block = matches!(verdict, Verdict::BlockFlow(..) | Verdict::BlockSource(..));
            self.day.note(now, is_block);
        }
        verdict
    }

    fn account(&self, name: &str) -> Account {
        let account = self.hash(name);
        let number = name.split_once('-').map_or(account, |(number, _)| self.hash(number));
        Account { account, number }
    }

    fn hash(&self, name: &str) -> u64 {
        let mut hasher = std::hash::DefaultHasher::new();
        self.key.hash(&mut hasher);
        if name.bytes().any(|byte| byte.is_ascii_uppercase()) {
            name.to_ascii_lowercase().hash(&mut hasher);
        } else {
            name.hash(&mut hasher);
        }
        hasher.finish()
    }
}

/// What is not looked at: nobody is silent to a phone's own calls, or to a provider's, but what is said beside them waits.
fn unheard(who: &Knocker, reason: Reason) -> Verdict {
    match who.standing {
        Standing::Phone | Standing::Trusted => Verdict::Tarpit(reason),
        Standing::Neighbour | Standing::Stranger | Standing::Expected => Verdict::Silence(reason),
    }
}

fn is_register(bytes: &[u8]) -> bool {
    bytes.trim_ascii_start().starts_with(b"REGISTER ")
}
