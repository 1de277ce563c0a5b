//! Hosts that look for weak places of the box because the office wants it, and until when.

use centrale_numbering::Date;

use crate::Network;

/// For how many days a scanner is expected at the most: the last ones up to its end.
pub const EXPECTED_FOR: u32 = 30;

/// Addresses from which the office has its box looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Scanner {
    /// Which: one address, or a small network.
    pub network: Network,
    /// Its last day.
    pub until: Date,
}

impl Scanner {
    /// Whether it is expected on a day, counted from 1970.
    pub const fn is_expected(&self, today: u32) -> bool {
        let until = self.until.days();
        today <= until && until - today < EXPECTED_FOR
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_scanner_is_expected_in_its_last_thirty_days_and_on_no_other() {
        let (network, until) = ("192.168.1.66".parse().unwrap(), Date::from_days(1_000));
        let scanner = Scanner { network, until };
        let expected: Vec<u32> = (0..2_000).filter(|day| scanner.is_expected(*day)).collect();
        assert_eq!(expected, (971..=1_000).collect::<Vec<u32>>());
    }
}
