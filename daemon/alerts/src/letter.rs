//! The text of a mail.

use centrale_ledger::Zone;
use centrale_ledger::incident::{Language, Names, SUSPECTED, Story, said};

use crate::digest::{Digest, Period};
use crate::news::{Code, Kind, News, Note, Touched, is_spent};
use crate::words::{Told, Words};

/// A mail as it is read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Letter {
    /// One line.
    pub subject: String,
    /// Plain text; lines end in `\n`.
    pub text: String,
}

/// Whose mail it is.
#[derive(Debug, Clone)]
pub struct Office {
    /// What the office is called.
    pub name: String,
    /// Its time zone.
    pub zone: Zone,
}

/// The longest text of somebody else that a mail repeats, in characters.
const LONGEST_NAME: usize = 40;

/// Writes a mail, at `now` (milliseconds since 1970 UTC).
pub fn letter(note: &Note, language: Language, office: &Office, now: u64) -> Letter {
    let words = Words::of(language);
    let told = match note {
        Note::One(news) => one(news, words, language, office),
        Note::Many(kind, news) => many(*kind, news, words, language, office),
        Note::Confirm { code, again } => words.confirm(&code.in_fives(), *again),
        Note::Farewell => words.farewell(),
        Note::Changed { what, who, back } => changed(what, who, back.as_ref(), words, office),
    };
    let mut paragraphs = vec![told.title.clone()];
    paragraphs.extend(told.text.into_iter().filter(|text| !text.is_empty()));
    paragraphs.push(format!("-- \n{}", (words.signature)(&one_line(&office.name), &moment(office, now))));
    Letter {
        subject: format!("[{}] {}", one_line(&office.name), told.title.trim_end_matches('.')),
        text: paragraphs.join("\n\n") + "\n",
    }
}

fn one(news: &News, words: &Words, language: Language, office: &Office) -> Told {
    match news {
        News::Test | News::Ask(_) | News::Ring(_) | News::Deed => words.test(),
        News::Digest(digest) => of_digest(digest, words, office),
        News::Story(story) => of_story(story, words, language, office),
        News::Due { reminder, .. } => {
            let until = moment(office, reminder.until);
            Told::new((words.due)(said(reminder.duty.code(), language), &until), &[words.due_what])
        }
        News::Help { from, name, .. } => {
            let who = if name.is_empty() { plain(from) } else { format!("{} ({})", plain_name(name), plain(from)) };
            Told::new((words.help)(&who), &[words.help_what])
        }
        News::Access { what, user, source, at } => {
            let from = (words.access_from)(&addresses(source), &moment(office, *at));
            Told::new((words.access)(*what, &plain_name(user)), &[&from, words.access_what])
        }
        News::Problem { code, subject } => words.problem(code, &plain_name(subject)),
        News::Mended { code, subject } => {
            Told::new((words.mended)(&words.problem(code, &plain_name(subject)).title), &[])
        }
    }
}

fn changed(what: &[Touched], who: &str, back: Option<&(Code, u64)>, words: &Words, office: &Office) -> Told {
    let line = |one: &Touched| match one {
        Touched::Alerts => words.touched_alerts.to_owned(),
        Touched::Administration => words.touched_administration.to_owned(),
        Touched::Trunk(name) => words.touched_trunk.replace("{}", &plain_name(name)),
        Touched::Permit(number) => words.touched_permit.replace("{}", &plain(number)),
        Touched::Forward(number) => words.touched_forward.replace("{}", &plain(number)),
        Touched::Rights(name) => words.touched_rights.replace("{}", &plain_name(name)),
        Touched::User(name) => words.touched_user.replace("{}", &plain_name(name)),
        Touched::Code(name) => words.touched_code.replace("{}", &plain_name(name)),
        Touched::Cap => words.touched_cap.to_owned(),
        Touched::Retention => words.touched_retention.to_owned(),
        Touched::Opening => words.touched_opening.to_owned(),
        Touched::SupportNumbers => words.touched_support.to_owned(),
        Touched::Scanners => words.touched_scanners.to_owned(),
        Touched::Place => words.touched_place.to_owned(),
        Touched::Pin => words.touched_pin.to_owned(),
        Touched::Prices(name) => words.touched_prices.replace("{}", &plain_name(name)),
    };
    let lines: Vec<String> = what.iter().map(|one| format!("- {}", line(one))).collect();
    let (title, way) = match back {
        Some((code, until)) => (words.changed_title, (words.changed_back)(&code.in_fives(), &moment(office, *until))),
        None => (words.taken_back_title, String::new()),
    };
    let by = (words.changed_by)(&plain_name(who));
    Told::new(title.to_owned(), &[&lines.join("\n"), &by, &way])
}

