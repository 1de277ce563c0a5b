//! A third-party program, started, watched line by line, and ended.
//!
//! Its output is read by threads that block on the pipes; a test waits on what they found, with a deadline. Every program
//! gets its own process group, so that the children of a forking server end with it.

use std::ffi::OsStr;
use std::io::{Read, Write};
use std::os::unix::process::CommandExt;
use std::path::PathBuf;
use std::process::{Child, ChildStdin, Command, ExitStatus, Stdio};
use std::sync::mpsc::channel;
use std::thread;
use std::time::Duration;

use nix::sys::signal::{Signal, killpg};
use nix::unistd::Pid;

use crate::failure::Tried;
use crate::transcript::{PATIENCE, Transcript, forward_lines};
use crate::{Failure, Place, Result};

/// A program and its arguments, not started yet.
#[derive(Debug)]
pub struct Program {
    name: String,
    path: PathBuf,
    command: Command,
}

impl Program {
    /// `program` (found in PATH, or a path), to be run at `place`; `name` is what failures call it.
    ///
    /// # Errors
    /// `NotInstalled` when there is no such program.
    pub fn new(place: &Place, name: &str, program: &str) -> Result<Program> {
        let path = find(program).ok_or_else(|| Failure::NotInstalled { program: program.to_owned() })?;
        let mut command = place.command(&path);
        command.process_group(0).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        Ok(Program { name: name.to_owned(), path, command })
    }

    /// Adds an argument.
    #[must_use]
    pub fn arg(mut self, arg: impl AsRef<OsStr>) -> Program {
        self.command.arg(arg);
        self
    }

    /// Adds arguments.
    #[must_use]
    pub fn args<A: AsRef<OsStr>>(mut self, args: impl IntoIterator<Item = A>) -> Program {
        self.command.args(args);
        self
    }

    /// Sets an environment variable.
    #[must_use]
    pub fn env(mut self, key: &str, value: impl AsRef<OsStr>) -> Program {
        self.command.env(key, value);
        self
    }

    /// Sets the working directory.
    #[must_use]
    pub fn current_dir(mut self, dir: impl Into<PathBuf>) -> Program {
        self.command.current_dir(dir.into());
        self
    }

    /// Starts it.
    ///
    /// # Errors
    /// `Machine` when the system refuses to.
    pub fn start(mut self) -> Result<Process> {
        let mut child = self.command.spawn().tried(|| format!("start {}", self.path.display()))?;
        let (sender, lines) = channel();
        let pipes: [Option<Box<dyn Read + Send>>; 2] =
            [child.stdout.take().map(|pipe| Box::new(pipe) as _), child.stderr.take().map(|pipe| Box::new(pipe) as _)];
        for pipe in pipes.into_iter().flatten() {
            let sender = sender.clone();
            thread::spawn(move || forward_lines(pipe, &sender));
        }
        let stdin = child.stdin.take();
        let said = Transcript::new(&self.name, lines);
        Ok(Process { name: self.name, child, stdin, said })
    }
}

/// A running program. Dropping it ends it, children and all.
#[derive(Debug)]
pub struct Process {
    name: String,
    child: Child,
    stdin: Option<ChildStdin>,
    said: Transcript,
}

impl Process {
    /// What failures call it.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Process id, for reading its CPU time and memory from /proc.
    #[must_use]
    pub fn id(&self) -> u32 {
        self.child.id()
    }

    /// Writes a line to its standard input.
    ///
    /// # Errors
    /// `Machine` when it does not read any more.
    pub fn type_line(&mut self, line: &str) -> Result<()> {
        let name = &self.name;
        let Some(stdin) = self.stdin.as_mut() else {
            return Err(Failure::Unexpected(format!("{name}: its standard input is closed")));
        };
        stdin
            .write_all(format!("{line}\n").as_bytes())
            .and_then(|()| stdin.flush())
            .tried(|| format!("{name}: type {line}"))
    }

    /// Waits for the next line that contains `text`, and returns it. Lines before it are passed over.
    ///
    /// # Errors
    /// `DidNotHappen` after 20 s, or as soon as the program has ended without saying it.
    pub fn wait_for(&mut self, text: &str) -> Result<String> {
        self.wait_for_any(&[text])
    }

    /// Like `wait_for`, for the first line that contains any of `texts`.
    ///
    /// # Errors
    /// As `wait_for`.
    pub fn wait_for_any(&mut self, texts: &[&str]) -> Result<String> {
        self.wait_for_any_within(PATIENCE, texts)
    }

