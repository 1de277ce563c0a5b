use super::*;
use crate::{
    Alerts, Contact, Country, Date, Dialect, Emergency, IdentityHeader, Language, NumberFormat, NumberKind, Office,
    PhoneUsers, Server, Voicemail, WhenClosed,
};

mod any_office;

const BAKERY: &str = r#"[office]
name = "Bakkerij Jansen"
country = "NL"
area_code = "020"
language = "nl"
time_zone = "Europe/Amsterdam"

[[person]]
number = "201"
name = "Anna"
sip_password = "correct-horse-battery"

[[person]]
number = "202"
name = "Bert"

[[phone]]
mac = "80:5E:C0:AA:BB:CC"
model = "T54W"
person = "201"

[[trunk]]
name = "provider"
server = "sip.example.net"
transport = "udp"
username = "office"
password = "provider secret"
register = true
numbers = ["+31201234567"]

[[inbound]]
number = "+31201234567"
to = "250"

[[ring_group]]
number = "250"
name = "Shop"
members = ["201", "202"]
"#;

/// Encryption for tests: reversible, bound to its place, and unlike the clear text.
fn seal(place: SecretPlace<'_>, secret: &Secret) -> String {
    let body: String = secret.reveal().chars().rev().collect();
    format!("{place}|{body}")
}

fn unseal(place: SecretPlace<'_>, sealed: &str) -> Option<Secret> {
    let body = sealed.strip_prefix(&format!("{place}|"))?;
    Some(Secret::new(body.chars().rev().collect::<String>()))
}

fn read(text: &str) -> Result<Draft, Vec<Refusal>> {
    parse_office(text, &unseal)
}

fn settled(text: &str) -> Office {
    read(text).unwrap().settle(None, &mut || Secret::new("generated-0123456789"))
}

/// Line, key and code of each refusal.
fn refusals(text: &str) -> Vec<(usize, String, &'static str)> {
    read(text).unwrap_err().into_iter().map(|refusal| (refusal.line, refusal.key, refusal.code)).collect()
}

fn refusal(text: &str) -> (usize, String, &'static str) {
    let mut all = refusals(text);
    assert_eq!(all.len(), 1, "{all:?}");
    all.remove(0)
}

#[test]
fn an_office_file_becomes_an_office() {
    let office = settled(BAKERY);
    assert_eq!(office.identity.name, "Bakkerij Jansen");
    assert_eq!(office.identity.country, Country::Netherlands);
    assert_eq!(office.people[0].sip_password.reveal(), "correct-horse-battery");
    assert_eq!(office.people[1].sip_password.reveal(), "generated-0123456789");
    assert_eq!(office.phones[0].mac.to_string(), "805ec0aabbcc");
    assert_eq!(office.trunks[0].server, Server { host: "sip.example.net".into(), port: None });
    assert_eq!(office.inbound[0].to.as_str(), "250");
    assert_eq!(office.ring_groups[0].members.len(), 2);
}

#[test]
fn a_conference_room_keeps_its_pin_sealed_and_lets_nobody_in_from_outside_by_itself() {
    let text = format!("{BAKERY}[[conference]]\nnumber = \"600\"\nname = \"Board\"\npin = \"4711\"\noutside = true\n");
    let office = settled(&text);
    let closed = settled(&text.replace("outside = true\n", ""));
    assert!(office.conferences[0].outside && !closed.conferences[0].outside);
    let exported = write_office(&office, ExportSecrets::Encrypted(&seal));
    assert!(exported.contains("pin_encrypted") && !exported.contains("4711"), "{exported}");
    assert!(!write_office(&closed, ExportSecrets::Omitted).contains("pin"));
    let without = read(&text.replace("pin = \"4711\"\noutside = true\n", "")).unwrap();
    assert!(!without.settle(Some(&office), &mut || Secret::new("generated-0123456789")).conferences[0].opens_with(""));
    assert_eq!(refusal(&text.replace("4711", "1234")), (42, "conference.pin".into(), "pin-weak"));
    let inbound = text.replace("to = \"250\"", "to = \"600\"");
    assert_eq!(settled(&inbound).inbound[0].to.as_str(), "600");
    assert_eq!(refusal(&inbound.replace("outside = true\n", "")).2, "room-closed");
}

#[test]
fn a_room_that_has_a_pin_keeps_it_when_a_file_opens_it_and_one_that_has_none_is_not_opened() {
    let room = "[[conference]]\nnumber = \"600\"\nname = \"Board\"\n";
    let known = settled(&format!("{BAKERY}{room}pin = \"4711\"\n"));
    let opens = format!("{BAKERY}{room}outside = true\n").replace("to = \"250\"", "to = \"600\"");
    let generate = &mut || Secret::new("generated-0123456789");
    let opened = read(&opens).unwrap().check_pins(Some(&known)).unwrap().settle(Some(&known), generate);
    assert!(opened.conferences[0].outside && opened.conferences[0].opens_with("4711"));
    assert!(!opened.conferences[0].opens_with(""));
    assert_eq!(opened.inbound[0].to.as_str(), "600");
    for previous in [None, Some(&settled(BAKERY)), Some(&settled(&format!("{BAKERY}{room}")))] {
        let refusals = read(&opens).unwrap().check_pins(previous).unwrap_err();
        let refused: Vec<_> = refusals.iter().map(|refusal| (refusal.line, &*refusal.key, refusal.code)).collect();
        assert_eq!(refused, [(39, "conference.pin", "pin-needed")]);
    }
}

