//! Somebody on the same network who knows every MAC address and copies every User-Agent gets no secret, and each try is
//! counted or told.

#![allow(clippy::unwrap_used, reason = "a test fails by panic")]

mod kit;

use std::collections::BTreeSet;
use std::net::IpAddr;
use std::time::Duration;

use centrale_config::Mac;
use centrale_provisioning::enrolment::{
    AlarmKind, ClientCertificate, Distrust, Effect, HttpRequest, Issuer, Neighbour, Scheme,
};
use kit::{Bench, LOCAL, Settings, TestPhone, firmware, own_certificate};

fn alarms(bench: &mut Bench) -> BTreeSet<AlarmKind> {
    let kinds = bench.look().into_iter().filter_map(|effect| match effect {
        Effect::Alarm(alarm) => Some(alarm.kind),
        _ => None,
    });
    kinds.collect()
}

/// The stranger's own machine, dressed up as the phone.
fn disguised(phone: &TestPhone) -> TestPhone {
    let own = Mac::from_octets([0x02, 0xbb, 0, 0, 0, 1]);
    TestPhone { address: "192.168.1.66".parse().unwrap(), neighbour: Neighbour::Is(own), ..phone.clone() }
}

fn enrolled(bench: &mut Bench, phone: &TestPhone) -> Settings {
    bench.open_window();
    let settings = bench.enrol(phone, "201");
    bench.read_settings(phone, settings.server()).unwrap();
    let effects = bench.enrolment.close_window();
    bench.effects.extend(effects);
    bench.look();
    settings
}

#[test]
fn a_045_knowing_every_mac_address_opens_nothing() {
    let mut bench = Bench::new();
    let phone = TestPhone::yealink("T46S", 20);
    enrolled(&mut bench, &phone);
    let stranger = disguised(&phone);
    let names = ["805ec0000014.boot", "805ec0000014.cfg", "y000000000066.cfg", "805EC0000014.CFG", "ca.pem"];
    let mut answers = BTreeSet::new();
    for folder in ["http://192.168.1.2:8080/", "http://192.168.1.2:8080/b/", "https://192.168.1.2:8443/p/"] {
        for name in names {
            let answer = bench.get(&stranger, &format!("{folder}{name}"));
            answers.insert((answer.status, answer.body.to_vec(), answer.content_type));
        }
    }
    assert_eq!(answers.len(), 1, "one answer to everything");
    assert_eq!(answers.first().map(|(status, ..)| *status), Some(404));
}

#[test]
fn in_an_open_window_a_copied_mac_address_is_betrayed_by_the_neighbour_table() {
    let mut bench = Bench::new();
    let phone = TestPhone::yealink("T46S", 20);
    bench.declare(&phone, "T46S", "201");
    bench.open_window();
    let stranger = disguised(&phone);
    assert_eq!(bench.pnp(&stranger), None);
    assert_eq!(bench.state(&phone), ("New".into(), Some("neighbour-differs".into())));
    assert_eq!(bench.read_settings(&stranger, "http://192.168.1.2:8080/"), None);
    assert_eq!(alarms(&mut bench), BTreeSet::from([AlarmKind::NeighbourDiffers]));
    assert!(bench.boot(&phone).unwrap().password().is_some(), "the phone itself is not harmed");
}

#[test]
fn a_first_packet_before_the_table_knows_is_answered_but_the_file_is_not_given() {
    let mut bench = Bench::new();
    bench.open_window();
    let phone = TestPhone { neighbour: Neighbour::NoEntry, ..TestPhone::yealink("T46S", 20) };
    let url = bench.pnp(&phone).unwrap();
    assert_eq!(bench.read_settings(&phone, &url), None);
    assert_eq!(bench.state(&phone), ("SettingUp".into(), Some("neighbour-unknown".into())));
    assert_eq!(bench.refused("neighbour-unknown"), 2, "each of its requests was refused for that");
    let known = TestPhone { neighbour: Neighbour::Is(phone.mac), ..phone };
    assert!(bench.read_settings(&known, &url).is_some());
}

