//! Calls for help: from a desk that is blocked, with the office's address, and the proof that they would find their way.

use serde_json::json;

use super::provider::{Shop, put_trunk};
use super::{Stage, setting_up, wall};
use crate::{Account, Baresip, Failure, Microphone, OfficeLan, Phone, Result, Sipp, Subscriber, Transport};

/// The number of help.
const HELP: &str = "112";
/// How sipp's scenario that answers takes a call.
const TAKES: &str = "<recv request=\"INVITE\" rrs=\"true\"/>";
/// How it ends.
const ENDS: &str = "<timewait";

/// With the kernel's help.
pub(super) fn from_a_desk_blocked_by_the_kernel(lan: &mut OfficeLan) -> Result<()> {
    from_a_blocked_desk(lan, wall::Wall::Kernel)
}

/// Without.
pub(super) fn from_a_desk_blocked_by_the_program(lan: &mut OfficeLan) -> Result<()> {
    from_a_blocked_desk(lan, wall::Wall::Program)
}

/// A machine at a desk is blocked, as it scanned. A phone with a wrong password that is plugged in there calls help, and is still
/// blocked.
fn from_a_blocked_desk(lan: &mut OfficeLan, wall: wall::Wall) -> Result<()> {
    let shop = setting_up::Shop::open_behind(lan, wall)?;
    let provider = lan.add_desk("3c970e000090", 90)?;
    let (_provider, address) = Sipp::as_provider(&provider, include_str!("../../peers/sipp/answer.xml"))?;
    put_trunk(&shop.page, "provider", &address.to_string(), Transport::Udp, false, "+31201234567")?;
    shop.page.wait_to_see("a provider that is connected", |live| live["trunks"][0]["state"] == "connected")?;
    let desk = wall::be_blocked(lan, &shop, 66)?;
    if wall == wall::Wall::Kernel {
        wall::wait_for_kernel(lan, &desk)?;
    }
    let wrong = Subscriber { password: "of-last-year".to_owned(), ..Subscriber::new("201") };
    let account = Account::new(&wrong, shop.centraled.address(), Transport::Udp);
    let mut phone = Baresip::start(&desk, account, Microphone::Off)?;
    phone.dial(HELP)?;
    phone.wait_established()?;
    if !wall::is_shown(&shop.page, &desk.address.to_string())? {
        return Err(Failure::Unexpected("who called help is not blocked any more: it proves nothing".to_owned()));
    }
    phone.hang_up()?;
    phone.wait_ended().map(drop)
}

/// The office's address goes along to a provider that takes it. One that refuses such a call gets it again without.
pub(super) fn with_the_offices_address(stage: &Stage) -> Result<()> {
    let answers = include_str!("../../peers/sipp/answer.xml");
    let takes = answers.replace(TAKES, include_str!("../../peers/sipp/take-location.xml"));
    let refuses = answers.replace(TAKES, include_str!("../../peers/sipp/refuse-location.xml"));
    let refuses = refuses.replace(ENDS, &format!("<label id=\"2\"/>\n  {ENDS}"));
    let mut shop = Shop::open(stage)?;
    say_where(&shop, "")?;
    for (scenario, said) in [(takes, "the location was taken"), (refuses, "the location was refused")] {
        let (mut provider, address) = Sipp::as_provider(&stage.provider, &scenario)?;
        let Subscriber { user, password } = Subscriber::new("office");
        let trunk = json!({ "server": address.to_string(), "transport": "udp", "username": user, "password": password,
            "register": false, "numbers": ["+31201234567"], "dialect": { "location": true } });
        shop.page.write("PUT", "trunks/provider", &trunk)?;
        shop.wait_for_trunk("connected")?;
        shop.phone.dial(HELP)?;
        shop.phone.wait_established()?;
        provider.wait_for(said)?;
        shop.phone.hang_up()?;
        shop.phone.wait_ended()?;
    }
    Ok(())
}

/// The office's test number rings, is let go at once, and the page says that the way is proven. Nobody's call was made.
pub(super) fn proven(stage: &Stage) -> Result<()> {
    let shop = Shop::open(stage)?;
    say_where(&shop, "020 765 43 21")?;
    let (mut provider, address) = Sipp::as_provider(&stage.provider, include_str!("../../peers/sipp/ring.xml"))?;
    shop.connect(&address.to_string(), false)?;
    shop.wait_for_trunk("connected")?;
    shop.page.write("POST", "trunks/provider/help-test", &json!({}))?;
    provider.wait_for("the provider was left alone")?;
    let proven = |live: &serde_json::Value| live["trunks"][0]["help"]["state"] == "proven";
    shop.page.wait_to_see("that the way to help is proven", proven)?;
    let calls = shop.page.read("calls")?["calls"].clone();
    if calls.as_array().is_some_and(Vec::is_empty) {
        return Ok(());
    }
    Err(Failure::Unexpected(format!("a test is written down as a call: {calls}")))
}

/// Says where help is to come, and what may be rung for a test.
fn say_where(shop: &Shop, test_number: &str) -> Result<()> {
    let emergency = json!({ "street": "Nieuwmarkt", "house_number": "4", "postcode": "1012 JM", "place": "Amsterdam",
        "test_number": test_number });
    shop.page.write("PUT", "office/emergency", &emergency).map(drop)
}
