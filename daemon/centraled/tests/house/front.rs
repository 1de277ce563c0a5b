//! The front door: the closing line of `make test` is a sum of what each runner printed.

use std::io::Write;
use std::process::{Command, Stdio};

use crate::graph::root;

/// The sum, as "passed failed skipped", of a made-up log.
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

/// Each runner's own words, alone and together, with and without colour.
pub(crate) fn counts_every_runner() {
    assert_eq!(sum(""), "0 0 0");
    assert_eq!(sum("test result: ok. 12 passed; 0 failed; 3 ignored; 0 measured; 4 filtered out\n"), "12 0 3");
    assert_eq!(sum("test result: FAILED. 2 passed; 1 failed; 0 ignored; 0 measured; 0 filtered out\n"), "2 1 0");
    assert_eq!(sum(" Test Files  1 failed (1)\n      Tests  1 failed | 2 passed | 3 skipped (6)\n"), "2 1 3");
    assert_eq!(sum("\u{1b}[2m      Tests \u{1b}[22m \u{1b}[32m7 passed\u{1b}[39m (7)\n"), "7 0 0");
    assert_eq!(sum("# tests 5\n# pass 4\n# fail 1\n# skipped 0\n"), "4 1 0");
    assert_eq!(sum("ℹ pass 4\nℹ fail 0\nℹ skipped 2\n"), "4 0 2");
    assert_eq!(sum("interop: 9 passed, 1 failed, 2 skipped\n3 passed, 0 failed\n"), "12 1 2");
    assert_eq!(sum("it said 5 passed, 0 failed, which was a lie\n"), "0 0 0");
}
