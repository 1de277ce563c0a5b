//! The front door: what `make` says and does for a developer. The scripts run in a made-up clone, between made-up
//! programs that only write down how they were called.

use std::fs;
use std::io::Write;
use std::path::Path;
use std::process::{Command, Output, Stdio};

use tempfile::TempDir;

use crate::graph::root;

/// The sum of a made-up log, as "passed failed skipped".
fn sum(log: &str) -> String {
    let mut awk = Command::new("awk")
        .args(["-f", "daemon/build/count.awk"])
        .current_dir(root())
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("awk is part of every Debian");
    awk.stdin.take().expect("piped above").write_all(log.as_bytes()).expect("awk reads to the end");
    let output = awk.wait_with_output().expect("awk ends when its input does");
    String::from_utf8(output.stdout).expect("digits").trim().to_owned()
}

#[test]
fn the_closing_line_sums_what_each_runner_said() {
    assert_eq!(sum(""), "0 0 0");
    assert_eq!(sum("test result: ok. 12 passed; 0 failed; 3 ignored; 0 measured; 4 filtered out\n"), "12 0 3");
    assert_eq!(sum("test result: FAILED. 2 passed; 1 failed; 0 ignored; 0 measured; 0 filtered out\n"), "2 1 0");
    assert_eq!(sum(" Test Files  1 failed (1)\n      Tests  1 failed | 2 passed | 3 skipped (6)\n"), "2 1 3");
    assert_eq!(sum("\u{1b}[2m      Tests \u{1b}[22m \u{1b}[32m7 passed\u{1b}[39m (7)\n"), "7 0 0");
    assert_eq!(sum("# tests 5\n# pass 4\n# fail 1\n# skipped 0\n"), "4 1 0");
    assert_eq!(sum("ℹ pass 4\nℹ fail 0\nℹ skipped 2\n"), "4 0 2");
    assert_eq!(sum("interop: 9 passed, 1 failed, 2 skipped\n3 passed, 0 failed\n"), "12 1 2");
}

#[test]
fn a_sentence_about_tests_is_not_counted() {
    assert_eq!(sum("it said 5 passed, 0 failed, which was a lie\n"), "0 0 0");
}

/// Makes a program of a file. Another process writes it: while this one has a program open for writing, a child that
/// another test starts may hold it open too, and then it cannot be run.
fn install(from: &Path, to: &Path) {
    let status = Command::new("install").arg("-m755").args([from, to]).status().expect("part of every Debian");
    assert!(status.success());
}

/// A made-up clone with the set-up script, a page with npm modules, and programs that keep a diary.
struct Clone(TempDir);

impl Clone {
    /// `installed` is what dpkg answers; the made-up lists ask for `gcc` and `sipp`.
    fn with_installed(installed: &[&str]) -> Self {
        let clone = Self(tempfile::tempdir().expect("a folder for a test"));
        for folder in ["daemon/build", "page", "programs"] {
            fs::create_dir_all(clone.path().join(folder)).expect("a new folder");
        }
        install(&root().join("daemon/build/setup.sh"), &clone.path().join("daemon/build/setup.sh"));
        clone.write("daemon/build/apt-packages.txt", "# to build\ngcc\nsipp # to call\n\n");
        clone.write("page/package-lock.json", "{}");
        clone.write("Cargo.lock", "");
        let answers: Vec<String> = installed.iter().map(|package| format!("installed {package}")).collect();
        clone.program("dpkg-query", &format!("printf '%s\\n' '{}'", answers.join("' '")));
        clone.program("id", "echo 1000");
        clone.program("node", "echo v20");
        clone.program("cargo", "");
        clone.program("npm", "mkdir -p page/node_modules");
        clone
    }

    fn path(&self) -> &Path {
        self.0.path()
    }

    fn write(&self, path: &str, text: &str) {
        fs::write(self.path().join(path), text).expect("the folder is there");
    }

    /// A program that writes its name and arguments into the diary, and then runs `body`.
    fn program(&self, name: &str, body: &str) {
        let draft = format!("programs/{name}.draft");
        self.write(&draft, &format!("#!/bin/sh\nprintf '%s\\n' \"{name} $*\" >>\"$DIARY\"\n{body}\n"));
        install(&self.path().join(draft), &self.path().join("programs").join(name));
    }

