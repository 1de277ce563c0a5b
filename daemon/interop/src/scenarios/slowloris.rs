//! Two thousand connections that say a little now and then and never anything whole, while phones go on, and who administers.

use std::io::{ErrorKind, Read, Write};
use std::net::{IpAddr, Ipv4Addr, SocketAddr, SocketAddrV4, TcpStream};
use std::os::fd::AsRawFd;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use nix::sys::resource::{Resource, getrlimit, setrlimit};
use nix::sys::socket::{AddressFamily, SockFlag, SockType, SockaddrIn, bind, connect as connect_socket, socket};

use super::setting_up::{ANNA, BRAM, Shop};
use super::wall::Wall;
use super::{connect, hang_up};
use crate::failure::Tried;
use crate::private_world::ip;
use crate::{
    Account, Administrator, Baresip, DeskPhone, Failure, Microphone, OfficeLan, Phone, Place, Result, Subscriber,
    Transport, drill,
};

/// Connections, and the addresses they come from: no address gets more than 64.
const CONNECTIONS: usize = 2_000;
pub(super) const ADDRESSES: u8 = 40;
/// Another byte of each.
const DRIBBLE: Duration = Duration::from_millis(500);
/// When all must be gone in the drill, with a look's length more; else a slow machine has more time.
const GONE: Duration = Duration::from_secs(10);
const GONE_AT_LAST: Duration = Duration::from_secs(60);

/// How often the owner logs in and a phone fetches its settings meanwhile, and within which time in the drill.
const LOG_INS: usize = 5;
const SERVED: Duration = Duration::from_secs(2);

/// What they dribble over TCP, and instead of a TLS handshake.
const REQUEST: &[u8] = b"OPTIONS sip:box SIP/2.0\r\nX-Header: ";
const HELLO: &[u8] = &[0x16, 3, 1, 2, 0, 1, 0, 1, 0xfc, 3, 3];

/// Where somebody dribbles, and what.
type At = (SocketAddr, &'static [u8]);

struct Dribble {
    stream: TcpStream,
    began: Instant,
    text: &'static [u8],
    said: usize,
}

impl Dribble {
    /// Says a byte more; whether the box still listens.
    fn goes_on(&mut self) -> bool {
        let byte = self.text.get(self.said).copied().unwrap_or(b'x');
        self.said += 1;
        let said = self.stream.write(&[byte]).is_ok();
        let heard = self.stream.read(&mut [0; 64]);
        said && heard.is_err_and(|error| error.kind() == ErrorKind::WouldBlock)
    }
}

/// Half over TCP, half at the port of TLS.
pub(super) fn two_thousand(lan: &mut OfficeLan) -> Result<()> {
    allow_many_files()?;
    let shop = Shop::open_behind(lan, Wall::Kernel)?;
    let (desk, other) = (lan.add_desk(ANNA, 21)?, lan.add_desk(BRAM, 22)?);
    let rogue = rogue(lan)?;
    let account = |number: &str| Account::new(&Subscriber::new(number), shop.centraled.address(), Transport::Tcp);
    let mut anna = Baresip::start(&desk, account("201"), Microphone::Off)?;
    anna.wait_registered()?;

    let servers = [(shop.centraled.address(), REQUEST), (shop.centraled.tls_address(), HELLO)];
    let begin = Instant::now();
    let mut open = rogue.inside(|| dribble_all(&rogue, servers))?;
    let taking = begin.elapsed();
    // Somebody who was not there before comes, and is heard.
    let mut bram = Baresip::start(&other, account("202"), Microphone::Off)?;
    let (longest, held) = std::thread::scope(|scope| {
        let dribbling = scope.spawn(|| wear_off(&mut open));
        let phones = bram.wait_registered().and_then(|()| {
            connect(&mut anna, "202", &mut bram)?;
            hang_up(&mut bram, &mut anna)
        });
        let gone = dribbling.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic));
        phones.and(gone)
    })?;
    let came =
        format!("all closed, the last after {longest:.1?} ({held} were held at first); phones registered and called");
    drill::row(
        "T31, B-31",
        &format!("{CONNECTIONS} dribbling connections (TCP, TLS) made in {taking:.1?}"),
        &came,
        "closed within 10 s",
    )?;
    if drill::is_full() && longest > GONE + 2 * DRIBBLE {
        return Err(Failure::Unexpected(came));
    }
    Ok(())
}

/// The same at the port of the page and of phones' settings, and each that is closed is made anew, while the owner logs in and a phone
/// fetches its settings.
pub(super) fn at_the_page(lan: &mut OfficeLan) -> Result<()> {
    allow_many_files()?;
    let shop = Shop::open_behind(lan, Wall::Kernel)?;
    let mut phone = DeskPhone::new(&lan.add_desk(ANNA, 21)?, ANNA)?;
    shop.set_up(&mut phone, ANNA, "201")?;
    let office = lan.add_desk("3c970e000031", 31)?;
    let rogue = rogue(lan)?;
    let page = shop.centraled.https_address();
    let servers = [(page, HELLO); 2];
    let mut open = rogue.inside(|| dribble_all(&rogue, servers))?;
    let over = AtomicBool::new(false);
    let (took, made) = std::thread::scope(|scope| {
        let dribbling = scope.spawn(|| rogue.inside(|| keep_dribbling(&rogue, servers, &mut open, &over)));
        let took = come_and_go(&office, page, &mut phone);
        over.store(true, Ordering::Relaxed);
        let made = dribbling.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic));
        Ok::<_, Failure>((took?, made?))
    })?;
    let (longest, _) = wear_off(&mut open)?;
    let came = format!(
        "the owner logged in {LOG_INS} times and a phone fetched its settings as often, the slowest took {took:.1?}; the last connection was \
         closed after {longest:.1?}"
    );
    drill::row(
        "T31, B-31",
        &format!("{CONNECTIONS} dribbling connections (TLS) at the port of the page, {made} times made anew"),
        &came,
        "served within 2 s, closed within 10 s",
    )?;
    if drill::is_full() && (took > SERVED || longest > GONE + 2 * DRIBBLE) {
        return Err(Failure::Unexpected(came));
    }
    Ok(())
}

