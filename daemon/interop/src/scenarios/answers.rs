//! What a provider may answer that is no refusal: something to hear before the answer, an answer that comes too late or cannot
//! be used, nothing. Played by sipp; each time both ends are told and the record says why it ended.

use std::thread;
use std::time::{Duration, Instant};

use serde_json::Value;

use super::provider::{FAR, Shop};
use super::{LISTENING, Stage, hears_since};
use crate::{Failure, Phone, Result, Sipp, Tone};

/// How long a provider may say nothing to a call before the caller is told: Timer B (RFC 3261 17.1.1.2), and a busy machine.
const SAYS_NOTHING: Duration = Duration::from_secs(45);

/// The shop's provider, which plays this scenario.
fn provider(stage: &Stage, shop: &Shop, scenario: &str) -> Result<Sipp> {
    let (provider, address) = Sipp::as_provider(&stage.provider, scenario)?;
    shop.connect(&address.to_string(), false)?;
    shop.wait_for_trunk("connected")?;
    Ok(provider)
}

/// Waits until so many calls are written down, and gives the last one.
fn record(shop: &Shop, calls: usize) -> Result<Value> {
    let deadline = Instant::now() + LISTENING;
    loop {
        let export = shop.page.read("calls.json")?;
        let written = export["calls"].as_array().map(Vec::as_slice).unwrap_or_default();
        if written.len() >= calls {
            return Ok(written[written.len() - 1].clone());
        }
        if Instant::now() >= deadline {
            return Err(Failure::Unexpected(format!("call {calls} is not written down: {export}")));
        }
        // It is on its way to the disk: look again when it can be there. The deadline ends the test, this does not.
        thread::park_timeout(Duration::from_millis(100));
    }
}

fn says(record: &Value, outcome: &str, cause: &str) -> Result<()> {
    if record["outcome"] == outcome && record["cause"] == cause {
        return Ok(());
    }
    Err(Failure::Unexpected(format!("{outcome} because of {cause} is written down as {record}")))
}

/// What comes before the answer is heard; who gives up is let go also by a provider that accepts at that moment.
pub(super) fn before_the_answer(stage: &Stage) -> Result<()> {
    let mut shop = Shop::open(stage)?;
    let mut early = provider(stage, &shop, include_str!("../../peers/sipp/early-media.xml"))?;
    shop.phone.dial(FAR)?;
    shop.phone.wait_ringback()?;
    hears_since(&mut shop.phone, Tone::CALLEE, 0)?;
    shop.phone.hang_up()?;
    shop.phone.wait_ended()?;
    early.wait_for("the provider was left alone")?;
    says(&record(&shop, 1)?, "abandoned", "caller-gave-up")?;
    drop(early);

    let mut late = provider(stage, &shop, include_str!("../../peers/sipp/answer-late.xml"))?;
    shop.phone.dial(FAR)?;
    shop.phone.wait_ringback()?;
    shop.phone.hang_up()?;
    shop.phone.wait_ended()?;
    late.wait_for("the provider was hung up")?;
    let record = record(&shop, 2)?;
    says(&record, "abandoned", "caller-gave-up")?;
    match record["price_eur"].as_str().and_then(|price| price.parse::<f64>().ok()) {
        Some(price) if price > 0.0 => Ok(()),
        _ => Err(Failure::Unexpected(format!("what the late answer costs is not written down: {record}"))),
    }
}

/// An answer in which nothing can be heard ends the call at both ends.
pub(super) fn unusable(stage: &Stage) -> Result<()> {
    let sdp = |text: &str| format!("Content-Type: application/sdp\nContent-Length: [len]\n\n{text}");
    let session = "v=0\no=odd 1 1 IN IP[local_ip_type] [local_ip]\ns=-\nc=IN IP[media_ip_type] [media_ip]\nt=0 0\n";
    let bodies = [
        sdp(&format!("{session}m=audio [media_port] RTP/AVP 97\na=rtpmap:97 speex/8000")),
        sdp(&format!("{session}m=audio 0 RTP/AVP 8")),
        sdp("v=0\nm=audio nowhere RTP/AVP 8\nc=what"),
        "Content-Length: 0\n".to_owned(),
    ];
    let mut shop = Shop::open(stage)?;
    for (at, body) in bodies.iter().enumerate() {
        let scenario = include_str!("../../peers/sipp/answer-oddly.xml").replace("@BODY@", body);
        let mut odd = provider(stage, &shop, &scenario)?;
        shop.phone.dial(FAR)?;
        let told = shop.phone.wait_ended()?;
        if !told.contains("488") {
            return Err(Failure::Unexpected(format!("the caller was told {told} of {body}")));
        }
        odd.wait_for("the provider was hung up")?;
        says(&record(&shop, at + 1)?, "lost", "no-media")?;
    }
    Ok(())
}

/// A provider that says nothing at all to a call.
pub(super) fn nothing(stage: &Stage) -> Result<()> {
    let mut shop = Shop::open(stage)?;
    let _silent = provider(stage, &shop, include_str!("../../peers/sipp/say-nothing.xml"))?;
    shop.phone.dial(FAR)?;
    let told = shop.phone.wait_ended_within(SAYS_NOTHING)?;
    if !told.contains("480") {
        return Err(Failure::Unexpected(format!("the caller was told {told}")));
    }
    says(&record(&shop, 1)?, "unreachable", "unreachable")
}
