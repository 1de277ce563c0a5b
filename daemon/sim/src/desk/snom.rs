//! How a Snom reads what it is given.
//!
//! A setting that is not in the file keeps its value: there is no "missing means default". `perm="!"` leaves alone what
//! the person at the phone changed; every other `perm` overwrites. A list of files is read in its order.

use bytes::Bytes;
use centrale_sip::flow::Transport;
use roxmltree::{Document, Node};

use super::keys::{Does, Key, Spot};
use super::profile::Profile;
use super::run::{Ask, Run, names_a_file};
use super::store::{Account, Store};
use crate::agent::{Package, Wish};

/// The setting with the places in which it looks for its settings, in their order.
pub(super) const ORDER: &str = "provisioning_order";

/// Whether it looks for its settings there: `redirection`, its maker's service, `pnp`, `dhcp`, `tr69`.
pub(super) fn looks_at(store: &Store, source: &str) -> bool {
    let order = store.value_or(ORDER, "redirection:stop pnp:stop dhcp:stop tr69:stop");
    order.split_whitespace().any(|step| step.split(':').next() == Some(source))
}

/// The first question of a run.
pub(super) fn begin(url: &str, profile: &Profile, mac: &str) -> Run {
    let url = url.replace("{mac}", mac).replace("{phone_type}", profile.pnp_model);
    let mut run = Run::new(&url);
    if names_a_file(&url) {
        run.ask(Ask::Only, &url);
    } else {
        run.ask(Ask::TypeFile, &format!("{}.htm", profile.pnp_model));
        run.ask(Ask::OwnFile, &format!("{}-{}.htm", profile.pnp_model, mac.to_ascii_uppercase()));
    }
    run
}

/// Takes a file that came; a list of files adds to what is asked.
pub(super) fn next(run: &mut Run, (_, url): (Ask, &str), body: Option<Bytes>) {
    let Some(body) = body else { return };
    let text = String::from_utf8_lossy(&body).into_owned();
    let Ok(document) = Document::parse(&text) else { return };
    let root = document.root_element();
    if root.has_tag_name("settings") {
        return run.take(url, body);
    }
    let files = root.children().filter(|_| root.has_tag_name("setting-files")).filter(|node| node.has_tag_name("file"));
    files.filter_map(|file| file.attribute("url")).for_each(|url| run.ask(Ask::Named, url));
}

/// Puts what came into force. Whether anything changed.
pub(super) fn apply(store: &mut Store, run: &Run) -> bool {
    let before = (store.values.clone(), store.certificates.clone());
    for taken in &run.taken {
        let text = String::from_utf8_lossy(&taken.body).into_owned();
        let Ok(document) = Document::parse(&text) else { continue };
        let containers = document.root_element().children().filter(Node::is_element);
        containers.for_each(|container| read_container(store, container));
    }
    before != (store.values.clone(), store.certificates.clone())
}

fn read_container(store: &mut Store, container: Node<'_, '_>) {
    let leaves = container.children().filter(Node::is_element);
    match container.tag_name().name() {
        "phone-settings" | "functionKeys" => leaves.for_each(|leaf| read_setting(store, leaf)),
        "certificates" => {
            let whole = |leaf: Node<'_, '_>| leaf.text().unwrap_or_default().split_whitespace().collect::<String>();
            leaves.filter(|leaf| leaf.attribute("type") == Some("base64")).for_each(|leaf| store.trust(whole(leaf)));
        }
        _ => {}
    }
}

fn read_setting(store: &mut Store, leaf: Node<'_, '_>) {
    let name = leaf.tag_name().name();
    let key = leaf.attribute("idx").map_or_else(|| name.to_owned(), |index| format!("{name}#{index}"));
    if leaf.attribute("perm") == Some("!") && store.by_hand.contains_key(&key) {
        return;
    }
    if let Some(label) = leaf.attribute("label") {
        store.values.insert(format!("{key}.label"), label.to_owned());
    }
    store.values.insert(key, leaf.text().unwrap_or_default().trim().to_owned());
}

/// Where a picture for the screen comes from.
pub(super) const PICTURE: &str = "custom_bg_image_url";

/// The picture behind what the screen shows: the one from there.
pub(super) fn picture(store: &Store) -> Option<String> {
    store.shown_picture(store.value(PICTURE).rsplit('/').next()?)
}

/// The accounts that are switched on.
pub(super) fn accounts(store: &Store, profile: &Profile) -> Vec<Account> {
    (1..=profile.accounts).filter_map(|index| account(store, index)).collect()
}

