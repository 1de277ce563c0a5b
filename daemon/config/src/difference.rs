//! What is different between two revisions of an office, for people: which entries came, went or changed.
//!
//! In: two offices. Out: a list in the order of the tables. It names entries and never what is in them, so that no secret
//! can be in it.

use std::collections::BTreeMap;
use std::fmt::Display;

use crate::{Contact, Firmware, Office, Phone};

/// One entry of an office that another does not have, or has otherwise.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Difference {
    /// What kind of entry.
    pub matter: Matter,
    /// What became of it.
    pub turn: Turn,
    /// What it is known by: a number, a MAC address, a name; empty where there is only one.
    pub subject: String,
    /// What people call it: a name, or of a phone its model and whose it is; empty where there is none.
    pub name: String,
}

/// Kinds of entries.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Matter {
    /// Who and where the office is.
    Identity,
    /// A person, by number and name.
    Person,
    /// A phone, by MAC address.
    Phone,
    /// A connection to a provider, by name.
    Trunk,
    /// Where a number from outside rings, by that number.
    Inbound,
    /// A ring group, by number and name.
    RingGroup,
    /// A conference room, by number and name.
    Conference,
    /// A group of rights, by name.
    Rights,
    /// A shared contact, by its first number and name.
    Contact,
    /// Pinned firmware, by the models it is for.
    Firmware,
    /// Who is told by e-mail, and over which server.
    Alerts,
    /// Anything else that the office decides once.
    Settings,
}

/// What became of an entry.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Turn {
    /// It came.
    Added,
    /// It is another than before.
    Changed,
    /// It went.
    Removed,
}

impl Office {
    /// What this office has that an earlier one had not, had otherwise, or had alone.
    pub fn differences_from(&self, earlier: &Self) -> Vec<Difference> {
        let mut found = Vec::new();
        let once = |matter| Difference { matter, turn: Turn::Changed, subject: String::new(), name: String::new() };
        if self.identity != earlier.identity {
            found.push(once(Matter::Identity));
        }
        let both = (earlier, self);
        table(&mut found, Matter::Person, both, |office| &office.people, |_, one| told(&one.number, &one.name));
        table(&mut found, Matter::Phone, both, |office| &office.phones, |office, one| told(one.mac, &office.call(one)));
        table(&mut found, Matter::Trunk, both, |office| &office.trunks, |_, one| told(&one.name, ""));
        table(&mut found, Matter::Inbound, both, |office| &office.inbound, |_, one| told(&one.number, ""));
        table(&mut found, Matter::RingGroup, both, |office| &office.ring_groups, |_, one| told(&one.number, &one.name));
        table(
            &mut found,
            Matter::Conference,
            both,
            |office| &office.conferences,
            |_, one| told(&one.number, &one.name),
        );
        table(&mut found, Matter::Rights, both, |office| &office.rights, |_, one| told(&one.name, ""));
        let number = |one: &Contact| one.numbers.first().map(ToString::to_string).unwrap_or_default();
        table(&mut found, Matter::Contact, both, |office| &office.contacts, |_, one| told(number(one), &one.name));
        let models = |one: &Firmware| one.models.join(", ");
        table(&mut found, Matter::Firmware, both, |office| &office.firmware, |_, one| told(models(one), ""));
        if self.alerts != earlier.alerts {
            found.push(once(Matter::Alerts));
        }
        let settings = |office: &Self| {
            let calls_refused = (office.blocked_callers.clone(), office.refuse_withheld);
            let line = (office.phone_vlan, office.line_kbit, office.logo, office.dhcp_options);
            let kept = (office.retention, office.rules_of_use.clone());
            let hours = (office.opening.clone(), office.support_numbers.clone(), office.premium_numbers.clone());
            let pages = (office.pin.clone(), office.administration.clone(), office.scanners.clone());
            (line, calls_refused, office.emergency.clone(), pages, office.alarm_lines.clone(), kept, hours)
        };
        // Whatever has no line of its own, such as the order of the providers, is said so as well.
        if settings(self) != settings(earlier) || found.is_empty() && self != earlier {
            found.push(once(Matter::Settings));
        }
        found
    }

    /// A phone as people speak of it: its model and whose it is.
    fn call(&self, phone: &Phone) -> String {
        let people = phone.people().filter_map(|number| self.person(number)).map(|person| person.name.as_str());
        let people = people.collect::<Vec<_>>().join(", ");
        if people.is_empty() { phone.model.clone() } else { format!("{} · {people}", phone.model) }
    }
}

