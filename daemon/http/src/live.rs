//! What the page sees live: one value, and the last changes of it with their numbers.
//!
//! A browser that lost the connection says which event it had last and gets what it missed, or a fresh snapshot when
//! that is too long ago, or of an earlier life of the daemon.

use std::collections::{BTreeSet, VecDeque};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use centrale_call_control::Told;
use centrale_call_control::view::{
    CallView, CostsView, DoctorView, HelpView, PersonView, ProblemView, StopView, TrunkView,
};
use centrale_provisioning::enrolment::DeviceView;
use serde::Serialize;
use tokio::sync::watch;

use crate::body::{LiveSnapshot, PairingWindow};

/// How many events can be asked for again.
const RING: usize = 1000;
/// Calls of which is known that they were refused for what their person may call.
const MOST_OUT_OF_REACH: usize = 200;

/// A change of what is live.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(untagged)]
pub(crate) enum Event {
    Person(PersonView),
    PersonGone {
        number: String,
    },
    Call(CallView),
    CallGone {
        id: String,
        /// Whose it was, for those who see their own calls alone.
        #[serde(skip)]
        between: Vec<String>,
    },
    /// A call goes on without some whose it was: it is gone for them alone.
    CallLeft {
        id: String,
        #[serde(skip)]
        by: Vec<String>,
    },
    Trunk(TrunkView),
    Costs(CostsView),
    Stops {
        stops: Vec<StopView>,
    },
    TrunkGone {
        name: String,
    },
    Doctor(Box<DoctorView>),
    Problem(ProblemView),
    ProblemGone {
        code: String,
        subject: String,
    },
    Device(DeviceView),
    DeviceGone {
        mac: String,
    },
    Window(PairingWindow),
    Office {
        revision: u64,
    },
    Record {
        id: String,
        /// Whose it is, for those who see their own calls alone.
        #[serde(skip)]
        between: Vec<String>,
    },
}

impl Event {
    const fn name(&self) -> &'static str {
        match self {
            Self::Person(_) => "person",
            Self::PersonGone { .. } => "person-gone",
            Self::Call(_) => "call",
            Self::CallGone { .. } | Self::CallLeft { .. } => "call-gone",
            Self::Trunk(_) => "trunk",
            Self::Costs(_) => "costs",
            Self::Stops { .. } => "stops",
            Self::TrunkGone { .. } => "trunk-gone",
            Self::Doctor(_) => "doctor",
            Self::Problem(_) => "problem",
            Self::ProblemGone { .. } => "problem-gone",
            Self::Device(_) => "device",
            Self::DeviceGone { .. } => "device-gone",
            Self::Window(_) => "window",
            Self::Office { .. } => "office",
            Self::Record { .. } => "record",
        }
    }

    /// The same, told later: what counts seconds has counted on.
    fn aged(&self, seconds: u64) -> Self {
        match self {
            Self::Person(person) => Self::Person(aged_person(person, seconds)),
            Self::Call(call) => Self::Call(aged_call(call, seconds)),
            other => other.clone(),
        }
    }

    /// Whether it is for who sees everything, or only what is the own of the person with that number.
    fn is_for(&self, only: Option<&str>) -> bool {
        only.map_or(!matches!(self, Self::CallLeft { .. }), |own| self.is_own(own))
    }

    /// Whether it is about nobody but the person with this number, or about nobody.
    fn is_own(&self, own: &str) -> bool {
        match self {
            Self::Person(person) => person.number == own,
            Self::PersonGone { number } => number == own,
            Self::Call(call) => is_own_call(call, own),
            Self::CallGone { between: whose, .. }
            | Self::CallLeft { by: whose, .. }
            | Self::Record { between: whose, .. } => whose.iter().any(|number| number == own),
            Self::Office { .. } => true,
            Self::Trunk(_)
            | Self::TrunkGone { .. }
            | Self::Costs(_)
            | Self::Stops { .. }
            | Self::Doctor(_)
            | Self::Problem(_)
            | Self::ProblemGone { .. }
            | Self::Device(_)
            | Self::DeviceGone { .. }
            | Self::Window(_) => false,
        }
    }

    /// What the page is shown of what the exchange told.
    pub(crate) fn of(told: Told) -> Option<Self> {
        Some(match told {
            Told::Person(person) => Self::Person(person),
            Told::PersonGone(number) => Self::PersonGone { number },
            Told::Call(call) => Self::Call(call),
            Told::CallGone(id) => Self::CallGone { id, between: Vec::new() },
            Told::Trunk(trunk) => Self::Trunk(trunk),
            Told::Costs(costs) => Self::Costs(costs),
            Told::Stops(stops) => Self::Stops { stops },
            Told::TrunkGone(name) => Self::TrunkGone { name },
            Told::Doctor(doctor) => Self::Doctor(doctor),
            Told::Problem(problem) => Self::Problem(problem),
            Told::ProblemGone { code, subject } => Self::ProblemGone { code, subject },
            Told::Resynced { .. } | Told::OutOfReach(_) => return None,
        })
    }
}

