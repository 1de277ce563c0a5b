//! The rules that need the whole office: nothing used twice, nothing pointing nowhere.

use std::collections::{BTreeMap, BTreeSet};

use centrale_numbering::Plan;

use crate::conference;
use crate::premium;
use crate::rules::{self, Fault};
use crate::{
    ContactNumber, ExtensionNumber, ForwardTo, Handset, Office, Person, PhoneUsers, TrunkSrtp, TrunkTransport,
    WhenClosed,
};

/// The tables of the office file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) enum Table {
    Office,
    Emergency,
    Rights,
    Alerts,
    Retention,
    Opening,
    Person,
    Phone,
    Trunk,
    Inbound,
    RingGroup,
    Conference,
    AlarmLine,
    PremiumNumber,
    Contact,
    Firmware,
}

impl Table {
    /// The name in the file.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Office => "office",
            Self::Emergency => "emergency",
            Self::Rights => "rights",
            Self::Alerts => "alerts",
            Self::Retention => "retention",
            Self::Opening => "opening",
            Self::Person => "person",
            Self::Phone => "phone",
            Self::Trunk => "trunk",
            Self::Inbound => "inbound",
            Self::RingGroup => "ring_group",
            Self::Conference => "conference",
            Self::AlarmLine => "alarm_line",
            Self::PremiumNumber => "premium_number",
            Self::Contact => "contact",
            Self::Firmware => "firmware",
        }
    }
}

/// Where in an office a fault is: which entry of which table, and which key of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct Place {
    pub(crate) table: Table,
    pub(crate) index: usize,
    pub(crate) key: &'static str,
}

/// Everything that does not fit together, in the order of the tables.
pub(crate) fn faults(office: &Office) -> Vec<(Place, Fault)> {
    let mut found = Vec::new();
    numbers(office, &mut found);
    rights(office, &mut found);
    forwards(office, &mut found);
    phones(office, &mut found);
    trunks(office, &mut found);
    inbound(office, &mut found);
    ring_groups(office, &mut found);
    conferences(office, &mut found);
    alarm_lines(office, &mut found);
    let premium = premium::faults(office).into_iter();
    found.extend(premium.map(|(index, key, fault)| (Place { table: Table::PremiumNumber, index, key }, fault)));
    contacts(office, &mut found);
    firmware(office, &mut found);
    found
}

impl Office {
    /// The first reason why its parts do not fit together; `None` when they do. One with a reason cannot be read again.
    pub fn misfit(&self) -> Option<String> {
        faults(self).into_iter().next().map(|(_, fault)| fault.reason)
    }
}

type Found = Vec<(Place, Fault)>;

fn numbers(office: &Office, found: &mut Found) {
    let people = office.people.iter().enumerate().map(|(index, person)| (Table::Person, index, &person.number));
    let groups = office.ring_groups.iter().enumerate().map(|(index, group)| (Table::RingGroup, index, &group.number));
    let rooms = office.conferences.iter().enumerate().map(|(index, room)| (Table::Conference, index, &room.number));
    let mut seen = BTreeSet::new();
    for (table, index, number) in people.chain(groups).chain(rooms) {
        if !seen.insert(number) {
            let fault =
                Fault::new("number-taken", format!("{number} is already a person's, a ring group's or a room's"));
            found.push((Place { table, index, key: "number" }, fault));
        }
    }
}

fn rights(office: &Office, found: &mut Found) {
    let mut names = BTreeSet::new();
    for (index, group) in office.rights.iter().enumerate() {
        if !names.insert(group.name.as_str()) {
            let fault = Fault::new("name-taken", format!("the group of rights {:?} is there twice", group.name));
            found.push((Place { table: Table::Rights, index, key: "name" }, fault));
        }
    }
    for (index, person) in office.people.iter().enumerate() {
        if let Some(name) = person.permit.rights.as_deref().filter(|name| !names.contains(name)) {
            let fault = Fault::new("rights-unknown", format!("there is no group of rights {name:?}"));
            found.push((Place { table: Table::Person, index, key: "rights" }, fault));
        }
    }
}

