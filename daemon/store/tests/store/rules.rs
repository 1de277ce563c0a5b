//! Who accepted the rules of use.

use centrale_store::{Acceptance, Act};

use crate::Home;

#[test]
fn a_002_an_acceptance_is_kept_with_its_time_and_stands_in_the_log() {
    let home = Home::new();
    assert_eq!(home.store.accepted_rules(1).unwrap(), None);
    let act = |at_unix_ms| Act {
        at_unix_ms,
        who: "Anna".into(),
        source: "192.168.1.50".into(),
        what: "rules-accepted".into(),
        about: "first".into(),
        revision: None,
    };
    home.store.accept_rules(1, "first", act(5)).unwrap();
    let home = home.restarted();
    let accepted = |version: &str, at_unix_ms| Some(Acceptance { version: version.into(), at_unix_ms });
    assert_eq!(home.store.accepted_rules(1).unwrap(), accepted("first", 5));
    assert_eq!(home.store.accepted_rules(2).unwrap(), None, "nobody else did");
    home.store.accept_rules(1, "second", act(9)).unwrap();
    assert_eq!(home.store.accepted_rules(1).unwrap(), accepted("second", 9));
    let log = home.store.audit(u64::MAX >> 1, 9).unwrap();
    assert_eq!(log.iter().map(|row| row.act.at_unix_ms).collect::<Vec<_>>(), [9, 5]);
}
