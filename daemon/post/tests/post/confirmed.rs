//! Who is told: whoever showed that mail arrives. Who came is asked, who went hears of it.

use std::sync::Arc;

use centrale_config::Office;
use centrale_store::{Author, Store};

use crate::mailbox::{Kept, Mailbox, PASSWORD, Rude};
use crate::{Bench, help, office, unix_ms};

const OWNER: &str = "owner@example.org";
const THIEF: &str = "thief@example.org";

/// What is typed on the page: the code stands on a line of its own.
fn code_in(mail: &Kept) -> String {
    mail.text.lines().find_map(|line| line.strip_prefix("De code is ")).unwrap().trim().to_owned()
}

fn to(mailbox: &Mailbox, recipient: &str) -> Vec<Kept> {
    mailbox.mails().into_iter().filter(|mail| mail.to == recipient).collect()
}

async fn told(mailbox: &Mailbox, contacts: &[&str]) -> Arc<Office> {
    office(&format!("localhost:{}", mailbox.port), "starttls", PASSWORD, contacts)
}

#[tokio::test]
async fn a_004_a_contact_gets_nothing_but_a_code_until_it_was_typed() {
    let mailbox = Mailbox::open(false, Rude::Never).await;
    let bench = Bench::unconfirmed(told(&mailbox, &[OWNER]).await, &mailbox.certificate);
    let code = code_in(&bench.until("the code", |_| mailbox.mails().pop()).await);
    bench.news.send(help("c1")).await.unwrap();
    bench.until("news to be heard", |bench| (bench.news.capacity() == 16).then_some(())).await;
    assert_eq!(bench.store.confirm_by_code(&code, unix_ms()).unwrap().as_deref(), Some(OWNER));
    bench.news.send(help("c2")).await.unwrap();
    bench.until("the mail", |_| (mailbox.mails().len() == 2).then_some(())).await;
    let about: Vec<String> = bench.store.mails(0, 9).unwrap().into_iter().map(|mail| mail.about).collect();
    assert_eq!(about, ["help/c2".to_owned(), format!("confirm/{OWNER}")]);
}

#[tokio::test]
async fn who_is_put_in_somebody_s_place_is_told_nothing_and_who_went_hears_of_it_once() {
    let mailbox = Mailbox::open(false, Rude::Never).await;
    let bench = Bench::start(told(&mailbox, &[OWNER]).await, &mailbox.certificate);
    bench.news.send(help("c1")).await.unwrap();
    bench.until("a mail", |_| mailbox.mails().pop()).await;
    bench.office.send(told(&mailbox, &[THIEF]).await).unwrap();
    bench.until("both mails", |_| (mailbox.mails().len() == 3).then_some(())).await;
    bench.news.send(help("c2")).await.unwrap();
    bench.until("news to be heard", |bench| (bench.news.capacity() == 16).then_some(())).await;
    let last = to(&mailbox, OWNER).pop().unwrap();
    assert!(last.text.contains("Je krijgt geen meldingen van de centrale meer"), "{}", last.text);
    code_in(&to(&mailbox, THIEF)[0]);
    bench.office.send(told(&mailbox, &[OWNER]).await).unwrap();
    bench.news.send(help("c3")).await.unwrap();
    bench.until("who came back to be told", |bench| bench.last("help/c3").filter(|mail| mail.recipient == OWNER)).await;
    bench.until("it to leave", |_| (to(&mailbox, OWNER).len() == 3).then_some(())).await;
    assert_eq!(to(&mailbox, THIEF).len(), 1, "who never confirmed is not told of the end either");
}

#[tokio::test]
async fn the_last_mail_goes_by_the_server_of_before_when_a_thief_takes_the_server_away_too() {
    let (mailbox, other) = (Mailbox::open(false, Rude::Never).await, Mailbox::open(false, Rude::Never).await);
    let bench = Bench::start(told(&mailbox, &[OWNER]).await, &mailbox.certificate);
    bench.news.send(help("c1")).await.unwrap();
    bench.until("a mail", |_| mailbox.mails().pop()).await;
    bench.office.send(told(&other, &[THIEF]).await).unwrap();
    let last = bench.until("the last mail", |_| mailbox.mails().into_iter().nth(1)).await;
    assert!(last.to == OWNER && last.text.contains("geen meldingen"), "{}", last.text);
}

impl Bench {
    /// Makes an office the next revision, as the page does.
    fn commit(&self, office: Arc<Office>, number: u64) {
        let author = Author { who: "Piet".into(), when_unix_ms: unix_ms(), why: "a change".into() };
        self.store.commit(&office, number - 1, author).unwrap();
        self.office.send(office).unwrap();
    }
}

#[tokio::test]
async fn a_120_who_was_told_before_hears_of_a_change_with_a_code_that_takes_it_back_and_the_new_address_does_not() {
    let mailbox = Mailbox::open(false, Rude::Never).await;
    let before = told(&mailbox, &[OWNER]).await;
    let folder = Bench::confirmed_folder();
    let store = Store::open(folder.path()).unwrap();
    store.commit(&before, 0, Author { who: "Piet".into(), when_unix_ms: 1, why: "first".into() }).unwrap();
    store.close();
    let bench = Bench::over(folder, before, &mailbox.certificate, unix_ms);
    bench.news.send(help("c1")).await.unwrap();
    bench.until("a mail", |_| mailbox.mails().pop()).await;
    bench.commit(told(&mailbox, &[THIEF]).await, 2);
    let is_it = |mail: &Kept| mail.text.contains("een dief ook zou veranderen");
    let mail = bench.until("the change", |_| mailbox.mails().into_iter().find(is_it)).await;
    assert!(mail.to == OWNER && mail.text.contains("Piet"), "{}", mail.text);
    let is_code = |line: &&str| line.len() == 23 && line.split('-').all(|five| five.len() == 5);
    let code = mail.text.lines().find(is_code).unwrap().to_owned();
    let undo = bench.store.undo_by_code(&code, unix_ms()).unwrap().unwrap();
    assert_eq!((undo.before, undo.after, undo.who.as_str()), (1, 2, "Piet"));
    let back = told(&mailbox, &[OWNER]).await;
    let author = Author { who: "Piet".into(), when_unix_ms: unix_ms(), why: "taken back".into() };
    bench.store.take_back(undo.number, &back, 2, author).unwrap();
    bench.office.send(back).unwrap();
    let is_end = |mail: &Kept| mail.text.contains("is teruggedraaid");
    let end = bench.until("that it was taken back", |_| mailbox.mails().into_iter().find(is_end)).await;
    assert!(end.to == OWNER && end.text.lines().find(is_code).is_none(), "{}", end.text);
    assert!(to(&mailbox, THIEF).iter().all(|mail| !is_it(mail) && !is_end(mail)));
    assert_eq!(bench.store.undos().unwrap().len(), 1);
}
