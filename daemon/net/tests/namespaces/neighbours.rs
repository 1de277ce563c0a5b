//! Which MAC address is behind an IP address.

use std::net::{IpAddr, Ipv6Addr, UdpSocket};

use centrale_net::neighbour;

use crate::Scene;
use crate::wires::Host;

pub(crate) const SCENES: &[Scene] = &[
    ("a_phone_that_was_spoken_to_is_known_by_its_mac_address", spoken_to),
    ("an_ipv6_address_made_of_a_strangers_mac_address_does_not_pass_for_it", made_up),
];

/// Sends to an address and waits for what comes back, so that the system must find out who has it.
fn speak(office: &Host, phones: &Host, own: IpAddr, its: IpAddr) {
    let phone = phones.inside(|| UdpSocket::bind((its, 0)).unwrap());
    let socket = office.inside(|| UdpSocket::bind((own, 0)).unwrap());
    socket.send_to(b"hello", phone.local_addr().unwrap()).unwrap();
    let (_, from) = phone.recv_from(&mut [0; 8]).unwrap();
    phone.send_to(b"hello", from).unwrap();
    socket.recv(&mut [0; 8]).unwrap();
}

fn known(office: &Host, ip: impl Into<IpAddr>) -> Option<[u8; 6]> {
    let ip = ip.into();
    office.inside(|| neighbour(ip))
}

fn wired() -> (Host, Host) {
    let (office, phones) = (Host::new(), Host::new());
    office.wire(&phones, "lan", [10, 20, 1, 1].into(), [10, 20, 1, 2].into());
    for (host, last) in [(&office, 1), (&phones, 2)] {
        // Without waiting for somebody else who has it.
        host.ip(&format!("addr add 2001:db8::{last}/64 dev lan nodad"));
    }
    (office, phones)
}

fn spoken_to() {
    let (office, phones) = wired();
    let v6 = |last| IpAddr::V6(Ipv6Addr::new(0x2001, 0xdb8, 0, 0, 0, 0, 0, last));
    let v4 = |last| IpAddr::from([10, 20, 1, last]);
    for (own, its, nobody) in [(v4(1), v4(2), v4(3)), (v6(1), v6(2), v6(3))] {
        assert_eq!(known(&office, its), None);
        speak(&office, &phones, own, its);
        assert_eq!(known(&office, its), Some(phones.mac("lan")), "{its}");
        assert_eq!(known(&office, nobody), None);
    }
}

fn made_up() {
    let (office, phones) = wired();
    let claimed: Ipv6Addr = "2001:db8::825e:c0ff:feaa:bbcc".parse().unwrap();
    phones.ip(&format!("addr add {claimed}/64 dev lan nodad"));
    speak(&office, &phones, "2001:db8::1".parse().unwrap(), claimed.into());
    assert_eq!(known(&office, claimed), Some(phones.mac("lan")));
}
