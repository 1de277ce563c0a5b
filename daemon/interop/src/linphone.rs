//! linphonec (Debian's 5.1) as a phone: another SIP stack and another media stack than baresip's.
//!
//! It is driven as at a terminal, by typed commands, and understood by the sentences it prints. In file mode it plays one
//! wave file and records into another. Of its registration it prints nothing: that is read from its log, through a pipe
//! with a name.

use std::fs::File;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::mpsc::channel;
use std::thread;
use std::time::Duration;

use nix::sys::stat::Mode;
use nix::unistd::mkfifo;
use tempfile::TempDir;

use crate::failure::Tried;
use crate::transcript::{PATIENCE, Transcript, forward_lines};
use crate::{Account, Failure, Phone, Place, Process, Program, Recording, Result, Tone};

/// A running linphonec with one account.
#[derive(Debug)]
pub struct Linphone {
    process: Process,
    log: Transcript,
    /// Where it calls.
    server: SocketAddr,
    directory: TempDir,
}

impl Linphone {
    /// Starts it at `place`; it registers at once, and plays `tone` in every call.
    ///
    /// # Errors
    /// When it is not installed or does not start.
    pub fn start(place: &Place, account: Account, tone: Tone) -> Result<Linphone> {
        let (server, manner) = (account.server, Manner { tone, encryption: "none", authority: None });
        Linphone::launch(place, &account_section(account), server, &manner)
    }

    /// Starts it so that it offers SRTP with the keys in the SDP (RFC 4568).
    ///
    /// # Errors
    /// As `start`.
    pub fn start_encrypted(place: &Place, account: Account, tone: Tone) -> Result<Linphone> {
        let (server, manner) = (account.server, Manner { tone, encryption: "srtp", authority: None });
        Linphone::launch(place, &account_section(account), server, &manner)
    }

    /// Starts it with nothing but the address of its settings, as who opens a link or a QR code. It trusts what it comes
    /// with, the public authorities, or this one (PEM) instead. `server` is where it is to call once it has read them.
    ///
    /// # Errors
    /// As `start`, and when its settings were not read.
    pub fn start_from_link(
        place: &Place,
        link: &str,
        authority: Option<&Path>,
        server: SocketAddr,
        tone: Tone,
    ) -> Result<Linphone> {
        // Still in the section of things that fit nowhere else.
        let origin = format!("config-uri={link}");
        let mut linphone = Linphone::begin(place, &origin, server, &Manner { tone, encryption: "none", authority })?;
        // What is typed while it reads its settings from afar is forgotten.
        let line = linphone.log.wait_anywhere(PATIENCE, &["Register refresher [", REFUSED])?;
        if line.contains(REFUSED) {
            return Err(Failure::Unexpected(format!("linphonec did not take its settings: {line}")));
        }
        linphone.speak_and_listen()
    }

    fn launch(place: &Place, origin: &str, server: SocketAddr, manner: &Manner<'_>) -> Result<Linphone> {
        Linphone::begin(place, origin, server, manner)?.speak_and_listen()
    }

    fn begin(place: &Place, origin: &str, server: SocketAddr, manner: &Manner<'_>) -> Result<Linphone> {
        let directory = tempfile::tempdir().tried(|| "make a folder for linphonec".to_owned())?;
        let ports = place.free_ports(4)?;
        let rc = include_str!("../peers/linphonerc")
            .replace("@SIP_PORT@", &ports.to_string())
            .replace("@RTP_PORT@", &(ports + 2).to_string())
            .replace("@IPV6@", if place.address.is_ipv6() { "1" } else { "0" })
            .replace("@ENCRYPTION@", manner.encryption)
            .replace("@AUTHORITY@", &manner.authority.map(|path| path.display().to_string()).unwrap_or_default())
            .replace("@ORIGIN@", origin);
        let path = directory.path().join("linphonerc");
        std::fs::write(&path, rc).tried(|| "write linphonec's settings".to_owned())?;
        // Its database of past calls goes here; it does not make the folder itself.
        let database = directory.path().join(".local/share/linphone");
        std::fs::create_dir_all(&database).tried(|| "make linphonec's database folder".to_owned())?;
        manner.tone.write_wav(&voice_in(directory.path()), 120)?;
        let log = directory.path().join("log");
        mkfifo(&log, Mode::S_IRWXU)
            .map_err(std::io::Error::from)
            .tried(|| "make a pipe for linphonec's log".to_owned())?;
        let name = format!("linphonec at {}", place.address);
        let program = Program::new(place, &name, "linphonec")?.env("HOME", directory.path()).arg("-c").arg(&path);
        let process = program.args(["-d", "5", "-l"]).arg(&log).start()?;
        let (sender, lines) = channel();
        // Opening waits for linphonec to open the other end.
        thread::spawn(move || File::open(log).map(|pipe| forward_lines(pipe, &sender)));
        let log = Transcript::new(&name, lines);
        Ok(Linphone { process, log, server, directory })
    }

    /// Has it play its tone, and keep what it hears, in every call.
    fn speak_and_listen(mut self) -> Result<Linphone> {
        let folder = self.directory.path();
        let (play, record) = (voice_in(folder), recording_in(folder));
        self.process.type_line("soundcard use files")?;
        self.process.type_line(&format!("play {}", play.display()))?;
        self.process.type_line(&format!("record {}", record.display()))?;
        Ok(self)
    }

    /// Waits for one of the sentences of success, and fails at once on one of `bad`.
    fn wait_good(&mut self, good: &[&str], bad: &[&str]) -> Result<String> {
        let line = self.process.wait_for_any(&[good, bad].concat())?;
        if good.iter().any(|text| line.contains(text)) {
            return Ok(line);
        }
        Err(Failure::Unexpected(format!("linphonec said '{line}'")))
    }

