//! Phones that are in another network than the one in which they were taken into use.

use std::net::IpAddr;
use std::time::Instant;

use centrale_config::Network;
use centrale_guard::Civil;
use centrale_sip::registrar::AddressOfRecord;

use crate::directory::Login;
use crate::exchange::Exchange;
use crate::view::{ProblemView, Severity};

/// A phone is in another network than before. About its MAC address; the detail is the network that it is in.
pub(crate) const PHONE_MOVED: &str = "lan-phone-moved";

/// The network of an office by its width, where the box is not in it itself.
const OFFICE_PREFIX: u8 = 24;

impl Exchange {
    /// A person's registrations changed: where the phones are that the box set up.
    pub(crate) fn check_moved(&mut self, now: Instant, person: &str) {
        let civil = self.costs.civil(now);
        let today = self.costs.ledger.today(now, civil);
        if !Civil::is_known(today) {
            return;
        }
        let bindings = self.registrar.lookup(now, &AddressOfRecord::new(person));
        let places = bindings.iter().filter(|binding| !binding.apart).filter_map(|binding| {
            let phone = self.directory.login(&binding.username).and_then(Login::device)?;
            // Who is on the internet is told as elsewhere than the office.
            let ip = binding.flow.remote.ip().to_canonical();
            let is_office = ip.is_ipv4() && self.interfaces.is_office(ip);
            is_office.then(|| (phone.to_string(), self.network_of(ip)))
        });
        let places: Vec<_> = places.collect();
        for (phone, network) in places {
            let interfaces = &self.interfaces;
            let kept = self.homes.note(today, &phone, network, |network| interfaces.has_network(network));
            self.outputs.extend(kept.map(|kept| crate::io::Output::Spent(vec![kept])));
            if self.homes.of(&phone) == Some(network) {
                self.live.solve(PHONE_MOVED, &phone);
                continue;
            }
            let (code, detail) = (PHONE_MOVED.to_owned(), network.to_string());
            self.live.raise(ProblemView { code, subject: phone, severity: Severity::Note, detail });
        }
    }

    /// The network that an address of the office is in: one of the box's own, or as wide as an office is.
    fn network_of(&self, ip: IpAddr) -> Network {
        self.interfaces.network_of(ip).unwrap_or_else(|| Network::around(ip, OFFICE_PREFIX))
    }
}
