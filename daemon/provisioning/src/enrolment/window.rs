//! The pairing window: the minutes in which unknown phones are answered, and how many.

use std::collections::BTreeMap;
use std::net::IpAddr;
use std::time::{Duration, Instant};

use centrale_config::Mac;

use super::values::Refusal;

/// How long a window stays open when nothing else is said.
pub const DEFAULT_WINDOW_MINUTES: u16 = 15;
/// The longest a window stays open, in minutes.
pub const MAX_WINDOW_MINUTES: u16 = 60;
/// How many phones one window sets up.
const MAX_OFFERS: usize = 250;
/// How many different phones one address may claim to be in one window: a desk has one, a test bench a few.
const MAX_MACS_PER_ADDRESS: usize = 8;
/// A phone sends its packet once per boot and a boot takes most of a minute.
pub(super) const SAME_PHONE_AGAIN: Duration = Duration::from_secs(60);

/// An open window.
#[derive(Debug, Clone)]
pub(super) struct PairingWindow {
    pub(super) closes_at: Instant,
    offers: BTreeMap<(IpAddr, Mac), Instant>,
}

impl PairingWindow {
    pub(super) fn open(now: Instant, minutes: u16) -> Self {
        let minutes = minutes.clamp(1, MAX_WINDOW_MINUTES);
        Self { closes_at: now + Duration::from_secs(u64::from(minutes) * 60), offers: BTreeMap::new() }
    }

    /// Whether one more offer may go out to this phone at this address.
    pub(super) fn admit(&mut self, now: Instant, source: IpAddr, mac: Mac) -> Result<(), Refusal> {
        if let Some(last) = self.offers.get_mut(&(source, mac)) {
            if now.saturating_duration_since(*last) < SAME_PHONE_AGAIN {
                return Err(Refusal::TooSoon);
            }
            *last = now;
            return Ok(());
        }
        if self.offers.len() >= MAX_OFFERS {
            return Err(Refusal::WindowFull);
        }
        if self.offers.keys().filter(|(address, _)| *address == source).count() >= MAX_MACS_PER_ADDRESS {
            return Err(Refusal::TooManyFromAddress);
        }
        self.offers.insert((source, mac), now);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::net::Ipv4Addr;

    use super::*;

    fn address(last: u8) -> IpAddr {
        IpAddr::V4(Ipv4Addr::new(192, 168, 1, last))
    }

    fn mac(last: u8) -> Mac {
        Mac::from_octets([0x80, 0x5e, 0xc0, 0, 0, last])
    }

    #[test]
    fn the_same_phone_is_answered_once_a_minute() {
        let start = Instant::now();
        let mut window = PairingWindow::open(start, 15);
        assert_eq!(window.admit(start, address(1), mac(1)), Ok(()));
        assert_eq!(window.admit(start + Duration::from_secs(59), address(1), mac(1)), Err(Refusal::TooSoon));
        assert_eq!(window.admit(start + Duration::from_secs(60), address(1), mac(1)), Ok(()));
    }

    #[test]
    fn one_address_cannot_use_up_the_window() {
        let start = Instant::now();
        let mut window = PairingWindow::open(start, 15);
        let answered = (0..100).filter(|last| window.admit(start, address(1), mac(*last)).is_ok()).count();
        assert_eq!(answered, MAX_MACS_PER_ADDRESS);
        assert_eq!(window.admit(start, address(2), mac(200)), Ok(()), "a phone elsewhere is still answered");
    }

    #[test]
    fn a_window_sets_up_no_more_phones_than_its_cap_and_lasts_an_hour_at_most() {
        let start = Instant::now();
        let mut window = PairingWindow::open(start, 10_000);
        assert_eq!(window.closes_at - start, Duration::from_secs(3600));
        for number in 0..=255u8 {
            let admitted = window.admit(start, address(number), mac(number));
            let expected = if usize::from(number) < MAX_OFFERS { Ok(()) } else { Err(Refusal::WindowFull) };
            assert_eq!(admitted, expected, "{number}");
        }
    }
}
