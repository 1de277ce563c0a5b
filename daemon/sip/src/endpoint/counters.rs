//! What the endpoint counts, so that nothing is dropped without a trace.

use std::collections::BTreeMap;

use crate::message::Fault;

macro_rules! counters {
    ($($(#[doc = $doc:literal])+ $field:ident = $name:literal),* $(,)?) => {
        /// Totals since the start. Every field has a stable name for the outside, see [`Counters::iter`].
        #[derive(Debug, Clone, Default, PartialEq, Eq)]
        pub struct Counters {
            $($(#[doc = $doc])+ pub $field: u64,)*
            pub(super) faults: BTreeMap<Fault, u64>,
        }

        impl Counters {
            /// Each name, and its sentence.
            const NAMES: &'static [(&'static str, &'static str)] = &[$(($name, concat!($($doc),+))),*];

            fn values(&self) -> impl Iterator<Item = u64> {
                [$(self.$field),*].into_iter()
            }
        }
    };
}

counters! {
    /// Packets that only keep a way open.
    keep_alives = "keep-alives",
    /// Messages that were read and valid.
    messages = "messages",
    /// Requests answered from memory or silently, because they had been seen before.
    requests_absorbed = "requests-absorbed",
    /// Responses that had been seen before.
    responses_absorbed = "responses-absorbed",
    /// Our own requests and responses sent once more because nobody confirmed them.
    retransmissions = "retransmissions",
    /// Responses that belong to no request of ours.
    unmatched_responses = "unmatched-responses",
    /// Responses with more than one Via: meant for somebody behind us, who does not exist (RFC 3261 8.1.3.3).
    misrouted_responses = "misrouted-responses",
    /// Responses whose top Via names another sender than the request did: something between rewrites SIP.
    rewritten_vias = "rewritten-vias",
    /// ACKs that belong to no INVITE.
    stray_acks = "stray-acks",
    /// CANCELs that belong to no INVITE; answered 481.
    stray_cancels = "stray-cancels",
    /// The same request over two ways; answered 482 (RFC 3261 8.2.2.2).
    merged_requests = "merged-requests",
    /// Malformed requests that were answered 400, 505 or 513.
    faults_answered = "faults-answered",
    /// Malformed requests left unanswered because the answer would be larger than what came in.
    faults_too_small_to_answer = "faults-too-small-to-answer",
    /// Requests that met a full transaction table: refused with 503, or given one of the last seats.
    overload = "overload",
    /// Requests of ours that nobody answered in time.
    timeouts = "timeouts",
    /// Requests of ours that could not be sent.
    transport_failures = "transport-failures",
    /// Requests too large for a datagram that went over TCP instead.
    moved_to_tcp = "moved-to-tcp",
    /// Of these, the ones that went by UDP after all because TCP did not get through.
    back_to_udp = "back-to-udp",
    /// Final answers to INVITE that were never acknowledged.
    never_acknowledged = "never-acknowledged",
    /// Responses that could not be sent because their connection was gone.
    responses_without_way = "responses-without-way",
    /// Requests, other than INVITE, that the layers above left unanswered until the peer gave up.
    left_unanswered = "left-unanswered",
    /// Requests left without an answer because their sender is not to hear any.
    ignored = "ignored",
}

impl Counters {
    /// How often a fault was met.
    pub fn fault(&self, fault: Fault) -> u64 {
        self.faults.get(&fault).copied().unwrap_or_default()
    }

    /// Every counter with its stable name. A fault is `malformed-` and its name; those never met are left out.
    pub fn iter(&self) -> impl Iterator<Item = (&'static str, u64)> {
        self.list().map(|(name, count, _)| (name, count))
    }

    /// The same, each with a sentence.
    pub fn list(&self) -> impl Iterator<Item = (&'static str, u64, &'static str)> {
        let of_fault = |(fault, count): (&Fault, &u64)| (fault_name(*fault), *count, "messages refused for this");
        let named = Self::NAMES.iter().zip(self.values()).map(|((name, help), count)| (*name, count, help.trim()));
        named.chain(self.faults.iter().map(of_fault))
    }

    pub(super) fn count_fault(&mut self, fault: Fault) {
        *self.faults.entry(fault).or_default() += 1;
    }
}

const fn fault_name(fault: Fault) -> &'static str {
    match fault {
        Fault::TooLarge => "malformed-too-large",
        Fault::Truncated => "malformed-truncated",
        Fault::StartLine => "malformed-start-line",
        Fault::HeaderLimit => "malformed-header-limit",
        Fault::HeaderLine => "malformed-header-line",
        Fault::ContentLength => "malformed-content-length",
        Fault::Version => "malformed-version",
        Fault::RequestUri => "malformed-request-uri",
        Fault::MissingHeader => "malformed-missing-header",
        Fault::RepeatedHeader => "malformed-repeated-header",
        Fault::Via => "malformed-via",
        Fault::Party => "malformed-from-or-to",
        Fault::CSeq => "malformed-cseq",
        Fault::CallId => "malformed-call-id",
        Fault::Contact => "malformed-contact",
        Fault::MaxForwards => "malformed-max-forwards",
        Fault::Expires => "malformed-expires",
        Fault::Value => "malformed-value",
    }
}
