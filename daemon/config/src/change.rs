//! One change of the office, as the page asks for it.

use centrale_numbering::Plan;

use crate::rules::{self, Fault};
use crate::whole;
use crate::{
    Channels, Contact, ExtensionNumber, ForwardTo, Handset, Inbound, Mac, Office, OfficeIdentity, OwnPermit, Person,
    Phone, PhoneUsers, Retention, Rights, RingGroup, Role, Secret, Sha256Pin, TypedAbuseDesk, TypedAlerts,
    TypedDialect, TypedEmergency, TypedOpening, TypedPremium, WhenClosed,
};

/// A change of the office. Its values are as they were typed; [`Office::apply`] reads and checks them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Change {
    /// A new person. The password is made by the caller.
    AddPerson {
        /// Internal number.
        number: String,
        /// Name.
        name: String,
        /// A generated secret.
        sip_password: Secret,
    },
    /// Another name for a person.
    RenamePerson {
        /// Internal number.
        number: String,
        /// New name.
        name: String,
    },
    /// A new SIP password for a person's hand-configured phones; the old one dies.
    ReplacePassword {
        /// Internal number.
        number: String,
        /// A generated secret.
        sip_password: Secret,
    },
    /// What a person may call. What is `None` is as in the person's group, and without one as for somebody new.
    SetPermit {
        /// Internal number.
        number: String,
        /// The group of rights that the person is in, by its name.
        rights: Option<String>,
        /// `inside`, `lobby`, `country`, `europe` or `world`.
        calls: Option<String>,
        /// Whether also numbers that cost extra.
        premium: Option<bool>,
        /// Destinations that are open: prefix and last day, as in the office file.
        opened: Vec<(String, String)>,
    },
    /// Creates a group of rights, or changes it when there is one with this name.
    PutRights {
        /// Name.
        name: String,
        /// `inside`, `lobby`, `country`, `europe` or `world`.
        calls: String,
        /// Whether also numbers that cost extra.
        premium: bool,
    },
    /// Takes a group of rights away. Refused while somebody is in it: nobody may call more, or less, by accident.
    RemoveRights {
        /// Name.
        name: String,
    },
    /// Whether a person has a mailbox, and when a caller reaches it.
    SetVoicemail {
        /// Internal number.
        number: String,
        /// After how many seconds, 5 to 60; `None` takes it away.
        after_seconds: Option<u16>,
    },
    /// Where whoever calls a person is sent instead.
    SetForward {
        /// Internal number.
        number: String,
        /// A colleague's number, or one outside in any usual form; `None` rings the person's phones again.
        to: Option<String>,
    },
    /// What a provider's contract allows at once.
    SetChannels {
        /// The trunk's name.
        name: String,
        /// Calls over the account, 1 to 1000.
        account: u16,
        /// Calls with one number, where the contract says it.
        number: Option<u16>,
    },
    /// What the office's line to the internet carries.
    SetLine {
        /// Towards the internet, in kbit/s, 100 to 10,000,000; `None` when nobody knows, and then nothing is counted against it.
        kbit: Option<u32>,
    },
    /// Takes a person away, with the person's phones and places in ring groups. Refused while a number from outside
    /// rings there, or a group would be left empty: a caller must not be lost by accident.
    RemovePerson {
        /// Internal number.
        number: String,
    },
    /// Gives a phone to a person; one that is known already changes hands.
    AdoptPhone {
        /// MAC address in any usual form.
        mac: String,
        /// Model.
        model: String,
        /// Internal number of its person.
        person: String,
    },
    /// Gives a person a handset of a base, at its lowest free place beside the handsets that it has; who has one keeps its
    /// place. A base that is not there yet begins with it.
    AdoptHandset {
        /// MAC address of the base in any usual form.
        mac: String,
        /// Model of the base.
        model: String,
        /// Internal number of the person.
        person: String,
        /// Model of the handset; empty keeps what is known.
        handset: String,
    },
    /// Takes a person's handset of a base away; the others keep their places. The last is refused: without handsets it is
    /// no base.
    RemoveHandset {
        /// MAC address of the base in any usual form.
        mac: String,
        /// Internal number of the person.
        person: String,
    },
    /// Says how many expansion modules are plugged into a phone.
    SetModules {
        /// MAC address in any usual form.
        mac: String,
        /// How many, 0 to 6.
        modules: u8,
    },
    /// Says whether a phone registers and speaks without encryption.
    SetUnencrypted {
        /// MAC address in any usual form.
        mac: String,
        /// Whether.
        unencrypted: bool,
    },
    /// Says where a phone stands.
    SetRoom {
        /// MAC address in any usual form.
        mac: String,
        /// Where, in the office's own words; empty when nobody says.
        room: String,
    },
    /// Puts another phone in the place of one: its person, or its handsets. The one before it is no phone of the office
    /// any more.
    ReplacePhone {
        /// MAC address of the phone that goes, in any usual form.
        mac: String,
        /// MAC address of the phone that comes; not one of the office.
        by: String,
        /// Model of the phone that comes.
        model: String,
        /// Expansion modules that come with the place, 0 to 6.
        modules: u8,
    },
    /// Takes a phone away.
    RemovePhone {
        /// MAC address in any usual form.
        mac: String,
    },
    /// Creates a trunk, or changes it when there is one with this name.
    PutTrunk {
        /// Name.
        name: String,
        /// Host, host:port or `[v6]:port`.
        server: String,
        /// `udp`, `tcp` or `tls`.
        transport: String,
        /// Digest user name.
        username: String,
        /// Digest secret; `None` keeps the one there is.
        password: Option<Secret>,
        /// Whether the box registers.
        register: bool,
        /// The office's numbers there, in E.164. Where a number rings that is no longer among them is forgotten.
        numbers: Vec<String>,
        /// How its provider wants to be spoken to; `None` keeps what there is, and of a new one it is as usual.
        dialect: Option<TypedDialect>,
    },
    /// Says how a trunk's provider wants to be spoken to.
    SetDialect {
        /// The trunk's name.
        name: String,
        /// In the words of the office file.
        dialect: TypedDialect,
    },
    /// Says which trunk is asked first where nothing else decides, which second, and so on.
    OrderTrunks {
        /// The name of every trunk, each once.
        names: Vec<String>,
    },
    /// Takes a trunk away, and with it where its numbers ring.
    RemoveTrunk {
        /// Name.
        name: String,
    },
    /// Decides where a number from outside rings.
    PutInbound {
        /// Number in E.164.
        number: String,
        /// A person's or ring group's number.
        to: String,
        /// Where it leads while the office is closed, and whether it is that person's mailbox; `None` makes no difference.
        closed: Option<(String, bool)>,
    },
    /// Lets a number from outside ring nowhere.
    RemoveInbound {
        /// Number in E.164.
        number: String,
    },
    /// Creates a ring group, or changes it when there is one with this number.
    PutRingGroup {
        /// Internal number.
        number: String,
        /// Name.
        name: String,
        /// Internal numbers of people.
        members: Vec<String>,
    },
    /// Takes a ring group away. Refused while a number from outside rings there.
    RemoveRingGroup {
        /// Internal number.
        number: String,
    },
    /// Makes a conference room, or changes it when there is one with this number.
    PutConference {
        /// Internal number.
        number: String,
        /// Name.
        name: String,
        /// Its PIN, empty for none; `None` keeps the one there is.
        pin: Option<Secret>,
        /// Whether who calls from outside may be let in.
        outside: bool,
    },
    /// Takes a conference room away. Refused while a number from outside leads there.
    RemoveConference {
        /// Internal number.
        number: String,
    },
    /// A new contact, or other words and numbers for one.
    PutContact {
        /// One of the numbers of the contact that is changed; `None` for a new one.
        known: Option<String>,
        /// Name.
        name: String,
        /// Company, or empty.
        company: String,
        /// Numbers in any usual form, the usual one first.
        numbers: Vec<String>,
    },
    /// The contacts of a file that the office can take and does not have: see [`Office::read_contacts`].
    ImportContacts {
        /// CSV or vCard, as it is.
        file: Vec<u8>,
    },
    /// Takes a contact away.
    RemoveContact {
        /// One of its numbers.
        number: String,
    },
    /// Who and where the office is.
    SetIdentity {
        /// Name.
        name: String,
        /// `NL` or `BE`.
        country: String,
        /// With its zero, or empty.
        area_code: String,
        /// `nl`, `fr`, `en` or `de`.
        language: String,
        /// IANA name.
        time_zone: String,
    },
    /// From whom nobody in the office is called.
    SetBlockedCallers {
        /// Numbers in any usual form.
        numbers: Vec<String>,
        /// Whether callers who do not show their number are refused too.
        refuse_withheld: bool,
    },
    /// When there are people in the office.
    SetOpening {
        /// As it was typed; `None` is as usual in the country.
        opening: Option<TypedOpening>,
    },
    /// Which numbers of support everybody may always call.
    SetSupportNumbers {
        /// Ordinary numbers of the own country, in any usual form.
        numbers: Vec<String>,
    },
    /// Adds an own number that costs the caller extra, or changes it.
    PutPremiumNumber {
        /// As callers dial it, in any usual form.
        number: String,
        /// The rest.
        premium: TypedPremium,
    },
    /// Takes an own number that costs the caller extra away.
    RemovePremiumNumber {
        /// As callers dial it.
        number: String,
    },
    /// From where owners and installers log in.
    SetAdministration {
        /// Networks, such as `192.168.1.0/24`; none means the office's own.
        networks: Vec<String>,
    },
    /// From where the office has the box looked at for weak places.
    SetScanners {
        /// A network, such as `192.168.1.66`, and its last day, such as `2026-12-31`.
        scanners: Vec<(String, String)>,
    },
    /// The logo on the phones' screens.
    SetLogo {
        /// The SHA-256 of a picture that the box has; `None` takes it off.
        sha256: Option<Sha256Pin>,
    },
    /// What is said for a call for help, and how its way out is proven.
    SetEmergency {
        /// As it was typed.
        emergency: TypedEmergency,
    },
    /// Who is told by e-mail, and over which server.
    SetAlerts {
        /// As it was typed.
        alerts: TypedAlerts,
    },
    /// Who at a provider is told of abuse.
    SetAbuseDesk {
        /// The trunk's name.
        name: String,
        /// As it was typed.
        desk: TypedAbuseDesk,
    },
    /// How long is kept what the box knows of people.
    SetRetention {
        /// In days.
        retention: Retention,
    },
    /// What everybody who logs in is to have read and accepted.
    SetRulesOfUse {
        /// The text; empty for the usual one.
        text: String,
    },
    /// Another SIP password for each of these people.
    ReplacePasswords {
        /// Internal numbers, each with the secret.
        passwords: Vec<(String, Secret)>,
    },
    /// What lets a phone of the office let the page in again and stop calls.
    SetPin {
        /// Digits; `None` takes it away.
        pin: Option<Secret>,
    },
    /// Whether phones are answered that ask for DHCP options.
    SetDhcpOptions {
        /// Whether.
        answered: bool,
    },
}

