//! A phone from the box it came in to its account, as its own requests go.

use axum::body::to_bytes;
use axum::http::StatusCode;
use bytes::Bytes;
use centrale_alerts::News;
use centrale_call_control::view::{ProblemView, Severity};
use centrale_call_control::{Command, ResyncOutcome, Told};
use centrale_config::{Change, Firmware, Sha256Pin};
use centrale_http::{Bound, Wish};
use centrale_store::Author;
use serde_json::{Value, json};

use crate::kit::{Answer, Ask, Bench, delete, get, post, put};

pub(crate) const MAC: &str = "805ec0000015";
pub(crate) const PHONE: &str = "192.168.1.21";
const USER_AGENT: &str = "Yealink SIP-T54W 96.86.0.15 80:5e:c0:00:00:15";

async fn window(bench: &Bench) -> Answer {
    bench.ask(post("/api/v1/pairing-window").json(&json!({ "minutes": 15 }))).await
}

async fn adopt(bench: &Bench, mac: &str, person: &str) -> Answer {
    bench.ask(post(&format!("/api/v1/devices/{mac}/adopt")).json(&json!({ "person": person }))).await
}

async fn bootstrap(bench: &Bench) -> Answer {
    bench.ask(get(&format!("/{MAC}.cfg")).in_clear().from(PHONE).header("user-agent", USER_AGENT)).await
}

/// The path of the steady folder that a file names.
fn folder(file: &Answer) -> String {
    assert_eq!(file.status, StatusCode::OK, "{}", file.text);
    let line = file.text.lines().find(|line| line.starts_with("static.auto_provision.server.url")).unwrap();
    line.split_once(":8443").unwrap().1.trim().to_owned()
}

pub(crate) async fn steady(bench: &Bench, folder: &str, source: &str) -> Answer {
    let path = format!("{folder}{MAC}.cfg");
    bench.ask(get(&path).without_session().from(source).header("user-agent", USER_AGENT)).await
}

fn password(file: &Answer) -> Option<&str> {
    file.text.lines().find_map(|line| line.strip_prefix("account.1.password")?.split_once('=')).map(|(_, p)| p.trim())
}

/// A phone that has its account, and the folder it asks from now on.
pub(crate) async fn set_up(bench: &Bench) -> String {
    bench.add_person("201", "Anna").await;
    window(bench).await;
    let first = folder(&bootstrap(bench).await);
    let second = folder(&steady(bench, &first, PHONE).await);
    assert_eq!(adopt(bench, MAC, "201").await.status, StatusCode::OK);
    assert!(password(&steady(bench, &second, PHONE).await).is_some());
    second
}

#[tokio::test]
async fn a_phone_is_found_adopted_and_set_up_and_its_password_goes_to_it_alone() {
    let mut bench = Bench::opened().await;
    bench.add_person("201", "Anna").await;
    assert_eq!(bootstrap(&bench).await.status, StatusCode::NOT_FOUND, "no window is open");
    assert!(window(&bench).await.json()["open_until"].as_u64().is_some());

    let first = bootstrap(&bench).await;
    assert!(password(&first).is_none(), "nothing secret in clear");
    let waiting = steady(&bench, &folder(&first), PHONE).await;
    assert!(password(&waiting).is_none(), "nobody said whose it is");
    let second = folder(&waiting);
    bench.wished();

    let revision = adopt(&bench, MAC, "201").await.json()["revision"].as_u64().unwrap();
    let file = steady(&bench, &second, PHONE).await;
    let secret = password(&file).unwrap().to_owned();
    assert_eq!(file.headers["cache-control"], "no-store");
    let credential = bench.wished().into_iter().rev().find_map(|wish| match wish {
        Wish::Settled(settled, _) => {
            settled.credentials.iter().find(|pair| pair.username == format!("201-{MAC}")).cloned()
        }
        _ => None,
    });
    assert_eq!(credential.unwrap().secret.reveal(), secret, "the exchange knows it before the phone does");
    assert_eq!(bench.edge.settled().await.revision, revision);

    bench.ask(get("/api/v1/office")).await;
    bench.ask(get("/api/v1/revisions")).await;
    let asked = |name: &str| name.contains("/api/");
    for (name, answer) in bench.answers().into_iter().filter(|(name, _)| asked(name)) {
        assert!(!answer.contains(&secret) && !answer.contains(second.trim_matches('/')), "{name}");
    }
}

#[tokio::test]
async fn a_restart_forgets_no_phone() {
    let bench = Bench::opened().await;
    let folder = set_up(&bench).await;
    let before = password(&steady(&bench, &folder, PHONE).await).map(str::to_owned);
    let bench = bench.restarted().await;
    let after = password(&steady(&bench, &folder, PHONE).await).map(str::to_owned);
    assert_eq!(after, before);
    let settled = bench.edge.settled().await;
    assert!(settled.credentials.iter().any(|pair| Some(pair.secret.reveal()) == after.as_deref()));
}

#[tokio::test]
async fn a_phone_that_went_to_somebody_else_while_the_box_was_off_is_shown_as_one_that_could_not_be_told() {
    let bench = Bench::opened().await;
    let folder = set_up(&bench).await;
    bench.add_person("202", "Bart").await;
    let (revision, office) = bench.store.office().unwrap().unwrap();
    let change = Change::AdoptPhone { mac: MAC.into(), model: "T54W".into(), person: "202".into() };
    let author = Author { who: "apply".into(), when_unix_ms: 0, why: "office file".into() };
    bench.store.commit(&office.apply(change).unwrap(), revision, author).unwrap();

    let mut bench = bench.restarted().await;
    bench.open_session().await;
    let card = snapshot(&bench).await["devices"][0].clone();
    assert_eq!((&card["settings"], &card["settings_reason"]), (&json!("failed"), &json!("unreachable")));
    assert!(password(&steady(&bench, &folder, PHONE).await).is_some(), "it comes by itself");
    assert_eq!(snapshot(&bench).await["devices"][0]["settings"], "applied");
}

