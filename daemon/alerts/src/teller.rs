//! Which news makes which mail, and when it leaves.

use std::collections::{BTreeMap, VecDeque};

use crate::news::{BEGAN, ENDED, Kind, Matter, News, Note};

const MINUTE_MS: u64 = 60_000;
const HOUR_MS: u64 = 60 * MINUTE_MS;

/// For so long something that does not work is waited for before it is told: most of it mends itself.
const LOSS_LASTS_MS: u64 = 5 * MINUTE_MS;
/// Mails of one kind in an hour; of what comes beyond there is a summary.
const MOST_AN_HOUR: usize = 6;
/// What is summed up waits for so long, so that more may come to it.
const GATHERED_FOR_MS: u64 = 30 * MINUTE_MS;
/// Things that a summary names; of more it only says that there were.
const MOST_GATHERED: usize = 50;
/// After so long the same is told again when it is said to begin again.
const TOLD_AGAIN_MS: u64 = 6 * HOUR_MS;
/// For so long what was said to work again is not said to have stopped once more.
const RESTS_MS: u64 = HOUR_MS;
/// Things that are remembered to have been told. The oldest are forgotten.
const MOST_REMEMBERED: usize = 1_000;

/// A loss that is told whoever works on the telephones: nobody can call for help.
const NEVER_QUIET: &str = "problem/no-way-to-help/";

/// What is to be done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Order {
    /// Everybody who is told is to get a mail.
    Send {
        /// What it is about, for ever.
        about: String,
        /// How much of that it tells.
        stage: u32,
        /// When it is to leave, in milliseconds since 1970 UTC.
        at: u64,
        /// What it says.
        note: Note,
    },
    /// What was to be told about this is not to be told, if it did not leave yet.
    Withdraw {
        /// As in [`Order::Send`].
        about: String,
    },
}

/// What was told.
#[derive(Debug, Clone, Copy)]
struct Told {
    stage: u32,
    /// When its mail leaves or left.
    at: u64,
}

/// What waits for its summary.
#[derive(Debug)]
struct Gathered {
    at: u64,
    news: Vec<News>,
}

/// A loss whose mail has not left yet.
#[derive(Debug)]
struct Held {
    /// What was told of it before.
    before: Option<Told>,
    news: News,
}

/// Decides what is told by mail.
#[derive(Debug, Default)]
pub struct Teller {
    told: BTreeMap<String, Told>,
    hours: BTreeMap<Kind, VecDeque<u64>>,
    gathered: BTreeMap<Kind, Gathered>,
    /// Losses whose mail has not left yet, by what it is about.
    held: BTreeMap<String, Held>,
    /// Until then losses wait: somebody works on the telephones.
    quiet_until: u64,
}

impl Teller {
    /// Remembers what was told before this start.
    pub fn restore(&mut self, about: &str, stage: u32, at: u64) {
        self.remember(about.to_owned(), stage, at);
    }

    /// Somebody works on the telephones until then, in milliseconds since 1970 UTC: what does not work is told when it still does
    /// not at the end. That nobody can call for help, that somebody got in and what is spent is told as ever. Says what moves
    /// when that is another end than before.
    pub fn keep_quiet(&mut self, now: u64, until: u64) -> Vec<Order> {
        if std::mem::replace(&mut self.quiet_until, until) == until {
            return Vec::new();
        }
        let mut orders = Vec::new();
        for (about, held) in self.held.iter().filter(|(about, _)| !about.starts_with(NEVER_QUIET)) {
            let Some(told) = self.told.get_mut(about).filter(|told| told.at > now) else { continue };
            let at = leaves_at(now, held.before, until);
            if at != told.at {
                told.at = at;
                orders.push(Order::Withdraw { about: about.clone() });
                let (about, note) = (about.clone(), Note::One(held.news.clone()));
                orders.push(Order::Send { about, stage: told.stage, at, note });
            }
        }
        orders
    }

    /// Takes news in, and says what is to be done.
    pub fn hear(&mut self, now: u64, news: News) -> Vec<Order> {
        let Some(matter) = news.matter() else { return Vec::new() };
        self.held.retain(|about, _| self.told.get(about).is_some_and(|told| told.at > now));
        match news {
            News::Ask(_) | News::Ring(_) | News::Deed => Vec::new(),
            News::Test | News::Digest(_) => vec![send(matter, now, Note::One(news))],
            News::Mended { .. } => self.mended(now, matter, news),
            _ if self.is_known(now, &matter) => Vec::new(),
            _ => self.tell(now, matter, news),
        }
    }