/// Why a change is refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{field}: {detail}")]
pub struct ChangeRefused {
    /// The field that is wrong, by the name it has in [`Change`].
    pub field: &'static str,
    /// Stable word that the page translates. `not-found` when what should change is not there.
    pub code: &'static str,
    /// A sentence. Never holds a secret.
    pub detail: String,
}

impl Change {
    /// What was changed, for the list of revisions. Never holds a secret.
    pub fn summary(&self) -> String {
        match self {
            Self::AddPerson { number, name, .. } => format!("person {number} {name} added"),
            Self::RenamePerson { number, name } => format!("person {number} renamed to {name}"),
            Self::ReplacePassword { number, .. } => format!("new SIP password for {number}"),
            Self::SetPermit { number, rights, calls, premium, .. } => {
                let of_group = rights.as_ref().map(|name| format!("what {name} may"));
                let calls = calls.clone().or(of_group).unwrap_or_else(|| "what somebody new may".to_owned());
                format!("person {number} may call {calls}{}", premium.map(with_premium).unwrap_or_default())
            }
            Self::PutRights { name, calls, premium } => {
                format!("group {name} may call {calls}{}", with_premium(*premium))
            }
            Self::RemoveRights { name } => format!("group of rights {name} removed"),
            // Not to where: whoever reads the revisions need not know somebody's mobile.
            Self::SetForward { number, to: Some(_) } => format!("calls for {number} are sent elsewhere"),
            Self::SetForward { number, to: None } => format!("calls for {number} ring there"),
            Self::SetVoicemail { number, after_seconds: None } => format!("person {number} has no mailbox"),
            Self::SetVoicemail { number, .. } => format!("person {number} has a mailbox"),
            Self::SetChannels { name, account, .. } => format!("trunk {name} carries {account} calls"),
            Self::SetLine { kbit: Some(kbit) } => format!("line carries {kbit} kbit/s"),
            Self::SetLine { kbit: None } => "line not measured".to_owned(),
            Self::RemovePerson { number } => format!("person {number} removed"),
            Self::AdoptPhone { mac, model, person } => format!("phone {mac} ({model}) given to {person}"),
            Self::AdoptHandset { mac, model, person, .. } => {
                format!("handset of base {mac} ({model}) given to {person}")
            }
            Self::RemoveHandset { mac, person } => format!("handset of {person} taken from base {mac}"),
            Self::SetModules { mac, modules } => format!("phone {mac} has {modules} expansion modules"),
            Self::SetRoom { mac, room } => format!("phone {mac} stands in {room:?}"),
            Self::SetUnencrypted { mac, unencrypted: true } => format!("phone {mac} calls without encryption"),
            Self::SetUnencrypted { mac, unencrypted: false } => format!("phone {mac} calls with encryption"),
            Self::ReplacePhone { mac, by, model, .. } => format!("phone {mac} replaced by {by} ({model})"),
            Self::RemovePhone { mac } => format!("phone {mac} removed"),
            Self::PutTrunk { name, .. } => format!("trunk {name} set"),
            Self::SetDialect { name, .. } => format!("trunk {name} spoken to in another way"),
            Self::OrderTrunks { names } => format!("trunks in the order {}", names.join(", ")),
            Self::RemoveTrunk { name } => format!("trunk {name} removed"),
            Self::PutInbound { number, to, closed: None } => format!("{number} rings {to}"),
            Self::PutInbound { number, to, closed: Some((closed, _)) } => {
                format!("{number} rings {to}, and leads to {closed} while the office is closed")
            }
            Self::RemoveInbound { number } => format!("{number} rings nowhere"),
            Self::PutRingGroup { number, name, .. } => format!("ring group {number} {name} set"),
            Self::RemoveRingGroup { number } => format!("ring group {number} removed"),
            Self::PutConference { number, name, .. } => format!("conference room {number} {name} set"),
            Self::RemoveConference { number } => format!("conference room {number} removed"),
            Self::PutContact { known: None, name, .. } => format!("contact {name} added"),
            Self::PutContact { known: Some(_), name, .. } => format!("contact {name} changed"),
            Self::ImportContacts { .. } => "contacts taken from a file".to_owned(),
            Self::RemoveContact { number } => format!("contact {number} removed"),
            Self::SetIdentity { .. } => "the office's name, place or language set".to_owned(),
            Self::SetBlockedCallers { numbers, .. } => format!("{} callers blocked", numbers.len()),
            Self::SetOpening { .. } => "opening hours set".to_owned(),
            Self::SetSupportNumbers { numbers } => format!("{} numbers of support", numbers.len()),
            Self::PutPremiumNumber { number, premium } => {
                let active = if premium.active { "active" } else { "not active" };
                format!("premium number {number} set, {active}")
            }
            Self::RemovePremiumNumber { number } => format!("premium number {number} removed"),
            Self::SetAdministration { networks } => format!("administration from {} networks", networks.len()),
            Self::SetScanners { scanners } => format!("{} expected scanners", scanners.len()),
            Self::SetLogo { sha256: Some(_) } => "logo set".to_owned(),
            Self::SetLogo { sha256: None } => "logo taken off".to_owned(),
            Self::SetEmergency { .. } => "where help is to come and the test number set".to_owned(),
            Self::SetAlerts { alerts } => format!("{} told by e-mail", alerts.contacts.len()),
            Self::SetAbuseDesk { name, .. } => format!("abuse desk of trunk {name} set"),
            Self::SetRetention { .. } => "how long things are kept set".to_owned(),
            Self::SetRulesOfUse { .. } => "rules of use set".to_owned(),
            Self::ReplacePasswords { passwords } => format!("new SIP passwords for {} people", passwords.len()),
            Self::SetPin { pin: Some(_) } => "new PIN for phones".to_owned(),
            Self::SetPin { pin: None } => "no PIN for phones".to_owned(),
            Self::SetDhcpOptions { answered: true } => "DHCP options answered".to_owned(),
            Self::SetDhcpOptions { answered: false } => "DHCP options left to the router".to_owned(),
        }
    }
}

