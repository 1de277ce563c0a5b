//! Desk phones on a simulated office network, from the carton to the first call, and what people see when something is in
//! the way. The box's side is the real enrolment and the real exchange.

#![allow(
    missing_docs,
    clippy::unwrap_used,
    clippy::disallowed_methods,
    reason = "a test begins time, and fails by panic"
)]

mod apps;
mod book;
mod certificates;
mod first_day;
mod handsets;
mod keypad;
mod lamps;
mod later_days;
mod obstacles;
mod power_cut;
mod reactions;
mod region;
mod software;

use std::net::{IpAddr, Ipv4Addr};
use std::time::{Duration, Instant};

use centrale_config::{
    Channels, Country, Dialect, Language, Office, OfficeIdentity, Person, Role, Secret, Server, Trunk, TrunkTransport,
};
use centrale_sim::desk::lan::{Lan, PROVIDER, Place};
use centrale_sim::desk::{DeskPhone, Maker, Profile};

/// An office with this many people, 201 and up.
fn office(people: u16) -> Office {
    let identity = OfficeIdentity {
        language: Language::Dutch,
        area_code: "020".into(),
        ..OfficeIdentity::assumed(Country::Netherlands)
    };
    let person = |number: u16| Person {
        forward: None,
        number: number.to_string().parse().unwrap(),
        name: format!("Person {number}"),
        sip_password: Secret::new(format!("password-of-{number}")),
        permit: centrale_config::OwnPermit::default(),
        voicemail: None,
        role: Role::Ordinary,
    };
    Office { people: (201..201 + people).map(person).collect(), ..Office::empty(identity) }
}

/// The account at the simulated provider.
fn provider() -> Trunk {
    Trunk {
        name: "provider".into(),
        server: Server { host: PROVIDER.ip().to_string(), port: Some(PROVIDER.port()) },
        transport: TrunkTransport::Udp,
        username: "office".into(),
        password: Secret::new("password-of-the-office"),
        register: true,
        numbers: vec!["+31201234567".parse().unwrap()],
        dialect: Dialect::default(),
        channels: Channels::default(),
        abuse: None,
    }
}

fn office_lan() -> Lan {
    Lan::new(Instant::now(), office(4), 1)
}

/// The `number`th phone of the office, of this model, on its desk.
fn place(lan: &mut Lan, profile: Profile, number: u8) -> Place {
    let oui = match profile.maker {
        Maker::Yealink => "805ec0",
        Maker::Snom => "000413",
        Maker::Linphone => "3c970e",
    };
    let address = IpAddr::V4(Ipv4Addr::new(192, 168, 1, 100 + number));
    let phone = DeskPhone::new(lan.now(), profile, &format!("{oui}0000{number:02x}"), address, u64::from(number));
    lan.place(phone)
}

/// Gives it power and lets it boot.
fn boot(lan: &mut Lan, place: Place) {
    lan.power_on(place, centrale_sim::desk::BOOT);
    seconds(lan, 50);
}

fn seconds(lan: &mut Lan, seconds: u64) {
    lan.run_for(Duration::from_secs(seconds));
}

/// Everything up to a phone that is set up for somebody.
fn set_up(lan: &mut Lan, place: Place, number: &str) {
    lan.open_window();
    boot(lan, place);
    assert!(
        lan.run_until(Duration::from_secs(300), |lan| lan.told(place) == "New: waiting-for-adoption"),
        "{}",
        lan.told(place)
    );
    lan.adopt(place, number);
    assert!(
        // A base looks once a minute and restarts for what it finds; told by the router it begins anew with each restart.
        lan.run_until(Duration::from_secs(300), |lan| lan.is_ready(place)),
        "{} / {}",
        lan.shown(place),
        lan.told(place)
    );
}

/// Everything up to a base that has a line for each of these people.
fn set_up_base(lan: &mut Lan, base: Place, numbers: &[&str]) {
    let numbers: Vec<String> = numbers.iter().map(|number| (*number).to_owned()).collect();
    lan.declare(base, &numbers);
    lan.open_window();
    boot(lan, base);
    seconds(lan, 240);
    assert!(lan.is_ready(base), "{} / {}", lan.shown(base), lan.told(base));
}

/// An office with a phone too old for its TLS, which is set up in clear for 201.
fn in_clear() -> (Lan, Place) {
    let mut lan = office_lan();
    let phone = place(&mut lan, Profile::T19P_E2_WITHOUT_CURVES, 1);
    lan.open_window();
    boot(&mut lan, phone);
    lan.allow_plain_http(phone, true);
    set_up(&mut lan, phone, "201");
    (lan, phone)
}

/// A colleague comes, as the one before.
fn joins(lan: &mut Lan, number: &str, name: &str) {
    let mut new = lan.office.people[3].clone();
    (new.number, new.name) = (number.parse().unwrap(), name.into());
    lan.office.people.push(new);
    lan.commit();
}

/// The files it asked for, in order, without where.
fn files(lan: &Lan, place: Place) -> Vec<String> {
    lan.asked.iter().filter(|(by, _)| *by == place).map(|(_, get)| get.file().to_owned()).collect()
}
