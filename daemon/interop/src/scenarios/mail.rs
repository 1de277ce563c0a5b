//! What must be known at once leaves the box as mail, over a mail server of somebody else.

use serde_json::{Value, json};

use super::{Stage, says};
use crate::{
    Account, Administrator, Baresip, Centraled, Failure, MailServer, Microphone, Phone, Result, Subscriber, Transport,
    Trunk,
};

const OWNER: &str = "owner@example.org";

/// A wrong password is on the page and keeps the mail in the box; with the right one it leaves, encrypted and logged in, and so
/// does word of a call for help. Nothing of either password is in the log.
pub(super) fn told(stage: &Stage) -> Result<()> {
    let mut server = MailServer::start(&stage.provider)?;
    let people = [Subscriber::new("201")];
    // A provider that nobody is: it brings the authority that the box is to trust.
    let nobody = (stage.provider.address, stage.provider.free_ports(1)?).into();
    let trunk = Trunk {
        authority: Some(server.certificate().to_owned()),
        ..Trunk::usual(nobody, Subscriber::new("office"), "+31201234567")
    };
    let mut centraled = Centraled::start(&stage.inside, &people, Some(&trunk))?;
    let page = centraled.set_up()?;

    // The first mail is the code by which the owner shows that mail arrives.
    set(&page, &server, "a wrong password")?;
    page.wait_for_problem("alert-mail-fails", OWNER)?;
    let last = page.read("alerts")?["mails"][0].clone();
    if last["fault"] != "login-refused" || !server.lines_with("mail from=").is_empty() {
        return Err(Failure::Unexpected(format!("the mail with a wrong password: {last}")));
    }
    set(&page, &server, MailServer::USER.1)?;
    let asked = server.wait_for("De code is ")?;
    let code = asked.split("De code is ").nth(1).and_then(|rest| rest.split_whitespace().next()).unwrap_or_default();
    page.write("POST", "alerts/confirm", &json!({ "code": code }))?;
    page.write("POST", "alerts/test", &json!({}))?;
    let test = server.wait_for("Een test")?;
    for what in [format!("to={OWNER} encrypted=True logged-in=True"), "subject=[".to_owned()] {
        says(&test, &[&what])?;
    }
    page.wait_to_see("no trouble with mail", |live| !problems(live).any(|code| code == "alert-mail-fails"))?;

    let account = Account::new(&people[0], centraled.address(), Transport::Udp);
    let mut phone = Baresip::start(&stage.phones, account, Microphone::Off)?;
    phone.wait_registered()?;
    phone.dial("112")?;
    let help = server.wait_for("Het noodnummer is gebeld door")?;
    says(&help, &[&format!("to={OWNER} encrypted=True logged-in=True")])?;
    let log = centraled.log();
    for secret in ["a wrong password", MailServer::USER.1] {
        if log.contains(secret) {
            return Err(Failure::Unexpected("the log holds a password of the mail server".to_owned()));
        }
    }
    Ok(())
}

fn set(page: &Administrator, server: &MailServer, password: &str) -> Result<()> {
    let settings = json!({
        "server": server.address().to_string(), "security": "starttls", "username": MailServer::USER.0, "sender": "",
        "mail_password": password, "contacts": [{ "address": OWNER, "language": "nl" }], "digest": true,
    });
    page.write("PUT", "alerts", &settings).map(drop)
}

fn problems(live: &Value) -> impl Iterator<Item = &str> {
    live["problems"].as_array().into_iter().flatten().filter_map(|problem| problem["code"].as_str())
}
