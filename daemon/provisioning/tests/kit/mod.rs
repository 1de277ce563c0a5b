//! A bench with one box and phones that ask for their files as their makers' phones do.

#![allow(dead_code, unreachable_pub, missing_docs, reason = "each test file uses its own part of the bench")]
#![allow(clippy::unwrap_used, clippy::disallowed_methods, reason = "a test begins time, and fails by panic")]

use std::convert::Infallible;
use std::fs;
use std::net::IpAddr;
use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};
use std::time::{Duration, Instant};

use centrale_config::{
    Contact, Country, Firmware, Language, Mac, Office, OfficeIdentity, Person, Phone, RingGroup, Secret, Sha256Pin,
    Voicemail,
};
use centrale_provisioning::enrolment::{
    Answer, BoxAddresses, ClientCertificate, DeviceRecord, Effect, HttpRequest, Issuer, Neighbour, PnpHeard, Scheme,
    SipTransport,
};
use centrale_provisioning::recognise::{Dialect, PnpClaim};
use centrale_provisioning::{Catalogue, Enrolment, Logo, Model, Moment};
use rand::{TryCryptoRng, TryRng};

pub const LOCAL: IpAddr = IpAddr::V4(std::net::Ipv4Addr::new(192, 168, 1, 2));
pub const CA_PEM: &str = "-----BEGIN CERTIFICATE-----\nQ2VudHJhbGUg\ndGVzdA==\n-----END CERTIFICATE-----\n";

/// The same bytes on every machine and with every release of the generator crate, so that golden files stay golden.
pub struct CountingRng(u64);

impl TryRng for CountingRng {
    type Error = Infallible;

    fn try_next_u32(&mut self) -> Result<u32, Infallible> {
        Ok(u32::try_from(self.try_next_u64()? >> 32).expect("32 bits are left"))
    }

    /// SplitMix64.
    fn try_next_u64(&mut self) -> Result<u64, Infallible> {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        Ok(mixed ^ (mixed >> 31))
    }

    fn try_fill_bytes(&mut self, bytes: &mut [u8]) -> Result<(), Infallible> {
        for chunk in bytes.chunks_mut(8) {
            let word = self.try_next_u64()?.to_le_bytes();
            chunk.copy_from_slice(&word[..chunk.len()]);
        }
        Ok(())
    }
}

impl TryCryptoRng for CountingRng {}

/// A phone on somebody's desk.
#[derive(Debug, Clone)]
pub struct TestPhone {
    pub mac: Mac,
    pub address: IpAddr,
    pub model: String,
    pub dialect: Dialect,
    pub certificate: ClientCertificate,
    pub neighbour: Neighbour,
    pub user_agent: String,
}

impl TestPhone {
    pub fn yealink(model: &str, last: u8) -> Self {
        let mac = Mac::from_octets([0x80, 0x5e, 0xc0, 0, 0, last]);
        Self {
            user_agent: format!("Yealink SIP-{model} 66.86.0.15 80:5e:c0:00:00:{last:02x}"),
            ..Self::at(mac, model, Dialect::Yealink, last)
        }
    }

    pub fn snom(model: &str, last: u8) -> Self {
        let mac = Mac::from_octets([0x00, 0x04, 0x13, 0, 0, last]);
        let own = if matches!(model, "D710" | "D715" | "D725") { &model[1..] } else { model };
        Self {
            user_agent: format!(
                "Mozilla/4.0 (compatible; snom{own}-SIP 10.1.169.16 2010.12-00001-gd311851f1 (Feb 25 2019 - 14:19:43) \
                 0004130000{last:02X} SXM:0 UXM:0 UXMC:0)"
            ),
            model: format!("snom{own}"),
            ..Self::at(mac, model, Dialect::Snom, last)
        }
    }

    fn at(mac: Mac, model: &str, dialect: Dialect, last: u8) -> Self {
        Self {
            mac,
            address: IpAddr::from([192, 168, 1, last]),
            model: model.to_owned(),
            dialect,
            certificate: ClientCertificate::None,
            neighbour: Neighbour::Is(mac),
            user_agent: String::new(),
        }
    }
}

/// What a phone holds after reading its files: settings in the order in which they came.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Settings(pub Vec<(String, String)>);

