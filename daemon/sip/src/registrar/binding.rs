//! One way to reach one phone.

use std::time::Instant;

use crate::flow::Flow;
use crate::message::{HeaderName, NameAddr, Request, SipUri};

/// Most characters that are kept of what a phone calls itself.
const LONGEST_USER_AGENT: usize = 128;

/// How a phone is reached for an address of record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Binding {
    /// What the phone calls itself: the Request-URI of what is sent to it.
    pub contact: SipUri,
    /// The path it registered over, and over which it is reached.
    pub flow: Flow,
    /// When it is forgotten unless refreshed.
    pub expires_at: Instant,
    /// Preference in thousandths, 1000 when none was given.
    pub q_thousandths: u16,
    /// User-Agent, at most 128 characters.
    pub user_agent: Box<str>,
    /// The digest user that proved itself.
    pub username: Box<str>,
    /// It was registered apart: it has no hold on the bindings that were not, and its address is no phone's.
    pub apart: bool,
    /// `+sip.instance`, with `reg-id` when given (RFC 5626 4.1).
    pub(super) instance: Option<(Box<str>, Box<str>)>,
    pub(super) call_id: Box<str>,
    pub(super) cseq: u32,
    pub(super) refreshed_at: Instant,
}

impl Binding {
    pub(super) fn new(
        (refreshed_at, expires_at): (Instant, Instant),
        contact: &NameAddr,
        request: &Request,
        flow: Flow,
        (username, apart): (&str, bool),
        (call_id, cseq): (&str, u32),
    ) -> Option<Self> {
        let q = contact.params.value("q").and_then(|text| text.parse::<f32>().ok()).unwrap_or(1.0);
        #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "clamped to 0..=1000")]
        let q_thousandths = (q.clamp(0.0, 1.0) * 1000.0) as u16;
        let instance = contact.params.value("+sip.instance").map(|instance| {
            let number = contact.params.value("reg-id").unwrap_or_default();
            (instance.into(), number.into())
        });
        let user_agent = request.headers.text(&HeaderName::UserAgent).unwrap_or_default();
        Some(Self {
            contact: contact.sip()?.clone(),
            flow,
            expires_at,
            q_thousandths,
            user_agent: shown(&user_agent),
            username: username.into(),
            apart,
            instance,
            call_id: call_id.into(),
            cseq,
            refreshed_at,
        })
    }

    /// Whether both name the same phone: the same instance, else the same contact address.
    pub(super) fn is_same_phone(&self, other: &Self) -> bool {
        if self.apart != other.apart {
            return false;
        }
        match (&self.instance, &other.instance) {
            (Some(one), Some(two)) => one == two,
            _ => {
                let (one, two) = (&self.contact, &other.contact);
                one.user == two.user
                    && one.host == two.host
                    && one.port == two.port
                    && one.transport() == two.transport()
            }
        }
    }

    /// Whether this binding was made by the same client later than that request (RFC 3261 10.3, step 7).
    pub(super) fn is_newer_than(&self, call_id: &str, cseq: u32) -> bool {
        *self.call_id == *call_id && self.cseq >= cseq
    }
}

/// What a phone calls itself, as it is kept. Nearly all do so in a few bytes of ASCII.
fn shown(user_agent: &str) -> Box<str> {
    if user_agent.len() <= LONGEST_USER_AGENT && user_agent.bytes().all(|byte| matches!(byte, b' '..=b'~')) {
        return user_agent.into();
    }
    let characters = user_agent.chars().filter(|character| !character.is_control());
    characters.take(LONGEST_USER_AGENT).collect::<String>().into()
}
