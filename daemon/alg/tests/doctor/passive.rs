//! What ordinary messages show, and what they do not.

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use bytes::Bytes;
use centrale_alg::active::{Findings, Set};
use centrale_alg::diagnosis::{Deed, Diagnosis, Interference, Path};
use centrale_alg::evidence::Source;
use centrale_alg::passive::{CallFacts, Ends, Fingerprint, Heard, Symptom, Watch, Within};
use centrale_sip::flow::Transport;
use centrale_sip::message::{Message, Request, scan_datagram};

use crate::helper::{Alg as _, Helper};
use crate::network::{BOX, Came, Nat, Packet, Router, World};
use crate::rewriters::{Deeds, Rewriter};
use crate::servers::{Server, WAYS, Way};
use crate::truth::masquerade;

/// A trunk of a box in a world, with the watch beside it.
pub(crate) struct Trunk {
    pub(crate) world: World,
    pub(crate) watch: Watch,
    pub(crate) now: Instant,
    pub(crate) local: SocketAddr,
    serial: u32,
}

impl Trunk {
    pub(crate) fn new(world: World) -> Self {
        let local = SocketAddr::new(world.own, world.live_port);
        let watch = Watch::new(Path::BoxProvider, Transport::Udp, world.server.port);
        Self { world, watch, now: Instant::now(), local, serial: 0 }
    }

    fn ends(&self) -> Ends {
        Ends::new(self.local, SocketAddr::new(self.world.server.address, self.world.server.port))
    }

    /// Sends a request as the exchange does, again and again until it is answered; whether it was.
    pub(crate) fn ask(&mut self, method: &str, size: usize, within: bool) -> bool {
        self.serial += 1;
        self.now += Duration::from_secs(1);
        let (serial, local, server) = (self.serial, self.local, self.ends().remote);
        let (host, tag) = (server.ip(), if within { ";tag=s1" } else { "" });
        let host = if host.is_ipv6() { format!("[{host}]") } else { host.to_string() };
        let (is_invite, family) = (method == "INVITE", if local.is_ipv4() { "IP4" } else { "IP6" });
        let (own, pad) = (local.ip(), "x".repeat(size));
        let body = if is_invite {
            format!(
                "v=0\r\no=- 5 1 IN {family} {own}\r\ns=-\r\nc=IN {family} {own}\r\nt=0 0\r\nm=audio 40000 RTP/AVP 8\r\na=x:{pad}\r\n"
            )
        } else {
            String::new()
        };
        let kind = if is_invite { "Content-Type: application/sdp\r\n" } else { "" };
        let text = format!(
            "{method} sip:{host} SIP/2.0\r\nVia: SIP/2.0/UDP {local};branch=z9hG4bKt{serial};rport\r\nMax-Forwards: 70\r\n\
             From: <sip:31201234567@{host}>;tag=a{serial}\r\nTo: <sip:31207654321@{host}>{tag}\r\nCall-ID: t{serial}\r\n\
             CSeq: {serial} {method}\r\nContact: <sip:31201234567@{local}>\r\nExpires: 300\r\n{kind}Content-Length: {}\r\n\r\n{body}",
            body.len()
        );
        let Ok(Message::Request(sent)) = scan_datagram(&Bytes::from(text.clone())) else { panic!("{text}") };
        let answered = (0..7).any(|_| self.attempt(&sent, &text));
        if !answered {
            self.watch.unanswered(&sent, self.now);
        }
        answered
    }

    fn attempt(&mut self, sent: &Request, text: &str) -> bool {
        let packet =
            Packet { from: self.local, to: self.ends().remote, transport: Transport::Udp, text: text.to_owned() };
        let mut answered = false;
        for came in self.world.send(packet, None) {
            let Came::Answer { text, .. } = came else { continue };
            let bytes = Bytes::from(text);
            let Ok(Message::Response(response)) = scan_datagram(&bytes) else { continue };
            let heard = Heard { ends: self.ends(), transport: Transport::Udp, bytes: &bytes, at: self.now };
            self.watch.answer(&heard, sent, &response);
            answered = true;
        }
        answered
    }

