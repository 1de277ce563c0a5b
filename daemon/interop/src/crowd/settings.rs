//! A phone's file as the phone reads it: where to ask next, whom to trust, what to register with.

use std::collections::BTreeSet;

use crate::{Account, Failure, Result, Transport};

/// First line of every file of a Yealink.
const VERSION: &str = "#!version:1.0.0.1";
/// More accounts than any of these phones has.
const ACCOUNTS: std::ops::RangeInclusive<u8> = 1..=16;

/// A file that came.
#[derive(Debug, Clone)]
pub(super) enum Settings {
    /// A Yealink's: `key = value`, a line each.
    Lines(String),
    /// A Snom's: an element each.
    Elements(String),
}

/// Whom a file says to trust.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Authority {
    /// Who is there, as PEM.
    At(String),
    /// This one, in PEM.
    Is(String),
}

impl Settings {
    pub(super) fn read(body: String) -> Result<Settings> {
        match body.lines().next() {
            Some(VERSION) => Ok(Settings::Lines(body)),
            Some(first) if first.starts_with("<?xml") => Ok(Settings::Elements(body)),
            _ => Err(Failure::Unexpected("a phone was given what is no file for a phone".to_owned())),
        }
    }

    /// The whole text.
    pub(super) fn text(&self) -> &str {
        let (Settings::Lines(text) | Settings::Elements(text)) = self;
        text
    }

    /// The file that a boot file names.
    pub(super) fn included(&self) -> Result<&str> {
        let line = self.text().lines().find_map(|line| line.strip_prefix("include:config "));
        line.map(|name| name.trim_matches('"')).ok_or_else(|| missing("include:config"))
    }

    /// Where to ask from now on.
    pub(super) fn next(&self) -> Result<&str> {
        let key = match self {
            Settings::Lines(_) => "static.auto_provision.server.url",
            Settings::Elements(_) => "setting_server",
        };
        self.value(key, None).ok_or_else(|| missing(key))
    }

    /// Whom to trust.
    pub(super) fn authority(&self) -> Result<Authority> {
        match self {
            Settings::Lines(_) => {
                let url = self.value("static.trusted_certificates.url", None);
                url.map(|url| Authority::At(url.to_owned())).ok_or_else(|| missing("trusted_certificates"))
            }
            Settings::Elements(text) => {
                let inside =
                    between(text, "<certificate type=\"base64\">", "<").ok_or_else(|| missing("certificate"))?;
                Ok(Authority::Is(format!("-----BEGIN CERTIFICATE-----\n{inside}\n-----END CERTIFICATE-----\n")))
            }
        }
    }

    /// Every account that is switched on.
    pub(super) fn accounts(&self) -> Result<Vec<Account>> {
        let on = |index: &u8| match self {
            Settings::Lines(_) => self.own(*index, "enable") == Some("1"),
            Settings::Elements(_) => self.own(*index, "active") == Some("on"),
        };
        ACCOUNTS.filter(on).map(|index| self.account(index)).collect()
    }

    fn account(&self, index: u8) -> Result<Account> {
        let own = |name: &str| self.own(index, name).map(str::to_owned).ok_or_else(|| missing(name));
        let (login, password, server, transport) = match self {
            Settings::Lines(_) => {
                let server = format!("{}:{}", own("sip_server.1.address")?, own("sip_server.1.port")?);
                ("auth_name", "password", server, own("sip_server.1.transport_type")?)
            }
            Settings::Elements(_) => {
                let proxy = own("outbound")?;
                let (server, transport) = proxy.split_once(";transport=").unwrap_or((&proxy, "udp"));
                ("pname", "pass", server.to_owned(), transport.to_owned())
            }
        };
        let transport = match transport.as_str() {
            "2" | "tls" => Transport::Tls,
            "1" | "tcp" => Transport::Tcp,
            _ => Transport::Udp,
        };
        let server =
            server.parse().map_err(|_| Failure::Unexpected(format!("{server} is no server to register at")))?;
        let user = match self {
            Settings::Lines(_) => own("user_name")?,
            Settings::Elements(_) => own("name")?,
        };
        Ok(Account { user, login: own(login)?, password: own(password)?, server, transport })
    }

