//! Free ports, handed out once.

use std::net::{IpAddr, SocketAddr, TcpListener, UdpSocket};
use std::sync::atomic::{AtomicU16, Ordering};

use crate::{Failure, Result};

/// First port handed out. Below it live the well-known ports, above `LAST` the ones the kernel picks for clients.
const FIRST: u16 = 12_000;
/// Last port handed out (Linux hands out 32768 and up to clients unless told otherwise).
const LAST: u16 = 31_999;

/// The next port to try; a process-wide counter, so that two scenarios at a time never get the same one.
static NEXT: AtomicU16 = AtomicU16::new(FIRST);

/// Finds `length` consecutive ports, the first of them even, that are free for UDP and TCP on `address` now.
///
/// No port is handed out twice by one process until the whole range was used.
///
/// # Errors
/// When no such block is free in 12000-31999, or `length` is 0 or over 1000.
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
    fn a_port_in_use_is_never_handed_out() {
        let address = IpAddr::from([127, 0, 0, 1]);
        let ahead = NEXT.load(Ordering::Relaxed) + 20;
        let taken = UdpSocket::bind((address, ahead)).unwrap();
        let port = taken.local_addr().unwrap().port();
        assert!((0..40).map(|_| free_port_block(address, 1).unwrap()).all(|start| start != port));
    }
}