impl Office {
    /// The office after a change.
    ///
    /// # Errors
    /// The first rule that the change breaks; this office stays as it is.
    pub fn apply(&self, change: Change) -> Result<Self, ChangeRefused> {
        let mut office = self.clone();
        office.make(change)?;
        office.sort();
        match whole::faults(&office).into_iter().next() {
            None => Ok(office),
            Some((place, fault)) => Err(refused(place.key, fault)),
        }
    }

    fn make(&mut self, change: Change) -> Result<(), ChangeRefused> {
        match change {
            Change::AddPerson { number, name, sip_password } => self.add_person(&number, &name, sip_password),
            Change::RenamePerson { number, name } => {
                let name = at("name", rules::name(&name))?;
                self.person_mut(&number)?.name = name;
                Ok(())
            }
            Change::ReplacePassword { number, sip_password } => self.replace_password(&number, sip_password),
            Change::ReplacePasswords { passwords } => {
                passwords.into_iter().try_for_each(|(number, password)| self.replace_password(&number, password))
            }
            Change::SetPermit { number, rights, calls, premium, opened } => {
                let reach = calls.map(|calls| at("calls", rules::reach(&calls))).transpose()?;
                at("opened", rules::opened_count(opened.len()))?;
                let opened = opened.iter().map(|(prefix, until)| at("opened", rules::opened(prefix, until)));
                let permit = OwnPermit { rights, reach, premium, opened: opened.collect::<Result<_, _>>()? };
                self.person_mut(&number)?.permit = permit;
                Ok(())
            }
            Change::PutRights { name, calls, premium } => {
                let (name, reach) = (at("name", rules::plain_name(&name))?, at("calls", rules::reach(&calls))?);
                put(&mut self.rights, Rights { name, reach, premium }, |left, right| left.name == right.name);
                Ok(())
            }
            Change::RemoveRights { name } => self.remove_rights(&name),
            Change::SetVoicemail { number, after_seconds } => {
                let read = |seconds| at("after_seconds", rules::voicemail(Some(seconds)));
                let voicemail = after_seconds.map(read).transpose()?;
                self.person_mut(&number)?.voicemail = voicemail;
                Ok(())
            }
            Change::SetForward { number, to } => {
                let plan = Plan::of(self.identity.country, &self.identity.area_code);
                let read = |to: String| ForwardTo::read(&plan, &to, |text| rules::contact_number(&plan, text));
                let forward = to.map(|to| at("to", read(to))).transpose()?;
                self.person_mut(&number)?.forward = forward;
                Ok(())
            }
            Change::SetChannels { name, account, number } => {
                let trunk = self.trunks.iter_mut().find(|trunk| trunk.name == name).ok_or_else(|| not_found("name"))?;
                let account = at("account", rules::channels(Some(account)))?;
                let number = number.map(|number| at("number", rules::channels(Some(number)))).transpose()?;
                trunk.channels = Channels { account, number };
                Ok(())
            }
            Change::SetLine { kbit } => {
                self.line_kbit = kbit.map(|kbit| at("kbit", rules::line_kbit(Some(kbit)))).transpose()?;
                Ok(())
            }
            Change::RemovePerson { number } => self.remove_person(&number),
            Change::AdoptPhone { mac, model, person } => self.adopt_phone(&mac, &model, &person),
            Change::AdoptHandset { mac, model, person, handset } => self.adopt_handset(&mac, &model, &person, &handset),
            Change::RemoveHandset { mac, person } => match &mut self.phone_mut(&mac)?.users {
                PhoneUsers::Handsets(handsets) => {
                    remove(handsets, "person", |handset| handset.person.as_str() == person)
                }
                PhoneUsers::Person(_) => Err(not_found("mac")),
            },
            Change::SetModules { mac, modules } => {
                self.phone_mut(&mac)?.modules = at("modules", rules::modules(Some(modules.into())))?;
                Ok(())
            }
            Change::SetUnencrypted { mac, unencrypted } => {
                self.phone_mut(&mac)?.unencrypted = unencrypted;
                Ok(())
            }
            Change::SetRoom { mac, room } => {
                self.phone_mut(&mac)?.room = at("room", rules::room(&room))?;
                Ok(())
            }
            Change::ReplacePhone { mac, by, model, modules } => self.replace_phone(&mac, &by, &model, modules),
            Change::RemovePhone { mac } => {
                let mac = at("mac", rules::mac(&mac))?;
                remove(&mut self.phones, "mac", |phone| phone.mac == mac)
            }
            put @ Change::PutTrunk { .. } => self.put_trunk(put),
            Change::SetDialect { name, dialect } => {
                let trunk = self.trunks.iter_mut().find(|trunk| trunk.name == name).ok_or_else(|| not_found("name"))?;
                trunk.dialect = dialect.read().map_err(|(field, fault)| refused(field, fault))?;
                Ok(())
            }
            Change::OrderTrunks { names } => self.order_trunks(&names),
            Change::RemoveTrunk { name } => {
                remove(&mut self.trunks, "name", |trunk| trunk.name == name)?;
                self.forget_numbers_of_no_trunk();
                Ok(())
            }
            Change::PutInbound { number, to, closed } => {
                let number = at("number", rules::outside_number(&number))?;
                let when_closed = |(to, voicemail): (String, bool)| {
                    reference("closed_to", &to).map(|to| WhenClosed { to, voicemail })
                };
                let closed = closed.map(when_closed).transpose()?;
                let inbound = Inbound { to: reference("to", &to)?, number, closed };
                put(&mut self.inbound, inbound, |left, right| left.number == right.number);
                Ok(())
            }
            Change::RemoveInbound { number } => {
                remove(&mut self.inbound, "number", |inbound| inbound.number.as_str() == number)
            }
            Change::PutRingGroup { number, name, members } => self.put_ring_group(&number, &name, &members),
            Change::RemoveRingGroup { number } => {
                self.refuse_while_rung(&number)?;
                remove(&mut self.ring_groups, "number", |group| group.number.as_str() == number)
            }
            Change::PutConference { number, name, pin, outside } => self.put_conference(&number, &name, pin, outside),
            Change::RemoveConference { number } => {
                self.refuse_while_rung(&number)?;
                remove(&mut self.conferences, "number", |room| room.number.as_str() == number)
            }
            Change::PutContact { known, name, company, numbers } => self.put_contact(known, &name, &company, &numbers),
            Change::ImportContacts { file } => self.import_contacts(&file),
            Change::RemoveContact { number } => remove(&mut self.contacts, "number", |contact| contact.has(&number)),
            Change::SetIdentity { name, country, area_code, language, time_zone } => {
                let country = at("country", rules::country(&country))?;
                let before = self.identity.clone();
                self.identity = OfficeIdentity {
                    name: at("name", rules::name(&name))?,
                    country,
                    area_code: at("area_code", rules::area_code(country, &area_code))?,
                    language: at("language", rules::language(&language))?,
                    time_zone: at("time_zone", rules::time_zone(&time_zone))?,
                };
                let same_plan = |then: &OfficeIdentity, now: &OfficeIdentity| {
                    (then.country, &then.area_code) == (now.country, &now.area_code)
                };
                match whole::number_left_behind(self) {
                    Some(fault) if !same_plan(&before, &self.identity) => Err(refused("numbers", fault)),
                    _ => Ok(()),
                }
            }
            Change::SetBlockedCallers { numbers, refuse_withheld } => {
                let plan = Plan::of(self.identity.country, &self.identity.area_code);
                let read = |number: &String| at("numbers", rules::contact_number(&plan, number));
                at("numbers", rules::blocked_callers(numbers.len()))?;
                self.blocked_callers = numbers.iter().map(read).collect::<Result<_, _>>()?;
                self.refuse_withheld = refuse_withheld;
                Ok(())
            }
            Change::SetOpening { opening } => self.set_opening(opening),
            Change::SetSupportNumbers { numbers } => {
                let plan = Plan::of(self.identity.country, &self.identity.area_code);
                let read = |number: &String| at("numbers", rules::plain_number(&plan, number));
                at("numbers", rules::support_numbers(numbers.len()))?;
                self.support_numbers = numbers.iter().map(read).collect::<Result<_, _>>()?;
                Ok(())
            }
            Change::PutPremiumNumber { number, premium } => self.put_premium_number(&number, &premium),
            Change::RemovePremiumNumber { number } => {
                remove(&mut self.premium_numbers, "number", |own| own.number.as_str() == number)
            }
            Change::SetAdministration { networks } => self.set_administration(&networks),
            Change::SetScanners { scanners } => self.set_scanners(&scanners),
            Change::SetLogo { sha256 } => {
                self.logo = sha256;
                Ok(())
            }
            Change::SetEmergency { emergency } => {
                let plan = Plan::of(self.identity.country, &self.identity.area_code);
                let read = emergency.read(&plan, rules::test_number).map_err(|faults| faults.into_iter().next());
                self.emergency = match read {
                    Ok(emergency) => emergency,
                    Err(Some((field, fault))) => return Err(refused(field, fault)),
                    Err(None) => return Ok(()),
                };
                Ok(())
            }
            Change::SetAbuseDesk { name, desk } => {
                let desk = desk.read().map_err(|(field, fault)| refused(field, fault))?;
                let trunk = self.trunks.iter_mut().find(|trunk| trunk.name == name).ok_or_else(|| not_found("name"))?;
                trunk.abuse = desk;
                Ok(())
            }
            Change::SetRetention { retention } => {
                for (bounds, days) in Retention::BOUNDS.iter().zip(retention.days()) {
                    at(bounds.key, bounds.check(days))?;
                }
                self.retention = retention;
                Ok(())
            }
            Change::SetRulesOfUse { text } => {
                self.rules_of_use = at("text", rules::rules_of_use(&text))?;
                Ok(())
            }
            Change::SetAlerts { alerts } => {
                let mut faults = Vec::new();
                let alerts = alerts.read(&self.alerts, &mut faults);
                if alerts.server.is_none() && !alerts.contacts.is_empty() {
                    let detail = "without a mail server nobody in the list is told; take the list away as well";
                    faults.push(("server", Fault::new("server-needed", detail)));
                }
                faults.extend(self.unfit_to_ring(&alerts).map(|fault| ("contacts", fault)));
                if let Some((field, fault)) = faults.into_iter().next() {
                    return Err(refused(field, fault));
                }
                self.alerts = alerts;
                Ok(())
            }
            Change::SetPin { pin } => {
                self.pin = pin.map(|pin| at("pin", rules::pin(pin))).transpose()?;
                Ok(())
            }
            Change::SetDhcpOptions { answered } => {
                self.dhcp_options = answered;
                Ok(())
            }
        }
    }

