//! `REQUIREMENTS.md` against the tests: every row is there once, and says "proven" exactly where a test bears its number.

use std::collections::{BTreeMap, BTreeSet};

use crate::sources::Tracked;

/// As many rows as the providers' terms gave.
const ROWS: u16 = 143;

/// Where the table stands.
const TABLE: &str = "daemon/REQUIREMENTS.md";

/// What stands in the last column of a row that nothing proves.
const NOT_YET: &str = "not yet";

/// What stands before the row that asks the same.
const AS: &str = "as A-";

type Files = BTreeSet<String>;

pub(crate) fn complaints(tracked: &Tracked) -> Vec<String> {
    let Some(table) = tracked.text(TABLE) else { return vec![format!("{TABLE} is missing")] };
    let (rows, mut complaints) = rows(table);
    let tests = tests(tracked);
    complaints
        .extend((1..=ROWS).filter(|row| !rows.contains_key(row)).map(|row| format!("{TABLE} has no row A-{row:02}")));
    complaints.extend(
        alike(table)
            .filter(|(_, other)| rows.get(other).is_none_or(Files::is_empty))
            .map(|(row, other)| format!("A-{row:02} is said to be as A-{other:02}, which no test proves")),
    );
    for row in rows.keys().chain(tests.keys()).collect::<BTreeSet<_>>() {
        let (said, found) = (rows.get(row).cloned().unwrap_or_default(), tests.get(row).cloned().unwrap_or_default());
        let lacking = said
            .difference(&found)
            .map(|file| format!("A-{row:02} is said to be proven in {file}: no test there is named a_{row:03}_"));
        let unsaid = found.difference(&said).map(|file| format!("A-{row:02} is proven in {file}: say so in {TABLE}"));
        complaints.extend(lacking.chain(unsaid));
    }
    complaints
}

/// The table's rows with the files that each names, and what is wrong with the table itself.
fn rows(table: &str) -> (BTreeMap<u16, Files>, Vec<String>) {
    let (mut rows, mut complaints) = (BTreeMap::new(), Vec::new());
    for line in table.lines().filter(|line| line.starts_with("| A-")) {
        let cells: Vec<&str> = line.trim_matches('|').split('|').map(str::trim).collect();
        let &[row, asked, proven] = cells.as_slice() else {
            complaints.push(format!("{TABLE} has a row that is none: {line}"));
            continue;
        };
        let files = proven.split(", ").filter(|cell| *cell != NOT_YET && !cell.starts_with(AS));
        let named = files.map(|file| match file.trim_matches('`') {
            page if page.starts_with("web-ui/") => page.to_owned(),
            file => format!("daemon/{file}"),
        });
        let row = row.trim_start_matches("A-").parse().unwrap_or_default();
        if asked.is_empty() || !(1..=ROWS).contains(&row) || rows.insert(row, named.collect()).is_some() {
            complaints.push(format!("{TABLE} has a row that is none, or twice: {line}"));
        }
    }
    (rows, complaints)
}

/// Rows that ask what another row asks as well, each with that row.
fn alike(table: &str) -> impl Iterator<Item = (u16, u16)> {
    table.lines().filter_map(|line| {
        let (asked, proven) = line.strip_prefix("| A-")?.trim_end_matches('|').rsplit_once('|')?;
        let row = asked.split_once(' ')?.0.parse().ok()?;
        Some((row, proven.trim().strip_prefix(AS)?.parse().unwrap_or_default()))
    })
}

/// The files with tests that bear a row's number: `fn a_085_...` of the daemon, `test('a_077 ...'` of the page.
fn tests(tracked: &Tracked) -> BTreeMap<u16, Files> {
    let mut tests: BTreeMap<u16, Files> = BTreeMap::new();
    for (path, text) in tracked.files().filter(|(path, _)| path.ends_with(".rs")) {
        let unasync = text.lines().map(|line| line.trim_start().trim_start_matches("async "));
        let names = unasync.filter_map(|line| line.strip_prefix("fn a_"));
        let numbers = names.filter_map(|name| name.split_once('_')?.0.parse().ok());
        for number in numbers {
            tests.entry(number).or_default().insert(path.to_owned());
        }
    }
    for (path, text) in tracked.files().filter(|(path, _)| path.starts_with("web-ui/tests/") && path.ends_with(".ts")) {
        let names = text.lines().filter_map(|line| line.trim_start().strip_prefix("test('a_"));
        let numbers = names.filter_map(|name| name.split_once(' ')?.0.parse().ok());
        for number in numbers {
            tests.entry(number).or_default().insert(path.to_owned());
        }
    }
    tests
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tracked(table: &str, source: &str) -> Tracked {
        let rest: String = (3..=ROWS).map(|row| format!("| A-{row:02} | asked | not yet |\n")).collect();
        Tracked::made_up(&[(TABLE, &format!("{table}{rest}")), ("daemon/guard/src/lib.rs", source)])
    }

    #[test]
    fn a_test_of_the_page_proves_a_row_as_well() {
        let table = "| A-01 | asked | `web-ui/tests/e2e/one.e2e.ts` |\n| A-02 | asked | not yet |\n";
        let rest: String = (3..=ROWS).map(|row| format!("| A-{row:02} | asked | not yet |\n")).collect();
        let of = |test: &str| {
            complaints(&Tracked::made_up(&[(TABLE, &format!("{table}{rest}")), ("web-ui/tests/e2e/one.e2e.ts", test)]))
        };
        assert_eq!(of("  test('a_001 is shown', async () => {\n"), [""; 0]);
        assert_eq!(of("  test('is shown', async () => {\n").len(), 1);
    }

    #[test]
    fn a_table_that_agrees_with_the_tests_is_accepted() {
        let table = "| A-01 | asked | `guard/src/lib.rs` |\n| A-02 | asked | not yet |\n";
        assert_eq!(complaints(&tracked(table, "    fn a_001_is_so() {\n")), [""; 0]);
    }

    #[test]
    fn a_row_that_is_as_another_is_proven_with_it_and_not_without() {
        let like = "| A-02 | asked | as A-01 |\n";
        let proven = format!("| A-01 | asked | `guard/src/lib.rs` |\n{like}");
        assert_eq!(complaints(&tracked(&proven, "fn a_001_is_so() {\n")), [""; 0]);
        let found = complaints(&tracked(&format!("| A-01 | asked | not yet |\n{like}"), ""));
        assert_eq!(found, ["A-02 is said to be as A-01, which no test proves"]);
    }

    #[test]
    fn a_row_without_its_test_a_test_without_its_row_and_a_row_that_is_missing_are_told() {
        let table = "| A-01 | asked | `guard/src/lib.rs` |\n";
        let found = complaints(&tracked(table, "fn a_003_is_so() {\n"));
        assert_eq!(found.len(), 3, "{found:#?}");
        assert!(found[0].contains("no row A-02"));
        assert!(found[1].contains("named a_001_"));
        assert!(found[2].contains("A-03 is proven in daemon/guard/src/lib.rs"));
    }
}