fn of_story(story: &Story, words: &Words, language: Language, office: &Office) -> Told {
    let (title, advice) = match story.reached.as_str() {
        "at-provider" => (words.story_inside, words.advice_provider),
        "page" => (words.story_page, words.advice_page),
        SUSPECTED => (words.story_suspected, words.advice_suspected),
        _ if story.got_in() => (words.story_inside, words.advice),
        _ if !is_spent(story) => (words.story_thieves, words.advice),
        _ => (words.story_money, words.advice),
    };
    let mut facts = vec![
        said(&story.reached, language).to_owned(),
        (words.span)(&moment(office, story.first), &moment(office, story.last), story.attempts),
    ];
    facts.extend(story.tried.iter().map(|count| format!("{} × {}", count.count, said(&count.what, language))));
    facts.extend(listed(words.sources, &story.sources, addresses));
    facts.extend(listed(words.accounts, &story.accounts, plain));
    facts.extend(listed(words.targets, &story.targets, plain));
    let facts = facts.iter().map(|fact| format!("- {fact}")).collect::<Vec<_>>().join("\n");
    let (title, advice, at_stake) =
        if story.over { (words.story_over, "", "") } else { (title, advice, words.at_stake) };
    Told::new(title.to_owned(), &[&facts, advice, at_stake])
}

fn of_digest(digest: &Digest, words: &Words, office: &Office) -> Told {
    let span = (words.period)(&moment(office, digest.from), &moment(office, digest.until));
    let title = match digest.period {
        Period::Day => (words.blocked)(digest.attempts, digest.got_in),
        Period::Week => (words.week)(&(words.euro)(digest.calls.cents())),
    };
    let mut facts = vec![
        (words.paid_calls)(digest.calls.calls, &(words.euro)(digest.calls.cents())),
        (words.of_night)(digest.night.calls, &(words.euro)(digest.night.cents())),
    ];
    if digest.period == Period::Week {
        facts = vec![facts.remove(0), (words.blocked)(digest.attempts, digest.got_in)];
    }
    let dearest = digest.dearest.iter().map(|(number, cents)| format!("{}: {}", plain(number), (words.euro)(*cents)));
    facts.extend(dearest);
    let facts = facts.iter().map(|fact| format!("- {fact}")).collect::<Vec<_>>().join("\n");
    Told::new(title, &[&span, &facts, if digest.period == Period::Week { words.week_what } else { "" }])
}

fn many(kind: Kind, news: &[News], words: &Words, language: Language, office: &Office) -> Told {
    let lines: Vec<String> =
        news.iter().map(|news| format!("- {}", one(news, words, language, office).title)).collect();
    let title = (words.many)(news.len(), kind == Kind::Fraud);
    Told::new(title, &[&lines.join("\n"), words.many_what])
}

fn listed(name: &str, names: &Names, write: fn(&str) -> String) -> Option<String> {
    let some: Vec<String> = names.some.iter().map(|one| write(one)).filter(|text| !text.is_empty()).collect();
    let more = if names.more { ", …" } else { "" };
    (!some.is_empty()).then(|| format!("{name} {}{more}", some.join(", ")))
}

/// A moment where the office is, to the minute: `2026-10-25 02:30`.
fn moment(office: &Office, unix_ms: u64) -> String {
    office.zone.written(unix_ms).chars().take(16).collect::<String>().replace('T', " ")
}

/// What a stranger chose, so that no mail program makes a link of it, and nobody reads an order in it: letters and digits of
/// ASCII, and the signs of telephone numbers.
fn plain(text: &str) -> String {
    let keep = |letter: char| letter.is_ascii_alphanumeric() || "+*#-".contains(letter);
    text.chars().take(LONGEST_NAME).map(|letter| if keep(letter) { letter } else { '·' }).collect()
}

