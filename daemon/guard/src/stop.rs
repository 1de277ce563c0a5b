//! Stops: a person ends at once what a thief could do with the office's lines, until a person takes that back.
//!
//! Nothing of this room presses or takes back a stop. Help is never asked about, and a helpline passes whatever is stopped.

use std::collections::BTreeMap;
use std::fmt;

use centrale_numbering::Class;

use crate::order::Order;
use crate::reject::Reject;

/// What is stopped.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Stop {
    /// Every call to outside.
    Outgoing,
    /// Calls abroad.
    Abroad,
    /// Whatever leads one person, by number, further than to colleagues: calls to outside, and from there.
    Person(String),
    /// Calls of one person, by number, that cost more than an ordinary one inside the country. The guard presses it as well.
    Paid(String),
}

impl Stop {
    /// Its stable word: `outgoing`, `abroad`, or `person/` or `paid/` with a number.
    pub fn of_word(word: &str) -> Option<Self> {
        match word {
            "outgoing" => Some(Self::Outgoing),
            "abroad" => Some(Self::Abroad),
            _ => {
                let (of, number) = word.split_once('/')?;
                let is_number = (1..=16).contains(&number.len()) && number.bytes().all(|byte| byte.is_ascii_digit());
                match of {
                    "person" if is_number => Some(Self::Person(number.to_owned())),
                    "paid" if is_number => Some(Self::Paid(number.to_owned())),
                    _ => None,
                }
            }
        }
    }
}

/// The same word.
impl fmt::Display for Stop {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Outgoing => out.write_str("outgoing"),
            Self::Abroad => out.write_str("abroad"),
            Self::Person(number) => write!(out, "person/{number}"),
            Self::Paid(number) => write!(out, "paid/{number}"),
        }
    }
}

/// Who pressed a stop, and when.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pressed {
    /// By name.
    pub by: String,
    /// Milliseconds since 1970 UTC.
    pub at_unix_ms: u64,
}

/// The stops that are on.
#[derive(Debug, Clone, Default)]
pub struct Stops(BTreeMap<Stop, Pressed>);

impl Stops {
    /// Switches one on; whether it was off. Who pressed first stays.
    pub fn press(&mut self, stop: Stop, pressed: Pressed) -> bool {
        let is_new = !self.0.contains_key(&stop);
        if is_new {
            self.0.insert(stop, pressed);
        }
        is_new
    }

    /// Switches one off; whether it was on.
    pub fn release(&mut self, stop: &Stop) -> bool {
        self.0.remove(stop).is_some()
    }

    /// Those that are on.
    pub fn iter(&self) -> impl Iterator<Item = (&Stop, &Pressed)> {
        self.0.iter()
    }

    /// Whether that person reaches colleagues alone, and only they reach that person.
    pub fn isolates(&self, person: &str) -> bool {
        self.0.keys().any(|stop| matches!(stop, Stop::Person(number) if number == person))
    }

    /// Whether a person's dear calls are held.
    pub fn holds(&self, person: &str) -> bool {
        self.0.keys().any(|stop| matches!(stop, Stop::Paid(number) if number == person))
    }

    /// Whether a call to outside may be made, or go on.
    ///
    /// # Errors
    /// The stop that ends it.
    pub fn allow(&self, order: &Order) -> Result<(), Reject> {
        if order.always_passes {
            Ok(())
        } else if self.0.contains_key(&Stop::Outgoing) {
            Err(Reject::STOPPED)
        } else if self.isolates(&order.person) {
            Err(Reject::ISOLATED)
        } else if matches!(order.class, Class::International(_)) && self.0.contains_key(&Stop::Abroad) {
            Err(Reject::STOPPED_ABROAD)
        } else if order.costs_extra() && self.holds(&order.person) {
            Err(Reject::HELD)
        } else {
            Ok(())
        }
    }
}

#[cfg(test)]
mod tests {
    use centrale_numbering::{Country, Plan};

    use super::*;
    use crate::quote::Quote;

    fn refused(stops: &[&str], person: &str, dialled: &str) -> Option<&'static str> {
        let plan = Plan::of(Country::Netherlands, "020");
        let meant = plan.normalise(dialled);
        let mut on = Stops::default();
        for stop in stops {
            on.press(Stop::of_word(stop).unwrap(), Pressed { by: "admin".into(), at_unix_ms: 0 });
        }
        let order = Order::new(&plan, &meant, person, Quote::worst(&plan, &meant));
        on.allow(&order).err().map(|reject| reject.code)
    }

    #[test]
    fn a_015_each_stop_ends_what_it_names_and_no_stop_ends_a_helpline() {
        let (abroad, inland) = ("004930123456", "0301234567");
        assert_eq!(refused(&[], "201", abroad), None);
        assert_eq!(refused(&["outgoing"], "201", inland), Some("calls-stopped"));
        assert_eq!(refused(&["abroad"], "201", abroad), Some("abroad-stopped"));
        assert_eq!(refused(&["abroad"], "201", inland), None);
        assert_eq!(refused(&["person/201"], "201", inland), Some("person-isolated"));
        assert_eq!(refused(&["person/201"], "202", inland), None);
        for (dialled, expected) in
            [(abroad, Some("paid-held")), ("09001234", Some("paid-held")), (inland, None), ("08001234", None)]
        {
            assert_eq!(refused(&["paid/201"], "201", dialled), expected, "{dialled}");
            assert_eq!(refused(&["paid/201"], "202", dialled), None);
        }
        for helpline in ["113", "09008844", "116111"] {
            assert_eq!(refused(&["outgoing", "abroad", "person/201"], "201", helpline), None, "{helpline}");
        }
    }

    #[test]
    fn a_word_that_is_no_stop_is_none() {
        for word in
            ["", "everything", "paid/x", "group/201", "person/", "person/x", "person/20 1", "person/12345678901234567"]
        {
            assert_eq!(Stop::of_word(word), None, "{word}");
        }
        for word in ["person/201", "paid/201", "outgoing"] {
            assert_eq!(Stop::of_word(word).unwrap().to_string(), word);
        }
    }

    #[test]
    fn who_pressed_first_stays_until_somebody_takes_it_back() {
        let mut stops = Stops::default();
        let pressed = |by: &str| Pressed { by: by.into(), at_unix_ms: 0 };
        assert!(stops.press(Stop::Outgoing, pressed("Anna")));
        assert!(!stops.press(Stop::Outgoing, pressed("Bram")));
        assert_eq!(stops.iter().next().unwrap().1.by, "Anna");
        assert!(stops.release(&Stop::Outgoing));
        assert!(!stops.release(&Stop::Outgoing));
    }
}
