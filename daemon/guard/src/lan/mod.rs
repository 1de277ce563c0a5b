//! Who answers for which address on the office's own wires (ARP, RFC 826; threats B-29): a machine that answers for the router, or
//! for phones, hears what is not meant for it.
//!
//! The kernel's neighbour table comes in, look by look, and the router's address; out comes what is to be told. Nothing is blocked
//! for it: whoever poses as the router would have the office lock its router out. A router that was swapped is another machine
//! once, and stays; one that somebody poses as is two machines by turns, or one that is known by another address besides. A phone
//! that got another address took at most one that was another's. Only MAC addresses are held against each other, and these are
//! anybody's to choose: whoever was there before the box started is taken for what it says.

mod holder;
#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, BTreeSet};
use std::net::Ipv4Addr;
use std::time::{Duration, Instant};

use holder::Holder;

/// The address of a machine on a wire (EUI-48).
pub type MacAddress = [u8; 6];

/// Addresses that are remembered; an office has fewer, and what is more is not looked at.
pub const MOST_NEIGHBOURS: usize = 1_024;
/// Changes that lie closer together than this belong together; so long after the last sign it is over.
const TOGETHER: Duration = Duration::from_secs(10 * 60);
/// So often another machine answers by turns before it is more than a router that starts up twice.
const TURNS: usize = 3;
/// After this the kernel asked anew who has an address: an answer from before is no longer taken for one
/// (`base_reachable_time`, 30 s by default, drawn up to half as long again).
const ASKED_ANEW: Duration = Duration::from_secs(60);
/// For so long a machine in the router's place is looked for at other addresses.
const LOOKED_FOR: Duration = Duration::from_secs(60 * 60);
/// For so long it is told that the router is another machine, and an address that is not seen is remembered.
const DAY: Duration = Duration::from_secs(24 * 60 * 60);
/// Addresses of a machine that are asked about at one look.
const MOST_ASKED: usize = 8;

/// An entry of the kernel's table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Neighbour {
    /// The address.
    pub ip: Ipv4Addr,
    /// Who said last that it has it.
    pub mac: MacAddress,
    /// Whether it answered when it was asked, less than a minute ago.
    pub answers: bool,
    /// Whether a phone is registered from there.
    pub is_phone: bool,
}

/// Another machine where one was looked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct OtherMachine {
    /// Its MAC address.
    pub mac: MacAddress,
    /// Where the one that was looked for is.
    pub own: Own,
}

/// Where a machine is that another one is in the place of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Own {
    /// It answers at another address at the same time.
    Answers,
    /// It is in the table with this address, and was not asked lately: it may have left.
    Listed(Ipv4Addr),
    /// In no place: it may be behind the other one. A repeater puts its own address in the place of those that it speaks for.
    Nowhere,
}

/// What is to be told.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum LanSign {
    /// Somebody poses as the router.
    RouterPosed {
        /// The router's address.
        router: Ipv4Addr,
        /// The machine in its place.
        by: MacAddress,
        /// Another address of that machine, where one is known.
        at: Option<Ipv4Addr>,
    },
    /// The router is another machine than before.
    RouterChanged {
        /// The router's address.
        router: Ipv4Addr,
        /// Which machine it is.
        is: MacAddress,
    },
    /// One machine answers for several phones that had their own.
    PhonesPosed {
        /// The machine.
        by: MacAddress,
        /// The phones' addresses.
        phones: Vec<Ipv4Addr>,
    },
    /// Two machines answer by turns for a phone's address.
    AddressShared {
        /// The phone's address.
        phone: Ipv4Addr,
    },
}

/// The router became another machine.
#[derive(Debug, Clone, Copy)]
struct Swap {
    was: MacAddress,
    is: MacAddress,
    at: Instant,
}

/// What the office's wires look like.
#[derive(Debug, Default)]
pub struct LanWatch {
    holders: BTreeMap<Ipv4Addr, Holder>,
    router: Option<Ipv4Addr>,
    /// When the table was last looked at.
    looked: Option<Instant>,
    swap: Option<Swap>,
    /// Who poses as the router, where else it is, and when that was last seen.
    posed: Option<(MacAddress, Option<Ipv4Addr>, Instant)>,
    /// Who answers for which phones, and when that was last seen.
    takers: BTreeMap<MacAddress, (BTreeSet<Ipv4Addr>, Instant)>,
}

impl LanWatch {
    /// The table as it is now. Nothing is learnt of who is not in it.
    pub fn look(&mut self, now: Instant, router: Option<Ipv4Addr>, seen: &[Neighbour]) {
        if self.router != router {
            (self.router, self.swap, self.posed) = (router, None, None);
        }
        self.looked = Some(now);
        for one in seen.iter().filter(|one| is_one_machine(one.mac)) {
            self.note(now, one);
        }
        self.holders.retain(|_, holder| !holder.forget(now));
        self.judge_router(now);
        self.judge_phones(now);
    }

