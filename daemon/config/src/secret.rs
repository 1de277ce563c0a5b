//! A secret that cannot be printed by accident.

use std::fmt;

/// A password or key in clear. `Debug` shows only that there is one; there is no `Display` and no `Serialize`.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Secret(String);

impl Secret {
    /// Wraps a secret. No rule is applied to its strength here.
    pub fn new(clear: impl Into<String>) -> Self {
        Self(clear.into())
    }

    /// The secret in clear, for the one place that must compute with it or send it over a proven path.
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(…)")
    }
}
