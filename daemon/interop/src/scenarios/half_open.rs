//! Connections that somebody begins without end and in forged names, and never finishes (a flood of SYNs), while others make theirs.

use std::panic::resume_unwind;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use super::flood::{APART, MOST};
use super::setting_up::{ANNA, BRAM, Shop};
use super::wall::Wall;
use crate::datagrams::UdpPhone;
use crate::failure::Tried;
use crate::half_open::{NAMES, begin_connections};
use crate::{
    Account, Administrator, Baresip, Failure, Microphone, OfficeLan, Phone, Place, Result, Subscriber, Transport, drill,
};

/// Connections begun a second.
const RATE: u32 = 20_000;
/// Within which the page lets somebody in, in the drill.
const SERVED: Duration = Duration::from_secs(2);

/// At the ports of SIP over TCP and TLS and of the page. A phone over UDP goes on, one registers over TCP, and the owner logs in.
pub(super) fn begun_without_end(lan: &mut OfficeLan) -> Result<()> {
    let shop = Shop::open_behind(lan, Wall::Kernel)?;
    let (desk, other, office) = (lan.add_desk(ANNA, 21)?, lan.add_desk(BRAM, 22)?, lan.add_desk("3c970e000031", 31)?);
    let rogue = lan.add_desk("3c970e000066", 66)?;
    let (sip, page) = (shop.centraled.address(), shop.centraled.https_address());
    let servers = [sip, shop.centraled.tls_address(), page];
    let mut phone = UdpPhone::register(&desk, sip, &Subscriber::new("201"))?;
    phone.sends_again = false;
    let lasts = drill::lasting(Duration::from_secs(4), Duration::from_secs(30));

    let (over, cookies) = (AtomicBool::new(false), cookies_of(&lan.host())?);
    let (sent, answers, made) = thread::scope(|scope| {
        let attack = scope.spawn(|| {
            let sent = begin_connections(&rogue, &servers, RATE, lasts);
            over.store(true, Ordering::Relaxed);
            sent
        });
        let asking = scope.spawn(|| phone.keep_asking(MOST, APART, &over));
        let made = make_others(&other, &office, &shop, &over);
        let sent = attack.join().unwrap_or_else(|panic| resume_unwind(panic));
        (sent, asking.join().unwrap_or_else(|panic| resume_unwind(panic)), made)
    });
    let (sent, (registered, logged_in, slowest)) = (sent?, made?);
    let cookies = cookies_of(&lan.host())? - cookies;
    let asked = answers.took.len() + answers.lost;
    let came = format!(
        "{} of {asked} requests of a phone over UDP lost, p99 {:.1?}; a phone registered over TCP within {registered:.1?}, the owner logged in \
         {logged_in} times, the slowest took {slowest:.1?}; the kernel answered {cookies} with a cookie",
        answers.lost,
        answers.percentile(99)
    );
    let rate = sent as f64 / lasts.as_secs_f64();
    drill::row(
        "T31, B-31",
        &format!(
            "{rate:.0} connections/s begun in {NAMES} forged names and never finished, at SIP over TCP and TLS and the page, for {} s",
            lasts.as_secs()
        ),
        &came,
        "0 lost, served within 2 s",
    )?;
    // Without a cookie the attack was none.
    let is_late = drill::is_full() && slowest > SERVED;
    if answers.lost > 0 || asked == 0 || logged_in == 0 || cookies == 0 || is_late {
        return Err(Failure::Unexpected(came));
    }
    Ok(())
}

/// Registers over TCP, then logs in again and again until it is over: how long the first took, how often the other, and its slowest.
fn make_others(other: &Place, office: &Place, shop: &Shop, over: &AtomicBool) -> Result<(Duration, usize, Duration)> {
    let account = Account::new(&Subscriber::new("202"), shop.centraled.address(), Transport::Tcp);
    let began = Instant::now();
    Baresip::start(other, account, Microphone::Off)?.wait_registered()?;
    let (registered, mut times, mut slowest) = (began.elapsed(), 0, Duration::ZERO);
    while times == 0 || !over.load(Ordering::Relaxed) {
        let began = Instant::now();
        Administrator::log_in(office, shop.centraled.https_address())?;
        (times, slowest) = (times + 1, slowest.max(began.elapsed()));
    }
    Ok((registered, times, slowest))
}

/// Connections that the kernel of that host answered with a cookie so far (`SyncookiesSent` of netstat).
fn cookies_of(host: &Place) -> Result<u64> {
    let output = host.command("cat").arg("/proc/net/netstat").output().tried(|| "ask the kernel".to_owned())?;
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    let mut lines = text.lines().filter_map(|line| line.strip_prefix("TcpExt: "));
    let [names, values] = [lines.next(), lines.next()].map(|line| line.unwrap_or_default().split(' '));
    let sent = names.zip(values).find(|(name, _)| *name == "SyncookiesSent");
    sent.and_then(|(_, value)| value.parse().ok())
        .ok_or_else(|| Failure::Unexpected("the kernel counts no cookies".to_owned()))
}
