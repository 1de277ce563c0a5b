//! The Refer-To header (RFC 3515): whom the other end of a call is to be connected with, and in whose place (RFC 5589).

use super::{Malformed, Replaces};
use crate::message::{HeaderName, Headers, Uri};

/// What a Refer-To header asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReferTo {
    /// Whom to call.
    pub uri: Uri,
    /// The dialog in whose place: the transferor's own call with the target.
    pub replaces: Option<Replaces>,
}

impl ReferTo {
    /// The message's one Refer-To header. What it says beside the address and Replaces is not done: a transferor must not
    /// write our headers.
    ///
    /// # Errors
    /// [`Malformed`] when there is none or more than one (RFC 3515 2.4.2), it cannot be read, or it asks for anything but a
    /// call; to be answered with 400.
    pub fn of(headers: &Headers) -> Result<Self, Malformed> {
        let addresses = headers.addresses(&HeaderName::ReferTo).map_err(|_| Malformed)?;
        let [address] = &addresses[..] else { return Err(Malformed) };
        let uri = address.uri.clone();
        let Some(sip) = uri.as_sip() else { return Ok(Self { uri, replaces: None }) };
        if sip.params.value("method").is_some_and(|method| method != "INVITE") {
            return Err(Malformed);
        }
        let fields = sip.headers.split('&').filter_map(|field| field.split_once('='));
        let mut replaces = fields.filter(|(name, _)| name.eq_ignore_ascii_case("Replaces")).map(|(_, value)| value);
        let replaces = match (replaces.next(), replaces.next()) {
            (None, _) => None,
            (Some(value), None) => Some(Replaces::of_uri(value).ok_or(Malformed)?),
            (Some(_), Some(_)) => return Err(Malformed),
        };
        Ok(Self { uri, replaces })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(values: &[&'static str]) -> Result<ReferTo, Malformed> {
        let mut headers = Headers::default();
        values.iter().for_each(|value| headers.push(HeaderName::ReferTo, *value));
        ReferTo::of(&headers)
    }

    #[test]
    fn a_number_is_read_as_it_would_be_dialled() {
        for value in ["<sip:203@box>", "sip:203@box", "\"Chris\" <sip:203@box;method=INVITE>", "<tel:203>"] {
            let refer_to = read(&[value]).unwrap();
            assert_eq!((refer_to.uri.dialled().as_deref(), refer_to.replaces), (Some("203"), None), "{value}");
        }
    }

    #[test]
    fn the_call_with_the_target_is_named_with_escapes_among_other_headers() {
        let value = "<sip:203@box?Require=replaces&Replaces=a%40b%3Bto-tag%3D1%3Bfrom-tag%3D2>";
        let replaces = read(&[value]).unwrap().replaces.unwrap();
        assert_eq!(&*replaces.call_id, "a@b");
        assert_eq!((&*replaces.tags[0], &*replaces.tags[1]), ("1", "2"));
    }

    #[test]
    fn none_two_or_anything_but_a_call_is_malformed() {
        let good = "<sip:203@box>";
        for bad in [
            &[][..],
            &[good, good],
            &["<sip:203@box>, <sip:202@box>"],
            &["<sip:203@box"],
            &[""],
            &["<sip:203@box;method=BYE>"],
            &["<sip:203@box?Replaces=a>"],
            &["<sip:203@box?Replaces=%ff%3Bto-tag%3D1%3Bfrom-tag%3D2>"],
            &["<sip:203@box?Replaces=a%3Bto-tag%3D1%3Bfrom-tag%3D2&replaces=a%3Bto-tag%3D1%3Bfrom-tag%3D2>"],
        ] {
            assert_eq!(read(bad), Err(Malformed), "{bad:?}");
        }
    }
}
