use std::thread;

use centrale_config::{Change, Difference, Draft, Matter, Secret, Turn};
use centrale_store::{Revision, StoreError};

use crate::{Home, bakery, by, renamed};

#[test]
fn a_new_box_has_no_office_and_remembers_the_first_over_a_restart() {
    let home = Home::new();
    assert!(home.store.office().unwrap().is_none());
    assert_eq!(home.store.current_revision().unwrap(), 0);
    assert_eq!(home.store.commit(&bakery(), 0, by("set up")).unwrap(), 1);

    assert_eq!(home.restarted().store.office().unwrap(), Some((1, bakery())));
}

#[test]
fn who_changes_an_office_that_is_no_longer_current_is_told_so_and_changes_nothing() {
    let home = Home::new();
    home.store.commit(&bakery(), 0, by("one")).unwrap();
    home.store.commit(&renamed(&bakery(), "Two"), 1, by("two")).unwrap();
    let refused = home.store.commit(&renamed(&bakery(), "Late"), 1, by("late")).unwrap_err();
    assert!(matches!(refused, StoreError::Stale { current: 2 }));
    assert_eq!(home.store.office().unwrap().unwrap().1.identity.name, "Two");
}

#[test]
fn of_many_who_change_the_same_revision_at_once_exactly_one_wins() {
    let home = Home::new();
    home.store.commit(&bakery(), 0, by("one")).unwrap();
    let second_process = centrale_store::Store::open(home.folder.path()).unwrap();
    let won: usize = thread::scope(|scope| {
        let tries: Vec<_> = (0..8)
            .map(|index| {
                let store = if index % 2 == 0 { home.store.clone() } else { second_process.clone() };
                scope.spawn(move || store.commit(&renamed(&bakery(), &format!("By {index}")), 1, by("race")))
            })
            .collect();
        tries.into_iter().map(|done| usize::from(done.join().unwrap().is_ok())).sum()
    });
    assert_eq!(won, 1);
    assert_eq!(home.store.current_revision().unwrap(), 2);
}

#[test]
fn offices_of_before_are_read_after_a_restart_with_the_passwords_that_people_had_the_last_one_first() {
    let home = Home::new();
    let with = |password: &str| {
        let mut office = bakery();
        office.people[0].sip_password = Secret::new(password.to_owned());
        office
    };
    for (at, password) in ["the-first-password", "the-second-password", "the-third-password"].into_iter().enumerate() {
        home.store.commit(&with(password), at.try_into().unwrap(), by("change")).unwrap();
    }
    let home = home.restarted();
    let earlier = |most| home.store.earlier_offices(most).unwrap().collect::<Result<Vec<_>, _>>().unwrap();
    assert_eq!(earlier(64), [with("the-second-password"), with("the-first-password")]);
    assert_eq!(earlier(1).len(), 1);
}

#[test]
fn the_same_office_again_makes_no_new_revision() {
    let home = Home::new();
    home.store.commit(&bakery(), 0, by("one")).unwrap();
    assert_eq!(home.store.commit(&bakery(), 1, by("again")).unwrap(), 1);
    assert_eq!(home.store.revisions().count(), 1);
}

#[test]
fn an_office_of_earlier_comes_back_readable_also_when_a_room_for_the_closed_office_does_not() {
    let home = Home::new();
    let bare = bakery();
    let room =
        |pin| Change::PutConference { number: "600".into(), name: "Board".into(), pin: Some(pin), outside: true };
    let (number, to) = (bare.inbound[0].number.to_string(), bare.inbound[0].to.to_string());
    let rings = |closed| Change::PutInbound { number: number.clone(), to: to.clone(), closed };
    let open = bare.apply(room(Secret::new("482915"))).unwrap().apply(rings(Some(("600".into(), false)))).unwrap();
    home.store.commit(&open, 0, by("one")).unwrap();
    home.store.commit(&bare, 1, by("two")).unwrap();
    assert_eq!(home.store.revert(1, 2, by("back to 1")).unwrap(), 2, "without the room it is the office of now");
    let named = renamed(&open, "Two");
    home.store.commit(&named, 2, by("three")).unwrap();
    home.store.commit(&bare, 3, by("four")).unwrap();
    assert_eq!(home.store.revert(3, 4, by("back to 3")).unwrap(), 5);
    let (_, office) = home.store.office().unwrap().unwrap();
    assert_eq!(office, renamed(&bare, "Two"), "the number rings where it did, and nowhere else when closed");
}

#[test]
fn an_office_that_nobody_could_read_again_is_refused_with_its_reason() {
    let home = Home::new();
    let mut office = bakery();
    office.people.clear();
    let refused = home.store.settle(Draft::of_earlier(office), None).unwrap_err();
    assert!(matches!(&refused, StoreError::DoesNotFit(reason) if reason.contains("not a person")), "{refused}");
}

#[test]
fn an_earlier_revision_comes_back_as_a_new_one() {
    let home = Home::new();
    home.store.commit(&bakery(), 0, by("one")).unwrap();
    home.store.commit(&renamed(&bakery(), "Two"), 1, by("two")).unwrap();
    assert_eq!(home.store.revert(1, 2, by("back to 1")).unwrap(), 3);
    assert_eq!(home.store.office().unwrap().unwrap().1, bakery());
    assert_eq!(home.store.revision(2).unwrap().identity.name, "Two");
    assert!(matches!(home.store.revert(9, 3, by("?")), Err(StoreError::NoSuchRevision(9))));
    assert!(matches!(home.store.revert(1, 2, by("late")), Err(StoreError::Stale { current: 3 })));

    let list: Vec<_> = home.store.revisions().take(2).map(Result::unwrap).collect();
    let shown: Vec<_> = list.iter().map(|revision| (revision.number, revision.author.why.as_str())).collect();
    assert_eq!(shown, [(3, "back to 1"), (2, "two")]);
    assert_eq!(list[0].author.when_unix_ms, 1_800_000_000_000);
}

