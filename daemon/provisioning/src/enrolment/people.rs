//! What administrators decide about devices: adopt, remove, resync, and the office as it now stands.

use std::net::{IpAddr, Ipv4Addr};
use std::sync::Arc;

use bytes::Bytes;
use centrale_config::{ExtensionNumber, Handset, Mac, Office, Phone, PhoneUsers};
use rand::CryptoRng;

use super::token::DeviceSecret;
use super::{Effect, Enrolment};
use crate::catalogue::Stage;

/// Why a device cannot be adopted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum AdoptError {
    /// No such device was heard.
    #[error("no phone with this MAC address was heard")]
    UnknownDevice,
    /// There is no manifest for its model.
    #[error("this model is not known")]
    UnknownModel,
    /// Nobody in the office has this number.
    #[error("nobody has this number")]
    UnknownPerson,
}

impl Enrolment {
    /// Says that a device may be set up for a person: the word that a waiting phone waits for, and that a phone which
    /// was reset or locked out needs again. Returns the entry that must now be committed to the office, and the
    /// effects; the account goes out when the phone next asks, once [`settle`](Self::settle) saw the entry.
    ///
    /// # Errors
    /// An unknown device, model or person; nothing is changed.
    pub fn adopt(&mut self, mac: Mac, person: &ExtensionNumber) -> Result<(Phone, Vec<Effect>), AdoptError> {
        if !self.devices.contains_key(&mac) {
            return Err(AdoptError::UnknownDevice);
        }
        let model = self.model_of(mac).ok_or(AdoptError::UnknownModel)?;
        let (model, is_base) = (model.name.clone(), model.is_base());
        if !self.office.people.iter().any(|known| known.number == *person) {
            return Err(AdoptError::UnknownPerson);
        }
        let device = self.devices.get_mut(&mac).ok_or(AdoptError::UnknownDevice)?;
        device.record.confirmed = device.record.enrolled.is_none() || device.asks_again();
        if device.is_durable() {
            self.save(mac);
        }
        self.show(mac);
        let users = if is_base { self.with_handset(mac, person) } else { PhoneUsers::Person(person.clone()) };
        let modules = self.declared(mac).filter(|known| known.model == model).map_or(0, |known| known.modules);
        Ok((Phone { mac, model, users, modules }, std::mem::take(&mut self.effects)))
    }

    /// The handsets that a base has in the office, and one for this person beside them.
    fn with_handset(&self, mac: Mac, person: &ExtensionNumber) -> PhoneUsers {
        let mut handsets = match self.declared(mac).map(|phone| &phone.users) {
            Some(PhoneUsers::Handsets(handsets)) => handsets.clone(),
            Some(PhoneUsers::Person(_)) | None => Vec::new(),
        };
        if !handsets.iter().any(|handset| handset.person == *person) {
            handsets.push(Handset { person: person.clone(), model: String::new() });
        }
        PhoneUsers::Handsets(handsets)
    }

    /// Forgets a device: its secret and tokens are dead at once. Its entry in the office, if any, is the caller's to
    /// remove in the same breath.
    pub fn remove(&mut self, mac: Mac) -> Vec<Effect> {
        self.forget(mac);
        std::mem::take(&mut self.effects)
    }

    /// Makes an enrolled device read its settings again even if they are the same. No effects when there is no such
    /// device.
    pub fn resync(&mut self, mac: Mac) -> Vec<Effect> {
        if let Some(device) = self.devices.get_mut(&mac).filter(|device| device.record.enrolled.is_some()) {
            device.record.generation = device.record.generation.wrapping_add(1);
            self.save(mac);
            self.effects.push(Effect::Resync(mac));
        }
        std::mem::take(&mut self.effects)
    }

    /// Takes over a revision of the office: a phone whose file reads differently now is told to read it, a phone that
    /// is no longer in the office loses its secret, one that changed hands gets a new one, every card that changed is
    /// shown.
    pub fn settle(&mut self, office: Arc<Office>, rng: &mut impl CryptoRng) -> Vec<Effect> {
        let macs: Vec<Mac> = self.devices.keys().copied().collect();
        let before: Vec<Option<Bytes>> = macs.iter().map(|mac| self.current_file(*mac)).collect();
        self.office = office;
        for (mac, before) in macs.iter().zip(before) {
            if before.is_some() && self.is_at_home(*mac) && self.current_file(*mac) != before {
                self.effects.push(Effect::Resync(*mac));
            }
        }
        for mac in macs {
            self.settle_device(mac, rng);
            self.show(mac);
        }
        std::mem::take(&mut self.effects)
    }

    /// An enrolled desk phone's file as it reads now, but for the addresses in it.
    fn current_file(&mut self, mac: Mac) -> Option<Bytes> {
        let device = self.devices.get(&mac)?;
        if device.record.enrolled.is_none() || device.is_soft() {
            return None;
        }
        let anywhere = IpAddr::V4(Ipv4Addr::UNSPECIFIED);
        self.write(mac, Stage::Phone, "", "", anywhere).ok().map(|answer| answer.body)
    }

    /// Whose a device is in the office, in the order of its accounts.
    pub(super) fn declared_people(&self, mac: Mac) -> Option<Vec<ExtensionNumber>> {
        self.declared(mac).map(|phone| phone.people().cloned().collect())
    }

    /// Whether a device is still the phone of the people it was set up for.
    fn is_at_home(&self, mac: Mac) -> bool {
        let people = self.devices.get(&mac).map(|device| &device.record.people);
        people.is_some_and(|people| !people.is_empty() && self.declared_people(mac).as_ref() == Some(people))
    }

    fn settle_device(&mut self, mac: Mac, rng: &mut impl CryptoRng) {
        let Some(device) = self.devices.get(&mac) else { return };
        let soft = device.is_soft();
        let current = device.record.people.clone();
        if current.is_empty() {
            // A phone that is locked out and no longer anybody's has nothing to come back to.
            if device.record.suspect && self.declared(mac).is_none() {
                self.forget(mac);
            }
            return;
        }
        let still_here = soft && current.iter().all(|number| self.person(number).is_some());
        match if still_here { Some(current.clone()) } else { self.declared_people(mac) } {
            None => self.forget(mac),
            Some(people) if people != current => self.hand_over(mac, people, rng),
            Some(_) => {}
        }
    }

    /// Gives an enrolled device to other people, under a new secret: who had an account on it has none any more.
    fn hand_over(&mut self, mac: Mac, people: Vec<ExtensionNumber>, rng: &mut impl CryptoRng) {
        self.effects.push(Effect::Resync(mac));
        if let Some(device) = self.devices.get_mut(&mac) {
            device.record.people = people;
            device.secret = Some(DeviceSecret::mint(rng));
        }
        self.save(mac);
        self.effects.push(Effect::CredentialsChanged);
    }

    pub(super) fn person(&self, number: &ExtensionNumber) -> Option<&centrale_config::Person> {
        self.office.people.iter().find(|person| person.number == *number)
    }
}