    /// Like `wait_for_any`, with another patience.
    ///
    /// # Errors
    /// `DidNotHappen` after `patience`, or as soon as the program has ended without saying it.
    pub fn wait_for_any_within(&mut self, patience: Duration, texts: &[&str]) -> Result<String> {
        self.said.wait_for(patience, texts)
    }

    /// Every line so far that contains `text`; waits for nothing.
    pub fn lines_with(&mut self, text: &str) -> Vec<String> {
        self.said.lines_with(text)
    }

    /// Waits for the program to end by itself.
    ///
    /// # Errors
    /// `DidNotHappen` when it still runs after `patience`.
    pub fn wait_to_end(&mut self, patience: Duration) -> Result<ExitStatus> {
        self.said.wait_for_the_end(patience)?;
        self.child.wait().tried(|| format!("wait for {}", self.name))
    }

    /// Says that it is about to be told to end, so that its farewell does not push out its last words.
    pub(crate) fn expect_farewell(&mut self) {
        self.said.expect_farewell();
    }

    /// Ends it at once, children and all, without letting it tidy up.
    pub(crate) fn kill(mut self) -> Result<()> {
        self.said.expect_farewell();
        self.signal(Signal::SIGKILL);
        self.wait_to_end(PATIENCE).map(drop)
    }

    fn signal(&self, signal: Signal) {
        let group = i32::try_from(self.child.id()).expect("process ids fit i32 on Linux");
        // The only error is that the group is gone, which is what is wanted.
        let _ = killpg(Pid::from_raw(group), signal);
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        self.said.expect_farewell();
        self.signal(Signal::SIGTERM);
        if self.wait_to_end(Duration::from_secs(3)).is_err() {
            self.signal(Signal::SIGKILL);
            let _ = self.child.wait();
        }
    }
}

fn find(program: &str) -> Option<PathBuf> {
    if program.contains('/') {
        let path = PathBuf::from(program);
        return path.is_file().then_some(path);
    }
    let path = std::env::var_os("PATH")?;
    let sbin = [PathBuf::from("/usr/sbin"), PathBuf::from("/sbin")];
    std::env::split_paths(&path).chain(sbin).map(|dir| dir.join(program)).find(|path| path.is_file())
}

#[cfg(test)]
mod tests {
    use std::os::fd::AsFd;

    use nix::poll::{PollFd, PollFlags, poll};
    use nix::sys::stat::Mode;
    use nix::unistd::mkfifo;

    use super::*;
    use crate::transcript::take_last_words;

    fn shell(script: &str) -> Process {
        Program::new(&Place::here(), "shell", "sh").unwrap().args(["-c", script]).start().unwrap()
    }

    #[test]
    fn a_line_is_waited_for_and_lines_before_it_are_passed_over() {
        let mut shell = shell("echo one; echo two >&2; read x; echo got $x");
        shell.type_line("three").unwrap();
        assert_eq!(shell.wait_for("got").unwrap(), "got three");
    }

    #[test]
    fn a_program_that_ends_without_the_line_fails_at_once_and_its_last_words_are_kept() {
        let failure = shell("echo nothing of use").wait_for("never").unwrap_err().to_string();
        assert!(failure.contains("'never'"), "{failure}");
        let words = take_last_words();
        assert!(words.contains("nothing of use"), "{words}");
    }

    #[test]
    fn dropping_it_ends_its_children_too() {
        let folder = tempfile::tempdir().unwrap();
        let fifo = folder.path().join("held-open-by-the-child");
        mkfifo(&fifo, Mode::S_IRUSR | Mode::S_IWUSR).unwrap();
        let shell = shell(&format!("exec 9>{}; sleep 1000 & wait", fifo.display()));
        let held = std::fs::File::open(&fifo).unwrap();
        drop(shell);
        // The end of the last writer is heard as a hang-up.
        let mut heard = [PollFd::new(held.as_fd(), PollFlags::empty())];
        assert_eq!(poll(&mut heard, 10_000_u16), Ok(1), "the child still holds the pipe open");
    }

    #[test]
    fn a_program_that_is_not_there_is_named() {
        let failure = Program::new(&Place::here(), "x", "no-such-program").unwrap_err();
        assert!(failure.to_string().starts_with("no-such-program is not installed"));
    }
}
