//! News into mails, and mails out of the box.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use centrale_alerts::{Fault, Letter, News, Note, Order, Period, Teller, letter, next_try};
use centrale_config::{AlertContact, MailServer, Office};
use centrale_ledger::Zone;
use centrale_store::{DueMail, NewMail, Store, StoreError, WaitingMail};
use tokio::sync::{Notify, mpsc, watch};

use crate::calling;
use crate::changes::Rest;
use crate::contacts::{Contacts, language_of, needs_no_contact};
use crate::server::{Trusted, deliver};
use crate::unkept::Unkept;
use crate::{Counts, Told, Trouble};

/// What was told in so long before a start is known to have been told, in milliseconds.
const REMEMBERED_MS: u64 = 31 * 24 * 3_600_000;
/// The longest that nothing is looked at: the wall clock may be set meanwhile.
const LOOK: Duration = Duration::from_secs(60);
/// The longest that a server rests which took nothing, in milliseconds. What is asked for on the page is tried at once.
const RESTS_MS: u64 = 15 * 60_000;

/// The longest that a digest reaches back, in milliseconds: a day more than a week.
const LONGEST_DIGEST_MS: u64 = 8 * 24 * 3_600_000;
/// A clock before 2024 was not set yet, in milliseconds since 1970 UTC.
const CLOCK_IS_SET_MS: u64 = 1_704_067_200_000;

type Clock = fn() -> u64;

/// From who writes mails to who sends them.
#[derive(Debug, Clone)]
pub(crate) struct Ways {
    /// Something may be due.
    pub(crate) due: Arc<Notify>,
    /// What the store could not take.
    pub(crate) unkept: Arc<Unkept>,
    /// Somebody may be to be rung.
    pub(crate) rings: Arc<Notify>,
}

/// Writes mails.
pub(crate) struct Writer {
    store: Store,
    office: watch::Receiver<Arc<Office>>,
    clock: Clock,
    ways: Ways,
    contacts: Contacts,
    teller: Teller,
    /// Until when there was a digest.
    digests: [(Period, u64); 2],
    told: Told,
    changes: Rest,
    /// Whether anybody wants to be rung.
    rings_somebody: bool,
}

impl Writer {
    pub(crate) fn new(
        (store, office, clock): (Store, watch::Receiver<Arc<Office>>, Clock),
        ways: Ways,
        told: Told,
    ) -> Self {
        let digests = [Period::Day, Period::Week].map(|period| (period, clock()));
        let (contacts, teller) = (Contacts::default(), Teller::default());
        let (changes, rings_somebody) = (Rest::default(), false);
        Self { store, office, clock, ways, contacts, teller, digests, told, changes, rings_somebody }
    }

    /// Until nobody can tell it anything any more.
    pub(crate) async fn run(mut self, mut news: mpsc::Receiver<News>) {
        let since = (self.clock)().saturating_sub(REMEMBERED_MS);
        match blocking(&self.store, move |store| store.told_by_mail(since)).await {
            Ok(told) => {
                for mail in told {
                    self.teller.restore(&mail.about, mail.stage, mail.at_unix_ms);
                    self.restore_digest(&mail.about);
                }
            }
            Err(error) => tracing::error!(%error, "it cannot be read what was told by mail before"),
        }
        match blocking(&self.store, move |store| store.alert_matters_since(since)).await {
            Ok(said) => said.into_iter().for_each(|matter| {
                let at = matter.next_unix_ms.unwrap_or(matter.made_unix_ms);
                self.teller.restore(&matter.about, matter.stage, at);
            }),
            Err(error) => tracing::error!(%error, "it cannot be read what was told by calls before"),
        }
        self.believe_clock();
        loop {
            self.look_at_contacts(None).await;
            let wait = self.until_digest();
            tokio::select! {
                news = news.recv() => match news {
                    Some(News::Ask(address)) => self.look_at_contacts(Some(address)).await,
                    Some(News::Ring(address)) => self.ask_number(address).await,
                    Some(News::Deed) => {}
                    Some(news) => self.hear(news).await,
                    None => return,
                },
                Ok(()) = self.office.changed() => {}
                () = tokio::time::sleep(wait) => self.write_digests().await,
            }
        }
    }

