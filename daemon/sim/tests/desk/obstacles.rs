//! What stands between a phone and its settings: answers that are missing, wrong or cut short, clocks, old TLS. What the
//! person at the phone sees, what the administrator sees, and what gets it going again.

use std::time::Duration;

use bytes::Bytes;
use centrale_provisioning::enrolment::SettingsState;
use centrale_sim::desk::lan::{Lan, Place};
use centrale_sim::desk::{Fetched, Get, Profile, TlsFault};
use centrale_sip::flow::Transport;

use super::{boot, files, office_lan, place, seconds, set_up};

const ANY: fn(&Get) -> bool = |_| true;
const OWN_BOOT: fn(&Get) -> bool = |get| get.file().ends_with(".boot");
const OWN_CONFIG: fn(&Get) -> bool = |get| get.file().ends_with(".cfg");
const CERTIFICATE: fn(&Get) -> bool = |get| get.file() == "ca.pem";
const OVER_TLS: fn(&Get) -> bool = |get| get.url.starts_with("https:");

fn status(status: u16) -> Fetched {
    Fetched::Answer { status, body: Bytes::from_static(b"Not here.\n"), whole: true }
}

/// An open window, and something that answers for the box where it is asked for what `which` says.
fn obstructed(profile: Profile, which: fn(&Get) -> bool, answer: Fetched) -> (Lan, Place) {
    let mut lan = office_lan();
    let phone = place(&mut lan, profile, 1);
    lan.open_window();
    lan.meddle(move |get| which(get).then(|| answer.clone()));
    boot(&mut lan, phone);
    seconds(&mut lan, 70);
    (lan, phone)
}

/// Nothing is in the way any more; the phone is unplugged and plugged in again.
fn comes_round(mut lan: Lan, phone: Place) {
    lan.meddle_no_more();
    set_up(&mut lan, phone, "201");
    assert_eq!(lan.phone(phone).display().title, "201 Person 201");
}

#[test]
fn a_yealink_that_finds_nothing_asks_for_its_four_files_and_says_so() {
    let (lan, phone) = obstructed(Profile::T54W, ANY, status(404));
    let asked = ["805ec0000001.boot", "y000000000000.boot", "y000000000096.cfg", "805ec0000001.cfg"];
    assert_eq!(files(&lan, phone), asked);
    assert_eq!(lan.shown(phone), "No service (no settings found)");
    comes_round(lan, phone);
}

#[test]
fn a_yealink_without_its_boot_file_finds_its_settings_all_the_same() {
    let (mut lan, phone) = obstructed(Profile::T54W, OWN_BOOT, status(404));
    assert_eq!(lan.told(phone), "New: waiting-for-adoption");
    lan.adopt(phone, "201");
    seconds(&mut lan, 70);
    assert!(lan.is_ready(phone), "{}", lan.shown(phone));
}

#[test]
fn a_missing_file_stops_a_phone_and_the_next_boot_in_the_window_mends_it() {
    let (lan, phone) = obstructed(Profile::T54W, OWN_CONFIG, status(404));
    assert_eq!(lan.shown(phone), "No service (no settings found)");
    comes_round(lan, phone);

    let (lan, phone) = obstructed(Profile::T54W, CERTIFICATE, status(404));
    assert_eq!(lan.shown(phone), "No service (certificate not trusted)");
    assert_eq!(lan.told(phone), "SettingUp: tls-not-trusted", "it has its first file and has not come back");
    comes_round(lan, phone);

    let (lan, phone) = obstructed(Profile::D785, ANY, status(404));
    assert_eq!(lan.shown(phone), "No service (no settings found)");
    comes_round(lan, phone);
}

#[test]
fn a_phone_that_is_set_up_goes_on_with_what_it_has_when_a_file_is_missing() {
    for profile in [Profile::T54W, Profile::D785] {
        let mut lan = office_lan();
        let phone = place(&mut lan, profile, 1);
        set_up(&mut lan, phone, "201");
        lan.meddle(|_| Some(status(404)));
        boot(&mut lan, phone);
        seconds(&mut lan, 30);
        assert_eq!(lan.phone(phone).display().title, "201 Person 201", "after a power cut");
        assert_eq!(lan.phone(phone).display().message.as_deref(), Some("no settings found"));
    }
}

#[test]
fn a_server_that_wants_a_password_gets_the_one_that_was_typed_or_none() {
    let (lan, phone) = obstructed(Profile::T54W, ANY, status(401));
    assert_eq!(lan.shown(phone), "No service (server asks for a password)");
    assert!(lan.asked.iter().all(|(_, get)| get.header("Authorization").is_empty()));
    comes_round(lan, phone);

    let mut lan = office_lan();
    let phone = place(&mut lan, Profile::T54W, 1);
    lan.phone(phone).typed_credentials = Some(("autop".into(), "typed".into()));
    lan.open_window();
    lan.meddle(|get| (get.header("Authorization").is_empty() && !CERTIFICATE(get)).then(|| status(401)));
    boot(&mut lan, phone);
    let asked = lan.asked.iter().map(|(_, get)| get.header("Authorization"));
    assert_eq!(asked.take(2).collect::<Vec<_>>(), ["", "Basic YXV0b3A6dHlwZWQ="], "asked again with it");
    assert_eq!(lan.shown(phone), "No service", "and the box minds neither");
}

#[test]
fn a_redirection_leads_nowhere_and_a_captive_portals_page_is_no_settings_file() {
    let (lan, phone) = obstructed(Profile::T54W, ANY, status(302));
    assert_eq!(lan.shown(phone), "No service (no settings found)");
    comes_round(lan, phone);
    for profile in [Profile::T54W, Profile::D785] {
        let portal = Bytes::from_static(b"<html><body>Welcome to our guest network</body></html>");
        let (lan, phone) = obstructed(profile, ANY, Fetched::Answer { status: 200, body: portal, whole: true });
        assert_eq!(lan.shown(phone), "No service (no settings found)");
        comes_round(lan, phone);
    }
}

