//! The ladder round a router that rewrites (reference, section 10): steps tried in order, each checked on its own path, kept
//! when better, undone when not, and taken back down to plain when the router is mended. A state machine over verdicts and
//! marks; whoever drives it registers, probes and calls.

use std::collections::VecDeque;
use std::fmt;
use std::str::FromStr;
use std::time::{Duration, Instant};

use crate::diagnosis::{Deed, Diagnosis, Interference};

/// One way to reach the provider.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Step {
    /// As the office wrote it down.
    Plain,
    /// TLS, with SRTP where the provider has it. Nothing on the way can read it.
    Tls,
    /// The same provider at another port: Linux looks at port 5060 only (measured).
    OtherPort(u16),
    /// Host names in Via and Contact, our public address in the session description: nothing is left to be recognised
    /// (measured byte for byte).
    HideAddresses,
    /// The same with our public address in Contact, for a provider that wants an address there. Requests then come to our
    /// private address and must be taken as ours.
    HideWithPublicContact,
    /// TCP with header and body in two segments (measured; hangs on a router that does not put them together).
    SplitTcp,
}

impl fmt::Display for Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Plain => f.write_str("plain"),
            Self::Tls => f.write_str("TLS"),
            Self::OtherPort(port) => write!(f, "port {port}"),
            Self::HideAddresses => f.write_str("hidden addresses"),
            Self::HideWithPublicContact => f.write_str("hidden addresses, public Contact"),
            Self::SplitTcp => f.write_str("TCP in two segments"),
        }
    }
}

/// As [`Step`]'s `Display` writes it; anything else is no step.
impl FromStr for Step {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        let port = || text.strip_prefix("port ")?.parse().ok().map(Self::OtherPort);
        let named = [Self::Plain, Self::Tls, Self::HideAddresses, Self::HideWithPublicContact, Self::SplitTcp];
        named.into_iter().find(|step| step.to_string() == text).or_else(port).ok_or(())
    }
}

impl Step {
    /// Whether a router that still reads what comes back finds nothing there to change: V3's question names our public address, as
    /// no message of ours does on these ways (but in a Contact, which is undone). Where addresses are hidden nothing else
    /// is recognised; answers over TCP come in one segment, whatever ours were cut into, and repeat our private address.
    pub const fn names_no_public_address(self) -> bool {
        matches!(self, Self::HideAddresses | Self::HideWithPublicContact | Self::SplitTcp)
    }

    /// The step that is likely to avoid what was found, before any is tried. TLS avoids everything but lost sound.
    pub fn avoiding(diagnosis: &Diagnosis) -> Option<Self> {
        let harmful = diagnosis.interference > Interference::None || diagnosis.deeds.has(Deed::DropsLarge);
        let readable = diagnosis.transport != centrale_sip::flow::Transport::Tls;
        (harmful && readable).then_some(Self::Tls)
    }
}

/// What holds on every step, whatever is found (section 10, 5). The exchange keeps these always; they are listed for the page.
pub const ALWAYS: [&str; 8] = [
    "a new, random local SIP port for each way that is tried, and after every new WAN address",
    "random RTP ports, at 1024 and above",
    "one c= line with an IPv4 address, no multipart body, Content-Length always",
    "messages below 1,300 bytes on UDP",
    "hold without 0.0.0.0",
    "transfers bridged on the box, never REFER to the provider",
    "the first RTP packet at once, and sound that goes on while held",
    "OPTIONS every 25 s, REGISTER every five minutes",
];

/// How one path did when it was checked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Marks {
    /// The provider took our registration (or answers OPTIONS where none is wanted).
    pub registers: bool,
    /// V1 and V3 on this very path were answered and found nothing.
    pub intact: bool,
    /// The checks of a test call: sound out, sound in, hold, resume, transfer, ended on both sides. `None`: no call was made.
    pub call: Option<[bool; 6]>,
}

impl Marks {
    /// Nothing works.
    pub const NOTHING: Self = Self { registers: false, intact: false, call: Some([false; 6]) };

    /// Nothing is left to wish for.
    pub fn is_perfect(&self) -> bool {
        self.registers && self.intact && self.call.is_none_or(|call| call.iter().all(|passed| *passed))
    }

    /// Calls that work weigh more than messages that stay as they are: the office lives by them.
    fn worth(&self) -> (bool, usize, bool) {
        let call = self.call.map_or(6, |call| call.iter().filter(|passed| **passed).count());
        (self.registers, call, self.intact)
    }

