use super::*;
use crate::{Secret, parse_office};

const OFFICE: &str = "[office]\nname = \"Bakery\"\ncountry = \"NL\"\narea_code = \"020\"\n\n[[person]]\nnumber = \"201\"\n\
    name = \"Anna\"\n\n[[contact]]\nname = \"Piet\"\nnumbers = [\"020 765 43 21\"]\n";

fn office() -> Office {
    parse_office(OFFICE, &|_, _| None).unwrap().settle(None, &mut || Secret::new("generated-Secret-1"))
}

fn added(file: &str) -> Vec<(String, String, Vec<String>)> {
    let read = office().read_contacts(file.as_bytes()).unwrap();
    assert_eq!(read.refused, [], "{file}");
    let plain = |contact: Contact| {
        let numbers = contact.numbers.iter().map(ToString::to_string).collect();
        (contact.name, contact.company, numbers)
    };
    read.added.into_iter().map(plain).collect()
}

fn refused(file: &str) -> Vec<(u32, String, &'static str, bool)> {
    let read = office().read_contacts(file.as_bytes()).unwrap();
    read.refused.into_iter().map(|one| (one.line, one.name, one.code, one.rest_taken)).collect()
}

fn contact(name: &str, company: &str, numbers: &[&str]) -> (String, String, Vec<String>) {
    (name.into(), company.into(), numbers.iter().map(|number| (*number).to_owned()).collect())
}

#[test]
fn a_sheet_of_a_dutch_or_french_office_is_read_whatever_separates_its_cells() {
    let truus = [contact("Truus", "Molen, De", &["+31612345678", "+31201112222"])];
    assert_eq!(added("Naam;Bedrijf;Mobiel;Telefoon\nTruus;\"Molen, De\";06 12345678;020-1112222\n"), truus);
    assert_eq!(added("Nom,Société,GSM,Téléphone\r\nTruus,\"Molen, De\",0031612345678,0201112222\r\n"), truus);
    assert_eq!(
        added("\u{feff}name\tcompany\tphone 1\tphone 2\nTruus\tMolen, De\t'+31612345678\t+31 20 111 22 22"),
        truus
    );
}

#[test]
fn what_outlook_and_google_write_is_read() {
    let outlook = "\"First Name\",\"Middle Name\",\"Last Name\",\"Company\",\"Business Fax\",\"Business Phone\",\"Mobile Phone\"\n\
        \"Truus\",\"van\",\"Dam\",\"De Molen\",\"0201112223\",\"0201112222\",\"\"\n";
    assert_eq!(added(outlook), [contact("Truus van Dam", "De Molen", &["+31201112222"])]);
    let google = "First Name,Last Name,Organization Name,Phone 1 - Label,Phone 1 - Value\n\
        Truus,Dam,De Molen,Mobile,0612345678 ::: 0201112222\n,,Garage,Work,0303334444\n";
    let garage = contact("Garage", "", &["+31303334444"]);
    assert_eq!(added(google), [contact("Truus Dam", "De Molen", &["+31612345678", "+31201112222"]), garage]);
}

#[test]
fn cards_are_read_in_each_version_folded_escaped_and_quoted() {
    let cards = "BEGIN:VCARD\r\nVERSION:4.0\r\nFN:Truus van\r\n  Dam\\, jr.\r\nORG:De Molen;Verkoop\r\n\
        TEL;VALUE=uri;TYPE=\"voice,cell\":tel:+31-6-12345678\r\nitem1.TEL;TYPE=WORK:020 111 22 22\r\n\
        TEL;TYPE=fax:020 111 22 23\r\nPHOTO;ENCODING=b:AAAA\r\n BBBB\r\nEND:VCARD\r\n\
        BEGIN:VCARD\nVERSION:2.1\nN;CHARSET=UTF-8;ENCODING=QUOTED-PRINTABLE:Andr=C3=A9;=\nRen=C3=A9e\nTEL;CELL:0475 12\nEND:VCARD\n";
    let cards = cards.replace("0475 12", "+32 475 12 34 56");
    let truus = contact("Truus van Dam, jr.", "De Molen", &["+31612345678", "+31201112222"]);
    assert_eq!(added(&cards), [truus, contact("Renée André", "", &["+32475123456"])]);
}

