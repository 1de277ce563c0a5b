//! The best way to pair two lists: each of the first with at most one of the second, at the least cost in all.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BinaryHeap};

/// Pairs each line with one of the others that it may go with, at the given cost, or with none at the cost `alone`. The sum is
/// the least there is; of two equal ways the same one is chosen every time.
///
/// Shortest augmenting paths with potentials (Jonker and Volgenant), over the pairs that are possible only.
pub(crate) fn assign(possible: &[Vec<(usize, u64)>], others: usize, alone: u64) -> Vec<Option<usize>> {
    let mut state = State {
        possible,
        others,
        alone,
        line_price: vec![0; possible.len()],
        other_price: vec![0; others + possible.len()],
        taken_by: vec![None; others + possible.len()],
        has: vec![None; possible.len()],
    };
    (0..possible.len()).for_each(|line| state.add(line));
    state.has.into_iter().map(|has| has.filter(|other| *other < others)).collect()
}

struct State<'a> {
    possible: &'a [Vec<(usize, u64)>],
    others: usize,
    alone: u64,
    line_price: Vec<i128>,
    /// Of the others, and behind them of each line's being alone.
    other_price: Vec<i128>,
    taken_by: Vec<Option<usize>>,
    /// What each line goes with; nothing before it is taken in.
    has: Vec<Option<usize>>,
}

impl State<'_> {
    /// What a line may go with, and being alone.
    fn choices(&self, line: usize) -> impl Iterator<Item = (usize, i128)> {
        let with = self.possible[line].iter().map(|(other, cost)| (*other, i128::from(*cost)));
        // Of two lines that are the same, the later one is the one too many.
        let alone = self.others + self.possible.len() - 1 - line;
        with.chain([(alone, i128::from(self.alone))])
    }

    /// Takes one more line in: along the cheapest path of lines that make room for each other.
    fn add(&mut self, first: usize) {
        let mut reached: BTreeMap<usize, (i128, usize)> = BTreeMap::new();
        let mut settled: BTreeMap<usize, i128> = BTreeMap::new();
        let mut heap = BinaryHeap::new();
        let (mut line, mut so_far) = (first, 0);
        let (end, length) = loop {
            for (other, cost) in self.choices(line) {
                let length = so_far + cost - self.line_price[line] - self.other_price[other];
                let shorter = reached.get(&other).is_none_or(|(known, _)| length < *known);
                if shorter && !settled.contains_key(&other) {
                    reached.insert(other, (length, line));
                    heap.push(Reverse((length, other)));
                }
            }
            let nearest = loop {
                let Some(Reverse((length, other))) = heap.pop() else { return };
                if !settled.contains_key(&other) {
                    break (length, other);
                }
            };
            let (length, other) = nearest;
            match self.taken_by[other] {
                None => break (other, length),
                Some(next) => {
                    settled.insert(other, length);
                    (line, so_far) = (next, length);
                }
            }
        };
        self.line_price[first] += length;
        for (other, reached_at) in &settled {
            self.other_price[*other] -= length - reached_at;
            if let Some(line) = self.taken_by[*other] {
                self.line_price[line] += length - reached_at;
            }
        }
        let mut free = Some(end);
        while let Some(other) = free {
            let Some((_, line)) = reached.get(&other).copied() else { return };
            self.taken_by[other] = Some(line);
            free = self.has[line].replace(other);
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const ALONE: u64 = 100;

    fn cost(possible: &[Vec<(usize, u64)>], pairs: &[Option<usize>]) -> u64 {
        let one = |(line, pair): (usize, &Option<usize>)| match pair {
            Some(other) => possible[line].iter().find(|(with, _)| with == other).unwrap().1,
            None => ALONE,
        };
        pairs.iter().enumerate().map(one).sum()
    }

    /// The least cost there is, by trying everything.
    fn least(possible: &[Vec<(usize, u64)>], taken: &mut Vec<usize>) -> u64 {
        let Some((first, rest)) = possible.split_first() else { return 0 };
        let mut best = ALONE + least(rest, taken);
        for (other, cost) in first {
            if !taken.contains(other) {
                taken.push(*other);
                best = best.min(cost + least(rest, taken));
                taken.pop();
            }
        }
        best
    }

    #[test]
    fn one_makes_room_for_another_when_both_gain() {
        let possible = [vec![(0, 10), (1, 12)], vec![(0, 11)], vec![(1, 99)]];
        assert_eq!(assign(&possible, 2, ALONE), [Some(1), Some(0), None]);
        assert_eq!(assign(&[vec![(0, 7)], vec![(0, 7)]], 1, ALONE), [Some(0), None], "the later of two is too many");
        assert_eq!(assign(&[], 3, ALONE), []);
        assert_eq!(assign(&[vec![]], 0, ALONE), [None]);
    }

    proptest! {
        #[test]
        fn there_is_no_cheaper_way_and_nobody_is_paired_twice(
            costs in prop::collection::vec(prop::collection::btree_map(0..5usize, 0..=ALONE, 0..5), 0..6),
        ) {
            let possible: Vec<Vec<(usize, u64)>> = costs.into_iter().map(|costs| costs.into_iter().collect()).collect();
            let pairs = assign(&possible, 5, ALONE);
            let mut taken: Vec<usize> = pairs.iter().flatten().copied().collect();
            let count = taken.len();
            taken.sort_unstable();
            taken.dedup();
            prop_assert_eq!(taken.len(), count);
            prop_assert_eq!(cost(&possible, &pairs), least(&possible, &mut Vec::new()));
        }
    }
}
