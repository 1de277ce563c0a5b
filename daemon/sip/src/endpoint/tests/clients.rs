//! The client machines (RFC 3261 17.1, RFC 6026) as scripts.
//!
//! Steps: `180 a` a response with To tag a; `ack a` the user acknowledges; `cancel`; `closed` the connection is gone;
//! `cancelled-by 200` the peer answers the CANCEL.

use super::*;

struct Case {
    name: &'static str,
    method: Method,
    transport: Transport,
    script: &'static str,
    log: &'static str,
}

fn run(case: &Case) -> Lab {
    let mut lab = Lab::new();
    let flow = flow(case.transport);
    let now = lab.now;
    let key = lab.endpoint.send_request(now, request(&case.method), Path::Flow(flow), flow.local);
    lab.drain();
    let sent = lab.last_sent(&case.method);
    for (at, words) in steps(case.script) {
        lab.advance_to(at);
        let now = lab.now;
        match words[..] {
            ["ack", tag] => lab.endpoint.send_ack(now, key, ack_for(&sent, tag), Path::Flow(flow), flow.local),
            ["cancel"] => lab.endpoint.cancel(now, key),
            ["closed"] => lab.endpoint.handle_flow_closed(now, flow.id),
            ["cancelled-by", code] => {
                let response = lab.last_sent(&Method::CANCEL).tagged_response(status_of(code), "a");
                lab.packet(flow, response.to_bytes());
            }
            [code, tag] => lab.packet(flow, sent.tagged_response(status_of(code), tag).to_bytes()),
            _ => panic!("no step: {words:?}"),
        }
        lab.drain();
    }
    lab.advance_to(200_000);
    lab
}

fn ack_for(invite: &Request, tag: &str) -> Request {
    let mut ack = Request::new(Method::ACK, invite.uri.clone());
    for name in [HeaderName::From, HeaderName::CallId] {
        ack.headers.push(name.clone(), invite.headers.first(&name).unwrap().clone());
    }
    ack.headers.push(HeaderName::To, invite.headers.to().unwrap().tagged(tag).to_string());
    ack.headers.push(HeaderName::CSeq, "1 ACK");
    ack
}

