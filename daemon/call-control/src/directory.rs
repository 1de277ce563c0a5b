//! The office as the exchange looks things up in it: who may register, and what a dialled text means.

use std::sync::Arc;

use centrale_config::{
    Contact, ContactNumber, Country, Credential, ExtensionNumber, ForwardTo, Inbound, MALICIOUS_CALL_CODE, Mac,
    NumberKind, Office, Opening, PICKUP_CODE, Permit, Person, RingGroup, Settled, Trunk, VOICEMAIL_CODE, WhenClosed,
};
use centrale_numbering::{Class, Dialled, Identity, Plan};
use centrale_sip::auth::{EARLIER, Secrets};
use hashbrown::HashMap;

use crate::call::{Code, Pickup, is_park_place};

/// Who a digest user is.
#[derive(Debug, Clone)]
pub(crate) struct Login {
    pub(crate) secrets: Secrets,
    /// Those that it had before, the last one first: who still has one of them is no guesser.
    pub(crate) earlier: Vec<Secrets>,
    credential: Credential,
}

impl Login {
    /// The number it may register and call as.
    pub(crate) const fn number(&self) -> &ExtensionNumber {
        &self.credential.number
    }

    /// The device it was made for, if one was.
    pub(crate) const fn device(&self) -> Option<Mac> {
        self.credential.device
    }
}

/// Where a dialled text leads.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Destination {
    /// Help. The number as it is given to a trunk.
    Emergency(&'static str),
    /// A colleague.
    Person(ExtensionNumber),
    /// What rings somewhere else.
    Pickup(Pickup),
    /// Where calls are put down and taken up again.
    Park(String),
    /// The own mailbox, to listen.
    Voicemail,
    /// Something that is ordered with the office's PIN.
    Code(Code),
    /// A mark on the last call that came.
    Malicious,
    /// Several colleagues.
    Group { number: ExtensionNumber, members: Vec<ExtensionNumber> },
    /// A room in which several people hear one another.
    Conference(ExtensionNumber),
    /// A number outside, in E.164 or a national short code.
    Outside {
        number: String,
        /// The caller asked with a code not to be shown.
        withheld: bool,
        /// As the plan reads it: whether somebody may call it is the guard's to say.
        meant: Dialled,
    },
    /// Nothing.
    Nowhere,
}

/// One revision of the office, ready for lookups.
#[derive(Debug)]
pub(crate) struct Directory {
    settled: Arc<Settled>,
    logins: HashMap<String, Login>,
    /// Where each person stands in the office's list, by number.
    people: HashMap<String, usize>,
    /// Where the contact with each outside number stands, likewise.
    contacts: HashMap<String, usize>,
    plan: Plan,
    hours: Arc<Opening>,
}

impl Directory {
    /// Computes every HA1.
    pub(crate) fn new(settled: Arc<Settled>, realm: &str) -> Self {
        Self::over(settled, realm, &HashMap::new())
    }

    /// The next revision. What was computed for this one is taken over where nothing changed.
    pub(crate) fn next(&self, settled: Arc<Settled>, realm: &str) -> Self {
        Self::over(settled, realm, &self.logins)
    }

    /// What users had before, the last one first, out of earlier revisions. It goes after what is known of this run.
    pub(crate) fn remember(&mut self, earlier: &[Credential], realm: &str) {
        for credential in earlier {
            let login = self.logins.get_mut(&credential.username);
            // What did not change is not reckoned anew: most of an office's passwords stand in every revision.
            let changed = login.filter(|login| login.earlier.len() < EARLIER && login.credential != *credential);
            let Some(login) = changed else { continue };
            let secrets = Secrets::new(&credential.username, realm, credential.secret.reveal());
            if login.secrets != secrets && !login.earlier.contains(&secrets) {
                login.earlier.push(secrets);
            }
        }
    }

    fn over(settled: Arc<Settled>, realm: &str, known: &HashMap<String, Login>) -> Self {
        let login = |credential: &Credential| {
            let same = known.get(&credential.username).filter(|login| login.credential == *credential);
            let computed = || Secrets::new(&credential.username, realm, credential.secret.reveal());
            let secrets = same.map_or_else(computed, |login| login.secrets.clone());
            let before = known.get(&credential.username);
            let changed = before.filter(|before| before.secrets != secrets).map(|before| before.secrets.clone());
            let kept =
                before.into_iter().flat_map(|before| before.earlier.iter().filter(|old| **old != secrets).cloned());
            let earlier = changed.into_iter().chain(kept).take(EARLIER).collect();
            (credential.username.clone(), Login { secrets, earlier, credential: credential.clone() })
        };
        let logins = settled.credentials.iter().map(login).collect();
        let identity = &settled.office.identity;
        let plan = Plan::of(identity.country, &identity.area_code);
        let people = settled.office.people.iter().enumerate();
        let people = people.map(|(at, person)| (person.number.to_string(), at)).collect();
        let contacts = settled.office.contacts.iter().enumerate();
        let contacts = contacts.flat_map(|(at, contact)| contact.numbers.iter().map(move |own| (own.to_string(), at)));
        let contacts = contacts.collect();
        let hours = Arc::new(settled.office.hours());
        Self { settled, logins, people, contacts, plan, hours }
    }

