//! An office that is valid but for the passwords that nobody wrote down.

use super::Refusal;
use crate::rules::Fault;
use crate::{Mac, Office, PhoneUsers, Secret};

/// A valid office in which some passwords are still to be made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Draft {
    /// An empty password stands for one that the file leaves out; a valid one is never empty.
    office: Office,
    /// Where in the file each base has its handsets: line and column.
    handsets: Vec<(Mac, (usize, usize))>,
}

impl Draft {
    pub(super) fn new(mut office: Office, handsets: Vec<(Mac, (usize, usize))>) -> Self {
        office.sort();
        Self { office, handsets }
    }

    /// Looks whether every phone that is given handsets can have them. `most` says how many a model carries: none at all
    /// when it is no base, and nothing when nobody knows the model.
    ///
    /// # Errors
    /// Each phone that cannot, with the line of its handsets.
    pub fn check_handsets(self, most: impl Fn(&str) -> Option<u16>) -> Result<Self, Vec<Refusal>> {
        let refusal = |(mac, (line, column)): &(Mac, (usize, usize))| {
            let phone = self.office.phone(*mac)?;
            let PhoneUsers::Handsets(handsets) = &phone.users else { return None };
            let model = &phone.model;
            let fault = match most(model)? {
                0 => Fault::new("not-a-base", format!("a {model} is a desk phone; write person in place of handsets")),
                most if handsets.len() > usize::from(most) => {
                    Fault::new("handsets-too-many", format!("a {model} has at most {most} handsets"))
                }
                _ => return None,
            };
            let key = "phone.handsets".to_owned();
            Some(Refusal { line: *line, column: *column, key, code: fault.code, reason: fault.reason })
        };
        let refusals: Vec<Refusal> = self.handsets.iter().filter_map(refusal).collect();
        if refusals.is_empty() { Ok(self) } else { Err(refusals) }
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
