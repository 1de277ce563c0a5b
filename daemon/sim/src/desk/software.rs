//! A phone's own software: where its settings say it is, fetched in parts, and installed. Phones look at the version that
//! a file says it is, and at nothing else: who made it is not asked.

use std::time::{Duration, Instant};

use bytes::Bytes;
use roxmltree::Document;

use super::run::{Ask, Run};
use super::store::Store;
use super::{DeskPhone, Maker, Wake};

/// The beginning of a Yealink's file, where its version stands, and the parts in which the rest is fetched, in bytes.
const HEAD: usize = 1024;
const PART: usize = 64 * 1024;
/// How long a phone in a call waits before it looks again whether it may restart.
const LATER: Duration = Duration::from_secs(10);

/// Asks for software, where the settings name some.
pub(super) fn ask(store: &Store, maker: Maker, run: &mut Run) {
    let named = |key: &str| Some(store.value(key).to_owned()).filter(|url| !url.is_empty());
    match maker {
        Maker::Yealink => {
            let url = named("static.firmware.url").or_else(|| named("firmware.url"));
            url.iter().for_each(|url| run.ask(Ask::Software, url));
        }
        Maker::Snom if store.value("update_policy") == "auto_update" => {
            named("firmware_status").iter().for_each(|url| run.ask(Ask::SoftwareList, url));
        }
        Maker::Snom | Maker::Linphone => {}
    }
}

/// The file that a Snom's list names, unless its name says that it is of the version that the phone has.
pub(super) fn listed(list: &str, own: &str) -> Option<String> {
    let document = Document::parse(list).ok()?;
    let root = Some(document.root_element()).filter(|root| root.has_tag_name("firmware-settings"))?;
    let url = root.children().find(|node| node.has_tag_name("firmware"))?.text()?.trim();
    (!url.rsplit('/').next().is_some_and(|name| name.contains(own))).then(|| url.to_owned())
}

/// The part that comes next, for a `Range` (RFC 9110 14.2): from where, and how many bytes.
pub(super) fn next_part(run: &Run, maker: Maker) -> (usize, usize) {
    let from = run.software.len();
    (from, if from == 0 && maker == Maker::Yealink { HEAD } else { PART })
}

/// A part came, or the whole at once.
pub(super) fn take(run: &mut Run, (maker, own): (Maker, &str), url: &str, (body, whole): (&Bytes, bool)) {
    let asked = next_part(run, maker).1;
    run.software.extend_from_slice(body);
    if version(&run.software) == Some(own) {
        run.software.clear();
    } else if whole || body.len() < asked {
        run.installs = version(&run.software).map(str::to_owned);
    } else {
        run.waiting.push_front((Ask::Software, url.to_owned()));
    }
}

/// The version that a file says it is; `None` of what is no software.
fn version(file: &[u8]) -> Option<&str> {
    let line = file.split(|byte| *byte == b'\n').next()?;
    std::str::from_utf8(line).ok()?.strip_prefix("version=")
}

impl DeskPhone {
    /// Installs what was fetched and restarts, as soon as nobody is in a call.
    pub(super) fn install(&mut self, now: Instant, version: String) {
        if self.is_in_call() {
            return self.wake(now + LATER, Wake::Install(version));
        }
        self.note(format!("installs {version}"));
        self.firmware = version;
        self.power_on(now, self.boot);
    }
}
