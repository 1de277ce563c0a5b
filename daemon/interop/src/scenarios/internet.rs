//! Who comes from the internet: to a box that has an address there, and to one behind a router that brings everybody.

use std::io::ErrorKind;
use std::net::{IpAddr, SocketAddr, SocketAddrV4, TcpStream};
use std::os::fd::AsRawFd;
use std::panic::resume_unwind;
use std::thread;
use std::time::{Duration, Instant};

use nix::sys::socket::sockopt::SendTimeout;
use nix::sys::socket::{
    AddressFamily, SockFlag, SockType, SockaddrIn, bind, connect as connect_socket, setsockopt, socket,
};
use nix::sys::time::{TimeVal, TimeValLike as _};
use serde_json::json;

use super::scanners::{TOOLS, list_of_passwords, scan};
use super::setting_up::{ANNA, Shop};
use super::{connect, hang_up};
use crate::curl::Curl;
use crate::datagrams::UdpPhone;
use crate::transcript::PATIENCE;
use crate::{
    Account, Administrator, Baresip, Failure, Installed, Internet, Microphone, OfficeLan, Phone, Place, Result,
    Subscriber, Tone, Transport, drill,
};

/// Addresses that guess together, and what each tries.
const MANY: u8 = 40;
const GUESSES: u32 = 3;
/// Wrong secrets of one account that may be judged in an hour, wherever they come from.
const MOST_JUDGED: u64 = 20;
/// Within which an owner who is kept out is to be back.
const BACK: Duration = Duration::from_secs(60);
const PIN: &str = "482913";

/// A box with two people and its four ports, from that of SIP on, and how it comes to the internet.
fn open(
    lan: &mut OfficeLan,
    join: impl FnOnce(&mut OfficeLan, &[u16]) -> Result<Internet>,
) -> Result<(Shop, Internet)> {
    let people = ["201", "202"].map(Subscriber::new);
    let installed = Installed::new(&lan.host(), &people, None, "info")?.at_every_address()?;
    let sip = installed.address().port();
    let internet = join(lan, &[sip, sip + 1, sip + 2, sip + 3])?;
    let mut centraled = installed.start()?;
    let page = centraled.set_up()?;
    Ok((Shop { centraled, page }, internet))
}

fn seen(address: SocketAddr) -> SocketAddr {
    SocketAddr::new(Internet::OFFICE, address.port())
}

/// At an address on the internet that nobody named: strangers are not heard, the page does not answer, and what is not the box's is as
/// it was.
pub(super) fn at_a_public_address(lan: &mut OfficeLan) -> Result<()> {
    let (shop, internet) = open(lan, |lan, _| lan.add_internet())?;
    let came = attacked(lan, &shop, &internet, "at a public address", 0)?;
    let ports = [("page", shop.centraled.https_address()), ("phones\' settings", shop.centraled.http_address())];
    let doors = ports.map(|(what, at)| knock(&internet, seen(at)).map(|door| (what, door)));
    let doors = doors.into_iter().collect::<Result<Vec<_>>>()?;
    let sip = [shop.centraled.address(), shop.centraled.tls_address()].map(|at| knock(&internet, seen(at)));
    let [tcp, tls] = sip;
    let others = knock(&internet, SocketAddr::new(Internet::OFFICE, 9))?;
    let scanned = format!(
        "{came}; a connect scan: {doors:?}, SIP over TCP {:?} and TLS {:?}, a port of nobody {others:?}",
        tcp?, tls?
    );
    drill::row(
        "B-01, B-04",
        "scanners, guesses and a port scan from the internet, box at a public address",
        &scanned,
        "nothing found",
    )?;
    if doors.iter().any(|(_, door)| *door != Door::Silent) || others != Door::Refused {
        return Err(Failure::Unexpected(scanned));
    }
    Ok(())
}

