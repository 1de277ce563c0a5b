//! Symmetric RTP (RFC 4961) with a lock: which address the peer of a leg really sends from, decided by its first packets.
//!
//! The rules, strongest evidence first:
//! - a packet that proves the peer's SRTP key, or comes from exactly the address in the SDP, locks at once;
//! - 3 consecutive packets of one SSRC lock from another port of the SDP's host or of the host that signals (a NAT);
//! - 5 lock from the same network as those, where the SDP names another host than signals (a NAT), and at a provider (its media
//!   servers take calls over from one another);
//! - nobody else locks, however long the peer is silent, unless it proves the key.
//!
//! Before the peer's SDP named a remote, only a proven key locks: what arrives earlier may be SRTP whose key is still on its
//! way, and would be heard as noise.
//! Packets of the first two kinds pass while they prove themselves, the third wait. A locked source gives way to stronger
//! evidence at any time; to equal or weaker evidence only after it has been silent for [`TRUSTED_SILENCE`] (the peer's own
//! hosts: a NAT that moved a port), [`CLUSTER_SILENCE`] (a provider's network) or [`NEIGHBOUR_SILENCE`] (a phone's); and to a changed SDP at once. What the old source
//! still had on its way then is let run out for [`TAIL`], so that it does not take the lock back. All else is an intruder:
//! dropped, and nothing is ever sent to it.

use crate::header::RtpHeader;
use std::net::{IpAddr, SocketAddr};
use std::time::{Duration, Instant};

/// Silence of the locked source after which another port of the peer's own hosts may take its place. Longer than any gap
/// that a jitter buffer would bridge, short enough that a NAT rebinding costs a sentence and not the call.
pub const TRUSTED_SILENCE: Duration = Duration::from_secs(2);
/// Silence of the locked source after which another media server of a provider may take its place: no pause of a server that
/// still has the call, and shorter than people say "hello" into nothing.
pub const CLUSTER_SILENCE: Duration = Duration::from_secs(5);
/// Silence of the locked source after which its network may prove itself anew.
pub const NEIGHBOUR_SILENCE: Duration = Duration::from_secs(30);
/// After the SDP named another address, for this long the source before it proves nothing: what still comes from it was sent
/// before. Longer than any packet is on its way, short enough for a phone that only said that it moves.
pub const TAIL: Duration = Duration::from_secs(1);

/// Consecutive packets that lock a source of the peer's own hosts.
const TRUSTED_PROBATION: u8 = 3;
/// Consecutive packets that lock a source of its network.
const NEIGHBOUR_PROBATION: u8 = 5;
/// Packets that may be missing between two that count as consecutive.
const PROBATION_GAP: u16 = 5;
/// Sources that may be on probation at a time.
const MAX_CANDIDATES: usize = 4;

/// How much speaks for a source being the peer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Evidence {
    /// Nothing.
    Stranger,
    /// Same /24 (IPv4) or /64 (IPv6) as the SDP's or the signalling address.
    Network,
    /// The SDP's or the signalling address, another port.
    Host,
    /// Exactly the SDP's address and port.
    Signalled,
    /// Its packet proved the SRTP key.
    Authentic,
}

