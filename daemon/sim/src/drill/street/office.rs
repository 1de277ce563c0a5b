//! The office of the drill, and the passwords of its people.

use std::fmt::Write as _;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Instant;

use centrale_call_control::{Exchange, ExchangeSettings};
use centrale_config::{Country, Secret, Settled, parse_office};
use centrale_sip::flow::Transport;
use rand::RngExt as _;
use rand::rngs::StdRng;

use super::{Background, PIN, PORTS, PROVIDER_NAME};
use crate::agent::Character;
use crate::scenario::BOX_OUTSIDE;

/// Somebody with the password of a person of the office, who speaks UDP.
pub fn character(number: &str, user: &str, expires: u32) -> Character {
    let of_person = number.parse::<u16>().ok().and_then(|number| number.checked_sub(201)).map(password);
    Character {
        name: user.to_owned(),
        user_agent: format!("Simulated {user}"),
        number: number.to_owned(),
        username: if user == "provider" { "office".to_owned() } else { user.to_owned() },
        password: of_person.unwrap_or_else(|| PROVIDER_PASSWORD.to_owned()),
        transport: Transport::Udp,
        expires,
        late_offer: false,
        old_hold: false,
        srtp: false,
        long_offer: false,
        update: true,
        provider: false,
        challenges_calls: false,
        emergency: &[],
    }
}

/// What every password here has in it.
pub(super) const SECRET: &[u8] = b"Geheim9";
const PROVIDER_PASSWORD: &str = "Geheim9provider7Lamp4";

pub(super) fn password(number: u16) -> String {
    format!("Geheim9{number}Kwast7Lamp4")
}

/// What a phone has at first: every tenth missed the new password before a power cut.
pub(super) fn at_first(background: Background, number: u16) -> String {
    let is_stale = background == Background::PowerCut && number % 10 == 9;
    if is_stale { format!("Vorig3{number}Jaar8Doos") } else { password(number) }
}

pub(super) fn box_at(ip: &str) -> SocketAddr {
    SocketAddr::new(ip.parse().expect("a constant address"), 5060)
}

pub(super) fn exchange(now: Instant, settled: &Arc<Settled>, rng: &mut StdRng) -> Exchange {
    let settings = ExchangeSettings {
        sip_port: 5060,
        sip_tls_port: 5061,
        rtp_ports: PORTS,
        realm: "office".into(),
        // Somebody wants strangers to be heard there, as home workers do: else the drill's attackers would talk to nobody.
        named: vec![box_at(BOX_OUTSIDE).ip()],
    };
    Exchange::new(now, settings, Arc::clone(settled), rng.random())
}

/// A country as the office file names it, the office's area code and its number there.
pub(super) const fn at_home(country: Country) -> (&'static str, &'static str, &'static str) {
    match country {
        Country::Netherlands => ("NL", "020", "+31205550100"),
        Country::Belgium => ("BE", "02", "+3225550100"),
    }
}

/// Everybody may call the whole world and what costs extra: as careless as an office can be.
pub(super) fn office(
    country: Country,
    people: u16,
    secret: impl Fn(u16) -> String,
    lines: impl Fn(u16) -> String,
) -> centrale_config::Office {
    let (name, area, own) = at_home(country);
    // A second number, which differs in the last digit.
    let second = format!("{}2", &own[..own.len() - 1]);
    let mut text = format!(
        "[office]\nname = \"Drill\"\ncountry = \"{name}\"\narea_code = \"{area}\"\nlanguage = \"nl\"\ntime_zone = \"Europe/Amsterdam\"\n\
         pin = \"{PIN}\"\n[[trunk]]\nname = \"provider\"\nserver = \"{PROVIDER_NAME}:5060\"\ntransport = \"udp\"\nusername = \"office\"\n\
         password = \"{PROVIDER_PASSWORD}\"\nregister = true\nnumbers = [\"{own}\", \"{second}\"]\nchannels = 100\n\
         [[inbound]]\nnumber = \"{own}\"\nto = \"201\"\n\
         [[inbound]]\nnumber = \"{second}\"\nto = \"202\"\n"
    );
    for number in 0..people {
        let password = secret(number);
        let _ = write!(
            text,
            "[[person]]\nnumber = \"{0}\"\nname = \"Person {0}\"\nsip_password = \"{password}\"\ncalls = \"world\"\npremium = true\n",
            201 + number
        );
        text.push_str(&lines(number));
    }
    let draft = parse_office(&text, &|_, _| None);
    draft.expect("the drill's office is a valid one").settle(None, &mut || Secret::new("unused"))
}

/// Anna is in Spain in her holidays, and her calls follow her; somebody sells to Latvia, which nobody may call otherwise.
pub(super) fn opened_at_first(number: u16) -> String {
    match number {
        0 => opened("+34"),
        6 => opened("+371"),
        _ => String::new(),
    }
}

/// A line of a person's entry: for whom a destination is open.
pub(crate) fn opened(prefix: &str) -> String {
    format!("opened = [{{ prefix = \"{prefix}\", until = \"2099-12-31\" }}]\n")
}
