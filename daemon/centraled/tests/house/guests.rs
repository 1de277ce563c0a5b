//! Libraries: those that live in one room alone, those that may not come in at all, and those that bring C code.

use crate::graph::{Graph, When};

/// Libraries whose types stay inside one room, so that it can be changed alone. A name that ends in `*` is a beginning.
const SOLE_USERS: &[(&str, &[&str])] = &[
    ("rsip", &["centrale-sip"]),
    ("rusqlite", &["centrale-store"]),
    ("axum", &["centrale-http"]),
    ("rtc*", &["centrale-rtp", "centrale-media"]),
    ("minijinja", &["centrale-provisioning"]),
    ("lettre", &["centrale-post"]),
];

/// Tests that damage what a library wrote, behind the back of the room that it lives in: no room can be asked to do that.
const SPOILERS: &[(&str, &str)] = &[("centrale-post", "rusqlite")];

/// Libraries that need a C library or a C build of their own on every machine, or that stand for a second TLS.
const FORBIDDEN: &[&str] = &[
    "openssl*",
    "native-tls*",
    "aws-lc*",
    "cmake*",
    "libudev*",
    "zstd-sys",
    "bindgen*",
    "pkg-config-build*",
    "libsodium-sys*",
];

/// The only crates with C code in them: SQLite, and the cryptography of TLS and SRTP.
const NATIVE: &[&str] = &["libsqlite3-sys", "ring"];

/// What compiles C when a crate is built.
const C_BUILDERS: &[&str] = &["cc", "cmake", "autotools", "meson"];

fn matches(pattern: &str, name: &str) -> bool {
    pattern.strip_suffix('*').map_or(pattern == name, |beginning| name.starts_with(beginning))
}

/// Rooms that use a library which lives elsewhere.
pub(crate) fn sole_users(graph: &Graph) -> Vec<String> {
    let mut complaints = Vec::new();
    for room in graph.rooms() {
        for (to, when) in graph.needs(room) {
            if when == When::Testing && SPOILERS.contains(&(room.name.as_str(), to.name.as_str())) {
                continue;
            }
            let owned = SOLE_USERS.iter().find(|(pattern, _)| matches(pattern, &to.name));
            if let Some((_, owners)) = owned.filter(|(_, owners)| !owners.contains(&room.name.as_str())) {
                complaints.push(format!("{} uses {}, which is for {} alone", room.name, to.name, owners.join(" and ")));
            }
        }
    }
    complaints
}

/// Forbidden libraries anywhere in the graph, with one crate that asks for each.
pub(crate) fn forbidden(graph: &Graph) -> Vec<String> {
    let culprits = graph.packages().filter(|package| FORBIDDEN.iter().any(|pattern| matches(pattern, &package.name)));
    culprits
        .map(|culprit| {
            let asks = |package: &&crate::graph::Package| graph.needs(package).any(|(to, _)| to.name == culprit.name);
            let by = graph.packages().find(asks).map_or("nobody", |package| package.name.as_str());
            format!("{} {} is forbidden; {by} asks for it", culprit.name, culprit.version)
        })
        .collect()
}

/// Crates that bring C code and are not known to.
pub(crate) fn native(graph: &Graph) -> Vec<String> {
    let mut complaints = Vec::new();
    for package in graph.packages().filter(|package| !NATIVE.contains(&package.name.as_str())) {
        if let Some(links) = &package.links {
            complaints.push(format!("{} links the native library {links}", package.name));
        }
        for (to, when) in graph.needs(package) {
            if when == When::Building && C_BUILDERS.contains(&to.name.as_str()) {
                complaints.push(format!("{} compiles C with {}", package.name, to.name));
            }
        }
    }
    complaints
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sql_outside_the_store_is_a_complaint() {
        let graph = Graph::made_up(&[("centrale-store", &["rusqlite"]), ("centrale-http", &["rusqlite"])]);
        assert_eq!(sole_users(&graph), ["centrale-http uses rusqlite, which is for centrale-store alone"]);
    }

    #[test]
    fn only_tests_may_damage_what_the_store_wrote() {
        let mut graph = Graph::made_up(&[("centrale-post", &["rusqlite"])]);
        assert_eq!(sole_users(&graph), ["centrale-post uses rusqlite, which is for centrale-store alone"]);
        graph.add("centrale-post").needs = [("rusqlite".to_owned(), When::Testing)].into();
        assert_eq!(sole_users(&graph), Vec::<String>::new());
    }

    #[test]
    fn a_whole_family_of_crates_belongs_to_media() {
        let graph = Graph::made_up(&[("centrale-rtp", &["rtc-srtp"]), ("centrale-sip", &["rtc-sdp"])]);
        assert_eq!(sole_users(&graph).len(), 1);
    }

    #[test]
    fn a_forbidden_library_is_found_deep_down_with_who_asks() {
        let graph = Graph::made_up(&[("centrale-net", &["mailer"]), ("mailer", &["openssl-sys"])]);
        assert_eq!(forbidden(&graph), ["openssl-sys 1.0.0 is forbidden; mailer asks for it"]);
    }

    #[test]
    fn a_name_that_only_resembles_a_forbidden_one_may_stay() {
        assert_eq!(forbidden(&Graph::made_up(&[("a", &["wasm-bindgen", "zstd-safe"])])), [""; 0]);
    }

    #[test]
    fn a_native_library_beside_sqlite_and_ring_is_a_complaint() {
        let mut graph = Graph::made_up(&[("libsqlite3-sys", &[]), ("libz-sys", &[])]);
        graph.add("libsqlite3-sys").links = Some("sqlite3".to_owned());
        graph.add("libz-sys").links = Some("z".to_owned());
        assert_eq!(native(&graph), ["libz-sys links the native library z"]);
    }

    #[test]
    fn a_crate_that_compiles_c_is_a_complaint_and_one_that_runs_it_is_not() {
        let mut graph = Graph::made_up(&[("codec", &[]), ("tool", &["cc"])]);
        graph.add("codec").needs.insert(("cc".to_owned(), When::Building));
        assert_eq!(native(&graph), ["codec compiles C with cc"]);
    }
}
