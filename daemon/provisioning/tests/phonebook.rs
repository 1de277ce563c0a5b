//! The phone book as the makers' phones read it.

#![allow(clippy::unwrap_used, reason = "a test fails by panic")]

mod kit;

use centrale_config::Office;
use centrale_provisioning::Book;
use centrale_provisioning::recognise::Dialect;
use kit::{contact, office, person};
use proptest::prelude::*;
use proptest::test_runner::RngSeed;
use roxmltree::{Document, Node};

const URL: &str = "https://192.168.1.2:8443/p/11aabecb86beda3ff6d0c233a1c4cb77/phonebook.xml";
/// Names and numbers, and where the keys beneath lead.
#[derive(Debug, PartialEq, Eq)]
struct Shown {
    root: String,
    entries: Vec<(String, String)>,
    keys: Vec<(String, String)>,
}

fn child<'a>(node: Node<'a, 'a>, name: &str) -> &'a str {
    node.children().find(|child| child.has_tag_name(name)).and_then(|child| child.text()).unwrap_or_default()
}

/// The office with two contacts, one of them with two numbers.
fn with_contacts() -> Office {
    let contacts = vec![
        contact("Meelfabriek De Molen", "", &["+31207654321"]),
        contact("Piet", "Ångström & Fils", &["+3221234567", "14020"]),
    ];
    Office { contacts, ..office() }
}

fn xml(office: &Office, dialect: Dialect, query: &str) -> String {
    let answer = Book::of(office).answer(dialect, URL, query).unwrap();
    String::from_utf8(answer.body.to_vec()).unwrap()
}

fn ask(dialect: Dialect, query: &str, office: &Office) -> Shown {
    let text = xml(office, dialect, query);
    let document = Document::parse(&text).unwrap_or_else(|fault| panic!("{fault}:\n{text}"));
    let root = document.root_element();
    let pairs = |tag: &str, first: &str, second: &str| {
        let nodes = root.children().filter(|node| node.has_tag_name(tag));
        nodes.map(|node| (child(node, first).to_owned(), child(node, second).to_owned())).collect()
    };
    Shown {
        root: root.tag_name().name().to_owned(),
        entries: pairs("DirectoryEntry", "Name", "Telephone"),
        keys: pairs("SoftKeyItem", "Name", "URL"),
    }
}

fn names(shown: &Shown) -> Vec<&str> {
    shown.entries.iter().map(|(name, _)| name.as_str()).collect()
}

#[test]
fn people_groups_and_contacts_stand_by_name_with_numbers_that_can_be_dialled() {
    for (dialect, root) in [(Dialect::Yealink, "YealinkIPPhoneDirectory"), (Dialect::Snom, "SnomIPPhoneDirectory")] {
        let shown = ask(dialect, "", &with_contacts());
        assert_eq!(shown.root, root);
        let expected = [
            ("Anna Jansen", "201"),
            ("Bob & zoon", "202"),
            ("Çem", "203"),
            ("Meelfabriek De Molen", "+31207654321"),
            ("Piet (Ångström & Fils)", "+3221234567"),
            ("Piet (Ångström & Fils)", "14020"),
            ("Winkel", "250"),
        ];
        let expected: Vec<(String, String)> =
            expected.into_iter().map(|(name, number)| (name.to_owned(), number.to_owned())).collect();
        assert_eq!(shown.entries, expected);
    }
}

#[test]
fn a_search_forgives_case_accents_and_the_order_of_words_and_finds_numbers_too() {
    for (query, expected) in [
        ("search=cem", vec!["Çem"]),
        ("search=JANSEN+anna", vec!["Anna Jansen"]),
        ("search=angstr%C3%B6m", vec!["Piet (Ångström & Fils)"; 2]),
        ("search=765%204321", vec!["Meelfabriek De Molen"]),
        ("search=250", vec!["Winkel"]),
        ("search=nobody", vec![]),
        (
            "search=%23SEARCH&from=x",
            vec![
                "Anna Jansen",
                "Bob & zoon",
                "Çem",
                "Meelfabriek De Molen",
                "Piet (Ångström & Fils)",
                "Piet (Ångström & Fils)",
                "Winkel",
            ],
        ),
    ] {
        assert_eq!(names(&ask(Dialect::Yealink, query, &with_contacts())), expected, "{query}");
    }
}

