//! A user agent: where it is, who it says it is, and how it proves it.

use std::net::SocketAddr;

use centrale_sip::auth::{Challenge, answer};
use centrale_sip::flow::Transport;
use centrale_sip::message::{HeaderName, Method, Request, Response};

use super::{BOX, Bench, Leg, Sdp};

/// A phone.
#[derive(Debug, Clone)]
pub(crate) struct Ua {
    pub(crate) at: SocketAddr,
    pub(crate) transport: Transport,
    /// Its number, which is also its digest user.
    pub(crate) user: String,
    pub(crate) password: String,
}

/// A request that is still being written.
#[derive(Debug, Clone)]
pub(crate) struct Draft {
    pub(crate) method: String,
    pub(crate) uri: String,
    pub(crate) fields: Vec<(String, String)>,
    pub(crate) body: String,
}

impl Draft {
    pub(crate) fn new(method: &str, uri: &str) -> Self {
        Self { method: method.into(), uri: uri.into(), fields: Vec::new(), body: String::new() }
    }

    #[must_use]
    pub(crate) fn with(mut self, name: &str, value: impl Into<String>) -> Self {
        self.fields.push((name.into(), value.into()));
        self
    }

    #[must_use]
    pub(crate) fn without(mut self, name: &str) -> Self {
        self.fields.retain(|(other, _)| other != name);
        self
    }

    #[must_use]
    pub(crate) fn set(self, name: &str, value: impl Into<String>) -> Self {
        self.without(name).with(name, value)
    }

    #[must_use]
    pub(crate) fn sdp(self, sdp: &Sdp) -> Self {
        self.body("application/sdp", sdp.to_string())
    }

    /// An INVITE that leaves the offer to the other end.
    #[must_use]
    pub(crate) fn without_body(self) -> Self {
        Self { body: String::new(), ..self.without("Content-Type") }
    }

    #[must_use]
    pub(crate) fn body(self, kind: &str, body: String) -> Self {
        Self { body, ..self.set("Content-Type", kind) }
    }

    pub(crate) fn field(&self, name: &str) -> &str {
        self.fields.iter().find(|(other, _)| other == name).map_or("", |(_, value)| value)
    }

    pub(crate) fn to_text(&self) -> String {
        let fields: String = self.fields.iter().map(|(name, value)| format!("{name}: {value}\r\n")).collect();
        let (method, uri, length, body) = (&self.method, &self.uri, self.body.len(), &self.body);
        format!("{method} {uri} SIP/2.0\r\n{fields}Content-Length: {length}\r\n\r\n{body}")
    }
}

impl Ua {
    pub(crate) fn new(user: &str, transport: Transport, at: &str) -> Self {
        let names = [("201", "anna"), ("202", "bram"), ("203", "chris")];
        let name = names.iter().find(|(number, _)| *number == user).map_or("nobody", |(_, name)| name);
        let password = format!("{name}-secret-{user}");
        Self { at: at.parse().unwrap(), transport, user: user.into(), password }
    }

    /// The phone that a person always has: 201 is at 192.168.1.101.
    pub(crate) fn usual(user: &str) -> Self {
        Self::new(user, Transport::Udp, &format!("192.168.1.1{}:5060", &user[1..]))
    }

    pub(crate) fn contact(&self) -> String {
        let transport = if self.transport == Transport::Udp { "" } else { &format!(";transport={}", self.transport) };
        format!("<sip:{}@{}{transport}>", self.user, self.at)
    }

    pub(crate) fn via(&self, branch: &str) -> String {
        format!("SIP/2.0/{} {};branch={branch};rport", self.transport.in_via(), self.at)
    }

    pub(crate) fn sdp(&self) -> Sdp {
        Sdp::new(self.at.ip(), 20_000 + self.at.port() % 1000 * 2)
    }

