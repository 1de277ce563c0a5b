//! The office as a value.

use std::ops::RangeInclusive;
use std::sync::Arc;
use std::time::Duration;

use crate::{
    AbuseDesk, Alerts, Conference, ContactNumber, Dialect, Emergency, ExtensionNumber, ForwardTo, Mac, Network,
    Opening, OutsideNumber, OwnPermit, Permit, PremiumNumber, Retention, Rights, Role, Scanner, Secret, Sha256Pin,
};

pub use centrale_numbering::Country;

/// The whole office. Made only by validation, so every reference in it resolves and no number is used twice.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Office {
    /// Who and where the office is.
    pub identity: OfficeIdentity,
    /// The VLAN that phones tag their packets with, 1 to 4094, where the office has one for them. Without it phones
    /// take what the switch (LLDP) and the router (DHCP) say.
    pub phone_vlan: Option<u16>,
    /// What the line to the internet carries each way, in kbit/s, where somebody measured it. Without it calls are not
    /// counted against it.
    pub line_kbit: Option<u32>,
    /// Groups of rights, by name.
    pub rights: Vec<Rights>,
    /// People, by number.
    pub people: Vec<Person>,
    /// Phones, by MAC address.
    pub phones: Vec<Phone>,
    /// Ways out, in order of preference.
    pub trunks: Vec<Trunk>,
    /// Which number from outside rings whom.
    pub inbound: Vec<Inbound>,
    /// Numbers that ring several people at once.
    pub ring_groups: Vec<RingGroup>,
    /// Rooms in which several people hear one another, by number.
    pub conferences: Vec<Conference>,
    /// Lines of lifts and alarms.
    pub alarm_lines: Vec<AlarmLine>,
    /// Own numbers that cost the caller extra.
    pub premium_numbers: Vec<PremiumNumber>,
    /// People outside whom the whole office calls, by name.
    pub contacts: Vec<Contact>,
    /// Software for phones, of which the box has the files.
    pub firmware: Vec<Firmware>,
    /// The logo on the phones' screens: the SHA-256 of a picture that the box has.
    pub logo: Option<Sha256Pin>,
    /// Whether the box answers phones that ask for DHCP options. Never with an address.
    pub dhcp_options: bool,
    /// Numbers from which nobody in the office is called.
    pub blocked_callers: Vec<ContactNumber>,
    /// Whether callers who do not show their number are refused.
    pub refuse_withheld: bool,
    /// When there are people in the office; [`Office::hours`] says what it is without.
    pub opening: Option<Opening>,
    /// Numbers of support, ordinary ones of the own country: everybody may call them, and nothing that was stopped or spent
    /// refuses it.
    pub support_numbers: Vec<ContactNumber>,
    /// What is said for a call for help, and how its way out is proven.
    pub emergency: Emergency,
    /// Who is told by e-mail what happens, and over which server.
    pub alerts: Alerts,
    /// How long is kept what the box knows of people.
    pub retention: Retention,
    /// What everybody who logs in is to have read and accepted; empty where the usual text is enough.
    pub rules_of_use: String,
    /// From where owners and installers log in; none means from the office's own networks.
    pub administration: Vec<Network>,
    /// From where the office has the box looked at for weak places, and until when: nobody is blocked there.
    pub scanners: Vec<Scanner>,
    /// What lets a phone of the office let the page in again and stop calls; without it no phone does. Six to ten digits.
    pub pin: Option<Secret>,
}

impl Office {
    /// An office in which nobody works yet: what a box starts with.
    pub const fn empty(identity: OfficeIdentity) -> Self {
        Self {
            identity,
            phone_vlan: None,
            line_kbit: None,
            rights: Vec::new(),
            people: Vec::new(),
            phones: Vec::new(),
            trunks: Vec::new(),
            inbound: Vec::new(),
            ring_groups: Vec::new(),
            conferences: Vec::new(),
            alarm_lines: Vec::new(),
            premium_numbers: Vec::new(),
            contacts: Vec::new(),
            firmware: Vec::new(),
            logo: None,
            dhcp_options: false,
            blocked_callers: Vec::new(),
            refuse_withheld: false,
            opening: None,
            support_numbers: Vec::new(),
            emergency: Emergency { address: None, test_number: None },
            alerts: Alerts::NONE,
            retention: Retention::USUAL,
            rules_of_use: String::new(),
            administration: Vec::new(),
            scanners: Vec::new(),
            pin: None,
        }
    }

    /// The person with this number.
    pub fn person(&self, number: &ExtensionNumber) -> Option<&Person> {
        self.people.iter().find(|person| person.number == *number)
    }

