//! How a Yealink reads what it is given.
//!
//! A file whose first line is not `#!version:1.0.0.1` is no settings file at all. Lines are `key = value`; a key that is not in the
//! file keeps its value, `%NULL%` brings the factory's back, a few keys may stand there several times. A boot file is
//! the only file besides those it includes. A file that did not change since it was last applied is not applied again.

use bytes::Bytes;
use centrale_sip::flow::Transport;

use super::keys::{Does, Key, Spot};
use super::profile::Profile;
use super::run::{Ask, Run, names_a_file};
use super::store::{Account, Store, base64_of_pem};
use crate::agent::{Package, Wish};

/// First line of every file.
const VERSION: &str = "#!version:1.0.0.1";
/// Keys that one file may hold several times, each time meaning one more.
const REPEATED: [&str; 3] =
    ["static.security.user_password", "security.user_password", "static.trusted_certificates.url"];

/// The first question of a run.
pub(super) fn begin(url: &str, mac: &str) -> Run {
    let mut run = Run::new(url);
    if names_a_file(url) {
        run.ask(Ask::Only, url);
    } else {
        run.ask(Ask::OwnBoot, &format!("{mac}.boot"));
    }
    run
}

/// What to ask next, now that a file came or did not.
pub(super) fn next(run: &mut Run, profile: &Profile, mac: &str, (ask, url): (Ask, &str), body: Option<Bytes>) {
    match (ask, body) {
        (Ask::OwnBoot | Ask::CommonBoot, Some(body)) if is_settings(&body) => include(run, &text(&body)),
        (Ask::OwnBoot, _) => run.ask(Ask::CommonBoot, "y000000000000.boot"),
        (Ask::CommonBoot, _) => run.ask(Ask::CommonConfig, &format!("y000000000{:03}.cfg", profile.file_code)),
        (Ask::CommonConfig, body) => {
            run.ask(Ask::OwnConfig, &format!("{mac}.cfg"));
            take(run, url, body);
        }
        (_, body) => take(run, url, body),
    }
}

/// Keeps a file. One of another kind (a captive portal's page, say) is none, whatever its Content-Type says.
fn take(run: &mut Run, url: &str, body: Option<Bytes>) {
    if let Some(body) = body.filter(is_settings) {
        run.take(url, body);
    }
}

fn include(run: &mut Run, boot: &str) {
    for line in boot.lines().map(str::trim) {
        if let Some(name) = line.strip_prefix("include:config") {
            run.ask(Ask::Named, name.trim().trim_matches(['"', '<', '>']));
        } else if let Some((key, value)) = line.split_once('=')
            && key.trim() == "overwrite_mode"
        {
            run.overwrite = value.trim() == "1";
        }
    }
}

fn text(body: &Bytes) -> String {
    String::from_utf8_lossy(body).into_owned()
}

fn is_settings(body: &Bytes) -> bool {
    body.split(|byte| *byte == b'\n').next().is_some_and(|first| first.trim_ascii_end() == VERSION.as_bytes())
}

/// Puts what came into force. Whether anything changed.
pub(super) fn apply(store: &mut Store, run: &Run) -> bool {
    let fresh = |name: &str, body: &Bytes| store.files.get(name) != Some(body);
    if !run.taken.iter().any(|taken| fresh(&taken.name, &taken.body)) {
        return false;
    }
    let before = (store.values.clone(), store.repeated.clone());
    if run.overwrite {
        store.values.clear();
        store.repeated.clear();
    }
    for taken in &run.taken {
        if run.overwrite || store.files.get(&taken.name) != Some(&taken.body) {
            merge(store, &text(&taken.body));
            store.files.insert(taken.name.clone(), taken.body.clone());
        }
    }
    before != (store.values.clone(), store.repeated.clone())
}

