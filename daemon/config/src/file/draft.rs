//! An office that is valid but for the passwords that nobody wrote down.

use crate::{Office, Secret};

/// A valid office in which some passwords are still to be made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Draft {
    /// An empty password stands for one that the file leaves out; a valid one is never empty.
    office: Office,
}

impl Draft {
    pub(super) fn new(mut office: Office) -> Self {
        office.sort();
        Self { office }
    }

    /// What stands for a password that was left out.
    pub(super) fn missing() -> Secret {
        Secret::new("")
    }

    /// Fills in what the file leaves out: a person keeps the password of `previous`, else gets one from `generate`; a trunk
    /// that needs no registration keeps the password it had, if any.
    pub fn settle(self, previous: Option<&Office>, generate: &mut dyn FnMut() -> Secret) -> Office {
        let mut office = self.office;
        let left_out = Self::missing();
        for person in office.people.iter_mut().filter(|person| person.sip_password == left_out) {
            let kept =
                previous.and_then(|office| office.person(&person.number)).map(|known| known.sip_password.clone());
            person.sip_password = kept.unwrap_or_else(&mut *generate);
        }
        for trunk in office.trunks.iter_mut().filter(|trunk| trunk.password == left_out) {
            if let Some(known) = previous.and_then(|office| office.trunk(&trunk.name)) {
                trunk.password = known.password.clone();
            }
        }
        office
    }
}
