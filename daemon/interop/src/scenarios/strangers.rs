//! The drill: somebody on the office network who knows everything but a secret, and wants one.
//!
//! He knows every MAC address, copies what phones say, replays addresses that he saw, guesses tokens, answers before the
//! box does, and steals a token. He gets the same refusal each time, and each of his ways is counted with its reason.

use std::collections::BTreeMap;
use std::net::{Ipv4Addr, UdpSocket};
use std::thread;
use std::time::Duration;

use serde_json::{Value, json};

use super::setting_up::{ANNA, BRAM, Shop, counted, refused};
use crate::curl::{Answer, Curl};
use crate::failure::Tried;
use crate::lan::with_colons;
use crate::transcript::PATIENCE;
use crate::{Baresip, DeskPhone, Failure, Microphone, OfficeLan, Phone, Place, Result, drill};

/// The stranger's own MAC address: no maker of telephones.
const LAPTOP: &str = "3c970e000066";
/// A phone that is still in its box.
const CAROL: &str = "805ec0000017";
/// A Snom.
const SNOM: &str = "000413000023";
/// A MAC address of a maker that the box knows nothing of.
const FOREIGN: &str = "0004f2000001";
/// What the box says to everybody whom it does not answer.
const REFUSAL: &str = "Not here.\n";
/// How many he sends at a time; the box takes thirty-two of one address.
const AT_ONCE: usize = 16;

/// Sends them, several at a time.
fn send_all(requests: &[Curl]) -> Result<Vec<Answer>> {
    let mut answers = Vec::new();
    for some in requests.chunks(AT_ONCE) {
        let sent = thread::scope(|scope| {
            let sending: Vec<_> = some.iter().map(|request| scope.spawn(|| request.clone().send())).collect();
            sending.into_iter().map(|sent| sent.join().expect("sending does not panic")).collect::<Result<Vec<_>>>()
        });
        answers.extend(sent?);
    }
    Ok(answers)
}

/// Fails unless each was answered with the one refusal, and each was counted for its reason: so many for each of `reasons`,
/// and none for another.
fn all_refused(shop: &Shop, requests: &[Curl], reasons: &[(&str, u64)]) -> Result<Vec<Answer>> {
    let before = refusals(shop)?;
    let answers = send_all(requests)?;
    for (request, answer) in requests.iter().zip(&answers) {
        if (answer.status, answer.body.as_str()) != (404, REFUSAL) {
            return Err(Failure::Unexpected(format!(
                "{request:?} was answered with {} {}",
                answer.status, answer.body
            )));
        }
    }
    let mut counted = refusals(shop)?;
    counted.iter_mut().for_each(|(reason, times)| *times -= before.get(reason).copied().unwrap_or(0));
    counted.retain(|_, times| *times > 0);
    let wanted: BTreeMap<String, u64> = reasons.iter().map(|(reason, times)| ((*reason).to_owned(), *times)).collect();
    if counted == wanted {
        return told(shop, &wanted).map(|()| answers);
    }
    Err(Failure::Unexpected(format!("{} requests were refused as {counted:?} and not as {wanted:?}", requests.len())))
}

/// Fails unless the page tells who was refused for each of these reasons, and shows no token.
fn told(shop: &Shop, reasons: &BTreeMap<String, u64>) -> Result<()> {
    let lines = shop.page.read("refused")?;
    let lines = lines.as_array().map(Vec::as_slice).unwrap_or_default();
    let is_told = |(reason, times): (&String, &u64)| {
        let mut own = lines.iter().filter(|line| line["reason"] == reason.as_str());
        own.any(|line| {
            line["source"].as_str().is_some_and(|source| !source.is_empty()) && line["times"].as_u64() >= Some(*times)
        })
    };
    let is_token = |part: &str| part.len() == 32 && part.bytes().all(|byte| byte.is_ascii_hexdigit());
    let shows = |line: &Value| line["asked"].as_str().unwrap_or_default().split('/').any(is_token);
    if reasons.iter().all(is_told) && !lines.iter().any(shows) {
        return Ok(());
    }
    Err(Failure::Unexpected(format!("of the reasons {reasons:?} the page tells this: {lines:?}")))
}

