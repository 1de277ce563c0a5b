//! Everybody around the exchange: three phones, a provider, a stranger. They keep just enough state to be let in and to
//! stay within their dialogs; what they do and when is the fuzzer's.

use std::collections::BTreeMap;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};

use bytes::Bytes;
use centrale_sip::auth::{Challenge, answer};
use centrale_sip::dialog::Dialog;
use centrale_sip::flow::{Flow, FlowId, Path, Transport};
use centrale_sip::message::{HeaderName, Message, Method, Request, Status, scan_datagram};
use libfuzzer_sys::arbitrary::{Result, Unstructured};

use crate::office;

pub const BOX: IpAddr = IpAddr::V4(Ipv4Addr::new(10, 0, 0, 1));
pub const METHODS: [&str; 12] = [
    "INVITE",
    "INVITE",
    "ACK",
    "BYE",
    "CANCEL",
    "REGISTER",
    "OPTIONS",
    "UPDATE",
    "INFO",
    "REFER",
    "SUBSCRIBE",
    "NOTIFY",
];
const DIALLED: [&str; 10] = ["202", "201", "203", "250", "112", "0201112233", "+31201234567", "anybody", "*8202", "*8"];
const EVENTS: [&str; 4] = ["dialog", "dialog;id=1", "message-summary", "presence"];
const STATUSES: [u16; 10] = [200, 180, 183, 100, 200, 302, 401, 486, 500, 603];

/// 0 to 2 are phones, 3 is the provider, 4 a stranger.
pub fn flow_of(who: u8) -> Flow {
    let remote: SocketAddr = match who {
        3 => ([192, 0, 2, 9], 5060).into(),
        4 => ([203, 0, 113, 4], 5060).into(),
        phone => ([10, 0, 0, 10 + phone], 5060).into(),
    };
    Flow { id: FlowId(u64::from(who)), transport: Transport::Udp, local: (BOX, 5060).into(), remote }
}

/// A request from outside of what the exchange began.
pub struct Ask {
    pub who: u8,
    pub method: &'static str,
    pub dialled: &'static str,
    /// Which of its Call-IDs.
    pub call: u8,
    pub cseq: u8,
    /// Bits: 1 forgets the To tag, 2 the digest, 4 adds timers, 8 leaves the body out, 16 takes another branch for ACK and
    /// CANCEL; the upper ones choose the body.
    pub options: u8,
}

impl Ask {
    pub fn read(operations: &mut Unstructured<'_>) -> Result<Self> {
        Ok(Self {
            who: operations.int_in_range(0..=4)?,
            method: operations.choose(&METHODS)?,
            dialled: operations.choose(&DIALLED)?,
            call: operations.int_in_range(0..=3)?,
            cseq: operations.int_in_range(1..=9)?,
            options: operations.arbitrary()?,
        })
    }
}

#[derive(Default)]
pub struct Peers {
    /// Requests of the exchange that wait for an answer, with the way they came.
    asked: Vec<(Request, Flow)>,
    /// Dialogs that the exchange began and a peer answered.
    dialogs: Vec<(Dialog, Flow)>,
    challenges: BTreeMap<u8, Challenge>,
    /// How many requests carried a digest; enough of a nonce count for everybody.
    counted: u32,
    /// What is known of a call of a peer's own.
    calls: BTreeMap<String, OwnCall>,
}

#[derive(Default, Clone)]
struct OwnCall {
    /// The exchange's tag.
    tag: Option<String>,
    /// Of the last INVITE.
    cseq: u32,
}

