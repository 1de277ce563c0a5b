//! fail2ban (Debian's 1.0.2) as it comes: its filter and its jail for asterisk, over a log in asterisk's words. What it bans is written to a
//! file, where an installation would run the firewall.

use std::net::SocketAddr;
use std::os::unix::fs::symlink;
use std::path::PathBuf;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use tempfile::TempDir;

use crate::failure::Tried;
use crate::{Place, Process, Program, Result};

/// The jail of `/etc/fail2ban/jail.conf`, with its numbers: ten failures within ten minutes.
const JAIL: &str = "[DEFAULT]\nbantime = 10m\nfindtime = 10m\nmaxretry = 5\nbackend = auto\nusedns = no\n\
    [asterisk]\nenabled = true\nfilter = asterisk\nmaxretry = 10\nlogpath = @LOG@\naction = told\n";
/// Told of each ban.
const ACTION: &str = "[Definition]\nactionban = echo <ip> >> @BANS@\nactionunban =\n";
const SETTINGS: &str = "[Definition]\nloglevel = NOTICE\nlogtarget = STDERR\nsyslogsocket = auto\nsocket = @FOLDER@/sock\n\
    pidfile = @FOLDER@/pid\ndbfile = None\ndbpurgeage = 1d\n";

/// How long it may take to ban somebody.
const PATIENCE: Duration = Duration::from_secs(10);

/// A running fail2ban.
#[derive(Debug)]
pub(crate) struct Fail2ban {
    _process: Process,
    log: PathBuf,
    bans: PathBuf,
    _directory: TempDir,
}

impl Fail2ban {
    /// Starts it over an empty log.
    ///
    /// # Errors
    /// When it is not installed or does not start.
    pub(crate) fn start(place: &Place) -> Result<Fail2ban> {
        let directory = tempfile::tempdir().tried(|| "make a folder for fail2ban".to_owned())?;
        let folder = directory.path();
        let (log, bans) = (folder.join("security"), folder.join("bans"));
        let write = |name: &str, text: &str| {
            let text = text.replace("@LOG@", &log.display().to_string()).replace("@BANS@", &bans.display().to_string());
            let text = text.replace("@FOLDER@", &folder.display().to_string());
            std::fs::write(folder.join(name), text).tried(|| format!("write fail2ban's {name}"))
        };
        std::fs::create_dir(folder.join("action.d")).tried(|| "make a folder for fail2ban".to_owned())?;
        symlink("/etc/fail2ban/filter.d", folder.join("filter.d")).tried(|| "find fail2ban's filters".to_owned())?;
        write("fail2ban.conf", SETTINGS)?;
        write("jail.conf", JAIL)?;
        write("action.d/told.conf", ACTION)?;
        write("security", "")?;
        let program = Program::new(place, "fail2ban", "fail2ban-server")?.args(["-f", "-c"]).arg(folder);
        let mut process = program.args(["--loglevel", "INFO", "start"]).start()?;
        process.wait_for("Jail 'asterisk' started")?;
        Ok(Fail2ban { _process: process, log, bans, _directory: directory })
    }

    /// A wrong password, as asterisk writes it down where its clock is told to (dateformat %s).
    ///
    /// # Errors
    /// When the log cannot be written.
    pub(crate) fn note(&self, user: &str, from: SocketAddr) -> Result<()> {
        use std::io::Write as _;
        let second = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_secs();
        let (ip, port) = (from.ip(), from.port());
        let line = format!(
            "[{second}] NOTICE[4711]: chan_sip.c:28468 handle_request_register: Registration from '\"{user}\" \
             <sip:{user}@{ip}>' failed for '{ip}:{port}' - Wrong password\n"
        );
        let file = std::fs::OpenOptions::new().append(true).open(&self.log);
        file.and_then(|mut file| file.write_all(line.as_bytes())).tried(|| "write asterisk's log".to_owned())
    }

    /// Whether anybody is banned.
    #[must_use]
    pub(crate) fn has_banned(&self) -> bool {
        !self.banned().is_empty()
    }

    /// Who is banned.
    fn banned(&self) -> Vec<String> {
        let bans = std::fs::read_to_string(&self.bans).unwrap_or_default();
        bans.lines().map(|line| line.trim().to_owned()).filter(|address| !address.is_empty()).collect()
    }

    /// Who is banned once it has read what was noted: it looks at its log a second later, and is given some.
    #[must_use]
    pub(crate) fn banned_at_last(&self) -> Vec<String> {
        let until = Instant::now() + PATIENCE;
        while !self.has_banned() && Instant::now() < until {
            std::thread::park_timeout(Duration::from_millis(100));
        }
        self.banned()
    }
}