#[test]
fn an_overheard_bootstrap_address_is_worth_nothing_elsewhere() {
    let mut bench = Bench::new();
    let phone = TestPhone::yealink("T46S", 20);
    bench.declare(&phone, "T46S", "201");
    bench.open_window();
    let url = bench.pnp(&phone).unwrap();
    let stranger = TestPhone { neighbour: Neighbour::Routed, ..disguised(&phone) };
    assert_eq!(bench.read_settings(&stranger, &url), None);
    let bootstrap = bench.read_settings(&phone, &url).unwrap();
    assert!(bench.read_settings(&phone, bootstrap.server()).unwrap().password().is_some());
}

#[test]
fn an_overheard_first_token_dies_with_its_abuse() {
    let mut bench = Bench::new();
    let phone = TestPhone::yealink("T46S", 20);
    bench.declare(&phone, "T46S", "201");
    bench.open_window();
    let url = bench.pnp(&phone).unwrap();
    let bootstrap = bench.read_settings(&phone, &url).unwrap();
    assert_eq!(bench.read_settings(&disguised(&phone), bootstrap.server()), None);
    assert_eq!(alarms(&mut bench), BTreeSet::from([AlarmKind::TokenMisused]));
    assert_eq!(bench.read_settings(&phone, bootstrap.server()), None, "for everybody");
    assert!(bench.enrolment.credentials().is_empty());
    bench.pass(60);
    assert!(bench.boot(&phone).is_some(), "the phone's next boot starts over");
}

#[test]
fn a_stolen_steady_token_kills_the_secret_it_led_to() {
    let phone = TestPhone::yealink("T46S", 20);
    let own = disguised(&phone);
    let thieves = [
        own.clone(),
        TestPhone { neighbour: Neighbour::Routed, ..own.clone() },
        TestPhone { address: phone.address, ..own.clone() },
        TestPhone { user_agent: "curl/8.5.0".into(), ..phone.clone() },
        TestPhone { user_agent: "Yealink SIP-T54W 96.86.0.70".into(), ..phone.clone() },
        TestPhone { user_agent: "Yealink SIP-T46S 66.86.0.15 00:15:65:00:00:01".into(), ..phone.clone() },
    ];
    for thief in thieves {
        let mut bench = Bench::new();
        let settings = enrolled(&mut bench, &phone);
        assert_eq!(bench.read_settings(&thief, settings.server()), None, "{thief:?}");
        let effects = bench.look();
        assert!(effects.contains(&Effect::CredentialsChanged), "{thief:?}");
        let dead = effects.iter().any(|effect| {
            matches!(effect, Effect::Save { record, secret: None } if record.suspect && record.enrolled.is_none())
        });
        assert!(dead, "the store forgets the secret too: {thief:?}");
        assert!(bench.enrolment.credentials().is_empty());
        assert_eq!(bench.state(&phone), ("Failed".into(), Some("token-misused".into())));
        assert_eq!(bench.read_settings(&phone, settings.server()), None, "the token is dead for all");
    }
}

#[test]
fn a_locked_out_phone_comes_back_only_by_a_window_and_a_word() {
    let mut bench = Bench::new();
    let phone = TestPhone::yealink("T46S", 20);
    let settings = enrolled(&mut bench, &phone);
    bench.read_settings(&disguised(&phone), settings.server());
    assert_eq!(bench.pnp(&phone), None, "no window, no answer");
    bench.open_window();
    let waiting = bench.boot(&phone).unwrap();
    assert_eq!(waiting.password(), None, "its old entry in the office is no longer word enough");
    bench.adopt(phone.mac, "201");
    let again = bench.read_settings(&phone, waiting.server()).unwrap();
    assert_ne!(again.password(), settings.password());
    assert_eq!(bench.state(&phone).0, "Ready");
}

#[test]
fn a_word_given_before_the_window_counts_for_a_locked_out_phone() {
    let mut bench = Bench::new();
    let phone = TestPhone::yealink("T46S", 20);
    let settings = enrolled(&mut bench, &phone);
    bench.read_settings(&disguised(&phone), settings.server());
    bench.adopt(phone.mac, "201");
    bench.open_window();
    assert!(bench.boot(&phone).unwrap().password().is_some());
}

