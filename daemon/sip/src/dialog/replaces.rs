//! The Replaces header (RFC 3891): the dialog that a new INVITE takes the place of.

use crate::message::{HeaderName, Headers, Params, unescape};

/// What a Replaces header names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Replaces {
    /// Call-ID.
    pub call_id: Box<str>,
    /// Both tags. Which end's is which is written either way round in the field.
    pub tags: [Box<str>; 2],
    /// Only while the dialog is not answered.
    pub early_only: bool,
}

impl Replaces {
    /// The message's Replaces header. `None` when it has none; an error when it is malformed, or there are two (RFC 3891 3).
    ///
    /// # Errors
    /// [`Malformed`], to be answered with 400.
    pub fn of(headers: &Headers) -> Result<Option<Self>, Malformed> {
        let mut all = headers.all(&HeaderName::Replaces);
        match (all.next(), all.next()) {
            (None, _) => Ok(None),
            (Some(value), None) => Self::parse(&String::from_utf8_lossy(value)).map(Some).ok_or(Malformed),
            (Some(_), Some(_)) => Err(Malformed),
        }
    }

    /// As it stands, escaped, in the address of a Refer-To header.
    pub(super) fn of_uri(value: &str) -> Option<Self> {
        Self::parse(&unescape(value)?)
    }

    fn parse(text: &str) -> Option<Self> {
        let (call_id, params) = text.split_at(text.find(';')?);
        let call_id = call_id.trim();
        let valid = !call_id.is_empty() && !call_id.bytes().any(|byte| byte <= b' ' || byte == b',');
        let params = Params::parse(params)?;
        let tag = |name| params.value(name).filter(|tag| !tag.is_empty()).map(Into::into);
        let tags = [tag("to-tag")?, tag("from-tag")?];
        valid.then(|| Self { call_id: call_id.into(), tags, early_only: params.has("early-only") })
    }
}

/// A header that names no dialog to replace, or nobody to call.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("Replaces or Refer-To malformed, or there more than once")]
pub struct Malformed;

#[cfg(test)]
mod tests {
    use super::*;

    fn read(values: &[&'static str]) -> Result<Option<Replaces>, Malformed> {
        let mut headers = Headers::default();
        values.iter().for_each(|value| headers.push(HeaderName::Replaces, *value));
        Replaces::of(&headers)
    }

    #[test]
    fn a_dialog_is_named_by_its_call_id_and_both_tags() {
        let replaces = read(&["425928@bobster.example.org;to-tag=7743;from-tag=6472;early-only"]).unwrap().unwrap();
        assert_eq!(&*replaces.call_id, "425928@bobster.example.org");
        assert_eq!((&*replaces.tags[0], &*replaces.tags[1], replaces.early_only), ("7743", "6472", true));
        assert_eq!(read(&[]), Ok(None));
    }

    #[test]
    fn what_names_no_dialog_or_two_is_malformed() {
        for bad in [
            "",
            "a",
            "a;to-tag=1",
            "a;from-tag=1",
            ";to-tag=1;from-tag=2",
            "a b;to-tag=1;from-tag=2",
            "a;to-tag=;from-tag=2",
        ] {
            assert_eq!(read(&[bad]), Err(Malformed), "{bad}");
        }
        let good = "a;to-tag=1;from-tag=2";
        assert_eq!(read(&[good, good]), Err(Malformed));
        assert_eq!(read(&["a;to-tag=1;from-tag=2,b;to-tag=1;from-tag=2"]), Err(Malformed));
    }
}