    /// What a person may call: what was decided for the person, else for the person's group, else for everybody new.
    pub fn permit_of(&self, person: &Person) -> Permit {
        let name = person.permit.rights.as_deref();
        person.permit.within(name.and_then(|name| self.rights.iter().find(|group| group.name == name)))
    }

    /// The ring group with this number.
    pub fn ring_group(&self, number: &ExtensionNumber) -> Option<&RingGroup> {
        self.ring_groups.iter().find(|group| group.number == *number)
    }

    /// The contact with this number, written as the office writes it.
    pub fn contact(&self, number: &str) -> Option<&Contact> {
        self.contacts.iter().find(|contact| contact.has(number))
    }

    /// The software that phones of a model are to have.
    pub fn firmware(&self, model: &str) -> Option<&Firmware> {
        self.firmware.iter().find(|firmware| firmware.models.iter().any(|own| own.eq_ignore_ascii_case(model)))
    }

    /// The phone with this MAC address.
    pub fn phone(&self, mac: Mac) -> Option<&Phone> {
        self.phones.iter().find(|phone| phone.mac == mac)
    }

    /// The trunk with this name.
    pub fn trunk(&self, name: &str) -> Option<&Trunk> {
        self.trunks.iter().find(|trunk| trunk.name == name)
    }

    /// Brings everything that has no order of its own into the order of its identifiers.
    pub(crate) fn sort(&mut self) {
        self.rights.sort();
        self.people.sort_by(|left, right| left.number.cmp(&right.number));
        self.phones.sort_by_key(|phone| phone.mac);
        for phone in &mut self.phones {
            if let PhoneUsers::Handsets(handsets) = &mut phone.users {
                handsets.sort_by_key(|handset| handset.place);
            }
        }
        self.inbound.sort_by(|left, right| left.number.cmp(&right.number));
        self.ring_groups.sort_by(|left, right| left.number.cmp(&right.number));
        self.conferences.sort_by(|left, right| left.number.cmp(&right.number));
        self.alarm_lines.sort_by(|left, right| left.person.cmp(&right.person));
        self.premium_numbers.sort_by(|left, right| left.number.cmp(&right.number));
        self.contacts.sort();
        self.blocked_callers.sort();
        self.blocked_callers.dedup();
        self.support_numbers.sort();
        self.support_numbers.dedup();
        self.administration.sort();
        self.administration.dedup();
        self.scanners.sort();
        self.scanners.dedup();
        self.firmware.sort();
    }
}

/// The `[office]` table: what the office is called, where it is and which language it speaks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OfficeIdentity {
    /// Name as the people in it say it.
    pub name: String,
    /// Decides the number plan and the emergency numbers.
    pub country: Country,
    /// National area code with its leading zero, for example `020`; empty when the office has none.
    pub area_code: String,
    /// Language of phones, prompts and the page for who has not chosen one.
    pub language: Language,
    /// IANA name, for example `Europe/Amsterdam`.
    pub time_zone: String,
}

impl OfficeIdentity {
    /// What is assumed of an office in `country` until somebody says otherwise.
    pub fn assumed(country: Country) -> Self {
        let time_zone = match country {
            Country::Netherlands => "Europe/Amsterdam",
            Country::Belgium => "Europe/Brussels",
        };
        Self {
            name: "Centrale".to_owned(),
            country,
            area_code: String::new(),
            language: Language::Dutch,
            time_zone: time_zone.to_owned(),
        }
    }
}

/// Languages of phones and page.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Language {
    /// Dutch.
    Dutch,
    /// French.
    French,
    /// English.
    English,
    /// German (phones only; the page falls back to English).
    German,
}

/// Somebody with an internal number.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Person {
    /// The internal number, also the user part of the address of record.
    pub number: ExtensionNumber,
    /// The name colleagues see.
    pub name: String,
    /// The secret with which a hand-configured phone registers as this number. Provisioned phones have their own.
    pub sip_password: Secret,
    /// What was decided for this person alone of what may be called; [`Office::permit_of`] says what comes of it.
    pub permit: OwnPermit,
    /// When a caller reaches the person's mailbox. `None` for who has none.
    pub voicemail: Option<Voicemail>,
    /// What the telephone is for.
    pub role: Role,
    /// Where whoever calls the person is sent instead. `None` rings the person's phones.
    pub forward: Option<ForwardTo>,
}

