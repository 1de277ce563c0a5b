//! What is done with the account that a run was lent, question by question: nobody is rung for long, the registration is away
//! for no longer than it must, and both are given back at once when somebody calls for help.

use std::time::{Duration, Instant};

use centrale_alg::active::{Account, Input, Output, Run, Set, Socket, Target};
use centrale_sip::flow::Transport;

const SERVER: &str = "203.0.113.9:5060";
const OWN: &str = "<sip:31201234567@192.168.1.50:5060>";

/// A run and what its server says, on a clock of its own.
struct Talk {
    run: Run,
    now: Instant,
    sent: Vec<(Instant, Socket, String)>,
    /// What the server says to a call to the office's own number; to anything else it gives its final word.
    to_calls: Vec<&'static str>,
    /// The Contact of the trunk stays beside what is bound.
    keeps_several: bool,
}

impl Talk {
    fn new() -> Self {
        let account = Account { user: "31201234567".into(), username: "office".into(), password: "secret".into() };
        let target = Target {
            account: Some(account),
            number: Some("31201234567".into()),
            live: Some(Transport::Udp),
            ..Target::provider(SERVER.parse().unwrap(), "sip.provider.example")
        };
        let now = Instant::now();
        let run = Run::new(target, Set::Full, 7, now);
        Self { run, now, sent: Vec::new(), to_calls: vec!["486 Busy Here"], keeps_several: true }
    }

    /// Goes on until that was sent, which is not answered yet, or to the end. When.
    fn until(&mut self, method: &str, socket: Socket) -> Option<Instant> {
        loop {
            let Some(output) = self.run.next_output() else {
                self.now = self.now.max(self.run.timeout_at()?);
                self.run.timeout(self.now);
                continue;
            };
            match output {
                Output::Open { socket, transport, .. } => {
                    let local = format!("192.168.1.50:{}", 40_000 + socket as u16).parse().unwrap();
                    let opened = Input::Opened { socket, local };
                    let failed = Input::Failed { socket };
                    let news = if transport == Transport::Udp { opened } else { failed };
                    self.run.handle_input(news, self.now);
                }
                Output::Send { socket: from, bytes, .. } => {
                    let text = String::from_utf8(bytes.to_vec()).unwrap();
                    let is_it = text.starts_with(method) && from == socket;
                    self.sent.push((self.now, from, text));
                    if is_it {
                        return Some(self.now);
                    }
                    self.answer_last();
                }
                Output::Close { .. } => {}
                Output::Done => return None,
            }
        }
    }

    fn answer_last(&mut self) {
        let (_, socket, asked) = self.sent.last().unwrap().clone();
        let statuses = match asked.split(' ').next().unwrap() {
            "INVITE" if asked.contains("Max-Forwards: 0\r\n") => vec!["483 Too Many Hops"],
            "INVITE" => self.to_calls.clone(),
            "ACK" | "CANCEL" => Vec::new(),
            _ => vec!["200 OK"],
        };
        for status in statuses {
            self.say(socket, &asked, status);
        }
    }

    /// An answer to something that was sent.
    fn say(&mut self, socket: Socket, asked: &str, status: &str) {
        let echoes = |line: &&str| ["Via:", "From:", "To:", "Call-ID:", "CSeq:"].iter().any(|it| line.starts_with(it));
        let mut lines: Vec<String> = asked.lines().filter(echoes).map(str::to_owned).collect();
        let contacts: Vec<&str> = asked.lines().filter(|line| line.starts_with("Contact:")).collect();
        if asked.starts_with("REGISTER") && !contacts.is_empty() {
            lines.extend(contacts.iter().map(|it| (*it).to_owned()));
            lines.extend(self.keeps_several.then(|| format!("Contact: {OWN};expires=300")));
        }
        let text = format!("SIP/2.0 {status}\r\n{}\r\nContent-Length: 0\r\n\r\n", lines.join("\r\n"));
        self.run.handle_input(Input::Came { socket, from: SERVER.parse().unwrap(), bytes: text.into() }, self.now);
    }

    /// First lines of what left by that socket.
    fn left_by(&self, socket: Socket) -> Vec<&str> {
        let of = self.sent.iter().filter(|(_, from, _)| *from == socket);
        of.map(|(.., text)| text.split(' ').next().unwrap()).collect()
    }
}

