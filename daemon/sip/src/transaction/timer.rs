//! The timers of RFC 3261 (table 4) and RFC 6026, and the few of our own, as data.

use std::time::Duration;

/// The three numbers every timer is made from (RFC 3261 17.1.1.1 and 17.1.2.2).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TimerValues {
    /// Round-trip estimate.
    pub t1: Duration,
    /// Longest interval between retransmissions.
    pub t2: Duration,
    /// Longest time a message stays in the network.
    pub t4: Duration,
}

impl Default for TimerValues {
    fn default() -> Self {
        Self { t1: Duration::from_millis(500), t2: Duration::from_secs(4), t4: Duration::from_secs(5) }
    }
}

/// One timer of a transaction.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Timer {
    /// When to send an INVITE again over UDP: T1, doubling.
    A,
    /// When to give up on an INVITE that nobody answers: 64*T1.
    B,
    /// When to forget an INVITE that was refused: 64*T1, so that every repeated refusal is acknowledged; 0 over a stream.
    D,
    /// When to send another request again over UDP: T1, doubling up to T2.
    E,
    /// When to give up on another request that nobody answers: 64*T1.
    F,
    /// When to send the refusal of an INVITE again over UDP: T1, doubling up to T2.
    G,
    /// When to give up waiting for the ACK of a refusal: 64*T1.
    H,
    /// When to forget an acknowledged refusal: T4, so that late ACKs are absorbed; 0 over a stream.
    I,
    /// When to forget an answered request: 64*T1, so that every retransmission is answered from memory; 0 over a stream.
    J,
    /// When to forget an answered request of ours: T4, so that late responses are absorbed; 0 over a stream.
    K,
    /// When to forget an accepted INVITE of a peer's, and whether its ACK ever came: 64*T1 (RFC 6026 8.7).
    L,
    /// When to forget an accepted INVITE of ours: 64*T1, the time in which other forks may accept it too (RFC 6026 8.4).
    M,
    /// When to say 100 Trying: at once, but after the layers above had their turn, so that a refusal goes alone (RFC 3261
    /// 17.2.1 allows up to 200 ms; phones show "calling" the sooner the better).
    Trying,
    /// When to send a 2xx to INVITE again, over any transport: T1, doubling up to T2 (RFC 3261 13.3.1.4).
    Success,
    /// When to give up on a cancelled INVITE: 64*T1 after the CANCEL (RFC 3261 9.1).
    Cancelled,
    /// When to send by UDP what was too large for it, because TCP brought no answer: 4*T1. A refused connection is noticed at
    /// once; this is for networks that swallow it.
    FallBack,
    /// When to forget a request that the layers above do not answer: 64*T1, when its sender has given up (its Timer F).
    Unanswered,
}

impl Timer {
    /// From being set to going off for the first time.
    pub const fn duration(self, values: &TimerValues, reliable: bool) -> Duration {
        let long = values.t1.saturating_mul(64);
        match self {
            Self::A | Self::E | Self::G | Self::Success => values.t1,
            Self::B | Self::F | Self::H | Self::L | Self::M | Self::Cancelled | Self::Unanswered => long,
            Self::D | Self::J if !reliable => long,
            Self::I | Self::K if !reliable => values.t4,
            Self::D | Self::I | Self::J | Self::K | Self::Trying => Duration::ZERO,
            Self::FallBack => values.t1.saturating_mul(4),
        }
    }

    /// The interval after one of that length.
    pub fn next_interval(self, last: Duration, values: &TimerValues) -> Duration {
        let doubled = last.saturating_mul(2);
        if self == Self::A { doubled } else { doubled.min(values.t2) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn table_4_of_rfc_3261_and_the_timers_of_rfc_6026() {
        let values = TimerValues::default();
        let table = [
            (Timer::A, 500, 500),
            (Timer::B, 32_000, 32_000),
            (Timer::D, 32_000, 0),
            (Timer::E, 500, 500),
            (Timer::F, 32_000, 32_000),
            (Timer::G, 500, 500),
            (Timer::H, 32_000, 32_000),
            (Timer::I, 5_000, 0),
            (Timer::J, 32_000, 0),
            (Timer::K, 5_000, 0),
            (Timer::L, 32_000, 32_000),
            (Timer::M, 32_000, 32_000),
            (Timer::Cancelled, 32_000, 32_000),
        ];
        for (timer, over_udp, over_stream) in table {
            assert_eq!(timer.duration(&values, false).as_millis(), over_udp, "{timer:?} over UDP");
            assert_eq!(timer.duration(&values, true).as_millis(), over_stream, "{timer:?} over a stream");
        }
    }

    #[test]
    fn only_the_invite_doubles_without_end() {
        let values = TimerValues::default();
        let intervals = |timer: Timer| {
            let first = timer.duration(&values, false);
            let all = std::iter::successors(Some(first), |last| Some(timer.next_interval(*last, &values)));
            all.take(6).map(|interval| interval.as_millis()).collect::<Vec<_>>()
        };
        assert_eq!(intervals(Timer::A), [500, 1000, 2000, 4000, 8000, 16_000]);
        for timer in [Timer::E, Timer::G, Timer::Success] {
            assert_eq!(intervals(timer), [500, 1000, 2000, 4000, 4000, 4000]);
        }
    }
}