#[test]
fn every_script_gives_its_log_and_leaves_nothing_behind() {
    let case = |name, method, transport, script, log| Case { name, method, transport, script, log };
    let (udp, tcp) = (Transport::Udp, Transport::Tcp);
    let invite = || Method::INVITE;
    let options = || Method::OPTIONS;
    let cases = [
        case(
            "timers A and B",
            invite(),
            udp,
            "",
            "0 >INVITE | 500 >INVITE | 1500 >INVITE | 3500 >INVITE | 7500 >INVITE | 15500 >INVITE | 31500 >INVITE | 32000 !timed-out",
        ),
        case("no timer A over TCP", invite(), tcp, "", "0 >INVITE/tcp | 32000 !timed-out"),
        case(
            "a provisional response stops A and B",
            invite(),
            udp,
            "600 100 a | 50000 180 a | 90000 200 a | 90000 ack a",
            "0 >INVITE | 500 >INVITE | 600 !100 | 50000 !180 | 90000 !200 | 90000 >ACK",
        ),
        case(
            "a refusal is acknowledged here, and again whenever it comes again until D",
            invite(),
            udp,
            "100 486 a | 600 486 a | 1600 486 a | 32000 486 a | 32200 486 a",
            "0 >INVITE | 100 !486 | 100 >ACK | 600 >ACK | 1600 >ACK | 32000 >ACK",
        ),
        case("D is zero over TCP", invite(), tcp, "100 486 a | 600 486 a", "0 >INVITE/tcp | 100 !486 | 100 >ACK/tcp"),
        case(
            "a 2xx again is acknowledged from memory until M, and not before the user did",
            invite(),
            udp,
            "100 200 a | 200 200 a | 300 ack a | 700 200 a | 32000 200 a | 32200 200 a",
            "0 >INVITE | 100 !200 | 300 >ACK | 700 >ACK | 32000 >ACK",
        ),
        case(
            "the 2xx of another fork is shown and acknowledged on its own",
            invite(),
            tcp,
            "100 200 a | 100 ack a | 200 200 b | 200 ack b | 300 200 a | 400 200 b",
            "0 >INVITE/tcp | 100 !200 | 100 >ACK/tcp | 200 !200 | 200 >ACK/tcp | 300 >ACK/tcp | 400 >ACK/tcp",
        ),
        case(
            "after a 2xx, late 1xx and refusals of other forks mean nothing",
            invite(),
            udp,
            "100 200 a | 100 ack a | 200 180 b | 300 486 b",
            "0 >INVITE | 100 !200 | 100 >ACK",
        ),
        case(
            "after a refusal, late 1xx and 2xx mean nothing",
            invite(),
            udp,
            "100 486 a | 200 180 a | 300 200 a",
            "0 >INVITE | 100 !486 | 100 >ACK",
        ),
        case(
            "CANCEL waits for a provisional response, and the INVITE ends 487",
            invite(),
            udp,
            "100 cancel | 600 180 a | 700 cancelled-by 200 | 800 487 a",
            "0 >INVITE | 500 >INVITE | 600 !180 | 600 >CANCEL | 800 !487 | 800 >ACK",
        ),
        case(
            "CANCEL goes at once when it rings, again like any request, and only once however often it is wished",
            invite(),
            udp,
            "100 180 a | 200 cancel | 300 cancel | 800 cancelled-by 200 | 900 487 a",
            "0 >INVITE | 100 !180 | 200 >CANCEL | 700 >CANCEL | 900 !487 | 900 >ACK",
        ),
        case(
            "CANCEL crosses the 200, which is shown all the same",
            invite(),
            udp,
            "100 180 a | 200 cancel | 250 200 a | 250 ack a | 300 cancelled-by 200",
            "0 >INVITE | 100 !180 | 200 >CANCEL | 250 !200 | 250 >ACK",
        ),
        case(
            "a wished CANCEL is not sent when the final response comes first",
            invite(),
            udp,
            "100 cancel | 200 200 a | 200 ack a | 300 cancel",
            "0 >INVITE | 200 !200 | 200 >ACK",
        ),
        case(
            "a cancelled INVITE that nobody ends is given up after 64*T1",
            invite(),
            tcp,
            "100 180 a | 1000 cancel | 1100 cancelled-by 200",
            "0 >INVITE/tcp | 100 !180 | 1000 >CANCEL/tcp | 33000 !timed-out",
        ),
        case(
            "a wished CANCEL does not keep an unanswered INVITE from ending",
            invite(),
            tcp,
            "100 cancel",
            "0 >INVITE/tcp | 32000 !timed-out",
        ),
        case(
            "timers E and F",
            options(),
            udp,
            "",
            "0 >OPTIONS | 500 >OPTIONS | 1500 >OPTIONS | 3500 >OPTIONS | 7500 >OPTIONS | 11500 >OPTIONS | 15500 >OPTIONS | \
             19500 >OPTIONS | 23500 >OPTIONS | 27500 >OPTIONS | 31500 >OPTIONS | 32000 !timed-out",
        ),
        case("no timer E over TCP", options(), tcp, "", "0 >OPTIONS/tcp | 32000 !timed-out"),
        case(
            "after a provisional response E is T2, and F goes on",
            options(),
            udp,
            "600 100 a",
            "0 >OPTIONS | 500 >OPTIONS | 600 !100 | 1500 >OPTIONS | 5500 >OPTIONS | 9500 >OPTIONS | 13500 >OPTIONS | \
             17500 >OPTIONS | 21500 >OPTIONS | 25500 >OPTIONS | 29500 >OPTIONS | 32000 !timed-out",
        ),
        case(
            "a final response ends it, and is absorbed until K",
            options(),
            udp,
            "100 200 a | 600 200 a | 5000 404 a | 5200 200 a",
            "0 >OPTIONS | 100 !200",
        ),
        case("K is zero over TCP", options(), tcp, "100 200 a | 200 200 a", "0 >OPTIONS/tcp | 100 !200"),
        case(
            "only an INVITE can be cancelled",
            options(),
            tcp,
            "100 100 a | 200 cancel | 300 200 a",
            "0 >OPTIONS/tcp | 100 !100 | 300 !200",
        ),
        case(
            "a closed connection ends what waits",
            invite(),
            tcp,
            "100 180 a | 200 closed",
            "0 >INVITE/tcp | 100 !180 | 200 !transport-failed",
        ),
        case(
            "a closed connection ends what waits",
            options(),
            tcp,
            "200 closed",
            "0 >OPTIONS/tcp | 200 !transport-failed",
        ),
        case(
            "a closed connection does not undo an answer",
            invite(),
            tcp,
            "100 200 a | 100 ack a | 200 closed",
            "0 >INVITE/tcp | 100 !200 | 100 >ACK/tcp",
        ),
    ];
    for case in &cases {
        let mut lab = run(case);
        assert_eq!(lab.take_log(), case.log, "{}", case.name);
        assert_eq!(lab.endpoint.transactions(), (0, 0), "{}: nothing outlives its timers", case.name);
        assert_eq!(lab.endpoint.poll_timeout(), None, "{}", case.name);
        assert_eq!(lab.endpoint.client_index.len(), 0, "{}", case.name);
        assert!(lab.endpoint.by_flow.is_empty() && lab.endpoint.by_target.is_empty(), "{}", case.name);
    }
}

