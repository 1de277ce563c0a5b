//! Where help is to come: the office's address in a call for help, for providers that take it (RFC 6442, RFC 4119, RFC 5139).
//!
//! Help must not depend on it: whoever refuses such an INVITE, or says nothing to it, is asked again without.

use centrale_config::SiteAddress;
use centrale_sip::message::{HeaderName, Request, SipUri};
use centrale_sip::sdp::{CONTENT_TYPE, Session};

use super::{Call, Leg, Route};
use crate::exchange::Exchange;

/// The office's address, as one provider is told it.
pub(super) struct Location {
    /// A presence document with the address in it (PIDF-LO).
    document: String,
    /// Names it within the message, and separates the parts.
    id: String,
    host: String,
}

impl Exchange {
    /// The address that a call for help carries along a route; `None` where nobody wrote one down or the provider takes none.
    pub(super) fn location_for(&mut self, call: &Call, route: &Route) -> Option<Location> {
        let Route::Trunk { trunk, .. } = route else { return None };
        let trunk = self.trunk(trunk)?;
        // Help must not go to the office for somebody who is elsewhere.
        let told = call.emergency && trunk.dialect().location && self.is_at_the_office(&call.caller);
        let address = self.directory.office().emergency.address.as_ref().filter(|_| told)?;
        let us = trunk.address_of(&self.identity_on(trunk.name(), &call.from.number)?);
        let document = document(address, self.directory.country().code(), &us);
        let host = us.host.to_string();
        Some(Location { document, id: self.token(), host })
    }
}

impl Exchange {
    /// Whether the peer of a leg is in the office's network, as far as its address says.
    fn is_at_the_office(&self, leg: &Leg) -> bool {
        self.interfaces.is_office(leg.dialog.path.remote().ip())
    }
}

impl Location {
    /// Puts the offer and the address into one body.
    pub(super) fn travel_with(self, offer: &Session, request: &mut Request) {
        let Self { document, id, host } = self;
        request.headers.push(HeaderName::Geolocation, format!("<cid:{id}@{host}>"));
        request.headers.push(HeaderName::GeolocationRouting, "yes");
        request.headers.set(HeaderName::ContentType, format!("multipart/mixed;boundary={id}"));
        let mut body = format!("--{id}\r\nContent-Type: {CONTENT_TYPE}\r\n\r\n").into_bytes();
        body.extend_from_slice(&offer.to_bytes());
        // Who does not understand it may leave it aside (RFC 5621 5, 8).
        let part = format!(
            "\r\n--{id}\r\nContent-Type: application/pidf+xml\r\nContent-ID: <{id}@{host}>\r\n\
             Content-Disposition: by-reference;handling=optional\r\n\r\n{document}\r\n--{id}--\r\n"
        );
        body.extend_from_slice(part.as_bytes());
        request.body = body.into();
    }
}

/// Without a time: the box may not know it, and the address is not one of now.
fn document(address: &SiteAddress, country: &str, us: &SipUri) -> String {
    let SiteAddress { street, house_number, postcode, place } = address;
    // The number alone, and what follows it (RFC 4776 3.4, 19 and 20).
    let digits = house_number.find(|one: char| !one.is_ascii_digit()).unwrap_or(house_number.len());
    let (number, suffix) = house_number.split_at(digits);
    let lines = [
        ("country", country),
        ("A3", place),
        ("RD", street),
        ("HNO", number),
        ("HNS", suffix.trim_matches([' ', '-', '/'])),
        ("PC", postcode),
    ];
    let lines = lines.into_iter().filter(|(_, text)| !text.is_empty());
    let lines: String = lines.map(|(name, text)| format!("<c:{name}>{}</c:{name}>", escaped(text))).collect();
    format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\
         <presence xmlns=\"urn:ietf:params:xml:ns:pidf\" xmlns:gp=\"urn:ietf:params:xml:ns:pidf:geopriv10\" \
         xmlns:b=\"urn:ietf:params:xml:ns:pidf:geopriv10:basicPolicy\" \
         xmlns:c=\"urn:ietf:params:xml:ns:pidf:geopriv10:civicAddr\" entity=\"{}\">\
         <tuple id=\"office\"><status><gp:geopriv><gp:location-info><c:civicAddress>{lines}</c:civicAddress>\
         </gp:location-info><gp:usage-rules><b:retransmission-allowed>true</b:retransmission-allowed></gp:usage-rules>\
         <gp:method>Manual</gp:method></gp:geopriv></status></tuple></presence>",
        escaped(&us.to_string())
    )
}

fn escaped(text: &str) -> String {
    let mut written = String::with_capacity(text.len());
    for one in text.chars() {
        match one {
            '&' => written.push_str("&amp;"),
            '<' => written.push_str("&lt;"),
            '>' => written.push_str("&gt;"),
            '"' => written.push_str("&quot;"),
            one => written.push(one),
        }
    }
    written
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_told_in_the_words_of_the_standard_and_breaks_no_document() {
        let address = SiteAddress {
            street: "Rue <de> \"l'Étuve\" & fils".into(),
            house_number: "12-3".into(),
            postcode: "1000".into(),
            place: "Bruxelles".into(),
        };
        let us = SipUri::new(Some("+3221234567"), "192.0.2.5".parse::<std::net::IpAddr>().unwrap().into(), None);
        let written = document(&address, "BE", &us);
        let civic = "<c:country>BE</c:country><c:A3>Bruxelles</c:A3>\
                     <c:RD>Rue &lt;de&gt; &quot;l'Étuve&quot; &amp; fils</c:RD>\
                     <c:HNO>12</c:HNO><c:HNS>3</c:HNS><c:PC>1000</c:PC></c:civicAddress>";
        assert!(written.contains(civic), "{written}");
        assert!(written.contains("entity=\"sip:+3221234567@192.0.2.5\""), "{written}");
    }
}
