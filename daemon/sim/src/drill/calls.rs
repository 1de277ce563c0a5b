//! What was wrong with a call of the office's, as who made it would say.

use std::collections::{BTreeMap, BTreeSet};
use std::time::{Duration, Instant};

use crate::agent::{Ending, Story};
use crate::network::Node;

/// Who dials hears something by then (E4).
const SOON: Duration = Duration::from_secs(1);

/// The other ends of calls, by their names.
#[derive(Debug, Default)]
pub struct Others<'a> {
    /// Where somebody took the call, and when the first who hung up did so.
    called: BTreeMap<&'a str, Option<Instant>>,
    handed_on: BTreeSet<&'a str>,
}

impl<'a> Others<'a> {
    /// Of all ends, those that were called.
    pub fn of(stories: &'a [(Node, Story)]) -> Self {
        let mut others = Self::default();
        for (_, story) in stories {
            if story.handed_on {
                others.handed_on.insert(&story.token);
            }
            if story.outgoing || story.established.is_none() {
                continue;
            }
            let hung_up = Some(story.ended).filter(|_| story.ending == Ending::HungUp);
            let known = others.called.entry(&story.token).or_default();
            *known = known.iter().chain(&hung_up).min().copied();
        }
        others
    }

    /// What was wrong with a call, at the end that made it.
    pub fn wrong(&self, story: &Story) -> Option<String> {
        match story.ending {
            // A colleague who is in a call is busy, and nobody refused that.
            Ending::Refused(status) if status != 486 => Some(status.to_string()),
            _ if story.waited > SOON => Some(format!("nothing was heard for {:.1} s", story.waited.as_secs_f64())),
            Ending::TheyHungUp if self.is_cut(story) => Some("it was cut in the middle".to_owned()),
            _ => None,
        }
    }

    /// Whether it was ended, and nobody hung up at the other end. Where the box itself answers, it ends the call too.
    fn is_cut(&self, story: &Story) -> bool {
        let hung_up = |at: &Option<Instant>| at.is_some_and(|at| at <= story.ended);
        let was_taken = self.called.get(story.token.as_str());
        story.established.is_some()
            && !self.handed_on.contains(story.token.as_str())
            && was_taken.is_some_and(|at| !hung_up(at))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    fn ends(start: Instant, here: Ending, there: Ending) -> Vec<(Node, Story)> {
        let one = |node: usize, outgoing: bool, ending: Ending| {
            let story = Story {
                token: "call".to_owned(),
                dialled: "0201234567".to_owned(),
                outgoing,
                callers: Vec::new(),
                established: Some(start),
                waited: SECOND / 2,
                ended: start + 9 * SECOND,
                ending,
                ssrc: 1,
                heard: BTreeMap::new(),
                spoken: 0,
                ever_held: false,
                handed_on: false,
                troubled: false,
            };
            (Node(node), story)
        };
        vec![one(2, true, here), one(1, false, there)]
    }

    fn wrong(stories: &[(Node, Story)]) -> Option<String> {
        Others::of(stories).wrong(&stories[0].1)
    }

    #[test]
    fn a_call_that_nobody_ended_was_cut_and_one_that_either_end_ended_was_not() {
        let start = Instant::now();
        assert_eq!(wrong(&ends(start, Ending::HungUp, Ending::TheyHungUp)), None);
        assert_eq!(wrong(&ends(start, Ending::TheyHungUp, Ending::HungUp)), None);
        assert!(wrong(&ends(start, Ending::TheyHungUp, Ending::TheyHungUp)).unwrap().contains("cut"));
        let mut later = ends(start, Ending::TheyHungUp, Ending::HungUp);
        later[1].1.ended = start + 10 * SECOND;
        assert!(wrong(&later).unwrap().contains("cut"), "who hung up later did so in vain");
        let box_itself = &ends(start, Ending::TheyHungUp, Ending::HungUp)[..1];
        assert_eq!(wrong(box_itself), None, "the box answered, and ended it");
        let mut handed_on = ends(start, Ending::TheyHungUp, Ending::TheyHungUp);
        handed_on[1].1.handed_on = true;
        assert_eq!(wrong(&handed_on), None);
    }

    #[test]
    fn a_refusal_and_a_long_silence_are_wrong_and_a_busy_colleague_is_not() {
        let start = Instant::now();
        let with = |change: fn(&mut Story)| {
            let mut stories = ends(start, Ending::HungUp, Ending::TheyHungUp);
            change(&mut stories[0].1);
            wrong(&stories)
        };
        assert_eq!(with(|story| story.ending = Ending::Refused(403)).unwrap(), "403");
        assert_eq!(with(|story| story.ending = Ending::Refused(486)), None);
        assert!(with(|story| story.waited = 2 * SECOND).unwrap().contains("2.0 s"));
    }
}
