//! What nobody may find: not in the state folder, not in the log, not in a backup, and not in what the page shows.

use std::path::Path;

use serde_json::{Value, json};

use crate::crowd::{Crowd, KEY};
use crate::failure::Tried;
use crate::{Account, Administrator, Centraled, Curl, Failure, Kamailio, Result, Sipp, Subscriber, Transport, Trunk};

/// Shorter ones would be found by chance.
const SHORTEST: usize = 13;

/// Secrets, each with whose it is.
#[derive(Default)]
pub(super) struct Secrets(Vec<(String, String)>);

impl Secrets {
    /// What is secret in a value: it may hold a name and a password, or be an address with a token in it.
    pub(super) fn add(&mut self, whose: &str, value: &str) {
        let parts = value.split([':', '/', ' ', ',']).filter(|part| part.len() >= SHORTEST && !is_address(part));
        self.0.extend(parts.map(|part| (whose.to_owned(), part.to_owned())));
    }

    /// A value that is secret as a whole.
    fn add_whole(&mut self, whose: &str, value: &str) {
        self.0.push((whose.to_owned(), value.to_owned()));
    }

    /// Neither on disk, nor in the log, nor in the backup, nor in what the page shows.
    pub(super) fn found_nowhere(&self, centraled: &mut Centraled, page: &Administrator) -> Result<()> {
        let mut places = vec![
            ("the log".to_owned(), centraled.log().into_bytes()),
            ("the backup".to_owned(), centraled.export()?.into_bytes()),
        ];
        for path in ["office", "revisions", "calls", "counters", "calls.json", "calls.csv", "guard/blocks", "contacts"]
        {
            places.push((path.to_owned(), page.read_text(path)?.into_bytes()));
        }
        places.push(("the events".to_owned(), page.wait_to_see("anything", |_| true)?.to_string().into_bytes()));
        files_in(&centraled.state(), &mut places)?;
        self.found_in_none(&places)
    }

    /// Likewise of a state folder alone, as a crash leaves it.
    fn found_nowhere_in(&self, state: &Path) -> Result<()> {
        let mut places = Vec::new();
        files_in(state, &mut places)?;
        if !places.iter().any(|(place, content)| place.ends_with("-wal") && !content.is_empty()) {
            return Err(Failure::Unexpected("the crash left nothing in the write-ahead log".to_owned()));
        }
        self.found_in_none(&places)
    }

    fn found_in_none(&self, places: &[(String, Vec<u8>)]) -> Result<()> {
        if self.0.len() < 5 {
            return Err(Failure::Unexpected(format!("only {} secrets to look for", self.0.len())));
        }
        for (place, content) in places {
            if content.is_empty() && !place.ends_with("-wal") {
                return Err(Failure::Unexpected(format!("{place} is empty")));
            }
            if let Some((whose, _)) = self.0.iter().find(|(_, secret)| contains(content, secret)) {
                return Err(Failure::Unexpected(format!("{whose} secret is in {place}")));
            }
        }
        Ok(())
    }
}

/// Whether a part of an address is where it leads and what is asked for, which are no secrets.
fn is_address(part: &str) -> bool {
    part.ends_with(".xml") || part.split('.').all(|byte| byte.parse::<u8>().is_ok())
}

fn files_in(folder: &Path, files: &mut Vec<(String, Vec<u8>)>) -> Result<()> {
    for entry in std::fs::read_dir(folder).tried(|| format!("list {}", folder.display()))?.flatten() {
        let path = entry.path();
        if path.is_dir() {
            files_in(&path, files)?;
        } else {
            let content = std::fs::read(&path).tried(|| format!("read {}", path.display()))?;
            files.push((path.display().to_string(), content));
        }
    }
    Ok(())
}

fn contains(content: &[u8], text: &str) -> bool {
    let Some(first) = text.bytes().next() else { return true };
    let mut rest = content;
    while let Some(place) = rest.iter().position(|byte| *byte == first) {
        rest = &rest[place..];
        if rest.starts_with(text.as_bytes()) {
            return true;
        }
        rest = &rest[1..];
    }
    false
}

