//! Who was refused, and why: the last attempts at phones' files, for people. Bounded, and without a secret.
//!
//! One line for each source and reason, with what it asked last: a flood is a line that counts.

use std::net::IpAddr;

use serde::Serialize;
use utoipa::ToSchema;

use super::values::Refusal;

/// The most lines that are kept; the one that was quiet longest goes.
const MOST: usize = 100;
/// The most characters of what was asked.
const LONGEST: usize = 80;
/// A part of a path that is as long may be a token.
const MAY_BE_SECRET: usize = 16;

/// Attempts of one source that were refused for one reason.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct RefusedView {
    /// Where they came from.
    pub source: String,
    /// Why they were refused, as a stable word: a refusal's code.
    pub reason: String,
    /// What was asked last: a path without what may be a token in it, or `PnP`.
    pub asked: String,
    /// How many there were.
    pub times: u64,
    /// When the first was, in unix seconds.
    pub first: u64,
    /// When the last was, in unix seconds.
    pub last: u64,
}

#[derive(Debug, Clone)]
struct Line {
    source: IpAddr,
    refusal: Refusal,
    asked: String,
    times: u64,
    first: u64,
    last: u64,
}

/// The last refused attempts, the latest at the end.
#[derive(Debug, Clone, Default)]
pub(super) struct Refused(Vec<Line>);

impl Refused {
    /// Writes one down.
    pub(super) fn note(&mut self, unix_seconds: u64, source: IpAddr, refusal: Refusal, asked: &str) {
        let known = self.0.iter().position(|line| line.source == source && line.refusal == refusal);
        let (times, first) = match known.map(|at| self.0.remove(at)) {
            Some(line) => (line.times, line.first),
            None => (0, unix_seconds),
        };
        if self.0.len() >= MOST {
            self.0.remove(0);
        }
        let (times, last, asked) = (times.saturating_add(1), unix_seconds, shown(asked));
        self.0.push(Line { source, refusal, asked, times, first, last });
    }

    /// The lines, the latest first.
    pub(super) fn views(&self) -> Vec<RefusedView> {
        let view = |line: &Line| RefusedView {
            source: line.source.to_string(),
            reason: line.refusal.code().to_owned(),
            asked: line.asked.clone(),
            times: line.times,
            first: line.first,
            last: line.last,
        };
        self.0.iter().rev().map(view).collect()
    }
}

/// What was asked, for people: nothing that may be a token, nothing that cannot be seen, and not too long.
fn shown(asked: &str) -> String {
    let part = |part: &str| match part.len() >= MAY_BE_SECRET && !part.contains('.') {
        true => "…".to_owned(),
        false => part.chars().map(|one| if one.is_ascii_graphic() { one } else { '?' }).collect(),
    };
    let parts: Vec<String> = asked.split('/').map(part).collect();
    parts.join("/").chars().take(LONGEST).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn source(last: u8) -> IpAddr {
        IpAddr::from([192, 168, 1, last])
    }

    #[test]
    fn one_source_has_a_line_for_each_reason_that_counts_and_tells_what_it_asked_last() {
        let mut refused = Refused::default();
        for second in 0..10_000 {
            refused.note(second, source(66), Refusal::TokenUnknown, &format!("/p/{second}/a.cfg"));
        }
        refused.note(5, source(66), Refusal::WindowClosed, "PnP");
        let views = refused.views();
        assert_eq!((views[0].reason.as_str(), views[0].asked.as_str()), ("window-closed", "PnP"));
        let flood = &views[1];
        assert_eq!((flood.times, flood.first, flood.last, flood.asked.as_str()), (10_000, 0, 9_999, "/p/9999/a.cfg"));
        assert_eq!(views.len(), 2);
    }

    #[test]
    fn of_many_sources_those_that_were_quiet_longest_go() {
        let mut refused = Refused::default();
        for last in 0..=255 {
            refused.note(u64::from(last), source(last), Refusal::NoSuchFile, "/x");
        }
        let views = refused.views();
        assert_eq!(
            (views.len(), views[0].source.as_str(), views[99].source.as_str()),
            (100, "192.168.1.255", "192.168.1.156")
        );
    }

    #[test]
    fn what_may_be_a_token_is_not_shown_wherever_it_stands_and_neither_is_what_nobody_can_read() {
        let token = "0123456789abcdef0123456789abcdef";
        assert_eq!(shown(&format!("/p/{token}/805ec0000015.cfg")), "/p/…/805ec0000015.cfg");
        assert_eq!(shown(&format!("/l/{token}")), "/l/…");
        assert_eq!(shown(&format!("/{token}/{}", "a".repeat(15))), format!("/…/{}", "a".repeat(15)));
        assert_eq!(shown("/\u{1b}[31m\n\u{e9}"), "/?[31m??");
        assert_eq!(shown(&"/a".repeat(500)).chars().count(), 80);
    }
}
