//! Phones that ask by multicast where their settings are.

use std::net::{IpAddr, Ipv4Addr, SocketAddr, UdpSocket};
use std::time::Duration;

use bytes::Bytes;
use centrale_net::{Arrivals, Net, NetEvent, NetSettings, WebPorts, client_config, server_config};
use centrale_sip::flow::Flow;
use socket2::SockRef;

use crate::Scene;
use crate::certificate;
use crate::wires::Host;

pub(crate) const SCENES: &[Scene] = &[
    ("a_network_that_appears_after_the_start_is_heard", appears),
    ("a_network_that_was_unplugged_and_comes_back_is_heard_each_time", comes_back),
    ("an_address_that_is_renewed_in_place_does_not_make_the_box_deaf", renewed),
    ("phones_on_two_networks_are_each_told_the_address_of_their_own", two_networks),
    ("an_answer_leaves_by_the_wire_it_was_asked_on_though_both_have_one_range", one_range),
    ("a_box_that_is_bound_to_one_address_hears_that_network_and_no_other", bound),
];

const GROUP: Ipv4Addr = Ipv4Addr::new(224, 0, 1, 75);
const ASKS: &[u8] =
    b"SUBSCRIBE sip:MAC001565f4f9e1@224.0.1.75 SIP/2.0\r\nEvent: ua-profile\r\nContent-Length: 0\r\n\r\n";
/// A phone asks again after this long; a real one is less patient with us only when it boots.
const AGAIN: Duration = Duration::from_millis(50);
/// Far longer than anything here takes; only a fault reaches it.
pub(crate) const NEVER: Duration = Duration::from_secs(30);

pub(crate) const fn at(network: u8, host: u8) -> Ipv4Addr {
    Ipv4Addr::new(10, 20, network, host)
}

/// The box's sockets in a namespace.
pub(crate) struct Ears {
    pub(crate) net: Net,
    arrivals: Arrivals,
}

/// Where the box has its page.
pub(crate) const WEB_PORT: u16 = 8443;

impl Ears {
    pub(crate) async fn open(sip_port: u16, bind: &[Ipv4Addr]) -> Self {
        let settings = NetSettings {
            bind: bind.iter().copied().map(IpAddr::V4).collect(),
            sip_port,
            sip_tls_port: sip_port + 1,
            web: WebPorts { bind: Vec::new(), ports: vec![WEB_PORT] },
            server_tls: server_config(certificate::issued_to("box").0).unwrap(),
            client_tls: client_config(None).unwrap(),
            connections: tokio::runtime::Handle::current(),
        };
        let (net, arrivals) = Net::open(settings).unwrap();
        Self { net, arrivals }
    }

    pub(crate) async fn event(&mut self) -> NetEvent {
        self.arrivals.next().await
    }

    /// The next packet.
    pub(crate) async fn packet(&mut self) -> Bytes {
        let packet = async {
            loop {
                if let NetEvent::Packet { bytes, .. } = self.event().await {
                    return bytes;
                }
            }
        };
        tokio::time::timeout(NEVER, packet).await.expect("a packet comes")
    }

    /// Has the phone ask until it is heard; how it was heard.
    async fn hear(&mut self, phone: &UdpSocket) -> Flow {
        let from = phone.local_addr().unwrap();
        let heard = async {
            let mut ask = tokio::time::interval(AGAIN);
            loop {
                tokio::select! {
                    _ = ask.tick() => drop(phone.send_to(ASKS, (GROUP, 5060)).unwrap()),
                    event = self.arrivals.next() => match event {
                        NetEvent::Packet { flow, bytes } if flow.remote == from && &bytes[..] == ASKS => return flow,
                        _ => {}
                    },
                }
            }
        };
        tokio::time::timeout(NEVER, heard).await.expect("the box hears the phone")
    }
}

pub(crate) fn on_the_box<T: Send>(host: &Host, scene: impl AsyncFnOnce() -> T + Send) -> T {
    host.inside(|| tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(scene()))
}

fn phone(host: &Host, address: Ipv4Addr) -> UdpSocket {
    host.inside(|| {
        let socket = UdpSocket::bind((address, 0)).unwrap();
        SockRef::from(&socket).set_multicast_if_v4(&address).unwrap();
        socket.set_read_timeout(Some(NEVER)).unwrap();
        socket
    })
}

fn answered(phone: &UdpSocket) -> SocketAddr {
    let mut buffer = [0; 64];
    let (length, from) = phone.recv_from(&mut buffer).unwrap();
    assert_eq!(&buffer[..length], b"answer");
    from
}

