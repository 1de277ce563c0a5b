//! Answering a provider's challenge with the trunk's secret: once, and again only when the nonce was stale.

use std::time::Instant;

use centrale_sip::endpoint::ClientKey;
use centrale_sip::message::{Method, Response};

use crate::call::Side;
use crate::exchange::Exchange;
use crate::sent::{Purpose, Sent, authorised, challenge_in};

/// A nonce may be stale once; a provider that says so again has a fault.
const MOST_ANSWERS: u8 = 2;

impl Exchange {
    /// Sends the request again with credentials, when the response is a challenge that can be answered. True when it did.
    pub(crate) fn answer_challenge(
        &mut self,
        now: Instant,
        client: ClientKey,
        sent: &Sent,
        response: &Response,
    ) -> bool {
        let Some(challenge) = challenge_in(response) else { return false };
        let Some(settings) = sent.trunk.as_ref().and_then(|trunk| self.directory.trunk(trunk)).cloned() else {
            return false;
        };
        let again = sent.answered == 0 || challenge.0.stale && sent.answered < MOST_ANSWERS;
        let local = self.local_for(&sent.path);
        let (true, Some(local)) = (again, local) else { return false };
        let Some(number) = self.next_number(sent) else { return false };
        let cnonce = self.token();
        let credentials = (settings.username.as_str(), settings.password.reveal());
        let request = authorised(&sent.request, number, &challenge, credentials, &cnonce);
        self.sent.remove(&client);
        let renewed = self.endpoint.send_request(now, request.clone(), sent.path, local);
        self.follow(&sent.purpose, renewed);
        self.sent.insert(renewed, Sent { request, answered: sent.answered + 1, ..sent.clone() });
        true
    }

    /// The number under which the request goes again: the dialog's next, or one more.
    fn next_number(&mut self, sent: &Sent) -> Option<u32> {
        let number = sent.request.headers.cseq().ok()?.number + 1;
        match &sent.purpose {
            Purpose::TrunkRegister { trunk } => self.trunk_mut(trunk)?.note_register_number(number),
            Purpose::ReInvite { call, to } | Purpose::Refresh { call, to } | Purpose::Info { call, to } => {
                self.skip_number(*call, *to);
            }
            Purpose::Fork { .. } | Purpose::Bye | Purpose::CheckSync | Purpose::TrunkOptions { .. } => {}
        }
        Some(number)
    }

    fn skip_number(&mut self, call: crate::call::CallKey, to: Side) {
        if let Some(leg) = self.calls.get_mut(&call).and_then(|call| call.leg_mut(to)) {
            // The number alone is wanted; the request is the one sent before.
            drop(leg.dialog.request(Method::OPTIONS));
        }
    }

    /// Whoever waits for the old transaction now waits for the new one.
    fn follow(&mut self, purpose: &Purpose, renewed: ClientKey) {
        let (Purpose::Fork { call, .. } | Purpose::ReInvite { call, .. }) = purpose else { return };
        let Some(call) = self.calls.get_mut(call) else { return };
        match purpose {
            Purpose::Fork { fork, .. } => {
                if let Some(fork) = call.forks.iter_mut().find(|one| one.id == *fork) {
                    fork.client = renewed;
                }
            }
            _ => {
                if let Some(transit) = &mut call.transit {
                    transit.client = renewed;
                }
            }
        }
    }
}
