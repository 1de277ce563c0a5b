//! Linphone: a link that is opened once, and what the app keeps of it.

use bytes::Bytes;
use centrale_provisioning::enrolment::{DeviceView, Neighbour};
use centrale_sim::desk::lan::{Lan, Place};
use centrale_sim::desk::{Fetched, Get, Profile};
use centrale_sip::flow::Transport;

use super::{boot, office_lan, place, seconds, set_up};

const APPS: [Profile; 4] =
    [Profile::LINPHONE_ANDROID, Profile::LINPHONE_IOS, Profile::LINPHONE_DESKTOP, Profile::LINPHONE_DEBIAN];

/// An app that was started for the first time, on a device that trusts the box.
fn started(profile: Profile) -> (Lan, Place) {
    let mut lan = office_lan();
    let app = place(&mut lan, profile, 1);
    lan.install_authority(app);
    boot(&mut lan, app);
    (lan, app)
}

/// The cards of apps on the page.
fn cards(lan: &Lan) -> Vec<DeviceView> {
    lan.enrolment.devices().into_iter().filter(|card| card.vendor == "linphone").collect()
}

fn refused(lan: &Lan, code: &str) -> u64 {
    lan.enrolment.refusals().filter(|(refusal, _)| refusal.code() == code).map(|(_, times)| times).sum()
}

#[test]
fn an_app_that_is_shown_the_code_registers_with_the_digest_it_read_and_calls() {
    for profile in APPS {
        let (mut lan, app) = started(profile);
        let colleague = place(&mut lan, Profile::D785, 2);
        set_up(&mut lan, colleague, "202");
        lan.phone(colleague).answer_always();
        assert_eq!(lan.shown(app), "No service", "an app that was shown nothing asks nobody");
        let link = lan.link("201");
        lan.scan(app, &link);
        seconds(&mut lan, 10);
        assert_eq!(lan.shown(app), "Person 201", "{profile:?}");
        assert!(lan.is_ready(app));
        let account = lan.phone(app).accounts().remove(0);
        assert_eq!((account.password.as_str(), account.digest.is_some()), ("", true), "a digest and no password");
        let asked: Vec<&Get> = lan.asked.iter().filter(|(by, _)| *by == app).map(|(_, get)| get).collect();
        assert_eq!(asked.len(), 1);
        assert_eq!(asked[0].header("X-Linphone-Provisioning") == "1", profile.says_linphone);
        lan.dial(app, "202");
        seconds(&mut lan, 200);
        let stories = lan.phone(app).take_stories();
        assert!(stories[0].heard.values().any(|packets| *packets > 0), "they hear each other");
        assert_eq!(cards(&lan).len(), 1);
    }
}

#[test]
fn the_second_to_scan_the_same_code_is_told_that_it_failed_and_the_first_goes_on() {
    let (mut lan, app) = started(Profile::LINPHONE_ANDROID);
    let link = lan.link("201");
    lan.scan(app, &link);
    seconds(&mut lan, 10);
    let other = place(&mut lan, Profile::LINPHONE_IOS, 2);
    lan.install_authority(other);
    boot(&mut lan, other);
    lan.scan(other, &link);
    seconds(&mut lan, 10);
    assert_eq!(lan.shown(other), "No service (provisioning failed)");
    let get = lan.asked.last().cloned().unwrap().1;
    assert!(matches!(lan.serve(other, &get), Fetched::Answer { status: 410, .. }));
    assert_eq!(refused(&lan, "link-used"), 2);
    assert_eq!((lan.shown(app).as_str(), cards(&lan).len()), ("Person 201", 1));
}

#[test]
fn an_app_forgets_the_link_and_starts_again_with_what_it_has() {
    let (mut lan, app) = started(Profile::LINPHONE_DESKTOP);
    let link = lan.link("201");
    lan.scan(app, &link);
    seconds(&mut lan, 10);
    assert_eq!(lan.phone(app).setting("misc/config-uri"), "");
    boot(&mut lan, app);
    assert_eq!(lan.shown(app), "Person 201");
    assert_eq!(lan.asked.len(), 1, "it was opened once in its life");
}

