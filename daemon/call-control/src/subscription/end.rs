//! Subscriptions follow the registration they came over, and end with it, with their time, and with what they are about.

use std::time::{Duration, Instant};

use centrale_sip::flow::{Flow, FlowId, Path};
use centrale_sip::message::SipUri;

use super::{Subscription, SubscriptionKey};
use crate::call::names_target;
use crate::exchange::{Due, Exchange};

/// How long a phone that is gone may come back and find its subscriptions: it registers again, but subscribes again only
/// when the time of a subscription is over.
const COMES_BACK: Duration = Duration::from_secs(120);

impl Exchange {
    /// Subscriptions that are held. For those who watch over the exchange: the simulation and the tests.
    pub fn subscriptions_in_hand(&self) -> usize {
        self.subscriptions.len()
    }

    pub(super) fn forget_subscription(&mut self, key: SubscriptionKey) -> Option<Subscription> {
        self.agenda.cancel(&Due::Subscription(key));
        self.subscriptions.remove(key)
    }

    /// Its time is over.
    pub(crate) fn expire_subscription(&mut self, now: Instant, key: SubscriptionKey) {
        self.finish_subscription(now, key, "timeout");
    }

    /// A connection is gone, and nothing can be told over it.
    pub(crate) fn lose_subscriptions_over(&mut self, now: Instant, flow: FlowId) {
        let over = |path: Path| matches!(path, Path::Flow(over) if over.id == flow && over.transport.is_reliable());
        for key in self.subscriptions.keys_where(|one| over(one.dialog.path)) {
            self.lose_subscription(now, key);
        }
    }

    /// A number's registrations changed: who is not registered any more is told nothing.
    pub(crate) fn lose_subscriptions_of(&mut self, now: Instant, number: &str) {
        let is_gone = |one: &Subscription| {
            one.subscriber == number && !self.is_registered_at(now, &one.subscriber, &one.username, &one.dialog.path)
        };
        for key in self.subscriptions.keys_where(is_gone) {
            self.lose_subscription(now, key);
        }
    }

    fn lose_subscription(&mut self, now: Instant, key: SubscriptionKey) {
        let Some(one) = self.subscriptions.all.get_mut(&key) else { return };
        if !one.lost {
            one.lost = true;
            self.agenda.set(Due::Subscription(key), one.expires_at.min(now + COMES_BACK));
        }
    }

    /// A phone registered: its subscriptions follow it to where it is now, and it is told what it missed.
    pub(crate) fn bring_subscriptions_along(&mut self, now: Instant, username: &str, contacts: &[SipUri], flow: Flow) {
        let keys = self.subscriptions.keys_where(|one| {
            let back = one.lost && one.dialog.path.remote().ip() == flow.remote.ip();
            *one.username == *username && (back || names_target(contacts, &one.dialog.remote_target))
        });
        for key in keys {
            let Some(one) = self.subscriptions.all.get_mut(&key) else { continue };
            one.dialog.path = Path::Flow(flow);
            if one.lost {
                (one.lost, one.told, one.outstanding) = (false, None, None);
                self.agenda.set(Due::Subscription(key), one.expires_at);
                self.notify(now, key);
            }
        }
    }

    /// A new revision: what is about somebody who left is over, and so is what somebody who left had asked for.
    pub(crate) fn settle_subscriptions(&mut self, now: Instant) {
        let stops = self.directory.office().people.is_empty();
        for key in self.subscriptions.keys_where(|_| true) {
            let Some(one) = self.subscriptions.all.get(&key) else { continue };
            if stops {
                // The whole office is gone when the box is being stopped: it is back in a moment.
                self.finish_subscription(now, key, "probation;retry-after=60");
            } else if self.directory.login(&one.username).is_none() {
                self.finish_subscription(now, key, "rejected");
            } else if !self.directory.is_watchable(&one.number) {
                self.finish_subscription(now, key, "noresource");
            } else if !self.is_registered_at(now, &one.subscriber, &one.username, &one.dialog.path) {
                self.lose_subscription(now, key);
            }
        }
    }
}