/// Refusals so far, by reason.
fn refusals(shop: &Shop) -> Result<BTreeMap<String, u64>> {
    let counters = shop.page.read("counters")?;
    let all = counters["counters"].as_array().map(Vec::as_slice).unwrap_or_default();
    let reason = |one: &Value| {
        let reason = one["name"].as_str()?.strip_prefix("provisioning-")?.to_owned();
        Some((reason, one["value"].as_u64()?))
    };
    Ok(all.iter().filter_map(reason).collect())
}

/// A request from his place that says it is a phone.
fn as_phone(place: &Place, mac: &str, url: &str) -> Curl {
    Curl::get(place, url).header("User-Agent", &DeskPhone::user_agent(mac)).trusting_anybody()
}

/// Three phones of the office, one of them set up. He asks for every file under every name, and calls for settings.
pub(super) fn outside_the_window(lan: &mut OfficeLan) -> Result<()> {
    let shop = Shop::open(lan)?;
    let mut phone = DeskPhone::new(&lan.add_desk(ANNA, 21)?, ANNA)?;
    shop.set_up(&mut phone, ANNA, "201")?;
    let password = phone.account()?.password;
    let stranger = lan.add_desk(LAPTOP, 66)?;
    let names = |mac: &str| {
        let (upper, own) = (mac.to_uppercase(), format!("snomD785-{}.htm", mac.to_uppercase()));
        let endings = ["boot", "cfg", "xml"].map(|ending| format!("{mac}.{ending}"));
        endings.into_iter().chain([format!("{upper}.cfg"), own, "y000000000096.cfg".into(), "ca.pem".into()])
    };
    let asked = |mac: &'static str| {
        names(mac).map(|name| as_phone(&stranger, mac, &format!("{}{name}", shop.bootstrap()))).collect::<Vec<_>>()
    };
    let requests = [asked(ANNA), asked(BRAM), asked(CAROL)].concat();
    // Five of seven names say which phone they are for; the others are nobody's.
    let reasons = [("asks-again", 5), ("window-closed", 10), ("no-such-file", 6)];
    all_refused(&shop, &requests, &reasons)?;
    let (done, came) =
        (format!("{} requests for phones' files by a stranger", requests.len()), "every one refused, and shown");
    drill::row("T12, B-12", &done, came, "no file, no secret")?;
    shop.page.wait_for_problem("device-asks-again", ANNA)?;
    shop.page.wait_for_problem("provisioning-guessing", "")?;

    for (mac, state, reason) in [(ANNA, "ready", "asks-again"), (BRAM, "new", "window-closed")] {
        if let Some(url) = DeskPhone::new(&stranger, mac)?.call_for_settings()? {
            return Err(Failure::Unexpected(format!("a stranger was told {url}")));
        }
        shop.page.wait_for_device(mac, state, Some(reason))?;
    }

    phone.read_own(&phone.next_folder()?)?;
    if phone.account()?.password != password {
        return Err(Failure::Unexpected("the phone's password changed, though nobody had touched it".to_owned()));
    }
    shop.page.wait_for_device(ANNA, "ready", None)
}

