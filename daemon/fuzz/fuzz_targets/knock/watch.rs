//! Who watches devices, callers, callees, providers, PINs, the office's wires, and what is tried.

use std::net::Ipv4Addr;
use std::time::{Duration, Instant};

use centrale_guard::incident::{Attempt, Book, By, Deed, LONGEST_TEXT, MOST_NAMED, MOST_SAMPLES};
use centrale_guard::knock::Reason;
use centrale_guard::{
    Baits, Bonds, Hot, LanWatch, Lock, MOST_NEIGHBOURS, Machines, Neighbour, Pins, Place, Placed, Presence, Reject,
    Servers, Sighting, Transit, Typist, Whereto, Wire,
};
use centrale_numbering::Class;
use libfuzzer_sys::arbitrary::{Result, Unstructured};

use crate::{knocker, many, word};

/// Stories that go on at once: one for each of so many, and one of all others.
const STORIES: usize = 64 + 1;
/// Devices of an account, places where one is heard, numbers that somebody sends callers to.
const DEVICES: usize = 12;
const SPOTS: usize = 8;
const SENT_TO: usize = 10;
/// Calls of a person, and wrong PINs of everybody.
const CALLS: usize = 256;
const WRONG_PINS: usize = 4_096;

pub struct Watchers {
    presence: Presence,
    baits: Baits,
    hot: Hot,
    servers: Servers,
    bonds: Bonds,
    pins: Pins,
    transit: Transit,
    machines: Machines,
    lan: LanWatch,
    book: Book,
}

impl Watchers {
    pub fn new() -> Self {
        Self {
            presence: Presence::default(),
            baits: Baits::default(),
            hot: Hot::default(),
            servers: Servers::default(),
            bonds: Bonds::default(),
            pins: Pins::new(7),
            transit: Transit::default(),
            machines: Machines::default(),
            lan: LanWatch::default(),
            book: Book::default(),
        }
    }

    pub fn step(&mut self, now: &mut Instant, from: &mut Unstructured<'_>) -> Result<()> {
        *now += Duration::from_secs(u64::from(from.arbitrary::<u16>()?));
        match from.int_in_range(0..=9)? {
            0 => self.hear(*now, from)?,
            1 => self.baits.rang(*now, &word(from)?, &word(from)?, Duration::from_secs(from.int_in_range(0..=20)?)),
            2 => {
                let number = word(from)?;
                let refused = self.baits.call(*now, &number).err();
                assert!(refused.is_none_or(|reject| [Reject::RANG_ONCE, Reject::BAIT].contains(&reject)));
            }
            3 => self.refuse(*now, from)?,
            4 => {
                let who = knocker(from)?;
                self.servers.worked(*now, who.source(), []);
                let is_usual = self.servers.judge(&[who.source()]) == Whereto::Usual;
                assert!(!is_usual || self.servers.are_at(who.source()), "a usual place is asked at once");
            }
            5 => self.bind(from)?,
            6 => self.type_pins(*now, from)?,
            7 => self.call(*now, from)?,
            8 => self.look(*now, from)?,
            _ => self.note(*now, from)?,
        }
        Ok(())
    }

    fn hear(&mut self, now: Instant, from: &mut Unstructured<'_>) -> Result<()> {
        let who = knocker(from)?;
        let seen = sighting(from)?;
        let is_home: bool = from.arbitrary()?;
        let connection = who.is_really_there.then_some(u64::from(who.flow.port()));
        let wire = Wire { remote: who.flow, connection };
        let odd = self.presence.heard(now, "201", &seen, wire, |_| is_home);
        assert!(odd.is_none() || !is_home, "a device that is at home everywhere is nobody's concern");
        assert!(self.presence.len() <= SPOTS);
        Ok(())
    }

    fn refuse(&mut self, now: Instant, from: &mut Unstructured<'_>) -> Result<()> {
        let rejects = [Reject::IN_A_ROW, Reject::ONE_AT_A_TIME, Reject::BLOCKED, Reject::PREMIUM, Reject::OUT_OF_REACH];
        let reject = rejects[from.choose_index(rejects.len())?];
        let number = word(from)?;
        let is_sent_on = from.arbitrary()?;
        let is_hot = match is_sent_on {
            true => self.hot.not_sent_on(now, "201", &number, reject),
            false => self.hot.refused(now, "201", &number, reject),
        };
        assert!(
            !is_hot
                || reject != Reject::OUT_OF_REACH
                    && (is_sent_on || ![Reject::PREMIUM, Reject::BLOCKED].contains(&reject))
        );
        if is_hot && from.arbitrary()? {
            self.hot.held("201");
        }
        Ok(())
    }

    fn bind(&mut self, from: &mut Unstructured<'_>) -> Result<()> {
        let (account, seen) = (word(from)?, sighting(from)?);
        self.bonds.judge(&account, None, &seen);
        match from.int_in_range(0..=3)? {
            0 => _ = self.bonds.forget(&account),
            1 => _ = self.bonds.keep_home(&account, seen.instance.as_deref().unwrap_or_default()),
            2 => {
                for number in 0..many(from, 40)? {
                    let other = Sighting::of(&format!("{number}phone"), Some(&number.to_string()), seen.place.clone());
                    self.bonds.bind(&account, other);
                    self.bonds.keep_home(&account, &number.to_string());
                }
            }
            _ => {
                self.bonds.bind(&account, seen.clone());
                assert!(self.bonds.knows(&seen.place));
            }
        }
        assert!(self.bonds.remembered() <= DEVICES);
        Ok(())
    }

