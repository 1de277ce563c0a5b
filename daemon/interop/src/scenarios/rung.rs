//! Whoever is to know something at once is called, hears it, and says by a 1 that it was heard.

use std::path::Path;
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use super::Stage;
use super::outside::OFFICE_NUMBER;
use crate::failure::Tried;
use crate::{
    Account, Administrator, Baresip, Centraled, Failure, Kamailio, Linphone, Microphone, Phone, Result, Subscriber,
    Tone, Transport, Trunk,
};

/// The owner's telephone.
const OWNER: &str = "+31612345678";
/// How alike what was heard is to the sentence. Another one stays under 0.6.
const ALIKE: f32 = 0.85;
/// How long it may take until it was said.
const SAYS: Duration = Duration::from_secs(15);

/// A real phone at a provider is asked, says yes by a 1, and is called when somebody has a password; whoever only hangs up has not
/// heard it.
pub(super) fn told(stage: &Stage) -> Result<()> {
    let (office, far) = (Subscriber::new("office"), Subscriber::new(OWNER));
    let subscribers = [office.clone(), far.clone()];
    let provider = Kamailio::start_provider(&stage.provider, &subscribers, &[(OFFICE_NUMBER, "office")])?;
    let trunk = Trunk::usual(provider.address(), office, OFFICE_NUMBER);
    let people = [Subscriber::new("201")];
    let mut centraled = Centraled::start(&stage.inside, &people, Some(&trunk))?;
    let page = centraled.set_up()?;
    page.wait_to_see("a provider that is connected", |live: &Value| live["trunks"][0]["state"] == "connected")?;
    let account = Account::new(&people[0], centraled.address(), Transport::Udp);
    let mut own = Baresip::start(&stage.phones, account.clone(), Microphone::Off)?;
    own.wait_registered()?;
    // It sends keys within the sound that it sends.
    let far = Account::new(&far, provider.address(), Transport::Udp);
    let mut owner = Baresip::start(&stage.provider, far, Microphone::Tone(Tone::CALLEE))?;
    owner.wait_registered()?;
    let settings = json!({
        "server": "mail.example.net", "security": "starttls", "username": "", "sender": "box@example.net",
        "contacts": [{ "address": "owner@example.org", "language": "nl", "phone": OWNER }], "digest": true,
    });
    page.write("PUT", "alerts", &settings)?;

    let caller = owner.wait_incoming()?;
    if !caller.contains(OFFICE_NUMBER.trim_start_matches('+')) {
        return Err(Failure::Unexpected(format!("{caller} calls, not the office")));
    }
    owner.answer()?;
    owner.wait_established()?;
    hears(&owner, "accept")?;
    owner.press("1")?;
    owner.wait_ended()?;
    ended(&page, "accept", "heard")?;

    // The right password, from another telephone.
    let mut stranger = Linphone::start(&stage.phones, account, Tone::CALLEE)?;
    stranger.wait_registered()?;
    owner.wait_incoming()?;
    owner.answer()?;
    owner.wait_established()?;
    hears(&owner, "inside")?;
    owner.hang_up()?;
    ended(&page, "inside", "not-confirmed")
}

/// Waits until the phone has heard that sentence.
fn hears(phone: &dyn Phone, sentence: &str) -> Result<()> {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("../rtp/src/sound/said/nl/{sentence}.al"));
    let said = std::fs::read(&file).tried(|| format!("read {}", file.display()))?;
    let (deadline, mut likeness) = (Instant::now() + SAYS, 0.0);
    while Instant::now() < deadline {
        likeness = phone.heard().map_or(0.0, |heard| heard.likeness(&said));
        if likeness > ALIKE {
            return Ok(());
        }
        // The file grows as the phone hears. The deadline ends the test, this does not.
        std::thread::park_timeout(Duration::from_millis(200));
    }
    Err(Failure::Unexpected(format!("{sentence} was not heard; what was is like it by {likeness}")))
}

/// Waits until the last call that said this ended so.
fn ended(page: &Administrator, spoken: &str, end: &str) -> Result<()> {
    let (deadline, mut alerts) = (Instant::now() + SAYS, Value::Null);
    while Instant::now() < deadline {
        alerts = page.read("alerts")?;
        if alerts["calls"][0]["spoken"] == spoken && alerts["calls"][0]["ended"] == end {
            return Ok(());
        }
        std::thread::park_timeout(Duration::from_millis(200));
    }
    Err(Failure::Unexpected(format!("no call that said {spoken} ended as {end}: {}", alerts["calls"])))
}
