//! What a program said, line by line, and the waiting on it.

use std::cell::RefCell;
use std::io::Read;
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender};
use std::time::{Duration, Instant};

use crate::{Failure, Result};

/// How long a program may take to do what it was told, when nothing else is said. Far above what it needs on a busy
/// machine; reached only when the thing never happens.
pub(crate) const PATIENCE: Duration = Duration::from_secs(20);
/// How many lines are kept as a program's last words.
const SHOWN: usize = 80;

/// Lines of one program, in the order it said them. A wait passes over the lines before the one it wants.
#[derive(Debug)]
pub(crate) struct Transcript {
    who: String,
    lines: Receiver<String>,
    seen: Vec<String>,
    /// Lines before this index were consumed by an earlier wait.
    read_to: usize,
    /// Lines from this index on are the program's farewell, and no part of its last words.
    farewell: Option<usize>,
}

impl Transcript {
    /// The lines that threads send to the other end of `lines`; `who` is what failures call the speaker.
    pub(crate) fn new(who: &str, lines: Receiver<String>) -> Transcript {
        Transcript { who: who.to_owned(), lines, seen: Vec::new(), read_to: 0, farewell: None }
    }

    /// Waits for the next line that contains any of `texts`. Fails after `patience`, or as soon as the speaker is gone.
    pub(crate) fn wait_for(&mut self, patience: Duration, texts: &[&str]) -> Result<String> {
        let deadline = Instant::now() + patience;
        loop {
            while let Some(line) = self.seen.get(self.read_to) {
                self.read_to += 1;
                if texts.iter().any(|text| line.contains(text)) {
                    return Ok(line.clone());
                }
            }
            match self.lines.recv_timeout(deadline.saturating_duration_since(Instant::now())) {
                Ok(line) => self.seen.push(line),
                Err(_) => return Err(self.did_not_happen(&texts.join("' or '"))),
            }
        }
    }

    /// Waits for a line that contains any of `texts` wherever it is, and passes over nothing.
    pub(crate) fn wait_anywhere(&mut self, patience: Duration, texts: &[&str]) -> Result<String> {
        let deadline = Instant::now() + patience;
        let mut looked_at = 0;
        loop {
            if let Some(line) = self.seen[looked_at..].iter().find(|line| texts.iter().any(|text| line.contains(text)))
            {
                return Ok(line.clone());
            }
            looked_at = self.seen.len();
            match self.lines.recv_timeout(deadline.saturating_duration_since(Instant::now())) {
                Ok(line) => self.seen.push(line),
                Err(_) => return Err(self.did_not_happen(&texts.join("' or '"))),
            }
        }
    }

    /// Waits until nobody can say anything any more: the speaker, and every child that shares its output, is gone.
    pub(crate) fn wait_for_the_end(&mut self, patience: Duration) -> Result<()> {
        let deadline = Instant::now() + patience;
        loop {
            match self.lines.recv_timeout(deadline.saturating_duration_since(Instant::now())) {
                Ok(line) => self.seen.push(line),
                Err(RecvTimeoutError::Disconnected) => return Ok(()),
                Err(RecvTimeoutError::Timeout) => return Err(self.did_not_happen("its end")),
            }
        }
    }

    /// Every line so far that contains `text`, consumed or not; waits for nothing.
    pub(crate) fn lines_with(&mut self, text: &str) -> Vec<String> {
        self.seen.extend(self.lines.try_iter());
        self.seen.iter().filter(|line| line.contains(text)).cloned().collect()
    }

    /// Says that the program is about to be told to end: what it says from now on is of no use to anybody.
    pub(crate) fn expect_farewell(&mut self) {
        self.seen.extend(self.lines.try_iter());
        self.farewell.get_or_insert(self.seen.len());
    }

    fn did_not_happen(&self, what: &str) -> Failure {
        Failure::DidNotHappen { who: self.who.clone(), what: format!("'{what}'") }
    }
}

impl Drop for Transcript {
    fn drop(&mut self) {
        self.expect_farewell();
        let to = self.farewell.unwrap_or(self.seen.len());
        let lines: String =
            self.seen[to.saturating_sub(SHOWN)..to].iter().map(|line| format!("    {line}\n")).collect();
        LAST_WORDS.with_borrow_mut(|words| words.push(format!("  {}:\n{lines}", self.who)));
    }
}

thread_local! {
    static LAST_WORDS: RefCell<Vec<String>> = const { RefCell::new(Vec::new()) };
}

/// The last lines of every program that this thread has ended since it asked before.
pub(crate) fn take_last_words() -> String {
    LAST_WORDS.take().concat()
}

/// Sends each line of `pipe` on. A carriage return ends a line too: several of these programs redraw a status line.
pub(crate) fn forward_lines(mut pipe: impl Read, lines: &Sender<String>) {
    let mut line = Vec::new();
    let mut chunk = [0; 4096];
    while let Ok(length @ 1..) = pipe.read(&mut chunk) {
        for &byte in &chunk[..length] {
            if byte != b'\n' && byte != b'\r' {
                line.push(byte);
            } else if !line.is_empty() {
                let text = String::from_utf8_lossy(&line).into_owned();
                line.clear();
                // baresip's status line, ten times a second.
                if !text.contains("(bit/s)") && lines.send(text).is_err() {
                    return;
                }
            }
        }
    }
    if !line.is_empty() {
        let _ = lines.send(String::from_utf8_lossy(&line).into_owned());
    }
}
