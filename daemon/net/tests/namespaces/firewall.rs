//! Whose packets are dropped, by the kernel where it may be asked, and else by the program: the same packets either way.

use std::io::{Read as _, Write as _};
use std::net::{IpAddr, Ipv4Addr, SocketAddr, TcpStream, UdpSocket};
use std::process::Command;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use centrale_net::{Block, NetEvent};

use crate::Scene;
use crate::pnp::{Ears, NEVER, WEB_PORT, at, on_the_box};
use crate::wires::Host;

pub(crate) const SCENES: &[Scene] = &[
    ("the_kernel_drops_and_counts_what_is_blocked_and_no_other_table_is_touched", in_the_kernel),
    ("the_program_drops_the_same_where_the_kernel_will_not", in_the_program),
    ("a_stranger_who_sends_too_fast_is_held_back_by_the_kernel_and_a_known_one_is_not", rates),
    ("strangers_who_together_send_too_fast_are_held_back_by_the_kernel_and_a_known_one_is_not", together),
    ("strangers_on_the_internet_who_together_flood_keep_nobody_of_the_office_out", apart),
    ("the_table_is_gone_with_the_box_and_a_box_beside_it_keeps_its_own", gone),
    ("the_page_is_shut_too_for_who_is_blocked_altogether_and_open_to_who_is_slowed_down", web),
    ("who_floods_in_a_phones_name_is_held_back_and_the_phone_is_heard", posing),
    ("a_phone_that_is_no_more_leaves_a_strangers_address", forgotten),
    ("from_the_internet_the_page_does_not_answer_and_nothing_else_is_touched", internet),
    ("what_the_box_forwards_to_other_machines_is_left_alone_at_the_same_ports", forwarded),
    ("both_families_are_dropped_and_ports_alone_too", families),
];

const TABLE: &str = "centrale_5060";
const HOUR: Duration = Duration::from_secs(3600);

/// What nft(8) says in the box's network; the text is empty when it fails.
fn nft(arguments: &str) -> String {
    let output = Command::new("nft").args(arguments.split(' ')).output().unwrap();
    String::from_utf8(output.stdout).unwrap()
}

/// Asks the kernel until it is so: what is blocked is carried out by a thread of its own.
fn becomes(what: &str, is_so: impl Fn() -> bool) {
    let began = Instant::now();
    while !is_so() {
        assert!(began.elapsed() < NEVER, "{what}: {}", nft("list ruleset"));
        std::thread::yield_now();
    }
}

fn in_set(set: &str, text: &str) -> bool {
    nft(&format!("list set inet {TABLE} {set}")).contains(text)
}

/// Packets that rules over that set dropped.
fn dropped(set: &str) -> u64 {
    dropped_in("knock", set)
}

fn dropped_in(chain: &str, set: &str) -> u64 {
    dropped_by(chain, |rule| rule.contains(&format!("@{set} ")))
}

fn dropped_by(chain: &str, which: impl Fn(&str) -> bool) -> u64 {
    let chain = nft(&format!("list chain inet {TABLE} {chain}"));
    let rules = chain.lines().filter(|rule| which(rule));
    let counts = rules.filter_map(|rule| rule.split("counter packets ").nth(1)?.split(' ').next()?.parse::<u64>().ok());
    counts.sum()
}

struct Street {
    office: Host,
    outside: Host,
    good: UdpSocket,
    bad: UdpSocket,
}

/// A box's network with two senders behind one wire, which keeps their packets in order.
fn street() -> Street {
    let (office, outside) = (Host::new(), Host::new());
    office.wire(&outside, "wan", at(1, 1), at(1, 2));
    outside.ip("addr add 10.20.1.3/24 dev wan");
    let sender = |host: u8| outside.inside(|| UdpSocket::bind((at(1, host), 5060)).unwrap());
    let (good, bad) = (sender(2), sender(3));
    Street { office, outside, good, bad }
}

fn send(from: &UdpSocket, number: usize, text: &[u8]) {
    for _ in 0..number {
        from.send_to(text, (at(1, 1), 5060)).unwrap();
    }
}

