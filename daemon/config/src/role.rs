//! What somebody's telephone is for, as far as it says what use of it is usual.

use std::str::FromStr;

use crate::Office;

/// What a person's telephone is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub enum Role {
    /// A colleague like most.
    #[default]
    Ordinary,
    /// It answers for the office, and calls for others.
    Reception,
    /// It calls all day.
    CallCentre,
    /// A lift or an alarm: it calls when something is wrong. Who has an [`AlarmLine`](crate::AlarmLine) is one.
    Alarm,
}

impl Role {
    /// Those that can be written down for a person.
    const WRITTEN: [(&str, Self); 3] =
        [("ordinary", Self::Ordinary), ("reception", Self::Reception), ("call-centre", Self::CallCentre)];

    /// The word for it in an office file; nothing for one that is not written there.
    pub fn word(self) -> Option<&'static str> {
        Self::WRITTEN.iter().find(|(_, role)| *role == self).map(|(word, _)| *word)
    }
}

/// There is no such role.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a role is ordinary, reception or call-centre")]
pub struct RoleUnknown;

impl FromStr for Role {
    type Err = RoleUnknown;
    fn from_str(text: &str) -> Result<Self, RoleUnknown> {
        Self::WRITTEN.iter().find(|(word, _)| *word == text).map(|(_, role)| *role).ok_or(RoleUnknown)
    }
}

impl Office {
    /// What the telephone of who has this number is for. Who is nobody's is like most.
    pub fn role_of(&self, number: &str) -> Role {
        if self.alarm_lines.iter().any(|line| line.person.as_str() == number) {
            return Role::Alarm;
        }
        let person = self.people.iter().find(|person| person.number.as_str() == number);
        person.map_or(Role::Ordinary, |person| person.role)
    }
}
