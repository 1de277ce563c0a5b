//! The packet with which a phone asks for its address, and how it takes the answer. Bytes as they were captured.

use std::net::IpAddr;

use bytes::Bytes;
use centrale_sip::message::{HeaderName, Message, Method, Request, Status, scan_datagram};

use super::profile::{Maker, Profile};

/// Where a phone sends it from.
pub(super) const fn port(profile: &Profile) -> u16 {
    match profile.maker {
        Maker::Yealink => 5059,
        // An app sends none, and hears none.
        Maker::Snom | Maker::Linphone => 5060,
    }
}

/// The SUBSCRIBE of a maker that has one. `number` is what the phone makes its identifiers from.
pub(super) fn subscribe((profile, firmware): (&Profile, &str), mac: &str, here: IpAddr, number: u32) -> Bytes {
    match profile.maker {
        Maker::Yealink => yealink((profile, firmware), mac, here, number),
        Maker::Snom | Maker::Linphone => snom((profile, firmware), mac, here, number),
    }
    .into()
}

fn yealink((profile, firmware): (&Profile, &str), mac: &str, here: IpAddr, number: u32) -> String {
    let Profile { pnp_model, agent_model, .. } = profile;
    let uri = format!("sip:MAC{mac}@224.0.1.75");
    format!(
        "SUBSCRIBE {uri} SIP/2.0\r\nVia: SIP/2.0/UDP {here}:5059;branch=z9hG4bK{number}\r\n\
         From: <{uri}>;tag={number}\r\nTo: <{uri}>\r\nCall-ID: {number}@{here}\r\nCSeq: 1 SUBSCRIBE\r\n\
         Contact: <sip:MAC{mac}@{here}:5059>\r\nMax-Forwards: 70\r\nUser-Agent: Yealink {agent_model} {firmware}\r\n\
         Expires: 0\r\n\
         Event: ua-profile;profile-type=\"device\";vendor=\"yealink\";model=\"{pnp_model}\";version=\"{firmware}\"\r\n\
         Accept: application/url\r\nContent-Length: 0\r\n\r\n"
    )
}

fn snom((profile, firmware): (&Profile, &str), mac: &str, here: IpAddr, number: u32) -> String {
    let Profile { pnp_model, .. } = profile;
    let uri = format!("sip:MAC%3a{}@224.0.1.75", mac.to_ascii_uppercase());
    format!(
        "SUBSCRIBE {uri} SIP/2.0\r\nVia: SIP/2.0/UDP {here}:5060;branch=z9hG4bK-{number:x};rport\r\n\
         From: <{uri}>;tag={number}\r\nTo: <{uri}>\r\nCall-ID: {number:x}@{here}\r\nCSeq: 1 SUBSCRIBE\r\n\
         Contact: <sip:{here}:5060>\r\nMax-Forwards: 70\r\nUser-Agent: {pnp_model}/{firmware}\r\nExpires: 0\r\n\
         Event: ua-profile;profile-type=\"device\";vendor=\"snom\";model=\"{pnp_model}\";version=\"{firmware}\"\r\n\
         Accept: application/url\r\nContent-Length: 0\r\n\r\n"
    )
}

/// A NOTIFY with an address: the address and the 200 that confirms it. Whoever sends one first is believed, as by real
/// phones, so long as it is about this packet.
pub(super) fn offered(datagram: &Bytes, number: u32) -> Option<(String, Bytes)> {
    let Ok(Message::Request(notify)) = scan_datagram(datagram) else { return None };
    let ours = call_id_fits(&notify, number) && notify.method == Method::NOTIFY;
    let event = notify.headers.text(&HeaderName::Event).is_some_and(|event| event.starts_with("ua-profile"));
    let kind = notify.headers.text(&HeaderName::ContentType).is_some_and(|kind| kind == "application/url");
    let url = String::from_utf8_lossy(&notify.body).trim().to_owned();
    (ours && event && kind && !url.is_empty()).then(|| (url, notify.response(Status::OK).to_bytes()))
}

fn call_id_fits(notify: &Request, number: u32) -> bool {
    let call_id = notify.headers.call_id().unwrap_or_default();
    let own = call_id.split('@').next().unwrap_or_default();
    own == number.to_string() || own == format!("{number:x}")
}