/// What becomes of a packet.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Admission {
    /// It is the peer's.
    Accepted,
    /// Perhaps the peer's; not to be relayed until it has proven itself.
    Withheld,
    /// Not the peer's.
    Intruder,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Candidate {
    source: SocketAddr,
    ssrc: u32,
    sequence: u16,
    evidence: Evidence,
    packets: u8,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Locked {
    source: SocketAddr,
    evidence: Evidence,
    heard: Instant,
}

/// The lock of one leg, for RTP and its RTCP.
#[derive(Debug, Clone)]
pub struct SourceLock {
    remote: Option<SocketAddr>,
    signalling_peer: IpAddr,
    /// Whether other hosts of the peer's network may be it.
    neighbours: bool,
    locked: Option<Locked>,
    candidates: heapless::Vec<Candidate, MAX_CANDIDATES>,
    rtcp_source: Option<SocketAddr>,
    /// The source that a changed SDP has replaced, and until when it proves nothing.
    replaced: Option<(SocketAddr, Instant)>,
}

impl SourceLock {
    /// An open lock. `remote` is the address in the peer's SDP, `signalling_peer` the host its signalling comes from;
    /// `neighbours` as in [`LegMedia`](crate::relay::LegMedia).
    #[must_use]
    pub fn new(remote: Option<SocketAddr>, signalling_peer: IpAddr, neighbours: bool) -> Self {
        let candidates = heapless::Vec::new();
        Self { remote, signalling_peer, neighbours, locked: None, candidates, rtcp_source: None, replaced: None }
    }

    /// Takes over what a new offer or answer says. Another `remote` re-opens the lock, unless it names the locked source.
    pub fn change(&mut self, now: Instant, remote: Option<SocketAddr>, signalling_peer: IpAddr, neighbours: bool) {
        (self.signalling_peer, self.neighbours) = (signalling_peer, neighbours);
        if remote == self.remote {
            return;
        }
        let before = std::mem::replace(&mut self.remote, remote);
        if self.source() != remote {
            // A hold by address zero is no move: the same source comes back after it.
            let moved = before.is_some() && remote.is_some();
            self.replaced = self.source().or(before).filter(|_| moved).map(|source| (source, now + TAIL));
            self.reopen();
        }
    }

    fn reopen(&mut self) {
        self.locked = None;
        self.candidates.clear();
        self.rtcp_source = None;
    }

    /// The address that is locked on.
    #[must_use]
    pub fn source(&self) -> Option<SocketAddr> {
        self.locked.map(|locked| locked.source)
    }

    /// Where RTP for the peer goes: the locked source, else the SDP's address. `None` when neither is known or the SDP asks
    /// for silence (address zero, RFC 3264 8.4) or names a group.
    #[must_use]
    pub fn rtp_destination(&self) -> Option<SocketAddr> {
        self.source().or(self.remote).filter(is_single_host)
    }

    /// Where RTCP for the peer goes: where its RTCP comes from, else the port above its RTP (RFC 3550 11).
    #[must_use]
    pub fn rtcp_destination(&self) -> Option<SocketAddr> {
        let rtp = self.rtp_destination()?;
        match self.rtcp_source {
            Some(source) if source.ip() == rtp.ip() => Some(source),
            _ => Some(SocketAddr::new(rtp.ip(), rtp.port().checked_add(1)?)),
        }
    }

    /// Whether a packet from `from` can be anything but an intruder's. Cheap, and asked before any cryptography.
    #[must_use]
    pub fn may_be_heard(&self, now: Instant, from: SocketAddr, srtp: bool) -> bool {
        let evidence = if srtp { Evidence::Authentic } else { self.evidence(from) };
        let may_be_peer = self.remote.is_none() || self.may_lock(evidence) || self.is_tail(now, from);
        may_be_peer && self.locked.is_none_or(|locked| locked.source == from || self.gives_way(now, locked, evidence))
    }

    /// Decides on one RTP packet; `authentic` when it has just proven the leg's SRTP key.
    pub fn admit_rtp(&mut self, now: Instant, from: SocketAddr, header: &RtpHeader, authentic: bool) -> Admission {
        if let Some(locked) = &mut self.locked
            && locked.source == from
        {
            locked.heard = now;
            return Admission::Accepted;
        }
        let evidence = if authentic { Evidence::Authentic } else { self.evidence(from) };
        if self.locked.is_some_and(|locked| !self.gives_way(now, locked, evidence)) {
            return Admission::Intruder;
        }
        self.try_candidate(now, from, header, evidence)
    }

    /// Decides on one RTCP datagram: RTCP follows the lock's host, and before the lock the hosts of the SDP and signalling.
    pub fn admit_rtcp(&mut self, from: SocketAddr, authentic: bool) -> Admission {
        let known = match self.locked {
            Some(locked) => locked.source.ip() == from.ip(),
            None if self.remote.is_none() && !authentic => return Admission::Withheld,
            None => authentic || self.evidence(from) >= Evidence::Host,
        };
        if !known {
            return Admission::Intruder;
        }
        let expected = self.rtp_destination().and_then(|rtp| rtp.port().checked_add(1));
        if self.rtcp_source.is_none() || expected == Some(from.port()) {
            self.rtcp_source = Some(from);
        }
        Admission::Accepted
    }

    fn evidence(&self, from: SocketAddr) -> Evidence {
        let hosts = [self.remote.map(|remote| remote.ip()), Some(self.signalling_peer)];
        let mut hosts = hosts.into_iter().flatten().filter(|host| !host.is_unspecified());
        if self.remote == Some(from) {
            Evidence::Signalled
        } else if hosts.clone().any(|host| host == from.ip()) {
            Evidence::Host
        } else if hosts.any(|host| same_network(host, from.ip())) {
            Evidence::Network
        } else {
            Evidence::Stranger
        }
    }

    /// Whether it is what a replaced source still had on its way.
    fn is_tail(&self, now: Instant, from: SocketAddr) -> bool {
        self.replaced.is_some_and(|(source, until)| source == from && now < until)
    }

    /// Whether that is enough to be taken for the peer, be it after a while.
    fn may_lock(&self, evidence: Evidence) -> bool {
        match evidence {
            Evidence::Stranger => false,
            Evidence::Network => self.neighbours || self.remote.is_some_and(|one| one.ip() != self.signalling_peer),
            Evidence::Host | Evidence::Signalled | Evidence::Authentic => true,
        }
    }

    fn gives_way(&self, now: Instant, locked: Locked, to: Evidence) -> bool {
        let patience = match to {
            Evidence::Host | Evidence::Signalled | Evidence::Authentic => TRUSTED_SILENCE,
            Evidence::Network if self.neighbours => CLUSTER_SILENCE,
            Evidence::Network | Evidence::Stranger => NEIGHBOUR_SILENCE,
        };
        to > locked.evidence || now.saturating_duration_since(locked.heard) >= patience
    }

    fn try_candidate(&mut self, now: Instant, from: SocketAddr, header: &RtpHeader, evidence: Evidence) -> Admission {
        let needed = match evidence {
            Evidence::Authentic | Evidence::Signalled => 1,
            Evidence::Host => TRUSTED_PROBATION,
            Evidence::Network | Evidence::Stranger => NEIGHBOUR_PROBATION,
        };
        if (self.remote.is_none() || self.is_tail(now, from)) && evidence != Evidence::Authentic {
            return Admission::Withheld;
        }
        if !self.may_lock(evidence) {
            return Admission::Intruder;
        }
        if self.packets_in_a_row(from, header, evidence) >= needed {
            self.reopen();
            self.locked = Some(Locked { source: from, evidence, heard: now });
            return Admission::Accepted;
        }
        // While a source is locked, a rival waits until it has won.
        if evidence >= Evidence::Host && self.locked.is_none() { Admission::Accepted } else { Admission::Withheld }
    }

    /// How many consecutive packets of one SSRC this source has sent, this one included.
    fn packets_in_a_row(&mut self, from: SocketAddr, header: &RtpHeader, evidence: Evidence) -> u8 {
        let fresh = Candidate { source: from, ssrc: header.ssrc.0, sequence: header.sequence, evidence, packets: 1 };
        if let Some(candidate) = self.candidates.iter_mut().find(|candidate| candidate.source == from) {
            let ahead = header.sequence.wrapping_sub(candidate.sequence);
            let follows = candidate.ssrc == fresh.ssrc && (1..=PROBATION_GAP + 1).contains(&ahead);
            let packets = if follows { candidate.packets.saturating_add(1) } else { 1 };
            *candidate = Candidate { packets, ..fresh };
            return packets;
        }
        if let Err(fresh) = self.candidates.push(fresh) {
            // Many strangers cannot push out the one for whom more speaks.
            if let Some(weakest) = self.candidates.iter_mut().min_by_key(|candidate| candidate.evidence)
                && weakest.evidence <= fresh.evidence
            {
                *weakest = fresh;
            }
        }
        1
    }
}

fn is_single_host(address: &SocketAddr) -> bool {
    let ip = address.ip();
    let broadcast = matches!(ip, IpAddr::V4(v4) if v4.is_broadcast());
    address.port() != 0 && !ip.is_unspecified() && !ip.is_multicast() && !broadcast
}

fn same_network(a: IpAddr, b: IpAddr) -> bool {
    match (a, b) {
        (IpAddr::V4(a), IpAddr::V4(b)) => a.octets()[..3] == b.octets()[..3],
        (IpAddr::V6(a), IpAddr::V6(b)) => a.segments()[..4] == b.segments()[..4],
        _ => false,
    }
}

#[cfg(test)]
mod tests;
