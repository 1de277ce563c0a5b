//! Conference rooms: a number at which several people hear one another.

use crate::rules::Fault;
use crate::{ChangeRefused, ExtensionNumber, Office, Secret};

/// A room in which whoever dials its number hears everybody who did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Conference {
    /// The internal number.
    pub number: ExtensionNumber,
    /// What the room is called.
    pub name: String,
    /// What whoever dials the number types before being let in: 4 to 10 digits. Nobody is asked when there is none.
    pub pin: Option<Secret>,
    /// Whether somebody who calls from outside may be let in, by a number that leads here. Only with a PIN.
    pub outside: bool,
}

impl Conference {
    /// Fewest digits of a PIN.
    pub const SHORTEST_PIN: usize = 4;
    /// Most digits of a PIN.
    pub const LONGEST_PIN: usize = 10;

    /// Whether those digits open it. A room without a PIN asks for none.
    pub fn opens_with(&self, typed: &str) -> bool {
        self.pin.as_ref().is_none_or(|pin| pin.reveal() == typed)
    }
}

/// What a room may be asked for: digits, and not those that everybody tries first.
pub(crate) fn pin(pin: &Secret) -> Result<(), Fault> {
    let clear = pin.reveal().as_bytes();
    let (least, most) = (Conference::SHORTEST_PIN, Conference::LONGEST_PIN);
    if !(least..=most).contains(&clear.len()) || !clear.iter().all(u8::is_ascii_digit) {
        return Err(Fault::new("pin-malformed", format!("a PIN is {least} to {most} digits")));
    }
    let steps = || clear.windows(2).map(|pair| i16::from(pair[1]) - i16::from(pair[0]));
    if steps().all(|step| step == 0) || steps().all(|step| step == 1) || steps().all(|step| step == -1) {
        return Err(Fault::new("pin-weak", "a PIN is not one digit again and again, nor digits in a row"));
    }
    Ok(())
}

/// Why a room does not hold together, if it does not.
pub(crate) fn fault(room: &Conference) -> Option<(&'static str, Fault)> {
    let open = room.outside && room.pin.is_none();
    open.then(|| ("pin", pin_needed()))
}

/// A room is open to the outside and has no PIN.
pub(crate) fn pin_needed() -> Fault {
    Fault::new("pin-needed", "whoever calls from outside is let in by a PIN alone")
}

impl Office {
    /// The conference room with this number.
    pub fn conference(&self, number: &str) -> Option<&Conference> {
        self.conferences.iter().find(|room| room.number.as_str() == number)
    }

    /// Makes a room, or changes it. `typed` is its new PIN, empty for none; without it the room keeps what it has.
    pub(crate) fn put_conference(
        &mut self,
        number: &str,
        name: &str,
        typed: Option<Secret>,
        outside: bool,
    ) -> Result<(), ChangeRefused> {
        let number = at("number", crate::rules::extension(self.identity.country, number))?;
        let pin = match typed {
            None => self.conference(number.as_str()).and_then(|room| room.pin.clone()),
            Some(typed) if typed.reveal().is_empty() => None,
            Some(typed) => {
                at("pin", pin(&typed))?;
                Some(typed)
            }
        };
        let room = Conference { number, name: at("name", crate::rules::name(name))?, pin, outside };
        match self.conferences.iter_mut().find(|known| known.number == room.number) {
            Some(known) => *known = room,
            None => self.conferences.push(room),
        }
        Ok(())
    }
}

fn at<T>(field: &'static str, result: Result<T, Fault>) -> Result<T, ChangeRefused> {
    result.map_err(|fault| ChangeRefused { field, code: fault.code, detail: fault.reason })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Change, Country, OfficeIdentity};

    fn put(pin: Option<&str>, outside: bool) -> Change {
        let pin = pin.map(Secret::new);
        Change::PutConference { number: "600".into(), name: "Board room".into(), pin, outside }
    }

    fn office() -> Office {
        Office::empty(OfficeIdentity::assumed(Country::Netherlands))
    }

    #[test]
    fn a_room_keeps_its_pin_until_another_one_or_none_is_typed() {
        let office = office().apply(put(Some("4711"), true)).unwrap();
        let renamed = office.apply(put(None, false)).unwrap();
        assert!(renamed.conference("600").unwrap().opens_with("4711"));
        assert!(!renamed.conference("600").unwrap().opens_with("4712"));
        let open = renamed.apply(put(Some(""), false)).unwrap();
        assert!(open.conference("600").unwrap().opens_with(""));
        let removed = open.apply(Change::RemoveConference { number: "600".into() }).unwrap();
        assert_eq!(removed.conferences, []);
    }

    #[test]
    fn a_room_that_is_open_to_the_outside_has_a_pin_which_is_not_the_first_that_is_tried() {
        let code = |change: Change| office().apply(change).unwrap_err().code;
        assert_eq!(code(put(None, true)), "pin-needed");
        for weak in ["1111", "1234", "9876"] {
            assert_eq!(code(put(Some(weak), false)), "pin-weak", "{weak}");
        }
        for malformed in ["123", "12345678901", "47a1", "*471"] {
            assert_eq!(code(put(Some(malformed), false)), "pin-malformed", "{malformed}");
        }
    }
}
