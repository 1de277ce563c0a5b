//! Answering a provider's challenge with the trunk's secret: once, and again only when the nonce was stale.

use std::sync::Arc;
use std::time::Instant;

use centrale_sip::dialog::DialogId;
use centrale_sip::endpoint::ClientKey;
use centrale_sip::message::{Method, Response};

use crate::call::{CallKey, Side};
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
        let Some(account) = &sent.account else { return false };
        let Some(challenge) = challenge_in(response) else { return false };
        let again = sent.answered == 0 || challenge.0.stale && sent.answered < MOST_ANSWERS;
        let local = self.local_of_account(sent.account.as_ref(), &sent.path);
        let (true, Some(local)) = (again, local) else { return false };
        let Some(number) = self.next_number(client, sent) else { return false };
        let cnonce = self.token();
        let mut request = authorised(&sent.request, number, &challenge, account, &cnonce);
        self.sent.remove(&client);
        let renewed = self.endpoint.send_kept(now, &mut request, sent.path, local);
        self.follow(&sent.purpose, client, renewed);
        let sent = Sent { request, answered: sent.answered + 1, heard: false, ..sent.clone() };
        self.sent.insert(renewed, Arc::new(sent));
        true
    }

    /// The number under which the request goes again: the dialog's next, or one more. `None` when nobody waits for its answer
    /// any more: its call or trunk is gone, or it was taken back while the challenge was on its way.
    fn next_number(&mut self, client: ClientKey, sent: &Sent) -> Option<u32> {
        let next = sent.request.headers.cseq().ok()?.number + 1;
        match &sent.purpose {
            Purpose::TrunkRegister { trunk } | Purpose::TrunkReadBack { trunk } => {
                Some(self.trunk_mut(trunk)?.next_register_number())
            }
            Purpose::ReInvite { call, to } | Purpose::Refresh { call, to } | Purpose::Join { call, to } => {
                self.next_number_of_leg(*call, *to)
            }
            Purpose::Info => {
                let (call, to) = *self.dialogs.get(&DialogId::of_outgoing(&sent.request)?)?;
                self.next_number_of_leg(call, to)
            }
            Purpose::Fork { call, fork } => {
                let call = self.calls.get(call)?;
                (Self::fork_client(call, *fork) == Some(client)).then_some(next)
            }
            Purpose::HelpTest { trunk } => self.trunk_mut(trunk)?.proof.is_under_way().then_some(next),
            _ => Some(next),
        }
    }

    /// The dialog's next number: another request may have gone between this one and its challenge.
    fn next_number_of_leg(&mut self, call: CallKey, to: Side) -> Option<u32> {
        let leg = self.calls.get_mut(&call)?.leg_mut(to)?;
        leg.dialog.request(Method::OPTIONS).headers.cseq().ok().map(|cseq| cseq.number)
    }

    /// Whoever waits for the old transaction now waits for the new one.
    fn follow(&mut self, purpose: &Purpose, old: ClientKey, renewed: ClientKey) {
        match purpose {
            Purpose::Fork { call, fork } => {
                let forks = self.calls.get_mut(call).into_iter().flat_map(|call| &mut call.forks);
                forks.filter(|one| one.id == *fork).for_each(|fork| fork.client = renewed);
            }
            Purpose::ReInvite { call, .. } => {
                let transit = self.calls.get_mut(call).and_then(|call| call.transit.as_mut());
                transit.filter(|transit| transit.client == old).into_iter().for_each(|one| one.client = renewed);
            }
            Purpose::Join { call, .. } => {
                let joining = self.calls.get_mut(call).and_then(|call| call.joining.as_mut());
                joining
                    .filter(|joining| joining.client == Some(old))
                    .into_iter()
                    .for_each(|one| one.client = Some(renewed));
            }
            Purpose::TrunkRegister { trunk } => {
                if let Some(trunk) = self.trunk_mut(trunk) {
                    trunk.follow_register(old, renewed);
                }
            }
            _ => {}
        }
    }
}
