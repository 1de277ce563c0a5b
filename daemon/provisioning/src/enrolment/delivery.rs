//! A change on its way to a phone: which file it should have, which it last read, and why it did not read the new one.

use std::time::{Duration, Instant};

use bytes::Bytes;
use centrale_config::Mac;
use ring::digest::{SHA256, digest};
use serde::{Deserialize, Serialize};

use super::device::Device;
use super::request::Knock;
use super::token::{Token, hex};
use super::values::{Moment, Resynced, Scheme, SettingsState};
use super::{Effect, Enrolment};

/// How long changes are gathered before a phone is told: a person at the page makes several in a row.
const GATHERED: Duration = Duration::from_secs(2);
/// How long a phone has to come and read once it was told. A slow one takes a minute, a base that restarts two.
const TIME_TO_READ: Duration = Duration::from_secs(300);
/// How long until a phone that could not be told is told again; twice as long each time.
const AGAIN_AT_FIRST: Duration = Duration::from_secs(30);
/// The longest that gets.
const AGAIN_AT_LAST: Duration = Duration::from_secs(600);

/// SHA-256 of a phone's file, but for the addresses in it. It covers a secret of more than 128 random bits, so that
/// nobody can find the file by trying.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FileHash(String);

impl FileHash {
    pub(super) fn of(file: &Bytes) -> Self {
        Self(hex(digest(&SHA256, file).as_ref()))
    }
}

/// The file that a phone should have.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Wanted {
    /// This one.
    File(FileHash),
    /// It cannot be written: a fault of a template.
    Unwritable,
}

/// What is being done so that a phone reads its new file.
#[derive(Debug, Clone)]
pub(crate) struct Delivery {
    /// When the phone is told the next time. `None` while the exchange waits for the end of its call.
    pub(super) tell_at: Option<Instant>,
    told: bool,
    failures: u32,
    hitch: Option<Hitch>,
}

/// What stands in the way.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Hitch {
    InCall,
    Refused,
    Unreachable,
    NotRead,
}

impl Delivery {
    fn due(tell_at: Instant) -> Self {
        Self { tell_at: Some(tell_at), told: false, failures: 0, hitch: None }
    }

    /// The phone is told now; that it was told before and did not come is now known.
    fn tell(&mut self, now: Instant) {
        if self.told && self.hitch.is_none() {
            self.hitch = Some(Hitch::NotRead);
        }
        self.told = true;
        self.tell_at = Some(now + TIME_TO_READ);
    }

    fn answered(&mut self, now: Instant, outcome: Resynced) {
        let (hitch, tell_at) = match outcome {
            Resynced::Accepted => (self.hitch.filter(|hitch| *hitch == Hitch::NotRead), Some(now + TIME_TO_READ)),
            Resynced::Deferred => (Some(Hitch::InCall), None),
            Resynced::Refused(_) => (Some(Hitch::Refused), Some(now + self.patience())),
            Resynced::Unreachable => (Some(Hitch::Unreachable), Some(now + self.patience())),
        };
        (self.hitch, self.tell_at) = (hitch, tell_at);
    }

    fn patience(&mut self) -> Duration {
        let wait = AGAIN_AT_FIRST.saturating_mul(2u32.saturating_pow(self.failures)).min(AGAIN_AT_LAST);
        self.failures = self.failures.saturating_add(1);
        wait
    }

    const fn state(&self) -> (SettingsState, Option<&'static str>) {
        match self.hitch {
            None => (SettingsState::Pending, None),
            Some(Hitch::InCall) => (SettingsState::Pending, Some("in-a-call")),
            Some(Hitch::Refused) => (SettingsState::Failed, Some("resync-refused")),
            Some(Hitch::Unreachable) => (SettingsState::Failed, Some("unreachable")),
            Some(Hitch::NotRead) => (SettingsState::Failed, Some("not-fetched")),
        }
    }
}

impl Device {
    /// How far its settings are; nothing for one that has none to follow.
    pub(super) fn settings(&self) -> (Option<SettingsState>, Option<&'static str>) {
        if !self.has_settings() {
            return (None, None);
        }
        let (state, reason) = match (&self.wanted, &self.delivery) {
            (Some(Wanted::Unwritable), _) => (SettingsState::Failed, Some("template-fault")),
            (_, Some(delivery)) => delivery.state(),
            (_, None) => (SettingsState::Applied, None),
        };
        (Some(state), reason)
    }

    /// Whether it reads its settings more than once.
    fn has_settings(&self) -> bool {
        self.record.enrolled.is_some() && !self.is_soft()
    }
}

impl Enrolment {
    /// A phone registered with an account of its own.
    pub fn handle_registered(&mut self, mac: Mac) -> Vec<Effect> {
        let device = self.devices.get_mut(&mac).filter(|device| device.record.enrolled.is_some());
        if let Some(device) = device.filter(|device| !device.record.registered) {
            device.record.registered = true;
            self.save(mac);
            self.show(mac);
        }
        std::mem::take(&mut self.effects)
    }

