use centrale_config::Voicemail;
use centrale_store::NewMessage;

use crate::Home;

const DAY_MS: u64 = 24 * 3_600_000;
const NOON: u64 = 1_800_000_000_000;

fn message(mailbox: &str, received_unix_ms: u64) -> NewMessage {
    let (from, from_name) = ("+31612345678".into(), "Piet".into());
    NewMessage { mailbox: mailbox.into(), from, from_name, received_unix_ms, voice: b"words of Piet ".repeat(600) }
}

#[test]
fn a_message_outlives_a_restart_and_is_opened_in_its_own_mailbox_alone() {
    let home = Home::new();
    let one = home.store.insert_message(&message("201", NOON)).unwrap().unwrap();
    let two = home.store.insert_message(&message("202", NOON + 1)).unwrap().unwrap();
    let home = home.restarted();
    let kept = home.store.messages("201").unwrap();
    assert_eq!(kept.len(), 1);
    assert_eq!((kept[0].id, kept[0].from_name.as_str(), kept[0].length_ms, kept[0].heard), (one, "Piet", 1050, false));
    assert_eq!(home.store.message_voice("201", one).unwrap(), Some(message("201", NOON).voice));
    assert_eq!(home.store.message_voice("201", two).unwrap(), None);
    assert!(!home.store.delete_message("201", two).unwrap() && !home.store.mark_message_heard("201", two).unwrap());
    assert!(home.store.mark_message_heard("202", two).unwrap());
    assert!(home.store.messages("202").unwrap()[0].heard);
    assert!(home.store.delete_message("202", two).unwrap());
    assert_eq!(home.store.filled_mailboxes().unwrap(), ["201"]);
}

#[test]
fn what_was_said_lies_in_clear_in_no_file() {
    let home = Home::new();
    home.store.insert_message(&message("201", NOON)).unwrap();
    for entry in std::fs::read_dir(home.folder.path()).unwrap() {
        let bytes = std::fs::read(entry.unwrap().path()).unwrap();
        assert!(!bytes.windows(13).any(|window| window == b"words of Piet"));
    }
}

#[test]
fn a_full_mailbox_and_a_full_office_take_nothing_more() {
    let home = Home::new();
    let short = |mailbox: &str| NewMessage { voice: vec![0xd5], ..message(mailbox, NOON) };
    for at in 0..Voicemail::MOST_IN_OFFICE {
        let mailbox = (201 + at / Voicemail::MOST_MESSAGES).to_string();
        assert!(home.store.insert_message(&short(&mailbox)).unwrap().is_some(), "{at}");
    }
    assert_eq!(home.store.insert_message(&short("201")).unwrap(), None);
    assert_eq!(home.store.insert_message(&short("299")).unwrap(), None);
    let first = home.store.messages("202").unwrap()[0].id;
    home.store.delete_message("202", first).unwrap();
    assert_eq!(home.store.insert_message(&short("201")).unwrap(), None, "its own is full");
    assert!(home.store.insert_message(&short("299")).unwrap().is_some());
}

#[test]
fn who_leaves_and_what_is_old_goes_and_a_wrong_clock_does_not_take_everything() {
    let home = Home::new();
    for (mailbox, days) in [("201", 31), ("201", 29), ("202", 31), ("203", 1)] {
        home.store.insert_message(&message(mailbox, NOON - days * DAY_MS)).unwrap();
    }
    let people = ["201".to_owned(), "202".to_owned()];
    assert_eq!(home.store.tidy_messages(&people, NOON).unwrap(), ["201", "202", "203"]);
    assert_eq!(home.store.messages("201").unwrap().len(), 1);
    assert_eq!(home.store.filled_mailboxes().unwrap(), ["201"]);
    assert_eq!(home.store.tidy_messages(&people, NOON).unwrap(), [""; 0]);
    for _ in 0..20 {
        home.store.insert_message(&message("202", NOON)).unwrap();
    }
    home.store.tidy_messages(&people, NOON + 9000 * DAY_MS).unwrap();
    assert_eq!(home.store.messages("202").unwrap().len(), 13, "eight at a time, the oldest first");
}