/// An address that the box read itself; whatever is none is written as [`plain`].
fn addresses(text: &str) -> String {
    if text.parse::<std::net::IpAddr>().is_ok() { text.to_owned() } else { plain(text) }
}

/// What the office calls something: any letters, and no sign that a link or a header needs.
fn plain_name(text: &str) -> String {
    let keep = |letter: char| letter.is_alphanumeric() || " +*#-_'’".contains(letter);
    text.chars().take(LONGEST_NAME).map(|letter| if keep(letter) { letter } else { '·' }).collect()
}

/// The office's own name, on one line whatever is in it.
fn one_line(text: &str) -> String {
    text.chars().map(|letter| if letter.is_control() { ' ' } else { letter }).collect()
}

#[cfg(test)]
mod tests {
    use centrale_ledger::incident::{Count, Duty, Reminder};

    use super::*;
    use crate::news::Access;

    /// 25 October 2026, 00:30 UTC.
    const NOW: u64 = 1_792_888_200_000;

    fn office() -> Office {
        Office { name: "Bakkerij Élan".into(), zone: Zone::named("Europe/Amsterdam").unwrap() }
    }

    fn story(reached: &str) -> Story {
        let names = |some: &[&str]| Names { some: some.iter().map(|name| (*name).into()).collect(), more: false };
        Story {
            id: "1-1".into(),
            about: "account".into(),
            subject: "201".into(),
            first: NOW,
            last: NOW + 60_000,
            attempts: 3,
            tried: vec![Count { what: "device-unknown".into(), count: 3 }],
            done: Vec::new(),
            blocked_until: None,
            reached: reached.into(),
            got_in: None,
            sources: names(&["203.0.113.66"]),
            accounts: names(&["201\r\nBcc: thief@evil.example"]),
            targets: names(&["http://evil.example/login"]),
            devices: names(&["call +31 6 1234 to log in"]),
            samples: Vec::new(),
            over: false,
        }
    }

    fn digest(period: Period) -> Digest {
        let mut digest = Digest::new(period, NOW - 7 * 86_400_000, NOW + 120_000);
        digest.add_story(&[(NOW, Story { attempts: 214, ..story("nothing") })]);
        digest.add_call("+4685078", NOW - 3_600_000, 12_345);
        digest.add_call("+31612345678", NOW - 2 * 86_400_000, 20_000);
        digest
    }

    #[test]
    fn a_113_the_morning_says_what_was_blocked_and_what_the_night_cost() {
        let mail = |language| letter(&Note::One(News::Digest(digest(Period::Day))), language, &office(), NOW);
        let english = mail(Language::English);
        assert_eq!(english.subject, "[Bakkerij Élan] Blocked: 214 attempts, none got in");
        assert!(english.text.contains("- Of these in the night since 18:00: 1, €1.24"), "{}", english.text);
        assert!(english.text.contains("- +4685078: €1.24"), "{}", english.text);
        let dutch = mail(Language::Dutch);
        assert_eq!(dutch.subject, "[Bakkerij Élan] Tegengehouden: 214 pogingen, geen kwam binnen");
        assert!(dutch.text.contains("€ 3,24"), "{}", dutch.text);
        assert!(mail(Language::French).text.contains("3,24 €"));
    }

    #[test]
    fn a_097_the_report_of_a_week_names_what_it_cost_the_dearest_calls_and_the_time_to_complain() {
        let mail = letter(&Note::One(News::Digest(digest(Period::Week))), Language::English, &office(), NOW);
        assert_eq!(mail.subject, "[Bakkerij Élan] Your calls of this week: €3.24");
        let dearest = mail.text.find("+31612345678: €2.00").unwrap();
        assert!(dearest < mail.text.find("+4685078: €1.24").unwrap() && mail.text.contains("8 days"), "{}", mail.text);
    }

    fn access(what: Access, source: &str) -> News {
        News::Access { what, user: "Els http://evil.example".into(), source: source.into(), at: NOW }
    }