impl Settings {
    /// The last value of a setting, as the phone would keep it.
    pub fn value(&self, key: &str) -> Option<&str> {
        self.0.iter().rev().find(|(name, _)| name == key).map(|(_, value)| value.as_str())
    }

    /// Every value of a setting that is written several times.
    pub fn values(&self, key: &str) -> Vec<&str> {
        self.0.iter().filter(|(name, _)| name == key).map(|(_, value)| value.as_str()).collect()
    }

    /// Where the phone asks from now on.
    pub fn server(&self) -> &str {
        let keys = ["static.auto_provision.server.url", "setting_server"];
        keys.iter().find_map(|key| self.value(key)).expect("every file says where to ask")
    }

    /// The SIP password, if the file has an account.
    pub fn password(&self) -> Option<&str> {
        ["account.1.password", "user_pass#1"].iter().find_map(|key| self.value(key))
    }

    pub fn username(&self) -> Option<&str> {
        ["account.1.auth_name", "user_pname#1"].iter().find_map(|key| self.value(key))
    }
}

pub struct Bench {
    pub enrolment: Enrolment,
    pub catalogue: Arc<Catalogue>,
    pub rng: CountingRng,
    pub start: Instant,
    pub elapsed: Duration,
    /// Everything that was asked of the house since the last look.
    pub effects: Vec<Effect>,
    pub office: Office,
    /// Whether a template that cannot be written is what the test is about.
    pub tolerate_template_faults: bool,
}

impl Bench {
    pub fn new() -> Self {
        Self::with_catalogue(shipped())
    }

    pub fn with_catalogue(catalogue: Arc<Catalogue>) -> Self {
        Self::at(addresses(), catalogue)
    }

    /// A box that phones find elsewhere or speak to otherwise.
    pub fn with_addresses(addresses: BoxAddresses) -> Self {
        Self::at(addresses, shipped())
    }

    fn at(addresses: BoxAddresses, catalogue: Arc<Catalogue>) -> Self {
        let office = office();
        let enrolment = Enrolment::new(Arc::clone(&catalogue), addresses, Arc::new(office.clone()));
        let (start, elapsed) = (Instant::now(), Duration::ZERO);
        Self {
            enrolment,
            catalogue,
            rng: CountingRng(7),
            start,
            elapsed,
            effects: Vec::new(),
            office,
            tolerate_template_faults: false,
        }
    }

    pub fn moment(&self) -> Moment {
        Moment { now: self.start + self.elapsed, unix_seconds: 1_700_000_000 + self.elapsed.as_secs() }
    }

    pub fn pass(&mut self, seconds: u64) {
        self.elapsed += Duration::from_secs(seconds);
        let effects = self.enrolment.handle_timeout(self.moment());
        self.effects.extend(effects);
    }

    pub fn open_window(&mut self) {
        let effects = self.enrolment.open_window(self.moment(), 15);
        self.effects.extend(effects);
    }

    /// What the administrator does: the word, then the entry in the office.
    pub fn adopt(&mut self, mac: Mac, number: &str) {
        let change = self.enrolment.adopt(mac, &number.parse().unwrap()).expect("adoptable");
        self.effects.extend(self.enrolment.confirm(mac));
        self.office = self.office.apply(change).expect("the office takes it");
        self.settle();
    }

    pub fn declare(&mut self, phone: &TestPhone, model: &str, number: &str) {
        let person = number.parse().unwrap();
        self.office.phones.push(Phone::desk(phone.mac, model.to_owned(), person));
        self.settle();
    }

    /// The administrator chooses a logo, or takes it off.
    pub fn set_logo(&mut self, file: Option<Vec<u8>>) {
        let logo = file.map(|file| Logo::read(&file).unwrap());
        self.office.logo = logo.as_ref().map(Logo::sha256);
        self.enrolment.set_logo(logo);
        self.settle();
    }

    pub fn settle(&mut self) {
        let effects = self.enrolment.settle(self.moment(), Arc::new(self.office.clone()), &mut self.rng);
        self.effects.extend(effects);
    }

