//! What a run says when it is over, and in its midst: who is there, what was called, and what it cost.

use std::collections::BTreeSet;
use std::net::{IpAddr, SocketAddr};
use std::time::{Duration, Instant};

use centrale_call_control::Firewall;
use centrale_call_control::view::{ProblemView, Severity};
use centrale_numbering::{Money, Plan};

use super::office::{at_first, password};
use super::{Background, Street};
use crate::agent::Story;
use crate::drill::calls::Others;
use crate::network::Node;

/// A meter counts no call for less than its first step.
const MOMENT: Duration = Duration::from_millis(1);

impl Street {
    /// How many phones of those with a right password are registered.
    pub fn registered(&self, background: Background) -> (usize, usize) {
        let good = (0..self.people).filter(|number| at_first(background, *number) == password(*number));
        let good: Vec<Node> = good.map(|number| self.phone(number)).collect();
        (good.iter().filter(|node| self.is_registered(**node)).count(), good.len())
    }

    /// Whether the firewall was asked to drop an address as a whole from which one of the office's own is heard.
    pub fn bans_of_the_office(&self) -> usize {
        let own: Vec<IpAddr> = self.own().map(|own| own.ip()).collect();
        self.blocks.iter().filter(|(_, block)| block.port.is_none() && own.contains(&block.source)).count()
    }

    /// How often the firewall was asked to drop the very port of one of the office's own.
    pub fn blocks_of_phones(&self) -> usize {
        let own: Vec<SocketAddr> = self.own().collect();
        let port = |block: &Firewall| block.port.map(|port| SocketAddr::new(block.source, port));
        self.blocks.iter().filter(|(_, block)| port(block).is_some_and(|port| own.contains(&port))).count()
    }

    /// How often the box ordered somebody's paid calls to be held.
    pub const fn holds(&self) -> usize {
        self.holds.len()
    }

    /// Phones of the office's people, in it and at home.
    pub(super) fn ours(&self) -> impl Iterator<Item = Node> {
        self.phones().chain(self.homes.iter().copied())
    }

    /// Where the office's own are heard from: its phones, those at home, and its provider.
    pub(super) fn own(&self) -> impl Iterator<Item = SocketAddr> {
        let nodes = self.ours().chain([self.provider()]);
        nodes.filter_map(|node| self.network.host(node)).map(|host| host.seen)
    }

    /// How long after `since` a guess was judged last, or a call answered at the provider to what `is_it` picks.
    pub fn evaluated_last(&self, since: Instant, is_it: impl Fn(&str) -> bool) -> Option<Duration> {
        let of_provider = self.stories.iter().filter(|(node, story)| *node == self.provider() && !story.outgoing);
        let answered =
            of_provider.filter(|(_, story)| is_it(&story.dialled)).filter_map(|(_, story)| story.established);
        answered.chain(self.door.judged_last()).map(|at| at.saturating_duration_since(since)).max()
    }

    /// Every call that is over, as each of its ends knows it.
    pub fn stories(&self) -> impl Iterator<Item = (Node, &Story)> {
        self.stories.iter().map(|(node, story)| (*node, story))
    }

    /// Problems that somebody of the office would have to look at.
    pub fn alerts(&self) -> impl Iterator<Item = &ProblemView> {
        self.told.iter().map(|(_, problem)| problem).filter(|problem| problem.severity != Severity::Note)
    }

    /// What was called over the provider and answered there: what for, and for how long.
    pub fn answered(&self) -> impl Iterator<Item = (&str, Duration)> {
        let of_provider = self.stories.iter().filter(|(node, story)| *node == self.provider() && !story.outgoing);
        of_provider
            .filter_map(|(_, story)| Some((&*story.dialled, story.ended.saturating_duration_since(story.established?))))
    }

    /// What the provider's meter says of calls to numbers that `is_it` picks: planning prices, by the started step.
    pub fn euros(&self, is_it: impl Fn(&str) -> bool) -> Money {
        let calls = self.answered().filter(|(dialled, _)| is_it(dialled));
        calls.map(|(dialled, lasted)| metered(&self.plan, dialled, lasted)).sum()
    }

    /// How many calls phones of the office made that lead only to what `is_it` picks, and what was wrong with which of those.
    pub fn made(&self, is_it: impl Fn(&str) -> bool) -> (usize, Vec<String>) {
        let others = Others::of(&self.stories);
        // A colleague's call that somebody sent on to where no one of the office calls is a thief's.
        let elsewhere: BTreeSet<&str> =
            self.stories.iter().filter(|(_, story)| !is_it(&story.dialled)).map(|(_, story)| &*story.token).collect();
        let made: Vec<&Story> = self.calls_of_the_office().filter(|story| !elsewhere.contains(&*story.token)).collect();
        let wrong = made.iter().filter_map(|story| Some(format!("{}: {}", story.dialled, others.wrong(story)?)));
        (made.len(), wrong.collect())
    }

    /// Calls for help by phones of the office and these others, and how many of them were answered.
    pub fn helps(&self, others: Vec<Node>) -> (usize, usize) {
        let callers: BTreeSet<Node> = self.ours().chain(others).collect();
        let asked = self.called_help.iter().filter(|node| callers.contains(node)).count();
        let for_help = |story: &&Story| self.emergency_numbers().contains(&&*story.dialled);
        (asked, self.calls_of(callers).filter(for_help).filter(|story| story.established.is_some()).count())
    }

    fn calls_of_the_office(&self) -> impl Iterator<Item = &Story> {
        self.calls_of(self.ours().collect())
    }

    fn calls_of(&self, callers: BTreeSet<Node>) -> impl Iterator<Item = &Story> {
        let made = self.stories.iter().filter(move |(node, story)| callers.contains(node) && story.outgoing);
        made.map(|(_, story)| story)
    }
}

/// What the meter counts for a call.
fn metered(plan: &Plan, dialled: &str, lasted: Duration) -> Money {
    plan.worst_case(&plan.normalise(dialled)).cost(lasted.max(MOMENT))
}

#[cfg(test)]
mod tests {
    use centrale_config::Country;

    use super::*;

    #[test]
    fn a_069_the_meter_values_a_stolen_premium_minute_at_90_cents_or_more() {
        let plan = Plan::of(Country::Netherlands, "020");
        for dialled in ["09001234", "09061234", "09091234", "0900 123 4567"] {
            let ten_minutes = metered(&plan, dialled, Duration::from_secs(600));
            assert!(ten_minutes >= Money::from_cents(900), "{dialled}: {ten_minutes}");
        }
        assert!(metered(&plan, "0201234567", Duration::from_secs(600)) <= Money::from_cents(100));
    }
}
