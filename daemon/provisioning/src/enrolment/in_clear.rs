//! Phones that cannot speak TLS as the box does, and phones that ask in vain: what is shown, and what is allowed.

use std::net::IpAddr;

use centrale_config::Mac;
use rand::CryptoRng;

use super::{
    AdoptError, Door, DoorKind, Effect, Enrolment, HttpRequest, Moment, Neighbour, Refusal, Said, Scheme, TlsFault,
};
use crate::recognise::UserAgentHint;

impl Enrolment {
    /// Allows one phone to be set up without TLS, or no longer. Its settings then go out in clear, once per change,
    /// only to the phone's own MAC address on a network of the box. When it is no longer allowed what was told in clear
    /// is dead at once, and the phone must be set up anew.
    ///
    /// # Errors
    /// No such device was heard.
    pub fn allow_plain_http(&mut self, mac: Mac, allowed: bool) -> Result<Vec<Effect>, AdoptError> {
        let device = self.devices.get_mut(&mac).filter(|device| !device.is_soft()).ok_or(AdoptError::UnknownDevice)?;
        if device.record.plain_http != allowed {
            device.record.plain_http = allowed;
            // Its addresses say which way it comes.
            (device.pairing, device.wanted) = (None, None);
            let record = &mut device.record;
            record.waiting = record.waiting.take().filter(|waiting| allowed || !waiting.in_clear);
            let was_told = !allowed && record.enrolled.as_ref().is_some_and(|binding| binding.in_clear);
            if was_told {
                (record.enrolled, device.secret, device.delivery) = (None, None, None);
                record.people.clear();
                self.effects.push(Effect::CredentialsChanged);
            }
            self.index(mac);
            self.save(mac);
            self.show(mac);
        }
        Ok(std::mem::take(&mut self.effects))
    }

    /// A TLS handshake came to nothing. Where a phone can be told by its place, its card says why.
    pub fn handle_tls_fault(&mut self, source: IpAddr, neighbour: Neighbour, fault: TlsFault) -> Vec<Effect> {
        let refusal = match fault {
            TlsFault::TooOld => Refusal::TlsTooOld,
            TlsFault::NotTrusted => Refusal::TlsNotTrusted,
        };
        self.count(refusal);
        if let Some(mac) = self.at_place(source.to_canonical(), neighbour) {
            self.note_reason(mac, Some(refusal));
            self.show(mac);
        }
        std::mem::take(&mut self.effects)
    }

    /// The phone that is at an address, as far as is known.
    pub(super) fn at_place(&self, source: IpAddr, neighbour: Neighbour) -> Option<Mac> {
        if let Neighbour::Is(mac) = neighbour {
            return self.devices.contains_key(&mac).then_some(mac);
        }
        let pairs = |mac: &Mac| self.devices[mac].pairing.as_ref().is_some_and(|pairing| pairing.source == source);
        self.devices.keys().find(|mac| pairs(mac)).copied()
    }

    /// By which way a phone is told to come.
    pub(super) fn steady_scheme(&self, mac: Mac) -> Scheme {
        let plain = self.devices.get(&mac).is_some_and(|device| device.record.plain_http);
        if plain { Scheme::Http } else { Scheme::Https }
    }

    /// Refuses a token in clear, but from a phone that is allowed to, in its own place.
    pub(super) fn check_scheme(&self, door: Door, request: &HttpRequest<'_>) -> Result<(), Refusal> {
        if request.scheme == Scheme::Https {
            return Ok(());
        }
        let record = self.devices.get(&door.mac).map(|device| &device.record).ok_or(Refusal::TokenUnknown)?;
        let came_so = match door.kind {
            DoorKind::Bootstrap => false,
            DoorKind::First => true,
            DoorKind::Waiting => record.waiting.as_ref().is_some_and(|binding| binding.in_clear),
            DoorKind::Steady => record.enrolled.as_ref().is_some_and(|binding| binding.in_clear),
        };
        let in_its_place = request.neighbour == Neighbour::Is(door.mac);
        if record.plain_http && came_so && in_its_place { Ok(()) } else { Err(Refusal::TokenInClear) }
    }

    /// A phone that asks by its own name and in its own place for what there is not gets a card that says why. A name
    /// alone is anybody's.
    pub(super) fn note_unanswered(
        &mut self,
        moment: Moment,
        request: &HttpRequest<'_>,
        refusal: Refusal,
        rng: &mut impl CryptoRng,
    ) {
        let Neighbour::Is(mac) = request.neighbour else { return };
        if !names(request.path, mac) {
            return;
        }
        let foreign = || self.catalogue.vendor_of_mac(mac).is_none() && self.declared(mac).is_none();
        let reason = match refusal {
            Refusal::TokenUnknown | Refusal::TokenInClear => refusal,
            Refusal::NoSuchFile if foreign() => Refusal::MakerUnknown,
            _ => return,
        };
        let hint = UserAgentHint::read(request.user_agent);
        let (model, firmware) = hint.map(|hint| (hint.model, hint.firmware)).unwrap_or_default();
        let said = Said { vendor: "", model: &model, firmware: &firmware };
        if self.remember(moment, mac, request.source, request.neighbour, said, rng).is_ok() {
            if !self.was_caught(mac) {
                self.note_reason(mac, Some(reason));
            }
            self.show(mac);
        }
    }

    /// Whether its card says already that it, or who plays it, is another than it says. That its address is dead now, or
    /// that it asks again too soon, only follows from that.
    pub(super) fn was_caught(&self, mac: Mac) -> bool {
        let reason = self.devices.get(&mac).and_then(|device| device.reason);
        matches!(reason, Some(Refusal::CertificateDiffers | Refusal::NeighbourDiffers | Refusal::TokenMisused))
    }
}

/// Whether the last part of a path has this MAC address in it, however it is written.
fn names(path: &str, mac: Mac) -> bool {
    let name = path.rsplit('/').next().unwrap_or_default().to_ascii_lowercase().replace("%3a", "");
    let bare: String = name.chars().filter(|character| !matches!(character, ':' | '-')).collect();
    bare.contains(&mac.to_string())
}