    fn add_person(&mut self, number: &str, name: &str, sip_password: Secret) -> Result<(), ChangeRefused> {
        let number = at("number", rules::extension(self.identity.country, number))?;
        let name = at("name", rules::name(name))?;
        at("sip_password", rules::sip_password(Some(&number), &sip_password))?;
        self.people.push(Person {
            number,
            name,
            sip_password,
            permit: OwnPermit::default(),
            voicemail: None,
            role: Role::default(),
            forward: None,
        });
        Ok(())
    }

    fn remove_rights(&mut self, name: &str) -> Result<(), ChangeRefused> {
        let is_in = |person: &&Person| person.permit.rights.as_deref() == Some(name);
        if let Some(person) = self.people.iter().find(is_in) {
            let reason = format!("{} is still in the group {name}; choose something else there first", person.number);
            return Err(refused("name", Fault::new("rights-in-use", reason)));
        }
        remove(&mut self.rights, "name", |group| group.name == name)
    }

    fn remove_person(&mut self, number: &str) -> Result<(), ChangeRefused> {
        self.refuse_while_rung(number)?;
        let last_of = |group: &&RingGroup| group.members.len() == 1 && group.members[0].as_str() == number;
        if let Some(group) = self.ring_groups.iter().find(last_of) {
            let reason = format!("{number} is the only member of ring group {} {}", group.number, group.name);
            return Err(refused("number", Fault::new("last-member", reason)));
        }
        remove(&mut self.people, "number", |person| person.number.as_str() == number)?;
        for person in &mut self.people {
            person.forward.take_if(|to| to.as_str() == number);
        }
        self.phones.retain_mut(|phone| match &mut phone.users {
            PhoneUsers::Person(person) => person.as_str() != number,
            PhoneUsers::Handsets(handsets) => {
                handsets.retain(|handset| handset.person.as_str() != number);
                !handsets.is_empty()
            }
        });
        for group in &mut self.ring_groups {
            group.members.retain(|member| member.as_str() != number);
        }
        self.alarm_lines.retain(|line| line.person.as_str() != number);
        Ok(())
    }