#[tokio::test]
async fn a_token_in_other_hands_locks_the_phone_and_shows_a_problem() {
    let mut bench = Bench::opened().await;
    let folder = set_up(&bench).await;
    bench.wished();
    let thief = steady(&bench, &folder, "192.168.1.99").await;
    let owner = steady(&bench, &folder, PHONE).await;
    let nobody = steady(&bench, "/p/00000000000000000000000000000000/", PHONE).await;
    assert_eq!((thief.status, owner.status), (StatusCode::NOT_FOUND, StatusCode::NOT_FOUND));
    assert_eq!((&thief.text, &owner.text), (&nobody.text, &nobody.text), "all are told the same");
    let still = bench.edge.settled().await.credentials.iter().any(|pair| pair.device.is_some());
    assert!(!still, "its password is dead");
    assert!(bench.wished().iter().any(|wish| matches!(wish, Wish::Settled(_, _))), "and the exchange knows");
    let live = snapshot(&bench).await;
    assert_eq!(
        (&live["problems"][0]["code"], &live["devices"][0]["state"]),
        (&"device-token-misused".into(), &"failed".into())
    );
    bench.ask(delete(&format!("/api/v1/devices/{MAC}"))).await;
    assert_eq!(snapshot(&bench).await["problems"], json!([]));
}

#[tokio::test]
async fn a_136_a_phone_that_is_removed_is_gone_from_everywhere_at_once() {
    let mut bench = Bench::opened().await;
    let folder = set_up(&bench).await;
    bench.wished();
    assert_eq!(bench.ask(post(&format!("/api/v1/devices/{MAC}/resync"))).await.status, StatusCode::ACCEPTED);
    assert!(format!("{:?}", bench.wished()).contains("Resync"));
    assert_eq!(bench.ask(delete(&format!("/api/v1/devices/{MAC}"))).await.status, StatusCode::OK);
    assert_eq!(bench.ask(get("/api/v1/office")).await.json()["phones"], json!([]));
    assert!(bench.store.devices().unwrap().is_empty());
    for asked in [delete(&format!("/api/v1/devices/{MAC}")), post(&format!("/api/v1/devices/{MAC}/resync"))] {
        assert_eq!(bench.ask(asked).await.code(), "not-found");
    }
    assert_eq!(steady(&bench, &folder, PHONE).await.status, StatusCode::NOT_FOUND);
    let card = snapshot(&bench).await["devices"][0].clone();
    assert_eq!((&card["state"], &card["reason"]), (&json!("new"), &json!("token-unknown")), "it is still plugged in");
}

#[tokio::test(start_paused = true)]
async fn a_change_is_told_to_the_phone_by_itself_and_its_card_follows_it() {
    let mut bench = Bench::opened().await;
    let folder = set_up(&bench).await;
    let serving = tokio::spawn(bench_bound(&bench).await.serve());
    bench.wished();
    assert_eq!(snapshot(&bench).await["devices"][0]["settings"], "applied");
    bench.add_person("202", "Bob").await;
    assert_eq!(snapshot(&bench).await["devices"][0]["settings"], "pending");
    let device = loop {
        if let Some(Wish::Command(Command::Resync { device })) = bench.wishes.recv().await {
            break device;
        }
    };
    assert_eq!(device.to_string(), MAC);
    bench.edge.tell(Told::Resynced { device, outcome: ResyncOutcome::Refused(403) });
    let card = loop {
        let card = snapshot(&bench).await["devices"][0].clone();
        if card["settings"] != "pending" {
            break card;
        }
        tokio::task::yield_now().await;
    };
    assert_eq!((&card["settings"], &card["settings_reason"]), (&json!("failed"), &json!("resync-refused")));
    steady(&bench, &folder, PHONE).await;
    assert_eq!(snapshot(&bench).await["devices"][0]["settings"], "applied");
    serving.abort();
}

#[tokio::test]
async fn a_phone_behind_a_router_is_shown_and_gets_nothing_without_a_word() {
    const FAR: &str = "10.8.0.21";
    let bench = Bench::opened().await;
    bench.add_person("201", "Anna").await;
    let ask = || get(&format!("/{MAC}.cfg")).in_clear().from(FAR).header("user-agent", USER_AGENT);
    assert_eq!(bench.ask(ask()).await.status, StatusCode::NOT_FOUND);
    assert_eq!(snapshot(&bench).await["devices"][0]["reason"], "window-closed");
    window(&bench).await;
    let waiting = steady(&bench, &folder(&bench.ask(ask()).await), FAR).await;
    assert!(password(&waiting).is_none());
    assert_eq!(snapshot(&bench).await["devices"][0]["reason"], "waiting-for-adoption");
    assert_eq!(adopt(&bench, MAC, "201").await.status, StatusCode::OK);
    assert!(password(&steady(&bench, &folder(&waiting), FAR).await).is_some());
}

#[tokio::test]
async fn a_phone_of_this_network_that_the_table_does_not_know_is_shown_with_that_reason() {
    let bench = Bench::opened().await;
    window(&bench).await;
    let unknown = get(&format!("/{MAC}.cfg")).in_clear().from("192.168.1.200").header("user-agent", USER_AGENT);
    assert_eq!(bench.ask(unknown).await.status, StatusCode::NOT_FOUND);
    assert_eq!(snapshot(&bench).await["devices"][0]["reason"], "neighbour-differs");
}