    fn is_better_than(&self, other: &Self) -> bool {
        self.worth() > other.worth()
    }
}

/// What whoever drives the ladder is to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Order {
    /// Take this step, on a new local port, check it, and tell the marks ([`Ladder::checked`]).
    Try(Step),
    /// The step that was tried stays. Tell the office.
    Keep(Step),
    /// The step that was tried is undone: go back to this one, on a new local port.
    Undo(Step),
    /// No step is left. The best one stands; all are tried again later.
    NothingLeft(Step),
}

/// A trial without marks for so long has failed.
const TRIAL: Duration = Duration::from_secs(90);
/// After all steps were tried in vain, they are tried again.
const AGAIN: Duration = Duration::from_secs(24 * 3600);
/// Clean tests of the plain path in a row before it is tried again.
const CLEAN: u8 = 2;
/// The longest that a plain path which failed its trial is left alone.
const LONGEST_WAIT: Duration = Duration::from_secs(7 * 24 * 3600);

#[derive(Debug, Clone, Copy)]
struct Trial {
    step: Step,
    until: Instant,
}

/// The ladder of one trunk.
#[derive(Debug, Clone)]
pub struct Ladder {
    rungs: Vec<Step>,
    standing: Step,
    marks: Marks,
    /// The next rung to be tried; beyond the last when all were.
    next: usize,
    climbing: bool,
    trial: Option<Trial>,
    calls: u32,
    clean: u8,
    plain_due: bool,
    not_before: Option<Instant>,
    wait: Duration,
    orders: VecDeque<Order>,
}

impl Ladder {
    /// A trunk on its plain path, with the steps that this provider has, in the order of section 10.
    pub fn new(provider: &Provider) -> Self {
        Self {
            rungs: provider.steps(),
            standing: Step::Plain,
            marks: Marks::NOTHING,
            next: 0,
            climbing: false,
            trial: None,
            calls: 0,
            clean: 0,
            plain_due: false,
            not_before: None,
            wait: AGAIN,
            orders: VecDeque::new(),
        }
    }

    /// On a step that was kept before a restart. Nothing is known of how it does now.
    pub fn stand_on(&mut self, step: Step) {
        (self.standing, self.trial, self.climbing) = (step, None, false);
    }

    /// What this provider has, as it is known now. Where that is something else, the first step is the next to be tried.
    pub fn offers(&mut self, provider: &Provider) {
        let rungs = provider.steps();
        if self.rungs != rungs {
            (self.rungs, self.next) = (rungs, 0);
        }
    }

    /// The provider is not reached by the step that the trunk stands on, and is by the plain path: that is taken, and all
    /// steps are tried anew when it is found to be rewritten.
    pub fn lost(&mut self) {
        (self.standing, self.marks, self.climbing, self.next) = (Step::Plain, Marks::NOTHING, false, 0);
        (self.clean, self.plain_due, self.trial) = (0, false, None);
        self.orders.push_back(Order::Keep(Step::Plain));
    }

    /// The step that the trunk stands on, a trial aside.
    pub const fn standing(&self) -> Step {
        self.standing
    }

    /// What to do next; drained after each input.
    pub fn next_order(&mut self) -> Option<Order> {
        self.orders.pop_front()
    }

    /// When [`Ladder::timeout`] wants to be called. Under a call there is nothing to wait for but its end ([`Ladder::calls`]).
    pub fn timeout_at(&self) -> Option<Instant> {
        let waits = (self.climbing || self.plain_due) && self.calls == 0;
        self.trial.map(|trial| trial.until).or(if waits { self.not_before } else { None })
    }

    /// Whether a step is being tried.
    pub const fn is_trying(&self) -> bool {
        self.trial.is_some()
    }

    /// Whether no call goes over this trunk, as far as it was told.
    pub const fn is_free(&self) -> bool {
        self.calls == 0
    }

    /// How many calls go over this trunk: no step is tried under a running call, and one that is tried gives way to it. It is
    /// tried anew when the calls have ended.
    pub fn calls(&mut self, calls: u32, now: Instant) {
        self.calls = calls;
        if calls > 0
            && let Some(trial) = self.trial.take()
        {
            if trial.step != Step::Plain {
                self.next = self.next.saturating_sub(1);
            }
            self.orders.push_back(Order::Undo(self.standing));
        }
        self.proceed(now);
    }

