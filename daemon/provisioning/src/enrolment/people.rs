//! What administrators decide about devices: adopt, remove, resync, and the office as it now stands.

use std::sync::Arc;

use centrale_config::{Change, ExtensionNumber, Handset, Mac, Office, PhoneUsers, Secret};
use rand::CryptoRng;

use super::token::DeviceSecret;
use super::{DeviceRecord, Effect, Enrolment, Moment};

/// Why a device cannot be adopted, equipped, or put in another's place.
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
    /// It has no handsets: it is no DECT base.
    #[error("this is no DECT base")]
    NotABase,
    /// The base does not serve such handsets.
    #[error("this base does not serve handsets of this model")]
    UnknownHandset,
    /// The model carries fewer expansion modules.
    #[error("this model carries at most {0} expansion modules")]
    TooManyModules(u8),
    /// The phone that is to take another's place is one of the office already.
    #[error("this phone is in use already")]
    InUse,
    /// One of the two is a DECT base and the other is not.
    #[error("a base takes the place of a base, and a desk phone that of a desk phone")]
    KindDiffers,
}

/// What became of a device's people in a revision of the office.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Hands {
    /// Nothing, or the device went with them.
    Same,
    /// There are more, or in another order; the secret is the same.
    SomebodyJoined,
    /// Somebody had it and has it no more; the secret is new.
    SomebodyLeft,
}

impl Enrolment {
    /// The change by which a device is a person's, to be committed to the office together with the word that the device
    /// may be set up: [`confirmed`](Self::confirmed) is what is to be kept of it with the change, and
    /// [`confirm`](Self::confirm) says it here once both are on the disk. The account goes out when the phone next asks,
    /// once [`settle`](Self::settle) saw the change.
    ///
    /// # Errors
    /// An unknown device, model or person, or a base without room.
    pub fn adopt(&self, mac: Mac, person: &ExtensionNumber) -> Result<Change, AdoptError> {
        if !self.devices.contains_key(&mac) {
            return Err(AdoptError::UnknownDevice);
        }
        let model = self.model_of(mac).ok_or(AdoptError::UnknownModel)?;
        let (model, is_base, most) = (model.name.clone(), model.is_base(), model.accounts);
        self.person(person).ok_or(AdoptError::UnknownPerson)?;
        if is_base && self.last_place_with(mac, person) > most {
            return Err(AdoptError::BaseFull);
        }
        let (mac, person) = (mac.to_string(), person.to_string());
        Ok(match is_base {
            true => Change::AdoptHandset { mac, model, person, handset: String::new() },
            false => Change::AdoptPhone { mac, model, person },
        })
    }

    /// What is to be kept of a device of which somebody says that it may be set up (again): the word that a waiting phone
    /// waits for, and that a phone which was reset or locked out needs again. Nothing where nothing need be kept.
    pub fn confirmed(&self, mac: Mac) -> Option<(DeviceRecord, Option<Secret>)> {
        let mut device = self.devices.get(&mac)?.clone();
        device.confirm();
        let secret = device.secret.as_ref().map(DeviceSecret::to_store);
        device.is_durable().then_some((device.record, secret))
    }

    /// Takes note of that word. What [`confirmed`](Self::confirmed) gave is kept already.
    pub fn confirm(&mut self, mac: Mac) -> Vec<Effect> {
        if let Some(device) = self.devices.get_mut(&mac) {
            device.confirm();
        }
        self.show(mac);
        std::mem::take(&mut self.effects)
    }