#[test]
fn an_app_that_is_not_told_to_forget_its_link_asks_at_each_start_and_keeps_its_account_when_that_fails() {
    let (mut lan, app) = started(Profile::LINPHONE_ANDROID);
    lan.meddle_after(|_, fetched| match fetched {
        Fetched::Answer { status: 200, body, whole } => {
            let text = String::from_utf8_lossy(&body);
            let text = text.replace(
                "transient_provisioning\" overwrite=\"true\">1",
                "transient_provisioning\" overwrite=\"true\">0",
            );
            Fetched::Answer { status: 200, body: Bytes::from(text), whole }
        }
        fetched => fetched,
    });
    let link = lan.link("201");
    lan.scan(app, &link);
    seconds(&mut lan, 10);
    assert_eq!(lan.shown(app), "Person 201");
    boot(&mut lan, app);
    assert_eq!(lan.shown(app), "Person 201 (provisioning failed)", "which is why we tell it to forget");
    assert!(lan.is_ready(app));
}

#[test]
fn what_was_set_before_stays_where_the_file_does_not_say_otherwise_and_secrets_of_before_go() {
    let (mut lan, app) = started(Profile::LINPHONE_ANDROID);
    for (key, value) in [
        ("proxy_0/reg_identity", "\"Somebody\" <sip:old@elsewhere.example>"),
        ("auth_info_0/passwd", "of another provider"),
        ("auth_info_1/username", "old"),
        ("sip/media_encryption", "none"),
        ("sound/ringer_dev_id", "Loud"),
    ] {
        lan.phone(app).change_by_hand(key, value);
    }
    let link = lan.link("201");
    lan.scan(app, &link);
    seconds(&mut lan, 10);
    assert_eq!(lan.shown(app), "Person 201");
    let setting = |lan: &mut Lan, key: &str| lan.phone(app).setting(key).to_owned();
    assert_eq!(setting(&mut lan, "sip/media_encryption"), "srtp");
    assert_eq!(setting(&mut lan, "sound/ringer_dev_id"), "Loud", "its own business");
    assert_eq!(setting(&mut lan, "auth_info_0/passwd"), "");
    assert_eq!(setting(&mut lan, "auth_info_1/username"), "");
}

#[test]
fn whatever_a_link_is_answered_but_a_configuration_leaves_the_app_as_it_was() {
    let answer = |status, body: &'static str, whole| Fetched::Answer {
        status,
        body: Bytes::from_static(body.as_bytes()),
        whole,
    };
    let obstacles = [
        (answer(404, "", true), "provisioning failed"),
        (answer(302, "", true), "provisioning failed"),
        (answer(401, "", true), "server asks for a password"),
        (answer(500, "", true), "provisioning failed"),
        (answer(200, "<html>Welcome, guest</html>", true), "provisioning failed"),
        (answer(200, "<config xmlns=\"http://www.linphone.org/xsds/lpconfig.xsd\"><sec", true), "provisioning failed"),
        (answer(200, "<config xmlns=\"http://www.linphone.org/xsds/lpconfig.xsd\"/>", false), "provisioning failed"),
        (Fetched::Nothing, "provisioning failed"),
    ];
    for (fetched, words) in obstacles {
        let (mut lan, app) = started(Profile::LINPHONE_ANDROID);
        let link = lan.link("201");
        let again = fetched.clone();
        lan.meddle(move |_| Some(again.clone()));
        lan.scan(app, &link);
        seconds(&mut lan, 30);
        assert_eq!(lan.shown(app), format!("No service ({words})"), "{fetched:?}");
        lan.meddle_no_more();
        lan.scan(app, &link);
        seconds(&mut lan, 10);
        assert_eq!(lan.shown(app), "Person 201", "the link was not used up: {fetched:?}");
    }
}