impl Peers {
    /// What a peer sends when it asks.
    pub fn request(&mut self, ask: &Ask) -> Bytes {
        let Ask { who, method, dialled, options, .. } = *ask;
        // Registrations have a Call-ID of their own: their To tag is of no dialog.
        let of_call = if method == "REGISTER" { "r".to_owned() } else { ask.call.to_string() };
        let (flow, call_id) = (flow_of(who), format!("{who}-{of_call}"));
        let call = self.calls.entry(call_id.clone()).or_default();
        let of_invite = matches!(method, "ACK" | "CANCEL") && options & 16 == 0;
        let cseq = if of_invite { call.cseq } else { u32::from(ask.cseq) };
        if method == "INVITE" {
            call.cseq = cseq;
        }
        let tag = call.tag.clone().filter(|_| options & 1 == 0 && !matches!(method, "CANCEL" | "REGISTER"));
        let to_tag = tag.map_or_else(String::new, |tag| format!(";tag={tag}"));
        let user = if method == "REGISTER" { dialled } else { office::user(who) };
        let uri = format!("sip:{dialled}@10.0.0.1");
        let mut text = format!(
            "{method} {uri} SIP/2.0\r\nVia: SIP/2.0/UDP {remote};branch=z9hG4bK{call_id}-{cseq}{branch};rport\r\n\
             Max-Forwards: 70\r\nFrom: <sip:{user}@10.0.0.1>;tag={who}\r\nTo: <{uri}>{to_tag}\r\nCall-ID: {call_id}\r\n\
             CSeq: {cseq} {method}\r\nContact: <sip:{user}@{remote}>\r\nSupported: timer, replaces\r\n",
            remote = flow.remote,
            branch = if of_invite && method == "CANCEL" { "INVITE" } else { method },
        );
        if let Some(challenge) = self.challenges.get(&who).filter(|_| options & 2 == 0) {
            self.counted += 1;
            let value = answer(challenge, (user, office::PASSWORD), (method, &uri), self.counted, "cnonce");
            text.push_str(&format!("Authorization: {value}\r\n"));
        }
        if options & 4 != 0 {
            text.push_str("Session-Expires: 90;refresher=uas\r\nExpires: 60\r\n");
        }
        if method == "SUBSCRIBE" {
            text.push_str(&format!("Event: {}\r\n", EVENTS[usize::from(options >> 6)]));
        }
        if method == "REFER" {
            text.push_str("Refer-To: <sip:203@10.0.0.1>\r\n");
        }
        let body = if options & 8 == 0 { office::sdp(flow.remote, options >> 5) } else { String::new() };
        text.push_str(&format!("Content-Type: application/sdp\r\nContent-Length: {}\r\n\r\n{body}", body.len()));
        text.into()
    }

    /// What somebody answers to something that the exchange asked.
    pub fn answer(&mut self, operations: &mut Unstructured<'_>) -> Result<Option<(Flow, Bytes)>> {
        if self.asked.is_empty() {
            return Ok(None);
        }
        let at = operations.choose_index(self.asked.len())?;
        let (status, options) = (*operations.choose(&STATUSES)?, operations.arbitrary::<u8>()?);
        let (request, flow) = self.asked[at].clone();
        let tag = if options & 1 == 0 { "callee" } else { "fork" };
        let mut response = request.tagged_response(Status::new(status).expect("the list has statuses only"), tag);
        response.headers.set(HeaderName::Contact, format!("<sip:callee@{}>", flow.remote));
        if options & 2 == 0 {
            response.set_body("application/sdp", office::sdp(flow.remote, options >> 5));
        }
        if request.method == Method::INVITE && response.status.is_success() && self.dialogs.len() < 4 {
            self.dialogs.extend(Dialog::of_server(&request, tag, flow).map(|dialog| (dialog, flow)));
        }
        if options & 4 == 0 && response.status.is_final() {
            self.asked.remove(at);
        }
        Ok(Some((flow, response.to_bytes())))
    }

    /// What the called side asks within a dialog that the exchange began.
    pub fn within(&mut self, dialog: usize, method: &str, options: u8) -> Option<(Flow, Bytes)> {
        let (dialog, flow) = self.dialogs.get_mut(dialog)?;
        let mut request = dialog.request(Method::parse(method.as_bytes())?);
        let branch = format!(
            "SIP/2.0/UDP {};branch=z9hG4bK{options}-{};rport",
            flow.remote,
            request.headers.cseq().ok()?.number
        );
        request.headers.push_front(HeaderName::Via, branch);
        request.headers.set(HeaderName::Contact, format!("<sip:callee@{}>", flow.remote));
        if options & 8 == 0 {
            request.set_body("application/sdp", office::sdp(flow.remote, options >> 5));
        }
        Some((*flow, request.to_bytes()))
    }

    /// Reads what the exchange sent, as its peer would.
    pub fn hear(&mut self, path: Path, bytes: &Bytes) {
        let message = scan_datagram(bytes).expect("what the exchange sends is a message");
        assert_eq!(message.validate(), Ok(()), "{}", String::from_utf8_lossy(bytes));
        match message {
            Message::Request(request) => {
                let flow = (0..=4).map(flow_of).find(|flow| flow.remote == path.remote()).unwrap_or_else(|| flow_of(0));
                let is_new = self.asked.iter().all(|(other, _)| other.headers.top_via() != request.headers.top_via());
                if is_new && request.method != Method::ACK && self.asked.len() < 16 {
                    self.asked.push((request, flow));
                }
            }
            Message::Response(response) => {
                let (Ok(call_id), Ok(to)) = (response.headers.call_id(), response.headers.to()) else { return };
                let values = response.headers.all(&HeaderName::WwwAuthenticate).map(|value| &value[..]);
                if let Some(challenge) = Challenge::choose(values) {
                    let who = call_id.bytes().next().unwrap_or_default().wrapping_sub(b'0');
                    self.challenges.insert(who, challenge);
                } else if let (Some(tag), Some(call)) = (to.tag(), self.calls.get_mut(call_id)) {
                    call.tag = Some(tag.to_owned());
                }
            }
        }
    }
}
