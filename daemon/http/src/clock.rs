//! Both clocks. The monotonic one is the runtime's, so that a test can hold it still.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use centrale_provisioning::Moment;
use rustls_pki_types::UnixTime;

/// Milliseconds since 1970 in UTC.
pub(crate) fn unix_ms() -> u64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    u64::try_from(since.as_millis()).unwrap_or(u64::MAX)
}

/// Now, by both clocks.
pub(crate) fn moment() -> Moment {
    Moment { now: tokio::time::Instant::now().into_std(), unix_seconds: unix_ms() / 1000 }
}

/// Now, for what is valid from one day to another.
pub(crate) fn certificates_time() -> UnixTime {
    UnixTime::since_unix_epoch(Duration::from_millis(unix_ms()))
}