/// What came in until the good one was heard: how many packets of the bad one.
async fn heard_before_the_good_one(ears: &mut Ears, street: &Street) -> usize {
    send(&street.good, 1, b"good");
    let mut bad = 0;
    loop {
        match tokio::time::timeout(NEVER, ears.event()).await.expect("the good one is heard") {
            NetEvent::Packet { bytes, .. } if &bytes[..] == b"good" => return bad,
            NetEvent::Packet { .. } => bad += 1,
            _ => {}
        }
    }
}

fn block(source: Ipv4Addr, port: Option<u16>, trickles: bool) -> Block {
    Block { source: source.into(), port, lasts: HOUR, trickles, page: true }
}

/// The same for the kernel and for the program. `settles` waits until a block, or its end, is in force.
async fn blocks_and_lifts(ears: &mut Ears, street: &Street, settles: impl Fn(&str, bool)) {
    let bad = at(1, 3);
    for (port, set) in [(None, "blocked4"), (Some(5060), "blocked_ports4")] {
        ears.net.block(&block(bad, port, false));
        settles(set, true);
        send(&street.bad, 100, b"bad");
        assert_eq!(heard_before_the_good_one(ears, street).await, 0);
        ears.net.lift(bad.into());
        settles(set, false);
        send(&street.bad, 10, b"bad");
        assert_eq!(heard_before_the_good_one(ears, street).await, 10);
    }
    ears.net.block(&block(bad, None, true));
    settles("slow4", true);
    send(&street.bad, 1_000, b"bad");
    let passed = heard_before_the_good_one(ears, street).await;
    assert!((20..500).contains(&passed), "twenty at once, and ten a second: {passed}");
    ears.net.lift(bad.into());
    settles("slow4", false);
}

fn in_the_kernel() {
    let street = street();
    on_the_box(&street.office, async || {
        nft("add table inet other");
        nft("add chain inet other c { type filter hook prerouting priority 0 ; }");
        nft("add set inet other blocked4 { type ipv4_addr ; elements = { 10.9.9.9 } ; }");
        nft("add rule inet other c ip saddr @blocked4 drop");
        let before = nft("list table inet other");
        let mut ears = Ears::open(5060, &[]).await;
        ears.net.blocks_in_kernel().unwrap();
        blocks_and_lifts(&mut ears, &street, |set, there| becomes(set, || in_set(set, "10.20.1.3") == there)).await;
        assert_eq!((dropped("blocked4"), dropped("blocked_ports4")), (100, 100));
        assert!(dropped("trickles4") > 500);
        assert_eq!(ears.net.counters().blocked_packets.load(Ordering::Relaxed), 0, "nothing was left to the program");
        assert_eq!(nft("list table inet other"), before);
    });
}

fn in_the_program() {
    let street = street();
    on_the_box(&street.office, async || {
        // Somebody else's, though it has the name of ours.
        nft(&format!("add table inet {TABLE}"));
        let before = nft("list ruleset");
        let mut ears = Ears::open(5060, &[]).await;
        assert_eq!(ears.net.blocks_in_kernel().unwrap_err().kind(), std::io::ErrorKind::AlreadyExists);
        blocks_and_lifts(&mut ears, &street, |_, _| {}).await;
        assert!(ears.net.counters().blocked_packets.load(Ordering::Relaxed) > 200);
        assert_eq!(nft("list ruleset"), before);
    });
}

fn rates() {
    let street = street();
    on_the_box(&street.office, async || {
        let ears = Ears::open(5060, &[]).await;
        let began = Instant::now();
        while dropped("rates4") == 0 {
            send(&street.bad, 2_000, b"bad");
            assert!(began.elapsed() < NEVER, "nothing was held back");
        }
        ears.net.know(at(1, 3).into());
        becomes("known", || in_set("known4", "10.20.1.3"));
        let before = dropped("rates4");
        send(&street.bad, 5_000, b"bad");
        assert_eq!(dropped("rates4"), before);
    });
}

