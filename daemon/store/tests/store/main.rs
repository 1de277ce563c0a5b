//! The store as its callers see it, on a real disk.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod audit;
mod bonds;
mod browsers;
mod calls;
mod chain;
mod confirmations;
mod crash;
mod decks;
mod deeds;
mod devices;
mod factors;
mod health;
mod messages;
mod office;
mod open_calls;
mod passkeys;
mod pictures;
mod retention;
mod rules;
mod secrecy;
mod spent;
mod stops;
mod undos;
mod users;
mod wipe;

use centrale_config::{Change, Country, Office, OfficeIdentity, Secret};
use centrale_store::{Author, CallRow, LegRow, QualityRow, Store};

/// A store in a folder of its own, which goes when it goes.
struct Home {
    folder: tempfile::TempDir,
    store: Store,
}

impl Home {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(folder.path()).unwrap();
        Self { folder, store }
    }

    /// Closes the store and opens it again, as a restart does.
    fn restarted(self) -> Self {
        self.store.close();
        let store = Store::open(self.folder.path()).unwrap();
        Self { folder: self.folder, store }
    }
}

fn by(why: &str) -> Author {
    Author { who: "admin".into(), when_unix_ms: 1_800_000_000_000, why: why.into() }
}

/// An office with two people, a phone, a trunk and a ring group.
fn bakery() -> Office {
    let mut office = Office::empty(OfficeIdentity::assumed(Country::Netherlands));
    for change in [
        Change::AddPerson {
            number: "201".into(),
            name: "Anna".into(),
            sip_password: Secret::new("Annas-own-password"),
        },
        Change::AddPerson {
            number: "202".into(),
            name: "Bert".into(),
            sip_password: Secret::new("Berts-own-password"),
        },
        Change::AdoptPhone { mac: "805ec0aabbcc".into(), model: "T54W".into(), person: "201".into() },
        Change::PutTrunk {
            name: "provider".into(),
            server: "sip.example.net".into(),
            transport: "tls".into(),
            username: "office".into(),
            password: Some(Secret::new("the provider's password")),
            register: true,
            numbers: vec!["+31201234567".into()],
            dialect: None,
        },
        Change::PutRingGroup { number: "250".into(), name: "Shop".into(), members: vec!["201".into(), "202".into()] },
        Change::PutInbound { number: "+31201234567".into(), to: "250".into(), closed: None },
    ] {
        office = office.apply(change).unwrap();
    }
    office
}

fn renamed(office: &Office, name: &str) -> Office {
    let mut office = office.clone();
    office.identity.name = name.to_owned();
    office
}

fn leg(side: &str, number: &str) -> LegRow {
    LegRow {
        side: side.into(),
        number: number.into(),
        account: Some(number.into()),
        trunk: None,
        placed: side == "callee",
        codec: Some("PCMA/8000".into()),
        started_unix_ms: 1_800_000_000_000,
        answered_unix_ms: Some(1_800_000_003_000),
        ended_unix_ms: 1_800_000_063_000,
        status: 0,
    }
}

fn call(id: &str) -> CallRow {
    CallRow {
        id: id.to_owned(),
        direction: "outgoing".into(),
        from: "201".into(),
        from_name: "Anna".into(),
        to: "+31301234567".into(),
        answered_by: Some("+31301234567".into()),
        transferred_by: Some("202".into()),
        trunk: Some("provider".into()),
        started_unix_ms: 1_800_000_000_000,
        answered_unix_ms: Some(1_800_000_003_000),
        ended_unix_ms: 1_800_000_063_000,
        class: Some("national".into()),
        price: Some(363),
        spoofed: false,
        withheld: false,
        marks: None,
        line: None,
        outcome: "answered".into(),
        cause: Some("caller-hung-up".into()),
        status: 0,
        emergency: false,
        caller: QualityRow {
            packets: 3000,
            lost: 2,
            jitter_ms: 1.25,
            jitter_max_ms: 7.5,
            intruders: 1,
            ..QualityRow::default()
        },
        callee: QualityRow { malformed: 3, unauthentic: 4, one_way: true, ..QualityRow::default() },
        legs: vec![leg("caller", "201"), LegRow { trunk: Some("provider".into()), ..leg("callee", "+31301234567") }],
    }
}