#[test]
fn another_phones_certificate_is_refused_and_told() {
    let mut bench = Bench::new();
    let phone = TestPhone::yealink("T46S", 20);
    bench.declare(&phone, "T46S", "201");
    bench.open_window();
    let other = Mac::from_octets([0x80, 0x5e, 0xc0, 9, 9, 9]);
    let url = bench.pnp(&phone).unwrap();
    let bootstrap = bench.read_settings(&phone, &url).unwrap();
    let certificate = ClientCertificate::Named { mac: other, key: [7; 32], issuer: Issuer::Trusted };
    let impostor = TestPhone { certificate, ..phone.clone() };
    assert_eq!(bench.read_settings(&impostor, bootstrap.server()), None);
    assert_eq!(alarms(&mut bench), BTreeSet::from([AlarmKind::CertificateDiffers]));
    let shown = || ("New".to_owned(), Some("certificate-differs".to_owned()));
    assert_eq!(bench.state(&phone), shown());
    assert_eq!(bench.read_settings(&impostor, bootstrap.server()), None);
    assert_eq!(bench.state(&phone), shown(), "and not merely that its address is dead by now");
    bench.pass(60);
    assert!(bench.boot(&phone).is_some_and(|settings| settings.password().is_some()), "the phone itself is served");
}

#[test]
fn a_certificate_that_was_shown_once_must_be_shown_ever_after() {
    let plain = TestPhone::yealink("T46S", 20);
    let unknown = |key| {
        let issuer = Issuer::Unproven(Distrust::IssuerUnknown);
        ClientCertificate::Named { mac: plain.mac, key: [key; 32], issuer }
    };
    let table = [
        (own_certificate(&plain), ClientCertificate::None),
        (own_certificate(&plain), unknown(1)),
        (unknown(1), own_certificate(&plain)),
        (unknown(1), ClientCertificate::Generic),
        (unknown(1), unknown(2)),
    ];
    for (first, later) in table {
        let mut bench = Bench::new();
        let phone = TestPhone { certificate: first, ..plain.clone() };
        let settings = enrolled(&mut bench, &phone);
        assert!(bench.read_settings(&phone, settings.server()).is_some());
        let thief = TestPhone { certificate: later, ..plain.clone() };
        assert_eq!(bench.read_settings(&thief, settings.server()), None, "{first:?}, then {later:?}");
        assert_eq!(alarms(&mut bench), BTreeSet::from([AlarmKind::CertificateDiffers]));
    }
}

#[test]
fn a_phone_stays_itself_whether_its_makers_authority_is_given_to_the_box_later_or_lost() {
    let proved = own_certificate(&TestPhone::yealink("T46S", 20));
    let ClientCertificate::Named { mac, key, .. } = proved else { panic!("it is named") };
    let unproved = ClientCertificate::Named { mac, key, issuer: Issuer::Unproven(Distrust::NoAuthority) };
    let mut bench = Bench::new();
    let mut phone = TestPhone { certificate: unproved, ..TestPhone::yealink("T46S", 20) };
    let settings = enrolled(&mut bench, &phone);
    let server = settings.server().to_owned();
    let worth = |bench: &Bench| bench.enrolment.devices()[0].certificate.clone();
    assert_eq!(worth(&bench).as_deref(), Some("no-authority"));
    for (certificate, word) in [(proved, "maker"), (unproved, "no-authority"), (proved, "maker")] {
        phone.certificate = certificate;
        assert_eq!(bench.read_settings(&phone, &server), Some(settings.clone()), "{word}");
        assert_eq!(worth(&bench).as_deref(), Some(word));
    }
    assert_eq!(alarms(&mut bench), BTreeSet::new());
    phone.certificate = ClientCertificate::Named { mac, key: [8; 32], issuer: Issuer::Trusted };
    assert!(bench.read_settings(&phone, &server).is_some(), "its maker gave it another");
}

