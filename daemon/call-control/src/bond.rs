//! Devices with the right password of which nobody said yet that they are the office's: they may be called, call colleagues and
//! help, and nothing outside, until a person says that they are its own, or takes the password away.
//!
//! What a device is to an account is the guard's to say ([`centrale_guard::Bonds`]). A registration of such a device is kept
//! apart: it takes nothing from the account's own devices, and its address is no phone's to the doorkeeper.

use std::collections::BTreeMap;
use std::net::IpAddr;
use std::time::Instant;

use centrale_config::Mac;
use centrale_guard::{Place, Reject, Sighting, Standing, Wire};
use centrale_sip::flow::Flow;
use centrale_sip::message::{HeaderName, Method, NameAddr, Request};
use centrale_sip::registrar::{AddressOfRecord, Binding};

use crate::directory::{Destination, Directory, Login};
use crate::exchange::Exchange;
use crate::io::{Bound, Output};
use crate::view::{ProblemView, Severity};

/// A right password from a device that nobody knows. About the digest user; gone when somebody says whose it is.
pub(crate) const DEVICE_UNKNOWN: &str = "phone-unknown";

/// The question that each account waits for an answer to: the device, as it was shown.
pub(crate) type Doubts = BTreeMap<String, Sighting>;

impl Exchange {
    /// What was known before a restart. Before the first packet.
    pub(crate) fn restore_bonds(&mut self, bonds: Vec<Bound>) {
        for bound in bonds {
            let (Bound::To(account, _) | Bound::Copied(account, _) | Bound::Forgotten(account)) = &bound;
            if self.directory.login(account).is_none() {
                self.outputs.push_back(Output::Bound(Bound::Forgotten(account.clone())));
                continue;
            }
            match bound {
                Bound::To(account, seen) => self.bonds.bind(&account, seen),
                Bound::Copied(account, name) => self.bonds.keep_home(&account, &name),
                Bound::Forgotten(account) => self.bonds.forget(&account),
            };
        }
    }

    /// A device registers these Contacts with the right password. Whether it is to be kept apart.
    pub(crate) fn weigh_device(
        &mut self,
        now: Instant,
        account: &str,
        (request, contacts): (&Request, &[NameAddr]),
        flow: &Flow,
    ) -> bool {
        let seen = self.sighting_with(account, (request, contacts), flow);
        match self.judge(account, &seen) {
            Standing::Known => self.is_copy(now, account, &seen, (request, contacts), flow),
            Standing::First => {
                self.bind(account, seen);
                false
            }
            Standing::Unknown => {
                self.doubt(now, account, seen, (request, flow));
                true
            }
        }
    }

    /// Whether it is one that uses the name of a device of the office's while that goes on elsewhere. Of two of which this one is the office's
    /// the other one is no longer registered, and is asked about when it comes again.
    fn is_copy(
        &mut self,
        now: Instant,
        account: &str,
        seen: &Sighting,
        (request, contacts): (&Request, &[NameAddr]),
        flow: &Flow,
    ) -> bool {
        if leaves(request, contacts) {
            return false;
        }
        let bonds = &self.bonds;
        let is_home = |place: &Place| bonds.is_home(account, seen, place);
        let wire = wire_of(flow);
        let Some(odd) = self.presence.heard(now, account, seen, wire, is_home) else { return false };
        if let Some(name) = seen.instance.as_ref().filter(|name| self.bonds.keep_home(account, name)) {
            self.outputs.push_back(Output::Bound(Bound::Copied(account.to_owned(), name.clone())));
        }
        let is_it = |binding: &Binding| *binding.username == *account && wire_of(&binding.flow) == odd;
        for aor in self.registrar.drop_where(is_it) {
            self.live.person_changed(aor.as_str());
        }
        if odd == wire {
            self.doubt(now, account, seen.clone(), (request, flow));
            return true;
        }
        self.note_in_other_hands(now, account, request, odd.remote);
        false
    }

