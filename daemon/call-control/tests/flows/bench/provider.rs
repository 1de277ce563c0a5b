//! A provider: a registrar that works by itself, and calls that the story makes.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::Rc;
use std::time::Instant;

use centrale_sip::auth::Credentials;
use centrale_sip::flow::Transport;
use centrale_sip::message::{HeaderName, Method, NameAddr, Request};

use super::{Bench, Draft, Robot, Ua};

/// How the registrar behaves, and what it saw.
#[derive(Debug, Default)]
pub(crate) struct Registrar {
    /// When each REGISTER came, with its Expires, and whether it carried credentials.
    pub(crate) registers: Vec<(Instant, u32, bool)>,
    /// When each OPTIONS came, and the last one.
    pub(crate) options: Vec<Instant>,
    pub(crate) question: Option<Request>,
    /// The Contact that was registered last.
    pub(crate) contact: String,
    /// What a REGISTER with credentials is answered; 200 when empty.
    pub(crate) verdict: Option<(u16, String)>,
    /// What every REGISTER without credentials is answered, instead of a challenge.
    pub(crate) at_once: Option<(u16, String)>,
    /// Lifetime granted, seconds; what was asked for when 0.
    pub(crate) grants: u32,
    /// The challenge, without `Digest`.
    pub(crate) challenge: Option<String>,
    /// Says nothing at all.
    pub(crate) silent: bool,
    /// Where it says that it sees the box: address and port.
    pub(crate) sees: Option<(String, u16)>,
    /// Says nothing to OPTIONS.
    pub(crate) deaf_to_options: bool,
    /// The last credentials, as they came.
    pub(crate) credentials: String,
    /// Contacts of others that are registered with the same account, each with its lifetime.
    pub(crate) others: Vec<String>,
    /// Every REGISTER of the trunk's that binds, as it came.
    pub(crate) seen: Vec<Request>,
    /// Contacts that the doctor bound, each under its user.
    pub(crate) bound: BTreeMap<String, String>,
    /// How often it was asked what it has, and answered.
    pub(crate) reads: u32,
    /// It has nothing any more.
    pub(crate) forgets: bool,
    /// It keeps the newest Contact alone.
    pub(crate) keeps_one: bool,
    /// It says what it has only to who binds something.
    pub(crate) tells_no_reader: bool,
    /// It refuses to say what it has, and says this besides.
    pub(crate) refuses_readers: Option<String>,
}

#[derive(Debug, Clone)]
pub(crate) struct Provider {
    pub(crate) ua: Ua,
    pub(crate) registrar: Rc<RefCell<Registrar>>,
}

impl Provider {
    pub(crate) const ADDRESS: &str = "203.0.113.5:5060";
    pub(crate) const SECOND: &str = "198.51.100.7:5070";

    /// The first provider, in its place before the box looks for it.
    pub(crate) fn new(bench: &mut Bench) -> Self {
        Self::at(bench, Transport::Udp, Self::ADDRESS)
    }

    /// The first and the second provider of an office that has both.
    pub(crate) fn two(bench: &mut Bench) -> (Self, Self) {
        (Self::new(bench), Self::at(bench, Transport::Udp, Self::SECOND))
    }

    pub(crate) fn at(bench: &mut Bench, transport: Transport, at: &str) -> Self {
        let ua = Ua { at: at.parse().unwrap(), transport, user: "provider".into(), password: String::new() };
        let registrar = Rc::new(RefCell::new(Registrar::default()));
        bench.robot(ua.at, robot(ua.clone(), Rc::clone(&registrar)));
        Self { ua, registrar }
    }

    /// When the box asked for a registration, each time once: not when it sent that again or answered a challenge.
    pub(crate) fn tries(&self) -> Vec<(Instant, String)> {
        let registrar = self.registrar.borrow();
        let came = registrar.registers.iter().zip(&registrar.seen).filter(|((.., proven), _)| !proven);
        let mut tries: Vec<(Instant, String)> = Vec::new();
        for ((at, ..), request) in came {
            let via = request.headers.text(&HeaderName::Via).unwrap().into_owned();
            if tries.iter().all(|(_, known)| *known != via) {
                tries.push((*at, via));
            }
        }
        tries
    }

    /// The last question whether it is there.
    pub(crate) fn asked_last(&self) -> Request {
        self.registrar.borrow().question.clone().unwrap()
    }

    pub(crate) fn registers(&self) -> usize {
        self.registrar.borrow().registers.len()
    }

    /// A call from outside, for a number as it stands in the Request-URI.
    pub(crate) fn invite_draft(&self, bench: &mut Bench, called: &str, caller: &str) -> Draft {
        let uri = format!("sip:{called}@{}:5060", super::BOX);
        self.ua
            .draft(bench, "INVITE", &uri, &format!("<sip:{called}@sip.provider.example>"))
            .set("From", format!("<sip:{caller}@sip.provider.example>;tag=p-{called}"))
            .sdp(&self.ua.sdp())
    }

