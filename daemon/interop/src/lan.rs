//! An office network: the box on a switch, and desks with a MAC address and an address of their own.

use std::io::ErrorKind;
use std::net::{IpAddr, Ipv4Addr, SocketAddr, TcpStream};
use std::sync::atomic::{AtomicU32, Ordering};

use crate::failure::Tried;
use crate::private_world::{ip, join, run};
use crate::transcript::PATIENCE;
use crate::{Place, Result};

/// The first three numbers of every address on it.
const NETWORK: [u8; 3] = [10, 30, 0];

/// The MAC address of the box's host on it.
const BOX: &str = "02:00:00:00:00:01";

/// A network with the box's host on it, and the hosts that were added.
#[derive(Debug)]
pub struct OfficeLan {
    host: String,
    desks: Vec<String>,
}

/// The internet before an office: one host with many addresses.
#[derive(Debug)]
pub struct Internet {
    name: String,
}

/// The office's address on it, and that of its gateway.
const DOOR: &str = "203.0.113.10/24";
const WORLD: &str = "203.0.113.1/24";

impl OfficeLan {
    /// A network with nobody on it but the box's host, 10.30.0.1, which is its switch as well.
    ///
    /// # Errors
    /// When namespaces are not allowed here.
    pub fn make() -> Result<OfficeLan> {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let host = format!("office{}", COUNT.fetch_add(1, Ordering::Relaxed));
        ip(&format!("netns add {host}"))?;
        let lan = OfficeLan { host, desks: Vec::new() };
        let host = &lan.host;
        ip(&format!("-n {host} link set lo up"))?;
        // With an address of its own: a switch without one takes the lowest of its ports', so that whoever is plugged in may
        // change it, and who knew the box by the old one is not heard for half a minute.
        // Without snooping a switch sends multicast everywhere, as cheap ones do.
        ip(&format!("-n {host} link add lan address {BOX} type bridge mcast_snooping 0"))?;
        ip(&format!("-n {host} addr add {}/24 dev lan", address(1)))?;
        ip(&format!("-n {host} link set lan up"))?;
        ip(&format!("-n {host} route add default via {} dev lan", address(254)))?;
        Ok(lan)
    }

    /// Where the box runs.
    #[must_use]
    pub fn host(&self) -> Place {
        Place::in_namespace(&self.host, address(1))
    }

    /// The internet, with the box's host on it by an address of its own, 203.0.113.10.
    ///
    /// # Errors
    /// When the machine refuses.
    pub fn add_internet(&mut self) -> Result<Internet> {
        let internet = self.internet()?;
        let (host, world) = (&self.host, &internet.name);
        join(host, DOOR, world, WORLD, "wan")?;
        ip(&format!("-n {host} route replace default via 203.0.113.1 dev wan"))?;
        Ok(internet)
    }

    /// The internet behind a router with that address, which brings what comes to these ports of it to the box, over UDP and TCP.
    ///
    /// # Errors
    /// When the machine refuses.
    pub fn add_router(&mut self, ports: &[u16]) -> Result<Internet> {
        let internet = self.internet()?;
        let (host, world, router) = (&self.host, &internet.name, format!("{}router", self.host));
        ip(&format!("netns add {router}"))?;
        self.desks.push(router.clone());
        join(&router, DOOR, world, WORLD, "wan")?;
        ip(&format!("link add lan netns {router} type veth peer name router netns {host}"))?;
        ip(&format!("-n {host} link set router master lan"))?;
        ip(&format!("-n {host} link set router up"))?;
        ip(&format!("-n {router} addr add {}/24 dev lan", address(254)))?;
        ip(&format!("-n {router} link set lan up"))?;
        ip(&format!("-n {router} route add default via 203.0.113.1"))?;
        let list = ports.iter().map(u16::to_string).collect::<Vec<_>>().join(", ");
        let rules = format!(
            "echo 1 >/proc/sys/net/ipv4/ip_forward; nft 'table ip nat {{ \
             chain in {{ type nat hook prerouting priority -100; iifname wan meta l4proto {{ tcp, udp }} th dport {{ {list} }} dnat to {box}; }}; \
             chain out {{ type nat hook postrouting priority 100; oifname wan masquerade; }}; }}'",
            box = address(1)
        );
        run("ip", ["netns", "exec", &router, "sh", "-c", &rules])?;
        wait_for_the_switch(&Place::in_namespace(&router, address(254)))?;
        Ok(internet)
    }

