//! Which provider is asked first.

use centrale_config::NumberKind;
use centrale_numbering::Money;

use super::Trunk;
use crate::exchange::Exchange;

/// What a trunk's turn is decided by; less is earlier, and among equals the office's own order counts.
type Turn = (u8, u8, Option<Money>);

impl Exchange {
    /// Trunks in the order in which a number is tried on them: those that work, of those the ones that the office prefers
    /// for that kind of number, of those the cheapest where all prices are known. For help it only counts what works.
    pub(crate) fn in_turn<'a>(&self, number: &str, emergency: bool, mut trunks: Vec<&'a Trunk>) -> Vec<&'a Trunk> {
        let kind = self.directory.kind_of(number).filter(|_| !emergency);
        let prices: Vec<_> = trunks.iter().map(|trunk| self.price_per_minute(trunk.name(), number)).collect();
        let all_known = !emergency && prices.iter().all(Option::is_some);
        let turn = |(trunk, price): (&&Trunk, Option<Money>)| {
            let preference = preference(kind, &trunk.dialect().preferred_for);
            (trunk.rank(), preference, price.filter(|_| all_known))
        };
        let turns = trunks.iter().zip(prices).map(turn).collect();
        in_order_of(&mut trunks, turns);
        trunks
    }

    /// What a minute to a number costs over a trunk, where its tariff is known. No tariffs are kept yet.
    const fn price_per_minute(&self, _trunk: &str, _number: &str) -> Option<Money> {
        None
    }
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
        let turns = vec![(1, 0, money(1)), (0, 1, money(1)), (0, 0, money(9)), (0, 0, money(3)), (0, 0, money(3))];
        let mut trunks = vec!["down", "cheap", "dear", "preferred", "preferred too"];
        in_order_of(&mut trunks, turns);
        assert_eq!(trunks, ["preferred", "preferred too", "dear", "cheap", "down"]);
    }

    #[test]
    fn a_trunk_that_names_other_kinds_only_comes_last() {
        let mobile = Some(NumberKind::Mobile);
        let all = [&[NumberKind::Mobile][..], &[], &[NumberKind::International]];
        assert_eq!(all.map(|named| preference(mobile, named)), [0, 1, 2]);
        assert_eq!(all.map(|named| preference(None, named)), [1, 1, 1]);
    }
}