/// A Snom, a DECT base and an app are set up. He says that he is each of them, in its maker's words, and has seen the app's
/// link: he gets nothing, and the page tells of each of his ways.
pub(super) fn every_kind_of_phone(lan: &mut OfficeLan) -> Result<()> {
    let shop = Shop::open(lan)?;
    let stranger = lan.add_desk(LAPTOP, 66)?;
    set_up_snom(&shop, &lan.add_desk(SNOM, 23)?)?;
    let mut base = DeskPhone::of_model(&lan.add_desk(BRAM, 22)?, BRAM, "W60B")?;
    shop.set_up(&mut base, BRAM, "202")?;
    let link = shop.page.write("POST", "people/201/softphone", &json!({ "in_clear": true }))?;
    let link = link["url"].as_str().unwrap_or_default().to_owned();
    let app = "LinphoneAndroid/5.2.5 (Nokia 6.1) LinphoneSDK/5.3.47 (tags/5.3.47^0)";
    let opened =
        |place: &Place| Curl::get(place, &link).header("User-Agent", app).header("X-Linphone-Provisioning", "1");
    if opened(&lan.add_desk("3c970e000041", 41)?).send()?.status != 200 {
        return Err(Failure::Unexpected("an app was not given its settings".to_owned()));
    }

    let as_one = |agent: &str, name: &str| {
        let url = format!("{}{name}", shop.bootstrap());
        Curl::get(&stranger, &url).header("User-Agent", agent)
    };
    let (snom, base_agent) = (snom_agent(), format!("Yealink W60B 77.85.0.160 {}", with_colons(BRAM)));
    let own = format!("snomD785-{}.htm", SNOM.to_uppercase());
    let asked = [
        as_one(&snom, &own),
        as_one(&snom, &format!("{SNOM}.xml")),
        as_one(&snom, "snomD785.htm"),
        as_one(&base_agent, &format!("{BRAM}.boot")),
        as_one(&base_agent, &format!("{BRAM}.cfg")),
        as_one(&base_agent, "y000000000077.cfg"),
        as_one(app, "l/0123456789abcdef0123456789abcdef").header("X-Linphone-Provisioning", "1"),
    ];
    all_refused(&shop, &asked, &[("asks-again", 4), ("no-such-file", 2), ("token-unknown", 1)])?;
    shop.page.open_window()?;
    let names = [&asked[..2], &asked[3..5]].concat();
    all_refused(&shop, &names, &[("neighbour-differs", 4)])?;
    if opened(&stranger).send()?.status != 410 {
        return Err(Failure::Unexpected("a link was opened twice".to_owned()));
    }
    told(&shop, &BTreeMap::from([("link-used".to_owned(), 1)]))
}

/// What a D785 says it is in every request.
fn snom_agent() -> String {
    let mac = SNOM.to_uppercase();
    format!(
        "Mozilla/4.0 (compatible; snomD785-SIP 10.1.198.19 2010.12-00001-gd311851f1 (Feb 25 2019 - 14:19:43) {mac} SXM:0 \
         UXM:0 UXMC:0)"
    )
}

/// Sets up a D785 for 201, as one asks.
fn set_up_snom(shop: &Shop, desk: &Place) -> Result<()> {
    let read = |url: &str| -> Result<String> {
        let answer = Curl::get(desk, url).header("User-Agent", &snom_agent()).trusting_anybody().send()?;
        let next = answer.body.split("<setting_server perm=\"R\">").nth(1).and_then(|rest| rest.split('<').next());
        let next = next.filter(|_| answer.status == 200).map(str::to_owned);
        next.ok_or_else(|| Failure::Unexpected(format!("a Snom was answered with {} at {url}", answer.status)))
    };
    shop.page.open_window()?;
    let first = read(&format!("{}snomD785-{}.htm", shop.bootstrap(), SNOM.to_uppercase()))?;
    let second = read(&first)?;
    shop.page.adopt(SNOM, "201")?;
    read(&second)?;
    shop.page.wait_for_device(SNOM, "ready", None)?;
    shop.page.close_window()
}

