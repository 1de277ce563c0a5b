//! What a person may call beyond colleagues and help, and for how long a dear destination is open.

use std::str::FromStr;

pub use centrale_numbering::Date;
use centrale_numbering::NoDate;

/// Longest prefix of a destination that can be opened, in digits.
const LONGEST_PREFIX: usize = 15;

/// What a person may call. Help, free numbers and colleagues are always within it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Permit {
    /// How far.
    pub reach: Reach,
    /// Whether also numbers that cost extra (0900, 18xy, 070, 084).
    pub premium: bool,
    /// Destinations that are open although they are blocked, or out of reach, for everybody else.
    pub opened: Vec<Opened>,
}

impl Permit {
    /// What a new person may call, and one of whom the office file says nothing: the own country, nothing that costs extra.
    pub const NEW: Self = Self { reach: Reach::Country, premium: false, opened: Vec::new() };
}

impl Default for Permit {
    fn default() -> Self {
        Self::NEW
    }
}

/// What was decided for one person. What is `None` is as in the person's group, and without one as for somebody new.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct OwnPermit {
    /// The group of rights that the person is in, by its name.
    pub rights: Option<String>,
    /// How far.
    pub reach: Option<Reach>,
    /// Whether also numbers that cost extra.
    pub premium: Option<bool>,
    /// Destinations that are open for this person alone.
    pub opened: Vec<Opened>,
}

/// A group of rights: what everybody in it may call for whom nothing else was decided.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Rights {
    /// What the group is called; no other's.
    pub name: String,
    /// How far.
    pub reach: Reach,
    /// Whether also numbers that cost extra.
    pub premium: bool,
}

impl OwnPermit {
    /// What the person may call, in that group.
    pub(crate) fn within(&self, group: Option<&Rights>) -> Permit {
        let reach = self.reach.or(group.map(|group| group.reach));
        let premium = self.premium.or(group.map(|group| group.premium));
        Permit {
            reach: reach.unwrap_or(Permit::NEW.reach),
            premium: premium.unwrap_or(Permit::NEW.premium),
            opened: self.opened.clone(),
        }
    }
}

/// How far a person may call. Each level holds the ones before it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Reach {
    /// Colleagues, help and free numbers: a phone in the hall.
    Inside,
    /// Fixed numbers in the own country besides, while the office is open: a phone where visitors and cleaners come.
    Lobby,
    /// Fixed and mobile numbers in the own country.
    Country,
    /// The European Economic Area, Switzerland and the United Kingdom.
    Europe,
    /// Every country that thieves of calls do not love most.
    World,
}

impl Reach {
    /// Each, the narrowest first.
    pub const ALL: [Self; 5] = [Self::Inside, Self::Lobby, Self::Country, Self::Europe, Self::World];

    /// The word in files.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Inside => "inside",
            Self::Lobby => "lobby",
            Self::Country => "country",
            Self::Europe => "europe",
            Self::World => "world",
        }
    }
}

/// Why a text is no value of a permit.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PermitError {
    /// Not one of the levels.
    #[error("a person may call inside, lobby, country, europe or world")]
    UnknownReach,
    /// Neither an international prefix nor a national one.
    #[error("a destination is written as +53 or 0906")]
    NotAPrefix,
    /// Not a date there is.
    #[error("a date is written as 2026-12-31")]
    NotADate,
}

impl FromStr for Reach {
    type Err = PermitError;
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::ALL.into_iter().find(|reach| reach.word() == text).ok_or(PermitError::UnknownReach)
    }
}

/// A destination that is open for a person until the end of a day.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Opened {
    /// How its numbers begin: `+53`, or `0906` for what exists inside the country only.
    pub prefix: String,
    /// The last day, in the office's civil time.
    pub until: Date,
}

impl Opened {
    /// Reads both. A prefix has a plus or a zero in front of at least one digit, so that it cannot open everything.
    ///
    /// # Errors
    /// What cannot be read.
    pub fn read(prefix: &str, until: &str) -> Result<Self, PermitError> {
        let digits = prefix.strip_prefix('+').or_else(|| prefix.strip_prefix('0')).ok_or(PermitError::NotAPrefix)?;
        let is_prefix = (1..=LONGEST_PREFIX).contains(&digits.len())
            && digits.bytes().all(|byte| byte.is_ascii_digit())
            && !digits.starts_with('0');
        if !is_prefix {
            return Err(PermitError::NotAPrefix);
        }
        Ok(Self { prefix: prefix.to_owned(), until: until.parse().map_err(|NoDate| PermitError::NotADate)? })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Office, parse_office};

