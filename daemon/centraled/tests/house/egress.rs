//! What leaves the box: where the program may begin a connection, and that nothing in it is made to fetch or to report.

use crate::graph::Graph;
use crate::sources::Tracked;

/// What begins a connection, or sends to somebody who did not ask.
const BEGINS: &[&str] =
    &["TcpStream::connect", "TcpSocket::new", "UdpSocket::bind", "Socket::new(", "SmtpConnection::connect"];

/// Where that may stand, and whom it reaches. Nobody else is ever spoken to first.
const MAY_BEGIN: &[(&str, &str)] = &[
    ("daemon/net/src/", "phones, providers, the office's name server and router"),
    ("daemon/media/src/", "the far ends of calls"),
    ("daemon/post/src/server.rs", "the mail server that the office named"),
    ("daemon/centraled/src/reflect.rs", "the machine that an installer named"),
];

/// Rooms that are not in the box.
const NOT_SHIPPED: &[&str] = &["daemon/demo/", "daemon/interop/", "daemon/sim/", "daemon/fuzz/"];

/// Libraries that fetch from the web, or send reports of the program to its makers.
const CALLS_HOME: &[&str] =
    &["reqwest", "ureq", "isahc", "curl", "attohttpc", "surf", "hyper-rustls", "sentry", "opentelemetry", "posthog-rs"];

/// Connections that begin elsewhere.
pub(crate) fn connections(tracked: &Tracked) -> Vec<String> {
    let shipped = |path: &&str| {
        path.starts_with("daemon/") && path.contains("/src/") && !NOT_SHIPPED.iter().any(|room| path.starts_with(room))
    };
    let mut complaints = Vec::new();
    for (path, text) in tracked.files().filter(|(path, _)| path.ends_with(".rs") && shipped(path)) {
        if MAY_BEGIN.iter().any(|(place, _)| path.starts_with(place)) {
            continue;
        }
        // What stands in a file's tests is not in the box.
        let text = text.split("#[cfg(test)]").next().unwrap_or_default();
        let found = BEGINS.iter().filter(|begins| text.contains(**begins));
        complaints.extend(found.map(|begins| format!("{path} has {begins}: whom does it speak to?")));
    }
    complaints
}

/// Such libraries in what is shipped.
pub(crate) fn libraries(graph: &Graph) -> Vec<String> {
    let Some(program) = graph.rooms().find(|room| room.name == "centraled") else {
        return vec!["there is no centraled".to_owned()];
    };
    let reached = graph.reach(program, &[]);
    let fetches = reached.into_iter().filter(|(reached, _)| CALLS_HOME.contains(&reached.as_str()));
    fetches
        .map(|(reached, through)| format!("centraled reaches {reached} through {through}: it fetches or reports"))
        .collect()
}

#[test]
fn a_connection_that_begins_in_another_room_is_complained_about_and_one_in_a_test_is_not() {
    let mut tracked = Tracked::made_up(&[("daemon/net/src/net.rs", "TcpStream::connect(to)")]);
    tracked.add("daemon/http/src/page.rs", "#[cfg(test)]\nmod tests { TcpStream::connect(to) }");
    assert!(connections(&tracked).is_empty());
    tracked.add("daemon/http/src/update.rs", "let stream = TcpStream::connect(maker).await;");
    assert_eq!(connections(&tracked).len(), 1);
}
