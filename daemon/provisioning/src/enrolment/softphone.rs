//! Soft phones: a link that works once, from a QR code.

use std::net::IpAddr;
use std::time::{Duration, Instant};

use centrale_config::{ExtensionNumber, Mac};
use rand::CryptoRng;

use super::device::{Binding, Device, Proof};
use super::token::{DeviceSecret, Token, TokenHash, mint_code};
use super::{AdoptError, Answer, Effect, Enrolment, HttpRequest, Moment, Neighbour, Refusal, Scheme};
use crate::catalogue::Stage;
use crate::recognise::{Dialect, UserAgentHint};

/// How long a link can be used, and how long after that it is still known to have been one (and answered with 410).
const LINK_LIFE: Duration = Duration::from_secs(600);
/// The most links that are open at once.
const MAX_LINKS: usize = 256;

/// A link for one soft phone.
#[derive(Clone, PartialEq, Eq)]
pub struct SoftphoneLink {
    /// The address; whoever opens it first gets the account. It is a secret.
    pub url: String,
    /// Seconds in which it must be opened.
    pub expires_in_seconds: u64,
}

#[derive(Debug, Clone)]
pub(super) struct Link {
    person: ExtensionNumber,
    /// Whether it may be opened without TLS, from a network of the box.
    in_clear: bool,
    expires_at: Instant,
    /// The one that opened it.
    device: Option<Mac>,
}

impl Link {
    pub(super) fn forgotten_at(&self) -> Instant {
        self.expires_at + LINK_LIFE
    }
}

impl Enrolment {
    /// Makes a link with which one soft phone becomes this person's. `local` is the address at which whoever will open
    /// it reaches the box, used when the box has no name. With [`Scheme::Http`] an app that knows no certificate of the
    /// box opens it too: the account goes out in clear, once, on a network of the box alone.
    ///
    /// # Errors
    /// Nobody has this number.
    pub fn softphone_link(
        &mut self,
        moment: Moment,
        person: &ExtensionNumber,
        local: IpAddr,
        scheme: Scheme,
        rng: &mut impl CryptoRng,
    ) -> Result<SoftphoneLink, AdoptError> {
        self.person(person).ok_or(AdoptError::UnknownPerson)?;
        self.links.retain(|_, link| moment.now < link.forgotten_at());
        if self.links.len() >= MAX_LINKS {
            let oldest = self.links.iter().min_by_key(|(_, link)| link.expires_at).map(|(hash, _)| hash.clone());
            oldest.and_then(|hash| self.links.remove(&hash));
        }
        let token = Token::mint(rng);
        let (in_clear, expires_at) = (scheme == Scheme::Http, moment.now + LINK_LIFE);
        let link = Link { person: person.clone(), in_clear, expires_at, device: None };
        self.links.insert(token.hash(), link);
        let url = format!("{}/l/{}", self.origin(scheme, local), token.as_str());
        Ok(SoftphoneLink { url, expires_in_seconds: LINK_LIFE.as_secs() })
    }

    /// `GET /l/<token>`.
    pub(super) fn open_link(
        &mut self,
        moment: Moment,
        request: &HttpRequest<'_>,
        token: &str,
        rng: &mut impl CryptoRng,
    ) -> Result<Answer, Refusal> {
        let hash = Token::read(token).ok_or(Refusal::TokenUnknown)?.hash();
        let link = self.links.get(&hash).ok_or(Refusal::TokenUnknown)?;
        if request.scheme == Scheme::Http {
            check_clear(link, request.neighbour)?;
        }
        if link.device.is_some() || link.expires_at <= moment.now || self.person(&link.person).is_none() {
            return Err(Refusal::LinkUsed);
        }
        if !is_the_app(request) {
            return Err(Refusal::NotTheApp);
        }
        let person = link.person.clone();
        let mac = self.enrol_softphone(moment, request, person, rng)?;
        let answer = self.write(mac, Stage::Phone, "", "", request.local);
        match &answer {
            Ok(_) => self.hand_out(&hash, mac),
            Err(_) => drop(self.devices.remove(&mac)),
        }
        answer
    }

    fn hand_out(&mut self, hash: &TokenHash, mac: Mac) {
        if let Some(link) = self.links.get_mut(hash) {
            link.device = Some(mac);
        }
        self.save(mac);
        self.effects.push(Effect::CredentialsChanged);
        self.show(mac);
    }

    /// The settings behind a link did not go out: the app may open it again, and what it would have got is dead.
    pub(super) fn take_link_back(&mut self, token: &str) {
        let link = Token::read(token).and_then(|token| self.links.get_mut(&token.hash()));
        if let Some(mac) = link.and_then(|link| link.device.take()) {
            self.forget(mac);
        }
    }

    fn enrol_softphone(
        &mut self,
        moment: Moment,
        request: &HttpRequest<'_>,
        person: ExtensionNumber,
        rng: &mut impl CryptoRng,
    ) -> Result<Mac, Refusal> {
        self.make_room()?;
        let vendor = self.catalogue.vendor_speaking(Dialect::Linphone).ok_or(Refusal::ModelUnknown)?.id.clone();
        let model = self.catalogue.models().iter().find(|model| model.vendor == vendor).ok_or(Refusal::ModelUnknown)?;
        let mut octets = [0u8; 6];
        rng.fill_bytes(&mut octets);
        // The bit that says "made up, not handed out by a maker" (IEEE 802, locally administered), and not a group.
        octets[0] = 0x02;
        let mac = Mac::from_octets(octets);
        let mut device = Device::heard(mac, request.source, mint_code(rng));
        let record = &mut device.record;
        (record.vendor, record.model) = (vendor, model.name.clone());
        record.last_seen = moment.unix_seconds;
        record.people = vec![person];
        record.enrolled = Some(Binding {
            token: None,
            address: request.source,
            user_agent_model: None,
            proof: Proof::Lan,
            routed: false,
            in_clear: request.scheme == Scheme::Http,
        });
        device.secret = Some(DeviceSecret::mint(rng));
        self.devices.insert(mac, device);
        Ok(mac)
    }
}

/// Refuses a link in clear, but one that was made for it, on a network of the box: what is behind it is heard by whoever
/// listens there, and is to be heard by nobody farther away.
const fn check_clear(link: &Link, neighbour: Neighbour) -> Result<(), Refusal> {
    match neighbour {
        _ if !link.in_clear => Err(Refusal::TokenInClear),
        Neighbour::Is(_) | Neighbour::Loopback => Ok(()),
        Neighbour::NoEntry => Err(Refusal::NeighbourUnknown),
        Neighbour::Routed => Err(Refusal::NotLocal),
    }
}

/// Whether it is the app that opens the link, and not a browser or a chat program that looks what is behind it. New
/// releases say so in a header; those before 5.3 do not, and name themselves, or `Unknown` before they know their name
/// (seen with liblinphone 5.1).
fn is_the_app(request: &HttpRequest<'_>) -> bool {
    let named = || UserAgentHint::read(request.user_agent).is_some_and(|hint| hint.dialect == Dialect::Linphone);
    request.linphone_header || request.user_agent == b"Unknown" || named()
}

impl Device {
    /// Whether it came by a link: it has no token and its MAC address is made up.
    pub(super) fn is_soft(&self) -> bool {
        self.record.enrolled.as_ref().is_some_and(|binding| binding.token.is_none())
    }
}
