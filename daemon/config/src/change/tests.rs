use std::sync::Arc;

use super::*;
use crate::{Country, Credential, Mac, Settled};

fn secret() -> Secret {
    Secret::new("a-generated-Secret-7")
}

fn office() -> Office {
    let mut office = Office::empty(OfficeIdentity::assumed(Country::Netherlands));
    for change in [
        Change::AddPerson { number: "202".into(), name: "Bert".into(), sip_password: secret() },
        Change::AddPerson { number: "201".into(), name: " Anna ".into(), sip_password: secret() },
        Change::AdoptPhone { mac: "80:5e:c0:aa:bb:cc".into(), model: "T54W".into(), person: "201".into() },
        trunk(Some("provider secret"), &["+31201234567", "+31201234568"]),
        Change::PutRingGroup { number: "250".into(), name: "Shop".into(), members: vec!["201".into(), "202".into()] },
        Change::PutInbound { number: "+31201234567".into(), to: "250".into(), closed: None },
    ] {
        office = office.apply(change).unwrap();
    }
    office
}

fn trunk(password: Option<&str>, numbers: &[&str]) -> Change {
    Change::PutTrunk {
        name: "provider".into(),
        server: "sip.example.net:5070".into(),
        transport: "tls".into(),
        username: "office".into(),
        password: password.map(Secret::new),
        register: true,
        numbers: numbers.iter().map(|number| (*number).to_owned()).collect(),
        dialect: None,
    }
}

fn refusal(change: Change) -> (&'static str, &'static str) {
    let refused = office().apply(change).unwrap_err();
    (refused.field, refused.code)
}

fn replace(mac: &str, by: &str) -> Change {
    Change::ReplacePhone { mac: mac.into(), by: by.into(), model: "D785".into(), modules: 1 }
}

#[test]
fn an_office_grows_change_by_change_and_stays_in_order() {
    let office = office();
    assert_eq!(office.people.iter().map(|person| person.name.as_str()).collect::<Vec<_>>(), ["Anna", "Bert"]);
    assert_eq!(office.trunks[0].server.port, Some(5070));
    assert_eq!(office.inbound[0].to.as_str(), "250");
}

#[test]
fn a_refusal_names_the_field_and_the_code_and_changes_nothing() {
    let add = |number: &str, name: &str| Change::AddPerson {
        number: number.into(),
        name: name.into(),
        sip_password: secret(),
    };
    assert_eq!(refusal(add("201", "Cor")), ("number", "number-taken"));
    assert_eq!(refusal(add("250", "Cor")), ("number", "number-taken"));
    assert_eq!(refusal(add("100", "Cor")), ("number", "number-reserved-emergency"));
    assert_eq!(refusal(add("144", "Cor")), ("number", "number-reserved"));
    assert_eq!(refusal(add("199", "Cor")), ("number", "number-out-of-range"));
    assert_eq!(refusal(add("xyz", "Cor")), ("number", "number-malformed"));
    assert_eq!(refusal(add("203", "  ")), ("name", "name-empty"));
    assert_eq!(refusal(add("203", &"x".repeat(65))), ("name", "name-too-long"));
    assert_eq!(refusal(add("203", "a\u{202e}b")), ("name", "name-malformed"));
    assert_eq!(
        refusal(Change::AdoptPhone { mac: "805ec0aabbcd".into(), model: "T54W".into(), person: "299".into() }),
        ("person", "unknown-person")
    );
    assert_eq!(
        refusal(Change::AdoptPhone { mac: "ffffffffffff".into(), model: "T54W".into(), person: "201".into() }),
        ("mac", "mac-malformed")
    );
    assert_eq!(
        refusal(Change::PutInbound { number: "+31209".into(), to: "201".into(), closed: None }),
        ("number", "number-not-ours")
    );
    assert_eq!(
        refusal(Change::PutInbound { number: "+31201234568".into(), to: "299".into(), closed: None }),
        ("to", "unknown-destination")
    );
    let group = |number: &str, members: &[&str]| Change::PutRingGroup {
        number: number.into(),
        name: "G".into(),
        members: members.iter().map(|member| (*member).to_owned()).collect(),
    };
    assert_eq!(refusal(group("201", &["202"])), ("number", "number-taken"));
    assert_eq!(refusal(group("251", &[])), ("members", "members-empty"));
    assert_eq!(refusal(group("251", &["299"])), ("members", "unknown-person"));
}

