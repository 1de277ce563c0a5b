//! Phones that are told by DHCP where the box is: by the office's router (dnsmasq), or by the box itself.

use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use serde_json::{Value, json};
use tempfile::TempDir;

use super::setting_up::{ANNA, Shop};
use crate::failure::Tried;
use crate::{DeskPhone, Failure, OfficeLan, Place, Process, Program, Result};

/// A Yealink's way through its files (T54W, traces of real phones): its own boot file, the one for all, then its model's
/// and its own settings.
const BOOT_ORDER: [&str; 4] = ["805ec0000015.boot", "y000000000000.boot", "y000000000096.cfg", "805ec0000015.cfg"];
/// The options of a DHCPACK that matter here, as dhcpcd is to show them. Its own name for 66 takes host names only.
const SHOWN_BY_DHCPCD: &str = "define 66 string boot_address\noption boot_address\ndefine 43 binhex boot_vendor\noption boot_vendor\nvendorclassid yealink\n";
/// What udhcpc is to call for everything that happens.
const SHOWN_BY_UDHCPC: &str = "#!/bin/sh\necho \"udhcpc $1 ip=$ip router=$router.\"\n";

/// The code of the problem that another DHCP server is here.
const TAKEN: &str = "dhcp-port-taken";

/// The router, with a line that somebody wrote into it; it gives everybody the one address.
struct Router {
    _dnsmasq: Process,
    _directory: TempDir,
}

impl Router {
    fn start(place: &Place, for_the_phone: &Place, line: &str) -> Result<Router> {
        let directory = folder()?;
        let leases = directory.path().join("leases");
        let (phone, own) = (for_the_phone.address, place.address);
        let text = format!(
            "port=0\nkeep-in-foreground\nlog-facility=-\nuser=root\npid-file=\nno-ping\ndhcp-authoritative\n\
             interface=lan\nbind-interfaces\ndhcp-range={phone},{phone},1h\ndhcp-option=option:router,{own}\n\
             dhcp-leasefile={}\n{line}\n",
            leases.display()
        );
        let file = write(directory.path(), "dnsmasq.conf", &text)?;
        let file = format!("--conf-file={}", file.display());
        let mut dnsmasq = Program::new(place, "dnsmasq", "dnsmasq")?.arg(file).start()?;
        dnsmasq.wait_for("DHCP, IP range")?;
        Ok(Router { _dnsmasq: dnsmasq, _directory: directory })
    }
}

fn folder() -> Result<TempDir> {
    tempfile::tempdir().tried(|| "make a folder".to_owned())
}

fn write(folder: &Path, name: &str, text: &str) -> Result<PathBuf> {
    let path = folder.join(name);
    std::fs::write(&path, text).tried(|| format!("write {name}"))?;
    Ok(path)
}

/// A phone's DHCP client (busybox's, as many have it) gets its address from the router.
fn address_from_router(phone: &Place) -> Result<()> {
    let folder = folder()?;
    let script = write(folder.path(), "told", SHOWN_BY_UDHCPC)?;
    let all = std::fs::Permissions::from_mode(0o755);
    std::fs::set_permissions(&script, all).tried(|| "make a script".to_owned())?;
    let client = Program::new(phone, "udhcpc", "udhcpc")?.args(["-f", "-q", "-n", "-i", "lan", "-V", "yealink"]);
    let mut client = client.arg("-s").arg(script).start()?;
    client.wait_for(&format!("udhcpc bound ip={} router=10.30.0.254.", phone.address)).map(drop)
}

/// What a client asks for.
#[derive(Clone, Copy, PartialEq)]
enum Asks {
    /// An address, and options with it.
    Address,
    /// It has an address and wants options alone (DHCPINFORM).
    Options,
}

/// Where the box is, as DHCP tells dhcpcd, if somebody answers that within so many seconds.
fn boot_address(phone: &Place, asks: Asks, seconds: &str) -> Result<Option<String>> {
    /// It keeps its process id in one file of the machine, whatever network it is in.
    static ONE_AT_A_TIME: Mutex<()> = Mutex::new(());
    let _turn = ONE_AT_A_TIME.lock().unwrap_or_else(PoisonError::into_inner);
    let folder = folder()?;
    let configuration = write(folder.path(), "dhcpcd.conf", SHOWN_BY_DHCPCD)?;
    let client = Program::new(phone, "dhcpcd", "dhcpcd")?.args(["-4", "--test", "--timeout", seconds, "--config"]);
    let inform = (asks == Asks::Options).then(|| format!("--inform={}/24", phone.address));
    let mut client = client.arg(configuration).args(inform).arg("lan").start()?;
    let line = client.wait_for_any(&["new_boot_address=", "timed out"])?;
    Ok(line.split_once('\'').map(|(_, address)| address.trim_end_matches('\'').to_owned()))
}

