//! Ways to reach whom was called.

use centrale_sip::flow::Path;
use centrale_sip::message::SipUri;

use crate::exchange::Exchange;

/// One phone or one provider to ring.
#[derive(Debug, Clone)]
pub(crate) enum Route {
    /// A registered phone.
    Phone {
        /// Whose it is.
        person: String,
        /// Its contact.
        contact: SipUri,
        /// The path it registered over.
        path: Path,
    },
    /// A provider.
    Trunk {
        /// The trunk's name.
        trunk: String,
        /// The number as the provider is given it.
        number: String,
    },
}

impl Exchange {
    /// Every registered phone of these people, except the one that calls.
    pub(crate) fn phones_of(&self, now: std::time::Instant, people: &[&str], except: Option<&Path>) -> Vec<Route> {
        let caller = except.map(|path| (path.transport(), path.remote()));
        let mut routes = Vec::new();
        for person in people {
            let aor = centrale_sip::registrar::AddressOfRecord::new(person);
            for binding in self.registrar.lookup(now, &aor) {
                if caller != Some((binding.flow.transport, binding.flow.remote)) {
                    let (contact, path) = (binding.contact.clone(), Path::Flow(binding.flow));
                    routes.push(Route::Phone { person: (*person).to_owned(), contact, path });
                }
            }
        }
        routes
    }

    /// Every trunk in order of use: those that are connected first, and for help also those that are not.
    pub(crate) fn trunks_to(&self, number: &str, emergency: bool) -> Vec<Route> {
        let usable = |trunk: &&crate::trunk::Trunk| emergency || trunk.is_usable();
        let mut trunks: Vec<_> = self.trunks.iter().filter(usable).filter(|trunk| trunk.target().is_some()).collect();
        trunks.sort_by_key(|trunk| !trunk.is_usable());
        let route =
            |trunk: &crate::trunk::Trunk| Route::Trunk { trunk: trunk.name().to_owned(), number: number.to_owned() };
        trunks.into_iter().map(route).collect()
    }
}
