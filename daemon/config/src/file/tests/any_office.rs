//! Whatever office may be is written and read back the same, and no file makes the reader panic.

use proptest::prelude::*;
use proptest::test_runner::RngSeed;

use super::*;
use crate::{
    AbuseDesk, AlarmLine, AlertContact, Alerts, Announcement, Channels, Conference, Contact, Country, Date, Dialect,
    Dtmf, Emergency, Firmware, ForwardTo, Handset, Holiday, Hours, IdentityHeader, Inbound, Language, Mac,
    MailSecurity, MailServer, NumberFormat, NumberKind, Office, OfficeIdentity, Opened, Opening, OutsideNumber,
    OwnPermit, Person, Phone, PhoneUsers, PremiumNumber, PremiumPrice, Reach, Retention, Rights, RingGroup, Role,
    Scanner, Server, Sha256Pin, SiteAddress, Trunk, TrunkSrtp, TrunkTransport, Voicemail, WhenClosed,
};

fn digits(from: u16, to: u16) -> impl Strategy<Value = ExtensionNumber> {
    (from..=to).prop_map(|number| number.to_string().parse().unwrap())
}

fn secret() -> impl Strategy<Value = Secret> {
    "[!-~]{7,40}".prop_map(|random| Secret::new(format!("aB3$x{random}")))
}

fn name() -> impl Strategy<Value = String> {
    "[A-Za-zéÅ\"'\\\\#=\\[\\]日]([ -~éÅ日]{0,20}[A-Za-z\"\\\\])?"
}

fn rights() -> Vec<Rights> {
    let group = |name: &str, reach, premium| Rights { name: name.into(), reach, premium };
    vec![group("Hall 2", Reach::Inside, false), group("Sales", Reach::World, true)]
}

/// A person's number with everything else that belongs to a person.
fn people() -> impl Strategy<Value = Vec<Person>> {
    let voicemail = prop::option::of((5u8..=60).prop_map(|after_seconds| Voicemail { after_seconds }));
    let role = prop::sample::select(vec![Role::Ordinary, Role::Reception, Role::CallCentre]);
    let forward = prop::option::of(prop::sample::select(vec!["+31612345678", "+3225550123"]));
    let person = (name(), secret(), permit(), voicemail, role, forward);
    prop::collection::btree_map(digits(200, 449), person, 1..6).prop_map(|people| {
        people
            .into_iter()
            .map(|(number, (name, sip_password, permit, voicemail, role, forward))| Person {
                number,
                name,
                sip_password,
                permit,
                voicemail,
                role,
                forward: forward.map(|to| ForwardTo::Outside(to.parse().unwrap())),
            })
            .collect()
    })
}

/// In which nothing is as usual.
fn odd_dialect(transport: TrunkTransport) -> Dialect {
    let srtp = if transport == TrunkTransport::Tls { TrunkSrtp::Require } else { TrunkSrtp::Off };
    Dialect {
        identity: IdentityHeader::RemotePartyId,
        numbers_as: NumberFormat::DoubleZero,
        outbound_proxy: Some(Server { host: "2001:db8::8".into(), port: Some(5070) }),
        srtp: Some(srtp),
        codecs: vec!["G722".parse().unwrap(), "PCMA".parse().unwrap()],
        preferred_for: vec![NumberKind::Mobile, NumberKind::International],
        location: true,
        gateway: true,
        dtmf: Dtmf::Info,
        heard_from: vec!["203.0.113.64/28".parse().unwrap(), "2001:db8:7::/48".parse().unwrap()],
    }
}

fn permit() -> impl Strategy<Value = OwnPermit> {
    let opened = ("(\\+[1-9][0-9]{0,4}|0[1-9][0-9]{0,3})", 0u32..60_000)
        .prop_map(|(prefix, days)| Opened { prefix, until: Date::from_days(days) });
    let reach = prop::option::of(prop::sample::select(&Reach::ALL[..]));
    let rights = prop::option::of(prop::sample::select(&["Sales", "Hall 2"][..]));
    (rights, reach, prop::option::of(any::<bool>()), prop::collection::vec(opened, 0..3)).prop_map(
        |(rights, reach, premium, opened)| OwnPermit { rights: rights.map(str::to_owned), reach, premium, opened },
    )
}

type TrunkParts = (String, Option<u16>, TrunkTransport, String, Option<Secret>);

