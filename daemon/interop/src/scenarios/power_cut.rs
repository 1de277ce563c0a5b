//! The power-cut drill: the power comes back, and every phone of a large office boots in the same second.

use std::collections::BTreeSet;
use std::sync::{Condvar, Mutex};
use std::time::{Duration, Instant};

use crate::crowd::{Crowd, CrowdPhone, Line};
use crate::{
    Account, Administrator, Centraled, Failure, Group, Kamailio, Result, Sipp, Subscriber, Transport, Trunk, drill,
    on_core,
};

/// The office's number in the world.
const OFFICE_NUMBER: &str = "+31201234567";
/// The box's only core.
const CORE: usize = 0;
/// One phone of so many is booted alone, to measure what that costs: ten Yealinks, eight Snoms and two bases.
const SAMPLE: usize = 10;
/// How much more it may cost the box when all of them come at once: what waits in a queue is not to be done twice, and nothing
/// is to be looked for among all. The rest is what other work on the same machine does to a measurement.
const CROWDED: u32 = 2;
/// The processor time that the whole boot may cost: on one core, nobody would be registered within 20 s otherwise.
const ALLOWED: Duration = Duration::from_secs(20);
/// In what time of its own boot each phone is to be registered. Held where time is ours: in the drill, and in the simulation.
const REGISTERED_WITHIN: Duration = Duration::from_secs(20);
/// When somebody calls for help, after the phones were switched on.
const HELP_AFTER: Duration = Duration::from_secs(5);

/// What came of the boot, as it happens.
#[derive(Default)]
struct Boot {
    came: Mutex<Came>,
    more: Condvar,
}

/// Who is back.
#[derive(Debug, Clone, Copy, Default)]
struct Came {
    /// Accounts that are registered.
    accounts: usize,
    /// What the slowest phone took from its own boot to its last account.
    slowest: Duration,
}

impl Boot {
    /// A phone that began to boot then is back, with so many accounts.
    fn came_back(&self, began: Instant, accounts: usize) {
        let mut came = self.came.lock().expect("no holder panics");
        *came = Came { accounts: came.accounts + accounts, slowest: came.slowest.max(began.elapsed()) };
        self.more.notify_all();
    }

    /// Who is back at `moment`.
    fn at(&self, moment: Instant) -> Came {
        let came = self.came.lock().expect("no holder panics");
        let left = moment.saturating_duration_since(Instant::now());
        *self.more.wait_timeout_while(came, left, |_| Instant::now() < moment).expect("no holder panics").0
    }
}

/// A hundred Yealinks, eighty Snoms and twenty bases of eight handsets were set up once. Then the power is cut, and comes
/// back: the box starts on one core, and all of them read their settings and register in the same second. Five seconds
/// later somebody calls 112.
pub(super) fn two_hundred_phones() -> Result<()> {
    let mut crowd = Crowd::move_in(100, 80, 20)?;
    let outside = crowd.street.provider();
    let (office, help) = (Subscriber::new("office"), Subscriber::new("112"));
    let mut provider = Kamailio::start_provider(&outside, &[office.clone(), help.clone()], &[])?;
    let _help = Sipp::answering(&outside, &Account::new(&help, provider.address(), Transport::Udp))?;
    let trunk = Trunk::usual(provider.address(), office, OFFICE_NUMBER);
    let accounts = crowd.accounts();
    let mut centraled = crowd.install(Some(&trunk), "info")?.start()?;
    let page = centraled.set_up()?;
    page.open_window()?;
    let bootstrap = format!("http://{}/", centraled.http_address());
    crowd.all_at_once(|phone| phone.set_up(&bootstrap), || Ok(()))?;
    page.close_window()?;
    let secrets_before: Vec<_> = crowd.phones.iter().map(CrowdPhone::secrets).collect();

    let centraled = power_comes_back(&mut crowd, centraled, &mut provider)?;
    let (cost, before) = (Group(centraled.id()), Group(centraled.id()).cpu_time());
    crowd.one_by_one(SAMPLE, |phone| phone.read_settings().and_then(|()| phone.register()))?;
    let alone = (cost.cpu_time() - before) * u32::try_from(SAMPLE).expect("a sample is small");

    let centraled = power_comes_back(&mut crowd, centraled, &mut provider)?;
    let (boot, caller) = (Boot::default(), crowd.phones[0].first_line()?);
    let cost = Group(centraled.id());
    let (begun, cost_before) = (Instant::now(), cost.cpu_time());
    let came_back = |phone: &mut CrowdPhone| {
        let began = Instant::now();
        phone.read_settings()?;
        phone.register()?;
        boot.came_back(began, phone.registered());
        Ok(())
    };
    let (crowded, helped) = crowd.all_at_once(came_back, || call_for_help(caller, &boot, begun + HELP_AFTER))?;
    let (Came { slowest, .. }, spent) = (boot.at(begun), cost.cpu_time() - cost_before);
    if helped >= slowest.max(HELP_AFTER) {
        return Err(Failure::Unexpected(format!("a call to 112 took {helped:?}, as long as the whole boot")));
    }
    if drill::is_full() && slowest > REGISTERED_WITHIN {
        return Err(Failure::Unexpected(format!("a phone was registered only {slowest:?} after its boot")));
    }
    if spent > ALLOWED || spent > alone * CROWDED {
        return Err(Failure::Unexpected(format!(
            "the boot cost the box {spent:?} of processor time; phone by phone it is {alone:?}"
        )));
    }

    let invites = provider.lines_with("INVITE from=");
    if !matches!(invites.as_slice(), [invite] if invite.contains("to=112 by=office")) {
        return Err(Failure::Unexpected(format!("the provider was called like this: {invites:?}")));
    }
    given_once(&crowd, &secrets_before)?;
    nobody_turned_away(&page)?;
    page.wait_to_see("every account registered over TLS", |live| {
        let people = live["people"].as_array().into_iter().flatten();
        let registrations = people.flat_map(|person| person["registrations"].as_array().into_iter().flatten());
        registrations.filter(|registration| registration["transport"] == "tls").count() == accounts
    })?;
    let came = format!(
        "each registered within {slowest:.1?} of its boot, {spent:.1?} of processor time; 112, dialled at {HELP_AFTER:?}, answered after {helped:.1?} ({crowded} were registered then)"
    );
    drill::row(
        "B2",
        &format!("{accounts} accounts of 200 phones boot at once, on one core"),
        &came,
        "20 s, help at once",
    )?;
    let again: usize = crowd.phones.iter().map(CrowdPhone::tried_again).sum();
    eprintln!(
        "power cut: the slowest of the phones with {accounts} accounts was registered {slowest:.1?} after its boot, for which \
         the box spent {spent:.1?} of processor time; phone by phone it would have been {alone:.1?}. {again} connections were tried again. 112 was called when {crowded} accounts were registered, \
         and answered after {helped:.1?}"
    );
    Ok(())
}