#[test]
fn who_waits_for_a_word_in_the_name_of_a_phone_that_works_changes_nothing_for_that_phone() {
    let routed = |address: &str, key: Option<u8>| {
        let plain = TestPhone::yealink("T46S", 20);
        let issuer = Issuer::Unproven(Distrust::NoAuthority);
        let named = |key| ClientCertificate::Named { mac: plain.mac, key: [key; 32], issuer };
        let certificate = key.map_or(ClientCertificate::None, named);
        TestPhone { address: address.parse().unwrap(), neighbour: Neighbour::Routed, certificate, ..plain }
    };
    for keys in [(None, None), (Some(1), Some(2))] {
        let mut bench = Bench::new();
        let (phone, stranger) = (routed("10.0.0.20", keys.0), routed("10.0.0.66", keys.1));
        let settings = enrolled(&mut bench, &phone);
        bench.open_window();
        assert_eq!(bench.boot(&stranger).unwrap().password(), None, "he waits for a word");
        let card = bench.enrolment.devices()[0].clone();
        assert_eq!(card.address, "10.0.0.20", "{keys:?}");
        let again = bench.read_settings(&phone, settings.server()).expect("it is served");
        assert_eq!(again.password(), settings.password(), "{keys:?}: with the account that it has");
    }
}

#[test]
fn a_generic_certificate_proves_nothing_and_harms_nothing() {
    let mut bench = Bench::new();
    let phone = TestPhone { certificate: ClientCertificate::Generic, ..TestPhone::yealink("T42G", 20) };
    bench.open_window();
    assert_eq!(bench.boot(&phone).unwrap().password(), None);
}

#[test]
fn a_token_sent_in_clear_is_not_honoured() {
    let mut bench = Bench::new();
    let phone = TestPhone::yealink("T46S", 20);
    let settings = enrolled(&mut bench, &phone);
    let in_clear = settings.server().replace("https://192.168.1.2:8443", "http://192.168.1.2:8080");
    assert_eq!(bench.get(&phone, &format!("{in_clear}{}.cfg", phone.mac)).status, 404);
    assert_eq!(bench.refused("token-in-clear"), 1);
}

#[test]
fn a_011_a_token_opens_its_own_phones_files_only() {
    let mut bench = Bench::new();
    bench.open_window();
    let (mine, other) = (TestPhone::yealink("T46S", 20), TestPhone::yealink("T46S", 21));
    let settings = bench.enrol(&mine, "201");
    bench.enrol(&other, "202");
    for name in [format!("{}.cfg", other.mac), format!("{}.boot", other.mac), "..".into(), "%2e%2e/etc/passwd".into()] {
        assert_eq!(bench.get(&mine, &format!("{}{name}", settings.server())).status, 404, "{name}");
    }
}

#[test]
fn asking_again_from_a_phone_that_works_is_told_and_changes_nothing() {
    let mut bench = Bench::new();
    let phone = TestPhone::yealink("T46S", 20);
    let settings = enrolled(&mut bench, &phone);
    assert_eq!(bench.pnp(&phone), None);
    assert_eq!(alarms(&mut bench), BTreeSet::from([AlarmKind::AsksAgain]));
    assert_eq!(bench.state(&phone), ("Ready".into(), Some("asks-again".into())));
    assert_eq!(bench.read_settings(&phone, settings.server()), Some(settings));
}

#[test]
fn a_pnp_packet_changes_nothing_about_a_phone_that_is_set_up() {
    let mut bench = Bench::new();
    let phone = TestPhone::yealink("T46S", 20);
    enrolled(&mut bench, &phone);
    let before = bench.enrolment.devices()[0].clone();
    bench.pnp(&TestPhone { model: "T19P_E2".into(), address: "192.168.1.66".parse().unwrap(), ..phone });
    let after = bench.enrolment.devices()[0].clone();
    assert_eq!((before.model, before.address, before.people), (after.model, after.address, after.people));
}