    /// Why a device may not reach a destination, if it may not, however right its password is.
    pub(crate) fn doubted(
        &mut self,
        now: Instant,
        account: &str,
        (request, flow): (&Request, &Flow),
        destination: &Destination,
    ) -> Option<Reject> {
        let passes = match destination {
            Destination::Outside { meant, number, .. } => {
                let is_alarm = |person: &str| self.directory.is_alarm_call(person, number);
                let person = self.directory.login(account).map(|login| login.number().as_str());
                let is_for_all = self.directory.plan().never_blocks(meant) || self.directory.is_support(meant);
                is_for_all || person.is_some_and(is_alarm)
            }
            // What is said to the person or to colleagues is not for whoever has the password.
            Destination::Voicemail
            | Destination::Malicious
            | Destination::Pickup(_)
            | Destination::Park(_)
            | Destination::Conference(_)
            | Destination::Code(_) => false,
            _ => true,
        };
        (!passes && self.is_apart(now, account, request, flow)).then_some(Reject::UNKNOWN_DEVICE)
    }

    /// The same; one that did not register is asked about.
    fn is_apart(&mut self, now: Instant, account: &str, request: &Request, flow: &Flow) -> bool {
        let is_apart = self.comes_apart(now, account, request, flow);
        if is_apart {
            let seen = self.sighting(account, request, flow);
            self.doubt(now, account, seen, (request, flow));
        }
        is_apart
    }

    /// Whether a request comes from a device that nobody knows: as it registered, or as it looks when it did not.
    pub(crate) fn comes_apart(&self, now: Instant, account: &str, request: &Request, flow: &Flow) -> bool {
        let number = self.directory.login(account).map(|login| login.number().to_string()).unwrap_or_default();
        let is_there = |binding: &&&Binding| {
            *binding.username == *account
                && binding.flow.remote == flow.remote
                && binding.flow.transport == flow.transport
        };
        let aor = AddressOfRecord::new(&number);
        let is_unknown = || self.judge(account, &self.sighting(account, request, flow)) == Standing::Unknown;
        match self.registrar.lookup(now, &aor).iter().find(is_there) {
            // Which machine is there may be known only since it registered.
            Some(binding) => binding.apart || self.other_machine(account, request, flow).is_some() && is_unknown(),
            None => is_unknown(),
        }
    }

    /// Whether a request comes from one of an account's devices, as far as can be seen before its password is judged.
    pub(crate) fn is_bound(&self, account: &str, request: &Request, flow: &Flow) -> bool {
        self.judge(account, &self.sighting(account, request, flow)) == Standing::Known
    }

    fn judge(&self, account: &str, seen: &Sighting) -> Standing {
        let made_for = self.directory.login(account).and_then(Login::device);
        self.bonds.judge(account, made_for, seen)
    }

    fn sighting(&self, account: &str, request: &Request, flow: &Flow) -> Sighting {
        // A call names the instance as well; only a registration is bound by it.
        let contacts = match request.method {
            Method::REGISTER => request.headers.addresses(&HeaderName::Contact).unwrap_or_default(),
            _ => Vec::new(),
        };
        self.sighting_with(account, (request, &contacts), flow)
    }

    fn sighting_with(&self, account: &str, (request, contacts): (&Request, &[NameAddr]), flow: &Flow) -> Sighting {
        let user_agent = request.headers.text(&HeaderName::UserAgent).unwrap_or_default();
        let instance = contacts.first().and_then(|contact| contact.params.value("+sip.instance"));
        // Phones of Yealink name it in a REGISTER, where they are told to (`account.X.register_mac`). What the kernel sees goes before.
        let said = request.headers.text(&HeaderName::Mac).and_then(|text| text.trim().parse().ok());
        let mac = self.other_machine(account, request, flow).or(said);
        Sighting::of(&user_agent, instance, self.place_of(flow)).showing(mac)
    }

    /// The machine from which a request comes in the office, where that is not the phone that the account was made for. Behind a router
    /// of the office's own nobody sees that: who says to be at another address is taken for one who is.
    fn other_machine(&self, account: &str, request: &Request, flow: &Flow) -> Option<Mac> {
        let own = self.directory.login(account).and_then(Login::device)?;
        let IpAddr::V4(ip) = flow.remote.ip().to_canonical() else { return None };
        let is_behind =
            request.headers.top_via().is_ok_and(|via| via.host.ip().is_some_and(|host| host != IpAddr::V4(ip)));
        let other = if is_behind { None } else { self.lan.other_at(ip, own.octets()) };
        other.map(Mac::from_octets)
    }

