//! The office in which the operations happen, and what its phones say of their media.

use std::net::SocketAddr;
use std::sync::{Arc, LazyLock};

use centrale_call_control::ExchangeSettings;
use centrale_config::{Office, Secret, Settled, parse_office};

/// Everybody's.
pub const PASSWORD: &str = "correct-horse-battery";

const HEAD: &str = r#"
[office]
name = "Bakkerij Jansen"
country = "NL"
area_code = "020"
language = "nl"
time_zone = "Europe/Amsterdam"
"#;

const TRUNK: &str = r#"
[[trunk]]
name = "provider"
server = "192.0.2.9"
transport = "udp"
username = "office"
password = "correct-horse-battery"
register = true
numbers = ["+31201234567"]
[[inbound]]
number = "+31201234567"
to = "250"
[[ring_group]]
number = "250"
name = "Shop"
members = ["201", "202"]
"#;

pub fn settings() -> ExchangeSettings {
    ExchangeSettings {
        sip_port: 5060,
        sip_tls_port: 5061,
        rtp_ports: (10_000, 10_099),
        realm: "centrale".to_owned(),
        named: Vec::new(),
    }
}

/// A revision in which that many people work; without the first two there is no ring group and no trunk.
pub fn settled(revision: u64, people: usize) -> Arc<Settled> {
    static OFFICES: LazyLock<Vec<Arc<Office>>> = LazyLock::new(|| (0..=3).map(office).map(Arc::new).collect());
    Arc::new(Settled::new(revision, Arc::clone(&OFFICES[people]), Vec::new()))
}

fn office(people: usize) -> Office {
    let mut text = HEAD.to_owned();
    for number in [201, 202, 203].iter().take(people) {
        text.push_str(&format!(
            "[[person]]\nnumber = \"{number}\"\nname = \"P{number}\"\nsip_password = \"{PASSWORD}\"\n"
        ));
    }
    if people >= 2 {
        text.push_str(TRUNK);
    }
    let draft = parse_office(&text, &|_, _| None).expect("the office above is valid");
    draft.settle(None, &mut || Secret::new(PASSWORD))
}

pub const fn user(who: u8) -> &'static str {
    match who {
        0 => "201",
        1 => "202",
        2 => "203",
        3 => "+31209876543",
        _ => "anybody",
    }
}

/// A description in one of a few shapes: usual, held, without audio, refused, with a second stream.
pub fn sdp(remote: SocketAddr, shape: u8) -> String {
    let address = remote.ip();
    let head = format!("v=0\r\no=- 1 {shape} IN IP4 {address}\r\ns=-\r\nc=IN IP4 {address}\r\nt=0 0\r\n");
    let media = match shape % 8 {
        0 => "m=audio 4000 RTP/AVP 8 0 101\r\na=rtpmap:101 telephone-event/8000\r\n",
        1 => "m=audio 4000 RTP/AVP 8\r\na=sendonly\r\n",
        2 => "m=video 4000 RTP/AVP 96\r\n",
        3 => "m=audio 0 RTP/AVP 8\r\n",
        4 => "m=video 4002 RTP/AVP 96\r\nm=audio 4000 RTP/AVP 0\r\n",
        5 => {
            "m=audio 4000 RTP/SAVP 8\r\na=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:PS1uQCVeeCFCanVmcjkpPywjNWhcYD0mXXtxaVBR\r\n"
        }
        6 => "m=audio 4000 RTP/AVP 18\r\n",
        _ => "m=audio 4000 RTP/SAVP 8\r\n",
    };
    head + media
}
