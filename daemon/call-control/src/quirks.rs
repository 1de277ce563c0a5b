//! Devices that need to be treated in a way of their own. A User-Agent is a claim, so nothing here may grant anything.

use centrale_sip::auth::Offer;
use centrale_sip::message::{HeaderName, Request};

/// User agents that give up when a challenge offers SHA-256 at all, seen with the releases named. Whoever only claims to be
/// one gains nothing: MD5 is offered to everybody.
const MD5_ONLY: [&str; 3] = [
    // 1.0.0 (Debian 12): "Function not implemented" as soon as a challenge names SHA-256, in whichever place.
    "baresip v0.",
    "baresip v1.",
    // 3.6.1 (Debian 12) answers the first challenge and knows MD5 only.
    "sipp",
];

/// Which algorithms to offer the sender of a request.
pub(crate) fn digest_offer(request: &Request) -> Offer {
    let user_agent = request.headers.text(&HeaderName::UserAgent).unwrap_or_default();
    let begins = |start: &str| user_agent.get(..start.len()).is_some_and(|begin| begin.eq_ignore_ascii_case(start));
    if MD5_ONLY.into_iter().any(begins) { Offer::Md5Only } else { Offer::Both }
}

#[cfg(test)]
mod tests {
    use centrale_sip::message::{Method, Uri};

    use super::*;

    #[test]
    fn only_the_known_user_agents_are_offered_md5_alone() {
        let offer = |user_agent: &'static str| {
            let mut request = Request::new(Method::REGISTER, Uri::parse("sip:box").unwrap());
            request.headers.push(HeaderName::UserAgent, user_agent);
            digest_offer(&request)
        };
        assert_eq!(offer("baresip v1.0.0 (x86_64/linux)"), Offer::Md5Only);
        assert_eq!(offer("SIPp"), Offer::Md5Only);
        assert_eq!(offer("Yealink SIP-T54W 96.86.0.70"), Offer::Both);
        assert_eq!(offer("Linphone Daemon/5.1.65"), Offer::Both);
    }
}
