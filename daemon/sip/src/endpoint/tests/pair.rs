//! Two endpoints against each other over a link that loses, doubles and reorders, on a virtual clock.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BinaryHeap};

use proptest::prelude::*;
use proptest::test_runner::RngSeed;
use rand::RngExt;

use super::*;

/// One request that the caller will send, and what both users will do with it. Times in milliseconds after the one before.
#[derive(Debug, Clone)]
struct Plan {
    at: u64,
    is_invite: bool,
    rings_after: Option<u64>,
    answered_after: u64,
    status: u16,
    cancelled_after: Option<u64>,
}

fn plan() -> impl Strategy<Value = Plan> {
    let status = prop_oneof![3 => Just(200u16), 1 => Just(302u16), 2 => Just(486u16), 1 => Just(603u16)];
    let ring = proptest::option::of(0u64..3_000);
    let cancel = proptest::option::weighted(0.3, 0u64..4_000);
    (0u64..20_000, any::<bool>(), ring, 0u64..8_000, status, cancel).prop_map(
        |(at, is_invite, rings_after, answered_after, status, cancelled_after)| Plan {
            at,
            is_invite,
            rings_after,
            answered_after,
            status,
            cancelled_after,
        },
    )
}

#[derive(Debug, Clone, Copy)]
struct Link {
    seed: u64,
    loss_percent: u32,
    double_percent: u32,
    /// Up to this many milliseconds each packet takes, at random: so they overtake each other.
    delay: u64,
}

fn link() -> impl Strategy<Value = Link> {
    (any::<u64>(), 0u32..60, 0u32..40, 1u64..400).prop_map(|(seed, loss_percent, double_percent, delay)| Link {
        seed,
        loss_percent,
        double_percent,
        delay,
    })
}

/// What is due on the virtual clock.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
enum Due {
    Packet { to_callee: bool, bytes: Bytes },
    Send(usize),
    Cancel(usize),
    Ring(ServerKey),
    Answer(ServerKey),
}

/// What became of one request on one side.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
struct Fate {
    shown: u32,
    finals: u32,
    accepted: bool,
    acknowledged: u32,
    never_acknowledged: u32,
    timed_out: u32,
}

struct Pair {
    caller: Endpoint,
    callee: Endpoint,
    plans: Vec<Plan>,
    link: Link,
    rng: StdRng,
    start: Instant,
    now: Instant,
    due: BinaryHeap<Reverse<(Instant, u64, Due)>>,
    serial: u64,
    sent: BTreeMap<ClientKey, usize>,
    keys: BTreeMap<usize, ClientKey>,
    asked: BTreeMap<ServerKey, (Request, usize)>,
    at_caller: BTreeMap<usize, Fate>,
    at_callee: BTreeMap<usize, Fate>,
    trace: Vec<String>,
}

impl Pair {
    fn new(plans: Vec<Plan>, link: Link) -> Self {
        let now = Instant::now();
        let endpoint = |seed| Endpoint::new(EndpointSettings::default(), [seed; 32]);
        let mut pair = Self {
            caller: endpoint(1),
            callee: endpoint(2),
            plans,
            link,
            rng: StdRng::seed_from_u64(link.seed),
            start: now,
            now,
            due: BinaryHeap::new(),
            serial: 0,
            sent: BTreeMap::new(),
            keys: BTreeMap::new(),
            asked: BTreeMap::new(),
            at_caller: BTreeMap::new(),
            at_callee: BTreeMap::new(),
            trace: Vec::new(),
        };
        for index in 0..pair.plans.len() {
            pair.plan(pair.plans[index].at, Due::Send(index));
        }
        pair
    }

    fn plan(&mut self, after: u64, due: Due) {
        self.serial += 1;
        self.due.push(Reverse((self.now + Duration::from_millis(after), self.serial, due)));
    }

