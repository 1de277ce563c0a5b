//! Where a provider's server is (RFC 3263): NAPTR and SRV when no port was written, else addresses.

use std::net::{IpAddr, SocketAddr};

use centrale_sip::flow::{Target, Transport};
use hickory_resolver::proto::rr::rdata::{NAPTR, SRV};
use hickory_resolver::proto::rr::{RData, RecordType};
use rand::RngExt as _;

/// A name to find.
#[derive(Debug, Clone)]
pub struct ServerQuestion {
    /// Host name.
    pub host: String,
    /// The written port; without one SRV decides.
    pub port: Option<u16>,
    /// Transport wanted.
    pub transport: Transport,
}

/// Asks the system's DNS servers.
#[derive(Debug, Clone)]
pub struct Resolver(Option<hickory_resolver::TokioResolver>);

impl Resolver {
    /// From the system's settings; without any, only /etc/hosts and literals are known.
    pub fn system() -> Self {
        let built = hickory_resolver::TokioResolver::builder_tokio().and_then(|builder| builder.build());
        Self(built.ok())
    }

    /// The servers in the order in which to try them; empty when there are none.
    pub async fn servers(&self, question: &ServerQuestion) -> Vec<Target> {
        let transport = question.transport;
        let target = |(ip, port)| Target::new(transport, SocketAddr::new(ip, port));
        if let Some(port) = question.port {
            return self.addresses(&question.host).await.into_iter().map(|ip| target((ip, port))).collect();
        }
        let mut found = Vec::new();
        for (host, port) in self.services(&question.host, transport).await {
            found.extend(self.addresses(&host).await.into_iter().map(|ip| target((ip, port))));
        }
        if found.is_empty() {
            let addresses = self.addresses(&question.host).await;
            found = addresses.into_iter().map(|ip| target((ip, transport.default_port()))).collect();
        }
        found
    }

    /// Hosts and ports of a domain's SIP service, in the order in which to try them.
    async fn services(&self, host: &str, transport: Transport) -> Vec<(String, u16)> {
        let usual = match transport {
            Transport::Udp => format!("_sip._udp.{host}."),
            Transport::Tcp => format!("_sip._tcp.{host}."),
            Transport::Tls => format!("_sips._tcp.{host}."),
        };
        let pointers = self.records(&format!("{host}."), RecordType::NAPTR).await;
        let mut names = pointed_at(
            pointers.into_iter().filter_map(|data| match data {
                RData::NAPTR(pointer) => Some(pointer),
                _ => None,
            }),
            transport,
        );
        if names.is_empty() {
            names.push(usual);
        }
        let mut found = Vec::new();
        for name in names {
            let records = self.records(&name, RecordType::SRV).await.into_iter().filter_map(|data| match data {
                RData::SRV(service) => Some(service),
                _ => None,
            });
            found.extend(in_order(records.collect(), &mut |most| rand::rng().random_range(0..=most)));
        }
        found
    }

    async fn records(&self, name: &str, kind: RecordType) -> Vec<RData> {
        let Some(resolver) = &self.0 else { return Vec::new() };
        let Ok(lookup) = resolver.lookup(name, kind).await else { return Vec::new() };
        lookup.answers().iter().map(|record| record.data.clone()).collect()
    }

    async fn addresses(&self, host: &str) -> Vec<IpAddr> {
        if let Ok(ip) = host.parse() {
            return vec![ip];
        }
        match &self.0 {
            Some(resolver) => resolver.lookup_ip(host).await.map(|found| found.iter().collect()).unwrap_or_default(),
            None => Vec::new(),
        }
    }
}

/// Names of SRV records that NAPTR records give for a transport, in their order (RFC 3263 4.1). The transport is the
/// office's to choose, so what the records say of others is passed over.
fn pointed_at(pointers: impl Iterator<Item = NAPTR>, transport: Transport) -> Vec<String> {
    let service: &[u8] = match transport {
        Transport::Udp => b"SIP+D2U",
        Transport::Tcp => b"SIP+D2T",
        Transport::Tls => b"SIPS+D2T",
    };
    let fits =
        |pointer: &NAPTR| pointer.flags.eq_ignore_ascii_case(b"s") && pointer.services.eq_ignore_ascii_case(service);
    let mut pointers: Vec<NAPTR> = pointers.filter(fits).collect();
    pointers.sort_by_key(|pointer| (pointer.order, pointer.preference));
    pointers.into_iter().map(|pointer| pointer.replacement.to_utf8()).collect()
}

