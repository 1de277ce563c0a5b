//! The measured server as a process: its start, its ports, its CPU time and memory, its end.

use crate::rtpengine::Rtpengine;
use crate::{Kind, Pair};
use nix::sched::{CpuSet, sched_setaffinity};
use nix::unistd::{Pid, SysconfVar, sysconf};
use std::error::Error;
use std::io::{BufRead, BufReader, Write};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

/// Runs before anything is counted: longer than rtpengine takes to learn its endpoints (3 s).
pub(crate) const WARM_UP: Duration = Duration::from_secs(4);

/// A server process. It ends when this is dropped.
pub(crate) struct Server {
    child: Child,
    rtpengine: Option<Rtpengine>,
}

/// Keeps this process, and the children it starts from now on, on one core.
pub(crate) fn stay_on(core: usize) -> Result<(), nix::Error> {
    let mut cores = CpuSet::new();
    cores.set(core)?;
    sched_setaffinity(Pid::from_raw(0), &cores)
}

impl Server {
    pub(crate) fn start(kind: Kind) -> Result<Self, Box<dyn Error>> {
        if kind == Kind::Rtpengine {
            let (child, rtpengine) = Rtpengine::start()?;
            return Ok(Self { child, rtpengine: Some(rtpengine) });
        }
        let name = if kind == Kind::Bare { "bare" } else { "centrale" };
        let child = Command::new(std::env::current_exe()?)
            .args(["serve", name])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()?;
        Ok(Self { child, rtpengine: None })
    }

    /// Has the server open a relay for every pair of phones. Returns its ports for them.
    pub(crate) fn open(mut self, phones: &[Pair]) -> Result<(Self, Vec<Pair>), Box<dyn Error>> {
        let ports = match &mut self.rtpengine {
            Some(rtpengine) => rtpengine.open(phones)?,
            None => self.ask_child(phones)?,
        };
        Ok((self, ports))
    }

    fn ask_child(&mut self, phones: &[Pair]) -> Result<Vec<Pair>, Box<dyn Error>> {
        let input = self.child.stdin.as_mut().ok_or("the child has no input")?;
        let output = BufReader::new(self.child.stdout.take().ok_or("the child has no output")?);
        for (caller, callee) in phones {
            writeln!(input, "{caller} {callee}")?;
        }
        writeln!(input, "run")?;
        input.flush()?;
        let ports = output.lines().take(phones.len()).map(|line| parse_pair(&line?)).collect::<Result<Vec<_>, _>>()?;
        if ports.len() == phones.len() { Ok(ports) } else { Err("the child has ended".into()) }
    }

    /// User and system time so far (proc(5), fields 14 and 15 of stat).
    pub(crate) fn cpu_time(&self) -> Result<Duration, Box<dyn Error>> {
        let stat = std::fs::read_to_string(format!("/proc/{}/stat", self.child.id()))?;
        let after_name = stat.rsplit(')').next().ok_or("stat without a name")?;
        let fields: Vec<&str> = after_name.split_whitespace().collect();
        let ticks: u64 = fields[11].parse::<u64>()? + fields[12].parse::<u64>()?;
        let per_second = sysconf(SysconfVar::CLK_TCK)?.ok_or("no clock tick")?;
        Ok(Duration::from_secs_f64(ticks as f64 / per_second as f64))
    }

    /// Resident memory, kB.
    pub(crate) fn resident_kb(&self) -> Result<u64, Box<dyn Error>> {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.child.id()))?;
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).ok_or("no VmRSS")?;
        Ok(line.trim().trim_end_matches(" kB").parse()?)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Reads two addresses with a space between.
pub(crate) fn parse_pair(line: &str) -> Result<Pair, Box<dyn Error>> {
    let (first, second) = line.split_once(' ').ok_or("two addresses are wanted")?;
    Ok((first.parse()?, second.trim().parse()?))
}