    /// What the store was last given of a phone since the last look.
    pub fn record(&mut self, phone: &TestPhone) -> (DeviceRecord, Option<Secret>) {
        let mut effects = self.look().into_iter().rev();
        let kept = effects.find_map(|effect| match effect {
            Effect::Save { record, secret } if record.mac == phone.mac => Some((*record, secret)),
            _ => None,
        });
        kept.expect("an enrolled phone is kept")
    }

    /// The box is switched off and on, with what the store kept of one phone.
    pub fn restart_with(&mut self, (record, secret): (DeviceRecord, Option<Secret>)) {
        self.enrolment = Enrolment::new(Arc::clone(&self.catalogue), addresses(), Arc::new(self.office.clone()));
        self.enrolment.restore(record, secret);
        self.settle();
    }

    pub fn look(&mut self) -> Vec<Effect> {
        std::mem::take(&mut self.effects)
    }

    /// Sends the phone's PnP packet; the address it is offered, if any.
    pub fn pnp(&mut self, phone: &TestPhone) -> Option<String> {
        let vendor = if phone.dialect == Dialect::Snom { "snom" } else { "yealink" };
        let claim = PnpClaim {
            mac: phone.mac,
            vendor: vendor.into(),
            model: phone.model.clone(),
            version: "66.86.0.15".into(),
        };
        let heard = PnpHeard { claim, source: phone.address, local: LOCAL };
        let effects = self.enrolment.handle_pnp(self.moment(), &heard, phone.neighbour, &mut self.rng);
        let offer = effects.iter().find_map(|effect| match effect {
            Effect::Offer { url, .. } => Some(url.clone()),
            _ => None,
        });
        self.effects.extend(effects);
        offer
    }

    /// One GET, as this phone.
    pub fn get(&mut self, phone: &TestPhone, url: &str) -> Answer {
        let (scheme, rest) = url.split_once("://").expect("an address has a scheme");
        let target = rest.find('/').map_or("/", |slash| &rest[slash..]);
        let (path, query) = target.split_once('?').unwrap_or((target, ""));
        let scheme = if scheme == "https" { Scheme::Https } else { Scheme::Http };
        let certificate = if scheme == Scheme::Https { phone.certificate } else { ClientCertificate::None };
        let request = HttpRequest {
            scheme,
            method: "GET",
            path,
            query,
            user_agent: phone.user_agent.as_bytes(),
            linphone_header: false,
            source: phone.address,
            local: LOCAL,
            neighbour: phone.neighbour,
            certificate,
        };
        let (answer, effects) = self.enrolment.handle_request(self.moment(), &request, &mut self.rng);
        for effect in &effects {
            assert!(self.tolerate_template_faults || !matches!(effect, Effect::TemplateFault(_)), "{effect:?}");
        }
        self.effects.extend(effects);
        answer
    }

    /// Reads the phone's settings at an address, in the order of its maker. `None` when it finds nothing.
    pub fn read_settings(&mut self, phone: &TestPhone, url: &str) -> Option<Settings> {
        match phone.dialect {
            Dialect::Yealink => self.read_as_yealink(phone, url),
            Dialect::Snom => {
                let answer = self.get(phone, url);
                (answer.status == 200).then(|| read_snom(&text(&answer)))
            }
            Dialect::Linphone => None,
        }
    }

    /// `<mac>.boot`, else the common boot file, else the model's file; what a boot file includes, else `<mac>.cfg`.
    fn read_as_yealink(&mut self, phone: &TestPhone, folder: &str) -> Option<Settings> {
        let boot = self.get(phone, &format!("{folder}{}.boot", phone.mac));
        if boot.status == 200 {
            let text = text(&boot);
            assert!(text.starts_with("#!version:1.0.0.1\n"), "a boot file starts with its version:\n{text}");
            let includes: Vec<&str> = text.lines().filter_map(|line| line.strip_prefix("include:config ")).collect();
            let mut whole = Settings::default();
            for url in includes {
                let answer = self.get(phone, url.trim_matches('"'));
                whole.0.extend(read_yealink(&self.settings_text(&answer)?).0);
            }
            return Some(whole);
        }
        for common in ["y000000000000.boot", "y000000000066.cfg"] {
            assert_eq!(self.get(phone, &format!("{folder}{common}")).status, 404, "{common} is everybody's");
        }
        let own = self.get(phone, &format!("{folder}{}.cfg", phone.mac));
        self.settings_text(&own).map(|text| read_yealink(&text))
    }