fn told(subject: impl Display, name: &str) -> (String, String) {
    (subject.to_string(), name.to_owned())
}

fn table<T: PartialEq>(
    found: &mut Vec<Difference>,
    matter: Matter,
    (earlier, now): (&Office, &Office),
    entries: fn(&Office) -> &Vec<T>,
    told: impl Fn(&Office, &T) -> (String, String),
) {
    if entries(earlier) == entries(now) {
        return;
    }
    let by_subject = |office| entries(office).iter().map(|entry| (told(office, entry).0, entry)).collect();
    let [before, after]: [BTreeMap<String, &T>; 2] = [earlier, now].map(by_subject);
    let mut push = |turn, office, entry| {
        let (subject, name) = told(office, entry);
        found.push(Difference { matter, turn, subject, name });
    };
    for entry in entries(now) {
        match before.get(&told(now, entry).0) {
            None => push(Turn::Added, now, entry),
            Some(known) if *known != entry => push(Turn::Changed, now, entry),
            Some(_) => {}
        }
    }
    for entry in entries(earlier).iter().filter(|entry| !after.contains_key(&told(earlier, entry).0)) {
        push(Turn::Removed, earlier, entry);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Change, Country, OfficeIdentity, Secret};

    fn office() -> Office {
        let office = Office::empty(OfficeIdentity::assumed(Country::Netherlands));
        let person = |number: &str, name: &str| Change::AddPerson {
            number: number.into(),
            name: name.into(),
            sip_password: Secret::new("a-generated-Secret-7"),
        };
        office.apply(person("201", "Anna")).unwrap().apply(person("202", "Bram")).unwrap()
    }

    fn lines(now: &Office, earlier: &Office) -> Vec<String> {
        let line = |one: Difference| format!("{:?} {:?} {} {}", one.matter, one.turn, one.subject, one.name);
        now.differences_from(earlier).into_iter().map(line).collect()
    }

    #[test]
    fn what_came_went_and_changed_is_told_by_name_and_number() {
        let sales = Change::PutRights { name: "Sales".into(), calls: "country".into(), premium: false };
        let earlier = office().apply(sales).unwrap();
        let mut now = earlier.clone();
        for change in [
            Change::RenamePerson { number: "201".into(), name: "Anneke".into() },
            Change::RemovePerson { number: "202".into() },
            Change::AdoptPhone { mac: "805ec0aabbcc".into(), model: "T54W".into(), person: "201".into() },
            Change::PutRingGroup { number: "250".into(), name: "Shop".into(), members: vec!["201".into()] },
            Change::PutContact {
                known: None,
                name: "Plumber".into(),
                company: String::new(),
                numbers: vec!["0612345678".into()],
            },
            Change::PutRights { name: "Sales".into(), calls: "world".into(), premium: true },
            Change::SetDhcpOptions { answered: true },
        ] {
            now = now.apply(change).unwrap();
        }
        let told = [
            "Person Changed 201 Anneke",
            "Person Removed 202 Bram",
            "Phone Added 805ec0aabbcc T54W · Anneke",
            "RingGroup Added 250 Shop",
            "Rights Changed Sales ",
            "Contact Added +31612345678 Plumber",
            "Settings Changed  ",
        ];
        assert_eq!(lines(&now, &earlier), told);
        assert_eq!(lines(&now, &now), [""; 0]);
    }

    #[test]
    fn a_new_password_is_told_and_not_shown() {
        let secret = Secret::new("another-Secret-8-of-hers");
        let now = office().apply(Change::ReplacePassword { number: "201".into(), sip_password: secret }).unwrap();
        assert_eq!(lines(&now, &office()), ["Person Changed 201 Anna"]);
    }

    #[test]
    fn nothing_that_is_different_goes_untold() {
        let trunk = |name: &str| Change::PutTrunk {
            name: name.into(),
            server: "sip.example.net".into(),
            transport: "udp".into(),
            username: "office".into(),
            password: None,
            register: false,
            numbers: Vec::new(),
            dialect: None,
        };
        let earlier = office().apply(trunk("one")).unwrap().apply(trunk("two")).unwrap();
        let mut now = earlier.clone();
        now.trunks.reverse();
        assert_eq!(lines(&now, &earlier), ["Settings Changed  "]);
        now.identity.name = "Elsewhere".into();
        assert_eq!(lines(&now, &earlier), ["Identity Changed  "]);
    }
}
