//! What the box says on the DHCP port, read as a client reads it: by offset and option number.

#![allow(clippy::unwrap_used, reason = "in a test a surprise is a failure")]
#![allow(clippy::disallowed_methods, reason = "a test begins time")]

use std::collections::BTreeMap;
use std::net::Ipv4Addr;
use std::sync::LazyLock;
use std::time::{Duration, Instant};

use centrale_provisioning::Catalogue;
use centrale_provisioning::dhcp::{Ignored, Informer, RouterTexts};
use proptest::prelude::*;

const OURS: Ipv4Addr = Ipv4Addr::new(192, 168, 1, 10);
const PHONE: Ipv4Addr = Ipv4Addr::new(192, 168, 1, 50);
const YEALINK: [u8; 6] = [0x80, 0x5e, 0xc0, 0xaa, 0xbb, 0xcc];
const PRINTER: [u8; 6] = [0x00, 0x80, 0x77, 0x01, 0x02, 0x03];
static MAKERS: LazyLock<Catalogue> = LazyLock::new(|| Catalogue::embedded().unwrap());
const DISCOVER: u8 = 1;
const REQUEST: u8 = 3;
const INFORM: u8 = 8;

/// A message as RFC 2131 draws it.
fn message(kind: u8, address: Ipv4Addr, mac: [u8; 6], class: &str) -> Vec<u8> {
    let mut bytes = vec![0; 236];
    bytes[..8].copy_from_slice(&[1, 1, 6, 0, 0xde, 0xad, 0xbe, 0xef]);
    bytes[12..16].copy_from_slice(&address.octets());
    bytes[28..34].copy_from_slice(&mac);
    bytes.extend([99, 130, 83, 99, 53, 1, kind, 60, u8::try_from(class.len()).unwrap()]);
    bytes.extend(class.as_bytes());
    bytes.extend([55, 2, 66, 43, 255]);
    bytes
}

fn asked(informer: &mut Informer, now: Instant, datagram: &[u8]) -> Result<Vec<u8>, Ignored> {
    informer.handle(now, &MAKERS, datagram, PHONE, (OURS, 8080))
}

/// The options of an answer. Panics when it says anything that an answer of ours may not.
fn told(answer: &[u8]) -> BTreeMap<u8, Vec<u8>> {
    assert_eq!(answer[..3], [2, 1, 6], "a reply, to Ethernet");
    for (field, at) in [("an address", 16), ("a boot server", 20), ("a relay", 24)] {
        assert_eq!(answer[at..at + 4], [0; 4], "{field} is told");
    }
    assert!(answer[44..236].iter().all(|byte| *byte == 0), "a name of a server or a file is told");
    assert_eq!(answer[236..240], [99, 130, 83, 99]);
    let (mut options, mut at) = (BTreeMap::new(), 240);
    while answer[at] != 255 {
        let end = at + 2 + usize::from(answer[at + 1]);
        assert!(options.insert(answer[at], answer[at + 2..end].to_vec()).is_none());
        at = end;
    }
    assert_eq!(options.keys().copied().collect::<Vec<_>>(), [43, 53, 54, 66], "and no option else");
    options
}

#[test]
fn a_phone_that_asks_for_options_is_told_where_the_box_is() {
    let url = b"http://192.168.1.10:8080/".to_vec();
    for (mac, class) in [(YEALINK, ""), (PRINTER, "yealink"), (PRINTER, "snomD785"), (PRINTER, "snom715")] {
        let question = message(INFORM, PHONE, mac, class);
        let answer = asked(&mut Informer::default(), Instant::now(), &question).unwrap();
        let options = told(&answer);
        assert_eq!((&options[&53], &options[&54]), (&vec![5], &OURS.octets().to_vec()));
        assert_eq!(options[&66], url);
        assert_eq!(options[&43], [&[66, 25], &url[..]].concat());
        assert_eq!((&answer[4..8], &answer[12..16], &answer[28..34]), (&question[4..8], &PHONE.octets()[..], &mac[..]));
        assert!(answer.len() >= 300);
    }
}

