//! How Linphone reads what a link gives it (remote provisioning).
//!
//! One GET, again at each start for as long as it remembers the link. Only 200 with a `<config>` is taken; after anything
//! else the old settings stay. All `auth_info` sections go first; an entry is written where there is none yet or where
//! the entry itself says `overwrite="true"`, whatever its section says. `misc/transient_provisioning` makes it forget the
//! link.

use std::time::Instant;

use bytes::Bytes;
use centrale_sip::flow::Transport;
use roxmltree::{Document, Node};

use super::display::Trouble;
use super::profile::Profile;
use super::run::{Ask, Run};
use super::store::{Account, Store, base64_of_pem};
use super::{DeskPhone, Fetched};

/// Of every document that is one.
const NAMESPACE: &str = "http://www.linphone.org/xsds/lpconfig.xsd";
/// Where it keeps the link.
pub(super) const LINK: &str = "misc/config-uri";

/// The one question of a run.
pub(super) fn begin(url: &str) -> Run {
    let mut run = Run::new(url);
    run.ask(Ask::Only, url);
    run
}

fn is_config(body: &Bytes) -> bool {
    let text = String::from_utf8_lossy(body);
    Document::parse(&text).is_ok_and(|document| document.root_element().has_tag_name((NAMESPACE, "config")))
}

/// Puts what came into force. Whether anything changed.
pub(super) fn apply(store: &mut Store, run: &Run) -> bool {
    let before = store.values.clone();
    for taken in &run.taken {
        let text = String::from_utf8_lossy(&taken.body).into_owned();
        let Ok(document) = Document::parse(&text) else { continue };
        store.values.retain(|key, _| !key.starts_with("auth_info_"));
        let elements = document.descendants().filter(|node| node.has_tag_name((NAMESPACE, "entry")));
        elements.for_each(|entry| write(store, entry));
    }
    if store.value("misc/transient_provisioning") == "1" {
        store.values.remove(LINK);
    }
    before != store.values
}

fn write(store: &mut Store, entry: Node<'_, '_>) {
    let section = entry.parent().and_then(|section| section.attribute("name"));
    let (Some(section), Some(name)) = (section, entry.attribute("name")) else { return };
    let key = format!("{section}/{name}");
    if entry.attribute("overwrite") == Some("true") || !store.values.contains_key(&key) {
        store.values.insert(key, entry.text().unwrap_or_default().to_owned());
    }
}

/// The accounts that register.
pub(super) fn accounts(store: &Store, profile: &Profile) -> Vec<Account> {
    (0..profile.accounts).filter_map(|index| account(store, index)).collect()
}

fn account(store: &Store, index: u8) -> Option<Account> {
    let own = |key: &str| store.value(&format!("proxy_{index}/{key}"));
    let (label, address) = own("reg_identity").split_once('<')?;
    let (number, _) = address.strip_prefix("sip:")?.split_once('@')?;
    let (server, port, transport) = proxy(own("reg_proxy"))?;
    let secret = (0..8).find(|at| store.value(&format!("auth_info_{at}/username")) == number)?;
    let proof = |key: &str| store.value(&format!("auth_info_{secret}/{key}")).to_owned();
    let digest = (!proof("ha1").is_empty()).then(|| (proof("algorithm"), proof("ha1")));
    (own("reg_sendregister") == "1").then(|| Account {
        index: index + 1,
        label: label.trim().trim_matches('"').to_owned(),
        number: number.to_owned(),
        username: Some(proof("userid")).filter(|user| !user.is_empty()).unwrap_or_else(|| number.to_owned()),
        password: proof("passwd"),
        digest,
        server,
        port,
        transport,
        srtp: store.value("sip/media_encryption") == "srtp",
        expires: own("reg_expires").parse().unwrap_or(3600),
    })
}

/// `<sip:host:port;transport=tls>`.
fn proxy(text: &str) -> Option<(String, u16, Transport)> {
    let uri = text.trim_start_matches('<').trim_end_matches('>').strip_prefix("sip:")?;
    let (place, parameters) = uri.split_once(';').unwrap_or((uri, ""));
    let transport = match parameters.split(';').find_map(|one| one.strip_prefix("transport=")) {
        Some("tls") => Transport::Tls,
        Some("tcp") => Transport::Tcp,
        _ => Transport::Udp,
    };
    let (server, port) = place.rsplit_once(':').unwrap_or((place, "5060"));
    Some((server.to_owned(), port.parse().ok()?, transport))
}

impl DeskPhone {
    /// Somebody holds the app before a QR code, or opens the link on it.
    pub fn scan(&mut self, now: Instant, link: &str) {
        self.store.values.insert(LINK.to_owned(), link.to_owned());
        self.read_again(now);
    }

    /// Somebody puts the box's authority (PEM) among those that the device trusts.
    pub fn install_authority(&mut self, pem: &[u8]) {
        self.store.trust(base64_of_pem(pem));
    }

    /// What became of the link. It is opened once, and a file that broke off is a failure like any other.
    pub(super) fn handle_opened(&mut self, now: Instant, url: &str, fetched: Fetched) {
        match fetched {
            Fetched::Tls(fault) => self.give_up(now, Trouble::Tls(fault)),
            Fetched::Answer { status: 401, .. } => self.denied(now),
            Fetched::Answer { status: 200, body, whole: true } if is_config(&body) => {
                if let Some(run) = &mut self.run {
                    run.take(url, body);
                }
                self.end_of_files(now);
            }
            Fetched::Answer { .. } | Fetched::Nothing => self.give_up(now, Trouble::Link),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(store: &mut Store, inside: &str) -> bool {
        let file = format!("<config xmlns=\"{NAMESPACE}\">{inside}</config>");
        let mut run = begin("https://box/l/x");
        assert!(is_config(&Bytes::from(file.clone())));
        run.take("https://box/l/x", file.into());
        apply(store, &run)
    }

    fn entry(section: &str, entries: &str) -> String {
        format!("<section name=\"{section}\" overwrite=\"true\">{entries}</section>")
    }

    #[test]
    fn an_entry_is_written_where_there_is_none_or_where_it_says_so_itself() {
        let mut store = Store::default();
        store.values.insert("sip/a".into(), "old".into());
        store.values.insert("sip/b".into(), "old".into());
        let entries = "<entry name=\"a\">new</entry><entry name=\"b\" overwrite=\"true\">new</entry><entry name=\"c\">new</entry>";
        assert!(read(&mut store, &entry("sip", entries)));
        assert_eq!(["sip/a", "sip/b", "sip/c"].map(|key| store.value(key)), ["old", "new", "new"]);
    }

    #[test]
    fn secrets_of_before_go_and_so_does_the_link_where_it_is_told_to_forget_it() {
        for (transient, kept) in [("0", "link"), ("1", "")] {
            let mut store = Store::default();
            store.values.insert("auth_info_3/passwd".into(), "of a former owner".into());
            store.values.insert(LINK.into(), "link".into());
            let misc = format!("<entry name=\"transient_provisioning\">{transient}</entry>");
            read(&mut store, &entry("misc", &misc));
            assert_eq!((store.value("auth_info_3/passwd"), store.value(LINK)), ("", kept));
        }
    }

    #[test]
    fn what_has_another_shape_is_no_configuration() {
        for other in ["", "<html/>", "<config/>", "<config xmlns=\"elsewhere\"/>", "<config xmlns=\"http://www.lin"] {
            assert!(!is_config(&Bytes::from(other)), "{other}");
        }
    }
}