#[test]
fn a_word_for_a_phone_that_turns_out_to_work_is_void() {
    let mut bench = Bench::new();
    let phone = TestPhone::yealink("T46S", 20);
    let settings = enrolled(&mut bench, &phone);
    bench.pnp(&phone);
    bench.adopt(phone.mac, "201");
    bench.read_settings(&phone, settings.server()).unwrap();
    bench.open_window();
    assert_eq!(bench.boot(&phone).unwrap().password(), None, "whoever sent the packet needs a word of its own");
}

#[test]
fn while_a_phone_is_being_set_up_nobody_else_can_be_it() {
    let mut bench = Bench::new();
    let phone = TestPhone::yealink("T46S", 20);
    bench.open_window();
    let url = bench.pnp(&phone).unwrap();
    let stranger = TestPhone { neighbour: Neighbour::NoEntry, ..disguised(&phone) };
    assert_eq!(bench.pnp(&stranger), None);
    assert_eq!(bench.refused("already-pairing"), 1);
    assert!(bench.read_settings(&phone, &url).is_some());
}

/// A box with software for two models, and its window open.
fn with_software() -> Bench {
    let mut bench = Bench::new();
    bench.office.firmware = ["T54W", "T19P_E2"].map(|model| firmware(model, "rom")).into();
    bench.settle();
    bench.open_window();
    bench
}

#[test]
fn nobody_elses_packet_decides_which_model_a_phone_is_while_it_is_set_up() {
    let phone = TestPhone::yealink("T54W", 20);
    let unseen = TestPhone { neighbour: Neighbour::NoEntry, ..disguised(&phone) };
    // The last has the phone's own address as its source, which anybody can write.
    for stranger in [disguised(&phone), unseen, phone.clone()] {
        for model in ["T19P_E2", "T99Z"] {
            let mut bench = with_software();
            let url = bench.pnp(&phone).unwrap();
            bench.pnp(&TestPhone { model: model.into(), ..stranger.clone() });
            let bootstrap = bench.read_settings(&phone, &url);
            let bootstrap = bootstrap.unwrap_or_else(|| panic!("{model}, {stranger:?}: {:?}", bench.state(&phone)));
            let waiting = bench.read_settings(&phone, bootstrap.server()).unwrap();
            bench.adopt(phone.mac, "201");
            assert_eq!(bench.office.phones[0].model, "T54W", "{model}, {stranger:?}");
            let settings = bench.read_settings(&phone, waiting.server()).unwrap();
            let software = settings.value("static.firmware.url").unwrap();
            assert!(software.ends_with("/T54W-1.2.3.rom"), "{model}, {stranger:?}: {software}");
            assert_eq!(bench.enrolment.devices()[0].model, "T54W");
        }
    }
}

#[test]
fn who_is_somewhere_else_writes_nothing_onto_a_phones_card() {
    let mut bench = Bench::new();
    let phone = TestPhone::yealink("T46S", 20);
    let stranger = TestPhone { model: "T19P_E2".into(), ..disguised(&phone) };
    bench.pnp(&stranger);
    let card = bench.enrolment.devices()[0].clone();
    assert_eq!((card.vendor.as_str(), card.model.as_str()), ("yealink", ""), "its address alone says whose make it is");
    bench.pnp(&phone);
    let known = bench.enrolment.devices()[0].clone();
    assert_eq!((known.model.as_str(), known.address.as_str()), ("T46S", "192.168.1.20"));
    bench.pnp(&stranger);
    bench.get(&stranger, &format!("http://192.168.1.2:8080/{}.cfg", phone.mac));
    let after = bench.enrolment.devices()[0].clone();
    assert_eq!((after.model, after.address), (known.model, known.address));
}

