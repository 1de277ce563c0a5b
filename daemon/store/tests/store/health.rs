//! The token of programs that watch the box.

use centrale_config::Secret;

use crate::Home;

#[test]
fn a_098_the_token_of_a_program_that_watches_is_one_and_goes_by_its_hash_also_after_a_restart() {
    let home = Home::new();
    assert_eq!(home.store.health_token_made().unwrap(), None);
    assert!(!home.store.is_health_token(&Secret::new("")).unwrap(), "no token is no empty one");
    let first = home.store.new_health_token(7).unwrap();
    let second = home.store.new_health_token(8).unwrap();
    let home = home.restarted();
    assert_eq!(home.store.health_token_made().unwrap(), Some(8));
    assert!(!home.store.is_health_token(&first).unwrap() && home.store.is_health_token(&second).unwrap());
    home.store.close();
    for file in std::fs::read_dir(home.folder.path()).unwrap() {
        let bytes = std::fs::read(file.unwrap().path()).unwrap();
        assert!(!bytes.windows(43).any(|part| part == second.reveal().as_bytes()), "only a hash is on the disk");
    }
    let home = home.restarted();
    assert!(home.store.drop_health_token().unwrap() && !home.store.drop_health_token().unwrap());
    assert!(!home.store.is_health_token(&second).unwrap());
}