    /// A host that has all of 198.51.100.0/24 and 198.18.0.0/16, joined to nobody yet.
    fn internet(&mut self) -> Result<Internet> {
        let name = format!("{}world", self.host);
        ip(&format!("netns add {name}"))?;
        self.desks.push(name.clone());
        ip(&format!("-n {name} link set lo up"))?;
        ip(&format!("-n {name} route add local 198.51.100.0/24 dev lo"))?;
        ip(&format!("-n {name} route add local 198.18.0.0/16 dev lo"))?;
        Ok(Internet { name })
    }

    /// Puts a host on the network: `last` is the last number of its address, `mac` its MAC address in twelve digits.
    ///
    /// # Errors
    /// When the machine refuses.
    pub fn add_desk(&mut self, mac: &str, last: u8) -> Result<Place> {
        let (host, desk) = (&self.host, format!("{}desk{last}", self.host));
        let mac = with_colons(mac);
        ip(&format!("netns add {desk}"))?;
        self.desks.push(desk.clone());
        ip(&format!("link add lan netns {desk} address {mac} type veth peer name desk{last} netns {host}"))?;
        ip(&format!("-n {host} link set desk{last} master lan"))?;
        ip(&format!("-n {host} link set desk{last} up"))?;
        ip(&format!("-n {desk} addr add {}/24 dev lan", address(last)))?;
        ip(&format!("-n {desk} link set lo up"))?;
        ip(&format!("-n {desk} link set lan up"))?;
        // Multicast goes this way too.
        ip(&format!("-n {desk} route add default via {}", address(1)))?;
        let place = Place::in_namespace(&desk, address(last));
        wait_for_the_switch(&place)?;
        Ok(place)
    }
}

impl Internet {
    /// Where the office is found from there.
    pub const OFFICE: IpAddr = IpAddr::V4(Ipv4Addr::new(203, 0, 113, 10));

    /// Somebody on the internet: `last` is the last number of the address, from which every program there speaks from now on that
    /// chooses none itself.
    ///
    /// # Errors
    /// When the machine refuses.
    pub fn somebody(&self, last: u8) -> Result<Place> {
        let place = self.one_of_many(last);
        ip(&format!("-n {} route replace 203.0.113.0/24 dev wan src {}", self.name, place.address))?;
        Ok(place)
    }

    /// Somebody in a network that nobody else of the many is in; likewise.
    #[must_use]
    pub fn one_elsewhere(&self, number: u8) -> Place {
        Place::in_namespace(&self.name, Ipv4Addr::new(198, 18, number, 1))
    }

    /// Somebody who says himself which address he speaks from.
    #[must_use]
    pub fn one_of_many(&self, last: u8) -> Place {
        Place::in_namespace(&self.name, Ipv4Addr::new(198, 51, 100, last))
    }
}

impl Drop for OfficeLan {
    fn drop(&mut self) {
        for name in self.desks.iter().chain([&self.host]) {
            // Nothing to do about a failure here; the private world as a whole ends with the runner.
            let _ = run("ip", ["netns", "del", name]);
        }
    }
}

/// A switch forwards on a new port only when it has noticed the cable, and until then swallows everything. A refusal of
/// the box's host is a packet there and one back.
fn wait_for_the_switch(place: &Place) -> Result<()> {
    let discard = SocketAddr::new(address(1), 9);
    place.inside(|| match TcpStream::connect_timeout(&discard, PATIENCE) {
        Err(error) if error.kind() == ErrorKind::ConnectionRefused => Ok(()),
        Err(error) => Err(error).tried(|| format!("reach {discard}")),
        Ok(_) => Ok(()),
    })
}

fn address(last: u8) -> IpAddr {
    let [one, two, three] = NETWORK;
    Ipv4Addr::new(one, two, three, last).into()
}

/// `805ec0000015` as `80:5e:c0:00:00:15`.
pub(crate) fn with_colons(mac: &str) -> String {
    let pairs: Vec<&str> = (0..mac.len() / 2).map(|pair| &mac[2 * pair..2 * pair + 2]).collect();
    pairs.join(":")
}