#[test]
fn what_a_phone_says_over_http_counts_more_than_the_office_and_the_office_more_than_a_packet() {
    let table = [
        (Some("T54W"), "T19P_E2", "Yealink SIP-T54W 96.86.0.15", "T54W"),
        (Some("T19P_E2"), "T54W", "Yealink SIP-T54W 96.86.0.15", "T54W"),
        (None, "T19P_E2", "Yealink SIP-T54W 96.86.0.15", "T54W"),
        (Some("T54W"), "T19P_E2", "", "T54W"),
        (Some("D785"), "T54W", "", "T54W"),
        (Some("T54W"), "T19P_E2", "Yealink SIP-T99Z 1.2.3.4", "T54W"),
        (None, "T54W", "", "T54W"),
    ];
    for (declared, packet, user_agent, model) in table {
        let mut bench = with_software();
        let phone = TestPhone::yealink(packet, 20);
        let phone = TestPhone { user_agent: user_agent.into(), ..phone };
        if let Some(declared) = declared {
            bench.declare(&phone, declared, "201");
        }
        let settings = bench.enrol(&phone, "201");
        let software = settings.value("static.firmware.url").unwrap();
        let case = format!("{declared:?}, {packet}, {user_agent}");
        assert!(software.ends_with(&format!("/{model}-1.2.3.rom")), "{case}: {software}");
        assert_eq!(bench.enrolment.devices()[0].model, model, "{case}");
    }
}

#[test]
fn a_forged_packet_in_a_phones_name_keeps_nothing_from_the_phone() {
    let mut bench = Bench::new();
    bench.open_window();
    // Word for word the phone's own packet, with its address as the source.
    let phone = TestPhone::yealink("T46S", 20);
    bench.pnp(&phone).unwrap();
    bench.pass(30);
    let url = bench.pnp(&phone).expect("its own packet is answered as well");
    let bootstrap = bench.read_settings(&phone, &url).unwrap();
    bench.pass(31);
    bench.pnp(&phone);
    assert!(bench.read_settings(&phone, bootstrap.server()).is_some(), "what it was given stays good");
}

#[test]
fn a_phone_that_starts_anew_while_it_is_set_up_is_given_new_addresses_and_all_its_time_again() {
    let mut bench = Bench::new();
    bench.open_window();
    let phone = TestPhone::yealink("T46S", 20);
    let first = bench.pnp(&phone).unwrap();
    bench.read_settings(&phone, &first).unwrap();
    bench.pass(590);
    let url = bench.pnp(&phone).unwrap();
    assert_ne!(url, first, "what it fetched by halves from there it does not fetch again");
    bench.pass(200);
    let bootstrap = bench.read_settings(&phone, &url).unwrap();
    assert!(bench.read_settings(&phone, bootstrap.server()).is_some());
}

#[test]
fn strange_makers_and_far_networks_are_not_answered() {
    let mut bench = Bench::new();
    bench.open_window();
    let strange = Mac::from_octets([0xaa, 0xbb, 0xcc, 0, 0, 1]);
    let phone = TestPhone { mac: strange, neighbour: Neighbour::Is(strange), ..TestPhone::yealink("T46S", 20) };
    assert_eq!(bench.pnp(&phone), None);
    assert_eq!(bench.state(&phone).1.as_deref(), Some("maker-unknown"));
    bench.declare(&phone, "T46S", "201");
    assert!(bench.pnp(&phone).is_some(), "unless somebody named that very phone");

    let far: IpAddr = "203.0.113.9".parse().unwrap();
    let phone = TestPhone { address: far, neighbour: Neighbour::Routed, ..TestPhone::yealink("T46S", 21) };
    assert_eq!(bench.pnp(&phone), None);
    assert_eq!(bench.state(&phone).1.as_deref(), Some("not-local"));
}

#[test]
fn a_guesser_is_slowed_and_told_once_and_others_are_not_slowed() {
    let mut bench = Bench::new();
    let stranger = disguised(&TestPhone::yealink("T46S", 20));
    let guess = |number: u32| format!("https://192.168.1.2:8443/p/{number:032x}/805ec0000014.cfg");
    let delays: Vec<Duration> = (0..8).map(|number| bench.get(&stranger, &guess(number)).delay).collect();
    assert_eq!(delays[..5], [Duration::ZERO; 5], "a mistake is no guess");
    assert_eq!(delays[5..], [Duration::from_secs(1); 3]);
    assert_eq!(bench.look().iter().filter(|effect| matches!(effect, Effect::Alarm(_))).count(), 1);
    let other = TestPhone::yealink("T46S", 21);
    assert_eq!(bench.get(&other, &guess(1)).delay, Duration::ZERO);
    bench.pass(60);
    assert_eq!(bench.get(&stranger, &guess(9)).delay, Duration::ZERO, "and not for ever");
    assert_eq!(bench.refused("token-unknown"), 10);
}

