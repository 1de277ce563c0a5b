//! Who is told by a call: asked first, rung with news, rung again when nobody presses 1, also after a restart.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use centrale_alerts::{News, Rang, Ring, Spoken};
use centrale_config::{Change, Office, TypedAlerts};
use centrale_store::Store;

use crate::mailbox::{Mailbox, PASSWORD, Rude};
use crate::{Bench, PATIENCE, office, spoil};

const OWNER: &str = "+31612345678";
const SECOND: &str = "+31687654321";
const MINUTE_MS: u64 = 60_000;

/// Sunday 25 October 2026, one o'clock in the afternoon in Amsterdam.
const AFTERNOON: u64 = 1_792_929_600_000;
const NIGHT: u64 = AFTERNOON + 14 * 60 * MINUTE_MS;

/// A clock of a test's own, which it moves on by minutes.
macro_rules! clock {
    ($start:expr) => {
        static CLOCK: AtomicU64 = AtomicU64::new($start);
        fn clock() -> u64 {
            CLOCK.load(Ordering::SeqCst)
        }
        fn pass(minutes: u64) {
            CLOCK.fetch_add(minutes * MINUTE_MS, Ordering::SeqCst);
        }
    };
}

/// The owner and a second one, each with a telephone.
fn with_phones(server: &str) -> Arc<Office> {
    let office = office(server, "starttls", PASSWORD, &["owner@example.org", "second@example.org"]);
    let mut alerts = TypedAlerts::from(&office.alerts);
    for (contact, phone) in alerts.contacts.iter_mut().zip([OWNER, SECOND]) {
        contact.phone = Some(phone.into());
    }
    Arc::new(office.apply(Change::SetAlerts { alerts }).unwrap())
}

/// A box that can mail, and whose people have telephones, over that folder: the server that takes its mails, the office and the box.
async fn ready(folder: tempfile::TempDir, clock: fn() -> u64) -> (Mailbox, Arc<Office>, Bench) {
    let mailbox = Mailbox::open(false, Rude::Never).await;
    let office = with_phones(&format!("localhost:{}", mailbox.port));
    let bench = Bench::over(folder, Arc::clone(&office), &mailbox.certificate, clock);
    (mailbox, office, bench)
}

async fn rung(bench: &mut Bench) -> Ring {
    tokio::time::timeout(PATIENCE, bench.rings.recv()).await.expect("a call in time").expect("a call")
}

async fn ends(bench: &Bench, ring: &Ring, rang: Rang) {
    bench.rang.send((ring.id, rang)).await.unwrap();
    looked(bench).await;
    let there =
        |bench: &Bench| bench.store.alert_rings(u32::MAX).unwrap().into_iter().find(|row| row.phone == ring.number);
    assert_eq!(there(bench).unwrap().ended, rang.word());
}

/// Has the caller look again, and waits until it has: the end of a call that is none leads to nothing else. Whoever was to be rung then is.
async fn looked(bench: &Bench) {
    for _ in 0..2 {
        bench.rang.send((0, Rang::NotMade)).await.unwrap();
        bench.until("a look", |bench| (bench.rang.capacity() == bench.rang.max_capacity()).then_some(())).await;
    }
}

/// A store of a box that made such calls before: numbers that come are asked.
fn folder() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::open(folder.path()).unwrap();
    store.settle_alert_calls(Vec::new(), AFTERNOON).unwrap();
    store.close();
    folder
}

/// A folder in which both said yes.
fn folder_of_both() -> tempfile::TempDir {
    let folder = folder();
    for phone in [OWNER, SECOND] {
        let row = "INSERT INTO alert_phones (phone, confirmed_ms, wanted) VALUES";
        spoil(&folder, &format!("{row} ('{phone}', 1, 0)"));
    }
    folder
}

fn trouble() -> News {
    News::Problem { code: "provider-moved".into(), subject: "voip".into() }
}

fn other_trouble() -> News {
    News::Problem { code: "provider-private".into(), subject: "voip".into() }
}

