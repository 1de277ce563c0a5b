//! Far more packets than any phone sends, from one desk, while a phone at another goes on.

use std::net::SocketAddr;
use std::process::Stdio;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use super::setting_up::{ANNA, BRAM, Shop};
use super::wall::{Wall, kernel_drops};
use crate::datagrams::{Answers, UdpPhone, flood, flood_from};
use crate::failure::Tried;
use crate::private_world::ip;
use crate::{Failure, Group, OfficeLan, Place, Result, Subscriber, drill};

/// Packets a second.
const RATE: u32 = 50_000;
/// Requests of the phone meanwhile, and how far apart.
pub(super) const MOST: usize = 1_000;
pub(super) const APART: Duration = Duration::from_millis(20);
/// Within which ninety-nine of a hundred are to be answered.
const SOON: Duration = Duration::from_millis(100);
/// What the daemon may take of a core while the kernel drops for it.
const LOAD: f64 = 0.25;
/// Packets a second of each of many: the kernel drops what is over 200.
const UNDER_THE_LIMIT: u32 = 199;
/// INVITEs that sipp is told to send a second.
const INVITES: &str = "5000";

/// With the kernel's help.
pub(super) fn on_the_kernel(lan: &mut OfficeLan) -> Result<()> {
    on_the(lan, Wall::Kernel)
}

/// Without.
pub(super) fn on_the_program(lan: &mut OfficeLan) -> Result<()> {
    on_the(lan, Wall::Program)
}

fn on_the(lan: &mut OfficeLan, wall: Wall) -> Result<()> {
    let shop = Shop::open_behind(lan, wall)?;
    let rogue = lan.add_desk("3c970e000066", 66)?;
    flooded(lan, &shop, wall, "from one source", |server, lasts| flood(&rogue, server, RATE, lasts))
}

/// In a phone's own name: the one at whose address the flood seems to come from goes on, and so does another.
pub(super) fn in_a_phones_name(lan: &mut OfficeLan) -> Result<()> {
    let shop = Shop::open_behind(lan, Wall::Kernel)?;
    let (desk, rogue) = (lan.add_desk(BRAM, 22)?, lan.add_desk("3c970e000066", 66)?);
    let mut posed = UdpPhone::register(&desk, shop.centraled.address(), &Subscriber::new("202"))?;
    // It speaks by that address, and answers nobody who asks who has it.
    let rules = "cd /proc/sys/net/ipv4/conf/all; echo 1 >arp_ignore; echo 2 >arp_announce; echo 0 >rp_filter";
    let output = rogue.command("sh").args(["-c", rules]).output().tried(|| "set up who poses".to_owned())?;
    if !output.status.success() {
        return Err(Failure::Unexpected("who poses cannot be set up".to_owned()));
    }
    rogue.inside(|| ip(&format!("addr add {}/32 dev lo", desk.address)))?;
    let posing = rogue.with_address(desk.address);
    let answers = Mutex::new(Answers::default());
    flooded(lan, &shop, Wall::Kernel, "in a live phone's name", |server, lasts| {
        let over = AtomicBool::new(false);
        std::thread::scope(|scope| {
            let asking = scope.spawn(|| posed.keep_asking(MOST, APART, &over));
            let sent = flood(&posing, server, RATE, lasts);
            over.store(true, Ordering::Relaxed);
            let of_posed = asking.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic));
            *answers.lock().unwrap_or_else(PoisonError::into_inner) = of_posed;
            sent
        })
    })?;
    let answers = answers.into_inner().unwrap_or_else(PoisonError::into_inner);
    let asked = answers.took.len() + answers.lost;
    let came = format!(
        "{} of {asked} requests of the phone whose name it was lost, p99 {:.1?}",
        answers.lost,
        answers.percentile(99)
    );
    drill::row("T32, T37, B-36", "the same flood: the phone in whose name it comes", &came, "0 lost")?;
    if answers.lost > 0 || asked == 0 { Err(Failure::Unexpected(came)) } else { Ok(()) }
}

