//! Tariff decks survive.

use centrale_store::{DeckRow, Deed, UNDO_MS};

use crate::Home;

fn deck(trunk: &str, csv: &[u8]) -> DeckRow {
    let csv = csv.to_vec();
    DeckRow {
        trunk: trunk.into(),
        host: "sip.example.net".into(),
        valid_from: 20_785,
        vat_per_mille: 210,
        taken_unix_ms: 1_796_000_000_000,
        csv,
    }
}

fn put(home: &Home, deck: DeckRow, now: u64) {
    home.store.change_deck(&deck.trunk.clone(), Some(deck), "Piet", now).unwrap();
}

#[test]
fn the_last_deck_of_each_trunk_is_there_after_a_restart_until_it_is_taken_away() {
    let home = Home::new();
    assert_eq!(home.store.decks().unwrap(), []);
    put(&home, deck("provider", b"prefix;price\n31;1\n"), 1);
    put(&home, deck("cheap", &[b'1'; 8_000_000]), 1);
    let newest = deck("provider", b"prefix;price\n31;2\n\xe9");
    put(&home, newest.clone(), 1);
    let home = home.restarted();
    let kept = home.store.decks().unwrap();
    assert_eq!((kept.len(), kept[0].csv.len(), &kept[1]), (2, 8_000_000, &newest));
    home.store.change_deck("cheap", None, "Piet", 1).unwrap();
    home.store.forget_deck("nobody").unwrap();
    let home = home.restarted();
    assert_eq!(home.store.decks().unwrap(), [newest]);
}

#[test]
fn a_120_prices_are_those_of_before_the_first_change_that_can_be_taken_back_however_many_came_after_it() {
    let home = Home::new();
    let (good, dear, free) = (deck("voip", b"31;1"), deck("voip", b"31;9"), deck("voip", b"31;0"));
    let take_back = |home: &Home| {
        let undo = home.store.undos().unwrap().remove(0);
        home.store.take_deed_back(undo.number, undo.deed.unwrap()).unwrap();
    };
    put(&home, good.clone(), 1);
    assert_eq!(home.store.undos().unwrap()[0].deed, Some(Deed::PricesChanged { trunk: "voip".into() }));
    take_back(&home);
    assert_eq!(home.store.decks().unwrap(), [], "there were none");
    put(&home, good.clone(), 2);
    let told = |home: &Home, at: u64| {
        for undo in home.store.untold_deeds().unwrap() {
            home.store.tell_deed(undo.number, at, |_| Vec::new()).unwrap();
        }
    };
    told(&home, 2);
    let day = 3 + UNDO_MS;
    put(&home, free, day);
    told(&home, day);
    put(&home, dear, day + 1);
    told(&home, day + 1);
    home.store.change_deck("voip", None, "thief", day + 2).unwrap();
    let home = home.restarted();
    take_back(&home);
    assert_eq!(home.store.decks().unwrap(), [good]);
    assert!(home.store.undos().unwrap().iter().all(|undo| !undo.is_open(day + 3)), "all of it at once");
}
