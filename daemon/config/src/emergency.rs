//! What the office says for the day when somebody calls for help: where help is to come, and which number proves each day
//! that the way out works.

use centrale_numbering::Plan;

use crate::ContactNumber;
use crate::rules::{self, Fault};

/// The `[emergency]` table. Without it a call for help goes out all the same.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Emergency {
    /// Where help is to come. Told to providers that take a location.
    pub address: Option<SiteAddress>,
    /// The number that is called once a day over each trunk. Never an emergency number.
    pub test_number: Option<ContactNumber>,
}

/// A place as people write it on a letter. The country is the office's.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SiteAddress {
    /// Street, without the number.
    pub street: String,
    /// House number with what belongs to it, for example `12` or `12-3`; begins with a digit.
    pub house_number: String,
    /// `1012 JM` in the Netherlands, `1000` in Belgium.
    pub postcode: String,
    /// Town or village.
    pub place: String,
}

/// An emergency table as it was typed. What is left empty is not there.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct TypedEmergency {
    /// As in [`SiteAddress::street`].
    pub street: String,
    /// As in [`SiteAddress::house_number`].
    pub house_number: String,
    /// As in [`SiteAddress::postcode`].
    pub postcode: String,
    /// As in [`SiteAddress::place`].
    pub place: String,
    /// As in [`Emergency::test_number`], in any usual form.
    pub test_number: String,
}

type ReadLine = fn(&str) -> Result<String, Fault>;

/// How a test number is read by the plan of its office.
pub(crate) type ReadNumber = fn(&Plan, &str) -> Result<ContactNumber, Fault>;

impl TypedEmergency {
    /// What was typed, or every field that cannot be read and why.
    pub(crate) fn read(&self, plan: &Plan, number: ReadNumber) -> Result<Emergency, Vec<(&'static str, Fault)>> {
        let mut faults = Vec::new();
        let address = self.address(&mut faults);
        let typed = self.test_number.trim();
        let test_number = if typed.is_empty() { Ok(None) } else { number(plan, typed).map(Some) };
        let test_number = test_number.map_err(|fault| faults.push(("test_number", fault))).ok().flatten();
        if faults.is_empty() { Ok(Emergency { address, test_number }) } else { Err(faults) }
    }

    fn address(&self, faults: &mut Vec<(&'static str, Fault)>) -> Option<SiteAddress> {
        if self.lines().iter().all(|(_, text)| text.is_empty()) {
            return None;
        }
        let rules: [ReadLine; 4] = [rules::name, rules::house_number, rules::postcode, rules::name];
        let mut read = self.lines().into_iter().zip(rules).map(|((field, text), rule)| match text {
            "" => {
                let reason = "an address has a street, a house number, a postcode and a place";
                faults.push((field, Fault::new("address-incomplete", reason)));
                None
            }
            text => rule(text).map_err(|fault| faults.push((field, fault))).ok(),
        });
        let [street, house_number, postcode, place] = [read.next(), read.next(), read.next(), read.next()];
        let [street, house_number, postcode, place] =
            [street.flatten()?, house_number.flatten()?, postcode.flatten()?, place.flatten()?];
        Some(SiteAddress { street, house_number, postcode, place })
    }

    fn lines(&self) -> [(&'static str, &str); 4] {
        [
            ("street", self.street.trim()),
            ("house_number", self.house_number.trim()),
            ("postcode", self.postcode.trim()),
            ("place", self.place.trim()),
        ]
    }
}

impl From<&Emergency> for TypedEmergency {
    fn from(emergency: &Emergency) -> Self {
        let line =
            |line: fn(&SiteAddress) -> &String| emergency.address.as_ref().map(line).cloned().unwrap_or_default();
        Self {
            street: line(|address| &address.street),
            house_number: line(|address| &address.house_number),
            postcode: line(|address| &address.postcode),
            place: line(|address| &address.place),
            test_number: emergency.test_number.as_ref().map(ToString::to_string).unwrap_or_default(),
        }
    }
}
