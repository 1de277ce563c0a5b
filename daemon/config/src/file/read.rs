//! From tables to an office, one entry after the other.

use centrale_numbering::Plan;
use toml::de::DeTable;

use super::draft::Draft;
use super::tables::{Entry, Refusals, entries, shown};
use super::{Refusal, SecretPlace};
use crate::emergency::ReadNumber;
use crate::premium;
use crate::rules::{self, Fault};
use crate::whole::{self, Place, Table};
use crate::{
    AbuseDesk, AlarmLine, Alerts, Channels, Conference, Contact, ContactNumber, Country, Dialect, Emergency,
    ExtensionNumber, Firmware, ForwardTo, Handset, Inbound, Language, Mac, Network, Office, OfficeIdentity, Opened,
    Opening, OwnPermit, Permit, Person, Phone, PhoneUsers, PremiumNumber, PremiumPrice, Retention, Rights, RingGroup,
    Role, Scanner, Secret, Sha256Pin, Trunk, TrunkTransport, TypedAbuseDesk, TypedAlerts, TypedContact, TypedEmergency,
    TypedOpening, Voicemail, WhenClosed,
};

/// Longest office file that is read, in bytes: five hundred people with a phone each and as many contacts as there may
/// be, under names as long as they may be, fit in it.
const LONGEST_FILE: usize = 2 << 20;

const TABLES: [Table; 16] = [
    Table::Office,
    Table::Emergency,
    Table::Rights,
    Table::Alerts,
    Table::Retention,
    Table::Opening,
    Table::Person,
    Table::Phone,
    Table::Trunk,
    Table::Inbound,
    Table::RingGroup,
    Table::Conference,
    Table::AlarmLine,
    Table::PremiumNumber,
    Table::Contact,
    Table::Firmware,
];

/// How a contact's number, the test number, that of an alarm or of support, and an own premium number are read by the plan of
/// their office.
type ReadNumbers = [ReadNumber; 4];

