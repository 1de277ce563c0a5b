//! The ten settings of the program itself: ports, folders, log level. Everything else is the office's and lives in the store.

use std::net::IpAddr;
use std::path::{Path, PathBuf};

use serde::Deserialize;

use crate::log_filter::LogFilter;

/// The settings as flags; each wins over the file. `--settings` names the file.
#[derive(Debug, Clone, Default, clap::Args)]
pub(crate) struct SettingsFlags {
    /// The settings file (TOML). Without it every setting has its default.
    #[arg(long)]
    settings: Option<PathBuf>,
    /// Folder of everything the box remembers [default: /var/lib/centrale]
    #[arg(long)]
    state_dir: Option<PathBuf>,
    /// Address to listen on for SIP; may be given several times [default: all]
    #[arg(long)]
    sip_bind: Vec<IpAddr>,
    /// SIP over UDP and TCP [default: 5060]
    #[arg(long)]
    sip_port: Option<u16>,
    /// SIP over TLS [default: 5061]
    #[arg(long)]
    sip_tls_port: Option<u16>,
    /// Address to listen on for the page and for phones' settings; may be given several times [default: all]
    #[arg(long)]
    https_bind: Vec<IpAddr>,
    /// The page, and phones' settings [default: 8443]
    #[arg(long)]
    https_port: Option<u16>,
    /// A new phone's first request, in clear and without secrets [default: 8080]
    #[arg(long)]
    http_port: Option<u16>,
    /// First and last port of speech, for example 10000-10999 [default: 10000-10999]
    #[arg(long)]
    rtp_ports: Option<String>,
    /// What is logged: error, warn, info, debug, trace or off; or levels of single rooms, as in info,centrale_sip=debug [default: info]
    #[arg(long)]
    log: Option<LogFilter>,
    /// A file with certificates (PEM) of further authorities to trust, for providers and the mail server
    #[arg(long)]
    trusted_ca: Option<PathBuf>,
}

/// The file: the same keys.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct SettingsFile {
    state_dir: Option<PathBuf>,
    sip_bind: Option<Vec<IpAddr>>,
    sip_port: Option<u16>,
    sip_tls_port: Option<u16>,
    https_bind: Option<Vec<IpAddr>>,
    https_port: Option<u16>,
    http_port: Option<u16>,
    rtp_ports: Option<String>,
    log: Option<LogFilter>,
    trusted_ca: Option<PathBuf>,
}

/// The settings in force.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Settings {
    /// Folder of everything the box remembers.
    pub(crate) state_dir: PathBuf,
    /// Addresses for SIP; none for all.
    pub(crate) sip_bind: Vec<IpAddr>,
    /// UDP and TCP.
    pub(crate) sip_port: u16,
    /// TLS.
    pub(crate) sip_tls_port: u16,
    /// Addresses for HTTP and HTTPS; none for all.
    pub(crate) https_bind: Vec<IpAddr>,
    /// The page and the phones' steady address.
    pub(crate) https_port: u16,
    /// The phones' first request.
    pub(crate) http_port: u16,
    /// First and last media port.
    pub(crate) rtp_ports: (u16, u16),
    /// What is logged.
    pub(crate) log: LogFilter,
    /// Certificates of further authorities (PEM): at least one, and each of them can be used.
    pub(crate) trusted_ca: Option<Vec<u8>>,
}