/// Behind a router that brings everybody to its ports.
pub(super) fn through_a_router(lan: &mut OfficeLan) -> Result<()> {
    let (shop, internet) = open(lan, |lan, ports| lan.add_router(ports))?;
    let came = attacked(lan, &shop, &internet, "through a router that forwards its ports", MOST_JUDGED)?;
    drill::row("B-01", "scanners and guesses from the internet, ports forwarded", &came, "nothing found")
}

/// Real scanners, each from an address of its own, and many addresses that guess at one account, while phones are registered that call after.
fn attacked(lan: &mut OfficeLan, shop: &Shop, internet: &Internet, how: &str, most: u64) -> Result<String> {
    let (_, mut anna, mut bram) = shop.two_phones(lan)?;
    let (list, server) = (list_of_passwords(shop)?, seen(shop.centraled.address()));
    let before = shop.page.count("wrong_secret")?;
    for (at, tool) in (1_u8..).zip(TOOLS) {
        scan(&internet.somebody(at)?, server, &list, tool)?;
    }
    let by_tools = shop.page.count("wrong_secret")? - before;
    let heard_before = shop.page.count("datagrams")?;
    // From networks of their own: that of the scanners is suspect by now.
    let guesses: Vec<Vec<Option<bool>>> = thread::scope(|scope| {
        let guessing: Vec<_> =
            (0..MANY).map(|at| scope.spawn(move || guess(&internet.one_elsewhere(at), server))).collect();
        let joined = guessing.into_iter().map(|one| one.join().unwrap_or_else(|panic| resume_unwind(panic)));
        joined.collect::<Result<_>>()
    })?;
    let challenged = guesses.iter().flatten().filter(|guess| guess.is_some()).count();
    let answered = guesses.iter().flatten().filter(|guess| **guess == Some(true)).count();
    shop.page.wait_to_count("datagrams", heard_before + (challenged + answered) as u64)?;
    let by_many = shop.page.count("wrong_secret")? - before - by_tools;
    connect(&mut anna, "202", &mut bram)?;
    hang_up(&mut bram, &mut anna)?;
    let known = shop.page.count("knock-scanner")?;
    let came = format!(
        "{known} packets known for a scanner's, {by_tools} secrets judged of svmap, svwar, svcrack and sipsak, {by_many} of {} from {MANY} networks ({challenged} challenged, {answered} answered); the \
         phones called after",
        u32::from(MANY) * GUESSES
    );
    drill::row(
        "T02, T05, T06, B-02, B-05, B-07",
        &format!("from the internet, {how}"),
        &came,
        "20 an account at most, 0 found",
    )?;
    // What does not even arrive is no attack.
    let arrived = known > 0 && challenged > 0;
    if by_tools + by_many > most || most > 0 && !arrived {
        return Err(Failure::Unexpected(came));
    }
    Ok(came)
}

/// What became of each of its guesses: whether it was answered, of those that were asked for.
fn guess(place: &Place, server: SocketAddr) -> Result<Vec<Option<bool>>> {
    let mut guesser = UdpPhone::stranger(place, server, "201", Duration::from_millis(500))?;
    Ok((0..GUESSES).map(|number| guesser.guess_if_challenged(&format!("{}-{number}", place.address))).collect())
}

/// What a port does with who begins a connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Door {
    Open,
    Refused,
    Silent,
}

/// A connect scan of one port, from the internet.
fn knock(internet: &Internet, server: SocketAddr) -> Result<Door> {
    let place = internet.one_of_many(77);
    let attempt =
        place.inside(|| connect_within(&place, server).map_or_else(|error| Ok(Err(error.kind())), |_| Ok(Ok(()))))?;
    Ok(match attempt {
        Ok(()) => Door::Open,
        Err(ErrorKind::ConnectionRefused) => Door::Refused,
        Err(_) => Door::Silent,
    })
}

