use super::*;
use crate::flow::{FlowId, Transport};
use crate::message::{Message, scan_datagram};

fn flow() -> Flow {
    let address = |text: &str| text.parse().unwrap();
    Flow {
        id: FlowId(1),
        transport: Transport::Udp,
        local: address("192.0.2.1:5060"),
        remote: address("192.0.2.9:5060"),
    }
}

fn invite(routes: &str) -> Request {
    let text = format!(
        "INVITE sip:202@box SIP/2.0\r\nVia: SIP/2.0/UDP 192.0.2.9;branch=z9hG4bK1\r\n{routes}From: <sip:201@box>;tag=a\r\n\
         To: <sip:202@box>\r\nCall-ID: c1\r\nCSeq: 5 INVITE\r\nContact: <sip:201@192.0.2.9>\r\n\r\n"
    );
    match scan_datagram(&text.into()).unwrap() {
        Message::Request(request) => request,
        Message::Response(_) => panic!("a request was written"),
    }
}

#[test]
fn our_request_to_the_caller_is_addressed_to_its_contact_along_the_recorded_route() {
    let routes = "Record-Route: <sip:p2;lr>, <sip:p1;lr>\r\n";
    let mut dialog = Dialog::of_server(&invite(routes), "b", flow()).unwrap();
    let bye = dialog.request(Method::BYE);
    assert_eq!(bye.uri.to_string(), "sip:201@192.0.2.9");
    let route: Vec<_> =
        bye.headers.addresses(&HeaderName::Route).unwrap().iter().map(|one| one.uri.to_string()).collect();
    assert_eq!(route, ["sip:p2;lr", "sip:p1;lr"]);
    assert_eq!(bye.headers.from().unwrap().tag(), Some("b"));
    assert_eq!(bye.headers.to().unwrap().tag(), Some("a"));
    assert_eq!(DialogId::of_outgoing(&bye), Some(dialog.id));
}

#[test]
fn a_strict_router_gets_its_own_address_and_the_target_comes_last() {
    let mut dialog = Dialog::of_server(&invite("Record-Route: <sip:old>\r\n"), "b", flow()).unwrap();
    let bye = dialog.request(Method::BYE);
    assert_eq!(bye.uri.to_string(), "sip:old");
    assert_eq!(bye.headers.addresses(&HeaderName::Route).unwrap()[0].uri.to_string(), "sip:201@192.0.2.9");
}

#[test]
fn the_called_end_is_reached_through_the_route_in_reverse() {
    let request = invite("");
    let mut response = request.tagged_response(Status::OK, "b");
    response.headers.push(HeaderName::RecordRoute, "<sip:p2;lr>, <sip:p1;lr>");
    response.headers.push(HeaderName::Contact, "<sip:202@192.0.2.8>");
    let dialog = Dialog::of_client(&request, &response, flow()).unwrap();
    let ack = dialog.ack(5);
    let route: Vec<_> =
        ack.headers.addresses(&HeaderName::Route).unwrap().iter().map(|one| one.uri.to_string()).collect();
    assert_eq!(route, ["sip:p1;lr", "sip:p2;lr"]);
    assert_eq!((ack.uri.to_string().as_str(), ack.headers.cseq().unwrap().number), ("sip:202@192.0.2.8", 5));
}

#[test]
fn a_request_that_comes_twice_or_late_is_refused_and_a_gap_is_not() {
    let mut dialog = Dialog::of_server(&invite(""), "b", flow()).unwrap();
    let mut again = invite("");
    let mut with = |number: u32| {
        again.headers.set(HeaderName::CSeq, format!("{number} INVITE"));
        dialog.accept(&again, flow())
    };
    assert_eq!(with(5), Err(Status::SERVER_INTERNAL_ERROR));
    assert_eq!(with(9), Ok(()));
    assert_eq!(with(8), Err(Status::SERVER_INTERNAL_ERROR));
}