/// A person's mailbox: whoever calls the person and is not answered may leave a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Voicemail {
    /// How long the phones ring before, 5 to 60 seconds. Who is busy, or has no phone that could ring, is not waited for.
    pub after_seconds: u8,
}

impl Voicemail {
    /// Four or five rings.
    pub const USUAL: Self = Self { after_seconds: 20 };
    /// The longest message.
    pub const LONGEST: Duration = Duration::from_secs(180);
    /// Most messages in one mailbox.
    pub const MOST_MESSAGES: u16 = 30;
    /// Most messages in all mailboxes: 430 MB when each is as long as it may be.
    pub const MOST_IN_OFFICE: u16 = 300;
}

/// A desk phone, DECT base or soft phone that the box sets up.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Phone {
    /// Identity of the device.
    pub mac: Mac,
    /// Model as in the provisioning templates' manifests, for example `T54W`.
    pub model: String,
    /// Who uses it.
    pub users: PhoneUsers,
    /// Expansion modules that are plugged into it, 0 to 6. Keys are laid out on no more of them.
    pub modules: u8,
    /// Whether it registers and speaks without encryption: its model can do better, and it cannot.
    pub unencrypted: bool,
    /// Where it stands, in the office's own words; empty when nobody said.
    pub room: String,
}

impl Phone {
    /// A desk phone without expansion modules.
    pub const fn desk(mac: Mac, model: String, person: ExtensionNumber) -> Self {
        Self { mac, model, users: PhoneUsers::Person(person), modules: 0, unencrypted: false, room: String::new() }
    }

    /// Whose phone it is, in the order of its accounts; at least one.
    pub fn people(&self) -> impl Iterator<Item = &ExtensionNumber> {
        let (person, handsets) = match &self.users {
            PhoneUsers::Person(person) => (Some(person), &[][..]),
            PhoneUsers::Handsets(handsets) => (None, handsets.as_slice()),
        };
        person.into_iter().chain(handsets.iter().map(|handset| &handset.person))
    }
}

/// Who uses a phone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PhoneUsers {
    /// The one person of a desk phone.
    Person(ExtensionNumber),
    /// The people of a DECT base, one per handset, in the order of their places; never empty, and nobody twice.
    Handsets(Vec<Handset>),
}

/// A handset of a DECT base. It has no MAC address and no files of its own.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Handset {
    /// Which of the base's handsets it is, 1 to 10, and no other's: the place at which somebody registered it on the base,
    /// and the base's account that it has. Whoever comes or goes leaves it alone.
    pub place: u8,
    /// Whose it is.
    pub person: ExtensionNumber,
    /// Its model, for example `W56H`; empty when nobody said.
    pub model: String,
}

impl Handset {
    /// The lowest place that none of a base's handsets has.
    pub fn free_place(handsets: &[Self]) -> u8 {
        let is_free = |place: &u8| handsets.iter().all(|handset| handset.place != *place);
        (1..=u8::MAX).find(is_free).unwrap_or(u8::MAX)
    }
}

/// Dialled before an internal number, takes over the call that rings there. Known to the exchange, which obeys it, and
/// to the phones, whose lamps dial it.
pub const PICKUP_CODE: &str = "*8";

/// What a phone dials to hear the messages of its own person. The code that most exchanges have for it.
pub const VOICEMAIL_CODE: &str = "*97";

/// What a phone dials to mark the last call that came to its person as malicious. The code that most exchanges have for it.
pub const MALICIOUS_CALL_CODE: &str = "*57";

/// Numbers at which a call can be put down and taken up again. Nobody else has them: people's and groups' end before.
pub const PARK_PLACES: RangeInclusive<u16> = 701..=709;

/// A connection to a SIP provider.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Trunk {
    /// The name by which the administrator knows it; unique.
    pub name: String,
    /// Where it is.
    pub server: Server,
    /// How it is reached.
    pub transport: TrunkTransport,
    /// Digest user name and user part of the registered address.
    pub username: String,
    /// Digest secret; empty when the provider knows the office by its address and asks for none.
    pub password: Secret,
    /// Whether the box registers there; if not, the provider knows the office by its address.
    pub register: bool,
    /// The office's numbers on this trunk. The first is shown to who is called when nothing else is decided.
    pub numbers: Vec<OutsideNumber>,
    /// How the provider wants to be spoken to.
    pub dialect: Dialect,
    /// How many calls its contract allows at once.
    pub channels: Channels,
    /// Who there is told of abuse.
    pub abuse: Option<AbuseDesk>,
}

/// How many calls an account at a provider carries at once.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Channels {
    /// Over the account together, 1 to 1000.
    pub account: u16,
    /// With one of the office's numbers, where the contract says it.
    pub number: Option<u16>,
}

