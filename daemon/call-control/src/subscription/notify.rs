//! NOTIFY: what changed is told, one request at a time for each subscription, and the newest state wins.

use std::time::Instant;

use centrale_config::VOICEMAIL_CODE;
use centrale_sip::event_package::{DialogInfo, MessageSummary};
use centrale_sip::message::{HeaderName, Host, Method, Request, SipUri, Status};

use super::lines::elements;
use super::{Package, Shown, Subscription, SubscriptionKey};
use crate::call::CallKey;
use crate::exchange::{Exchange, Reply};
use crate::sent::Purpose;

impl Exchange {
    /// A call changed: the numbers in it may show something else.
    pub(crate) fn watch_call(&mut self, key: CallKey) {
        let subscriptions = &mut self.subscriptions;
        let changed = subscriptions.lines.update(key, self.calls.get(&key));
        subscriptions.changed.extend(changed.into_iter().map(|number| (Package::Dialog, number)));
    }

    /// Tells who watches what changed. Everything that came of one input is told at once.
    pub(crate) fn notify_watchers(&mut self, now: Instant) {
        for watched in std::mem::take(&mut self.subscriptions.changed) {
            let watchers = self.subscriptions.watchers.get(&watched).cloned().unwrap_or_default();
            watchers.into_iter().for_each(|watcher| self.notify(now, watcher));
        }
    }

    /// Tells a subscriber what there is to tell, when that is something new and the last NOTIFY is answered.
    pub(super) fn notify(&mut self, now: Instant, key: SubscriptionKey) {
        let Some(mut subscription) = self.subscriptions.all.remove(&key) else { return };
        if subscription.outstanding.is_none() && !subscription.lost {
            let shown = self.shown(&subscription);
            if subscription.told.as_ref() != Some(&shown) {
                let remaining = subscription.expires_at.saturating_duration_since(now).as_secs();
                self.send_notify(now, key, &mut subscription, shown, &format!("active;expires={remaining}"));
            }
        }
        self.subscriptions.all.insert(key, subscription);
    }

    /// The last NOTIFY of a subscription, which is over (RFC 6665 4.1.3 has the reasons).
    pub(super) fn finish_subscription(&mut self, now: Instant, key: SubscriptionKey, reason: &str) {
        let Some(mut subscription) = self.forget_subscription(key) else { return };
        if !subscription.lost {
            let shown = self.shown(&subscription);
            self.send_notify(now, key, &mut subscription, shown, &format!("terminated;reason={reason}"));
        }
    }

    fn send_notify(
        &mut self,
        now: Instant,
        key: SubscriptionKey,
        subscription: &mut Subscription,
        shown: Shown,
        state: &str,
    ) {
        let path = subscription.dialog.path;
        let (Some(local), Some(contact)) = (self.local_for(&path), self.contact_of(subscription)) else { return };
        let mut notify = subscription.dialog.request(Method::NOTIFY);
        notify.headers.push(HeaderName::Contact, contact);
        notify.headers.push(HeaderName::Event, subscription.event.to_string());
        notify.headers.push(HeaderName::SubscriptionState, state.to_owned());
        write_body(&mut notify, subscription, &shown, &local.ip().into());
        subscription.version = subscription.version.wrapping_add(1);
        subscription.told = Some(shown);
        let purpose = Purpose::Notify { subscription: key };
        subscription.outstanding = Some(self.send(now, notify, path, local, purpose, None));
    }

    fn shown(&self, subscription: &Subscription) -> Shown {
        match subscription.package {
            Package::Dialog => Shown::Dialogs(self.subscriptions.lines.of(&subscription.number)),
            Package::MessageSummary => Shown::Mailbox(self.mailboxes.summary(&subscription.number)),
        }
    }

    /// A NOTIFY was answered, or was not.
    pub(crate) fn handle_notify_response(&mut self, now: Instant, key: SubscriptionKey, reply: &Reply<'_>) {
        let Some(subscription) = self.subscriptions.all.get_mut(&key) else { return };
        if subscription.outstanding.take_if(|client| *client == reply.client).is_none() || subscription.lost {
            return;
        }
        let unanswered = reply.flow.is_none();
        if unanswered || ends_subscription(reply.response.status) {
            self.counters.notifies_unanswered += u64::from(unanswered);
            self.forget_subscription(key);
        } else {
            // What changed while it was on its way.
            self.notify(now, key);
        }
    }
}

fn write_body(notify: &mut Request, subscription: &Subscription, shown: &Shown, host: &Host) {
    match shown {
        Shown::Dialogs(lines) => {
            let told: &[_] = match &subscription.told {
                Some(Shown::Dialogs(told)) => told,
                _ => &[],
            };
            let document = DialogInfo {
                entity: subscription.entity.clone(),
                version: subscription.version,
                dialogs: elements(&subscription.number, lines, told, host),
            };
            notify.set_body(DialogInfo::CONTENT_TYPE, document.to_xml());
        }
        Shown::Mailbox(summary) => {
            let account = SipUri { user: Some(VOICEMAIL_CODE.into()), ..subscription.entity.clone() };
            notify.set_body(MessageSummary::CONTENT_TYPE, summary.to_text(&account));
        }
    }
}

/// Whether the answer to a NOTIFY says that the phone knows nothing of the subscription (RFC 6665 4.2.2, RFC 5057).
const fn ends_subscription(status: Status) -> bool {
    matches!(status.code(), 403..=405 | 410 | 416 | 480..=485 | 489 | 501 | 604)
}