    /// Runs the set-up as an ordinary user and hands over what it said and which programs it called. Only the made-up
    /// programs and the machine's plain tools are within reach: no real apt-get, npm, cargo or sudo.
    fn set_up(&self) -> (Output, Vec<String>) {
        self.set_up_with(&["daemon/build", "page", "folder-that-is-not-there"])
    }

    fn set_up_with(&self, arguments: &[&str]) -> (Output, Vec<String>) {
        let tools = self.path().join("tools");
        if !tools.exists() {
            fs::create_dir(&tools).expect("a new folder");
            for tool in ["bash", "sh", "env", "sed", "sort", "comm", "cmp", "sha256sum", "dirname", "mkdir", "cat"] {
                let real = ["/usr/bin", "/bin"].iter().map(|bin| Path::new(bin).join(tool)).find(|path| path.exists());
                std::os::unix::fs::symlink(real.expect("part of every Debian"), tools.join(tool)).expect("a new link");
            }
        }
        let diary = self.path().join("diary");
        fs::write(&diary, "").expect("the folder is there");
        let output = Command::new(self.path().join("daemon/build/setup.sh"))
            .args(arguments)
            .env_clear()
            .env("PATH", std::env::join_paths([self.path().join("programs"), tools]).expect("no colon in them"))
            .env("DIARY", &diary)
            .output()
            .expect("the script can be run");
        let called = fs::read_to_string(&diary).expect("written above").lines().map(str::to_owned).collect();
        (output, called)
    }
}

/// The calls that would change the machine or ask a server.
fn costly(called: &[String]) -> Vec<&str> {
    let free = ["dpkg-query ", "id ", "node "];
    called.iter().map(String::as_str).filter(|call| !free.iter().any(|name| call.starts_with(name))).collect()
}

#[test]
fn a_second_set_up_installs_nothing_and_asks_no_server() {
    let clone = Clone::with_installed(&["gcc", "sipp"]);
    let (first, called) = clone.set_up();
    assert!(first.status.success(), "{first:?}");
    assert_eq!(costly(&called).len(), 2, "npm ci and cargo fetch: {called:?}");
    let (second, called) = clone.set_up();
    assert!(second.status.success(), "{second:?}");
    assert_eq!(costly(&called), [""; 0]);
}

#[test]
fn a_changed_lock_file_brings_its_modules_anew() {
    let clone = Clone::with_installed(&["gcc", "sipp"]);
    clone.set_up();
    clone.write("page/package-lock.json", "{ \"changed\": true }");
    let (_, called) = clone.set_up();
    assert_eq!(costly(&called), ["npm ci --prefix page --no-audit --no-fund --loglevel=error"]);
}

#[test]
fn an_install_that_failed_is_tried_again() {
    let clone = Clone::with_installed(&["gcc", "sipp"]);
    clone.program("npm", "mkdir -p page/node_modules; exit 1");
    assert!(!clone.set_up().0.status.success());
    let (_, called) = clone.set_up();
    assert!(costly(&called)[0].starts_with("npm ci"), "{called:?}");
}

#[test]
fn what_is_missing_is_installed_through_sudo_and_nothing_else() {
    let clone = Clone::with_installed(&["gcc"]);
    clone.program("sudo", "");
    let (output, called) = clone.set_up();
    assert!(output.status.success(), "{output:?}");
    assert_eq!(costly(&called)[0], "sudo env DEBIAN_FRONTEND=noninteractive bash -s -- sipp");
}

#[test]
fn who_may_not_install_is_told_what_is_missing() {
    let (output, called) = Clone::with_installed(&["gcc"]).set_up();
    assert!(!output.status.success());
    assert!(String::from_utf8_lossy(&output.stderr).ends_with("apt-get install sipp\n"), "{output:?}");
    assert_eq!(costly(&called), [""; 0]);
}

#[test]
fn who_only_runs_the_box_needs_none_of_the_packages_of_its_tests() {
    let clone = Clone::with_installed(&[]);
    let (output, called) = clone.set_up_with(&["--without-debian", "page"]);
    assert!(output.status.success(), "{output:?}");
    assert!(costly(&called)[0].starts_with("npm ci"), "{called:?}");
}