/// Nobody is being rung, and nobody is to be.
async fn is_quiet(bench: &mut Bench) {
    looked(bench).await;
    assert!(bench.rings.try_recv().is_err());
}

#[tokio::test]
async fn whoever_said_yes_is_rung_until_somebody_presses_1_also_after_a_restart() {
    clock!(AFTERNOON);
    let (mailbox, office, mut bench) = ready(folder(), clock).await;
    // Both are asked once, one after the other.
    for phone in [OWNER, SECOND] {
        let asks = rung(&mut bench).await;
        assert_eq!((asks.number.as_str(), asks.language, asks.spoken), (phone, "nl", Spoken::Accept));
        ends(&bench, &asks, Rang::Heard).await;
    }
    bench.news.send(trouble()).await.unwrap();
    for _ in 0..2 {
        let tells = rung(&mut bench).await;
        assert_eq!((tells.number.as_str(), tells.spoken), (OWNER, Spoken::Other));
        ends(&bench, &tells, Rang::NotConfirmed).await;
        pass(4);
        is_quiet(&mut bench).await;
        pass(1);
        looked(&bench).await;
    }
    let tells = rung(&mut bench).await;
    ends(&bench, &tells, Rang::NoAnswer).await;
    pass(5);
    let mut bench = bench.restarted(office, &mailbox.certificate, clock);
    let tells = rung(&mut bench).await;
    assert_eq!((tells.number.as_str(), tells.spoken), (SECOND, Spoken::Other), "the next one, after three times");
    ends(&bench, &tells, Rang::Heard).await;
    assert!(bench.store.open_alert_matters().unwrap().is_empty());
}

#[tokio::test]
async fn what_was_heard_is_not_said_again_for_half_an_hour_and_is_then() {
    clock!(AFTERNOON);
    let (_mailbox, _, mut bench) = ready(folder_of_both(), clock).await;
    bench.news.send(trouble()).await.unwrap();
    let tells = rung(&mut bench).await;
    ends(&bench, &tells, Rang::Heard).await;
    bench.news.send(other_trouble()).await.unwrap();
    let kept = |bench: &Bench| bench.store.open_alert_matters().unwrap().pop();
    bench.until("the second matter", kept).await;
    pass(29);
    is_quiet(&mut bench).await;
    pass(1);
    looked(&bench).await;
    assert_eq!(rung(&mut bench).await.spoken, Spoken::Other);
}

#[tokio::test]
async fn a_call_that_a_restart_cuts_off_counts_and_is_not_made_again_at_once() {
    clock!(AFTERNOON);
    let (mailbox, office, mut bench) = ready(folder_of_both(), clock).await;
    bench.news.send(trouble()).await.unwrap();
    for calls in 1..=4 {
        rung(&mut bench).await;
        bench = bench.restarted(Arc::clone(&office), &mailbox.certificate, clock);
        is_quiet(&mut bench).await;
        assert_eq!(bench.store.alert_rings(u32::MAX).unwrap().len(), calls);
        pass(5);
        looked(&bench).await;
    }
    is_quiet(&mut bench).await;
    // The same of a call that asks.
    bench.news.send(News::Ring("owner@example.org".into())).await.unwrap();
    assert_eq!(rung(&mut bench).await.spoken, Spoken::Accept);
    let mut bench = bench.restarted(office, &mailbox.certificate, clock);
    is_quiet(&mut bench).await;
}

#[tokio::test]
async fn numbers_of_before_are_not_asked_and_new_ones_in_the_morning_unless_somebody_wants_it_now() {
    clock!(NIGHT);
    let (mailbox, office, mut bench) = ready(tempfile::tempdir().unwrap(), clock).await;
    is_quiet(&mut bench).await;
    bench.news.send(News::Ring("second@example.org".into())).await.unwrap();
    let asks = rung(&mut bench).await;
    assert_eq!((asks.number.as_str(), asks.spoken), (SECOND, Spoken::Accept));
    ends(&bench, &asks, Rang::NoAnswer).await;
    pass(12 * 60);
    is_quiet(&mut bench).await;
    pass(12 * 60);
    let mut bench = Bench::over(folder(), office, &mailbox.certificate, clock);
    is_quiet(&mut bench).await;
    pass(5 * 60);
    looked(&bench).await;
    assert_eq!(rung(&mut bench).await.number, OWNER);
}