    /// What became of an [`Effect::Resync`]. Of a phone that meanwhile read its file, or is not there, it says nothing.
    pub fn handle_resynced(&mut self, moment: Moment, mac: Mac, outcome: Resynced) -> Vec<Effect> {
        if let Some(delivery) = self.devices.get_mut(&mac).and_then(|device| device.delivery.as_mut()) {
            delivery.answered(moment.now, outcome);
        }
        self.show(mac);
        std::mem::take(&mut self.effects)
    }

    /// The file that was given in answer to this path did not go out, since what must come first did not happen: the phone
    /// is not known to have read it, and may ask for it again where each is given once.
    pub fn handle_not_sent(&mut self, moment: Moment, scheme: Scheme, path: &str) -> Vec<Effect> {
        match Knock::read(scheme, path) {
            Some(Knock::Link { token }) => self.take_link_back(token),
            Some(Knock::Steady { token, .. }) => {
                let door = Token::read(token).and_then(|token| self.doors.get(&token.hash()).copied());
                door.into_iter().for_each(|door| self.has_not_read(moment.now, door.mac));
            }
            Some(Knock::Bootstrap { .. }) | None => {}
        }
        std::mem::take(&mut self.effects)
    }

    fn has_not_read(&mut self, now: Instant, mac: Mac) {
        let device = self.devices.get_mut(&mac).filter(|device| device.has_settings());
        if device.is_some_and(|device| device.record.fetched.take().is_some()) {
            self.save(mac);
            self.follow(now, mac);
            self.show(mac);
        }
    }

    /// Looks what a phone should have now, and sees to it that it gets it.
    pub(super) fn follow(&mut self, now: Instant, mac: Mac) {
        let before = self.devices.get(&mac).and_then(|device| device.wanted.clone());
        let wanted = self.wanted_file(mac);
        let Some(device) = self.devices.get_mut(&mac) else { return };
        let moved = wanted != before;
        let news = matches!(&wanted, Some(Wanted::File(file)) if device.record.fetched.as_ref() != Some(file));
        device.wanted = wanted;
        match &mut device.delivery {
            _ if !news => device.delivery = None,
            // Told of an older change, or waited for in vain: told of this one, too.
            Some(delivery) if moved && delivery.told => delivery.tell_at = delivery.tell_at.map(|_| now + GATHERED),
            Some(_) => {}
            None => device.delivery = Some(Delivery::due(now + GATHERED)),
        }
    }

    /// Tells a phone at once.
    pub(super) fn tell_now(&mut self, now: Instant, mac: Mac) {
        if let Some(device) = self.devices.get_mut(&mac).filter(|device| device.has_settings()) {
            device.delivery.get_or_insert_with(|| Delivery::due(now)).tell(now);
            self.effects.push(Effect::Resync(mac));
        }
    }

    /// The phone has read its own file, as it is now.
    pub(super) fn has_read(&mut self, mac: Mac) {
        let wanted = self.wanted(mac);
        let Some(device) = self.devices.get_mut(&mac) else { return };
        let Some(Wanted::File(file)) = wanted.clone() else { return };
        (device.wanted, device.delivery) = (wanted, None);
        if device.record.fetched.as_ref() != Some(&file) {
            device.record.fetched = Some(file);
            self.save(mac);
        }
    }

    /// Whether a phone has read its file as it is now.
    pub(super) fn has_newest(&mut self, mac: Mac) -> bool {
        let wanted = self.wanted(mac);
        let fetched = self.devices.get(&mac).and_then(|device| device.record.fetched.as_ref());
        matches!((&wanted, fetched), (Some(Wanted::File(wanted)), Some(fetched)) if wanted == fetched)
    }

    /// Tells every phone whose time has come.
    pub(super) fn tell_due(&mut self, now: Instant) {
        let due = |device: &&Device| {
            let at = device.delivery.as_ref().and_then(|delivery| delivery.tell_at);
            at.is_some_and(|at| at <= now)
        };
        let macs: Vec<Mac> = self.devices.values().filter(due).map(|device| device.record.mac).collect();
        for mac in macs {
            self.tell_now(now, mac);
            self.show(mac);
        }
    }

    /// What it should have, written out only where nobody did yet.
    fn wanted(&mut self, mac: Mac) -> Option<Wanted> {
        self.devices.get(&mac).and_then(|device| device.wanted.clone()).or_else(|| self.wanted_file(mac))
    }

    fn wanted_file(&mut self, mac: Mac) -> Option<Wanted> {
        self.devices.get(&mac).filter(|device| device.has_settings())?;
        let anywhere = std::net::IpAddr::V4(std::net::Ipv4Addr::UNSPECIFIED);
        let file = self.write(mac, crate::catalogue::Stage::Phone, "", "", anywhere);
        Some(file.map_or(Wanted::Unwritable, |answer| Wanted::File(FileHash::of(&answer.body))))
    }
}
