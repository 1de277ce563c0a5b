use centrale_config::{Country, OfficeIdentity, OwnPermit, RingGroup, Secret};
use proptest::prelude::*;
use proptest::test_runner::RngSeed;

use super::*;

fn number(number: u16) -> ExtensionNumber {
    number.to_string().parse().unwrap()
}

/// An office with people from 201 on, in an order that is not theirs, and a group of some of them.
fn office(people: u16, members: &[u16]) -> Office {
    let mut office = Office::empty(OfficeIdentity::assumed(Country::Netherlands));
    let person = |offset: u16| Person {
        number: number(201 + offset),
        name: format!("Colleague {}", 201 + offset),
        sip_password: Secret::new("unused here"),
        permit: OwnPermit::default(),
        forward: None,
        voicemail: None,
        role: centrale_config::Role::Ordinary,
    };
    office.people = (0..people).rev().map(person).collect();
    let members = members.iter().copied().map(number).collect();
    office.ring_groups = vec![RingGroup { number: number(650), name: "Shop".into(), members }];
    office
}

fn board(phone: usize, modules: usize, module: usize) -> Board {
    Board { phone, modules, module }
}

fn laid_out(office: &Office, own: u16, board: Board) -> Layout {
    Layout::of(office, &number(own), "own", board)
}

fn numbers(keys: &[Key]) -> Vec<&str> {
    keys.iter().map(|key| key.number.as_str()).collect()
}

#[test]
fn the_own_line_comes_first_then_colleagues_by_number_then_groups() {
    let layout = laid_out(&office(4, &[201]), 202, board(10, 0, 0));
    assert_eq!(numbers(&layout.phone), ["", "201", "203", "204", "650", "701", "702"]);
    let in_the_group = laid_out(&office(4, &[202]), 202, board(10, 0, 0));
    assert_eq!(
        numbers(&in_the_group.phone),
        ["", "201", "203", "204", "650", "*8", "701", "702"],
        "and who is in a group takes over"
    );
    let (line, lamps) = layout.phone.split_first().unwrap();
    assert_eq!(line.kind, KeyKind::Line);
    assert!(lamps.iter().all(|key| key.kind == KeyKind::Lamp));
    assert_eq!(lamps[5].label, "Parkeren 2");
    let pickups: Vec<&str> = layout.phone.iter().map(|key| key.pickup.as_str()).collect();
    assert_eq!(pickups, ["", "*8201", "*8203", "*8204", "*8650", "701", "702"]);
}

#[test]
fn with_too_few_keys_the_colleagues_of_the_same_group_have_theirs() {
    let office = office(9, &[202, 207, 209]);
    assert_eq!(numbers(&laid_out(&office, 207, board(6, 0, 0)).phone), ["", "201", "202", "203", "209", "701"]);
    assert_eq!(numbers(&laid_out(&office, 203, board(6, 0, 0)).phone), ["", "201", "202", "204", "205", "701"]);
}

#[test]
fn however_many_colleagues_there_are_a_call_is_parked_with_a_key_and_taken_over_with_one() {
    let office = office(30, &[201]);
    let last = |own: u16, keys: usize| -> Vec<String> {
        let layout = laid_out(&office, own, board(keys, 0, 0));
        assert_eq!(layout.phone.len(), keys);
        numbers(&layout.phone)[keys - 3..].iter().map(ToString::to_string).collect()
    };
    assert_eq!(last(201, 3), ["", "202", "203"], "three keys are a line and two colleagues");
    assert_eq!(last(201, 4), ["202", "203", "701"]);
    assert_eq!(last(201, 7), ["205", "206", "701"]);
    assert_eq!(last(201, 8), ["206", "*8", "701"]);
    assert_eq!(last(202, 8), ["206", "207", "701"], "who is in no group has nothing to take over");
    assert_eq!(last(201, 33), ["650", "*8", "701"], "one too few for all");
    assert_eq!(last(201, 34), ["*8", "701", "702"]);
}

#[test]
fn who_has_a_mailbox_has_a_key_for_it_where_one_is_left() {
    let mut office = office(4, &[202]);
    for person in office.people.iter_mut().filter(|person| person.number == number(202)) {
        person.voicemail = Some(centrale_config::Voicemail::USUAL);
    }
    let of = |own: u16, keys: usize| laid_out(&office, own, board(keys, 0, 0)).phone;
    assert_eq!(numbers(&of(202, 9))[5..], ["*8", "701", "702", "*97"]);
    assert_eq!(of(202, 9)[8].kind, KeyKind::Voicemail);
    assert_eq!(numbers(&of(202, 8))[5..], ["*8", "701", "702"]);
    assert!(!numbers(&of(201, 20)).contains(&"*97"), "who has none has no key for it");
}

#[test]
fn modules_go_on_where_the_phone_ends() {
    let layout = laid_out(&office(9, &[201]), 201, board(3, 2, 4));
    assert_eq!(numbers(&layout.phone), ["", "202", "203"]);
    assert_eq!(numbers(&layout.modules[0]), ["204", "205", "206", "207"]);
    assert_eq!(numbers(&layout.modules[1]), ["208", "209", "*8", "701"]);
}

