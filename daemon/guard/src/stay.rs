//! For how long people's phones have been elsewhere than the office: the country's numbers are not for use abroad for
//! weeks. In which country an address is nobody here knows, so every long stay is told.

use std::collections::BTreeMap;

use crate::Kept;

/// Days without a sign of life that do not end a stay: a weekend, or a phone that was off.
const GAP: u32 = 3;
/// From which day on a stay is long.
const LONG: u32 = 15;
/// What the lines that are kept of it begin with.
const KEPT: &str = "elsewhere/";

/// The days of a stay, counted from 1970.
#[derive(Debug, Clone, Copy)]
struct Days {
    first: u32,
    last: u32,
}

/// Who is elsewhere, since when.
#[derive(Debug, Default)]
pub struct Stays(BTreeMap<String, Days>);

impl Stays {
    /// A person's phone is elsewhere today. What is to be kept of it, when that is new.
    pub fn note(&mut self, today: u32, person: &str) -> Option<Kept> {
        let days = self.0.entry(person.to_owned()).or_insert(Days { first: today, last: 0 });
        if days.last >= today {
            return None;
        }
        if today - days.last > GAP {
            days.first = today;
        }
        days.last = today;
        Some(Kept { name: format!("{KEPT}{person}"), window: today.into(), amount: days.first.into() })
    }

    /// Whether that person has been elsewhere for more than two weeks.
    pub fn is_long(&self, person: &str) -> bool {
        self.0.get(person).is_some_and(|days| days.last - days.first + 1 >= LONG)
    }

    /// Forgets whose number is nobody's any more: who has it next is another. What is to be kept in place of each.
    pub fn keep(&mut self, is_there: impl Fn(&str) -> bool) -> Vec<Kept> {
        let gone: Vec<String> = self.0.keys().filter(|person| !is_there(person)).cloned().collect();
        self.0.retain(|person, _| is_there(person));
        gone.iter().map(|person| Kept { name: format!("{KEPT}{person}"), window: 0, amount: 0 }).collect()
    }

    /// Puts back what was kept of stays.
    pub fn restore(&mut self, kept: &[Kept]) {
        for line in kept {
            let (Some(person), Ok(last)) = (line.name.strip_prefix(KEPT), u32::try_from(line.window)) else { continue };
            if last == 0 {
                continue;
            }
            let first = u32::try_from(line.amount).unwrap_or(last).min(last);
            self.0.insert(person.to_owned(), Days { first, last });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_141_a_stay_of_fifteen_days_is_long_also_over_weekends_and_a_restart_and_home_again_it_is_over() {
        let (mut stays, mut kept) = (Stays::default(), Vec::new());
        for day in (20_000..20_014).filter(|day| day % 7 < 5) {
            kept = Vec::from_iter(stays.note(day, "201"));
            assert_eq!(stays.note(day, "201"), None, "once a day is enough");
            assert!(!stays.is_long("201"), "{day}");
        }
        let mut stays = Stays::default();
        stays.restore(&kept);
        stays.note(20_014, "201");
        assert!(stays.is_long("201") && !stays.is_long("202"));
        stays.note(20_018, "201");
        assert!(!stays.is_long("201"), "another journey");
    }
}
