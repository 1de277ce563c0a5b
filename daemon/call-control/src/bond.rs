//! Devices with the right password of which nobody said yet that they are the office's: they may be called, call colleagues and
//! help, and nothing outside, until a person says that they are its own, or takes the password away.
//!
//! What a device is to an account is the guard's to say ([`centrale_guard::Bonds`]). A registration of such a device is kept
//! apart: it takes nothing from the account's own devices, and its address is no phone's to the doorkeeper.

use std::collections::BTreeMap;
use std::net::{IpAddr, Ipv4Addr};
use std::time::{Duration, Instant};

use centrale_config::Mac;
use centrale_guard::{OtherMachine, Own, Place, Reject, Sighting, Standing, Wire};
use centrale_sip::flow::Flow;
use centrale_sip::message::{HeaderName, Method, NameAddr, Request};
use centrale_sip::registrar::{AddressOfRecord, Binding};

use crate::directory::{Destination, Directory, Login};
use crate::exchange::Exchange;
use crate::incidents::device_of;
use crate::io::{Bound, Output};
use crate::view::{ProblemView, Severity};

/// A right password from a device that nobody knows. About the digest user; gone when somebody says whose it is.
pub(crate) const DEVICE_UNKNOWN: &str = "phone-unknown";

/// The question that each account waits for an answer to: the device, as it was shown, and how grave it is.
pub(crate) type Doubts = BTreeMap<String, (Sighting, Doubt)>;

/// How grave it is that nobody said whose a device is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Doubt {
    /// The kernel sees another machine, and the phone nowhere else: as a rule that is a repeater that speaks for it.
    Question,
    /// Somebody has a password.
    BreakIn,
}

/// What a device is to an account, and what there is to ask about it.
#[derive(Debug)]
struct Weighed {
    seen: Sighting,
    standing: Standing,
    doubt: Option<Doubt>,
}

/// Where an account came for the first time while the kernel's table had another machine there.
pub(crate) type Newcomers = BTreeMap<(String, Ipv4Addr), Newcomer>;

/// The table may be of before it came: an address is somebody else's as soon as who had it is gone (RFC 2131 4.3.1).
#[derive(Debug)]
pub(crate) struct Newcomer {
    at: Instant,
    /// As it looks without the table.
    said: Sighting,
    device: String,
    flow: Flow,
    is_judged: bool,
}

