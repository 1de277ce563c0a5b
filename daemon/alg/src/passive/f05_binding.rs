//! F5 (section 8): the 200 to REGISTER does not list our Contact as we sent it. Weak: providers rewrite it on purpose, and
//! so does a server that helps clients behind NAT. It is as good as certain where it shows our *private* address though we
//! registered another: a server cannot know it.

use std::net::IpAddr;

use centrale_sip::message::params::split_commas;
use centrale_sip::message::{HeaderName, Headers};

use super::Found;
use crate::view::{address, is_private, same_host, text, uri_host};

/// What was found, and whether it shows what the server cannot know.
pub(super) fn check<'a>(own: IpAddr, sent: &'a Headers, came: &'a Headers) -> Option<(Found<'a>, bool)> {
    let contact = text(sent, &HeaderName::Contact)?;
    if let Some(first) = text(came, &HeaderName::Contact)
        && contact.ends_with('>')
        && first.starts_with(contact)
    {
        return None;
    }
    let (ours, _) = uri_host(contact)?;
    let told_private = address(ours) == Some(own);
    let mut first = None;
    for value in came.all(&HeaderName::Contact) {
        for item in split_commas(std::str::from_utf8(value).ok()?) {
            let Some((host, _)) = uri_host(item) else { continue };
            if same_host(host, ours) {
                return None;
            }
            let impossible = is_private(own) && !told_private && address(host) == Some(own);
            if impossible {
                return Some((Found::new(contact, item), true));
            }
            first.get_or_insert(item);
        }
    }
    first.map(|item| (Found::new(contact, item), false))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn listed(sent: &'static str, came: &'static str) -> Option<bool> {
        let (mut one, mut two) = (Headers::default(), Headers::default());
        one.push(HeaderName::Contact, sent);
        two.push(HeaderName::Contact, came);
        check("192.168.1.50".parse().unwrap(), &one, &two).map(|(_, impossible)| impossible)
    }

    #[test]
    fn our_binding_among_others_is_as_it_should_be() {
        assert_eq!(
            listed("<sip:a@192.168.1.50>", "<sip:a@192.0.2.9:5070>, <sip:a@192.168.1.50:5060>;expires=300"),
            None
        );
    }

    #[test]
    fn a_provider_may_list_where_it_saw_us_and_cannot_list_what_it_never_saw() {
        assert_eq!(listed("<sip:a@192.168.1.50:5060>", "<sip:a@203.0.113.2:25060>;expires=60"), Some(false));
        assert_eq!(listed("<sip:a@203.0.113.2:5060>", "<sip:a@192.168.1.50:5060>;expires=60"), Some(true));
    }
}