/// He answers the phone's call before the box does, asks in the phone's name, and replays the addresses in clear that he
/// saw go by. In the end the phone is set up all the same.
pub(super) fn inside_the_window(lan: &mut OfficeLan) -> Result<()> {
    let shop = Shop::open(lan)?;
    let mut phone = DeskPhone::new(&lan.add_desk(ANNA, 21)?, ANNA)?;
    let stranger = lan.add_desk(LAPTOP, 66)?;

    // While the box still keeps silent he is the first to answer, and the only one.
    let told = told_by_the_stranger(&stranger, &phone)?;
    if !told.contains(&stranger.address.to_string()) {
        return Err(Failure::Unexpected(format!("the stranger was not the first to answer: {told}")));
    }
    // What he can make of it: what the phone asks him for, he asks the box for, as soon as that answers anybody.
    shop.page.open_window()?;
    let asked =
        ["boot", "cfg"].map(|ending| as_phone(&stranger, ANNA, &format!("{}{ANNA}.{ending}", shop.bootstrap())));
    all_refused(&shop, &asked, &[("neighbour-differs", 2)])?;
    // Nobody said yet that the phone is the office's: the story is about who plays it.
    shop.page.wait_for_problem("device-plays-phones", LAPTOP)?;

    // While the box answers too, the phone believes whoever is quicker. He is as far as before.
    shop.page.open_window()?;
    told_by_the_stranger(&stranger, &phone)?;
    all_refused(&shop, &asked, &[("neighbour-differs", 2)])?;

    // The phone is switched off and on in a new window, and finds the box. He has watched its first request.
    shop.page.open_window()?;
    let seen =
        phone.call_for_settings()?.ok_or_else(|| Failure::Unexpected("the phone was not answered".to_owned()))?;
    phone.read_own(&seen)?;
    let first = phone.next_folder()?;
    // The first address holds nothing that is worth locking the phone out for; the second one does.
    for (folder, reason) in [(&seen, "neighbour-differs"), (&first, "token-misused")] {
        let replayed = as_phone(&stranger, ANNA, &format!("{folder}{ANNA}.cfg"));
        all_refused(&shop, &[replayed], &[(reason, 1)])?;
    }
    shop.page.wait_for_problem("device-token-misused", ANNA)?;
    refused(&phone, &first)?;

    shop.page.open_window()?;
    phone.boot(&shop.bootstrap())?;
    shop.page.adopt(ANNA, "201")?;
    phone.read_own(&phone.next_folder()?)?;
    phone.account().map(drop)
}

/// The phone calls for its settings while he listens, and he answers with an address of his own.
fn told_by_the_stranger(stranger: &Place, phone: &DeskPhone) -> Result<String> {
    let Place { address: std::net::IpAddr::V4(own), .. } = *stranger else {
        return Err(Failure::Unexpected("the stranger has no IPv4 address".to_owned()));
    };
    let group = Ipv4Addr::new(224, 0, 1, 75);
    let ear = stranger.inside(|| {
        let ear = UdpSocket::bind((group, 5060)).tried(|| "listen to the group".to_owned())?;
        ear.join_multicast_v4(&group, &own).tried(|| "join the group".to_owned())?;
        ear.set_read_timeout(Some(PATIENCE)).tried(|| "set a patience".to_owned())?;
        Ok(ear)
    })?;
    let mouth = stranger.inside(|| UdpSocket::bind((own, 0)).tried(|| "take a port".to_owned()))?;
    let told = phone.call_for_settings_after(|| {
        let mut packet = [0; 4096];
        let (length, from) = ear.recv_from(&mut packet).tried(|| "hear the phone".to_owned())?;
        let heard = String::from_utf8_lossy(&packet[..length]).into_owned();
        mouth.send_to(notify(&heard, own).as_bytes(), from).tried(|| format!("answer {from}")).map(drop)
    })?;
    told.ok_or_else(|| Failure::Unexpected("the phone was told nothing at all".to_owned()))
}

/// What answers a phone's SUBSCRIBE with an address at `own`.
fn notify(subscribe: &str, own: Ipv4Addr) -> String {
    let value = |name: &str| {
        let line = subscribe.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(": "));
        line.unwrap_or_default().to_owned()
    };
    let url = format!("http://{own}:8080/b/0123456789abcdef0123456789abcdef/");
    format!(
        "NOTIFY {} SIP/2.0\r\nVia: SIP/2.0/UDP {own}:5060;branch=z9hG4bKstranger\r\nMax-Forwards: 70\r\n\
         From: {};tag=stranger\r\nTo: {}\r\nCall-ID: {}\r\nCSeq: 2 NOTIFY\r\nEvent: ua-profile;effective-by=0\r\n\
         Subscription-State: terminated;reason=timeout\r\nContent-Type: application/url\r\nContent-Length: {}\r\n\r\n{url}",
        value("Contact").trim_matches(['<', '>']),
        value("To"),
        value("From"),
        value("Call-ID"),
        url.len()
    )
}

