//! What a thief would change first: who is told, from where the box is administered, the ways out, and who may call how far. And the way back from it.

use std::fmt;

use centrale_numbering::Plan;

use crate::whole::is_written_so;
use crate::{
    AlertContact, Alerts, Country, ForwardTo, MailServer, Office, OwnPermit, Permit, Person, Reach, Rights, Trunk,
};

/// A part of the office whose change is told to whoever is told, and can be taken back.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Sensitive {
    /// Who is told by mail, or over which server.
    Alerts,
    /// From where owners and installers log in.
    Administration,
    /// A way out that came, went or is another; by its name.
    Trunk(String),
    /// A person may call further, or what costs extra; by number.
    Permit(String),
    /// Callers of a person are sent outside; by number.
    Forward(String),
    /// A group of rights lets everybody in it call further; by its name.
    Rights(String),
    /// Less is kept of what happened, which is what proves it.
    Retention,
    /// Hours or days with people that were without: what may be spent then is more.
    Opening,
    /// A number that everybody may always call.
    SupportNumbers,
    /// A host that is blocked for nothing, for a while.
    Scanners,
    /// The country, or the time of day and night.
    Place,
    /// The PIN with which a phone lets the page in and stops calls.
    Pin,
}

impl fmt::Display for Sensitive {
    /// A stable word, and what it is about behind a slash.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Alerts => f.write_str("alerts"),
            Self::Administration => f.write_str("administration"),
            Self::Trunk(name) => write!(f, "trunk/{name}"),
            Self::Permit(number) => write!(f, "permit/{number}"),
            Self::Forward(number) => write!(f, "forward/{number}"),
            Self::Rights(name) => write!(f, "rights/{name}"),
            Self::Retention => f.write_str("retention"),
            Self::Opening => f.write_str("opening"),
            Self::SupportNumbers => f.write_str("support-numbers"),
            Self::Scanners => f.write_str("scanners"),
            Self::Place => f.write_str("place"),
            Self::Pin => f.write_str("pin"),
        }
    }
}

/// Why a change cannot be taken back.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NotTakenBack {
    /// It was changed once more since.
    #[error("{0} was changed once more since")]
    ChangedSince(Sensitive),
    /// What else there is now does not go with it.
    #[error("it does not go with what else there is now: {0}")]
    DoesNotFit(String),
}

impl Office {
    /// What of this office is sensitive and came since an earlier one.
    pub fn sensitive_changes_from(&self, earlier: &Self) -> Vec<Sensitive> {
        let mut found = Vec::new();
        if told(&self.alerts) != told(&earlier.alerts) {
            found.push(Sensitive::Alerts);
        }
        if self.administration != earlier.administration {
            found.push(Sensitive::Administration);
        }
        let came = self.trunks.iter().filter(|trunk| earlier.trunk(&trunk.name) != Some(trunk));
        let went = earlier.trunks.iter().filter(|trunk| self.trunk(&trunk.name).is_none());
        found.extend(came.chain(went).map(|trunk| Sensitive::Trunk(trunk.name.clone())));
        for person in &self.people {
            let before = earlier.person(&person.number);
            let is_other = before.is_none_or(|before| before.permit != person.permit);
            let allowed = before.map_or(Permit::NEW, |before| earlier.permit_of(before));
            if is_other && is_further(&self.permit_of(person), &allowed) {
                found.push(Sensitive::Permit(person.number.to_string()));
            }
        }
        let is_sent_outside = |person: &&Person| {
            let is_same = earlier.person(&person.number).is_some_and(|before| before.forward == person.forward);
            matches!(person.forward, Some(ForwardTo::Outside(_))) && !is_same
        };
        let sent = self.people.iter().filter(is_sent_outside);
        found.extend(sent.map(|person| Sensitive::Forward(person.number.to_string())));
        let further = |group: &&Rights| {
            let before = earlier.rights.iter().find(|before| before.name == group.name);
            before.is_some_and(|before| is_wider((group.reach, group.premium), (before.reach, before.premium)))
        };
        found.extend(self.rights.iter().filter(further).map(|group| Sensitive::Rights(group.name.clone())));
        if self.retention.forgets_more_than(&earlier.retention) {
            found.push(Sensitive::Retention);
        }
        found.extend(self.loosened_since(earlier));
        found
    }