#[test]
fn what_is_not_there_cannot_be_changed() {
    for (change, field) in [
        (Change::RenamePerson { number: "299".into(), name: "X".into() }, "number"),
        (Change::RemovePerson { number: "299".into() }, "number"),
        (Change::ReplacePassword { number: "299".into(), sip_password: secret() }, "number"),
        (Change::RemovePhone { mac: "805ec0aabbcd".into() }, "mac"),
        (Change::RemoveHandset { mac: "805ec0aabbcd".into(), person: "201".into() }, "mac"),
        (Change::RemoveHandset { mac: "805ec0aabbcc".into(), person: "201".into() }, "mac"),
        (Change::SetModules { mac: "805ec0aabbcd".into(), modules: 1 }, "mac"),
        (replace("805ec0aabbcd", "000413aabbcd"), "mac"),
        (Change::RemoveTrunk { name: "other".into() }, "name"),
        (Change::RemoveInbound { number: "+31201234568".into() }, "number"),
        (Change::RemoveRingGroup { number: "251".into() }, "number"),
        (Change::RemoveContact { number: "+31201234568".into() }, "number"),
    ] {
        assert_eq!(refusal(change), (field, "not-found"));
    }
}

#[test]
fn a_person_leaves_with_phones_and_memberships_but_not_while_callers_would_be_lost() {
    let without_anna = office().apply(Change::RemovePerson { number: "201".into() }).unwrap();
    assert!(without_anna.phones.is_empty());
    assert_eq!(without_anna.ring_groups[0].members.len(), 1);

    let last = without_anna.apply(Change::RemovePerson { number: "202".into() }).unwrap_err();
    assert_eq!(last.code, "last-member");

    let direct =
        office().apply(Change::PutInbound { number: "+31201234568".into(), to: "201".into(), closed: None }).unwrap();
    let rung = direct.apply(Change::RemovePerson { number: "201".into() }).unwrap_err();
    assert_eq!((rung.field, rung.code), ("number", "still-rings"));
    assert!(rung.detail.contains("+31201234568"), "{}", rung.detail);
    assert_eq!(refusal(Change::RemoveRingGroup { number: "250".into() }), ("number", "still-rings"));
}

fn contact(known: Option<&str>, name: &str, numbers: &[&str]) -> Change {
    Change::PutContact {
        known: known.map(str::to_owned),
        name: name.into(),
        company: String::new(),
        numbers: numbers.iter().map(|number| (*number).to_owned()).collect(),
    }
}

#[test]
fn a_contact_comes_changes_by_any_of_its_numbers_and_goes() {
    let office = office().apply(contact(None, "Piet", &["020 765 43 21"])).unwrap();
    let office = office.apply(contact(None, "Anna", &["0900 1234", "06 12345678"])).unwrap();
    let names = |office: &Office| office.contacts.iter().map(|contact| contact.name.clone()).collect::<Vec<_>>();
    assert_eq!(names(&office), ["Anna", "Piet"]);
    assert_eq!(office.contact("+31207654321").unwrap().name, "Piet");

    let office = office.apply(contact(Some("+31612345678"), "Zoë", &["0612345679"])).unwrap();
    assert_eq!(names(&office), ["Piet", "Zoë"], "in the order of their names");
    assert_eq!(office.contact("+31612345678"), None);
    let taken = office.apply(contact(Some("+31612345679"), "Zoë", &["0207654321"])).unwrap_err();
    assert_eq!((taken.field, taken.code), ("numbers", "contact-number-taken"));
    assert!(taken.detail.contains("Piet"), "{}", taken.detail);

    let office = office.apply(Change::RemoveContact { number: "+31207654321".into() }).unwrap();
    assert_eq!(names(&office), ["Zoë"]);
    assert_eq!(refusal(contact(Some("+31207654321"), "Piet", &["0207654321"])), ("number", "not-found"));
    assert_eq!(refusal(contact(None, "Piet", &["112"])), ("numbers", "number-reserved-emergency"));
    assert_eq!(refusal(contact(None, "Piet", &[])), ("numbers", "numbers-empty"));
    assert_eq!(refusal(contact(None, " ", &["0207654321"])), ("name", "name-empty"));
}