#[tokio::test]
async fn a_phone_is_served_without_tls_only_while_somebody_says_so_and_the_page_warns() {
    let bench = Bench::opened().await;
    bench.add_person("201", "Anna").await;
    let plain = |allowed: bool| put(&format!("/api/v1/devices/{MAC}/plain-http")).json(&json!({ "allowed": allowed }));
    assert_eq!(bench.ask(plain(true)).await.code(), "not-found", "nobody heard it yet");
    bootstrap(&bench).await;
    assert_eq!(bench.ask(plain(true)).await.status, StatusCode::NO_CONTENT);
    let problem = snapshot(&bench).await["problems"][0].clone();
    assert_eq!((&problem["code"], &problem["subject"]), (&json!("device-plain-http"), &json!(MAC)));
    window(&bench).await;
    let in_clear = |folder: String| {
        let path = folder.rsplit_once("8080").unwrap().1.to_owned();
        get(&format!("{path}{MAC}.cfg")).in_clear().from(PHONE).header("user-agent", USER_AGENT)
    };
    let server = |file: &Answer| {
        let line = file.text.lines().find(|line| line.starts_with("static.auto_provision.server.url")).unwrap();
        line.to_owned()
    };
    let waiting = bench.ask(in_clear(server(&bootstrap(&bench).await))).await;
    adopt(&bench, MAC, "201").await;
    let file = bench.ask(in_clear(server(&waiting))).await;
    assert!(password(&file).is_some());
    assert_eq!(bench.ask(in_clear(server(&waiting))).await.status, StatusCode::NOT_FOUND, "once");
    assert_eq!(bench.ask(plain(false)).await.status, StatusCode::NO_CONTENT);
    assert!(!bench.edge.settled().await.credentials.iter().any(|pair| pair.device.is_some()), "its password is dead");
    assert_eq!(snapshot(&bench).await["problems"], json!([]));
}

#[tokio::test]
async fn whatever_is_asked_wrongly_gets_one_answer_and_is_counted() {
    let bench = Bench::opened().await;
    let folder = set_up(&bench).await;
    let from = |ask: Ask| ask.from("192.168.1.40").without_session();
    let nothing = bench.ask(from(get("/p/00000000000000000000000000000000/805ec0000015.cfg"))).await;
    let stem = folder.trim_end_matches('/');
    let asked = [
        get(&format!("{folder}80:5e:c0:00:00:15.cfg")),
        get(&format!("{folder}805ec0000016.cfg")),
        get(&format!("{folder}y000000000065.cfg")),
        get(&format!("{folder}snomD785-805EC0000015.htm")),
        get(&format!("{folder}SEP805EC0000015.cnf.xml")),
        get(&format!("{folder}../{MAC}.cfg")),
        get(&format!("{stem}/%2e%2e/%2e%2e/etc/passwd")),
        get(&format!("{stem}//{MAC}.cfg")),
        put(&format!("{folder}{MAC}-local.cfg")).text(&"x".repeat(10 << 20)),
        post(&format!("{folder}{MAC}.cfg")).text("x"),
    ];
    for (number, ask) in asked.into_iter().enumerate() {
        let answer = bench.ask(from(ask)).await;
        assert_eq!((answer.status, &answer.text), (nothing.status, &nothing.text), "number {number}");
    }
    assert!(password(&steady(&bench, &folder, PHONE).await).is_some(), "and none of it hurt the phone");
    let counters = bench.ask(get("/api/v1/counters")).await.json();
    let total = |name: &str| {
        let list = counters["counters"].as_array().unwrap();
        list.iter().find(|one| one["name"].as_str().unwrap().ends_with(name)).map(|one| one["value"].as_u64().unwrap())
    };
    assert_eq!(total("no-such-file"), Some(8));
    assert_eq!(total("method-refused"), Some(2));
}

/// What the page says of a phone.
async fn card(bench: &Bench, mac: &str) -> Value {
    let live = snapshot(bench).await;
    live["devices"].as_array().unwrap().iter().find(|card| card["mac"] == mac).cloned().unwrap_or_default()
}

async fn counted(bench: &Bench, name: &str) -> u64 {
    let counters = bench.ask(get("/api/v1/counters")).await.json();
    let all = counters["counters"].as_array().unwrap();
    all.iter().find(|counter| counter["name"] == name).and_then(|counter| counter["value"].as_u64()).unwrap_or_default()
}

#[tokio::test]
async fn a_phone_may_write_its_address_large_or_small_and_with_separators_it_is_no_phones_name() {
    let bench = Bench::opened().await;
    let folder = set_up(&bench).await;
    let ask =
        |name: &str| get(&format!("{folder}{name}")).without_session().from(PHONE).header("user-agent", USER_AGENT);
    for name in ["805ec0000015.cfg", "805EC0000015.cfg", "805Ec0000015.CFG", "805EC0000015.boot"] {
        assert_eq!(bench.ask(ask(name)).await.status, StatusCode::OK, "{name}");
    }
    let before = counted(&bench, "provisioning-no-such-file").await;
    let odd =
        ["80:5e:c0:00:00:15.cfg", "80-5E-C0-00-00-15.cfg", "80%3A5e%3Ac0%3A00%3A00%3A15.cfg", "805e.c000.0015.cfg"];
    for name in odd {
        let answer = bench.ask(ask(name)).await;
        assert_eq!((answer.status, answer.text.as_str()), (StatusCode::NOT_FOUND, "Not here.\n"), "{name}");
    }
    assert_eq!(counted(&bench, "provisioning-no-such-file").await - before, 4);
    assert_eq!(card(&bench, MAC).await["state"], "ready", "and it goes on");
}