    /// What lets the guard pass more, or says by what it goes.
    fn loosened_since(&self, earlier: &Self) -> impl Iterator<Item = Sensitive> {
        let has_more = self.support_numbers.iter().any(|number| !earlier.support_numbers.contains(number));
        let expects_more = self.scanners.iter().any(|scanner| !earlier.scanners.contains(scanner));
        let parts = [
            (self.hours().has_more_than(&earlier.hours()), Sensitive::Opening),
            (has_more, Sensitive::SupportNumbers),
            (expects_more, Sensitive::Scanners),
            (place_of(self) != place_of(earlier), Sensitive::Place),
            (self.pin != earlier.pin, Sensitive::Pin),
        ];
        parts.into_iter().filter_map(|(is_so, part)| is_so.then_some(part))
    }

    /// Whether whoever makes this office of an earlier one proves who it is: for what is told, and for what would be told no more.
    pub fn needs_proof_from(&self, earlier: &Self) -> bool {
        let is_quieter = earlier.alerts.digest && !self.alerts.digest;
        is_quieter || !self.sensitive_changes_from(earlier).is_empty()
    }

    /// This office with whatever is sensitive of what changed from `before` to `after` as it was before; the rest stays.
    ///
    /// # Errors
    /// When a part of that was changed once more since, or does not go with the rest.
    pub fn take_back(&self, before: &Self, after: &Self) -> Result<Self, NotTakenBack> {
        let mut office = self.clone();
        for part in after.sensitive_changes_from(before) {
            let done = match &part {
                Sensitive::Alerts => restore_told(&mut office.alerts, &before.alerts, &after.alerts),
                Sensitive::Administration => {
                    let is_since = office.administration != after.administration;
                    if !is_since {
                        office.administration.clone_from(&before.administration);
                    }
                    office.administration == before.administration
                }
                Sensitive::Trunk(name) => office.take_back_trunk(name, before, after),
                Sensitive::Retention => {
                    office.retention = office.retention.longer(&before.retention);
                    true
                }
                Sensitive::Opening => {
                    // Hours that are narrower by now, but not as narrow as they were, are taken back too.
                    if office.opening == after.opening || office.hours().has_more_than(&before.hours()) {
                        office.opening.clone_from(&before.opening);
                    }
                    true
                }
                Sensitive::SupportNumbers => {
                    let stays =
                        |number: &_| before.support_numbers.contains(number) || !after.support_numbers.contains(number);
                    office.support_numbers.retain(stays);
                    true
                }
                Sensitive::Scanners => {
                    let stays = |scanner: &_| before.scanners.contains(scanner) || !after.scanners.contains(scanner);
                    office.scanners.retain(stays);
                    true
                }
                Sensitive::Place => {
                    office.take_back_place(before);
                    true
                }
                Sensitive::Pin => {
                    office.pin.clone_from(&before.pin);
                    true
                }
                Sensitive::Permit(number) => {
                    office.take_back_permit(number, before, after);
                    true
                }
                Sensitive::Forward(number) => {
                    office.take_back_forward(number, before);
                    true
                }
                Sensitive::Rights(name) => {
                    let [was, is] = [before, after].map(|office| office.rights.iter().find(|one| one.name == *name));
                    let mine = office.rights.iter_mut().find(|one| one.name == *name);
                    // Without the group nobody is in it.
                    if let Some((mine, (was, is))) = mine.zip(was.zip(is))
                        && (mine == is || is_wider((mine.reach, mine.premium), (was.reach, was.premium)))
                    {
                        mine.clone_from(was);
                    }
                    true
                }
            };
            if !done {
                return Err(NotTakenBack::ChangedSince(part));
            }
        }
        office.sort();
        match office.misfit() {
            Some(reason) => Err(NotTakenBack::DoesNotFit(reason)),
            None => Ok(office),
        }
    }

