//! Who is told by a call: asked first, rung with news, rung again when nobody presses 1, also after a restart.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use centrale_alerts::{News, Rang, Ring, Spoken};
use centrale_config::{Change, Office, TypedAlerts};

use crate::mailbox::{Mailbox, PASSWORD, Rude};
use crate::{Bench, PATIENCE, office};

const OWNER: &str = "+31612345678";
const SECOND: &str = "+31687654321";
const MINUTE_MS: u64 = 60_000;

/// Sunday 25 October 2026, and a clock that the test moves on.
static CLOCK: AtomicU64 = AtomicU64::new(1_792_900_000_000);

fn clock() -> u64 {
    CLOCK.load(Ordering::SeqCst)
}

fn pass(minutes: u64) {
    CLOCK.fetch_add(minutes * MINUTE_MS, Ordering::SeqCst);
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

async fn rung(bench: &mut Bench) -> Ring {
    tokio::time::timeout(PATIENCE, bench.rings.recv()).await.expect("a call in time").expect("a call")
}

async fn ends(bench: &Bench, ring: &Ring, rang: Rang) {
    let before = bench.store.alert_rings().unwrap().len();
    bench.rang.send((ring.id, rang)).await.unwrap();
    let noted = |bench: &Bench| (bench.store.alert_rings().unwrap().len() > before).then_some(());
    bench.until("the end of a call", noted).await;
}

/// Everybody looks again, as they do when the office changes.
fn look_again(bench: &Bench) {
    bench.office.send_modify(|_| ());
}

#[tokio::test]
async fn whoever_said_yes_is_rung_until_somebody_presses_1_also_after_a_restart() {
    let mailbox = Mailbox::open(false, Rude::Never).await;
    let office = with_phones(&format!("localhost:{}", mailbox.port));
    let mut bench = Bench::over(tempfile::tempdir().unwrap(), Arc::clone(&office), &mailbox.certificate, clock);
    // Both are asked once, one after the other.
    for phone in [OWNER, SECOND] {
        let asks = rung(&mut bench).await;
        assert_eq!((asks.number.as_str(), asks.language, asks.spoken), (phone, "nl", Spoken::Accept));
        ends(&bench, &asks, Rang::Heard).await;
    }
    let trouble = || News::Problem { code: "provider-moved".into(), subject: "voip".into() };
    bench.news.send(trouble()).await.unwrap();
    for _ in 0..2 {
        let tells = rung(&mut bench).await;
        assert_eq!((tells.number.as_str(), tells.spoken), (OWNER, Spoken::Other));
        ends(&bench, &tells, Rang::NotConfirmed).await;
        pass(4);
        look_again(&bench);
        assert!(bench.rings.try_recv().is_err(), "five minutes");
        pass(1);
        look_again(&bench);
    }
    let tells = rung(&mut bench).await;
    ends(&bench, &tells, Rang::NoAnswer).await;
    pass(5);
    let mut bench = bench.restarted(office, &mailbox.certificate, clock);
    let tells = rung(&mut bench).await;
    assert_eq!((tells.number.as_str(), tells.spoken), (SECOND, Spoken::Other), "the next one, after three times");
    ends(&bench, &tells, Rang::Heard).await;
    // What was heard is not said again, whatever else is of its kind.
    bench.news.send(News::Problem { code: "provider-private".into(), subject: "voip".into() }).await.unwrap();
    pass(10);
    look_again(&bench);
    bench.news.send(News::Ring("owner@example.org".into())).await.unwrap();
    let asks = rung(&mut bench).await;
    assert_eq!((asks.number.as_str(), asks.spoken), (OWNER, Spoken::Accept));
    assert!(bench.store.open_alert_matters().unwrap().is_empty());
}
