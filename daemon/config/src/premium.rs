//! The office's own numbers that cost the caller extra (090x): whose they are, what they cost, and that the price is said first.
//!
//! The caller must hear the price before the call costs anything, and pays nothing for hearing it; the holder of the number and
//! the provider answer for that together (ACM, "Misbruik informatienummers"). What is charged begins with the answer, so it is
//! the provider's network that says it; here stands who heard it, when, and which price was said.

use centrale_numbering::{Class, Money, Plan, Step, Tariff};

use crate::rules::{self, Fault};
use crate::{ChangeRefused, ContactNumber, Date, Office, OutsideNumber};

/// Most own numbers of an office.
const MOST_NUMBERS: usize = 50;
/// Most statements that are kept of a number.
const MOST_STATEMENTS: usize = 100;
/// The most that a call, or a minute, may be said to cost, in cents.
const DEAREST: u16 = 10_000;

/// A number of the office that costs the caller extra.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PremiumNumber {
    /// As callers dial it.
    pub number: ContactNumber,
    /// The number of the office at which its calls arrive.
    pub line: OutsideNumber,
    /// To whom it was assigned.
    pub owner: String,
    /// What a call costs the caller.
    pub price: PremiumPrice,
    /// When somebody heard that the price is said before the call, oldest first.
    pub announced: Vec<Announcement>,
    /// Whether its calls are answered. Only while the price that was heard last is the price.
    pub active: bool,
}

/// What a call costs the caller, in cents, VAT included.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PremiumPrice {
    /// Each minute.
    PerMinute(u16),
    /// Each call, however long.
    PerCall(u16),
}

/// Somebody's statement that the caller hears the price first.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Announcement {
    /// On which day.
    pub on: Date,
    /// Who heard it.
    pub by: String,
    /// Which price was said.
    pub price: PremiumPrice,
}

impl PremiumPrice {
    /// In cents for a minute, or else for a call.
    pub const fn cents(self) -> (Option<u16>, Option<u16>) {
        match self {
            Self::PerMinute(cents) => (Some(cents), None),
            Self::PerCall(cents) => (None, Some(cents)),
        }
    }

    /// As a tariff, charged by that step.
    pub const fn tariff(self, step: Step) -> Tariff {
        match self {
            Self::PerMinute(cents) => Tariff { setup: Money::ZERO, minute: Money::from_cents(cents as u32), step },
            Self::PerCall(cents) => Tariff { setup: Money::from_cents(cents as u32), minute: Money::ZERO, step },
        }
    }

    /// Of what was typed: one of the two.
    pub(crate) fn read(minute: Option<u16>, call: Option<u16>) -> Result<Self, Fault> {
        let price = match (minute, call) {
            (Some(cents), None) => Self::PerMinute(cents),
            (None, Some(cents)) => Self::PerCall(cents),
            _ => return Err(Fault::new("price-one", "write cents_per_minute or cents_per_call, one of them")),
        };
        let (Self::PerMinute(cents) | Self::PerCall(cents)) = price;
        let fault = || Fault::new("price-out-of-range", format!("a price is 1 to {DEAREST} cents"));
        if (1..=DEAREST).contains(&cents) { Ok(price) } else { Err(fault()) }
    }
}

impl PremiumNumber {
    /// The price that was said to callers on a day; `None` before anybody heard one.
    pub fn said_on(&self, day: Date) -> Option<PremiumPrice> {
        self.announced.iter().rev().find(|one| one.on <= day).map(|one| one.price)
    }

    /// Whether the price that was heard last is the price.
    pub(crate) fn is_announced(&self) -> bool {
        self.announced.last().is_some_and(|last| last.price == self.price)
    }
}

/// A number as it was typed.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct TypedPremium {
    /// As in [`PremiumNumber::line`], in E.164.
    pub line: String,
    /// As in [`PremiumNumber::owner`].
    pub owner: String,
    /// Cents a minute, when that is how it is paid.
    pub cents_per_minute: Option<u16>,
    /// Cents a call, when that is.
    pub cents_per_call: Option<u16>,
    /// Somebody heard this price said: on which day, and who.
    pub announced: Option<(String, String)>,
    /// Whether its calls are answered.
    pub active: bool,
}