    /// This office, from before a change, with the PIN and the place of before the first of earlier changes of them; each is what
    /// there was before and after it, the oldest first. Whoever changes one twice has not hidden what was there.
    #[must_use]
    pub fn before_the_first_of<'a>(&self, earlier: impl IntoIterator<Item = (&'a Self, &'a Self)>) -> Self {
        let (mut first, mut has_pin, mut has_place) = (self.clone(), false, false);
        for (before, after) in earlier {
            if !has_pin && before.pin != after.pin {
                first.pin.clone_from(&before.pin);
                has_pin = true;
            }
            if !has_place && place_of(before) != place_of(after) {
                first.move_to(before);
                has_place = true;
            }
        }
        first
    }

    fn move_to(&mut self, other: &Self) {
        self.identity.country = other.identity.country;
        self.identity.area_code.clone_from(&other.identity.area_code);
        self.identity.time_zone.clone_from(&other.identity.time_zone);
    }

    /// What came since and is no number there goes: else a thief would add a contact to stay where the office was moved to.
    fn take_back_place(&mut self, before: &Self) {
        if place_of(self) == place_of(before) {
            return;
        }
        self.move_to(before);
        let plan = Plan::of(self.identity.country, &self.identity.area_code);
        for contact in &mut self.contacts {
            contact.numbers.retain(|number| is_written_so(&plan, number));
        }
        self.contacts.retain(|contact| !contact.numbers.is_empty());
        for person in &mut self.people {
            let is_nowhere = |to: &mut ForwardTo| matches!(to, ForwardTo::Outside(to) if !is_written_so(&plan, to));
            person.forward.take_if(is_nowhere);
        }
    }

    fn take_back_trunk(&mut self, name: &str, before: &Self, after: &Self) -> bool {
        let place = self.trunks.iter().position(|trunk| trunk.name == name);
        let (was, is) = (before.trunk(name), after.trunk(name));
        match (place.map(|place| &self.trunks[place]), was) {
            (mine, was) if mine == was => return true,
            (mine, _) if mine != is => return false,
            _ => {}
        }
        match (place, was) {
            (Some(place), Some(was)) => self.trunks[place] = was.clone(),
            (Some(place), None) => drop(self.trunks.remove(place)),
            (None, Some(was)) => self.trunks.insert(order_of(before, was).min(self.trunks.len()), was.clone()),
            (None, None) => {}
        }
        self.forget_numbers_of_no_trunk();
        // Where its numbers rang went with them.
        for inbound in before.inbound.iter().filter(|one| was.is_some_and(|was| was.numbers.contains(&one.number))) {
            if !self.inbound.iter().any(|mine| mine.number == inbound.number) {
                self.inbound.push(inbound.clone());
            }
        }
        self.wake_premium_numbers(was, before, after);
        true
    }

    /// A premium number at a trunk that comes back is active again, where it was put to sleep as the trunk went.
    fn wake_premium_numbers(&mut self, trunk: Option<&Trunk>, before: &Self, after: &Self) {
        let is_active = |office: &Self, number| office.premium_number(number).is_some_and(|own| own.active);
        for own in &mut self.premium_numbers {
            let went = is_active(before, own.number.as_str()) && !is_active(after, own.number.as_str());
            let is_here = trunk.is_some_and(|trunk| trunk.numbers.contains(&own.line));
            own.active |= went && is_here && own.is_announced();
        }
    }

    /// A permit that was narrowed since, but not to what it was, is taken back too: else a thief would narrow it a little. One
    /// that is as narrow as it was, or more, stays.
    fn take_back_permit(&mut self, number: &str, before: &Self, after: &Self) {
        let of = |office: &Self| {
            let person = office.people.iter().find(|one| one.number.as_str() == number);
            person.map(|person| (person.permit.clone(), office.permit_of(person)))
        };
        // Who is gone calls nowhere.
        let Some((mine, allowed)) = of(self) else { return };
        let (was, was_allowed) = of(before).unwrap_or_else(|| (OwnPermit::default(), Permit::NEW));
        if of(after).is_some_and(|(is, _)| is == mine) || is_further(&allowed, &was_allowed) {
            let person = self.people.iter_mut().find(|one| one.number.as_str() == number);
            person.into_iter().for_each(|person| person.permit.clone_from(&was));
        }
    }
}

