//! What happened, as lines of text and as a ladder diagram in ASCII.

use std::fmt::Write as _;
use std::hash::{DefaultHasher, Hasher as _};
use std::time::Duration;

use bytes::Bytes;

use crate::network::Node;

/// Width of one column.
const COLUMN: usize = 16;

/// One thing that happened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// Since the start.
    pub at: Duration,
    /// What.
    pub what: What,
}

/// The kinds of things.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum What {
    /// A message set off.
    Sent {
        /// From where.
        from: Node,
        /// To where, as far as the sender knows.
        to: Node,
        /// Method or status.
        label: String,
        /// Call-ID, shortened.
        call: String,
        /// Every byte of it.
        bytes: Bytes,
    },
    /// Somebody did something, or something was told.
    Noted {
        /// Who.
        by: Node,
        /// What.
        text: String,
    },
}

/// The whole run.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Trace {
    /// What the columns are called, by node.
    pub names: Vec<String>,
    /// In order.
    pub entries: Vec<Entry>,
}

impl Entry {
    fn is_routine(&self) -> bool {
        match &self.what {
            What::Sent { label, .. } => label.ends_with("REGISTER") || label.ends_with("OPTIONS"),
            What::Noted { text, .. } => text.starts_with("is not registered"),
        }
    }
}

impl Trace {
    /// One line each, with the digest of every message: two runs are the same when this text is.
    pub fn to_text(&self) -> String {
        let mut text = String::new();
        for entry in &self.entries {
            let at = entry.at.as_micros();
            let line = match &entry.what {
                What::Sent { from, to, label, call, bytes } => {
                    let digest = digest(bytes);
                    writeln!(text, "{at} {} -> {} {label} {call} {digest:016x}", self.name(*from), self.name(*to))
                }
                What::Noted { by, text: noted } => writeln!(text, "{at} {} {noted}", self.name(*by)),
            };
            line.expect("writing to a String cannot fail");
        }
        text
    }

    /// The last `rows` things as a ladder. Without `all` it leaves out what goes on all day: REGISTER and OPTIONS.
    pub fn to_ladder(&self, rows: usize, all: bool) -> String {
        let mut text = format!("{:>12} ", "seconds");
        for name in &self.names {
            let name: String = name.chars().take(COLUMN - 2).collect();
            let _ = write!(text, "{name:^COLUMN$}");
        }
        text.push('\n');
        let shown: Vec<_> = self.entries.iter().filter(|entry| all || !entry.is_routine()).collect();
        for entry in shown.iter().skip(shown.len().saturating_sub(rows)) {
            let _ = write!(text, "{:>12.4} ", entry.at.as_secs_f64());
            match &entry.what {
                What::Sent { from, to, label, call, .. } => {
                    text.push_str(&self.arrow(*from, *to, label));
                    let _ = writeln!(text, " {call}");
                }
                What::Noted { by, text: noted } => {
                    let _ = writeln!(text, "{}* {}: {noted}", self.rails(), self.name(*by));
                }
            }
        }
        text
    }

    /// Every message in full, with when and between whom.
    pub fn to_messages(&self) -> String {
        let mut text = String::new();
        for entry in &self.entries {
            if let What::Sent { from, to, bytes, .. } = &entry.what {
                let (at, from, to) = (entry.at.as_secs_f64(), self.name(*from), self.name(*to));
                let _ = writeln!(text, "---- {at:.4} {from} -> {to}\n{}", String::from_utf8_lossy(bytes));
            }
        }
        text
    }

    fn name(&self, node: Node) -> &str {
        self.names.get(node.0).map_or("?", String::as_str)
    }

    fn rails(&self) -> String {
        let rail = format!("{:^COLUMN$}", "|");
        rail.repeat(self.names.len())
    }

    fn arrow(&self, from: Node, to: Node, label: &str) -> String {
        let mut row: Vec<char> = self.rails().chars().collect();
        let middle = |node: Node| node.0 * COLUMN + COLUMN / 2;
        let (left, right) = (middle(from).min(middle(to)), middle(from).max(middle(to)));
        if right >= row.len() || left == right {
            return format!("{} {label}", self.rails());
        }
        row[left + 1..right].fill('-');
        let head = if middle(to) > middle(from) { right - 1 } else { left + 1 };
        row[head] = if middle(to) > middle(from) { '>' } else { '<' };
        let label: Vec<char> = label.chars().take(COLUMN - 4).collect();
        // Beside its sender, where every arrow has room for it.
        let start = if middle(to) > middle(from) { left + 2 } else { right - 2 - label.len() };
        row.splice(start..start + label.len(), label);
        row.into_iter().collect()
    }
}

fn digest(bytes: &[u8]) -> u64 {
    let mut hasher = DefaultHasher::new();
    hasher.write(bytes);
    hasher.finish()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_ladder_shows_who_said_what_to_whom() {
        let sent = |from, to, label: &str| What::Sent {
            from: Node(from),
            to: Node(to),
            label: label.into(),
            call: "c1".into(),
            bytes: Bytes::new(),
        };
        let what = [
            sent(1, 0, "INVITE"),
            sent(0, 2, "INVITE"),
            sent(2, 0, "200"),
            What::Noted { by: Node(2), text: "talks".into() },
        ];
        let entries = what.into_iter().map(|what| Entry { at: Duration::from_millis(1500), what }).collect();
        let trace = Trace { names: ["box", "201", "202"].map(String::from).to_vec(), entries };
        let ladder = trace.to_ladder(10, false);
        let lines: Vec<_> = ladder.lines().map(str::trim_end).collect();
        let expected = [
            "     seconds       box             201             202",
            "      1.5000        | <------INVITE--               |         c1",
            "      1.5000        | -INVITE----------------------->         c1",
            "      1.5000        | <-------------------------200--         c1",
            "      1.5000        |               |               |        * 202: talks",
        ];
        assert_eq!(lines, expected, "\n{ladder}");
    }
}
