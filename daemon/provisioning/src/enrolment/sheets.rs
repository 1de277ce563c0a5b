//! Fills a template's sheet from the office, the device and the box's addresses, and writes the file.

use std::net::IpAddr;

use bytes::Bytes;
use centrale_config::{Country, ExtensionNumber, Language, Office, PICKUP_CODE, PhoneUsers, Secret, VOICEMAIL_CODE};
use minijinja::Value;
use ring::digest;

use super::device::Device;
use super::token::hex;
use super::{Answer, BoxAddresses, Effect, Enrolment, Mac, Refusal, SipTransport, uri_host, username};
use crate::catalogue::sheet::{
    AccountSheet, Digest, OfficeSheet, PhoneSheet, ProvisioningSheet, Sheet, WebSheet, WordsSheet,
};
use crate::catalogue::{Model, Stage, Words};
use crate::keys::{Board, Layout, plain_name};

/// How often a phone looks for changes by itself. Changes are pushed; this is for the push that was lost.
const STEADY_POLL_MINUTES: u32 = 24 * 60;
/// How long a registration lasts: short enough that a restarted box is whole again in minutes.
const REGISTRATION_SECONDS: u32 = 600;

/// Headers of every answer: nothing is kept on the way, and old phones leave connections open for nothing.
pub(super) const HEADERS: &[(&str, &str)] = &[("Cache-Control", "no-store"), ("Connection", "close")];

impl Enrolment {
    /// Writes one of a device's files. `here` is the folder it is read from, `next` the folder to ask from then on.
    pub(super) fn write(
        &mut self,
        mac: Mac,
        stage: Stage,
        here: &str,
        next: &str,
        local: IpAddr,
    ) -> Result<Answer, Refusal> {
        let device = self.devices.get(&mac).ok_or(Refusal::NoSuchFile)?;
        let model = self.model_of(mac).ok_or(Refusal::ModelUnknown)?;
        let vendor = self.catalogue.vendor(&model.vendor).ok_or(Refusal::ModelUnknown)?;
        let server = self.addresses.name.clone().unwrap_or_else(|| local.to_canonical().to_string());
        let server_in_uri = uri_host(&server);
        let config_url = format!("{here}{mac}.cfg");
        let folder = if stage == Stage::Phone { next } else { here };
        let ca_url = format!("{folder}ca.pem");
        let phone_book_url = format!("{folder}phonebook.xml");
        let ca_base64 = bare_base64(&self.addresses.ca_pem);
        let web = (stage == Stage::Phone).then(|| WebPasswords::of(device)).flatten();
        let accounts = match stage {
            Stage::Phone => {
                self.accounts(device, model, &server, &server_in_uri).filter(|accounts| !accounts.is_empty())
            }
            Stage::Boot | Stage::Bootstrap | Stage::Waiting => Some(Vec::new()),
        };
        let accounts = accounts.ok_or(Refusal::NoSuchFile)?;
        let layout = self.layout(mac, model, &accounts);
        let sheet = Sheet {
            phone: PhoneSheet { mac: mac.to_string(), code: &device.record.code, generation: device.record.generation },
            model,
            office: office_sheet(&self.office, &self.addresses),
            words: words_sheet(&self.office, &vendor.words),
            provisioning: ProvisioningSheet {
                url: next,
                config_url: &config_url,
                ca_url: &ca_url,
                ca_base64,
                phone_book_url: &phone_book_url,
                poll_minutes: STEADY_POLL_MINUTES,
                in_clear: device.came_in_clear(),
            },
            account: accounts.first(),
            accounts: &accounts,
            web: web.as_ref().map(WebPasswords::sheet),
            firmware: (stage == Stage::Phone).then(|| self.firmware_sheet(mac, next)).flatten(),
            logo: (stage == Stage::Phone).then(|| self.logo_sheet(mac, next)).flatten(),
            keys: &layout.phone,
            modules: &layout.modules,
        };
        let rendered = self.catalogue.render(model, stage, &sheet).ok_or(Refusal::NoSuchFile)?;
        match rendered {
            Ok(rendered) => Ok(file(rendered.content_type, rendered.text)),
            Err(fault) => {
                self.effects.push(Effect::TemplateFault(fault));
                Err(Refusal::TemplateFault)
            }
        }
    }

