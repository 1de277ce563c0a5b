//! What is remembered of one address.

use std::time::{Duration, Instant};

use super::Reason;
use super::evidence::{Knocker, Side, Standing};
use super::pace::Pace;
use super::recent::Recent;
use super::thresholds as most;

/// One address. Everything in it is bounded.
#[derive(Debug, Default)]
pub(super) struct Source {
    /// No answer to it before.
    pub(super) blocked_until: Option<Instant>,
    /// The block is of before a restart: who registers is asked all the same.
    pub(super) is_restored: bool,
    /// Its ports that are blocked, and until when.
    flows: Vec<(u16, Instant)>,
    /// How often it was blocked, and when last.
    offences: u32,
    offended: Option<Instant>,
    /// Accounts that proved themselves from here.
    pub(super) good: Recent,
    /// Accounts that failed from here.
    pub(super) bad: Recent,
    /// No answer to what is not known here before.
    pub(super) spraying_until: Option<Instant>,
    pub(super) sprays: u32,
    /// Users without proof that no office has.
    pub(super) strange: Recent,
    pub(super) decoys: Recent,
    /// Users without proof that an office could have.
    pub(super) asked: Recent,
    /// Numbers called without proof, and what they end in.
    pub(super) called: Recent,
    pub(super) tails: Recent,
    pub(super) methods: Recent,
    /// Requests of a stranger: by Call-ID and CSeq, and each as a whole.
    pub(super) turns: Recent,
    /// Paths of other exchanges that it asked for.
    pub(super) honey: Recent,
    pairs: Vec<Pair>,
    /// What its ports send, where a phone is registered.
    senders: Vec<Sender>,
    pub(super) pace: Pace,
}

/// An account, and the number it belongs to.
#[derive(Debug, Clone, Copy)]
pub(super) struct Account {
    pub(super) account: u64,
    pub(super) number: u64,
}

/// One account as tried from one address.
#[derive(Debug)]
pub(super) struct Pair {
    account: u64,
    /// The number it belongs to.
    number: u64,
    used: Instant,
    /// Wrong secrets that were judged.
    pub(super) wrong: Recent,
    /// Others that came while it had to wait.
    pub(super) unjudged: Recent,
    pub(super) waits_until: Option<Instant>,
}

/// One port of an address.
#[derive(Debug)]
pub(super) struct Sender {
    port: u16,
    used: Instant,
    pub(super) pace: Pace,
    /// Accounts that proved themselves over it, and how many they were when the last one did.
    accounts: Recent,
    shared_by: u32,
}

impl Sender {
    /// Takes a packet of a phone that is registered over it, unless it is one too many.
    pub(super) fn takes_as_phone(&mut self, now: Instant) -> bool {
        let (rate, burst) = most::RATE_OF_PHONE;
        let phones = self.shared_by.max(1);
        self.pace.bucket.take(now, (rate * phones, burst * phones))
    }

    /// An account proved itself over it.
    pub(super) fn proved(&mut self, now: Instant, account: u64) {
        self.accounts.note(now, most::GOOD_FOR, most::ACCOUNTS_OF_FLOW, account);
        self.shared_by = u32::try_from(self.accounts.count(now, most::GOOD_FOR)).unwrap_or(u32::MAX);
    }
}

impl Source {
    /// What is remembered of a port's pace; made when there is nothing.
    pub(super) fn sender(&mut self, now: Instant, port: u16) -> &mut Sender {
        let (pace, accounts) = (Pace::default(), Recent::default());
        let new = || Sender { port, used: now, pace, accounts, shared_by: 0 };
        let is_it = |sender: &Sender| sender.port == port;
        // Nobody washes away what is known of a phone's flow by sending from other ports.
        let worth = |sender: &Sender| (sender.shared_by > 0, sender.used);
        let sender = found_or_made(&mut self.senders, most::FLOWS, is_it, worth, new);
        sender.used = now;
        sender
    }

    /// Who sends from there proved a password: its pace is its own affair until now.
    pub(super) fn forget_sender(&mut self, port: u16) {
        self.senders.retain(|sender| sender.port != port);
    }

    /// What is remembered of an account here; made when there is nothing.
    pub(super) fn pair(&mut self, now: Instant, Account { account, number }: Account) -> &mut Pair {
        let (wrong, unjudged) = (Recent::default(), Recent::default());
        let new = || Pair { account, number, used: now, wrong, unjudged, waits_until: None };
        let is_it = |pair: &Pair| pair.account == account;
        let pair = found_or_made(&mut self.pairs, most::PAIRS, is_it, |pair| pair.used, new);
        pair.used = now;
        pair
    }

    /// The same, when there is something.
    pub(super) fn known_pair(&self, account: u64) -> Option<&Pair> {
        self.pairs.iter().find(|pair| pair.account == account)
    }

    /// Whether no wrong secret is remembered for any account.
    pub(super) const fn is_clean(&self) -> bool {
        self.pairs.is_empty()
    }

    /// Whether a wrong secret of today is remembered for an account of that number.
    pub(super) fn has_wrong(&self, now: Instant, number: u64) -> bool {
        let mut pairs = self.pairs.iter().filter(|pair| pair.number == number);
        pairs.any(|pair| pair.wrong.count(now, most::ACCOUNT_WINDOW) > 0)
    }

    pub(super) fn forget_pair(&mut self, account: u64) {
        self.pairs.retain(|pair| pair.account != account);
    }

    /// Whether somebody proved themselves from here today.
    pub(super) fn is_good(&self, now: Instant) -> bool {
        self.good.count(now, most::GOOD_FOR) > 0
    }

