//! kamailio (Debian's 5.6) as the exchange of a peer-to-peer run, and as the provider that a trunk registers at.

use std::fmt::Write;
use std::net::SocketAddr;
use std::time::Duration;

use tempfile::TempDir;

use crate::failure::Tried;
use crate::{Certificate, Place, Process, Program, Result};

/// What it does with a question whether it is there.
const ANSWERS: &str = "sl_send_reply(\"200\", \"OK\");\n\t\txlog(\"L_ALERT\", \"answered OPTIONS of $si:$sp\\n\");";

/// Somebody who may register: name and secret.
#[derive(Debug, Clone)]
pub struct Subscriber {
    /// User part of the address of record.
    pub user: String,
    /// Secret of the digest.
    pub password: String,
}

impl Subscriber {
    /// A subscriber called `user`, whose secret nobody needs to remember.
    #[must_use]
    pub fn new(user: &str) -> Subscriber {
        Subscriber { user: user.to_owned(), password: format!("secret-of-{}", user.trim_start_matches('+')) }
    }
}

/// A running kamailio.
#[derive(Debug)]
pub struct Kamailio {
    process: Process,
    address: SocketAddr,
    /// Holds its configuration and its control files for as long as it runs.
    _directory: TempDir,
    /// And its tables, where it reads any.
    tables: Option<TempDir>,
}

impl Kamailio {
    /// Starts it as an exchange that connects `subscribers` with each other.
    ///
    /// # Errors
    /// When it is not installed or does not start.
    pub fn start(place: &Place, subscribers: &[Subscriber]) -> Result<Kamailio> {
        Kamailio::start_provider(place, subscribers, &[])
    }

    /// Starts it as a provider: a call to a number of `numbers` goes to the subscriber beside it, with the number in the
    /// request URI.
    ///
    /// # Errors
    /// As `start`.
    pub fn start_provider(place: &Place, subscribers: &[Subscriber], numbers: &[(&str, &str)]) -> Result<Kamailio> {
        Kamailio::launch_provider(place, subscribers, numbers, None)
    }

    /// Starts it as a provider that knows `owner` of its `numbers` by the address from which that sends, `at`, and brings calls
    /// there: no registration, and no proof.
    ///
    /// # Errors
    /// As `start`.
    pub fn start_knowing(
        place: &Place,
        subscribers: &[Subscriber],
        numbers: &[(&str, &str)],
        (owner, at): (&str, SocketAddr),
    ) -> Result<Kamailio> {
        let known = format!("\t$sht(known=>{}) = \"{owner}\";\n\t$sht(reached=>{owner}) = \"sip:{at}\";", at.ip());
        let config = include_str!("../peers/kamailio.cfg").replace("@KNOWN@", &known);
        let mut kamailio = Kamailio::run(place, free_address(place)?, &config, subscribers, numbers, None)?;
        kamailio.process.wait_for("kamailio is ready")?;
        Ok(kamailio)
    }

    /// Starts it as a provider that answers no question whether it is there, but registrations and calls.
    ///
    /// # Errors
    /// As `start`.
    pub fn start_deaf_provider(place: &Place, subscribers: &[Subscriber]) -> Result<Kamailio> {
        let config = include_str!("../peers/kamailio.cfg");
        let passed = "xlog(\"L_ALERT\", \"passed over OPTIONS of $si:$sp\\n\");";
        let config = config.replace("@OPTIONS@", passed);
        let mut kamailio = Kamailio::run(place, free_address(place)?, &config, subscribers, &[], None)?;
        kamailio.process.wait_for("kamailio is ready")?;
        Ok(kamailio)
    }

    /// Starts it as a provider that takes TLS as well and shows `certificate`.
    ///
    /// # Errors
    /// As `start`.
    pub fn start_tls_provider(
        place: &Place,
        subscribers: &[Subscriber],
        numbers: &[(&str, &str)],
        certificate: &Certificate,
    ) -> Result<Kamailio> {
        Kamailio::launch_provider(place, subscribers, numbers, Some(certificate))
    }

