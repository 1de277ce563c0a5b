//! The office of the stories.

use std::sync::Arc;

use centrale_call_control::Input;
use centrale_config::{Secret, Settled, parse_office};
use centrale_guard::Civil;

use super::{Bench, PORTS, Provider};

/// Tuesday, 24 November 2026, ten in the morning.
pub(crate) const TUESDAY: Civil = Civil { day: 20_781, minute: 600 };

/// Three people, a ring group and one provider.
pub(crate) const OFFICE: &str = r#"
[office]
name = "Bakkerij Jansen"
country = "NL"
area_code = "020"
language = "nl"
time_zone = "Europe/Amsterdam"
[[person]]
number = "201"
name = "Anna"
sip_password = "anna-secret-201"
[[person]]
number = "202"
name = "Bram"
sip_password = "bram-secret-202"
[[person]]
number = "203"
name = "Chris"
sip_password = "chris-secret-203"
[[trunk]]
name = "provider"
server = "sip.provider.example"
transport = "udp"
username = "office"
password = "provider-secret"
register = true
numbers = ["+31201234567", "+31201234568"]
[[inbound]]
number = "+31201234567"
to = "250"
[[inbound]]
number = "+31201234568"
to = "202"
[[ring_group]]
number = "250"
name = "Shop"
members = ["201", "202"]
"#;

/// A second provider, that knows the office by its address.
pub(crate) const SECOND: &str = r#"
[[trunk]]
name = "second"
server = "198.51.100.7:5070"
transport = "udp"
username = "jansen"
register = false
numbers = ["+31301234567"]
"#;

pub(crate) struct OfficeText;

impl OfficeText {
    /// The office that a text describes.
    pub(crate) fn read(text: &str) -> Settled {
        let draft = parse_office(text, &|_, _| None).expect("the stories' offices are valid");
        let office = draft.settle(None, &mut || Secret::new("generated-secret"));
        Settled::new(1, Arc::new(office), Vec::new())
    }

    /// The office of the stories without its provider.
    pub(crate) fn without_trunks() -> String {
        let (people, rest) = OFFICE.split_once("[[trunk]]").unwrap();
        let (_, groups) = rest.split_once("[[ring_group]]").unwrap();
        format!("{people}[[ring_group]]{groups}")
    }

    /// With a second provider after the first.
    pub(crate) fn with_second_trunk() -> String {
        format!("{}{SECOND}", OFFICE)
    }

    /// With a second provider that goes by a name, at the same place.
    pub(crate) fn with_named_second_trunk() -> String {
        Self::with_second_trunk().replace(Provider::SECOND, "sip.second.example")
    }

    /// The same office in Brussels.
    pub(crate) fn belgian(office: &str) -> String {
        let there = office.replace("\"NL\"", "\"BE\"").replace("\"020\"", "\"02\"").replace("Amsterdam", "Brussels");
        there.replace("+3120123456", "+322123456").replace("+31301234567", "+3221239999")
    }
}

impl Bench {
    /// That office with its provider, on a Tuesday morning.
    pub(crate) fn on_tuesday(office: &str) -> (Self, Provider) {
        let mut bench = Self::switched_off(office, PORTS);
        let provider = Provider::new(&mut bench);
        bench.find_interfaces();
        bench.input(Input::Clock(TUESDAY));
        (bench, provider)
    }
}
