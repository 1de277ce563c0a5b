//! The registrar (RFC 3261 10): which phones can be reached for a number, and how.
//!
//! [`Registrar::save`] takes a proven REGISTER, [`Registrar::lookup`] gives the bindings to ring. A binding keeps the flow it
//! came over, because that path works: through NAT, and over TCP and TLS the connection the phone itself opened (RFC 5626).

mod binding;

use std::borrow::Cow;
use std::net::{IpAddr, SocketAddr};
use std::time::{Duration, Instant};

use hashbrown::HashMap;

pub use binding::Binding;

use crate::flow::{Flow, FlowId};
use crate::message::{HeaderName, NameAddr, Request, Status};

/// The user part of an address of record, for example `201`. The domain is always the box.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct AddressOfRecord(Box<str>);

impl AddressOfRecord {
    /// From a user part.
    pub fn new(user: &str) -> Self {
        Self(user.into())
    }

    /// The user part.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// The bounds a registrar keeps.
#[derive(Debug, Clone, Copy)]
pub struct Bounds {
    /// Shorter wishes are answered 423 (RFC 3261 10.3, step 6).
    pub min_expires: Duration,
    /// Longer wishes are shortened to this.
    pub max_expires: Duration,
    /// When a phone wishes nothing (RFC 3261 10.2: 3600 s).
    pub default_expires: Duration,
    /// Bindings of one address: a desk phone, a softphone, a DECT handset and some to spare. One more takes the place of another from
    /// where it comes itself, else from where two or more are; it is answered 403 when each is from a place of its own.
    pub max_bindings: usize,
}

impl Default for Bounds {
    fn default() -> Self {
        let seconds = Duration::from_secs;
        Self { min_expires: seconds(60), max_expires: seconds(3600), default_expires: seconds(3600), max_bindings: 10 }
    }
}

/// Why a REGISTER was not taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Reject {
    /// The status to answer with.
    pub status: Status,
    /// For 423: what Min-Expires says, seconds.
    pub min_expires: Option<u32>,
}

impl Reject {
    const fn because(status: Status) -> Self {
        Self { status, min_expires: None }
    }
}

/// What a REGISTER changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Saved {
    /// Whether a binding came or went (a mere refresh is no change).
    pub changed: bool,
}

/// Every binding of the box.
#[derive(Debug)]
pub struct Registrar {
    bounds: Bounds,
    bindings: HashMap<AddressOfRecord, Vec<Binding>>,
    heard: Heard,
    next_expiry: Option<Instant>,
}

/// How many bindings are heard from each place.
#[derive(Debug, Default)]
struct Heard {
    flows: HashMap<SocketAddr, u32>,
    hosts: HashMap<IpAddr, u32>,
    /// Where those are heard from that are kept apart.
    apart: HashMap<SocketAddr, u32>,
    /// Hosts from which nothing was heard any more at some time since somebody asked.
    left: Vec<IpAddr>,
}

impl Heard {
    fn add(&mut self, binding: &Binding) {
        let remote = binding.flow.remote;
        if binding.apart {
            *self.apart.entry(remote).or_default() += 1;
            return;
        }
        *self.flows.entry(remote).or_default() += 1;
        *self.hosts.entry(remote.ip().to_canonical()).or_default() += 1;
    }

    fn take(&mut self, binding: &Binding) {
        let remote = binding.flow.remote;
        if binding.apart {
            return one_less(&mut self.apart, &remote);
        }
        one_less(&mut self.flows, &remote);
        let host = remote.ip().to_canonical();
        one_less(&mut self.hosts, &host);
        if !self.hosts.contains_key(&host) {
            self.left.push(host);
        }
    }
}

fn one_less<K: std::hash::Hash + Eq>(counts: &mut HashMap<K, u32>, key: &K) {
    let Some(count) = counts.get_mut(key) else { return };
    *count -= 1;
    if *count == 0 {
        counts.remove(key);
    }
}

impl Registrar {
    /// An empty one.
    pub fn new(bounds: Bounds) -> Self {
        Self { bounds, bindings: HashMap::new(), heard: Heard::default(), next_expiry: None }
    }