    /// Every value that is a secret: passwords, whatever they open, and addresses with a token.
    pub(super) fn secrets(&self) -> BTreeSet<String> {
        let secret = |key: &str| key.ends_with("password") || key.ends_with("_pass") || key.ends_with("_confirm");
        let pairs: Vec<(&str, &str)> = match self {
            Settings::Lines(text) => text.lines().filter_map(|line| line.split_once(" = ")).collect(),
            Settings::Elements(text) => text.lines().filter_map(element).collect(),
        };
        let passwords = pairs.into_iter().filter(|(key, value)| secret(key) && !value.is_empty());
        // `admin:secret` names whose it is.
        let bare = passwords.map(|(_, value)| value.split_once(':').map_or(value, |(_, value)| value));
        bare.chain(self.next().ok()).map(str::to_owned).collect()
    }

    fn own(&self, index: u8, name: &str) -> Option<&str> {
        match self {
            Settings::Lines(_) => self.value(&format!("account.{index}.{name}"), None),
            Settings::Elements(_) => self.value(&format!("user_{name}"), Some(index)),
        }
    }

    fn value(&self, key: &str, index: Option<u8>) -> Option<&str> {
        match self {
            Settings::Lines(text) => text.lines().find_map(|line| line.strip_prefix(key)?.strip_prefix(" = ")),
            Settings::Elements(text) => {
                let index = index.map(|index| format!(" idx=\"{index}\"")).unwrap_or_default();
                between(text, &format!("<{key}{index} perm=\"R\">"), "<")
            }
        }
    }
}

/// Name and value of an element that stands on a line of its own.
fn element(line: &str) -> Option<(&str, &str)> {
    let (opening, rest) = line.trim().strip_prefix('<')?.split_once('>')?;
    Some((opening.split(' ').next()?, rest.split('<').next()?))
}

fn between<'a>(text: &'a str, before: &str, behind: &str) -> Option<&'a str> {
    text.split_once(before)?.1.split(behind).next()
}

fn missing(what: &str) -> Failure {
    Failure::Unexpected(format!("a phone's file says nothing of {what}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_yealink_reads_its_accounts_and_its_secrets() {
        let file = "#!version:1.0.0.1\n# Centrale\nstatic.auto_provision.server.url = https://10.40.0.1:1/p/t/\n\
            account.1.enable = 1\naccount.1.user_name = 201\naccount.1.auth_name = 201-a\naccount.1.password = one\n\
            account.1.sip_server.1.address = 10.40.0.1\naccount.1.sip_server.1.port = 5061\n\
            account.1.sip_server.1.transport_type = 2\naccount.2.enable = 0\n\
            static.security.user_password = admin:two\n";
        let settings = Settings::read(file.to_owned()).unwrap();
        let accounts = settings.accounts().unwrap();
        assert_eq!(accounts.len(), 1);
        assert_eq!((accounts[0].login.as_str(), accounts[0].transport), ("201-a", Transport::Tls));
        assert_eq!(Vec::from_iter(settings.secrets()), ["https://10.40.0.1:1/p/t/", "one", "two"]);
    }

    #[test]
    fn a_snom_reads_its_accounts_its_secrets_and_whom_to_trust() {
        let file = "<?xml version=\"1.0\"?>\n<setting_server perm=\"R\">https://10.40.0.1:1/p/t/a.xml</setting_server>\n\
            <user_active idx=\"1\" perm=\"R\">on</user_active>\n<user_name idx=\"1\" perm=\"R\">201</user_name>\n\
            <user_pname idx=\"1\" perm=\"R\">201-a</user_pname>\n<user_pass idx=\"1\" perm=\"R\">one</user_pass>\n\
            <user_outbound idx=\"1\" perm=\"R\">10.40.0.1:5061;transport=tls</user_outbound>\n\
            <http_pass perm=\"R\">two</http_pass>\n<certificate type=\"base64\">QUJD</certificate>\n";
        let settings = Settings::read(file.to_owned()).unwrap();
        let accounts = settings.accounts().unwrap();
        assert_eq!((accounts.len(), accounts[0].server.port(), accounts[0].password.as_str()), (1, 5061, "one"));
        assert_eq!(Vec::from_iter(settings.secrets()), ["https://10.40.0.1:1/p/t/a.xml", "one", "two"]);
        assert!(matches!(settings.authority().unwrap(), Authority::Is(pem) if pem.contains("\nQUJD\n")));
    }
}
