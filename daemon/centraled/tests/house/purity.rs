//! Pure rooms: no library that brings a clock, a socket, a database or a runtime, and the lints that forbid the same of
//! the standard library.

use crate::arrows::is_pure;
use crate::graph::Graph;
use crate::sources::Tracked;

/// Libraries that no pure room may reach, not even through others.
const BANNED: &[&str] =
    &["tokio", "mio", "nix", "socket2", "rusqlite", "axum", "hyper", "netlink-sys", "hickory-resolver"];

/// Crates behind which a banned library is known and harmless.
const NOT_BEYOND: &[&str] = &[
    // Names nix for a list of network interfaces that rtc-srtp never asks for.
    "rtc-shared",
];

/// The lints of every pure room; each room's `clippy.toml` is a link to this file.
const LINTS: &str = "daemon/build/check/pure-rooms-clippy.toml";

/// The rooms where `unsafe` may stand: those that make batch system calls.
const UNSAFE_ROOMS: &[&str] = &["daemon/net/", "daemon/media/"];

/// Banned libraries that a pure room reaches.
pub(crate) fn libraries(graph: &Graph) -> Vec<String> {
    let mut complaints = Vec::new();
    for room in graph.rooms().filter(|room| is_pure(&room.name)) {
        for (reached, through) in graph.reach(room, NOT_BEYOND) {
            if BANNED.contains(&reached.as_str()) {
                complaints.push(format!("{} is a pure room and reaches {reached} through {through}", room.name));
            }
        }
    }
    complaints
}

/// Rooms without the lints, and lints that forgot a rule of the whole workspace.
pub(crate) fn lints(tracked: &Tracked, graph: &Graph) -> Vec<String> {
    let mut complaints = Vec::new();
    let lints = tracked.text(LINTS).unwrap_or_default();
    // Clippy reads one file per crate: the room's own hides the workspace's.
    for line in tracked.text("clippy.toml").unwrap_or_default().lines() {
        if !lints.lines().any(|own| own == line) {
            complaints.push(format!("{LINTS} lacks the workspace's {line:?}"));
        }
    }
    for room in graph.rooms().filter(|room| is_pure(&room.name)) {
        let folder = format!("daemon/{}", room.name.trim_start_matches("centrale-"));
        if tracked.text(&format!("{folder}/clippy.toml")).unwrap_or_default() != lints || lints.is_empty() {
            complaints.push(format!("{folder}/clippy.toml is not a link to {LINTS}"));
        }
    }
    complaints.extend(unsafe_code(tracked));
    complaints
}

/// Rooms that leave the workspace's lints, and files that allow `unsafe` where no system call is made.
fn unsafe_code(tracked: &Tracked) -> Vec<String> {
    let mut complaints = Vec::new();
    if !tracked.text("Cargo.toml").unwrap_or_default().lines().any(|line| line == "unsafe_code = \"deny\"") {
        complaints.push("Cargo.toml does not deny unsafe_code".to_owned());
    }
    for (path, text) in tracked.files() {
        let manifest =
            path.starts_with("daemon/") && path.ends_with("/Cargo.toml") && !path.starts_with("daemon/fuzz/");
        if manifest && !text.contains("[lints]\nworkspace = true\n") {
            complaints.push(format!("{path} does not take the lints of the workspace"));
        }
        let lint = concat!("unsafe", "_code");
        let may = UNSAFE_ROOMS.iter().any(|room| path.starts_with(room));
        if path.ends_with(".rs") && !may && text.lines().any(|line| line.contains(lint) && line.contains("allow")) {
            complaints.push(format!("{path} allows {lint}: only net and media may"));
        }
    }
    complaints
}

#[cfg(test)]
mod tests {
    use super::*;

    fn house(files: &[(&str, &str)]) -> Tracked {
        let mut tracked = Tracked::made_up(&[
            ("Cargo.toml", "unsafe_code = \"deny\"\n"),
            ("clippy.toml", "allow-unwrap-in-tests = true\n"),
            (LINTS, "allow-unwrap-in-tests = true\nmore\n"),
            ("daemon/sip/clippy.toml", "allow-unwrap-in-tests = true\nmore\n"),
        ]);
        for (path, text) in files {
            tracked.add(path, text);
        }
        tracked
    }

    fn sip() -> Graph {
        Graph::made_up(&[("centrale-sip", &[])])
    }

    #[test]
    fn a_runtime_behind_another_crate_is_found() {
        let graph = Graph::made_up(&[("centrale-sip", &["harmless"]), ("harmless", &["tokio"])]);
        assert_eq!(libraries(&graph), ["centrale-sip is a pure room and reaches tokio through harmless"]);
    }

    #[test]
    fn a_room_with_io_may_use_a_runtime() {
        assert_eq!(libraries(&Graph::made_up(&[("centrale-net", &["tokio"])])), [""; 0]);
    }

    #[test]
    fn a_tidy_house_has_no_complaint() {
        assert_eq!(lints(&house(&[]), &sip()), [""; 0]);
    }

    #[test]
    fn a_pure_room_without_the_lints_is_a_complaint() {
        assert_eq!(lints(&house(&[("daemon/sip/clippy.toml", "")]), &sip()).len(), 1);
    }

    #[test]
    fn a_workspace_lint_that_the_pure_rooms_would_lose_is_a_complaint() {
        assert_eq!(lints(&house(&[("clippy.toml", "allow-print-in-tests = true\n")]), &sip()).len(), 1);
    }

    #[test]
    fn unsafe_is_allowed_in_net_and_nowhere_else() {
        let attribute = concat!("#![allow(unsafe", "_code)]\n");
        assert_eq!(lints(&house(&[("daemon/net/src/batch.rs", attribute)]), &sip()), [""; 0]);
        assert_eq!(lints(&house(&[("daemon/sip/src/lib.rs", attribute)]), &sip()).len(), 1);
    }

    #[test]
    fn a_room_that_leaves_the_workspace_lints_is_a_complaint() {
        assert_eq!(lints(&house(&[("daemon/sip/Cargo.toml", "[package]\n")]), &sip()).len(), 1);
    }

    #[test]
    fn a_workspace_that_stops_denying_unsafe_is_a_complaint() {
        assert_eq!(lints(&house(&[("Cargo.toml", "unsafe_code = \"warn\"\n")]), &sip()).len(), 1);
    }
}