    /// Who is in the list, and who of them is confirmed. When that cannot be read, whoever was is told as before.
    async fn look_at_contacts(&mut self, wanted: Option<String>) {
        let office = Arc::clone(&self.office.borrow_and_update());
        match self.contacts.look(&self.store, &office, (self.clock)(), wanted).await {
            Ok(true) => self.ways.due.notify_one(),
            Ok(false) => {}
            Err(error) => tracing::error!(%error, "who is told by mail cannot be read or asked"),
        }
        let rung = Arc::clone(&office);
        match blocking(&self.store, move |store| calling::reaches_somebody(store, &rung)).await {
            Ok(rings) => self.rings_somebody = rings,
            Err(error) => tracing::error!(%error, "who wants to be rung cannot be read"),
        }
        match blocking(&self.store, Store::maintenance_until).await {
            Ok(until) => {
                let now = (self.clock)();
                let moved = self.teller.keep_quiet(now, until);
                if !moved.is_empty() {
                    self.carry_out(&office, now, moved).await;
                }
            }
            Err(error) => tracing::error!(%error, "it cannot be read until when somebody works on the telephones"),
        }
        self.look_at_changes().await;
    }

    /// Somebody wants a number asked anew.
    async fn ask_number(&self, address: String) {
        let (office, now) = (Arc::clone(&self.office.borrow()), (self.clock)());
        if let Err(error) = blocking(&self.store, move |store| calling::ask(store, &office, &address, now)).await {
            tracing::error!(%error, "a number cannot be asked anew");
        }
        self.ways.rings.notify_one();
    }

    /// What was changed is told. What cannot be read is tried ever more seldom, and told on the page.
    async fn look_at_changes(&mut self) {
        let now = (self.clock)();
        if self.changes.rests(now) {
            return;
        }
        match blocking(&self.store, move |store| crate::changes::tell(store, now)).await {
            Ok(wrote) => {
                if wrote {
                    self.ways.due.notify_one();
                }
                if self.changes.ends() {
                    (self.told)(Trouble::Changes { unread: false });
                }
            }
            Err(error) => {
                tracing::error!(%error, "what was changed cannot be read or told");
                if self.changes.fails(now) {
                    (self.told)(Trouble::Changes { unread: true });
                }
            }
        }
    }

    /// A digest was sent before this start: the next is of what came after it.
    fn restore_digest(&mut self, about: &str) {
        for (period, until) in &mut self.digests {
            let told =
                about.strip_prefix("digest/").and_then(|rest| rest.strip_prefix(period.word())?.strip_prefix('/'));
            if let Some(told) = told.and_then(|until| until.parse().ok()) {
                *until = told;
            }
        }
    }

    /// A digest is of the last days, whatever the clock said before: in 1970 at the first start, or far ahead.
    fn believe_clock(&mut self) {
        let now = (self.clock)();
        if now >= CLOCK_IS_SET_MS {
            self.digests.iter_mut().for_each(|(_, last)| *last = (*last).clamp(now - LONGEST_DIGEST_MS, now));
        }
    }

    fn until_digest(&self) -> Duration {
        let (now, zone) = ((self.clock)(), zone_of(&self.office.borrow()));
        let due = self.digests.iter().filter_map(|(period, last)| period.due_after(&zone, *last)).min();
        due.map_or(LOOK, |due| Duration::from_millis(due.saturating_sub(now)).min(LOOK))
    }