#[test]
fn a_trunk_says_how_its_provider_wants_to_be_spoken_to() {
    let with = |keys: &str| BAKERY.replace("register = true\n", &format!("register = true\n{keys}\n"));
    assert_eq!(settled(BAKERY).trunks[0].dialect, Dialect::default());
    let keys = "identity = \"p-preferred\"\nnumbers_as = \"national\"\noutbound_proxy = \"proxy.example.net:5070\"\n\
                codecs = [\"G722\", \"PCMA\"]\npreferred_for = [\"mobile\"]";
    let dialect = settled(&with(keys)).trunks[0].dialect.clone();
    assert_eq!((dialect.identity, dialect.numbers_as), (IdentityHeader::PPreferred, NumberFormat::National));
    assert_eq!(dialect.outbound_proxy.map(|proxy| proxy.to_string()).as_deref(), Some("proxy.example.net:5070"));
    assert_eq!((dialect.codecs.len(), dialect.preferred_for), (2, vec![NumberKind::Mobile]));
    for (keys, key, code) in [
        ("identity = \"pai\"", "trunk.identity", "dialect-unknown"),
        ("dtmf = \"inband\"", "trunk.dtmf", "dialect-unknown"),
        ("numbers_as = \"31\"", "trunk.numbers_as", "dialect-unknown"),
        ("outbound_proxy = \"sip:x\"", "trunk.outbound_proxy", "server-malformed"),
        ("srtp = \"sometimes\"", "trunk.srtp", "dialect-unknown"),
        ("srtp = \"require\"", "trunk.srtp", "srtp-needs-tls"),
        ("codecs = [\"G 722\"]", "trunk.codecs", "dialect-unknown"),
        ("codecs = [\"A\",\"B\",\"C\",\"D\",\"E\",\"F\",\"G\",\"H\",\"I\"]", "trunk.codecs", "codecs-too-many"),
        ("preferred_for = [\"abroad\"]", "trunk.preferred_for", "dialect-unknown"),
        ("heard_from = [\"sip.example.net\"]", "trunk.heard_from", "source-malformed"),
        ("heard_from = [\"203.0.113.0/28\", \"198.51.100.0/23\"]", "trunk.heard_from", "source-too-wide"),
        ("heard_from = [\"192.168.1.0/24\"]", "trunk.heard_from", "source-not-public"),
    ] {
        assert_eq!(refusal(&with(keys)), (29, key.to_owned(), code), "{keys}");
    }
}

#[test]
fn a_134_the_networks_of_administration_are_read_written_and_refused_by_name() {
    let with = |keys: &str| BAKERY.replace("language = \"nl\"\n", &format!("language = \"nl\"\n{keys}\n"));
    assert!(settled(BAKERY).administration.is_empty());
    let office = settled(&with("administration_from = [\"192.168.1.9/24\", \"10.8.0.1\"]"));
    let networks: Vec<String> = office.administration.iter().map(ToString::to_string).collect();
    assert_eq!(networks, ["10.8.0.1/32", "192.168.1.0/24"]);
    let many = format!("administration_from = [{}]", "\"10.0.0.1\", ".repeat(33));
    for (keys, code) in
        [("administration_from = [\"the office\"]", "network-malformed"), (many.as_str(), "networks-too-many")]
    {
        assert_eq!(refusal(&with(keys)), (6, "office.administration_from".to_owned(), code), "{keys}");
    }
}

#[test]
fn scanners_are_read_written_and_refused_by_name() {
    let with = |keys: &str| BAKERY.replace("language = \"nl\"\n", &format!("language = \"nl\"\n{keys}\n"));
    let line = |network: &str, until: &str| format!("scanners = [{{ network = \"{network}\", until = \"{until}\" }}]");
    let office = settled(&with(&line("192.168.1.66", "2026-12-20")));
    let named: Vec<String> =
        office.scanners.iter().map(|scanner| format!("{} {}", scanner.network, scanner.until)).collect();
    assert_eq!(named, ["192.168.1.66/32 2026-12-20"]);
    for (network, until, code) in [
        ("the office", "2026-12-20", "network-malformed"),
        ("10.0.0.0/8", "2026-12-20", "source-too-wide"),
        ("192.168.1.66", "next week", "date-malformed"),
    ] {
        assert_eq!(refusal(&with(&line(network, until))).2, code, "{network} {until}");
    }
}

#[test]
fn callers_are_blocked_in_any_usual_spelling_and_help_cannot_be() {
    let with = |keys: &str| BAKERY.replace("language = \"nl\"\n", &format!("language = \"nl\"\n{keys}\n"));
    let office = settled(&with("blocked_callers = [\"06 12 34 56 78\", \"+32 2 123 45 67\"]\nrefuse_withheld = true"));
    let blocked: Vec<_> = office.blocked_callers.iter().map(|number| number.as_str()).collect();
    assert_eq!((blocked, office.refuse_withheld), (vec!["+31612345678", "+3221234567"], true));
    for (keys, code) in [
        ("blocked_callers = [\"112\"]", "number-reserved-emergency"),
        ("blocked_callers = [\"201\"]", "number-internal"),
        ("blocked_callers = [\"everybody\"]", "number-unreadable"),
    ] {
        assert_eq!(refusal(&with(keys)), (6, "office.blocked_callers".to_owned(), code), "{keys}");
    }
}

