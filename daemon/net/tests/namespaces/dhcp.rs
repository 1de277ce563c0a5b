//! What is asked on the DHCP server port.

use std::net::{Ipv4Addr, SocketAddr, UdpSocket};

use socket2::SockRef;

use crate::Scene;
use crate::pnp::{Ears, NEVER, at, on_the_box};
use crate::wires::Host;

pub(crate) const SCENES: &[Scene] = &[
    ("a_neighbour_that_asks_by_broadcast_is_answered_alone_and_by_its_own_wire", asked),
    ("a_dhcp_port_that_a_router_on_this_machine_has_is_not_taken_from_it", taken),
];

fn client(host: &Host, address: Ipv4Addr) -> UdpSocket {
    host.inside(|| {
        // On the address, and not on all: else an answer to everybody would be heard as well.
        let socket = UdpSocket::bind((address, 68)).unwrap();
        socket.set_broadcast(true).unwrap();
        socket.set_read_timeout(Some(NEVER)).unwrap();
        SockRef::from(&socket).bind_device(Some(b"lan")).unwrap();
        socket
    })
}

fn asked() {
    let (office, desks, workshop) = (Host::new(), Host::new(), Host::new());
    for (host, name, network) in [(&desks, "desks", 1), (&workshop, "workshop", 2)] {
        office.wire(host, name, at(network, 1), at(network, 2));
        host.ip(&format!("link set {name} down"));
        host.ip(&format!("link set {name} name lan"));
        host.ip("link set lan up");
    }
    // Somebody who has an address of another network on this wire, and says so.
    desks.ip("addr add 172.16.0.9/24 dev lan");
    let everybody = (Ipv4Addr::BROADCAST, 67);
    on_the_box(&office, async || {
        let mut port = Ears::open(5060, &[]).await.net.open_dhcp_port().unwrap();
        client(&desks, [172, 16, 0, 9].into()).send_to(b"stranger", everybody).unwrap();
        for (host, network) in [(&desks, 1), (&workshop, 2)] {
            let client = client(host, at(network, 2));
            client.send_to(b"question", everybody).unwrap();
            let question = tokio::time::timeout(NEVER, port.receive()).await.unwrap().unwrap();
            assert_eq!(&question.bytes[..], b"question", "the stranger's was passed over");
            assert_eq!((question.from, question.local), (at(network, 2), at(network, 1)));
            port.answer(&question, Some(b"answer"));
            let mut buffer = [0; 64];
            let (length, from) = client.recv_from(&mut buffer).unwrap();
            assert_eq!((&buffer[..length], from), (&b"answer"[..], SocketAddr::from((at(network, 1), 67))));
        }
    });
}

fn taken() {
    let office = Host::new();
    on_the_box(&office, async || {
        let ears = Ears::open(5060, &[]).await;
        let router = UdpSocket::bind((Ipv4Addr::UNSPECIFIED, 67)).unwrap();
        let refused = ears.net.open_dhcp_port().unwrap_err();
        assert_eq!(refused.kind(), std::io::ErrorKind::AddrInUse);
        drop(router);
        assert!(ears.net.open_dhcp_port().is_ok());
    });
}