/// From a whole network, whose every address stays just under what the kernel lets a stranger send.
pub(super) fn from_many(lan: &mut OfficeLan) -> Result<()> {
    let shop = Shop::open_behind(lan, Wall::Kernel)?;
    let rogue = lan.add_desk("3c970e000066", 66)?;
    rogue.inside(|| ip("route add local 10.31.0.0/24 dev lo"))?;
    lan.host().inside(|| ip(&format!("route add 10.31.0.0/24 via {}", rogue.address)))?;
    let places: Vec<Place> = (0..=255).map(|last| rogue.with_address([10, 31, 0, last])).collect();
    let how = format!("from {} sources, each {UNDER_THE_LIMIT} a second", places.len());
    let rate = UNDER_THE_LIMIT * 256;
    let before = received(&lan.host())?;
    let came = under(lan, &shop, Wall::Kernel, |server, lasts| flood_from(&places, server, rate, lasts))?;
    let (Came { sent, dropped, .. }, read) = (&came, received(&lan.host())? - before);
    // A slow machine sends hardly more than the wall lets pass: what was not dropped there must have come to the program.
    if read < sent.saturating_sub(*dropped) / 2 {
        return Err(Failure::Unexpected(format!(
            "of {sent} packets {dropped} were dropped at the wall, and only {read} came in"
        )));
    }
    judge((Wall::Kernel, &how), &came)
}

/// INVITEs of the real sipp.
pub(super) fn of_invites(lan: &mut OfficeLan) -> Result<()> {
    let shop = Shop::open_behind(lan, Wall::Kernel)?;
    let rogue = lan.add_desk("3c970e000066", 66)?;
    flooded(lan, &shop, Wall::Kernel, "of INVITEs by sipp", |server, lasts| {
        let before = sent_by(&rogue)?;
        let (seconds, address) = (lasts.as_secs().to_string(), rogue.address.to_string());
        let mut sipp = rogue.command("timeout");
        sipp.args(["--signal=KILL", &seconds, "sipp", "-sn", "uac", "-nostdin", "-i", &address, "-s", "201"]);
        sipp.args(["-r", INVITES, "-l", "1000000", "-m", "10000000", "-nr", &server.to_string()]);
        sipp.env("TERM", "dumb").stdin(Stdio::null()).output().tried(|| "start sipp".to_owned())?;
        Ok(sent_by(&rogue)? - before)
    })
}

/// Packets that left a desk so far.
fn sent_by(place: &Place) -> Result<u64> {
    let output = place.command("cat").arg("/sys/class/net/lan/statistics/tx_packets").output();
    let text = String::from_utf8_lossy(&output.tried(|| "count packets".to_owned())?.stdout).trim().to_owned();
    text.parse().map_err(|_| Failure::Unexpected(format!("a desk has sent '{text}' packets")))
}

/// Datagrams that came to a program somewhere so far, or would have if it had read faster.
fn received(place: &Place) -> Result<u64> {
    let output = place.command("cat").arg("/proc/net/snmp").output().tried(|| "count datagrams".to_owned())?;
    let text = String::from_utf8_lossy(&output.stdout);
    let mut lines = text.lines().filter_map(|line| line.strip_prefix("Udp: ")).map(|line| line.split(' '));
    let (names, counts) = (lines.next().into_iter().flatten(), lines.next().into_iter().flatten());
    let of_those_that_came = names.zip(counts).filter(|(name, _)| ["InDatagrams", "InErrors"].contains(name));
    let counts: Option<Vec<u64>> = of_those_that_came.map(|(_, count)| count.parse().ok()).collect();
    let counts = counts.filter(|counts| counts.len() == 2);
    Ok(counts.ok_or_else(|| Failure::Unexpected(format!("nobody counts datagrams: '{text}'")))?.iter().sum())
}

