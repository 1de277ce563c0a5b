//! What a phone subscribes to (RFC 6665): what numbers do (`dialog`, RFC 4235), for the lamps beside its keys, and whether
//! messages wait (`message-summary`, RFC 3842). It knows what it was told last, and reads it with parsers of its own.

use std::collections::{BTreeMap, BTreeSet};
use std::time::{Duration, Instant};

use centrale_sip::dialog::Dialog;
use centrale_sip::endpoint::ServerKey;
use centrale_sip::flow::Flow;
use centrale_sip::message::{HeaderName, Method, NameAddr, Request, Response, SipUri, Status};
use roxmltree::{Document, Node};

use super::{Agent, Purpose, Wake};

/// Between two subscriptions of a phone that subscribes to many.
const APART: Duration = Duration::from_millis(20);
/// How long a phone leaves alone what it was refused, or what was not answered.
const RETRY: Duration = Duration::from_secs(300);

/// Names a subscription within its agent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct WatchKey(u64);

/// What can be subscribed to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Package {
    /// What a number does.
    Dialog,
    /// What waits in a mailbox.
    MessageSummary,
}

impl Package {
    const fn name(self) -> &'static str {
        match self {
            Self::Dialog => "dialog",
            Self::MessageSummary => "message-summary",
        }
    }

    const fn body(self) -> &'static str {
        match self {
            Self::Dialog => "application/dialog-info+xml",
            Self::MessageSummary => "application/simple-message-summary",
        }
    }
}

/// Something that a phone is set to subscribe to.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Wish {
    /// What kind of thing.
    pub package: Package,
    /// Whose.
    pub number: String,
    /// For how long at a time, seconds.
    pub expires: u32,
}

/// The lamp beside a key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Lamp {
    /// Nothing happens there, or nobody tells.
    Off,
    /// It rings there.
    Blinking,
    /// Somebody calls or talks there.
    On,
}

/// A subscription.
#[derive(Debug)]
pub(super) struct Watch {
    wish: Wish,
    call_id: String,
    tag: String,
    cseq: u32,
    dialog: Option<Dialog>,
    /// The SUBSCRIBE that has no final answer yet.
    asked: Option<Request>,
    challenges: u32,
    /// Number of the document that was believed last.
    version: Option<u32>,
    /// The lamp of each call in it.
    lamps: BTreeMap<String, Lamp>,
    /// New messages.
    messages: u32,
    /// Nobody is set to it any more.
    ending: bool,
}

impl Watch {
    fn new(wish: Wish, (call_id, tag): (String, String)) -> Self {
        Self {
            wish,
            call_id,
            tag,
            cseq: 0,
            dialog: None,
            asked: None,
            challenges: 0,
            version: None,
            lamps: BTreeMap::new(),
            messages: 0,
            ending: false,
        }
    }

    const fn expires(&self) -> u32 {
        if self.ending { 0 } else { self.wish.expires }
    }

    /// Nothing is known any more.
    fn forget(&mut self) {
        (self.dialog, self.asked, self.version, self.messages) = (None, None, None, 0);
        self.lamps.clear();
    }

    fn read(&mut self, body: &str) {
        match self.wish.package {
            Package::Dialog => self.read_dialogs(body),
            Package::MessageSummary => (self.messages, self.version) = (new_messages(body), Some(0)),
        }
    }

    /// A document that is older than the last one is passed over; one in part changes only what it names (RFC 4235 4.3).
    fn read_dialogs(&mut self, body: &str) {
        let Ok(document) = Document::parse(body) else { return };
        let root = document.root_element();
        let Some(version) = root.attribute("version").and_then(|version| version.parse().ok()) else { return };
        if root.tag_name().name() != "dialog-info" || self.version.is_some_and(|known| version <= known) {
            return;
        }
        self.version = Some(version);
        if root.attribute("state") == Some("full") {
            self.lamps.clear();
        }
        for dialog in root.children().filter(|node| node.tag_name().name() == "dialog") {
            if let Some(id) = dialog.attribute("id") {
                self.lamps.insert(id.to_owned(), lamp_of(dialog));
            }
        }
    }
}

