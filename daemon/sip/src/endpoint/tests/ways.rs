//! By which way messages go: Via, `received` and `rport`, large requests, gone connections (RFC 3261 18, RFC 3581).

use super::*;

fn options_from(via: &str, source: &str, transport: Transport) -> (Lab, Flow) {
    let mut lab = Lab::new();
    let mut flow = flow(transport);
    flow.remote = source.parse().unwrap();
    let mut request = request(&Method::OPTIONS);
    request.headers.push_front(HeaderName::Via, via.to_owned());
    lab.packet(flow, request.to_bytes());
    (lab, flow)
}

fn answered(lab: &mut Lab) -> (Path, String) {
    let (key, request) = lab.last_key();
    lab.endpoint.respond(lab.now, key, request.tagged_response(Status::OK, "a"));
    lab.drain();
    let via = lab.last_response().headers.top_via().unwrap();
    (lab.sent.last().unwrap().path, via.to_string())
}

#[test]
fn the_answer_goes_where_rfc_3261_18_2_2_and_rfc_3581_say() {
    // Via as sent; where it came from; where the answer goes; Via in the answer.
    let table = [
        // rport: exactly back.
        (
            "SIP/2.0/UDP 10.0.0.5:5060;rport;branch=z9hG4bK1",
            "203.0.113.9:34567",
            "203.0.113.9:34567",
            "SIP/2.0/UDP 10.0.0.5:5060;rport=34567;branch=z9hG4bK1;received=203.0.113.9",
        ),
        // No rport: the source address, the port of sent-by.
        (
            "SIP/2.0/UDP 10.0.0.5:5070;branch=z9hG4bK1",
            "203.0.113.9:34567",
            "203.0.113.9:5070",
            "SIP/2.0/UDP 10.0.0.5:5070;branch=z9hG4bK1;received=203.0.113.9",
        ),
        // No port either: the default one. An address that is right needs no `received`.
        (
            "SIP/2.0/UDP 203.0.113.9;branch=z9hG4bK1",
            "203.0.113.9:34567",
            "203.0.113.9:5060",
            "SIP/2.0/UDP 203.0.113.9;branch=z9hG4bK1",
        ),
        // A name is never looked up.
        (
            "SIP/2.0/UDP phone.example;rport;branch=z9hG4bK1",
            "[2001:db8::9]:5062",
            "[2001:db8::9]:5062",
            "SIP/2.0/UDP phone.example;rport=5062;branch=z9hG4bK1;received=2001:db8::9",
        ),
        // maddr would let a sender aim our answers at others: ignored.
        (
            "SIP/2.0/UDP 203.0.113.9:5060;maddr=198.51.100.1;branch=z9hG4bK1",
            "203.0.113.9:5060",
            "203.0.113.9:5060",
            "SIP/2.0/UDP 203.0.113.9:5060;maddr=198.51.100.1;branch=z9hG4bK1",
        ),
    ];
    for (via, source, destination, written) in table {
        let (mut lab, flow) = options_from(via, source, Transport::Udp);
        let (path, via_out) = answered(&mut lab);
        assert_eq!(path, Path::Flow(Flow { remote: destination.parse().unwrap(), ..flow }), "{via}");
        assert_eq!(via_out, written);
    }
}

#[test]
fn over_a_stream_the_answer_goes_back_on_the_connection_whatever_via_says() {
    let via = "SIP/2.0/TCP 10.0.0.5:5070;branch=z9hG4bK1";
    let (mut lab, flow) = options_from(via, "203.0.113.9:34567", Transport::Tcp);
    assert_eq!(answered(&mut lab).0, Path::Flow(flow));
}

#[test]
fn when_the_connection_is_gone_tcp_connects_back_and_tls_gives_up_and_counts() {
    let via = |transport: Transport| format!("SIP/2.0/{} 10.0.0.5:5070;branch=z9hG4bK1", transport.in_via());
    let (mut lab, flow) = options_from(&via(Transport::Tcp), "203.0.113.9:34567", Transport::Tcp);
    lab.endpoint.handle_flow_closed(lab.now, flow.id);
    let remote = "203.0.113.9:5070".parse().unwrap();
    assert_eq!(answered(&mut lab).0, Path::Target(Target::new(Transport::Tcp, remote)));

    let (mut lab, flow) = options_from(&via(Transport::Tls), "203.0.113.9:34567", Transport::Tls);
    lab.endpoint.handle_flow_closed(lab.now, flow.id);
    let (key, request) = lab.last_key();
    lab.endpoint.respond(lab.now, key, request.tagged_response(Status::OK, "a"));
    lab.drain();
    assert_eq!(lab.endpoint.counters().responses_without_way, 1);
    assert!(lab.sent.is_empty());
}