    /// The machine that answers for an address instead of the one with that MAC address. `None` while it may be that one: nobody answered
    /// at the last look, or whoever did stands for others (a router, or more than one that share an address), or is of the same
    /// maker, as a phone's other network card is; or the MAC address was made up for an app, which has none of its own.
    pub fn other_at(&self, ip: Ipv4Addr, own: MacAddress) -> Option<OtherMachine> {
        let router = self.router.and_then(|router| self.holders.get(&router)).map(|holder| holder.mac);
        let answers = |holder: &&Holder| self.looked.is_some_and(|at| holder.answered_since(at));
        let mac = self.holders.get(&ip).filter(answers)?.mac;
        let is_other = mac[..3] != own[..3] && own[0] & 2 == 0 && !is_virtual(mac) && router != Some(mac);
        is_other.then(|| OtherMachine { mac, own: self.own_beside(ip, own) })
    }

    fn own_beside(&self, ip: Ipv4Addr, own: MacAddress) -> Own {
        let is_now = |holder: &Holder| self.looked.is_some_and(|at| holder.seen >= at);
        let is_own = |(at, holder): &(&Ipv4Addr, &Holder)| **at != ip && holder.mac == own && is_now(holder);
        let mut places = self.holders.iter().filter(is_own);
        if places.clone().any(|(_, holder)| self.looked.is_some_and(|at| holder.answered_since(at))) {
            return Own::Answers;
        }
        places.next().map_or(Own::Nowhere, |(at, _)| Own::Listed(*at))
    }

    /// Whether the table was looked at later than this.
    pub fn looked_after(&self, then: Instant) -> bool {
        self.looked.is_some_and(|at| at > then)
    }

    /// How many addresses are remembered: bounded, whatever comes.
    pub fn remembered(&self) -> usize {
        self.holders.len()
    }

    /// What is to be told now, as of the last look.
    pub fn signs(&self, now: Instant) -> Vec<LanSign> {
        let mut signs = Vec::new();
        if let Some((router, (by, at, _))) = self.router.zip(self.posed) {
            signs.push(LanSign::RouterPosed { router, by, at });
        } else if let Some((router, swap)) = self.router.zip(self.swap) {
            let is_news = now.saturating_duration_since(swap.at) < DAY;
            signs.extend(is_news.then_some(LanSign::RouterChanged { router, is: swap.is }));
        }
        let posed = self.takers.iter();
        signs.extend(
            posed.map(|(by, (phones, _))| LanSign::PhonesPosed { by: *by, phones: phones.iter().copied().collect() }),
        );
        let is_taken = |phone: &Ipv4Addr| self.takers.values().any(|(phones, _)| phones.contains(phone));
        let shared =
            self.holders.iter().filter(|(ip, holder)| holder.is_phone && holder.turns() >= TURNS && !is_taken(ip));
        signs.extend(shared.map(|(ip, _)| LanSign::AddressShared { phone: *ip }));
        signs
    }

    /// Who is to be spoken to, so that the kernel asks whether that machine still has that address: a machine that came into
    /// the router's place and had another address before.
    pub fn asked(&self, now: Instant) -> Vec<Ipv4Addr> {
        let Some(swap) = self.swap.filter(|swap| is_within(now, swap.at + ASKED_ANEW, 2 * ASKED_ANEW)) else {
            return Vec::new();
        };
        let others = self.others_of(swap).filter(|(_, holder)| !holder.answered_since(swap.at + ASKED_ANEW));
        others.map(|(ip, _)| *ip).take(MOST_ASKED).collect()
    }

    fn note(&mut self, now: Instant, one: &Neighbour) {
        let is_full = self.holders.len() >= MOST_NEIGHBOURS && self.router != Some(one.ip);
        if is_full && !self.holders.contains_key(&one.ip) && !self.makes_room(now, one) {
            return;
        }
        let holder = self.holders.entry(one.ip).or_insert(Holder::new(now, one.mac));
        holder.is_phone = one.is_phone;
        let before = holder.note(now, one.mac, one.answers);
        if let Some(was) = before.filter(|_| self.router == Some(one.ip)) {
            let was = self.swap.map_or(was, |swap| swap.was);
            self.swap = (was != one.mac).then_some(Swap { was, is: one.mac, at: now });
        }
    }

    /// Forgets somebody for who was not known until now, where there is no room: who never answered before who did, no phone before a
    /// phone, and who was seen long ago before who is there. So made-up answers keep nobody out for longer than they are made up.
    fn makes_room(&mut self, now: Instant, one: &Neighbour) -> bool {
        let worth = |holder: &Holder| (holder.is_phone, holder.answers(), holder.seen);
        let others = self.holders.iter().filter(|(ip, _)| self.router != Some(**ip));
        let least = others.min_by_key(|(_, holder)| worth(holder)).map(|(ip, holder)| (*ip, worth(holder)));
        let Some((ip, _)) = least.filter(|(_, least)| *least < (one.is_phone, one.answers, now)) else { return false };
        self.holders.remove(&ip);
        true
    }

