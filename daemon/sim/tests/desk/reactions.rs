//! What every model does when something is in its way, one table over all of them: each scenario runs with each profile.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};

use bytes::Bytes;
use centrale_provisioning::enrolment::{DeviceState, Effect, Neighbour};
use centrale_sim::desk::lan::{Lan, Place};
use centrale_sim::desk::{Fetched, Get, Maker, OwnCertificate, Profile, TlsFault};

use super::{boot, files, office_lan, place, seconds, set_up};

const WAITING: &str = "New: waiting-for-adoption";

fn answered(status: u16) -> Fetched {
    Fetched::Answer { status, body: Bytes::from_static(b"Not here.\n"), whole: true }
}

fn status(fetched: &Fetched) -> u16 {
    match fetched {
        Fetched::Answer { status, .. } => *status,
        Fetched::Tls(fault) => panic!("{fault:?}"),
        Fetched::Nothing => 0,
    }
}

/// A phone that is in somebody's office and has never had power.
fn untouched(profile: Profile) -> (Lan, Place) {
    let mut lan = office_lan();
    let phone = place(&mut lan, profile, 1);
    (lan, phone)
}

/// A phone that is set up for 201.
fn ready(profile: Profile) -> (Lan, Place) {
    let (mut lan, phone) = untouched(profile);
    set_up(&mut lan, phone, "201");
    assert!(owned(&mut lan, phone), "{}", profile.name);
    (lan, phone)
}

/// It has power and some time to get where it can.
fn tries(lan: &mut Lan, phone: Place) {
    boot(lan, phone);
    seconds(lan, 180);
}

/// Whether it is 201's.
fn owned(lan: &mut Lan, phone: Place) -> bool {
    lan.phone(phone).display().title == "201 Person 201"
}

fn message(lan: &mut Lan, phone: Place) -> String {
    lan.phone(phone).display().message.unwrap_or_default()
}

/// Nothing is in its way any more; it is unplugged and plugged in again.
fn comes_round(mut lan: Lan, phone: Place, why: &str) {
    lan.meddle_no_more();
    set_up(&mut lan, phone, "201");
    assert!(owned(&mut lan, phone), "{why}");
}

fn secrets(lan: &Lan, phone: Place) -> usize {
    let secret = |body: &Bytes| {
        let text = String::from_utf8_lossy(body);
        text.contains("account.1.password") || text.contains("<user_pass")
    };
    lan.served.get(&phone).into_iter().flatten().filter(|(_, body)| secret(body)).count()
}

/// How many requests an untouched phone makes until it waits for a word.
fn steps(profile: Profile) -> usize {
    let (mut lan, phone) = untouched(profile);
    lan.open_window();
    boot(&mut lan, phone);
    assert!(lan.run_until(std::time::Duration::from_secs(300), |lan| lan.told(phone) == WAITING), "{}", profile.name);
    lan.asked.len()
}

/// An untouched phone in an open window; somebody answers its `step`th request (from 0) in the box's place.
fn obstructed(profile: Profile, step: usize, answer: impl Fn(&Get) -> Fetched + 'static) -> (Lan, Place) {
    let (mut lan, phone) = untouched(profile);
    lan.open_window();
    let mut at = 0;
    lan.meddle(move |get| {
        at += 1;
        (at == step + 1).then(|| answer(get))
    });
    tries(&mut lan, phone);
    (lan, phone)
}

#[test]
fn with_nothing_there_every_model_asks_for_its_files_in_its_makers_order() {
    for profile in Profile::DESK.into_iter().chain([Profile::W52P, Profile::T19P_E2_WITHOUT_CURVES]) {
        let (mut lan, phone) = untouched(profile);
        lan.phone(phone).option_66 = Some("http://192.168.1.2:8080/".to_owned());
        lan.phone(phone).change_by_hand("static.auto_provision.pnp_enable", "0");
        lan.phone(phone).change_by_hand("pnp_config", "off");
        lan.meddle(|_| Some(answered(404)));
        boot(&mut lan, phone);
        let mac = lan.phone(phone).mac().to_owned();
        let order = match profile.maker {
            Maker::Snom => {
                let own = profile.pnp_model;
                vec![format!("{own}.htm"), format!("{own}-{}.htm", mac.to_ascii_uppercase())]
            }
            Maker::Yealink | Maker::Linphone => {
                let common = format!("y000000000{:03}.cfg", profile.file_code);
                vec![format!("{mac}.boot"), "y000000000000.boot".to_owned(), common, format!("{mac}.cfg")]
            }
        };
        assert_eq!(files(&lan, phone), order, "{}", profile.name);
        assert_eq!(lan.shown(phone), "No service (no settings found)", "{}", profile.name);
    }
}

