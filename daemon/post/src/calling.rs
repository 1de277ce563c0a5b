//! Calls to those who are told: which is made next, what became of it, and at which numbers they are wanted. One at a time.
//!
//! What is still to be said is in the store, so that a restart goes on where it was. A number is rung with news only once somebody
//! there pressed 1 in a call that asked; who changes a number is not rung before that one said so.

use std::sync::Arc;
use std::time::Duration;

use centrale_alerts::{Made, News, Note, Rang, Ring, Ringing, Spoken, is_fresh, may_ring};
use centrale_config::Office;
use centrale_store::{AlertMatter, AlertPhone, AlertRing, Store, StoreError};
use tokio::sync::{Notify, mpsc, watch};

use crate::outbox::blocking;

/// The longest that nothing is looked at: the wall clock may be set meanwhile.
const LOOK: Duration = Duration::from_secs(60);
/// Before a number is asked once more, and before anything is tried after the store failed, in milliseconds.
const PAUSE_MS: u64 = 5 * 60_000;
/// What is a day old is said no more, in milliseconds.
const DAY_MS: u64 = 24 * 3_600_000;
/// After so long a call is over of which nothing was heard, in milliseconds.
const LONGEST_CALL_MS: u64 = 10 * 60_000;

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
    for contact in &office.alerts.contacts {
        let Some(phone) = contact.phone.as_ref().filter(|phone| office.may_be_rung(phone)) else { continue };
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
    if is_fresh(now, store.alert_heard(spoken.word())?) {
        return Ok(());
    }
    store.put_alert_matter((about, stage), spoken.word(), (now, at))
}

/// Asks the number of a contact anew.
pub(crate) fn ask(store: &Store, office: &Office, address: &str) -> Result<(), StoreError> {
    let contact = office.alerts.contacts.iter().find(|contact| contact.address.as_str() == address);
    let phone = contact.and_then(|contact| contact.phone.as_ref()).filter(|phone| office.may_be_rung(phone));
    phone.map_or(Ok(()), |phone| store.want_alert_phone(phone.as_str()))
}

/// A call that is being made.
#[derive(Debug)]
struct Current {
    id: u64,
    at: u64,
    phone: String,
    spoken: Spoken,
    /// What it tells, and how many want to be rung; `None` of one that asks.
    tells: Option<(AlertMatter, usize)>,
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
    current: Option<Current>,
    /// Calls of which the store knows nothing: they count all the same.
    unwritten: Vec<Made>,
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
        let now = (self.clock)();
        if let Some(current) = &self.current {
            if now.abs_diff(current.at) > LONGEST_CALL_MS {
                self.ended(current.id, Rang::NotMade).await;
            }
            return Ok(LOOK);
        }
        if self.rests_until > now && self.rests_until - now <= PAUSE_MS {
            return Ok(Duration::from_millis(self.rests_until - now).min(LOOK));
        }
        let office = Arc::clone(&self.office.borrow_and_update());
        let unwritten = self.unwritten.clone();
        match blocking(&self.store, move |store| look(store, &office, now, unwritten)).await? {
            Next::Waits(until) => Ok(Duration::from_millis(until.saturating_sub(now)).min(LOOK)),
            Next::Rings(mut current, language) => {
                self.next_id += 1;
                current.id = self.next_id;
                let ring = Ring { id: current.id, number: current.phone.clone(), language, spoken: current.spoken };
                self.current = Some(current);
                // Who makes calls ends only with the daemon.
                let _ = self.line.orders.send(ring).await;
                Ok(LOOK)
            }
        }
    }

    /// A call is over.
    async fn ended(&mut self, id: u64, rang: Rang) {
        let Some(current) = self.current.take_if(|current| current.id == id) else { return };
        let now = (self.clock)();
        tracing::info!(spoken = current.spoken.word(), ended = rang.word(), "rang somebody who is told");
        let made = (current.at, current.spoken);
        let noted = blocking(&self.store, move |store| note(store, current, rang, now)).await;
        if let Err(error) = noted {
            tracing::error!(%error, "what became of a call cannot be noted");
            self.unwritten.push(made);
            self.rests_until = now + PAUSE_MS;
        }
    }
}