    /// Runs until nothing is left to happen.
    fn run(&mut self) {
        for _ in 0..100_000 {
            let timers = [self.caller.poll_timeout(), self.callee.poll_timeout()];
            let planned = self.due.peek().map(|Reverse((at, _, _))| *at);
            let Some(next) = timers.into_iter().flatten().chain(planned).min() else { return };
            self.now = self.now.max(next);
            if planned == Some(next) {
                if let Some(Reverse((_, _, due))) = self.due.pop() {
                    self.happen(due);
                }
            } else {
                self.caller.handle_timeout(self.now);
                self.callee.handle_timeout(self.now);
            }
            self.drain();
        }
        panic!("it does not end: a timer is due for ever, or a message goes round");
    }

    fn happen(&mut self, due: Due) {
        match due {
            Due::Packet { to_callee: true, bytes } => self.callee.handle_packet(self.now, callee_flow(), bytes),
            Due::Packet { to_callee: false, bytes } => self.caller.handle_packet(self.now, caller_flow(), bytes),
            Due::Send(index) => self.send(index),
            Due::Cancel(index) => self.caller.cancel(self.now, self.keys[&index]),
            Due::Ring(key) => self.answer(key, Status::RINGING),
            Due::Answer(key) => {
                let index = self.asked[&key].1;
                self.answer(key, Status::new(self.plans[index].status).unwrap());
            }
        }
    }

    fn send(&mut self, index: usize) {
        let plan = self.plans[index].clone();
        let method = if plan.is_invite { Method::INVITE } else { Method::OPTIONS };
        let mut request = request(&method);
        request.headers.set(HeaderName::CallId, format!("call-{index}"));
        let flow = caller_flow();
        let key = self.caller.send_request(self.now, request, Path::Flow(flow), flow.local);
        self.sent.insert(key, index);
        self.keys.insert(index, key);
        self.at_caller.entry(index).or_default();
        if let Some(after) = plan.cancelled_after.filter(|_| plan.is_invite) {
            self.plan(after, Due::Cancel(index));
        }
    }

    fn answer(&mut self, key: ServerKey, status: Status) {
        let response = self.asked[&key].0.tagged_response(status, "callee");
        self.callee.respond(self.now, key, response);
    }

    fn drain(&mut self) {
        while let Some(event) = self.caller.poll_event() {
            self.trace_event("caller", &event);
            self.handle_at_caller(event);
        }
        while let Some(event) = self.callee.poll_event() {
            self.trace_event("callee", &event);
            self.handle_at_callee(event);
        }
        while let Some(transmit) = self.caller.poll_transmit() {
            self.carry(true, &transmit.bytes);
        }
        while let Some(transmit) = self.callee.poll_transmit() {
            self.carry(false, &transmit.bytes);
        }
    }

    fn carry(&mut self, to_callee: bool, bytes: &Bytes) {
        self.trace_event("link", bytes);
        let copies = 1 + u32::from(self.rng.random_ratio(self.link.double_percent, 100));
        for _ in 0..copies {
            if !self.rng.random_ratio(self.link.loss_percent, 100) {
                let delay = self.rng.random_range(0..=self.link.delay);
                self.plan(delay, Due::Packet { to_callee, bytes: bytes.clone() });
            }
        }
    }

    fn handle_at_caller(&mut self, event: Event) {
        match event {
            Event::Response { key, response, flow, .. } => {
                let index = self.sent[&key];
                let fate = self.at_caller.entry(index).or_default();
                fate.finals += u32::from(response.status.is_final());
                if response.status.is_success() && self.plans[index].is_invite {
                    fate.accepted = true;
                    let mut ack = request(&Method::ACK);
                    ack.headers.set(HeaderName::CallId, format!("call-{index}"));
                    ack.headers.set(HeaderName::To, response.headers.first(&HeaderName::To).unwrap().clone());
                    self.caller.send_ack(self.now, key, ack, Path::Flow(flow), flow.local);
                }
            }
            Event::TimedOut { key } => self.at_caller.entry(self.sent[&key]).or_default().timed_out += 1,
            other => panic!("the caller is told {other:?}"),
        }
    }