    fn adopt_phone(&mut self, mac: &str, model: &str, person: &str) -> Result<(), ChangeRefused> {
        let mac = at("mac", rules::mac(mac))?;
        let mut phone = Phone::desk(mac, at("model", rules::model(model))?, reference("person", person)?);
        phone.room = self.room_of(mac);
        // Modules stay where they are plugged in, unless another model stands there now; and what it cannot do, it cannot.
        if let Some(known) = self.phone(mac).filter(|known| known.model == phone.model) {
            (phone.modules, phone.unencrypted) = (known.modules, known.unencrypted);
        }
        put(&mut self.phones, phone, |left, right| left.mac == right.mac);
        Ok(())
    }

    /// A phone that is somebody else's stands where it stood.
    fn room_of(&self, mac: Mac) -> String {
        self.phone(mac).map(|known| known.room.clone()).unwrap_or_default()
    }

    fn adopt_handset(&mut self, mac: &str, model: &str, person: &str, handset: &str) -> Result<(), ChangeRefused> {
        let mac = at("mac", rules::mac(mac))?;
        let model = at("model", rules::model(model))?;
        let person = reference("person", person)?;
        let handset = if handset.is_empty() { String::new() } else { at("handset", rules::model(handset))? };
        let mut handsets = match self.phone(mac).map(|phone| &phone.users) {
            Some(PhoneUsers::Handsets(handsets)) => handsets.clone(),
            Some(PhoneUsers::Person(_)) | None => Vec::new(),
        };
        match handsets.iter_mut().find(|known| known.person == person) {
            Some(known) if !handset.is_empty() => known.model = handset,
            Some(_) => {}
            None => handsets.push(Handset { place: Handset::free_place(&handsets), person, model: handset }),
        }
        let unencrypted = self.phone(mac).is_some_and(|known| known.unencrypted && known.model == model);
        let room = self.room_of(mac);
        let base = Phone { mac, model, users: PhoneUsers::Handsets(handsets), modules: 0, unencrypted, room };
        put(&mut self.phones, base, |left, right| left.mac == right.mac);
        Ok(())
    }

