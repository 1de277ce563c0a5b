//! Which devices an account is at home on is known after a restart.

use centrale_store::BondRow;

use crate::Home;

fn row(account: &str, family: &str, instance: Option<&str>, place: &str) -> BondRow {
    BondRow {
        account: account.into(),
        family: family.into(),
        instance: instance.map(str::to_owned),
        place: place.into(),
    }
}

#[test]
fn a_029_the_devices_of_an_account_outlive_a_restart_until_they_are_forgotten() {
    let home = Home::new();
    let at_home = row("201", "linphone", Some("<urn:uuid:1>"), "203.0.113.0/24");
    home.store.keep_bond(&row("201", "linphone", None, "office"), 1).unwrap();
    home.store.keep_bond(&at_home, 2).unwrap();
    home.store.keep_bond(&at_home, 3).unwrap();
    home.store.keep_bond(&row("202", "baresip", None, "office"), 4).unwrap();
    for account in ["201", "202", "202"] {
        home.store.keep_copied(account, "<urn:uuid:1>").unwrap();
    }
    let home = home.restarted();
    let both = [row("201", "linphone", None, "office"), at_home, row("202", "baresip", None, "office")];
    assert_eq!(home.store.bonds().unwrap(), both);
    assert_eq!(home.store.copied().unwrap().len(), 2);
    home.store.forget_bonds("201").unwrap();
    assert_eq!(home.store.bonds().unwrap(), [row("202", "baresip", None, "office")]);
    assert_eq!(home.store.copied().unwrap(), [("202".to_owned(), "<urn:uuid:1>".to_owned())]);
}