    /// The accounts of a device, as far as its model has places for them. `None` when somebody whose it is has left.
    fn accounts<'a>(
        &'a self,
        device: &'a Device,
        model: &Model,
        server: &'a str,
        uri_host: &'a str,
    ) -> Option<Vec<AccountSheet<'a>>> {
        let people = device.record.people.iter();
        let accounts: Option<Vec<_>> =
            people.map(|number| self.account(device, model, number, server, uri_host)).collect();
        Some(accounts?.into_iter().filter(|account| u16::from(account.place) <= model.accounts).collect())
    }

    fn account<'a>(
        &'a self,
        device: &Device,
        model: &Model,
        number: &'a ExtensionNumber,
        server: &'a str,
        uri_host: &'a str,
    ) -> Option<AccountSheet<'a>> {
        let person = self.person(number)?;
        let (place, handset) = self.handset_of(device.record.mac, number)?;
        let password = device.secret.as_ref()?.sip(number);
        let username = username(number, device.record.mac);
        let told = self.declared(device.record.mac).is_some_and(|phone| phone.unencrypted);
        let (transport, port) = match told || device.came_in_clear() && !device.is_soft() {
            // Whose TLS is too old for its settings has none for its calls either.
            true => ("udp", self.addresses.sip_port),
            false => transport(&self.addresses, model),
        };
        let display_name = plain_name(&person.name);
        Some(AccountSheet {
            number,
            place,
            mailbox: person.voicemail.is_some(),
            handset,
            label: format!("{number} {display_name}"),
            digest: sip_digest(&username, &self.addresses.realm, &password),
            display_name,
            username,
            password: password.reveal().to_owned(),
            realm: &self.addresses.realm,
            server,
            uri_host,
            port,
            transport,
            srtp: transport == "tls" && self.addresses.srtp && model.srtp,
            expires_seconds: REGISTRATION_SECONDS,
        })
    }

    /// The keys of a phone with an account; a base and a phone that waits have none.
    fn layout(&self, mac: Mac, model: &Model, accounts: &[AccountSheet<'_>]) -> Layout {
        let (Some(account), false) = (accounts.first(), model.is_base()) else { return Layout::default() };
        let plugged_in = self.declared(mac).map_or(0, |phone| phone.modules);
        let board = Board {
            phone: usize::from(model.line_keys),
            modules: usize::from(plugged_in.min(model.modules)),
            module: usize::from(model.module_keys),
        };
        Layout::of(&self.office, account.number, &account.label, board)
    }

    /// Place and model of the handset that somebody has of a base; the first place on what is no base.
    fn handset_of(&self, mac: Mac, person: &ExtensionNumber) -> Option<(u8, &str)> {
        let Some(PhoneUsers::Handsets(handsets)) = self.declared(mac).map(|phone| &phone.users) else {
            return Some((1, ""));
        };
        let own = handsets.iter().find(|handset| handset.person == *person)?;
        Some((own.place, own.model.as_str()))
    }
}

/// An answer with a file.
pub(super) fn file(content_type: &'static str, body: impl Into<Bytes>) -> Answer {
    let delay = std::time::Duration::ZERO;
    Answer { status: 200, content_type, headers: HEADERS, body: body.into(), firmware: None, delay }
}

struct WebPasswords([Secret; 3]);

impl WebPasswords {
    fn of(device: &Device) -> Option<Self> {
        let secret = device.secret.as_ref()?;
        Some(Self(["web-administrator", "web-user", "web-various"].map(|purpose| secret.password(purpose))))
    }

    fn sheet(&self) -> WebSheet<'_> {
        let [administrator, user, various] = &self.0;
        WebSheet { administrator: administrator.reveal(), user: user.reveal(), various: various.reveal() }
    }
}

fn transport(addresses: &BoxAddresses, model: &Model) -> (&'static str, u16) {
    match addresses.transport {
        SipTransport::Tls if model.tls => ("tls", addresses.sip_tls_port),
        SipTransport::Tcp => ("tcp", addresses.sip_port),
        SipTransport::Tls | SipTransport::Udp => ("udp", addresses.sip_port),
    }
}

fn office_sheet<'a>(office: &Office, addresses: &'a BoxAddresses) -> OfficeSheet<'a> {
    let country = office.identity.country;
    OfficeSheet {
        country: country_code(country),
        language: language_code(office.identity.language),
        ntp: &addresses.ntp,
        emergency: country.emergency_numbers(),
        vlan: office.phone_vlan,
        pickup_code: PICKUP_CODE,
        voicemail_code: VOICEMAIL_CODE,
    }
}

fn words_sheet<'a>(office: &Office, words: &'a Words) -> WordsSheet<'a> {
    let country = country_code(office.identity.country);
    let zone = words.time_zone.get(&office.identity.time_zone).or_else(|| words.time_zone.get(country));
    WordsSheet {
        time_zone: zone.map_or("", String::as_str),
        tones: words.tones.get(country).map_or("", String::as_str),
        language: words.language.get(language_code(office.identity.language)).map_or("", String::as_str),
    }
}

const fn country_code(country: Country) -> &'static str {
    match country {
        Country::Netherlands => "NL",
        Country::Belgium => "BE",
    }
}

const fn language_code(language: Language) -> &'static str {
    match language {
        Language::Dutch => "nl",
        Language::French => "fr",
        Language::English => "en",
        Language::German => "de",
    }
}

/// A digest in place of a password (RFC 7616 3.4.2; RFC 8760 for SIP). SHA-256 alone: an app that is given MD5 beside it
/// keeps only one of the two, and then answers the stronger challenge with the wrong one (seen with liblinphone 5.1).
fn sip_digest(username: &str, realm: &str, password: &Secret) -> Digest {
    let text = format!("{username}:{realm}:{}", password.reveal());
    Digest { algorithm: "SHA-256", ha1: hex(digest::digest(&digest::SHA256, text.as_bytes()).as_ref()) }
}

/// The base64 of the first certificate in a PEM text.
///
/// A certificate is longer than any other value and must stay whole; nothing of its alphabet means anything to a format.
fn bare_base64(pem: &str) -> Value {
    let lines = pem.lines().skip_while(|line| !line.starts_with("-----BEGIN CERTIFICATE"));
    let inside = lines.skip(1).take_while(|line| !line.starts_with("-----"));
    let alphabet = |character: &char| character.is_ascii_alphanumeric() || matches!(character, '+' | '/' | '=');
    Value::from_safe_string(inside.flat_map(str::chars).filter(alphabet).collect())
}
