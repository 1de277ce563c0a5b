//! What a server costs, read from /proc: processor time and memory of its process group.

use std::fs;
use std::time::Duration;

/// Clock ticks per second of the times in /proc; Linux promises 100 to user space.
const TICKS_PER_SECOND: u64 = 100;

/// A process group: a server and the workers it forked.
#[derive(Debug, Clone, Copy)]
pub struct Group(pub u32);

/// Resident memory in kB.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Memory {
    /// Resident set size; what the workers share is counted once for each.
    pub resident: u64,
    /// The part that no other process shares.
    pub unshared: u64,
}

impl Group {
    /// User and system time of every process of the group since its start.
    #[must_use]
    pub fn cpu_time(self) -> Duration {
        self.ticks(|stat| field(stat, 11) + field(stat, 12))
    }

    /// What of it was spent in the system's calls.
    #[must_use]
    pub fn system_time(self) -> Duration {
        self.ticks(|stat| field(stat, 12))
    }

    fn ticks(self, of: fn(&str) -> u64) -> Duration {
        let ticks: u64 = self.stats().iter().map(|stat| of(stat)).sum();
        Duration::from_millis(ticks * 1000 / TICKS_PER_SECOND)
    }

    /// Memory of every process of the group now.
    #[must_use]
    pub fn memory(self) -> Memory {
        let rollups = self.members().into_iter().map(|id| read(&format!("/proc/{id}/smaps_rollup")));
        let sums = rollups.fold((0, 0), |(resident, unshared), text| {
            let private = kilobytes(&text, "Private_Clean:") + kilobytes(&text, "Private_Dirty:");
            (resident + kilobytes(&text, "Rss:"), unshared + private)
        });
        Memory { resident: sums.0, unshared: sums.1 }
    }

    fn members(self) -> Vec<u32> {
        let entries = fs::read_dir("/proc").into_iter().flatten().flatten();
        let ids = entries.filter_map(|entry| entry.file_name().to_str()?.parse().ok());
        ids.filter(|id| field(&stat_of(*id), 2) == u64::from(self.0)).collect()
    }

    fn stats(self) -> Vec<String> {
        self.members().into_iter().map(stat_of).collect()
    }
}

fn stat_of(id: u32) -> String {
    read(&format!("/proc/{id}/stat"))
}

/// A process that has just ended reads as nothing.
fn read(path: &str) -> String {
    fs::read_to_string(path).unwrap_or_default()
}

/// Field of /proc/PID/stat, counted from 0 behind the program's name in brackets, which may hold spaces (proc(5)): 2 is
/// the process group, 11 and 12 are user and system time.
fn field(stat: &str, index: usize) -> u64 {
    let after_name = stat.rsplit(") ").next().unwrap_or_default();
    after_name.split(' ').nth(index).and_then(|number| number.parse().ok()).unwrap_or(0)
}

fn kilobytes(text: &str, name: &str) -> u64 {
    let line = text.lines().find(|line| line.starts_with(name));
    line.and_then(|line| line.split_whitespace().nth(1)).and_then(|number| number.parse().ok()).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_program_with_brackets_and_spaces_in_its_name_is_read() {
        let stat = "7 (a) b) S 1 4242 4242 0 -1 0 0 0 0 0 12 34 0 0";
        assert_eq!((field(stat, 2), field(stat, 11), field(stat, 12)), (4242, 12, 34));
    }

    #[test]
    fn this_very_process_costs_something() {
        let group = Group(u32::try_from(field(&stat_of(std::process::id()), 2)).unwrap());
        assert!(group.memory().resident > 1000 && group.memory().unshared > 0);
    }
}