    /// A request outside of any dialog.
    pub(crate) fn draft(&self, bench: &mut Bench, method: &str, uri: &str, to: &str) -> Draft {
        let serial = bench.serial();
        Draft::new(method, uri)
            .with("Via", self.via(&format!("z9hG4bK-{serial}")))
            .with("Max-Forwards", "70")
            .with("From", format!("<sip:{}@{BOX}>;tag=from-{serial}", self.user))
            .with("To", to)
            .with("Call-ID", format!("call-{serial}@{}", self.at.ip()))
            .with("CSeq", format!("1 {method}"))
            .with("Contact", self.contact())
    }

    /// As long as a desk phone's: what is much shorter is answered only when it was repeated.
    pub(crate) fn register_draft(&self, bench: &mut Bench, expires: u32) -> Draft {
        let allow = "INVITE, INFO, PRACK, ACK, BYE, CANCEL, OPTIONS, NOTIFY, REGISTER, SUBSCRIBE, REFER, PUBLISH, UPDATE, MESSAGE";
        let events = "talk, hold, conference, refer, check-sync, message-summary, dialog, ua-profile";
        let draft = self.short_register_draft(bench, expires).with("Allow", allow).with("Allow-Events", events);
        draft.with("Supported", "replaces, timer")
    }

    pub(crate) fn short_register_draft(&self, bench: &mut Bench, expires: u32) -> Draft {
        let aor = format!("<sip:{}@{BOX}>", self.user);
        self.draft(bench, "REGISTER", &format!("sip:{BOX}"), &aor).with("Expires", expires.to_string())
    }

    pub(crate) fn invite_draft(&self, bench: &mut Bench, dialled: &str) -> Draft {
        let uri = if dialled.contains(':') { dialled.to_owned() } else { format!("sip:{dialled}@{BOX}") };
        self.draft(bench, "INVITE", &uri, &format!("<{uri}>"))
            .with("Allow", "INVITE, ACK, CANCEL, BYE, OPTIONS, UPDATE, INFO")
            .with("Supported", "timer")
            .sdp(&self.sdp())
    }

    pub(crate) fn send(&self, bench: &mut Bench, draft: &Draft) {
        bench.packet(self.transport, self.at, &draft.to_text());
    }

    /// Sends a request, over UDP once more when nothing comes, and returns its final response.
    #[track_caller]
    pub(crate) fn ask(&self, bench: &mut Bench, draft: &Draft) -> Response {
        let (call_id, cseq) = (draft.field("Call-ID").to_owned(), draft.field("CSeq").to_owned());
        let ours = |response: &Response| is_answer(response, &call_id, &cseq) && response.status.is_final();
        for _ in 0..if self.transport == Transport::Udp { 2 } else { 1 } {
            self.send(bench, draft);
            if let Some(response) = bench.take_response(self.at, ours) {
                return response;
            }
        }
        bench.fail(&format!("no answer to {}", draft.method))
    }

    /// Asks, and when challenged asks again with proof.
    #[track_caller]
    pub(crate) fn ask_proven(&self, bench: &mut Bench, draft: &Draft) -> Response {
        let challenge = self.ask(bench, draft);
        if challenge.status.code() != 401 {
            return challenge;
        }
        let again = self.proven(bench, draft, &challenge);
        self.ask(bench, &again)
    }

    /// The request under its next number, with the answer to the challenge.
    #[track_caller]
    pub(crate) fn proven(&self, bench: &mut Bench, draft: &Draft, challenge: &Response) -> Draft {
        let offered = challenge.headers.all(&HeaderName::WwwAuthenticate).map(|value| &value[..]);
        let challenge = Challenge::choose(offered).expect("a challenge of the box can be answered");
        let count = bench.serial();
        let value =
            answer(&challenge, (&self.user, &self.password), (&draft.method, &draft.uri), 1, &count.to_string());
        self.again(bench, draft).set("Authorization", value)
    }

