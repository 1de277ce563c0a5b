//! Subscriptions (RFC 6665): phones that want to know what a number does (`dialog`, RFC 4235), or whether something waits in
//! its mailbox (`message-summary`, RFC 3842).
//!
//! In: SUBSCRIBEs of proven phones, and every change of a call. Out: NOTIFYs, one at a time for each subscription; what
//! changes meanwhile waits, and only the newest state is told. A subscription lives with the registration it came over.

mod end;
mod lines;
mod notify;
mod request;

use std::collections::{BTreeMap, BTreeSet};
use std::time::Instant;

use centrale_sip::dialog::{Dialog, DialogId};
use centrale_sip::endpoint::ClientKey;
use centrale_sip::event_package::{EventType, MessageSummary};
use centrale_sip::message::SipUri;
use hashbrown::HashMap;

use lines::{Line, Lines};

/// Names a subscription; never used again for another.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct SubscriptionKey(u64);

/// What can be subscribed to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Package {
    Dialog,
    MessageSummary,
}

impl Package {
    /// For Allow-Events.
    const NAMES: &str = "dialog, message-summary";

    fn of(event: &EventType) -> Option<Self> {
        match &*event.package {
            "dialog" => Some(Self::Dialog),
            "message-summary" => Some(Self::MessageSummary),
            _ => None,
        }
    }
}

/// What a NOTIFY says.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Shown {
    Dialogs(Vec<Line>),
    Mailbox(MessageSummary),
}

/// One subscription.
#[derive(Debug)]
struct Subscription {
    package: Package,
    /// As the phone named it, to be repeated.
    event: EventType,
    /// The number it is about.
    number: String,
    /// The same as an address, as the phone wrote it.
    entity: SipUri,
    /// Who subscribed: the digest user, and the number it belongs to.
    username: Box<str>,
    subscriber: String,
    dialog: Dialog,
    expires_at: Instant,
    /// Documents sent so far.
    version: u32,
    /// What the last NOTIFY said. `None`: the next one is owed, whether or not anything changed.
    told: Option<Shown>,
    /// The NOTIFY that waits for its answer.
    outstanding: Option<ClientKey>,
    /// The phone is not registered (any more) where it subscribed from, and may come back in a moment.
    lost: bool,
}

/// Every subscription of the box.
#[derive(Debug, Default)]
pub(crate) struct Subscriptions {
    all: BTreeMap<SubscriptionKey, Subscription>,
    by_dialog: HashMap<DialogId, SubscriptionKey>,
    watchers: BTreeMap<(Package, String), BTreeSet<SubscriptionKey>>,
    lines: Lines,
    changed: BTreeSet<(Package, String)>,
    next: u64,
}

impl Subscriptions {
    fn insert(&mut self, subscription: Subscription) -> SubscriptionKey {
        self.next += 1;
        let key = SubscriptionKey(self.next);
        self.by_dialog.insert(subscription.dialog.id.clone(), key);
        self.watchers.entry((subscription.package, subscription.number.clone())).or_default().insert(key);
        self.all.insert(key, subscription);
        key
    }

    fn remove(&mut self, key: SubscriptionKey) -> Option<Subscription> {
        let subscription = self.all.remove(&key)?;
        self.by_dialog.remove(&subscription.dialog.id);
        let watched = (subscription.package, subscription.number.clone());
        if let Some(watchers) = self.watchers.get_mut(&watched) {
            watchers.remove(&key);
            if watchers.is_empty() {
                self.watchers.remove(&watched);
            }
        }
        Some(subscription)
    }

    /// Keys of those for which `fits` holds, oldest first.
    fn keys_where(&self, fits: impl Fn(&Subscription) -> bool) -> Vec<SubscriptionKey> {
        self.all.iter().filter(|(_, one)| fits(one)).map(|(key, _)| *key).collect()
    }

    /// Something else is in a mailbox: who watches it is told.
    pub(crate) fn mailbox_changed(&mut self, number: &str) {
        self.changed.insert((Package::MessageSummary, number.to_owned()));
    }

    pub(crate) fn len(&self) -> usize {
        self.all.len()
    }
}
