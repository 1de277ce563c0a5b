//! F14 (section 8): two devices behind one public address have the same Contact address and port. Strong: one that replaces
//! addresses and leaves the ports makes it so, and only the phone that registered last rings.

use std::collections::BTreeMap;
use std::net::SocketAddr;

/// Contacts that are remembered.
const REMEMBERED: usize = 1_024;

/// Which device registered which address.
#[derive(Debug, Clone, Default)]
pub struct Neighbours {
    devices: BTreeMap<SocketAddr, u64>,
}

impl Neighbours {
    /// Notes a registration. The other device that has the same address, if there is one. `device` names it for good (its
    /// MAC or its account).
    pub fn registered(&mut self, contact: SocketAddr, device: u64) -> Option<u64> {
        if self.devices.len() >= REMEMBERED && !self.devices.contains_key(&contact) {
            // Whoever floods this loses what it knew, never more memory.
            self.devices.clear();
        }
        self.devices.insert(contact, device).filter(|other| *other != device)
    }

    /// Forgets a registration that ended: another device may come to its address rightly.
    pub fn gone(&mut self, contact: SocketAddr) {
        self.devices.remove(&contact);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_devices_at_one_address_are_seen_and_one_that_comes_back_is_not() {
        let mut neighbours = Neighbours::default();
        let contact = "203.0.113.9:5060".parse().unwrap();
        assert_eq!(neighbours.registered(contact, 1), None);
        assert_eq!(neighbours.registered(contact, 1), None);
        assert_eq!(neighbours.registered(contact, 2), Some(1));
        neighbours.gone(contact);
        assert_eq!(neighbours.registered(contact, 3), None);
    }

    #[test]
    fn a_flood_of_registrations_does_not_grow_it() {
        let mut neighbours = Neighbours::default();
        for port in 1..=20_000u16 {
            neighbours.registered(([203, 0, 113, 9], port).into(), port.into());
        }
        assert!(neighbours.devices.len() <= REMEMBERED);
    }
}