impl Office {
    /// The own premium number with that number.
    pub fn premium_number(&self, number: &str) -> Option<&PremiumNumber> {
        self.premium_numbers.iter().find(|own| own.number.as_str() == number)
    }

    /// Adds a number, or changes it; what was heard before is kept, but for the oldest where it is too much.
    pub(crate) fn put_premium_number(&mut self, number: &str, typed: &TypedPremium) -> Result<(), ChangeRefused> {
        let plan = Plan::of(self.identity.country, &self.identity.area_code);
        let number = at("number", premium_number(&plan, number))?;
        let price = at("price", PremiumPrice::read(typed.cents_per_minute, typed.cents_per_call))?;
        let mut announced =
            self.premium_number(number.as_str()).map(|known| known.announced.clone()).unwrap_or_default();
        if let Some((on, by)) = &typed.announced {
            let heard = at("announced", statement(on, by, price))?;
            // The clock may have been set back meanwhile.
            announced.insert(announced.partition_point(|known| known.on <= heard.on), heard);
            announced.drain(..announced.len().saturating_sub(MOST_STATEMENTS));
        }
        let line = at("line", rules::outside_number(&typed.line))?;
        // Every call at the line of a number that is not active is refused: that must not be the office's main number.
        if !typed.active && self.inbound.iter().any(|inbound| inbound.number == line) {
            let reason = format!("calls at {line} would be refused, and it rings somebody; let it ring nowhere first");
            return at("line", Err(Fault::new("line-rings", reason)));
        }
        let owner = at("owner", rules::name(&typed.owner))?;
        let own = PremiumNumber { number, line, owner, price, announced, active: typed.active };
        match self.premium_numbers.iter_mut().find(|known| known.number == own.number) {
            Some(known) => *known = own,
            None => self.premium_numbers.push(own),
        }
        Ok(())
    }
}

/// A number that costs the caller extra, by the plan of the office.
pub(crate) fn premium_number(plan: &Plan, text: &str) -> Result<ContactNumber, Fault> {
    match plan.normalise(text).class() {
        Class::PremiumPerMinute | Class::PremiumPerCall => rules::contact_number(plan, text),
        _ => Err(Fault::new("number-not-premium", format!("{text} is no number that costs the caller extra"))),
    }
}

/// Somebody's statement, as it was written.
pub(crate) fn statement(on: &str, by: &str, price: PremiumPrice) -> Result<Announcement, Fault> {
    let on = on.parse().map_err(|error: centrale_numbering::NoDate| Fault::of("day-malformed", &error))?;
    Ok(Announcement { on, by: rules::name(by)?, price })
}

/// Why the own premium numbers do not hold together: which, which key, and why.
pub(crate) fn faults(office: &Office) -> Vec<(usize, &'static str, Fault)> {
    let mut found = Vec::new();
    if office.premium_numbers.len() > MOST_NUMBERS {
        let reason = format!("an office has at most {MOST_NUMBERS} premium numbers");
        found.push((MOST_NUMBERS, "number", Fault::new("premium-too-many", reason)));
    }
    for (index, own) in office.premium_numbers.iter().enumerate() {
        let before = &office.premium_numbers[..index];
        if before.iter().any(|other| other.number == own.number) {
            found.push((index, "number", Fault::new("premium-twice", format!("{} is there twice", own.number))));
        }
        if before.iter().any(|other| other.line == own.line) {
            let reason = format!("the calls of another premium number arrive at {} already", own.line);
            found.push((index, "line", Fault::new("line-taken", reason)));
        }
        if own.announced.len() > MOST_STATEMENTS || !own.announced.is_sorted_by_key(|one| one.on) {
            let reason = format!("at most {MOST_STATEMENTS} statements, the oldest first");
            found.push((index, "announced", Fault::new("statements-malformed", reason)));
        }
        if own.active && !own.is_announced() {
            let reason = format!("nobody heard that callers of {} are told this price first", own.number);
            found.push((index, "active", Fault::new("price-not-announced", reason)));
        }
        if own.active && !office.trunks.iter().any(|trunk| trunk.numbers.contains(&own.line)) {
            let reason = format!("no trunk has the number {}, and {} is active", own.line, own.number);
            found.push((index, "line", Fault::new("number-not-ours", reason)));
        }
    }
    found
}

