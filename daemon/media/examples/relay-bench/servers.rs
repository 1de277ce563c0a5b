//! The two servers that this program is itself.

use crate::Pair;
use crate::process::parse_pair;
use centrale_media::Media;
use centrale_rtp::ports::{COOL_DOWN, PortAllocator};
use centrale_rtp::relay::{Command, Event, LegMedia, RelayId, Side};
use nix::sys::epoll::{Epoll, EpollCreateFlags, EpollEvent, EpollFlags, EpollTimeout};
use std::error::Error;
use std::io::Read;
use std::net::{IpAddr, Ipv4Addr, SocketAddr, UdpSocket};
use std::sync::mpsc::channel;
use std::time::Instant;

/// The servers' address: not the phones', so that the port range is all theirs.
const SERVER: IpAddr = IpAddr::V4(Ipv4Addr::new(127, 77, 0, 1));

/// Phone pairs up to the line `run`.
fn read_phones() -> Result<Vec<Pair>, Box<dyn Error>> {
    let lines = std::io::stdin().lines();
    lines.map_while(|line| line.ok().filter(|line| line != "run")).map(|line| parse_pair(&line)).collect()
}

fn until_input_ends() -> Result<(), Box<dyn Error>> {
    std::io::stdin().read_to_end(&mut Vec::new())?;
    Ok(())
}

/// Centrale's media thread and nothing around it.
pub(crate) fn serve_centrale() -> Result<(), Box<dyn Error>> {
    let (sender, events) = channel();
    let media = Media::start(move |event| drop(sender.send(event)))?;
    let mut ports = PortAllocator::new(20_000..=29_999, COOL_DOWN, u64::from(std::process::id()));
    for (number, (caller, callee)) in (0..).zip(read_phones()?) {
        let mut open = |side, remote: SocketAddr| -> Result<SocketAddr, Box<dyn Error>> {
            let local = SocketAddr::new(SERVER, ports.allocate(Instant::now())?);
            let signalling_peer = remote.ip();
            let media_of_leg = LegMedia {
                local,
                remote: Some(remote),
                signalling_peer,
                neighbours: false,
                srtp_send: None,
                srtp_receive: None,
                clock_rate: 8000,
                expects_audio: true,
            };
            media.send(Command::Open { relay: RelayId(number), side, media: media_of_leg });
            Ok(local)
        };
        println!("{} {}", open(Side::Caller, caller)?, open(Side::Callee, callee)?);
    }
    until_input_ends()?;
    drop(media);
    match events.iter().find(|event| matches!(event, Event::PortRefused { .. })) {
        Some(event) => Err(format!("{event:?}").into()),
        None => Ok(()),
    }
}

/// The least that a relay on sockets can do: wait, receive, send to a fixed address.
pub(crate) fn serve_bare() -> Result<(), Box<dyn Error>> {
    let epoll = Epoll::new(EpollCreateFlags::empty())?;
    let mut sockets: Vec<(UdpSocket, SocketAddr)> = Vec::new();
    for (caller, callee) in read_phones()? {
        for phone in [caller, callee] {
            let socket = UdpSocket::bind((SERVER, 0))?;
            socket.set_nonblocking(true)?;
            epoll.add(&socket, EpollEvent::new(EpollFlags::EPOLLIN, sockets.len() as u64))?;
            sockets.push((socket, phone));
        }
        let [.., (for_caller, _), (for_callee, _)] = &sockets[..] else { unreachable!("two were pushed") };
        println!("{} {}", for_caller.local_addr()?, for_callee.local_addr()?);
    }
    std::thread::spawn(|| {
        let _ = until_input_ends();
        std::process::exit(0);
    });
    let mut events = [EpollEvent::empty(); 256];
    let mut buffer = [0; 2048];
    loop {
        let ready = epoll.wait(&mut events, EpollTimeout::NONE)?;
        for event in &events[..ready] {
            let from = event.data() as usize;
            if let Ok((len, _)) = sockets[from].0.recv_from(&mut buffer) {
                let (out, to) = &sockets[from ^ 1];
                let _ = out.send_to(&buffer[..len], *to);
            }
        }
    }
}
