//! Many patterns over digits as one automaton (Glushkov's construction), so that every number there can be is looked at
//! once for each way in which the patterns tell numbers apart.

use std::collections::{BTreeMap, BTreeSet};

/// Which digits may stand in one place, a bit for each.
type Digits = u16;

const ANY: Digits = 0x3ff;

/// The places that the next digit may take, and that the last one took.
#[derive(Debug, Clone, Default)]
struct Part {
    may_be_empty: bool,
    first: BTreeSet<usize>,
    last: BTreeSet<usize>,
}

/// The automaton. A state is the set of places that the last digit took; 0 is the place before the first digit.
#[derive(Debug, Default)]
pub(super) struct Automaton {
    digits: Vec<Digits>,
    follows: Vec<BTreeSet<usize>>,
    /// The last places of each pattern.
    ends: Vec<BTreeSet<usize>>,
}

/// A number that stands for all that the patterns do not tell from it.
#[derive(Debug)]
pub(super) struct Sample {
    pub(super) number: String,
    /// Of the patterns, in the order in which they were added: which of them fit.
    pub(super) fits: Vec<bool>,
}

impl Automaton {
    pub(super) fn new() -> Self {
        Self { digits: vec![0], follows: vec![BTreeSet::new()], ends: Vec::new() }
    }

    /// Adds a pattern: digits, `\d` or `x`, sets, groups with choices, `?`, `{n}`, `{n,m}`, and `…` for any digits at
    /// the end.
    pub(super) fn add(&mut self, pattern: &str) {
        let characters: Vec<char> = pattern.chars().collect();
        let (part, rest) = self.choice(&characters);
        assert!(rest.is_empty(), "{pattern}: {rest:?} is left over");
        self.follows[0].extend(part.first);
        self.ends.push(part.last);
    }

    /// One number for each state that can be reached, the shortest.
    pub(super) fn samples(&self) -> Vec<Sample> {
        let mut seen = BTreeMap::from([(BTreeSet::from([0]), String::new())]);
        let mut open: Vec<_> = seen.clone().into_iter().collect();
        while !open.is_empty() {
            let mut next = Vec::new();
            for (state, number) in open {
                for digit in 0..10 {
                    let after = self.after(&state, digit);
                    let longer = format!("{number}{digit}");
                    if !after.is_empty() && !seen.contains_key(&after) {
                        seen.insert(after.clone(), longer.clone());
                        next.push((after, longer));
                    }
                }
            }
            open = next;
        }
        let fits = |state: &BTreeSet<usize>| self.ends.iter().map(|ends| !ends.is_disjoint(state)).collect();
        seen.into_iter().map(|(state, number)| Sample { fits: fits(&state), number }).collect()
    }

    fn after(&self, state: &BTreeSet<usize>, digit: u8) -> BTreeSet<usize> {
        let takes = |place: &usize| self.digits[*place] & 1 << digit != 0;
        state.iter().flat_map(|place| &self.follows[*place]).copied().filter(takes).collect()
    }