    const OFFICE: &str =
        "[office]\nname = \"Bakery\"\ncountry = \"NL\"\n\n[[person]]\nnumber = \"201\"\nname = \"Anna\"\n";

    fn with(lines: &str) -> Result<Office, Vec<(usize, String, &'static str)>> {
        let draft = parse_office(&format!("{OFFICE}{lines}"), &|_, _| None);
        let told = |refused: Vec<crate::Refusal>| {
            refused.into_iter().map(|one| (one.line, one.key, one.code)).collect::<Vec<_>>()
        };
        Ok(draft.map_err(told)?.settle(None, &mut || crate::Secret::new("generated-Secret-1")))
    }

    fn permit(office: &Office) -> Permit {
        office.permit_of(&office.people[0])
    }

    #[test]
    fn somebody_of_whom_nothing_is_said_calls_in_the_own_country_and_nothing_that_costs_extra() {
        let office = with("").unwrap();
        assert_eq!(permit(&office), Permit { reach: Reach::Country, premium: false, opened: Vec::new() });
    }

    #[test]
    fn a_person_may_be_allowed_more_and_a_destination_until_a_day() {
        let office =
            with("calls = \"world\"\npremium = true\nopened = [{ prefix = \"+53\", until = \"2026-12-31\" }]\n");
        let opened = vec![Opened { prefix: "+53".into(), until: "2026-12-31".parse().unwrap() }];
        assert_eq!(permit(&office.unwrap()), Permit { reach: Reach::World, premium: true, opened });
    }

    #[test]
    fn who_is_in_a_group_may_call_what_it_may_and_what_was_decided_for_the_person_goes_before() {
        let sales = "[[rights]]\nname = \"Sales\"\ncalls = \"world\"\npremium = true\n";
        for (own, reach, premium) in [
            ("rights = \"Sales\"", Reach::World, true),
            ("rights = \"Sales\"\ncalls = \"inside\"", Reach::Inside, true),
            ("rights = \"Sales\"\npremium = false", Reach::World, false),
            ("calls = \"europe\"", Reach::Europe, false),
        ] {
            let office = with(&format!("{own}\n{sales}")).unwrap();
            assert_eq!(permit(&office), Permit { reach, premium, opened: Vec::new() }, "{own}");
        }
        let nothing_said = with("rights = \"Hall\"\n[[rights]]\nname = \"Hall\"\n").unwrap();
        assert_eq!(permit(&nothing_said), Permit::NEW, "a group begins as somebody new does");
    }

    #[test]
    fn a_group_that_is_not_there_or_is_there_twice_is_refused_at_its_line() {
        let told = |lines| with(lines).unwrap_err();
        assert_eq!(told("rights = \"Sales\""), [(8, "person.rights".to_owned(), "rights-unknown")]);
        let twice = "[[rights]]\nname = \"Sales\"\n[[rights]]\nname = \"Sales\"\ncalls = \"moon\"\n";
        let faults = [(11, "rights.name".to_owned(), "name-taken"), (12, "rights.calls".to_owned(), "calls-unknown")];
        assert_eq!(told(twice), faults);
    }

    #[test]
    fn what_nobody_may_call_is_refused_at_its_line() {
        for (line, code, key) in [
            ("calls = \"moon\"", "calls-unknown", "person.calls"),
            ("opened = [{ prefix = \"+\", until = \"2026-12-31\" }]", "prefix-malformed", "person.prefix"),
            ("opened = [{ prefix = \"+53\", until = \"soon\" }]", "date-malformed", "person.prefix"),
            ("opened = [{ prefix = \"+53\" }]", "key-missing", "person.until"),
        ] {
            assert_eq!(with(line).unwrap_err(), [(8, key.to_owned(), code)], "{line}");
        }
    }

    #[test]
    fn a_day_that_is_not_in_the_calendar_is_refused() {
        for text in [
            "2026-02-29",
            "2026-13-01",
            "2026-00-10",
            "2026-04-31",
            "1969-12-31",
            "26-1-1",
            "2026-1-01",
            "+026-01-01",
            "",
        ] {
            assert_eq!(Opened::read("+53", text), Err(PermitError::NotADate), "{text}");
        }
    }

    #[test]
    fn no_prefix_opens_everything() {
        for prefix in ["", "+", "0", "00", "+0", "53", "*", "+5a", "+1234567890123456"] {
            assert_eq!(Opened::read(prefix, "2026-12-31"), Err(PermitError::NotAPrefix), "{prefix}");
        }
        assert_eq!(Opened::read("0906", "2026-12-31").unwrap().prefix, "0906");
    }
}
