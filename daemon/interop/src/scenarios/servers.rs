//! Providers with two servers, found by real SRV records: one stands in for the other, whichever way they are reached.

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use tempfile::TempDir;

use super::outside::{FAR_AS_DIALLED, FAR_NUMBER, OFFICE_NUMBER};
use super::provider::{BACK, BETWEEN_REGISTERS, FAR, put_trunk};
use super::{Stage, connect, hang_up, hear_each_other, says};
use crate::failure::Tried;
use crate::{
    Account, Administrator, Baresip, Certificate, Failure, Installed, Kamailio, Linphone, Microphone, Phone, Place,
    Process, Program, Result, Subscriber, Tone, Transport,
};

/// The longest a caller waits for the second server when the first is dead: the three seconds in which it may say something, and
/// one.
const PASSED: Duration = Duration::from_secs(4);
/// What the log of a server says of a registration.
const REGISTERED: &str = "REGISTER of office from";

/// Somebody who answers the box's questions for names.
struct Names {
    _dnsmasq: Process,
    _directory: TempDir,
}

impl Names {
    /// The domain provider.test has two servers, the first preferred, for each way to reach them. It says under which name they
    /// are found for datagrams (NAPTR), and that it would rather be asked over TLS: which way is taken, the office decides.
    fn start(place: &Place, servers: &[Kamailio; 2]) -> Result<Names> {
        let directory = tempfile::tempdir().tried(|| "make a folder for dnsmasq".to_owned())?;
        let service = "_sip._udp.service.provider.test";
        let mut text = format!(
            "port=53\nlisten-address=127.0.0.1\nbind-interfaces\nno-resolv\nno-hosts\nkeep-in-foreground\nuser=root\n\
             pid-file=\nlog-facility=-\nlocal=/test/\nnaptr-record=provider.test,10,10,S,SIP+D2U,,{service}\n\
             naptr-record=provider.test,5,10,S,SIPS+D2T,,_sips._tcp.provider.test\n"
        );
        for ((name, priority), server) in [("one", 10), ("two", 20)].into_iter().zip(servers) {
            let (host, at, tls) = (format!("{name}.provider.test"), server.address(), server.tls_address());
            let services = [(service, at), ("_sip._tcp.provider.test", at), ("_sips._tcp.provider.test", tls)];
            let record =
                |(service, at): (&str, SocketAddr)| format!("srv-host={service},{host},{},{priority},0\n", at.port());
            text.extend(services.map(record));
            text += &format!("host-record={host},{}\n", at.ip());
        }
        let file = directory.path().join("dnsmasq.conf");
        std::fs::write(&file, text).tried(|| "write dnsmasq.conf".to_owned())?;
        let file = format!("--conf-file={}", file.display());
        let mut dnsmasq = Program::new(place, "dnsmasq", "dnsmasq")?.arg(file).start()?;
        dnsmasq.wait_for("started, version")?;
        Ok(Names { _dnsmasq: dnsmasq, _directory: directory })
    }
}

/// Both servers of the provider, and what they run with.
struct Provider {
    subscribers: [Subscriber; 2],
    /// Shown over TLS; for the domain, whichever server it is (RFC 5922 4).
    certificate: Certificate,
    _directory: TempDir,
}

impl Provider {
    fn new() -> Result<Provider> {
        let directory = tempfile::tempdir().tried(|| "make a folder for a certificate".to_owned())?;
        let certificate = Certificate::self_signed(directory.path(), "provider", Some("DNS:provider.test"))?;
        let subscribers = ["office", FAR_NUMBER].map(Subscriber::new);
        Ok(Provider { subscribers, certificate, _directory: directory })
    }

    fn start(&self, place: &Place) -> Result<Kamailio> {
        Kamailio::start_tls_provider(place, &self.subscribers, &[(OFFICE_NUMBER, "office")], &self.certificate)
    }

    fn start_again(&self, place: &Place, at: SocketAddr) -> Result<Kamailio> {
        Kamailio::start_again(place, at, &self.subscribers, &self.certificate)
    }
}

/// See [`over`].
pub(super) fn over_udp(stage: &Stage) -> Result<()> {
    over(stage, Transport::Udp)
}

/// See [`over`].
pub(super) fn over_tcp(stage: &Stage) -> Result<()> {
    over(stage, Transport::Tcp)
}

