//! The outbox against a mail server of the tests' own, which writes down what it is told.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod called;
mod confirmed;
mod mailbox;

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use centrale_alerts::{Fault, News, Rang, Ring};
use centrale_config::{Change, Country, Office, OfficeIdentity, Secret, TypedAlerts, TypedContact};
use centrale_post::{Counts, Line, Post, Trouble, Trusted};
use centrale_store::{CallRow, MailRow, NewMail, QualityRow, Store};
use tokio::sync::{mpsc, watch};

use mailbox::{Mailbox, PASSWORD, Rude, USER};

/// The longest that anything is waited for.
const PATIENCE: Duration = Duration::from_secs(20);

fn unix_ms() -> u64 {
    let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap();
    u64::try_from(since.as_millis()).unwrap()
}

fn office(server: &str, security: &str, password: &str, contacts: &[&str]) -> Arc<Office> {
    let alerts = TypedAlerts {
        server: server.into(),
        security: security.into(),
        username: USER.into(),
        password: Some(Secret::new(password)),
        sender: "box@example.net".into(),
        contacts: contacts.iter().copied().map(contact).collect(),
        digest: true,
    };
    let empty = Office::empty(OfficeIdentity::assumed(Country::Netherlands));
    Arc::new(empty.apply(Change::SetAlerts { alerts }).unwrap())
}

fn contact(address: &str) -> TypedContact {
    TypedContact { address: address.into(), language: "nl".into(), phone: None }
}

struct Bench {
    store: Store,
    news: mpsc::Sender<News>,
    office: watch::Sender<Arc<Office>>,
    troubles: Arc<Mutex<Vec<Trouble>>>,
    counts: Arc<Counts>,
    running: tokio::task::JoinHandle<()>,
    /// Calls that are ordered, and where their ends are told.
    rings: mpsc::Receiver<Ring>,
    rang: mpsc::Sender<(u64, Rang)>,
    folder: tempfile::TempDir,
}

impl Bench {
    fn start(office: Arc<Office>, trusted: &str) -> Self {
        Self::start_at(office, trusted, unix_ms)
    }

    fn start_at(office: Arc<Office>, trusted: &str, clock: fn() -> u64) -> Self {
        Self::over(Self::confirmed_folder(), office, trusted, clock)
    }

    /// A store in which whoever is told in tests is confirmed.
    fn confirmed_folder() -> tempfile::TempDir {
        let folder = tempfile::tempdir().unwrap();
        Store::open(folder.path()).unwrap().close();
        // For good, whatever a test's clock does; and as if each had left, so that nobody hears of it who is not in the list.
        let known = "INSERT INTO confirmations (address, left_ms, confirmed_ms) VALUES";
        for address in ["owner@example.org", "second@example.org", "nobody@example.org", "gone@example.org"] {
            spoil(&folder, &format!("{known} ('{address}', {0}, {0})", i64::MAX));
        }
        folder
    }

    /// The same where nobody is confirmed yet.
    fn unconfirmed(office: Arc<Office>, trusted: &str) -> Self {
        Self::over(tempfile::tempdir().unwrap(), office, trusted, unix_ms)
    }

    /// The same store under another run.
    fn restarted(self, office: Arc<Office>, trusted: &str, clock: fn() -> u64) -> Self {
        self.running.abort();
        self.store.close();
        Self::over(self.folder, office, trusted, clock)
    }

    fn over(folder: tempfile::TempDir, office: Arc<Office>, trusted: &str, clock: fn() -> u64) -> Self {
        let store = Store::open(folder.path()).unwrap();
        let (news, heard) = mpsc::channel(16);
        let (office, seen) = watch::channel(office);
        let troubles = Arc::new(Mutex::new(Vec::new()));
        let counts = Arc::new(Counts::default());
        let told = Arc::clone(&troubles);
        let ((orders, rings), (rang, ended)) = (mpsc::channel(4), mpsc::channel(4));
        let post = Post {
            store: store.clone(),
            office: seen,
            news: heard,
            trusted: Trusted::new(Some(trusted.as_bytes())).unwrap(),
            told: Arc::new(move |trouble| told.lock().unwrap().push(trouble)),
            clock,
            counts: Arc::clone(&counts),
            line: Line { orders, ended },
        };
        let running = tokio::spawn(post.run());
        Self { store, news, office, troubles, counts, running, rings, rang, folder }
    }

