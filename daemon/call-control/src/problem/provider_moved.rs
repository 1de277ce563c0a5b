//! The resolver leads to another place for a provider than where it worked (threats B-35).

use std::net::IpAddr;

use centrale_guard::Whereto;

use crate::exchange::Exchange;
use crate::view::{ProblemView, Severity};

/// It leads, with all its addresses or some, to a network in which no server of the provider worked. About the trunk; gone when it leads to the
/// usual place alone again, after days in which it worked where it was followed, and when the trunk's settings are changed.
const PROVIDER_MOVED: &str = "provider-moved";
/// The same, and to an address that is nobody's on the internet.
const PROVIDER_PRIVATE: &str = "provider-private";
/// Addresses that are shown.
const SHOWN: usize = 4;

impl Exchange {
    /// Tells where a provider's name leads, and which addresses are not where it worked; or that all is as usual.
    pub(crate) fn note_whereto(&mut self, trunk: &str, whereto: Whereto, others: &[IpAddr]) {
        let wrong = match whereto {
            Whereto::Usual => None,
            Whereto::Elsewhere => Some(PROVIDER_MOVED),
            Whereto::Private => Some(PROVIDER_PRIVATE),
        };
        let shown: Vec<String> = others.iter().take(SHOWN).map(IpAddr::to_string).collect();
        for code in [PROVIDER_MOVED, PROVIDER_PRIVATE] {
            if wrong == Some(code) {
                let (subject, detail) = (trunk.to_owned(), shown.join(", "));
                self.live.raise(ProblemView { code: code.into(), subject, severity: Severity::Warning, detail });
            } else {
                self.live.solve(code, trunk);
            }
        }
    }
}
