//! Calls from outside: who called whom, as far as the provider says it.

use centrale_call_control::view::Direction;
use centrale_call_control::{Input, Interfaces, LocalAddress, Outcome};
use centrale_sip::flow::Transport;
use centrale_sip::message::{Method, Request};

use crate::bench::{Bench, Draft, Leg, OFFICE, Provider, Ua};

/// Calls from outside and expects it to ring at Bram, or to be refused.
fn incoming(change: impl FnOnce(&Provider, Draft) -> Draft) -> Result<Request, u16> {
    incoming_at(OFFICE, change)
}

fn incoming_at(office: &str, change: impl FnOnce(&Provider, Draft) -> Draft) -> Result<Request, u16> {
    let mut bench = Bench::switched_off(office, (10_000, 10_199));
    let provider = Provider::new(&mut bench);
    bench.find_interfaces();
    let (_anna, bram) = (bench.phone("201"), bench.phone("202"));
    let draft = provider.invite_draft(&mut bench, "+31201234568", "+31612345678");
    let draft = change(&provider, draft);
    let mut call = Leg::calling(&provider.ua, &mut bench, &draft);
    let Some(invite) = bench.take_request(bram.at, &Method::INVITE) else {
        call.expect(&mut bench, 404);
        let records = bench.over();
        assert_eq!((records[0].direction, records[0].outcome), (Direction::Incoming, Outcome::Refused));
        assert_eq!(records[0].trunk.as_deref(), Some("provider"));
        return Err(404);
    };
    let mut ring = Leg::called(&bram, &mut bench, invite.clone());
    bench.take_request("192.168.1.101:5060".parse().unwrap(), &Method::INVITE);
    ring.pick_up(&mut bench);
    call.expect(&mut bench, 200);
    call.ack(&mut bench);
    call.hang_up(&mut bench);
    ring.expect_bye(&mut bench);
    bench.seconds(60);
    bench.take_request("192.168.1.101:5060".parse().unwrap(), &Method::CANCEL);
    let records = bench.over();
    assert_eq!((records[0].direction, records[0].trunk.as_deref()), (Direction::Incoming, Some("provider")));
    assert_eq!(records[0].answered_by.as_deref(), Some("202"));
    Ok(invite)
}

fn uri(user: &str) -> String {
    format!("sip:{user}@192.168.1.10:5060")
}

#[test]
fn the_called_number_is_found_wherever_the_provider_puts_it() {
    let number = "31201234568";
    type Change = Box<dyn FnOnce(&Provider, Draft) -> Draft>;
    let table: Vec<(&str, Change)> = vec![
        ("E.164 in the request", Box::new(|_, draft| draft)),
        ("without the plus", Box::new(move |_, draft| Draft { uri: uri(number), ..draft })),
        ("as dialled nationally", Box::new(move |_, draft| Draft { uri: uri("0201234568"), ..draft })),
        (
            "our contact in the request, the number in To",
            Box::new(move |provider, draft| {
                Draft { uri: uri(&provider.contact_user()), ..draft }
                    .set("To", format!("<sip:{number}@sip.provider.example>"))
            }),
        ),
        (
            "our contact in the request, nothing in To",
            Box::new(move |provider, draft| {
                // It stands for the trunk's first number, which rings the shop: Bram is in it.
                Draft { uri: uri(&provider.contact_user()), ..draft }.set("To", "<sip:office@sip.provider.example>")
            }),
        ),
        (
            "the account in the request",
            Box::new(move |_, draft| {
                Draft { uri: uri("office"), ..draft }.set("To", "<sip:office@sip.provider.example>")
            }),
        ),
        (
            "P-Called-Party-ID",
            Box::new(move |_, draft| {
                let draft = Draft { uri: uri("office"), ..draft };
                draft.set("To", "<sip:office@x>").with("P-Called-Party-ID", format!("<tel:+{number}>"))
            }),
        ),
    ];
    for (name, change) in table {
        assert!(incoming(change).is_ok(), "{name}");
    }
    let unknown = |_: &Provider, draft: Draft| {
        Draft { uri: "sip:+31209999999@192.168.1.10".into(), ..draft }.set("To", "<sip:+31209999999@x>")
    };
    assert_eq!(incoming(unknown).err(), Some(404));
}