/// An event as it goes to a browser.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Message {
    /// For `Last-Event-ID`.
    pub(crate) id: String,
    /// The event's name.
    pub(crate) name: &'static str,
    /// JSON.
    pub(crate) data: String,
}

/// How far a browser has read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Position {
    /// Nothing, or something nobody remembers.
    Nowhere,
    /// As far as this event.
    After(u64),
}

/// The live state. Never locked across an await, and never for longer than it takes to copy it.
#[derive(Debug)]
pub(crate) struct Live {
    inner: Mutex<Inner>,
    news: watch::Sender<u64>,
    /// Names this life of the daemon: numbers begin anew in the next.
    life: String,
}

#[derive(Debug, Default)]
struct Inner {
    people: Vec<Timed<PersonView>>,
    calls: Vec<Timed<CallView>>,
    trunks: Vec<TrunkView>,
    doctors: Vec<DoctorView>,
    costs: CostsView,
    stops: Vec<StopView>,
    problems: Vec<ProblemView>,
    devices: Vec<DeviceView>,
    window: PairingWindow,
    revision: u64,
    ring: VecDeque<(u64, Timed<Event>)>,
    out_of_reach: VecDeque<String>,
    last: u64,
}

#[derive(Debug, Clone)]
struct Timed<T> {
    value: T,
    told: Instant,
}

impl<T> Timed<T> {
    fn age_seconds(&self, now: Instant) -> u64 {
        now.saturating_duration_since(self.told).as_secs()
    }
}

impl Live {
    /// `life` is a word that no earlier start of the daemon used.
    pub(crate) fn new(life: String, revision: u64, devices: Vec<DeviceView>) -> Self {
        let inner = Inner { revision, devices, ..Inner::default() };
        Self { inner: Mutex::new(inner), news: watch::Sender::new(0), life }
    }

    fn lock(&self) -> MutexGuard<'_, Inner> {
        // What is inside is whole after each statement; a panic elsewhere must not end the page.
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Takes a change over and tells every browser.
    pub(crate) fn publish(&self, now: Instant, mut event: Event) {
        let mut inner = self.lock();
        if let Event::CallGone { id, between } = &mut event {
            *between = inner.parties(id);
        }
        let left = inner.left_by(&event);
        inner.put_down(now, event);
        if let Some(left) = left {
            inner.put_down(now, left);
        }
        // Under the lock, so that the number never goes backwards.
        self.news.send_replace(inner.last);
    }

    /// Wakes whoever listens when there is news.
    pub(crate) fn listen(&self) -> watch::Receiver<u64> {
        self.news.subscribe()
    }

    /// Reads a `Last-Event-ID`.
    pub(crate) fn position(&self, id: Option<&str>) -> Position {
        let number = id.and_then(|id| id.strip_prefix(self.life.as_str())?.strip_prefix('-')?.parse().ok());
        number.map_or(Position::Nowhere, Position::After)
    }

