//! The subcommands.

use std::io::Write as _;
use std::path::PathBuf;

use centrale_store::{ChainFault, ChainHash};

use crate::reflect::ReflectFlags;
use crate::reflector::ReflectorFlags;
use crate::settings::{Settings, SettingsFault, SettingsFlags};
use crate::templates::Templates;

/// The exit code of a wrong setting or flag, whoever finds it (EX_USAGE of sysexits.h).
pub(crate) const WRONG_SETTING: u8 = 64;

/// The telephone exchange of one office.
#[derive(Debug, clap::Parser)]
#[command(name = "centraled", version, about, disable_help_subcommand = true)]
pub(crate) struct Cli {
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, clap::Subcommand)]
enum Action {
    /// Runs the exchange until it is told to stop (SIGTERM or SIGINT).
    Run(SettingsFlags),
    /// Makes the office what a file says. Everything is checked before anything is changed; twice is as once.
    Apply {
        /// The office file (TOML). `-` reads from standard input.
        file: PathBuf,
        #[command(flatten)]
        settings: SettingsFlags,
    },
    /// Writes the whole office as one readable file; its secrets are encrypted for this box alone.
    Export(SettingsFlags),
    /// Proves that no call record, and no line of the log of who did what, was changed, removed or slipped in since it was
    /// written, and shows the hash of the last record.
    VerifyRecords {
        /// A hash that was noted earlier, from an export or from this command: is it still in the chain?
        #[arg(long, value_name = "HASH")]
        head: Option<ChainHash>,
        #[command(flatten)]
        settings: SettingsFlags,
    },
    /// Prints a one-time code with which an owner chooses a new password. For who stands at the box, whether it runs or not.
    Recover {
        /// Which owner; the first when left out.
        #[arg(long, value_name = "NAME")]
        name: Option<String>,
        #[command(flatten)]
        settings: SettingsFlags,
    },
    /// Sends back what arrives from an office, as it arrived, until it is told to stop. For a machine on the internet.
    Reflector(ReflectorFlags),
    /// Asks a reflector what the way to it does to telephone messages, and shows every line that was changed.
    Reflect(ReflectFlags),
    /// Checks the settings, and the phone templates in the state folder, and says what is wrong with them.
    Check(SettingsFlags),
    /// Says which version this is.
    Version,
    /// Proves that every part of this program works on this machine, without ports and without state.
    SelfTest,
}

/// Why the program ends with an error: whose fault it is decides the exit code (sysexits.h).
#[derive(Debug, thiserror::Error)]
pub(crate) enum Fault {
    /// The settings are wrong.
    #[error("{0}")]
    Settings(#[from] SettingsFault),
    /// The office file is wrong: one line a fault.
    #[error("{}", .0.join("\n"))]
    Office(Vec<String>),
    /// The phone templates in the state folder are wrong.
    #[error("{0}")]
    Templates(String),
    /// A log, by its name, is not what was written.
    #[error("{0}: {1}")]
    Records(&'static str, ChainFault),
    /// Something on this machine is missing or taken.
    #[error("{0}")]
    Machine(String),
    /// Telephone messages do not arrive as they were sent.
    #[error("{0}")]
    Rewritten(&'static str),
    /// Two programs changed the office at once.
    #[error("the office was changed by somebody else at the same moment; nothing was done, try again")]
    Stale,
}

impl Fault {
    pub(crate) const fn exit_code(&self) -> u8 {
        match self {
            Self::Rewritten(_) => 1,
            Self::Settings(_) => WRONG_SETTING,
            Self::Office(_) | Self::Templates(_) | Self::Records(..) => 65,
            Self::Machine(_) => 69,
            Self::Stale => 75,
        }
    }

    /// Any error of the machine's, in its own words.
    pub(crate) fn machine(cause: impl std::fmt::Display) -> Self {
        Self::Machine(cause.to_string())
    }
}

impl Cli {
    pub(crate) fn act(self) -> Result<(), Fault> {
        match self.action {
            Action::Run(flags) => crate::run::run(Settings::read(flags)?),
            Action::Apply { file, settings } => crate::office::apply(&Settings::read(settings)?, &file),
            Action::Export(flags) => crate::office::export(&Settings::read(flags)?),
            Action::VerifyRecords { head, settings } => crate::records::verify(&Settings::read(settings)?, head),
            Action::Recover { name, settings } => crate::recover::recover(&Settings::read(settings)?, name.as_deref()),
            Action::Reflector(flags) => crate::reflector::run(flags),
            Action::Reflect(flags) => crate::reflect::run(&flags),
            Action::Check(flags) => {
                let settings = Settings::read(flags)?;
                say("The settings are right.")?;
                if centrale_net::half_open_keeps_others_out() {
                    say(HALF_OPEN)?;
                }
                Templates::check(&settings.state_dir)
            }
            Action::Version => say(env!("CARGO_PKG_VERSION")),
            Action::SelfTest => crate::self_test::self_test(),
        }
    }
}

/// What the machine's administrator is told whose kernel is without cookies.
pub(crate) const HALF_OPEN: &str = "net.ipv4.tcp_syncookies is 0: connections begun in forged names and never finished keep phones over \
     TCP and TLS and the page out; set it to 1";

/// Writes a line to standard output.
pub(crate) fn say(line: &str) -> Result<(), Fault> {
    writeln!(std::io::stdout(), "{line}").map_err(Fault::machine)
}
