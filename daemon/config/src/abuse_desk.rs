//! Who at a provider is told of abuse.

use crate::rules::{self, Fault};
use crate::{MailAddress, alerts};

/// A provider's abuse desk, as its terms name it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AbuseDesk {
    /// What it is called.
    pub name: String,
    /// Where it is written to.
    pub address: MailAddress,
    /// Within how many days it answers, 1 to 90.
    pub answer_days: u16,
}

/// An abuse desk as it was typed. All of it empty is none.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct TypedAbuseDesk {
    /// What it is called.
    pub name: String,
    /// Where it is written to.
    pub address: String,
    /// Within how many days it answers; `None` for [`AbuseDesk::USUAL_DAYS`].
    pub answer_days: Option<u16>,
}

impl AbuseDesk {
    /// What providers' terms give themselves for an answer.
    pub const USUAL_DAYS: u16 = 30;
    /// The longest term that is taken.
    const MOST_DAYS: u16 = 90;
}

impl TypedAbuseDesk {
    /// What was typed; a fault names its field.
    pub(crate) fn read(&self) -> Result<Option<AbuseDesk>, (&'static str, Fault)> {
        if self.name.trim().is_empty() && self.address.trim().is_empty() {
            return Ok(None);
        }
        let at = |field| move |fault| (field, fault);
        let answer_days = self.answer_days.unwrap_or(AbuseDesk::USUAL_DAYS);
        if !(1..=AbuseDesk::MOST_DAYS).contains(&answer_days) {
            let reason = format!("an abuse desk answers within 1 to {} days", AbuseDesk::MOST_DAYS);
            return Err(("answer_days", Fault::new("days-out-of-range", reason)));
        }
        Ok(Some(AbuseDesk {
            name: rules::name(self.name.trim()).map_err(at("name"))?,
            address: alerts::mail_address(&self.address).map_err(at("address"))?,
            answer_days,
        }))
    }
}

impl From<&AbuseDesk> for TypedAbuseDesk {
    fn from(desk: &AbuseDesk) -> Self {
        let AbuseDesk { name, address, answer_days } = desk;
        Self { name: name.clone(), address: address.to_string(), answer_days: Some(*answer_days) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn typed(name: &str, address: &str, answer_days: Option<u16>) -> TypedAbuseDesk {
        TypedAbuseDesk { name: name.into(), address: address.into(), answer_days }
    }

    #[test]
    fn a_142_an_abuse_desk_has_a_name_an_address_and_a_term_or_there_is_none() {
        let desk = typed("Abuse desk", "abuse@voip.example.net", None).read().unwrap().unwrap();
        assert_eq!((desk.address.as_str(), desk.answer_days), ("abuse@voip.example.net", 30));
        assert_eq!(TypedAbuseDesk::from(&desk).read(), Ok(Some(desk)));
        assert_eq!(typed(" ", "", Some(7)).read(), Ok(None));
        for (wrong, field, code) in [
            (typed("", "abuse@voip.example.net", None), "name", "name-empty"),
            (typed("Abuse", "voip.example.net", None), "address", "mail-address-malformed"),
            (typed("Abuse", "abuse@voip.example.net", Some(91)), "answer_days", "days-out-of-range"),
        ] {
            let (at, fault) = wrong.read().unwrap_err();
            assert_eq!((at, fault.code), (field, code));
        }
    }
}