    /// The user part of the Contact that the box registered.
    pub(crate) fn contact_user(&self) -> String {
        let contact = self.registrar.borrow().contact.clone();
        let (_, rest) = contact.split_once("sip:").unwrap();
        rest.split('@').next().unwrap().to_owned()
    }
}

fn robot(ua: Ua, registrar: Rc<RefCell<Registrar>>) -> Robot {
    Box::new(move |now, request| {
        let mut registrar = registrar.borrow_mut();
        let sees = registrar.sees.clone();
        let seen = |text: String| match &sees {
            Some((ip, port)) => text.replacen(";rport", &format!(";rport={port};received={ip}"), 1),
            None => text,
        };
        let answers: Option<Vec<String>> = match request.method {
            Method::REGISTER => Some(registrar.register(now, &ua, request)),
            Method::OPTIONS => {
                registrar.options.push(now);
                registrar.question = Some(request.clone());
                let answer = || vec![ua.response_text(request, 200, Some("options"), "", "")];
                Some(if registrar.silent || registrar.deaf_to_options { Vec::new() } else { answer() })
            }
            _ => None,
        };
        answers.map(|answers| answers.into_iter().map(seen).collect())
    })
}

impl Registrar {
    fn register(&mut self, now: Instant, ua: &Ua, request: &Request) -> Vec<String> {
        let expires = request.headers.number(&HeaderName::Expires).unwrap().unwrap_or_default();
        let credentials = request.headers.text(&HeaderName::Authorization).map(|text| text.into_owned());
        let contacts = request.headers.addresses(&HeaderName::Contact).unwrap();
        let user = |contact: &NameAddr| contact.sip().unwrap().user.clone().unwrap().to_string();
        if contacts.iter().all(|contact| is_the_doctors(&user(contact))) && !self.silent && self.at_once.is_none() {
            return vec![self.read_or_bind(ua, request, credentials.is_some(), &contacts)];
        }
        self.registers.push((now, expires, credentials.is_some()));
        self.seen.push(request.clone());
        if self.silent {
            return Vec::new();
        }
        let (status, more) = match (&credentials, &self.at_once, &self.verdict) {
            (_, Some((status, more)), _) => (*status, more.clone()),
            (None, ..) => (401, format!("WWW-Authenticate: Digest {}\r\n", self.challenge())),
            (Some(_), _, Some((status, more))) => (*status, more.clone()),
            (Some(given), _, None) => {
                assert!(Credentials::parse(given).is_some(), "{given}");
                let contact = request.headers.text(&HeaderName::Contact).unwrap().into_owned();
                let granted = if self.grants > 0 && expires > 0 { self.grants } else { expires };
                self.contact = if expires > 0 { contact.clone() } else { String::new() };
                let others: String = self.others.iter().map(|other| format!("Contact: {other}\r\n")).collect();
                if self.keeps_one {
                    self.bound.clear();
                }
                (200, format!("Contact: {contact};expires={granted}\r\n{others}"))
            }
        };
        self.credentials = credentials.unwrap_or_default();
        vec![ua.response_text(request, status, Some("reg"), &more, "")]
    }

    /// A REGISTER that only reads, or binds what is the doctor's.
    fn read_or_bind(&mut self, ua: &Ua, request: &Request, proven: bool, contacts: &[NameAddr]) -> String {
        if !proven {
            let more = format!("WWW-Authenticate: Digest {}\r\n", self.challenge());
            return ua.response_text(request, 401, Some("reg"), &more, "");
        }
        self.reads += u32::from(contacts.is_empty());
        if let Some(more) = self.refuses_readers.as_ref().filter(|_| contacts.is_empty()) {
            return ua.response_text(request, 503, Some("reg"), more, "");
        }
        for contact in contacts {
            let user = contact.sip().unwrap().user.clone().unwrap().to_string();
            if contact.params.value("expires") == Some("0") {
                self.bound.remove(&user);
            } else {
                self.bound.insert(user, contact.to_string());
            }
            if self.keeps_one {
                self.contact.clear();
            }
        }
        if contacts.is_empty() && self.tells_no_reader {
            return ua.response_text(request, 200, Some("reg"), "", "");
        }
        let own = Some(&self.contact).filter(|contact| !contact.is_empty() && !self.forgets);
        let listed = own.into_iter().chain(self.bound.values()).chain(&self.others);
        let listed: String = listed.map(|it| format!("Contact: {it}\r\n")).collect();
        ua.response_text(request, 200, Some("reg"), &listed, "")
    }

    fn challenge(&self) -> String {
        let usual = || r#"realm="provider", nonce="n1", algorithm=MD5, qop="auth""#.to_owned();
        self.challenge.clone().unwrap_or_else(usual)
    }
}

/// Whether a Contact of that user is one that the doctor bound: by its name, which anybody may take.
fn is_the_doctors(user: &str) -> bool {
    let token = user.strip_prefix('x').unwrap_or_default();
    token.len() == 16 && token.bytes().all(|byte| byte.is_ascii_hexdigit())
}
