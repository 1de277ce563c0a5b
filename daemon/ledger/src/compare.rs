//! A bill held against our own calls.
//!
//! Two calls are one when the number is the same and they began within [`TOLERANCE_MS`] of each other. Where several lie that
//! close together, all are paired at once so that the differences in time and length are the least in all.

use std::collections::BTreeMap;

use centrale_numbering::Money;

use crate::assign::assign;
use crate::bill::BilledCall;

/// How far apart two clocks may be that saw one call begin. A provider that writes no seconds is up to a minute early.
pub const TOLERANCE_MS: u64 = 90_000;

/// How much longer or shorter than ours a call on the bill may be without being listed.
const LENGTH_TOLERANCE_MS: u64 = 3_000;

/// From this difference on a price is listed: below a cent it is rounding.
const PRICE_TOLERANCE: u64 = 100;

/// What a difference in length adds at most when calls lie close together: less than one in time.
const MOST_LENGTH_COST: u64 = 15_000;

/// What it costs to leave a line of the bill alone: a little more than any pair. So a pair is always better than none, but
/// no row of pairs that are each a minute off is better than a row that fits and one call left over.
const ALONE: u64 = TOLERANCE_MS + MOST_LENGTH_COST + 1;

/// Longer before its time on the bill no call of ours is looked for, however long it rang.
const LONGEST_RING_MS: u64 = 3_600_000;

/// The nearest calls of ours that a line is tried with.
const MOST_CHOICES: usize = 64;

/// A call of ours that a provider may bill: an answered leg that we placed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OwnCall {
    /// The id of the call.
    pub id: String,
    /// The number that was called, as the number plan writes it.
    pub number: String,
    /// When it began, in milliseconds since 1970 UTC.
    pub started: u64,
    /// When it was answered. A provider's clock may begin anywhere from `started` to here.
    pub answered: u64,
    /// When it ended.
    pub ended: u64,
    /// What it costs, when we know.
    pub price: Option<Money>,
}

impl OwnCall {
    /// From the answer to the end, in whole seconds.
    pub const fn seconds(&self) -> u64 {
        self.talked_ms().div_ceil(1000)
    }

    const fn talked_ms(&self) -> u64 {
        self.ended.saturating_sub(self.answered)
    }
}

/// What came of it. Each index is one into the lists that were compared.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Comparison {
    /// How many calls are the same on both sides.
    pub matched: usize,
    /// Lines of the bill that we know nothing of.
    pub only_billed: Vec<usize>,
    /// Calls of ours that are not on the bill although they began between its first line and its last.
    pub only_own: Vec<usize>,
    /// Calls that both know, with another length or price.
    pub different: Vec<Different>,
}

/// A call that both know and do not agree on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Different {
    /// On the bill.
    pub billed: usize,
    /// Ours.
    pub own: usize,
    /// Whether the length differs.
    pub length: bool,
    /// Whether the price differs.
    pub price: bool,
}

/// Compares a bill with our own calls. The same two lists give the same result, in whatever order they come.
pub fn compare(bill: &[BilledCall], own: &[OwnCall]) -> Comparison {
    let mut lines: Vec<usize> = (0..bill.len()).collect();
    lines.sort_by_key(|at| (&bill[*at].number, bill[*at].started, bill[*at].seconds, bill[*at].line));
    let mut ours: Vec<usize> = (0..own.len()).collect();
    ours.sort_by_key(|at| (&own[*at].number, own[*at].started, own[*at].ended, &own[*at].id));
    let mut by_number: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
    for (at, own_at) in ours.iter().enumerate() {
        by_number.entry(&own[*own_at].number).or_default().push(at);
    }
    let choices = |line: &usize| {
        let billed = &bill[*line];
        let same = by_number.get(billed.number.as_str()).map(Vec::as_slice).unwrap_or_default();
        let moments = [Some(billed.started), billed.or_started].into_iter().flatten();
        let mut choices: Vec<(u64, usize)> = moments
            .flat_map(|moment| {
                let began = |at: &usize| own[ours[*at]].started;
                let from = same.partition_point(|at| began(at) + LONGEST_RING_MS < moment);
                let to = same.partition_point(|at| began(at) <= moment + TOLERANCE_MS);
                &same[from.min(to)..to]
            })
            .filter_map(|at| Some((cost(billed, &own[ours[*at]])?, *at)))
            .collect();
        choices.sort_unstable();
        choices.dedup();
        choices.into_iter().take(MOST_CHOICES).map(|(cost, at)| (at, cost)).collect::<Vec<_>>()
    };
    let possible: Vec<_> = lines.iter().map(choices).collect();
    let pairs = assign(&possible, own.len(), ALONE);
    let paired = lines.iter().zip(pairs).map(|(line, at)| (*line, at.map(|at| ours[at]))).collect::<Vec<_>>();
    told(bill, own, paired)
}