    /// Waits for the end of the registration now under way, and returns its last state and the registrar's answer.
    fn registration(&mut self) -> Result<(String, String)> {
        let answer = self.log.wait_for(PATIENCE, &["Register refresher ["])?;
        let state = self.log.wait_for(PATIENCE, &["to [LinphoneRegistrationOk]", "to [LinphoneRegistrationFailed]"])?;
        Ok((state, answer.split("refresher ").nth(1).unwrap_or_default().to_owned()))
    }
}

/// How a phone is set up, beside where its account comes from.
struct Manner<'a> {
    tone: Tone,
    encryption: &'a str,
    /// What it trusts besides nothing.
    authority: Option<&'a Path>,
}

/// An account as somebody typed it in.
fn account_section(account: Account) -> String {
    let Account { user, login, password, server, transport } = account;
    let transport = transport.name();
    format!(
        "\n[proxy_0]\n\
         reg_proxy=<sip:{server};transport={transport}>\n\
         reg_route=<sip:{server};transport={transport};lr>\n\
         reg_identity=<sip:{user}@{server}>\n\
         reg_expires=3600\n\
         reg_sendregister=1\n\
         quality_reporting_enabled=0\n\
         \n[auth_info_0]\n\
         username={user}\n\
         userid={login}\n\
         passwd={password}\n"
    )
}

/// What it logs when it cannot read its settings from afar.
const REFUSED: &str = "LinphoneConfiguringFailed";

const OVER: [&str; 2] = [" ended (", " error."];
impl Phone for Linphone {
    fn wait_registered(&mut self) -> Result<()> {
        let (state, answer) = self.registration()?;
        if state.contains("RegistrationOk") {
            return Ok(());
        }
        Err(Failure::Unexpected(format!("linphonec could not register: {answer}")))
    }

    fn wait_registration_refused(&mut self) -> Result<String> {
        let (state, answer) = self.registration()?;
        if state.contains("RegistrationFailed") {
            return Ok(answer);
        }
        Err(Failure::Unexpected("linphonec was registered, which should have been refused".to_owned()))
    }

    fn dial(&mut self, number: &str) -> Result<()> {
        self.process.type_line(&format!("call sip:{number}@{}", self.server))
    }

    fn wait_ringback(&mut self) -> Result<()> {
        self.wait_good(&[" ringing.", " early media."], &OVER).map(drop)
    }

    fn wait_incoming(&mut self) -> Result<String> {
        let line = self.wait_good(&["Receiving new incoming call from "], &[])?;
        let caller = line.split("call from ").nth(1).and_then(|after| after.split(", assigned").next());
        Ok(caller.unwrap_or_default().to_owned())
    }

    fn answer(&mut self) -> Result<()> {
        self.process.type_line("answer")
    }

    fn wait_established(&mut self) -> Result<()> {
        self.wait_good(&["Media streams established"], &OVER).map(drop)
    }

    /// Refuses with 603 what comes in.
    fn hang_up(&mut self) -> Result<()> {
        self.process.type_line("terminate")
    }

    fn wait_ended_within(&mut self, patience: Duration) -> Result<String> {
        let sentence = self.process.wait_for_any_within(patience, &OVER)?;
        // It says so before its log, which is written by another thread, has the answer.
        let answer = if sentence.contains(OVER[1]) { self.refusal() } else { None };
        let answer = answer.or_else(|| self.log.lines_with("receiving call response [").pop());
        Ok(format!("{sentence} {}", answer.unwrap_or_default()))
    }

    fn hold(&mut self) -> Result<()> {
        self.process.type_line("pause")?;
        self.wait_good(&[" is now paused."], &OVER).map(drop)
    }

    fn resume(&mut self) -> Result<()> {
        self.process.type_line("resume")?;
        self.wait_good(&["Media streams established"], &OVER).map(drop)
    }

    fn transfer(&mut self, number: &str) -> Result<()> {
        self.process.type_line(&format!("transfer sip:{number}@{}", self.server))
    }

    fn wait_held(&mut self) -> Result<()> {
        self.wait_good(&[" has been paused by "], &OVER).map(drop)
    }

    fn wait_taken_back(&mut self) -> Result<()> {
        self.wait_good(&["Media streams established"], &OVER).map(drop)
    }

    fn heard(&self) -> Result<Recording> {
        Recording::read(&recording_in(self.directory.path()))
    }
}

impl Linphone {
    /// The answer by which its call came to nothing, when its log has one within two seconds.
    fn refusal(&mut self) -> Option<String> {
        let refusals = ["4", "5", "6"].map(|class| format!("receiving call response [{class}"));
        let refusals: Vec<&str> = refusals.iter().map(String::as_str).collect();
        loop {
            let line = self.log.wait_for(Duration::from_secs(2), &refusals).ok()?;
            if !line.contains("[401]") && !line.contains("[407]") {
                return Some(line);
            }
        }
    }
}

fn voice_in(folder: &Path) -> PathBuf {
    folder.join("tone.wav")
}

fn recording_in(folder: &Path) -> PathBuf {
    folder.join("heard.wav")
}

impl Drop for Linphone {
    fn drop(&mut self) {
        self.log.expect_farewell();
        self.process.expect_farewell();
        // It unregisters and writes its recording's header only when it is told to quit.
        if self.process.type_line("quit").is_ok() {
            let _ = self.process.wait_to_end(Duration::from_secs(3));
        }
    }
}
