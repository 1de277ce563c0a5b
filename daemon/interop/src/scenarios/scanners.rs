//! Real scanners of SIP, with the right number and the right password in their lists: they get nothing, and the phones go on,
//! also the one at whose own address a scanner runs.

use std::net::SocketAddr;
use std::path::Path;
use std::process::Stdio;

use super::incidents;
use super::setting_up::Shop;
use super::{connect, hang_up};
use crate::failure::Tried;
use crate::{Failure, OfficeLan, Place, Result, drill};

/// A tool, what it is told (`PORT`, `BOX` and `LIST` are filled in), and what it would say of a find.
pub(super) type Tool = (&'static str, &'static [&'static str], &'static [&'static str]);

pub(super) const TOOLS: [Tool; 5] = [
    ("svmap", &["-p", "PORT", "-P", "5999", "BOX"], &["| BOX"]),
    (
        "svwar",
        &["-p", "PORT", "-P", "5999", "-m", "REGISTER", "-e", "200-210", "--force", "BOX"],
        &["reqauth", "| 201"],
    ),
    ("svwar", &["-p", "PORT", "-P", "5999", "-m", "INVITE", "-e", "200-210", "--force", "BOX"], &["reqauth", "| 201"]),
    ("svcrack", &["-p", "PORT", "-P", "5999", "-u", "201", "-d", "LIST", "BOX"], &["secret-of-201"]),
    ("sipsak", &["-s", "sip:201@BOX:PORT", "-vv"], &["SIP/2.0 200", "SIP/2.0 401", "SIP/2.0 404"]),
];

/// Each tool from a desk of its own, and svcrack once more from Anna's.
pub(super) fn scanners(lan: &mut OfficeLan) -> Result<()> {
    let shop = Shop::open(lan)?;
    let (desk, mut anna, mut bram) = shop.two_phones(lan)?;

    let list = list_of_passwords(&shop)?;
    for (at, tool) in (60_u8..).zip(TOOLS) {
        scan(&lan.add_desk(&format!("3c970e0000{at}"), at)?, shop.centraled.address(), &list, tool)?;
    }
    scan(&desk, shop.centraled.address(), &list, TOOLS[3])?;

    let (judged, known) = (shop.page.count("wrong_secret")?, shop.page.count("knock-scanner")?);
    if judged > 3 || known < TOOLS.len() as u64 {
        return Err(Failure::Unexpected(format!("{judged} secrets were judged and {known} scanners known")));
    }
    shop.page.wait_for_problem("attempts-stopped", "")?;
    incidents::are_told(&shop, &desk)?;
    connect(&mut anna, "202", &mut bram)?;
    hang_up(&mut bram, &mut anna)?;
    let came = format!(
        "{judged} secrets judged, {known} packets known for a scanner's, no user and no secret found; the phones called after"
    );
    drill::row(
        "T01, T02, T05, B-01, B-02, B-05",
        "svmap, svwar (two ways), svcrack (two places), sipsak",
        &came,
        "3 judged at most, 0 found",
    )
}

/// What svcrack tries, the right one among them.
pub(super) fn list_of_passwords(shop: &Shop) -> Result<String> {
    let list = shop.centraled.state().join("list-of-passwords");
    std::fs::write(&list, "1234\nadmin\npassword\n201201\nsecret-of-201\n").tried(|| "write a list".to_owned())?;
    Ok(list.display().to_string())
}

/// Lets a tool loose on who is at `address`; fails when it finds anything.
pub(super) fn scan(place: &Place, address: SocketAddr, list: &str, tool: Tool) -> Result<()> {
    match find(place, address, list, tool, None)? {
        Some(found) => Err(Failure::Unexpected(found)),
        None => Ok(()),
    }
}

/// What a tool finds at `address`: of sipvicious as Debian has it, or of a copy of it in that folder.
pub(super) fn find(
    place: &Place,
    address: SocketAddr,
    list: &str,
    (program, told, finds): Tool,
    copy: Option<&Path>,
) -> Result<Option<String>> {
    let (ip, port) = (address.ip().to_string(), address.port().to_string());
    let fill = |text: &str| text.replace("PORT", &port).replace("BOX", &ip).replace("LIST", list);
    // They wait for answers that do not come for longer than anybody here does.
    let mut command = place.command("timeout");
    command.args(["--signal=INT", "8"]);
    match copy {
        None => command.arg(program),
        Some(folder) => {
            command.arg("/usr/bin/python3").arg("-m").arg(format!("sipvicious.{program}")).env("PYTHONPATH", folder)
        }
    };
    command.args(told.iter().map(|text| fill(text))).stdin(Stdio::null());
    let output = command.output().tried(|| format!("start {program}"))?;
    let said = [output.stdout, output.stderr].map(|text| String::from_utf8_lossy(&text).into_owned()).concat();
    let found = finds.iter().map(|find| fill(find)).find(|find| said.contains(find));
    Ok(found.map(|find| format!("{program} found {find}: {said}")))
}