    #[test]
    fn a_134_who_came_in_otherwise_is_told_with_the_place_and_what_to_do() {
        for language in Language::ALL {
            for what in Access::ALL {
                let mail = letter(&Note::One(access(what, "192.0.2.7")), language, &office(), NOW);
                assert!(
                    mail.subject.contains("Els") && mail.text.contains("192.0.2.7, 2026-10-25 02:30"),
                    "{}",
                    mail.text
                );
                assert!(!mail.text.contains("http:"), "{}", mail.text);
            }
            let odd = letter(&Note::One(access(Access::NewBrowser, "evil.example")), language, &office(), NOW);
            assert!(!odd.text.contains("evil.example"), "{}", odd.text);
        }
    }

    fn every_news() -> Vec<News> {
        let problem = |code: &str| News::Problem { code: code.into(), subject: "voip".into() };
        let mut all = vec![
            News::Test,
            News::Story(Box::new(story("apart"))),
            News::Story(Box::new(story("at-provider"))),
            News::Story(Box::new(story("page"))),
            News::Story(Box::new(story("nothing"))),
            News::Story(Box::new(Story {
                tried: vec![Count { what: "spent-day".into(), count: 1 }],
                ..story("nothing")
            })),
            News::Story(Box::new(Story { over: true, ..story("apart") })),
            News::Help { call: "c".into(), from: "201".into(), name: "Anna".into() },
            News::Mended { code: "trunk-refused".into(), subject: "voip".into() },
            access(Access::NewBrowser, "192.0.2.7"),
            access(Access::Elsewhere, "192.0.2.7"),
            access(Access::PasskeyMade, "192.0.2.7"),
            access(Access::PasskeyGone, "192.0.2.7"),
            access(Access::FactorMade, "192.0.2.7"),
            access(Access::FactorGone, "192.0.2.7"),
            access(Access::WatcherMade, "192.0.2.7"),
            access(Access::WatcherGone, "192.0.2.7"),
            News::Digest(digest(Period::Day)),
            News::Digest(digest(Period::Week)),
        ];
        all.extend(crate::news::told_at_once().map(problem));
        let due = |duty| News::Due { story: "1-1".into(), reminder: Reminder { duty, step: 1, until: NOW } };
        all.extend(Duty::ALL.map(due));
        all
    }

    #[test]
    fn every_news_has_words_of_its_own_in_every_language() {
        for language in Language::ALL {
            let mut subjects = Vec::new();
            for news in every_news() {
                let mail = letter(&Note::One(news.clone()), language, &office(), NOW);
                assert!(mail.subject.starts_with("[Bakkerij Élan] ") && mail.subject.len() < 160, "{}", mail.subject);
                assert!(mail.text.contains("2026-10-25 02:30"), "{}", mail.text);
                subjects.push(mail.subject);
            }
            subjects.sort();
            subjects.dedup();
            assert!(subjects.len() >= every_news().len() - 1, "{subjects:#?}");
        }
    }

    #[test]
    fn whoever_got_into_the_page_is_not_taken_for_somebody_with_a_telephone_s_password() {
        for (language, title, advice) in [
            (Language::English, "got into the page", "end all its sessions"),
            (Language::Dutch, "op de pagina", "beëindig al zijn sessies"),
            (Language::French, "sur la page", "fermez toutes ses sessions"),
        ] {
            let mail = letter(&Note::One(News::Story(Box::new(story("page")))), language, &office(), NOW);
            assert!(mail.subject.contains(title) && mail.text.contains(advice), "{}", mail.text);
        }
    }

    #[test]
    fn a_116_whoever_is_told_of_a_break_in_reads_that_the_contract_and_the_numbers_are_at_stake() {
        for (language, contract, numbers) in [
            (Language::English, "end the contract", "lose your telephone numbers"),
            (Language::Dutch, "het contract beëindigen", "telefoonnummers kwijtraken"),
            (Language::French, "mettre fin au contrat", "perdre vos numéros"),
        ] {
            let told = |story| letter(&Note::One(News::Story(Box::new(story))), language, &office(), NOW).text;
            for reached in ["apart", "page", "at-provider"] {
                let text = told(story(reached));
                assert!(text.contains(contract) && text.contains(numbers), "{reached}: {text}");
            }
            assert!(!told(Story { over: true, ..story("apart") }).contains(contract), "it is over");
        }
    }