    fn handle_at_callee(&mut self, event: Event) {
        match event {
            Event::Request { key, request, .. } => {
                let call = request.headers.call_id().unwrap().to_owned();
                let index: usize = call.strip_prefix("call-").unwrap().parse().unwrap();
                self.asked.insert(key, (request, index));
                self.at_callee.entry(index).or_default().shown += 1;
                let plan = self.plans[index].clone();
                if let Some(after) = plan.rings_after {
                    self.plan(after, Due::Ring(key));
                }
                self.plan(plan.answered_after, Due::Answer(key));
            }
            Event::Cancelled { key } => self.answer(key, Status::REQUEST_TERMINATED),
            Event::Acknowledged { key, .. } => self.fate_at_callee(key).acknowledged += 1,
            Event::NeverAcknowledged { key } => self.fate_at_callee(key).never_acknowledged += 1,
            other => panic!("the callee is told {other:?}"),
        }
    }

    fn fate_at_callee(&mut self, key: ServerKey) -> &mut Fate {
        self.at_callee.entry(self.asked[&key].1).or_default()
    }

    fn trace_event(&mut self, who: &str, what: &impl std::fmt::Debug) {
        self.trace.push(format!("{} {who} {what:?}", (self.now - self.start).as_micros()));
    }
}

fn caller_flow() -> Flow {
    flow(Transport::Udp)
}

fn callee_flow() -> Flow {
    Flow { local: PHONE.parse().unwrap(), remote: BOX.parse().unwrap(), ..flow(Transport::Udp) }
}

proptest! {
    // The same cases in every run; the fuzz targets look further.
    #![proptest_config(ProptestConfig { cases: 200, rng_seed: RngSeed::Fixed(3261), failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn every_request_has_one_end_on_each_side_and_nothing_is_left(
        plans in proptest::collection::vec(plan(), 1..12),
        link in link(),
    ) {
        let mut pair = Pair::new(plans.clone(), link);
        pair.run();
        prop_assert_eq!(pair.caller.transactions(), (0, 0));
        prop_assert_eq!(pair.callee.transactions(), (0, 0));
        for (index, plan) in plans.iter().enumerate() {
            let caller = pair.at_caller[&index].clone();
            prop_assert_eq!(caller.finals + caller.timed_out, 1, "one end at the caller: {:?}", caller);
            let Some(callee) = pair.at_callee.get(&index) else {
                prop_assert_eq!(caller.timed_out, 1, "never arrived, so it timed out");
                continue;
            };
            prop_assert_eq!(callee.shown, 1, "shown once, however often it came");
            let answered = callee.acknowledged + callee.never_acknowledged;
            prop_assert!(answered <= u32::from(plan.is_invite), "one end of a 2xx: {:?}", callee);
            prop_assert!(callee.acknowledged == 0 || caller.accepted, "only what was accepted is acknowledged");
            prop_assert!(!caller.accepted || answered == 1, "what the caller takes as accepted ends at the callee too");
        }
        for endpoint in [&pair.caller, &pair.callee] {
            prop_assert_eq!(endpoint.counters().merged_requests, 0);
            prop_assert_eq!(endpoint.counters().left_unanswered, 0);
        }
    }

    #[test]
    fn without_loss_every_request_gets_its_own_answer(plans in proptest::collection::vec(plan(), 1..12), seed in any::<u64>()) {
        let link = Link { seed, loss_percent: 0, double_percent: 30, delay: 200 };
        let mut pair = Pair::new(plans.clone(), link);
        pair.run();
        for (index, plan) in plans.iter().enumerate() {
            let (caller, callee) = (&pair.at_caller[&index], &pair.at_callee[&index]);
            prop_assert_eq!((caller.finals, caller.timed_out), (1, 0));
            let certain = plan.cancelled_after.is_none() && plan.is_invite;
            prop_assert!(!certain || caller.accepted == (plan.status == 200));
            prop_assert_eq!(callee.acknowledged, u32::from(caller.accepted));
        }
    }

    #[test]
    fn the_same_seed_gives_the_same_trace(plans in proptest::collection::vec(plan(), 1..6), link in link()) {
        let trace = || {
            let mut pair = Pair::new(plans.clone(), link);
            pair.run();
            pair.trace
        };
        prop_assert_eq!(trace(), trace());
    }
}