impl Office {
    /// Callers who are sent outside go where they went before, unless that colleague is gone. Who is not sent outside any more stays
    /// so.
    fn take_back_forward(&mut self, number: &str, before: &Self) {
        let was = before.people.iter().find(|one| one.number.as_str() == number);
        let is_there = |to: &ForwardTo| match to {
            ForwardTo::Inside(colleague) => self.person(colleague).is_some(),
            ForwardTo::Outside(_) => true,
        };
        let to = was.and_then(|was| was.forward.clone()).filter(is_there);
        let mine = self.people.iter_mut().find(|one| one.number.as_str() == number);
        if let Some(person) = mine.filter(|person| matches!(person.forward, Some(ForwardTo::Outside(_)))) {
            person.forward = to;
        }
    }
}

/// By what day and night, holidays and kinds of numbers are told.
fn place_of(office: &Office) -> (Country, &str) {
    (office.identity.country, &office.identity.time_zone)
}

/// Whether one may call what the other may not.
fn is_further(now: &Permit, before: &Permit) -> bool {
    let opened = now.opened.iter().any(|opened| !before.opened.contains(opened));
    opened || is_wider((now.reach, now.premium), (before.reach, before.premium))
}

/// Whether somebody reaches further, or what costs extra, who did not.
fn is_wider(now: (Reach, bool), before: (Reach, bool)) -> bool {
    now.0 > before.0 || now.1 && !before.1
}

/// Who is told, and over which server.
fn told(alerts: &Alerts) -> (&Option<MailServer>, &[AlertContact]) {
    (&alerts.server, &alerts.contacts)
}

/// Puts who is told, and over which server, as it `was` where it still `is` so; whether it is there now. Whether there is a
/// digest stays.
fn restore_told(mine: &mut Alerts, was: &Alerts, is: &Alerts) -> bool {
    if told(mine) == told(is) {
        mine.server.clone_from(&was.server);
        mine.contacts.clone_from(&was.contacts);
    }
    told(mine) == told(was)
}