#[test]
fn a_long_book_is_read_page_by_page_and_nobody_is_left_out() {
    let mut office = office();
    office.people = (200..320).map(|number| person(&number.to_string(), &format!("Colleague {number}"))).collect();
    office.ring_groups.clear();
    let (mut query, mut seen) = ("search=colleague".to_owned(), Vec::new());
    loop {
        let page = ask(Dialect::Snom, &query, &office);
        assert!(page.entries.len() <= 50, "a page fits the phone");
        seen.extend(page.entries.into_iter().map(|(_, number)| number));
        let Some((_, next)) = page.keys.into_iter().find(|(key, _)| key == "F2") else { break };
        query = next.strip_prefix(&format!("{URL}?")).unwrap().to_owned();
    }
    assert_eq!(seen, (200..320).map(|number| number.to_string()).collect::<Vec<_>>());
    assert_eq!(ask(Dialect::Yealink, "", &office).entries.len(), 120, "a Yealink reads it at once");
}

#[test]
fn a_book_of_any_size_makes_a_bounded_answer() {
    let many = |number| contact(&"n".repeat(900), "", &[&format!("+31{:012}", 100_000_000_000_u64 + number)]);
    let office = Office { contacts: (0..5000).map(many).collect(), ..office() };
    for (dialect, most) in [(Dialect::Yealink, 1000), (Dialect::Snom, 50)] {
        let book = Book::of(&office).answer(dialect, URL, "").unwrap();
        assert!(book.body.len() < most * 800 + 1000, "{dialect:?}: {}", book.body.len());
    }
}

#[test]
fn no_list_of_contacts_pushes_a_colleague_or_a_group_out_of_the_book() {
    let many = |number| contact(&format!("Aannemer {number:04}"), "", &[&format!("+31{:09}", 200_000_000 + number)]);
    let office = Office { contacts: (0..2000).map(many).collect(), ..office() };
    let shown = ask(Dialect::Yealink, "", &office);
    assert_eq!(shown.entries.len(), 1000);
    let names = names(&shown);
    assert_eq!(names[..2], ["Aannemer 0000", "Aannemer 0001"], "in the order of names");
    assert_eq!(names[995..], ["Aannemer 0995", "Anna Jansen", "Bob & zoon", "Çem", "Winkel"]);
    assert_eq!(
        ask(Dialect::Yealink, "search=aannemer+1999", &office).entries.len(),
        1,
        "the rest is found by its name"
    );
}

#[test]
fn a_snom_phone_is_asked_what_to_look_for() {
    let shown = ask(Dialect::Snom, "", &office());
    let (_, form) = &shown.keys[0];
    let text = xml(&office(), Dialect::Snom, form.split_once('?').unwrap().1);
    let document = Document::parse(&text).unwrap();
    assert_eq!(document.root_element().tag_name().name(), "SnomIPPhoneInput");
    assert_eq!(child(document.root_element(), "URL"), URL);
    let item = document.root_element().children().find(|node| node.has_tag_name("InputItem")).unwrap();
    assert_eq!(child(item, "QueryStringParam"), "search");
}

#[test]
fn a_soft_phone_has_no_such_book() {
    assert_eq!(Book::of(&office()).answer(Dialect::Linphone, URL, ""), None);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 128, rng_seed: RngSeed::Fixed(3), failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_name_or_search_breaks_out_of_the_book(
        name in "(\\PC|[<>&\"']|\\]\\]>|<!--|\n|\0|\u{ffff}|</Name>){0,8}",
        query in "(search=|from=|ask|&|%[0-9A-F]{2}|\\PC){0,8}",
    ) {
        let mut plain = office();
        plain.people.truncate(1);
        let mut strange = plain.clone();
        strange.identity.name = name.clone();
        strange.contacts.push(contact(&name, "", &["+31207654321"]));
        plain.contacts.push(contact("X", "", &["+31207654321"]));
        for dialect in [Dialect::Yealink, Dialect::Snom] {
            let shown = ask(dialect, "", &strange);
            let usual = ask(dialect, "", &plain);
            prop_assert_eq!((shown.root, shown.entries.len(), shown.keys), (usual.root, usual.entries.len(), usual.keys));
            prop_assert!(shown.entries.iter().all(|(_, number)| number.bytes().all(|byte| byte.is_ascii_digit() || b"+*#".contains(&byte))));
            let text = xml(&strange, dialect, &query);
            prop_assert!(Document::parse(&text).is_ok(), "{}", text);
        }
    }
}
