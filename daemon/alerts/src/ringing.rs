//! What is told by a call: which mails are also said by telephone, who is rung when, and when it is given up.

use std::fmt;

use centrale_ledger::Zone;

use crate::news::{Kind, News, Note, is_spent};

const MINUTE_MS: u64 = 60_000;
const DAY_MS: u64 = 24 * 60 * MINUTE_MS;

/// How often somebody is rung before the next one is; how often no call may come of it before the next one has a turn.
const TRIES: u32 = 3;
/// Before somebody is rung once more, or the next one is, in milliseconds.
pub const PAUSE_MS: u64 = 5 * MINUTE_MS;
/// For so long what was heard is not said again.
const HEARD_FOR_MS: u64 = 30 * MINUTE_MS;
/// Calls in any 24 hours that tell what happened.
const MOST_TOLD: usize = 6;
/// As many of them are left for what was not said in these hours: one story that nobody hears keeps no other from being told.
const KEPT_FOR_NEW: usize = 2;
/// Calls to one number in any 24 hours that ask whether somebody there wants to be told so.
const MOST_ASKED: usize = 3;
/// The hours of the office's clock between which numbers are asked.
const ASKS: (i8, i8) = (8, 21);
/// For so long after somebody wanted a number asked, it is asked at any hour.
const PRESSED_FOR_MS: u64 = 15 * MINUTE_MS;

/// What a call says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Spoken {
    /// Somebody has a password of the telephones.
    Inside,
    /// Money was stopped, or calls as thieves make them.
    Money,
    /// Somebody got into the page.
    Page,
    /// The password at the provider is in other hands.
    Provider,
    /// Nobody can call for help.
    NoHelp,
    /// Something else that cannot wait.
    Other,
    /// Whether such calls are wanted at that number.
    Accept,
}

impl Spoken {
    /// All of them.
    pub const ALL: [Self; 7] =
        [Self::Inside, Self::Money, Self::Page, Self::Provider, Self::NoHelp, Self::Other, Self::Accept];

    /// Stable word.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Inside => "inside",
            Self::Money => "money",
            Self::Page => "page",
            Self::Provider => "provider",
            Self::NoHelp => "no-help",
            Self::Other => "other",
            Self::Accept => "accept",
        }
    }

    /// What a stable word means.
    pub fn of_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|one| one.word() == word)
    }

    /// What a call says of what a mail tells; `None` where the mail is enough.
    pub fn of(note: &Note) -> Option<Self> {
        let Note::One(news) = note else { return None };
        match news {
            News::Story(story) if story.over => None,
            News::Story(story) => Some(match story.reached.as_str() {
                "at-provider" => Self::Provider,
                "page" => Self::Page,
                _ if story.got_in() && !is_spent(story) => Self::Inside,
                _ => Self::Money,
            }),
            News::Problem { code, .. } if code == "no-way-to-help" => Some(Self::NoHelp),
            // The provider works, so it can be said: the way to help did not get through twice.
            News::Problem { code, .. } if code == "help-not-proven" => Some(Self::Other),
            News::Problem { .. } => (news.matter()?.kind == Kind::Fraud).then_some(Self::Other),
            _ => None,
        }
    }
}

/// A call to be made.
#[derive(Clone, PartialEq, Eq)]
pub struct Ring {
    /// Names it in its answer.
    pub id: u64,
    /// Whom, in E.164.
    pub number: String,
    /// The code of the language: `nl`, `fr`, `en` or `de`.
    pub language: &'static str,
    /// What it says.
    pub spoken: Spoken,
}

impl fmt::Debug for Ring {
    /// Without the number: it is somebody's own.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Ring").field("id", &self.id).field("spoken", &self.spoken).finish_non_exhaustive()
    }
}

/// What became of a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Rang {
    /// Whoever answered pressed 1.
    Heard,
    /// It was answered, perhaps by a mailbox, and nobody pressed 1.
    NotConfirmed,
    /// Nobody answered.
    NoAnswer,
    /// It could not be made.
    NotMade,
}

