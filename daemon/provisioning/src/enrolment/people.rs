//! What administrators decide about devices: adopt, remove, resync, and the office as it now stands.

use std::net::{IpAddr, Ipv4Addr};
use std::sync::Arc;

use bytes::Bytes;
use centrale_config::{ExtensionNumber, Mac, Office, Phone};
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
        let model = self.model_of(mac).ok_or(AdoptError::UnknownModel)?.name.clone();
        if !self.office.people.iter().any(|known| known.number == *person) {
            return Err(AdoptError::UnknownPerson);
        }
        let device = self.devices.get_mut(&mac).ok_or(AdoptError::UnknownDevice)?;
        device.record.confirmed = device.record.enrolled.is_none() || device.asks_again();
        if device.is_durable() {
            self.save(mac);
        }
        self.show(mac);
        Ok((Phone { mac, model, person: person.clone() }, std::mem::take(&mut self.effects)))
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

    /// Whether a device is still the phone of the person it was set up for.
    fn is_at_home(&self, mac: Mac) -> bool {
        let person = self.devices.get(&mac).and_then(|device| device.record.person.as_ref());
        person.is_some() && self.declared(mac).map(|phone| &phone.person) == person
    }

    fn settle_device(&mut self, mac: Mac, rng: &mut impl CryptoRng) {
        let Some(device) = self.devices.get(&mac) else { return };
        let soft = device.is_soft();
        let Some(current) = device.record.person.clone() else {
            // A phone that is locked out and no longer anybody's has nothing to come back to.
            if device.record.suspect && self.declared(mac).is_none() {
                self.forget(mac);
            }
            return;
        };
        let rightful = if soft { self.person(&current).map(|person| person.number.clone()) } else { None };
        match rightful.or_else(|| self.declared(mac).map(|phone| phone.person.clone())) {
            None => self.forget(mac),
            Some(person) if person != current => self.hand_over(mac, person, rng),
            Some(_) => {}
        }
    }

    /// Gives an enrolled device to another person, under a new secret.
    fn hand_over(&mut self, mac: Mac, person: ExtensionNumber, rng: &mut impl CryptoRng) {
        self.effects.push(Effect::Resync(mac));
        if let Some(device) = self.devices.get_mut(&mac) {
            device.record.person = Some(person);
            device.secret = Some(DeviceSecret::mint(rng));
        }
        self.save(mac);
        self.effects.push(Effect::CredentialsChanged);
    }

    pub(super) fn person(&self, number: &ExtensionNumber) -> Option<&centrale_config::Person> {
        self.office.people.iter().find(|person| person.number == *number)
    }
}