    /// Whether all of it was told, or is about to be.
    fn is_known(&self, now: u64, matter: &Matter) -> bool {
        let Some(told) = self.told.get(&matter.about) else { return matter.stage == ENDED };
        let is_problem = matter.about.starts_with("problem/");
        match (matter.stage, told.stage) {
            (BEGAN, ENDED) if is_problem => false,
            (BEGAN, BEGAN) if is_problem => now.saturating_sub(told.at) < TOLD_AGAIN_MS,
            (new, old) => new <= old,
        }
    }

    fn mended(&mut self, now: u64, matter: Matter, news: News) -> Vec<Order> {
        match self.told.get(&matter.about) {
            Some(told) if told.stage == ENDED => Vec::new(),
            Some(told) if told.at > now => {
                let before = self.held.remove(&matter.about).and_then(|held| held.before);
                self.forget(&matter.about, before);
                vec![Order::Withdraw { about: matter.about }]
            }
            Some(_) => self.tell(now, matter, news),
            None => Vec::new(),
        }
    }

    fn tell(&mut self, now: u64, matter: Matter, news: News) -> Vec<Order> {
        if matter.kind == Kind::Loss && matter.stage == BEGAN {
            let before = self.told.get(&matter.about).copied();
            let quiet = if matter.about.starts_with(NEVER_QUIET) { 0 } else { self.quiet_until };
            let at = leaves_at(now, before, quiet);
            self.remember(matter.about.clone(), matter.stage, at);
            self.held.insert(matter.about.clone(), Held { before, news: news.clone() });
            return vec![send(matter, at, Note::One(news))];
        }
        self.remember(matter.about.clone(), matter.stage, now);
        let hour = self.hours.entry(matter.kind).or_default();
        hour.retain(|at| now.saturating_sub(*at) < HOUR_MS);
        if hour.len() < MOST_AN_HOUR {
            hour.push_back(now);
            return vec![send(matter, now, Note::One(news))];
        }
        self.gather(now, matter.kind, news)
    }

    /// One mail more than anybody reads: it waits, and is written anew with whatever comes to it.
    fn gather(&mut self, now: u64, kind: Kind, news: News) -> Vec<Order> {
        let about = format!("many/{}", kind.word());
        let mut orders = Vec::new();
        let gathered = match self.gathered.remove(&kind).filter(|gathered| gathered.at > now) {
            Some(mut gathered) => {
                orders.push(Order::Withdraw { about: about.clone() });
                if gathered.news.len() < MOST_GATHERED {
                    gathered.news.push(news);
                }
                gathered
            }
            None => Gathered { at: now + GATHERED_FOR_MS, news: vec![news] },
        };
        let note = Note::Many(kind, gathered.news.clone());
        orders.push(Order::Send { about, stage: BEGAN, at: gathered.at, note });
        self.gathered.insert(kind, gathered);
        orders
    }

    /// A mail does not leave: what was told is what was told before it.
    fn forget(&mut self, about: &str, before: Option<Told>) {
        self.told.remove(about);
        if let Some(Told { stage, at }) = before {
            self.remember(about.to_owned(), stage, at);
        }
    }

    fn remember(&mut self, about: String, stage: u32, at: u64) {
        self.told.insert(about, Told { stage, at });
        if self.told.len() > MOST_REMEMBERED {
            let oldest = self.told.iter().min_by_key(|(_, told)| told.at).map(|(about, _)| about.clone());
            oldest.and_then(|about| self.told.remove(&about));
        }
    }
}

/// When the mail of a loss leaves.
fn leaves_at(now: u64, before: Option<Told>, quiet_until: u64) -> u64 {
    let rests = before.filter(|told| told.stage == ENDED).map_or(0, |told| told.at + RESTS_MS);
    (now + LOSS_LASTS_MS).max(rests).max(quiet_until)
}

fn send(Matter { about, stage, .. }: Matter, at: u64, note: Note) -> Order {
    Order::Send { about, stage, at, note }
}

#[cfg(test)]
mod tests {
    use centrale_ledger::incident::{Count, Duty, Names, Reminder, Story};

    use super::*;

    const START: u64 = 1_795_860_000_000;

    fn problem(code: &str) -> News {
        News::Problem { code: code.into(), subject: "voip".into() }
    }

    fn mended(code: &str) -> News {
        News::Mended { code: code.into(), subject: "voip".into() }
    }