fn trunks() -> impl Strategy<Value = Vec<Trunk>> {
    let server = prop_oneof!["[a-z]{1,9}\\.nl", "192\\.0\\.2\\.[1-9]", Just("2001:db8::7".to_owned())];
    let transport = prop_oneof![Just(TrunkTransport::Udp), Just(TrunkTransport::Tcp), Just(TrunkTransport::Tls)];
    let rest = (server, prop::option::of(1u16..), transport, "[!#-;=?-\\[\\]-~]{1,20}", prop::option::of(secret()));
    prop::collection::btree_map("[A-Za-z][A-Za-z0-9 ._-]{0,8}[a-z]", rest, 0..3).prop_map(|trunks| {
        let trunk = |(index, (name, (host, port, transport, username, password))): (usize, (String, TrunkParts))| {
            let numbers: Vec<OutsideNumber> =
                (0..index).map(|line| format!("+3120{index}00{line}").parse().unwrap()).collect();
            let register = password.is_some() && index % 2 == 1;
            let password = password.unwrap_or_else(|| Secret::new(""));
            let dialect = if index == 0 { Dialect::default() } else { odd_dialect(transport) };
            let channels = Channels { account: 2 + u16::try_from(index).unwrap(), number: register.then_some(1) };
            let server = Server { host, port };
            let abuse = register.then(|| AbuseDesk {
                name: "Abuse \"desk\"".into(),
                address: "abuse@voip.example.net".parse().unwrap(),
                answer_days: 14,
            });
            Trunk { name, server, transport, username, password, register, numbers, dialect, channels, abuse }
        };
        // In reverse of their names: the order of trunks is the office's own.
        trunks.into_iter().rev().enumerate().map(trunk).collect()
    })
}

fn identity() -> impl Strategy<Value = OfficeIdentity> {
    let language = prop_oneof![Just(Language::Dutch), Just(Language::French), Just(Language::German)];
    (name(), any::<bool>(), any::<prop::sample::Index>(), language).prop_map(|(name, belgium, area, language)| {
        let country = if belgium { Country::Belgium } else { Country::Netherlands };
        let area_code = area.get(country.area_codes()).digits.to_owned();
        OfficeIdentity { name, country, area_code, language, ..OfficeIdentity::assumed(country) }
    })
}

/// Contacts whose numbers are all different, in the order of their names.
fn contacts() -> impl Strategy<Value = Vec<Contact>> {
    let contact = (name(), prop::option::of(name()), 1usize..=3);
    prop::collection::vec(contact, 0..4).prop_map(|contacts| {
        let contact = |(index, (name, company, count)): (usize, (String, Option<String>, usize))| {
            let numbers = (0..count).map(|number| format!("+3225{index}123{number}0").parse().unwrap()).collect();
            Contact { name, company: company.unwrap_or_default(), numbers }
        };
        let mut contacts: Vec<Contact> = contacts.into_iter().enumerate().map(contact).collect();
        contacts.sort();
        contacts
    })
}

fn emergency(with_address: bool) -> Emergency {
    let address = SiteAddress {
        street: "Rue \"de l'Étuve\"".into(),
        house_number: "12-3".into(),
        postcode: "1000".into(),
        place: "Bruxelles".into(),
    };
    Emergency { address: with_address.then_some(address), test_number: "+31201118888".parse().ok() }
}

fn opening() -> Opening {
    let morning = Hours { from: 0, until: 12 * 60 };
    let evening = Hours { from: 1_105, until: 24 * 60 };
    let mut week = Opening::default().week;
    (week[0], week[4]) = (vec![morning, evening], Vec::new());
    let closed_days = [20_811, 20_812].map(Date::from_days).to_vec();
    Opening { week, holidays: vec![Holiday::LiberationDay, Holiday::Christmas], closed_days }
}

fn alerts(with_server: bool) -> Alerts {
    let server = MailServer {
        server: "smtp.example.net:2525".parse().unwrap(),
        security: MailSecurity::Tls,
        username: "office@example.net".into(),
        password: Secret::new("mail \"secret\""),
        sender: "box@example.net".parse().unwrap(),
    };
    let contact = |(address, language, phone): (&str, Language, &str)| AlertContact {
        address: address.parse().unwrap(),
        language,
        phone: phone.parse().ok(),
    };
    let french = ("owner@example.org", Language::French, "+3225550123");
    let contacts = [french, ("o'neil@example.org", Language::Dutch, "")].map(contact);
    Alerts { server: with_server.then_some(server), contacts: contacts.to_vec(), digest: with_server }
}

