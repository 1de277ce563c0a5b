//! `centraled reflector` and `centraled reflect`: what an installer does with the two, over real sockets.

use std::io::{BufRead as _, BufReader, Read as _};
use std::net::{Ipv4Addr, SocketAddr, UdpSocket};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;

use crate::output;
use crate::running::{centraled, free_port};

/// A reflector on ports of its own.
struct Reflector {
    child: Child,
    ports: [u16; 2],
    fingerprint: String,
}

impl Reflector {
    /// When a port was taken by somebody else in between, others are tried.
    fn start(more: &[&str]) -> Self {
        loop {
            let ports = [(); 2].map(|()| free_port());
            let mut command = reflector(ports);
            let mut child = command.args(more).stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
            let lines = BufReader::new(child.stdout.as_mut().unwrap()).lines().map_while(Result::ok);
            let said: Vec<String> = lines.take(2).collect();
            if let [fingerprint, ready] = said.as_slice() {
                assert_eq!(ready, "ready");
                let fingerprint = fingerprint.strip_prefix("fingerprint ").unwrap().to_owned();
                return Self { child, ports, fingerprint };
            }
            child.wait().unwrap();
        }
    }

    fn address(&self) -> SocketAddr {
        (Ipv4Addr::LOCALHOST, self.ports[0]).into()
    }

    /// Asks it, with messages to this port.
    fn ask(&self, port: u16, fingerprint: &str) -> (Option<i32>, String, String) {
        let mut command = centraled(&std::env::temp_dir());
        command.args(["reflect", "127.0.0.1", "--fingerprint", fingerprint, "--port", &port.to_string()]);
        output(command.args(["--tls-port", &self.ports[1].to_string()]))
    }

    /// Ends it; what it counted.
    fn stop(mut self) -> String {
        kill(Pid::from_raw(self.child.id().try_into().unwrap()), Signal::SIGTERM).unwrap();
        let mut counted = String::new();
        self.child.stdout.as_mut().unwrap().read_to_string(&mut counted).unwrap();
        assert!(self.child.wait().unwrap().success());
        counted
    }
}

impl Drop for Reflector {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn reflector(ports: [u16; 2]) -> Command {
    let mut command = centraled(&std::env::temp_dir());
    command.args(["reflector", "--bind", "127.0.0.1", "--log", "error"]);
    command.args(["--port", &ports[0].to_string(), "--tls-port", &ports[1].to_string()]);
    command
}

/// A router in front of it that does this to what an office sends.
fn router(server: SocketAddr, rewrite: impl Fn(&str) -> Option<String> + Send + 'static) -> u16 {
    let inside = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    let port = inside.local_addr().unwrap().port();
    std::thread::spawn(move || {
        let inside = Arc::new(inside);
        let mut buffer = vec![0; 65_535];
        while let Ok((length, from)) = inside.recv_from(&mut buffer) {
            let Some(sent) = rewrite(std::str::from_utf8(&buffer[..length]).unwrap()) else { continue };
            let (outside, inside) = (UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).unwrap(), Arc::clone(&inside));
            outside.send_to(sent.as_bytes(), server).unwrap();
            std::thread::spawn(move || {
                let mut buffer = vec![0; 65_535];
                if let Ok((length, _)) = outside.recv_from(&mut buffer) {
                    let _ = inside.send_to(&buffer[..length], from);
                }
            });
        }
    });
    port
}

#[test]
fn over_a_plain_way_a_reflector_says_that_everything_arrived_as_it_was_sent() {
    let reflector = Reflector::start(&[]);
    let (code, said, complaint) = reflector.ask(reflector.ports[0], &reflector.fingerprint);
    assert_eq!(code, Some(0), "{said}{complaint}");
    assert_eq!(said.matches("arrived as sent").count(), 7, "{said}");
    let counted = reflector.stop();
    assert!(counted.contains("tickets: 1\n") && counted.contains("answers: 7\n"), "{counted}");
}

#[test]
fn a_router_that_rewrites_is_shown_line_by_line() {
    let reflector = Reflector::start(&[]);
    let port = router(reflector.address(), |text| {
        Some(text.replacen("Contact: <sip:probe@127.0.0.1", "Contact: <sip:probe@203.0.113.2", 1))
    });
    let (code, said, complaint) = reflector.ask(port, &reflector.fingerprint);
    assert_eq!(code, Some(1), "{said}");
    assert!(complaint.contains("do not arrive as they were sent"), "{complaint}");
    assert_eq!(said.matches("CHANGED, somebody rewrites Contact").count(), 4, "{said}");
    assert!(said.contains("sent:    Contact: <sip:probe@127.0.0.1:"), "{said}");
    assert!(said.contains("arrived: Contact: <sip:probe@203.0.113.2:"), "{said}");
}

#[test]
fn a_router_that_loses_large_messages_is_told_by_the_one_that_is_missing() {
    let reflector = Reflector::start(&[]);
    let port = router(reflector.address(), |text| (text.len() <= 1_300).then(|| text.to_owned()));
    let (code, said, _) = reflector.ask(port, &reflector.fingerprint);
    assert_eq!(code, Some(1), "{said}");
    assert!(said.contains("UDP, a large message (OPTIONS): NO ANSWER"), "{said}");
    assert_eq!(said.matches("arrived as sent").count(), 3, "{said}");
}

#[test]
fn a_reflector_refuses_loudly_and_answers_nobody_who_has_no_ticket() {
    let reflector = Reflector::start(&["--per-address", "7"]);
    let stranger = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    stranger.connect(reflector.address()).unwrap();
    let forged = format!("OPTIONS sip:r SIP/2.0\r\nX-Centrale-Reflect: AAAA;from=0000\r\n\r\n{}", "x".repeat(900));
    for rubbish in [&b"\0\0"[..], b"OPTIONS sip:r SIP/2.0\r\n\r\n", forged.as_bytes(), &[b'x'; 9_000]] {
        stranger.send(rubbish).unwrap();
    }
    let (code, _, complaint) = reflector.ask(reflector.ports[0], &"00".repeat(32));
    assert_eq!(code, Some(69));
    assert!(complaint.contains("its fingerprint is another one"), "{complaint}");
    // The ticket and six answers; the last call gets none.
    let (code, said, _) = reflector.ask(reflector.ports[0], &reflector.fingerprint);
    assert_eq!(code, Some(1), "{said}");
    let taken = output(&mut self::reflector(reflector.ports));
    assert_eq!(taken.0, Some(69));
    assert!(taken.2.contains("cannot listen on"), "{}", taken.2);
    let same = output(&mut self::reflector([reflector.ports[0]; 2]));
    assert_eq!(same.0, Some(64), "{}", same.2);
    stranger.set_nonblocking(true).unwrap();
    assert!(stranger.recv(&mut [0; 100]).is_err(), "who has no ticket hears nothing");
    let counted = reflector.stop();
    assert!(counted.contains("answers: 6\n") && counted.contains("the cookie is not good: 1\n"), "{counted}");
    assert!(counted.contains("not a question for a reflector: 2\n"), "{counted}");
    assert!(counted.contains("the question is too large: 1\n"), "{counted}");
    assert!(counted.contains("too many questions: 1\n"), "{counted}");
}
