//! Who is blocked: seen on the page, dropped by the kernel or by the program, still blocked after a crash, let in by hand or by a
//! password that is right.

use std::net::UdpSocket;
use std::time::Instant;

use serde_json::{Value, json};

use super::setting_up::{ANNA, Shop};
use crate::datagrams::UdpPhone;
use crate::failure::Tried;
use crate::transcript::PATIENCE;
use crate::{Administrator, Failure, Installed, OfficeLan, Place, Result, Subscriber};

/// Who drops what is blocked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Wall {
    /// The kernel, for a daemon that may ask it.
    Kernel,
    /// The daemon, which may not (without `CAP_NET_ADMIN`).
    Program,
}

impl Wall {
    pub(super) const fn name(self) -> &'static str {
        match self {
            Wall::Kernel => "kernel",
            Wall::Program => "program",
        }
    }
}

impl Shop {
    /// The same, with a daemon that has the kernel's help or has not.
    pub(super) fn open_behind(lan: &OfficeLan, wall: Wall) -> Result<Shop> {
        let people = ["201", "202"].map(Subscriber::new);
        let installed = Installed::new(&lan.host(), &people, None, "info")?;
        let mut centraled = if wall == Wall::Kernel { installed } else { installed.unprivileged() }.start()?;
        let page = centraled.set_up()?;
        Ok(Shop { centraled, page })
    }
}

/// Somebody else's table in the box's network, with a set that has a name of ours.
const OTHERS: [&str; 3] = [
    "add table inet other",
    "add set inet other blocked4 { type ipv4_addr ; elements = { 10.9.9.9 } ; }",
    "add chain inet other c { type filter hook prerouting priority -300 ; }",
];

/// What nft(8) says in the box's network.
fn nft(lan: &OfficeLan, arguments: &str) -> Result<String> {
    let output = lan.host().command("nft").args(arguments.split(' ')).output().tried(|| "start nft".to_owned())?;
    Ok(String::from_utf8_lossy(&output.stdout).into_owned())
}

/// Packets that the kernel dropped for the box.
pub(super) fn kernel_drops(lan: &OfficeLan) -> Result<u64> {
    let rules = nft(lan, "list ruleset")?;
    let counts =
        rules.lines().filter_map(|rule| rule.split("counter packets ").nth(1)?.split(' ').next()?.parse::<u64>().ok());
    Ok(counts.sum())
}

/// Looks until it is so.
fn becomes(what: &str, mut is_so: impl FnMut() -> Result<bool>) -> Result<()> {
    let deadline = Instant::now() + PATIENCE;
    while !is_so()? {
        if Instant::now() > deadline {
            return Err(Failure::Unexpected(format!("it does not come to this: {what}")));
        }
        std::thread::yield_now();
    }
    Ok(())
}

pub(super) fn is_shown(page: &Administrator, address: &str) -> Result<bool> {
    let blocks = page.read("guard/blocks")?;
    let all = blocks["blocks"].as_array().map(Vec::as_slice).unwrap_or_default();
    Ok(all.iter().any(|block| block["address"] == address && block["reason"] == "scanner"))
}

/// Sends what a scanner sends, until the page shows that it is blocked.
pub(super) fn be_blocked(lan: &mut OfficeLan, shop: &Shop, last: u8) -> Result<Place> {
    let desk = lan.add_desk(&format!("3c970e0000{last}"), last)?;
    let socket =
        desk.inside(|| UdpSocket::bind((desk.address, 5060)).tried(|| "open a scanner's socket".to_owned()))?;
    let text =
        "OPTIONS sip:100@1.1.1.1 SIP/2.0\r\nVia: SIP/2.0/UDP 1.1.1.1;branch=x\r\nUser-Agent: friendly-scanner\r\n\r\n";
    socket.send_to(text.as_bytes(), shop.centraled.address()).tried(|| "scan".to_owned())?;
    let address = desk.address.to_string();
    becomes("a scanner is on the page", || is_shown(&shop.page, &address))?;
    Ok(desk)
}

/// Waits until the kernel drops what comes from there.
pub(super) fn wait_for_kernel(lan: &OfficeLan, blocked: &Place) -> Result<()> {
    let address = blocked.address.to_string();
    becomes("the kernel has it", || Ok(nft(lan, "list ruleset")?.contains(&address)))
}

/// With the kernel's help.
pub(super) fn of_the_kernel(lan: &mut OfficeLan) -> Result<()> {
    stays(lan, Wall::Kernel)
}

/// Without.
pub(super) fn of_the_program(lan: &mut OfficeLan) -> Result<()> {
    stays(lan, Wall::Program)
}

fn stays(lan: &mut OfficeLan, wall: Wall) -> Result<()> {
    for line in OTHERS {
        nft(lan, line)?;
    }
    let others = nft(lan, "list ruleset")?;
    let shop = Shop::open_behind(lan, wall)?;
    let in_kernel = |lan: &OfficeLan, address: &str| Ok::<_, Failure>(nft(lan, "list ruleset")?.contains(address));
    if wall == Wall::Program {
        shop.page.wait_for_problem("blocks-in-program", "")?;
        if nft(lan, "list ruleset")? != others {
            return Err(Failure::Unexpected("a daemon without the right changed the kernel's rules".to_owned()));
        }
    }
    let first = be_blocked(lan, &shop, 66)?;
    be_blocked(lan, &shop, 67)?;
    let own = first.address.to_string();
    if wall == Wall::Kernel {
        becomes("the kernel has it", || in_kernel(lan, &own))?;
    }

    let Shop { centraled, page } = shop;
    let installed = centraled.cut_power()?;
    if nft(lan, "list ruleset")? != others {
        return Err(Failure::Unexpected("after a crash the kernel's rules are not what they were".to_owned()));
    }
    let shop = Shop { centraled: installed.start()?, page };
    becomes("it is on the page after a crash", || is_shown(&shop.page, &own))?;
    if wall == Wall::Kernel {
        becomes("the kernel has it again", || in_kernel(lan, &own))?;
    }

    // Somebody who belongs to the office sits where the scanner was.
    UdpPhone::register(&first, shop.centraled.address(), &Subscriber::new("201"))?;
    becomes("whoever registers is not blocked", || Ok(!is_shown(&shop.page, &own)?))?;
    let other = "10.30.0.67";
    let lifted: Value = shop.page.write("DELETE", &format!("guard/blocks/{other}"), &json!({}))?;
    if !lifted.is_null() || is_shown(&shop.page, other)? {
        return Err(Failure::Unexpected("a block that was lifted is still there".to_owned()));
    }
    becomes("the kernel has it no more", || Ok(!in_kernel(lan, other)?))?;
    let desk = lan.add_desk(ANNA, 21)?;
    UdpPhone::register(&desk, shop.centraled.address(), &Subscriber::new("202"))?;

    drop(shop);
    let left = nft(lan, "list ruleset")?;
    if left == others {
        Ok(())
    } else {
        Err(Failure::Unexpected(format!("the box leaves rules in the kernel: {left}")))
    }
}