fn connect_within(place: &Place, server: SocketAddr) -> std::io::Result<TcpStream> {
    let (IpAddr::V4(source), SocketAddr::V4(server)) = (place.address, server) else {
        return Err(ErrorKind::Unsupported.into());
    };
    let made = socket(AddressFamily::Inet, SockType::Stream, SockFlag::SOCK_CLOEXEC, None)?;
    setsockopt(&made, SendTimeout, &TimeVal::seconds(2))?;
    bind(made.as_raw_fd(), &SockaddrIn::from(SocketAddrV4::new(source, 0)))?;
    connect_socket(made.as_raw_fd(), &SockaddrIn::from(server))?;
    Ok(TcpStream::from(made))
}

/// Many addresses guess at the owner of a box whose page a router forwards, so that nobody new is listened to; the owner, who is not in the
/// office either, has a colleague dial the code.
pub(super) fn back_by_phone(lan: &mut OfficeLan) -> Result<()> {
    let (shop, internet) = open(lan, |lan, ports| lan.add_router(ports))?;
    shop.page.write("PUT", "stops/pin", &json!({ "pin": PIN }))?;
    let account = Account::new(&Subscriber::new("201"), shop.centraled.address(), Transport::Udp);
    let mut anna = Baresip::start(&lan.add_desk(ANNA, 21)?, account, Microphone::Tone(Tone::CALLER))?;
    anna.wait_registered()?;

    let page = seen(shop.centraled.https_address());
    let number = if drill::is_full() { 1_000 } else { 120 };
    let statuses = guess_at_page(&internet, page, number)?;
    let counted = |wanted: u16| statuses.iter().filter(|status| **status == wanted).count();
    let (judged, waited) = (counted(403), counted(429));
    let came = format!("{judged} judged, {waited} told to wait, {} not answered, nobody let in", counted(0));
    let done = format!("{number} guesses at the page's owner from {MANY} addresses on the internet");
    drill::row("T33, B-13", &done, &came, "nobody let in")?;
    if statuses.iter().any(|status| (200..300).contains(status)) || judged > number / 2 {
        return Err(Failure::Unexpected(came));
    }
    let home = internet.somebody(200)?;
    if Administrator::log_in(&home, page).is_ok() {
        return Err(Failure::Unexpected("the owner was let in from the internet without the code".to_owned()));
    }

    let began = Instant::now();
    anna.dial("*91")?;
    anna.wait_established()?;
    anna.press(PIN)?;
    let deadline = began + BACK.max(PATIENCE);
    let owner = loop {
        match Administrator::log_in(&home, page) {
            Ok(owner) => break owner,
            Err(failure) if Instant::now() > deadline => return Err(failure),
            Err(_) => {}
        }
    };
    let took = began.elapsed();
    owner.read("session")?;
    let came = format!("the owner was back {:.1} s after *91 was dialled", took.as_secs_f64());
    drill::row(
        "T33, B5",
        "*91 with the PIN from a registered phone, while the page keeps everybody new waiting",
        &came,
        "60 s at most",
    )?;
    if took > BACK { Err(Failure::Unexpected(came)) } else { Ok(()) }
}

/// Status of each guess; 0 when nobody answered.
fn guess_at_page(internet: &Internet, page: SocketAddr, number: usize) -> Result<Vec<u16>> {
    let url = format!("https://{page}/api/v1/session");
    let guess = |number: usize| {
        let place = internet.one_of_many(10 + u8::try_from(number % usize::from(MANY)).unwrap_or(0));
        let body = json!({ "password": format!("a guess of number {number}") });
        Curl::get(&place, &url).trusting_anybody().json(&body).of_many(Duration::from_secs(3)).send()
    };
    let each =
        &|at: usize| (at..number).step_by(AT_ONCE).map(guess).map(|answer| answer.map_or(0, |answer| answer.status));
    thread::scope(|scope| {
        let guessing: Vec<_> = (0..AT_ONCE).map(|at| scope.spawn(move || each(at).collect::<Vec<u16>>())).collect();
        let joined =
            guessing.into_iter().map(|one| one.join().map_err(|_| Failure::Unexpected("a guesser died".to_owned())));
        Ok(joined.collect::<Result<Vec<_>>>()?.concat())
    })
}

/// Guesses at a time.
const AT_ONCE: usize = 8;
