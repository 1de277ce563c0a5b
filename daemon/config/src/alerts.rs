//! Whom the box tells by e-mail what happens, and over which mail server.

use std::fmt;
use std::str::FromStr;

use crate::dialect::words;
use crate::rules::{self, Fault};
use centrale_numbering::Plan;

use crate::{Language, Office, OutsideNumber, Secret, Server, TextError};

/// Most alert contacts: each is told everything that is told at once.
const MOST_CONTACTS: usize = 5;

/// The `[alerts]` table. Without a server and a contact nobody is told anything but on the page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Alerts {
    /// Over which server mail leaves.
    pub server: Option<MailServer>,
    /// Who is told, in the order in which they were written; nobody twice.
    pub contacts: Vec<AlertContact>,
    /// Whether a digest is sent each morning. What must be known at once is told whether or not.
    pub digest: bool,
}

impl Alerts {
    /// What a new office has: nobody to tell, and a digest once there is.
    pub const NONE: Self = Self { server: None, contacts: Vec::new(), digest: true };

    /// Whether anybody can be told anything.
    pub fn reach_somebody(&self) -> bool {
        self.server.is_some() && !self.contacts.is_empty()
    }
}

impl Office {
    /// Whether the box may ring that number to tell somebody something: an ordinary number of the office's country, fixed or mobile, and
    /// none of the office's own.
    pub fn may_be_rung(&self, number: &OutsideNumber) -> bool {
        let class = Plan::of(self.identity.country, &self.identity.area_code).normalise(number.as_str()).class();
        class.is_ordinary() && !self.trunks.iter().any(|trunk| trunk.numbers.contains(number))
    }

    /// Those who are told and whose telephone number the box may ring, in their order, with that number.
    pub fn rung_contacts(&self) -> impl Iterator<Item = (&AlertContact, &OutsideNumber)> {
        let contacts = self.alerts.contacts.iter();
        contacts.filter_map(|contact| Some((contact, contact.phone.as_ref().filter(|phone| self.may_be_rung(phone))?)))
    }

    /// The first telephone number of those that are told which the box may not ring, if it is none of before.
    pub(crate) fn unfit_to_ring(&self, alerts: &Alerts) -> Option<Fault> {
        let is_known =
            |phone: &&OutsideNumber| self.alerts.contacts.iter().any(|known| known.phone.as_ref() == Some(*phone));
        let mut phones = alerts.contacts.iter().filter_map(|contact| contact.phone.as_ref());
        let unfit = phones.find(|phone| !is_known(phone) && !self.may_be_rung(phone))?;
        let detail = format!("{unfit} is no ordinary number of the office's country, or one of the office's own");
        Some(Fault::new("number-not-ordinary", detail))
    }
}

/// A mail server that takes the office's mail (RFC 6409).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MailServer {
    /// Where it is. Without a port: 587 with STARTTLS, 465 with TLS.
    pub server: Server,
    /// How the way there is protected. There is no way without.
    pub security: MailSecurity,
    /// The user name to log in with; empty when the server asks for none.
    pub username: String,
    /// The password that goes with it; empty when there is no user name.
    pub password: Secret,
    /// From whom the mail is.
    pub sender: MailAddress,
}

impl MailServer {
    /// The port that is connected to.
    pub fn port(&self) -> u16 {
        self.server.port.unwrap_or(match self.security {
            MailSecurity::StartTls => 587,
            MailSecurity::Tls => 465,
        })
    }
}

/// How the way to a mail server is protected.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MailSecurity {
    /// It begins in clear and is encrypted before anything is said (RFC 3207); refused where the server cannot.
    StartTls,
    /// TLS from the first byte (RFC 8314 3.3).
    Tls,
}

words!(MailSecurity, MailSecurity, StartTls = "starttls", Tls = "tls");

/// Somebody who is told by e-mail.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AlertContact {
    /// Where.
    pub address: MailAddress,
    /// In which language. There is no German mail; it is written in English.
    pub language: Language,
    /// The second way to reach them: a telephone number, which the box rings when something cannot wait, once somebody there said that it
    /// may. One that is not [`Office::may_be_rung`] is never rung.
    pub phone: Option<OutsideNumber>,
}

/// A mail address as nearly everybody has one: no quotes, no comments, ASCII (RFC 5321 4.1.2: `Dot-string@Domain`). It can
/// stand in any header and in any command as it is.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct MailAddress(String);