    /// What a browser has not read yet, and how far it has read then. From nowhere that is a snapshot. With `only`, what is
    /// the own of the person with that number.
    pub(crate) fn read(&self, now: Instant, position: &Position, only: Option<&str>) -> (Vec<Message>, Position) {
        let inner = self.lock();
        let missed = match *position {
            Position::After(number) => inner.after(number),
            Position::Nowhere => None,
        };
        let messages = match missed {
            Some(missed) => missed
                .filter(|(_, event)| event.value.is_for(only))
                .map(|(number, event)| self.message(now, *number, event))
                .collect(),
            None => vec![Message {
                id: format!("{}-{}", self.life, inner.last),
                name: "snapshot",
                data: json(&only.into_iter().fold(inner.snapshot(now), own_of)),
            }],
        };
        (messages, Position::After(inner.last))
    }

    /// The caps as the exchange told them last.
    pub(crate) fn costs(&self) -> CostsView {
        self.lock().costs.clone()
    }

    /// What the doctor said last of the way to each provider.
    pub(crate) fn doctors(&self) -> Vec<DoctorView> {
        self.lock().doctors.clone()
    }

    /// The providers as they are now.
    pub(crate) fn trunks(&self) -> Vec<TrunkView> {
        self.lock().trunks.clone()
    }

    /// What is wrong now.
    pub(crate) fn problems(&self) -> Vec<ProblemView> {
        self.lock().problems.clone()
    }

    /// Whether there is a provider of that name.
    pub(crate) fn has_trunk(&self, name: &str) -> bool {
        self.lock().trunks.iter().any(|trunk| trunk.name == name)
    }

    /// How the tests of the way to help over a trunk go, if there is such a trunk.
    pub(crate) fn help(&self, trunk: &str) -> Option<HelpView> {
        self.lock().trunks.iter().find(|one| one.name == trunk).map(|one| one.help)
    }

    /// The stops that are on, as the exchange told them last.
    pub(crate) fn stops(&self) -> Vec<StopView> {
        self.lock().stops.clone()
    }

    /// How many calls live.
    pub(crate) fn calls_now(&self) -> usize {
        self.lock().calls.len()
    }

    /// Whether that is what is shown of a problem.
    pub(crate) fn shows(&self, code: &str, subject: &str, detail: &str) -> bool {
        let is_it = |one: &ProblemView| one.code == code && one.subject == subject && one.detail == detail;
        self.lock().problems.iter().any(is_it)
    }

    /// Whether a call with this id lives.
    pub(crate) fn has_call(&self, id: &str) -> bool {
        self.lock().calls.iter().any(|call| call.value.id == id)
    }

    /// That call was refused for what its person may call.
    pub(crate) fn note_out_of_reach(&self, call: String) {
        let mut inner = self.lock();
        if inner.out_of_reach.len() >= MOST_OUT_OF_REACH {
            inner.out_of_reach.pop_front();
        }
        inner.out_of_reach.push_back(call);
    }

    /// The last calls that were.
    pub(crate) fn out_of_reach(&self) -> BTreeSet<String> {
        self.lock().out_of_reach.iter().cloned().collect()
    }

    fn message(&self, now: Instant, number: u64, event: &Timed<Event>) -> Message {
        let data = json(&event.value.aged(event.age_seconds(now)));
        Message { id: format!("{}-{number}", self.life), name: event.value.name(), data }
    }
}

impl Inner {
    /// The events after a number; `None` when they are not all there.
    fn after(&self, number: u64) -> Option<impl Iterator<Item = &(u64, Timed<Event>)>> {
        let oldest = self.ring.front().map_or(self.last + 1, |(number, _)| *number);
        let whole = number <= self.last && number + 1 >= oldest;
        whole.then(|| self.ring.iter().filter(move |(other, _)| *other > number))
    }

    /// The numbers whose own a call is that lives.
    fn parties(&self, id: &str) -> Vec<String> {
        let call = self.calls.iter().find(|call| call.value.id == id).map(|call| &call.value);
        let both = call.into_iter().flat_map(|call| [(call, &call.from), (call, &call.to)]);
        both.filter(|(call, number)| is_own_call(call, number)).map(|(_, number)| number.clone()).collect()
    }

