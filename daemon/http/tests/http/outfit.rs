//! What is in a phone's place: handsets, expansion modules, and another phone; and the way back to an earlier office.

use axum::http::StatusCode;
use centrale_config::Settled;
use centrale_http::Wish;
use serde_json::{Value, json};

use crate::kit::{Answer, Bench, delete, get, post, put};
use crate::phones::snapshot;

/// A Yealink on its desk.
pub(crate) struct Desk {
    last: u8,
    pub(crate) agent: &'static str,
}

pub(crate) const OLD: Desk = Desk { last: 0x15, agent: "Yealink SIP-T54W 96.86.0.15" };
pub(crate) const NEW: Desk = Desk { last: 0x16, agent: "Yealink SIP-T53 95.86.0.15" };
const OTHER: Desk = Desk { last: 0x17, agent: "Yealink SIP-T42S 66.86.0.15" };
pub(crate) const BASE: Desk = Desk { last: 0x60, agent: "Yealink W60B 77.85.0.25" };

impl Desk {
    pub(crate) fn mac(&self) -> String {
        format!("805ec00000{:02x}", self.last)
    }

    pub(crate) fn path(&self, rest: &str) -> String {
        format!("/api/v1/devices/{}{rest}", self.mac())
    }

    pub(crate) async fn ask(&self, bench: &Bench, folder: &str, in_clear: bool) -> Answer {
        let ask = get(&format!("{folder}{}.cfg", self.mac()));
        let ask = if in_clear { ask.in_clear() } else { ask.without_session() };
        let agent = format!("{} 80:5e:c0:00:00:{:02x}", self.agent, self.last);
        bench.ask(ask.from(&format!("192.168.1.{}", self.last)).header("user-agent", &agent)).await
    }

    /// Boots it in an open window until it waits for somebody's word; gives the folder that it asks from then on.
    pub(crate) async fn wait(&self, bench: &Bench) -> String {
        bench.ask(post("/api/v1/pairing-window").json(&json!({ "minutes": 15 }))).await;
        let first = folder(&self.ask(bench, "/", true).await);
        folder(&self.ask(bench, &first, false).await)
    }

    /// The same, and whoever it is for.
    pub(crate) async fn set_up(&self, bench: &Bench, person: &str) -> (String, Answer) {
        let folder = self.wait(bench).await;
        done(&bench.ask(post(&self.path("/adopt")).json(&json!({ "person": person }))).await);
        let file = self.ask(bench, &folder, false).await;
        assert!(file.text.contains("account.1.password"), "{}", file.text);
        (folder, file)
    }
}

fn folder(file: &Answer) -> String {
    assert_eq!(file.status, StatusCode::OK, "{}", file.text);
    let line = file.text.lines().find(|line| line.starts_with("static.auto_provision.server.url")).unwrap();
    line.split_once(":8443").unwrap().1.trim().to_owned()
}

pub(crate) fn done(answer: &Answer) -> u64 {
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.text);
    answer.json()["revision"].as_u64().unwrap()
}

/// How many accounts a file switches on.
fn accounts(file: &Answer) -> usize {
    (1..=8).filter(|number| file.text.lines().any(|line| line == format!("account.{number}.enable = 1"))).count()
}

pub(crate) async fn office(people: u16) -> Bench {
    let mut bench = Bench::owned().await;
    for number in 201..201 + people {
        bench.add_person(&number.to_string(), &format!("Person {number}")).await;
        bench.wished();
    }
    bench
}

async fn phones(bench: &Bench) -> Value {
    bench.ask(get("/api/v1/office")).await.json()["phones"].clone()
}

/// What the exchange was told last.
fn settled(bench: &mut Bench) -> std::sync::Arc<Settled> {
    let told = bench.wished().into_iter().filter_map(|wish| match wish {
        Wish::Settled(settled, _) => Some(settled),
        _ => None,
    });
    told.last().unwrap()
}

