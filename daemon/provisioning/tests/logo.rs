//! The office's logo on phones' screens: who is told of it, and who gets it.

#![allow(clippy::unwrap_used, reason = "a test fails by panic")]

mod kit;

use std::io::Cursor;

use centrale_config::Mac;
use centrale_provisioning::enrolment::Neighbour;
use kit::{Bench, TestPhone, desk_phones, picture};

const YEALINK: &str = "wallpaper_upload.url";
const SNOM: &str = "custom_bg_image_url";

/// A phone with its account in an office with a logo, and the address of the picture in its settings.
fn with_logo(phone: &TestPhone, key: &str) -> (Bench, String, String) {
    let mut bench = Bench::new();
    bench.set_logo(Some(picture(60, 20)));
    bench.open_window();
    let settings = bench.enrol(phone, "201");
    let url = settings.value(key).unwrap().to_owned();
    (bench, url, settings.server().to_owned())
}

fn size(file: &[u8]) -> (u32, u32) {
    png::Decoder::new(Cursor::new(file)).read_info().unwrap().info().size()
}

#[test]
fn each_colour_screen_gets_a_picture_of_its_own_size_and_no_other_phone_is_told_of_one() {
    let mut told = Vec::new();
    for (name, phone) in desk_phones(&Bench::new()) {
        let mut bench = Bench::new();
        bench.set_logo(Some(picture(60, 20)));
        bench.open_window();
        let settings = bench.enrol(&phone, "201");
        let screen = bench.catalogue.model(if name.starts_with('D') { "snom" } else { "yealink" }, &name).unwrap().logo;
        let url = settings.value(YEALINK).or(settings.value(SNOM)).map(str::to_owned);
        assert_eq!(url.is_some(), screen.is_some(), "{name}");
        if let (Some(url), Some(screen)) = (url, screen) {
            let answer = bench.get(&phone, &url);
            assert_eq!((answer.status, answer.content_type), (200, "image/png"), "{name}");
            assert_eq!(size(&answer.body), (screen.width.into(), screen.height.into()), "{name}");
            assert_eq!(bench.get(&phone, &url).body.as_ptr(), answer.body.as_ptr(), "drawn once");
            let file = url.rsplit('/').next().unwrap();
            let shown = settings.value("phone_setting.backgrounds").unwrap_or("Config:").replace("Config:", "");
            assert!(shown.is_empty() || shown == file, "{name}: {shown}");
            told.push(name);
        }
    }
    assert_eq!(told.len(), 13, "{told:?}");
}

#[test]
fn another_logo_is_a_change_with_another_address_and_the_earlier_one_is_no_longer_handed_out() {
    for (phone, key, none) in
        [(TestPhone::yealink("T46S", 20), YEALINK, "%NULL%"), (TestPhone::snom("D785", 20), SNOM, "")]
    {
        let (mut bench, first, server) = with_logo(&phone, key);
        bench.set_logo(Some(picture(30, 30)));
        let second = bench.read_settings(&phone, &server).unwrap().value(key).unwrap().to_owned();
        assert_ne!(first, second);
        assert_eq!((bench.get(&phone, &first).status, bench.get(&phone, &second).status), (404, 200));
        bench.set_logo(None);
        let settings = bench.read_settings(&phone, &server).unwrap();
        assert_eq!((settings.value(key), bench.get(&phone, &second).status), (Some(none), 404));
    }
}

#[test]
fn a_logo_whose_picture_the_box_does_not_have_is_told_to_nobody() {
    let phone = TestPhone::yealink("T46S", 20);
    let (mut bench, url, server) = with_logo(&phone, YEALINK);
    bench.enrolment.set_logo(None);
    bench.settle();
    assert_eq!(bench.read_settings(&phone, &server).unwrap().value(YEALINK), Some("%NULL%"));
    assert_eq!(bench.get(&phone, &url).status, 404);
}

#[test]
fn nobody_but_a_phone_with_an_account_gets_it() {
    let phone = TestPhone::yealink("T46S", 20);
    let (mut bench, url, _) = with_logo(&phone, YEALINK);
    let file = url.rsplit('/').next().unwrap();
    for elsewhere in ["http://192.168.1.2:8080/", "https://192.168.1.2:8443/p/ffaabecb86beda3ff6d0c233a1c4cbff/"] {
        assert_eq!(bench.get(&phone, &format!("{elsewhere}{file}")).status, 404);
    }
    let waiting = TestPhone::yealink("T46S", 21);
    let folder = bench.boot(&waiting).unwrap().server().to_owned();
    assert_eq!(bench.get(&waiting, &format!("{folder}{file}")).status, 404, "not while it waits");
    let thief = TestPhone {
        address: "192.168.1.99".parse().unwrap(),
        neighbour: Neighbour::Is(Mac::from_octets([0xaa; 6])),
        ..phone
    };
    assert_eq!(bench.get(&thief, &url).status, 404);
}
