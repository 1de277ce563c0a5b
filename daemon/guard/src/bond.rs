//! Devices that an account is at home on: a right password from any other one is a question to the office, and no device of it
//! before that is answered (A-29, threats B-09).
//!
//! Nothing that a device shows of itself proves anything; but a thief has the password, not the office's network, and seldom
//! the same program. So within the office an account is bound to the first program that proves itself, and another program
//! there, or any from outside, waits for a person's word. New addresses within the office and new versions of the program
//! change nothing: after a power cut, and after an update, everybody is known.

use std::collections::BTreeMap;
use std::fmt;
use std::net::IpAddr;

/// Bonds of one account: an office that says yes to more forgets the oldest.
const MOST: usize = 12;
/// The longest name of a program, or of an instance, that is remembered.
const LONGEST: usize = 80;
/// Whose phones the box sets up: an account that was made for one of them begins on no other program.
const MAKERS: [&str; 3] = ["yealink", "snom", "linphone"];

/// Where a device is.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Place {
    /// On the office's network, at whichever address.
    Office,
    /// Outside, in the network that its address belongs to: `203.0.113.0/24`, or the first three groups of an IPv6 address.
    Outside(String),
}

impl Place {
    /// Where an address is that does not belong to the office.
    pub fn outside(address: IpAddr) -> Self {
        Self::Outside(match address.to_canonical() {
            IpAddr::V4(ip) => {
                let [a, b, c, _] = ip.octets();
                format!("{a}.{b}.{c}.0/24")
            }
            IpAddr::V6(ip) => {
                let [a, b, c, ..] = ip.segments();
                format!("{a:x}:{b:x}:{c:x}::/48")
            }
        })
    }

    /// The place of that name, as it is displayed.
    pub fn named(name: &str) -> Self {
        if name == OFFICE { Self::Office } else { Self::Outside(name.to_owned()) }
    }
}

const OFFICE: &str = "office";

impl fmt::Display for Place {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Office => out.write_str(OFFICE),
            Self::Outside(network) => out.write_str(network),
        }
    }
}

/// What can be seen of a device.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Sighting {
    /// What program it says it is, without its version; empty when it says nothing.
    pub family: String,
    /// Its own name for itself (`+sip.instance`, RFC 5626), when it has one.
    pub instance: Option<String>,
    /// Where it is.
    pub place: Place,
}

impl Sighting {
    /// Of a device that calls itself `user_agent` there.
    pub fn of(user_agent: &str, instance: Option<&str>, place: Place) -> Self {
        let instance = instance.map(|name| name.chars().take(LONGEST).collect());
        Self { family: family(user_agent), instance, place }
    }

    /// Whether it is the same device as far as can be seen, both known to the office.
    fn is_known_by(&self, bond: &Self) -> bool {
        let same_program = self.family == bond.family;
        let travels = bond.place != Place::Office && self.instance.is_some() && self.instance == bond.instance;
        same_program && (self.place == Place::Office || self.place == bond.place || travels)
    }
}

/// The name of a program without its version and model: the letters that it begins with.
fn family(user_agent: &str) -> String {
    let word = user_agent.split([' ', '/']).next().unwrap_or_default();
    let letters = word.split(|character: char| !character.is_alphabetic()).next().unwrap_or_default();
    let named = if letters.is_empty() { word } else { letters };
    let named: String = named.chars().take(LONGEST).map(|character| character.to_ascii_lowercase()).collect();
    // `snomD785` is a Snom, whatever its model.
    MAKERS.into_iter().find(|maker| named.starts_with(maker)).map_or(named, str::to_owned)
}

/// What a sighting is to an account.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    /// A device of it.
    Known,
    /// The first one of an account, in the office: it becomes one of it.
    First,
    /// Nobody said yet that it is one.
    Unknown,
}

/// The devices of every account.
#[derive(Debug, Clone, Default)]
pub struct Bonds(BTreeMap<String, Vec<Sighting>>);

impl Bonds {
    /// What a device with the right password is. `is_provisioned`: the account was made for a phone that the box sets up.
    pub fn judge(&self, account: &str, is_provisioned: bool, seen: &Sighting) -> Standing {
        let bonds = self.0.get(account).map(Vec::as_slice).unwrap_or_default();
        let fits = !is_provisioned || seen.family.is_empty() || MAKERS.contains(&&*seen.family);
        if bonds.iter().any(|bond| seen.is_known_by(bond)) {
            Standing::Known
        } else if bonds.is_empty() && seen.place == Place::Office && fits {
            Standing::First
        } else {
            Standing::Unknown
        }
    }

    /// A device is one of an account from now on; whether it was none. The oldest is forgotten where there are too many.
    pub fn bind(&mut self, account: &str, seen: Sighting) -> bool {
        let bonds = self.0.entry(account.to_owned()).or_default();
        if bonds.contains(&seen) {
            return false;
        }
        if bonds.len() >= MOST {
            bonds.remove(0);
        }
        bonds.push(seen);
        true
    }

