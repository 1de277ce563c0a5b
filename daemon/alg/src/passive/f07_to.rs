//! F7 (section 8): a request is *to* our private address. Strong: a provider addresses its customer by a number at its own
//! domain; Linux maps its public address in To back to ours.

use centrale_sip::message::{HeaderName, Headers};

use super::Found;
use super::watch::Ends;
use crate::view::{address, is_private, text, uri_host};

/// `told_private`: whether anything we sent named the private address as ours, so that the provider may repeat it.
pub(super) fn check<'a>(ends: &Ends, told_private: bool, headers: &'a Headers) -> Option<Found<'a>> {
    let own = ends.local.ip().to_canonical();
    if told_private || ends.is_near() || !is_private(own) {
        return None;
    }
    let to = text(headers, &HeaderName::To)?;
    let (host, _) = uri_host(to)?;
    (address(host) == Some(own)).then(|| Found::new("the provider's domain", to))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_provider_calls_us_by_a_domain_of_its_own() {
        let ends = Ends::new("192.168.1.50:5060".parse().unwrap(), "198.51.100.10:5060".parse().unwrap());
        let mut headers = Headers::default();
        headers.push(HeaderName::To, "<sip:31201234567@192.168.1.50:5060>;tag=a1");
        assert!(check(&ends, false, &headers).is_some());
        assert!(check(&ends, true, &headers).is_none());
        headers.set(HeaderName::To, "<sip:31201234567@sip.example.net>");
        assert!(check(&ends, false, &headers).is_none());
    }
}