    pub(crate) fn office(&self) -> &Office {
        &self.settled.office
    }

    pub(crate) fn country(&self) -> Country {
        self.settled.office.identity.country
    }

    pub(crate) fn login(&self, username: &str) -> Option<&Login> {
        self.logins.get(username)
    }

    /// Devices that have at least one digest user; one with several is named as often.
    pub(crate) fn devices(&self) -> impl Iterator<Item = Mac> {
        self.settled.credentials.iter().filter_map(|credential| credential.device)
    }

    /// Whether a digest user is still who it was in an earlier revision, with the same secret.
    pub(crate) fn keeps(&self, earlier: &Self, username: &str) -> bool {
        let now = self.login(username).map(|login| &login.credential);
        now.is_some() && now == earlier.login(username).map(|login| &login.credential)
    }

    /// Name of a person, a group or a room, empty when there is none.
    pub(crate) fn name_of(&self, number: &str) -> &str {
        let person = self.person(number).map(|person| &person.name);
        let group = || self.group(number).map(|group| &group.name);
        let room = || self.office().conference(number).map(|room| &room.name);
        person.or_else(group).or_else(room).map_or("", String::as_str)
    }

    /// The contact with this number.
    pub(crate) fn contact(&self, number: &str) -> Option<&Contact> {
        self.contacts.get(number).and_then(|at| self.office().contacts.get(*at))
    }

    pub(crate) fn trunk(&self, name: &str) -> Option<&Trunk> {
        self.office().trunks.iter().find(|trunk| trunk.name == name)
    }

    /// Emergency first, then colleagues, then the world.
    pub(crate) fn destination(&self, dialled: &str) -> Destination {
        if let Some(number) = centrale_numbering::is_emergency(self.country(), dialled) {
            return Destination::Emergency(number);
        }
        if let Some(inside) = self.inside(dialled) {
            return inside;
        }
        if is_park_place(dialled) {
            return Destination::Park(dialled.to_owned());
        }
        if dialled == VOICEMAIL_CODE {
            return Destination::Voicemail;
        }
        if let Some(code) = Code::of(dialled) {
            return Destination::Code(code);
        }
        if dialled == MALICIOUS_CALL_CODE {
            return Destination::Malicious;
        }
        match dialled.strip_prefix(PICKUP_CODE) {
            Some("") => return Destination::Pickup(Pickup::Groups),
            Some(number) if number.bytes().all(|byte| byte.is_ascii_digit()) => {
                return Destination::Pickup(Pickup::At(number.to_owned()));
            }
            Some(_) | None => {}
        }
        let meant = self.plan.normalise(dialled);
        let withheld = self.plan.identity(dialled) == Some(Identity::Hide);
        match &meant {
            Dialled::Emergency(number) => Destination::Emergency(number),
            Dialled::Outside { e164: number, .. } | Dialled::Short { digits: number, .. } => {
                match self.inbound(number) {
                    // A colleague called by the office's own outside number stays inside.
                    Some(inside) => inside,
                    None => Destination::Outside { number: number.clone(), withheld, meant },
                }
            }
            Dialled::Internal { .. } | Dialled::Unknown { .. } => Destination::Nowhere,
        }
    }

    /// The number plan of the office.
    pub(crate) const fn plan(&self) -> &Plan {
        &self.plan
    }

    /// The person with this number.
    pub(crate) fn person(&self, number: &str) -> Option<&Person> {
        self.people.get(number).and_then(|at| self.office().people.get(*at))
    }

    /// What the line of a lift or an alarm calls; `None` for everybody else.
    pub(crate) fn alarm_numbers(&self, person: &str) -> Option<&[ContactNumber]> {
        let line = self.office().alarm_lines.iter().find(|line| line.person.as_str() == person)?;
        Some(&line.numbers)
    }

