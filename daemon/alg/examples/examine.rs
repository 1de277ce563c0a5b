//! Examines the way to a SIP server with the doctor's probes, over real sockets: V0 to V5, V8, V11, V12, and V9 on TCP. What
//! needs ICMP quotes, TLS or an account is left out here.
//!
//! `cargo run -p centrale-alg --example examine -- 198.51.100.10:5060 [DOMAIN] [OTHER-PORT]`
#![allow(
    clippy::disallowed_methods,
    clippy::disallowed_types,
    clippy::print_stdout,
    reason = "an edge, to try the room"
)]
#![allow(clippy::unwrap_used, reason = "an experiment stops where it is surprised")]

use std::collections::BTreeMap;
use std::io::{Read as _, Write as _};
use std::net::{IpAddr, SocketAddr, TcpStream, UdpSocket};
use std::time::{Duration, Instant, SystemTime};

use bytes::Bytes;
use centrale_alg::active::{Input, Outcome, Output, Probe, Run, Set, Socket, Target};
use centrale_sip::flow::Transport;
use centrale_sip::message::{Frame, StreamFramer};

enum Door {
    Datagrams(UdpSocket),
    Stream(TcpStream, StreamFramer),
}

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let server: SocketAddr = arguments[0].parse().unwrap();
    let domain = arguments.get(1).cloned().unwrap_or_else(|| server.ip().to_string());
    let others = arguments.get(2).map(|port| SocketAddr::new(server.ip(), port.parse().unwrap())).into_iter().collect();
    let target = Target { tcp: Some(server), others, quotes: true, ..Target::provider(server, &domain) };
    let seed = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap().as_nanos() as u64;
    let begun = Instant::now();
    let (run, own) = drive(Run::new(target.clone(), Set::Full, seed, begun));
    let findings = run.findings();
    for probe in Probe::ALL {
        match findings.of(*probe) {
            Outcome::NotApplicable => {}
            Outcome::Clean => println!("ok    {probe}"),
            Outcome::Suspect(found) => println!("?     {probe}\n        {} | {}", found.expected, found.came),
            Outcome::Hit(found) => println!("HIT   {probe}\n        {} | {}", found.expected, found.came),
        }
    }
    let diagnosis = findings.diagnosis(&target, own, false, Instant::now());
    println!("{:?}, {:?}: {:?}", diagnosis.interference, diagnosis.confidence, diagnosis.deeds);
    println!("advice {:?}, step {:?}, trigger {:?}", diagnosis.advice, diagnosis.step, findings.trigger);
    println!("{} packets in {:.1} s", findings.sent, begun.elapsed().as_secs_f32());
}

/// Runs it to its end; with our address on the private side.
fn drive(mut run: Run) -> (Run, Option<IpAddr>) {
    let (mut doors, mut own): (BTreeMap<Socket, Door>, _) = (BTreeMap::new(), None);
    while let Some(wake) = run.timeout_at() {
        while let Some(output) = run.next_output() {
            match output {
                Output::Open { socket, transport, to } => match open(transport, to) {
                    Some((door, local)) => {
                        own = Some(local.ip());
                        doors.insert(socket, door);
                        run.handle_input(Input::Opened { socket, local }, Instant::now());
                    }
                    None => run.handle_input(Input::Failed { socket }, Instant::now()),
                },
                Output::Send { socket, to, bytes, ttl } => {
                    if let Some(door) = doors.get_mut(&socket) {
                        send(door, to, &bytes, ttl);
                    }
                }
                Output::Close { socket } => drop(doors.remove(&socket)),
                Output::Done => {}
            }
        }
        for (socket, door) in &mut doors {
            for (from, bytes) in arrived(door) {
                run.handle_input(Input::Came { socket: *socket, from, bytes }, Instant::now());
            }
        }
        if wake <= Instant::now() {
            run.timeout(Instant::now());
        }
        std::thread::sleep(Duration::from_millis(2));
    }
    (run, own)
}

fn open(transport: Transport, to: SocketAddr) -> Option<(Door, SocketAddr)> {
    if transport == Transport::Udp {
        // Connected for a moment, so that the system says which address it sends from.
        let asked = UdpSocket::bind("0.0.0.0:0").ok()?;
        asked.connect(to).ok()?;
        let local = asked.local_addr().ok()?;
        drop(asked);
        let socket = UdpSocket::bind(local).ok()?;
        socket.set_nonblocking(true).ok()?;
        return Some((Door::Datagrams(socket), local));
    }
    let stream = TcpStream::connect_timeout(&to, Duration::from_secs(3)).ok()?;
    stream.set_nodelay(true).ok()?;
    stream.set_nonblocking(true).ok()?;
    let local = stream.local_addr().ok()?;
    Some((Door::Stream(stream, StreamFramer::default()), local))
}

fn send(door: &mut Door, to: SocketAddr, bytes: &[u8], ttl: Option<u8>) {
    match door {
        Door::Datagrams(socket) => {
            socket.set_ttl(ttl.map_or(64, u32::from)).unwrap();
            // An error here is an ICMP message about an earlier packet.
            let _ = socket.send_to(bytes, to);
        }
        Door::Stream(stream, _) => drop(stream.write_all(bytes)),
    }
}

fn arrived(door: &mut Door) -> Vec<(SocketAddr, Bytes)> {
    let (mut buffer, mut all) = ([0; 65_535], Vec::new());
    match door {
        Door::Datagrams(socket) => {
            while let Ok((length, from)) = socket.recv_from(&mut buffer) {
                all.push((from, Bytes::copy_from_slice(&buffer[..length])));
            }
        }
        Door::Stream(stream, framer) => {
            while let Ok(length @ 1..) = stream.read(&mut buffer) {
                framer.push(&buffer[..length]);
            }
            let from = stream.peer_addr().unwrap();
            while let Ok(Some(frame)) = framer.next_frame() {
                if let Frame::Message(bytes) = frame {
                    all.push((from, bytes));
                }
            }
        }
    }
    all
}