    /// What tells those who are no party to a call any more that it went on without them.
    fn left_by(&self, event: &Event) -> Option<Event> {
        let Event::Call(call) = event else { return None };
        let by: Vec<_> = self.parties(&call.id).into_iter().filter(|number| !is_own_call(call, number)).collect();
        (!by.is_empty()).then(|| Event::CallLeft { id: call.id.clone(), by })
    }

    /// Takes a change over and remembers it for who was away.
    fn put_down(&mut self, now: Instant, event: Event) {
        self.take(now, &event);
        self.last += 1;
        self.ring.push_back((self.last, Timed { value: event, told: now }));
        if self.ring.len() > RING {
            self.ring.pop_front();
        }
    }

    fn snapshot(&self, now: Instant) -> LiveSnapshot {
        let mut people: Vec<PersonView> =
            self.people.iter().map(|person| aged_person(&person.value, person.age_seconds(now))).collect();
        people.sort_by(|one, two| one.number.cmp(&two.number));
        LiveSnapshot {
            people,
            calls: self.calls.iter().map(|call| aged_call(&call.value, call.age_seconds(now))).collect(),
            trunks: self.trunks.clone(),
            stops: self.stops.clone(),
            problems: self.problems.clone(),
            devices: self.devices.clone(),
            window: self.window,
            revision: self.revision,
        }
    }

    fn take(&mut self, now: Instant, event: &Event) {
        match event {
            Event::Person(person) => {
                let timed = Timed { value: person.clone(), told: now };
                put(&mut self.people, timed, |known| known.value.number == person.number);
            }
            Event::PersonGone { number } => self.people.retain(|known| known.value.number != *number),
            Event::Call(call) => {
                let timed = Timed { value: call.clone(), told: now };
                put(&mut self.calls, timed, |known| known.value.id == call.id);
            }
            Event::CallGone { id, .. } => self.calls.retain(|known| known.value.id != *id),
            Event::Trunk(trunk) => put(&mut self.trunks, trunk.clone(), |known| known.name == trunk.name),
            Event::Costs(costs) => self.costs = costs.clone(),
            Event::Stops { stops } => self.stops.clone_from(stops),
            Event::TrunkGone { name } => {
                self.trunks.retain(|known| known.name != *name);
                self.doctors.retain(|known| known.trunk != *name);
            }
            Event::Doctor(doctor) => {
                put(&mut self.doctors, DoctorView::clone(doctor), |known| known.trunk == doctor.trunk);
            }
            Event::Problem(problem) => put(&mut self.problems, problem.clone(), |known| {
                known.code == problem.code && known.subject == problem.subject
            }),
            Event::ProblemGone { code, subject } => {
                self.problems.retain(|known| known.code != *code || known.subject != *subject);
            }
            Event::Device(device) => put(&mut self.devices, device.clone(), |known| known.mac == device.mac),
            Event::DeviceGone { mac } => self.devices.retain(|known| known.mac != *mac),
            Event::Window(window) => self.window = *window,
            Event::Office { revision } => self.revision = *revision,
            Event::CallLeft { .. } | Event::Record { .. } => {}
        }
    }
}

/// A call from outside under a colleague's number is not the colleague's.
fn is_own_call(call: &CallView, own: &str) -> bool {
    (call.from == own && !call.spoofed) || call.to == own
}

/// Of everything, what is the own of the person with this number.
fn own_of(all: LiveSnapshot, own: &str) -> LiveSnapshot {
    LiveSnapshot {
        people: all.people.into_iter().filter(|person| person.number == own).collect(),
        calls: all.calls.into_iter().filter(|call| is_own_call(call, own)).collect(),
        revision: all.revision,
        ..LiveSnapshot::default()
    }
}

/// Puts an entry in the place of its namesake, or at the end.
fn put<T>(list: &mut Vec<T>, entry: T, same: impl Fn(&T) -> bool) {
    match list.iter_mut().find(|known| same(known)) {
        Some(known) => *known = entry,
        None => list.push(entry),
    }
}

fn aged_call(call: &CallView, seconds: u64) -> CallView {
    CallView { seconds: call.seconds.saturating_add(seconds), ..call.clone() }
}

