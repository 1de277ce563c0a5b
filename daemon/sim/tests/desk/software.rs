//! A phone's own software: who fetches it, how, and what a phone does that has it.

use bytes::Bytes;
use centrale_config::{Firmware, Sha256Pin};
use centrale_sim::desk::lan::{Lan, Place};
use centrale_sim::desk::{Fetched, Maker, Profile};

use super::{boot, in_clear, office_lan, place, seconds, set_up, set_up_base};

const KINDS: [Profile; 4] = [Profile::T54W, Profile::W60B, Profile::D785, Profile::D715];

/// A phone at work, and the office pins software of this version for its model.
fn pinned(profile: Profile, version: &str) -> (Lan, Place) {
    let mut lan = office_lan();
    let phone = place(&mut lan, profile, 1);
    if profile.is_base {
        lan.maker_known = true;
        set_up_base(&mut lan, phone, &["201"]);
    } else {
        set_up(&mut lan, phone, "201");
    }
    let ending = if profile.maker == Maker::Snom { "bin" } else { "rom" };
    let file = format!("{}-{version}.{ending}", profile.name);
    let mut bytes = format!("version={version}\n").into_bytes();
    bytes.resize(200_000, b'x');
    lan.software.insert(file.clone(), bytes.into());
    let (models, sha256) = (vec![profile.name.to_owned()], Sha256Pin::from_octets([7; 32]));
    lan.office.firmware.push(Firmware { models, version: version.to_owned(), file, sha256 });
    lan.commit();
    (lan, phone)
}

/// The parts of software that a phone asked for.
fn parts(lan: &Lan, phone: Place) -> Vec<String> {
    let of_phone = lan.asked.iter().filter(|(by, get)| *by == phone && !get.header("Range").is_empty());
    of_phone.map(|(_, get)| get.header("Range").to_owned()).collect()
}

#[test]
fn a_phone_with_an_older_version_fetches_the_new_one_in_parts_over_https_and_comes_back_with_it() {
    for profile in KINDS {
        let (mut lan, phone) = pinned(profile, "200.1.2.3");
        seconds(&mut lan, 10);
        let asked = parts(&lan, phone);
        assert!(asked.len() >= 4, "{}: {asked:?}", profile.name);
        assert!(asked[0].starts_with("bytes=0-") && asked[1..].iter().all(|part| !part.starts_with("bytes=0-")));
        let from = lan.asked.iter().filter(|(_, get)| !get.header("Range").is_empty());
        assert!(from.into_iter().all(|(_, get)| get.url.starts_with("https://")));
        assert!(!lan.phone(phone).is_on(), "it installs and restarts");
        seconds(&mut lan, 120);
        assert!(lan.is_ready(phone), "{}: {}", profile.name, lan.shown(phone));
        assert_eq!(lan.phone(phone).firmware, "200.1.2.3");
        let agent = lan.asked.last().unwrap().1.header("User-Agent");
        assert!(agent.contains(" 200.1.2.3"), "and tells the box so: {agent}");
        let before = parts(&lan, phone).len();
        boot(&mut lan, phone);
        seconds(&mut lan, 60);
        assert!(parts(&lan, phone).len() <= before + 1, "it does not fetch it again");
        assert!(lan.is_ready(phone));
    }
}

#[test]
fn a_phone_that_has_the_version_looks_no_further_than_what_version_it_is() {
    for profile in KINDS {
        let (mut lan, phone) = pinned(profile, profile.firmware);
        seconds(&mut lan, 200);
        let looked: &[&str] = if profile.maker == Maker::Yealink { &["bytes=0-1023"] } else { &[] };
        let asked = parts(&lan, phone);
        assert!(asked.iter().all(|part| looked.contains(&part.as_str())), "{}: {asked:?}", profile.name);
        assert!(lan.is_ready(phone), "{}: it works on", profile.name);
    }
}

#[test]
fn a_part_that_breaks_off_is_asked_for_again_and_nothing_before_it() {
    let (mut lan, phone) = pinned(Profile::T54W, "200.1.2.3");
    let mut breaks = 2;
    lan.meddle_after(move |get, fetched| match fetched {
        Fetched::Answer { status: 206, body, .. } if breaks > 0 && !get.header("Range").starts_with("bytes=0-") => {
            breaks -= 1;
            Fetched::Answer { status: 206, body: body.slice(..body.len() / 2), whole: false }
        }
        other => other,
    });
    seconds(&mut lan, 30);
    let asked = parts(&lan, phone);
    assert_eq!(asked.iter().filter(|part| part.starts_with("bytes=0-")).count(), 1);
    assert_eq!(asked.iter().filter(|part| part.starts_with("bytes=1024-")).count(), 3);
    seconds(&mut lan, 120);
    assert_eq!(lan.phone(phone).firmware, "200.1.2.3");
}

#[test]
fn nobody_is_cut_off_by_software_that_comes_during_a_call() {
    let (mut lan, phone) = pinned(Profile::T54W, "200.1.2.3");
    let colleague = place(&mut lan, Profile::D717, 2);
    seconds(&mut lan, 200);
    set_up(&mut lan, colleague, "202");
    lan.phone(colleague).answer_always();
    lan.phone(colleague).talk_until_told();
    lan.phone(phone).firmware = "96.86.0.1".into();
    lan.phone(phone).talk_until_told();
    lan.dial(phone, "202");
    seconds(&mut lan, 15);
    let calls = |lan: &Lan| lan.snapshot().calls.len();
    assert_eq!(calls(&lan), 1);
    lan.at(phone, |phone, now| phone.read_settings(now));
    seconds(&mut lan, 60);
    assert_eq!((calls(&lan), lan.phone(phone).is_on()), (1, true), "they talk on");
    lan.hang_up(phone);
    seconds(&mut lan, 12);
    assert_eq!((lan.phone(phone).is_on(), lan.phone(phone).firmware.as_str()), (false, "200.1.2.3"));
}

#[test]
fn a_phone_goes_on_with_what_it_has_when_its_software_is_missing_or_is_none() {
    for (profile, file) in [(Profile::T54W, "T54W-200.1.2.3.rom"), (Profile::D785, "D785-200.1.2.3.bin")] {
        for instead in [None, Some(Bytes::from_static(b"<html>not software</html>"))] {
            let (mut lan, phone) = pinned(profile, "200.1.2.3");
            lan.software.remove(file);
            lan.software.extend(instead.map(|instead| (file.to_owned(), instead)));
            seconds(&mut lan, 60);
            assert!(lan.is_ready(phone), "{}: {}", profile.name, lan.shown(phone));
            assert_eq!(lan.phone(phone).firmware, profile.firmware);
        }
    }
}

#[test]
fn a_phone_that_was_set_up_in_clear_is_told_of_no_software() {
    let (mut lan, phone) = in_clear();
    let (models, sha256) = (vec!["T19P_E2".to_owned()], Sha256Pin::from_octets([7; 32]));
    let file = "T19P_E2-200.1.2.3.rom".to_owned();
    lan.software.insert(file.clone(), Bytes::from_static(b"version=200.1.2.3\n"));
    lan.office.firmware.push(Firmware { models, version: "200.1.2.3".into(), file, sha256 });
    lan.commit();
    seconds(&mut lan, 200);
    assert_eq!(parts(&lan, phone), [""; 0]);
    assert_eq!(lan.phone(phone).firmware, Profile::T19P_E2.firmware);
}
