//! The invariants of `ARCHITECTURE.md` that can be seen from outside, looked at after every step.
//!
//! A call for help is never refused (1). Every INVITE gets a final response, nothing outlives its call, and every lamp equals
//! the state (2). No call costs more than it may, and nothing blocked is reached (3). No secret leaves in clear, in a message or in
//! what is told (4). No phone of the office is blocked for another's password (6). Besides: what the exchange sends is valid SIP, and
//! both ends of an answered call hear each other.

use std::collections::{BTreeMap, BTreeSet};
use std::time::{Duration, Instant};

use bytes::Bytes;
use centrale_call_control::view::{CallState, LineState, Snapshot, TrunkState};
use centrale_call_control::{CallRecord, Firewall, Told};
use centrale_config::Permit;
use centrale_guard::{Cap, may_call};
use centrale_numbering::{Money, Plan};
use centrale_rtp::relay::RelayId;
use centrale_sip::flow::{FlowId, Transport};
use centrale_sip::message::{Message, Method, Request, Response, scan_datagram};

use crate::agent::{Ending, Story};
use crate::network::Node;

/// A call outside rings for three minutes and a second; then it takes some seconds to say so.
const LONGEST_WITHOUT_ANSWER: Duration = Duration::from_secs(200);
/// Two ends that have talked for this long have heard each other.
const LONG_ENOUGH_TO_HEAR: Duration = Duration::from_secs(6);

/// As long after a transfer, in which the end that was handed on may have been changing something itself.
const LONG_ENOUGH_AFTER_TRANSFER: Duration = Duration::from_secs(40);

/// An invariant that does not hold.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("invariant {invariant}: {what}")]
pub struct Violation {
    /// Its number in `ARCHITECTURE.md`; 0 for what is not numbered there.
    pub invariant: u8,
    /// What is wrong, in a sentence.
    pub what: String,
}

/// Fails with a sentence.
fn broken<T>(invariant: u8, what: impl Into<String>) -> Result<T, Violation> {
    Err(Violation { invariant, what: what.into() })
}

/// Call-ID and number of an INVITE, and from whom it came.
type Asked = (Node, String, u32);

/// A call for help that waits.
#[derive(Debug, Default)]
struct Help {
    /// Its relay: by the port that a description names, what is passed on is known to be this call.
    relay: Option<RelayId>,
    /// Whether it was passed on to any provider.
    tried: bool,
    /// Whether its caller took it back.
    cancelled: bool,
}

/// What is held for calls.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Held {
    /// Relays that are open.
    pub relays: usize,
    /// Calls that last, or wait for the last word of their relay or of a provider.
    pub calls_in_hand: usize,
}

/// What was seen so far.
#[derive(Debug)]
pub struct Checks {
    plan: Plan,
    /// What every call so far cost.
    spent: Money,
    secrets: Vec<String>,
    emergency: &'static [&'static str],
    unanswered: BTreeMap<Asked, (Instant, FlowId)>,
    answered: BTreeSet<Asked>,
    help: BTreeMap<Asked, Help>,
    /// The call for help that the box was told of in this step.
    begins: Option<Asked>,
    /// Whose each port of the box is.
    ports: BTreeMap<u16, RelayId>,
    people: BTreeMap<String, (LineState, usize)>,
    calls: BTreeMap<String, CallState>,
    trunks: BTreeMap<String, (TrunkState, u32)>,
    problems: BTreeSet<(String, String)>,
    records: BTreeSet<String>,
    stories: BTreeMap<String, Vec<Story>>,
}