fn account(store: &Store, index: u8) -> Option<Account> {
    let own = |key: &str| store.value(&format!("{key}#{index}"));
    if own("user_active") != "on" || own("user_name").is_empty() {
        return None;
    }
    let (proxy, transport) = own("user_outbound").split_once(";transport=").unwrap_or((own("user_outbound"), "udp"));
    let proxy = if proxy.is_empty() { own("user_host") } else { proxy };
    let (server, port) = proxy.rsplit_once(':').unwrap_or((proxy, "5060"));
    Some(Account {
        index,
        label: own("user_idle_text").to_owned(),
        number: own("user_name").to_owned(),
        username: if own("user_pname").is_empty() { own("user_name") } else { own("user_pname") }.to_owned(),
        password: own("user_pass").to_owned(),
        digest: None,
        server: server.to_owned(),
        port: port.parse().unwrap_or(5060),
        transport: match transport {
            "tls" => Transport::Tls,
            "tcp" => Transport::Tcp,
            _ => Transport::Udp,
        },
        srtp: own("user_srtp") == "on" && matches!(own("user_savp"), "mandatory" | "optional"),
        expires: own("user_expiry").parse().unwrap_or(3600),
    })
}

/// A key, if it does something. Those of modules are counted on from the phone's own.
pub(super) fn key(store: &Store, profile: &Profile, (module, at, spot): (u8, u8, Spot)) -> Option<Key> {
    let before =
        if module == 0 { 0 } else { u16::from(profile.keys) + u16::from(module - 1) * u16::from(profile.module_keys) };
    let name = format!("fkey#{}", before + u16::from(at) - 1);
    let (kind, value) = store.value(&name).split_once(' ').unwrap_or((store.value(&name), ""));
    let does = match kind {
        "line" => Does::Line,
        "blf" => {
            let (number, code) = value.split_once('|').unwrap_or((value, ""));
            let pickup = (!code.is_empty()).then(|| format!("{code}{number}"));
            Does::Watches { number: number.to_owned(), pickup }
        }
        "speed" => Does::Dials(value.to_owned()),
        _ => return None,
    };
    Some(Key { spot, label: store.value(&format!("{name}.label")).to_owned(), account: 1, does })
}

/// How long it subscribes, seconds.
pub(super) fn lamp_expires(store: &Store, account: u8) -> u32 {
    store.value(&format!("user_subscription_expiry#{account}")).parse().unwrap_or(3600)
}

/// The subscription to an account's mailbox, which is the account's own where none is named.
pub(super) fn mailbox(store: &Store, account: &Account) -> Wish {
    let named = store.value(&format!("user_mailbox#{}", account.index));
    let number = if named.is_empty() { &account.number } else { named }.to_owned();
    Wish { package: Package::MessageSummary, number, expires: lamp_expires(store, account.index) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(store: &mut Store, files: &[&str]) -> Run {
        let mut run = begin("http://box/x/", &Profile::D785, "000413000001");
        for file in files {
            next(&mut run, (Ask::Only, "http://box/x/a.xml"), Some((*file).to_owned().into()));
        }
        apply(store, &run);
        run
    }

    fn settings(inside: &str) -> String {
        format!("<settings><phone-settings>{inside}</phone-settings></settings>")
    }

    #[test]
    fn what_is_not_in_the_file_keeps_its_value() {
        let mut store = Store::default();
        read(&mut store, &[&settings("<a perm=\"R\">1</a><b idx=\"1\" perm=\"RW\">x</b><b idx=\"2\">y</b>")]);
        read(&mut store, &[&settings("<a perm=\"\"></a>")]);
        assert_eq!(["a", "b#1", "b#2"].map(|key| store.value(key)), ["", "x", "y"]);
    }

    #[test]
    fn only_an_exclamation_mark_leaves_alone_what_somebody_changed_at_the_phone() {
        for (perm, kept) in [("!", "mine"), ("R", "theirs"), ("RW", "theirs"), ("$", "theirs")] {
            let mut store = Store::default();
            store.by_hand.insert("a".into(), String::new());
            store.values.insert("a".into(), "mine".into());
            read(&mut store, &[&settings(&format!("<a perm=\"{perm}\">theirs</a>"))]);
            assert_eq!(store.value("a"), kept, "{perm}");
        }
    }

    #[test]
    fn a_list_of_files_is_asked_for_in_its_order_and_other_documents_are_ignored() {
        let list = "<setting-files><file url=\"http://box/1.xml\"/><file url=\"http://box/2.xml\"/></setting-files>";
        let run = read(&mut Store::default(), &[list, "<html/>", "not even that"]);
        let asked: Vec<&str> = run.waiting.iter().map(|(_, url)| url.as_str()).collect();
        let own = ["http://box/x/snomD785.htm", "http://box/x/snomD785-000413000001.htm"];
        assert_eq!(asked, [own, ["http://box/1.xml", "http://box/2.xml"]].concat());
        assert!(run.taken.is_empty());
    }
}
