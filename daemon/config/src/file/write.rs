//! From an office to its file.

use std::fmt::Write as _;

use super::{ExportSecrets, SecretPlace};
use crate::{
    AbuseDesk, AlertContact, Alerts, Announcement, Channels, CodecName, Dialect, Dtmf, Emergency, Handset,
    IdentityHeader, MailServer, NumberFormat, Office, Opened, Opening, OwnPermit, PhoneUsers, PremiumPrice, Retention,
    Role, Scanner, Secret, SiteAddress, Voicemail, WhenClosed,
};

/// Writes an office as a file that [`parse_office`](super::parse_office) reads back to the same office. The same office
/// gives the same text, byte for byte, as long as the encryption does.
pub fn write_office(office: &Office, secrets: ExportSecrets<'_>) -> String {
    let mut file = File { text: String::new(), secrets };
    file.identity(office);
    file.emergency(office);
    file.rights(office);
    file.alerts(office);
    file.retention(office.retention);
    file.opening(office);
    file.people(office);
    file.phones(office);
    file.trunks(office);
    file.inbound(office);
    file.ring_groups(office);
    file.conferences(office);
    file.alarm_lines(office);
    file.premium_numbers(office);
    file.contacts(office);
    file.firmware(office);
    file.text
}

struct File<'a> {
    text: String,
    secrets: ExportSecrets<'a>,
}