/// Each of many stays under its own limit, and all together are over theirs; one who is known is heard whatever they send.
fn together() {
    let street = street();
    street.outside.ip("route add local 10.20.2.0/24 dev lo");
    on_the_box(&street.office, async || {
        let mut ears = Ears::open(5060, &[]).await;
        ears.net.know(at(1, 2).into());
        becomes("known", || in_set("known4", "10.20.1.2"));
        let bind = |host: u8| street.outside.inside(|| UdpSocket::bind((at(2, host), 5060)).unwrap());
        let many: Vec<UdpSocket> = (1..=250).map(bind).collect();
        let all = || dropped_by("office", |_| true);
        let began = Instant::now();
        while all() == 0 {
            many.iter().for_each(|one| send(one, 100, b"bad"));
            assert!(began.elapsed() < NEVER, "nothing was held back");
        }
        // What was let in fills the socket: again, until there is room.
        loop {
            send(&street.good, 1, b"good");
            match tokio::time::timeout(NEVER, ears.event()).await.expect("the good one is heard") {
                NetEvent::Packet { bytes, .. } if &bytes[..] == b"good" => break,
                _ => {}
            }
        }
    });
}

/// Many on the internet, each under its own limit and together far over theirs: of an unknown phone in the office everything comes.
fn apart() {
    let street = street();
    street.outside.ip("route add local 203.0.113.0/24 dev lo");
    street.office.ip("route add 203.0.113.0/24 via 10.20.1.2");
    on_the_box(&street.office, async || {
        let mut ears = Ears::open(5060, &[]).await;
        ears.net.know(at(1, 3).into());
        becomes("known", || in_set("known4", "10.20.1.3"));
        let far = |host: u8| Ipv4Addr::new(203, 0, 113, host);
        let bind = |host: u8| street.outside.inside(|| UdpSocket::bind((far(host), 5060)).unwrap());
        let many: Vec<UdpSocket> = (1..=250).map(bind).collect();
        let held = || dropped_by("strangers", |_| true) + dropped_by("knock", |rule| rule.contains("4000/second"));
        let began = Instant::now();
        while held() == 0 {
            many.iter().for_each(|one| send(one, 100, b"flood"));
            assert!(began.elapsed() < NEVER, "nothing was held back");
        }
        goods_until(&mut ears, &street, b"room").await;
        for _ in 0..100 {
            many.iter().for_each(|one| send(one, 1, b"flood"));
            send(&street.good, 1, b"good");
        }
        assert_eq!(goods_until(&mut ears, &street, b"end").await, 100);
    });
}

/// How many packets of an unknown phone come until one of who is known does, however full the socket is of others'.
async fn goods_until(ears: &mut Ears, street: &Street, end: &[u8]) -> usize {
    let mut goods = 0;
    loop {
        send(&street.bad, 1, end);
        match tokio::time::timeout(NEVER, ears.event()).await.expect("who is known is heard") {
            NetEvent::Packet { bytes, .. } if &bytes[..] == end => return goods,
            NetEvent::Packet { bytes, .. } if &bytes[..] == b"good" => goods += 1,
            _ => {}
        }
    }
}

fn gone() {
    let street = street();
    on_the_box(&street.office, async || {
        let beside = Ears::open(5070, &[at(1, 1)]).await;
        let ears = Ears::open(5060, &[]).await;
        beside.net.blocks_in_kernel().and(ears.net.blocks_in_kernel()).unwrap();
        ears.net.block(&block(at(1, 3), None, false));
        becomes("a block", || in_set("blocked4", "10.20.1.3"));
        assert!(nft(&format!("delete table inet {TABLE}")).is_empty() && nft("list tables").contains(TABLE));
        drop(ears);
        // The sockets' tasks end when they are run next.
        let began = Instant::now();
        while nft("list tables").contains(TABLE) {
            assert!(began.elapsed() < NEVER, "the table stays");
            tokio::task::yield_now().await;
        }
        assert!(nft("list table inet centrale_5070").contains("ip daddr 10.20.1.1"));
    });
}

