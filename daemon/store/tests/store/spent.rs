//! What is spent survives.

use centrale_store::SpentRow;

use crate::Home;

fn row(name: &str, window: u64, amount: u64) -> SpentRow {
    SpentRow { name: name.into(), window, amount }
}

#[test]
fn the_last_line_of_each_name_is_there_after_a_restart() {
    let home = Home::new();
    assert_eq!(home.store.spent().unwrap(), []);
    home.store.keep_spent(&[row("person/201", 20_781, 90_800), row("month", 682, 90_800)]).unwrap();
    home.store.keep_spent(&[row("person/201", 20_782, 1_200)]).unwrap();
    let home = home.restarted();
    assert_eq!(home.store.spent().unwrap(), [row("month", 682, 90_800), row("person/201", 20_782, 1_200)]);
}