#[test]
fn who_calls_is_shown_as_the_provider_vouches_for_it() {
    type Fields = &'static [(&'static str, &'static str)];
    let table: [(Fields, &str, &str); 6] = [
        (&[], "+31612345678", ""),
        (&[("From", "\"Jan\" <sip:0612345678@x>;tag=1")], "+31612345678", "Jan"),
        (&[("P-Asserted-Identity", "\"Piet\" <tel:+31687654321>")], "+31687654321", "Piet"),
        (&[("P-Asserted-Identity", "<tel:+31687654321>"), ("Privacy", "id")], "anonymous", ""),
        (&[("From", "\"Anonymous\" <sip:anonymous@anonymous.invalid>;tag=1")], "anonymous", ""),
        (&[("From", "<sip:x@x>;tag=1")], "x", ""),
    ];
    for (fields, number, name) in table {
        let change = |_: &Provider, mut draft: Draft| {
            for (field, value) in fields {
                draft = draft.set(field, *value);
            }
            draft
        };
        let invite = incoming(change).unwrap();
        let from = invite.headers.from().unwrap();
        assert_eq!((from.uri.dialled().as_deref(), from.name.as_str()), (Some(number), name), "{fields:?}");
    }
}

#[test]
fn a_contact_whom_the_provider_does_not_name_rings_under_the_name_in_the_phone_book() {
    let contact = "[[contact]]\nname = \"Piet\"\ncompany = \"De Molen\"\nnumbers = [\"06 12 34 56 78\"]\n";
    let office = format!("{OFFICE}{contact}");
    for (from, name) in [
        ("<sip:+31612345678@x>;tag=1", "Piet (De Molen)"),
        ("\"0612345678\" <sip:0612345678@x>;tag=1", "Piet (De Molen)"),
        ("\"P. Molenaar\" <sip:0612345678@x>;tag=1", "P. Molenaar"),
        ("<sip:0612345679@x>;tag=1", ""),
    ] {
        let invite = incoming_at(&office, |_, draft| draft.set("From", from)).unwrap();
        assert_eq!(invite.headers.from().unwrap().name, name, "{from}");
    }
    let hidden = |_: &Provider, draft: Draft| draft.set("From", "<sip:0612345678@x>;tag=1").set("Privacy", "id");
    assert_eq!(incoming_at(&office, hidden).unwrap().headers.from().unwrap().name, "", "who hides is not named");
}

#[test]
fn a_call_from_a_stranger_is_challenged_and_never_rings() {
    let mut bench = Bench::new();
    let bram = bench.phone("202");
    for (at, dialled) in ["+31201234568", "202", "112", "0612345678"].into_iter().enumerate() {
        let at = format!("203.0.113.{}:5060", 66 + at).parse().unwrap();
        let stranger = Ua { at, ..Ua::usual("202") };
        let draft = stranger.invite_draft(&mut bench, dialled);
        Leg::calling(&stranger, &mut bench, &draft).expect(&mut bench, 401);
    }
    assert!(bench.take_request(bram.at, &Method::INVITE).is_none());
    assert!(bench.over().is_empty());
}

#[test]
fn a_phone_at_the_address_of_a_provider_on_the_same_machine_is_still_a_phone() {
    let office = OFFICE.replace("sip.provider.example", "127.0.0.1:5080");
    let mut bench = Bench::switched_off(&office, (10_000, 10_199));
    let provider = Provider::at(&mut bench, centrale_sip::flow::Transport::Udp, "127.0.0.1:5080");
    bench.find_interfaces();
    let anna = bench.phone_at("201", centrale_sip::flow::Transport::Udp, "127.0.0.1:5091");
    let bram = bench.phone_at("202", centrale_sip::flow::Transport::Udp, "127.0.0.1:5092");
    let (mut call, mut ring) = bench.connect(&anna, "202", &bram);
    call.hang_up(&mut bench);
    ring.expect_bye(&mut bench);
    let draft = provider.invite_draft(&mut bench, "+31201234568", "+31612345678");
    let mut call = Leg::calling(&provider.ua, &mut bench, &draft);
    bram.rung(&mut bench).refuse(&mut bench, 486);
    call.expect(&mut bench, 486);
    let directions: Vec<_> = bench.over().iter().map(|record| record.direction).collect();
    assert_eq!(directions, [Direction::Internal, Direction::Incoming]);
}

