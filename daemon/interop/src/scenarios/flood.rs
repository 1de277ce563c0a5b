//! Far more packets than any phone sends, from one desk, while a phone at another goes on.

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use super::setting_up::{ANNA, Shop};
use super::wall::{Wall, kernel_drops};
use crate::datagrams::{Answers, UdpPhone, flood};
use crate::{Failure, Group, OfficeLan, Result, Subscriber, drill};

/// Packets a second.
const RATE: u32 = 50_000;
/// Requests of the phone meanwhile, and how far apart.
const MOST: usize = 1_000;
const APART: Duration = Duration::from_millis(20);
/// Within which ninety-nine of a hundred are to be answered.
const SOON: Duration = Duration::from_millis(100);

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
    let (desk, rogue) = (lan.add_desk(ANNA, 21)?, lan.add_desk("3c970e000066", 66)?);
    let server = shop.centraled.address();
    let mut phone = UdpPhone::register(&desk, server, &Subscriber::new("201"))?;
    // Behind the kernel not one datagram may be lost; without it a phone must do what phones do, and that is enough.
    phone.sends_again = wall == Wall::Program;
    let lasts = drill::lasting(Duration::from_secs(3), Duration::from_secs(60));
    let (over, cost) = (AtomicBool::new(false), Group(shop.centraled.id()));
    let (began, cost_before) = (Instant::now(), cost.cpu_time());
    let (sent, answers) = std::thread::scope(|scope| {
        let flooding = scope.spawn(|| {
            let sent = flood(&rogue, server, RATE, lasts);
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
    if dropped < sent / 2 {
        return Err(Failure::Unexpected(format!("of {sent} packets only {dropped} were dropped at the wall")));
    }
    judge(wall, &answers, (sent, elapsed), dropped, load)
}

fn judge(wall: Wall, answers: &Answers, (sent, elapsed): (u64, Duration), dropped: u64, load: f64) -> Result<()> {
    let asked = answers.took.len() + answers.lost;
    let (median, late) = (answers.percentile(50), answers.percentile(99));
    let rate = sent as f64 / elapsed.as_secs_f64();
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
        &format!("{rate:.0} packets/s from one source for {:.0} s", elapsed.as_secs_f64()),
        &came,
        "0 lost, p99 under 100 ms",
    )?;
    if answers.lost > 0 || asked == 0 {
        return Err(Failure::Unexpected(format!("under {rate:.0} packets a second: {came}")));
    }
    if drill::is_full() && wall == Wall::Kernel && late > SOON {
        return Err(Failure::Unexpected(format!("too slow under {rate:.0} packets a second: {came}")));
    }
    Ok(())
}