    /// Writes the digests that are due, each once, however many mornings the box slept through.
    async fn write_digests(&mut self) {
        self.believe_clock();
        let office = Arc::clone(&self.office.borrow());
        let (now, zone) = ((self.clock)(), zone_of(&office));
        for place in 0..self.digests.len() {
            let (period, from) = self.digests[place];
            let mornings = std::iter::successors(Some(from), |last| period.due_after(&zone, *last));
            let Some(until) = mornings.skip(1).take_while(|due| *due <= now).last() else { continue };
            self.digests[place].1 = until;
            if !office.alerts.digest || !self.contacts.reach_somebody(&office) {
                continue;
            }
            match blocking(&self.store, move |store| crate::digest::of(store, period, from, until)).await {
                Ok(digest) => self.hear(News::Digest(digest)).await,
                Err(error) => tracing::error!(%error, "a digest could not be written"),
            }
        }
    }

    async fn hear(&mut self, news: News) {
        // Somebody may have been confirmed, or taken away, right before it.
        self.look_at_contacts(None).await;
        let office = Arc::clone(&self.office.borrow());
        if !self.contacts.reach_somebody(&office) && !self.rings_somebody {
            return;
        }
        let now = (self.clock)();
        let orders = self.teller.hear(now, news);
        self.carry_out(&office, now, orders).await;
    }

    async fn carry_out(&self, office: &Office, now: u64, orders: Vec<Order>) {
        for order in orders {
            let done = match order {
                Order::Send { about, stage, at, note } => {
                    let mails = mails(office, &self.contacts, (&about, stage, at), &note, now);
                    let (kept, rings) = (mails.clone(), self.rings_somebody);
                    let said = blocking(&self.store, move |store| match rings {
                        true => calling::say(store, (&about, stage, at), &note, now),
                        false => Ok(()),
                    });
                    if let Err(error) = said.await {
                        tracing::error!(%error, "a call could not be kept");
                    }
                    let done = blocking(&self.store, move |store| store.put_mails(kept)).await;
                    done.inspect_err(|_| self.ways.unkept.put(mails))
                }
                Order::Withdraw { about } => {
                    self.ways.unkept.withdraw(&about, now);
                    blocking(&self.store, move |store| {
                        store.end_alert_matters(&about)?;
                        store.withdraw_mails(&about, now).map(drop)
                    })
                    .await
                }
            };
            if let Err(error) = done {
                tracing::error!(%error, "a mail could not be kept");
            }
        }
        self.ways.due.notify_one();
        self.ways.rings.notify_one();
    }
}

pub(crate) fn zone_of(office: &Office) -> Zone {
    let zone = Zone::named(&office.identity.time_zone).or_else(|_| Zone::named("UTC"));
    zone.expect("UTC is among the zones that are built in")
}

pub(crate) fn whose(office: &Office) -> centrale_alerts::Office {
    centrale_alerts::Office { name: office.identity.name.clone(), zone: zone_of(office) }
}

/// One mail for each who is told, in the language of each.
fn mails(
    office: &Office,
    contacts: &Contacts,
    (about, stage, at): (&str, u32, u64),
    note: &Note,
    now: u64,
) -> Vec<NewMail> {
    let whose = whose(office);
    let mail = |contact: &AlertContact| {
        let Letter { subject, text } = letter(note, language_of(contact), &whose, now);
        NewMail {
            about: about.to_owned(),
            stage,
            recipient: contact.address.to_string(),
            subject,
            text,
            made_unix_ms: now,
            next_unix_ms: at,
        }
    };
    office.alerts.contacts.iter().filter(|contact| contacts.is_confirmed(contact)).map(mail).collect()
}

/// Sends what is due, one mail after the other.
pub(crate) struct Sender {
    store: Store,
    office: watch::Receiver<Arc<Office>>,
    clock: Clock,
    trusted: Trusted,
    told: Told,
    counts: Arc<Counts>,
    ways: Ways,
    /// The server before the one of now: whoever changed it may be the one of whom a last mail tells.
    former: Option<MailServer>,
    /// The server of now, as far as it was seen.
    seen: Option<MailServer>,
    /// To whom mail does not leave, and why.
    troubles: BTreeMap<String, Fault>,
    /// How often one after the other the server took nothing, and until when it rests.
    rests: (u32, u64),
    /// What became of mails, by number, until the store has it. None of them is tried again.
    ended: BTreeMap<u64, End>,
}