#[test]
fn another_model_is_laid_out_anew() {
    let office = office(30, &[201]);
    let (small, large) = (laid_out(&office, 201, board(3, 0, 0)), laid_out(&office, 201, board(27, 1, 40)));
    assert_eq!(small.phone.len(), 3);
    assert_eq!(large.phone.len(), 27);
    assert_eq!(numbers(&large.modules[0]), ["228", "229", "230", "650", "*8", "701", "702"]);
    assert_eq!(laid_out(&office, 201, board(0, 0, 0)), Layout::default(), "and one without keys has none");
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 256, rng_seed: RngSeed::Fixed(8), failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn every_key_that_can_be_used_is_used_once_in_its_order_and_never_for_oneself(
        people in 1u16..120,
        groups in prop::collection::vec(prop::collection::btree_set(0u16..120, 0..12), 0..4),
        mailboxes in prop::collection::btree_set(0u16..120, 0..60),
        (phone, modules, module) in (0usize..40, 0usize..7, 0usize..61),
        own in 0u16..120,
    ) {
        let (office, own) = (widened(people, &groups, &mailboxes), 201 + own % people);
        let layout = laid_out(&office, own, board(phone, modules, module));
        let lists: Vec<usize> = std::iter::once(&layout.phone).chain(&layout.modules).map(Vec::len).collect();
        let all: Vec<Key> = layout.phone.into_iter().chain(layout.modules.into_iter().flatten()).collect();
        let room = phone + modules * module;

        let wanted = all_wanted(&office, own);
        prop_assert_eq!(all.len(), wanted.len().min(room), "none is lost while there is room");
        let places: Vec<Option<usize>> = all.iter().map(|key| wanted.iter().position(|one| *one == key.number)).collect();
        prop_assert!(places.iter().all(Option::is_some), "each is wanted, and none is one's own: {all:?}");
        prop_assert!(places.is_sorted_by(|one, next| one < next), "each is there once, in the order of all: {all:?}");

        let sizes = std::iter::once(phone).chain(std::iter::repeat_n(module, modules));
        let mut left = all.len();
        for (has, size) in lists.iter().zip(sizes) {
            prop_assert_eq!(*has, left.min(size), "one is full before the next begins");
            left -= has;
        }
        prop_assert_eq!(&all, &laid_out(&office, own, board(room, 0, 0)).phone, "a module is more of the same phone");

        let has = |number: &str| all.iter().any(|key| key.number == number);
        prop_assert_eq!(has(""), room >= 1, "the line has the first right");
        prop_assert!(room < 4 || has("701"), "then a place to park");
        prop_assert!(room < 8 || !wanted.iter().any(|one| one == "*8") || has("*8"), "then taking over");
        prop_assert!(!has("*97") || all.len() == wanted.len(), "the mailbox has what is left by all");
        let near = |key: &str| office.ring_groups.iter().any(|group| {
            [number(own).as_str(), key].iter().all(|one| group.members.iter().any(|member| member.as_str() == *one))
        });
        let colleagues = office.people.iter().map(|person| person.number.as_str()).filter(|one| *one != number(own).as_str());
        let (with, without): (Vec<&str>, Vec<&str>) = colleagues.partition(|one| has(one));
        let far_with_a_key = with.iter().any(|one| !near(one));
        prop_assert!(!far_with_a_key || !without.iter().any(|one| near(one)), "who shares a group goes first");
        prop_assert!(without.is_empty() || !all.iter().any(|key| key.number.starts_with("65")), "people before groups");
    }
}

/// An office of so many with these ring groups, 650 on, and mailboxes, both by place in the office.
fn widened(people: u16, groups: &[BTreeSet<u16>], mailboxes: &BTreeSet<u16>) -> Office {
    let mut office = office(people, &[]);
    let group = |(number_of, members): (u16, &BTreeSet<u16>)| RingGroup {
        number: number(number_of),
        name: format!("Group {number_of}"),
        members: members.iter().filter(|member| **member < people).map(|member| number(201 + member)).collect(),
    };
    office.ring_groups = (650..).zip(groups).map(group).collect();
    let has_one = |person: &Person| mailboxes.iter().any(|place| person.number == number(201 + place));
    for person in office.people.iter_mut().filter(|person| has_one(person)) {
        person.voicemail = Some(centrale_config::Voicemail::USUAL);
    }
    office
}

/// What every key of somebody's phone calls, in order, were there room for all.
fn all_wanted(office: &Office, own: u16) -> Vec<String> {
    let own = number(own);
    let mut colleagues: Vec<String> =
        office.people.iter().filter(|person| person.number != own).map(|person| person.number.to_string()).collect();
    colleagues.sort();
    let groups = office.ring_groups.iter().map(|group| group.number.to_string());
    let pickup = office.ring_groups.iter().any(|group| group.members.contains(&own)).then(|| "*8".to_owned());
    let mailbox = office.person(&own).and_then(|person| person.voicemail).map(|_| "*97".to_owned());
    let places = ["701", "702"].map(str::to_owned);
    std::iter::once(String::new()).chain(colleagues).chain(groups).chain(pickup).chain(places).chain(mailbox).collect()
}