    fn replace_phone(&mut self, mac: &str, by: &str, model: &str, modules: u8) -> Result<(), ChangeRefused> {
        let by = at("by", rules::mac(by))?;
        let model = at("model", rules::model(model))?;
        let modules = at("modules", rules::modules(Some(modules.into())))?;
        if self.phone(by).is_some() {
            return Err(refused("by", Fault::new("phone-in-use", format!("{by} is a phone of the office already"))));
        }
        let phone = self.phone_mut(mac)?;
        (phone.mac, phone.model, phone.modules, phone.unencrypted) = (by, model, modules, false);
        Ok(())
    }

    fn replace_password(&mut self, number: &str, sip_password: Secret) -> Result<(), ChangeRefused> {
        let person = self.person_mut(number)?;
        at("sip_password", rules::sip_password(Some(&person.number), &sip_password))?;
        person.sip_password = sip_password;
        Ok(())
    }

    fn put_ring_group(&mut self, number: &str, name: &str, members: &[String]) -> Result<(), ChangeRefused> {
        let number = at("number", rules::extension(self.identity.country, number))?;
        let members: Result<_, _> = members.iter().map(|member| reference("members", member)).collect();
        let group = RingGroup { number, name: at("name", rules::name(name))?, members: members? };
        put(&mut self.ring_groups, group, |left, right| left.number == right.number);
        Ok(())
    }

