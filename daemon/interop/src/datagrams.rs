//! A phone of one socket that asks and counts what is answered, and somebody who sends without end.

use std::net::{IpAddr, SocketAddr, UdpSocket};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use crate::failure::Tried;
use crate::{Challenge, Credentials, Failure, Place, Result, Subscriber};

/// After so long an answer counts as lost.
const LOST_AFTER: Duration = Duration::from_secs(8);
/// When a phone sends again what was not answered; each time after twice as long (RFC 3261 17.1.2.1, T1).
const AGAIN: Duration = Duration::from_millis(500);
/// Datagrams at once.
const BURST: usize = 50;

/// What became of the requests of a phone.
#[derive(Debug, Default)]
pub(crate) struct Answers {
    /// How long each took that was answered.
    pub(crate) took: Vec<Duration>,
    /// How many were not.
    pub(crate) lost: usize,
    /// Datagrams that had to be sent again for them.
    pub(crate) again: usize,
}

impl Answers {
    /// The time within which so many of a hundred were answered.
    #[must_use]
    pub(crate) fn percentile(&self, hundredths: usize) -> Duration {
        let mut took = self.took.clone();
        took.sort_unstable();
        took.get((took.len() * hundredths / 100).min(took.len().saturating_sub(1))).copied().unwrap_or_default()
    }
}

/// A phone over UDP.
#[derive(Debug)]
pub(crate) struct UdpPhone {
    socket: UdpSocket,
    server: SocketAddr,
    user: String,
    sequence: u32,
    /// After so long an answer counts as lost.
    patience: Duration,
    /// Whether it sends again what is not answered, as every phone does; and how often it did.
    pub(crate) sends_again: bool,
    again: usize,
}

impl UdpPhone {
    /// Registers somebody from `place`.
    ///
    /// # Errors
    /// When it is not let in.
    pub(crate) fn register(place: &Place, server: SocketAddr, who: &Subscriber) -> Result<UdpPhone> {
        let mut phone = UdpPhone::stranger(place, server, &who.user, LOST_AFTER)?;
        phone.sends_again = true;
        let refused = |answer: Option<String>| Failure::Unexpected(format!("the phone is not let in: {answer:?}"));
        let asked = phone.ask("").ok_or_else(|| refused(None))?;
        let uri = format!("sip:{}", server.ip());
        let challenge = Challenge::find(&asked).ok_or_else(|| refused(Some(asked.clone())))?;
        let proof = Credentials::new(&who.user, &who.password).answer(&challenge, "REGISTER", &uri);
        let answer = phone.ask(&format!("Authorization: {proof}\r\n"));
        match answer {
            Some(answer) if answer.starts_with("SIP/2.0 200 ") => Ok(phone),
            other => Err(refused(other)),
        }
    }

    /// Somebody who says to be that user, and waits that long for an answer.
    ///
    /// # Errors
    /// When there is no socket.
    pub(crate) fn stranger(place: &Place, server: SocketAddr, user: &str, patience: Duration) -> Result<UdpPhone> {
        let socket =
            place.inside(|| UdpSocket::bind((place.address, 0)).tried(|| "open a phone's socket".to_owned()))?;
        let user = user.to_owned();
        Ok(UdpPhone { socket, server, user, sequence: 0, patience, sends_again: false, again: 0 })
    }

    /// Tries a password. Whether an answer came to it.
    pub(crate) fn guess(&mut self, password: &str) -> bool {
        self.guess_if_challenged(password).unwrap_or(false)
    }

    /// The same; `None` when it was not even asked for one.
    pub(crate) fn guess_if_challenged(&mut self, password: &str) -> Option<bool> {
        let asked = self.ask("")?;
        let challenge = Challenge::find(&asked)?;
        let uri = format!("sip:{}", self.server.ip());
        let proof = Credentials::new(&self.user, password).answer(&challenge, "REGISTER", &uri);
        Some(self.ask(&format!("Authorization: {proof}\r\n")).is_some())
    }

    /// Asks, and takes what is answered to it.
    pub(crate) fn ask(&mut self, more: &str) -> Option<String> {
        let Ok(own) = self.socket.local_addr() else { return None };
        self.sequence += 1;
        let (user, server, sequence) = (&self.user, self.server.ip(), self.sequence);
        let call = format!("{sequence}-{}@{own}", self.user);
        let request = format!(
            "REGISTER sip:{server} SIP/2.0\r\nVia: SIP/2.0/UDP {own};branch=z9hG4bK{sequence};rport\r\nMax-Forwards: 70\r\n\
             From: <sip:{user}@{server}>;tag=drill{sequence}\r\nTo: <sip:{user}@{server}>\r\nCall-ID: {call}\r\n\
             CSeq: {sequence} REGISTER\r\nContact: <sip:{user}@{own}>\r\nExpires: 600\r\nUser-Agent: Yealink SIP-T54W 96.86.0.70\r\n\
             Allow: INVITE, INFO, PRACK, ACK, BYE, CANCEL, OPTIONS, NOTIFY, REGISTER, SUBSCRIBE, REFER, PUBLISH, UPDATE, MESSAGE\r\n\
             Allow-Events: talk,hold,conference,refer,check-sync\r\n{more}Content-Length: 0\r\n\r\n"
        );
        self.exchange(&call, &request)
    }