#[test]
fn a_quoted_name_keeps_its_letters_of_an_older_character_set_and_the_space_at_which_it_was_broken() {
    let card = |name: &str| {
        format!("BEGIN:VCARD\r\nVERSION:2.1\r\nFN;ENCODING=QUOTED-PRINTABLE{name}\r\nTEL:0201112222\r\nEND:VCARD\r\n")
    };
    let name = |file: String| added(&file)[0].0.clone();
    assert_eq!(name(card(";CHARSET=ISO-8859-1:Ren=E9e Andr=E9")), "Renée André");
    assert_eq!(name(card(";CHARSET=UTF-8:Truus=\r\n van Dam")), "Truus van Dam");
}

#[test]
fn what_is_not_taken_is_named_by_its_line_and_costs_nobody_else_anything() {
    let file = "name,phone,mobile\nTruus,0201112222,nonsense\n,0201112223,\nKees,,\nJan,112,\nPiet,0207654321,\n\
        \"Mien\"x,0201112224,\nWim,0201112222,\nLast,0201112225,\n";
    assert_eq!(
        refused(file),
        [
            (2, "Truus".into(), "number-unreadable", true),
            (3, String::new(), "name-empty", false),
            (4, "Kees".into(), "numbers-empty", false),
            (5, "Jan".into(), "number-reserved-emergency", false),
            (7, String::new(), "line-torn", false),
            (8, "Wim".into(), "contact-number-taken", false),
        ]
    );
    let read = office().read_contacts(file.as_bytes()).unwrap();
    let names: Vec<_> = read.added.iter().map(|contact| contact.name.as_str()).collect();
    assert_eq!((names, read.known, read.refused_count), (vec!["Truus", "Last"], 1, 6));
}

#[test]
fn what_is_no_file_of_contacts_says_so_and_a_large_one_is_bounded() {
    let code = |file: &[u8]| office().read_contacts(file).unwrap_err().0;
    assert_eq!(code(b"\0\x01"), "file-no-text");
    assert_eq!(code(b"prefix;price\n31;0,02\n"), "columns-unknown");
    assert_eq!(code(b""), "columns-unknown");
    let many: String = (0..3_000).map(|at| format!("N{at},02011{at:05}\n")).collect();
    let read = office().read_contacts(format!("name,phone\n{many}").as_bytes()).unwrap();
    assert_eq!((read.added.len(), read.refused.len(), read.refused_count), (1_999, 100, 1_001));
    assert_eq!(read.refused[0].code, "contacts-too-many");
    let numbers: String = (0..7).map(|at| format!(",020111222{at}")).collect();
    let wide = format!("name{}\nTruus{numbers}\n", ",phone".repeat(7));
    assert_eq!(refused(&wide), [(2, "Truus".into(), "numbers-too-many", true)]);
}

#[test]
fn what_is_written_is_read_back_and_no_sheet_reckons_with_it() {
    let office = office();
    let file = "name;company;phone\n\"=cmd\";\"A \"\"B\"\", C\";0201112222\nTruus;;0612345678\n";
    let read = office.read_contacts(file.as_bytes()).unwrap().added;
    let text = write_contacts(&read);
    assert!(text.contains("\r\n'=cmd,\"A \"\"B\"\", C\",+31201112222,,,,\r\n"), "{text}");
    let again = office.read_contacts(text.as_bytes()).unwrap();
    assert_eq!((again.added.len(), again.refused), (2, vec![]));
    assert_eq!(again.added[1], read[1]);
}

#[test]
fn a_file_has_a_line_of_columns_and_no_name_is_a_number_or_a_formula_in_it() {
    let contact = |name: &str, company: &str, numbers: &[&str]| crate::Contact {
        name: name.into(),
        company: company.into(),
        numbers: numbers.iter().map(|number| number.parse().unwrap()).collect(),
    };
    let written = write_contacts(&[
        contact("+31201112222", "+", &["+31201112222", "0900"]),
        contact("-1", "@\"home\"", &["+31612345678"]),
        contact("'s-Hertogenbosch; Els", "", &[]),
    ]);
    assert_eq!(
        written,
        "name,company,phone 1,phone 2,phone 3,phone 4,phone 5\r\n\
         '+31201112222,'+,+31201112222,0900,,,\r\n\
         '-1,\"'@\"\"home\"\"\",+31612345678,,,,\r\n\
         \"'s-Hertogenbosch; Els\",,,,,,\r\n"
    );
}

#[test]
fn a_change_takes_a_file_in_whole_and_again_it_adds_nothing() {
    let import = || crate::Change::ImportContacts { file: b"name,phone\nTruus,0612345678\nbad,1\n".to_vec() };
    let office = office().apply(import()).unwrap();
    assert_eq!(office.contacts.len(), 2);
    let again = office.apply(import()).unwrap_err();
    assert_eq!((again.field, again.code), ("file", "contacts-none"));
}