#[test]
fn the_office_does_not_move_away_from_a_number_that_exists_only_in_its_country() {
    let sent = Change::SetForward { number: "201".into(), to: Some("14020".into()) };
    let (known, sent) = (office().apply(contact(None, "Gemeente", &["14020"])), office().apply(sent));
    let belgium = Change::SetIdentity {
        name: "Chez Marie".into(),
        country: "BE".into(),
        area_code: "02".into(),
        language: "fr".into(),
        time_zone: "Europe/Brussels".into(),
    };
    for office in [known.unwrap(), sent.unwrap()] {
        let refused = office.apply(belgium.clone()).unwrap_err();
        assert_eq!(refused.field, "numbers");
        assert!(refused.detail.contains("14020"), "{}", refused.detail);
    }
}

#[test]
fn a_contact_whose_number_is_gone_from_the_plan_stands_in_the_way_of_no_other_change() {
    let mut office = office();
    let piet = Contact { name: "Piet".into(), company: String::new(), numbers: vec!["1600020".parse().unwrap()] };
    office.contacts = vec![piet.clone()];
    let renamed = office.apply(Change::RenamePerson { number: "201".into(), name: "Anneke".into() }).unwrap();
    assert_eq!(renamed.contacts, std::slice::from_ref(&piet));
    let identity = |area_code: &str| Change::SetIdentity {
        name: "Bakkerij De Vries".into(),
        country: "NL".into(),
        area_code: area_code.into(),
        language: "nl".into(),
        time_zone: "Europe/Amsterdam".into(),
    };
    let here = office.identity.area_code.clone();
    assert_eq!(office.apply(identity(&here)).unwrap().contacts, [piet]);
    let moved = office.apply(identity("010")).unwrap_err();
    assert_eq!((moved.field, moved.code), ("numbers", "number-unreadable"));
    let again = office.apply(contact(Some("1600020"), "Piet", &["1600020"])).unwrap_err();
    assert_eq!((again.field, again.code), ("numbers", "number-unreadable"), "who writes it anew writes it by the plan");
    assert!(office.apply(Change::RemoveContact { number: "1600020".into() }).unwrap().contacts.is_empty());
}

#[test]
fn a_phone_changes_hands_without_being_there_twice() {
    let change = Change::AdoptPhone { mac: "80-5E-C0-AA-BB-CC".into(), model: "T54W".into(), person: "202".into() };
    let office = office().apply(change).unwrap();
    assert_eq!(office.phones.len(), 1);
    assert_eq!(
        office.phone(Mac::from_octets([0x80, 0x5e, 0xc0, 0xaa, 0xbb, 0xcc])).unwrap().users,
        PhoneUsers::Person("202".parse().unwrap())
    );
}