/// Who is sent on rings with a colleague, and with nobody who is not there.
fn forwards(office: &Office, found: &mut Found) {
    for (index, person) in office.people.iter().enumerate() {
        let Some(ForwardTo::Inside(to)) = &person.forward else { continue };
        let fault = match office.person(to) {
            None => unknown_person(to),
            Some(_) if *to == person.number => {
                Fault::new("forward-to-self", format!("calls for {to} cannot be sent to {to}"))
            }
            Some(_) => continue,
        };
        found.push((Place { table: Table::Person, index, key: "forward" }, fault));
    }
}

fn phones(office: &Office, found: &mut Found) {
    let mut seen = BTreeSet::new();
    for (index, phone) in office.phones.iter().enumerate() {
        let place = |key| Place { table: Table::Phone, index, key };
        if !seen.insert(phone.mac) {
            found.push((place("mac"), Fault::new("mac-taken", format!("the phone {} is there twice", phone.mac))));
        }
        let key = match &phone.users {
            PhoneUsers::Person(_) => "person",
            PhoneUsers::Handsets(handsets) => {
                found.extend(handsets_fault(handsets).map(|fault| (place("handsets"), fault)));
                "handsets"
            }
        };
        let mut users = BTreeSet::new();
        for person in phone.people() {
            if office.person(person).is_none() {
                found.push((place(key), unknown_person(person)));
            } else if !users.insert(person) {
                // Two accounts of one person on one base would share their user name.
                found.push((place(key), Fault::new("handset-twice", format!("{person} has two handsets on one base"))));
            }
        }
    }
}

/// Too few or too many handsets, or the first whose place cannot be.
fn handsets_fault(handsets: &[Handset]) -> Option<Fault> {
    let place_fault = |(index, handset): (usize, &Handset)| {
        let place = handset.place;
        let before = handsets[..index].iter().find(|other| other.place == place);
        let taken = |other: &Handset| {
            let reason = format!("{} and {} have the same place {place} on one base", other.person, handset.person);
            Fault::new("handset-place-taken", reason)
        };
        let out_of_range = |fault: Fault| Fault::new(fault.code, format!("{}: {}", handset.person, fault.reason));
        before.map(taken).or_else(|| rules::handset_place(Some(place.into())).err().map(out_of_range))
    };
    rules::handsets(handsets.len()).err().or_else(|| handsets.iter().enumerate().find_map(place_fault))
}

fn trunks(office: &Office, found: &mut Found) {
    let (mut names, mut numbers) = (BTreeSet::new(), BTreeSet::new());
    for (index, trunk) in office.trunks.iter().enumerate() {
        let place = |key| Place { table: Table::Trunk, index, key };
        if !names.insert(trunk.name.as_str()) {
            found.push((place("name"), Fault::new("name-taken", format!("the trunk {:?} is there twice", trunk.name))));
        }
        let keys_in_clear = trunk.dialect.srtp.is_some_and(|srtp| srtp != TrunkSrtp::Off);
        if keys_in_clear && trunk.transport != TrunkTransport::Tls {
            let reason = "the keys of encrypted audio travel in the signalling; it needs transport = \"tls\"";
            found.push((place("srtp"), Fault::new("srtp-needs-tls", reason)));
        }
        found.extend(rules::codecs(trunk.dialect.codecs.len()).err().map(|fault| (place("codecs"), fault)));
        for number in trunk.numbers.iter().filter(|number| !numbers.insert(*number)) {
            found.push((place("numbers"), Fault::new("outside-number-taken", format!("{number} is there twice"))));
        }
    }
}

fn inbound(office: &Office, found: &mut Found) {
    let mut seen = BTreeSet::new();
    for (index, inbound) in office.inbound.iter().enumerate() {
        let place = |key| Place { table: Table::Inbound, index, key };
        let number = &inbound.number;
        if !seen.insert(number) {
            let fault = Fault::new("inbound-taken", format!("it is already decided where {number} rings"));
            found.push((place("number"), fault));
        }
        if !office.trunks.iter().any(|trunk| trunk.numbers.contains(number)) {
            found.push((place("number"), Fault::new("number-not-ours", format!("no trunk has the number {number}"))));
        }
        found.extend(destination_fault(office, &inbound.to).map(|fault| (place("to"), fault)));
        if let Some(WhenClosed { to, voicemail }) = &inbound.closed {
            let has_none = |person: &Person| person.voicemail.is_none();
            let fault = match office.person(to) {
                _ if !voicemail => destination_fault(office, to),
                None => Some(unknown_person(to)),
                Some(person) if has_none(person) => {
                    Some(Fault::new("no-mailbox", format!("{to} has no mailbox; give {to} one first")))
                }
                Some(_) => None,
            };
            found.extend(fault.map(|fault| (place("closed_to"), fault)));
        }
    }
}

