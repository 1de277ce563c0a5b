//! Somebody or something that is not the phone it says it is.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};

use bytes::Bytes;
use centrale_provisioning::enrolment::{DeviceState, Effect, Neighbour};
use centrale_sim::desk::lan::{Lan, Place};
use centrale_sim::desk::{Fetched, Get, Profile};

use super::{boot, office_lan, place, seconds, set_up};

fn alarms(lan: &Lan) -> Vec<&'static str> {
    let code = |effect: &Effect| match effect {
        Effect::Alarm(alarm) => Some(alarm.kind.code()),
        _ => None,
    };
    lan.effects.iter().filter_map(code).collect()
}

/// What a phone asked last over TLS, and the same from another place.
fn replayed(lan: &mut Lan, phone: Place, by: Place) -> u16 {
    let last = lan.asked.iter().rev().find(|(of, get)| *of == phone && get.url.contains("/p/")).cloned();
    status(&lan.serve(by, &last.expect("it asked").1))
}

fn status(fetched: &Fetched) -> u16 {
    match fetched {
        Fetched::Answer { status, .. } => *status,
        Fetched::Tls(fault) => panic!("{fault:?}"),
        Fetched::Nothing => 0,
    }
}

#[test]
fn a_stolen_address_used_from_elsewhere_locks_the_phone_out_and_a_new_pairing_brings_it_back() {
    let mut lan = office_lan();
    let (phone, thief) = (place(&mut lan, Profile::T54W, 1), place(&mut lan, Profile::T54W, 2));
    set_up(&mut lan, phone, "201");
    let before = lan.phone(phone).accounts()[0].password.clone();
    assert_eq!(replayed(&mut lan, phone, thief), 404);
    assert_eq!(lan.told(phone), "Failed: token-misused");
    assert!(alarms(&lan).contains(&"device-token-misused") || alarms(&lan).contains(&"device-certificate-differs"));
    seconds(&mut lan, 700);
    assert_eq!(
        lan.shown(phone).split(" [").next(),
        Some("201 Person 201: not registered (wrong user name or password)")
    );

    lan.phone(phone).factory_reset();
    lan.unplug(phone);
    set_up(&mut lan, phone, "201");
    assert_ne!(lan.phone(phone).accounts()[0].password, before, "under a new secret");
}

#[test]
fn a_phone_that_the_router_gives_another_address_goes_on_where_the_neighbour_table_vouches_for_it() {
    let mut lan = office_lan();
    let phone = place(&mut lan, Profile::T54W_WITHOUT_CERTIFICATE, 1);
    set_up(&mut lan, phone, "201");
    let moved = IpAddr::V4(Ipv4Addr::new(192, 168, 1, 177));
    lan.phone(phone).move_to(moved);
    boot(&mut lan, phone);
    seconds(&mut lan, 10);
    assert_eq!((lan.phone(phone).display().title.as_str(), lan.told(phone).as_str()), ("201 Person 201", "Ready"));

    lan.phone(phone).move_to(IpAddr::V4(Ipv4Addr::new(192, 168, 1, 178)));
    lan.neighbours.insert(IpAddr::V4(Ipv4Addr::new(192, 168, 1, 178)), Neighbour::Routed);
    boot(&mut lan, phone);
    assert_eq!(lan.told(phone), "Failed: token-misused", "nobody can tell that it is the phone");
}

#[test]
fn another_phones_file_another_phones_user_agent_and_another_phones_neighbour_get_nothing() {
    let mut lan = office_lan();
    let phone = place(&mut lan, Profile::T54W, 1);
    lan.open_window();
    boot(&mut lan, phone);
    let own = lan.asked.iter().find(|(_, get)| get.file().ends_with(".cfg")).cloned().unwrap().1;

    let other_file = Get { url: own.url.replace("805ec0000001", "805ec0000099"), ..own.clone() };
    assert_eq!(status(&lan.serve(phone, &other_file)), 404);
    assert_eq!(lan.told(phone), "SettingUp", "a wrong file name stops nothing");

    let agent = Profile::T54W.user_agent("805ec0000099");
    let other_agent = Get { headers: vec![("User-Agent", agent)], ..own.clone() };
    assert_eq!(status(&lan.serve(phone, &other_agent)), 404);

    let stranger = "805ec0000099".parse().unwrap();
    let address = lan.phone(phone).address();
    lan.neighbours.insert(address, Neighbour::Is(stranger));
    assert_eq!(status(&lan.serve(phone, &own)), 404);
    assert!(alarms(&lan).contains(&"device-neighbour-differs"));
    boot(&mut lan, phone);
    assert_eq!(
        (lan.shown(phone).as_str(), lan.told(phone).as_str()),
        ("No service (no settings found)", "New: neighbour-differs")
    );
}

#[test]
fn a_flood_of_invented_phones_neither_fills_the_page_nor_keeps_a_real_one_out() {
    let mut lan = office_lan();
    let phone = place(&mut lan, Profile::T54W, 1);
    lan.open_window();
    let flooder: SocketAddr = "192.168.1.66:5059".parse().unwrap();
    for number in 0..2_000_u32 {
        let packet = format!(
            "SUBSCRIBE sip:MAC805ec0{number:06x}@224.0.1.75 SIP/2.0\r\nVia: SIP/2.0/UDP {flooder};branch=z9hG4bK{number}\r\n\
             From: <sip:MAC805ec0{number:06x}@224.0.1.75>;tag={number}\r\nTo: <sip:MAC805ec0{number:06x}@224.0.1.75>\r\n\
             Call-ID: {number}@192.168.1.66\r\nCSeq: 1 SUBSCRIBE\r\nContact: <sip:x@{flooder}>\r\nMax-Forwards: 70\r\n\
             Expires: 0\r\nEvent: ua-profile;vendor=\"yealink\";model=\"T54W\";version=\"96.86.0.70\"\r\n\
             Accept: application/url\r\nContent-Length: 0\r\n\r\n"
        );
        lan.neighbours.insert(flooder.ip(), Neighbour::Routed);
        lan.hear_pnp(flooder, &Bytes::from(packet));
    }
    let answered = lan.effects.iter().filter(|effect| matches!(effect, Effect::Offer { .. })).count();
    assert!(answered <= 8, "{answered} invented phones were answered");
    assert!(lan.enrolment.devices().len() <= 512);
    assert!(lan.enrolment.devices().iter().all(|card| card.state != DeviceState::Ready));
    set_up(&mut lan, phone, "201");
}
