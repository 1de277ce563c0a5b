//! A running box with ports and a state folder of its own.

use std::io::{BufRead as _, BufReader, Read as _};
use std::net::{Ipv4Addr, SocketAddr, UdpSocket};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use centrale_sip::auth::{Challenge, answer};
use centrale_store::Store;
use tempfile::TempDir;

/// An office of two, with a provider that is never reached.
pub(crate) const OFFICE: &str = r#"[office]
name = "Bakkerij Jansen"
country = "NL"
area_code = "020"
language = "nl"
time_zone = "Europe/Amsterdam"

[[person]]
number = "201"
name = "Anna"
sip_password = "correct-horse-201"

[[person]]
number = "202"
name = "Bart"
sip_password = "correct-horse-202"
"#;

/// Far longer than anything here takes; only a fault reaches it.
pub(crate) const NEVER: Duration = Duration::from_secs(120);

/// The program, in a folder of its own.
pub(crate) fn centraled(folder: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_centraled"));
    command.current_dir(folder).stdin(Stdio::null());
    command
}

pub(crate) struct Running {
    child: Child,
    folder: TempDir,
    ports: [u16; 4],
    rtp: u16,
}

impl Running {
    /// Starts a box with this office. When a port was taken by somebody else in between, others are tried.
    pub(crate) fn start(office: &str) -> Self {
        loop {
            let folder = tempfile::tempdir().unwrap();
            if !office.is_empty() {
                apply(folder.path(), office);
            }
            let ports = [(); 4].map(|()| free_port());
            let rtp = free_port().min(65_000) & !1;
            let child = spawn(folder.path(), &ports, rtp);
            let mut running = Self { child, folder, ports, rtp };
            if running.is_ready() {
                return running;
            }
        }
    }

    /// Ends the box and starts it again on the same state.
    pub(crate) fn restart(&mut self) {
        self.terminate();
        self.start_again();
    }

