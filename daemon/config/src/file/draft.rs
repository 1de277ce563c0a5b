//! An office that is valid but for the passwords that nobody wrote down.

use super::Refusal;
use crate::rules::Fault;
use crate::{ExtensionNumber, Mac, Office, PhoneUsers, Secret, conference};

/// A valid office in which some passwords are still to be made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Draft {
    /// An empty password stands for one that the file leaves out; a valid one is never empty.
    office: Office,
    /// Whether a trunk without a password is one whose password was left out. In an office of earlier it had none.
    keeps_trunk_passwords: bool,
    /// Where in the file each base has its handsets: line and column.
    handsets: Vec<(Mac, (usize, usize))>,
    /// Each model that firmware is for, and where in the file.
    firmware: Vec<(String, (usize, usize))>,
    /// Each room that is open to the outside and whose PIN is left out, and where in the file.
    without_pin: Vec<(ExtensionNumber, (usize, usize))>,
}

impl Draft {
    pub(super) fn new(mut office: Office) -> Self {
        office.sort();
        let (handsets, firmware, without_pin) = (Vec::new(), Vec::new(), Vec::new());
        Self { office, keeps_trunk_passwords: true, handsets, firmware, without_pin }
    }

    /// Where each base has its handsets, what firmware is for, and rooms that are open to the outside without a PIN.
    pub(super) fn found_at(
        self,
        handsets: Vec<(Mac, (usize, usize))>,
        firmware: Vec<(String, (usize, usize))>,
        without_pin: Vec<(ExtensionNumber, (usize, usize))>,
    ) -> Self {
        Self { handsets, firmware, without_pin, ..self }
    }

    /// An office of earlier, whose people's passwords are to be kept or made: one that was replaced since, or went with
    /// its person, must not open anything again. Trunks stay as they were: the password of now may be meant for another provider's server.
    pub fn of_earlier(mut office: Office) -> Self {
        for person in &mut office.people {
            person.sip_password = Self::missing();
        }
        for pin in office.conferences.iter_mut().filter_map(|room| room.pin.as_mut()) {
            *pin = Self::missing();
        }
        office.pin = None;
        Self { keeps_trunk_passwords: false, ..Self::new(office) }
    }

    /// Looks whether each room that is open to the outside has a PIN, written down or kept from `previous`.
    ///
    /// # Errors
    /// Each that has none, with its line.
    pub fn check_pins(self, previous: Option<&Office>) -> Result<Self, Vec<Refusal>> {
        let has_pin = |room: &ExtensionNumber| {
            previous.and_then(|office| office.conference(room.as_str())).is_some_and(|known| known.pin.is_some())
        };
        let refusal = |(_, (line, column)): &(ExtensionNumber, (usize, usize))| {
            let fault = conference::pin_needed();
            let key = "conference.pin".to_owned();
            Refusal { line: *line, column: *column, key, code: fault.code, reason: fault.reason }
        };
        let without: Vec<Refusal> = self.without_pin.iter().filter(|(room, _)| !has_pin(room)).map(refusal).collect();
        if without.is_empty() { Ok(self) } else { Err(without) }
    }

    /// Looks whether every phone that is given handsets can have them, and whether firmware is for models that exist.
    /// `most` says how many handsets a model carries: none at all when it is no base, and nothing when nobody knows it.
    ///
    /// # Errors
    /// Each phone that cannot, with the line of its handsets, and each unknown model of firmware.
    pub fn check_models(self, most: impl Fn(&str) -> Option<u16>) -> Result<Self, Vec<Refusal>> {
        let refusal = |(mac, (line, column)): &(Mac, (usize, usize))| {
            let phone = self.office.phone(*mac)?;
            let PhoneUsers::Handsets(handsets) = &phone.users else { return None };
            let model = &phone.model;
            let fault = match most(model)? {
                0 => Fault::new("not-a-base", format!("a {model} is a desk phone; write person in place of handsets")),
                most if handsets.len() > usize::from(most) => {
                    Fault::new("handsets-too-many", format!("a {model} has at most {most} handsets"))
                }
                most => {
                    let beyond = handsets.iter().find(|handset| u16::from(handset.place) > most)?;
                    let reason =
                        format!("a {model} has handsets 1 to {most}; {} has place {}", beyond.person, beyond.place);
                    Fault::new("handset-place-out-of-range", reason)
                }
            };
            let key = "phone.handsets".to_owned();
            Some(Refusal { line: *line, column: *column, key, code: fault.code, reason: fault.reason })
        };
        let unknown = |(model, (line, column)): &(String, (usize, usize))| {
            let reason = format!("no phone is a {model}; write it as the manifests do, for example T54W");
            let key = "firmware.models".to_owned();
            Refusal { line: *line, column: *column, key, code: "unknown-model", reason }
        };
        let firmware = self.firmware.iter().filter(|(model, _)| most(model).is_none()).map(unknown);
        let mut refusals: Vec<Refusal> = self.handsets.iter().filter_map(refusal).chain(firmware).collect();
        refusals.sort();
        if refusals.is_empty() { Ok(self) } else { Err(refusals) }
    }

    /// What stands for a password that was left out.
    pub(super) fn missing() -> Secret {
        Secret::new("")
    }

    /// Fills in what the file leaves out: a person keeps the password of `previous`, else gets one from `generate`; a trunk
    /// that needs no registration keeps the password it had, if any, a conference room its PIN, and the office its own.
    pub fn settle(self, previous: Option<&Office>, generate: &mut dyn FnMut() -> Secret) -> Office {
        let mut office = self.office;
        let left_out = Self::missing();
        for person in office.people.iter_mut().filter(|person| person.sip_password == left_out) {
            let kept =
                previous.and_then(|office| office.person(&person.number)).map(|known| known.sip_password.clone());
            person.sip_password = kept.unwrap_or_else(&mut *generate);
        }
        let trunks_of = previous.filter(|_| self.keeps_trunk_passwords);
        for trunk in office.trunks.iter_mut().filter(|trunk| trunk.password == left_out) {
            if let Some(known) = trunks_of.and_then(|office| office.trunk(&trunk.name)) {
                trunk.password = known.password.clone();
            }
        }
        office.pin = office.pin.or_else(|| previous?.pin.clone());
        let mut gone = Vec::new();
        for room in &mut office.conferences {
            let asked = room.pin.take();
            let known = || previous.and_then(|office| office.conference(room.number.as_str())?.pin.clone());
            room.pin = asked.clone().filter(|pin| *pin != left_out).or_else(known);
            // A room of earlier asked for a PIN that opens nothing any more: it does not come back without one.
            if asked.is_some() && room.pin.is_none() {
                gone.push(room.number.clone());
            }
            room.outside &= room.pin.is_some();
        }
        office.conferences.retain(|room| !gone.contains(&room.number));
        let mut inbound = std::mem::take(&mut office.inbound);
        let leads = |to: &ExtensionNumber| match office.conference(to.as_str()) {
            Some(room) => room.outside,
            None => !gone.contains(to),
        };
        inbound.retain_mut(|inbound| {
            inbound.closed = inbound.closed.take().filter(|closed| leads(&closed.to));
            leads(&inbound.to)
        });
        office.inbound = inbound;
        office
    }
}