/// A phone's own port, and another of its address from which anybody may send.
fn posing() {
    let street = street();
    let posing = street.outside.inside(|| UdpSocket::bind((at(1, 2), 4000)).unwrap());
    on_the_box(&street.office, async || {
        let mut ears = Ears::open(5060, &[]).await;
        ears.net.know(at(1, 2).into());
        becomes("known", || in_set("known4", "10.20.1.2"));
        let began = Instant::now();
        while dropped("known_port_rates4") == 0 {
            send(&posing, 20_000, b"bad");
            assert!(began.elapsed() < NEVER, "nothing was held back");
        }
        assert_eq!(dropped("known_rates4"), 0);
        // What the kernel let through fills the socket's queue; a phone asks again.
        while &ears.packet().await[..] != b"good" {
            let _ = street.good.send_to(b"good", (at(1, 1), 5060));
        }
    });
}

fn forgotten() {
    let street = street();
    on_the_box(&street.office, async || {
        let mut ears = Ears::open(5060, &[]).await;
        ears.net.know(at(1, 3).into());
        becomes("known", || in_set("known4", "10.20.1.3"));
        ears.net.block(&block(at(1, 3), None, false));
        becomes("a block", || in_set("blocked4", "10.20.1.3"));
        send(&street.bad, 10, b"bad");
        heard_before_the_good_one(&mut ears, &street).await;
        assert_eq!(dropped("blocked4"), 0, "a phone is there");
        ears.net.forget(at(1, 3).into());
        becomes("forgotten", || !in_set("known4", "10.20.1.3"));
        send(&street.bad, 10, b"bad");
        heard_before_the_good_one(&mut ears, &street).await;
        assert_eq!(dropped("blocked4"), 10);
        ears.net.know(at(1, 3).into());
        becomes("known again", || in_set("known4", "10.20.1.3"));
    });
}

/// The box at an address on the internet, with somebody else's service beside the page, and who comes from far.
fn internet() {
    let (office, outside) = (Host::new(), Host::new());
    let public = |last: u8| Ipv4Addr::new(203, 0, 113, last);
    let far = |last: u8| Ipv4Addr::new(198, 51, 100, last);
    office.wire(&outside, "wan", public(10), public(1));
    office.ip("route add default via 203.0.113.1");
    office.ip("addr add 10.20.1.1/24 dev wan");
    let _services =
        [WEB_PORT, 22].map(|port| office.inside(|| std::net::TcpListener::bind(("0.0.0.0", port)).unwrap()));
    for last in [7, 8] {
        outside.ip(&format!("addr add {}/32 dev lo", far(last)));
    }
    outside.ip("addr add 10.20.1.2/24 dev wan");
    let comes = |from: Ipv4Addr, to: Ipv4Addr, port: u16, patience| {
        outside.inside(|| connect(from, SocketAddr::from((to, port)), patience))
    };
    let soon = Duration::from_millis(100);
    let silent =
        |from, to| comes(from, to, WEB_PORT, soon).is_err_and(|error| error.kind() == std::io::ErrorKind::TimedOut);
    let opens = |from, to, port| comes(from, to, port, NEVER).is_ok();
    on_the_box(&office, async || {
        let ears = Ears::open(5060, &[]).await;
        // They are found by a task of their own.
        let own = || nft(&format!("list chain inet {TABLE} far")).contains("203.0.113.0");
        while !own() {
            tokio::task::yield_now().await;
        }
        let strangers = nft(&format!("list chain inet {TABLE} strangers"));
        assert!(strangers.contains("203.0.113.0/24 goto office"), "who is beside the box: {strangers}");
        assert!(silent(far(7), public(10)));
        let refused = comes(far(7), public(10), 23, NEVER).unwrap_err();
        assert_eq!(refused.kind(), std::io::ErrorKind::ConnectionRefused, "what is not ours is as it was");
        assert!(opens(far(7), public(10), 22), "an administrator of the machine");
        assert!(opens(far(7), at(1, 1), WEB_PORT), "a router that somebody told to brings them");
        assert!(opens(at(1, 2), public(10), WEB_PORT) && opens(public(1), public(10), WEB_PORT), "who is near");
        ears.net.serve_page(vec![(far(0).into(), 29)]);
        becomes("a network that the office named", || !silent(far(7), public(10)));
        assert!(silent(far(8), public(10)));
        ears.net.serve_page(Vec::new());
        becomes("nobody's", || silent(far(7), public(10)));
        ears.net.know(far(8).into());
        becomes("a phone at home", || !silent(far(8), public(10)));
        ears.net.forget(far(8).into());
        becomes("a phone that starts up", || !in_set("known4", "198.51.100.8"));
        assert!(opens(far(8), public(10), WEB_PORT), "and fetches its settings then");
        assert!(silent(far(7), public(10)));
        ears.net.serve_page_to_all(HOUR);
        becomes("let in from everywhere", || !silent(far(7), public(10)));
        let mut there = comes(far(7), public(10), WEB_PORT, NEVER).unwrap();
        ears.net.serve_page_to_all(Duration::from_millis(1));
        becomes("no more", || silent(far(7), public(10)));
        there.set_read_timeout(Some(soon)).unwrap();
        let waits = there.write_all(b"still here").and_then(|()| there.read(&mut [0; 8])).unwrap_err();
        assert_eq!(waits.kind(), std::io::ErrorKind::WouldBlock, "who is in stays in");
    });
}

