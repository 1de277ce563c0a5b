//! Where a provider's server is (RFC 3263): SRV when no port was written, else addresses.

use std::net::{IpAddr, SocketAddr};

use centrale_sip::flow::{Target, Transport};
use hickory_resolver::proto::rr::RData;
use hickory_resolver::proto::rr::rdata::SRV;
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
        let target = |(ip, port)| Target { transport, remote: SocketAddr::new(ip, port) };
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

    async fn services(&self, host: &str, transport: Transport) -> Vec<(String, u16)> {
        let Some(resolver) = &self.0 else { return Vec::new() };
        let name = match transport {
            Transport::Udp => format!("_sip._udp.{host}."),
            Transport::Tcp => format!("_sip._tcp.{host}."),
            Transport::Tls => format!("_sips._tcp.{host}."),
        };
        let Ok(lookup) = resolver.srv_lookup(name).await else { return Vec::new() };
        let records = lookup.answers().iter().filter_map(|record| match &record.data {
            RData::SRV(service) => Some(service.clone()),
            _ => None,
        });
        in_order(records.collect())
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

/// By priority, and within one by chance according to weight (RFC 2782).
fn in_order(mut services: Vec<SRV>) -> Vec<(String, u16)> {
    services.sort_by_key(|service| service.priority);
    let mut ordered = Vec::new();
    while let Some(first) = services.first() {
        let priority = first.priority;
        let group: Vec<usize> = (0..services.len()).filter(|at| services[*at].priority == priority).collect();
        let total: u32 = group.iter().map(|at| u32::from(services[*at].weight)).sum();
        let mut chance = rand::rng().random_range(0..=total);
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