    /// How many accounts may fail here before it is spraying.
    pub(super) fn may_fail(&self, now: Instant, side: Side) -> usize {
        let good = self.good.count(now, most::GOOD_FOR);
        match side {
            Side::Internet if good == 0 => most::SPRAYED_FROM_INTERNET,
            Side::Internet | Side::Office => most::SPRAYED_FROM_OFFICE.max(good / most::GOOD_PER_BAD),
        }
    }

    /// Distinct wrong secrets that were judged here of late, of all accounts that did not prove themselves since.
    pub(super) fn wrong_secrets(&self, now: Instant) -> usize {
        self.pairs.iter().map(|pair| pair.wrong.count(now, most::WINDOW)).sum()
    }

    /// How many of them there may be before it is spraying. A provider's address that sprayed again and again has as many as one phone with
    /// an old password.
    pub(super) fn may_guess(&self, now: Instant, who: &Knocker) -> usize {
        match who.standing {
            _ if self.is_good(now) => most::SECRETS_OF_STALE * self.may_fail(now, who.side),
            Standing::Trusted if self.sprays > most::SPRAYS_BEFORE_BLOCK => most::SECRETS_OF_STALE,
            _ => most::SECRETS_OF_SOURCE,
        }
    }

    /// How often it sprayed beyond what an office does after a power cut, without one good proof today.
    pub(super) fn sprays_on(&self, now: Instant) -> u32 {
        if self.is_good(now) { 0 } else { self.sprays.saturating_sub(most::SPRAYS_BEFORE_BLOCK) }
    }

    /// Whoever guesses where nobody is blocked is not judged for as long as another's block had lasted.
    pub(super) fn hold_off(&mut self, now: Instant, first: Duration, reason: Reason) {
        if !matches!(reason, Reason::Guessing | Reason::Spraying | Reason::Scanner) {
            return;
        }
        let lasts = self.next_block(now, first);
        let lasts = if self.is_good(now) { lasts.min(most::LONGEST_BLOCK_OF_PORT) } else { lasts };
        self.spraying_until = self.spraying_until.max(Some(now + lasts));
    }

    pub(super) fn is_blocked(&self, now: Instant) -> bool {
        self.blocked_until.is_some_and(|until| until > now)
    }

    pub(super) fn is_flow_blocked(&self, now: Instant, port: u16) -> bool {
        self.flows.iter().any(|(blocked, until)| *blocked == port && *until > now)
    }

    /// Blocks it. How long, from now: a longer block goes on.
    pub(super) fn block(&mut self, now: Instant, lasts: Duration) -> Duration {
        let until = no_sooner(self.blocked_until, now + lasts);
        (self.blocked_until, self.is_restored) = (Some(until), false);
        until.saturating_duration_since(now)
    }

    /// The same of one of its ports.
    pub(super) fn block_flow(&mut self, now: Instant, port: u16, lasts: Duration) -> Duration {
        let before = self.flows.iter().find(|(known, _)| *known == port).map(|(_, until)| *until);
        let until = no_sooner(before, now + lasts);
        self.flows.retain(|(known, until)| *until > now && *known != port);
        if self.flows.len() >= most::FLOWS
            && let Some(soonest) = (0..self.flows.len()).min_by_key(|at| self.flows[*at].1)
        {
            self.flows.swap_remove(soonest);
        }
        self.flows.push((port, until));
        until.saturating_duration_since(now)
    }

    /// Whether a block of it is remembered, over or not.
    pub(super) const fn has_block(&self) -> bool {
        self.blocked_until.is_some() || !self.flows.is_empty()
    }

    pub(super) fn lift(&mut self) {
        self.blocked_until = None;
        self.is_restored = false;
        self.flows.clear();
    }

    /// Somebody says that it is one of the office's: its next answer is judged.
    pub(super) fn pardon(&mut self) {
        self.spraying_until = None;
        for pair in &mut self.pairs {
            pair.waits_until = None;
            pair.unjudged.clear();
        }
    }

    /// A block of before a restart goes on. The next one is longer, as it would have been.
    pub(super) fn restore(&mut self, now: Instant, until: Instant) {
        (self.blocked_until, self.is_restored, self.offended) = (Some(until), true, Some(now));
    }

    /// How long the next block lasts: longer each time, until it behaved for a week.
    pub(super) fn next_block(&mut self, now: Instant, first: Duration) -> Duration {
        let forgiven = self.offended.is_none_or(|at| now.saturating_duration_since(at) >= most::FORGIVEN);
        self.offences = if forgiven { 0 } else { self.offences.saturating_add(1) };
        self.offended = Some(now);
        let factor = most::BLOCK_FACTOR.saturating_pow(self.offences.min(16));
        first.saturating_mul(factor).min(most::LONGEST_BLOCK)
    }

    /// What was asked without proof is forgiven to who proves something now, or at least tried.
    pub(super) fn forgive_unproven(&mut self) {
        for counted in [&mut self.strange, &mut self.decoys, &mut self.called, &mut self.tails, &mut self.methods] {
            counted.clear();
        }
    }
}

/// The one that is looked for; made when there is none, and where there is no room the one goes that was used least lately.
fn found_or_made<T, K: Ord>(
    all: &mut Vec<T>,
    room: usize,
    is_it: impl Fn(&T) -> bool,
    used: impl Fn(&T) -> K,
    new: impl FnOnce() -> T,
) -> &mut T {
    let at = all.iter().position(is_it).unwrap_or_else(|| {
        if all.len() >= room
            && let Some(oldest) = (0..all.len()).min_by_key(|at| used(&all[*at]))
        {
            all.swap_remove(oldest);
        }
        all.push(new());
        all.len() - 1
    });
    &mut all[at]
}
/// When a block ends that is given where another one may be: the later of both.
fn no_sooner(before: Option<Instant>, until: Instant) -> Instant {
    before.map_or(until, |before| before.max(until))
}
