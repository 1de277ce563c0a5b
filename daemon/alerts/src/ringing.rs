//! What is told by a call: which mails are also said by telephone, who is rung when, and when it is given up.

use std::fmt;

use crate::news::{Kind, News, Note, is_spent};

const MINUTE_MS: u64 = 60_000;
const DAY_MS: u64 = 24 * 60 * MINUTE_MS;

/// How often somebody is rung before the next one is.
const TRIES: u32 = 3;
/// Before somebody is rung once more, or the next one is.
const PAUSE_MS: u64 = 5 * MINUTE_MS;
/// For so long what was heard is not said again.
const HEARD_FOR_MS: u64 = 30 * MINUTE_MS;
/// Calls in any 24 hours that tell what happened, and those that ask whether somebody wants to be told so.
const MOST_A_DAY: [usize; 2] = [6, 3];

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
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Heard, Self::NotConfirmed, Self::NoAnswer, Self::NotMade];

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
}

impl Ringing {
    /// What comes after a call, and when, in milliseconds since 1970 UTC; `None` when nobody is rung any more: it was heard, everybody was
    /// rung often enough, or it is a day old. What could not be made does not count.
    pub fn after(self, (made, now): (u64, u64), rang: Rang, contacts: usize) -> Option<(Self, u64)> {
        let next = now.saturating_add(PAUSE_MS);
        let further = match rang {
            Rang::Heard => return None,
            Rang::NotMade => self,
            Rang::NotConfirmed | Rang::NoAnswer if self.tries + 1 < TRIES => Self { tries: self.tries + 1, ..self },
            Rang::NotConfirmed | Rang::NoAnswer => Self { contact: self.contact + 1, tries: 0 },
        };
        let somebody = (further.contact as usize) < contacts;
        (somebody && next.saturating_sub(made) <= DAY_MS).then_some((further, next))
    }
}

/// A call that was made, and when, in milliseconds since 1970 UTC.
pub type Made = (u64, Spoken);

/// When the next call may be made that says this, in milliseconds since 1970 UTC: `now`, or once the oldest of the last day's is a day old.
/// `made` are the calls before it; those that could not be made are none.
pub fn may_ring(now: u64, spoken: Spoken, made: &[Made]) -> u64 {
    let asks = |spoken: Spoken| usize::from(spoken == Spoken::Accept);
    let most = MOST_A_DAY[asks(spoken)];
    // A clock that was set back leaves nobody unrung for longer than a day.
    let of_today = |(at, other): &&Made| asks(*other) == asks(spoken) && now.abs_diff(*at) < DAY_MS;
    let mut today: Vec<u64> = made.iter().filter(of_today).map(|(at, _)| (*at).min(now)).collect();
    today.sort_unstable();
    if today.len() < most { now } else { today[today.len() - most].saturating_add(DAY_MS) }
}

/// Whether it was heard so lately that it is not said again.
pub fn is_fresh(now: u64, heard: Option<u64>) -> bool {
    heard.is_some_and(|at| now.abs_diff(at) < HEARD_FOR_MS)
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
    fn nobody_is_rung_where_nobody_wants_to_be() {
        assert_eq!(Ringing::default().after((START, START), Rang::NoAnswer, 0), None);
    }

    #[test]
    fn at_most_six_calls_a_day_tell_and_three_ask_and_neither_takes_from_the_other() {
        let made: Vec<Made> = (0..6).map(|hour| (START + hour * 60 * MINUTE_MS, Spoken::Inside)).collect();
        let now = START + 6 * 60 * MINUTE_MS;
        assert_eq!(may_ring(now, Spoken::Money, &made[..5]), now);
        assert_eq!(may_ring(now, Spoken::Money, &made), START + DAY_MS);
        assert_eq!(may_ring(START + DAY_MS, Spoken::Money, &made), START + DAY_MS);
        assert_eq!(may_ring(now, Spoken::Accept, &made), now);
        let asked = [(START, Spoken::Accept); 3];
        assert_eq!(may_ring(now, Spoken::Accept, &asked), START + DAY_MS);
        assert_eq!(may_ring(now, Spoken::NoHelp, &asked), now);
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
        assert!(is_fresh(START + HEARD_FOR_MS - 1, Some(START)));
        assert!(!is_fresh(START + HEARD_FOR_MS, Some(START)) && !is_fresh(START, None));
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
