//! The box as a program of its own: started, listened to, ended.

use std::process::{ExitStatus, Stdio};

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use tokio::io::{AsyncBufReadExt as _, BufReader, Lines};
use tokio::process::{Child, ChildStdout, Command};

use crate::log::Log;

/// A box that runs.
pub(crate) struct House {
    child: Child,
    said: Lines<BufReader<ChildStdout>>,
}

/// What a box says of itself when it is ready.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Ready {
    /// Where its page is, without a slash at its end.
    pub(crate) page: String,
    /// The code with which it is set up.
    pub(crate) code: String,
}

impl Ready {
    /// Takes a line of what it says. Whether it was about something else.
    fn take(&mut self, line: &str) -> bool {
        if let Some(page) = line.strip_prefix("page ") {
            page.trim_end_matches('/').clone_into(&mut self.page);
        } else if let Some(code) = line.strip_prefix("set-up code ") {
            code.clone_into(&mut self.code);
        } else {
            return true;
        }
        false
    }
}

impl House {
    /// Starts the box with this command.
    ///
    /// # Errors
    /// It cannot be run.
    pub(crate) fn start(command: &[String]) -> std::io::Result<Self> {
        let (program, arguments) = command.split_first().ok_or_else(|| std::io::Error::other("no box to run"))?;
        let started = Command::new(program)
            .args(arguments)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .kill_on_drop(true)
            .spawn();
        let named = |cause: std::io::Error| std::io::Error::new(cause.kind(), format!("cannot run {program}: {cause}"));
        let mut child = started.map_err(named)?;
        let stdout = child.stdout.take().ok_or_else(|| std::io::Error::other("the box is silent"))?;
        Ok(Self { child, said: BufReader::new(stdout).lines() })
    }

    /// Waits until it is ready. What else it says is passed on.
    ///
    /// # Errors
    /// It ends before.
    pub(crate) async fn ready(&mut self, log: Log) -> std::io::Result<Ready> {
        let mut ready = Ready::default();
        while let Some(line) = self.said.next_line().await? {
            if line == "ready" {
                return Ok(ready);
            }
            if ready.take(&line) {
                log.write(&line);
            }
        }
        Err(std::io::Error::other("the box ended before it was ready"))
    }

    /// Passes on what it says until it ends.
    ///
    /// # Errors
    /// The machine's.
    pub(crate) async fn end(&mut self, log: Log) -> std::io::Result<ExitStatus> {
        while let Some(line) = self.said.next_line().await? {
            log.write(&line);
        }
        self.child.wait().await
    }

    /// Tells it to stop. One that was told before, by the terminal, takes it as the same.
    pub(crate) fn stop(&self) {
        let id = self.child.id().and_then(|id| i32::try_from(id).ok());
        if let Some(id) = id {
            // It may have ended by now.
            let _ = kill(Pid::from_raw(id), Signal::SIGTERM);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::process::ExitStatusExt as _;

    use super::*;

    fn shell(script: &str) -> House {
        House::start(&["sh".into(), "-c".into(), script.into()]).unwrap()
    }

    #[tokio::test]
    async fn a_box_that_is_ready_has_said_where_its_page_is_and_its_code() {
        let script = "echo building; echo page https://192.0.2.1:8443/; echo set-up code 1234; echo ready; exec tail -f /dev/null";
        let mut house = shell(script);
        let ready = house.ready(Log::new()).await.unwrap();
        assert_eq!(ready, Ready { page: "https://192.0.2.1:8443".into(), code: "1234".into() });
        house.stop();
        assert_eq!(house.end(Log::new()).await.unwrap().signal(), Some(15));
    }

    #[tokio::test]
    async fn a_box_that_ends_before_it_is_ready_is_a_fault() {
        let mut house = shell("echo page https://192.0.2.1:8443/; exit 69");
        assert!(house.ready(Log::new()).await.is_err());
        assert_eq!(house.end(Log::new()).await.unwrap().code(), Some(69));
        house.stop();
    }

    #[test]
    fn what_cannot_be_run_is_named() {
        let fault = House::start(&["/no/such/box".into()]).err().unwrap();
        assert!(fault.to_string().starts_with("cannot run /no/such/box: "), "{fault}");
    }
}
