//! Ways to reach whom was called.

use std::time::Instant;

use centrale_sip::flow::{Path, Target};
use centrale_sip::message::SipUri;
use centrale_sip::registrar::AddressOfRecord;

use super::begin::Caller;
use crate::exchange::Exchange;
use crate::trunk::Trunk;

/// Most servers of one provider that one call is tried on (RFC 3263 4.3); for help as many more where its name leads to now.
const MOST_TARGETS: usize = 3;

/// One phone or one provider to ring.
#[derive(Debug, Clone)]
pub(crate) enum Route {
    /// A registered phone.
    Phone {
        /// Whose it is.
        person: String,
        /// The digest user it registered as.
        username: Box<str>,
        /// Its contact.
        contact: SipUri,
        /// The path it registered over.
        path: Path,
        /// It is registered apart: where it says that a call is to go nobody of the office said.
        apart: bool,
    },
    /// A provider.
    Trunk {
        /// The trunk's name.
        trunk: String,
        /// The number as the provider is given it.
        number: String,
        /// Which of its servers.
        target: Target,
    },
}

impl Route {
    /// Where it leads.
    pub(crate) const fn path(&self) -> Path {
        match self {
            Self::Phone { path, .. } => *path,
            Self::Trunk { target, .. } => Path::Target(*target),
        }
    }
}

impl Exchange {
    /// Every registered phone of these people, except the one that calls. A contact that two of them registered rings once.
    /// Without a phone that calls it is somebody outside.
    pub(crate) fn phones_of(&self, now: Instant, people: &[&str], caller: Option<&Caller>) -> Vec<Route> {
        let mut routes: Vec<Route> = Vec::new();
        let kept_in = |person: &&&str| caller.is_none() && self.is_isolated(now, person);
        for person in people.iter().filter(|person| !kept_in(person)) {
            for binding in self.registrar.lookup(now, &AddressOfRecord::new(person)) {
                let path = Path::Flow(binding.flow);
                // Another line of the phone that calls is another phone.
                let calls = caller.is_some_and(|caller| {
                    *caller.username == *binding.username
                        && caller.flow.transport == binding.flow.transport
                        && caller.flow.remote == binding.flow.remote
                });
                let rings = |route: &Route| match route {
                    Route::Phone { contact, path: theirs, .. } => *contact == binding.contact && *theirs == path,
                    Route::Trunk { .. } => false,
                };
                if !calls && !routes.iter().any(rings) {
                    let (username, contact) = (binding.username.clone(), binding.contact.clone());
                    let (person, apart) = ((*person).to_owned(), binding.apart);
                    routes.push(Route::Phone { person, username, contact, path, apart });
                }
            }
        }
        routes
    }

    /// The servers of every trunk in the order in which they are tried. For help also those of trunks that do not work, but
    /// never of the one that the call came from; and every trunk's first server before anybody's second. For help no way is tried
    /// any more.
    pub(crate) fn trunks_to(&mut self, now: Instant, number: &str, emergency: bool, from: Option<&str>) -> Vec<Route> {
        if emergency {
            self.give_way_to_help(now);
        }
        let usable = |trunk: &&Trunk| (emergency || trunk.is_usable()) && from != Some(trunk.name());
        let trunks = self.in_turn(number, emergency, self.trunks.iter().filter(usable).collect());
        let routes = trunks.into_iter().flat_map(|trunk| {
            let last = trunk.unbelieved().iter().copied().filter(|_| emergency).take(MOST_TARGETS);
            trunk.targets_in_turn().take(MOST_TARGETS).chain(last).enumerate().map(|(turn, target)| {
                let (trunk, number) = (trunk.name().to_owned(), number.to_owned());
                (turn, Route::Trunk { trunk, number, target })
            })
        });
        let mut routes: Vec<_> = routes.filter(|(_, route)| self.local_for(&route.path()).is_some()).collect();
        if emergency {
            routes.sort_by_key(|(turn, _)| *turn);
        }
        routes.into_iter().map(|(_, route)| route).collect()
    }
}