    /// The highest place of a base's handsets in the office when this person has one of them.
    pub(super) fn last_place_with(&self, mac: Mac, person: &ExtensionNumber) -> u16 {
        let Some(PhoneUsers::Handsets(handsets)) = self.declared(mac).map(|phone| &phone.users) else { return 1 };
        let has_one = handsets.iter().any(|handset| handset.person == *person);
        let given = (!has_one).then(|| Handset::free_place(handsets));
        handsets.iter().map(|handset| handset.place).chain(given).max().map_or(1, u16::from)
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
            // Somebody asked for it: what became of an earlier attempt is no word on this one.
            device.delivery = None;
            self.save(mac);
            self.follow(moment.now, mac);
            self.tell_now(moment.now, mac);
            self.show(mac);
        }
        std::mem::take(&mut self.effects)
    }

    /// Gives an enrolled device a new secret, which it is told to read: whoever else has the old one is out at once. No
    /// effects when there is no such device.
    pub fn renew(&mut self, moment: Moment, mac: Mac, rng: &mut impl CryptoRng) -> Vec<Effect> {
        if let Some(device) = self.devices.get_mut(&mac).filter(|device| device.record.enrolled.is_some()) {
            device.secret = Some(DeviceSecret::mint(rng));
            self.save(mac);
            self.follow(moment.now, mac);
            self.effects.push(Effect::CredentialsChanged);
            self.tell_now(moment.now, mac);
            self.show(mac);
        }
        std::mem::take(&mut self.effects)
    }

    /// Takes over a revision of the office: a phone whose file reads differently from the one it has is told to read it
    /// soon ([`poll_timeout`](Self::poll_timeout)), a phone that is no longer in the office loses its secret, one that
    /// somebody had and has no more gets a new one, every card that changed is shown.
    pub fn settle(&mut self, moment: Moment, office: Arc<Office>, rng: &mut impl CryptoRng) -> Vec<Effect> {
        (self.office, self.book) = (office, None);
        self.take_turns(moment.now);
        for mac in self.devices.keys().copied().collect::<Vec<_>>() {
            let hands = self.settle_people(mac, rng);
            self.follow(moment.now, mac);
            if hands == Hands::SomebodyLeft {
                self.tell_now(moment.now, mac);
            }
            if hands != Hands::Same {
                self.effects.push(Effect::CredentialsChanged);
            }
            self.show(mac);
        }
        std::mem::take(&mut self.effects)
    }

    /// Whose a device is in the office, in the order of its accounts.
    pub(super) fn declared_people(&self, mac: Mac) -> Option<Vec<ExtensionNumber>> {
        self.declared(mac).map(|phone| phone.people().cloned().collect())
    }

    fn settle_people(&mut self, mac: Mac, rng: &mut impl CryptoRng) -> Hands {
        let Some(device) = self.devices.get(&mac) else { return Hands::Same };
        let current = &device.record.people;
        if current.is_empty() {
            // A phone that is locked out and no longer anybody's has nothing to come back to.
            if device.record.suspect && self.declared(mac).is_none() {
                self.forget(mac);
            }
            return Hands::Same;
        }
        let still_here = device.is_soft() && current.iter().all(|number| self.person(number).is_some());
        match if still_here { Some(current.clone()) } else { self.declared_people(mac) } {
            None => {
                self.forget(mac);
                Hands::Same
            }
            Some(people) if people != *current => self.hand_over(mac, people, rng),
            Some(_) => Hands::Same,
        }
    }

    /// Gives an enrolled device to these people. When somebody is no longer among them it gets a new secret, so that he
    /// has no account on it any more; who merely joins does not cost the others theirs.
    fn hand_over(&mut self, mac: Mac, people: Vec<ExtensionNumber>, rng: &mut impl CryptoRng) -> Hands {
        let Some(device) = self.devices.get_mut(&mac) else { return Hands::Same };
        let somebody_left = device.record.people.iter().any(|person| !people.contains(person));
        if somebody_left {
            device.secret = Some(DeviceSecret::mint(rng));
        }
        device.record.people = people;
        self.save(mac);
        if somebody_left { Hands::SomebodyLeft } else { Hands::SomebodyJoined }
    }

    pub(super) fn person(&self, number: &ExtensionNumber) -> Option<&centrale_config::Person> {
        self.office.people.iter().find(|person| person.number == *number)
    }
}
