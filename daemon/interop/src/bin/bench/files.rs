//! Phones that read their settings: each unit is a connection, a TLS 1.2 handshake with RSA-2048, and the phone's file.
//!
//! The box writes each file anew for the phone that asks; nginx has the same bytes on disk. Both stand on the same host
//! and are asked by the same phones, each with a MAC address and an address of its own.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};

use centrale_interop::{Centraled, Certificate, Crowd, CrowdPhone, Group, Nginx, on_core, phone_tls};
use rustls::ClientConfig;

use crate::servers::{LOAD_CORE, SERVER_CORE};
use crate::{RUNS, Result, median};

/// Files asked for each second, and in each run.
const PER_SECOND: u32 = 100;
const FILES: usize = 2_000;

/// Configurations that a server hands out for each second of processor time.
#[derive(Debug, Clone, Copy)]
pub(crate) struct PerCpuSecond {
    pub(crate) nginx: f64,
    pub(crate) centrale: f64,
}

/// A server that phones may ask.
struct Server {
    name: &'static str,
    group: Group,
    address: SocketAddr,
    tls: Arc<ClientConfig>,
}

/// The office of the power-cut drill, its phones set up, and its box beside nginx; median of the runs.
pub(crate) fn configurations() -> Result<PerCpuSecond> {
    let mut crowd = Crowd::move_in(100, 80, 20)?;
    let host = crowd.street.host();
    let centraled = on_core(SERVER_CORE, || set_up(&mut crowd))?;
    crowd.phones.iter_mut().for_each(CrowdPhone::poll);
    let files = crowd.phones.iter().map(CrowdPhone::own_file).collect::<centrale_interop::Result<Vec<_>>>()?;
    let folder = tempfile::tempdir()?;
    let certificate = Certificate::self_signed(folder.path(), "nginx", Some(&format!("IP:{}", host.address)))?;
    let nginx = on_core(SERVER_CORE, || Nginx::start(&host, &files, &certificate))?;
    let box_tls = crowd.phones[0].tls().ok_or("a phone without the box's authority")?;
    let nginx_tls = phone_tls(&std::fs::read_to_string(&certificate.certificate)?)?;
    let servers = [
        Server { name: "nginx", group: Group(nginx.id()), address: nginx.address(), tls: nginx_tls },
        Server {
            name: "centrale",
            group: Group(centraled.id()),
            address: centraled.https_address(),
            tls: Arc::clone(box_tls),
        },
    ];
    let mut rates = [Vec::new(), Vec::new()];
    for run in 1..=RUNS {
        for (server, rates) in servers.iter().zip(&mut rates) {
            let rate = per_cpu_second(&crowd, &files, server)?;
            eprintln!("run {run}: {} hands out {rate:.0} configurations per second of processor time", server.name);
            rates.push(rate);
        }
    }
    let [nginx, centrale] = rates.map(median);
    Ok(PerCpuSecond { nginx, centrale })
}

/// Starts the box and sets every phone up, as far as its steady address.
fn set_up(crowd: &mut Crowd) -> centrale_interop::Result<Centraled> {
    let mut centraled = crowd.install(None, "warn")?.start()?;
    centraled.set_up()?.open_window()?;
    let bootstrap = format!("http://{}/", centraled.http_address());
    crowd.all_at_once(|phone| phone.set_up(&bootstrap), || Ok(()))?;
    crowd.all_at_once(CrowdPhone::read_settings, || Ok(()))?;
    Ok(centraled)
}

/// The phones ask one after the other, on a schedule; what comes back must be the phone's file.
fn per_cpu_second(crowd: &Crowd, files: &[(String, String)], server: &Server) -> Result<f64> {
    let Server { group, address, tls, .. } = server;
    let before = group.cpu_time();
    let ask = || {
        let mut due = Instant::now();
        for (phone, (path, content)) in crowd.phones.iter().zip(files).cycle().take(FILES) {
            while Instant::now() < due {
                std::hint::spin_loop();
            }
            due += Duration::from_secs(1) / PER_SECOND;
            if phone.ask_at(*address, path, tls)? != *content {
                return Err(centrale_interop::Failure::Unexpected(format!("{} was given another file", phone.mac())));
            }
        }
        Ok(())
    };
    crowd.street.phones().inside(|| on_core(LOAD_CORE, ask))?;
    let spent = group.cpu_time() - before;
    Ok(f64::from(u32::try_from(FILES)?) / spent.as_secs_f64())
}