    fn place_of(&self, flow: &Flow) -> Place {
        let address = flow.remote.ip();
        if self.interfaces.is_office(address) { Place::Office } else { Place::outside(address) }
    }

    fn bind(&mut self, account: &str, seen: Sighting) {
        if self.bonds.bind(account, seen.clone()) {
            self.outputs.push_back(Output::Bound(Bound::To(account.to_owned(), seen)));
        }
    }

    /// Asks the office about a device; one at a time for each account.
    fn doubt(&mut self, now: Instant, account: &str, seen: Sighting, (request, flow): (&Request, &Flow)) {
        if self.doubts.contains_key(account) {
            return;
        }
        self.counters.devices_unknown += 1;
        self.note_in_other_hands(now, account, request, flow.remote);
        self.live.raise(ProblemView {
            code: DEVICE_UNKNOWN.into(),
            subject: account.to_owned(),
            severity: Severity::Warning,
            detail: described(&seen, flow),
        });
        self.doubts.insert(account.to_owned(), seen);
    }

    /// Somebody said of the device that was asked about, as it was shown, that it is the office's.
    pub(crate) fn recognise(&mut self, now: Instant, account: &str, shown: &str) {
        if !self.live.shows(DEVICE_UNKNOWN, account, shown) {
            return;
        }
        let Some(seen) = self.doubts.remove(account) else { return };
        self.live.solve(DEVICE_UNKNOWN, account);
        self.bind(account, seen.clone());
        if let Some(login) = self.directory.login(account) {
            let (civil, person) = (self.costs.civil(now), login.number().to_string());
            self.costs.ledger.welcome_device(now, civil, &person);
        }
        let interfaces = &self.interfaces;
        let is_it = |binding: &Binding| {
            let address = binding.flow.remote.ip();
            let place = if interfaces.is_office(address) { Place::Office } else { Place::outside(address) };
            let now = Sighting::of(&binding.user_agent, None, place);
            *binding.username == *account && now.looks_like(&seen)
        };
        let together = self.registrar.bring_together(is_it);
        for (aor, address) in together {
            self.live.person_changed(aor.as_str());
            self.let_in(address);
        }
    }

    /// Passwords changed: who has a new one begins anew. When the whole office is gone the box is being stopped.
    pub(crate) fn forget_bonds(&mut self, earlier: &Directory) {
        if self.directory.office().people.is_empty() {
            return;
        }
        let gone: Vec<String> =
            self.bonds.accounts().chain(self.doubts.keys().map(String::as_str)).map(str::to_owned).collect();
        for account in gone.into_iter().filter(|account| !self.directory.keeps(earlier, account)) {
            self.live.solve(DEVICE_UNKNOWN, &account);
            self.doubts.remove(&account);
            self.presence.forget(&account);
            if self.bonds.forget(&account) {
                self.outputs.push_back(Output::Bound(Bound::Forgotten(account)));
            }
        }
    }
}

/// Over UDP every peer is on one socket; a connection is told from a later one of the same port.
fn wire_of(flow: &Flow) -> Wire {
    Wire { remote: flow.remote, connection: flow.transport.is_reliable().then_some(flow.id.0) }
}

/// Whether a REGISTER takes a registration away.
fn leaves(request: &Request, contacts: &[NameAddr]) -> bool {
    let of_all = request.headers.number(&HeaderName::Expires).ok().flatten();
    let of_one = contacts.first().and_then(|contact| contact.params.value("expires"));
    of_one.map_or(of_all == Some(0), |seconds| seconds.trim() == "0")
}

/// What the office is shown of a device: what it calls itself and where it is.
fn described(seen: &Sighting, flow: &Flow) -> String {
    let family = if seen.family.is_empty() { "?" } else { &seen.family };
    format!("{family}, {}", flow.remote.ip())
}