    /// Forgets every device of an account; whether there were any.
    pub fn forget(&mut self, account: &str) -> bool {
        self.0.remove(account).is_some()
    }

    /// Accounts that have devices.
    pub fn accounts(&self) -> impl Iterator<Item = &str> {
        self.0.keys().map(String::as_str)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LAPTOP: &str = "Linphone-Desktop/5.0.2 (Debian)";

    fn outside(address: &str) -> Place {
        Place::outside(address.parse().unwrap())
    }

    fn judge(bonds: &Bonds, user_agent: &str, place: &Place) -> Standing {
        bonds.judge("201", false, &Sighting::of(user_agent, None, place.clone()))
    }

    #[test]
    fn a_program_is_known_by_its_name_and_not_by_its_version_or_model() {
        for (user_agent, family_of) in [
            ("Yealink SIP-T54W 96.86.0.100", "yealink"),
            ("Yealink SIP-T41S 66.84.0.15", "yealink"),
            ("snomD785/10.1.169.16", "snom"),
            ("snom715/8.9.3.80", "snom"),
            (LAPTOP, "linphone"),
            ("baresip v1.0.0 (x86_64/linux)", "baresip"),
            ("Z 5.6.1 v2.10.20.8", "z"),
            ("3CXPhone 6.0", "3cxphone"),
            ("", ""),
        ] {
            assert_eq!(family(user_agent), family_of, "{user_agent}");
        }
        assert!(family(&"x".repeat(10_000)).len() <= LONGEST);
    }

    #[test]
    fn a_029_an_account_begins_in_the_office_and_nothing_outside_is_known_without_a_word() {
        let mut bonds = Bonds::default();
        assert_eq!(judge(&bonds, LAPTOP, &outside("203.0.113.9")), Standing::Unknown, "never without a word");
        assert_eq!(judge(&bonds, LAPTOP, &Place::Office), Standing::First);
        bonds.bind("201", Sighting::of(LAPTOP, None, Place::Office));
        assert_eq!(judge(&bonds, "Linphone-Desktop/6.1.0", &Place::Office), Standing::Known, "an update");
        assert_eq!(judge(&bonds, "Zoiper rv2.10", &Place::Office), Standing::Unknown, "another program");
        assert_eq!(judge(&bonds, "", &Place::Office), Standing::Unknown, "one that says nothing");
        assert_eq!(judge(&bonds, LAPTOP, &outside("203.0.113.9")), Standing::Unknown, "the same one outside");
        bonds.bind("201", Sighting::of(LAPTOP, None, outside("203.0.113.9")));
        assert_eq!(
            judge(&bonds, LAPTOP, &outside("203.0.113.77")),
            Standing::Known,
            "a new address of the same network"
        );
        assert_eq!(judge(&bonds, LAPTOP, &outside("198.51.100.9")), Standing::Unknown);
        assert!(bonds.forget("201") && !bonds.forget("201"));
        assert_eq!(judge(&bonds, LAPTOP, &Place::Office), Standing::First);
    }

    #[test]
    fn a_device_that_was_taken_along_with_a_word_is_known_wherever_it_goes_by_its_own_name() {
        let mut bonds = Bonds::default();
        let seen = |instance: &str, place| Sighting::of(LAPTOP, Some(instance), place);
        bonds.bind("201", seen("one", Place::Office));
        assert_eq!(bonds.judge("201", false, &seen("one", outside("203.0.113.9"))), Standing::Unknown);
        bonds.bind("201", seen("one", outside("203.0.113.9")));
        assert_eq!(bonds.judge("201", false, &seen("one", outside("2001:db8:1::9"))), Standing::Known);
        assert_eq!(bonds.judge("201", false, &seen("two", outside("2001:db8:1::9"))), Standing::Unknown);
    }

    #[test]
    fn a_044_an_account_that_was_made_for_a_phone_of_the_box_begins_on_no_other_program() {
        let bonds = Bonds::default();
        let judge = |user_agent| bonds.judge("201-805ec0aabbcc", true, &Sighting::of(user_agent, None, Place::Office));
        for phone in ["Yealink SIP-T19P_E2 53.84.0.90", "Yealink W60B 77.85.0.25", "snomD717/10.1.148.1", LAPTOP] {
            assert_eq!(judge(phone), Standing::First, "{phone}");
        }
        for other in ["Zoiper rv2.10", "Grandstream GXP2170", "friendly-scanner"] {
            assert_eq!(judge(other), Standing::Unknown, "{other}");
        }
    }

    #[test]
    fn what_is_remembered_of_an_account_is_bounded() {
        let mut bonds = Bonds::default();
        for number in 0..1_000 {
            bonds.bind("201", Sighting::of(&format!("{number}phone"), None, Place::Office));
        }
        assert_eq!(bonds.0["201"].len(), MOST);
        assert_eq!(judge(&bonds, "999phone", &Place::Office), Standing::Known);
    }
}
