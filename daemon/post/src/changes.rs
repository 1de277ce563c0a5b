//! Changes that a thief would make are told to whoever is told before them and to whoever is told after, with a code that takes
//! them back.

use std::collections::BTreeSet;

use centrale_alerts::{Code, Note, Touched, next_try};
use centrale_config::{AlertContact, Office, Sensitive};
use centrale_store::{Deed, NewMail, Store, StoreError, UNDO_MS, Undo};

use crate::contacts::{language_of, mail_about};

/// What such mails begin with, in what they are about.
pub(crate) const CHANGED: &str = "changed/";
/// The same of what no revision holds.
pub(crate) const DONE: &str = "done/";
/// Mails of them in an hour; what is changed beyond waits, and is told and taken back as one.
const MOST_AN_HOUR: usize = 6;
const HOUR_MS: u64 = 3_600_000;

/// What cannot be read is tried ever more seldom.
#[derive(Debug, Default)]
pub(crate) struct Rest {
    failures: u32,
    until: u64,
}

impl Rest {
    /// Whether it is too early to try again. The clock may have been set back meanwhile.
    pub(crate) fn rests(&self, now: u64) -> bool {
        self.failures > 0 && (1..=HOUR_MS).contains(&self.until.saturating_sub(now))
    }

    /// It was tried in vain; whether it went well before.
    pub(crate) fn fails(&mut self, now: u64) -> bool {
        self.failures += 1;
        self.until = next_try(now, now, self.failures).unwrap_or(now);
        self.failures == 1
    }

    /// It went well; whether it did not before.
    pub(crate) fn ends(&mut self) -> bool {
        std::mem::take(&mut self.failures) > 0
    }
}

/// Tells what was changed since it was told last; whether a mail was written.
pub(crate) fn tell(store: &Store, now: u64) -> Result<bool, StoreError> {
    store.forget_former_passwords(now)?;
    let mut wrote = false;
    while let Some(written) = tell_next(store, now)? {
        wrote |= written;
    }
    for deed in store.untold_deeds()? {
        match tell_deed(store, &deed, now)? {
            Some(written) => wrote |= written,
            None => break,
        }
    }
    Ok(wrote)
}

/// Tells what was done that no revision holds, and whether a mail was written; `None` when it waits. Meanwhile it can be taken
/// back on the page.
fn tell_deed(store: &Store, undo: &Undo, now: u64) -> Result<Option<bool>, StoreError> {
    let Some((_, office)) = store.office()? else { return Ok(Some(false)) };
    let touched = match &undo.deed {
        Some(Deed::UserAdded { name, .. } | Deed::UserRaised { name, .. }) => Touched::User(name.clone()),
        Some(Deed::CodeMade { name, .. }) => Touched::Code(name.clone()),
        Some(Deed::CapRaised { .. }) => Touched::Cap,
        Some(Deed::PricesChanged { trunk }) => Touched::Prices(trunk.clone()),
        None => return Ok(Some(false)),
    };
    let recent = store.mails(now.saturating_sub(HOUR_MS), u32::MAX)?;
    let told: BTreeSet<_> = recent.iter().map(|mail| &mail.about).filter(|about| about.starts_with(DONE)).collect();
    if told.len() >= MOST_AN_HOUR {
        return Ok(None);
    }
    let to = readers(store, &office, &office)?;
    let until = now.saturating_add(UNDO_MS);
    store.tell_deed(undo.number, now, |code| {
        let back = Some((Code::new(code.reveal()), until));
        let note = Note::Changed { what: vec![touched], who: undo.who.clone(), back };
        let about = format!("{DONE}{}", undo.number);
        let mail =
            |to: &&AlertContact| mail_about(&office, about.clone(), (to.address.as_str(), language_of(to)), &note, now);
        to.iter().map(mail).collect()
    })?;
    Ok(Some(!to.is_empty()))
}