fn order_of(office: &Office, trunk: &Trunk) -> usize {
    office.trunks.iter().position(|one| one.name == trunk.name).unwrap_or(usize::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Change, OfficeIdentity, Secret, TypedAlerts, TypedContact, TypedOpening};

    fn office() -> Office {
        let mut office = Office::empty(OfficeIdentity::assumed(Country::Netherlands));
        let sip_password = Secret::new("a-generated-Secret-7");
        for change in [
            Change::AddPerson { number: "201".into(), name: "Anna".into(), sip_password },
            Change::PutRights { name: "Sales".into(), calls: "country".into(), premium: false },
            trunk("voip", "sip.example.net"),
            Change::PutInbound { number: "+31201234567".into(), to: "201".into(), closed: None },
            alerts("owner@example.org"),
        ] {
            office = office.apply(change).unwrap();
        }
        office
    }

    fn trunk(name: &str, server: &str) -> Change {
        Change::PutTrunk {
            name: name.into(),
            server: server.into(),
            transport: "tls".into(),
            username: "office".into(),
            password: Some(Secret::new("a secret of the provider")),
            register: true,
            numbers: vec!["+31201234567".into()],
            dialect: None,
        }
    }

    fn alerts(address: &str) -> Change {
        let contact = TypedContact { address: address.into(), language: "nl".into(), phone: None };
        Change::SetAlerts {
            alerts: TypedAlerts {
                server: "smtp.example.net".into(),
                security: String::new(),
                username: String::new(),
                password: None,
                sender: "box@example.net".into(),
                contacts: vec![contact],
                digest: true,
            },
        }
    }

    fn permit(calls: &str) -> Change {
        let (number, calls) = ("201".into(), Some(calls.into()));
        Change::SetPermit { number, rights: None, calls, premium: None, opened: Vec::new() }
    }

    fn changed(office: &Office, changes: Vec<Change>) -> Office {
        changes.into_iter().fold(office.clone(), |office, change| office.apply(change).unwrap())
    }

    fn words(now: &Office, before: &Office) -> Vec<String> {
        now.sensitive_changes_from(before).iter().map(ToString::to_string).collect()
    }

    #[test]
    fn what_a_thief_would_change_is_sensitive_and_what_narrows_or_names_is_not() {
        let before = office();
        let sales = |calls: &str| Change::PutRights { name: "Sales".into(), calls: calls.into(), premium: false };
        let thief =
            vec![alerts("thief@example.org"), trunk("voip", "sip.thief.example"), permit("world"), sales("world")];
        assert_eq!(words(&changed(&before, thief), &before), ["alerts", "trunk/voip", "permit/201", "rights/Sales"]);
        let rename = Change::RenamePerson { number: "201".into(), name: "Anneke".into() };
        assert_eq!(words(&changed(&before, vec![rename, permit("inside"), sales("inside")]), &before), [""; 0]);
        assert_eq!(
            words(&changed(&before, vec![Change::RemoveTrunk { name: "voip".into() }]), &before),
            ["trunk/voip"]
        );
    }

    #[test]
    fn callers_who_are_sent_outside_are_told_of_and_taken_back_and_those_sent_to_a_colleague_are_not() {
        let sent = |to: Option<&str>| Change::SetForward { number: "201".into(), to: to.map(str::to_owned) };
        let bram = Change::AddPerson {
            number: "202".into(),
            name: "Bram".into(),
            sip_password: Secret::new("a-generated-Secret-8"),
        };
        let before = changed(&office(), vec![bram, sent(Some("202"))]);
        assert_eq!(words(&before, &office()), [""; 0]);
        let after = changed(&before, vec![sent(Some("06 12345678"))]);
        assert_eq!(words(&after, &before), ["forward/201"]);
        assert_eq!(after.take_back(&before, &after).unwrap(), before);
        let another = changed(&after, vec![sent(Some("06 87654321"))]);
        assert_eq!(words(&another, &after), ["forward/201"]);
        assert_eq!(another.take_back(&before, &after).unwrap(), before, "a little elsewhere voids no way back");
        let alone = changed(&after, vec![Change::RemovePerson { number: "202".into() }]);
        assert_eq!(alone.take_back(&before, &after).unwrap().people[0].forward, None, "nobody is left to send them to");
        let ended = changed(&after, vec![sent(None)]);
        assert_eq!(words(&ended, &after), [""; 0]);
        assert_eq!(ended.take_back(&before, &after).unwrap(), ended);
    }

    #[test]
    fn a_120_what_lets_the_guard_pass_more_is_told_and_taken_back_and_what_narrows_or_names_is_not() {
        let support =
            |numbers: &[&str]| Change::SetSupportNumbers { numbers: numbers.iter().map(|&one| one.into()).collect() };
        let opening = |monday: &str, holidays: &[&str]| {
            let mut opening = TypedOpening::default();
            opening.week[0] = Some(monday.into());
            opening.holidays = Some(holidays.iter().map(|&one| one.into()).collect());
            Change::SetOpening { opening: Some(opening) }
        };
        let identity = |country: &str, name: &str, zone: &str| Change::SetIdentity {
            name: name.into(),
            country: country.into(),
            area_code: String::new(),
            language: "nl".into(),
            time_zone: zone.into(),
        };
        let zone = "Europe/Amsterdam";
        let start = vec![
            support(&["08001234"]),
            opening("08:00-12:00, 13:00-17:00", &["christmas"]),
            identity("NL", "Vroom", zone),
        ];
        let before = changed(&office(), start);
        let words = |change: Change| words(&changed(&before, vec![change]), &before).join(" ");
        assert_eq!(words(support(&["08001234", "08005678"])), "support-numbers");
        assert_eq!(words(support(&[])), "");
        assert_eq!(words(opening("08:00-12:00, 13:00-23:00", &["christmas"])), "opening");
        assert_eq!(words(opening("08:00-17:00", &["christmas"])), "opening", "through the break");
        assert_eq!(words(opening("08:00-12:00", &[])), "opening", "on a holiday");
        assert_eq!(words(opening("08:00-12:00, 14:00-17:00", &["christmas"])), "");
        assert_eq!(words(identity("NL", "Vroom", "America/New_York")), "place");
        assert_eq!(words(identity("NL", "Vroom and Co", zone)), "");
        assert_eq!(words(Change::SetPin { pin: Some(Secret::new("830264")) }), "pin");
        let quieter =
            changed(&before, vec![Change::SetAlerts { alerts: TypedAlerts { digest: false, ..typed(&before) } }]);
        assert!(quieter.needs_proof_from(&before) && quieter.sensitive_changes_from(&before).is_empty());
        let thief = vec![
            support(&["08001234", "08005678"]),
            opening("00:00-24:00", &[]),
            identity("NL", "Vroom", "America/New_York"),
            Change::SetPin { pin: Some(Secret::new("830264")) },
        ];
        let after = changed(&before, thief);
        assert_eq!(after.take_back(&before, &after).unwrap(), before);
        let since = vec![
            support(&["08001234", "08005678", "08007777"]),
            opening("07:00-23:00", &["christmas"]),
            identity("NL", "Vroom and Co", "America/New_York"),
        ];
        let back = changed(&after, since).take_back(&before, &after).unwrap();
        let numbers: Vec<String> = back.support_numbers.iter().map(ToString::to_string).collect();
        assert_eq!((numbers, &back.opening), (vec!["08001234".into(), "08007777".into()], &before.opening));
        assert_eq!((back.identity.time_zone.as_str(), back.identity.name.as_str()), (zone, "Vroom and Co"));
        let later = changed(&after, vec![Change::SetPin { pin: None }, opening("10:00-12:00", &["christmas"])]);
        let back = later.take_back(&before, &after).unwrap();
        assert_eq!((&back.pin, &back.opening), (&before.pin, &later.opening), "what is narrower stays");
    }

    #[test]
    fn a_120_a_pin_and_a_place_that_were_changed_twice_are_as_before_the_first_change_again() {
        let pin = |pin: &str| Change::SetPin { pin: Some(Secret::new(pin)) };
        let zone = |zone: &str| Change::SetIdentity {
            name: "Vroom".into(),
            country: "NL".into(),
            area_code: String::new(),
            language: "nl".into(),
            time_zone: zone.into(),
        };
        let before = changed(&office(), vec![pin("402917"), zone("Europe/Amsterdam")]);
        let first = changed(&before, vec![pin("830264"), zone("America/New_York")]);
        let second = changed(&first, vec![pin("713508"), zone("Asia/Tokyo")]);
        let back = second.take_back(&before, &first).unwrap();
        assert_eq!(back, before, "the first voids no way back by a second");
        let was = first.before_the_first_of([(&before, &first)]);
        assert_eq!(second.take_back(&was, &second).unwrap(), before, "nor does the second lead to the first");
        assert_eq!(back.take_back(&was, &second).unwrap(), before, "both, one after the other");
        assert_eq!(first.before_the_first_of([]), first);
    }

    #[test]
    fn a_120_a_country_is_taken_back_whatever_numbers_of_the_new_one_came_since() {
        let country = |country: &str, zone: &str| Change::SetIdentity {
            name: "Vroom".into(),
            country: country.into(),
            area_code: String::new(),
            language: "nl".into(),
            time_zone: zone.into(),
        };
        let contact = |name: &str, numbers: &[&str]| Change::PutContact {
            known: None,
            name: name.into(),
            company: String::new(),
            numbers: numbers.iter().map(|&number| number.into()).collect(),
        };
        let start = vec![country("BE", "Europe/Brussels"), contact("Luc", &["+32470123456"])];
        let before = changed(&office(), start);
        let after = changed(&before, vec![country("NL", "Europe/Amsterdam")]);
        let dutch = vec![
            contact("Gemeente", &["14020"]),
            contact("Piet", &["14010", "+31612345678"]),
            Change::SetForward { number: "201".into(), to: Some("14070".into()) },
        ];
        let back = changed(&after, dutch).take_back(&before, &after).unwrap();
        assert_eq!((&back.identity, &back.people), (&before.identity, &before.people));
        let shown: Vec<_> = back.contacts.iter().map(|one| (one.name.as_str(), one.numbers.len())).collect();
        assert_eq!(shown, [("Luc", 1), ("Piet", 1)]);
    }

    fn typed(office: &Office) -> TypedAlerts {
        TypedAlerts::from(&office.alerts)
    }

    #[test]
    fn a_120_what_is_taken_back_is_as_before_and_what_else_was_changed_stays() {
        let before = office();
        let thief = vec![alerts("thief@example.org"), Change::RemoveTrunk { name: "voip".into() }, permit("world")];
        let after = changed(&before, thief);
        let rename = Change::RenamePerson { number: "201".into(), name: "Anneke".into() };
        let back = changed(&after, vec![rename]).take_back(&before, &after).unwrap();
        let mut expected = before.clone();
        expected.people[0].name = "Anneke".into();
        assert_eq!(back, expected, "with the provider's password, and where its number rings");
        assert_eq!(back.take_back(&before, &after).unwrap(), back, "twice is as once");
        let added =
            changed(&before, vec![trunk("second", "sip.thief.example")].into_iter().map(without_numbers).collect());
        assert_eq!(added.take_back(&before, &added).unwrap(), before);
    }

    fn without_numbers(change: Change) -> Change {
        let Change::PutTrunk { name, server, transport, username, password, register, dialect, .. } = change else {
            return change;
        };
        Change::PutTrunk { name, server, transport, username, password, register, numbers: Vec::new(), dialect }
    }

    #[test]
    fn what_was_changed_once_more_since_or_fits_no_more_is_refused_and_named() {
        let before = office();
        let after = changed(&before, vec![alerts("thief@example.org")]);
        let later = changed(&after, vec![alerts("another@example.org")]);
        let refused = later.take_back(&before, &after).unwrap_err();
        assert_eq!(refused, NotTakenBack::ChangedSince(Sensitive::Alerts));
        let after = changed(&before, vec![Change::RemoveTrunk { name: "voip".into() }]);
        let later = changed(&after, vec![trunk("another", "sip.example.com")]);
        assert!(matches!(later.take_back(&before, &after), Err(NotTakenBack::DoesNotFit(_))));
    }

    #[test]
    fn a_120_a_thief_does_not_void_the_way_back_by_a_harmless_change_of_the_same_part() {
        let before = office();
        let sales = |calls: &str| Change::PutRights { name: "Sales".into(), calls: calls.into(), premium: false };
        let after = changed(&before, vec![alerts("thief@example.org"), permit("world"), sales("world")]);
        let mut later = changed(&after, vec![permit("europe"), sales("europe")]);
        later.alerts.digest = false;
        let mut expected = before.clone();
        expected.alerts.digest = false;
        assert_eq!(later.take_back(&before, &after).unwrap(), expected);
        let narrower = changed(&later, vec![permit("inside"), sales("inside")]);
        let back = narrower.take_back(&before, &after).unwrap();
        assert_eq!(back.alerts, expected.alerts);
        assert_eq!((&back.people, &back.rights), (&narrower.people, &narrower.rights), "what is narrower stays");
    }
}