/// Newcomers that are remembered, and for how long after they came: longer than a registration lasts.
const MOST_NEWCOMERS: usize = 256;
const NEW_FOR: Duration = Duration::from_secs(2 * 3600);

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
        let said = self.sighting_said((request, contacts), flow);
        let other = self.other_machine(account, request, flow);
        let is_new = other.is_some_and(|other| self.comes_before_a_look(now, account, &said, (request, flow), other));
        let Weighed { seen, standing, doubt } = self.weigh_as(account, said, other.filter(|_| !is_new));
        if let Some(doubt) = doubt {
            self.doubt(now, account, seen.clone(), (&device_of(request), flow), doubt);
        }
        match standing {
            Standing::Known => self.is_copy(now, account, &seen, (request, contacts), flow),
            // An account begins on no machine that may be another one.
            Standing::First if is_new => false,
            Standing::First => {
                self.bind(account, seen);
                false
            }
            Standing::Unknown => true,
        }
    }

    /// Whether the kernel's table says nothing yet of an account that came to this address, where another machine was until then: it was
    /// not looked at since, or the phone itself is in it with another address at which it has still to be asked for.
    fn comes_before_a_look(
        &mut self,
        now: Instant,
        account: &str,
        said: &Sighting,
        (request, flow): (&Request, &Flow),
        other: OtherMachine,
    ) -> bool {
        let IpAddr::V4(ip) = flow.remote.ip().to_canonical() else { return false };
        let key = (account.to_owned(), ip);
        if let Some(known) = self.newcomers.get(&key) {
            return !self.lan.looked_after(known.at) || matches!(other.own, Own::Listed(_));
        }
        let has_room = self.newcomers.len() < MOST_NEWCOMERS;
        if has_room {
            let (said, device, flow) = (said.clone(), device_of(request), *flow);
            self.newcomers.insert(key, Newcomer { at: now, said, device, flow, is_judged: false });
        }
        has_room
    }

    /// The kernel's table was looked at: who came before that is judged by it, once it is known whether the phone itself is elsewhere.
    /// Another machine than the phone is no longer registered where it is to be kept apart, and comes again.
    pub(crate) fn judge_newcomers(&mut self, now: Instant) {
        let mut newcomers = std::mem::take(&mut self.newcomers);
        newcomers.retain(|(account, ip), newcomer| {
            let own = self.directory.login(account).and_then(Login::device);
            let other = own.and_then(|own| self.lan.other_at(*ip, own.octets()));
            let is_over = now.saturating_duration_since(newcomer.at) >= NEW_FOR;
            let Some(other) = other.filter(|_| !is_over) else { return false };
            if let Own::Listed(at) = other.own {
                self.outputs.push_back(Output::Stir(at));
            } else if self.lan.looked_after(newcomer.at) && (!newcomer.is_judged || other.own == Own::Answers) {
                newcomer.is_judged = true;
                self.judge_newcomer(now, (account, *ip), newcomer, other);
            }
            true
        });
        self.newcomers = newcomers;
    }

    fn judge_newcomer(
        &mut self,
        now: Instant,
        (account, ip): (&str, Ipv4Addr),
        newcomer: &Newcomer,
        other: OtherMachine,
    ) {
        let Weighed { seen, standing, doubt } = self.weigh_as(account, newcomer.said.clone(), Some(other));
        if let Some(doubt) = doubt {
            self.doubt(now, account, seen, (&newcomer.device, &newcomer.flow), doubt);
        }
        let is_it = |binding: &Binding| {
            *binding.username == *account && !binding.apart && binding.flow.remote.ip().to_canonical() == IpAddr::V4(ip)
        };
        if standing == Standing::Unknown {
            for aor in self.registrar.drop_where(is_it) {
                self.live.person_changed(aor.as_str());
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
            self.doubt(now, account, seen.clone(), (&device_of(request), flow), Doubt::BreakIn);
            return true;
        }
        self.note_in_other_hands(now, account, &device_of(request), odd.remote);
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
        let Some(Weighed { seen, doubt, .. }) = self.weigh_apart(now, account, request, flow) else { return false };
        if let Some(other) = self.other_machine(account, request, flow) {
            let said = self.sighting_said((request, &[]), flow);
            self.comes_before_a_look(now, account, &said, (request, flow), other);
        }
        self.doubt(now, account, seen, (&device_of(request), flow), doubt.unwrap_or(Doubt::BreakIn));
        true
    }

    /// Whether a request comes from a device that nobody knows.
    pub(crate) fn comes_apart(&self, now: Instant, account: &str, request: &Request, flow: &Flow) -> bool {
        self.weigh_apart(now, account, request, flow).is_some()
    }

    /// A device that nobody knows, where a request comes from one: as it registered, or as it looks when it did not.
    fn weigh_apart(&self, now: Instant, account: &str, request: &Request, flow: &Flow) -> Option<Weighed> {
        let number = self.directory.login(account).map(|login| login.number().to_string()).unwrap_or_default();
        let is_there = |binding: &&&Binding| {
            *binding.username == *account
                && binding.flow.remote == flow.remote
                && binding.flow.transport == flow.transport
        };
        let aor = AddressOfRecord::new(&number);
        let weighed = || self.weigh(account, request, flow);
        let is_unknown = |weighed: &Weighed| weighed.standing == Standing::Unknown;
        match self.registrar.lookup(now, &aor).iter().find(is_there) {
            Some(binding) if binding.apart => Some(weighed()),
            // Which machine is there may be known only since it registered.
            Some(_) if self.other_machine(account, request, flow).is_none() => None,
            _ => Some(weighed()).filter(is_unknown),
        }
    }

    /// Whether a request comes from one of an account's devices, as far as can be seen before its password is judged.
    pub(crate) fn is_bound(&self, account: &str, request: &Request, flow: &Flow) -> bool {
        self.weigh(account, request, flow).standing == Standing::Known
    }

    fn judge(&self, account: &str, seen: &Sighting) -> Standing {
        let made_for = self.directory.login(account).and_then(Login::device);
        self.bonds.judge(account, made_for, seen)
    }

    fn weigh(&self, account: &str, request: &Request, flow: &Flow) -> Weighed {
        // A call names the instance as well; only a registration is bound by it.
        let contacts = match request.method {
            Method::REGISTER => request.headers.addresses(&HeaderName::Contact).unwrap_or_default(),
            _ => Vec::new(),
        };
        let said = self.sighting_said((request, &contacts), flow);
        self.weigh_as(account, said, self.other_machine(account, request, flow))
    }

    /// What a device is that looks like this and is on that machine. One that is known but for the machine goes on as it is while somebody is
    /// asked, as long as its own machine is seen nowhere else.
    fn weigh_as(&self, account: &str, said: Sighting, other: Option<OtherMachine>) -> Weighed {
        let as_it_is = |seen: Sighting| {
            let standing = self.judge(account, &seen);
            Weighed { seen, standing, doubt: (standing == Standing::Unknown).then_some(Doubt::BreakIn) }
        };
        let Some(other) = other else { return as_it_is(said) };
        // What the kernel sees goes before what is said.
        let weighed = as_it_is(said.clone().showing(Some(Mac::from_octets(other.mac))));
        if weighed.doubt.is_none() || other.own == Own::Answers {
            return weighed;
        }
        let question = Some(Doubt::Question);
        match self.judge(account, &said) {
            Standing::Known if other.own == Own::Nowhere => {
                Weighed { standing: Standing::Known, doubt: question, ..weighed }
            }
            Standing::Known | Standing::First => Weighed { doubt: question, ..weighed },
            Standing::Unknown => weighed,
        }
    }

    /// What can be seen of a device without the kernel's table.
    fn sighting_said(&self, (request, contacts): (&Request, &[NameAddr]), flow: &Flow) -> Sighting {
        let user_agent = request.headers.text(&HeaderName::UserAgent).unwrap_or_default();
        let instance = contacts.first().and_then(|contact| contact.params.value("+sip.instance"));
        // Phones of Yealink name it in a REGISTER, where they are told to (`account.X.register_mac`).
        let said = request.headers.text(&HeaderName::Mac).and_then(|text| text.trim().parse().ok());
        Sighting::of(&user_agent, instance, self.place_of(flow)).showing(said)
    }

    /// The machine from which a request comes in the office, where that is not the phone that the account was made for. Behind a router
    /// of the office's own nobody sees that: who says to be at another address is taken for one who is.
    fn other_machine(&self, account: &str, request: &Request, flow: &Flow) -> Option<OtherMachine> {
        let own = self.directory.login(account).and_then(Login::device)?;
        let IpAddr::V4(ip) = flow.remote.ip().to_canonical() else { return None };
        let other = self.lan.other_at(ip, own.octets())?;
        let is_behind =
            request.headers.top_via().is_ok_and(|via| via.host.ip().is_some_and(|host| host != IpAddr::V4(ip)));
        (!is_behind).then_some(other)
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

    /// Asks the office about a device; one at a time for each account, and of two the graver one.
    fn doubt(&mut self, now: Instant, account: &str, seen: Sighting, (device, flow): (&str, &Flow), doubt: Doubt) {
        if self.doubts.get(account).is_some_and(|(_, asked)| *asked >= doubt) {
            return;
        }
        if doubt == Doubt::BreakIn {
            self.counters.devices_unknown += 1;
            self.note_in_other_hands(now, account, device, flow.remote);
        }
        self.live.raise(ProblemView {
            code: DEVICE_UNKNOWN.into(),
            subject: account.to_owned(),
            severity: Severity::Warning,
            detail: described(&seen, flow),
        });
        self.doubts.insert(account.to_owned(), (seen, doubt));
    }

    /// Somebody said of the device that was asked about, as it was shown, that it is the office's.
    pub(crate) fn recognise(&mut self, now: Instant, account: &str, shown: &str) {
        if !self.live.shows(DEVICE_UNKNOWN, account, shown) {
            return;
        }
        let Some((seen, doubt)) = self.doubts.remove(account) else { return };
        self.live.solve(DEVICE_UNKNOWN, account);
        // A mere question began no story: what there is of one is of somebody else.
        if doubt == Doubt::BreakIn {
            self.note_ours(now, account);
        }
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
            self.newcomers.retain(|(known, _), _| *known != account);
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