/// Tells the next span of what was changed, and whether a mail was written; `None` when there is none, or it waits.
fn tell_next(store: &Store, now: u64) -> Result<Option<bool>, StoreError> {
    let (told, current) = store.untold_revisions()?;
    if told >= current {
        return Ok(None);
    }
    let undos = store.undos()?;
    let (end, takes_back) = next_span(&undos, (told, current));
    // One that went is nothing that anybody could go back to.
    let (Some(before), Some(after)) = (kept(store, told)?, kept(store, end)?) else {
        return store.told_up_to(end).map(|()| Some(false));
    };
    let last = after.sensitive_changes_from(&before);
    let (what, who) = steps(store, before.clone(), (told, end), &last)?;
    if what.is_empty() {
        return store.told_up_to(end).map(|()| Some(false));
    }
    let is_young = |undo: &&Undo| undo.deed.is_none() && now.abs_diff(undo.at_unix_ms) < HOUR_MS;
    if !takes_back && undos.iter().filter(is_young).count() >= MOST_AN_HOUR {
        return Ok(None);
    }
    let to = readers(store, &before, &after)?;
    // What is as before again cannot be taken back, and is told all the same.
    let takes_back = takes_back || last.is_empty();
    let letters = |back: Option<(Code, u64)>| -> Vec<NewMail> {
        let what = what.into_iter().map(touched).collect();
        let note = Note::Changed { what, who: who.clone(), back };
        let mail = |to: &&AlertContact| {
            mail_about(&after, format!("{CHANGED}{end}"), (to.address.as_str(), language_of(to)), &note, now)
        };
        to.iter().map(mail).collect()
    };
    if takes_back {
        store.put_mails(letters(None))?;
        store.told_up_to(end)?;
    } else {
        let until = now.saturating_add(UNDO_MS);
        store.tell_change((told, end), &who, now, |code| letters(Some((Code::new(code.reveal()), until))))?;
    }
    Ok(Some(!to.is_empty()))
}

/// The last revision of what is told next, and whether all of it is that one change was taken back: that stands alone, as it is
/// not offered to be taken back in turn.
fn next_span(undos: &[Undo], (told, current): (u64, u64)) -> (u64, bool) {
    let backs = undos.iter().filter_map(|undo| undo.taken_back);
    match backs.filter(|back| (told + 1..=current).contains(back)).min() {
        Some(back) if back == told + 1 => (back, true),
        Some(back) => (back - 1, false),
        None => (current, false),
    }
}

fn kept(store: &Store, revision: u64) -> Result<Option<Office>, StoreError> {
    match store.revision(revision) {
        Ok(office) => Ok(Some(office)),
        Err(StoreError::NoSuchRevision(_)) => Ok(None),
        Err(error) => Err(error),
    }
}

/// What the revisions of a span changed that is sensitive, be it as before again by now, and who made them, each once. `last` is
/// what is other at its end.
fn steps(
    store: &Store,
    mut before: Office,
    (told, end): (u64, u64),
    last: &[Sensitive],
) -> Result<(BTreeSet<Sensitive>, String), StoreError> {
    let (mut what, mut all): (BTreeSet<Sensitive>, Vec<String>) = (last.iter().cloned().collect(), Vec::new());
    for number in told + 1..=end {
        let Some(office) = kept(store, number)? else { continue };
        let changed = office.sensitive_changes_from(&before);
        if !changed.is_empty() {
            let who = store.author(number)?.map(|author| author.who);
            all.extend(who.filter(|who| !all.contains(who)));
        }
        what.extend(changed);
        before = office;
    }
    Ok((what, all.join(", ")))
}

/// Whoever is told before or after and showed that mail arrives, each once.
fn readers<'a>(store: &Store, before: &'a Office, after: &'a Office) -> Result<Vec<&'a AlertContact>, StoreError> {
    let known = store.confirmations()?;
    let confirmed: BTreeSet<_> =
        known.iter().filter(|known| known.confirmed_unix_ms.is_some()).map(|known| known.address.as_str()).collect();
    let mut met = BTreeSet::new();
    let all = after.alerts.contacts.iter().chain(&before.alerts.contacts);
    let is_reader =
        |contact: &&AlertContact| confirmed.contains(contact.address.as_str()) && met.insert(contact.address.clone());
    Ok(all.filter(is_reader).collect())
}

fn touched(sensitive: Sensitive) -> Touched {
    match sensitive {
        Sensitive::Alerts => Touched::Alerts,
        Sensitive::Administration => Touched::Administration,
        Sensitive::Trunk(name) => Touched::Trunk(name),
        Sensitive::Permit(number) => Touched::Permit(number),
        Sensitive::Forward(number) => Touched::Forward(number),
        Sensitive::Rights(name) => Touched::Rights(name),
        Sensitive::Retention => Touched::Retention,
        Sensitive::Opening => Touched::Opening,
        Sensitive::SupportNumbers => Touched::SupportNumbers,
        Sensitive::Scanners => Touched::Scanners,
        Sensitive::Place => Touched::Place,
        Sensitive::Pin => Touched::Pin,
    }
}