    /// Takes a proven REGISTER with its Contacts as they were read: adds, refreshes or removes bindings, all or nothing (RFC 3261
    /// 10.3). `username` is the proven digest user, kept with the binding; `apart` keeps what it registers away from what was
    /// not registered so: neither replaces or removes the other, or takes its room.
    ///
    /// # Errors
    /// A [`Reject`] to be answered; nothing is changed then.
    pub fn save(
        &mut self,
        now: Instant,
        aor: &AddressOfRecord,
        (request, contacts): (&Request, &[NameAddr]),
        flow: Flow,
        (username, apart): (&str, bool),
    ) -> Result<Saved, Reject> {
        let bad = |_| Reject::because(Status::BAD_REQUEST);
        let call_id = request.headers.call_id().map_err(bad)?;
        let cseq = request.headers.cseq_number().ok_or(Reject::because(Status::BAD_REQUEST))?;
        let expires = request.headers.number(&HeaderName::Expires).map_err(bad)?;
        let before = self.bindings.get(aor).map(Vec::as_slice).unwrap_or_default();
        let live = before.iter().filter(|binding| binding.expires_at > now);
        let mut after: Vec<Cow<'_, Binding>> = live.map(Cow::Borrowed).collect();
        if request.headers.is_wildcard_contact() {
            if expires != Some(0) {
                return Err(Reject::because(Status::BAD_REQUEST));
            }
            after.retain(|binding| binding.apart != apart || binding.is_newer_than(call_id, cseq));
        } else {
            for contact in contacts {
                let lifetime = self.lifetime(contact, expires)?;
                let times = (now, now + lifetime);
                let binding = Binding::new(times, contact, request, flow, (username, apart), (call_id, cseq));
                let binding = binding.ok_or(Reject::because(Status::BAD_REQUEST))?;
                merge(&mut after, binding, lifetime)?;
            }
        }
        while after.iter().filter(|binding| binding.apart == apart).count() > self.bounds.max_bindings {
            let at = gives_way(&after, flow.remote.ip(), apart).ok_or(Reject::because(Status::FORBIDDEN))?;
            after.remove(at);
        }
        let changed = !same_contacts(before, &after);
        let after = after.into_iter().map(Cow::into_owned).collect();
        self.store(aor, after);
        Ok(Saved { changed })
    }

    fn lifetime(&self, contact: &NameAddr, header: Option<u32>) -> Result<Duration, Reject> {
        let wish = contact.params.value("expires").map(str::parse::<u32>);
        // A value that is no number counts as the default (RFC 3261 10.2.1.1 gives 3600 for malformed).
        let wish = wish.map_or(header, |wish| wish.ok().or(header));
        let wish = wish.map_or(self.bounds.default_expires, |seconds| Duration::from_secs(seconds.into()));
        if !wish.is_zero() && wish < self.bounds.min_expires {
            let seconds = u32::try_from(self.bounds.min_expires.as_secs()).unwrap_or(u32::MAX);
            return Err(Reject { status: Status::INTERVAL_TOO_BRIEF, min_expires: Some(seconds) });
        }
        Ok(wish.min(self.bounds.max_expires))
    }

    fn store(&mut self, aor: &AddressOfRecord, bindings: Vec<Binding>) {
        let soonest = bindings.iter().map(|binding| binding.expires_at).min();
        self.next_expiry = match (self.next_expiry, soonest) {
            (Some(one), Some(two)) => Some(one.min(two)),
            (one, two) => one.or(two),
        };
        bindings.iter().for_each(|binding| self.heard.add(binding));
        let before =
            if bindings.is_empty() { self.bindings.remove(aor) } else { self.bindings.insert(aor.clone(), bindings) };
        before.iter().flatten().for_each(|binding| self.heard.take(binding));
    }

    /// Whether a phone is registered that speaks from there.
    pub fn is_heard_from(&self, remote: SocketAddr) -> bool {
        self.heard.flows.contains_key(&remote)
    }