impl Default for Channels {
    /// Two, as the contract that allows least sells it.
    fn default() -> Self {
        Self { account: 2, number: None }
    }
}

/// A host and, when given, a port. Without a port SRV decides (RFC 3263).
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Server {
    /// Host name or address literal, an IPv6 one without brackets.
    pub host: String,
    /// The port, when one was written.
    pub port: Option<u16>,
}

/// Transport to a trunk.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum TrunkTransport {
    /// UDP, or TCP for messages larger than a datagram should be.
    Udp,
    /// TCP.
    Tcp,
    /// TLS.
    Tls,
}

/// A number from outside and who it rings.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Inbound {
    /// One of the trunks' numbers.
    pub number: OutsideNumber,
    /// A person, a ring group, or a conference room that lets in who calls from outside.
    pub to: ExtensionNumber,
    /// Who is called instead while the office is closed; `None` when that makes no difference.
    pub closed: Option<WhenClosed>,
}

/// Where a number from outside leads while the office is closed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WhenClosed {
    /// A person, a ring group, or a conference room, as in [`Inbound::to`].
    pub to: ExtensionNumber,
    /// Nobody is rung: the caller reaches the mailbox of that person at once.
    pub voicemail: bool,
}

/// A number that rings several people at once.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RingGroup {
    /// The internal number.
    pub number: ExtensionNumber,
    /// What the group is called.
    pub name: String,
    /// Who rings: people's numbers.
    pub members: Vec<ExtensionNumber>,
}

/// The line of a lift or an alarm. It calls its own numbers and help, always and at once, and nothing else.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AlarmLine {
    /// The internal number of what is no person. In no ring group.
    pub person: ExtensionNumber,
    /// Whom it calls, 1 to 5: ordinary numbers in the own country, or free ones.
    pub numbers: Vec<ContactNumber>,
    /// It calls by itself, to show that it lives, at least once in so many hours, 1 to 744. Then it is told when it did not.
    pub test_hours: Option<u16>,
}

/// Somebody outside, in everybody's phone book.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Contact {
    /// Name of a person, or of a firm.
    pub name: String,
    /// Where the person works; empty when nobody said.
    pub company: String,
    /// Their numbers, the usual one first; 1 to 5, and no other contact's.
    pub numbers: Vec<ContactNumber>,
}

impl Contact {
    /// The name with the company behind it, for where there is one line.
    pub fn label(&self) -> String {
        if self.company.is_empty() { self.name.clone() } else { format!("{} ({})", self.name, self.company) }
    }

    /// Whether a number is one of theirs.
    pub fn has(&self, number: &str) -> bool {
        self.numbers.iter().any(|own| own.as_str() == number)
    }
}

/// Software for phones: a file in the box's state folder, handed out only while it is exactly the one that was meant.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Firmware {
    /// Models that it is for, as in the manifests; each has no more than one.
    pub models: Vec<String>,
    /// Version as the maker writes it, for people.
    pub version: String,
    /// Name of the file in the folder `firmware`, ending in `.rom` or `.bin`.
    pub file: String,
    /// What the file's content is held to.
    pub sha256: Sha256Pin,
}

/// A pair with which one device may register as one number.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Credential {
    /// Digest user name: the number itself for a hand-configured phone, `<number>-<mac>` for a provisioned one.
    pub username: String,
    /// The number it may register and call as.
    pub number: ExtensionNumber,
    /// The digest secret.
    pub secret: Secret,
    /// The device it was made for, if one was.
    pub device: Option<Mac>,
}

/// What the exchange works from: one revision of the office with the credentials that go with it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Settled {
    /// Number of the revision, rising.
    pub revision: u64,
    /// The office.
    pub office: Arc<Office>,
    /// Every pair that may register.
    pub credentials: Vec<Credential>,
}

impl Settled {
    /// A revision with a pair for each person (user name: the number) and the pairs of provisioned devices. A device's
    /// pair counts only while its number is a person's: who leaves takes the phones along.
    pub fn new(revision: u64, office: Arc<Office>, devices: Vec<Credential>) -> Self {
        let of_person = |person: &Person| Credential {
            username: person.number.to_string(),
            number: person.number.clone(),
            secret: person.sip_password.clone(),
            device: None,
        };
        let mut credentials: Vec<Credential> = office.people.iter().map(of_person).collect();
        credentials.extend(devices.into_iter().filter(|device| office.person(&device.number).is_some()));
        Self { revision, office, credentials }
    }
}