    fn settings_text(&self, answer: &Answer) -> Option<String> {
        (answer.status == 200).then(|| text(answer))
    }

    /// Everything an untouched phone does from its packet to its first look over TLS.
    pub fn boot(&mut self, phone: &TestPhone) -> Option<Settings> {
        let url = self.pnp(phone)?;
        let bootstrap = self.read_settings(phone, &url)?;
        assert_eq!(bootstrap.password(), None, "no secret travels in clear");
        let server = bootstrap.server().to_owned();
        assert!(server.starts_with("https://192.168.1.2:8443/p/"), "{server}");
        self.read_settings(phone, &server)
    }

    /// Boots a phone, adopts it and lets it ask again: it ends with an account.
    pub fn enrol(&mut self, phone: &TestPhone, number: &str) -> Settings {
        let waiting = self.boot(phone);
        let waiting = waiting.unwrap_or_else(|| panic!("{} is stuck: {:?}", phone.model, self.state(phone)));
        self.adopt(phone.mac, number);
        let server = waiting.server().to_owned();
        let settings = self.read_settings(phone, &server).expect("an adopted phone gets its settings");
        assert!(settings.password().is_some(), "with an account");
        settings
    }

    pub fn refused(&self, code: &str) -> u64 {
        self.enrolment.refusals().filter(|(refusal, _)| refusal.code() == code).map(|(_, times)| times).sum()
    }

    pub fn state(&self, phone: &TestPhone) -> (String, Option<String>) {
        let views = self.enrolment.devices();
        let view = views.iter().find(|view| view.mac == phone.mac.to_string()).expect("the phone has a card");
        (format!("{:?}", view.state), view.reason.clone())
    }
}

/// Every desk phone and base in the catalogue, each at its own address.
pub fn desk_phones(bench: &Bench) -> Vec<(String, TestPhone)> {
    let models = bench.catalogue.models().iter().enumerate();
    let phone = |(number, model): (usize, &Model)| {
        let last = 10 + u8::try_from(number).unwrap();
        let phone = match bench.catalogue.vendor(&model.vendor)?.dialect {
            Dialect::Yealink => TestPhone::yealink(&model.name, last),
            Dialect::Snom => TestPhone::snom(&model.name, last),
            Dialect::Linphone => return None,
        };
        Some((model.name.clone(), phone))
    };
    models.filter_map(phone).collect()
}

fn shipped() -> Arc<Catalogue> {
    static SHIPPED: OnceLock<Arc<Catalogue>> = OnceLock::new();
    let read = || Arc::new(Catalogue::embedded().expect("the shipped catalogue is whole"));
    Arc::clone(SHIPPED.get_or_init(read))
}

/// The certificate that the phone's maker put into it.
pub fn own_certificate(phone: &TestPhone) -> ClientCertificate {
    ClientCertificate::Named { mac: phone.mac, key: [7; 32], issuer: Issuer::Trusted }
}

pub fn text(answer: &Answer) -> String {
    String::from_utf8(answer.body.to_vec()).expect("files are UTF-8")
}

/// Reads a Yealink file as the phone does: lines of `key = value`, `#` begins a comment.
pub fn read_yealink(text: &str) -> Settings {
    assert!(text.starts_with("#!version:1.0.0.1\n"), "the first line is the version:\n{text}");
    let lines = text.lines().filter(|line| !line.trim().is_empty() && !line.starts_with('#'));
    let pair = |line: &str| {
        let (key, value) = line.split_once('=').unwrap_or_else(|| panic!("not a setting: {line}"));
        (key.trim().to_owned(), value.trim().to_owned())
    };
    Settings(lines.map(pair).collect())
}

/// Reads a Snom file as the phone does: element names, with `#idx` where there is one.
pub fn read_snom(text: &str) -> Settings {
    let document = roxmltree::Document::parse(text).unwrap_or_else(|fault| panic!("{fault}:\n{text}"));
    let leaves =
        document.descendants().filter(|node| node.is_element() && node.children().all(|child| child.is_text()));
    let pair = |node: roxmltree::Node<'_, '_>| {
        let index = node.attribute("idx").map(|index| format!("#{index}")).unwrap_or_default();
        (format!("{}{index}", node.tag_name().name()), node.text().unwrap_or_default().trim().to_owned())
    };
    Settings(leaves.map(pair).collect())
}