fn merge(store: &mut Store, file: &str) {
    let mut begun: Vec<&str> = Vec::new();
    for line in file.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#')) {
        let Some((key, value)) = line.split_once('=').map(|(key, value)| (key.trim(), value.trim())) else { continue };
        if REPEATED.contains(&key) {
            let values = store.repeated.entry(key.to_owned()).or_default();
            if !begun.contains(&key) {
                values.clear();
                begun.push(key);
            }
            values.push(value.to_owned());
        } else if value == "%NULL%" {
            store.values.remove(key);
        } else if !(protects(store) && store.by_hand.contains_key(key)) {
            store.values.insert(key.to_owned(), value.to_owned());
        }
    }
}

/// Whether what was changed by hand wins over the file.
fn protects(store: &Store) -> bool {
    store.value("static.auto_provision.custom.protect") == "1"
}

/// Where a picture for the screen comes from.
pub(super) const PICTURE: &str = "wallpaper_upload.url";

/// Certificates to fetch that were not fetched yet.
pub(super) fn certificates(store: &Store) -> Vec<String> {
    let urls = store.repeated.get("static.trusted_certificates.url").into_iter().flatten();
    urls.filter(|url| !store.fetched.contains(url)).cloned().collect()
}

/// Takes a fetched certificate.
pub(super) fn learn(store: &mut Store, url: &str, pem: &Bytes) {
    store.fetched.push(url.to_owned());
    store.trust(base64_of_pem(pem));
}

/// The picture behind what the screen shows: one that was fetched, where that is chosen.
pub(super) fn picture(store: &Store) -> Option<String> {
    store.shown_picture(store.value("phone_setting.backgrounds").strip_prefix("Config:")?)
}

/// The accounts that are switched on.
pub(super) fn accounts(store: &Store, profile: &Profile) -> Vec<Account> {
    (1..=profile.accounts).filter_map(|index| account(store, index)).collect()
}

fn account(store: &Store, index: u8) -> Option<Account> {
    let own = |key: &str| store.value(&format!("account.{index}.{key}"));
    // The second name is the one that DECT bases and old firmware know.
    let either = |new: &str, old: &str| if own(new).is_empty() { own(old) } else { own(new) }.to_owned();
    if own("enable") != "1" || own("user_name").is_empty() {
        return None;
    }
    let transport = match either("sip_server.1.transport_type", "transport").as_str() {
        "1" => Transport::Tcp,
        "2" => Transport::Tls,
        _ => Transport::Udp,
    };
    Some(Account {
        index,
        label: own("label").to_owned(),
        number: own("user_name").to_owned(),
        username: if own("auth_name").is_empty() { own("user_name") } else { own("auth_name") }.to_owned(),
        password: own("password").to_owned(),
        digest: None,
        server: either("sip_server.1.address", "sip_server_host"),
        port: either("sip_server.1.port", "sip_server_port").parse().unwrap_or(5060),
        transport,
        srtp: matches!(own("srtp_encryption"), "1" | "2"),
        expires: either("sip_server.1.expires", "expires").parse().unwrap_or(3600),
    })
}

/// A key, if it does something.
pub(super) fn key(store: &Store, (module, at, spot): (u8, u8, Spot)) -> Option<Key> {
    let name = if module == 0 { format!("linekey.{at}") } else { format!("expansion_module.{module}.key.{at}") };
    let own = |key: &str| store.value(&format!("{name}.{key}"));
    let (number, account) = (own("value").to_owned(), own("line").parse().unwrap_or(1));
    let does = match own("type") {
        "15" => Does::Line,
        "16" => Does::Watches { pickup: pickup(store, &number, own("extension")), number },
        "13" | "23" => Does::Dials(number),
        _ => return None,
    };
    Some(Key { spot, label: own("label").to_owned(), account, does })
}

/// What a lamp's key dials while it rings there.
fn pickup(store: &Store, number: &str, extension: &str) -> Option<String> {
    let code = store.value("features.pickup.direct_pickup_code");
    let code = if extension.is_empty() { code } else { extension };
    if store.value("features.pickup.direct_pickup_enable") != "1" || code.is_empty() {
        return None;
    }
    let as_it_stands = store.value("features.blf_pickup_only_send_code") == "1" && !extension.is_empty();
    Some(if as_it_stands { code.to_owned() } else { format!("{code}{number}") })
}

