//! Connections that say nothing whole, and far more packets than phones send: what both do to the box and to a peer.

use std::net::SocketAddr;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use super::super::slowloris::{outlast, rogue};
use super::office;
use crate::datagrams::{Answers, UdpPhone, flood};
use crate::{Centraled, Failure, Group, Kamailio, OfficeLan, Place, Result, drill};

/// Connections that dribble.
const CONNECTIONS: usize = 100;
/// Packets a second, for how long, and the requests of a phone meanwhile: so seldom that pike takes it for no flood.
const RATE: u32 = 50_000;
const LASTS: Duration = Duration::from_secs(20);
const APART: Duration = Duration::from_millis(250);
const MOST: usize = 1_000;

pub(in super::super) fn hurt(lan: &mut OfficeLan) -> Result<()> {
    let people = office();
    let centraled = Centraled::start(&lan.host(), &people, None)?;
    let pike = Kamailio::start_with_pike(&lan.host(), &people)?;

    let rogue = rogue(lan)?;
    let at_box = outlast(&rogue, centraled.address(), CONNECTIONS)?;
    let at_pike = outlast(&rogue, pike.address(), CONNECTIONS)?;
    let came = format!("after 10 s the box held {at_box} of them, kamailio with pike {at_pike}");
    drill::row(
        "T31, B-31",
        &format!("{CONNECTIONS} dribbling connections (TCP), at the box and a peer"),
        &came,
        "none",
    )?;
    if at_box > 0 || at_pike == 0 {
        return Err(Failure::Unexpected(came));
    }

    let mut desk = |at: u8| lan.add_desk(&format!("3c970e0000{at}"), at);
    let (phone, attacker) = (desk(40)?, desk(41)?);
    let (by_box, box_rate) = flooded(&phone, &attacker, centraled.address(), Group(centraled.id()))?;
    let (phone, attacker) = (desk(42)?, desk(43)?);
    let (by_pike, pike_rate) = flooded(&phone, &attacker, pike.address(), Group(pike.id()))?;
    let came = format!(
        "the box, at {box_rate:.0} packets/s: {}; kamailio with pike, at {pike_rate:.0}: {}",
        by_box.in_words(),
        by_pike.in_words()
    );
    drill::row(
        "T32, B-32",
        &format!("{RATE} packets/s aimed at from one source, for {} s, at the box and a peer", LASTS.as_secs()),
        &came,
        "0 lost",
    )?;
    if by_box.answers.lost > 0 || by_box.answers.took.is_empty() {
        return Err(Failure::Unexpected(came));
    }
    Ok(())
}

/// What became of a phone's requests during a flood, and what part of a core the server took.
struct Hurt {
    answers: Answers,
    load: f64,
}

impl Hurt {
    fn in_words(&self) -> String {
        let asked = self.answers.took.len() + self.answers.lost;
        let (lost, late) = (self.answers.lost, self.answers.percentile(99));
        format!("{lost} of {asked} requests of a phone lost, p99 {late:.1?}, {:.0} % of a core", self.load * 100.0)
    }
}

/// And how many packets a second left for it.
fn flooded(desk: &Place, attacker: &Place, server: SocketAddr, cost: Group) -> Result<(Hurt, f64)> {
    let mut phone = UdpPhone::register(desk, server, &office()[0])?;
    phone.sends_again = false;
    let (over, began, before) = (AtomicBool::new(false), Instant::now(), cost.cpu_time());
    let (sent, answers) = std::thread::scope(|scope| {
        let flooding = scope.spawn(|| {
            let sent = flood(attacker, server, RATE, LASTS);
            over.store(true, Ordering::Relaxed);
            sent
        });
        let answers = phone.keep_asking(MOST, APART, &over);
        (flooding.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)), answers)
    });
    let (elapsed, spent) = (began.elapsed().as_secs_f64(), cost.cpu_time() - before);
    Ok((Hurt { answers, load: spent.as_secs_f64() / elapsed }, sent? as f64 / elapsed))
}