    /// A diagnosis of the path that the trunk stands on, with how that path does now.
    pub fn diagnosed(&mut self, diagnosis: &Diagnosis, marks: Marks, now: Instant) {
        if self.trial.is_some() || self.climbing || diagnosis.interference < Interference::Proven {
            return;
        }
        (self.marks, self.climbing, self.clean, self.plain_due) = (marks, true, 0, false);
        self.next = if self.standing == Step::Plain { 0 } else { self.after(self.standing) };
        self.not_before = None;
        self.proceed(now);
    }

    fn after(&self, step: Step) -> usize {
        self.rungs.iter().position(|rung| *rung == step).map_or(0, |at| at + 1)
    }

    /// The marks of the step that is being tried.
    pub fn checked(&mut self, marks: Marks, now: Instant) {
        let Some(trial) = self.trial.take() else { return };
        if trial.step == Step::Plain && self.standing != Step::Plain {
            return self.plain_checked(&marks, now);
        }
        if marks.is_better_than(&self.marks) {
            (self.standing, self.marks) = (trial.step, marks);
            self.climbing = !marks.is_perfect();
            self.orders.push_back(Order::Keep(trial.step));
        } else {
            self.orders.push_back(Order::Undo(self.standing));
        }
        self.proceed(now);
    }

    fn plain_checked(&mut self, marks: &Marks, now: Instant) {
        (self.clean, self.plain_due) = (0, false);
        if marks.is_perfect() {
            (self.standing, self.marks, self.climbing, self.wait) = (Step::Plain, *marks, false, AGAIN);
            self.orders.push_back(Order::Keep(Step::Plain));
        } else {
            self.orders.push_back(Order::Undo(self.standing));
            self.not_before = Some(now + self.wait);
            self.wait = (2 * self.wait).min(LONGEST_WAIT);
        }
    }

    /// The plain path was tested beside the step that the trunk stands on: whether V1 and V3 found nothing there.
    pub fn plain_tested(&mut self, clean: bool, now: Instant) {
        if self.standing == Step::Plain || self.trial.is_some() {
            return;
        }
        self.clean = if clean { self.clean.saturating_add(1) } else { 0 };
        self.plain_due = self.clean >= CLEAN;
        self.proceed(now);
    }

    /// Somebody wants it now: what was put off is tried at once.
    pub fn insist(&mut self, now: Instant) {
        self.not_before = None;
        self.proceed(now);
    }

    /// Time went by.
    pub fn timeout(&mut self, now: Instant) {
        if self.trial.is_some_and(|trial| trial.until <= now) {
            self.checked(Marks::NOTHING, now);
        }
        self.proceed(now);
    }

    /// Begins what is due, when nothing stands in the way.
    fn proceed(&mut self, now: Instant) {
        if self.trial.is_some() || self.calls > 0 || self.not_before.is_some_and(|at| now < at) {
            return;
        }
        self.not_before = None;
        if self.plain_due && !self.climbing {
            return self.begin(Step::Plain, now);
        }
        if !self.climbing {
            return;
        }
        // A better step is looked for above the one that stands, and at the end below it too.
        let rung = self.rungs.get(self.next).copied();
        self.next += 1;
        match rung {
            Some(step) if step == self.standing => self.proceed(now),
            Some(step) => self.begin(step, now),
            None => {
                self.next = 0;
                self.not_before = Some(now + AGAIN);
                self.orders.push_back(Order::NothingLeft(self.standing));
            }
        }
    }

    fn begin(&mut self, step: Step, now: Instant) {
        self.trial = Some(Trial { step, until: now + TRIAL });
        self.orders.push_back(Order::Try(step));
    }
}

/// What a provider can do, from its profile.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Provider {
    /// It has TLS.
    pub tls: bool,
    /// It has TCP.
    pub tcp: bool,
    /// The trunk reaches it by datagrams: addresses can be hidden in these alone.
    pub datagrams: bool,
    /// Ports besides 5060.
    pub other_ports: Vec<u16>,
    /// It calls us at the address in Contact, or nobody can tell whether it does.
    pub wants_address: bool,
}

impl Provider {
    /// The steps it has, best first.
    fn steps(&self) -> Vec<Step> {
        let tls = self.tls.then_some(Step::Tls);
        let ports = self.other_ports.iter().filter(|port| **port != 5060).take(4).map(|port| Step::OtherPort(*port));
        let hidden = [Step::HideAddresses, Step::HideWithPublicContact];
        let hidden = hidden.into_iter().skip(usize::from(self.wants_address)).filter(|_| self.datagrams);
        tls.into_iter().chain(ports).chain(hidden).chain(self.tcp.then_some(Step::SplitTcp)).collect()
    }
}

