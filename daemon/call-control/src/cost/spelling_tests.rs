//! No spelling of a number that is refused gets out, by the way that a phone's INVITE takes: its Request-URI, what was dialled, where
//! that leads (codes, colleagues and rooms come first there), and what it may cost.

#![allow(clippy::disallowed_methods, reason = "tests begin time")]

#[path = "../../../guard/tests/guard/draw.rs"]
mod draw;
#[path = "../../../guard/tests/guard/spell.rs"]
mod spell;

use std::sync::Arc;
use std::time::Instant;

use centrale_config::{Secret, Settled, parse_office};
use centrale_guard::Civil;
use centrale_numbering::{Class, Country};
use centrale_sip::message::Uri;

use self::draw::Draw;
use self::spell::{REFUSED, SPELLINGS, spell};
use crate::call::dialled;
use crate::directory::Destination;
use crate::exchange::Exchange;
use crate::io::ExchangeSettings;

/// What a phone can order with a code; a number behind it is none the better.
const CODES: [&str; 9] = ["*8", "*8*", "*57", "*90", "*91", "*92", "*93", "*97", "#31#*8"];

/// An office with whatever has a number inside, in which a new person calls.
fn office(now: Instant, country: Country) -> Exchange {
    let (name, area, own) = match country {
        Country::Netherlands => ("NL", "020", "+3120123456"),
        Country::Belgium => ("BE", "02", "+322234567"),
    };
    let text = format!(
        "[office]\nname = \"Jansen\"\ncountry = \"{name}\"\narea_code = \"{area}\"\nlanguage = \"nl\"\n\
         time_zone = \"Europe/Amsterdam\"\nsupport_numbers = [\"{own}1\"]\n\
         [[person]]\nnumber = \"201\"\nname = \"Anna\"\nvoicemail = {{ after_seconds = 20 }}\n\
         [[person]]\nnumber = \"290\"\nname = \"Lift\"\n[[alarm_line]]\nperson = \"290\"\nnumbers = [\"{own}1\"]\n\
         [[ring_group]]\nnumber = \"250\"\nname = \"Shop\"\nmembers = [\"201\"]\n\
         [[conference]]\nnumber = \"600\"\nname = \"Board\"\n\
         [[trunk]]\nname = \"provider\"\nserver = \"sip.provider.example\"\ntransport = \"udp\"\nusername = \"office\"\n\
         password = \"provider-secret\"\nregister = true\nnumbers = [\"{own}7\"]\n\
         [[inbound]]\nnumber = \"{own}7\"\nto = \"250\"\n"
    );
    let draft = parse_office(&text, &|_, _| None).unwrap();
    let settled = Settled::new(1, Arc::new(draft.settle(None, &mut || Secret::new("generated-secret"))), Vec::new());
    let settings = ExchangeSettings {
        sip_port: 5060,
        sip_tls_port: 5061,
        rtp_ports: (10_000, 10_199),
        realm: "office".into(),
        named: Vec::new(),
    };
    let mut exchange = Exchange::new(now, settings, Arc::new(settled), [7; 32]);
    exchange.handle_clock(now, Civil { day: 20_781, minute: 600 });
    exchange
}

/// A spelling as it stands in a request line: what may not stand there is escaped.
fn as_uri(text: &str) -> String {
    let escaped: String = text
        .bytes()
        .map(|byte| match byte {
            b'#' => "%23".to_owned(),
            byte if byte.is_ascii_graphic() => char::from(byte).to_string(),
            byte => format!("%{byte:02X}"),
        })
        .collect();
    let has_scheme = ["sip:", "tel:"].iter().any(|scheme| escaped.starts_with(scheme));
    if has_scheme { escaped } else { format!("sip:{escaped}@192.168.1.10") }
}

/// Puts a code before what is dialled.
fn behind(code: &str, uri: &str) -> String {
    let (scheme, rest) = uri.split_at(4);
    format!("{scheme}{}{rest}", code.replace('#', "%23"))
}

#[test]
fn no_spelling_of_a_refused_number_gets_out_by_the_way_that_a_call_takes() {
    let now = Instant::now();
    let mut offices = [Country::Netherlands, Country::Belgium].map(|country| office(now, country));
    for (seed, kinds) in (101..).zip(REFUSED) {
        let (mut draw, mut refused, mut unread) = (Draw::new(seed), 0_u32, 0_u32);
        for _ in 0..SPELLINGS {
            let (country, start, more) = draw.pick(kinds);
            let exchange = &mut offices[usize::from(country == Country::Belgium)];
            let written = as_uri(&spell(&mut draw, country, start, more));
            let written = if draw.below(8) == 0 { behind(draw.pick(&CODES), &written) } else { written };
            let Some(uri) = Uri::parse(&written) else {
                unread += 1;
                continue;
            };
            match exchange.directory.destination(&dialled(&uri)) {
                Destination::Outside { meant, number, .. } => {
                    let order = exchange.order_of(now, "201", &meant);
                    // A helpline that happens to stand between them.
                    let is_help = meant.class() == Class::Helpline;
                    assert!(order.is_err() || is_help, "{written} is called as {number}: {meant:?}");
                    refused += u32::from(order.is_err());
                }
                // Whoever these ring is in the office, or is help.
                Destination::Emergency(_) | Destination::Nowhere | Destination::Pickup(_) => {}
                inside => panic!("{written} leads to {inside:?}"),
            }
        }
        assert!(refused > SPELLINGS / 3, "{refused} of them were seen to be refused, {unread} are no URI: {kinds:?}");
    }
}