    /// As a power cut ends it: without a word.
    pub(crate) fn kill(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    pub(crate) fn start_again(&mut self) {
        self.child = spawn(self.folder.path(), &self.ports, self.rtp);
        assert!(self.is_ready(), "a box that ran starts again");
    }

    fn is_ready(&mut self) -> bool {
        let mut lines = BufReader::new(self.child.stdout.as_mut().unwrap()).lines();
        lines.by_ref().map_while(Result::ok).any(|line| line == "ready")
    }

    /// What the box keeps, beside the running box.
    pub(crate) fn store(&self) -> Store {
        Store::open(&self.folder.path().join("var")).unwrap()
    }

    /// Where it stands; its state is in `var`.
    pub(crate) fn folder(&self) -> &Path {
        self.folder.path()
    }

    pub(crate) fn apply(&self, office: &str) {
        apply(self.folder.path(), office);
    }

    pub(crate) fn sip(&self) -> SocketAddr {
        (Ipv4Addr::LOCALHOST, self.ports[0]).into()
    }

    pub(crate) fn page(&self) -> SocketAddr {
        (Ipv4Addr::LOCALHOST, self.ports[2]).into()
    }

    /// How many files and sockets it has open.
    pub(crate) fn descriptors(&self) -> usize {
        std::fs::read_dir(format!("/proc/{}/fd", self.child.id())).unwrap().count()
    }

    pub(crate) fn flags(&self) -> Vec<String> {
        flags(&self.ports, self.rtp)
    }

    pub(crate) fn send(&self, bytes: &[u8]) {
        let socket = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        socket.send_to(bytes, self.sip()).unwrap();
    }

    /// Waits for what the box does by itself within moments.
    pub(crate) fn until(&self, is: impl Fn(&Self) -> bool) {
        let started = Instant::now();
        while !is(self) {
            assert!(started.elapsed() < NEVER, "it never came to be");
        }
    }

    pub(crate) fn terminate(&mut self) {
        self.ask_to_end();
        self.child.wait().unwrap();
    }

    pub(crate) fn ask_to_end(&self) {
        let pid = nix::unistd::Pid::from_raw(self.child.id().try_into().unwrap());
        nix::sys::signal::kill(pid, nix::sys::signal::Signal::SIGTERM).unwrap();
    }

    /// Ends the box; everything it printed after it was ready.
    pub(crate) fn stop(mut self) -> String {
        self.terminate();
        let mut printed = String::new();
        self.child.stdout.as_mut().unwrap().read_to_string(&mut printed).unwrap();
        printed + &std::fs::read_to_string(self.folder.path().join("log")).unwrap()
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn apply(folder: &Path, office: &str) {
    let file = folder.join("office.toml");
    std::fs::write(&file, office).unwrap();
    let mut command = centraled(folder);
    let status =
        command.arg("apply").arg(file).arg("--state-dir").arg(folder.join("var")).stdout(Stdio::null()).status();
    assert!(status.unwrap().success());
}

fn spawn(folder: &Path, ports: &[u16; 4], rtp: u16) -> Child {
    let log = std::fs::File::create(folder.join("log")).unwrap();
    let mut command = centraled(folder);
    command.arg("run").args(flags(ports, rtp)).args(["--log", "debug"]).arg("--state-dir").arg(folder.join("var"));
    command.stdout(Stdio::piped()).stderr(log).spawn().unwrap()
}

fn flags(ports: &[u16; 4], rtp: u16) -> Vec<String> {
    let names = ["--sip-port", "--sip-tls-port", "--https-port", "--http-port"];
    let mut flags: Vec<String> =
        names.iter().zip(ports).flat_map(|(name, port)| [(*name).to_owned(), port.to_string()]).collect();
    flags.extend(["--sip-bind", "127.0.0.1", "--https-bind", "127.0.0.1", "--rtp-ports"].map(str::to_owned));
    flags.push(format!("{rtp}-{}", rtp + 15));
    flags
}

pub(crate) fn free_port() -> u16 {
    std::net::TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap().local_addr().unwrap().port()
}

/// Sends a REGISTER, answering the challenge when there are credentials; the last response's text.
pub(crate) fn register(running: &Running, credentials: Option<(&str, &str)>) -> String {
    let socket = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    socket.set_read_timeout(Some(Duration::from_millis(500))).unwrap();
    let user = credentials.map_or("201", |(user, _)| user);
    let first = exchange(&socket, running, user, 1, None);
    let Some((user, password)) = credentials else { return first };
    let offered = first.lines().find_map(|line| line.strip_prefix("WWW-Authenticate: ")).unwrap();
    let challenge = Challenge::parse(offered).unwrap();
    let answered = answer(&challenge, (user, password), ("REGISTER", "sip:127.0.0.1"), 1, "c");
    exchange(&socket, running, user, 2, Some(&answered))
}

/// One request and its response. Sent again until it comes, as UDP wants it.
fn exchange(socket: &UdpSocket, running: &Running, user: &str, number: u32, authorization: Option<&str>) -> String {
    let port = socket.local_addr().unwrap().port();
    let authorization = authorization.map(|value| format!("Authorization: {value}\r\n")).unwrap_or_default();
    let request = format!(
        "REGISTER sip:127.0.0.1 SIP/2.0\r\nVia: SIP/2.0/UDP 127.0.0.1:{port};branch=z9hG4bK{port}{number};rport\r\n\
         From: <sip:{user}@127.0.0.1>;tag={port}\r\nTo: <sip:{user}@127.0.0.1>\r\nCall-ID: {port}\r\nCSeq: {number} REGISTER\r\n\
         Contact: <sip:{user}@127.0.0.1:{port}>\r\nMax-Forwards: 70\r\n{authorization}Content-Length: 0\r\n\r\n"
    );
    let started = Instant::now();
    let mut buffer = [0; 4096];
    while started.elapsed() < NEVER {
        socket.send_to(request.as_bytes(), running.sip()).unwrap();
        if let Ok(length) = socket.recv(&mut buffer) {
            return String::from_utf8_lossy(&buffer[..length]).into_owned();
        }
    }
    panic!("the box does not answer");
}