fn at<T>(field: &'static str, result: Result<T, Fault>) -> Result<T, ChangeRefused> {
    result.map_err(|fault| ChangeRefused { field, code: fault.code, detail: fault.reason })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Change, ExportSecrets, Secret, parse_office, write_office};

    const LINE: &str = "[office]\nname = \"X\"\ncountry = \"NL\"\n[[trunk]]\nname = \"one\"\nserver = \"sip.example.net\"\n\
                        username = \"x\"\nregister = false\nnumbers = [\"+31207654321\"]\n";

    fn read(more: &str) -> Result<Office, (String, &'static str)> {
        let read = parse_office(&format!("{LINE}{more}"), &|_, _| None);
        let read = read.map_err(|mut refused| refused.remove(0)).map_err(|one| (one.key, one.code))?;
        Ok(read.settle(None, &mut || Secret::new("generated-0123456789")))
    }

    fn typed(cents: u16, heard: bool, active: bool) -> Change {
        let typed = TypedPremium {
            line: "+31207654321".into(),
            owner: "Bakkerij Jansen B.V.".into(),
            cents_per_minute: Some(cents),
            cents_per_call: None,
            announced: heard.then(|| ("2026-11-29".into(), "Anna".into())),
            active,
        };
        Change::PutPremiumNumber { number: "0900 1234".into(), premium: typed }
    }

    #[test]
    fn a_022_an_own_premium_number_is_not_active_before_somebody_heard_its_price_said() {
        let office = read("").unwrap();
        assert_eq!(office.apply(typed(90, false, true)).unwrap_err().code, "price-not-announced");
        let sleeping = office.apply(typed(90, false, false)).unwrap();
        assert!(!sleeping.premium_numbers[0].active);
        let active = sleeping.apply(typed(90, true, true)).unwrap();
        assert!(active.premium_number("09001234").unwrap().active);
        // Another price was never heard.
        assert_eq!(active.apply(typed(45, false, true)).unwrap_err().code, "price-not-announced");
        let cheaper = active.apply(typed(45, true, true)).unwrap();
        let said = cheaper.premium_numbers[0].said_on("2026-12-24".parse().unwrap());
        assert_eq!((said, cheaper.premium_numbers[0].announced.len()), (Some(PremiumPrice::PerMinute(45)), 2));
        assert_eq!(cheaper.premium_numbers[0].said_on("2026-11-28".parse().unwrap()), None);
        let removed = cheaper.apply(Change::RemovePremiumNumber { number: "09001234".into() }).unwrap();
        assert_eq!(removed.premium_numbers, []);
    }

    #[test]
    fn a_premium_number_whose_calls_are_refused_is_not_put_at_a_number_that_rings_somebody() {
        let sip_password = Secret::new("generated-0123456789");
        let rings = |to: &str| Change::PutInbound { number: "+31207654321".into(), to: to.into(), closed: None };
        let anna = Change::AddPerson { number: "201".into(), name: "Anna".into(), sip_password };
        let office = read("").unwrap().apply(anna).unwrap().apply(rings("201")).unwrap();
        let refused = office.apply(typed(90, false, false)).unwrap_err();
        assert_eq!((refused.field, refused.code), ("line", "line-rings"));
        let active = office.apply(typed(90, true, true)).unwrap();
        assert_eq!(active.apply(typed(90, false, false)).unwrap_err().code, "line-rings");
        let silent = active.apply(Change::RemoveInbound { number: "+31207654321".into() }).unwrap();
        assert!(!silent.apply(typed(90, false, false)).unwrap().premium_numbers[0].active);
    }

    #[test]
    fn a_trunk_that_goes_puts_the_premium_numbers_at_it_to_sleep() {
        let active = read("").unwrap().apply(typed(90, true, true)).unwrap();
        let without = active.apply(Change::RemoveTrunk { name: "one".into() }).unwrap();
        assert!(!without.premium_numbers[0].active);
        assert_eq!(without.apply(typed(90, true, true)).unwrap_err().code, "number-not-ours");
        let back = without.take_back(&active, &without).unwrap();
        assert_eq!(back.premium_numbers, active.premium_numbers, "and it wakes when that is taken back");
    }

    #[test]
    fn a_120_a_premium_number_at_a_thief_s_trunk_does_not_stand_in_the_way_of_taking_it_back() {
        let before = read("").unwrap();
        let mut after = before.clone();
        after.trunks[0].numbers.push("+31207654322".parse().unwrap());
        let Change::PutPremiumNumber { number, premium } = typed(90, true, true) else { panic!("a number") };
        let premium = TypedPremium { line: "+31207654322".into(), ..premium };
        let later = after.apply(Change::PutPremiumNumber { number, premium }).unwrap();
        let back = later.take_back(&before, &after).unwrap();
        assert_eq!((&back.trunks, back.premium_numbers[0].active), (&before.trunks, false));
    }

    #[test]
    fn the_oldest_statement_goes_when_there_are_too_many_and_a_clock_that_was_set_back_does_no_harm() {
        let mut office = read("").unwrap();
        for cents in 1..=120 {
            office = office.apply(typed(cents, true, true)).unwrap();
        }
        let announced = &office.premium_numbers[0].announced;
        assert_eq!((announced.len(), announced[0].price), (MOST_STATEMENTS, PremiumPrice::PerMinute(21)));
        let Change::PutPremiumNumber { number, premium } = typed(120, true, true) else { panic!("a number") };
        let premium = TypedPremium { announced: Some(("2020-01-01".into(), "Anna".into())), ..premium };
        let mut earlier = read("").unwrap().apply(typed(120, true, true)).unwrap();
        earlier = earlier.apply(Change::PutPremiumNumber { number, premium }).unwrap();
        let days: Vec<String> = earlier.premium_numbers[0].announced.iter().map(|one| one.on.to_string()).collect();
        assert_eq!(days, ["2020-01-01", "2026-11-29"]);
    }

    #[test]
    fn a_059_an_own_premium_number_has_a_profile_that_is_read_and_written_back() {
        let profile = "[[premium_number]]\nnumber = \"0900 1234\"\nline = \"+31207654321\"\nowner = \"Jansen B.V.\"\n\
                       cents_per_call = 150\nannounced = [{ on = \"2026-11-29\", by = \"Anna\", cents_per_call = 150 }]\n\
                       active = true\n";
        let office = read(profile).unwrap();
        let own = &office.premium_numbers[0];
        assert_eq!((own.number.as_str(), own.price, own.active), ("09001234", PremiumPrice::PerCall(150), true));
        let text = write_office(&office, ExportSecrets::Omitted);
        let again =
            parse_office(&text, &|_, _| None).unwrap().settle(None, &mut || Secret::new("generated-0123456789"));
        assert_eq!(again.premium_numbers, office.premium_numbers);
        let refused = |from: &str, to: &str| read(&profile.replace(from, to)).unwrap_err();
        let key = |key: &str, code| (format!("premium_number.{key}"), code);
        assert_eq!(refused("0900 1234", "020 123 45 67"), key("number", "number-not-premium"));
        assert_eq!(
            refused("cents_per_call = 150\nann", "cents_per_call = 0\nann"),
            key("cents_per_call", "price-out-of-range")
        );
        assert_eq!(refused("cents_per_call = 150\nann", "ann"), key("cents_per_minute", "price-one"));
        assert_eq!(refused("cents_per_call = 150 }", "cents_per_minute = 90 }"), key("active", "price-not-announced"));
        assert_eq!(refused("2026-11-29", "yesterday"), key("on", "day-malformed"));
        assert_eq!(refused("+31207654321", "+31207654322"), key("line", "number-not-ours"));
        let twice = format!("{profile}{profile}");
        assert_eq!(read(&twice).unwrap_err(), key("number", "premium-twice"));
    }
}