/// A Yealink, a Snom, a base with eight handsets and a Linphone are set up and register, a provider is registered with, and
/// somebody calls out, while the box writes the most talkative log there is. Then it is lost in the middle of that call, and
/// starts again.
pub(super) fn of_everything() -> Result<()> {
    let mut crowd = Crowd::move_in(1, 1, 1)?;
    let outside = crowd.street.provider();
    let (office, help) = (Subscriber::new("office"), Subscriber::new("112"));
    let mut provider = Kamailio::start_provider(&outside, &[office.clone(), help.clone()], &[])?;
    let _help = Sipp::answering(&outside, &Account::new(&help, provider.address(), Transport::Udp))?;
    let mut secrets = Secrets::default();
    secrets.add_whole("a provider's", &office.password);
    let trunk = Trunk::usual(provider.address(), office, "+31201234567");
    let mut centraled = crowd.install(Some(&trunk), "trace")?.start()?;
    let page = centraled.set_up()?;
    page.secrets().iter().for_each(|secret| secrets.add_whole("the page's", secret));
    provider.wait_for("REGISTER of office from")?;

    page.open_window()?;
    let bootstrap = format!("http://{}/", centraled.http_address());
    // Each registers the moment it has its passwords: they open by then.
    crowd.all_at_once(|phone| phone.set_up(&bootstrap).and_then(|()| phone.register()), || Ok(()))?;
    page.close_window()?;
    for phone in &crowd.phones {
        phone.secrets().iter().chain(phone.told()).for_each(|value| secrets.add(phone.mac(), value));
    }
    for person in 201..201 + crowd.accounts() {
        secrets.add_whole("a person's", &format!("secret-of-{person}"));
    }
    secrets.add_whole("a call's", KEY);
    of_a_soft_phone(&crowd, &page, &mut secrets)?;
    let written = page.write("POST", "people/202/password", &json!({}))?;
    strings(&written).into_iter().for_each(|value| secrets.add("a person's new", value));
    secrets.found_nowhere(&mut centraled, &page)?;
    if !centraled.log().contains("DEBUG") {
        return Err(Failure::Unexpected("the log is not the most talkative one".to_owned()));
    }

    let (mut running, mut lost) = (Some(centraled), None);
    let mut caller = crowd.phones[0].first_line()?;
    let called =
        crowd.street.phones().inside(|| caller.call("112", || lost = running.take().map(Centraled::cut_power)));
    let Some(lost) = lost else {
        return called.and(Err(Failure::Unexpected("112 did not answer".to_owned())));
    };
    let installed = lost?;
    secrets.found_nowhere_in(&installed.state())?;
    let mut centraled = installed.start()?;
    secrets.found_nowhere(&mut centraled, &page)
}

/// A link for 201, and what is read at it.
fn of_a_soft_phone(crowd: &Crowd, page: &Administrator, secrets: &mut Secrets) -> Result<()> {
    let link = page.write("POST", "people/201/softphone", &json!({}))?;
    let link = link["url"].as_str().unwrap_or_default();
    secrets.add("a Linphone's", link);
    let asked = Curl::get(&crowd.street.phones(), link).trusting_anybody().header("X-Linphone-Provisioning", "1");
    let answer = asked.send()?;
    // A digest stands there in place of the password: whoever has it can register.
    let words = answer.body.split(|character: char| !character.is_ascii_alphanumeric());
    let digests: Vec<&str> = words.filter(|word| word.len() >= 32 && is_hexadecimal(word)).collect();
    if answer.status != 200 || digests.is_empty() {
        return Err(Failure::Unexpected(format!("the link was answered with {}", answer.status)));
    }
    digests.into_iter().for_each(|digest| secrets.add_whole("a Linphone's", digest));
    Ok(())
}

fn is_hexadecimal(word: &str) -> bool {
    word.bytes().all(|byte| byte.is_ascii_hexdigit())
}

/// Every text in an answer.
fn strings(value: &Value) -> Vec<&str> {
    match value {
        Value::String(text) => vec![text],
        Value::Array(values) => values.iter().flat_map(strings).collect(),
        Value::Object(values) => values.values().flat_map(strings).collect(),
        Value::Null | Value::Bool(_) | Value::Number(_) => Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_in_an_address_is_looked_for_and_where_the_address_leads_is_not() {
        let mut secrets = Secrets::default();
        secrets.add("a", "https://192.168.100.200:8443/p/11aabecb86beda3ff6d0c233a1c4cb77/000413010001.xml");
        secrets.add("a", "admin:Jz7HpvBVsYCDiRagC2GwcbNE");
        let parts: Vec<&str> = secrets.0.iter().map(|(_, part)| part.as_str()).collect();
        assert_eq!(parts, ["11aabecb86beda3ff6d0c233a1c4cb77", "Jz7HpvBVsYCDiRagC2GwcbNE"]);
    }

    #[test]
    fn a_secret_in_the_middle_of_a_file_is_found_and_whose_it_is_is_said_but_not_the_secret() {
        let mut secrets = Secrets::default();
        (1..=5).for_each(|number| secrets.add_whole("a phone's", &format!("secret-number-{number}")));
        let places = |content: &[u8]| [("the log".to_owned(), content.to_vec())];
        assert!(secrets.found_in_none(&places(b"\0\xffsecret-number-\xff")).is_ok());
        let said = secrets.found_in_none(&places(b"\0\xffsesecret-number-4\xff")).unwrap_err().to_string();
        assert!(said.contains("a phone's secret is in the log") && !said.contains("secret-number"), "{said}");
    }
}
