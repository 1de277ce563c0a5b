//! The box itself, as its owner starts it: a settings file, an office file, two commands.

use std::fmt::Write;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::time::Duration;

use tempfile::TempDir;

use crate::failure::Tried;
use crate::ports::AudioPorts;
use crate::{Administrator, Failure, Place, Process, Program, Result, Subscriber, Trunk};

/// Names the built daemon when it is not where cargo puts it beside this runner.
const PROGRAM: &str = "CENTRALED";

/// A `centraled` with its settings and its office, not running yet.
#[derive(Debug)]
pub struct Installed {
    place: Place,
    address: SocketAddr,
    settings: PathBuf,
    /// It may not ask the kernel to drop packets.
    unprivileged: bool,
    _audio: AudioPorts,
    /// Its settings, its office file and its state.
    directory: TempDir,
}

impl Installed {
    /// Writes the settings for `place`, and applies an office of `people` with the way out that `trunk` says.
    ///
    /// # Errors
    /// When it is not built, or refuses the office.
    pub fn new(place: &Place, people: &[Subscriber], trunk: Option<&Trunk>, log: &str) -> Result<Installed> {
        Self::with_phones(place, people, "", trunk, log)
    }

    /// The same, with `phones` as they stand in an office file.
    ///
    /// # Errors
    /// Likewise.
    pub(crate) fn with_phones(
        place: &Place,
        people: &[Subscriber],
        phones: &str,
        trunk: Option<&Trunk>,
        log: &str,
    ) -> Result<Installed> {
        let directory = tempfile::tempdir().tried(|| "make a folder for the box".to_owned())?;
        let ports = place.free_ports(4)?;
        let settings = directory.path().join("centraled.toml");
        let audio = if place.is_a_host() { AudioPorts::of_a_host() } else { AudioPorts::lease()? };
        let mut text = settings_text(&directory.path().join("state"), place, ports, &audio, log);
        if let Some(authority) = trunk.and_then(|trunk| trunk.authority.as_ref()) {
            let _ = writeln!(text, "trusted_ca = \"{}\"", authority.display());
        }
        std::fs::write(&settings, text).tried(|| "write the box's settings".to_owned())?;
        let text = office_text(people, trunk) + phones;
        let address = SocketAddr::new(place.address, ports);
        let place = place.clone();
        let installed = Installed { place, address, settings, unprivileged: false, _audio: audio, directory };
        installed.apply(&text)?;
        Ok(installed)
    }

    /// The same after its people were given other passwords.
    ///
    /// # Errors
    /// When it refuses the office.
    pub(crate) fn with_new_passwords(self, people: &[Subscriber]) -> Result<Installed> {
        self.apply(&office_text(people, None))?;
        Ok(self)
    }

    fn apply(&self, office: &str) -> Result<()> {
        let file = self.directory.path().join("office.toml");
        std::fs::write(&file, office).tried(|| "write the office file".to_owned())?;
        let apply = Program::new(&self.place, "centraled apply", &program())?.arg("apply").arg(&file);
        let mut apply = apply.arg("--settings").arg(&self.settings).start()?;
        if apply.wait_to_end(Duration::from_secs(20))?.success() {
            return Ok(());
        }
        Err(Failure::Unexpected("centraled refused the office file".to_owned()))
    }

    /// The same, to be started without `CAP_NET_ADMIN`.
    #[must_use]
    pub fn unprivileged(self) -> Installed {
        Installed { unprivileged: true, ..self }
    }

    /// The same, to take the word of that authority too (PEM).
    ///
    /// # Errors
    /// When its settings cannot be written.
    pub(crate) fn trusting(self, authority: &Path) -> Result<Installed> {
        let text = std::fs::read_to_string(&self.settings).tried(|| "read the box's settings".to_owned())?;
        let text = format!("{text}trusted_ca = \"{}\"\n", authority.display());
        std::fs::write(&self.settings, text).tried(|| "write the box's settings".to_owned())?;
        Ok(self)
    }