    async fn until<T>(&self, what: &str, look: impl Fn(&Self) -> Option<T>) -> T {
        let found = tokio::time::timeout(PATIENCE, async {
            loop {
                if let Some(found) = look(self) {
                    return found;
                }
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
        });
        found.await.unwrap_or_else(|_| panic!("{what}: {:?} {:?}", self.store.mails(0, 50), self.troubles.lock()))
    }

    fn last(&self, about: &str) -> Option<MailRow> {
        self.store.mails(0, 50).unwrap().into_iter().find(|mail| mail.about == about)
    }

    async fn fault(&self) -> Option<Fault> {
        let last = |bench: &Self| match bench.troubles.lock().unwrap().last() {
            Some(Trouble::Mail { fault, .. }) => Some(*fault),
            _ => None,
        };
        self.until("trouble", last).await
    }
}

fn help(call: &str) -> News {
    News::Help { call: call.into(), from: "201".into(), name: "Anna".into() }
}

#[tokio::test]
async fn a_mail_arrives_encrypted_and_logged_in_and_is_forgotten_then() {
    for security in ["starttls", "tls"] {
        let mailbox = Mailbox::open(security == "tls", Rude::Never).await;
        let server = format!("localhost:{}", mailbox.port);
        let bench = Bench::start(office(&server, security, PASSWORD, &["owner@example.org"]), &mailbox.certificate);
        bench.news.send(help("c1")).await.unwrap();
        let mail = bench.until("mail", |_| mailbox.mails().pop()).await;
        assert_eq!((mail.from.as_str(), mail.to.as_str()), ("box@example.net", "owner@example.org"));
        assert!(mail.was_encrypted && mail.was_logged_in);
        for line in ["Auto-Submitted: auto-generated", "To: owner@example.org", "Het noodnummer is gebeld door Anna"] {
            assert!(mail.text.contains(line), "{line}: {}", mail.text);
        }
        let sent = |bench: &Bench| bench.last("help/c1").and_then(|mail| mail.sent_unix_ms);
        bench.until("note of it", sent).await;
        assert!(bench.counts.list().iter().any(|(name, total, _)| name == "mail-sent" && *total == 1));
    }
}

#[tokio::test]
async fn a_refused_login_is_trouble_once_and_over_when_the_password_is_mended() {
    let mailbox = Mailbox::open(false, Rude::Never).await;
    let server = format!("localhost:{}", mailbox.port);
    let to = ["owner@example.org"];
    let bench = Bench::start(office(&server, "starttls", "another", &to), &mailbox.certificate);
    bench.news.send(help("c1")).await.unwrap();
    assert_eq!(bench.fault().await, Some(Fault::LoginRefused));
    let row = bench.until("row", |bench| bench.last("help/c1").filter(|row| row.tries == 1));
    let row = row.await;
    assert_eq!(row.fault.as_deref(), Some("login-refused"));
    assert!(row.next_unix_ms.unwrap() >= row.made_unix_ms + 60_000, "a server that refuses is left alone for a minute");
    bench.office.send(office(&server, "starttls", PASSWORD, &to)).unwrap();
    bench.until("mail", |_| mailbox.mails().pop()).await;
    assert_eq!(bench.fault().await, None);
    assert_eq!(mailbox.mails().len(), 1);
}

#[tokio::test]
async fn whatever_is_wrong_with_a_server_has_a_word_of_its_own_and_no_password_leaves_in_clear() {
    let mailbox = Mailbox::open(false, Rude::Never).await;
    let stranger = Mailbox::open(false, Rude::Never).await;
    let plain = Mailbox::open(false, Rude::NoStartTls).await;
    let closed = mailbox::closed_port().await;
    let at = |port: u16| format!("localhost:{port}");
    for (server, trusted, fault) in [
        (at(mailbox.port), &stranger.certificate, Fault::Certificate),
        (format!("127.0.0.1:{}", mailbox.port), &mailbox.certificate, Fault::Certificate),
        (at(plain.port), &plain.certificate, Fault::NotEncrypted),
        (at(closed), &mailbox.certificate, Fault::Unreachable),
        ("smtp.nowhere.invalid".to_owned(), &mailbox.certificate, Fault::HostUnknown),
    ] {
        let bench = Bench::start(office(&server, "starttls", PASSWORD, &["owner@example.org"]), trusted);
        bench.news.send(News::Test).await.unwrap();
        assert_eq!(bench.fault().await, Some(fault), "{server}");
    }
    for mailbox in [mailbox, stranger, plain] {
        assert!(mailbox.mails().is_empty());
        assert!(!mailbox.heard_in_clear().contains("AUTH"), "{}", mailbox.heard_in_clear());
    }
}

#[tokio::test]
async fn an_address_that_is_refused_holds_up_nobody_else() {
    let mailbox = Mailbox::open(false, Rude::RefusesNobody).await;
    let to = ["nobody@example.org", "owner@example.org"];
    let server = format!("localhost:{}", mailbox.port);
    let bench = Bench::start(office(&server, "starttls", PASSWORD, &to), &mailbox.certificate);
    bench.news.send(help("c1")).await.unwrap();
    let mail = bench.until("mail", |_| mailbox.mails().pop()).await;
    assert_eq!(mail.to, "owner@example.org");
    let troubles = bench.troubles.lock().unwrap().clone();
    let trouble = Trouble::Mail { recipient: "nobody@example.org".into(), fault: Some(Fault::AddressRefused) };
    assert_eq!(troubles, [trouble]);
}

#[tokio::test]
async fn nobody_is_told_anything_without_a_server_and_what_waits_for_one_who_went_is_given_up() {
    let bench = Bench::start(Arc::new(Office::empty(OfficeIdentity::assumed(Country::Netherlands))), mailbox::PEM);
    bench.news.send(help("c1")).await.unwrap();
    bench.until("news to be heard", |bench| (bench.news.capacity() == 16).then_some(())).await;
    let mailbox = Mailbox::open(false, Rude::Never).await;
    let server = format!("localhost:{}", mailbox.port);
    bench.office.send(office(&server, "starttls", PASSWORD, &["gone@example.org"])).unwrap();
    bench.news.send(help("c3")).await.unwrap();
    let failed = |bench: &Bench| bench.last("help/c3").filter(|row| row.tries == 1);
    bench.until("refusal", failed).await;
    bench.office.send(office(&server, "starttls", PASSWORD, &["owner@example.org"])).unwrap();
    bench
        .until("end", |bench| {
            let row = bench.last("help/c3");
            row.filter(|row| row.fault.as_deref() == Some("no-contact") && row.next_unix_ms.is_none())
        })
        .await;
    assert!(bench.last("help/c1").is_none());
}

impl Bench {
    /// Does something to the database behind the store's back.
    fn spoil(&self, sql: &str) {
        spoil(&self.folder, sql);
    }
}

fn spoil(folder: &tempfile::TempDir, sql: &str) {
    let database = rusqlite::Connection::open(folder.path().join("centrale.db")).unwrap();
    database.execute_batch(sql).unwrap();
}

#[tokio::test]
async fn a_mail_that_does_not_open_any_more_is_given_up_and_silences_none_after_it() {
    let mailbox = Mailbox::open(false, Rude::Never).await;
    let office = office(&format!("localhost:{}", mailbox.port), "starttls", PASSWORD, &["owner@example.org"]);
    let bench = Bench::start(Arc::new(Office::empty(OfficeIdentity::assumed(Country::Netherlands))), mailbox::PEM);
    let mail = |about: &str| NewMail {
        about: about.into(),
        stage: 1,
        recipient: "owner@example.org".into(),
        subject: "a subject".into(),
        text: "a text".into(),
        made_unix_ms: unix_ms(),
        next_unix_ms: unix_ms(),
    };
    bench.store.put_mails(vec![mail("a"), mail("b")]).unwrap();
    bench.spoil("UPDATE mails SET said = x'00' WHERE about = 'a'");
    let bench = bench.restarted(office, &mailbox.certificate, unix_ms);
    let ended = |bench: &Bench| {
        let rows = bench.store.mails(0, 9).unwrap();
        rows.iter().all(|row| row.next_unix_ms.is_none()).then_some(rows)
    };
    let rows = bench.until("end of both", ended).await;
    assert!(rows[0].about == "b" && rows[0].sent_unix_ms.is_some(), "{rows:?}");
    assert_eq!(rows[1].fault.as_deref(), Some("damaged"));
}

#[tokio::test]
async fn a_mail_that_left_while_the_disk_was_full_does_not_leave_twice() {
    let mailbox = Mailbox::open(false, Rude::Never).await;
    let server = format!("localhost:{}", mailbox.port);
    let bench = Bench::start(office(&server, "starttls", PASSWORD, &["owner@example.org"]), &mailbox.certificate);
    bench.spoil(
        "CREATE TRIGGER full BEFORE UPDATE ON mails WHEN NEW.sent_ms IS NOT NULL BEGIN SELECT RAISE(ABORT, 'full'); END",
    );
    for (call, mails) in [("c1", 1), ("c2", 2), ("c3", 3)] {
        bench.news.send(help(call)).await.unwrap();
        bench.until("mail", |_| (mailbox.mails().len() >= mails).then_some(())).await;
    }
    let mails = mailbox.mails();
    let mut names: Vec<_> =
        mails.iter().filter_map(|mail| mail.text.lines().find(|line| line.starts_with("Message-ID:"))).collect();
    names.sort_unstable();
    names.dedup();
    assert_eq!((names.len(), mails.len()), (3, 3));
    bench.spoil("DROP TRIGGER full");
    bench.news.send(help("c4")).await.unwrap();
    let noted =
        |bench: &Bench| bench.store.mails(0, 9).unwrap().iter().all(|row| row.sent_unix_ms.is_some()).then_some(());
    bench.until("note of all", noted).await;
}

#[tokio::test]
async fn that_the_disk_fails_is_told_although_nothing_can_be_written_to_it() {
    let mailbox = Mailbox::open(false, Rude::Never).await;
    let to = ["owner@example.org", "second@example.org"];
    let server = format!("localhost:{}", mailbox.port);
    let bench = Bench::start(office(&server, "starttls", PASSWORD, &to), &mailbox.certificate);
    bench.spoil("CREATE TRIGGER full BEFORE INSERT ON mails BEGIN SELECT RAISE(ABORT, 'full'); END");
    bench.news.send(News::Problem { code: "disk-fails".into(), subject: String::new() }).await.unwrap();
    bench.until("both mails", |_| (mailbox.mails().len() == 2).then_some(())).await;
    bench.spoil("DROP TRIGGER full");
    bench.news.send(help("c1")).await.unwrap();
    bench.until("two more", |_| (mailbox.mails().len() == 4).then_some(())).await;
    let mails = mailbox.mails();
    assert_eq!(mails.iter().filter(|mail| mail.text.contains("De centrale kan niets opschrijven")).count(), 2);
    let told = bench.store.mails(0, 9).unwrap();
    assert!(told.iter().all(|row| row.about == "help/c1"), "{told:?}");
}

#[tokio::test]
async fn a_049_a_loss_waits_for_the_end_of_the_work_on_the_telephones_also_after_a_restart_and_a_call_for_help_does_not()
 {
    const HOUR_MS: u64 = 3_600_000;
    let mailbox = Mailbox::open(false, Rude::Never).await;
    let office = office(&format!("localhost:{}", mailbox.port), "starttls", PASSWORD, &["owner@example.org"]);
    let bench = Bench::start(office.clone(), &mailbox.certificate);
    let until = unix_ms() + 2 * HOUR_MS;
    bench.store.set_maintenance(until).unwrap();
    let bench = bench.restarted(office, &mailbox.certificate, unix_ms);
    bench.news.send(News::Problem { code: "trunk-unreachable".into(), subject: "voip".into() }).await.unwrap();
    bench.news.send(help("c1")).await.unwrap();
    bench.until("help", |bench| bench.last("help/c1").filter(|mail| mail.sent_unix_ms.is_some())).await;
    let loss = bench.last("problem/trunk-unreachable/voip").unwrap();
    assert_eq!((loss.next_unix_ms, loss.sent_unix_ms), (Some(until), None));
}

/// Saturday 24 October 2026, 20:00 UTC, and a clock that a test moves on.
static CLOCK: AtomicU64 = AtomicU64::new(1_792_872_000_000);

fn clock() -> u64 {
    CLOCK.load(Ordering::SeqCst)
}

fn paid_call(to: &str, started_unix_ms: u64, price: u64) -> CallRow {
    let quality = || QualityRow {
        packets: 0,
        lost: 0,
        jitter_ms: 0.0,
        jitter_max_ms: 0.0,
        intruders: 0,
        unauthentic: 0,
        malformed: 0,
        one_way: false,
        fell_silent: false,
        hears_nothing: false,
    };
    CallRow {
        id: to.into(),
        direction: "outgoing".into(),
        from: "201".into(),
        from_name: String::new(),
        to: to.into(),
        class: None,
        price: Some(price),
        spoofed: false,
        withheld: false,
        marks: None,
        line: None,
        answered_by: None,
        transferred_by: None,
        trunk: None,
        started_unix_ms,
        answered_unix_ms: Some(started_unix_ms),
        ended_unix_ms: started_unix_ms + 60_000,
        outcome: "answered".into(),
        cause: None,
        status: 200,
        emergency: false,
        caller: quality(),
        callee: quality(),
        legs: Vec::new(),
    }
}

#[tokio::test]
async fn a_113_what_the_night_cost_is_in_one_mail_of_the_next_morning_also_when_the_box_starts_again() {
    const HOUR_MS: u64 = 3_600_000;
    let mailbox = Mailbox::open(false, Rude::Never).await;
    let server = format!("localhost:{}", mailbox.port);
    let office = office(&server, "starttls", PASSWORD, &["owner@example.org"]);
    let bench = Bench::start_at(office.clone(), &mailbox.certificate, clock);
    let sent = |bench: &Bench, about: &str| {
        let mails = bench.store.mails(0, 50).unwrap();
        mails.into_iter().filter(|mail| mail.about.starts_with(about) && mail.sent_unix_ms.is_some()).count()
    };
    bench.news.send(help("c1")).await.unwrap();
    bench.until("the evening's mail", |bench| (sent(bench, "help/c1") == 1).then_some(())).await;
    assert_eq!(sent(&bench, "digest/"), 0);
    bench.store.insert_call(&paid_call("+4685078", clock() + HOUR_MS, 12_345)).unwrap();
    CLOCK.fetch_add(12 * HOUR_MS, Ordering::SeqCst);
    // It looks at the clock whenever something happens, and else once a minute.
    bench.news.send(help("c2")).await.unwrap();
    bench.until("the morning's mail", |bench| (sent(bench, "digest/day/1792908000000") == 1).then_some(())).await;
    let bench = bench.restarted(office, &mailbox.certificate, clock);
    bench.news.send(help("c3")).await.unwrap();
    bench.until("another mail", |bench| (sent(bench, "help/c3") == 1).then_some(())).await;
    bench.news.send(help("c4")).await.unwrap();
    bench.until("another mail", |bench| (sent(bench, "help/c4") == 1).then_some(())).await;
    assert_eq!(sent(&bench, "digest/"), 1);
    let mails = mailbox.mails();
    let morning: Vec<_> = mails.iter().filter(|mail| mail.text.contains("+4685078")).collect();
    assert!(morning.len() == 1 && morning[0].text.contains("1,24"), "{morning:?}");
}

/// Another clock, for a test of its own.
static ODD_CLOCK: AtomicU64 = AtomicU64::new(1_000);

#[tokio::test]
async fn a_digest_comes_each_morning_and_is_of_the_last_days_also_when_the_clock_was_in_1970_or_far_ahead() {
    const DAY_MS: u64 = 24 * 3_600_000;
    let odd_clock = || ODD_CLOCK.load(Ordering::SeqCst);
    let mailbox = Mailbox::open(false, Rude::Never).await;
    let office = office(&format!("localhost:{}", mailbox.port), "starttls", PASSWORD, &["owner@example.org"]);
    let bench = Bench::start_at(office.clone(), &mailbox.certificate, odd_clock);
    let digests = || {
        let texts = mailbox.mails().into_iter().map(|mail| mail.text);
        texts.filter(|text| !text.contains("Het noodnummer") && !text.contains("a subject")).collect::<Vec<_>>()
    };
    bench.news.send(help("c1")).await.unwrap();
    bench.until("a mail in 1970", |_| (mailbox.mails().len() == 1).then_some(())).await;
    ODD_CLOCK.store(1_792_872_000_000, Ordering::SeqCst);
    bench.news.send(help("c2")).await.unwrap();
    bench.until("the digests", |_| (digests().len() == 2).then_some(())).await;
    assert!(digests().iter().all(|text| !text.contains("1970-")), "{:?}", digests());
    let ahead = NewMail {
        about: format!("digest/day/{}", 2 * odd_clock()),
        stage: 1,
        recipient: "owner@example.org".into(),
        subject: "a subject".into(),
        text: "a text".into(),
        made_unix_ms: odd_clock(),
        next_unix_ms: odd_clock(),
    };
    bench.store.put_mails(vec![ahead]).unwrap();
    let bench = bench.restarted(office, &mailbox.certificate, odd_clock);
    bench.news.send(help("c3")).await.unwrap();
    bench.until("news to be heard", |bench| bench.last("help/c3").filter(|row| row.sent_unix_ms.is_some())).await;
    ODD_CLOCK.fetch_add(DAY_MS, Ordering::SeqCst);
    bench.news.send(help("c4")).await.unwrap();
    bench.until("the next morning's", |_| (digests().len() == 3).then_some(())).await;
}