#[tokio::test]
async fn a_phone_that_asks_for_what_there_is_not_is_on_the_page_with_the_reason() {
    let bench = Bench::opened().await;
    let table = [
        // Not a maker of ours by its name, its file and its User-Agent; its address is one, so it may yet be a phone.
        ("805ec0000031", "/805ec0000031.cfg", "SomePhone/1.0", "model-unknown"),
        ("805ec0000032", "/805ec0000032.cfg", "Yealink SIP-T99X 1.2.3.4 80:5e:c0:00:00:32", "model-unknown"),
        // Another model's file, and after it its own.
        ("805ec0000033", "/y000000000065.cfg", "Yealink SIP-T54W 96.86.0.15 80:5e:c0:00:00:33", ""),
        ("805ec0000034", "/p/00000000000000000000000000000000/805ec0000034.cfg", USER_AGENT, "token-unknown"),
    ];
    window(&bench).await;
    for (mac, path, agent, reason) in table {
        let source = format!("192.168.1.{}", u8::from_str_radix(&mac[10..], 16).unwrap());
        let answer = bench.ask(get(path).in_clear().from(&source).header("user-agent", agent)).await;
        assert_eq!((answer.status, answer.text.as_str()), (StatusCode::NOT_FOUND, "Not here.\n"), "{path}");
        assert_eq!(card(&bench, mac).await["reason"].as_str().unwrap_or_default(), reason, "{path}");
    }
    let named = get("/805ec0000033.cfg").in_clear().from("192.168.1.51");
    let agent = "Yealink SIP-T54W 96.86.0.15 80:5e:c0:00:00:33";
    assert_eq!(bench.ask(named.header("user-agent", agent)).await.status, StatusCode::OK);
    assert_eq!(counted(&bench, "provisioning-model-unknown").await, 2);
}

#[tokio::test]
async fn a_phone_of_a_maker_that_the_box_does_not_know_is_on_the_page_and_gets_nothing() {
    let bench = Bench::opened().await;
    window(&bench).await;
    // The neighbour table has this address for it.
    for name in ["aabbcc000007.cfg", "SEPAABBCC000007.cnf.xml", "AA-BB-CC-00-00-07.xml"] {
        let ask = get(&format!("/{name}")).in_clear().from("192.168.2.7").header("user-agent", "Foreign-Phone/1.0");
        assert_eq!(bench.ask(ask).await.text, "Not here.\n", "{name}");
        assert_eq!(card(&bench, "aabbcc000007").await["reason"], "maker-unknown", "{name}");
    }
}

#[tokio::test]
async fn who_asks_wrongly_without_end_is_no_longer_looked_at_and_the_page_says_so() {
    let bench = Bench::opened().await;
    bench.add_person("201", "Anna").await;
    window(&bench).await;
    bootstrap(&bench).await;
    let asks = [
        get("/y000000000096.cfg"),
        get("/../../etc/passwd"),
        get("/b/x"),
        put("/805ec0000015-local.cfg").text("x"),
        get("/SEP805EC0000015.cnf.xml"),
    ];
    for ask in asks.iter().cycle().take(200) {
        let answer = bench.ask(ask.clone().in_clear().from(PHONE)).await;
        assert_eq!((answer.status, answer.text.as_str()), (StatusCode::NOT_FOUND, "Not here.\n"));
    }
    assert_eq!(card(&bench, MAC).await["reason"], "asks-too-often");
    assert!((79..=80).contains(&counted(&bench, "provisioning-asks-too-often").await));
    let other = get("/805ec0000016.cfg").in_clear().from("192.168.1.22");
    let agent = "Yealink SIP-T54W 96.86.0.15 80:5e:c0:00:00:16";
    assert_eq!(bench.ask(other.header("user-agent", agent)).await.status, StatusCode::OK, "a colleague's phone");
}

#[tokio::test]
async fn who_asks_for_phones_files_in_vain_is_told_with_the_reason_and_without_a_token_and_a_flood_is_a_count() {
    let bench = Bench::opened().await;
    let token = "0123456789abcdef0123456789abcdef";
    for _ in 0..50 {
        bench.ask(get(&format!("/p/{token}/{MAC}.cfg")).without_session().from("192.168.1.66")).await;
    }
    bench.ask(get(&format!("/{MAC}.cfg")).in_clear().from("192.168.2.7")).await;
    let told = bench.ask(get("/api/v1/refused")).await;
    assert!(!told.text.contains(token));
    let lines = told.json();
    let line = |at: usize| {
        let word = |key: &str| lines[at][key].as_str().unwrap_or_default().to_owned();
        (word("source"), word("reason"), word("asked"), lines[at]["times"].as_u64().unwrap())
    };
    assert_eq!(line(0), ("192.168.2.7".into(), "window-closed".into(), format!("/{MAC}.cfg"), 1));
    assert_eq!(line(1), ("192.168.1.66".into(), "token-unknown".into(), format!("/p/…/{MAC}.cfg"), 50));
    assert_eq!(lines.as_array().unwrap().len(), 2);
}

#[tokio::test]
async fn over_ipv6_a_phone_on_the_boxs_own_network_does_not_pay_for_who_floods_the_box_from_there() {
    let bench = Bench::opened().await;
    let ask = |source: &str| get("/y000000000096.cfg").in_clear().from(source);
    for _ in 0..200 {
        bench.ask(ask("fd00:1::66")).await;
    }
    let before = counted(&bench, "provisioning-asks-too-often").await;
    assert!(before >= 1);
    for number in 0..10 {
        bench.ask(ask(&format!("fd00:1::{number}"))).await;
    }
    assert_eq!(counted(&bench, "provisioning-asks-too-often").await, before);
}