    fn type_pins(&mut self, now: Instant, from: &mut Unstructured<'_>) -> Result<()> {
        let (room, number) = (word(from)?, word(from)?);
        let lock = if from.arbitrary()? { Lock::Office } else { Lock::Room(&room) };
        let typists = [Typist::Colleague(&number), Typist::Outside(&number), Typist::Unknown];
        let who = typists[from.choose_index(typists.len())?];
        if from.ratio(1, 8)? {
            self.pins.right(lock, who);
        }
        let mut judged = 0;
        for typed in 0..many(from, 255)? {
            if self.pins.may_try(now, lock, who) {
                self.pins.wrong(now, lock, who, &typed.to_string());
                judged += 1;
            }
        }
        assert!(judged <= 20 && (who == Typist::Unknown || judged <= 3), "{judged} judged of {who:?}");
        assert!(self.pins.remembered() <= WRONG_PINS);
        Ok(())
    }

    /// Calls through a list of numbers, and callers who are sent there.
    fn call(&mut self, now: Instant, from: &mut Unstructured<'_>) -> Result<()> {
        let (person, begin) = (word(from)?, word(from)?);
        let (apart, lasted) = (from.int_in_range(0..=30)?, Duration::from_secs(from.int_in_range(0..=60)?));
        for index in 0..many(from, 400)? {
            let number = format!("{begin}{:03}", index % 500);
            let began = now + Duration::from_secs(apart) * index;
            let call =
                Placed { person: &person, number: &number, class: Class::National, began, lasted, is_contact: false };
            if self.machines.allow(began, &person, &number).is_ok() {
                self.machines.note(began, &call);
            }
            let sent = self.transit.send(began, &person, &number);
            assert!(sent.is_ok() || sent == Err(Reject::TRANSIT));
        }
        assert!(self.machines.remembered() <= CALLS);
        assert!(self.transit.told(now).all(|(_, numbers)| numbers <= SENT_TO));
        self.machines.found(now).for_each(drop);
        assert!(self.machines.until().is_none_or(|until| until > now));
        Ok(())
    }

    fn look(&mut self, now: Instant, from: &mut Unstructured<'_>) -> Result<()> {
        let (first, machine) = (u32::from(from.arbitrary::<u16>()?), from.arbitrary::<[u8; 6]>()?);
        let (answers, is_phone) = (from.arbitrary()?, from.arbitrary()?);
        let is_one = from.arbitrary::<bool>()?;
        let address = |number: u32| Ipv4Addr::from_bits(0x0a00_0000 + first + number);
        let one = |number: u32| {
            let [a, b, c, d, ..] = machine;
            let [.., e, f] = if is_one { 0 } else { number }.to_be_bytes();
            Neighbour { ip: address(number), mac: [a, b, c, d, e, f], answers, is_phone }
        };
        let seen: Vec<Neighbour> = (0..many(from, 1_200)?).map(one).collect();
        let router = from.arbitrary::<Option<u8>>()?.map(|number| address(number.into()));
        self.lan.look(now, router, &seen);
        self.lan.other_at(address(1), [0x80, 0x5e, 0xc0, 1, 2, 3]);
        assert!(self.lan.remembered() <= MOST_NEIGHBOURS + 1 && self.lan.asked(now).len() <= 8);
        assert!(self.lan.signs(now).len() <= 2 * MOST_NEIGHBOURS + 1);
        Ok(())
    }

    fn note(&mut self, now: Instant, from: &mut Unstructured<'_>) -> Result<()> {
        let who = knocker(from)?;
        let (account, target, device) = (word(from)?, word(from)?, word(from)?);
        let bys = [By::Address(who.source(), who.side), By::Account(&account), By::Provider(&target)];
        let deeds = [Deed::Asked, Deed::Blocked, Deed::KeptApart, Deed::LetIn, Deed::Told, Deed::Refused];
        let (by, deed) = (bys[from.choose_index(bys.len())?], deeds[from.choose_index(deeds.len())?]);
        let what = Reason::ALL[from.choose_index(Reason::ALL.len())?].code();
        let blocked = from.arbitrary::<Option<u32>>()?.map(|lasts| Duration::from_secs(lasts.into()));
        for number in 0..many(from, 255)? {
            let name = format!("{account}{number}");
            let by = if matches!(by, By::Account(_)) { By::Account(&name) } else { by };
            let (account, target, device) = (&*name, &*target, &*device);
            let got_in = self
                .book
                .note(now, &Attempt { what, by, from: Some(who.flow), account, target, device, deed, blocked });
            assert!(!got_in || [Deed::KeptApart, Deed::LetIn, Deed::Told].contains(&deed));
        }
        if from.ratio(1, 4)? {
            self.book.turn(now);
        }
        assert!(self.book.remembered() <= STORIES);
        while let Some(story) = self.book.poll() {
            assert!(story.samples.len() <= MOST_SAMPLES);
            for named in [&story.sources, &story.accounts, &story.targets, &story.devices] {
                assert!(named.some.len() <= MOST_NAMED && named.some.iter().all(|text| text.len() <= LONGEST_TEXT));
            }
        }
        Ok(())
    }
}

fn sighting(from: &mut Unstructured<'_>) -> Result<Sighting> {
    let place = if from.arbitrary()? { Place::Office } else { Place::outside(knocker(from)?.source()) };
    let (program, name) = (word(from)?, word(from)?);
    Ok(Sighting::of(&program, from.arbitrary::<bool>()?.then_some(&*name), place))
}