    pub(crate) fn examine(&mut self, set: Set, seed: u64) -> (Findings, Diagnosis) {
        let target = self.world.target();
        let (findings, took) = self.world.run(target.clone(), set, seed, self.now);
        self.now += took;
        let own = Some(self.local.ip());
        let mut diagnosis = findings.diagnosis(&target, own, false, self.now);
        if findings.wants_repeat(own) {
            let (again, took) = self.world.run(target.clone(), set, seed + 1, self.now);
            self.now += took;
            diagnosis = again.diagnosis(&target, own, diagnosis.interference > Interference::None, self.now);
        }
        self.watch.tested(&findings, &diagnosis);
        (findings, diagnosis)
    }

    fn says(&self) -> Diagnosis {
        self.watch.diagnosis(self.now)
    }
}

fn seen(diagnosis: &Diagnosis) -> Vec<Fingerprint> {
    let fingerprint = |source| if let Source::Seen(it) = source { Some(it) } else { None };
    diagnosis.evidence.iter().filter_map(|it| fingerprint(it.source)).collect()
}

fn trunk_behind(router: Router, way: Way) -> Trunk {
    Trunk::new(World::new(vec![router], Server::new(way)))
}

#[test]
fn two_registrations_prove_the_kernels_helper_once_a_probe_has_shown_how_the_server_answers() {
    let mut trunk = trunk_behind(masquerade(true).with(Helper::new()), Way::Asterisk);
    trunk.ask("REGISTER", 0, false);
    assert_eq!(trunk.says().interference, Interference::None);
    assert!(trunk.watch.wants_a_test(trunk.now));
    trunk.examine(Set::Harmless, 1);
    for _ in 0..2 {
        trunk.ask("REGISTER", 0, false);
    }
    let diagnosis = trunk.says();
    assert_eq!((diagnosis.interference, seen(&diagnosis)), (Interference::Proven, vec![Fingerprint::F2]));
    assert!(diagnosis.deeds.has(Deed::RewritesVia));
    assert!(diagnosis.evidence[0].came.as_str().contains("received=192.168.1.50"), "{diagnosis:?}");
}

#[test]
fn a_server_that_copies_what_it_reads_into_received_is_not_accused() {
    let mut trunk = trunk_behind(masquerade(true), Way::CopyReceived);
    for round in 0..20 {
        trunk.ask("REGISTER", 0, false);
        if round == 3 {
            trunk.examine(Set::Harmless, 1);
        }
        assert_eq!(trunk.says().interference, Interference::None);
    }
    assert!(!trunk.watch.wants_a_test(trunk.now));
}

#[test]
fn a_rewriter_that_does_not_undo_itself_is_proven_by_its_first_answers() {
    for (deeds, fingerprint, deed) in [
        (Deeds::OneWay, Fingerprint::F1, Deed::RewritesVia),
        (Deeds::CallIdChanged, Fingerprint::F3, Deed::RewritesParties),
    ] {
        let mut trunk = trunk_behind(masquerade(true).with(Rewriter(deeds)), Way::Plain);
        for _ in 0..2 {
            trunk.ask("OPTIONS", 0, false);
        }
        let diagnosis = trunk.says();
        assert_eq!(diagnosis.interference, Interference::Proven, "{deeds:?}");
        assert!(seen(&diagnosis).contains(&fingerprint) && diagnosis.deeds.has(deed), "{deeds:?} {diagnosis:?}");
    }
}

#[test]
fn a_dropped_hold_is_suspected_within_one_call() {
    let router = masquerade(true).with(Rewriter(Deeds::ReferAndReInviteDropped));
    let mut trunk = trunk_behind(router, Way::Plain);
    assert!(trunk.ask("INVITE", 0, false));
    assert!(!trunk.ask("INVITE", 0, true), "the hold");
    let diagnosis = trunk.says();
    assert_eq!(diagnosis.interference, Interference::Suspected);
    assert!(diagnosis.deeds.has(Deed::DropsInDialog));
    assert_eq!(diagnosis.evidence[0].source, Source::Call(Symptom::T5));
    assert!(!trunk.ask("REFER", 0, true));
    trunk.watch.call(&CallFacts { within: Some(Within::Unanswered), ..CallFacts::default() }, trunk.now);
    assert_eq!(trunk.says().interference, Interference::Suspected);
}

