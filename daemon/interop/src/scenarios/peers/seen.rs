//! Who looks around: what scanners, as they come and under a phone's name, find out at the box and at a peer.

use std::net::SocketAddr;
use std::path::Path;
use std::time::Duration;

use tempfile::TempDir;

use super::super::scanners::{TOOLS, find};
use super::office;
use crate::datagrams::UdpPhone;
use crate::failure::Tried;
use crate::private_world::run;
use crate::{Centraled, Failure, Kamailio, OfficeLan, Place, Result, Subscriber, drill};

/// How long somebody waits for an answer.
const PATIENCE: Duration = Duration::from_secs(1);
/// Where Debian keeps sipvicious, the name that it gives itself, and another one.
const SIPVICIOUS: &str = "/usr/share/sipvicious/sipvicious";
const ITS_NAME: &str = "friendly-scanner";
const A_PHONES: &str = "Yealink SIP-T54W 96.86.0.70";

pub(in super::super) fn seen(lan: &mut OfficeLan) -> Result<()> {
    let people = office();
    let centraled = Centraled::start(&lan.host(), &people, None)?;
    let pike = Kamailio::start_with_pike(&lan.host(), &people)?;
    told_apart_at(lan, &centraled, &pike)?;
    scanned(lan, &centraled, &pike)
}

/// T02: ten users whose phones are there, asked for in two ways.
fn told_apart_at(lan: &mut OfficeLan, centraled: &Centraled, pike: &Kamailio) -> Result<()> {
    let mut found = Vec::new();
    for (server, at) in [(centraled.address(), 40), (pike.address(), 44)] {
        // From two desks: pike would shut out ten phones that come at once from one.
        let mut there = Vec::new();
        for (half, users) in (0_u8..).zip(office()[..10].chunks(5)) {
            let desk = lan.add_desk(&format!("3c970e0000{}", at + half), at + half)?;
            let register = |who: &Subscriber| UdpPhone::register(&desk, server, who);
            there.extend(users.iter().map(register).collect::<Result<Vec<_>>>()?);
        }
        let mut desk = |at: u8| lan.add_desk(&format!("3c970e0000{at}"), at);
        let (registers, calls) = (desk(at + 2)?, desk(at + 3)?);
        let by_register = told_apart(&registers, server, |phone| phone.ask(""))?;
        let by_call = told_apart(&calls, server, UdpPhone::call_from_elsewhere)?;
        found.push((by_register, by_call));
    }
    let [(box_register, box_call), (pike_register, pike_call)] = found[..] else { return Ok(()) };
    let came = format!(
        "answered otherwise than for nobody: at the box {box_register} of 10 by REGISTER and {box_call} by a call from elsewhere; at \
         kamailio by Debian's rules {pike_register} and {pike_call}"
    );
    drill::row("T02, B-02", "ten users and nobody asked for, at the box and a peer", &came, "0")?;
    if box_register + box_call > 0 || pike_call == 0 {
        return Err(Failure::Unexpected(came));
    }
    Ok(())
}

/// For how many of ten users the first answer differs from the one for nobody.
fn told_apart(
    place: &Place,
    server: SocketAddr,
    mut ask: impl FnMut(&mut UdpPhone) -> Option<String>,
) -> Result<usize> {
    let mut answer = |user: &str| -> Result<Option<String>> {
        let mut one = UdpPhone::stranger(place, server, user, PATIENCE)?;
        Ok(ask(&mut one).and_then(|answer| answer.lines().next().map(str::to_owned)))
    };
    let nobody = answer("699")?;
    let answers = (201..211).map(|user: u32| answer(&user.to_string())).collect::<Result<Vec<_>>>()?;
    // Silence tells of nobody: who asks for several is not answered any more.
    Ok(answers.iter().filter(|one| one.is_some() && **one != nobody).count())
}

/// T01: the real tools, then the same under the name of a phone, as whoever can edit a file does.
fn scanned(lan: &mut OfficeLan, centraled: &Centraled, pike: &Kamailio) -> Result<()> {
    let renamed = sipvicious_renamed()?;
    let list = renamed.path().join("list-of-passwords");
    // Without the right one: what is found here is whom there is.
    std::fs::write(&list, "1234\nadmin\n201201\n").tried(|| "write a list".to_owned())?;
    let list = list.display().to_string();
    let mut counts = [[0; 2]; 2];
    for (server, copy, count) in [
        (centraled.address(), None, (0, 0)),
        (centraled.address(), Some(renamed.path()), (0, 1)),
        (pike.address(), None, (1, 0)),
        (pike.address(), Some(renamed.path()), (1, 1)),
    ] {
        let first = 60 + 10 * u8::try_from(2 * count.0 + count.1).unwrap_or(0);
        counts[count.0][count.1] = finders(lan, first, server, &list, copy)?;
    }
    let [[box_named, box_renamed], [pike_named, pike_renamed]] = counts;
    let came = format!(
        "found something: at the box {box_named} of {all} under their own names and {box_renamed} of {some} under a phone's; at kamailio \
         by Debian's rules {pike_named} and {pike_renamed}",
        all = TOOLS.len(),
        some = of_sipvicious().count()
    );
    drill::row("T01, T02, B-01", "svmap, svwar (two ways), svcrack, sipsak, at the box and a peer", &came, "0")?;
    if box_named + box_renamed > 0 || pike_named + pike_renamed == 0 {
        return Err(Failure::Unexpected(came));
    }
    Ok(())
}

/// How many tools find anything, each from a desk of its own.
fn finders(lan: &mut OfficeLan, first: u8, server: SocketAddr, list: &str, copy: Option<&Path>) -> Result<usize> {
    let tools: Vec<_> = if copy.is_some() { of_sipvicious().collect() } else { TOOLS.to_vec() };
    let mut finders = 0;
    for (at, tool) in (first..).zip(tools) {
        let desk = lan.add_desk(&format!("3c970e000{at:03}"), at)?;
        finders += usize::from(find(&desk, server, list, tool, copy)?.is_some());
    }
    Ok(finders)
}

fn of_sipvicious() -> impl Iterator<Item = super::super::scanners::Tool> {
    TOOLS.into_iter().filter(|(program, ..)| program.starts_with("sv"))
}

/// A copy of sipvicious that calls itself a phone.
fn sipvicious_renamed() -> Result<TempDir> {
    let folder = tempfile::tempdir().tried(|| "make a folder for sipvicious".to_owned())?;
    run("cp", ["-r", SIPVICIOUS, &folder.path().display().to_string()])?;
    let file = folder.path().join("sipvicious/libs/svhelper.py");
    let text = std::fs::read_to_string(&file).tried(|| "read sipvicious".to_owned())?;
    if !text.contains(ITS_NAME) {
        return Err(Failure::Unexpected("sipvicious does not say its name where it did".to_owned()));
    }
    std::fs::write(&file, text.replace(ITS_NAME, A_PHONES)).tried(|| "rename sipvicious".to_owned())?;
    Ok(folder)
}