#[test]
fn a_base_gains_and_loses_handsets_and_goes_with_the_last() {
    let give = |person: &str, handset: &str| Change::AdoptHandset {
        mac: "805ec0000060".into(),
        model: "W60B".into(),
        person: person.into(),
        handset: handset.into(),
    };
    let handsets = |office: &Office| -> Vec<(String, String)> {
        let base = office.phone(Mac::from_octets([0x80, 0x5e, 0xc0, 0, 0, 0x60])).unwrap();
        let PhoneUsers::Handsets(handsets) = &base.users else { panic!("a base has handsets") };
        handsets.iter().map(|handset| (handset.person.to_string(), handset.model.clone())).collect()
    };
    let pair = |person: &str, model: &str| (person.to_owned(), model.to_owned());
    let office = office().apply(give("202", "W53H")).unwrap().apply(give("201", "")).unwrap();
    assert_eq!(handsets(&office), [pair("202", "W53H"), pair("201", "")], "in the order in which they came");
    let office = office.apply(give("202", "CP930W")).unwrap().apply(give("202", "")).unwrap();
    assert_eq!(handsets(&office), [pair("202", "CP930W"), pair("201", "")]);
    let unknown = office.apply(give("299", "W53H")).unwrap_err();
    assert_eq!((unknown.field, unknown.code), ("handsets", "unknown-person"));

    let without_anna = office.apply(Change::RemovePerson { number: "201".into() }).unwrap();
    assert_eq!(handsets(&without_anna), [pair("202", "CP930W")]);
    let without_both = without_anna.apply(Change::RemoveInbound { number: "+31201234567".into() }).unwrap();
    let without_both = without_both.apply(Change::RemoveRingGroup { number: "250".into() }).unwrap();
    let without_both = without_both.apply(Change::RemovePerson { number: "202".into() }).unwrap();
    assert!(without_both.phones.is_empty());
}

#[test]
fn a_phone_that_changes_hands_keeps_its_modules_and_another_model_has_none() {
    let adopt = |model: &str, person: &str| Change::AdoptPhone {
        mac: "805ec0aabbcc".into(),
        model: model.into(),
        person: person.into(),
    };
    let mut office = office();
    office.phones[0].modules = 2;
    let office = office.apply(adopt("T54W", "202")).unwrap();
    assert_eq!(office.phones[0].modules, 2);
    assert_eq!(office.apply(adopt("T42S", "202")).unwrap().phones[0].modules, 0);
}

#[test]
fn a_handset_goes_alone_and_the_last_only_with_its_base() {
    let mac = "805ec0000060";
    let give = |person: &str| Change::AdoptHandset {
        mac: mac.into(),
        model: "W60B".into(),
        person: person.into(),
        handset: String::new(),
    };
    let take = |person: &str| Change::RemoveHandset { mac: mac.into(), person: person.into() };
    let office = office().apply(give("201")).unwrap().apply(give("202")).unwrap();
    let alone = office.apply(take("201")).unwrap();
    let base = alone.phone(mac.parse().unwrap()).unwrap();
    assert_eq!(base.people().map(ExtensionNumber::as_str).collect::<Vec<_>>(), ["202"]);
    let refusal = |change: Change| alone.apply(change).map_err(|refused| (refused.field, refused.code)).unwrap_err();
    assert_eq!(refusal(take("201")), ("person", "not-found"));
    assert_eq!(refusal(take("202")), ("handsets", "handsets-empty"));
}

#[test]
fn whoever_leaves_a_base_leaves_a_hole_that_the_next_to_come_fills() {
    let mac = "805ec0000060";
    let give = |person: &str, handset: &str| Change::AdoptHandset {
        mac: mac.into(),
        model: "W60B".into(),
        person: person.into(),
        handset: handset.into(),
    };
    let take = |person: &str| Change::RemoveHandset { mac: mac.into(), person: person.into() };
    let add = |number: &str| Change::AddPerson { number: number.into(), name: "P".into(), sip_password: secret() };
    let after = |office: &Office, change: Change| office.apply(change).unwrap();
    let written = |office: &Office| {
        let text = crate::write_office(office, crate::ExportSecrets::Omitted);
        text.lines().find_map(|line| line.strip_prefix("handsets = ")).unwrap().to_owned()
    };
    let mut office = after(&after(&office(), add("203")), add("204"));
    for person in ["201", "203", "202"] {
        office = after(&office, give(person, ""));
    }
    let third = r#"[{ person = "201" }, { person = "202", place = 3 }]"#;
    assert_eq!(written(&after(&office, take("203"))), third, "nobody moves up");
    let office = after(&office, Change::RemovePerson { number: "203".into() });
    assert_eq!(written(&office), third, "nor when the person goes");
    let office = after(&office, give("202", "W56H"));
    let other = r#"[{ person = "201" }, { person = "202", model = "W56H", place = 3 }]"#;
    assert_eq!(written(&office), other, "nor when a handset is another");
    let all = r#"[{ person = "201" }, { person = "204" }, { person = "202", model = "W56H" }]"#;
    assert_eq!(written(&after(&office, give("204", ""))), all);
    let last_two = r#"[{ person = "202", model = "W56H", place = 3 }]"#;
    assert_eq!(written(&after(&office, take("201"))), last_two);
}