    /// The same, on the port on which most boxes listen. In a network of its own.
    ///
    /// # Errors
    /// When its settings cannot be written.
    pub(crate) fn on_the_usual_port(self) -> Result<Installed> {
        let text = std::fs::read_to_string(&self.settings).tried(|| "read the box's settings".to_owned())?;
        let text = text.replace(&format!("sip_port = {}", self.address.port()), "sip_port = 5060");
        std::fs::write(&self.settings, text).tried(|| "write the box's settings".to_owned())?;
        Ok(self)
    }

    /// The same, with its page at every address that the host has or will have.
    ///
    /// # Errors
    /// When its settings cannot be written.
    pub(crate) fn at_every_address(self) -> Result<Installed> {
        let text = std::fs::read_to_string(&self.settings).tried(|| "read the box's settings".to_owned())?;
        let text = text.replace(&format!("https_bind = [\"{}\"]", self.place.address), "https_bind = []");
        std::fs::write(&self.settings, text).tried(|| "write the box's settings".to_owned())?;
        Ok(self)
    }

    /// Where phones will register, UDP and TCP.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// The folder of everything that it remembers.
    #[must_use]
    pub fn state(&self) -> PathBuf {
        self.directory.path().join("state")
    }

    /// Starts it; it may not be ready yet when this returns.
    ///
    /// # Errors
    /// When it cannot be started.
    pub fn launch(self) -> Result<Centraled> {
        let program = if self.unprivileged {
            let dropped = ["--bounding-set=-net_admin", "--inh-caps=-net_admin", "--"];
            Program::new(&self.place, "centraled run", "setpriv")?.args(dropped).arg(program())
        } else {
            Program::new(&self.place, "centraled run", &program())?
        };
        let process = program.arg("run").arg("--settings").arg(&self.settings).start()?;
        Ok(Centraled { process, installed: self })
    }

    /// Starts it, and waits until it is ready.
    ///
    /// # Errors
    /// When it does not start.
    pub fn start(self) -> Result<Centraled> {
        let mut centraled = self.launch()?;
        centraled.process.wait_for("ready")?;
        Ok(centraled)
    }
}

/// A running `centraled`, with its own state folder.
#[derive(Debug)]
pub struct Centraled {
    process: Process,
    installed: Installed,
}

impl Centraled {
    /// Starts it at `place` with an office of `people`, and the way out that `trunk` says.
    ///
    /// # Errors
    /// When it is not built, refuses the office, or does not start.
    pub fn start(place: &Place, people: &[Subscriber], trunk: Option<&Trunk>) -> Result<Centraled> {
        Self::start_prepared(place, people, trunk, |_| Ok(()))
    }

    /// The same, after `prepare` laid something into its state folder.
    ///
    /// # Errors
    /// Likewise, or what `prepare` fails with.
    pub fn start_prepared(
        place: &Place,
        people: &[Subscriber],
        trunk: Option<&Trunk>,
        prepare: impl FnOnce(&Path) -> Result<()>,
    ) -> Result<Centraled> {
        let installed = Installed::new(place, people, trunk, "info")?;
        prepare(&installed.state())?;
        installed.start()
    }

    /// The power goes: it ends without a last word, and what was on its disk stays.
    ///
    /// # Errors
    /// When it does not end.
    pub fn cut_power(self) -> Result<Installed> {
        let Centraled { process, installed } = self;
        process.kill()?;
        Ok(installed)
    }

