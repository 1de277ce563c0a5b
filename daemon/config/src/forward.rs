//! Where a person's calls go instead, as the office decided it. What a phone says by itself is known to that phone alone.

use std::fmt;

use centrale_numbering::Plan;

use crate::rules::{self, Fault};
use crate::{ContactNumber, ExtensionNumber};

/// Where whoever calls a person is sent, instead of the person's own phones. Whether the person may send callers there is
/// asked again at each call.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ForwardTo {
    /// A colleague.
    Inside(ExtensionNumber),
    /// A number outside.
    Outside(ContactNumber),
}

impl ForwardTo {
    /// The number as the exchange dials it.
    pub fn as_str(&self) -> &str {
        match self {
            Self::Inside(number) => number.as_str(),
            Self::Outside(number) => number.as_str(),
        }
    }

    /// As somebody typed it. A number that no person can have is read by `outside`.
    pub(crate) fn read(
        plan: &Plan,
        text: &str,
        outside: impl FnOnce(&str) -> Result<ContactNumber, Fault>,
    ) -> Result<Self, Fault> {
        match rules::extension(plan.country(), text.trim()) {
            Ok(number) => Ok(Self::Inside(number)),
            Err(_) => outside(text).map(Self::Outside),
        }
    }
}

impl fmt::Display for ForwardTo {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}
