//! Every file of every model, written once for people who do not exist: what is wrong with a template shows before a phone
//! asks for it.

use std::collections::BTreeMap;

use centrale_config::{Country, ExtensionNumber, PICKUP_CODE, VOICEMAIL_CODE};
use minijinja::Value;

use super::sheet::{
    AccountSheet, Digest, FirmwareSheet, LogoSheet, OfficeSheet, PhoneSheet, ProvisioningSheet, Sheet, WebSheet,
    WordsSheet,
};
use super::{Catalogue, CatalogueError, Model, RenderError, Stage};
use crate::keys::{Key, KeyKind};

/// Where the phones of nobody would ask.
const URL: &str = "https://192.0.2.1/p/0/";

impl Catalogue {
    /// Writes every file of every model: once with everything that can be in it, and once with as little as can be.
    ///
    /// # Errors
    /// The first template that makes no file of some model, with its line.
    pub fn try_out(&self) -> Result<(), CatalogueError> {
        let number = "201".parse::<ExtensionNumber>();
        let Ok(number) = number else { return Ok(()) };
        for model in self.models() {
            for stage in [Stage::Boot, Stage::Bootstrap, Stage::Waiting, Stage::Phone] {
                for full in [true, false] {
                    self.try_one(model, stage, &number, full)?;
                }
            }
        }
        Ok(())
    }

    fn try_one(&self, model: &Model, stage: Stage, number: &ExtensionNumber, full: bool) -> Result<(), CatalogueError> {
        let is_phone = stage == Stage::Phone;
        let places = if model.is_base() && full { model.accounts } else { 1 };
        let places = u8::try_from(places).unwrap_or(u8::MAX);
        let accounts: Vec<_> = (1..=places).filter(|_| is_phone).map(|place| account(number, place, full)).collect();
        let keys = keys(usize::from(model.line_keys), full);
        let module = self::keys(usize::from(model.module_keys), full);
        let modules = vec![module; if full { usize::from(model.modules) } else { 0 }];
        let words = self.vendor(&model.vendor).map(|vendor| &vendor.words);
        let word = |words: Option<&BTreeMap<String, String>>| -> String {
            words.and_then(|words| words.values().next()).cloned().unwrap_or_default()
        };
        let [time_zone, tones, language] = [
            word(words.map(|words| &words.time_zone)),
            word(words.map(|words| &words.tones)),
            word(words.map(|words| &words.language)),
        ];
        let sheet = Sheet {
            phone: PhoneSheet { mac: "000000000000".to_owned(), code: "0000", generation: 0 },
            model,
            office: office(full),
            words: WordsSheet { time_zone: &time_zone, tones: &tones, language: &language },
            provisioning: provisioning(),
            account: accounts.first(),
            accounts: &accounts,
            web: is_phone.then_some(WebSheet { administrator: "", user: "", various: "" }),
            firmware: (is_phone && full).then(|| FirmwareSheet {
                version: "1",
                url: URL.to_owned(),
                status_url: URL.to_owned(),
            }),
            logo: (is_phone && full).then(|| LogoSheet { url: URL.to_owned(), name: "logo.png".to_owned() }),
            keys: if is_phone { &keys } else { &[] },
            modules: if is_phone { &modules } else { &[] },
        };
        match self.render(model, stage, &sheet) {
            Some(Err(RenderError { template, line, kind })) => {
                Err(CatalogueError::Template { path: template, line, reason: format!("{kind} (for a {})", model.name) })
            }
            Some(Ok(_)) | None => Ok(()),
        }
    }
}

fn office(full: bool) -> OfficeSheet<'static> {
    let country = if full { Country::Belgium } else { Country::Netherlands };
    OfficeSheet {
        country: if full { "BE" } else { "NL" },
        language: if full { "fr" } else { "nl" },
        ntp: "192.0.2.1",
        emergency: country.emergency_numbers(),
        vlan: full.then_some(20),
        pickup_code: PICKUP_CODE,
        voicemail_code: VOICEMAIL_CODE,
    }
}

fn provisioning() -> ProvisioningSheet<'static> {
    ProvisioningSheet {
        url: URL,
        config_url: URL,
        ca_url: URL,
        ca_base64: Value::from_safe_string(String::new()),
        phone_book_url: URL,
        poll_minutes: 1440,
        in_clear: false,
    }
}

fn account(number: &ExtensionNumber, place: u8, full: bool) -> AccountSheet<'_> {
    AccountSheet {
        number,
        place,
        mailbox: full,
        label: String::new(),
        handset: "",
        display_name: String::new(),
        username: String::new(),
        password: String::new(),
        realm: "",
        digest: Digest { algorithm: "SHA-256", ha1: String::new() },
        server: "192.0.2.1",
        uri_host: "192.0.2.1",
        port: 5061,
        transport: if full { "tls" } else { "udp" },
        srtp: full,
        expires_seconds: 600,
    }
}

/// One of each kind, as far as there is room; nothing but a line when there is to be little.
fn keys(room: usize, full: bool) -> Vec<Key> {
    let kinds = [KeyKind::Line, KeyKind::Lamp, KeyKind::Pickup, KeyKind::Voicemail];
    let key = |kind| Key { kind, number: String::new(), pickup: String::new(), label: String::new() };
    kinds.map(key).into_iter().take(if full { room } else { room.min(1) }).collect()
}
