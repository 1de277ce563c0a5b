//! A soft phone's link: works once, for ten minutes, for the app alone.

#![allow(clippy::unwrap_used, reason = "a test fails by panic")]

mod kit;

use std::collections::BTreeMap;

use centrale_provisioning::enrolment::{AdoptError, Answer, ClientCertificate, Effect, HttpRequest, Neighbour, Scheme};
use kit::{Bench, LOCAL, compare, person, text};

fn link(bench: &mut Bench) -> String {
    let moment = bench.moment();
    let anna = "201".parse().unwrap();
    let link = bench.enrolment.softphone_link(moment, &anna, LOCAL, Scheme::Https, &mut bench.rng).unwrap();
    assert_eq!(link.expires_in_seconds, 600);
    assert!(link.url.starts_with("https://192.168.1.2:8443/l/"), "{}", link.url);
    link.url
}

const APP: &str = "LinphoneAndroid/5.2.5 (Nokia 6.1) LinphoneSDK/5.3.47 (tags/5.3.47^0)";

/// A link for an app that knows no certificate of the box.
fn link_in_clear(bench: &mut Bench) -> String {
    let (moment, anna) = (bench.moment(), "201".parse().unwrap());
    let link = bench.enrolment.softphone_link(moment, &anna, LOCAL, Scheme::Http, &mut bench.rng).unwrap();
    assert!(link.url.starts_with("http://192.168.1.2:8080/l/"), "{}", link.url);
    link.url
}

fn open_in_clear(bench: &mut Bench, url: &str, neighbour: Neighbour) -> Answer {
    let path = &url[url.find("/l/").unwrap()..];
    let request = HttpRequest { scheme: Scheme::Http, neighbour, ..app(path, APP, true) };
    let (answer, effects) = bench.enrolment.handle_request(bench.moment(), &request, &mut bench.rng);
    bench.effects.extend(effects);
    answer
}

fn open(bench: &mut Bench, url: &str) -> Answer {
    open_as(bench, url, APP, true)
}

fn open_as(bench: &mut Bench, url: &str, user_agent: &str, linphone_header: bool) -> Answer {
    let request = app(url.strip_prefix("https://192.168.1.2:8443").unwrap(), user_agent, linphone_header);
    let (answer, effects) = bench.enrolment.handle_request(bench.moment(), &request, &mut bench.rng);
    bench.effects.extend(effects);
    answer
}

fn app<'a>(path: &'a str, user_agent: &'a str, linphone_header: bool) -> HttpRequest<'a> {
    HttpRequest {
        scheme: Scheme::Https,
        method: "GET",
        path,
        query: "",
        user_agent: user_agent.as_bytes(),
        linphone_header,
        source: "192.168.1.50".parse().unwrap(),
        local: LOCAL,
        neighbour: Neighbour::Routed,
        certificate: ClientCertificate::None,
    }
}

/// Section and entry, to value.
fn read(answer: &Answer) -> BTreeMap<(String, String), String> {
    let text = text(answer);
    let document = roxmltree::Document::parse(&text).unwrap();
    assert_eq!(document.root_element().tag_name().namespace(), Some("http://www.linphone.org/xsds/lpconfig.xsd"));
    let entries =
        document.descendants().filter(|node| node.has_tag_name(("http://www.linphone.org/xsds/lpconfig.xsd", "entry")));
    let read = |entry: roxmltree::Node<'_, '_>| {
        assert_eq!(entry.attribute("overwrite"), Some("true"), "the app keeps its old value otherwise");
        let section = entry.parent().unwrap().attribute("name").unwrap().to_owned();
        ((section, entry.attribute("name").unwrap().to_owned()), entry.text().unwrap_or_default().to_owned())
    };
    entries.map(read).collect()
}