#[test]
fn whichever_file_is_missing_redirected_or_denied_the_phone_has_no_service_and_comes_round() {
    for profile in Profile::DESK {
        for step in 0..steps(profile) {
            for code in [404, 302, 401, 500] {
                let (mut lan, phone) = obstructed(profile, step, move |_| answered(code));
                let why = format!("{} {code} at {step}: {} / {}", profile.name, lan.shown(phone), lan.told(phone));
                assert_eq!(lan.phone(phone).registered(), 0, "{why}");
                assert_eq!(secrets(&lan, phone), 0, "{why}");
                assert!(lan.shown(phone).starts_with("No service"), "{why}");
                assert!(!lan.told(phone).starts_with("Ready"), "{why}");
                comes_round(lan, phone, &why);
            }
        }
    }
}

#[test]
fn a_file_that_breaks_off_or_is_shorter_than_it_was_does_not_lead_astray_for_longer_than_the_next_boot() {
    for profile in Profile::DESK {
        for step in 0..steps(profile) {
            for whole in [false, true] {
                let (mut lan, phone) = untouched(profile);
                lan.open_window();
                let mut at = 0;
                // The box's own answer, but half of it. Without a length that tells, the phone takes it for whole.
                lan.meddle_after(move |_, fetched| {
                    at += 1;
                    match fetched {
                        Fetched::Answer { status, body, .. } if at == step + 1 => {
                            Fetched::Answer { status, body: body.slice(..body.len() / 2), whole }
                        }
                        fetched => fetched,
                    }
                });
                tries(&mut lan, phone);
                let why = format!("{} half of {step}, whole {whole}", profile.name);
                assert!(lan.shown(phone).starts_with("No service"), "{why}: {}", lan.shown(phone));
                comes_round(lan, phone, &why);
            }
        }
    }
}

#[test]
fn a_phone_that_is_set_up_keeps_its_owner_whatever_it_is_answered() {
    let page = Fetched::Answer { status: 200, body: Bytes::from_static(b"<html>Welcome, guest</html>"), whole: true };
    let half =
        Fetched::Answer { status: 200, body: Bytes::from_static(b"#!version:1.0.0.1\naccount.1.ena"), whole: false };
    for profile in Profile::DESK {
        for (fetched, words) in [
            (answered(404), "no settings found"),
            (answered(302), "no settings found"),
            (answered(401), "server asks for a password"),
            (answered(503), "server unreachable"),
            (page.clone(), "no settings found"),
            (half.clone(), "server unreachable"),
            (Fetched::Nothing, "server unreachable"),
        ] {
            let (mut lan, phone) = ready(profile);
            let answer = fetched.clone();
            lan.meddle(move |_| Some(answer.clone()));
            boot(&mut lan, phone);
            seconds(&mut lan, 60);
            assert!(
                lan.is_ready(phone) && owned(&mut lan, phone),
                "{} {fetched:?}: {}",
                profile.name,
                lan.shown(phone)
            );
            assert_eq!(message(&mut lan, phone), words, "{} {fetched:?}", profile.name);
        }
    }
}

