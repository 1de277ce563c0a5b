//! A call for help says where help is to come, where the provider takes that, and never depends on it.

use std::net::SocketAddr;

use centrale_call_control::{Bound, Input, Outcome, Place, Sighting};
use centrale_guard::{Civil, Kept};
use centrale_sip::flow::{Target, Transport};
use centrale_sip::message::{HeaderName, Method};

use crate::bench::{Bench, Leg, OFFICE, OfficeText, PORTS, Provider, TUESDAY, Ua};

const ADDRESS: &str = "
[emergency]
street = \"Damstraat\"
house_number = \"12\"
postcode = \"1012 JM\"
place = \"Amsterdam\"
";

fn located(office: &str) -> String {
    format!("{}{ADDRESS}", office.replacen("register = true\n", "register = true\nlocation = true\n", 1))
}

/// Two providers, the first with the address, over TCP: a message that is too large for a datagram tries that first anyway.
fn two_providers() -> (Bench, [Ua; 2]) {
    let office = located(&OfficeText::with_second_trunk()).replacen("\"udp\"", "\"tcp\"", 1);
    over_tcp(&office)
}

fn over_tcp(office: &str) -> (Bench, [Ua; 2]) {
    let mut bench = Bench::switched_off(office, PORTS);
    let target = Target::new(Transport::Tcp, Provider::ADDRESS.parse().unwrap());
    bench.names.insert("sip.provider.example".into(), vec![target]);
    let first = Provider::at(&mut bench, Transport::Tcp, Provider::ADDRESS).ua;
    let second = Provider::at(&mut bench, Transport::Udp, Provider::SECOND).ua;
    bench.find_interfaces();
    (bench, [first, second])
}

fn help(bench: &mut Bench, dialled: &str) -> (Ua, Leg) {
    let anna = bench.phone("201");
    let draft = anna.invite_draft(bench, dialled);
    let leg = Leg::calling(&anna, bench, &draft);
    (anna, leg)
}

fn told(leg: &Leg, name: &'static str) -> Option<String> {
    leg.asked().headers.text(&HeaderName::other(name)).map(|text| text.into_owned())
}

fn carries_an_address(leg: &Leg) -> bool {
    told(leg, "Geolocation").is_some() || told(leg, "Content-Type").is_some_and(|kind| kind.starts_with("multipart"))
}

#[track_caller]
fn answered(bench: &mut Bench, mut call: Leg, mut ring: Leg) {
    ring.pick_up(bench);
    call.expect(bench, 200);
    call.ack(bench);
    ring.hang_up(bench);
    call.expect_bye(bench);
}

#[test]
fn a_call_for_help_says_where_help_is_to_come_beside_its_offer() {
    let mut bench = Bench::of(&located(OFFICE));
    let provider = Provider::new(&mut bench).ua;
    let (_, call) = help(&mut bench, "112");
    let ring = provider.rung(&mut bench);
    let cid = told(&ring, "Geolocation").unwrap();
    assert_eq!(told(&ring, "Geolocation-Routing").as_deref(), Some("yes"));
    let id = cid.trim_start_matches("<cid:").trim_end_matches('>').to_owned();
    let kind = told(&ring, "Content-Type").unwrap();
    let boundary = kind.strip_prefix("multipart/mixed;boundary=").unwrap();
    let body = String::from_utf8_lossy(&ring.asked().body).into_owned();
    let parts: Vec<&str> = body.split(&format!("--{boundary}")).collect();
    assert_eq!((parts.len(), parts[0], parts[3]), (4, "", "--\r\n"), "{body}");
    assert!(parts[1].starts_with("\r\nContent-Type: application/sdp\r\n\r\nv=0\r\n"), "{body}");
    assert!(parts[2].contains("Content-Type: application/pidf+xml\r\n"), "{body}");
    assert!(parts[2].contains(&format!("Content-ID: <{id}>\r\n")), "{body}");
    assert!(parts[2].contains("<c:A3>Amsterdam</c:A3><c:RD>Damstraat</c:RD><c:HNO>12</c:HNO><c:PC>1012 JM</c:PC>"));
    answered(&mut bench, call, ring);
    bench.over();
}