impl Rang {
    /// Stable word.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Heard => "heard",
            Self::NotConfirmed => "not-confirmed",
            Self::NoAnswer => "no-answer",
            Self::NotMade => "not-made",
        }
    }
}

/// How far something is that is told by calls.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Ringing {
    /// Who is rung: the place among those who want to be.
    pub contact: u32,
    /// How often that one was rung.
    pub tries: u32,
    /// How often since then no call came of it.
    pub not_made: u32,
}

impl Ringing {
    /// What comes after a call, and when, in milliseconds since 1970 UTC; `None` when nobody is rung any more: it was heard, everybody was
    /// rung often enough, or it is a day old. What could not be made does not count, but after three times the next one has a turn, and the
    /// first one after the last.
    pub fn after(self, (made, now): (u64, u64), rang: Rang, contacts: usize) -> Option<(Self, u64)> {
        let next = now.saturating_add(PAUSE_MS);
        let last = u32::try_from(contacts).unwrap_or(u32::MAX).checked_sub(1)?;
        let further = match rang {
            Rang::Heard => return None,
            Rang::NotMade if self.not_made + 1 < TRIES => Self { not_made: self.not_made + 1, ..self },
            Rang::NotMade if last == 0 => Self { not_made: 0, ..self },
            Rang::NotMade => {
                Self { contact: if self.contact < last { self.contact + 1 } else { 0 }, ..Self::default() }
            }
            Rang::NotConfirmed | Rang::NoAnswer if self.tries + 1 < TRIES => {
                Self { tries: self.tries + 1, not_made: 0, ..self }
            }
            Rang::NotConfirmed | Rang::NoAnswer => Self { contact: self.contact + 1, ..Self::default() },
        };
        (further.contact <= last && next.saturating_sub(made) <= DAY_MS).then_some((further, next))
    }
}

/// A call that was made, and when, in milliseconds since 1970 UTC.
pub type Made = (u64, Spoken);

/// When the next call may be made that says this, in milliseconds since 1970 UTC: `now`, or once enough of the last day's are a day old.
/// `made` are the calls before it, of those that ask the ones to the same number; those that could not be made are none.
pub fn may_ring(now: u64, spoken: Spoken, made: &[Made]) -> u64 {
    let asks = spoken == Spoken::Accept;
    // A clock that was set back leaves nobody unrung for longer than a day.
    let of_today = |(at, other): &&Made| (*other == Spoken::Accept) == asks && now.abs_diff(*at) < DAY_MS;
    let is_new = !made.iter().filter(of_today).any(|(_, other)| *other == spoken);
    let most = match (asks, is_new) {
        (true, _) => MOST_ASKED,
        (false, true) => MOST_TOLD,
        (false, false) => MOST_TOLD - KEPT_FOR_NEW,
    };
    let mut today: Vec<u64> = made.iter().filter(of_today).map(|(at, _)| (*at).min(now)).collect();
    today.sort_unstable();
    if today.len() < most { now } else { today[today.len() - most].saturating_add(DAY_MS) }
}

/// When a number may be asked, in milliseconds since 1970 UTC: `now` by day, and when somebody wanted it at `pressed`, right before; else in
/// the morning.
pub fn may_ask(now: u64, zone: &Zone, pressed: Option<u64>) -> u64 {
    let next = |hour| zone.next_hour(now, hour, false).unwrap_or(now);
    let (begins, ends) = (next(ASKS.0), next(ASKS.1));
    let is_pressed = pressed.is_some_and(|at| now.abs_diff(at) < PRESSED_FOR_MS);
    if is_pressed || ends < begins { now } else { begins }
}

/// For how long a number rests that was asked, when no call came of it so many times, in milliseconds: twice as long each time.
pub fn asking_pause(not_made: u32) -> u64 {
    PAUSE_MS << not_made.min(8)
}

