//! Which provider is asked first.

use centrale_config::NumberKind;
use centrale_numbering::Money;

use super::Trunk;
use crate::exchange::Exchange;

/// What a trunk's turn is decided by; less is earlier, and among equals the office's own order counts.
type Turn = (u8, u8, Option<Money>);

impl Exchange {
    /// Trunks in the order in which a number is tried on them: those that work, of those the ones that the office prefers
    /// for that kind of number, of those that are equal so far the cheapest where the prices of all of them are known. For
    /// help it only counts what works.
    pub(crate) fn in_turn<'a>(&self, number: &str, emergency: bool, mut trunks: Vec<&'a Trunk>) -> Vec<&'a Trunk> {
        let kind = self.directory.kind_of(number).filter(|_| !emergency);
        let turn = |trunk: &&Trunk| {
            let preference = preference(kind, &trunk.dialect().preferred_for);
            let price = if emergency { None } else { self.price_over(trunk.name(), number) };
            (trunk.rank(), preference, price)
        };
        let turns: Vec<Turn> = trunks.iter().map(turn).collect();
        in_order_of(&mut trunks, compared(&turns));
        trunks
    }
}

/// The same without prices among equals of which one has none: a trunk without a deck is neither dear nor cheap.
fn compared(turns: &[Turn]) -> Vec<Turn> {
    let unknown: Vec<_> = turns.iter().filter(|turn| turn.2.is_none()).map(|turn| (turn.0, turn.1)).collect();
    let price = |turn: &Turn| turn.2.filter(|_| !unknown.contains(&(turn.0, turn.1)));
    turns.iter().map(|turn| (turn.0, turn.1, price(turn))).collect()
}

/// Before others where it names the kind, after others where it names only other kinds.
fn preference(kind: Option<NumberKind>, named: &[NumberKind]) -> u8 {
    match kind {
        Some(kind) if named.contains(&kind) => 0,
        Some(_) if !named.is_empty() => 2,
        Some(_) | None => 1,
    }
}

fn in_order_of<T: Copy>(items: &mut Vec<T>, turns: Vec<Turn>) {
    let mut both: Vec<(Turn, T)> = turns.into_iter().zip(items.iter().copied()).collect();
    both.sort_by_key(|(turn, _)| *turn);
    *items = both.into_iter().map(|(_, item)| item).collect();
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_works_comes_before_what_is_preferred_and_that_before_what_is_cheap() {
        let money = |units| Some(Money::from_ten_thousandths(units));
        let turns = compared(&[(1, 0, None), (0, 1, money(1)), (0, 0, money(9)), (0, 0, money(3)), (0, 0, money(3))]);
        let mut trunks = vec!["down", "cheap", "dear", "preferred", "preferred too"];
        in_order_of(&mut trunks, turns);
        assert_eq!(trunks, ["preferred", "preferred too", "dear", "cheap", "down"]);
    }

    #[test]
    fn the_offices_order_counts_where_one_of_the_equals_has_no_price() {
        let money = |units| Some(Money::from_ten_thousandths(units));
        let turns = compared(&[(0, 0, money(9)), (0, 0, None), (0, 0, money(3)), (0, 2, money(2)), (0, 2, money(1))]);
        let mut trunks = vec!["dear", "unknown", "cheap", "last but dear", "last"];
        in_order_of(&mut trunks, turns);
        assert_eq!(trunks, ["dear", "unknown", "cheap", "last", "last but dear"]);
    }

    #[test]
    fn a_trunk_that_names_other_kinds_only_comes_last() {
        let mobile = Some(NumberKind::Mobile);
        let all = [&[NumberKind::Mobile][..], &[], &[NumberKind::International]];
        assert_eq!(all.map(|named| preference(mobile, named)), [0, 1, 2]);
        assert_eq!(all.map(|named| preference(None, named)), [1, 1, 1]);
    }
}