#[test]
fn a_phone_says_its_password_only_where_it_is_asked_and_only_to_whom_it_is_set_up_with() {
    for profile in Profile::DESK {
        let (mut lan, phone) = untouched(profile);
        let keys = match profile.maker {
            Maker::Snom => ["http_client_user", "http_client_pass"],
            Maker::Yealink | Maker::Linphone => {
                ["static.auto_provision.server.username", "static.auto_provision.server.password"]
            }
        };
        keys.iter().zip(["user", "stored"]).for_each(|(key, value)| lan.phone(phone).change_by_hand(key, value));
        lan.open_window();
        lan.meddle(|get| get.header("Authorization").is_empty().then(|| answered(401)));
        boot(&mut lan, phone);
        let shown: Vec<String> =
            lan.asked.iter().take(2).map(|(_, get)| get.header("Authorization").to_owned()).collect();
        assert_eq!(shown, ["", "Basic dXNlcjpzdG9yZWQ="], "{}", profile.name);
        let aside = lan.asked.iter().filter(|(_, get)| get.file() == "ca.pem");
        assert!(aside.clone().all(|(_, get)| get.header("Authorization").is_empty()), "not to other addresses");
        comes_round(lan, phone, profile.name);
    }
}

#[test]
fn at_the_first_contact_over_tls_nobody_is_believed_but_the_box() {
    for profile in Profile::DESK {
        let (mut lan, phone) = untouched(profile);
        lan.declare(phone, &["201".to_owned()]);
        lan.tls.usurped = true;
        lan.open_window();
        tries(&mut lan, phone);
        assert_eq!(message(&mut lan, phone), TlsFault::UnknownAuthority.words(), "{}", profile.name);
        assert_eq!((secrets(&lan, phone), lan.phone(phone).lines()), (0, 0), "{}", profile.name);
        lan.tls.usurped = false;
        lan.open_window();
        boot(&mut lan, phone);
        seconds(&mut lan, 180);
        assert!(owned(&mut lan, phone), "{}: {} / {}", profile.name, lan.shown(phone), lan.told(phone));
    }
}

#[test]
fn a_phone_that_believes_it_is_the_year_2000_and_hears_of_no_time_server_is_set_up() {
    for profile in Profile::DESK {
        let (mut lan, phone) = untouched(profile);
        lan.internet = false;
        set_up(&mut lan, phone, "201");
        let now = lan.now();
        assert!(lan.phone(phone).believed_time(now) < 1_000_000_000, "{}", profile.name);
        assert!(owned(&mut lan, phone), "{}", profile.name);
    }
}

#[test]
fn a_certificate_from_after_its_clock_stops_any_phone_until_it_learns_the_time() {
    for profile in Profile::DESK {
        let (mut lan, phone) = untouched(profile);
        (lan.internet, lan.tls.not_before) = (false, 1_700_000_000);
        lan.open_window();
        tries(&mut lan, phone);
        assert_eq!(message(&mut lan, phone), TlsFault::NotYetValid.words(), "{}", profile.name);
        lan.internet = true;
        comes_round(lan, phone, profile.name);
    }
}

#[test]
fn an_address_that_was_used_up_opens_nothing_any_more_and_harms_nobody() {
    for profile in Profile::DESK {
        let (mut lan, phone) = ready(profile);
        let thief = place(&mut lan, profile, 2);
        // Until here it asked with the nonce, with the first token and with the second.
        let folders = |lan: &Lan| -> Vec<Get> {
            let mut folders: Vec<Get> = Vec::new();
            for (_, get) in lan.asked.iter().filter(|(by, get)| *by == phone && get.file() != "ca.pem") {
                let folder = |get: &Get| get.url.rsplit_once('/').map(|(folder, _)| folder.to_owned());
                if !folders.iter().any(|known| folder(known) == folder(get)) {
                    folders.push(get.clone());
                }
            }
            folders
        };
        let known = folders(&lan);
        assert_eq!(known.len(), 3, "{}: {known:?}", profile.name);
        for used in &known[..2] {
            for who in [phone, thief] {
                assert_eq!(status(&lan.serve(who, used)), 404, "{} {}", profile.name, used.url);
            }
        }
        assert!(lan.told(phone).starts_with("Ready"), "{}: {}", profile.name, lan.told(phone));
        assert_eq!(status(&lan.serve(phone, &known[2])), 200, "{}", profile.name);
        assert_eq!(status(&lan.serve(thief, &known[2])), 404, "{}", profile.name);
        assert_eq!(lan.told(phone), "Failed: token-misused", "{}", profile.name);
        seconds(&mut lan, 700);
        assert_eq!(message(&mut lan, phone), "wrong user name or password", "{}", profile.name);
        let before = lan.phone(phone).accounts()[0].password.clone();
        lan.phone(phone).factory_reset();
        lan.unplug(phone);
        set_up(&mut lan, phone, "201");
        assert_ne!(lan.phone(phone).accounts()[0].password, before, "{}: under a new secret", profile.name);
    }
}

