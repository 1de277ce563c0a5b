//! The one place that joins the monotonic clock to civil time.

use std::time::{Instant, SystemTime, UNIX_EPOCH};

use centrale_guard::Civil;
use jiff::Timestamp;
use jiff::tz::TimeZone;

/// Both clocks read at once. A monotonic time is turned into a civil one relative to it, so that a step of the civil clock
/// in between moves nothing.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Clocks {
    now: Instant,
    unix_ms: u64,
}

impl Clocks {
    pub(crate) fn read() -> Self {
        Self { now: Instant::now(), unix_ms: unix_ms() }
    }

    /// Milliseconds since 1970 UTC of a monotonic time.
    pub(crate) fn unix_ms_of(&self, then: Instant) -> u64 {
        let millis = |duration: std::time::Duration| u64::try_from(duration.as_millis()).unwrap_or(u64::MAX);
        match then.checked_duration_since(self.now) {
            Some(ahead) => self.unix_ms.saturating_add(millis(ahead)),
            None => self.unix_ms.saturating_sub(millis(self.now.saturating_duration_since(then))),
        }
    }
}

/// What the clock on the wall of an office says now. Where the machine does not know its time zone, it is UTC.
pub(crate) fn civil_now(zone: &str) -> Civil {
    civil_at(Timestamp::now(), zone)
}

fn civil_at(at: Timestamp, zone: &str) -> Civil {
    let zone = TimeZone::get(zone).unwrap_or(TimeZone::UTC);
    let offset = zone.to_offset(at).seconds();
    let seconds = at.as_second().saturating_add(offset.into());
    Civil::from_minutes(u64::try_from(seconds).unwrap_or_default() / 60)
}

/// Milliseconds since 1970 UTC.
pub(crate) fn unix_ms() -> u64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    u64::try_from(since.as_millis()).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn the_wall_clock_is_the_offices_in_summer_and_in_winter() {
        for (at, hour) in [("2026-07-01T10:00:00Z", 12), ("2026-12-01T10:00:00Z", 11)] {
            let civil = civil_at(at.parse().unwrap(), "Europe/Amsterdam");
            assert_eq!(civil.minute, hour * 60, "{at}");
        }
        assert_eq!(civil_at("1970-01-02T00:01:00Z".parse().unwrap(), "Mars/Base"), Civil { day: 1, minute: 1 });
    }

    #[test]
    fn a_call_of_ten_seconds_is_ten_seconds_long_on_paper() {
        let clocks = Clocks { now: Instant::now(), unix_ms: 1_000_000 };
        let answered = clocks.now - Duration::from_secs(10);
        assert_eq!(clocks.unix_ms_of(clocks.now) - clocks.unix_ms_of(answered), 10_000);
    }
}