fn aged_person(person: &PersonView, seconds: u64) -> PersonView {
    let mut person = person.clone();
    for registration in &mut person.registrations {
        registration.expires_in_seconds = registration.expires_in_seconds.saturating_sub(seconds);
    }
    person
}

fn json(value: &impl Serialize) -> String {
    serde_json::to_string(value).expect("views have string keys and write themselves without fail")
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use centrale_call_control::view::{CallState, Direction};

    use super::*;

    fn live() -> Live {
        Live::new("life".into(), 1, Vec::new())
    }

    fn record(number: usize) -> Event {
        Event::Record { id: format!("call-{number}"), between: vec!["201".into()] }
    }

    /// Of Anna with Bram.
    fn call() -> CallView {
        CallView {
            id: "c1".into(),
            direction: Direction::Internal,
            from: "201".into(),
            from_name: "Anna".into(),
            spoofed: false,
            to: "202".into(),
            to_name: "Bram".into(),
            state: CallState::Talking,
            seconds: 3,
            emergency: false,
            ends_soon: false,
        }
    }

    fn names(messages: &[Message]) -> Vec<&str> {
        messages.iter().map(|message| message.name).collect()
    }

    #[test]
    fn who_was_away_gets_what_was_missed_and_only_that() {
        let (live, now) = (live(), Instant::now());
        live.publish(now, record(1));
        let (messages, _) = live.read(now, &Position::Nowhere, None);
        assert_eq!(names(&messages), ["snapshot"]);
        live.publish(now, Event::Office { revision: 2 });
        live.publish(now, record(2));
        let (missed, position) = live.read(now, &live.position(Some(&messages[0].id)), None);
        assert_eq!(names(&missed), ["office", "record"]);
        assert_eq!(live.read(now, &position, None).0, []);
        assert_eq!(missed[1].id, "life-3");
    }

    #[test]
    fn who_was_away_too_long_or_comes_from_another_life_gets_a_snapshot() {
        let (live, now) = (live(), Instant::now());
        for number in 0..=RING {
            live.publish(now, record(number));
        }
        let reads = |id: &str| live.read(now, &live.position(Some(id)), None).0.first().map(|first| first.name);
        assert_eq!(reads("life-1"), Some("record"), "the oldest that is still there is the next");
        for id in ["life-0", "life-99999999", "other-5", "life-", "life", "", "5"] {
            assert_eq!(reads(id), Some("snapshot"), "{id}");
        }
    }

    #[test]
    fn who_connected_others_sees_the_call_go_and_nobody_else_does() {
        let (live, now) = (live(), Instant::now());
        live.publish(now, Event::Call(call()));
        let connected = CallView { to: "203".into(), to_name: "Cor".into(), ..call() };
        live.publish(now, Event::Call(connected));
        live.publish(now, record(1));
        let told = |only| live.read(now, &Position::After(1), only).0;
        assert_eq!(names(&told(Some("202"))), ["call-gone"]);
        assert_eq!(told(Some("202"))[0].data, r#"{"id":"c1"}"#);
        assert_eq!(names(&told(Some("203"))), ["call"]);
        assert_eq!(names(&told(Some("201"))), ["call", "record"], "who has a call in the log is told to look again");
        assert_eq!(names(&told(None)), ["call", "record"]);
        assert!(live.read(now, &Position::Nowhere, None).0[0].data.contains(r#""to":"203""#), "it goes on");
    }

    #[test]
    fn a_call_that_is_told_later_has_lasted_longer() {
        let (live, now) = (live(), Instant::now());
        live.publish(now, Event::Call(call()));
        let later = now + Duration::from_secs(60);
        for position in [Position::Nowhere, Position::After(0)] {
            let (messages, _) = live.read(later, &position, None);
            assert!(messages[0].data.contains("\"seconds\":63"), "{}", messages[0].data);
        }
        live.publish(later, Event::CallGone { id: "c1".into(), between: Vec::new() });
        assert!(live.read(later, &Position::Nowhere, None).0[0].data.contains("\"calls\":[]"));
    }
}
