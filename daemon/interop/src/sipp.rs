//! sipp (Debian's 3.6): the same call a thousand times, to the millisecond.

use std::net::SocketAddr;
use std::path::Path;
use std::time::Duration;

use tempfile::TempDir;

use crate::failure::Tried;
use crate::{Account, Failure, Place, Process, Program, Result, Subscriber, Tone, Transport};

/// How many calls, how fast and how long.
#[derive(Debug, Clone, Copy)]
pub struct CallLoad {
    /// Calls in all.
    pub calls: u32,
    /// Calls begun each second, as long as no more than `at_once` are under way: a busy machine takes its time.
    pub per_second: u32,
    /// Calls under way, at most.
    pub at_once: u32,
    /// From the answer to the BYE.
    pub talking: Duration,
}

/// How the calls ended, by sipp's own count.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Tally {
    /// Calls that went as the scenario says, to the end.
    pub successful: u32,
    /// Calls that did not.
    pub failed: u32,
    /// Calls begun each second, from first to last, rounded down.
    pub per_second: u32,
}

impl Tally {
    /// A machine that does much else besides still reaches a quarter of the rate that it is asked for.
    pub const LEAST_PART: u32 = 4;

    /// Reads the last of the tables that sipp prints: a line for each count, this one of the period and that one in all.
    fn read(lines_with: &mut dyn FnMut(&str) -> Vec<String>) -> Option<Tally> {
        let mut last = |what: &str| {
            let lines = lines_with(what);
            let count = lines.last()?.rsplit('|').next()?.trim().split([' ', '.']).next()?;
            count.parse().ok()
        };
        Some(Tally {
            successful: last("Successful call")?,
            failed: last("Failed call")?,
            per_second: last("Call Rate")?,
        })
    }

    /// Whether the load was so far below the rate that was asked for that the calls prove nothing of it: less than one part in
    /// [`Tally::LEAST_PART`].
    #[must_use]
    pub const fn is_far_below(&self, load: &CallLoad) -> bool {
        self.per_second * Self::LEAST_PART < load.per_second
    }
}

/// A running sipp.
#[derive(Debug)]
pub struct Sipp {
    process: Process,
    /// Its scenario, its accounts and what it found wrong, for as long as it runs.
    directory: TempDir,
}

/// What a scenario calls the tone of whoever is called, where it lets that be heard.
const TONE: &str = "tone.alaw";
/// Answers every call and lets nothing be heard.
const ANSWER: &str = include_str!("../peers/sipp/answer.xml");
/// Calls and lets nothing be heard.
const CALL: &str = include_str!("../peers/sipp/call.xml");
/// Where a call is up in each of them.
const UNTIL_HUNG_UP: &str = r#"<recv request="BYE"/>"#;
const WHILE_TALKING: &str = "<pause milliseconds=";
/// Longest any load here may take.
const LONGEST: Duration = Duration::from_secs(180);

impl Sipp {
    /// Registers `account` from a port, and answers every call that comes to that port until it is dropped.
    ///
    /// # Errors
    /// When it is not installed, or the registration is refused.
    pub fn answering(place: &Place, account: &Account) -> Result<Sipp> {
        Sipp::registered(place, account, ANSWER)
    }

    /// The same; whoever calls hears a tone for a second.
    ///
    /// # Errors
    /// Likewise.
    pub fn answering_with_sound(place: &Place, account: &Account) -> Result<Sipp> {
        Sipp::registered(place, account, &with_sound(ANSWER, UNTIL_HUNG_UP))
    }

    fn registered(place: &Place, account: &Account, scenario: &str) -> Result<Sipp> {
        let port = place.free_ports(8)?;
        let register = include_str!("../peers/sipp/register.xml");
        let mut registering = Sipp::start(place, account, port, "", register, &["-m", "1"])?;
        if !registering.process.wait_to_end(Duration::from_secs(20))?.success() {
            return Err(Failure::Unexpected(format!("sipp could not register {}", account.user)));
        }
        drop(registering);
        Sipp::start(place, account, port, "", scenario, &[])
    }

    /// Answers every call with what a scenario says, and every question with 200, until it is dropped. Returns where.
    ///
    /// # Errors
    /// When it is not installed.
    pub fn as_provider(place: &Place, scenario: &str) -> Result<(Sipp, SocketAddr)> {
        let port = place.free_ports(8)?;
        let address = SocketAddr::new(place.address, port);
        let account = Account::new(&Subscriber::new("provider"), address, Transport::Udp);
        Ok((Sipp::start(place, &account, port, "", scenario, &["-aa"])?, address))
    }

    /// Waits until its scenario says something.
    ///
    /// # Errors
    /// When it does not within 20 s.
    pub fn wait_for(&mut self, text: &str) -> Result<String> {
        self.process.wait_for(text)
    }

    /// How often its scenario has said something so far.
    pub(crate) fn times(&mut self, text: &str) -> usize {
        self.process.lines_with(text).len()
    }

    /// Begins to call `number` as `load` says.
    ///
    /// # Errors
    /// When it is not installed.
    pub fn calling(place: &Place, account: &Account, number: &str, load: &CallLoad) -> Result<Sipp> {
        Sipp::calling_by(place, account, number, load, CALL)
    }

