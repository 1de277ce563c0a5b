//! Devices that an account is at home on: a right password from any other one is a question to the office, and no device of it
//! before that is answered (A-29, threats B-09).
//!
//! Nothing that a device shows of itself proves anything; but a thief has the password, not the office's network, and seldom
//! the same program. So within the office an account is bound to the first program that proves itself, and another program
//! there, or any from outside, waits for a person's word. New addresses within the office and new versions of the program
//! change nothing: after a power cut, and after an update, everybody is known.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::net::IpAddr;

use centrale_config::Mac;

/// Bonds of one account: an office that says yes to more forgets the oldest.
const MOST: usize = 12;
/// The longest name of a program, or of an instance, that is remembered.
const LONGEST: usize = 80;
/// Whose phones the box sets up: an account that was made for one of them begins on no other program.
const MAKERS: [&str; 3] = ["yealink", "snom", "linphone"];
/// What a MAC address begins with as a name.
const MAC: &str = "mac:";

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
    /// Its own name for itself, when it has one: its MAC address where it shows that (`mac:805ec0aabbcc`), else its
    /// `+sip.instance` (RFC 5626).
    pub instance: Option<String>,
    /// Where it is.
    pub place: Place,
}

impl Sighting {
    /// Of a device that calls itself `user_agent` there.
    pub fn of(user_agent: &str, instance: Option<&str>, place: Place) -> Self {
        let instance = instance.map(|name| name.chars().take(LONGEST).collect());
        let family = family(user_agent);
        let shown = mac_in(user_agent, MAKERS.contains(&&*family));
        Self { family, instance, place }.showing(shown)
    }

    /// The same of one that shows this MAC address, if it does.
    #[must_use]
    pub fn showing(self, mac: Option<Mac>) -> Self {
        let shown = mac.map(|mac| format!("{MAC}{mac}"));
        Self { instance: shown.or(self.instance), ..self }
    }

    /// The MAC address that it shows.
    fn mac(&self) -> Option<&str> {
        self.instance.as_deref()?.strip_prefix(MAC)
    }

    /// Whether the same program is seen in the same place, and no other MAC address.
    pub fn looks_like(&self, other: &Self) -> bool {
        self.is_same_program(other) && self.place == other.place
    }

    fn is_same_program(&self, other: &Self) -> bool {
        let is_another = other.mac().zip(self.mac()).is_some_and(|(known, shown)| known != shown);
        self.family == other.family && !is_another
    }

    /// Whether it is the same device as far as can be seen, both known to the office.
    fn is_known_by(&self, bond: &Self, may_travel: bool) -> bool {
        let same_program = self.is_same_program(bond);
        let travels =
            may_travel && bond.place != Place::Office && self.instance.is_some() && self.instance == bond.instance;
        same_program && (self.place == Place::Office || self.place == bond.place || travels)
    }
}