    /// The same request in a new transaction.
    pub(crate) fn again(&self, bench: &mut Bench, draft: &Draft) -> Draft {
        let number: u32 = draft.field("CSeq").split(' ').next().unwrap().parse().unwrap();
        let cseq = format!("{} {}", number + 1, draft.method);
        let via = self.via(&format!("z9hG4bK-{}", bench.serial()));
        let mut again = draft.clone();
        for (name, value) in &mut again.fields {
            match name.as_str() {
                "CSeq" => value.clone_from(&cseq),
                "Via" => value.clone_from(&via),
                _ => {}
            }
        }
        again
    }

    /// Registers for an hour.
    #[track_caller]
    pub(crate) fn register(&self, bench: &mut Bench) -> Response {
        let draft = self.register_draft(bench, 3600);
        let response = self.ask_proven(bench, &draft);
        assert_eq!(response.status.code(), 200, "registration of {}", self.user);
        response
    }

    /// Calls, with proof. The 100 Trying has come.
    #[track_caller]
    pub(crate) fn call(&self, bench: &mut Bench, dialled: &str) -> Leg {
        let draft = self.invite_draft(bench, dialled);
        self.call_with(bench, &draft)
    }

    #[track_caller]
    pub(crate) fn call_with(&self, bench: &mut Bench, draft: &Draft) -> Leg {
        let mut leg = Leg::calling(self, bench, draft);
        let challenge = leg.expect(bench, 401);
        let again = self.proven(bench, draft, &challenge);
        Leg::calling(self, bench, &again)
    }

    /// The phone rings: an INVITE has come.
    #[track_caller]
    pub(crate) fn rung(&self, bench: &mut Bench) -> Leg {
        let invite = bench.take_request(self.at, &Method::INVITE);
        let invite = invite.unwrap_or_else(|| bench.fail(&format!("{} does not ring", self.user)));
        Leg::called(self, bench, invite)
    }

    /// A response to a request, as text.
    pub(crate) fn response_text(
        &self,
        request: &Request,
        status: u16,
        tag: Option<&str>,
        more: &str,
        body: &str,
    ) -> String {
        let mut text = format!("SIP/2.0 {status} Status\r\n");
        for (name, value) in request.headers.iter() {
            let value = String::from_utf8_lossy(value);
            match name {
                HeaderName::Via
                | HeaderName::From
                | HeaderName::CallId
                | HeaderName::CSeq
                | HeaderName::RecordRoute => {
                    let name = String::from_utf8_lossy(name.as_bytes());
                    text.push_str(&format!("{name}: {value}\r\n"));
                }
                HeaderName::To if value.contains(";tag=") || tag.is_none() => {
                    text.push_str(&format!("To: {value}\r\n"));
                }
                HeaderName::To => text.push_str(&format!("To: {value};tag={}\r\n", tag.unwrap_or_default())),
                _ => {}
            }
        }
        if !body.is_empty() && !more.contains("Content-Type") {
            text.push_str("Content-Type: application/sdp\r\n");
        }
        format!("{text}{more}Content-Length: {}\r\n\r\n{body}", body.len())
    }
}

/// Whether a response answers that request.
pub(crate) fn is_answer(response: &Response, call_id: &str, cseq: &str) -> bool {
    let theirs = response.headers.first(&HeaderName::CSeq).map(|value| String::from_utf8_lossy(value).into_owned());
    response.headers.call_id() == Ok(call_id) && theirs.as_deref() == Some(cseq)
}

impl Bench {
    /// A registered phone of that person.
    #[track_caller]
    pub(crate) fn phone(&mut self, number: &str) -> Ua {
        let ua = Ua::usual(number);
        ua.register(self);
        ua
    }

    #[track_caller]
    pub(crate) fn phone_at(&mut self, number: &str, transport: Transport, at: &str) -> Ua {
        let ua = Ua::new(number, transport, at);
        ua.register(self);
        ua
    }
}