#[cfg(test)]
mod tests {
    use centrale_config::{Change, Country, OfficeIdentity, TypedAlerts, TypedContact};
    use centrale_store::{Author, DueMail, Role, Standing};

    use super::*;

    const OWNER: &str = "owner@example.org";

    fn told(address: &str) -> Office {
        told_through("smtp.example.net", address)
    }

    fn told_through(server: &str, address: &str) -> Office {
        let contact = TypedContact { address: address.into(), language: "en".into(), phone: None };
        let alerts = TypedAlerts {
            server: server.into(),
            security: String::new(),
            username: String::new(),
            password: None,
            sender: "box@example.net".into(),
            contacts: vec![contact],
            digest: true,
        };
        let office = Office::empty(OfficeIdentity::assumed(Country::Netherlands));
        office.apply(Change::SetAlerts { alerts }).unwrap()
    }

    fn by(who: &str) -> Author {
        Author { who: who.into(), when_unix_ms: 1, why: "a change".into() }
    }

    /// A store that told its first revision, by which the owner is told.
    fn store(folder: &tempfile::TempDir) -> Store {
        let store = Store::open(folder.path()).unwrap();
        store.commit(&told(OWNER), 0, by("Piet")).unwrap();
        assert!(!tell(&store, 1).unwrap());
        store
    }

    fn confirm(store: &Store, address: &str) {
        let mut mailed = String::new();
        let letter = |code: &centrale_config::Secret| {
            mailed = code.reveal().to_owned();
            mail_about(
                &told(address),
                "confirm".into(),
                (address, centrale_alerts::Language::English),
                &Note::Farewell,
                1,
            )
        };
        store.ask_confirmation(address, 1, letter).unwrap();
        store.confirm_by_code(&mailed, 2).unwrap().unwrap();
    }

    fn renamed(mut office: Office) -> Office {
        office.alerts.digest = !office.alerts.digest;
        office
    }

    #[test]
    fn a_120_what_was_taken_back_gets_no_code_however_much_else_is_told_with_it() {
        let folder = tempfile::tempdir().unwrap();
        let store = store(&folder);
        confirm(&store, OWNER);
        store.commit(&told("thief@example.org"), 1, by("thief")).unwrap();
        assert!(tell(&store, 10).unwrap());
        let undo = store.undos().unwrap().remove(0);
        store.commit(&renamed(told("thief@example.org")), 2, by("Anna")).unwrap();
        store.take_back(undo.number, &told(OWNER), 3, by("Piet")).unwrap();
        store.commit(&renamed(told(OWNER)), 4, by("Anna")).unwrap();
        assert!(tell(&store, 20).unwrap());
        assert_eq!(store.untold_revisions().unwrap(), (5, 5));
        assert_eq!(store.undos().unwrap().len(), 1, "nothing that takes back what was taken back");
        let about: Vec<String> = store.mails(0, 9).unwrap().into_iter().map(|mail| mail.about).collect();
        assert!(about.contains(&"changed/4".to_owned()) && !about.contains(&"changed/5".to_owned()), "{about:?}");
    }

    #[test]
    fn a_120_of_more_than_six_changes_in_an_hour_each_kind_is_named_in_one_mail_also_what_is_as_before_again() {
        let folder = tempfile::tempdir().unwrap();
        let store = store(&folder);
        confirm(&store, OWNER);
        for number in 1..=6 {
            let office = told_through(&format!("smtp{number}.example.net"), OWNER);
            store.commit(&office, number, by("Anna")).unwrap();
            assert!(tell(&store, number).unwrap());
        }
        let rights = |calls: &str| Change::PutRights { name: "Sales".into(), calls: calls.into(), premium: false };
        let before = told_through("smtp6.example.net", OWNER).apply(rights("country")).unwrap();
        let wider = before.apply(rights("world")).unwrap();
        let elsewhere = told_through("smtp.example.org", OWNER).apply(rights("country")).unwrap();
        for (at, office) in [&before, &wider, &elsewhere, &before].into_iter().enumerate() {
            store.commit(office, 7 + at as u64, by("thief")).unwrap();
            assert!(!tell(&store, 10).unwrap(), "it waits");
        }
        assert!(tell(&store, 10 + HOUR_MS).unwrap());
        let mail = store.mails(0, 99).unwrap().into_iter().find(|mail| mail.about == "changed/11").expect("one mail");
        let others = store.mails(0, 99).unwrap().into_iter().map(|mail| mail.number).filter(|one| *one != mail.number);
        let Some(DueMail::Whole(mail)) = store.due_mail(u64::MAX / 2, others.collect()).unwrap() else {
            panic!("the mail is due")
        };
        let text = mail.text;
        assert!(text.contains("Sales") && text.contains("told by e-mail") && text.contains("thief"), "{text}");
    }