#[test]
fn the_first_to_open_it_gets_an_account_of_its_own() {
    let mut bench = Bench::new();
    let url = link(&mut bench);
    let answer = open(&mut bench, &url);
    assert_eq!((answer.status, answer.content_type), (200, "application/xml; charset=utf-8"));
    compare("linphone", "Linphone.xml", &text(&answer));
    let settings = read(&answer);
    let value = |section: &str, entry: &str| settings[&(section.to_owned(), entry.to_owned())].clone();
    let [pair] = bench.enrolment.credentials().try_into().unwrap();
    assert_eq!(pair.number.as_str(), "201");
    assert_eq!(value("proxy_0", "reg_identity"), r#""Anna Jansen" <sip:201@192.168.1.2>"#);
    assert_eq!(value("proxy_0", "reg_proxy"), "<sip:192.168.1.2:5061;transport=tls>");
    assert_eq!(value("auth_info_0", "userid"), pair.username);
    assert_eq!(value("auth_info_0", "algorithm"), "SHA-256");
    assert!(!settings.keys().any(|(section, _)| section == "auth_info_1"), "a second digest would replace the first");
    assert_eq!(value("misc", "transient_provisioning"), "1");
    let text = text(&answer);
    assert!(!text.contains(pair.secret.reveal()) && !text.contains("passwd"), "a digest and not the password");
    let view = bench.enrolment.devices().remove(0);
    assert!(view.mac.starts_with("02"), "a made-up address: {}", view.mac);
    assert_eq!((view.vendor.as_str(), view.people.as_slice()), ("linphone", ["201".to_owned()].as_slice()));
    assert!(bench.look().contains(&Effect::CredentialsChanged));
}

#[test]
fn the_digest_is_that_of_the_password() {
    let mut bench = Bench::new();
    let url = link(&mut bench);
    let settings = read(&open(&mut bench, &url));
    let [pair] = bench.enrolment.credentials().try_into().unwrap();
    // A(1) of RFC 7616 3.4.2.
    let text = format!("{}:centrale:{}", pair.username, pair.secret.reveal());
    let hash = ring::digest::digest(&ring::digest::SHA256, text.as_bytes());
    let expected: String = hash.as_ref().iter().map(|byte| format!("{byte:02x}")).collect();
    assert_eq!(settings[&("auth_info_0".into(), "ha1".into())], expected);
}

#[test]
fn the_second_to_open_it_is_told_that_it_was_used() {
    let mut bench = Bench::new();
    let url = link(&mut bench);
    assert_eq!(open(&mut bench, &url).status, 200);
    let again = open(&mut bench, &url);
    assert_eq!(again.status, 410);
    assert_eq!(bench.enrolment.credentials().len(), 1);
    assert_eq!(bench.refused("link-used"), 1);
}

#[test]
fn a_link_whose_answer_did_not_go_out_may_be_opened_again_and_that_accounts_password_is_dead() {
    let mut bench = Bench::new();
    let url = link(&mut bench);
    let lost = read(&open(&mut bench, &url));
    let path = url.strip_prefix("https://192.168.1.2:8443").unwrap();
    let effects = bench.enrolment.handle_not_sent(bench.moment(), Scheme::Https, path);
    assert!(matches!(effects.as_slice(), [Effect::Forget(_), Effect::CredentialsChanged]), "{effects:?}");
    assert_eq!(bench.enrolment.credentials(), []);
    let answer = open(&mut bench, &url);
    assert_eq!(answer.status, 200);
    let digest = ("auth_info_0".to_owned(), "ha1".to_owned());
    assert_ne!(read(&answer)[&digest], lost[&digest]);
    assert_eq!(open(&mut bench, &url).status, 410);
}

#[test]
fn a_look_in_a_browser_does_not_use_it_up() {
    let mut bench = Bench::new();
    let url = link(&mut bench);
    for other in
        ["Mozilla/5.0 (X11; Linux x86_64) Gecko/20100101 Firefox/128.0", "WhatsApp/2.23.20.0", "curl/8.5.0", ""]
    {
        assert_eq!(open_as(&mut bench, &url, other, false).status, 400, "{other}");
    }
    assert_eq!(bench.refused("not-the-app"), 4);
    assert_eq!(open(&mut bench, &url).status, 200);
}

#[test]
fn releases_that_do_not_send_the_header_open_it_too() {
    for app in [APP, "Unknown", "Linphone Desktop/4.2.5 (macOS 10.15, Qt 5)"] {
        let mut bench = Bench::new();
        let url = link(&mut bench);
        assert_eq!(open_as(&mut bench, &url, app, false).status, 200, "{app}");
    }
}

#[test]
fn a_link_in_clear_tells_the_app_to_encrypt_with_whoever_answers_and_a_safe_one_to_check_who_it_is() {
    let neighbour = Neighbour::Is("3c970e000041".parse().unwrap());
    let settings = |answer: &Answer| {
        let settings = read(answer);
        let value = |section: &str, entry: &str| settings[&(section.to_owned(), entry.to_owned())].clone();
        (value("sip", "verify_server_certs"), value("sip", "media_encryption"), value("proxy_0", "reg_proxy"))
    };
    let mut bench = Bench::new();
    let url = link_in_clear(&mut bench);
    let told = open_in_clear(&mut bench, &url, neighbour);
    let (srtp, server) = ("srtp".to_owned(), "<sip:192.168.1.2:5061;transport=tls>".to_owned());
    assert_eq!(settings(&told), ("0".to_owned(), srtp.clone(), server.clone()));
    assert_eq!(open_in_clear(&mut bench, &url, neighbour).status, 410);
    let url = link(&mut bench);
    assert_eq!(settings(&open(&mut bench, &url)), ("1".to_owned(), srtp, server));
}

#[test]
fn a_link_in_clear_is_answered_on_the_boxs_own_networks_alone_and_a_safe_one_is_never_answered_in_clear() {
    let mut bench = Bench::new();
    let url = link_in_clear(&mut bench);
    for (neighbour, reason) in [(Neighbour::Routed, "not-local"), (Neighbour::NoEntry, "neighbour-unknown")] {
        assert_eq!(open_in_clear(&mut bench, &url, neighbour).status, 404);
        assert_eq!(bench.refused(reason), 1);
    }
    assert_eq!(open_in_clear(&mut bench, &url, Neighbour::Loopback).status, 200);
    let safe = link(&mut bench);
    assert_eq!(open_in_clear(&mut bench, &safe, Neighbour::Loopback).status, 404);
    assert_eq!(bench.refused("token-in-clear"), 1);
    assert_eq!(open(&mut bench, &safe).status, 200, "it was not used up");
}

#[test]
fn it_lasts_ten_minutes_and_is_then_forgotten() {
    let mut bench = Bench::new();
    let url = link(&mut bench);
    bench.pass(600);
    assert_eq!(open(&mut bench, &url).status, 410);
    bench.pass(600);
    assert_eq!(open(&mut bench, &url).status, 404);
    assert!(bench.enrolment.credentials().is_empty());
    assert_eq!(bench.enrolment.poll_timeout(), None, "nothing is left to wait for");
}

#[test]
fn an_unknown_link_is_answered_like_anything_unknown() {
    let mut bench = Bench::new();
    let url = format!("https://192.168.1.2:8443/l/{:032x}", 5);
    assert_eq!(open(&mut bench, &url).status, 404);
    assert_eq!(open_as(&mut bench, &url, "curl/8.5.0", false).status, 404);
}

#[test]
fn each_link_makes_another_device_and_a_person_who_leaves_takes_them_along() {
    let mut bench = Bench::new();
    for _ in 0..2 {
        let url = link(&mut bench);
        assert_eq!(open(&mut bench, &url).status, 200);
    }
    let pairs = bench.enrolment.credentials();
    assert_ne!(pairs[0].username, pairs[1].username);
    assert_ne!(pairs[0].secret, pairs[1].secret);
    bench.office.people.retain(|person| person.number.as_str() != "201");
    bench.settle();
    assert!(bench.enrolment.credentials().is_empty());
}

#[test]
fn nobody_gets_a_link_for_nobody_and_a_name_cannot_break_the_address() {
    let mut bench = Bench::new();
    let (moment, nobody) = (bench.moment(), "299".parse().unwrap());
    let refused = bench.enrolment.softphone_link(moment, &nobody, LOCAL, Scheme::Https, &mut bench.rng);
    assert_eq!(refused.map(|link| link.url), Err(AdoptError::UnknownPerson));
    bench.office.people[0] = person("201", "Anna\" <sip:666@evil.example>; \\\r\n</entry>");
    bench.settle();
    let url = link(&mut bench);
    let settings = read(&open(&mut bench, &url));
    let identity = &settings[&("proxy_0".into(), "reg_identity".into())];
    assert_eq!(identity.matches('"').count(), 2);
    assert!(identity.ends_with("\" <sip:201@192.168.1.2>") && identity.matches('<').count() == 1, "{identity}");
}
