//! The power comes back, and every phone of a large office boots in the same second.

use std::collections::BTreeSet;
use std::net::{IpAddr, Ipv4Addr};
use std::time::{Duration, Instant};

use centrale_call_control::view::CallState;
use centrale_sim::desk::lan::{Lan, Place};
use centrale_sim::desk::{DeskPhone, Profile};

use super::{office, provider};

/// Twice what one core of the box needs for an RSA-2048 handshake and for a file.
const WORK: (Duration, Duration) = (Duration::from_millis(6), Duration::from_millis(2));

struct Street {
    lan: Lan,
    phones: Vec<Place>,
    registrations: usize,
}

/// An office with this many Yealinks, Snoms and bases with eight handsets each, all set up.
fn street(yealinks: u16, snoms: u16, bases: u16) -> Street {
    let mut office = office(yealinks + snoms + 8 * bases);
    office.trunks.push(provider());
    let mut lan = Lan::new(Instant::now(), office, 7);
    let mut people = 201..;
    let mut phones = Vec::new();
    let kinds = [(Profile::T54W_WITHOUT_CERTIFICATE, yealinks), (Profile::D785, snoms), (Profile::W60B, bases)];
    let all = kinds.into_iter().flat_map(|(profile, count)| (0..count).map(move |_| profile));
    for (at, profile) in all.enumerate() {
        let at = u16::try_from(at).unwrap();
        let oui = if profile == Profile::D785 { "000413" } else { "805ec0" };
        let address = IpAddr::V4(Ipv4Addr::from(0xc0a8_0200 + u32::from(at)));
        let phone = DeskPhone::new(lan.now(), profile, &format!("{oui}01{at:04x}"), address, u64::from(at));
        let place = lan.place(phone);
        let users = if profile == Profile::W60B { 8 } else { 1 };
        let numbers: Vec<String> = people.by_ref().take(users).map(|number: u16| number.to_string()).collect();
        lan.declare(place, &numbers);
        phones.push(place);
    }
    lan.open_window();
    phones.iter().for_each(|place| lan.power_on(*place, Duration::ZERO));
    let registrations = usize::from(yealinks + snoms + 8 * bases);
    assert!(lan.run_until(Duration::from_secs(600), |lan| phones.iter().all(|place| lan.is_ready(*place))));
    Street { lan, phones, registrations }
}

#[test]
fn after_a_power_cut_everybody_is_registered_within_twenty_seconds_and_help_is_called_meanwhile() {
    let Street { mut lan, phones, registrations } = street(100, 80, 20);
    assert_eq!(registrations, 340);
    lan.served.clear();
    lan.work = WORK;
    phones.iter().for_each(|place| lan.unplug(*place));
    lan.run_for(Duration::from_secs(30));
    phones.iter().for_each(|place| lan.power_on(*place, Duration::ZERO));
    let booted = lan.elapsed();
    lan.run_for(Duration::from_secs(5));
    let caller = *phones.iter().find(|place| lan.is_ready(**place)).expect("somebody is ready after five seconds");
    lan.dial(caller, "112");
    let helped = |lan: &Lan| lan.snapshot().calls.iter().any(|call| call.emergency && call.state == CallState::Talking);
    // The page's view of the whole office is not asked for after every packet.
    let within = |lan: &mut Lan, seconds: u64, so: &dyn Fn(&Lan) -> bool| {
        (0..10 * seconds).any(|_| {
            lan.run_for(Duration::from_millis(100));
            so(lan)
        })
    };
    assert!(within(&mut lan, 12, &helped), "112 is answered while the others boot");
    let left = Duration::from_secs(20) - (lan.elapsed() - booted);
    let ready = lan.run_until(left, |lan| phones.iter().all(|place| lan.is_ready(*place)));
    let late = phones.iter().filter(|place| !lan.is_ready(**place)).count();
    assert!(ready, "{late} of {} phones are late", phones.len());
    assert!(lan.elapsed() - booted <= Duration::from_secs(20));

    lan.run_for(Duration::from_secs(20));
    let dark =
        phones.iter().filter(|place| lan.phone(**place).subscribed() < lan.phone(**place).subscribes_to()).count();
    assert_eq!(dark, 0, "phones have lamps that nobody tells anything");

    let mut secrets = BTreeSet::new();
    for place in &phones {
        let with_secret = |body: &[u8]| {
            let text = String::from_utf8_lossy(body);
            text.contains("account.1.password") || text.contains("<user_pass")
        };
        let served = lan.served[place].iter().filter(|(_, body)| with_secret(body)).count();
        assert_eq!(served, 1, "each phone is given its own once");
        let own: BTreeSet<String> = lan.phone(*place).accounts().into_iter().map(|account| account.password).collect();
        assert!(own.iter().all(|secret| secrets.insert(secret.clone())), "no two phones share a secret");
    }
}
