//! The same blocks in the kernel: a table of nf_tables that is ours alone, where packets pass before anything is done with them.
//!
//! It belongs to the socket that made it. However the daemon ends, the kernel takes it away, and no other table is ever
//! looked at. What is asked for is carried out by a thread of its own; when the kernel will not, [`crate::firewall`] drops the
//! same packets a little later.

mod rule;
mod table;
mod wire;

use std::io;
use std::net::IpAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::thread;
use std::time::Duration;

use netlink_sys::protocols::NETLINK_NETFILTER;
use netlink_sys::{Socket, SocketAddr};
use nix::sys::socket::{setsockopt, sockopt};
use nix::sys::time::{TimeVal, TimeValLike as _};

use crate::firewall::Block;
use rule::Network;
use table::{Change, Table};
use wire::Batch;

pub use table::PRIVATE_NETWORKS;
pub(crate) use table::Ports;

/// Blocks that may wait. What finds no room is dropped by the program alone; the end of a block always finds room.
const QUEUE: usize = 4_096;
/// Changes that take effect together.
const TOGETHER: usize = 256;
/// When the end of a block is asked for again that the kernel did not take.
const AGAIN: Duration = Duration::from_secs(1);
/// How long the kernel may think. It holds up nobody but this thread.
const PATIENCE: i64 = 5;

/// The way to the table.
#[derive(Debug)]
pub(crate) struct Kernel {
    changes: Sender<Change>,
    waiting: Arc<AtomicUsize>,
}

impl Kernel {
    /// Makes the table.
    ///
    /// # Errors
    /// The system's: `PermissionDenied` without `CAP_NET_ADMIN`, `AlreadyExists` when somebody else has a table of its name,
    /// others when the kernel has no nf_tables, or none that can belong to a process (before Linux 5.12).
    pub(crate) fn open(ports: &Ports) -> io::Result<Self> {
        let mut link = Link::open()?;
        let table = Table::of(ports);
        link.commit(|batch| table.build(batch, ports))?;
        let (kernel, changes) = Self::to_be_asked();
        let waiting = Arc::clone(&kernel.waiting);
        let commit = move |together: &[Change]| {
            link.commit(|batch| together.iter().for_each(|change| table.change(batch, change)))
        };
        thread::Builder::new().name("nf_tables".into()).spawn(move || carry_out(&changes, &waiting, commit))?;
        Ok(kernel)
    }

    fn to_be_asked() -> (Self, Receiver<Change>) {
        let (changes, asked) = channel();
        (Self { changes, waiting: Arc::default() }, asked)
    }

    fn ask(&self, change: Change) {
        self.waiting.fetch_add(1, Ordering::Relaxed);
        // Its thread ends only with the daemon.
        let _ = self.changes.send(change);
    }

    /// When too much waits already, it is left to the program.
    fn ask_if_there_is_room(&self, change: Change) {
        if self.waiting.load(Ordering::Relaxed) < QUEUE {
            self.ask(change);
        }
    }

    pub(crate) fn block(&self, block: Block) {
        self.ask_if_there_is_room(Change::Block(block));
    }

    /// Ends the blocks of an address: of the whole, and of these ports.
    pub(crate) fn lift(&self, source: IpAddr, ports: &[u16]) {
        self.ask(Change::Lift(source, None));
        for port in ports {
            self.ask(Change::Lift(source, Some(*port)));
        }
    }

    /// Nobody who was known is there any more.
    pub(crate) fn forget(&self, source: IpAddr) {
        self.ask(Change::Unknown(source));
    }

    /// The box is on these networks; the page is there for who comes from one of them, or from one that was named, or from near.
    pub(crate) fn serve(&self, own: &[(IpAddr, u8)], named: &[(IpAddr, u8)]) {
        let [own, named] = [own, named].map(|all| all.iter().map(|(ip, prefix)| Network(*ip, *prefix)).collect());
        self.ask(Change::Serves { own, named });
    }

    /// It is there for everybody, for so long.
    pub(crate) fn serve_all(&self, lasts: Duration) {
        self.ask(Change::ServesAll(lasts));
    }

    pub(crate) fn know(&self, source: IpAddr, lasts: Duration) {
        self.ask_if_there_is_room(Change::Known(source, lasts));
    }
}

/// Until the daemon ends. What the program would never drop again may not stay in the kernel: the end of a block is asked for
/// until the kernel takes it, and before anything newer.
fn carry_out(asked: &Receiver<Change>, waiting: &AtomicUsize, mut commit: impl FnMut(&[Change]) -> io::Result<()>) {
    let mut owed: Vec<Change> = Vec::new();
    loop {
        let first = match owed.is_empty() {
            true => asked.recv().map_err(RecvTimeoutError::from),
            false => asked.recv_timeout(AGAIN),
        };
        if first == Err(RecvTimeoutError::Disconnected) {
            return;
        }
        let new: Vec<Change> = first.into_iter().chain(asked.try_iter().take(TOGETHER - 1)).collect();
        waiting.fetch_sub(new.len(), Ordering::Relaxed);
        let mut left: Vec<Change> = owed.drain(..owed.len().min(TOGETHER)).chain(new).collect();
        if commit(&left).is_ok() {
            continue;
        }
        // One that cannot be had, in a full set, keeps out all the others: each by itself then.
        left.retain(|change| commit(std::slice::from_ref(change)).is_err());
        if !left.is_empty() {
            tracing::warn!(failed = left.len(), "the kernel did not take changes; the program drops what is blocked");
        }
        for change in left.into_iter().filter(Change::must_be_made) {
            if !owed.contains(&change) {
                owed.push(change);
            }
        }
    }
}

