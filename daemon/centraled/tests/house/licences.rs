//! Licences: every crate that is built must be one we may ship in a closed appliance, with the list of licences as the
//! decision. Expressions are read as SPDX means them: `OR` gives a choice, `AND` does not.

use spdx::{Expression, ParseMode};

use crate::graph::{Graph, Package};

/// What may come in: permissive licences, and two that ask something back only for changes to the crate itself.
const ALLOWED: &[&str] = &[
    "Apache-2.0",
    "MIT",
    "MIT-0",
    "BSD-2-Clause",
    "BSD-3-Clause",
    "ISC",
    "Zlib",
    "0BSD",
    "BSL-1.0",
    "CC0-1.0",
    "Unicode-3.0",
    // The list of certificate authorities: data.
    "CDLA-Permissive-2.0",
    // File by file: changes to the crate's own files are published, ours stay ours.
    "MPL-2.0",
];

/// Crates whose manifest names a licence file only: the licence we read there, and words the file must still hold.
const READ_BY_HAND: &[(&str, &str, &str)] = &[("rsip", "MIT", "MIT License"), ("rsip-derives", "MIT", "MIT License")];

/// Crates with no licence, one that cannot be read, or none that is allowed.
pub(crate) fn complaints(graph: &Graph) -> Vec<String> {
    graph.packages().filter_map(of_package).collect()
}

fn of_package(package: &Package) -> Option<String> {
    let name = format!("{} {}", package.name, package.version);
    let Some(licence) = package.licence.clone().or_else(|| read_by_hand(package)) else {
        return Some(format!("{name} names no licence"));
    };
    // Lax: some manifests still write MIT/Apache-2.0 for "or".
    match Expression::parse_mode(&licence, ParseMode::LAX) {
        Err(_) => Some(format!("{name}: the licence {licence:?} is no SPDX expression")),
        Ok(expression) => (!may_ship(&expression)).then(|| format!("{name}: the licence {licence:?} is not allowed")),
    }
}

fn may_ship(expression: &Expression) -> bool {
    expression.evaluate(|wanted| {
        let id = wanted.license.id().map(|id| id.name);
        // An added exception only ever gives more.
        id.is_some_and(|id| ALLOWED.contains(&id))
    })
}

fn read_by_hand(package: &Package) -> Option<String> {
    let (_, licence, words) = READ_BY_HAND.iter().find(|(name, ..)| *name == package.name)?;
    let text = std::fs::read_to_string(package.licence_file.as_ref()?).ok()?;
    text.contains(words).then(|| (*licence).to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn complaint(licence: Option<&str>) -> Option<String> {
        let mut graph = Graph::default();
        graph.add("guest").licence = licence.map(str::to_owned);
        complaints(&graph).pop()
    }

    #[test]
    fn a_choice_is_fine_when_one_side_is_allowed() {
        assert_eq!(complaint(Some("GPL-3.0-only OR MIT")), None);
        assert_eq!(complaint(Some("MIT/Apache-2.0")), None);
        assert_eq!(complaint(Some("Apache-2.0 WITH LLVM-exception")), None);
    }

    #[test]
    fn both_sides_of_an_and_must_be_allowed() {
        assert_eq!(complaint(Some("(MIT OR Apache-2.0) AND Unicode-3.0")), None);
        assert!(complaint(Some("MIT AND GPL-3.0-only")).is_some());
        assert!(complaint(Some("(MIT OR GPL-2.0-only) AND (LGPL-3.0-only OR AGPL-3.0-only)")).is_some());
    }

    #[test]
    fn copyleft_silence_and_nonsense_are_complaints() {
        assert!(complaint(Some("GPL-3.0-or-later")).is_some());
        assert!(complaint(Some("Whatever you like")).is_some());
        assert!(complaint(None).is_some());
    }

    #[test]
    fn a_licence_read_by_hand_counts_only_while_its_file_says_so() {
        let file = tempfile::NamedTempFile::new().unwrap();
        let mut graph = Graph::default();
        graph.add("rsip").licence_file = Some(file.path().to_owned());
        assert_eq!(complaints(&graph), ["rsip 1.0.0 names no licence"]);
        std::fs::write(file.path(), "MIT License\n").unwrap();
        assert_eq!(complaints(&graph), [""; 0]);
    }
}