    #[test]
    fn one_is_said_as_one_is_said() {
        let mut digest = Digest::new(Period::Day, NOW - 86_400_000, NOW + 120_000);
        digest.add_story(&[(NOW, Story { attempts: 1, ..story("apart") })]);
        let subject = |language| letter(&Note::One(News::Digest(digest.clone())), language, &office(), NOW).subject;
        assert!(subject(Language::English).ends_with("1 attempt to break in; somebody got in once"));
        assert!(subject(Language::Dutch).ends_with("1 poging om in te breken; één keer kwam iemand binnen"));
        assert!(subject(Language::French).ends_with("1 tentative d’intrusion ; quelqu’un est entré une fois"));
    }

    #[test]
    fn nothing_that_a_stranger_says_becomes_a_header_a_link_or_an_order() {
        let mail = letter(&Note::One(News::Story(Box::new(story("apart")))), Language::English, &office(), NOW);
        assert!(!mail.subject.contains(['\r', '\n']));
        assert!(
            mail.text.contains("203.0.113.66") && mail.text.contains("201··Bcc··thief·evil·example"),
            "{}",
            mail.text
        );
        for bad in ["\r", "\nBcc", "http:", "evil.example", "@", "log in with"] {
            assert!(!mail.text.contains(bad), "{bad}: {}", mail.text);
        }
        assert!(!mail.text.contains("call +31"), "what a device calls itself is not repeated");
        let name = "voip\r\nSubject: you won".to_owned();
        let news = News::Problem { code: "trunk-refused".into(), subject: name };
        let mail = letter(&Note::One(news), Language::Dutch, &office(), NOW);
        assert!(!mail.subject.contains('\n') && mail.subject.contains("voip··Subject· you won"), "{}", mail.subject);
        let odd = Office { name: "A\r\nBcc: x@y.z".into(), ..office() };
        assert!(!letter(&Note::One(News::Test), Language::French, &odd, NOW).subject.contains(['\r', '\n']));
    }

    #[test]
    fn who_is_asked_reads_a_code_and_who_is_told_nothing_more_what_to_do_if_that_is_wrong() {
        let mut subjects = Vec::new();
        for language in Language::ALL {
            for again in [false, true] {
                let note = Note::Confirm { code: Code::new("ABCDEFGHJK"), again };
                let mail = letter(&note, language, &office(), NOW);
                assert!(mail.text.contains("ABCDE-FGHJK") && !mail.subject.contains("ABCDE"), "{}", mail.text);
                assert!(!format!("{note:?}").contains("ABC"));
                subjects.push(mail.subject);
            }
            subjects.push(letter(&Note::Farewell, language, &office(), NOW).subject);
            for back in [None, Some((Code::new("ABCDEFGHJKACDEFGHJKL"), NOW))] {
                let trunk = Touched::Trunk("voip http://evil.example".into());
                let what = vec![
                    Touched::Alerts,
                    trunk,
                    Touched::Permit("201".into()),
                    Touched::Forward("201".into()),
                    Touched::Rights("Sales".into()),
                    Touched::User("Piet".into()),
                    Touched::Code("Piet".into()),
                    Touched::Administration,
                    Touched::Cap,
                    Touched::Retention,
                    Touched::Opening,
                    Touched::SupportNumbers,
                    Touched::Scanners,
                    Touched::Place,
                    Touched::Pin,
                    Touched::Prices("voip".into()),
                ];
                let note = Note::Changed { what, who: "Piet".into(), back: back.clone() };
                let mail = letter(&note, language, &office(), NOW);
                assert_eq!(mail.text.contains("ABCDE-FGHJK-ACDEF-GHJKL"), back.is_some(), "{}", mail.text);
                let lines = mail.text.lines().filter(|line| line.starts_with("- ")).count();
                assert!(lines == 16 && mail.text.contains("Piet") && !mail.text.contains("http:"), "{}", mail.text);
                subjects.push(mail.subject);
            }
        }
        let all = subjects.len();
        subjects.sort();
        subjects.dedup();
        assert_eq!(subjects.len(), all);
    }

    #[test]
    fn a_summary_names_each_thing_on_a_line() {
        let news = vec![News::Story(Box::new(story("apart"))), News::Test];
        let mail = letter(&Note::Many(Kind::Fraud, news), Language::English, &office(), NOW);
        assert_eq!(mail.text.lines().filter(|line| line.starts_with("- ")).count(), 2, "{}", mail.text);
    }
}
