//! Calls to those who are told: which is made next, what became of it, and at which numbers they are wanted. One at a time.
//!
//! What is still to be said is in the store, and so is a call before it is ordered, so that a restart goes on where it was and a call that
//! it cut off counts. A number is rung with news only once somebody there pressed 1 in a call that asked; who changes a number is not
//! rung before that one said so.

use std::sync::Arc;
use std::time::{Duration, Instant};

use centrale_alerts::{
    Made, News, Note, PAUSE_MS, Rang, Ring, Ringing, Spoken, asking_pause, asks_on, may_ask, may_repeat, may_ring,
};
use centrale_config::Office;
use centrale_store::{AlertMatter, AlertPhone, AlertRing, AlertTurn, Store, StoreError};
use tokio::sync::{Notify, mpsc, watch};

use crate::contacts::DAY_MS;
use crate::outbox::{blocking, zone_of};

/// The longest that nothing is looked at: the wall clock may be set meanwhile.
const LOOK: Duration = Duration::from_secs(60);
/// After so long a call is over of which nothing was heard.
const LONGEST_CALL: Duration = Duration::from_secs(10 * 60);

/// To who makes calls, and back.
pub struct Line {
    /// Calls to be made.
    pub orders: mpsc::Sender<Ring>,
    /// What became of each, by its id.
    pub ended: mpsc::Receiver<(u64, Rang)>,
}