    fn choice<'a>(&mut self, mut rest: &'a [char]) -> (Part, &'a [char]) {
        let (mut whole, after) = self.row(rest);
        rest = after;
        while let ['|', after @ ..] = rest {
            let (part, after) = self.row(after);
            whole.may_be_empty |= part.may_be_empty;
            whole.first.extend(part.first);
            whole.last.extend(part.last);
            rest = after;
        }
        (whole, rest)
    }

    fn row<'a>(&mut self, mut rest: &'a [char]) -> (Part, &'a [char]) {
        let mut row = Part { may_be_empty: true, ..Part::default() };
        while !matches!(rest, [] | ['|' | ')', ..]) {
            let (part, after) = self.repeated(rest);
            row = self.joined(row, part);
            rest = after;
        }
        (row, rest)
    }

    /// One atom with what says how often it stands there. It is read as often as it may stand there.
    fn repeated<'a>(&mut self, start: &'a [char]) -> (Part, &'a [char]) {
        let (mut once, rest) = self.atom(start);
        let (least, most, rest) = match rest {
            ['?', rest @ ..] => (0, 1, rest),
            ['{', rest @ ..] => {
                let end = rest.iter().position(|sign| *sign == '}').expect("a closing brace");
                let counts: String = rest[..end].iter().collect();
                let (least, most) = counts.split_once(',').unwrap_or((&counts, &counts));
                (least.parse().expect("a count"), most.parse().expect("a count"), &rest[end + 1..])
            }
            _ => return (once, rest),
        };
        once.may_be_empty |= least == 0;
        let mut whole = once;
        for time in 1..most {
            let (mut again, _) = self.atom(start);
            again.may_be_empty |= time >= least;
            whole = self.joined(whole, again);
        }
        (whole, rest)
    }

    fn atom<'a>(&mut self, rest: &'a [char]) -> (Part, &'a [char]) {
        match rest {
            ['(', '?', ':', rest @ ..] | ['(', rest @ ..] => {
                let (part, rest) = self.choice(rest);
                (part, rest.strip_prefix(&[')']).expect("a closing bracket"))
            }
            ['[', rest @ ..] => {
                let end = rest.iter().position(|sign| *sign == ']').expect("a closing bracket");
                (self.place(set(&rest[..end])), &rest[end + 1..])
            }
            ['\\', 'd', rest @ ..] | ['x', rest @ ..] => (self.place(ANY), rest),
            ['…', rest @ ..] => {
                let part = self.place(ANY);
                for place in &part.first {
                    self.follows[*place].insert(*place);
                }
                (Part { may_be_empty: true, ..part }, rest)
            }
            [digit, rest @ ..] => (self.place(set(&[*digit])), rest),
            [] => panic!("a pattern ends where something must stand"),
        }
    }

    fn place(&mut self, digits: Digits) -> Part {
        let place = BTreeSet::from([self.digits.len()]);
        self.digits.push(digits);
        self.follows.push(BTreeSet::new());
        Part { may_be_empty: false, first: place.clone(), last: place }
    }

    fn joined(&mut self, before: Part, after: Part) -> Part {
        for last in &before.last {
            self.follows[*last].extend(&after.first);
        }
        let mut first = before.first;
        if before.may_be_empty {
            first.extend(&after.first);
        }
        let mut last = after.last;
        if after.may_be_empty {
            last.extend(before.last);
        }
        Part { may_be_empty: before.may_be_empty && after.may_be_empty, first, last }
    }
}

fn set(signs: &[char]) -> Digits {
    let digit = |sign: &char| sign.to_digit(10).unwrap_or_else(|| panic!("{sign} is no digit"));
    match signs {
        [from, '-', to, rest @ ..] => (digit(from)..=digit(to)).fold(set(rest), |all, digit| all | 1 << digit),
        [one, rest @ ..] => set(rest) | 1 << digit(one),
        [] => 0,
    }
}

#[test]
fn every_way_in_which_patterns_tell_numbers_apart_has_a_sample() {
    let mut automaton = Automaton::new();
    for pattern in [r"1(?:2|3\d?){2}", "12…", r"[4-68]x{1,2}"] {
        automaton.add(pattern);
    }
    let fitting = |pattern: usize| -> BTreeSet<String> {
        automaton.samples().into_iter().filter(|sample| sample.fits[pattern]).map(|sample| sample.number).collect()
    };
    for (pattern, number, fits) in
        [(0, "122", true), (0, "1333", true), (0, "12", false), (1, "12", true), (1, "120", true)]
    {
        assert_eq!(fitting(pattern).contains(number), fits, "{number}: {:?}", fitting(pattern));
    }
    assert_eq!(fitting(2), BTreeSet::from(["40".to_owned(), "400".to_owned()]));
}
