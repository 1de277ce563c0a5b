//! The server machines (RFC 3261 17.2, RFC 6026) as scripts.
//!
//! Steps: `INVITE` and other methods come from the peer, with `b` in a second branch; `ack` is the ACK of a 2xx and `ACK` that of
//! a refusal; `say 180` the user answers; `say-once 401` without state; `closed` the connection is gone.

use super::*;

struct Case {
    name: &'static str,
    transport: Transport,
    script: &'static str,
    log: &'static str,
}

/// What a phone sends: Via with `rport`, in this branch.
fn incoming(method: &Method, branch: &str, transport: Transport) -> Request {
    let mut request = request(method);
    let via = format!("SIP/2.0/{} 192.0.2.7:5060;rport;branch={branch}", transport.in_via());
    request.headers.push_front(HeaderName::Via, via);
    request
}

fn run(case: &Case) -> Lab {
    let mut lab = Lab::new();
    let flow = flow(case.transport);
    for (at, words) in steps(case.script) {
        lab.advance_to(at);
        let now = lab.now;
        match words[..] {
            ["say", code] => {
                let (key, request) = lab.last_key();
                lab.endpoint.respond(now, key, request.tagged_response(status_of(code), "callee"));
            }
            ["say-once", code] => {
                let (key, request) = lab.last_key();
                lab.endpoint.respond_stateless(key, request.tagged_response(status_of(code), "callee"));
            }
            ["closed"] => lab.endpoint.handle_flow_closed(now, flow.id),
            ["ack"] => lab.packet(flow, tagged(&Method::ACK, "z9hG4bKack", case.transport).to_bytes()),
            ["ACK"] => lab.packet(flow, tagged(&Method::ACK, "z9hG4bKa", case.transport).to_bytes()),
            [method, "b"] => lab.packet(flow, incoming(&method_of(method), "z9hG4bKb", case.transport).to_bytes()),
            [method] => lab.packet(flow, incoming(&method_of(method), "z9hG4bKa", case.transport).to_bytes()),
            _ => panic!("no step: {words:?}"),
        }
        lab.drain();
        lab.advance_to(at);
    }
    lab.advance_to(200_000);
    lab
}

fn tagged(method: &Method, branch: &str, transport: Transport) -> Request {
    let mut request = incoming(method, branch, transport);
    request.headers.set(HeaderName::To, "<sip:202@office>;tag=callee");
    request
}

