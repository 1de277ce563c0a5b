//! F6 (section 8): a request is for our private address although we registered a public one or a host name. Certain: nobody
//! told the provider that address. Linux maps its own public address back to it.

use centrale_sip::message::Request;

use super::Found;
use super::watch::Ends;
use crate::view::is_private;

/// `told_private`: whether the Contact that is registered names the private address itself. `bytes`: the request as it came.
pub(super) fn check<'a>(ends: &Ends, told_private: bool, request: &Request, bytes: &'a [u8]) -> Option<Found<'a>> {
    let own = ends.local.ip().to_canonical();
    let host = request.uri.as_sip().and_then(|uri| uri.host.ip());
    let impossible = !told_private && !ends.is_near() && is_private(own) && host == Some(own);
    let line = || bytes.split(|byte| *byte == b'\r').next().unwrap_or_default();
    impossible.then(|| Found::new("the address that is registered", line()))
}

#[cfg(test)]
mod tests {
    use centrale_sip::message::{Method, Uri};

    use super::*;

    #[test]
    fn only_an_address_that_was_never_told_is_a_sign() {
        let ends = Ends::new("192.168.1.50:5060".parse().unwrap(), "198.51.100.10:5060".parse().unwrap());
        let request = |uri| Request::new(Method::INVITE, Uri::parse(uri).unwrap());
        assert!(check(&ends, false, &request("sip:a@192.168.1.50:5060"), b"").is_some());
        assert!(check(&ends, true, &request("sip:a@192.168.1.50:5060"), b"").is_none());
        assert!(check(&ends, false, &request("sip:a@203.0.113.2:5060"), b"").is_none());
    }
}