    fn story(id: u32, reached: &str, over: bool) -> News {
        News::Story(Box::new(Story {
            id: format!("1-{id}"),
            about: "account".into(),
            subject: "201".into(),
            first: START,
            last: START,
            attempts: 3,
            tried: vec![Count { what: "device-unknown".into(), count: 3 }],
            done: Vec::new(),
            blocked_until: None,
            reached: reached.into(),
            got_in: None,
            sources: Names::default(),
            accounts: Names::default(),
            targets: Names::default(),
            devices: Names::default(),
            samples: Vec::new(),
            over,
        }))
    }

    /// What is to leave, about what and after how many minutes.
    fn sent(orders: &[Order]) -> Vec<(&str, u32, u64)> {
        let one = |order| match order {
            &Order::Send { ref about, stage, at, .. } => Some((about.as_str(), stage, (at - START) / MINUTE_MS)),
            Order::Withdraw { .. } => None,
        };
        orders.iter().filter_map(one).collect()
    }

    fn hear(teller: &mut Teller, minute: u64, news: News) -> Vec<Order> {
        teller.hear(START + minute * MINUTE_MS, news)
    }

    #[test]
    fn a_049_while_somebody_works_on_the_telephones_a_loss_waits_and_break_ins_and_help_do_not() {
        let mut teller = Teller::default();
        teller.keep_quiet(START, START + 120 * MINUTE_MS);
        let lost = hear(&mut teller, 0, problem("trunk-unreachable"));
        assert_eq!(sent(&lost), [("problem/trunk-unreachable/voip", 1, 120)], "if it lasts until then");
        let back = [Order::Withdraw { about: "problem/trunk-unreachable/voip".into() }];
        assert_eq!(hear(&mut teller, 90, mended("trunk-unreachable")), back);
        assert_eq!(sent(&hear(&mut teller, 91, story(1, "apart", false))), [("incident/1-1", 2, 91)]);
        let help = News::Help { call: "c".into(), from: "201".into(), name: String::new() };
        assert_eq!(sent(&hear(&mut teller, 92, help)), [("help/c", 1, 92)]);
        let no_way = hear(&mut teller, 93, problem("no-way-to-help"));
        assert_eq!(sent(&no_way), [("problem/no-way-to-help/voip", 1, 98)]);
        assert_eq!(sent(&hear(&mut teller, 121, problem("trunk-refused"))), [("problem/trunk-refused/voip", 1, 126)]);
    }

    #[test]
    fn a_049_a_loss_that_waits_moves_with_the_end_of_the_work_on_the_telephones() {
        let mut teller = Teller::default();
        let keep_quiet =
            |teller: &mut Teller, now, until| teller.keep_quiet(START + now * MINUTE_MS, START + until * MINUTE_MS);
        assert_eq!(keep_quiet(&mut teller, 0, 120), []);
        hear(&mut teller, 0, problem("trunk-unreachable"));
        hear(&mut teller, 0, problem("no-way-to-help"));
        assert_eq!(keep_quiet(&mut teller, 1, 120), []);
        let about = "problem/trunk-unreachable/voip";
        let longer = keep_quiet(&mut teller, 2, 240);
        assert_eq!(longer[0], Order::Withdraw { about: about.into() });
        assert_eq!(sent(&longer), [(about, 1, 240)]);
        assert_eq!(sent(&keep_quiet(&mut teller, 30, 30)), [(about, 1, 35)], "it is over");
        assert_eq!(keep_quiet(&mut teller, 36, 200), [], "it has left");
        assert_eq!(sent(&hear(&mut teller, 40, mended("trunk-unreachable"))), [(about, 9, 40)]);
    }

    /// The strongest that the box has: at once, whoever works on the telephones, and by telephone.
    #[test]
    fn a_116_a_break_in_is_told_at_once_by_mail_and_by_telephone_whatever_else_waits() {
        for reached in ["apart", "page", "at-provider"] {
            let mut teller = Teller::default();
            teller.keep_quiet(START, START + 120 * MINUTE_MS);
            let orders = hear(&mut teller, 1, story(1, reached, false));
            let [Order::Send { at, note, .. }] = orders.as_slice() else { panic!("{reached}: {orders:?}") };
            assert_eq!(*at, START + MINUTE_MS);
            assert!(crate::Spoken::of(note).is_some(), "{reached}");
        }
    }