/// How many guesses somebody is told to have made.
fn guesses(bench: &mut Bench) -> usize {
    bench.look().iter().filter(|effect| matches!(effect, Effect::Guessed(_))).count()
}

#[test]
fn who_goes_through_addresses_of_phones_is_a_guesser_from_the_second_on_from_outside_and_no_phone_ever_is() {
    let far = TestPhone {
        address: "203.0.113.9".parse().unwrap(),
        neighbour: Neighbour::Routed,
        ..TestPhone::yealink("T46S", 21)
    };
    let mut bench = Bench::new();
    let own = |number: u32| format!("http://192.168.1.2:8080/805ec00000{number:02x}.cfg");
    for _ in 0..3 {
        for number in 0x20..0x28 {
            bench.get(&far, &own(number));
        }
    }
    assert_eq!(guesses(&mut bench), 7, "the first is no guess, and no repeated one");

    // One that is not known asks for what it has a name for, and with the tokens that it was given once.
    let mut bench = Bench::new();
    let phone = TestPhone::yealink("T46S", 21);
    for round in 0..50 {
        bench.get(&phone, &own(21));
        let token = round % 3;
        bench.get(&phone, &format!("https://192.168.1.2:8443/p/{token:032x}/805ec0000015.cfg"));
    }
    assert_eq!(guesses(&mut bench), 0);
    for number in 0x30..0x38 {
        bench.get(&phone, &own(number));
    }
    assert!(guesses(&mut bench) > 0, "who has one phone's address and asks for eight others is none");
}

#[test]
fn who_opens_links_of_before_over_mobile_data_is_no_guesser_and_who_opens_what_is_none_is() {
    let far = TestPhone {
        address: "203.0.113.9".parse().unwrap(),
        neighbour: Neighbour::Routed,
        ..TestPhone::yealink("T46S", 21)
    };
    let mut bench = Bench::new();
    for number in 0..3 {
        bench.get(&far, &format!("https://192.168.1.2:8443/l/{number:032x}"));
    }
    assert_eq!(guesses(&mut bench), 0);
    bench.get(&far, "https://192.168.1.2:8443/l/admin");
    bench.get(&far, "http://192.168.1.2:8080/805ec0000099.cfg");
    assert_eq!(guesses(&mut bench), 1);
}

#[test]
fn a_branch_whose_phones_lost_their_box_is_no_guesser() {
    let mut bench = Bench::new();
    for number in 0..30_u8 {
        let phone = TestPhone {
            address: "10.20.0.1".parse().unwrap(),
            neighbour: Neighbour::Routed,
            ..TestPhone::yealink("T46S", number)
        };
        bench.get(&phone, &format!("https://192.168.1.2:8443/p/{number:032x}/805ec00000{number:02x}.cfg"));
    }
    assert_eq!(guesses(&mut bench), 0);
}

#[test]
fn a_flood_of_made_up_phones_is_forgotten_before_a_real_one() {
    let mut bench = Bench::new();
    let phone = TestPhone::yealink("T46S", 20);
    let settings = enrolled(&mut bench, &phone);
    for number in 0..2000u16 {
        let [high, low] = number.to_be_bytes();
        let mac = Mac::from_octets([0x80, 0x5e, 0xc0, 0xff, high, low]);
        bench.pnp(&TestPhone { mac, neighbour: Neighbour::NoEntry, ..disguised(&phone) });
    }
    assert!(bench.enrolment.devices().len() <= 512, "memory has an end");
    assert_eq!(bench.read_settings(&phone, settings.server()), Some(settings));
}

