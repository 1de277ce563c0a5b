//! Providers that are cut off for a while: missed in time, not stormed, and found at once when they are back.

use std::collections::BTreeSet;
use std::thread;
use std::time::{Duration, Instant};

use super::provider::{BACK, BETWEEN_REGISTERS, MISSED, put_trunk};
use super::{Stage, connect, hang_up, hear_each_other};
use crate::drill::{lasting, row};
use crate::{
    Account, Administrator, Baresip, Centraled, Failure, Kamailio, Microphone, Phone, Program, Result, Subscriber,
    Tone, Transport,
};

/// How long they are away at least; in the drill, five minutes.
const AWAY: [Duration; 2] = [Duration::from_secs(60), Duration::from_secs(300)];
/// What a phone of the office is waited for.
const A_CALL: Duration = Duration::from_secs(20);

/// How long the doctor may take for all of them.
const EXAMINED: Duration = Duration::from_secs(120);

/// One of the providers.
struct Provider {
    name: &'static str,
    kamailio: Kamailio,
    /// Whether it wants a registration.
    registers: bool,
}

/// The network between the box and four kinds of provider is gone for a while: one with which it speaks in datagrams, one over a
/// connection, one that answers no questions, and one that knows it by its address. The page says so within a minute,
/// colleagues go on calling each other, nobody is stormed, and within five seconds of their return all are there again.
pub(super) fn cut_off(stage: &Stage) -> Result<()> {
    let people = ["201", "202"].map(Subscriber::new);
    let mut centraled = Centraled::start(&stage.inside, &people, None)?;
    let page = centraled.set_up()?;
    let mut providers = providers(stage, &page)?;
    let mut colleagues = Vec::new();
    for (person, tone) in people.iter().zip([Tone::CALLER, Tone::CALLEE]) {
        let account = Account::new(person, centraled.address(), Transport::Udp);
        let mut phone = Baresip::start(&stage.phones, account, Microphone::Tone(tone))?;
        phone.wait_registered()?;
        colleagues.push(phone);
    }
    let [anna, bram] = &mut colleagues[..] else { return Err(Failure::Unexpected("two phones".to_owned())) };
    wait_for_all(&page, "connected")?;
    for Provider { kamailio, name, .. } in &mut providers {
        // Silence is a sign only of a provider whose answer was once heard.
        kamailio.wait_for(if *name == "deaf" { "passed over OPTIONS of" } else { "answered OPTIONS of" })?;
    }

    wait_until_examined(&page)?;
    let before = providers.each_mut().map(|provider| tries(&mut provider.kamailio));

    cut(stage, true)?;
    let gone = Instant::now();
    connect(anna, "202", bram)?;
    hear_each_other(anna, bram)?;
    hang_up(anna, bram)?;
    let missed = wait_for_problems(&page, gone, &providers)?;
    while gone.elapsed() < lasting(AWAY[0], AWAY[1]) {
        connect(anna, "202", bram)?;
        hang_up(anna, bram)?;
        // They are asked all the time.
        providers[0].kamailio.wait_for_within(A_CALL, "answered OPTIONS of")?;
    }

    cut(stage, false)?;
    let back = Instant::now();
    wait_for_all(&page, "connected")?;
    let found = back.elapsed();
    let most = 1 + gone.elapsed().as_secs() / BETWEEN_REGISTERS.as_secs();
    let after = providers.each_mut().map(|provider| tries(&mut provider.kamailio));
    let tries: Vec<usize> = after.iter().zip(before).map(|(after, before)| after - before).collect();
    let told = format!("missed after {missed:.1?}, found again after {found:.1?}, REGISTERs: {tries:?}");
    row("A-125", &format!("four providers cut off for {:.0?}", gone.elapsed()), &told, "60 s, 5 s, one in 30 s each")?;
    let stormed = tries.iter().any(|tries| *tries as u64 > most);
    let needless = providers.iter().zip(&tries).any(|(provider, tries)| !provider.registers && *tries > 0);
    if missed > MISSED || found > BACK || stormed || needless {
        return Err(Failure::Unexpected(told));
    }
    Ok(())
}

fn providers(stage: &Stage, page: &Administrator) -> Result<[Provider; 4]> {
    let office = [Subscriber::new("office")];
    let usual = || Kamailio::start_provider(&stage.provider, &office, &[]);
    let provider = |name, kamailio, registers| Provider { name, kamailio, registers };
    let providers = [
        provider("datagrams", usual()?, true),
        provider("connection", usual()?, true),
        provider("deaf", Kamailio::start_deaf_provider(&stage.provider, &office)?, true),
        provider("address", usual()?, false),
    ];
    for (index, Provider { name, kamailio, registers }) in providers.iter().enumerate() {
        let (server, number) = (kamailio.address().to_string(), format!("+3120123456{index}"));
        let transport = if *name == "connection" { Transport::Tcp } else { Transport::Udp };
        put_trunk(page, name, &server, transport, *registers, &number)?;
    }
    Ok(providers)
}

/// Each provider was asked for so many registrations: what was only sent again has the number of before.
fn tries(kamailio: &mut Kamailio) -> usize {
    let asked = "asked for a registration: ";
    let lines = kamailio.lines_with(asked);
    lines.iter().filter_map(|line| line.split(asked).nth(1)).collect::<BTreeSet<_>>().len()
}

/// The doctor's questions at the start, for which it borrows the account, are no part of the story.
fn wait_until_examined(page: &Administrator) -> Result<()> {
    let deadline = Instant::now() + EXAMINED;
    loop {
        let report = page.read("doctor")?;
        let trunks = report["trunks"].as_array().map(Vec::as_slice).unwrap_or_default();
        if trunks
            .iter()
            .all(|trunk| trunk["examining"] == false && trunk["probes"].as_array().is_some_and(|all| !all.is_empty()))
        {
            return Ok(());
        }
        if Instant::now() >= deadline {
            return Err(Failure::Unexpected(format!("the ways are not examined: {report}")));
        }
        // Nothing tells when a word is new but the word itself. The deadline ends the test, this does not.
        thread::park_timeout(Duration::from_millis(500));
    }
}

fn wait_for_all(page: &Administrator, state: &str) -> Result<()> {
    let shown = |live: &serde_json::Value| {
        let trunks = live["trunks"].as_array().map(Vec::as_slice).unwrap_or_default();
        trunks.len() == 4 && trunks.iter().all(|trunk| trunk["state"] == state)
    };
    page.wait_to_see(&format!("providers that are {state}"), shown).map(drop)
}

/// How long the page needed to say of each that it is away.
fn wait_for_problems(page: &Administrator, gone: Instant, providers: &[Provider]) -> Result<Duration> {
    for Provider { name, .. } in providers {
        let missed = || page.wait_for_problem("trunk-unreachable", name);
        missed().or_else(|_| missed()).or_else(|_| missed()).or_else(|_| missed())?;
    }
    Ok(gone.elapsed())
}

/// Whether the providers' host lets no packet out to the box.
fn cut(stage: &Stage, is: bool) -> Result<()> {
    let route = format!("{}/32", stage.outside.address);
    let act = if is { "add" } else { "del" };
    let mut ip = Program::new(&stage.provider, "ip", "ip")?.args(["route", act, "blackhole", &route]).start()?;
    match ip.wait_to_end(Duration::from_secs(20))?.success() {
        true => Ok(()),
        false => Err(Failure::Unexpected(format!("the way from the providers was not changed ({act})"))),
    }
}
