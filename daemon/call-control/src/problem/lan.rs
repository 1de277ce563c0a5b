//! Machines in the office's network that answer for the router or for phones (threats B-29).

use std::collections::BTreeMap;
use std::net::{IpAddr, Ipv4Addr};
use std::time::{Duration, Instant};

use centrale_guard::incident::{Attempt, By, Deed};
use centrale_guard::knock::Side;
use centrale_guard::{LanSign, MacAddress, Neighbour};

use crate::exchange::Exchange;
use crate::io::{LanTable, Output};
use crate::view::{ProblemView, Severity};

/// Somebody poses as the router. About the whole box; the detail is the machine, and its other address where it has one.
const LAN_ROUTER_POSED: &str = "lan-router-posed";
/// The router is another machine than before. The detail is that machine.
const LAN_ROUTER_CHANGED: &str = "lan-router-changed";
/// One machine answers for several phones. About that machine; the detail is whose phones these are.
const LAN_PHONES_POSED: &str = "lan-phones-posed";
/// Two machines have the address of a phone. About its person's number; the detail is the address.
const LAN_ADDRESS_SHARED: &str = "lan-address-shared";

/// What is written down of these, as incidents have it.
const ROUTER_POSED: &str = "router-posed";
const PHONES_POSED: &str = "phones-posed";
/// So often, while it lasts.
const NOTED_EVERY: Duration = Duration::from_secs(60);

/// Which machines were written down lately, and when.
pub(crate) type LanTold = BTreeMap<(&'static str, MacAddress), Instant>;

impl Exchange {
    /// The office's wires as they are now.
    pub(crate) fn handle_lan(&mut self, now: Instant, table: &LanTable) {
        let whose = self.phone_addresses();
        let is_phone = |ip: Ipv4Addr| whose.contains_key(&ip.into());
        let entries = table.entries.iter();
        let seen: Vec<_> =
            entries.map(|&(ip, mac, answers)| Neighbour { ip, mac, answers, is_phone: is_phone(ip) }).collect();
        self.lan.look(now, table.router, &seen);
        self.judge_newcomers(now);
        let signs = self.lan.signs(now);
        let told: Vec<_> = signs.iter().map(|sign| self.lan_problem(sign, &whose)).collect();
        self.live.tell_instead(&[LAN_ROUTER_POSED, LAN_ROUTER_CHANGED, LAN_PHONES_POSED, LAN_ADDRESS_SHARED], told);
        self.outputs.extend(self.lan.asked(now).into_iter().map(Output::Stir));
        self.lan_told.retain(|_, at| now.saturating_duration_since(*at) < NOTED_EVERY);
        signs.iter().for_each(|sign| self.note_posed(now, sign));
    }

    /// Where phones are registered from, and whose each is.
    pub(crate) fn phone_addresses(&self) -> BTreeMap<IpAddr, String> {
        let phones = self.registrar.iter().flat_map(|(aor, bindings)| bindings.iter().map(move |one| (one, aor)));
        phones.map(|(one, aor)| (one.flow.remote.ip().to_canonical(), aor.as_str().to_owned())).collect()
    }

    fn lan_problem(&self, sign: &LanSign, whose: &BTreeMap<IpAddr, String>) -> ProblemView {
        let number = |phone: &Ipv4Addr| whose.get(&IpAddr::from(*phone)).map_or("", String::as_str);
        let name = |phone: &Ipv4Addr| {
            let person = self.directory.person(number(phone));
            person.map_or_else(|| phone.to_string(), |person| person.name.clone())
        };
        let (code, severity, subject, detail) = match sign {
            LanSign::RouterPosed { by, at, .. } => {
                let at = at.map(|at| format!(", {at}")).unwrap_or_default();
                (LAN_ROUTER_POSED, Severity::Warning, String::new(), format!("{}{at}", text(*by)))
            }
            LanSign::RouterChanged { is, .. } => (LAN_ROUTER_CHANGED, Severity::Note, String::new(), text(*is)),
            LanSign::PhonesPosed { by, phones } => {
                let names: Vec<_> = phones.iter().map(name).collect();
                (LAN_PHONES_POSED, Severity::Warning, text(*by), names.join(", "))
            }
            LanSign::AddressShared { phone } => {
                (LAN_ADDRESS_SHARED, Severity::Warning, number(phone).to_owned(), phone.to_string())
            }
        };
        ProblemView { code: code.into(), subject, severity, detail }
    }

    /// Writes down who poses as another, when it begins and while it lasts.
    fn note_posed(&mut self, now: Instant, sign: &LanSign) {
        let (what, by, at, target) = match sign {
            LanSign::RouterPosed { router, by, at } => (ROUTER_POSED, *by, at.unwrap_or(*router), router.to_string()),
            LanSign::PhonesPosed { by, phones } => {
                let Some(first) = phones.first() else { return };
                let all: Vec<_> = phones.iter().map(ToString::to_string).collect();
                (PHONES_POSED, *by, *first, all.join(" "))
            }
            LanSign::RouterChanged { .. } | LanSign::AddressShared { .. } => return,
        };
        if self.lan_told.contains_key(&(what, by)) {
            return;
        }
        self.lan_told.insert((what, by), now);
        let device = &text(by);
        let (by, deed, target) = (By::Address(at.into(), Side::Office), Deed::Told, target.as_str());
        let attempt = Attempt { what, by, from: None, account: "", target, device, deed, blocked: None };
        self.note_attempt(now, &attempt);
    }
}

/// As it is printed on a machine.
fn text(mac: MacAddress) -> String {
    mac.map(|octet| format!("{octet:02x}")).join(":")
}