/// What became of a mail in the end.
#[derive(Debug, Clone, Copy)]
enum End {
    /// It left, at this moment.
    Left(u64),
    /// It was given up, and why.
    GivenUp(&'static str),
}

impl Sender {
    pub(crate) fn new(
        (store, office, clock): (Store, watch::Receiver<Arc<Office>>, Clock),
        trusted: Trusted,
        told: Told,
        counts: Arc<Counts>,
        ways: Ways,
    ) -> Self {
        Self {
            store,
            office,
            clock,
            trusted,
            told,
            counts,
            ways,
            former: None,
            seen: None,
            troubles: BTreeMap::new(),
            rests: (0, 0),
            ended: BTreeMap::new(),
        }
    }

    /// Until dropped.
    pub(crate) async fn run(mut self) {
        let mut alerts = self.office.borrow_and_update().alerts.clone();
        loop {
            let wait = match self.send_next().await {
                Ok(wait) => wait,
                Err(error) => {
                    tracing::error!(%error, "mail cannot be read or noted");
                    LOOK
                }
            };
            tokio::select! {
                () = tokio::time::sleep(wait) => {}
                () = self.ways.due.notified() => {}
                changed = self.office.changed() => {
                    if changed.is_err() {
                        return;
                    }
                    let now = self.office.borrow_and_update().alerts.clone();
                    if now != alerts {
                        alerts = now;
                        self.begin_anew().await;
                    }
                }
            }
        }
    }

    /// Sends the mail that is due, if one is; says how long to wait then.
    async fn send_next(&mut self) -> Result<Duration, StoreError> {
        self.note_ends().await;
        self.keep().await;
        let now = (self.clock)();
        let office = Arc::clone(&self.office.borrow());
        if self.seen != office.alerts.server {
            self.former = std::mem::replace(&mut self.seen, office.alerts.server.clone()).or(self.former.take());
        }
        let Some(server) = office.alerts.server.clone().or_else(|| self.former.clone()) else { return Ok(LOOK) };
        if let Some(mail) = self.ways.unkept.due(now).filter(|_| self.rests.1 <= now) {
            self.send_unkept(&server, &office, &mail).await;
            return Ok(Duration::ZERO);
        }
        let besides = self.ended.keys().copied().collect();
        let mail = match blocking(&self.store, move |store| store.due_mail(now, besides)).await? {
            Some(DueMail::Whole(mail)) => mail,
            Some(DueMail::Damaged(number)) => {
                self.give_up(number, "damaged");
                return Ok(Duration::ZERO);
            }
            None => {
                let next = blocking(&self.store, move |store| store.next_mail_after(now)).await?;
                return Ok(next.map_or(LOOK, |next| Duration::from_millis(next.saturating_sub(now)).min(LOOK)));
            }
        };
        if !is_told(&office, &mail) {
            // Whoever is not told any more gets nothing that was written before either.
            self.give_up(mail.row.number, "no-contact");
            return Ok(Duration::ZERO);
        }
        let was_asked_for = mail.row.about == "test" && mail.row.tries == 0;
        if self.rests.1 > now && !was_asked_for {
            return Ok(Duration::from_millis(self.rests.1 - now).min(LOOK));
        }
        // A last mail goes by the server of before and the one of now in turns.
        let is_former = needs_no_contact(&mail.row.about) && mail.row.tries % 2 == 0;
        let former = self.former.clone().filter(|_| is_former);
        self.send(&former.unwrap_or(server), &mail).await?;
        Ok(Duration::ZERO)
    }

    async fn send(&mut self, server: &MailServer, mail: &WaitingMail) -> Result<(), StoreError> {
        let number = mail.row.number;
        let Err(fault) = self.hand_over(server, mail).await else {
            self.ended.insert(number, End::Left((self.clock)()));
            return Ok(());
        };
        match next_try(mail.row.made_unix_ms, (self.clock)(), mail.row.tries + 1) {
            Some(next) => blocking(&self.store, move |store| store.mail_failed(number, fault.word(), Some(next))).await,
            None => {
                self.give_up(number, fault.word());
                Ok(())
            }
        }
    }