#[test]
fn an_office_says_where_help_is_to_come_and_which_number_proves_the_way_out() {
    let with = |keys: &str| format!("{BAKERY}\n[emergency]\n{keys}\n");
    assert_eq!(settled(BAKERY).emergency, Emergency::default());
    let whole = "street = \"Damstraat\"\nhouse_number = \"12\"\npostcode = \"1012jm\"\nplace = \"Amsterdam\"";
    let emergency = settled(&with(&format!("{whole}\ntest_number = \"020 765 43 21\""))).emergency;
    let address = emergency.address.unwrap();
    assert_eq!((&*address.street, &*address.house_number), ("Damstraat", "12"));
    assert_eq!((&*address.postcode, &*address.place), ("1012 JM", "Amsterdam"));
    assert_eq!(emergency.test_number.unwrap().as_str(), "+31207654321");
    for (keys, key, code) in [
        ("test_number = \"112\"", "test_number", "number-reserved-emergency"),
        ("test_number = \"0031112\"", "test_number", "number-reserved-emergency"),
        ("test_number = \"201\"", "test_number", "number-internal"),
        ("test_number = \"0906 1234\"", "test_number", "number-costs-extra"),
        ("test_number = \"somewhere\"", "test_number", "number-unreadable"),
        (&*whole.replace("1012jm", "10 JM"), "postcode", "postcode-malformed"),
        (&*whole.replace("\"12\"", "\"twelve\""), "house_number", "house-number-malformed"),
        (&*whole.replace("place = \"Amsterdam\"", ""), "place", "address-incomplete"),
        ("telephone = \"020\"", "telephone", "key-unknown"),
    ] {
        let (_, at, told) = refusal(&with(keys));
        assert_eq!((at, told), (format!("emergency.{key}"), code), "{keys}");
    }
}

#[test]
fn an_office_says_whom_to_tell_by_mail_and_its_password_is_written_encrypted() {
    let with = |keys: &str| format!("{BAKERY}\n[alerts]\n{keys}\n");
    assert_eq!(settled(BAKERY).alerts, Alerts::NONE);
    let whole = "server = \"smtp.example.net\"\nusername = \"office@example.net\"\npassword = \"mail secret\"\n\
        contacts = [{ address = \"owner@example.org\" }]";
    let office = settled(&with(whole));
    assert_eq!((office.alerts.contacts.len(), office.alerts.digest), (1, true));
    let file = write_office(&office, ExportSecrets::Encrypted(&seal));
    assert!(file.contains("alerts/password|terces liam") && !file.contains("mail secret"), "{file}");
    assert_eq!(settled(&file).alerts, office.alerts);
    let stolen = file.replace("alerts/password|", "trunk/provider/password|");
    for (text, key, code) in [
        (with(&whole.replace("password = \"mail secret\"", "")), "password", "password-needed"),
        (with(&whole.replace("owner@", "owner\\r\\n@")), "contacts", "mail-address-malformed"),
        (with("telephone = \"020\""), "telephone", "key-unknown"),
        (stolen, "password_encrypted", "password-unreadable"),
    ] {
        let (_, at, told) = refusal(&text);
        assert_eq!((at, told), (format!("alerts.{key}"), code), "{text}");
    }
}