    fn launch_provider(
        place: &Place,
        subscribers: &[Subscriber],
        numbers: &[(&str, &str)],
        certificate: Option<&Certificate>,
    ) -> Result<Kamailio> {
        let config = include_str!("../peers/kamailio.cfg");
        let address = free_address(place)?;
        let mut kamailio = Kamailio::run(place, address, config, subscribers, numbers, certificate)?;
        kamailio.process.wait_for("kamailio is ready")?;
        Ok(kamailio)
    }

    /// Starts one as a provider at an address where another one was before, which takes TLS beside it too.
    ///
    /// # Errors
    /// As `start`.
    pub fn start_again(
        place: &Place,
        address: SocketAddr,
        subscribers: &[Subscriber],
        certificate: &Certificate,
    ) -> Result<Kamailio> {
        let config = include_str!("../peers/kamailio.cfg");
        let mut kamailio = Kamailio::run(place, address, config, subscribers, &[], Some(certificate))?;
        kamailio.process.wait_for("kamailio is ready")?;
        Ok(kamailio)
    }

    /// Starts it as a registrar and nothing else, and as lean as can be: what the box is measured against. It may not be
    /// ready yet when this returns.
    ///
    /// # Errors
    /// As `start`.
    pub fn start_registrar(place: &Place, subscribers: &[Subscriber]) -> Result<Kamailio> {
        let config = include_str!("../peers/kamailio-registrar.cfg");
        Kamailio::run(place, free_address(place)?, config, subscribers, &[], None)
    }

    /// Starts it as a registrar with the configuration that Debian ships, proof by digest switched on: the other thing the box is
    /// measured against. It may not be ready yet when this returns.
    ///
    /// # Errors
    /// As `start`.
    pub fn start_shipped(place: &Place, subscribers: &[Subscriber]) -> Result<Kamailio> {
        let address = free_address(place)?;
        let tables = tempfile::tempdir().tried(|| "make a folder for kamailio's people".to_owned())?;
        let write = |table: &str, text: &str| {
            std::fs::write(tables.path().join(table), text).tried(|| format!("write kamailio's table {table}"))
        };
        write("version", "table_name(string) table_version(int)\nsubscriber:7\n")?;
        let mut people = "username(string) domain(string) password(string)\n".to_owned();
        for Subscriber { user, password } in subscribers {
            let _ = writeln!(people, "{user}:{}:{password}", address.ip());
        }
        write("subscriber", &people)?;
        let config = include_str!("../peers/kamailio-shipped.cfg");
        let config = config.replace("@FOLDER@", &tables.path().to_string_lossy());
        let mut kamailio = Kamailio::run(place, address, &config, &[], &[], None)?;
        kamailio.tables = Some(tables);
        Ok(kamailio)
    }

    /// Starts it as a registrar that shuts out whoever sends too fast, by its module pike with the numbers that it is shipped with.
    ///
    /// # Errors
    /// As `start`.
    pub fn start_with_pike(place: &Place, subscribers: &[Subscriber]) -> Result<Kamailio> {
        let config = include_str!("../peers/kamailio-pike.cfg");
        let mut kamailio = Kamailio::run(place, free_address(place)?, config, subscribers, &[], None)?;
        kamailio.process.wait_for("kamailio is ready")?;
        Ok(kamailio)
    }

    /// Starts it as a proxy that sends every call to one address, and nothing else: what the box's calls are measured against. It
    /// may not be ready yet when this returns.
    ///
    /// # Errors
    /// As `start`.
    pub fn start_proxy(place: &Place, to: SocketAddr) -> Result<Kamailio> {
        let config = include_str!("../peers/kamailio-proxy.cfg");
        let config = config.replace("@TO_HOST@", &to.ip().to_string()).replace("@TO_PORT@", &to.port().to_string());
        Kamailio::run(place, free_address(place)?, &config, &[], &[], None)
    }