#[tokio::test]
async fn a_number_of_which_no_call_comes_holds_up_nobody_and_is_asked_for_a_day_at_most() {
    clock!(AFTERNOON);
    let (_mailbox, _, mut bench) = ready(folder_of_both(), clock).await;
    bench.news.send(trouble()).await.unwrap();
    for number in [OWNER, OWNER, OWNER, SECOND] {
        let tells = rung(&mut bench).await;
        assert_eq!(tells.number, number);
        ends(&bench, &tells, if number == OWNER { Rang::NotMade } else { Rang::Heard }).await;
        pass(5);
        looked(&bench).await;
    }
    bench.news.send(News::Ring("owner@example.org".into())).await.unwrap();
    let mut tries = 0;
    let wanted = |bench: &Bench| bench.store.alert_phones().unwrap().iter().any(|known| known.wanted);
    bench.until("it to be wanted", |bench| wanted(bench).then_some(())).await;
    while wanted(&bench) {
        let asks = rung(&mut bench).await;
        ends(&bench, &asks, Rang::NotMade).await;
        tries += 1;
        pass(24 * 60);
        looked(&bench).await;
    }
    assert_eq!(tries, 2);
}

#[tokio::test]
async fn a_clock_that_is_set_during_a_call_does_not_end_it() {
    clock!(AFTERNOON);
    let (_mailbox, _, mut bench) = ready(folder_of_both(), clock).await;
    bench.news.send(trouble()).await.unwrap();
    let tells = rung(&mut bench).await;
    pass(60);
    is_quiet(&mut bench).await;
    ends(&bench, &tells, Rang::Heard).await;
    assert!(bench.store.open_alert_matters().unwrap().is_empty());
}

#[tokio::test]
async fn what_was_heard_while_the_disk_was_full_is_known_and_written_down_later() {
    clock!(AFTERNOON);
    let (_mailbox, _, mut bench) = ready(folder_of_both(), clock).await;
    bench.news.send(trouble()).await.unwrap();
    let tells = rung(&mut bench).await;
    bench.spoil("CREATE TRIGGER full BEFORE UPDATE ON alert_rings BEGIN SELECT RAISE(ABORT, 'full'); END");
    bench.rang.send((tells.id, Rang::Heard)).await.unwrap();
    looked(&bench).await;
    assert_eq!(bench.store.alert_rings(u32::MAX).unwrap()[0].ended, "not-confirmed");
    pass(40);
    is_quiet(&mut bench).await;
    bench.spoil("DROP TRIGGER full");
    pass(5);
    looked(&bench).await;
    assert_eq!(bench.store.alert_rings(u32::MAX).unwrap()[0].ended, "heard");
    assert!(bench.store.open_alert_matters().unwrap().is_empty());
}

#[tokio::test]
async fn a_full_disk_keeps_nobody_from_being_rung() {
    clock!(AFTERNOON);
    let mailbox = Mailbox::open(false, Rude::Never).await;
    let office = with_phones(&format!("localhost:{}", mailbox.port));
    let folder = folder_of_both();
    spoil(
        &folder,
        "INSERT INTO alert_rings (at_ms, phone, spoken, ended) VALUES (1, '+31612345678', 'other', 'heard');
         CREATE TRIGGER full BEFORE DELETE ON alert_rings BEGIN SELECT RAISE(ABORT, 'full'); END",
    );
    let mut bench = Bench::over(folder, office, &mailbox.certificate, clock);
    bench.news.send(trouble()).await.unwrap();
    let tells = rung(&mut bench).await;
    ends(&bench, &tells, Rang::NoAnswer).await;
    pass(5);
    looked(&bench).await;
    assert_eq!(rung(&mut bench).await.spoken, Spoken::Other);
}