/// Whether a number is still asked of which no call came, at `now`, first tried at `since`.
pub fn asks_on(since: u64, now: u64) -> bool {
    now.abs_diff(since) < DAY_MS
}

/// When something may be said again that was heard, in milliseconds since 1970 UTC.
pub fn may_repeat(now: u64, heard: Option<u64>) -> u64 {
    heard.filter(|at| now.abs_diff(*at) < HEARD_FOR_MS).map_or(now, |at| at.saturating_add(HEARD_FOR_MS))
}

#[cfg(test)]
mod tests {
    use super::*;

    const START: u64 = 1_795_860_000_000;

    /// Who is rung at which minute, when every call ends so.
    fn rung(contacts: usize, mut ends: impl FnMut(u32) -> Rang) -> Vec<(u32, u64)> {
        let (mut all, mut next) = (Vec::new(), Some((Ringing::default(), START)));
        while let Some((ringing, at)) = next {
            all.push((ringing.contact, (at - START) / MINUTE_MS));
            next = ringing.after((START, at), ends(all.len() as u32), contacts);
        }
        all
    }

    #[test]
    fn who_does_not_press_1_is_rung_three_times_five_minutes_apart_and_then_the_next() {
        let once = rung(2, |_| Rang::NoAnswer);
        assert_eq!(once, [(0, 0), (0, 5), (0, 10), (1, 15), (1, 20), (1, 25)]);
        assert_eq!(rung(1, |_| Rang::NotConfirmed), [(0, 0), (0, 5), (0, 10)], "a mailbox is nobody");
    }

    #[test]
    fn pressing_1_ends_it() {
        assert_eq!(rung(2, |call| if call == 4 { Rang::Heard } else { Rang::NoAnswer }).len(), 4);
        assert_eq!(rung(2, |_| Rang::Heard), [(0, 0)]);
    }

    #[test]
    fn a_call_that_could_not_be_made_does_not_count_and_after_a_day_it_is_given_up() {
        let late = rung(1, |call| if call <= 3 { Rang::NotMade } else { Rang::NoAnswer });
        assert_eq!(late.last(), Some(&(0, 25)));
        assert_eq!(late.len(), 6);
        assert_eq!(rung(1, |_| Rang::NotMade).last(), Some(&(0, 24 * 60)));
    }

    #[test]
    fn who_cannot_be_rung_keeps_nobody_else_from_it_and_has_another_turn() {
        let first_alone = rung(2, |call| if call <= 3 { Rang::NotMade } else { Rang::Heard });
        assert_eq!(first_alone, [(0, 0), (0, 5), (0, 10), (1, 15)]);
        let no_line = rung(2, |_| Rang::NotMade);
        assert_eq!(no_line[5..8], [(1, 25), (0, 30), (0, 35)]);
        let one = rung(1, |call| if (2..=4).contains(&call) { Rang::NotMade } else { Rang::NoAnswer });
        assert_eq!(one.len(), 6, "one who was rung once is rung twice more");
    }

    #[test]
    fn nobody_is_rung_where_nobody_wants_to_be() {
        assert_eq!(Ringing::default().after((START, START), Rang::NoAnswer, 0), None);
    }

    #[test]
    fn at_most_six_calls_a_day_tell_and_three_ask_a_number_and_neither_takes_from_the_other() {
        const HOUR_MS: u64 = 60 * MINUTE_MS;
        let said = [Spoken::Inside, Spoken::Inside, Spoken::Inside, Spoken::Inside, Spoken::Page, Spoken::NoHelp];
        let made: Vec<Made> = (0..6).zip(said).map(|(hour, said)| (START + hour * HOUR_MS, said)).collect();
        let now = START + 6 * HOUR_MS;
        assert_eq!(may_ring(now, Spoken::Money, &made[..5]), now);
        assert_eq!(may_ring(now, Spoken::Money, &made), START + DAY_MS);
        assert_eq!(may_ring(START + DAY_MS, Spoken::Money, &made), START + DAY_MS);
        assert_eq!(may_ring(now, Spoken::Accept, &made), now);
        let asked = [(START, Spoken::Accept); 3];
        assert_eq!(may_ring(now, Spoken::Accept, &asked), START + DAY_MS);
        assert_eq!(may_ring(now, Spoken::NoHelp, &asked), now);
    }

