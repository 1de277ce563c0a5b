//! How many calls there may be at once: what the provider's contract says, and what the line carries.
//!
//! The legs are counted by who has them: held and forwarded ones take a channel like any other. Who asks for help is not
//! asked about here.

use centrale_config::Channels;

use crate::reject::Reject;

/// What one call takes each way: G.711 in packets of 20 ms with its headers, rounded up.
pub const KBIT_PER_CALL: u32 = 100;

/// Whether one more call may go over an account that carries `account` of them already, `number` with the number that is shown.
///
/// # Errors
/// The contract allows no more.
pub fn admit_on_account(channels: Channels, account: usize, number: usize) -> Result<(), Reject> {
    if account >= usize::from(channels.account) {
        return Err(Reject::ACCOUNT_FULL);
    }
    if channels.number.is_some_and(|most| number >= usize::from(most)) {
        return Err(Reject::NUMBER_FULL);
    }
    Ok(())
}

/// Whether one more call fits on the office's line to the internet beside `calls` others. A line that nobody measured is not
/// counted against.
///
/// # Errors
/// It carries no more.
pub fn admit_on_line(line_kbit: Option<u32>, calls: usize) -> Result<(), Reject> {
    let Some(line_kbit) = line_kbit else { return Ok(()) };
    let most = usize::try_from(line_kbit / KBIT_PER_CALL).unwrap_or(usize::MAX);
    if calls < most { Ok(()) } else { Err(Reject::LINE_FULL) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_067_an_account_carries_two_calls_and_a_third_is_busy() {
        let two = Channels::default();
        assert_eq!(admit_on_account(two, 1, 1), Ok(()));
        assert_eq!(admit_on_account(two, 2, 0), Err(Reject::ACCOUNT_FULL));
        let more = Channels { account: 10, number: Some(2) };
        assert_eq!(admit_on_account(more, 2, 2), Err(Reject::NUMBER_FULL));
        assert_eq!(admit_on_account(more, 9, 1), Ok(()));
    }

    #[test]
    fn a_063_a_line_of_one_megabit_carries_ten_calls() {
        let admitted = (0..20).filter(|calls| admit_on_line(Some(1_000), *calls).is_ok()).count();
        assert_eq!(admitted, 10);
        assert_eq!(admit_on_line(Some(1_000), 10).unwrap_err().status, 503);
        assert_eq!(admit_on_line(None, 1_000), Ok(()));
    }
}