impl Checks {
    /// With what must stay secret, what help is called, and how numbers are read.
    pub fn new(secrets: Vec<String>, emergency: &'static [&'static str], plan: Plan) -> Self {
        Self {
            plan,
            spent: Money::ZERO,
            secrets,
            emergency,
            unanswered: BTreeMap::new(),
            answered: BTreeSet::new(),
            help: BTreeMap::new(),
            begins: None,
            ports: BTreeMap::new(),
            people: BTreeMap::new(),
            calls: BTreeMap::new(),
            trunks: BTreeMap::new(),
            problems: BTreeSet::new(),
            records: BTreeSet::new(),
            stories: BTreeMap::new(),
        }
    }

    /// Something arrives at the box. `office` is whether it comes from within, where help needs no password.
    pub fn arrived(&mut self, now: Instant, from: Node, office: bool, flow: FlowId, bytes: &Bytes) {
        let Ok(Message::Request(request)) = scan_datagram(bytes) else { return };
        let Some(asked) = asked(from, &request.headers) else { return };
        if request.method == Method::CANCEL
            && let Some(help) = self.help.get_mut(&asked)
        {
            help.cancelled = true;
        }
        if request.method != Method::INVITE || self.answered.contains(&asked) {
            return;
        }
        let is_new = request.headers.to().is_ok_and(|to| to.tag().is_none());
        if is_new && office && self.asks_for_help(&request) {
            self.help.entry(asked.clone()).or_default();
            self.begins = Some(asked.clone());
        }
        self.unanswered.entry(asked).or_insert((now + LONGEST_WITHOUT_ANSWER, flow));
    }

    /// The box opens a port for a call.
    pub fn opened(&mut self, relay: RelayId, port: u16) {
        self.ports.insert(port, relay);
        if let Some(help) = self.begins.as_ref().and_then(|asked| self.help.get_mut(asked)) {
            help.relay.get_or_insert(relay);
        }
    }

    /// A call for help is passed on: which one says the port that its description names.
    fn tried(&mut self, request: &Request) {
        let relay = audio_port(&request.body).and_then(|port| self.ports.get(&port)).copied();
        let of_it = self.help.values_mut().filter(|help| relay.is_some() && help.relay == relay);
        of_it.for_each(|help| help.tried = true);
    }

    /// A connection is gone, and with it the way for the answers to what came over it.
    pub fn closed(&mut self, flow: FlowId) {
        self.unanswered.retain(|_, (_, way)| *way != flow);
    }

    /// Whether this is a number of help.
    pub fn is_help(&self, dialled: &str) -> bool {
        self.emergency.contains(&dialled)
    }

    fn asks_for_help(&self, request: &Request) -> bool {
        request.uri.dialled().is_some_and(|dialled| self.is_help(&dialled))
    }

    /// The box sends something.
    ///
    /// # Errors
    /// When it may not.
    pub fn sent(&mut self, to: Node, transport: Transport, bytes: &Bytes) -> Result<(), Violation> {
        self.check_secrets(bytes)?;
        if transport != Transport::Tls && memchr::memmem::find(bytes, b"inline:").is_some() {
            return broken(4, "an SRTP key leaves over signalling in clear");
        }
        let message = match scan_datagram(bytes) {
            Ok(message) => message,
            Err(fault) => return broken(0, format!("the box sends what cannot be read: {fault}")),
        };
        if let Err(fault) = message.validate() {
            return broken(0, format!("the box sends what is not valid: {fault}"));
        }
        match message {
            Message::Request(request) => {
                if request.method == Method::INVITE && self.asks_for_help(&request) {
                    self.tried(&request);
                }
                self.check_destination(&request)
            }
            Message::Response(response) => self.answered(to, &response),
        }
    }

    /// No detour leads to what the simulated people may not call, which is what new people may not.
    fn check_destination(&self, request: &Request) -> Result<(), Violation> {
        let to = request.headers.to().ok().filter(|to| to.tag().is_none());
        let called = to.as_ref().and_then(|to| to.uri.dialled());
        let Some(called) = called.filter(|_| request.method == Method::INVITE) else { return Ok(()) };
        match may_call(&self.plan, &Permit::NEW, &self.plan.normalise(&called), 0) {
            Ok(()) => Ok(()),
            Err(reject) => broken(3, format!("{called} is called, which nobody may: {}", reject.code)),
        }
    }

    fn answered(&mut self, to: Node, response: &Response) -> Result<(), Violation> {
        let invite = response.headers.cseq().is_ok_and(|cseq| cseq.method == Method::INVITE);
        let Some(asked) = asked(to, &response.headers).filter(|_| invite && response.status.is_final()) else {
            return Ok(());
        };
        self.unanswered.remove(&asked);
        let help = self.help.remove(&asked);
        self.answered.insert(asked);
        match help {
            Some(help) if !response.status.is_success() && !help.tried && !help.cancelled => broken(
                1,
                format!("a call for help is refused with {} before a provider was asked", response.status.code()),
            ),
            _ => Ok(()),
        }
    }

    fn check_secrets(&self, bytes: &[u8]) -> Result<(), Violation> {
        let found = self.secrets.iter().any(|secret| memchr::memmem::find(bytes, secret.as_bytes()).is_some());
        if found { broken(4, "a secret leaves in clear") } else { Ok(()) }
    }

    /// The page is told something.
    ///
    /// # Errors
    /// When it may not be.
    pub fn told(&mut self, told: Told) -> Result<(), Violation> {
        self.check_printed(&format!("{told:?}"))?;
        match told {
            Told::Person(person) => drop(self.people.insert(person.number, (person.state, person.registrations.len()))),
            Told::PersonGone(number) => drop(self.people.remove(&number)),
            Told::Call(call) => drop(self.calls.insert(call.id, call.state)),
            Told::CallGone(id) if self.calls.remove(&id).is_none() => {
                return broken(2, "a call that was never shown is gone");
            }
            Told::CallGone(_) => {}
            Told::Trunk(trunk) => drop(self.trunks.insert(trunk.name, (trunk.state, trunk.calls))),
            Told::TrunkGone(name) => drop(self.trunks.remove(&name)),
            // Nobody on the way reads messages here, whatever else happens to them.
            Told::Problem(problem)
                if ["router-rewrites", "phone-path-rewrites", "phone-messages-healed"].contains(&&*problem.code) =>
            {
                return broken(0, format!("an honest router is accused: {}", problem.detail));
            }
            Told::Problem(problem) => drop(self.problems.insert((problem.code, problem.subject))),
            Told::ProblemGone { code, subject } => drop(self.problems.remove(&(code, subject))),
            Told::Resynced { .. } | Told::OutOfReach(_) | Told::Costs(_) | Told::Doctor(_) | Told::Stops(_) => {}
        }
        Ok(())
    }

    fn check_printed(&self, text: &str) -> Result<(), Violation> {
        self.check_secrets(text.as_bytes())?;
        if text.contains("inline:") { broken(4, "an SRTP key is printed") } else { Ok(()) }
    }

    /// A call is written down.
    ///
    /// # Errors
    /// When it was already, or its times make no sense.
    pub fn recorded(&mut self, record: &CallRecord) -> Result<(), Violation> {
        self.check_printed(&format!("{record:?}"))?;
        if record.started > record.ended || record.answered.is_some_and(|at| at < record.started || at > record.ended) {
            return broken(0, "a call record goes back in time");
        }
        let price = record.price.unwrap_or_default();
        // What is called all day in the own country counts for caps of its own.
        let ordinary = record.class.is_ordinary();
        self.spent += if ordinary { Money::ZERO } else { price };
        if record.emergency && (price > Money::ZERO || record.reason.is_some()) {
            return broken(1, "a call for help was counted, or ended by a rule");
        }
        // Nobody tells the simulated box the time, and a box that does not know it holds it for night.
        if !ordinary && price > Cap::Call.amount() || self.spent > Cap::Night.amount() {
            return broken(3, format!("a call cost {price}, and all of them {}", self.spent));
        }
        if self.records.insert(record.id.clone()) { Ok(()) } else { broken(0, "a call is written down twice") }
    }

    /// Nobody attacks in this simulation: phones have wrong passwords, lose packets and come back all at once. Whatever is
    /// blocked here is the office.
    ///
    /// # Errors
    /// Always.
    pub fn blocked(&self, block: &Firewall) -> Result<(), Violation> {
        broken(6, format!("{} is blocked for {}", block.source, block.reason))
    }

    /// After every step.
    ///
    /// # Errors
    /// The first invariant that does not hold.
    pub fn after_step(&mut self, now: Instant, snapshot: &Snapshot, held: Held) -> Result<(), Violation> {
        self.begins = None;
        if held.relays > held.calls_in_hand || held.relays < snapshot.calls.len() {
            return broken(2, format!("{} calls last, and there is {held:?}", snapshot.calls.len()));
        }
        if let Some((asked, _)) = self.unanswered.iter().find(|(_, (until, _))| *until < now) {
            return broken(2, format!("INVITE {} {} has no final response", asked.1, asked.2));
        }
        let people: BTreeMap<_, _> = snapshot
            .people
            .iter()
            .map(|person| (person.number.clone(), (person.state, person.registrations.len())))
            .collect();
        same("people", &self.people, &people)?;
        let calls = snapshot.calls.iter().map(|call| (call.id.clone(), call.state)).collect();
        same("calls", &self.calls, &calls)?;
        let trunks = snapshot.trunks.iter().map(|trunk| (trunk.name.clone(), (trunk.state, trunk.calls))).collect();
        same("trunks", &self.trunks, &trunks)?;
        let problems: BTreeSet<_> =
            snapshot.problems.iter().map(|problem| (problem.code.clone(), problem.subject.clone())).collect();
        if self.problems != problems {
            return broken(2, format!("problems told {:?}, but they are {problems:?}", self.problems));
        }
        Ok(())
    }

    /// An agent's side of a call that is over.
    ///
    /// # Errors
    /// When both sides are known now and did not hear each other.
    pub fn story(&mut self, story: Story) -> Result<(), Violation> {
        let sides = self.stories.entry(story.token.clone()).or_default();
        sides.push(story);
        let answered: Vec<&Story> = sides.iter().filter(|side| side.established.is_some() && !side.handed_on).collect();
        // Whom somebody brought together hear each other since that one is gone, however long both talked to that one before.
        let brought_together = sides.iter().filter(|side| side.handed_on).map(|side| side.ended).max();
        let was_handed_on = brought_together.is_some();
        let (one, two) = match (&answered[..], &sides[..]) {
            // Whoever handed the call on is gone: the two who are left heard each other.
            ([one, two], _) if was_handed_on => (*one, *two),
            (_, [one, two]) => (one, two),
            _ => return Ok(()),
        };
        let (Some(first), Some(second)) = (one.established, two.established) else { return Ok(()) };
        let since = first.max(second).max(brought_together.unwrap_or(first));
        let together = one.ended.min(two.ended).saturating_duration_since(since);
        let undisturbed = |side: &Story| !side.ever_held && !side.troubled;
        let plain = undisturbed(one) && undisturbed(two) && (was_handed_on || one.outgoing != two.outgoing);
        let long_enough = if was_handed_on { LONG_ENOUGH_AFTER_TRANSFER } else { LONG_ENOUGH_TO_HEAR };
        if !plain || together < long_enough {
            return Ok(());
        }
        let hears = |one: &Story, two: &Story| one.heard.get(&two.ssrc).copied().unwrap_or_default();
        let (first, second) = (hears(one, two), hears(two, one));
        if first > 0 && second > 0 {
            return Ok(());
        }
        let what = format!("call {}: {} s together, heard {first} and {second}", one.token, together.as_secs());
        broken(0, what)
    }

    /// How often both ends knew a call as answered.
    pub fn answered_calls(&self) -> usize {
        let both = |sides: &&Vec<Story>| sides.len() == 2 && sides.iter().all(|side| side.established.is_some());
        self.stories.values().filter(both).count()
    }

    /// What people were told of their calls, by how they ended.
    pub fn endings(&self) -> BTreeMap<String, usize> {
        let mut endings = BTreeMap::new();
        for story in self.stories.values().flatten().filter(|story| story.outgoing) {
            let name = match (story.ending, story.established) {
                (Ending::Refused(code), _) => code.to_string(),
                (_, None) => "given up".to_owned(),
                (_, Some(_)) => "talked".to_owned(),
            };
            *endings.entry(name).or_default() += 1;
        }
        endings
    }

    /// At the very end, when everybody has had the time to finish.
    ///
    /// # Errors
    /// What was left behind.
    pub fn at_end(&self) -> Result<(), Violation> {
        if !self.calls.is_empty() {
            return broken(2, format!("calls are still shown: {:?}", self.calls));
        }
        let lit = self.people.iter().find(|(_, (state, _))| matches!(state, LineState::Ringing | LineState::Busy));
        if let Some((number, (state, _))) = lit {
            return broken(2, format!("the lamp of {number} still shows {state:?}"));
        }
        match self.unanswered.keys().next() {
            Some(asked) => broken(2, format!("INVITE {} {} has no final response", asked.1, asked.2)),
            None => Ok(()),
        }
    }

    /// The lamp of a person, as told.
    pub fn lamp(&self, number: &str) -> Option<LineState> {
        self.people.get(number).map(|(state, _)| *state)
    }
}