#[test]
fn an_address_goes_to_nobody_who_does_not_take_it_and_with_no_other_call() {
    let mut bench = Bench::of(&format!("{OFFICE}{ADDRESS}"));
    let provider = Provider::new(&mut bench).ua;
    let (_, call) = help(&mut bench, "112");
    let ring = provider.rung(&mut bench);
    assert!(!carries_an_address(&ring));
    answered(&mut bench, call, ring);
    bench.settle(&located(OFFICE));
    bench.find_interfaces();
    let bram = bench.phone("202");
    let (mut ordinary, mut far) = bench.connect(&bram, "0612345678", &provider);
    assert!(!carries_an_address(&far));
    far.hang_up(&mut bench);
    ordinary.expect_bye(&mut bench);
    bench.over();
}

#[test]
fn whatever_is_refused_with_an_address_is_asked_at_once_without_it_and_only_then_somebody_else() {
    for status in [400, 403, 415, 424, 480, 488, 500, 503, 603] {
        let (mut bench, [first, second]) = two_providers();
        let (_, call) = help(&mut bench, "112");
        let ring = first.rung(&mut bench);
        assert!(carries_an_address(&ring), "{status}");
        ring.refuse(&mut bench, status);
        let again = first.rung(&mut bench);
        assert!(!carries_an_address(&again), "{status}");
        assert!(bench.take_request(second.at, &Method::INVITE).is_none(), "{status}");
        again.refuse(&mut bench, status);
        let ring = second.rung(&mut bench);
        answered(&mut bench, call, ring);
        bench.over();
    }
}

#[test]
fn a_provider_that_is_busy_is_not_asked_again_for_its_address() {
    for status in [486, 600] {
        let (mut bench, [first, second]) = two_providers();
        let (_, call) = help(&mut bench, "112");
        first.rung(&mut bench).refuse(&mut bench, status);
        let ring = second.rung(&mut bench);
        answered(&mut bench, call, ring);
        bench.over();
    }
}

#[test]
fn a_provider_that_says_nothing_to_an_address_is_asked_without_it_within_two_seconds_and_so_is_the_next() {
    let (mut bench, [first, second]) = two_providers();
    let (_, mut call) = help(&mut bench, "112");
    let ring = first.rung(&mut bench);
    assert!(carries_an_address(&ring));
    bench.seconds(2);
    let again = first.rung(&mut bench);
    assert!(!carries_an_address(&again));
    let other = second.rung(&mut bench);
    other.ring(&mut bench);
    call.expect(&mut bench, 180);
    answered(&mut bench, call, again);
    other.expect_cancelled(&mut bench);
    ring.refuse(&mut bench, 487);
    let records = bench.over();
    assert_eq!((records[0].trunk.as_deref(), records[0].outcome), (Some("provider"), Outcome::Answered));
}

#[test]
fn the_only_provider_that_says_nothing_to_an_address_is_asked_without_it_too() {
    let (mut bench, [provider, _]) = over_tcp(&located(OFFICE).replacen("\"udp\"", "\"tcp\"", 1));
    let (_, call) = help(&mut bench, "112");
    let ring = provider.rung(&mut bench);
    bench.seconds(2);
    let again = provider.rung(&mut bench);
    assert!(carries_an_address(&ring) && !carries_an_address(&again));
    answered(&mut bench, call, again);
    ring.refuse(&mut bench, 487);
    bench.over();
}

#[test]
fn help_always_shows_a_number_of_the_office_also_from_who_asks_not_to_be_shown_or_has_none() {
    for dialled in ["112", "sip:*31*112@192.168.1.10", "sip:%2331%23112@192.168.1.10"] {
        for user in ["201", "202", "nobody"] {
            let mut bench = Bench::of(&located(OFFICE));
            let provider = Provider::new(&mut bench).ua;
            let caller = Ua::usual(if user == "nobody" { "203" } else { user });
            let draft = caller.invite_draft(&mut bench, dialled);
            let draft = draft.with("Privacy", "id").set("From", format!("<sip:{user}@192.168.1.10>;tag=1"));
            let call = Leg::calling(&caller, &mut bench, &draft);
            let ring = provider.rung(&mut bench);
            let own = if user == "202" { "+31201234568" } else { "+31201234567" };
            for name in [HeaderName::From, HeaderName::PAssertedIdentity] {
                let shown = ring.asked().headers.text(&name).unwrap().into_owned();
                assert!(shown.contains(&format!("<sip:{own}@sip.provider.example>")), "{user} {dialled}: {shown}");
            }
            assert!(told(&ring, "Privacy").is_none());
            answered(&mut bench, call, ring);
            bench.over();
        }
    }
}

