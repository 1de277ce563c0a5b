//! Free ports, handed out once.

use std::net::{IpAddr, SocketAddr, TcpListener, UdpSocket};
use std::sync::atomic::{AtomicU16, Ordering};
use std::sync::{Mutex, PoisonError};

use crate::{Failure, Result};

/// First port handed out; below it live the well-known ones.
const FIRST: u16 = 10_000;
/// Last port handed out. Behind it are those for audio, and from 32768 on those that Linux gives to clients.
const LAST: u16 = 19_999;
/// First port for audio.
const FIRST_AUDIO: u16 = 20_000;
/// Ports for the audio of one box: enough for a thousand calls in a row when none is used twice within half a minute.
const AUDIO: u16 = 4_200;
/// How many boxes may run on one host at a time.
const BOXES: usize = 3;

/// The next port to try; a process-wide counter, so that two scenarios at a time never get the same one.
static NEXT: AtomicU16 = AtomicU16::new(FIRST);

/// Finds `length` consecutive ports, the first of them even, that are free for UDP and TCP on `address` now.
///
/// No port is handed out twice by one process until the whole range was used.
///
/// # Errors
/// When no such block is free in 10000-19999, or `length` is 0 or over 1000.
pub fn free_port_block(address: IpAddr, length: u16) -> Result<u16> {
    if length == 0 || length > 1000 {
        return Err(Failure::Unexpected(format!("a block of {length} ports was asked for")));
    }
    let step = length + length % 2;
    for _ in 0..=(LAST - FIRST) / step {
        let claim = |next: u16| Some(if next > LAST - 2 * step { FIRST } else { next + step });
        let Ok(start) = NEXT.try_update(Ordering::Relaxed, Ordering::Relaxed, claim) else { continue };
        if (start..start + length).all(|port| is_free(SocketAddr::new(address, port))) {
            return Ok(start);
        }
    }
    Err(Failure::Unexpected(format!("no {length} free ports on {address}")))
}

/// Which blocks of audio ports are in use.
static LEASED: Mutex<[bool; BOXES]> = Mutex::new([false; BOXES]);

/// UDP ports for the audio of one box, its own for as long as this lives: a box takes them one by one as calls come.
#[derive(Debug)]
pub(crate) struct AudioPorts {
    block: usize,
    /// Others may run beside it.
    leased: bool,
}

impl AudioPorts {
    /// A block for a box on a host of its own, where nobody else is.
    pub(crate) const fn of_a_host() -> AudioPorts {
        AudioPorts { block: 0, leased: false }
    }

    /// A block that no other box has.
    pub(crate) fn lease() -> Result<AudioPorts> {
        let mut leased = LEASED.lock().unwrap_or_else(PoisonError::into_inner);
        let block = leased.iter().position(|taken| !taken);
        let block = block.ok_or_else(|| Failure::Unexpected(format!("more than {BOXES} boxes at a time")))?;
        leased[block] = true;
        Ok(AudioPorts { block, leased: true })
    }

    pub(crate) fn first(&self) -> u16 {
        let block = u16::try_from(self.block).expect("there are only a few blocks");
        FIRST_AUDIO + block * AUDIO
    }

    pub(crate) fn last(&self) -> u16 {
        self.first() + AUDIO - 1
    }
}

impl Drop for AudioPorts {
    fn drop(&mut self) {
        if self.leased {
            LEASED.lock().unwrap_or_else(PoisonError::into_inner)[self.block] = false;
        }
    }
}

fn is_free(address: SocketAddr) -> bool {
    UdpSocket::bind(address).is_ok() && TcpListener::bind(address).is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blocks_never_overlap_and_start_even() {
        let address = IpAddr::from([127, 0, 0, 1]);
        let mut starts: Vec<u16> = (0..20).map(|_| free_port_block(address, 3).unwrap()).collect();
        starts.sort_unstable();
        assert!(starts.iter().all(|start| start % 2 == 0));
        assert!(starts.windows(2).all(|pair| pair[1] - pair[0] >= 3));
    }

    #[test]
    fn audio_ports_are_nobody_elses_until_they_are_given_back() {
        let leases: Vec<AudioPorts> = (0..BOXES).map(|_| AudioPorts::lease().unwrap()).collect();
        let last = leases.iter().map(AudioPorts::last).max().unwrap();
        assert!(leases.windows(2).all(|pair| pair[0].last() < pair[1].first()) && last < 32_768);
        AudioPorts::lease().unwrap_err();
        drop(leases);
        AudioPorts::lease().unwrap();
    }

    #[test]
    fn a_port_in_use_is_never_handed_out() {
        let address = IpAddr::from([127, 0, 0, 1]);
        let ahead = NEXT.load(Ordering::Relaxed) + 20;
        // The other tests look at ports at the same time.
        let taken = (ahead..ahead + 20).find_map(|port| UdpSocket::bind((address, port)).ok()).unwrap();
        let port = taken.local_addr().unwrap().port();
        assert!((0..60).map(|_| free_port_block(address, 1).unwrap()).all(|start| start != port));
    }
}