#[test]
fn an_address_that_the_router_changed_is_no_misfortune_where_anything_vouches_for_the_phone() {
    for profile in Profile::DESK {
        let (mut lan, phone) = ready(profile);
        let (near, far) = ([177, 178]).map(|last| IpAddr::V4(Ipv4Addr::new(192, 168, 1, last))).into();
        lan.phone(phone).move_to(near);
        boot(&mut lan, phone);
        seconds(&mut lan, 20);
        assert!(lan.is_ready(phone), "{}: {} / {}", profile.name, lan.shown(phone), lan.told(phone));
        assert_eq!(lan.told(phone), "Ready", "{}", profile.name);

        lan.phone(phone).move_to(far);
        lan.neighbours.insert(far, Neighbour::Routed);
        boot(&mut lan, phone);
        seconds(&mut lan, 20);
        let shows_key = matches!(profile.certificate, OwnCertificate::Maker | OwnCertificate::MakerOfOld);
        let told = if shows_key { "Ready" } else { "Failed: token-misused" };
        assert_eq!(lan.told(phone), told, "{}: its key tells, or nothing", profile.name);
    }
}

#[test]
fn three_ways_to_be_another_phone_are_refused_to_every_model() {
    for profile in Profile::DESK {
        let (mut lan, phone) = untouched(profile);
        lan.open_window();
        boot(&mut lan, phone);
        let own = lan.asked.iter().rfind(|(_, get)| get.file() != "ca.pem" && get.url.contains("/b/")).cloned();
        let own = own.expect("it asked").1;
        let mac = lan.phone(phone).mac().to_owned();
        let other = format!("{}99", &mac[..10]);
        let other_file = Get { url: own.url.replace(&mac, &other), ..own.clone() };
        assert_eq!(status(&lan.serve(phone, &other_file)), 404, "{} {}", profile.name, other_file.url);
        let agent = Profile { says_mac: true, ..profile }.user_agent(profile.firmware, &other);
        let other_agent = Get { headers: vec![("User-Agent", agent)], ..own.clone() };
        assert_eq!(status(&lan.serve(phone, &other_agent)), 404, "{}", profile.name);
        let address = lan.phone(phone).address();
        lan.neighbours.insert(address, Neighbour::Is(other.parse().unwrap()));
        assert_eq!(status(&lan.serve(phone, &own)), 404, "{}", profile.name);
        assert!(lan.alarmed("device-neighbour-differs"), "{}", profile.name);
        boot(&mut lan, phone);
        seconds(&mut lan, 60);
        assert_eq!(lan.told(phone), "New: neighbour-differs", "{}", profile.name);
        assert!(lan.shown(phone).starts_with("No service"), "{}", profile.name);
        lan.neighbours.clear();
        lan.phone(phone).factory_reset();
        seconds(&mut lan, 60);
        comes_round(lan, phone, profile.name);
    }
}

/// A packet at the multicast group, as Yealink and Snom write theirs.
fn packet(maker: Maker, number: u32, from: SocketAddr) -> Bytes {
    let (uri, vendor, model) = match maker {
        Maker::Snom => (format!("sip:MAC%3a000413{number:06X}@224.0.1.75"), "snom", "snomD785"),
        Maker::Yealink | Maker::Linphone => (format!("sip:MAC805ec0{number:06x}@224.0.1.75"), "yealink", "SIP-T54W"),
    };
    Bytes::from(format!(
        "SUBSCRIBE {uri} SIP/2.0\r\nVia: SIP/2.0/UDP {from};branch=z9hG4bK{number}\r\nFrom: <{uri}>;tag={number}\r\n\
         To: <{uri}>\r\nCall-ID: {number}@{}\r\nCSeq: 1 SUBSCRIBE\r\nContact: <sip:x@{from}>\r\nMax-Forwards: 70\r\n\
         Expires: 0\r\nEvent: ua-profile;profile-type=\"device\";vendor=\"{vendor}\";model=\"{model}\";version=\"1.1.1.1\"\r\n\
         Accept: application/url\r\nContent-Length: 0\r\n\r\n",
        from.ip()
    ))
}