#[test]
fn each_revision_says_what_is_different_from_the_one_before_it() {
    let home = Home::new();
    home.store.commit(&bakery(), 0, by("one")).unwrap();
    let without = bakery().apply(Change::RemovePerson { number: "202".into() }).unwrap();
    home.store.commit(&without, 1, by("two")).unwrap();
    home.store.commit(&renamed(&without, "Three"), 2, by("three")).unwrap();
    let told = |limit: usize| -> Vec<Vec<(Matter, Turn, String)>> {
        let line = |one: Difference| (one.matter, one.turn, one.subject);
        let lines = |revision: Revision| revision.differences.into_iter().map(line).collect();
        home.store.revisions().take(limit).map(|revision| lines(revision.unwrap())).collect()
    };
    let renamed = vec![(Matter::Identity, Turn::Changed, String::new())];
    let bert = (Matter::Person, Turn::Removed, "202".to_owned());
    let group = (Matter::RingGroup, Turn::Changed, "250".to_owned());
    assert_eq!(told(10), [renamed.clone(), vec![bert, group], vec![]]);
    assert_eq!(told(1), [renamed], "also of the last in a short list");
}

#[test]
fn a_password_that_was_replaced_or_went_with_its_person_does_not_come_back_with_a_revision() {
    let home = Home::new();
    let office = bakery();
    home.store.commit(&office, 0, by("one")).unwrap();
    let mut changed = office.apply(Change::RemovePerson { number: "202".into() }).unwrap();
    changed.people[0].sip_password = Secret::new("another-password-2");
    home.store.commit(&changed, 1, by("two")).unwrap();
    home.store.revert(1, 2, by("back to 1")).unwrap();
    let (_, back) = home.store.office().unwrap().unwrap();
    let [anna, bert] = back.people.as_slice() else { panic!("both are back") };
    assert_eq!(anna.sip_password.reveal(), "another-password-2", "the one of now stays");
    assert_ne!(bert.sip_password, office.people[1].sip_password);
    assert_eq!(bert.sip_password.reveal().len(), 24, "a new one was made");
    assert_eq!(back.trunks, office.trunks, "the provider's is the one of then");
}

#[test]
fn a_provider_that_had_no_password_then_does_not_get_the_one_of_now() {
    let home = Home::new();
    let provider = |server: &str, password: Option<&str>| Change::PutTrunk {
        name: "provider".into(),
        server: server.into(),
        transport: "tls".into(),
        username: "office".into(),
        password: password.map(Secret::new),
        register: false,
        numbers: vec!["+31201234567".into()],
        dialect: None,
    };
    let none = bakery().apply(Change::RemoveTrunk { name: "provider".into() }).unwrap();
    let then = none.apply(provider("a.example.net", None)).unwrap();
    let now = then.apply(provider("b.example.net", Some("a password for b"))).unwrap();
    home.store.commit(&then, 0, by("one")).unwrap();
    home.store.commit(&now, 1, by("two")).unwrap();
    home.store.revert(1, 2, by("back to 1")).unwrap();
    let (_, back) = home.store.office().unwrap().unwrap();
    assert_eq!(back.trunks[0].server.host, "a.example.net");
    assert!(back.trunks[0].password.reveal().is_empty(), "what is b's is not shown to a");
}

#[test]
fn what_the_box_exports_it_reads_back_to_the_same_office() {
    let home = Home::new();
    home.store.commit(&bakery(), 0, by("one")).unwrap();
    let file = home.store.export(&bakery()).unwrap();
    assert_eq!(file, home.store.export(&bakery()).unwrap(), "the same office gives the same text");
    let draft = home.store.read_office_file(&file).unwrap();
    let again = home.store.settle(draft, None).unwrap();
    assert_eq!(again, bakery());
    assert_eq!(home.store.commit(&again, 1, by("apply")).unwrap(), 1);

    let other_box = Home::new();
    let refused = other_box.store.read_office_file(&file).unwrap_err();
    assert_eq!(refused.iter().map(|one| one.code).collect::<Vec<_>>(), ["password-unreadable"; 3]);
}

#[test]
fn passwords_that_a_file_leaves_out_are_kept_or_made() {
    let home = Home::new();
    let file = "[office]\nname = \"B\"\ncountry = \"NL\"\n[[person]]\nnumber = \"201\"\nname = \"Anna\"\n\
                [[person]]\nnumber = \"203\"\nname = \"Cor\"\n";
    let draft = || home.store.read_office_file(file).unwrap();
    let office = home.store.settle(draft(), Some(&bakery())).unwrap();
    assert_eq!(office.people[0].sip_password.reveal(), "Annas-own-password");
    assert_eq!(office.people[1].sip_password.reveal().len(), 24);
    assert_eq!(home.store.settle(draft(), Some(&office)).unwrap(), office);
}

#[test]
fn a_closed_store_answers_that_it_is_closed() {
    let home = Home::new();
    let handle = home.store.clone();
    home.store.close();
    home.store.close();
    assert!(matches!(handle.office(), Err(StoreError::Closed)));
}

#[test]
fn small_values_are_remembered_and_replaced() {
    let home = Home::new();
    assert_eq!(home.store.meta("language").unwrap(), None);
    home.store.put_meta("language", "nl").unwrap();
    home.store.put_meta("language", "fr").unwrap();
    assert_eq!(home.restarted().store.meta("language").unwrap().as_deref(), Some("fr"));
}