fn office() -> impl Strategy<Value = Office> {
    let picks = prop::collection::vec(any::<prop::sample::Index>(), 6);
    (identity(), people(), trunks(), digits(450, 699), name(), picks, contacts()).prop_map(
        |(identity, people, trunks, group, group_name, picks, contacts)| {
            let pick = |index: usize| picks[index].get(&people).number.clone();
            let mac = |index: u8| Mac::from_octets([0x80, 0x5e, 0xc0, 0, 0, index]);
            let phone = |index: u8| Phone {
                modules: index,
                unencrypted: index > 1,
                room: if index > 0 { "Back \"kitchen\"".into() } else { String::new() },
                ..Phone::desk(mac(index), "T54W".into(), pick(usize::from(index)))
            };
            let place = |at: usize| 1 + u8::try_from(3 * at + picks[at].index(3)).unwrap();
            let handsets = people.iter().take(3).zip(["W56H", "", "CP930W"]).enumerate();
            let handset = |(at, (person, model)): (usize, (&Person, &str))| Handset {
                place: place(at),
                person: person.number.clone(),
                model: model.into(),
            };
            let users = PhoneUsers::Handsets(handsets.map(handset).collect());
            let base =
                Phone { mac: mac(9), model: "W60B".into(), users, modules: 0, unencrypted: true, room: String::new() };
            let mut members = vec![pick(3), pick(4)];
            members.dedup();
            let mailbox = people.iter().find(|person| person.voicemail.is_some()).map(|person| &person.number);
            let to = mailbox.unwrap_or(&group).clone();
            let closed = Some(WhenClosed { to, voicemail: mailbox.is_some() });
            let mut inbound: Vec<Inbound> = trunks
                .iter()
                .flat_map(|trunk| trunk.numbers.iter())
                .map(|number| Inbound { number: number.clone(), to: group.clone(), closed: closed.clone() })
                .collect();
            inbound.sort_by(|left, right| left.number.cmp(&right.number));
            let phones = (0..3).map(phone).chain([base]).collect();
            let dhcp_options = inbound.is_empty();
            let room = if group.as_str() == "690" { "691" } else { "690" }.parse().unwrap();
            let conferences = vec![Conference {
                number: room,
                name: group_name.clone(),
                pin: picks[5].index(2).eq(&0).then(|| Secret::new("4711")),
                outside: picks[5].index(2) == 0,
            }];
            let number = if identity.country == Country::Netherlands { "+31887654321" } else { "+3278123456" };
            let lift = |person: &Person| AlarmLine {
                person: person.number.clone(),
                numbers: vec![number.parse().unwrap()],
                test_hours: dhcp_options.then_some(72),
            };
            let alarm_lines =
                people.iter().find(|person| !members.contains(&person.number)).map(lift).into_iter().collect();
            let premium = PremiumNumber {
                number: if number.starts_with("+31") { "09001234" } else { "090212345" }.parse().unwrap(),
                line: "+31209999999".parse().unwrap(),
                owner: group_name.clone(),
                price: PremiumPrice::PerMinute(90),
                announced: vec![Announcement {
                    on: Date::from_days(20_786),
                    by: group_name.clone(),
                    price: PremiumPrice::PerCall(150),
                }],
                active: false,
            };
            let ring_groups = vec![RingGroup { number: group, name: group_name, members }];
            let phone_vlan = Some(20);
            let firmware = vec![Firmware {
                models: vec!["T53W".into(), "T54W".into()],
                version: "96.86.0.100".into(),
                file: "T54W.rom".into(),
                sha256: Sha256Pin::from_octets([u8::try_from(inbound.len()).unwrap(); 32]),
            }];
            Office {
                identity,
                phone_vlan,
                line_kbit: dhcp_options.then_some(1_000),
                logo: phone_vlan.map(|_| Sha256Pin::from_octets([9; 32])),
                dhcp_options,
                people,
                phones,
                trunks,
                inbound,
                ring_groups,
                conferences,
                alarm_lines,
                premium_numbers: vec![premium],
                rights: rights(),
                contacts,
                firmware,
                blocked_callers: vec!["+31201119999".parse().unwrap()],
                refuse_withheld: dhcp_options,
                opening: (!dhcp_options).then(opening),
                support_numbers: vec![number.parse().unwrap()],
                administration: vec!["192.168.1.0/24".parse().unwrap(), "fd00:1::/64".parse().unwrap()],
                scanners: vec![Scanner { network: "192.168.1.66".parse().unwrap(), until: Date::from_days(20_800) }],
                emergency: emergency(dhcp_options),
                alerts: alerts(dhcp_options),
                retention: Retention::of_days([100, 200, 365, if dhcp_options { 30 } else { 7 }]),
                rules_of_use: if dhcp_options { "One \"rule\".\n\nAnother.".into() } else { String::new() },
                pin: dhcp_options.then(|| Secret::new("830264")),
            }
        },
    )
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 512, rng_seed: RngSeed::Fixed(201), failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn what_is_written_is_read_back_the_same(office in office()) {
        let text = write_office(&office, ExportSecrets::Encrypted(&seal));
        let read = read(&text).map_err(|refused| TestCaseError::fail(format!("{refused:?}\n{text}")))?;
        let again = read.settle(None, &mut || panic!("nothing is left to generate"));
        prop_assert_eq!(&again, &office);
        prop_assert_eq!(write_office(&again, ExportSecrets::Encrypted(&seal)), text);
    }

    #[test]
    fn no_file_makes_the_reader_panic(
        cut in 0usize..BAKERY.len(),
        inserted in "[\\[\\]=\",#a-z0-9\n ]{0,12}",
        length in 0usize..30,
    ) {
        let end = (cut + length).min(BAKERY.len());
        let text = format!("{}{inserted}{}", &BAKERY[..cut], &BAKERY[end..]);
        if let Err(refused) = read(&text) {
            prop_assert!(!refused.is_empty());
            prop_assert!(refused.iter().all(|refusal| refusal.line >= 1 && refusal.line <= text.lines().count() + 1));
            prop_assert!(refused.is_sorted());
        }
    }
}