#[test]
fn a_phone_stands_in_a_room_whoever_it_is_given_to_and_also_when_another_one_takes_its_place() {
    let office = office();
    let adopt =
        |person: &str| Change::AdoptPhone { mac: "805ec0aabbcc".into(), model: "T54W".into(), person: person.into() };
    let office = office.apply(adopt("201")).unwrap();
    let set = |mac: &str, room: &str| Change::SetRoom { mac: mac.into(), room: room.into() };
    let office = office.apply(set("80:5e:c0:aa:bb:cc", " Kitchen ")).unwrap();
    assert_eq!(office.phones[0].room, "Kitchen");
    assert_eq!(office.apply(adopt("202")).unwrap().phones[0].room, "Kitchen");
    assert_eq!(office.apply(set("805ec0aabbcc", "")).unwrap().phones[0].room, "");
    let long = office.apply(set("805ec0aabbcc", &"x".repeat(500))).unwrap_err();
    assert_eq!((long.field, long.code), ("room", "name-too-long"));
    assert_eq!(office.apply(set("000413000001", "Kitchen")).unwrap_err().code, "not-found");
}

#[test]
fn a_phone_that_calls_without_encryption_goes_on_so_with_another_person_and_another_phone_does_not() {
    let set = |mac: &str| Change::SetUnencrypted { mac: mac.into(), unencrypted: true };
    let office = office().apply(set("80:5e:c0:aa:bb:cc")).unwrap();
    assert!(office.phones[0].unencrypted);
    let adopt =
        |model: &str| Change::AdoptPhone { mac: "805ec0aabbcc".into(), model: model.into(), person: "202".into() };
    assert!(office.apply(adopt("T54W")).unwrap().phones[0].unencrypted);
    assert!(!office.apply(adopt("T42S")).unwrap().phones[0].unencrypted);
    assert!(!office.apply(replace("805ec0aabbcc", "000413000001")).unwrap().phones[0].unencrypted);
    assert_eq!(refusal(set("805ec0aabbcd")).0, "mac");
}

#[test]
fn another_phone_takes_a_place_with_whoever_sits_there_and_its_modules() {
    let office = office().apply(Change::SetModules { mac: "805ec0aabbcc".into(), modules: 3 }).unwrap();
    assert_eq!(office.phones[0].modules, 3);
    let office = office.apply(replace("80:5e:c0:aa:bb:cc", "00-04-13-AA-BB-CC")).unwrap();
    let [phone] = office.phones.as_slice() else { panic!("{:?}", office.phones) };
    assert_eq!(phone.mac, Mac::from_octets([0, 4, 0x13, 0xaa, 0xbb, 0xcc]));
    assert_eq!((phone.model.as_str(), phone.modules), ("D785", 1));
    assert_eq!(phone.users, PhoneUsers::Person("201".parse().unwrap()));
    assert_eq!(refusal(replace("805ec0aabbcc", "805ec0aabbcc")), ("by", "phone-in-use"));
    assert_eq!(refusal(replace("805ec0aabbcc", "ffffffffffff")), ("by", "mac-malformed"));
    assert_eq!(
        refusal(Change::SetModules { mac: "805ec0aabbcc".into(), modules: 7 }),
        ("modules", "modules-out-of-range")
    );
}