/// Who may register with which phone.
fn usernames(settled: &Settled) -> Vec<&str> {
    let of_phones = settled.credentials.iter().filter(|pair| pair.device.is_some());
    of_phones.map(|pair| pair.username.as_str()).collect()
}

#[tokio::test]
async fn a_phone_that_cannot_register_over_tls_is_told_to_do_without_and_the_page_knows_which_one_it_is() {
    let bench = office(1).await;
    let (folder, file) = OLD.set_up(&bench, "201").await;
    assert!(file.text.contains("account.1.sip_server.1.transport_type = 2"), "{}", file.text);
    let unencrypted = async || phones(&bench).await[0]["unencrypted"].clone();
    assert_eq!(unencrypted().await, false);
    let say = |unencrypted: bool| put(&OLD.path("/unencrypted")).json(&json!({ "unencrypted": unencrypted }));
    done(&bench.ask(say(true)).await);
    assert_eq!(unencrypted().await, true);
    let file = OLD.ask(&bench, &folder, false).await;
    let clear = ["account.1.sip_server.1.transport_type = 0", "account.1.srtp_encryption = 0"];
    assert!(clear.iter().all(|line| file.text.contains(line)), "{}", file.text);
    assert_eq!(snapshot(&bench).await["devices"][0]["registered"], false, "it never did");
    done(&bench.ask(say(false)).await);
    assert_eq!(unencrypted().await, false);
    let nobodys = put("/api/v1/devices/805ec0ffffff/unencrypted").json(&json!({ "unencrypted": true }));
    assert_eq!(bench.ask(nobodys).await.code(), "unknown-device");
}

