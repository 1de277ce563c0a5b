//! The phones: each sends a G.711 packet of 172 bytes every 20 ms (RFC 3551 4.5.14), spread evenly over the 20 ms, and
//! counts what arrives.

use crate::Pair;
use crate::process::Server;
use nix::sys::epoll::{Epoll, EpollCreateFlags, EpollEvent, EpollFlags, EpollTimeout};
use nix::sys::time::TimeSpec;
use nix::sys::timer::{Expiration, TimerSetTimeFlags};
use nix::sys::timerfd::{ClockId, TimerFd, TimerFlags};
use std::error::Error;
use std::net::{Ipv4Addr, SocketAddr, UdpSocket};
use std::time::{Duration, Instant};

/// 20 ms of G.711 behind an RTP header.
const PACKET_BYTES: usize = 172;
const INTERVAL: Duration = Duration::from_millis(20);
/// How often due packets are looked for: short enough that the server is not fed in bursts.
const STEP: Duration = Duration::from_micros(100);
/// A packet sent later than this came in a burst that no office makes: the load was kept from its core.
const LATE: Duration = Duration::from_millis(5);
/// What may still be under way when the sending ends.
const DRAIN: Duration = Duration::from_millis(500);

/// What one run gave.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Measured {
    /// Packets sent while measuring.
    pub(crate) sent: u64,
    /// Packets that arrived at the right phone, of all sent from the end of the warm-up on.
    pub(crate) arrived: u64,
    /// Packets that were sent more than 5 ms after their time.
    pub(crate) late: u64,
    /// The server's CPU time while measuring.
    pub(crate) cpu: Duration,
    /// What the server's memory grew by with all calls open, kB.
    pub(crate) memory_kb: u64,
}

impl Measured {
    pub(crate) fn micros_per_packet(&self) -> f64 {
        self.cpu.as_secs_f64() * 1e6 / self.arrived.max(1) as f64
    }

    /// Whether the machine kept the load from its work, so that the run says little of the server: more than one packet in a
    /// hundred was late.
    pub(crate) fn is_disturbed(&self) -> bool {
        self.late * 100 > self.sent
    }

    pub(crate) fn lost(&self) -> i64 {
        self.sent as i64 - self.arrived as i64
    }
}

struct Phone {
    socket: UdpSocket,
    sends_to: SocketAddr,
    sequence: u16,
}

/// All phones, two per call, callers at even places.
pub(crate) struct Load {
    phones: Vec<Phone>,
    epoll: Epoll,
    timer: TimerFd,
    sent: u64,
    arrived: u64,
    late: u64,
}

impl Load {
    pub(crate) fn new(calls: usize) -> Result<Self, Box<dyn Error>> {
        let epoll = Epoll::new(EpollCreateFlags::empty())?;
        let timer = TimerFd::new(ClockId::CLOCK_MONOTONIC, TimerFlags::empty())?;
        timer.set(Expiration::Interval(TimeSpec::from_duration(STEP)), TimerSetTimeFlags::empty())?;
        let mut phones = Vec::new();
        for place in 0..calls * 2 {
            let socket = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0))?;
            socket.set_nonblocking(true)?;
            epoll.add(&socket, EpollEvent::new(EpollFlags::EPOLLIN, place as u64))?;
            phones.push(Phone { sends_to: socket.local_addr()?, socket, sequence: 0 });
        }
        Ok(Self { phones, epoll, timer, sent: 0, arrived: 0, late: 0 })
    }

    pub(crate) fn phones(&self) -> Result<Vec<Pair>, std::io::Error> {
        let (pairs, _) = self.phones.as_chunks::<2>();
        pairs.iter().map(|[caller, callee]| Ok((caller.socket.local_addr()?, callee.socket.local_addr()?))).collect()
    }

    /// Tells the phones the server's ports.
    pub(crate) fn connect(&mut self, ports: &[Pair]) -> Result<(), Box<dyn Error>> {
        let (pairs, _) = self.phones.as_chunks_mut::<2>();
        for ([caller, callee], (for_caller, for_callee)) in pairs.iter_mut().zip(ports) {
            caller.sends_to = *for_caller;
            callee.sends_to = *for_callee;
        }
        if ports.len() == self.phones.len() / 2 { Ok(()) } else { Err("not every call has its ports".into()) }
    }

    /// All phones talk for the warm-up and then for `time`, which is measured.
    pub(crate) fn run(
        &mut self,
        server: &Server,
        warm_up: Duration,
        time: Duration,
        idle_kb: u64,
    ) -> Result<Measured, Box<dyn Error>> {
        self.talk(warm_up)?;
        self.drain()?;
        let memory_kb = server.resident_kb()?.saturating_sub(idle_kb);
        (self.sent, self.arrived, self.late) = (0, 0, 0);
        let before = server.cpu_time()?;
        self.talk(time)?;
        self.drain()?;
        let cpu = server.cpu_time()? - before;
        Ok(Measured { sent: self.sent, arrived: self.arrived, late: self.late, cpu, memory_kb })
    }

    fn talk(&mut self, time: Duration) -> Result<(), Box<dyn Error>> {
        let start = Instant::now();
        let gap = INTERVAL / self.phones.len() as u32;
        let all = (time.as_nanos() / gap.as_nanos()) as u64;
        let mut done = 0;
        while done < all {
            let due = ((start.elapsed().as_nanos() / gap.as_nanos()) as u64).min(all);
            let on_time = (start.elapsed().saturating_sub(LATE).as_nanos() / gap.as_nanos()) as u64;
            self.late += on_time.min(due).saturating_sub(done);
            for turn in done..due {
                self.send((turn % self.phones.len() as u64) as usize)?;
            }
            done = due;
            self.receive()?;
        }
        Ok(())
    }

    fn drain(&mut self) -> Result<(), Box<dyn Error>> {
        let end = Instant::now() + DRAIN;
        while Instant::now() < end {
            self.receive()?;
        }
        Ok(())
    }

    fn send(&mut self, place: usize) -> Result<(), std::io::Error> {
        let phone = &mut self.phones[place];
        phone.sequence = phone.sequence.wrapping_add(1);
        let mut packet = [0xd5; PACKET_BYTES];
        packet[..2].copy_from_slice(&[0x80, 8]);
        packet[2..4].copy_from_slice(&phone.sequence.to_be_bytes());
        packet[4..8].copy_from_slice(&(u32::from(phone.sequence) * 160).to_be_bytes());
        packet[8..12].copy_from_slice(&(place as u32).to_be_bytes());
        phone.socket.send_to(&packet, phone.sends_to)?;
        self.sent += 1;
        Ok(())
    }

    /// Waits for the timer and counts what has come by then from the other end of the call. The timer alone wakes this
    /// process: were it woken by packets, the server's CPU time would include the cost of waking it, which no network has.
    fn receive(&mut self) -> Result<(), Box<dyn Error>> {
        self.timer.wait()?;
        let mut events = [EpollEvent::empty(); 256];
        let mut buffer = [0; 2048];
        loop {
            let ready = self.epoll.wait(&mut events, EpollTimeout::ZERO)?;
            for place in events[..ready].iter().map(|event| event.data() as usize) {
                while let Ok(len) = self.phones[place].socket.recv(&mut buffer) {
                    let from_the_other_end = buffer[8..12] == ((place ^ 1) as u32).to_be_bytes();
                    self.arrived += u64::from(len == PACKET_BYTES && from_the_other_end);
                }
            }
            if ready < events.len() {
                return Ok(());
            }
        }
    }
}