#[test]
fn phones_that_nobody_ever_wanted_make_room_for_new_ones() {
    let mut bench = Bench::new();
    for window in 0..10u8 {
        bench.open_window();
        for number in 0..60u8 {
            let mac = Mac::from_octets([0x80, 0x5e, 0xc0, 0xee, window, number]);
            let address = IpAddr::from([10, 0, window, number]);
            let user_agent = "Yealink SIP-T46S 66.86.0.15".into();
            let junk =
                TestPhone { mac, address, neighbour: Neighbour::Is(mac), user_agent, ..TestPhone::yealink("T46S", 1) };
            assert!(bench.boot(&junk).is_some(), "{window} {number}");
        }
        bench.pass(3600);
    }
    assert_eq!(bench.enrolment.devices().len(), 512);
    bench.open_window();
    bench.enrol(&TestPhone::yealink("T46S", 20), "201");
}

#[test]
fn no_path_and_no_method_makes_trouble() {
    let mut bench = Bench::new();
    bench.open_window();
    let paths =
        ["", "/", "//", "/b", "/b/", "/b//", "/p/", "/l/", "/l", "/../../etc/passwd", "/b/x/y/z/w", "b/x", "/\0", "/é"];
    let long = format!("/b/{}", "a".repeat(100_000));
    for path in paths.into_iter().chain([long.as_str()]) {
        for (scheme, method) in
            [(Scheme::Http, "GET"), (Scheme::Https, "GET"), (Scheme::Https, "PUT"), (Scheme::Http, "")]
        {
            let request = HttpRequest {
                scheme,
                method,
                path,
                query: "",
                user_agent: &[0xff; 300],
                linphone_header: true,
                source: LOCAL,
                local: LOCAL,
                neighbour: Neighbour::NoEntry,
                certificate: ClientCertificate::None,
            };
            let (answer, _) = bench.enrolment.handle_request(bench.moment(), &request, &mut bench.rng);
            assert_eq!(answer.status, 404, "{method} {path}");
        }
    }
}

#[test]
fn what_is_printed_holds_no_secret() {
    let mut bench = Bench::new();
    let phone = TestPhone::yealink("T46S", 20);
    bench.open_window();
    let waiting = bench.boot(&phone).unwrap();
    bench.adopt(phone.mac, "201");
    let settings = bench.read_settings(&phone, waiting.server()).unwrap();
    let answer = bench.get(&phone, &format!("{}{}.cfg", settings.server(), phone.mac));
    let printed = format!("{:?} {:?} {answer:?}", bench.enrolment, bench.effects);
    let web = settings.value("static.security.user_password").unwrap().split_once(':').unwrap().1;
    for secret in [settings.password().unwrap(), web, settings.server().split('/').nth(4).unwrap()] {
        assert!(!printed.contains(secret));
    }
}

#[test]
fn one_host_that_makes_up_phones_is_one_story_and_one_in_a_phones_name_is_about_that_phone() {
    let mut bench = Bench::new();
    let phone = TestPhone::yealink("T46S", 20);
    bench.declare(&phone, "T46S", "201");
    bench.open_window();
    bench.look();
    for last in 100..200 {
        assert_eq!(bench.pnp(&disguised(&TestPhone::yealink("T46S", last))), None);
    }
    let told = |bench: &mut Bench| -> BTreeSet<_> {
        let alarms = bench.look().into_iter().filter_map(|effect| match effect {
            Effect::Alarm(alarm) => Some((alarm.kind.code(), alarm.mac)),
            _ => None,
        });
        alarms.collect()
    };
    let host = Some(Mac::from_octets([0x02, 0xbb, 0, 0, 0, 1]));
    assert_eq!(told(&mut bench), BTreeSet::from([("device-plays-phones", host)]));
    assert_eq!(bench.refused("neighbour-differs"), 100);
    assert_eq!(bench.pnp(&disguised(&phone)), None);
    assert_eq!(told(&mut bench), BTreeSet::from([("device-neighbour-differs", Some(phone.mac))]));
}