/// He has the address under which a phone reads its settings, and says he is that phone. Nobody gets them any more.
pub(super) fn stolen_token(lan: &mut OfficeLan) -> Result<()> {
    let shop = Shop::open(lan)?;
    let desk = lan.add_desk(ANNA, 21)?;
    let mut phone = DeskPhone::new(&desk, ANNA)?;
    shop.set_up(&mut phone, ANNA, "201")?;
    let (stolen, account) = (phone.next_folder()?, phone.account()?);
    let mut working = Baresip::start_encrypted(&desk, account.clone(), Microphone::Off)?;
    working.wait_registered()?;
    drop(working);

    let stranger = lan.add_desk(LAPTOP, 66)?;
    all_refused(&shop, &[as_phone(&stranger, ANNA, &format!("{stolen}{ANNA}.cfg"))], &[("token-misused", 1)])?;
    shop.page.wait_for_problem("device-token-misused", ANNA)?;
    shop.page.wait_for_device(ANNA, "failed", Some("token-misused"))?;
    refused(&phone, &stolen)?;

    let mut dead = Baresip::start_encrypted(&desk, account.clone(), Microphone::Off)?;
    dead.wait_registration_refused()?;
    drop(dead);

    // Somebody's word and a new window bring it back, under another secret.
    shop.set_up(&mut phone, ANNA, "201")?;
    if phone.account()?.password == account.password {
        return Err(Failure::Unexpected("the phone was given its old password again".to_owned()));
    }
    Baresip::start_encrypted(&desk, phone.account()?, Microphone::Off)?.wait_registered()
}

/// He has taken the MAC address of a phone that is set up, too. Outside a window that is worth nothing, and inside one
/// it makes him wait for somebody's word, which the phone's next request calls off.
pub(super) fn cloned(lan: &mut OfficeLan) -> Result<()> {
    let shop = Shop::open(lan)?;
    let mut phone = DeskPhone::new(&lan.add_desk(ANNA, 21)?, ANNA)?;
    shop.set_up(&mut phone, ANNA, "201")?;
    let password = phone.account()?.password;
    let mut clone = DeskPhone::new(&lan.add_desk(ANNA, 67)?, ANNA)?;
    refused(&clone, &shop.bootstrap())?;
    counted(&shop, "asks-again", 1)?;

    shop.page.open_window()?;
    clone.boot(&shop.bootstrap())?;
    if clone.account().is_ok() || clone.passwords().contains(&password) {
        return Err(Failure::Unexpected("a clone was given an account".to_owned()));
    }
    shop.page.wait_for_problem("device-asks-again", ANNA)?;
    shop.page.wait_for_device(ANNA, "new", Some("waiting-for-adoption"))?;
    phone.read_own(&phone.next_folder()?)?;
    if phone.account()?.password == password {
        return Ok(());
    }
    Err(Failure::Unexpected("the phone's password changed without anybody's word".to_owned()))
}

/// Forty guesses at each kind of address. From the sixth on each costs him a second.
pub(super) fn guesses(lan: &mut OfficeLan) -> Result<()> {
    let shop = Shop::open(lan)?;
    let mut phone = DeskPhone::new(&lan.add_desk(ANNA, 21)?, ANNA)?;
    shop.set_up(&mut phone, ANNA, "201")?;
    let stranger = lan.add_desk(LAPTOP, 66)?;
    let https = format!("https://{}/", shop.centraled.https_address());
    let guessed = (0..40_u64).flat_map(|number| {
        let token = format!("{:032x}", u128::from(number).wrapping_mul(0x9e37_79b9_7f4a_7c15_f39c_c060_5ced_c835));
        [
            format!("{https}p/{token}/{ANNA}.cfg"),
            format!("{https}l/{token}"),
            format!("{}b/{token}/{ANNA}.cfg", shop.bootstrap()),
        ]
    });
    let requests: Vec<Curl> = guessed.map(|url| as_phone(&stranger, ANNA, &url)).collect();
    let sent = requests.len();
    let answers = all_refused(&shop, &requests, &[("token-unknown", sent as u64)])?;
    let slowed = answers.iter().filter(|answer| answer.took >= Duration::from_secs(1)).count();
    if slowed < sent - 5 {
        return Err(Failure::Unexpected(format!("of {sent} guesses {slowed} were slowed")));
    }
    shop.page.wait_for_problem("provisioning-guessing", "")?;
    phone.read_own(&phone.next_folder()?)
}

