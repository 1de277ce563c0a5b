//! What is told to who watches: a line each, with the seconds since the start.

use std::time::Instant;

/// Where lines go.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Log {
    start: Instant,
}

impl Log {
    /// Time begins.
    pub(crate) fn new() -> Self {
        Self { start: Instant::now() }
    }

    /// Says something that happened.
    pub(crate) fn say(&self, what: &str) {
        self.write(&format!("{:3} s  {what}", self.start.elapsed().as_secs()));
    }

    /// Says something for itself.
    pub(crate) fn write(&self, line: &str) {
        use std::io::Write as _;
        // Nobody watches any more: the office goes on.
        let _ = writeln!(std::io::stdout(), "{line}");
    }
}