    /// Where phones register, UDP and TCP.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.installed.address
    }

    /// Where phones register over TLS.
    #[must_use]
    pub fn tls_address(&self) -> SocketAddr {
        let address = self.address();
        SocketAddr::new(address.ip(), address.port() + 1)
    }

    /// Where the page is, and where phones that know the box read their settings.
    #[must_use]
    pub fn https_address(&self) -> SocketAddr {
        let address = self.address();
        SocketAddr::new(address.ip(), address.port() + 2)
    }

    /// Where phones that do not know the box yet ask.
    #[must_use]
    pub fn http_address(&self) -> SocketAddr {
        let address = self.address();
        SocketAddr::new(address.ip(), address.port() + 3)
    }

    /// Sets it up with the code that it printed, as whoever sits at its page.
    ///
    /// # Errors
    /// When it refuses.
    pub fn set_up(&mut self) -> Result<Administrator> {
        let lines = self.process.lines_with("set-up code ");
        let code = lines.first().and_then(|line| line.rsplit(' ').next());
        let code = code.ok_or_else(|| Failure::Unexpected("the box printed no set-up code".to_owned()))?;
        Administrator::set_up(&self.installed.place, self.https_address(), code)
    }

    /// Everything that it has printed and logged so far.
    pub fn log(&mut self) -> String {
        self.process.lines_with("").join("\n")
    }

    /// The folder of everything that it remembers.
    #[must_use]
    pub fn state(&self) -> PathBuf {
        self.installed.state()
    }

    /// The whole office as one file: its backup.
    ///
    /// # Errors
    /// When it refuses.
    pub fn export(&self) -> Result<String> {
        let program = Program::new(&self.installed.place, "centraled export", &program())?;
        let mut export = program.arg("export").arg("--settings").arg(&self.installed.settings).start()?;
        if !export.wait_to_end(Duration::from_secs(20))?.success() {
            return Err(Failure::Unexpected("centraled exported nothing".to_owned()));
        }
        Ok(export.lines_with("").join("\n"))
    }

    /// Process id.
    #[must_use]
    pub fn id(&self) -> u32 {
        self.process.id()
    }
}

/// The daemon that was built together with this runner.
pub(crate) fn program() -> String {
    std::env::var(PROGRAM).unwrap_or_else(|_| built("centraled"))
}

/// A program that was built together with this runner: `target/<profile>/deps/runner` has it one folder up.
pub(crate) fn built(name: &str) -> String {
    let beside = std::env::current_exe().unwrap_or_default();
    let folders = beside.ancestors().skip(1).take(2);
    let built: Option<PathBuf> = folders.map(|folder| folder.join(name)).find(|path| path.is_file());
    built.map_or_else(|| name.to_owned(), |path| path.display().to_string())
}

fn settings_text(state: &Path, place: &Place, ports: u16, audio: &AudioPorts, log: &str) -> String {
    let (state, address) = (state.display(), place.address);
    let [sip, tls, https, http] = [0, 1, 2, 3].map(|offset| ports + offset);
    format!(
        "state_dir = \"{state}\"\n\
         sip_bind = [\"0.0.0.0\", \"::\"]\n\
         sip_port = {sip}\n\
         sip_tls_port = {tls}\n\
         https_bind = [\"{address}\"]\n\
         https_port = {https}\n\
         http_port = {http}\n\
         rtp_ports = \"{}-{}\"\n\
         log = \"{log}\"\n",
        audio.first(),
        audio.last()
    )
}

fn office_text(people: &[Subscriber], trunk: Option<&Trunk>) -> String {
    let mut text = String::from(
        "[office]\nname = \"Bakkerij Jansen\"\ncountry = \"NL\"\narea_code = \"020\"\nlanguage = \"nl\"\n\
         time_zone = \"Europe/Amsterdam\"\n",
    );
    for Subscriber { user, password } in people {
        let _ = write!(
            text,
            "\n[[person]]\nnumber = \"{user}\"\nname = \"Person {user}\"\nsip_password = \"{password}\"\n"
        );
    }
    if let Some(Trunk { server, transport, subscriber, number, answered_by, terms, .. }) = trunk {
        let Subscriber { user, password } = subscriber;
        let _ = write!(
            text,
            "\n[[trunk]]\nname = \"provider\"\nserver = \"{server}\"\ntransport = \"{}\"\n\
             username = \"{user}\"\npassword = \"{password}\"\n{terms}numbers = [\"{number}\"]\nchannels = 1000\n\
             \n[[inbound]]\nnumber = \"{number}\"\nto = \"{answered_by}\"\n",
            transport.name()
        );
    }
    text
}
