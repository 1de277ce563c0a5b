//! aiosmtpd (Debian's 1.4) behind STARTTLS and a log-in: where the box's mail goes in the scenarios.

use std::net::SocketAddr;
use std::path::Path;

use tempfile::TempDir;

use crate::failure::Tried;
use crate::{Certificate, Place, Process, Program, Result};

/// Debian's own Python: another one does not see Debian's aiosmtpd.
const PYTHON: &str = "/usr/bin/python3";

/// A running mail server with one user.
#[derive(Debug)]
pub struct MailServer {
    process: Process,
    address: SocketAddr,
    certificate: Certificate,
    /// Its program and its certificate.
    _directory: TempDir,
}

impl MailServer {
    /// The name and password of its user.
    pub const USER: (&'static str, &'static str) = ("office@example.net", "secret-of-the-mail");

    /// Starts it.
    ///
    /// # Errors
    /// When it is not installed or does not start.
    pub fn start(place: &Place) -> Result<MailServer> {
        let directory = tempfile::tempdir().tried(|| "make a folder for the mail server".to_owned())?;
        let address = SocketAddr::new(place.address, place.free_ports(1)?);
        let name = format!("IP:{}", place.address);
        let certificate = Certificate::self_signed(directory.path(), "mail", Some(&name))?;
        let program = directory.path().join("mail_server.py");
        std::fs::write(&program, include_str!("../peers/mail_server.py"))
            .tried(|| "write the mail server's program".to_owned())?;
        let (user, password) = Self::USER;
        let mut process = Program::new(place, "the mail server", PYTHON)?
            .arg(&program)
            .args([place.address.to_string(), address.port().to_string()])
            .arg(&certificate.certificate)
            .arg(&certificate.key)
            .args([user, password])
            .start()?;
        process.wait_for("ready")?;
        Ok(MailServer { process, address, certificate, _directory: directory })
    }

    /// Where it listens.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// The certificate that it shows (PEM).
    #[must_use]
    pub fn certificate(&self) -> &Path {
        &self.certificate.certificate
    }

    /// Waits until it says something that holds `text`; returns that line.
    ///
    /// # Errors
    /// When it does not within 20 s.
    pub fn wait_for(&mut self, text: &str) -> Result<String> {
        self.process.wait_for(text)
    }

    /// What it said that holds `text`.
    pub fn lines_with(&mut self, text: &str) -> Vec<String> {
        self.process.lines_with(text)
    }
}