/// The lamp of one call: it blinks for who is called, and is on for who calls.
fn lamp_of(dialog: Node<'_, '_>) -> Lamp {
    let state = dialog.children().find(|node| node.tag_name().name() == "state").and_then(|state| state.text());
    match (state.unwrap_or_default().trim(), dialog.attribute("direction")) {
        ("confirmed", _) | ("trying" | "proceeding" | "early", Some("initiator")) => Lamp::On,
        ("trying" | "proceeding" | "early", _) => Lamp::Blinking,
        _ => Lamp::Off,
    }
}

/// The number of new voice messages: what it says of them, else whether there are any.
fn new_messages(body: &str) -> u32 {
    let field = |wanted: &str| {
        let fields = body.lines().filter_map(|line| line.split_once(':'));
        fields.into_iter().find(|(name, _)| name.trim().eq_ignore_ascii_case(wanted)).map(|(_, value)| value.trim())
    };
    let waits = field("Messages-Waiting") == Some("yes");
    let counted = field("Voice-Message").and_then(|counts| counts.split('/').next()?.trim().parse().ok());
    counted.filter(|_| waits).unwrap_or_else(|| u32::from(waits))
}

impl Agent {
    /// Brings its subscriptions in step with what it is set to subscribe to.
    pub fn watch(&mut self, now: Instant, mut wishes: Vec<Wish>) {
        let gone = |one: &Watch| !one.ending && !wishes.contains(&one.wish);
        let gone: Vec<WatchKey> = self.watches.iter().filter(|(_, one)| gone(one)).map(|(key, _)| *key).collect();
        gone.into_iter().for_each(|key| self.end_watch(now, key));
        wishes.retain(|wish| self.watches.values().all(|one| one.ending || one.wish != *wish));
        for wish in wishes {
            self.next_watch += 1;
            let watch = Watch::new(wish, (self.token(), self.token()));
            self.watches.insert(WatchKey(self.next_watch), watch);
        }
        if self.registration.status.is_some_and(Status::is_success) {
            self.subscribe_to_all(now);
        }
    }

    fn end_watch(&mut self, now: Instant, key: WatchKey) {
        let Some(watch) = self.watches.get_mut(&key) else { return };
        if watch.dialog.is_none() {
            self.watches.remove(&key);
            return;
        }
        (watch.ending, watch.challenges) = (true, 0);
        self.subscribe(now, key, None);
    }

    /// The lamp of a number.
    pub fn lamp(&self, number: &str) -> Lamp {
        let its = |one: &&Watch| !one.ending && one.wish.package == Package::Dialog && one.wish.number == number;
        self.watches.values().filter(its).flat_map(|one| one.lamps.values().copied()).max().unwrap_or(Lamp::Off)
    }

    /// How much it subscribes to, and how much of that it is told of.
    pub fn subscriptions(&self) -> (usize, usize) {
        let told = |one: &&Watch| one.dialog.is_some() && one.version.is_some();
        let told = self.watches.values().filter(told).count();
        (self.watches.len(), told)
    }

    /// New messages, as far as it is told.
    pub fn messages(&self) -> u32 {
        self.watches.values().map(|one| one.messages).sum()
    }

    /// Subscribes to what it has no subscription to yet, one after the other. It does so once it is registered.
    pub(super) fn subscribe_to_all(&mut self, now: Instant) {
        let waits = |wake: &Wake| if let Wake::Subscribe(key) = wake { Some(*key) } else { None };
        let waiting: BTreeSet<WatchKey> = self.agenda.values().filter_map(waits).collect();
        let idle = |one: &Watch| one.dialog.is_none() && one.asked.is_none();
        let keys = self.watches.iter().filter(|(key, one)| idle(one) && !waiting.contains(key));
        let keys: Vec<WatchKey> = keys.map(|(key, _)| *key).collect();
        for (after, key) in (0..).zip(keys) {
            self.wake(now + APART * after, Wake::Subscribe(key));
        }
    }

    /// Subscribes, or refreshes what it has.
    pub(super) fn subscribe_again(&mut self, now: Instant, key: WatchKey) {
        let Some(watch) = self.watches.get_mut(&key).filter(|watch| watch.asked.is_none()) else { return };
        watch.challenges = 0;
        self.subscribe(now, key, None);
    }