#[cfg(test)]
mod tests {
    use centrale_sip::flow::Transport;

    use super::*;
    use crate::diagnosis::Path;

    const HOUR: Duration = Duration::from_secs(3600);
    const GOOD: Marks = Marks { registers: true, intact: true, call: Some([true; 6]) };
    const REWRITTEN: Marks =
        Marks { registers: true, intact: false, call: Some([true, false, true, false, true, true]) };

    fn proven() -> Diagnosis {
        let unknown = Diagnosis::unknown(Path::BoxProvider, Transport::Udp, 5060);
        Diagnosis { interference: Interference::Proven, ..unknown }
    }

    fn ladder() -> Ladder {
        Ladder::new(&offered())
    }

    fn offered() -> Provider {
        Provider { tls: true, tcp: true, datagrams: true, other_ports: vec![5060, 5080], wants_address: false }
    }

    /// Climbs with what each step would be worth; the orders that were given.
    fn climb(ladder: &mut Ladder, worth: impl Fn(Step) -> Marks, now: Instant) -> Vec<Order> {
        let mut orders = Vec::new();
        while let Some(order) = ladder.next_order() {
            orders.push(order);
            if let Order::Try(step) = order {
                ladder.checked(worth(step), now);
            }
        }
        orders
    }

    #[test]
    fn the_first_step_that_is_perfect_is_kept_and_no_other_is_tried() {
        let (mut ladder, now) = (ladder(), Instant::now());
        ladder.diagnosed(&proven(), REWRITTEN, now);
        assert_eq!(climb(&mut ladder, |_| GOOD, now), [Order::Try(Step::Tls), Order::Keep(Step::Tls)]);
    }

    #[test]
    fn a_step_that_is_not_better_is_undone_before_the_next() {
        let (mut ladder, now) = (ladder(), Instant::now());
        ladder.diagnosed(&proven(), REWRITTEN, now);
        let worth = |step| match step {
            Step::Tls => Marks::NOTHING,
            Step::OtherPort(_) => REWRITTEN,
            _ => GOOD,
        };
        let expected = [
            Order::Try(Step::Tls),
            Order::Undo(Step::Plain),
            Order::Try(Step::OtherPort(5080)),
            Order::Undo(Step::Plain),
            Order::Try(Step::HideAddresses),
            Order::Keep(Step::HideAddresses),
        ];
        assert_eq!(climb(&mut ladder, worth, now), expected);
    }

    #[test]
    fn when_nothing_helps_the_office_keeps_its_path_and_all_is_tried_again_a_day_later() {
        let (mut ladder, now) = (ladder(), Instant::now());
        ladder.diagnosed(&proven(), REWRITTEN, now);
        let orders = climb(&mut ladder, |_| Marks::NOTHING, now);
        assert_eq!(orders.last(), Some(&Order::NothingLeft(Step::Plain)));
        assert_eq!(ladder.timeout_at(), Some(now + 24 * HOUR));
        ladder.timeout(now + 24 * HOUR);
        assert_eq!(ladder.next_order(), Some(Order::Try(Step::Tls)));
    }

    #[test]
    fn who_insists_does_not_wait_a_day() {
        let (mut ladder, now) = (ladder(), Instant::now());
        ladder.diagnosed(&proven(), REWRITTEN, now);
        climb(&mut ladder, |_| Marks::NOTHING, now);
        ladder.insist(now + HOUR);
        assert_eq!(ladder.next_order(), Some(Order::Try(Step::Tls)));
    }

    #[test]
    fn no_step_is_tried_under_a_running_call() {
        let (mut ladder, now) = (ladder(), Instant::now());
        ladder.calls(1, now);
        ladder.diagnosed(&proven(), REWRITTEN, now);
        assert_eq!(ladder.next_order(), None);
        ladder.calls(0, now);
        assert_eq!(ladder.next_order(), Some(Order::Try(Step::Tls)));
    }

    #[test]
    fn a_call_that_outlasts_the_wait_leaves_no_time_that_is_past() {
        let (mut ladder, now) = (ladder(), Instant::now());
        ladder.diagnosed(&proven(), REWRITTEN, now);
        climb(&mut ladder, |_| Marks::NOTHING, now);
        ladder.calls(1, now + 23 * HOUR);
        ladder.timeout(now + 24 * HOUR);
        assert_eq!((ladder.next_order(), ladder.timeout_at()), (None, None));
        ladder.calls(0, now + 25 * HOUR);
        assert_eq!(ladder.next_order(), Some(Order::Try(Step::Tls)));
    }