    fn judge_router(&mut self, now: Instant) {
        let Some(holder) = self.router.and_then(|router| self.holders.get(&router)) else { return };
        let by_turns = holder.turns() >= TURNS;
        let elsewhere = self.swap.filter(|swap| !is_virtual(swap.is)).and_then(|swap| self.elsewhere(now, swap));
        if by_turns || elsewhere.is_some() {
            // By turns: of the two the one that came later.
            let by = self.swap.map_or_else(|| holder.other(), |swap| swap.is);
            let at = elsewhere.or_else(|| self.address_of(by));
            self.posed = Some((by, at, now));
        }
        self.posed = self.posed.filter(|(.., last)| now.saturating_duration_since(*last) < TOGETHER);
    }

    /// Another address of the machine in the router's place: one that it had before and still answers for, or one that it took
    /// from somebody else as well.
    fn elsewhere(&self, now: Instant, swap: Swap) -> Option<Ipv4Addr> {
        let had = self.others_of(swap).find(|(_, holder)| holder.answered_since(swap.at + ASKED_ANEW));
        let mut others = self.holders.iter().filter(|(ip, holder)| self.router != Some(**ip) && holder.mac == swap.is);
        let took = || others.find(|(_, holder)| holder.taken(now).is_some());
        let is_lasting =
            |at: Option<Ipv4Addr>| at.filter(|at| self.holders.get(at).is_some_and(|holder| holder.mac == swap.is));
        let so_far = is_lasting(self.posed.and_then(|(_, at, _)| at));
        had.or_else(took).map(|(ip, _)| *ip).or(so_far)
    }

    /// Addresses that the machine in the router's place had before.
    fn others_of(&self, swap: Swap) -> impl Iterator<Item = (&Ipv4Addr, &Holder)> {
        let router = self.router;
        let is_before = move |(ip, holder): &(&Ipv4Addr, &Holder)| {
            router != Some(**ip)
                && holder.mac == swap.is
                && holder.since < swap.at
                && holder.seen < swap.at + LOOKED_FOR
        };
        self.holders.iter().filter(is_before)
    }

    fn address_of(&self, mac: MacAddress) -> Option<Ipv4Addr> {
        let mut others = self.holders.iter().filter(|(ip, _)| self.router != Some(**ip));
        others.find(|(_, holder)| holder.mac == mac).map(|(ip, _)| *ip)
    }

    fn judge_phones(&mut self, now: Instant) {
        let mut took: BTreeMap<MacAddress, Vec<(Ipv4Addr, MacAddress)>> = BTreeMap::new();
        // A router that answers for everybody hears them anyway (RFC 1027); a virtual machine has no address of its own.
        let router = self.router.and_then(|router| self.holders.get(&router)).filter(|_| self.swap.is_none());
        let is_apart = |mac: MacAddress| is_virtual(mac) || router.is_some_and(|router| router.mac == mac);
        for (ip, holder) in self.holders.iter().filter(|(_, holder)| holder.is_phone && !is_apart(holder.mac)) {
            if let Some(from) = holder.taken(now) {
                took.entry(holder.mac).or_default().push((*ip, from));
            }
        }
        for (by, phones) in took {
            let from: BTreeSet<MacAddress> = phones.iter().map(|(_, from)| *from).collect();
            if from.len() > 1 {
                let known = self.takers.entry(by).or_insert((BTreeSet::new(), now));
                known.0.extend(phones.iter().map(|(ip, _)| *ip));
            }
        }
        let holders = &self.holders;
        self.takers.retain(|by, (phones, last)| {
            let holds = |ip: &&Ipv4Addr| holders.get(ip).is_some_and(|holder| holder.mac == *by);
            if phones.iter().filter(holds).count() > 1 {
                *last = now;
            }
            now.saturating_duration_since(*last) < TOGETHER
        });
    }
}

/// Whether a moment is at most so long after another one, and not before it.
fn is_within(now: Instant, from: Instant, long: Duration) -> bool {
    now.checked_duration_since(from).is_some_and(|since| since < long)
}

/// Whether an address belongs to one machine, and not to a group or to nobody.
fn is_one_machine(mac: MacAddress) -> bool {
    mac[0] & 1 == 0 && mac != [0; 6]
}

/// Whether routers share it, so that one takes over from another without a change (VRRP: RFC 9568 7.3; HSRP: RFC 2281 and its
/// second version).
fn is_virtual(mac: MacAddress) -> bool {
    matches!(mac, [0, 0, 0x5e, 0, 1, _] | [0, 0, 0x0c, 0x07, 0xac, _] | [0, 0, 0x0c, 0x9f, 0xf0..=0xff, _])
}