#[test]
fn a_mailbox_is_given_and_taken_away() {
    let set = |seconds| Change::SetVoicemail { number: "201".into(), after_seconds: seconds };
    let with = office().apply(set(Some(25))).unwrap();
    assert_eq!(with.people[0].voicemail.map(|voicemail| voicemail.after_seconds), Some(25));
    assert_eq!(with.apply(set(None)).unwrap(), office());
    assert_eq!(refusal(set(Some(0))), ("after_seconds", "voicemail-out-of-range"));
    assert_eq!(refusal(Change::SetVoicemail { number: "299".into(), after_seconds: None }), ("number", "not-found"));
}

#[test]
fn a_trunk_keeps_its_password_and_loses_the_routes_of_numbers_it_no_longer_has() {
    let changed = office().apply(trunk(None, &["+31201234568"])).unwrap();
    assert_eq!(changed.trunks[0].password.reveal(), "provider secret");
    assert!(changed.inbound.is_empty());
    assert!(office().apply(Change::RemoveTrunk { name: "provider".into() }).unwrap().inbound.is_empty());

    let empty = Office::empty(OfficeIdentity::assumed(Country::Belgium));
    assert_eq!(empty.apply(trunk(None, &[])).unwrap_err().code, "password-needed");
}

#[test]
fn the_order_of_trunks_names_each_of_them_once_and_changes_nothing_else() {
    let second = |name: &str| {
        let mut change = trunk(Some("another secret"), &[]);
        if let Change::PutTrunk { name: its, .. } = &mut change {
            *its = name.into();
        }
        change
    };
    let order = |names: &[&str]| Change::OrderTrunks { names: names.iter().map(|name| (*name).to_owned()).collect() };
    let before = office().apply(second("mobile")).unwrap().apply(second("spare")).unwrap();
    let after = before.apply(order(&["spare", "provider", "mobile"])).unwrap();
    let names = |office: &Office| office.trunks.iter().map(|trunk| trunk.name.clone()).collect::<Vec<_>>();
    assert_eq!(names(&after), ["spare", "provider", "mobile"]);
    assert_eq!(after.apply(order(&["provider", "mobile", "spare"])).unwrap(), before);
    assert_eq!(names(&after.apply(second("mobile")).unwrap()), names(&after), "who is changed keeps the place");
    for wrong in [&["spare", "provider"][..], &["spare", "spare", "provider"], &["spare", "provider", "mobile", "x"]] {
        let refused = before.apply(order(wrong)).unwrap_err();
        assert_eq!((refused.field, refused.code), ("names", "order-incomplete"), "{wrong:?}");
    }
}

#[test]
fn a_trunk_keeps_its_dialect_until_another_is_said() {
    let set = |dialect: TypedDialect| Change::SetDialect { name: "provider".into(), dialect };
    let typed = TypedDialect {
        identity: "p-preferred".into(),
        numbers_as: "national".into(),
        outbound_proxy: "proxy.example.net".into(),
        srtp: "require".into(),
        codecs: vec!["PCMA".into()],
        preferred_for: vec!["mobile".into()],
        location: true,
        gateway: true,
        dtmf: "info".into(),
        heard_from: vec!["203.0.113.64/28".into(), "2001:db8::7".into()],
    };
    let changed = office().apply(set(typed.clone())).unwrap().apply(trunk(None, &["+31201234568"])).unwrap();
    assert_eq!(TypedDialect::from(&changed.trunks[0].dialect), typed);
    let mut at_once = trunk(Some("secret"), &[]);
    if let Change::PutTrunk { dialect, .. } = &mut at_once {
        *dialect = Some(typed.clone());
    }
    let empty = Office::empty(OfficeIdentity::assumed(Country::Belgium));
    let begun = empty.apply(at_once).unwrap();
    assert_eq!(TypedDialect::from(&begun.trunks[0].dialect), typed, "a provider begins as it wants to be spoken to");
    let usual = changed.apply(set(TypedDialect::default())).unwrap();
    assert_eq!(usual.trunks[0].dialect, crate::Dialect::default());
    for (field, code, dialect) in [
        ("identity", "dialect-unknown", TypedDialect { identity: "pai".into(), ..TypedDialect::default() }),
        (
            "outbound_proxy",
            "server-malformed",
            TypedDialect { outbound_proxy: "a b".into(), ..TypedDialect::default() },
        ),
        ("codecs", "dialect-unknown", TypedDialect { codecs: vec![String::new()], ..TypedDialect::default() }),
        (
            "heard_from",
            "source-too-wide",
            TypedDialect { heard_from: vec!["203.0.0.0/16".into()], ..TypedDialect::default() },
        ),
        (
            "heard_from",
            "sources-too-many",
            TypedDialect { heard_from: vec!["203.0.113.9".into(); 33], ..TypedDialect::default() },
        ),
    ] {
        assert_eq!(refusal(set(dialect)), (field, code));
    }
    let nobodys = Change::SetDialect { name: "nobody".into(), dialect: TypedDialect::default() };
    assert_eq!(refusal(nobodys), ("name", "not-found"));
}