/// Whom to ring now, or when to look again.
fn look(store: &Store, office: &Office, now: u64, unwritten: Vec<Made>) -> Result<Next, StoreError> {
    let phones = phones(office);
    let known = settle(store, &phones)?;
    let of_ring = |ring: AlertRing| Some((ring.at_unix_ms, Spoken::of_word(&ring.spoken)?));
    let rings = store.alert_rings()?.into_iter().filter(|ring| ring.ended != Rang::NotMade.word());
    let made: Vec<Made> = rings.filter_map(of_ring).chain(unwritten).collect();
    let confirmed: Vec<Phone> = phones.iter().filter(|phone| is_confirmed(&known, phone)).cloned().collect();
    let mut look_at = now + u64::try_from(LOOK.as_millis()).unwrap_or(u64::MAX);
    for matter in store.open_alert_matters()? {
        let spoken = Spoken::of_word(&matter.spoken).filter(|_| now.saturating_sub(matter.made_unix_ms) <= DAY_MS);
        let Some(spoken) = spoken else {
            store.end_alert_matters(&matter.about)?;
            continue;
        };
        let at = matter.next_unix_ms.unwrap_or(now).max(may_ring(now, spoken, &made));
        let Some((phone, language)) = confirmed.get(matter.contact as usize).or(confirmed.last()).cloned() else {
            continue;
        };
        if at <= now {
            let tells = Some((matter, confirmed.len()));
            return Ok(Next::Rings(Current { id: 0, at: now, phone, spoken, tells }, language));
        }
        look_at = look_at.min(at);
    }
    for asked in known.iter().filter(|known| known.wanted) {
        let rested = asked.asked_unix_ms.filter(|at| now.abs_diff(*at) < PAUSE_MS).map_or(now, |at| at + PAUSE_MS);
        let at = rested.max(may_ring(now, Spoken::Accept, &made));
        let Some((phone, language)) = phones.iter().find(|(phone, _)| *phone == asked.phone).cloned() else { continue };
        if at <= now {
            let current = Current { id: 0, at: now, phone, spoken: Spoken::Accept, tells: None };
            return Ok(Next::Rings(current, language));
        }
        look_at = look_at.min(at);
    }
    Ok(Next::Waits(look_at))
}

/// Numbers that came are to be asked, and those that went are forgotten. What is known of each then.
fn settle(store: &Store, phones: &[Phone]) -> Result<Vec<AlertPhone>, StoreError> {
    let known = store.alert_phones()?;
    let gone = known.iter().filter(|known| !phones.iter().any(|(phone, _)| *phone == known.phone));
    let came = phones.iter().filter(|(phone, _)| !known.iter().any(|known| known.phone == *phone));
    let mut changed = false;
    for known in gone {
        store.forget_alert_phone(&known.phone)?;
        changed = true;
    }
    for (phone, _) in came {
        store.want_alert_phone(phone)?;
        changed = true;
    }
    if changed { store.alert_phones() } else { Ok(known) }
}

/// Writes down what became of a call.
fn note(store: &Store, current: Current, rang: Rang, now: u64) -> Result<(), StoreError> {
    let Current { at, phone, spoken, tells, .. } = current;
    let (spoken, ended) = (spoken.word().to_owned(), rang.word().to_owned());
    let ring = AlertRing { at_unix_ms: at, phone, spoken, ended };
    let Some((matter, contacts)) = tells else {
        return store.alert_phone_asked(ring, rang == Rang::Heard, rang == Rang::NotMade);
    };
    let AlertMatter { number, made_unix_ms, contact, tries, .. } = matter;
    let next = Ringing { contact, tries }.after((made_unix_ms, now), rang, contacts);
    store.alert_rung(number, ring, next.map(|(ringing, at)| (ringing.contact, ringing.tries, at)))
}
