//! Tariff decks survive.

use centrale_store::DeckRow;

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

#[test]
fn the_last_deck_of_each_trunk_is_there_after_a_restart_until_it_is_taken_away() {
    let home = Home::new();
    assert_eq!(home.store.decks().unwrap(), []);
    home.store.put_deck(deck("provider", b"prefix;price\n31;1\n")).unwrap();
    home.store.put_deck(deck("cheap", &[b'1'; 8_000_000])).unwrap();
    let newest = deck("provider", b"prefix;price\n31;2\n\xe9");
    home.store.put_deck(newest.clone()).unwrap();
    let home = home.restarted();
    let kept = home.store.decks().unwrap();
    assert_eq!((kept.len(), kept[0].csv.len(), &kept[1]), (2, 8_000_000, &newest));
    home.store.remove_deck("cheap").unwrap();
    home.store.remove_deck("nobody").unwrap();
    let home = home.restarted();
    assert_eq!(home.store.decks().unwrap(), [newest]);
}
