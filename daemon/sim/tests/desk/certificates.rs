//! What a phone's own certificate is worth: its maker's, another phone's, one that many share, one signed as long ago.

use centrale_sim::desk::lan::{Lan, Place};
use centrale_sim::desk::{Maker, OwnCertificate, Profile};

use super::{boot, office_lan, place, seconds, set_up};

/// A phone that is set up for 201, in an office whose box was given the makers' authorities.
fn ready(profile: Profile) -> (Lan, Place) {
    let mut lan = office_lan();
    lan.maker_known = true;
    let phone = place(&mut lan, profile, 1);
    set_up(&mut lan, phone, "201");
    (lan, phone)
}

fn certificate(lan: &Lan, phone: Place) -> String {
    lan.card(phone).and_then(|card| card.certificate).unwrap_or_default()
}

/// It loses all it has, and boots while a window is open. Nobody says anything.
fn reset(lan: &mut Lan, phone: Place) {
    lan.phone(phone).factory_reset();
    lan.unplug(phone);
    lan.open_window();
    boot(lan, phone);
    seconds(lan, 200);
}

#[test]
fn a_phone_with_its_makers_certificate_needs_nobodys_word_after_a_reset_and_every_other_does() {
    for profile in Profile::DESK {
        let (mut lan, phone) = ready(profile);
        let before = lan.phone(phone).accounts()[0].password.clone();
        let worth = match profile.certificate {
            OwnCertificate::Maker => "maker",
            OwnCertificate::MakerOfOld => "signature-too-old",
            OwnCertificate::None | OwnCertificate::Shared => "",
        };
        assert_eq!(certificate(&lan, phone), worth, "{}", profile.name);
        reset(&mut lan, phone);
        let title = lan.phone(phone).display().title;
        if profile.certificate == OwnCertificate::Maker {
            assert_eq!((title.as_str(), lan.told(phone).as_str()), ("201 Person 201", "Ready"), "{}", profile.name);
            assert_ne!(lan.phone(phone).accounts()[0].password, before, "under a new secret");
            assert_eq!(certificate(&lan, phone), "maker");
        } else {
            assert_eq!(lan.told(phone), "New: waiting-for-adoption", "{} {worth}", profile.name);
            assert_eq!((title.as_str(), lan.phone(phone).lines()), ("No service", 0), "{}", profile.name);
            set_up(&mut lan, phone, "201");
        }
    }
}

#[test]
fn a_phone_that_shows_another_phones_certificate_is_refused_and_told_of_whoever_signed_it() {
    for profile in Profile::DESK.into_iter().filter(|profile| profile.certificate != OwnCertificate::None) {
        if profile.certificate == OwnCertificate::Shared {
            continue;
        }
        for known in [true, false] {
            let mut lan = office_lan();
            lan.maker_known = known;
            let phone = place(&mut lan, profile, 1);
            let other = format!("{}99", &lan.phone(phone).mac()[..10]);
            lan.phone(phone).certificate_of = Some(other);
            lan.declare(phone, &["201".to_owned()]);
            lan.open_window();
            boot(&mut lan, phone);
            seconds(&mut lan, 180);
            assert_eq!(lan.phone(phone).lines(), 0, "{} {known}", profile.name);
            assert!(lan.shown(phone).starts_with("No service"), "{}: {}", profile.name, lan.shown(phone));
            assert!(lan.alarmed("device-certificate-differs"), "{} {known}: {}", profile.name, lan.told(phone));
            assert_eq!(lan.told(phone), "New: certificate-differs", "{} {known}", profile.name);
            lan.phone(phone).certificate_of = None;
            seconds(&mut lan, 60);
            if profile.maker == Maker::Snom {
                // It asks where it was told to and nobody else.
                lan.phone(phone).factory_reset();
            }
            boot(&mut lan, phone);
            seconds(&mut lan, 180);
            assert!(lan.is_ready(phone), "{} {known}: with its own it is served", profile.name);
        }
    }
}

#[test]
fn a_phone_that_showed_a_certificate_once_is_another_without_it() {
    for profile in [Profile::T54W, Profile::D785, Profile::D715] {
        let (mut lan, phone) = ready(profile);
        lan.phone(phone).profile.certificate = OwnCertificate::None;
        boot(&mut lan, phone);
        assert_eq!(lan.told(phone), "Failed: token-misused", "{}", profile.name);
        assert!(lan.alarmed("device-certificate-differs"), "{}", profile.name);
    }
}

#[test]
fn an_authority_that_is_given_to_the_box_later_makes_proof_of_what_was_none() {
    let mut lan = office_lan();
    let phone = place(&mut lan, Profile::T54W, 1);
    set_up(&mut lan, phone, "201");
    assert_eq!(certificate(&lan, phone), "no-authority");
    lan.maker_known = true;
    boot(&mut lan, phone);
    assert_eq!((certificate(&lan, phone).as_str(), lan.told(phone).as_str()), ("maker", "Ready"));
    reset(&mut lan, phone);
    assert!(lan.is_ready(phone), "and a reset needs nobody's word from then on");
}