    fn subscribe(&mut self, now: Instant, key: WatchKey, proof: Option<String>) {
        let Some(watch) = self.watches.get_mut(&key) else { return };
        watch.cseq += 1;
        let (package, expires) = (watch.wish.package, watch.expires());
        let mut request = match &mut watch.dialog {
            Some(dialog) => dialog.request(Method::SUBSCRIBE),
            None => {
                let (number, call_id, tag) = (watch.wish.number.clone(), watch.call_id.clone(), watch.tag.clone());
                let cseq = watch.cseq;
                let uri = SipUri::new(Some(&number), self.place.box_seen.ip().into(), None);
                self.request(&Method::SUBSCRIBE, uri.clone(), &NameAddr::new(uri), (&call_id, &tag, cseq))
            }
        };
        request.headers.push(HeaderName::Contact, self.contact());
        request.headers.push(HeaderName::Event, package.name());
        request.headers.push(HeaderName::Accept, package.body());
        request.headers.push(HeaderName::Expires, expires.to_string());
        request.headers.push(HeaderName::UserAgent, self.character.user_agent.clone());
        request.headers.push(HeaderName::Allow, self.allow());
        if let Some(proof) = proof {
            request.headers.push(HeaderName::Authorization, proof);
        }
        self.send(now, request.clone(), Purpose::Subscribe(key));
        if let Some(watch) = self.watches.get_mut(&key) {
            watch.asked = Some(request);
        }
    }

    pub(super) fn handle_subscribed(&mut self, now: Instant, key: WatchKey, response: &Response, flow: Flow) {
        let Some(watch) = self.watches.get_mut(&key) else { return };
        let Some(request) = watch.asked.take() else { return };
        if response.status == Status::UNAUTHORIZED && watch.challenges < 2 {
            watch.challenges += 1;
            if let Some(proof) = self.authorization(response, "SUBSCRIBE", &request.uri.to_string()) {
                return self.subscribe(now, key, Some(proof));
            }
        }
        if !response.status.is_success() {
            return self.not_subscribed(now, key, response.status);
        }
        let Some(watch) = self.watches.get_mut(&key) else { return };
        if watch.ending {
            self.watches.remove(&key);
            return;
        }
        if watch.dialog.is_none() {
            watch.dialog = Dialog::of_client(&request, response, flow);
        }
        let granted = response.headers.text(&HeaderName::Expires).and_then(|text| text.trim().parse().ok());
        let half = u64::from(granted.unwrap_or(watch.wish.expires)) * 500;
        let again = self.between(half, half + half / 2 + 1);
        self.wake_for(now + again, key);
    }

    /// It has no subscription (any more). One that the other end forgot is made anew at once.
    pub(super) fn not_subscribed(&mut self, now: Instant, key: WatchKey, status: Status) {
        let Some(watch) = self.watches.get_mut(&key) else { return };
        if watch.ending {
            self.watches.remove(&key);
            return;
        }
        let forgotten = watch.dialog.is_some() && status == Status::CALL_DOES_NOT_EXIST;
        self.begin_anew(key);
        self.wake_for(if forgotten { now } else { now + RETRY }, key);
        if !forgotten {
            self.note(format!("is not told of something: {}", status.code()));
        }
    }

    fn begin_anew(&mut self, key: WatchKey) {
        let (call_id, tag) = (self.token(), self.token());
        if let Some(watch) = self.watches.get_mut(&key) {
            watch.forget();
            (watch.call_id, watch.tag, watch.cseq) = (call_id, tag, 0);
        }
    }

    fn wake_for(&mut self, at: Instant, key: WatchKey) {
        self.agenda.retain(|_, wake| *wake != Wake::Subscribe(key));
        self.wake(at, Wake::Subscribe(key));
    }

    /// The subscription that a NOTIFY belongs to, which may come before the answer to its SUBSCRIBE (RFC 6665 4.1.2.4).
    pub(super) fn watch_of(&self, notify: &Request) -> Option<WatchKey> {
        let call_id = notify.headers.call_id().ok()?;
        let to = notify.headers.to().ok()?;
        let ours = |one: &Watch| one.call_id == call_id && to.tag() == Some(&one.tag);
        self.watches.iter().find(|(_, one)| ours(one)).map(|(key, _)| *key)
    }