#[test]
fn a_call_to_ourselves_that_rings_somewhere_else_is_taken_back_after_a_second() {
    let mut talk = Talk::new();
    talk.to_calls = vec!["100 Trying", "183 Session Progress"];
    let called = talk.until("INVITE", Socket::Loops).unwrap();
    let invite = talk.sent.last().unwrap().2.clone();
    talk.answer_last();
    // It is said again and again that it rings, which gains it nothing.
    for _ in 0..3 {
        talk.now += Duration::from_millis(300);
        talk.say(Socket::Loops, &invite, "180 Ringing");
    }
    let cancelled = talk.until("CANCEL", Socket::Loops).expect("it is taken back");
    assert!(cancelled - called <= Duration::from_millis(1_100), "{:?}", cancelled - called);
    assert_eq!(talk.until("never", Socket::Loops), None);
    assert!(talk.left_by(Socket::Loops).iter().filter(|it| **it == "CANCEL").count() > 1, "lest one gets lost");
    assert!(talk.run.is_done());
}

#[test]
fn a_call_to_ourselves_of_which_is_only_heard_that_it_is_on_its_way_is_waited_for_five_seconds_in_all() {
    let mut talk = Talk::new();
    talk.to_calls = vec!["100 Trying"];
    let called = talk.until("INVITE", Socket::Loops).unwrap();
    let invite = talk.sent.last().unwrap().2.clone();
    talk.answer_last();
    for _ in 0..4 {
        talk.now += Duration::from_secs(1);
        talk.run.timeout(talk.now);
        talk.say(Socket::Loops, &invite, "100 Trying");
    }
    let cancelled = talk.until("CANCEL", Socket::Loops).expect("it is taken back");
    assert_eq!(cancelled - called, Duration::from_secs(5));
}

#[test]
fn a_call_to_ourselves_that_came_back_is_taken_back_before_it_is_refused() {
    let mut talk = Talk::new();
    talk.to_calls = vec!["100 Trying"];
    let called = talk.until("INVITE", Socket::Loops).unwrap();
    talk.answer_last();
    talk.run.handle_input(Input::Looped { body: "v=0\r\n".into() }, talk.now);
    assert_eq!(talk.until("CANCEL", Socket::Loops), Some(called), "at once");
    let invite = talk.sent.iter().find(|(_, socket, _)| *socket == Socket::Loops).unwrap().2.clone();
    talk.say(Socket::Loops, &invite, "487 Request Terminated");
    talk.until("INVITE", Socket::Loops).expect("and the second call is made");
    assert_eq!(talk.left_by(Socket::Loops), ["INVITE", "CANCEL", "ACK", "INVITE"]);
}

#[test]
fn a_registrar_that_keeps_one_contact_alone_is_known_for_it_and_nothing_is_taken_away_there() {
    let mut talk = Talk::new();
    talk.keeps_several = false;
    talk.until("REGISTER", Socket::Binds).unwrap();
    let bound = talk.now;
    talk.answer_last();
    assert_eq!(talk.until("REGISTER", Socket::Binds), None, "the trunk registers anew at once instead");
    assert_eq!((talk.now, talk.run.has_bound(), talk.run.keeps_one()), (bound, true, true));
    let mut several = Talk::new();
    assert_eq!(several.until("never", Socket::Binds), None);
    assert_eq!(several.left_by(Socket::Binds).len(), 3, "two that bind, and one that takes both away");
    assert!(!several.run.keeps_one());
}

#[test]
fn whoever_calls_for_help_has_what_was_bound_taken_away_and_nothing_more_is_bound_or_called() {
    let mut talk = Talk::new();
    talk.until("REGISTER", Socket::Binds).unwrap();
    let bound = talk.run.bound_users();
    assert_eq!(bound.len(), 1);
    assert!(talk.run.end_lent(talk.now));
    assert_eq!(talk.until("never", Socket::Binds), None);
    let last = &talk.sent.last().unwrap().2;
    assert!(last.contains(&*bound[0]) && last.contains("expires=0"), "{last}");
    assert_eq!(talk.left_by(Socket::Binds).len(), 2);

    let mut early = Talk::new();
    early.until("INVITE", Socket::Invites).unwrap();
    assert!(!early.run.end_lent(early.now), "nothing is lent yet");
    assert_eq!(early.until("never", Socket::Binds), None);
    assert_eq!((early.left_by(Socket::Binds).len(), early.left_by(Socket::Loops).len()), (0, 0));
}