#[test]
fn every_script_gives_its_log_and_leaves_nothing_behind() {
    let case = |name, transport, script, log| Case { name, transport, script, log };
    let (udp, tcp) = (Transport::Udp, Transport::Tcp);
    let cases = [
        case(
            "100 Trying comes of itself, once, and a retransmission gets the last answer",
            udp,
            "0 INVITE | 500 INVITE | 600 say 180 | 1500 INVITE | 1600 say 486 | 1700 ACK",
            "0 !INVITE | 0 >100 | 500 >100 | 600 >180 | 1500 >180 | 1600 >486",
        ),
        case(
            "a refusal is sent again by G until H",
            udp,
            "0 INVITE | 100 say 486",
            "0 !INVITE | 0 >100 | 100 >486 | 600 >486 | 1600 >486 | 3600 >486 | 7600 >486 | 11600 >486 | 15600 >486 | \
             19600 >486 | 23600 >486 | 27600 >486 | 31600 >486",
        ),
        case("no timer G over TCP", tcp, "0 INVITE | 100 say 486", "0 !INVITE | 0 >100/tcp | 100 >486/tcp"),
        case(
            "after the ACK of a refusal, late INVITEs and ACKs are absorbed until I",
            udp,
            "0 INVITE | 100 say 486 | 700 ACK | 800 INVITE | 900 ACK | 5000 INVITE",
            "0 !INVITE | 0 >100 | 100 >486 | 600 >486",
        ),
        case(
            "a 2xx is sent again until its ACK, which is shown once",
            udp,
            "0 INVITE | 100 say 200 | 1000 INVITE | 1700 ack | 1800 ack | 20000 INVITE",
            "0 !INVITE | 0 >100 | 100 >200 | 600 >200 | 1600 >200 | 1700 !acknowledged",
        ),
        case(
            "a 2xx is sent again over TCP too",
            tcp,
            "0 INVITE | 100 say 200 | 700 ack",
            "0 !INVITE | 0 >100/tcp | 100 >200/tcp | 600 >200/tcp | 700 !acknowledged",
        ),
        case(
            "an old phone acknowledges a 2xx with the INVITE's branch",
            udp,
            "0 INVITE | 100 say 200 | 200 ACK",
            "0 !INVITE | 0 >100 | 100 >200 | 200 !acknowledged",
        ),
        case(
            "a 2xx that is never acknowledged is told at L",
            udp,
            "0 INVITE | 100 say 200",
            "0 !INVITE | 0 >100 | 100 >200 | 600 >200 | 1600 >200 | 3600 >200 | 7600 >200 | 11600 >200 | 15600 >200 | \
             19600 >200 | 23600 >200 | 27600 >200 | 31600 >200 | 32100 !never-acknowledged",
        ),
        case(
            "CANCEL is answered here and told once; its retransmission is answered from memory",
            udp,
            "0 INVITE | 100 say 180 | 200 CANCEL | 300 CANCEL | 400 say 487 | 500 ACK",
            "0 !INVITE | 0 >100 | 100 >180 | 200 !cancelled | 200 >200 | 300 >200 | 400 >487",
        ),
        case(
            "CANCEL after the 200 changes nothing",
            udp,
            "0 INVITE | 100 say 200 | 200 CANCEL | 300 ack",
            "0 !INVITE | 0 >100 | 100 >200 | 200 >200 | 300 !acknowledged",
        ),
        case("CANCEL of nothing", udp, "0 CANCEL | 100 CANCEL", "0 >481 | 100 >481"),
        case("ACK of nothing", udp, "0 ACK | 100 ack", ""),
        case(
            "a second final answer does nothing",
            tcp,
            "0 INVITE | 100 say 486 | 200 say 200 | 300 ACK",
            "0 !INVITE | 0 >100/tcp | 100 >486/tcp",
        ),
        case(
            "an immediate answer makes 100 Trying needless",
            udp,
            "0 OPTIONS | 0 say 200 | 500 OPTIONS | 32100 OPTIONS",
            "0 !OPTIONS | 0 >200 | 500 >200 | 32100 !OPTIONS",
        ),
        case(
            "an unanswered request is absorbed, then answered from memory until J",
            udp,
            "0 OPTIONS | 500 OPTIONS | 600 say 100 | 1500 OPTIONS | 1600 say 404 | 33000 OPTIONS",
            "0 !OPTIONS | 600 >100 | 1500 >100 | 1600 >404 | 33000 >404",
        ),
        case(
            "J is zero over TCP",
            tcp,
            "0 OPTIONS | 100 say 200 | 200 OPTIONS",
            "0 !OPTIONS | 100 >200/tcp | 200 !OPTIONS",
        ),
        case(
            "what is answered without state is forgotten: the retransmission is new, the ACK is stray",
            udp,
            "0 OPTIONS | 0 say-once 401 | 500 OPTIONS | 500 say-once 401",
            "0 !OPTIONS | 0 >401 | 500 !OPTIONS | 500 >401",
        ),
        case(
            "the same request over a second way is refused while the first lives",
            udp,
            "0 OPTIONS | 100 OPTIONS b | 200 say 200 | 300 OPTIONS b | 40000 OPTIONS b | 40000 say 200",
            "0 !OPTIONS | 100 >482 | 200 >200 | 300 >482 | 40000 !OPTIONS | 40000 >200",
        ),
        case(
            "when the connection is gone the answer goes over a new one",
            tcp,
            "0 OPTIONS | 100 closed | 200 say 200",
            "0 !OPTIONS | 200 >200/tcp",
        ),
    ];
    for case in &cases {
        let mut lab = run(case);
        assert_eq!(lab.take_log(), case.log, "{}", case.name);
        assert_eq!(lab.endpoint.transactions(), (0, 0), "{}: nothing outlives its timers", case.name);
        assert_eq!(lab.endpoint.poll_timeout(), None, "{}", case.name);
        let endpoint = &lab.endpoint;
        let left = [&endpoint.server_index, &endpoint.merged_index, &endpoint.dialog_index].map(Index::len);
        assert_eq!((left, endpoint.by_flow.len()), ([0, 0, 0], 0), "{}", case.name);
    }
}

#[test]
fn an_invite_refused_at_once_gets_no_100_trying() {
    let mut lab = Lab::new();
    let flow = flow(Transport::Udp);
    lab.packet(flow, incoming(&Method::INVITE, "z9hG4bKa", Transport::Udp).to_bytes());
    let (key, request) = lab.last_key();
    lab.endpoint.respond_stateless(key, request.tagged_response(Status::UNAUTHORIZED, "callee"));
    lab.advance_to(40_000);
    assert_eq!(lab.take_log(), "0 !INVITE | 0 >401");
}

#[test]
fn an_rfc_2543_phone_without_magic_cookie_is_matched_by_the_whole_request() {
    let mut lab = Lab::new();
    let flow = flow(Transport::Udp);
    let old = |method: &Method, branch: &str, call: &str| {
        let mut request = incoming(method, "x", Transport::Udp);
        request.headers.set(HeaderName::Via, format!("SIP/2.0/UDP 192.0.2.7:5060{branch}"));
        request.headers.set(HeaderName::CallId, call.to_owned());
        request.to_bytes()
    };
    for branch in ["", ";branch=1"] {
        lab.packet(flow, old(&Method::INVITE, branch, "one"));
        lab.packet(flow, old(&Method::INVITE, branch, "one"));
        let (key, request) = lab.last_key();
        lab.endpoint.respond(lab.now, key, request.tagged_response(Status::BUSY_HERE, "callee"));
        lab.drain();
        lab.packet(flow, old(&Method::ACK, branch, "one"));
        // The same branch in another call is another transaction: such branches are not unique.
        lab.packet(flow, old(&Method::INVITE, branch, "two"));
        assert_eq!(lab.take_log(), "0 !INVITE | 0 >486 | 0 !INVITE", "{branch}");
        lab = Lab::new();
    }
}

