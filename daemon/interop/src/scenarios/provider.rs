//! Providers that die, come back and refuse: found by real SRV records, played by kamailio and sipp.

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use tempfile::TempDir;

use super::Stage;
use crate::failure::Tried;
use crate::{
    Account, Administrator, Baresip, Centraled, Failure, Kamailio, Microphone, Phone, Place, Process, Program, Result,
    Sipp, Subscriber, Transport,
};

/// Somebody elsewhere, as an office dials them.
pub(super) const FAR: &str = "0301234567";
/// The longest a provider may be back without the box knowing.
pub(super) const BACK: Duration = Duration::from_secs(5);
/// The longest an outage may be without the page saying so.
pub(super) const MISSED: Duration = Duration::from_secs(60);
/// Between two REGISTERs, at least.
pub(super) const BETWEEN_REGISTERS: Duration = Duration::from_secs(30);

/// Somebody who answers the box's questions for names.
struct Names {
    _dnsmasq: Process,
    _directory: TempDir,
}

impl Names {
    /// The domain provider.test has two servers, the first preferred.
    fn start(place: &Place, servers: [SocketAddr; 2]) -> Result<Names> {
        let directory = tempfile::tempdir().tried(|| "make a folder for dnsmasq".to_owned())?;
        let service = "_sip._udp.service.provider.test";
        let [one, two] = servers;
        let text = format!(
            "port=53\nlisten-address=127.0.0.1\nbind-interfaces\nno-resolv\nno-hosts\nkeep-in-foreground\nuser=root\n\
             pid-file=\nlog-facility=-\nlocal=/test/\n\
             naptr-record=provider.test,10,10,S,SIP+D2U,,{service}\n\
             srv-host={service},one.provider.test,{},10,0\nsrv-host={service},two.provider.test,{},20,0\n\
             host-record=one.provider.test,{}\nhost-record=two.provider.test,{}\n",
            one.port(),
            two.port(),
            one.ip(),
            two.ip()
        );
        let file = directory.path().join("dnsmasq.conf");
        std::fs::write(&file, text).tried(|| "write dnsmasq.conf".to_owned())?;
        let file = format!("--conf-file={}", file.display());
        let mut dnsmasq = Program::new(place, "dnsmasq", "dnsmasq")?.arg(file).start()?;
        dnsmasq.wait_for("started, version")?;
        Ok(Names { _dnsmasq: dnsmasq, _directory: directory })
    }
}

/// The box with two people, the phone of one of them, which is ready, and its page.
pub(super) struct Shop {
    /// Runs until the story ends.
    _centraled: Centraled,
    pub(super) page: Administrator,
    pub(super) phone: Baresip,
}

impl Shop {
    pub(super) fn open(stage: &Stage) -> Result<Shop> {
        let people = ["201", "202"].map(Subscriber::new);
        let mut centraled = Centraled::start(&stage.inside, &people, None)?;
        let page = centraled.set_up()?;
        let phone = ready_phone(stage, &centraled, &people[0])?;
        Ok(Shop { _centraled: centraled, page, phone })
    }

    pub(super) fn connect(&self, server: &str, register: bool) -> Result<()> {
        put_trunk(&self.page, "provider", server, Transport::Udp, register, "+31201234567")
    }

    pub(super) fn wait_for_trunk(&self, state: &str) -> Result<()> {
        let shown = |live: &Value| live["trunks"][0]["state"] == state;
        self.page.wait_to_see(&format!("a provider that is {state}"), shown).map(drop)
    }
}

/// Types the settings of a provider.
pub(super) fn put_trunk(
    page: &Administrator,
    name: &str,
    server: &str,
    transport: Transport,
    register: bool,
    number: &str,
) -> Result<()> {
    let Subscriber { user, password } = Subscriber::new("office");
    let trunk = json!({ "server": server, "transport": transport.name(), "username": user, "password": password,
        "register": register, "numbers": [number] });
    page.write("PUT", &format!("trunks/{name}"), &trunk).map(drop)
}