#[test]
fn a_refusal_is_acknowledged_with_the_invites_own_branch_and_route_and_the_answers_to() {
    let mut lab = Lab::new();
    let flow = flow(Transport::Udp);
    let mut invite = request(&Method::INVITE);
    invite.headers.push(HeaderName::Route, "<sip:proxy.example;lr>");
    lab.endpoint.send_request(lab.now, invite, Path::Flow(flow), flow.local);
    lab.drain();
    let sent = lab.last_sent(&Method::INVITE);
    lab.packet(flow, sent.tagged_response(Status::BUSY_HERE, "callee").to_bytes());
    let ack = lab.last_sent(&Method::ACK);
    for name in [HeaderName::Via, HeaderName::From, HeaderName::CallId, HeaderName::Route] {
        assert_eq!(ack.headers.all(&name).collect::<Vec<_>>(), sent.headers.all(&name).collect::<Vec<_>>());
    }
    assert_eq!(ack.headers.to().unwrap().tag(), Some("callee"));
    assert_eq!(ack.headers.cseq().unwrap(), CSeq { number: 1, method: Method::ACK });
    assert_eq!(ack.uri, sent.uri);
}

#[test]
fn a_cancel_has_the_invites_branch_number_and_to_without_tag() {
    let mut lab = Lab::new();
    let flow = flow(Transport::Udp);
    let key = lab.endpoint.send_request(lab.now, request(&Method::INVITE), Path::Flow(flow), flow.local);
    lab.drain();
    let sent = lab.last_sent(&Method::INVITE);
    lab.packet(flow, sent.tagged_response(Status::RINGING, "callee").to_bytes());
    lab.endpoint.cancel(lab.now, key);
    lab.drain();
    let cancel = lab.last_sent(&Method::CANCEL);
    assert_eq!(cancel.headers.top_via(), sent.headers.top_via());
    assert_eq!(cancel.headers.to().unwrap().tag(), None);
    assert_eq!(cancel.headers.cseq().unwrap(), CSeq { number: 1, method: Method::CANCEL });
}

#[test]
fn what_a_response_must_match_is_branch_and_method_and_one_via() {
    let mut lab = Lab::new();
    let flow = flow(Transport::Udp);
    lab.endpoint.send_request(lab.now, request(&Method::OPTIONS), Path::Flow(flow), flow.local);
    lab.drain();
    let sent = lab.last_sent(&Method::OPTIONS);
    let answer = sent.tagged_response(Status::OK, "a");

    let mut other_branch = answer.clone();
    let mut via = answer.headers.top_via().unwrap();
    via.params.set("branch", Some("z9hG4bKother"));
    other_branch.headers.replace_top_via(&via);
    lab.packet(flow, other_branch.to_bytes());

    let mut other_method = answer.clone();
    other_method.headers.set(HeaderName::CSeq, "1 INVITE");
    lab.packet(flow, other_method.to_bytes());

    let mut for_somebody_behind = answer.clone();
    for_somebody_behind.headers.push(HeaderName::Via, "SIP/2.0/UDP 198.51.100.1;branch=z9hG4bKbehind");
    lab.packet(flow, for_somebody_behind.to_bytes());
    assert_eq!(lab.take_log(), "0 >OPTIONS");
    let counters = lab.endpoint.counters();
    assert_eq!((counters.unmatched_responses, counters.misrouted_responses), (2, 1));

    // A router that rewrites SIP on its way out but not on its way in must not cost the call; it is counted instead.
    let mut rewritten = answer;
    let mut via = rewritten.headers.top_via().unwrap();
    via.host = crate::message::Host::parse("203.0.113.9").unwrap();
    rewritten.headers.replace_top_via(&via);
    lab.packet(flow, rewritten.to_bytes());
    assert_eq!(lab.take_log(), "0 !200");
    assert_eq!(lab.endpoint.counters().rewritten_vias, 1);
}

#[test]
fn the_table_of_own_requests_has_an_end_that_is_told() {
    let mut lab = Lab::with(EndpointSettings { max_transactions: 1, ..EndpointSettings::default() });
    let path = Path::Flow(flow(Transport::Tcp));
    for _ in 0..2 {
        lab.endpoint.send_request(lab.now, request(&Method::OPTIONS), path, BOX.parse().unwrap());
    }
    lab.drain();
    assert_eq!(lab.take_log(), "0 !transport-failed | 0 >OPTIONS/tcp");
    assert_eq!(lab.endpoint.counters().overload, 1);
    lab.endpoint.send_request(lab.now, request(&Method::INVITE), path, BOX.parse().unwrap());
    lab.drain();
    assert_eq!(lab.take_log(), "0 >INVITE/tcp", "what a call needs is not kept waiting");
}