impl MailAddress {
    /// The address.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for MailAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl FromStr for MailAddress {
    type Err = TextError;
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let text = text.trim();
        let is_atext = |byte: u8| byte.is_ascii_alphanumeric() || b"!#$%&'*+-/=?^_`{|}~".contains(&byte);
        let is_atom = |atom: &str| !atom.is_empty() && atom.bytes().all(is_atext);
        let is_label = |label: &str| {
            let ends = !label.starts_with('-') && !label.ends_with('-');
            (1..=63).contains(&label.len())
                && ends
                && label.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
        };
        let (local, domain) = text.rsplit_once('@').ok_or(TextError::MailAddress)?;
        let fits = local.len() <= 64 && text.len() <= 254;
        let well_formed = local.split('.').all(is_atom) && domain.contains('.') && domain.split('.').all(is_label);
        if fits && well_formed { Ok(Self(text.to_owned())) } else { Err(TextError::MailAddress) }
    }
}

/// An `[alerts]` table as it was typed. What is left empty is not there.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct TypedAlerts {
    /// Host or host:port.
    pub server: String,
    /// `starttls` or `tls`; `starttls` when empty.
    pub security: String,
    /// User name.
    pub username: String,
    /// Password; `None` keeps the one there is, while server and user name stay the same.
    pub password: Option<Secret>,
    /// From whom the mail is; the user name when empty.
    pub sender: String,
    /// Who is told.
    pub contacts: Vec<TypedContact>,
    /// As in [`Alerts::digest`].
    pub digest: bool,
}

/// Somebody who is told, as it was typed.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct TypedContact {
    /// A mail address.
    pub address: String,
    /// The code of a language.
    pub language: String,
    /// A telephone number in E.164, in which spaces do no harm; empty when there is none, `None` keeps the one of this address.
    pub phone: Option<String>,
}

impl TypedContact {
    fn read(&self, known: &[AlertContact]) -> Result<AlertContact, Fault> {
        let (address, language) = (mail_address(&self.address)?, rules::language(&self.language)?);
        let phone = match &self.phone {
            Some(phone) => {
                let phone: String = phone.split_whitespace().collect();
                if phone.is_empty() { None } else { Some(rules::outside_number(&phone)?) }
            }
            None => known.iter().find(|one| one.address == address).and_then(|one| one.phone.clone()),
        };
        Ok(AlertContact { address, language, phone })
    }
}