#[tokio::test]
async fn adopting_refuses_phones_and_people_that_are_not_there() {
    let bench = Bench::opened().await;
    assert_eq!(adopt(&bench, MAC, "201").await.problem(), (404, "unknown-device".into(), None));
    window(&bench).await;
    bootstrap(&bench).await;
    let nobody = (422, "unknown-person".into(), Some("person".into()));
    assert_eq!(adopt(&bench, MAC, "201").await.problem(), nobody);
    assert_eq!(adopt(&bench, MAC, "nobody").await.problem(), nobody);
    assert_eq!(adopt(&bench, "no-mac", "201").await.problem(), (404, "not-found".into(), None));
}

#[tokio::test]
async fn a_closed_window_takes_nobody_in() {
    let bench = Bench::opened().await;
    window(&bench).await;
    assert_eq!(bench.ask(delete("/api/v1/pairing-window")).await.status, StatusCode::NO_CONTENT);
    assert_eq!(bootstrap(&bench).await.status, StatusCode::NOT_FOUND);
    assert_eq!(snapshot(&bench).await["window"], json!({ "open_until": null }));
}

/// The page's question for a soft phone's link.
fn soft_phone(number: &str, in_clear: bool) -> Ask {
    post(&format!("/api/v1/people/{number}/softphone")).json(&json!({ "in_clear": in_clear }))
}

/// What a camera reads in a picture of dark squares, `M<x> <y>h<width>v<height>`.
fn read_qr(svg: &str) -> String {
    let path = svg.split(" d=\"").nth(1).unwrap().split('"').next().unwrap();
    let number = |text: &str| text.parse::<usize>().unwrap();
    let squares: Vec<(usize, usize, usize)> = path
        .split('M')
        .skip(1)
        .map(|square| {
            let (x, rest) = square.split_once([' ', ',']).unwrap();
            let (y, rest) = rest.split_once('h').unwrap();
            (number(x), number(y), number(rest.split_once('v').unwrap().0))
        })
        .collect();
    let (edge, module) = (squares.iter().map(|(x, ..)| *x).min().unwrap(), squares[0].2);
    let modules = 1 + (squares.iter().map(|(x, ..)| *x).max().unwrap() - edge) / module;
    let dark = |x: usize, y: usize| squares.contains(&(edge + x * module, edge + y * module, module));
    let grid = rqrr::Grid::new(rqrr::SimpleGrid::from_func(modules, dark));
    grid.decode().unwrap().1
}

#[tokio::test]
async fn a_soft_phone_is_set_up_by_its_link_once() {
    let bench = Bench::opened().await;
    bench.add_person("201", "Anna").await;
    assert_eq!(bench.ask(soft_phone("299", false)).await.code(), "not-found");
    let link = bench.ask(soft_phone("201", false)).await.json();
    assert_eq!(read_qr(link["qr_svg"].as_str().unwrap()), link["url"].as_str().unwrap(), "the code is the address");
    assert_eq!(link["expires_in_seconds"], 600);
    let path = link["url"].as_str().unwrap().strip_prefix("https://192.168.1.2:8443").unwrap();
    let open = || get(path).without_session().from("192.168.1.80").header("x-linphone-provisioning", "1");
    assert_eq!(bench.ask(get(path).without_session()).await.status, StatusCode::BAD_REQUEST, "not the app");
    let file = bench.ask(open()).await;
    assert_eq!(file.status, StatusCode::OK);
    assert!(file.text.contains("201"));
    assert_eq!(bench.ask(open()).await.status, StatusCode::GONE);
    assert!(bench.edge.settled().await.credentials.iter().any(|pair| pair.device.is_some()));
}

#[tokio::test]
async fn a_soft_phone_that_does_not_know_the_box_is_set_up_in_clear_from_the_offices_network_alone_and_once() {
    let bench = Bench::opened().await;
    bench.add_person("201", "Anna").await;
    let link = bench.ask(soft_phone("201", true)).await.json();
    let path = link["url"].as_str().unwrap().strip_prefix("http://192.168.1.2:8080").unwrap();
    let open = |from: &str| get(path).without_session().in_clear().from(from).header("x-linphone-provisioning", "1");
    // Beyond a router, and on the network but unknown to the neighbour table.
    for from in ["10.9.9.9", "fd00:1::66"] {
        assert_eq!(bench.ask(open(from)).await.status, StatusCode::NOT_FOUND, "{from}");
    }
    let file = bench.ask(open("192.168.2.7")).await;
    assert_eq!(file.status, StatusCode::OK);
    assert!(file.text.contains("auth_info_0"));
    assert_eq!(bench.ask(open("192.168.2.7")).await.status, StatusCode::GONE);
    let safe = bench.ask(soft_phone("201", false)).await.json();
    let path = safe["url"].as_str().unwrap().strip_prefix("https://192.168.1.2:8443").unwrap();
    let asked = get(path).without_session().in_clear().from("192.168.2.7").header("x-linphone-provisioning", "1");
    assert_eq!(bench.ask(asked).await.status, StatusCode::NOT_FOUND);
}

/// The packet of a T54W that starts, at this address.
fn subscribe(mac: &str, address: &str) -> Bytes {
    Bytes::from(format!(
        "SUBSCRIBE sip:MAC{mac}@224.0.1.75 SIP/2.0\r\nVia: SIP/2.0/UDP {address}:5059;branch=z9hG4bK1\r\n\
         From: <sip:MAC{mac}@224.0.1.75>;tag=1\r\nTo: <sip:MAC{mac}@224.0.1.75>\r\nCall-ID: 1@{address}\r\n\
         CSeq: 1 SUBSCRIBE\r\nContact: <sip:MAC{mac}@{address}:5059>\r\nMax-Forwards: 70\r\nExpires: 0\r\n\
         Event: ua-profile;profile-type=\"device\";vendor=\"yealink\";model=\"T54W\";version=\"96.86.0.15\"\r\n\
         Accept: application/url\r\nContent-Length: 0\r\n\r\n"
    ))
}