    /// Sends a mail of which the store knows nothing.
    async fn send_unkept(&mut self, server: &MailServer, office: &Office, mail: &WaitingMail) {
        let number = mail.row.number;
        if is_told(office, mail) && self.hand_over(server, mail).await.is_err() {
            if let Some(next) = next_try(mail.row.made_unix_ms, (self.clock)(), mail.row.tries + 1) {
                return self.ways.unkept.put_off(number, next);
            }
            self.counts.given_up();
        }
        self.ways.unkept.forget(&[number]);
    }

    /// Gives the store what it could not take before.
    async fn keep(&self) {
        let (numbers, mails) = self.ways.unkept.all();
        if !mails.is_empty() && blocking(&self.store, move |store| store.put_mails(mails)).await.is_ok() {
            self.ways.unkept.forget(&numbers);
        }
    }

    /// Has the server take a mail, and remembers how that went.
    async fn hand_over(&mut self, server: &MailServer, mail: &WaitingMail) -> Result<(), Fault> {
        let recipient = mail.row.recipient.clone();
        let delivered = deliver(server, &self.trusted, mail).await;
        let now = (self.clock)();
        match delivered {
            Ok(()) => {
                self.counts.sent();
                self.rests = (0, 0);
                if self.troubles.remove(&recipient).is_some() {
                    (self.told)(Trouble::Mail { recipient, fault: None });
                }
            }
            Err(fault) => {
                self.counts.failed(fault);
                tracing::warn!(mail = mail.row.number, fault = fault.word(), "a mail did not leave");
                if fault != Fault::AddressRefused {
                    let failures = self.rests.0 + 1;
                    let until = next_try(now, now, failures).unwrap_or(now).min(now + RESTS_MS);
                    self.rests = (failures, until);
                }
                if self.troubles.insert(recipient.clone(), fault) != Some(fault) {
                    (self.told)(Trouble::Mail { recipient, fault: Some(fault) });
                }
            }
        }
        delivered
    }

    fn give_up(&mut self, number: u64, why: &'static str) {
        self.counts.given_up();
        tracing::error!(mail = number, why, "a mail is given up");
        self.ended.insert(number, End::GivenUp(why));
    }

    /// Writes down what became of mails. What cannot be written is kept, and written with the next.
    async fn note_ends(&mut self) {
        for (number, end) in self.ended.clone() {
            let noted = blocking(&self.store, move |store| match end {
                End::Left(at) => store.mail_sent(number, at),
                End::GivenUp(why) => store.mail_failed(number, why, None),
            });
            if let Err(error) = noted.await {
                tracing::error!(%error, mail = number, "what became of a mail cannot be noted");
                return;
            }
            self.ended.remove(&number);
        }
    }

    /// Somebody changed the server or who is told: everything is tried at once.
    async fn begin_anew(&mut self) {
        self.rests = (0, 0);
        for (recipient, _) in std::mem::take(&mut self.troubles) {
            (self.told)(Trouble::Mail { recipient, fault: None });
        }
        let now = (self.clock)();
        if let Err(error) = blocking(&self.store, move |store| store.hasten_mails(now)).await {
            tracing::error!(%error, "what waits could not be hastened");
        }
    }
}

/// Whether it is still to somebody who is told, or the last there.
fn is_told(office: &Office, mail: &WaitingMail) -> bool {
    needs_no_contact(&mail.row.about)
        || office.alerts.contacts.iter().any(|contact| contact.address.as_str() == mail.row.recipient)
}

/// Asks the store where it may block.
pub(crate) async fn blocking<T: Send + 'static>(
    store: &Store,
    work: impl FnOnce(&Store) -> Result<T, StoreError> + Send + 'static,
) -> Result<T, StoreError> {
    let store = store.clone();
    // It fails only when the daemon ends.
    tokio::task::spawn_blocking(move || work(&store)).await.unwrap_or(Err(StoreError::Closed))
}
