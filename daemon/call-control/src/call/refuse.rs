//! Calls that never begin: the refusal, with what its status asks for, and the line in the log.

use std::time::Instant;

use centrale_guard::Reject;
use centrale_sip::message::{HeaderName, Response, Status};
use centrale_sip::sdp::SdpFault;

use super::ANONYMOUS;
use super::Knock;
use super::begin::Plan;
use crate::exchange::Exchange;
use crate::io::{Output, Told};
use crate::record::{CallRecord, Cause, Outcome};

impl Exchange {
    /// A refusal before anything rang.
    pub(crate) fn reject(&mut self, now: Instant, knock: &Knock, status: Status) {
        let response = self.rejection(knock, status);
        self.endpoint.respond(now, knock.key, response);
    }

    /// The guard refuses a call: on the wire, in the record and on the page for the same reason.
    pub(crate) fn block(&mut self, now: Instant, knock: &Knock, plan: &Plan, reject: Reject) {
        self.counters.calls_blocked += 1;
        let mut response = self.rejection(knock, status_of(reject));
        explain(&mut response, reject);
        self.endpoint.respond(now, knock.key, response);
        self.record_blocked(now, plan, reject, Some(knock));
    }

    /// What the guard refused is written down, with the INVITE that asked for it, where one did.
    pub(crate) fn record_blocked(&mut self, now: Instant, plan: &Plan, reject: Reject, knock: Option<&Knock>) {
        self.note_refused(now, &plan.from.number, &plan.to.number, reject, knock);
        let id = self.token();
        if knock.is_some() && reject.is_of_permit() {
            self.outputs.push_back(Output::Told(Told::OutOfReach(id.clone())));
        }
        self.record_refused(now, plan, id, (Outcome::Blocked, status_of(reject)), Some(reject));
    }

    /// The refusal of an INVITE whose description cannot be used.
    pub(crate) fn reject_description(&mut self, now: Instant, knock: &Knock, fault: SdpFault) {
        let response = warned(self.rejection(knock, Status::NOT_ACCEPTABLE_HERE), fault);
        self.endpoint.respond(now, knock.key, response);
    }

    fn rejection(&mut self, knock: &Knock, status: Status) -> Response {
        let tag = self.token();
        let mut response = knock.request.tagged_response(status, &tag);
        match status {
            Status::BAD_EXTENSION => {
                let unknown = knock.request.headers.items(&HeaderName::Require);
                let unknown: Vec<_> =
                    unknown.into_iter().filter(|option| !option.eq_ignore_ascii_case("timer")).collect();
                response.headers.push(HeaderName::Unsupported, unknown.join(", "));
            }
            Status::SESSION_INTERVAL_TOO_SMALL => {
                response.headers.push(HeaderName::MinSe, super::session_timer::SHORTEST.to_string());
            }
            Status::UNSUPPORTED_MEDIA_TYPE | Status::NOT_ACCEPTABLE => {
                response.headers.push(HeaderName::Accept, centrale_sip::sdp::CONTENT_TYPE);
            }
            Status::SERVICE_UNAVAILABLE => response.headers.push(HeaderName::RetryAfter, "5"),
            _ => {}
        }
        response
    }

    /// Counts a description that cannot be used, and says so on the page when a phone of the office must be mended.
    pub(crate) fn note_bad_description(&mut self, fault: SdpFault, username: Option<&str>) {
        self.counters.bad_descriptions += 1;
        if fault == SdpFault::KeysInClear {
            self.counters.keys_in_clear += 1;
            username.into_iter().for_each(|username| self.note_keys_in_clear(username));
        }
    }

    pub(crate) fn record_unstarted(&mut self, now: Instant, plan: &Plan, ended: (Outcome, Status)) {
        let id = self.token();
        self.record_refused(now, plan, id, ended, None);
    }

    fn record_refused(
        &mut self,
        now: Instant,
        plan: &Plan,
        id: String,
        (outcome, status): (Outcome, Status),
        reject: Option<Reject>,
    ) {
        self.note_alarm_call(now, &plan.from, &plan.to, outcome);
        let quality = centrale_rtp::relay::LegQuality::default();
        let record = CallRecord {
            id,
            direction: plan.direction,
            from: plan.from.claimed().to_owned(),
            from_name: plan.from.name.clone(),
            to: plan.to.number.clone(),
            class: self.directory.class_of(&plan.to.number),
            price: None,
            spoofed: plan.from.spoofs.is_some(),
            withheld: plan.withheld || plan.from.number == ANONYMOUS,
            answered_by: None,
            transferred_by: None,
            trunk: plan.trunk.clone(),
            started: now,
            answered: None,
            ended: now,
            outcome,
            cause: Cause::of(None, outcome, status.code()),
            status: status.code(),
            caller_quality: quality,
            callee_quality: quality,
            emergency: plan.emergency,
            line: plan.line.as_deref().map(str::to_owned),
            marks: None,
            legs: Vec::new(),
            reason: reject.map(|reject| reject.code),
        };
        self.outputs.push_back(Output::Record(Box::new(record)));
    }
}

/// The status of a refusal.
pub(crate) fn status_of(reject: Reject) -> Status {
    Status::new(reject.status).unwrap_or(Status::FORBIDDEN)
}

/// Says on the wire why the exchange refuses or ends a call: in the start line, which phones show, and in a Reason (RFC 3326).
pub(crate) fn explain(response: &mut Response, reject: Reject) {
    response.reason = reject.words.to_owned();
    response.headers.push(HeaderName::Reason, reject.to_string());
}

/// The refusal of a description, saying why (RFC 3261 20.43: 399 is any other warning).
pub(crate) fn warned(mut refusal: Response, fault: SdpFault) -> Response {
    refusal.headers.push(HeaderName::other("Warning"), format!("399 centrale \"{fault}\""));
    refusal
}
