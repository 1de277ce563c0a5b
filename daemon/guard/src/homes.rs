//! In which network each phone is at home: equipment that is carried elsewhere is told. A phone that stays elsewhere for a
//! fortnight is at home there, as one that somebody moved and nobody says anything of.

use std::collections::BTreeMap;
use std::net::{IpAddr, Ipv4Addr};

use centrale_config::Network;

use crate::Kept;

/// From which day elsewhere on a phone is at home there.
const SETTLED: u32 = 15;
/// What the lines that are kept of it begin with.
const KEPT: &str = "home/";

/// A network of IPv4 in one number, as it is kept; there is none for IPv6.
fn packed(network: Network) -> Option<u64> {
    match network.first() {
        IpAddr::V4(first) => Some(u64::from(first.to_bits()) << 8 | u64::from(network.prefix())),
        IpAddr::V6(_) => None,
    }
}

fn unpacked(amount: u64) -> Option<Network> {
    let prefix = u8::try_from(amount & 0xff).ok().filter(|prefix| *prefix <= 32)?;
    Some(Network::around(Ipv4Addr::from_bits(u32::try_from(amount >> 8).ok()?).into(), prefix))
}

/// Where a phone is at home, and when it was last there, in days since 1970.
#[derive(Debug, Clone, Copy)]
struct Home {
    network: Network,
    last: u32,
}

/// Where each phone is at home, by its MAC address as it is written.
#[derive(Debug, Default)]
pub struct Homes(BTreeMap<String, Home>);

impl Homes {
    /// A phone is in that network of IPv4 today. `is_ours` says which networks the box itself is in: where the phone's old one is none of them
    /// any more and the new one is, the office has other addresses, and nobody moved. What is to be kept of it, when that is new.
    pub fn note(
        &mut self,
        today: u32,
        phone: &str,
        network: Network,
        is_ours: impl Fn(Network) -> bool,
    ) -> Option<Kept> {
        let amount = packed(network)?;
        let home = self.0.entry(phone.to_owned()).or_insert(Home { network, last: 0 });
        let is_renumbered = !is_ours(home.network) && is_ours(network);
        let is_settled = today.saturating_sub(home.last) >= SETTLED;
        if home.network != network && !is_renumbered && !is_settled {
            return None;
        }
        if home.network == network && home.last >= today {
            return None;
        }
        *home = Home { network, last: today };
        Some(Kept { name: format!("{KEPT}{phone}"), window: today.into(), amount })
    }

    /// Where a phone is at home.
    pub fn of(&self, phone: &str) -> Option<Network> {
        self.0.get(phone).map(|home| home.network)
    }

    /// Forgets phones that are the office's no more. What is to be kept in place of each.
    pub fn keep(&mut self, is_there: impl Fn(&str) -> bool) -> Vec<Kept> {
        let gone: Vec<String> = self.0.keys().filter(|phone| !is_there(phone)).cloned().collect();
        self.0.retain(|phone, _| is_there(phone));
        gone.iter().map(|phone| Kept { name: format!("{KEPT}{phone}"), window: 0, amount: 0 }).collect()
    }

    /// Puts back what was kept.
    pub fn restore(&mut self, kept: &[Kept]) {
        for line in kept {
            let Some(phone) = line.name.strip_prefix(KEPT) else { continue };
            let last = u32::try_from(line.window).unwrap_or_default();
            if let Some(network) = unpacked(line.amount).filter(|_| last > 0) {
                self.0.insert(phone.to_owned(), Home { network, last });
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PHONE: &str = "805ec0000015";

    fn network(text: &str) -> Network {
        Network::around(text.parse().unwrap(), 24)
    }

    #[test]
    fn a_phone_elsewhere_is_not_at_home_also_after_a_restart_and_is_after_a_fortnight() {
        let (office, shed) = (network("192.168.1.21"), network("10.9.8.7"));
        let is_ours = |network| network == office;
        let mut homes = Homes::default();
        let kept = homes.note(20_000, PHONE, office, is_ours).unwrap();
        assert_eq!(homes.note(20_000, PHONE, network("192.168.1.99"), is_ours), None, "another address there");
        let mut homes = Homes::default();
        homes.restore(&[kept]);
        for day in 20_000..20_015 {
            assert_eq!((homes.note(day, PHONE, shed, is_ours), homes.of(PHONE)), (None, Some(office)), "{day}");
        }
        assert!(homes.note(20_015, PHONE, shed, is_ours).is_some());
        assert_eq!(homes.of(PHONE).map(|it| it.to_string()).as_deref(), Some("10.9.8.0/24"));
    }

    #[test]
    fn an_office_that_has_other_addresses_has_moved_no_phone_and_a_phone_taken_out_is_forgotten() {
        let (before, after) = (network("192.168.1.21"), network("192.168.178.30"));
        let mut homes = Homes::default();
        homes.note(20_000, PHONE, before, |network| network == before);
        assert!(homes.note(20_000, PHONE, after, |network| network == after).is_some());
        assert_eq!(homes.of(PHONE), Some(after));
        let gone = homes.keep(|_| false);
        assert_eq!((homes.of(PHONE), gone[0].window), (None, 0));
        homes.restore(&gone);
        assert_eq!(homes.of(PHONE), None);
    }
}
