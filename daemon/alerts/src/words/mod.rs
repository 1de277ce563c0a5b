//! The words of mails: they leave the box, so the page cannot say them. The rules are those of the page: what is noticed, why,
//! and what to do; no jargon.

mod en;
mod fr;
mod nl;

use centrale_ledger::incident::Language;

use crate::news::Access;

/// A text that is written as it stands.
type Said = &'static str;

/// What a mail tells.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Told {
    /// What happened, in a sentence.
    pub(crate) title: String,
    /// What more there is to say, paragraph by paragraph.
    pub(crate) text: Vec<String>,
}

impl Told {
    pub(crate) fn new(title: String, text: &[&str]) -> Self {
        Self { title, text: text.iter().map(|text| (*text).to_owned()).collect() }
    }
}

/// A problem: its code, what is noticed, and what to do. `{}` stands for what it is about.
pub(crate) type ProblemWords = (Said, Said, Said);

/// The words of a language.
#[derive(Debug)]
pub(crate) struct Words {
    /// By which office's box and when.
    pub(crate) signature: fn(&str, &str) -> String,
    pub(crate) test_title: Said,
    pub(crate) test_text: Said,
    pub(crate) confirm_title: Said,
    pub(crate) confirm_text: Said,
    pub(crate) again_title: Said,
    pub(crate) again_text: Said,
    /// The code.
    pub(crate) confirm_code: fn(&str) -> String,
    pub(crate) farewell_title: Said,
    pub(crate) farewell_text: Said,
    pub(crate) changed_title: Said,
    pub(crate) taken_back_title: Said,
    pub(crate) touched_alerts: Said,
    pub(crate) touched_administration: Said,
    /// Of a provider, a person or a group, which `{}` stands for.
    pub(crate) touched_trunk: Said,
    pub(crate) touched_permit: Said,
    pub(crate) touched_forward: Said,
    pub(crate) touched_rights: Said,
    pub(crate) touched_user: Said,
    /// Of a user, which `{}` stands for.
    pub(crate) touched_code: Said,
    pub(crate) touched_cap: Said,
    pub(crate) touched_retention: Said,
    pub(crate) touched_opening: Said,
    pub(crate) touched_support: Said,
    pub(crate) touched_scanners: Said,
    pub(crate) touched_place: Said,
    pub(crate) touched_pin: Said,
    /// Of a provider, which `{}` stands for.
    pub(crate) touched_prices: Said,
    /// Who did it.
    pub(crate) changed_by: fn(&str) -> String,
    /// The code, and until when it works.
    pub(crate) changed_back: fn(&str, &str) -> String,
    pub(crate) story_inside: Said,
    pub(crate) story_money: Said,
    pub(crate) story_thieves: Said,
    pub(crate) story_page: Said,
    pub(crate) story_suspected: Said,
    pub(crate) advice_suspected: Said,
    pub(crate) story_over: Said,
    /// From, until, how many attempts.
    pub(crate) span: fn(&str, &str, u64) -> String,
    pub(crate) sources: Said,
    pub(crate) accounts: Said,
    pub(crate) targets: Said,
    pub(crate) advice: Said,
    /// What a break-in can cost beside money.
    pub(crate) at_stake: Said,
    pub(crate) advice_provider: Said,
    pub(crate) advice_page: Said,
    /// What is due, and until when.
    pub(crate) due: fn(&str, &str) -> String,
    pub(crate) due_what: Said,
    /// What happened to the way in to the page, and of which user.
    pub(crate) access: fn(Access, &str) -> String,
    /// From where, and when.
    pub(crate) access_from: fn(&str, &str) -> String,
    pub(crate) access_what: Said,
    /// Who called.
    pub(crate) help: fn(&str) -> String,
    pub(crate) help_what: Said,
    pub(crate) problems: &'static [ProblemWords],
    /// What was wrong.
    pub(crate) mended: fn(&str) -> String,
    /// From, until.
    pub(crate) period: fn(&str, &str) -> String,
    /// How many attempts, and in how many stories somebody got in.
    pub(crate) blocked: fn(u64, u64) -> String,
    /// An amount in cents.
    pub(crate) euro: fn(u64) -> String,
    /// How many calls, and what they cost.
    pub(crate) paid_calls: fn(u64, &str) -> String,
    /// How many of them in the night, and what they cost.
    pub(crate) of_night: fn(u64, &str) -> String,
    /// What the week cost.
    pub(crate) week: fn(&str) -> String,
    pub(crate) week_what: Said,
    /// How many, and whether somebody got in.
    pub(crate) many: fn(usize, bool) -> String,
    pub(crate) many_what: Said,
}

impl Words {
    pub(crate) const fn of(language: Language) -> &'static Self {
        match language {
            Language::Dutch => &nl::WORDS,
            Language::French => &fr::WORDS,
            Language::English => &en::WORDS,
        }
    }

    pub(crate) fn test(&self) -> Told {
        Told::new(self.test_title.to_owned(), &[self.test_text])
    }

    pub(crate) fn confirm(&self, code: &str, again: bool) -> Told {
        let (title, text) =
            if again { (self.again_title, self.again_text) } else { (self.confirm_title, self.confirm_text) };
        Told::new(title.to_owned(), &[text, &(self.confirm_code)(code)])
    }

    pub(crate) fn farewell(&self) -> Told {
        Told::new(self.farewell_title.to_owned(), &[self.farewell_text])
    }

    /// A problem that has words; its code where there are none.
    pub(crate) fn problem(&self, code: &str, subject: &str) -> Told {
        match self.problems.iter().find(|(known, ..)| *known == code) {
            Some((_, title, what)) => Told::new(title.replace("{}", subject), &[what]),
            None => Told::new(code.to_owned(), &[]),
        }
    }
}