/// What came of a flood.
struct Came {
    answers: Answers,
    sent: u64,
    elapsed: Duration,
    dropped: u64,
    /// What the daemon took of a core.
    load: f64,
}

/// A phone asks while `attack` floods for so long; it says how many packets it sent. Most of them are to be dropped.
fn flooded(
    lan: &mut OfficeLan,
    shop: &Shop,
    wall: Wall,
    how: &str,
    attack: impl FnOnce(SocketAddr, Duration) -> Result<u64> + Send,
) -> Result<()> {
    let came = under(lan, shop, wall, attack)?;
    if came.dropped < came.sent / 2 {
        let Came { sent, dropped, .. } = came;
        return Err(Failure::Unexpected(format!("of {sent} packets only {dropped} were dropped at the wall")));
    }
    judge((wall, how), &came)
}

fn under(
    lan: &mut OfficeLan,
    shop: &Shop,
    wall: Wall,
    attack: impl FnOnce(SocketAddr, Duration) -> Result<u64> + Send,
) -> Result<Came> {
    let desk = lan.add_desk(ANNA, 21)?;
    let server = shop.centraled.address();
    let mut phone = UdpPhone::register(&desk, server, &Subscriber::new("201"))?;
    // Behind the kernel not one datagram may be lost; without it a phone must do what phones do, and that is enough.
    phone.sends_again = wall == Wall::Program;
    let lasts = drill::lasting(Duration::from_secs(3), Duration::from_secs(60));
    let (over, cost) = (AtomicBool::new(false), Group(shop.centraled.id()));
    let (began, cost_before) = (Instant::now(), cost.cpu_time());
    let (sent, answers) = std::thread::scope(|scope| {
        let flooding = scope.spawn(|| {
            let sent = attack(server, lasts);
            over.store(true, Ordering::Relaxed);
            sent
        });
        let answers = phone.keep_asking(MOST, APART, &over);
        (flooding.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)), answers)
    });
    let (sent, elapsed) = (sent?, began.elapsed());
    let load = (cost.cpu_time() - cost_before).as_secs_f64() / elapsed.as_secs_f64();
    let dropped = match wall {
        Wall::Kernel => kernel_drops(lan)?,
        Wall::Program => shop.page.count("blocked_packets")?,
    };
    Ok(Came { answers, sent, elapsed, dropped, load })
}

fn judge((wall, how): (Wall, &str), Came { answers, sent, elapsed, dropped, load }: &Came) -> Result<()> {
    let asked = answers.took.len() + answers.lost;
    let (median, late) = (answers.percentile(50), answers.percentile(99));
    let rate = *sent as f64 / elapsed.as_secs_f64();
    // Both ends share this machine: what it cannot send is said, and not taken for what the box withstood.
    let short = if rate < f64::from(RATE) * 0.9 {
        format!(" (this machine sends no more; {RATE} were aimed at)")
    } else {
        String::new()
    };
    let came = format!(
        "{} of {asked} requests lost, {} datagrams sent again, median {median:.1?}, p99 {late:.1?}; {dropped} packets dropped by the {}, \
         {:.0} % of a core",
        answers.lost,
        answers.again,
        wall.name(),
        load * 100.0
    );
    drill::row(
        "T32, B-32",
        &format!("{rate:.0} packets/s {how}{short}, for {:.0} s", elapsed.as_secs_f64()),
        &came,
        if wall == Wall::Kernel { "0 lost, p99 under 100 ms, 25 % of a core" } else { "0 lost, p99 under 100 ms" },
    )?;
    if answers.lost > 0 || asked == 0 {
        return Err(Failure::Unexpected(format!("under {rate:.0} packets a second: {came}")));
    }
    if drill::is_full() && (late > SOON || wall == Wall::Kernel && *load > LOAD) {
        return Err(Failure::Unexpected(format!("too slow or too dear under {rate:.0} packets a second: {came}")));
    }
    Ok(())
}