/// Logs in from a new browser and fetches a phone's settings, again and again: what the slowest of both took.
fn come_and_go(office: &Place, page: SocketAddr, phone: &mut DeskPhone) -> Result<Duration> {
    let mut slowest = Duration::ZERO;
    for _ in 0..LOG_INS {
        let began = Instant::now();
        Administrator::log_in(office, page)?.read("session")?;
        slowest = slowest.max(began.elapsed());
        let began = Instant::now();
        phone.read_own(&phone.next_folder()?)?;
        slowest = slowest.max(began.elapsed());
    }
    Ok(slowest)
}

/// Goes on until `over`, with a new connection for each that was closed. How many were made.
fn keep_dribbling(rogue: &Place, servers: [At; 2], open: &mut Vec<Dribble>, over: &AtomicBool) -> Result<usize> {
    let mut made = 0;
    while !over.load(Ordering::Relaxed) {
        let look = Instant::now();
        open.retain_mut(Dribble::goes_on);
        for number in 0..CONNECTIONS - open.len() {
            open.push(dribble(rogue, servers, number)?);
            made += 1;
        }
        // The pace of who dribbles.
        std::thread::park_timeout(DRIBBLE.saturating_sub(look.elapsed()));
    }
    Ok(made)
}

fn allow_many_files() -> Result<()> {
    let (_, most) =
        getrlimit(Resource::RLIMIT_NOFILE).map_err(std::io::Error::from).tried(|| "read a limit".to_owned())?;
    setrlimit(Resource::RLIMIT_NOFILE, most, most)
        .map_err(std::io::Error::from)
        .tried(|| "raise a limit".to_owned())?;
    Ok(())
}

/// Somebody with as many addresses as there are desks left.
pub(super) fn rogue(lan: &mut OfficeLan) -> Result<Place> {
    let rogue = lan.add_desk("3c970e000066", 100)?;
    for last in 101..100 + ADDRESSES {
        rogue.inside(|| ip(&format!("addr add 10.30.0.{last}/24 dev lan")))?;
    }
    Ok(rogue)
}

fn dribble_all(rogue: &Place, servers: [At; 2]) -> Result<Vec<Dribble>> {
    (0..CONNECTIONS).map(|number| dribble(rogue, servers, number)).collect()
}

/// Dribbles over so many connections at `server` for as long as all of them are to be gone. How many are still open then.
pub(super) fn outlast(rogue: &Place, server: SocketAddr, connections: usize) -> Result<usize> {
    let servers = [(server, REQUEST); 2];
    let open = || (0..connections).map(|number| dribble(rogue, servers, number)).collect::<Result<Vec<_>>>();
    let (mut open, began) = (rogue.inside(open)?, Instant::now());
    while !open.is_empty() && began.elapsed() < GONE {
        open.retain_mut(Dribble::goes_on);
        // The pace of who dribbles.
        std::thread::park_timeout(DRIBBLE);
    }
    Ok(open.len())
}

/// Dribbles until all are closed: after how long the last one was, and how many were held after the first look.
fn wear_off(open: &mut Vec<Dribble>) -> Result<(Duration, usize)> {
    let (began, mut longest, mut held) = (Instant::now(), Duration::ZERO, None);
    while !open.is_empty() {
        let look = Instant::now();
        open.retain_mut(|one| {
            let goes_on = one.goes_on();
            if !goes_on {
                longest = longest.max(one.began.elapsed());
            }
            goes_on
        });
        held.get_or_insert(open.len());
        if began.elapsed() > GONE_AT_LAST {
            return Err(Failure::Unexpected(format!("{} connections are still open", open.len())));
        }
        // The pace of who dribbles.
        std::thread::park_timeout(DRIBBLE.saturating_sub(look.elapsed()));
    }
    Ok((longest, held.unwrap_or_default()))
}

fn dribble(rogue: &Place, servers: [At; 2], number: usize) -> Result<Dribble> {
    let IpAddr::V4(first) = rogue.address else {
        return Err(Failure::Unexpected("the office has IPv4".to_owned()));
    };
    let source = Ipv4Addr::from_bits(first.to_bits() + u32::try_from(number).unwrap_or(0) % u32::from(ADDRESSES));
    let (server, text) = servers[number % 2];
    let stream = connect_from(source, server).tried(|| format!("connect to {server} from {source}"))?;
    stream.set_nonblocking(true).tried(|| "set up a connection".to_owned())?;
    Ok(Dribble { stream, began: Instant::now(), text, said: 0 })
}

fn connect_from(source: Ipv4Addr, server: SocketAddr) -> std::io::Result<TcpStream> {
    let SocketAddr::V4(server) = server else { return Err(ErrorKind::Unsupported.into()) };
    let made = socket(AddressFamily::Inet, SockType::Stream, SockFlag::SOCK_CLOEXEC, None)?;
    bind(made.as_raw_fd(), &SockaddrIn::from(SocketAddrV4::new(source, 0)))?;
    connect_socket(made.as_raw_fd(), &SockaddrIn::from(server))?;
    Ok(TcpStream::from(made))
}