#[test]
fn what_somebody_may_call_is_said_whole_in_the_list_of_revisions() {
    let permit = |rights: Option<&str>, calls: Option<&str>, premium| Change::SetPermit {
        number: "201".into(),
        rights: rights.map(Into::into),
        calls: calls.map(Into::into),
        premium,
        opened: Vec::new(),
    };
    let group = |premium| Change::PutRights { name: "Sales".into(), calls: "world".into(), premium };
    for (change, told) in [
        (permit(None, None, Some(true)), "person 201 may call what somebody new may, also numbers that cost extra"),
        (
            permit(Some("Sales"), None, Some(false)),
            "person 201 may call what Sales may, without numbers that cost extra",
        ),
        (permit(Some("Sales"), Some("europe"), None), "person 201 may call europe"),
        (permit(None, None, None), "person 201 may call what somebody new may"),
        (group(true), "group Sales may call world, also numbers that cost extra"),
        (group(false), "group Sales may call world, without numbers that cost extra"),
    ] {
        assert_eq!(change.summary(), told);
    }
}

#[test]
fn a_134_from_where_the_box_is_administered_is_set_told_and_taken_back() {
    let set = |networks: &[&str]| Change::SetAdministration {
        networks: networks.iter().map(|network| (*network).to_owned()).collect(),
    };
    let before = office();
    let after = before.apply(set(&["192.168.1.0/24", "10.8.0.0/16", "192.168.1.7/24"])).unwrap();
    assert_eq!(after.administration.len(), 2);
    assert_eq!(after.sensitive_changes_from(&before), [crate::Sensitive::Administration]);
    assert_eq!(after.differences_from(&before).len(), 1);
    assert_eq!(after.take_back(&before, &after).unwrap(), before);
    let since = after.apply(set(&["10.9.0.0/16"])).unwrap();
    assert!(since.take_back(&before, &after).is_err(), "it was changed once more");
    assert_eq!(refusal(set(&["everywhere"])), ("networks", "network-malformed"));
    assert_eq!(refusal(set(&["10.0.0.1"; 33])), ("networks", "networks-too-many"));
}

#[test]
fn a_scanner_that_is_to_be_expected_is_told_and_taken_back_and_one_that_is_left_out_is_not() {
    let set = |scanners: &[(&str, &str)]| Change::SetScanners {
        scanners: scanners.iter().map(|(network, until)| ((*network).to_owned(), (*until).to_owned())).collect(),
    };
    let before = office();
    let after = before.apply(set(&[("192.168.1.66", "2026-12-20")])).unwrap();
    assert_eq!(after.sensitive_changes_from(&before), [crate::Sensitive::Scanners]);
    assert!(after.needs_proof_from(&before) && !before.needs_proof_from(&after));
    assert_eq!(after.differences_from(&before).len(), 1);
    assert_eq!(after.take_back(&before, &after).unwrap(), before);
    assert_eq!(refusal(set(&[("192.168.1.66", "2026-12-20"); 9])), ("scanners", "networks-too-many"));
}