fn told(bill: &[BilledCall], own: &[OwnCall], mut paired: Vec<(usize, Option<usize>)>) -> Comparison {
    paired.sort_unstable();
    let mut comparison = Comparison::default();
    let mut known = vec![false; own.len()];
    for (line, at) in paired {
        let Some(at) = at else {
            comparison.only_billed.push(line);
            continue;
        };
        known[at] = true;
        let (length, price) = (!agree_on_length(&bill[line], &own[at]), !agree_on_price(&bill[line], &own[at]));
        if length || price {
            comparison.different.push(Different { billed: line, own: at, length, price });
        } else {
            comparison.matched += 1;
        }
    }
    let Some((first, last)) = period(bill) else { return comparison };
    let is_missed = |at: &usize| !known[*at] && (first..=last).contains(&own[*at].started);
    comparison.only_own = (0..own.len()).filter(is_missed).collect();
    comparison.only_own.sort_by_key(|at| (own[*at].started, *at));
    comparison
}

/// From when to when a bill has calls, in milliseconds since 1970 UTC. `None` when it has none.
pub fn period(bill: &[BilledCall]) -> Option<(u64, u64)> {
    let first = bill.iter().map(|call| call.started).min()?;
    let last = bill.iter().map(|call| call.or_started.unwrap_or(call.started)).max()?;
    Some((first, last))
}

/// How ill two calls to the same number fit; `None` when they are not one.
fn cost(billed: &BilledCall, own: &OwnCall) -> Option<u64> {
    let away = |moment: u64| own.started.saturating_sub(moment) + moment.saturating_sub(own.answered);
    let away = [Some(billed.started), billed.or_started].into_iter().flatten().map(away).min()?;
    let length = (billed.seconds * 1000).abs_diff(own.talked_ms()) / 4;
    (away <= TOLERANCE_MS).then(|| away + length.min(MOST_LENGTH_COST))
}

/// Within a few seconds, or ours up to the started minute, as a bill by the minute has it.
fn agree_on_length(billed: &BilledCall, own: &OwnCall) -> bool {
    let started_minutes = own.talked_ms().div_ceil(60_000) * 60;
    (billed.seconds * 1000).abs_diff(own.talked_ms()) <= LENGTH_TOLERANCE_MS || billed.seconds == started_minutes
}

fn agree_on_price(billed: &BilledCall, own: &OwnCall) -> bool {
    let (Some(billed), Some(own)) = (billed.price, own.price) else { return true };
    billed.ten_thousandths().abs_diff(own.ten_thousandths()) < PRICE_TOLERANCE
}

#[cfg(test)]
mod tests {
    use super::*;

    const T: u64 = 1_800_000_000_000;

    fn billed(number: &str, at_s: u64, seconds: u64) -> BilledCall {
        let started = T + at_s * 1000;
        BilledCall { line: 0, number: number.into(), started, or_started: None, seconds, price: None }
    }

    /// It rang for five seconds.
    fn own(number: &str, at_s: u64, seconds: u64) -> OwnCall {
        let started = T + at_s * 1000;
        let answered = started + 5000;
        OwnCall {
            id: format!("{number}@{at_s}"),
            number: number.into(),
            started,
            answered,
            ended: answered + seconds * 1000,
            price: None,
        }
    }

