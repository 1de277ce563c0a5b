//! Browsers in which a user has logged in.

use centrale_config::Secret;
use centrale_store::{BROWSER_KNOWN_MS, BrowserToken, Role, Standing};

use crate::Home;

const NOW: u64 = 1_800_000_000_000;

#[test]
fn a_browser_is_known_to_whoever_logged_in_there_until_the_password_is_another_or_half_a_year_has_passed() {
    let home = Home::new();
    let user = |name: &str| {
        let standing = Standing { role: Role::Owner, person: None, ends_unix_ms: None };
        home.store.invite(name, standing, NOW).unwrap().0
    };
    let (anna, bert) = (user("Anna"), user("Bert"));
    let knows = |name: &str, token: &BrowserToken, now| home.store.knows_browser(name, token, now).unwrap();
    let token = home.store.remember_browser(anna, None, NOW).unwrap();
    assert!(knows(" anna", &token, NOW) && !knows("Bert", &token, NOW));
    assert_eq!(home.store.remember_browser(bert, Some(token.clone()), NOW).unwrap(), token, "one browser, two users");
    assert!(knows("Bert", &token, NOW) && !knows("Bert", &token, NOW + BROWSER_KNOWN_MS + 1));
    let chosen = BrowserToken::from_cookie("somebody chose this");
    assert_ne!(home.store.remember_browser(anna, Some(chosen.clone()), NOW).unwrap(), chosen);
    assert!(!knows("Anna", &chosen, NOW));
    home.store.replace_password(anna, &Secret::new("paardebloem bij de deur")).unwrap();
    assert!(!knows("Anna", &token, NOW) && knows("Bert", &token, NOW));
    for later in 0..20 {
        home.store.remember_browser(bert, None, NOW + 1 + later).unwrap();
    }
    assert!(!knows("Bert", &token, NOW), "sixteen are remembered, those that were used last");
}