#[test]
fn a_file_that_breaks_off_is_asked_for_three_times_and_never_half_believed() {
    let half = Bytes::from_static(b"#!version:1.0.0.1\naccount.1.enable = 1\naccount.1.user_name = 2");
    let broken = Fetched::Answer { status: 200, body: half, whole: false };
    let (lan, phone) = obstructed(Profile::T54W, OWN_CONFIG, broken.clone());
    assert_eq!(files(&lan, phone).iter().filter(|file| file.ends_with(".cfg")).count(), 3);
    assert_eq!(lan.shown(phone), "No service (server unreachable)");
    comes_round(lan, phone);

    let mut lan = office_lan();
    let phone = place(&mut lan, Profile::T54W, 1);
    lan.open_window();
    let mut first = true;
    lan.meddle(move |get| (OWN_CONFIG(get) && std::mem::take(&mut first)).then(|| broken.clone()));
    boot(&mut lan, phone);
    seconds(&mut lan, 80);
    assert_eq!(lan.told(phone), "New: waiting-for-adoption", "the second time it was whole");
}

#[test]
fn a_phone_keeps_asking_a_box_that_is_being_restarted() {
    let (mut lan, phone) = obstructed(Profile::T54W, OVER_TLS, Fetched::Nothing);
    assert_eq!(lan.shown(phone), "No service (server unreachable)");
    lan.meddle_no_more();
    assert!(lan.run_until(Duration::from_secs(90), |lan| lan.told(phone) == "New: waiting-for-adoption"));
}

#[test]
fn without_the_internet_the_clock_is_wrong_and_the_phone_works_all_the_same() {
    let mut lan = office_lan();
    lan.internet = false;
    for (number, starts) in [(1, 946_684_800), (2, 0)] {
        let phone = place(&mut lan, Profile::T54W, number);
        lan.phone(phone).clock_starts = starts;
        set_up(&mut lan, phone, "201");
        let now = lan.now();
        assert!(lan.phone(phone).believed_time(now) < 1_000_000_000, "it believes it is long ago");
    }
}

#[test]
fn a_phone_that_is_set_up_takes_nothing_from_who_answers_in_the_boxs_place() {
    for profile in [Profile::T54W, Profile::D785, Profile::D710] {
        let mut lan = office_lan();
        let phone = place(&mut lan, profile, 1);
        set_up(&mut lan, phone, "201");
        let read = lan.served[&phone].len();
        lan.tls.usurped = true;
        boot(&mut lan, phone);
        seconds(&mut lan, 70);
        let shown = lan.shown(phone);
        assert!(shown.starts_with("201 Person 201: not registered"), "{}: {shown}", profile.name);
        assert_eq!(lan.served[&phone].len(), read, "{} reads none of its files", profile.name);
    }
}

#[test]
fn a_phone_whose_tls_is_too_old_is_refused_cleanly_and_gets_no_secret() {
    for profile in [Profile::T46G_OLD, Profile { elliptic: false, ..Profile::T41S }] {
        let mut lan = office_lan();
        let phone = place(&mut lan, profile, 1);
        lan.open_window();
        boot(&mut lan, phone);
        seconds(&mut lan, 70);
        assert_eq!(lan.shown(phone), format!("No service ({})", TlsFault::NothingInCommon.words()));
        let secrets = lan.served[&phone].iter().filter(|(_, body)| String::from_utf8_lossy(body).contains("password"));
        assert_eq!(secrets.count(), 0);
    }
}

#[test]
fn a_phone_that_was_plugged_in_too_early_is_shown_with_the_reason_and_plugged_in_again() {
    let mut lan = office_lan();
    let phone = place(&mut lan, Profile::T54W, 1);
    boot(&mut lan, phone);
    assert_eq!((lan.shown(phone).as_str(), lan.told(phone).as_str()), ("No service", "New: window-closed"));
    lan.open_window();
    seconds(&mut lan, 300);
    assert_eq!(lan.told(phone), "New: window-closed", "a phone asks once per boot");
    comes_round(lan, phone);
}

#[test]
fn a_phone_that_reads_its_settings_and_cannot_register_over_tls_does_so_without_once_somebody_says_so() {
    for profile in [Profile::T54W, Profile::D785] {
        let mut lan = office_lan();
        let phone = place(&mut lan, profile, 1);
        lan.phone(phone).without_sip_tls = true;
        lan.declare(phone, &["201".to_owned()]);
        lan.open_window();
        boot(&mut lan, phone);
        seconds(&mut lan, 300);
        let card = lan.card(phone).unwrap();
        let applied = Some(SettingsState::Applied);
        assert_eq!((lan.told(phone).as_str(), card.settings, card.registered), ("Ready", applied, false));
        assert!(!lan.is_ready(phone), "{}: {}", profile.name, lan.shown(phone));
        lan.office.phones[0].unencrypted = true;
        lan.commit();
        boot(&mut lan, phone);
        seconds(&mut lan, 60);
        assert!(lan.is_ready(phone) && lan.card(phone).unwrap().registered, "{}: {}", profile.name, lan.shown(phone));
        let account = lan.phone(phone).accounts().remove(0);
        assert_eq!((account.transport, account.srtp), (Transport::Udp, false));
        let asked = lan.asked.last().unwrap();
        assert!(asked.1.url.starts_with("https:"), "its settings are as safe as before");
    }
}