/// Why a number from outside cannot lead to an internal one, if it cannot.
fn destination_fault(office: &Office, to: &ExtensionNumber) -> Option<Fault> {
    match office.conference(to.as_str()) {
        Some(room) if !room.outside => {
            Some(Fault::new("room-closed", format!("the room {} lets nobody in from outside", room.number)))
        }
        None if office.person(to).is_none() && office.ring_group(to).is_none() => {
            let reason = format!("{to} is neither a person nor a ring group nor a room");
            Some(Fault::new("unknown-destination", reason))
        }
        Some(_) | None => None,
    }
}

fn ring_groups(office: &Office, found: &mut Found) {
    for (index, group) in office.ring_groups.iter().enumerate() {
        let place = Place { table: Table::RingGroup, index, key: "members" };
        if group.members.is_empty() {
            found.push((place, Fault::new("members-empty", "a ring group has at least one member")));
        }
        let mut seen = BTreeSet::new();
        for member in &group.members {
            if office.person(member).is_none() {
                found.push((place, unknown_person(member)));
            } else if !seen.insert(member) {
                found.push((place, Fault::new("member-twice", format!("{member} is in the group twice"))));
            }
        }
    }
}

fn conferences(office: &Office, found: &mut Found) {
    for (index, room) in office.conferences.iter().enumerate() {
        if let Some((key, fault)) = conference::fault(room) {
            found.push((Place { table: Table::Conference, index, key }, fault));
        }
    }
}

fn alarm_lines(office: &Office, found: &mut Found) {
    let mut seen = BTreeSet::new();
    for (index, line) in office.alarm_lines.iter().enumerate() {
        let place = |key| Place { table: Table::AlarmLine, index, key };
        let number = &line.person;
        if office.person(number).is_none() {
            found.push((place("person"), unknown_person(number)));
        } else if !seen.insert(number) {
            found.push((place("person"), Fault::new("alarm-line-twice", format!("{number} is an alarm line twice"))));
        }
        if let Some(group) = office.ring_groups.iter().find(|group| group.members.contains(number)) {
            let reason = format!("{number} is in ring group {}; nobody answers at an alarm line", group.number);
            found.push((place("person"), Fault::new("alarm-line-in-group", reason)));
        }
        found.extend(rules::alarm_numbers(line.numbers.len()).err().map(|fault| (place("numbers"), fault)));
    }
}

fn contacts(office: &Office, found: &mut Found) {
    let place = |index, key| Place { table: Table::Contact, index, key };
    if office.contacts.len() > rules::MOST_CONTACTS {
        let reason = format!("an office has at most {} contacts", rules::MOST_CONTACTS);
        found.push((place(rules::MOST_CONTACTS, "name"), Fault::new("contacts-too-many", reason)));
    }
    let mut owners = BTreeMap::new();
    for (index, contact) in office.contacts.iter().enumerate() {
        let place = place(index, "numbers");
        found.extend(rules::contact_numbers(contact.numbers.len()).err().map(|fault| (place, fault)));
        for number in &contact.numbers {
            if let Some(owner) = owners.insert(number, &contact.name) {
                found.push((place, Fault::new("contact-number-taken", format!("{number} is already {owner}'s"))));
            }
        }
    }
}

/// Whether a number is one by a plan, and written so.
pub(crate) fn is_written_so(plan: &Plan, number: &ContactNumber) -> bool {
    rules::contact_number(plan, number.as_str()).is_ok_and(|same| same == *number)
}

/// Why contacts, or where callers are sent, cannot stay in an office that moved: a number that another plan read may not exist in
/// this one.
pub(crate) fn number_left_behind(office: &Office) -> Option<Fault> {
    let plan = Plan::of(office.identity.country, &office.identity.area_code);
    let contacts = office.contacts.iter().flat_map(|contact| &contact.numbers);
    let forwards = office.people.iter().filter_map(|person| match &person.forward {
        Some(ForwardTo::Outside(number)) => Some(number),
        _ => None,
    });
    contacts.chain(forwards).find_map(|number| match rules::contact_number(&plan, number.as_str()) {
        Ok(same) if same == *number => None,
        Ok(other) => Some(Fault::new("number-unreadable", format!("{number} is written {other} here"))),
        Err(Fault { code, reason }) => Some(Fault::new(code, format!("{number}: {reason}"))),
    })
}

