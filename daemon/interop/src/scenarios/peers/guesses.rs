//! The same guesser at the box and at its peers: how many of its guesses each of them judges.

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use super::super::setting_up::Shop;
use super::super::slowloris::{ADDRESSES, rogue};
use super::{IN_ITS_WORDS, office, ratio};
use crate::datagrams::UdpPhone;
use crate::fail2ban::Fail2ban;
use crate::{Centraled, Failure, Kamailio, OfficeLan, Place, Result, Subscriber, drill};

/// Guesses a second: what svcrack does. The slow one stays under what pike counts.
const FAST: u32 = 150;
const SLOW: u32 = 3;
/// Guesses without an answer after which it gives up.
const IN_VAIN: u32 = 5;
/// Guesses of each of many.
const TOGETHER: u64 = 3;

/// One guesser after the other: at the box, at kamailio with pike, and at a registrar before which fail2ban reads the log.
pub(in super::super) fn guessed_at(lan: &mut OfficeLan) -> Result<()> {
    let shop = Shop::open(lan)?;
    let host = lan.host();
    let pike = Kamailio::start_with_pike(&host, &[Subscriber::new("201")])?;
    for (rate, words, at) in [(FAST, "at 150 a second", 70), (SLOW, "at 3 a second", 80)] {
        let lasts = drill::lasting(Duration::from_secs(3), Duration::from_secs(60));
        let mut desk = |at: u8| lan.add_desk(&format!("3c970e0000{at}"), at);
        let (at_box, at_pike, at_jail) = (desk(at)?, desk(at + 1)?, desk(at + 2)?);
        let before = shop.page.count("wrong_secret")?;
        guess(&at_box, shop.centraled.address(), rate, lasts, |_| Ok(false))?;
        let by_box = shop.page.count("wrong_secret")? - before;
        // Neither peer answers a guess without judging it.
        let by_pike = guess(&at_pike, pike.address(), rate, lasts, |_| Ok(false))?;
        let registrar = Kamailio::start_registrar(&host, &[Subscriber::new("201")])?;
        let jail = Fail2ban::start(&host)?;
        let by_jail = guess(&at_jail, registrar.address(), rate, lasts, |from| {
            jail.note("201", from)?;
            Ok(jail.has_banned())
        })?;
        let came = format!(
            "judged by the box {by_box}, by kamailio with pike {}, before {IN_ITS_WORDS} banned {}",
            ratio(by_pike, by_box),
            ratio(by_jail, by_box)
        );
        drill::row(
            "T05, B-05",
            &format!("one guesser, {words}, for {:.0} s at most, at the box and two peers", lasts.as_secs_f64()),
            &came,
            "3 at most",
        )?;
        // What a slow machine leaves unanswered in a moment says nothing of a peer.
        if by_box > 3 || drill::is_full() && (by_pike < by_box || by_jail < by_box) {
            return Err(Failure::Unexpected(came));
        }
    }
    Ok(())
}

/// Many addresses that guess at one user: at the box and at its peers.
pub(in super::super) fn guessed_at_together(lan: &mut OfficeLan) -> Result<()> {
    let people = office();
    let host = lan.host();
    let mut centraled = Centraled::start(&host, &people, None)?;
    let page = centraled.set_up()?;
    let rogue = rogue(lan)?;
    let pike = Kamailio::start_with_pike(&host, &people)?;
    let registrar = Kamailio::start_registrar(&host, &people)?;
    let jail = Fail2ban::start(&host)?;
    let (before, heard) = (page.count("wrong_secret")?, page.count("datagrams")?);
    let answered = guess_together(&rogue, centraled.address(), |_| Ok(()))?;
    // A guess that was answered is two datagrams.
    page.wait_to_count("datagrams", heard + 2 * answered)?;
    let by_box = page.count("wrong_secret")? - before;
    let by_pike = guess_together(&rogue, pike.address(), |_| Ok(()))?;
    let by_jail = guess_together(&rogue, registrar.address(), |from| jail.note("201", from))?;
    let all = u64::from(ADDRESSES) * TOGETHER;
    let came = format!(
        "of {all} judged by the box {by_box}, by kamailio with pike {}, with {IN_ITS_WORDS} {}, which banned {}",
        ratio(by_pike, by_box),
        ratio(by_jail, by_box),
        if jail.has_banned() { "somebody" } else { "nobody" }
    );
    drill::row(
        "T06, B-07",
        &format!("{ADDRESSES} addresses guess at one user, at the box and two peers"),
        &came,
        "20 at most",
    )?;
    if by_box > 20 || by_pike < by_box || by_jail < by_box {
        return Err(Failure::Unexpected(came));
    }
    Ok(())
}

/// Each address tries a few passwords, one after the other. How many were answered; each answered one is told.
fn guess_together(rogue: &Place, server: SocketAddr, told: impl Fn(SocketAddr) -> Result<()>) -> Result<u64> {
    let mut answered = 0;
    for at in 0..ADDRESSES {
        let place = rogue.with_address(std::net::Ipv4Addr::new(10, 30, 0, 100 + at));
        let mut guesser = UdpPhone::stranger(&place, server, "201", Duration::from_millis(300))?;
        for number in 0..TOGETHER {
            if !guesser.guess(&format!("guess-{at}-{number}")) {
                break;
            }
            answered += 1;
            told(SocketAddr::new(place.address, 5060))?;
        }
    }
    Ok(answered)
}

/// Guesses until nobody answers, `is_over` says so, or the time is up. How many guesses were answered.
fn guess(
    place: &Place,
    server: SocketAddr,
    rate: u32,
    lasts: Duration,
    mut is_over: impl FnMut(SocketAddr) -> Result<bool>,
) -> Result<u64> {
    let mut guesser = UdpPhone::stranger(place, server, "201", Duration::from_millis(300))?;
    let from = SocketAddr::new(place.address, 5060);
    let (began, mut answered, mut in_vain) = (Instant::now(), 0_u64, 0);
    for number in 0_u32.. {
        if began.elapsed() >= lasts || in_vain >= IN_VAIN {
            break;
        }
        if guesser.guess(&format!("guess-{number}")) {
            (answered, in_vain) = (answered + 1, 0);
            if is_over(from)? {
                break;
            }
        } else {
            in_vain += 1;
        }
        // The pace of a guesser, not a wait for something.
        std::thread::park_timeout((Duration::from_secs(1) * (number + 1) / rate).saturating_sub(began.elapsed()));
    }
    Ok(answered)
}
