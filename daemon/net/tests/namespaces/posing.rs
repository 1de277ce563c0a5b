//! Machines that answer ARP for others (threats T29), with the kernel's own ARP at both ends: what the box's table says then.

use std::net::{Ipv4Addr, UdpSocket};
use std::time::{Duration, Instant};

use centrale_net::{TableEntry, neighbours, stir};

use crate::Scene;
use crate::pnp::NEVER;
use crate::wires::Host;

pub(crate) const SCENES: &[Scene] = &[
    ("t_029_whoever_answers_for_the_router_is_in_the_table_in_its_place_and_by_its_own_address", by_turns),
    ("t_029_a_neighbour_that_is_spoken_to_shows_whether_it_still_has_its_address", spoken_to),
];

const BOX: Ipv4Addr = Ipv4Addr::new(10, 20, 1, 10);
const ROUTER: Ipv4Addr = Ipv4Addr::new(10, 20, 1, 1);
const THIEF: Ipv4Addr = Ipv4Addr::new(10, 20, 1, 66);

/// The box, the router and a thief at one switch.
struct Office {
    office: Host,
    router: Host,
    thief: Host,
    /// Without it the others hear nothing of each other.
    _switch: Host,
}

impl Office {
    fn new() -> Self {
        let (office, router, thief, switch) = (Host::new(), Host::new(), Host::new(), Host::new());
        switch.ip("link add name switch type bridge");
        switch.ip("link set switch up");
        for (host, port, address) in [(&office, "one", BOX), (&router, "two", ROUTER), (&thief, "three", THIEF)] {
            host.plug(&switch, port, address);
            host.set("ipv4/conf/lan/arp_notify", "1");
        }
        Self { office, router, thief, _switch: switch }
    }

    /// A host says, unasked, which addresses it has (gratuitous ARP), and then something else, so that the box has heard both.
    fn announces(&self, host: &Host, own: Ipv4Addr) {
        let mac = host.mac("lan").map(|octet| format!("{octet:02x}")).join(":");
        // The kernel does so when it is given a MAC address (arp_notify), also the one that it has.
        host.ip(&format!("link set lan address {mac}"));
        let heard = self.office.inside(|| UdpSocket::bind((BOX, 0)).unwrap());
        heard.set_read_timeout(Some(NEVER)).unwrap();
        let to = heard.local_addr().unwrap();
        host.inside(|| UdpSocket::bind((own, 0)).unwrap().send_to(b"hello", to).unwrap());
        heard.recv(&mut [0; 8]).unwrap();
    }

    fn entry(&self, ip: Ipv4Addr) -> Option<TableEntry> {
        self.office.inside(neighbours).into_iter().find(|entry| entry.ip == ip)
    }

    fn has(&self, ip: Ipv4Addr, host: &Host) -> bool {
        self.entry(ip).is_some_and(|entry| entry.mac == host.mac("lan"))
    }
}

fn by_turns() {
    let lan = Office::new();
    let Office { office, router, thief, .. } = &lan;
    assert_eq!(office.inside(neighbours), []);
    lan.announces(router, ROUTER);
    assert!(lan.has(ROUTER, router));
    thief.ip(&format!("addr add {ROUTER}/24 dev lan"));
    for _ in 0..2 {
        lan.announces(thief, THIEF);
        assert!(lan.has(ROUTER, thief) && lan.has(THIEF, thief), "{:?}", office.inside(neighbours));
        lan.announces(router, ROUTER);
        assert!(lan.has(ROUTER, router) && lan.has(THIEF, thief), "{:?}", office.inside(neighbours));
    }
}

fn spoken_to() {
    let lan = Office::new();
    let Office { office, thief, .. } = &lan;
    // As soon as it may, and not after some seconds.
    for (what, value) in [("delay_first_probe_time", "1"), ("retrans_time_ms", "100"), ("ucast_solicit", "2")] {
        office.set(&format!("ipv4/neigh/lan/{what}"), value);
    }
    let becomes = |is: fn(Option<TableEntry>) -> bool| {
        let mac = thief.mac("lan").map(|octet| format!("{octet:02x}")).join(":");
        office.ip(&format!("neigh replace {THIEF} lladdr {mac} dev lan nud stale"));
        assert!(lan.entry(THIEF).is_some_and(|entry| !entry.answers), "nobody asked");
        office.inside(|| stir(THIEF));
        let pause = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        pause.set_read_timeout(Some(Duration::from_millis(50))).unwrap();
        let begun = Instant::now();
        while !is(lan.entry(THIEF)) {
            assert!(begun.elapsed() < NEVER, "{:?}", lan.entry(THIEF));
            let _nothing_comes = pause.recv(&mut [0; 1]);
        }
    };
    becomes(|entry| entry.is_some_and(|entry| entry.answers));
    thief.ip(&format!("addr del {THIEF}/24 dev lan"));
    becomes(|entry| entry.is_none());
}