    #[test]
    fn b_38_two_hundred_calls_for_help_within_minutes_are_a_few_mails_of_which_the_last_says_how_many() {
        let (mut teller, mut leaving) = (Teller::default(), 0);
        for call in 0..200_u64 {
            let help = News::Help { call: call.to_string(), from: "201".into(), name: String::new() };
            for order in hear(&mut teller, call / 60, help) {
                match order {
                    Order::Send { .. } => leaving += 1,
                    Order::Withdraw { .. } => leaving -= 1,
                }
            }
        }
        assert!((1..=MOST_AN_HOUR + 1).contains(&leaving), "{leaving}");
    }

    #[test]
    fn one_story_is_one_mail_at_once_one_for_its_turn_and_one_when_it_is_over() {
        let mut teller = Teller::default();
        assert_eq!(sent(&hear(&mut teller, 0, story(1, "apart", false))), [("incident/1-1", 2, 0)]);
        for minute in 1..60 {
            assert_eq!(hear(&mut teller, minute, story(1, "apart", false)), []);
        }
        assert_eq!(sent(&hear(&mut teller, 60, story(1, "at-provider", false))), [("incident/1-1", 4, 60)]);
        assert_eq!(sent(&hear(&mut teller, 90, story(1, "at-provider", true))), [("incident/1-1", 9, 90)]);
        assert_eq!(hear(&mut teller, 91, story(1, "at-provider", true)), []);
    }

    #[test]
    fn each_turn_for_the_worse_is_told_the_page_after_a_telephone_and_both_after_money() {
        let mut teller = Teller::default();
        let mut spent = story(1, "nothing", false);
        if let News::Story(story) = &mut spent {
            story.tried = vec![Count { what: "spent-day".into(), count: 1 }];
        }
        assert_eq!(sent(&hear(&mut teller, 0, spent)), [("incident/1-1", 1, 0)]);
        for (minute, reached) in [(1, "apart"), (2, "page"), (3, "at-provider")] {
            assert_eq!(sent(&hear(&mut teller, minute, story(1, reached, false))).len(), 1, "{reached}");
        }
        assert_eq!(hear(&mut teller, 4, story(1, "page", false)), []);
    }

    #[test]
    fn who_calls_as_thieves_do_is_told_at_once_though_nothing_was_reached_or_spent() {
        for what in ["abroad-at-once", "numbers-in-a-row", "flash-calls", "machine-dialling", "transit"] {
            let mut teller = Teller::default();
            let mut like_thieves = story(1, "nothing", false);
            if let News::Story(story) = &mut like_thieves {
                story.tried = vec![Count { what: what.into(), count: 1 }];
            }
            assert_eq!(sent(&hear(&mut teller, 0, like_thieves)), [("incident/1-1", 1, 0)], "{what}");
        }
    }

    #[test]
    fn attempts_that_come_to_nothing_are_no_mail_and_neither_is_their_end() {
        let mut teller = Teller::default();
        assert_eq!(hear(&mut teller, 0, story(1, "nothing", false)), []);
        assert_eq!(hear(&mut teller, 1, story(1, "nothing", true)), []);
        assert_eq!(hear(&mut teller, 2, problem("attempts-stopped")), []);
    }

    #[test]
    fn a_loss_is_told_after_five_minutes_and_never_when_it_mends_itself_before() {
        let mut teller = Teller::default();
        assert_eq!(
            sent(&hear(&mut teller, 0, problem("trunk-unreachable"))),
            [("problem/trunk-unreachable/voip", 1, 5)]
        );
        let about = "problem/trunk-unreachable/voip".to_owned();
        assert_eq!(hear(&mut teller, 4, mended("trunk-unreachable")), [Order::Withdraw { about }]);
        assert_eq!(hear(&mut teller, 4, mended("trunk-unreachable")), []);
        assert_eq!(
            sent(&hear(&mut teller, 10, problem("trunk-unreachable"))),
            [("problem/trunk-unreachable/voip", 1, 15)]
        );
        assert_eq!(hear(&mut teller, 20, problem("trunk-unreachable")), [], "it was told");
        assert_eq!(
            sent(&hear(&mut teller, 40, mended("trunk-unreachable"))),
            [("problem/trunk-unreachable/voip", 9, 40)]
        );
    }