fn expect(told: Option<&str>, wanted: Option<&str>) -> Result<()> {
    if told == wanted {
        return Ok(());
    }
    Err(Failure::Unexpected(format!("the phone was told {told:?} and not {wanted:?}")))
}

fn texts(shop: &Shop) -> Result<Value> {
    Ok(shop.page.read("finding")?["texts"].clone())
}

/// The line from the page goes into the router as it is; the phone reads the address out of its lease and goes through its
/// files there. Nobody answers until somebody opens a window.
pub(super) fn told_by_the_router(lan: &mut OfficeLan) -> Result<()> {
    let shop = Shop::open(lan)?;
    let (router, desk) = (lan.add_desk("02000000fe01", 254)?, lan.add_desk(ANNA, 21)?);
    let line = texts(&shop)?["dnsmasq"].as_str().unwrap_or_default().to_owned();
    let _router = Router::start(&router, &desk, &line)?;
    let folder = boot_address(&desk, Asks::Address, "20")?.unwrap_or_default();
    expect(Some(&folder), Some(&shop.bootstrap()))?;

    let phone = DeskPhone::new(&desk, ANNA)?;
    let statuses = || -> Result<Vec<u16>> {
        BOOT_ORDER.iter().map(|file| Ok(phone.ask(&format!("{folder}{file}"))?.status)).collect()
    };
    let expect_statuses = |wanted: [u16; 4]| match statuses()? {
        found if found == wanted => Ok(()),
        found => Err(Failure::Unexpected(format!("its files were answered with {found:?} and not {wanted:?}"))),
    };
    expect_statuses([404; 4])?;
    shop.page.wait_for_device(ANNA, "new", Some("window-closed"))?;
    shop.page.open_window()?;
    expect_statuses([200, 404, 404, 200])?;

    // The boot file is found first, and names the one that matters.
    let boot = phone.ask(&format!("{folder}{}", BOOT_ORDER[0]))?.body;
    let included = boot.lines().find_map(|line| line.strip_prefix("include:config")).unwrap_or_default();
    let included = included.trim().trim_matches(['<', '>', '"']);
    let file = phone.ask(included)?;
    let tells = ["#!version:1.0.0.1", "static.trusted_certificates.url", "static.auto_provision.server.url"];
    if file.status != 200
        || !tells.iter().all(|key| file.body.contains(key))
        || file.body.contains("account.1.password")
    {
        return Err(Failure::Unexpected(format!("{included} is no first file: {} {}", file.status, file.body)));
    }
    shop.page.close_window()?;
    expect_statuses([404; 4])
}

/// Off, the box says nothing. On, it answers who asks for options, and still no one who asks for an address: a phone's
/// client gets that from the router as before.
pub(super) fn told_by_the_box(lan: &mut OfficeLan) -> Result<()> {
    let shop = Shop::open(lan)?;
    let (router, desk) = (lan.add_desk("02000000fe01", 254)?, lan.add_desk(ANNA, 21)?);
    let switch = |on: bool| shop.page.write("PUT", "finding", &json!({ "dhcp_options": on })).map(drop);
    expect(boot_address(&desk, Asks::Options, "3")?.as_deref(), None)?;
    switch(true)?;
    expect(boot_address(&desk, Asks::Options, "20")?.as_deref(), Some(&shop.bootstrap()))?;
    let _router = Router::start(&router, &desk, "")?;
    address_from_router(&desk)
}

/// A DHCP server beside the box on its own machine: the page says so, until nobody wants the box to answer any more.
pub(super) fn port_taken(lan: &mut OfficeLan) -> Result<()> {
    let shop = Shop::open(lan)?;
    let desk = lan.add_desk(ANNA, 21)?;
    let _router = Router::start(&lan.host(), &desk, "")?;
    let switch = |on: bool| shop.page.write("PUT", "finding", &json!({ "dhcp_options": on })).map(drop);
    switch(true)?;
    shop.page.wait_for_problem(TAKEN, "")?;
    switch(false)?;
    let gone = |live: &Value| live["problems"].as_array().is_some_and(|all| all.iter().all(|one| one["code"] != TAKEN));
    shop.page.wait_to_see("no DHCP problem any more", gone).map(drop)
}