/// The box is also the router of other machines, which have services at the same ports.
fn forwarded() {
    let (office, outside, other) = (Host::new(), Host::new(), Host::new());
    let [public, behind] =
        [203, 192].map(|first| move |last: u8| Ipv4Addr::from([first, 0, if first == 203 { 113 } else { 2 }, last]));
    office.wire(&outside, "wan", public(10), public(1));
    office.wire(&other, "dmz", behind(1), behind(2));
    office.set("ipv4/ip_forward", "1");
    other.ip("route add default via 192.0.2.1");
    outside.ip("addr add 198.51.100.7/32 dev lo");
    outside.ip("route add 192.0.2.0/24 via 203.0.113.10");
    office.ip("route add 198.51.100.0/24 via 203.0.113.1");
    let far = Ipv4Addr::new(198, 51, 100, 7);
    let services =
        [&office, &other].map(|host| host.inside(|| std::net::TcpListener::bind(("0.0.0.0", WEB_PORT)).unwrap()));
    let page =
        |to: Ipv4Addr, patience| outside.inside(|| connect(far, SocketAddr::from((to, WEB_PORT)), patience).is_ok());
    let theirs = other.inside(|| UdpSocket::bind((behind(2), 5060)).unwrap());
    theirs.set_read_timeout(Some(NEVER)).unwrap();
    let caller = outside.inside(|| UdpSocket::bind((far, 5060)).unwrap());
    on_the_box(&office, async || {
        let ears = Ears::open(5060, &[]).await;
        ears.net.blocks_in_kernel().unwrap();
        becomes("the rules", || nft(&format!("list chain inet {TABLE} far")).contains("drop"));
        assert!(!page(public(10), Duration::from_millis(100)), "the box's own page is not there");
        assert!(page(behind(2), NEVER), "another machine's is");
        ears.net.block(&block(far, None, false));
        becomes("a block", || in_set("blocked4", "198.51.100.7"));
        assert!(page(behind(2), NEVER), "also for who is blocked at the box");
        // More than the box takes from a stranger at once.
        for _ in 0..300 {
            caller.send_to(b"INVITE", (behind(2), 5060)).unwrap();
            theirs.recv(&mut [0; 16]).expect("another machine's phones are called");
        }
        assert_eq!((dropped("blocked4"), dropped("rates4")), (0, 0));
    });
    drop(services);
}