#[tokio::test(start_paused = true)]
async fn a_phone_that_calls_out_is_told_where_to_go_until_it_confirms() {
    let mut bench = Bench::opened().await;
    window(&bench).await;
    let bound: Bound = bench_bound(&bench).await;
    let serving = tokio::spawn(bound.serve());
    let source = format!("{PHONE}:5059").parse().unwrap();
    bench.edge.hear_pnp(source, "192.168.1.2".parse().unwrap(), subscribe(MAC, PHONE));
    let mut told = Vec::new();
    while told.len() < 3 {
        if let Some(Wish::Datagram { to, local, bytes }) = bench.wishes.recv().await {
            assert_eq!((to, local.to_string().as_str()), (source, "192.168.1.2"));
            told.push(String::from_utf8(bytes.to_vec()).unwrap());
        }
    }
    assert!(told[0].starts_with("SIP/2.0 200"), "{}", told[0]);
    assert!(told[1].starts_with("NOTIFY ") && told[1].contains("http://192.168.1.2:8080/b/"), "{}", told[1]);
    assert_eq!(told[1], told[2], "it is told again");

    let dialog = |name: &str| told[1].lines().find(|line| line.starts_with(name)).unwrap().to_owned();
    let heads = ["Via:", "From:", "To:", "Call-ID:", "CSeq:"].map(dialog).join("\r\n");
    let confirmed = format!("SIP/2.0 200 OK\r\n{heads}\r\nContent-Length: 0\r\n\r\n");
    bench.edge.hear_pnp(source, "192.168.1.2".parse().unwrap(), Bytes::from(confirmed));
    let more = tokio::time::timeout(std::time::Duration::from_secs(60), bench.wishes.recv()).await;
    assert!(more.is_err(), "and no more after it confirmed: {more:?}");

    let url = told[1].rsplit("\r\n\r\n").next().unwrap().split_once(":8080").unwrap().1.to_owned();
    let file = bench.ask(get(&format!("{url}{MAC}.cfg")).in_clear().from(PHONE).header("user-agent", USER_AGENT)).await;
    assert_eq!(file.status, StatusCode::OK);
    serving.abort();
}

#[tokio::test(start_paused = true)]
async fn a_flood_of_packets_from_one_source_takes_nobody_elses_place() {
    let mut bench = Bench::opened().await;
    window(&bench).await;
    let here = "192.168.1.2".parse().unwrap();
    for _ in 0..1000 {
        bench.edge.hear_pnp("192.168.1.66:5059".parse().unwrap(), here, subscribe("805ec0000042", "192.168.1.66"));
    }
    bench.edge.hear_pnp(format!("{PHONE}:5059").parse().unwrap(), here, subscribe(MAC, PHONE));
    let serving = tokio::spawn(bench_bound(&bench).await.serve());
    let offered = async {
        loop {
            if let Some(Wish::Datagram { bytes, to, .. }) = bench.wishes.recv().await
                && to.ip().to_string() == PHONE
                && bytes.starts_with(b"NOTIFY ")
            {
                return;
            }
        }
    };
    tokio::time::timeout(std::time::Duration::from_secs(5), offered).await.expect("it is told where to go");
    serving.abort();
    let counters = bench.ask(get("/api/v1/counters")).await.json();
    let counted = |name: &str| {
        let all = counters["counters"].as_array().unwrap();
        all.iter().find(|counter| counter["name"] == name).map(|counter| counter["value"].as_u64().unwrap())
    };
    assert_eq!(counted("pnp-dropped"), Some(980));
    assert_eq!(counted("provisioning-asks-too-often"), Some(1));
    let live = snapshot(&bench).await;
    let card = live["devices"].as_array().unwrap().iter().find(|card| card["mac"] == "805ec0000042").unwrap();
    assert_eq!(card["reason"], "asks-too-often");
}

#[tokio::test(start_paused = true)]
async fn the_last_packet_that_a_source_may_send_for_now_is_answered_too() {
    let mut bench = Bench::opened().await;
    window(&bench).await;
    let (source, here) = (format!("{PHONE}:5059").parse().unwrap(), "192.168.1.2".parse().unwrap());
    // Somebody writes the phone's address as his own.
    for _ in 0..19 {
        bench.edge.hear_pnp(source, here, subscribe("805ec0000042", PHONE));
    }
    bench.edge.hear_pnp(source, here, subscribe(MAC, PHONE));
    let serving = tokio::spawn(bench_bound(&bench).await.serve());
    let told = async {
        while let Some(wish) = bench.wishes.recv().await {
            if matches!(&wish, Wish::Datagram { to, bytes, .. } if *to == source && bytes.starts_with(b"NOTIFY ")) {
                return;
            }
        }
    };
    tokio::time::timeout(std::time::Duration::from_secs(5), told).await.expect("it is told where to go");
    assert_eq!(counted(&bench, "provisioning-asks-too-often").await, 1);
    serving.abort();
}

pub(crate) async fn bench_bound(bench: &Bench) -> Bound {
    bench.edge.clone().bind().await.unwrap()
}

