//! The power was away: sixty phones behind one address all come back at once, and a few of them with a password of before.

use std::net::SocketAddr;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use super::{IN_ITS_WORDS, PHONES, office};
use crate::datagrams::UdpPhone;
use crate::fail2ban::Fail2ban;
use crate::{Administrator, Failure, Installed, Kamailio, OfficeLan, Place, Result, Subscriber, drill};

/// In what time they come back, one after the other.
const COME_WITHIN: Duration = Duration::from_secs(5);
/// How often a phone tries a password that is refused.
const TRIES: usize = 4;

/// With as many wrong passwords as the catalogue has: 5 % and 10 % of the phones.
pub(in super::super) fn come_back(lan: &mut OfficeLan) -> Result<()> {
    [(5, 40), (10, 50)].into_iter().try_for_each(|(hundredths, at)| come_back_with(lan, hundredths, at))
}

fn come_back_with(lan: &mut OfficeLan, hundredths: usize, at: u8) -> Result<()> {
    let stale = PHONES * hundredths / 100;
    let (people, host) = (office(), lan.host());
    let good = PHONES - stale;
    let mut desk = |at: u8| lan.add_desk(&format!("3c970e0000{at}"), at);
    let [at_box, at_pike, at_jail] = [desk(at)?, desk(at + 1)?, desk(at + 2)?];

    let installed = Installed::new(&host, &of_before(&people, good), None, "info")?.with_new_passwords(&people)?;
    let mut centraled = installed.start()?;
    let page = centraled.set_up()?;
    let by_box = storm(&at_box, centraled.address(), &people, good, |_, _| Ok(()))?;
    // What was let in once is let in again: nobody was shut out meanwhile.
    let again = storm(&at_box, centraled.address(), &people[..good], good, |_, _| Ok(()))?;
    let blocked = blocked(&page)?;

    let pike = Kamailio::start_with_pike(&host, &people)?;
    let by_pike = storm(&at_pike, pike.address(), &people, good, |_, _| Ok(()))?;
    let registrar = Kamailio::start_registrar(&host, &people)?;
    let jail = Mutex::new(Fail2ban::start(&host)?);
    let note = |user: &str, from| jail.lock().unwrap_or_else(PoisonError::into_inner).note(user, from);
    let by_jail = storm(&at_jail, registrar.address(), &people, good, note)?;
    let banned = jail.into_inner().unwrap_or_else(PoisonError::into_inner).banned_at_last();
    let bans_office = banned.contains(&at_jail.address.to_string());
    let came = format!(
        "of the {good} with a right password the box took in {by_box} (and {again} again after), and blocked {}; kamailio with pike took \
         in {by_pike}; {IN_ITS_WORDS} took in {by_jail}, then banned {}",
        nobody_or(&blocked),
        if bans_office { "the office's address, all of its phones".to_owned() } else { nobody_or(&banned) }
    );
    let done = format!(
        "{PHONES} phones behind one address come back within 5 s, {stale} of them with a password of before, at the box and two peers"
    );
    drill::row("B2", &done, &came, "all, nobody blocked")?;
    // The peers are what they were measured to be, or the comparison says nothing.
    if by_box < good || again < good || !blocked.is_empty() || by_pike >= good || !bans_office {
        return Err(Failure::Unexpected(came));
    }
    Ok(())
}

/// The same people when all but the first `good` of them had other passwords.
fn of_before(people: &[Subscriber], good: usize) -> Vec<Subscriber> {
    let other = |(at, who): (usize, &Subscriber)| match at >= good {
        true => Subscriber { user: who.user.clone(), password: password_of_before(who) },
        false => who.clone(),
    };
    people.iter().enumerate().map(other).collect()
}

fn password_of_before(who: &Subscriber) -> String {
    format!("{}-of-before", who.password)
}

fn blocked(page: &Administrator) -> Result<Vec<String>> {
    let blocks = page.read("guard/blocks")?;
    let all = blocks["blocks"].as_array().map(Vec::as_slice).unwrap_or_default();
    Ok(all.iter().map(|block| block["address"].as_str().unwrap_or_default().to_owned()).collect())
}

fn nobody_or(addresses: &[String]) -> String {
    if addresses.is_empty() { "nobody".to_owned() } else { addresses.join(", ") }
}

/// How many phones are registered that all come from one address. All but the first `good` of them have a password of before, and each
/// refusal of that is told.
fn storm(
    desk: &Place,
    server: SocketAddr,
    people: &[Subscriber],
    good: usize,
    refused: impl Fn(&str, SocketAddr) -> Result<()> + Sync,
) -> Result<usize> {
    let (from, refused) = (SocketAddr::new(desk.address, 5060), &refused);
    let come = &|at: usize, who: &Subscriber| {
        // They boot at their own pace, not when something happened.
        std::thread::park_timeout(COME_WITHIN * u32::try_from(at).unwrap_or(0) / u32::try_from(PHONES).unwrap_or(1));
        if at < good {
            return Ok(UdpPhone::register(desk, server, who).is_ok());
        }
        let mut phone = UdpPhone::stranger(desk, server, &who.user, PATIENCE)?;
        for _ in 0..TRIES {
            if phone.guess(&password_of_before(who)) {
                refused(&who.user, from)?;
            }
        }
        Ok(false)
    };
    std::thread::scope(|scope| {
        let coming: Vec<_> = people.iter().enumerate().map(|(at, who)| scope.spawn(move || come(at, who))).collect();
        let came = coming.into_iter().map(|one| one.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)));
        Ok(came.collect::<Result<Vec<bool>>>()?.into_iter().filter(|came| *came).count())
    })
}

/// How long a phone waits for what becomes of its password.
const PATIENCE: Duration = Duration::from_secs(2);