    pub(super) fn handle_told(&mut self, now: Instant, key: WatchKey, server: ServerKey, notify: &Request, flow: Flow) {
        let Some(watch) = self.watches.get_mut(&key) else { return };
        let in_order = watch.dialog.as_mut().map_or(Ok(()), |dialog| dialog.accept(notify, flow));
        if let Err(status) = in_order {
            return self.respond(now, server, notify, status);
        }
        let kind = notify.headers.text(&HeaderName::ContentType).unwrap_or_default();
        if kind.split(';').next().is_some_and(|kind| kind.trim() == watch.wish.package.body()) {
            watch.read(&String::from_utf8_lossy(&notify.body));
        }
        self.endpoint.respond(now, server, notify.response(Status::OK));
        let state = notify.headers.text(&HeaderName::SubscriptionState).unwrap_or_default();
        if state.trim_start().starts_with("terminated") && self.watches.get(&key).is_some_and(|watch| !watch.ending) {
            self.handle_terminated(now, key, &state);
        }
    }

    /// What a phone does when it is told no more (RFC 6665 4.1.3).
    fn handle_terminated(&mut self, now: Instant, key: WatchKey, state: &str) {
        let parameter = |name: &str| {
            let parameters = state.split(';').filter_map(|one| one.trim().split_once('='));
            parameters.into_iter().find(|(known, _)| *known == name).map(|(_, value)| value)
        };
        let later = parameter("retry-after").and_then(|seconds| seconds.parse().ok()).map(Duration::from_secs);
        let wait = match parameter("reason") {
            Some("rejected" | "noresource") => RETRY,
            _ => later.unwrap_or_default(),
        };
        self.begin_anew(key);
        self.wake_for(now + wait, key);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn dialogs(version: u32, state: &str, inside: &str) -> String {
        format!(
            "<?xml version=\"1.0\"?><dialog-info xmlns=\"urn:ietf:params:xml:ns:dialog-info\" version=\"{version}\" \
             state=\"{state}\" entity=\"sip:202@192.168.1.2\">{inside}</dialog-info>"
        )
    }

    fn dialog(id: &str, direction: &str, state: &str) -> String {
        format!("<dialog id=\"{id}\" direction=\"{direction}\"><state>{state}</state></dialog>")
    }

    fn watch() -> Watch {
        let wish = Wish { package: Package::Dialog, number: "202".into(), expires: 1800 };
        Watch::new(wish, (String::new(), String::new()))
    }

    fn lamp(watch: &Watch) -> Lamp {
        watch.lamps.values().copied().max().unwrap_or(Lamp::Off)
    }

    #[test]
    fn a_lamp_blinks_for_who_is_called_and_is_on_for_who_calls_or_talks() {
        for (direction, state, expected) in [
            ("recipient", "early", Lamp::Blinking),
            ("initiator", "early", Lamp::On),
            ("initiator", "trying", Lamp::On),
            ("recipient", "confirmed", Lamp::On),
            ("recipient", "terminated", Lamp::Off),
        ] {
            let mut watch = watch();
            watch.read(&dialogs(0, "full", &dialog("a", direction, state)));
            assert_eq!(lamp(&watch), expected, "{direction} {state}");
        }
    }

    #[test]
    fn an_older_document_is_passed_over_and_one_in_part_changes_only_what_it_names() {
        let mut watch = watch();
        let both = dialog("a", "recipient", "confirmed") + &dialog("b", "recipient", "early");
        watch.read(&dialogs(4, "full", &both));
        watch.read(&dialogs(4, "full", ""));
        watch.read(&dialogs(3, "full", ""));
        watch.read("<html/>");
        assert_eq!(lamp(&watch), Lamp::On);
        watch.read(&dialogs(5, "partial", &dialog("a", "recipient", "terminated")));
        assert_eq!(lamp(&watch), Lamp::Blinking, "the other one rings on");
        watch.read(&dialogs(6, "full", ""));
        assert_eq!(lamp(&watch), Lamp::Off);
    }

    #[test]
    fn messages_are_counted_where_they_are_and_one_where_nobody_counts() {
        for (body, count) in [
            ("Messages-Waiting: yes\r\nVoice-Message: 3/8 (0/0)\r\n", 3),
            ("messages-waiting: yes\r\n", 1),
            ("Messages-Waiting: no\r\nVoice-Message: 0/8\r\n", 0),
            ("", 0),
        ] {
            assert_eq!(new_messages(body), count, "{body}");
        }
    }
}