/// A number that may be rung, and the language there.
type Phone = (String, &'static str);

/// The numbers of those who are told, in their order.
fn phones(office: &Office) -> Vec<Phone> {
    let mut phones: Vec<Phone> = Vec::new();
    for (contact, phone) in office.rung_contacts() {
        if !phones.iter().any(|(known, _)| known == phone.as_str()) {
            phones.push((phone.to_string(), contact.language.code()));
        }
    }
    phones
}

fn is_confirmed(known: &[AlertPhone], (phone, _): &Phone) -> bool {
    known.iter().any(|known| known.phone == *phone && known.confirmed_unix_ms.is_some())
}

/// Whether anybody wants to be rung.
pub(crate) fn reaches_somebody(store: &Store, office: &Office) -> Result<bool, StoreError> {
    let known = store.alert_phones()?;
    Ok(phones(office).iter().any(|phone| is_confirmed(&known, phone)))
}

/// Keeps what is to be said of what mails tell, or ends what was to be.
pub(crate) fn say(
    store: &Store,
    (about, stage, at): (&str, u32, u64),
    note: &Note,
    now: u64,
) -> Result<(), StoreError> {
    if let Note::One(News::Mended { .. }) = note {
        return store.end_alert_matters(about);
    }
    let Some(spoken) = Spoken::of(note) else { return Ok(()) };
    store.put_alert_matter((about, stage), spoken.word(), (now, at))
}

/// Asks the number of a contact anew, as somebody wants it now.
pub(crate) fn ask(store: &Store, office: &Office, address: &str, now: u64) -> Result<(), StoreError> {
    let rung = office.rung_contacts().find(|(contact, _)| contact.address.as_str() == address);
    rung.map_or(Ok(()), |(_, phone)| store.want_alert_phone(phone.as_str(), now))
}

/// A call that is being made, or was.
#[derive(Debug, Clone)]
struct Current {
    id: u64,
    /// Its number in the store; `None` when that could not take it.
    call: Option<u64>,
    at: u64,
    phone: String,
    spoken: Spoken,
    why: Why,
}

/// Why somebody is rung.
#[derive(Debug, Clone)]
enum Why {
    /// Something is to be said.
    Tells {
        matter: AlertMatter,
        /// How many want to be rung.
        contacts: usize,
        /// The highest number of what says the same.
        up_to: u64,
    },
    /// A number is to be asked, tried since then.
    Asks { since: u64 },
}

impl Current {
    /// As it is written down.
    fn row(&self, ended: Rang) -> AlertRing {
        let (phone, spoken) = (self.phone.clone(), self.spoken.word().to_owned());
        AlertRing { at_unix_ms: self.at, phone, spoken, ended: ended.word().to_owned() }
    }
}

/// A call that is over, and when.
#[derive(Debug, Clone)]
struct Over {
    current: Current,
    rang: Rang,
    at: u64,
}

/// What comes next.
enum Next {
    Rings(Current, &'static str),
    Waits(u64),
}

/// Makes the calls.
pub(crate) struct Caller {
    store: Store,
    office: watch::Receiver<Arc<Office>>,
    clock: fn() -> u64,
    due: Arc<Notify>,
    line: Line,
    /// The call that is made, and since when.
    current: Option<(Current, Instant)>,
    /// Calls whose end the store could not take yet: they count all the same, and what was heard was. None is older than a day.
    unwritten: Vec<Over>,
    rests_until: u64,
    next_id: u64,
}

impl Caller {
    pub(crate) fn new(
        (store, office, clock): (Store, watch::Receiver<Arc<Office>>, fn() -> u64),
        due: Arc<Notify>,
        line: Line,
    ) -> Self {
        let (current, unwritten) = (None, Vec::new());
        Self { store, office, clock, due, line, current, unwritten, rests_until: 0, next_id: clock() }
    }

    /// Until dropped, or until nobody makes calls any more.
    pub(crate) async fn run(mut self) {
        loop {
            let wait = match self.step().await {
                Ok(wait) => wait,
                Err(error) => {
                    tracing::error!(%error, "who is to be rung cannot be read");
                    LOOK
                }
            };
            tokio::select! {
                () = tokio::time::sleep(wait) => {}
                () = self.due.notified() => {}
                ended = self.line.ended.recv() => match ended {
                    Some((id, rang)) => self.ended(id, rang).await,
                    None => return std::future::pending().await,
                },
                changed = self.office.changed() => if changed.is_err() {
                    return std::future::pending().await;
                },
            }
        }
    }

    /// Makes the call that is due, if one is; says how long to wait then.
    async fn step(&mut self) -> Result<Duration, StoreError> {
        if let Some((current, since)) = &self.current {
            // Not by the wall clock, which may be set meanwhile.
            if since.elapsed() > LONGEST_CALL {
                self.ended(current.id, Rang::NotMade).await;
            }
            return Ok(LOOK);
        }
        let now = (self.clock)();
        if self.rests_until > now && self.rests_until - now <= PAUSE_MS {
            return Ok(Duration::from_millis(self.rests_until - now).min(LOOK));
        }
        self.write_down(now).await;
        let office = Arc::clone(&self.office.borrow_and_update());
        let unwritten = self.unwritten.clone();
        match blocking(&self.store, move |store| look(store, &office, now, &unwritten)).await? {
            Next::Waits(until) => Ok(Duration::from_millis(until.saturating_sub(now)).min(LOOK)),
            Next::Rings(current, language) => {
                self.ring(current, language).await;
                Ok(LOOK)
            }
        }
    }

    /// Orders a call, once it is written down: a restart in the middle of it does not make it again at once.
    async fn ring(&mut self, mut current: Current, language: &'static str) {
        self.next_id += 1;
        current.id = self.next_id;
        let begun = current.clone();
        current.call = match blocking(&self.store, move |store| begin(store, &begun)).await {
            Ok(call) => Some(call),
            Err(error) => {
                tracing::error!(%error, "a call to somebody who is told cannot be written down");
                None
            }
        };
        let ring = Ring { id: current.id, number: current.phone.clone(), language, spoken: current.spoken };
        self.current = Some((current, Instant::now()));
        // Who makes calls ends only with the daemon.
        let _ = self.line.orders.send(ring).await;
    }

    /// A call is over.
    async fn ended(&mut self, id: u64, rang: Rang) {
        let Some((current, _)) = self.current.take_if(|(current, _)| current.id == id) else { return };
        let now = (self.clock)();
        tracing::info!(spoken = current.spoken.word(), ended = rang.word(), "rang somebody who is told");
        self.unwritten.push(Over { current, rang, at: now });
        self.write_down(now).await;
    }

    /// Writes down what became of calls; what cannot be is tried again later.
    async fn write_down(&mut self, now: u64) {
        self.unwritten.retain(|over| now.abs_diff(over.at) < DAY_MS);
        while let Some(over) = self.unwritten.first().cloned() {
            if let Err(error) = blocking(&self.store, move |store| note(store, &over)).await {
                tracing::error!(%error, "what became of a call cannot be noted");
                self.rests_until = now + PAUSE_MS;
                return;
            }
            self.unwritten.remove(0);
        }
    }
}

/// Calls that are known, the newest last, with whom each rang.
fn known_calls(store: &Store, unwritten: &[Over]) -> Result<Vec<AlertRing>, StoreError> {
    let over: Vec<AlertRing> = unwritten.iter().map(|over| over.current.row(over.rang)).collect();
    // What the store has of those is that they began.
    let began =
        |ring: &AlertRing| over.iter().any(|over| over.at_unix_ms == ring.at_unix_ms && over.phone == ring.phone);
    let rings = store.alert_rings(u32::MAX)?.into_iter().rev().filter(|ring| !began(ring));
    Ok(rings.collect::<Vec<_>>().into_iter().chain(over.clone()).collect())
}

/// Those that count.
fn made<'a>(calls: impl Iterator<Item = &'a AlertRing>) -> Vec<Made> {
    let counts = calls.filter(|call| call.ended != Rang::NotMade.word());
    counts.filter_map(|call| Some((call.at_unix_ms, Spoken::of_word(&call.spoken)?))).collect()
}

/// Whether somebody heard it, although the store does not know yet.
fn was_heard(matter: &AlertMatter, unwritten: &[Over]) -> bool {
    unwritten.iter().any(|over| match over.current.why {
        Why::Tells { up_to, .. } => {
            over.rang == Rang::Heard && over.current.spoken.word() == matter.spoken && matter.number <= up_to
        }
        Why::Asks { .. } => false,
    })
}

/// Whom to ring now, or when to look again.
fn look(store: &Store, office: &Office, now: u64, unwritten: &[Over]) -> Result<Next, StoreError> {
    let phones = phones(office);
    let settled = store.settle_alert_calls(phones.iter().map(|(phone, _)| phone.clone()).collect(), now);
    // A disk that takes nothing keeps nobody from being rung.
    let known = settled.or_else(|error| {
        tracing::error!(%error, "the numbers of those who are told cannot be written down");
        store.alert_phones()
    })?;
    let look_at = now + u64::try_from(LOOK.as_millis()).unwrap_or(u64::MAX);
    if phones.is_empty() {
        return Ok(Next::Waits(look_at));
    }
    let calls = known_calls(store, unwritten)?;
    let confirmed: Vec<Phone> = phones.iter().filter(|phone| is_confirmed(&known, phone)).cloned().collect();
    let look_at = match tell(store, (&confirmed, &calls), now, unwritten)? {
        Next::Waits(until) => look_at.min(until),
        rings @ Next::Rings(..) => return Ok(rings),
    };
    Ok(match ask_next(office, (&phones, &known, &calls), now) {
        Next::Waits(until) => Next::Waits(look_at.min(until)),
        rings @ Next::Rings(..) => rings,
    })
}

/// Whom to tell something now, or when.
fn tell(
    store: &Store,
    (confirmed, calls): (&[Phone], &[AlertRing]),
    now: u64,
    unwritten: &[Over],
) -> Result<Next, StoreError> {
    let made = made(calls.iter());
    let open = store.open_alert_matters()?;
    let mut look_at = u64::MAX;
    for matter in &open {
        // What is a day old is said no more.
        let spoken = Spoken::of_word(&matter.spoken).filter(|_| now.saturating_sub(matter.made_unix_ms) <= DAY_MS);
        let Some(spoken) = spoken else { continue };
        let same = |word: &str| word == matter.spoken;
        let heard = calls.iter().filter(|call| same(&call.spoken) && call.ended == Rang::Heard.word());
        let rested = may_repeat(now, heard.map(|call| call.at_unix_ms).max());
        let at = matter.next_unix_ms.unwrap_or(now).max(rested).max(may_ring(now, spoken, &made));
        let Some((phone, language)) = confirmed.get(matter.contact as usize).or(confirmed.last()).cloned() else {
            continue;
        };
        if was_heard(matter, unwritten) {
            continue;
        }
        if at <= now {
            let up_to =
                open.iter().filter(|one| same(&one.spoken)).map(|one| one.number).max().unwrap_or(matter.number);
            let why = Why::Tells { matter: matter.clone(), contacts: confirmed.len(), up_to };
            return Ok(Next::Rings(Current { id: 0, call: None, at: now, phone, spoken, why }, language));
        }
        look_at = look_at.min(at);
    }
    Ok(Next::Waits(look_at))
}

/// Which number to ask now, or when.
fn ask_next(office: &Office, (phones, known, calls): (&[Phone], &[AlertPhone], &[AlertRing]), now: u64) -> Next {
    let zone = zone_of(office);
    let mut look_at = u64::MAX;
    for asked in known.iter().filter(|known| known.wanted) {
        let Some((phone, language)) = phones.iter().find(|(phone, _)| *phone == asked.phone).cloned() else { continue };
        let pause = asking_pause(asked.not_made);
        let rested = asked.asked_unix_ms.filter(|at| now.abs_diff(*at) < pause).map_or(now, |at| at + pause);
        let there = made(calls.iter().filter(|call| call.phone == phone));
        let at = rested.max(may_ring(now, Spoken::Accept, &there)).max(may_ask(now, &zone, asked.pressed_unix_ms));
        if at <= now {
            let why = Why::Asks { since: asked.since_unix_ms.unwrap_or(now) };
            return Next::Rings(Current { id: 0, call: None, at: now, phone, spoken: Spoken::Accept, why }, language);
        }
        look_at = look_at.min(at);
    }
    Next::Waits(look_at)
}

/// Writes down that a call begins: it counts as one that nobody confirmed until more is known. Its number.
fn begin(store: &Store, current: &Current) -> Result<u64, StoreError> {
    let ring = current.row(Rang::NotConfirmed);
    match current.why {
        Why::Tells { .. } => store.alert_ring_begins(ring, current.at + PAUSE_MS),
        Why::Asks { .. } => store.alert_asking_begins(ring),
    }
}

/// Writes down what became of a call.
fn note(store: &Store, Over { current, rang, at }: &Over) -> Result<(), StoreError> {
    let (ring, rang, now) = (current.row(*rang), *rang, *at);
    match &current.why {
        Why::Asks { since } => {
            let again = rang == Rang::NotMade && asks_on(*since, now);
            store.alert_phone_asked(current.call, ring, rang == Rang::Heard, again)
        }
        Why::Tells { matter, contacts, up_to } => {
            let AlertMatter { number, made_unix_ms, contact, tries, not_made, .. } = *matter;
            let next = Ringing { contact, tries, not_made }.after((made_unix_ms, now), rang, *contacts);
            let turn = match next {
                _ if rang == Rang::Heard => AlertTurn::Heard(*up_to),
                Some((Ringing { contact, tries, not_made }, at_unix_ms)) => {
                    AlertTurn::Next { contact, tries, not_made, at_unix_ms }
                }
                None => AlertTurn::Over(now + PAUSE_MS),
            };
            store.alert_rung(current.call, number, ring, turn)
        }
    }
}