fn ready_phone(stage: &Stage, centraled: &Centraled, person: &Subscriber) -> Result<Baresip> {
    let account = Account::new(person, centraled.address(), Transport::Udp);
    let mut phone = Baresip::start(&stage.phones, account, Microphone::Off)?;
    phone.wait_registered()?;
    Ok(phone)
}

/// The first server dies: calls go to the second at once. Both are gone: it is on the page. One is back: so is the way out.
pub(super) fn two_servers(stage: &Stage) -> Result<()> {
    let subscribers = [Subscriber::new("office")];
    let mut first = Kamailio::start_provider(&stage.provider, &subscribers, &[])?;
    let mut second = Kamailio::start_provider(&stage.provider, &subscribers, &[])?;
    let _names = Names::start(&stage.provider, [first.address(), second.address()])?;
    let mut shop = Shop::open(stage)?;
    shop.connect("provider.test", true)?;
    first.wait_for("REGISTER of office from")?;
    shop.wait_for_trunk("connected")?;
    shop.phone.dial(FAR)?;
    first.wait_for("INVITE from=")?;
    shop.phone.wait_ended()?;
    // Silence is a sign only of a provider whose answer was once heard.
    first.wait_for("answered OPTIONS of")?;

    let address = first.address();
    drop(first);
    let dialled = Instant::now();
    shop.phone.dial(FAR)?;
    second.wait_for("INVITE from=")?;
    let passed = dialled.elapsed();
    shop.phone.wait_ended()?;
    if passed > Duration::from_secs(4) {
        return Err(Failure::Unexpected(format!("the call came to the second server after {passed:?}")));
    }
    let asked = "REGISTER of office from";
    // Half a minute after the last one, and a little later on a busy machine.
    second.wait_for_within(2 * BETWEEN_REGISTERS, asked)?;
    shop.wait_for_trunk("connected")?;

    drop(second);
    shop.phone.dial(FAR)?;
    let missed = || shop.page.wait_for_problem("trunk-unreachable", "provider");
    missed().or_else(|_| missed()).or_else(|_| missed())?;
    shop.phone.hang_up()?;
    shop.phone.wait_ended()?;
    let mut first = Kamailio::start_again(&stage.provider, address, &subscribers)?;
    let back = Instant::now();
    // It may be found at once, but not registered at more often than twice a minute, and nobody was there to see when
    // the box asked last.
    let most = BACK + BETWEEN_REGISTERS;
    first.wait_for(asked)?;
    shop.wait_for_trunk("connected")?;
    let found = back.elapsed();
    if found > most {
        return Err(Failure::Unexpected(format!("the provider was found again after {found:?}")));
    }
    Ok(())
}

/// Each refusal reaches the caller and the call log as its status; what it says of the office is on the page.
pub(super) fn refusals(stage: &Stage) -> Result<()> {
    let table = [
        ("403 Forbidden", "Warning: 399 provider \"Account suspended\"\n", "provider-suspended"),
        ("404 Not Found", "", ""),
        ("480 Temporarily Unavailable", "Reason: Q.850;cause=18\n", ""),
        ("484 Address Incomplete", "", ""),
        ("486 Busy Here", "", ""),
        ("488 Not Acceptable Here", "", "provider-refuses-sound"),
        ("503 Service Unavailable", "Reason: Q.850;cause=34\nRetry-After: 5\n", "provider-full"),
    ];
    let mut shop = Shop::open(stage)?;
    for (status, headers, reason) in table {
        let scenario = include_str!("../../peers/sipp/refuse.xml").replace("@STATUS@", status);
        let (_provider, address) = Sipp::as_provider(&stage.provider, &scenario.replace("@HEADERS@", headers))?;
        shop.connect(&address.to_string(), false)?;
        shop.wait_for_trunk("connected")?;
        shop.phone.dial(FAR)?;
        shop.phone.wait_ended()?;
        let shown = |live: &Value| live["trunks"][0]["reason"] == reason;
        shop.page.wait_to_see(&format!("{reason} for {status}"), shown)?;
        let log = shop.page.read("calls")?;
        let code: u16 = status[..3].parse().unwrap_or_default();
        if log["calls"][0]["status"] != code {
            return Err(Failure::Unexpected(format!("{status} is written down as {}", log["calls"][0])));
        }
    }
    Ok(())
}