#[test]
fn one_branch_from_two_senders_is_two_requests() {
    let mut lab = Lab::new();
    let flow = flow(Transport::Udp);
    let mut second = incoming(&Method::OPTIONS, "z9hG4bKa", Transport::Udp);
    second.headers.set(HeaderName::Via, "SIP/2.0/UDP 192.0.2.8:5060;rport;branch=z9hG4bKa");
    second.headers.set(HeaderName::CallId, "call-2");
    lab.packet(flow, incoming(&Method::OPTIONS, "z9hG4bKa", Transport::Udp).to_bytes());
    lab.packet(flow, second.to_bytes());
    assert_eq!(lab.take_log(), "0 !OPTIONS | 0 !OPTIONS");
}

#[test]
fn the_200_to_a_cancel_has_the_tag_of_the_ringing_invite() {
    let mut lab = Lab::new();
    let flow = flow(Transport::Udp);
    lab.packet(flow, incoming(&Method::INVITE, "z9hG4bKa", Transport::Udp).to_bytes());
    let (key, request) = lab.last_key();
    lab.endpoint.respond(lab.now, key, request.tagged_response(Status::RINGING, "ringing"));
    lab.drain();
    lab.packet(flow, incoming(&Method::CANCEL, "z9hG4bKa", Transport::Udp).to_bytes());
    assert_eq!(lab.last_response().headers.to().unwrap().tag(), Some("ringing"));
}

#[test]
fn a_full_table_refuses_requests_but_keeps_room_for_invites() {
    let mut lab = Lab::with(EndpointSettings { max_transactions: 8, ..EndpointSettings::default() });
    let flow = flow(Transport::Udp);
    let send = |lab: &mut Lab, method: &Method, number: usize| {
        let mut request = incoming(method, &format!("z9hG4bK{number}"), Transport::Udp);
        request.headers.set(HeaderName::CallId, format!("call-{number}"));
        request.headers.push(HeaderName::UserAgent, "a phone with a name of the usual length, so that the answer fits");
        lab.packet(flow, request.to_bytes());
    };
    for number in 0..8 {
        send(&mut lab, &Method::OPTIONS, number);
    }
    lab.log.clear();
    send(&mut lab, &Method::OPTIONS, 8);
    send(&mut lab, &Method::INVITE, 9);
    assert_eq!(lab.take_log(), "0 >503 | 0 !INVITE");
    assert_eq!(lab.endpoint.counters().overload, 1);
}

#[test]
fn the_last_seats_are_the_users_to_give_and_come_to_an_end() {
    let mut lab = Lab::with(EndpointSettings { max_transactions: 8, ..EndpointSettings::default() });
    let invite = |lab: &mut Lab, number: usize| {
        let mut request = incoming(&Method::INVITE, &format!("z9hG4bK{number}"), Transport::Udp);
        request.headers.set(HeaderName::CallId, format!("call-{number}"));
        request.headers.push(HeaderName::UserAgent, "a phone with a name of the usual length, so that the answer fits");
        lab.log.clear();
        lab.packet(flow(Transport::Udp), request.to_bytes());
        lab.take_log()
    };
    let crowded = |lab: &Lab| matches!(lab.shown.last(), Some(Event::Request { crowded: true, .. }));
    for number in 0..9 {
        assert_eq!(invite(&mut lab, number), "0 !INVITE");
        assert!(!crowded(&lab), "{number}");
    }
    for number in 9..9 + 64 {
        assert_eq!(invite(&mut lab, number), "0 !INVITE");
        assert!(crowded(&lab), "{number}");
    }
    assert_eq!(invite(&mut lab, 100), "0 >503");
    let (key, request) = lab.last_key();
    lab.endpoint.respond_stateless(key, request.tagged_response(Status::SERVICE_UNAVAILABLE, "full"));
    lab.drain();
    assert_eq!(invite(&mut lab, 101), "0 !INVITE", "the seat was given back");
    assert_eq!(lab.endpoint.counters().overload, 66);
}

#[test]
fn a_request_nobody_answers_is_forgotten_when_its_sender_has_given_up() {
    let mut lab = Lab::new();
    lab.packet(flow(Transport::Udp), incoming(&Method::OPTIONS, "z9hG4bKa", Transport::Udp).to_bytes());
    lab.advance_to(32_000);
    assert_eq!(lab.endpoint.transactions(), (0, 0));
    assert_eq!(lab.endpoint.counters().left_unanswered, 1);
}

#[test]
fn a_finished_transaction_takes_less_than_a_kilobyte() {
    // The answer to a REGISTER with one binding is some 450 bytes; the rest is this, the indexes (2 * 32) and two timers.
    let fixed = size_of::<Server>() + 2 * 32 + 2 * 56;
    assert!(fixed + 450 < 1024, "{fixed}");
}