    #[test]
    fn a_120_a_new_log_in_is_told_before_caps_that_wait_with_a_code_that_is_good_for_a_day_from_then() {
        let folder = tempfile::tempdir().unwrap();
        let store = store(&folder);
        confirm(&store, OWNER);
        for cap in 1..=8 {
            let deed = Deed::CapRaised { cap: format!("cap {cap}") };
            store.note_deed(deed, "thief", cap).unwrap().unwrap();
        }
        assert!(tell(&store, 10).unwrap());
        let owner = Standing { role: Role::Owner, person: None, ends_unix_ms: None };
        let (user, _) = store.invite("thief", owner, 20).unwrap();
        let number = store.note_deed(Deed::UserAdded { user, name: "thief".into() }, "thief", 20).unwrap().unwrap();
        assert!(!tell(&store, 30).unwrap(), "it waits");
        let late = 30 + UNDO_MS;
        assert!(tell(&store, late).unwrap());
        let mut mails = store.mails(late, 99).unwrap();
        mails.sort_by_key(|mail| mail.number);
        assert_eq!((mails.len(), &mails[0].about), (3, &format!("done/{number}")));
        let undo = store.undos().unwrap().into_iter().find(|undo| undo.number == number).unwrap();
        assert!(undo.is_open(late + UNDO_MS - 1) && !undo.is_open(late + UNDO_MS));
    }

    #[test]
    fn a_120_a_code_is_told_as_one_and_what_taking_it_back_does() {
        let folder = tempfile::tempdir().unwrap();
        let store = store(&folder);
        confirm(&store, OWNER);
        store.note_deed(Deed::CodeMade { user: 7, name: "Bea".into() }, "thief", 20).unwrap().unwrap();
        assert!(tell(&store, 30).unwrap());
        let others = store.mails(0, 99).unwrap().into_iter().filter(|mail| !mail.about.starts_with(DONE));
        let Some(DueMail::Whole(mail)) =
            store.due_mail(u64::MAX / 2, others.map(|mail| mail.number).collect()).unwrap()
        else {
            panic!("the mail is due")
        };
        assert!(mail.text.contains("another password is chosen for Bea"), "{}", mail.text);
        assert!(mail.text.contains("gives Bea the password of before") && !mail.text.contains("log in:"));
    }

    #[test]
    fn what_cannot_be_read_is_tried_ever_more_seldom_and_said_once() {
        let (mut rest, mut now, mut waits) = (Rest::default(), 1_000_000_000, Vec::new());
        for round in 0..8 {
            assert!(!rest.rests(now));
            assert_eq!(rest.fails(now), round == 0);
            let before = now;
            while rest.rests(now) {
                now += 60_000;
            }
            waits.push((now - before) / 60_000);
        }
        assert_eq!(waits, [1, 2, 5, 15, 30, 60, 60, 60]);
        assert!(!rest.rests(now - 10 * HOUR_MS), "the clock was set back");
        assert!(rest.ends() && !rest.ends() && !rest.rests(now));
    }

    #[test]
    fn a_120_a_change_can_be_taken_back_though_nobody_is_told_and_names_whoever_made_it() {
        let folder = tempfile::tempdir().unwrap();
        let store = store(&folder);
        store.commit(&told("thief@example.org"), 1, by("thief")).unwrap();
        store.commit(&renamed(told("thief@example.org")), 2, by("Anna")).unwrap();
        assert!(!tell(&store, 10).unwrap());
        let undos = store.undos().unwrap();
        assert_eq!((undos.len(), undos[0].before, undos[0].after, undos[0].who.as_str()), (1, 1, 3, "thief"));
    }
}