/// See [`over`].
pub(super) fn over_tls(stage: &Stage) -> Result<()> {
    over(stage, Transport::Tls)
}

/// The first server dies: calls go to the second at once, and come in from there once it took the registration. Both are gone:
/// it is on the page. One is back: so is the way out.
fn over(stage: &Stage, transport: Transport) -> Result<()> {
    let provider = Provider::new()?;
    let servers = [provider.start(&stage.provider)?, provider.start(&stage.provider)?];
    let _names = Names::start(&stage.inside, &servers)?;
    let [mut first, mut second] = servers;
    let people = ["201", "202"].map(Subscriber::new);
    let installed = Installed::new(&stage.inside, &people, None, "info")?;
    let mut centraled = installed.trusting(&provider.certificate.certificate)?.start()?;
    let page = centraled.set_up()?;
    let [person, colleague] = people.map(|person| Account::new(&person, centraled.address(), Transport::Udp));
    let mut phone = Baresip::start(&stage.phones, colleague, Microphone::Off)?;
    phone.wait_registered()?;
    put_trunk(&page, "provider", "provider.test", transport, true, OFFICE_NUMBER)?;
    page.write("PUT", &format!("inbound/{OFFICE_NUMBER}"), &serde_json::json!({ "to": "201" }))?;
    says(&first.wait_for(REGISTERED)?, &[&format!("over {} saved", transport.name())])?;
    wait_for_trunk(&page)?;
    phone.dial(FAR)?;
    first.wait_for("INVITE from=")?;
    phone.wait_ended()?;
    // Silence is a sign only of a provider whose answer was once heard.
    first.wait_for("answered OPTIONS of")?;

    let address = first.address();
    drop(first);
    let dialled = Instant::now();
    phone.dial(FAR)?;
    second.wait_for("INVITE from=")?;
    let passed = dialled.elapsed();
    phone.wait_ended()?;
    if passed > PASSED {
        return Err(Failure::Unexpected(format!("the call came to the second server after {passed:?}")));
    }
    // Half a minute after the last one, and a little later on a busy machine.
    second.wait_for_within(2 * BETWEEN_REGISTERS, REGISTERED)?;
    let registered = Instant::now();
    wait_for_trunk(&page)?;
    call_in_from(stage, &second, &provider, person)?;

    drop(second);
    phone.dial(FAR)?;
    let missed = || page.wait_for_problem("trunk-unreachable", "provider");
    missed().or_else(|_| missed()).or_else(|_| missed())?;
    phone.hang_up()?;
    phone.wait_ended()?;
    let mut first = provider.start_again(&stage.provider, address)?;
    let back = Instant::now();
    // It is found at once, and registered at as soon as half a minute is over since the last time.
    let most = BACK.max(BACK + BETWEEN_REGISTERS.saturating_sub(registered.elapsed()));
    first.wait_for_within(2 * BETWEEN_REGISTERS, REGISTERED)?;
    wait_for_trunk(&page)?;
    let found = back.elapsed();
    if found > most {
        return Err(Failure::Unexpected(format!("the provider was found after {found:?} instead of {most:?}")));
    }
    Ok(())
}

/// Somebody elsewhere, who is at that server, calls the office, and each hears the other.
fn call_in_from(stage: &Stage, server: &Kamailio, provider: &Provider, person: Account) -> Result<()> {
    let far = Account::new(&provider.subscribers[1], server.address(), Transport::Udp);
    let mut far = Baresip::start(&stage.provider, far, Microphone::Tone(Tone::CALLER))?;
    let mut inside = Linphone::start(&stage.phones, person, Tone::CALLEE)?;
    far.wait_registered()?;
    inside.wait_registered()?;
    let seen = connect(&mut far, OFFICE_NUMBER, &mut inside)?;
    says(&seen, &[FAR_NUMBER, FAR_AS_DIALLED])?;
    hear_each_other(&mut far, &mut inside)?;
    hang_up(&mut far, &mut inside)
}

fn wait_for_trunk(page: &Administrator) -> Result<()> {
    let shown = |live: &serde_json::Value| live["trunks"][0]["state"] == "connected";
    page.wait_to_see("a provider that is connected", shown).map(drop)
}
