//! F4 (section 8): this server used to say where it received us (`received`) and stopped, though our sent-by is private and
//! it still fills `rport`. Strong: somebody tells it a public sent-by, which needs no `received`. A server that was replaced
//! may do so too, so the habit must have been firm and its end lasting.

use super::Found;
use crate::view::{ViaView, address, is_private};

/// Answers with `received` that make a habit.
const FIRM: u8 = 8;
/// Answers without it in a row that end one.
const LASTING: u8 = 4;

/// Whether a server adds `received`.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Habit {
    with: u8,
    without: u8,
}

impl Habit {
    /// Notes an answer; whether the habit has ended. Only one that fills `rport` is asked about.
    pub(super) fn ends(&mut self, received: bool) -> bool {
        if received {
            // A farm of servers, some of which add it, has no habit.
            self.with = if self.without > 0 { 0 } else { self.with.saturating_add(1) };
            self.without = 0;
            return false;
        }
        self.without = self.without.saturating_add(1);
        self.with >= FIRM && self.without >= LASTING
    }

    pub(super) fn check<'a>(&mut self, sent: &ViaView<'a>, came: &ViaView<'a>) -> Option<Found<'a>> {
        let filled = came.rport.is_some_and(|port| !port.is_empty());
        let ended = filled && self.ends(came.received.is_some()) && address(sent.host).is_some_and(is_private);
        ended.then(|| Found::new(sent.text, came.text))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ended(answers: impl IntoIterator<Item = bool>) -> bool {
        let sent = ViaView::of("SIP/2.0/UDP 192.168.1.50:5060;branch=z9hG4bK1;rport").unwrap();
        let with = ViaView::of("SIP/2.0/UDP 192.168.1.50:5060;branch=z9hG4bK1;rport=1;received=203.0.113.2").unwrap();
        let without = ViaView::of("SIP/2.0/UDP 192.168.1.50:5060;branch=z9hG4bK1;rport=1").unwrap();
        let mut habit = Habit::default();
        answers.into_iter().any(|it| habit.check(&sent, if it { &with } else { &without }).is_some())
    }

    #[test]
    fn a_firm_habit_that_ends_for_good_is_a_sign() {
        assert!(ended([true; 8].into_iter().chain([false; 4])));
        assert!(!ended([true; 3].into_iter().chain([false; 4])));
    }

    #[test]
    fn two_servers_that_take_turns_have_no_habit() {
        assert!(!ended([true, false].into_iter().cycle().take(100)));
        assert!(!ended([true, true, true, false, false].into_iter().cycle().take(100)));
    }
}