impl File<'_> {
    fn identity(&mut self, office: &Office) {
        let identity = &office.identity;
        self.line("[office]");
        self.key("name", &identity.name);
        self.key("country", identity.country.code());
        self.key("area_code", &identity.area_code);
        self.key("language", identity.language.code());
        self.key("time_zone", &identity.time_zone);
        if let Some(vlan) = office.phone_vlan {
            self.line(&format!("phone_vlan = {vlan}"));
        }
        if let Some(kbit) = office.line_kbit {
            self.line(&format!("line_kbit = {kbit}"));
        }
        if let Some(logo) = office.logo {
            self.line(&format!("logo = \"{logo}\"  # the picture itself is kept by the box, and is not in this file"));
        }
        self.line(&format!("dhcp_options = {}", office.dhcp_options));
        if !office.blocked_callers.is_empty() {
            self.list("blocked_callers", office.blocked_callers.iter().map(|number| number.as_str()));
        }
        if office.refuse_withheld {
            self.line("refuse_withheld = true");
        }
        if !office.rules_of_use.is_empty() {
            self.key("rules_of_use", &office.rules_of_use);
        }
        if !office.support_numbers.is_empty() {
            self.list("support_numbers", office.support_numbers.iter().map(|number| number.as_str()));
        }
        if !office.administration.is_empty() {
            let networks: Vec<String> = office.administration.iter().map(ToString::to_string).collect();
            self.list("administration_from", networks.iter().map(String::as_str));
        }
        if !office.scanners.is_empty() {
            let inline =
                |scanner: &Scanner| format!("{{ network = \"{}\", until = \"{}\" }}", scanner.network, scanner.until);
            let scanners: Vec<String> = office.scanners.iter().map(inline).collect();
            self.line(&format!("scanners = [{}]", scanners.join(", ")));
        }
        if let Some(pin) = &office.pin {
            self.secret("pin_encrypted", SecretPlace::Pin, pin);
        }
    }

    fn emergency(&mut self, office: &Office) {
        let Emergency { address, test_number } = &office.emergency;
        if address.is_none() && test_number.is_none() {
            return;
        }
        self.line("\n[emergency]");
        if let Some(SiteAddress { street, house_number, postcode, place }) = address {
            self.key("street", street);
            self.key("house_number", house_number);
            self.key("postcode", postcode);
            self.key("place", place);
        }
        if let Some(number) = test_number {
            self.key("test_number", number.as_str());
        }
    }

    fn alerts(&mut self, office: &Office) {
        let Alerts { server, contacts, digest } = &office.alerts;
        if office.alerts == Alerts::NONE {
            return;
        }
        self.line("\n[alerts]");
        if let Some(MailServer { server, security, username, password, sender }) = server {
            self.key("server", &server.to_string());
            self.key("security", security.word());
            if !username.is_empty() {
                self.key("username", username);
            }
            self.secret("password_encrypted", SecretPlace::MailServer, password);
            self.key("sender", sender.as_str());
        }
        let inline = |contact: &AlertContact| {
            let (address, language) = (quoted(contact.address.as_str()), quoted(contact.language.code()));
            let phone = contact.phone.as_ref().map(|number| format!(", phone = {}", quoted(number.as_str())));
            format!("{{ address = {address}, language = {language}{} }}", phone.unwrap_or_default())
        };
        if !contacts.is_empty() {
            let contacts: Vec<String> = contacts.iter().map(inline).collect();
            self.line(&format!("contacts = [{}]", contacts.join(", ")));
        }
        if !digest {
            self.line("digest = false");
        }
    }

    /// Only what is not as usual.
    fn retention(&mut self, retention: Retention) {
        if retention == Retention::USUAL {
            return;
        }
        self.line("\n[retention]");
        for (bounds, days) in Retention::BOUNDS.iter().zip(retention.days()) {
            self.line(&format!("{} = {days}", bounds.key));
        }
    }

    fn opening(&mut self, office: &Office) {
        let Some(opening) = &office.opening else { return };
        self.line("\n[opening]");
        for (day, pieces) in Opening::DAYS.iter().zip(&opening.week) {
            self.key(day, &Opening::written(pieces));
        }
        self.list("holidays", opening.holidays.iter().map(|holiday| holiday.word()));
        if !opening.closed_days.is_empty() {
            let days: Vec<String> = opening.closed_days.iter().map(ToString::to_string).collect();
            self.list("closed_days", days.iter().map(String::as_str));
        }
    }

    fn alarm_lines(&mut self, office: &Office) {
        for line in &office.alarm_lines {
            self.header("alarm_line");
            self.key("person", line.person.as_str());
            self.list("numbers", line.numbers.iter().map(|number| number.as_str()));
            if let Some(hours) = line.test_hours {
                self.line(&format!("test_hours = {hours}"));
            }
        }
    }

    fn premium_numbers(&mut self, office: &Office) {
        for own in &office.premium_numbers {
            self.header("premium_number");
            self.key("number", own.number.as_str());
            self.key("line", own.line.as_str());
            self.key("owner", &own.owner);
            self.line(&price(own.price));
            let statement = |one: &Announcement| {
                format!("{{ on = \"{}\", by = {}, {} }}", one.on, quoted(&one.by), price(one.price))
            };
            if !own.announced.is_empty() {
                let statements: Vec<String> = own.announced.iter().map(statement).collect();
                self.line(&format!("announced = [{}]", statements.join(", ")));
            }
            self.line(&format!("active = {}", own.active));
        }
    }

    fn people(&mut self, office: &Office) {
        for person in &office.people {
            self.header("person");
            self.key("number", person.number.as_str());
            self.key("name", &person.name);
            self.secret("sip_password_encrypted", SecretPlace::Person(&person.number), &person.sip_password);
            self.permit(&person.permit);
            if let Some(Voicemail { after_seconds }) = person.voicemail {
                self.line(&format!("voicemail = {{ after_seconds = {after_seconds} }}"));
            }
            if let Some(forward) = &person.forward {
                self.key("forward", forward.as_str());
            }
            if let Some(word) = person.role.word().filter(|_| person.role != Role::Ordinary) {
                self.key("role", word);
            }
        }
    }

    fn rights(&mut self, office: &Office) {
        for group in &office.rights {
            self.header("rights");
            self.key("name", &group.name);
            self.key("calls", group.reach.word());
            self.line(&format!("premium = {}", group.premium));
        }
    }

    /// What was decided for a person of what may be called.
    fn permit(&mut self, permit: &OwnPermit) {
        if let Some(name) = &permit.rights {
            self.key("rights", name);
        }
        if let Some(reach) = permit.reach {
            self.key("calls", reach.word());
        }
        if let Some(premium) = permit.premium {
            self.line(&format!("premium = {premium}"));
        }
        if !permit.opened.is_empty() {
            let inline = |opened: &Opened| {
                format!("{{ prefix = {}, until = {} }}", quoted(&opened.prefix), quoted(&opened.until.to_string()))
            };
            let opened: Vec<String> = permit.opened.iter().map(inline).collect();
            self.line(&format!("opened = [{}]", opened.join(", ")));
        }
    }

    fn phones(&mut self, office: &Office) {
        for phone in &office.phones {
            self.header("phone");
            self.key("mac", &phone.mac.to_string());
            self.key("model", &phone.model);
            match &phone.users {
                PhoneUsers::Person(person) => self.key("person", person.as_str()),
                PhoneUsers::Handsets(handsets) => self.handsets(handsets),
            }
            if phone.modules > 0 {
                self.line(&format!("modules = {}", phone.modules));
            }
            if phone.unencrypted {
                self.line("unencrypted = true");
            }
            if !phone.room.is_empty() {
                self.key("room", &phone.room);
            }
        }
    }

    fn handsets(&mut self, handsets: &[Handset]) {
        let model = |model: &str| if model.is_empty() { String::new() } else { format!(", model = {}", quoted(model)) };
        let mut next = 1;
        let inline = |handset: &Handset| {
            let place = if handset.place == next { String::new() } else { format!(", place = {}", handset.place) };
            next = handset.place.saturating_add(1);
            format!("{{ person = {}{}{place} }}", quoted(handset.person.as_str()), model(&handset.model))
        };
        let handsets: Vec<String> = handsets.iter().map(inline).collect();
        self.line(&format!("handsets = [{}]", handsets.join(", ")));
    }

    fn trunks(&mut self, office: &Office) {
        for trunk in &office.trunks {
            self.header("trunk");
            self.key("name", &trunk.name);
            self.key("server", &trunk.server.to_string());
            self.key("transport", trunk.transport.word());
            self.key("username", &trunk.username);
            self.secret("password_encrypted", SecretPlace::Trunk(&trunk.name), &trunk.password);
            self.line(&format!("register = {}", trunk.register));
            self.list("numbers", trunk.numbers.iter().map(|number| number.as_str()));
            if trunk.channels.account != Channels::default().account {
                self.line(&format!("channels = {}", trunk.channels.account));
            }
            if let Some(number) = trunk.channels.number {
                self.line(&format!("channels_per_number = {number}"));
            }
            self.dialect(&trunk.dialect);
            if let Some(AbuseDesk { name, address, answer_days }) = &trunk.abuse {
                let (name, address) = (quoted(name), quoted(address.as_str()));
                self.line(&format!("abuse = {{ name = {name}, address = {address}, answer_days = {answer_days} }}"));
            }
        }
    }

    /// Only what is not as usual.
    fn dialect(&mut self, dialect: &Dialect) {
        if dialect.identity != IdentityHeader::default() {
            self.key("identity", dialect.identity.word());
        }
        if dialect.numbers_as != NumberFormat::default() {
            self.key("numbers_as", dialect.numbers_as.word());
        }
        if let Some(proxy) = &dialect.outbound_proxy {
            self.key("outbound_proxy", &proxy.to_string());
        }
        if let Some(srtp) = dialect.srtp {
            self.key("srtp", srtp.word());
        }
        if !dialect.codecs.is_empty() {
            self.list("codecs", dialect.codecs.iter().map(CodecName::as_str));
        }
        if !dialect.preferred_for.is_empty() {
            self.list("preferred_for", dialect.preferred_for.iter().map(|kind| kind.word()));
        }
        if dialect.location {
            self.line("location = true");
        }
        if dialect.gateway {
            self.line("gateway = true");
        }
        if dialect.dtmf != Dtmf::default() {
            self.key("dtmf", dialect.dtmf.word());
        }
        if !dialect.heard_from.is_empty() {
            let sources: Vec<String> = dialect.heard_from.iter().map(ToString::to_string).collect();
            self.list("heard_from", sources.iter().map(String::as_str));
        }
    }

    fn inbound(&mut self, office: &Office) {
        for inbound in &office.inbound {
            self.header("inbound");
            self.key("number", inbound.number.as_str());
            self.key("to", inbound.to.as_str());
            if let Some(WhenClosed { to, voicemail }) = &inbound.closed {
                self.key("closed_to", to.as_str());
                if *voicemail {
                    self.line("closed_to_voicemail = true");
                }
            }
        }
    }

    fn ring_groups(&mut self, office: &Office) {
        for group in &office.ring_groups {
            self.header("ring_group");
            self.key("number", group.number.as_str());
            self.key("name", &group.name);
            self.list("members", group.members.iter().map(|number| number.as_str()));
        }
    }

    fn conferences(&mut self, office: &Office) {
        for room in &office.conferences {
            self.header("conference");
            self.key("number", room.number.as_str());
            self.key("name", &room.name);
            if let Some(pin) = &room.pin {
                self.secret("pin_encrypted", SecretPlace::Conference(&room.number), pin);
            }
            if room.outside {
                self.line("outside = true");
            }
        }
    }

    fn contacts(&mut self, office: &Office) {
        for contact in &office.contacts {
            self.header("contact");
            self.key("name", &contact.name);
            if !contact.company.is_empty() {
                self.key("company", &contact.company);
            }
            self.list("numbers", contact.numbers.iter().map(|number| number.as_str()));
        }
    }

    fn firmware(&mut self, office: &Office) {
        for firmware in &office.firmware {
            self.header("firmware");
            self.list("models", firmware.models.iter().map(String::as_str));
            self.key("version", &firmware.version);
            self.key("file", &firmware.file);
            self.key("sha256", &firmware.sha256.to_string());
        }
    }

    fn secret(&mut self, key: &str, place: SecretPlace<'_>, secret: &Secret) {
        if let ExportSecrets::Encrypted(encrypt) = self.secrets
            && !secret.reveal().is_empty()
        {
            self.key(key, &encrypt(place, secret));
        }
    }

    fn header(&mut self, table: &str) {
        self.line(&format!("\n[[{table}]]"));
    }

    fn key(&mut self, key: &str, value: &str) {
        self.line(&format!("{key} = {}", quoted(value)));
    }

    fn list<'v>(&mut self, key: &str, values: impl Iterator<Item = &'v str>) {
        let values: Vec<String> = values.map(quoted).collect();
        self.line(&format!("{key} = [{}]", values.join(", ")));
    }

    fn line(&mut self, line: &str) {
        self.text.push_str(line);
        self.text.push('\n');
    }
}

fn price(price: PremiumPrice) -> String {
    match price {
        PremiumPrice::PerMinute(cents) => format!("cents_per_minute = {cents}"),
        PremiumPrice::PerCall(cents) => format!("cents_per_call = {cents}"),
    }
}

/// A TOML basic string: on one line, whatever is in it.
fn quoted(value: &str) -> String {
    let mut text = String::from('"');
    for character in value.chars() {
        match character {
            '"' | '\\' => text.extend(['\\', character]),
            _ if character.is_control() => {
                write!(text, "\\u{:04X}", u32::from(character)).expect("a String can be written to");
            }
            _ => text.push(character),
        }
    }
    text.push('"');
    text
}
