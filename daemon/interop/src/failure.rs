//! What can go wrong in a scenario, said so that the reader need not run it again to understand.

use std::io;

/// Shorthand for everything in this crate that can fail.
pub type Result<T> = std::result::Result<T, Failure>;

/// Why a scenario did not end as told.
#[derive(Debug, thiserror::Error)]
pub enum Failure {
    /// A third-party program is not on this machine.
    #[error("{program} is not installed; `make setup` installs what daemon/interop/apt-packages.txt lists")]
    NotInstalled {
        /// Name of the program.
        program: String,
    },
    /// Something that should have happened did not, within its time.
    #[error("{who}: waited for {what}, and it did not come")]
    DidNotHappen {
        /// The program that was watched.
        who: String,
        /// What was waited for.
        what: String,
    },
    /// Something happened that should not have.
    #[error("{0}")]
    Unexpected(String),
    /// The machine refused a file, a socket or a process.
    #[error("{what}: {source}")]
    Machine {
        /// What was tried.
        what: String,
        /// What the machine said.
        source: io::Error,
    },
}

/// Names what was tried when the machine refuses.
pub(crate) trait Tried<T> {
    /// Turns an I/O error into a `Failure` that says what was tried.
    fn tried(self, what: impl FnOnce() -> String) -> Result<T>;
}

impl<T> Tried<T> for io::Result<T> {
    fn tried(self, what: impl FnOnce() -> String) -> Result<T> {
        self.map_err(|source| Failure::Machine { what: what(), source })
    }
}