pub fn addresses() -> BoxAddresses {
    BoxAddresses {
        name: None,
        http_port: 8080,
        https_port: 8443,
        sip_port: 5060,
        sip_tls_port: 5061,
        transport: SipTransport::Tls,
        srtp: true,
        realm: "centrale".into(),
        ntp: "nl.pool.ntp.org".into(),
        ca_pem: CA_PEM.into(),
    }
}

pub fn person(number: &str, name: &str) -> Person {
    let (number, sip_password) = (number.parse().unwrap(), Secret::new("unused here"));
    let (permit, role) = (centrale_config::OwnPermit::default(), centrale_config::Role::Ordinary);
    Person { number, name: name.into(), sip_password, permit, forward: None, voicemail: None, role }
}

/// A contact; its numbers as they are dialled.
pub fn contact(name: &str, company: &str, numbers: &[&str]) -> Contact {
    let numbers = numbers.iter().map(|number| number.parse().unwrap()).collect();
    Contact { name: name.into(), company: company.into(), numbers }
}

/// Software for one model, in a file named after it.
pub fn firmware(model: &str, ending: &str) -> Firmware {
    let file = format!("{model}-1.2.3.{ending}");
    Firmware { models: vec![model.into()], version: "1.2.3".into(), file, sha256: Sha256Pin::from_octets([7; 32]) }
}

/// One red pixel, in the same bytes for ever.
pub const PIXEL: &[u8] = b"\x89\x50\x4e\x47\x0d\x0a\x1a\x0a\x00\x00\x00\x0d\x49\x48\x44\x52\x00\x00\x00\x01\x00\x00\
    \x00\x01\x08\x02\x00\x00\x00\x90\x77\x53\xde\x00\x00\x00\x0c\x49\x44\x41\x54\x78\xda\x63\
    \x38\xc1\xc0\x00\x00\x02\x5c\x00\xc9\x7d\x35\xc1\xea\x00\x00\x00\x00\x49\x45\x4e\x44\xae\
    \x42\x60\x82";

/// A picture as somebody chooses it: red, of this size.
pub fn picture(width: u32, height: u32) -> Vec<u8> {
    let mut file = Vec::new();
    let mut encoder = png::Encoder::new(&mut file, width, height);
    encoder.set_color(png::ColorType::Rgb);
    let pixels = [200, 0, 0].repeat((width * height) as usize);
    encoder.write_header().unwrap().write_image_data(&pixels).unwrap();
    file
}

pub fn office() -> Office {
    let group = RingGroup {
        number: "250".parse().unwrap(),
        name: "Winkel".into(),
        members: vec!["201".parse().unwrap(), "202".parse().unwrap()],
    };
    let identity = OfficeIdentity {
        name: "Bakkerij Jansen".into(),
        country: Country::Netherlands,
        area_code: "020".into(),
        language: Language::Dutch,
        time_zone: "Europe/Amsterdam".into(),
    };
    Office {
        people: vec![
            Person { voicemail: Some(Voicemail::USUAL), ..person("201", "Anna Jansen") },
            person("202", "Bob & zoon"),
            person("203", "Çem"),
        ],
        ring_groups: vec![group],
        conferences: Vec::new(),
        ..Office::empty(identity)
    }
}

pub fn templates() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../provisioning-templates")
}

/// Compares a file with the one that people looked over.
pub fn compare(vendor: &str, name: &str, written: &str) {
    let path = templates().join(vendor).join("golden").join(name);
    if std::env::var_os("CENTRALE_WRITE_GOLDEN").is_some() {
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, written).unwrap();
    }
    let golden = fs::read_to_string(&path).unwrap_or_else(|fault| panic!("{}: {fault}", path.display()));
    for (number, (is, was)) in written.lines().zip(golden.lines()).enumerate() {
        assert_eq!(is, was, "{vendor}/golden/{name}, line {}", number + 1);
    }
    assert_eq!(written.len(), golden.len(), "{vendor}/golden/{name} is longer or shorter");
}