#[test]
fn a_caller_that_connects_anew_to_cancel_gets_its_487_there() {
    let mut lab = Lab::new();
    let old = flow(Transport::Tls);
    let new = Flow { id: FlowId(8), ..old };
    let from_phone = |method: &Method| {
        let mut request = request(method);
        request.headers.push_front(HeaderName::Via, "SIP/2.0/TLS 192.0.2.7;branch=z9hG4bK1");
        request.to_bytes()
    };
    lab.packet(old, from_phone(&Method::INVITE));
    lab.endpoint.handle_flow_closed(lab.now, old.id);
    lab.packet(new, from_phone(&Method::CANCEL));
    let (key, invite) = lab.last_key();
    lab.endpoint.respond(lab.now, key, invite.tagged_response(Status::REQUEST_TERMINATED, "a"));
    lab.drain();
    assert_eq!(lab.take_log(), "0 !INVITE | 0 !cancelled | 0 >200/tcp | 0 >487/tcp");
    assert_eq!(lab.sent.last().unwrap().path, Path::Flow(new));
    lab.advance_to(100_000);
    assert!(lab.endpoint.by_flow.is_empty());
}

#[test]
fn a_retransmission_from_behind_a_rebound_nat_is_answered_where_it_came_from() {
    let via = "SIP/2.0/UDP 10.0.0.5:5060;rport;branch=z9hG4bK1";
    let (mut lab, flow) = options_from(via, "203.0.113.9:34567", Transport::Udp);
    answered(&mut lab);
    let rebound = Flow { remote: "203.0.113.9:40000".parse().unwrap(), ..flow };
    let mut again = request(&Method::OPTIONS);
    again.headers.push_front(HeaderName::Via, via);
    lab.packet(rebound, again.to_bytes());
    assert_eq!(lab.sent.last().unwrap().path, Path::Flow(rebound));
}

#[test]
fn our_via_names_transport_and_sender_and_asks_for_rport_with_a_fresh_branch() {
    let mut lab = Lab::new();
    let flow = flow(Transport::Tls);
    let mut branches = Vec::new();
    for _ in 0..3 {
        lab.endpoint.send_request(lab.now, request(&Method::OPTIONS), Path::Flow(flow), BOX.parse().unwrap());
        lab.drain();
        let sent = lab.last_sent(&Method::OPTIONS);
        let via = sent.headers.top_via().unwrap();
        assert!(via.to_string().starts_with("SIP/2.0/TLS 192.0.2.1:5060;branch=z9hG4bK"), "{via}");
        assert!(via.params.has("rport"));
        assert_eq!(sent.headers.text(&HeaderName::MaxForwards).as_deref(), Some("70"));
        branches.push(via.branch().unwrap().to_owned());
    }
    branches.dedup();
    assert_eq!(branches.len(), 3);
}

#[test]
fn the_same_seed_gives_the_same_branches_and_another_gives_others() {
    let branch = |seed: u8| {
        let mut endpoint = Endpoint::new(EndpointSettings::default(), [seed; 32]);
        let flow = flow(Transport::Udp);
        endpoint.send_request(Instant::now(), request(&Method::OPTIONS), Path::Flow(flow), flow.local);
        endpoint.poll_transmit().unwrap().bytes
    };
    assert_eq!(branch(1), branch(1));
    assert_ne!(branch(1), branch(2));
}

fn large(method: &Method) -> Request {
    let mut request = request(method);
    request.set_body("text/plain", vec![b'x'; 1300]);
    request
}

/// Sends a large request to a phone known by UDP.
fn large_lab() -> (Lab, ClientKey, Target) {
    let mut lab = Lab::new();
    let flow = flow(Transport::Udp);
    let key = lab.endpoint.send_request(lab.now, large(&Method::INVITE), Path::Flow(flow), flow.local);
    lab.drain();
    (lab, key, Target::new(Transport::Tcp, flow.remote))
}

