//! The way back in for an owner who forgot the password, or whom somebody keeps from trying it: from the console, which
//! no guessing on the network reaches.

use centrale_store::{Act, Role, Store, UserRow};

use crate::cli::{Fault, say};
use crate::settings::Settings;
use crate::time::unix_ms;

/// Prints a one-time code with which an owner chooses a new password, and takes off the owner's second factors; of several, the one who is named or the first.
pub(crate) fn recover(settings: &Settings, name: Option<&str>) -> Result<(), Fault> {
    let store = Store::open(&settings.state_dir).map_err(Fault::machine)?;
    let is_asked = |user: &UserRow| {
        user.standing.role == Role::Owner && name.is_none_or(|name| user.name.eq_ignore_ascii_case(name.trim()))
    };
    let owner = store.users().map_err(Fault::machine)?.into_iter().find(is_asked);
    let Some(owner) = owner else {
        return Err(Fault::machine(match name {
            Some(name) => format!("no owner of this box is called {name}"),
            None => "nobody has set this box up yet: `centraled run` shows the code for that".to_owned(),
        }));
    };
    let code = store.new_user_code(owner.number, unix_ms()).map_err(Fault::machine)?;
    // Who stands at the box is believed without the app or the passkey that was lost.
    store.drop_factors(owner.number).map_err(Fault::machine)?;
    let act = Act {
        at_unix_ms: unix_ms(),
        who: String::new(),
        source: String::new(),
        what: "recovered".to_owned(),
        about: owner.name.clone(),
        revision: None,
    };
    store.note_act(act).map_err(Fault::machine)?;
    say(&format!(
        "Open the page at /#join={} within 24 hours and choose a new password. You log in as {}.",
        code.reveal(),
        owner.name
    ))
}