/// How long it subscribes to what a lamp shows, seconds.
pub(super) fn lamp_expires(store: &Store, account: u8) -> u32 {
    store.value(&format!("account.{account}.blf.subscribe_period")).parse().unwrap_or(1800)
}

/// The subscription to an account's mailbox.
pub(super) fn mailbox(store: &Store, account: &Account) -> Option<Wish> {
    let index = account.index;
    let own = |key: &str| store.value(&format!("account.{index}.{key}"));
    let to_voicemail = own("subscribe_mwi_to_vm") == "1";
    let code = store.value(&format!("voice_mail.number.{index}"));
    let number = if to_voicemail && !code.is_empty() { code } else { &account.number };
    let expires = own("subscribe_mwi_expires").parse().unwrap_or(3600);
    (own("subscribe_mwi") == "1").then(|| Wish { package: Package::MessageSummary, number: number.to_owned(), expires })
}

/// Whether it shows that messages wait.
pub(super) fn shows_messages(store: &Store, account: u8) -> bool {
    store.value_or(&format!("account.{account}.display_mwi.enable"), "1") == "1"
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(store: &mut Store, boot: Option<&str>, file: &str) -> bool {
        let mut run = begin("http://box/x/", "805ec0000001");
        boot.into_iter().for_each(|boot| include(&mut run, boot));
        take(&mut run, "http://box/x/805ec0000001.cfg", Some(file.to_owned().into()));
        apply(store, &run)
    }

    #[test]
    fn what_is_not_in_the_file_keeps_its_value_and_null_is_the_factorys() {
        let mut store = Store::default();
        assert!(read(&mut store, None, "#!version:1.0.0.1\na = 1\nb = 2\n# c = 3\nd = x = y\n"));
        assert!(read(&mut store, None, "#!version:1.0.0.1\nb = %NULL%\n"));
        assert_eq!((store.value("a"), store.value_or("b", "factory"), store.value("c")), ("1", "factory", ""));
        assert_eq!(store.value("d"), "x = y", "only the first = parts");
    }

    #[test]
    fn a_boot_file_may_sweep_everything_else_away() {
        let mut store = Store::default();
        read(&mut store, None, "#!version:1.0.0.1\na = 1\nb = 2\n");
        let boot = "#!version:1.0.0.1\noverwrite_mode = 1\n";
        assert!(read(&mut store, Some(boot), "#!version:1.0.0.1\na = 3\n"));
        assert_eq!((store.value("a"), store.value("b")), ("3", ""));
    }

    #[test]
    fn a_key_that_means_one_more_each_time_keeps_all_its_lines() {
        let mut store = Store::default();
        let file =
            "#!version:1.0.0.1\nstatic.security.user_password = admin:x\nstatic.security.user_password = user:y\n";
        read(&mut store, None, file);
        assert_eq!(store.repeated["static.security.user_password"], ["admin:x", "user:y"]);
    }

    #[test]
    fn the_same_file_again_is_skipped_and_one_without_its_first_line_is_none() {
        let mut store = Store::default();
        let file = "#!version:1.0.0.1\na = 1\n";
        assert!(read(&mut store, None, file));
        store.values.insert("a".into(), "by somebody else".into());
        assert!(!read(&mut store, None, file), "update skipped");
        assert_eq!(store.value("a"), "by somebody else");
        assert!(!read(&mut store, None, "a = 2\n"));
        assert!(!read(&mut store, None, "\n#!version:1.0.0.1\na = 2\n"));
    }

    #[test]
    fn what_somebody_set_at_the_phone_wins_only_where_it_is_protected() {
        for (protect, kept) in [("1", "mine"), ("0", "theirs")] {
            let mut store = Store::default();
            store.by_hand.insert("a".into(), String::new());
            store.values.insert("a".into(), "mine".into());
            let file = format!("#!version:1.0.0.1\nstatic.auto_provision.custom.protect = {protect}\na = theirs\n");
            read(&mut store, None, &file);
            assert_eq!(store.value("a"), kept);
        }
    }
}
