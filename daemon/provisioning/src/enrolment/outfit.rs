//! What is in a phone's place, within what its model carries: handsets, expansion modules, encryption, and the phone itself. Each gives
//! the change that is to be committed to the office; what it means for the phone follows when the office is settled.

use centrale_config::{Change, ExtensionNumber, Mac, PhoneUsers};

use super::{AdoptError, Enrolment};
use crate::catalogue::Model;

impl Enrolment {
    /// The model of a phone of the office: what it said over HTTP that it is, else what the office says. `None` when it is no phone of the
    /// office or nobody knows such a model.
    pub fn model_in_office(&self, mac: Mac) -> Option<&Model> {
        let phone = self.declared(mac)?;
        self.model_of(mac).or_else(|| self.catalogue.model_named(&phone.model))
    }

    /// Gives a person a handset of a base, beside those that it has. `handset` is its model, or empty.
    ///
    /// # Errors
    /// A phone that is no base of the office, an unknown person or handset, or a base without room.
    pub fn give_handset(&self, mac: Mac, person: &ExtensionNumber, handset: &str) -> Result<Change, AdoptError> {
        let phone = self.declared(mac).ok_or(AdoptError::UnknownDevice)?;
        let model = self.model_in_office(mac).ok_or(AdoptError::UnknownModel)?;
        if !model.is_base() {
            return Err(AdoptError::NotABase);
        }
        self.person(person).ok_or(AdoptError::UnknownPerson)?;
        if !handset.is_empty() && !model.handsets.iter().any(|known| known == handset) {
            return Err(AdoptError::UnknownHandset);
        }
        if self.last_place_with(mac, person) > model.most_handsets() {
            return Err(AdoptError::BaseFull);
        }
        let (mac, person, handset) = (mac.to_string(), person.to_string(), handset.to_owned());
        Ok(Change::AdoptHandset { mac, model: phone.model.clone(), person, handset })
    }

    /// Says how many expansion modules are plugged into a phone of the office.
    ///
    /// # Errors
    /// A phone that is not one of the office, or carries fewer.
    pub fn set_modules(&self, mac: Mac, modules: u8) -> Result<Change, AdoptError> {
        self.declared(mac).ok_or(AdoptError::UnknownDevice)?;
        let most = self.model_in_office(mac).ok_or(AdoptError::UnknownModel)?.modules;
        if modules > most {
            return Err(AdoptError::TooManyModules(most));
        }
        Ok(Change::SetModules { mac: mac.to_string(), modules })
    }

    /// Says whether a phone of the office registers and speaks without encryption.
    ///
    /// # Errors
    /// A phone that is not one of the office.
    pub fn set_unencrypted(&self, mac: Mac, unencrypted: bool) -> Result<Change, AdoptError> {
        self.declared(mac).ok_or(AdoptError::UnknownDevice)?;
        Ok(Change::SetUnencrypted { mac: mac.to_string(), unencrypted })
    }

    /// Puts a phone that was heard in the place of one of the office, with its person or its handsets, and the expansion
    /// modules that fit it, too. As with [`adopt`](Self::adopt), the word that the new one waits for goes with the change. The old
    /// one is dead once [`settle`](Self::settle) saw it.
    ///
    /// # Errors
    /// An unknown phone or model, one that is in use, or one that cannot take everybody over.
    pub fn replace(&self, mac: Mac, by: Mac) -> Result<Change, AdoptError> {
        let phone = self.declared(mac).ok_or(AdoptError::UnknownDevice)?;
        if self.declared(by).is_some() {
            return Err(AdoptError::InUse);
        }
        self.devices.get(&by).filter(|device| !device.is_soft()).ok_or(AdoptError::UnknownDevice)?;
        let model = self.model_of(by).ok_or(AdoptError::UnknownModel)?;
        match (&phone.users, model.is_base()) {
            (PhoneUsers::Handsets(handsets), true)
                if handsets.iter().any(|handset| u16::from(handset.place) > model.most_handsets()) =>
            {
                return Err(AdoptError::BaseFull);
            }
            (PhoneUsers::Handsets(_), true) | (PhoneUsers::Person(_), false) => {}
            (PhoneUsers::Handsets(_), false) | (PhoneUsers::Person(_), true) => return Err(AdoptError::KindDiffers),
        }
        let fit = self.model_in_office(mac).is_some_and(|old| old.takes_modules_of(model));
        let modules = if fit { phone.modules.min(model.modules) } else { 0 };
        Ok(Change::ReplacePhone { mac: mac.to_string(), by: by.to_string(), model: model.name.clone(), modules })
    }
}