#[test]
fn a_flood_of_packets_keeps_no_model_from_its_owners_name() {
    for profile in Profile::DESK {
        let (mut lan, phone) = untouched(profile);
        lan.open_window();
        let flooder: SocketAddr = "192.168.1.66:5060".parse().unwrap();
        lan.neighbours.insert(flooder.ip(), Neighbour::Routed);
        for number in 0..2_000 {
            lan.hear_pnp(flooder, &packet(profile.maker, number, flooder));
        }
        let answered = lan.effects.iter().filter(|effect| matches!(effect, Effect::Offer { .. })).count();
        assert!(answered <= 8, "{answered} invented phones were answered");
        assert!(lan.enrolment.devices().len() <= 512);
        assert!(lan.enrolment.devices().iter().all(|card| card.state != DeviceState::Ready));
        // Its own packet over and over, from its own place: a phone in a boot loop.
        let own = lan.phone(phone).pnp_address();
        for _ in 0..100 {
            lan.hear_pnp(own, &packet(profile.maker, 1, own));
        }
        seconds(&mut lan, 60);
        set_up(&mut lan, phone, "201");
        assert_eq!(lan.phone(phone).display().title, "201 Person 201", "{}", profile.name);
    }
}

/// NOTIFY check-sync, as from the exchange.
fn told_to_read(lan: &mut Lan, phone: Place, reboot: bool) {
    let here = lan.phone(phone).line_address(0).unwrap();
    let text = format!(
        "NOTIFY sip:201@{here} SIP/2.0\r\nVia: SIP/2.0/UDP 192.168.1.2;branch=z9hG4bK1\r\nFrom: <sip:x@192.168.1.2>;tag=1\r\n\
         To: <sip:201@{here}>\r\nCall-ID: 1\r\nCSeq: 1 NOTIFY\r\nMax-Forwards: 70\r\nEvent: check-sync;reboot={reboot}\r\n\
         Subscription-State: terminated\r\nContent-Length: 0\r\n\r\n"
    );
    lan.hand_in(phone, 0, text.into());
}

#[test]
fn every_model_reads_or_restarts_as_it_is_told_and_as_it_is_set() {
    for profile in Profile::DESK {
        // (the phone's own setting, what the sender says) -> does it restart, does it read at once?
        let table = match profile.maker {
            Maker::Yealink => vec![
                ("0", false, false, true),
                ("0", true, true, false),
                ("1", false, true, false),
                ("1", true, true, false),
                ("2", false, false, false),
                ("2", true, false, false),
            ],
            Maker::Snom | Maker::Linphone => vec![("", false, false, true), ("", true, true, false)],
        };
        for (policy, reboot, restarts, reads) in table {
            let (mut lan, phone) = ready(profile);
            if !policy.is_empty() {
                assert_eq!(lan.phone(phone).setting("sip.notify_reboot_enable"), "0", "as we set it");
                lan.phone(phone).change_by_hand("sip.notify_reboot_enable", policy);
            }
            let asked = lan.asked.len();
            told_to_read(&mut lan, phone, reboot);
            // The phone's answer goes nowhere: the exchange did not ask.
            seconds(&mut lan, 5);
            let why = format!("{} {policy} reboot={reboot}", profile.name);
            assert_eq!((!lan.phone(phone).is_on(), lan.asked.len() > asked), (restarts, reads), "{why}");
            seconds(&mut lan, 120);
            assert!(lan.is_ready(phone), "{why}: it comes back: {}", lan.shown(phone));
        }
    }
}

#[test]
fn a_base_that_the_box_cannot_set_up_is_shown_with_the_reason_and_gets_nothing() {
    let (mut lan, base) = untouched(Profile::W52P);
    lan.open_window();
    tries(&mut lan, base);
    assert_eq!((lan.shown(base).as_str(), lan.told(base).as_str()), ("No service", "New: model-unknown"));
    assert_eq!(lan.served.get(&base), None);
}