/// The MAC address in what a program calls itself: `80:5e:c0:aa:bb:cc`, and of a maker's phone without the colons as well.
fn mac_in(user_agent: &str, is_phone: bool) -> Option<Mac> {
    let words = user_agent.split(|sign: char| sign.is_whitespace() || matches!(sign, '(' | ')' | ';' | ','));
    let is_one = |word: &&str| word.contains([':', '-']) || is_phone;
    words.filter(|word| word.len() == 12 || word.len() == 17).filter(is_one).find_map(|word| word.parse().ok())
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
pub struct Bonds {
    devices: BTreeMap<String, Vec<Sighting>>,
    /// Names of each account's devices that were in use in two places at once: known where the office said so and nowhere else.
    copied: BTreeMap<String, BTreeSet<String>>,
}

impl Bonds {
    /// What a device with the right password is. `made_for` is the phone that the box sets up with the account, if it is for one:
    /// who shows the MAC address of another one is none of it without a word.
    pub fn judge(&self, account: &str, made_for: Option<Mac>, seen: &Sighting) -> Standing {
        let bonds = self.devices.get(account).map(Vec::as_slice).unwrap_or_default();
        let is_copied = |names: &BTreeSet<String>| {
            names.len() >= MOST || seen.instance.as_ref().is_some_and(|name| names.contains(name))
        };
        let may_travel = !self.copied.get(account).is_some_and(is_copied);
        let is_another = made_for.zip(seen.mac()).is_some_and(|(own, shown)| own.to_string() != shown);
        let fits = made_for.is_none() || seen.family.is_empty() || MAKERS.contains(&&*seen.family);
        let fits = fits && !is_another;
        let is_meant = |bond: &Sighting| !is_another || bond.instance == seen.instance;
        if bonds.iter().any(|bond| seen.is_known_by(bond, may_travel) && is_meant(bond)) {
            Standing::Known
        } else if bonds.is_empty() && seen.place == Place::Office && fits {
            Standing::First
        } else {
            Standing::Unknown
        }
    }

    /// A device is one of an account from now on; whether it was none. The oldest is forgotten where there are too many.
    pub fn bind(&mut self, account: &str, seen: Sighting) -> bool {
        let bonds = self.devices.entry(account.to_owned()).or_default();
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
        self.copied.remove(account);
        self.devices.remove(account).is_some()
    }

    /// Whether the office said of a device of that name, or of another one in the office, that it is at home there.
    pub fn is_home(&self, account: &str, seen: &Sighting, place: &Place) -> bool {
        let mut bonds = self.devices.get(account).into_iter().flatten();
        bonds.any(|bond| bond.place == *place && (*place == Place::Office || bond.instance == seen.instance))
    }

    /// Whether a device of anybody is at home there.
    pub fn knows(&self, place: &Place) -> bool {
        self.devices.values().flatten().any(|bond| bond.place == *place)
    }

    /// The name of a device of an account is used by another one: it takes nobody along to other places any more; whether it did
    /// until now. With too many such names none does.
    pub fn keep_home(&mut self, account: &str, name: &str) -> bool {
        let names = self.copied.entry(account.to_owned()).or_default();
        names.len() < MOST && names.insert(name.to_owned())
    }

    /// How many devices, or names that were copied, are remembered of the account with most: bounded, whatever comes.
    pub fn remembered(&self) -> usize {
        let copied = self.copied.values().map(BTreeSet::len);
        self.devices.values().map(Vec::len).chain(copied).max().unwrap_or_default()
    }

    /// Accounts that have devices.
    pub fn accounts(&self) -> impl Iterator<Item = &str> {
        self.devices.keys().map(String::as_str)
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
        bonds.judge("201", None, &Sighting::of(user_agent, None, place.clone()))
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
        assert_eq!(bonds.judge("201", None, &seen("one", outside("203.0.113.9"))), Standing::Unknown);
        bonds.bind("201", seen("one", outside("203.0.113.9")));
        assert_eq!(bonds.judge("201", None, &seen("one", outside("2001:db8:1::9"))), Standing::Known);
        assert_eq!(bonds.judge("201", None, &seen("two", outside("2001:db8:1::9"))), Standing::Unknown);
    }

    #[test]
    fn a_044_an_account_that_was_made_for_a_phone_of_the_box_begins_on_no_other_program() {
        let bonds = Bonds::default();
        let own = "805ec0aabbcc".parse().ok();
        let judge = |user_agent| bonds.judge("201-805ec0aabbcc", own, &Sighting::of(user_agent, None, Place::Office));
        for phone in [
            "Yealink SIP-T19P_E2 53.84.0.90",
            "Yealink SIP-T41S 66.84.0.15",
            "Yealink SIP-T42S 66.84.0.15",
            "Yealink SIP-T53W 96.86.0.100",
            "Yealink SIP-T54W 96.86.0.100",
            "Yealink SIP-T57W 96.86.0.100",
            "Yealink CP930W-Base 87.81.0.15",
            "Yealink W60B 77.85.0.25",
            "snomD717/10.1.148.1",
            "snomD735/10.1.148.1",
            "snomD785/10.1.169.16",
            LAPTOP,
        ] {
            assert_eq!(judge(phone), Standing::First, "{phone}");
        }
        for other in ["Zoiper rv2.10", "Grandstream GXP2170", "friendly-scanner"] {
            assert_eq!(judge(other), Standing::Unknown, "{other}");
        }
    }

    #[test]
    fn b_10_a_device_whose_name_somebody_copied_is_known_where_the_office_said_so_alone() {
        let mut bonds = Bonds::default();
        let seen = |place| Sighting::of(LAPTOP, Some("one"), place);
        let home = outside("203.0.113.9");
        bonds.bind("201", seen(home.clone()));
        assert!(bonds.keep_home("201", "one") && !bonds.keep_home("201", "one"));
        assert_eq!(bonds.judge("201", None, &seen(outside("198.51.100.9"))), Standing::Unknown);
        assert_eq!(bonds.judge("201", None, &seen(home.clone())), Standing::Known);
        assert!(
            bonds.is_home("201", &seen(home.clone()), &home)
                && !bonds.is_home("201", &seen(home.clone()), &Place::Office)
        );
        bonds.forget("201");
        bonds.bind("201", seen(home));
        assert_eq!(bonds.judge("201", None, &seen(outside("198.51.100.9"))), Standing::Known, "another password");
        // Where names are copied without end nothing is remembered without end, and none takes anybody along.
        for number in 0..1_000 {
            bonds.keep_home("201", &format!("copy {number}"));
        }
        assert_eq!(bonds.copied["201"].len(), MOST);
        assert_eq!(bonds.judge("201", None, &seen(outside("198.51.100.9"))), Standing::Unknown);
    }

    #[test]
    fn a_mac_address_is_found_in_what_phones_call_themselves_and_in_nothing_else() {
        for (user_agent, shown) in [
            ("Yealink SIP-T53W 96.87.0.16 80:5E:C0:aa:bb:cc", Some("805ec0aabbcc")),
            ("Yealink SIP-T56A 58.80.0.25 805ec0aabbcc", Some("805ec0aabbcc")),
            ("snomD785/10.1.33.33 000413922D24", Some("000413922d24")),
            ("baresip v1.0.0 (80-5e-c0-aa-bb-cc)", Some("805ec0aabbcc")),
            ("Yealink SIP-T46S 66.86.0.15", None),
            ("baresip abcdef012345", None),
            ("Zoiper 12:34:56 rv2", None),
            (LAPTOP, None),
        ] {
            assert_eq!(Sighting::of(user_agent, None, Place::Office).mac(), shown, "{user_agent}");
        }
    }

    #[test]
    fn b_09_an_account_is_no_phones_that_shows_another_mac_address_until_somebody_says_so() {
        let own: Option<Mac> = "805ec0aabbcc".parse().ok();
        let other: Option<Mac> = "805ec0000001".parse().ok();
        let seen = |mac| Sighting::of("Yealink SIP-T53W 96.87.0.16", None, Place::Office).showing(mac);
        let mut bonds = Bonds::default();
        let account = "201-805ec0aabbcc";
        assert_eq!(bonds.judge(account, own, &seen(other)), Standing::Unknown);
        assert_eq!(bonds.judge(account, own, &seen(own)), Standing::First);
        bonds.bind(account, seen(None));
        assert_eq!(bonds.judge(account, own, &seen(own)), Standing::Known, "one that begins to show it");
        assert_eq!(bonds.judge(account, own, &seen(other)), Standing::Unknown);
        bonds.bind(account, seen(other));
        assert_eq!(bonds.judge(account, own, &seen(other)), Standing::Known, "somebody said so");
        // An account that was made for no phone is the one's that it began on.
        bonds.bind("202", seen(own));
        assert_eq!(bonds.judge("202", None, &seen(other)), Standing::Unknown);
        assert_eq!(bonds.judge("202", None, &seen(None)), Standing::Known, "nothing that is shown is nothing else");
    }

    #[test]
    fn what_is_remembered_of_an_account_is_bounded() {
        let mut bonds = Bonds::default();
        for number in 0..1_000 {
            bonds.bind("201", Sighting::of(&format!("{number}phone"), None, Place::Office));
        }
        assert_eq!(bonds.devices["201"].len(), MOST);
        assert_eq!(judge(&bonds, "999phone", &Place::Office), Standing::Known);
    }
}
