//! No route leads to a destination that is refused: whatever way a number goes in, and however it is written there, nothing
//! leaves to any provider. A mailbox calls nobody back here, so that way does not exist.

use centrale_call_control::{ALLOWED_ONCE_FOR, Command};
use centrale_config::parse_office;
use centrale_sip::message::Method;

use crate::bench::{BOX, Bench, Leg, OfficeText, Provider, Ua};

/// Where an office is: its code, a number that everybody may call, and the own number at which Bram is called.
struct Place {
    code: &'static str,
    ordinary: &'static str,
    own: &'static str,
    refused: &'static [&'static str],
}

const DUTCH: Place = Place { code: "31", ordinary: "0301234567", own: "+31201234568", refused: &REFUSED };
const BELGIAN: Place = Place { code: "32", ordinary: "022345678", own: "+3221234568", refused: &REFUSED_IN_BELGIUM };

const REFUSED_IN_BELGIUM: [&str; 14] = [
    "070123456",
    "077123456",
    "090012345",
    "090212345",
    "090312345",
    "090512345",
    "090912345",
    "1207",
    "1313",
    "1656022345678",
    "0018761234567",
    "004930123456",
    "0031612345678",
    "0088112345678",
];

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

/// Ways to write a number in a URI, in a country with that code.
const WRITTEN: [fn(&str, &str) -> String; 15] = [
    |number, _| sip(number),
    |number, code| sip(&international(number, code)),
    |number, code| sip(&international(number, code).replacen('+', "00", 1)),
    |number, code| sip(&international(number, code).replacen('+', "%2B", 1)),
    |number, _| sip(&separated(number, '-')),
    |number, _| sip(&separated(number, '.')),
    |number, _| sip(&number.bytes().map(|digit| format!("%{digit:02x}")).collect::<String>()),
    |number, _| sip(&format!("*31*{number}")),
    |number, _| sip(&format!("%2331%23{number}")),
    |number, code| sip(&format!("{number};phone-context=+{code}")),
    |number, _| format!("sip:{number}@{BOX};user=phone"),
    |number, _| format!("sips:{number}@{BOX}"),
    |number, code| format!("tel:{number};phone-context=+{code}"),
    |number, code| format!("tel:{};ext=1", international(number, code)),
    |number, code| format!("tel:{};npdi;rn=+31201234567", separated(&international(number, code), '-')),
];

fn sip(user: &str) -> String {
    format!("sip:{user}@{BOX}")
}