#[test]
fn a_request_too_large_for_a_datagram_goes_by_tcp_and_by_udp_when_tcp_is_refused() {
    let (mut lab, _, target) = large_lab();
    let over_tcp = lab.last_sent(&Method::INVITE);
    assert_eq!(lab.sent[0].path, Path::Target(target));
    assert_eq!(&*over_tcp.headers.top_via().unwrap().transport, "TCP");
    lab.advance_to(100);
    lab.endpoint.handle_target_failed(lab.now, target);
    lab.advance_to(700);
    assert_eq!(lab.take_log(), "0 >INVITE/tcp | 100 >INVITE | 600 >INVITE");
    let over_udp = lab.last_sent(&Method::INVITE);
    let (one, two) = (over_tcp.headers.top_via().unwrap(), over_udp.headers.top_via().unwrap());
    assert_eq!((one.branch(), &*two.transport), (two.branch(), "UDP"));
    lab.packet(flow(Transport::Udp), over_udp.tagged_response(Status::BUSY_HERE, "a").to_bytes());
    assert_eq!(lab.take_log(), "700 !486 | 700 >ACK");
    assert_eq!((lab.endpoint.counters().moved_to_tcp, lab.endpoint.counters().back_to_udp), (1, 1));
}

#[test]
fn a_network_that_swallows_tcp_costs_two_seconds_and_not_the_call() {
    let (mut lab, _, _) = large_lab();
    lab.advance_to(2600);
    assert_eq!(lab.take_log(), "0 >INVITE/tcp | 2000 >INVITE | 2500 >INVITE");
}

#[test]
fn once_tcp_answers_there_is_no_falling_back() {
    let (mut lab, _, target) = large_lab();
    let sent = lab.last_sent(&Method::INVITE);
    lab.packet(flow(Transport::Tcp), sent.tagged_response(Status::RINGING, "a").to_bytes());
    lab.advance_to(10_000);
    assert_eq!(lab.take_log(), "0 >INVITE/tcp | 0 !180");
    lab.endpoint.handle_target_failed(lab.now, target);
    lab.drain();
    assert_eq!(lab.take_log(), "10000 !transport-failed");
}

#[test]
fn an_unreachable_address_fails_the_requests_to_it_and_no_others() {
    let mut lab = Lab::new();
    let target = |remote: &str| Target::new(Transport::Udp, remote.parse().unwrap());
    let (one, two) = (target("192.0.2.7:5060"), target("192.0.2.8:5060"));
    let first = lab.endpoint.send_request(lab.now, request(&Method::OPTIONS), Path::Target(one), BOX.parse().unwrap());
    lab.endpoint.send_request(lab.now, request(&Method::OPTIONS), Path::Target(two), BOX.parse().unwrap());
    lab.endpoint.handle_target_failed(lab.now, one);
    lab.drain();
    assert!(matches!(lab.shown[..], [Event::TransportFailed { key }] if key == first));
    assert_eq!(lab.endpoint.transactions(), (1, 0));
}

#[test]
fn who_we_are_is_written_only_when_it_is_wished() {
    for name in [None, Some("Centrale")] {
        let server_header = name.map(str::to_owned);
        let mut lab = Lab::with(EndpointSettings { server_header, ..EndpointSettings::default() });
        let flow = flow(Transport::Udp);
        let mut incoming = request(&Method::OPTIONS);
        incoming.headers.push_front(HeaderName::Via, "SIP/2.0/UDP 192.0.2.7;branch=z9hG4bKa");
        lab.packet(flow, incoming.to_bytes());
        let (key, asked) = lab.last_key();
        lab.endpoint.respond(lab.now, key, asked.tagged_response(Status::OK, "a"));
        lab.drain();
        assert_eq!(lab.last_response().headers.text(&HeaderName::Server).as_deref(), name);
        lab.endpoint.send_request(lab.now, request(&Method::OPTIONS), Path::Flow(flow), flow.local);
        lab.drain();
        assert_eq!(lab.last_sent(&Method::OPTIONS).headers.text(&HeaderName::UserAgent).as_deref(), name);
    }
}
