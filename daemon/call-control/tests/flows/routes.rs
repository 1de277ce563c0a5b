//! No route leads to a destination that is refused: whatever way a number goes in, and however it is written there, nothing
//! leaves to any provider.

use centrale_sip::message::Method;
use proptest::prelude::*;
use proptest::test_runner::{Config, RngSeed};

use crate::bench::{BOX, Bench, Leg, OfficeText, Provider, Ua};

/// A number of each class that nobody in the office may call, as it is dialled inside the country.
const REFUSED: [&str; 18] = [
    "09001234",
    "09001234567",
    "09061234",
    "09091234567",
    "1888",
    "16880301234567",
    "1233",
    "0661234567",
    "0676123456",
    "0821234567",
    "0841234567",
    "0871234567",
    "09712345678",
    "0018761234567",
    "005352345678",
    "004930123456",
    "0088112345678",
    "0087912345678",
];

/// Ways to write a number in a URI.
const WRITTEN: [fn(&str) -> String; 15] = [
    |number| sip(number),
    |number| sip(&international(number)),
    |number| sip(&international(number).replacen('+', "00", 1)),
    |number| sip(&international(number).replacen('+', "%2B", 1)),
    |number| sip(&separated(number, '-')),
    |number| sip(&separated(number, '.')),
    |number| sip(&number.bytes().map(|digit| format!("%{digit:02x}")).collect::<String>()),
    |number| sip(&format!("*31*{number}")),
    |number| sip(&format!("%2331%23{number}")),
    |number| sip(&format!("{number};phone-context=+31")),
    |number| format!("sip:{number}@{BOX};user=phone"),
    |number| format!("sips:{number}@{BOX}"),
    |number| format!("tel:{number};phone-context=+31"),
    |number| format!("tel:{};ext=1", international(number)),
    |number| format!("tel:{};npdi;rn=+31201234567", separated(&international(number), '-')),
];

fn sip(user: &str) -> String {
    format!("sip:{user}@{BOX}")
}

/// With a plus where it exists outside of the country.
fn international(number: &str) -> String {
    match (number.strip_prefix("00"), number.strip_prefix('0')) {
        (Some(abroad), _) => format!("+{abroad}"),
        (None, Some(national)) => format!("+31{national}"),
        (None, None) => number.to_owned(),
    }
}

fn separated(number: &str, by: char) -> String {
    let mut written = number.to_owned();
    written.insert(number.len() - 2, by);
    written.insert(number.len() - 4, by);
    written
}

/// How a number goes in.
#[derive(Debug, Clone, Copy)]
enum Way {
    Dialled,
    /// While the first provider asks to be left alone.
    DialledOverTheSecond,
    /// In the To of a call to a colleague.
    InTo,
    /// A colleague's phone sends the call on.
    SentOn,
    HandedOn,
    /// As who is put in the place of a colleague that was asked.
    HandedOnWithReplaces,
    FromARoom,
    /// By who took up what was parked.
    TakenUp,
    FromOutside,
    /// A call from outside that a phone sends on.
    FromOutsideSentOn,
}

const WAYS: [Way; 10] = [
    Way::Dialled,
    Way::DialledOverTheSecond,
    Way::InTo,
    Way::SentOn,
    Way::HandedOn,
    Way::HandedOnWithReplaces,
    Way::FromARoom,
    Way::TakenUp,
    Way::FromOutside,
    Way::FromOutsideSentOn,
];

struct Office {
    bench: Bench,
    providers: [Provider; 2],
    phones: [Ua; 3],
}

fn office() -> Office {
    let text = OfficeText::with_second_trunk() + "[[conference]]\nnumber = \"600\"\nname = \"Board\"\n";
    let mut bench = Bench::switched_off(&text, (10_000, 10_199));
    let (first, second) = Provider::two(&mut bench);
    bench.find_interfaces();
    let phones = ["201", "202", "203"].map(|number| bench.phone(number));
    Office { bench, providers: [first, second], phones }
}

/// That phone rings, if it does, and says that the call is to go there.
fn send_on(bench: &mut Bench, phone: &Ua, to: &str) {
    let Some(invite) = bench.take_request(phone.at, &Method::INVITE) else { return };
    let ring = Leg::called(phone, bench, invite);
    ring.respond_with(bench, 302, &format!("Contact: <{to}>\r\n"), None);
}