#[tokio::test]
async fn where_a_phone_stands_is_said_shown_and_kept_when_it_is_given_to_somebody_else() {
    let bench = office(2).await;
    OLD.set_up(&bench, "201").await;
    let room = async || phones(&bench).await[0]["room"].clone();
    assert_eq!(room().await, "");
    let say = |room: &str| put(&OLD.path("/room")).json(&json!({ "room": room }));
    done(&bench.ask(say(" Kitchen ")).await);
    assert_eq!(room().await, "Kitchen");
    let long = bench.ask(say(&"x".repeat(500))).await.problem();
    assert_eq!(long, (422, "name-too-long".into(), Some("room".into())));
    let nobodys = put("/api/v1/devices/805ec0ffffff/room").json(&json!({ "room": "Kitchen" }));
    assert_eq!(bench.ask(nobodys).await.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn handsets_of_a_base_are_listed_added_and_taken_away_one_by_one() {
    let mut bench = office(3).await;
    let (folder, _) = BASE.set_up(&bench, "201").await;
    let give =
        |person: &str, model: &str| put(&BASE.path(&format!("/handsets/{person}"))).json(&json!({ "model": model }));
    let take = |person: &str| delete(&BASE.path(&format!("/handsets/{person}")));
    done(&bench.ask(give("203", "W56H")).await);
    done(&bench.ask(give("202", "")).await);
    let base = phones(&bench).await[0]["base"].clone();
    let handset = |place: u8, person: &str, model: &str| json!({ "place": place, "person": person, "model": model });
    assert_eq!(base["handsets"], json!([handset(1, "201", ""), handset(2, "203", "W56H"), handset(3, "202", "")]));
    assert_eq!((&base["most"], &base["models"][0]), (&json!(8), &json!("W53H")));
    assert_eq!(accounts(&BASE.ask(&bench, &folder, false).await), 3);

    bench.wished();
    done(&bench.ask(take("203")).await);
    let now = settled(&mut bench);
    assert_eq!(usernames(&now), ["201-805ec0000060", "202-805ec0000060"], "gone at once");
    assert_eq!(bench.ask(take("203")).await.problem(), (404, "not-found".into(), Some("person".into())));
    let handsets = phones(&bench).await[0]["base"]["handsets"].clone();
    assert_eq!(handsets, json!([handset(1, "201", ""), handset(3, "202", "")]), "the third stays the third");
    done(&bench.ask(take("202")).await);
    assert_eq!(bench.ask(take("201")).await.problem(), (422, "handsets-empty".into(), Some("handsets".into())));
    assert_eq!(phones(&bench).await[0]["people"], json!(["201"]), "the base stays");
}

#[tokio::test]
async fn a_handset_too_many_of_another_make_or_on_no_base_is_refused_in_a_word() {
    let bench = office(9).await;
    BASE.set_up(&bench, "201").await;
    OLD.set_up(&bench, "201").await;
    let give = |desk: &Desk, person: &str, model: &str| {
        put(&desk.path(&format!("/handsets/{person}"))).json(&json!({ "model": model }))
    };
    let refused = |code: &str, field: &str| (422, code.to_owned(), Some(field.to_owned()));
    assert_eq!(bench.ask(give(&BASE, "202", "T54W")).await.problem(), refused("unknown-handset", "model"));
    assert_eq!(bench.ask(give(&BASE, "299", "")).await.problem(), refused("unknown-person", "person"));
    assert_eq!(bench.ask(give(&OLD, "202", "")).await.problem(), refused("not-a-base", "mac"));
    assert_eq!(bench.ask(give(&NEW, "202", "")).await.code(), "unknown-device");
    for number in 202..=208 {
        done(&bench.ask(give(&BASE, &number.to_string(), "W53H")).await);
    }
    assert_eq!(bench.ask(give(&BASE, "209", "W53H")).await.problem(), refused("handsets-too-many", "mac"));
    done(&bench.ask(give(&BASE, "208", "W56H")).await);
    let eighth = phones(&bench).await[1]["base"]["handsets"][7].clone();
    assert_eq!(eighth, json!({ "place": 8, "person": "208", "model": "W56H" }), "who has one may have another model");
}

#[tokio::test]
async fn expansion_modules_are_as_many_as_the_model_carries_and_the_phone_gets_their_keys() {
    let bench = office(30).await;
    let (folder, file) = OLD.set_up(&bench, "201").await;
    let plug = |desk: &Desk, modules: u64| put(&desk.path("/modules")).json(&json!({ "modules": modules }));
    let kinds = |file: &Answer, keys: [&str; 2]| keys.map(|key| kind_of_key(file, key).to_owned());
    let last_and_first = ["linekey.27", "expansion_module.1.key.1"];
    assert_eq!(kinds(&file, last_and_first), [LAMP, NOTHING], "what fits on the phone");
    let phone = phones(&bench).await[0].clone();
    assert_eq!((&phone["modules"], &phone["most_modules"], &phone["base"]), (&json!(0), &json!(3), &Value::Null));

    done(&bench.ask(plug(&OLD, 2)).await);
    assert_eq!(snapshot(&bench).await["devices"][0]["settings"], "pending", "it is told");
    let file = OLD.ask(&bench, &folder, false).await;
    assert_eq!(kinds(&file, last_and_first), [LAMP, LAMP]);
    assert_eq!(
        kinds(&file, ["expansion_module.1.key.5", "expansion_module.1.key.6"]),
        [LAMP, NOTHING],
        "32 keys in all: 30 people, 2 places to park"
    );
    assert_eq!(snapshot(&bench).await["devices"][0]["settings"], "applied");
    assert_eq!(phones(&bench).await[0]["modules"], 2);

    let refused = (422, "modules-too-many".to_owned(), Some("modules".to_owned()));
    assert_eq!(bench.ask(plug(&OLD, 4)).await.problem(), refused);
    OTHER.set_up(&bench, "202").await;
    assert_eq!(bench.ask(plug(&OTHER, 1)).await.problem(), refused, "this model carries none");
    assert_eq!(bench.ask(plug(&NEW, 1)).await.code(), "unknown-device");
    assert_eq!(bench.ask(plug(&OLD, 300)).await.status, StatusCode::BAD_REQUEST);
}

#[tokio::test]
async fn another_phone_takes_the_place_in_one_change_with_its_own_keys_and_the_old_ones_secret_is_dead() {
    let mut bench = office(30).await;
    let (old_folder, old_file) = OLD.set_up(&bench, "201").await;
    done(&bench.ask(put(&OLD.path("/modules")).json(&json!({ "modules": 2 }))).await);
    let new_folder = NEW.wait(&bench).await;
    bench.wished();
    let before = bench.store.current_revision().unwrap();
    let revision = done(&bench.ask(post(&OLD.path("/replace")).json(&json!({ "by": NEW.mac() }))).await);
    assert_eq!(revision, before + 1, "one change");
    let now = settled(&mut bench);
    assert_eq!((now.revision, usernames(&now)), (revision, Vec::new()), "the old phone's pair is dead");
    assert_eq!(OLD.ask(&bench, &old_folder, false).await.status, StatusCode::NOT_FOUND);

    let file = NEW.ask(&bench, &new_folder, false).await;
    assert!(file.text.contains("account.1.user_name = 201"), "{}", file.text);
    assert_eq!((kind_of_key(&old_file, "linekey.27"), kind_of_key(&file, "linekey.21")), (LAMP, LAMP));
    assert_eq!(kind_of_key(&file, "linekey.22"), NONE, "21 keys, and not 27");
    let on_module = ["expansion_module.1.key.11", "expansion_module.1.key.12"].map(|key| kind_of_key(&file, key));
    assert_eq!(on_module, [LAMP, NOTHING], "what is over is on the module that came along");
    assert_eq!(usernames(&bench.edge.settled().await), ["201-805ec0000016"]);
    let phone = phones(&bench).await;
    assert_eq!((phone.as_array().unwrap().len(), &phone[0]["mac"]), (1, &json!(NEW.mac())));
    assert_eq!((&phone[0]["model"], &phone[0]["people"]), (&json!("T53"), &json!(["201"])));
    let kept = bench.store.devices().unwrap();
    assert_eq!(kept.iter().map(|row| row.mac.to_string()).collect::<Vec<_>>(), [NEW.mac()]);
    assert!(!file.text.contains(&secret(&old_file)), "and the new one has a secret of its own");
}

/// What Yealink calls a lamp and a key without use; and a key that is not in the file.
const LAMP: &str = "16";
const NOTHING: &str = "0";
const NONE: &str = "";

fn kind_of_key<'a>(file: &'a Answer, key: &str) -> &'a str {
    let line = file.text.lines().find_map(|line| line.strip_prefix(key)?.strip_prefix(".type = "));
    line.unwrap_or(NONE)
}