    fn put_contact(
        &mut self,
        known: Option<String>,
        name: &str,
        company: &str,
        numbers: &[String],
    ) -> Result<(), ChangeRefused> {
        let plan = Plan::of(self.identity.country, &self.identity.area_code);
        let read = |number: &String| at("numbers", rules::contact_number(&plan, number));
        let contact = Contact {
            name: at("name", rules::name(name))?,
            company: at("company", rules::company(company))?,
            numbers: numbers.iter().map(read).collect::<Result<_, _>>()?,
        };
        let Some(known) = known else {
            self.contacts.push(contact);
            return Ok(());
        };
        let place = self.contacts.iter_mut().find(|contact| contact.has(&known));
        *place.ok_or_else(|| not_found("number"))? = contact;
        Ok(())
    }

    fn import_contacts(&mut self, file: &[u8]) -> Result<(), ChangeRefused> {
        let read = self.read_contacts(file).map_err(|(code, reason)| refused("file", Fault::new(code, reason)))?;
        if read.added.is_empty() {
            return Err(refused(
                "file",
                Fault::new("contacts-none", "the file has no contact that the office could add"),
            ));
        }
        self.contacts.extend(read.added);
        Ok(())
    }

    fn person_mut(&mut self, number: &str) -> Result<&mut Person, ChangeRefused> {
        self.people.iter_mut().find(|person| person.number.as_str() == number).ok_or_else(|| not_found("number"))
    }