#[test]
fn callers_are_blocked_by_any_spelling_of_their_number() {
    let set = |numbers: &[&str]| Change::SetBlockedCallers {
        numbers: numbers.iter().map(|number| (*number).to_owned()).collect(),
        refuse_withheld: true,
    };
    let changed = office().apply(set(&["06 66 66 66 66", "+31666666666", "020 123 45 69"])).unwrap();
    let blocked: Vec<&str> = changed.blocked_callers.iter().map(crate::ContactNumber::as_str).collect();
    assert_eq!((blocked, changed.refuse_withheld), (vec!["+31201234569", "+31666666666"], true));
    assert_eq!(refusal(set(&["112"])), ("numbers", "number-reserved-emergency"));
    assert_eq!(refusal(set(&["+31612345678"; 501])), ("numbers", "callers-too-many"));
}

#[test]
fn the_office_moves_to_belgium_only_with_a_belgian_area_code() {
    let identity = |country: &str, area_code: &str, time_zone: &str| Change::SetIdentity {
        name: "Chez Marie".into(),
        country: country.into(),
        area_code: area_code.into(),
        language: "fr".into(),
        time_zone: time_zone.into(),
    };
    assert_eq!(refusal(identity("BE", "020", "Europe/Brussels")), ("area_code", "area-code-unknown"));
    assert_eq!(refusal(identity("DE", "030", "Europe/Berlin")), ("country", "country-unknown"));
    assert_eq!(refusal(identity("BE", "02", "Brussels")), ("time_zone", "time-zone-malformed"));
    let moved = office().apply(identity("BE", "04", "Europe/Brussels")).unwrap();
    assert_eq!((moved.identity.country, moved.identity.area_code.as_str()), (Country::Belgium, "04"));
}

#[test]
fn neither_a_change_nor_its_summary_nor_its_refusal_shows_a_secret() {
    let weak = Change::ReplacePassword { number: "201".into(), sip_password: Secret::new("hunter2") };
    let refused = office().apply(weak.clone()).unwrap_err();
    let shown = format!("{weak:?} {} {refused:?} {refused} {:?}", weak.summary(), office());
    assert!(!shown.contains("hunter2") && !shown.contains("provider secret"), "{shown}");
}

#[test]
fn people_and_the_devices_of_people_may_register_and_nobody_else() {
    let device = |number: &str| Credential {
        username: format!("{number}-805ec0aabbcc"),
        number: number.parse().unwrap(),
        secret: secret(),
        device: Some(Mac::from_octets([0x80, 0x5e, 0xc0, 0xaa, 0xbb, 0xcc])),
    };
    let settled = Settled::new(7, Arc::new(office()), vec![device("201"), device("299")]);
    let usernames: Vec<&str> = settled.credentials.iter().map(|one| one.username.as_str()).collect();
    assert_eq!(usernames, ["201", "202", "201-805ec0aabbcc"]);
}

#[test]
fn callers_of_a_person_are_sent_to_a_colleague_or_outside_and_nowhere_else() {
    let sent = |to: Option<&str>| Change::SetForward { number: "201".into(), to: to.map(str::to_owned) };
    let forward = |office: &Office| office.people[0].forward.as_ref().map(ToString::to_string);
    let outside = office().apply(sent(Some("06 12 34 56 78"))).unwrap();
    assert_eq!(forward(&outside).as_deref(), Some("+31612345678"));
    let inside = outside.apply(sent(Some(" 202 "))).unwrap();
    assert_eq!(forward(&inside).as_deref(), Some("202"));
    assert_eq!(forward(&inside.apply(sent(None)).unwrap()), None);
    for (to, code) in [
        ("112", "number-reserved-emergency"),
        ("sales", "number-unreadable"),
        ("", "number-unreadable"),
        ("*92", "number-unreadable"),
        ("701", "number-internal"),
        ("201", "forward-to-self"),
        ("299", "unknown-person"),
    ] {
        let refused = office().apply(sent(Some(to))).unwrap_err();
        assert_eq!(refused.code, code, "{to}");
    }
    // Who goes takes the way there along.
    let gone = inside.apply(Change::RemovePerson { number: "202".into() }).unwrap();
    assert_eq!(forward(&gone), None);
}