#[test]
fn a_phone_that_asks_for_an_address_is_left_to_the_router() {
    for (kind, address) in [(DISCOVER, Ipv4Addr::UNSPECIFIED), (REQUEST, Ipv4Addr::UNSPECIFIED), (REQUEST, PHONE)] {
        let question = message(kind, address, YEALINK, "yealink");
        assert_eq!(asked(&mut Informer::default(), Instant::now(), &question), Err(Ignored::NotAQuestion));
    }
}

#[test]
fn a_computer_a_relay_and_a_made_up_sender_get_no_answer() {
    let mut relayed = message(INFORM, PHONE, YEALINK, "yealink");
    relayed[24..28].copy_from_slice(&[10, 0, 0, 1]);
    let elsewhere = message(INFORM, Ipv4Addr::new(192, 168, 1, 77), YEALINK, "yealink");
    let computer = message(INFORM, PHONE, PRINTER, "MSFT 5.0");
    for (question, reason) in [
        (relayed, Ignored::FromElsewhere),
        (elsewhere, Ignored::FromElsewhere),
        (computer, Ignored::NoPhone),
        (b"hello".to_vec(), Ignored::Malformed),
    ] {
        assert_eq!(asked(&mut Informer::default(), Instant::now(), &question), Err(reason));
    }
}

#[test]
fn a_phone_is_answered_once_a_second_and_a_flood_of_made_up_ones_not_at_all() {
    let (mut informer, start) = (Informer::default(), Instant::now());
    let question = message(INFORM, PHONE, YEALINK, "");
    assert!(asked(&mut informer, start, &question).is_ok());
    assert_eq!(asked(&mut informer, start + Duration::from_millis(999), &question), Err(Ignored::TooMany));
    assert!(asked(&mut informer, start + Duration::from_secs(1), &question).is_ok());
    let flood = (0..=u8::MAX).map(|last| message(INFORM, PHONE, [0x80, 0x5e, 0xc0, 1, 1, last], ""));
    let answered = flood.filter(|question| asked(&mut informer, start + Duration::from_secs(1), question).is_ok());
    assert_eq!(answered.count(), 199, "200 with the first");
}

#[test]
fn the_texts_for_the_router_say_one_address_in_each_routers_words() {
    let texts = RouterTexts::new(&MAKERS, "192.168.1.10", 8080).unwrap();
    assert_eq!(texts.option_66, "http://192.168.1.10:8080/");
    assert_eq!(texts.option_43, "4219687474703a2f2f3139322e3136382e312e31303a383038302f");
    assert_eq!(texts.dnsmasq, "dhcp-option=66,\"http://192.168.1.10:8080/\"");
    assert!(texts.mikrotik.contains("code=66 value=\"'http://192.168.1.10:8080/'\""), "{}", texts.mikrotik);
    let by_hand: Vec<_> = texts.by_hand.iter().map(|vendor| (vendor.maker.as_str(), vendor.address.as_str())).collect();
    assert_eq!(by_hand, [("Snom", "http://192.168.1.10:8080/{mac}.xml"), ("Yealink", "http://192.168.1.10:8080/")]);
    assert_eq!(RouterTexts::new(&MAKERS, &"x".repeat(300), 8080), None);
}

proptest! {
    #[test]
    fn no_bytes_break_it_and_no_answer_gives_anybody_an_address(
        noise in prop::collection::vec(any::<u8>(), 0..600),
        kind in 0..20u8,
        class in "[a-z]{0,40}|yealink.{0,20}",
        changes in prop::collection::vec((0..300usize, any::<u8>()), 0..6),
        cut in 0..400usize,
    ) {
        let mut question = message(kind, PHONE, YEALINK, &class);
        for (at, byte) in changes {
            if let Some(place) = question.get_mut(at) {
                *place = byte;
            }
        }
        question.truncate(cut);
        for datagram in [&noise, &question] {
            if let Ok(answer) = asked(&mut Informer::default(), Instant::now(), datagram) {
                told(&answer);
                prop_assert_eq!(&answer[12..16], &PHONE.octets());
            }
        }
    }
}