    fn phone_mut(&mut self, mac: &str) -> Result<&mut Phone, ChangeRefused> {
        let mac = at("mac", rules::mac(mac))?;
        self.phones.iter_mut().find(|phone| phone.mac == mac).ok_or_else(|| not_found("mac"))
    }

    fn refuse_while_rung(&self, number: &str) -> Result<(), ChangeRefused> {
        let leads = |inbound: &&Inbound| {
            let closed = inbound.closed.as_ref().map(|closed| closed.to.as_str());
            inbound.to.as_str() == number || closed == Some(number)
        };
        match self.inbound.iter().find(leads) {
            None => Ok(()),
            Some(inbound) => {
                let reason = format!("{} still rings {number}; let it ring somebody else first", inbound.number);
                Err(refused("number", Fault::new("still-rings", reason)))
            }
        }
    }
}

const fn with_premium(premium: bool) -> &'static str {
    if premium { ", also numbers that cost extra" } else { ", without numbers that cost extra" }
}

/// Puts an item in the place of its namesake, or at the end.
fn put<T>(list: &mut Vec<T>, item: T, same: impl Fn(&T, &T) -> bool) {
    match list.iter_mut().find(|known| same(known, &item)) {
        Some(known) => *known = item,
        None => list.push(item),
    }
}

fn remove<T>(list: &mut Vec<T>, field: &'static str, which: impl Fn(&T) -> bool) -> Result<(), ChangeRefused> {
    let before = list.len();
    list.retain(|item| !which(item));
    if list.len() < before { Ok(()) } else { Err(not_found(field)) }
}

fn reference(field: &'static str, text: &str) -> Result<ExtensionNumber, ChangeRefused> {
    let malformed = |error: crate::IdentifierError| Fault::new("number-malformed", error.to_string());
    at(field, text.parse().map_err(malformed))
}

fn at<T>(field: &'static str, result: Result<T, Fault>) -> Result<T, ChangeRefused> {
    result.map_err(|fault| refused(field, fault))
}

fn refused(field: &'static str, fault: Fault) -> ChangeRefused {
    ChangeRefused { field, code: fault.code, detail: fault.reason }
}

fn not_found(field: &'static str) -> ChangeRefused {
    refused(field, Fault::new("not-found", "there is no such entry"))
}

mod networks;
#[cfg(test)]
mod tests;
mod trunk;
