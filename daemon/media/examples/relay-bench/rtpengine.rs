//! Debian's rtpengine, in user space, driven over its ng control protocol: a cookie and a bencoded dictionary per datagram.

use crate::Pair;
use std::error::Error;
use std::net::{SocketAddr, UdpSocket};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

/// Its address; the phones have another one.
const SERVER: &str = "127.77.0.2";
/// How long one answer may take, and how often a request is sent before that is a failure.
const PATIENCE: Duration = Duration::from_millis(500);
const ATTEMPTS: usize = 20;

/// The control connection.
pub(crate) struct Rtpengine {
    control: UdpSocket,
    cookie: u64,
}

impl Rtpengine {
    pub(crate) fn start() -> Result<(Child, Self), Box<dyn Error>> {
        let listen = {
            let free = UdpSocket::bind((SERVER, 0))?;
            free.local_addr()?
        };
        let child = Command::new("rtpengine")
            .args(["--foreground", "--table=-1", "--num-threads=1", "--log-stderr", "--log-level=3"])
            .arg(format!("--interface={SERVER}"))
            .arg(format!("--listen-ng={listen}"))
            .args(["--port-min=20000", "--port-max=29999"])
            .stderr(Stdio::null())
            .spawn()
            .map_err(|error| format!("rtpengine (Debian: rtpengine-daemon) cannot be started: {error}"))?;
        let control = UdpSocket::bind((SERVER, 0))?;
        control.connect(listen)?;
        control.set_read_timeout(Some(PATIENCE))?;
        let mut rtpengine = Self { control, cookie: 0 };
        rtpengine.ask(&dictionary(&[("command", "ping")]))?;
        Ok((child, rtpengine))
    }

    pub(crate) fn open(&mut self, phones: &[Pair]) -> Result<Vec<Pair>, Box<dyn Error>> {
        phones.iter().enumerate().map(|(number, pair)| self.open_call(number, *pair)).collect()
    }

    fn open_call(&mut self, number: usize, (caller, callee): Pair) -> Result<Pair, Box<dyn Error>> {
        let call = format!("call-{number}");
        let offer = [
            ("command", "offer"),
            ("call-id", &call),
            ("from-tag", "caller"),
            ("ICE", "remove"),
            ("sdp", &sdp(caller)),
        ];
        let for_callee = media_address(&self.ask(&dictionary(&offer))?)?;
        let answer = [
            ("command", "answer"),
            ("call-id", &call),
            ("from-tag", "caller"),
            ("to-tag", "callee"),
            ("ICE", "remove"),
            ("sdp", &sdp(callee)),
        ];
        let for_caller = media_address(&self.ask(&dictionary(&answer))?)?;
        Ok((for_caller, for_callee))
    }

    fn ask(&mut self, request: &str) -> Result<String, Box<dyn Error>> {
        self.cookie += 1;
        let datagram = format!("{} {request}", self.cookie);
        let mut buffer = [0; 8192];
        for _ in 0..ATTEMPTS {
            // Refused while it still starts; the same cookie makes a repetition harmless.
            if self.control.send(datagram.as_bytes()).is_err() {
                continue;
            }
            match self.control.recv(&mut buffer) {
                Ok(len) => return Ok(String::from_utf8_lossy(&buffer[..len]).into_owned()),
                Err(error) if error.kind() == std::io::ErrorKind::ConnectionRefused => std::thread::sleep(PATIENCE / 5),
                Err(_) => {}
            }
        }
        Err("rtpengine does not answer".into())
    }
}

/// A bencoded dictionary of strings.
fn dictionary(entries: &[(&str, &str)]) -> String {
    let entries: String =
        entries.iter().map(|(key, value)| format!("{}:{key}{}:{value}", key.len(), value.len())).collect();
    format!("d{entries}e")
}

fn sdp(phone: SocketAddr) -> String {
    let (ip, port) = (phone.ip(), phone.port());
    format!(
        "v=0\r\no=- 1 1 IN IP4 {ip}\r\ns=-\r\nc=IN IP4 {ip}\r\nt=0 0\r\nm=audio {port} RTP/AVP 8\r\n\
         a=rtpmap:8 PCMA/8000\r\na=sendrecv\r\n"
    )
}

/// The address in the SDP of an answer of rtpengine.
fn media_address(answer: &str) -> Result<SocketAddr, Box<dyn Error>> {
    let field = |prefix| answer.lines().find_map(|line: &str| line.trim_end().strip_prefix(prefix));
    let ip = field("c=IN IP4 ").ok_or_else(|| format!("rtpengine answered {answer:?}"))?;
    let media = field("m=audio ").ok_or("no audio in the answer")?;
    let port = media.split(' ').next().ok_or("no port in the answer")?;
    Ok(SocketAddr::new(ip.parse()?, port.parse()?))
}