    /// Starts it on the usual ports as a provider's edge in front of `gateway`, which takes every call. It takes TLS where there is
    /// a certificate to show.
    ///
    /// # Errors
    /// As `start`.
    pub(crate) fn start_edge(
        place: &Place,
        gateway: SocketAddr,
        certificate: Option<&Certificate>,
    ) -> Result<Kamailio> {
        let config = include_str!("../peers/kamailio-edge.cfg").replace("@GATEWAY@", &gateway.to_string());
        let address = SocketAddr::new(place.address, 5060);
        let mut kamailio = Kamailio::run(place, address, &config, &[], &[], certificate)?;
        kamailio.process.wait_for("kamailio is ready")?;
        Ok(kamailio)
    }

    fn run(
        place: &Place,
        address: SocketAddr,
        config: &str,
        subscribers: &[Subscriber],
        numbers: &[(&str, &str)],
        certificate: Option<&Certificate>,
    ) -> Result<Kamailio> {
        let directory = tempfile::tempdir().tried(|| "make a folder for kamailio".to_owned())?;
        let mut passwords = String::new();
        for Subscriber { user, password } in subscribers {
            let _ = writeln!(passwords, "\t$sht(password=>{user}) = \"{password}\";");
        }
        let mut owners = String::new();
        for (number, owner) in numbers {
            let _ = writeln!(owners, "\t$sht(trunk=>{number}) = \"{owner}\";");
        }
        let (listen_tls, load_tls) = tls_text(address, certificate);
        let text = config
            .replace("@LISTEN_TLS@", &listen_tls)
            .replace("@LOAD_TLS@", &load_tls)
            .replace("@LISTEN@", &address.to_string())
            .replace("@OPTIONS@", ANSWERS)
            .replace("@KNOWN@", "")
            .replace("@PASSWORDS@", &passwords)
            .replace("@NUMBERS@", &owners);
        let config = directory.path().join("kamailio.cfg");
        std::fs::write(&config, text).tried(|| "write kamailio's configuration".to_owned())?;
        let folder = directory.path().as_os_str();
        let program = Program::new(place, "kamailio", "kamailio")?.args(["-DD", "-E", "-m", "64", "-M", "8", "-f"]);
        let process = program.arg(&config).arg("-Y").arg(folder).arg("-w").arg(folder).start()?;
        Ok(Kamailio { process, address, _directory: directory, tables: None })
    }

    /// Where it listens, UDP and TCP.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Where it listens for TLS, when it does.
    #[must_use]
    pub fn tls_address(&self) -> SocketAddr {
        tls_beside(self.address)
    }

    /// Waits for the next line of its log that contains `text`, and returns it.
    ///
    /// # Errors
    /// When there is none within 20 s.
    pub fn wait_for(&mut self, text: &str) -> Result<String> {
        self.process.wait_for(text)
    }

    /// Like `wait_for`, with another patience.
    ///
    /// # Errors
    /// When there is none within `patience`.
    pub fn wait_for_within(&mut self, patience: Duration, text: &str) -> Result<String> {
        self.process.wait_for_any_within(patience, &[text])
    }

    /// Every line of its log that contains `text`, so far.
    pub fn lines_with(&mut self, text: &str) -> Vec<String> {
        self.process.lines_with(text)
    }

    /// Process id of its parent process.
    #[must_use]
    pub fn id(&self) -> u32 {
        self.process.id()
    }
}

fn free_address(place: &Place) -> Result<SocketAddr> {
    Ok(SocketAddr::new(place.address, place.free_ports(2)?))
}

fn tls_beside(address: SocketAddr) -> SocketAddr {
    SocketAddr::new(address.ip(), address.port() + 1)
}

/// What its configuration says of TLS: nothing, unless there is a certificate to show.
fn tls_text(address: SocketAddr, certificate: Option<&Certificate>) -> (String, String) {
    let Some(Certificate { certificate, key }) = certificate else { return Default::default() };
    let listen = format!("enable_tls=yes\nlisten=tls:{}", tls_beside(address));
    let load = format!(
        "loadmodule \"tls.so\"\nmodparam(\"tls\", \"tls_method\", \"TLSv1.2+\")\n\
         modparam(\"tls\", \"certificate\", \"{}\")\nmodparam(\"tls\", \"private_key\", \"{}\")",
        certificate.display(),
        key.display()
    );
    (listen, load)
}