    #[test]
    fn a_story_that_nobody_hears_leaves_two_calls_of_the_day_for_others() {
        let made = [(START, Spoken::Inside); 4];
        assert_eq!(may_ring(START, Spoken::Inside, &made[..3]), START);
        assert_eq!(may_ring(START, Spoken::Inside, &made), START + DAY_MS);
        assert_eq!(may_ring(START, Spoken::NoHelp, &made), START);
    }

    #[test]
    fn a_number_is_asked_by_day_alone_unless_somebody_wants_it_now() {
        let zone = Zone::named("Europe/Amsterdam").unwrap();
        let (opens, _) = zone.day("2026-11-28").unwrap();
        let at = |hour: u64| opens + hour * 60 * MINUTE_MS;
        assert_eq!(may_ask(at(8), &zone, None), at(8));
        assert_eq!(may_ask(at(21) - 1, &zone, None), at(21) - 1);
        assert_eq!(may_ask(at(21), &zone, None), at(32));
        assert_eq!(may_ask(at(3), &zone, None), at(8));
        assert_eq!(may_ask(at(3), &zone, Some(at(3) - MINUTE_MS)), at(3));
        assert_eq!(may_ask(at(3), &zone, Some(at(2))), at(8));
    }

    #[test]
    fn a_number_of_which_no_call_comes_is_asked_ever_more_seldom_and_no_longer_than_a_day() {
        let (mut at, mut tries) = (START, 0);
        while asks_on(START, at) {
            at += asking_pause(tries);
            tries += 1;
        }
        assert_eq!((asking_pause(0), asking_pause(1), tries), (PAUSE_MS, 2 * PAUSE_MS, 9));
    }

    #[test]
    fn a_clock_that_was_set_back_bounds_the_calls_all_the_same_and_silences_nobody_for_long() {
        let made = [(START + DAY_MS / 2, Spoken::Inside); 6];
        assert_eq!(may_ring(START, Spoken::Inside, &made), START + DAY_MS);
        let far = [(START + 40 * DAY_MS, Spoken::Inside); 6];
        assert_eq!(may_ring(START, Spoken::Inside, &far), START);
    }

    #[test]
    fn what_was_heard_is_not_said_again_for_half_an_hour() {
        assert_eq!(may_repeat(START + 1, Some(START)), START + HEARD_FOR_MS);
        assert_eq!(may_repeat(START + HEARD_FOR_MS, Some(START)), START + HEARD_FOR_MS);
        assert_eq!(may_repeat(START, None), START);
    }

    #[test]
    fn what_cannot_wait_is_said_and_what_can_is_not() {
        let problem = |code: &str| Spoken::of(&Note::One(News::Problem { code: code.into(), subject: "x".into() }));
        assert_eq!(problem("no-way-to-help"), Some(Spoken::NoHelp));
        assert_eq!(problem("provider-moved"), Some(Spoken::Other));
        assert_eq!(problem("help-not-proven"), Some(Spoken::Other));
        for quiet in ["trunk-unreachable", "disk-fails", "deck-expired"] {
            assert_eq!(problem(quiet), None, "{quiet}");
        }
        assert_eq!(Spoken::of(&Note::One(News::Test)), None);
        assert_eq!(Spoken::of(&Note::Many(Kind::Fraud, Vec::new())), None);
    }

    #[test]
    fn words_are_told_apart_and_a_ring_shows_no_number() {
        for spoken in Spoken::ALL {
            assert_eq!(Spoken::of_word(spoken.word()), Some(spoken));
        }
        let ring = Ring { id: 1, number: "+31612345678".into(), language: "nl", spoken: Spoken::Money };
        assert!(!format!("{ring:?}").contains("6123"));
    }
}