/// The socket that the table belongs to.
struct Link {
    socket: Socket,
    number: u32,
}

impl Link {
    fn open() -> io::Result<Self> {
        let mut socket = Socket::new(NETLINK_NETFILTER)?;
        socket.bind_auto()?;
        socket.set_cap_ack(true)?;
        setsockopt(&socket, sockopt::ReceiveTimeout, &TimeVal::seconds(PATIENCE))?;
        Ok(Self { socket, number: 0 })
    }

    /// Sends what `fill` puts into a batch, and waits until it is in force.
    fn commit(&mut self, fill: impl FnOnce(&mut Batch)) -> io::Result<()> {
        let mut batch = Batch::after(self.number);
        let first = self.number;
        fill(&mut batch);
        let (bytes, answered, last) = batch.finish();
        self.number = last;
        self.socket.send_to(&bytes, &SocketAddr::new(0, 0), 0)?;
        loop {
            let (bytes, from) = self.socket.recv_from_full()?;
            // Port 0 is the kernel; anybody on the machine can send to a netlink socket.
            if from.port_number() != 0 {
                continue;
            }
            for (number, error) in answers(&bytes) {
                let is_ours = number.wrapping_sub(first) <= last.wrapping_sub(first) && number != first;
                if is_ours && error != 0 {
                    return Err(io::Error::from_raw_os_error(error.wrapping_neg()));
                }
                if number == answered {
                    return Ok(());
                }
            }
        }
    }
}

/// The numbers of the messages that are answered, each with its error or 0 (struct nlmsgerr).
fn answers(mut bytes: &[u8]) -> impl Iterator<Item = (u32, i32)> {
    const NLMSG_ERROR: u16 = 2;
    std::iter::from_fn(move || {
        loop {
            let (head, rest) = bytes.split_first_chunk::<16>()?;
            let [l0, l1, l2, l3, k0, k1, _, _, n0, n1, n2, n3, ..] = *head;
            let length = u32::from_ne_bytes([l0, l1, l2, l3]).max(16).next_multiple_of(4);
            bytes = bytes.get(usize::try_from(length).ok()?..).unwrap_or_default();
            if u16::from_ne_bytes([k0, k1]) == NLMSG_ERROR {
                let error = rest.first_chunk::<4>()?;
                return Some((u32::from_ne_bytes([n0, n1, n2, n3]), i32::from_ne_bytes(*error)));
            }
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const LIFT: Change = Change::Lift(IpAddr::V4(std::net::Ipv4Addr::new(203, 0, 113, 9)), None);
    const BLOCKED: Block = Block {
        source: IpAddr::V4(std::net::Ipv4Addr::new(203, 0, 113, 9)),
        port: None,
        lasts: AGAIN,
        trickles: false,
        page: true,
    };

    #[test]
    fn the_end_of_a_block_finds_room_however_many_blocks_wait_and_they_do_not_fill_the_memory() {
        let (kernel, asked) = Kernel::to_be_asked();
        (0..QUEUE * 2).for_each(|_| kernel.block(BLOCKED));
        kernel.lift(BLOCKED.source, &[5_060]);
        let asked: Vec<Change> = asked.try_iter().collect();
        assert_eq!(asked.len(), QUEUE + 2);
        assert_eq!(asked[QUEUE..], [LIFT, Change::Lift(BLOCKED.source, Some(5_060))]);
    }

    #[test]
    fn the_end_of_a_block_that_the_kernel_did_not_take_is_asked_for_again_before_what_is_newer_and_a_block_is_not() {
        let (kernel, asked) = Kernel::to_be_asked();
        let waiting = Arc::clone(&kernel.waiting);
        kernel.block(BLOCKED);
        kernel.lift(BLOCKED.source, &[]);
        let (mut kernel, mut said) = (Some(kernel), Vec::new());
        carry_out(&asked, &waiting, |changes| {
            said.push(changes.to_vec());
            match said.len() {
                1 | 2 => Err(io::ErrorKind::OutOfMemory.into()),
                3 => {
                    kernel.iter().for_each(|kernel| kernel.block(BLOCKED));
                    Err(io::ErrorKind::OutOfMemory.into())
                }
                _ => {
                    kernel = None;
                    Ok(())
                }
            }
        });
        let block = Change::Block(BLOCKED);
        assert_eq!(said, [vec![block.clone(), LIFT], vec![block.clone()], vec![LIFT], vec![LIFT, block]]);
        assert_eq!(waiting.load(Ordering::Relaxed), 0);
    }

    #[test]
    fn an_answer_that_is_cut_off_is_none() {
        let whole = [&20_u32.to_ne_bytes()[..], &2_u16.to_ne_bytes(), &[0; 2], &7_u32.to_ne_bytes(), &[0; 4]].concat();
        let whole = [whole, (-17_i32).to_ne_bytes().to_vec()].concat();
        assert_eq!(answers(&whole).collect::<Vec<_>>(), [(7, -17)]);
        (0..whole.len()).for_each(|length| assert_eq!(answers(&whole[..length]).count(), 0));
        assert_eq!(answers(&[0; 64]).count(), 0, "a length of nothing ends all the same");
    }
}
