//! What is logged, as whoever runs the program writes it down.

use std::str::FromStr;

use serde::Deserialize;
use tracing_subscriber::EnvFilter;

/// The levels, from little to much.
const LEVELS: [&str; 6] = ["off", "error", "warn", "info", "debug", "trace"];
/// What is logged of everything that nothing else was said of.
const USUAL: &str = "info";

/// A level for everything, levels for single rooms (`centrale_sip=debug`, by the name of the crate or a module in it), or both with
/// commas between.
///
/// The library behind it takes a word that it does not know for the name of a room and logs that alone, so that a slip of the pen
/// would end the log; here every part must have a level.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub(crate) struct LogFilter(String);

/// A part of it has no level, or one that does not exist.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "{0:?} is no level of the log; it is error, warn, info, debug, trace or off, or one for each room, as in info,centrale_sip=debug"
)]
pub(crate) struct NoLevel(String);

impl LogFilter {
    /// Starts the log, on standard error. Once in a program.
    pub(crate) fn start(&self) {
        tracing_subscriber::fmt().with_env_filter(EnvFilter::new(&self.0)).with_writer(std::io::stderr).init();
    }
}

impl Default for LogFilter {
    fn default() -> Self {
        Self(USUAL.into())
    }
}

impl FromStr for LogFilter {
    type Err = NoLevel;

    fn from_str(text: &str) -> Result<Self, NoLevel> {
        let parts: Vec<&str> = text.split(',').map(str::trim).collect();
        if let Some(wrong) = parts.iter().find(|part| !is_level(part) && !is_of_a_room(part)) {
            return Err(NoLevel((*wrong).to_owned()));
        }
        let joined = parts.join(",");
        // Who wants to see more of one room does not want to hear nothing of the others.
        Ok(Self(if parts.iter().any(|part| is_level(part)) { joined } else { format!("{USUAL},{joined}") }))
    }
}

impl TryFrom<String> for LogFilter {
    type Error = NoLevel;

    fn try_from(text: String) -> Result<Self, NoLevel> {
        text.parse()
    }
}

fn is_level(part: &str) -> bool {
    LEVELS.iter().any(|level| level.eq_ignore_ascii_case(part))
}

fn is_of_a_room(part: &str) -> bool {
    let is_name = |room: &str| room.chars().all(|sign| sign.is_ascii_alphanumeric() || "_:".contains(sign));
    part.split_once('=').is_some_and(|(room, level)| !room.is_empty() && is_name(room) && is_level(level))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_part_has_a_level_and_a_slip_of_the_pen_is_named() {
        for wrong in [
            "verbose",
            "warning",
            "inf",
            "",
            "info,",
            "centrale_sip",
            "centrale_sip=",
            "=debug",
            "a b=info",
            "[x]=info",
        ] {
            assert!(wrong.parse::<LogFilter>().is_err(), "{wrong}");
        }
        let named = "info,centrale_sip=much".parse::<LogFilter>().unwrap_err();
        assert_eq!(named, NoLevel("centrale_sip=much".into()));
    }

    #[test]
    fn what_is_said_of_one_room_leaves_the_others_as_they_are() {
        for (text, meant) in [
            ("debug", "debug"),
            ("OFF", "OFF"),
            ("centrale_sip=debug", "info,centrale_sip=debug"),
            ("warn, centrale_sip::endpoint=trace", "warn,centrale_sip::endpoint=trace"),
        ] {
            assert_eq!(text.parse(), Ok(LogFilter(meant.into())));
            assert!(EnvFilter::try_new(meant).is_ok(), "{meant}");
        }
    }
}