fn same<V: PartialEq + std::fmt::Debug>(
    what: &str,
    told: &BTreeMap<String, V>,
    real: &BTreeMap<String, V>,
) -> Result<(), Violation> {
    if told == real {
        return Ok(());
    }
    broken(2, format!("{what} told {told:?}, but they are {real:?}"))
}

/// The port of the box's that a description names.
fn audio_port(body: &[u8]) -> Option<u16> {
    let body = String::from_utf8_lossy(body);
    let line = body.lines().find_map(|line| line.strip_prefix("m=audio "))?;
    line.split(' ').next()?.parse().ok()
}

fn asked(node: Node, headers: &centrale_sip::message::Headers) -> Option<Asked> {
    Some((node, headers.call_id().ok()?.to_owned(), headers.cseq().ok()?.number))
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECRET: &str = "Geheim9xKwast7";

    fn checks() -> Checks {
        Checks::new(vec![SECRET.to_owned()], &["112"], Plan::of(centrale_numbering::Country::Netherlands, "020"))
    }

    fn message(start: &str, method: &str, more: &str) -> Bytes {
        Bytes::from(format!(
            "{start}\r\nVia: SIP/2.0/UDP 192.168.1.9;branch=z9hG4bK1\r\nFrom: <sip:201@box>;tag=a\r\nTo: <sip:112@box>\r\n\
             Call-ID: c\r\nCSeq: 1 {method}\r\n{more}Content-Length: 0\r\n\r\n"
        ))
    }

    fn invite(number: &str) -> Bytes {
        message(&format!("INVITE sip:{number}@box SIP/2.0"), "INVITE", "")
    }

    /// A call for help as the box passes it on, to be answered at that port.
    fn passed_on(port: u16) -> Bytes {
        let text = String::from_utf8(invite("112").to_vec()).unwrap();
        let body = format!("v=0\r\nm=audio {port} RTP/AVP 8\r\n");
        Bytes::from(text.replace("Length: 0", &format!("Length: {}", body.len())) + &body)
    }

    fn held(relays: usize, calls_in_hand: usize) -> Held {
        Held { relays, calls_in_hand }
    }

    fn broken_by<T>(result: Result<T, Violation>) -> Option<u8> {
        result.err().map(|violation| violation.invariant)
    }

    #[test]
    fn help_refused_before_a_provider_was_asked_is_seen_and_after_it_is_not() {
        let now = Instant::now();
        let refusal = message("SIP/2.0 503 No", "INVITE", "");
        for (number, tried, expected) in [("112", false, Some(1)), ("112", true, None), ("202", false, None)] {
            let mut checks = checks();
            checks.arrived(now, Node(1), true, FlowId(0), &invite(number));
            checks.opened(RelayId(1), 10_000);
            if tried {
                checks.sent(Node(2), Transport::Udp, &passed_on(10_000)).unwrap();
            }
            assert_eq!(broken_by(checks.sent(Node(1), Transport::Udp, &refusal)), expected, "{number} {tried}");
        }
    }

    #[test]
    fn a_call_for_help_is_not_tried_by_another_ones_being_passed_on() {
        let (now, none) = (Instant::now(), Snapshot::default());
        let refusal = message("SIP/2.0 503 No", "INVITE", "");
        for (refused, expected) in [(Node(1), None), (Node(3), Some(1))] {
            let mut checks = checks();
            for (node, relay, port) in [(Node(1), 1, 10_000), (Node(3), 2, 10_010)] {
                checks.arrived(now, node, true, FlowId(0), &invite("112"));
                checks.opened(RelayId(relay), port);
                checks.opened(RelayId(relay), port + 2);
                checks.after_step(now, &none, held(0, 0)).unwrap();
            }
            checks.sent(Node(2), Transport::Udp, &passed_on(10_002)).unwrap();
            assert_eq!(broken_by(checks.sent(refused, Transport::Udp, &refusal)), expected, "{refused:?}");
        }
    }

    #[test]
    fn a_relay_without_a_call_and_a_call_without_a_relay_are_seen_at_once() {
        let now = Instant::now();
        let call = centrale_call_control::view::CallView {
            id: "c".into(),
            direction: centrale_call_control::view::Direction::Internal,
            from: "201".into(),
            from_name: String::new(),
            spoofed: false,
            to: "202".into(),
            to_name: String::new(),
            state: CallState::Ringing,
            seconds: 0,
            emergency: false,
            ends_soon: false,
        };
        for (relays, in_hand, expected) in [(1, 1, None), (1, 2, None), (2, 1, Some(2)), (0, 1, Some(2))] {
            let mut checks = checks();
            checks.told(Told::Call(call.clone())).unwrap();
            let snapshot = Snapshot { calls: vec![call.clone()], ..Snapshot::default() };
            assert_eq!(
                broken_by(checks.after_step(now, &snapshot, held(relays, in_hand))),
                expected,
                "{relays} {in_hand}"
            );
        }
    }

    #[test]
    fn an_invite_without_a_final_response_is_seen_when_its_time_is_over() {
        let now = Instant::now();
        let late = now + LONGEST_WITHOUT_ANSWER + Duration::from_secs(1);
        let mut checks = checks();
        checks.arrived(now, Node(1), true, FlowId(0), &invite("202"));
        checks.sent(Node(1), Transport::Udp, &message("SIP/2.0 180 Ringing", "INVITE", "")).unwrap();
        assert_eq!(broken_by(checks.after_step(now, &Snapshot::default(), held(0, 0))), None);
        assert_eq!(broken_by(checks.after_step(late, &Snapshot::default(), held(0, 0))), Some(2));
        assert_eq!(broken_by(checks.at_end()), Some(2));
        checks.sent(Node(1), Transport::Udp, &message("SIP/2.0 200 OK", "INVITE", "")).unwrap();
        assert_eq!(broken_by(checks.after_step(late, &Snapshot::default(), held(0, 0))), None);
    }

    #[test]
    fn a_lamp_that_differs_from_the_state_is_seen() {
        let view = |state| centrale_call_control::view::PersonView {
            number: "201".into(),
            name: "Anna".into(),
            state,
            registrations: Vec::new(),
            new_messages: 0,
            alarm_line: None,
        };
        let mut checks = checks();
        checks.told(Told::Person(view(LineState::Idle))).unwrap();
        let snapshot = |state| Snapshot { people: vec![view(state)], ..Snapshot::default() };
        let now = Instant::now();
        assert_eq!(broken_by(checks.after_step(now, &snapshot(LineState::Idle), held(0, 0))), None);
        assert_eq!(broken_by(checks.after_step(now, &snapshot(LineState::Busy), held(0, 0))), Some(2));
        checks.told(Told::Person(view(LineState::Busy))).unwrap();
        assert_eq!(broken_by(checks.at_end()), Some(2));
    }

    #[test]
    fn a_secret_or_a_key_in_clear_is_seen() {
        let mut checks = checks();
        let leak = message("OPTIONS sip:x@y SIP/2.0", "OPTIONS", &format!("Subject: {SECRET}\r\n"));
        assert_eq!(broken_by(checks.sent(Node(1), Transport::Tls, &leak)), Some(4));
        let key = message("OPTIONS sip:x@y SIP/2.0", "OPTIONS", "Subject: inline:abc\r\n");
        assert_eq!(broken_by(checks.sent(Node(1), Transport::Udp, &key)), Some(4));
        assert_eq!(broken_by(checks.sent(Node(1), Transport::Tls, &key)), None);
    }

    fn story_of(now: Instant, outgoing: bool, ssrc: u32, heard: Option<u32>) -> Story {
        Story {
            token: "t".into(),
            dialled: "202".into(),
            outgoing,
            callers: Vec::new(),
            established: Some(now),
            waited: Duration::ZERO,
            ended: now + Duration::from_secs(20),
            ending: Ending::HungUp,
            ssrc,
            heard: heard.into_iter().map(|ssrc| (ssrc, 10)).collect(),
            spoken: 19,
            ever_held: false,
            handed_on: false,
            troubled: false,
        }
    }

    #[test]
    fn two_who_were_brought_together_are_to_hear_each_other_from_then_on() {
        let now = Instant::now();
        let seconds = |seconds| now + Duration::from_secs(seconds);
        for (ended, expected) in [(59, None), (61, Some(0))] {
            let mut checks = checks();
            let ends = |outgoing, ssrc| Story { ended: seconds(ended), ..story_of(now, outgoing, ssrc, None) };
            checks.story(Story { handed_on: true, ..story_of(now, true, 1, None) }).unwrap();
            checks.story(ends(false, 2)).unwrap();
            assert_eq!(broken_by(checks.story(ends(true, 3))), expected, "{ended}");
        }
    }

    #[test]
    fn two_ends_that_do_not_hear_each_other_are_seen() {
        let now = Instant::now();
        let story = |outgoing, ssrc, heard| story_of(now, outgoing, ssrc, heard);
        for (heard, expected) in [(Some(1), None), (Some(3), Some(0)), (None, Some(0))] {
            let mut checks = checks();
            checks.story(story(true, 1, Some(2))).unwrap();
            assert_eq!(broken_by(checks.story(story(false, 2, heard))), expected, "{heard:?}");
        }
    }
}