pub(crate) fn secret(file: &Answer) -> String {
    let line = file.text.lines().find(|line| line.starts_with("account.1.password")).unwrap();
    line.split_once('=').unwrap().1.trim().to_owned()
}

#[tokio::test]
async fn a_place_takes_only_modules_that_fit_and_only_a_phone_of_the_same_kind_that_is_nobodys() {
    let bench = office(2).await;
    OLD.set_up(&bench, "201").await;
    done(&bench.ask(put(&OLD.path("/modules")).json(&json!({ "modules": 2 }))).await);
    let replace = |old: &Desk, by: &str| post(&old.path("/replace")).json(&json!({ "by": by }));
    BASE.wait(&bench).await;
    NEW.set_up(&bench, "202").await;
    let refused = |code: &str| (422, code.to_owned(), Some("by".to_owned()));
    let before = bench.store.current_revision().unwrap();
    assert_eq!(bench.ask(replace(&OLD, &BASE.mac())).await.problem(), refused("phone-kind-differs"));
    assert_eq!(bench.ask(replace(&OLD, &NEW.mac())).await.problem(), refused("phone-in-use"));
    assert_eq!(bench.ask(replace(&OLD, &OLD.mac())).await.problem(), refused("phone-in-use"));
    for (old, by) in [(&OLD, OTHER.mac()), (&OLD, "nonsense".to_owned()), (&OTHER, BASE.mac())] {
        assert_eq!(bench.ask(replace(old, &by)).await.code(), "unknown-device");
    }
    assert_eq!(bench.store.current_revision().unwrap(), before);
    OTHER.wait(&bench).await;
    done(&bench.ask(replace(&OLD, &OTHER.mac())).await);
    let phones = phones(&bench).await;
    let place = phones.as_array().unwrap().iter().find(|phone| phone["people"] == json!(["201"])).unwrap();
    assert_eq!((&place["model"], &place["modules"]), (&json!("T42S"), &json!(0)));
}