/// What is wrong with the settings, in one sentence.
#[derive(Debug, thiserror::Error)]
pub(crate) enum SettingsFault {
    /// The file is not there or may not be read.
    #[error("cannot read the settings file {}: {cause}", path.display())]
    Unreadable {
        /// Which file.
        path: PathBuf,
        /// What the system said.
        cause: std::io::Error,
    },
    /// The file is no TOML, or has a key that does not exist or a value of the wrong kind.
    #[error("the settings file {} is wrong: {what}", path.display())]
    Wrong {
        /// Which file.
        path: PathBuf,
        /// Line and reason.
        what: String,
    },
    /// `rtp_ports` is no range.
    #[error(
        "rtp_ports is {0:?}; it must be two ports from 1024 to 65535 with a dash between, at least 8 apart, for example 10000-10999"
    )]
    RtpPorts(String),
    /// One port is given to two things.
    #[error("{0} and {1} cannot both be port {2}")]
    SamePort(&'static str, &'static str, u16),
    /// A port is zero.
    #[error("{0} cannot be port 0; choose one from 1 to 65535")]
    ZeroPort(&'static str),
    /// A call would be given the port at which phones are heard.
    #[error("sip_port {0} is among rtp_ports, and both are UDP; choose one outside them")]
    SpeechPort(u16),
    /// The file of further authorities is not there or may not be read.
    #[error("cannot read trusted_ca {}: {cause}", path.display())]
    UnreadableAuthority {
        /// Which file.
        path: PathBuf,
        /// What the system said.
        cause: std::io::Error,
    },
    /// There is something else in it.
    #[error("trusted_ca {} holds no certificate in PEM, or one that cannot be used", .0.display())]
    NoAuthority(PathBuf),
}

impl Settings {
    /// Flags before file before defaults.
    pub(crate) fn read(flags: SettingsFlags) -> Result<Self, SettingsFault> {
        let file = match &flags.settings {
            None => SettingsFile::default(),
            Some(path) => {
                let unreadable = |cause| SettingsFault::Unreadable { path: path.clone(), cause };
                parse(path, &std::fs::read_to_string(path).map_err(unreadable)?)?
            }
        };
        Self::from_parts(flags, file)
    }

    fn from_parts(flags: SettingsFlags, file: SettingsFile) -> Result<Self, SettingsFault> {
        let list = |flags: Vec<IpAddr>, file: Option<Vec<IpAddr>>| {
            if flags.is_empty() { file.unwrap_or_default() } else { flags }
        };
        let rtp_ports = flags.rtp_ports.or(file.rtp_ports).unwrap_or_else(|| "10000-10999".into());
        let settings = Self {
            state_dir: flags.state_dir.or(file.state_dir).unwrap_or_else(|| "/var/lib/centrale".into()),
            sip_bind: list(flags.sip_bind, file.sip_bind),
            sip_port: flags.sip_port.or(file.sip_port).unwrap_or(5060),
            sip_tls_port: flags.sip_tls_port.or(file.sip_tls_port).unwrap_or(5061),
            https_bind: list(flags.https_bind, file.https_bind),
            https_port: flags.https_port.or(file.https_port).unwrap_or(8443),
            http_port: flags.http_port.or(file.http_port).unwrap_or(8080),
            rtp_ports: parse_range(&rtp_ports).ok_or(SettingsFault::RtpPorts(rtp_ports))?,
            log: flags.log.or(file.log).unwrap_or_default(),
            trusted_ca: flags.trusted_ca.or(file.trusted_ca).map(read_authorities).transpose()?,
        };
        settings.check_ports()?;
        Ok(settings)
    }

    fn check_ports(&self) -> Result<(), SettingsFault> {
        let ports = [
            ("sip_port", self.sip_port),
            ("sip_tls_port", self.sip_tls_port),
            ("https_port", self.https_port),
            ("http_port", self.http_port),
        ];
        for (at, (name, port)) in ports.iter().enumerate() {
            if *port == 0 {
                return Err(SettingsFault::ZeroPort(name));
            }
            if let Some((other, _)) = ports[..at].iter().find(|(_, taken)| taken == port) {
                return Err(SettingsFault::SamePort(other, name, *port));
            }
        }
        // The others are TCP alone, which shares no port with speech.
        let (first, last) = self.rtp_ports;
        if (first..=last).contains(&self.sip_port) { Err(SettingsFault::SpeechPort(self.sip_port)) } else { Ok(()) }
    }
}