    #[test]
    fn a_provider_that_comes_and_goes_all_day_is_told_once_an_hour_at_most() {
        let (mut teller, mut left) = (Teller::default(), Vec::new());
        for minute in (0..24 * 60).step_by(10) {
            let news = if minute % 20 == 0 { problem("trunk-unreachable") } else { mended("trunk-unreachable") };
            for order in hear(&mut teller, minute, news) {
                match order {
                    Order::Send { at, stage, .. } => left.push(((at - START) / MINUTE_MS, stage)),
                    Order::Withdraw { .. } => left.retain(|(at, _)| *at <= minute),
                }
            }
        }
        assert!((24..=2 * 24).contains(&left.len()), "{left:?}");
        let stops: Vec<u64> = left.iter().filter(|(_, stage)| *stage == BEGAN).map(|(at, _)| *at).collect();
        assert!(stops.windows(2).all(|two| two[1] - two[0] >= 60), "{stops:?}");
    }

    #[test]
    fn of_more_in_an_hour_than_anybody_reads_there_is_one_summary_and_another_kind_is_told_at_once() {
        let mut teller = Teller::default();
        let mut now = 0;
        for id in 0..6 {
            now = u64::from(id);
            assert_eq!(sent(&hear(&mut teller, now, story(id, "apart", false))).len(), 1);
        }
        assert_eq!(sent(&hear(&mut teller, now, story(7, "apart", false))), [("many/fraud", 1, 35)]);
        let more = hear(&mut teller, now + 1, story(8, "apart", false));
        assert_eq!(more[0], Order::Withdraw { about: "many/fraud".into() });
        let Order::Send { note: Note::Many(Kind::Fraud, news), at, .. } = &more[1] else { panic!("{more:?}") };
        assert_eq!((news.len(), (at - START) / MINUTE_MS), (2, 35));
        assert_eq!(sent(&hear(&mut teller, now + 2, problem("help-not-proven"))).len(), 1);
        assert_eq!(sent(&hear(&mut teller, 70, story(9, "apart", false))), [("incident/1-9", 2, 70)], "an hour later");
    }

    #[test]
    fn a_flood_of_stories_is_bounded_in_mails_and_in_memory() {
        let mut teller = Teller::default();
        let mut sent_at = std::collections::BTreeSet::new();
        for id in 0..5_000 {
            for order in hear(&mut teller, u64::from(id / 100), story(id, "apart", false)) {
                if let Order::Send { about, at, .. } = order {
                    sent_at.insert((about, at));
                }
            }
        }
        assert!(sent_at.len() <= 6 + 2, "{}", sent_at.len());
        assert!(teller.told.len() <= MOST_REMEMBERED && teller.gathered[&Kind::Fraud].news.len() <= MOST_GATHERED);
    }

    #[test]
    fn what_was_told_before_a_restart_is_not_told_again() {
        let mut teller = Teller::default();
        teller.restore("incident/1-1", 2, START);
        teller.restore("problem/help-not-proven/voip", 1, START);
        assert_eq!(hear(&mut teller, 1, story(1, "apart", false)), []);
        assert_eq!(hear(&mut teller, 1, problem("help-not-proven")), []);
        assert_eq!(sent(&hear(&mut teller, 2, story(1, "at-provider", false))).len(), 1);
        assert_eq!(sent(&hear(&mut teller, 400, problem("help-not-proven"))).len(), 1, "it lasts for hours");
    }

    #[test]
    fn a_098_a_phone_that_was_moved_is_told_once_it_stayed_there_and_while_somebody_works_on_the_phones_it_waits() {
        let mut teller = Teller::default();
        assert_eq!(sent(&hear(&mut teller, 0, problem("lan-phone-moved"))), [("problem/lan-phone-moved/voip", 1, 5)]);
        let back = [Order::Withdraw { about: "problem/lan-phone-moved/voip".into() }];
        assert_eq!(hear(&mut teller, 2, mended("lan-phone-moved")), back, "it was tried in another room");
        teller.keep_quiet(START, START + 120 * MINUTE_MS);
        assert_eq!(sent(&hear(&mut teller, 3, problem("lan-phone-moved"))), [("problem/lan-phone-moved/voip", 1, 120)]);
    }

    #[test]
    fn a_124_each_reminder_of_what_is_due_is_one_mail() {
        let mut teller = Teller::default();
        let due = |step| News::Due { story: "1-1".into(), reminder: Reminder { duty: Duty::Provider, step, until: 0 } };
        assert_eq!(sent(&hear(&mut teller, 60, due(1))), [("due/1-1/provider", 1, 60)]);
        assert_eq!(hear(&mut teller, 61, due(1)), []);
        assert_eq!(sent(&hear(&mut teller, 480, due(2))), [("due/1-1/provider", 2, 480)]);
    }
}