#[test]
fn a_base_has_a_person_per_handset() {
    let base = |handsets: &str| {
        let office = &BAKERY[..BAKERY.find("[[phone]]").unwrap()];
        format!("{office}[[phone]]\nmac = \"805ec0000060\"\nmodel = \"W60B\"\nhandsets = {handsets}\n")
    };
    let office = settled(&base(r#"[{ person = "202", model = "W56H" }, { person = "201" }]"#));
    let people: Vec<&str> = office.phones[0].people().map(crate::ExtensionNumber::as_str).collect();
    assert_eq!(people, ["202", "201"], "in the order of its accounts");
    let eleven = format!("[{}]", r#"{ person = "201" }, "#.repeat(11));
    for (handsets, key, code) in [
        ("[]", "phone.handsets", "handsets-empty"),
        (r#"[{ person = "299" }]"#, "phone.handsets", "unknown-person"),
        (r#"[{ person = "201" }, { person = "201" }]"#, "phone.handsets", "handset-twice"),
        (r#"["201"]"#, "phone.handsets", "wrong-type"),
        (r#""201""#, "phone.handsets", "wrong-type"),
        (r#"[{ person = "201", colour = "red" }]"#, "phone.colour", "key-unknown"),
        ("[{ person = \"201\" }]\nperson = \"201\"", "phone.person", "person-and-handsets"),
        (&eleven, "phone.handsets", "handsets-too-many"),
        (r#"[{ person = "201", place = 0 }]"#, "phone.place", "handset-place-out-of-range"),
        (r#"[{ person = "201", place = 11 }]"#, "phone.place", "handset-place-out-of-range"),
        (r#"[{ person = "201", place = 65537 }]"#, "phone.place", "handset-place-out-of-range"),
        (r#"[{ person = "201", place = "1" }]"#, "phone.place", "wrong-type"),
        (r#"[{ person = "201", place = 10 }, { person = "202" }]"#, "phone.handsets", "handset-place-out-of-range"),
        (r#"[{ person = "201", place = 2 }, { person = "202", place = 2 }]"#, "phone.handsets", "handset-place-taken"),
        (r#"[{ person = "201" }, { person = "202", place = 1 }]"#, "phone.handsets", "handset-place-taken"),
    ] {
        let all = refusals(&base(handsets));
        assert!(all.iter().any(|(line, at, why)| *line > 14 && at == key && *why == code), "{handsets}: {all:?}");
    }
}

#[test]
fn a_handset_keeps_the_place_that_is_written_and_else_follows_the_one_before_it() {
    let places = |handsets: &str| -> Vec<(u8, String)> {
        let office = &BAKERY[..BAKERY.find("[[phone]]").unwrap()];
        let base = format!("[[phone]]\nmac = \"805ec0000060\"\nmodel = \"W60B\"\nhandsets = {handsets}\n");
        let office = settled(&format!("{office}{base}"));
        let PhoneUsers::Handsets(handsets) = &office.phones[0].users else { panic!("a base has handsets") };
        let told = handsets.iter().map(|handset| (handset.place, handset.person.to_string())).collect();
        let written = write_office(&office, ExportSecrets::Encrypted(&seal));
        assert_eq!(settled(&written), office, "{written}");
        told
    };
    for (handsets, told) in [
        (r#"[{ person = "201" }, { person = "202" }]"#, [(1, "201"), (2, "202")]),
        (r#"[{ person = "201", place = 1 }, { person = "202", place = 2 }]"#, [(1, "201"), (2, "202")]),
        (r#"[{ person = "201" }, { person = "202", place = 3 }]"#, [(1, "201"), (3, "202")]),
        (r#"[{ person = "201", place = 4 }, { person = "202" }]"#, [(4, "201"), (5, "202")]),
        (r#"[{ person = "201", place = 10 }, { person = "202", place = 2 }]"#, [(2, "202"), (10, "201")]),
    ] {
        assert_eq!(places(handsets), told.map(|(place, person)| (place, person.to_owned())), "{handsets}");
    }
}

#[test]
fn handsets_that_a_model_cannot_have_are_refused_by_line() {
    let people = |count: u16| (0..count).map(|at| format!("[[person]]\nnumber = \"{}\"\nname = \"P\"\n", 300 + at));
    let file = |model: &str, count: u16| {
        let handsets: Vec<String> = (0..count).map(|at| format!("{{ person = \"{}\" }}", 300 + at)).collect();
        let office = &BAKERY[..BAKERY.find("[[phone]]").unwrap()];
        let base =
            format!("[[phone]]\nmac = \"805ec0000060\"\nmodel = \"{model}\"\nhandsets = [{}]\n", handsets.join(", "));
        format!("{office}{base}{}", people(count).collect::<String>())
    };
    let most = |model: &str| match model {
        "W60B" => Some(8),
        "T54W" => Some(0),
        _ => None,
    };
    let check = |text: &str| parse_office(text, &unseal).unwrap().check_models(most);
    for (model, count, code) in
        [("W60B", 9, "handsets-too-many"), ("W60B", 10, "handsets-too-many"), ("T54W", 1, "not-a-base")]
    {
        let text = file(model, count);
        let line = 1 + text.lines().position(|line| line.starts_with("handsets")).unwrap();
        let refusals = check(&text).unwrap_err();
        let said: Vec<_> = refusals.iter().map(|one| (one.line, one.key.as_str(), one.code)).collect();
        assert_eq!(said, [(line, "phone.handsets", code)], "{model} with {count}");
        assert!(refusals[0].reason.contains(model), "{}", refusals[0]);
    }
    let ninth = file("W60B", 2).replace(r#"{ person = "301" }"#, r#"{ person = "301", place = 9 }"#);
    let refusals = check(&ninth).unwrap_err();
    let reason = "a W60B has handsets 1 to 8; 301 has place 9";
    assert_eq!((refusals[0].code, refusals[0].reason.as_str()), ("handset-place-out-of-range", reason));
    for (model, count) in [("W60B", 8), ("W99X", 10)] {
        check(&file(model, count)).unwrap();
    }
}

#[test]
fn firmware_for_a_model_that_nobody_knows_is_refused_by_line() {
    let pin = "0".repeat(64);
    let firmware = |model: &str| {
        format!("[[firmware]]\nmodels = [{model}]\nversion = \"1\"\nfile = \"a.rom\"\nsha256 = \"{pin}\"\n")
    };
    let known = |model: &str| (model == "T54W").then_some(0);
    let check = |text: &str| parse_office(text, &unseal).unwrap().check_models(known);
    check(&format!("{BAKERY}{}", firmware("\"T54W\""))).unwrap();
    let refused = check(&format!("{BAKERY}{}", firmware("\"T54W\", \"T45W\""))).unwrap_err();
    assert_eq!((refused.len(), refused[0].line, refused[0].code), (1, 40, "unknown-model"));
    assert!(refused[0].reason.contains("T45W"), "{}", refused[0]);
}

#[test]
fn a_contact_has_its_numbers_as_people_write_them_and_keeps_them_as_they_are_dialled() {
    let contact = |rest: &str| format!("{BAKERY}[[contact]]\nname = \"Piet\"\n{rest}\n");
    let office = settled(&contact(
        r#"company = "De Molen"
numbers = ["020 765 43 21", "0032 2 123 45 67", "14 020", "(06) 1234-5678"]"#,
    ));
    let numbers: Vec<&str> = office.contacts[0].numbers.iter().map(|number| number.as_str()).collect();
    assert_eq!(numbers, ["+31207654321", "+3221234567", "14020", "+31612345678"]);
    assert_eq!(office.contacts[0].label(), "Piet (De Molen)");
    for (rest, line, key, code) in [
        ("numbers = [\"112\"]", 41, "contact.numbers", "number-reserved-emergency"),
        ("numbers = [\"+31 112\"]", 41, "contact.numbers", "number-reserved-emergency"),
        ("numbers = [\"201\"]", 41, "contact.numbers", "number-internal"),
        ("numbers = [\"ask Anna\"]", 41, "contact.numbers", "number-unreadable"),
        ("numbers = [\"0207654321\", \"1600 020\"]", 41, "contact.numbers", "number-unreadable"),
        ("numbers = []", 41, "contact.numbers", "numbers-empty"),
        ("", 39, "contact.numbers", "key-missing"),
        ("numbers = \"0207654321\"", 41, "contact.numbers", "wrong-type"),
        ("numbers = [\"020 765 43 21\", \"+31207654321\"]", 41, "contact.numbers", "contact-number-taken"),
        ("company = \"a\\u202eb\"\nnumbers = [\"0207654321\"]", 41, "contact.company", "name-malformed"),
        ("numbers = [\"0207654321\"]\nmobile = \"0612345678\"", 42, "contact.mobile", "key-unknown"),
    ] {
        assert_eq!(refusal(&contact(rest)), (line, key.to_owned(), code), "{rest}");
    }
    let six: Vec<String> = (0..6).map(|last| format!("\"020765432{last}\"")).collect();
    let six = contact(&format!("numbers = [{}]", six.join(", ")));
    assert_eq!(refusal(&six), (41, "contact.numbers".to_owned(), "numbers-too-many"));
    let twins = contact("numbers = [\"0207654321\"]\n[[contact]]\nname = \"Jan\"\nnumbers = [\"+31 20 7654321\"]");
    assert_eq!(refusal(&twins), (44, "contact.numbers".to_owned(), "contact-number-taken"));
}

#[test]
fn firmware_is_a_file_with_its_pin_for_models_that_have_no_other() {
    let pin = "0123456789abcdef".repeat(4);
    let entry = |models: &str, version: &str, file: &str, sha256: &str| {
        format!("[[firmware]]\nmodels = {models}\nversion = \"{version}\"\nfile = \"{file}\"\nsha256 = \"{sha256}\"\n")
    };
    let good = entry("[\"T54W\", \"T53W\"]", "96.86.0.100", "T54W-96.86.0.100.rom", &pin.to_uppercase());
    let office = settled(&format!("{BAKERY}{good}"));
    assert_eq!(office.firmware("t53w").unwrap().sha256.to_string(), pin);
    assert_eq!(office.firmware("T57W"), None);
    for (text, line, key, code) in [
        (entry("[]", "1", "a.rom", &pin), 40, "firmware.models", "models-empty"),
        (entry("[\"T54W\", \"t54w\"]", "1", "a.rom", &pin), 40, "firmware.models", "model-taken"),
        (entry("[\"T54W\"]", "", "a.rom", &pin), 41, "firmware.version", "version-malformed"),
        (entry("[\"T54W\"]", "1", "../a.rom", &pin), 42, "firmware.file", "file-malformed"),
        (entry("[\"T54W\"]", "1", "a b.rom", &pin), 42, "firmware.file", "file-malformed"),
        (entry("[\"T54W\"]", "1", ".rom", &pin), 42, "firmware.file", "file-malformed"),
        (entry("[\"T54W\"]", "1", "device.key", &pin), 42, "firmware.file", "file-malformed"),
        (entry("[\"T54W\"]", "1", "a.rom", &pin[1..]), 43, "firmware.sha256", "sha256-malformed"),
        (entry("[\"T54W\"]", "1", "a.rom", &pin.replace('a', "g")), 43, "firmware.sha256", "sha256-malformed"),
        (entry("[\"T54W\"]", "1", "a.rom", &pin) + "url = \"x\"\n", 44, "firmware.url", "key-unknown"),
        (
            "[[firmware]]\nmodels = [\"T54W\"]\nversion = \"1\"\nfile = \"a.rom\"\n".into(),
            39,
            "firmware.sha256",
            "key-missing",
        ),
    ] {
        assert_eq!(refusal(&format!("{BAKERY}{text}")), (line, key.to_owned(), code), "{text}");
    }
}

#[test]
fn what_the_box_kept_is_read_back_although_the_plan_of_now_has_no_such_contact() {
    let kept = |number: &str| {
        let text = format!("{BAKERY}[[contact]]\nname = \"Piet\"\nnumbers = [\"{number}\"]\n");
        (refusal(&text).2, parse_kept_office(&text, &unseal))
    };
    for (number, code) in [
        ("112", "number-reserved-emergency"),
        ("201", "number-internal"),
        ("1600020", "number-unreadable"),
        ("+31112", "number-reserved-emergency"),
    ] {
        let (told, draft) = kept(number);
        assert_eq!(told, code, "{number} in a file that somebody hands in");
        let office = draft.unwrap().settle(None, &mut || Secret::new("generated-0123456789"));
        assert_eq!(office.contacts[0].numbers[0].as_str(), number, "as it stands");
    }
    let (told, draft) = kept("ask Anna");
    let refused: Vec<&str> = draft.unwrap_err().iter().map(|one| one.code).collect();
    assert_eq!((told, refused), ("number-unreadable", vec!["number-unreadable"]), "which is no number at all");
}

#[test]
fn as_many_contacts_as_there_may_be_are_written_and_read_back_and_one_more_is_refused() {
    let mut office = settled(BAKERY);
    let long = |number: usize| format!("{number:04}{}", "😀".repeat(60));
    let numbers = |first: usize| (0..5).map(|last| format!("+4930123{first:04}{last}").parse().unwrap()).collect();
    let contact = |first| Contact { name: long(first), company: "日".repeat(64), numbers: numbers(first) };
    office.contacts = (0..2000).map(contact).collect();
    let file = write_office(&office, ExportSecrets::Encrypted(&seal));
    assert_eq!(settled(&file), office);
    let more = format!("{file}[[contact]]\nname = \"One\"\nnumbers = [\"+49302222222\"]\n");
    assert_eq!(refusal(&more), (more.lines().count() - 1, "contact.name".to_owned(), "contacts-too-many"));
}

#[test]
fn an_office_may_have_a_vlan_for_its_phones() {
    let with = |vlan: &str| BAKERY.replace("language = \"nl\"\n", &format!("language = \"nl\"\nphone_vlan = {vlan}\n"));
    assert_eq!(settled(BAKERY).phone_vlan, None);
    assert_eq!(settled(&with("20")).phone_vlan, Some(20));
    for vlan in ["0", "4095", "70000"] {
        assert_eq!(refusal(&with(vlan)), (6, "office.phone_vlan".to_owned(), "vlan-out-of-range"));
    }
}

#[test]
fn the_offices_pin_is_written_encrypted_and_one_that_is_guessed_first_is_refused_and_not_repeated() {
    let with = |pin: &str| BAKERY.replacen("[office]\n", &format!("[office]\npin = \"{pin}\"\n"), 1);
    let office = settled(&with("830264"));
    assert_eq!(office.pin.as_ref().map(Secret::reveal), Some("830264"));
    let file = write_office(&office, ExportSecrets::Encrypted(&seal));
    assert!(file.contains("office/pin|462038") && !file.contains("830264"), "{file}");
    for (pin, code) in [
        ("83026", "pin-malformed"),
        ("83026483026", "pin-malformed"),
        ("83026a", "pin-malformed"),
        ("123456", "pin-weak"),
        ("876543", "pin-weak"),
        ("000000", "pin-weak"),
        ("121212", "pin-weak"),
        ("482482", "pin-weak"),
    ] {
        let refusals = read(&with(pin)).unwrap_err();
        assert_eq!((refusals[0].key.as_str(), refusals[0].code), ("office.pin", code), "{pin}");
        assert!(!format!("{refusals:?}").contains(pin));
    }
}

#[test]
fn a_phone_calls_with_encryption_unless_the_file_says_otherwise() {
    let with = |word: &str| BAKERY.replace("model = \"T54W\"\n", &format!("model = \"T54W\"\n{word}"));
    for (word, unencrypted) in [("", false), ("unencrypted = false\n", false), ("unencrypted = true\n", true)] {
        assert_eq!(settled(&with(word)).phones[0].unencrypted, unencrypted, "{word}");
    }
    assert_eq!(refusal(&with("unencrypted = 1\n")), (20, "phone.unencrypted".to_owned(), "wrong-type"));
}

#[test]
fn modules_are_counted_where_they_are_plugged_in() {
    let with =
        |modules: &str| BAKERY.replace("model = \"T54W\"\n", &format!("model = \"T54W\"\nmodules = {modules}\n"));
    assert_eq!(settled(&with("2")).phones[0].modules, 2);
    for (modules, code) in [("7", "modules-out-of-range"), ("-1", "modules-out-of-range"), ("\"2\"", "wrong-type")] {
        assert_eq!(refusal(&with(modules)), (20, "phone.modules".to_owned(), code));
    }
}

#[test]
fn a_mailbox_is_had_by_who_says_so_and_takes_calls_after_a_time_that_phones_ring() {
    let with =
        |voicemail: &str| BAKERY.replace("name = \"Bert\"\n", &format!("name = \"Bert\"\nvoicemail = {voicemail}\n"));
    let after = |voicemail| settled(&with(voicemail)).people[1].voicemail;
    assert_eq!(settled(BAKERY).people[1].voicemail, None);
    assert_eq!(after("{ after_seconds = 35 }"), Some(Voicemail { after_seconds: 35 }));
    assert_eq!(after("{}"), Some(Voicemail::USUAL));
    for (voicemail, key, code) in [
        ("{ after_seconds = 4 }", "after_seconds", "voicemail-out-of-range"),
        ("{ after_seconds = 61 }", "after_seconds", "voicemail-out-of-range"),
        ("{ after_seconds = 300 }", "after_seconds", "voicemail-out-of-range"),
        ("{ pin = 1234 }", "pin", "key-unknown"),
        ("true", "voicemail", "wrong-type"),
    ] {
        assert_eq!(refusal(&with(voicemail)), (16, format!("person.{key}"), code));
    }
}

#[test]
fn what_is_left_out_takes_its_usual_value() {
    let office = settled("[office]\nname = \"Chez Marie\"\ncountry = \"BE\"\n");
    assert_eq!(office.identity.time_zone, "Europe/Brussels");
    assert_eq!(office.identity.area_code, "");
    assert_eq!(office.identity.language, Language::Dutch);
    assert!(office.people.is_empty());
}

#[test]
fn a_person_without_a_password_in_the_file_keeps_the_one_there_was() {
    let previous = settled(BAKERY);
    let again = read(BAKERY).unwrap().settle(Some(&previous), &mut || panic!("nothing is left to generate"));
    assert_eq!(again, previous);
}

#[test]
fn the_office_keeps_its_pin_when_the_file_leaves_it_out_and_one_of_earlier_opens_nothing_any_more() {
    let pinned = |pin| BAKERY.replacen("[office]\n", &format!("[office]\npin = \"{pin}\"\n"), 1);
    let (then, now) = (settled(&pinned("482915")), settled(&pinned("730264")));
    let no_new = &mut || panic!("nothing is left to generate");
    assert_eq!(read(BAKERY).unwrap().settle(Some(&now), no_new), now);
    assert_eq!(Draft::of_earlier(then).settle(Some(&now), no_new), now);
}

#[test]
fn a_room_of_earlier_comes_back_with_a_pin_of_now_or_not_at_all() {
    let room = |pin: &str| format!("{BAKERY}\n[[conference]]\nnumber = \"600\"\nname = \"Board\"\n{pin}");
    let (then, now) = (settled(&room("pin = \"482915\"\n")), settled(&room("pin = \"730264\"\n")));
    let no_new = &mut || panic!("nothing is left to generate");
    assert_eq!(Draft::of_earlier(then.clone()).settle(Some(&now), no_new), now);
    assert_eq!(Draft::of_earlier(then).settle(Some(&settled(BAKERY)), no_new).conferences, []);
    assert_eq!(Draft::of_earlier(settled(&room(""))).settle(Some(&settled(BAKERY)), no_new).conferences.len(), 1);
}

#[test]
fn every_fault_is_told_with_its_line_and_not_only_the_first() {
    let text = r#"[office]
name = ""
country = "FR"
colour = "red"

[[person]]
number = "101"
name = "Anna"
sip_password = "short"

[[person]]
number = "150"
name = 7

[[phone]]
mac = "805ec0aabb"
person = "999"

[[trunk]]
name = "provider"
server = "sip example"
transport = "sctp"
username = "office"
password = "x"
register = "yes"
numbers = ["0201234567", 5]

[[printer]]
"#;
    let expected: Vec<(usize, String, &str)> = [
        (2, "office.name", "name-empty"),
        (3, "office.country", "country-unknown"),
        (4, "office.colour", "key-unknown"),
        (7, "person.number", "number-reserved-emergency"),
        (9, "person.sip_password", "password-weak"),
        (12, "person.number", "number-out-of-range"),
        (13, "person.name", "wrong-type"),
        (15, "phone.model", "key-missing"),
        (16, "phone.mac", "mac-malformed"),
        (21, "trunk.server", "server-malformed"),
        (22, "trunk.transport", "transport-unknown"),
        (25, "trunk.register", "wrong-type"),
        (26, "trunk.numbers", "number-not-e164"),
        (26, "trunk.numbers", "wrong-type"),
        (28, "printer", "key-unknown"),
    ]
    .map(|(line, key, code)| (line, key.to_owned(), code))
    .into();
    assert_eq!(refusals(text), expected);
}

#[test]
fn what_does_not_fit_together_is_told_at_the_line_that_causes_it() {
    let with = |more: &str| format!("{BAKERY}{more}");
    // What is added has its header on the line after.
    assert_eq!(BAKERY.lines().count(), 38);
    for (more, line, key, code) in [
        ("[[person]]\nnumber = \"201\"\nname = \"Cor\"\n", 40, "person.number", "number-taken"),
        (
            "[[ring_group]]\nnumber = \"202\"\nname = \"G\"\nmembers = [\"201\"]\n",
            40,
            "ring_group.number",
            "number-taken",
        ),
        ("[[ring_group]]\nnumber = \"260\"\nname = \"G\"\nmembers = []\n", 42, "ring_group.members", "members-empty"),
        (
            "[[ring_group]]\nnumber = \"260\"\nname = \"G\"\nmembers = [\"250\"]\n",
            42,
            "ring_group.members",
            "unknown-person",
        ),
        (
            "[[ring_group]]\nnumber = \"260\"\nname = \"G\"\nmembers = [\"201\", \"201\"]\n",
            42,
            "ring_group.members",
            "member-twice",
        ),
        ("[[phone]]\nmac = \"805ec0aabbcc\"\nmodel = \"D785\"\nperson = \"202\"\n", 40, "phone.mac", "mac-taken"),
        (
            "[[phone]]\nmac = \"805ec0aabbcd\"\nmodel = \"D785\"\nperson = \"203\"\n",
            42,
            "phone.person",
            "unknown-person",
        ),
        ("[[inbound]]\nnumber = \"+31201234567\"\nto = \"201\"\n", 40, "inbound.number", "inbound-taken"),
        ("[[inbound]]\nnumber = \"+31209999999\"\nto = \"201\"\n", 40, "inbound.number", "number-not-ours"),
        (
            "[[trunk]]\nname = \"provider\"\nserver = \"a.nl\"\nusername = \"u\"\nregister = false\n",
            40,
            "trunk.name",
            "name-taken",
        ),
        (
            "[[trunk]]\nname = \"b\"\nserver = \"a.nl\"\nusername = \"u\"\npassword = \"p\"\nnumbers = [\"+31201234567\"]\n",
            44,
            "trunk.numbers",
            "outside-number-taken",
        ),
        ("[[trunk]]\nname = \"b\"\nserver = \"a.nl\"\nusername = \"u\"\n", 39, "trunk.password", "password-needed"),
    ] {
        assert_eq!(refusal(&with(more)), (line, key.to_owned(), code), "{more}");
    }
}

#[test]
fn one_fault_does_not_cause_others_where_it_is_referred_to() {
    let text = BAKERY.replace("number = \"201\"", "number = \"100\"").replace("\"201\"", "\"100\"");
    assert_eq!(refusal(&text).2, "number-reserved-emergency");
    let text = BAKERY.replace("server = \"sip.example.net\"", "server = \"\"");
    assert_eq!(refusal(&text).1, "trunk.server");
    let text = BAKERY.replace("model = \"T54W\"", "model = \"\"");
    assert_eq!(refusal(&text).1, "phone.model");
}

#[test]
fn numbers_from_100_to_112_are_refused_as_emergency_numbers_and_others_outside_the_range_as_such() {
    for number in 100..=112 {
        let text = BAKERY.replace("number = \"202\"", &format!("number = \"{number}\"")).replace(", \"202\"", "");
        assert_eq!(refusal(&text).2, "number-reserved-emergency", "{number}");
    }
    for (number, code) in [
        ("113", "number-reserved"),
        ("144", "number-reserved"),
        ("116117", "number-reserved"),
        ("199", "number-out-of-range"),
        ("700", "number-out-of-range"),
        ("2001", "number-out-of-range"),
        ("2", "number-malformed"),
        ("20a", "number-malformed"),
    ] {
        let text = BAKERY.replace("number = \"202\"", &format!("number = \"{number}\"")).replace(", \"202\"", "");
        assert_eq!(refusal(&text).2, code, "{number}");
    }
    for number in ["200", "699"] {
        let text = BAKERY
            .replace("number = \"202\"", &format!("number = \"{number}\""))
            .replace("\"202\"", &format!("\"{number}\""));
        assert!(read(&text).is_ok(), "{number}");
    }
}

#[test]
fn a_003_a_weak_sip_password_is_refused_and_not_repeated() {
    for weak in ["", "201", "Welkom01", "elevenchars", "aaaaaaaaaaaaaaaa", "abababababababab"] {
        let text = BAKERY.replace("correct-horse-battery", weak);
        assert_eq!(refusal(&text).2, "password-weak", "{weak}");
    }
    let text = BAKERY.replace("correct-horse-battery", "with a space in it");
    let refused = read(&text).unwrap_err();
    assert_eq!(refused[0].code, "password-malformed");
    assert!(!format!("{refused:?} {}", refused[0]).contains("space in it"));
}

#[test]
fn broken_toml_is_refused_by_line_without_repeating_a_secret() {
    let text = BAKERY.replace("\"correct-horse-battery\"", "\"correct-horse-battery");
    let refused = read(&text).unwrap_err();
    assert_eq!((refused[0].line, refused[0].code), (11, "not-toml"));
    assert!(!format!("{refused:?}").contains("correct-horse"), "{refused:?}");
    assert_eq!(refusals("[office\n")[0].2, "not-toml");
    assert_eq!(refusals("\u{0}")[0].2, "not-toml");
    assert_eq!(refusal(&format!("{BAKERY}#{}", "x".repeat(2 << 20))).2, "file-too-long");
}

#[test]
fn the_tables_must_have_their_shape() {
    assert_eq!(refusal(""), (1, "office".into(), "key-missing"));
    assert_eq!(refusals("office = 3\n[person]\nnumber = \"201\"\n")[1], (2, "person".into(), "wrong-type"));
    assert_eq!(
        refusals("person = [3]\n[office]\nname = \"a\"\ncountry = \"NL\"\n"),
        [(1, "person".into(), "wrong-type")]
    );
}

#[test]
fn an_encrypted_password_is_read_back_only_at_its_own_place() {
    let office = settled(BAKERY);
    let file = write_office(&office, ExportSecrets::Encrypted(&seal));
    assert!(!file.contains("correct-horse-battery") && !file.contains("provider secret"));
    assert_eq!(settled(&file), office);

    let moved = file.replace("person/201/", "person/202/");
    assert_eq!(refusal(&moved).2, "password-unreadable");
    let both =
        file.replacen("sip_password_encrypted", "sip_password = \"correct-horse-battery\"\nsip_password_encrypted", 1);
    assert_eq!(refusal(&both).2, "password-twice");
}

#[test]
fn an_export_without_secrets_holds_none() {
    let file = write_office(&settled(BAKERY), ExportSecrets::Omitted);
    assert!(!file.contains("password"), "{file}");
}

#[test]
fn a_070_office_hours_and_where_a_number_leads_then_are_read_and_written_back() {
    let opening = "[opening]\nfriday = \"08:00-12:00\"\nsunday = \"10:00-24:00\"\nholidays = [\"christmas\"]\n\
                   closed_days = [\"2026-12-24\"]\n";
    let closed = |keys: &str| format!("{opening}{}", BAKERY.replacen("to = \"", &format!("{keys}to = \""), 1));
    let office = settled(&closed(""));
    let hours = office.hours();
    let friday: Date = "2026-11-27".parse().unwrap();
    assert!(hours.is_open(friday, 600) && !hours.is_open(friday, 720));
    assert!(!hours.is_open("2026-12-24".parse().unwrap(), 600) && hours.is_open("2026-04-27".parse().unwrap(), 600));
    assert!(office.inbound.iter().all(|inbound| inbound.closed.is_none()));
    let text = write_office(&office, ExportSecrets::Omitted);
    assert!(text.contains("friday = \"08:00-12:00\"") && text.contains("saturday = \"closed\""), "{text}");
    assert_eq!(settled(BAKERY).opening, None, "as usual");
    let to = closed("closed_to = \"201\"\n");
    assert_eq!(settled(&to).inbound[0].closed, Some(WhenClosed { to: "201".parse().unwrap(), voicemail: false }));
    assert_eq!(refusal(&to.replace("closed_to = \"201\"", "closed_to = \"299\"")).2, "unknown-destination");
    assert_eq!(refusal(&to.replace("[opening]", "[opening]\nmonday = \"8-18\"")).2, "hours-malformed");
    let without = closed("closed_to_voicemail = true\n");
    assert_eq!(refusal(&without).2, "closed-to-missing");
}

#[test]
fn a_070_a_support_number_is_an_ordinary_one_and_never_premium() {
    let with = |numbers: &str| BAKERY.replacen("[office]", &format!("[office]\nsupport_numbers = [{numbers}]"), 1);
    let office = settled(&with("\"088 545 40 00\", \"0800 0770\""));
    let numbers: Vec<&str> = office.support_numbers.iter().map(|number| number.as_str()).collect();
    assert_eq!(numbers, ["+31885454000", "08000770"]);
    for (number, code) in [
        ("\"0900 1234\"", "number-costs-extra"),
        ("\"0909 1234\"", "number-costs-extra"),
        ("\"004930123456\"", "number-costs-extra"),
        ("\"112\"", "number-reserved-emergency"),
        ("\"201\"", "number-internal"),
    ] {
        assert_eq!(refusal(&with(number)).2, code, "{number}");
    }
}