    #[test]
    fn a_060_three_calls_too_many_on_the_bill_are_three_differences() {
        let ours: Vec<OwnCall> = (0..40)
            .map(|at| own(if at % 3 == 0 { "+31612345678" } else { "+31201234567" }, at * 600, 60 + at))
            .collect();
        let mut bill: Vec<BilledCall> =
            ours.iter().map(|call| billed(&call.number, (call.started - T) / 1000 + 2, call.seconds())).collect();
        assert_eq!(compare(&bill, &ours), Comparison { matched: 40, ..Comparison::default() });
        bill.insert(7, billed("+31612345678", 3000, 600));
        bill.insert(20, billed("+31906123456", 7000, 60));
        bill.push(billed("+31201234567", 39 * 600 + 500, 1));
        let compared = compare(&bill, &ours);
        assert_eq!((compared.matched, compared.only_billed.as_slice()), (40, &[7, 20, 42][..]));
        assert_eq!((compared.only_own.len(), compared.different.len()), (0, 0));
    }

    #[test]
    fn a_111_what_the_bill_leaves_out_or_has_otherwise_is_listed_too() {
        let priced = |call: OwnCall, price| OwnCall { price: Some(Money::from_ten_thousandths(price)), ..call };
        let ours = [
            own("+311", 0, 60),
            priced(own("+312", 100, 60), 1000),
            own("+313", 200, 61),
            own("+314", 300, 60),
            own("+315", 9000, 60),
        ];
        let dear = BilledCall { price: Some(Money::from_ten_thousandths(1100)), ..billed("+312", 100, 60) };
        let bill = [billed("+311", 0, 75), dear, billed("+313", 200, 120), billed("+319", 400, 5)];
        let compared = compare(&bill, &ours);
        assert_eq!(compared.matched, 1, "by the started minute");
        assert_eq!(compared.only_billed, [3]);
        assert_eq!(compared.only_own, [3], "what began after the last line is not on this bill");
        let different = |billed, own, length, price| Different { billed, own, length, price };
        assert_eq!(compared.different, [different(0, 0, true, false), different(1, 1, false, true)]);
    }

    #[test]
    fn calls_that_lie_close_together_are_paired_the_best_way_whatever_their_order() {
        // Two colleagues call the same customer at once, one long and one short.
        let ours = [own("+311", 0, 600), own("+311", 1, 30), own("+311", 70, 60)];
        let bill = [billed("+311", 0, 30), billed("+311", 1, 600), billed("+311", 62, 60)];
        let expected = compare(&bill, &ours);
        assert_eq!((expected.matched, expected.different.len()), (3, 0));
        let turned: Vec<BilledCall> = bill.iter().rev().cloned().collect();
        let own_turned: Vec<OwnCall> = ours.iter().rev().cloned().collect();
        assert_eq!(compare(&turned, &own_turned).matched, 3);
    }

    #[test]
    fn a_row_of_calls_a_minute_apart_is_not_moved_by_one() {
        let ours: Vec<OwnCall> = (0..5).map(|at| own("+311", at * 60, 20)).collect();
        let bill: Vec<BilledCall> = (1..6).map(|at| billed("+311", at * 60, 20)).collect();
        let compared = compare(&bill, &ours);
        assert_eq!((compared.matched, compared.only_billed.as_slice()), (4, &[4][..]), "{compared:?}");
    }

    #[test]
    fn a_041_a_line_in_the_hour_that_comes_twice_is_found_in_either() {
        let hour = 3600;
        let line = BilledCall { or_started: Some(T + hour * 1000), ..billed("+311", 0, 60) };
        for at in [0, hour] {
            assert_eq!(compare(std::slice::from_ref(&line), &[own("+311", at, 60)]).matched, 1);
        }
    }

    #[test]
    fn a_minute_and_a_half_is_the_limit_and_the_time_it_rang_is_within_it() {
        let rang_long = OwnCall { answered: T + 60_000, ended: T + 120_000, ..own("+311", 0, 0) };
        for (at, matched) in [(0, 1), (60, 1), (150, 1), (151, 0)] {
            assert_eq!(compare(&[billed("+311", at, 60)], std::slice::from_ref(&rang_long)).matched, matched, "{at}");
        }
        assert_eq!(compare(&[billed("+312", 0, 60)], &[rang_long]).matched, 0, "another number");
    }

    #[test]
    fn a_whole_quarter_to_one_number_is_compared_in_the_blink_of_an_eye() {
        let ours: Vec<OwnCall> = (0..5000).map(|at| own("+311", at * 20, 15)).collect();
        let bill: Vec<BilledCall> = (0..5000).map(|at| billed("+311", at * 20 + 3, 15)).collect();
        assert_eq!(compare(&bill, &ours).matched, 5000);
    }
}