fn firmware(office: &Office, found: &mut Found) {
    let mut seen = BTreeSet::new();
    for (index, firmware) in office.firmware.iter().enumerate() {
        let place = Place { table: Table::Firmware, index, key: "models" };
        if firmware.models.is_empty() {
            found.push((place, Fault::new("models-empty", "say which models it is for")));
        }
        for model in firmware.models.iter().filter(|model| !seen.insert(model.to_ascii_lowercase())) {
            found.push((place, Fault::new("model-taken", format!("{model} has firmware already"))));
        }
    }
}

fn unknown_person(number: &ExtensionNumber) -> Fault {
    Fault::new("unknown-person", format!("{number} is not a person"))
}

#[cfg(test)]
mod tests {
    use crate::{Change, Office, Secret, parse_office};

    const LIFT: &str = "[office]\nname = \"X\"\ncountry = \"NL\"\n[[person]]\nnumber = \"201\"\nname = \"Anna\"\n\
                        [[person]]\nnumber = \"290\"\nname = \"Lift\"\n";

    fn office(more: &str) -> Result<Office, (usize, String, &'static str)> {
        let read = parse_office(&format!("{LIFT}{more}"), &|_, _| None);
        let read = read.map_err(|mut refused| refused.remove(0)).map_err(|one| (one.line, one.key, one.code))?;
        Ok(read.settle(None, &mut || Secret::new("generated-0123456789")))
    }

    #[test]
    fn a_100_an_alarm_line_has_ordinary_numbers_of_the_own_country_and_is_in_no_ring_group() {
        let line = |numbers: &str| format!("[[alarm_line]]\nperson = \"290\"\nnumbers = [{numbers}]\n");
        let read = office(&line("\"088 765 43 21\", \"08001234\"")).unwrap();
        let numbers: Vec<&str> = read.alarm_lines[0].numbers.iter().map(|number| number.as_str()).collect();
        assert_eq!(numbers, ["+31887654321", "08001234"]);
        assert_eq!(read.alarm_lines[0].test_hours, None);
        let tested = |hours: &str| office(&format!("{}test_hours = {hours}\n", line("\"088 765 43 21\"")));
        assert_eq!(tested("72").unwrap().alarm_lines[0].test_hours, Some(72));
        assert_eq!(tested("0").unwrap_err().2, "test-hours-out-of-range");
        let refused = |more: &str| office(more).map_err(|(_, key, code)| (key, code)).unwrap_err();
        let numbers = |code| ("alarm_line.numbers".to_owned(), code);
        assert_eq!(refused(&line("\"09001234\"")), numbers("number-costs-extra"));
        assert_eq!(refused(&line("\"004930123456\"")), numbers("number-costs-extra"));
        assert_eq!(refused(&line("\"112\"")), numbers("number-reserved-emergency"));
        assert_eq!(refused(&line("\"201\"")), numbers("number-internal"));
        assert_eq!(refused(&line("")), numbers("alarm-numbers-count"));
        let person = |code| ("alarm_line.person".to_owned(), code);
        assert_eq!(refused(&line("\"088 765 43 21\"").replace("290", "299")), person("unknown-person"));
        let group =
            |members: &str| format!("[[ring_group]]\nnumber = \"250\"\nname = \"All\"\nmembers = [{members}]\n");
        let line = line("\"088 765 43 21\"");
        assert_eq!(refused(&format!("{line}{}", group("\"201\", \"290\""))), person("alarm-line-in-group"));
        assert_eq!(refused(&format!("{line}{line}")), person("alarm-line-twice"));
        // The page is held to the same; and who goes takes the line along.
        let read = office(&line).unwrap();
        let put = Change::PutRingGroup { number: "250".into(), name: "All".into(), members: vec!["290".into()] };
        assert_eq!(read.apply(put).unwrap_err().code, "alarm-line-in-group");
        assert_eq!(read.apply(Change::RemovePerson { number: "290".into() }).unwrap().alarm_lines, []);
    }
}