    /// What is registered for a number and speaks from there.
    pub fn registered_from<'a>(
        &'a self,
        aor: &AddressOfRecord,
        remote: SocketAddr,
    ) -> impl Iterator<Item = &'a Binding> + use<'a> {
        let bindings = self.bindings.get(aor).map(Vec::as_slice).unwrap_or_default();
        bindings.iter().filter(move |binding| !binding.apart && binding.flow.remote == remote)
    }

    /// Whether a device that is kept apart speaks from there.
    pub fn is_heard_apart_from(&self, remote: SocketAddr) -> bool {
        self.heard.apart.contains_key(&remote)
    }

    /// Whether a phone is registered that speaks from that address, over whichever port.
    pub fn is_home_of(&self, host: IpAddr) -> bool {
        self.heard.hosts.contains_key(&host.to_canonical())
    }

    /// From which addresses no phone speaks any more, since this was asked last.
    pub fn take_left(&mut self) -> Vec<IpAddr> {
        let hosts = &self.heard.hosts;
        let mut left = std::mem::take(&mut self.heard.left);
        left.retain(|host| !hosts.contains_key(host));
        left
    }

    /// Whether anything is registered that is reached over that connection, kept apart or not.
    pub fn is_reached_over(&self, flow: FlowId) -> bool {
        self.bindings.values().flatten().any(|binding| binding.flow.id == flow)
    }

    /// The bindings to ring, the most preferred (`q`) and the newest first.
    pub fn lookup(&self, now: Instant, aor: &AddressOfRecord) -> Vec<&Binding> {
        let bindings = self.bindings.get(aor).map(Vec::as_slice).unwrap_or_default();
        let mut live: Vec<&Binding> = bindings.iter().filter(|binding| binding.expires_at > now).collect();
        live.sort_by_key(|binding| (std::cmp::Reverse(binding.q_thousandths), std::cmp::Reverse(binding.expires_at)));
        live
    }

    /// Every address that has bindings, with them.
    pub fn iter(&self) -> impl Iterator<Item = (&AddressOfRecord, &[Binding])> {
        self.bindings.iter().map(|(aor, bindings)| (aor, bindings.as_slice()))
    }

    /// Drops every binding for which `gone` holds; tells whose changed.
    pub fn drop_where(&mut self, gone: impl Fn(&Binding) -> bool) -> Vec<AddressOfRecord> {
        let mut changed = Vec::new();
        let heard = &mut self.heard;
        self.bindings.retain(|aor, bindings| {
            let before = bindings.len();
            bindings.retain(|binding| {
                let goes = gone(binding);
                if goes {
                    heard.take(binding);
                }
                !goes
            });
            if bindings.len() != before {
                changed.push(aor.clone());
            }
            !bindings.is_empty()
        });
        changed.sort();
        changed
    }

    /// Bindings that were apart and for which `belongs` holds are so no longer; tells whose they are, and where.
    pub fn bring_together(&mut self, belongs: impl Fn(&Binding) -> bool) -> Vec<(AddressOfRecord, IpAddr)> {
        let mut changed = Vec::new();
        for (aor, bindings) in &mut self.bindings {
            for binding in bindings.iter_mut().filter(|binding| binding.apart && belongs(binding)) {
                self.heard.take(binding);
                binding.apart = false;
                self.heard.add(binding);
                changed.push((aor.clone(), binding.flow.remote.ip()));
            }
        }
        changed.sort();
        changed
    }

    /// A connection closed: what could only be reached over it cannot be reached (RFC 5626 5.3).
    pub fn handle_flow_closed(&mut self, flow: FlowId) -> Vec<AddressOfRecord> {
        self.drop_where(|binding| binding.flow.id == flow)
    }

    /// Drops what has expired; tells whose.
    pub fn handle_timeout(&mut self, now: Instant) -> Vec<AddressOfRecord> {
        if self.next_expiry.is_none_or(|at| at > now) {
            return Vec::new();
        }
        let changed = self.drop_where(|binding| binding.expires_at <= now);
        self.next_expiry = self.bindings.values().flatten().map(|binding| binding.expires_at).min();
        changed
    }

    /// When the next binding expires. It may be early, never late.
    pub const fn poll_timeout(&self) -> Option<Instant> {
        self.next_expiry
    }
}

/// Puts a binding in the place of the one it refreshes, or at the end, or takes it away when its lifetime is zero.
fn merge(bindings: &mut Vec<Cow<'_, Binding>>, binding: Binding, lifetime: Duration) -> Result<(), Reject> {
    let at = bindings.iter().position(|other| other.is_same_phone(&binding));
    if let Some(old) = at.and_then(|at| bindings.get(at))
        && old.is_newer_than(&binding.call_id, binding.cseq)
    {
        // An old REGISTER that came late (RFC 3261 10.3, step 7).
        return Err(Reject::because(Status::SERVER_INTERNAL_ERROR));
    }
    match (at, lifetime.is_zero()) {
        (Some(at), true) => drop(bindings.remove(at)),
        (Some(at), false) => bindings[at] = Cow::Owned(binding),
        (None, true) => {}
        (None, false) => bindings.push(Cow::Owned(binding)),
    }
    Ok(())
}

/// Which binding gives way to one more from `host`, of those that this REGISTER did not bring: the one refreshed longest ago from there,
/// since a phone that came back at another port left it behind; else from the host that has most, if that is more than one. So nobody
/// who registers over and over from one host keeps the others out, or takes the place of a phone that is alone at its own.
fn gives_way(bindings: &[Cow<'_, Binding>], host: IpAddr, apart: bool) -> Option<usize> {
    let host_of = |binding: &Binding| binding.flow.remote.ip().to_canonical();
    let stood = || {
        let all = bindings.iter().enumerate();
        all.filter(|(_, binding)| matches!(binding, Cow::Borrowed(_)) && binding.apart == apart)
    };
    let from = |host: IpAddr| stood().filter(move |(_, binding)| host_of(binding) == host);
    let oldest = |host: IpAddr| from(host).min_by_key(|(_, binding)| binding.refreshed_at).map(|(at, _)| at);
    oldest(host.to_canonical()).or_else(|| {
        let most = stood().map(|(_, binding)| host_of(binding)).max_by_key(|host| from(*host).count())?;
        if from(most).count() > 1 { oldest(most) } else { None }
    })
}

fn same_contacts(before: &[Binding], after: &[Cow<'_, Binding>]) -> bool {
    before.len() == after.len()
        && before.iter().zip(after).all(|(one, two)| one.contact == two.contact && one.flow.remote == two.flow.remote)
}

#[cfg(test)]
mod tests;