#[test]
fn a_large_call_that_vanishes_beside_answered_requests_is_suspected_within_one_call() {
    let mut trunk = trunk_behind(masquerade(true).with(Rewriter(Deeds::LargeDropped)), Way::Plain);
    assert!(trunk.ask("REGISTER", 0, false));
    assert!(!trunk.ask("INVITE", 1_200, false));
    let lost = CallFacts { invited_at: Some(trunk.now - Duration::from_secs(32)), ..CallFacts::default() };
    trunk.watch.call(&lost, trunk.now);
    assert!(trunk.says().deeds.has(Deed::DropsInvite));
    assert_eq!(trunk.says().interference, Interference::Suspected);
}

#[test]
fn a_provider_that_is_silent_altogether_is_not_the_routers_fault() {
    let mut trunk = trunk_behind(masquerade(true), Way::Silent);
    assert!(!trunk.ask("INVITE", 0, false));
    let lost = CallFacts { invited_at: Some(trunk.now - Duration::from_secs(32)), ..CallFacts::default() };
    trunk.watch.call(&lost, trunk.now);
    assert_eq!(trunk.says().interference, Interference::None);
}

#[test]
fn a_call_for_our_private_address_betrays_the_helper_where_we_registered_the_public_one() {
    let mut trunk = trunk_behind(masquerade(true).with(Helper::new()), Way::Plain);
    // Registered with the public address, as a box does that writes what a STUN server told it.
    trunk.local = "203.0.113.2:25060".parse().unwrap();
    let register = "REGISTER sip:198.51.100.10 SIP/2.0\r\nVia: SIP/2.0/UDP 203.0.113.2:25060;branch=z9hG4bK1;rport\r\n\
                    From: <sip:a@198.51.100.10>;tag=1\r\nTo: <sip:a@198.51.100.10>\r\nCall-ID: 1\r\nCSeq: 1 REGISTER\r\n\
                    Contact: <sip:a@203.0.113.2:25060>\r\nContent-Length: 0\r\n\r\n";
    let Ok(Message::Request(sent)) = scan_datagram(&Bytes::from(register)) else { panic!() };
    let answer = register.replace("REGISTER sip:198.51.100.10 SIP/2.0", "SIP/2.0 200 OK");
    let bytes = Bytes::from(answer);
    let Ok(Message::Response(came)) = scan_datagram(&bytes) else { panic!() };
    let ends = Ends::new(SocketAddr::new(BOX, 25_060), "198.51.100.10:5060".parse().unwrap());
    let heard = Heard { ends, transport: Transport::Udp, bytes: &bytes, at: trunk.now };
    trunk.watch.answer(&heard, &sent, &came);
    for call in 0..2 {
        let text = format!(
            "INVITE sip:a@203.0.113.2:25060 SIP/2.0\r\nVia: SIP/2.0/UDP 198.51.100.10;branch=z9hG4bKi{call}\r\n\
             From: <sip:b@198.51.100.10>;tag=1\r\nTo: <sip:a@203.0.113.2:25060>\r\nCall-ID: i{call}\r\nCSeq: 1 INVITE\r\n\
             Content-Length: 0\r\n\r\n"
        );
        let (from, to) = (ends.remote, SocketAddr::new(BOX, 25_060));
        let mut packet = Packet { from, to, transport: Transport::Udp, text };
        assert!(Helper::new().back(&mut packet, trunk.local));
        let bytes = Bytes::from(packet.text);
        let Ok(Message::Request(request)) = scan_datagram(&bytes) else { panic!() };
        let heard = Heard { bytes: &bytes, ..heard };
        trunk.watch.request(&heard, &request);
    }
    let diagnosis = trunk.says();
    assert_eq!(diagnosis.interference, Interference::Proven);
    assert_eq!(seen(&diagnosis), [Fingerprint::F6, Fingerprint::F7]);
}