/// The live state, as a page that opens now sees it.
pub(crate) async fn snapshot(bench: &Bench) -> Value {
    use futures_util::StreamExt as _;
    let response = bench.ask_open(get("/api/v1/events")).await;
    let mut body = response.into_body().into_data_stream();
    let block = body.next().await.unwrap().unwrap();
    let text = std::str::from_utf8(&block).unwrap();
    let data = text.lines().find_map(|line| line.strip_prefix("data: ")).unwrap();
    serde_json::from_str(data).unwrap()
}

#[tokio::test]
async fn a_phone_finds_a_contact_in_its_book_as_soon_as_there_is_one() {
    let bench = Bench::opened().await;
    let folder = set_up(&bench).await;
    let book = || {
        let path = format!("{folder}phonebook.xml?search=molen");
        bench.ask(get(&path).without_session().from(PHONE).header("user-agent", USER_AGENT))
    };
    assert!(!book().await.text.contains("Telephone"));
    let contact = json!({ "name": "Piet", "company": "De Molen", "numbers": ["020 765 43 21"] });
    assert_eq!(bench.ask(post("/api/v1/contacts").json(&contact)).await.status, StatusCode::CREATED);
    let found = book().await.text;
    assert!(found.contains("<Name>Piet (De Molen)</Name>\n    <Telephone>+31207654321</Telephone>"), "{found}");
    bench.ask(delete("/api/v1/contacts/+31207654321")).await;
    assert!(!book().await.text.contains("Telephone"));
}

/// The office's software for the phone, pinned to `content`.
fn pin(bench: &Bench, content: &[u8]) {
    let (revision, mut office) = bench.store.office().unwrap().unwrap();
    let sha256 = ring::digest::digest(&ring::digest::SHA256, content).as_ref().try_into().unwrap();
    let (version, file) = ("96.86.0.100".into(), "T54W-96.86.0.100.rom".into());
    office.firmware =
        vec![Firmware { models: vec!["T54W".into()], version, file, sha256: Sha256Pin::from_octets(sha256) }];
    let author = Author { who: "apply".into(), when_unix_ms: 0, why: "office file".into() };
    bench.store.commit(&office, revision, author).unwrap();
}

#[tokio::test]
async fn a_075_a_phone_reads_the_pinned_software_whole_or_in_parts_and_nothing_else() {
    let mut bench = Bench::opened().await;
    let folder = set_up(&bench).await;
    // Longer than what is read at once, and no two pieces alike.
    let content: Vec<u8> = (0..200_000_u32).flat_map(u32::to_be_bytes).take(300_001).collect();
    let laid = bench.lay_firmware("T54W-96.86.0.100.rom", &content);
    pin(&bench, &content);
    bench.edge.revised().await;
    let told = steady(&bench, &folder, PHONE).await;
    let url = told.text.lines().find_map(|line| line.strip_prefix("static.firmware.url = ")).unwrap().trim();
    let path = url.split_once(":8443").unwrap().1.to_owned();
    let ask = |path: &str| get(path).without_session().from(PHONE).header("user-agent", USER_AGENT);

    let (parts, body) = bench.ask_open(ask(&path)).await.into_parts();
    assert_eq!((parts.status, &parts.headers["accept-ranges"]), (StatusCode::OK, &"bytes".parse().unwrap()));
    assert_eq!(parts.headers["content-length"], "300001");
    assert!(to_bytes(body, 1 << 20).await.unwrap() == content);
    for (range, from, to) in
        [("bytes=0-9", 0, 10), ("bytes=65530-65550", 65_530, 65_551), ("bytes=300000-", 300_000, 300_001)]
    {
        let (parts, body) = bench.ask_open(ask(&path).header("range", range)).await.into_parts();
        assert_eq!(parts.status, StatusCode::PARTIAL_CONTENT);
        assert_eq!(parts.headers["content-range"], format!("bytes {from}-{}/300001", to - 1).as_str());
        assert!(to_bytes(body, 1 << 20).await.unwrap() == content[from..to], "{range}");
    }
    let beyond = bench.ask(ask(&path).header("range", "bytes=300001-")).await;
    assert_eq!((beyond.status.as_u16(), &beyond.headers["content-range"]), (416, &"bytes */300001".parse().unwrap()));
    let stale = ask(&path).header("range", "bytes=0-9").header("if-range", "\"another\"");
    assert_eq!(bench.ask_open(stale).await.status(), StatusCode::OK, "of another file it has all or nothing");

    let problems = async |bench: &Bench| {
        let problems = snapshot(bench).await["problems"].clone();
        let codes = problems.as_array().unwrap().iter().map(|problem| problem["code"].as_str().unwrap().to_owned());
        codes.filter(|code| code.starts_with("firmware")).collect::<Vec<_>>()
    };
    assert!(problems(&bench).await.is_empty());
    let mut other = content.clone();
    other[150_000] ^= 1;
    std::fs::write(&laid, &other).unwrap();
    assert_eq!(bench.ask(ask(&path)).await.status, StatusCode::NOT_FOUND, "one bit is enough");
    assert_eq!(problems(&bench).await, ["firmware-differs"]);
    std::fs::remove_file(&laid).unwrap();
    assert_eq!(bench.ask(ask(&path)).await.status, StatusCode::NOT_FOUND);
    assert_eq!(problems(&bench).await, ["firmware-missing"]);
    std::fs::write(&laid, &content).unwrap();
    assert_eq!(bench.ask_open(ask(&path)).await.status(), StatusCode::OK);
    assert!(problems(&bench).await.is_empty(), "it is as it should be again");
    bench.wished();
}