/// The power is cut at the box and at every desk, and comes back at the box, which has one core from then on.
fn power_comes_back(crowd: &mut Crowd, centraled: Centraled, provider: &mut Kamailio) -> Result<Centraled> {
    crowd.unplug();
    let installed = centraled.cut_power()?;
    crowd.street.forget_neighbours()?;
    let centraled = on_core(CORE, || installed.start())?;
    provider.wait_for("REGISTER of office from")?;
    Ok(centraled)
}

/// Calls 112 at that moment. Says how many accounts were registered then, and how long it took until somebody answered.
fn call_for_help(mut caller: Line, boot: &Boot, moment: Instant) -> Result<(usize, Duration)> {
    let crowded = boot.at(moment).accounts;
    let (dialled, mut answered) = (Instant::now(), None);
    caller.call("112", || answered = Some(dialled.elapsed()))?;
    Ok((crowded, answered.expect("a call that ended well was answered")))
}

/// Each phone was given its own secrets, those from before, in one file; and nothing of another's.
fn given_once(crowd: &Crowd, before: &[BTreeSet<String>]) -> Result<()> {
    let mut everybodys = BTreeSet::new();
    for (phone, before) in crowd.phones.iter().zip(before) {
        let [given] = phone.given() else {
            let times = phone.given().len();
            return Err(Failure::Unexpected(format!("{} was given its secrets {times} times", phone.mac())));
        };
        if given != before || given.len() < 4 {
            return Err(Failure::Unexpected(format!("{} was given other secrets than before", phone.mac())));
        }
        if given.iter().any(|secret| !everybodys.insert(secret.clone())) {
            return Err(Failure::Unexpected(format!("{} was given a secret of another phone", phone.mac())));
        }
    }
    Ok(())
}

/// Nothing was refused. What merely took too long was tried again, and is no refusal.
fn nobody_turned_away(page: &Administrator) -> Result<()> {
    let counters = page.read("counters")?;
    let all = counters["counters"].as_array().map(Vec::as_slice).unwrap_or_default();
    let of_phones = |name: &str| {
        name.starts_with("provisioning-") || matches!(name, "http-too-many" | "http-handshakes-failed" | "pnp-dropped")
    };
    let refused = all.iter().filter(|one| one["name"].as_str().is_some_and(of_phones) && one["value"] != 0);
    match refused.map(ToString::to_string).collect::<Vec<_>>() {
        refused if refused.is_empty() => Ok(()),
        refused => Err(Failure::Unexpected(format!("somebody was turned away: {}", refused.join(", ")))),
    }
}