/// Reads an office file. `decrypt` reads back a value that an export of this box wrote, and answers `None` to any other.
///
/// # Errors
/// Every fault of the file, in the order of its lines. Only when the text is no TOML at all are the later checks left out.
pub fn parse_office(
    text: &str,
    decrypt: &dyn Fn(SecretPlace<'_>, &str) -> Option<Secret>,
) -> Result<Draft, Vec<Refusal>> {
    parse(text, decrypt, [rules::contact_number, rules::test_number, rules::plain_number, premium::premium_number])
}

/// Reads back an office that this box wrote for itself. Its contacts' numbers stand as they were written: the number plan of
/// another version of the program may know more or fewer, and a phone book is no reason not to start.
///
/// # Errors
/// As [`parse_office`].
pub fn parse_kept_office(
    text: &str,
    decrypt: &dyn Fn(SecretPlace<'_>, &str) -> Option<Secret>,
) -> Result<Draft, Vec<Refusal>> {
    let kept: ReadNumber = |_, text| rules::kept_contact_number(text);
    parse(text, decrypt, [kept; 4])?.check_pins(None)
}

fn parse(
    text: &str,
    decrypt: &dyn Fn(SecretPlace<'_>, &str) -> Option<Secret>,
    read_numbers: ReadNumbers,
) -> Result<Draft, Vec<Refusal>> {
    let refusals = Refusals::new(text);
    if text.len() > LONGEST_FILE {
        refusals.add(0, "file".to_owned(), Fault::new("file-too-long", "an office file has at most 2 MiB"));
        return Err(refusals.into_sorted());
    }
    let (root, errors) = DeTable::parse_recoverable(text);
    for error in errors {
        let at = error.span().map_or(0, |span| span.start);
        refusals.add(at, "file".to_owned(), Fault::new("not-toml", error.message()));
    }
    if !refusals.is_empty() {
        return Err(refusals.into_sorted());
    }
    let root = root.get_ref();
    let mut reading = Reading { root, refusals: &refusals, decrypt, read_numbers, places: Vec::new() };
    let office = reading.office();
    reading.check_whole(&office);
    let handsets = reading.handset_lists(&office);
    let firmware = reading.firmware_models(&office);
    let without_pin = reading.rooms_without_pin(&office);
    if refusals.is_empty() {
        Ok(Draft::new(office).found_at(handsets, firmware, without_pin))
    } else {
        Err(refusals.into_sorted())
    }
}

/// An office file on its way to an office. Entries whose identifiers can be read are kept even when something else in them
/// is wrong, so that one fault does not cause others elsewhere.
struct Reading<'a, 't> {
    root: &'a DeTable<'t>,
    refusals: &'a Refusals<'t>,
    decrypt: &'a dyn Fn(SecretPlace<'_>, &str) -> Option<Secret>,
    read_numbers: ReadNumbers,
    /// Where the keys that the whole is checked by stand in the text.
    places: Vec<(Place, usize)>,
}

impl<'a, 't> Reading<'a, 't> {
    fn office(&mut self) -> Office {
        self.refuse_unknown_tables();
        let table = self.office_table();
        let OfficeTable { identity, phone_vlan, line_kbit, logo, dhcp_options, blocked_callers, .. } = table;
        let (administration, scanners) = (table.administration, table.scanners);
        let country = identity.country;
        let plan = Plan::of(country, &identity.area_code);
        let [contact_number, test_number, alarm_number, own_premium] = self.read_numbers;
        let read_number = |text: &str| contact_number(&plan, text);
        let read_alarm = |text: &str| alarm_number(&plan, text);
        let read_premium = |text: &str| own_premium(&plan, text);
        let marked = ["number", "line", "announced", "active"];
        Office {
            rights: self.list(Table::Rights, &["name"], |entry, _| rights(entry)),
            people: self.list(Table::Person, &["number", "rights", "forward"], |entry, decrypt| {
                person(entry, (&plan, contact_number), decrypt)
            }),
            phones: self.list(Table::Phone, &["mac", "person", "handsets"], |entry, _| phone(entry)),
            trunks: self.list(Table::Trunk, &["name", "numbers", "srtp", "codecs"], trunk),
            inbound: self.list(Table::Inbound, &["number", "to", "closed_to"], |entry, _| inbound(entry)),
            ring_groups: self.list(Table::RingGroup, &["number", "members"], |entry, _| ring_group(entry, country)),
            conferences: self
                .list(Table::Conference, &["number", "pin"], |entry, decrypt| conference(entry, country, decrypt)),
            alarm_lines: self.list(Table::AlarmLine, &["person", "numbers"], |entry, _| alarm_line(entry, &read_alarm)),
            premium_numbers: self.list(Table::PremiumNumber, &marked, |entry, _| premium_number(entry, &read_premium)),
            contacts: self.list(Table::Contact, &["name", "numbers"], |entry, _| contact(entry, &read_number)),
            firmware: self.list(Table::Firmware, &["models"], |entry, _| firmware(entry)),
            emergency: self.emergency(&plan, test_number),
            alerts: self.alerts(),
            retention: self.retention(),
            rules_of_use: table.rules_of_use,
            opening: self.opening(country),
            identity,
            phone_vlan,
            line_kbit,
            logo,
            dhcp_options,
            blocked_callers,
            refuse_withheld: table.refuse_withheld,
            support_numbers: table.support_numbers,
            administration,
            scanners,
            pin: table.pin,
        }
    }

    fn refuse_unknown_tables(&self) {
        for (key, _) in self.root.iter() {
            let name = key.get_ref().as_ref();
            if !TABLES.iter().any(|table| table.name() == name) {
                let known = TABLES.map(Table::name).join(", ");
                let fault = Fault::new("key-unknown", format!("unknown key; known are {known}"));
                self.refusals.add(key.span().start, shown(name), fault);
            }
        }
    }

    fn office_table(&self) -> OfficeTable {
        let name = Table::Office.name();
        if self.root.get(name).is_none() {
            self.refusals.add(0, name.to_owned(), Fault::new("key-missing", "a table [office] is needed"));
        }
        let Some(entry) = self.only(Table::Office) else { return OfficeTable::assumed() };
        office_table(entry, self.read_numbers, self.decrypt)
    }

    /// A table of which there is one at most, to be read; `None` when there is none. Something else of that name is refused.
    fn only(&self, which: Table) -> Option<Entry<'_, 't>> {
        let name = which.name();
        let value = self.root.get(name)?;
        let at = value.span().start;
        let Some(table) = value.get_ref().as_table() else {
            self.refusals.add(at, name.to_owned(), Fault::new("wrong-type", format!("write [{name}] once")));
            return None;
        };
        Some(Entry::new(table, which, at, self.refusals))
    }

    /// The table for calls for help; empty when there is none.
    fn emergency(&self, plan: &Plan, test_number: ReadNumber) -> Emergency {
        let Some(entry) = self.only(Table::Emergency) else { return Emergency::default() };
        let text = |key| entry.optional(key).unwrap_or_default().to_owned();
        let typed = TypedEmergency {
            street: text("street"),
            house_number: text("house_number"),
            postcode: text("postcode"),
            place: text("place"),
            test_number: text("test_number"),
        };
        let emergency = typed.read(plan, test_number).unwrap_or_else(|faults| {
            faults.into_iter().for_each(|(key, fault)| entry.refuse(key, fault));
            Emergency::default()
        });
        entry.finish();
        emergency
    }

    /// The table of who is told by e-mail; nobody when there is none.
    fn alerts(&self) -> Alerts {
        let Some(entry) = self.only(Table::Alerts) else { return Alerts::NONE };
        let alerts = alerts(&entry, self.decrypt);
        entry.finish();
        alerts
    }

    /// The table of how long things are kept; as usual when there is none.
    fn retention(&self) -> Retention {
        let Some(entry) = self.only(Table::Retention) else { return Retention::USUAL };
        let mut days = Retention::USUAL.days();
        for (bounds, days) in Retention::BOUNDS.iter().zip(&mut days) {
            let Some(typed) = entry.optional_small(bounds.key) else { continue };
            // What does not fit in sixteen bits is out of range as well.
            *days = entry.check(bounds.key, bounds.check(typed.unwrap_or(u16::MAX))).unwrap_or(*days);
        }
        entry.finish();
        Retention::of_days(days)
    }

    /// When there are people in the office; as usual when there is no table.
    fn opening(&self, country: Country) -> Option<Opening> {
        let entry = self.only(Table::Opening)?;
        let owned = |texts: Vec<&str>| texts.into_iter().map(str::to_owned).collect();
        let typed = TypedOpening {
            week: Opening::DAYS.map(|day| entry.optional(day).map(str::to_owned)),
            holidays: entry.texts("holidays").map(owned),
            closed_days: entry.texts("closed_days").map(owned).unwrap_or_default(),
        };
        let opening = typed.read(country).map_err(|faults| {
            faults.into_iter().for_each(|(key, fault)| entry.refuse(key, fault));
        });
        entry.finish();
        opening.ok()
    }

    /// Reads every entry of a table and notes where the keys in `marked` stand.
    fn list<T>(
        &mut self,
        which: Table,
        marked: &[&'static str],
        read: impl Fn(&Entry<'_, '_>, &dyn Fn(SecretPlace<'_>, &str) -> Option<Secret>) -> Option<T>,
    ) -> Vec<T> {
        let mut list = Vec::new();
        for (table, span) in entries(self.root, which, self.refusals) {
            let entry = Entry::new(table, which, span.start, self.refusals);
            if let Some(item) = read(&entry, self.decrypt) {
                let place = |key: &&'static str| (Place { table: which, index: list.len(), key }, entry.offset(key));
                self.places.extend(marked.iter().map(place));
                list.push(item);
            }
            entry.finish();
        }
        list
    }

    fn check_whole(&self, office: &Office) {
        for (place, fault) in whole::faults(office) {
            let at = self.offset(place);
            self.refusals.add(at, format!("{}.{}", place.table.name(), place.key), fault);
        }
    }

    /// Where each base's handsets stand, by line and column.
    fn handset_lists(&self, office: &Office) -> Vec<(Mac, (usize, usize))> {
        let bases =
            office.phones.iter().enumerate().filter(|(_, phone)| matches!(phone.users, PhoneUsers::Handsets(_)));
        let place = |index| Place { table: Table::Phone, index, key: "handsets" };
        bases.map(|(index, phone)| (phone.mac, self.refusals.position(self.offset(place(index))))).collect()
    }

    /// Each model that firmware is for, and where its list stands, by line and column.
    fn firmware_models(&self, office: &Office) -> Vec<(String, (usize, usize))> {
        let place = |index| Place { table: Table::Firmware, index, key: "models" };
        let of_one = |(index, firmware): (usize, &Firmware)| {
            let position = self.refusals.position(self.offset(place(index)));
            firmware.models.iter().map(move |model| (model.clone(), position)).collect::<Vec<_>>()
        };
        office.firmware.iter().enumerate().flat_map(of_one).collect()
    }

    /// Each room whose PIN is left out and must be known, by line and column.
    fn rooms_without_pin(&self, office: &Office) -> Vec<(ExtensionNumber, (usize, usize))> {
        let place = |index| Place { table: Table::Conference, index, key: "pin" };
        let without = |room: &Conference| room.pin.as_ref().is_some_and(|pin| *pin == Draft::missing());
        let rooms = office.conferences.iter().enumerate().filter(|(_, room)| without(room));
        rooms.map(|(at, room)| (room.number.clone(), self.refusals.position(self.offset(place(at))))).collect()
    }

    fn offset(&self, place: Place) -> usize {
        self.places.iter().find(|(known, _)| *known == place).map_or(0, |(_, at)| *at)
    }
}

/// What stands in the `[office]` table.
struct OfficeTable {
    identity: OfficeIdentity,
    phone_vlan: Option<u16>,
    line_kbit: Option<u32>,
    logo: Option<Sha256Pin>,
    dhcp_options: bool,
    blocked_callers: Vec<ContactNumber>,
    refuse_withheld: bool,
    rules_of_use: String,
    support_numbers: Vec<ContactNumber>,
    administration: Vec<Network>,
    scanners: Vec<Scanner>,
    pin: Option<Secret>,
}

impl OfficeTable {
    fn assumed() -> Self {
        let identity = OfficeIdentity::assumed(Country::Netherlands);
        Self {
            identity,
            phone_vlan: None,
            line_kbit: None,
            logo: None,
            dhcp_options: false,
            blocked_callers: Vec::new(),
            refuse_withheld: false,
            rules_of_use: String::new(),
            support_numbers: Vec::new(),
            administration: Vec::new(),
            scanners: Vec::new(),
            pin: None,
        }
    }
}

fn office_table(
    entry: Entry<'_, '_>,
    [read_number, _, read_support, _]: ReadNumbers,
    decrypt: &dyn Fn(SecretPlace<'_>, &str) -> Option<Secret>,
) -> OfficeTable {
    let name = entry.required("name").and_then(|text| entry.check("name", rules::name(text)));
    let country = entry.required("country").and_then(|text| entry.check("country", rules::country(text)));
    let area_code = entry.optional("area_code");
    let language = entry.optional("language").and_then(|text| entry.check("language", rules::language(text)));
    let time_zone = entry.optional("time_zone").and_then(|text| entry.check("time_zone", rules::time_zone(text)));
    let phone_vlan = entry.optional_small("phone_vlan").and_then(|vlan| entry.check("phone_vlan", rules::vlan(vlan)));
    let line_kbit = entry.optional_count("line_kbit").and_then(|kbit| entry.check("line_kbit", rules::line_kbit(kbit)));
    let assumed = OfficeIdentity::assumed(country.unwrap_or(Country::Netherlands));
    // Without a country there is no telling which area codes exist.
    let area_code =
        country.zip(area_code).and_then(|(country, text)| entry.check("area_code", rules::area_code(country, text)));
    let logo = entry.optional("logo").and_then(|text| entry.check("logo", rules::sha256(text)));
    let dhcp_options = entry.optional_bool("dhcp_options").unwrap_or(false);
    let area_code = area_code.unwrap_or_default();
    let plan = Plan::of(assumed.country, &area_code);
    let read = |text: &str| entry.check("blocked_callers", read_number(&plan, text));
    let blocked_callers: Vec<_> =
        entry.texts("blocked_callers").unwrap_or_default().into_iter().filter_map(read).collect();
    entry.check("blocked_callers", rules::blocked_callers(blocked_callers.len()));
    let refuse_withheld = entry.optional_bool("refuse_withheld").unwrap_or(false);
    let rules_of_use = entry.optional("rules_of_use");
    let rules_of_use = rules_of_use.and_then(|text| entry.check("rules_of_use", rules::rules_of_use(text)));
    let rules_of_use = rules_of_use.unwrap_or_default();
    let read = |text: &str| entry.check("support_numbers", read_support(&plan, text));
    let support_numbers: Vec<_> =
        entry.texts("support_numbers").unwrap_or_default().into_iter().filter_map(read).collect();
    entry.check("support_numbers", rules::support_numbers(support_numbers.len()));
    let network = |text: &str| entry.check("administration_from", rules::network(text));
    let administration: Vec<_> =
        entry.texts("administration_from").unwrap_or_default().into_iter().filter_map(network).collect();
    entry.check("administration_from", rules::networks(administration.len()));
    let scanners = scanners(&entry);
    let pin = secret(&entry, ("pin", "pin_encrypted"), SecretPlace::Pin, decrypt);
    let pin = pin.and_then(|pin| entry.check("pin", rules::pin(pin)));
    entry.finish();
    let identity = OfficeIdentity {
        name: name.unwrap_or(assumed.name),
        country: assumed.country,
        area_code,
        language: language.unwrap_or(Language::Dutch),
        time_zone: time_zone.unwrap_or(assumed.time_zone),
    };
    OfficeTable {
        identity,
        phone_vlan,
        line_kbit,
        logo,
        dhcp_options,
        blocked_callers,
        refuse_withheld,
        rules_of_use,
        support_numbers,
        administration,
        scanners,
        pin,
    }
}

/// From where the office has the box looked at.
fn scanners(entry: &Entry<'_, '_>) -> Vec<Scanner> {
    let scanner = |entry: Entry<'_, '_>| {
        let (network, until) = (entry.required("network"), entry.required("until"));
        let scanner = entry.check("network", rules::scanner(network?, until?));
        entry.finish();
        scanner
    };
    let scanners: Vec<_> = entry.tables("scanners").unwrap_or_default().into_iter().filter_map(scanner).collect();
    entry.check("scanners", rules::scanner_count(scanners.len()));
    scanners
}

/// Whom to tell, and over which server.
fn alerts(entry: &Entry<'_, '_>, decrypt: &dyn Fn(SecretPlace<'_>, &str) -> Option<Secret>) -> Alerts {
    let text = |key| entry.optional(key).unwrap_or_default().to_owned();
    let contact = |entry: Entry<'_, '_>| {
        let (address, language) = (entry.required("address"), entry.optional("language"));
        let (language, phone) = (language.unwrap_or(Language::Dutch.code()), entry.optional("phone"));
        entry.finish();
        Some(TypedContact {
            address: address?.to_owned(),
            language: language.to_owned(),
            // The file is whole: what it leaves out is not there.
            phone: Some(phone.unwrap_or_default().to_owned()),
        })
    };
    let keys = ("password", "password_encrypted");
    let read = secret(entry, keys, SecretPlace::MailServer, decrypt);
    // Of a password that could not be read one fault is enough.
    let unread = || (entry.has(keys.0) || entry.has(keys.1)).then(|| Secret::new("unread"));
    let typed = TypedAlerts {
        server: text("server"),
        security: text("security"),
        username: text("username"),
        password: read.or_else(unread),
        sender: text("sender"),
        contacts: entry.tables("contacts").unwrap_or_default().into_iter().filter_map(contact).collect(),
        digest: entry.optional_bool("digest").unwrap_or(Alerts::NONE.digest),
    };
    let mut faults = Vec::new();
    let alerts = typed.read(&Alerts::NONE, &mut faults);
    if faults.is_empty() {
        return alerts;
    }
    faults.into_iter().for_each(|(key, fault)| entry.refuse(key, fault));
    Alerts::NONE
}

/// The number of a person or group. One outside the range is refused but kept: who refers to it made no mistake.
fn own_number(entry: &Entry<'_, '_>, country: Country) -> Option<ExtensionNumber> {
    let text = entry.required("number")?;
    entry.check("number", rules::extension(country, text)).or_else(|| text.parse().ok())
}

fn reference(entry: &Entry<'_, '_>, key: &'static str) -> Option<ExtensionNumber> {
    let text = entry.required(key)?;
    let malformed = |error: crate::IdentifierError| Fault::new("number-malformed", error.to_string());
    entry.check(key, text.parse().map_err(malformed))
}

fn name_or_empty(entry: &Entry<'_, '_>) -> String {
    entry.required("name").and_then(|text| entry.check("name", rules::name(text))).unwrap_or_default()
}

/// A secret written in clear under `clear_key` or as exported under `encrypted_key`.
fn secret(
    entry: &Entry<'_, '_>,
    (clear_key, encrypted_key): (&'static str, &'static str),
    place: SecretPlace<'_>,
    decrypt: &dyn Fn(SecretPlace<'_>, &str) -> Option<Secret>,
) -> Option<Secret> {
    match (entry.optional(clear_key), entry.optional(encrypted_key)) {
        (Some(_), Some(_)) => {
            entry.refuse(encrypted_key, Fault::new("password-twice", format!("write this or {clear_key}, not both")));
            None
        }
        (Some(clear), None) => Some(Secret::new(clear)),
        (None, Some(encrypted)) => {
            let read = decrypt(place, encrypted);
            if read.is_none() {
                let reason = format!("was not exported by this box for this entry; leave it out, or write {clear_key}");
                entry.refuse(encrypted_key, Fault::new("password-unreadable", reason));
            }
            read
        }
        (None, None) => None,
    }
}

fn person(
    entry: &Entry<'_, '_>,
    (plan, read_number): (&Plan, ReadNumber),
    decrypt: &dyn Fn(SecretPlace<'_>, &str) -> Option<Secret>,
) -> Option<Person> {
    let number = own_number(entry, plan.country());
    let read = |text: &str| ForwardTo::read(plan, text, |text| read_number(plan, text));
    let forward = entry.optional("forward").and_then(|text| entry.check("forward", read(text)));
    let name = name_or_empty(entry);
    let keys = ("sip_password", "sip_password_encrypted");
    let Some(number) = number else {
        // Known keys all the same, though there is nobody to keep the secret for.
        entry.optional(keys.0);
        entry.optional(keys.1);
        permit(entry);
        voicemail(entry);
        role(entry);
        return None;
    };
    let secret = secret(entry, keys, SecretPlace::Person(&number), decrypt);
    if let Some(secret) = &secret {
        entry.check(keys.0, rules::sip_password(Some(&number), secret));
    }
    let (permit, voicemail, role) = (permit(entry), voicemail(entry), role(entry));
    Some(Person { number, name, sip_password: secret.unwrap_or_else(Draft::missing), permit, voicemail, role, forward })
}

/// What a person's telephone is for. Who does not say is like most.
fn role(entry: &Entry<'_, '_>) -> Role {
    let role = entry.optional("role").and_then(|text| entry.check("role", rules::role(text)));
    role.unwrap_or_default()
}

/// The mailbox of a person. Who does not say has none.
fn voicemail(entry: &Entry<'_, '_>) -> Option<Voicemail> {
    let table = entry.table("voicemail")?;
    let after_seconds = table.optional_small("after_seconds").unwrap_or(Some(Voicemail::USUAL.after_seconds.into()));
    let voicemail = table.check("after_seconds", rules::voicemail(after_seconds));
    table.finish();
    voicemail
}

/// A group of rights. What the file does not say is as for somebody new.
fn rights(entry: &Entry<'_, '_>) -> Option<Rights> {
    let name = entry.required("name").and_then(|text| entry.check("name", rules::plain_name(text)));
    let reach = entry.optional("calls").and_then(|text| entry.check("calls", rules::reach(text)));
    let premium = entry.optional_bool("premium").unwrap_or(Permit::NEW.premium);
    Some(Rights { name: name?, reach: reach.unwrap_or(Permit::NEW.reach), premium })
}

/// What was decided for a person of what may be called.
fn permit(entry: &Entry<'_, '_>) -> OwnPermit {
    let rights = entry.optional("rights").map(str::to_owned);
    let reach = entry.optional("calls").and_then(|text| entry.check("calls", rules::reach(text)));
    let premium = entry.optional_bool("premium");
    let opened = |entry: Entry<'_, '_>| {
        let (prefix, until) = (entry.required("prefix"), entry.required("until"));
        let opened = entry.check("prefix", rules::opened(prefix?, until?));
        entry.finish();
        opened
    };
    let opened: Vec<Opened> = entry.tables("opened").unwrap_or_default().into_iter().filter_map(opened).collect();
    entry.check("opened", rules::opened_count(opened.len()));
    OwnPermit { rights, reach, premium, opened }
}

fn phone(entry: &Entry<'_, '_>) -> Option<Phone> {
    let mac = entry.required("mac").and_then(|text| entry.check("mac", rules::mac(text)));
    let model = entry.required("model").and_then(|text| entry.check("model", rules::model(text)));
    let users = phone_users(entry);
    let modules = entry.optional_small("modules").and_then(|count| entry.check("modules", rules::modules(count)));
    let unencrypted = entry.optional_bool("unencrypted").unwrap_or(false);
    let room = entry.optional("room").and_then(|text| entry.check("room", rules::room(text))).unwrap_or_default();
    let (model, modules) = (model.unwrap_or_default(), modules.unwrap_or(0));
    Some(Phone { mac: mac?, model, users: users?, modules, unencrypted, room })
}

/// One person, or the handsets of a base.
fn phone_users(entry: &Entry<'_, '_>) -> Option<PhoneUsers> {
    let Some(handsets) = entry.tables("handsets") else {
        // Of a list that could not be read one fault is enough.
        return if entry.has("handsets") { None } else { reference(entry, "person").map(PhoneUsers::Person) };
    };
    if entry.optional("person").is_some() {
        entry.refuse("person", Fault::new("person-and-handsets", "write person or handsets, not both"));
    }
    handset_list(handsets).map(PhoneUsers::Handsets)
}

/// The handsets of a base, as they are written. One without a place has the place after the one before it; where a place is
/// refused nobody knows the next, and one fault is enough.
fn handset_list(entries: Vec<Entry<'_, '_>>) -> Option<Vec<Handset>> {
    let (mut last, mut all_placed) = (0_u8, true);
    let handset = |entry: Entry<'_, '_>| {
        let person = reference(&entry, "person");
        let model = entry.optional("model").and_then(|text| entry.check("model", rules::model(text)));
        let place = match entry.optional_small("place") {
            Some(written) => entry.check("place", rules::handset_place(written)),
            None if entry.has("place") => None,
            None => Some(last.saturating_add(1)),
        };
        entry.finish();
        last = place.unwrap_or(last);
        all_placed &= place.is_some();
        Some(Handset { place: place?, person: person?, model: model.unwrap_or_default() })
    };
    let handsets = entries.into_iter().filter_map(handset).collect();
    all_placed.then_some(handsets)
}

fn trunk(entry: &Entry<'_, '_>, decrypt: &dyn Fn(SecretPlace<'_>, &str) -> Option<Secret>) -> Option<Trunk> {
    let name = entry.required("name").and_then(|text| entry.check("name", rules::plain_name(text)));
    let server = entry.required("server").and_then(|text| entry.check("server", rules::server(text)));
    let transport = entry.optional("transport").and_then(|text| entry.check("transport", rules::transport(text)));
    let username = entry.required("username").and_then(|text| entry.check("username", rules::username(text)));
    let keys = ("password", "password_encrypted");
    let place_name = name.clone().unwrap_or_default();
    let secret = secret(entry, keys, SecretPlace::Trunk(&place_name), decrypt);
    let register = entry.optional_bool("register").unwrap_or(true);
    match &secret {
        Some(secret) => {
            entry.check(keys.0, rules::password(secret));
        }
        None if register && !entry.has(keys.0) && !entry.has(keys.1) => {
            entry.refuse(keys.0, Fault::new("password-needed", "the provider asks for a password to register"));
        }
        None => {}
    }
    let numbers = entry.texts("numbers").unwrap_or_default();
    let numbers = numbers.into_iter().filter_map(|text| entry.check("numbers", rules::outside_number(text))).collect();
    // Its numbers are kept although something else is wrong with it: who routes them made no mistake.
    let server = server.unwrap_or_else(|| crate::Server { host: String::new(), port: None });
    Some(Trunk {
        name: name?,
        server,
        transport: transport.unwrap_or(TrunkTransport::Udp),
        username: username.unwrap_or_default(),
        password: secret.unwrap_or_else(Draft::missing),
        register,
        numbers,
        dialect: dialect(entry),
        channels: channels(entry),
        abuse: abuse_desk(entry),
    })
}

/// Who at the provider is told of abuse.
fn abuse_desk(entry: &Entry<'_, '_>) -> Option<AbuseDesk> {
    let desk = entry.table("abuse")?;
    let text = |key| desk.optional(key).unwrap_or_default().to_owned();
    let (name, address) = (text("name"), text("address"));
    let answer_days = desk.optional_small("answer_days").map(|days| days.unwrap_or(u16::MAX));
    let read = TypedAbuseDesk { name, address, answer_days }.read().unwrap_or_else(|(key, fault)| {
        desk.refuse(key, fault);
        None
    });
    desk.finish();
    read
}

/// How the provider wants to be spoken to. A word that cannot be read leaves the usual one in its place.
fn dialect(entry: &Entry<'_, '_>) -> Dialect {
    let identity = entry.optional("identity").and_then(|text| entry.check("identity", rules::dialect_word(text)));
    let numbers_as = entry.optional("numbers_as").and_then(|text| entry.check("numbers_as", rules::dialect_word(text)));
    let proxy = entry.optional("outbound_proxy").and_then(|text| entry.check("outbound_proxy", rules::server(text)));
    let srtp = entry.optional("srtp").and_then(|text| entry.check("srtp", rules::dialect_word(text)));
    let dtmf = entry.optional("dtmf").and_then(|text| entry.check("dtmf", rules::dialect_word(text)));
    let codec = |text: &str| entry.check("codecs", rules::dialect_word(text));
    let kind = |text: &str| entry.check("preferred_for", rules::dialect_word(text));
    let heard_from = entry.texts("heard_from").unwrap_or_default();
    entry.check("heard_from", rules::source_count(heard_from.len()));
    let source = |text: &str| entry.check("heard_from", rules::source(text));
    Dialect {
        identity: identity.unwrap_or_default(),
        numbers_as: numbers_as.unwrap_or_default(),
        outbound_proxy: proxy,
        srtp,
        codecs: entry.texts("codecs").unwrap_or_default().into_iter().filter_map(codec).collect(),
        preferred_for: entry.texts("preferred_for").unwrap_or_default().into_iter().filter_map(kind).collect(),
        location: entry.optional_bool("location").unwrap_or(false),
        gateway: entry.optional_bool("gateway").unwrap_or(false),
        dtmf: dtmf.unwrap_or_default(),
        heard_from: heard_from.into_iter().take(rules::MOST_SOURCES).filter_map(source).collect(),
    }
}

fn channels(entry: &Entry<'_, '_>) -> Channels {
    let read = |key| entry.optional_small(key).and_then(|count| entry.check(key, rules::channels(count)));
    let account = read("channels").unwrap_or(Channels::default().account);
    Channels { account, number: read("channels_per_number") }
}

fn inbound(entry: &Entry<'_, '_>) -> Option<Inbound> {
    let number = entry.required("number").and_then(|text| entry.check("number", rules::outside_number(text)));
    let to = reference(entry, "to");
    let (has_closed, voicemail) = (entry.has("closed_to"), entry.optional_bool("closed_to_voicemail"));
    let closed = if has_closed { reference(entry, "closed_to") } else { None };
    if !has_closed && voicemail.is_some() {
        entry.refuse("closed_to_voicemail", Fault::new("closed-to-missing", "write closed_to, whose mailbox it is"));
    }
    let closed = closed.map(|to| WhenClosed { to, voicemail: voicemail.unwrap_or(false) });
    Some(Inbound { number: number?, to: to?, closed })
}

fn ring_group(entry: &Entry<'_, '_>, country: Country) -> Option<RingGroup> {
    let number = own_number(entry, country);
    let name = name_or_empty(entry);
    let malformed = |error: crate::IdentifierError| Fault::new("number-malformed", error.to_string());
    let read = |text: &str| entry.check("members", text.parse().map_err(malformed));
    let members = entry.texts("members").unwrap_or_default().into_iter().filter_map(read).collect();
    Some(RingGroup { number: number?, name, members })
}

fn conference(
    entry: &Entry<'_, '_>,
    country: Country,
    decrypt: &dyn Fn(SecretPlace<'_>, &str) -> Option<Secret>,
) -> Option<Conference> {
    let (number, name) = (own_number(entry, country), name_or_empty(entry));
    let outside = entry.optional_bool("outside").unwrap_or(false);
    let keys = ("pin", "pin_encrypted");
    let Some(number) = number else {
        entry.optional(keys.0);
        entry.optional(keys.1);
        return None;
    };
    let pin = secret(entry, keys, SecretPlace::Conference(&number), decrypt);
    if let Some(pin) = &pin {
        entry.check(keys.0, crate::conference::pin(pin));
    }
    // One that is open has a PIN: what is left out is the one that the room has.
    let pin = pin.or_else(|| outside.then(Draft::missing));
    Some(Conference { number, name, pin, outside })
}

fn contact(entry: &Entry<'_, '_>, read_number: &dyn Fn(&str) -> Result<ContactNumber, Fault>) -> Option<Contact> {
    let name = name_or_empty(entry);
    let company = entry.optional("company").and_then(|text| entry.check("company", rules::company(text)));
    let texts = entry.required_texts("numbers")?;
    let before = texts.len();
    let read = |text: &str| entry.check("numbers", read_number(text));
    let numbers: Vec<_> = texts.into_iter().filter_map(read).collect();
    // Of a contact whose only number was refused one fault is enough.
    (before == 0 || !numbers.is_empty()).then(|| Contact { name, company: company.unwrap_or_default(), numbers })
}

fn alarm_line(entry: &Entry<'_, '_>, read_number: &dyn Fn(&str) -> Result<ContactNumber, Fault>) -> Option<AlarmLine> {
    let person = reference(entry, "person");
    let test_hours =
        entry.optional_small("test_hours").and_then(|hours| entry.check("test_hours", rules::test_hours(hours)));
    let texts = entry.required_texts("numbers")?;
    let before = texts.len();
    let numbers: Vec<_> = texts.into_iter().filter_map(|text| entry.check("numbers", read_number(text))).collect();
    (before == 0 || !numbers.is_empty()).then_some(AlarmLine { person: person?, numbers, test_hours })
}

fn premium_number(
    entry: &Entry<'_, '_>,
    read_number: &dyn Fn(&str) -> Result<ContactNumber, Fault>,
) -> Option<PremiumNumber> {
    let number = entry.required("number").and_then(|text| entry.check("number", read_number(text)));
    let line = entry.required("line").and_then(|text| entry.check("line", rules::outside_number(text)));
    let owner = entry.required("owner").and_then(|text| entry.check("owner", rules::name(text)));
    let price = premium_price(entry);
    let statement = |entry: Entry<'_, '_>| {
        let (on, by, price) = (entry.required("on"), entry.required("by"), premium_price(&entry));
        let statement = entry.check("on", premium::statement(on?, by?, price?));
        entry.finish();
        statement
    };
    let announced = entry.tables("announced").unwrap_or_default().into_iter().filter_map(statement).collect();
    let active = entry.optional_bool("active").unwrap_or(false);
    Some(PremiumNumber { number: number?, line: line?, owner: owner?, price: price?, announced, active })
}

fn premium_price(entry: &Entry<'_, '_>) -> Option<PremiumPrice> {
    let [minute, call] = ["cents_per_minute", "cents_per_call"].map(|key| entry.optional_small(key).flatten());
    let key = if minute.is_none() && call.is_some() { "cents_per_call" } else { "cents_per_minute" };
    entry.check(key, PremiumPrice::read(minute, call))
}

fn firmware(entry: &Entry<'_, '_>) -> Option<Firmware> {
    let models = entry.required_texts("models");
    let models = models.map(|models| {
        models.into_iter().filter_map(|text| entry.check("models", rules::model(text))).collect::<Vec<_>>()
    });
    let version = entry.required("version").and_then(|text| entry.check("version", rules::firmware_version(text)));
    let file = entry.required("file").and_then(|text| entry.check("file", rules::firmware_file(text)));
    let sha256 = entry.required("sha256").and_then(|text| entry.check("sha256", rules::sha256(text)));
    Some(Firmware { models: models?, version: version?, file: file?, sha256: sha256? })
}
