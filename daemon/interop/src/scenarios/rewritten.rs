//! The built box behind each program that rewrites: what its page says once it has asked its questions, and once more when
//! somebody asks for a test. Kamailio is the provider's registrar and brings calls to the office's own number back; a hop that quotes
//! what it was sent there is none, so that a program which changes what no answer repeats shows by the trunk's account alone.

use std::net::SocketAddr;
use std::time::Duration;

use serde_json::{Value, json};

use super::examined::{ask, connect_provider, room_for_sound, wait_for_word};
use super::laboratory::{Played, hold, play_all};
use super::provider::FAR;
use super::routers::Between;
use crate::latching::{GoesBy, LatchingProvider};
use crate::talker::Talker;
use crate::{Failure, Installed, Kamailio, Result, Rewriting, Subscriber, Transport};

/// Boxes that run at a time.
const AT_A_TIME: usize = 4;
/// A round is bounded at a minute.
const ROUND: Duration = Duration::from_secs(75);
/// The port of the gateway behind the edge.
const BEHIND: u16 = 5070;

/// What shows it.
#[derive(Clone, Copy, PartialEq)]
enum Shows {
    /// The questions of the first minute.
    First,
    /// Those that somebody asks for.
    Asked,
    /// A hold that gets no answer.
    Hold,
}

/// A program, what is said at last, by what, and what it is said to do; `None` where no question can see it.
struct Case {
    name: &'static str,
    rewriting: Rewriting,
    interference: &'static str,
    shows: Shows,
    by: &'static str,
    deed: Option<&'static str>,
}

const fn case(
    name: &'static str,
    rewriting: Rewriting,
    interference: &'static str,
    (shows, by): (Shows, &'static str),
    deed: Option<&'static str>,
) -> Case {
    Case { name, rewriting, interference, shows, by, deed }
}

const CASES: [Case; 12] = [
    case("carries across", Rewriting::Nothing, "none", (Shows::First, ""), None),
    case("Contact only", Rewriting::ContactOnly, "suspected", (Shows::First, "V6"), Some("rewrites-contact")),
    case("SDP only", Rewriting::SdpOnly, "suspected", (Shows::Asked, "V14"), Some("rewrites-sdp")),
    case("Via stripped", Rewriting::ViaStripped, "proven", (Shows::First, "V1"), Some("rewrites-via")),
    case("Call-ID changed", Rewriting::CallIdChanged, "proven", (Shows::First, "V3"), Some("rewrites-call-id")),
    case("order and case changed", Rewriting::OrderAndCase, "none", (Shows::First, ""), None),
    case("Content-Length wrong", Rewriting::LengthWrong, "suspected", (Shows::Asked, "V14"), Some("rewrites-sdp")),
    case("large messages dropped", Rewriting::LargeDropped, "none", (Shows::First, "V8"), Some("drops-large")),
    case(
        "REFER and re-INVITE dropped",
        Rewriting::ReferAndReInviteDropped,
        "suspected",
        (Shows::Hold, ""),
        Some("drops-in-dialog"),
    ),
    case("port pinned to 5060", Rewriting::PinnedTo5060, "suspected", (Shows::First, "V4"), Some("pins-port")),
    case("expires lowered", Rewriting::ExpiresLowered, "none", (Shows::First, ""), None),
    case("compact forms expanded", Rewriting::CompactExpanded, "none", (Shows::First, ""), None),
];

/// What the box said behind one program.
#[derive(Debug, Clone)]
pub struct Said {
    /// The verdict, its confidence, and what is done.
    pub said: String,
    /// The probes that hit.
    pub hits: Vec<String>,
}

/// Every program, held to what is to be said.
pub(super) fn by_the_box() -> Result<()> {
    hold(&table())
}

/// What the box said behind every program, a few at a time.
#[must_use]
pub fn table() -> Vec<Played<Said>> {
    play_all(&CASES, AT_A_TIME, |case| case.name, play)
}

fn play(case: &Case) -> Result<Said> {
    let network = Between::Program(case.rewriting).make()?;
    let hosts = &network.hosts;
    let media = room_for_sound(&hosts.provider)?;
    let behind = hosts.provider.with_address(media.ip());
    let _gateway = LatchingProvider::start(&behind, media, &[BEHIND], GoesBy::Via)?;
    let _edge = Kamailio::start_edge(&hosts.provider, SocketAddr::new(media.ip(), BEHIND), None)?;
    let person = Subscriber::new("201");
    let installed = Installed::new(&hosts.phones, std::slice::from_ref(&person), None, "info")?;
    let mut centraled = installed.on_the_usual_port()?.start()?;
    let page = centraled.set_up()?;
    connect_provider(&page, Transport::Udp)?;
    let mut said = wait_for_word(&page, ROUND, |_| true)?;
    match case.shows {
        Shows::First => {}
        Shows::Asked => said = ask(&page)?,
        Shows::Hold => {
            let server = SocketAddr::new(hosts.phones.address, 5060);
            let mut anna = Talker::start(&hosts.phones, &person, server)?;
            anna.call(FAR)?;
            // What becomes of it is the box's to say, half a minute later.
            let _ = anna.describe_as("sendonly");
            said = wait_for_word(&page, ROUND, |said| said["interference"] != "none")?;
        }
    }
    let deeds = said["deeds"].as_array().cloned().unwrap_or_default();
    let hits: Vec<String> = said["probes"].as_array().into_iter().flatten().filter_map(hit).collect();
    let is_right = said["interference"] == case.interference
        && (case.by.is_empty() || hits.iter().any(|hit| hit == case.by))
        && case.deed.map_or(case.interference != "none" || hits.is_empty(), |deed| deeds.contains(&json!(deed)));
    if !is_right {
        return Err(Failure::Unexpected(format!("the box says {said}")));
    }
    let words = ["interference", "confidence"].map(|name| said[name].as_str().unwrap_or_default().to_owned());
    let deeds: Vec<&str> = deeds.iter().filter_map(Value::as_str).collect();
    Ok(Said { said: format!("{} {}", words.join(", "), deeds.join(", ")), hits })
}

fn hit(probe: &Value) -> Option<String> {
    (probe["outcome"] == "hit").then(|| probe["name"].as_str().unwrap_or_default().to_owned())
}
