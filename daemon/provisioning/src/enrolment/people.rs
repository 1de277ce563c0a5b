//! What administrators decide about devices: adopt, remove, resync, and the office as it now stands.

use std::sync::Arc;
use std::time::Instant;

use centrale_config::{ExtensionNumber, Handset, Mac, Office, Phone, PhoneUsers};
use rand::CryptoRng;

use super::token::DeviceSecret;
use super::{Effect, Enrolment, Moment};

/// Why a device cannot be adopted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum AdoptError {
    /// No such device was heard.
    #[error("no phone with this MAC address was heard")]
    UnknownDevice,
    /// There is no manifest for its model.
    #[error("this model is not known")]
    UnknownModel,
    /// The base has as many handsets as it can have.
    #[error("this base has as many handsets as it can have")]
    BaseFull,
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
    /// An unknown device, model or person, or a base without room; nothing is changed.
    pub fn adopt(&mut self, mac: Mac, person: &ExtensionNumber) -> Result<(Phone, Vec<Effect>), AdoptError> {
        if !self.devices.contains_key(&mac) {
            return Err(AdoptError::UnknownDevice);
        }
        let model = self.model_of(mac).ok_or(AdoptError::UnknownModel)?;
        let (model, is_base, most) = (model.name.clone(), model.is_base(), usize::from(model.accounts));
        if !self.office.people.iter().any(|known| known.number == *person) {
            return Err(AdoptError::UnknownPerson);
        }
        let users = if is_base { self.with_handset(mac, person) } else { PhoneUsers::Person(person.clone()) };
        if matches!(&users, PhoneUsers::Handsets(handsets) if handsets.len() > most) {
            return Err(AdoptError::BaseFull);
        }
        let device = self.devices.get_mut(&mac).ok_or(AdoptError::UnknownDevice)?;
        device.record.confirmed = device.record.enrolled.is_none() || device.asks_again();
        if device.is_durable() {
            self.save(mac);
        }
        self.show(mac);
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
    pub fn resync(&mut self, moment: Moment, mac: Mac) -> Vec<Effect> {
        if let Some(device) = self.devices.get_mut(&mac).filter(|device| device.record.enrolled.is_some()) {
            device.record.generation = device.record.generation.wrapping_add(1);
            self.save(mac);
            self.follow(moment.now, mac);
            self.tell_now(moment.now, mac);
            self.show(mac);
        }
        std::mem::take(&mut self.effects)
    }

    /// Takes over a revision of the office: a phone whose file reads differently from the one it has is told to read it
    /// soon ([`poll_timeout`](Self::poll_timeout)), a phone that is no longer in the office loses its secret, one that
    /// changed hands gets a new one, every card that changed is shown.
    pub fn settle(&mut self, moment: Moment, office: Arc<Office>, rng: &mut impl CryptoRng) -> Vec<Effect> {
        self.office = office;
        for mac in self.devices.keys().copied().collect::<Vec<_>>() {
            self.settle_device(moment.now, mac, rng);
            self.follow(moment.now, mac);
            self.show(mac);
        }
        std::mem::take(&mut self.effects)
    }

    /// Whose a device is in the office, in the order of its accounts.
    pub(super) fn declared_people(&self, mac: Mac) -> Option<Vec<ExtensionNumber>> {
        self.declared(mac).map(|phone| phone.people().cloned().collect())
    }

    fn settle_device(&mut self, now: Instant, mac: Mac, rng: &mut impl CryptoRng) {
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
            Some(people) if people != current => self.hand_over(now, mac, people, rng),
            Some(_) => {}
        }
    }

    /// Gives an enrolled device to other people, under a new secret: who had an account on it has none any more.
    fn hand_over(&mut self, now: Instant, mac: Mac, people: Vec<ExtensionNumber>, rng: &mut impl CryptoRng) {
        if let Some(device) = self.devices.get_mut(&mac) {
            device.record.people = people;
            device.secret = Some(DeviceSecret::mint(rng));
        }
        self.save(mac);
        self.follow(now, mac);
        self.tell_now(now, mac);
        self.effects.push(Effect::CredentialsChanged);
    }

    pub(super) fn person(&self, number: &ExtensionNumber) -> Option<&centrale_config::Person> {
        self.office.people.iter().find(|person| person.number == *number)
    }
}