    /// The same; whoever answers hears a tone for a second.
    ///
    /// # Errors
    /// Likewise.
    pub fn calling_with_sound(place: &Place, account: &Account, number: &str, load: &CallLoad) -> Result<Sipp> {
        Sipp::calling_by(place, account, number, load, &with_sound(CALL, WHILE_TALKING))
    }

    fn calling_by(place: &Place, account: &Account, number: &str, load: &CallLoad, scenario: &str) -> Result<Sipp> {
        let port = place.free_ports(8)?;
        let talking = load.talking.as_millis().to_string();
        let scenario = scenario.replace("@TALKING_MS@", &talking);
        let [calls, rate, at_once] = [load.calls, load.per_second, load.at_once].map(|count| count.to_string());
        Sipp::start(place, account, port, number, &scenario, &["-m", &calls, "-r", &rate, "-l", &at_once])
    }

    /// Waits until every call is over.
    ///
    /// # Errors
    /// When they are not within three minutes, or sipp says nothing of them.
    pub fn wait_for_tally(&mut self) -> Result<Tally> {
        self.process.wait_to_end(LONGEST)?;
        let tally = Tally::read(&mut |what| self.process.lines_with(what));
        tally.ok_or_else(|| Failure::Unexpected("sipp gave no tally".to_owned()))
    }

    /// What it found wrong with the calls that failed, at most 4 KB of it.
    #[must_use]
    pub fn complaints(&self) -> String {
        let text = std::fs::read_to_string(self.directory.path().join("errors.log")).unwrap_or_default();
        text.chars().take(4096).collect()
    }

    fn start(
        place: &Place,
        account: &Account,
        port: u16,
        number: &str,
        scenario: &str,
        arguments: &[&str],
    ) -> Result<Sipp> {
        let directory = tempfile::tempdir().tried(|| "make a folder for sipp".to_owned())?;
        let write = |name: &str, text: &str| {
            let path = directory.path().join(name);
            std::fs::write(&path, text).tried(|| format!("write sipp's {name}")).map(|()| path)
        };
        if scenario.contains(TONE) {
            Tone::CALLEE.write_a_law(&directory.path().join(TONE))?;
        }
        let scenario = write("scenario.xml", scenario)?;
        let Account { user, password, .. } = account;
        // The second field stands for a header: sipp puts the digest there.
        let accounts = format!("SEQUENTIAL\n{user};[authentication username={user} password={password}];{number}\n");
        let accounts = write("accounts.csv", &accounts)?;
        let address = place.address.to_string();
        let media = (port + 2).to_string();
        let mut program = Program::new(place, &format!("sipp {}", account.user), "sipp")?
            .current_dir(directory.path())
            .env("TERM", "dumb")
            .args(["-nostdin", "-i", &address, "-p", &port.to_string(), "-mi", &address, "-mp", &media])
            .args([Path::new("-sf"), &scenario, Path::new("-inf"), &accounts])
            .args(["-trace_err", "-error_file", "errors.log"]);
        program = program.args(arguments).arg(account.server.to_string());
        Ok(Sipp { process: program.start()?, directory })
    }
}

/// A scenario that lets a second of the tone be heard when it comes to `place`: fifty packets, from a port of each call's own.
fn with_sound(scenario: &str, place: &str) -> String {
    let play = format!("<nop><action><exec rtp_stream=\"{TONE},1,8\"/></action></nop>\n  {place}");
    scenario.replace("[media_port]", "[rtpstream_audio_port]").replace(place, &play)
}

#[cfg(test)]
mod tests {
    use super::*;

    const SAID: [&str; 6] = [
        "  Call Rate                 |   50.000 cps              |   50.000 cps             ",
        "  Successful call           |      12                   |       12                 ",
        "  Failed call               |        0                  |        0                 ",
        "  Call Rate                 |    0.000 cps              |   12.480 cps             ",
        "  Successful call           |        0                  |      998                 ",
        "  Failed call               |        0                  |        2                 ",
    ];

    #[test]
    fn the_last_table_counts() {
        let mut with = |what: &str| SAID.iter().filter(|line| line.contains(what)).map(|line| (*line).into()).collect();
        assert_eq!(Tally::read(&mut with), Some(Tally { successful: 998, failed: 2, per_second: 12 }));
        assert_eq!(Tally::read(&mut |_| Vec::new()), None);
    }

    #[test]
    fn each_end_is_heard_once_the_call_is_up_from_a_port_of_its_own() {
        for (scenario, up) in [(ANSWER, UNTIL_HUNG_UP), (CALL, WHILE_TALKING)] {
            let heard = with_sound(scenario, up);
            assert!(!heard.contains("[media_port]") && heard.matches("rtp_stream=").count() == 1, "{heard}");
        }
    }

    #[test]
    fn a_load_that_never_came_near_its_rate_proves_nothing() {
        let load = CallLoad { calls: 1000, per_second: 50, at_once: 30, talking: Duration::from_millis(200) };
        for (per_second, is_far_below) in [(50, false), (13, false), (12, true), (0, true)] {
            let tally = Tally { successful: 1000, failed: 0, per_second };
            assert_eq!(tally.is_far_below(&load), is_far_below, "{per_second}");
        }
    }
}