fn connect(from: Ipv4Addr, to: SocketAddr, patience: Duration) -> std::io::Result<TcpStream> {
    let socket = socket2::Socket::new(socket2::Domain::IPV4, socket2::Type::STREAM, None)?;
    socket.bind(&SocketAddr::from((from, 0)).into())?;
    socket.connect_timeout(&to.into(), patience)?;
    Ok(socket.into())
}

fn web() {
    let (office, outside) = (Host::new(), Host::new());
    office.wire(&outside, "wan", at(1, 1), at(1, 2));
    let _page = office.inside(|| std::net::TcpListener::bind((at(1, 1), WEB_PORT)).unwrap());
    let to = SocketAddr::from((at(1, 1), WEB_PORT));
    let opens = |patience| outside.inside(|| TcpStream::connect_timeout(&to, patience).is_ok());
    on_the_box(&office, async || {
        let ears = Ears::open(5060, &[]).await;
        assert!(opens(NEVER));
        ears.net.block(&Block { page: false, ..block(at(1, 2), None, true) });
        becomes("a trickle", || in_set("slow4", "10.20.1.2"));
        assert!(opens(NEVER), "somebody of the office");
        ears.net.block(&block(at(1, 2), None, true));
        becomes("a block of before a restart", || in_set("pageless4", "10.20.1.2"));
        assert!(!opens(Duration::from_millis(50)) && in_set("slow4", "10.20.1.2"));
        ears.net.lift(at(1, 2).into());
        becomes("nothing", || !in_set("pageless4", "10.20.1.2"));
        assert!(opens(NEVER), "whose block is over");
        ears.net.block(&Block { page: false, ..block(at(1, 2), None, false) });
        becomes("what anybody may have sent", || in_set("unproven4", "10.20.1.2"));
        assert!(opens(NEVER), "an administrator whom somebody slandered");
        ears.net.block(&block(at(1, 2), None, false));
        becomes("a block", || in_set("blocked4", "10.20.1.2"));
        let visits = || dropped_in("visit", "blocked4");
        assert!(!opens(Duration::from_millis(50)) && visits() > 0);
        ears.net.know(at(1, 2).into());
        becomes("known", || in_set("known4", "10.20.1.2"));
        assert!(opens(NEVER), "a phone is there");
    });
}

fn families() {
    let (office, outside) = (Host::new(), Host::new());
    office.wire(&outside, "wan", at(1, 1), at(1, 2));
    office.ip("addr add 2001:db8::1/64 dev wan nodad");
    outside.ip("addr add 2001:db8::2/64 dev wan nodad");
    let v6 = |last: u16| IpAddr::from([0x2001, 0xdb8, 0, 0, 0, 0, 0, last]);
    let bad = outside.inside(|| UdpSocket::bind((v6(2), 5062)).unwrap());
    let good = outside.inside(|| UdpSocket::bind((v6(2), 5064)).unwrap());
    on_the_box(&office, async || {
        let mut ears = Ears::open(5060, &[]).await;
        ears.net.block(&Block { source: v6(2), port: Some(5062), lasts: HOUR, trickles: false, page: true });
        becomes("a port", || in_set("blocked_ports6", "2001:db8::2"));
        let to = SocketAddr::from((v6(1), 5060));
        let send = |from: &UdpSocket| (0..50).map(|_| from.send_to(b"bad", to).unwrap()).sum::<usize>();
        send(&bad);
        good.send_to(b"good", to).unwrap();
        assert_eq!(&ears.packet().await[..], b"good");
        assert_eq!(dropped("blocked_ports6"), 50);
        ears.net.block(&Block { source: v6(2), port: None, lasts: HOUR, trickles: false, page: true });
        becomes("an address", || in_set("blocked6", "2001:db8::2"));
        send(&good);
        ears.net.lift(v6(2));
        becomes("its end", || !in_set("blocked6", "2001:db8::2") && !in_set("blocked_ports6", "2001:db8::2"));
        bad.send_to(b"again", to).unwrap();
        assert_eq!(&ears.packet().await[..], b"again");
        assert_eq!(dropped("blocked6"), 50);
    });
}
