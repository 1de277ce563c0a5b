//! The same guesser at the box and at its peers: how many of its guesses each of them judges.

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use super::setting_up::Shop;
use super::slowloris::{ADDRESSES, rogue};
use crate::datagrams::UdpPhone;
use crate::fail2ban::Fail2ban;
use crate::{Centraled, Failure, Kamailio, OfficeLan, Place, Result, Subscriber, drill};

/// Guesses a second: what svcrack does. The slow one stays under what pike counts.
const FAST: u32 = 150;
const SLOW: u32 = 3;
/// Guesses without an answer after which it gives up.
const IN_VAIN: u32 = 5;
/// Phones of an office behind one address.
const PHONES: usize = 60;
/// Guesses of each of many.
const TOGETHER: u64 = 3;

/// One guesser after the other: at the box, at kamailio with pike, and at a registrar before which fail2ban reads the log.
pub(super) fn beside_peers(lan: &mut OfficeLan) -> Result<()> {
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
        let ratio = |peer: u64| format!("{peer} ({:.0} times as many)", peer as f64 / by_box.max(1) as f64);
        let came = format!(
            "judged by the box {by_box}, by kamailio with pike {}, before fail2ban banned {}",
            ratio(by_pike),
            ratio(by_jail)
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

/// Who goes through numbers, many who guess together, and phones that all come back at once: at the box and at its peers.
pub(super) fn many_ways_beside_peers(lan: &mut OfficeLan) -> Result<()> {
    let people: Vec<Subscriber> = (0..PHONES).map(|number| Subscriber::new(&(201 + number).to_string())).collect();
    let mut centraled = Centraled::start(&lan.host(), &people, None)?;
    let page = centraled.set_up()?;
    let server = centraled.address();
    let host = lan.host();

    // Phones first: whoever is blocked for what comes next would not be theirs to bear.
    let pike = Kamailio::start_with_pike(&host, &people)?;
    let [at_box, at_pike] = [(90, server), (91, pike.address())].map(|(at, server)| storm(lan, at, server, &people));
    let (at_box, at_pike) = (at_box?, at_pike?);
    let came = format!("registered at the box {at_box}, at kamailio with pike {at_pike}, of {PHONES}");
    drill::row(
        "B2",
        &format!("{PHONES} phones behind one address come back at once, at the box and a peer"),
        &came,
        "all",
    )?;
    if at_box < PHONES {
        return Err(Failure::Unexpected(came));
    }

    let pike = Kamailio::start_with_pike(&host, &people)?;
    let by_box = told_apart(&lan.add_desk("3c970e000092", 92)?, server)?;
    let by_pike = told_apart(&lan.add_desk("3c970e000093", 93)?, pike.address())?;
    let came =
        format!("the box answers for {by_box} of 10 users otherwise than for nobody, kamailio with pike for {by_pike}");
    drill::row("T02, B-02", "ten users and nobody asked for, at the box and a peer", &came, "0")?;
    if by_box > 0 {
        return Err(Failure::Unexpected(came));
    }

    let rogue = rogue(lan)?;
    let pike = Kamailio::start_with_pike(&host, &people)?;
    let registrar = Kamailio::start_registrar(&host, &people)?;
    let jail = Fail2ban::start(&host)?;
    let before = page.count("wrong_secret")?;
    guess_together(&rogue, server, |_| Ok(()))?;
    let by_box = page.count("wrong_secret")? - before;
    let by_pike = guess_together(&rogue, pike.address(), |_| Ok(()))?;
    let by_jail = guess_together(&rogue, registrar.address(), |from| jail.note("201", from))?;
    let all = u64::from(ADDRESSES) * TOGETHER;
    let ratio = |peer: u64| format!("{peer} ({:.0} times as many)", peer as f64 / by_box.max(1) as f64);
    let came = format!(
        "of {all} judged by the box {by_box}, by kamailio with pike {}, with fail2ban {}, which banned {}",
        ratio(by_pike),
        ratio(by_jail),
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

/// How many phones are registered that all come from one address at once.
fn storm(lan: &mut OfficeLan, at: u8, server: SocketAddr, people: &[Subscriber]) -> Result<usize> {
    let desk = lan.add_desk(&format!("3c970e0000{at}"), at)?;
    let come = &|who: &Subscriber| UdpPhone::register(&desk, server, who).is_ok();
    Ok(std::thread::scope(|scope| {
        let coming: Vec<_> = people.iter().map(|who| scope.spawn(move || come(who))).collect();
        coming.into_iter().map(|one| one.join().unwrap_or(false)).filter(|came| *came).count()
    }))
}

/// For how many of ten users the first answer differs from the one for nobody.
fn told_apart(place: &Place, server: SocketAddr) -> Result<usize> {
    let answer = |user: &str| -> Result<Option<String>> {
        let mut one = UdpPhone::stranger(place, server, user, Duration::from_millis(300))?;
        Ok(one.ask("").and_then(|answer| answer.lines().next().map(str::to_owned)))
    };
    let nobody = answer("7391")?;
    let answers = (201..211).map(|user: u32| answer(&user.to_string())).collect::<Result<Vec<_>>>()?;
    // Silence tells of nobody: who asks for several is not answered any more.
    Ok(answers.iter().filter(|one| one.is_some() && **one != nobody).count())
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
