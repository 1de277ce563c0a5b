//! The arrows: which room may lean on which. Exactly these, so that the picture in `ARCHITECTURE.md` stays true.

use std::collections::BTreeSet;

use crate::graph::{Graph, Package, When};

/// What a room leans on.
#[derive(Clone, Copy, Debug)]
pub(crate) enum LeansOn {
    /// Exactly these rooms.
    Rooms(&'static [&'static str]),
    /// Any of the pure rooms.
    PureRooms,
    /// Any room: only the daemon, which puts the house together.
    AnyRoom,
}

use LeansOn::{AnyRoom, PureRooms, Rooms};

/// The rooms without clock, socket, thread or disk, and what each leans on.
pub(crate) const PURE: &[(&str, LeansOn)] = &[
    ("centrale-numbering", Rooms(&[])),
    ("centrale-config", Rooms(&["centrale-numbering"])),
    ("centrale-guard", Rooms(&["centrale-config", "centrale-numbering"])),
    ("centrale-ledger", Rooms(&["centrale-numbering"])),
    ("centrale-alerts", Rooms(&["centrale-ledger"])),
    ("centrale-sip", Rooms(&[])),
    ("centrale-rtp", Rooms(&[])),
    ("centrale-alg", Rooms(&["centrale-sip"])),
    ("centrale-provisioning", Rooms(&["centrale-config", "centrale-sip"])),
    // centrale-rtp for the words of its media commands.
    (
        "centrale-call-control",
        Rooms(&[
            "centrale-alg",
            "centrale-config",
            "centrale-guard",
            "centrale-numbering",
            "centrale-sip",
            "centrale-rtp",
        ]),
    ),
];

/// The rooms that touch the world, and those that only test.
pub(crate) const OTHERS: &[(&str, LeansOn)] = &[
    ("centrale-net", Rooms(&["centrale-sip"])),
    ("centrale-media", Rooms(&["centrale-rtp"])),
    ("centrale-store", Rooms(&["centrale-config"])),
    ("centrale-post", Rooms(&["centrale-alerts", "centrale-config", "centrale-ledger", "centrale-store"])),
    (
        "centrale-http",
        Rooms(&[
            "centrale-alerts",
            "centrale-config",
            "centrale-ledger",
            "centrale-provisioning",
            "centrale-store",
            "centrale-call-control",
        ]),
    ),
    ("centraled", AnyRoom),
    ("centrale-sim", PureRooms),
    // The simulation's people on real sockets.
    ("centrale-demo", Rooms(&["centrale-sim", "centrale-sip"])),
    // Knows the daemon by its binary only, as its peers do.
    ("centrale-interop", Rooms(&[])),
];

/// Whether a room is one of the pure ones.
pub(crate) fn is_pure(room: &str) -> bool {
    PURE.iter().any(|(name, _)| *name == room)
}

/// Rooms without a row in the tables, arrows that are not drawn, and drawn arrows that nobody uses.
pub(crate) fn complaints(graph: &Graph) -> Vec<String> {
    graph.rooms().flat_map(|room| of_room(graph, room)).collect()
}

fn of_room(graph: &Graph, room: &Package) -> Vec<String> {
    let Some((_, leans_on)) = PURE.iter().chain(OTHERS).find(|(name, _)| *name == room.name) else {
        return vec![format!("{} has no row in tests/house/arrows.rs: say what it may lean on", room.name)];
    };
    let ours = |(to, when): (&Package, When)| to.room.is_some().then(|| (to.name.clone(), when));
    let used: BTreeSet<(String, When)> = graph.needs(room).filter_map(ours).collect();
    let mut complaints: Vec<String> = used
        .iter()
        .filter(|(to, _)| !allows(*leans_on, to))
        .map(|(to, when)| format!("{} may not lean on {to} ({when:?})", room.name))
        .collect();
    if let Rooms(drawn) = leans_on {
        let idle = drawn.iter().filter(|to| !used.contains(&((**to).to_owned(), When::Running)));
        complaints.extend(idle.map(|to| format!("{} does not lean on {to}: take the arrow away", room.name)));
    }
    complaints
}

fn allows(leans_on: LeansOn, to: &str) -> bool {
    match leans_on {
        Rooms(rooms) => rooms.contains(&to),
        PureRooms => is_pure(to),
        AnyRoom => true,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_arrow_that_is_not_drawn_is_a_complaint() {
        let graph =
            Graph::made_up(&[("centrale-sip", &["centrale-config"]), ("centrale-config", &["centrale-numbering"])]);
        assert_eq!(complaints(&graph), ["centrale-sip may not lean on centrale-config (Running)"]);
    }

    #[test]
    fn a_test_may_not_lean_where_its_room_may_not() {
        let mut graph = Graph::made_up(&[("centrale-sip", &[]), ("centrale-rtp", &[])]);
        graph.add("centrale-sip").needs.insert(("centrale-rtp".to_owned(), When::Testing));
        assert_eq!(complaints(&graph), ["centrale-sip may not lean on centrale-rtp (Testing)"]);
    }

    #[test]
    fn an_arrow_that_nobody_uses_is_a_complaint() {
        let graph = Graph::made_up(&[("centrale-config", &["serde"])]);
        assert_eq!(complaints(&graph), ["centrale-config does not lean on centrale-numbering: take the arrow away"]);
    }

    #[test]
    fn a_room_that_nobody_drew_is_a_complaint() {
        let complaints = complaints(&Graph::made_up(&[("centrale-attic", &[])]));
        assert!(complaints[0].starts_with("centrale-attic has no row"), "{complaints:?}");
    }

    #[test]
    fn the_simulation_may_use_pure_rooms_only() {
        let graph =
            Graph::made_up(&[("centrale-sim", &["centrale-rtp", "centrale-net"]), ("centrale-net", &["centrale-sip"])]);
        assert_eq!(complaints(&graph), ["centrale-sim may not lean on centrale-net (Running)"]);
    }
}
