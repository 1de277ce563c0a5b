//! Which way the two sides of a call went, for the doctor: what went wrong in a call is a symptom of the way to one of them.

use std::net::SocketAddr;
use std::time::Instant;

use centrale_alg::passive::{CallFacts, Reports};
use centrale_rtp::leg::FELL_SILENT_AFTER;
use centrale_rtp::relay::LegQuality;

use super::Leg;
use crate::exchange::Exchange;

/// The way to one side of a call.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Way {
    /// To a phone that is heard from there.
    Phone(SocketAddr),
    /// To the provider of that trunk.
    Trunk(String),
}

impl Exchange {
    /// The way to that end.
    pub(crate) fn way_of(&self, leg: &Leg) -> Option<Way> {
        if leg.username.is_some() {
            return Some(Way::Phone(leg.dialog.path.remote()));
        }
        let account = leg.account.as_ref()?;
        let trunk = self.trunks.iter().find(|trunk| trunk.goes_under(account))?;
        Some(Way::Trunk(trunk.name().to_owned()))
    }

    /// That end never acknowledged that its call was answered.
    pub(crate) fn watch_unacknowledged(&mut self, now: Instant, leg: Option<&Leg>) {
        let way = leg.and_then(|leg| self.way_of(leg));
        let facts = CallFacts { never_acknowledged: true, over: true, ..CallFacts::default() };
        self.note_call(now, way.as_ref(), &facts);
    }

    /// The media has said its last word on an answered call: whether each side was heard at all and to the end, and says that it
    /// hears. One that goes well counts as
    /// much as one that does not.
    pub(crate) fn watch_sound(
        &mut self,
        now: Instant,
        answered: Instant,
        sides: impl Iterator<Item = (Option<Way>, LegQuality)>,
    ) {
        for (way, quality) in sides {
            let facts = sound(now, answered, &quality);
            self.note_call(now, way.as_ref(), &facts);
        }
    }

    fn note_call(&mut self, now: Instant, way: Option<&Way>, facts: &CallFacts) {
        match way {
            Some(Way::Phone(remote)) => self.watch_phone_call(now, *remote, facts),
            Some(Way::Trunk(name)) => self.watch_trunk_call(now, name, facts),
            None => {}
        }
    }
}

fn sound(now: Instant, answered: Instant, quality: &LegQuality) -> CallFacts {
    let heard_at = match (quality.one_way, quality.fell_silent) {
        (true, _) => None,
        (false, true) => now.checked_sub(FELL_SILENT_AFTER).map(|at| at.max(answered)),
        (false, false) => Some(now),
    };
    let reports = if quality.hears_nothing { Reports::NOTHING_HEARD } else { Reports::default() };
    CallFacts { answered_at: Some(answered), sending_since: Some(answered), heard_at, reports, ..CallFacts::default() }
}