fn appears() {
    let (office, phones) = (Host::new(), Host::new());
    on_the_box(&office, async || {
        // The group's own port, and another: then the box listens for the group beside it.
        for (network, sip_port) in [(1, 5060), (2, 5160)] {
            let mut ears = Ears::open(sip_port, &[]).await;
            office.wire(&phones, &format!("lan{network}"), at(network, 1), at(network, 2));
            let flow = ears.hear(&phone(&phones, at(network, 2))).await;
            assert_eq!(flow.local, SocketAddr::from((at(network, 1), sip_port)));
        }
    });
}

fn comes_back() {
    let (office, phones) = (Host::new(), Host::new());
    on_the_box(&office, async || {
        let mut ears = Ears::open(5060, &[]).await;
        // More often than the system lets a socket be in groups (20), should it stay in those of wires that are gone.
        for _ in 0..25 {
            office.wire(&phones, "lan", at(1, 1), at(1, 2));
            ears.hear(&phone(&phones, at(1, 2))).await;
            office.ip("link del lan");
        }
    });
}

fn renewed() {
    let (office, phones) = (Host::new(), Host::new());
    office.wire(&phones, "lan", at(1, 1), at(1, 2));
    on_the_box(&office, async || {
        let mut ears = Ears::open(5060, &[]).await;
        ears.hear(&phone(&phones, at(1, 2))).await;
        // At once, so that before and after look the same; the system has forgotten the group in between.
        office.ip("addr flush dev lan");
        office.ip("addr add 10.20.1.1/24 dev lan");
        ears.hear(&phone(&phones, at(1, 2))).await;
        office.ip("addr flush dev lan");
        office.ip("addr add 10.20.1.9/24 dev lan");
        let flow = ears.hear(&phone(&phones, at(1, 2))).await;
        assert_eq!(flow.local.ip(), IpAddr::V4(at(1, 9)));
    });
}

fn two_networks() {
    let (office, desks, workshop) = (Host::new(), Host::new(), Host::new());
    office.wire(&desks, "desks", at(1, 1), at(1, 2));
    office.wire(&workshop, "workshop", at(2, 1), at(2, 2));
    // A second address on a wire is not the one that this phone can reach.
    office.ip("addr add 192.168.7.1/24 dev workshop");
    on_the_box(&office, async || {
        let mut ears = Ears::open(5060, &[]).await;
        for (host, network) in [(&desks, 1), (&workshop, 2)] {
            let phone = phone(host, at(network, 2));
            let flow = ears.hear(&phone).await;
            assert_eq!(flow.local, SocketAddr::from((at(network, 1), 5060)));
            ears.net.transmit_on(flow.local.ip(), flow.remote, &Bytes::from_static(b"answer"));
            assert_eq!(answered(&phone), flow.local);
        }
    });
}

fn one_range() {
    let (office, desks, workshop) = (Host::new(), Host::new(), Host::new());
    office.wire(&desks, "desks", at(1, 1), at(1, 2));
    office.wire(&workshop, "workshop", at(1, 11), at(1, 12));
    on_the_box(&office, async || {
        let mut ears = Ears::open(5060, &[]).await;
        for (host, own, its) in [(&desks, at(1, 1), at(1, 2)), (&workshop, at(1, 11), at(1, 12))] {
            let phone = phone(host, its);
            let flow = ears.hear(&phone).await;
            assert_eq!(flow.local, SocketAddr::from((own, 5060)));
            ears.net.transmit_on(flow.local.ip(), flow.remote, &Bytes::from_static(b"answer"));
            assert_eq!(answered(&phone), flow.local);
        }
    });
}

fn bound() {
    let (office, desks, workshop) = (Host::new(), Host::new(), Host::new());
    office.wire(&desks, "desks", at(1, 1), at(1, 2));
    office.wire(&workshop, "workshop", at(2, 1), at(2, 2));
    on_the_box(&office, async || {
        let mut ears = Ears::open(5060, &[at(2, 1)]).await;
        let stranger = phone(&desks, at(1, 2));
        let known = phone(&workshop, at(2, 2));
        ears.hear(&known).await;
        stranger.send_to(ASKS, (GROUP, 5060)).unwrap();
        ears.hear(&known).await;
        while let Some(event) = ears.arrivals.take() {
            let NetEvent::Packet { flow, .. } = event else { continue };
            assert_eq!(flow.remote, known.local_addr().unwrap());
        }
    });
}