/// By priority, and within one by chance according to weight (RFC 2782). `draw` gives a number from 0 to its argument. A
/// target `.` says that there is no such service.
fn in_order(mut services: Vec<SRV>, draw: &mut dyn FnMut(u32) -> u32) -> Vec<(String, u16)> {
    services.retain(|service| !service.target.is_root());
    // What has no weight comes first, so that it has a small chance.
    services.sort_by_key(|service| (service.priority, service.weight != 0));
    let mut ordered = Vec::new();
    while let Some(first) = services.first() {
        let priority = first.priority;
        let group: Vec<usize> = (0..services.len()).filter(|at| services[*at].priority == priority).collect();
        let total: u32 = group.iter().map(|at| u32::from(services[*at].weight)).sum();
        let mut chance = draw(total);
        let chosen = group.iter().copied().find(|at| {
            let weight = u32::from(services[*at].weight);
            let hit = chance <= weight;
            chance = chance.saturating_sub(weight);
            hit
        });
        let service = services.remove(chosen.unwrap_or(0));
        ordered.push((service.target.to_utf8().trim_end_matches('.').to_owned(), service.port));
    }
    ordered
}

#[cfg(test)]
mod tests {
    use super::*;

    fn service(priority: u16, weight: u16, target: &str) -> SRV {
        SRV::new(priority, weight, 5060, target.parse().unwrap())
    }

    fn order(services: &[SRV], draw: &mut dyn FnMut(u32) -> u32) -> Vec<String> {
        in_order(services.to_vec(), draw).into_iter().map(|(host, _)| host).collect()
    }

    #[test]
    fn servers_come_by_priority_whatever_their_weight_and_chance() {
        let services = [service(20, 9, "third."), service(10, 0, "first."), service(15, 50, "second.")];
        for share in [0, 1, 2] {
            let hosts = order(&services, &mut |most| most * share / 2);
            assert_eq!(hosts, ["first", "second", "third"]);
        }
    }

    #[test]
    fn within_a_priority_each_comes_first_as_often_as_its_weight_says() {
        let services =
            [service(1, 60, "sixty."), service(1, 30, "thirty."), service(1, 10, "ten."), service(1, 0, "none.")];
        let mut first = std::collections::BTreeMap::new();
        for chance in 0..=100 {
            let mut chances = std::iter::once(chance).chain(std::iter::repeat(0));
            let hosts = order(&services, &mut |_| chances.next().unwrap());
            assert_eq!(hosts.len(), 4);
            *first.entry(hosts[0].clone()).or_insert(0) += 1;
        }
        let often = |host: &str| first[host];
        assert_eq!((often("sixty"), often("thirty"), often("ten"), often("none")), (60, 30, 10, 1));
    }

    #[test]
    fn a_domain_that_says_it_has_no_such_service_has_no_server() {
        assert!(order(&[service(0, 0, ".")], &mut |_| 0).is_empty());
    }

    #[test]
    fn a_domain_names_its_records_for_the_transport_that_the_office_chose() {
        let pointer = |order, preference, flags: &str, services: &str, replacement: &str| {
            let bytes = |text: &str| text.as_bytes().to_vec().into_boxed_slice();
            NAPTR::new(order, preference, bytes(flags), bytes(services), bytes(""), replacement.parse().unwrap())
        };
        let pointers = || {
            [
                pointer(20, 1, "s", "SIP+D2U", "late.example."),
                pointer(10, 2, "S", "sip+d2u", "second.example."),
                pointer(10, 1, "s", "SIP+D2U", "first.example."),
                pointer(1, 1, "s", "SIPS+D2T", "safe.example."),
                pointer(1, 1, "u", "SIP+D2U", "not.an.srv."),
                pointer(1, 1, "s", "E2U+sip", "a.number.example."),
            ]
            .into_iter()
        };
        let first = ["first.example.", "second.example.", "late.example."];
        assert_eq!(pointed_at(pointers(), Transport::Udp), first);
        assert_eq!(pointed_at(pointers(), Transport::Tls), ["safe.example."]);
        assert!(pointed_at(pointers(), Transport::Tcp).is_empty());
    }
}