fn read_authorities(path: PathBuf) -> Result<Vec<u8>, SettingsFault> {
    match std::fs::read(&path) {
        Ok(pem) if centrale_net::client_config(Some(&pem)).is_ok() => Ok(pem),
        Ok(_) => Err(SettingsFault::NoAuthority(path)),
        Err(cause) => Err(SettingsFault::UnreadableAuthority { path, cause }),
    }
}

fn parse(path: &Path, text: &str) -> Result<SettingsFile, SettingsFault> {
    toml::from_str(text).map_err(|cause: toml::de::Error| {
        let line = cause.span().map(|span| text[..span.start.min(text.len())].matches('\n').count() + 1);
        let what = line.map_or_else(|| cause.message().to_owned(), |line| format!("line {line}: {}", cause.message()));
        SettingsFault::Wrong { path: path.to_owned(), what }
    })
}

/// Two ports with a dash. Four pairs of pairs are the least with which a call and one to follow it can be made.
fn parse_range(text: &str) -> Option<(u16, u16)> {
    let (first, last) = text.split_once('-')?;
    let (first, last): (u16, u16) = (first.trim().parse().ok()?, last.trim().parse().ok()?);
    (first >= 1024 && last >= first.checked_add(7)?).then_some((first, last))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str, flags: SettingsFlags) -> Result<Settings, SettingsFault> {
        Settings::from_parts(flags, parse(Path::new("centraled.toml"), text)?)
    }

    #[test]
    fn every_setting_has_a_default_and_a_flag_wins_over_the_file() {
        let settings = read("", SettingsFlags::default()).unwrap();
        assert_eq!((settings.sip_port, settings.https_port, settings.rtp_ports), (5060, 8443, (10_000, 10_999)));
        let flags = SettingsFlags { sip_port: Some(7060), ..SettingsFlags::default() };
        let settings =
            read("sip_port = 6060\nhttp_port = 81\nsip_bind = [\"192.168.1.10\", \"fd00::1\"]", flags).unwrap();
        assert_eq!((settings.sip_port, settings.http_port, settings.sip_bind.len()), (7060, 81, 2));
    }

    #[test]
    fn what_is_wrong_is_named_with_its_line() {
        let fault = |text| read(text, SettingsFlags::default()).unwrap_err().to_string();
        assert!(fault("sip_port = 5060\nsipport = 1").contains("line 2: unknown field `sipport`"));
        assert!(fault("sip_port = \"x\"").contains("line 1"));
        assert!(fault("rtp_ports = \"10999-10000\"").starts_with("rtp_ports is \"10999-10000\""));
        assert!(fault("rtp_ports = \"80-90\"").contains("1024"));
        assert_eq!(fault("http_port = 5060"), "sip_port and http_port cannot both be port 5060");
        assert!(fault("https_port = 0").contains("https_port cannot be port 0"));
        assert!(fault("sip_port = 5060\nlog = \"verbose\"").contains("line 2: \"verbose\" is no level"));
        assert!(fault("sip_port = 10999").starts_with("sip_port 10999 is among rtp_ports"));
    }

    #[test]
    fn every_setting_is_written_down_for_readers_and_no_other() {
        let flags = <SettingsFlags as clap::Args>::augment_args(clap::Command::new("centraled"));
        let flags = flags.get_arguments().map(|flag| flag.get_id().to_string()).filter(|flag| flag != "settings");
        let table = include_str!("../../../docs/settings.md");
        let rows = table.lines().filter_map(|line| Some(line.strip_prefix("| `")?.split_once('`')?.0.to_owned()));
        assert_eq!(rows.collect::<Vec<_>>(), flags.collect::<Vec<_>>());
    }

    #[test]
    fn ports_of_tcp_alone_may_lie_among_those_of_speech() {
        let text = "sip_tls_port = 10000\nhttps_port = 10001\nhttp_port = 10999\nsip_port = 11000";
        assert!(read(text, SettingsFlags::default()).is_ok());
    }
}
