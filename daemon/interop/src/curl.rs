//! curl (Debian's) as whoever asks the box something over HTTP: a browser, a phone, a stranger.

use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use crate::failure::Tried;
use crate::{Failure, Place, Process, Program, Result};

/// Longest an answer may take. The box slows down who guesses by a second each.
const LONGEST: &str = "20";
/// What curl writes behind the body, and what is between that and the body.
const WRITE_OUT: &str = "\n\u{1e}%{http_code} %{time_total}";

/// A request, not sent yet.
#[derive(Debug, Clone)]
pub struct Curl {
    place: Place,
    arguments: Vec<String>,
}

/// What came back.
#[derive(Debug, Clone, PartialEq)]
pub struct Answer {
    /// HTTP status.
    pub status: u16,
    /// The body, as text.
    pub body: String,
    /// From the start of the connection to the end of the body.
    pub took: Duration,
}

impl Curl {
    /// A GET of `url` from `place`. The path goes out as written.
    #[must_use]
    pub fn get(place: &Place, url: &str) -> Curl {
        let arguments = ["-sS", "--noproxy", "*", "--path-as-is", "--globoff", "--max-time", LONGEST, url];
        Curl { place: place.clone(), arguments: arguments.map(str::to_owned).to_vec() }
    }

    /// Uses another method.
    #[must_use]
    pub fn method(self, method: &str) -> Curl {
        self.with(["--request", method])
    }

    /// Sends a header.
    #[must_use]
    pub fn header(self, name: &str, value: &str) -> Curl {
        self.with(["--header", &format!("{name}: {value}")])
    }

    /// Sends JSON.
    #[must_use]
    pub fn json(self, body: &serde_json::Value) -> Curl {
        self.header("Content-Type", "application/json").with(["--data-raw", &body.to_string()])
    }

    /// Sends a file with PUT.
    #[must_use]
    pub fn upload(self, file: &Path) -> Curl {
        self.with(["--upload-file", &file.display().to_string()])
    }

    /// Trusts this authority (PEM) and nobody else.
    #[must_use]
    pub fn trusting(self, authority: &Path) -> Curl {
        self.with(["--cacert", &authority.display().to_string()])
    }

    /// Trusts whoever answers, as somebody does who was not given the box's authority.
    #[must_use]
    pub fn trusting_anybody(self) -> Curl {
        self.with(["--insecure"])
    }

    /// Leaves by the place's own address, where its host has several, and waits no longer than that for the answer.
    #[must_use]
    pub(crate) fn of_many(self, patience: Duration) -> Curl {
        let (address, seconds) = (self.place.address.to_string(), patience.as_secs().to_string());
        self.with(["--interface", &address, "--max-time", &seconds])
    }

    /// Puts the head of the answer before its body.
    #[must_use]
    pub fn showing_head(self) -> Curl {
        self.with(["--include"])
    }

    /// Shows a certificate.
    #[must_use]
    pub fn showing(self, certificate: &Certificate) -> Curl {
        let [certificate, key] = [&certificate.certificate, &certificate.key].map(|path| path.display().to_string());
        self.with(["--cert", &certificate, "--key", &key])
    }

    /// Sends it, and waits for the whole answer.
    ///
    /// # Errors
    /// When no answer came: no connection, a certificate that is not trusted, nothing within 20 s.
    pub fn send(self) -> Result<Answer> {
        let mut command = self.place.command("curl");
        command.args(&self.arguments).args(["--write-out", WRITE_OUT]).stdin(Stdio::null());
        let output = command.output().tried(|| "start curl".to_owned())?;
        let text = String::from_utf8_lossy(&output.stdout);
        let (body, summary) = text.rsplit_once("\n\u{1e}").unwrap_or_default();
        let (status, seconds) = summary.split_once(' ').unwrap_or_default();
        match (status.parse(), seconds.parse()) {
            // Without a status nothing was answered. With one it was, even if the rest of what was sent found no taker.
            (Ok(status @ 100..), Ok(seconds)) => {
                Ok(Answer { status, body: body.to_owned(), took: Duration::from_secs_f64(seconds) })
            }
            _ => {
                let why = String::from_utf8_lossy(&output.stderr).trim().to_owned();
                Err(Failure::Unexpected(format!("no answer to {}: {why}", self.arguments.join(" "))))
            }
        }
    }

    /// Sends it, and hands over what comes line by line, for as long as it comes.
    ///
    /// # Errors
    /// When curl is not installed.
    pub fn follow(self) -> Result<Process> {
        Program::new(&self.place, "curl", "curl")?.args(self.arguments).args(["--no-buffer", "--max-time", "0"]).start()
    }

    fn with<const N: usize>(mut self, arguments: [&str; N]) -> Curl {
        self.arguments.extend(arguments.map(str::to_owned));
        self
    }
}

/// A certificate and its key, as files.
#[derive(Debug, Clone)]
pub struct Certificate {
    /// PEM.
    pub certificate: PathBuf,
    /// PEM.
    pub key: PathBuf,
}

impl Certificate {
    /// Makes one of an authority that is called `name`, as [`self_signed`](Self::self_signed) does.
    ///
    /// # Errors
    /// Likewise.
    pub fn of_authority(folder: &Path, name: &str) -> Result<Certificate> {
        Self::made(folder, name, &["-addext", "basicConstraints=critical,CA:TRUE"])
    }

    /// Makes one that says `name` and that `authority` has signed.
    ///
    /// # Errors
    /// Likewise.
    pub fn signed(folder: &Path, name: &str, authority: &Certificate) -> Result<Certificate> {
        let [certificate, key] = [&authority.certificate, &authority.key].map(|path| path.display().to_string());
        let by = ["-CA", certificate.as_str(), "-CAkey", key.as_str()];
        Self::made(folder, name, &[by.as_slice(), &["-addext", "basicConstraints=critical,CA:FALSE"]].concat())
    }

    /// Makes one that says `name` and that nobody but itself has signed, into `folder`, for an hour. `alternative` are
    /// further names, as OpenSSL writes them (`IP:127.0.0.1`).
    ///
    /// # Errors
    /// When openssl is not installed or refuses.
    pub fn self_signed(folder: &Path, name: &str, alternative: Option<&str>) -> Result<Certificate> {
        // Some take no authority's certificate for a server's.
        let names = alternative.map(|names| format!("subjectAltName={names}"));
        let names = names.iter().flat_map(|names| ["-addext", names.as_str()]);
        let further: Vec<&str> = ["-addext", "basicConstraints=critical,CA:FALSE"].into_iter().chain(names).collect();
        Self::made(folder, name, &further)
    }

    fn made(folder: &Path, name: &str, further: &[&str]) -> Result<Certificate> {
        let made = |ending: &str| folder.join(format!("{}.{ending}", name.replace([':', ' '], "-")));
        let made = Certificate { certificate: made("pem"), key: made("key") };
        let program = Program::new(&Place::here(), "openssl", "openssl")?
            .args(["req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "1", "-subj", &format!("/CN={name}")])
            .arg("-keyout")
            .arg(&made.key)
            .arg("-out")
            .arg(&made.certificate)
            .args(further);
        if program.start()?.wait_to_end(Duration::from_secs(20))?.success() {
            return Ok(made);
        }
        Err(Failure::Unexpected(format!("openssl made no certificate for {name}")))
    }
}