/// What no phone sends, and what a phone sends that has lost its mind.
pub(super) fn bad_requests(lan: &mut OfficeLan) -> Result<()> {
    let shop = Shop::open(lan)?;
    let desk = lan.add_desk(ANNA, 21)?;
    let mut phone = DeskPhone::new(&desk, ANNA)?;
    shop.set_up(&mut phone, ANNA, "201")?;
    let (http, steady) = (shop.bootstrap(), phone.next_folder()?);

    // The address of its own file in every way that somebody might write it. Two of them are its file.
    let upper = ANNA.to_uppercase();
    for name in [ANNA, &upper] {
        let answer = as_phone(&desk, ANNA, &format!("{steady}{name}.cfg")).send()?;
        if answer.status != 200 {
            return Err(Failure::Unexpected(format!("{name}.cfg was answered with {}", answer.status)));
        }
    }
    let separated = [with_colons(ANNA), with_colons(&upper), with_colons(ANNA).replace(':', "-")];
    let separated = separated.iter().map(|name| format!("{name}.cfg"));
    let other_models = ["snomD785.htm", "y000000000028.boot", "y000000000999.cfg"].map(str::to_owned);
    let others = [format!("{BRAM}.cfg"), format!("snomD785-{upper}.htm"), format!("{ANNA}.xml")];
    let traversals = ["../../etc/passwd", "..%2f..%2fetc%2fpasswd", "%2e%2e/state/centrale.db", "....//key", "%00"];
    let names: Vec<String> = separated.chain(other_models).chain(others).chain(traversals.map(str::to_owned)).collect();
    let folders = [http.clone(), steady.clone()];
    let asked = names.iter().flat_map(|name| folders.each_ref().map(|folder| format!("{folder}{name}")));
    let asked: Vec<Curl> = asked.map(|url| as_phone(&desk, ANNA, &url)).collect();
    let methods = ["POST", "DELETE", "PROPFIND"]
        .map(|method| as_phone(&desk, ANNA, &format!("{steady}{ANNA}.cfg")).method(method));
    // Two other names of its own and one of Bram's are of phones, and nothing else that was asked for is of any.
    let reasons = [("asks-again", 2), ("window-closed", 1), ("no-such-file", 25), ("method-refused", 3)];
    all_refused(&shop, &[asked, methods.to_vec()].concat(), &reasons)?;

    let large = phone.folder().join("large");
    std::fs::write(&large, vec![b'x'; 10_000_000]).tried(|| "write ten megabytes".to_owned())?;
    for folder in &folders {
        let answer = as_phone(&desk, ANNA, &format!("{folder}{ANNA}.cfg")).upload(&large).send()?;
        if !matches!(answer.status, 404 | 413) {
            return Err(Failure::Unexpected(format!("ten megabytes were answered with {}", answer.status)));
        }
    }
    counted(&shop, "method-refused", 5)?;

    // A maker that the box does not know, in a window: on the list, with the reason.
    let foreign = lan.add_desk(FOREIGN, 31)?;
    shop.page.open_window()?;
    all_refused(&shop, &[as_phone(&foreign, FOREIGN, &format!("{http}{FOREIGN}.cfg"))], &[("maker-unknown", 1)])?;
    shop.page.wait_for_device(FOREIGN, "new", Some("maker-unknown"))?;
    phone.read_own(&steady)
}
