//! Who asks in vain again and again costs next to nothing and keeps nobody else waiting.

#![allow(clippy::unwrap_used, reason = "a test fails by panic")]

mod kit;

use std::time::Duration;

use centrale_provisioning::enrolment::{Answer, Effect, Neighbour};
use kit::{Bench, TestPhone};

/// What one source may ask in vain at once.
const AT_ONCE: u64 = 120;

fn flood(bench: &mut Bench, phone: &TestPhone, url: &str) -> Vec<Answer> {
    (0..500).map(|_| bench.get(phone, url)).collect()
}

#[test]
fn a_105_a_flood_from_one_source_is_turned_away_unseen_and_a_phone_beside_it_is_set_up_meanwhile() {
    let mut bench = Bench::new();
    let (loud, quiet) = (TestPhone::yealink("T46S", 20), TestPhone::yealink("T54W", 21));
    bench.open_window();
    bench.pnp(&loud).unwrap();
    let answers = flood(&mut bench, &loud, "http://192.168.1.2:8080/y000000000066.cfg");
    let first = &answers[0];
    assert_eq!((first.status, first.delay), (404, Duration::ZERO));
    assert!(answers.iter().all(|answer| answer == first), "who floods cannot tell that it is seen through");
    assert_eq!(bench.refused("no-such-file"), AT_ONCE);
    assert_eq!(bench.refused("asks-too-often"), 500 - AT_ONCE);
    assert_eq!(bench.state(&loud).1.as_deref(), Some("asks-too-often"));
    let settings = bench.enrol(&quiet, "201");
    assert!(settings.password().is_some());
    bench.pass(2);
    bench.get(&loud, "http://192.168.1.2:8080/y000000000066.cfg");
    assert_eq!(bench.refused("no-such-file"), AT_ONCE + 1, "later it is looked at again");
}

#[test]
fn a_phone_that_is_set_up_reads_its_settings_however_loud_its_own_address_is() {
    let mut bench = Bench::new();
    bench.open_window();
    let phone = TestPhone::yealink("T46S", 20);
    let settings = bench.enrol(&phone, "201");
    flood(&mut bench, &phone, "http://192.168.1.2:8080/y000000000066.cfg");
    assert_eq!(bench.read_settings(&phone, settings.server()), Some(settings));
    assert_eq!(bench.state(&phone), ("Ready".into(), None), "and nothing is in its way any more");
}

#[test]
fn one_that_plays_a_phone_again_and_again_is_told_of_and_then_costs_nothing() {
    let phone = TestPhone::yealink("T46S", 20);
    let thief = TestPhone { address: "192.168.1.66".parse().unwrap(), ..phone.clone() };
    let table = [
        (Neighbour::Is(phone.mac), false, "asks-again"),
        (TestPhone::yealink("T46S", 66).neighbour, true, "neighbour-differs"),
    ];
    for (neighbour, window, refusal) in table {
        let mut bench = Bench::new();
        bench.open_window();
        bench.enrol(&phone, "201");
        if !window {
            bench.enrolment.close_window();
        }
        bench.look();
        let thief = TestPhone { neighbour, ..thief.clone() };
        flood(&mut bench, &thief, &format!("http://192.168.1.2:8080/{}.cfg", phone.mac));
        assert_eq!(bench.refused(refusal), AT_ONCE, "{refusal}");
        assert!(bench.look().iter().any(|effect| matches!(effect, Effect::Alarm(_))), "{refusal} is told of");
        flood(&mut bench, &thief, &format!("http://192.168.1.2:8080/{}.cfg", phone.mac));
        assert_eq!(bench.look(), [], "and then nothing follows from it any more");
    }
}

#[test]
fn on_the_boxs_own_network_a_phone_does_not_pay_for_its_neighbour_whatever_their_addresses() {
    let table = [
        ("fd00::20", "fd00::21", false),
        ("2001:db8::20", "2001:db8::21", false),
        ("fe80::20", "fe80::21", false),
        // Behind a router whoever has one address of a network has them all.
        ("fd00::20", "fd00::21", true),
    ];
    for (loud, quiet, routed) in table {
        let mut bench = Bench::new();
        bench.open_window();
        let [loud, quiet] = [(loud, 20), (quiet, 21)].map(|(address, last)| {
            let phone = TestPhone::yealink("T46S", last);
            let neighbour = if routed { Neighbour::Routed } else { phone.neighbour };
            TestPhone { address: address.parse().unwrap(), neighbour, ..phone }
        });
        flood(&mut bench, &loud, "http://192.168.1.2:8080/y000000000066.cfg");
        let settings = bench.read_settings(&quiet, "http://192.168.1.2:8080/");
        assert_eq!(settings.is_none(), routed, "{} beside {}", quiet.address, loud.address);
    }
}

#[test]
fn a_word_for_a_phone_that_asks_again_counts_whatever_its_card_says_since() {
    let mut bench = Bench::new();
    bench.open_window();
    let phone = TestPhone::yealink("T46S", 20);
    bench.enrol(&phone, "201");
    bench.pass(3600);
    assert_eq!(bench.pnp(&phone), None);
    assert_eq!(bench.state(&phone).1.as_deref(), Some("asks-again"));
    let effects = bench.enrolment.handle_pnp_flood(phone.address, phone.neighbour);
    bench.effects.extend(effects);
    assert_eq!(bench.state(&phone).1.as_deref(), Some("asks-too-often"));
    bench.adopt(phone.mac, "201");
    bench.open_window();
    assert!(bench.boot(&phone).unwrap().password().is_some());
}

#[test]
fn what_has_only_the_look_of_a_token_in_it_is_turned_away_unseen_as_well() {
    let phone = TestPhone::yealink("T46S", 20);
    for path in ["/b/x", "/b//805ec0000014.cfg", "/p/x/805ec0000014.cfg", "/l/", "/bogus"] {
        let mut bench = Bench::new();
        flood(&mut bench, &phone, &format!("http://192.168.1.2:8080{path}"));
        assert_eq!(bench.refused("asks-too-often"), 500 - AT_ONCE, "{path}");
    }
}

#[test]
fn who_has_a_token_and_asks_in_vain_for_ever_is_slowed_and_the_phone_itself_is_not() {
    let phone = TestPhone::yealink("T46S", 20);
    let thief = TestPhone { neighbour: TestPhone::yealink("T46S", 66).neighbour, ..phone.clone() };
    let mut bench = Bench::new();
    bench.open_window();
    let nonce = bench.pnp(&phone).unwrap();
    bench.pass(60);
    let own = TestPhone::yealink("T54W", 21);
    let settings = bench.enrol(&own, "201");
    let table = [
        (&thief, format!("{nonce}{}.cfg", phone.mac), "neighbour-differs"),
        (&own, format!("{}y000000000096.cfg", settings.server()), "no-such-file"),
    ];
    for (who, url, refusal) in table {
        let before = bench.refused(refusal);
        let delays: Vec<Duration> = flood(&mut bench, who, &url).into_iter().map(|answer| answer.delay).collect();
        assert_eq!(bench.refused(refusal) - before, 500, "each is looked at: {refusal}");
        let at_once = delays.iter().filter(|delay| delay.is_zero()).count();
        assert!(u64::try_from(at_once).unwrap() <= AT_ONCE, "{at_once} answers at once to {refusal}");
        assert_eq!(delays.last(), Some(&Duration::from_secs(1)), "{refusal}");
    }
    let answer = bench.get(&own, &format!("{}{}.cfg", settings.server(), own.mac));
    assert_eq!((answer.status, answer.delay), (200, Duration::ZERO));
}