fn go(office: &mut Office, way: Way, uri: &str) {
    let Office { bench, providers: [first, _], phones: [anna, bram, chris] } = office;
    let to = format!("<{uri}>");
    match way {
        Way::Dialled => drop(anna.call(bench, uri)),
        Way::DialledOverTheSecond => {
            let mut call = anna.call(bench, "0301234567");
            let ring = first.ua.rung(bench);
            ring.respond_with(bench, 503, "Retry-After: 60\r\n", None);
            ring.expect_ack(bench);
            bench.take_request("198.51.100.7:5070".parse().unwrap(), &Method::INVITE).expect("the second is asked");
            call.cancel(bench);
            call.expect(bench, 487);
            drop(bench.take_request("198.51.100.7:5070".parse().unwrap(), &Method::CANCEL));
            drop(anna.call(bench, uri));
        }
        Way::InTo => {
            let draft = anna.invite_draft(bench, "202").set("To", to);
            drop(anna.call_with(bench, &draft));
        }
        Way::SentOn => {
            drop(anna.call(bench, "202"));
            send_on(bench, bram, uri);
        }
        Way::HandedOn => {
            let (mut call, _ring) = bench.connect(anna, "202", bram);
            call.refer(bench, &to);
        }
        Way::HandedOnWithReplaces => {
            let (mut call, _ring) = bench.connect(anna, "202", bram);
            let (asked, _at_chris) = bench.connect(anna, "203", chris);
            call.refer(bench, &format!("<{uri}?{}>", asked.as_replaces()));
        }
        Way::FromARoom => {
            for phone in [&*anna, &*bram] {
                let mut call = phone.call(bench, "600");
                call.expect(bench, 200);
                call.ack(bench);
                if phone.user == "202" {
                    call.refer(bench, &to);
                }
            }
        }
        Way::TakenUp => {
            let (mut call, mut ring) = bench.connect(anna, "202", bram);
            call.refer(bench, &crate::transfer::to("701"));
            call.told(bench);
            call.expect_bye(bench);
            ring.put_on_hold(bench);
            let mut taking = chris.call(bench, "701");
            taking.expect(bench, 200);
            taking.ack(bench);
            ring.reconnected(bench);
            taking.refer(bench, &to);
        }
        Way::FromOutside => {
            let draft = first.invite_draft(bench, "+31201234568", "+31612345678");
            let draft = crate::bench::Draft { uri: uri.to_owned(), ..draft }.set("To", to);
            drop(Leg::calling(&first.ua, bench, &draft));
        }
        Way::FromOutsideSentOn => {
            let draft = first.invite_draft(bench, "+31201234568", "+31612345678");
            drop(Leg::calling(&first.ua, bench, &draft));
            send_on(bench, bram, uri);
        }
    }
}

proptest! {
    #![proptest_config(Config { cases: 384, rng_seed: RngSeed::Fixed(1_876), failure_persistence: None, ..Config::default() })]

    #[test]
    fn no_way_and_no_writing_leads_to_a_refused_destination(
        way in prop::sample::select(&WAYS[..]),
        number in prop::sample::select(&REFUSED[..]),
        written in 0..WRITTEN.len(),
    ) {
        let mut office = office();
        let uri = WRITTEN[written](number);
        go(&mut office, way, &uri);
        office.bench.seconds(4);
        for provider in &office.providers {
            let left = office.bench.take_request(provider.ua.at, &Method::INVITE);
            prop_assert!(left.is_none(), "{way:?} {uri} left as {:?}", left.unwrap().uri);
        }
    }
}

#[test]
fn what_is_allowed_leaves_by_every_way_on_which_the_refused_was_tried() {
    let leads_out =
        |way: &Way| !matches!(way, Way::InTo | Way::HandedOnWithReplaces | Way::FromARoom | Way::FromOutside);
    for way in WAYS.iter().filter(|way| leads_out(way)) {
        let mut office = office();
        go(&mut office, *way, &sip("0301234567"));
        office.bench.seconds(4);
        let left = office
            .providers
            .iter()
            .any(|provider| office.bench.take_request(provider.ua.at, &Method::INVITE).is_some());
        assert!(left, "{way:?}");
    }
}
