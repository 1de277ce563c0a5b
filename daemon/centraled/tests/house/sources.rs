//! What may stand in a tracked file, and where: nothing that works on one machine only, no file too long to read, a
//! header on every room, and a top level that fits one screen.

use std::collections::BTreeMap;
use std::process::Command;

use crate::graph::root;

/// Longer than this and a file is two files (most are 150 to 350 lines).
const LONGEST: usize = 900;

/// The README is two screens; what is longer stands in `docs/`, linked.
const LONGEST_README: usize = 120;

/// Where packets of speech pass, on threads of their own: no lock is taken there, so that no packet waits for anybody.
const PACKET_PATH: &[&str] = &["daemon/media/src/", "daemon/rtp/src/"];

/// What makes somebody wait for somebody else.
const LOCKS: &[&str] = &["Mutex", "RwLock", "Condvar", "parking_lot"];

/// Files with lines that people read and write; the rest is data.
const SOURCES: &[&str] = &["rs", "ts", "js", "mjs", "svelte", "css", "sh", "py", "awk"];

/// What is made or recorded, not written.
const NOT_WRITTEN: &[&str] = &["/golden/", "/generated/", "/data/"];

/// All that the top level may hold.
const TOP: &[&str] = &[
    ".ci",
    ".gitignore",
    "Cargo.lock",
    "Cargo.toml",
    "LICENSE",
    "Makefile",
    "README.md",
    "clippy.toml",
    "daemon",
    "docs",
    "hardware-tests",
    "image",
    "provisioning-templates",
    "rustfmt.toml",
    "web-ui",
];

/// Paths that exist on one machine only. In pieces, so that this file does not hold them itself.
const PATHS: &[&[&str]] = &[
    &["/wo", "rk/"],
    &["/ro", "ot/"],
    &["/ho", "me/"],
    &["../sha", "red"],
    &["shared/", "reference"],
    &["shared/", "design"],
];

/// Hosts of package registries: a clone uses whichever its machine is set up for.
const HOSTS: &[&[&str]] = &[
    &["crates", ".io"],
    &["npm", "js.org"],
    &["npm", "js.com"],
    &["pypi", ".org"],
    &["pythonhosted", ".org"],
    &["debian", ".org"],
    &["rust-lang", ".org"],
    &["pkg", ".dev"],
];

/// The tracked files that are text: path from the top, and text.
#[derive(Clone, Debug, Default)]
pub(crate) struct Tracked(BTreeMap<String, String>);

impl Tracked {
    /// The files of this clone that git tracks, as they are on disk.
    pub(crate) fn of_workspace() -> Self {
        let output = Command::new("git")
            .args(["-c", "safe.directory=*", "ls-files", "-z"])
            .current_dir(root())
            .output()
            .expect("git runs: the rules are checked in a clone");
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        let paths = String::from_utf8(output.stdout).expect("tracked paths are UTF-8");
        let read = |path: &str| Some((path.to_owned(), std::fs::read_to_string(root().join(path)).ok()?));
        let tracked = Self(paths.split_terminator('\0').filter_map(read).collect());
        assert!(tracked.text("Cargo.toml").is_some(), "git tracks this workspace");
        tracked
    }

    pub(crate) fn made_up(files: &[(&str, &str)]) -> Self {
        Self(files.iter().map(|(path, text)| ((*path).to_owned(), (*text).to_owned())).collect())
    }

    /// Adds or replaces a made-up file.
    pub(crate) fn add(&mut self, path: &str, text: &str) {
        self.0.insert(path.to_owned(), text.to_owned());
    }

    pub(crate) fn text(&self, path: &str) -> Option<&str> {
        self.0.get(path).map(String::as_str)
    }

    pub(crate) fn files(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|(path, text)| (path.as_str(), text.as_str()))
    }
}

/// All complaints about the sources.
pub(crate) fn complaints(tracked: &Tracked) -> Vec<String> {
    let mut complaints = Vec::new();
    for (path, text) in tracked.files() {
        complaints.extend(not_of_the_house(path));
        complaints.extend(too_long(path, text));
        complaints.extend(no_header(path, text));
        complaints.extend(lock_among_packets(path, text));
        complaints.extend(one_machine_only(path, text));
    }
    complaints
}

fn not_of_the_house(path: &str) -> Option<String> {
    let top = path.split('/').next().unwrap_or(path);
    (!TOP.contains(&top)).then(|| format!("{path}: {top} does not belong at the top level"))
}

fn too_long(path: &str, text: &str) -> Option<String> {
    let source = path.rsplit_once('.').is_some_and(|(_, ending)| SOURCES.contains(&ending));
    let written = !NOT_WRITTEN.iter().any(|folder| path.contains(folder));
    let lines = text.lines().count();
    let longest = if path == "README.md" { LONGEST_README } else { LONGEST };
    let counts = source && written || path == "README.md";
    (counts && lines > longest).then(|| format!("{path} has {lines} lines, more than {longest}"))
}