/// Somebody's phone outside of the office, of which somebody said that it is theirs.
fn at_home(bench: &mut Bench, number: &str, at: &str) -> Ua {
    let place = Place::outside(at.parse::<SocketAddr>().unwrap().ip());
    bench.input(Input::Bonds(vec![Bound::To(number.into(), Sighting::of("", None, place))]));
    bench.phone_at(number, Transport::Tcp, at)
}

#[test]
fn a_140_who_calls_for_help_from_elsewhere_sends_nobody_to_the_office_and_the_page_tells_it_before() {
    let mut bench = Bench::of(&located(OFFICE));
    let provider = Provider::new(&mut bench).ua;
    let anna = bench.phone("201");
    assert!(!bench.has_problem("use-elsewhere", "201"));
    let home = at_home(&mut bench, "202", "198.51.100.66:40000");
    let told = |bench: &Bench| bench.problems().into_iter().find(|one| one.code == "use-elsewhere");
    assert_eq!(told(&bench).map(|one| (one.subject, one.detail)), Some(("202".into(), "198.51.100.66".into())));
    let call = home.call(&mut bench, "112");
    let ring = provider.rung(&mut bench);
    assert!(!carries_an_address(&ring));
    answered(&mut bench, call, ring);
    let draft = anna.invite_draft(&mut bench, "112");
    let call = Leg::calling(&anna, &mut bench, &draft);
    let ring = provider.rung(&mut bench);
    assert!(carries_an_address(&ring));
    answered(&mut bench, call, ring);
    let leave = home.register_draft(&mut bench, 0);
    assert_eq!(home.ask_proven(&mut bench, &leave).status.code(), 200);
    assert_eq!(told(&bench), None);
    bench.over();
}

#[test]
fn a_141_who_has_a_number_next_was_nowhere_when_who_had_it_before_was_away() {
    let (mut bench, _provider) = Bench::on_tuesday(OFFICE);
    let stay =
        Kept { name: "elsewhere/203".into(), window: (TUESDAY.day - 1).into(), amount: (TUESDAY.day - 30).into() };
    bench.input(Input::Kept(vec![stay.clone()]));
    let (before, after) = OFFICE.split_once("[[person]]\nnumber = \"203\"").unwrap();
    let without = format!("{before}[[trunk]]{}", after.split_once("[[trunk]]").unwrap().1);
    bench.settle(&without);
    bench.settle(OFFICE);
    assert!(bench.kept.remove("elsewhere/203").is_some_and(|kept| kept.window == 0));
    bench.settle(&without);
    bench.input(Input::Kept(vec![stay]));
    bench.settle(OFFICE);
    let kept = bench.kept.get("elsewhere/203").cloned().expect("it is written down that nothing is left");
    bench.input(Input::Kept(vec![kept]));
    at_home(&mut bench, "203", "198.51.100.66:40000");
    assert!(bench.has_problem("use-elsewhere", "203"));
    assert!(!bench.has_problem("use-elsewhere-long", "203"));
    bench.over();
}

#[test]
fn a_141_whoever_has_been_elsewhere_for_weeks_is_reported_also_after_a_restart() {
    let (mut bench, _provider) = Bench::on_tuesday(OFFICE);
    let told = |bench: &Bench| -> Vec<String> {
        bench.problems().into_iter().filter(|one| one.code.starts_with("use-elsewhere")).map(|one| one.code).collect()
    };
    let stay =
        Kept { name: "elsewhere/202".into(), window: (TUESDAY.day - 1).into(), amount: (TUESDAY.day - 13).into() };
    bench.input(Input::Kept(vec![stay]));
    let abroad = at_home(&mut bench, "202", "198.51.100.66:40000");
    assert_eq!(told(&bench), ["use-elsewhere"], "the fourteenth day");
    bench.input(Input::Clock(Civil { day: TUESDAY.day + 1, ..TUESDAY }));
    assert_eq!(told(&bench), ["use-elsewhere-long"]);
    let kept = bench.kept.get("elsewhere/202").map(|kept| (kept.window, kept.amount));
    assert_eq!(kept, Some((u64::from(TUESDAY.day) + 1, u64::from(TUESDAY.day) - 13)));
    let leave = abroad.register_draft(&mut bench, 0);
    assert_eq!(abroad.ask_proven(&mut bench, &leave).status.code(), 200);
    assert_eq!(told(&bench), [""; 0]);
    bench.over();
}