#[test]
fn an_app_as_it_comes_from_the_shop_is_set_up_by_the_code_in_clear_and_speaks_encrypted() {
    for profile in APPS {
        let mut lan = office_lan();
        let app = place(&mut lan, profile, 1);
        boot(&mut lan, app);
        let colleague = place(&mut lan, Profile::D785, 2);
        set_up(&mut lan, colleague, "202");
        lan.phone(colleague).answer_always();
        let link = lan.link_in_clear("201");
        assert!(link.starts_with("http://"), "{link}");
        lan.scan(app, &link);
        seconds(&mut lan, 10);
        assert_eq!(lan.shown(app), "Person 201", "{profile:?}");
        let account = lan.phone(app).accounts().remove(0);
        assert_eq!((account.transport, account.srtp), (Transport::Tls, true), "{profile:?}");
        lan.dial(app, "202");
        seconds(&mut lan, 200);
        let stories = lan.phone(app).take_stories();
        assert!(stories[0].heard.values().any(|packets| *packets > 0), "they hear each other");
        let other = place(&mut lan, Profile::LINPHONE_IOS, 3);
        boot(&mut lan, other);
        lan.scan(other, &link);
        seconds(&mut lan, 10);
        assert_eq!(lan.shown(other), "No service (provisioning failed)", "it worked once");
        assert_eq!((refused(&lan, "link-used"), cards(&lan).len()), (1, 1));
    }
}

#[test]
fn a_code_in_clear_opens_nothing_from_beyond_a_router_and_is_still_good_on_the_offices_network() {
    for (neighbour, reason) in [(Neighbour::Routed, "not-local"), (Neighbour::NoEntry, "neighbour-unknown")] {
        let mut lan = office_lan();
        let app = place(&mut lan, Profile::LINPHONE_ANDROID, 1);
        boot(&mut lan, app);
        let link = lan.link_in_clear("201");
        let address = lan.phone(app).address();
        lan.neighbours.insert(address, neighbour);
        lan.scan(app, &link);
        seconds(&mut lan, 10);
        assert_eq!(lan.shown(app), "No service (provisioning failed)");
        assert_eq!((refused(&lan, reason), cards(&lan).len()), (1, 0), "{neighbour:?}");
        lan.neighbours.clear();
        lan.scan(app, &link);
        seconds(&mut lan, 10);
        assert_eq!(lan.shown(app), "Person 201");
    }
}

#[test]
fn an_app_whose_device_does_not_trust_the_box_is_not_served_and_can_be_later_with_the_same_link() {
    let mut lan = office_lan();
    let app = place(&mut lan, Profile::LINPHONE_ANDROID, 1);
    boot(&mut lan, app);
    let link = lan.link("201");
    lan.scan(app, &link);
    seconds(&mut lan, 10);
    assert_eq!(lan.shown(app), "No service (certificate not trusted)");
    assert_eq!(cards(&lan).len(), 0);
    lan.install_authority(app);
    lan.scan(app, &link);
    seconds(&mut lan, 10);
    assert_eq!(lan.shown(app), "Person 201");
}

#[test]
fn an_app_that_is_taken_away_or_whose_person_leaves_can_call_no_more() {
    for leaves in [false, true] {
        let (mut lan, app) = started(Profile::LINPHONE_ANDROID);
        let link = lan.link("201");
        lan.scan(app, &link);
        seconds(&mut lan, 10);
        assert!(lan.is_ready(app));
        if leaves {
            lan.office.people.retain(|person| person.number.as_str() != "201");
            lan.commit();
        } else {
            let mac = cards(&lan)[0].mac.parse().unwrap();
            lan.remove_device(mac);
        }
        assert!(cards(&lan).is_empty());
        seconds(&mut lan, 1200);
        assert_eq!(lan.shown(app), "Person 201: not registered (wrong user name or password)");
    }
}