fn lock_among_packets(path: &str, text: &str) -> Vec<String> {
    if !PACKET_PATH.iter().any(|folder| path.starts_with(folder)) {
        return Vec::new();
    }
    let locks = |line: &str| LOCKS.iter().find(|lock| line.contains(**lock)).copied();
    let named = text.lines().enumerate().filter_map(|(number, line)| Some((number + 1, locks(line)?)));
    named.map(|(number, lock)| format!("{path}:{number}: {lock} where packets pass")).collect()
}

fn no_header(path: &str, text: &str) -> Option<String> {
    let file = path.rsplit('/').next().unwrap_or(path);
    let room = matches!(file, "lib.rs" | "mod.rs" | "main.rs");
    (room && !text.starts_with("//! ")).then(|| format!("{path} does not open with what the room is for (//!)"))
}

fn one_machine_only(path: &str, text: &str) -> Vec<String> {
    let mut complaints = Vec::new();
    for (number, line) in text.lines().enumerate() {
        // The one place where cargo itself writes where a crate came from.
        if path.ends_with("Cargo.lock") && line.starts_with("source = \"registry+") {
            continue;
        }
        let mut complain = |what: &str, found: &str| {
            complaints.push(format!("{path}:{}: names {what}, {found}", number + 1));
        };
        for found in PATHS.iter().map(|pieces| pieces.concat()).filter(|path| names_path(line, path)) {
            complain("a path of one machine", &found);
        }
        for found in HOSTS.iter().map(|pieces| pieces.concat()).filter(|host| line.contains(host.as_str())) {
            complain("the host of a registry", &found);
        }
    }
    complaints
}

/// Whether a line holds a path that begins there: `a/work/b` is only the end of one.
fn names_path(line: &str, path: &str) -> bool {
    let begins =
        |at: usize| !line[..at].ends_with(|before: char| before.is_alphanumeric() || "_-.}$*".contains(before));
    line.match_indices(path).any(|(at, _)| begins(at))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn complaint(path: &str, text: &str) -> Option<String> {
        complaints(&Tracked::made_up(&[(path, text)])).pop()
    }

    #[test]
    fn a_tidy_file_has_no_complaint() {
        assert_eq!(complaint("daemon/sip/src/lib.rs", "//! SIP.\nfn a() {}\n"), None);
    }

    #[test]
    fn a_path_of_one_machine_is_a_complaint_with_its_line() {
        let text = format!("a\ncd {}clone\n", PATHS[0].concat());
        assert_eq!(
            complaint("daemon/a.sh", &text).unwrap(),
            format!("daemon/a.sh:2: names a path of one machine, {}", PATHS[0].concat())
        );
        for pieces in PATHS {
            assert!(complaint("README.md", &format!("see {}x", pieces.concat())).is_some(), "{pieces:?}");
        }
    }

    #[test]
    fn the_end_of_another_path_is_not_a_path_of_one_machine() {
        assert_eq!(complaint("README.md", &format!("build{}x", PATHS[0].concat())), None);
    }

    #[test]
    fn the_host_of_a_registry_is_a_complaint_except_where_cargo_writes_it() {
        for pieces in HOSTS {
            assert!(complaint("web-ui/package-lock.json", &pieces.concat()).is_some(), "{pieces:?}");
        }
        let source = format!("source = \"registry+{}\"", HOSTS[0].concat());
        assert_eq!(complaint("Cargo.lock", &source), None);
        assert!(complaint("Cargo.toml", &source).is_some());
    }

    #[test]
    fn the_readme_is_two_screens() {
        assert_eq!(complaint("README.md", &"x\n".repeat(LONGEST_README)), None);
        assert!(complaint("README.md", &"x\n".repeat(LONGEST_README + 1)).is_some());
        assert_eq!(complaint("docs/limits.md", &"x\n".repeat(LONGEST_README + 1)), None);
    }

    #[test]
    fn a_lock_is_a_complaint_where_packets_pass_and_nowhere_else() {
        let text = "//! A room.\nuse std::sync::Mutex;\n";
        for path in ["daemon/media/src/lib.rs", "daemon/rtp/src/srtp/tests.rs"] {
            assert_eq!(complaint(path, text).unwrap(), format!("{path}:2: Mutex where packets pass"));
        }
        assert_eq!(complaint("daemon/net/src/lib.rs", text), None);
    }

    #[test]
    fn a_file_is_too_long_at_901_lines_unless_it_is_data() {
        assert_eq!(complaint("daemon/sip/src/a.rs", &"x\n".repeat(LONGEST)), None);
        assert!(complaint("daemon/sip/src/a.rs", &"x\n".repeat(LONGEST + 1)).is_some());
        assert_eq!(complaint("daemon/sip/tests/golden/a.rs", &"x\n".repeat(LONGEST + 1)), None);
        assert_eq!(complaint("web-ui/openapi.json", &"x\n".repeat(LONGEST + 1)), None);
    }

    #[test]
    fn a_room_without_a_header_is_a_complaint() {
        assert!(complaint("daemon/sip/src/dialog/mod.rs", "use a;\n").is_some());
        assert!(complaint("daemon/sip/src/lib.rs", "").is_some());
    }

    #[test]
    fn the_top_level_is_closed() {
        assert!(complaint("scripts/build.sh", "").is_some());
        assert!(complaint("NOTES.md", "").is_some());
    }
}