#[test]
fn a_phone_behind_a_rewriting_router_of_its_own_is_suspected_and_its_path_named() {
    let mut watch = Watch::new(Path::PhoneBox, Transport::Udp, 5060);
    let now = Instant::now();
    let ends = Ends::new("198.51.100.1:5060".parse().unwrap(), "203.0.113.2:5060".parse().unwrap());
    for call in 0..3 {
        let body = "v=0\r\no=- 1 1 IN IP4 203.0.113.2\r\ns=-\r\nc=IN IP4 203.0.113.2\r\nt=0 0\r\nm=audio 4000 RTP/AVP 8\r\n\
                    a=rtcp:4001 IN IP4 192.168.1.50\r\n";
        let text = format!(
            "INVITE sip:202@198.51.100.1 SIP/2.0\r\nVia: SIP/2.0/UDP 203.0.113.2:5060;branch=z9hG4bKp{call}\r\n\
             From: <sip:201@203.0.113.2:5060>;tag=1\r\nTo: <sip:202@198.51.100.1>\r\nCall-ID: p{call}@192.168.1.50\r\n\
             CSeq: 1 INVITE\r\nContact: <sip:201@203.0.113.2:5060>\r\nContent-Type: application/sdp\r\nContent-Length: {}\r\n\r\n{body}",
            body.len()
        );
        let bytes = Bytes::from(text);
        let Ok(Message::Request(request)) = scan_datagram(&bytes) else { panic!() };
        watch.request(&Heard { ends, transport: Transport::Udp, bytes: &bytes, at: now }, &request);
    }
    let diagnosis = watch.diagnosis(now);
    assert_eq!((diagnosis.interference, diagnosis.path), (Interference::Suspected, Path::PhoneBox));
    assert_eq!(seen(&diagnosis), [Fingerprint::F13, Fingerprint::F15]);
}

/// What is said after four calls of whom the provider describes by our own public address, heard or not.
fn after_calls_of_a_neighbour(heard: bool) -> Interference {
    let mut watch = Watch::new(Path::BoxProvider, Transport::Udp, 5060);
    let now = Instant::now();
    let ends = Ends {
        public: "203.0.113.2".parse().ok(),
        ..Ends::new("192.168.1.50:5060".parse().unwrap(), "198.51.100.10:5060".parse().unwrap())
    };
    for call in 0..4 {
        let body =
            "v=0\r\no=- 1 1 IN IP4 203.0.113.2\r\ns=-\r\nc=IN IP4 203.0.113.2\r\nt=0 0\r\nm=audio 4000 RTP/AVP 8\r\n";
        let text = format!(
            "INVITE sip:31201234567@192.168.1.50 SIP/2.0\r\nVia: SIP/2.0/UDP 198.51.100.10:5060;branch=z9hG4bKn{call}\r\n\
             From: <sip:31207654321@198.51.100.10>;tag=n{call}\r\nTo: <sip:31201234567@198.51.100.10>\r\nCall-ID: n{call}\r\n\
             CSeq: 1 INVITE\r\nContact: <sip:p@198.51.100.10>\r\nContent-Type: application/sdp\r\nContent-Length: {}\r\n\r\n{body}",
            body.len()
        );
        let bytes = Bytes::from(text);
        let Ok(Message::Request(request)) = scan_datagram(&bytes) else { panic!() };
        watch.request(&Heard { ends, transport: Transport::Udp, bytes: &bytes, at: now }, &request);
        let heard_at = Some(now).filter(|_| heard);
        let facts = CallFacts { answered_at: Some(now), heard_at, over: true, ..CallFacts::default() };
        watch.call(&facts, now);
    }
    watch.diagnosis(now).interference
}

#[test]
fn a_neighbour_behind_the_same_router_is_rightly_at_our_address_when_he_is_heard() {
    assert_eq!(after_calls_of_a_neighbour(true), Interference::None);
    assert_eq!(after_calls_of_a_neighbour(false), Interference::Suspected);
}

#[test]
fn no_honest_server_and_network_leaves_a_trace_that_counts() {
    for way in WAYS {
        for nat in [Nat::None, Nat::FullCone, Nat::Restricted, Nat::PortRestricted, Nat::Symmetric] {
            let mut trunk = trunk_behind(Router::new(nat, way != Way::Plain, "203.0.113.2"), way);
            trunk.examine(Set::Harmless, 1);
            for _ in 0..5 {
                for method in ["REGISTER", "OPTIONS", "INVITE", "BYE"] {
                    trunk.ask(method, 0, false);
                }
            }
            let diagnosis = trunk.says();
            assert_eq!(diagnosis.interference, Interference::None, "{way:?} {nat:?} {diagnosis:?}");
            assert!(seen(&diagnosis).iter().all(|it| *it == Fingerprint::F5), "{way:?} {nat:?} {diagnosis:?}");
        }
    }
}