#[tokio::test]
async fn a_phone_that_reads_its_software_twice_at_once_is_told_to_come_again_for_a_third() {
    let mut bench = Bench::opened().await;
    let folder = set_up(&bench).await;
    let content = vec![7; 300_000];
    bench.lay_firmware("T54W-96.86.0.100.rom", &content);
    pin(&bench, &content);
    bench.edge.revised().await;
    let path = format!("{folder}T54W-96.86.0.100.rom");
    let ask = || bench.ask_open(get(&path).without_session().from(PHONE).header("user-agent", USER_AGENT));
    let (first, second) = (ask().await, ask().await);
    assert_eq!((first.status(), second.status()), (StatusCode::OK, StatusCode::OK));
    let third = ask().await;
    assert_eq!((third.status().as_u16(), &third.headers()["retry-after"]), (503, &"60".parse().unwrap()));
    assert_eq!(counted(&bench, "firmware-too-many").await, 1);
    drop(first);
    assert_eq!(to_bytes(ask().await.into_body(), 1 << 20).await.unwrap(), content, "one was given up");
    bench.wished();
}

#[tokio::test]
async fn a_135_a_phone_whose_password_is_elsewhere_gets_another_one_which_goes_to_it_alone() {
    let mut bench = Bench::opened().await;
    let folder = set_up(&bench).await;
    let before = password(&steady(&bench, &folder, PHONE).await).unwrap().to_owned();
    bench.wished();
    let renew = format!("/api/v1/devices/{MAC}/renew");
    let answer = bench.ask(post(&renew)).await;
    assert_eq!(answer.status, StatusCode::ACCEPTED, "{}", answer.text);
    let after = password(&steady(&bench, &folder, PHONE).await).unwrap().to_owned();
    assert_ne!(before, after);
    let wished = bench.wished();
    let told = |wish: &Wish| matches!(wish, Wish::Command(Command::Resync { device }) if device.to_string() == MAC);
    assert!(wished.iter().any(told), "{wished:?}");
    let settled = wished.iter().find_map(|wish| match wish {
        Wish::Settled(settled, _) => Some(settled),
        _ => None,
    });
    let secrets: Vec<&str> = settled.unwrap().credentials.iter().map(|pair| pair.secret.reveal()).collect();
    assert!(secrets.contains(&after.as_str()) && !secrets.contains(&before.as_str()));
    assert_eq!(bench.ask(post("/api/v1/devices/805ec0000099/renew")).await.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn a_088_all_secrets_are_changed_at_once_each_phone_is_told_and_the_report_for_the_provider_is_ready() {
    let bench = Bench::owned().await;
    let folder = set_up(&bench).await;
    let before = password(&steady(&bench, &folder, PHONE).await).unwrap().to_owned();
    let by_hand = bench.secrets()[0].clone();
    assert_eq!(bench.ask_once(post("/api/v1/secrets")).await.code(), "proof-needed");
    assert_eq!(bench.secrets()[0], by_hand, "a stolen session changes nothing");
    let mut bench = bench.restarted().await;
    bench.open_session().await;
    bench.wished();
    let answer = bench.ask(post("/api/v1/secrets")).await;
    assert_eq!(answer.status, StatusCode::ACCEPTED, "{}", answer.text);
    let done = answer.json();
    assert_eq!((&done["phones"], &done["people"]), (&json!(1), &json!(1)));
    assert_ne!(bench.secrets()[0], by_hand, "also of phones that were set up by hand");
    let wished = bench.wished();
    let told = |wish: &Wish| matches!(wish, Wish::Command(Command::Resync { device }) if device.to_string() == MAC);
    assert!(wished.iter().any(told), "{wished:?}");
    let settled =
        wished.iter().filter_map(|wish| if let Wish::Settled(settled, _) = wish { Some(settled) } else { None });
    let last = settled.last().unwrap();
    assert!(last.credentials.iter().all(|pair| pair.secret.reveal() != before && pair.secret != by_hand));
    let mailed = |wish: &Wish| matches!(wish, Wish::News(News::Story(story)) if story.reached == "suspected");
    assert!(wished.iter().any(mailed), "whoever is told hears of it");
    let after = password(&steady(&bench, &folder, PHONE).await).unwrap().to_owned();
    assert_ne!(before, after, "whoever fetches late gets the new one too");
    let path = format!("/api/v1/incidents/{}/report.json", done["incident"].as_str().unwrap());
    let report = bench.ask(get(&path)).await.json();
    assert_eq!(report["measures"][0], json!({ "what": "secrets-changed", "count": 2 }));
    assert_eq!(report["deadlines"][0]["duty"], "provider", "and is due within a day");
    for secret in [&before, &after] {
        assert!(!report.to_string().contains(secret) && !answer.text.contains(secret));
    }
}

#[tokio::test]
async fn only_the_device_that_was_shown_is_recognised() {
    let mut bench = Bench::opened().await;
    let problem = ProblemView {
        code: "phone-unknown".into(),
        subject: "201".into(),
        severity: Severity::Warning,
        detail: "zoiper, 198.51.100.66".into(),
    };
    bench.edge.tell(Told::Problem(problem));
    bench.wished();
    let recognise = |account: &str, shown: &str| {
        post(&format!("/api/v1/accounts/{account}/recognise")).json(&json!({ "shown": shown }))
    };
    for (account, shown) in [("201", "zoiper, 198.51.100.67"), ("202", "zoiper, 198.51.100.66")] {
        assert_eq!(bench.ask(recognise(account, shown)).await.status, StatusCode::NOT_FOUND);
    }
    assert!(bench.wished().is_empty());
    let right = recognise("201", "zoiper, 198.51.100.66");
    assert_eq!(bench.ask(right).await.status, StatusCode::ACCEPTED);
    let wished = bench.wished();
    assert!(
        matches!(&wished[..], [Wish::Command(Command::Recognise { account, .. })] if account == "201"),
        "{wished:?}"
    );
}