    /// Calls its user's number in the name of somebody of another server, and takes what is answered first.
    pub(crate) fn call_from_elsewhere(&mut self) -> Option<String> {
        let Ok(own) = self.socket.local_addr() else { return None };
        self.sequence += 1;
        let (user, server, sequence) = (&self.user, self.server, self.sequence);
        let call = format!("{sequence}-{user}@{own}");
        // As long as calls are: a stranger is answered with no more than it sent.
        let body = format!(
            "v=0\r\no=- {sequence} 1 IN IP4 {ip}\r\ns=-\r\nc=IN IP4 {ip}\r\nt=0 0\r\nm=audio 40000 RTP/AVP 9 8 0 101\r\na=rtpmap:9 G722/8000\r\n\
             a=rtpmap:8 PCMA/8000\r\na=rtpmap:0 PCMU/8000\r\na=rtpmap:101 telephone-event/8000\r\na=fmtp:101 0-16\r\na=sendrecv\r\n",
            ip = own.ip()
        );
        let request = format!(
            "INVITE sip:{user}@{server} SIP/2.0\r\nVia: SIP/2.0/UDP {own};branch=z9hG4bKcall{sequence};rport\r\nMax-Forwards: 70\r\n\
             From: <sip:sales@example.net>;tag=drill{sequence}\r\nTo: <sip:{user}@{server}>\r\nCall-ID: {call}\r\n\
             CSeq: {sequence} INVITE\r\nContact: <sip:sales@{own}>\r\nUser-Agent: Yealink SIP-T54W 96.86.0.70\r\n\
             Content-Type: application/sdp\r\nContent-Length: {length}\r\n\r\n{body}",
            length = body.len()
        );
        self.exchange(&call, &request)
    }

    fn exchange(&mut self, call: &str, request: &str) -> Option<String> {
        let (began, mut patience) = (Instant::now(), if self.sends_again { AGAIN } else { self.patience });
        loop {
            self.socket.send_to(request.as_bytes(), self.server).ok()?;
            let answer = self.hear(call, Instant::now() + patience);
            if answer.is_some() || began.elapsed() >= self.patience {
                return answer;
            }
            patience *= 2;
            self.again += 1;
        }
    }

    fn hear(&self, call: &str, until: Instant) -> Option<String> {
        let mut buffer = [0; 4096];
        loop {
            let left = until.saturating_duration_since(Instant::now());
            // A timeout of nothing would be none.
            self.socket.set_read_timeout(Some(left.max(Duration::from_millis(1)))).ok()?;
            let (length, _) = self.socket.recv_from(&mut buffer).ok()?;
            let answer = String::from_utf8_lossy(&buffer[..length]).into_owned();
            if answer.contains(call) {
                return Some(answer);
            }
        }
    }

    /// Asks again and again, `most` times at most, each `apart` from the one before, until `over`.
    pub(crate) fn keep_asking(&mut self, most: usize, apart: Duration, over: &AtomicBool) -> Answers {
        let mut answers = Answers::default();
        while answers.took.len() + answers.lost < most && !over.load(Ordering::Relaxed) {
            let began = Instant::now();
            match self.ask("") {
                Some(_) => answers.took.push(began.elapsed()),
                None => answers.lost += 1,
            }
            // The pace of a phone, not a wait for something.
            std::thread::park_timeout(apart.saturating_sub(began.elapsed()));
        }
        answers.again = std::mem::take(&mut self.again);
        answers
    }
}

/// Sends `rate` datagrams a second to `server` from one port of `place`, for so long. How many left.
///
/// # Errors
/// When there is no socket.
pub(crate) fn flood(place: &Place, server: SocketAddr, rate: u32, lasts: Duration) -> Result<u64> {
    flood_from(std::slice::from_ref(place), server, rate, lasts)
}

/// The same from many places of one host, in turn.
///
/// # Errors
/// When there is no socket.
pub(crate) fn flood_from(places: &[Place], server: SocketAddr, rate: u32, lasts: Duration) -> Result<u64> {
    let text = b"OPTIONS sip:201@box SIP/2.0\r\nVia: SIP/2.0/UDP 192.0.2.1;branch=z9hG4bKflood\r\nFrom: <sip:a@b>;tag=1\r\n\
                 To: <sip:201@box>\r\nCall-ID: flood\r\nCSeq: 1 OPTIONS\r\nMax-Forwards: 70\r\nContent-Length: 0\r\n\r\n";
    let open = |place: &Place| {
        let address: IpAddr = place.address;
        place.inside(|| UdpSocket::bind((address, 0)).tried(|| "open a socket to flood from".to_owned()))
    };
    let sockets = places.iter().map(open).collect::<Result<Vec<_>>>()?;
    let (began, mut sent, mut sources) = (Instant::now(), 0_u64, sockets.iter().cycle());
    while began.elapsed() < lasts {
        for socket in sources.by_ref().take(BURST) {
            // A full queue of the network card drops, as everywhere.
            sent += u64::from(socket.send_to(text, server).is_ok());
        }
        let due = Duration::from_micros(sent * 1_000_000 / u64::from(rate));
        std::thread::park_timeout(due.saturating_sub(began.elapsed()));
    }
    Ok(sent)
}