impl TypedAlerts {
    /// What was typed. Every field that cannot be read is left out, and noted in `faults` with why. `known` is what the office
    /// had.
    pub(crate) fn read(&self, known: &Alerts, faults: &mut Vec<(&'static str, Fault)>) -> Alerts {
        let server = self.read_server(known, faults);
        Alerts { server, contacts: self.read_contacts(&known.contacts, faults), digest: self.digest }
    }

    fn read_server(&self, known: &Alerts, faults: &mut Vec<(&'static str, Fault)>) -> Option<MailServer> {
        let typed = [&self.server, &self.username, &self.sender].iter().any(|text| !text.trim().is_empty());
        if !typed && self.password.is_none() {
            return None;
        }
        let mut note = |field, fault| faults.push((field, fault));
        let server = rules::server(self.server.trim()).map_err(|fault| note("server", fault)).ok();
        let security = match self.security.as_str() {
            "" => Ok(MailSecurity::StartTls),
            word => word.parse(),
        };
        let security =
            security.map_err(|error: TextError| note("security", Fault::of("security-unknown", &error))).ok();
        let username = match self.username.trim() {
            "" => Some(String::new()),
            text => rules::username(text).map_err(|fault| note("username", fault)).ok(),
        };
        let sender = if self.sender.trim().is_empty() { self.username.trim() } else { self.sender.trim() };
        let sender = mail_address(sender).map_err(|fault| note("sender", fault)).ok();
        let (server, username) = (server?, username?);
        let kept = known.server.as_ref().filter(|kept| kept.server == server && kept.username == username);
        let password = self.password.clone().or_else(|| kept.map(|kept| kept.password.clone()));
        match &password {
            _ if username.is_empty() => {}
            Some(password) => {
                if let Err(fault) = rules::password(password) {
                    note("password", fault);
                }
            }
            None => {
                note("password", Fault::new("password-needed", "a mail server asks for the password of a user name"));
            }
        }
        let password = password.filter(|_| !username.is_empty()).unwrap_or_else(|| Secret::new(""));
        Some(MailServer { server, security: security?, username, password, sender: sender? })
    }

    fn read_contacts(&self, known: &[AlertContact], faults: &mut Vec<(&'static str, Fault)>) -> Vec<AlertContact> {
        let mut contacts: Vec<AlertContact> = Vec::new();
        for typed in &self.contacts {
            match typed.read(known) {
                Err(fault) => faults.push(("contacts", fault)),
                Ok(AlertContact { address, .. }) if contacts.iter().any(|one| one.address == address) => {
                    faults.push(("contacts", Fault::new("contact-twice", format!("{address} is there twice"))));
                }
                Ok(contact) => contacts.push(contact),
            }
        }
        if contacts.len() > MOST_CONTACTS {
            faults.push(("contacts", Fault::new("contacts-too-many", format!("at most {MOST_CONTACTS} are told"))));
        }
        contacts
    }
}

impl From<&Alerts> for TypedAlerts {
    /// As it would be typed again, without the password.
    fn from(alerts: &Alerts) -> Self {
        let server = alerts.server.as_ref();
        let text = |what: fn(&MailServer) -> String| server.map(what).unwrap_or_default();
        let contact = |AlertContact { address, language, phone }: &AlertContact| TypedContact {
            address: address.to_string(),
            language: language.code().to_owned(),
            phone: Some(phone.as_ref().map(ToString::to_string).unwrap_or_default()),
        };
        Self {
            server: text(|one| one.server.to_string()),
            security: text(|one| one.security.word().to_owned()),
            username: text(|one| one.username.clone()),
            password: None,
            sender: text(|one| one.sender.to_string()),
            contacts: alerts.contacts.iter().map(contact).collect(),
            digest: alerts.digest,
        }
    }
}

pub(crate) fn mail_address(text: &str) -> Result<MailAddress, Fault> {
    text.parse().map_err(|error: TextError| Fault::of("mail-address-malformed", &error))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Change, Country, Office, OfficeIdentity};

    fn contact(address: &str, language: &str) -> TypedContact {
        TypedContact { address: address.into(), language: language.into(), phone: None }
    }

    fn typed() -> TypedAlerts {
        TypedAlerts {
            server: "smtp.example.net".into(),
            security: String::new(),
            username: "office@example.net".into(),
            password: Some(Secret::new("mail secret")),
            sender: String::new(),
            contacts: vec![contact("owner@example.org", "nl")],
            digest: true,
        }
    }

    fn faults(typed: &TypedAlerts, known: &Alerts) -> Vec<(&'static str, &'static str)> {
        let mut faults = Vec::new();
        typed.read(known, &mut faults);
        faults.into_iter().map(|(field, fault)| (field, fault.code)).collect()
    }

    fn read(typed: &TypedAlerts, known: &Alerts) -> Alerts {
        assert_eq!(faults(typed, known), []);
        typed.read(known, &mut Vec::new())
    }

    #[test]
    fn an_address_is_one_that_can_stand_in_any_header() {
        for good in ["a@b.nl", "anna.de-vries+box@kantoor.example.be", "o'neil_1@x-y.co"] {
            assert_eq!(good.parse::<MailAddress>().unwrap().as_str(), good);
        }
        let long = format!("{}@b.nl", "a".repeat(65));
        for bad in [
            "",
            "anna",
            "@b.nl",
            "a@",
            "a@nl",
            "a..b@c.nl",
            ".a@c.nl",
            "a b@c.nl",
            "a@b..nl",
            "a@-b.nl",
            "\"a\"@b.nl",
            "a@b.nl\r\nBcc: c@d.nl",
            "a@b.nl, c@d.nl",
            "a@b.nl>",
            "<a@b.nl",
            "añ@b.nl",
            "a@[192.0.2.1]",
            &long,
        ] {
            assert_eq!(bad.parse::<MailAddress>(), Err(TextError::MailAddress), "{bad}");
        }
    }

    #[test]
    fn a_server_is_reached_at_the_port_of_its_protection_and_writes_as_its_user() {
        let alerts = read(&typed(), &Alerts::NONE);
        let server = alerts.server.clone().unwrap();
        assert_eq!((server.port(), server.security.word()), (587, "starttls"));
        assert_eq!(server.sender.as_str(), "office@example.net");
        assert!(alerts.reach_somebody());
        let tls = TypedAlerts { security: "tls".into(), ..typed() };
        assert_eq!(read(&tls, &Alerts::NONE).server.unwrap().port(), 465);
        let port = TypedAlerts { server: "smtp.example.net:2525".into(), ..typed() };
        assert_eq!(read(&port, &Alerts::NONE).server.unwrap().port(), 2525);
    }

    #[test]
    fn a_password_is_kept_for_its_own_server_and_user_and_for_no_other() {
        let known = read(&typed(), &Alerts::NONE);
        let again = TypedAlerts::from(&known);
        assert_eq!(again.password, None);
        assert_eq!(read(&again, &known), known);
        let elsewhere = TypedAlerts { server: "smtp.example.com".into(), ..again.clone() };
        assert_eq!(faults(&elsewhere, &known), [("password", "password-needed")]);
        let another = TypedAlerts { username: "b@example.net".into(), ..again };
        assert_eq!(faults(&another, &known), [("password", "password-needed")]);
    }

    #[test]
    fn a_contact_is_reached_in_a_second_way_by_a_number_that_may_be_typed_with_spaces() {
        let typed = TypedAlerts {
            contacts: vec![TypedContact { phone: Some("+31 6 12345678 ".into()), ..contact("a@b.nl", "nl") }],
            ..typed()
        };
        let known = read(&typed, &Alerts::NONE);
        assert_eq!(known.contacts[0].phone.as_ref().unwrap().as_str(), "+31612345678");
        assert_eq!(read(&TypedAlerts::from(&known), &known), known);
        let said_nothing = TypedAlerts { contacts: vec![contact("a@b.nl", "fr")], ..typed.clone() };
        assert_eq!(read(&said_nothing, &known).contacts[0].phone, known.contacts[0].phone, "it stays");
        let another = TypedAlerts { contacts: vec![contact("c@b.nl", "fr")], ..typed.clone() };
        assert_eq!(read(&another, &known).contacts[0].phone, None, "it is no other contact's");
        let none = TypedContact { phone: Some(String::new()), ..contact("a@b.nl", "nl") };
        assert_eq!(read(&TypedAlerts { contacts: vec![none], ..typed }, &known).contacts[0].phone, None);
    }

    #[test]
    fn a_number_to_ring_is_an_ordinary_one_of_the_country_and_none_of_the_offices_own() {
        let mut office = Office::empty(OfficeIdentity::assumed(Country::Netherlands));
        let with = |phone: &str| Change::SetAlerts {
            alerts: TypedAlerts {
                contacts: vec![TypedContact { phone: Some(phone.into()), ..contact("a@b.nl", "nl") }],
                ..typed()
            },
        };
        for good in ["+31612345678", "+31201234567"] {
            assert!(office.apply(with(good)).is_ok(), "{good}");
        }
        for bad in ["+319001234567", "+319061234567", "+4915112345678", "+31881234567890", "+31800123456"] {
            let refused = office.apply(with(bad)).unwrap_err().to_string();
            assert!(refused.contains("ordinary") || refused.contains("E.164"), "{bad}: {refused}");
        }
        // One of before, which nobody rings, is no reason to refuse another change.
        let alerts = TypedAlerts {
            contacts: vec![TypedContact { phone: Some("+4915112345678".into()), ..contact("a@b.nl", "nl") }],
            ..typed()
        };
        office.alerts = alerts.read(&Alerts::NONE, &mut Vec::new());
        assert!(office.apply(with("+4915112345678")).is_ok());
        assert!(!office.may_be_rung(office.alerts.contacts[0].phone.as_ref().unwrap()));
    }

    #[test]
    fn a_server_that_asks_for_no_log_in_has_no_password() {
        let open = TypedAlerts { username: String::new(), sender: "box@example.net".into(), password: None, ..typed() };
        assert!(read(&open, &Alerts::NONE).server.unwrap().password.reveal().is_empty());
        let nothing = TypedAlerts {
            server: String::new(),
            username: String::new(),
            password: None,
            contacts: Vec::new(),
            ..typed()
        };
        assert_eq!(read(&nothing, &Alerts::NONE), Alerts::NONE);
    }

    #[test]
    fn a_server_that_is_taken_away_while_somebody_is_to_be_told_is_refused_in_words() {
        let empty = Office::empty(OfficeIdentity::assumed(Country::Netherlands));
        let set = |office: &Office, alerts: TypedAlerts| office.apply(Change::SetAlerts { alerts });
        let told = set(&empty, typed()).unwrap();
        let (server, username) = (String::new(), String::new());
        let cleared = TypedAlerts { server, username, password: None, ..typed() };
        let refused = set(&told, cleared.clone()).unwrap_err();
        assert_eq!((refused.field, refused.code), ("server", "server-needed"));
        let nobody = set(&told, TypedAlerts { contacts: Vec::new(), ..cleared }).unwrap();
        assert_eq!(nobody.alerts, Alerts::NONE);
    }

    #[test]
    fn every_field_that_is_wrong_is_named() {
        let wrong = TypedAlerts {
            server: "smtp example".into(),
            security: "none".into(),
            username: "office".into(),
            sender: String::new(),
            contacts: vec![
                contact("a@b.nl", "xx"),
                contact("a@b", "nl"),
                contact("c@d.nl", "nl"),
                contact("c@d.nl", "fr"),
                TypedContact { phone: Some("06 12345678".into()), ..contact("e@f.nl", "nl") },
            ],
            ..typed()
        };
        let told = [
            ("server", "server-malformed"),
            ("security", "security-unknown"),
            ("sender", "mail-address-malformed"),
            ("contacts", "language-unknown"),
            ("contacts", "mail-address-malformed"),
            ("contacts", "contact-twice"),
            ("contacts", "number-not-e164"),
        ];
        assert_eq!(faults(&wrong, &Alerts::NONE), told);
        let many = TypedAlerts { contacts: (0..6).map(|n| contact(&format!("a{n}@b.nl"), "nl")).collect(), ..typed() };
        assert_eq!(faults(&many, &Alerts::NONE), [("contacts", "contacts-too-many")]);
    }
}