    /// Whether that number is one that this person's line was made to call.
    pub(crate) fn is_alarm_call(&self, person: &str, number: &str) -> bool {
        self.alarm_numbers(person).is_some_and(|numbers| numbers.iter().any(|own| own.as_str() == number))
    }

    /// Whether a number is one of the office's support. What became a dear one since it was written down is none.
    pub(crate) fn is_support(&self, meant: &Dialled) -> bool {
        let is_plain = matches!(meant.class(), Class::Free | Class::Local | Class::National | Class::Mobile);
        let number = meant.number().unwrap_or_default();
        is_plain && self.office().support_numbers.iter().any(|own| own.as_str() == number)
    }

    /// When there are people in the office.
    pub(crate) const fn hours(&self) -> &Arc<Opening> {
        &self.hours
    }

    /// What the person with this number may call.
    pub(crate) fn permit_of(&self, number: &str) -> Option<Permit> {
        self.person(number).map(|person| self.office().permit_of(person))
    }

    /// Whether a person or a group has this number.
    pub(crate) fn is_inside(&self, number: &str) -> bool {
        self.person(number).is_some() || self.group(number).is_some()
    }

    /// Whether a caller from outside cannot have this number: it is one of the office's at a provider, or an internal one.
    pub(crate) fn is_of_the_office(&self, number: &str) -> bool {
        let is_internal = || matches!(self.plan.normalise(number), Dialled::Internal { .. });
        let has = |trunk: &Trunk| trunk.numbers.iter().any(|own| own.as_str() == number);
        self.is_watchable(number) || self.office().trunks.iter().any(has) || is_internal()
    }

    /// Whether a key may show what this number does.
    pub(crate) fn is_watchable(&self, number: &str) -> bool {
        self.is_inside(number) || is_park_place(number)
    }

    /// The numbers of the groups that a person belongs to.
    pub(crate) fn groups_of<'a>(&'a self, person: &'a str) -> impl Iterator<Item = &'a str> {
        let has = move |group: &&RingGroup| group.members.iter().any(|member| member.as_str() == person);
        self.office().ring_groups.iter().filter(has).map(|group| group.number.as_str())
    }

    fn group(&self, number: &str) -> Option<&RingGroup> {
        self.office().ring_groups.iter().find(|group| group.number.as_str() == number)
    }

    /// Whom a number from outside rings.
    pub(crate) fn inbound(&self, number: &str) -> Option<Destination> {
        self.inside(self.route_of(number)?.to.as_str())
    }

    /// Where a number from outside leads while the office is closed, when that makes a difference.
    pub(crate) fn inbound_when_closed(&self, number: &str) -> Option<&WhenClosed> {
        self.route_of(number)?.closed.as_ref()
    }

    /// Whether the calls at one of the office's numbers are those of an own premium number that is not active.
    pub(crate) fn is_inactive(&self, number: &str) -> bool {
        self.office().premium_numbers.iter().any(|own| own.line.as_str() == number && !own.active)
    }

    fn route_of(&self, number: &str) -> Option<&Inbound> {
        self.office().inbound.iter().find(|route| route.number.as_str() == number)
    }

    /// Where whoever calls a person is sent, as the office decided it.
    pub(crate) fn forward_of(&self, person: &str) -> Option<&ForwardTo> {
        self.person(person)?.forward.as_ref()
    }

    /// Who or what has an internal number.
    pub(crate) fn inside(&self, number: &str) -> Option<Destination> {
        if let Some(person) = self.person(number) {
            return Some(Destination::Person(person.number.clone()));
        }
        if let Some(room) = self.office().conference(number) {
            return Some(Destination::Conference(room.number.clone()));
        }
        let group = self.group(number)?;
        Some(Destination::Group { number: group.number.clone(), members: group.members.clone() })
    }

    /// What a number is to the office's plan.
    pub(crate) fn class_of(&self, number: &str) -> Class {
        self.plan.normalise(number).class()
    }

    /// The kind of a number outside, as providers are chosen by it.
    pub(crate) fn kind_of(&self, number: &str) -> Option<NumberKind> {
        NumberKind::of(self.plan.normalise(number).class())
    }

    /// A number as it is compared and written down: E.164 where the plan knows it, else as given.
    pub(crate) fn canonical(&self, number: &str) -> String {
        match self.plan.normalise(number) {
            Dialled::Outside { e164, .. } => e164,
            Dialled::Short { digits, .. } => digits,
            Dialled::Emergency(_) | Dialled::Internal { .. } | Dialled::Unknown { .. } => number.to_owned(),
        }
    }
}