    #[test]
    fn a_trial_gives_way_to_a_call_and_the_same_step_is_tried_after_it() {
        let (mut ladder, now) = (ladder(), Instant::now());
        ladder.diagnosed(&proven(), REWRITTEN, now);
        assert_eq!(ladder.next_order(), Some(Order::Try(Step::Tls)));
        ladder.calls(1, now);
        ladder.checked(GOOD, now);
        assert_eq!((ladder.next_order(), ladder.next_order()), (Some(Order::Undo(Step::Plain)), None));
        ladder.calls(0, now);
        assert_eq!(ladder.next_order(), Some(Order::Try(Step::Tls)));
    }

    #[test]
    fn a_trial_that_says_nothing_has_failed() {
        let (mut ladder, now) = (ladder(), Instant::now());
        ladder.diagnosed(&proven(), REWRITTEN, now);
        assert_eq!(ladder.next_order(), Some(Order::Try(Step::Tls)));
        ladder.timeout(now + TRIAL);
        assert_eq!(ladder.next_order(), Some(Order::Undo(Step::Plain)));
    }

    #[test]
    fn a_mended_router_brings_the_trunk_back_to_plain() {
        let (mut ladder, now) = (ladder(), Instant::now());
        ladder.diagnosed(&proven(), REWRITTEN, now);
        climb(&mut ladder, |_| GOOD, now);
        ladder.plain_tested(true, now + HOUR);
        assert_eq!(ladder.next_order(), None, "one clean test is not enough");
        ladder.plain_tested(true, now + 2 * HOUR);
        let orders = climb(&mut ladder, |_| GOOD, now + 2 * HOUR);
        assert_eq!(orders, [Order::Try(Step::Plain), Order::Keep(Step::Plain)]);
        assert_eq!(ladder.standing(), Step::Plain);
    }

    #[test]
    fn a_router_that_only_seemed_mended_is_left_alone_for_longer_each_time() {
        let (mut ladder, now) = (ladder(), Instant::now());
        ladder.diagnosed(&proven(), REWRITTEN, now);
        climb(&mut ladder, |_| GOOD, now);
        for _ in 0..2 {
            ladder.plain_tested(true, now);
        }
        let orders = climb(&mut ladder, |_| REWRITTEN, now);
        assert_eq!(orders, [Order::Try(Step::Plain), Order::Undo(Step::Tls)]);
        for _ in 0..2 {
            ladder.plain_tested(true, now + 2 * HOUR);
        }
        assert_eq!(ladder.next_order(), None);
        ladder.timeout(now + 24 * HOUR);
        assert_eq!(ladder.next_order(), Some(Order::Try(Step::Plain)));
    }

    #[test]
    fn a_step_is_read_as_it_is_written_and_nothing_else_is_a_step() {
        let all = [
            Step::Plain,
            Step::Tls,
            Step::OtherPort(5080),
            Step::HideAddresses,
            Step::HideWithPublicContact,
            Step::SplitTcp,
        ];
        assert!(all.iter().all(|step| step.to_string().parse() == Ok(*step)));
        assert!(["", "port", "port 70000", "tls"].iter().all(|text| text.parse::<Step>().is_err()));
    }

    #[test]
    fn a_step_of_before_a_restart_is_stood_on_until_the_plain_path_is_clean_or_alone_leads_there() {
        let (mut ladder, now) = (ladder(), Instant::now());
        ladder.stand_on(Step::Tls);
        ladder.plain_tested(false, now);
        assert_eq!(ladder.standing(), Step::Tls);
        ladder.lost();
        assert_eq!((ladder.standing(), ladder.next_order()), (Step::Plain, Some(Order::Keep(Step::Plain))));
        ladder.offers(&Provider { tls: false, ..offered() });
        ladder.diagnosed(&proven(), REWRITTEN, now);
        assert!(!climb(&mut ladder, |_| GOOD, now).contains(&Order::Try(Step::Tls)), "nobody has it any more");
    }

    #[test]
    fn a_suspicion_alone_moves_nothing() {
        let (mut ladder, now) = (ladder(), Instant::now());
        let suspected = Diagnosis { interference: Interference::Suspected, ..proven() };
        ladder.diagnosed(&suspected, REWRITTEN, now);
        assert_eq!(ladder.next_order(), None);
    }
}