/// With a plus where it exists outside of the country.
fn international(number: &str, code: &str) -> String {
    match (number.strip_prefix("00"), number.strip_prefix('0')) {
        (Some(abroad), _) => format!("+{abroad}"),
        (None, Some(national)) => format!("+{code}{national}"),
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
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
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
    /// Who calls a colleague is sent there as it was set at the page.
    SetAtThePage,
    /// The phone of one of a group sends the group's call on.
    SentOnInAGroup,
    /// By who was allowed a call to another number once.
    AllowedAnother,
    /// The other end, at the provider, hands the call on.
    HandedOnFromOutside,
}

const WAYS: [Way; 14] = [
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
    Way::SetAtThePage,
    Way::SentOnInAGroup,
    Way::AllowedAnother,
    Way::HandedOnFromOutside,
];

struct Office {
    bench: Bench,
    providers: [Provider; 2],
    phones: [Ua; 3],
    place: &'static Place,
}

/// An office there, in which who calls Bram is sent to that number, if to any.
fn text(place: &Place, forward: Option<&str>) -> String {
    let text = OfficeText::with_second_trunk() + "[[conference]]\nnumber = \"600\"\nname = \"Board\"\n";
    let text = if place.code == "32" { OfficeText::belgian(&text) } else { text };
    let forward = forward.map_or_else(String::new, |to| format!("forward = \"{to}\"\n"));
    text.replace("name = \"Bram\"\n", &format!("name = \"Bram\"\n{forward}"))
}

fn office(place: &'static Place, forward: Option<&str>) -> Office {
    let text = text(place, forward);
    let mut bench = Bench::switched_off(&text, (10_000, 10_199));
    let (first, second) = Provider::two(&mut bench);
    bench.find_interfaces();
    let phones = ["201", "202", "203"].map(|number| bench.phone(number));
    Office { bench, providers: [first, second], phones, place }
}

/// That phone rings, if it does, and says that the call is to go there.
fn send_on(bench: &mut Bench, phone: &Ua, to: &str) {
    let Some(invite) = bench.take_request(phone.at, &Method::INVITE) else { return };
    let ring = Leg::called(phone, bench, invite);
    ring.respond_with(bench, 302, &format!("Contact: <{to}>\r\n"), None);
}

fn go(office: &mut Office, way: Way, uri: &str) {
    let Office { bench, providers: [first, _], phones: [anna, bram, chris], place } = office;
    let to = format!("<{uri}>");
    match way {
        Way::Dialled => drop(anna.call(bench, uri)),
        Way::DialledOverTheSecond => {
            let mut call = anna.call(bench, place.ordinary);
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
            let draft = first.invite_draft(bench, place.own, "+31612345678");
            let draft = crate::bench::Draft { uri: uri.to_owned(), ..draft }.set("To", to);
            drop(Leg::calling(&first.ua, bench, &draft));
        }
        Way::FromOutsideSentOn => {
            let draft = first.invite_draft(bench, place.own, "+31612345678");
            drop(Leg::calling(&first.ua, bench, &draft));
            send_on(bench, bram, uri);
        }
        Way::SetAtThePage => drop(anna.call(bench, "202")),
        Way::SentOnInAGroup => {
            drop(chris.call(bench, "250"));
            send_on(bench, bram, uri);
            send_on(bench, anna, uri);
        }
        Way::AllowedAnother => {
            let until = bench.now + ALLOWED_ONCE_FOR;
            bench.command(Command::AllowOnce { person: "201".into(), number: "+33140205050".into(), until });
            drop(anna.call(bench, uri));
        }
        Way::HandedOnFromOutside => {
            let call = anna.call(bench, place.ordinary);
            let (_call, ring) = bench.answered(call, &first.ua);
            let refer = ring.draft(bench, "REFER").with("Refer-To", to);
            ring.ua.send(bench, &refer);
        }
    }
}

/// Every way with every number, each pair in three writings, so that every way and every number meets every writing.
fn nothing_leaves(place: &'static Place, ways: &[Way]) {
    for (at, way) in WAYS.iter().enumerate().filter(|(_, way)| ways.contains(way)) {
        for (nth, number) in place.refused.iter().enumerate() {
            for written in (0..WRITTEN.len()).filter(|written| (written + at + nth) % 5 == 0) {
                // Whoever sets a forward types a number.
                let typed = if written % 2 == 0 { (*number).to_owned() } else { international(number, place.code) };
                let forward = Some(typed.as_str()).filter(|_| *way == Way::SetAtThePage);
                if forward.is_some() && parse_office(&text(place, forward), &|_, _| None).is_err() {
                    // It is refused where it is set.
                    continue;
                }
                let mut office = office(place, forward);
                let uri = WRITTEN[written](number, place.code);
                go(&mut office, *way, &uri);
                office.bench.seconds(4);
                for provider in &office.providers {
                    let left = office.bench.take_request(provider.ua.at, &Method::INVITE);
                    assert!(left.is_none(), "{way:?} {uri} left as {:?}", left.unwrap().uri);
                }
            }
        }
    }
}

#[test]
fn no_way_and_no_writing_leads_to_a_refused_destination() {
    nothing_leaves(&DUTCH, &WAYS[..7]);
}

#[test]
fn no_other_way_and_no_writing_leads_to_a_refused_destination() {
    nothing_leaves(&DUTCH, &WAYS[7..]);
}

#[test]
fn no_way_and_no_writing_leads_to_a_refused_destination_from_belgium() {
    nothing_leaves(&BELGIAN, &WAYS[..7]);
}

#[test]
fn no_other_way_and_no_writing_leads_to_a_refused_destination_from_belgium() {
    nothing_leaves(&BELGIAN, &WAYS[7..]);
}

#[test]
fn what_is_allowed_leaves_by_every_way_on_which_the_refused_was_tried() {
    // On the others nothing leaves whatever it is, or only what stands somewhere else.
    let leads_nowhere = [
        Way::InTo,
        Way::HandedOnWithReplaces,
        Way::FromARoom,
        Way::FromOutside,
        Way::SentOnInAGroup,
        Way::HandedOnFromOutside,
    ];
    for place in [&DUTCH, &BELGIAN] {
        for way in WAYS.iter().filter(|way| !leads_nowhere.contains(way)) {
            let mut office = office(place, Some(place.ordinary).filter(|_| *way == Way::SetAtThePage));
            go(&mut office, *way, &sip(place.ordinary));
            office.bench.seconds(4);
            let left = office
                .providers
                .iter()
                .any(|provider| office.bench.take_request(provider.ua.at, &Method::INVITE).is_some());
            assert!(left, "{way:?}");
        }
    }
}