#[test]
fn an_incoming_call_for_somebody_without_a_phone_is_told_so() {
    let mut bench = Bench::new();
    let provider = Provider::new(&mut bench);
    let draft = provider.invite_draft(&mut bench, "+31201234568", "+31612345678");
    let mut call = Leg::calling(&provider.ua, &mut bench, &draft);
    call.expect(&mut bench, 480);
    let records = bench.over();
    assert_eq!((records[0].outcome, records[0].trunk.as_deref()), (Outcome::Unreachable, Some("provider")));
}

/// A call to Bram from an address, and whether his phone rings.
fn rings_from(bench: &mut Bench, provider: &Provider, transport: Transport, at: &str) -> bool {
    let bram = Ua::usual("202");
    let caller = Provider { ua: Ua::new("provider", transport, at), registrar: provider.registrar.clone() };
    let draft = caller.invite_draft(bench, "+31201234568", "+31612345678");
    let mut call = Leg::calling(&caller.ua, bench, &draft);
    let Some(invite) = bench.take_request(bram.at, &Method::INVITE) else { return false };
    let mut ring = Leg::called(&bram, bench, invite);
    ring.pick_up(bench);
    call.expect(bench, 200);
    call.ack(bench);
    ring.hang_up(bench);
    call.expect_bye(bench);
    true
}

#[test]
fn a_provider_calls_from_the_addresses_that_the_office_names_and_whoever_is_beside_them_is_nobody() {
    let named = "register = true\nheard_from = [\"198.51.100.64/28\", \"192.0.2.9\", \"2001:db8:5::/48\"]\n";
    let office = OFFICE.replace("register = true\n", named);
    let mut bench = Bench::switched_off(&office, (10_000, 10_199));
    let provider = Provider::new(&mut bench);
    bench.find_interfaces();
    bench.phone("202");
    for (transport, at) in [
        (Transport::Udp, Provider::ADDRESS),
        (Transport::Udp, "198.51.100.64:5060"),
        (Transport::Tcp, "198.51.100.79:41000"),
        (Transport::Udp, "192.0.2.9:5080"),
        (Transport::Udp, "[2001:db8:5:1::9]:5060"),
    ] {
        assert!(rings_from(&mut bench, &provider, transport, at), "{at}");
    }
    for at in ["198.51.100.63:5060", "198.51.100.80:5060", "192.0.2.10:5060", "[2001:db8:6::9]:5060"] {
        assert!(!rings_from(&mut bench, &provider, Transport::Udp, at), "{at}");
    }
    // What turns out to be the office's own network is no provider's.
    let address = |ip: &str, prefix| LocalAddress { ip: ip.parse().unwrap(), prefix, default_route: true };
    let here = vec![address("192.168.1.10", 24), address("198.51.100.70", 28)];
    bench.input(Input::Interfaces(Interfaces::new(here)));
    assert!(!rings_from(&mut bench, &provider, Transport::Udp, "198.51.100.65:5060"));
    assert!(rings_from(&mut bench, &provider, Transport::Udp, "192.0.2.9:5080"));
}

#[test]
fn an_address_that_was_blocked_is_heard_once_the_office_says_that_it_is_the_providers() {
    for named in ["192.0.2.9", "192.0.2.0/28"] {
        let mut bench = Bench::switched_off(OFFICE, (10_000, 10_199));
        let provider = Provider::new(&mut bench);
        bench.find_interfaces();
        bench.phone("202");
        let (source, beside) = ("192.0.2.9:5060", "192.0.2.16:5060");
        for (blocked, user) in [(source, "201"), (beside, "203")] {
            let scanner = crate::knock::attacker(blocked, user);
            for guess in 0..20 {
                crate::knock::try_password(&scanner, &mut bench, &format!("guess {guess}"));
            }
            assert!(!rings_from(&mut bench, &provider, Transport::Udp, blocked));
        }
        let heard = format!("register = true\nheard_from = [\"{named}\"]\n");
        bench.settle(&OFFICE.replace("register = true\n", &heard));
        assert!(rings_from(&mut bench, &provider, Transport::Udp, source), "{named}");
        assert!(bench.is_blocking(), "who is beside them stays blocked");
    }
}