#[tokio::test]
async fn a_base_is_replaced_with_all_its_handsets() {
    let bench = office(2).await;
    BASE.set_up(&bench, "201").await;
    done(&bench.ask(put(&BASE.path("/handsets/202")).json(&json!({ "model": "W56H" }))).await);
    let spare = Desk { last: 0x61, agent: BASE.agent };
    let folder = spare.wait(&bench).await;
    done(&bench.ask(post(&BASE.path("/replace")).json(&json!({ "by": spare.mac() }))).await);
    assert_eq!(accounts(&spare.ask(&bench, &folder, false).await), 2);
    let second = json!({ "place": 2, "person": "202", "model": "W56H" });
    assert_eq!(phones(&bench).await[0]["base"]["handsets"][1], second);
}

async fn changes(bench: &Bench) -> Vec<Value> {
    bench.ask(get("/api/v1/revisions")).await.json().as_array().unwrap().clone()
}

#[tokio::test]
async fn a_137_an_earlier_office_comes_back_as_a_new_revision_and_dead_secrets_stay_dead() {
    let mut bench = office(2).await;
    let (folder, file) = OLD.set_up(&bench, "201").await;
    let made = bench.ask(post("/api/v1/people/202/password")).await.json();
    let here = bench.store.current_revision().unwrap();
    done(&bench.ask(delete("/api/v1/people/202")).await);
    done(&bench.ask(delete(&OLD.path(""))).await);
    bench.wished();

    let revision = done(&bench.ask(post(&format!("/api/v1/revisions/{here}/revert"))).await);
    assert_eq!(revision, here + 3);
    let office = bench.ask(get("/api/v1/office")).await.json();
    assert_eq!((&office["people"][1]["name"], &office["phones"][0]["mac"]), (&json!("Person 202"), &json!(OLD.mac())));
    let now = settled(&mut bench);
    assert_eq!((now.revision, usernames(&now)), (revision, Vec::new()), "the phone must be set up anew");
    assert!(now.credentials.iter().all(|pair| made["password"] != pair.secret.reveal()));
    assert_eq!(OLD.ask(&bench, &folder, false).await.status, StatusCode::NOT_FOUND);
    assert_ne!(secret(&OLD.set_up(&bench, "201").await.1), secret(&file));

    let change = changes(&bench).await.into_iter().find(|change| change["revision"] == revision).unwrap();
    assert_eq!((&change["who"], &change["why"]), (&json!("admin"), &json!(format!("back to revision {here}"))));
    let told = |matter: &str, subject: &str, name: &str| json!({ "matter": matter, "turn": "added", "subject": subject, "name": name });
    assert_eq!(
        change["differences"],
        json!([told("person", "202", "Person 202"), told("phone", &OLD.mac(), "T54W · Person 201")])
    );
}

#[tokio::test]
async fn there_is_no_way_back_to_a_revision_that_is_not_there() {
    let bench = office(1).await;
    let before = bench.store.current_revision().unwrap();
    for (number, code) in [("0", "no-such-revision"), ("99", "no-such-revision"), ("here", "malformed")] {
        assert_eq!(bench.ask(post(&format!("/api/v1/revisions/{number}/revert"))).await.code(), code, "{number}");
    }
    assert_eq!(bench.store.current_revision().unwrap(), before);
    let same = done(&bench.ask(post(&format!("/api/v1/revisions/{before}/revert"))).await);
    assert_eq!(same, before, "back to now is no change");
    let signed_out = post(&format!("/api/v1/revisions/{before}/revert")).without_session();
    assert_eq!(bench.ask(signed_out).await.status, StatusCode::UNAUTHORIZED);
}
