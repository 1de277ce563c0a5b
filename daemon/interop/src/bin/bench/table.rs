//! The table at the end.

use std::fmt;

use crate::servers::Kind;

/// Rows, printed in the order they came.
#[derive(Debug)]
pub(crate) struct Table {
    rows: Vec<[String; 6]>,
    notes: Vec<String>,
}

impl Table {
    /// A table beside a peer of this name.
    pub(crate) fn beside(peer: &str) -> Table {
        let header = ["", peer, "centrale", "ratio", "target", ""].map(str::to_owned);
        Table { rows: vec![header], notes: Vec::new() }
    }

    /// A row whose target is a ratio of the box to its peer.
    pub(crate) fn compare(&mut self, what: &str, unit: &str, values: &[(Kind, f64)], most: Option<f64>) {
        self.compare_with(Kind::Kamailio, what, unit, values, most);
    }

    /// The same beside another of the peers.
    pub(crate) fn compare_with(
        &mut self,
        peer: Kind,
        what: &str,
        unit: &str,
        values: &[(Kind, f64)],
        most: Option<f64>,
    ) {
        let [kamailio, centrale] = [peer, Kind::Box].map(|kind| find(values, kind));
        let ratio = kamailio.zip(centrale).map(|(kamailio, centrale)| centrale / kamailio);
        let target = most.map(|most| format!("ratio < {most}")).unwrap_or_default();
        let met = verdict(ratio, most);
        self.row(what, unit, kamailio, centrale, target, met);
    }

    /// A row of work per cost, where the box is to reach this part of its peer.
    pub(crate) fn reach(&mut self, what: &str, peer: f64, centrale: f64, least: f64) {
        let met = if centrale / peer >= least { "met" } else { "MISSED" };
        self.row(what, "/s", Some(peer), Some(centrale), format!("ratio >= {least}"), met);
    }

    /// A row whose target is a bound of its own.
    pub(crate) fn bound(&mut self, what: &str, unit: &str, values: &[(Kind, f64)], most: f64) {
        let [kamailio, centrale] = [Kind::Kamailio, Kind::Box].map(|kind| find(values, kind));
        self.row(what, unit, kamailio, centrale, format!("< {most} {unit}"), verdict(centrale, Some(most)));
    }

    /// A line under the table.
    pub(crate) fn note(&mut self, text: &str) {
        self.notes.push(text.to_owned());
    }

    fn row(&mut self, what: &str, unit: &str, kamailio: Option<f64>, centrale: Option<f64>, target: String, met: &str) {
        let cell = |value: Option<f64>| value.map_or_else(|| "-".to_owned(), |value| format!("{value:.1} {unit}"));
        let ratio = kamailio
            .zip(centrale)
            .map_or_else(|| "-".to_owned(), |(kamailio, centrale)| format!("{:.2}", centrale / kamailio));
        self.rows.push([what.to_owned(), cell(kamailio), cell(centrale), ratio, target, met.to_owned()]);
    }
}

fn find(values: &[(Kind, f64)], wanted: Kind) -> Option<f64> {
    values.iter().find(|(kind, _)| *kind == wanted).map(|(_, value)| *value)
}

fn verdict(value: Option<f64>, most: Option<f64>) -> &'static str {
    match (value, most) {
        (Some(value), Some(most)) if value < most => "met",
        (Some(_), Some(_)) => "MISSED",
        _ => "",
    }
}

impl fmt::Display for Table {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for [what, kamailio, centrale, ratio, target, met] in &self.rows {
            writeln!(f, "{what:38} {kamailio:>12} {centrale:>12} {ratio:>6}  {target:12} {met}")?;
        }
        for note in &self.notes {
            writeln!(f, "({note})")?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_target_is_met_only_below_its_bound_and_never_without_a_value() {
        let mut table = Table::beside("kamailio");
        table.bound("a", "MB", &[(Kind::Box, 29.9)], 30.0);
        table.bound("b", "MB", &[(Kind::Box, 30.0)], 30.0);
        table.compare("c", "us", &[(Kind::Kamailio, 100.0)], Some(0.5));
        table.compare("d", "us", &[(Kind::Kamailio, 100.0), (Kind::Box, 40.0)], Some(0.5));
        let verdicts: Vec<&str> = table.rows[1..].iter().map(|row| row[5].as_str()).collect();
        assert_eq!(verdicts, ["met", "MISSED", "", "met"]);
    }

    #[test]
    fn a_part_of_the_peer_is_reached_at_its_bound() {
        let mut table = Table::beside("nginx");
        table.reach("a", 1000.0, 500.0, 0.5);
        table.reach("b", 1000.0, 499.0, 0.5);
        assert_eq!([&table.rows[1][5], &table.rows[2][5]], ["met", "MISSED"]);
    }
}
