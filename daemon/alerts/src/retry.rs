//! When a mail that did not leave is tried again, and why it did not.

/// Why a mail did not leave.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Fault {
    /// There is no server of that name.
    HostUnknown,
    /// The server does not answer.
    Unreachable,
    /// It cannot encrypt as it was told.
    NotEncrypted,
    /// Its certificate is not that of its name.
    Certificate,
    /// It refuses user name or password.
    LoginRefused,
    /// It does not take mail from this sender, or for this address.
    AddressRefused,
    /// It does not take the mail now.
    Refused,
}

impl Fault {
    /// All of them.
    pub const ALL: [Self; 7] = [
        Self::HostUnknown,
        Self::Unreachable,
        Self::NotEncrypted,
        Self::Certificate,
        Self::LoginRefused,
        Self::AddressRefused,
        Self::Refused,
    ];

    /// Stable word.
    pub const fn word(self) -> &'static str {
        match self {
            Self::HostUnknown => "host-unknown",
            Self::Unreachable => "unreachable",
            Self::NotEncrypted => "not-encrypted",
            Self::Certificate => "certificate",
            Self::LoginRefused => "login-refused",
            Self::AddressRefused => "address-refused",
            Self::Refused => "refused",
        }
    }
}

const MINUTE_MS: u64 = 60_000;
/// Minutes until the next try, after the first, the second and so on; the last goes on.
const WAITS: [u64; 6] = [1, 2, 5, 15, 30, 60];
/// For so long a mail is tried, in milliseconds.
const LONGEST_MS: u64 = 24 * 60 * MINUTE_MS;

/// When a mail is tried again that was written at `made` and did not leave for the `tries`-th time at `now`; `None` when it was
/// tried for a day. Times are milliseconds since 1970 UTC. A wrong password may be mended as well as a broken line.
pub fn next_try(made: u64, now: u64, tries: u32) -> Option<u64> {
    let place = usize::try_from(tries).unwrap_or(usize::MAX).saturating_sub(1).min(WAITS.len() - 1);
    let next = now.saturating_add(WAITS[place] * MINUTE_MS);
    (next.saturating_sub(made) <= LONGEST_MS).then_some(next)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mail_that_does_not_leave_is_tried_ever_more_seldom_for_a_day_and_then_given_up() {
        let (mut now, mut tries) = (5_000, 1);
        let mut waits = Vec::new();
        while let Some(next) = next_try(5_000, now, tries) {
            waits.push((next - now) / MINUTE_MS);
            (now, tries) = (next, tries + 1);
        }
        assert_eq!(waits[..7], [1, 2, 5, 15, 30, 60, 60]);
        assert!(waits.iter().sum::<u64>() <= 24 * 60 && waits.len() == 28, "{waits:?}");
        assert_eq!(next_try(0, 0, u32::MAX), Some(60 * MINUTE_MS));
    }

    #[test]
    fn a_clock_that_goes_back_ends_no_mail() {
        assert_eq!(next_try(1_000_000_000, 5, 1), Some(60_005));
    }
}
